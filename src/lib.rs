//! Snowglobe: a Snowflake that runs on a laptop. Unmodified Snowflake programs connect to it over Snowflake's own
//! protocols; DuckDB does the computing.
//!
//! # A statement's way
//!
//! One pipeline, data moving one way: request → query → statement → typed tree → DuckDB SQL → batches → result set →
//! response.
//!
//! 1. [`server`] decodes a request and finds the session; [`query`] gives the statement an id and a thread, waits for it,
//!    cancels it, keeps its result. The async world ends there.
//! 2. [`sql`] splits and tokenizes the text; [`statement`] knows the verbs, a file each, [`objects`] the nouns.
//! 3. [`bind`] resolves names against the [`catalog`] and infers Snowflake's types ([`types`]): out comes a typed
//!    [`tree`]. Functions are found in one table ([`functions`]).
//! 4. [`lower`] writes the tree as DuckDB SQL, [`engine`] runs it, [`result`] turns batches into what clients read.
//!
//! # Tables
//!
//! New work is usually a row in one of six tables: statements (`statement/mod.rs`), object kinds (`objects/mod.rs`),
//! functions (`functions/<category>.rs`), session parameters (`session/parameters/table.rs`), error codes (`error.rs`),
//! catalog views (`catalog/views/*.sql`).
//!
//! # Invariants
//!
//! * What a client can observe comes from us: types and nullability from the tree, errors from the table of codes. No text of
//!   the engine reaches a client.
//! * A name that the binder does not know does not exist: no engine function, file or setting can be reached from SQL.
//! * A catalog change and its data change commit together.
//! * Upper rooms use lower ones, never the reverse; `tests/all/architecture.rs` reads the `use` lines and holds us to it.

pub mod config;
pub mod connection;
pub mod server;

pub mod query;

pub mod statement;

pub mod objects;

pub mod lower;
pub mod session;

pub mod bind;

pub mod catalog;
pub mod functions;

pub mod engine;
pub mod files;
pub mod result;
pub mod stage;
pub mod tree;

pub mod sql;
pub mod types;

pub mod error;
