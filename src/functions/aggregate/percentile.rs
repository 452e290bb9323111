//! Percentiles: MEDIAN, PERCENTILE_CONT, PERCENTILE_DISC and the approximate one, which is exact here.
//!
//! Source of the result types: recorded answers of a live account.

use super::super::{Function, Lowering, Signature};
use super::{beyond_digits, with_form};
use crate::error::{Error, Result};
use crate::tree::{Aggregate, Expr, ExprKind, Literal, Returns};
use crate::types::number::Number;
use crate::types::{LogicalType, decimal};

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "APPROX_PERCENTILE",
        aliases: &[],
        signatures: &[Signature::new(
            "(float, =float) -> tree",
            Lowering::AggregateTree(|aggregate| {
                let [value, fraction] = super::super::arguments(aggregate.call.arguments.clone())?;
                let fraction = checked_fraction(fraction, false)?;
                let arguments = vec![value, fraction];
                Ok(with_form(
                    &aggregate,
                    "quantile_cont",
                    arguments,
                    Returns::Natural,
                    LogicalType::Float,
                ))
            }),
        )],
        summary: "About the value that so great a part of the values do not exceed, as a FLOAT.",
        examples: &[
            (
                "APPROX_PERCENTILE(column1, 0.5) FROM VALUES (1), (2), (3)",
                "2",
            ),
            (
                "APPROX_PERCENTILE(column1, 0.5) FROM VALUES (NULL::INT)",
                "NULL",
            ),
        ],
    },
    Function {
        name: "MEDIAN",
        aliases: &[],
        signatures: &[Signature::new(
            "(any) -> tree",
            Lowering::AggregateTree(|aggregate| {
                let [value] = super::super::arguments(aggregate.call.arguments.clone())?;
                let half = Expr::literal(Literal::Float(0.5), LogicalType::Float);
                between(&aggregate, value, half)
            }),
        )],
        summary: "The middle value, or the mean of the two in the middle.",
        examples: &[
            ("MEDIAN(column1) FROM VALUES (1), (2), (NULL)", "1.500"),
            ("MEDIAN(column1) FROM VALUES (1.25), (7), (2)", "2.00000"),
            ("MEDIAN(column1) FROM VALUES (1::FLOAT), (2)", "1.5"),
            ("MEDIAN(column1) FROM VALUES (NULL::INT)", "NULL"),
        ],
    },
    Function {
        name: "PERCENTILE_CONT",
        aliases: &[],
        signatures: &[Signature::new(
            "(=float) -> tree",
            Lowering::AggregateTree(|mut aggregate| {
                let (value, fraction) = within_group(&mut aggregate, "PERCENTILE_CONT")?;
                between(&aggregate, value, fraction)
            }),
        )],
        summary: "The value below which so great a part of the ordered values lies, between two of them if need be.",
        examples: &[
            (
                "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY column1) FROM VALUES (1), (2), (3), (10)",
                "2.500",
            ),
            (
                "PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY column1 DESC) FROM VALUES (0), (4)",
                "3.000",
            ),
        ],
    },
    Function {
        name: "PERCENTILE_DISC",
        aliases: &[],
        signatures: &[Signature::new(
            "(=float) -> tree",
            Lowering::AggregateTree(|mut aggregate| {
                let (value, fraction) = within_group(&mut aggregate, "PERCENTILE_DISC")?;
                let ty = value.ty.clone();
                Ok(with_form(
                    &aggregate,
                    "quantile_disc",
                    vec![value, fraction],
                    Returns::Unified,
                    ty,
                ))
            }),
        )],
        summary: "The first of the ordered values below or at which so great a part of them lies.",
        examples: &[
            (
                "PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY column1) FROM VALUES (1), (2), (3), (10)",
                "2",
            ),
            (
                "PERCENTILE_DISC(0.9) WITHIN GROUP (ORDER BY column1) FROM VALUES (1.5), (2), (3)",
                "3.0",
            ),
        ],
    },
];

/// The value of WITHIN GROUP, whose clause the engine does not get, and the fraction in its direction.
fn within_group(aggregate: &mut Aggregate, name: &str) -> Result<(Expr, Expr)> {
    let [fraction] = super::super::arguments(aggregate.call.arguments.clone())?;
    let mut keys = std::mem::take(&mut aggregate.order_by).into_iter();
    let (Some(key), None) = (keys.next(), keys.next()) else {
        return Err(Error::missing_within_group(name));
    };
    Ok((key.expr, checked_fraction(fraction, key.descending)?))
}

/// A fraction from 0 to 1 as a literal.
fn checked_fraction(fraction: Expr, descending: bool) -> Result<Expr> {
    let value =
        constant(&fraction).ok_or_else(|| Error::unsupported("percentile that is no literal"))?;
    if !(0.0..=1.0).contains(&value) {
        return Err(Error::invalid_percentile(value));
    }
    let value = if descending { 1.0 - value } else { value };
    Ok(Expr::literal(Literal::Float(value), LogicalType::Float))
}

/// The value of a literal number.
pub(super) fn constant(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Literal(Literal::Float(value)) => Some(*value),
        ExprKind::Literal(Literal::Number(unscaled)) => {
            let LogicalType::Number { scale, .. } = expr.ty else {
                return None;
            };
            decimal::format(*unscaled, scale).parse().ok()
        }
        ExprKind::Literal(Literal::Text(text)) => text.trim().parse().ok(),
        ExprKind::Negate(operand) => constant(operand).map(|value| -value),
        ExprKind::Cast { operand, .. } => constant(operand),
        _ => None,
    }
}

/// A value between two others: exact in three digits more for a NUMBER. Text is read as whole numbers.
fn between(aggregate: &Aggregate, value: Expr, fraction: Expr) -> Result<Expr> {
    let (value, ty) = match value.ty {
        LogicalType::Float => (value, LogicalType::Float),
        LogicalType::Number { precision, scale } => {
            let number = Number::new(precision, scale);
            let wider = number.between().ok_or_else(|| beyond_digits(number))?;
            (value.cast(wider.into()), wider.into())
        }
        LogicalType::Varchar { .. } | LogicalType::Variant => {
            let wider = Number::new(12, 3);
            (
                value.cast(super::super::whole(9)).cast(wider.into()),
                wider.into(),
            )
        }
        _ => return Err(Error::unordered_type(&value.ty, super::super::whole(9))),
    };
    Ok(with_form(
        aggregate,
        "quantile_cont",
        vec![value, fraction],
        Returns::Cast,
        ty,
    ))
}
