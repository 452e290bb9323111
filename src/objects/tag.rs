//! Tags, and `TAG (name = 'value', …)` in the definitions of other objects.

use sqlparser::tokenizer::Token;

use super::property::{Change, Property, Takes, property, texts};
use super::{Kind, recorded};
use crate::catalog::{Object, ObjectKind, PropertyValue};
use crate::error::{Error, Result};
use crate::sql::{Cursor, ObjectName};

pub(super) const KIND: Kind = Kind {
    own_syntax,
    actions,
    starts_with: false,
    undrop: true,
    or_alter: true,
    ..Kind::recorded(ObjectKind::Tag, "tags", PROPERTIES)
};

const PROPERTIES: &[Property] = &[
    property("ALLOWED_VALUES", Takes::List),
    property("MULTI_VALUE", Takes::Boolean),
    property("ON_CONFLICT", Takes::Text),
    property(
        "PROPAGATE",
        Takes::OneOf(&[
            "ON_DEPENDENCY_AND_DATA_MOVEMENT",
            "ON_DEPENDENCY",
            "ON_DATA_MOVEMENT",
        ]),
    ),
];

const ALLOWED_VALUES: &str = "ALLOWED_VALUES";

/// `ALLOWED_VALUES 'a', 'b'`
fn own_syntax(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Change>>> {
    if !cursor.take_word(ALLOWED_VALUES) {
        return Ok(None);
    }
    let values = texts(cursor)?;
    Ok(Some(vec![Change::Set(
        ALLOWED_VALUES.to_owned(),
        values.into(),
    )]))
}

/// `{ ADD | DROP } ALLOWED_VALUES 'a', 'b'`
fn actions(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Change>>> {
    if cursor.take_words("ADD ALLOWED_VALUES") {
        let change = Change::Add(ALLOWED_VALUES.to_owned(), texts(cursor)?);
        return Ok(Some(vec![change]));
    }
    if cursor.take_words("DROP ALLOWED_VALUES") {
        let change = Change::Remove(ALLOWED_VALUES.to_owned(), texts(cursor)?);
        return Ok(Some(vec![change]));
    }
    Ok(None)
}

/// Whether tags come next: `[WITH] TAG (`.
pub fn begins(cursor: &Cursor<'_>) -> bool {
    let mut ahead = cursor.clone();
    ahead.take_word("WITH");
    ahead.take_word("TAG") && ahead.take(&Token::LParen)
}

/// `[WITH] TAG (name = 'value', …)`
pub fn parse_with(cursor: &mut Cursor<'_>) -> Result<Vec<(ObjectName, String)>> {
    cursor.take_word("WITH");
    cursor.expect_word("TAG")?;
    cursor.expect(&Token::LParen)?;
    let tags = parse_values(cursor)?;
    cursor.expect(&Token::RParen)?;
    Ok(tags)
}

/// `name = 'value', …`
pub fn parse_values(cursor: &mut Cursor<'_>) -> Result<Vec<(ObjectName, String)>> {
    let mut tags = Vec::new();
    loop {
        let name = cursor.object_name()?;
        cursor.expect(&Token::Eq)?;
        tags.push((name, cursor.string()?));
        if !cursor.take(&Token::Comma) {
            return Ok(tags);
        }
    }
}

/// Refuses a value that the tag does not allow. Source: Snowflake, "Object tagging", quotas.
pub fn check_value(tag: &Object, value: &str) -> Result<()> {
    const LONGEST: usize = 256;
    let properties = recorded::properties(tag)?;
    let allowed = properties.get(ALLOWED_VALUES).map(PropertyValue::texts);
    let is_allowed = allowed.is_none_or(|allowed| allowed.iter().any(|known| known == value));
    match is_allowed && value.chars().count() <= LONGEST {
        true => Ok(()),
        false => Err(Error::tag_value_not_allowed(value, &tag.name)),
    }
}
