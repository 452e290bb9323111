//! JSON documents in a file, one behind another: split without being read, so that a broken one is a fault of its own.
//!
//! Snowflake reads any sequence of values with white space (or nothing) between them; STRIP_OUTER_ARRAY makes each element
//! of an outer array a document. What is inside of a document is the business of `PARSE_JSON`.

use std::io::{self, Read};

use super::rows::{Fault, FaultKind, Row, Rows};

const BLOCK: usize = 1 << 20;
const LONGEST_DOCUMENT: usize = 256 << 20;

/// Reads documents from decompressed text into the first column.
pub struct JsonReader<R> {
    source: R,
    strip_outer_array: bool,
    /// Whether invalid UTF-8 becomes the replacement character.
    replace_invalid_characters: bool,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    at_end: bool,
    offset: u64,
    line: u64,
    row: u64,
    /// Inside of the outer array.
    in_array: bool,
}

impl<R: Read> JsonReader<R> {
    /// A reader behind the byte order mark.
    pub fn open(
        source: R,
        strip_outer_array: bool,
        replace_invalid_characters: bool,
    ) -> io::Result<Self> {
        let mut reader = JsonReader {
            source,
            strip_outer_array,
            replace_invalid_characters,
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            at_end: false,
            offset: 0,
            line: 1,
            row: 0,
            in_array: false,
        };
        reader.fill()?;
        if reader.buffer[..reader.filled].starts_with(b"\xef\xbb\xbf") {
            reader.consume(3);
        }
        Ok(reader)
    }

    /// Reads up to `limit` documents; `false` when there are no more.
    pub fn read(&mut self, limit: usize, rows: &mut Rows) -> io::Result<bool> {
        for _ in 0..limit {
            if !self.skip_between()? {
                return Ok(false);
            }
            let length = loop {
                match end_of_value(&self.buffer[self.start..self.filled]) {
                    Some(length) => break length,
                    None if self.at_end => break self.filled - self.start,
                    None if self.filled - self.start > LONGEST_DOCUMENT => {
                        rows.faults.push(self.fault(FaultKind::RecordTooLong));
                        return Ok(false);
                    }
                    None => self.fill()?,
                }
            };
            self.row += 1;
            let bytes = &self.buffer[self.start..self.start + length];
            let text = String::from_utf8_lossy(bytes);
            if matches!(text, std::borrow::Cow::Owned(_)) && !self.replace_invalid_characters {
                rows.faults
                    .push(self.fault(FaultKind::InvalidUtf8(super::csv::escaped_bytes(bytes))));
            } else {
                let row = Row {
                    number: self.row,
                    line: self.line,
                    offset: self.offset,
                };
                rows.push(row, bytes);
                if let Some(column) = rows.columns.first_mut() {
                    column.append_value(&text);
                }
            }
            self.consume(length);
        }
        Ok(true)
    }

    /// Moves to the next document: past white space, the outer array's brackets and its commas.
    fn skip_between(&mut self) -> io::Result<bool> {
        loop {
            let rest = &self.buffer[self.start..self.filled];
            let Some(found) = rest.iter().position(|byte| !byte.is_ascii_whitespace()) else {
                self.consume(self.filled - self.start);
                if self.at_end {
                    return Ok(false);
                }
                self.fill()?;
                continue;
            };
            let byte = rest[found];
            self.consume(found);
            match byte {
                b'[' if self.strip_outer_array && !self.in_array => self.in_array = true,
                b']' if self.in_array => self.in_array = false,
                // Snowflake also reads documents with commas between them
                b',' => {}
                _ => return Ok(true),
            }
            self.consume(1);
        }
    }

    fn fault(&self, kind: FaultKind) -> Fault {
        Fault {
            kind,
            row: self.row,
            row_line: self.line,
            line: self.line,
            character: 1,
            offset: self.offset,
            column: 1,
            record: String::new(),
        }
    }

    fn consume(&mut self, count: usize) {
        let taken = &self.buffer[self.start..self.start + count];
        self.line += memchr::memchr_iter(b'\n', taken).count() as u64;
        self.start += count;
        self.offset += count as u64;
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        let wanted = self.filled + self.filled.max(BLOCK);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        while self.filled < wanted {
            match self.source.read(&mut self.buffer[self.filled..wanted]) {
                Ok(0) => {
                    self.at_end = true;
                    break;
                }
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// How many bytes the value at the start has; `None` where it does not end here.
fn end_of_value(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'{' | b'[' => {}
        b'"' | b'\'' => return end_of_string(text),
        _ => {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}');
            // at least one byte, so that a reader always moves on
            return text[1..].iter().position(ends).map(|end| end + 1);
        }
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            quote @ (b'"' | b'\'') if quote == b'"' || is_value_place(&text[..at]) => {
                at += end_of_string(&text[at..])?;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether a single quote here can begin a string (Snowflake reads those too) rather than stand in a bare word.
fn is_value_place(before: &[u8]) -> bool {
    let last = before.iter().rev().find(|byte| !byte.is_ascii_whitespace());
    matches!(last, Some(b'{' | b'[' | b',' | b':'))
}

/// How many bytes the string at the start has, with its quotes.
fn end_of_string(text: &[u8]) -> Option<usize> {
    let quote = *text.first()?;
    let mut at = 1;
    loop {
        at += memchr::memchr2(quote, b'\\', text.get(at..)?)?;
        if text[at] == quote {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};

    use super::*;

    fn documents(text: &str, strip: bool) -> Vec<String> {
        let mut reader = JsonReader::open(text.as_bytes(), strip, false).unwrap();
        let mut rows = Rows::of_columns(1);
        while reader.read(2, &mut rows).unwrap() {}
        let columns = rows.finish_columns();
        let column = columns[0].as_string::<i32>();
        (0..column.len())
            .map(|row| column.value(row).to_owned())
            .collect()
    }

    #[test]
    fn documents_follow_each_other() {
        let text = "{\"a\": \"}\\\"\"}\n[1, 2] 3 \"x y\"{}";
        let expected = ["{\"a\": \"}\\\"\"}", "[1, 2]", "3", "\"x y\"", "{}"];
        assert_eq!(documents(text, false), expected);
    }

    #[test]
    fn the_outer_array_is_stripped() {
        let expected = ["{\"a\":[1]}", "2", "[3]"];
        assert_eq!(documents("[{\"a\":[1]}, 2 ,\n[3]]\n", true), expected);
    }

    #[test]
    fn a_broken_document_ends_with_the_file() {
        assert_eq!(documents("{\"a\": 1", false), ["{\"a\": 1"]);
    }
}
