//! Sequences.

use super::column::{self, IdentitySpec};
use super::{Kind, Spec};
use crate::catalog::{Detail, Lookup, NewObject, Object, ObjectId, ObjectKind, Sequence};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::{Column, ResultSet};
use crate::sql::Cursor;
use crate::types::{LogicalType, TimestampKind};

pub(super) const KIND: Kind = Kind {
    modifiers: &[],
    parse,
    describe,
    drop_options: &["CASCADE", "RESTRICT"],
    starts_with: false,
    limit: false,
    ..Kind::recorded(ObjectKind::Sequence, "sequences", &[])
};

/// `CREATE SEQUENCE name [WITH] [START …] [INCREMENT …] [ORDER | NOORDER] [COMMENT = '…']`
pub struct SequenceSpec {
    pub options: IdentitySpec,
    pub comment: Option<String>,
}

fn parse(_: &'static Kind, cursor: &mut Cursor<'_>, _: &[&'static str]) -> Result<Spec> {
    let mut spec = SequenceSpec {
        options: IdentitySpec {
            start: 1,
            increment: 1,
            ordered: false,
        },
        comment: None,
    };
    cursor.take_word("WITH");
    loop {
        if column::sequence_option(cursor, &mut spec.options)? {
        } else if cursor.peek_word().as_deref() == Some("COMMENT") {
            spec.comment = super::schema::comment(cursor)?;
        } else {
            break;
        }
        cursor.take(&sqlparser::tokenizer::Token::Comma);
    }
    cursor.end()?;
    Ok(Spec::Sequence(spec))
}

impl IdentitySpec {
    /// A sequence that has given no value yet.
    pub fn sequence(&self) -> Sequence {
        Sequence {
            start: self.start,
            increment: self.increment,
            ordered: self.ordered,
            next: self.start.into(),
        }
    }
}

impl SequenceSpec {
    pub fn object(&self, schema: ObjectId, name: &str, owner: &str) -> NewObject {
        NewObject {
            parent: schema,
            session: None,
            name: name.to_owned(),
            owner: owner.to_owned(),
            comment: self.comment.clone(),
            detail: Detail::Sequence(self.options.sequence()),
        }
    }
}

/// One row with the columns of SHOW SEQUENCES.
fn describe(lookup: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let Detail::Sequence(sequence) = &object.detail else {
        return Err(Error::object_does_not_exist("Sequence", &object.name));
    };
    let text = |name| Column::new(name, LogicalType::TEXT);
    let number = |name| Column::new(name, LogicalType::INTEGER);
    let created = LogicalType::Timestamp {
        kind: TimestampKind::Ltz,
        scale: 3,
    };
    let columns = vec![
        text("name"),
        text("database_name"),
        text("schema_name"),
        number("next_value"),
        number("interval"),
        Column::new("created_on", created),
        text("owner"),
        text("comment"),
        text("owner_role_type"),
        text("ordered"),
    ];
    let schema = lookup.snapshot.get(object.parent);
    let database = schema.and_then(|schema| lookup.snapshot.get(schema.parent));
    let name = |object: Option<&std::sync::Arc<Object>>| object.map(|object| object.name.clone());
    let seconds = object.created_on.div_euclid(1_000_000);
    let milliseconds = object.created_on.rem_euclid(1_000_000) / 1000;
    let row = vec![
        Some(object.name.clone()),
        name(database),
        name(schema),
        Some(sequence.next.to_string()),
        Some(sequence.increment.to_string()),
        Some(format!("{seconds}.{milliseconds:03}")),
        Some(object.owner.clone()),
        Some(object.comment.clone().unwrap_or_default()),
        Some("ROLE".to_owned()),
        Some(if sequence.ordered { "Y" } else { "N" }.to_owned()),
    ];
    ResultSet::from_text_rows(columns, vec![row])
}
