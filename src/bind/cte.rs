//! Common table expressions, plain and recursive ones.
//!
//! Source: Snowflake, "WITH": the word RECURSIVE may be left out; a UNION ALL whose second part names the expression itself
//! is recursive.

use std::cell::Cell;
use std::rc::Rc;

use super::Binder;
use super::query::{combined, common_columns, converted, plain, query, renamed, set_expression};
use super::scope::{Scope, VisibleCte};
use crate::error::Result;
use crate::sql::ast;
use crate::tree::{Body, Cte, CteId, OutputColumn, Query, SetOperator};
use crate::types::{LogicalType, MAX_PRECISION};

/// Binds a common table expression and makes it visible.
pub(super) fn common_table(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    cte: &ast::Cte,
) -> Result<Cte> {
    let name = binder.fold(&cte.alias.name);
    let names: Vec<_> = cte
        .alias
        .columns
        .iter()
        .map(|column| binder.fold(&column.name))
        .collect();
    let id = binder.new_cte();
    let (bound, recursive) = match anchor_and_rest(&cte.query) {
        Some((anchor, rest)) => union_all(binder, scope, id, (&name, &names), anchor, rest)?,
        None => (query(binder, scope, &cte.query)?, false),
    };
    let columns = renamed(&bound.columns, &names)?;
    scope.ctes.push(Rc::new(VisibleCte::new(name, id, columns)));
    Ok(Cte {
        id,
        query: bound,
        recursive,
    })
}

/// The two sides of a UNION ALL that has no other clauses.
fn anchor_and_rest(query: &ast::Query) -> Option<(&ast::SetExpr, &ast::SetExpr)> {
    let plain = query.with.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none();
    match &*query.body {
        ast::SetExpr::SetOperation {
            left,
            op: ast::SetOperator::Union,
            set_quantifier: ast::SetQuantifier::All,
            right,
        } if plain => Some((left, right)),
        _ => None,
    }
}

/// Binds a UNION ALL, and says whether its second side names the expression that it is.
fn union_all(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    id: CteId,
    (name, names): (&str, &[String]),
    anchor: &ast::SetExpr,
    rest: &ast::SetExpr,
) -> Result<(Query, bool)> {
    let anchor = set_expression(binder, scope, anchor)?;
    let bind_rest = |columns: &[OutputColumn]| -> Result<(Query, bool)> {
        let visible = Rc::new(VisibleCte::new(
            name.to_owned(),
            id,
            renamed(columns, names)?,
        ));
        let mut inside = scope.clone();
        inside.ctes.push(Rc::clone(&visible));
        let rest = set_expression(binder, &inside, rest)?;
        Ok((rest, visible.is_used()))
    };
    let (rest, recursive) = bind_rest(&anchor.columns)?;
    if !recursive {
        let whole = combined(binder, SetOperator::Union, true, anchor, rest)?;
        return Ok((whole, false));
    }
    // The rows of the second side go through it again, so its types have to be those that it started from.
    let columns: Vec<_> = common_columns(&anchor, &rest)?
        .into_iter()
        .zip(&anchor.columns)
        .map(|(column, first)| OutputColumn {
            ty: if column.ty == first.ty {
                column.ty
            } else {
                widest(column.ty)
            },
            nullable: true,
            ..column
        })
        .collect();
    let (rest, _) = bind_rest(&columns)?;
    let left = Box::new(converted(binder, anchor, &columns));
    let right = Box::new(converted(binder, rest, &columns));
    let body = Body::SetOperation {
        operator: SetOperator::Union,
        all: true,
        left,
        right,
    };
    Ok((plain(body, columns), true))
}

/// A type that grows with each round, as far as it can grow.
fn widest(ty: LogicalType) -> LogicalType {
    match ty {
        LogicalType::Number { scale, .. } => LogicalType::Number {
            precision: MAX_PRECISION,
            scale,
        },
        LogicalType::Varchar { .. } => LogicalType::TEXT,
        other => other,
    }
}

impl VisibleCte {
    pub(super) fn new(name: String, id: CteId, columns: Vec<OutputColumn>) -> Self {
        VisibleCte {
            name,
            id,
            columns,
            used: Cell::new(false),
        }
    }
}
