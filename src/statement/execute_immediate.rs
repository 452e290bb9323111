//! EXECUTE IMMEDIATE of one statement, or of one block.

use super::{Context, Parsed, Statement, StatementKind};
use crate::error::{Error, Result};
use crate::result::ResultSet;
use crate::sql::{Cursor, Folding, Source, StatementText};

struct ExecuteImmediate {
    text: Text,
    folding: Folding,
}

enum Text {
    Given(String),
    /// The name of a session variable.
    Variable(String),
}

/// `EXECUTE IMMEDIATE { 'statement' | $variable }`
pub(super) fn parse<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let folding = cursor.folding();
    let text = match cursor.session_variable() {
        Some(name) => Text::Variable(name),
        None if cursor.peek_word().as_deref() == Some("FROM") => {
            return Err(Error::unsupported("EXECUTE IMMEDIATE FROM"));
        }
        None => Text::Given(cursor.string()?),
    };
    if cursor.peek_word().as_deref() == Some("USING") {
        return Err(Error::unsupported("EXECUTE IMMEDIATE … USING"));
    }
    cursor.end()?;
    Ok(Box::new(ExecuteImmediate { text, folding }))
}

impl ExecuteImmediate {
    fn text(&self, context: &Context<'_>) -> Result<String> {
        match &self.text {
            Text::Given(text) => Ok(text.clone()),
            Text::Variable(name) => {
                let variables = context.session.variables();
                let variable = variables.get(name);
                let variable = variable.ok_or_else(|| Error::session_variable_missing(name))?;
                variable.text.clone().ok_or_else(Error::empty_statement)
            }
        }
    }

    fn run(&self, context: &mut Context<'_>, describe_only: bool) -> Result<ResultSet> {
        let text = self.text(context)?;
        let source = Source::tokenize(&text)?;
        match source.statements()[..] {
            [] => Err(Error::empty_statement()),
            [statement] => Ok(super::execute(context, statement, describe_only)?.result),
            ref several => match context.parameters.integer("MULTI_STATEMENT_COUNT") {
                0 => Err(Error::unsupported(
                    "EXECUTE IMMEDIATE of several statements",
                )),
                wanted => Err(Error::statement_count(several.len(), wanted)),
            },
        }
    }
}

impl Statement for ExecuteImmediate {
    fn kind(&self) -> StatementKind {
        let Text::Given(text) = &self.text else {
            return StatementKind::Select;
        };
        let inner = || -> Result<StatementKind> {
            let source = Source::tokenize(text)?;
            match source.statements()[..] {
                [statement] => Ok(super::parse(statement, self.folding)?.kind()),
                _ => Ok(StatementKind::Select),
            }
        };
        inner().unwrap_or(StatementKind::Select)
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.run(context, false)
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.run(context, true)
    }
}
