//! Interval constants: `INTERVAL '1 year, 3 hours'`, and with a qualifier `INTERVAL '1' DAY`.
//!
//! The steps of the first form are taken in their order, each as DATEADD does. The qualified form is a length of its own:
//! months for YEAR and MONTH, an exact duration for everything shorter, so that it moves a TIMESTAMP_LTZ by hours and not
//! by the clock. Both as recorded from a live account; neither can be stored or selected here.
//!
//! Source: Snowflake, "Interval constants".

use super::*;
use crate::types::datetime::part::Component;

/// What is added to a date or a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    steps: Vec<(Unit, i64)>,
}

impl Interval {
    /// `1 year, 3 quarters, -2 days`; a number alone is seconds.
    pub fn parse(text: &str) -> Result<Interval> {
        let mut steps = Vec::new();
        for step in text.split(',') {
            let step = step.trim();
            let end = step
                .find(|c: char| !(c.is_ascii_digit() || "+-. ".contains(c)))
                .unwrap_or(step.len());
            let (amount, word) = step.split_at(end);
            let amount = amount.replace(' ', "");
            let amount = rounded(&amount).ok_or_else(|| unexpected(text, step))?;
            let word = word.trim();
            let unit = match word {
                "" => Unit::Second,
                _ => named(word).ok_or_else(|| {
                    if word.contains(char::is_whitespace) {
                        unexpected(text, word)
                    } else {
                        Error::syntax_error_text(format!(
                            "{word} is not recognized as a date type."
                        ))
                    }
                })?,
            };
            steps.push((unit, amount));
        }
        Ok(Interval { steps })
    }

    /// `'1-2' YEAR TO MONTH`, `'1 02:03:04.5' DAY TO SECOND`, `'36' HOUR`.
    pub fn qualified(text: &str, first: &str, last: Option<&str>) -> Result<Interval> {
        let invalid = || Error::invalid_parameter_value(text, "INTERVAL");
        let fields = [
            Unit::Year,
            Unit::Month,
            Unit::Day,
            Unit::Hour,
            Unit::Minute,
            Unit::Second,
        ];
        let place = |word: &str| {
            let unit = Unit::named(word)?;
            fields.iter().position(|field| *field == unit)
        };
        let first = place(first).ok_or_else(invalid)?;
        let last = match last {
            Some(word) => place(word).ok_or_else(invalid)?,
            None => first,
        };
        if last < first || (first < 2) != (last < 2) {
            return Err(invalid());
        }
        let trimmed = text.trim();
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let sign = if negative { -1 } else { 1 };
        let parts: Vec<_> = digits.split(['-', ' ', ':']).collect();
        if parts.len() != last - first + 1 {
            return Err(invalid());
        }
        let (mut months, mut seconds, mut nanos) = (0_i64, 0_i64, 0_i64);
        for (part, field) in parts.iter().zip(&fields[first..=last]) {
            let (whole, fraction) = part.split_once('.').unwrap_or((part, ""));
            if !fraction.is_empty() && *field != Unit::Second {
                return Err(invalid());
            }
            let whole: i64 = whole.parse().map_err(|_| invalid())?;
            match field {
                Unit::Year => months += whole * 12,
                Unit::Month => months += whole,
                Unit::Day => seconds += whole * 86_400,
                Unit::Hour => seconds += whole * 3_600,
                Unit::Minute => seconds += whole * 60,
                _ => {
                    seconds += whole;
                    let digits = format!("{fraction:0<9}");
                    nanos = digits
                        .get(..9)
                        .and_then(|digits| digits.parse().ok())
                        .ok_or_else(invalid)?;
                }
            }
        }
        let steps = if first < 2 {
            vec![(Unit::Month, sign * months)]
        } else if nanos == 0 {
            vec![(Unit::Second, sign * seconds)]
        } else {
            vec![
                (Unit::Second, sign * seconds),
                (Unit::Nanosecond, sign * nanos),
            ]
        };
        Ok(Interval { steps })
    }

    /// `value + interval`, or `value - interval`.
    pub fn applied(&self, value: Expr, negative: bool, facts: &Facts) -> Result<Expr> {
        let mut value = value;
        for (unit, amount) in &self.steps {
            let amount = if negative {
                amount.checked_neg().unwrap_or(i64::MAX)
            } else {
                *amount
            };
            value = shift(value, *unit, integer(amount), facts)?;
        }
        Ok(value)
    }
}

/// The words of units, and those that only DATE_PART and intervals take.
fn named(word: &str) -> Option<Unit> {
    Unit::named(word).or_else(|| match Component::named(word) {
        Some(Component::Week) => Some(Unit::Week),
        _ => None,
    })
}

/// A number rounded half away from zero.
fn rounded(text: &str) -> Option<i64> {
    crate::types::decimal::parse(text, 18, 0)
        .ok()
        .and_then(|value| i64::try_from(value).ok())
}

fn unexpected(text: &str, word: &str) -> Error {
    let at = text.find(word).unwrap_or(0) as u64;
    let word = word.split_whitespace().next().unwrap_or_default();
    let position = crate::error::Position {
        line: 1,
        column: at,
    };
    Error::syntax(position, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comma_lists() {
        let check = |text: &str, steps: &[(Unit, i64)]| {
            assert_eq!(Interval::parse(text).unwrap().steps, steps, "{text}");
        };
        check("1 year, 3 quarters", &[(Unit::Year, 1), (Unit::Quarter, 3)]);
        check("1", &[(Unit::Second, 1)]);
        check("- 2 d , 5 h", &[(Unit::Day, -2), (Unit::Hour, 5)]);
        check("1.5 days, 1 woy", &[(Unit::Day, 2), (Unit::Week, 1)]);
        for text in ["", "1 day 2 hours", "x", "1 lightyear"] {
            assert!(Interval::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn qualified() {
        let check = |text, first, last, steps: &[(Unit, i64)]| {
            let interval = Interval::qualified(text, first, last).unwrap();
            assert_eq!(interval.steps, steps, "{text}");
        };
        check("1", "DAY", None, &[(Unit::Second, 86_400)]);
        check("-1-2", "YEAR", Some("MONTH"), &[(Unit::Month, -14)]);
        check(
            "1 02:03:04.5",
            "DAY",
            Some("SECOND"),
            &[(Unit::Second, 93_784), (Unit::Nanosecond, 500_000_000)],
        );
        assert!(Interval::qualified("1", "YEAR", Some("DAY")).is_err());
    }
}
