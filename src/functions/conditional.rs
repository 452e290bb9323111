//! Conditional expression functions.

use super::{Function, Lowering, Signature};
use crate::tree::{Comparison, Expr, ExprKind, Literal};
use crate::types::LogicalType;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "COALESCE",
        aliases: &[],
        signatures: &[Signature {
            text: "(T, T, T...) -> T&",
            lowering: Lowering::Engine("coalesce"),
        }],
        summary: "The first argument that is not NULL.",
        examples: &[
            ("COALESCE(NULL, 2, 3)", "2"),
            ("COALESCE(NULL, 1.50, 2)", "1.50"),
        ],
    },
    Function {
        name: "IFF",
        aliases: &[],
        signatures: &[Signature {
            text: "(boolean, T, T) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                let [condition, yes, no] = super::arguments(arguments)?;
                let (ty, nullable) = (yes.ty.clone(), yes.nullable || no.nullable);
                let kind = ExprKind::Case {
                    branches: vec![(condition, yes)],
                    otherwise: Some(Box::new(no)),
                };
                Ok(Expr::new(kind, ty, nullable))
            }),
        }],
        summary: "The second argument if the first is true, else the third.",
        examples: &[("IFF(TRUE, 'a', 'bc')", "a"), ("IFF(NULL, 1, 2)", "2")],
    },
    Function {
        name: "NULLIF",
        aliases: &[],
        signatures: &[Signature {
            text: "(T, T) -> T?",
            lowering: Lowering::Engine("nullif"),
        }],
        summary: "NULL if both arguments are equal, else the first.",
        examples: &[("NULLIF(1, 2)", "1"), ("COALESCE(NULLIF(1, 1), 9)", "9")],
    },
    Function {
        name: "NVL",
        aliases: &["IFNULL"],
        signatures: &[Signature {
            text: "(T, T) -> T&",
            lowering: Lowering::Engine("coalesce"),
        }],
        summary: "The second argument in place of NULL.",
        examples: &[("NVL(NULL, 'x')", "x"), ("IFNULL(5, 0)", "5")],
    },
    Function {
        name: "NVL2",
        aliases: &[],
        signatures: &[Signature {
            text: "(any, T, T) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                let [value, yes, no] = super::arguments(arguments)?;
                let (ty, nullable) = (yes.ty.clone(), yes.nullable || no.nullable);
                let is_there = ExprKind::IsNull {
                    operand: Box::new(value),
                    negated: true,
                };
                let branches = vec![(Expr::boolean(is_there, false), yes)];
                let kind = ExprKind::Case {
                    branches,
                    otherwise: Some(Box::new(no)),
                };
                Ok(Expr::new(kind, ty, nullable))
            }),
        }],
        summary: "The second argument if the first is not NULL, else the third.",
        examples: &[("NVL2(1, 'a', 'b')", "a"), ("NVL2(NULL, 'a', 'b')", "b")],
    },
    Function {
        name: "ZEROIFNULL",
        aliases: &[],
        signatures: &[Signature {
            text: "(number) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                let [value] = super::arguments(arguments)?;
                let ty = value.ty.clone();
                let zero = match ty {
                    LogicalType::Float => Expr::literal(Literal::Float(0.0), ty.clone()),
                    _ => Expr::literal(Literal::Number(0), ty.clone()),
                };
                let is_null = ExprKind::IsNull {
                    operand: Box::new(value.clone()),
                    negated: false,
                };
                let branches = vec![(Expr::boolean(is_null, false), zero)];
                let kind = ExprKind::Case {
                    branches,
                    otherwise: Some(Box::new(value)),
                };
                Ok(Expr::new(kind, ty, false))
            }),
        }],
        summary: "Zero in place of NULL.",
        examples: &[
            ("ZEROIFNULL(NULL::INT)", "0"),
            ("ZEROIFNULL(7)", "7"),
            ("ZEROIFNULL(1.50)", "1.50"),
        ],
    },
];

/// `left = right`, for functions that decide by it.
pub(super) fn equal(left: Expr, right: Expr) -> Expr {
    let nullable = left.nullable || right.nullable;
    let kind = ExprKind::Compare {
        operator: Comparison::Equal,
        left: Box::new(left),
        right: Box::new(right),
    };
    Expr::boolean(kind, nullable)
}
