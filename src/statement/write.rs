//! How a statement writes into a table: its lock, the check that the table is still the one that was bound, the run, and the
//! widening of narrow columns. Every DML statement goes through [`write`].

use std::collections::BTreeSet;
use std::time::Duration;

use arrow::array::AsArray;

use super::transaction::{self, Renewal};
use super::{Context, widen};
use crate::catalog::{Detail, ObjectId};
use crate::engine::{Connection, Failure};
use crate::error::{Error, Result};
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
    let mut must_widen = false;
    let mut attempts = 0;
    loop {
        let _pin = context.instance.pin();
        let compiled = compile(context)?;
        let mode = if must_widen {
            Mode::Exclusive
        } else {
            compiled.mode
        };
        if !context.try_lock(&own_locks, compiled.table, mode) {
            // Not while it keeps the sweeper waiting too.
            drop(_pin);
            context.lock(&own_locks, compiled.table, &compiled.name, mode)?;
            continue;
        }
        // The table may have been replaced or rewritten before this statement had its lock.
        if !is_current(context, &compiled) {
            continue;
        }
        if must_widen && !compiled.narrow.is_empty() {
            widen::widen(context, compiled.table, &compiled.narrow)?;
            must_widen = false;
            continue;
        }
        transaction::refresh_for_write(context, &compiled.reads, &compiled.physical_name)?;
        tracing::debug!(sql = compiled.sql, "run");
        attempts += 1;
        let (error, failure) = match run(context, &compiled) {
            Ok((counts, changed)) => {
                note(context, compiled, changed);
                return Ok(counts);
            }
            Err(failed) => failed,
        };
        match failure {
            Some(Failure::WiderThanBigint) if attempts < MOST_ATTEMPTS => {
                must_widen = true;
                // Two statements that have the shared lock and want the exclusive one would wait for each other.
                own_locks.release();
            }
            // Our locks keep writers apart that the engine would; what is left is its own business and passes.
            Some(Failure::Conflict) if attempts < MOST_ATTEMPTS => {
                tracing::warn!(%error, attempts, "again");
                if transaction::anew(context)? == Renewal::Unfaithful {
                    return Err(error);
                }
                std::thread::sleep(PAUSE * attempts);
            }
            _ => return Err(error),
        }
        context.cancellation.check()?;
    }
}

/// How often a write is tried that meets a conflict within the engine, or values that are too wide.
const MOST_ATTEMPTS: u32 = 10;
/// The pause before the second attempt; it grows.
const PAUSE: Duration = Duration::from_millis(2);

/// Whether the table is still stored where the write was compiled for.
fn is_current(context: &Context<'_>, compiled: &Write) -> bool {
    let snapshot = context.instance.catalog.snapshot();
    let object = snapshot.get(compiled.table);
    matches!(object.map(|object| &object.detail),
        Some(Detail::Table(table)) if table.physical_name == compiled.physical_name)
}

/// A write is done in a transaction, which has to be able to do it again.
fn note(context: &mut Context<'_>, compiled: Write, count: u64) {
    let commits = &context.instance.commits;
    if let Some(transaction) = context.transaction {
        transaction.journal.push(Entry {
            sql: compiled.sql,
            reads: compiled
                .reads
                .iter()
                .map(|table| commits.keep(table))
                .collect(),
            target: compiled.physical_name,
            returning: matches!(compiled.counting, Counting::Returned(_)),
            count,
        });
    }
}

/// Does a write of the journal again; returns the number of rows that it changed.
pub(super) fn again(connection: &mut Connection, entry: &Entry) -> Result<u64> {
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
type Counts = (Vec<u64>, u64);

/// Runs the write in the open transaction, or in one of its own.
fn run(
    context: &mut Context<'_>,
    compiled: &Write,
) -> std::result::Result<Counts, (Error, Option<Failure>)> {
    let connection = &mut *context.connection;
    if context.transaction.is_some() {
        return changed(connection, compiled).map_err(|error| (error, connection.failure()));
    }
    let _writing = context.instance.writing();
    let outcome = connection
        .begin()
        .and_then(|()| changed(connection, compiled));
    // From here on a cancel comes too late, or has done its work.
    let _shield = context.cancellation.shield();
    let commits = &context.instance.commits;
    let outcome = outcome.and_then(|counts| {
        let target = [compiled.physical_name.as_str()];
        commits.publish(target, &[], || connection.commit())?;
        Ok(counts)
    });
    outcome.map_err(|error| {
        let failure = connection.failure();
        transaction::step_back(connection);
        (error, failure)
    })
}

fn changed(connection: &mut Connection, compiled: &Write) -> Result<Counts> {
    match compiled.counting {
        Counting::Changed => {
            let count = connection.execute(&compiled.sql)?;
            Ok((vec![count], count))
        }
        Counting::Returned(actions) => {
            let (mut counts, mut returned) = (vec![0; actions.len()], 0);
            for batch in connection.query(&compiled.sql)? {
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
