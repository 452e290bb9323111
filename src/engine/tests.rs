use super::*;

pub(super) fn engine(natives: &[native::Native]) -> Engine {
    let temp = std::env::temp_dir().join("snowglobe-engine-tests");
    let options = Options {
        database: None,
        temp_directory: temp,
        memory_limit: None,
        threads: Some(2),
        concurrent_statements: 4,
    };
    Engine::open(&options, natives).unwrap()
}

/// The one value of a query that gives one VARCHAR (or BOOLEAN, as text).
pub(super) fn text(connection: &mut Connection, sql: &str) -> String {
    use arrow::array::{Array, AsArray};
    let batches: Vec<_> = connection.query(sql).unwrap().map(|b| b.unwrap()).collect();
    assert_eq!(batches.len(), 1, "{sql}");
    let column = batches[0].column(0);
    if column.is_null(0) {
        return "NULL".to_owned();
    }
    match column.as_string_opt::<i32>() {
        Some(column) => column.value(0).to_owned(),
        None => column.as_boolean().value(0).to_string(),
    }
}

#[test]
#[ignore]
fn explore() {
    let engine = engine(&[]);
    let mut c = engine.connect().unwrap();
    let rows = c.query("select name, value, scope from duckdb_settings() where name in ('errors_as_json','ieee_floating_point_ops','default_null_order','default_transaction_invalidation_policy','temp_directory','lock_configuration','allowed_configs')").unwrap();
    for b in rows { println!("{:?}", b.unwrap()); }
    c.execute("create table t(a bigint, d decimal(10,2) not null)").unwrap();
    for sql in [
        "select 1/0", "select 1%0", "select 1::bigint//0", "select 1.5::decimal(3,1)%0", "select 'abc'::int", "select 'abc'::decimal(10,2)", "select '99999999999999999999'::bigint",
        "select '123456789'::decimal(5,2)", "select 12345678::decimal(5,2)", "select 123456.5::decimal(10,2)::decimal(5,2)", "select 1e300::double::bigint", "select 1e300::decimal(38,0)", "select 9223372036854775807::bigint+1::bigint",
        "select 99999999999999999999999999999999999999::decimal(38,0)*10::decimal(38,0)", "select 99999999999999999999999999999999999999::decimal(38,0)+1::decimal(38,0)","select sum(x) from (values (99999999999999999999999999999999999999::decimal(38,0)), (1::decimal(38,0))) v(x)",
        "select 'x'::date", "select 'x'::timestamp", "select 'x'::time_ns", "select 'x'::boolean", "select 'x'::double",
        "insert into t values (1, null)", "insert into t values (99999999999999999999::hugeint, 1)", "insert into t values ('99999999999999999999', 1)", "select cast(99999999999999999999::decimal(38,0) as bigint)", "select cast(x as bigint) from (values (99999999999999999999::decimal(38,0))) t(x)",
        "select 300::tinyint", "select sqrt(-1)", "select ln(0)", "select 1e308::double*10", "select x from t", "select from", "select error('boo')", "select (select * from range(2))", "select -x from (values (-9223372036854775808::bigint)) t(x)", "select exp(1000)", "select '2024-02-30'::date", "select 'abc'::blob::varchar, '\\xg'::blob",
        "select read_text('/etc/passwd')", "select * from read_text('/etc/passwd')", "select * from '/etc/passwd'", "copy t to '/tmp/x.csv'", "attach '/tmp/y.db'", "install icu", "load icu", "set threads=1", "set max_execution_time=1000", "select 1; select 2", "create unique index i on t(a); insert into t values (1,1),(1,2)", "select 'a'::integer[]",
    ] {
        match c.execute(sql) { Ok(n) => println!("{sql}  => ok {n}"), Err(e) => println!("{sql}  =>  {}", std::error::Error::source(&e).map(|s| s.to_string()).unwrap_or(e.to_string())) }
    }
}
