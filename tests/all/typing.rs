//! The binder's types held against the engine's values, on generated expressions over a table: no number
//! has more digits than its NUMBER(p, s), no text and no BINARY is longer than its type, a column that is "not null" has no
//! NULL, and no value comes from the engine in a form that was not announced (which is an internal error).
//!
//! `SNOWGLOBE_TYPING_QUERIES` is how many, `SNOWGLOBE_FUZZ_SEED` a number to repeat a run.

use std::collections::BTreeMap;

use crate::client::{Answer, Client, Column, TestServer};
use crate::fuzz::grammar;
use crate::fuzz::random::Random;

#[test]
fn values_are_of_the_types_that_were_announced() {
    let number = |name: &str, default: u64| {
        let text = std::env::var(name).ok();
        text.map_or(default, |text| text.parse().unwrap())
    };
    let queries = number("SNOWGLOBE_TYPING_QUERIES", 800);
    let mut random = Random::new(number("SNOWGLOBE_FUZZ_SEED", 2));
    let server = TestServer::start();
    let mut session = server.session();
    session.run("alter session set statement_timeout_in_seconds = 20");
    for statement in grammar::SETUP {
        let answer = session.run(statement);
        assert!(matches!(answer, Answer::Rows { .. }), "{answer:?}");
    }
    let mut answered = 0;
    // An example of each kind of complaint.
    let mut complaints: BTreeMap<String, String> = BTreeMap::new();
    for _ in 0..queries {
        let family = random.one(grammar::FAMILIES);
        let query = format!(
            "select {} as c from t",
            grammar::typed(&mut random, family, 2)
        );
        // As narrow as its argument in Snowflake, whatever the shift makes of it.
        if query.contains("BITSHIFT") {
            continue;
        }
        match session.run(&query) {
            Answer::Rows { columns, rows } => {
                answered += 1;
                for (index, column) in columns.iter().enumerate() {
                    let misfit = rows
                        .iter()
                        .find_map(|row| misfit(column, row[index].as_deref()));
                    if let Some(misfit) = misfit {
                        let kind = format!("{misfit} in {}", column.type_name);
                        complaints
                            .entry(kind)
                            .or_insert_with(|| format!("{query}\n    {column:?}"));
                    }
                }
            }
            Answer::Error { code, text, .. } if code == "000603" => {
                complaints
                    .entry("internal error".to_owned())
                    .or_insert(format!("{query}\n    {text}"));
            }
            Answer::Error { .. } => {}
        }
    }
    println!("{answered} of {queries} queries answered");
    assert!(
        answered * 3 > queries,
        "most expressions are refused: {answered} are not"
    );
    let text: Vec<_> = complaints
        .iter()
        .map(|(kind, example)| format!("{kind}:\n    {example}"))
        .collect();
    assert!(text.is_empty(), "{}", text.join("\n"));
}

/// How a cell, as drivers receive it in JSON, is no value of its column's type.
fn misfit(column: &Column, cell: Option<&str>) -> Option<&'static str> {
    let Some(cell) = cell else {
        return (!column.nullable).then_some("NULL");
    };
    let (family, rest) = column
        .type_name
        .split_once('(')
        .unwrap_or((&column.type_name, ""));
    let sizes: Vec<usize> = rest
        .trim_end_matches(')')
        .split(',')
        .filter_map(|size| size.parse().ok())
        .collect();
    match (family, &sizes[..]) {
        ("NUMBER", [precision, scale]) => {
            let (whole, fraction) = cell.split_once('.').unwrap_or((cell, ""));
            let digits = whole.trim_start_matches('-').trim_start_matches('0');
            if digits.len() > precision - scale {
                return Some("too many digits");
            }
            (fraction.len() != *scale).then_some("another scale")
        }
        ("VARCHAR", [length]) => (cell.chars().count() > *length).then_some("a longer text"),
        ("BINARY", [length]) => (cell.len() > 2 * length).then_some("more bytes"),
        ("BOOLEAN", _) => (!["1", "0", "true", "false"].contains(&cell)).then_some("no boolean"),
        ("DATE", _) => cell.parse::<i64>().is_err().then_some("no date"),
        _ => None,
    }
}
