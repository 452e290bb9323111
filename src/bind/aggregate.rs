//! Where aggregates may stand, and what a grouped SELECT may name.
//!
//! Source of the rules' wording: recorded answers of a live account.

use super::scope::Scope;
use super::{Binder, types};
use crate::error::{Error, Position, Result};
use crate::sql::ast;
use crate::tree::{ColumnRef, Expr, ExprKind, Form};

/// What a window function inside an aggregate or a window is refused as.
pub(super) const NESTED_WINDOWS: &str = "window function inside an aggregate or a window";

/// Refuses aggregates and window functions in a clause that is evaluated before grouping.
pub(super) fn refuse(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    bound: &Expr,
    written: &ast::Expr,
    clause: &str,
) -> Result<()> {
    if bound.has_aggregate() {
        let call =
            first_aggregate(written).map_or_else(String::new, |call| echo(binder, scope, call));
        return Err(Error::invalid_aggregate(clause, call));
    }
    if bound.any(&is_grouping) {
        return Err(Error::not_a_group_by_expression(echo(
            binder, scope, written,
        )));
    }
    refuse_window(binder, scope, bound, written)
}

/// Refuses window functions.
pub(super) fn refuse_window(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    bound: &Expr,
    written: &ast::Expr,
) -> Result<()> {
    if !bound.has_window() {
        return Ok(());
    }
    let call = find_call(written, &|function| function.over.is_some());
    let shown = match call {
        Some(call) => echo(binder, scope, call),
        // The alias of a select item.
        None => echo(binder, scope, written),
    };
    Err(Error::window_outside_select(shown))
}

/// The aggregate's call inside an expression that has one.
pub(super) fn first_aggregate(expr: &ast::Expr) -> Option<&ast::Expr> {
    find_call(expr, &|function| {
        let name = function.name.to_string().to_uppercase();
        crate::functions::lookup(&name).is_some_and(|function| {
            let mut signatures = function.signatures.iter();
            signatures.any(|s| s.lowering.is_aggregate())
        })
    })
}

/// The first call that is wanted.
fn find_call<'e>(
    expr: &'e ast::Expr,
    wanted: &dyn Fn(&ast::Function) -> bool,
) -> Option<&'e ast::Expr> {
    let find = |expr: &'e ast::Expr| find_call(expr, wanted);
    match expr {
        ast::Expr::Function(function) if wanted(function) => Some(expr),
        ast::Expr::Function(function) => match &function.args {
            ast::FunctionArguments::List(list) => {
                list.args.iter().find_map(|argument| match argument {
                    ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => find(expr),
                    _ => None,
                })
            }
            _ => None,
        },
        ast::Expr::BinaryOp { left, right, .. } => find(left).or_else(|| find(right)),
        ast::Expr::Between {
            expr, low, high, ..
        } => find(expr).or_else(|| find(low)).or_else(|| find(high)),
        ast::Expr::Nested(inner)
        | ast::Expr::UnaryOp { expr: inner, .. }
        | ast::Expr::IsNull(inner)
        | ast::Expr::IsNotNull(inner)
        | ast::Expr::InList { expr: inner, .. }
        | ast::Expr::Cast { expr: inner, .. } => find(inner),
        _ => None,
    }
}

/// An expression as Snowflake's messages write it: names in full, functions in capitals.
pub(super) fn echo(binder: &Binder<'_>, scope: &Scope<'_>, expr: &ast::Expr) -> String {
    match expr {
        ast::Expr::Identifier(identifier) => echo_column(scope, &[binder.fold(identifier)]),
        ast::Expr::CompoundIdentifier(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| binder.fold(part)).collect();
            echo_column(scope, &parts)
        }
        ast::Expr::Function(function) => {
            let name = function.name.to_string().to_uppercase();
            match &function.args {
                ast::FunctionArguments::List(list) => {
                    let arguments: Vec<_> = list
                        .args
                        .iter()
                        .map(|argument| match argument {
                            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => {
                                echo(binder, scope, expr)
                            }
                            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Wildcard)
                                if name != "COUNT" =>
                            {
                                echo_star(scope)
                            }
                            other => other.to_string(),
                        })
                        .collect();
                    let distinct = match list.duplicate_treatment {
                        Some(ast::DuplicateTreatment::Distinct) => "DISTINCT ",
                        _ => "",
                    };
                    let call = format!("{name}({distinct}{})", arguments.join(", "));
                    match &function.over {
                        Some(over) => format!("{call} OVER ({})", echo_window(binder, scope, over)),
                        None => call,
                    }
                }
                _ => name,
            }
        }
        ast::Expr::BinaryOp { left, op, right } => {
            format!(
                "{} {op} {}",
                echo(binder, scope, left),
                echo(binder, scope, right)
            )
        }
        ast::Expr::Nested(inner) => echo(binder, scope, inner),
        ast::Expr::Value(value) => match &value.value {
            literal @ (ast::Value::Boolean(_) | ast::Value::Null) => {
                literal.to_string().to_uppercase()
            }
            literal => literal.to_string(),
        },
        ast::Expr::Cast {
            kind,
            expr,
            data_type,
            ..
        } => {
            let inner = echo(binder, scope, expr);
            match types::data_type_in(data_type, binder.facts.timestamp_type) {
                Ok(_) if matches!(kind, ast::CastKind::TryCast) => format!("TRY_CAST({inner})"),
                Ok(ty) => format!("CAST({inner} AS {ty})"),
                Err(_) => expr.to_string(),
            }
        }
        other => other.to_string(),
    }
}

/// `*` as the columns that it stands for.
fn echo_star(scope: &Scope<'_>) -> String {
    let columns = scope.relations.iter().flat_map(|relation| {
        let names = relation.columns.iter();
        names.map(|column| match relation.name.as_str() {
            "" => column.name.clone(),
            relation => format!("{relation}.{}", column.name),
        })
    });
    columns.collect::<Vec<_>>().join(", ")
}

fn echo_window(binder: &Binder<'_>, scope: &Scope<'_>, over: &ast::WindowType) -> String {
    let ast::WindowType::WindowSpec(spec) = over else {
        return String::new();
    };
    let mut parts = Vec::new();
    if !spec.partition_by.is_empty() {
        let keys: Vec<_> = spec
            .partition_by
            .iter()
            .map(|key| echo(binder, scope, key))
            .collect();
        parts.push(format!("PARTITION BY {}", keys.join(", ")));
    }
    if !spec.order_by.is_empty() {
        let keys: Vec<_> = spec
            .order_by
            .iter()
            .map(|key| {
                let shown = echo(binder, scope, &key.expr);
                match super::query::direction(binder, key) {
                    Ok((descending, nulls_first)) => format!(
                        "{shown} {} NULLS {}",
                        if descending { "DESC" } else { "ASC" },
                        if nulls_first { "FIRST" } else { "LAST" }
                    ),
                    Err(_) => shown,
                }
            })
            .collect();
        parts.push(format!("ORDER BY {}", keys.join(", ")));
    }
    parts.join(" ")
}

fn echo_column(scope: &Scope<'_>, parts: &[String]) -> String {
    let Ok(found) = scope.resolve(parts) else {
        return parts.join(".");
    };
    let name = crate::sql::quote(&found.name);
    let shown = match found.relation.filter(|relation| !relation.is_empty()) {
        Some(relation) => format!("{}.{name}", crate::sql::quote(&relation)),
        None => name,
    };
    if scope.is_of_outer(parts) {
        format!("CORRELATION({shown})")
    } else {
        shown
    }
}

/// A call of GROUPING, which makes its SELECT a grouped one.
pub(super) fn is_grouping(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call(call) if call.form == Form::Engine("grouping"))
}

/// The rule of a grouped SELECT: every column stands in a key or in an aggregate.
pub(super) struct GroupCheck<'a> {
    pub scope: &'a Scope<'a>,
    pub keys: &'a [Expr],
    /// There is no GROUP BY, only aggregates.
    pub implicit: bool,
}

impl GroupCheck<'_> {
    pub fn select_item(&self, expr: &Expr, place: Option<Position>) -> Result<()> {
        self.grouping_calls(expr)?;
        match self.ungrouped(expr) {
            None => Ok(()),
            Some(column) if self.implicit => {
                Err(Error::not_a_group_by_expression(self.name(column)))
            }
            Some(column) => {
                let error = Error::neither_aggregate_nor_grouped(self.name(column));
                Err(match place {
                    Some(place) => error.at(place),
                    None => error,
                })
            }
        }
    }

    /// ORDER BY. A bare column has an error of its own.
    pub fn sort_key(&self, expr: &Expr) -> Result<()> {
        match expr.kind {
            ExprKind::Column(column) if self.ungrouped(expr).is_some() => {
                Err(Error::invalid_order_by(self.name(column)))
            }
            _ => self.clause(expr),
        }
    }

    /// HAVING, QUALIFY, ORDER BY by more than a column.
    pub fn clause(&self, expr: &Expr) -> Result<()> {
        self.grouping_calls(expr)?;
        match self.ungrouped(expr) {
            None => Ok(()),
            Some(column) => Err(Error::not_a_group_by_expression(self.name(column))),
        }
    }

    /// GROUPING takes keys alone.
    fn grouping_calls(&self, expr: &Expr) -> Result<()> {
        if is_grouping(expr) {
            for argument in expr.children() {
                if !self.keys.contains(argument) {
                    let name = match argument.kind {
                        ExprKind::Column(column) => self.name(column),
                        _ => String::new(),
                    };
                    return Err(Error::not_a_group_by_expression(name));
                }
            }
        }
        expr.children()
            .into_iter()
            .try_for_each(|child| self.grouping_calls(child))
    }

    /// A column that is neither grouped nor aggregated.
    fn ungrouped(&self, expr: &Expr) -> Option<ColumnRef> {
        if self.keys.contains(expr) {
            return None;
        }
        match &expr.kind {
            ExprKind::Column(column) => self.is_ours(*column).then_some(*column),
            ExprKind::Aggregate(aggregate) if aggregate.over.is_none() => None,
            _ => expr
                .children()
                .into_iter()
                .find_map(|child| self.ungrouped(child)),
        }
    }

    /// Columns of scopes around are constant here.
    fn is_ours(&self, column: ColumnRef) -> bool {
        self.find(column).is_some()
    }

    fn find(&self, column: ColumnRef) -> Option<(&str, &str)> {
        self.scope.relations.iter().find_map(|relation| {
            let found = relation.columns.iter().find(
                |visible| matches!(visible.expr.kind, ExprKind::Column(other) if other == column),
            );
            found.map(|visible| (relation.name.as_str(), visible.name.as_str()))
        })
    }

    fn name(&self, column: ColumnRef) -> String {
        match self.find(column) {
            Some(("", name)) => name.to_owned(),
            Some((relation, name)) => format!("{relation}.{name}"),
            None => String::new(),
        }
    }
}
