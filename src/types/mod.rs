//! Types: what Snowflake says a value is ([`LogicalType`]) and what DuckDB computes with ([`PhysicalType`]).
//!
//! Every column, expression and parameter carries both. Result metadata comes from the logical type alone; `lower` picks
//! the physical one and writes every cast. This module knows neither SQL text nor the engine's API: it holds the rules
//! that several rooms need, among them Snowflake's precision and scale arithmetic ([`number`]).
//!
//! Source of the limits and synonyms: Snowflake, "Summary of data types".

pub mod coercion;
pub mod datetime;
pub mod decimal;
pub mod number;
pub mod number_format;
pub mod text;
pub mod variant;

use std::fmt;

use serde::{Deserialize, Serialize};

/// Length of a VARCHAR that was declared without one, in characters.
pub const DEFAULT_VARCHAR_LENGTH: u32 = 16_777_216;
/// Longest VARCHAR that can be declared, in characters.
pub const MAX_VARCHAR_LENGTH: u32 = 134_217_728;
/// Length of a BINARY that was declared without one, in bytes.
pub const DEFAULT_BINARY_LENGTH: u32 = 8_388_608;
/// Longest BINARY that can be declared, in bytes.
pub const MAX_BINARY_LENGTH: u32 = 67_108_864;
/// Most digits of a NUMBER.
pub const MAX_PRECISION: u8 = 38;
/// Most digits after the point of a NUMBER.
pub const MAX_SCALE: u8 = 37;

/// A type as Snowflake names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LogicalType {
    /// NUMBER(precision, scale); all integer types are NUMBER(38, 0).
    Number {
        precision: u8,
        scale: u8,
    },
    /// FLOAT and its synonyms: 64 bits.
    Float,
    /// VARCHAR(length in characters).
    Varchar {
        length: u32,
    },
    /// BINARY(length in bytes).
    Binary {
        length: u32,
    },
    Boolean,
    Date,
    /// TIME(digits of the fraction).
    Time {
        scale: u8,
    },
    /// TIMESTAMP_NTZ/LTZ/TZ(digits of the fraction).
    Timestamp {
        kind: TimestampKind,
        scale: u8,
    },
    Variant,
    Object,
    Array,
}

/// The three kinds of TIMESTAMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum TimestampKind {
    /// Wall clock, no zone.
    #[default]
    Ntz,
    /// An instant, shown in the session's zone.
    Ltz,
    /// An instant with an offset from UTC of its own.
    Tz,
}

/// What the engine stores and computes for a logical type; `lower` converts between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PhysicalType {
    /// BIGINT: the narrow form of NUMBER(p, 0).
    BigInt,
    /// DECIMAL(precision, scale): NUMBER with a scale, and the wide form of NUMBER(p, 0).
    Decimal {
        precision: u8,
        scale: u8,
    },
    Double,
    Varchar,
    Blob,
    Boolean,
    Date,
    /// TIME_NS: nanoseconds since midnight.
    Time,
    /// TIMESTAMP: microseconds since 1970-01-01, wall clock for NTZ, UTC for LTZ.
    Timestamp,
    /// STRUCT(utc TIMESTAMP, "offset" SMALLINT minutes): TIMESTAMP_TZ.
    TimestampTz,
    /// DECIMAL(38,0): nanoseconds since 1970-01-01; the second form of a timestamp, where digits 7 to 9 occur.
    TimestampNanos,
    /// STRUCT(utc as above, "offset" SMALLINT minutes): the second form of TIMESTAMP_TZ.
    TimestampTzNanos,
}

impl PhysicalType {
    /// The second form of a timestamp, which holds nanoseconds; any other form as it is.
    pub fn with_nanoseconds(self) -> PhysicalType {
        match self {
            PhysicalType::Timestamp => PhysicalType::TimestampNanos,
            PhysicalType::TimestampTz => PhysicalType::TimestampTzNanos,
            other => other,
        }
    }

    /// Whether this is the second form of a timestamp.
    pub fn has_nanoseconds(self) -> bool {
        matches!(
            self,
            PhysicalType::TimestampNanos | PhysicalType::TimestampTzNanos
        )
    }
}

impl LogicalType {
    /// NUMBER(38, 0), the type of every INT, BIGINT, ….
    pub const INTEGER: LogicalType = LogicalType::Number {
        precision: MAX_PRECISION,
        scale: 0,
    };
    /// VARCHAR without a declared length.
    pub const TEXT: LogicalType = LogicalType::Varchar {
        length: DEFAULT_VARCHAR_LENGTH,
    };

    /// The form in which a new column of this type is stored, before any value forces a wider one.
    pub fn narrow_storage(&self) -> PhysicalType {
        match *self {
            LogicalType::Number { scale: 0, .. } => PhysicalType::BigInt,
            _ => self.natural_physical(),
        }
    }

    /// The form in which a column is stored that a value did not fit in the narrow one.
    pub fn wide_storage(&self) -> PhysicalType {
        match *self {
            LogicalType::Number {
                precision: 19..,
                scale: 0,
            } => PhysicalType::Decimal {
                precision: MAX_PRECISION,
                scale: 0,
            },
            LogicalType::Timestamp { scale: 7.., .. } => self.natural_physical().with_nanoseconds(),
            _ => self.natural_physical(),
        }
    }

    /// The form that holds every value of this type, but for digits 7 to 9 of a timestamp.
    pub fn natural_physical(&self) -> PhysicalType {
        match *self {
            LogicalType::Number {
                precision,
                scale: 0,
            } if precision <= 18 => PhysicalType::BigInt,
            LogicalType::Number { precision, scale } => PhysicalType::Decimal { precision, scale },
            LogicalType::Float => PhysicalType::Double,
            LogicalType::Varchar { .. } => PhysicalType::Varchar,
            LogicalType::Binary { .. } => PhysicalType::Blob,
            LogicalType::Boolean => PhysicalType::Boolean,
            LogicalType::Date => PhysicalType::Date,
            LogicalType::Time { .. } => PhysicalType::Time,
            LogicalType::Timestamp {
                kind: TimestampKind::Tz,
                ..
            } => PhysicalType::TimestampTz,
            LogicalType::Timestamp { .. } => PhysicalType::Timestamp,
            LogicalType::Variant | LogicalType::Object | LogicalType::Array => {
                PhysicalType::Varchar
            }
        }
    }

    /// Whether two values are equal in Snowflake exactly when the engine finds their physical forms equal. Where not,
    /// `lower` compares, groups and joins by a key.
    pub fn equality_is_physical(&self) -> bool {
        !matches!(
            self,
            LogicalType::Timestamp {
                kind: TimestampKind::Tz,
                ..
            } | LogicalType::Variant
                | LogicalType::Object
                | LogicalType::Array
        )
    }

    /// The name without precision, scale or length, as INFORMATION_SCHEMA and error messages write it.
    pub fn family(&self) -> &'static str {
        match self {
            LogicalType::Number { .. } => "NUMBER",
            LogicalType::Float => "FLOAT",
            LogicalType::Varchar { .. } => "VARCHAR",
            LogicalType::Binary { .. } => "BINARY",
            LogicalType::Boolean => "BOOLEAN",
            LogicalType::Date => "DATE",
            LogicalType::Time { .. } => "TIME",
            LogicalType::Timestamp { kind, .. } => kind.name(),
            LogicalType::Variant => "VARIANT",
            LogicalType::Object => "OBJECT",
            LogicalType::Array => "ARRAY",
        }
    }
}

impl LogicalType {
    /// The function that converts to the type, as messages about casts name it.
    pub fn conversion(&self) -> &'static str {
        match self {
            LogicalType::Number { .. } => "TO_NUMBER",
            LogicalType::Float => "TO_DOUBLE",
            LogicalType::Varchar { .. } => "TO_VARCHAR",
            LogicalType::Binary { .. } => "TO_BINARY",
            LogicalType::Boolean => "TO_BOOLEAN",
            LogicalType::Date => "TO_DATE",
            LogicalType::Time { .. } => "TO_TIME",
            LogicalType::Timestamp { kind, .. } => match kind {
                TimestampKind::Ntz => "TO_TIMESTAMP_NTZ",
                TimestampKind::Ltz => "TO_TIMESTAMP_LTZ",
                TimestampKind::Tz => "TO_TIMESTAMP_TZ",
            },
            LogicalType::Variant => "TO_VARIANT",
            LogicalType::Object => "TO_OBJECT",
            LogicalType::Array => "TO_ARRAY",
        }
    }
}

impl TimestampKind {
    /// TIMESTAMP_x(9), what functions give.
    pub const fn full(self) -> LogicalType {
        LogicalType::Timestamp {
            kind: self,
            scale: 9,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            TimestampKind::Ntz => "TIMESTAMP_NTZ",
            TimestampKind::Ltz => "TIMESTAMP_LTZ",
            TimestampKind::Tz => "TIMESTAMP_TZ",
        }
    }
}

/// As DESCRIBE TABLE prints it: `NUMBER(38,0)`, `VARCHAR(16777216)`, `TIMESTAMP_NTZ(9)`.
impl fmt::Display for LogicalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogicalType::Number { precision, scale } => write!(f, "NUMBER({precision},{scale})"),
            LogicalType::Varchar { length } | LogicalType::Binary { length } => {
                write!(f, "{}({length})", self.family())
            }
            LogicalType::Time { scale } | LogicalType::Timestamp { scale, .. } => {
                write!(f, "{}({scale})", self.family())
            }
            _ => f.write_str(self.family()),
        }
    }
}

/// As DuckDB's SQL spells it.
impl fmt::Display for PhysicalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PhysicalType::BigInt => f.write_str("BIGINT"),
            PhysicalType::Decimal { precision, scale } => write!(f, "DECIMAL({precision},{scale})"),
            PhysicalType::Double => f.write_str("DOUBLE"),
            PhysicalType::Varchar => f.write_str("VARCHAR"),
            PhysicalType::Blob => f.write_str("BLOB"),
            PhysicalType::Boolean => f.write_str("BOOLEAN"),
            PhysicalType::Date => f.write_str("DATE"),
            PhysicalType::Time => f.write_str("TIME_NS"),
            PhysicalType::Timestamp => f.write_str("TIMESTAMP"),
            PhysicalType::TimestampTz => f.write_str("STRUCT(utc TIMESTAMP, \"offset\" SMALLINT)"),
            PhysicalType::TimestampNanos => f.write_str("DECIMAL(38,0)"),
            PhysicalType::TimestampTzNanos => {
                f.write_str("STRUCT(utc DECIMAL(38,0), \"offset\" SMALLINT)")
            }
        }
    }
}
