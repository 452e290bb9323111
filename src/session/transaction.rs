//! The state of an explicit transaction: its locks, what it has written, and since when the engine shows it the world.
//!
//! Snowflake reads what is committed before each statement and undoes a failed statement alone; the engine gives one snapshot
//! to the whole transaction and ends it at any failure. The difference is made up by the journal: the transaction's writes
//! in the engine's SQL, which can be run again on a newer snapshot. How, is `statement::transaction`'s business.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use parking_lot::{Mutex, RwLock};

use super::locks::Held;
use crate::engine::RecordBatch;
use crate::error::Result;

/// An open transaction.
pub struct Transaction {
    /// Milliseconds since 1970 when it began, made unique: what CURRENT_TRANSACTION gives.
    pub id: u64,
    pub name: Option<String>,
    pub started: SystemTime,
    /// Held until it ends.
    pub locks: Held,
    /// The sequence of commits (see [`Commits`]) that the engine's snapshot shows.
    pub snapshot: u64,
    pub journal: Vec<Entry>,
    /// The journal cannot be done again unnoticed: a query has read what it wrote with values that would not come out the
    /// same, such as those of RANDOM or of a sequence, or a load was larger than what it keeps.
    pub cannot_repeat: bool,
}

/// A write that has been done in an open transaction.
pub struct Entry {
    /// The engine's SQL.
    pub sql: String,
    /// What the SQL sees as the table `rows`.
    pub rows: Option<RecordBatch>,
    /// Physical tables that it read from, as against only wrote into. They stay while the transaction is open, even if
    /// their objects are dropped or replaced.
    pub reads: Vec<Kept>,
    /// The physical tables that it wrote into.
    pub targets: Vec<String>,
    pub returning: Returning,
    /// Whether doing it again writes the same values.
    pub is_repeatable: bool,
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

    /// A query has read these physical tables and shown the client what is in them.
    pub fn show(&mut self, tables: &BTreeSet<String>) {
        let written = self.written();
        let is_shown = self.journal.iter().any(|entry| !entry.is_repeatable)
            && tables.iter().any(|table| written.contains(table.as_str()));
        self.cannot_repeat |= is_shown;
    }

    /// Physical tables that the journal's writes depend on.
    pub fn read(&self) -> impl Iterator<Item = &str> {
        self.journal
            .iter()
            .flat_map(|entry| &entry.reads)
            .map(|kept| kept.table.as_str())
    }

    /// A physical table was rewritten under a new name.
    pub fn rename(&mut self, commits: &Arc<Commits>, old: &str, new: &str) {
        // `lower` never writes this text inside a literal.
        let reference = |name: &str| format!("\"data\".\"{name}\"");
        for entry in &mut self.journal {
            entry.sql = entry.sql.replace(&reference(old), &reference(new));
            for target in &mut entry.targets {
                if target == old {
                    new.clone_into(target);
                }
            }
            for kept in &mut entry.reads {
                if kept.table == old {
                    *kept = commits.keep(new);
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

/// Which physical tables have been committed to, in order. A transaction that began at sequence `n` sees every commit up to
/// `n` and none after it; a table whose last commit is later has moved past it.
#[derive(Default)]
pub struct Commits {
    /// Shared while a transaction commits and is recorded, exclusive while one begins: so that a snapshot's sequence is
    /// exact.
    gate: RwLock<()>,
    recorded: Mutex<Recorded>,
}

#[derive(Default)]
struct Recorded {
    last: u64,
    tables: HashMap<String, Moves>,
    /// How many entries of journals read the table.
    kept: HashMap<String, usize>,
}

/// When a table was first and last committed to. What is older than this process counts as 0.
#[derive(Default)]
struct Moves {
    created: u64,
    last: u64,
}

impl Commits {
    /// Begins a transaction of the engine; returns the sequence that it sees.
    pub fn snapshot(&self, begin: impl FnOnce() -> Result<()>) -> Result<u64> {
        let _gate = self.gate.write();
        begin()?;
        Ok(self.recorded.lock().last)
    }

    /// Commits a transaction of the engine that wrote into `changed` tables and made `created` ones.
    pub fn publish<'t>(
        &self,
        changed: impl IntoIterator<Item = &'t str>,
        created: &[&str],
        commit: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let _gate = self.gate.read();
        commit()?;
        let mut recorded = self.recorded.lock();
        recorded.last += 1;
        let last = recorded.last;
        for table in changed {
            recorded.tables.entry(table.to_owned()).or_default().last = last;
        }
        for table in created {
            let moves = Moves {
                created: last,
                last,
            };
            recorded.tables.insert((*table).to_owned(), moves);
        }
        Ok(())
    }

    /// Whether one of the tables has been committed to after `snapshot`.
    pub fn moved<'t>(&self, tables: impl IntoIterator<Item = &'t str>, snapshot: u64) -> bool {
        self.any(tables, |moves| moves.last > snapshot)
    }

    /// Whether one of the tables was made after `snapshot`, which does not show it at all.
    pub fn unseen<'t>(&self, tables: impl IntoIterator<Item = &'t str>, snapshot: u64) -> bool {
        self.any(tables, |moves| moves.created > snapshot)
    }

    fn any<'t>(
        &self,
        tables: impl IntoIterator<Item = &'t str>,
        is: impl Fn(&Moves) -> bool,
    ) -> bool {
        let recorded = self.recorded.lock();
        tables
            .into_iter()
            .any(|table| recorded.tables.get(table).is_some_and(&is))
    }

    /// Keeps a physical table from being removed while a journal depends on it.
    pub fn keep(self: &Arc<Self>, table: &str) -> Kept {
        let mut recorded = self.recorded.lock();
        *recorded.kept.entry(table.to_owned()).or_default() += 1;
        Kept {
            commits: Arc::clone(self),
            table: table.to_owned(),
        }
    }

    /// Whether a journal depends on the table.
    pub fn is_kept(&self, table: &str) -> bool {
        self.recorded.lock().kept.contains_key(table)
    }

    /// The table is gone.
    pub fn forget(&self, table: &str) {
        self.recorded.lock().tables.remove(table);
    }
}

/// A physical table that an open transaction depends on.
pub struct Kept {
    commits: Arc<Commits>,
    pub table: String,
}

impl Drop for Kept {
    fn drop(&mut self) {
        let mut recorded = self.commits.recorded.lock();
        if let Some(count) = recorded.kept.get_mut(&self.table) {
            *count -= 1;
            if *count == 0 {
                recorded.kept.remove(&self.table);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_moves_past_the_snapshots_that_began_before_its_commit() {
        let commits = Commits::default();
        let before = commits.snapshot(|| Ok(())).unwrap();
        commits.publish(["T$1"], &["V$3"], || Ok(())).unwrap();
        let after = commits.snapshot(|| Ok(())).unwrap();
        assert!(commits.moved(["T$1"], before));
        assert!(!commits.moved(["U$2"], before));
        assert!(!commits.moved(["T$1"], after));
        assert!(!commits.unseen(["T$1"], before));
        assert!(commits.unseen(["V$3"], before));
        assert!(!commits.unseen(["V$3"], after));
    }

    #[test]
    fn a_kept_table_is_kept_until_the_last_guard_goes() {
        let commits = Arc::new(Commits::default());
        let (first, second) = (commits.keep("T$1"), commits.keep("T$1"));
        drop(first);
        assert!(commits.is_kept("T$1"));
        drop(second);
        assert!(!commits.is_kept("T$1"));
    }

    #[test]
    fn ids_are_unique() {
        let (a, b) = (new_id(), new_id());
        assert!(a < b);
    }
}
