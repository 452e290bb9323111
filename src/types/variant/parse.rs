//! PARSE_JSON: text becomes canonical text.
//!
//! Snowflake reads more than JSON: single quotes, unquoted plain keys, holes and trailing commas in arrays, `.5`, `+1`, `NaN`,
//! keywords in any case. What it does not read, it names with a position: a fault about a token that was read is placed just
//! past it, one about a character that should not be there at that character, both counted in bytes from 1.

use std::fmt;

use super::{NULL, UNDEFINED, number, write};

/// What happens to a key that an object has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    Refused,
    /// PARSE_JSON(text, 'd')
    LastWins,
}

/// Why a text is not read, in Snowflake's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of a document; `None` (SQL NULL) where it is blank or `undefined`.
pub fn parse(text: &str, duplicates: Duplicates) -> Result<Option<String>, Fault> {
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        at: 0,
        out: String::with_capacity(text.len()),
        duplicates,
        depth: 0,
    };
    parser.blanks();
    match parser.peek() {
        None => return Ok(None),
        Some(b',') => return Err(garbage()),
        _ => parser.value()?,
    }
    parser.blanks();
    match parser.peek() {
        None if parser.out == UNDEFINED => Ok(None),
        None => Ok(Some(parser.out)),
        Some(b'{' | b'[' | b'"' | b'\'') => {
            Err(Fault("more than one document in the input".to_owned()))
        }
        Some(_) => Err(garbage()),
    }
}

fn garbage() -> Fault {
    Fault("garbage after valid input document".to_owned())
}

/// Deepest nesting; a deeper document would need more stack than a thread has.
const DEEPEST: usize = 1000;

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    out: String,
    duplicates: Duplicates,
    depth: usize,
}

/// A member of an object in `out`.
struct Member {
    /// Where its key begins, after the quote.
    key: usize,
    key_end: usize,
    end: usize,
}

type Parsed = Result<(), Fault>;

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r' | 12 | 11) = self.peek() {
            self.at += 1;
        }
    }

    /// A fault placed after `end` bytes of the text.
    fn fault(&self, what: impl fmt::Display, end: usize) -> Fault {
        let before = &self.bytes[..end.saturating_sub(1).min(self.bytes.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let position = end - line_start;
        Fault(if line == 1 {
            format!("{what}, pos {position}")
        } else {
            format!("{what}, line {line}, pos {position}")
        })
    }

    /// A fault about the character at hand.
    fn misplaced(&self, what: impl fmt::Display) -> Fault {
        self.fault(format_args!("misplaced {what}"), self.at + 1)
    }

    fn invalid_character(&self) -> Fault {
        let character = self.text[self.at..].chars().next().unwrap_or('\u{fffd}');
        let shown = match character {
            '\\' => "'\\\\'".to_owned(),
            _ if character.is_ascii() => format!("'{character}'"),
            _ => format!("U+{:04X}", u32::from(character)),
        };
        self.fault(
            format_args!("invalid character outside of a string: {shown}"),
            self.at + character.len_utf8(),
        )
    }

    fn value(&mut self) -> Parsed {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(quote @ (b'"' | b'\'')) => {
                self.out.push('"');
                self.string(quote)?;
                self.out.push('"');
                Ok(())
            }
            Some(b'0'..=b'9' | b'.' | b'+' | b'-') => self.number(),
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => self.keyword(),
            Some(b'}') => Err(self.misplaced('}')),
            Some(b']') => Err(self.misplaced(']')),
            Some(b',') => Err(self.misplaced("comma")),
            Some(b':') => Err(self.misplaced("colon")),
            Some(_) => Err(self.invalid_character()),
            None => Err(self.fault("incomplete value", self.at + 1)),
        }
    }

    fn nested(&mut self, container: fn(&mut Self) -> Parsed) -> Parsed {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.fault("document is nested too deeply", self.at + 1));
        }
        container(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn array(&mut self) -> Parsed {
        self.at += 1;
        self.out.push('[');
        let (mut count, mut any_value) = (0_usize, false);
        // Whether a value may come, rather than a comma.
        let mut expects = true;
        let mut separate = |out: &mut String| {
            if count > 0 {
                out.push(',');
            }
            count += 1;
        };
        loop {
            self.blanks();
            match self.peek() {
                None => return Err(self.fault("incomplete array value", self.at + 1)),
                Some(b']') => {
                    // A trailing comma adds a hole, but an array of commas alone has one for each.
                    if expects && any_value {
                        separate(&mut self.out);
                        self.out.push_str(UNDEFINED);
                    }
                    self.at += 1;
                    self.out.push(']');
                    return Ok(());
                }
                Some(b',') => {
                    if expects {
                        separate(&mut self.out);
                        self.out.push_str(UNDEFINED);
                    }
                    self.at += 1;
                    expects = true;
                }
                Some(b'}') => return Err(self.misplaced('}')),
                Some(_) if !expects => return Err(self.fault("missing comma", self.at + 1)),
                Some(_) => {
                    separate(&mut self.out);
                    self.value()?;
                    any_value = true;
                    expects = false;
                }
            }
        }
    }

    fn object(&mut self) -> Parsed {
        self.at += 1;
        let start = self.out.len();
        self.out.push('{');
        let mut members: Vec<Member> = Vec::new();
        let mut sorted = true;
        loop {
            self.blanks();
            match self.peek() {
                None => return Err(self.fault("incomplete object value", self.at + 1)),
                Some(b'}') => break,
                Some(b',') => return Err(self.misplaced("comma")),
                Some(_) => {}
            }
            if !members.is_empty() {
                self.out.push(',');
            }
            self.out.push('"');
            let key = self.out.len();
            let end_of_key = self.key()?;
            let key_end = self.out.len();
            let name = &self.out[key..key_end];
            let name_of = |member: &Member| &self.out[member.key..member.key_end];
            if let Some(last) = members.last()
                && !(sorted && write::compare_keys(name_of(last), name).is_lt())
            {
                sorted = false;
                if let Some(same) = members.iter().position(|member| name_of(member) == name) {
                    if self.duplicates == Duplicates::Refused {
                        let name = write::unescaped(name);
                        let what = format!("duplicate object attribute \"{name}\"");
                        return Err(self.fault(what, end_of_key));
                    }
                    members.remove(same);
                }
            }
            self.out.push_str("\":");
            self.blanks();
            match self.peek() {
                Some(b':') => self.at += 1,
                None => return Err(self.fault("incomplete object value", self.at + 1)),
                Some(b'}') => return Err(self.misplaced('}')),
                Some(b'[') => return Err(self.misplaced('[')),
                Some(b',') => return Err(self.misplaced("comma")),
                Some(byte) if is_value_start(byte) => {
                    return Err(self.fault("missing colon", self.at + 1));
                }
                Some(_) => return Err(self.invalid_character()),
            }
            self.blanks();
            if self.peek().is_none() {
                return Err(self.fault("incomplete object value", self.at + 1));
            }
            let value = self.out.len();
            self.value()?;
            if &self.out[value..] == UNDEFINED {
                self.out.truncate(value);
                self.out.push_str(NULL);
            }
            let end = self.out.len();
            members.push(Member { key, key_end, end });
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                Some(b']') => return Err(self.misplaced(']')),
                None => return Err(self.fault("incomplete object value", self.at + 1)),
                Some(_) => return Err(self.fault("missing comma", self.at + 1)),
            }
        }
        self.at += 1;
        if sorted {
            self.out.push('}');
        } else {
            self.sort(start, members);
        }
        Ok(())
    }

    /// Writes the object that begins at `start` again, its members in order.
    fn sort(&mut self, start: usize, mut members: Vec<Member>) {
        let written = self.out.split_off(start);
        let within = |member: &Member| {
            let (key, end) = (member.key - start, member.key_end - start);
            &written[key..end]
        };
        members.sort_by(|left, right| write::compare_keys(within(left), within(right)));
        self.out.push('{');
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.out
                .push_str(&written[member.key - 1 - start..member.end - start]);
        }
        self.out.push('}');
    }

    /// Writes a key without its quotes; gives where it ends in the text.
    fn key(&mut self) -> Result<usize, Fault> {
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => {
                self.string(quote)?;
                Ok(self.at)
            }
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => {
                let end = self.word_end(self.at);
                self.out.push_str(&self.text[self.at..end]);
                self.at = end;
                Ok(end)
            }
            Some(b'0'..=b'9') => {
                Err(self.fault("object attribute name cannot be a number", self.at + 1))
            }
            Some(b'{') => Err(self.misplaced('{')),
            Some(b'[') => Err(self.misplaced('[')),
            Some(b']') => Err(self.misplaced(']')),
            Some(b':') => Err(self.misplaced("colon")),
            _ => Err(self.invalid_character()),
        }
    }

    /// Writes the content of a string and moves past its closing quote.
    fn string(&mut self, quote: u8) -> Parsed {
        let unfinished = |parser: &Self| parser.fault("unfinished string", parser.bytes.len() + 1);
        self.at += 1;
        let mut from = self.at;
        loop {
            match self.peek() {
                None => return Err(unfinished(self)),
                Some(byte) if byte == quote => {
                    write::push_escaped(&self.text[from..self.at], &mut self.out);
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    write::push_escaped(&self.text[from..self.at], &mut self.out);
                    self.at += 1;
                    let character = self.escape().ok_or_else(|| unfinished(self))?;
                    let mut buffer = [0; 4];
                    write::push_escaped(character.encode_utf8(&mut buffer), &mut self.out);
                    from = self.at;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    /// The character that an escape means; `\d` and the like are the letter itself.
    fn escape(&mut self) -> Option<char> {
        let character = self.text[self.at..].chars().next()?;
        self.at += character.len_utf8();
        Some(match character {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let Some(high) = self.hexadecimal() else {
                    return Some('u');
                };
                let low = || {
                    let rest = self.text.get(self.at..)?.strip_prefix("\\u")?;
                    u32::from_str_radix(rest.get(..4)?, 16).ok()
                };
                match (high, low()) {
                    (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                        self.at += 6;
                        let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        char::from_u32(code).unwrap_or('\u{fffd}')
                    }
                    _ => char::from_u32(high).unwrap_or('\u{fffd}'),
                }
            }
            other => other,
        })
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        self.at += 4;
        Some(value)
    }

    fn keyword(&mut self) -> Parsed {
        let start = self.at;
        let end = self.word_end(start);
        let word = &self.text[start..end];
        let value = ["null", "true", "false", UNDEFINED]
            .into_iter()
            .find(|known| word.eq_ignore_ascii_case(known))
            .or_else(|| non_finite(word));
        match value {
            Some(value) => {
                self.out.push_str(value);
                self.at = end;
                Ok(())
            }
            None => Err(self.fault(format_args!("unknown keyword \"{word}\""), end + 1)),
        }
    }

    /// Where the letters, digits and underscores from `start` on end.
    fn word_end(&self, start: usize) -> usize {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = self.bytes[start..]
            .iter()
            .take_while(|byte| is_word(byte))
            .count();
        start + length
    }

    fn number(&mut self) -> Parsed {
        let start = self.at;
        let mut negative = false;
        let mut signed = false;
        if let Some(sign @ (b'+' | b'-')) = self.peek() {
            negative = sign == b'-';
            signed = true;
            self.at += 1;
            match self.peek() {
                Some(b'-') => return Err(self.fault("stray minus sign", self.at + 1)),
                Some(b'+') => return Err(self.fault("stray plus sign", self.at + 1)),
                Some(b'0'..=b'9' | b'.') => {}
                Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                    return self.signed_keyword(start, negative);
                }
                _ => return Err(self.fault("no number after a sign", self.at + 1)),
            }
        }
        let digits_start = self.at;
        let digits = |parser: &mut Self| {
            let from = parser.at;
            while let Some(b'0'..=b'9') = parser.peek() {
                parser.at += 1;
            }
            (from, parser.at)
        };
        let whole = digits(self);
        let mut fraction = (self.at, self.at);
        if self.peek() == Some(b'.') {
            self.at += 1;
            fraction = digits(self);
        }
        let mut exponent = false;
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            let (from, to) = digits(self);
            if from == to {
                let literal = &self.text[start..self.at];
                return Err(self.fault(
                    format_args!("missing decimal exponent digits: '{literal}'"),
                    self.at + 1,
                ));
            }
            exponent = true;
        }
        let end = self.word_end(self.at);
        if end > self.at {
            let literal = &self.text[if signed { digits_start } else { start }..end];
            return Err(self.fault(
                format_args!("garbage in the numeric literal: {literal} "),
                end + 1,
            ));
        }
        if exponent {
            let literal = self.text[start..self.at].trim_start_matches('+');
            number::push_double(literal.parse().unwrap_or(f64::NAN), &mut self.out);
        } else {
            let (whole, fraction) = (
                &self.text[whole.0..whole.1],
                &self.text[fraction.0..fraction.1],
            );
            number::push_digits(negative, whole, fraction, &mut self.out);
        }
        Ok(())
    }

    /// `+NaN`, `-inf`: a word after a sign.
    fn signed_keyword(&mut self, start: usize, negative: bool) -> Parsed {
        let end = self.word_end(self.at);
        let value = match (non_finite(&self.text[self.at..end]), negative) {
            (Some("Infinity"), true) => "-Infinity",
            (Some("NaN"), true) | (None, _) => {
                let word = &self.text[start..end];
                return Err(self.fault(format_args!("unknown keyword \"{word}\""), end + 1));
            }
            (Some(value), _) => value,
        };
        self.out.push_str(value);
        self.at = end;
        Ok(())
    }
}

fn non_finite(word: &str) -> Option<&'static str> {
    if word.eq_ignore_ascii_case("nan") {
        Some("NaN")
    } else if word.eq_ignore_ascii_case("inf") || word.eq_ignore_ascii_case("infinity") {
        Some("Infinity")
    } else {
        None
    }
}

/// Whether a value could begin with this character.
fn is_value_start(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'"' | b'\'' | b'{' | b'+' | b'-' | b'.' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match parse(text, Duplicates::Refused) {
            Ok(Some(value)) => value,
            Ok(None) => "NULL".to_owned(),
            Err(fault) => format!("! {fault}"),
        }
    }

    #[test]
    fn documents_become_canonical() {
        for (text, value) in [
            (
                " { \"b\" : [1, 2.50, {}], 'a': null } ",
                r#"{"a":null,"b":[1,2.5,{}]}"#,
            ),
            (
                "{\"z\":1,\"a\":{\"y\":1,\"b\":2},\"m\":3}",
                r#"{"a":{"b":2,"y":1},"m":3,"z":1}"#,
            ),
            ("{a:1,_b2:2,}", r#"{"_b2":2,"a":1}"#),
            ("{true:1,nan:2}", r#"{"nan":2,"true":1}"#),
            ("[1,,2]", "[1,undefined,2]"),
            ("[1,2,]", "[1,2,undefined]"),
            ("[,]", "[undefined]"),
            ("[,,]", "[undefined,undefined]"),
            ("[1, ,77]", "[1,undefined,77]"),
            ("[]", "[]"),
            ("", "NULL"),
            (" \n", "NULL"),
            ("undefined", "NULL"),
            ("{\"a\":undefined}", "{\"a\":null}"),
            ("True", "true"),
            ("NULL", "null"),
            ("[nan,-inf,+Infinity]", "[NaN,-Infinity,Infinity]"),
            ("01", "1"),
            ("+1", "1"),
            ("1.", "1"),
            (".5", "0.5"),
            (".", "0"),
            ("-0", "0"),
            ("1.0", "1"),
            ("1e2", "1e2"),
            ("1e999", "Infinity"),
            ("-0e0", "-0e0"),
            ("12345678901234567890.5", "12345678901234567890.5"),
            ("\"a\\u0041\\ud83d\\ude00\\/\\d\\'\"", "\"aA😀/d'\""),
            ("\"\\u0001D\"", "\"\\u0001D\""),
            ("\"a\nb\"", "\"a\\nb\""),
            ("{\"a\":{\"a\":1}}", "{\"a\":{\"a\":1}}"),
        ] {
            assert_eq!(read(text), value, "{text}");
        }
        let last = parse("{\"a\":1,\"b\":2,\"a\":3}", Duplicates::LastWins);
        assert_eq!(last.unwrap().unwrap(), "{\"a\":3,\"b\":2}");
    }

    /// Recorded.
    #[test]
    fn faults_are_placed() {
        for (text, fault) in [
            ("cdefg", "unknown keyword \"cdefg\", pos 6"),
            ("nul", "unknown keyword \"nul\", pos 4"),
            ("a:1", "unknown keyword \"a\", pos 2"),
            ("-a", "unknown keyword \"-a\", pos 3"),
            ("{\"a\":[1,{\"b\":x}]}", "unknown keyword \"x\", pos 15"),
            ("  cdefg", "unknown keyword \"cdefg\", pos 8"),
            ("\ncdefg", "unknown keyword \"cdefg\", line 2, pos 6"),
            ("}", "misplaced }, pos 1"),
            ("]", "misplaced ], pos 1"),
            ("{bad}", "misplaced }, pos 5"),
            ("{\"a\"}", "misplaced }, pos 5"),
            ("{\"a\":}", "misplaced }, pos 6"),
            ("[1}", "misplaced }, pos 3"),
            ("{\"a\":1]", "misplaced ], pos 7"),
            ("{\"a\":1,\"b\"}", "misplaced }, pos 11"),
            ("{\"a\":1,,}", "misplaced comma, pos 8"),
            ("{\"a\":,\"b\":1}", "misplaced comma, pos 6"),
            ("{", "incomplete object value, pos 2"),
            ("[", "incomplete array value, pos 2"),
            ("{\"a\":1", "incomplete object value, pos 7"),
            ("[1,2", "incomplete array value, pos 5"),
            ("{\"a\":[1,2", "incomplete array value, pos 10"),
            ("\"abc", "unfinished string, pos 5"),
            ("[1 2]", "missing comma, pos 4"),
            ("{\"a\":1 \"b\":2}", "missing comma, pos 8"),
            ("{\"a\" 1}", "missing colon, pos 6"),
            (
                "{\"a\":1,\"a\":2}",
                "duplicate object attribute \"a\", pos 10",
            ),
            (
                "{\"abc\":1,\"abc\":2}",
                "duplicate object attribute \"abc\", pos 14",
            ),
            ("#", "invalid character outside of a string: '#', pos 1"),
            ("{@:1}", "invalid character outside of a string: '@', pos 2"),
            ("[@]", "invalid character outside of a string: '@', pos 2"),
            (
                "{a$b:1}",
                "invalid character outside of a string: '$', pos 3",
            ),
            (
                "{ä:1}",
                "invalid character outside of a string: U+00E4, pos 3",
            ),
            (
                "{a€:1}",
                "invalid character outside of a string: U+20AC, pos 5",
            ),
            (
                "{a\\b:1}",
                "invalid character outside of a string: '\\\\', pos 3",
            ),
            ("-", "no number after a sign, pos 2"),
            ("--1", "stray minus sign, pos 2"),
            ("1e", "missing decimal exponent digits: '1e', pos 3"),
            ("1e+", "missing decimal exponent digits: '1e+', pos 4"),
            ("1a", "garbage in the numeric literal: 1a , pos 3"),
            ("{} {}", "more than one document in the input"),
            ("\"a\" \"b\"", "more than one document in the input"),
            ("1 2", "garbage after valid input document"),
            ("\"a\"x", "garbage after valid input document"),
            (",1", "garbage after valid input document"),
            ("{a-b:1}", "missing colon, pos 3"),
            ("{a b:1}", "missing colon, pos 4"),
            ("{1:1}", "object attribute name cannot be a number, pos 2"),
            ("{a[b:1}", "misplaced [, pos 3"),
            ("{a,b:1}", "misplaced comma, pos 3"),
            ("{a:b:1}", "unknown keyword \"b\", pos 5"),
        ] {
            assert_eq!(read(text), format!("! {fault}"), "{text}");
        }
    }

    #[test]
    fn deep_documents_are_refused() {
        assert!(read(&"[".repeat(100_000)).starts_with("! document is nested too deeply"));
    }
}
