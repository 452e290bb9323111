//! The 22 queries of TPC-H in plain Snowflake SQL, through a client, against DuckDB in this process on the same rows with
//! BIGINT keys: each query's times and their ratio, and the geometric mean.
//!
//! `cargo bench --bench tpch`. `SNOWGLOBE_TPCH_SCALE` (1), `SNOWGLOBE_RUNS` (5), `SNOWGLOBE_BENCH_FOLDER` (keeps the data),
//! `SNOWGLOBE_PYTHON` (an interpreter with Snowflake's connector, which is then the client).
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod data;
#[path = "../harness/mod.rs"]
mod harness;

use std::path::Path;
use std::time::Instant;

use harness::{Client, Comparison, Folder, Program, Session, setting};

fn main() {
    let scale: f64 = setting("SNOWGLOBE_TPCH_SCALE", 1.0);
    let runs: usize = setting("SNOWGLOBE_RUNS", 5);
    let folder = Folder::new(&format!("tpch-{scale}"));
    let file = folder.path.join("duckdb.db");
    let is_new = !file.exists();
    let duckdb = harness::duckdb(&file);
    let program = Program::start(&folder.path);
    if is_new {
        load(&duckdb, &program, scale, &folder.path);
    }
    let mut client = Client::connect(&program.http);
    let mut comparisons = Vec::new();
    for (number, sql) in data::queries() {
        let answer = client.run(sql);
        let expected = harness::duckdb_rows(&duckdb, sql);
        assert_eq!(answer.rows.len(), expected.len(), "Q{number}: rows");
        for (ours, theirs) in answer.rows.iter().zip(&expected) {
            let equal = ours.iter().zip(theirs).all(|(a, b)| harness::same(a, b));
            assert!(equal, "Q{number}: {ours:?} for {theirs:?}");
        }
        comparisons.push(Comparison::measure(
            format!("Q{number}"),
            runs,
            &program,
            || client.run(sql).time,
            || harness::run_duckdb(&duckdb, sql),
        ));
    }
    harness::summary(&comparisons);
}

fn load(duckdb: &duckdb::Connection, program: &Program, scale: f64, folder: &Path) {
    let session = Session::login(&program.http);
    for table in &data::TABLES {
        let began = Instant::now();
        table.load(duckdb, scale, folder);
        let middle = Instant::now();
        session.query(&table.definition(data::SNOWFLAKE));
        table.inserts(scale, 20_000, &mut |insert| {
            session.query(insert);
        });
        println!(
            "{}: loaded in DuckDB in {:.1} s, by INSERT statements in {:.1} s",
            table.name,
            (middle - began).as_secs_f64(),
            middle.elapsed().as_secs_f64()
        );
    }
}
