//! Constants in DuckDB SQL.

use super::{Sql, Writer};
use crate::engine::quote_text;
use crate::error::{Error, Result};
use crate::tree::Literal;
use crate::types::datetime::Timestamp;
use crate::types::{LogicalType, PhysicalType, decimal};

impl Writer<'_> {
    /// A constant of the given type, in its smallest physical form.
    pub(super) fn literal(&self, literal: &Literal, ty: &LogicalType) -> Result<Sql> {
        let natural = self.natural(ty);
        Ok(match literal {
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
            Literal::Timestamp(at) => Sql::new(self.timestamp(*at)?, natural),
            Literal::TimestampTz { utc, offset } => {
                let utc = self.timestamp(*utc)?;
                let text = format!("{{'utc': {utc}, 'offset': {offset}::SMALLINT}}");
                Sql::new(text, natural)
            }
        })
    }

    /// A point in time, in the form that this statement is written for.
    fn timestamp(&self, at: Timestamp) -> Result<String> {
        if self.nanoseconds {
            return Ok(format!("({})::DECIMAL(38,0)", at.to_nanos()));
        }
        match at.to_micros() {
            Some((micros, 0)) => Ok(format!("make_timestamp({micros})")),
            _ => Err(Error::needs_nanoseconds()),
        }
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
