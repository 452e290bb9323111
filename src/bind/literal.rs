//! Literals and their types.
//!
//! Source: Snowflake, "Literals" of each data type; a NUMBER has the digits that were written.

use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{Expr, Literal};
use crate::types::{LogicalType, MAX_PRECISION};

/// A literal of the statement.
pub(super) fn literal(value: &ast::Value) -> Result<Expr> {
    Ok(match value {
        ast::Value::Number(text, _) => number(text)?,
        ast::Value::SingleQuotedString(value) => text(value),
        ast::Value::DollarQuotedString(quoted) => text(&quoted.value),
        ast::Value::Boolean(value) => Expr::literal(Literal::Boolean(*value), LogicalType::Boolean),
        ast::Value::Null => null(),
        ast::Value::HexStringLiteral(digits) => binary(digits)?,
        _ => return Err(Error::unsupported("this kind of literal")),
    })
}

/// NULL has no type of its own; alone in a result it is text.
pub(super) fn null() -> Expr {
    Expr::literal(Literal::Null, LogicalType::TEXT)
}

pub(super) fn text(value: &str) -> Expr {
    let length = u32::try_from(value.chars().count()).unwrap_or(u32::MAX);
    Expr::literal(
        Literal::Text(value.to_owned()),
        LogicalType::Varchar { length },
    )
}

/// `15` is NUMBER(2,0), `1.50` NUMBER(3,2), `1e3` FLOAT; more than 38 digits are a FLOAT too.
pub(super) fn number(written: &str) -> Result<Expr> {
    let float = || {
        let value: f64 = written
            .parse()
            .map_err(|_| Error::number_not_recognized(written))?;
        Ok(Expr::literal(Literal::Float(value), LogicalType::Float))
    };
    if written.contains(['e', 'E']) {
        return float();
    }
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    let whole = whole.trim_start_matches('0');
    let digits = whole.len().max(1) + fraction.len();
    if digits > usize::from(MAX_PRECISION) {
        return float();
    }
    let unscaled: i128 = format!("0{whole}{fraction}")
        .parse()
        .map_err(|_| Error::number_not_recognized(written))?;
    // Both fit: at most 38 digits.
    let (precision, scale) = (digits as u8, fraction.len() as u8);
    Ok(Expr::literal(
        Literal::Number(unscaled),
        LogicalType::Number { precision, scale },
    ))
}

pub(super) fn binary(digits: &str) -> Result<Expr> {
    let invalid = || Error::syntax_error_text(format!("invalid hexadecimal literal '{digits}'"));
    if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return Err(invalid());
    }
    let bytes = (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| invalid()))
        .collect::<Result<Vec<_>>>()?;
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    Ok(Expr::literal(
        Literal::Binary(bytes),
        LogicalType::Binary { length },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_were_written() {
        for (written, ty) in [
            ("0", "NUMBER(1,0)"),
            ("15", "NUMBER(2,0)"),
            ("0015", "NUMBER(2,0)"),
            ("1.50", "NUMBER(3,2)"),
            ("0.2", "NUMBER(2,1)"),
            ("1e3", "FLOAT"),
            ("99999999999999999999999999999999999999", "NUMBER(38,0)"),
            ("999999999999999999999999999999999999999", "FLOAT"),
        ] {
            assert_eq!(number(written).unwrap().ty.to_string(), ty, "{written}");
        }
    }
}
