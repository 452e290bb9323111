//! Numeric functions, and the natives of NUMBER arithmetic that the engine's own types do not have.

use super::conditional::equal;
use super::{Function, Lowering, Signature};
use crate::engine::native::{Decimal, Native, Nulls, Parameter, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::{Arithmetic, Expr, ExprKind, Literal};
use crate::types::number::Number;
use crate::types::{LogicalType, MAX_PRECISION, PhysicalType, decimal};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "ABS",
        aliases: &[],
        signatures: &[Signature {
            text: "(number) -> same",
            lowering: Lowering::Engine("abs"),
        }],
        summary: "The absolute value.",
        examples: &[("ABS(-5)", "5"), ("ABS(-1.50)", "1.50")],
    },
    Function {
        name: "CEIL",
        aliases: &[],
        signatures: &[Signature {
            text: "(number) -> tree",
            lowering: Lowering::Tree(|a, _| whole(a, "ceil")),
        }],
        summary: "The least integer that is not less.",
        examples: &[("CEIL(1.2)", "2"), ("CEIL(-1.2)", "-1")],
    },
    Function {
        name: "DIV0",
        aliases: &[],
        signatures: &[Signature {
            text: "(number, number) -> tree",
            lowering: Lowering::Tree(div0),
        }],
        summary: "Division that gives 0 where the divisor is 0.",
        examples: &[("DIV0(1, 2)", "0.500000"), ("DIV0(1, 0)", "0.000000")],
    },
    Function {
        name: "FLOOR",
        aliases: &[],
        signatures: &[Signature {
            text: "(number) -> tree",
            lowering: Lowering::Tree(|a, _| whole(a, "floor")),
        }],
        summary: "The greatest integer that is not greater.",
        examples: &[("FLOOR(1.7)", "1"), ("FLOOR(-1.2)", "-2")],
    },
    Function {
        name: "MOD",
        aliases: &[],
        signatures: &[Signature {
            text: "(number, number) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                let [left, right] = super::arguments(arguments)?;
                Ok(arithmetic(Arithmetic::Modulo, left, right))
            }),
        }],
        summary: "The remainder, with the sign of the dividend.",
        examples: &[("MOD(7, 3)", "1"), ("MOD(-7, 3)", "-1")],
    },
    Function {
        name: "PI",
        aliases: &[],
        signatures: &[Signature {
            text: "() -> float!",
            lowering: Lowering::Engine("pi"),
        }],
        summary: "The number π.",
        examples: &[("PI()", "3.141592654")],
    },
    Function {
        name: "POWER",
        aliases: &["POW"],
        signatures: &[Signature {
            text: "(float, float) -> float",
            lowering: Lowering::Engine("pow"),
        }],
        summary: "The first argument raised to the second.",
        examples: &[("POWER(2, 10)", "1024")],
    },
    Function {
        name: "ROUND",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(number) -> tree",
                lowering: Lowering::Tree(|arguments, _| round(arguments)),
            },
            Signature {
                text: "(number, integer) -> tree",
                lowering: Lowering::Tree(|arguments, _| round(arguments)),
            },
        ],
        summary: "Rounds half away from zero, to an integer or to a number of digits after the point.",
        examples: &[
            ("ROUND(2.5)", "3"),
            ("ROUND(-2.5)", "-3"),
            ("ROUND(1.2345, 2)", "1.23"),
        ],
    },
    Function {
        name: "SIGN",
        aliases: &[],
        signatures: &[Signature {
            text: "(number) -> NUMBER(2,0)",
            lowering: Lowering::Engine("sign"),
        }],
        summary: "-1, 0 or 1.",
        examples: &[("SIGN(-3.5)", "-1"), ("SIGN(0)", "0")],
    },
    Function {
        name: "SQRT",
        aliases: &[],
        signatures: &[Signature {
            text: "(float) -> float",
            lowering: Lowering::Engine("sqrt"),
        }],
        summary: "The square root.",
        examples: &[("SQRT(16)", "4")],
    },
];

fn arithmetic(operator: Arithmetic, left: Expr, right: Expr) -> Expr {
    let nullable = left.nullable || right.nullable;
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
                Arithmetic::Divide => a.divided_by(b).into(),
                _ => a.unify(b).into(),
            }
        }
        _ => LogicalType::Float,
    };
    let (left, right) = match ty {
        LogicalType::Float => (
            left.cast(LogicalType::Float),
            right.cast(LogicalType::Float),
        ),
        _ => (left, right),
    };
    let kind = ExprKind::Arithmetic {
        operator,
        left: Box::new(left),
        right: Box::new(right),
    };
    Expr::new(kind, ty, nullable)
}

fn div0(arguments: Vec<Expr>, _: &super::Facts) -> Result<Expr> {
    let [left, right] = super::arguments(arguments)?;
    let zero = |ty: &LogicalType| match ty {
        LogicalType::Float => Expr::literal(Literal::Float(0.0), LogicalType::Float),
        ty => Expr::literal(Literal::Number(0), ty.clone()),
    };
    let is_zero = equal(right.clone(), zero(&right.ty));
    let quotient = arithmetic(Arithmetic::Divide, left, right);
    let (ty, nullable) = (quotient.ty.clone(), quotient.nullable);
    let kind = ExprKind::Case {
        branches: vec![(is_zero, zero(&ty))],
        otherwise: Some(Box::new(quotient)),
    };
    Ok(Expr::new(kind, ty, nullable))
}

/// CEIL and FLOOR of a NUMBER(p, s) are a NUMBER(p - s + 1, 0).
fn whole(arguments: Vec<Expr>, name: &'static str) -> Result<Expr> {
    let [value] = super::arguments(arguments)?;
    let ty = match value.ty {
        LogicalType::Number { scale: 0, .. } => return Ok(value),
        LogicalType::Number { precision, scale } => LogicalType::Number {
            precision: (precision - scale + 1).min(MAX_PRECISION),
            scale: 0,
        },
        _ => LogicalType::Float,
    };
    Ok(super::call(name, vec![value], ty))
}

/// The digits must be a constant, because they decide the result's scale.
fn round(mut arguments: Vec<Expr>) -> Result<Expr> {
    let digits = match arguments.len() {
        2 => match arguments.pop().map(|digits| digits.kind) {
            Some(ExprKind::Literal(Literal::Number(digits))) => Some(digits),
            Some(ExprKind::Cast { operand, .. }) => match operand.kind {
                ExprKind::Literal(Literal::Number(digits)) => Some(digits),
                _ => None,
            },
            _ => None,
        },
        _ => Some(0),
    };
    let digits = digits
        .ok_or_else(|| Error::unsupported("ROUND to a number of digits that is no constant"))?;
    let [value] = super::arguments(arguments)?;
    match value.ty {
        LogicalType::Number { precision, scale } => {
            let Ok(kept) = u8::try_from(digits) else {
                return Err(Error::unsupported("ROUND to a negative number of digits"));
            };
            if kept >= scale {
                return Ok(value);
            }
            let precision = (precision - scale + kept + 1).min(MAX_PRECISION);
            Ok(value.cast(LogicalType::Number {
                precision,
                scale: kept,
            }))
        }
        _ => {
            let digits = Expr::literal(
                Literal::Number(digits),
                LogicalType::Number {
                    precision: 9,
                    scale: 0,
                },
            );
            let nullable = value.nullable;
            let call = crate::tree::Call {
                form: crate::tree::Form::Template("round($1, CAST($2 AS INTEGER))"),
                arguments: vec![value, digits],
                unified: vec![],
                returns: crate::tree::Returns::Natural,
            };
            Ok(Expr::new(
                ExprKind::Call(call),
                LogicalType::Float,
                nullable,
            ))
        }
    }
}

/// `sf_divide_<scale>` and `sf_multiply_<scale>`: exact, half away from zero, by 256-bit steps where 128 bits are too few.
/// One per scale of the result, because a native's result type is fixed.
pub(super) fn natives() -> Vec<Native> {
    macro_rules! per_scale {
        ($($scale:literal)*) => { vec![ $(
            Native::Scalar(exact(concat!("sf_divide_", $scale), $scale, |arguments, output| {
                arguments.binary(output, |a: Decimal, b: Decimal| {
                    if b.unscaled == 0 {
                        return Err(Error::division_by_zero());
                    }
                    decimal::divide(a.unscaled, a.scale, b.unscaled, b.scale, $scale)
                        .ok_or_else(|| not_representable(a, $scale))
                })
            })),
            Native::Scalar(exact(concat!("sf_multiply_", $scale), $scale, |arguments, output| {
                arguments.binary(output, |a: Decimal, b: Decimal| {
                    decimal::multiply(a.unscaled, a.scale, b.unscaled, b.scale, $scale)
                        .ok_or_else(|| not_representable(a, $scale))
                })
            })),
        )* ] };
    }
    per_scale!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37)
}

const fn exact(
    name: &'static str,
    scale: u8,
    run: fn(
        &crate::engine::native::Arguments<'_>,
        &mut crate::engine::native::Output<'_>,
    ) -> Result<()>,
) -> ScalarNative {
    ScalarNative {
        name,
        parameters: &[Parameter::AnyNumber, Parameter::AnyNumber],
        returns: PhysicalType::Decimal {
            precision: MAX_PRECISION,
            scale,
        },
        nulls: Nulls::Propagate,
        volatile: false,
        run,
    }
}

fn not_representable(value: Decimal, scale: u8) -> Error {
    let ty = format!("FIXED[SB16](38,{scale}){{nullable}}");
    Error::number_not_representable(ty, decimal::format(value.unscaled, value.scale))
}
