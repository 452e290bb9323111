//! Verbs: the syntax and execution of each statement kind.

mod context;

pub use context::{Binding, BindingValue, Context, Instance, InstanceOptions, LoginScope, Request};

use crate::error::Result;
use crate::result::ResultSet;

/// What a statement answers.
pub struct Answer {
    /// Rows and their Snowflake types; of a `describe_only` request the types alone.
    pub result: ResultSet,
    /// Snowflake's number for the kind of statement (`wire-protocol.md` 3.5).
    pub kind: StatementKind,
    /// Number of distinct bind variables in the text.
    pub bind_count: usize,
}

/// Snowflake's `statementTypeId`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementKind {
    Select,
    Insert,
    Update,
    Delete,
    Merge,
    AlterSession,
    Use,
    Show,
    Describe,
    Transaction,
    Commit,
    Ddl,
    Explain,
    Multi,
}

impl StatementKind {
    /// The number that drivers decide by.
    pub fn type_id(self) -> u32 {
        match self {
            StatementKind::Select => 0x1000,
            StatementKind::Explain => 0x2000,
            StatementKind::Insert => 0x3100,
            StatementKind::Update => 0x3200,
            StatementKind::Delete => 0x3300,
            StatementKind::Merge => 0x3400,
            StatementKind::AlterSession => 0x4100,
            StatementKind::Use => 0x4300,
            StatementKind::Show => 0x4400,
            StatementKind::Describe => 0x4500,
            StatementKind::Transaction => 0x5000,
            StatementKind::Commit => 0x5100,
            StatementKind::Ddl => 0x6000,
            StatementKind::Multi => 0xA000,
        }
    }

    /// Whether drivers read the rows of this kind as a query's (and may read them as Arrow).
    pub fn is_query(self) -> bool {
        self == StatementKind::Select
    }
}

/// Runs one statement: the whole of the pipeline below `query`. Blocking.
pub fn execute(_context: &mut Context<'_>, _request: &Request<'_>) -> Result<Answer> {
    todo!()
}
