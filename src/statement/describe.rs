//! DESCRIBE, for every kind of object.

use sqlparser::tokenizer::Token;

use super::{Context, Parsed, Statement, StatementKind};
use crate::catalog::ObjectKind;
use crate::error::{Error, Result};
use crate::objects::{self, Kind};
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName, StatementText};

struct Describe {
    kind: &'static Kind,
    name: ObjectName,
}

/// `DESC[RIBE] <kind> name`, of tables and views with `[TYPE = { COLUMNS | STAGE }]`.
pub(super) fn parse<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let kind = objects::expect_kind(cursor, "DESCRIBE")?;
    let mut name = cursor.object_name()?;
    if kind.kind == ObjectKind::Function
        && let Some(last) = name.parts.last_mut()
    {
        last.push_str(&objects::parse_signature(cursor)?);
    }
    let has_columns = matches!(kind.kind, ObjectKind::Table | ObjectKind::View);
    if has_columns && cursor.take_words("TYPE") {
        cursor.expect(&Token::Eq)?;
        if cursor.take_word("STAGE") {
            return Err(Error::unsupported("DESCRIBE … TYPE = STAGE"));
        }
        cursor.expect_word("COLUMNS")?;
    }
    cursor.end()?;
    Ok(Box::new(Describe { kind, name }))
}

impl Statement for Describe {
    fn kind(&self) -> StatementKind {
        StatementKind::Describe
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        if self.kind.kind == ObjectKind::Sequence {
            context.instance.settle_sequences()?;
        }
        let lookup = context.lookup();
        let title = self.kind.kind.title();
        let object = self
            .kind
            .find(&lookup, &self.name, "DESCRIBE")?
            .ok_or_else(|| match self.kind.kind {
                ObjectKind::Table | ObjectKind::View | ObjectKind::Function => {
                    Error::object_does_not_exist(title, &self.name)
                }
                _ => Error::scope_does_not_exist(title, &self.name),
            })?;
        (self.kind.describe)(&lookup, object, &context.facts())
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.execute(context)
    }
}
