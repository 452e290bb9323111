//! Dates, times and timestamps as values and as text, as Snowflake reads and prints them.
//!
//! A DATE is an `i32` of days since 1970-01-01, a TIME an `i64` of nanoseconds since midnight, a TIMESTAMP a
//! [`Timestamp`]: of the wall clock for NTZ, of UTC for LTZ and TZ (a TZ also has its offset in minutes). [`Format`] is a
//! compiled format model, [`auto`] the detection without one, [`InputFormat`] the choice between the two, [`Zone`] a time
//! zone. Pure functions, run once per row by the engine's native functions: nothing here knows SQL, sessions or the
//! engine, and failures are `None`, because the caller knows which of Snowflake's errors to raise.
//!
//! Sources: Snowflake, "Date and time input and output formats" and "Date & time data types"; answers of a live account as
//! recorded by the public test suite of `mlorek/frostlake` ("recorded" in the tests here).

pub mod arithmetic;
pub mod auto;
pub mod civil;
mod format;
mod parse;
pub mod part;
mod print;
mod zone;

pub use civil::Civil;
pub use format::Format;
pub use print::{Moment, OutputFormats};
pub use zone::Zone;

/// Nanoseconds of a day.
pub const NANOS_PER_DAY: i64 = 86_400 * NANOS_PER_SECOND;
/// Nanoseconds of a second.
pub const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// Seconds of a day.
pub const SECONDS_PER_DAY: i64 = 86_400;
/// TWO_DIGIT_CENTURY_START of a session that has not set it.
pub const DEFAULT_CENTURY_START: i32 = 1970;

/// A point on a clock, counted from its 1970-01-01 00:00:00. Which clock (UTC or somebody's wall) the type does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp {
    /// Whole seconds, rounded down.
    pub seconds: i64,
    /// 0 to 999 999 999, counted forward from `seconds`.
    pub nanos: u32,
}

impl Timestamp {
    /// From the engine's microseconds and the 0 to 999 nanoseconds that do not fit into them.
    pub fn from_micros(micros: i64, extra_nanos: u16) -> Timestamp {
        Timestamp {
            seconds: micros.div_euclid(1_000_000),
            nanos: micros.rem_euclid(1_000_000) as u32 * 1_000 + u32::from(extra_nanos),
        }
    }

    /// The engine's microseconds and the nanoseconds left over; `None` some 290 000 years away from 1970.
    pub fn to_micros(self) -> Option<(i64, u16)> {
        let micros = self.seconds.checked_mul(1_000_000)?;
        let micros = micros.checked_add(i64::from(self.nanos / 1_000))?;
        Some((micros, (self.nanos % 1_000) as u16))
    }

    /// From nanoseconds since 1970-01-01.
    pub fn from_nanos(nanos: i128) -> Timestamp {
        let second = i128::from(NANOS_PER_SECOND);
        Timestamp {
            seconds: nanos.div_euclid(second) as i64,
            nanos: nanos.rem_euclid(second) as u32,
        }
    }

    /// Nanoseconds since 1970-01-01.
    pub fn to_nanos(self) -> i128 {
        i128::from(self.seconds) * i128::from(NANOS_PER_SECOND) + i128::from(self.nanos)
    }

    /// From a date and a time of that day.
    pub fn from_parts(days: i32, nanos_of_day: i64) -> Timestamp {
        Timestamp {
            seconds: i64::from(days) * SECONDS_PER_DAY + nanos_of_day / NANOS_PER_SECOND,
            nanos: (nanos_of_day % NANOS_PER_SECOND) as u32,
        }
    }

    /// The date: days since 1970-01-01.
    pub fn days(self) -> i32 {
        self.seconds.div_euclid(SECONDS_PER_DAY) as i32
    }

    /// The time of the day.
    pub fn nanos_of_day(self) -> i64 {
        self.seconds.rem_euclid(SECONDS_PER_DAY) * NANOS_PER_SECOND + i64::from(self.nanos)
    }

    /// From a count of 10^-scale seconds, as in `TO_TIMESTAMP(<number>, <scale>)`. Digits after the ninth are dropped
    /// towards the past.
    pub fn from_epoch(value: i128, scale: u8) -> Option<Timestamp> {
        let units = 10_i128.checked_pow(u32::from(scale))?;
        let seconds = i64::try_from(value.div_euclid(units)).ok()?;
        let rest = value.rem_euclid(units);
        let nanos = if scale <= 9 {
            rest * 10_i128.pow(9 - u32::from(scale))
        } else {
            rest / 10_i128.pow(u32::from(scale) - 9)
        };
        Timestamp {
            seconds,
            nanos: nanos as u32,
        }
        .in_range()
    }

    /// From an integer that was written as text: its magnitude decides between seconds, milli-, micro- and nanoseconds.
    pub fn from_epoch_by_magnitude(value: i64) -> Option<Timestamp> {
        let scale = match value.unsigned_abs() {
            0..31_536_000_000 => 0,
            31_536_000_000..31_536_000_000_000 => 3,
            31_536_000_000_000..31_536_000_000_000_000 => 6,
            _ => 9,
        };
        Timestamp::from_epoch(i128::from(value), scale)
    }

    /// The same point with `scale` digits of the fraction; the others are dropped, not rounded.
    pub fn truncate(self, scale: u8) -> Timestamp {
        Timestamp {
            seconds: self.seconds,
            nanos: truncate_nanos(i64::from(self.nanos), scale) as u32,
        }
    }

    pub fn plus_seconds(self, seconds: i64) -> Timestamp {
        Timestamp {
            seconds: self.seconds + seconds,
            nanos: self.nanos,
        }
    }

    /// Only if its year is one that [`Civil`] can name.
    fn in_range(self) -> Option<Timestamp> {
        const LIMIT: i64 = (civil::MAX_YEAR as i64 + 1 - 1970) * 366 * SECONDS_PER_DAY;
        (self.seconds.abs() < LIMIT).then_some(self)
    }
}

/// A TIME, or the fraction of a second, with `scale` digits of the fraction; the others are dropped.
pub fn truncate_nanos(nanos: i64, scale: u8) -> i64 {
    match 9_u32.checked_sub(u32::from(scale)) {
        None | Some(0) => nanos,
        Some(dropped) => nanos - nanos % 10_i64.pow(dropped),
    }
}

/// What a text said: digits of a wall clock, and the offset from UTC if it named one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The wall clock as written.
    pub wall: Timestamp,
    /// Minutes east of UTC.
    pub offset: Option<i16>,
    /// A field had more digits than its element. Casts do not mind; INSERT and COPY refuse the text.
    pub wide: bool,
}

impl Reading {
    fn utc_wall(wall: Timestamp) -> Reading {
        Reading {
            wall,
            offset: Some(0),
            wide: false,
        }
    }

    /// As DATE: the offset does not move the wall clock.
    pub fn date(self) -> i32 {
        self.wall.days()
    }

    /// As TIME: likewise.
    pub fn time(self) -> i64 {
        self.wall.nanos_of_day()
    }

    /// As TIMESTAMP_NTZ: likewise.
    pub fn ntz(self) -> Timestamp {
        self.wall
    }

    /// As TIMESTAMP_LTZ: the instant in UTC, without an offset a wall clock in the session's zone.
    pub fn ltz(self, zone: &Zone) -> Timestamp {
        self.wall.plus_seconds(-match self.offset {
            Some(minutes) => i64::from(minutes) * 60,
            None => i64::from(zone.offset_of_wall(self.wall.seconds)),
        })
    }

    /// As TIMESTAMP_TZ: the instant in UTC and the offset in minutes, without one the session zone's at that time. The
    /// seconds of an offset from before standard time are lost, not the wall clock.
    pub fn tz(self, zone: &Zone) -> (Timestamp, i16) {
        let minutes = self
            .offset
            .unwrap_or_else(|| (zone.offset_of_wall(self.wall.seconds) / 60) as i16);
        (self.wall.plus_seconds(-i64::from(minutes) * 60), minutes)
    }
}

/// How text becomes a date, time or timestamp: a value of DATE_INPUT_FORMAT, TIME_INPUT_FORMAT or
/// TIMESTAMP_INPUT_FORMAT, or the format argument of TO_DATE, TO_TIME, TO_TIMESTAMP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputFormat {
    Auto,
    Model(Format),
}

impl InputFormat {
    /// `AUTO` in any case is detection; every other text, the empty one too, is a format model.
    pub fn new(text: &str) -> InputFormat {
        if text.eq_ignore_ascii_case("AUTO") {
            InputFormat::Auto
        } else {
            InputFormat::Model(Format::new(text))
        }
    }

    pub fn read_date(&self, text: &str, century_start: i32) -> Option<i32> {
        match self {
            InputFormat::Auto => auto::date(text),
            InputFormat::Model(format) => format.parse(text, century_start).map(Reading::date),
        }
    }

    pub fn read_time(&self, text: &str, century_start: i32) -> Option<i64> {
        match self {
            InputFormat::Auto => auto::time(text),
            InputFormat::Model(format) => format.parse(text, century_start).map(Reading::time),
        }
    }

    pub fn read_timestamp(&self, text: &str, century_start: i32) -> Option<Reading> {
        match self {
            InputFormat::Auto => auto::timestamp(text),
            InputFormat::Model(format) => format.parse(text, century_start),
        }
    }
}

/// English names, as printed; input matches them in any case and by their first three letters too.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// The name of `names` at the start of `text`, in full or as three letters: its place in the list and its length here.
fn name_at(text: &[u8], names: &[&str]) -> Option<(u8, usize)> {
    let first = text.get(..3)?;
    let index = names
        .iter()
        .position(|name| name.as_bytes()[..3].eq_ignore_ascii_case(first))?;
    let name = names[index].as_bytes();
    let full = text
        .get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name));
    Some((index as u8, if full { name.len() } else { 3 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(timestamp: Timestamp) -> String {
        let mut out = String::new();
        Format::new("YYYY-MM-DD HH24:MI:SS.FF9").print(&Moment::Ntz(timestamp), &mut out);
        out
    }

    /// Documentation, "AUTO detection of integer-stored date, time, and timestamp values"; the year 53676 and the
    /// fractions are recorded.
    #[test]
    fn epochs() {
        let by_magnitude = |value| Timestamp::from_epoch_by_magnitude(value).map(iso);
        let check = |value, expected: &str| {
            assert_eq!(by_magnitude(value).as_deref(), Some(expected), "{value}");
        };
        check(1_487_654_321, "2017-02-21 05:18:41.000000000");
        check(1_487_654_321_321, "2017-02-21 05:18:41.321000000");
        check(1_487_654_321_321_123, "2017-02-21 05:18:41.321123000");
        check(1_487_654_321_321_123_456, "2017-02-21 05:18:41.321123456");
        check(31_535_999_999, "2969-05-02 23:59:59.000000000");
        check(31_536_000_000, "1971-01-01 00:00:00.000000000");
        check(20_200_115, "1970-08-22 19:08:35.000000000");
        check(-1, "1969-12-31 23:59:59.000000000");

        let scaled = |value, scale| Timestamp::from_epoch(value, scale).map(iso);
        assert_eq!(
            scaled(1_631_711_999_000, 0).as_deref(),
            Some("53676-11-22 13:03:20.000000000")
        );
        assert_eq!(
            scaled(-15, 1).as_deref(),
            Some("1969-12-31 23:59:58.500000000")
        );
        assert_eq!(scaled(i128::MAX, 0), None);
    }

    #[test]
    fn micros_round_trip() {
        for (micros, extra) in [
            (0, 0),
            (-1, 999),
            (1_700_000_000_123_456, 789),
            (i64::MIN, 1),
        ] {
            let timestamp = Timestamp::from_micros(micros, extra);
            if micros != i64::MIN {
                assert_eq!(timestamp.to_micros(), Some((micros, extra)));
            }
            assert_eq!(
                Timestamp::from_parts(timestamp.days(), timestamp.nanos_of_day()),
                timestamp
            );
        }
        let far = Timestamp {
            seconds: i64::MAX / 1_000,
            nanos: 0,
        };
        assert_eq!(far.to_micros(), None);
    }

    #[test]
    fn precision_drops_digits() {
        let timestamp = Timestamp {
            seconds: -5,
            nanos: 123_456_789,
        };
        assert_eq!(timestamp.truncate(3).nanos, 123_000_000);
        assert_eq!(timestamp.truncate(0).nanos, 0);
        assert_eq!(timestamp.truncate(9), timestamp);
    }

    /// Documentation, "Timestamp examples": what one text becomes in each kind of TIMESTAMP.
    #[test]
    fn kinds() {
        let zone = Zone::get("America/Los_Angeles").expect("bundled");
        let check = |text: &str, ntz: &str, utc: &str, minutes: i16| {
            let reading = auto::timestamp(text).expect(text);
            assert_eq!(iso(reading.ntz()), ntz);
            assert_eq!(iso(reading.ltz(&zone)), utc);
            assert_eq!(reading.tz(&zone), (reading.ltz(&zone), minutes));
        };
        check(
            "2024-01-01 16:00:00",
            "2024-01-01 16:00:00.000000000",
            "2024-01-02 00:00:00.000000000",
            -480,
        );
        check(
            "2024-01-02 16:00:00 +00:00",
            "2024-01-02 16:00:00.000000000",
            "2024-01-02 16:00:00.000000000",
            0,
        );
        // Local mean time, 07:52:58 behind UTC.
        let reading = auto::timestamp("1800-01-01 12:00:00").expect("timestamp");
        let (utc, minutes) = reading.tz(&zone);
        assert_eq!(minutes, -472);
        assert_eq!(
            OutputFormats::default()
                .tz
                .to_text(&Moment::Tz(utc, minutes)),
            "1800-01-01 12:00:00.000 -0752"
        );
        // Recorded: an epoch in a string is at UTC whatever the session's zone.
        check(
            "1579046400",
            "2020-01-15 00:00:00.000000000",
            "2020-01-15 00:00:00.000000000",
            0,
        );
    }
}
