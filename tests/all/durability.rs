//! What was acknowledged survives `kill -9`, and nothing of what was not finished does.
//!
//! Four sessions write, each into tables of its own and all into a shared one; the program is killed at a random moment;
//! the data directory is opened and looked at from inside (catalog and physical tables agree), then by the program again.
//! `SNOWGLOBE_KILLS=200` kills that often instead of a few times.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use arrow::array::AsArray;
use serde_json::{Value, json};
use snowglobe::catalog::Detail;

use crate::client::{Answer, Client, TestServer, agent};
use crate::start::{Program, fail};
use crate::transactions::Random;

const WORKERS: usize = 4;
const ACCOUNTS: u64 = 4;

/// What one session knows for sure, and what it had asked for when the line went dead.
#[derive(Debug, Default, Clone)]
struct Ledger {
    /// Rows of its ledger: 1..=acknowledged are there; up to `asked` may be.
    acknowledged: u64,
    asked: u64,
    /// How often its counter has been raised.
    raised: u64,
    asked_raised: u64,
    /// The version of its replaced table.
    version: u64,
    asked_version: u64,
    /// Tables that were made and dropped: whether it is there, `None` if the answer never came.
    tables: BTreeMap<u64, Option<bool>>,
}

/// A session that finds out that the server is dead.
struct Line {
    agent: ureq::Agent,
    url: String,
    token: String,
}

impl Line {
    fn open(http: &str) -> Option<Line> {
        let agent = agent();
        let url = format!("{http}/session/v1/login-request?requestId=1");
        let body = json!({"data": {"LOGIN_NAME": "tester"}});
        let mut answer = agent.post(url).send_json(body).ok()?;
        let answer: Value = answer.body_mut().read_json().ok()?;
        Some(Line {
            agent,
            url: format!("{http}/queries/v1/query-request"),
            token: answer["data"]["token"].as_str()?.to_owned(),
        })
    }

    /// `None`: no answer came. Refusals end the test.
    fn run(&self, sql: &str) -> Option<()> {
        let request = self.agent.post(&self.url).header(
            "Authorization",
            format!("Snowflake Token=\"{}\"", self.token),
        );
        let mut answer = request.send_json(json!({"sqlText": sql})).ok()?;
        let answer: Value = answer.body_mut().read_json().ok()?;
        assert_eq!(answer["success"], true, "{sql}: {answer}");
        Some(())
    }
}

/// Writes until the server dies.
fn work(http: &str, worker: usize, seed: u64, ledger: &mut Ledger) -> Option<()> {
    let line = Line::open(http)?;
    let mut random = Random::new(seed * 10 + worker as u64);
    loop {
        match random.below(8) {
            0 | 1 => {
                ledger.asked = ledger.acknowledged + 1;
                line.run(&format!(
                    "insert into ledger{worker} values ({})",
                    ledger.asked
                ))?;
                ledger.acknowledged = ledger.asked;
            }
            2 => {
                let (first, second) = (ledger.acknowledged + 1, ledger.acknowledged + 2);
                line.run("begin")?;
                line.run(&format!("insert into ledger{worker} values ({first})"))?;
                line.run(&format!("insert into ledger{worker} values ({second})"))?;
                ledger.asked = second;
                line.run("commit")?;
                ledger.acknowledged = second;
            }
            3 => {
                line.run("begin")?;
                line.run(&format!("insert into ledger{worker} values (-1)"))?;
                line.run(&format!("update counter{worker} set n = -1000"))?;
                line.run("rollback")?;
            }
            4 => {
                ledger.asked_raised = ledger.raised + 1;
                line.run(&format!("update counter{worker} set n = n + 1"))?;
                ledger.raised = ledger.asked_raised;
            }
            5 => {
                ledger.asked_version = ledger.version + 1;
                let version = ledger.asked_version;
                line.run(&format!(
                    "create or replace table replaced{worker} as select {version} as n, 'x' as s"
                ))?;
                ledger.version = version;
            }
            6 => {
                let number = random.below(5);
                let is_there = ledger.tables.get(&number) == Some(&Some(true));
                ledger.tables.insert(number, None);
                let sql = match is_there {
                    true => format!("drop table made{worker}_{number}"),
                    false => format!("create or replace table made{worker}_{number} (n int)"),
                };
                line.run(&sql)?;
                ledger.tables.insert(number, Some(!is_there));
            }
            _ => {
                let (from, to) = (random.below(ACCOUNTS), random.below(ACCOUNTS));
                line.run("begin")?;
                line.run(&format!("update bank set n = n - 5 where account = {from}"))?;
                line.run(&format!("update bank set n = n + 5 where account = {to}"))?;
                line.run("commit")?;
            }
        }
    }
}

fn cell(session: &mut impl Client, sql: &str) -> Option<String> {
    match session.run(sql) {
        Answer::Rows { rows, .. } => rows[0][0].clone(),
        Answer::Error { code, text, .. } => panic!("{sql}: {code} {text}"),
    }
}

fn number(session: &mut impl Client, sql: &str) -> u64 {
    let cell = cell(session, sql).unwrap_or_default();
    cell.parse().unwrap_or_else(|_| panic!("{sql}: {cell:?}"))
}

/// What is there must be what was acknowledged, or that and what was asked for last.
fn check(session: &mut impl Client, ledgers: &mut [Ledger]) {
    assert_eq!(number(session, "select sum(n) from bank"), ACCOUNTS * 1000);
    for (worker, ledger) in ledgers.iter_mut().enumerate() {
        let counted = number(session, &format!("select count(*) from ledger{worker}"));
        let sum = number(
            session,
            &format!("select coalesce(sum(n), 0) from ledger{worker}"),
        );
        assert!(
            counted == ledger.acknowledged || counted == ledger.asked,
            "ledger{worker} has {counted} rows: {ledger:?}"
        );
        assert_eq!(sum, counted * (counted + 1) / 2, "ledger{worker}");
        let raised = number(session, &format!("select n from counter{worker}"));
        assert!(
            raised == ledger.raised || raised == ledger.asked_raised,
            "counter{worker} is {raised}: {ledger:?}"
        );
        let version = number(session, &format!("select n from replaced{worker}"));
        assert!(
            version == ledger.version || version == ledger.asked_version,
            "replaced{worker} is {version}: {ledger:?}"
        );
        for (number, expected) in &mut ledger.tables {
            let sql = format!("select count(*) from made{worker}_{number}");
            let is_there = match session.run(&sql) {
                Answer::Rows { .. } => true,
                Answer::Error { code, .. } if code == "002003" => false,
                Answer::Error { code, text, .. } => panic!("{sql}: {code} {text}"),
            };
            if let Some(expected) = expected {
                assert_eq!(is_there, *expected, "made{worker}_{number}");
            }
            *expected = Some(is_there);
        }
        ledger.acknowledged = counted;
        ledger.asked = counted;
        ledger.raised = raised;
        ledger.asked_raised = raised;
        ledger.version = version;
        ledger.asked_version = version;
    }
}

/// Every table of the catalog has its physical table with the catalog's columns and types, and nothing else is there.
fn catalog_and_data_agree(server: &TestServer) {
    let mut physical: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut connection = server.instance.engine.connect().unwrap();
    let sql = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'data'";
    for batch in connection.query(sql).unwrap() {
        let batch = batch.unwrap();
        let text = |column: usize, row: usize| {
            let column = batch.column(column).as_string::<i32>();
            column.value(row).to_owned()
        };
        for row in 0..batch.num_rows() {
            let columns = physical.entry(text(0, row)).or_default();
            columns.insert(text(1, row), text(2, row));
        }
    }
    let snapshot = server.instance.catalog.snapshot();
    for object in snapshot.objects() {
        if let Detail::Table(table) = &object.detail {
            let columns = physical
                .get(&table.physical_name)
                .unwrap_or_else(|| panic!("{} has no physical table", object.name));
            for column in &table.columns {
                let have = columns.get(&format!("c{}", column.number));
                assert_eq!(
                    have.map(String::as_str),
                    Some(column.physical.to_string().as_str()),
                    "{}.{}",
                    object.name,
                    column.name
                );
            }
        }
    }
    let used: Vec<_> = snapshot.physical_names().collect();
    for name in physical.keys() {
        assert!(used.contains(&name), "{name} is an orphan");
    }
}

#[test]
fn nothing_acknowledged_is_lost_by_a_kill() {
    let kills = env::var("SNOWGLOBE_KILLS").ok();
    let kills: u64 = kills.and_then(|kills| kills.parse().ok()).unwrap_or(10);
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("data/snowglobe.duckdb");
    let program = Program::start(folder.path(), &[]);
    let mut session = program.session();
    let mut run = |sql: String| {
        let answer = session.run(&sql);
        assert!(matches!(answer, Answer::Rows { .. }), "{sql}: {answer:?}");
    };
    run("create table bank (account int, n int)".to_owned());
    for account in 0..ACCOUNTS {
        run(format!("insert into bank values ({account}, 1000)"));
    }
    for worker in 0..WORKERS {
        run(format!("create table ledger{worker} (n int)"));
        run(format!("create table counter{worker} (n int)"));
        run(format!("insert into counter{worker} values (0)"));
        run(format!(
            "create table replaced{worker} as select 0 as n, 'x' as s"
        ));
    }
    assert_eq!(program.end("-TERM"), Some(0));
    assert!(!wal(&database).exists(), "a clean end leaves no log");

    let mut ledgers = vec![Ledger::default(); WORKERS];
    let mut slowest_start = Duration::ZERO;
    for round in 0..kills {
        let began = Instant::now();
        let program = Program::start(folder.path(), &[]);
        slowest_start = slowest_start.max(began.elapsed());
        let http = program.http.clone();
        std::thread::scope(|threads| {
            for (worker, ledger) in ledgers.iter_mut().enumerate() {
                let http = &http;
                threads.spawn(move || work(http, worker, round, ledger));
            }
            let time = Random::new(round).below(700) + 50;
            std::thread::sleep(Duration::from_millis(time));
            program.end("-KILL");
        });
        let server = TestServer::open(Some(database.clone()));
        catalog_and_data_agree(&server);
        check(&mut server.session(), &mut ledgers);
        drop(server);
    }
    let total: u64 = ledgers
        .iter()
        .map(|ledger| ledger.acknowledged + ledger.raised + ledger.version)
        .sum();
    println!("{kills} kills, {total} changes, slowest start {slowest_start:?}");
}

fn wal(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".wal");
    PathBuf::from(path)
}

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[]);
    program.session().run("create table t (n int)");
    assert_eq!(program.end("-TERM"), Some(0));
    {
        let database = folder.path().join("data/snowglobe.duckdb");
        let server = TestServer::open(Some(database.clone()));
        let mut connection = server.instance.engine.connect().unwrap();
        let newer = "UPDATE catalog.format SET number = 1000";
        connection.execute(newer).unwrap();
        drop(connection);
        drop(server);
    }
    let complaint = fail(folder.path(), &[]);
    assert!(complaint.contains("format 1000"), "{complaint}");
    assert!(complaint.contains("newer snowglobe"), "{complaint}");
}

/// `SNOWGLOBE_BLESS_FORMAT=1` writes the folder anew; only before that format is released.
#[test]
fn data_of_format_1_are_read() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1");
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("snowglobe.duckdb");
    let kept = fixture.join("snowglobe.duckdb.gz");
    if env::var_os("SNOWGLOBE_BLESS_FORMAT").is_some() {
        let server = TestServer::open(Some(database.clone()));
        {
            let mut session = server.session();
            for sql in [
                "create table numbers (n int not null, d number(10, 2), w int)",
                "insert into numbers values (1, 1.25, 100000000000000000000), (2, null, 5)",
                "create schema other",
                "create table other.texts (s varchar(20) default 'none', d date, b boolean)",
                "insert into other.texts values ('ä', '2024-02-29', true)",
                "create view other.shown as select d from public.numbers",
                "create sequence other.steps",
                "create table other.counted (id int identity, n int)",
                "insert into other.counted (n) values (7)",
                "create table other.dropped (n int)",
                "drop table other.dropped",
            ] {
                let answer = session.run(sql);
                assert!(matches!(answer, Answer::Rows { .. }), "{sql}: {answer:?}");
            }
        }
        drop(server);
        fs::create_dir_all(&fixture).unwrap();
        let file = fs::File::create(&kept).unwrap();
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::best());
        packed.write_all(&fs::read(&database).unwrap()).unwrap();
        packed.finish().unwrap();
    }
    let mut data = Vec::new();
    let mut packed = flate2::read::GzDecoder::new(fs::File::open(&kept).unwrap());
    packed.read_to_end(&mut data).unwrap();
    fs::write(&database, data).unwrap();
    let server = TestServer::open(Some(database));
    catalog_and_data_agree(&server);
    let mut session = server.session();
    session.run("use schema public");
    let sum = cell(
        &mut session,
        "select sum(n + d + w) from numbers where n = 1",
    );
    assert_eq!(sum.as_deref(), Some("100000000000000000002.25"));
    let text = cell(
        &mut session,
        "select s from other.texts where b and d = '2024-02-29'",
    );
    assert_eq!(text.as_deref(), Some("ä"));
    let through_view = cell(&mut session, "select max(d) from other.shown");
    assert_eq!(through_view.as_deref(), Some("1.25"));
    session.run("insert into other.counted (n) select other.steps.nextval");
    let counted = cell(&mut session, "select count(distinct id) from other.counted");
    assert_eq!(counted.as_deref(), Some("2"));
}

/// A clone takes no room until one of the two is written; then it takes a table's.
#[test]
fn a_clone_shares_its_storage_until_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("snowglobe.duckdb");
    let run = |statements: &[&str]| {
        let server = TestServer::open(Some(database.clone()));
        {
            let mut session = server.session();
            session.run("use schema public");
            for sql in statements {
                let answer = session.run(sql);
                assert!(matches!(answer, Answer::Rows { .. }), "{sql}: {answer:?}");
            }
        }
        drop(server);
        fs::metadata(&database).unwrap().len()
    };
    let with_table = run(&[
        "create table large as select random() as a, random() as b, random() as c from table(generator(rowcount => 200000))",
    ]);
    let clones: Vec<_> = (0..5)
        .map(|number| format!("create table clone{number} clone large"))
        .collect();
    let mut statements: Vec<_> = clones.iter().map(String::as_str).collect();
    statements.push("create schema copied clone public");
    let with_clones = run(&statements);
    assert!(
        with_clones < with_table + with_table / 4,
        "{with_table} bytes became {with_clones}"
    );
    let written = run(&["update clone1 set a = 1 where a > 0"]);
    assert!(
        written > with_clones + with_table / 4,
        "{with_clones} bytes became {written}"
    );
    let server = TestServer::open(Some(database));
    let mut session = server.session();
    session.run("use schema public");
    let different = "select count(*) from large join clone0 using (b) where large.a <> clone0.a";
    assert_eq!(cell(&mut session, different).as_deref(), Some("0"));
}
