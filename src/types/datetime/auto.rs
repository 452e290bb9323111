//! Reading text without a format model: Snowflake's AUTO detection.
//!
//! The forms are those of the documentation's lists; one scanner reads them, which looks at what stands behind the first
//! field. The usual ones, `YYYY-MM-DD` and `YYYY-MM-DD HH24:MI:SS[.FF]` in full width, are read from fixed places instead.
//! A field is as long as its digits are and then has to be in its range: recorded from a live account, which takes
//! `'9999-012-31'` in a cast and refuses it in an INSERT (see [`Reading::wide`]).
//!
//! Source: Snowflake, "Date and time input and output formats", "Supported formats for AUTO detection".

use super::parse::{digits_at, offset_digits, value_of};
use super::{
    Civil, MONTHS, NANOS_PER_DAY, NANOS_PER_SECOND, Reading, Timestamp, WEEKDAYS, name_at,
};

/// A DATE: every form of a timestamp, too, without what follows the date.
pub fn date(text: &str) -> Option<i32> {
    match fixed_date(text.as_bytes()) {
        Some(days) if text.len() == 10 => Some(days),
        _ => timestamp(text).map(Reading::date),
    }
}

/// A TIME in nanoseconds since midnight. An offset is read and ignored; an integer is an epoch, of which the whole seconds
/// of the day count.
pub fn time(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if let Some((nanos, end)) = fixed_time(bytes, 0)
        && end == bytes.len()
    {
        return Some(nanos);
    }
    let mut scan = Scan::new(text);
    if let Some(epoch) = scan.epoch() {
        return epoch.map(|at| at.seconds.rem_euclid(86_400) * NANOS_PER_SECOND);
    }
    let nanos = scan.clock(Hours::TimeAlone)?;
    scan.offset();
    if scan.is_at_end() {
        return Some(nanos);
    }
    // Not in the documentation's list; the digits of a timestamp are taken as those of its cast to TIME.
    timestamp(text).map(Reading::time)
}

/// A TIMESTAMP of any kind.
pub fn timestamp(text: &str) -> Option<Reading> {
    fixed_timestamp(text.as_bytes()).or_else(|| Scan::new(text).timestamp())
}

/// `YYYY-MM-DD` at the start.
fn fixed_date(text: &[u8]) -> Option<i32> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.first_chunk::<10>()? else {
        return None;
    };
    let high = two_digits(y1, y2)?;
    let low = two_digits(y3, y4)?;
    let month = two_digits(m1, m2)?;
    let day = two_digits(d1, d2)?;
    Civil::new((high * 100 + low) as i32, month as u8, day as u8).map(Civil::days)
}

/// `HH24:MI:SS` and perhaps up to nine digits of a fraction, and where they end.
fn fixed_time(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = text.get(at..)?.first_chunk::<8>()? else {
        return None;
    };
    let hour = two_digits(h1, h2)?;
    let minute = two_digits(m1, m2)?;
    let second = two_digits(s1, s2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut end = at + 8;
    let mut nanos = 0;
    if text.get(end) == Some(&b'.') {
        end += 1;
        let mut unit = 100_000_000;
        while let Some(digit) = text.get(end).filter(|byte| byte.is_ascii_digit()) {
            nanos += i64::from(digit - b'0') * unit;
            unit /= 10;
            end += 1;
        }
        if !(1..=9).contains(&(end - at - 9)) {
            return None;
        }
    }
    let seconds = i64::from((hour * 60 + minute) * 60 + second);
    Some((seconds * NANOS_PER_SECOND + nanos, end))
}

fn fixed_timestamp(text: &[u8]) -> Option<Reading> {
    let days = fixed_date(text)?;
    let nanos = match text.get(10) {
        None => 0,
        Some(b' ' | b'T') => {
            let (nanos, end) = fixed_time(text, 11)?;
            if end < text.len() {
                return None;
            }
            nanos
        }
        Some(_) => return None,
    };
    Some(Reading {
        wall: Timestamp::from_parts(days, nanos),
        offset: None,
        wide: false,
    })
}

fn two_digits(tens: u8, ones: u8) -> Option<u32> {
    let tens = u32::from(tens.wrapping_sub(b'0'));
    let ones = u32::from(ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then_some(tens * 10 + ones)
}

/// Which forms of a clock may stand here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hours {
    /// ISO timestamps: 24 hours; minutes may be missing.
    Iso,
    /// RFC timestamps: to the second, of 24 hours or 12 with AM or PM.
    Rfc,
    /// TIME: to the minute or further, of 24 hours or 12 with AM or PM.
    TimeAlone,
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    wide: bool,
    /// Whether the clock that was read had minutes.
    has_minutes: bool,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Scan {
            text: text.trim_matches([' ', '\t', '\n', '\r']).as_bytes(),
            at: 0,
            wide: false,
            has_minutes: false,
        }
    }

    fn timestamp(&mut self) -> Option<Reading> {
        if let Some(epoch) = self.epoch() {
            return epoch.map(Reading::utc_wall);
        }
        if self.peek()?.is_ascii_alphabetic() {
            return self.internet_timestamp();
        }
        let days = self.date()?;
        let mut nanos = 0;
        let mut offset = None;
        if !self.is_at_end() {
            let blanks = self.skip_blanks();
            if self.take(|byte| matches!(byte, b'T' | b't')) {
                self.skip_blanks();
            } else if !blanks {
                return None;
            }
            nanos = self.clock(Hours::Iso)?;
            if self.has_minutes {
                offset = self.offset();
            }
        }
        self.reading(days, nanos, offset)
    }

    /// `DY, DD MON YYYY <time> [<offset>]` and `DY MON DD <time> <offset> YYYY`.
    fn internet_timestamp(&mut self) -> Option<Reading> {
        self.name(&WEEKDAYS)?;
        if self.take(|byte| byte == b',') {
            self.skip_blanks();
            let day = self.field(2)?;
            self.blank()?;
            let month = self.name(&MONTHS)?;
            self.blank()?;
            let year = self.field(4)?;
            self.blank()?;
            let days = day_of(year, u32::from(month) + 1, day)?;
            let nanos = self.clock(Hours::Rfc)?;
            let offset = self.offset();
            return self.reading(days, nanos, offset);
        }
        self.blank()?;
        let month = self.name(&MONTHS)?;
        self.blank()?;
        let day = self.field(2)?;
        self.blank()?;
        let nanos = self.clock(Hours::Rfc)?;
        let offset = self.offset()?;
        self.blank()?;
        let year = self.field(4)?;
        let days = day_of(year, u32::from(month) + 1, day)?;
        self.reading(days, nanos, Some(offset))
    }

    fn reading(&self, days: i32, nanos: i64, offset: Option<i16>) -> Option<Reading> {
        self.is_at_end().then(|| Reading {
            wall: Timestamp::from_parts(days, nanos),
            offset,
            wide: self.wide,
        })
    }

    /// `YYYY-MM-DD`, `MM/DD/YYYY` or `DD-MON-YYYY`.
    fn date(&mut self) -> Option<i32> {
        let first_at = self.at;
        let first = self.field(4)?;
        let first_width = self.at - first_at;
        match self.next()? {
            b'/' => {
                let day = self.field(2)?;
                self.expect(b'/')?;
                let year = self.field(4)?;
                self.wide |= first_width > 2;
                day_of(year, first, day)
            }
            b'-' if self.peek()?.is_ascii_alphabetic() => {
                let month = self.name(&MONTHS)?;
                self.expect(b'-')?;
                let year = self.field(4)?;
                self.wide |= first_width > 2;
                day_of(year, u32::from(month) + 1, first)
            }
            b'-' => {
                let month = self.field(2)?;
                self.expect(b'-')?;
                let day = self.field(2)?;
                day_of(first, month, day)
            }
            _ => None,
        }
    }

    /// The time of day in nanoseconds.
    fn clock(&mut self, hours: Hours) -> Option<i64> {
        let mut hour = self.field(2)?;
        let mut minute = 0;
        let mut second = 0;
        let mut nanos = 0;
        self.has_minutes = self.take(|byte| byte == b':');
        let mut has_seconds = false;
        if self.has_minutes {
            minute = self.field(2)?;
            has_seconds = self.take(|byte| byte == b':');
        }
        if has_seconds {
            second = self.field(2)?;
            if self.take(|byte| byte == b'.') {
                let count = digits_at(self.text, self.at);
                if !(1..=9).contains(&count) {
                    return None;
                }
                (nanos, self.at) = super::parse::fraction(self.text, self.at);
            }
        }
        match hours {
            Hours::Iso => {}
            Hours::Rfc if !has_seconds => return None,
            Hours::TimeAlone if !self.has_minutes => return None,
            Hours::Rfc | Hours::TimeAlone => {
                if let Some(afternoon) = self.meridiem() {
                    if !(1..=12).contains(&hour) {
                        return None;
                    }
                    hour = hour % 12 + if afternoon { 12 } else { 0 };
                }
            }
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let nanos =
            i64::from((hour * 60 + minute) * 60 + second) * NANOS_PER_SECOND + i64::from(nanos);
        (nanos < NANOS_PER_DAY).then_some(nanos)
    }

    /// AM or PM, with or without a blank before it.
    fn meridiem(&mut self) -> Option<bool> {
        let start = self.at;
        self.skip_blanks();
        let afternoon = match self.text.get(self.at..self.at + 2) {
            Some(word) if word.eq_ignore_ascii_case(b"AM") => Some(false),
            Some(word) if word.eq_ignore_ascii_case(b"PM") => Some(true),
            _ => None,
        };
        self.at = if afternoon.is_some() {
            self.at + 2
        } else {
            start
        };
        afternoon
    }

    /// `Z` or a signed offset, with or without a blank before it. A lower-case z and names of zones were refused.
    fn offset(&mut self) -> Option<i16> {
        let start = self.at;
        self.skip_blanks();
        let read = match self.peek() {
            Some(b'Z') => Some((0, self.at + 1)),
            Some(sign @ (b'+' | b'-')) => offset_digits(self.text, self.at + 1, sign == b'-'),
            _ => None,
        };
        let (offset, end) = read.unzip();
        self.at = end.unwrap_or(start);
        offset
    }

    /// If all the text is an integer: the point that it means as an epoch, if there is one.
    fn epoch(&self) -> Option<Option<Timestamp>> {
        let digits = self
            .text
            .strip_prefix(b"-")
            .or(self.text.strip_prefix(b"+"));
        let digits = digits.unwrap_or(self.text);
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let value = std::str::from_utf8(self.text)
            .ok()
            .and_then(|text| text.parse().ok());
        Some(value.and_then(Timestamp::from_epoch_by_magnitude))
    }

    /// All the digits here, at most nine, as a number; `width` is how many the format element has.
    fn field(&mut self, width: usize) -> Option<u32> {
        let count = digits_at(self.text, self.at);
        if !(1..=9).contains(&count) {
            return None;
        }
        self.wide |= count > width;
        let value = value_of(&self.text[self.at..self.at + count]);
        self.at += count;
        Some(value)
    }

    /// A name in full or as three letters; its place in the list.
    fn name(&mut self, names: &[&str]) -> Option<u8> {
        let (index, length) = name_at(&self.text[self.at..], names)?;
        self.at += length;
        Some(index)
    }

    fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn take(&mut self, is_wanted: impl Fn(u8) -> bool) -> bool {
        let found = self.peek().is_some_and(is_wanted);
        self.at += usize::from(found);
        found
    }

    /// Whether there were any.
    fn skip_blanks(&mut self) -> bool {
        let start = self.at;
        while self.take(|byte| matches!(byte, b' ' | b'\t')) {}
        self.at > start
    }

    fn blank(&mut self) -> Option<()> {
        self.skip_blanks().then_some(())
    }
}

fn day_of(year: u32, month: u32, day: u32) -> Option<i32> {
    let month = u8::try_from(month).ok()?;
    let day = u8::try_from(day).ok()?;
    Civil::new(i32::try_from(year).ok()?, month, day).map(Civil::days)
}

#[cfg(test)]
mod tests {
    use super::super::{Format, Moment};
    use super::*;

    fn shown(reading: Reading) -> String {
        let model = if reading.wall.nanos == 0 {
            "YYYY-MM-DD HH24:MI:SS"
        } else {
            "YYYY-MM-DD HH24:MI:SS.FF9"
        };
        let mut out = Format::new(model).to_text(&Moment::Ntz(reading.wall));
        if let Some(offset) = reading.offset {
            out.push_str(&format!(" {offset:+}"));
        }
        if reading.wide {
            out.push_str(" wide");
        }
        out
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(
            timestamp(text).map(shown).as_deref(),
            Some(expected),
            "{text:?}"
        );
    }

    /// Documentation, "Timestamp formats": the example of every row.
    #[test]
    fn documented_timestamps() {
        let nanos = "2013-04-28 20:57:01.123456789";
        check(
            "2013-04-28T20:57:01.123456789+07:00",
            &format!("{nanos} +420"),
        );
        check(
            "2013-04-28 20:57:01.123456789+07:00",
            &format!("{nanos} +420"),
        );
        check("2013-04-28 20:57:01.123456789+07", &format!("{nanos} +420"));
        check(
            "2013-04-28 20:57:01.123456789 +07:00",
            &format!("{nanos} +420"),
        );
        check(
            "2013-04-28 20:57:01.123456789 +0700",
            &format!("{nanos} +420"),
        );
        check("2013-04-28 20:57:01 +07:00", "2013-04-28 20:57:01 +420");
        check("2013-04-28 20:57:01 +0700", "2013-04-28 20:57:01 +420");
        check(
            "2013-04-28T20:57:01.123456",
            "2013-04-28 20:57:01.123456000",
        );
        check(
            "2013-04-28 20:57:01.123456",
            "2013-04-28 20:57:01.123456000",
        );
        check("2013-04-28T20:57:01", "2013-04-28 20:57:01");
        check("2013-04-28 20:57:01", "2013-04-28 20:57:01");
        check("2013-04-28T20:57", "2013-04-28 20:57:00");
        check("2013-04-28 20:57", "2013-04-28 20:57:00");
        check("2013-04-28T20", "2013-04-28 20:00:00");
        check("2013-04-28 20", "2013-04-28 20:00:00");
        check("2013-04-28T20:57:01-07:00", "2013-04-28 20:57:01 -420");
        check("2013-04-28 20:57:01-07:00", "2013-04-28 20:57:01 -420");
        check("2013-04-28 20:57:01-07", "2013-04-28 20:57:01 -420");
        check("2013-04-28T20:57+07:00", "2013-04-28 20:57:00 +420");
        check("2013-04-28 20:57+07:00", "2013-04-28 20:57:00 +420");
        check(
            "Thu, 21 Dec 2000 16:01:07 +0200",
            "2000-12-21 16:01:07 +120",
        );
        check(
            "Thu, 21 Dec 2000 16:01:07.123456789 +0200",
            "2000-12-21 16:01:07.123456789 +120",
        );
        check(
            "Thu, 21 Dec 2000 04:01:07 PM +0200",
            "2000-12-21 16:01:07 +120",
        );
        check(
            "Thu, 21 Dec 2000 04:01:07.123456789 PM +0200",
            "2000-12-21 16:01:07.123456789 +120",
        );
        check("Thu, 21 Dec 2000 16:01:07", "2000-12-21 16:01:07");
        check(
            "Thu, 21 Dec 2000 16:01:07.123456789",
            "2000-12-21 16:01:07.123456789",
        );
        check("Thu, 21 Dec 2000 04:01:07 PM", "2000-12-21 16:01:07");
        check(
            "Thu, 21 Dec 2000 04:01:07.123456789 PM",
            "2000-12-21 16:01:07.123456789",
        );
        check("2/18/2008 02:36:48", "2008-02-18 02:36:48");
        check("Mon Jul 08 18:09:51 +0000 2013", "2013-07-08 18:09:51 +0");
        check("1487654321", "2017-02-21 05:18:41 +0");
        check("2013-04-05", "2013-04-05 00:00:00");
    }

    /// Recorded (AutoTemporalDetectionTest and the notes of AutoTemporalParser).
    #[test]
    fn recorded_timestamps() {
        check(
            "2025-07-19T16:35:12.589000000Z",
            "2025-07-19 16:35:12.589000000 +0",
        );
        check("3/5/2024 12:34:59", "2024-03-05 12:34:59");
        check("2024-03-29  15:00:11", "2024-03-29 15:00:11");
        check("2024-1-01 00:00:3", "2024-01-01 00:00:03");
        check("9999-12-31 00:00:003", "9999-12-31 00:00:03 wide");
        check("2024-01-01 001:00:00", "2024-01-01 01:00:00 wide");
        check("2024-01-01 00:003:00", "2024-01-01 00:03:00 wide");
        check(
            "2024-01-01 00:00:003.5",
            "2024-01-01 00:00:03.500000000 wide",
        );
        check("2024-001-01 00:00:03", "2024-01-01 00:00:03 wide");
        check("02024-01-01 00:00:03", "2024-01-01 00:00:03 wide");
        check("2020-01-01 10:00:00 +0300", "2020-01-01 10:00:00 +180");
        check("2020-01-01 10:00:00 +3", "2020-01-01 10:00:00 +180");
        check("2020-01-01 10:00:00 Z", "2020-01-01 10:00:00 +0");
    }

    /// Recorded, where not said otherwise.
    #[test]
    fn refused_timestamps() {
        for text in [
            "not a date",
            "2024-13-45",
            "2024-01-01 00:00:599",
            "2024-01-01 025:00:00",
            "2020-01-01 10:00:00z",
            "2020-01-01 10:00:00 +03:00:30",
            "2020-01-01 10:00:00 UTC",
            "2020-01-01 10:00:00 GMT",
            "2020-01-01 10:00:00 America/Los_Angeles",
            "2020X01X15",
            // Documentation: no leap seconds, no year first with slashes, a sign before an offset.
            "2016-12-31 23:59:60",
            "2019/01/02",
            "01-02-2019",
            "2013-04-28 20:57:01.123 0700",
            // Assumptions.
            "",
            " ",
            "2020-01-01T",
            "2020-01-01Z",
            "2020-01-01 10+03:00",
            "2020-01-01 10:00:00 PM",
            "2020-01-01 10:00:00.",
            "2020-01-01 10:00:00.1234567890",
            "2020-01-01 10:00:00 +19:00",
            "-2020-01-01",
            "1.5",
            "99999999999999999999",
            "2020-02-30",
            "é",
        ] {
            assert_eq!(timestamp(text), None, "{text:?}");
        }
    }

    /// Documentation, "Date formats"; recorded (AutoTemporalDetectionTest); two-digit years follow from "you can specify
    /// 1, 2, 3, or 4 digits" of YYYY.
    #[test]
    fn dates() {
        let check = |text: &str, expected: &str| {
            let shown =
                date(text).map(|days| Format::new("YYYY-MM-DD").to_text(&Moment::Date(days)));
            assert_eq!(shown.as_deref(), Some(expected), "{text:?}");
        };
        check("2013-04-28", "2013-04-28");
        check("17-DEC-1980", "1980-12-17");
        check("17-december-1980", "1980-12-17");
        check("12/17/1980", "1980-12-17");
        check("3/5/2024", "2024-03-05");
        check("9999-012-31", "9999-12-31");
        check("9999-12-031", "9999-12-31");
        check("2024-0001-01", "2024-01-01");
        check("99999-12-31", "99999-12-31");
        check("999999-12-31", "999999-12-31");
        check("20200115", "1970-08-22");
        check("1631711999", "2021-09-15");
        check("1579046400", "2020-01-15");
        check(" 2020-01-15 ", "2020-01-15");
        check("2020-01-15 23:59:59.999 -0800", "2020-01-15");
        check("0000-01-01", "0001-01-01");
        check("20-01-15", "0020-01-15");
        check("26-JAN-21", "0021-01-26");
        for text in [
            "9999-013-31",
            "9999-12-032",
            "2020-02-30",
            "1000000-01-01",
            "10:00:00",
        ] {
            assert_eq!(date(text), None, "{text:?}");
        }
    }

    /// Documentation, "Time formats" and the examples of TO_TIME.
    #[test]
    fn times() {
        let check = |text: &str, expected: &str| {
            let shown =
                time(text).map(|nanos| Format::new("HH24:MI:SS.FF9").to_text(&Moment::Time(nanos)));
            assert_eq!(shown.as_deref(), Some(expected), "{text:?}");
        };
        check("20:57:01.123456789+07:00", "20:57:01.123456789");
        check("20:57:01.123456789", "20:57:01.123456789");
        check("20:57:01", "20:57:01.000000000");
        check("20:57", "20:57:00.000000000");
        check("07:57:01.123456789 AM", "07:57:01.123456789");
        check("04:01:07 PM", "16:01:07.000000000");
        check("04:01 AM", "04:01:00.000000000");
        check("12:30 am", "00:30:00.000000000");
        check("12:30 PM", "12:30:00.000000000");
        check("31536001", "00:00:01.000000000");
        check("31536002789", "00:00:02.000000000");
        check("31536003600000", "00:00:03.000000000");
        check("31536004900000000", "00:00:04.000000000");
        for text in [
            "10-00-00",
            "24:00:00",
            "13:00 PM",
            "0:30 AM",
            "20:57:60",
            "abc",
            "",
            "10:00:00.x",
        ] {
            assert_eq!(time(text), None, "{text:?}");
        }
    }

    /// Property: what the fixed places say is what the scanner says.
    #[test]
    fn fast_and_slow_agree() {
        let dates = [
            "2024-02-29",
            "2023-02-29",
            "0001-01-01",
            "9999-12-31",
            "2024-00-10",
            "2024-1a-10",
            "2024-11-3",
        ];
        let times = [
            "",
            " 00:00:00",
            "T23:59:59.9",
            " 23:59:59.123456789",
            " 24:00:00",
            " 1:2:3",
            "T",
            " 10:00:00.",
        ];
        for (date, time) in dates.iter().flat_map(|date| times.map(|time| (date, time))) {
            let text = format!("{date}{time}");
            if let Some(fast) = fixed_timestamp(text.as_bytes()) {
                assert_eq!(Scan::new(&text).timestamp(), Some(fast), "{text:?}");
            }
        }
    }

    /// Property: what is printed in the default format reads back as itself.
    #[test]
    fn round_trips() {
        let format = Format::new("YYYY-MM-DD HH24:MI:SS.FF9");
        for index in 0..20_000_i64 {
            let wall = Timestamp {
                seconds: -62_135_596_800 + index * 15_779_351,
                nanos: (index * 49_999_777 % 1_000_000_000) as u32,
            };
            let text = format.to_text(&Moment::Ntz(wall));
            assert_eq!(timestamp(&text).map(Reading::ntz), Some(wall), "{text}");
            assert_eq!(
                format.parse(&text, 1970).map(Reading::ntz),
                Some(wall),
                "{text}"
            );
        }
    }
}
