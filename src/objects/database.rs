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
    kind: ObjectKind::Database,
    modifiers: &["TRANSIENT"],
    plural: "DATABASES",
    view: "databases",
    parse,
    describe,
    drop_options: &["CASCADE", "RESTRICT"],
};

/// `CREATE [TRANSIENT] DATABASE name [CLONE database] [COMMENT = '…']`
pub struct DatabaseSpec {
    pub transient: bool,
    pub comment: Option<String>,
    /// The database that it is a copy of.
    pub clone: Option<ObjectName>,
}

fn parse(cursor: &mut Cursor<'_>, modifiers: &[&'static str]) -> Result<Spec> {
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
