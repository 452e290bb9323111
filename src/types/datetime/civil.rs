//! The proleptic Gregorian calendar: years, months and days to days since 1970-01-01 and back.
//!
//! Own arithmetic rather than `jiff`'s, because Snowflake accepts and prints years that `jiff` cannot hold
//! (`'999999-12-31'::DATE`). Source of the calendar: Snowflake, "Date & time data types", "Supported calendar".

/// The largest year that text can name. Snowflake was seen to accept this one; nothing larger is on record.
pub const MAX_YEAR: i32 = 999_999;

/// A day of the calendar. Year 0 is the year before year 1, as in ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Civil {
    pub year: i32,
    /// 1-12
    pub month: u8,
    /// 1-31
    pub day: u8,
}

impl Civil {
    /// The day, if the calendar has it.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Civil> {
        let exists = year.unsigned_abs() <= MAX_YEAR as u32
            && (1..=12).contains(&month)
            && day >= 1
            && (day <= 28 || day <= days_in_month(year, month));
        exists.then_some(Civil { year, month, day })
    }

    /// The day that is `days` after 1970-01-01.
    pub fn from_days(days: i32) -> Civil {
        // Years start in March here, so that the leap day is the last of its year; an era is 400 years.
        let shifted = i64::from(days) + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097) as u32;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let month = if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        };
        Civil {
            year: (era * 400) as i32 + year_of_era as i32 + i32::from(month <= 2),
            month: month as u8,
            day: (day_of_year - (153 * march_month + 2) / 5 + 1) as u8,
        }
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i32 {
        // Counted from March of a year before all others, a multiple of 400, so that nothing is negative.
        const FIRST: i32 = 15_000 * 400;
        const FIRST_DAYS: i64 = 15_000 * 146_097 + 719_468;
        let (year, month) = if self.month > 2 {
            (self.year, u32::from(self.month) - 3)
        } else {
            (self.year - 1, u32::from(self.month) + 9)
        };
        let year = (year + FIRST) as u32;
        let leap_days = year / 4 - year / 100 + year / 400;
        let day_of_year = (153 * month + 2) / 5 + u32::from(self.day) - 1;
        (i64::from(year) * 365 + i64::from(leap_days + day_of_year) - FIRST_DAYS) as i32
    }
}

pub fn is_leap_year(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of a month of 1-12.
pub fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 => 28 + u8::from(is_leap_year(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// 0 is Sunday, 6 is Saturday.
pub fn weekday(days: i32) -> u8 {
    // 1970-01-01 was a Thursday.
    (i64::from(days) + 4).rem_euclid(7) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(days: i32, year: i32, month: u8, day: u8) {
        let civil = Civil { year, month, day };
        assert_eq!(Civil::from_days(days), civil, "from {days}");
        assert_eq!(civil.days(), days, "from {civil:?}");
        assert_eq!(Civil::new(year, month, day), Some(civil));
    }

    #[test]
    fn known_days() {
        check(0, 1970, 1, 1);
        check(-1, 1969, 12, 31);
        check(19_782, 2024, 2, 29);
        check(2_932_896, 9999, 12, 31);
        check(-719_162, 1, 1, 1);
        check(-719_528, 0, 1, 1);
    }

    #[test]
    fn days_that_do_not_exist() {
        for (year, month, day) in [
            (2023, 2, 29),
            (1900, 2, 29),
            (2024, 4, 31),
            (2024, 0, 1),
            (2024, 13, 1),
            (2024, 1, 0),
            (2024, 1, 32),
            (MAX_YEAR + 1, 1, 1),
        ] {
            assert_eq!(Civil::new(year, month, day), None, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn the_engines_last_days_survive() {
        for days in [i32::MIN, i32::MIN + 1, i32::MAX - 1, i32::MAX] {
            assert_eq!(Civil::from_days(days).days(), days);
        }
    }

    /// Property: every day of four centuries, and a stride over the whole range, survives the round trip, agrees with
    /// `jiff` where `jiff` has it, and follows the day before.
    #[test]
    fn round_trips() {
        let epoch = jiff::civil::date(1970, 1, 1);
        let dense = Civil {
            year: 1800,
            month: 1,
            day: 1,
        }
        .days()..Civil {
            year: 2200,
            month: 1,
            day: 1,
        }
        .days();
        let edge = Civil {
            year: -MAX_YEAR,
            month: 1,
            day: 1,
        }
        .days()..Civil {
            year: MAX_YEAR,
            month: 12,
            day: 31,
        }
        .days();
        for days in dense.chain(edge.step_by(7_919)) {
            let civil = Civil::from_days(days);
            assert_eq!(civil.days(), days);
            assert_eq!(Civil::new(civil.year, civil.month, civil.day), Some(civil));
            assert!(Civil::from_days(days - 1) < civil);
            if (-9_000..=9_999).contains(&civil.year) {
                let other =
                    jiff::civil::date(civil.year as i16, civil.month as i8, civil.day as i8);
                assert_eq!(
                    other.since(epoch).map(|span| span.get_days()).ok(),
                    Some(days)
                );
                assert_eq!(
                    i64::from(other.weekday().to_sunday_zero_offset()),
                    i64::from(weekday(days))
                );
            }
        }
    }
}
