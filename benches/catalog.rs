//! What a large catalog costs: SHOW and INFORMATION_SCHEMA with 10,000 tables, and a restart with them, also after 50,000
//! CREATE OR REPLACE.
//!
//! `cargo bench --bench catalog` prints the numbers. `SNOWGLOBE_BINARY` measures another binary, `SNOWGLOBE_TABLES` and
//! `SNOWGLOBE_REPLACEMENTS` other sizes.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod program;

use std::env;
use std::path::Path;
use std::time::Instant;

use program::{Program, Session};

/// Statements of one request.
const AT_ONCE: usize = 250;
const REPLACED: usize = 500;

fn main() {
    let size = |name: &str, default: usize| {
        let given = env::var(name).ok().and_then(|size| size.parse().ok());
        given.unwrap_or(default)
    };
    let tables = size("SNOWGLOBE_TABLES", 10_000);
    let replacements = size("SNOWGLOBE_REPLACEMENTS", 50_000);
    let folder = tempfile::tempdir().unwrap();
    {
        let program = Program::start(folder.path());
        let session = Session::login(&program.http);
        let create =
            |number: usize| format!("create table t{number} (id int, name varchar(20), d date)");
        timed(&format!("{tables} CREATE TABLE"), || {
            run_all(&session, tables, create);
        });
        for sql in [
            "show tables",
            "show tables like 't12%'",
            "show terse objects limit 10",
            "show columns in table t7",
            "show columns in schema public",
            "select * from information_schema.tables",
            "select * from information_schema.tables where table_name = 'T7'",
            "select * from information_schema.columns where table_name = 'T7'",
            "select count(*) from information_schema.columns",
        ] {
            session.query(sql);
            timed(sql, || session.query(sql));
        }
    }
    restart(folder.path(), "restart with them");
    {
        let program = Program::start(folder.path());
        let session = Session::login(&program.http);
        let replace = |number: usize| {
            format!(
                "create or replace table r{} as select {number} as n",
                number % REPLACED
            )
        };
        timed(&format!("{replacements} CREATE OR REPLACE"), || {
            run_all(&session, replacements, replace);
        });
    }
    restart(folder.path(), "restart after them");
    restart(folder.path(), "restart once more");
}

fn run_all(session: &Session, count: usize, sql: impl Fn(usize) -> String) {
    let numbers: Vec<usize> = (0..count).collect();
    for numbers in numbers.chunks(AT_ONCE) {
        let texts: Vec<_> = numbers.iter().map(|number| sql(*number)).collect();
        session.several(&texts.join(";"), texts.len());
    }
}

/// The program was killed; it starts again and answers.
fn restart(folder: &Path, what: &str) {
    timed(what, || {
        let program = Program::start(folder);
        Session::login(&program.http).query("select 1");
    });
}

fn timed(what: &str, work: impl FnOnce()) {
    let began = Instant::now();
    work();
    let taken = began.elapsed().as_secs_f64() * 1000.0;
    println!("{what:<70} {taken:>10.1} ms");
}
