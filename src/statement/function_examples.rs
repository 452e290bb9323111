//! The examples of the function table, and statements of one's own, through the whole pipeline in one process.

use std::sync::Arc;

use super::{Context, Instance, InstanceOptions, LoginScope, Request};
use crate::engine;
use crate::functions;
use crate::result::CellStyle;
use crate::session::{Cancellation, Client, Parameters, QueryId, Scope, Session};

struct Pipeline {
    instance: Arc<Instance>,
    session: Session,
    _directory: tempfile::TempDir,
}

impl Pipeline {
    fn new() -> Pipeline {
        let directory = tempfile::tempdir().unwrap();
        let options = InstanceOptions {
            spool_directory: directory.path().join("results"),
            spool_limit: 1 << 30,
            account: "ACCOUNT".into(),
            multi_account: false,
            strict_login: false,
            default_scope: LoginScope {
                database: Some("DB".into()),
                schema: Some("PUBLIC".into()),
                warehouse: Some("WH".into()),
                role: Some("SYSADMIN".into()),
            },
            engine: engine::Options {
                database: None,
                temp_directory: directory.path().join("engine"),
                memory_limit: None,
                threads: Some(2),
                concurrent_statements: 1,
            },
        };
        let instance = Instance::open(options).unwrap();
        let account = instance.account("account").unwrap();
        let entered = instance.enter(account, &LoginScope::default()).unwrap();
        let scope = Scope {
            database: entered.database,
            schema: entered.schema,
            warehouse: entered.warehouse,
            role: entered.role,
        };
        let session = Session::new(
            account,
            "USER".into(),
            Client::default(),
            scope,
            Parameters::default(),
        );
        Pipeline {
            instance,
            session,
            _directory: directory,
        }
    }

    /// Types and rows of a statement, or its error's text.
    #[allow(clippy::type_complexity)]
    fn run(&self, text: &str) -> Result<(Vec<String>, Vec<Vec<Option<String>>>), String> {
        let cancellation = Cancellation::default();
        let answer = self
            .session
            .with_connection(&self.instance.engine, |connection| {
                let mut context = Context {
                    instance: &self.instance,
                    session: &self.session,
                    query_id: QueryId::generate(),
                    parameters: self.session.parameters(),
                    cancellation: &cancellation,
                    connection,
                };
                let request = Request {
                    text,
                    bindings: &[],
                    describe_only: false,
                };
                super::execute(&mut context, &request)
            });
        let result = answer
            .map_err(|error| {
                let code = error.code();
                format!("error {:06} {}: {error}", code.number(), code.sqlstate())
            })?
            .result;
        let types = result
            .columns()
            .iter()
            .map(|column| {
                let not_null = if column.nullable { "" } else { " NOT NULL" };
                format!("{}{not_null}", column.logical)
            })
            .collect();
        let mut rows = Vec::new();
        for chunk in 0..result.chunks().len() {
            let mut json = b"[".to_vec();
            result
                .write_json(chunk, CellStyle::SqlApi, &mut json)
                .unwrap();
            json.push(b']');
            let chunk: Vec<Vec<Option<String>>> = serde_json::from_slice(&json).unwrap();
            rows.extend(chunk);
        }
        Ok((types, rows))
    }
}

#[test]
fn every_example_has_its_value() {
    let pipeline = Pipeline::new();
    let wanted = std::env::var("ONLY").ok();
    let mut wrong = Vec::new();
    let functions = functions::categories()
        .iter()
        .flat_map(|(_, functions)| *functions)
        .filter(|f| {
            wanted
                .as_deref()
                .is_none_or(|wanted| f.name.contains(wanted))
        });
    for function in functions {
        for (example, expected) in function.examples {
            let text = format!("SELECT CAST(v AS VARCHAR) FROM (SELECT {example}) AS example(v)");
            // BINARY prints as its cast would.
            let answer = pipeline.run(&text).or_else(|error| {
                if error.contains("cast from BINARY") {
                    pipeline.run(&format!("SELECT {example}"))
                } else {
                    Err(error)
                }
            });
            let found = match answer {
                Ok((_, rows)) => {
                    let cells: Vec<_> = rows
                        .into_iter()
                        .flatten()
                        .map(|cell| cell.unwrap_or_else(|| "NULL".to_owned()))
                        .collect();
                    cells.join("\n")
                }
                Err(error) => error,
            };
            if found != *expected {
                wrong.push(format!("{example}\n  is  {found}\n  not {expected}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// `PROBE=file.sql cargo test probe -- --nocapture`: statements, one a line, and what they answer.
#[test]
#[allow(clippy::print_stdout)]
fn probe() {
    let Ok(path) = std::env::var("PROBE") else {
        return;
    };
    let pipeline = Pipeline::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        if line.trim().is_empty() || line.starts_with('#') {
            println!("{line}");
            continue;
        }
        println!("{line}");
        match pipeline.run(line) {
            Ok((types, rows)) => {
                println!("    {}", types.join(" | "));
                for row in rows {
                    let cells: Vec<_> = row
                        .into_iter()
                        .map(|cell| cell.unwrap_or_else(|| "NULL".to_owned()))
                        .collect();
                    println!("    {}", cells.join(" | "));
                }
            }
            Err(error) => println!("    {}", error.replace('\n', "\\n")),
        }
    }
}
