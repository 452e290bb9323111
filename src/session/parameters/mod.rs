//! Session parameters: the table ([`table`]) and a session's values over its defaults.
//!
//! [`Parameters`] is a value: cloning it is cheap, so a statement works on the snapshot that it began with, with the
//! parameters of its own request laid over it. What a parameter *means* is the business of whoever reads it.

pub mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};

/// The value of a parameter. `to_string()` is the form of SHOW PARAMETERS.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    Text(Arc<str>),
    Boolean(bool),
    Integer(i64),
}

/// A default in the table; gives the parameter its type.
#[derive(Debug, Clone, Copy)]
pub enum Default {
    /// Text.
    T(&'static str),
    /// Boolean.
    B(bool),
    /// Integer.
    I(i64),
}

/// Which values a parameter takes.
#[derive(Debug, Clone, Copy)]
pub enum Allowed {
    /// Any text.
    Any,
    /// Text of at most so many characters.
    Text {
        max_length: usize,
    },
    Boolean,
    /// An integer from the first to the second, both included.
    Range(i64, i64),
    /// One of these words, in any case.
    OneOf(&'static [&'static str]),
    /// A name of the IANA time zone database, in its own spelling.
    TimeZone,
}

/// The parameters of a session: the defaults, and what was set over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    set: Arc<BTreeMap<&'static str, Value>>,
}

impl std::default::Default for Parameters {
    fn default() -> Self {
        Parameters {
            set: Arc::new(BTreeMap::new()),
        }
    }
}

impl Parameters {
    /// The value of a parameter, by its name in any case; `None` if there is no such parameter.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.value_of(table::find(&name.to_ascii_uppercase())?)
            .into()
    }

    /// The text of a parameter; of another type its written form, and nothing for a name that the table lacks.
    pub fn text(&self, name: &str) -> Arc<str> {
        match self.get(name) {
            Some(Value::Text(text)) => text,
            Some(other) => other.to_string().into(),
            None => "".into(),
        }
    }

    /// A boolean parameter; false for anything else.
    pub fn boolean(&self, name: &str) -> bool {
        self.get(name) == Some(Value::Boolean(true))
    }

    /// An integer parameter; 0 for anything else.
    pub fn integer(&self, name: &str) -> i64 {
        match self.get(name) {
            Some(Value::Integer(number)) => number,
            _ => 0,
        }
    }

    /// `ALTER SESSION SET name = value`, the value as written, without the quotes of a string.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let row = known(name)?;
        let value = row.read(value)?;
        Arc::make_mut(&mut self.set).insert(row.name, value);
        Ok(())
    }

    /// `ALTER SESSION UNSET name`: back to the default.
    pub fn unset(&mut self, name: &str) -> Result<()> {
        let row = known(name)?;
        if self.set.contains_key(row.name) {
            Arc::make_mut(&mut self.set).remove(row.name);
        }
        Ok(())
    }

    /// These parameters with those of one request over them. Names that the table lacks are skipped: drivers send
    /// switches of their own with every statement.
    pub fn overlaid<'a>(
        &self,
        over: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Parameters> {
        let mut parameters = self.clone();
        for (name, value) in over {
            if is_known(name) {
                parameters.set(name, value)?;
            }
        }
        Ok(parameters)
    }

    /// Whether the session has set this parameter itself.
    pub fn is_set(&self, name: &str) -> bool {
        self.set.contains_key(name.to_ascii_uppercase().as_str())
    }

    /// Every parameter with its value, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static table::Parameter, Value)> + '_ {
        table::TABLE.iter().map(|row| (row, self.value_of(row)))
    }

    fn value_of(&self, row: &table::Parameter) -> Value {
        self.set
            .get(row.name)
            .cloned()
            .unwrap_or_else(|| row.default.into())
    }
}

/// Whether the table has a parameter of this name, in any case.
pub fn is_known(name: &str) -> bool {
    table::find(&name.to_ascii_uppercase()).is_some()
}

fn known(name: &str) -> Result<&'static table::Parameter> {
    let folded = name.to_ascii_uppercase();
    // A quoted unknown name keeps its quotes and its case in the message, as on a real account.
    table::find(&folded).ok_or_else(|| match name.starts_with('"') {
        true => Error::invalid_parameter(name),
        false => Error::invalid_parameter(folded),
    })
}

impl table::Parameter {
    fn read(&self, text: &str) -> Result<Value> {
        let invalid = || Error::invalid_parameter_value(text, self.name);
        match self.allowed {
            Allowed::Any => Ok(Value::Text(text.into())),
            Allowed::Text { max_length } if text.chars().count() <= max_length => {
                Ok(Value::Text(text.into()))
            }
            Allowed::Text { .. } => Err(invalid()),
            Allowed::Boolean => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "on" | "yes" => Ok(Value::Boolean(true)),
                "false" | "0" | "off" | "no" => Ok(Value::Boolean(false)),
                _ => Err(invalid()),
            },
            Allowed::Range(least, most) => match text.trim().parse::<i64>() {
                Ok(number) if (least..=most).contains(&number) => Ok(Value::Integer(number)),
                _ => Err(invalid()),
            },
            Allowed::OneOf(words) => words
                .iter()
                .find(|word| word.eq_ignore_ascii_case(text))
                .map(|word| Value::Text((*word).into()))
                .ok_or_else(invalid),
            // jiff finds a zone in any case, Snowflake does not: `utc` is refused on a real account.
            Allowed::TimeZone => match jiff::tz::TimeZone::get(text) {
                Ok(zone) if zone.iana_name() == Some(text) => Ok(Value::Text(text.into())),
                _ => Err(invalid()),
            },
        }
    }

    /// The type that SHOW PARAMETERS prints.
    pub fn type_name(&self) -> &'static str {
        match self.default {
            Default::T(_) => "STRING",
            Default::B(_) => "BOOLEAN",
            Default::I(_) => "NUMBER",
        }
    }
}

impl From<Default> for Value {
    fn from(default: Default) -> Self {
        match default {
            Default::T(text) => Value::Text(text.into()),
            Default::B(flag) => Value::Boolean(flag),
            Default::I(number) => Value::Integer(number),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Boolean(flag) => flag.fmt(f),
            Value::Integer(number) => number.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_typed_and_fall_back_to_the_default() {
        let mut parameters = Parameters::default();
        assert!(parameters.boolean("AUTOCOMMIT"));
        parameters.set("autocommit", "FALSE").unwrap();
        parameters.set("Week_Start", "7").unwrap();
        parameters.set("TIMEZONE", "Europe/Berlin").unwrap();
        assert!(!parameters.boolean("AUTOCOMMIT"));
        assert_eq!(parameters.integer("WEEK_START"), 7);
        assert_eq!(&*parameters.text("timezone"), "Europe/Berlin");
        assert!(parameters.is_set("timezone"));
        parameters.unset("timezone").unwrap();
        assert_eq!(&*parameters.text("TIMEZONE"), "America/Los_Angeles");
    }

    #[test]
    fn refusals_have_snowflakes_words() {
        let check = |name: &str, value: &str, expected: &str| {
            let error = Parameters::default().set(name, value).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("SQL compilation error:\n{expected}")
            );
        };
        // source: a real account, as measured by others
        check(
            "not_a_parameter",
            "1",
            "invalid parameter 'NOT_A_PARAMETER'",
        );
        check("\"not_real\"", "1", "invalid parameter '\"not_real\"'");
        check(
            "timezone",
            "Mars/Olympus",
            "invalid value [Mars/Olympus] for parameter 'TIMEZONE'",
        );
        check(
            "TIMEZONE",
            "utc",
            "invalid value [utc] for parameter 'TIMEZONE'",
        );
        check(
            "WEEK_START",
            "9",
            "invalid value [9] for parameter 'WEEK_START'",
        );
        check(
            "TIMESTAMP_TYPE_MAPPING",
            "BOGUS",
            "invalid value [BOGUS] for parameter 'TIMESTAMP_TYPE_MAPPING'",
        );
    }

    #[test]
    fn zones_of_every_spelling_that_snowflake_lists_are_taken() {
        for zone in [
            "UTC",
            "Etc/UTC",
            "EST",
            "America/New_York",
            "Asia/Kolkata",
            "GMT",
        ] {
            Parameters::default().set("TIMEZONE", zone).unwrap();
        }
    }

    #[test]
    fn a_request_lays_its_parameters_over_the_sessions() {
        let mut session = Parameters::default();
        session.set("QUERY_TAG", "session").unwrap();
        let statement = session
            .overlaid([
                ("query_tag", "statement"),
                ("SNOWPARK_SWITCH_OF_TOMORROW", "x"),
            ])
            .unwrap();
        assert_eq!(&*statement.text("QUERY_TAG"), "statement");
        assert_eq!(&*session.text("QUERY_TAG"), "session");
    }
}
