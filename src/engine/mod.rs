//! The only door to DuckDB: the database file, its connections, native functions, results as Arrow, and the reading of
//! DuckDB's errors. Nothing outside this folder names the `duckdb` crate.
//!
//! It must not know Snowflake's syntax, names or catalog: it runs DuckDB SQL that `lower` wrote, on physical types.

use std::path::PathBuf;

pub use arrow::record_batch::RecordBatch;

use crate::error::Result;

pub mod native;

/// Where and how to open the database.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database file; `None` keeps everything in memory.
    pub database: Option<PathBuf>,
    /// Folder for DuckDB's temporary files; the engine can write nowhere else.
    pub temp_directory: PathBuf,
    /// DuckDB's memory limit in bytes; `None` leaves DuckDB's own (80 % of the machine).
    pub memory_limit: Option<u64>,
    /// DuckDB's worker threads; `None` is one per core.
    pub threads: Option<usize>,
    /// Statements that run at once; further ones wait.
    pub concurrent_statements: usize,
}

/// An open database.
pub struct Engine {}

/// A connection: an idle value, `Send`, that takes a thread only while a statement runs on it.
pub struct Connection {}

impl Engine {
    /// Opens the database, registers `natives`, and locks the configuration: from here on no SQL reaches the host's files.
    pub fn open(_options: &Options, _natives: &[native::Native]) -> Result<Engine> {
        todo!()
    }

    /// A further connection, with the preamble's settings.
    pub fn connect(&self) -> Result<Connection> {
        todo!()
    }

    /// Runs `work` on the engine's own thread pool; waits in the queue when all threads are taken.
    pub fn spawn(&self, _work: impl FnOnce() + Send + 'static) {
        todo!()
    }
}

impl Connection {
    /// Runs one or several statements whose rows nobody reads. Returns the number of rows that the last one changed.
    pub fn execute(&mut self, _sql: &str) -> Result<u64> {
        todo!()
    }

    /// Runs one statement and streams its rows. The rows borrow the connection until they are drained or dropped.
    pub fn query(&mut self, _sql: &str) -> Result<Rows<'_>> {
        todo!()
    }

    /// A handle that stops what runs on this connection, from any thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        todo!()
    }
}

/// The rows of a running statement.
pub struct Rows<'connection> {
    _connection: std::marker::PhantomData<&'connection mut Connection>,
}

impl Iterator for Rows<'_> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        todo!()
    }
}

/// Stops the statement that runs on a connection; harmless when none does.
#[derive(Clone)]
pub struct InterruptHandle {}

impl InterruptHandle {
    pub fn interrupt(&self) {
        todo!()
    }
}

/// A text as a DuckDB string literal. DuckDB knows no backslash escapes; NUL cannot stand in SQL text.
pub fn quote_text(text: &str) -> String {
    if text.contains('\0') {
        let parts: Vec<_> = text.split('\0').map(|part| format!("'{}'", part.replace('\'', "''"))).collect();
        return format!("concat({})", parts.join(", chr(0), "));
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// An identifier as DuckDB SQL, always quoted.
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
