//! TO_BINARY.

use super::*;
use crate::types::DEFAULT_BINARY_LENGTH;

macro_rules! to_binary {
    ($constant:ident, $name:literal, $tolerant:literal, $summary:literal, $examples:expr) => {
        pub(super) const $constant: Function = Function {
            name: $name,
            aliases: &[],
            signatures: &[
                Signature::new(
                    "(any) -> tree",
                    Lowering::Written(|w, a, _| convert(w, a, $tolerant)),
                ),
                Signature::new(
                    "(any, any) -> tree",
                    Lowering::Written(|w, a, _| convert(w, a, $tolerant)),
                ),
            ],
            summary: $summary,
            examples: $examples,
        };
    };
}

to_binary!(
    TO_BINARY,
    "TO_BINARY",
    false,
    "The bytes that a text stands for, as HEX, BASE64 or UTF-8.",
    &[
        ("TO_BINARY('534E4F57', 'HEX')", "534E4F57"),
        ("TO_BINARY('SNOW', 'utf-8')", "534E4F57"),
        ("TO_BINARY('U05PVw==', 'base64')", "534E4F57"),
    ]
);
to_binary!(
    TRY_TO_BINARY,
    "TRY_TO_BINARY",
    true,
    "The bytes that a text stands for, or NULL.",
    &[
        ("TRY_TO_BINARY('4f')", "4F"),
        ("TRY_TO_BINARY('xyz', 'HEX')", "NULL")
    ]
);

fn convert(written: &Written<'_>, arguments: Vec<Expr>, tolerant: bool) -> Result<Expr> {
    let mut arguments = arguments.into_iter();
    let Some(value) = arguments.next() else {
        return Err(Error::internal("TO_BINARY without an argument"));
    };
    let ty = LogicalType::Binary {
        length: DEFAULT_BINARY_LENGTH,
    };
    if tolerant {
        check_source(written, &value, &ty, "TO_BINARY")?;
    }
    if value.is_null_literal() {
        return Ok(value.cast(ty));
    }
    match (&value.ty, arguments.next()) {
        (LogicalType::Varchar { .. }, Some(format)) => {
            let format = format_argument(format, "TO_BINARY")?;
            let forms = ("sf_text_to_binary", "TRY(sf_text_to_binary($1, $2))");
            Ok(read(forms, vec![value, format], ty, tolerant))
        }
        (LogicalType::Varchar { .. } | LogicalType::Variant, None) => Ok(cast(value, ty, tolerant)),
        (LogicalType::Binary { .. }, _) => Ok(value),
        _ => Err(Error::invalid_cast(written.text, "TO_BINARY")),
    }
}
