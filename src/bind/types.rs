//! Data types as SQL writes them.
//!
//! Source: Snowflake, "Summary of data types".

use crate::error::{Error, Result};
use crate::sql::ast::{self, DataType, ExactNumberInfo, TimezoneInfo};
use crate::types::{
    DEFAULT_BINARY_LENGTH, LogicalType, MAX_BINARY_LENGTH, MAX_PRECISION, MAX_SCALE,
    MAX_VARCHAR_LENGTH, TimestampKind,
};

/// As `data_type`, where TIMESTAMP without more stands for `kind` (TIMESTAMP_TYPE_MAPPING).
pub fn data_type_in(parsed: &DataType, kind: TimestampKind) -> Result<LogicalType> {
    match parsed {
        DataType::Timestamp(scale, TimezoneInfo::None) => timestamp(kind, *scale),
        _ => data_type(parsed),
    }
}

/// The logical type that a parsed type means.
pub fn data_type(parsed: &DataType) -> Result<LogicalType> {
    use DataType as Parsed;
    Ok(match parsed {
        Parsed::Numeric(info) | Parsed::Decimal(info) | Parsed::Dec(info) => number(parsed, info)?,
        Parsed::Int(None)
        | Parsed::Integer(None)
        | Parsed::BigInt(None)
        | Parsed::SmallInt(None)
        | Parsed::TinyInt(None) => LogicalType::INTEGER,
        Parsed::Float(_)
        | Parsed::Float4
        | Parsed::Float8
        | Parsed::Double(_)
        | Parsed::DoublePrecision
        | Parsed::Real => LogicalType::Float,
        Parsed::Varchar(length)
        | Parsed::Nvarchar(length)
        | Parsed::CharVarying(length)
        | Parsed::CharacterVarying(length) => text(length.as_ref(), None)?,
        Parsed::Char(length) | Parsed::Character(length) => text(length.as_ref(), Some(1))?,
        Parsed::Text => LogicalType::TEXT,
        Parsed::String(length) => match length {
            None => LogicalType::TEXT,
            Some(length) => varchar(*length)?,
        },
        Parsed::Binary(length) => binary(*length)?,
        Parsed::Varbinary(length) => match length {
            None => binary(None)?,
            Some(ast::BinaryLength::IntegerLength { length }) => binary(Some(*length))?,
            Some(ast::BinaryLength::Max) => return Err(unsupported(parsed)),
        },
        Parsed::Boolean | Parsed::Bool => LogicalType::Boolean,
        Parsed::Date => LogicalType::Date,
        Parsed::Time(scale, TimezoneInfo::None) => LogicalType::Time {
            scale: fraction(*scale)?,
        },
        Parsed::Datetime(scale) => timestamp(TimestampKind::Ntz, *scale)?,
        Parsed::TimestampNtz(scale) => timestamp(TimestampKind::Ntz, *scale)?,
        // Where TIMESTAMP_TYPE_MAPPING matters it has been heeded.
        Parsed::Timestamp(scale, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
            timestamp(TimestampKind::Ntz, *scale)?
        }
        Parsed::Timestamp(scale, TimezoneInfo::Tz | TimezoneInfo::WithTimeZone) => {
            timestamp(TimestampKind::Tz, *scale)?
        }
        Parsed::Array(ast::ArrayElemTypeDef::None) => LogicalType::Array,
        Parsed::Custom(name, modifiers) => {
            custom(parsed, &name.to_string().to_uppercase(), modifiers)?
        }
        _ => return Err(unsupported(parsed)),
    })
}

fn unsupported(parsed: &DataType) -> Error {
    Error::unsupported_data_type(parsed.to_string().to_uppercase())
}

fn number(parsed: &DataType, info: &ExactNumberInfo) -> Result<LogicalType> {
    let (precision, scale) = match *info {
        ExactNumberInfo::None => (u64::from(MAX_PRECISION), 0),
        ExactNumberInfo::Precision(precision) => (precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (
            precision,
            u64::try_from(scale).map_err(|_| unsupported(parsed))?,
        ),
    };
    number_of(precision, scale)
}

/// NUMBER(precision, scale) within the limits.
fn number_of(precision: u64, scale: u64) -> Result<LogicalType> {
    if precision == 0 || precision > MAX_PRECISION.into() {
        return Err(Error::invalid_parameter_value(precision, "precision"));
    }
    if scale > precision || scale > MAX_SCALE.into() {
        return Err(Error::invalid_parameter_value(scale, "scale"));
    }
    Ok(LogicalType::Number {
        precision: precision as u8,
        scale: scale as u8,
    })
}

fn text(length: Option<&ast::CharacterLength>, default: Option<u64>) -> Result<LogicalType> {
    match (length, default) {
        (Some(ast::CharacterLength::IntegerLength { length, .. }), _) => varchar(*length),
        (Some(ast::CharacterLength::Max), _) => Err(Error::unsupported("VARCHAR(MAX)")),
        (None, Some(length)) => varchar(length),
        (None, None) => Ok(LogicalType::TEXT),
    }
}

fn varchar(length: u64) -> Result<LogicalType> {
    match u32::try_from(length) {
        Ok(length @ 1..=MAX_VARCHAR_LENGTH) => Ok(LogicalType::Varchar { length }),
        _ => Err(Error::invalid_parameter_value(length, "length")),
    }
}

fn binary(length: Option<u64>) -> Result<LogicalType> {
    match length.map(u32::try_from) {
        None => Ok(LogicalType::Binary {
            length: DEFAULT_BINARY_LENGTH,
        }),
        Some(Ok(length @ 1..=MAX_BINARY_LENGTH)) => Ok(LogicalType::Binary { length }),
        Some(_) => Err(Error::invalid_parameter_value(
            length.unwrap_or(0),
            "length",
        )),
    }
}

fn fraction(scale: Option<u64>) -> Result<u8> {
    match scale {
        None => Ok(9),
        Some(scale @ 0..=9) => Ok(scale as u8),
        Some(scale) => Err(Error::invalid_parameter_value(scale, "scale")),
    }
}

fn timestamp(kind: TimestampKind, scale: Option<u64>) -> Result<LogicalType> {
    Ok(LogicalType::Timestamp {
        kind,
        scale: fraction(scale)?,
    })
}

/// Names that sqlparser has no variant for.
fn custom(parsed: &DataType, name: &str, modifiers: &[String]) -> Result<LogicalType> {
    let arguments = modifiers
        .iter()
        .map(|modifier| modifier.parse::<u64>().map_err(|_| unsupported(parsed)))
        .collect::<Result<Vec<_>>>()?;
    let scale = arguments.first().copied();
    Ok(match (name, &arguments[..]) {
        ("NUMBER", []) => LogicalType::INTEGER,
        ("NUMBER", [precision]) => number_of(*precision, 0)?,
        ("NUMBER", [precision, scale]) => number_of(*precision, *scale)?,
        ("BYTEINT", []) => LogicalType::INTEGER,
        ("TEXT" | "VARCHAR2" | "NVARCHAR2", []) => LogicalType::TEXT,
        ("TEXT" | "VARCHAR2" | "NVARCHAR2", [length]) => varchar(*length)?,
        ("NCHAR", []) => varchar(1)?,
        ("NCHAR", [length]) => varchar(*length)?,
        ("TIMESTAMP_NTZ" | "TIMESTAMPNTZ", [] | [_]) => timestamp(TimestampKind::Ntz, scale)?,
        ("TIMESTAMP_LTZ" | "TIMESTAMPLTZ", [] | [_]) => timestamp(TimestampKind::Ltz, scale)?,
        ("TIMESTAMP_TZ" | "TIMESTAMPTZ", [] | [_]) => timestamp(TimestampKind::Tz, scale)?,
        ("DATETIME", [] | [_]) => timestamp(TimestampKind::Ntz, scale)?,
        ("VARIANT", []) => LogicalType::Variant,
        ("OBJECT", []) => LogicalType::Object,
        ("ARRAY", []) => LogicalType::Array,
        _ => return Err(unsupported(parsed)),
    })
}
