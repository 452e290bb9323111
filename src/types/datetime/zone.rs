//! Time zones: the offset of an instant, and of a wall clock.
//!
//! The rules come from `jiff`'s own copy of the IANA database, never from the machine's, so that a result does not depend
//! on where it was computed. A zone is expanded into a table of its transitions once and then shared for good: a lookup is
//! a binary search, and works in the years that `jiff` does not have.
//!
//! Source: Snowflake, "TIMEZONE" (IANA names, case-sensitive). That a wall time which a zone skips moves forward, and one
//! which it has twice is the first, is an assumption.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::tz::{Dst, TimeZone, TimeZoneDatabase};
use parking_lot::RwLock;

use super::Civil;

/// A time zone of the IANA database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Zone(Arc<Table>);

#[derive(Debug)]
struct Table {
    name: String,
    standard_name: String,
    /// In the order of time; the first one has no beginning.
    periods: Vec<Period>,
}

/// A time without changes of the offset.
#[derive(Debug, Clone, Copy)]
struct Period {
    /// First second, UTC.
    start: i64,
    /// First second of the wall clock that belongs to this period.
    wall_start: i64,
    /// Seconds east of UTC.
    offset: i32,
}

/// The calendar repeats after 400 years, and so do the rules of the zones after the last year that is in the database by
/// itself (Morocco's 2087). The table ends 400 years after a year that is surely a regular one.
const REGULAR_FROM: i64 = first_second_of(2100);
const REGULAR_UNTIL: i64 = first_second_of(2500);
const CYCLE: i64 = REGULAR_UNTIL - REGULAR_FROM;

const fn first_second_of(year: i64) -> i64 {
    let past = year - 1;
    (past * 365 + past / 4 - past / 100 + past / 400 - 719_162) * 86_400
}

impl Zone {
    /// The zone of that name, in exactly that spelling.
    pub fn get(name: &str) -> Option<Zone> {
        static ZONES: LazyLock<RwLock<HashMap<String, Zone>>> = LazyLock::new(Default::default);
        static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

        if let Some(zone) = ZONES.read().get(name) {
            return Some(zone.clone());
        }
        let zone = DATABASE.get(name).ok()?;
        // `jiff` finds names in any case, Snowflake does not.
        if zone.iana_name() != Some(name) {
            return None;
        }
        let zone = Zone(Arc::new(Table::new(name, &zone)));
        ZONES.write().insert(name.to_owned(), zone.clone());
        Some(zone)
    }

    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The abbreviation of the zone's standard time, whatever the time of the year: that is what TZD prints.
    pub fn standard_name(&self) -> &str {
        &self.0.standard_name
    }

    /// Seconds east of UTC at an instant, given in seconds since 1970-01-01 UTC.
    pub fn offset_at(&self, utc_seconds: i64) -> i32 {
        self.0.find(utc_seconds, |period| period.start)
    }

    /// Seconds east of UTC that turn a wall clock into an instant.
    pub fn offset_of_wall(&self, wall_seconds: i64) -> i32 {
        self.0.find(wall_seconds, |period| period.wall_start)
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Zone {}

impl Table {
    fn new(name: &str, zone: &TimeZone) -> Table {
        let first = zone.to_offset(Timestamp::MIN).seconds();
        let mut periods = vec![Period {
            start: i64::MIN,
            wall_start: i64::MIN,
            offset: first,
        }];
        let mut before = first;
        for transition in zone.following(Timestamp::MIN) {
            let start = transition.timestamp().as_second();
            if start >= REGULAR_UNTIL {
                break;
            }
            let offset = transition.offset().seconds();
            if offset == before {
                continue;
            }
            periods.push(Period {
                start,
                // The later of the two wall clocks at the change: a time that comes twice is the first one, and a time
                // that is skipped keeps the old offset, which moves it forward by what was skipped.
                wall_start: start + i64::from(offset.max(before)),
                offset,
            });
            before = offset;
        }
        Table {
            name: name.to_owned(),
            standard_name: standard_name(zone),
            periods,
        }
    }

    fn find(&self, seconds: i64, start: fn(&Period) -> i64) -> i32 {
        let seconds = if seconds < REGULAR_UNTIL {
            seconds
        } else {
            REGULAR_FROM + (seconds - REGULAR_FROM) % CYCLE
        };
        // The first period starts before everything.
        let after = self
            .periods
            .partition_point(|period| start(period) <= seconds);
        self.periods[after.saturating_sub(1)].offset
    }
}

/// As `PST`; a zone without a name of its own is spelled `GMT-05:00`. Taken from the winter and summer of a recent year.
fn standard_name(zone: &TimeZone) -> String {
    let seasons = [(2025, 1), (2025, 7)].map(|(year, month)| {
        let days = Civil {
            year,
            month,
            day: 1,
        }
        .days();
        Timestamp::from_second(i64::from(days) * 86_400).unwrap_or(Timestamp::UNIX_EPOCH)
    });
    let standard = seasons
        .into_iter()
        .find(|season| zone.to_offset_info(*season).dst() == Dst::No)
        .unwrap_or(seasons[0]);
    let info = zone.to_offset_info(standard);
    if info.abbreviation().starts_with(['+', '-']) {
        let minutes = info.offset().seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        let minutes = minutes.abs();
        format!("GMT{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    } else {
        info.abbreviation().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::auto;
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::get(name).expect(name)
    }

    fn seconds(text: &str) -> i64 {
        auto::timestamp(text).expect(text).wall.seconds
    }

    /// Documentation of TIMEZONE.
    #[test]
    fn names() {
        for name in [
            "America/Los_Angeles",
            "UTC",
            "Etc/GMT+5",
            "Europe/Warsaw",
            "US/Pacific",
            "GMT",
        ] {
            assert_eq!(zone(name).name(), name);
        }
        for name in [
            "america/los_angeles",
            "utc",
            "Nowhere/Town",
            "",
            "PDT",
            "+05:00",
        ] {
            assert!(Zone::get(name).is_none(), "{name}");
        }
        assert_eq!(zone("America/Los_Angeles").standard_name(), "PST");
        assert_eq!(zone("Europe/Warsaw").standard_name(), "CET");
        assert_eq!(zone("Australia/Sydney").standard_name(), "AEST");
        assert_eq!(zone("UTC").standard_name(), "UTC");
        assert_eq!(zone("Etc/GMT+5").standard_name(), "GMT-05:00");
    }

    /// The IANA database.
    #[test]
    fn instants() {
        let check = |name: &str, utc: &str, expected: i32| {
            assert_eq!(zone(name).offset_at(seconds(utc)), expected, "{name} {utc}");
        };
        check("America/Los_Angeles", "2024-03-10 09:59:59", -8 * 3600);
        check("America/Los_Angeles", "2024-03-10 10:00:00", -7 * 3600);
        check("America/Los_Angeles", "2024-11-03 08:59:59", -7 * 3600);
        check("America/Los_Angeles", "2024-11-03 09:00:00", -8 * 3600);
        check("America/Los_Angeles", "9999-07-01", -7 * 3600);
        check("America/Los_Angeles", "9999-12-31", -8 * 3600);
        check("America/Los_Angeles", "20201-07-15", -7 * 3600);
        check("America/Los_Angeles", "0001-01-01", -28_378);
        check("Asia/Kolkata", "2024-01-01", 19_800);
        check("UTC", "2024-01-01", 0);
    }

    /// Assumption: see the module.
    #[test]
    fn wall_clocks() {
        let check = |name: &str, wall: &str, expected: i32| {
            assert_eq!(
                zone(name).offset_of_wall(seconds(wall)),
                expected,
                "{name} {wall}"
            );
        };
        check("America/Los_Angeles", "2024-03-10 01:59:59", -8 * 3600);
        // Skipped: 02:30 -0800 is 03:30 -0700.
        check("America/Los_Angeles", "2024-03-10 02:30:00", -8 * 3600);
        check("America/Los_Angeles", "2024-03-10 03:00:00", -7 * 3600);
        check("America/Los_Angeles", "2024-11-03 00:59:59", -7 * 3600);
        // Twice: the first.
        check("America/Los_Angeles", "2024-11-03 01:30:00", -7 * 3600);
        check("America/Los_Angeles", "2024-11-03 02:00:00", -8 * 3600);
        check("America/Los_Angeles", "20201-07-15", -7 * 3600);
    }

    /// Property: the table agrees with `jiff` in both directions wherever `jiff` can be asked.
    #[test]
    fn agrees_with_jiff() {
        for name in [
            "America/Los_Angeles",
            "Europe/Dublin",
            "Africa/Casablanca",
            "Australia/Lord_Howe",
            "Pacific/Apia",
        ] {
            let zone = zone(name);
            let other = TimeZoneDatabase::bundled().get(name).expect(name);
            for index in 0..40_000_i64 {
                let utc = first_second_of(1850) + index * 311_737;
                let instant = Timestamp::from_second(utc).expect("in range");
                assert_eq!(
                    zone.offset_at(utc),
                    other.to_offset(instant).seconds(),
                    "{name} {instant}"
                );
                let wall = jiff::tz::Offset::UTC.to_datetime(instant);
                let instant = other
                    .to_ambiguous_timestamp(wall)
                    .compatible()
                    .expect("in range");
                assert_eq!(
                    utc - i64::from(zone.offset_of_wall(utc)),
                    instant.as_second(),
                    "{name} {wall}"
                );
            }
        }
    }
}
