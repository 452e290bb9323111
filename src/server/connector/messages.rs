//! The envelope of every answer, and the messages that several endpoints share.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::error::{Error, Phase, Position};
use crate::session::parameters::{Parameters, Value};
use crate::session::{QueryId, Scope};

/// What every answer is wrapped in. `code` is text or null: Go and .NET fail on a number.
#[derive(Serialize)]
pub(super) struct Envelope<T> {
    pub data: T,
    pub code: Option<String>,
    pub message: Option<String>,
    pub success: bool,
    pub headers: (),
}

/// A successful answer.
pub(super) fn success<T: Serialize>(data: T) -> Response {
    Json(Envelope {
        data,
        code: None,
        message: None,
        success: true,
        headers: (),
    })
    .into_response()
}

/// A successful answer with a code, for what is still in progress.
pub(super) fn progress<T: Serialize>(code: &str, data: T) -> Response {
    Json(Envelope {
        data,
        code: Some(code.to_owned()),
        message: None,
        success: true,
        headers: (),
    })
    .into_response()
}

/// A failed answer: HTTP status 200, like everything that is not about the transport.
#[derive(Debug)]
pub(in crate::server) struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        failure(&self.0, None)
    }
}

/// The answer of an error; `query` where it belongs to one.
pub(super) fn failure(error: &Error, query: Option<QueryId>) -> Response {
    Json(Envelope {
        data: ErrorData::new(error, query),
        code: Some(code_text(error)),
        message: Some(error.to_string()),
        success: false,
        headers: (),
    })
    .into_response()
}

/// `001003`
pub(super) fn code_text(error: &Error) -> String {
    format!("{:06}", error.code().number())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorData {
    internal_error: bool,
    unredacted_from_secure_object: bool,
    error_code: String,
    age: u32,
    sql_state: &'static str,
    query_id: Option<String>,
    line: i64,
    pos: i64,
    r#type: &'static str,
}

impl ErrorData {
    fn new(error: &Error, query: Option<QueryId>) -> Self {
        let (line, pos) = match error.position() {
            Some(Position { line, column }) => (line as i64, column as i64),
            None => (-1, -1),
        };
        ErrorData {
            internal_error: false,
            unredacted_from_secure_object: false,
            error_code: code_text(error),
            age: 0,
            sql_state: error.code().sqlstate(),
            query_id: query.map(|id| id.to_string()),
            line,
            pos,
            r#type: match error.code().phase() {
                Phase::Compilation
                | Phase::CompilationInline
                | Phase::Syntax
                | Phase::AccessControl => "COMPILATION",
                Phase::Execution | Phase::Session => "EXECUTION",
            },
        }
    }
}

/// A session parameter, with the JSON type that drivers cast it to.
#[derive(Serialize)]
pub(super) struct ParameterMessage {
    name: &'static str,
    value: JsonValue,
}

#[derive(Serialize)]
#[serde(untagged)]
enum JsonValue {
    Text(std::sync::Arc<str>),
    Boolean(bool),
    Integer(i64),
}

/// The parameters that drivers keep a copy of. Node takes its formats from every single answer.
pub(super) fn parameters(parameters: &Parameters) -> Vec<ParameterMessage> {
    let sent = parameters.iter().filter(|(row, _)| row.sent_to_drivers);
    sent.map(|(row, value)| ParameterMessage {
        name: row.name,
        value: match value {
            Value::Text(text) => JsonValue::Text(text),
            Value::Boolean(flag) => JsonValue::Boolean(flag),
            Value::Integer(number) => JsonValue::Integer(number),
        },
    })
    .collect()
}

/// The context of a session, for the login's answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionInfo {
    database_name: Option<String>,
    schema_name: Option<String>,
    warehouse_name: Option<String>,
    role_name: Option<String>,
}

impl From<Scope> for SessionInfo {
    fn from(scope: Scope) -> Self {
        SessionInfo {
            database_name: scope.database,
            schema_name: scope.schema,
            warehouse_name: scope.warehouse,
            role_name: scope.role,
        }
    }
}

/// A parameter's value as drivers send it: text, number or boolean.
pub(in crate::server) fn parameter_pairs(
    given: serde_json::Map<String, serde_json::Value>,
) -> Vec<(String, String)> {
    let text = |value| match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    given
        .into_iter()
        .filter_map(|(name, value)| Some((name, text(value)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_has_six_digits_and_its_place() {
        let error = Error::invalid_identifier("X").at(Position { line: 1, column: 7 });
        let data = serde_json::to_value(ErrorData::new(&error, None)).unwrap();
        assert_eq!(data["errorCode"], "000904");
        assert_eq!(data["sqlState"], "42000");
        assert_eq!((&data["line"], &data["pos"]), (&json!(1), &json!(7)));
        assert_eq!(data["type"], "COMPILATION");
        assert_eq!(data["queryId"], json!(null));
    }

    #[test]
    fn parameters_keep_their_json_types() {
        let sent = serde_json::to_value(parameters(&Parameters::default())).unwrap();
        let value = |name: &str| {
            let rows = sent.as_array().unwrap();
            rows.iter().find(|row| row["name"] == name).unwrap()["value"].clone()
        };
        assert_eq!(value("AUTOCOMMIT"), json!(true));
        assert_eq!(value("CLIENT_RESULT_CHUNK_SIZE"), json!(160));
        assert_eq!(value("TIMEZONE"), json!("America/Los_Angeles"));
        assert_eq!(value("BINARY_OUTPUT_FORMAT"), json!("HEX"));
    }

    #[test]
    fn parameters_of_a_request_may_have_any_json_type() {
        let given = json!({"a": "x", "b": 0, "c": true, "d": null});
        let serde_json::Value::Object(given) = given else {
            unreachable!()
        };
        let pairs = parameter_pairs(given);
        let expected = [("a", "x"), ("b", "0"), ("c", "true")];
        assert_eq!(
            pairs,
            expected.map(|(name, value)| (name.into(), value.into()))
        );
    }
}
