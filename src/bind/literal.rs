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

/// `15` is NUMBER(2,0), `1.50` NUMBER(3,2), `1e10` NUMBER(11,0); more than 38 digits are a FLOAT.
pub(super) fn number(written: &str) -> Result<Expr> {
    exact(written).map_or_else(
        || {
            let value: f64 = written
                .parse()
                .map_err(|_| Error::number_not_recognized(written))?;
            Ok(Expr::literal(Literal::Float(value), LogicalType::Float))
        },
        Ok,
    )
}

fn exact(written: &str) -> Option<Expr> {
    let (mantissa, exponent) = match written.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (written, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches('0');
    let shifted = i32::try_from(fraction.len()).ok()? - exponent;
    let (scale, zeros) = (shifted.max(0), (-shifted).max(0));
    let significant = i32::try_from(whole.len() + fraction.len()).ok()? + zeros;
    // A digit stands before the point, be it 0.
    let precision = significant.max(scale + 1);
    if precision > i32::from(MAX_PRECISION) {
        return None;
    }
    let digits = format!(
        "0{whole}{fraction}{}",
        "0".repeat(usize::try_from(zeros).ok()?)
    );
    let ty = LogicalType::Number {
        precision: u8::try_from(precision).ok()?,
        scale: u8::try_from(scale).ok()?,
    };
    Some(Expr::literal(Literal::Number(digits.parse().ok()?), ty))
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
            ("1e3", "NUMBER(4,0)"),
            ("1e10", "NUMBER(11,0)"),
            ("15e-03", "NUMBER(4,3)"),
            ("1.5e1", "NUMBER(2,0)"),
            ("1e40", "FLOAT"),
            ("99999999999999999999999999999999999999", "NUMBER(38,0)"),
            ("999999999999999999999999999999999999999", "FLOAT"),
        ] {
            assert_eq!(number(written).unwrap().ty.to_string(), ty, "{written}");
        }
    }
}
