//! Nouns: one file per kind of object, with its syntax, its DDL and how SHOW finds it. [`KINDS`] lists them; the generic
//! statements (CREATE, DROP, SHOW, DESCRIBE in `statement/`) find a kind here and do the rest.
//!
//! An object's hooks get the catalog and names, never the statement's context.

pub mod attachment;
mod column;
mod constraint;
mod database;
mod dynamic_table;
mod file_format;
mod function;
mod integration;
mod network;
mod option;
mod policy;
mod property;
mod recorded;
mod resource_monitor;
mod role;
mod schema;
mod secret;
mod sequence;
mod stage;
mod table;
pub mod tag;
mod user;
mod view;
mod warehouse;

use crate::catalog::{Lookup, Object, ObjectId, ObjectKind, Properties};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName};

pub use column::{ColumnSpec, IdentitySpec, identity_text, masking_policy, parse_column};
pub use constraint::{ConstraintSpec, parse_constraint};
pub use database::PUBLIC;
pub use dynamic_table::check_unset as check_dynamic_unset;
pub use file_format::{FormatSpec, StageFormatSpec, change_format, file_format};
pub use function::{FunctionSpec, parse_signature};
pub use integration::CATEGORIES as INTEGRATION_CATEGORIES;
pub use option::{OptionText, parse_options};
pub use policy::{ARGUMENT_TYPE, RETURN_TYPE};
pub use property::{COMMENT, Change, Property, Takes, parse_names, parse_properties, shown};
pub use recorded::{CATEGORY, RecordedSpec, properties};
pub use role::{SYSTEM_ROLE_GRANTS, SYSTEM_ROLES, check_not_system};
pub use sequence::SequenceSpec;
pub use stage::{StageSpec, change_stage};
pub use table::{ACCEPTED as TABLE_OPTIONS, Copied, TableSpec};
pub use user::{login_name, password_matches};
pub use view::{ViewColumnSpec, ViewSpec};

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
    /// The catalog view behind SHOW.
    pub view: &'static str,
    /// Reads what follows the name in CREATE.
    pub parse: fn(&'static Kind, &mut Cursor<'_>, &[&'static str]) -> Result<Spec>,
    /// The rows of DESCRIBE; where there is no such function, DESCRIBE answers the row of SHOW.
    pub describe: fn(&Lookup, &Object, &Facts) -> Result<ResultSet>,
    /// What DROP accepts after the name.
    pub drop_options: &'static [&'static str],
    /// Whether CREATE OR ALTER exists.
    pub or_alter: bool,
    /// Whether UNDROP exists.
    pub undrop: bool,
    /// Of kinds that are nothing but properties: which they have beside COMMENT.
    pub properties: &'static [Property],
    /// Whether session parameters are properties too.
    pub session_parameters: bool,
    /// What else a definition has, between the properties: `TRIGGERS ON …`.
    pub own_syntax: fn(&mut Cursor<'_>) -> Result<Option<Vec<Change>>>,
    /// What ALTER has beside RENAME, SET and UNSET: `SUSPEND`.
    pub actions: fn(&mut Cursor<'_>) -> Result<Option<Vec<Change>>>,
    /// Whether the properties go together: all of them, and the names of those that the statement sets.
    pub check: fn(&Properties, &[&str]) -> Result<()>,
    /// The columns of SHOW TERSE, where it shortens in a way of its own.
    pub terse: Option<&'static [&'static str]>,
    /// Whether SHOW heeds STARTS WITH and LIMIT; otherwise they are accepted without effect, as on a live account.
    pub starts_with: bool,
    pub limit: bool,
}

impl Kind {
    /// A kind that is nothing but its properties.
    pub(crate) const fn recorded(
        kind: ObjectKind,
        view: &'static str,
        properties: &'static [Property],
    ) -> Kind {
        Kind {
            kind,
            modifiers: &[],
            view,
            parse: recorded::parse,
            describe: recorded::describe_identity,
            drop_options: &[],
            or_alter: false,
            undrop: false,
            properties,
            session_parameters: false,
            own_syntax: |_| Ok(None),
            actions: |_| Ok(None),
            check: |_, _| Ok(()),
            terse: None,
            starts_with: true,
            limit: true,
        }
    }
}

/// What CREATE says of an object.
pub enum Spec {
    Database(database::DatabaseSpec),
    Schema(schema::SchemaSpec),
    Function(Box<FunctionSpec>),
    FileFormat(FormatSpec),
    Sequence(SequenceSpec),
    Stage(Box<StageSpec>),
    Table(Box<TableSpec>),
    View(ViewSpec),
    Recorded(RecordedSpec),
}

/// All kinds, sorted by keyword.
pub static KINDS: &[Kind] = &[
    policy::AGGREGATION,
    policy::AUTHENTICATION,
    database::KIND,
    role::DATABASE_ROLE,
    dynamic_table::KIND,
    file_format::KIND,
    function::KIND,
    integration::KIND,
    policy::JOIN,
    policy::MASKING,
    view::MATERIALIZED,
    network::POLICY,
    network::RULE,
    policy::PACKAGES,
    policy::PASSWORD,
    policy::PRIVACY,
    policy::PROJECTION,
    resource_monitor::KIND,
    role::KIND,
    policy::ROW_ACCESS,
    schema::KIND,
    secret::KIND,
    sequence::KIND,
    policy::SESSION,
    stage::KIND,
    table::KIND,
    tag::KIND,
    user::KIND,
    view::KIND,
    warehouse::KIND,
];

/// The words that make an object temporary.
const TEMPORARY: &[&str] = &["TEMP", "TEMPORARY", "VOLATILE"];

/// The kind of a keyword: `TABLE`.
pub fn kind(keyword: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.kind.keyword() == keyword)
}

/// The row of a kind.
pub fn kind_of(kind: ObjectKind) -> Option<&'static Kind> {
    KINDS.iter().find(|row| row.kind == kind)
}

/// Takes the keyword of a kind: `TABLE`, `MASKING POLICY`.
pub fn take_keyword(cursor: &mut Cursor<'_>) -> Option<&'static Kind> {
    take_longest(cursor, |kind| kind.kind.keyword().to_owned())
}

/// As `take_keyword`, for statements that name an object that is there: the category of an integration may be said.
pub fn take_kind(cursor: &mut Cursor<'_>) -> Option<&'static Kind> {
    if let Some(kind) = take_keyword(cursor) {
        return Some(kind);
    }
    let mut ahead = cursor.clone();
    while integration::CATEGORIES
        .iter()
        .any(|word| ahead.take_word(word))
    {}
    let kind = take_keyword(&mut ahead).filter(|kind| kind.kind == ObjectKind::Integration)?;
    *cursor = ahead;
    Some(kind)
}

/// Takes the keyword of a kind that a statement of this verb has; `verb` is for the message.
pub fn expect_kind(cursor: &mut Cursor<'_>, verb: &str) -> Result<&'static Kind> {
    match take_kind(cursor) {
        Some(kind) => Ok(kind),
        None => Err(match cursor.peek_word() {
            Some(word) => Error::unsupported(format!("{verb} {word}")),
            None => cursor.unexpected(),
        }),
    }
}

/// Takes SHOW's word for a kind: `TABLES`, `MASKING POLICIES`.
pub fn take_plural(cursor: &mut Cursor<'_>) -> Option<&'static Kind> {
    take_longest(cursor, |kind| kind.kind.plural())
}

fn take_longest(cursor: &mut Cursor<'_>, words: fn(&Kind) -> String) -> Option<&'static Kind> {
    let kind = KINDS
        .iter()
        .filter(|kind| cursor.clone().take_words(&words(kind)))
        .max_by_key(|kind| words(kind).len())?;
    cursor.take_words(&words(kind));
    Some(kind)
}

impl Kind {
    /// Whether such objects are nothing but their properties.
    pub fn is_recorded(&self) -> bool {
        !self.kind.is_relation()
            && !matches!(
                self.kind,
                ObjectKind::Database
                    | ObjectKind::Schema
                    | ObjectKind::Sequence
                    | ObjectKind::Function
                    | ObjectKind::Stage
                    | ObjectKind::FileFormat
            )
    }

    /// What an object of this name is in, or would be; it must exist.
    pub fn parent(&self, lookup: &Lookup, name: &ObjectName, action: &str) -> Result<ObjectId> {
        lookup.parent(self.kind, &name.parts, action)
    }

    /// The object that a name means, if it exists; what it is in must exist.
    pub fn find<'l>(
        &self,
        lookup: &'l Lookup,
        name: &ObjectName,
        action: &str,
    ) -> Result<Option<&'l std::sync::Arc<Object>>> {
        let parent = self.parent(lookup, name, action)?;
        Ok(lookup.find_in(parent, self.kind, name.last()))
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
        let wanted = self.kind.name_parts();
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
        match self.kind {
            ObjectKind::Sequence | ObjectKind::Function => {
                Error::object_does_not_exist(title, parts.join("."))
            }
            kind if kind.is_relation() => Error::object_does_not_exist(title, parts.join(".")),
            _ => Error::scope_does_not_exist(title, parts.join(".")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_kind_has_a_view() {
        assert!(KINDS.is_sorted_by_key(|kind| kind.kind.keyword()));
        for kind in KINDS {
            assert!(
                crate::catalog::views::view(kind.view).is_some(),
                "{}",
                kind.view
            );
            assert!(
                kind.properties.is_sorted_by_key(|property| property.name),
                "{}",
                kind.kind
            );
        }
    }
}
