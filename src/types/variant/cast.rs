//! Casts from a value to SQL types. `Ok(None)` is SQL NULL, which the JSON null becomes.
//!
//! A date or time that a value holds converts within its own family only (recorded).

use super::leaf::Leaf;
use super::{number, render};
use crate::types::datetime::{DEFAULT_CENTURY_START, InputFormat, Timestamp, Zone};
use crate::types::decimal::{self, ParseError};
use crate::types::{TimestampKind, text};

/// Why a value does not become the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It holds something else.
    Type,
    /// It has more digits than the type.
    Range,
}

type Cast<T> = Result<Option<T>, Refusal>;

/// NUMBER(precision, scale), unscaled.
pub fn to_number(value: &str, precision: u8, scale: u8) -> Cast<i128> {
    let parse = |text: &str| {
        decimal::parse(text, precision, scale).map_err(|error| match error {
            ParseError::NotANumber => Refusal::Type,
            ParseError::OutOfRange => Refusal::Range,
        })
    };
    Ok(Some(match Leaf::of(value) {
        Leaf::Null | Leaf::Undefined => return Ok(None),
        Leaf::Boolean(value) => parse(if value { "1" } else { "0" })?,
        Leaf::Exact(text) => parse(text)?,
        Leaf::Double(double) if double.is_finite() => parse(&format!("{double:e}"))?,
        Leaf::Text(text) => parse(&text)?,
        _ => return Err(Refusal::Type),
    }))
}

/// FLOAT
pub fn to_float(value: &str) -> Cast<f64> {
    Ok(Some(match Leaf::of(value) {
        Leaf::Null | Leaf::Undefined => return Ok(None),
        Leaf::Boolean(value) => f64::from(u8::from(value)),
        Leaf::Exact(text) => text.parse().map_err(|_| Refusal::Type)?,
        Leaf::Double(double) => double,
        Leaf::Text(text) => text::parse_float(&text).ok_or(Refusal::Type)?,
        _ => return Err(Refusal::Type),
    }))
}

/// BOOLEAN; a number is none.
pub fn to_boolean(value: &str) -> Cast<bool> {
    match Leaf::of(value) {
        Leaf::Null | Leaf::Undefined => Ok(None),
        Leaf::Boolean(value) => Ok(Some(value)),
        Leaf::Text(text) => text::parse_boolean(&text).map(Some).ok_or(Refusal::Type),
        _ => Err(Refusal::Type),
    }
}

/// DATE: days since 1970-01-01.
pub fn to_date(value: &str, format: &InputFormat) -> Cast<i32> {
    let days = match Leaf::of(value) {
        Leaf::Null | Leaf::Undefined => return Ok(None),
        Leaf::Date(days) => Some(days),
        Leaf::Text(text) => format.read_date(&text, DEFAULT_CENTURY_START),
        // A number is no date, unlike a TIMESTAMP.
        _ => None,
    };
    days.map(Some).ok_or(Refusal::Type)
}

/// TIME: nanoseconds since midnight.
pub fn to_time(value: &str, format: &InputFormat) -> Cast<i64> {
    let nanos = match Leaf::of(value) {
        Leaf::Null | Leaf::Undefined => return Ok(None),
        Leaf::Time(nanos) => Some(nanos),
        Leaf::Text(text) => format.read_time(&text, DEFAULT_CENTURY_START),
        _ => None,
    };
    nanos.map(Some).ok_or(Refusal::Type)
}

/// A TIMESTAMP of the wanted kind (wall clock for NTZ, else UTC), and minutes east of UTC.
pub fn to_timestamp(
    value: &str,
    wanted: TimestampKind,
    format: &InputFormat,
    zone: &Zone,
) -> Cast<(Timestamp, i16)> {
    use TimestampKind::{Ltz, Ntz, Tz};
    let minutes = |seconds: i32| i16::try_from(seconds / 60).unwrap_or(0);
    let zoned = |utc: Timestamp| (utc, minutes(zone.offset_at(utc.seconds)));
    let of_wall = |wall: Timestamp| {
        let seconds = zone.offset_of_wall(wall.seconds);
        (wall.plus_seconds(-i64::from(seconds)), minutes(seconds))
    };
    let found = match Leaf::of(value) {
        Leaf::Null | Leaf::Undefined => return Ok(None),
        Leaf::Timestamp(kind, nanos, offset) => {
            let timestamp = render::timestamp(nanos);
            Some(match (kind, wanted) {
                (Ntz, Ntz) => (timestamp, 0),
                (Ntz, Ltz | Tz) => of_wall(timestamp),
                (Ltz, Ntz) => {
                    let (utc, minutes) = zoned(timestamp);
                    (utc.plus_seconds(i64::from(minutes) * 60), 0)
                }
                (Ltz, Ltz | Tz) => zoned(timestamp),
                (Tz, Ntz) => (timestamp.plus_seconds(i64::from(offset) * 60), 0),
                (Tz, Ltz | Tz) => (timestamp, offset),
            })
        }
        Leaf::Text(text) => format
            .read_timestamp(&text, DEFAULT_CENTURY_START)
            .map(|reading| match wanted {
                Ntz => (reading.ntz(), 0),
                Ltz => (reading.ltz(zone), 0),
                Tz => reading.tz(zone),
            }),
        Leaf::Exact(text) => epoch(text).map(|utc| match wanted {
            Ntz => (utc, 0),
            Ltz | Tz => zoned(utc),
        }),
        _ => None,
    };
    found.map(Some).ok_or(Refusal::Type)
}

/// BINARY; text is read as hexadecimal.
pub fn to_binary(value: &str) -> Cast<Vec<u8>> {
    match Leaf::of(value) {
        Leaf::Null | Leaf::Undefined => Ok(None),
        Leaf::Binary(bytes) => Ok(Some(bytes)),
        Leaf::Text(text) => text::parse_hex(&text).map(Some).ok_or(Refusal::Type),
        _ => Err(Refusal::Type),
    }
}

/// ARRAY: anything that is none becomes an array of one element.
pub fn to_array(value: &str) -> Option<std::borrow::Cow<'_, str>> {
    match Leaf::of(value) {
        Leaf::Null | Leaf::Undefined => None,
        Leaf::Array(array) => Some(array.into()),
        _ => Some(format!("[{value}]").into()),
    }
}

/// OBJECT
pub fn to_object(value: &str) -> Cast<&str> {
    match Leaf::of(value) {
        Leaf::Null | Leaf::Undefined => Ok(None),
        Leaf::Object(object) => Ok(Some(object)),
        _ => Err(Refusal::Type),
    }
}

/// A value beside a number in a comparison: an exact number or a DOUBLE in canonical text.
pub fn to_numeric(value: &str) -> Cast<std::borrow::Cow<'_, str>> {
    match Leaf::of(value) {
        Leaf::Null | Leaf::Undefined => Ok(None),
        Leaf::Exact(_) | Leaf::Double(_) => Ok(Some(value.into())),
        Leaf::Boolean(value) => Ok(Some(if value { "1" } else { "0" }.into())),
        Leaf::Text(text) => {
            let mut out = String::new();
            match decimal_text(&text) {
                Some((negative, whole, fraction)) => {
                    number::push_digits(negative, whole, fraction, &mut out);
                }
                None => {
                    number::push_double(text::parse_float(&text).ok_or(Refusal::Type)?, &mut out);
                }
            }
            Ok(Some(out.into()))
        }
        _ => Err(Refusal::Type),
    }
}

/// The digits of plain decimal text.
fn decimal_text(text: &str) -> Option<(bool, &str, &str)> {
    let text = text.trim();
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let any = !(whole.is_empty() && fraction.is_empty());
    (any && plain(whole) && plain(fraction)).then_some((negative, whole, fraction))
}

/// A number as a point in time: seconds, milliseconds, … by its size.
fn epoch(text: &str) -> Option<Timestamp> {
    Timestamp::from_epoch_by_magnitude(number::shown(text).parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (value, number) in [
            ("12.6", Ok(Some(13))),
            ("-0.5", Ok(Some(-1))),
            ("true", Ok(Some(1))),
            ("\"7.4\"", Ok(Some(7))),
            ("1.25e1", Ok(Some(13))),
            ("null", Ok(None)),
            ("\"abc\"", Err(Refusal::Type)),
            ("{}", Err(Refusal::Type)),
            ("NaN", Err(Refusal::Type)),
            ("\"\u{1}D1\"", Err(Refusal::Type)),
        ] {
            assert_eq!(to_number(value, 38, 0), number, "{value}");
        }
        assert_eq!(to_number("1000", 3, 0), Err(Refusal::Range));
        assert_eq!(to_number("4.5", 10, 2), Ok(Some(450)));
        assert_eq!(to_float("\"1e2\""), Ok(Some(100.0)));
        assert_eq!(to_float("[1]"), Err(Refusal::Type));
        assert_eq!(to_numeric("\"1.50\"").unwrap().unwrap(), "1.5");
        assert_eq!(to_numeric("\"1e2\"").unwrap().unwrap(), "1e2");
        assert_eq!(to_numeric("\"x\""), Err(Refusal::Type));
    }

    #[test]
    fn booleans_are_no_numbers() {
        assert_eq!(to_boolean("true"), Ok(Some(true)));
        assert_eq!(to_boolean("\"no\""), Ok(Some(false)));
        assert_eq!(to_boolean("1"), Err(Refusal::Type));
        assert_eq!(to_boolean("null"), Ok(None));
    }

    #[test]
    fn dates_and_times_stay_in_their_family() {
        let auto = InputFormat::new("AUTO");
        let zone = Zone::get("America/Los_Angeles").unwrap();
        let timestamp = |value: &str, kind| to_timestamp(value, kind, &auto, &zone);
        assert_eq!(to_date("\"2024-01-01\"", &auto), Ok(Some(19723)));
        assert_eq!(to_date("\"\u{1}D1\"", &auto), Ok(Some(1)));
        assert_eq!(to_date("\"\u{1}N1\"", &auto), Err(Refusal::Type));
        assert_eq!(to_date("\"abc\"", &auto), Err(Refusal::Type));
        assert_eq!(to_time("\"\u{1}D1\"", &auto), Err(Refusal::Type));
        assert_eq!(to_time("\"10:00:00\"", &auto), Ok(Some(36_000_000_000_000)));
        let utc = timestamp("\"\u{1}Z0,60\"", TimestampKind::Ntz)
            .unwrap()
            .unwrap();
        assert_eq!(utc.0.seconds, 3600);
        let ltz = timestamp("\"\u{1}N0\"", TimestampKind::Ltz)
            .unwrap()
            .unwrap();
        assert_eq!(ltz.0.seconds, 8 * 3600);
        assert_eq!(
            timestamp("\"\u{1}D1\"", TimestampKind::Ltz),
            Err(Refusal::Type)
        );
        let epoch = timestamp("1704067200", TimestampKind::Ntz)
            .unwrap()
            .unwrap();
        assert_eq!(epoch.0.seconds, 1_704_067_200);
    }

    #[test]
    fn containers() {
        assert_eq!(to_array("1").as_deref(), Some("[1]"));
        assert_eq!(to_array("[1]").as_deref(), Some("[1]"));
        assert_eq!(to_array("null"), None);
        assert_eq!(to_object("{}"), Ok(Some("{}")));
        assert_eq!(to_object("1"), Err(Refusal::Type));
        assert_eq!(to_binary("\"ab\""), Ok(Some(vec![0xab])));
    }
}
