//! `TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(…))` and its kin, over the queries that stand ready in the engine
//! (`statement::query_history`).
//!
//! Source: Snowflake, "QUERY_HISTORY, QUERY_HISTORY_BY_*": RESULT_LIMIT counts before WHERE does.

use super::scope::VisibleColumn;
use super::{Binder, from};
use crate::error::{Error, Result};
use crate::sql::{ObjectName, ast};
use crate::tree::{
    Body, ColumnRef, Comparison, Expr, ExprKind, Literal, OrderBy, OrderTarget, Query, Relation,
    Select,
};
use crate::types::LogicalType;

/// The key of the ready queries among the kept results.
pub const QUERY_HISTORY: &str = "query_history";

/// How many queries a call lists that does not say.
const DEFAULT_LIMIT: i64 = 100;

/// The relation of such a call, and its columns; `None` for another table function.
pub(super) fn relation(
    binder: &Binder<'_>,
    name: &ObjectName,
    arguments: &[ast::FunctionArg],
) -> Result<Option<(Relation, Vec<VisibleColumn>)>> {
    const NAMES: &[&str] = &[
        "QUERY_HISTORY",
        "QUERY_HISTORY_BY_SESSION",
        "QUERY_HISTORY_BY_USER",
        "QUERY_HISTORY_BY_WAREHOUSE",
    ];
    if !NAMES.contains(&name.last()) {
        return Ok(None);
    }
    let kept = binder.shared.ready.results.get(QUERY_HISTORY).cloned();
    let kept = kept.ok_or_else(|| Error::unsupported(format!("{} in a view", name.last())))?;
    let source = binder.new_relation();
    let column = |name: &str| -> Result<Expr> {
        let place = kept.columns.iter().position(|column| column.name == name);
        let place = place.ok_or_else(|| Error::internal(format!("no column {name}")))?;
        let reference = ColumnRef {
            relation: source,
            column: place as u64,
        };
        let ty = kept.columns[place].ty.clone();
        Ok(Expr::new(ExprKind::Column(reference), ty, true))
    };
    let equal = |name: &str, value: Expr, operator: Comparison| -> Result<Expr> {
        let left = column(name)?;
        let right = value.cast(left.ty.clone());
        let compare = ExprKind::Compare {
            operator,
            left: Box::new(left),
            right: Box::new(right),
        };
        Ok(Expr::boolean(compare, true))
    };
    let mut conditions = Vec::new();
    let mut limit = DEFAULT_LIMIT;
    // Without a name or an id, the session's own.
    let mut of = match name.last() {
        "QUERY_HISTORY_BY_SESSION" => {
            Some(("SESSION_ID", text(&binder.facts.session_id.to_string())))
        }
        "QUERY_HISTORY_BY_USER" => Some(("USER_NAME", text(&binder.facts.user))),
        "QUERY_HISTORY_BY_WAREHOUSE" => binder
            .facts
            .warehouse
            .as_deref()
            .map(|warehouse| ("WAREHOUSE_NAME", text(warehouse))),
        _ => None,
    };
    for argument in arguments {
        let ast::FunctionArg::Named {
            name: parameter,
            arg: ast::FunctionArgExpr::Expr(value),
            ..
        } = argument
        else {
            return Err(Error::unsupported(format!(
                "argument without a name in {}",
                name.last()
            )));
        };
        let bound = binder.constant(value)?;
        match binder.fold(parameter).as_str() {
            "END_TIME_RANGE_START" => {
                conditions.push(equal("END_TIME", bound, Comparison::GreaterOrEqual)?);
            }
            "END_TIME_RANGE_END" => {
                conditions.push(equal("END_TIME", bound, Comparison::LessOrEqual)?);
            }
            "RESULT_LIMIT" => limit = number(&bound, value)?,
            "SESSION_ID" => of = Some(("SESSION_ID", bound)),
            "USER_NAME" => of = Some(("USER_NAME", bound)),
            "WAREHOUSE_NAME" => of = Some(("WAREHOUSE_NAME", bound)),
            "INCLUDE_CLIENT_GENERATED_STATEMENT" => {}
            other => {
                let place = arguments.iter().position(|a| a == argument).unwrap_or(0) + 1;
                return Err(Error::unexpected_argument(name.last(), other, place));
            }
        }
    }
    if let Some((column, value)) = of {
        conditions.push(equal(column, value, Comparison::Equal)?);
    }
    let projection = kept
        .columns
        .iter()
        .map(|output| column(&output.name))
        .collect::<Result<Vec<_>>>()?;
    let newest_first = OrderBy {
        target: OrderTarget::Expr(column("START_TIME")?),
        descending: true,
        nulls_first: false,
    };
    let select = Select {
        distinct: false,
        from: Some(Relation::Kept {
            id: source,
            physical_name: kept.physical_name.clone(),
            columns: kept.physical.clone(),
        }),
        filter: (!conditions.is_empty()).then(|| Expr::boolean(ExprKind::And(conditions), true)),
        grouping: None,
        having: None,
        qualify: None,
        projection,
    };
    let integer = LogicalType::Number {
        precision: 18,
        scale: 0,
    };
    let query = Query {
        ctes: vec![],
        body: Body::Select(Box::new(select)),
        order_by: vec![newest_first],
        limit: Some(Expr::literal(Literal::Number(limit.into()), integer)),
        offset: None,
        columns: kept.columns.clone(),
    };
    let id = binder.new_relation();
    let columns = from::output_columns(id, &query.columns);
    let relation = Relation::Derived {
        id,
        query: Box::new(query),
        lateral: false,
    };
    Ok(Some((relation, columns)))
}

fn text(value: &str) -> Expr {
    Expr::literal(Literal::Text(value.to_owned()), LogicalType::TEXT)
}

/// A number of queries: from 1 to 10,000.
fn number(bound: &Expr, written: &ast::Expr) -> Result<i64> {
    let value = match &bound.kind {
        ExprKind::Literal(Literal::Number(number)) => i64::try_from(*number).ok(),
        _ => None,
    };
    value
        .filter(|limit| (1..=10_000).contains(limit))
        .ok_or_else(|| Error::invalid_parameter_value(written, "RESULT_LIMIT"))
}
