//! The engine from outside: what `statement` and `objects` rely on.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int16Array,
    Int64Array, StringArray, StructArray, Time64NanosecondArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Int64Type, TimeUnit};

use super::*;
use crate::error::ErrorCode;

pub(super) fn options(database: Option<&Path>) -> Options {
    Options {
        database: database.map(Path::to_path_buf),
        temp_directory: std::env::temp_dir().join("snowglobe-engine-tests"),
        readable_directories: vec![],
        memory_limit: None,
        threads: Some(2),
        concurrent_statements: 4,
    }
}

pub(super) fn engine(natives: &[native::Native]) -> Engine {
    Engine::open(&options(None), natives).unwrap()
}

/// The one value of a query that gives one VARCHAR (or BOOLEAN, as text).
pub(super) fn text(connection: &mut Connection, sql: &str) -> String {
    let batches: Vec<_> = connection.query(sql).unwrap().map(Result::unwrap).collect();
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

fn integer(connection: &mut Connection, sql: &str) -> i64 {
    let batches: Vec<_> = connection.query(sql).unwrap().map(Result::unwrap).collect();
    batches[0].column(0).as_primitive::<Int64Type>().value(0)
}

#[test]
fn physical_types_arrive_as_arrow() {
    let engine = engine(&[]);
    let mut connection = engine.connect().unwrap();
    let sql = "select 1::bigint, 1.5::decimal(38,2), 'a', '\\x01'::blob, true, date '2024-01-05', '12:00:00'::time_ns,
               timestamp '2024-01-05 12:00:00', {utc: timestamp '2024-01-05', \"offset\": 60::smallint}, 1e0";
    let described = connection.describe(sql).unwrap();
    let rows = connection.query(sql).unwrap();
    assert_eq!(rows.schema(), &described);
    let types: Vec<_> = rows
        .schema()
        .fields()
        .iter()
        .map(|field| field.data_type().clone())
        .collect();
    let timestamp = DataType::Timestamp(TimeUnit::Microsecond, None);
    let zoned = vec![
        Field::new("utc", timestamp.clone(), true),
        Field::new("offset", DataType::Int16, true),
    ];
    assert_eq!(
        types,
        [
            DataType::Int64,
            DataType::Decimal128(38, 2),
            DataType::Utf8,
            DataType::Binary,
            DataType::Boolean,
            DataType::Date32,
            DataType::Time64(TimeUnit::Nanosecond),
            timestamp,
            DataType::Struct(zoned.into()),
            DataType::Float64,
        ]
    );
    let batches: Vec<_> = rows.map(Result::unwrap).collect();
    assert_eq!(batches.len(), 1);
}

#[test]
fn rows_stream_and_may_be_left() {
    let engine = engine(&[]);
    let mut connection = engine.connect().unwrap();
    let mut rows = connection.query("select * from range(1000000000)").unwrap();
    assert_eq!(rows.next().unwrap().unwrap().num_rows(), 2048);
    drop(rows);
    assert_eq!(
        integer(&mut connection, "select count(*) from range(5000)"),
        5000
    );
    // An error behind the first rows.
    let mut rows = connection
        .query("select case when range = 900000 then 1 / (range - range)::bigint end from range(1000000)")
        .unwrap();
    let error = rows.find_map(Result::err).unwrap();
    assert_eq!(error.code(), ErrorCode::DivisionByZero);
    assert!(rows.next().is_none());
    // RETURNING is not streamed, and written whether it is read or not.
    connection.execute("create table t(a bigint)").unwrap();
    drop(
        connection
            .query("insert into t select range from range(5000) returning a")
            .unwrap(),
    );
    assert_eq!(integer(&mut connection, "select count(*) from t"), 5000);
    // No rows, but columns.
    let rows = connection.query("select a from t where false").unwrap();
    assert_eq!(rows.schema().field(0).data_type(), &DataType::Int64);
    assert_eq!(rows.count(), 0);
}

#[test]
fn execute_counts_changed_rows() {
    let engine = engine(&[]);
    let mut connection = engine.connect().unwrap();
    assert_eq!(
        connection
            .execute("create table t(a bigint); insert into t values (1), (2), (3)")
            .unwrap(),
        3
    );
    for _ in 0..2 {
        assert_eq!(
            connection
                .execute("update t set a = a + 1 where a > 1")
                .unwrap(),
            2
        );
    }
    assert_eq!(
        connection
            .execute("create table u as select * from t")
            .unwrap(),
        3
    );
    assert_eq!(connection.execute("delete from t").unwrap(), 3);
    assert_eq!(connection.execute("").unwrap(), 0);
    assert_eq!(connection.execute("-- nothing\n;").unwrap(), 0);
}

#[test]
fn kept_statements_follow_ddl_of_others() {
    let engine = engine(&[]);
    let (mut one, mut other) = (engine.connect().unwrap(), engine.connect().unwrap());
    other
        .execute("create table t(a bigint); insert into t values (7)")
        .unwrap();
    let sql = "select * from t";
    let columns = |connection: &mut Connection| {
        let rows = connection.query(sql).unwrap();
        let schema = Arc::clone(rows.schema());
        rows.for_each(|batch| assert_eq!(batch.unwrap().schema(), schema));
        schema.fields().len()
    };
    assert_eq!(columns(&mut one), 1);
    other
        .execute("alter table t add column b varchar default 'x'")
        .unwrap();
    assert_eq!(columns(&mut one), 2);
    other.execute("alter table t alter a type varchar").unwrap();
    assert_eq!(text(&mut one, sql), "7");
    other.execute("drop table t").unwrap();
    assert!(one.query(sql).is_err());
    assert!(one.query(sql).is_err());
    other
        .execute("create table t(c boolean); insert into t values (true)")
        .unwrap();
    assert_eq!(text(&mut one, sql), "true");
    for number in 0..200 {
        assert_eq!(
            integer(&mut one, &format!("select {number}::bigint from t")),
            number
        );
    }
    // Unknown names are found before anything runs, also by a transaction, which goes on.
    one.begin().unwrap();
    assert!(one.describe("select nothing from t").is_err());
    assert!(one.in_transaction());
    one.execute("insert into t values (false)").unwrap();
    one.commit().unwrap();
    assert_eq!(integer(&mut other, "select count(*) from t"), 2);
}

#[test]
fn errors_are_snowflakes() {
    use ErrorCode::*;
    let engine = engine(&[]);
    let mut connection = engine.connect().unwrap();
    connection
        .execute("create table t(a bigint not null, b decimal(5,2))")
        .unwrap();
    let wide = "99999999999999999999999999999999999999::decimal(38,0)";
    for (sql, code, message) in [
        (
            "select 1 / 0".to_owned(),
            DivisionByZero,
            "Division by zero",
        ),
        (
            "select 1 % 0".to_owned(),
            DivisionByZero,
            "Division by zero",
        ),
        (
            "select 1 // x from (values (0)) t(x)".to_owned(),
            DivisionByZero,
            "Division by zero",
        ),
        (
            "select 1.5::decimal(38,1) % x from (values (0::decimal(38,0))) t(x)".to_owned(),
            DivisionByZero,
            "Division by zero",
        ),
        (
            "select 'abc'::bigint".to_owned(),
            NumberNotRecognized,
            "Numeric value 'abc' is not recognized",
        ),
        (
            "select x::decimal(10,2) from (values ('a\"b''c to d')) t(x)".to_owned(),
            NumberNotRecognized,
            "Numeric value 'a\"b'c to d' is not recognized",
        ),
        (
            "select x::bigint from (values ('it''s')) t(x)".to_owned(),
            NumberNotRecognized,
            "Numeric value 'it's' is not recognized",
        ),
        (
            "select 'abc'::double".to_owned(),
            NumberNotRecognized,
            "Numeric value 'abc' is not recognized",
        ),
        (
            "select ''::double".to_owned(),
            NumberNotRecognized,
            "Numeric value '' is not recognized",
        ),
        (
            "select '123456789'::decimal(5,2)".to_owned(),
            NumberOutOfRange,
            "Numeric value '123456789' is out of range",
        ),
        (
            "select '99999999999999999999'::bigint".to_owned(),
            NumberOutOfRange,
            "Numeric value '99999999999999999999' is out of range",
        ),
        (
            "select 12345678::decimal(5,2)".to_owned(),
            NumberOutOfRange,
            "Numeric value '12345678' is out of range",
        ),
        (
            "select 123456.5::decimal(10,2)::decimal(5,2)".to_owned(),
            NumberOutOfRange,
            "Numeric value '123456.50' is out of range",
        ),
        (
            "select 1e300::double::bigint".to_owned(),
            NumberOutOfRange,
            "Numeric value '1e+300' is out of range",
        ),
        (
            "select x::bigint from (values (99999999999999999999::decimal(38,0))) t(x)".to_owned(),
            NumberOutOfRange,
            "Numeric value '99999999999999999999' is out of range",
        ),
        (
            "insert into t values (1, 12345)".to_owned(),
            NumberOutOfRange,
            "Numeric value '12345' is out of range",
        ),
        (
            "select 9223372036854775807::bigint + 1::bigint".to_owned(),
            NumberNotRepresentable,
            "Number out of representable range: type FIXED[SB16](38,0), value 9.223372036854776e18",
        ),
        (
            format!("select {wide} * 10::decimal(38,0)"),
            NumberNotRepresentable,
            "Number out of representable range: type FIXED[SB16](38,0), value 1e39",
        ),
        (
            format!("select {wide} + {wide}"),
            NumberNotRepresentable,
            "Number out of representable range: type FIXED[SB16](38,0), value 2e38",
        ),
        (
            format!("select sum(x) from (values ({wide}), (1)) t(x)"),
            NumberNotRepresentable,
            "Number out of representable range: type FIXED[SB16](38,0), value out of range",
        ),
        (
            "select 'x'::date".to_owned(),
            DateNotRecognized,
            "Date 'x' is not recognized",
        ),
        (
            "select '2024-02-30'::date".to_owned(),
            DateNotRecognized,
            "Date '2024-02-30' is not recognized",
        ),
        (
            "select 'it''s \"so\"'::timestamp".to_owned(),
            TimestampNotRecognized,
            "Timestamp 'it's \"so\"' is not recognized",
        ),
        (
            "select 'x'::time_ns".to_owned(),
            TimeNotRecognized,
            "Time 'x' is not recognized",
        ),
        (
            "select 'x'::boolean".to_owned(),
            BooleanNotRecognized,
            "Boolean value 'x' is not recognized",
        ),
        (
            "insert into t values (null, 1)".to_owned(),
            NullInNonNullableColumn,
            "NULL result in a non-nullable column",
        ),
    ] {
        let error = connection.execute(&sql).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(
            (error.code(), error.message()),
            (code, message),
            "{sql}: {source:?}"
        );
        // The same through the streaming path.
        let error = match connection.query(&sql) {
            Ok(rows) => rows.last().unwrap().unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.code(), code, "{sql}");
        let failure = match code {
            DivisionByZero | NullInNonNullableColumn => Failure::Other,
            _ => Failure::OutOfRange,
        };
        assert_eq!(connection.failure(), Some(failure), "{sql}");
    }
    for sql in [
        "select nothing",
        "selec 1",
        "select * from nowhere",
        "select error('secret')",
        "select unknown(1)",
        "select 1; select",
    ] {
        let error = connection.execute(sql).unwrap_err();
        assert_eq!(error.code(), Internal, "{sql}");
        assert!(
            error
                .to_string()
                .starts_with("SQL execution internal error:\nProcessing aborted")
        );
    }
}

#[test]
fn transactions_conflict_and_abort_recognisably() {
    let engine = engine(&[]);
    let (mut one, mut other) = (engine.connect().unwrap(), engine.connect().unwrap());
    one.execute("create table t(a bigint); insert into t values (1)")
        .unwrap();
    one.begin().unwrap();
    other.begin().unwrap();
    one.execute("update t set a = 2").unwrap();
    other.execute("update t set a = 3").unwrap_err();
    assert_eq!(other.failure(), Some(Failure::Conflict));
    other.execute("select 1").unwrap_err();
    assert_eq!(other.failure(), Some(Failure::TransactionAborted));
    assert!(other.in_transaction());
    other.rollback().unwrap();
    assert!(!other.in_transaction());
    one.commit().unwrap();
    // Altered meanwhile: found at COMMIT.
    one.begin().unwrap();
    one.execute("insert into t values (5)").unwrap();
    other.execute("alter table t add column b bigint").unwrap();
    one.commit().unwrap_err();
    assert_eq!(one.failure(), Some(Failure::Conflict));
    assert!(!one.in_transaction());
    assert_eq!(integer(&mut one, "select max(a) from t"), 2);
    one.begin().unwrap();
    one.execute("create table u(a bigint)").unwrap();
    other.execute("create table u(a bigint)").unwrap_err();
    assert_eq!(other.failure(), Some(Failure::Conflict));
    one.rollback().unwrap();
    // COMMIT of an aborted transaction is refused; of one with a binding error, done.
    one.begin().unwrap();
    one.execute("insert into t values (8, 8)").unwrap();
    one.execute("select 'x'::bigint").unwrap_err();
    one.commit().unwrap_err();
    assert_eq!(one.failure(), Some(Failure::TransactionAborted));
    assert!(one.in_transaction());
    one.rollback().unwrap();
    one.begin().unwrap();
    one.execute("insert into t values (9, 9)").unwrap();
    one.execute("select nothing").unwrap_err();
    one.commit().unwrap();
    assert_eq!(integer(&mut one, "select max(a) from t"), 9);
}

#[test]
fn interrupts_and_time_limits_stop_statements() {
    let engine = engine(&[]);
    let mut connection = engine.connect().unwrap();
    let endless =
        "select count(*) from range(1000000) a, range(1000000) b where (a.range * b.range) % 7 = 3";
    let handle = connection.interrupt_handle();
    handle.interrupt(); // Nothing runs: no effect on what comes.
    assert_eq!(
        integer(&mut connection, "select count(*) from range(10)"),
        10
    );

    let stopper = {
        let handle = handle.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            handle.interrupt();
        })
    };
    let started = Instant::now();
    let error = match connection.query(endless) {
        Ok(mut rows) => rows.next().unwrap().unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.code(), ErrorCode::Canceled);
    assert_eq!(connection.failure(), Some(Failure::Interrupted));
    assert!(started.elapsed() < Duration::from_secs(5));
    stopper.join().unwrap();
    assert_eq!(
        integer(&mut connection, "select count(*) from range(10)"),
        10
    );

    connection
        .set_time_limit(Some(Duration::from_secs(1)))
        .unwrap();
    let error = connection.execute(endless).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Statement reached its statement or warehouse timeout of 1 second(s) and was canceled."
    );
    assert_eq!(connection.failure(), Some(Failure::TimedOut));
    let mut second = engine.connect().unwrap();
    assert_eq!(
        text(
            &mut second,
            "select current_setting('max_execution_time')::varchar"
        ),
        "0"
    );
    connection.set_time_limit(None).unwrap();
    assert_eq!(
        text(
            &mut connection,
            "select current_setting('max_execution_time')::varchar"
        ),
        "0"
    );

    drop(connection);
    handle.interrupt();
}

#[test]
fn connections_move_between_the_engines_threads() {
    let engine = engine(&[]);
    let (send, receive) = std::sync::mpsc::channel();
    for number in 0..20 {
        let mut connection = engine.connect().unwrap();
        let send = send.clone();
        engine.spawn(move || {
            let sum = integer(
                &mut connection,
                &format!("select sum(range + {number})::bigint from range(1000)"),
            );
            send.send((number, sum, connection)).unwrap();
        });
    }
    for _ in 0..20 {
        let (number, sum, mut connection) = receive.recv().unwrap();
        assert_eq!(sum, 499_500 + 1000 * number);
        assert_eq!(integer(&mut connection, "select 1::bigint"), 1);
    }
    while engine.load()
        != (Load {
            running: 0,
            queued: 0,
        })
    {
        std::thread::yield_now();
    }
}

#[test]
fn sql_reaches_no_file_of_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret.csv");
    std::fs::write(&secret, "a,b\n1,2\n").unwrap();
    let secret = secret.to_str().unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let file = folder.path().join("data/db.duckdb");
    let mut options = options(Some(&file));
    options.temp_directory = folder.path().join("temp");
    let temp = options.temp_directory.join("x.csv");
    let engine = Engine::open(&options, &[]).unwrap();
    engine.connect().unwrap();
    let mut connection = engine.connect().unwrap();
    connection.execute(&database::preamble()).unwrap();
    connection
        .execute("set max_execution_time = 60000; create table t(a bigint)")
        .unwrap();
    for sql in [
        format!("select * from read_text('{secret}')"),
        format!("select * from read_blob('{secret}')"),
        format!("select * from read_csv('{secret}')"),
        format!("select * from read_json('{secret}')"),
        format!("select * from read_parquet('{secret}')"),
        format!("select * from sniff_csv('{secret}')"),
        format!("select * from '{secret}'"),
        format!("create view v as select * from read_csv('{secret}')"),
        format!("select * from query('select * from read_text(''{secret}'')')"),
        format!("copy t from '{secret}'"),
        format!("copy t to '{out}.csv'"),
        format!("copy t to '{out}.parquet' (format parquet)"),
        format!("export database '{out}'"),
        format!("import database '{}'", folder.path().display()),
        format!("attach '{out}.db'"),
        format!("attach '{out}.db' as x (readonly)"),
        "install icu".to_owned(),
        "load icu".to_owned(),
        format!("load '{out}.duckdb_extension'"),
        "set enable_external_access = true".to_owned(),
        "set lock_configuration = false".to_owned(),
        "reset lock_configuration".to_owned(),
        "set allowed_configs = ['threads']".to_owned(),
        format!("set allowed_directories = ['{}']", folder.path().display()),
        format!("set allowed_paths = ['{secret}']"),
        format!("set temp_directory = '{out}'"),
        format!("set global temp_directory = '{out}'"),
        format!("set home_directory = '{out}'"),
        format!("set secret_directory = '{out}'"),
        format!("set extension_directory = '{out}'"),
        "set threads = 1".to_owned(),
        "set memory_limit = '1TB'".to_owned(),
        format!("set log_query_path = '{out}.log'"),
        format!("set profiling_output = '{out}.json'"),
        format!("pragma enable_profiling; pragma profiling_output = '{out}.json'"),
        format!("call enable_logging(storage = 'file', storage_path = '{out}')"),
        "create persistent secret s (type s3)".to_owned(),
    ] {
        let error = connection.execute(&sql).expect_err(&sql);
        let source = std::error::Error::source(&error).unwrap().to_string();
        let refused = ["Permission", "has been locked"];
        assert!(
            refused.iter().any(|words| source.contains(words)),
            "{sql}: {source}"
        );
    }
    // Searching for files finds none; asking for them either.
    for sql in [
        format!("select count(*) from glob('{}/*')", folder.path().display()),
        "select count(*) from duckdb_secrets()".to_owned(),
    ] {
        let found = connection.query(&sql).map(|rows| {
            rows.map(|batch| {
                batch.map(|batch| batch.column(0).as_primitive::<Int64Type>().value(0))
            })
            .collect::<Vec<_>>()
        });
        assert!(
            !matches!(&found, Ok(counts) if counts.iter().any(|count| !matches!(count, Ok(0) | Err(_)))),
            "{sql}: {found:?}"
        );
    }
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("out"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    // Known difference: DuckDB leaves its own files open to SQL. So keep nothing of ours in the temporary folder, and let
    // no file function be called (`lower` writes none).
    connection
        .execute(&format!("copy t to '{}'", temp.display()))
        .unwrap();
    connection
        .execute(&format!("select * from read_blob('{}')", file.display()))
        .unwrap();
    connection
        .execute(&format!("copy t to '{}'", file.display()))
        .unwrap_err();
    // The database itself still works.
    connection
        .execute("insert into t select range from range(100000); checkpoint")
        .unwrap();
}

#[test]
fn a_small_memory_limit_spills() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(None);
    options.temp_directory = folder.path().join("temp");
    options.memory_limit = Some(100 << 20);
    let engine = Engine::open(&options, &[]).unwrap();
    let mut connection = engine.connect().unwrap();
    assert_eq!(
        integer(
            &mut connection,
            "select count(*) from (select range || 'a text of some length' as s from range(5000000) order by hash(range))"
        ),
        5_000_000
    );
    let rows = connection
        .query(
            "select range || 'a text of some length' as s from range(5000000) order by hash(range)",
        )
        .unwrap();
    assert_eq!(
        rows.map(|batch| batch.unwrap().num_rows()).sum::<usize>(),
        5_000_000
    );
}

#[test]
fn data_survive_and_the_file_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/er/snowglobe.duckdb");
    let started = Instant::now();
    let engine = Engine::open(&options(Some(&file)), &[]).unwrap();
    println!("open a new file: {:?}", started.elapsed());
    let mut connection = engine.connect().unwrap();
    connection
        .execute("create table t(t time_ns, z struct(utc timestamp, \"offset\" smallint), d decimal(38,10)); insert into t values ('12:34:56.123456789', {utc: timestamp '2024-01-01', \"offset\": 60}, 1.5)")
        .unwrap();

    // A second process: this test binary, asked to open the same file.
    let program = std::env::current_exe().unwrap();
    let output = std::process::Command::new(program)
        .args([
            "--exact",
            "engine::tests::opened_by_another_process",
            "--ignored",
            "--nocapture",
        ])
        .env("SNOWGLOBE_TEST_DATABASE", &file)
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    let expected = format!(
        "The database {} is in use by process {}. Stop that one, or choose another data directory.",
        file.display(),
        std::process::id()
    );
    assert!(output.contains(&expected), "{output}");

    drop(connection);
    drop(engine);
    let started = Instant::now();
    let engine = Engine::open(&options(Some(&file)), &[]).unwrap();
    println!("open it again: {:?}", started.elapsed());
    let mut connection = engine.connect().unwrap();
    assert_eq!(
        text(&mut connection, "select t::varchar from t"),
        "12:34:56.123456789"
    );
}

/// The other process of `data_survive_and_the_file_is_locked`.
#[test]
#[ignore = "runs in a process of its own"]
fn opened_by_another_process() {
    if let Some(file) = std::env::var_os("SNOWGLOBE_TEST_DATABASE") {
        println!(
            "{}",
            Engine::open(&options(Some(Path::new(&file))), &[])
                .err()
                .unwrap()
        );
    }
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.duckdb");
    std::fs::write(
        &file,
        "something else entirely, long enough to be read".repeat(1000),
    )
    .unwrap();
    let error = Engine::open(&options(Some(&file)), &[]).err().unwrap();
    assert!(
        error.to_string().contains(file.to_str().unwrap()),
        "{error}"
    );
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap()
}

#[test]
fn appends_every_physical_type() {
    let engine = engine(&[]);
    let mut connection = engine.connect().unwrap();
    connection
        .execute("create schema s; create table s.t(i bigint not null, d decimal(10,2), v varchar, b blob, f double, o boolean, dt date, tm time_ns, ts timestamp, z struct(utc timestamp, \"offset\" smallint), extra varchar default 'def')")
        .unwrap();
    let rows = 5000_usize;
    let zoned = StructArray::from(vec![
        (
            Arc::new(Field::new(
                "utc",
                DataType::Timestamp(TimeUnit::Microsecond, None),
                true,
            )),
            Arc::new(TimestampMicrosecondArray::from_iter_values(
                (0..rows as i64).map(|n| n * 1_000_000),
            )) as ArrayRef,
        ),
        (
            Arc::new(Field::new("offset", DataType::Int16, true)),
            Arc::new(Int16Array::from_iter_values((0..rows).map(|_| 60))) as ArrayRef,
        ),
    ]);
    let every_third = |n: usize| (!n.is_multiple_of(3)).then_some(n);
    let data = batch(vec![
        // Decimals for a BIGINT column are narrowed.
        (
            "i",
            Arc::new(
                Decimal128Array::from_iter_values(0..rows as i128)
                    .with_precision_and_scale(38, 0)
                    .unwrap(),
            ) as ArrayRef,
        ),
        (
            "d",
            Arc::new(
                Decimal128Array::from_iter(
                    (0..rows).map(|n| every_third(n).map(|n| n as i128 * 100)),
                )
                .with_precision_and_scale(10, 2)
                .unwrap(),
            ),
        ),
        (
            "v",
            Arc::new(StringArray::from_iter(
                (0..rows).map(|n| every_third(n).map(|n| format!("text number {n} é"))),
            )),
        ),
        (
            "b",
            Arc::new(arrow::array::BinaryArray::from_iter(
                (0..rows).map(|n| every_third(n).map(|n| n.to_le_bytes())),
            )),
        ),
        (
            "f",
            Arc::new(Float64Array::from_iter(
                (0..rows).map(|n| every_third(n).map(|n| n as f64 / 2.0)),
            )),
        ),
        (
            "o",
            Arc::new(BooleanArray::from_iter(
                (0..rows).map(|n| every_third(n).map(|n| n % 2 == 0)),
            )),
        ),
        (
            "dt",
            Arc::new(Date32Array::from_iter(
                (0..rows).map(|n| every_third(n).map(|n| n as i32)),
            )),
        ),
        (
            "tm",
            Arc::new(Time64NanosecondArray::from_iter(
                (0..rows).map(|n| every_third(n).map(|n| n as i64)),
            )),
        ),
        (
            "ts",
            Arc::new(TimestampMicrosecondArray::from_iter(
                (0..rows).map(|n| every_third(n).map(|n| n as i64)),
            )),
        ),
        ("z", Arc::new(zoned)),
    ]);
    // A slice: offsets are respected.
    assert_eq!(
        connection
            .append("s", "t", &data.slice(1, rows - 1))
            .unwrap(),
        rows as u64 - 1
    );
    assert_eq!(
        text(
            &mut connection,
            "select concat_ws('|', count(*), count(d), sum(i), sum(d), min(v), sum(f), count(*) filter (o), max(dt), max(tm), max(ts), max(z.utc), max(extra), hex(max(b))) from s.t"
        ),
        "4999|3333|12497500|8331667.00|text number 1 é|4165833.5|1666|1983-09-09|00:00:00.000004999|1970-01-01 00:00:00.004999|1970-01-01 01:23:19|def|FF11000000000000"
    );

    // All or nothing, and recognisably.
    let one = |name: &'static str, value: i128| {
        let column = Decimal128Array::from(vec![0, value])
            .with_precision_and_scale(38, 0)
            .unwrap();
        batch(vec![(name, Arc::new(column) as ArrayRef)])
    };
    let error = connection.append("s", "t", &one("i", 1 << 70)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Numeric value '1180591620717411303424' is out of range"
    );
    assert_eq!(connection.failure(), Some(Failure::WiderThanColumn));
    let nulls = batch(vec![(
        "i",
        Arc::new(Int64Array::from(vec![Some(1), None])) as ArrayRef,
    )]);
    let error = connection.append("s", "t", &nulls).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NullInNonNullableColumn);
    assert!(connection.append("s", "t", &one("nothing", 1)).is_err());
    assert!(connection.append("s", "nothing", &one("i", 1)).is_err());
    assert_eq!(integer(&mut connection, "select count(*) from s.t"), 4999);

    connection.begin().unwrap();
    connection.append("s", "t", &one("i", 1)).unwrap();
    connection.rollback().unwrap();
    assert_eq!(integer(&mut connection, "select count(*) from s.t"), 4999);
    connection.append("s", "t", &one("i", 1)).unwrap();
    assert_eq!(integer(&mut connection, "select count(*) from s.t"), 5001);

    // Beyond the appender's own flush of 204,800 rows it is still one transaction.
    let many = batch(vec![(
        "i",
        Arc::new(Int64Array::from_iter(
            (0..500_000).map(|n| (n != 499_999).then_some(n)),
        )) as ArrayRef,
    )]);
    connection.append("s", "t", &many).unwrap_err();
    assert_eq!(integer(&mut connection, "select count(*) from s.t"), 5001);
    connection
        .append("s", "t", &many.slice(0, 499_999))
        .unwrap();
    assert_eq!(
        integer(&mut connection, "select count(*) from s.t"),
        505_000
    );
    connection.append("s", "t", &many.slice(0, 0)).unwrap();
}

#[test]
fn statements_run_over_batches() {
    let engine = engine(&[]);
    let mut connection = engine.connect().unwrap();
    connection
        .execute("create table t(a bigint, b varchar)")
        .unwrap();
    let data = batch(vec![
        (
            "1",
            Arc::new(StringArray::from_iter_values(
                (0..300_000).map(|n| n.to_string()),
            )) as ArrayRef,
        ),
        (
            "2",
            Arc::new(StringArray::from_iter_values(
                (0..300_000).map(|n| format!("x{n}")),
            )),
        ),
    ]);
    connection
        .execute_over(
            "insert into t select \"1\"::bigint, upper(\"2\") from rows",
            &data,
        )
        .unwrap();
    assert_eq!(
        text(&mut connection, "select count(*) || max(b) from t"),
        "300000X99999"
    );
    connection
        .execute_over(
            "delete from t using rows where a = \"1\"::bigint and a >= 10",
            &data,
        )
        .unwrap();
    assert_eq!(integer(&mut connection, "select count(*) from t"), 10);
    let error = connection
        .execute_over("insert into t select \"2\"::bigint, null from rows", &data)
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::NumberNotRecognized);
    assert_eq!(integer(&mut connection, "select count(*) from t"), 10);
}

#[test]
fn one_process_opens_a_file_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.duckdb");
    let engine = Engine::open(&options(Some(&file)), &[]).unwrap();
    let connection = engine.connect().unwrap();
    let error = Engine::open(&options(Some(&file)), &[]).err().unwrap();
    assert!(
        error.to_string().contains("is in use by this process"),
        "{error}"
    );
    drop(engine);
    Engine::open(
        &options(Some(
            &folder
                .path()
                .join("../")
                .join(folder.path().file_name().unwrap())
                .join("x.duckdb"),
        )),
        &[],
    )
    .err()
    .unwrap();
    drop(connection);
    Engine::open(&options(Some(&file)), &[]).unwrap();
}

#[test]
fn handles_cross_threads() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Engine>();
    shared::<InterruptHandle>();
    sent::<Connection>();
    sent::<Rows<'_>>();
}
