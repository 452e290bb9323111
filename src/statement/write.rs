//! How a statement writes into a table: its lock, the check that the table is still the one that was bound, the run, and the
//! widening of narrow columns. Every DML statement goes through [`write`].

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;

use super::{Context, widen};
use crate::catalog::ObjectId;
use crate::engine::Failure;
use crate::error::{Error, Result};
use crate::lower::{self, Written};
use crate::result::{Column, ResultSet};
use crate::session::locks::Mode;
use crate::types::LogicalType;

/// A compiled write.
pub(super) struct Write {
    pub table: ObjectId,
    /// For messages.
    pub name: String,
    /// The engine's name of the table at the time of compiling.
    pub physical_name: String,
    pub mode: Mode,
    /// DuckDB SQL; several statements where the write takes several.
    pub sql: String,
    /// Numbers of narrow columns that the write may bring wider values to.
    pub narrow: Vec<u64>,
    pub counting: Counting,
    /// Further tables that it writes into, INSERT ALL alone.
    pub others: Vec<Target>,
}

/// A further table of a write.
pub(super) struct Target {
    pub table: ObjectId,
    pub name: String,
    pub physical_name: String,
}

impl Write {
    /// A write into one table.
    pub(super) fn new(
        table: ObjectId,
        name: &str,
        physical_name: &str,
        mode: Mode,
        written: Written,
    ) -> Self {
        Write {
            table,
            name: name.to_owned(),
            physical_name: physical_name.to_owned(),
            mode,
            sql: written.sql,
            narrow: written.narrow,
            counting: match written.counting {
                lower::Counting::Changed => Counting::Changed,
                lower::Counting::Actions => Counting::Returned(&["INSERT", "UPDATE", "DELETE"]),
                lower::Counting::Row => Counting::Row,
            },
            others: vec![],
        }
    }

    /// All tables, in an order that is the same for all statements, so that none waits for another in a circle.
    fn tables(&self) -> Vec<(ObjectId, &str)> {
        let others = self.others.iter().map(|o| (o.table, o.name.as_str()));
        let mut tables: Vec<_> = others.chain([(self.table, self.name.as_str())]).collect();
        tables.sort();
        tables.dedup();
        tables
    }

    fn is_for_the_same_tables(&self, later: &Write) -> bool {
        let others = |write: &Write| -> Vec<String> {
            let names = write.others.iter().map(|o| o.physical_name.clone());
            names.collect()
        };
        self.physical_name == later.physical_name && others(self) == others(later)
    }
}

/// How the numbers of rows are found.
pub(super) enum Counting {
    /// The engine's count of changed rows.
    Changed,
    /// The SQL returns one row per changed row, whose first column is a text (`INSERT`, `UPDATE`, `DELETE`): as many of
    /// each of these.
    Returned(&'static [&'static str]),
    /// The SQL returns one row of numbers.
    Row,
}

/// Compiles and runs a write. `compile` is called again whenever the catalog has moved on while the statement waited.
/// Returns the numbers of rows that `counting` asks for.
pub(super) fn write(
    context: &mut Context<'_>,
    compile: &dyn Fn(&Context<'_>) -> Result<Write>,
) -> Result<Vec<u64>> {
    let locks = context.instance.locks.owner(context.query_id);
    let patience = context.lock_patience();
    let mut widened = false;
    loop {
        let _pin = context.instance.pin();
        let compiled = compile(context)?;
        let mode = if widened {
            Mode::Exclusive
        } else {
            compiled.mode
        };
        for (table, name) in compiled.tables() {
            locks.take(table, name, mode, patience, context.cancellation)?;
        }
        // The table may have been replaced while this statement waited for its lock.
        if !compiled.is_for_the_same_tables(&compile(context)?) {
            continue;
        }
        tracing::debug!(sql = compiled.sql, "run");
        match run(context, &compiled) {
            Ok(counts) => return Ok(counts),
            Err(_)
                if !widened && context.connection.failure() == Some(Failure::WiderThanBigint) =>
            {
                for (table, name) in compiled.tables() {
                    let mode = Mode::Exclusive;
                    locks.take(table, name, mode, patience, context.cancellation)?;
                    widen::widen(context, table, &compiled.narrow)?;
                }
                widened = true;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The columns of a write's answer.
pub(super) fn describe(names: &[&str]) -> Result<ResultSet> {
    let number = LogicalType::Number {
        precision: 19,
        scale: 0,
    };
    let columns = names
        .iter()
        .map(|name| Column::new(*name, number.clone()).not_null());
    ResultSet::describe(columns.collect())
}

/// The answer of a write.
pub(super) fn answer(names: &[&str], counts: &[u64]) -> Result<ResultSet> {
    let pairs: Vec<_> = names.iter().copied().zip(counts.iter().copied()).collect();
    ResultSet::counts(&pairs)
}

fn run(context: &mut Context<'_>, compiled: &Write) -> Result<Vec<u64>> {
    match compiled.counting {
        Counting::Changed => Ok(vec![context.connection.execute(&compiled.sql)?]),
        Counting::Returned(actions) => {
            let mut counts = vec![0; actions.len()];
            for batch in context.connection.query(&compiled.sql)? {
                let batch = batch?;
                for action in batch.column(0).as_string::<i32>().iter().flatten() {
                    if let Some(index) = actions.iter().position(|known| *known == action) {
                        counts[index] += 1;
                    }
                }
            }
            Ok(counts)
        }
        Counting::Row => {
            let mut counts = vec![];
            for batch in context.connection.query(&compiled.sql)? {
                let batch = batch?;
                for column in batch.columns() {
                    let numbers = column.as_primitive_opt::<Int64Type>();
                    let numbers = numbers.ok_or_else(|| Error::internal("a count of no number"))?;
                    counts.extend(numbers.iter().flatten().map(i64::unsigned_abs));
                }
            }
            Ok(counts)
        }
    }
}
