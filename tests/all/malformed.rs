//! Malformed requests of every kind, over both protocols: each gets a clear answer of Snowflake's form, without a word of
//! the engine and without a status of 5xx; the server goes on, and what it holds is as it was.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::client::{OverHttp, TestServer, agent};
use crate::robustness::without_engine_words;

const QUERY: &str = "/queries/v1/query-request?requestId=1";
const SQL_API: &str = "/api/v2/statements";

/// What an answer has to look like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The drivers' envelope, mostly with status 200.
    Envelope,
    /// Code and message, with a status of 4xx.
    SqlApi,
    /// No such place: a status of 4xx is enough.
    Nowhere,
}

struct Request {
    what: String,
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    form: Form,
}

/// The server under test, the requests made so far, and a table that must outlive them.
struct Target {
    server: TestServer,
    base: String,
    session: OverHttp,
    count: usize,
    complaints: Vec<String>,
}

impl Target {
    fn start() -> Self {
        let mut server = TestServer::start();
        let base = server.listen();
        let session = OverHttp::login(&base, &json!({"LOGIN_NAME": "tester"}));
        for sql in [
            "create table canary (n int, s varchar)",
            "insert into canary values (1, 'one'), (2, 'two')",
        ] {
            assert_eq!(session.query(sql)["success"], true);
        }
        let target = Target {
            server,
            base,
            session,
            count: 0,
            complaints: Vec::new(),
        };
        target.takes_what_is_fine();
        target
    }

    fn token(&self) -> String {
        format!("Snowflake Token=\"{}\"", self.session.token)
    }

    /// A request as a driver would make it, but for its body.
    fn connector(&self, what: impl Into<String>, path: &str, body: impl Into<Vec<u8>>) -> Request {
        Request {
            what: format!("{}: {path}", what.into()),
            method: "POST",
            // Another request with the same id would get the same answer.
            path: path.replace("requestId=1", &format!("requestId=1{}", self.count)),
            headers: vec![
                ("Authorization", self.token()),
                ("Content-Type", "application/json".to_owned()),
            ],
            body: body.into(),
            form: Form::Envelope,
        }
    }

    /// Makes a request, and notes what is wrong with its answer.
    fn send(&mut self, request: Request) {
        let what = request.what.clone();
        self.count += 1;
        if let Err(complaint) = self.answer_is_fine(request) {
            self.complaints.push(format!("{what}: {complaint:.400}"));
        }
    }

    fn answer_is_fine(&self, request: Request) -> Result<(), String> {
        let mut builder = ureq::http::Request::builder()
            .method(request.method)
            .uri(format!("{}{}", self.base, request.path));
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let sent = builder
            .body(request.body)
            .map_err(|error| error.to_string())?;
        let mut response = agent().run(sent).map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().unwrap();
        if !text.contains("\"success\":true") {
            without_engine_words(&text, &request.what);
        }
        let wrong = || Err(format!("{status} {text}"));
        if !matches!(status, 200 | 400..=499) {
            return wrong();
        }
        if request.form == Form::Nowhere {
            return if status == 200 { wrong() } else { Ok(()) };
        }
        let answer: Value = serde_json::from_str(&text).map_err(|_| text.clone())?;
        let code = answer["code"].as_str().unwrap_or_default();
        let message = answer["message"].as_str().unwrap_or_default();
        let refused = match request.form {
            Form::Envelope => answer["success"] == json!(false),
            _ => status != 200,
        };
        let digits = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
        let fine = refused && digits && code != "000603" && !message.trim().is_empty();
        if fine { Ok(()) } else { wrong() }
    }

    /// What is well formed is answered: otherwise no refusal would prove anything.
    fn takes_what_is_fine(&self) {
        let fine = self.connector(
            "fine",
            QUERY,
            r#"{"sqlText": "select ? as n", "bindings": {"1": {"type": "FIXED", "value": "1"}}}"#,
        );
        let also = sql_api("fine", r#"{"statement": "select ? as n", "bindings": {"1": {"type": "FIXED", "value": "1"}}, "timeout": 10}"#).to("POST", format!("{SQL_API}?requestId=1&async=false"));
        for request in [fine, also] {
            let complaint = self.answer_is_fine(request).unwrap_err();
            assert!(
                complaint.starts_with("200 ") && complaint.contains(r#"[["1"]]"#),
                "{complaint}"
            );
        }
    }

    /// The server answers, and nothing is lost.
    fn is_well(&mut self) {
        let complaints = self.complaints.join("\n");
        assert!(complaints.is_empty(), "{complaints}");
        let answer = self.session.query("select n, s from canary order by n");
        assert_eq!(
            answer["data"]["rowset"],
            json!([["1", "one"], ["2", "two"]]),
            "{answer}"
        );
        assert_eq!(
            self.server.http_session().query("select 1")["success"],
            true
        );
    }
}

fn sql_api(what: impl Into<String>, body: impl Into<Vec<u8>>) -> Request {
    Request {
        what: format!("{}: SQL API", what.into()),
        method: "POST",
        path: SQL_API.to_owned(),
        headers: vec![
            ("Authorization", "Bearer x".to_owned()),
            ("Content-Type", "application/json".to_owned()),
            ("Accept", "application/json".to_owned()),
        ],
        body: body.into(),
        form: Form::SqlApi,
    }
}

impl Request {
    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    fn to(mut self, method: &'static str, path: impl Into<String>) -> Self {
        (self.method, self.path) = (method, path.into());
        self.what = format!("{} {method} {:.80}", self.what, self.path);
        self
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Bodies that are not the JSON that any endpoint expects.
fn broken_bodies() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("no JSON", b"select 1".to_vec()),
        ("half of JSON", b"{\"sqlText\": \"select 1\"".to_vec()),
        ("half of a text", b"{\"sqlText\": \"select".to_vec()),
        ("two of JSON", b"{} {}".to_vec()),
        ("a comma too much", b"{\"sqlText\": \"select 1\",}".to_vec()),
        ("quotes that are none", b"{'sqlText': 'select 1'}".to_vec()),
        ("a comment", b"{} // nothing".to_vec()),
        ("an array", b"[1, 2]".to_vec()),
        ("a number", b"42".to_vec()),
        ("a huge number", b"1e999999".to_vec()),
        ("a text", b"\"select 1\"".to_vec()),
        ("true", b"true".to_vec()),
        ("NaN", b"NaN".to_vec()),
        ("bytes", vec![0xff, 0xfe, 0x00, 0x80]),
        ("NUL bytes", vec![0; 1000]),
        (
            "UTF-16",
            "{}".encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        (
            "no UTF-8",
            b"{\"sqlText\": \"\xff\xfe\", \"statement\": \"\xff\", \"data\": \"\xff\"}".to_vec(),
        ),
        (
            "a lone surrogate",
            b"{\"sqlText\": \"\\ud800\", \"statement\": \"\\ud800\", \"data\": \"\\ud800\"}"
                .to_vec(),
        ),
        (
            "deep arrays",
            [b"{\"x\": ".to_vec(), vec![b'['; 100_000]].concat(),
        ),
        ("deep objects", "{\"a\":".repeat(100_000).into_bytes()),
        ("a form", b"sqlText=select+1".to_vec()),
        (
            "XML",
            b"<?xml version=\"1.0\"?><sqlText>select 1</sqlText>".to_vec(),
        ),
    ]
}

#[test]
fn bodies_that_are_no_json() {
    let mut target = Target::start();
    for (what, body) in broken_bodies() {
        for path in [
            QUERY,
            "/session/v1/login-request?requestId=1",
            "/queries/v1/abort-request?requestId=1",
        ] {
            let request = target.connector(what, path, body.clone());
            target.send(request);
        }
        target.send(sql_api(what, body));
    }
    target.send(sql_api("nothing", ""));
    target.is_well();
    assert!(target.count > 80);
}

#[test]
fn bodies_that_are_badly_packed() {
    let mut target = Target::start();
    let valid = br#"{"sqlText": "select 1", "statement": "select 1"}"#;
    let mut cut = gzip(&valid.repeat(100));
    cut.truncate(cut.len() / 2);
    let mut damaged = gzip(valid);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    let bodies: Vec<(&str, &str, Vec<u8>)> = vec![
        ("gzip that is none", "gzip", valid.to_vec()),
        ("half of gzip", "gzip", cut),
        ("damaged gzip", "gzip", damaged),
        ("gzip twice", "gzip", gzip(&gzip(valid))),
        ("nothing as gzip", "gzip", b"\x1f\x8b".to_vec()),
        ("a gzip bomb", "gzip", gzip(&vec![b' '; 300 << 20])),
        (
            "a bomb in gzip's own text",
            "gzip",
            gzip(&vec![b'['; 200 << 20]),
        ),
        ("gzip without a word of it", "identity", gzip(valid)),
        ("another packing", "br", gzip(valid)),
        ("an unknown packing", "nope", gzip(valid)),
        ("a huge body", "identity", vec![b'['; 110 << 20]),
        (
            "a huge text",
            "identity",
            [b"{\"sqlText\": \"".to_vec(), vec![b'a'; 110 << 20]].concat(),
        ),
    ];
    for (what, encoding, body) in bodies {
        let request = target.connector(what, QUERY, body.clone());
        target.send(request.with("Content-Encoding", encoding));
        target.send(sql_api(what, body).with("Content-Encoding", encoding));
    }
    target.is_well();
}

#[test]
fn fields_of_the_wrong_type() {
    let mut target = Target::start();
    let values = [
        json!(42),
        json!(-1.5e300),
        json!("text"),
        json!(true),
        json!([1]),
        json!({"a": {"b": [null]}}),
    ];
    // Each field with what it may be of those.
    let fields: &[(&str, &[usize])] = &[
        ("sqlText", &[2]),
        ("asyncExec", &[3]),
        ("describeOnly", &[3]),
        ("parameters", &[5]),
        ("bindings", &[]),
        ("bindStage", &[]),
    ];
    for (field, fine) in fields {
        for (index, value) in values.iter().enumerate() {
            if !fine.contains(&index) {
                let mut body = json!({"sqlText": "select ?"});
                body[*field] = value.clone();
                let what = format!("{field} {value}");
                let request = target.connector(what, QUERY, body.to_string());
                target.send(request);
            }
        }
    }
    let fields: &[(&str, &[usize])] = &[
        ("statement", &[]),
        ("timeout", &[0]),
        ("database", &[2]),
        ("schema", &[2]),
        ("warehouse", &[2]),
        ("role", &[2]),
        ("bindings", &[]),
        ("parameters", &[5]),
    ];
    for (field, fine) in fields {
        for (index, value) in values.iter().enumerate() {
            if !fine.contains(&index) {
                let mut body = json!({"statement": "select ?"});
                body[*field] = value.clone();
                target.send(sql_api(format!("{field} {value}"), body.to_string()));
            }
        }
    }
    target.is_well();
    assert!(target.count > 60, "{}", target.count);
}

#[test]
fn bind_variables_that_are_none() {
    let mut target = Target::start();
    let bad: &[(&str, &[Value])] = &[
        (
            "FIXED",
            &[
                json!("abc"),
                json!(""),
                json!("1,5"),
                json!("0x10"),
                json!({"a": 1}),
            ],
        ),
        (
            "REAL",
            &[json!("abc"), json!(""), json!("1.5.5"), json!([[1]])],
        ),
        ("BOOLEAN", &[json!("maybe"), json!(""), json!({})]),
        (
            "DATE",
            &[
                json!("yesterday"),
                json!(""),
                json!("9".repeat(24)),
                json!("9".repeat(400)),
            ],
        ),
        (
            "TIME",
            &[
                json!("noon"),
                json!("-1"),
                json!("9".repeat(30)),
                json!("86400000000000"),
            ],
        ),
        (
            "TIMESTAMP_NTZ",
            &[json!("now"), json!("9".repeat(35)), json!("1 2 3")],
        ),
        ("TIMESTAMP_LTZ", &[json!("now"), json!("9".repeat(35))]),
        (
            "TIMESTAMP_TZ",
            &[
                json!("now"),
                json!("1 x"),
                json!("1 99999999"),
                json!("1 -5"),
                json!(format!("{} 1440", "9".repeat(35))),
            ],
        ),
        ("BINARY", &[json!("xyz"), json!("0"), json!("é")]),
        (
            "VARIANT",
            &[json!("{\"a\":"), json!("nope"), json!("[".repeat(100_000))],
        ),
        ("OBJECT", &[json!("[1]"), json!("{"), json!("1")]),
        ("ARRAY", &[json!("[")]),
        ("NOPE", &[json!("1")]),
        ("", &[json!("1")]),
    ];
    for (type_name, values) in bad {
        for value in *values {
            let what = format!("{type_name} {value:.60}");
            let bindings = json!({"1": {"type": type_name, "value": value}});
            let body = json!({"sqlText": "select ?", "bindings": bindings});
            let request = target.connector(&what, QUERY, body.to_string());
            target.send(request);
            let body = json!({"statement": "select ?", "bindings": bindings});
            target.send(sql_api(&what, body.to_string()));
        }
    }
    let text = |value: Value| json!({"type": "TEXT", "value": value});
    for (what, sql, bindings) in [
        (
            "a binding without a type",
            "select ?",
            json!({"1": {"value": "1"}}),
        ),
        ("a binding of null", "select ?", json!({"1": null})),
        (
            "one too few",
            "select ? + ?",
            json!({"1": text(json!("1"))}),
        ),
        ("none", "select ?", json!({})),
        ("another number", "select ?", json!({"2": text(json!("1"))})),
        (
            "a negative number",
            "select ?",
            json!({"-1": text(json!("1"))}),
        ),
        ("a name", "select ?", json!({"x": text(json!("1"))})),
        ("another name", "select :y", json!({"x": text(json!("1"))})),
        (
            "uneven lists",
            "insert into canary values (?, ?)",
            json!({"1": text(json!(["1"])), "2": text(json!(["a", "b"]))}),
        ),
        (
            "a list and none",
            "insert into canary select ?, ?",
            json!({"1": text(json!(["1", "2", "3"])), "2": text(json!(["a"]))}),
        ),
        (
            "a list in a list",
            "insert into canary values (?, 'x')",
            json!({"1": text(json!([["1"]]))}),
        ),
        (
            "an object in a list",
            "insert into canary values (?, 'x')",
            json!({"1": text(json!([{"a": 1}]))}),
        ),
        (
            "a bad value in a list",
            "insert into canary values (?, 'x')",
            json!({"1": text(json!(["1", "x"]))}),
        ),
        (
            "a list in a query",
            "select ?",
            json!({"1": text(json!(["a", "b"]))}),
        ),
        (
            "an empty list",
            "delete from canary where n = ?",
            json!({"1": text(json!([]))}),
        ),
        (
            "a list in DDL",
            "create table other as select ? as n",
            json!({"1": text(json!(["1", "2"]))}),
        ),
    ] {
        let body = json!({"sqlText": sql, "bindings": bindings});
        let request = target.connector(what, QUERY, body.to_string());
        target.send(request);
        let body = json!({"statement": sql, "bindings": bindings});
        target.send(sql_api(what, body.to_string()));
    }
    target.is_well();
    assert!(target.count > 100, "{}", target.count);
}

#[test]
fn parameters_that_are_none() {
    let mut target = Target::start();
    for (name, value) in [
        ("MULTI_STATEMENT_COUNT", json!(-5)),
        ("MULTI_STATEMENT_COUNT", json!("many")),
        ("MULTI_STATEMENT_COUNT", json!(2)),
        ("TIMEZONE", json!("Nope/Nope")),
        ("AUTOCOMMIT", json!("perhaps")),
        ("STATEMENT_TIMEOUT_IN_SECONDS", json!(-1)),
        ("STATEMENT_TIMEOUT_IN_SECONDS", json!("x")),
        ("WEEK_START", json!(99)),
        ("LOCK_TIMEOUT", json!("9".repeat(50))),
        ("QUERY_TAG", json!("x".repeat(5000))),
        ("TIMESTAMP_TYPE_MAPPING", json!("TIMESTAMP_NOPE")),
        ("BINARY_OUTPUT_FORMAT", json!("base65")),
    ] {
        let what = format!("{name} {value:.60}");
        let parameters = json!({name: value});
        let body = json!({"sqlText": "select 1", "parameters": parameters});
        let request = target.connector(&what, QUERY, body.to_string());
        target.send(request);
        let body = json!({"statement": "select 1", "parameters": parameters});
        target.send(sql_api(&what, body.to_string()));
    }
    target.is_well();
}

#[test]
fn tokens_that_nobody_has() {
    let mut target = Target::start();
    let master = format!("Snowflake Token=\"{}\"", target.session.master_token);
    let changed = target.token().replace("ver:1-hint:1-", "ver:1-hint:1-A");
    let headers = [
        String::new(),
        "Basic abc".to_owned(),
        "Snowflake".to_owned(),
        "Snowflake Token=".to_owned(),
        "Snowflake Token=\"\"".to_owned(),
        "Snowflake Token=\"None\"".to_owned(),
        "Snowflake Token=\"nobody's\"".to_owned(),
        "Snowflake Token=\"a\" \"b\"".to_owned(),
        "Snowflake Token=\"ver:1-hint:1-\"".to_owned(),
        format!("Snowflake Token=\"ver:1-hint:1-{}\"", "A".repeat(8000)),
        "Bearer x".to_owned(),
        changed,
        master,
    ];
    for header in &headers {
        for path in [
            QUERY,
            "/session/heartbeat",
            "/queries/v1/abort-request",
            "/queries/x/abort-request",
        ] {
            let request = target.connector(format!("{header:.60}"), path, "{}");
            target.send(request.with("Authorization", header));
        }
        for path in ["/queries/x/result", "/monitoring/queries/x"] {
            let request = target.connector(format!("{header:.60}"), path, "");
            target.send(request.with("Authorization", header).to("GET", path));
        }
        if !header.contains("ver:1-hint:1-") || header.len() > 1000 {
            for path in ["/session/token-request", "/session?delete=true"] {
                let request = target.connector(format!("{header:.60}"), path, "{}");
                target.send(request.with("Authorization", header));
            }
        }
    }
    for header in [
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "Snowflake Token=\"x\"",
    ] {
        let body = json!({"statement": "select 1"}).to_string();
        target.send(sql_api(header, body).with("Authorization", header));
    }
    target.is_well();
    assert!(target.count > 80, "{}", target.count);
}

#[test]
fn places_that_do_not_exist() {
    let mut target = Target::start();
    for path in [
        "/",
        "/nope",
        "/queries",
        "/queries/v1",
        "/queries/v1/query-request/x",
        "/session/v2/login-request",
        "/%00",
        "/%",
        "/%ff%fe",
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/results/x/y?sig=z",
        "/results/00000000-0000-0000-0000-000000000000/0?format=arrow&expires=99999999999&sig=AAAA",
        "/results/00000000-0000-0000-0000-000000000000/-1?format=arrow&expires=1&sig=",
        "/api",
        "/api/v2",
        "/api/v3/statements",
        "/api/v2/statements/x/y/z",
    ] {
        for method in ["GET", "POST"] {
            let mut request = target.connector("nowhere", path, "").to(method, path);
            request.form = Form::Nowhere;
            target.send(request);
        }
    }
    for (method, path) in [
        ("GET", "/queries/v1/query-request"),
        ("DELETE", QUERY),
        ("PUT", "/session/v1/login-request"),
        ("GET", SQL_API),
        ("PATCH", "/health"),
    ] {
        let mut request = target.connector("no such verb", path, "").to(method, path);
        request.form = Form::Nowhere;
        target.send(request);
    }
    let long = "9".repeat(5000);
    let ids = [
        "x",
        "..%2f..",
        "%00",
        "00000000-0000-0000-0000-000000000000",
        &long,
    ];
    for id in ids {
        let path = format!("/queries/{id}/abort-request");
        let request = target.connector("an unknown query", &path, "{}");
        target.send(request);
        let path = format!("/queries/{id}/result");
        let request = target.connector("an unknown query", &path, "");
        target.send(request.to("GET", path));
        target.send(sql_api("an unknown handle", "").to("GET", format!("{SQL_API}/{id}")));
        let cancel = format!("{SQL_API}/{id}/cancel");
        target.send(sql_api("an unknown handle", "").to("POST", cancel));
    }
    target.is_well();
}

#[test]
fn requests_with_odd_headers_and_addresses() {
    let mut target = Target::start();
    let body = json!({"statement": "select 1"}).to_string();
    for content in ["text/plain", "application/xml", "multipart/form-data", "x"] {
        let request = sql_api(content, body.clone());
        target.send(request.with("Content-Type", content));
    }
    for accept in ["text/html", "application/xml", "x"] {
        target.send(sql_api(accept, body.clone()).with("Accept", accept));
    }
    for statement in [
        "begin",
        "commit",
        "rollback",
        "use database x",
        "put file:///etc/passwd @x",
        "get @x file:///tmp",
    ] {
        let body = json!({"statement": statement}).to_string();
        target.send(sql_api(statement, body));
    }
    for timeout in [json!(-1), json!(1.5), json!("x"), json!(1e30)] {
        let body = json!({"statement": "select 1", "timeout": timeout}).to_string();
        target.send(sql_api("timeout", body));
    }
    for query in ["requestId=1&requestId=2", "requestId=%ff", "requestId=%"] {
        let path = format!("/queries/v1/query-request?{query}");
        let request = target.connector("an odd address", &path, r#"{"sqlText": "select nope"}"#);
        target.send(request);
        let request = sql_api("an odd address", r#"{"statement": "select nope"}"#);
        target.send(request.to("POST", format!("{SQL_API}?{query}&async=x&retry=x")));
    }
    for data in [
        json!("x"),
        json!(1),
        json!({"LOGIN_NAME": ["x"]}),
        json!({"SESSION_PARAMETERS": "x"}),
    ] {
        let path = "/session/v1/login-request?requestId=1";
        let request = target.connector(
            format!("login {data}"),
            path,
            json!({"data": data}).to_string(),
        );
        target.send(request);
    }
    target.is_well();
}
