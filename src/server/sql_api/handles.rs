//! `GET /api/v2/statements/{handle}` and `POST …/cancel`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::caller::Caller;
use super::messages::{Refusal, canceled, further_partition, in_progress, result_set};
use crate::error::{Error, Result as Outcomes};
use crate::query::{Finished, Outcome, Query};
use crate::result::CellStyle;
use crate::server::App;
use crate::server::body::UrlQuery;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Wanted {
    partition: Option<String>,
    request_id: Option<String>,
}

pub(super) async fn status(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(handle): Path<String>,
    UrlQuery(wanted): UrlQuery<Wanted>,
) -> Result<Response, Refusal> {
    let query = find(&app, &caller, &handle, StatusCode::BAD_REQUEST)?;
    let Some(finished) = query.finished() else {
        return Ok(in_progress(&query));
    };
    let partition = match (&finished.outcome, &wanted.partition) {
        (Outcome::Answered(answer), Some(text)) => {
            let last = answer.result.chunks().len().saturating_sub(1);
            match text.parse::<usize>() {
                Ok(partition) if partition <= last => partition,
                _ => {
                    let message = format!(
                        "Invalid partition parameter. The partition must be long type parsable and between 0 and {last}, but '{text}' is specified."
                    );
                    let status = StatusCode::BAD_REQUEST;
                    return Err(Refusal::statement(
                        status,
                        "391922",
                        "22023",
                        message,
                        Some(handle),
                    ));
                }
            }
        }
        _ => 0,
    };
    let request_id = wanted
        .request_id
        .unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    Ok(answer(&app, query, finished, request_id, partition).await)
}

pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(handle): Path<String>,
) -> Result<Response, Refusal> {
    let query = find(&app, &caller, &handle, StatusCode::UNPROCESSABLE_ENTITY)?;
    app.service.stop(&query);
    Ok(canceled(&handle))
}

/// A query of this caller; another's is as unknown as none.
fn find(
    app: &App,
    caller: &Caller,
    handle: &str,
    unknown: StatusCode,
) -> Result<Arc<Query>, Refusal> {
    let found = handle.parse().ok().and_then(|id| {
        app.service
            .query_of_caller(&caller.account, &caller.user, id)
    });
    found.ok_or_else(|| Refusal::unknown_handle(unknown, handle))
}

/// The answer of a statement that has ended.
pub(super) async fn answer(
    app: &Arc<App>,
    query: Arc<Query>,
    finished: Arc<Finished>,
    request_id: String,
    partition: usize,
) -> Response {
    let answer = match &finished.outcome {
        Outcome::Answered(answer) => Arc::clone(answer),
        Outcome::Failed(error) => return Refusal::of(error, Some(query.id)).into_response(),
        Outcome::Forgotten { .. } => {
            return Refusal::unknown_handle(StatusCode::BAD_REQUEST, &query.id.to_string())
                .into_response();
        }
    };
    if answer.transfer.is_some() {
        let error = Error::unsupported("PUT and GET through the SQL API");
        return Refusal::of(&error, Some(query.id)).into_response();
    }
    let style = CellStyle::SqlApi {
        nulls_as_text: app.requests.nulls_as_text(query.id),
    };
    let id = query.id;
    let render = move || -> Outcomes<Response> {
        match partition {
            0 => result_set(&query, &answer, &request_id, style),
            further => further_partition(query.id, &answer.result, further, style),
        }
    };
    let rendered = tokio::task::spawn_blocking(render).await;
    let rendered = rendered.unwrap_or_else(|error| Err(Error::internal(error)));
    rendered.unwrap_or_else(|error| Refusal::of(&error, Some(id)).into_response())
}
