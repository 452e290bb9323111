//! Numbers in canonical text.

use crate::types::MAX_PRECISION;
use crate::types::decimal;

/// Appends an exact number with its trailing zeros cut. A NUMBER with a scale keeps the kind DECIMAL even where it is whole.
pub fn push_exact(unscaled: i128, scale: u8, out: &mut String) {
    let (mut unscaled, mut digits) = (unscaled, scale);
    while digits > 1 && unscaled % 10 == 0 {
        unscaled /= 10;
        digits -= 1;
    }
    use std::fmt::Write;
    // Writing into a String does not fail.
    let _ = write!(out, "{}", decimal::Formatted(unscaled, digits));
}

/// Appends a DOUBLE: always with an exponent, or a word.
pub fn push_double(value: f64, out: &mut String) {
    use std::fmt::Write;
    if value.is_nan() {
        out.push_str("NaN");
    } else if value.is_infinite() {
        out.push_str(if value < 0.0 { "-Infinity" } else { "Infinity" });
    } else {
        let _ = write!(out, "{value:e}");
    }
}

/// Appends the exact number of these digits, normalised: no needless zeros, INTEGER where it is whole. A number of more
/// than 38 digits becomes a DOUBLE.
pub fn push_digits(negative: bool, whole: &str, fraction: &str, out: &mut String) {
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let significant = whole.len() + fraction.len();
    if significant > usize::from(MAX_PRECISION) || fraction.len() > 37 {
        let sign = if negative { "-" } else { "" };
        let text = format!("{sign}0{whole}.{fraction}0");
        push_double(text.parse().unwrap_or(f64::NAN), out);
        return;
    }
    if significant == 0 {
        out.push('0');
        return;
    }
    if negative {
        out.push('-');
    }
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
}

/// An exact number's unscaled value and scale.
pub fn exact(text: &str) -> Option<(i128, u8)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (mut unscaled, mut scale, mut point) = (0_i128, 0_u8, false);
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                unscaled = unscaled
                    .checked_mul(10)?
                    .checked_add(i128::from(byte - b'0'))?;
                scale += u8::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    Some((if negative { -unscaled } else { unscaled }, scale))
}

/// A DOUBLE, with exponent or as a word.
pub fn double(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => text.parse().ok(),
    }
}

/// A DECIMAL that is whole prints without its `.0`.
pub fn shown(text: &str) -> &str {
    text.strip_suffix(".0").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_numbers_are_normalised() {
        for (unscaled, scale, text) in [
            (300, 2, "3.0"),
            (450, 2, "4.5"),
            (3, 0, "3"),
            (-5, 1, "-0.5"),
            (0, 2, "0.0"),
            (100, 0, "100"),
        ] {
            let mut out = String::new();
            push_exact(unscaled, scale, &mut out);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn digits_become_the_narrowest_kind() {
        let digits = |whole: &str, fraction: &str| {
            let mut out = String::new();
            push_digits(false, whole, fraction, &mut out);
            out
        };
        assert_eq!(digits("003", "00"), "3");
        assert_eq!(digits("0", "50"), "0.5");
        assert_eq!(digits("", ""), "0");
        let widest = "9".repeat(38);
        assert_eq!(digits(&widest, ""), widest);
        assert_eq!(digits(&format!("1{}", "0".repeat(38)), ""), "1e38");
    }
}
