//! `POST /api/v2/statements`

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::caller::Caller;
use super::handles;
use super::messages::{Refusal, in_progress};
use crate::error::Error;
use crate::query::{Outcome, Submission};
use crate::server::App;
use crate::server::body::{self, UrlQuery};
use crate::server::connector::{BindingMessage, bindings, parameter_pairs};
use crate::statement::{Binding, LoginScope, leading_words};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Flags {
    request_id: Option<String>,
    r#async: Option<String>,
    nullable: Option<String>,
    retry: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    statement: Option<String>,
    timeout: Option<u64>,
    database: Option<String>,
    schema: Option<String>,
    warehouse: Option<String>,
    role: Option<String>,
    bindings: Option<HashMap<String, BindingMessage>>,
    parameters: Option<Map<String, Value>>,
}

/// The longest timeout, which 0 asks for.
const LONGEST_TIMEOUT_SECONDS: u64 = 604_800;

pub(super) async fn submit(
    State(app): State<Arc<App>>,
    caller: Caller,
    UrlQuery(flags): UrlQuery<Flags>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Refusal> {
    check_headers(&headers)?;
    let body: Body = body::json(request).await.map_err(|_| {
        let text = "Incoming request does not contain a valid payload.";
        Refusal::request(StatusCode::BAD_REQUEST, "390142", text)
    })?;
    let is_true = |flag: &Option<String>| {
        flag.as_deref()
            .is_some_and(|flag| flag.eq_ignore_ascii_case("true"))
    };
    let nulls_as_text = flags
        .nullable
        .as_deref()
        .is_some_and(|flag| flag.eq_ignore_ascii_case("false"));
    let text = body.statement.clone().unwrap_or_default();
    if let Some(command) = refused(&text) {
        let message = format!("Command not supported by SQL API: {command}");
        return Err(Refusal::statement(
            StatusCode::UNPROCESSABLE_ENTITY,
            "391911",
            "0A000",
            message,
            None,
        ));
    }
    let request_id = flags
        .request_id
        .clone()
        .unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let failed = |error| Refusal::of(&error, None);

    let session = app
        .service
        .visit(&caller.account, &caller.user, body.scope())
        .await
        .map_err(failed)?;
    // A retry finds what its first copy started, unless that failed or was another statement.
    if is_true(&flags.retry)
        && flags.request_id.is_some()
        && let Some(earlier) = app
            .requests
            .find(session.account, &session.user, &request_id)
        && let Some(query) = app.service.query(&session, earlier)
        && *query.text == *text
        && !query
            .finished()
            .is_some_and(|finished| matches!(finished.outcome, Outcome::Failed(_)))
    {
        return Ok(match query.wait(app.patience).await {
            Some(finished) => handles::answer(&app, query, finished, request_id, 0).await,
            None => in_progress(&query),
        });
    }

    let mut parameters = parameter_pairs(body.parameters.unwrap_or_default());
    if let Some(timeout) = body.timeout {
        let seconds = if timeout == 0 {
            LONGEST_TIMEOUT_SECONDS
        } else {
            timeout
        };
        parameters.push((
            "STATEMENT_TIMEOUT_IN_SECONDS".to_owned(),
            seconds.to_string(),
        ));
    }
    let bindings = bindings(body.bindings.unwrap_or_default()).map_err(failed)?;
    if let Some(semi) = bindings.iter().find(|binding| is_semi_structured(binding)) {
        return Err(failed(Error::unsupported_data_type(&semi.type_name)));
    }
    let submission = Submission {
        request_id: None,
        text,
        bindings,
        bind_stage: None,
        describe_only: false,
        parameters,
    };
    let query = app.service.submit_once(&session, submission);
    app.requests.remember(
        (session.account, session.user.clone(), request_id.clone()),
        query.id,
        nulls_as_text,
    );
    if is_true(&flags.r#async) {
        return Ok(in_progress(&query));
    }
    Ok(match query.wait(app.patience).await {
        Some(finished) => handles::answer(&app, query, finished, request_id, 0).await,
        None => in_progress(&query),
    })
}

fn check_headers(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(content) = text(header::CONTENT_TYPE)
        && !content.to_ascii_lowercase().starts_with("application/json")
    {
        let message = format!("Unsupported content type {content} is specified.");
        return Err(Refusal::request(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "391903",
            message,
        ));
    }
    let accept = text(header::ACCEPT);
    let accepts = accept.is_some_and(|accept| {
        ["application/json", "application/*", "*/*"]
            .iter()
            .any(|kind| accept.contains(kind))
    });
    if !accepts {
        let message = format!(
            "Unsupported Accept header {} is specified.",
            accept.unwrap_or("null")
        );
        return Err(Refusal::request(StatusCode::BAD_REQUEST, "391902", message));
    }
    Ok(())
}

/// Statements that make no sense alone in a request, by Snowflake's internal name.
fn refused(text: &str) -> Option<&'static str> {
    match leading_words(text)? {
        "PUT" => Some("PUT"),
        "GET" => Some("GET"),
        "BEGIN" | "START TRANSACTION" => Some("TRANSACTION_BEGIN"),
        "COMMIT" => Some("TRANSACTION_COMMIT"),
        "ROLLBACK" => Some("TRANSACTION_ROLLBACK"),
        "USE" => Some("USE"),
        _ => None,
    }
}

/// Values that drivers may bind and this protocol refuses (recorded, `sql-api.md` 5).
fn is_semi_structured(binding: &Binding) -> bool {
    ["VARIANT", "OBJECT", "ARRAY"]
        .iter()
        .any(|name| binding.type_name.eq_ignore_ascii_case(name))
}

impl Body {
    fn scope(&self) -> LoginScope {
        LoginScope {
            database: self.database.clone(),
            schema: self.schema.clone(),
            warehouse: self.warehouse.clone(),
            role: self.role.clone(),
        }
    }
}
