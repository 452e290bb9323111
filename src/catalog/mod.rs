//! Where objects live: accounts, databases, schemas, tables and everything else that has a name.
//!
//! The truth is one insert-only table beside the data (`store`), so that a catalog change and its data change commit or
//! vanish together. In memory stands an immutable, versioned [`Snapshot`], from which every lookup is answered. A change
//! is made on a [`Draft`] under the one commit lock: check against the newest snapshot, insert the rows, COMMIT, publish.
//!
//! It must not know SQL syntax, types of expressions or the protocol.

mod draft;
mod kind;
pub mod loads;
mod lookup;
mod object;
mod properties;
mod snapshot;
mod store;
pub mod views;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use parking_lot::Mutex;

pub use draft::Draft;
pub use kind::{Container, ObjectKind};
pub use lookup::Lookup;
pub use object::{
    Account, Column, Constraint, ConstraintKind, Database, Detail, Directory, Dynamic, FileFormat,
    Function, FunctionArgument, FunctionReturns, Grant, Materialized, NewObject, Object, ObjectId,
    Recorded, Reference, Schema, Sequence, Stage, StageFormat, Table, TableKind, View, ViewColumn,
};
pub use properties::{Properties, PropertyValue};
pub use snapshot::Snapshot;

use crate::engine::Connection;
use crate::error::Result;

/// The catalog of one data directory.
pub struct Catalog {
    current: ArcSwap<Snapshot>,
    commit: Mutex<()>,
    /// Physical tables that nothing refers to since a version.
    released: Mutex<Vec<(u64, String)>>,
    next_id: AtomicU64,
    /// Rows of the store, those that nothing reads any more included.
    stored: AtomicUsize,
}

/// Dead rows of the store that are worth removing while the server runs.
const MANY_DEAD_ROWS: usize = 5_000;
const MANY_RELEASED: usize = 64;

impl Catalog {
    /// Reads the catalog, or creates it in an empty database. An older format is upgraded, a newer one refused.
    pub fn open(connection: &mut Connection) -> Result<Catalog> {
        let snapshot = store::load(connection)?;
        let stored = snapshot.live_rows();
        let next_id = snapshot.highest_id().0 + 1;
        Ok(Catalog {
            current: ArcSwap::from_pointee(snapshot),
            commit: Mutex::new(()),
            released: Mutex::default(),
            next_id: AtomicU64::new(next_id),
            stored: AtomicUsize::new(stored),
        })
    }

    /// The newest committed state.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// An id for a new object, column or physical table. Ids are never given twice.
    pub fn new_id(&self) -> ObjectId {
        ObjectId(self.next_id.fetch_add(1, Ordering::Relaxed))
    }

    /// Commits the transaction that is open on `connection` together with a catalog change. `change` sees the newest
    /// state and may refuse; then, and on any other failure, the caller rolls back and nothing has changed. `commit` ends
    /// the engine's transaction.
    pub fn commit<T>(
        &self,
        connection: &mut Connection,
        change: impl FnOnce(&mut Draft<'_>) -> Result<T>,
        commit: impl FnOnce(&mut Connection) -> Result<()>,
    ) -> Result<T> {
        let _guard = self.commit.lock();
        let mut draft = Draft::new(self, (*self.snapshot()).clone());
        let outcome = change(&mut draft)?;
        let (snapshot, changed, released) = draft.finish();
        store::insert(connection, &changed)?;
        commit(connection)?;
        self.stored.fetch_add(changed.len(), Ordering::Relaxed);
        let version = snapshot.version;
        self.current.store(Arc::new(snapshot));
        let released = released.into_iter().map(|name| (version, name));
        self.released.lock().extend(released);
        Ok(outcome)
    }

    /// Physical tables that no object refers to any more, and the version since which that is so. Each is told once.
    pub fn take_released(&self) -> Vec<(u64, String)> {
        std::mem::take(&mut *self.released.lock())
    }

    /// Whether so many physical tables wait to be taken that it is worth not to wait longer.
    pub fn has_many_released(&self) -> bool {
        self.released.lock().len() >= MANY_RELEASED
    }

    /// Removes rows that nothing reads any more, if they are many.
    pub fn compact(&self, connection: &mut Connection) -> Result<()> {
        let stored = self.stored.load(Ordering::Relaxed);
        let live = self.snapshot().live_rows();
        if stored < live.saturating_mul(2) + MANY_DEAD_ROWS {
            return Ok(());
        }
        store::compact(connection, &self.snapshot())?;
        // What has been added meanwhile counts as before.
        self.stored.fetch_sub(stored - live, Ordering::Relaxed);
        Ok(())
    }
}
