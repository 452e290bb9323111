//! Statements that are accepted without effect, each with its reason. What is not listed here and not implemented is an
//! error that names the feature.
//!
//! - USE SECONDARY ROLES: every role may do everything, so further ones add nothing.

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind};
use crate::error::Result;
use crate::result::ResultSet;
use crate::sql::Cursor;

struct Accepted {
    kind: StatementKind,
}

/// `USE SECONDARY ROLES { ALL | NONE | role, … }`
pub(super) fn parse_secondary_roles<'a>(cursor: &mut Cursor<'a>) -> Parsed<'a> {
    loop {
        cursor.identifier()?;
        if !cursor.take(&sqlparser::tokenizer::Token::Comma) {
            break;
        }
    }
    cursor.end()?;
    Ok(Box::new(Accepted {
        kind: StatementKind::Use,
    }))
}

impl Statement for Accepted {
    fn kind(&self) -> StatementKind {
        self.kind
    }

    fn execute(&self, _: &mut Context<'_>) -> Result<ResultSet> {
        status("Statement executed successfully.")
    }
}
