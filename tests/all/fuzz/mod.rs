//! A fuzzer that knows the structure of requests and statements, against a running server: several sessions at once send
//! statements of the grammar, broken ones, wrong bind variables, cancels at random moments. Each answer is an answer in
//! Snowflake's form; a table that nothing is said about stays as it is.
//!
//! * `SNOWGLOBE_FUZZ_SECONDS`: how long; a second otherwise.
//! * `SNOWGLOBE_FUZZ_SEED`: a number, to repeat a run; always the same otherwise.
//! * `SNOWGLOBE_FUZZ_URL`: a server that runs already, such as one that logs the sources of its internal errors.

pub(crate) mod grammar;
pub(crate) mod random;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{OverHttp, TestServer, agent};
use crate::robustness::ENGINE_WORDS;
use random::Random;

const SESSIONS: u64 = 4;
/// A statement that takes longer has not heard that it timed out.
const LONGEST: Duration = Duration::from_secs(30);

/// What was found: an example of each kind of complaint.
#[derive(Default)]
struct Findings {
    by_kind: Mutex<BTreeMap<String, (usize, String)>>,
    requests: AtomicUsize,
    successes: AtomicUsize,
}

impl Findings {
    fn add(&self, kind: String, request: &str) {
        let mut found = self.by_kind.lock().unwrap();
        let entry = found.entry(kind).or_insert_with(|| (0, request.to_owned()));
        entry.0 += 1;
        // The shortest example is the best.
        if request.len() < entry.1.len() {
            entry.1 = request.to_owned();
        }
    }
}

#[test]
fn random_requests() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let seconds = number("SNOWGLOBE_FUZZ_SECONDS").unwrap_or(1);
    let seed = number("SNOWGLOBE_FUZZ_SEED").unwrap_or(1);
    let mut server = None;
    let base = std::env::var("SNOWGLOBE_FUZZ_URL")
        .unwrap_or_else(|_| server.insert(TestServer::start()).listen());
    let guard = OverHttp::login(&base, &json!({"LOGIN_NAME": "guard"}));
    for sql in [
        "create or replace database guarded",
        "create or replace table canary as select column1 as n, 'row ' || column1 as s from values (1), (2), (3)",
    ] {
        assert_eq!(guard.query(sql)["success"], true);
    }
    let findings = Findings::default();
    let end = Instant::now() + Duration::from_secs(seconds);
    std::thread::scope(|threads| {
        for index in 0..SESSIONS {
            let (base, findings) = (&base, &findings);
            threads.spawn(move || {
                let mut random = Random::new(seed * SESSIONS + index);
                while Instant::now() < end {
                    session(base, index, &mut random, findings, end);
                }
            });
        }
        let mut since = Instant::now();
        while Instant::now() < end {
            std::thread::sleep(Duration::from_millis(100));
            if since.elapsed() > Duration::from_secs(2) {
                since = Instant::now();
                canary_lives(&guard);
            }
        }
    });
    canary_lives(&guard);
    let requests = findings.requests.load(Ordering::Relaxed);
    let successes = findings.successes.load(Ordering::Relaxed);
    println!("{requests} requests, {successes} successful");
    let found = findings.by_kind.into_inner().unwrap();
    let lines: Vec<_> = found
        .iter()
        .map(|(kind, (count, request))| format!("{count} × {kind}\n    {request:.1500}"))
        .collect();
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
    assert!(requests > 50 && successes > requests / 20);
}

fn canary_lives(guard: &OverHttp) {
    let answer = guard.query("select n, s from guarded.public.canary order by n");
    let rows = json!([["1", "row 1"], ["2", "row 2"], ["3", "row 3"]]);
    assert_eq!(answer["data"]["rowset"], rows, "{answer}");
}

/// Some hundred requests of one session.
fn session(base: &str, index: u64, random: &mut Random, findings: &Findings, end: Instant) {
    let login = json!({
        "LOGIN_NAME": "fuzzer",
        "SESSION_PARAMETERS": {"STATEMENT_TIMEOUT_IN_SECONDS": 5, "LOCK_TIMEOUT": 1},
    });
    let session = OverHttp::login(base, &login);
    for sql in [
        format!("create database if not exists fuzz{index}"),
        format!("use schema fuzz{index}.public"),
    ]
    .iter()
    .map(String::as_str)
    .chain(grammar::SETUP.iter().copied())
    {
        session.query(sql);
    }
    for number in 0..200 {
        if Instant::now() > end {
            break;
        }
        request(base, &session, number, random, findings);
    }
    let _ = session.post("/session?delete=true", &json!({}));
}

/// A value of a bind variable, mostly of its type.
fn binding(random: &mut Random) -> Value {
    let types = [
        "FIXED",
        "REAL",
        "TEXT",
        "BOOLEAN",
        "ANY",
        "DATE",
        "TIME",
        "TIMESTAMP_NTZ",
        "TIMESTAMP_LTZ",
        "TIMESTAMP_TZ",
        "BINARY",
        "VARIANT",
        "OBJECT",
        "ARRAY",
        "MAP",
        "NOPE",
    ];
    let texts = [
        "1",
        "-1.5",
        "1e30",
        "nan",
        "true",
        "x",
        "",
        "1577836800000",
        "3661000000000",
        "1577836800000000000",
        "1577836800000000000 1440",
        "00ff",
        "{\"a\": 1}",
        "[1, 2]",
        "2024-02-29",
        "9999999999999999999999999999999999999999999",
        "-1",
        "🦆",
        "\0",
        "253402300799999999000",
        "-62135596800000000000",
        "999999999999999999",
    ];
    let value = |random: &mut Random| match random.below(12) {
        0 => Value::Null,
        1 => json!(random.below(1000)),
        _ => json!(random.one(&texts)),
    };
    let value = match random.below(8) {
        0 => Value::Array((0..random.below(4)).map(|_| value(random)).collect()),
        _ => value(random),
    };
    json!({"type": random.one(&types), "value": value})
}

fn request(
    base: &str,
    session: &OverHttp,
    number: usize,
    random: &mut Random,
    findings: &Findings,
) {
    let mut sql = match random.percent(60) {
        true => grammar::typed_statement(random),
        false => grammar::statement(random),
    };
    if random.percent(10) {
        sql = grammar::mutated(random, &sql);
    }
    let mut body = json!({});
    if random.percent(25) {
        // Some of the values become variables.
        for value in ["null", "'abc'", "1", "'a'", "n", "0"] {
            if random.percent(40) {
                let variable = random.one(&["?", ":1", ":2", ":name"]);
                sql = sql.replacen(&format!("({value}"), &format!("({variable}"), 1);
                sql = sql.replacen(&format!(" {value} "), &format!(" {variable} "), 1);
            }
        }
        let mut bindings = json!({});
        for name in ["1", "2", "3", "name"] {
            if random.percent(80) {
                bindings[name] = binding(random);
            }
        }
        body["bindings"] = bindings;
    }
    if random.percent(3) {
        body["describeOnly"] = json!(true);
    }
    if random.percent(50) {
        body["parameters"] = json!({"MULTI_STATEMENT_COUNT": random.one(&["0", "0", "0", "1"])});
    }
    let id = format!("{}-{number}", random.next());
    let asynchronous = random.percent(5);
    if asynchronous {
        body["asyncExec"] = json!(true);
    }
    let canceled = random.percent(10);
    let began = Instant::now();
    if random.percent(10) {
        body["statement"] = json!(sql);
        let request = agent()
            .post(format!("{base}/api/v2/statements"))
            .header("Authorization", "Bearer fuzzer")
            .header("Accept", "application/json");
        check_answer(request.send_json(&body), &body, findings);
    } else {
        body["sqlText"] = json!(sql);
        let path = format!("/queries/v1/query-request?requestId={id}");
        let send = |path: &str, body: &Value| {
            agent()
                .post(format!("{base}{path}"))
                .header(
                    "Authorization",
                    format!("Snowflake Token=\"{}\"", session.token),
                )
                .send_json(body)
        };
        std::thread::scope(|threads| {
            if canceled {
                let delay = Duration::from_micros(random.next() % 20_000);
                let (send, id) = (&send, &id);
                threads.spawn(move || {
                    std::thread::sleep(delay);
                    let cancel = json!({"requestId": id});
                    check_answer(
                        send("/queries/v1/abort-request", &cancel),
                        &cancel,
                        findings,
                    );
                });
            }
            let answer = check_answer(send(&path, &body), &body, findings);
            if let Some(query) = answer
                .as_ref()
                .and_then(|answer| answer["data"]["getResultUrl"].as_str())
            {
                let request = agent().get(format!("{base}{query}")).header(
                    "Authorization",
                    format!("Snowflake Token=\"{}\"", session.token),
                );
                check_answer(request.call(), &body, findings);
            }
            if random.percent(3) {
                // As after a lost answer.
                check_answer(send(&path, &body), &body, findings);
            }
        });
    }
    if began.elapsed() > LONGEST {
        findings.add(
            format!("took {} s", began.elapsed().as_secs()),
            &body.to_string(),
        );
    }
}

/// Notes what is wrong with an answer, and returns it.
fn check_answer(
    sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    body: &Value,
    findings: &Findings,
) -> Option<Value> {
    findings.requests.fetch_add(1, Ordering::Relaxed);
    let request = body.to_string();
    let mut response = match sent {
        Ok(response) => response,
        Err(error) => {
            findings.add(format!("no answer: {error}"), &request);
            return None;
        }
    };
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(1 << 30);
    let text = body.read_to_string().unwrap_or_default();
    if status >= 500 {
        findings.add(format!("status {status}"), &request);
    }
    let Ok(answer) = serde_json::from_str::<Value>(&text) else {
        findings.add(format!("no JSON: {text:.100}"), &request);
        return None;
    };
    let success = match answer.get("success") {
        Some(success) => *success == json!(true),
        None => matches!(status, 200 | 202),
    };
    if success {
        findings.successes.fetch_add(1, Ordering::Relaxed);
        return Some(answer);
    }
    let code = answer["code"].as_str().unwrap_or_default();
    let message = answer["message"].as_str().unwrap_or_default();
    if code.len() != 6 || code.bytes().any(|byte| !byte.is_ascii_digit()) || message.is_empty() {
        findings.add(format!("code {code:?} with {message:.200}"), &request);
    }
    if code == "000603" {
        findings.add(format!("internal error {message:.200}"), &request);
    }
    let lower = message.to_lowercase();
    for word in ENGINE_WORDS {
        if lower.contains(&word.to_lowercase()) {
            findings.add(
                format!("the engine's word {word}: {message:.300}"),
                &request,
            );
        }
    }
    Some(answer)
}
