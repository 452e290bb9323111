//! The release binary as a process, and a session over HTTP, for the benchmarks.
#![allow(dead_code, clippy::unwrap_used)]

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A running program.
pub struct Program {
    pub child: Child,
    pub http: String,
}

impl Program {
    pub fn start(folder: &Path) -> Self {
        let binary = env::var("SNOWGLOBE_BINARY");
        let binary = binary.unwrap_or_else(|_| env!("CARGO_BIN_EXE_snowglobe").to_owned());
        let mut child = Command::new(binary)
            .current_dir(folder)
            .args([
                "--http-port",
                "0",
                "--https-port",
                "0",
                "--log-level",
                "warn",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let banner = BufReader::new(child.stdout.take().unwrap());
        let url = banner.lines().map_while(Result::ok).find_map(|line| {
            let rest = line.trim().strip_prefix("http ")?;
            Some(rest.trim().to_owned())
        });
        Program {
            child,
            http: url.unwrap(),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A session over one kept-alive connection.
pub struct Session {
    agent: ureq::Agent,
    base: String,
    authorization: String,
}

impl Session {
    pub fn login(base: &str) -> Self {
        let mut session = Session {
            agent: ureq::Agent::config_builder().proxy(None).build().into(),
            base: base.to_owned(),
            authorization: String::new(),
        };
        let answer = session.post(
            "/session/v1/login-request",
            &json!({"data": {"LOGIN_NAME": "bench"}}),
        );
        session.authorization = format!(
            "Snowflake Token=\"{}\"",
            answer["data"]["token"].as_str().unwrap()
        );
        session
    }

    pub fn query(&self, sql: &str) {
        self.several(sql, 1);
    }

    /// A request of so many statements.
    pub fn several(&self, sql: &str, count: usize) {
        let body = json!({"sqlText": sql, "parameters": {"MULTI_STATEMENT_COUNT": count}});
        let answer = self.post("/queries/v1/query-request", &body);
        assert_eq!(answer["success"], true, "{answer}");
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.header("Authorization", &self.authorization);
        let mut response = request.send_json(body).unwrap();
        response.body_mut().read_json().unwrap()
    }
}
