//! DROP, for every kind of object.

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind};
use crate::catalog::{Detail, ObjectId, ObjectKind, Snapshot};
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
    let word = cursor.word()?;
    let kind = objects::kind(&word).filter(|kind| kind.kind.keyword() == word);
    let kind = kind.ok_or_else(|| Error::unsupported(format!("DROP {word}")))?;
    let if_exists = cursor.take_words("IF EXISTS");
    let name = cursor.object_name()?;
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
            Ok(None) => {
                let title = self.kind.kind.title();
                let name = full_name(self.kind, &lookup, &self.name);
                return Err(match self.kind.kind {
                    ObjectKind::Table => Error::object_does_not_exist(title, name),
                    _ => Error::scope_does_not_exist(title, name),
                });
            }
            Err(error) => return Err(error),
        };
        let locks = context.instance.locks.owner(context.query_id);
        let unused = loop {
            context.lock_all(&locks, object.id)?;
            let mut late = false;
            let dropped = context.change_catalog(
                &[],
                |_| Ok(()),
                |draft| {
                    // A table may have come since, and somebody be writing into it.
                    late = !lock_at_once(&locks, draft.snapshot(), object.id);
                    if late {
                        return Err(Error::object_or_operation());
                    }
                    let unused = physical_tables(draft.snapshot(), object.id);
                    draft.drop(object.id)?;
                    Ok(unused)
                },
            );
            if !late {
                break dropped?;
            }
        };
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
                        scope.schema = None;
                    }
                }
                _ => {}
            });
        context.instance.discard(unused);
        status(format!("{} successfully dropped.", self.name.last()))
    }
}

/// Locks an object's tables, if that is possible without waiting.
pub(super) fn lock_at_once(locks: &Held, snapshot: &Snapshot, id: ObjectId) -> bool {
    let tables = snapshot.tables(id);
    tables
        .iter()
        .all(|table| locks.try_take(table.id, Mode::Exclusive))
}

/// The physical tables of an object and of everything in it.
pub(super) fn physical_tables(snapshot: &Snapshot, id: ObjectId) -> Vec<String> {
    let tables = snapshot.tables(id);
    let names = tables.iter().filter_map(|object| match &object.detail {
        Detail::Table(table) => Some(table.physical_name.clone()),
        _ => None,
    });
    names.collect()
}

/// A missing object is named in full, as Snowflake does.
fn full_name(kind: &Kind, lookup: &crate::catalog::Lookup, name: &ObjectName) -> String {
    let wanted = match kind.kind {
        ObjectKind::Table => 3,
        ObjectKind::Schema => 2,
        _ => 1,
    };
    let context = [
        lookup.current_database.clone(),
        lookup.current_schema.clone(),
    ];
    let given = name.parts.len().min(wanted);
    let mut parts: Vec<String> = context.into_iter().flatten().take(wanted - given).collect();
    parts.extend(name.parts[name.parts.len() - given..].iter().cloned());
    parts.join(".")
}
