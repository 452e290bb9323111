//! One login: who, in which context, with which parameters, and the session's connections to the engine.
//!
//! A [`Session`] is shared by the requests that run in it at the same time; each of its parts has a lock of its own that is
//! held only to read or replace a value. It must not know the protocols (tokens are opaque text, [`registry`]) nor what
//! statements do with it.

mod cancellation;
mod client;
mod connections;
mod id;
pub mod locks;
pub mod parameters;
pub mod registry;
pub mod transaction;
mod variables;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use parking_lot::Mutex;

use crate::catalog::ObjectId;
use crate::engine::Engine;
use crate::error::Result;
use crate::functions::place_in;

pub use cancellation::{Cancellation, Reason, Running};
pub use client::{Client, Family};
pub use id::{QueryId, SessionId};
pub use parameters::Parameters;
pub use registry::Registry;
pub use variables::{Variable, Variables};

use connections::Connections;
pub use connections::Seat;

/// The release of Snowflake that clients see. JDBC splits it at its dots.
pub const SERVER_VERSION: &str = "9.30.0";
/// Query ids that LAST_QUERY_ID(n) can reach back to.
const REMEMBERED_QUERIES: usize = 1000;

/// The current database, schema, warehouse and role, as names in the catalog (not as typed).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub warehouse: Option<String>,
    pub role: Option<String>,
}

/// A session: created by a login, ended by a close or by expiry.
pub struct Session {
    pub id: SessionId,
    pub account: ObjectId,
    /// User name as the catalog has it.
    pub user: String,
    pub client: Client,
    pub created: SystemTime,
    scope: Mutex<Scope>,
    parameters: Mutex<Parameters>,
    variables: Mutex<Variables>,
    queries: Mutex<imbl::Vector<uuid::Uuid>>,
    /// The id of the transaction that ended last, 0 before there is one.
    last_transaction: AtomicU64,
    connections: Connections,
}

impl Session {
    pub fn new(
        account: ObjectId,
        user: String,
        client: Client,
        scope: Scope,
        parameters: Parameters,
    ) -> Self {
        Session {
            id: SessionId::generate(),
            account,
            user,
            client,
            created: SystemTime::now(),
            scope: Mutex::new(scope),
            parameters: Mutex::new(parameters),
            variables: Mutex::default(),
            queries: Mutex::default(),
            last_transaction: AtomicU64::new(0),
            connections: Connections::new(),
        }
    }

    pub fn scope(&self) -> Scope {
        self.scope.lock().clone()
    }

    /// `USE …`: changes the context in place. `change` must not block.
    pub fn change_scope(&self, change: impl FnOnce(&mut Scope)) {
        change(&mut self.scope.lock());
    }

    /// The session's own parameters. A statement reads those of its `Context`, which has its request's over them.
    pub fn parameters(&self) -> Parameters {
        self.parameters.lock().clone()
    }

    /// `ALTER SESSION`: all changes happen, or none.
    pub fn change_parameters(
        &self,
        change: impl FnOnce(&mut Parameters) -> Result<()>,
    ) -> Result<()> {
        let mut current = self.parameters.lock();
        let mut changed = current.clone();
        change(&mut changed)?;
        *current = changed;
        Ok(())
    }

    /// The id of the transaction that was committed or rolled back last.
    pub fn last_transaction(&self) -> Option<u64> {
        match self.last_transaction.load(Ordering::Relaxed) {
            0 => None,
            id => Some(id),
        }
    }

    /// A transaction has ended.
    pub fn transaction_ended(&self, id: u64) {
        self.last_transaction.store(id, Ordering::Relaxed);
    }

    pub fn variables(&self) -> Variables {
        self.variables.lock().clone()
    }

    /// `SET`, `UNSET`: changes the variables in place. `change` must not block.
    pub fn change_variables(&self, change: impl FnOnce(&mut Variables)) {
        change(&mut self.variables.lock());
    }

    /// Runs one statement on a connection of this session; waits for the session's transaction where one is open, and for
    /// the statement before where any may begin one (`autocommit` is off).
    pub fn with_seat<T>(
        &self,
        engine: &Engine,
        autocommit: bool,
        statement: impl FnOnce(&mut Seat) -> Result<T>,
    ) -> Result<T> {
        let connect = || {
            Ok(Seat {
                connection: engine.connect()?,
                transaction: None,
            })
        };
        self.connections.with(
            !autocommit,
            connect,
            |wait| engine.while_waiting(wait),
            statement,
        )
    }

    /// The session has ended: its connections go, and with them an open transaction.
    pub fn end(&self) {
        self.connections.close();
    }

    /// Remembers a finished query for LAST_QUERY_ID.
    pub fn remember_query(&self, id: QueryId) {
        let mut queries = self.queries.lock();
        if queries.len() == REMEMBERED_QUERIES {
            queries.pop_front();
        }
        queries.push_back(id.0);
    }

    /// The ids of the finished queries, oldest first.
    pub fn query_ids(&self) -> imbl::Vector<uuid::Uuid> {
        self.queries.lock().clone()
    }

    /// `LAST_QUERY_ID(n)`: -1 is the last query, 1 the first.
    pub fn query_id(&self, place: i64) -> Option<QueryId> {
        let queries = self.queries.lock();
        place_in(place, queries.len()).and_then(|place| queries.get(place).copied().map(QueryId))
    }
}
