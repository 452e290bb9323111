//! The wish that a statement stops, and the way to stop what the engine does for it.

use std::sync::OnceLock;

use parking_lot::Mutex;

use crate::engine::InterruptHandle;
use crate::error::{Error, Result};

/// Shared by a running statement and whoever may stop it. The interrupt handle is here only while the statement holds its
/// connection, so that a late cancel cannot hit the next statement on it.
#[derive(Default)]
pub struct Cancellation {
    reason: OnceLock<Reason>,
    running: Mutex<Option<InterruptHandle>>,
}

/// Why a statement is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Its client, or SYSTEM$CANCEL_QUERY, asked for it.
    Asked,
    /// STATEMENT_TIMEOUT_IN_SECONDS, which was so many.
    Timeout(i64),
}

impl Cancellation {
    /// Asks the statement to stop; the first reason counts. DuckDB forgets an interrupt that arrives between two of a
    /// statement's runs: the caller repeats this until the statement has ended.
    pub fn request(&self, reason: Reason) {
        self.reason.get_or_init(|| reason);
        if let Some(handle) = &*self.running.lock() {
            handle.interrupt();
        }
    }

    /// The error of a statement that is to stop; for places between two runs of the engine and inside long loops.
    pub fn check(&self) -> Result<()> {
        match self.reason.get() {
            None => Ok(()),
            Some(Reason::Asked) => Err(Error::canceled()),
            Some(Reason::Timeout(seconds)) => Err(Error::statement_timeout(seconds)),
        }
    }

    /// Until the guard is dropped, a cancel does not reach the engine: for repairs that must come to their end.
    pub fn shield(&self) -> Shield<'_> {
        Shield {
            cancellation: self,
            handle: self.running.lock().take(),
        }
    }

    /// The statement now holds the connection of this handle, until the guard is dropped.
    pub fn running(&self, handle: InterruptHandle) -> Running<'_> {
        *self.running.lock() = Some(handle);
        Running(self)
    }
}

/// While it lives, a cancel does not reach the engine.
#[must_use]
pub struct Shield<'a> {
    cancellation: &'a Cancellation,
    handle: Option<InterruptHandle>,
}

impl Drop for Shield<'_> {
    fn drop(&mut self) {
        *self.cancellation.running.lock() = self.handle.take();
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
