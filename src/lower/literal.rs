//! Constants in DuckDB SQL.

use super::Sql;
use crate::engine::quote_text;
use crate::tree::Literal;
use crate::types::{LogicalType, PhysicalType, decimal};

/// A constant of the given type, in its smallest physical form.
pub(super) fn literal(literal: &Literal, ty: &LogicalType) -> Sql {
    let natural = ty.natural_physical();
    match literal {
        Literal::Null => null(natural),
        Literal::Number(unscaled) => {
            let scale = match ty {
                LogicalType::Number { scale, .. } => *scale,
                _ => 0,
            };
            let physical = match natural {
                PhysicalType::Decimal { scale: 0, .. } if i64::try_from(*unscaled).is_ok() => {
                    PhysicalType::BigInt
                }
                other => other,
            };
            number(*unscaled, scale, physical)
        }
        Literal::Float(value) => Sql::new(float(*value), PhysicalType::Double),
        Literal::Text(value) => Sql::new(quote_text(value), PhysicalType::Varchar),
        Literal::Boolean(value) => {
            Sql::new(if *value { "TRUE" } else { "FALSE" }, PhysicalType::Boolean)
        }
        Literal::Binary(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            Sql::new(format!("unhex('{digits}')"), PhysicalType::Blob)
        }
        Literal::Date(days) => {
            Sql::new(format!("(DATE '1970-01-01' + {days})"), PhysicalType::Date)
        }
        Literal::Time(nanoseconds) => Sql::new(time(*nanoseconds), PhysicalType::Time),
        Literal::Timestamp(microseconds) => Sql::new(
            format!("make_timestamp({microseconds})"),
            PhysicalType::Timestamp,
        ),
        Literal::TimestampTz { utc, offset } => Sql::new(
            format!("{{'utc': make_timestamp({utc}), 'offset': {offset}::SMALLINT}}"),
            PhysicalType::TimestampTz,
        ),
    }
}

pub(super) fn null(physical: PhysicalType) -> Sql {
    Sql::new(format!("CAST(NULL AS {physical})"), physical)
}

/// A number in a given form, which must hold it.
pub(super) fn number(unscaled: i128, scale: u8, physical: PhysicalType) -> Sql {
    let text = decimal::format(unscaled, scale);
    let text = if unscaled < 0 {
        format!("({text})")
    } else {
        text
    };
    Sql::new(format!("{text}::{physical}"), physical)
}

fn float(value: f64) -> String {
    if value.is_nan() {
        "'nan'::DOUBLE".to_owned()
    } else if value.is_infinite() {
        format!("'{}inf'::DOUBLE", if value < 0.0 { "-" } else { "" })
    } else {
        format!("({value:e})::DOUBLE")
    }
}

fn time(nanoseconds: i64) -> String {
    let (seconds, fraction) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("'{hours:02}:{minutes:02}:{seconds:02}.{fraction:09}'::TIME_NS")
}
