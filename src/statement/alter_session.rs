//! ALTER SESSION SET and UNSET.

use sqlparser::tokenizer::Token;

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind};
use crate::error::Result;
use crate::objects;
use crate::result::ResultSet;
use crate::sql::{Cursor, StatementText};

/// Names with their new values; without one: back to the default.
struct AlterSession {
    changes: Vec<(String, Option<String>)>,
}

/// `ALTER SESSION { SET name = value … | UNSET name [, …] }`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    // A kind whose name begins with the same word.
    if cursor.take_word("POLICY")
        && let Some(kind) = objects::kind("SESSION POLICY")
    {
        return super::alter::parse_of(text, cursor, kind);
    }
    let mut changes = Vec::new();
    if cursor.take_word("SET") {
        while cursor.peek().is_some() {
            let name = cursor.identifier()?;
            cursor.expect(&Token::Eq)?;
            changes.push((name, Some(cursor.option_value()?)));
            // Both blanks and commas separate them.
            cursor.take(&Token::Comma);
        }
    } else {
        cursor.expect_word("UNSET")?;
        while cursor.peek().is_some() {
            changes.push((cursor.identifier()?, None));
            cursor.take(&Token::Comma);
        }
    }
    if changes.is_empty() {
        return Err(cursor.unexpected());
    }
    Ok(Box::new(AlterSession { changes }))
}

impl Statement for AlterSession {
    fn kind(&self) -> StatementKind {
        StatementKind::AlterSession
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        context.session.change_parameters(|parameters| {
            for (name, value) in &self.changes {
                match value {
                    Some(value) => parameters.set(name, value)?,
                    None => parameters.unset(name)?,
                }
            }
            Ok(())
        })?;
        status("Statement executed successfully.")
    }
}
