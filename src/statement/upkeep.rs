//! What keeps the data directory in order while the server runs, on a thread of its own, so that no statement pays for it:
//! physical tables that nothing refers to go, the catalog's dead rows go, and the write-ahead log goes into the database file
//! before it grows long.
//!
//! A physical table stays while a running statement looks at a catalog version that had it ([`Pin`]) or the journal of an open
//! transaction depends on it (`Commits::keep`).

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use arrow::array::AsArray;
use parking_lot::{Condvar, Mutex, RwLock, RwLockReadGuard};

use super::transaction;
use crate::catalog::{Catalog, ObjectId, Snapshot};
use crate::engine::Connection;
use crate::error::{Error, Result};
use crate::lower;
use crate::session::transaction::Commits;
use crate::stage::{StageKey, Stages};

/// How often it looks whether there is something to do.
const PERIOD: Duration = Duration::from_millis(500);
/// Tables that one commit removes.
const REMOVED_AT_ONCE: usize = 256;
/// Length of the write-ahead log from which on it is worth a checkpoint, and from which on writes have to make way for it.
const LONG_LOG: u64 = 16 << 20;
const VERY_LONG_LOG: u64 = 64 << 20;
/// How long new writes are held back until those at work have ended.
const MAKE_WAY: Duration = Duration::from_millis(500);

/// Shared by the statements and the thread.
pub(super) struct Upkeep {
    catalog: Arc<Catalog>,
    commits: Arc<Commits>,
    stages: Arc<Stages>,
    /// Catalog versions that running statements look at, and how many of each.
    pinned: Mutex<BTreeMap<u64, usize>>,
    /// Physical tables that nothing refers to since a catalog version.
    unused: Mutex<Vec<(u64, String)>>,
    /// Shared by writes outside explicit transactions.
    writes: RwLock<()>,
    signal: Mutex<Signal>,
    wake: Condvar,
}

#[derive(Default)]
struct Signal {
    asked: bool,
    stopped: bool,
    /// How often it has looked.
    rounds: u64,
}

/// While it lives, no physical table of its catalog version is removed.
pub struct Pin<'a> {
    upkeep: &'a Upkeep,
    version: u64,
}

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        let mut pinned = self.upkeep.pinned.lock();
        if let Some(count) = pinned.get_mut(&self.version) {
            *count -= 1;
            if *count == 0 {
                pinned.remove(&self.version);
            }
        }
    }
}

impl Upkeep {
    pub fn new(catalog: Arc<Catalog>, commits: Arc<Commits>, stages: Arc<Stages>) -> Upkeep {
        Upkeep {
            catalog,
            commits,
            stages,
            pinned: Mutex::default(),
            unused: Mutex::default(),
            writes: RwLock::new(()),
            signal: Mutex::default(),
            wake: Condvar::new(),
        }
    }

    /// Keeps the physical tables of the newest catalog version from being removed.
    pub fn pin(&self) -> Pin<'_> {
        let mut pinned = self.pinned.lock();
        let version = self.catalog.snapshot().version;
        *pinned.entry(version).or_default() += 1;
        Pin {
            upkeep: self,
            version,
        }
    }

    /// To be held by a write outside explicit transactions while the engine is at work for it.
    pub fn writing(&self) -> RwLockReadGuard<'_, ()> {
        self.writes.read()
    }

    /// Physical tables may have lost their last user; what is left of many goes soon, and of few at the next look.
    pub fn nudge(&self) {
        if self.catalog.has_many_released() {
            self.signal.lock().asked = true;
            self.wake.notify_all();
        }
    }

    /// Takes the unused tables that nobody can be looking at.
    fn take_due(&self) -> Vec<(u64, String)> {
        let pinned = self.pinned.lock();
        let mut unused = self.unused.lock();
        unused.extend(self.catalog.take_released());
        let oldest = pinned.keys().next().copied().unwrap_or(u64::MAX);
        let (due, waiting) = unused
            .drain(..)
            .partition(|(since, name)| *since <= oldest && !self.commits.is_kept(name));
        *unused = waiting;
        due
    }

    fn sweep(&self, connection: &mut Connection) {
        let due = self.take_due();
        for tables in due.chunks(REMOVED_AT_ONCE) {
            let names = tables.iter().map(|(_, name)| name.as_str());
            match remove(connection, names.clone()) {
                Ok(()) => names.for_each(|name| self.commits.forget(name)),
                Err(error) => {
                    tracing::warn!(%error, "unused physical tables stay for now");
                    self.unused.lock().extend_from_slice(tables);
                }
            }
        }
    }

    /// Removes the files of stages that are gone and cannot come back. `seen` is the catalog's version at the last look.
    fn sweep_stages(&self, seen: &mut Option<u64>) {
        let version = self.catalog.snapshot().version;
        if *seen == Some(version) {
            return;
        }
        // A folder is made for a stage that the catalog has: so the catalog is asked after the folders.
        let keys = self.stages.with_files();
        let snapshot = self.catalog.snapshot();
        for key in keys {
            let (StageKey::Named(id) | StageKey::Table(id) | StageKey::User(id, _)) = key;
            if snapshot.keeps(ObjectId(id)) {
                continue;
            }
            if let Err(error) = self.stages.remove(&key) {
                tracing::warn!(%error, %key, "the files of a dropped stage stay for now");
            }
        }
        *seen = Some(version);
    }

    fn compact(&self, connection: &mut Connection) {
        if let Err(error) = self.catalog.compact(connection) {
            tracing::warn!(%error, "the catalog's dead rows stay for now");
        }
    }

    /// Brings a long log into the database file. Not while a write is at work: the engine refuses then.
    fn checkpoint(&self, connection: &mut Connection, log: &Option<PathBuf>) {
        let length = log
            .as_ref()
            .and_then(|log| log.metadata().ok())
            .map_or(0, |data| data.len());
        if length < LONG_LOG {
            return;
        }
        let _no_writes = if length < VERY_LONG_LOG {
            self.writes.try_write()
        } else {
            self.writes.try_write_for(MAKE_WAY)
        };
        match connection.execute("CHECKPOINT") {
            Ok(_) => tracing::debug!(length, "checkpoint"),
            Err(error) => tracing::debug!(length, %error, "no checkpoint for now"),
        }
    }

    /// Waits until everything that can go now is gone.
    pub fn settle(&self) {
        let mut signal = self.signal.lock();
        // The round that is under way may have looked too early.
        let wanted = signal.rounds + 2;
        while signal.rounds < wanted && !signal.stopped {
            signal.asked = true;
            self.wake.notify_all();
            self.wake.wait_for(&mut signal, PERIOD);
        }
    }

    fn end_round(&self) {
        self.signal.lock().rounds += 1;
        self.wake.notify_all();
    }

    /// Waits until it is time to look again; false when it is time to stop.
    fn wait(&self) -> bool {
        let mut signal = self.signal.lock();
        if !signal.asked && !signal.stopped {
            self.wake.wait_for(&mut signal, PERIOD);
        }
        signal.asked = false;
        !signal.stopped
    }
}

/// The thread, until it is dropped.
pub(super) struct Caretaker {
    upkeep: Arc<Upkeep>,
    thread: Option<JoinHandle<()>>,
}

impl Caretaker {
    /// `database` is the database's file, if it has one.
    pub fn start(
        upkeep: &Arc<Upkeep>,
        mut connection: Connection,
        database: Option<PathBuf>,
    ) -> Result<Caretaker> {
        let log = database.map(|file| {
            let mut log = file.into_os_string();
            log.push(".wal");
            PathBuf::from(log)
        });
        let shared = Arc::clone(upkeep);
        let work = move || {
            let mut seen = None;
            while shared.wait() {
                shared.sweep(&mut connection);
                shared.sweep_stages(&mut seen);
                shared.compact(&mut connection);
                shared.checkpoint(&mut connection, &log);
                shared.end_round();
            }
            shared.sweep(&mut connection);
        };
        let thread = thread::Builder::new()
            .name("upkeep".to_owned())
            .spawn(work)
            .map_err(Error::internal)?;
        Ok(Caretaker {
            upkeep: Arc::clone(upkeep),
            thread: Some(thread),
        })
    }
}

impl Drop for Caretaker {
    fn drop(&mut self) {
        self.upkeep.signal.lock().stopped = true;
        self.upkeep.wake.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the upkeep panicked");
        }
    }
}

/// Removes physical tables that no object refers to: dropped, replaced, or never finished before the last end.
pub(super) fn sweep_orphans(connection: &mut Connection, snapshot: &Snapshot) -> Result<()> {
    let used: HashSet<&String> = snapshot.physical_names().collect();
    let mut orphans = physical_tables(connection)?;
    orphans.retain(|name| !used.contains(name));
    if orphans.is_empty() {
        return Ok(());
    }
    remove(connection, orphans.iter().map(String::as_str))
}

/// Removes tables, all or none.
fn remove<'t>(connection: &mut Connection, tables: impl Iterator<Item = &'t str>) -> Result<()> {
    connection.begin()?;
    let removed = tables
        .map(|name| connection.execute(&lower::drop_table(name)))
        .collect::<Result<Vec<_>>>()
        .and_then(|_| connection.commit());
    if removed.is_err() {
        transaction::step_back(connection);
    }
    removed
}

fn physical_tables(connection: &mut Connection) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for batch in
        connection.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'data'")?
    {
        let batch = batch?;
        let texts = batch.column(0).as_string::<i32>();
        names.extend(texts.iter().flatten().map(str::to_owned));
    }
    Ok(names)
}
