//! Physical forms of numbers: bringing several to one, and Snowflake's arithmetic in them.

use super::{Sql, Writer, literal};
use crate::error::{Error, Result};
use crate::tree::{Arithmetic, Expr, ExprKind, Literal};
use crate::types::{LogicalType, MAX_PRECISION, PhysicalType};

/// Digits that a BIGINT can have.
const BIGINT_DIGITS: u8 = 19;

/// The form that holds the values of all `forms`. Forms that are no numbers are equal already.
pub(super) fn common(forms: impl IntoIterator<Item = PhysicalType>) -> Option<PhysicalType> {
    let mut common: Option<PhysicalType> = None;
    for form in forms {
        common = Some(match common {
            None => form,
            Some(known) if known == form => known,
            Some(known) if known.with_nanoseconds() == form.with_nanoseconds() => {
                form.with_nanoseconds()
            }
            Some(known) => match (shape(known), shape(form)) {
                (Some((w1, s1)), Some((w2, s2))) => {
                    let scale = s1.max(s2);
                    let precision = (w1.max(w2) + scale).min(MAX_PRECISION);
                    PhysicalType::Decimal { precision, scale }
                }
                _ => return None,
            },
        });
    }
    common
}

/// Digits before and after the point.
fn shape(physical: PhysicalType) -> Option<(u8, u8)> {
    match physical {
        PhysicalType::BigInt => Some((BIGINT_DIGITS, 0)),
        PhysicalType::Decimal { precision, scale } => Some((precision - scale, scale)),
        _ => None,
    }
}

/// The expression's text in another form of the same value.
pub(super) fn in_form(sql: Sql, physical: PhysicalType) -> Sql {
    if sql.physical == physical {
        return sql;
    }
    let native = match (sql.physical, physical) {
        (PhysicalType::Timestamp, PhysicalType::TimestampNanos) => "sf_widen_timestamp",
        (PhysicalType::TimestampTz, PhysicalType::TimestampTzNanos) => "sf_widen_timestamp_tz",
        (PhysicalType::TimestampNanos, PhysicalType::Timestamp) => "sf_narrow_timestamp",
        (PhysicalType::TimestampTzNanos, PhysicalType::TimestampTz) => "sf_narrow_timestamp_tz",
        _ => return Sql::new(format!("CAST({} AS {physical})", sql.text), physical),
    };
    Sql::new(format!("{native}({})", sql.text), physical)
}

impl Writer<'_> {
    /// Writes expressions of one logical type in one physical form. Constants take the form of the others.
    pub(super) fn unified(&mut self, exprs: &[&Expr]) -> Result<Vec<Sql>> {
        let mut written = exprs
            .iter()
            .map(|expr| self.expr(expr))
            .collect::<Result<Vec<_>>>()?;
        let firm = written
            .iter()
            .zip(exprs)
            .filter(|(_, expr)| !expr.is_null_literal());
        let Some(form) = common(firm.map(|(sql, _)| sql.physical))
            .or_else(|| written.first().map(|sql| sql.physical))
        else {
            return Ok(written);
        };
        for (sql, expr) in written.iter_mut().zip(exprs) {
            if sql.physical == form {
                continue;
            }
            *sql = match (&expr.kind, &expr.ty, form) {
                (ExprKind::Literal(Literal::Null), ..) => literal::null(form),
                (
                    ExprKind::Literal(Literal::Number(unscaled)),
                    LogicalType::Number { scale, .. },
                    PhysicalType::Decimal { scale: target, .. },
                ) if target >= *scale => literal::number(*unscaled, *scale, form),
                _ if common([sql.physical, form]) == Some(form) => in_form(sql.clone(), form),
                _ => {
                    let message = format!("no common form of {} and {form}", sql.physical);
                    return Err(Error::internal(message));
                }
            };
        }
        Ok(written)
    }

    pub(super) fn arithmetic(
        &mut self,
        operator: Arithmetic,
        left: &Expr,
        right: &Expr,
        ty: &LogicalType,
    ) -> Result<Sql> {
        let (l, r) = (self.expr(left)?, self.expr(right)?);
        let LogicalType::Number { precision, scale } = *ty else {
            let symbol = symbol(operator);
            return Ok(Sql::new(
                format!("({} {symbol} {})", l.text, r.text),
                PhysicalType::Double,
            ));
        };
        let result = ty.natural_physical();
        Ok(match operator {
            Arithmetic::Divide => {
                let text = format!("sf_divide_{scale}({}, {})", l.text, r.text);
                in_form(
                    Sql::new(
                        text,
                        PhysicalType::Decimal {
                            precision: MAX_PRECISION,
                            scale,
                        },
                    ),
                    result,
                )
            }
            Arithmetic::Multiply if scale_of(&left.ty) + scale_of(&right.ty) != scale => {
                let text = format!("sf_multiply_{scale}({}, {})", l.text, r.text);
                in_form(
                    Sql::new(
                        text,
                        PhysicalType::Decimal {
                            precision: MAX_PRECISION,
                            scale,
                        },
                    ),
                    result,
                )
            }
            _ if result == PhysicalType::BigInt => {
                let (l, r) = (in_form(l, result), in_form(r, result));
                Sql::new(
                    format!("({} {} {})", l.text, symbol(operator), r.text),
                    result,
                )
            }
            _ => {
                // The engine's result has as many digits as its operands call for, and it checks for overflow only at its
                // own widths: so both get the result's width first.
                let width = |sql: Sql, ty: &LogicalType| {
                    let scale = scale_of(ty);
                    let precision = if precision > 18 {
                        MAX_PRECISION
                    } else {
                        precision
                    };
                    in_form(sql, PhysicalType::Decimal { precision, scale })
                };
                let (l, r) = (width(l, &left.ty), width(r, &right.ty));
                Sql::new(
                    format!(
                        "CAST({} {} {} AS {result})",
                        l.text,
                        symbol(operator),
                        r.text
                    ),
                    result,
                )
            }
        })
    }
}

fn scale_of(ty: &LogicalType) -> u8 {
    match ty {
        LogicalType::Number { scale, .. } => *scale,
        _ => 0,
    }
}

fn symbol(operator: Arithmetic) -> &'static str {
    match operator {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::Modulo => "%",
    }
}
