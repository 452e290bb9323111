//! Parser, binder and lowering against statements that nobody would write: mutants of the golden files' statements, and
//! expressions made of the function table. Each is refused with an error of Snowflake's or becomes SQL that the engine
//! prepares, with columns of exactly the types that lowering says.
//!
//! `SNOWGLOBE_FUZZ_SECONDS=600 cargo test --test all translation` looks longer, `SNOWGLOBE_FUZZ_SEED=7` elsewhere.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use std::{env, fs};

use arrow::datatypes::{DataType, TimeUnit};
use snowglobe::engine::Connection;
use snowglobe::error::{Error, ErrorCode};
use snowglobe::functions;
use snowglobe::statement::Translated;
use snowglobe::types::PhysicalType;

use crate::client::{Client, InProcess, TestServer};
use crate::golden;

/// A generator of numbers (SplitMix64); good enough to choose with.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}

fn setting(name: &str, default: u64) -> u64 {
    let value = env::var(name).ok();
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

/// What went wrong, by its kind, with the first statement that showed it.
#[derive(Default)]
struct Findings(BTreeMap<String, String>);

impl Findings {
    /// Translates a statement and prepares the result.
    fn check(&mut self, session: &InProcess<'_>, engine: &mut Connection, sql: &str) {
        let translated = catch_unwind(AssertUnwindSafe(|| session.translate(sql)));
        match translated {
            Err(panic) => {
                let text = panic
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                self.add(format!("panic: {}", text.unwrap_or_default()), sql);
            }
            Ok(Err(error)) => self.judge(&error, sql),
            Ok(Ok(translated)) => {
                for translated in translated {
                    self.prepare(engine, &translated, sql);
                }
            }
        }
    }

    fn prepare(&mut self, engine: &mut Connection, translated: &Translated, sql: &str) {
        let schema = match engine.describe(&translated.sql) {
            Ok(schema) => schema,
            Err(error) => return self.judge(&error, &format!("{sql}\n  as {}", translated.sql)),
        };
        let Some(columns) = &translated.columns else {
            return;
        };
        assert_eq!(schema.fields().len(), columns.len(), "{sql}");
        for (field, physical) in schema.fields().iter().zip(columns) {
            if *field.data_type() != arrow_type(*physical) {
                self.add(
                    format!("{} is no {physical}", field.data_type()),
                    &format!("{sql}\n  as {}", translated.sql),
                );
            }
        }
    }

    fn judge(&mut self, error: &Error, sql: &str) {
        if error.code() == ErrorCode::Internal {
            let source = std::error::Error::source(error);
            let source = source.map_or_else(|| error.to_string(), |source| source.to_string());
            self.add(source, sql);
        }
    }

    fn add(&mut self, what: String, sql: &str) {
        // The same finding with other names and numbers is one.
        let kind: String = what
            .chars()
            .map(|c| if c.is_ascii_digit() { '#' } else { c })
            .take(60)
            .collect();
        self.0
            .entry(kind)
            .or_insert_with(|| format!("{what}\n  {sql}"));
    }
}

fn arrow_type(physical: PhysicalType) -> DataType {
    match physical {
        PhysicalType::BigInt => DataType::Int64,
        PhysicalType::Decimal { precision, scale } => DataType::Decimal128(precision, scale as i8),
        PhysicalType::Double => DataType::Float64,
        PhysicalType::Varchar => DataType::Utf8,
        PhysicalType::Blob => DataType::Binary,
        PhysicalType::Boolean => DataType::Boolean,
        PhysicalType::Date => DataType::Date32,
        PhysicalType::Time => DataType::Time64(TimeUnit::Nanosecond),
        PhysicalType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        PhysicalType::TimestampNanos => DataType::Decimal128(38, 0),
        PhysicalType::TimestampTz => with_offset(PhysicalType::Timestamp),
        PhysicalType::TimestampTzNanos => with_offset(PhysicalType::TimestampNanos),
    }
}

fn with_offset(utc: PhysicalType) -> DataType {
    let fields = [("utc", arrow_type(utc)), ("offset", DataType::Int16)];
    let fields = fields.map(|(name, ty)| arrow::datatypes::Field::new(name, ty, true));
    DataType::Struct(fields.to_vec().into())
}

/// A statement's text in pieces that a mutation moves: words, numbers, strings, signs, white space.
fn pieces(sql: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            c if c.is_alphanumeric() || c == '_' || c == '$' => rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$' || c == '.'))
                .unwrap_or(rest.len()),
            c if c.is_whitespace() => rest
                .find(|c: char| !c.is_whitespace())
                .unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    pieces
}

/// Pieces that mutations put in.
const ODD: &[&str] = &[
    "null",
    "1",
    "-1",
    "0.1",
    "1e300",
    "99999999999999999999999999999999999999",
    "''",
    "'a'",
    "'\\0'",
    "(",
    ")",
    ",",
    "::",
    ":",
    "[0]",
    "::variant",
    "::date",
    "::number(38,37)",
    "::float",
    "::varchar(1)",
    "::timestamp_tz",
    "::array",
    " and ",
    " or not ",
    " is null ",
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "=",
    "<",
    " like ",
    " in ",
    " between ",
    "case when ",
    " end ",
    " over () ",
    " over (order by 1) ",
    " within group (order by 1) ",
    "distinct ",
    " group by ",
    " order by ",
    " having ",
    " qualify ",
    " limit 1",
    " union all ",
    " from ",
    " where ",
    " join ",
    " lateral ",
    " as ",
    "*",
    "t.*",
    ";",
    "cast(",
    "try_cast(",
    "(select 1)",
    " exists (select 1)",
    " values (1)",
    " asc nulls first",
    "{}",
    "[1,2]",
    "{'a':1}",
    "$1",
    "?",
    ":1",
    "--",
    "/*",
    "interval '1 day'",
    "x -> x",
    "current_date",
    "seq4()",
    "table(generator(rowcount => 1))",
];

fn mutate(dice: &mut Dice, sql: &str, others: &[String]) -> String {
    let mut parts: Vec<&str> = pieces(sql);
    let other = &others[dice.below(others.len())];
    let others = pieces(other);
    for _ in 0..=dice.below(3) {
        if parts.is_empty() {
            break;
        }
        let at = dice.below(parts.len());
        match dice.below(8) {
            0 => drop(parts.remove(at)),
            1 => parts.insert(at, parts[at]),
            2 => {
                let to = dice.below(parts.len());
                parts.swap(at, to);
            }
            3 => parts[at] = dice.pick(ODD),
            4 => parts.insert(at, dice.pick(ODD)),
            5 => parts[at] = others[dice.below(others.len())],
            6 => parts.truncate(at + 1),
            _ => {
                let from = dice.below(others.len());
                parts.truncate(at);
                parts.extend(&others[from..]);
            }
        }
    }
    parts.concat()
}

/// One column of every type.
const TABLE: &str = "create table every (n int, m number(4,0), d number(12,2), w number(38,10), f float, s varchar, \
     t varchar(3), b boolean, da date, ti time, ts timestamp_ntz, tz timestamp_tz, tl timestamp_ltz, x binary, \
     v variant, o object, a array)";

const LEAVES: &[&str] = &[
    "n",
    "m",
    "d",
    "w",
    "f",
    "s",
    "t",
    "b",
    "da",
    "ti",
    "ts",
    "tz",
    "tl",
    "x",
    "v",
    "o",
    "a",
    "null",
    "0",
    "1",
    "-2",
    "1.5",
    "0.001",
    "12345678901234567890",
    "1e2",
    "''",
    "'a'",
    "'2024-01-31'",
    "'12:30'",
    "true",
    "day",
    "'month'",
    "v:k[0].l",
    "array_construct(1, 'b')",
    "object_construct('k', 2)",
    "parse_json('[1,{\"a\":null}]')",
    "'2024-01-31 10:00:00 +0200'::timestamp_tz",
    "current_date()",
    "x'00ff'",
];

const TYPES: &[&str] = &[
    "number",
    "number(18,0)",
    "number(38,37)",
    "number(5,2)",
    "float",
    "varchar",
    "varchar(2)",
    "boolean",
    "date",
    "time",
    "time(3)",
    "timestamp_ntz",
    "timestamp_tz(3)",
    "timestamp_ltz",
    "binary",
    "variant",
    "object",
    "array",
];

/// An expression over the table, at most so deep.
fn expression(dice: &mut Dice, names: &[&str], depth: usize) -> String {
    if depth == 0 {
        return dice.pick(LEAVES).to_owned();
    }
    let inner = |dice: &mut Dice| {
        let depth = dice.below(depth);
        expression(dice, names, depth)
    };
    match dice.below(14) {
        0 => {
            let operator = dice.pick(&["+", "-", "*", "/", "%", "||"]);
            format!("({} {operator} {})", inner(dice), inner(dice))
        }
        1 => {
            let operator = dice.pick(&["=", "<>", "<", ">=", "like", "ilike", "is distinct from"]);
            format!("({} {operator} {})", inner(dice), inner(dice))
        }
        2 => format!("({})::{}", inner(dice), dice.pick(TYPES)),
        3 => format!("try_cast({} as {})", inner(dice), dice.pick(TYPES)),
        4 => format!(
            "case when {} then {} else {} end",
            inner(dice),
            inner(dice),
            inner(dice)
        ),
        5 => format!("{} in ({}, {})", inner(dice), inner(dice), inner(dice)),
        6 => format!(
            "{} between {} and {}",
            inner(dice),
            inner(dice),
            inner(dice)
        ),
        7 => format!("coalesce({}, {})", inner(dice), inner(dice)),
        _ => {
            let name = dice.pick(names);
            let arguments: Vec<_> = (0..dice.below(4)).map(|_| inner(dice)).collect();
            let over = match dice.below(10) {
                0 => " over (partition by m order by d)",
                1 => " over (order by n rows between 1 preceding and current row)",
                2 => " over ()",
                _ => "",
            };
            format!("{name}({}){over}", arguments.join(", "))
        }
    }
}

fn query(dice: &mut Dice, names: &[&str]) -> String {
    let depth = 1 + dice.below(3);
    let e = |dice: &mut Dice| expression(dice, names, depth);
    match dice.below(10) {
        0 => format!("select {}, count(*) from every group by 1", e(dice)),
        1 => format!("select {} as c from every where {}", e(dice), e(dice)),
        2 => format!(
            "select distinct {} from every order by 1 desc limit 3",
            e(dice)
        ),
        3 => format!(
            "select {} from every union all select {}",
            e(dice),
            e(dice).replace("every", "")
        ),
        4 => format!("select l.n from every l join every r on {}", e(dice)),
        5 => format!(
            "select n, {} as c from every qualify row_number() over (order by {}) = 1",
            e(dice),
            e(dice)
        ),
        6 => format!(
            "select m, {} from every group by m having {}",
            e(dice),
            e(dice)
        ),
        7 => format!(
            "update every set d = {}, s = {} where {}",
            e(dice),
            e(dice),
            e(dice)
        ),
        8 => format!(
            "insert into every (w, v, ts) select {}, {}, {} from every",
            e(dice),
            e(dice),
            e(dice)
        ),
        _ => format!("select {}, {} from every", e(dice), e(dice)),
    }
}

#[test]
fn fuzz_translation() {
    // In the suite always the same statements, however fast the machine is.
    let is_timed = env::var("SNOWGLOBE_FUZZ_SECONDS").is_ok();
    let limit = Duration::from_secs(setting("SNOWGLOBE_FUZZ_SECONDS", 60));
    let most = if is_timed { u64::MAX } else { 1_500 };
    let mut dice = Dice(setting("SNOWGLOBE_FUZZ_SEED", 1));
    let files: Vec<Vec<String>> = golden::paths()
        .iter()
        .map(|path| golden::statements(&fs::read_to_string(path).unwrap()))
        .filter(|statements| !statements.is_empty())
        .collect();
    let names: Vec<&str> = functions::categories()
        .iter()
        .flat_map(|(_, functions)| *functions)
        .map(|function| function.name)
        .collect();
    let (mut findings, mut count) = (Findings::default(), 0u64);
    let began = Instant::now();
    while began.elapsed() < limit && count < most {
        let server = TestServer::start();
        let mut session = server.session();
        let mut engine = server.instance.engine.connect().unwrap();
        let statements = &files[dice.below(files.len())];
        for statement in statements {
            session.run(statement);
        }
        session.run("use schema snowglobe.public");
        session.run(TABLE);
        for _ in 0..300 {
            if began.elapsed() > limit || count >= most {
                break;
            }
            let sql = match dice.below(2) {
                0 => query(&mut dice, &names),
                _ => {
                    let statement = &statements[dice.below(statements.len())];
                    mutate(&mut dice, statement, statements)
                }
            };
            findings.check(&session, &mut engine, &sql);
            count += 1;
        }
    }
    println!("{count} statements");
    let text: Vec<_> = findings.0.values().map(String::as_str).collect();
    assert!(
        text.is_empty(),
        "{} findings\n{}",
        text.len(),
        text.join("\n")
    );
}
