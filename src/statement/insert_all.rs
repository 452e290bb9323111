//! INSERT ALL and INSERT FIRST: into several tables.

use super::write::{self, Target, Write};
use super::{Context, Parsed, Statement, StatementKind, insert, merge};
use crate::bind::{self, IntoTarget, MultiBranch, MultiCondition};
use crate::catalog::{Object, ObjectKind};
use crate::error::{Error, Result};
use crate::lower;
use crate::result::ResultSet;
use crate::session::locks::Mode;
use crate::sql::{Cursor, ObjectName, StatementText, ast};
use crate::tree;

struct InsertAll<'a> {
    text: StatementText<'a>,
    branches: Vec<Branch>,
    source: Box<ast::Query>,
    first: bool,
    overwrite: bool,
}

struct Branch {
    condition: Condition,
    into: Vec<Into>,
}

enum Condition {
    Always,
    When(Box<ast::Expr>),
    Else,
}

struct Into {
    table: ObjectName,
    columns: Vec<String>,
    values: Option<Vec<ast::Expr>>,
}

/// `INSERT [OVERWRITE] { ALL | FIRST } { WHEN … THEN INTO … | INTO … } … [ELSE INTO …] query`, with the cursor before ALL.
pub(super) fn parse<'a>(
    text: StatementText<'a>,
    cursor: &mut Cursor<'a>,
    overwrite: bool,
) -> Parsed<'a> {
    let first = cursor.take_word("FIRST");
    if !first {
        cursor.expect_word("ALL")?;
    }
    let mut branches = Vec::new();
    if !first && cursor.peek_word().as_deref() == Some("INTO") {
        branches.push(Branch {
            condition: Condition::Always,
            into: into_clauses(cursor)?,
        });
    } else {
        while branches.is_empty() || cursor.peek_word().as_deref() == Some("WHEN") {
            cursor.expect_word("WHEN")?;
            let condition = Condition::When(Box::new(cursor.expression()?));
            cursor.expect_word("THEN")?;
            branches.push(Branch {
                condition,
                into: into_clauses(cursor)?,
            });
        }
        if cursor.take_word("ELSE") {
            branches.push(Branch {
                condition: Condition::Else,
                into: into_clauses(cursor)?,
            });
        }
    }
    let source = cursor.query()?;
    cursor.end()?;
    Ok(Box::new(InsertAll {
        text,
        branches,
        source,
        first,
        overwrite,
    }))
}

/// At least one `INTO table [(columns)] [VALUES (…)]`.
fn into_clauses(cursor: &mut Cursor<'_>) -> Result<Vec<Into>> {
    let mut clauses = Vec::new();
    while clauses.is_empty() || cursor.peek_word().as_deref() == Some("INTO") {
        cursor.expect_word("INTO")?;
        let table = cursor.object_name()?;
        let columns = insert::columns(cursor)?;
        let values = cursor
            .take_word("VALUES")
            .then(|| merge::values(cursor))
            .transpose()?;
        clauses.push(Into {
            table,
            columns,
            values,
        });
    }
    Ok(clauses)
}

impl Statement for InsertAll<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::MultiInsert
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let counts = write::write(context, &|context| self.compile(context))?;
        let (names, places) = self.answers();
        let mut sums = vec![0; names.len()];
        for (place, count) in places.into_iter().zip(counts) {
            sums[place] += count;
        }
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        write::answer(&names, &sums)
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.bind(context)?;
        let (names, _) = self.answers();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        write::describe(&names)
    }
}

impl InsertAll<'_> {
    fn all_clauses(&self) -> impl Iterator<Item = &Into> {
        self.branches.iter().flat_map(|branch| &branch.into)
    }

    /// The columns of the answer, one for each table; and for each INTO clause, which of them counts it.
    fn answers(&self) -> (Vec<String>, Vec<usize>) {
        let mut tables: Vec<&ObjectName> = Vec::new();
        let mut places = Vec::new();
        for into in self.all_clauses() {
            let place = tables.iter().position(|table| **table == into.table);
            places.push(place.unwrap_or(tables.len()));
            if place.is_none() {
                tables.push(&into.table);
            }
        }
        let names = tables
            .iter()
            .map(|table| format!("number of rows inserted into {}", table.last()));
        (names.collect(), places)
    }

    fn compile(&self, context: &Context<'_>) -> Result<Write> {
        let (targets, insert) = self.bind(context)?;
        let mode = if self.overwrite {
            Mode::Exclusive
        } else {
            Mode::Shared
        };
        let mut targets = targets.into_iter();
        let first = targets
            .next()
            .ok_or_else(|| Error::internal("INSERT ALL into nothing"))?;
        let written = lower::insert_all(&insert, &context.facts())?;
        let mut write = Write::new(
            first.table,
            &first.name,
            &first.physical_name,
            mode,
            insert.tables(),
            written,
        );
        write.others = targets.collect();
        Ok(write)
    }

    /// The bound statement and the tables of its INTO clauses, in order.
    fn bind(&self, context: &Context<'_>) -> Result<(Vec<Target>, tree::MultiInsert)> {
        let (lookup, facts) = (context.lookup(), context.facts());
        let find = |name: &ObjectName| -> Result<&Object> {
            lookup
                .find(ObjectKind::Table, &name.parts, "INSERT")?
                .map(|object| &**object)
                .ok_or_else(|| Error::object_does_not_exist("Table", name))
        };
        let mut targets = Vec::new();
        let branches = self
            .branches
            .iter()
            .map(|branch| {
                let into = branch
                    .into
                    .iter()
                    .map(|into| {
                        let object = find(&into.table)?;
                        targets.push((object.id, into.table.last().to_owned()));
                        Ok(IntoTarget {
                            object,
                            columns: &into.columns,
                            values: into.values.as_deref(),
                        })
                    })
                    .collect::<Result<_>>()?;
                Ok(MultiBranch {
                    condition: match &branch.condition {
                        Condition::Always => MultiCondition::Always,
                        Condition::When(condition) => MultiCondition::When(condition),
                        Condition::Else => MultiCondition::Else,
                    },
                    into,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let binder = context.binder(&lookup, &facts, self.text, "INSERT");
        let insert =
            bind::insert_all(&binder, &branches, &self.source, self.first, self.overwrite)?;
        let physical = insert.branches.iter().flat_map(|branch| &branch.into);
        let targets = targets
            .into_iter()
            .zip(physical)
            .map(|((table, name), into)| Target {
                table,
                name,
                physical_name: into.table.physical_name.clone(),
            })
            .collect();
        Ok((targets, insert))
    }
}
