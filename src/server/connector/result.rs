//! `GET /queries/{id}/result` and `GET /monitoring/queries/{id}`

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;

use super::answer::{Pending, answer, in_progress};
use super::messages::{Failure, code_text, success};
use crate::error::Error;
use crate::query::{Outcome, Query, Status};
use crate::server::App;
use crate::server::auth::Authenticated;
use crate::server::origin::Origin;

/// The answer that the query's own request would give, waiting for it as long.
pub(super) async fn poll(
    State(app): State<Arc<App>>,
    Authenticated(session): Authenticated,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let known = id.parse().ok();
    let query = known
        .and_then(|id| app.service.query(&session, id))
        .ok_or_else(|| Error::result_not_found(&id))?;
    Ok(match query.wait(app.patience).await {
        Some(finished) => answer(&app, &session.client, origin, query, finished).await,
        None => in_progress(&query, Pending::Slow),
    })
}

#[derive(Serialize)]
struct Monitored {
    queries: Vec<QueryMessage>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QueryMessage {
    id: String,
    status: &'static str,
    state: &'static str,
    sql_text: Arc<str>,
    start_time: u64,
    end_time: u64,
    total_duration: u64,
    error_code: Option<String>,
    error_message: Option<String>,
    session_id: u64,
    client_send_time: u64,
    warehouse_name: Option<String>,
    stats: Stats,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    scan_bytes: u64,
    produced_rows: u64,
}

/// The state of a query; an empty list for one that is not known.
pub(super) async fn monitor(
    State(app): State<Arc<App>>,
    Authenticated(session): Authenticated,
    Path(id): Path<String>,
) -> Response {
    let known = id.parse().ok();
    let query = known.and_then(|id| app.service.query(&session, id));
    success(Monitored {
        queries: query.iter().map(|query| message(query)).collect(),
    })
}

fn message(query: &Query) -> QueryMessage {
    let (status, state) = match query.status() {
        Status::Queued => ("QUEUED", "QUEUED"),
        Status::Running => ("RUNNING", "RUNNING"),
        Status::Succeeded => ("SUCCESS", "SUCCEEDED"),
        Status::Failed => ("FAILED_WITH_ERROR", "FAILED"),
        Status::Canceled => ("ABORTED", "FAILED"),
    };
    let finished = query.finished();
    let error = finished
        .as_ref()
        .and_then(|finished| match &finished.outcome {
            Outcome::Failed(error) => Some(error),
            Outcome::Answered(_) | Outcome::Forgotten { .. } => None,
        });
    let (start, end) = (
        milliseconds(query.submitted),
        finished
            .as_ref()
            .map_or(0, |finished| milliseconds(finished.at)),
    );
    QueryMessage {
        id: query.id.to_string(),
        status,
        state,
        sql_text: Arc::clone(&query.text),
        start_time: start,
        end_time: end,
        total_duration: end.saturating_sub(start),
        error_code: error.map(|error| code_text(error)),
        error_message: error.map(|error| error.to_string()),
        session_id: query.session.0,
        client_send_time: start,
        warehouse_name: query.warehouse.clone(),
        stats: Stats {
            scan_bytes: 0,
            produced_rows: finished.as_ref().map_or(0, |of| of.outcome.row_count()),
        },
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis() as u64
}
