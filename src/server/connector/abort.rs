//! `POST /queries/v1/abort-request` and `POST /queries/{id}/abort-request`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::messages::{Failure, success};
use crate::error::Error;
use crate::server::App;
use crate::server::auth::Authenticated;
use crate::server::body::JsonBody;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body {
    request_id: String,
}

pub(super) async fn by_request(
    State(app): State<Arc<App>>,
    Authenticated(session): Authenticated,
    JsonBody(body): JsonBody<Body>,
) -> Result<Response, Failure> {
    app.service.cancel_request(&session, &body.request_id)?;
    Ok(success(()))
}

pub(super) async fn by_query(
    State(app): State<Arc<App>>,
    Authenticated(session): Authenticated,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = id.parse().map_err(|_| Error::not_executing())?;
    app.service.cancel_query(&session, id)?;
    Ok(success(()))
}
