//! The state of an explicit transaction: its locks, what it has written, and since when the engine shows it the world.
//!
//! Snowflake reads what is committed before each statement and undoes a failed statement alone; the engine gives one snapshot
//! to the whole transaction and ends it at any failure. The difference is made up by the journal: the transaction's writes
//! in the engine's SQL, which can be run again on a newer snapshot. How, is `statement::transaction`'s business.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use parking_lot::Mutex;

use super::locks::Held;
use crate::engine::RecordBatch;

/// An open transaction.
pub struct Transaction {
    /// Milliseconds since 1970 when it began, made unique: what CURRENT_TRANSACTION gives.
    pub id: u64,
    pub name: Option<String>,
    pub started: SystemTime,
    /// Held until it ends.
    pub locks: Held,
    /// The sequence of commits (see [`Commits`]) up to which the engine's snapshot surely reaches.
    pub snapshot: u64,
    pub journal: Vec<Entry>,
}

/// A write that has been done in an open transaction.
pub struct Entry {
    /// The engine's SQL.
    pub sql: String,
    /// What the SQL sees as the table `rows`.
    pub rows: Option<RecordBatch>,
    /// Physical tables that it read from, as against only wrote into.
    pub reads: Vec<String>,
    /// The physical tables that it wrote into.
    pub targets: Vec<String>,
    pub returning: Returning,
    /// Rows that it changed; doing it again must give the same.
    pub count: u64,
}

/// What a write's SQL gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returning {
    /// Nothing: the engine counts the changed rows.
    Nothing,
    /// A row for each changed row.
    Rows,
    /// One row of numbers of rows.
    Numbers,
}

impl Transaction {
    /// Physical tables that the journal wrote into.
    pub fn written(&self) -> HashSet<&str> {
        self.journal
            .iter()
            .flat_map(|entry| &entry.targets)
            .map(String::as_str)
            .collect()
    }

    /// Physical tables that the journal's writes depend on.
    pub fn read(&self) -> impl Iterator<Item = &str> {
        self.journal
            .iter()
            .flat_map(|entry| &entry.reads)
            .map(String::as_str)
    }

    /// A physical table was rewritten under a new name.
    pub fn rename(&mut self, old: &str, new: &str) {
        // `lower` never writes this text inside a literal.
        let reference = |name: &str| format!("\"data\".\"{name}\"");
        for entry in &mut self.journal {
            entry.sql = entry.sql.replace(&reference(old), &reference(new));
            for name in entry.reads.iter_mut().chain(&mut entry.targets) {
                if name == old {
                    new.clone_into(name);
                }
            }
        }
    }
}

/// A new transaction id.
pub fn new_id() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis() as u64;
    let next = |last: u64| Some(now.max(last + 1));
    let last = LAST
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
        .unwrap_or(now);
    now.max(last + 1)
}

/// Which physical tables have been committed to, in order. A snapshot that began at sequence `n` is sure to show every commit
/// up to `n`; a table whose last commit is later has moved past it.
#[derive(Default)]
pub struct Commits {
    last: AtomicU64,
    tables: Mutex<HashMap<String, u64>>,
}

impl Commits {
    /// To be called before the engine's transaction begins.
    pub fn now(&self) -> u64 {
        self.last.load(Ordering::SeqCst)
    }

    /// To be called after the engine's COMMIT and before anyone is told of it.
    pub fn record<'t>(&self, tables: impl IntoIterator<Item = &'t str>) {
        let mut recorded = self.tables.lock();
        let sequence = self.last.fetch_add(1, Ordering::SeqCst) + 1;
        for table in tables {
            recorded.insert(table.to_owned(), sequence);
        }
    }

    /// Whether one of the tables has been committed to after `snapshot`.
    pub fn moved<'t>(&self, tables: impl IntoIterator<Item = &'t str>, snapshot: u64) -> bool {
        let recorded = self.tables.lock();
        tables
            .into_iter()
            .any(|table| recorded.get(table).is_some_and(|last| *last > snapshot))
    }

    /// The table is gone.
    pub fn forget(&self, table: &str) {
        self.tables.lock().remove(table);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_moves_past_the_snapshots_that_began_before_its_commit() {
        let commits = Commits::default();
        let before = commits.now();
        commits.record(["T$1"]);
        assert!(commits.moved(["T$1"], before));
        assert!(!commits.moved(["U$2"], before));
        assert!(!commits.moved(["T$1"], commits.now()));
    }

    #[test]
    fn ids_are_unique() {
        let (a, b) = (new_id(), new_id());
        assert!(a < b);
    }
}
