//! SET and UNSET of session variables, which statements read as `$name`.
//!
//! A value is computed once, by the engine, and kept as the text that a cast to VARCHAR gives, with the type that it had.
//!
//! Source: Snowflake, "SET", "SQL variables".

use arrow::array::AsArray;
use sqlparser::tokenizer::Token;

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind};
use crate::error::{Error, Result};
use crate::lower;
use crate::result::ResultSet;
use crate::session::Variable;
use crate::sql::{Cursor, StatementText, ast};
use crate::tree::{Body, OutputColumn, Query, Select};
use crate::types::LogicalType;

/// Largest value of a variable, in bytes.
const LIMIT: usize = 256;

struct Set<'a> {
    text: StatementText<'a>,
    names: Vec<String>,
    values: Vec<ast::Expr>,
}

/// `SET name = expression`, `SET (name, …) = (expression, …)`
pub(super) fn parse_set<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let several = cursor
        .peek()
        .is_some_and(|token| token.token == Token::LParen);
    let names = if several {
        cursor.identifier_list()?
    } else {
        vec![cursor.identifier()?]
    };
    cursor.expect(&Token::Eq)?;
    let value = cursor.expression()?;
    cursor.end()?;
    let values = match value {
        ast::Expr::Tuple(values) if several => values,
        ast::Expr::Nested(value) if several => vec![*value],
        value => vec![value],
    };
    if names.len() != values.len() {
        return Err(Error::insert_value_count(names.len(), values.len()));
    }
    Ok(Box::new(Set {
        text,
        names,
        values,
    }))
}

impl Statement for Set<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::AlterSession
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let (lookup, facts) = (context.lookup(), context.facts());
        let binder = context.binder(&lookup, &facts, self.text, "SET");
        let mut types = Vec::new();
        let mut projection = Vec::new();
        for value in &self.values {
            let bound = binder.constant(value)?;
            types.push(bound.ty.clone());
            projection.push(bound.cast(LogicalType::TEXT));
        }
        let texts = evaluate(context, projection)?;
        for (name, text) in self.names.iter().zip(&texts) {
            if let Some(text) = text.as_ref().filter(|text| text.len() > LIMIT) {
                return Err(Error::variable_too_long(name, text.len(), LIMIT));
            }
        }
        let now = jiff::Timestamp::now().as_microsecond();
        context.session.change_variables(|variables| {
            for ((name, logical), text) in self.names.iter().zip(types).zip(texts) {
                let created = variables.get(name).map_or(now, |known| known.created);
                let variable = Variable {
                    logical,
                    text,
                    created,
                    updated: now,
                };
                variables.set(name, variable);
            }
        });
        status("Statement executed successfully.")
    }
}

/// The values of texts that see no columns.
fn evaluate(
    context: &mut Context<'_>,
    projection: Vec<crate::tree::Expr>,
) -> Result<Vec<Option<String>>> {
    let _pin = context.instance.pin();
    let columns = projection
        .iter()
        .map(|expr| OutputColumn {
            name: String::new(),
            ty: expr.ty.clone(),
            nullable: true,
            origin: None,
        })
        .collect();
    let width = projection.len();
    let select = Select {
        distinct: false,
        from: None,
        filter: None,
        grouping: None,
        having: None,
        qualify: None,
        projection,
    };
    let query = Query {
        ctes: vec![],
        body: Body::Select(Box::new(select)),
        order_by: vec![],
        limit: None,
        offset: None,
        columns,
    };
    let lowered = lower::query(&query, &context.facts())?;
    let mut values = vec![None; width];
    for batch in context.connection.query(&lowered.sql)? {
        let batch = batch?;
        for (index, value) in values.iter_mut().enumerate() {
            if batch.num_rows() > 0 {
                let column = batch.column(index).as_string::<i32>();
                *value = column.iter().next().flatten().map(str::to_owned);
            }
        }
    }
    Ok(values)
}

struct Unset {
    names: Vec<String>,
}

/// `UNSET name`, `UNSET (name, …)`
pub(super) fn parse_unset<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let several = cursor
        .peek()
        .is_some_and(|token| token.token == Token::LParen);
    let names = if several {
        cursor.identifier_list()?
    } else {
        vec![cursor.identifier()?]
    };
    cursor.end()?;
    Ok(Box::new(Unset { names }))
}

impl Statement for Unset {
    fn kind(&self) -> StatementKind {
        StatementKind::AlterSession
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        context.session.change_variables(|variables| {
            self.names.iter().for_each(|name| variables.unset(name));
        });
        status("Statement executed successfully.")
    }
}
