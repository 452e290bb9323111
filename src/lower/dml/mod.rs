//! Writes: physical tables and what goes into them.

mod insert;
mod merge;
mod update;

pub use insert::{insert, insert_all};
pub use merge::merge;
pub use update::{delete, delete_all, update};

use super::numbers::in_form;
use super::{Lowered, Sql, Writer};
use crate::engine::quote_identifier;
use crate::error::{Error, Result};
use crate::tree::{Assignment, Expr, StoredColumn, TableRelation};
use crate::types::PhysicalType;

/// A write in DuckDB SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub sql: String,
    /// Numbers of narrow columns that it may bring wider values to.
    pub narrow: Vec<u64>,
    pub counting: Counting,
    /// The same write by its rows, where it has a form for that.
    pub by_rows: Option<ByRows>,
}

/// An INSERT that can be done again by the rows that it has written, whatever has become of what it read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByRows {
    /// Writes the rows and returns them as they are stored.
    pub returning: String,
    /// Writes such rows, which it sees as the table `rows`.
    pub again: String,
}

/// How a write tells what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// By the engine's count of changed rows.
    Changed,
    /// It returns a row for each changed row, whose first column is `INSERT`, `UPDATE` or `DELETE`.
    Actions,
    /// It returns one row of numbers.
    Row,
}

/// A physical table to be made.
pub struct TableDefinition<'a> {
    pub physical_name: &'a str,
    pub columns: Vec<StoredColumn>,
    /// Numbers of the columns that are NOT NULL.
    pub not_null: Vec<u64>,
}

/// `CREATE TABLE`
pub fn create_table(table: &TableDefinition<'_>) -> String {
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| {
            let not_null = if table.not_null.contains(&column.number) {
                " NOT NULL"
            } else {
                ""
            };
            format!("\"c{}\" {}{not_null}", column.number, column.physical)
        })
        .collect();
    format!(
        "CREATE TABLE {} ({})",
        name(table.physical_name),
        columns.join(", ")
    )
}

/// Fills a new table from a query whose columns are its columns in order.
pub fn create_table_as(table: &TableDefinition<'_>, source: &Lowered) -> Result<String> {
    Ok(format!(
        "{}; {}",
        create_table(table),
        filling(table.physical_name, &table.columns, source)?
    ))
}

/// Computes one column of a query, for no more than to see whether that fails.
pub fn values_of(query: &Lowered, column: usize) -> String {
    format!("SELECT count(\"c{column}\") FROM ({}) AS \"s\"", query.sql)
}

pub fn drop_table(physical_name: &str) -> String {
    format!("DROP TABLE IF EXISTS {}", name(physical_name))
}

fn filling(physical_name: &str, columns: &[StoredColumn], source: &Lowered) -> Result<String> {
    let targets: Vec<_> = columns
        .iter()
        .map(|column| format!("\"c{}\"", column.number))
        .collect();
    let values = columns
        .iter()
        .zip(&source.columns)
        .enumerate()
        .map(|(index, (column, have))| stored(&format!("\"c{index}\""), *have, column.physical))
        .collect::<Result<Vec<_>>>()?;
    Ok(format!(
        "INSERT INTO {} ({}) SELECT {} FROM ({}) AS \"s\"",
        name(physical_name),
        targets.join(", "),
        values.join(", "),
        source.sql
    ))
}

/// A value in the form of its column. A number that is too wide for a narrow column fails by a failure of its own, upon
/// which the table is widened.
fn stored(value: &str, have: PhysicalType, want: PhysicalType) -> Result<String> {
    match (have, want) {
        (have, want) if have == want => Ok(value.to_owned()),
        (PhysicalType::Decimal { .. }, PhysicalType::BigInt) => {
            Ok(format!("sf_store_bigint({value})"))
        }
        (PhysicalType::BigInt | PhysicalType::Decimal { .. }, PhysicalType::Decimal { .. }) => {
            Ok(format!("CAST({value} AS {want})"))
        }
        (PhysicalType::TimestampNanos, PhysicalType::Timestamp) => {
            Ok(format!("sf_store_timestamp({value})"))
        }
        (PhysicalType::TimestampTzNanos, PhysicalType::TimestampTz) => {
            Ok(format!("sf_store_timestamp_tz({value})"))
        }
        (have, want) if have.with_nanoseconds() == want => {
            Ok(in_form(Sql::new(value, have), want).text)
        }
        _ => Err(Error::internal(format!("a {have} for a column of {want}"))),
    }
}

/// Whether a value may be too wide for its column.
fn may_be_wider(have: PhysicalType, column: PhysicalType) -> bool {
    match column {
        PhysicalType::BigInt => have != column,
        PhysicalType::Timestamp | PhysicalType::TimestampTz => have.has_nanoseconds(),
        _ => false,
    }
}

/// What goes into each column, and which narrow ones may get too much.
struct Values {
    /// `"c5"` and the value's text, in the column's form.
    columns: Vec<(String, String)>,
    narrow: Vec<u64>,
}

impl Writer<'_> {
    /// The values of assignments over the relations that are visible.
    fn assigned(&mut self, table: &TableRelation, assignments: &[Assignment]) -> Result<Values> {
        let mut values = Values {
            columns: vec![],
            narrow: vec![],
        };
        for assignment in assignments {
            let value = self.expr(&assignment.value)?;
            values.push(&table.columns[assignment.target], &value)?;
        }
        Ok(values)
    }

    /// The text of a condition; nothing is true.
    fn condition(&mut self, condition: Option<&Expr>) -> Result<String> {
        match condition {
            Some(condition) => Ok(self.expr(condition)?.text),
            None => Ok("TRUE".to_owned()),
        }
    }
}

impl Values {
    fn push(&mut self, column: &StoredColumn, value: &Sql) -> Result<()> {
        if may_be_wider(value.physical, column.physical) {
            self.narrow.push(column.number);
        }
        let text = stored(&value.text, value.physical, column.physical)?;
        self.columns.push((format!("\"c{}\"", column.number), text));
        Ok(())
    }

    /// `"c5" = …, "c6" = …`
    fn set(&self) -> String {
        let pairs: Vec<_> = self
            .columns
            .iter()
            .map(|(column, value)| format!("{column} = {value}"))
            .collect();
        pairs.join(", ")
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }

    fn texts(&self) -> String {
        let texts: Vec<_> = self.columns.iter().map(|(_, text)| text.as_str()).collect();
        texts.join(", ")
    }
}

/// A table of the connection alone, with columns `c0`, `c1`, ….
pub fn create_temporary_table(physical_name: &str, columns: &[PhysicalType]) -> String {
    let columns: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(index, physical)| format!("\"c{index}\" {physical}"))
        .collect();
    format!(
        "CREATE OR REPLACE TEMP TABLE {} ({})",
        temporary(physical_name),
        columns.join(", ")
    )
}

/// Fills such a table from the table `rows`.
pub fn fill_temporary_table(physical_name: &str, column_count: usize) -> String {
    let columns: Vec<_> = (0..column_count)
        .map(|index| format!("\"c{index}\""))
        .collect();
    let (name, columns) = (temporary(physical_name), columns.join(", "));
    format!("INSERT INTO {name} ({columns}) SELECT {columns} FROM \"rows\"")
}

/// The rows of a Parquet file as JSON, each a document.
pub fn parquet_documents(path: &str) -> String {
    format!(
        "SELECT CAST(to_json(r) AS VARCHAR) FROM read_parquet({}) AS r",
        crate::engine::quote_text(path)
    )
}

pub fn drop_temporary_table(physical_name: &str) -> String {
    format!("DROP TABLE IF EXISTS {}", temporary(physical_name))
}

pub(super) fn temporary(physical_name: &str) -> String {
    format!("temp.{}", quote_identifier(physical_name))
}

fn name(physical_name: &str) -> String {
    format!("\"data\".{}", quote_identifier(physical_name))
}
