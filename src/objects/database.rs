//! Databases.

use super::{Kind, Spec};
use crate::catalog::{Database, Detail, Lookup, NewObject, Object, ObjectKind, Schema};
use crate::error::Result;
use crate::functions::Facts;
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, ObjectName};
use crate::types::{LogicalType, TimestampKind};

/// The schema that every database begins with.
pub const PUBLIC: &str = "PUBLIC";

pub(super) const KIND: Kind = Kind {
    modifiers: &["TRANSIENT"],
    parse,
    describe,
    drop_options: &["CASCADE", "RESTRICT"],
    undrop: true,
    ..Kind::recorded(ObjectKind::Database, "databases", &[])
};

/// `CREATE [TRANSIENT] DATABASE name [CLONE database] [COMMENT = '…']`
pub struct DatabaseSpec {
    pub transient: bool,
    pub comment: Option<String>,
    /// The database that it is a copy of.
    pub clone: Option<ObjectName>,
}

fn parse(_: &'static Kind, cursor: &mut Cursor<'_>, modifiers: &[&'static str]) -> Result<Spec> {
    let clone = super::schema::clone(cursor)?;
    let comment = super::schema::comment(cursor)?;
    cursor.end()?;
    Ok(Spec::Database(DatabaseSpec {
        transient: modifiers.contains(&"TRANSIENT"),
        comment,
        clone,
    }))
}

impl DatabaseSpec {
    /// The database and its PUBLIC schema, for the catalog.
    pub fn objects(
        &self,
        account: crate::catalog::ObjectId,
        name: &str,
        owner: &str,
    ) -> (NewObject, NewObject) {
        let database = NewObject {
            parent: account,
            session: None,
            name: name.to_owned(),
            owner: owner.to_owned(),
            comment: self.comment.clone(),
            detail: Detail::Database(Database {
                transient: self.transient,
            }),
        };
        let public = NewObject {
            // Set once the database has its id.
            parent: account,
            session: None,
            name: PUBLIC.to_owned(),
            owner: owner.to_owned(),
            comment: None,
            detail: Detail::Schema(Schema {
                transient: self.transient,
                managed_access: false,
            }),
        };
        (database, public)
    }
}

/// The schemas of the database.
fn describe(lookup: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    listing(lookup, object, ObjectKind::Schema)
}

/// `created_on`, `name`, `kind` of what is in a database or schema.
pub(super) fn listing(lookup: &Lookup, object: &Object, kind: ObjectKind) -> Result<ResultSet> {
    let created = LogicalType::Timestamp {
        kind: TimestampKind::Ltz,
        scale: 3,
    };
    let columns = vec![
        Column::new("created_on", created),
        Column::new("name", LogicalType::TEXT),
        Column::new("kind", LogicalType::TEXT),
    ];
    let children = lookup
        .snapshot
        .children(object.id)
        .filter(|child| child.detail.kind() == kind)
        .filter(|child| {
            child
                .session
                .is_none_or(|session| session == lookup.session)
        });
    let rows = children
        .map(|child| {
            let seconds = child.created_on.div_euclid(1_000_000);
            let milliseconds = child.created_on.rem_euclid(1_000_000) / 1000;
            vec![
                Some(format!("{seconds}.{milliseconds:03}")),
                Some(child.name.clone()),
                Some(kind.keyword().to_owned()),
            ]
        })
        .collect();
    ResultSet::from_text_rows(columns, rows)
}

/// One row of a schema's object: `created_on`, `name`, `database_name`, `schema_name`, `owner`, `comment`, and what its kind
/// has of its own.
pub(super) fn described(
    lookup: &Lookup,
    object: &Object,
    own: &[(&str, Option<String>)],
) -> Result<ResultSet> {
    let created = LogicalType::Timestamp {
        kind: TimestampKind::Ltz,
        scale: 3,
    };
    let mut columns = vec![Column::new("created_on", created)];
    let names = ["name", "schema_name", "database_name", "owner", "comment"];
    let own_names = own.iter().map(|(name, _)| *name);
    columns.extend(
        names
            .into_iter()
            .chain(own_names)
            .map(|name| Column::new(name, LogicalType::TEXT)),
    );
    let schema = lookup.snapshot.get(object.parent);
    let database = schema.and_then(|schema| lookup.snapshot.get(schema.parent));
    let name = |object: Option<&std::sync::Arc<Object>>| object.map(|object| object.name.clone());
    let seconds = object.created_on.div_euclid(1_000_000);
    let milliseconds = object.created_on.rem_euclid(1_000_000) / 1000;
    let mut row = vec![
        Some(format!("{seconds}.{milliseconds:03}")),
        Some(object.name.clone()),
        name(schema),
        name(database),
        Some(object.owner.clone()),
        object.comment.clone(),
    ];
    row.extend(own.iter().map(|(_, value)| value.clone()));
    ResultSet::from_text_rows(columns, vec![row])
}
