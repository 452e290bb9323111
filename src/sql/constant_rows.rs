//! A reader of long `INSERT … VALUES` lists that consist of plain constants: they need no tokens and no parser.
//!
//! It takes a text or leaves it: whatever is not exactly such a list (an expression, a comment, a second statement, a
//! mistake) is left to the tokenizer and the parser, so that there is one grammar and one set of errors.

use std::borrow::Cow;

use super::literal;

/// Shorter texts gain nothing.
const WORTHWHILE_BYTES: usize = 4096;

/// A constant as it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant<'a> {
    Null,
    Boolean(bool),
    /// Digits, point and exponent, perhaps with a sign.
    Number(&'a str),
    Text(Cow<'a, str>),
}

/// The rows of a VALUES list, all of one width.
#[derive(Debug, PartialEq)]
pub struct ConstantList<'a> {
    pub width: usize,
    /// Row by row.
    pub constants: Vec<Constant<'a>>,
}

/// The text before and with VALUES, and the list behind it that ends the request; `None` if this is anything else.
pub(super) fn split(text: &str) -> Option<(&str, ConstantList<'_>)> {
    if text.len() < WORTHWHILE_BYTES {
        return None;
    }
    let start = text.trim_start();
    if !start.get(..6)?.eq_ignore_ascii_case("insert") {
        return None;
    }
    // VALUES stands before the first tuple; a column list may come before it.
    let mut search = 0;
    let head_end = loop {
        let open = search + text.get(search..)?.find('(')?;
        let before = text[..open].trim_end();
        let word_start = before.len().checked_sub(6)?;
        let is_values = before.is_char_boundary(word_start)
            && before[word_start..].eq_ignore_ascii_case("values")
            && before[..word_start].ends_with(|c: char| c.is_whitespace() || c == ')');
        if is_values {
            break before.len();
        }
        if search > 0 {
            return None;
        }
        search = open + 1;
    };
    let mut reader = Reader {
        rest: &text[head_end..],
    };
    let list = reader.list()?;
    Some((&text[..head_end], list))
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// `(…), (…)`, and perhaps a semicolon, to the end.
    fn list(&mut self) -> Option<ConstantList<'a>> {
        let mut constants = Vec::new();
        let mut width = None;
        loop {
            let before = constants.len();
            self.tuple(&mut constants)?;
            let count = constants.len() - before;
            if *width.get_or_insert(count) != count {
                return None;
            }
            if !self.take(b',') {
                break;
            }
        }
        while self.take(b';') {}
        self.skip_blanks();
        self.rest.is_empty().then_some(ConstantList {
            width: width?,
            constants,
        })
    }

    fn tuple(&mut self, constants: &mut Vec<Constant<'a>>) -> Option<()> {
        self.take(b'(').then_some(())?;
        loop {
            constants.push(self.constant()?);
            if !self.take(b',') {
                break;
            }
        }
        self.take(b')').then_some(())
    }

    fn constant(&mut self) -> Option<Constant<'a>> {
        self.skip_blanks();
        match *self.rest.as_bytes().first()? {
            b'\'' => self.text(),
            b'-' | b'+' | b'.' | b'0'..=b'9' => self.number(),
            _ => self.word(),
        }
    }

    fn text(&mut self) -> Option<Constant<'a>> {
        let bytes = self.rest.as_bytes();
        let mut at = 1;
        let mut plain = true;
        loop {
            match *bytes.get(at)? {
                b'\\' => {
                    plain = false;
                    at += 2;
                }
                b'\'' if bytes.get(at + 1) == Some(&b'\'') => {
                    plain = false;
                    at += 2;
                }
                b'\'' => break,
                _ => at += 1,
            }
        }
        let raw = self.rest.get(1..at)?;
        self.rest = self.rest.get(at + 1..)?;
        Some(Constant::Text(match plain {
            true => Cow::Borrowed(raw),
            false => Cow::Owned(literal::decode(raw)),
        }))
    }

    /// Digits with at most one point, an exponent, one sign before them.
    fn number(&mut self) -> Option<Constant<'a>> {
        let bytes = self.rest.as_bytes();
        let mut at = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
        let digits = |at: &mut usize| {
            let start = *at;
            while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
                *at += 1;
            }
            *at - start
        };
        let mut count = digits(&mut at);
        if bytes.get(at) == Some(&b'.') {
            at += 1;
            count += digits(&mut at);
        }
        if count == 0 {
            return None;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            at += 1;
            at += usize::from(matches!(bytes.get(at), Some(b'-' | b'+')));
            if digits(&mut at) == 0 {
                return None;
            }
        }
        let number = &self.rest[..at];
        self.rest = &self.rest[at..];
        self.ends().then_some(Constant::Number(number))
    }

    fn word(&mut self) -> Option<Constant<'a>> {
        let length = self
            .rest
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        let word = &self.rest[..length];
        let constant = if word.eq_ignore_ascii_case("null") {
            Constant::Null
        } else if word.eq_ignore_ascii_case("true") {
            Constant::Boolean(true)
        } else if word.eq_ignore_ascii_case("false") {
            Constant::Boolean(false)
        } else {
            return None;
        };
        self.rest = &self.rest[length..];
        self.ends().then_some(constant)
    }

    /// Whether what has been read ends here, and is no part of something longer.
    fn ends(&self) -> bool {
        let next = self.rest.bytes().next();
        next.is_some_and(|byte| matches!(byte, b',' | b')' | b' ' | b'\t' | b'\n' | b'\r'))
    }

    fn take(&mut self, wanted: u8) -> bool {
        self.skip_blanks();
        let found = self.rest.as_bytes().first() == Some(&wanted);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_of(tuple: &str) -> Option<Vec<Constant<'static>>> {
        let text = format!(
            "insert into t (a, b) values {}",
            vec![tuple; 2000].join(",")
        );
        let (head, list) = split(text.leak())?;
        assert!(head.ends_with("values"), "{head}");
        assert_eq!(list.constants.len(), list.width * 2000);
        Some(list.constants[..list.width].to_vec())
    }

    #[test]
    fn plain_constants_are_read() {
        use Constant::{Boolean, Null, Number, Text};
        assert_eq!(
            list_of(r"( -1.5e3 , 'it''s \x41',NULL,true, 'é', .5)").unwrap(),
            [
                Number("-1.5e3"),
                Text("it's A".into()),
                Null,
                Boolean(true),
                Text("é".into()),
                Number(".5"),
            ]
        );
    }

    #[test]
    fn everything_else_is_left() {
        for tuple in [
            "(1 + 1)",
            "(default)",
            "(x'00')",
            "('a'::date)",
            "(1 /* c */)",
            "(?)",
            "(- 1)",
            "()",
            "('a",
            "(1a)",
            "('a''')x",
            "(1);select 1;",
            "(nulls)",
            "('a' 'b')",
        ] {
            assert_eq!(list_of(tuple), None, "{tuple}");
        }
    }
}
