//! How the program behaves under load and at its end: statements wait for their turn, what runs is finished or canceled when
//! the server stops, and the log says what ran.
#![cfg(unix)]

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::OverHttp;
use crate::start::Program;

/// Starts a statement without waiting for it; its query id.
fn start(session: &OverHttp, sql: &str) -> String {
    let body = json!({"sqlText": sql, "asyncExec": true});
    let answer = session.post("/queries/v1/query-request", &body);
    assert_eq!(answer["code"], "333334", "{answer}");
    answer["data"]["queryId"].as_str().unwrap().to_owned()
}

fn monitored(session: &OverHttp, query: &str) -> Value {
    let answer = session.get(&format!("/monitoring/queries/{query}"));
    answer["data"]["queries"][0].clone()
}

/// Waits until a query has this status.
fn await_status(session: &OverHttp, query: &str, status: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let query = monitored(session, query);
        if query["status"] == status {
            return;
        }
        assert!(Instant::now() < deadline, "not {status}: {query}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn statements_wait_for_a_thread() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(
        folder.path(),
        &["--memory", "--max-concurrent-statements", "1"],
    );
    let session = program.session();
    let running = start(&session, "select system$wait(60)");
    await_status(&session, &running, "RUNNING");
    let (canceled, waiting) = (start(&session, "select 1"), start(&session, "select 2"));
    assert_eq!(monitored(&session, &canceled)["status"], "QUEUED");
    assert_eq!(monitored(&session, &waiting)["status"], "QUEUED");

    // What needs no thread does not wait: a cancel of a statement in the queue, a heartbeat, another login.
    let answer = session.post(&format!("/queries/{canceled}/abort-request"), &json!({}));
    assert_eq!(answer["success"], true, "{answer}");
    await_status(&session, &canceled, "ABORTED");
    assert_eq!(monitored(&session, &canceled)["errorCode"], "000604");
    assert_eq!(
        session.post("/session/heartbeat", &json!({}))["success"],
        true
    );
    assert_eq!(monitored(&session, &running)["status"], "RUNNING");
    assert_eq!(monitored(&session, &waiting)["status"], "QUEUED");

    let answer = session.post(&format!("/queries/{running}/abort-request"), &json!({}));
    assert_eq!(answer["success"], true, "{answer}");
    await_status(&session, &running, "ABORTED");
    await_status(&session, &waiting, "SUCCESS");
    let answer = session.get(&format!("/queries/{waiting}/result"));
    assert_eq!(answer["data"]["rowset"], json!([["2"]]), "{answer}");
}

#[test]
fn a_statement_in_the_queue_times_out() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(
        folder.path(),
        &["--memory", "--max-concurrent-statements", "1"],
    );
    let session = program.session();
    let running = start(&session, "select system$wait(60)");
    await_status(&session, &running, "RUNNING");
    let body = json!({"sqlText": "select 1", "parameters": {"STATEMENT_TIMEOUT_IN_SECONDS": 1}});
    let answer = session.post("/queries/v1/query-request", &body);
    assert_eq!(answer["code"], "000630", "{answer}");
}

#[test]
fn what_runs_at_the_end_is_finished_or_canceled() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[]);
    let (short, long) = (program.session(), program.session());
    let writer = program.session();
    assert_eq!(writer.query("create table t (n int)")["success"], true);
    let (short, long) = std::thread::scope(|threads| {
        let short = threads.spawn(move || short.query("select system$wait(2)"));
        let long = threads.spawn(move || long.query("select system$wait(60)"));
        assert_eq!(writer.query("insert into t values (1)")["success"], true);
        std::thread::sleep(Duration::from_millis(500));
        let began = Instant::now();
        assert_eq!(program.end("-TERM"), Some(0));
        assert!(
            began.elapsed() < Duration::from_secs(9),
            "{:?}",
            began.elapsed()
        );
        (short.join().unwrap(), long.join().unwrap())
    });
    assert_eq!(
        short["data"]["rowset"],
        json!([["waited 2 seconds"]]),
        "{short}"
    );
    assert_eq!(
        (&long["success"], &long["code"]),
        (&json!(false), &json!("000604")),
        "{long}"
    );

    let program = Program::start(folder.path(), &[]);
    let answer = program.session().query("select n from t");
    assert_eq!(answer["data"]["rowset"], json!([["1"]]), "{answer}");
}

#[test]
fn the_log_tells_of_each_query() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.json");
    let program = Program::start_with_log(folder.path(), &log, &["--memory"]);
    let session = program.session();
    let fine = session.query("select 1 union all select 2");
    let failed = session.query("select nope");
    assert_eq!(program.end("-INT"), Some(0));
    let log = std::fs::read_to_string(log).unwrap();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let of = |answer: &Value| {
        let id = &answer["data"]["queryId"];
        let spans = lines.iter().map(|line| &line["span"]);
        let mut found =
            spans.filter(|span| span["query_id"] == *id && !span["duration_ms"].is_null());
        found
            .next()
            .unwrap_or_else(|| panic!("{id} in {log}"))
            .clone()
    };
    let span = of(&fine);
    assert!(span["duration_ms"].is_u64(), "{span}");
    assert!(
        span["session_id"].is_string() || span["session_id"].is_u64(),
        "{span}"
    );
    assert_eq!(
        (&span["kind"], &span["rows"]),
        (&json!("Select"), &json!(2))
    );
    assert_eq!(of(&failed)["error_code"], 904);
}
