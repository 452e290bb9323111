//! Many sessions at once: sums come out exact, replacing never conflicts, readers beside it never fail, and dead tables go.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use snowglobe::engine::Engine;

use crate::client::{Answer, Client, InProcess, TestServer};
use crate::transactions::Random;

fn run(session: &mut InProcess<'_>, sql: &str) -> Vec<Vec<Option<String>>> {
    match session.run(sql) {
        Answer::Rows { rows, .. } => rows,
        Answer::Error { code, text, .. } => panic!("{sql}: {code} {text}"),
    }
}

fn number(session: &mut InProcess<'_>, sql: &str) -> i128 {
    let rows = run(session, sql);
    let cell = rows[0][0].clone().unwrap_or_default();
    cell.parse().unwrap_or_else(|_| panic!("{sql}: {cell:?}"))
}

fn physical_tables(engine: &Engine) -> usize {
    let mut connection = engine.connect().unwrap();
    let rows = connection
        .query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'data'")
        .unwrap();
    rows.map(|batch| batch.unwrap().num_rows()).sum()
}

#[test]
fn the_sums_of_32_sessions_are_exact() {
    const SESSIONS: u64 = 32;
    const ROUNDS: u64 = 12;
    let server = TestServer::start();
    let mut setup = server.session();
    run(&mut setup, "create table log (who int, n int)");
    run(&mut setup, "create table counter (k int, n int)");
    run(
        &mut setup,
        "insert into counter values (0, 0), (1, 0), (2, 0)",
    );
    run(&mut setup, "create table merged (k int, n int)");
    thread::scope(|threads| {
        for who in 0..SESSIONS {
            let server = &server;
            threads.spawn(move || {
                let mut session = server.session();
                let mut random = Random::new(who);
                for round in 0..ROUNDS {
                    run(&mut session, &format!("insert into log values ({who}, {round})"));
                    let k = random.below(3);
                    run(&mut session, &format!("update counter set n = n + 1 where k = {k}"));
                    run(
                        &mut session,
                        &format!(
                            "merge into merged using (select {} as k) s on merged.k = s.k \
                             when matched then update set n = n + 1 when not matched then insert (k, n) values (s.k, 1)",
                            random.below(5)
                        ),
                    );
                    if round % 4 == 0 {
                        run(&mut session, "begin");
                        run(&mut session, &format!("insert into log values ({who}, 1000)"));
                        run(&mut session, "update counter set n = n + 10 where k = 0");
                        let ends = if who % 2 == 0 { "commit" } else { "rollback" };
                        run(&mut session, ends);
                    }
                }
            });
        }
    });
    let (all, committed) = (
        i128::from(SESSIONS * ROUNDS),
        i128::from(SESSIONS / 2 * ROUNDS / 4),
    );
    assert_eq!(
        number(&mut setup, "select count(*) from log where n < 1000"),
        all
    );
    assert_eq!(
        number(&mut setup, "select count(*) from log where n = 1000"),
        committed
    );
    assert_eq!(
        number(&mut setup, "select sum(n) from counter"),
        all + 10 * committed
    );
    assert_eq!(number(&mut setup, "select sum(n) from merged"), all);
}

#[test]
fn replacing_at_once_never_conflicts_and_readers_never_fail() {
    let server = TestServer::start();
    let mut setup = server.session();
    run(&mut setup, "create table model as select 0 as n, 0 as m");
    run(
        &mut setup,
        "create or replace view look as select n, m from model",
    );
    let (done, reads) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|threads| {
        let writers: Vec<_> = (0..4)
            .map(|who| {
                let server = &server;
                threads.spawn(move || {
                    let mut session = server.session();
                    for round in 0..40 {
                        let n = who * 1000 + round;
                        run(
                            &mut session,
                            &format!("create or replace table model as select {n} as n, {n} as m"),
                        );
                        run(
                            &mut session,
                            &format!("create or replace table model{who} as select * from model"),
                        );
                        run(
                            &mut session,
                            "create or replace view look as select n, m from model",
                        );
                    }
                })
            })
            .collect();
        for _ in 0..3 {
            threads.spawn(|| {
                let mut session = server.session();
                while !done.load(Ordering::Relaxed) {
                    let table = run(&mut session, "select n, m from model");
                    assert_eq!(table.len(), 1);
                    assert_eq!(table[0][0], table[0][1]);
                    let view = run(&mut session, "select n - m from look");
                    assert_eq!(view, [[Some("0".to_owned())]]);
                    reads.fetch_add(2, Ordering::Relaxed);
                }
            });
        }
        for writer in writers {
            if let Err(panic) = writer.join() {
                done.store(true, Ordering::Relaxed);
                std::panic::resume_unwind(panic);
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    println!("{} reads beside 480 replacements", reads.into_inner());
}

#[test]
fn widening_changes_no_answer_and_no_type() {
    const WIDE: i128 = 100_000_000_000_000_000_000;
    let server = TestServer::start();
    let mut setup = server.session();
    run(&mut setup, "create table t (n int)");
    run(&mut setup, "insert into t values (0)");
    let done = AtomicBool::new(false);
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                let mut session = server.session();
                while !done.load(Ordering::Relaxed) {
                    match session.run("select n from t where n = 0") {
                        Answer::Rows { columns, rows } => {
                            assert_eq!(columns[0].type_name, "NUMBER(38,0)");
                            assert_eq!(rows, [[Some("0".to_owned())]]);
                        }
                        Answer::Error { code, text, .. } => panic!("{code} {text}"),
                    }
                }
            });
        }
        let writers: Vec<_> = (1..=8_i128)
            .map(|who| {
                let server = &server;
                threads.spawn(move || {
                    let mut session = server.session();
                    run(&mut session, &format!("insert into t values ({who})"));
                    // All of them meet the narrow table at once.
                    run(
                        &mut session,
                        &format!("insert into t values ({})", WIDE + who),
                    );
                    run(
                        &mut session,
                        &format!("create table own{who} as select {WIDE} + {who} as n"),
                    );
                })
            })
            .collect();
        for writer in writers {
            if let Err(panic) = writer.join() {
                done.store(true, Ordering::Relaxed);
                std::panic::resume_unwind(panic);
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(
        number(&mut setup, "select sum(n) from t"),
        8 * WIDE + 2 * 36
    );
    // Inside a transaction, its own rows go along.
    run(&mut setup, "create table u (n int)");
    run(&mut setup, "begin");
    run(&mut setup, "insert into u values (1)");
    run(&mut setup, &format!("insert into u values ({WIDE})"));
    assert_eq!(number(&mut setup, "select sum(n) from u"), WIDE + 1);
    run(&mut setup, "rollback");
    assert_eq!(number(&mut setup, "select count(*) from u"), 0);
}

#[test]
fn a_full_pool_of_waiting_threads_lets_the_holder_commit() {
    let server = TestServer::start(); // with 4 threads for statements
    let mut holder = server.session();
    run(&mut holder, "create table t (n int)");
    run(&mut holder, "insert into t values (0)");
    run(&mut holder, "begin");
    run(&mut holder, "update t set n = n + 1");
    thread::scope(|threads| {
        for _ in 0..12 {
            threads.spawn(|| run(&mut server.session(), "update t set n = n + 1"));
        }
        thread::sleep(Duration::from_millis(200));
        run(&mut holder, "commit");
    });
    assert_eq!(number(&mut holder, "select n from t"), 13);
}

#[test]
fn two_that_wait_for_each_other_end_with_one_deadlock() {
    let server = TestServer::start();
    let mut setup = server.session();
    run(&mut setup, "create table a (n int)");
    run(&mut setup, "create table b (n int)");
    run(&mut setup, "insert into a values (0)");
    run(&mut setup, "insert into b values (0)");
    let barrier = std::sync::Barrier::new(2);
    let deadlocks: usize = thread::scope(|threads| {
        let sides = [("a", "b"), ("b", "a")].map(|(first, second)| {
            let (server, barrier) = (&server, &barrier);
            threads.spawn(move || {
                let mut session = server.session();
                run(&mut session, "begin");
                run(&mut session, &format!("update {first} set n = n + 1"));
                barrier.wait();
                let answer = session.run(&format!("update {second} set n = n + 1"));
                // The victim's statement alone is undone; its transaction goes on.
                run(&mut session, "commit");
                match answer {
                    Answer::Rows { .. } => 0,
                    Answer::Error { code, .. } => {
                        assert_eq!(code, "000626");
                        1
                    }
                }
            })
        });
        sides.map(|side| side.join().unwrap()).iter().sum()
    });
    assert_eq!(deadlocks, 1);
    assert_eq!(
        number(&mut setup, "select (select n from a) + (select n from b)"),
        3
    );
}

/// `SNOWGLOBE_REPLACEMENTS=10000` for the full number.
/// A transaction's writes are done again when another session commits. Values that a query has shown stay what they were, or
/// the client is told; they never change silently.
#[test]
fn drawn_values_that_were_shown_do_not_change() {
    let server = TestServer::start();
    let (mut one, mut other) = (server.session(), server.session());
    run(&mut one, "create table drawn (n int)");
    run(&mut one, "create table beside (n int)");
    run(&mut one, "create sequence steps");
    for draw in ["steps.nextval", "random()"] {
        run(&mut one, "begin");
        run(&mut one, &format!("insert into drawn select {draw}"));
        let shown = number(&mut one, "select sum(n) from drawn");
        run(&mut other, "insert into beside values (1)");
        run(&mut one, "select count(*) from beside");
        assert_eq!(
            number(&mut one, "select sum(n) from drawn"),
            shown,
            "{draw}"
        );
        run(&mut one, "commit");
        assert_eq!(
            number(&mut one, "select sum(n) from drawn"),
            shown,
            "{draw}"
        );
        run(&mut one, "delete from drawn");
    }
    // A statement that fails takes nothing of what was shown with it: an INSERT is done again by the rows that it wrote.
    run(&mut one, "begin");
    run(&mut one, "insert into drawn select random()");
    let shown = number(&mut one, "select sum(n) from drawn");
    let failed = |answer: Answer, expected: &str| {
        assert!(
            matches!(&answer, Answer::Error { code, .. } if code == expected),
            "{answer:?}"
        );
    };
    failed(one.run("insert into drawn select 1 / 0"), "100051");
    assert_eq!(number(&mut one, "select sum(n) from drawn"), shown);
    // An UPDATE cannot be done again with the values that it drew.
    run(&mut one, "update drawn set n = random()");
    run(&mut one, "select sum(n) from drawn");
    failed(one.run("insert into drawn select 1 / 0"), "000627");
    assert_eq!(number(&mut one, "select count(*) from drawn"), 0);
}

#[test]
fn replaced_tables_go() {
    let count = std::env::var("SNOWGLOBE_REPLACEMENTS").ok();
    let count: usize = count.and_then(|count| count.parse().ok()).unwrap_or(300);
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("snowglobe.duckdb");
    let size = |path: &Path| path.metadata().map_or(0, |data| data.len());
    {
        let server = TestServer::open(Some(database.clone()));
        let mut session = server.session();
        let began = Instant::now();
        for round in 0..count {
            run(
                &mut session,
                &format!(
                    "create or replace table t{} as select {round} as n",
                    round % 10
                ),
            );
        }
        let took = began.elapsed();
        let mut left = usize::MAX;
        for _ in 0..100 {
            left = physical_tables(&server.instance.engine);
            if left <= 30 {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        println!(
            "{count} replacements in {took:?}: {:.0} a second, {left} physical tables, log {} bytes",
            count as f64 / took.as_secs_f64(),
            size(&database.with_extension("duckdb.wal")),
        );
        assert!(left <= 30, "{left} physical tables are left");
        drop(session);
        drop(server);
    }
    let began = Instant::now();
    let server = TestServer::open(Some(database.clone()));
    println!(
        "file {} bytes, opened in {:?}",
        size(&database),
        began.elapsed()
    );
    assert_eq!(number(&mut server.session(), "select count(*) from t0"), 1);
    assert!(size(&database) < 64 << 20);
}

/// Measures; `cargo test --release -- --ignored --nocapture start_with_10_000_tables`.
#[test]
#[ignore = "makes 10,000 tables"]
fn start_with_10_000_tables() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("snowglobe.duckdb");
    {
        let server = TestServer::open(Some(database.clone()));
        thread::scope(|threads| {
            for part in 0..4 {
                let server = &server;
                threads.spawn(move || {
                    let mut session = server.session();
                    for table in 0..2500 {
                        run(
                            &mut session,
                            &format!("create table t{part}_{table} (n int, s varchar, d date)"),
                        );
                    }
                });
            }
        });
        drop(server);
    }
    let began = Instant::now();
    let server = TestServer::open(Some(database));
    let opened = began.elapsed();
    assert_eq!(
        number(&mut server.session(), "select count(*) from t3_2499"),
        0
    );
    println!(
        "opened 10,000 tables in {opened:?}, first answer after {:?}",
        began.elapsed()
    );
}

#[test]
fn the_log_stays_short_beside_writers() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("snowglobe.duckdb");
    let log = database.with_extension("duckdb.wal");
    let server = TestServer::open(Some(database.clone()));
    let mut setup = server.session();
    run(&mut setup, "create table source (n int, s varchar)");
    run(
        &mut setup,
        "insert into source values (1, 'a text that is not quite short, and cannot be packed')",
    );
    for _ in 0..14 {
        run(
            &mut setup,
            "insert into source select n + 1, s || n from source",
        );
    }
    run(&mut setup, "create table target (n int, s varchar)");
    let longest = AtomicU64::new(0);
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                let mut session = server.session();
                for _ in 0..30 {
                    run(&mut session, "insert into target select n, s from source");
                    let length = log.metadata().map_or(0, |data| data.len());
                    longest.fetch_max(length, Ordering::Relaxed);
                }
            });
        }
    });
    let began = Instant::now();
    let length = || log.metadata().map_or(0, |data| data.len());
    while length() >= 16 << 20 && began.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(50));
    }
    println!(
        "the log grew to {} MB, and is {} MB",
        longest.into_inner() >> 20,
        length() >> 20
    );
    assert!(length() < 16 << 20);
}

/// Measures; `cargo test --release -- --ignored --nocapture measured`.
#[test]
#[ignore = "measures"]
fn inserts_and_ddl_are_measured() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("snowglobe.duckdb");
    let server = TestServer::open(Some(database));
    run(&mut server.session(), "create table t (n int)");
    {
        let mut plain = server.instance.engine.connect().unwrap();
        plain.execute("CREATE TABLE plain (n BIGINT)").unwrap();
    }
    for sessions in [1, 8, 32] {
        let plain = rate(sessions, 640, &|_| {
            let mut plain = server.instance.engine.connect().unwrap();
            Box::new(move |n| {
                plain
                    .execute(&format!("INSERT INTO plain VALUES ({n})"))
                    .unwrap();
            })
        });
        let ours = rate(sessions, 640, &|_| {
            let mut session = server.session();
            Box::new(move |n| {
                run(&mut session, &format!("insert into t values ({n})"));
            })
        });
        let ddl = rate(sessions, 320, &|who| {
            let mut session = server.session();
            Box::new(move |n| {
                run(
                    &mut session,
                    &format!("create or replace table r{who} as select {n} as n"),
                );
            })
        });
        println!(
            "{sessions} sessions: {plain:.0} inserts a second in plain DuckDB, {ours:.0} here ({:.2}), {ddl:.0} CREATE OR REPLACE",
            ours / plain
        );
    }
}

type Step<'a> = Box<dyn FnMut(usize) + 'a>;

/// Steps a second; each of the sessions makes its steps by a function of its own.
fn rate<'a>(sessions: usize, count: usize, work: &(dyn Fn(usize) -> Step<'a> + Sync)) -> f64 {
    let began = Instant::now();
    thread::scope(|threads| {
        for who in 0..sessions {
            threads.spawn(move || {
                let mut step = work(who);
                (0..count / sessions).for_each(&mut step);
            });
        }
    });
    count as f64 / began.elapsed().as_secs_f64()
}
