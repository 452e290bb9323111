//! The wish that a statement stops, and the way to stop what the engine does for it.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::engine::InterruptHandle;
use crate::error::{Error, Result};

/// Shared by a running statement and whoever may stop it. The interrupt handle is here only while the statement holds its
/// connection, so that a late cancel cannot hit the next statement on it.
#[derive(Default)]
pub struct Cancellation {
    requested: AtomicBool,
    running: Mutex<Option<InterruptHandle>>,
}

impl Cancellation {
    /// Asks the statement to stop. DuckDB forgets an interrupt that arrives between two of a statement's runs: the caller
    /// repeats this until the statement has ended.
    pub fn request(&self) {
        self.requested.store(true, Ordering::Release);
        if let Some(handle) = &*self.running.lock() {
            handle.interrupt();
        }
    }

    pub fn is_requested(&self) -> bool {
        self.requested.load(Ordering::Acquire)
    }

    /// Ends a canceled statement; for places between two runs of the engine and inside long loops.
    pub fn check(&self) -> Result<()> {
        match self.is_requested() {
            true => Err(Error::canceled()),
            false => Ok(()),
        }
    }

    /// The statement now holds the connection of this handle, until the guard is dropped.
    pub fn running(&self, handle: InterruptHandle) -> Running<'_> {
        *self.running.lock() = Some(handle);
        Running(self)
    }
}

/// While it lives, a cancel reaches the engine.
#[must_use]
pub struct Running<'a>(&'a Cancellation);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *self.0.running.lock() = None;
    }
}
