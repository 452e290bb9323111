//! The only door to DuckDB: the database file, its connections, native functions, results as Arrow, and the reading of
//! DuckDB's errors. Nothing outside this folder names the `duckdb` crate.
//!
//! It must not know Snowflake's syntax, names or catalog: it runs DuckDB SQL that `lower` wrote, on physical types.

use std::path::PathBuf;

pub use arrow::record_batch::RecordBatch;

pub use self::connection::{Connection, InterruptHandle, Rows};
pub use self::database::Closing;
pub use self::errors::Failure;
use crate::error::Result;

mod connection;
mod database;
mod errors;
mod ffi;
pub mod native;
mod pool;
#[cfg(test)]
mod tests;

/// Where and how to open the database.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database file; `None` keeps everything in memory.
    pub database: Option<PathBuf>,
    /// Folder for DuckDB's temporary files; the engine can write nowhere else.
    pub temp_directory: PathBuf,
    /// Folders whose files the engine's readers may open: only our own SQL names any.
    pub readable_directories: Vec<PathBuf>,
    /// DuckDB's memory limit in bytes; `None` leaves DuckDB's own (80 % of the machine).
    pub memory_limit: Option<u64>,
    /// DuckDB's worker threads; `None` is one per core.
    pub threads: Option<usize>,
    /// Statements that run at once; further ones wait.
    pub concurrent_statements: usize,
}

/// An open database.
pub struct Engine {
    // Before the database: queued work still uses it.
    pool: pool::Pool,
    database: ffi::Database,
    claim: database::Claim,
}

impl Engine {
    /// Opens the database, registers `natives`, and locks the configuration: from here on no SQL reaches the host's files.
    pub fn open(options: &Options, natives: &[native::Native]) -> Result<Engine> {
        let (database, claim) = database::open(options, natives)?;
        Ok(Engine {
            database,
            claim,
            pool: pool::Pool::new(options.concurrent_statements),
        })
    }

    /// What tells when this engine and its connections are closed.
    pub fn closing(&self) -> Closing {
        self.claim.closing()
    }

    /// A further connection, with the preamble's settings.
    pub fn connect(&self) -> Result<Connection> {
        self.database
            .connect()
            .map(|handle| Connection::new(handle, self.claim.clone()))
            .map_err(|complaint| errors::interpret(&complaint, None).1)
    }

    /// Runs `work` on the engine's own thread pool; waits in the queue when all threads are taken.
    pub fn spawn(&self, work: impl FnOnce() + Send + 'static) {
        self.pool.spawn(Box::new(work));
    }

    /// Runs `wait` on a thread of the pool without counting it against the limit of statements: for waiting until another
    /// statement ends, which may still be in the queue.
    pub fn while_waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.pool.while_waiting(wait)
    }

    /// How many pieces of spawned work run, and how many wait.
    pub fn load(&self) -> Load {
        let (running, queued) = self.pool.load();
        Load { running, queued }
    }
}

/// What the engine's threads do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    pub running: usize,
    pub queued: usize,
}

/// A text as a DuckDB string literal. DuckDB knows no backslash escapes; NUL cannot stand in SQL text.
///
/// A reference to a physical table never stands in a literal, so that a transaction's journal can tell references by their
/// text.
pub fn quote_text(text: &str) -> String {
    const REFERENCE: &str = "\"data\".";
    if text.contains(REFERENCE) {
        let parts: Vec<_> = text.split(REFERENCE).map(quote_text).collect();
        return format!("({})", parts.join(" || '\"data\"' || '.' || "));
    }
    if text.contains('\0') {
        let parts: Vec<_> = text
            .split('\0')
            .map(|part| format!("'{}'", part.replace('\'', "''")))
            .collect();
        return format!("concat({})", parts.join(", chr(0), "));
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// An identifier as DuckDB SQL, always quoted.
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
