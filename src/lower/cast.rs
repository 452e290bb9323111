//! Casts: how a value of one logical type becomes one of another in DuckDB SQL.
//!
//! Source of the rules: Snowflake, "Data type conversion". Text is read and written by natives of ours; the engine's own
//! casts accept and print other forms.

use super::expression::floored;
use super::numbers::in_form;
use super::{Sql, Writer};
use crate::engine::quote_text;
use crate::error::{Error, Result};
use crate::tree::Expr;
use crate::types::{
    LogicalType, MAX_BINARY_LENGTH, MAX_PRECISION, MAX_VARCHAR_LENGTH, PhysicalType, TimestampKind,
};

impl Writer<'_> {
    pub(super) fn cast(&mut self, operand: &Expr, to: &LogicalType, tolerant: bool) -> Result<Sql> {
        let from = &operand.ty;
        if *to == LogicalType::Variant
            && let Some(constant) = super::variant::constant(operand)
        {
            return Ok(constant);
        }
        let converted = |writer: &mut Self| {
            let sql = writer.expr(operand)?;
            writer.convert(sql, from, to)
        };
        if !tolerant {
            return converted(self);
        }
        self.tried(|writer| {
            let converted = converted(writer)?;
            Ok(Sql::new(
                format!("TRY({})", converted.text),
                converted.physical,
            ))
        })
    }

    fn convert(&self, sql: Sql, from: &LogicalType, to: &LogicalType) -> Result<Sql> {
        use LogicalType::{Binary, Boolean, Date, Float, Number, Time, Timestamp, Varchar};
        if let Some(converted) = self.semi_structured(&sql, from, to) {
            return converted;
        }
        let natural = self.natural(to);
        let native = |name: &str, sql: Sql| Ok(Sql::new(format!("{name}({})", sql.text), natural));
        let formatted = |name: &str, sql: Sql, format: &str| {
            let (name, format) = (self.native(name), quote_text(format));
            Ok(Sql::new(format!("{name}({}, {format})", sql.text), natural))
        };
        let read = |name: &str, format: &str| {
            let century = self.facts.century_start;
            let format = quote_text(format);
            let text = format!("{name}({}, {format}, {century}::BIGINT)", sql.text);
            Sql::new(text, natural)
        };
        match (from, to) {
            (Number { .. }, Number { .. }) => Ok(number_to_number(sql, from, to)),
            (Number { .. }, Float) => Ok(in_form(sql, natural)),
            (Float, Boolean) => native("sf_float_to_boolean", sql),
            (Number { .. }, Boolean) => Ok(Sql::new(format!("({} <> 0)", sql.text), natural)),
            (Float, &Number { precision, scale }) => Ok(exact(
                format!(
                    "sf_float_to_number_{scale}({}, {precision}::BIGINT)",
                    sql.text
                ),
                to,
            )),
            (Boolean, Number { .. }) => {
                let number = Sql::new(
                    format!("CAST({} AS BIGINT)", sql.text),
                    PhysicalType::BigInt,
                );
                Ok(number_to_number(
                    number,
                    &LogicalType::Number {
                        precision: 1,
                        scale: 0,
                    },
                    to,
                ))
            }
            (Varchar { .. }, &Number { precision, scale }) => Ok(exact(
                format!(
                    "sf_text_to_number_{scale}({}, {precision}::BIGINT)",
                    sql.text
                ),
                to,
            )),
            (Varchar { .. }, Float) => native("sf_text_to_float", sql),
            (Varchar { .. }, Boolean) => native("sf_text_to_boolean", sql),
            (Varchar { .. }, Date) => Ok(read("sf_text_to_date", &self.facts.date_input_format)),
            (Varchar { .. }, Time { scale }) => {
                let read = read("sf_text_to_time", &self.facts.time_input_format);
                time_of_scale(read, *scale)
            }
            (Varchar { .. }, Binary { length }) => {
                let format = self.facts.binary_input_format.name();
                let bytes = formatted("sf_text_to_binary", sql, format)?;
                Ok(fit_binary(bytes, MAX_BINARY_LENGTH, *length))
            }
            (&Binary { length: have }, &Varchar { length }) => {
                let format = self.facts.binary_output_format.name();
                let text = formatted("sf_binary_to_text", sql, format)?;
                Ok(fit_text(text, have.saturating_mul(2), length))
            }
            (&Binary { length: have }, &Binary { length: want }) => Ok(fit_binary(sql, have, want)),
            (Number { .. }, Timestamp { kind, .. }) => {
                let name = self.native("sf_number_to_timestamp");
                let text = format!("{name}({}, 0::BIGINT)", sql.text);
                let utc = Sql::new(text, self.natural(&TimestampKind::Ltz.full()));
                match kind {
                    TimestampKind::Ntz | TimestampKind::Ltz => Ok(utc),
                    TimestampKind::Tz => self.timestamp_kind(utc, TimestampKind::Ltz, *kind),
                }
            }
            (Varchar { .. }, Timestamp { kind, scale }) => {
                let name = match kind {
                    TimestampKind::Ntz => "sf_text_to_timestamp_ntz",
                    TimestampKind::Ltz => "sf_text_to_timestamp_ltz",
                    TimestampKind::Tz => "sf_text_to_timestamp_tz",
                };
                let (format, zone) = (&self.facts.timestamp_input_format, &self.facts.timezone);
                let text = format!(
                    "{}({}, {}, {}, {}::BIGINT)",
                    self.native(name),
                    sql.text,
                    quote_text(format),
                    quote_text(zone),
                    self.facts.century_start
                );
                self.timestamp_of_scale(Sql::new(text, natural), *scale)
            }
            (Varchar { length: have }, Varchar { length: want }) => Ok(fit_text(sql, *have, *want)),
            (Number { .. }, Varchar { length }) => {
                let text = Sql::new(format!("CAST({} AS VARCHAR)", sql.text), natural);
                Ok(fit_text(text, u32::from(MAX_PRECISION) + 2, *length))
            }
            (Float, Varchar { length }) => {
                Ok(fit_text(native("sf_float_to_text", sql)?, 24, *length))
            }
            (Boolean, Varchar { length }) => {
                let text = format!(
                    "CASE WHEN {0} THEN 'true' WHEN NOT {0} THEN 'false' END",
                    sql.text
                );
                Ok(fit_text(Sql::new(format!("({text})"), natural), 5, *length))
            }
            (Date, Varchar { length }) => {
                let text = formatted("sf_date_to_text", sql, &self.facts.date_output_format)?;
                Ok(fit_text(text, MAX_VARCHAR_LENGTH, *length))
            }
            (Time { .. }, Varchar { length }) => {
                let text = formatted("sf_time_to_text", sql, &self.facts.time_output_format)?;
                Ok(fit_text(text, MAX_VARCHAR_LENGTH, *length))
            }
            (Timestamp { kind, .. }, Varchar { length }) => {
                let text = match kind {
                    TimestampKind::Ntz => formatted(
                        "sf_timestamp_ntz_to_text",
                        sql,
                        &self.facts.timestamp_ntz_output_format,
                    )?,
                    TimestampKind::Ltz => Sql::new(
                        format!(
                            "{}({}, {}, {})",
                            self.native("sf_timestamp_ltz_to_text"),
                            sql.text,
                            quote_text(&self.facts.timestamp_ltz_output_format),
                            quote_text(&self.facts.timezone)
                        ),
                        natural,
                    ),
                    TimestampKind::Tz => formatted(
                        "sf_timestamp_tz_to_text",
                        sql,
                        &self.facts.timestamp_tz_output_format,
                    )?,
                };
                Ok(fit_text(text, MAX_VARCHAR_LENGTH, *length))
            }
            (Date, Timestamp { kind, .. }) => {
                let midnight = Sql::new(
                    format!("CAST({} AS TIMESTAMP)", sql.text),
                    PhysicalType::Timestamp,
                );
                let midnight = in_form(midnight, self.natural(&TimestampKind::Ntz.full()));
                self.timestamp_kind(midnight, TimestampKind::Ntz, *kind)
            }
            (Timestamp { kind, .. }, Date) => {
                let wall = self.timestamp_kind(sql, *kind, TimestampKind::Ntz)?;
                Ok(in_form(floored(wall), natural))
            }
            (Timestamp { kind, .. }, Time { scale }) => {
                let wall = self.timestamp_kind(sql, *kind, TimestampKind::Ntz)?;
                let time = match wall.physical {
                    PhysicalType::TimestampNanos => {
                        format!("sf_timestamp_to_time_ns({})", wall.text)
                    }
                    // The engine has no cast from TIMESTAMP to TIME_NS.
                    _ => format!("CAST(CAST({} AS TIME) AS {natural})", wall.text),
                };
                time_of_scale(Sql::new(time, natural), *scale)
            }
            (
                Timestamp {
                    kind: have,
                    scale: digits,
                },
                Timestamp { kind: want, scale },
            ) => {
                let converted = self.timestamp_kind(sql, *have, *want)?;
                if scale < digits {
                    self.timestamp_of_scale(converted, *scale)
                } else {
                    Ok(converted)
                }
            }
            (Time { scale: digits }, Time { scale }) => {
                if scale < digits {
                    time_of_scale(sql, *scale)
                } else {
                    Ok(sql)
                }
            }
            (from, to) if from == to => Ok(sql),
            _ => Err(Error::unsupported(format!("cast from {from} to {to}"))),
        }
    }

    /// Between wall clock, instant, and instant with offset, in the session's time zone.
    fn timestamp_kind(&self, sql: Sql, have: TimestampKind, want: TimestampKind) -> Result<Sql> {
        use TimestampKind::{Ltz, Ntz, Tz};
        let zone = quote_text(&self.facts.timezone);
        let text = sql.text;
        let name = match (have, want) {
            (Ntz, Ntz) | (Ltz, Ltz) | (Tz, Tz) => return Ok(Sql::new(text, sql.physical)),
            (Tz, Ltz) => {
                let natural = self.natural(&want.full());
                // The engine takes a field of what it knows to be NULL for an untyped one.
                let utc = format!("CAST(struct_extract({text}, 'utc') AS {natural})");
                return Ok(Sql::new(utc, natural));
            }
            (Ntz, Ltz) => "sf_wall_to_instant",
            (Ltz, Ntz) => "sf_instant_to_wall",
            (Ntz, Tz) => "sf_wall_to_timestamp_tz",
            (Ltz, Tz) => "sf_instant_to_timestamp_tz",
            (Tz, Ntz) => "sf_timestamp_tz_to_wall",
        };
        let name = self.native(name);
        let text = match have {
            Tz => format!("{name}({text})"),
            Ntz | Ltz => format!("{name}({text}, {zone})"),
        };
        Ok(Sql::new(text, self.natural(&want.full())))
    }

    /// Fewer digits of the fraction: cut, as Snowflake does.
    pub(super) fn timestamp_of_scale(&self, sql: Sql, scale: u8) -> Result<Sql> {
        let stored = if self.nanoseconds { 9 } else { 6 };
        if scale >= stored {
            return Ok(sql);
        }
        let name = match sql.physical {
            PhysicalType::TimestampTz | PhysicalType::TimestampTzNanos => "sf_cut_timestamp_tz",
            _ => "sf_cut_timestamp",
        };
        let name = self.native(name);
        let text = format!("{name}({}, {scale}::BIGINT)", sql.text);
        Ok(Sql::new(text, sql.physical))
    }
}

/// DECIMAL(38, scale) of a native, in the natural form of `to`.
pub(super) fn exact(text: String, to: &LogicalType) -> Sql {
    let scale = match to {
        LogicalType::Number { scale, .. } => *scale,
        _ => 0,
    };
    in_form(
        Sql::new(
            text,
            PhysicalType::Decimal {
                precision: MAX_PRECISION,
                scale,
            },
        ),
        to.natural_physical(),
    )
}

/// Rounds half away from zero and checks the digits; nothing where every value fits already.
fn number_to_number(sql: Sql, from: &LogicalType, to: &LogicalType) -> Sql {
    let (
        &LogicalType::Number {
            precision: p1,
            scale: s1,
        },
        &LogicalType::Number {
            precision: p2,
            scale: s2,
        },
    ) = (from, to)
    else {
        return sql;
    };
    if s1 == s2 && p1 <= p2 {
        return sql;
    }
    let checked = in_form(
        sql,
        PhysicalType::Decimal {
            precision: p2,
            scale: s2,
        },
    );
    in_form(checked, to.natural_physical())
}

/// Enforces VARCHAR(n) where a value could be longer.
pub(super) fn fit_text(sql: Sql, have: u32, want: u32) -> Sql {
    if have <= want || want >= MAX_VARCHAR_LENGTH {
        return sql;
    }
    // A VARCHAR without a declared length holds what the engine holds.
    if want == crate::types::DEFAULT_VARCHAR_LENGTH && have == MAX_VARCHAR_LENGTH {
        return sql;
    }
    Sql::new(
        format!("sf_fit_text({}, {want}::BIGINT)", sql.text),
        sql.physical,
    )
}

/// Enforces BINARY(n) where a value could be longer.
fn fit_binary(sql: Sql, have: u32, want: u32) -> Sql {
    if have <= want {
        return sql;
    }
    Sql::new(
        format!("sf_fit_binary({}, {want}::BIGINT)", sql.text),
        sql.physical,
    )
}

pub(super) fn time_of_scale(sql: Sql, scale: u8) -> Result<Sql> {
    if scale >= 9 {
        return Ok(sql);
    }
    let unit = 10_i64.pow(u32::from(9 - scale));
    Ok(Sql::new(
        format!("sf_cut_time({}, {unit}::BIGINT)", sql.text),
        sql.physical,
    ))
}
