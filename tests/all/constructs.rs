//! Every construct of the SQL core is in a golden file: with the columns that it answers and their types, and with at least
//! one error.

use std::fs;
use std::path::Path;

/// A construct, words that a statement of the file says, and the file.
const CONSTRUCTS: &[(&str, &str, &str)] = &[
    ("joins", "left join", "select/joins"),
    ("ASOF joins", "asof join", "select/asof_join"),
    ("common table expressions", "with ", "select/ctes"),
    ("recursive ones", "with recursive", "select/recursive"),
    ("subqueries", "exists (", "select/subqueries"),
    ("set operations", "union all", "select/set_operations"),
    ("GROUP BY", "group by", "select/group_by"),
    ("GROUP BY ALL", "group by all", "select/group_by"),
    ("ROLLUP", "rollup", "select/grouping_sets"),
    ("CUBE", "cube", "select/grouping_sets"),
    ("windows", "over (", "select/window_functions"),
    ("QUALIFY", "qualify", "select/qualify_and_windows"),
    ("the order of NULLs", "nulls first", "select/order_by"),
    ("LIMIT", "limit", "select/limit"),
    ("TOP", "top ", "select/limit"),
    ("OFFSET", "offset", "select/limit"),
    ("FETCH", "fetch", "select/limit"),
    ("VALUES", "values (", "select/names_in_from"),
    ("star with EXCLUDE", "exclude", "select/star"),
    ("star with RENAME", "rename", "select/star"),
    ("star with REPLACE", "replace", "select/star"),
    ("alias reuse", "c * 2 as d", "select/names_and_aliases"),
    ("names of expressions", "a + 1", "select/names_and_aliases"),
    ("arithmetic", "/", "values/arithmetic"),
    ("AVG and SUM", "avg(", "functions/aggregates"),
    ("INSERT", "insert into", "dml/insert"),
    (
        "INSERT OVERWRITE",
        "insert overwrite",
        "dml/insert_overwrite",
    ),
    ("INSERT ALL", "insert all", "dml/insert_all"),
    ("UPDATE … FROM", " from ", "dml/update"),
    ("DELETE … USING", " using ", "dml/delete"),
    ("MERGE", "merge into", "dml/merge"),
    ("TRUNCATE", "truncate", "dml/delete"),
    ("CTAS", " as select", "ddl/ctas"),
    (
        "CREATE DATABASE",
        "create database",
        "ddl/databases_and_schemas",
    ),
    (
        "CREATE SCHEMA",
        "create schema",
        "ddl/databases_and_schemas",
    ),
    ("CREATE TABLE", "create table", "ddl/tables"),
    ("CREATE VIEW", "create view", "ddl/views"),
    (
        "ALTER DATABASE and SCHEMA",
        "alter schema",
        "ddl/rename_swap",
    ),
    ("ALTER TABLE", "alter table", "ddl/alter_table"),
    ("ALTER VIEW", "alter view", "ddl/views"),
    ("DROP and UNDROP", "undrop table", "ddl/clone_undrop"),
    ("CLONE of a table", "clone", "ddl/clone_undrop"),
    (
        "CLONE of a schema and a database",
        "create database copy clone",
        "ddl/clone_containers",
    ),
    ("USE", "use schema", "ddl/databases_and_schemas"),
    (
        "SET, UNSET and $variables",
        "unset",
        "ddl/session_variables",
    ),
    ("IDENTIFIER", "identifier($", "ddl/identifier_call"),
    ("ALTER SESSION", "alter session", "session/parameters"),
    ("SHOW TABLES", "show tables", "show/tables"),
    (
        "SHOW SCHEMAS and DATABASES",
        "show schemas",
        "show/databases_and_schemas",
    ),
    ("SHOW … HISTORY", "show tables history", "show/history"),
    (
        "SHOW COLUMNS and KEYS",
        "show columns",
        "ddl/show_columns_keys",
    ),
    ("DESCRIBE", "describe table", "ddl/tables"),
    ("EXPLAIN", "explain using json", "select/explain"),
    (
        "BEGIN, COMMIT and ROLLBACK",
        "rollback",
        "session/transactions",
    ),
    ("AUTOCOMMIT", "autocommit = false", "session/transactions"),
    ("IDENTITY", "identity", "ddl/identity"),
    ("sequences", "nextval", "ddl/sequences"),
    ("column defaults", "default", "ddl/defaults"),
    ("temporary tables", "temporary", "ddl/temporary"),
    ("SQL functions", "returns int", "ddl/sql_functions"),
    ("SQL table functions", "returns table", "ddl/sql_functions"),
    (
        "EXECUTE IMMEDIATE",
        "execute immediate",
        "ddl/execute_immediate",
    ),
    ("all types as columns", "timestamp_ltz", "types/all_columns"),
    (
        "semi-structured columns",
        "variant",
        "ddl/semi_structured_columns",
    ),
    ("errors of writes", "not null", "dml/write_violations"),
];

#[test]
fn every_construct_is_in_a_golden_file_with_an_error() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut missing = Vec::new();
    for (construct, words, file) in CONSTRUCTS {
        let text = fs::read_to_string(folder.join(format!("{file}.slt"))).unwrap_or_default();
        let lines: Vec<_> = text.lines().map(str::to_lowercase).collect();
        let says = |words: &str| {
            let mut statements = lines.iter().filter(|line| !line.starts_with('#'));
            statements.any(|line| line.contains(words))
        };
        let begins = |word: &str| lines.iter().any(|line| line.starts_with(word));
        if !says(words) {
            missing.push(format!("{construct}: {file} does not say `{words}`"));
        }
        if !begins("query ") {
            missing.push(format!("{construct}: {file} has no columns"));
        }
        if !begins("error ") {
            missing.push(format!("{construct}: {file} has no error"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
