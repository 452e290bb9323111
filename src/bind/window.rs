//! Windows: OVER, its frame, and what each function asks of it.
//!
//! Source: Snowflake, "Window function syntax and usage"; which functions need an ORDER BY: recorded from a live account.

use super::scope::Scope;
use super::{Binder, expression, query};
use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{Expr, Frame, FrameBound, FrameUnits, SortKey, Window};
use crate::types::LogicalType;

/// Functions that are nothing without OVER (… ORDER BY …).
const ORDERED: &[&str] = &[
    "CUME_DIST",
    "DENSE_RANK",
    "FIRST_VALUE",
    "LAG",
    "LAST_VALUE",
    "LEAD",
    "NTH_VALUE",
    "NTILE",
    "PERCENT_RANK",
    "RANK",
    "ROW_NUMBER",
];

/// Functions whose frame is the whole partition, unless the call says another.
const OVER_ALL: &[&str] = &["FIRST_VALUE", "LAST_VALUE", "NTH_VALUE"];

/// Binds OVER of a call of `function`.
pub(super) fn over(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    function: &str,
    over: Option<&ast::WindowType>,
) -> Result<Option<Window>> {
    let ordered = ORDERED.contains(&function);
    let Some(over) = over else {
        return if ordered {
            Err(Error::missing_over(function))
        } else {
            Ok(None)
        };
    };
    let mut window = window(binder, scope, over)?;
    if ordered && window.order_by.is_empty() {
        return Err(Error::window_needs_order(function));
    }
    if OVER_ALL.contains(&function) && window.frame.is_none() {
        window.frame = Some(Frame {
            units: FrameUnits::Rows,
            start: FrameBound::UnboundedPreceding,
            end: FrameBound::UnboundedFollowing,
        });
    }
    Ok(Some(window))
}

pub(super) fn sort_keys(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    keys: &[ast::OrderByExpr],
) -> Result<Vec<SortKey>> {
    keys.iter()
        .map(|key| {
            let (descending, nulls_first) = query::direction(binder, key)?;
            let expr = expression::expression(binder, scope, &key.expr)?;
            Ok(SortKey {
                expr,
                descending,
                nulls_first,
            })
        })
        .collect()
}

fn window(binder: &Binder<'_>, scope: &Scope<'_>, over: &ast::WindowType) -> Result<Window> {
    let ast::WindowType::WindowSpec(spec) = over else {
        return Err(Error::unsupported("named window"));
    };
    if spec.window_name.is_some() {
        return Err(Error::unsupported("named window"));
    }
    let partition_by = spec
        .partition_by
        .iter()
        .map(|expr| expression::expression(binder, scope, expr))
        .collect::<Result<Vec<_>>>()?;
    let order_by = sort_keys(binder, scope, &spec.order_by)?;
    let ordered = order_by.iter().map(|key| &key.expr);
    if partition_by.iter().chain(ordered).any(Expr::has_window) {
        return Err(Error::unsupported(super::aggregate::NESTED_WINDOWS));
    }
    let frame = spec
        .window_frame
        .as_ref()
        .map(|frame| self::frame(binder, scope, frame))
        .transpose()?;
    Ok(Window {
        partition_by,
        order_by,
        frame,
    })
}

fn frame(binder: &Binder<'_>, scope: &Scope<'_>, frame: &ast::WindowFrame) -> Result<Frame> {
    let bound = |bound: &ast::WindowFrameBound| -> Result<FrameBound> {
        let distance = |expr: &ast::Expr| {
            let expr = expression::expression(binder, scope, expr)?;
            Ok(expr.cast(LogicalType::Number {
                precision: 18,
                scale: 0,
            }))
        };
        Ok(match bound {
            ast::WindowFrameBound::CurrentRow => FrameBound::CurrentRow,
            ast::WindowFrameBound::Preceding(None) => FrameBound::UnboundedPreceding,
            ast::WindowFrameBound::Following(None) => FrameBound::UnboundedFollowing,
            ast::WindowFrameBound::Preceding(Some(expr)) => FrameBound::Preceding(distance(expr)?),
            ast::WindowFrameBound::Following(Some(expr)) => FrameBound::Following(distance(expr)?),
        })
    };
    let units = match frame.units {
        ast::WindowFrameUnits::Rows => FrameUnits::Rows,
        ast::WindowFrameUnits::Range => FrameUnits::Range,
        ast::WindowFrameUnits::Groups => {
            return Err(Error::unsupported("GROUPS in a window frame"));
        }
    };
    let end = match &frame.end_bound {
        Some(end) => bound(end)?,
        None => FrameBound::CurrentRow,
    };
    Ok(Frame {
        units,
        start: bound(&frame.start_bound)?,
        end,
    })
}
