//! A session's connections to the engine.
//!
//! One primary connection carries the session's transaction. Drivers send statements of one session in parallel, and an
//! open result blocks its connection: a statement that arrives while the primary is busy runs on a further one, of which
//! a few are kept. While a transaction is open, or any statement may begin one (AUTOCOMMIT is off), statements wait for the
//! primary instead. A connection comes back when its statement has ended, however it ended, but for a panic: nobody knows
//! what state the connection is in then, and it is thrown away, with its transaction.

use parking_lot::{Condvar, Mutex};

use crate::engine::Connection;
use crate::error::{Error, Result};

use super::transaction::Transaction;

/// Further connections that a session keeps for the next parallel statements.
const KEPT_FURTHER: usize = 2;

/// A connection and the explicit transaction that is open on it.
pub struct Seat {
    pub connection: Connection,
    pub transaction: Option<Transaction>,
}

/// What [`Connections`] asks of a seat; a trait for its tests alone.
pub(super) trait HoldsTransaction {
    fn holds_transaction(&self) -> bool;
}

impl HoldsTransaction for Seat {
    fn holds_transaction(&self) -> bool {
        self.transaction.is_some()
    }
}

/// The idle connections of a session.
pub(super) struct Connections<C: HoldsTransaction = Seat> {
    idle: Mutex<Idle<C>>,
    returned: Condvar,
}

struct Idle<C> {
    primary: Primary<C>,
    further: Vec<C>,
    /// Number of the last place given out as primary.
    last: u64,
    /// The session has ended: what comes back is thrown away.
    closed: bool,
}

enum Primary<C> {
    /// Not made yet, or thrown away.
    Absent,
    Idle(C),
    /// Out in the place of this number; whether a transaction was open on it then.
    Busy {
        place: u64,
        in_transaction: bool,
    },
}

impl<C: HoldsTransaction> Connections<C> {
    /// No connection yet: the first statement makes the primary.
    pub(super) fn new() -> Self {
        Connections {
            idle: Mutex::new(Idle {
                primary: Primary::Absent,
                further: Vec::new(),
                last: 0,
                closed: false,
            }),
            returned: Condvar::new(),
        }
    }

    /// Runs `work` on the primary connection, or on a further one while the primary is busy outside a transaction and
    /// this statement is not one of those that run `one_by_one`; `connect` makes what is not there yet, `waiting` wraps the
    /// wait for the primary.
    pub(super) fn with<T>(
        &self,
        one_by_one: bool,
        connect: impl FnOnce() -> Result<C>,
        waiting: impl Fn(&mut dyn FnMut()),
        work: impl FnOnce(&mut C) -> Result<T>,
    ) -> Result<T> {
        let (mut place, ready) = loop {
            if let Some(taken) = self.take(one_by_one)? {
                break taken;
            }
            waiting(&mut || {
                let mut idle = self.idle.lock();
                while idle.must_wait(one_by_one) && !idle.closed {
                    self.returned.wait(&mut idle);
                }
            });
        };
        let mut connection = match ready {
            Some(connection) => connection,
            None => connect()?,
        };
        let result = work(&mut connection);
        place.returned = Some(connection);
        result
    }

    /// Throws away what is idle, with an open transaction, and from now on what comes back.
    pub(super) fn close(&self) {
        let mut idle = self.idle.lock();
        idle.closed = true;
        idle.further.clear();
        if matches!(idle.primary, Primary::Idle(_)) {
            idle.primary = Primary::Absent;
        }
    }

    /// A place and, if one is ready, a connection; `None` if the primary has to be waited for.
    #[allow(clippy::type_complexity)]
    fn take(&self, one_by_one: bool) -> Result<Option<(Place<'_, C>, Option<C>)>> {
        let mut idle = self.idle.lock();
        // What waited for a transaction that went with the session must not run outside it.
        if idle.closed {
            return Err(Error::session_gone());
        }
        if idle.must_wait(one_by_one) {
            return Ok(None);
        }
        let (number, ready) = match idle.take_primary() {
            Some((number, ready)) => (Some(number), ready),
            None => (None, idle.further.pop()),
        };
        let place = Place {
            connections: self,
            primary: number,
            returned: None,
        };
        Ok(Some((place, ready)))
    }
}

impl<C: HoldsTransaction> Idle<C> {
    fn must_wait(&self, one_by_one: bool) -> bool {
        match self.primary {
            Primary::Busy { in_transaction, .. } => in_transaction || one_by_one,
            Primary::Absent | Primary::Idle(_) => false,
        }
    }

    /// Whether the primary's place belongs to an open transaction.
    fn holds_transaction(&self) -> bool {
        match &self.primary {
            Primary::Busy { in_transaction, .. } => *in_transaction,
            Primary::Idle(connection) => connection.holds_transaction(),
            Primary::Absent => false,
        }
    }

    /// The primary, if it is not out: its place's number, and the connection if there is one.
    fn take_primary(&mut self) -> Option<(u64, Option<C>)> {
        if matches!(self.primary, Primary::Busy { .. }) {
            return None;
        }
        self.last += 1;
        let place = self.last;
        match std::mem::replace(
            &mut self.primary,
            Primary::Busy {
                place,
                in_transaction: false,
            },
        ) {
            Primary::Idle(connection) => {
                let in_transaction = connection.holds_transaction();
                self.primary = Primary::Busy {
                    place,
                    in_transaction,
                };
                Some((place, Some(connection)))
            }
            Primary::Absent | Primary::Busy { .. } => Some((place, None)),
        }
    }

    fn keep_further(&mut self, connection: C) {
        if self.further.len() < KEPT_FURTHER {
            self.further.push(connection);
        }
    }
}

impl<C: HoldsTransaction> Default for Connections<C> {
    fn default() -> Self {
        Self::new()
    }
}

/// A connection's place while it is out. Frees the place when it is dropped, by a panic too.
struct Place<'a, C: HoldsTransaction> {
    connections: &'a Connections<C>,
    /// Number of the place, if it is the primary's.
    primary: Option<u64>,
    returned: Option<C>,
}

impl<C: HoldsTransaction> Drop for Place<'_, C> {
    fn drop(&mut self) {
        let mut idle = self.connections.idle.lock();
        let still_primary = matches!((&idle.primary, self.primary),
            (Primary::Busy { place, .. }, Some(number)) if *place == number);
        let returned = if idle.closed {
            None
        } else {
            self.returned.take()
        };
        match returned {
            Some(connection) if still_primary => idle.primary = Primary::Idle(connection),
            // Two BEGINs at once: the later one finds a transaction open and does nothing.
            Some(connection) if connection.holds_transaction() && idle.holds_transaction() => {
                drop(connection);
            }
            // BEGIN ran on a further connection: from now on that one is the primary.
            Some(connection) if connection.holds_transaction() => {
                if let Primary::Idle(old) =
                    std::mem::replace(&mut idle.primary, Primary::Idle(connection))
                {
                    idle.keep_further(old);
                }
            }
            Some(connection) => idle.keep_further(connection),
            None if still_primary => idle.primary = Primary::Absent,
            None => {}
        }
        drop(idle);
        self.connections.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::error::Error;

    /// A seat of this number, with a transaction if it is negative.
    impl HoldsTransaction for i32 {
        fn holds_transaction(&self) -> bool {
            *self < 0
        }
    }

    fn with<T>(
        connections: &Connections<i32>,
        connect: impl FnOnce() -> Result<i32>,
        work: impl FnOnce(&mut i32) -> Result<T>,
    ) -> Result<T> {
        connections.with(false, connect, |wait| wait(), work)
    }

    #[test]
    fn a_busy_primary_leads_to_a_further_connection() {
        let made = Cell::new(0);
        let connect = || {
            made.set(made.get() + 1);
            Ok(made.get())
        };
        let connections = Connections::<i32>::new();
        let both = with(&connections, connect, |first| {
            let second = with(&connections, connect, |second| Ok(*second))?;
            Ok((*first, second))
        });
        assert_eq!(both.unwrap(), (1, 2));
        assert_eq!(
            with(&connections, connect, |primary| Ok(*primary)).unwrap(),
            1
        );
        assert_eq!(made.get(), 2);
    }

    #[test]
    fn a_transaction_makes_its_connection_the_primary_and_others_wait_for_it() {
        let connections = Connections::<i32>::new();
        with(
            &connections,
            || Ok(1),
            |_| {
                // BEGIN arrives while another statement is on the primary.
                with(
                    &connections,
                    || Ok(2),
                    |further| {
                        *further = -2;
                        Ok(())
                    },
                )
            },
        )
        .unwrap();
        assert_eq!(
            with(&connections, || Ok(9), |primary| Ok(*primary)).unwrap(),
            -2
        );
        std::thread::scope(|threads| {
            with(
                &connections,
                || Ok(9),
                |primary| {
                    let waiter =
                        threads.spawn(|| with(&connections, || Ok(9), |primary| Ok(*primary)));
                    std::thread::sleep(std::time::Duration::from_millis(20));
                    assert!(!waiter.is_finished());
                    *primary = 2; // COMMIT
                    Ok(waiter)
                },
            )
            .map(|waiter| assert_eq!(waiter.join().unwrap().unwrap(), 2))
            .unwrap();
        });
    }

    #[test]
    fn a_connection_that_panicked_is_thrown_away() {
        let connections = Connections::<i32>::new();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            with(
                &connections,
                || Ok(1),
                |_| -> Result<()> { panic!("a statement") },
            )
        }));
        assert!(panicked.is_err());
        let next = with(&connections, || Ok(2), |connection| Ok(*connection));
        assert_eq!(next.unwrap(), 2);
    }

    #[test]
    fn a_failure_leaves_the_primary_free() {
        let connections = Connections::<i32>::new();
        let failed = with(&connections, || Err(Error::internal("down")), |_| Ok(()));
        assert!(failed.is_err());
        let failed = with(
            &connections,
            || Ok(1),
            |_| -> Result<()> { Err(Error::canceled()) },
        );
        assert!(failed.is_err());
        assert!(matches!(connections.idle.lock().primary, Primary::Idle(1)));
    }

    #[test]
    fn one_by_one_waits_for_a_busy_primary() {
        let connections = Connections::<i32>::new();
        std::thread::scope(|threads| {
            let waiter = with(
                &connections,
                || Ok(1),
                |primary| {
                    let waiter = threads.spawn(|| {
                        connections.with(
                            true,
                            || Ok(9),
                            |wait| wait(),
                            |primary| {
                                *primary = -*primary;
                                Ok(*primary)
                            },
                        )
                    });
                    std::thread::sleep(std::time::Duration::from_millis(20));
                    assert!(!waiter.is_finished());
                    *primary = 7;
                    Ok(waiter)
                },
            );
            assert_eq!(waiter.unwrap().join().unwrap().unwrap(), -7);
        });
    }

    #[test]
    fn what_waits_for_a_transaction_ends_with_the_session() {
        let connections = Connections::<i32>::new();
        with(&connections, || Ok(-1), |_| Ok(())).unwrap();
        std::thread::scope(|threads| {
            let waiter = with(
                &connections,
                || Ok(9),
                |_| {
                    let waiter = threads.spawn(|| with(&connections, || Ok(9), |_| Ok(())));
                    std::thread::sleep(std::time::Duration::from_millis(20));
                    connections.close();
                    Ok(waiter)
                },
            );
            assert!(waiter.unwrap().join().unwrap().is_err());
        });
    }

    #[test]
    fn of_two_transactions_the_later_one_goes() {
        let connections = Connections::<i32>::new();
        with(
            &connections,
            || Ok(1),
            |first| {
                with(
                    &connections,
                    || Ok(2),
                    |second| {
                        *second = -2;
                        Ok(())
                    },
                )?;
                *first = -1;
                Ok(())
            },
        )
        .unwrap();
        let primary = with(&connections, || Ok(9), |primary| Ok(*primary));
        assert_eq!(primary.unwrap(), -2);
        assert!(connections.idle.lock().further.is_empty());
    }
}
