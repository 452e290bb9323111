//! USE: the session's current database, schema, warehouse, role.

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind};
use crate::catalog::ObjectKind;
use crate::error::{Error, Result};
use crate::objects::PUBLIC;
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName, StatementText};

struct Use {
    kind: ObjectKind,
    name: ObjectName,
}

/// `USE [DATABASE | SCHEMA | WAREHOUSE | ROLE] name`; without a word, one part is a database and two are a schema.
pub(super) fn parse<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    const KINDS: &[(&str, ObjectKind)] = &[
        ("DATABASE", ObjectKind::Database),
        ("ROLE", ObjectKind::Role),
        ("SCHEMA", ObjectKind::Schema),
        ("WAREHOUSE", ObjectKind::Warehouse),
    ];
    if cursor.take_words("SECONDARY ROLES") {
        return super::accepted::parse_secondary_roles(cursor);
    }
    let named = KINDS.iter().find(|(word, _)| cursor.take_word(word));
    let name = cursor.object_name()?;
    cursor.end()?;
    let kind = match named {
        Some((_, kind)) => *kind,
        None if name.parts.len() == 1 => ObjectKind::Database,
        None => ObjectKind::Schema,
    };
    Ok(Box::new(Use { kind, name }))
}

impl Statement for Use {
    fn kind(&self) -> StatementKind {
        StatementKind::Use
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let lookup = context.lookup();
        let snapshot = &lookup.snapshot;
        let found = |kind| {
            let object = snapshot.find(lookup.account, kind, self.name.last());
            object.ok_or_else(Error::object_or_operation)
        };
        match self.kind {
            ObjectKind::Database => {
                let database = found(ObjectKind::Database)?;
                let public = snapshot.find(database.id, ObjectKind::Schema, PUBLIC);
                context.session.change_scope(|scope| {
                    scope.database = Some(database.name.clone());
                    scope.schema = public.map(|schema| schema.name.clone());
                });
            }
            ObjectKind::Schema => {
                let missing = |_| Error::object_or_operation();
                let database = match &self.name.parts[..] {
                    [database, _] => lookup.database(database).map_err(missing)?,
                    _ => lookup.current_database("USE SCHEMA")?,
                };
                let schema = snapshot.find(database.id, ObjectKind::Schema, self.name.last());
                let schema = schema.ok_or_else(Error::object_or_operation)?;
                context.session.change_scope(|scope| {
                    scope.database = Some(database.name.clone());
                    scope.schema = Some(schema.name.clone());
                });
            }
            ObjectKind::Warehouse => {
                let warehouse = found(ObjectKind::Warehouse)?;
                context
                    .session
                    .change_scope(|scope| scope.warehouse = Some(warehouse.name.clone()));
            }
            ObjectKind::Role => {
                let role = found(ObjectKind::Role)?;
                context
                    .session
                    .change_scope(|scope| scope.role = Some(role.name.clone()));
            }
            _ => return Err(Error::internal("USE of a table")),
        }
        status("Statement executed successfully.")
    }
}
