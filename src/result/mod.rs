//! Results: the engine's Arrow batches and Snowflake's types become a [`ResultSet`], kept in Snowflake's Arrow flavour in
//! chunks (the first in memory, later ones in a spool file), from which every protocol renders its own form.
//!
//! It must not know HTTP, JSON envelopes, statements or sessions.

use std::io::Write;

use arrow::buffer::Buffer;

use crate::error::Result;
use crate::types::LogicalType;

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

impl Column {
    pub fn wire_type(&self) -> WireType {
        todo!()
    }
}

/// A finished result. A clone shares the rows; the spool file goes with the last of them.
#[derive(Debug, Clone)]
pub struct ResultSet {}

/// A run of consecutive rows, kept as one Arrow IPC stream.
#[derive(Debug)]
pub struct Chunk {}

/// How cells are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellStyle {
    Driver,
}

impl ResultSet {
    pub fn columns(&self) -> &[Column] {
        todo!()
    }

    pub fn row_count(&self) -> u64 {
        todo!()
    }

    /// At least one; the first is in memory, and without rows if the result is empty.
    pub fn chunks(&self) -> &[Chunk] {
        todo!()
    }

    /// Bytes of rows in memory.
    pub fn memory_bytes(&self) -> u64 {
        todo!()
    }

    /// Bytes of rows in the spool.
    pub fn spooled_bytes(&self) -> u64 {
        todo!()
    }

    /// A chunk as drivers read it: an Arrow IPC stream. Reads the spool file where the chunk is there.
    pub fn arrow(&self, _chunk: usize) -> Result<Buffer> {
        todo!()
    }

    /// The rows of a chunk as JSON arrays of text without brackets around them: `["1","a"],["2",null]`.
    pub fn write_json(
        &self,
        _chunk: usize,
        _style: CellStyle,
        _out: &mut impl Write,
    ) -> Result<()> {
        todo!()
    }

    /// Number of bytes that [`ResultSet::write_json`] writes.
    pub fn json_bytes(&self, _chunk: usize, _style: CellStyle) -> Result<u64> {
        todo!()
    }
}

impl Chunk {
    pub fn row_count(&self) -> u64 {
        todo!()
    }

    /// Length of its Arrow IPC stream.
    pub fn arrow_bytes(&self) -> u64 {
        todo!()
    }
}
