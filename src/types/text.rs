//! Text of FLOAT, BOOLEAN and BINARY values, in both directions.
//!
//! Pure functions, run once per row; a text that is no such value is `None`, and the caller raises Snowflake's error.
//! NUMBER is not here: its text is exact and the engine's own.
//!
//! Sources: Snowflake, "Numeric data types", "Logical data types", "Binary input and output"; answers of a live account as
//! recorded by the public test suite of `mlorek/frostlake` ("recorded" in the tests here).

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Appends a FLOAT as its cast to VARCHAR has it: C's `%g` with ten significant digits below 10, one more for every
/// further digit before the point, and never more than fifteen. So the text is not always the value.
pub fn print_float(value: f64, out: &mut String) {
    if value.is_nan() {
        return out.push_str("NaN");
    }
    if value.is_infinite() {
        return out.push_str(if value < 0.0 { "-inf" } else { "inf" });
    }
    if value.is_sign_negative() {
        out.push('-');
    }
    let value = value.abs();
    // Whole numbers below 1e15 have at most fifteen digits and no others.
    if value < 1e15 && value.fract() == 0.0 {
        let _ = write!(out, "{}", value as u64);
        return;
    }
    let precision = (10 + decimal_exponent(value)).clamp(10, 15);
    let scientific = format!("{value:.*e}", precision as usize - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    // Rounding may have carried into a further digit, hence not the exponent from above.
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    if exponent < -4 || exponent >= precision {
        out.push_str(mantissa);
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "e{sign}{:02}", exponent.abs());
        return;
    }
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).map(char::from);
    if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-exponent - 1) as usize));
        out.extend(digits);
        return;
    }
    let before_point = exponent as usize + 1;
    let mut count = 0;
    for digit in digits {
        if count == before_point {
            out.push('.');
        }
        out.push(digit);
        count += 1;
    }
    out.extend(std::iter::repeat_n('0', before_point.saturating_sub(count)));
}

/// The exponent of a finite positive number's first digit.
fn decimal_exponent(value: f64) -> i32 {
    let guess = value.log10().floor() as i32;
    // The logarithm is rounded; next to a power of ten it can be one off.
    if value >= 10_f64.powi(guess + 1) {
        guess + 1
    } else if value < 10_f64.powi(guess) {
        guess - 1
    } else {
        guess
    }
}

/// A FLOAT from text: decimal, with an exponent or without; hexadecimal; `nan`, `inf`, `infinity` in any case, all with or
/// without a sign. Blanks around it do not count.
pub fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim_ascii();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let magnitude = match unsigned.as_bytes() {
        [b'+' | b'-', ..] => return None,
        [b'0', b'x' | b'X', digits @ ..] => parse_hexadecimal(digits)?,
        // `parse` reads exactly what is wanted here, the words included.
        _ => unsigned.parse::<f64>().ok()?,
    };
    Some(if text.starts_with('-') {
        -magnitude
    } else {
        magnitude
    })
}

/// What follows `0x`: digits, perhaps with a point, perhaps with a binary exponent. Those beyond 60 bits do not count.
fn parse_hexadecimal(text: &[u8]) -> Option<f64> {
    let mut mantissa = 0_u64;
    let mut exponent = 0_i32;
    let mut has_digits = false;
    let mut after_point = false;
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'.' if !after_point => after_point = true,
            b'p' | b'P' if has_digits => {
                let power = std::str::from_utf8(bytes.as_slice()).ok()?;
                let power: i32 = power.parse().ok()?;
                exponent = exponent.saturating_add(power);
                break;
            }
            _ => {
                let digit = u64::from(hex_digit(byte)?);
                has_digits = true;
                if mantissa < 1 << 56 {
                    mantissa = mantissa << 4 | digit;
                    exponent -= if after_point { 4 } else { 0 };
                } else {
                    exponent += if after_point { 0 } else { 4 };
                }
            }
        }
    }
    has_digits.then(|| mantissa as f64 * 2_f64.powi(exponent))
}

/// A BOOLEAN from text: the words of Snowflake's list in any case, and no others.
pub fn parse_boolean(text: &str) -> Option<bool> {
    const WORDS: [(&str, bool); 12] = [
        ("true", true),
        ("t", true),
        ("yes", true),
        ("y", true),
        ("on", true),
        ("1", true),
        ("false", false),
        ("f", false),
        ("no", false),
        ("n", false),
        ("off", false),
        ("0", false),
    ];
    WORDS
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text))
        .map(|(_, value)| *value)
}

/// A BOOLEAN as its cast to VARCHAR has it.
pub fn boolean_text(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// How BINARY is written as text: BINARY_INPUT_FORMAT, BINARY_OUTPUT_FORMAT and the format of TO_BINARY and TO_VARCHAR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BinaryFormat {
    #[default]
    Hex,
    Base64,
    Utf8,
}

impl BinaryFormat {
    /// The name in any case; UTF-8 has two spellings.
    pub fn new(name: &str) -> Option<BinaryFormat> {
        const NAMES: [(&str, BinaryFormat); 4] = [
            ("HEX", BinaryFormat::Hex),
            ("BASE64", BinaryFormat::Base64),
            ("UTF-8", BinaryFormat::Utf8),
            ("UTF8", BinaryFormat::Utf8),
        ];
        NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, format)| *format)
    }

    pub fn name(self) -> &'static str {
        match self {
            BinaryFormat::Hex => "HEX",
            BinaryFormat::Base64 => "BASE64",
            BinaryFormat::Utf8 => "UTF-8",
        }
    }

    /// The bytes that the text stands for.
    pub fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            BinaryFormat::Hex => parse_hex(text),
            // Blanks and line breaks between the digits do not count.
            BinaryFormat::Base64 if text.contains(|c: char| c.is_ascii_whitespace()) => {
                let digits: String = text.split_ascii_whitespace().collect();
                STANDARD.decode(digits).ok()
            }
            BinaryFormat::Base64 => STANDARD.decode(text).ok(),
            BinaryFormat::Utf8 => Some(text.as_bytes().to_vec()),
        }
    }

    /// The text of the bytes; bytes that are not UTF-8 have none in that format.
    pub fn encode(self, bytes: &[u8]) -> Option<String> {
        match self {
            BinaryFormat::Hex => Some(hex_text(bytes)),
            BinaryFormat::Base64 => Some(STANDARD.encode(bytes)),
            BinaryFormat::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
        }
    }
}

/// Two upper-case digits for a byte.
pub fn hex_text(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(digit(byte >> 4));
        out.push(digit(*byte));
    }
    out
}

/// Two digits of any case for a byte, and nothing else.
pub fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(hex_digit(*high)? << 4 | hex_digit(*low)?))
        .collect()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded: the ladder of magnitudes, the constants, and the borders of the exponent form.
    #[test]
    fn float_to_text() {
        let check = |value: f64, expected: &str| {
            let mut out = String::new();
            print_float(value, &mut out);
            assert_eq!(out, expected, "{value:e}");
            let mut out = String::new();
            print_float(-value, &mut out);
            assert_eq!(out, format!("-{expected}"), "-{value:e}");
        };
        let ladder = |exponent| 2_f64.sqrt() * 10_f64.powi(exponent);
        check(ladder(0), "1.414213562");
        check(ladder(-1), "0.1414213562");
        check(ladder(-4), "0.0001414213562");
        check(ladder(-5), "1.414213562e-05");
        check(ladder(-16), "1.414213562e-16");
        check(ladder(1), "14.142135624");
        check(ladder(2), "141.421356237");
        check(ladder(3), "1414.213562373");
        check(ladder(4), "14142.135623731");
        check(ladder(5), "141421.35623731");
        check(ladder(10), "14142135623.731");
        check(ladder(13), "14142135623731");
        check(ladder(14), "141421356237310");
        check(ladder(15), "1.4142135623731e+15");
        check(ladder(16), "1.4142135623731e+16");
        check(30_f64.exp(), "10686474581524.5");
        check(2.5e14, "250000000000000");
        check(1e15, "1e+15");
        check(1e16, "1e+16");
        check(1e-4, "0.0001");
        check(1e-5, "1e-05");
        check(2.5e-6, "2.5e-06");
        check(2.5, "2.5");
        check(100.0, "100");
        check(2_500_000.0, "2500000");
        check(std::f64::consts::PI, "3.141592654");
        check(1_f64.exp(), "2.718281828");
        check(2_f64.ln(), "0.6931471806");
        check(1.0 / 3.0, "0.3333333333");
        check(8.999999761581421e-01, "0.8999999762");
        check(0.0, "0");
        // From the rule.
        check(9.99999999999, "10");
        check(99999999999999.99, "100000000000000");
        check(1.5e300, "1.5e+300");
        check(f64::MIN_POSITIVE, "2.225073859e-308");
        check(5e-324, "4.940656458e-324");
        check(f64::MAX, "1.79769313486232e+308");
        check(f64::INFINITY, "inf");
        let mut out = String::new();
        print_float(f64::NAN, &mut out);
        assert_eq!(out, "NaN");
    }

    /// Recorded: the words, the signs and the hexadecimal forms.
    #[test]
    fn text_to_float() {
        let check = |text: &str, expected: f64| {
            let value = parse_float(text).expect(text);
            assert!(
                value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan(),
                "{text:?} is {value}"
            );
        };
        check("1.5", 1.5);
        check(" 1.5\t", 1.5);
        check("+1e3", 1000.0);
        check("-.5", -0.5);
        check("1.", 1.0);
        check("15e-03", 0.015);
        check("-0", -0.0);
        check("inf", f64::INFINITY);
        check("-Infinity", f64::NEG_INFINITY);
        check("NaN", f64::NAN);
        check("-nan", f64::NAN);
        check("0x10", 16.0);
        check("0X1A", 26.0);
        check("0x1.8", 1.5);
        check("0x.8", 0.5);
        check("0x10f", 271.0);
        check("-0x10", -16.0);
        check("0x10p0", 16.0);
        check("0x1p-1", 0.5);
        check("0x1000000000000000000", 2_f64.powi(72));
        for text in [
            "", " ", "abc", "1,5", "1 5", "--1", "+-1", "0x", "0xg", "00x10", "0x_10", "1e", "e5",
            ".", "1_000", "1.5f", "0x1p", "0x.",
        ] {
            assert_eq!(parse_float(text), None, "{text:?}");
        }
    }

    /// Documentation of TO_BOOLEAN.
    #[test]
    fn booleans() {
        for text in ["true", "T", "Yes", "y", "ON", "1"] {
            assert_eq!(parse_boolean(text), Some(true), "{text}");
        }
        for text in ["False", "f", "NO", "n", "off", "0"] {
            assert_eq!(parse_boolean(text), Some(false), "{text}");
        }
        for text in ["", "2", "tru", "yes!", "null"] {
            assert_eq!(parse_boolean(text), None, "{text}");
        }
        assert_eq!(boolean_text(true), "true");
    }

    /// Documentation, "Binary input and output".
    #[test]
    fn binary() {
        use BinaryFormat::*;
        let check = |format: BinaryFormat, bytes: &[u8], text: &str| {
            assert_eq!(format.encode(bytes).as_deref(), Some(text));
            assert_eq!(format.decode(text).as_deref(), Some(bytes));
        };
        check(Hex, b"", "");
        check(Hex, &[0, 0x4f, 0xff], "004FFF");
        check(Base64, b"Snow", "U25vdw==");
        check(Utf8, "snöw".as_bytes(), "snöw");
        assert_eq!(Hex.decode("4f"), Some(vec![0x4f]));
        for text in ["4", "4g", "0x4f", " 4f"] {
            assert_eq!(Hex.decode(text), None, "{text}");
        }
        assert_eq!(Base64.decode("SEVM\n UA== "), Some(b"HELP".to_vec()));
        for text in ["U25vdw", "cdefg", "U25v!w=="] {
            assert_eq!(Base64.decode(text), None, "{text}");
        }
        assert_eq!(Utf8.encode(&[0xff]), None);
        assert_eq!(BinaryFormat::new("utf-8"), Some(Utf8));
        assert_eq!(BinaryFormat::new("Base64"), Some(Base64));
        assert_eq!(BinaryFormat::new("octal"), None);
    }
}
