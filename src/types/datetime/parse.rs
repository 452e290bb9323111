//! Reading text with a format model.
//!
//! The live account's reader backtracks: a numeric element takes its natural width first and gives digits back when the
//! rest does not match. So does this one; a text that fits is read in one pass. A missing field is that of
//! 1970-01-01 00:00:00, a repeated element keeps its last value, a field out of range is a mismatch.
//!
//! Source: Snowflake, "Additional information about using date, time, and timestamp formats"; details as recorded from a
//! live account.

use super::format::{Element, Format, Piece};
use super::{Civil, MONTHS, NANOS_PER_SECOND, Reading, Timestamp, WEEKDAYS, name_at};

impl Format {
    /// What `text` says, or `None` if it does not fit the model. `century_start` is TWO_DIGIT_CENTURY_START.
    pub fn parse(&self, text: &str, century_start: i32) -> Option<Reading> {
        let parse = |text: &str| {
            let reader = Reader {
                pieces: &self.pieces,
                text: text.as_bytes(),
                century_start,
            };
            reader.read(0, 0, Fields::default())
        };
        // Blanks around the value are forgiven, unless the model has them too.
        parse(text).or_else(|| {
            let trimmed = text.trim_matches([' ', '\t']);
            (trimmed.len() < text.len()).then(|| parse(trimmed))?
        })
    }
}

#[derive(Clone, Copy)]
struct Fields {
    year: i32,
    month: u8,
    day: u8,
    hour24: Option<u8>,
    hour12: Option<u8>,
    afternoon: Option<bool>,
    minute: u8,
    second: u8,
    nanos: u32,
    offset: Option<i16>,
}

impl Default for Fields {
    fn default() -> Self {
        Fields {
            year: 1970,
            month: 1,
            day: 1,
            hour24: None,
            hour12: None,
            afternoon: None,
            minute: 0,
            second: 0,
            nanos: 0,
            offset: None,
        }
    }
}

impl Fields {
    fn reading(self) -> Option<Reading> {
        let date = Civil::new(self.year, self.month, self.day)?;
        let hour = match (self.hour24, self.hour12, self.afternoon) {
            // PM counts under HH24 as well, AM does not.
            (Some(hour), _, Some(true)) | (None, Some(hour), Some(true)) if hour < 12 => hour + 12,
            (None, Some(12), Some(false)) => 0,
            (Some(hour), _, _) | (None, Some(hour), _) => hour,
            (None, None, _) => 0,
        };
        let second = (i64::from(hour) * 60 + i64::from(self.minute)) * 60 + i64::from(self.second);
        Some(Reading {
            wall: Timestamp::from_parts(
                date.days(),
                second * NANOS_PER_SECOND + i64::from(self.nanos),
            ),
            offset: self.offset,
            wide: false,
        })
    }
}

struct Reader<'a> {
    pieces: &'a [Piece],
    text: &'a [u8],
    century_start: i32,
}

impl Reader<'_> {
    /// Matches the pieces from `piece` on with the text from `at` on, to its end.
    fn read(&self, piece: usize, at: usize, fields: Fields) -> Option<Reading> {
        match self.pieces.get(piece) {
            None => {
                if at == self.text.len() {
                    fields.reading()
                } else {
                    None
                }
            }
            Some(Piece::Literal(literal)) => {
                let at = self.literal(literal, piece, at)?;
                self.read(piece + 1, at, fields)
            }
            Some(Piece::Element(element)) => self.element(*element, piece, at, fields),
        }
    }

    fn element(
        &self,
        element: Element,
        piece: usize,
        mut at: usize,
        fields: Fields,
    ) -> Option<Reading> {
        // Documentation, "Whitespace in values": the value may have a blank between two elements that touch in the model.
        if piece > 0 && self.is_element(piece - 1) {
            at = self.skip_blanks(at);
        }
        // Fields are copied, so that a branch that fails leaves no trace.
        let number =
            |widths: &[usize], range: std::ops::RangeInclusive<u32>, set: fn(&mut Fields, u32)| {
                self.number(widths, at, |value, end| {
                    if !range.contains(&value) {
                        return None;
                    }
                    let mut fields = fields;
                    set(&mut fields, value);
                    self.read(piece + 1, end, fields)
                })
            };
        const TWO: &[usize] = &[2, 1];
        match element {
            Element::Yyyy | Element::Uuuu => self.year(element, piece, at, fields),
            Element::Yy | Element::Y => self.number(TWO, at, |value, end| {
                let mut fields = fields;
                let century = self.century_start;
                fields.year = century + (value as i32 - century).rem_euclid(100);
                self.read(piece + 1, end, fields)
            }),
            Element::Mm | Element::Mo => number(TWO, 1..=12, |f, v| f.month = v as u8),
            Element::Dd | Element::D => number(TWO, 1..=31, |f, v| f.day = v as u8),
            Element::Hh24 | Element::H24 => number(TWO, 0..=23, |f, v| f.hour24 = Some(v as u8)),
            Element::Hh12 | Element::H12 => number(TWO, 0..=12, |f, v| f.hour12 = Some(v as u8)),
            Element::Mi | Element::Me => number(TWO, 0..=59, |f, v| f.minute = v as u8),
            Element::Ss | Element::S => number(TWO, 0..=59, |f, v| f.second = v as u8),
            Element::Ff(_) => {
                let (nanos, end) = fraction(self.text, at);
                self.read(piece + 1, end, Fields { nanos, ..fields })
            }
            Element::Mon | Element::Mmmm => {
                let (index, length) = name_at(self.text.get(at..)?, &MONTHS)?;
                let fields = Fields {
                    month: index + 1,
                    ..fields
                };
                self.read(piece + 1, at + length, fields)
                    .or_else(|| self.read(piece + 1, at + 3, fields))
            }
            // The name of the day is read and ignored, right or wrong.
            Element::Dy => {
                let (_, length) = name_at(self.text.get(at..)?, &WEEKDAYS)?;
                self.read(piece + 1, at + length, fields)
                    .or_else(|| self.read(piece + 1, at + 3, fields))
            }
            Element::Meridiem | Element::MeridiemLetter => {
                let afternoon = match self.text.get(at)?.to_ascii_uppercase() {
                    b'A' => false,
                    b'P' => true,
                    _ => return None,
                };
                let length = if element == Element::MeridiemLetter {
                    1
                } else {
                    self.text
                        .get(at + 1)
                        .filter(|letter| letter.eq_ignore_ascii_case(&b'M'))?;
                    2
                };
                let fields = Fields {
                    afternoon: Some(afternoon),
                    ..fields
                };
                self.read(piece + 1, at + length, fields)
            }
            Element::TzhColonTzm | Element::TzhTzm | Element::Tzh => {
                let (offset, end) = self.offset(at)?;
                let fields = Fields {
                    offset: Some(offset),
                    ..fields
                };
                self.read(piece + 1, end, fields)
            }
            Element::Tzd => {
                let end = self.text[at..]
                    .iter()
                    .position(|byte| !byte.is_ascii_alphabetic())
                    .map_or(self.text.len(), |length| at + length);
                let offset = abbreviated_offset(&self.text[at..end])?;
                let fields = Fields {
                    offset: Some(offset),
                    ..fields
                };
                self.read(piece + 1, end, fields)
            }
        }
    }

    /// Where the text goes on after the literal.
    fn literal(&self, literal: &str, piece: usize, mut at: usize) -> Option<usize> {
        let bytes = literal.as_bytes();
        let is_last = piece + 1 == self.pieces.len();
        // Blanks alone keep two elements apart; documented to be demanded. Next to another literal they may be missing.
        let all_blank = bytes.iter().all(|byte| *byte == b' ');
        let start = at;
        for (index, &byte) in bytes.iter().enumerate() {
            let is_end = is_last && index + 1 == bytes.len();
            if byte == b' ' && !is_end {
                at = self.skip_blanks(at);
            } else if self.text.get(at) == Some(&byte) {
                at += 1;
            } else if byte == b'.'
                && index + 1 == bytes.len()
                && matches!(
                    self.pieces.get(piece + 1),
                    Some(Piece::Element(Element::Ff(_)))
                )
                && !self.text.get(at).is_some_and(u8::is_ascii_digit)
            {
                // The point may be missing with the fraction.
            } else {
                return None;
            }
        }
        let demands_blank = all_blank && piece > 0 && !is_last;
        (!demands_blank || at > start).then_some(at)
    }

    fn is_element(&self, piece: usize) -> bool {
        matches!(self.pieces.get(piece), Some(Piece::Element(_)))
    }

    fn skip_blanks(&self, at: usize) -> usize {
        at + self.text[at..]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count()
    }

    /// Tries the widths in their order; the first with which `rest` succeeds wins.
    fn number(
        &self,
        widths: &[usize],
        at: usize,
        mut rest: impl FnMut(u32, usize) -> Option<Reading>,
    ) -> Option<Reading> {
        let available = digits_at(self.text, at);
        widths
            .iter()
            .filter(|width| **width <= available)
            .find_map(|width| rest(value_of(&self.text[at..at + width]), at + width))
    }

    fn year(&self, element: Element, piece: usize, at: usize, fields: Fields) -> Option<Reading> {
        let is_negative = element == Element::Uuuu && self.text.get(at) == Some(&b'-');
        // A year that another element touches has four digits and no others: recorded for YYYYMMDD.
        let widths: &[usize] = if self.is_element(piece + 1) {
            &[4]
        } else {
            &[4, 3, 2, 1, 5, 6]
        };
        self.number(widths, at + usize::from(is_negative), |value, end| {
            let year = value as i32;
            let fields = Fields {
                year: if is_negative { -year } else { year },
                ..fields
            };
            self.read(piece + 1, end, fields)
        })
    }

    /// `Z`, or hours with a sign and perhaps minutes. Without a sign only after something that is no digit.
    fn offset(&self, at: usize) -> Option<(i16, usize)> {
        match self.text.get(at)? {
            b'Z' | b'z' => Some((0, at + 1)),
            b'+' | b'-' => offset_digits(self.text, at + 1, self.text[at] == b'-'),
            byte if byte.is_ascii_digit() && at > 0 && !self.text[at - 1].is_ascii_digit() => {
                offset_digits(self.text, at, false)
            }
            _ => None,
        }
    }
}

/// How many digits stand at `at`.
pub(super) fn digits_at(text: &[u8], at: usize) -> usize {
    text.get(at..).map_or(0, |rest| {
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    })
}

/// The value of up to nine digits.
pub(super) fn value_of(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))
}

/// The digits at `at` as nanoseconds, and where they end. There may be none, and those after the ninth do not count.
pub(super) fn fraction(text: &[u8], at: usize) -> (u32, usize) {
    let count = digits_at(text, at);
    let kept = count.min(9);
    let nanos = value_of(&text[at..at + kept]) * 10_u32.pow(9 - kept as u32);
    (nanos, at + count)
}

/// `HH`, `HHMM`, `HH:MM` (or one digit where two stand here) in minutes, and where they end.
pub(super) fn offset_digits(text: &[u8], at: usize, is_negative: bool) -> Option<(i16, usize)> {
    let (hour_digits, minute_at) = match digits_at(text, at) {
        0 => return None,
        1 | 2 => {
            let hour_digits = digits_at(text, at);
            let colon = at + hour_digits;
            let has_minutes = text.get(colon) == Some(&b':') && digits_at(text, colon + 1) > 0;
            (hour_digits, has_minutes.then_some(colon + 1))
        }
        3 | 4 => (2, Some(at + 2)),
        _ => return None,
    };
    let hours = value_of(&text[at..at + hour_digits]);
    let (minutes, end) = match minute_at {
        Some(minute_at) => {
            let end = minute_at + digits_at(text, minute_at).min(2);
            (value_of(&text[minute_at..end]), end)
        }
        None => (0, at + hour_digits),
    };
    let total = hours * 60 + minutes;
    // No zone of the world is further away than 14 hours; 18 is what the recorded implementation allows.
    if minutes > 59 || total > 18 * 60 {
        return None;
    }
    let total = total as i16;
    Some((if is_negative { -total } else { total }, end))
}

/// Minutes of the abbreviations that TZD reads. Only UTC, Z and PST are on record; the others are an assumption.
fn abbreviated_offset(name: &[u8]) -> Option<i16> {
    const NAMES: &[(&str, i16)] = &[
        ("Z", 0),
        ("UTC", 0),
        ("GMT", 0),
        ("WET", 0),
        ("CET", 60),
        ("EET", 120),
        ("MSK", 180),
        ("IST", 330),
        ("JST", 540),
        ("EST", -300),
        ("CST", -360),
        ("MST", -420),
        ("PST", -480),
        ("AKST", -540),
        ("HST", -600),
    ];
    NAMES
        .iter()
        .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name))
        .map(|(_, minutes)| *minutes)
}

#[cfg(test)]
mod tests {
    use super::super::{DEFAULT_CENTURY_START, Moment};
    use super::*;

    fn read(text: &str, model: &str) -> Option<String> {
        read_with_century(text, model, DEFAULT_CENTURY_START)
    }

    fn read_with_century(text: &str, model: &str, century_start: i32) -> Option<String> {
        let reading = Format::new(model).parse(text, century_start)?;
        let mut out = String::new();
        Format::new("UUUU-MM-DD HH24:MI:SS.FF9").print(&Moment::Ntz(reading.wall), &mut out);
        // Leaves out what is zero, to keep the tables short.
        if let Some((seconds, fraction)) = out.split_once('.') {
            let fraction = fraction.trim_end_matches('0');
            let point = if fraction.is_empty() { "" } else { "." };
            out = format!("{seconds}{point}{fraction}").replace(" 00:00:00", "");
        }
        if let Some(offset) = reading.offset {
            out.push_str(&format!(" {offset:+}"));
        }
        Some(out)
    }

    fn check(text: &str, model: &str, expected: &str) {
        assert_eq!(
            read(text, model).as_deref(),
            Some(expected),
            "{text:?} with {model:?}"
        );
    }

    fn refuse(text: &str, model: &str) {
        assert_eq!(read(text, model), None, "{text:?} with {model:?}");
    }

    /// Recorded (ExplicitFormatParseTest).
    #[test]
    fn mismatches() {
        for (text, model) in [
            ("2020X01X15", "YYYY\"T\"MM\"T\"DD"),
            ("2020-01-15", "YYYY/MM/DD"),
            ("10:00:00", "HH24-MI-SS"),
            ("abc", "HH24:MI:SS"),
            ("2020-01-15", "YYYY/MM/DD HH24:MI:SS"),
            ("2020-01-15", "ZZZZ"),
            ("2020-01-15", "YYYY-MM-DD-"),
            ("2020-01-15", "YYYY-MM-DD "),
            ("2020-01-15 extra", "YYYY-MM-DD"),
            ("2020-01", "YYYY-MM-DD"),
            ("", "YYYY-MM-DD"),
            ("", "HH24"),
            ("2020-13-15", "YYYY-MM-DD"),
            ("2020-02-30", "YYYY-MM-DD"),
            ("25:00:00", "HH24:MI:SS"),
            ("24:00:00", "HH24:MI:SS"),
            ("10:00:60", "HH24:MI:SS"),
            ("13:30", "HH12:MI"),
            ("-2020-01-15", "YYYY-MM-DD"),
            ("2020-01-15", ""),
            ("1631711999", "YYYYMMDD"),
            ("15  2020", "DD MON YYYY"),
            ("2020 - 01 - 15", "YYYY-MM-DD"),
            ("2020-01-15 10:00:00 +0530", "YYYY-MM-DD HH24:MI:SS"),
            // ibis's own tests record this one.
            ("11/01/10", "%m/%d/%y"),
            // Documentation, "Whitespace in values and format specifiers".
            ("2019-02-2823:59:59 -07:00", "YYYY-MM-DD HH24:MI:SS TZH:TZM"),
        ] {
            refuse(text, model);
        }
    }

    /// Recorded (ExplicitFormatParseTest).
    #[test]
    fn digits_and_backtracking() {
        check("20200115", "YYYYMMDD", "2020-01-15");
        check("2020115", "YYYYMMDD", "2020-11-05");
        check("1152020", "MMDDYYYY", "2020-11-05");
        check("01152020", "MMDDYYYY", "2020-01-15");
        check("2020-1-5", "YYYY-MM-DD", "2020-01-05");
        check("202-01-15", "YYYY-MM-DD", "0202-01-15");
        check("20201-01-15", "YYYY-MM-DD", "20201-01-15");
        check("70-01-15", "YY-MM-DD", "1970-01-15");
        check("69-01-15", "YY-MM-DD", "2069-01-15");
        check("00-01-15", "YY-MM-DD", "2000-01-15");
        check("2020-2021-01-15", "YYYY-YYYY-MM-DD", "2021-01-15");
        check("2020T01T15", "YYYY\"T\"MM\"T\"DD", "2020-01-15");
        check("15", "DD", "1970-01-15");
        check("2020", "YYYY", "2020-01-01");
        check("", "", "1970-01-01");
        check("abc", "\"abc\"", "1970-01-01");
        check("-0044-03-15", "UUUU-MM-DD", "-0044-03-15");
    }

    /// Documentation of YY: "when set to 1980, values of 79 and 80 are parsed as 2079 and 1980".
    #[test]
    fn centuries() {
        let check = |text, century_start, expected: &str| {
            assert_eq!(
                read_with_century(text, "YY", century_start).as_deref(),
                Some(expected)
            );
        };
        check("79", 1980, "2079-01-01");
        check("80", 1980, "1980-01-01");
        check("5", 1990, "2005-01-01");
        check("99", 2000, "2099-01-01");
        check("00", 2100, "2100-01-01");
    }

    /// Recorded (ExplicitFormatParseTest).
    #[test]
    fn clocks() {
        check("10-00-01", "hh24-mi-ss", "1970-01-01 10:00:01");
        check("10:05:01", "HH24:MI:SS", "1970-01-01 10:05:01");
        check("10:05:07 PM", "HH12:MI:SS AM", "1970-01-01 22:05:07");
        check("10:05:07 pm", "HH12:MI:SS AM", "1970-01-01 22:05:07");
        check("10:05:07 AM", "HH12:MI:SS PM", "1970-01-01 10:05:07");
        check("12:30:01 AM", "HH12:MI:SS AM", "1970-01-01 00:30:01");
        check("12:30:01 PM", "HH12:MI:SS AM", "1970-01-01 12:30:01");
        check("10:00:01 PM", "HH24:MI:SS AM", "1970-01-01 22:00:01");
        check("12:30:01 AM", "HH24:MI:SS AM", "1970-01-01 12:30:01");
        check("13:30:01 PM", "HH24:MI:SS AM", "1970-01-01 13:30:01");
        check("10:00:01", "HH12:MI:SS", "1970-01-01 10:00:01");
        check("11.15.01", "HH24.MI.SS", "1970-01-01 11:15:01");
        check("9:5:1 p", "H12:ME:S A", "1970-01-01 21:05:01");
    }

    /// Recorded (ExplicitFormatParseTest); the last three are from the documentation's text and an assumption.
    #[test]
    fn names_and_blanks() {
        for (text, model) in [
            ("15 JAN 2020", "DD MON YYYY"),
            ("15 jAN 2020", "DD MON YYYY"),
            ("15 January 2020", "DD MON YYYY"),
            ("15 Jan 2020", "DD MMMM YYYY"),
            ("15 January 2020", "DD MMMM YYYY"),
            ("Wed 2020-01-15", "DY YYYY-MM-DD"),
            ("Wednesday 2020-01-15", "DY YYYY-MM-DD"),
            ("Mon 2020-01-15", "DY YYYY-MM-DD"),
            ("2020-01-15", "YYYY - MM - DD"),
            ("2020-01-15 ", "YYYY-MM-DD "),
            (" 2020-01-15", "YYYY-MM-DD"),
            ("2020-01-15 ", "YYYY-MM-DD"),
            ("15-Jan-2020", "DD-MON-YYYY"),
            ("15Jan2020", "DDMONYYYY"),
            ("15  Jan 2020", "DD MON YYYY"),
        ] {
            check(text, model, "2020-01-15");
        }
        check(
            "2020-01-15T10:00:01",
            "YYYY-MM-DDTHH24:MI:SS",
            "2020-01-15 10:00:01",
        );
        // Documentation, "Whitespace in values and format specifiers".
        check(
            "2019-02-28 23:59:59.000000000 -07:00",
            "YYYY-MM-DDHH24:MI:SS.FF TZH:TZM",
            "2019-02-28 23:59:59 -420",
        );
    }

    /// Recorded (ExplicitFormatParseTest); that the point may be missing is an assumption.
    #[test]
    fn fractions() {
        check("10:00:01.1", "HH24:MI:SS.FF", "1970-01-01 10:00:01.1");
        check(
            "10:00:01.123456",
            "HH24:MI:SS.FF3",
            "1970-01-01 10:00:01.123456",
        );
        check("10:00:01.", "HH24:MI:SS.FF", "1970-01-01 10:00:01");
        check("10:00:01", "HH24:MI:SS.FF", "1970-01-01 10:00:01");
        check(
            "10:00:01.1234567891",
            "HH24:MI:SS.FF",
            "1970-01-01 10:00:01.123456789",
        );
    }

    /// Recorded (ExplicitFormatParseTest), except for the forms with one digit and without a sign (documentation).
    #[test]
    fn offsets() {
        check(
            "10:00:01 +0530",
            "HH24:MI:SS TZHTZM",
            "1970-01-01 10:00:01 +330",
        );
        check(
            "10:00:01 +05:30",
            "HH24:MI:SS TZH:TZM",
            "1970-01-01 10:00:01 +330",
        );
        check("10:00:01 Z", "HH24:MI:SS TZH:TZM", "1970-01-01 10:00:01 +0");
        check("10:00:01 UTC", "HH24:MI:SS TZD", "1970-01-01 10:00:01 +0");
        check("10:00:01 PST", "HH24:MI:SS TZD", "1970-01-01 10:00:01 -480");
        check("10:00:01-7", "HH24:MI:SSTZH", "1970-01-01 10:00:01 -420");
        check(
            "10:00:01 0530",
            "HH24:MI:SS TZHTZM",
            "1970-01-01 10:00:01 +330",
        );
        refuse("10:00:01 +19:00", "HH24:MI:SS TZH:TZM");
        refuse("10:00:01 +05:60", "HH24:MI:SS TZH:TZM");
    }

    /// Whatever stands in a text or model, the reader answers; it must not run past an end.
    #[test]
    fn survives_nonsense() {
        for text in [
            "",
            "é",
            "+",
            "2020-",
            "Jan",
            "9999999999999999999",
            "1:2:3.",
            " ",
            "-",
        ] {
            for model in [
                "", "YYYYMMDD", "MON", "DY, DD", "FF", "TZH:TZM", "TZD", "UUUU", " ", "AM A", "é",
            ] {
                let _ = Format::new(model).parse(text, DEFAULT_CENTURY_START);
            }
        }
    }
}
