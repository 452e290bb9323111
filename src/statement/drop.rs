//! DROP, for every kind of object.

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind, references};
use crate::catalog::{ObjectId, ObjectKind, Snapshot};
use crate::error::{Error, Result};
use crate::objects::{self, Kind};
use crate::result::ResultSet;
use crate::session::locks::{Held, Mode};
use crate::sql::{Cursor, ObjectName, StatementText};

struct Drop {
    kind: &'static Kind,
    if_exists: bool,
    name: ObjectName,
}

/// `DROP <kind> [IF EXISTS] name [CASCADE | RESTRICT]`
pub(super) fn parse<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let kind = objects::expect_kind(cursor, "DROP")?;
    let if_exists = cursor.take_words("IF EXISTS");
    let mut name = cursor.object_name()?;
    if kind.kind == ObjectKind::Function
        && let Some(last) = name.parts.last_mut()
    {
        last.push_str(&objects::parse_signature(cursor)?);
    }
    if let Some(option) = cursor.peek_word()
        && kind.drop_options.contains(&option.as_str())
    {
        cursor.word()?;
    }
    cursor.end()?;
    Ok(Box::new(Drop {
        kind,
        if_exists,
        name,
    }))
}

impl Statement for Drop {
    fn kind(&self) -> StatementKind {
        StatementKind::Ddl
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let lookup = context.lookup();
        let found = self.kind.find(&lookup, &self.name, "DROP");
        let object = match found {
            Ok(Some(object)) => object.clone(),
            Ok(None) | Err(_) if self.if_exists => {
                return status(format!(
                    "Drop statement executed successfully ({} already dropped).",
                    self.name.last()
                ));
            }
            Ok(None) => return Err(self.kind.missing(&lookup, &self.name)),
            Err(error) => return Err(error),
        };
        self.kind.check(&object)?;
        objects::check_not_system(self.kind.kind, &object.name)?;
        references::check_unused(context, &object)?;
        let heir = context.owner();
        let locks = context.instance.locks.owner(context.query_id);
        loop {
            context.lock_all(&locks, object.id)?;
            let mut late = false;
            let dropped = context.change_catalog(
                &[],
                |_| Ok(()),
                |draft| {
                    // A table may have come since, and somebody be writing into it.
                    late = !lock_at_once(&locks, draft.snapshot(), object.id);
                    match late {
                        true => Err(Error::object_or_operation()),
                        false => {
                            if object.detail.kind() == ObjectKind::Role {
                                super::grant::give_away(draft, &object, &heir)?;
                            }
                            draft.drop(object.id)
                        }
                    }
                },
            );
            if !late {
                break dropped?;
            }
        }
        context.instance.forget_files(&object)?;
        context
            .session
            .change_scope(|scope| match object.detail.kind() {
                ObjectKind::Database if scope.database.as_deref() == Some(&object.name) => {
                    scope.database = None;
                    scope.schema = None;
                }
                ObjectKind::Schema if scope.schema.as_deref() == Some(&object.name) => {
                    let database = lookup
                        .snapshot
                        .get(object.parent)
                        .map(|database| &database.name);
                    if scope.database.as_ref() == database {
                        // Source: a recorded answer.
                        let is_public = object.name == crate::objects::PUBLIC;
                        scope.schema = (!is_public).then(|| crate::objects::PUBLIC.to_owned());
                    }
                }
                _ => {}
            });
        let name = self.name.last();
        let shown = match self.kind.kind {
            ObjectKind::Function => name.split('(').next().unwrap_or(name),
            _ => name,
        };
        status(format!("{shown} successfully dropped."))
    }
}

/// Locks an object's tables, if that is possible without waiting.
pub(super) fn lock_at_once(locks: &Held, snapshot: &Snapshot, id: ObjectId) -> bool {
    let tables = snapshot.tables(id);
    tables
        .iter()
        .all(|table| locks.try_take(table.id, Mode::Exclusive))
}
