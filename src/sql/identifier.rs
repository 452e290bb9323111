//! Snowflake's identifier rule: unquoted names fold to upper case, quoted ones are exact.
//!
//! Source: Snowflake, "Identifier requirements".

use std::fmt;

use sqlparser::ast::{Ident, ObjectName as ParsedName, ObjectNamePart};

use crate::error::{Error, Result};

/// How quoted identifiers are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Folding {
    /// A quoted identifier is exact.
    #[default]
    Exact,
    /// QUOTED_IDENTIFIERS_IGNORE_CASE: quoted ones fold as well.
    IgnoreCase,
}

/// The name that an identifier means.
pub fn fold(identifier: &Ident, folding: Folding) -> String {
    match (identifier.quote_style, folding) {
        // The tokenizer keeps a quote within quotes doubled.
        (Some(_), Folding::Exact) => identifier.value.replace("\"\"", "\""),
        (Some(_), Folding::IgnoreCase) => identifier.value.replace("\"\"", "\"").to_uppercase(),
        (None, _) => identifier.value.to_uppercase(),
    }
}

/// An identifier as Snowflake prints it back: quoted only where it must be.
pub fn quote(name: &str) -> String {
    let mut characters = name.chars();
    let plain = characters
        .next()
        .is_some_and(|c| c.is_ascii_uppercase() || c == '_')
        && characters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_' || c == '$');
    if plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A name of one to three parts, folded. `db..t` is written `[db, "", t]` and means the schema PUBLIC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName {
    pub parts: Vec<String>,
}

impl ObjectName {
    /// Folds a parsed name. More than three parts, or a part that is no identifier, is refused.
    pub fn from_parsed(name: &ParsedName, folding: Folding) -> Result<Self> {
        let parts = name
            .0
            .iter()
            .map(|part| match part {
                ObjectNamePart::Identifier(identifier) => Ok(fold(identifier, folding)),
                ObjectNamePart::Function(function) => Err(Error::unsupported(format!(
                    "{}(...) as a name",
                    function.name
                ))),
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(ObjectName { parts })
    }

    /// The last part: the object's own name.
    pub fn last(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }
}

/// As error messages write it: `DB.SCHEMA.T`.
impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_must_be_quoted_is_quoted() {
        assert_eq!(quote("T1"), "T1");
        assert_eq!(quote("_A$"), "_A$");
        assert_eq!(quote("t1"), "\"t1\"");
        assert_eq!(quote("1T"), "\"1T\"");
        assert_eq!(quote("a\"b"), "\"a\"\"b\"");
    }

    #[test]
    fn quoted_names_are_exact_unless_the_session_ignores_case() {
        let quoted = Ident::with_quote('"', "aB");
        assert_eq!(fold(&Ident::new("aB"), Folding::Exact), "AB");
        assert_eq!(fold(&quoted, Folding::Exact), "aB");
        assert_eq!(fold(&quoted, Folding::IgnoreCase), "AB");
    }
}
