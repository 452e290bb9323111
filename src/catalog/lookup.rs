//! Name resolution: what a name of one to three parts means in a session's context.
//!
//! Source: Snowflake, "Object name resolution"; the wording of each failure as recorded from a live account.

use std::sync::Arc;

use super::kind::{Container, ObjectKind};
use super::object::{Object, ObjectId};
use super::snapshot::Snapshot;
use crate::error::{Error, Result};

/// A snapshot seen from a session.
#[derive(Debug, Clone)]
pub struct Lookup {
    pub snapshot: Arc<Snapshot>,
    pub account: ObjectId,
    /// Whose temporary objects are seen.
    pub session: u64,
    /// The current database and schema, as names of the catalog.
    pub current_database: Option<String>,
    pub current_schema: Option<String>,
}

impl Lookup {
    /// The database `name`.
    pub fn database(&self, name: &str) -> Result<&Arc<Object>> {
        self.snapshot
            .find(self.account, ObjectKind::Database, name)
            .ok_or_else(|| Error::scope_does_not_exist("Database", name))
    }

    /// The current database. `action` is what needs it, as in `Cannot perform SELECT. …`.
    pub fn current_database(&self, action: &str) -> Result<&Arc<Object>> {
        let name = self.current_database.as_deref();
        self.database(name.ok_or_else(|| Error::no_current_database(action))?)
    }

    /// The schema that `parts` name: none (the current one), a name in the current database, or both.
    pub fn schema(&self, parts: &[String], action: &str) -> Result<&Arc<Object>> {
        let (database, schema) = match parts {
            [] => {
                let database = self.current_database(action)?;
                let schema = self.current_schema.as_deref();
                (
                    database,
                    schema.ok_or_else(|| Error::no_current_schema(action))?,
                )
            }
            [schema] => (self.current_database(action)?, schema.as_str()),
            // `db..name` means the schema PUBLIC.
            [database, schema, ..] if schema.is_empty() => (self.database(database)?, "PUBLIC"),
            [database, schema, ..] => (self.database(database)?, schema.as_str()),
        };
        self.snapshot
            .find(database.id, ObjectKind::Schema, schema)
            .ok_or_else(|| {
                Error::scope_does_not_exist("Schema", format!("{}.{schema}", database.name))
            })
    }

    /// What an object of this kind and name is in, or would be; it must exist.
    pub fn parent(&self, kind: ObjectKind, parts: &[String], action: &str) -> Result<ObjectId> {
        let above = &parts[..parts.len().saturating_sub(1)];
        Ok(match kind.container() {
            Container::Root | Container::Account => self.account,
            Container::Database => match above {
                [.., database] => self.database(database)?.id,
                [] => self.current_database(action)?.id,
            },
            Container::Schema | Container::Object => self.schema(above, action)?.id,
        })
    }

    /// The object of a schema that `parts` name, if it exists; the schema must.
    pub fn find(
        &self,
        kind: ObjectKind,
        parts: &[String],
        action: &str,
    ) -> Result<Option<&Arc<Object>>> {
        let Some((name, schema)) = parts.split_last() else {
            return Ok(None);
        };
        let schema = self.schema(schema, action)?;
        Ok(self.find_in(schema.id, kind, name))
    }

    /// The object of this kind and name in a schema; a temporary one of the session stands before a permanent one.
    pub fn find_in(&self, schema: ObjectId, kind: ObjectKind, name: &str) -> Option<&Arc<Object>> {
        self.snapshot
            .find_seen_by(schema, kind, name, Some(self.session))
            .or_else(|| self.snapshot.find(schema, kind, name))
    }

    /// The same, with a schema as the current one.
    pub fn inside(&self, schema: &Object) -> Lookup {
        let database = self.snapshot.get(schema.parent);
        Lookup {
            current_database: database.map(|database| database.name.clone()),
            current_schema: Some(schema.name.clone()),
            ..self.clone()
        }
    }

    /// The full name of an object: `DB.SCHEMA.T`.
    pub fn full_name(&self, object: &Object) -> String {
        let mut parts = vec![object.name.as_str()];
        let mut parent = object.parent;
        while let Some(above) = self.snapshot.get(parent) {
            if above.detail.kind() == ObjectKind::Account {
                break;
            }
            parts.push(&above.name);
            parent = above.parent;
        }
        parts.reverse();
        parts.join(".")
    }
}
