//! The integration tests, in one binary: each further one would link DuckDB again. A module for each kind of proof.

mod architecture;
mod client;
mod functions;
mod golden;
mod transactions;
