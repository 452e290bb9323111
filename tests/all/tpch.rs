//! TPC-H: the 22 queries over the generator's rows answer what DuckDB answers to the same text over the same rows, in the
//! types of Snowflake's rules.

#[path = "../../benches/tpch/data.rs"]
#[allow(dead_code)] // what the benchmark alone uses
mod data;

use crate::client::{Answer, Client, TestServer};

/// Columns of each query that are no plain columns of a table: their types by the rules of SUM, AVG, COUNT and operators
/// over NUMBER(12,2) and NUMBER(38,0). Source: Snowflake, "Arithmetic operators"; SUM and AVG as recorded.
const COMPUTED: &[(usize, &str, &str)] = &[
    (1, "SUM_QTY", "NUMBER(24,2)"),
    (1, "SUM_DISC_PRICE", "NUMBER(37,4)"),
    (1, "SUM_CHARGE", "NUMBER(38,6)"),
    (1, "AVG_QTY", "NUMBER(30,8)"),
    (1, "COUNT_ORDER", "NUMBER(18,0)"),
    (3, "REVENUE", "NUMBER(37,4)"),
    (6, "REVENUE", "NUMBER(36,4)"),
    (7, "L_YEAR", "NUMBER(4,0)"),
    (8, "MKT_SHARE", "NUMBER(38,10)"),
    (9, "SUM_PROFIT", "NUMBER(38,4)"),
    (11, "VALUE", "NUMBER(38,2)"),
    (12, "HIGH_LINE_COUNT", "NUMBER(13,0)"),
    (13, "C_COUNT", "NUMBER(18,0)"),
    (14, "PROMO_REVENUE", "NUMBER(38,12)"),
    (17, "AVG_YEARLY", "NUMBER(31,8)"),
    (22, "TOTACCTBAL", "NUMBER(24,2)"),
];

#[test]
fn tpch_queries_answer_as_duckdb_does() {
    const SCALE: f64 = 0.01;
    let folder = tempfile::tempdir().unwrap();
    let duckdb = duckdb::Connection::open_in_memory().unwrap();
    let server = TestServer::start();
    let mut session = server.session();
    for table in &data::TABLES {
        table.load(&duckdb, SCALE, folder.path());
        answered(session.run(&table.definition(data::SNOWFLAKE)));
        table.inserts(SCALE, 5_000, &mut |insert| {
            answered(session.run(insert));
        });
    }
    for (number, sql) in data::queries() {
        let (columns, rows) = answered(session.run(sql));
        let expected = duckdb_rows(&duckdb, sql);
        assert_eq!(rows.len(), expected.len(), "Q{number}");
        for (row, other) in rows.iter().zip(&expected) {
            let equal = row.iter().zip(other).all(|(a, b)| same(a, b));
            assert!(equal, "Q{number}: {row:?} for {other:?}");
        }
        for (_, name, ty) in COMPUTED.iter().filter(|(of, ..)| *of == number) {
            let column = columns.iter().find(|(column, _)| column == name);
            assert_eq!(
                column.map(|(_, ty)| ty.as_str()),
                Some(*ty),
                "Q{number} {name}"
            );
        }
    }
}

type Rows = Vec<Vec<Option<String>>>;

fn answered(answer: Answer) -> (Vec<(String, String)>, Rows) {
    match answer {
        Answer::Rows { columns, rows } => {
            let columns = columns.into_iter().map(|c| (c.name, c.type_name));
            (columns.collect(), rows)
        }
        Answer::Error { text, .. } => panic!("{text}"),
    }
}

fn duckdb_rows(duckdb: &duckdb::Connection, sql: &str) -> Rows {
    // Dates as the wire has them: days since 1970-01-01.
    let sql = format!(
        "SELECT CASE WHEN typeof(COLUMNS(*)) = 'DATE' THEN CAST(TRY_CAST(CAST(COLUMNS(*) AS VARCHAR) AS DATE) - DATE \
         '1970-01-01' AS VARCHAR) ELSE CAST(COLUMNS(*) AS VARCHAR) END FROM ({sql}) AS q"
    );
    let mut statement = duckdb.prepare(&sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let width = row.as_ref().column_count();
        all.push((0..width).map(|index| row.get(index).unwrap()).collect());
    }
    all
}

/// Equal as text, or as numbers up to what DOUBLE and Snowflake's scales lose: DuckDB's AVG and `/` are DOUBLE.
fn same(left: &Option<String>, right: &Option<String>) -> bool {
    let (Some(left), Some(right)) = (left, right) else {
        return left == right;
    };
    match (left.parse::<f64>(), right.parse::<f64>()) {
        _ if left == right => true,
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-6_f64.max(a.abs() * 1e-12),
        _ => false,
    }
}
