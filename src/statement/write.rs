//! How a statement writes into a table: its lock, the check that the table is still the one that was bound, the run, and the
//! widening of narrow columns. Every DML statement goes through [`write`].

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::Int64Type;

use super::transaction::{self, Renewal};
use super::{Context, Translated, rewrite};
use crate::catalog::{Detail, ObjectId};
use crate::engine::{Connection, Failure};
use crate::error::{Error, Result};
use crate::lower::{self, ByRows, Written};
use crate::result::{Column, ResultSet};
use crate::session::locks::Mode;
use crate::session::transaction::{Entry, Returning};
use crate::sql::ObjectName;
use crate::types::LogicalType;

/// A compiled write.
pub(super) struct Write {
    pub table: ObjectId,
    /// For messages.
    pub name: String,
    /// As the statement writes it: `S.T`.
    pub written: String,
    /// The engine's name of the table at the time of compiling.
    pub physical_name: String,
    pub mode: Mode,
    /// The engine's names of the tables that the write depends on; the target only if it reads it.
    pub reads: BTreeSet<String>,
    /// DuckDB SQL; several statements where the write takes several.
    pub sql: String,
    /// What the SQL sees as the table `rows`; then every row counts as changed.
    pub rows: Rows,
    /// Numbers of narrow columns that the write may bring wider values to.
    pub narrow: Vec<u64>,
    pub counting: Counting,
    /// The same write by its rows, where it has a form for that.
    pub by_rows: Option<ByRows>,
    /// Further tables that it writes into, INSERT ALL alone.
    pub others: Vec<Target>,
}

/// What a write's SQL runs over.
#[derive(Clone)]
pub(super) enum Rows {
    /// What it reads itself.
    None,
    Batch(RecordBatch),
    /// Batches, one after another.
    Fed(Rc<dyn Feed>),
}

/// Gives batches of rows to a write. A write that has to wait or to widen its table asks for them again, from the first.
pub(super) trait Feed {
    fn run(&self, write: &mut dyn FnMut(&RecordBatch) -> Result<()>) -> Result<()>;

    /// What else is written when all batches are: the engine's SQL.
    fn closing(&self) -> Option<String>;
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
            written: name.to_owned(),
            physical_name: physical_name.to_owned(),
            mode,
            reads,
            sql: written.sql,
            rows: Rows::None,
            narrow: written.narrow,
            counting: match written.counting {
                lower::Counting::Changed => Counting::Changed,
                lower::Counting::Actions => Counting::Returned(&["INSERT", "UPDATE", "DELETE"]),
                lower::Counting::Row => Counting::Row,
            },
            by_rows: written.by_rows,
            others: vec![],
        }
    }

    /// Whether it would perhaps not write the same if it was done again later.
    fn depends_on_others(&self) -> bool {
        !self.reads.is_empty() || !lower::is_repeatable(&self.sql)
    }

    /// The same write, whose statement names the table in this way.
    pub(super) fn called(self, name: &ObjectName) -> Self {
        let written = name.to_string();
        Write { written, ..self }
    }

    /// The same write over the rows of a batch.
    pub(super) fn over(self, rows: Option<RecordBatch>) -> Self {
        let rows = rows.map_or(Rows::None, Rows::Batch);
        Write { rows, ..self }
    }

    /// The same write over batches.
    pub(super) fn fed(self, feed: Rc<dyn Feed>) -> Self {
        let rows = Rows::Fed(feed);
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

    /// The tables that it writes into, with the engine's names.
    fn targets(&self) -> impl Iterator<Item = (ObjectId, &str)> {
        let others = self
            .others
            .iter()
            .map(|o| (o.table, o.physical_name.as_str()));
        others.chain([(self.table, self.physical_name.as_str())])
    }

    /// The engine's names of the tables that it writes into.
    fn physical_names(&self) -> BTreeSet<&str> {
        let others = self.others.iter().map(|o| o.physical_name.as_str());
        others.chain([self.physical_name.as_str()]).collect()
    }
}

impl From<Write> for Translated {
    fn from(write: Write) -> Self {
        Translated {
            sql: write.sql,
            columns: None,
        }
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
    let own_locks = context.instance.locks.owner(context.query_id);
    let mut taken = Mode::Shared;
    let mut must_widen = false;
    let mut attempts = 0;
    loop {
        let pin = context.instance.pin();
        let compiled = compile(context)?;
        // A clone shares its physical table until one of the two is written.
        let must_detach = is_shared(context, &compiled);
        let mode = if must_widen || must_detach {
            Mode::Exclusive
        } else {
            compiled.mode
        };
        // Two statements that have the shared lock and want the exclusive one would wait for each other.
        if mode > taken {
            own_locks.release();
        }
        taken = mode;
        let tables = compiled.tables();
        if !tables
            .iter()
            .all(|(table, _)| context.try_lock(&own_locks, *table, mode))
        {
            // Not while it keeps the sweeper waiting too.
            drop(pin);
            for (table, name) in tables {
                context.lock(&own_locks, table, name, mode)?;
            }
            continue;
        }
        // A table may have been replaced, rewritten or cloned before this statement had its lock.
        if !is_current(context, &compiled) || is_shared(context, &compiled) != must_detach {
            continue;
        }
        if must_detach {
            for (table, _) in tables {
                rewrite::detach(context, table)?;
            }
            continue;
        }
        if must_widen && !compiled.narrow.is_empty() {
            for (table, _) in tables {
                rewrite::widen(context, table, &compiled.narrow)?;
            }
            must_widen = false;
            continue;
        }
        transaction::refresh_for_write(context, &compiled.reads, &compiled.physical_names())?;
        tracing::debug!(sql = compiled.sql, "run");
        attempts += 1;
        let (error, failure) = match run(context, &compiled) {
            Ok(done) => {
                let counts = done.counts.clone();
                note(context, compiled, done);
                return Ok(counts);
            }
            Err(failed) => failed,
        };
        match failure {
            Some(Failure::WiderThanColumn) if attempts < MOST_ATTEMPTS => {
                must_widen = true;
            }
            // Our locks keep writers apart that the engine would; what is left is its own business and passes.
            Some(Failure::Conflict) if attempts < MOST_ATTEMPTS => {
                tracing::warn!(%error, attempts, "again");
                if transaction::anew(context)? == Renewal::Unfaithful {
                    return Err(error);
                }
                std::thread::sleep(PAUSE * attempts);
            }
            Some(Failure::NullInColumn(number)) => {
                return Err(null_in_column(context, &compiled, number, error));
            }
            _ => return Err(error),
        }
        context.cancellation.check()?;
    }
}

/// NULL for the NOT NULL column that the engine knows by this number.
fn null_in_column(context: &Context<'_>, compiled: &Write, number: u64, error: Error) -> Error {
    let snapshot = context.instance.catalog.snapshot();
    let others = compiled.others.iter().map(|o| (o.table, &o.name));
    let mut tables = others.chain([(compiled.table, &compiled.written)]);
    let found = tables.find_map(|(id, written)| match &snapshot.get(id)?.detail {
        Detail::Table(table) => {
            let column = table
                .columns
                .iter()
                .find(|column| column.number == number)?;
            Some((written, column.name.clone()))
        }
        _ => None,
    });
    match found {
        Some((table, column)) => error.in_write(table, &column),
        None => error,
    }
}

/// How often a write is tried that meets a conflict within the engine, or values that are too wide.
const MOST_ATTEMPTS: u32 = 10;
/// The pause before the second attempt; it grows.
const PAUSE: Duration = Duration::from_millis(2);

/// Whether the tables are still stored where the write was compiled for.
fn is_current(context: &Context<'_>, compiled: &Write) -> bool {
    let snapshot = context.instance.catalog.snapshot();
    compiled.targets().all(|(id, physical_name)| {
        let object = snapshot.get(id);
        matches!(object.map(|object| &object.detail),
            Some(Detail::Table(table)) if table.physical_name == physical_name)
    })
}

/// Whether a table that it writes into is shared with a clone.
fn is_shared(context: &Context<'_>, compiled: &Write) -> bool {
    let snapshot = context.instance.catalog.snapshot();
    let mut targets = compiled.targets();
    targets.any(|(_, physical_name)| snapshot.users(physical_name) > 1)
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

/// Most bytes of fed batches that the journal of a transaction keeps of one write.
const MOST_FED: usize = 256 << 20;

/// A write is done in a transaction, which has to be able to do it again: by its rows, if they are known.
fn note(context: &mut Context<'_>, compiled: Write, done: Done) {
    let commits = &context.instance.commits;
    let Some(transaction) = context.transaction else {
        return;
    };
    let targets: Vec<String> = compiled
        .physical_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    if let Some((rows, by_rows)) = done.rows.zip(compiled.by_rows.as_ref()) {
        transaction.journal.push(Entry {
            targets,
            is_repeatable: true,
            sql: by_rows.again.clone(),
            rows: Some(rows),
            reads: vec![],
            returning: Returning::Nothing,
            count: done.changed,
        });
        return;
    }
    let is_repeatable = lower::is_repeatable(&compiled.sql);
    let entry = |rows: Option<RecordBatch>, count: u64| Entry {
        targets: targets.clone(),
        is_repeatable,
        sql: compiled.sql.clone(),
        rows,
        reads: compiled
            .reads
            .iter()
            .map(|table| commits.keep(table))
            .collect(),
        returning: match compiled.counting {
            Counting::Changed => Returning::Nothing,
            Counting::Returned(_) => Returning::Rows,
            Counting::Row => Returning::Numbers,
        },
        count,
    };
    match &compiled.rows {
        Rows::None => transaction.journal.push(entry(None, done.changed)),
        Rows::Batch(batch) => transaction
            .journal
            .push(entry(Some(batch.clone()), done.changed)),
        Rows::Fed(_) => {
            for batch in done.fed {
                let count = batch.num_rows() as u64;
                transaction.journal.push(entry(Some(batch), count));
            }
            if let Some(sql) = done.closing {
                transaction.journal.push(Entry {
                    sql,
                    rows: None,
                    reads: vec![],
                    targets: vec![],
                    returning: Returning::Nothing,
                    is_repeatable: true,
                    count: done.closed,
                });
            }
            transaction.cannot_repeat |= done.is_cut;
        }
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

/// A write that has been done.
#[derive(Default)]
struct Done {
    /// What the statement answers with.
    counts: Vec<u64>,
    /// The engine's own count.
    changed: u64,
    /// The rows that it has written, where the journal wants them.
    rows: Option<RecordBatch>,
    /// The batches that it was fed, for a journal.
    fed: Vec<RecordBatch>,
    /// Whether there were more of them than a journal keeps.
    is_cut: bool,
    /// What was written after them, and how many rows that changed.
    closing: Option<String>,
    closed: u64,
}

impl Done {
    fn of_rows(count: u64) -> Self {
        Done {
            counts: vec![count],
            changed: count,
            ..Done::default()
        }
    }
}

/// Runs the write in the open transaction, or in one of its own.
fn run(
    context: &mut Context<'_>,
    compiled: &Write,
) -> std::result::Result<Done, (Error, Option<Failure>)> {
    let connection = &mut *context.connection;
    if context.transaction.is_some() {
        let by_rows = compiled.by_rows.as_ref();
        let by_rows =
            by_rows.filter(|_| matches!(compiled.rows, Rows::None) && compiled.depends_on_others());
        let done = match by_rows {
            Some(by_rows) => inserted(connection, by_rows),
            None => changed(connection, compiled, true),
        };
        return done.map_err(|error| (error, connection.failure()));
    }
    let _writing = context.instance.writing();
    let outcome = connection
        .begin()
        .and_then(|()| changed(connection, compiled, false));
    // From here on a cancel comes too late, or has done its work.
    let _shield = context.cancellation.shield();
    let commits = &context.instance.commits;
    let outcome = outcome.and_then(|done| {
        commits.publish(compiled.physical_names(), &[], || connection.commit())?;
        Ok(done)
    });
    outcome.map_err(|error| {
        let failure = connection.failure();
        transaction::step_back(connection);
        (error, failure)
    })
}

/// How much of what an INSERT has written the journal keeps, in rows and bytes.
const MOST_ROWS: u64 = 10_000;
const MOST_BYTES: usize = 8 << 20;

/// An INSERT whose rows are kept, if they are not too many.
fn inserted(connection: &mut Connection, by_rows: &ByRows) -> Result<Done> {
    let (mut batches, mut changed, mut bytes) = (vec![], 0, 0);
    for batch in connection.query(&by_rows.returning)? {
        let batch = batch?;
        changed += batch.num_rows() as u64;
        bytes += batch.get_array_memory_size();
        batches.push(batch);
        if changed > MOST_ROWS || bytes > MOST_BYTES {
            batches.clear();
        }
    }
    let is_whole = changed <= MOST_ROWS && bytes <= MOST_BYTES;
    let rows = match batches.first().filter(|_| is_whole) {
        Some(first) => concat_batches(&first.schema(), &batches).ok(),
        None => None,
    };
    Ok(Done {
        rows,
        ..Done::of_rows(changed)
    })
}

/// Does the write. What it is fed is kept for a journal.
fn changed(connection: &mut Connection, compiled: &Write, has_journal: bool) -> Result<Done> {
    match &compiled.rows {
        Rows::None => {}
        Rows::Batch(rows) => {
            connection.execute_over(&compiled.sql, rows)?;
            return Ok(Done::of_rows(rows.num_rows() as u64));
        }
        Rows::Fed(feed) => {
            let (mut count, mut bytes, mut fed) = (0, 0, vec![]);
            feed.run(&mut |batch| {
                connection.execute_over(&compiled.sql, batch)?;
                count += batch.num_rows() as u64;
                bytes += batch.get_array_memory_size();
                if has_journal && bytes <= MOST_FED {
                    fed.push(batch.clone());
                }
                Ok(())
            })?;
            let closing = feed.closing();
            let closed = match &closing {
                Some(sql) => connection.execute(sql)?,
                None => 0,
            };
            return Ok(Done {
                fed,
                is_cut: has_journal && bytes > MOST_FED,
                closing,
                closed,
                ..Done::of_rows(count)
            });
        }
    }
    match compiled.counting {
        Counting::Changed => {
            let count = connection.execute(&compiled.sql)?;
            Ok(Done::of_rows(count))
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
            Ok(Done {
                counts,
                changed: returned,
                ..Done::default()
            })
        }
        Counting::Row => {
            let counts = numbers(connection, &compiled.sql)?;
            Ok(Done {
                changed: counts.iter().sum(),
                counts,
                ..Done::default()
            })
        }
    }
}
