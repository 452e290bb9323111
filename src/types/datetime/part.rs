//! The words for parts of dates and times: units that are added, counted and truncated to, and components that are read.
//!
//! The two vocabularies differ, as recorded from a live account: `weekofyear`, `woy` and `wy` name a component and no unit;
//! milli- and microseconds are units and no components.
//!
//! Source: Snowflake, "Date & time functions", "Supported date and time parts".

/// A unit of DATEADD, DATEDIFF, DATE_TRUNC, LAST_DAY, TIME_SLICE and of interval constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    /// Truncation only: the week from Monday, whatever WEEK_START says.
    WeekIso,
    /// Truncation only: the year of ISO weeks.
    YearIso,
}

/// A component that DATE_PART and EXTRACT read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    Year,
    Quarter,
    Month,
    Week,
    WeekIso,
    Day,
    DayOfWeek,
    DayOfWeekIso,
    DayOfYear,
    YearOfWeek,
    YearOfWeekIso,
    Hour,
    Minute,
    Second,
    Nanosecond,
    EpochSecond,
    EpochMillisecond,
    EpochMicrosecond,
    EpochNanosecond,
    TimezoneHour,
    TimezoneMinute,
}

const UNITS: &[(Unit, &[&str])] = &[
    (Unit::Year, YEAR),
    (Unit::Quarter, QUARTER),
    (Unit::Month, MONTH),
    (Unit::Week, &["week", "w", "wk", "weeks"]),
    (Unit::Day, DAY),
    (Unit::Hour, HOUR),
    (Unit::Minute, MINUTE),
    (Unit::Second, SECOND),
    (
        Unit::Millisecond,
        &["millisecond", "ms", "msec", "msecs", "milliseconds"],
    ),
    (
        Unit::Microsecond,
        &["microsecond", "us", "usec", "usecs", "microseconds"],
    ),
    (Unit::Nanosecond, NANOSECOND),
    (
        Unit::WeekIso,
        &["week_iso", "weekiso", "weekofyeariso", "weekofyear_iso"],
    ),
    (Unit::YearIso, &["yearofweekiso", "yearofweek_iso"]),
];

const COMPONENTS: &[(Component, &[&str])] = &[
    (Component::Year, YEAR),
    (Component::Quarter, QUARTER),
    (Component::Month, MONTH),
    (
        Component::Week,
        &["week", "w", "wk", "weeks", "weekofyear", "woy", "wy"],
    ),
    (
        Component::WeekIso,
        &["week_iso", "weekiso", "weekofyeariso", "weekofyear_iso"],
    ),
    (Component::Day, DAY),
    (Component::DayOfWeek, &["dayofweek", "weekday", "dow", "dw"]),
    (
        Component::DayOfWeekIso,
        &[
            "dayofweek_iso",
            "dayofweekiso",
            "weekday_iso",
            "dow_iso",
            "dw_iso",
        ],
    ),
    (Component::DayOfYear, &["dayofyear", "yearday", "doy", "dy"]),
    (Component::YearOfWeek, &["yearofweek"]),
    (
        Component::YearOfWeekIso,
        &["yearofweekiso", "yearofweek_iso"],
    ),
    (Component::Hour, HOUR),
    (Component::Minute, MINUTE),
    (Component::Second, SECOND),
    (Component::Nanosecond, NANOSECOND),
    (
        Component::EpochSecond,
        &["epoch_second", "epoch", "epoch_seconds"],
    ),
    (
        Component::EpochMillisecond,
        &["epoch_millisecond", "epoch_milliseconds"],
    ),
    (
        Component::EpochMicrosecond,
        &["epoch_microsecond", "epoch_microseconds"],
    ),
    (
        Component::EpochNanosecond,
        &["epoch_nanosecond", "epoch_nanoseconds"],
    ),
    (Component::TimezoneHour, &["timezone_hour", "tzh"]),
    (Component::TimezoneMinute, &["timezone_minute", "tzm"]),
];

const YEAR: &[&str] = &["year", "y", "yy", "yyy", "yyyy", "yr", "years", "yrs"];
const QUARTER: &[&str] = &["quarter", "q", "qtr", "qtrs", "quarters"];
const MONTH: &[&str] = &["month", "mm", "mon", "mons", "months"];
const DAY: &[&str] = &["day", "d", "dd", "days", "dayofmonth"];
const HOUR: &[&str] = &["hour", "h", "hh", "hr", "hours", "hrs"];
const MINUTE: &[&str] = &["minute", "m", "mi", "min", "minutes", "mins"];
const SECOND: &[&str] = &["second", "s", "sec", "seconds", "secs"];
const NANOSECOND: &[&str] = &[
    "nanosecond",
    "ns",
    "nsec",
    "nsecs",
    "nanosec",
    "nanosecs",
    "nsecond",
    "nseconds",
    "nanoseconds",
];

fn find<T: Copy>(table: &[(T, &[&str])], word: &str) -> Option<T> {
    table
        .iter()
        .find(|(_, words)| words.iter().any(|known| known.eq_ignore_ascii_case(word)))
        .map(|(value, _)| *value)
}

impl Unit {
    /// The unit of this name, in any case.
    pub fn named(word: &str) -> Option<Unit> {
        find(UNITS, word)
    }

    /// As DATE_TRUNC would call it.
    pub fn name(self) -> &'static str {
        UNITS
            .iter()
            .find(|(unit, _)| *unit == self)
            .map_or("", |(_, words)| words[0])
    }

    /// A number for the engine's functions.
    pub fn code(self) -> i64 {
        UNITS
            .iter()
            .position(|(unit, _)| *unit == self)
            .map_or(0, |index| index as i64)
    }

    pub fn from_code(code: i64) -> Option<Unit> {
        let (unit, _) = UNITS.get(usize::try_from(code).ok()?)?;
        Some(*unit)
    }

    /// Whether it is a whole number of days on every clock, so that a date has it and a time does not.
    pub fn has_days(self) -> bool {
        matches!(
            self,
            Unit::Year
                | Unit::Quarter
                | Unit::Month
                | Unit::Week
                | Unit::Day
                | Unit::WeekIso
                | Unit::YearIso
        )
    }

    /// Whether it can be added and counted.
    pub fn is_span(self) -> bool {
        !matches!(self, Unit::WeekIso | Unit::YearIso)
    }
}

impl Component {
    /// The component of this name, in any case.
    pub fn named(word: &str) -> Option<Component> {
        find(COMPONENTS, word)
    }

    /// A number for the engine's functions.
    pub fn code(self) -> i64 {
        COMPONENTS
            .iter()
            .position(|(component, _)| *component == self)
            .map_or(0, |index| index as i64)
    }

    pub fn from_code(code: i64) -> Option<Component> {
        let (component, _) = COMPONENTS.get(usize::try_from(code).ok()?)?;
        Some(*component)
    }

    /// Whether a TIME has it.
    pub fn is_of_time(self) -> bool {
        matches!(
            self,
            Component::Hour | Component::Minute | Component::Second | Component::Nanosecond
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded: the two vocabularies.
    #[test]
    fn words() {
        assert_eq!(Unit::named("MM"), Some(Unit::Month));
        assert_eq!(Unit::named("m"), Some(Unit::Minute));
        assert_eq!(Unit::named("ms"), Some(Unit::Millisecond));
        for word in [
            "woy",
            "wy",
            "weekofyear",
            "dayofweek",
            "ss",
            "wks",
            "zz",
            "",
        ] {
            assert_eq!(Unit::named(word), None, "{word}");
        }
        assert_eq!(Component::named("woy"), Some(Component::Week));
        assert_eq!(Component::named("DOW_ISO"), Some(Component::DayOfWeekIso));
        for word in ["ms", "us", "millisecond", "isodow", "wks", "ss"] {
            assert_eq!(Component::named(word), None, "{word}");
        }
    }

    #[test]
    fn codes_come_back() {
        for (unit, _) in UNITS {
            assert_eq!(Unit::from_code(unit.code()), Some(*unit));
        }
        for (component, _) in COMPONENTS {
            assert_eq!(Component::from_code(component.code()), Some(*component));
        }
        assert_eq!(Unit::from_code(-1), None);
    }
}
