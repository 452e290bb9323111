//! Constraints of tables: PRIMARY KEY, UNIQUE and FOREIGN KEY are recorded and not enforced, as in Snowflake.
//!
//! Source: Snowflake, "CREATE | ALTER TABLE … CONSTRAINT".

use sqlparser::tokenizer::Token;

use crate::catalog::ConstraintKind;
use crate::error::{Error, Result};
use crate::sql::{Cursor, ObjectName};

/// A constraint as written.
#[derive(Clone)]
pub struct ConstraintSpec {
    pub name: Option<String>,
    pub kind: ConstraintKind,
    pub columns: Vec<String>,
    /// Of a foreign key: the table and its columns (empty: its primary key).
    pub references: Option<(ObjectName, Vec<String>)>,
    pub rely: bool,
}

/// A constraint of the table: `[CONSTRAINT name] { PRIMARY KEY | UNIQUE | FOREIGN KEY } (columns) …`
pub fn parse_constraint(cursor: &mut Cursor<'_>) -> Result<ConstraintSpec> {
    let name = name(cursor)?;
    let kind = kind(cursor)?;
    let columns = cursor.identifier_list()?;
    finish(cursor, name, kind, columns)
}

/// Whether a constraint of the table comes next, rather than a column.
pub(super) fn begins(cursor: &Cursor<'_>) -> bool {
    let mut ahead = cursor.clone();
    ahead.take_word("CONSTRAINT")
        || ahead.take_words("PRIMARY KEY")
        || ahead.take_words("FOREIGN KEY")
        || (ahead.take_word("UNIQUE") && ahead.take(&Token::LParen))
}

/// A constraint at a column: `[CONSTRAINT name] { PRIMARY KEY | UNIQUE | [FOREIGN KEY] REFERENCES table [(column)] } …`
pub(super) fn parse_inline(cursor: &mut Cursor<'_>, column: &str) -> Result<ConstraintSpec> {
    let name = name(cursor)?;
    let kind = if cursor.peek_word().as_deref() == Some("REFERENCES") {
        ConstraintKind::ForeignKey
    } else {
        kind(cursor)?
    };
    finish(cursor, name, kind, vec![column.to_owned()])
}

fn name(cursor: &mut Cursor<'_>) -> Result<Option<String>> {
    if cursor.take_word("CONSTRAINT") {
        cursor.identifier().map(Some)
    } else {
        Ok(None)
    }
}

fn kind(cursor: &mut Cursor<'_>) -> Result<ConstraintKind> {
    if cursor.take_words("PRIMARY KEY") {
        Ok(ConstraintKind::PrimaryKey)
    } else if cursor.take_word("UNIQUE") {
        Ok(ConstraintKind::Unique)
    } else if cursor.take_words("FOREIGN KEY") {
        Ok(ConstraintKind::ForeignKey)
    } else if cursor.peek_word().as_deref() == Some("CHECK") {
        Err(Error::unsupported("CHECK constraint"))
    } else {
        Err(cursor.unexpected())
    }
}

fn finish(
    cursor: &mut Cursor<'_>,
    name: Option<String>,
    kind: ConstraintKind,
    columns: Vec<String>,
) -> Result<ConstraintSpec> {
    let references = if kind == ConstraintKind::ForeignKey {
        cursor.expect_word("REFERENCES")?;
        let table = cursor.object_name()?;
        let opens = cursor
            .peek()
            .is_some_and(|token| token.token == Token::LParen);
        let columns = if opens {
            cursor.identifier_list()?
        } else {
            vec![]
        };
        Some((table, columns))
    } else {
        None
    };
    let mut rely = false;
    // Properties for the sake of other databases: all but RELY mean nothing in Snowflake.
    const PROPERTIES: &[&str] = &[
        "NOT ENFORCED",
        "ENFORCED",
        "NOT DEFERRABLE",
        "DEFERRABLE",
        "INITIALLY DEFERRED",
        "INITIALLY IMMEDIATE",
        "ENABLE",
        "DISABLE",
        "VALIDATE",
        "NOVALIDATE",
        "MATCH FULL",
        "MATCH PARTIAL",
        "MATCH SIMPLE",
        "ON UPDATE CASCADE",
        "ON UPDATE SET NULL",
        "ON UPDATE SET DEFAULT",
        "ON UPDATE RESTRICT",
        "ON UPDATE NO ACTION",
        "ON DELETE CASCADE",
        "ON DELETE SET NULL",
        "ON DELETE SET DEFAULT",
        "ON DELETE RESTRICT",
        "ON DELETE NO ACTION",
    ];
    loop {
        if cursor.take_word("RELY") {
            rely = true;
        } else if cursor.take_word("NORELY") {
            rely = false;
        } else if !PROPERTIES.iter().any(|words| cursor.take_words(words)) {
            break;
        }
    }
    Ok(ConstraintSpec {
        name,
        kind,
        columns,
        references,
        rely,
    })
}
