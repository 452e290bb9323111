//! Conversion to VARIANT, OBJECT and ARRAY.

use super::super::{Function, Lowering, Signature, arguments};
use crate::tree::{Call, Expr, ExprKind, Form, Returns};
use crate::types::LogicalType;

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "TO_ARRAY",
        aliases: &[],
        signatures: &[Signature {
            text: "(any) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                let [value] = self::arguments(arguments)?;
                Ok(match value.ty {
                    LogicalType::Array | LogicalType::Variant => value.cast(LogicalType::Array),
                    _ => wrapped(value),
                })
            }),
        }],
        summary: "The value as an ARRAY; what is none becomes its only element.",
        examples: &[
            ("TO_ARRAY(1)", "[1]"),
            ("TO_ARRAY(PARSE_JSON('[1,2]'))", "[1,2]"),
            ("TO_ARRAY('a')", "[\"a\"]"),
            ("TO_ARRAY(PARSE_JSON('null'))", "NULL"),
        ],
    },
    Function {
        name: "TO_OBJECT",
        aliases: &[],
        signatures: &[Signature {
            text: "(object) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                let [value] = self::arguments(arguments)?;
                Ok(value)
            }),
        }],
        summary: "The OBJECT that a VARIANT holds.",
        examples: &[
            ("TO_OBJECT(PARSE_JSON('{\"a\":1}'))", "{\"a\":1}"),
            ("TO_OBJECT(PARSE_JSON('null'))", "NULL"),
        ],
    },
    Function {
        name: "TO_VARIANT",
        aliases: &[],
        signatures: &[Signature {
            text: "(value) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                let [value] = self::arguments(arguments)?;
                Ok(value)
            }),
        }],
        summary: "The value as a VARIANT; text is not read as JSON.",
        examples: &[
            ("TYPEOF(TO_VARIANT('[1]'))", "VARCHAR"),
            ("TYPEOF(TO_VARIANT(3.0::NUMBER(10,2)))", "DECIMAL"),
            ("TO_VARIANT('2024-01-05'::DATE)", "2024-01-05"),
        ],
    },
];

/// An array of one element; NULL stays NULL.
fn wrapped(value: Expr) -> Expr {
    let nullable = value.nullable;
    let call = Call {
        form: Form::Template("('[' || $1 || ']')"),
        arguments: vec![value.cast(LogicalType::Variant)],
        unified: vec![],
        returns: Returns::Natural,
    };
    Expr::new(ExprKind::Call(call), LogicalType::Array, nullable)
}
