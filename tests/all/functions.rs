//! The function table: every entry is complete, and its examples come true through the whole pipeline.

use std::collections::BTreeSet;

use snowglobe::functions;

use crate::client::{Answer, Client, TestServer};

/// Functions without examples, and why. What has examples must not stand here.
const WITHOUT_EXAMPLES: &[(&str, &str)] = &[
    ("CURRENT_ACCOUNT", "depends on the session"),
    ("CURRENT_DATABASE", "depends on the session"),
    ("CURRENT_ROLE", "depends on the session"),
    ("CURRENT_SCHEMA", "depends on the session"),
    ("CURRENT_SESSION", "depends on the session"),
    ("CURRENT_USER", "depends on the session"),
    ("CURRENT_VERSION", "depends on the release"),
    ("CURRENT_WAREHOUSE", "depends on the session"),
    ("LAST_QUERY_ID", "depends on the session"),
];

#[test]
fn examples_come_true() {
    let server = TestServer::start();
    let mut session = server.session();
    let mut wrong = Vec::new();
    for (_, functions) in functions::categories() {
        for (expression, expected) in functions.iter().flat_map(|function| function.examples) {
            // An example may have a FROM, and may give several rows.
            let sql =
                format!("select cast(v as varchar) from (select {expression}) as example (v)");
            let actual = match session.run(&sql) {
                Answer::Error { code, text, .. } => format!("{code}: {text}"),
                Answer::Rows { rows, .. } => {
                    let cells = rows.into_iter().flatten();
                    let cells: Vec<_> = cells
                        .map(|cell| cell.unwrap_or_else(|| "NULL".to_owned()))
                        .collect();
                    cells.join("\n")
                }
            };
            if actual != *expected {
                wrong.push(format!("{expression}: {actual}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn each_category_is_sorted() {
    for (category, functions) in functions::categories() {
        let names: Vec<_> = functions.iter().map(|function| function.name).collect();
        let is_sorted = names.is_sorted_by(|a, b| a < b); // strictly, so unique too
        assert!(is_sorted, "{category}: {names:?}");
    }
    let categories = functions::categories();
    assert!(categories.is_sorted_by(|(a, _), (b, _)| a < b));
}

#[test]
fn names_and_aliases_are_unique() {
    let mut seen = BTreeSet::new();
    for (_, functions) in functions::categories() {
        for function in *functions {
            for name in [&function.name].into_iter().chain(function.aliases) {
                assert!(seen.insert(*name), "{name} is there twice");
                assert_eq!(*name, name.to_uppercase());
                assert!(functions::lookup(name).is_some_and(|found| found.name == function.name));
            }
        }
    }
}

#[test]
fn each_function_is_documented_with_examples() {
    let mut incomplete = Vec::new();
    for (_, functions) in functions::categories() {
        for function in *functions {
            let name = function.name;
            if !function.summary.ends_with('.') {
                incomplete.push(format!("{name}: its summary is no sentence"));
            }
            if function.signatures.is_empty() {
                incomplete.push(format!("{name}: no signature"));
            }
            let excused = WITHOUT_EXAMPLES.iter().any(|(excused, _)| *excused == name);
            match (function.examples, excused) {
                ([], false) => incomplete.push(format!("{name}: no example")),
                ([_, ..], true) => incomplete.push(format!("{name}: has examples, and an excuse")),
                _ => {}
            }
        }
    }
    assert!(incomplete.is_empty(), "\n{}", incomplete.join("\n"));
}
