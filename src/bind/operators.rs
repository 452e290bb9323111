//! Operators: the types that Snowflake brings their operands to, and the type of the result.
//!
//! Source: Snowflake, "Arithmetic operators", "Comparison operators"; how text is read beside a number as recorded from a
//! live account.

use crate::error::{Error, Result};
use crate::functions::{self, Facts};
use crate::tree::{Arithmetic, Call, Comparison, Expr, ExprKind, Form, Literal, Returns};
use crate::types::datetime::part::Unit;
use crate::types::number::Number;
use crate::types::{LogicalType, coercion};

/// `left operator right` for numbers, and the date arithmetic that shares `+` and `-`.
pub(super) fn arithmetic(
    operator: Arithmetic,
    left: Expr,
    right: Expr,
    facts: &Facts,
) -> Result<Expr> {
    if let Some(days) = date_arithmetic(operator, &left, &right, facts)? {
        return Ok(days);
    }
    let (left, right) = numeric_operands(operator, left, right)?;
    let ty = match (&left.ty, &right.ty) {
        (
            &LogicalType::Number {
                precision: p1,
                scale: s1,
            },
            &LogicalType::Number {
                precision: p2,
                scale: s2,
            },
        ) => {
            let (a, b) = (Number::new(p1, s1), Number::new(p2, s2));
            match operator {
                Arithmetic::Add | Arithmetic::Subtract => a.plus(b),
                Arithmetic::Multiply => a.times(b),
                Arithmetic::Divide => a.divided_by(b),
                Arithmetic::Modulo => a.unify(b),
            }
            .into()
        }
        _ => LogicalType::Float,
    };
    let nullable = left.nullable || right.nullable;
    let kind = ExprKind::Arithmetic {
        operator,
        left: Box::new(left),
        right: Box::new(right),
    };
    Ok(Expr::new(kind, ty, nullable))
}

fn numeric_operands(operator: Arithmetic, left: Expr, right: Expr) -> Result<(Expr, Expr)> {
    let refuse = |left: &Expr, right: &Expr| {
        let symbol = symbol(operator);
        Err(Error::invalid_argument_types(
            symbol,
            format!("{}, {}", left.ty, right.ty),
        ))
    };
    // A VARIANT is read as a FLOAT, whatever stands beside it.
    let float = |expr: Expr| match expr.ty {
        LogicalType::Variant => expr.cast(LogicalType::Float),
        _ => expr,
    };
    let (left, right) = (float(left), float(right));
    for operand in [&left, &right] {
        let is_text = matches!(operand.ty, LogicalType::Varchar { .. });
        let is_number = matches!(operand.ty, LogicalType::Number { .. } | LogicalType::Float);
        if !is_text && !is_number {
            return refuse(&left, &right);
        }
    }
    let exact = |expr: &Expr| matches!(expr.ty, LogicalType::Number { .. });
    Ok(match (exact(&left), exact(&right)) {
        (true, true) => (left, right),
        (true, false) if right.ty != LogicalType::Float => {
            let right = text_as_number(right, &left);
            (left, right)
        }
        (false, true) if left.ty != LogicalType::Float => (text_as_number(left, &right), right),
        _ => {
            let float = |expr: Expr| match expr.ty {
                LogicalType::Number { .. } => expr,
                _ => expr.cast(LogicalType::Float),
            };
            let (left, right) = (float(left), float(right));
            // One exact side beside a FLOAT stays exact until it is computed with.
            (
                left.cast(LogicalType::Float),
                right.cast(LogicalType::Float),
            )
        }
    })
}

/// Text beside an exact number is read as NUMBER(18, s): five digits after the point, or those of a literal. NULL takes
/// the other side's type.
fn text_as_number(text: Expr, beside: &Expr) -> Expr {
    if text.is_null_literal() {
        return text.cast(beside.ty.clone());
    }
    let scale = match &text.kind {
        ExprKind::Literal(Literal::Text(value)) => {
            let fraction = value
                .trim()
                .split_once('.')
                .map_or(0, |(_, fraction)| fraction.len());
            u8::try_from(fraction).unwrap_or(18).min(18)
        }
        _ => 5,
    };
    text.cast(LogicalType::Number {
        precision: 18,
        scale,
    })
}

/// DATE + n, n + DATE, DATE - n, DATE - DATE (days).
fn date_arithmetic(
    operator: Arithmetic,
    left: &Expr,
    right: &Expr,
    facts: &Facts,
) -> Result<Option<Expr>> {
    let is_date = |expr: &Expr| expr.ty == LogicalType::Date;
    let is_number =
        |expr: &Expr| matches!(expr.ty, LogicalType::Number { .. } | LogicalType::Float);
    let days_later =
        |date: &Expr, days: Expr| functions::shift(date.clone(), Unit::Day, days, facts).map(Some);
    match operator {
        Arithmetic::Add if is_date(left) && is_number(right) => days_later(left, right.clone()),
        Arithmetic::Add if is_number(left) && is_date(right) => days_later(right, left.clone()),
        Arithmetic::Subtract if is_date(left) && is_number(right) => {
            days_later(left, negate(right.clone())?)
        }
        Arithmetic::Subtract if is_date(left) && is_date(right) => {
            let call = Call {
                form: Form::Template("($1 - $2)"),
                arguments: vec![left.clone(), right.clone()],
                unified: vec![],
                returns: Returns::Cast,
            };
            let days = LogicalType::Number {
                precision: 9,
                scale: 0,
            };
            let nullable = left.nullable || right.nullable;
            Ok(Some(Expr::new(ExprKind::Call(call), days, nullable)))
        }
        Arithmetic::Subtract if is_moment(left) && is_moment(right) => Err(Error::unsupported(
            "difference of timestamps (INTERVAL DAY TO SECOND)",
        )),
        _ => Ok(None),
    }
}

fn is_moment(expr: &Expr) -> bool {
    matches!(expr.ty, LogicalType::Date | LogicalType::Timestamp { .. })
}

/// The sign: `-a`. Text is read as a FLOAT.
pub(super) fn negate(operand: Expr) -> Result<Expr> {
    // A negative literal is a literal, so that -1 costs nothing.
    if let (ExprKind::Literal(Literal::Number(value)), LogicalType::Number { .. }) =
        (&operand.kind, &operand.ty)
    {
        return Ok(Expr {
            kind: ExprKind::Literal(Literal::Number(-value)),
            ..operand
        });
    }
    let operand = match operand.ty {
        LogicalType::Number { .. } | LogicalType::Float => operand,
        LogicalType::Varchar { .. } | LogicalType::Variant => operand.cast(LogicalType::Float),
        _ => return Err(Error::invalid_argument_types("NEGATE", &operand.ty)),
    };
    let (ty, nullable) = (operand.ty.clone(), operand.nullable);
    Ok(Expr::new(ExprKind::Negate(Box::new(operand)), ty, nullable))
}

/// `left operator right` as a boolean.
pub(super) fn compare(operator: Comparison, left: Expr, right: Expr) -> Result<Expr> {
    let (left, right) = comparable(left, right)?;
    let nullable = left.nullable || right.nullable;
    let kind = ExprKind::Compare {
        operator,
        left: Box::new(left),
        right: Box::new(right),
    };
    Ok(Expr::boolean(kind, nullable))
}

/// Both sides in a common type. Numbers keep their own precision and scale: the engine compares them exactly.
pub(super) fn comparable(left: Expr, right: Expr) -> Result<(Expr, Expr)> {
    let mut sides = comparables(vec![left, right])?.into_iter();
    match (sides.next(), sides.next()) {
        (Some(left), Some(right)) => Ok((left, right)),
        _ => Err(Error::internal("a comparison has two sides")),
    }
}

/// As `comparable`, for any number of expressions.
pub(super) fn comparables(exprs: Vec<Expr>) -> Result<Vec<Expr>> {
    if let Some(numbers) = variants_beside_numbers(&exprs) {
        return Ok(numbers);
    }
    let types = exprs.iter().map(|expr| (&expr.ty, expr.is_null_literal()));
    let Some(unified) = coercion::unify(types) else {
        let other = exprs
            .iter()
            .find(|expr| coercion::unify([(&exprs[0].ty, false), (&expr.ty, false)]).is_none());
        let other = other.map_or_else(String::new, |other| other.ty.to_string());
        return Err(Error::incompatible_types(&exprs[0].ty, other));
    };
    Ok(exprs
        .into_iter()
        .map(|expr| match (&expr.ty, &unified) {
            (LogicalType::Number { .. }, LogicalType::Number { .. })
            | (LogicalType::Varchar { .. }, LogicalType::Varchar { .. })
            | (LogicalType::Binary { .. }, LogicalType::Binary { .. })
                if !expr.is_null_literal() =>
            {
                expr
            }
            _ => expr.cast(unified.clone()),
        })
        .collect())
}

/// VARIANTs among numbers: each must hold a number, and all are compared as such, exactly.
fn variants_beside_numbers(exprs: &[Expr]) -> Option<Vec<Expr>> {
    let is_number =
        |expr: &Expr| matches!(expr.ty, LogicalType::Number { .. } | LogicalType::Float);
    let is_variant = |expr: &Expr| expr.ty == LogicalType::Variant;
    let fits = |expr: &Expr| is_number(expr) || is_variant(expr) || expr.is_null_literal();
    let mixed = exprs.iter().any(is_number) && exprs.iter().any(is_variant);
    if !mixed || !exprs.iter().all(fits) {
        return None;
    }
    let numeric = |expr: &Expr| {
        if !is_variant(expr) || expr.is_null_literal() {
            return expr.clone().cast(LogicalType::Variant);
        }
        let call = Call {
            form: Form::Engine("sf_variant_to_numeric"),
            arguments: vec![expr.clone()],
            unified: vec![],
            returns: Returns::Natural,
        };
        Expr::new(ExprKind::Call(call), LogicalType::Variant, true)
    };
    Some(exprs.iter().map(numeric).collect())
}

/// A condition: a boolean, or something that Snowflake reads as one.
pub(super) fn truth(expr: Expr) -> Result<Expr> {
    match expr.ty {
        LogicalType::Boolean => Ok(expr),
        _ if coercion::implicit(&expr.ty, &LogicalType::Boolean) || expr.is_null_literal() => {
            Ok(expr.cast(LogicalType::Boolean))
        }
        _ => Err(Error::invalid_cast(&expr.ty, "TO_BOOLEAN")),
    }
}

/// Text: `||` and LIKE read everything that has an implicit text form.
pub(super) fn text(expr: Expr) -> Result<Expr> {
    match expr.ty {
        LogicalType::Varchar { .. } => Ok(expr),
        _ if coercion::implicit(&expr.ty, &LogicalType::TEXT) => Ok(expr.cast(LogicalType::TEXT)),
        _ => Err(Error::invalid_cast(&expr.ty, "TO_VARCHAR")),
    }
}

/// `a || b`: text or binary.
pub(super) fn concat(left: Expr, right: Expr) -> Result<Expr> {
    let nullable = left.nullable || right.nullable;
    let (left, right, ty) = match (&left.ty, &right.ty) {
        (LogicalType::Binary { length: a }, LogicalType::Binary { length: b }) => {
            let length = (a + b).min(crate::types::MAX_BINARY_LENGTH);
            (left, right, LogicalType::Binary { length })
        }
        _ => {
            let (left, right) = (text(left)?, text(right)?);
            let length = match (&left.ty, &right.ty) {
                (LogicalType::Varchar { length: a }, LogicalType::Varchar { length: b }) => {
                    a.saturating_add(*b)
                }
                _ => crate::types::MAX_VARCHAR_LENGTH,
            };
            (
                left,
                right,
                LogicalType::Varchar {
                    length: length.min(crate::types::MAX_VARCHAR_LENGTH),
                },
            )
        }
    };
    Ok(Expr::new(
        ExprKind::Concat(Box::new(left), Box::new(right)),
        ty,
        nullable,
    ))
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
