//! Exchanges of the drivers' protocol, byte for byte as far as it matters: `tests/wire/*.json`, one exchange a file.
//!
//! ```json
//! {
//!   "about": "what the file shows",
//!   "login": {"CLIENT_APP_ID": "Go"},
//!   "before": ["create table t (n int)"],
//!   "request": {"method": "POST", "path": "/session/heartbeat", "token": "session", "body": {}, "encoding": "gzip"},
//!   "status": 200,
//!   "response": {"success": true, "sessionId": "<integer>"}
//! }
//! ```
//!
//! `login` (what a login's `data` says) and `before` (statements of that session) happen first. `token` is `session`,
//! `master`, or any text; without it there is no header. A `body` that is text is sent as it is. In paths and bodies
//! `{query_id}` is the last query's of `before`.
//!
//! The response must have exactly these keys and values. Placeholders stand for what differs each time: `<integer>`, `<text>`,
//! `<token>`, `<query id>`, `<incident>`, `<any>`; `{"<includes>": […]}` for an array with at least these elements, and
//! `{"<arrow>": {"fields": […], "rows": 1}}` for an Arrow stream in base64.
//!
//! `SNOWGLOBE_BLESS=1` writes the responses that came, with the placeholders where they still fit.

use std::fs;
use std::io::Write;
use std::path::Path;

use arrow::ipc::reader::StreamReader;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use crate::client::{OverHttp, TestServer, agent};

#[test]
fn exchanges() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let bless = std::env::var_os("SNOWGLOBE_BLESS").is_some();
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() > 10);
    let mut complaints = String::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let mut file: Map<String, Value> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (status, actual) = exchange(&file);
        let mut differences = Vec::new();
        if file["status"] != json!(status) {
            differences.push(format!("status: {status}, not {}", file["status"]));
        }
        compare("", &file["response"], &actual, &mut differences);
        if differences.is_empty() {
            continue;
        }
        if bless {
            let response = blessed(&file["response"], &actual);
            file.insert("response".to_owned(), response);
            file.insert("status".to_owned(), json!(status));
            let text = serde_json::to_string_pretty(&file).unwrap();
            fs::write(&path, text + "\n").unwrap();
        } else {
            let differences = differences.join("\n  ");
            complaints += &format!("\n{}\n  {differences}\n", path.display());
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

/// Runs a file against a server of its own.
fn exchange(file: &Map<String, Value>) -> (u16, Value) {
    let mut server = TestServer::start();
    let base = server.listen();
    let session = file.get("login").map(|data| OverHttp::login(&base, data));
    let mut query_id = String::new();
    for sql in file
        .get("before")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let session = session.as_ref().unwrap();
        let answer = session.query(sql.as_str().unwrap());
        query_id = answer["data"]["queryId"].as_str().unwrap().to_owned();
    }
    let fill = |text: &str| text.replace("{query_id}", &query_id);

    let request = &file["request"];
    let url = format!("{base}{}", fill(request["path"].as_str().unwrap()));
    let mut builder = ureq::http::Request::builder()
        .method(request["method"].as_str().unwrap())
        .uri(url);
    let token = match (request.get("token").and_then(Value::as_str), &session) {
        (Some("session"), Some(session)) => Some(session.token.clone()),
        (Some("master"), Some(session)) => Some(session.master_token.clone()),
        (token, _) => token.map(str::to_owned),
    };
    if let Some(token) = token {
        builder = builder.header("Authorization", format!("Snowflake Token=\"{token}\""));
    }
    let mut body = match request.get("body") {
        None => Vec::new(),
        Some(Value::String(raw)) => raw.clone().into_bytes(),
        Some(body) => fill(&body.to_string()).into_bytes(),
    };
    if let Some(encoding) = request.get("encoding").and_then(Value::as_str) {
        builder = builder.header("Content-Encoding", encoding);
        let is_json = request["body"].is_object();
        if encoding == "gzip" && is_json {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&body).unwrap();
            body = encoder.finish().unwrap();
        }
    }
    let builder = builder.header("Content-Type", "application/json");
    let mut response = agent().run(builder.body(body).unwrap()).unwrap();
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// Notes each place where `actual` is not what is expected.
fn compare(place: &str, expected: &Value, actual: &Value, differences: &mut Vec<String>) {
    if let (Value::Object(expected), Value::Object(actual)) = (expected, actual) {
        for (key, value) in expected {
            match actual.get(key) {
                Some(actual) => compare(&format!("{place}/{key}"), value, actual, differences),
                None => differences.push(format!("{place}/{key}: missing")),
            }
        }
        let more = actual.keys().filter(|key| !expected.contains_key(*key));
        differences.extend(more.map(|key| format!("{place}/{key}: not expected")));
        return;
    }
    if let (Value::Array(expected), Value::Array(actual)) = (expected, actual)
        && expected.len() == actual.len()
    {
        for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
            compare(&format!("{place}/{index}"), expected, actual, differences);
        }
        return;
    }
    if !fits(expected, actual) {
        differences.push(format!("{place}: {actual}, not {expected}"));
    }
}

fn fits(expected: &Value, actual: &Value) -> bool {
    if let Some(expected) = expected.get("<arrow>") {
        return arrow(actual).is_some_and(|actual| actual == *expected);
    }
    if let Some(wanted) = expected.get("<includes>").and_then(Value::as_array) {
        let actual = actual.as_array().map_or(&[][..], Vec::as_slice);
        return wanted.iter().all(|wanted| actual.contains(wanted));
    }
    let text = actual.as_str();
    match expected.as_str() {
        Some("<any>") => true,
        Some("<integer>") => actual.is_u64(),
        Some("<text>") => text.is_some_and(|text| !text.is_empty()),
        Some("<token>") => text.is_some_and(|text| {
            text.starts_with("ver:1-hint:1-") && text.len() > 40 && !text.contains([' ', '"'])
        }),
        Some("<query id>") => text.is_some_and(|text| {
            let lengths: Vec<_> = text.split('-').map(str::len).collect();
            let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c) || c == '-';
            lengths == [8, 4, 4, 4, 12] && text.chars().all(is_hex)
        }),
        _ => expected == actual,
    }
}

/// An Arrow stream in base64: its fields as drivers see them, and its number of rows.
fn arrow(value: &Value) -> Option<Value> {
    let bytes = STANDARD.decode(value.as_str()?).ok()?;
    let reader = StreamReader::try_new(&bytes[..], None).ok()?;
    let field = |field: &arrow::datatypes::FieldRef| {
        let metadata: std::collections::BTreeMap<_, _> = field.metadata().iter().collect();
        json!({
            "name": field.name(),
            "type": field.data_type().to_string(),
            "nullable": field.is_nullable(),
            "metadata": metadata,
        })
    };
    let fields: Vec<_> = reader.schema().fields().iter().map(field).collect();
    let rows: usize = reader.map(|batch| batch.unwrap().num_rows()).sum();
    Some(json!({"fields": fields, "rows": rows}))
}

/// `actual` with the placeholders that fit it.
fn blessed(expected: &Value, actual: &Value) -> Value {
    if expected.get("<arrow>").is_some()
        && let Some(actual) = arrow(actual)
    {
        return json!({"<arrow>": actual});
    }
    match (expected, actual) {
        (_, Value::Object(actual)) if expected.get("<includes>").is_none() => {
            let pairs = actual.iter().map(|(key, actual)| {
                let expected = expected.get(key).unwrap_or(&Value::Null);
                (key.clone(), blessed(expected, actual))
            });
            Value::Object(pairs.collect())
        }
        _ if fits(expected, actual) => expected.clone(),
        _ => actual.clone(),
    }
}
