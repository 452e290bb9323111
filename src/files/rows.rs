//! What readers of files give: columns of text, where each record came from, and the records that were refused.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringBuilder};

use crate::error::Error;

/// Records as columns of text, a batch of them.
#[derive(Debug, Default)]
pub struct Rows {
    pub columns: Vec<StringBuilder>,
    /// Where the records came from, one for each row of the columns.
    pub rows: Vec<Row>,
    /// The records that were refused, in the file's order.
    pub faults: Vec<Fault>,
    /// Lines without anything in them that were passed over.
    pub blank_lines: u64,
    /// The text of the records behind each other.
    text: Vec<u8>,
    /// Where each record's text ends.
    ends: Vec<usize>,
}

/// Where a record came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its number in the file, from 1; header lines do not count.
    pub number: u64,
    /// The line of the file that it begins in, from 1.
    pub line: u64,
    /// The byte of the decompressed file that it begins at, from 0.
    pub offset: u64,
}

/// A record that was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub kind: FaultKind,
    /// The record's number in the file, from 1.
    pub row: u64,
    /// The line that the record begins in.
    pub row_line: u64,
    /// Where the fault is: line and character from 1, byte of the decompressed file from 0.
    pub line: u64,
    pub character: u64,
    pub offset: u64,
    /// The column, from 1; it can be one that the table does not have.
    pub column: usize,
    /// The text of the record.
    pub record: String,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// The file's first record has another number of fields than the table has columns.
    ColumnCount { found: usize, expected: usize },
    /// A later record ends too early.
    EndOfRecord,
    /// A later record goes on: field and record delimiter.
    FieldDelimiter(String, String),
    /// A character behind an enclosed field: the character, the delimiter.
    InsteadOfFieldDelimiter(String, String),
    /// The same in the last column.
    InsteadOfRecordDelimiter(String, String),
    /// An enclosed field without an end.
    UnclosedField,
    /// Bytes that are no text: the field's text.
    InvalidUtf8(String),
    /// A record longer than a reader holds.
    RecordTooLong,
}

impl FaultKind {
    /// The error that it is; `column` is the column's name as COPY writes it.
    pub fn error(&self, column: &str) -> Error {
        match self {
            FaultKind::ColumnCount { found, expected } => Error::file_column_count(found, expected),
            FaultKind::EndOfRecord => Error::end_of_record(column),
            FaultKind::FieldDelimiter(field, record) => {
                Error::unexpected_field_delimiter(field, record)
            }
            FaultKind::InsteadOfFieldDelimiter(character, delimiter) => {
                Error::not_a_field_delimiter(character, delimiter)
            }
            FaultKind::InsteadOfRecordDelimiter(character, delimiter) => {
                Error::not_a_record_delimiter(character, delimiter)
            }
            FaultKind::UnclosedField => Error::unclosed_field(),
            FaultKind::InvalidUtf8(text) => Error::invalid_utf8_in_file(text),
            FaultKind::RecordTooLong => Error::record_too_long(),
        }
    }
}

impl Rows {
    /// An empty batch of this many columns.
    pub fn of_columns(count: usize) -> Self {
        Rows {
            columns: (0..count).map(|_| StringBuilder::new()).collect(),
            ..Rows::default()
        }
    }

    /// Notes a record whose fields are appended to the columns next.
    pub fn push(&mut self, row: Row, text: &[u8]) {
        self.rows.push(row);
        self.text.extend_from_slice(text);
        self.ends.push(self.text.len());
    }

    /// The text of a row's record, with its end.
    pub fn record(&self, row: usize) -> &[u8] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.text[start..self.ends[row]]
    }

    /// Takes the columns out.
    pub fn finish_columns(&mut self) -> Vec<ArrayRef> {
        let finish = |builder: &mut StringBuilder| Arc::new(builder.finish()) as Arc<dyn Array>;
        self.columns.iter_mut().map(finish).collect()
    }

    /// Forgets the rows, for the next batch.
    pub fn clear(&mut self) {
        let columns = std::mem::take(&mut self.columns);
        *self = Rows::of_columns(columns.len());
    }
}
