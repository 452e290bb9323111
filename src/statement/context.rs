//! What a statement may touch.

use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::{self, Connection, Engine};
use crate::error::Result;
use crate::session::{Cancellation, Parameters, QueryId, Session};

/// How to open an instance.
#[derive(Debug, Clone)]
pub struct InstanceOptions {
    /// Folder of everything that is kept; `None` keeps nothing.
    pub data_directory: Option<PathBuf>,
    /// Name of the account that every login leads to, unless `multi_account`.
    pub account: String,
    /// Whether account names are walls between tenants.
    pub multi_account: bool,
    /// Whether a login may name only a database and schema that exist; otherwise they are created.
    pub strict_login: bool,
    pub engine: engine::Options,
}

/// What all sessions share: the engine, the catalog, the spool of results.
pub struct Instance {
    pub engine: Engine,
}

/// The context that a login asks for, as the user typed it, and the context that it gets, as names in the catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginScope {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub warehouse: Option<String>,
    pub role: Option<String>,
}

impl Instance {
    pub fn open(_options: InstanceOptions) -> Result<Arc<Instance>> {
        todo!()
    }

    /// The account that a login's account name means: normalised, created on demand where names are walls.
    pub fn account(&self, _login_name: &str) -> Result<crate::catalog::ObjectId> {
        todo!()
    }

    /// Resolves the context of a login and creates what it names on demand. Absent names get the defaults
    /// (TEST_DB, PUBLIC, COMPUTE_WH, SYSADMIN).
    pub fn enter(
        &self,
        _account: crate::catalog::ObjectId,
        _asked: &LoginScope,
    ) -> Result<LoginScope> {
        todo!()
    }
}

/// One bind variable of a request: its name (`1`, `2`, … or a word) and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    pub name: String,
    /// Snowflake's bind type: `FIXED`, `TEXT`, `REAL`, ….
    pub type_name: String,
    pub value: BindingValue,
}

/// One value, or one per row of an array bind. Text in the wire's encoding (`wire-protocol.md` 3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BindingValue {
    One(Option<String>),
    Rows(Vec<Option<String>>),
}

/// What a client sends for one statement.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub text: &'a str,
    pub bindings: &'a [Binding],
    /// Compile only.
    pub describe_only: bool,
}

/// What a running statement may touch.
pub struct Context<'a> {
    pub instance: &'a Instance,
    pub session: &'a Session,
    pub query_id: QueryId,
    /// The session's parameters when the statement began, with those of its request over them.
    pub parameters: Parameters,
    /// To be checked between two runs of the engine, which forgets an interrupt that comes while nothing runs.
    pub cancellation: &'a Cancellation,
    /// The connection on which this statement runs.
    pub connection: &'a mut Connection,
}
