//! Natives through the engine: what users of this module will write, and the ways in which DuckDB calls it.

use std::collections::BTreeMap;

use arrow::array::AsArray;

use super::*;
use crate::engine::tests::{engine, options, text};
use crate::engine::{Connection, Failure};
use crate::error::{Error, ErrorCode};
use crate::types::decimal;

const TEXT: Parameter = Parameter::Exact(PhysicalType::Varchar);
const BIGINT: Parameter = Parameter::Exact(PhysicalType::BigInt);

const fn scalar(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: PhysicalType,
    run: fn(&Arguments<'_>, &mut Output<'_>) -> Result<()>,
) -> ScalarNative {
    ScalarNative {
        name,
        parameters,
        returns,
        nulls: Nulls::Propagate,
        volatile: false,
        run,
    }
}

static UPPER: ScalarNative = scalar(
    "sf_upper",
    &[TEXT],
    PhysicalType::Varchar,
    |arguments, output| arguments.unary(output, |text: &str| Ok(text.to_uppercase())),
);

static TRIM: ScalarNative = scalar(
    "sf_trim",
    &[TEXT],
    PhysicalType::Varchar,
    |arguments, output| {
        fn trim(text: &str) -> Result<&str> {
            Ok(text.trim())
        }
        arguments.unary(output, trim)
    },
);

/// NUMBER / NUMBER in scale 6.
static DIVIDE: ScalarNative = scalar(
    "sf_divide6",
    &[Parameter::AnyNumber, Parameter::AnyNumber],
    PhysicalType::Decimal {
        precision: 38,
        scale: 6,
    },
    |arguments, output| {
        arguments.binary(output, |a: Decimal, b: Decimal| {
            if b.unscaled == 0 {
                return Err(Error::division_by_zero());
            }
            decimal::divide(a.unscaled, a.scale, b.unscaled, b.scale, 6)
                .ok_or_else(|| Error::number_not_representable("FIXED(38,6)", "x"))
        })
    },
);

static ADD: ScalarNative = scalar(
    "sf_add",
    &[BIGINT, BIGINT],
    PhysicalType::BigInt,
    |arguments, output| {
        let (a, b) = (arguments.bigints(0)?, arguments.bigints(1)?);
        for ((slot, a), b) in output.bigints()?.iter_mut().zip(a.values()).zip(b.values()) {
            *slot = a.wrapping_add(*b);
        }
        Ok(())
    },
);

static LENGTH: ScalarNative = scalar(
    "sf_length",
    &[TEXT],
    PhysicalType::BigInt,
    |arguments, output| arguments.unary(output, |text: &str| Ok(text.len() as i64)),
);

static COALESCE: ScalarNative = ScalarNative {
    nulls: Nulls::Passed,
    ..scalar(
        "sf_coalesce",
        &[Parameter::Rest(&TEXT)],
        PhysicalType::Varchar,
        |arguments, output| {
            let columns = (0..arguments.count())
                .map(|argument| arguments.texts(argument))
                .collect::<Result<Vec<_>>>()?;
            arguments.each_row(|row| {
                let first = columns.iter().find_map(|column| column.get(row));
                first.write(output, row)
            })
        },
    )
};

static DESCRIBE: ScalarNative = ScalarNative {
    nulls: Nulls::Passed,
    ..scalar(
        "sf_describe",
        &[TEXT, BIGINT],
        PhysicalType::Varchar,
        |arguments, output| {
            arguments.binary(output, |a: Option<&str>, b: Option<i64>| {
                Ok(format!("{a:?} {b:?}"))
            })
        },
    )
};

static TICKET: ScalarNative = ScalarNative {
    volatile: true,
    ..scalar(
        "sf_ticket",
        &[],
        PhysicalType::BigInt,
        |arguments, output| {
            use std::sync::atomic::{AtomicI64, Ordering};
            static NEXT: AtomicI64 = AtomicI64::new(0);
            arguments.nullary(output, || Ok(NEXT.fetch_add(1, Ordering::Relaxed)))
        },
    )
};

static FAIL: ScalarNative = scalar(
    "sf_fail",
    &[TEXT],
    PhysicalType::Boolean,
    |arguments, output| {
        arguments.unary(output, |text: &str| match text {
            "panic" => panic!("as asked"),
            "wrong" => Ok(false),
            text => Err::<bool, _>(Error::string_too_long(text)),
        })
    },
);

static MISUSE: ScalarNative = scalar(
    "sf_misuse",
    &[TEXT],
    PhysicalType::Boolean,
    |arguments, output| arguments.unary(output, |_: &str| Ok("not a boolean")),
);

macro_rules! echo {
    ($($constant:ident $name:literal $physical:expr, $value:ty;)*) => { $(
        static $constant: ScalarNative = scalar($name, &[Parameter::Exact($physical)], $physical,
            |arguments, output| arguments.unary(output, |value: $value| Ok(value)));
    )* };
}

echo! {
    ECHO_DOUBLE "sf_echo" PhysicalType::Double, f64;
    ECHO_BOOLEAN "sf_echo" PhysicalType::Boolean, bool;
    ECHO_DATE "sf_echo" PhysicalType::Date, Date;
    ECHO_TIME "sf_echo" PhysicalType::Time, Time;
    ECHO_TIMESTAMP "sf_echo" PhysicalType::Timestamp, Timestamp;
    ECHO_TZ "sf_echo" PhysicalType::TimestampTz, TimestampTz;
}

static ECHO_BLOB: ScalarNative = scalar(
    "sf_echo",
    &[Parameter::Exact(PhysicalType::Blob)],
    PhysicalType::Blob,
    |arguments, output| arguments.unary(output, |value: &[u8]| Ok(value.to_vec())),
);

macro_rules! echo_decimal {
    ($($constant:ident $name:literal $precision:literal;)*) => { $(
        // DuckDB cannot choose between overloads by a DECIMAL's precision, hence a name for each.
        static $constant: ScalarNative = scalar($name,
            &[Parameter::Exact(PhysicalType::Decimal { precision: $precision, scale: 1 })],
            PhysicalType::Decimal { precision: $precision, scale: 1 },
            |arguments, output| arguments.unary(output, |value: Decimal| Ok(value.unscaled)));
    )* };
}

echo_decimal! { ECHO4 "sf_echo4" 4; ECHO9 "sf_echo9" 9; ECHO18 "sf_echo18" 18; ECHO38 "sf_echo38" 38; }

static DIGITS: ScalarNative = scalar(
    "sf_digits",
    &[Parameter::AnyNumber],
    PhysicalType::Decimal {
        precision: 3,
        scale: 0,
    },
    |arguments, output| arguments.unary(output, |value: Decimal| Ok(value.unscaled)),
);

/// Every distinct text with its count, in order: state on the heap.
struct Histogram;

impl Aggregate for Histogram {
    const NAME: &'static str = "sf_histogram";
    const PARAMETERS: &'static [Parameter] = &[TEXT];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;
    type State = BTreeMap<String, u64>;

    fn update(state: &mut Self::State, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        if let Some(text) = arguments.get::<&str>(0, row)? {
            if text == "boom" {
                return Err(Error::string_too_long(text));
            }
            *state.entry(text.to_owned()).or_default() += 1;
        }
        Ok(())
    }

    fn combine(state: &mut Self::State, other: &Self::State) -> Result<()> {
        for (text, count) in other {
            *state.entry(text.clone()).or_default() += count;
        }
        Ok(())
    }

    fn finish(state: &Self::State, output: &mut Output<'_>, row: usize) -> Result<()> {
        if state.is_empty() {
            output.set_null(row);
        } else {
            let text: Vec<_> = state
                .iter()
                .map(|(text, count)| format!("{text}{count}"))
                .collect();
            output.set_text(row, &text.join(","));
        }
        Ok(())
    }
}

/// COUNT of all rows, NULLs too; every state alive is counted.
struct CountAll;

static ALIVE: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);

struct Tally(i64);

impl Default for Tally {
    fn default() -> Self {
        ALIVE.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Tally(0)
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Aggregate for CountAll {
    const NAME: &'static str = "sf_count_all";
    const PARAMETERS: &'static [Parameter] = &[Parameter::AnyNumber];
    const RETURNS: PhysicalType = PhysicalType::BigInt;
    const NULLS: Nulls = Nulls::Passed;
    type State = Tally;

    fn update(state: &mut Tally, _: &Arguments<'_>, _: usize) -> Result<()> {
        state.0 += 1;
        Ok(())
    }

    fn combine(state: &mut Tally, other: &Tally) -> Result<()> {
        state.0 += other.0;
        Ok(())
    }

    fn finish(state: &Tally, output: &mut Output<'_>, row: usize) -> Result<()> {
        output.set_bigint(row, state.0);
        Ok(())
    }
}

fn natives() -> Vec<Native> {
    let scalars = [
        UPPER,
        TRIM,
        DIVIDE,
        ADD,
        LENGTH,
        COALESCE,
        DESCRIBE,
        TICKET,
        FAIL,
        MISUSE,
        DIGITS,
        ECHO_DOUBLE,
        ECHO_BOOLEAN,
        ECHO_DATE,
        ECHO_TIME,
        ECHO_TIMESTAMP,
        ECHO_TZ,
        ECHO_BLOB,
        ECHO4,
        ECHO9,
        ECHO18,
        ECHO38,
    ];
    let aggregates = [
        AggregateNative::of::<Histogram>(),
        AggregateNative::of::<CountAll>(),
    ];
    scalars
        .into_iter()
        .map(Native::Scalar)
        .chain(aggregates.into_iter().map(Native::Aggregate))
        .collect()
}

fn check(connection: &mut Connection, expression: &str, expected: &str) {
    assert_eq!(
        text(connection, &format!("select ({expression})::varchar")),
        expected,
        "{expression}"
    );
}

#[test]
fn scalars_compute_on_constants_and_columns() {
    let engine = engine(&natives());
    let mut connection = engine.connect().unwrap();
    for (expression, expected) in [
        ("sf_upper('straße')", "STRASSE"),
        (
            "sf_upper('a text of more than twelve bytes')",
            "A TEXT OF MORE THAN TWELVE BYTES",
        ),
        ("sf_upper(null)", "NULL"),
        ("sf_trim('  x ')", "x"),
        ("sf_divide6(1, 3)", "0.333333"),
        ("sf_divide6(2.5, -3::decimal(38,10))", "-0.833333"),
        ("sf_divide6(1::utinyint, 8::hugeint)", "0.125000"),
        ("sf_divide6(1, null)", "NULL"),
        ("sf_coalesce(null, null, 'c')", "c"),
        ("sf_coalesce()", "NULL"),
        ("sf_describe(null, 1)", "None Some(1)"),
        ("sf_describe('a', null)", "Some(\"a\") None"),
        ("sf_echo(1.5::double)", "1.5"),
        ("sf_echo(true)", "true"),
        ("sf_echo(date '9999-12-31')", "9999-12-31"),
        (
            "sf_echo('12:34:56.123456789'::time_ns)",
            "12:34:56.123456789",
        ),
        (
            "sf_echo(timestamp '9999-12-31 23:59:59.999999')",
            "9999-12-31 23:59:59.999999",
        ),
        ("sf_echo('\\x00\\xFF'::blob)", "\\x00\\xFF"),
        (
            "sf_echo({utc: timestamp '2024-01-01', \"offset\": 60::smallint})",
            "{'utc': '2024-01-01 00:00:00', 'offset': 60}",
        ),
        (
            "sf_echo(null::struct(utc timestamp, \"offset\" smallint))",
            "NULL",
        ),
        ("sf_echo4(-99.9::decimal(4,1))", "-99.9"),
        ("sf_echo9(-9999.9::decimal(9,1))", "-9999.9"),
        ("sf_echo18(-9999999999.9::decimal(18,1))", "-9999999999.9"),
        (
            "sf_echo38(-9999999999999999999999999999999999999.9::decimal(38,1))",
            "-9999999999999999999999999999999999999.9",
        ),
        ("try(sf_fail('x'))", "NULL"),
    ] {
        check(&mut connection, expression, expected);
    }
    connection.execute("create table t as select range as n, case when range % 3 = 0 then null else 'x' || range || repeat('y', (range % 20)::int) end as s, {utc: timestamp '2024-01-01' + to_microseconds(range), \"offset\": 60::smallint} z from range(100000)").unwrap();
    for (expression, expected) in [
        (
            "select count(*)::varchar from t where sf_upper(s) is distinct from upper(s)",
            "0",
        ),
        (
            "select count(*)::varchar from t where sf_add(n, n) <> 2 * n",
            "0",
        ),
        (
            "select count(sf_add(n, case when n % 2 = 0 then n end))::varchar from t",
            "50000",
        ),
        (
            "select count(*)::varchar from t where sf_echo(z) is distinct from z",
            "0",
        ),
        (
            "select sum(sf_length(s))::varchar = sum(length(s))::varchar from t",
            "true",
        ),
        (
            "select count(distinct sf_ticket())::varchar from t",
            "100000",
        ),
        (
            "select count(*)::varchar from t where sf_divide6(n, 7) <> round(n::decimal(38,8) * 1000000 / 7) / 1000000",
            "0",
        ),
        ("select max(sf_coalesce(s, 'zero'))::varchar from t", "zero"),
    ] {
        assert_eq!(text(&mut connection, expression), expected, "{expression}");
    }
}

#[test]
fn errors_keep_code_and_text() {
    let engine = engine(&natives());
    let mut connection = engine.connect().unwrap();
    let mut fail = |sql: &str| {
        let error = connection.execute(sql).unwrap_err();
        (
            error.code(),
            error.message().to_owned(),
            connection.failure(),
        )
    };
    let long = "50% {} \"quoted\" 'and' \\ ünïcode\nline".replace('\'', "''");
    assert_eq!(
        fail(&format!("select sf_fail(x) from (values ('{long}')) t(x)")),
        (
            ErrorCode::StringTooLong,
            format!(
                "String '{}' is too long and would be truncated",
                long.replace("''", "'")
            ),
            Some(Failure::Other)
        )
    );
    assert_eq!(fail("select sf_fail('x')").0, ErrorCode::StringTooLong);
    assert_eq!(
        fail("select sf_divide6(n, 0) from range(3) t(n)").0,
        ErrorCode::DivisionByZero
    );
    assert_eq!(fail("select sf_fail('panic')").0, ErrorCode::Internal);
    assert_eq!(fail("select sf_misuse('x')").0, ErrorCode::Internal);
    assert_eq!(fail("select sf_divide6('x', 1)").0, ErrorCode::Internal);
    assert_eq!(
        fail("select sf_digits(1000)").0,
        ErrorCode::NumberNotRepresentable
    );
    assert_eq!(
        fail("select sf_histogram('boom')").0,
        ErrorCode::StringTooLong
    );
}

#[test]
fn aggregates_group_combine_slide_and_free() {
    let engine = engine(&natives());
    let mut connection = engine.connect().unwrap();
    connection.execute("create table t as select range as n, case when range % 5 <> 0 then chr((97 + range % 3)::int) end as s from range(600000)").unwrap();
    for (sql, expected) in [
        ("select sf_histogram(s) from t", "a160000,b160000,c160000"),
        ("select sf_histogram(distinct s) from t", "a1,b1,c1"),
        (
            "select sf_histogram(s) filter (where n < 4) from t",
            "a1,b1,c1",
        ),
        ("select sf_histogram(s) from t where n < 0", "NULL"),
        ("select sf_histogram(null) from t", "NULL"),
        ("select sf_count_all(null) from t", "600000"),
        (
            "select sf_count_all(case when n % 2 = 0 then n end) from t",
            "600000",
        ),
        (
            "select count(distinct h)::varchar from (select sf_histogram(s || n) h from t group by n % 100000)",
            "80000",
        ),
        (
            "select count(*)::varchar || max(c) from (select n % 200000 g, sf_count_all(n) c from t group by g)",
            "2000003",
        ),
        (
            "select string_agg(coalesce(h, 'NULL'), ' ' order by n) from (select n, sf_histogram(s) over (order by n rows between 1 preceding and current row) h from t where n < 4)",
            "NULL b1 b1,c1 a1,c1",
        ),
        (
            "select max(h) from (select sf_count_all(n) over (order by n rows between 1000 preceding and 1000 following) h from t where n < 20000)",
            "2001",
        ),
        (
            "select count(*)::varchar from (select sf_histogram(s) over (partition by n % 1000) h from t) where h is null",
            "120000",
        ),
        (
            "select sf_histogram(s order by n desc) from t where n < 10",
            "a3,b3,c2",
        ),
    ] {
        let sql = format!("select x::varchar from ({sql}) v(x)");
        assert_eq!(text(&mut connection, &sql), expected, "{sql}");
    }
    let error = connection.execute("select sf_histogram(case when n = 599999 then 'boom' else s || n end) from t group by n").unwrap_err();
    assert_eq!(error.code(), ErrorCode::StringTooLong);
    drop(connection);
    drop(engine);
    assert_eq!(ALIVE.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[test]
fn a_value_too_wide_for_bigint_is_recognised() {
    let engine = engine(&[]);
    let mut connection = engine.connect().unwrap();
    check(&mut connection, "sf_store_bigint(12.5)", "13");
    check(
        &mut connection,
        "sf_store_bigint(-9223372036854775808)",
        "-9223372036854775808",
    );
    check(&mut connection, "sf_store_bigint(null)", "NULL");
    let error = connection
        .execute("select sf_store_bigint(x) from (values (9223372036854775808)) t(x)")
        .unwrap_err();
    assert_eq!(connection.failure(), Some(Failure::WiderThanColumn));
    assert_eq!(
        error.to_string(),
        "Numeric value '9223372036854775808' is out of range"
    );
    connection.execute("select 1").unwrap();
    assert_eq!(connection.failure(), None);
}

/// `cargo test --release --lib engine -- --ignored --nocapture costs`
#[test]
#[ignore = "a measurement"]
fn costs() {
    let mut options = options(None);
    options.threads = Some(1);
    let engine = crate::engine::Engine::open(&options, &natives()).unwrap();
    let mut connection = engine.connect().unwrap();
    connection.execute("create table t as select range as n, 'text ' || (range % 100000) as s, (range % 1000)::decimal(38,2) as d, 'a text of some length ' || range % 100000 as l from range(10000000)").unwrap();
    for sql in [
        "select sum(n + n) from t",
        "select sum(sf_add(n, n)) from t",
        "select max(s) from t",
        "select max(upper(s)) from t",
        "select max(sf_upper(s)) from t",
        "select max(sf_trim(s)) from t",
        "select sum(strlen(s)) from t",
        "select sum(sf_length(s)) from t",
        "select sum(n / 7) from t",
        "select sum(sf_divide6(n, 7)) from t",
        "select sum(d) from t",
        "select sum(sf_divide6(d, d + 1)) from t",
        "select max(sf_coalesce(s, s)) from t",
        "select max(l) from t",
        "select max(upper(l)) from t",
        "select max(sf_upper(l)) from t",
        "select max(sf_trim(l)) from t",
        "select sum(sf_store_bigint(d)) from t",
        "select sf_count_all(n) from t",
        "select count(*) from (select sf_count_all(n) from t group by n % 1000000)",
        "select count(*) from (select count(n) from t group by n % 1000000)",
    ] {
        let mut best = f64::MAX;
        for _ in 0..3 {
            let started = std::time::Instant::now();
            for batch in connection.query(sql).unwrap() {
                batch.unwrap();
            }
            best = best.min(started.elapsed().as_secs_f64());
        }
        println!("{:6.1} ns/row  {sql}", best * 1e9 / 1e7);
    }
    let mut best = f64::MAX;
    for _ in 0..5 {
        let started = std::time::Instant::now();
        for _ in 0..1000 {
            let rows: Vec<_> = connection.query("select 1").unwrap().collect();
            assert_eq!(
                rows[0]
                    .as_ref()
                    .unwrap()
                    .column(0)
                    .as_primitive::<arrow::datatypes::Int32Type>()
                    .value(0),
                1
            );
        }
        best = best.min(started.elapsed().as_secs_f64());
    }
    println!("{:6.1} µs  prepared select 1", best * 1e3);
    let started = std::time::Instant::now();
    for n in 0..1000 {
        connection
            .query(&format!("select 1, {n}"))
            .unwrap()
            .for_each(drop);
    }
    println!(
        "{:6.1} µs  select 1 from text",
        started.elapsed().as_secs_f64() * 1e3
    );
    let started = std::time::Instant::now();
    let connections: Vec<_> = (0..200).map(|_| engine.connect().unwrap()).collect();
    println!(
        "{:6.1} µs  connect",
        started.elapsed().as_secs_f64() * 1e6 / connections.len() as f64
    );
}
