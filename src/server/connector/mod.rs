//! The protocol of Snowflake's own drivers, one file per endpoint.
//!
//! `wire-protocol.md` is the specification. Every failure of SQL, login or session travels with HTTP status 200.

mod abort;
mod answer;
mod format;
mod login;
mod messages;
mod query;
mod result;
mod session;
mod staging;
mod telemetry;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::App;

pub(super) use answer::chunk_body;
pub(super) use format::Format;
pub(super) use messages::{Failure, parameter_pairs};
pub(super) use query::{BindingMessage, bindings};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/session/v1/login-request", post(login::login))
        .route("/session/token-request", post(token::renew))
        .route("/session/heartbeat", post(session::heartbeat))
        .route("/session", post(session::close))
        .route("/queries/v1/query-request", post(query::submit))
        .route("/queries/v1/abort-request", post(abort::by_request))
        .route("/queries/{id}/abort-request", post(abort::by_query))
        .route("/queries/{id}/result", get(result::poll))
        .route("/monitoring/queries/{id}", get(result::monitor))
        .route("/telemetry/send", post(telemetry::accept))
        .route("/telemetry/send/sessionless", post(telemetry::accept))
}
