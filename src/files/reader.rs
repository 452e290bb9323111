//! A file of any supported format as records: decompressed, decoded, split.

use std::io::{self, Read};

use super::compression::{Compression, decompressed};
use super::csv::{CsvReader, Dialect, Width};
use super::encoding::decoded;
use super::json::JsonReader;
use super::rows::{Fault, Rows};
use crate::error::{Error, Result};

/// How files are read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub compression: Compression,
    pub records: Records,
}

/// What the records of a file are.
#[derive(Debug, Clone, PartialEq)]
pub enum Records {
    Delimited {
        dialect: Dialect,
        /// ENCODING
        encoding: String,
        /// PARSE_HEADER: the first record has the names of the columns.
        parse_header: bool,
    },
    Json {
        strip_outer_array: bool,
        replace_invalid_characters: bool,
    },
}

/// Reads the records of one file.
pub struct RecordReader(Format);

type Source = Box<dyn Read + Send>;

enum Format {
    Delimited(CsvReader<Source>),
    Json(JsonReader<Source>),
}

impl RecordReader {
    /// Opens a file whose records have this many fields, or a document each.
    pub fn open(source: impl Read + Send + 'static, reading: &Reading, width: Width) -> Result<Self> {
        let source: Source = decompressed(source, reading.compression).map_err(unreadable)?;
        Ok(RecordReader(match &reading.records {
            Records::Delimited {
                dialect, encoding, ..
            } => {
                let source = decoded(source, encoding)?;
                let reader = CsvReader::open(source, dialect.clone(), width);
                Format::Delimited(reader.map_err(unreadable)?)
            }
            Records::Json {
                strip_outer_array,
                replace_invalid_characters,
            } => {
                let reader =
                    JsonReader::open(source, *strip_outer_array, *replace_invalid_characters);
                Format::Json(reader.map_err(unreadable)?)
            }
        }))
    }

    /// Reads the first record as names; `None` where the file has none, or the format has no header.
    pub fn header(&mut self) -> Result<std::result::Result<Option<Vec<String>>, Fault>> {
        match &mut self.0 {
            Format::Delimited(reader) => reader.header().map_err(unreadable),
            Format::Json(_) => Ok(Ok(None)),
        }
    }

    /// Changes how many fields the records must have.
    pub fn set_width(&mut self, width: Width) {
        if let Format::Delimited(reader) = &mut self.0 {
            reader.set_width(width);
        }
    }

    /// Reads up to `limit` records; `false` when there are no more.
    pub fn read(&mut self, limit: usize, rows: &mut Rows) -> Result<bool> {
        match &mut self.0 {
            Format::Delimited(reader) => reader.read(limit, rows),
            Format::Json(reader) => reader.read(limit, rows),
        }
        .map_err(unreadable)
    }
}

/// Bytes that are not what their compression says.
fn unreadable(error: io::Error) -> Error {
    tracing::info!(%error, "a staged file cannot be read");
    Error::corrupted_file()
}
