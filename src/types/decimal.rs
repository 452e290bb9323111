//! Exact decimal arithmetic: a number is an unscaled `i128` and a scale, 12.5 of scale 2 is 1250.
//!
//! Results are rounded half away from zero, as Snowflake does, and `None` when they need more than 38 digits. Which scale
//! a result gets is decided in [`number`](super::number). Intermediate results take 256 bits, which is enough: a
//! quotient or product that fits 38 digits comes from less than 10^77.

use std::fmt;

use super::MAX_PRECISION;

/// 10^0 to 10^38.
const POWERS: [u128; 39] = {
    let mut powers = [1; 39];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// 10^`exponent`, where that fits 38 digits and a one.
fn power(exponent: u32) -> Option<u128> {
    POWERS.get(exponent as usize).copied()
}

/// `a / b` in `result_scale`; `None` when it needs more than 38 digits. The caller has checked that `b` is not zero
/// (zero gives `None`).
pub fn divide(a: i128, a_scale: u8, b: i128, b_scale: u8, result_scale: u8) -> Option<i128> {
    let negative = (a < 0) != (b < 0);
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    if b == 0 {
        return None;
    }
    let up = u32::from(b_scale) + u32::from(result_scale);
    let down = u32::from(a_scale);
    let quotient = if up < down {
        match power(down - up).and_then(|power| b.checked_mul(power)) {
            Some(b) => round(a / b, a % b, b)?,
            None => 0, // b has more than 128 bits, a has 127.
        }
    } else if let Some(a) = power(up - down).and_then(|power| a.checked_mul(power)) {
        round(a / b, a % b, b)?
    } else {
        let wide = Wide::product(a, POWERS[(up - down).min(38) as usize])
            .checked_mul(power((up - down).saturating_sub(38))?)?;
        let (quotient, remainder) = wide.divide(b)?;
        round(quotient, remainder, b)?
    };
    signed(quotient, negative)
}

/// `a * b` in `result_scale`; `None` when it needs more than 38 digits.
pub fn multiply(a: i128, a_scale: u8, b: i128, b_scale: u8, result_scale: u8) -> Option<i128> {
    let negative = (a < 0) != (b < 0);
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    let scale = u32::from(a_scale) + u32::from(b_scale);
    let result_scale = u32::from(result_scale);
    let product = if result_scale >= scale {
        let product = a.checked_mul(b)?;
        match power(result_scale - scale) {
            Some(power) => product.checked_mul(power)?,
            None if product == 0 => 0,
            None => return None,
        }
    } else {
        let drop = scale - result_scale;
        match a.checked_mul(b) {
            Some(product) => drop_digits(product, drop),
            None => {
                // First up to 38 digits, which decide nothing about the rounding of the rest.
                let first = POWERS[drop.min(38) as usize];
                let (quotient, remainder) = Wide::product(a, b).divide(first)?;
                if drop > 38 {
                    drop_digits(quotient, drop - 38)
                } else {
                    round(quotient, remainder, first)?
                }
            }
        }
    };
    signed(product, negative)
}

/// The same number in another scale, rounded; `None` when it needs more than 38 digits.
pub fn rescale(unscaled: i128, from: u8, to: u8) -> Option<i128> {
    let value = unscaled.unsigned_abs();
    let value = if to >= from {
        match power(u32::from(to - from)) {
            Some(power) => value.checked_mul(power)?,
            None if value == 0 => 0,
            None => return None,
        }
    } else {
        drop_digits(value, u32::from(from - to))
    };
    signed(value, unscaled < 0)
}

/// Whether a number has at most `precision` digits.
pub fn fits(unscaled: i128, precision: u8) -> bool {
    power(precision.into()).is_none_or(|limit| unscaled.unsigned_abs() < limit)
}

/// Why a text is no number of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseError {
    NotANumber,
    /// A number, but with more digits before the point than the type has.
    OutOfRange,
}

/// The unscaled value of a text as NUMBER(precision, scale): blanks around it, a sign, digits with a point among them, an
/// exponent; digits beyond the scale are rounded.
pub fn parse(text: &str, precision: u8, scale: u8) -> Result<i128, ParseError> {
    let text = text.trim_ascii().as_bytes();
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => digits(rest),
        _ => (&b""[..], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(ParseError::NotANumber);
    }
    let exponent = match rest {
        [] => 0,
        [b'e' | b'E', rest @ ..] => parse_exponent(rest)?,
        _ => return Err(ParseError::NotANumber),
    };

    // The digits without leading zeros; `kept` of them stand before the last place of the scale.
    let mut significant = whole
        .iter()
        .chain(fraction)
        .skip_while(|&&digit| digit == b'0');
    let leading_zeros = whole
        .iter()
        .chain(fraction)
        .take_while(|&&digit| digit == b'0');
    let leading_zeros = leading_zeros.count();
    if leading_zeros == whole.len() + fraction.len() {
        return Ok(0);
    }
    let kept = whole.len() as i64 - leading_zeros as i64 + i64::from(scale) + exponent;
    if kept > i64::from(precision.min(MAX_PRECISION)) {
        return Err(ParseError::OutOfRange);
    }
    if kept < 0 {
        return Ok(0);
    }
    let mut value: u128 = 0;
    for _ in 0..kept {
        value = value * 10
            + significant
                .next()
                .map_or(0, |digit| u128::from(digit - b'0'));
    }
    if significant.next().is_some_and(|&digit| digit >= b'5') {
        value += 1;
    }
    if value >= POWERS[usize::from(precision.min(MAX_PRECISION))] {
        return Err(ParseError::OutOfRange);
    }
    signed(value, negative).ok_or(ParseError::OutOfRange)
}

/// The digits at the start of a text, and what follows.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn parse_exponent(text: &[u8]) -> Result<i64, ParseError> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (digits, rest) = digits(text);
    if digits.is_empty() || !rest.is_empty() {
        return Err(ParseError::NotANumber);
    }
    // Far beyond any text's length, far below an overflow.
    let exponent = digits.iter().fold(0_i64, |exponent, digit| {
        (exponent * 10 + i64::from(digit - b'0')).min(1 << 40)
    });
    Ok(if negative { -exponent } else { exponent })
}

/// As Snowflake prints a NUMBER: all digits of the scale, a zero before the point.
pub fn format(unscaled: i128, scale: u8) -> String {
    Formatted(unscaled, scale).to_string()
}

/// A number that prints as [`format`] does: unscaled value and scale.
#[derive(Debug, Clone, Copy)]
pub struct Formatted(pub i128, pub u8);

impl fmt::Display for Formatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Formatted(unscaled, scale) = *self;
        if unscaled < 0 {
            f.write_str("-")?;
        }
        let value = unscaled.unsigned_abs();
        match (scale, power(scale.into())) {
            (0, _) => write!(f, "{value}"),
            (_, Some(power)) => {
                let (whole, fraction) = (value / power, value % power);
                write!(f, "{whole}.{fraction:0width$}", width = scale.into())
            }
            (_, None) => write!(f, "0.{value:0width$}", width = scale.into()),
        }
    }
}

/// `quotient`, one more when the remainder is at least half of the divisor.
fn round(quotient: u128, remainder: u128, divisor: u128) -> Option<u128> {
    if remainder >= divisor - remainder {
        quotient.checked_add(1)
    } else {
        Some(quotient)
    }
}

fn drop_digits(value: u128, count: u32) -> u128 {
    match power(count) {
        Some(power) => value / power + u128::from(value % power >= power.div_ceil(2)),
        None => 0, // Half of 10^39 is more than any value.
    }
}

/// A value of at most 38 digits with its sign.
fn signed(value: u128, negative: bool) -> Option<i128> {
    if value >= POWERS[usize::from(MAX_PRECISION)] {
        return None;
    }
    let value = value as i128;
    Some(if negative { -value } else { value })
}

/// An unsigned integer of 256 bits: `high` * 2^128 + `low`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wide {
    high: u128,
    low: u128,
}

/// The halves of a 128-bit integer.
fn halves(value: u128) -> (u128, u128) {
    (value >> 64, value & u128::from(u64::MAX))
}

impl Wide {
    fn product(a: u128, b: u128) -> Self {
        let ((a1, a0), (b1, b0)) = (halves(a), halves(b));
        let (carry, low0) = halves(a0 * b0);
        let (carry1, middle) = halves(a1 * b0 + carry);
        let (carry2, low1) = halves(a0 * b1 + middle);
        Wide {
            high: a1 * b1 + carry1 + carry2,
            low: low1 << 64 | low0,
        }
    }

    fn checked_mul(self, factor: u128) -> Option<Self> {
        let low = Wide::product(self.low, factor);
        let high = self.high.checked_mul(factor)?;
        Some(Wide {
            high: high.checked_add(low.high)?,
            low: low.low,
        })
    }

    /// Quotient and remainder; `None` when the quotient has more than 128 bits.
    ///
    /// Knuth's algorithm D on two digits of 64 bits, as in "Hacker's Delight", `divlu`.
    fn divide(self, divisor: u128) -> Option<(u128, u128)> {
        if self.high >= divisor {
            return None;
        }
        let shift = divisor.leading_zeros();
        let divisor = divisor << shift;
        let (d1, d0) = halves(divisor);
        let high = match shift {
            0 => self.high,
            _ => self.high << shift | self.low >> (128 - shift),
        };
        let (n1, n0) = halves(self.low << shift);
        let (q1, remainder) = digit(high, n1, divisor, d1, d0);
        let (q0, remainder) = digit(remainder, n0, divisor, d1, d0);
        Some((q1 << 64 | q0, remainder >> shift))
    }
}

/// One digit of the quotient of `high` * 2^64 + `next` by `divisor` (normalised, its halves `d1` and `d0`), and the
/// remainder.
fn digit(high: u128, next: u128, divisor: u128, d1: u128, d0: u128) -> (u128, u128) {
    let mut quotient = high / d1;
    let mut rest = high - quotient * d1;
    while quotient >> 64 != 0 || quotient * d0 > (rest << 64 | next) {
        quotient -= 1;
        rest += d1;
        if rest >> 64 != 0 {
            break;
        }
    }
    let remainder = (high << 64 | next).wrapping_sub(quotient.wrapping_mul(divisor));
    (quotient, remainder)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;

    use super::*;

    /// Numbers of all lengths, the edges among them, from a fixed seed.
    fn numbers() -> impl Iterator<Item = i128> {
        let mut state: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834;
        let edges = [
            0,
            1,
            -1,
            5,
            -5,
            i128::MAX,
            i128::MIN,
            POWERS[38] as i128 - 1,
            1 << 64,
        ];
        edges.into_iter().chain(std::iter::from_fn(move || {
            state = state
                .wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645)
                .wrapping_add(0x5851_f42d_4c95_7f2d_1405_7b7e_f767_814f);
            let value = (state ^ state >> 71) as i128;
            Some(value >> (state % 127) as u32)
        }))
    }

    fn scales() -> impl Iterator<Item = u8> {
        (0..).map(|n: u32| ((n * 7 + n / 38 * 3 + n / 5) % 39) as u8)
    }

    /// `numerator / denominator`, half away from zero, if it has at most 38 digits.
    fn exact(numerator: BigInt, denominator: BigInt) -> Option<i128> {
        use num_bigint::Sign;
        let negative = (numerator.sign() == Sign::Minus) != (denominator.sign() == Sign::Minus);
        let (n, d) = (numerator.magnitude(), denominator.magnitude());
        let rounded = (n * 2_u8 + d) / (d * 2_u8);
        let rounded = i128::try_from(rounded).ok()?;
        (rounded < POWERS[38] as i128).then_some(if negative { -rounded } else { rounded })
    }

    fn ten(exponent: u8) -> BigInt {
        BigInt::from(10).pow(exponent.into())
    }

    #[test]
    fn agrees_with_arbitrary_precision() {
        let mut scales = scales();
        let mut scale = || scales.next().unwrap();
        let numbers: Vec<_> = numbers().take(400).collect();
        let mut results = 0;
        for (index, &a) in numbers.iter().enumerate() {
            for &b in numbers.iter().skip(index % 7).step_by(5) {
                let (sa, sb, sr) = (scale(), scale(), scale());
                let (big_a, big_b) = (BigInt::from(a), BigInt::from(b));
                let product = exact(&big_a * &big_b * ten(sr), ten(sa) * ten(sb));
                assert_eq!(
                    multiply(a, sa, b, sb, sr),
                    product,
                    "{a} {sa} * {b} {sb} -> {sr}"
                );
                if b != 0 {
                    let quotient = exact(&big_a * ten(sb) * ten(sr), &big_b * ten(sa));
                    assert_eq!(
                        divide(a, sa, b, sb, sr),
                        quotient,
                        "{a} {sa} / {b} {sb} -> {sr}"
                    );
                    results += usize::from(quotient.is_some_and(|quotient| quotient != 0));
                }
                assert_eq!(rescale(a, sa, sr), exact(&big_a * ten(sr), ten(sa)));
                let wide = Wide::product(a.unsigned_abs(), b.unsigned_abs());
                let big: BigInt = (BigInt::from(wide.high) << 128) + BigInt::from(wide.low);
                assert_eq!(big.magnitude(), (big_a * big_b).magnitude());
            }
        }
        assert!(results > 5_000, "{results}");
    }

    #[test]
    fn rounds_half_away_from_zero() {
        assert_eq!(divide(1, 0, 3, 0, 6), Some(333_333));
        assert_eq!(divide(2, 0, 3, 0, 6), Some(666_667));
        assert_eq!(divide(-1, 0, 8, 0, 2), Some(-13));
        assert_eq!(divide(1, 0, 0, 0, 6), None);
        assert_eq!(divide(POWERS[37] as i128, 0, 1, 1, 1), None);
        assert_eq!(multiply(125, 2, -10, 1, 1), Some(-13));
        assert_eq!(multiply(i128::MAX, 0, 10, 0, 0), None);
        assert_eq!(rescale(-25, 1, 0), Some(-3));
        assert_eq!(rescale(24, 1, 0), Some(2));
    }

    #[test]
    fn parses_as_snowflake_does() {
        use ParseError::*;
        for (text, precision, scale, expected) in [
            ("12.5", 38, 2, Ok(1250)),
            (" \t-12.5 ", 38, 0, Ok(-13)),
            ("+.5", 38, 1, Ok(5)),
            ("5.", 38, 0, Ok(5)),
            ("1e3", 38, 0, Ok(1000)),
            ("1.5E-1", 38, 2, Ok(15)),
            ("0.049", 38, 1, Ok(0)),
            ("0.05", 38, 1, Ok(1)),
            ("4e-1", 38, 0, Ok(0)),
            ("5e-1", 38, 0, Ok(1)),
            (
                "0000000000000000000000000000000000000000000000001",
                38,
                0,
                Ok(1),
            ),
            ("0e999999999999999999999", 38, 0, Ok(0)),
            ("1e-999999999999999999999", 38, 0, Ok(0)),
            ("1e999999999999999999999", 38, 0, Err(OutOfRange)),
            (
                "99999999999999999999999999999999999999",
                38,
                0,
                Ok(POWERS[38] as i128 - 1),
            ),
            (
                "99999999999999999999999999999999999999.5",
                38,
                0,
                Err(OutOfRange),
            ),
            (
                "100000000000000000000000000000000000000",
                38,
                0,
                Err(OutOfRange),
            ),
            ("999.99", 5, 2, Ok(99_999)),
            ("999.995", 5, 2, Err(OutOfRange)),
            ("1000", 5, 2, Err(OutOfRange)),
            ("", 38, 0, Err(NotANumber)),
            (".", 38, 0, Err(NotANumber)),
            ("-", 38, 0, Err(NotANumber)),
            ("1e", 38, 0, Err(NotANumber)),
            ("1 2", 38, 0, Err(NotANumber)),
            ("0x1F", 38, 0, Err(NotANumber)),
            ("1_000", 38, 0, Err(NotANumber)),
            ("NaN", 38, 0, Err(NotANumber)),
        ] {
            assert_eq!(parse(text, precision, scale), expected, "{text:?}");
        }
    }

    #[test]
    fn formats_every_digit_of_the_scale() {
        assert_eq!(format(1250, 2), "12.50");
        assert_eq!(format(-5, 2), "-0.05");
        assert_eq!(format(0, 0), "0");
        assert_eq!(format(7, 37), "0.0000000000000000000000000000000000007");
        for number in numbers().take(500).filter(|number| fits(*number, 38)) {
            for scale in [0, 1, 6, 37] {
                assert_eq!(parse(&format(number, scale), 38, scale), Ok(number));
            }
        }
    }
}
