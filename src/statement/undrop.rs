//! UNDROP: brings back what was dropped last under a name. CREATE OR REPLACE drops too, so it brings back what was replaced
//! (after the replacement has been renamed or dropped).

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind};
use crate::catalog::ObjectKind;
use crate::error::{Error, Result};
use crate::objects::{self, Kind};
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName, StatementText};

struct Undrop {
    kind: &'static Kind,
    name: ObjectName,
}

/// `UNDROP { TABLE | SCHEMA | DATABASE } name`
pub(super) fn parse<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let word = cursor.word()?;
    let kind = objects::kind(&word).filter(|kind| {
        kind.kind.keyword() == word
            && matches!(
                kind.kind,
                ObjectKind::Table | ObjectKind::Schema | ObjectKind::Database
            )
    });
    let kind = kind.ok_or_else(|| Error::unsupported(format!("UNDROP {word}")))?;
    let name = cursor.object_name()?;
    cursor.end()?;
    Ok(Box::new(Undrop { kind, name }))
}

impl Statement for Undrop {
    fn kind(&self) -> StatementKind {
        StatementKind::Ddl
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let lookup = context.lookup();
        let above = &self.name.parts[..self.name.parts.len() - 1];
        let parent = match self.kind.kind {
            ObjectKind::Schema => match above {
                [database, ..] => lookup.database(database)?.id,
                [] => lookup.current_database("UNDROP")?.id,
            },
            ObjectKind::Table => lookup.schema(above, "UNDROP")?.id,
            _ => lookup.account,
        };
        let (kind, name) = (self.kind.kind, self.name.last());
        context.change_catalog(
            &[],
            |_| Ok(()),
            |draft| {
                let dropped = draft.snapshot().find_dropped(parent, kind, name).cloned();
                let dropped =
                    dropped.ok_or_else(|| Error::nothing_to_undrop(kind.title(), &self.name))?;
                draft.undrop(&dropped)
            },
        )?;
        status(format!("{} {name} successfully restored.", kind.title()))
    }
}
