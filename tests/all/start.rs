//! The program itself: how it starts, how it ends, and what it keeps.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{Answer, Client, OverHttp};

/// More than enough for a loaded machine; the goal of 300 ms is measured by `tests/bench`.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running program.
pub struct Program {
    child: Child,
    pub http: String,
}

impl Program {
    /// Starts it on free ports and waits for its banner.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = command(folder, arguments).spawn().unwrap();
        let banner = BufReader::new(child.stdout.take().unwrap());
        let url = banner.lines().map_while(Result::ok).find_map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            match words[..] {
                ["http", url] => Some(url.to_owned()),
                _ => None,
            }
        });
        let http = url.unwrap_or_else(|| {
            let mut log = String::new();
            let _ = child.stderr.take().unwrap().read_to_string(&mut log);
            panic!("no banner: {log}")
        });
        Program { child, http }
    }

    /// Starts it with a log of JSON in this file, where its address is, too.
    pub fn start_with_log(folder: &Path, log: &Path, arguments: &[&str]) -> Self {
        let file = std::fs::File::create(log).unwrap();
        let mut command = command(folder, arguments);
        let child = command.args(["--log-format", "json"]).stderr(file).spawn();
        let mut program = Program {
            child: child.unwrap(),
            http: String::new(),
        };
        let began = Instant::now();
        loop {
            let lines = std::fs::read_to_string(log).unwrap();
            let mut fields = lines.lines().filter_map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).ok()?;
                Some(line["fields"]["http"].as_str()?.to_owned())
            });
            if let Some(http) = fields.next() {
                program.http = http;
                return program;
            }
            assert!(began.elapsed() < PATIENCE, "no address: {lines}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn session(&self) -> OverHttp {
        OverHttp::login(&self.http, &json!({"LOGIN_NAME": "tester"}))
    }

    /// Sends a signal and waits for the end; its exit code, if it was not killed.
    pub fn end(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snowglobe"));
    command
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SNOWGLOBE_")) {
        command.env_remove(name);
    }
    // by variables, so that a test's flags can say otherwise
    command.env("SNOWGLOBE_HTTP_PORT", "0");
    command.env("SNOWGLOBE_HTTPS_PORT", "0");
    command
}

/// Runs it to its end, which must come by itself.
pub fn fail(folder: &Path, arguments: &[&str]) -> String {
    let mut child = command(folder, arguments).spawn().unwrap();
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it runs, but should have refused to start");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert_eq!(status.code(), Some(1));
    String::from_utf8(stderr).unwrap()
}

/// The cells of the first row.
fn row(session: &mut impl Client, sql: &str) -> Vec<Option<String>> {
    match session.run(sql) {
        Answer::Rows { rows, .. } => rows.into_iter().next().unwrap_or_default(),
        Answer::Error { code, text, .. } => panic!("{sql}: {code} {text}"),
    }
}

#[test]
fn a_program_answers_soon_after_its_start() {
    let folder = tempfile::tempdir().unwrap();
    for which in ["first start, with new certificates", "second start"] {
        let began = Instant::now();
        let program = Program::start(folder.path(), &[]);
        let ready = began.elapsed();
        let answer = row(&mut program.session(), "select 1");
        let answered = began.elapsed();
        assert_eq!(answer, [Some("1".to_owned())]);
        println!("{which}: ready after {ready:?}, first answer after {answered:?}");
        assert!(answered < PATIENCE);
        assert_eq!(program.end("-TERM"), Some(0));
    }
}

#[test]
fn data_survive_ctrl_c_and_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[]);
    let mut session = program.session();
    row(&mut session, "create table pets (name varchar, born date)");
    row(
        &mut session,
        "insert into pets values ('Rex', '2021-03-04')",
    );
    row(&mut session, "create schema other");
    assert_eq!(program.end("-INT"), Some(0), "Ctrl-C ends cleanly");
    assert!(folder.path().join("data/snowglobe.duckdb").exists());

    let program = Program::start(folder.path(), &[]);
    let mut session = program.session();
    let pet = row(&mut session, "select name, born from pets");
    assert_eq!(pet, ["Rex", "18690"].map(|cell| Some(cell.to_owned())));
    row(&mut session, "use schema other");
}

#[test]
fn a_killed_program_loses_nothing_that_it_has_answered() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = 0;
    for round in 1..=3 {
        let program = Program::start(folder.path(), &[]);
        let mut session = program.session();
        row(
            &mut session,
            "create table if not exists t (n int, s varchar)",
        );
        let found = row(&mut session, "select count(*) from t");
        assert_eq!(found, [Some(expected.to_string())], "after {round} kills");
        for n in 0..10 {
            row(
                &mut session,
                &format!("insert into t values ({n}, 'x'), ({n}, 'y')"),
            );
            expected += 2;
        }
        assert_eq!(program.end("-KILL"), None);
    }
}

#[test]
fn nothing_is_kept_in_memory_mode() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &["--memory"]);
    row(&mut program.session(), "create table t (n int)");
    assert_eq!(program.end("-INT"), Some(0));
    assert!(!folder.path().join("data").exists());
}

#[test]
fn a_data_directory_has_one_owner() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[]);
    let complaint = fail(folder.path(), &[]);
    assert!(complaint.contains("is in use by"), "{complaint}");
    assert!(
        complaint.contains("choose another data directory"),
        "{complaint}"
    );
    row(&mut program.session(), "select 1");
}

#[test]
fn a_port_in_use_is_named_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for flag in ["--http-port", "--https-port"] {
        let complaint = fail(folder.path(), &["--memory", flag, &port]);
        let named = format!("127.0.0.1:{port} is already in use");
        assert!(complaint.contains(&named), "{complaint}");
        assert!(complaint.contains(flag), "{complaint}");
    }
}

#[test]
fn a_data_directory_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(
        folder.path().join("data/snowglobe.duckdb"),
        "not a database",
    )
    .unwrap();
    let complaint = fail(folder.path(), &[]);
    assert!(complaint.contains("snowglobe.duckdb"), "{complaint}");
}
