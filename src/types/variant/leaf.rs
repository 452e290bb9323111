//! What a value is: its kind, and the content of everything that is no container.

use std::borrow::Cow;

use super::{TAG, number, write};
use crate::types::TimestampKind;
use crate::types::text;

/// The type of a value, as TYPEOF names it. `undefined` has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Null,
    Undefined,
    Boolean,
    Integer,
    Decimal,
    Double,
    Text,
    Date,
    Time,
    Timestamp(TimestampKind),
    Binary,
    Object,
    Array,
}

/// A decoded value.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaf<'a> {
    Null,
    Undefined,
    Boolean(bool),
    /// An exact number's text.
    Exact(&'a str),
    Double(f64),
    Text(Cow<'a, str>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Nanoseconds since midnight.
    Time(i64),
    /// Nanoseconds since 1970-01-01 (wall clock for NTZ, else UTC), and minutes east of UTC.
    Timestamp(TimestampKind, i128, i16),
    Binary(Vec<u8>),
    Object(&'a str),
    Array(&'a str),
}

impl Kind {
    pub fn of(value: &str) -> Kind {
        let bytes = value.as_bytes();
        match bytes.first() {
            Some(b'"') if bytes.get(1) == Some(&TAG) => match bytes.get(2) {
                Some(b'D') => Kind::Date,
                Some(b'T') => Kind::Time,
                Some(b'N') => Kind::Timestamp(TimestampKind::Ntz),
                Some(b'L') => Kind::Timestamp(TimestampKind::Ltz),
                Some(b'Z') => Kind::Timestamp(TimestampKind::Tz),
                _ => Kind::Binary,
            },
            Some(b'"') => Kind::Text,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') | None => Kind::Null,
            Some(b'u') => Kind::Undefined,
            Some(b'N' | b'I') => Kind::Double,
            Some(_) => {
                let mut kind = Kind::Integer;
                for byte in bytes {
                    match byte {
                        b'e' | b'I' => return Kind::Double,
                        b'.' => kind = Kind::Decimal,
                        _ => {}
                    }
                }
                kind
            }
        }
    }

    /// TYPEOF's name of it.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Kind::Null => "NULL_VALUE",
            Kind::Undefined => return None,
            Kind::Boolean => "BOOLEAN",
            Kind::Integer => "INTEGER",
            Kind::Decimal => "DECIMAL",
            Kind::Double => "DOUBLE",
            Kind::Text => "VARCHAR",
            Kind::Date => "DATE",
            Kind::Time => "TIME",
            Kind::Timestamp(kind) => kind.name(),
            Kind::Binary => "BINARY",
            Kind::Object => "OBJECT",
            Kind::Array => "ARRAY",
        })
    }
}

impl<'a> Leaf<'a> {
    pub fn of(value: &'a str) -> Leaf<'a> {
        let content = || value.get(1..value.len() - 1).unwrap_or_default();
        let tagged = || value.get(3..value.len() - 1).unwrap_or_default();
        match Kind::of(value) {
            Kind::Null => Leaf::Null,
            Kind::Undefined => Leaf::Undefined,
            Kind::Boolean => Leaf::Boolean(value.starts_with('t')),
            Kind::Integer | Kind::Decimal => Leaf::Exact(value),
            Kind::Double => Leaf::Double(number::double(value).unwrap_or(f64::NAN)),
            Kind::Text => Leaf::Text(write::unescaped(content())),
            Kind::Date => Leaf::Date(tagged().parse().unwrap_or(0)),
            Kind::Time => Leaf::Time(tagged().parse().unwrap_or(0)),
            Kind::Timestamp(kind) => {
                let (nanos, offset) = tagged().split_once(',').unwrap_or((tagged(), "0"));
                Leaf::Timestamp(
                    kind,
                    nanos.parse().unwrap_or(0),
                    offset.parse().unwrap_or(0),
                )
            }
            Kind::Binary => Leaf::Binary(text::parse_hex(tagged()).unwrap_or_default()),
            Kind::Object => Leaf::Object(value),
            Kind::Array => Leaf::Array(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_in_the_spelling() {
        for (text, kind) in [
            ("null", "NULL_VALUE"),
            ("true", "BOOLEAN"),
            ("3", "INTEGER"),
            ("-3", "INTEGER"),
            ("3.0", "DECIMAL"),
            ("3e0", "DOUBLE"),
            ("-Infinity", "DOUBLE"),
            ("NaN", "DOUBLE"),
            ("\"a\"", "VARCHAR"),
            ("\"\u{1}D19723\"", "DATE"),
            ("\"\u{1}T1\"", "TIME"),
            ("\"\u{1}Z1,60\"", "TIMESTAMP_TZ"),
            ("\"\u{1}BAB\"", "BINARY"),
            ("{}", "OBJECT"),
            ("[]", "ARRAY"),
        ] {
            assert_eq!(Kind::of(text).name(), Some(kind), "{text}");
        }
        assert_eq!(Kind::of("undefined").name(), None);
    }

    #[test]
    fn leaves_are_decoded() {
        assert_eq!(Leaf::of("\"a\\nb\""), Leaf::Text("a\nb".into()));
        assert_eq!(
            Leaf::of("\"\u{1}Z1000,-60\""),
            Leaf::Timestamp(TimestampKind::Tz, 1000, -60)
        );
        assert_eq!(Leaf::of("\"\u{1}BAB\""), Leaf::Binary(vec![0xab]));
        assert_eq!(Leaf::of("-0e0"), Leaf::Double(-0.0));
    }
}
