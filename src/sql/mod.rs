//! Snowflake's SQL as text and tokens: splitting a request into statements, identifier folding, string literals, cursors
//! over tokens for our own small parsers, and sqlparser for queries, DML and expressions.
//!
//! It must not know the catalog or types: it answers what the text says, never what a name means. Start with [`Source`].

mod block;
mod chain;
mod constant_rows;
mod cursor;
mod identifier;
mod like;
mod literal;
mod local_path;
mod named;
mod source;
mod stage_location;

pub use constant_rows::{Constant, ConstantList};
pub use cursor::Cursor;
pub use identifier::{Folding, ObjectName, fold, quote};
pub use like::like_pattern;
pub use named::Spelling;
pub use source::{Place, Source, StatementText, Timestamps, position_of};
pub use stage_location::{StageLocation, StageName, stage_location};

pub use sqlparser::ast;
pub use sqlparser::tokenizer::TokenWithSpan;
