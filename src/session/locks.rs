//! Table locks: shared for INSERT, exclusive for everything that changes or replaces rows, held until the transaction
//! ends. The engine alone would lose concurrent writes silently.
//!
//! A statement that waits in a circle is ended (deadlock); one that waits longer than LOCK_TIMEOUT too.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::{Cancellation, QueryId};
use crate::catalog::ObjectId;
use crate::error::{Error, Result};

/// How often a waiting statement looks whether it was canceled.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// INSERT, COPY: many at once.
    Shared,
    /// UPDATE, DELETE, MERGE, TRUNCATE, DDL and physical rewrites: alone.
    Exclusive,
}

/// Who holds a lock: the statement, or the first one of its transaction.
pub type Owner = QueryId;

/// The locks of an instance.
#[derive(Default)]
pub struct Locks {
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Default)]
struct State {
    held: HashMap<ObjectId, Vec<(Owner, Mode)>>,
    waiting: HashMap<Owner, (ObjectId, Mode)>,
}

/// The locks of one owner; dropped, they are released.
pub struct Held {
    locks: Arc<Locks>,
    owner: Owner,
}

impl Locks {
    /// The locks that `owner` is going to take.
    pub fn owner(self: &Arc<Self>, owner: Owner) -> Held {
        Held {
            locks: Arc::clone(self),
            owner,
        }
    }
}

impl Held {
    /// Takes a lock if it is free.
    pub fn try_take(&self, table: ObjectId, mode: Mode) -> bool {
        self.locks.state.lock().grant(self.owner, table, mode)
    }

    /// Takes a lock, or waits for it at most `patience`.
    pub fn take(
        &self,
        table: ObjectId,
        name: &str,
        mode: Mode,
        patience: Duration,
        cancellation: &Cancellation,
    ) -> Result<()> {
        let deadline = Instant::now() + patience;
        let mut state = self.locks.state.lock();
        loop {
            if state.grant(self.owner, table, mode) {
                state.waiting.remove(&self.owner);
                return Ok(());
            }
            state.waiting.insert(self.owner, (table, mode));
            let refusal = if state.waits_for_itself(self.owner) {
                Some(Error::deadlock(self.owner))
            } else if Instant::now() >= deadline {
                Some(Error::lock_timeout(self.owner, name))
            } else {
                cancellation.check().err()
            };
            if let Some(error) = refusal {
                state.waiting.remove(&self.owner);
                return Err(error);
            }
            self.locks.released.wait_for(&mut state, LOOK);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.locks.state.lock();
        state.held.retain(|_, holders| {
            holders.retain(|(owner, _)| *owner != self.owner);
            !holders.is_empty()
        });
        self.locks.released.notify_all();
    }
}

impl State {
    /// Gives the lock if nobody else stands against it. An owner's own shared lock may become exclusive.
    fn grant(&mut self, owner: Owner, table: ObjectId, mode: Mode) -> bool {
        if self.blockers(owner, table, mode).next().is_some() {
            return false;
        }
        let holders = self.held.entry(table).or_default();
        match holders.iter_mut().find(|(holder, _)| *holder == owner) {
            Some((_, held)) => *held = (*held).max(mode),
            None => holders.push((owner, mode)),
        }
        true
    }

    fn blockers(&self, owner: Owner, table: ObjectId, mode: Mode) -> impl Iterator<Item = Owner> {
        let holders = self.held.get(&table).into_iter().flatten();
        holders
            .filter(move |(holder, held)| {
                *holder != owner && (mode == Mode::Exclusive || *held == Mode::Exclusive)
            })
            .map(|(holder, _)| *holder)
    }

    fn waits_for_itself(&self, start: Owner) -> bool {
        let mut seen = HashSet::new();
        let mut open = vec![start];
        while let Some(owner) = open.pop() {
            let Some((table, mode)) = self.waiting.get(&owner) else {
                continue;
            };
            for blocker in self.blockers(owner, *table, *mode) {
                if blocker == start {
                    return true;
                }
                if seen.insert(blocker) {
                    open.push(blocker);
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    const TABLE: ObjectId = ObjectId(1);
    const OTHER: ObjectId = ObjectId(2);

    fn take(held: &Held, table: ObjectId, mode: Mode, patience_ms: u64) -> Result<()> {
        held.take(
            table,
            "T",
            mode,
            Duration::from_millis(patience_ms),
            &Cancellation::default(),
        )
    }

    #[test]
    fn shared_locks_stand_together_and_an_exclusive_one_alone() {
        let locks = Arc::new(Locks::default());
        let (a, b) = (
            locks.owner(QueryId::generate()),
            locks.owner(QueryId::generate()),
        );
        take(&a, TABLE, Mode::Shared, 0).unwrap();
        take(&b, TABLE, Mode::Shared, 0).unwrap();
        assert_eq!(
            take(&a, TABLE, Mode::Exclusive, 0).unwrap_err().code(),
            ErrorCode::LockTimeout
        );
        drop(b);
        take(&a, TABLE, Mode::Exclusive, 0).unwrap();
    }

    #[test]
    fn a_circle_ends_one_of_its_statements() {
        let locks = Arc::new(Locks::default());
        let a = locks.owner(QueryId::generate());
        take(&a, TABLE, Mode::Exclusive, 0).unwrap();
        std::thread::scope(|threads| {
            let waiter = threads.spawn(|| {
                let b = locks.owner(QueryId::generate());
                take(&b, OTHER, Mode::Exclusive, 0).unwrap();
                take(&b, TABLE, Mode::Exclusive, 5_000)
            });
            while locks.state.lock().waiting.is_empty() {
                std::thread::yield_now();
            }
            let refused = take(&a, OTHER, Mode::Exclusive, 5_000);
            // Whichever closes the circle is refused; the other goes on.
            assert_eq!(refused.unwrap_err().code(), ErrorCode::Deadlock);
            drop(a);
            waiter.join().unwrap().unwrap();
        });
    }
}
