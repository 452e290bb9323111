//! A file of any supported format as records: decompressed, decoded, split.

use std::io::{self, Read};

use super::compression::decompressed;
use super::csv::{CsvReader, Width};
use super::encoding::decoded;
use super::format::{FileFormat, FileType};
use super::json::JsonReader;
use super::rows::{Fault, Rows};
use crate::error::{Error, Result};

/// Reads the records of one file.
pub struct RecordReader(Records);

type Source = Box<dyn Read + Send>;

enum Records {
    Delimited(CsvReader<Source>),
    Json(JsonReader<Source>),
}

impl RecordReader {
    /// Opens a file whose records have this many fields, or a document each.
    pub fn open(
        source: impl Read + Send + 'static,
        format: &FileFormat,
        width: Width,
    ) -> Result<Self> {
        let source: Source = decompressed(source, format.compression()).map_err(unreadable)?;
        let records = match format.file_type {
            FileType::Csv => {
                let encoding = format.text("ENCODING");
                let source = decoded(source, encoding.as_deref().unwrap_or("UTF8"))?;
                let reader = CsvReader::open(source, format.dialect(), width);
                Records::Delimited(reader.map_err(unreadable)?)
            }
            FileType::Json => {
                let strips = format.boolean("STRIP_OUTER_ARRAY");
                let replaces = format.boolean("REPLACE_INVALID_CHARACTERS")
                    || format.boolean("IGNORE_UTF8_ERRORS");
                let reader = JsonReader::open(source, strips, replaces);
                Records::Json(reader.map_err(unreadable)?)
            }
            other => {
                return Err(Error::unsupported(format!("file format {}", other.name())));
            }
        };
        Ok(RecordReader(records))
    }

    /// Reads the first record as names; `None` where the file has none, or the format has no header.
    pub fn header(&mut self) -> Result<std::result::Result<Option<Vec<String>>, Fault>> {
        match &mut self.0 {
            Records::Delimited(reader) => reader.header().map_err(unreadable),
            Records::Json(_) => Ok(Ok(None)),
        }
    }

    /// Reads up to `limit` records; `false` when there are no more.
    pub fn read(&mut self, limit: usize, rows: &mut Rows) -> Result<bool> {
        match &mut self.0 {
            Records::Delimited(reader) => reader.read(limit, rows),
            Records::Json(reader) => reader.read(limit, rows),
        }
        .map_err(unreadable)
    }
}

/// Bytes that are not what their compression says.
fn unreadable(error: io::Error) -> Error {
    tracing::info!(%error, "a staged file cannot be read");
    Error::corrupted_file()
}
