//! Physical forms of numbers: bringing several to one, and Snowflake's arithmetic in them.

use super::{Sql, Widths, Writer, literal};
use crate::error::{Error, Result};
use crate::tree::{Arithmetic, Expr, ExprKind, Literal};
use crate::types::{LogicalType, MAX_PRECISION, PhysicalType};

/// Digits that a BIGINT can have.
const BIGINT_DIGITS: u8 = 19;
/// Most digits of a DECIMAL in 64 bits.
const INT64_DECIMAL_DIGITS: u8 = 18;

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
    /// Writes expressions of one logical type in one physical form. Constants take the form of the others if they fit.
    pub(super) fn unified(&mut self, exprs: &[&Expr]) -> Result<Vec<Sql>> {
        let mut written = exprs
            .iter()
            .map(|expr| self.expr(expr))
            .collect::<Result<Vec<_>>>()?;
        let others = written.iter().zip(exprs).filter(|(_, expr)| {
            !expr.is_null_literal() && constant(expr).is_none() // a typed NULL has a form
        });
        let mut form = common(others.map(|(sql, _)| sql.physical));
        for (sql, expr) in written.iter().zip(exprs) {
            if let Some((unscaled, scale)) = constant(expr)
                && !form.is_some_and(|form| holds(form, unscaled, scale))
            {
                let own = match form {
                    Some(PhysicalType::Decimal { .. }) => tight(unscaled, scale),
                    _ => sql.physical,
                };
                form = common(form.into_iter().chain([own]));
            }
        }
        let Some(form) = form.or_else(|| written.first().map(|sql| sql.physical)) else {
            return Ok(written);
        };
        for (sql, expr) in written.iter_mut().zip(exprs) {
            if sql.physical == form {
                continue;
            }
            *sql = match (&expr.kind, constant(expr)) {
                (ExprKind::Literal(Literal::Null), _) => literal::null(form),
                (_, Some((unscaled, scale))) if holds(form, unscaled, scale) => {
                    literal::number(unscaled, scale, form)
                }
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
        let natural = ty.natural_physical();
        let native = |name: &str| {
            let text = format!("sf_{name}_{scale}({}, {})", l.text, r.text);
            let widest = PhysicalType::Decimal {
                precision: MAX_PRECISION,
                scale,
            };
            in_form(Sql::new(text, widest), natural)
        };
        Ok(match operator {
            Arithmetic::Divide => native("divide"),
            Arithmetic::Multiply if scale_of(&left.ty) + scale_of(&right.ty) != scale => {
                native("multiply")
            }
            Arithmetic::Modulo if natural != PhysicalType::BigInt => {
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
                let text = format!("CAST({} % {} AS {natural})", l.text, r.text);
                Sql::new(text, natural)
            }
            _ if natural == PhysicalType::BigInt => {
                let (l, r) = (in_form(l, natural), in_form(r, natural));
                operation(operator, &l, &r, natural)
            }
            _ => self.exact(operator, (left, l), (right, r)),
        })
    }

    /// A sum, difference or product of exact numbers whose type has more than 18 digits or a scale. No cast and no check
    /// stands around it: the operands' types bound the result.
    fn exact(&mut self, operator: Arithmetic, left: (&Expr, Sql), right: (&Expr, Sql)) -> Sql {
        let bigint = PhysicalType::BigInt;
        if self.widths == Widths::Narrow && left.1.physical == bigint && right.1.physical == bigint
        {
            self.narrowed = true;
            return operation(operator, &left.1, &right.1, bigint);
        }
        let (mut l, r) = (self.decimal(left.0, left.1), self.decimal(right.0, right.1));
        let mut result = engine_result(operator, l.physical, r.physical);
        if result.is_cut {
            match self.widths {
                Widths::Narrow => self.narrowed = true,
                Widths::Full => {
                    // One operand beyond 64 bits, and the engine computes in 128.
                    let wide = PhysicalType::Decimal {
                        precision: INT64_DECIMAL_DIGITS + 1,
                        scale: scale_of(&left.0.ty),
                    };
                    l = in_form(l, wide);
                    result = engine_result(operator, l.physical, r.physical);
                }
            }
        }
        operation(operator, &l, &r, result.physical)
    }

    /// An exact number as a DECIMAL.
    fn decimal(&mut self, expr: &Expr, sql: Sql) -> Sql {
        if let Some((unscaled, scale)) = constant(expr) {
            return literal::number(unscaled, scale, tight(unscaled, scale));
        }
        let LogicalType::Number { precision, .. } = expr.ty else {
            return sql;
        };
        match sql.physical {
            PhysicalType::BigInt => {
                let precision = match self.widths {
                    _ if precision <= INT64_DECIMAL_DIGITS => precision,
                    Widths::Full => BIGINT_DIGITS,
                    Widths::Narrow => {
                        self.narrowed = true;
                        INT64_DECIMAL_DIGITS
                    }
                };
                in_form(
                    sql,
                    PhysicalType::Decimal {
                        precision,
                        scale: 0,
                    },
                )
            }
            _ => sql,
        }
    }
}

fn operation(operator: Arithmetic, left: &Sql, right: &Sql, physical: PhysicalType) -> Sql {
    let symbol = symbol(operator);
    Sql::new(format!("({} {symbol} {})", left.text, right.text), physical)
}

/// The type that the engine gives a sum, difference or product of DECIMALs.
struct EngineResult {
    physical: PhysicalType,
    /// Whether the operands could give more digits than the type has: then the engine checks each value.
    is_cut: bool,
}

/// DuckDB's rule: as many digits as can occur, but a product stays in 64 bits where both operands do.
fn engine_result(operator: Arithmetic, left: PhysicalType, right: PhysicalType) -> EngineResult {
    let ((l1, s1), (l2, s2)) = (
        shape(left).unwrap_or((0, 0)),
        shape(right).unwrap_or((0, 0)),
    );
    let widest = (l1 + s1).max(l2 + s2);
    let (digits, scale) = match operator {
        Arithmetic::Multiply => (l1 + s1 + l2 + s2, s1 + s2),
        _ => ((s1.max(s2) + l1.max(l2)).max(widest) + 1, s1.max(s2)),
    };
    let stays_narrow = operator == Arithmetic::Multiply
        && widest <= INT64_DECIMAL_DIGITS
        && scale < INT64_DECIMAL_DIGITS;
    let most = if stays_narrow {
        INT64_DECIMAL_DIGITS
    } else {
        MAX_PRECISION
    };
    EngineResult {
        physical: PhysicalType::Decimal {
            precision: digits.min(most),
            scale,
        },
        is_cut: digits > most && stays_narrow,
    }
}

/// The unscaled value and scale of a number written in the statement.
fn constant(expr: &Expr) -> Option<(i128, u8)> {
    match (&expr.kind, &expr.ty) {
        (ExprKind::Literal(Literal::Number(unscaled)), LogicalType::Number { scale, .. }) => {
            Some((*unscaled, *scale))
        }
        _ => None,
    }
}

/// The smallest DECIMAL of this scale that holds the value.
fn tight(unscaled: i128, scale: u8) -> PhysicalType {
    PhysicalType::Decimal {
        precision: digits(unscaled).max(scale).max(1),
        scale,
    }
}

fn holds(form: PhysicalType, unscaled: i128, scale: u8) -> bool {
    match form {
        PhysicalType::BigInt => scale == 0 && i64::try_from(unscaled).is_ok(),
        PhysicalType::Decimal {
            precision,
            scale: target,
        } => scale <= target && digits(unscaled) + (target - scale) <= precision,
        _ => false,
    }
}

fn digits(unscaled: i128) -> u8 {
    let digits = unscaled.unsigned_abs().checked_ilog10();
    digits.map_or(0, |log| u8::try_from(log).unwrap_or(u8::MAX - 1) + 1)
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
