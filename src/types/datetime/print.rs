//! Printing dates, times and timestamps with a format model.
//!
//! Source: Snowflake, "Date and time input and output formats", "About the elements"; the spelling of years, offsets and
//! zones as recorded from a live account.

use super::format::{Element, Format, Piece};
use super::{Civil, MONTHS, NANOS_PER_SECOND, Timestamp, WEEKDAYS, Zone, civil};

/// A value with all that its text depends on.
#[derive(Debug, Clone, Copy)]
pub enum Moment<'a> {
    /// Days since 1970-01-01.
    Date(i32),
    /// Nanoseconds since midnight.
    Time(i64),
    /// Wall clock.
    Ntz(Timestamp),
    /// UTC, and the session's zone.
    Ltz(Timestamp, &'a Zone),
    /// UTC, and the value's own offset in minutes.
    Tz(Timestamp, i16),
}

impl Moment<'_> {
    /// The wall clock that the text shows: date, nanoseconds of the day, offset in minutes.
    fn wall(&self) -> (i32, i64, i32) {
        let split = |timestamp: Timestamp, offset_seconds: i32| {
            let wall = timestamp.plus_seconds(i64::from(offset_seconds));
            (wall.days(), wall.nanos_of_day(), offset_seconds / 60)
        };
        match *self {
            Moment::Date(days) => (days, 0, 0),
            Moment::Time(nanos) => (0, nanos, 0),
            Moment::Ntz(timestamp) => split(timestamp, 0),
            Moment::Ltz(timestamp, zone) => split(timestamp, zone.offset_at(timestamp.seconds)),
            Moment::Tz(timestamp, minutes) => split(timestamp, i32::from(minutes) * 60),
        }
    }
}

impl Format {
    /// Appends the text of the value.
    pub fn print(&self, moment: &Moment, out: &mut String) {
        let (days, nanos_of_day, offset) = moment.wall();
        let date = Civil::from_days(days);
        let seconds = (nanos_of_day / NANOS_PER_SECOND) as u32;
        let nanos = (nanos_of_day % NANOS_PER_SECOND) as u32;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let hour12 = (hour + 11) % 12 + 1;
        // Years before 1 count backwards from 1, unsigned: the year 0 of ISO 8601 prints as 0001.
        let era_year = if date.year > 0 {
            date.year
        } else {
            1 - date.year
        } as u32;
        out.reserve(32);
        for piece in &self.pieces {
            let element = match piece {
                Piece::Literal(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Element(element) => *element,
            };
            match element {
                Element::Yyyy => push_year(out, era_year),
                Element::Uuuu => {
                    if date.year < 0 {
                        out.push('-');
                    }
                    push_year(out, date.year.unsigned_abs());
                }
                Element::Yy => push_two(out, era_year % 100),
                Element::Y => push_number(out, era_year % 100),
                Element::Mm => push_two(out, u32::from(date.month)),
                Element::Mo => push_number(out, u32::from(date.month)),
                Element::Mon => out.push_str(&MONTHS[usize::from(date.month) - 1][..3]),
                Element::Mmmm => out.push_str(MONTHS[usize::from(date.month) - 1]),
                Element::Dd => push_two(out, u32::from(date.day)),
                Element::D => push_number(out, u32::from(date.day)),
                Element::Dy => out.push_str(&WEEKDAYS[usize::from(civil::weekday(days))][..3]),
                Element::Hh24 => push_two(out, hour),
                Element::H24 => push_number(out, hour),
                Element::Hh12 => push_two(out, hour12),
                Element::H12 => push_number(out, hour12),
                Element::Meridiem => out.push_str(if hour < 12 { "AM" } else { "PM" }),
                Element::MeridiemLetter => out.push(if hour < 12 { 'A' } else { 'P' }),
                Element::Mi => push_two(out, minute),
                Element::Me => push_number(out, minute),
                Element::Ss => push_two(out, second),
                Element::S => push_number(out, second),
                Element::Ff(digits) => push_fraction(out, nanos, digits),
                Element::TzhColonTzm => push_offset(out, offset, Some(":")),
                Element::TzhTzm => push_offset(out, offset, Some("")),
                Element::Tzh => push_offset(out, offset, None),
                Element::Tzd => match moment {
                    Moment::Date(_) | Moment::Time(_) | Moment::Ntz(_) => out.push_str("GMT"),
                    Moment::Ltz(_, zone) => out.push_str(zone.standard_name()),
                    Moment::Tz(_, _) => {
                        out.push_str("GMT");
                        push_signed_offset(out, offset, Some(":"));
                    }
                },
            }
        }
    }

    /// The text of the value.
    pub fn to_text(&self, moment: &Moment) -> String {
        let mut out = String::new();
        self.print(moment, &mut out);
        out
    }
}

/// A session's output formats, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFormats {
    pub date: Format,
    pub time: Format,
    pub ntz: Format,
    pub ltz: Format,
    pub tz: Format,
}

impl OutputFormats {
    /// From the session's parameters. An empty format of LTZ, TZ or NTZ stands for `timestamp`, TIMESTAMP_OUTPUT_FORMAT.
    pub fn new(
        date: &str,
        time: &str,
        timestamp: &str,
        ntz: &str,
        ltz: &str,
        tz: &str,
    ) -> OutputFormats {
        let or_timestamp = |own: &str| Format::new(if own.is_empty() { timestamp } else { own });
        OutputFormats {
            date: Format::new(date),
            time: Format::new(time),
            ntz: or_timestamp(ntz),
            ltz: or_timestamp(ltz),
            tz: or_timestamp(tz),
        }
    }

    /// Appends the text that a cast to VARCHAR gives.
    pub fn print(&self, moment: &Moment, out: &mut String) {
        let format = match moment {
            Moment::Date(_) => &self.date,
            Moment::Time(_) => &self.time,
            Moment::Ntz(_) => &self.ntz,
            Moment::Ltz(_, _) => &self.ltz,
            Moment::Tz(_, _) => &self.tz,
        };
        format.print(moment, out);
    }
}

/// Those of a session that has set none.
impl Default for OutputFormats {
    fn default() -> Self {
        OutputFormats::new(
            "YYYY-MM-DD",
            "HH24:MI:SS",
            "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
            "YYYY-MM-DD HH24:MI:SS.FF3",
            "",
            "",
        )
    }
}

const TWO_DIGITS: &str = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
                          5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// Two digits; the value is below 100.
fn push_two(out: &mut String, value: u32) {
    let at = value as usize * 2;
    out.push_str(&TWO_DIGITS[at..at + 2]);
}

/// One digit or two; the value is below 100.
fn push_number(out: &mut String, value: u32) {
    let at = value as usize * 2;
    out.push_str(&TWO_DIGITS[at + usize::from(value < 10)..at + 2]);
}

/// Four digits, or as many as the year has.
fn push_year(out: &mut String, year: u32) {
    if year >= 10_000 {
        let high = year / 10_000;
        if high >= 100 {
            push_number(out, high / 100);
            push_two(out, high % 100);
        } else {
            push_number(out, high);
        }
    }
    push_two(out, year / 100 % 100);
    push_two(out, year % 100);
}

fn push_fraction(out: &mut String, nanos: u32, digits: u8) {
    let mut text = [b'0'; 9];
    let mut rest = nanos;
    for digit in text.iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    out.extend(
        text[..usize::from(digits)]
            .iter()
            .map(|&byte| char::from(byte)),
    );
}

/// Recorded: the offset zero is `Z`. The documentation's tables show `+0000`, but those were printed by a client.
fn push_offset(out: &mut String, minutes: i32, separator: Option<&str>) {
    if minutes == 0 {
        out.push('Z');
    } else {
        push_signed_offset(out, minutes, separator);
    }
}

/// `+HH<separator>MM`, or `+HH` without one.
fn push_signed_offset(out: &mut String, minutes: i32, separator: Option<&str>) {
    out.push(if minutes < 0 { '-' } else { '+' });
    let minutes = minutes.unsigned_abs();
    push_two(out, minutes / 60 % 100);
    if let Some(separator) = separator {
        out.push_str(separator);
        push_two(out, minutes % 60);
    }
}

#[cfg(test)]
mod tests {
    use super::super::auto;
    use super::*;

    fn ntz(text: &str) -> Moment<'static> {
        Moment::Ntz(auto::timestamp(text).expect(text).wall)
    }

    fn check(moment: &Moment, model: &str, expected: &str) {
        assert_eq!(Format::new(model).to_text(moment), expected, "{model}");
    }

    /// Documentation, the table of elements.
    #[test]
    fn elements() {
        let moment = ntz("2005-03-09 14:05:07.123456789");
        for (model, expected) in [
            ("YYYY YY Y UUUU", "2005 05 5 2005"),
            ("MM MO MON MMMM", "03 3 Mar March"),
            ("mm mo mon mmmm", "03 3 Mar March"),
            ("DD D DY", "09 9 Wed"),
            ("HH24 HH H24 H", "14 14 14 14"),
            ("HH12:H12 AM PM A P", "02:2 PM PM P P"),
            ("MI ME SS S", "05 5 07 7"),
            ("FF0|FF1|FF3|FF9|FF", "|1|123|123456789|123456789"),
            ("\"HH24\" é", "HH24 é"),
        ] {
            check(&moment, model, expected);
        }
        let midnight = ntz("2005-03-09");
        check(&midnight, "HH12 H12 H24 AM", "12 12 0 AM");
        check(&ntz("2005-03-09 12:00:00"), "HH12 AM", "12 PM");
    }

    /// Recorded (SnowflakeDateFormat's notes, DateYearTextTest).
    #[test]
    fn words_and_years() {
        let moment = Moment::Date(
            Civil {
                year: 2020,
                month: 1,
                day: 15,
            }
            .days(),
        );
        check(&moment, "DAY", "15A20");
        check(&moment, "MONTH", "JanT0");
        check(&moment, "TZM", "TZM");
        let year = |year, month, day| Moment::Date(Civil { year, month, day }.days());
        check(&year(20_201, 1, 15), "YYYY-MM-DD", "20201-01-15");
        check(&year(999_999, 12, 31), "YYYY-MM-DD", "999999-12-31");
        check(&year(-1, 1, 1), "YYYY-MM-DD", "0002-01-01");
        check(&year(0, 1, 1), "YYYY-MM-DD", "0001-01-01");
        check(&year(999, 1, 1), "YYYY-MM-DD", "0999-01-01");
        check(&year(-1, 1, 1), "UUUU-MM-DD", "-0001-01-01");
    }

    /// Recorded (AUTO and explicit format tests), except for a lone TZH.
    #[test]
    fn offsets_and_zones() {
        let model = "TZH:TZM TZHTZM TZH TZD";
        let utc = auto::timestamp("2020-07-15 10:00:00")
            .expect("timestamp")
            .wall;
        check(&Moment::Ntz(utc), model, "Z Z Z GMT");
        check(&Moment::Tz(utc, 0), model, "Z Z Z GMT+00:00");
        check(&Moment::Tz(utc, 330), model, "+05:30 +0530 +05 GMT+05:30");
        check(&Moment::Tz(utc, -570), model, "-09:30 -0930 -09 GMT-09:30");
        let zone = Zone::get("America/Los_Angeles").expect("bundled");
        check(&Moment::Ltz(utc, &zone), model, "-07:00 -0700 -07 PST");
        let zone = Zone::get("UTC").expect("bundled");
        check(&Moment::Ltz(utc, &zone), model, "Z Z Z UTC");
        check(
            &Moment::Tz(utc, 330),
            "YYYY-MM-DD HH24:MI:SS",
            "2020-07-15 15:30:00",
        );
    }

    /// Documentation of the output parameters, and of TIMESTAMP_LTZ ("Timestamp examples").
    #[test]
    fn defaults() {
        let formats = OutputFormats::default();
        let check = |moment: Moment, expected: &str| {
            let mut out = String::new();
            formats.print(&moment, &mut out);
            assert_eq!(out, expected);
        };
        let zone = Zone::get("America/Los_Angeles").expect("bundled");
        let utc = auto::timestamp("2024-01-02 16:00:00.123456")
            .expect("timestamp")
            .wall;
        check(Moment::Date(utc.days()), "2024-01-02");
        check(Moment::Time(utc.nanos_of_day()), "16:00:00");
        check(Moment::Ntz(utc), "2024-01-02 16:00:00.123");
        check(Moment::Ltz(utc, &zone), "2024-01-02 08:00:00.123 -0800");
        check(Moment::Tz(utc, 60), "2024-01-02 17:00:00.123 +0100");
        check(Moment::Tz(utc, 0), "2024-01-02 16:00:00.123 Z");
    }
}
