//! `POST /session?delete=true` and `POST /session/heartbeat`

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::messages::{Failure, success};
use crate::server::App;
use crate::server::auth::{self, Authenticated};

/// Ends the session. Its token may have run out.
pub(super) async fn close(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    app.service.close(auth::token(&headers)?)?;
    Ok(success(()))
}

/// Nothing to do: the answer tells a driver whether its token has run out.
pub(super) async fn heartbeat(Authenticated(_): Authenticated) -> Response {
    success(())
}
