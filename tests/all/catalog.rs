//! DDL in bulk and at once: what must hold of the catalog whatever order things happen in.

use std::thread;

use crate::client::{Answer, Client, TestServer};

/// Runs a statement that must succeed; the first cell of its answer.
fn run(client: &mut impl Client, sql: &str) -> Option<String> {
    match client.run(sql) {
        Answer::Rows { rows, .. } => rows.into_iter().next()?.into_iter().next()?,
        Answer::Error { text, .. } => panic!("{sql}: {text}"),
    }
}

/// A debug build takes a minute for ten thousand.
const REPLACEMENTS: usize = if cfg!(debug_assertions) { 1000 } else { 10_000 };

#[test]
fn ten_thousand_replacements_leave_few_tables() {
    let server = TestServer::start();
    let mut client = server.session();
    for round in 0..REPLACEMENTS {
        run(
            &mut client,
            &format!("create or replace table t as select {round} as n"),
        );
    }
    let last = (REPLACEMENTS - 1).to_string();
    assert_eq!(run(&mut client, "select n from t").unwrap(), last);
    // The last one, the one before for UNDROP, and what a statement may still have been looking at.
    assert!(
        server.physical_tables() <= 3,
        "{}",
        server.physical_tables()
    );
    run(&mut client, "drop table t");
    run(&mut client, "undrop table t");
    assert_eq!(run(&mut client, "select n from t").unwrap(), last);
}

#[test]
fn threads_replace_and_alter_without_conflicts() {
    let server = TestServer::start();
    let mut client = server.session();
    run(&mut client, "create table shared (n int)");
    thread::scope(|threads| {
        for number in 0..4 {
            let server = &server;
            threads.spawn(move || {
                let mut client = server.session();
                for round in 0..100 {
                    let own = format!("own{number}");
                    run(
                        &mut client,
                        &format!("create or replace table {own} as select {round} as n"),
                    );
                    run(
                        &mut client,
                        &format!("create or replace view v{number} as select * from {own}"),
                    );
                    assert_eq!(
                        run(&mut client, &format!("select n from v{number}")).unwrap(),
                        round.to_string()
                    );
                    run(
                        &mut client,
                        &format!("alter table {own} add column more int default 1"),
                    );
                    run(&mut client, &format!("insert into {own} values (1, 2)"));
                    run(
                        &mut client,
                        &format!("insert into shared select n from {own}"),
                    );
                    run(
                        &mut client,
                        "create or replace table contended as select 1 as n",
                    );
                    run(
                        &mut client,
                        &format!("alter table {own} rename to renamed{number}"),
                    );
                    run(&mut client, &format!("drop table renamed{number}"));
                    run(
                        &mut client,
                        &format!("create or replace table c{number} clone shared"),
                    );
                    run(&mut client, &format!("insert into c{number} values (0)"));
                }
            });
        }
    });
    assert_eq!(
        run(&mut client, "select count(*) from shared").unwrap(),
        "800"
    );
}

#[test]
fn sequences_never_repeat_between_threads() {
    let server = TestServer::start();
    let mut client = server.session();
    run(&mut client, "create sequence s");
    run(&mut client, "create table t (id int identity, n int)");
    thread::scope(|threads| {
        for _ in 0..4 {
            let server = &server;
            threads.spawn(move || {
                let mut client = server.session();
                for _ in 0..50 {
                    run(
                        &mut client,
                        "insert into t (n) select s.nextval from (values (1), (2), (3))",
                    );
                }
            });
        }
    });
    let counts =
        "select count(*) = 600 and count(distinct id) = 600 and count(distinct n) = 600 from t";
    assert_eq!(run(&mut client, counts).unwrap(), "1");
}

#[test]
fn a_session_takes_its_temporary_objects_along() {
    let server = TestServer::start();
    let mut client = server.session();
    run(&mut client, "create table t as select 1 as n");
    let before = server.physical_tables();
    {
        let mut other = server.session();
        run(&mut other, "create temp table t as select 2 as n");
        run(&mut other, "create temp table u (id int identity)");
        run(&mut other, "create temp view v as select * from t");
        assert_eq!(run(&mut other, "select n from v").unwrap(), "2");
        assert_eq!(server.physical_tables(), before + 2);
        other.close();
    }
    assert_eq!(server.physical_tables(), before);
    assert_eq!(run(&mut client, "select n from t").unwrap(), "1");
}

#[test]
fn a_chain_of_views_is_planned_in_no_time() {
    let server = TestServer::start();
    let mut client = server.session();
    run(&mut client, "create table v0 as select 1 as n");
    for number in 1..=15 {
        let below = number - 1;
        run(
            &mut client,
            &format!(
                "create view v{number} as select a.n from v{below} a join v{below} b on a.n = b.n"
            ),
        );
    }
    let began = std::time::Instant::now();
    assert_eq!(run(&mut client, "select n from v15").unwrap(), "1");
    assert!(began.elapsed().as_millis() < 1000, "{:?}", began.elapsed());
}
