//! Properties as statements write them: `name = value …` after CREATE and SET, names after UNSET.
//!
//! A kind lists its properties with what each takes; everything else of the kinds that are nothing but properties is generic
//! (`recorded`).

use sqlparser::tokenizer::Token;

use super::Kind;
use crate::catalog::{Properties, PropertyValue};
use crate::error::{Error, Result};
use crate::session::parameters;
use crate::sql::{Cursor, Folding, Source, quote};

/// A property of a kind of object.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    pub name: &'static str,
    pub takes: Takes,
}

/// What a property takes; how it is stored.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// A string, or a word as it is written.
    Text,
    /// As `Text`, and never shown again.
    Secret,
    /// An identifier or a qualified name, also within a string; stored folded, as Snowflake prints it.
    Name,
    /// TRUE or FALSE.
    Boolean,
    /// An integer from the first to the second, both included.
    Integer(i64, i64),
    /// One of these words, in any case; stored as listed.
    OneOf(&'static [&'static str]),
    /// What the function makes of it; `None` refuses.
    Read(fn(&str) -> Option<String>),
    /// `('text', …)`, or names; also a single one. Stored as a list of texts.
    List,
    /// Whatever is in parentheses, as it is written.
    Parenthesized,
}

/// `name` takes `takes`.
pub const fn property(name: &'static str, takes: Takes) -> Property {
    Property { name, takes }
}

/// The property that every kind has beside its own.
pub const COMMENT: &str = "COMMENT";

/// A change of an object's properties.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Set(String, PropertyValue),
    Unset(String),
    /// More texts for a list.
    Add(String, Vec<String>),
    /// Texts that leave a list.
    Remove(String, Vec<String>),
}

impl Change {
    pub fn property(&self) -> &str {
        match self {
            Change::Set(name, _)
            | Change::Unset(name)
            | Change::Add(name, _)
            | Change::Remove(name, _) => name,
        }
    }

    /// Makes the change.
    pub fn apply(&self, properties: &mut Properties) {
        let list = |properties: &Properties, name: &str| {
            properties
                .get(name)
                .map_or_else(Vec::new, PropertyValue::texts)
        };
        match self {
            Change::Set(name, value) => {
                properties.insert(name.clone(), value.clone());
            }
            Change::Unset(name) => {
                properties.remove(name);
            }
            Change::Add(name, more) => {
                let mut values = list(properties, name);
                for text in more {
                    if !values.contains(text) {
                        values.push(text.clone());
                    }
                }
                properties.insert(name.clone(), values.into());
            }
            Change::Remove(name, fewer) => {
                let mut values = list(properties, name);
                values.retain(|value| !fewer.contains(value));
                properties.insert(name.clone(), values.into());
            }
        }
    }
}

/// `name = value [,] …`, and what else the kind has in its definition, up to tags or the end of the statement.
pub fn parse_properties(cursor: &mut Cursor<'_>, kind: &Kind) -> Result<Vec<Change>> {
    let mut changes: Vec<Change> = Vec::new();
    while cursor.peek().is_some() && !super::tag::begins(cursor) {
        if let Some(more) = (kind.own_syntax)(cursor)? {
            changes.extend(more);
        } else {
            let name = cursor.word()?;
            if changes.iter().any(|change| change.property() == name) {
                return Err(Error::duplicate_property(name));
            }
            let property = find(kind, &name)?;
            cursor.expect(&Token::Eq)?;
            let value = read(cursor, &name, property)?;
            changes.push(Change::Set(name, value));
        }
        cursor.take(&Token::Comma);
    }
    Ok(changes)
}

/// `name, …` behind UNSET.
pub fn parse_names(cursor: &mut Cursor<'_>, kind: &Kind) -> Result<Vec<Change>> {
    let mut changes: Vec<Change> = Vec::new();
    while cursor.peek().is_some() {
        let name = cursor.word()?;
        find(kind, &name)?;
        if changes.iter().any(|change| change.property() == name) {
            return Err(Error::duplicate_property(name));
        }
        changes.push(Change::Unset(name));
        cursor.take(&Token::Comma);
    }
    match changes.is_empty() {
        true => Err(cursor.unexpected()),
        false => Ok(changes),
    }
}

/// What the property takes, if the kind has it.
fn find(kind: &Kind, name: &str) -> Result<Takes> {
    if name == COMMENT {
        return Ok(Takes::Text);
    }
    let found = kind.properties.iter().find(|known| known.name == name);
    match found {
        Some(property) => Ok(property.takes),
        None if kind.session_parameters && parameters::is_known(name) => Ok(Takes::Text),
        None => Err(Error::invalid_property(
            name,
            kind.kind.keyword().replace(' ', "_"),
        )),
    }
}

pub(super) fn read(cursor: &mut Cursor<'_>, name: &str, takes: Takes) -> Result<PropertyValue> {
    let opens = cursor
        .peek()
        .is_some_and(|token| token.token == Token::LParen);
    match takes {
        Takes::List if opens => return list(cursor).map(PropertyValue::from),
        Takes::Parenthesized if opens => {
            return cursor.parenthesized().map(PropertyValue::from);
        }
        _ => {}
    }
    if cursor.take_word("NULL") {
        return Ok(PropertyValue::Null);
    }
    if matches!(takes, Takes::Name) {
        return qualified_name(cursor).map(PropertyValue::from);
    }
    let text = cursor.option_value()?;
    let invalid = || Error::invalid_parameter_value(&text, name);
    Ok(match takes {
        Takes::Boolean => match text.to_ascii_uppercase().as_str() {
            "TRUE" => true.into(),
            "FALSE" => false.into(),
            _ => return Err(invalid()),
        },
        Takes::Integer(least, most) => match text.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => number.into(),
            _ => return Err(invalid()),
        },
        Takes::OneOf(words) => words
            .iter()
            .find(|word| word.eq_ignore_ascii_case(&text))
            .map(|word| PropertyValue::from(*word))
            .ok_or_else(invalid)?,
        Takes::Read(read) => read(&text).map(PropertyValue::from).ok_or_else(invalid)?,
        Takes::List => vec![text].into(),
        Takes::Text | Takes::Secret | Takes::Name | Takes::Parenthesized => text.into(),
    })
}

/// `('text', name, …)`
pub fn list(cursor: &mut Cursor<'_>) -> Result<Vec<String>> {
    cursor.expect(&Token::LParen)?;
    let mut values = Vec::new();
    if cursor.take(&Token::RParen) {
        return Ok(values);
    }
    loop {
        values.push(text_or_name(cursor)?);
        if !cursor.take(&Token::Comma) {
            break;
        }
    }
    cursor.expect(&Token::RParen)?;
    Ok(values)
}

fn text_or_name(cursor: &mut Cursor<'_>) -> Result<String> {
    let is_name = cursor
        .peek()
        .is_some_and(|token| matches!(token.token, Token::Word(_)));
    if is_name {
        qualified_name(cursor)
    } else {
        cursor.option_value()
    }
}

/// `'text', …` without parentheses.
pub fn texts(cursor: &mut Cursor<'_>) -> Result<Vec<String>> {
    let mut values = vec![cursor.string()?];
    while cursor.take(&Token::Comma) {
        values.push(cursor.string()?);
    }
    Ok(values)
}

/// A name of any number of parts, also within a string, as Snowflake prints it.
fn qualified_name(cursor: &mut Cursor<'_>) -> Result<String> {
    let in_string = matches!(
        cursor.peek().map(|token| &token.token),
        Some(Token::SingleQuotedString(_))
    );
    if !in_string {
        let name = cursor.object_name()?;
        return Ok(printed(&name.parts));
    }
    let text = cursor.string()?;
    Ok(name_in(&text, cursor.folding()).unwrap_or(text))
}

/// The name that a text spells, if it spells one.
fn name_in(text: &str, folding: Folding) -> Option<String> {
    let source = Source::tokenize(text).ok()?;
    let [statement] = source.statements()[..] else {
        return None;
    };
    let mut cursor = Cursor::new(statement, folding);
    let name = cursor.object_name().ok()?;
    cursor.end().ok()?;
    Some(printed(&name.parts))
}

fn printed(parts: &[String]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| quote(part)).collect();
    parts.join(".")
}

/// A property as SHOW prints it; `None` where it is not set, or set to NULL.
pub fn shown(properties: &Properties, name: &str) -> Option<String> {
    match properties.get(name)? {
        PropertyValue::Null => None,
        value => Some(value.to_string()),
    }
}
