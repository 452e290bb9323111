//! Results: the engine's Arrow batches and Snowflake's types become a [`ResultSet`], kept in Snowflake's Arrow flavour in
//! chunks (the first in memory, later ones in a spool file), from which every protocol renders its own form.
//!
//! A query's rows come in through [`ResultWriter`], while the engine runs; the small results of SHOW, DML and DDL are made
//! by the constructors of [`ResultSet`]. Start reading at `flavour`, which says what a value looks like.
//!
//! It must not know HTTP, JSON envelopes, statements or sessions.

mod chunk;
mod flavour;
mod json;
mod physical;
mod spool;
mod text_rows;
mod writer;

use std::io::Write;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::ipc::reader::StreamDecoder;

use crate::error::{Error, Result};
use crate::types::{LogicalType, MAX_VARCHAR_LENGTH, TimestampKind};

pub use json::CellStyle;
pub use spool::Spool;
pub use writer::ResultWriter;

use spool::SpoolFile;

/// A result column as the client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub logical: LogicalType,
    pub nullable: bool,
    /// The table that the column comes from, where it is a plain column.
    pub origin: Option<ColumnOrigin>,
}

/// Names of the table that a result column comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnOrigin {
    pub database: String,
    pub schema: String,
    pub table: String,
}

/// How the drivers' protocols describe a type: the `rowtype` of an answer and the metadata of an Arrow field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireType {
    /// In lower case, as `rowtype` has it.
    pub name: &'static str,
    pub length: Option<u32>,
    pub byte_length: Option<u32>,
    pub precision: Option<u8>,
    pub scale: Option<u8>,
}

/// A finished result. A clone shares the rows; the spool file goes with the last of them.
#[derive(Debug, Clone)]
pub struct ResultSet {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    columns: Vec<Column>,
    chunks: Vec<Chunk>,
    row_count: u64,
    /// Where the chunks after the first are.
    spooled: Option<SpoolFile>,
}

/// A run of consecutive rows, kept as one Arrow IPC stream.
#[derive(Debug)]
pub struct Chunk {
    row_count: u64,
    byte_count: u64,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Memory(Buffer),
    Spooled { offset: u64 },
}

impl Column {
    /// A column that comes from no table.
    pub fn new(name: impl Into<String>, logical: LogicalType) -> Self {
        Column {
            name: name.into(),
            logical,
            nullable: true,
            origin: None,
        }
    }

    pub fn not_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    pub fn wire_type(&self) -> WireType {
        WireType::of(&self.logical)
    }
}

impl WireType {
    pub fn of(logical: &LogicalType) -> Self {
        let plain = |name| WireType {
            name,
            length: None,
            byte_length: None,
            precision: None,
            scale: None,
        };
        match *logical {
            LogicalType::Number { precision, scale } => WireType {
                precision: Some(precision),
                scale: Some(scale),
                ..plain("fixed")
            },
            LogicalType::Float => plain("real"),
            LogicalType::Varchar { length } => WireType {
                length: Some(length),
                byte_length: Some(varchar_byte_length(length)),
                ..plain("text")
            },
            LogicalType::Binary { length } => WireType {
                length: Some(length),
                byte_length: Some(length),
                ..plain("binary")
            },
            LogicalType::Boolean => plain("boolean"),
            LogicalType::Date => plain("date"),
            LogicalType::Time { scale } => WireType {
                precision: Some(0),
                scale: Some(scale),
                ..plain("time")
            },
            LogicalType::Timestamp { kind, scale } => WireType {
                precision: Some(0),
                scale: Some(scale),
                ..plain(match kind {
                    TimestampKind::Ntz => "timestamp_ntz",
                    TimestampKind::Ltz => "timestamp_ltz",
                    TimestampKind::Tz => "timestamp_tz",
                })
            },
            LogicalType::Variant => plain("variant"),
            LogicalType::Object => plain("object"),
            LogicalType::Array => plain("array"),
        }
    }
}

/// Four bytes a character, but no more than Snowflake's 16 MiB, unless the column was declared longer than that.
fn varchar_byte_length(length: u32) -> u32 {
    let longest = length.clamp(crate::types::DEFAULT_VARCHAR_LENGTH, MAX_VARCHAR_LENGTH);
    length.saturating_mul(4).min(longest)
}

impl ResultSet {
    /// The one row of a statement that answers with words: column `status`.
    pub fn status(text: impl Into<String>) -> Result<Self> {
        let column = Column::new("status", LogicalType::TEXT);
        Self::from_text_rows(vec![column], vec![vec![Some(text.into())]])
    }

    /// The one row of a DML statement: `number of rows inserted` and the like.
    pub fn counts(counts: &[(&str, u64)]) -> Result<Self> {
        let count_type = LogicalType::Number {
            precision: 19,
            scale: 0,
        };
        let columns = counts
            .iter()
            .map(|(name, _)| Column::new(*name, count_type.clone()).not_null())
            .collect();
        let row = counts
            .iter()
            .map(|(_, count)| Some(count.to_string()))
            .collect();
        Self::from_text_rows(columns, vec![row])
    }

    /// The columns alone: the answer to a request that only asks what a statement would give.
    pub fn describe(columns: Vec<Column>) -> Result<Self> {
        Self::from_text_rows(columns, Vec::new())
    }

    /// A small result, all of it in memory, from cells written as [`CellStyle::Driver`] writes them; booleans may also be
    /// `true` and `false`.
    pub fn from_text_rows(columns: Vec<Column>, rows: Vec<Vec<Option<String>>>) -> Result<Self> {
        let chunk = text_rows::encode(&columns, &rows)?;
        Ok(Self::of_chunks(columns, vec![chunk], None))
    }

    fn of_chunks(columns: Vec<Column>, chunks: Vec<Chunk>, spooled: Option<SpoolFile>) -> Self {
        let row_count = chunks.iter().map(|chunk| chunk.row_count).sum();
        ResultSet {
            shared: Arc::new(Shared {
                columns,
                chunks,
                row_count,
                spooled,
            }),
        }
    }

    pub fn columns(&self) -> &[Column] {
        &self.shared.columns
    }

    pub fn row_count(&self) -> u64 {
        self.shared.row_count
    }

    /// At least one; the first is in memory, and without rows if the result is empty.
    pub fn chunks(&self) -> &[Chunk] {
        &self.shared.chunks
    }

    /// Bytes of rows in memory.
    pub fn memory_bytes(&self) -> u64 {
        let in_memory = |chunk: &&Chunk| matches!(chunk.place, Place::Memory(_));
        let chunks = self.shared.chunks.iter().filter(in_memory);
        chunks.map(|chunk| chunk.byte_count).sum()
    }

    /// Bytes of rows in the spool.
    pub fn spooled_bytes(&self) -> u64 {
        self.shared.spooled.as_ref().map_or(0, SpoolFile::len)
    }

    /// A chunk as drivers read it: an Arrow IPC stream. Reads the spool file where the chunk is there.
    pub fn arrow(&self, chunk: usize) -> Result<Buffer> {
        let chunk = self.chunk(chunk)?;
        match (&chunk.place, &self.shared.spooled) {
            (Place::Memory(bytes), _) => Ok(bytes.clone()),
            (Place::Spooled { offset }, Some(file)) => {
                Ok(Buffer::from_vec(file.read(*offset, chunk.byte_count)?))
            }
            (Place::Spooled { .. }, None) => Err(Error::internal("a spooled chunk without a file")),
        }
    }

    /// The rows of a chunk in Snowflake's Arrow flavour.
    pub fn batches(&self, chunk: usize) -> Result<Vec<RecordBatch>> {
        let mut stream = self.arrow(chunk)?;
        let mut decoder = StreamDecoder::new();
        let mut batches = Vec::new();
        while let Some(batch) = decoder.decode(&mut stream).map_err(Error::internal)? {
            batches.push(batch);
        }
        Ok(batches)
    }

    /// The rows of a chunk as JSON arrays of text without brackets around them: `["1","a"],["2",null]`.
    pub fn write_json(&self, chunk: usize, style: CellStyle, out: &mut impl Write) -> Result<()> {
        json::write_rows(self.columns(), &self.batches(chunk)?, style, out)
    }

    /// Number of bytes that [`ResultSet::write_json`] writes: some drivers want it before they fetch the chunk.
    pub fn json_bytes(&self, chunk: usize, style: CellStyle) -> Result<u64> {
        let mut counter = ByteCounter(0);
        self.write_json(chunk, style, &mut counter)?;
        Ok(counter.0)
    }

    fn chunk(&self, index: usize) -> Result<&Chunk> {
        let chunk = self.shared.chunks.get(index);
        chunk.ok_or_else(|| Error::internal(format!("no chunk {index} in this result")))
    }
}

impl Chunk {
    fn in_memory(row_count: u64, stream: Vec<u8>) -> Self {
        Chunk {
            row_count,
            byte_count: stream.len() as u64,
            place: Place::Memory(Buffer::from_vec(stream)),
        }
    }

    pub fn row_count(&self) -> u64 {
        self.row_count
    }

    /// Length of its Arrow IPC stream.
    pub fn arrow_bytes(&self) -> u64 {
        self.byte_count
    }
}

struct ByteCounter(u64);

impl Write for ByteCounter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
