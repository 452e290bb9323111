//! Results: the engine's Arrow batches and Snowflake's types become a [`ResultSet`], kept in Snowflake's Arrow flavour in
//! chunks (the first in memory, later ones in a spool file), from which every protocol renders its own form.
//!
//! It must not know HTTP, JSON envelopes, statements or sessions.

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

/// A finished result.
pub struct ResultSet {
    pub columns: Vec<Column>,
}
