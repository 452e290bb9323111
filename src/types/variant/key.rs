//! Bytes that compare, byte by byte, as Snowflake compares values.
//!
//! Kinds first: BOOLEAN, numbers, strings, typed leaves, OBJECT, ARRAY, JSON null, `undefined`. Numbers by value whatever
//! their kind, strings by code points, arrays element by element. Objects member by member in the order of their keys, where at
//! each position the larger key comes first. A prefix comes before what it begins. Recorded.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::leaf::Leaf;
use super::{scan, write};
use crate::types::TimestampKind;

/// The key of a value.
pub fn key(value: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 4);
    push(value, &mut out);
    out
}

/// How two values are ordered.
pub fn compare(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    key(left).cmp(&key(right))
}

/// Whether two values are equal.
pub fn equal(left: &str, right: &str) -> bool {
    compare(left, right).is_eq()
}

const END: u8 = 0;
const MEMBER: u8 = 1;

fn push(value: &str, out: &mut Vec<u8>) {
    match Leaf::of(value) {
        Leaf::Boolean(value) => out.extend([0x10, u8::from(value)]),
        Leaf::Exact(text) => {
            out.push(0x20);
            let (negative, digits) = split_sign(text);
            let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
            push_number(negative, whole, fraction, 0, out);
        }
        Leaf::Double(value) => {
            out.push(0x20);
            push_double(value, out);
        }
        Leaf::Text(text) => {
            out.push(0x30);
            push_bytes(text.as_bytes(), out);
        }
        Leaf::Date(days) => {
            out.push(0x32);
            out.extend(ordered_i128(i128::from(days)));
        }
        Leaf::Time(nanos) => {
            out.push(0x33);
            out.extend(ordered_i128(i128::from(nanos)));
        }
        Leaf::Timestamp(kind, nanos, _) => {
            out.push(match kind {
                TimestampKind::Ntz => 0x34,
                TimestampKind::Ltz | TimestampKind::Tz => 0x35,
            });
            out.extend(ordered_i128(nanos));
        }
        Leaf::Binary(bytes) => {
            out.push(0x36);
            push_bytes(&bytes, out);
        }
        Leaf::Object(text) => {
            out.push(0x40);
            for (name, value) in scan::members(text) {
                out.push(MEMBER);
                let from = out.len();
                push_bytes(write::unescaped(name).as_bytes(), out);
                out[from..].iter_mut().for_each(|byte| *byte = !*byte);
                push(value, out);
            }
            out.push(END);
        }
        Leaf::Array(text) => {
            out.push(0x50);
            for element in scan::elements(text) {
                push(element, out);
            }
            out.push(END);
        }
        Leaf::Null => out.push(0x60),
        Leaf::Undefined => out.push(0x70),
    }
}

/// Bytes with an end that sorts before every continuation.
fn push_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.push(*byte);
        if *byte == 0 {
            out.push(0xff);
        }
    }
    out.extend([0, 0]);
}

fn ordered_i128(value: i128) -> [u8; 16] {
    ((value as u128) ^ (1 << 127)).to_be_bytes()
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    }
}

fn push_double(value: f64, out: &mut Vec<u8>) {
    if value.is_nan() {
        out.push(5);
    } else if value.is_infinite() {
        out.push(if value < 0.0 { 0 } else { 4 });
    } else {
        let text = format!("{value:e}");
        let (negative, text) = split_sign(&text);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        push_number(
            negative,
            whole,
            fraction,
            exponent.parse().unwrap_or(0),
            out,
        );
    }
}

/// Sign, magnitude of the first digit, digits without leading and trailing zeros.
fn push_number(negative: bool, whole: &str, fraction: &str, exponent: i32, out: &mut Vec<u8>) {
    let digits: Cow<'_, str> = if fraction.is_empty() {
        whole.into()
    } else {
        format!("{whole}{fraction}").into()
    };
    let leading = digits.bytes().take_while(|digit| *digit == b'0').count();
    let significant = digits[leading..].trim_end_matches('0');
    if significant.is_empty() {
        out.push(2);
        return;
    }
    let magnitude = whole.len() as i32 - leading as i32 + exponent;
    // Doubles reach from 10^-324 to 10^308.
    let magnitude = (magnitude + 0x8000).clamp(0, 0xffff) as u16;
    out.push(if negative { 1 } else { 3 });
    let from = out.len();
    out.extend(magnitude.to_be_bytes());
    out.extend(significant.bytes());
    out.push(END);
    if negative {
        out[from..].iter_mut().for_each(|byte| *byte = !*byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded.
    #[test]
    fn values_are_ordered() {
        let ordered = [
            "false",
            "true",
            "-Infinity",
            "-1e300",
            "-10.5",
            "-10",
            "-9",
            "-0.001",
            "0",
            "0.001",
            "1",
            "9",
            "10",
            "10.25",
            "12345678901234567890123456789012345678",
            "1e300",
            "Infinity",
            "NaN",
            "\"\"",
            "\"10\"",
            "\"9\"",
            "\"Z\"",
            "\"a\"",
            "\"ab\"",
            "{}",
            "{\"b\":0}",
            "{\"a\":0}",
            "{\"a\":0,\"c\":0}",
            "{\"a\":0,\"b\":0}",
            "{\"a\":0,\"b\":1}",
            "{\"a\":1,\"b\":0}",
            "[]",
            "[0,5]",
            "[1]",
            "[1,2]",
            "[\"a\"]",
            "null",
            "undefined",
        ];
        for pair in ordered.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn numbers_are_equal_by_value() {
        for (left, right, same) in [
            ("1", "1.0", true),
            ("1", "1e0", true),
            ("0", "-0e0", true),
            ("0.5", "5e-1", true),
            ("100", "1e2", true),
            ("1", "\"1\"", false),
            ("[1,2]", "[1e0,2.0]", true),
            ("null", "null", true),
            ("{\"a\":3.0}", "{\"a\":3}", true),
            ("\"\u{1}D1\"", "\"\u{1}D1\"", true),
            ("\"\u{1}Z0,60\"", "\"\u{1}Z0,0\"", true),
        ] {
            assert_eq!(equal(left, right), same, "{left} = {right}");
        }
    }
}
