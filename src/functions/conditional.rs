//! Conditional expression functions.

use super::expr::{case, compare, equal, is_distinct, is_null, not_zero, zero};
use super::{Facts, Function, Lowering, Signature, call_of};
use crate::error::{Error, Result};
use crate::tree::{Comparison, Expr, ExprKind, Literal, Returns};
use crate::types::{LogicalType, coercion};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "BOOLAND",
        aliases: &[],
        signatures: &[Signature::new(
            "(number, number) -> tree",
            Lowering::Tree(|arguments, _| {
                let nullable = arguments.iter().any(|argument| argument.nullable);
                let operands = arguments.into_iter().map(not_zero).collect();
                Ok(Expr::boolean(ExprKind::And(operands), nullable))
            }),
        )],
        summary: "Whether both numbers are not zero; FALSE where one is zero and the other NULL.",
        examples: &[
            ("BOOLAND(1, -2)", "true"),
            ("BOOLAND(0, NULL::INT)", "false"),
            ("BOOLAND(1, NULL::INT)", "NULL"),
        ],
    },
    Function {
        name: "BOOLNOT",
        aliases: &[],
        signatures: &[Signature::new(
            "(number) -> tree",
            Lowering::Tree(|arguments, _| {
                let [value] = super::arguments(arguments)?;
                let zero = zero(&value.ty);
                Ok(equal(value, zero))
            }),
        )],
        summary: "Whether the number is zero.",
        examples: &[
            ("BOOLNOT(0)", "true"),
            ("BOOLNOT(10)", "false"),
            ("BOOLNOT(NULL::INT)", "NULL"),
        ],
    },
    Function {
        name: "BOOLOR",
        aliases: &[],
        signatures: &[Signature::new(
            "(number, number) -> tree",
            Lowering::Tree(|arguments, _| {
                let nullable = arguments.iter().any(|argument| argument.nullable);
                let operands = arguments.into_iter().map(not_zero).collect();
                Ok(Expr::boolean(ExprKind::Or(operands), nullable))
            }),
        )],
        summary: "Whether a number is not zero; TRUE where one is and the other is NULL.",
        examples: &[
            ("BOOLOR(0, 2)", "true"),
            ("BOOLOR(1, NULL::INT)", "true"),
            ("BOOLOR(0, NULL::INT)", "NULL"),
        ],
    },
    Function {
        name: "BOOLXOR",
        aliases: &[],
        signatures: &[Signature::new(
            "(number, number) -> tree",
            Lowering::Tree(|arguments, _| {
                let [left, right] = super::arguments(arguments)?;
                Ok(compare(
                    Comparison::NotEqual,
                    not_zero(left),
                    not_zero(right),
                ))
            }),
        )],
        summary: "Whether exactly one of the numbers is not zero.",
        examples: &[
            ("BOOLXOR(2, 0)", "true"),
            ("BOOLXOR(1, -1)", "false"),
            ("BOOLXOR(1, NULL::INT)", "NULL"),
        ],
    },
    Function {
        name: "COALESCE",
        aliases: &[],
        signatures: &[Signature::new(
            "(T, T, T...) -> T&",
            Lowering::Engine("coalesce"),
        )],
        summary: "The first argument that is not NULL.",
        examples: &[
            ("COALESCE(NULL, 2, 3)", "2"),
            ("COALESCE(NULL, 1.50, 2)", "1.50"),
        ],
    },
    Function {
        name: "DECODE",
        aliases: &[],
        signatures: &[Signature::new(
            "(any, any, any, any...) -> tree",
            Lowering::Tree(decode),
        )],
        summary: "The result behind the first search value that equals the expression (NULL equals NULL), else the default.",
        examples: &[
            ("DECODE(2, 1, 'one', 2, 'two')", "two"),
            ("DECODE(3, 1, 'one', 2, 'two', 'other')", "other"),
            ("DECODE(NULL, NULL, 'null', 'not')", "null"),
            ("DECODE(3, 1, 'one')", "NULL"),
            ("DECODE(1, 1, 1, 2.5)", "1.0"),
        ],
    },
    Function {
        name: "EQUAL_NULL",
        aliases: &[],
        signatures: &[Signature::new(
            "(T, T) -> tree",
            Lowering::Tree(|arguments, _| {
                let [left, right] = super::arguments(arguments)?;
                Ok(is_distinct(left, right, true))
            }),
        )],
        summary: "Whether the arguments are equal, NULL being equal to NULL.",
        examples: &[
            ("EQUAL_NULL(NULL, NULL)", "true"),
            ("EQUAL_NULL(1, NULL)", "false"),
            ("EQUAL_NULL(1, 1.0)", "true"),
        ],
    },
    Function {
        name: "GREATEST",
        aliases: &[],
        signatures: &[Signature::new(
            "(T, T...) -> tree",
            Lowering::Tree(|arguments, _| extreme(arguments, "greatest")),
        )],
        summary: "The greatest argument; NULL where one is NULL.",
        examples: &[
            ("GREATEST(1, 3, 2)", "3"),
            ("GREATEST(1, 2.5)", "2.5"),
            ("GREATEST(1, NULL, 3)", "NULL"),
            ("GREATEST('a', 'B')", "a"),
        ],
    },
    Function {
        name: "GREATEST_IGNORE_NULLS",
        aliases: &[],
        signatures: &[Signature::new(
            "(T, T...) -> T&",
            Lowering::Engine("greatest"),
        )],
        summary: "The greatest argument that is not NULL.",
        examples: &[
            ("GREATEST_IGNORE_NULLS(1, NULL, 3)", "3"),
            ("GREATEST_IGNORE_NULLS(NULL, 1.5)", "1.5"),
        ],
    },
    Function {
        name: "IFF",
        aliases: &[],
        signatures: &[Signature::new(
            "(boolean, T, T) -> tree",
            Lowering::Tree(|arguments, _| {
                let [condition, yes, no] = super::arguments(arguments)?;
                let ty = yes.ty.clone();
                Ok(case(vec![(condition, yes)], Some(no), ty))
            }),
        )],
        summary: "The second argument if the first is true, else the third.",
        examples: &[("IFF(TRUE, 'a', 'bc')", "a"), ("IFF(NULL, 1, 2)", "2")],
    },
    Function {
        name: "LEAST",
        aliases: &[],
        signatures: &[Signature::new(
            "(T, T...) -> tree",
            Lowering::Tree(|arguments, _| extreme(arguments, "least")),
        )],
        summary: "The least argument; NULL where one is NULL.",
        examples: &[
            ("LEAST(3, 1, 2)", "1"),
            ("LEAST(1, NULL)", "NULL"),
            (
                "LEAST('2024-01-02'::DATE, '2024-01-01'::DATE)",
                "2024-01-01",
            ),
        ],
    },
    Function {
        name: "LEAST_IGNORE_NULLS",
        aliases: &[],
        signatures: &[Signature::new("(T, T...) -> T&", Lowering::Engine("least"))],
        summary: "The least argument that is not NULL.",
        examples: &[
            ("LEAST_IGNORE_NULLS(2, NULL, 3)", "2"),
            ("LEAST_IGNORE_NULLS(NULL, 'b', 'a')", "a"),
        ],
    },
    Function {
        name: "NULLIF",
        aliases: &[],
        signatures: &[Signature::new("(any, any) -> tree", Lowering::Tree(nullif))],
        summary: "NULL if both arguments are equal, else the first.",
        examples: &[
            ("NULLIF(1, 2)", "1"),
            ("NULLIF(1, 1.0)", "NULL"),
            ("NULLIF('1.0', 2)", "1.0"),
        ],
    },
    Function {
        name: "NULLIFZERO",
        aliases: &[],
        signatures: &[Signature::new(
            "(number) -> tree",
            Lowering::Tree(|arguments, facts| {
                let [value] = super::arguments(arguments)?;
                let zero = zero(&value.ty);
                nullif(vec![value, zero], facts)
            }),
        )],
        summary: "NULL in place of zero.",
        examples: &[
            ("NULLIFZERO(0)", "NULL"),
            ("NULLIFZERO(1.50)", "1.50"),
            ("NULLIFZERO(0.00)", "NULL"),
        ],
    },
    Function {
        name: "NVL",
        aliases: &["IFNULL"],
        signatures: &[Signature::new("(T, T) -> T&", Lowering::Engine("coalesce"))],
        summary: "The second argument in place of NULL.",
        examples: &[("NVL(NULL, 'x')", "x"), ("IFNULL(5, 0)", "5")],
    },
    Function {
        name: "NVL2",
        aliases: &[],
        signatures: &[Signature::new(
            "(any, T, T) -> tree",
            Lowering::Tree(|arguments, _| {
                let [value, yes, no] = super::arguments(arguments)?;
                let ty = yes.ty.clone();
                Ok(case(vec![(is_null(value, true), yes)], Some(no), ty))
            }),
        )],
        summary: "The second argument if the first is not NULL, else the third.",
        examples: &[("NVL2(1, 'a', 'b')", "a"), ("NVL2(NULL, 'a', 'b')", "b")],
    },
    Function {
        name: "REGR_VALX",
        aliases: &[],
        signatures: &[Signature::new(
            "(number, number) -> tree",
            Lowering::Tree(|arguments, _| {
                let [y, x] = super::arguments(arguments)?;
                let ty = x.ty.clone();
                Ok(case(vec![(is_null(y, true), x)], None, ty))
            }),
        )],
        summary: "The second argument, or NULL where the first is NULL.",
        examples: &[
            ("REGR_VALX(2, 1)", "1"),
            ("REGR_VALX(NULL::INT, 1)", "NULL"),
        ],
    },
    Function {
        name: "REGR_VALY",
        aliases: &[],
        signatures: &[Signature::new(
            "(number, number) -> tree",
            Lowering::Tree(|arguments, _| {
                let [y, x] = super::arguments(arguments)?;
                let ty = y.ty.clone();
                Ok(case(vec![(is_null(x, true), y)], None, ty))
            }),
        )],
        summary: "The first argument, or NULL where the second is NULL.",
        examples: &[
            ("REGR_VALY(2, 1)", "2"),
            ("REGR_VALY(2, NULL::INT)", "NULL"),
        ],
    },
    Function {
        name: "ZEROIFNULL",
        aliases: &[],
        signatures: &[Signature::new(
            "(number) -> tree",
            Lowering::Tree(|arguments, _| {
                let [value] = super::arguments(arguments)?;
                let (ty, zero) = (value.ty.clone(), zero(&value.ty));
                let mut coalesced = call_of("coalesce", vec![value, zero], ty, Returns::Unified);
                coalesced.nullable = false;
                Ok(coalesced)
            }),
        )],
        summary: "Zero in place of NULL.",
        examples: &[
            ("ZEROIFNULL(NULL::INT)", "0"),
            ("ZEROIFNULL(7)", "7"),
            ("ZEROIFNULL(1.50)", "1.50"),
        ],
    },
];

/// The engine skips NULLs; here one decides.
fn extreme(arguments: Vec<Expr>, name: &'static str) -> Result<Expr> {
    let ty = arguments
        .first()
        .map_or(LogicalType::TEXT, |first| first.ty.clone());
    let nulls: Vec<_> = arguments
        .iter()
        .filter(|argument| argument.nullable)
        .map(|argument| is_null(argument.clone(), false))
        .collect();
    let value = call_of(name, arguments, ty.clone(), Returns::Unified);
    if nulls.is_empty() {
        return Ok(value);
    }
    let null = Expr::literal(Literal::Null, ty.clone());
    let any = Expr::boolean(ExprKind::Or(nulls), false);
    Ok(case(vec![(any, null)], Some(value), ty))
}

fn unified(left: &Expr, right: &Expr) -> Result<LogicalType> {
    let types = [left, right].map(|expr| (&expr.ty, expr.is_null_literal()));
    coercion::unify(types).ok_or_else(|| Error::incompatible_types(&left.ty, &right.ty))
}

/// The result has the type of the first argument.
fn nullif(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let [value, other] = super::arguments(arguments)?;
    let (ty, unified) = (value.ty.clone(), unified(&value, &other)?);
    let numbers = matches!(
        (&ty, &unified),
        (LogicalType::Number { .. }, LogicalType::Number { .. })
    );
    if ty == unified || numbers {
        let arguments = vec![value.cast(unified.clone()), other.cast(unified.clone())];
        let mut call = call_of("nullif", arguments, unified, Returns::Unified).cast(ty);
        call.nullable = true;
        return Ok(call);
    }
    let same = equal(value.clone().cast(unified.clone()), other.cast(unified));
    let null = Expr::literal(Literal::Null, ty.clone());
    Ok(case(vec![(same, null)], Some(value), ty))
}

/// Pairs of search value and result, perhaps a default.
fn decode(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let mut arguments = arguments.into_iter();
    let operand = arguments
        .next()
        .ok_or_else(|| Error::internal("DECODE without arguments"))?;
    let (mut branches, mut default) = (vec![], None);
    while let Some(search) = arguments.next() {
        match arguments.next() {
            None => default = Some(search),
            Some(result) => {
                let ty = unified(&operand, &search)?;
                let same = is_distinct(operand.clone().cast(ty.clone()), search.cast(ty), true);
                branches.push((same, result));
            }
        }
    }
    let results = branches.iter().map(|(_, result)| result).chain(&default);
    let ty = coercion::unify(results.map(|result| (&result.ty, result.is_null_literal())));
    let ty = ty.ok_or_else(|| {
        let first = branches
            .first()
            .map_or("", |(_, result)| result.ty.family());
        let last = default
            .as_ref()
            .or(branches.last().map(|(_, result)| result));
        Error::incompatible_types(first, last.map_or("", |last| last.ty.family()))
    })?;
    let branches = branches
        .into_iter()
        .map(|(condition, result)| (condition, result.cast(ty.clone())))
        .collect();
    Ok(case(
        branches,
        default.map(|default| default.cast(ty.clone())),
        ty,
    ))
}
