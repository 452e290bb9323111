//! Snowglobe

pub mod catalog;
pub mod engine;
pub mod error;
pub mod query;
pub mod result;
pub mod server;
pub mod session;
pub mod statement;
pub mod types;
