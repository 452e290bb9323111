//! What clients see of a value: JSON text, compact or indented, and the text of a cast to VARCHAR.

use std::borrow::Cow;

use super::leaf::Leaf;
use super::{NULL, TAG, UNDEFINED, number, scan, write, xml};
use crate::types::datetime::{Moment, OutputFormats, Timestamp, Zone};
use crate::types::{TimestampKind, text};

/// How dates and times in a value are written: the session's formats and zone.
#[derive(Debug, Clone)]
pub struct Formats {
    formats: OutputFormats,
    zone: Zone,
    /// Whether `undefined`, which JSON has not, is written as null.
    strict: bool,
}

/// Separates the parts of [`Formats::new`]'s text.
pub const SEPARATOR: char = '\u{1f}';

/// The last part of [`Formats::new`]'s text, where `undefined` is to be written as null.
pub const STRICT: &str = "strict";

impl Formats {
    /// From the formats of DATE, TIME, TIMESTAMP_NTZ, _LTZ and _TZ, the zone's name and perhaps [`STRICT`], separated by
    /// [`SEPARATOR`].
    pub fn new(settings: &str) -> Option<Formats> {
        let mut parts = settings.split(SEPARATOR);
        let mut next = || parts.next();
        let (date, time, ntz, ltz, tz) = (next()?, next()?, next()?, next()?, next()?);
        Some(Formats {
            formats: OutputFormats::new(date, time, ntz, ntz, ltz, tz),
            zone: Zone::get(next()?)?,
            strict: next() == Some(STRICT),
        })
    }

    /// Appends the text of a date or time; `false` where the leaf is none.
    fn print(&self, leaf: &Leaf<'_>, out: &mut String) -> bool {
        let moment = match *leaf {
            Leaf::Date(days) => Moment::Date(days),
            Leaf::Time(nanos) => Moment::Time(nanos),
            Leaf::Timestamp(kind, nanos, offset) => {
                let timestamp = timestamp(nanos);
                match kind {
                    TimestampKind::Ntz => Moment::Ntz(timestamp),
                    TimestampKind::Ltz => Moment::Ltz(timestamp, &self.zone),
                    TimestampKind::Tz => Moment::Tz(timestamp, offset),
                }
            }
            _ => return false,
        };
        self.formats.print(&moment, out);
        true
    }
}

/// A leaf's nanoseconds.
pub fn timestamp(nanos: i128) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

/// Appends what a client sees of a value: XML of an element, JSON text of everything else.
pub fn shown(value: &str, indent: usize, formats: &Formats, out: &mut String) {
    if xml::is_element(value) {
        xml::push_element(value, indent, formats, out);
    } else {
        json(value, indent, formats, out);
    }
}

/// Appends JSON text: `indent` blanks a level and a line for each member, or all in one line where it is 0.
pub fn json(value: &str, indent: usize, formats: &Formats, out: &mut String) {
    let bytes = value.as_bytes();
    let mut level = 0;
    let newline = |level: usize, out: &mut String| {
        if indent > 0 {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', level * indent));
        }
    };
    out.reserve(value.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => {
                out.push(char::from(byte));
                at += 1;
                if let Some(&close @ (b'}' | b']')) = bytes.get(at) {
                    out.push(char::from(close));
                    at += 1;
                } else {
                    level += 1;
                    newline(level, out);
                }
            }
            b'}' | b']' => {
                level = level.saturating_sub(1);
                newline(level, out);
                out.push(char::from(byte));
                at += 1;
            }
            b',' => {
                out.push(',');
                newline(level, out);
                at += 1;
            }
            b':' => {
                out.push_str(if indent > 0 { ": " } else { ":" });
                at += 1;
            }
            _ => {
                let end = scan::skip(bytes, at).max(at + 1);
                leaf(&value[at..end.min(value.len())], formats, out);
                at = end;
            }
        }
    }
}

/// Appends a value that is no container.
fn leaf(value: &str, formats: &Formats, out: &mut String) {
    let bytes = value.as_bytes();
    match bytes[0] {
        b'"' if bytes.get(1) == Some(&TAG) => {
            let leaf = Leaf::of(value);
            out.push('"');
            if !formats.print(&leaf, out)
                && let Leaf::Binary(bytes) = &leaf
            {
                out.push_str(&text::hex_text(bytes));
            }
            out.push('"');
        }
        b'0'..=b'9' | b'-' | b'N' | b'I' => match Leaf::of(value) {
            Leaf::Double(double) => push_double(double, out),
            _ => out.push_str(number::shown(value)),
        },
        _ if formats.strict && value == UNDEFINED => out.push_str(NULL),
        _ => out.push_str(value),
    }
}

/// A DOUBLE inside JSON text: fifteen digits after the point and an exponent.
fn push_double(value: f64, out: &mut String) {
    if !value.is_finite() {
        number::push_double(value, out);
        return;
    }
    let text = format!("{value:.15e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    out.push_str(mantissa);
    out.push('e');
    out.push(sign);
    if digits.len() < 2 {
        out.push('0');
    }
    out.push_str(digits);
}

/// What a cast to VARCHAR gives: strings without quotes, containers as compact JSON; `None` for the JSON null.
pub fn text<'a, 'f>(
    value: &'a str,
    formats: impl FnOnce() -> Option<&'f Formats>,
) -> Option<Cow<'a, str>> {
    // The common cases first.
    match value.as_bytes() {
        [b'"', TAG, ..] => {}
        [b'"', content @ .., b'"'] if !content.contains(&b'\\') => {
            return Some(value[1..value.len() - 1].into());
        }
        _ => {}
    }
    Some(match Leaf::of(value) {
        Leaf::Null | Leaf::Undefined => return None,
        Leaf::Boolean(value) => text::boolean_text(value).into(),
        Leaf::Exact(digits) => number::shown(digits).into(),
        Leaf::Double(double) => {
            let mut out = String::new();
            if double.is_finite() {
                text::print_float(double, &mut out);
            } else {
                number::push_double(double, &mut out);
            }
            out.into()
        }
        Leaf::Text(text) => text,
        Leaf::Binary(bytes) => text::hex_text(&bytes).into(),
        leaf @ (Leaf::Date(_) | Leaf::Time(_) | Leaf::Timestamp(..)) => {
            let mut out = String::new();
            formats()?.print(&leaf, &mut out);
            out.into()
        }
        Leaf::Object(_) | Leaf::Array(_) => {
            let mut out = String::new();
            shown(value, 0, formats()?, &mut out);
            out.into()
        }
    })
}

/// The elements of an array as texts, joined; an element without text is empty.
pub fn joined(array: &str, separator: &str, formats: &Formats) -> String {
    let mut out = String::new();
    for (index, element) in scan::elements(array).enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        if let Some(text) = text(element, || Some(formats)) {
            out.push_str(&text);
        }
    }
    out
}

/// A string's content, where the value is a plain string.
pub fn string(value: &str) -> Option<Cow<'_, str>> {
    match value.as_bytes() {
        [b'"', TAG, ..] => None,
        [b'"', .., b'"'] => Some(write::unescaped(&value[1..value.len() - 1])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formats() -> Formats {
        let settings = [
            "YYYY-MM-DD",
            "HH24:MI:SS",
            "YYYY-MM-DD HH24:MI:SS.FF3",
            "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
            "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
            "UTC",
        ];
        Formats::new(&settings.join("\u{1f}")).unwrap()
    }

    #[test]
    fn values_are_shown() {
        for (value, compact, text) in [
            ("null", "null", None),
            ("true", "true", Some("true")),
            ("3.0", "3", Some("3")),
            ("4.5", "4.5", Some("4.5")),
            ("1.5e0", "1.500000000000000e+00", Some("1.5")),
            ("1e-7", "1.000000000000000e-07", Some("1e-07")),
            ("1e18", "1.000000000000000e+18", Some("1e+18")),
            ("-0e0", "-0.000000000000000e+00", Some("-0")),
            ("NaN", "NaN", Some("NaN")),
            ("\"a\\\"b\"", "\"a\\\"b\"", Some("a\"b")),
            ("\"\u{1}D19723\"", "\"2024-01-01\"", Some("2024-01-01")),
            (
                "\"\u{1}N1704103200000000000\"",
                "\"2024-01-01 10:00:00.000\"",
                Some("2024-01-01 10:00:00.000"),
            ),
            ("\"\u{1}BAB01\"", "\"AB01\"", Some("AB01")),
            (
                "{\"a\":[1.0,undefined,\"\u{1}D0\"],\"b\":{}}",
                "{\"a\":[1,undefined,\"1970-01-01\"],\"b\":{}}",
                Some("{\"a\":[1,undefined,\"1970-01-01\"],\"b\":{}}"),
            ),
        ] {
            let mut out = String::new();
            json(value, 0, &formats(), &mut out);
            assert_eq!(out, compact);
            let formats = formats();
            let shown = super::text(value, || Some(&formats));
            assert_eq!(shown.as_deref(), text, "{value}");
        }
    }

    #[test]
    fn containers_are_indented() {
        let mut out = String::new();
        json("{\"a\":[1,2],\"b\":{},\"c\":[]}", 2, &formats(), &mut out);
        assert_eq!(
            out,
            "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}"
        );
    }
}
