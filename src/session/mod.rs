//! One login: who, in which context, with which parameters, and the session's connection to the engine.

use std::fmt;

/// Id of a session; a JSON integer on the wire, below 2^53 because Node reads it as a double.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// Id of a statement, in Snowflake's form: 8-4-4-4-12 hexadecimal digits that begin with `01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueryId(pub uuid::Uuid);

impl fmt::Display for QueryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

use parking_lot::Mutex;

use crate::catalog::ObjectId;

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
    scope: Mutex<Scope>,
}
