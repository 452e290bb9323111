//! Snowglobe

pub mod bind;
pub mod catalog;
pub mod config;
pub mod connection;
pub mod engine;
pub mod error;
pub mod functions;
pub mod lower;
pub mod objects;
pub mod query;
pub mod result;
pub mod server;
pub mod session;
pub mod sql;
pub mod statement;
pub mod tree;
pub mod types;
