//! Constants.

use crate::types::LogicalType;
use crate::types::datetime::Timestamp;

/// Rows of constants by columns: the rows of an array bind, or of a long VALUES list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConstantRows {
    pub types: Vec<LogicalType>,
    /// As many as types; all of one length.
    pub columns: Vec<Vec<Literal>>,
}

impl ConstantRows {
    pub fn row_count(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }
}

/// A constant, in the form of its logical type.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Null,
    /// A NUMBER: digits without the point; the scale is the type's.
    Number(i128),
    Float(f64),
    Text(String),
    Boolean(bool),
    Binary(Vec<u8>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Nanoseconds since midnight.
    Time(i64),
    /// Wall clock for NTZ, UTC for LTZ.
    Timestamp(Timestamp),
    /// UTC, and the offset in minutes.
    TimestampTz {
        utc: Timestamp,
        offset: i16,
    },
}
