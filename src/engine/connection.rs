//! Connections: statements in, Arrow out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

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
    time_limit: Option<Duration>,
    failure: Option<Failure>,
}

impl Connection {
    pub(super) fn new(handle: Handle) -> Self {
        Connection {
            statements: Statements::default(),
            handle,
            in_transaction: false,
            time_limit: None,
            failure: None,
        }
    }

    /// Runs one or several statements whose rows nobody reads. Returns the number of rows that the last one changed.
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

    pub fn commit(&mut self) -> Result<()> {
        self.execute("COMMIT").map(drop)
    }

    pub fn rollback(&mut self) -> Result<()> {
        self.execute("ROLLBACK").map(drop)
    }

    /// Whether BEGIN was sent and neither COMMIT nor ROLLBACK. An aborted transaction is still one.
    pub fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    /// A handle that stops what runs on this connection, from any thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(self.handle.interrupter())
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
                self.in_transaction = false;
            }
            changed = outcome?;
            if statements.count == 1 {
                self.put_back(sql, prepared, true);
            }
        }
        Ok(changed)
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
        let (failure, error) = errors::interpret(complaint, self.time_limit.map(|limit| limit.as_secs()));
        self.failure = Some(failure);
        error
    }
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
/// that starts afterwards is not affected.
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
