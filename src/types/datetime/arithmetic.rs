//! Calendar arithmetic: adding, counting and truncating by units, slices, and the components of a moment.
//!
//! Everything works on a wall clock (or on UTC where the caller says so): a [`Timestamp`], a DATE in days, a TIME in
//! nanoseconds. Zones are the caller's business.
//!
//! Sources: Snowflake, "DATEADD", "DATEDIFF", "DATE_TRUNC", "TIME_SLICE", "MONTHS_BETWEEN", "Calendar weeks and weekdays";
//! what overflows and how as recorded from a live account.

use super::civil::{Civil, days_in_month, weekday};
use super::part::{Component, Unit};
use super::{NANOS_PER_DAY, NANOS_PER_SECOND, SECONDS_PER_DAY, Timestamp};

/// Why an addition has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddError {
    /// The amount does not fit 32 bits, which units of an hour and longer demand.
    Amount,
    /// The result lies outside of what a value can hold.
    Result,
}

/// How weeks are cut: WEEK_START (0 to 7) and WEEK_OF_YEAR_POLICY (0 or 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weeks {
    pub start: u8,
    pub policy: u8,
}

impl Weeks {
    pub const ISO: Weeks = Weeks {
        start: 0,
        policy: 0,
    };

    /// Both parameters in one number, for the engine's functions.
    pub fn code(self) -> i64 {
        i64::from(self.start) * 2 + i64::from(self.policy & 1)
    }

    pub fn from_code(code: i64) -> Weeks {
        Weeks {
            start: (code / 2).clamp(0, 7) as u8,
            policy: (code & 1) as u8,
        }
    }

    /// 1 to 7, Monday is 1: the day that weeks begin with.
    fn first_day(self) -> i64 {
        i64::from(self.start.max(1))
    }

    /// The first day of the week of a day.
    fn first_of(self, days: i32) -> i32 {
        days - self.place(days)
    }

    /// How many days of its week lie before a day.
    fn place(self, days: i32) -> i32 {
        (i64::from(weekday(days)) - self.first_day()).rem_euclid(7) as i32
    }

    /// The year and the number of the week of a day.
    pub fn week_of(self, days: i32) -> (i32, i32) {
        let year = Civil::from_days(days).year;
        if self.policy == 1 {
            let first = first_of_year(year);
            return (year, (self.first_of(days) - self.first_of(first)) / 7 + 1);
        }
        // A week belongs to the year of its fourth day.
        let first = self.first_of(days);
        let year = Civil::from_days(first + 3).year;
        (year, (first + 3 - first_of_year(year)) / 7 + 1)
    }

    /// The first day of the year of weeks that a day is in.
    fn first_of_week_year(self, days: i32) -> i32 {
        let (year, _) = self.week_of(days);
        self.first_of(first_of_year(year) + 3)
    }
}

fn first_of_year(year: i32) -> i32 {
    Civil {
        year,
        month: 1,
        day: 1,
    }
    .days()
}

/// The years whose days a DATE counts in 32 bits.
const YEARS: std::ops::RangeInclusive<i64> = -5_877_000..=5_881_579;

/// The day `months` later; a day that the month does not have becomes its last.
pub fn add_months(days: i32, months: i64) -> Option<i32> {
    let date = Civil::from_days(days);
    let month = i64::from(date.year) * 12 + i64::from(date.month) - 1 + months;
    let year = month.div_euclid(12);
    if !YEARS.contains(&year) {
        return None;
    }
    let (year, month) = (year as i32, month.rem_euclid(12) as u8 + 1);
    let day = date.day.min(days_in_month(year, month));
    Some(Civil { year, month, day }.days())
}

/// As `add_months`, but the last day of a month stays the last day (ADD_MONTHS).
pub fn add_months_from_end(days: i32, months: i64) -> Option<i32> {
    let date = Civil::from_days(days);
    let moved = add_months(days, months)?;
    if date.day == days_in_month(date.year, date.month) {
        let moved = Civil::from_days(moved);
        let day = days_in_month(moved.year, moved.month);
        return Some(Civil { day, ..moved }.days());
    }
    Some(moved)
}

/// A year, month and day that may lie outside of their ranges: they roll over.
pub fn days_of_parts(year: i64, month: i64, day: i64) -> Option<i32> {
    let months = year.checked_mul(12)?.checked_add(month.checked_sub(1)?)?;
    let year = months.div_euclid(12);
    if !YEARS.contains(&year) {
        return None;
    }
    let first = Civil {
        year: year as i32,
        month: months.rem_euclid(12) as u8 + 1,
        day: 1,
    };
    let days = i64::from(first.days()).checked_add(day.checked_sub(1)?)?;
    i32::try_from(days).ok()
}

/// Months of a unit, as it is multiplied: in 32 bits, where it wraps.
fn months_of(unit: Unit, amount: i32) -> Option<i32> {
    Some(match unit {
        Unit::Year => amount.wrapping_mul(12),
        Unit::Quarter => amount.wrapping_mul(3),
        Unit::Month => amount,
        _ => return None,
    })
}

/// A DATE and a number of years, quarters, months, weeks or days.
pub fn add_to_date(unit: Unit, amount: i64, days: i32) -> Result<i32, AddError> {
    let amount = i32::try_from(amount).map_err(|_| AddError::Amount)?;
    if let Some(months) = months_of(unit, amount) {
        return add_months(days, months.into()).ok_or(AddError::Result);
    }
    let added = match unit {
        Unit::Week => amount.wrapping_mul(7),
        _ => amount,
    };
    days.checked_add(added).ok_or(AddError::Result)
}

/// A TIME and a number of hours or less: it goes round the clock.
pub fn add_to_time(unit: Unit, amount: i64, nanos: i64) -> Result<i64, AddError> {
    if unit == Unit::Hour && i32::try_from(amount).is_err() {
        return Err(AddError::Amount);
    }
    let moved = i128::from(nanos) + i128::from(amount) * i128::from(nanos_of(unit));
    Ok(moved.rem_euclid(NANOS_PER_DAY.into()) as i64)
}

/// Nanoseconds of an hour or a shorter unit.
fn nanos_of(unit: Unit) -> i64 {
    match unit {
        Unit::Hour => 3_600 * NANOS_PER_SECOND,
        Unit::Minute => 60 * NANOS_PER_SECOND,
        Unit::Second => NANOS_PER_SECOND,
        Unit::Millisecond => 1_000_000,
        Unit::Microsecond => 1_000,
        Unit::Nanosecond => 1,
        _ => NANOS_PER_DAY,
    }
}

/// A TIMESTAMP and a number of units.
pub fn add(unit: Unit, amount: i64, at: Timestamp) -> Result<Timestamp, AddError> {
    if unit.has_days() {
        let amount = i32::try_from(amount).map_err(|_| AddError::Amount)?;
        if let Some(months) = months_of(unit, amount) {
            let days = add_months(days_of(at)?, months.into()).ok_or(AddError::Result)?;
            return Ok(Timestamp::from_parts(days, at.nanos_of_day()));
        }
        let days = match unit {
            Unit::Week => amount.wrapping_mul(7),
            _ => amount,
        };
        return moved(at, i64::from(days) * SECONDS_PER_DAY);
    }
    match unit {
        Unit::Hour => {
            let amount = i32::try_from(amount).map_err(|_| AddError::Amount)?;
            moved(at, i64::from(amount) * 3_600)
        }
        Unit::Minute => Ok(Timestamp {
            seconds: at.seconds.wrapping_add(amount.wrapping_mul(60)),
            ..at
        }),
        Unit::Second => Ok(Timestamp {
            seconds: at.seconds.wrapping_add(amount),
            ..at
        }),
        _ => {
            let nanos = nanos_of(unit);
            let per_second = NANOS_PER_SECOND / nanos;
            let fraction = i64::from(at.nanos) + amount.rem_euclid(per_second) * nanos;
            let seconds = amount.div_euclid(per_second) + fraction / NANOS_PER_SECOND;
            moved(
                Timestamp {
                    seconds: at.seconds,
                    nanos: (fraction % NANOS_PER_SECOND) as u32,
                },
                seconds,
            )
        }
    }
}

fn moved(at: Timestamp, seconds: i64) -> Result<Timestamp, AddError> {
    let seconds = at.seconds.checked_add(seconds).ok_or(AddError::Result)?;
    Ok(Timestamp { seconds, ..at })
}

fn days_of(at: Timestamp) -> Result<i32, AddError> {
    i32::try_from(at.seconds.div_euclid(SECONDS_PER_DAY)).map_err(|_| AddError::Result)
}

/// How many borders of the unit lie between two dates.
pub fn difference_of_dates(unit: Unit, from: i32, to: i32, weeks: Weeks) -> i64 {
    let month = |days| {
        let date = Civil::from_days(days);
        i64::from(date.year) * 12 + i64::from(date.month) - 1
    };
    match unit {
        Unit::Year | Unit::YearIso => {
            i64::from(Civil::from_days(to).year) - i64::from(Civil::from_days(from).year)
        }
        Unit::Quarter => month(to).div_euclid(3) - month(from).div_euclid(3),
        Unit::Month => month(to) - month(from),
        Unit::Week | Unit::WeekIso => {
            (i64::from(weeks.first_of(to)) - i64::from(weeks.first_of(from))) / 7
        }
        Unit::Day => i64::from(to) - i64::from(from),
        _ => (i64::from(to) - i64::from(from)).saturating_mul(NANOS_PER_DAY / nanos_of(unit)),
    }
}

/// How many borders of the unit lie between two times of day.
pub fn difference_of_times(unit: Unit, from: i64, to: i64) -> i64 {
    let nanos = nanos_of(unit);
    to.div_euclid(nanos) - from.div_euclid(nanos)
}

/// How many borders of the unit lie between two timestamps of one clock.
pub fn difference(unit: Unit, from: Timestamp, to: Timestamp, weeks: Weeks) -> i128 {
    if unit.has_days() {
        return difference_of_dates(unit, from.days(), to.days(), weeks).into();
    }
    let nanos = i128::from(nanos_of(unit));
    let count = |at: Timestamp| {
        (i128::from(at.seconds) * i128::from(NANOS_PER_SECOND) + i128::from(at.nanos))
            .div_euclid(nanos)
    };
    count(to) - count(from)
}

/// The first day of the unit that a day is in; units shorter than a day leave it alone.
pub fn truncate_date(unit: Unit, days: i32, weeks: Weeks) -> i32 {
    let date = Civil::from_days(days);
    match unit {
        Unit::Year => first_of_year(date.year),
        Unit::Quarter => Civil {
            month: (date.month - 1) / 3 * 3 + 1,
            day: 1,
            ..date
        }
        .days(),
        Unit::Month => days - i32::from(date.day) + 1,
        Unit::Week => weeks.first_of(days),
        Unit::WeekIso => Weeks::ISO.first_of(days),
        Unit::YearIso => Weeks::ISO.first_of_week_year(days),
        _ => days,
    }
}

/// A TIME at the beginning of its hour or shorter unit.
pub fn truncate_time(unit: Unit, nanos: i64) -> i64 {
    nanos - nanos.rem_euclid(nanos_of(unit))
}

/// A TIMESTAMP at the beginning of the unit that it is in.
pub fn truncate(unit: Unit, at: Timestamp, weeks: Weeks) -> Timestamp {
    if unit.has_days() {
        Timestamp::from_parts(truncate_date(unit, at.days(), weeks), 0)
    } else {
        Timestamp::from_parts(at.days(), truncate_time(unit, at.nanos_of_day()))
    }
}

/// The last day of the year, quarter, month or week that a day is in.
pub fn last_day(unit: Unit, days: i32, weeks: Weeks) -> Option<i32> {
    let first = truncate_date(unit, days, weeks);
    let next = match unit {
        Unit::Year => add_months(first, 12)?,
        Unit::Quarter => add_months(first, 3)?,
        Unit::Month => add_months(first, 1)?,
        Unit::Week | Unit::WeekIso => first.checked_add(7)?,
        // The ISO year has 52 or 53 weeks; its end is where the year of a day 53 weeks on begins.
        Unit::YearIso => Weeks::ISO.first_of_week_year(first.checked_add(371)?),
        _ => first.checked_add(1)?,
    };
    Some(next - 1)
}

/// Where the slice of `length` units that `at` is in begins (or ends, which is where the next one begins). Slices are
/// counted from 1970-01-01, those of weeks from the beginning of its week.
pub fn slice(unit: Unit, length: i64, at: Timestamp, weeks: Weeks, end: bool) -> Option<Timestamp> {
    let index = |count: i64| count.div_euclid(length).checked_add(i64::from(end));
    let months = match unit {
        Unit::Year => Some(12),
        Unit::Quarter => Some(3),
        Unit::Month => Some(1),
        _ => None,
    };
    if let Some(months) = months {
        let count = difference_of_dates(Unit::Month, 0, at.days(), weeks).div_euclid(months);
        let days = add_months(0, index(count)?.checked_mul(length)?.checked_mul(months)?)?;
        return Some(Timestamp::from_parts(days, 0));
    }
    let (origin, seconds) = match unit {
        Unit::Week => (
            i64::from(weeks.first_of(0)) * SECONDS_PER_DAY,
            7 * SECONDS_PER_DAY,
        ),
        Unit::Day => (0, SECONDS_PER_DAY),
        Unit::Hour => (0, 3_600),
        Unit::Minute => (0, 60),
        _ => (0, 1),
    };
    let count = at.seconds.checked_sub(origin)?.div_euclid(seconds);
    let seconds = index(count)?.checked_mul(length)?.checked_mul(seconds)?;
    Some(Timestamp {
        seconds: seconds.checked_add(origin)?,
        nanos: 0,
    })
}

/// Months from `b` to `a` in millionths: the days of a month count as 31sts, unless both are the same day of the month or
/// both the last one.
pub fn months_between(a: Timestamp, b: Timestamp) -> i128 {
    let (x, y) = (Civil::from_days(a.days()), Civil::from_days(b.days()));
    let months =
        (i128::from(x.year) - i128::from(y.year)) * 12 + i128::from(x.month) - i128::from(y.month);
    let is_last = |date: Civil| date.day == days_in_month(date.year, date.month);
    if x.day == y.day || is_last(x) && is_last(y) {
        return months * 1_000_000;
    }
    let nanos = |date: Civil, at: Timestamp| {
        i128::from(date.day) * i128::from(NANOS_PER_DAY) + i128::from(at.nanos_of_day())
    };
    let difference = nanos(x, a) - nanos(y, b);
    let whole = i128::from(NANOS_PER_DAY) * 31;
    // Of one sign with the whole months or not, the sum is rounded once, half away from zero.
    let total = (months * whole + difference) * 1_000_000;
    let half = if total < 0 { -whole / 2 } else { whole / 2 };
    (total + half) / whole
}

/// The next (or last) day of the week `target` (0 is Sunday) after (or before) a day.
pub fn next_day(days: i32, target: u8) -> Option<i32> {
    let ahead = (i64::from(target) - i64::from(weekday(days)) + 6).rem_euclid(7) + 1;
    days.checked_add(ahead as i32)
}

/// See [`next_day`].
pub fn previous_day(days: i32, target: u8) -> Option<i32> {
    let back = (i64::from(weekday(days)) - i64::from(target) + 6).rem_euclid(7) + 1;
    days.checked_sub(back as i32)
}

/// The day of the week (0 is Sunday) that a text begins with: two letters count.
pub fn weekday_named(text: &str) -> Option<u8> {
    const NAMES: [&[u8; 2]; 7] = [b"SU", b"MO", b"TU", b"WE", b"TH", b"FR", b"SA"];
    let first = text.trim_start_matches(' ').as_bytes().first_chunk::<2>()?;
    let place = NAMES
        .iter()
        .position(|name| name.eq_ignore_ascii_case(first))?;
    Some(place as u8)
}

/// A component of a date.
pub fn component_of_date(component: Component, days: i32, weeks: Weeks) -> i64 {
    let date = Civil::from_days(days);
    match component {
        Component::Year => date.year.into(),
        Component::Quarter => i64::from((date.month - 1) / 3 + 1),
        Component::Month => date.month.into(),
        Component::Week => weeks.week_of(days).1.into(),
        Component::WeekIso => Weeks::ISO.week_of(days).1.into(),
        Component::Day => date.day.into(),
        Component::DayOfWeek if weeks.start == 0 => weekday(days).into(),
        Component::DayOfWeek => i64::from(weeks.place(days)) + 1,
        Component::DayOfWeekIso => i64::from(Weeks::ISO.place(days)) + 1,
        Component::DayOfYear => i64::from(days - first_of_year(date.year)) + 1,
        Component::YearOfWeek => weeks.week_of(days).0.into(),
        Component::YearOfWeekIso => Weeks::ISO.week_of(days).0.into(),
        Component::EpochSecond => i64::from(days) * SECONDS_PER_DAY,
        _ => 0,
    }
}

/// A component of a time of day.
pub fn component_of_time(component: Component, nanos: i64) -> i64 {
    let seconds = nanos / NANOS_PER_SECOND;
    match component {
        Component::Hour => seconds / 3_600,
        Component::Minute => seconds / 60 % 60,
        Component::Second => seconds % 60,
        Component::Nanosecond => nanos % NANOS_PER_SECOND,
        _ => 0,
    }
}

/// A component of a wall clock that is `offset` seconds ahead of UTC.
pub fn component(component: Component, wall: Timestamp, offset: i32, weeks: Weeks) -> i128 {
    let utc = wall.plus_seconds(-i64::from(offset));
    let epoch = |units: i128| {
        i128::from(utc.seconds) * units + i128::from(utc.nanos) / (1_000_000_000 / units)
    };
    match component {
        Component::EpochSecond => epoch(1),
        Component::EpochMillisecond => epoch(1_000),
        Component::EpochMicrosecond => epoch(1_000_000),
        Component::EpochNanosecond => epoch(1_000_000_000),
        Component::TimezoneHour => i128::from(offset / 3_600),
        Component::TimezoneMinute => i128::from(offset / 60 % 60),
        Component::Hour | Component::Minute | Component::Second | Component::Nanosecond => {
            component_of_time(component, wall.nanos_of_day()).into()
        }
        _ => component_of_date(component, wall.days(), weeks).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, Moment, auto};
    use super::*;

    fn at(text: &str) -> Timestamp {
        auto::timestamp(text).expect(text).wall
    }

    fn day(text: &str) -> i32 {
        auto::date(text).expect(text)
    }

    fn shown(at: Timestamp) -> String {
        Format::new("YYYY-MM-DD HH24:MI:SS.FF9").to_text(&Moment::Ntz(at))
    }

    fn date(days: i32) -> String {
        Format::new("YYYY-MM-DD").to_text(&Moment::Date(days))
    }

    /// Recorded: amounts at the borders of 32 and 64 bits.
    #[test]
    fn additions() {
        let add_day = |unit, amount| add_to_date(unit, amount, day("2024-01-15")).map(date);
        let check = |unit, amount, expected: &str| {
            assert_eq!(add_day(unit, amount).as_deref(), Ok(expected), "{unit:?}");
        };
        check(Unit::Day, 2_147_463_000 - 2_147_462_999, "2024-01-16");
        check(Unit::Year, 2_147_483_647, "2023-01-15");
        check(Unit::Year, 100, "2124-01-15");
        check(Unit::Quarter, 5, "2025-04-15");
        check(Unit::Week, 3, "2024-02-05");
        assert_eq!(add_day(Unit::Day, 2_147_483_648), Err(AddError::Amount));
        assert_eq!(
            add_to_date(Unit::Month, 1, day("2023-01-31"))
                .map(date)
                .as_deref(),
            Ok("2023-02-28")
        );

        let check = |unit, amount, expected: &str| {
            let sum = add(unit, amount, at("2024-01-15 10:00:00"));
            assert_eq!(sum.map(shown).as_deref(), Ok(expected), "{unit:?} {amount}");
        };
        check(
            Unit::Millisecond,
            10_000_000_000_000,
            "2340-12-05 03:46:40.000000000",
        );
        check(Unit::Nanosecond, i64::MAX, "2316-04-26 09:47:16.854775807");
        check(Unit::Nanosecond, i64::MIN, "1731-10-06 10:12:43.145224192");
        check(Unit::Minute, i64::MAX, "2024-01-15 09:59:00.000000000");
        check(Unit::Minute, i64::MIN, "2024-01-15 10:00:00.000000000");
        check(Unit::Second, 2_147_483_648, "2092-02-02 13:14:08.000000000");
        check(Unit::Minute, 2_147_483_648, "6107-02-07 12:08:00.000000000");
        assert_eq!(
            add(Unit::Hour, 2_147_483_648, at("2024-01-15")),
            Err(AddError::Amount)
        );

        let ten = 10 * 3_600 * NANOS_PER_SECOND;
        let check = |unit, amount, expected: &str| {
            let sum = add_to_time(unit, amount, ten)
                .map(|nanos| Format::new("HH24:MI:SS").to_text(&Moment::Time(nanos)));
            assert_eq!(sum.as_deref(), Ok(expected), "{unit:?} {amount}");
        };
        check(Unit::Minute, i64::MAX, "04:07:00");
        check(Unit::Millisecond, i64::MAX, "17:12:55");
        check(Unit::Second, i64::MIN, "18:29:52");
    }

    /// Recorded (AddMonthsTest) and documentation.
    #[test]
    fn months() {
        let check = |from: &str, months, expected: &str| {
            assert_eq!(
                add_months_from_end(day(from), months).map(date).as_deref(),
                Some(expected)
            );
        };
        check("2016-01-15", 1, "2016-02-15");
        check("2016-02-29", 1, "2016-03-31");
        check("2016-03-31", 1, "2016-04-30");
        check("2016-02-29", -1, "2016-01-31");
        let check = |year, month, day, expected: &str| {
            assert_eq!(
                days_of_parts(year, month, day).map(date).as_deref(),
                Some(expected)
            );
        };
        check(1977, 8, 7, "1977-08-07");
        check(2010, 1, 100, "2010-04-10");
        check(2010, 25, 1, "2012-01-01");
        check(2004, 0, 1, "2003-12-01");
        check(2004, -1, 1, "2003-11-01");
        check(2004, 2, -1, "2004-01-30");
        check(2004, -1, -1, "2003-10-30");
    }

    /// Documentation of MONTHS_BETWEEN.
    #[test]
    fn months_apart() {
        let check = |a: &str, b: &str, expected| {
            assert_eq!(months_between(at(a), at(b)), expected, "{a} {b}");
            assert_eq!(months_between(at(b), at(a)), -expected, "{b} {a}");
        };
        check("2019-03-15", "2019-02-15", 1_000_000);
        check("2019-03-31", "2019-02-28", 1_000_000);
        check("2019-03-01", "2019-02-15", 548_387);
        check("2019-03-01 02:00:00", "2019-02-15 01:00:00", 549_731);
        check("2019-02-15 02:00:00", "2019-02-15 01:00:00", 0);
        check("2019-03-30", "2019-02-28", 1_064_516);
        check("2021-03-10", "2021-01-15", 1_838_710);
        check("2021-04-15", "2021-02-28", 1_580_645);
    }

    /// Recorded (DateDiffBoundaryTest) and documentation.
    #[test]
    fn differences() {
        let check = |unit, from: &str, to: &str, expected| {
            assert_eq!(
                difference(unit, at(from), at(to), Weeks::ISO),
                expected,
                "{unit:?} {from} {to}"
            );
        };
        check(Unit::Day, "2026-07-26 23:00:00", "2026-07-27 01:00:00", 1);
        check(Unit::Day, "2026-07-26", "2026-07-26 23:59:59", 0);
        check(Unit::Day, "2026-07-27 01:00:00", "2026-07-26 23:00:00", -1);
        check(Unit::Hour, "2026-07-26 10:59:00", "2026-07-26 11:01:00", 1);
        check(
            Unit::Second,
            "2026-07-26 10:00:00.9",
            "2026-07-26 10:00:01.1",
            1,
        );
        check(Unit::Quarter, "2025-11-30", "2026-10-01", 4);
        check(Unit::Week, "2026-07-25", "2026-07-27", 1);
        check(Unit::Week, "2026-07-20", "2026-07-26", 0);
        check(Unit::Year, "2025-12-31", "2026-01-01", 1);
        check(
            Unit::Nanosecond,
            "1969-12-31 23:59:59.999999999",
            "1970-01-01",
            1,
        );
        let sunday = Weeks {
            start: 7,
            policy: 0,
        };
        let days = |a, b| difference_of_dates(Unit::Week, day(a), day(b), sunday);
        assert_eq!(days("2026-07-25", "2026-07-26"), 1);
    }

    /// Documentation, "Calendar weeks and weekdays".
    #[test]
    fn weeks() {
        let check = |text: &str, start, policy, expected| {
            let weeks = Weeks { start, policy };
            assert_eq!(Weeks::from_code(weeks.code()), weeks);
            assert_eq!(weeks.week_of(day(text)), expected, "{text} {weeks:?}");
        };
        check("2016-12-30", 0, 0, (2016, 52));
        check("2017-01-01", 0, 0, (2016, 52));
        check("2017-01-02", 0, 0, (2017, 1));
        check("2017-12-31", 0, 0, (2017, 52));
        check("2016-12-31", 1, 1, (2016, 53));
        check("2017-01-01", 1, 1, (2017, 1));
        check("2017-01-02", 1, 1, (2017, 2));
        check("2017-12-31", 1, 1, (2017, 53));
        check("2017-01-01", 3, 0, (2016, 53));
        check("2017-01-03", 3, 0, (2016, 53));
        check("2017-01-04", 3, 0, (2017, 1));
    }

    /// Documentation of DATE_TRUNC, LAST_DAY and TIME_SLICE.
    #[test]
    fn truncation() {
        let check = |unit, expected: &str| {
            let cut = truncate(unit, at("2024-05-09 08:50:57.891"), Weeks::ISO);
            assert_eq!(shown(cut), expected, "{unit:?}");
        };
        check(Unit::Year, "2024-01-01 00:00:00.000000000");
        check(Unit::Quarter, "2024-04-01 00:00:00.000000000");
        check(Unit::Month, "2024-05-01 00:00:00.000000000");
        check(Unit::Week, "2024-05-06 00:00:00.000000000");
        check(Unit::Hour, "2024-05-09 08:00:00.000000000");
        check(Unit::Second, "2024-05-09 08:50:57.000000000");
        check(Unit::YearIso, "2024-01-01 00:00:00.000000000");
        let last = |unit, text| last_day(unit, day(text), Weeks::ISO).map(date);
        assert_eq!(
            last(Unit::Month, "2024-02-01").as_deref(),
            Some("2024-02-29")
        );
        assert_eq!(
            last(Unit::Year, "2024-02-01").as_deref(),
            Some("2024-12-31")
        );
        assert_eq!(
            last(Unit::Week, "2016-12-30").as_deref(),
            Some("2017-01-01")
        );
        assert_eq!(
            last(Unit::YearIso, "2024-05-01").as_deref(),
            Some("2024-12-29")
        );

        let slice = |unit, length, text: &str, end| {
            slice(unit, length, at(text), Weeks::ISO, end).map(|at| shown(at)[..19].to_owned())
        };
        let check = |unit, length, text: &str, start: &str, end: &str| {
            assert_eq!(slice(unit, length, text, false).as_deref(), Some(start));
            assert_eq!(slice(unit, length, text, true).as_deref(), Some(end));
        };
        check(
            Unit::Month,
            4,
            "2019-02-28",
            "2019-01-01 00:00:00",
            "2019-05-01 00:00:00",
        );
        check(
            Unit::Hour,
            8,
            "2019-02-28 12:34:56.789",
            "2019-02-28 08:00:00",
            "2019-02-28 16:00:00",
        );
        check(
            Unit::Week,
            2,
            "2018-08-01",
            "2018-07-23 00:00:00",
            "2018-08-06 00:00:00",
        );
        check(
            Unit::Week,
            2,
            "2018-08-25",
            "2018-08-20 00:00:00",
            "2018-09-03 00:00:00",
        );
        check(
            Unit::Year,
            15,
            "1960-02-28",
            "1955-01-01 00:00:00",
            "1970-01-01 00:00:00",
        );
    }

    #[test]
    fn named_days() {
        assert_eq!(weekday_named(" Friday "), Some(5));
        assert_eq!(weekday_named("tu"), Some(2));
        assert_eq!(weekday_named("x"), None);
        let next = |text, target| next_day(day(text), target).map(date);
        assert_eq!(next("2025-05-06", 5).as_deref(), Some("2025-05-09"));
        assert_eq!(next("2025-05-09", 5).as_deref(), Some("2025-05-16"));
        let previous = |text, target| previous_day(day(text), target).map(date);
        assert_eq!(previous("2024-01-05", 1).as_deref(), Some("2024-01-01"));
        assert_eq!(previous("2024-01-01", 1).as_deref(), Some("2023-12-25"));
    }

    /// Recorded (DatePartVocabularyTest).
    #[test]
    fn components() {
        let wall = at("2020-03-04 10:20:30.123456789");
        let check = |name: &str, expected| {
            let wanted = Component::named(name).expect(name);
            assert_eq!(component(wanted, wall, 0, Weeks::ISO), expected, "{name}");
        };
        check("dow", 3);
        check("doy", 64);
        check("week", 10);
        check("nanosecond", 123_456_789);
        check("epoch", 1_583_317_230);
        check("epoch_nanosecond", 1_583_317_230_123_456_789);
        check("timezone_hour", 0);
        let wanted = Component::TimezoneMinute;
        assert_eq!(component(wanted, wall, -34_200, Weeks::ISO), -30);
    }
}
