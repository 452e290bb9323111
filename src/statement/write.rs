//! How a statement writes into a table: its lock, the check that the table is still the one that was bound, the run, and the
//! widening of narrow columns. Every DML statement goes through [`write`].

use std::collections::BTreeSet;

use arrow::array::{AsArray, RecordBatch};

use super::transaction::{self, Access};
use super::{Context, widen};
use crate::catalog::ObjectId;
use crate::engine::{Connection, Failure};
use crate::error::Result;
use crate::session::locks::Mode;
use crate::session::transaction::Entry;

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
}

/// How the numbers of rows are found.
pub(super) enum Counting {
    /// The engine's count of changed rows.
    Changed,
    /// The SQL returns one row per changed row, whose first column is a text (`INSERT`, `UPDATE`, `DELETE`): as many of
    /// each of these.
    Returned(&'static [&'static str]),
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
    let own_locks = context.instance.locks.owner(context.query_id);
    let mut widened = false;
    loop {
        let _pin = context.instance.pin();
        let compiled = compile(context)?;
        let mode = if widened {
            Mode::Exclusive
        } else {
            compiled.mode
        };
        context.lock(&own_locks, compiled.table, &compiled.name, mode)?;
        // The table may have been replaced while this statement waited for its lock.
        if compile(context)?.physical_name != compiled.physical_name {
            continue;
        }
        let touched = compiled
            .reads
            .iter()
            .map(String::as_str)
            .chain([compiled.physical_name.as_str()]);
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
                context.lock(&own_locks, compiled.table, &compiled.name, Mode::Exclusive)?;
                widen::widen(context, compiled.table, &compiled.narrow)?;
                widened = true;
            }
            Err(error) => return Err(error),
        }
    }
}

/// A write is done: others may have to know, or the transaction has to be able to do it again.
fn note(context: &mut Context<'_>, compiled: Write, count: u64) {
    match context.transaction {
        None => context
            .instance
            .commits
            .record([compiled.physical_name.as_str()]),
        Some(transaction) => transaction.journal.push(Entry {
            sql: compiled.sql,
            rows: compiled.rows,
            reads: compiled.reads.into_iter().collect(),
            target: compiled.physical_name,
            returning: matches!(compiled.counting, Counting::Returned(_)),
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
    if !entry.returning {
        return connection.execute(&entry.sql);
    }
    let mut count = 0;
    for batch in connection.query(&entry.sql)? {
        count += batch?.num_rows() as u64;
    }
    Ok(count)
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
    }
}
