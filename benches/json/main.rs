//! Path access and FLATTEN over JSON documents in VARIANT, through a client, against DuckDB in this process with its JSON type
//! over the same documents.
//!
//! `cargo bench --bench json`. `SNOWGLOBE_DOCUMENTS` (500000), and the variables of the benchmark `tpch`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "../harness/mod.rs"]
mod harness;

use std::fmt::Write as _;

use harness::{Client, Comparison, Folder, Program, Session, setting};

/// What is asked of both: a name, Snowflake's SQL, DuckDB's.
const QUERIES: &[(&str, &str, &str)] = &[
    (
        "sum of a number at a path",
        "select sum(v:user.age::number) from docs",
        "select sum((j->>'$.user.age')::bigint) from docs",
    ),
    (
        "groups of a text at a path",
        "select v:user.address.city::varchar, count(*) from docs group by 1 order by 1",
        "select j->>'$.user.address.city', count(*) from docs group by 1 order by 1",
    ),
    (
        "a:b.c[0]",
        "select max(v:user.tags[0]::varchar), min(v:items[1].sku::varchar) from docs",
        "select max(j->>'$.user.tags[0]'), min(j->>'$.items[1].sku') from docs",
    ),
    (
        "filter by a path",
        "select count(*) from docs where v:active::boolean and v:score::float > 50",
        "select count(*) from docs where (j->>'$.active')::boolean and (j->>'$.score')::double > 50",
    ),
    (
        "several paths of a document",
        "select sum(v:id::number), sum(v:user.age::number), max(v:user.name::varchar), sum(v:score::float)::number \
         from docs",
        "select sum((j->>'$.id')::bigint), sum((j->>'$.user.age')::bigint), max(j->>'$.user.name'), \
         sum((j->>'$.score')::double)::bigint from docs",
    ),
    (
        "FLATTEN, counted",
        "select count(*) from docs, lateral flatten(input => v:items)",
        "select count(*) from (select unnest(json_extract(j, '$.items[*]')) from docs)",
    ),
    (
        "FLATTEN, paths of the elements",
        "select f.value:sku::varchar, sum(f.value:qty::number) from docs, lateral flatten(input => v:items) f \
         group by 1 order by 1 limit 5",
        "select x->>'$.sku', sum((x->>'$.qty')::bigint) \
         from (select unnest(json_extract(j, '$.items[*]')) as x from docs) group by 1 order by 1 limit 5",
    ),
];

fn main() {
    let count: usize = setting("SNOWGLOBE_DOCUMENTS", 500_000);
    let runs: usize = setting("SNOWGLOBE_RUNS", 5);
    let folder = Folder::new(&format!("json-{count}"));
    let file = folder.path.join("duckdb.db");
    let is_new = !file.exists();
    let duckdb = harness::duckdb(&file);
    let program = Program::start(&folder.path);
    if is_new {
        load(&duckdb, &program, count);
    }
    let mut client = Client::connect(&program.http);
    let mut comparisons = Vec::new();
    for (name, ours, theirs) in QUERIES {
        let answer = client.run(ours);
        let expected = harness::duckdb_rows(&duckdb, theirs);
        assert_eq!(answer.rows.len(), expected.len(), "{name}");
        for (row, other) in answer.rows.iter().zip(&expected) {
            let equal = row.iter().zip(other).all(|(a, b)| harness::same(a, b));
            assert!(equal, "{name}: {row:?} for {other:?}");
        }
        comparisons.push(Comparison::measure(
            *name,
            runs,
            &program,
            || client.run(ours).time,
            || harness::run_duckdb(&duckdb, theirs),
        ));
    }
    harness::summary(&comparisons);
}

fn load(duckdb: &duckdb::Connection, program: &Program, count: usize) {
    let session = Session::login(&program.http);
    session.query("create table texts (t varchar)");
    duckdb
        .execute_batch("create table docs (j json); create table texts (t varchar)")
        .unwrap();
    let mut number = 0;
    while number < count {
        let mut insert = String::from("insert into texts values ");
        let end = (number + 10_000).min(count);
        for (index, number) in (number..end).enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(insert, "{comma}('{}')", document(number)).unwrap();
        }
        session.query(&insert);
        duckdb.execute_batch(&insert).unwrap();
        number = end;
    }
    session.query("create table docs as select parse_json(t) as v from texts");
    session.query("drop table texts");
    duckdb
        .execute_batch("insert into docs select t from texts; drop table texts; checkpoint")
        .unwrap();
}

/// A document of some 400 bytes.
fn document(number: usize) -> String {
    let mixed = number.wrapping_mul(2_654_435_761) >> 7;
    let pick = |list: &[&'static str], salt: usize| list[(mixed / (salt + 1)) % list.len()];
    let items: Vec<_> = (0..mixed % 5 + 1)
        .map(|item| {
            format!(
                r#"{{"sku":"SKU-{:04}","qty":{},"price":{}.{:02},"note":"left at the door"}}"#,
                (mixed / (item + 1)) % 1000,
                item + 1,
                (mixed + item) % 100,
                number % 100
            )
        })
        .collect();
    format!(
        r#"{{"id":{number},"active":{},"score":{}.5,"user":{{"name":"{} {}","age":{},"address":{{"city":"{}","zip":"{:05}"}},"tags":["{}","{}"]}},"items":[{}],"created":"2024-{:02}-{:02}T10:00:00Z"}}"#,
        !number.is_multiple_of(3),
        mixed % 100,
        pick(&["Ann", "Ben", "Cleo", "Dan", "Eve"], 1),
        pick(&["Smith", "Jones", "Brown", "Miller"], 2),
        mixed % 80 + 10,
        pick(
            &["Paris", "London", "Berlin", "Madrid", "Rome", "Vienna"],
            3
        ),
        mixed % 100_000,
        pick(&["new", "vip", "trial"], 4),
        pick(&["web", "app", "shop"], 5),
        items.join(","),
        number % 12 + 1,
        number % 28 + 1,
    )
}
