//! A server to test against, in this process, and two ways to speak with it: straight to the [`Service`], and over HTTP as
//! a driver does. Both give an [`Answer`] in the same form, so that a test can be run through both and compared.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use snowglobe::config::Config;
use snowglobe::engine;
use snowglobe::error::Result;
use snowglobe::query::{self, Login, Outcome, Query, Service, Submission};
use snowglobe::result::CellStyle;
use snowglobe::server;
use snowglobe::session::Session;
use snowglobe::statement::{Instance, InstanceOptions, LoginScope, Translated};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What a statement answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Rows {
        columns: Vec<Column>,
        rows: Vec<Vec<Option<String>>>,
    },
    Error {
        /// Six digits.
        code: String,
        sqlstate: String,
        text: String,
    },
}

/// A result column, its type as DESCRIBE TABLE prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub type_name: String,
    pub nullable: bool,
}

/// A session of the server under test.
pub trait Client {
    fn run(&mut self, sql: &str) -> Answer;
}

/// A server with an empty database of its own, in memory.
pub struct TestServer {
    pub instance: Arc<Instance>,
    runtime: Runtime,
    service: Arc<Service>,
    http: Option<SocketAddr>,
    _closed: Closed,
    _scratch: TempDir,
}

/// Dropped, it waits until the database is closed: the last piece of work may hold it a little longer.
struct Closed(engine::Closing);

impl Drop for Closed {
    fn drop(&mut self) {
        self.0.wait(Duration::from_secs(30));
    }
}

impl TestServer {
    pub fn start() -> Self {
        Self::open(None)
    }

    /// A server over this database file.
    pub fn open(database: Option<PathBuf>) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let mut options = options(&scratch);
        if database.is_some() {
            options.account = Config::default().account; // as the program does
        }
        options.engine.database = database;
        let instance = Instance::open(options).unwrap();
        let service = Service::new(Arc::clone(&instance), query::Options::default());
        TestServer {
            _closed: Closed(instance.engine.closing()),
            instance,
            runtime,
            service,
            http: None,
            _scratch: scratch,
        }
    }

    /// A session by direct calls.
    pub fn session(&self) -> InProcess<'_> {
        let login = self.service.login(Login {
            account: "test".to_owned(),
            user: Some("tester".to_owned()),
            ..Login::default()
        });
        let (session, tokens) = self.runtime.block_on(login).unwrap();
        InProcess {
            server: self,
            session,
            token: tokens.session,
        }
    }

    /// How many physical tables the engine has.
    pub fn physical_tables(&self) -> usize {
        self.instance.settle();
        let mut connection = self.instance.engine.connect().unwrap();
        let count = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'data'";
        let batches = connection.query(count).unwrap();
        batches.map(|batch| batch.unwrap().num_rows()).sum()
    }

    /// A session over HTTP.
    pub fn http_session(&mut self) -> OverHttp {
        OverHttp::login(&self.listen(), &json!({"LOGIN_NAME": "tester"}))
    }

    /// The server's base URL; listens from the first call on.
    pub fn listen(&mut self) -> String {
        let address = *self.http.get_or_insert_with(|| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            listener.set_nonblocking(true).unwrap();
            let address = listener.local_addr().unwrap();
            let router =
                server::router(Arc::clone(&self.service), &server::Options::default()).unwrap();
            self.runtime.spawn(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let forever = std::future::pending();
                server::serve(listener, server::Scheme::Http, router, forever).await
            });
            address
        });
        format!("http://{address}")
    }
}

fn options(scratch: &TempDir) -> InstanceOptions {
    let context = Config::default().context;
    InstanceOptions {
        spool_directory: scratch.path().join("results"),
        spool_limit: 1 << 30,
        stage_directory: scratch.path().join("stages"),
        account: "test".to_owned(),
        multi_account: false,
        strict_login: false,
        default_scope: LoginScope {
            database: Some(context.database),
            schema: Some(context.schema),
            warehouse: Some(context.warehouse),
            role: Some(context.role),
        },
        engine: engine::Options {
            database: None,
            temp_directory: scratch.path().join("engine"),
            readable_directories: vec![scratch.path().join("stages")],
            memory_limit: None,
            threads: Some(2),
            concurrent_statements: 4,
        },
    }
}

/// A session by direct calls.
pub struct InProcess<'a> {
    server: &'a TestServer,
    session: Arc<Session>,
    token: String,
}

impl InProcess<'_> {
    /// Ends the session.
    pub fn close(self) {
        self.server.service.close(&self.token).unwrap();
    }
}

impl InProcess<'_> {
    /// Runs a statement, and cancels it after so many microseconds.
    pub fn run_and_cancel(&self, sql: &str, delay_us: u64) -> Answer {
        self.run_then(sql, |query| async move {
            let delay = Duration::from_micros(delay_us);
            if query.wait(delay).await.is_none() {
                let _ = self.server.service.cancel_query(&self.session, query.id);
            }
        })
    }

    /// What the engine would be asked.
    pub fn translate(&self, sql: &str) -> Result<Vec<Translated>> {
        self.server.service.translate(&self.session, sql)
    }

    fn run_then<F: Future<Output = ()>>(
        &self,
        sql: &str,
        then: impl FnOnce(Arc<Query>) -> F,
    ) -> Answer {
        let submission = Submission {
            text: sql.to_owned(),
            ..Submission::default()
        };
        let finished = self.server.runtime.block_on(async {
            let query = self.server.service.submit(&self.session, submission);
            then(Arc::clone(&query)).await;
            query.wait(Duration::from_secs(60)).await
        });
        let finished = finished.unwrap_or_else(|| panic!("no end after a minute: {sql}"));
        match &finished.outcome {
            Outcome::Failed(error) => Answer::Error {
                code: format!("{:06}", error.code().number()),
                sqlstate: error.code().sqlstate().to_owned(),
                text: error.to_string(),
            },
            Outcome::Forgotten { .. } => panic!("the result is gone already: {sql}"),
            Outcome::Answered(answer) => {
                let columns = answer.result.columns().iter().map(|column| Column {
                    name: column.name.clone(),
                    type_name: column.logical.to_string(),
                    nullable: column.nullable,
                });
                let mut rows = Vec::new();
                for chunk in 0..answer.result.chunks().len() {
                    let mut text = b"[".to_vec();
                    let written = answer
                        .result
                        .write_json(chunk, CellStyle::Driver, &mut text);
                    written.unwrap();
                    text.push(b']');
                    rows.extend(cells(&serde_json::from_slice(&text).unwrap()));
                }
                Answer::Rows {
                    columns: columns.collect(),
                    rows,
                }
            }
        }
    }
}

impl Client for InProcess<'_> {
    fn run(&mut self, sql: &str) -> Answer {
        self.run_then(sql, |_| async {})
    }
}

/// A session over HTTP, as a driver without Arrow has it.
pub struct OverHttp {
    agent: ureq::Agent,
    base: String,
    pub token: String,
    pub master_token: String,
}

impl OverHttp {
    /// Logs in with `data` added to what every login sends.
    pub fn login(base: &str, data: &Value) -> Self {
        let mut session = OverHttp {
            agent: agent(),
            base: base.to_owned(),
            token: String::new(),
            master_token: String::new(),
        };
        let body = json!({"data": data});
        let answer = session.post("/session/v1/login-request?requestId=1", &body);
        assert_eq!(answer["success"], true, "login: {answer}");
        let text = |key: &str| answer["data"][key].as_str().unwrap().to_owned();
        (session.token, session.master_token) = (text("token"), text("masterToken"));
        session
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.agent.post(format!("{}{path}", self.base)).header(
            "Authorization",
            format!("Snowflake Token=\"{}\"", self.token),
        );
        let mut response = request.send_json(body).unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.body_mut().read_json().unwrap()
    }

    pub fn get(&self, path: &str) -> Value {
        let request = self.agent.get(format!("{}{path}", self.base)).header(
            "Authorization",
            format!("Snowflake Token=\"{}\"", self.token),
        );
        let mut response = request.call().unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.body_mut().read_json().unwrap()
    }

    /// The whole envelope of a statement's answer.
    pub fn query(&self, sql: &str) -> Value {
        self.post("/queries/v1/query-request", &json!({"sqlText": sql}))
    }
}

impl Client for OverHttp {
    fn run(&mut self, sql: &str) -> Answer {
        let answer = self.query(sql);
        let data = &answer["data"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if answer["success"] != true {
            assert_eq!(answer["code"], data["errorCode"]);
            return Answer::Error {
                code: text(&answer["code"]),
                sqlstate: text(&data["sqlState"]),
                text: text(&answer["message"]),
            };
        }
        let columns = data["rowtype"].as_array().unwrap();
        let columns = columns.iter().map(|column| Column {
            name: text(&column["name"]),
            type_name: type_name(column),
            nullable: column["nullable"].as_bool().unwrap(),
        });
        let mut rows = cells(&data["rowset"]);
        for chunk in data["chunks"].as_array().into_iter().flatten() {
            let mut response = self
                .agent
                .get(chunk["url"].as_str().unwrap())
                .call()
                .unwrap();
            let chunk = response.body_mut().read_to_string().unwrap();
            rows.extend(cells(&serde_json::from_str(&format!("[{chunk}]")).unwrap()));
        }
        assert_eq!(rows.len() as u64, data["total"].as_u64().unwrap());
        Answer::Rows {
            columns: columns.collect(),
            rows,
        }
    }
}

/// A client that takes every status for an answer.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into()
}

fn cells(rows: &Value) -> Vec<Vec<Option<String>>> {
    let cell = |cell: &Value| match cell {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => panic!("a cell that is neither text nor null: {other}"),
    };
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row.as_array().unwrap().iter().map(cell).collect())
        .collect()
}

/// The type of a `rowtype` element, as DESCRIBE TABLE prints it.
fn type_name(column: &Value) -> String {
    let name = column["type"].as_str().unwrap().to_uppercase();
    let (length, precision, scale) = (&column["length"], &column["precision"], &column["scale"]);
    match name.as_str() {
        "FIXED" => format!("NUMBER({precision},{scale})"),
        "REAL" => "FLOAT".to_owned(),
        "TEXT" => format!("VARCHAR({length})"),
        "BINARY" => format!("BINARY({length})"),
        "TIME" | "TIMESTAMP_NTZ" | "TIMESTAMP_LTZ" | "TIMESTAMP_TZ" => format!("{name}({scale})"),
        _ => name,
    }
}
