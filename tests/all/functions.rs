//! The function table: every entry is complete, and its examples come true through the whole pipeline.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use snowglobe::functions;

use crate::client::{Answer, Client, TestServer};
use crate::golden;

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
fn examples_of_constructs_come_true() {
    let server = TestServer::start();
    let mut session = server.session();
    let mut wrong = Vec::new();
    for (_, constructs) in functions::constructs() {
        for (statements, expected) in constructs.iter().flat_map(|construct| construct.examples) {
            let mut answers = statements.split("; ").map(|sql| session.run(sql));
            let actual = match answers.by_ref().last() {
                Some(Answer::Error { code, text, .. }) => format!("{code}: {text}"),
                Some(Answer::Rows { columns, rows }) => {
                    let cells = rows
                        .into_iter()
                        .flat_map(|row| row.into_iter().zip(&columns));
                    let cells: Vec<_> = cells
                        .map(|(cell, column)| match cell {
                            Some(cell) => golden::cell(&cell, &column.type_name),
                            None => "NULL".to_owned(),
                        })
                        .collect();
                    cells.join("\n")
                }
                None => String::new(),
            };
            if actual != *expected {
                wrong.push(format!("{statements}: {actual}, not {expected}"));
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
    for (category, constructs) in functions::constructs() {
        let is_sorted = constructs.is_sorted_by(|a, b| a.name < b.name);
        assert!(is_sorted, "{category}");
        for construct in *constructs {
            assert!(construct.examples.len() > 1, "{}", construct.name);
            assert!(construct.summary.ends_with('.'), "{}", construct.name);
        }
    }
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
            if function.examples.len() < 2 {
                incomplete.push(format!("{name}: fewer than two examples"));
            }
        }
    }
    assert!(incomplete.is_empty(), "\n{}", incomplete.join("\n"));
}

/// Every name of the table, aliases too.
fn known() -> BTreeSet<&'static str> {
    let functions = functions::categories().iter().flat_map(|(_, list)| *list);
    let functions = functions.map(|function| (function.name, function.aliases));
    let constructs = functions::constructs().iter().flat_map(|(_, list)| *list);
    let constructs = constructs.map(|construct| (construct.name, construct.aliases));
    let all = functions.chain(constructs);
    all.flat_map(|(name, aliases)| [name].into_iter().chain(aliases.iter().copied()))
        .collect()
}

/// Names of tier 1 to 3 that are not in the table, and why. What has come must not stand here.
const MISSING: &[(&str, &str)] = &[
    ("BUILD_SCOPED_FILE_URL", "stages"),
    ("BUILD_STAGE_FILE_URL", "stages"),
    ("COPY_HISTORY", "stages"),
    ("DYNAMIC_TABLES", "dynamic tables"),
    ("DYNAMIC_TABLE_REFRESH_HISTORY", "histories"),
    ("GENERATE_COLUMN_DESCRIPTION", "stages"),
    ("GET_ABSOLUTE_PATH", "stages"),
    ("GET_PRESIGNED_URL", "stages"),
    ("GET_RELATIVE_PATH", "stages"),
    ("GET_STAGE_LOCATION", "stages"),
    ("INFER_SCHEMA", "stages"),
    ("IS_DATABASE_ROLE_IN_SESSION", "not yet"),
    ("LOGIN_HISTORY", "histories"),
    ("MAP_CAT", "MAP"),
    ("MAP_CONTAINS_KEY", "MAP"),
    ("MAP_DELETE", "MAP"),
    ("MAP_INSERT", "MAP"),
    ("MAP_KEYS", "MAP"),
    ("MAP_PICK", "MAP"),
    ("MAP_SIZE", "MAP"),
    ("METADATA$ACTION", "streams"),
    ("METADATA$FILENAME", "stages"),
    ("METADATA$FILE_CONTENT_KEY", "stages"),
    ("METADATA$FILE_LAST_MODIFIED", "stages"),
    ("METADATA$FILE_ROW_NUMBER", "stages"),
    ("METADATA$ISUPDATE", "streams"),
    ("METADATA$ROW_ID", "streams"),
    ("METADATA$START_SCAN_TIME", "stages"),
    ("POLICY_REFERENCES", "policies"),
    ("QUERY_HISTORY", "histories"),
    ("ST_AREA", "GEOGRAPHY and GEOMETRY"),
    ("ST_ASEWKB", "GEOGRAPHY and GEOMETRY"),
    ("ST_ASEWKT", "GEOGRAPHY and GEOMETRY"),
    ("ST_ASGEOJSON", "GEOGRAPHY and GEOMETRY"),
    ("ST_ASWKB", "GEOGRAPHY and GEOMETRY"),
    ("ST_ASWKT", "GEOGRAPHY and GEOMETRY"),
    ("ST_CENTROID", "GEOGRAPHY and GEOMETRY"),
    ("ST_CONTAINS", "GEOGRAPHY and GEOMETRY"),
    ("ST_COVEREDBY", "GEOGRAPHY and GEOMETRY"),
    ("ST_COVERS", "GEOGRAPHY and GEOMETRY"),
    ("ST_DIMENSION", "GEOGRAPHY and GEOMETRY"),
    ("ST_DISJOINT", "GEOGRAPHY and GEOMETRY"),
    ("ST_DISTANCE", "GEOGRAPHY and GEOMETRY"),
    ("ST_DWITHIN", "GEOGRAPHY and GEOMETRY"),
    ("ST_GEOGRAPHYFROMWKB", "GEOGRAPHY and GEOMETRY"),
    ("ST_GEOGRAPHYFROMWKT", "GEOGRAPHY and GEOMETRY"),
    ("ST_GEOMETRYFROMWKB", "GEOGRAPHY and GEOMETRY"),
    ("ST_GEOMETRYFROMWKT", "GEOGRAPHY and GEOMETRY"),
    ("ST_INTERSECTS", "GEOGRAPHY and GEOMETRY"),
    ("ST_ISVALID", "GEOGRAPHY and GEOMETRY"),
    ("ST_LENGTH", "GEOGRAPHY and GEOMETRY"),
    ("ST_MAKEGEOMPOINT", "GEOGRAPHY and GEOMETRY"),
    ("ST_MAKELINE", "GEOGRAPHY and GEOMETRY"),
    ("ST_MAKEPOINT", "GEOGRAPHY and GEOMETRY"),
    ("ST_MAKEPOLYGON", "GEOGRAPHY and GEOMETRY"),
    ("ST_NPOINTS", "GEOGRAPHY and GEOMETRY"),
    ("ST_PERIMETER", "GEOGRAPHY and GEOMETRY"),
    ("ST_SRID", "GEOGRAPHY and GEOMETRY"),
    ("ST_WITHIN", "GEOGRAPHY and GEOMETRY"),
    ("ST_X", "GEOGRAPHY and GEOMETRY"),
    ("ST_XMAX", "GEOGRAPHY and GEOMETRY"),
    ("ST_XMIN", "GEOGRAPHY and GEOMETRY"),
    ("ST_Y", "GEOGRAPHY and GEOMETRY"),
    ("ST_YMAX", "GEOGRAPHY and GEOMETRY"),
    ("ST_YMIN", "GEOGRAPHY and GEOMETRY"),
    ("SYSTEM$ABORT_SESSION", "not yet"),
    ("SYSTEM$ABORT_TRANSACTION", "not yet"),
    ("SYSTEM$CLUSTERING_DEPTH", "not yet"),
    ("SYSTEM$CLUSTERING_INFORMATION", "not yet"),
    ("SYSTEM$GET_PREDECESSOR_RETURN_VALUE", "tasks"),
    ("SYSTEM$GET_TAG_ALLOWED_VALUES", "tags"),
    ("SYSTEM$LAST_CHANGE_COMMIT_TIME", "not yet"),
    ("SYSTEM$PIPE_STATUS", "pipes"),
    ("SYSTEM$SET_RETURN_VALUE", "tasks"),
    ("SYSTEM$STREAM_GET_TABLE_TIMESTAMP", "streams"),
    ("SYSTEM$STREAM_HAS_DATA", "streams"),
    ("SYSTEM$TASK_DEPENDENTS_ENABLE", "tasks"),
    ("TAG_REFERENCES", "tags"),
    ("TAG_REFERENCES_ALL_COLUMNS", "tags"),
    ("TASK_DEPENDENTS", "tasks"),
    ("TASK_HISTORY", "histories"),
    ("TO_GEOGRAPHY", "GEOGRAPHY and GEOMETRY"),
    ("TO_GEOMETRY", "GEOGRAPHY and GEOMETRY"),
    ("TRY_TO_GEOGRAPHY", "GEOGRAPHY and GEOMETRY"),
    ("TRY_TO_GEOMETRY", "GEOGRAPHY and GEOMETRY"),
    ("VALIDATE", "stages"),
    ("VECTOR_COSINE_SIMILARITY", "VECTOR"),
    ("VECTOR_INNER_PRODUCT", "VECTOR"),
    ("VECTOR_L1_DISTANCE", "VECTOR"),
    ("VECTOR_L2_DISTANCE", "VECTOR"),
];

#[test]
fn snowflakes_functions_are_there() {
    let known = known();
    let mut complaints = Vec::new();
    for tier in 1..=3 {
        let names = functions::reference().filter(|(of, _, _)| *of == tier);
        let (mut total, mut covered) = (0, 0);
        for (_, name, aliases) in names {
            total += 1;
            let excused = MISSING.iter().any(|(missing, _)| *missing == name);
            let found = known.contains(name);
            match (found, excused) {
                (false, false) => complaints.push(format!("tier {tier}: {name} is not there")),
                (true, true) => complaints.push(format!("{name} is there, and excused")),
                (true, false) => covered += 1,
                (false, true) => {}
            }
            for alias in aliases {
                if found && !known.contains(alias) {
                    complaints.push(format!("{name}: its alias {alias} is not there"));
                }
            }
        }
        println!("tier {tier}: {covered} of {total}");
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn functions_of_services_are_named_as_unsupported() {
    let server = TestServer::start();
    let mut session = server.session();
    let known = known();
    let lacking = functions::reference().filter(|(_, name, _)| !known.contains(name));
    let mut wrong = Vec::new();
    for (_, name, _) in lacking.filter(|(tier, _, _)| *tier == 4) {
        let expected = format!("Unsupported feature '{name}'.");
        match session.run(&format!("select {name}()")) {
            Answer::Error { text, .. } if text.ends_with(&expected) => {}
            other => wrong.push(format!("{name}: {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn reference_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/functions.md");
    let page = reference_page();
    if std::env::var_os("SNOWGLOBE_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/functions.md is old: SNOWGLOBE_BLESS=1 cargo test --test all reference_page"
    );
}

fn reference_page() -> String {
    let mut page = String::from(
        "# Functions\n\n\
         Written from the function table by a test; do not edit. Arguments in the notation of \
         `src/functions/signature.rs`; every example is run as a test.\n",
    );
    let mut section = |title: &str, entries: Vec<String>| {
        writeln!(page, "\n## {title}").unwrap();
        entries.iter().for_each(|entry| page.push_str(entry));
    };
    for (category, functions) in functions::categories() {
        let entries = functions.iter().map(|function| {
            let calls = function.signatures.iter().map(|signature| {
                let text = signature.text;
                format!("{}{}", function.name, text.trim_end_matches(" -> tree"))
            });
            let examples = function.examples.iter();
            let examples = examples.map(|(sql, value)| ((*sql).to_owned(), *value));
            entry(
                (function.name, function.aliases, function.summary),
                calls.collect(),
                examples.collect(),
            )
        });
        section(category, entries.collect());
    }
    for (category, constructs) in functions::constructs() {
        let entries = constructs.iter().map(|construct| {
            let forms = construct.forms.iter().map(|form| (*form).to_owned());
            let examples = construct.examples.iter();
            let examples = examples.map(|(sql, value)| ((*sql).to_owned(), *value));
            entry(
                (construct.name, construct.aliases, construct.summary),
                forms.collect(),
                examples.collect(),
            )
        });
        section(category, entries.collect());
    }
    page
}

fn entry(
    (name, aliases, summary): (&str, &[&str], &str),
    calls: BTreeSet<String>,
    examples: Vec<(String, &str)>,
) -> String {
    let mut text = format!("\n### {name}\n\n{summary}");
    if !aliases.is_empty() {
        write!(text, " Also {}.", aliases.join(", ")).unwrap();
    }
    text.push_str("\n\n```sql\n");
    calls
        .iter()
        .for_each(|call| writeln!(text, "{call}").unwrap());
    if !examples.is_empty() {
        text.push('\n');
    }
    for (sql, value) in examples {
        writeln!(text, "{sql}  -- {}", value.escape_debug()).unwrap();
    }
    text.push_str("```\n");
    text
}
