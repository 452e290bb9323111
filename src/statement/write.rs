//! How a statement writes into a table: its lock, the check that the table is still the one that was bound, the run, and the
//! widening of narrow columns. Every DML statement goes through [`write`].

use std::collections::BTreeSet;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

use super::transaction::{self, Access};
use super::{Context, rewrite};
use crate::catalog::ObjectId;
use crate::engine::{Connection, Failure};
use crate::error::{Error, Result};
use crate::lower::{self, Written};
use crate::result::{Column, ResultSet};
use crate::session::locks::Mode;
use crate::session::transaction::{Entry, Returning};
use crate::types::LogicalType;

/// A compiled write.
pub(super) struct Write {
    pub table: ObjectId,
    /// For messages.
    pub name: String,
    /// The engine's name of the table at the time of compiling.
    pub physical_name: String,
    pub mode: Mode,
    /// The engine's names of the tables that the write depends on; the target only if it reads it.
    pub reads: BTreeSet<String>,
    /// DuckDB SQL; several statements where the write takes several.
    pub sql: String,
    /// What the SQL sees as the table `rows`; then every row counts as changed.
    pub rows: Option<RecordBatch>,
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
        reads: BTreeSet<String>,
        written: Written,
    ) -> Self {
        Write {
            table,
            name: name.to_owned(),
            physical_name: physical_name.to_owned(),
            mode,
            reads,
            sql: written.sql,
            rows: None,
            narrow: written.narrow,
            counting: match written.counting {
                lower::Counting::Changed => Counting::Changed,
                lower::Counting::Actions => Counting::Returned(&["INSERT", "UPDATE", "DELETE"]),
                lower::Counting::Row => Counting::Row,
            },
            others: vec![],
        }
    }

    /// The same write over the rows of a batch.
    pub(super) fn over(self, rows: Option<RecordBatch>) -> Self {
        Write { rows, ..self }
    }

    /// All tables, in an order that is the same for all statements, so that none waits for another in a circle.
    fn tables(&self) -> Vec<(ObjectId, &str)> {
        let others = self.others.iter().map(|o| (o.table, o.name.as_str()));
        let mut tables: Vec<_> = others.chain([(self.table, self.name.as_str())]).collect();
        tables.sort();
        tables.dedup();
        tables
    }

    /// The engine's names of the tables that it writes into.
    fn physical_names(&self) -> BTreeSet<&str> {
        let others = self.others.iter().map(|o| o.physical_name.as_str());
        others.chain([self.physical_name.as_str()]).collect()
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
    if !context.parameters.boolean("AUTOCOMMIT") {
        transaction::begin(context, None)?;
    }
    // Outside a transaction the locks end with the statement.
    let mut own_locks = context.instance.locks.owner(context.query_id);
    let mut widened = false;
    loop {
        let _pin = context.instance.pin();
        let compiled = compile(context)?;
        let mode = if widened || is_shared(context, &compiled) {
            Mode::Exclusive
        } else {
            compiled.mode
        };
        for (table, name) in compiled.tables() {
            context.lock(&own_locks, table, name, mode)?;
        }
        // The table may have been replaced while this statement waited for its lock.
        if compile(context)?.physical_names() != compiled.physical_names() {
            continue;
        }
        // A clone shares its physical table until one of the two is written.
        if is_shared(context, &compiled) {
            if mode == Mode::Exclusive || context.transaction.is_some() {
                for (table, name) in compiled.tables() {
                    context.lock(&own_locks, table, name, Mode::Exclusive)?;
                    rewrite::detach(context, table)?;
                }
            } else {
                // It has just been cloned. Two that turn their shared locks into exclusive ones would wait for each other.
                own_locks = context.instance.locks.owner(context.query_id);
            }
            continue;
        }
        let touched = compiled
            .reads
            .iter()
            .map(String::as_str)
            .chain(compiled.physical_names());
        transaction::refresh(context, touched, Access::Write)?;
        tracing::debug!(sql = compiled.sql, "run");
        match run(context, &compiled) {
            Ok((counts, changed)) => {
                note(context, compiled, changed);
                return Ok(counts);
            }
            Err(_)
                if !widened && context.connection.failure() == Some(Failure::WiderThanBigint) =>
            {
                if context.transaction.is_none() {
                    // Others who hold shared locks and want the same go first, or wait for this one.
                    own_locks = context.instance.locks.owner(context.query_id);
                }
                for (table, name) in compiled.tables() {
                    context.lock(&own_locks, table, name, Mode::Exclusive)?;
                    rewrite::widen(context, table, &compiled.narrow)?;
                }
                widened = true;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether a table that is written shares its physical table with another one.
fn is_shared(context: &Context<'_>, compiled: &Write) -> bool {
    let snapshot = context.instance.catalog.snapshot();
    compiled
        .physical_names()
        .iter()
        .any(|name| snapshot.users(name) > 1)
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

/// A write is done: others may have to know, or the transaction has to be able to do it again.
fn note(context: &mut Context<'_>, compiled: Write, count: u64) {
    match context.transaction {
        None => context.instance.commits.record(compiled.physical_names()),
        Some(transaction) => transaction.journal.push(Entry {
            targets: compiled
                .physical_names()
                .into_iter()
                .map(str::to_owned)
                .collect(),
            sql: compiled.sql,
            rows: compiled.rows,
            reads: compiled.reads.into_iter().collect(),
            returning: match compiled.counting {
                Counting::Changed => Returning::Nothing,
                Counting::Returned(_) => Returning::Rows,
                Counting::Row => Returning::Numbers,
            },
            count,
        }),
    }
}

/// Does a write of the journal again; returns the number of rows that it changed.
pub(super) fn again(connection: &mut Connection, entry: &Entry) -> Result<u64> {
    if let Some(rows) = &entry.rows {
        connection.execute_over(&entry.sql, rows)?;
        return Ok(rows.num_rows() as u64);
    }
    match entry.returning {
        Returning::Nothing => connection.execute(&entry.sql),
        Returning::Rows => {
            let mut count = 0;
            for batch in connection.query(&entry.sql)? {
                count += batch?.num_rows() as u64;
            }
            Ok(count)
        }
        Returning::Numbers => Ok(numbers(connection, &entry.sql)?.iter().sum()),
    }
}

/// The numbers of the one row that a query gives.
fn numbers(connection: &mut Connection, sql: &str) -> Result<Vec<u64>> {
    let mut numbers = vec![];
    for batch in connection.query(sql)? {
        for column in batch?.columns() {
            let column = column.as_primitive_opt::<Int64Type>();
            let column = column.ok_or_else(|| Error::internal("a count that is no number"))?;
            numbers.extend(column.iter().flatten().map(i64::unsigned_abs));
        }
    }
    Ok(numbers)
}

/// The counts that the statement answers with, and the engine's own.
fn run(context: &mut Context<'_>, compiled: &Write) -> Result<(Vec<u64>, u64)> {
    if let Some(rows) = &compiled.rows {
        context.connection.execute_over(&compiled.sql, rows)?;
        let count = rows.num_rows() as u64;
        return Ok((vec![count], count));
    }
    match compiled.counting {
        Counting::Changed => {
            let count = context.connection.execute(&compiled.sql)?;
            Ok((vec![count], count))
        }
        Counting::Returned(actions) => {
            let (mut counts, mut returned) = (vec![0; actions.len()], 0);
            for batch in context.connection.query(&compiled.sql)? {
                let batch = batch?;
                returned += batch.num_rows() as u64;
                for action in batch.column(0).as_string::<i32>().iter().flatten() {
                    if let Some(index) = actions.iter().position(|known| *known == action) {
                        counts[index] += 1;
                    }
                }
            }
            Ok((counts, returned))
        }
        Counting::Row => {
            let counts = numbers(context.connection, &compiled.sql)?;
            let changed = counts.iter().sum();
            Ok((counts, changed))
        }
    }
}
