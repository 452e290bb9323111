//! Connections: statements in, Arrow out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use super::database::Claim;
use super::errors::{self, Failure};
use super::ffi::{Complaint, Handle, Interrupter, Kind, Outcome, Prepared, Stream};
use crate::error::{Error, Result};

/// Statements that a connection keeps prepared, and the longest text that is worth it.
const KEPT_STATEMENTS: usize = 64;
const KEPT_TEXT_BYTES: usize = 64 << 10;

/// A connection: an idle value, `Send`, that takes a thread only while a statement runs on it.
pub struct Connection {
    // Before the handle: statements end before their connection does.
    statements: Statements,
    handle: Handle,
    in_transaction: bool,
    /// Whether a statement has failed since the transaction began.
    suspect: bool,
    time_limit: Option<Duration>,
    failure: Option<Failure>,
    // After the handle: an open connection keeps the file open.
    _claim: Claim,
}

impl Connection {
    pub(super) fn new(handle: Handle, claim: Claim) -> Self {
        Connection {
            statements: Statements::default(),
            handle,
            in_transaction: false,
            suspect: false,
            time_limit: None,
            failure: None,
            _claim: claim,
        }
    }

    /// Runs one or several statements whose rows nobody reads; BEGIN, COMMIT and ROLLBACK only alone. Returns the number of rows that the last one changed.
    pub fn execute(&mut self, sql: &str) -> Result<u64> {
        self.attempt(|connection| connection.execute_statements(sql))
    }

    /// Runs one statement and streams its rows. The rows borrow the connection until they are drained or dropped; dropping
    /// them early stops the statement.
    pub fn query(&mut self, sql: &str) -> Result<Rows<'_>> {
        let stream = self.attempt(|connection| {
            let prepared = connection.prepared(sql)?;
            let stream = prepared.stream();
            connection.put_back(sql, prepared, stream.is_ok());
            stream
        })?;
        Ok(Rows {
            schema: Arc::clone(&stream.schema),
            stream: Some(stream),
            connection: self,
        })
    }

    /// Binds one statement and returns its columns; nothing runs. The statement stays prepared for `query`.
    pub fn describe(&mut self, sql: &str) -> Result<SchemaRef> {
        self.attempt(|connection| {
            let prepared = connection.prepared(sql)?;
            let schema = connection.handle.describe(&prepared);
            connection.put_back(sql, prepared, schema.is_ok());
            schema
        })
    }

    pub fn begin(&mut self) -> Result<()> {
        self.execute("BEGIN").map(drop)
    }

    /// Commits, or fails with [`Failure::TransactionAborted`] and leaves only ROLLBACK: to the COMMIT of a transaction that
    /// an error has ended DuckDB answers "done", and throws it away.
    pub fn commit(&mut self) -> Result<()> {
        if self.suspect {
            self.attempt(|connection| connection.handle.run("SELECT 1"))?;
        }
        self.execute("COMMIT").map(drop)
    }

    pub fn rollback(&mut self) -> Result<()> {
        self.execute("ROLLBACK").map(drop)
    }

    /// Whether BEGIN was sent and neither COMMIT nor ROLLBACK. An aborted transaction is still one.
    pub fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    /// Whether the open transaction has met no failure since it began: what was written in it is surely still there.
    pub fn transaction_is_sound(&self) -> bool {
        self.in_transaction && !self.suspect
    }

    /// A handle that stops what runs on this connection, from any thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(self.handle.interrupter())
    }

    /// Stops statements that start from now on and run longer than `limit`; `None` lets them run. What a statement fails
    /// with then is `StatementTimeout` and [`Failure::TimedOut`].
    pub fn set_time_limit(&mut self, limit: Option<Duration>) -> Result<()> {
        if self.time_limit == limit {
            return Ok(());
        }
        // DuckDB's 0 is "no limit".
        let milliseconds = limit.map_or(0, |limit| limit.as_millis().max(1));
        self.attempt(|connection| {
            let sql = format!("SET SESSION max_execution_time = {milliseconds}");
            connection.handle.run(&sql)?;
            connection.time_limit = limit;
            Ok(())
        })
    }

    /// Adds rows to a table, all or none, through DuckDB's bulk path. The fields of the batch name the columns that they
    /// fill; other columns get their default. Types should be the columns' own; DuckDB casts others, and names no value
    /// when that fails, but for decimals that a BIGINT column is too narrow for. Within the open transaction if there is
    /// one. Returns the number of rows.
    pub fn append(&mut self, schema: &str, table: &str, batch: &RecordBatch) -> Result<u64> {
        self.attempt(|connection| {
            connection.atomically(|handle| handle.append(schema, table, batch))
        })?;
        Ok(batch.num_rows() as u64)
    }

    /// Runs an INSERT, UPDATE, DELETE or MERGE over the rows of a batch, which it sees as the table `rows` with the names
    /// of the batch's fields: for array binds and for VALUES lists that need expressions. All or nothing.
    pub fn execute_over(&mut self, sql: &str, batch: &RecordBatch) -> Result<()> {
        self.attempt(|connection| connection.atomically(|handle| handle.run_over(sql, batch)))
    }

    /// How the last call on this connection failed, for those who act on it rather than show it; `None` when it did not.
    pub fn failure(&self) -> Option<Failure> {
        self.failure
    }

    fn execute_statements(&mut self, sql: &str) -> Outcome<u64> {
        if let Some(prepared) = self.statements.take(sql) {
            let changed = prepared.execute();
            self.put_back(sql, prepared, changed.is_ok());
            return changed;
        }
        let statements = self.handle.parse(sql)?;
        let mut changed = 0;
        for index in 0..statements.count {
            let prepared = self.handle.prepare_parsed(&statements, index)?;
            let outcome = prepared.execute();
            if prepared.kind() == Kind::Transaction {
                let begins = starts_with_word(sql, "BEGIN") || starts_with_word(sql, "START");
                if outcome.is_err() {
                    self.clear_transaction();
                }
                self.in_transaction = begins && outcome.is_ok();
                self.suspect = false;
            }
            changed = outcome?;
            if statements.count == 1 {
                self.put_back(sql, prepared, true);
            }
        }
        Ok(changed)
    }

    /// Runs `work` in the open transaction, or in one of its own.
    fn atomically(&mut self, work: impl FnOnce(&Handle) -> Outcome<()>) -> Outcome<()> {
        if self.in_transaction {
            return work(&self.handle);
        }
        let begun = self.handle.run("BEGIN");
        let worked = begun.and_then(|()| work(&self.handle));
        let outcome = worked.and_then(|()| self.handle.run("COMMIT"));
        if outcome.is_err() {
            self.clear_transaction();
        }
        outcome
    }

    /// Leaves no transaction behind after a failure. An interrupted BEGIN may have begun one, an interrupted ROLLBACK may
    /// have left it; a failed COMMIT has ended it already, and then there is nothing to roll back.
    fn clear_transaction(&self) {
        let _ = self.handle.run("ROLLBACK");
    }

    fn prepared(&mut self, sql: &str) -> Outcome<Prepared> {
        match self.statements.take(sql) {
            Some(prepared) => Ok(prepared),
            None => self.handle.prepare(sql),
        }
    }

    fn put_back(&mut self, sql: &str, prepared: Prepared, worked: bool) {
        if worked && sql.len() <= KEPT_TEXT_BYTES && prepared.kind() == Kind::Repeatable {
            self.statements.put(sql, prepared);
        }
    }

    fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Outcome<T>) -> Result<T> {
        match work(self) {
            Ok(value) => {
                self.failure = None;
                Ok(value)
            }
            Err(complaint) => Err(self.fail(&complaint)),
        }
    }

    fn fail(&mut self, complaint: &Complaint) -> Error {
        let (failure, error) = errors::interpret(complaint, self.time_limit);
        self.failure = Some(failure);
        self.suspect = self.in_transaction;
        error
    }
}

fn starts_with_word(sql: &str, word: &str) -> bool {
    sql.trim_start()
        .get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// The rows of a running statement.
pub struct Rows<'connection> {
    schema: SchemaRef,
    stream: Option<Stream>,
    connection: &'connection mut Connection,
}

impl Rows<'_> {
    /// Names and Arrow types of the columns, known before the first row.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.stream.as_mut()?.fetch() {
            Ok(Some(batch)) => Some(Ok(batch)),
            Ok(None) => {
                self.stream = None;
                None
            }
            Err(complaint) => {
                self.stream = None;
                Some(Err(self.connection.fail(&complaint)))
            }
        }
    }
}

/// Stops the statement that runs on a connection; harmless when none does, or when the connection is gone. A statement
/// that starts afterwards is not affected, so whoever cancels keeps a flag of its own for what is about to start.
#[derive(Clone)]
pub struct InterruptHandle(Interrupter);

impl InterruptHandle {
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

/// Prepared statements by their text; the one unused for longest makes room.
#[derive(Default)]
struct Statements {
    by_text: HashMap<Box<str>, (Prepared, u64)>,
    clock: u64,
}

impl Statements {
    fn take(&mut self, sql: &str) -> Option<Prepared> {
        self.by_text.remove(sql).map(|(prepared, _)| prepared)
    }

    fn put(&mut self, sql: &str, prepared: Prepared) {
        if self.by_text.len() >= KEPT_STATEMENTS {
            let oldest = self
                .by_text
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(text, _)| text.clone());
            if let Some(oldest) = oldest {
                self.by_text.remove(&oldest);
            }
        }
        self.clock += 1;
        self.by_text.insert(sql.into(), (prepared, self.clock));
    }
}
