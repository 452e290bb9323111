//! How a statement writes into a table: its lock, the check that the table is still the one that was bound, the run, and the
//! widening of narrow columns. Every DML statement goes through [`write`].

use arrow::array::{AsArray, RecordBatch};

use super::{Context, widen};
use crate::catalog::ObjectId;
use crate::engine::Failure;
use crate::error::Result;
use crate::session::locks::Mode;

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
        locks.take(
            compiled.table,
            &compiled.name,
            mode,
            patience,
            context.cancellation,
        )?;
        // The table may have been replaced while this statement waited for its lock.
        if compile(context)?.physical_name != compiled.physical_name {
            continue;
        }
        tracing::debug!(sql = compiled.sql, "run");
        match run(context, &compiled) {
            Ok(counts) => return Ok(counts),
            Err(_)
                if !widened && context.connection.failure() == Some(Failure::WiderThanBigint) =>
            {
                locks.take(
                    compiled.table,
                    &compiled.name,
                    Mode::Exclusive,
                    patience,
                    context.cancellation,
                )?;
                widen::widen(context, compiled.table, &compiled.narrow)?;
                widened = true;
            }
            Err(error) => return Err(error),
        }
    }
}

fn run(context: &mut Context<'_>, compiled: &Write) -> Result<Vec<u64>> {
    if let Some(rows) = &compiled.rows {
        context.connection.execute_over(&compiled.sql, rows)?;
        return Ok(vec![rows.num_rows() as u64]);
    }
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
    }
}
