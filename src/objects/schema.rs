//! Schemas.

use sqlparser::tokenizer::Token;

use super::{Kind, Spec, database};
use crate::catalog::{Detail, Lookup, NewObject, Object, ObjectId, ObjectKind, Schema};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName};

pub(super) const KIND: Kind = Kind {
    modifiers: &["TRANSIENT"],
    parse,
    describe,
    drop_options: &["CASCADE", "RESTRICT"],
    undrop: true,
    ..Kind::recorded(ObjectKind::Schema, "schemas", &[])
};

/// `CREATE [TRANSIENT] SCHEMA name [CLONE schema] [WITH MANAGED ACCESS] [COMMENT = '…']`
pub struct SchemaSpec {
    pub transient: bool,
    pub managed_access: bool,
    pub comment: Option<String>,
    /// The schema that it is a copy of.
    pub clone: Option<ObjectName>,
}

fn parse(_: &'static Kind, cursor: &mut Cursor<'_>, modifiers: &[&'static str]) -> Result<Spec> {
    let clone = clone(cursor)?;
    let managed_access = cursor.take_words("WITH MANAGED ACCESS");
    let comment = comment(cursor)?;
    cursor.end()?;
    Ok(Spec::Schema(SchemaSpec {
        transient: modifiers.contains(&"TRANSIENT"),
        managed_access,
        comment,
        clone,
    }))
}

/// `CLONE name`, if it comes next.
pub(super) fn clone(cursor: &mut Cursor<'_>) -> Result<Option<ObjectName>> {
    if !cursor.take_word("CLONE") {
        return Ok(None);
    }
    let name = cursor.object_name()?;
    match cursor.peek_word().as_deref() {
        Some("AT" | "BEFORE") => Err(Error::unsupported("time travel")),
        _ => Ok(Some(name)),
    }
}

/// `COMMENT = '…'`, if it comes next.
pub(super) fn comment(cursor: &mut Cursor<'_>) -> Result<Option<String>> {
    if !cursor.take_word("COMMENT") {
        return Ok(None);
    }
    cursor.expect(&Token::Eq)?;
    cursor.string().map(Some)
}

impl SchemaSpec {
    pub fn object(&self, database: ObjectId, name: &str, owner: &str) -> NewObject {
        NewObject {
            parent: database,
            session: None,
            name: name.to_owned(),
            owner: owner.to_owned(),
            comment: self.comment.clone(),
            detail: Detail::Schema(Schema {
                transient: self.transient,
                managed_access: self.managed_access,
            }),
        }
    }
}

/// The tables of the schema.
fn describe(lookup: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    database::listing(lookup, object, ObjectKind::Table)
}
