//! Tags and policies as definitions and ALTER write them, on an object or on its columns.
//!
//! Source: Snowflake, "CREATE TABLE", "ALTER TABLE … ALTER COLUMN", "ALTER VIEW".

use sqlparser::tokenizer::Token;

use super::tag;
use crate::catalog::ObjectKind;
use crate::error::{Error, Position, Result};
use crate::sql::{Cursor, ObjectName};

/// `<kind> name [USING | ON | ENTITY KEY | ALLOWED JOIN KEYS (columns)]`
#[derive(Debug, Clone)]
pub struct PolicyUse {
    pub kind: ObjectKind,
    pub name: ObjectName,
    /// The columns that the policy's arguments are taken from.
    pub arguments: Vec<String>,
}

/// A change of what is attached to an object.
#[derive(Debug)]
pub struct Attachment {
    /// The column, and where it is named.
    pub column: Option<(String, Option<Position>)>,
    pub change: AttachmentChange,
}

#[derive(Debug)]
pub enum AttachmentChange {
    SetTags(Vec<(ObjectName, String)>),
    UnsetTags(Vec<ObjectName>),
    /// The flag is FORCE: in the place of another one.
    SetPolicy(PolicyUse, bool),
    /// All of the kind, or the one of this name.
    UnsetPolicy(ObjectKind, Option<ObjectName>),
}

const ON_COLUMNS: &[ObjectKind] = &[ObjectKind::MaskingPolicy, ObjectKind::ProjectionPolicy];
const ON_OBJECTS: &[ObjectKind] = &[
    ObjectKind::RowAccessPolicy,
    ObjectKind::AggregationPolicy,
    ObjectKind::JoinPolicy,
];

/// `[WITH] { MASKING | PROJECTION } POLICY …` at a column, if that comes next.
pub fn parse_column_policy(cursor: &mut Cursor<'_>) -> Result<Option<PolicyUse>> {
    parse_use(cursor, ON_COLUMNS)
}

/// `[WITH] { ROW ACCESS | AGGREGATION | JOIN } POLICY …` at a table or view, if that comes next.
pub fn parse_object_policy(cursor: &mut Cursor<'_>) -> Result<Option<PolicyUse>> {
    parse_use(cursor, ON_OBJECTS)
}

fn parse_use(cursor: &mut Cursor<'_>, kinds: &[ObjectKind]) -> Result<Option<PolicyUse>> {
    let mut ahead = cursor.clone();
    ahead.take_word("WITH");
    let Some(kind) = take_kind(&mut ahead, kinds) else {
        return Ok(None);
    };
    *cursor = ahead;
    let name = cursor.object_name()?;
    let arguments = if ["USING", "ON", "ENTITY KEY", "ALLOWED JOIN KEYS"]
        .iter()
        .any(|words| cursor.take_words(words))
    {
        cursor.identifier_list()?
    } else {
        vec![]
    };
    Ok(Some(PolicyUse {
        kind,
        name,
        arguments,
    }))
}

fn take_kind(cursor: &mut Cursor<'_>, kinds: &[ObjectKind]) -> Option<ObjectKind> {
    kinds
        .iter()
        .copied()
        .find(|kind| cursor.take_words(kind.keyword()))
}

/// What ALTER TABLE and ALTER VIEW change of tags and policies, if that comes next.
pub fn parse_changes(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Attachment>>> {
    let mut ahead = cursor.clone();
    let changes = match on_columns(&mut ahead)? {
        Some(changes) => Some(changes),
        None => {
            ahead = cursor.clone();
            on_object(&mut ahead)?
        }
    };
    if changes.is_some() {
        *cursor = ahead;
    }
    Ok(changes)
}

/// `{ ALTER | MODIFY } [COLUMN] name change [, …]`
fn on_columns(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Attachment>>> {
    if !cursor.take_word("ALTER") && !cursor.take_word("MODIFY") {
        return Ok(None);
    }
    let mut changes = Vec::new();
    loop {
        cursor.take_word("COLUMN");
        let place = cursor.place();
        let Ok(column) = cursor.identifier() else {
            return Ok(None);
        };
        let Some(change) = change(cursor, ON_COLUMNS)? else {
            return Ok(None);
        };
        changes.push(Attachment {
            column: Some((column, place)),
            change,
        });
        if !cursor.take(&Token::Comma) {
            return Ok(Some(changes));
        }
    }
}

fn on_object(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Attachment>>> {
    let mut changes = Vec::new();
    let on_all = |change| Attachment {
        column: None,
        change,
    };
    loop {
        if cursor.take_words("DROP ALL ROW ACCESS POLICIES") {
            let kind = ObjectKind::RowAccessPolicy;
            changes.push(on_all(AttachmentChange::UnsetPolicy(kind, None)));
        } else if cursor.take_words("DROP ROW ACCESS POLICY") {
            let name = cursor.object_name()?;
            let kind = ObjectKind::RowAccessPolicy;
            changes.push(on_all(AttachmentChange::UnsetPolicy(kind, Some(name))));
        } else if cursor.clone().take_words("ADD ROW ACCESS POLICY") {
            cursor.take_word("ADD");
            let policy = parse_object_policy(cursor)?.ok_or_else(|| cursor.unexpected())?;
            changes.push(on_all(AttachmentChange::SetPolicy(policy, false)));
        } else if let Some(change) = change(cursor, ON_OBJECTS)? {
            changes.push(on_all(change));
        } else {
            return Ok(None);
        }
        if !cursor.take(&Token::Comma) {
            return Ok(Some(changes));
        }
    }
}

fn change(cursor: &mut Cursor<'_>, kinds: &[ObjectKind]) -> Result<Option<AttachmentChange>> {
    let mut ahead = cursor.clone();
    if ahead.take_words("SET TAG") {
        *cursor = ahead;
        return tag::parse_values(cursor).map(|tags| Some(AttachmentChange::SetTags(tags)));
    }
    if ahead.take_words("UNSET TAG") {
        *cursor = ahead;
        let mut names = vec![cursor.object_name()?];
        while cursor.take(&Token::Comma) {
            names.push(cursor.object_name()?);
        }
        return Ok(Some(AttachmentChange::UnsetTags(names)));
    }
    if ahead.take_word("SET") {
        let Some(policy) = parse_use(&mut ahead, kinds)? else {
            return Ok(None);
        };
        *cursor = ahead;
        let force = cursor.take_word("FORCE");
        return Ok(Some(AttachmentChange::SetPolicy(policy, force)));
    }
    if ahead.take_word("UNSET")
        && let Some(kind) = take_kind(&mut ahead, kinds)
    {
        *cursor = ahead;
        return Ok(Some(AttachmentChange::UnsetPolicy(kind, None)));
    }
    Ok(None)
}

/// Refuses a policy where it cannot be.
pub fn refuse_other_policy(cursor: &Cursor<'_>) -> Error {
    match cursor.peek_word() {
        Some(word) => Error::unsupported(format!("option {word}")),
        None => cursor.unexpected(),
    }
}
