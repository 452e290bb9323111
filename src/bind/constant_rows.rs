//! A VALUES list of plain constants as typed columns.

use super::{literal, variables};
use crate::error::Result;
use crate::sql::{Constant, ConstantList};
use crate::tree::{ConstantRows, Expr, ExprKind, Literal};
use crate::types::number::Number;
use crate::types::{LogicalType, MAX_PRECISION, decimal};

/// The columns of a list, each of the type that unites its constants. `None` where a column mixes kinds of constants: what
/// they have in common is for the general rules to say.
pub fn constant_rows(list: &ConstantList<'_>) -> Result<Option<ConstantRows>> {
    let mut rows = ConstantRows::default();
    for column in 0..list.width {
        let constants = list.constants.iter().skip(column).step_by(list.width);
        let Some((ty, values)) = typed(constants)? else {
            return Ok(None);
        };
        rows.types.push(ty);
        rows.columns.push(values);
    }
    Ok(Some(rows))
}

fn typed<'c, 't: 'c>(
    constants: impl Iterator<Item = &'c Constant<'t>>,
) -> Result<Option<(LogicalType, Vec<Literal>)>> {
    let mut column = Column::Unknown;
    let mut values = Vec::new();
    let mut scales = Vec::new();
    for constant in constants {
        let value = match (constant, &mut column) {
            (Constant::Null, _) => Literal::Null,
            (Constant::Boolean(value), Column::Unknown | Column::Boolean) => {
                column = Column::Boolean;
                Literal::Boolean(*value)
            }
            (Constant::Text(text), Column::Unknown | Column::Text(_)) => {
                let length = match &column {
                    Column::Text(length) => *length,
                    _ => 0,
                };
                let own = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
                column = Column::Text(length.max(own));
                Literal::Text(text.clone().into_owned())
            }
            (Constant::Number(written), Column::Unknown | Column::Number(_)) => {
                let (unscaled, own) = match number(written)? {
                    Some(number) => number,
                    None => return Ok(None),
                };
                column = Column::Number(match column {
                    Column::Number(number) => number.unify(own),
                    _ => own,
                });
                scales.resize(values.len(), 0);
                scales.push(own.scale);
                Literal::Number(unscaled)
            }
            _ => return Ok(None),
        };
        values.push(value);
    }
    let ty = match column {
        Column::Unknown => LogicalType::TEXT,
        Column::Boolean => LogicalType::Boolean,
        Column::Text(length) => LogicalType::Varchar { length },
        Column::Number(number) => {
            for (value, scale) in values.iter_mut().zip(scales) {
                if let Literal::Number(unscaled) = value
                    && scale != number.scale
                {
                    match decimal::rescale(*unscaled, scale, number.scale) {
                        Some(rescaled) if decimal::fits(rescaled, number.precision) => {
                            *unscaled = rescaled;
                        }
                        _ => return Ok(None),
                    }
                }
            }
            number.into()
        }
    };
    Ok(Some((ty, values)))
}

#[derive(Clone, Copy)]
enum Column {
    /// NULL alone so far.
    Unknown,
    Boolean,
    Text(u32),
    Number(Number),
}

/// An exact number and its type; `None` for a FLOAT.
fn number(written: &str) -> Result<Option<(i128, Number)>> {
    // Most numbers are short integers.
    if written.len() <= 18
        && written.as_bytes()[0].is_ascii_digit()
        && let Ok(value) = written.parse::<i64>()
    {
        let digits = written.trim_start_matches('0').len().max(1);
        return Ok(Some((value.into(), Number::new(digits as u8, 0))));
    }
    let Expr { kind, ty, .. } = variables::signed_number(written)?;
    Ok(match (kind, ty) {
        (
            ExprKind::Literal(Literal::Number(unscaled)),
            LogicalType::Number { precision, scale },
        ) if precision <= MAX_PRECISION => Some((unscaled, Number::new(precision, scale))),
        _ => None,
    })
}

/// Whether nothing but NULL is in a column: such a column fits any type.
pub(super) fn is_null(column: &[Literal]) -> bool {
    column.iter().all(|value| *value == Literal::Null)
}

/// The column `index` of the rows as an expression.
pub(super) fn column(rows: &ConstantRows, index: usize) -> Expr {
    let values = &rows.columns[index];
    if is_null(values) && rows.types[index] == LogicalType::TEXT {
        return literal::null();
    }
    let reference = crate::tree::ColumnRef {
        relation: variables::ROWS,
        column: index as u64,
    };
    let nullable = values.contains(&Literal::Null);
    Expr::new(
        ExprKind::Column(reference),
        rows.types[index].clone(),
        nullable,
    )
}
