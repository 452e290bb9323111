//! Statements that are accepted without effect, each with its reason. What is not listed here and not implemented is an
//! error that names the feature.
//!
//! - GRANT, REVOKE: every role may do everything; privileges are not recorded yet.
//! - USE SECONDARY ROLES: every role may do everything, so further ones add nothing.

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind};
use crate::error::Result;
use crate::result::ResultSet;
use crate::sql::{Cursor, StatementText};

struct Accepted {
    kind: StatementKind,
}

/// `GRANT … TO …`, `REVOKE … FROM …`
pub(super) fn parse_grant<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let mut has_grantee = false;
    while let Some(token) = cursor.peek() {
        has_grantee |= matches!(cursor.peek_word().as_deref(), Some("TO" | "FROM"));
        cursor.take(&token.token);
    }
    if !has_grantee {
        return Err(cursor.unexpected());
    }
    Ok(Box::new(Accepted {
        kind: StatementKind::Ddl,
    }))
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
