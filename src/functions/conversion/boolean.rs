//! TO_BOOLEAN.

use super::*;

pub(super) const TO_BOOLEAN: Function = Function {
    name: "TO_BOOLEAN",
    aliases: &[],
    signatures: &[Signature::new(
        "(any) -> tree",
        Lowering::Written(|written, arguments, _| {
            let [value] = super::super::arguments(arguments)?;
            if !value.is_null_literal() && !coercion::explicit(&value.ty, &LogicalType::Boolean) {
                return Err(Error::invalid_cast(written.text, "TO_BOOLEAN"));
            }
            Ok(cast(value, LogicalType::Boolean, false))
        }),
    )],
    summary: "The value as a BOOLEAN.",
    examples: &[
        ("TO_BOOLEAN('yes')", "true"),
        ("TO_BOOLEAN('OFF')", "false"),
        ("TO_BOOLEAN(0)", "false"),
        ("TO_BOOLEAN(-1.5)", "true"),
    ],
};

pub(super) const TRY_TO_BOOLEAN: Function = Function {
    name: "TRY_TO_BOOLEAN",
    aliases: &[],
    signatures: &[Signature::new(
        "(any) -> tree",
        Lowering::Written(|written, arguments, _| {
            let [value] = super::super::arguments(arguments)?;
            // Numbers have no failure; they are taken as they are.
            match value.ty {
                LogicalType::Number { .. } | LogicalType::Boolean => {
                    return Ok(cast(value, LogicalType::Boolean, false));
                }
                _ => {}
            }
            check_source(written, &value, &LogicalType::Boolean, "TO_BOOLEAN")?;
            Ok(cast(value, LogicalType::Boolean, true))
        }),
    )],
    summary: "The text as a BOOLEAN, or NULL.",
    examples: &[
        ("TRY_TO_BOOLEAN('True')", "true"),
        ("TRY_TO_BOOLEAN('maybe')", "NULL"),
    ],
};
