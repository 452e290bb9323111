//! Nouns: one file per kind of object, with its syntax, its DDL and how SHOW finds it. [`KINDS`] lists them; the generic
//! statements (CREATE, DROP, SHOW, DESCRIBE in `statement/`) find a kind here and do the rest.
//!
//! An object's hooks get the catalog and names, never the statement's context.

mod database;
mod schema;
mod table;

use crate::catalog::{Lookup, Object, ObjectKind};
use crate::error::Result;
use crate::functions::Facts;
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName};

pub use database::PUBLIC;
pub use table::{ColumnSpec, TableSpec};

/// A kind of object, as SQL sees it.
pub struct Kind {
    pub kind: ObjectKind,
    /// Words before the kind's keyword that CREATE accepts: `TRANSIENT`, ….
    pub modifiers: &'static [&'static str],
    /// The word of SHOW: `TABLES`.
    pub plural: &'static str,
    /// The catalog view behind SHOW.
    pub view: &'static str,
    /// Reads what follows the name in CREATE.
    pub parse: fn(&mut Cursor<'_>, &[&'static str]) -> Result<Spec>,
    /// The rows of DESCRIBE.
    pub describe: fn(&Lookup, &Object, &Facts) -> Result<ResultSet>,
    /// What DROP accepts after the name.
    pub drop_options: &'static [&'static str],
}

/// What CREATE says of an object.
pub enum Spec {
    Database(database::DatabaseSpec),
    Schema(schema::SchemaSpec),
    Table(Box<TableSpec>),
}

/// All kinds, sorted by keyword.
pub static KINDS: &[Kind] = &[database::KIND, schema::KIND, table::KIND];

/// The kind of a keyword (`TABLE`) or of SHOW's word (`TABLES`).
pub fn kind(word: &str) -> Option<&'static Kind> {
    KINDS
        .iter()
        .find(|kind| kind.kind.keyword() == word || kind.plural == word)
}

impl Kind {
    /// The object that a name means, if it exists; what it is in must exist.
    pub fn find<'l>(
        &self,
        lookup: &'l Lookup,
        name: &ObjectName,
        action: &str,
    ) -> Result<Option<&'l std::sync::Arc<Object>>> {
        match self.kind {
            ObjectKind::Database
            | ObjectKind::Warehouse
            | ObjectKind::Role
            | ObjectKind::Account => {
                Ok(lookup.snapshot.find(lookup.account, self.kind, name.last()))
            }
            ObjectKind::Schema => {
                let (schema, database) = match &name.parts[..] {
                    [database, schema] => (schema, lookup.database(database)?),
                    _ => (&name.parts[0], lookup.current_database(action)?),
                };
                Ok(lookup
                    .snapshot
                    .find(database.id, ObjectKind::Schema, schema))
            }
            ObjectKind::Table => lookup.find(self.kind, &name.parts, action),
        }
    }
}
