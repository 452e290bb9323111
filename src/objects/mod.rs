//! Nouns: one file per kind of object, with its syntax, its DDL and how SHOW finds it. [`KINDS`] lists them; the generic
//! statements (CREATE, DROP, SHOW, DESCRIBE in `statement/`) find a kind here and do the rest.
//!
//! An object's hooks get the catalog and names, never the statement's context.

mod column;
mod constraint;
mod database;
mod file_format;
mod function;
mod option;
mod role;
mod schema;
mod sequence;
mod stage;
mod table;
mod view;
mod warehouse;

use crate::catalog::{Lookup, Object, ObjectKind};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName};

pub use column::{ColumnSpec, IdentitySpec, identity_text, parse_column};
pub use constraint::{ConstraintSpec, parse_constraint};
pub use database::PUBLIC;
pub use file_format::{FormatSpec, StageFormatSpec, change_format, file_format};
pub use function::{FunctionSpec, parse_signature};
pub use option::{OptionText, parse_options};
pub use role::RoleSpec;
pub use sequence::SequenceSpec;
pub use stage::{StageSpec, change_stage};
pub use table::{ACCEPTED as TABLE_OPTIONS, Copied, TableSpec};
pub use view::{ViewColumnSpec, ViewSpec};
pub use warehouse::{
    PROPERTIES as WAREHOUSE_PROPERTIES, WarehouseSpec, property as warehouse_property,
};

/// Options of databases and schemas that have no effect here.
pub const CONTAINER_OPTIONS: &[&str] = &[
    "DATA_RETENTION_TIME_IN_DAYS",
    "DEFAULT_DDL_COLLATION",
    "LOG_LEVEL",
    "MAX_DATA_EXTENSION_TIME_IN_DAYS",
    "TRACE_LEVEL",
];

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
    Function(Box<FunctionSpec>),
    FileFormat(FormatSpec),
    Role(RoleSpec),
    Sequence(SequenceSpec),
    Stage(Box<StageSpec>),
    Warehouse(WarehouseSpec),
    Table(Box<TableSpec>),
    View(ViewSpec),
}

/// All kinds, sorted by keyword.
pub static KINDS: &[Kind] = &[
    database::KIND,
    file_format::KIND,
    function::KIND,
    role::KIND,
    schema::KIND,
    sequence::KIND,
    stage::KIND,
    table::KIND,
    view::KIND,
    warehouse::KIND,
];

/// The words that make an object temporary.
const TEMPORARY: &[&str] = &["TEMP", "TEMPORARY", "VOLATILE"];

/// The kind of a keyword: `TABLE`.
pub fn kind(keyword: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.kind.keyword() == keyword)
}

/// Takes the keyword of a kind: `TABLE`, `FILE FORMAT`.
pub fn take_keyword(cursor: &mut Cursor<'_>) -> Option<&'static Kind> {
    take_longest(cursor, |kind| kind.kind.keyword())
}

/// Takes the keyword of a kind that a statement of this verb has; `verb` is for the message.
pub fn expect_kind(cursor: &mut Cursor<'_>, verb: &str) -> Result<&'static Kind> {
    match take_keyword(cursor) {
        Some(kind) => Ok(kind),
        None => Err(match cursor.peek_word() {
            Some(word) => Error::unsupported(format!("{verb} {word}")),
            None => cursor.unexpected(),
        }),
    }
}

/// Takes SHOW's word for a kind: `TABLES`, `FILE FORMATS`.
pub fn take_plural(cursor: &mut Cursor<'_>) -> Option<&'static Kind> {
    take_longest(cursor, |kind| kind.plural)
}

fn take_longest(
    cursor: &mut Cursor<'_>,
    words: fn(&Kind) -> &'static str,
) -> Option<&'static Kind> {
    let kind = KINDS
        .iter()
        .filter(|kind| cursor.clone().take_words(words(kind)))
        .max_by_key(|kind| words(kind).len())?;
    cursor.take_words(words(kind));
    Some(kind)
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
            ObjectKind::Table
            | ObjectKind::View
            | ObjectKind::Sequence
            | ObjectKind::Function
            | ObjectKind::Stage
            | ObjectKind::FileFormat => lookup.find(self.kind, &name.parts, action),
        }
    }

    /// As `find`, of objects that must exist and be of this kind. A missing one is named in full.
    pub fn get<'l>(
        &self,
        lookup: &'l Lookup,
        name: &ObjectName,
        action: &str,
    ) -> Result<&'l std::sync::Arc<Object>> {
        match self.find(lookup, name, action)? {
            Some(object) => self.check(object).map(|()| object),
            None => Err(self.missing(lookup, name)),
        }
    }

    /// Refuses an object of another kind that has the name.
    pub fn check(&self, object: &Object) -> Result<()> {
        let found = object.detail.kind();
        if found == self.kind {
            Ok(())
        } else {
            Err(Error::other_object_kind(
                found.keyword(),
                self.kind.keyword(),
            ))
        }
    }

    /// The error for an object that is not there, named in full.
    pub fn missing(&self, lookup: &Lookup, name: &ObjectName) -> Error {
        let wanted = match self.kind {
            ObjectKind::Table
            | ObjectKind::View
            | ObjectKind::Sequence
            | ObjectKind::Function
            | ObjectKind::Stage
            | ObjectKind::FileFormat => 3,
            ObjectKind::Schema => 2,
            ObjectKind::Account
            | ObjectKind::Database
            | ObjectKind::Warehouse
            | ObjectKind::Role => 1,
        };
        let given = name.parts.len().min(wanted);
        let context = [&lookup.current_database, &lookup.current_schema];
        let mut parts: Vec<_> = context
            .into_iter()
            .flatten()
            .take(wanted - given)
            .cloned()
            .collect();
        parts.extend(name.parts[name.parts.len() - given..].iter().cloned());
        let title = self.kind.title();
        match wanted {
            3 if !matches!(self.kind, ObjectKind::Stage | ObjectKind::FileFormat) => {
                Error::object_does_not_exist(title, parts.join("."))
            }
            _ => Error::scope_does_not_exist(title, parts.join(".")),
        }
    }
}
