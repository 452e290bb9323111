//! What the comparisons with DuckDB share: the server as a program, clients of it, timing, the table of ratios.
#![allow(dead_code)] // each benchmark uses some of it

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use serde_json::{Value, json};

/// A number from the environment.
pub fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    let value = env::var(name).ok();
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

/// The folder of a benchmark's data: that of `SNOWGLOBE_BENCH_FOLDER`, where it is found again, or one that goes.
pub struct Folder {
    pub path: std::path::PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Folder {
    pub fn new(name: &str) -> Self {
        match env::var("SNOWGLOBE_BENCH_FOLDER") {
            Ok(kept) => {
                let path = Path::new(&kept).join(name);
                fs::create_dir_all(&path).unwrap();
                Folder {
                    path,
                    _temporary: None,
                }
            }
            Err(_) => {
                let temporary = tempfile::tempdir().unwrap();
                Folder {
                    path: temporary.path().to_owned(),
                    _temporary: Some(temporary),
                }
            }
        }
    }
}

/// A running program.
pub struct Program {
    child: Child,
    pub http: String,
}

impl Program {
    /// Starts it over a data folder inside `folder`, with as many threads as `duckdb` has.
    pub fn start(folder: &Path) -> Self {
        let binary = env::var("SNOWGLOBE_BINARY");
        let binary = binary.unwrap_or_else(|_| env!("CARGO_BIN_EXE_snowglobe").to_owned());
        let mut child = Command::new(binary)
            .current_dir(folder)
            .args(["--http-port", "0", "--https-port", "0"])
            .args(["--log-level", "warn"])
            .arg("--threads")
            .arg(threads().to_string())
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
        // Asked first: it writes its data down.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

/// Threads of both sides.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// DuckDB in this process.
pub fn duckdb(file: &Path) -> duckdb::Connection {
    let duckdb = duckdb::Connection::open(file).unwrap();
    duckdb
        .execute_batch(&format!("SET threads = {}", threads()))
        .unwrap();
    duckdb
}

/// Runs a query in DuckDB and reads its rows as Arrow, as an embedding program does.
pub fn run_duckdb(duckdb: &duckdb::Connection, sql: &str) -> Duration {
    let began = Instant::now();
    let mut statement = duckdb.prepare(sql).unwrap_or_else(|e| panic!("{e}: {sql}"));
    let batches = statement.query_arrow([]).unwrap();
    let rows: usize = batches.map(|batch| batch.num_rows()).sum();
    std::hint::black_box(rows);
    began.elapsed()
}

/// The rows of a query in DuckDB as text.
pub fn duckdb_rows(duckdb: &duckdb::Connection, sql: &str) -> Vec<Vec<Option<String>>> {
    let sql = format!("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({sql}) AS q");
    let mut statement = duckdb
        .prepare(&sql)
        .unwrap_or_else(|e| panic!("{e}: {sql}"));
    let mut rows = statement.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let width = row.as_ref().column_count();
        all.push((0..width).map(|index| row.get(index).unwrap()).collect());
    }
    all
}

/// Whether two cells are equal: as text, or as numbers up to what DOUBLE and Snowflake's scales lose.
pub fn same(left: &Option<String>, right: &Option<String>) -> bool {
    let (Some(left), Some(right)) = (left, right) else {
        return left == right;
    };
    if left == right {
        return true;
    }
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-6_f64.max(a.abs() * 1e-12),
        _ => false,
    }
}

/// What a client got.
pub struct Answer {
    pub time: Duration,
    /// `NAME TYPE(precision,scale)` of each column.
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

/// A client of the server: the Python connector where `SNOWGLOBE_PYTHON` names an interpreter that has it, a plain HTTP
/// client otherwise.
pub enum Client {
    Http(Session),
    Python(Python),
}

impl Client {
    pub fn connect(http: &str) -> Self {
        match env::var("SNOWGLOBE_PYTHON") {
            Ok(interpreter) => Client::Python(Python::connect(&interpreter, http)),
            Err(_) => Client::Http(Session::login(http)),
        }
    }

    pub fn run(&mut self, sql: &str) -> Answer {
        match self {
            Client::Http(session) => session.query(sql),
            Client::Python(python) => python.query(sql),
        }
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

    pub fn query(&self, sql: &str) -> Answer {
        let began = Instant::now();
        let mut answer = self.post("/queries/v1/query-request", &json!({"sqlText": sql}));
        while answer["code"] == "333333" || answer["code"] == "333334" {
            answer = self.get(answer["data"]["getResultUrl"].as_str().unwrap());
        }
        let time = began.elapsed();
        let shown: String = sql.chars().take(2000).collect();
        assert_eq!(answer["success"], true, "{}: {shown}", answer["message"]);
        let columns = answer["data"]["rowtype"].as_array().unwrap();
        let is_date: Vec<_> = columns.iter().map(|c| c["type"] == "date").collect();
        let columns = columns.iter().map(|column| {
            format!(
                "{} {}({},{})",
                column["name"].as_str().unwrap(),
                column["type"].as_str().unwrap(),
                column["precision"],
                column["scale"]
            )
        });
        let rows = answer["data"]["rowset"].as_array().unwrap();
        let cell = |(cell, is_date): (&Value, &bool)| match cell.as_str()? {
            days if *is_date => Some(date(days)),
            text => Some(text.to_owned()),
        };
        let row = |row: &Value| {
            row.as_array()
                .unwrap()
                .iter()
                .zip(&is_date)
                .map(cell)
                .collect()
        };
        Answer {
            time,
            columns: columns.collect(),
            rows: rows.iter().map(row).collect(),
        }
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.header("Authorization", &self.authorization);
        let mut response = request.send_json(body).unwrap();
        read(&mut response)
    }

    fn get(&self, path: &str) -> Value {
        let request = self.agent.get(format!("{}{path}", self.base));
        let request = request.header("Authorization", &self.authorization);
        read(&mut request.call().unwrap())
    }
}

/// A date of the wire: days since 1970-01-01.
fn date(days: &str) -> String {
    let days = jiff::Span::new().days(days.parse::<i64>().unwrap());
    (jiff::civil::date(1970, 1, 1) + days).to_string()
}

fn read(response: &mut ureq::http::Response<ureq::Body>) -> Value {
    let body = response.body_mut().with_config().limit(1 << 30);
    body.read_json().unwrap()
}

/// An interpreter that runs `connector.py`: a line with a statement in, a line with what it got out.
pub struct Python {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Python {
    fn connect(interpreter: &str, http: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/harness/connector.py");
        let mut child = Command::new(interpreter)
            .args([script, http])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Python {
            child,
            input,
            output: BufReader::new(output),
        }
    }

    fn query(&mut self, sql: &str) -> Answer {
        writeln!(self.input, "{}", json!({"sql": sql})).unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        let texts = |value: &Value| -> Vec<Option<String>> {
            let cells = value.as_array().unwrap().iter();
            cells.map(|cell| cell.as_str().map(str::to_owned)).collect()
        };
        Answer {
            time: Duration::from_secs_f64(answer["seconds"].as_f64().unwrap()),
            columns: texts(&answer["columns"]).into_iter().flatten().collect(),
            rows: answer["rows"]
                .as_array()
                .unwrap()
                .iter()
                .map(texts)
                .collect(),
        }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a run took.
#[derive(Clone, Copy)]
pub struct Cost {
    pub wall: Duration,
    /// Time of all threads, which other work on the machine does not add to.
    pub cpu: Duration,
}

impl Cost {
    /// Runs `work`, which says how long it took, and looks at the clocks of a process.
    pub fn of(process: u32, work: impl FnOnce() -> Duration) -> Self {
        let before = cpu(process);
        let wall = work();
        Cost {
            wall,
            cpu: cpu(process).saturating_sub(before),
        }
    }

    /// The least time, and the median of the CPU time: a thread that ends takes its time with it.
    fn typical(mut runs: Vec<Cost>) -> Self {
        runs.sort_by_key(|run| run.cpu);
        Cost {
            wall: runs.iter().map(|run| run.wall).min().unwrap(),
            cpu: runs[runs.len() / 2].cpu,
        }
    }
}

/// Time that the threads of a process have run.
fn cpu(process: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let nanoseconds = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// A line of the comparison.
pub struct Comparison {
    pub name: String,
    pub ours: Cost,
    pub theirs: Cost,
}

impl Comparison {
    pub fn wall_ratio(&self) -> f64 {
        self.ours.wall.as_secs_f64() / self.theirs.wall.as_secs_f64()
    }

    pub fn cpu_ratio(&self) -> f64 {
        self.ours.cpu.as_secs_f64() / self.theirs.cpu.as_secs_f64()
    }

    /// Runs both sides in turn, so many times. `ours` runs in `program`.
    pub fn measure(
        name: impl Into<String>,
        runs: usize,
        program: &Program,
        mut ours: impl FnMut() -> Duration,
        mut theirs: impl FnMut() -> Duration,
    ) -> Self {
        let (mut our_runs, mut their_runs) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            our_runs.push(Cost::of(program.child.id(), &mut ours));
            their_runs.push(Cost::of(std::process::id(), &mut theirs));
        }
        let comparison = Comparison {
            name: name.into(),
            ours: Cost::typical(our_runs),
            theirs: Cost::typical(their_runs),
        };
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        println!(
            "{:<32} {:>8.1} ms {:>8.1} ms  ratio {:>5.2}    cpu {:>8.1} ms {:>8.1} ms  ratio {:>5.2}",
            comparison.name,
            ms(comparison.ours.wall),
            ms(comparison.theirs.wall),
            comparison.wall_ratio(),
            ms(comparison.ours.cpu),
            ms(comparison.theirs.cpu),
            comparison.cpu_ratio()
        );
        comparison
    }
}

/// Prints the geometric means of the ratios.
pub fn summary(comparisons: &[Comparison]) {
    let mean = |ratio: fn(&Comparison) -> f64| {
        let logarithms: f64 = comparisons.iter().map(|c| ratio(c).ln()).sum();
        (logarithms / comparisons.len() as f64).exp()
    };
    println!(
        "geometric mean of the ratios: {:.3}, of those of CPU time: {:.3}",
        mean(Comparison::wall_ratio),
        mean(Comparison::cpu_ratio)
    );
}
