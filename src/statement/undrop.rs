//! UNDROP: brings back what was dropped last under a name. CREATE OR REPLACE drops too, so it brings back what was replaced
//! (after the replacement has been renamed or dropped).

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind};
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
    let kind = objects::expect_kind(cursor, "UNDROP")?;
    if !kind.undrop {
        return Err(Error::unsupported(format!("UNDROP {}", kind.kind)));
    }
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
        let parent = self.kind.parent(&lookup, &self.name, "UNDROP")?;
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
