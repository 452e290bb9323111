//! A session's connections to the engine.
//!
//! One primary connection carries the session's transactions. Drivers send statements of one session in parallel, and an
//! open result blocks its connection: a statement that arrives while the primary is busy runs on a further one, of which
//! a few are kept. A [`Lease`] brings its connection back when it is dropped, and throws it away when its statement
//! panicked, because nobody knows what state it is in.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::error::Result;

/// Further connections that a session keeps for the next parallel statements.
const KEPT_FURTHER: usize = 2;

/// The idle connections of a session. Generic for its tests alone.
pub struct Connections<C = crate::engine::Connection> {
    idle: Mutex<Idle<C>>,
}

struct Idle<C> {
    primary: Option<C>,
    primary_leased: bool,
    further: Vec<C>,
}

impl<C> Connections<C> {
    /// No connection yet: the first statement makes the primary.
    pub fn new() -> Arc<Self> {
        Arc::new(Connections {
            idle: Mutex::new(Idle {
                primary: None,
                primary_leased: false,
                further: Vec::new(),
            }),
        })
    }

    /// The primary connection, or a further one while the primary is busy; `connect` makes what is not there yet.
    pub fn lease(self: &Arc<Self>, connect: impl FnOnce() -> Result<C>) -> Result<Lease<C>> {
        let (ready, primary) = {
            let mut idle = self.idle.lock();
            match idle.primary_leased {
                false => {
                    idle.primary_leased = true;
                    (idle.primary.take(), true)
                }
                true => (idle.further.pop(), false),
            }
        };
        let mut lease = Lease {
            connections: Arc::clone(self),
            connection: ready,
            primary,
        };
        // A failure drops the lease, and so frees the primary's place.
        if lease.connection.is_none() {
            lease.connection = Some(connect()?);
        }
        Ok(lease)
    }
}

/// A connection in use.
pub struct Lease<C = crate::engine::Connection> {
    connections: Arc<Connections<C>>,
    connection: Option<C>,
    primary: bool,
}

impl<C> Lease<C> {
    /// Whether this is the connection of the session's transactions.
    pub fn is_primary(&self) -> bool {
        self.primary
    }
}

impl<C> Deref for Lease<C> {
    type Target = C;

    fn deref(&self) -> &C {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("a lease has its connection until it is dropped"),
        }
    }
}

impl<C> DerefMut for Lease<C> {
    fn deref_mut(&mut self) -> &mut C {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("a lease has its connection until it is dropped"),
        }
    }
}

impl<C> Drop for Lease<C> {
    fn drop(&mut self) {
        let connection = match std::thread::panicking() {
            true => None,
            false => self.connection.take(),
        };
        let mut idle = self.connections.idle.lock();
        if self.primary {
            idle.primary = connection;
            idle.primary_leased = false;
        } else if let Some(connection) = connection
            && idle.further.len() < KEPT_FURTHER
        {
            idle.further.push(connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::error::Error;

    #[test]
    fn a_busy_primary_leads_to_a_further_connection() {
        let made = Cell::new(0);
        let connect = || {
            made.set(made.get() + 1);
            Ok(made.get())
        };
        let connections = Connections::<i32>::new();
        let first = connections.lease(connect).unwrap();
        let second = connections.lease(connect).unwrap();
        assert!(first.is_primary() && !second.is_primary());
        assert_eq!((*first, *second), (1, 2));
        drop(second);
        drop(first);
        assert_eq!(*connections.lease(connect).unwrap(), 1);
        assert_eq!(made.get(), 2);
    }

    #[test]
    fn a_connection_that_panicked_is_thrown_away() {
        let connections = Connections::<i32>::new();
        let lease = connections.lease(|| Ok(1)).unwrap();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _lease = lease;
            panic!("a statement");
        }));
        assert!(panicked.is_err());
        let lease = connections.lease(|| Ok(2)).unwrap();
        assert!(lease.is_primary());
        assert_eq!(*lease, 2);
    }

    #[test]
    fn a_failed_connect_leaves_the_primary_free() {
        let connections = Connections::<i32>::new();
        assert!(connections.lease(|| Err(Error::internal("down"))).is_err());
        assert!(connections.lease(|| Ok(1)).unwrap().is_primary());
    }
}
