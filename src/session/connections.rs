//! A session's connections to the engine.
//!
//! One primary connection carries the session's transactions. Drivers send statements of one session in parallel, and an
//! open result blocks its connection: a statement that arrives while the primary is busy runs on a further one, of which
//! a few are kept. A connection comes back when its statement has ended, however it ended, but for a panic: nobody knows
//! what state the connection is in then, and it is thrown away.

use parking_lot::Mutex;

use crate::error::Result;

/// Further connections that a session keeps for the next parallel statements.
const KEPT_FURTHER: usize = 2;

/// The idle connections of a session. Generic for its tests alone.
pub(super) struct Connections<C = crate::engine::Connection> {
    idle: Mutex<Idle<C>>,
}

struct Idle<C> {
    primary: Primary<C>,
    further: Vec<C>,
}

enum Primary<C> {
    /// Not made yet, or thrown away.
    Absent,
    Idle(C),
    Busy,
}

impl<C> Connections<C> {
    /// No connection yet: the first statement makes the primary.
    pub(super) fn new() -> Self {
        Connections {
            idle: Mutex::new(Idle {
                primary: Primary::Absent,
                further: Vec::new(),
            }),
        }
    }

    /// Runs `work` on the primary connection, or on a further one while the primary is busy; `connect` makes what is not
    /// there yet.
    pub(super) fn with<T>(
        &self,
        connect: impl FnOnce() -> Result<C>,
        work: impl FnOnce(&mut C) -> Result<T>,
    ) -> Result<T> {
        let (mut place, ready) = self.take();
        let mut connection = match ready {
            Some(connection) => connection,
            None => connect()?,
        };
        let result = work(&mut connection);
        place.returned = Some(connection);
        result
    }

    fn take(&self) -> (Place<'_, C>, Option<C>) {
        let mut idle = self.idle.lock();
        let (is_primary, ready) = match std::mem::replace(&mut idle.primary, Primary::Busy) {
            Primary::Absent => (true, None),
            Primary::Idle(connection) => (true, Some(connection)),
            Primary::Busy => (false, idle.further.pop()),
        };
        let place = Place {
            connections: self,
            is_primary,
            returned: None,
        };
        (place, ready)
    }
}

impl<C> Default for Connections<C> {
    fn default() -> Self {
        Self::new()
    }
}

/// A connection's place while it is out. Frees the place when it is dropped, by a panic too.
struct Place<'a, C> {
    connections: &'a Connections<C>,
    is_primary: bool,
    returned: Option<C>,
}

impl<C> Drop for Place<'_, C> {
    fn drop(&mut self) {
        let mut idle = self.connections.idle.lock();
        match (self.is_primary, self.returned.take()) {
            (true, Some(connection)) => idle.primary = Primary::Idle(connection),
            (true, None) => idle.primary = Primary::Absent,
            (false, Some(connection)) if idle.further.len() < KEPT_FURTHER => {
                idle.further.push(connection);
            }
            (false, _) => {}
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
        let both = connections.with(connect, |first| {
            let second = connections.with(connect, |second| Ok(*second))?;
            Ok((*first, second))
        });
        assert_eq!(both.unwrap(), (1, 2));
        assert_eq!(
            connections.with(connect, |primary| Ok(*primary)).unwrap(),
            1
        );
        assert_eq!(made.get(), 2);
    }

    #[test]
    fn a_connection_that_panicked_is_thrown_away() {
        let connections = Connections::<i32>::new();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            connections.with(|| Ok(1), |_| -> Result<()> { panic!("a statement") })
        }));
        assert!(panicked.is_err());
        let next = connections.with(|| Ok(2), |connection| Ok(*connection));
        assert_eq!(next.unwrap(), 2);
        assert!(matches!(connections.idle.lock().primary, Primary::Idle(2)));
    }

    #[test]
    fn a_failure_leaves_the_primary_free() {
        let connections = Connections::<i32>::new();
        let failed = connections.with(|| Err(Error::internal("down")), |_| Ok(()));
        assert!(failed.is_err());
        let failed = connections.with(|| Ok(1), |_| -> Result<()> { Err(Error::canceled()) });
        assert!(failed.is_err());
        assert!(matches!(connections.idle.lock().primary, Primary::Idle(1)));
    }
}
