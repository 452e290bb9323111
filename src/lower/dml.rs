//! Writes: physical tables and what goes into them.

use super::{Lowered, Writer};
use crate::engine::quote_identifier;
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::tree::{Insert, StoredColumn};
use crate::types::PhysicalType;

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

pub fn drop_table(physical_name: &str) -> String {
    format!("DROP TABLE IF EXISTS {}", name(physical_name))
}

/// `INSERT INTO … SELECT`
pub fn insert(insert: &Insert, facts: &Facts) -> Result<String> {
    let source = Writer::new(facts).query(&insert.source)?;
    let columns: Vec<_> = insert
        .targets
        .iter()
        .map(|target| insert.table.columns[*target].clone())
        .collect();
    filling(&insert.table.physical_name, &columns, &source)
}

/// Fills a new table from an old one with the same columns, in wider forms.
pub fn copy_table(
    table: &TableDefinition<'_>,
    from: &str,
    columns: &[StoredColumn],
) -> Result<String> {
    let items: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| format!("\"c{}\" AS \"c{index}\"", column.number))
        .collect();
    let source = Lowered {
        sql: format!("SELECT {} FROM {}", items.join(", "), name(from)),
        columns: columns.iter().map(|column| column.physical).collect(),
    };
    create_table_as(table, &source)
}

/// Numbers of the narrow columns that this INSERT may write wider values into.
pub fn narrow_targets(insert: &Insert, facts: &Facts) -> Result<Vec<u64>> {
    let source = Writer::new(facts).query(&insert.source)?;
    let columns = insert
        .targets
        .iter()
        .map(|target| &insert.table.columns[*target]);
    Ok(columns
        .zip(&source.columns)
        .filter(|(column, have)| {
            column.physical == PhysicalType::BigInt && **have != PhysicalType::BigInt
        })
        .map(|(column, _)| column.number)
        .collect())
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
        _ => Err(Error::internal(format!("a {have} for a column of {want}"))),
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

pub fn drop_temporary_table(physical_name: &str) -> String {
    format!("DROP TABLE IF EXISTS {}", temporary(physical_name))
}

pub(super) fn temporary(physical_name: &str) -> String {
    format!("temp.{}", quote_identifier(physical_name))
}

fn name(physical_name: &str) -> String {
    format!("\"data\".{}", quote_identifier(physical_name))
}
