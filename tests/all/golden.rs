//! Golden files: `tests/golden/<area>/<feature>.slt`, each a list of statements and what Snowflake answers.
//!
//! Every file runs twice, in process and over HTTP, against a server of its own, and must give the same. To run some files
//! alone: `SNOWGLOBE_GOLDEN=casts cargo test golden`. `SNOWGLOBE_BLESS=1` writes what came out into the files; read the diff as
//! carefully as code, since it turns every mistake into an expectation.
//!
//! # The format
//!
//! A file begins with `# source:` and where its expectations come from: `documentation`, `live account` (answers that
//! somebody recorded), `drivers` (their source or tests), or `assumption`; several with commas, details after a semicolon.
//! Then come records with blank lines between them:
//!
//! ```text
//! statement ok                      the statement succeeds, its answer does not matter
//! create table t (n int)
//!
//! statement count 2                 its one row counts two rows, as a driver adds them up
//! insert into t values (1), (2)
//!
//! query N NUMBER(38,0), S VARCHAR(1) not null
//! select n, 'x' as s from t order by n
//! ----
//! 1  x
//! 2  x
//!
//! error 000904 42000
//! select nothing from t
//! ----
//! SQL compilation error: error line 1 at position 7
//! invalid identifier 'NOTHING'
//!
//! session other                     what follows runs in another session; the first one's name is `main`
//! ```
//!
//! Statements have no blank lines in them. Cells stand two blanks apart; NULL is `NULL`, a cell that would be ambiguous (empty,
//! with two blanks or a line break in it, …) is in double quotes with Rust's escapes, as are column names that are no plain
//! identifiers. Booleans are `true` and `false`, dates and timestamps are ISO 8601 without trailing zeros in the fraction;
//! TIMESTAMP_LTZ is in UTC. A column whose first expected cell is `*` may hold anything, as `created_on` always may;
//! `query [name, kind] …` looks at these columns alone. An error's text after `----` may be left out where it is not the same
//! each time. A line `# …` before a record is a comment; where we are wrong on purpose or for now, it says
//! `# known difference: ` and what Snowflake answers.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use crate::client::{Answer, Client, Column, TestServer};

const SOURCES: &[&str] = &["documentation", "live account", "drivers", "assumption"];

#[test]
fn golden_files_in_process() {
    let bless = env::var_os("SNOWGLOBE_BLESS").is_some();
    run_files(|file| {
        let server = TestServer::start();
        let mut sessions = Sessions::new(|| server.session());
        file.run(bless, |session, sql| sessions.get(session).run(sql))
    });
}

#[test]
fn golden_files_over_http() {
    run_files(|file| {
        let mut server = TestServer::start();
        let mut sessions = Sessions::new(|| server.http_session());
        file.run(false, |session, sql| sessions.get(session).run(sql))
    });
}

/// Named sessions, opened when they are first used.
struct Sessions<C, F> {
    open: F,
    opened: BTreeMap<String, C>,
}

impl<C: Client, F: FnMut() -> C> Sessions<C, F> {
    fn new(open: F) -> Self {
        let opened = BTreeMap::new();
        Sessions { open, opened }
    }

    fn get(&mut self, name: &str) -> &mut C {
        let open = &mut self.open;
        self.opened.entry(name.to_owned()).or_insert_with(open)
    }
}

/// Runs all files, several at once, and fails with everything that is wrong.
fn run_files(run: impl Fn(&File) -> String + Sync) {
    let wanted = env::var("SNOWGLOBE_GOLDEN").unwrap_or_default();
    let mut paths = paths();
    paths.retain(|path| path.to_string_lossy().contains(&wanted));
    assert!(
        !paths.is_empty(),
        "no golden file with '{wanted}' in its path"
    );
    let (next, complaints) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let known_differences = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = path.strip_prefix(folder()).unwrap().display().to_string();
                    let complaint = match File::read(path) {
                        Err(complaint) => complaint,
                        Ok(file) => {
                            known_differences
                                .fetch_add(file.known_differences(), Ordering::Relaxed);
                            run(&file)
                        }
                    };
                    if !complaint.is_empty() {
                        complaints.lock().unwrap().insert(name, complaint);
                    }
                }
            });
        }
    });
    println!(
        "{} golden files, {} known differences",
        paths.len(),
        known_differences.into_inner()
    );
    let complaints = complaints.into_inner().unwrap();
    let text = |(name, complaint): (&String, &String)| format!("\n=== {name}\n{complaint}");
    let text: String = complaints.iter().map(text).collect();
    assert!(
        text.is_empty(),
        "{} golden files differ\n{text}",
        complaints.len()
    );
}

/// All golden files.
pub fn paths() -> Vec<PathBuf> {
    let mut paths = Vec::new();
    find(&folder(), &mut paths);
    paths.sort();
    paths
}

/// The statements of a golden file's text.
pub fn statements(text: &str) -> Vec<String> {
    let blocks = text.split("\n\n");
    let blocks = blocks.filter_map(|block| Block::new(0, &block.lines().collect::<Vec<_>>()).ok());
    blocks
        .map(|block| block.sql)
        .filter(|sql| !sql.is_empty())
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn find(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "slt") {
            paths.push(path);
        }
    }
}

/// A golden file, as blocks of lines.
struct File {
    path: PathBuf,
    blocks: Vec<Block>,
}

/// What stands between blank lines.
struct Block {
    /// Line of the file, from 1.
    line: usize,
    comments: Vec<String>,
    /// `statement ok`, `query …`; empty for a block of comments alone.
    directive: String,
    sql: String,
    /// What follows `----`, if that is there.
    expected: Option<Vec<String>>,
}

impl File {
    fn read(path: &Path) -> Result<File, String> {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let first = text.lines().next().unwrap_or_default();
        let source = first.strip_prefix("# source: ").unwrap_or_default();
        let mut names = source.split(';').next().unwrap_or_default().split(',');
        if !names.all(|name| SOURCES.contains(&name.trim())) {
            return Err(format!(
                "the first line is not `# source: ` and one of {SOURCES:?}"
            ));
        }
        let mut blocks = Vec::new();
        let mut lines = Vec::new();
        for (index, line) in text.lines().chain([""]).enumerate() {
            if !line.trim().is_empty() {
                lines.push(line);
            } else if !lines.is_empty() {
                let line = index + 1 - lines.len();
                blocks.push(Block::new(line, &std::mem::take(&mut lines))?);
            }
        }
        let path = path.to_owned();
        Ok(File { path, blocks })
    }

    fn known_differences(&self) -> usize {
        let comments = self.blocks.iter().flat_map(|block| &block.comments);
        comments
            .filter(|comment| comment.starts_with("# known difference: "))
            .count()
    }

    /// Runs the file; what is wrong comes back as text, or goes into the file.
    fn run(&self, bless: bool, mut run: impl FnMut(&str, &str) -> Answer) -> String {
        let mut session = "main";
        let (mut complaints, mut blessed) = (String::new(), String::new());
        for block in &self.blocks {
            if !blessed.is_empty() {
                blessed.push('\n');
            }
            if let Some(name) = block.directive.strip_prefix("session ") {
                session = name;
            }
            if block.sql.is_empty() {
                blessed += &block.text(&block.directive, block.expected.as_deref());
                continue;
            }
            let answer = run(session, &block.sql);
            let (directive, expected) = block.actual(&answer);
            if bless {
                blessed += &block.text(&directive, expected.as_deref());
            } else if (&directive, &expected) != (&block.directive, &block.expected) {
                let wanted = block.result(&block.directive, block.expected.as_deref());
                let got = block.result(&directive, expected.as_deref());
                let at = format!("{}:{}", self.path.display(), block.line);
                let _ = writeln!(
                    complaints,
                    "{at}\n{}\n{}",
                    block.sql,
                    difference(&wanted, &got)
                );
            }
        }
        if bless && blessed != fs::read_to_string(&self.path).unwrap_or_default() {
            fs::write(&self.path, blessed).unwrap();
        }
        complaints
    }
}

impl Block {
    fn new(line: usize, lines: &[&str]) -> Result<Block, String> {
        let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        let comment_count = lines
            .iter()
            .take_while(|line| line.starts_with('#'))
            .count();
        let (comments, rest) = lines.split_at(comment_count);
        let mut block = Block {
            line,
            comments: owned(comments),
            directive: String::new(),
            sql: String::new(),
            expected: None,
        };
        if let [directive, rest @ ..] = rest {
            let known = ["error", "query", "session", "statement"];
            if !known.contains(&directive.split(' ').next().unwrap_or_default()) {
                return Err(format!("line {line}: unknown directive '{directive}'"));
            }
            block.directive = (*directive).to_owned();
            let mut parts = rest.splitn(2, |line| *line == "----");
            block.sql = parts.next().unwrap_or_default().join("\n");
            block.expected = parts.next().map(owned);
        }
        Ok(block)
    }

    /// The directive and the expectation that this answer would have met. An answer of another kind than the expected one
    /// comes as a whole.
    fn actual(&self, answer: &Answer) -> (String, Option<Vec<String>>) {
        match answer {
            Answer::Error {
                code,
                sqlstate,
                text,
            } => {
                let wants_text = self.expected.is_some() || !self.directive.starts_with("error ");
                let lines = text.lines().map(str::to_owned).collect();
                (
                    format!("error {code} {sqlstate}"),
                    wants_text.then_some(lines),
                )
            }
            Answer::Rows { .. } if self.directive == "statement ok" => {
                (self.directive.clone(), self.expected.clone())
            }
            Answer::Rows { rows, .. } if self.directive.starts_with("statement count") => {
                let cells = rows.first().into_iter().flatten().flatten();
                let count: u64 = cells.filter_map(|cell| cell.parse::<u64>().ok()).sum();
                (format!("statement count {count}"), None)
            }
            Answer::Rows { columns, rows } => {
                let (picks, picked) = self.picked(columns);
                let header: Vec<_> = picked
                    .iter()
                    .map(|index| header(&columns[*index]))
                    .collect();
                let wildcards = self.wildcards();
                let cells = |row: &Vec<Option<String>>| -> String {
                    let cells = picked.iter().map(|index| (&row[*index], &columns[*index]));
                    let cells = cells.enumerate();
                    let cells = cells.map(|(index, (cell, column))| match cell {
                        _ if wildcards.get(index) == Some(&true) => "*".to_owned(),
                        Some(_) if column.name == "created_on" => "*".to_owned(),
                        None => "NULL".to_owned(),
                        Some(cell) => self::cell(cell, &column.type_name),
                    });
                    cells.collect::<Vec<_>>().join("  ")
                };
                let rows = rows.iter().map(cells).collect();
                (format!("query {picks}{}", header.join(", ")), Some(rows))
            }
        }
    }

    /// The columns that the directive names in brackets, or all: as text and as places. A name that is not there is left out.
    fn picked(&self, columns: &[Column]) -> (String, Vec<usize>) {
        let names = self.directive.strip_prefix("query [");
        let Some((names, _)) = names.and_then(|rest| rest.split_once(']')) else {
            return (String::new(), (0..columns.len()).collect());
        };
        let place = |name: &str| columns.iter().position(|column| column.name == name);
        let places = names.split(", ").filter_map(place).collect();
        (format!("[{names}] "), places)
    }

    /// The columns whose cells do not matter.
    fn wildcards(&self) -> Vec<bool> {
        let first = self.expected.iter().flatten().next();
        let mut rest = first.map_or("", String::as_str);
        let mut wildcards = Vec::new();
        while !rest.is_empty() {
            let end = match rest.strip_prefix('"') {
                Some(quoted) => closing_quote(quoted).map_or(rest.len(), |index| index + 2),
                None => rest.find("  ").unwrap_or(rest.len()),
            };
            wildcards.push(&rest[..end] == "*");
            rest = rest[end..].trim_start_matches(' ');
        }
        wildcards
    }

    fn result(&self, directive: &str, expected: Option<&[String]>) -> Vec<String> {
        let lines = expected.into_iter().flatten().cloned();
        std::iter::once(directive.to_owned()).chain(lines).collect()
    }

    fn text(&self, directive: &str, expected: Option<&[String]>) -> String {
        let mut lines = self.comments.clone();
        lines.extend([directive, &self.sql].map(str::to_owned));
        if let Some(expected) = expected {
            lines.push("----".to_owned());
            lines.extend_from_slice(expected);
        }
        lines.retain(|line| !line.is_empty());
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(index, character)| {
        let closes = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        closes.then_some(index)
    })
}

/// `NAME TYPE` or `NAME TYPE not null`
fn header(column: &Column) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_$".contains(character);
    let mut text = match &column.name {
        name if !name.is_empty() && name.chars().all(is_plain) => name.clone(),
        name => format!("{name:?}"),
    };
    let _ = write!(text, " {}", column.type_name);
    if !column.nullable {
        text.push_str(" not null");
    }
    text
}

/// A cell of the JSON protocol (`wire-protocol.md` 4), for people.
pub(crate) fn cell(cell: &str, type_name: &str) -> String {
    match type_name.split('(').next().unwrap_or_default() {
        "BOOLEAN" => match cell {
            "0" => "false".to_owned(),
            "1" => "true".to_owned(),
            other => format!("{other:?}"),
        },
        "DATE" => date(cell.parse().unwrap()),
        "TIME" => {
            let (seconds, fraction) = instant(cell);
            time_of_day(seconds, &fraction)
        }
        "TIMESTAMP_NTZ" => timestamp(cell, 0),
        "TIMESTAMP_LTZ" => format!("{}Z", timestamp(cell, 0)),
        "TIMESTAMP_TZ" => {
            let (instant, offset) = cell.split_once(' ').unwrap();
            let minutes = offset.parse::<i64>().unwrap() - 1440;
            let sign = if minutes < 0 { '-' } else { '+' };
            let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
            format!("{} {sign}{hours:02}:{rest:02}", timestamp(instant, minutes))
        }
        _ => {
            let odd = cell.is_empty()
                || cell.contains("  ")
                || cell.chars().any(char::is_control)
                || cell.starts_with(['"', '*', ' '])
                || cell.ends_with(' ')
                || cell == "NULL";
            if odd {
                format!("{cell:?}")
            } else {
                cell.to_owned()
            }
        }
    }
}

/// Seconds rounded down, and the fraction's digits without trailing zeros.
fn instant(cell: &str) -> (i64, String) {
    let (whole, fraction) = cell.split_once('.').unwrap_or((cell, ""));
    let seconds: i64 = whole.parse().unwrap();
    let nanos: i64 = format!("{fraction:0<9}").parse().unwrap();
    let total = if cell.starts_with('-') {
        i128::from(seconds) * 1_000_000_000 - i128::from(nanos)
    } else {
        i128::from(seconds) * 1_000_000_000 + i128::from(nanos)
    };
    let seconds = total.div_euclid(1_000_000_000) as i64;
    let fraction = format!("{:09}", total.rem_euclid(1_000_000_000));
    (seconds, fraction.trim_end_matches('0').to_owned())
}

fn timestamp(cell: &str, offset_minutes: i64) -> String {
    let (seconds, fraction) = instant(cell);
    let seconds = seconds + 60 * offset_minutes;
    let day = date(seconds.div_euclid(86_400));
    format!(
        "{day} {}",
        time_of_day(seconds.rem_euclid(86_400), &fraction)
    )
}

fn time_of_day(seconds: i64, fraction: &str) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{hours:02}:{minutes:02}:{seconds:02}{point}{fraction}")
}

/// The civil date of a day since 1970-01-01, by the proleptic Gregorian calendar (years 0 to 9999 and some more).
fn date(days: i64) -> String {
    let days = days + 719_468; // since 0000-03-01
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!("{:04}-{month:02}-{day:02}", year + 400 * era + carry)
}

/// Both texts line by line: `-` what was expected, `+` what came.
fn difference(expected: &[String], actual: &[String]) -> String {
    let same = expected
        .iter()
        .zip(actual)
        .take_while(|(a, b)| a == b)
        .count();
    let rest = expected[same..]
        .iter()
        .rev()
        .zip(actual[same..].iter().rev());
    let same_at_end = rest.take_while(|(a, b)| a == b).count();
    let mut text = String::new();
    let mut lines = |sign: &str, lines: &[String]| {
        for line in lines {
            let _ = writeln!(text, "  {sign} {line}");
        }
    };
    lines(" ", &expected[..same]);
    lines("-", &expected[same..expected.len() - same_at_end]);
    lines("+", &actual[same..actual.len() - same_at_end]);
    lines(" ", &expected[expected.len() - same_at_end..]);
    text
}

#[test]
fn cells_are_printed_for_people() {
    let check = |cell, type_name, expected| assert_eq!(self::cell(cell, type_name), expected);
    check("0", "DATE", "1970-01-01");
    check("-719528", "DATE", "0000-01-01");
    check("2932896", "DATE", "9999-12-31");
    check("11016", "DATE", "2000-02-29");
    check("3661.500000000", "TIME(9)", "01:01:01.5");
    check("-0.250000000", "TIMESTAMP_NTZ(9)", "1969-12-31 23:59:59.75");
    check(
        "0.000 1500",
        "TIMESTAMP_TZ(3)",
        "1970-01-01 01:00:00 +01:00",
    );
    check("0", "BOOLEAN", "false");
    check("", "VARCHAR(1)", "\"\"");
    check("NULL", "VARCHAR(4)", "\"NULL\"");
}

#[test]
fn a_difference_shows_what_is_around_it() {
    let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let text = difference(&lines("a b c"), &lines("a x c"));
    assert_eq!(text, "    a\n  - b\n  + x\n    c\n");
}
