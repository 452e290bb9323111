//! Snowglobe

pub mod catalog;
pub mod engine;
pub mod error;
pub mod result;
pub mod session;
pub mod sql;
pub mod statement;
pub mod tree;
pub mod types;
