//! The functions that a query of COPY INTO a table may call; other than these, and functions of the user, none.
//!
//! Source: Snowflake, "Transform data during a load", "Supported functions"; the refusal as recorded from a live account
//! (frostlake's suite `dml-copy-into`).

use std::ops::ControlFlow;

use crate::error::{Error, Result};
use crate::functions;
use crate::sql::ast;

/// Sorted.
const ALLOWED: &[&str] = &[
    "ARRAY_CONSTRUCT",
    "ARRAY_SIZE",
    "ASCII",
    "CAST",
    "CEIL",
    "CHAR",
    "CHECK_JSON",
    "CHECK_XML",
    "CHR",
    "CONCAT",
    "CONVERT_TIMEZONE",
    "CURRENT_TIMESTAMP",
    "DATE",
    "ENDSWITH",
    "EQUAL_NULL",
    "FLOOR",
    "GET",
    "GET_PATH",
    "HEX_DECODE_STRING",
    "HEX_ENCODE",
    "IFF",
    "IFNULL",
    "IS_ARRAY",
    "IS_BOOLEAN",
    "IS_DECIMAL",
    "IS_INTEGER",
    "IS_NULL_VALUE",
    "IS_OBJECT",
    "IS_TIME",
    "IS_TIMESTAMP_LTZ",
    "IS_TIMESTAMP_NTZ",
    "IS_TIMESTAMP_TZ",
    "LEN",
    "LENGTH",
    "LPAD",
    "LTRIM",
    "MD5",
    "MD5_HEX",
    "NULLIF",
    "NVL",
    "NVL2",
    "OBJECT_CONSTRUCT",
    "PARSE_IP",
    "PARSE_JSON",
    "PARSE_URL",
    "PARSE_XML",
    "RANDOM",
    "REGEXP_REPLACE",
    "REGEXP_SUBSTR",
    "REPLACE",
    "REVERSE",
    "RPAD",
    "RTRIM",
    "SPLIT",
    "SPLIT_PART",
    "STARTSWITH",
    "SUBSTR",
    "SUBSTRING",
    "TIME",
    "TO_ARRAY",
    "TO_BINARY",
    "TO_BOOLEAN",
    "TO_CHAR",
    "TO_DATE",
    "TO_DECFLOAT",
    "TO_DECIMAL",
    "TO_DOUBLE",
    "TO_NUMBER",
    "TO_NUMERIC",
    "TO_OBJECT",
    "TO_TIME",
    "TO_TIMESTAMP",
    "TO_TIMESTAMP_LTZ",
    "TO_TIMESTAMP_NTZ",
    "TO_TIMESTAMP_TZ",
    "TO_VARCHAR",
    "TO_VARIANT",
    "TRIM",
    "TRY_CAST",
    "TRY_HEX_DECODE_STRING",
    "TRY_TO_BINARY",
    "TRY_TO_BOOLEAN",
    "TRY_TO_DATE",
    "TRY_TO_DECFLOAT",
    "TRY_TO_DECIMAL",
    "TRY_TO_DOUBLE",
    "TRY_TO_NUMBER",
    "TRY_TO_NUMERIC",
    "TRY_TO_TIME",
    "UNICODE",
    "UUID_STRING",
    "XMLGET",
];

/// Refuses a query that calls what COPY does not have.
pub(super) fn check(query: &ast::Query) -> Result<()> {
    let refused = ast::visit_expressions(query, |expr| {
        let name = match expr {
            ast::Expr::Function(call) => call.name.to_string().to_uppercase(),
            ast::Expr::BinaryOp { op, .. } => match op {
                ast::BinaryOperator::Plus
                | ast::BinaryOperator::Minus
                | ast::BinaryOperator::Multiply
                | ast::BinaryOperator::Divide
                | ast::BinaryOperator::Modulo => op.to_string(),
                _ => return ControlFlow::Continue(()),
            },
            _ => return ControlFlow::Continue(()),
        };
        let is_operator = !name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let is_refused = is_operator
            || functions::lookup(&name).is_some() && ALLOWED.binary_search(&name.as_str()).is_err();
        if is_refused {
            ControlFlow::Break(name)
        } else {
            ControlFlow::Continue(())
        }
    });
    match refused {
        ControlFlow::Break(name) => Err(Error::not_within_copy(name)),
        ControlFlow::Continue(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(ALLOWED.is_sorted());
    }
}
