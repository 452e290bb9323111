//! `SELECT SYSTEM$…(…)` and `CALL SYSTEM$…(…)` of the functions that do something rather than compute: they stand alone in
//! their statement.
//!
//! Source: Snowflake, "SYSTEM$CANCEL_QUERY", "SYSTEM$CANCEL_ALL_QUERIES", "SYSTEM$WAIT".

use std::time::{Duration, Instant};

use sqlparser::tokenizer::Token;

use super::{Context, Parsed, Statement, StatementKind};
use crate::error::{Error, ErrorCode, Result};
use crate::result::{Column, ResultSet};
use crate::session::SessionId;
use crate::sql::{Cursor, StatementText, ast};
use crate::tree::{ExprKind, Literal};
use crate::types::{LogicalType, decimal};

/// How often a waiting statement looks whether it was canceled.
const LOOK: Duration = Duration::from_millis(20);

struct SystemCall<'a> {
    text: StatementText<'a>,
    function: Function,
    arguments: Vec<ast::Expr>,
    column: String,
}

#[derive(Debug, Clone, Copy)]
enum Function {
    CancelAllQueries,
    CancelQuery,
    Wait,
}

pub(super) fn parse_cancel_all_queries<'a>(
    text: StatementText<'a>,
    cursor: &mut Cursor<'a>,
) -> Parsed<'a> {
    parse(text, cursor, Function::CancelAllQueries)
}

pub(super) fn parse_cancel_query<'a>(
    text: StatementText<'a>,
    cursor: &mut Cursor<'a>,
) -> Parsed<'a> {
    parse(text, cursor, Function::CancelQuery)
}

pub(super) fn parse_wait<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    parse(text, cursor, Function::Wait)
}

/// `(arguments) [[AS] alias]`, behind the words.
fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>, function: Function) -> Parsed<'a> {
    cursor.expect(&Token::LParen)?;
    let mut arguments = Vec::new();
    if !cursor.take(&Token::RParen) {
        arguments.push(cursor.expression()?);
        while cursor.take(&Token::Comma) {
            arguments.push(cursor.expression()?);
        }
        cursor.expect(&Token::RParen)?;
    }
    cursor.take_word("AS");
    let column = match cursor.peek() {
        Some(_) => cursor.identifier()?,
        // CALL names the column after the procedure, SELECT after the call as it is written.
        None => {
            let call = text.text().split_once(char::is_whitespace);
            let call = call.map_or("", |(_, call)| call).trim().to_uppercase();
            match text.text().get(..4) {
                Some(verb) if verb.eq_ignore_ascii_case("CALL") => {
                    call.split('(').next().unwrap_or_default().trim().to_owned()
                }
                _ => call,
            }
        }
    };
    cursor.end()?;
    Ok(Box::new(SystemCall {
        text,
        function,
        arguments,
        column,
    }))
}

impl Statement for SystemCall<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::Select
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let arguments = self.arguments(context)?;
        let answer = match self.function {
            Function::CancelAllQueries => cancel_all(context, self.only(&arguments)?)?,
            Function::CancelQuery => cancel(context, self.only(&arguments)?)?,
            Function::Wait => self.wait(context, &arguments)?,
        };
        ResultSet::from_text_rows(self.columns(), vec![vec![Some(answer)]])
    }

    fn describe(&self, _: &mut Context<'_>) -> Result<ResultSet> {
        ResultSet::describe(self.columns())
    }
}

impl SystemCall<'_> {
    fn columns(&self) -> Vec<Column> {
        vec![Column::new(&*self.column, LogicalType::TEXT)]
    }

    /// The arguments as text.
    fn arguments(&self, context: &Context<'_>) -> Result<Vec<String>> {
        let (lookup, facts) = (context.lookup(), context.facts());
        let binder = context.binder(&lookup, &facts, self.text, "SELECT");
        let text = |argument: &ast::Expr| {
            let bound = binder.constant(argument)?;
            match (bound.kind, bound.ty) {
                (ExprKind::Literal(Literal::Text(text)), _) => Ok(text),
                (ExprKind::Literal(Literal::Number(n)), LogicalType::Number { scale, .. }) => {
                    Ok(decimal::format(n, scale))
                }
                _ => Err(Error::unsupported("a system function over an expression")),
            }
        };
        self.arguments.iter().map(text).collect()
    }

    fn only<'s>(&self, arguments: &'s [String]) -> Result<&'s str> {
        match arguments {
            [only] => Ok(only),
            [] => Err(Error::not_enough_arguments(&self.column, 1, 0)),
            several => Err(Error::too_many_arguments(&self.column, 1, several.len())),
        }
    }

    fn wait(&self, context: &Context<'_>, arguments: &[String]) -> Result<String> {
        let (amount, unit) = match arguments {
            [] => return Err(Error::not_enough_arguments(&self.column, 1, 0)),
            [amount] => (amount, "SECONDS"),
            [amount, unit] => (amount, &**unit),
            several => return Err(Error::too_many_arguments(&self.column, 2, several.len())),
        };
        let unit = unit.to_uppercase();
        let milliseconds = match &*unit {
            "NANOSECONDS" => 1e-6,
            "MICROSECONDS" => 1e-3,
            "MILLISECONDS" => 1.0,
            "SECONDS" => 1000.0,
            "MINUTES" => 60_000.0,
            "HOURS" => 3_600_000.0,
            "DAYS" => 86_400_000.0,
            _ => return Err(Error::invalid_parameter_value(&unit, "time_unit")),
        };
        let seconds = amount
            .parse::<f64>()
            .ok()
            .map(|amount| amount * milliseconds / 1000.0)
            .filter(|seconds| (0.0..1e9).contains(seconds))
            .ok_or_else(|| Error::invalid_parameter_value(amount, "amount"))?;
        let deadline = Instant::now() + Duration::from_secs_f64(seconds);
        loop {
            context.cancellation.check()?;
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(format!("waited {amount} {}", unit.to_lowercase()));
            }
            std::thread::sleep(left.min(LOOK));
        }
    }
}

fn cancel(context: &Context<'_>, id: &str) -> Result<String> {
    let query = id.parse().map_err(|_| Error::statement_not_found(id))?;
    match context.queries.cancel(context.session, query) {
        Ok(()) => Ok(format!("query [{id}] terminated.")),
        Err(error) if error.code() == ErrorCode::NotExecuting => Ok(error.to_string()),
        Err(error) => Err(error),
    }
}

fn cancel_all(context: &Context<'_>, session: &str) -> Result<String> {
    let invalid = |_| Error::invalid_parameter_value(session, "session_id");
    let id = SessionId(session.parse().map_err(invalid)?);
    let count = context
        .queries
        .cancel_all(context.session, context.query_id, id);
    Ok(format!("completed. {count} statements cancelled."))
}
