//! COMMENT ON: the comment of an object or a column.

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind};
use crate::catalog::Detail;
use crate::error::{Error, Result};
use crate::objects::{self, Kind};
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName, StatementText};

struct Comment {
    if_exists: bool,
    target: Target,
    text: String,
}

enum Target {
    Object(&'static Kind, ObjectName),
    /// A table or view, and a column of it.
    Column(ObjectName, String),
}

/// `COMMENT [IF EXISTS] ON { <kind> name | COLUMN table.column } IS 'text'`
pub(super) fn parse<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let if_exists = cursor.take_words("IF EXISTS");
    cursor.expect_word("ON")?;
    let target = if cursor.take_word("COLUMN") {
        let mut parts = vec![cursor.identifier()?];
        while cursor.take(&sqlparser::tokenizer::Token::Period) {
            parts.push(cursor.identifier()?);
        }
        match parts.pop() {
            Some(column) if !parts.is_empty() => Target::Column(ObjectName { parts }, column),
            _ => return Err(cursor.unexpected()),
        }
    } else {
        let kind = objects::expect_kind(cursor, "COMMENT ON")?;
        Target::Object(kind, cursor.object_name()?)
    };
    cursor.expect_word("IS")?;
    let text = cursor.string()?;
    cursor.end()?;
    Ok(Box::new(Comment {
        if_exists,
        target,
        text,
    }))
}

impl Statement for Comment {
    fn kind(&self) -> StatementKind {
        StatementKind::Ddl
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        const DONE: &str = "Statement executed successfully.";
        let lookup = context.lookup();
        let comment = Some(self.text.clone()).filter(|text| !text.is_empty());
        let (kind, name) = match &self.target {
            Target::Object(kind, name) => (*kind, name),
            Target::Column(name, _) => match objects::kind("TABLE") {
                Some(kind) => (kind, name),
                None => return Err(Error::internal("tables are a kind")),
            },
        };
        let object = match kind.find(&lookup, name, "COMMENT") {
            Ok(Some(object)) => object.clone(),
            Ok(None) | Err(_) if self.if_exists => return status(DONE),
            Ok(None) => return Err(kind.missing(&lookup, name)),
            Err(error) => return Err(error),
        };
        let relation = object.detail.kind().is_relation();
        match &self.target {
            Target::Object(kind, _) => {
                // COMMENT ON TABLE of a view comments the view.
                if !relation {
                    kind.check(&object)?;
                }
                context.change_catalog(
                    &[],
                    |_| Ok(()),
                    |draft| draft.alter(object.id, |object| object.comment = comment),
                )?;
            }
            Target::Column(_, column) => {
                let missing = || Error::invalid_identifier(crate::sql::quote(column));
                context.change_catalog(
                    &[],
                    |_| Ok(()),
                    |draft| {
                        let newest = draft.snapshot().get(object.id);
                        let mut detail = newest
                            .ok_or_else(Error::object_or_operation)?
                            .detail
                            .clone();
                        let slot = match &mut detail {
                            Detail::Table(table) => table
                                .columns
                                .iter_mut()
                                .find(|known| known.name == *column)
                                .map(|column| &mut column.comment),
                            Detail::View(view) => view
                                .columns
                                .iter_mut()
                                .find(|known| known.name == *column)
                                .map(|column| &mut column.comment),
                            _ => None,
                        };
                        *slot.ok_or_else(missing)? = comment;
                        draft.replace_detail(object.id, detail)
                    },
                )?;
            }
        }
        status(DONE)
    }
}
