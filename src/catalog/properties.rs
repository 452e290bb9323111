//! Values of properties: what an object that is nothing but its properties is made of.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Properties by name, as far as they were set.
pub type Properties = BTreeMap<String, PropertyValue>;

/// The value of a property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PropertyValue {
    /// Set to NULL.
    Null,
    Boolean(bool),
    Integer(i64),
    Text(String),
    List(Vec<String>),
}

impl PropertyValue {
    pub fn as_text(&self) -> Option<&str> {
        match self {
            PropertyValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of a list; of a single text, that one.
    pub fn texts(&self) -> Vec<String> {
        match self {
            PropertyValue::List(texts) => texts.clone(),
            PropertyValue::Null => vec![],
            other => vec![other.to_string()],
        }
    }
}

/// As SHOW prints it: a list as JSON, NULL as `null`.
impl fmt::Display for PropertyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PropertyValue::Null => f.write_str("null"),
            PropertyValue::Boolean(value) => value.fmt(f),
            PropertyValue::Integer(value) => value.fmt(f),
            PropertyValue::Text(value) => value.fmt(f),
            PropertyValue::List(values) => match serde_json::to_string(values) {
                Ok(json) => f.write_str(&json),
                Err(_) => Err(fmt::Error),
            },
        }
    }
}

impl From<&str> for PropertyValue {
    fn from(text: &str) -> Self {
        PropertyValue::Text(text.to_owned())
    }
}

impl From<String> for PropertyValue {
    fn from(text: String) -> Self {
        PropertyValue::Text(text)
    }
}

impl From<bool> for PropertyValue {
    fn from(value: bool) -> Self {
        PropertyValue::Boolean(value)
    }
}

impl From<i64> for PropertyValue {
    fn from(value: i64) -> Self {
        PropertyValue::Integer(value)
    }
}

impl From<Vec<String>> for PropertyValue {
    fn from(values: Vec<String>) -> Self {
        PropertyValue::List(values)
    }
}
