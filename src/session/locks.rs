//! Table locks: shared for INSERT, exclusive for everything that changes or replaces rows, held until the transaction
//! ends. The engine alone would lose concurrent writes silently.
//!
//! Who comes later waits behind those that wait already, so that a stream of INSERTs cannot keep an UPDATE away for ever.
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
    waiting: HashMap<Owner, Waiting>,
    /// Number of the last one that began to wait.
    last: u64,
}

#[derive(Clone, Copy)]
struct Waiting {
    table: ObjectId,
    mode: Mode,
    /// Its place in the queue.
    place: u64,
}

/// The place of one that has not begun to wait.
const BEHIND_ALL: u64 = u64::MAX;

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
        let wish = Waiting {
            table,
            mode,
            place: BEHIND_ALL,
        };
        self.locks.state.lock().grant(self.owner, wish)
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
        // LOCK_TIMEOUT may be longer than a clock can tell.
        let deadline = Instant::now().checked_add(patience);
        let mut state = self.locks.state.lock();
        state.last += 1;
        let wish = Waiting {
            table,
            mode,
            place: state.last,
        };
        loop {
            if state.grant(self.owner, wish) {
                state.waiting.remove(&self.owner);
                return Ok(());
            }
            state.waiting.insert(self.owner, wish);
            let refusal = if state.waits_for_itself(self.owner) {
                Some(Error::deadlock(self.owner))
            } else if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                Some(Error::lock_timeout(self.owner, name))
            } else {
                cancellation.check().err()
            };
            if let Some(error) = refusal {
                state.waiting.remove(&self.owner);
                // Those behind may be able to go on.
                self.locks.released.notify_all();
                return Err(error);
            }
            self.locks.released.wait_for(&mut state, LOOK);
        }
    }

    /// Who holds them.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// What is locked, and how.
    pub fn tables(&self) -> Vec<(ObjectId, Mode)> {
        let state = self.locks.state.lock();
        let held = state.held.iter().filter_map(|(table, holders)| {
            let own = holders.iter().find(|(owner, _)| *owner == self.owner)?;
            Some((*table, own.1))
        });
        held.collect()
    }

    /// Gives back all locks.
    pub fn release(&self) {
        let mut state = self.locks.state.lock();
        state.held.retain(|_, holders| {
            holders.retain(|(owner, _)| *owner != self.owner);
            !holders.is_empty()
        });
        self.locks.released.notify_all();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release();
    }
}

impl State {
    /// Gives the lock if nobody else stands against it. An owner's own shared lock may become exclusive.
    fn grant(&mut self, owner: Owner, wish: Waiting) -> bool {
        if self.blockers(owner, wish).next().is_some() {
            return false;
        }
        let holders = self.held.entry(wish.table).or_default();
        match holders.iter_mut().find(|(holder, _)| *holder == owner) {
            Some((_, held)) => *held = (*held).max(wish.mode),
            None => holders.push((owner, wish.mode)),
        }
        true
    }

    /// Who holds the lock against this wish, or waits for it before; who has the lock already waits for holders alone.
    fn blockers(&self, owner: Owner, wish: Waiting) -> impl Iterator<Item = Owner> {
        let stands_against =
            move |mode: Mode| wish.mode == Mode::Exclusive || mode == Mode::Exclusive;
        let holders = self.held.get(&wish.table).map_or(&[][..], Vec::as_slice);
        let has_it = holders
            .iter()
            .find(|(holder, _)| *holder == owner)
            .map(|(_, mode)| *mode);
        let holders = holders
            .iter()
            .filter(move |(holder, held)| *holder != owner && stands_against(*held))
            .filter(move |_| has_it.is_none_or(|mode| mode < wish.mode))
            .map(|(holder, _)| *holder);
        let queue = self
            .waiting
            .iter()
            .filter(move |(waiter, other)| {
                has_it.is_none()
                    && **waiter != owner
                    && other.table == wish.table
                    && other.place < wish.place
                    && stands_against(other.mode)
            })
            .map(|(waiter, _)| *waiter);
        holders.chain(queue)
    }

    fn waits_for_itself(&self, start: Owner) -> bool {
        let mut seen = HashSet::new();
        let mut open = vec![start];
        while let Some(owner) = open.pop() {
            let Some(wish) = self.waiting.get(&owner) else {
                continue;
            };
            for blocker in self.blockers(owner, *wish) {
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

    #[test]
    fn who_comes_later_waits_behind_who_waits_already() {
        let locks = Arc::new(Locks::default());
        let a = locks.owner(QueryId::generate());
        take(&a, TABLE, Mode::Shared, 0).unwrap();
        std::thread::scope(|threads| {
            let writer = threads.spawn(|| {
                let b = locks.owner(QueryId::generate());
                take(&b, TABLE, Mode::Exclusive, 5_000)
            });
            while locks.state.lock().waiting.is_empty() {
                std::thread::yield_now();
            }
            let c = locks.owner(QueryId::generate());
            assert!(!c.try_take(TABLE, Mode::Shared));
            // Who has the lock is not held up by the queue.
            assert!(a.try_take(TABLE, Mode::Shared));
            drop(a);
            writer.join().unwrap().unwrap();
            assert!(c.try_take(TABLE, Mode::Shared));
        });
    }
}
