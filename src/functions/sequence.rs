//! SEQ1, SEQ2, SEQ4, SEQ8: numbers of rows. The binder gives the number of the row as a first argument.

use super::{
    Facts, Function, Lowering, Signature, arguments, call_template, integer, literal_integer,
};
use crate::error::{Error, Result};
use crate::tree::{Expr, ExprKind, Literal, Returns};
use crate::types::LogicalType;

macro_rules! sequence {
    ($name:literal, $precision:literal, $unsigned:literal, $signed:literal) => {
        Function {
            name: $name,
            aliases: &[],
            signatures: &[Signature {
                text: "(integer, integer?) -> tree",
                lowering: Lowering::Tree(|arguments, facts| {
                    wrapped(arguments, facts, $precision, [$unsigned, $signed])
                }),
            }],
            summary: "The number of the row, which begins again where its bytes end.",
            examples: &[
                (concat!($name, "()"), "0"),
                (
                    concat!(
                        "(SELECT SUM(",
                        $name,
                        "(1)) FROM TABLE(GENERATOR(ROWCOUNT => 4)))"
                    ),
                    "6",
                ),
            ],
        }
    };
}

pub(super) static FUNCTIONS: &[Function] = &[
    sequence!("SEQ1", 3, "($1 % 128)", "(($1 + 128) % 256 - 128)"),
    sequence!("SEQ2", 5, "($1 % 32768)", "(($1 + 32768) % 65536 - 32768)"),
    sequence!(
        "SEQ4",
        10,
        "($1 % 2147483648)",
        "(($1 + 2147483648) % 4294967296 - 2147483648)"
    ),
    sequence!("SEQ8", 19, "$1", "$1"),
];

fn wrapped(
    given: Vec<Expr>,
    _: &Facts,
    precision: u8,
    [unsigned, signed]: [&'static str; 2],
) -> Result<Expr> {
    let mut given = given;
    if given.len() == 1 {
        given.push(integer(0));
    }
    let [number, sign] = arguments(given)?;
    let template = match literal_integer(&sign).or_else(|| text_sign(&sign)) {
        Some(0) => unsigned,
        Some(1) => signed,
        Some(other) => {
            return Err(Error::invalid_function_argument(
                other,
                "sign must be 0 or 1",
            ));
        }
        None => {
            return Err(Error::invalid_function_argument(
                "NULL",
                "sign must be 0 or 1",
            ));
        }
    };
    let ty = LogicalType::Number {
        precision,
        scale: 0,
    };
    let mut expr = call_template(template, vec![number], ty);
    if let ExprKind::Call(call) = &mut expr.kind {
        call.returns = Returns::Cast;
    }
    expr.nullable = false;
    Ok(expr)
}

/// The sign as a text, `'1'`.
fn text_sign(sign: &Expr) -> Option<i128> {
    match &sign.kind {
        ExprKind::Literal(Literal::Text(text)) => text.trim().parse().ok(),
        ExprKind::Cast { operand, .. } => text_sign(operand),
        _ => None,
    }
}
