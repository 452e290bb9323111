//! Session variables: `SET x = …`, read as `$x`.
//!
//! A variable keeps the type of the expression that it was set to. Names fold like identifiers before they come here.

use std::collections::BTreeMap;

use crate::types::LogicalType;

/// The value of a variable: its type, and its text as a cast to VARCHAR gives it (`None` is NULL).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub logical: LogicalType,
    pub text: Option<String>,
    /// When it was set first and last, in microseconds since 1970-01-01 UTC.
    pub created: i64,
    pub updated: i64,
}

/// The variables of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    by_name: BTreeMap<String, Variable>,
}

impl Variables {
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.by_name.get(name)
    }

    pub fn set(&mut self, name: impl Into<String>, variable: Variable) {
        self.by_name.insert(name.into(), variable);
    }

    /// Forgets a variable; UNSET of one that does not exist is no error.
    pub fn unset(&mut self, name: &str) {
        self.by_name.remove(name);
    }

    /// Sorted by name, as SHOW VARIABLES lists them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.by_name
            .iter()
            .map(|(name, variable)| (name.as_str(), variable))
    }
}
