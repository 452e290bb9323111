//! `POST /session/token-request`: a new session token for the master token.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use super::messages::{Failure, success};
use crate::server::{App, auth};
use crate::session::registry::{MASTER_VALIDITY, SESSION_VALIDITY};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Renewal {
    session_token: String,
    #[serde(rename = "validityInSecondsST")]
    session_validity: u64,
    master_token: String,
    #[serde(rename = "validityInSecondsMT")]
    master_validity: u64,
    /// The older Python connector reads this name as well.
    master_validity_in_seconds: u64,
    session_id: u64,
}

/// The body names the old session token and `RENEW`, `ISSUE` or `CLONE`; all are served alike, so it is not read.
pub(super) async fn renew(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (session, tokens) = app.service.renew(auth::token(&headers)?)?;
    Ok(success(Renewal {
        session_token: tokens.session,
        session_validity: SESSION_VALIDITY.as_secs(),
        master_token: tokens.master,
        master_validity: MASTER_VALIDITY.as_secs(),
        master_validity_in_seconds: MASTER_VALIDITY.as_secs(),
        session_id: session.id.0,
    }))
}
