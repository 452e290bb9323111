//! Ten million rows of six columns, streamed to a client as Arrow, against DuckDB in this process handing the same rows to
//! Arrow; and how much the server's memory grows meanwhile.
//!
//! `cargo bench --bench stream`. `SNOWGLOBE_ROWS` (10000000), and the variables of the benchmark `tpch`. The client reads
//! the bytes of all chunks and decodes none: what a driver makes of them is its own time.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "harness/mod.rs"]
mod harness;

use harness::{Comparison, Folder, Program, Session, setting};

const COLUMNS: &str = "id, amount, name, born, seen, weight";

fn main() {
    let count: u64 = setting("SNOWGLOBE_ROWS", 10_000_000);
    let runs: usize = setting("SNOWGLOBE_RUNS", 3);
    let folder = Folder::new(&format!("stream-{count}"));
    let file = folder.path.join("duckdb.db");
    let is_new = !file.exists();
    let duckdb = harness::duckdb(&file);
    let program = Program::start(&folder.path);
    let session = Session::login_as(&program.http, "PythonConnector", "4.8.1");
    if is_new {
        session.query(&format!(
            "create table big as select seq8() as id, (seq8() * 1.5)::number(12, 2) as amount, \
             'name-' || (seq8() % 1000) as name, '2024-01-01'::date + (seq8() % 365)::int as born, \
             dateadd(second, seq8(), '2024-01-01'::timestamp_ntz) as seen, (seq8() / 3)::float as weight \
             from table(generator(rowcount => {count}))"
        ));
        let same = format!(
            "create table big as select i as id, (i * 1.5)::decimal(12, 2) as amount, 'name-' || (i % 1000) as name, \
             date '2024-01-01' + (i % 365)::int as born, timestamp '2024-01-01' + to_seconds(i) as seen, \
             (i / 3)::double as weight from range({count}) as r (i); checkpoint"
        );
        duckdb.execute_batch(&same).unwrap();
    }
    let query = format!("select {COLUMNS} from big");
    let before = program.memory();
    let comparison = Comparison::measure(
        "stream",
        runs,
        &program,
        || {
            let (time, rows, _) = session.stream(&query);
            assert_eq!(rows, count);
            time
        },
        || harness::run_duckdb(&duckdb, &query),
    );
    let grown = program.peak_memory().saturating_sub(before) >> 20;
    println!(
        "{:.0} % of DuckDB's speed; the server's memory grew by at most {grown} MiB",
        100.0 / comparison.wall_ratio()
    );
}
