//! The rules of `src/lib.rs`, held by reading the source: who may use whom, which crates stay in one room, which tables are
//! sorted, and that nothing outside tests can panic on purpose.

use std::fs;
use std::path::{Path, PathBuf};

use snowglobe::error::ErrorCode;

/// The rooms, from top to bottom. A room may use itself and what stands in a line below it.
const LAYERS: &[&[&str]] = &[
    &["main"],
    &["connection", "health"],
    &["config"],
    &["server"],
    &["query"],
    &["statement"],
    &["objects"],
    &["lower", "session"],
    &["bind"],
    &["catalog", "functions"],
    &["engine", "files", "result", "stage", "tree"],
    &["sql", "types"],
    &["error"],
];

/// Crates that only some rooms know.
const CRATES: &[(&str, &[&str])] = &[
    ("axum", &["server", "main"]),
    ("duckdb", &["engine"]),
    ("libduckdb_sys", &["engine"]),
    ("rustls", &["server"]),
    (
        "serde_json",
        &["catalog", "engine", "files", "result", "server", "stage"],
    ),
    ("sqlparser", &["bind", "objects", "sql", "statement"]),
    ("tokio", &["main", "query", "server"]),
    ("tower_http", &["server"]),
];

/// Words that end the program, or promise to be written later.
const PANICS: &[&str] = &[
    ".unwrap()",
    ".expect(\"", // not our cursors' own `expect`
    "panic!(",
    "todo!(",
    "unimplemented!(",
    "unreachable!(",
    "dbg!(",
];

/// Names of files that say nothing of what is in them.
const VAGUE_NAMES: &[&str] = &["common", "helper", "manager", "misc", "processor", "util"];

/// A source file without comments and without its tests.
struct Source {
    /// Relative to `src`.
    path: String,
    text: String,
    code: Vec<(usize, String)>,
}

impl Source {
    /// The top-level module that it belongs to.
    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    find(&root, &mut paths);
    let sources = paths.iter().map(|path| {
        let text = fs::read_to_string(path).unwrap();
        Source {
            path: path.strip_prefix(&root).unwrap().display().to_string(),
            code: code(&text),
            text,
        }
    });
    let sources: Vec<_> = sources
        .filter(|source| !source.path.ends_with("tests.rs"))
        .collect();
    assert!(sources.len() > 80, "only {} source files", sources.len());
    sources
}

fn find(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// The lines with their numbers, without comments and items under `#[cfg(test)]` (which rustfmt closes where it opened them).
fn code(text: &str) -> Vec<(usize, String)> {
    let mut code = Vec::new();
    let mut test_item: Option<usize> = None; // its indentation
    for (index, line) in text.lines().enumerate() {
        let indentation = line.len() - line.trim_start().len();
        if let Some(of_item) = test_item {
            let ends = indentation == of_item && line.trim_end().ends_with(['}', ';']);
            if ends {
                test_item = None;
            }
        } else if line.trim() == "#[cfg(test)]" {
            test_item = Some(indentation);
        } else {
            let line = line.split_once("//").map_or(line, |(code, _)| code);
            code.push((index + 1, line.to_owned()));
        }
    }
    code
}

/// The words that stand where `prefix` does: `crate::sql` -> `sql`.
fn words_after<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    line.match_indices(prefix).map(move |(index, _)| {
        let rest = &line[index + prefix.len()..];
        &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())]
    })
}

fn report(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn upper_rooms_use_lower_ones_never_the_reverse() {
    let layer = |room: &str| LAYERS.iter().position(|rooms| rooms.contains(&room));
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.path != "lib.rs") {
        let room = source.room();
        let Some(own) = layer(room) else {
            wrong.push(format!("{}: room {room} has no layer", source.path));
            continue;
        };
        for (number, line) in &source.code {
            for used in words_after(line, "crate::").filter(|used| *used != room) {
                if layer(used).is_none_or(|layer| layer <= own) {
                    wrong.push(format!("src/{}:{number}: {room} uses {used}", source.path));
                }
            }
        }
    }
    report(wrong);
}

#[test]
fn crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, rooms) in CRATES {
            let path = format!("{name}::");
            let uses = |line: &str| {
                let mut places = line.match_indices(&path);
                places.any(|(index, _)| {
                    !line[..index].ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c))
                })
            };
            let used = source.code.iter().find(|(_, line)| uses(line));
            if let Some((number, _)) = used
                && !rooms.contains(&source.room())
            {
                wrong.push(format!("src/{}:{number}: {name}", source.path));
            }
        }
    }
    report(wrong);
}

#[test]
fn nothing_panics_on_purpose() {
    let mut wrong = Vec::new();
    for source in sources() {
        let allowed = "#[allow(clippy::unwrap_used)]"; // for the function below it, with its reason
        let allows = |number: usize| {
            let above = source
                .code
                .iter()
                .filter(|(n, _)| (number.saturating_sub(2)..number).contains(n));
            above.clone().any(|(_, line)| line.trim() == allowed)
        };
        for (number, line) in source.code.iter().filter(|(number, _)| !allows(*number)) {
            for panic in PANICS.iter().filter(|panic| line.contains(**panic)) {
                wrong.push(format!("src/{}:{number}: {panic}", source.path));
            }
        }
    }
    report(wrong);
}

#[test]
fn each_file_says_what_it_is() {
    let mut wrong = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//! ") {
            wrong.push(format!("src/{}: no module doc", source.path));
        }
        let name = source.path.rsplit('/').next().unwrap();
        if VAGUE_NAMES.iter().any(|vague| name.contains(vague)) {
            wrong.push(format!("src/{}: its name says nothing", source.path));
        }
    }
    report(wrong);
}

#[test]
fn the_error_table_is_sorted_by_number() {
    let numbers = ErrorCode::ALL.iter().map(|code| code.number());
    let pairs = numbers.clone().zip(numbers.skip(1));
    let wrong = pairs.filter(|(a, b)| a > b);
    report(
        wrong
            .map(|(a, b)| format!("{b} stands after {a}"))
            .collect(),
    );
}

#[test]
fn sqlstates_have_five_characters() {
    for code in ErrorCode::ALL {
        let is_valid = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
        let state = code.sqlstate();
        assert!(state.len() == 5 && state.chars().all(is_valid), "{code:?}");
    }
}

#[test]
fn statements_are_sorted_and_unique() {
    let table =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/statement/mod.rs"));
    let table = table.unwrap();
    let rows = table.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = line
            .strip_prefix("row(\"")
            .or(line.strip_prefix("known(\""))?;
        line.split('"').next()
    });
    let rows: Vec<_> = rows.collect();
    assert!(rows.len() > 20);
    assert!(rows.is_sorted_by(|a, b| a < b), "{rows:?}");
}

#[test]
fn parameters_are_sorted_and_unique() {
    let names: Vec<_> = snowglobe::session::Parameters::default()
        .iter()
        .map(|(row, _)| row.name)
        .collect();
    assert!(names.len() > 40);
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
}

#[test]
fn code_has_no_comments_and_no_tests() {
    let text = "a // b\n#[cfg(test)]\nmod tests {\n    c\n}\nd\n    #[cfg(test)]\n    fn e() {\n        f\n    }\ng";
    let lines: Vec<_> = code(text).into_iter().map(|(_, line)| line).collect();
    assert_eq!(lines, ["a ", "d", "g"]);
}
