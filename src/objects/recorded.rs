//! What all kinds have in common that are nothing but properties: `CREATE <kind> <name> key = value …`, and the rows of
//! DESCRIBE that list them.

use super::property::{self, COMMENT, Change};
use super::{Kind, Spec};
use crate::catalog::{
    Detail, Lookup, NewObject, Object, ObjectId, ObjectKind, Properties, Recorded,
};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::{Column, ResultSet};
use crate::sql::Cursor;
use crate::types::{LogicalType, TimestampKind};

/// `CREATE <kind> name [WITH] [key = value …]`
pub struct RecordedSpec {
    pub kind: ObjectKind,
    pub properties: Properties,
    pub comment: Option<String>,
    /// Tags by name, with their values.
    pub tags: Vec<(crate::sql::ObjectName, String)>,
}

pub(super) fn parse(
    kind: &'static Kind,
    cursor: &mut Cursor<'_>,
    modifiers: &[&'static str],
) -> Result<Spec> {
    let mut spec = RecordedSpec {
        kind: kind.kind,
        properties: Properties::new(),
        comment: None,
        tags: vec![],
    };
    if !modifiers.is_empty() {
        spec.properties
            .insert(CATEGORY.to_owned(), modifiers.join("_").into());
    }
    if !super::tag::begins(cursor) {
        cursor.take_word("WITH");
    }
    while cursor.peek().is_some() {
        if super::tag::begins(cursor) {
            spec.tags.extend(super::tag::parse_with(cursor)?);
        }
        for change in property::parse_properties(cursor, kind)? {
            match change {
                Change::Set(name, value) if name == COMMENT => {
                    spec.comment = value.as_text().map(str::to_owned);
                }
                change => change.apply(&mut spec.properties),
            }
        }
    }
    let given: Vec<_> = spec.properties.keys().map(String::as_str).collect();
    (kind.check)(&spec.properties, &given)?;
    Ok(Spec::Recorded(spec))
}

/// The property that keeps the words before a kind: `STORAGE` of a storage integration.
pub const CATEGORY: &str = "CATEGORY";

impl RecordedSpec {
    pub fn object(&self, parent: ObjectId, name: &str, owner: &str) -> NewObject {
        NewObject {
            parent,
            session: None,
            name: name.to_owned(),
            owner: owner.to_owned(),
            comment: self.comment.clone(),
            detail: self.detail(),
        }
    }

    pub fn detail(&self) -> Detail {
        Detail::Recorded(Recorded {
            kind: self.kind,
            properties: self.properties.clone(),
        })
    }
}

/// The properties of an object that is nothing else.
pub fn properties(object: &Object) -> Result<&Properties> {
    match &object.detail {
        Detail::Recorded(recorded) => Ok(&recorded.properties),
        _ => Err(Error::internal("an object without properties")),
    }
}

/// `created_on`, `name`, `kind` of the object itself.
pub(super) fn describe_identity(_: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let created = LogicalType::Timestamp {
        kind: TimestampKind::Ltz,
        scale: 3,
    };
    let columns = vec![
        Column::new("created_on", created),
        Column::new("name", LogicalType::TEXT),
        Column::new("kind", LogicalType::TEXT),
    ];
    let seconds = object.created_on.div_euclid(1_000_000);
    let milliseconds = object.created_on.rem_euclid(1_000_000) / 1000;
    let row = vec![
        Some(format!("{seconds}.{milliseconds:03}")),
        Some(object.name.clone()),
        Some(object.detail.kind().keyword().to_owned()),
    ];
    ResultSet::from_text_rows(columns, vec![row])
}

/// Rows of texts under columns of text.
pub(super) fn table_of_texts(names: &[&str], rows: Vec<Vec<Option<String>>>) -> Result<ResultSet> {
    let columns = names
        .iter()
        .map(|name| Column::new(*name, LogicalType::TEXT))
        .collect();
    ResultSet::from_text_rows(columns, rows)
}
