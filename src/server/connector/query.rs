//! `POST /queries/v1/query-request`

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::{Pending, answer, in_progress};
use super::messages::{Failure, parameter_pairs};
use crate::error::{Error, Result};
use crate::query::Submission;
use crate::server::App;
use crate::server::auth::Authenticated;
use crate::server::body::{JsonBody, UrlQuery};
use crate::server::origin::Origin;
use crate::statement::{Binding, BindingValue};

#[derive(Deserialize)]
pub(super) struct Identity {
    #[serde(rename = "requestId", alias = "request_id")]
    request_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Body {
    sql_text: Option<String>,
    async_exec: Option<bool>,
    describe_only: Option<bool>,
    parameters: Option<Map<String, Value>>,
    bindings: Option<HashMap<String, BindingMessage>>,
    bind_stage: Option<String>,
}

/// A bind variable on the wire.
#[derive(Deserialize)]
pub(in crate::server) struct BindingMessage {
    #[serde(rename = "type")]
    type_name: String,
    #[serde(default)]
    value: Value,
}

pub(super) async fn submit(
    State(app): State<Arc<App>>,
    Authenticated(session): Authenticated,
    origin: Origin,
    UrlQuery(Identity { request_id }): UrlQuery<Identity>,
    JsonBody(body): JsonBody<Body>,
) -> Result<Response, Failure> {
    let asynchronous = body.async_exec == Some(true);
    let query = match (&body.sql_text, &request_id) {
        // Node fetches an earlier request's result this way.
        (None, Some(request_id)) => app
            .service
            .query_of_request(&session, request_id)
            .ok_or_else(|| Error::result_not_found(request_id))?,
        _ => app
            .service
            .submit(&session, body.into_submission(request_id)?),
    };
    if asynchronous {
        return Ok(in_progress(&query, Pending::Asynchronous));
    }
    Ok(match query.wait(app.patience).await {
        Some(finished) => answer(&app, &session.client, origin, query, finished).await,
        None => in_progress(&query, Pending::Slow),
    })
}

impl Body {
    fn into_submission(self, request_id: Option<String>) -> Result<Submission> {
        Ok(Submission {
            request_id,
            text: self.sql_text.unwrap_or_default(),
            bindings: bindings(self.bindings.unwrap_or_default())?,
            bind_stage: self.bind_stage.filter(|stage| !stage.is_empty()),
            describe_only: self.describe_only.unwrap_or_default(),
            parameters: parameter_pairs(self.parameters.unwrap_or_default()),
        })
    }
}

/// In the order of their positions; names after numbers.
pub(in crate::server) fn bindings(given: HashMap<String, BindingMessage>) -> Result<Vec<Binding>> {
    let read = |(name, message): (String, BindingMessage)| {
        Ok(Binding {
            value: match message.value {
                Value::Array(rows) => BindingValue::Rows(
                    rows.into_iter()
                        .map(|value| scalar(&name, value))
                        .collect::<Result<_>>()?,
                ),
                value => BindingValue::One(scalar(&name, value)?),
            },
            name,
            type_name: message.type_name,
        })
    };
    let mut bindings: Vec<Binding> = given.into_iter().map(read).collect::<Result<_>>()?;
    bindings.sort_by_cached_key(|binding| {
        let number = binding.name.parse::<u64>().unwrap_or(u64::MAX);
        (number, binding.name.clone())
    });
    Ok(bindings)
}

fn scalar(name: &str, value: Value) -> Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Bool(_) | Value::Number(_) => Ok(Some(value.to_string())),
        Value::Array(_) | Value::Object(_) => Err(Error::bad_request(format!(
            "the value of bind variable {name} is not text"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bindings_come_in_order_with_their_values() {
        let body: Body = serde_json::from_value(json!({
            "sqlText": "insert into t values (?, ?)", "sequenceId": 3, "queryContextDTO": {},
            "bindings": {
                "10": {"type": "TEXT", "value": ["a", null]},
                "9": {"type": "FIXED", "value": "1"},
                "1": {"type": "ANY", "value": null, "fmt": "json"},
            },
            "parameters": {"MULTI_STATEMENT_COUNT": 0},
        }))
        .unwrap();
        let submission = body.into_submission(None).unwrap();
        let names: Vec<_> = submission
            .bindings
            .iter()
            .map(|b| b.name.as_str())
            .collect();
        assert_eq!(names, ["1", "9", "10"]);
        assert_eq!(submission.bindings[0].value, BindingValue::One(None));
        let rows = BindingValue::Rows(vec![Some("a".into()), None]);
        assert_eq!(submission.bindings[2].value, rows);
        let parameters = [("MULTI_STATEMENT_COUNT".to_owned(), "0".to_owned())];
        assert_eq!(submission.parameters, parameters);
    }
}
