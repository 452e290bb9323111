//! What the release binary costs: time from start to first answer, idle memory, and `select 1` over HTTP with keep-alive.
//!
//! `cargo bench --bench server` prints the numbers; the README quotes them. `SNOWGLOBE_BINARY` measures another binary.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod program;

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

use program::{Program, Session};

const STARTS: usize = 10;
const SELECTS: usize = 3000;
const WARM_UP: usize = 200;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let first = start_to_answer(folder.path());
    println!(
        "start to first answer, new data and certificates  {}",
        ms(first)
    );
    let mut starts: Vec<_> = (0..STARTS)
        .map(|_| start_to_answer(folder.path()))
        .collect();
    println!(
        "start to first answer, median of {STARTS}               {}",
        ms(middle(&mut starts))
    );

    let program = Program::start(folder.path());
    thread::sleep(Duration::from_secs(2));
    println!(
        "idle memory before any session                    {}",
        mib(&program)
    );
    let session = Session::login(&program.http);
    session.query("select 1");
    thread::sleep(Duration::from_secs(2));
    println!(
        "idle memory after a first statement               {}",
        mib(&program)
    );

    for sql in [
        "select 1",
        "select current_timestamp()",
        "insert into t values (1)",
    ] {
        session.query("create table if not exists t (n int)");
        let (median, p99) = latency(&session, sql);
        println!("{sql:<26}  median {}  p99 {}", ms(median), ms(p99));
    }
    chain_of_views(&session);
    println!(
        "memory after that                                 {}",
        mib(&program)
    );
}

fn start_to_answer(folder: &Path) -> Duration {
    let began = Instant::now();
    let program = Program::start(folder);
    Session::login(&program.http).query("select 1");
    began.elapsed()
}

/// Median and 99th percentile of a statement's round trip.
fn latency(session: &Session, sql: &str) -> (Duration, Duration) {
    for _ in 0..WARM_UP {
        session.query(sql);
    }
    let mut times: Vec<_> = (0..SELECTS)
        .map(|_| {
            let began = Instant::now();
            session.query(sql);
            began.elapsed()
        })
        .collect();
    let median = middle(&mut times);
    (median, times[times.len() * 99 / 100])
}

/// Views that each join the one before with itself: with their texts in each other it would be 32,768 tables.
fn chain_of_views(session: &Session) {
    const VIEWS: usize = 15;
    session.query(
        "create or replace table v0 as select seq4() as id, 1 as n from table(generator(rowcount => 1000))",
    );
    for view in 1..=VIEWS {
        let before = view - 1;
        session.query(&format!(
            "create or replace view v{view} as select a.id, least(a.n + b.n, 100) as n from v{before} a join v{before} b on a.id = b.id"
        ));
    }
    // Another text each time: no translation is known yet.
    let median = |name: &str| {
        let mut times: Vec<_> = (0..20)
            .map(|run| {
                let sql = format!("select sum(n) + {run} from {name} where id >= {run}");
                let began = Instant::now();
                session.query(&sql);
                began.elapsed()
            })
            .collect();
        middle(&mut times)
    };
    let (alone, chained) = (median("v0"), median(&format!("v{VIEWS}")));
    println!("sum over a table  {}", ms(alone));
    println!(
        "sum over a chain of {VIEWS} views, each used twice  {}",
        ms(chained)
    );
}

fn middle(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> String {
    format!("{:>8.2} ms", time.as_secs_f64() * 1000.0)
}

/// Resident memory, as the kernel counts it.
fn mib(program: &Program) -> String {
    let status = fs::read_to_string(format!("/proc/{}/status", program.child.id()));
    let status = status.unwrap_or_default();
    let resident = status.lines().find_map(|line| {
        let kib = line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?;
        kib.parse::<f64>().ok()
    });
    resident.map_or("unknown".to_owned(), |kib| {
        format!("{:>8.1} MiB", kib / 1024.0)
    })
}
