//! The integration tests, in one binary: each further one would link DuckDB again. A module for each kind of proof.
#![allow(clippy::print_stdout, clippy::unwrap_used)] // what fails here is meant to end the test

mod architecture;
mod catalog;
mod client;
mod concurrency;
mod constructs;
mod durability;
mod functions;
mod fuzz;
mod golden;
mod malformed;
mod operation;
mod robustness;
mod start;
mod tpch;
mod transactions;
mod translation;
mod typing;
mod wire;
