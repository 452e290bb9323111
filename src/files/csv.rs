//! Delimited text in Snowflake's dialect: bytes in, columns of text out, with the place of every record and every fault.
//!
//! No reader on crates.io has this dialect (delimiters of several bytes, two escape characters, NULL_IF, records that are
//! refused one by one with line and character), hence our own. It works on blocks: a record is tokenized into spans first
//! and its text copied once, straight into the columns.
//!
//! Rules: the format options of `CREATE FILE FORMAT` (Snowflake's reference, TYPE = CSV).

use std::io::{self, Read};

use arrow::array::StringBuilder;

use super::rows::{Fault, FaultKind, Row, Rows};

/// Bytes that are asked of the source at once.
const BLOCK: usize = 1 << 20;

/// A record that is longer than this is refused: it would have to be held in memory as a whole.
const LONGEST_RECORD: usize = 256 << 20;

/// What ends a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordDelimiter {
    /// `\n`, or `\r\n`.
    Newline,
    Text(Vec<u8>),
    /// The file is one record.
    None,
}

/// How delimited text is read. Characters are single bytes, delimiters any valid UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    pub record_delimiter: RecordDelimiter,
    /// `None`: a record is one field.
    pub field_delimiter: Option<Vec<u8>>,
    /// FIELD_OPTIONALLY_ENCLOSED_BY
    pub enclosure: Option<u8>,
    /// ESCAPE, inside of enclosed fields.
    pub escape: Option<u8>,
    /// ESCAPE_UNENCLOSED_FIELD
    pub escape_unenclosed: Option<u8>,
    pub trim_space: bool,
    pub null_if: Vec<String>,
    pub empty_field_as_null: bool,
    pub skip_blank_lines: bool,
    /// Lines at the start that are no data.
    pub skip_header: u64,
    /// Whether an enclosed field may hold the record delimiter.
    pub multi_line: bool,
    /// REPLACE_INVALID_CHARACTERS
    pub replace_invalid_characters: bool,
    pub skip_byte_order_mark: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Dialect {
            record_delimiter: RecordDelimiter::Newline,
            field_delimiter: Some(vec![b',']),
            enclosure: None,
            escape: None,
            escape_unenclosed: Some(b'\\'),
            trim_space: false,
            null_if: vec!["\\N".to_owned()],
            empty_field_as_null: true,
            skip_blank_lines: false,
            skip_header: 0,
            multi_line: true,
            replace_invalid_characters: false,
            skip_byte_order_mark: true,
        }
    }
}

/// How many fields a record must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width {
    /// Columns of text that are read.
    pub columns: usize,
    /// Whether a record with another number of fields is refused; otherwise it is filled with NULL or cut.
    pub strict: bool,
}

/// A field in the buffer.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    enclosed: bool,
    /// Whether escapes or doubled quotes are in it.
    escaped: bool,
}

/// What tokenizing from a place of the buffer found.
enum Scan {
    /// The spans are filled; the record's text ends at `end`, the next one begins at `next`.
    Record { end: usize, next: usize },
    /// More bytes are needed.
    Incomplete,
    /// The record is broken at `at`, in the field with this index.
    Broken {
        kind: FaultKind,
        at: usize,
        field: usize,
    },
}

/// Reads records from decompressed, transcoded text.
pub struct CsvReader<R> {
    source: R,
    dialect: Dialect,
    width: Width,
    buffer: Vec<u8>,
    /// The unread part of the buffer.
    start: usize,
    filled: usize,
    at_end: bool,
    /// Bytes of the source before `start`.
    offset: u64,
    /// The line of `start`, from 1.
    line: u64,
    /// Records read so far.
    row: u64,
    spans: Vec<Span>,
    /// Bytes at which the scan of an unenclosed field looks twice.
    special: Box<[bool; 256]>,
    scratch: String,
}

impl<R: Read> CsvReader<R> {
    /// A reader behind the byte order mark and the header.
    pub fn open(source: R, dialect: Dialect, width: Width) -> io::Result<Self> {
        let mut special = Box::new([false; 256]);
        if let Some(delimiter) = &dialect.field_delimiter {
            special[usize::from(delimiter[0])] = true;
        }
        match &dialect.record_delimiter {
            RecordDelimiter::Newline => {
                special[usize::from(b'\n')] = true;
                special[usize::from(b'\r')] = true;
            }
            RecordDelimiter::Text(text) => special[usize::from(text[0])] = true,
            RecordDelimiter::None => {}
        }
        if let Some(escape) = dialect.escape_unenclosed {
            special[usize::from(escape)] = true;
        }
        let mut reader = CsvReader {
            source,
            dialect,
            width,
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            at_end: false,
            offset: 0,
            line: 1,
            row: 0,
            spans: Vec::new(),
            special,
            scratch: String::new(),
        };
        reader.fill()?;
        if reader.dialect.skip_byte_order_mark
            && reader.buffer[..reader.filled].starts_with(b"\xef\xbb\xbf")
        {
            reader.consume(3);
        }
        for _ in 0..reader.dialect.skip_header {
            if !reader.skip_line()? {
                break;
            }
        }
        Ok(reader)
    }

    /// The fields of the next record as text: a header. `None` at the end of the file.
    pub fn header(&mut self) -> io::Result<Result<Option<Vec<String>>, Fault>> {
        loop {
            if self.start == self.filled && self.at_end {
                return Ok(Ok(None));
            }
            match self.scan() {
                Scan::Incomplete => self.fill()?,
                Scan::Broken { kind, at, field } => return Ok(Err(self.fault(kind, at, field, 0))),
                Scan::Record { next, .. } => {
                    let mut names = Vec::with_capacity(self.spans.len());
                    for span in &self.spans {
                        let text = String::from_utf8_lossy(&self.buffer[span.start..span.end]);
                        names.push(if span.escaped {
                            let mut name = String::new();
                            unescape(&text, span.enclosed, &self.dialect, &mut name);
                            name
                        } else {
                            text.into_owned()
                        });
                    }
                    self.consume(next - self.start);
                    return Ok(Ok(Some(names)));
                }
            }
        }
    }

    /// Reads up to `limit` records; `false` when there are no more.
    pub fn read(&mut self, limit: usize, rows: &mut Rows) -> io::Result<bool> {
        let mut records = 0;
        while records < limit {
            if self.start == self.filled {
                if self.at_end {
                    return Ok(false);
                }
                self.fill()?;
                continue;
            }
            match self.scan() {
                Scan::Incomplete if self.filled - self.start > LONGEST_RECORD => {
                    let fault = self.fault(FaultKind::RecordTooLong, self.start, 1, 0);
                    rows.faults.push(fault);
                    return Ok(false);
                }
                Scan::Incomplete => self.fill()?,
                // whether it is the file's last one decides where faults are said to be
                Scan::Record { next, .. } if next == self.filled && !self.at_end => self.fill()?,
                Scan::Broken { kind, at, field } => {
                    records += 1;
                    self.row += 1;
                    let at = at - self.start;
                    let next = self.end_of_broken(at)?;
                    let fault = self.fault(kind, self.start + at, field, next);
                    rows.faults.push(fault);
                    self.consume(next);
                }
                Scan::Record { end, next } => {
                    records += 1;
                    self.row += 1;
                    if end == self.start && self.dialect.skip_blank_lines {
                        rows.blank_lines += 1;
                    } else if let Err((kind, at, field)) = self.take(end, next, rows) {
                        let fault = self.fault(kind, at, field, next - self.start);
                        rows.faults.push(fault);
                    }
                    self.consume(next - self.start);
                }
            }
        }
        Ok(true)
    }

    /// Appends the record whose spans have been found.
    fn take(
        &mut self,
        end: usize,
        next: usize,
        rows: &mut Rows,
    ) -> Result<(), (FaultKind, usize, usize)> {
        let fields = self.spans.len();
        let wanted = self.width.columns;
        if self.width.strict && fields != wanted {
            return Err(self.miscounted(end, next));
        }
        let record = &self.buffer[self.start..end];
        if !self.dialect.replace_invalid_characters
            && let Err(error) = std::str::from_utf8(record)
        {
            let at = self.start + error.valid_up_to();
            let field = self
                .spans
                .iter()
                .position(|span| at < span.end)
                .unwrap_or(0);
            let Span { start, end, .. } = self.spans[field];
            let kind = FaultKind::InvalidUtf8(escaped_bytes(&self.buffer[start..end]));
            return Err((kind, start, field + 1));
        }
        let row = Row {
            number: self.row,
            line: self.line,
            offset: self.offset,
        };
        rows.push(row, &self.buffer[self.start..next]);
        for (column, builder) in rows.columns.iter_mut().enumerate() {
            let Some(span) = self.spans.get(column) else {
                builder.append_null();
                continue;
            };
            append(
                &self.buffer[span.start..span.end],
                *span,
                &self.dialect,
                builder,
                &mut self.scratch,
            );
        }
        Ok(())
    }

    /// What is wrong with a record of the wrong number of fields: Snowflake measures a file by its first record, and says of
    /// later ones where they end too early or go on.
    fn miscounted(&self, end: usize, next: usize) -> (FaultKind, usize, usize) {
        let (found, expected) = (self.spans.len(), self.width.columns);
        if self.row == 1 && end > self.start {
            let is_last = next == self.filled;
            return (
                FaultKind::ColumnCount { found, expected },
                if is_last { end } else { next },
                found,
            );
        }
        if found < expected {
            return (FaultKind::EndOfRecord, end, found + 1);
        }
        let surplus = &self.spans[expected.saturating_sub(1)];
        let at = surplus.end + usize::from(surplus.enclosed);
        let kind =
            FaultKind::FieldDelimiter(self.field_delimiter_text(), self.record_delimiter_text());
        (kind, at, expected)
    }

    /// Tokenizes the record at `start`.
    fn scan(&mut self) -> Scan {
        self.spans.clear();
        let buffer = &self.buffer[..self.filled];
        let dialect = &self.dialect;
        let mut at = self.start;
        loop {
            let mut begin = at;
            if dialect.trim_space {
                begin += blanks(&buffer[begin..], dialect);
            }
            let enclosure = dialect
                .enclosure
                .filter(|quote| buffer.get(begin) == Some(quote));
            let (span, after, found) = match enclosure {
                Some(quote) => match self.scan_enclosed(begin, quote) {
                    Ok((span, mut after)) => {
                        if dialect.trim_space {
                            after += blanks(&buffer[after..], dialect);
                        }
                        (span, after, self.delimiter_at(after))
                    }
                    Err(scan) => return scan,
                },
                None => match self.scan_unenclosed(begin) {
                    Some(scanned) => scanned,
                    None => return Scan::Incomplete,
                },
            };
            self.spans.push(span);
            match found {
                Found::Field(next) => at = next,
                Found::Record(next) => return Scan::Record { end: after, next },
                Found::Incomplete => return Scan::Incomplete,
                Found::Neither => {
                    let field = self.spans.len();
                    let character = first_character(&buffer[after..]);
                    let kind = if field < self.width.columns {
                        FaultKind::InsteadOfFieldDelimiter(character, self.field_delimiter_text())
                    } else {
                        FaultKind::InsteadOfRecordDelimiter(character, self.record_delimiter_text())
                    };
                    return Scan::Broken {
                        kind,
                        at: after,
                        field,
                    };
                }
            }
        }
    }

    /// The field behind an opening quote, and the place behind its closing one.
    fn scan_enclosed(&self, begin: usize, quote: u8) -> Result<(Span, usize), Scan> {
        let buffer = &self.buffer[..self.filled];
        let escape = self.dialect.escape.unwrap_or(quote);
        let start = begin + 1;
        let mut escaped = false;
        let mut at = start;
        loop {
            let Some(found) = memchr::memchr2(quote, escape, &buffer[at..]) else {
                return Err(self.unfinished(begin));
            };
            at += found;
            if buffer[at] == escape && escape != quote {
                escaped = true;
                at += 2;
                if at > buffer.len() {
                    return Err(self.unfinished(begin));
                }
                continue;
            }
            match buffer.get(at + 1) {
                Some(&next) if next == quote => {
                    escaped = true;
                    at += 2;
                }
                None if !self.at_end => return Err(Scan::Incomplete),
                _ => break,
            }
        }
        if !self.dialect.multi_line
            && let Some(newline) = memchr::memchr(b'\n', &buffer[start..at])
        {
            return Err(Scan::Broken {
                kind: FaultKind::UnclosedField,
                at: start + newline,
                field: self.spans.len() + 1,
            });
        }
        let span = Span {
            start,
            end: at,
            enclosed: true,
            escaped,
        };
        Ok((span, at + 1))
    }

    /// An enclosed field without an end in the buffer.
    fn unfinished(&self, begin: usize) -> Scan {
        if !self.at_end {
            return Scan::Incomplete;
        }
        Scan::Broken {
            kind: FaultKind::UnclosedField,
            at: begin,
            field: self.spans.len() + 1,
        }
    }

    /// The field at `begin` up to a delimiter, the place of that and what it is; `None` where the buffer ends before it.
    fn scan_unenclosed(&self, begin: usize) -> Option<(Span, usize, Found)> {
        let buffer = &self.buffer[..self.filled];
        let mut escaped = false;
        let mut at = begin;
        let (after, found) = loop {
            match buffer[at..]
                .iter()
                .position(|byte| self.special[usize::from(*byte)])
            {
                Some(found) => at += found,
                None if self.at_end => break (buffer.len(), Found::Record(buffer.len())),
                None => return None,
            }
            if Some(buffer[at]) == self.dialect.escape_unenclosed {
                if at + 1 == buffer.len() && !self.at_end {
                    return None;
                }
                escaped = true;
                at = (at + 2).min(buffer.len());
                continue;
            }
            match self.delimiter_at(at) {
                Found::Neither => at += 1,
                Found::Incomplete => return None,
                found @ (Found::Field(_) | Found::Record(_)) => break (at, found),
            }
        };
        let mut end = after;
        if self.dialect.trim_space {
            while end > begin && matches!(buffer[end - 1], b' ' | b'\t') {
                end -= 1;
            }
        }
        let span = Span {
            start: begin,
            end,
            enclosed: false,
            escaped,
        };
        Some((span, after, found))
    }

    fn delimiter_at(&self, at: usize) -> Found {
        let rest = &self.buffer[at..self.filled];
        if rest.is_empty() {
            return if self.at_end {
                Found::Record(at)
            } else {
                Found::Incomplete
            };
        }
        let mut incomplete = false;
        match &self.dialect.record_delimiter {
            RecordDelimiter::Newline => match rest {
                [b'\n', ..] => return Found::Record(at + 1),
                [b'\r', b'\n', ..] => return Found::Record(at + 2),
                [b'\r'] => incomplete = true,
                _ => {}
            },
            RecordDelimiter::Text(text) if rest.starts_with(text) => {
                return Found::Record(at + text.len());
            }
            RecordDelimiter::Text(text) => incomplete |= text.starts_with(rest),
            RecordDelimiter::None => {}
        }
        if let Some(text) = &self.dialect.field_delimiter {
            if rest.starts_with(text) {
                return Found::Field(at + text.len());
            }
            incomplete |= text.starts_with(rest);
        }
        if incomplete && !self.at_end {
            Found::Incomplete
        } else {
            Found::Neither
        }
    }

    /// How many bytes a broken record has, with the delimiter behind it: the first one from `at`, counted from `start`.
    fn end_of_broken(&mut self, mut at: usize) -> io::Result<usize> {
        loop {
            match self.delimiter_at(self.start + at) {
                Found::Record(next) if next == self.filled && !self.at_end => self.fill()?,
                Found::Record(next) => return Ok(next - self.start),
                Found::Incomplete => self.fill()?,
                Found::Field(_) | Found::Neither => at += 1,
            }
        }
    }

    /// A fault at a place of the buffer, in a record of `length` bytes.
    fn fault(&self, kind: FaultKind, at: usize, column: usize, length: usize) -> Fault {
        let before = &self.buffer[self.start..at.min(self.filled)];
        let newlines = memchr::memchr_iter(b'\n', before).count() as u64;
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |place| place + 1);
        let characters = String::from_utf8_lossy(&before[line_start..])
            .chars()
            .count();
        let mut record = &self.buffer[self.start..self.start + length];
        if self.start + length == self.filled {
            // the last record is quoted without its end
            record = record.strip_suffix(b"\n").unwrap_or(record);
        }
        Fault {
            kind,
            row: self.row,
            row_line: self.line,
            line: self.line + newlines,
            character: characters as u64 + 1,
            offset: self.offset + before.len() as u64,
            column,
            record: String::from_utf8_lossy(record).into_owned(),
        }
    }

    fn field_delimiter_text(&self) -> String {
        let delimiter = self.dialect.field_delimiter.as_deref().unwrap_or_default();
        String::from_utf8_lossy(delimiter).into_owned()
    }

    fn record_delimiter_text(&self) -> String {
        match &self.dialect.record_delimiter {
            RecordDelimiter::Newline => "\\n".to_owned(),
            RecordDelimiter::Text(text) => {
                String::from_utf8_lossy(text).escape_default().to_string()
            }
            RecordDelimiter::None => String::new(),
        }
    }

    /// Moves past `count` bytes of the buffer.
    fn consume(&mut self, count: usize) {
        let taken = &self.buffer[self.start..self.start + count];
        self.line += memchr::memchr_iter(b'\n', taken).count() as u64;
        self.start += count;
        self.offset += count as u64;
    }

    /// Moves past a line; `false` where there is none.
    fn skip_line(&mut self) -> io::Result<bool> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.buffer[self.start..self.filled]) {
                self.consume(end + 1);
                return Ok(true);
            }
            if self.at_end {
                self.consume(self.filled - self.start);
                return Ok(false);
            }
            self.fill()?;
        }
    }

    /// Reads another block behind what is unread.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        // As much again as is unread, so that a long record is not scanned too often.
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

/// Where a field of a record begins: lines behind the record's first, the character from 1, the byte from 0.
pub fn place_of_field(record: &[u8], dialect: &Dialect, field: usize) -> (u64, u64, u64) {
    let whole = Dialect {
        skip_header: 0,
        ..dialect.clone()
    };
    let width = Width {
        columns: field + 1,
        strict: false,
    };
    let Ok(mut reader) = CsvReader::open(record, whole, width) else {
        return (0, 1, 0);
    };
    reader.scan();
    let start = reader
        .spans
        .get(field)
        .map_or(0, |span| span.start - usize::from(span.enclosed));
    let fault = reader.fault(FaultKind::EndOfRecord, start, field, 0);
    (fault.line - 1, fault.character, fault.offset)
}

/// What stands at a place.
enum Found {
    /// A field delimiter; the next field begins here.
    Field(usize),
    /// The end of a record; the next one begins here.
    Record(usize),
    Neither,
    Incomplete,
}

/// White space that is no delimiter.
fn blanks(text: &[u8], dialect: &Dialect) -> usize {
    let delimiter = dialect.field_delimiter.as_ref().map(|text| text[0]);
    let blank = |byte: &&u8| matches!(**byte, b' ' | b'\t') && Some(**byte) != delimiter;
    text.iter().take_while(blank).count()
}

/// Text with `0xA0` for every byte that belongs to no character, as Snowflake quotes it.
pub(super) fn escaped_bytes(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("0x{byte:02X}"));
        }
    }
    text
}

fn first_character(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(4)];
    let text = String::from_utf8_lossy(head);
    let character = text.chars().next().unwrap_or(' ');
    if character.is_control() {
        character.escape_default().to_string()
    } else {
        character.to_string()
    }
}

/// Appends a field's value: unescaped, NULL where the dialect says so.
fn append(
    bytes: &[u8],
    span: Span,
    dialect: &Dialect,
    builder: &mut StringBuilder,
    scratch: &mut String,
) {
    let lossy;
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // the caller has refused it, unless invalid characters are replaced
        Err(_) => {
            lossy = String::from_utf8_lossy(bytes);
            &lossy
        }
    };
    let is_null = |value: &str| dialect.null_if.iter().any(|null| null == value);
    if text.is_empty() && !span.enclosed && dialect.empty_field_as_null || is_null(text) {
        builder.append_null();
    } else if !span.escaped {
        builder.append_value(text);
    } else {
        scratch.clear();
        unescape(text, span.enclosed, dialect, scratch);
        if is_null(scratch) {
            builder.append_null();
        } else {
            builder.append_value(&*scratch);
        }
    }
}

/// The text of a field with its escapes read: `\t`, `\n` and their like as the characters that they name, every other
/// escaped character as itself, doubled quotes as one.
fn unescape(text: &str, enclosed: bool, dialect: &Dialect, into: &mut String) {
    let escape = if enclosed {
        dialect.escape
    } else {
        dialect.escape_unenclosed
    }
    .map(char::from);
    let quote = dialect.enclosure.filter(|_| enclosed).map(char::from);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if Some(character) == escape {
            match characters.next() {
                Some(next) => into.push(named(next)),
                None => into.push(character),
            }
        } else {
            into.push(character);
            if Some(character) == quote {
                // the second of a pair; a single one cannot be inside
                characters.next();
            }
        }
    }
}

/// The character that an escape names.
fn named(character: char) -> char {
    match character {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};

    use super::*;

    /// A source that gives one byte at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(into.len()).min(1);
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn read(text: &str, dialect: &Dialect, width: Width) -> (Vec<Vec<Option<String>>>, Vec<Fault>) {
        let mut reader = CsvReader::open(Drip(text.as_bytes()), dialect.clone(), width).unwrap();
        let mut rows = Rows::of_columns(width.columns);
        while reader.read(1, &mut rows).unwrap() {}
        let count = rows.rows.len();
        let columns = rows.finish_columns();
        let cell = |row: usize| {
            let cells = columns.iter().map(|column| {
                let column = column.as_string::<i32>();
                column.is_valid(row).then(|| column.value(row).to_owned())
            });
            cells.collect()
        };
        ((0..count).map(cell).collect(), rows.faults)
    }

    fn strict(columns: usize) -> Width {
        Width {
            columns,
            strict: true,
        }
    }

    fn quoted() -> Dialect {
        Dialect {
            enclosure: Some(b'"'),
            ..Dialect::default()
        }
    }

    fn values(text: &str, dialect: &Dialect, columns: usize) -> Vec<Vec<Option<String>>> {
        let (rows, faults) = read(text, dialect, strict(columns));
        assert_eq!(faults, [], "{text}");
        rows
    }

    fn some(values: &[&str]) -> Vec<Option<String>> {
        let value = |text: &&str| (*text != "NULL").then(|| (*text).to_owned());
        values.iter().map(value).collect()
    }

    #[test]
    fn plain_records() {
        let text = "1,x\r\n2,\n,\\N\nlast,one";
        let expected = [
            some(&["1", "x"]),
            some(&["2", "NULL"]),
            some(&["NULL", "NULL"]),
            some(&["last", "one"]),
        ];
        assert_eq!(values(text, &Dialect::default(), 2), expected);
    }

    #[test]
    fn enclosed_fields() {
        let text = "\"a,\"\"b\"\"\",\"two\nlines\"\n\"\",x\"y\n";
        let expected = [some(&["a,\"b\"", "two\nlines"]), some(&["", "x\"y"])];
        assert_eq!(values(text, &quoted(), 2), expected);
        let escaped = Dialect {
            escape: Some(b'\\'),
            ..quoted()
        };
        assert_eq!(
            values("\"a\\\"b\\n\",1\n", &escaped, 2),
            [some(&["a\"b\n", "1"])]
        );
    }

    #[test]
    fn escapes_of_unenclosed_fields() {
        let expected = [some(&["a,b", "c\\\td"]), some(&["x\ny", "z"])];
        assert_eq!(
            values("a\\,b,c\\\\\\td\nx\\\ny,z\n", &Dialect::default(), 2),
            expected
        );
    }

    #[test]
    fn delimiters_of_several_bytes() {
        let dialect = Dialect {
            field_delimiter: Some(b"::".to_vec()),
            record_delimiter: RecordDelimiter::Text(b"|\n".to_vec()),
            ..Dialect::default()
        };
        let expected = [some(&["a:", "b|"]), some(&["c", "d\ne"])];
        assert_eq!(values("a:::b||\nc::d\ne", &dialect, 2)[1], expected[1]);
        let none = Dialect {
            field_delimiter: None,
            ..Dialect::default()
        };
        assert_eq!(values("a,b\n", &none, 1), [some(&["a,b"])]);
    }

    #[test]
    fn space_is_trimmed_around_the_enclosure() {
        let dialect = Dialect {
            trim_space: true,
            ..quoted()
        };
        assert_eq!(
            values(" 1 , \" x y \" \n", &dialect, 2),
            [some(&["1", " x y "])]
        );
    }

    // frostlake's CopyColumnCountTest and CopyDataSemanticsTest have these from a live account.
    #[test]
    fn miscounted_records_are_refused_where_snowflake_says() {
        let place = |text: &str| {
            let (_, faults) = read(
                text,
                &Dialect {
                    skip_header: 1,
                    ..Dialect::default()
                },
                strict(2),
            );
            let fault = &faults[0];
            (
                fault.kind.clone(),
                fault.line,
                fault.character,
                fault.column,
            )
        };
        let count = |found| FaultKind::ColumnCount { found, expected: 2 };
        assert_eq!(place("id,name\n1,a,extra\n2,b\n"), (count(3), 3, 1, 3));
        assert_eq!(place("id,name\n1\n2,b\n"), (count(1), 3, 1, 1));
        assert_eq!(place("id,name\n1,a,extra\n"), (count(3), 2, 10, 3));
        assert_eq!(place("id,name\n1\n"), (count(1), 2, 2, 1));
        let delimiter = FaultKind::FieldDelimiter(",".to_owned(), "\\n".to_owned());
        assert_eq!(place("id,name\n1,a\n2,b,extra\n"), (delimiter, 3, 4, 2));
        assert_eq!(
            place("id,name\n1,a\n2\n"),
            (FaultKind::EndOfRecord, 3, 2, 2)
        );
        assert_eq!(
            place("id,name\n1,a\n\n2,b\n"),
            (FaultKind::EndOfRecord, 3, 1, 2)
        );
        assert_eq!(
            place("id,name\n1,a\n2,b\n\n"),
            (FaultKind::EndOfRecord, 4, 1, 2)
        );
    }

    #[test]
    fn a_broken_record_leaves_the_next_one_whole() {
        let (rows, faults) = read("\"a\"x,1\nb,2\n", &quoted(), strict(2));
        assert_eq!(rows, [some(&["b", "2"])]);
        let kind = FaultKind::InsteadOfFieldDelimiter("x".to_owned(), ",".to_owned());
        assert_eq!((&faults[0].kind, faults[0].character), (&kind, 4));
        assert_eq!(faults[0].record, "\"a\"x,1\n");
        let (_, faults) = read("1,\"a\"x\n", &quoted(), strict(2));
        let kind = FaultKind::InsteadOfRecordDelimiter("x".to_owned(), "\\n".to_owned());
        assert_eq!(faults[0].kind, kind);
        let (_, faults) = read("1,\"a\n2,b\n", &quoted(), strict(2));
        assert_eq!(faults[0].kind, FaultKind::UnclosedField);
    }

    #[test]
    fn wider_and_narrower_records_where_that_is_allowed() {
        let width = Width {
            columns: 2,
            strict: false,
        };
        let (rows, faults) = read("1,a,extra\n2\n", &Dialect::default(), width);
        assert_eq!(faults, []);
        assert_eq!(rows, [some(&["1", "a"]), some(&["2", "NULL"])]);
    }

    #[test]
    fn invalid_text_is_refused_or_replaced() {
        let read = |replace: bool| {
            let dialect = Dialect {
                replace_invalid_characters: replace,
                ..Dialect::default()
            };
            let mut reader =
                CsvReader::open(&b"1,Ltd.\xa0\n2,b\n"[..], dialect, strict(2)).unwrap();
            let mut rows = Rows::of_columns(2);
            while reader.read(10, &mut rows).unwrap() {}
            rows
        };
        let rows = read(false);
        assert_eq!(
            rows.faults[0].kind,
            FaultKind::InvalidUtf8("Ltd.0xA0".to_owned())
        );
        assert_eq!((rows.faults[0].character, rows.rows.len()), (3, 1));
        assert_eq!(read(true).rows.len(), 2);
    }
}
