//! Queries: WITH, set operations, VALUES, ORDER BY, LIMIT.

use super::scope::Scope;
use super::{Binder, cte, expression, select};
use crate::error::{Error, Position, Result};
use crate::sql::{ast, position_of};
use crate::tree::{
    Body, Expr, ExprKind, Literal, OrderBy, OrderTarget, OutputColumn, Query, SetOperator,
};
use crate::types::{LogicalType, coercion};

/// Binds a query inside `outer`.
pub(super) fn query(binder: &Binder<'_>, outer: &Scope<'_>, query: &ast::Query) -> Result<Query> {
    refuse_foreign_clauses(query)?;
    let mut scope = Scope::inside(outer);
    let mut ctes = Vec::new();
    if let Some(with) = &query.with {
        for cte in &with.cte_tables {
            ctes.push(cte::common_table(binder, &mut scope, cte)?);
        }
    }
    let order_by = order_by_expressions(binder, query.order_by.as_ref());
    let mut bound = match &*query.body {
        // ORDER BY of a single SELECT sees its relations, so it is bound with it.
        ast::SetExpr::Select(body) => select::select(binder, &scope, body, &order_by)?,
        body => {
            let mut bound = set_expression(binder, &scope, body)?;
            bound.order_by = order_by_outputs(binder, &bound.columns, &order_by)?;
            bound
        }
    };
    if let Some(options) = query.order_by.as_ref().and_then(|o| all(binder, o)) {
        bound.order_by = order_by_all(binder, &bound.columns, options)?;
    }
    ctes.append(&mut bound.ctes);
    bound.ctes = ctes;
    limits(binder, &scope, query, &mut bound)?;
    Ok(bound)
}

fn refuse_foreign_clauses(query: &ast::Query) -> Result<()> {
    if !query.locks.is_empty() {
        return Err(Error::unsupported("FOR UPDATE"));
    }
    let foreign = query.for_clause.is_some()
        || query.settings.is_some()
        || query.format_clause.is_some()
        || !query.pipe_operators.is_empty();
    if foreign {
        Err(Error::unsupported("a clause of another dialect"))
    } else {
        Ok(())
    }
}

/// Columns under the names of a column list; an empty list keeps them.
pub(super) fn renamed(columns: &[OutputColumn], names: &[String]) -> Result<Vec<OutputColumn>> {
    if names.len() > columns.len() {
        return Err(Error::invalid_identifier(&names[columns.len()]));
    }
    let mut renamed = columns.to_vec();
    for (column, name) in renamed.iter_mut().zip(names) {
        column.name.clone_from(name);
    }
    Ok(renamed)
}

pub(super) fn set_expression(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    body: &ast::SetExpr,
) -> Result<Query> {
    let _deeper = binder.deeper()?;
    match body {
        ast::SetExpr::Select(body) => select::select(binder, scope, body, &[]),
        ast::SetExpr::Query(inner) => query(binder, scope, inner),
        ast::SetExpr::Values(values) => rows(binder, scope, values),
        ast::SetExpr::SetOperation {
            left,
            op,
            set_quantifier,
            right,
        } => set_operation(binder, scope, left, *op, *set_quantifier, right),
        ast::SetExpr::Insert(_)
        | ast::SetExpr::Update(_)
        | ast::SetExpr::Delete(_)
        | ast::SetExpr::Merge(_)
        | ast::SetExpr::Table(_) => Err(Error::unsupported("a statement as a query")),
    }
}

fn set_operation(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    left: &ast::SetExpr,
    operator: ast::SetOperator,
    quantifier: ast::SetQuantifier,
    right: &ast::SetExpr,
) -> Result<Query> {
    let operator = match operator {
        ast::SetOperator::Union => SetOperator::Union,
        ast::SetOperator::Except | ast::SetOperator::Minus => SetOperator::Except,
        ast::SetOperator::Intersect => SetOperator::Intersect,
    };
    let (all, by_name) = match quantifier {
        ast::SetQuantifier::All => (true, false),
        ast::SetQuantifier::Distinct | ast::SetQuantifier::None => (false, false),
        ast::SetQuantifier::AllByName => (true, true),
        ast::SetQuantifier::ByName | ast::SetQuantifier::DistinctByName => (false, true),
    };
    let mut left = set_expression(binder, scope, left)?;
    let mut right = set_expression(binder, scope, right)?;
    if by_name {
        (left, right) = with_the_same_names(binder, left, right);
    }
    combined(binder, operator, all, left, right)
}

/// Both queries with the columns of both: first those of the left, then what only the right has. What one of them lacks is
/// NULL there.
///
/// Source: Snowflake, "Set operators", UNION BY NAME.
fn with_the_same_names(binder: &Binder<'_>, left: Query, right: Query) -> (Query, Query) {
    let mut names: Vec<(String, LogicalType)> = Vec::new();
    for column in left.columns.iter().chain(&right.columns) {
        if !names.iter().any(|(name, _)| *name == column.name) {
            names.push((column.name.clone(), column.ty.clone()));
        }
    }
    let arranged = |query: Query| {
        let id = binder.new_relation();
        let columns = super::from::output_columns(id, &query.columns);
        let projection: Vec<Expr> = names
            .iter()
            .map(|(name, ty)| {
                let column = columns.iter().find(|column| column.name == *name);
                column.map_or_else(
                    || Expr::literal(Literal::Null, ty.clone()),
                    |column| column.expr.clone(),
                )
            })
            .collect();
        let outputs = names
            .iter()
            .zip(&projection)
            .map(|((name, _), expr)| OutputColumn {
                name: name.clone(),
                ty: expr.ty.clone(),
                nullable: expr.nullable,
                origin: None,
            })
            .collect();
        let from = crate::tree::Relation::Derived {
            id,
            query: Box::new(query),
            lateral: false,
        };
        let select = crate::tree::Select {
            projection,
            from: Some(from),
            ..select::empty()
        };
        plain(Body::Select(Box::new(select)), outputs)
    };
    (arranged(left), arranged(right))
}

/// `left UNION right` and the like, in the types that both come to.
pub(super) fn combined(
    binder: &Binder<'_>,
    operator: SetOperator,
    all: bool,
    left: Query,
    right: Query,
) -> Result<Query> {
    let columns = common_columns(&left, &right)?;
    let left = Box::new(converted(binder, left, &columns));
    let right = Box::new(converted(binder, right, &columns));
    Ok(plain(
        Body::SetOperation {
            operator,
            all,
            left,
            right,
        },
        columns,
    ))
}

/// The columns of a set operation.
pub(super) fn common_columns(left: &Query, right: &Query) -> Result<Vec<OutputColumn>> {
    if left.columns.len() != right.columns.len() {
        return Err(Error::set_operator_columns(
            left.columns.len(),
            right.columns.len(),
            2,
        ));
    }
    left.columns
        .iter()
        .zip(&right.columns)
        .enumerate()
        .map(|(index, (l, r))| {
            let ty = coercion::unify([
                (&l.ty, is_null(left, index)),
                (&r.ty, is_null(right, index)),
            ]);
            let ty = ty.ok_or_else(|| Error::incompatible_types(&l.ty, &r.ty))?;
            let nullable = l.nullable || r.nullable;
            Ok(OutputColumn {
                name: l.name.clone(),
                ty,
                nullable,
                origin: None,
            })
        })
        .collect()
}

fn is_null(query: &Query, column: usize) -> bool {
    match &query.body {
        Body::Select(select) => select
            .projection
            .get(column)
            .is_some_and(Expr::is_null_literal),
        _ => false,
    }
}

/// The query with its columns brought to the types of `columns`.
pub(super) fn converted(binder: &Binder<'_>, mut query: Query, columns: &[OutputColumn]) -> Query {
    let same = query
        .columns
        .iter()
        .zip(columns)
        .all(|(have, want)| have.ty == want.ty);
    if same {
        return query;
    }
    let plain_select = query.order_by.is_empty() && query.limit.is_none() && query.offset.is_none();
    match &mut query.body {
        Body::Select(select) if plain_select && !select.distinct => {
            for (item, column) in select.projection.iter_mut().zip(columns) {
                let whole =
                    std::mem::replace(item, Expr::literal(Literal::Null, LogicalType::TEXT));
                *item = whole.cast(column.ty.clone());
            }
        }
        Body::Values(rows) if plain_select => {
            for row in rows {
                *row = row
                    .drain(..)
                    .zip(columns)
                    .map(|(v, column)| v.cast(column.ty.clone()))
                    .collect();
            }
        }
        _ => return wrapped(binder, query, columns),
    }
    for (have, want) in query.columns.iter_mut().zip(columns) {
        have.ty = want.ty.clone();
    }
    query
}

/// `SELECT CAST(c AS …) … FROM (query)`
fn wrapped(binder: &Binder<'_>, query: Query, columns: &[OutputColumn]) -> Query {
    let id = binder.new_relation();
    let projection = super::from::output_columns(id, &query.columns)
        .into_iter()
        .zip(columns)
        .map(|(column, wanted)| column.expr.cast(wanted.ty.clone()))
        .collect();
    let columns = query
        .columns
        .iter()
        .zip(columns)
        .map(|(have, want)| OutputColumn {
            ty: want.ty.clone(),
            ..have.clone()
        })
        .collect();
    let from = crate::tree::Relation::Derived {
        id,
        query: Box::new(query),
        lateral: false,
    };
    let select = crate::tree::Select {
        projection,
        from: Some(from),
        ..select::empty()
    };
    plain(Body::Select(Box::new(select)), columns)
}

pub(super) fn plain(body: Body, columns: Vec<OutputColumn>) -> Query {
    Query {
        ctes: vec![],
        body,
        order_by: vec![],
        limit: None,
        offset: None,
        columns,
    }
}

/// `VALUES (…), (…)`: columns COLUMN1, COLUMN2, …, each of the type that its values share.
fn rows(binder: &Binder<'_>, scope: &Scope<'_>, values: &ast::Values) -> Result<Query> {
    let rows = values
        .rows
        .iter()
        .map(|row| {
            row.content
                .iter()
                .map(|value| expression::expression(binder, scope, value))
                .collect()
        })
        .collect::<Result<Vec<Vec<Expr>>>>()?;
    let width = rows.first().map_or(0, Vec::len);
    if let Some(row) = rows.iter().find(|row| row.len() != width) {
        return Err(Error::insert_value_count(width, row.len()));
    }
    let columns = (0..width)
        .map(|index| {
            let cells = rows.iter().map(|row| &row[index]);
            let ty = coercion::unify(cells.clone().map(|cell| (&cell.ty, cell.is_null_literal())));
            let ty =
                ty.ok_or_else(|| Error::incompatible_types(&rows[0][index].ty, "other values"))?;
            let nullable = cells.into_iter().any(|cell| cell.nullable);
            Ok(OutputColumn {
                name: format!("COLUMN{}", index + 1),
                ty,
                nullable,
                origin: None,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let rows = rows
        .into_iter()
        .map(|row| {
            row.into_iter()
                .zip(&columns)
                .map(|(v, c)| v.cast(c.ty.clone()))
                .collect()
        })
        .collect();
    Ok(plain(Body::Values(rows), columns))
}

fn order_by_expressions(
    binder: &Binder<'_>,
    order_by: Option<&ast::OrderBy>,
) -> Vec<ast::OrderByExpr> {
    match order_by {
        Some(order_by) if all(binder, order_by).is_some() => vec![],
        None => vec![],
        Some(order_by) => match &order_by.kind {
            ast::OrderByKind::Expressions(expressions) => {
                expressions.iter().flat_map(parts_of_key).collect()
            }
            ast::OrderByKind::All(_) => vec![],
        },
    }
}

/// `(a, b) DESC` sorts as `a DESC, b DESC`.
fn parts_of_key(key: &ast::OrderByExpr) -> Vec<ast::OrderByExpr> {
    let ast::Expr::Tuple(parts) = &key.expr else {
        return vec![key.clone()];
    };
    let parts = parts.iter().map(|part| ast::OrderByExpr {
        expr: part.clone(),
        ..key.clone()
    });
    parts.collect()
}

/// The options of ORDER BY ALL, which the parser takes for a column.
fn all<'q>(binder: &Binder<'_>, order_by: &'q ast::OrderBy) -> Option<&'q ast::OrderByOptions> {
    match &order_by.kind {
        ast::OrderByKind::All(options) => Some(options),
        ast::OrderByKind::Expressions(expressions) => match &expressions[..] {
            [
                ast::OrderByExpr {
                    expr: ast::Expr::Identifier(word),
                    options,
                    ..
                },
            ] if word.quote_style.is_none() && binder.fold(word) == "ALL" => Some(options),
            _ => None,
        },
    }
}

/// `ORDER BY ALL`: every output column, from the first on.
fn order_by_all(
    binder: &Binder<'_>,
    columns: &[OutputColumn],
    options: &ast::OrderByOptions,
) -> Result<Vec<OrderBy>> {
    let (descending, nulls_first) = order(binder, options)?;
    let all = (0..columns.len()).map(|column| OrderBy {
        target: OrderTarget::Output(column),
        descending,
        nulls_first,
    });
    Ok(all.collect())
}

/// ORDER BY over a set operation: output columns by name or number.
fn order_by_outputs(
    binder: &Binder<'_>,
    columns: &[OutputColumn],
    order_by: &[ast::OrderByExpr],
) -> Result<Vec<OrderBy>> {
    order_by
        .iter()
        .map(|key| {
            let output = output_number(binder, columns, key)?;
            let target = OrderTarget::Output(output.ok_or_else(|| {
                let error = Error::invalid_identifier(key.expr.to_string().to_uppercase());
                match position_of(&key.expr) {
                    Some(place) => error.at(place),
                    None => error,
                }
            })?);
            let (descending, nulls_first) = direction(binder, key)?;
            Ok(OrderBy {
                target,
                descending,
                nulls_first,
            })
        })
        .collect()
}

/// The output column that an ORDER BY item means by number or by name.
pub(super) fn output_number(
    binder: &Binder<'_>,
    columns: &[OutputColumn],
    key: &ast::OrderByExpr,
) -> Result<Option<usize>> {
    match &key.expr {
        ast::Expr::Value(value) => match &value.value {
            ast::Value::Number(digits, _) => {
                let number = digits.parse::<usize>().unwrap_or(0);
                if (1..=columns.len()).contains(&number) {
                    Ok(Some(number - 1))
                } else {
                    Err(Error::invalid_order_by(digits))
                }
            }
            _ => Ok(None),
        },
        ast::Expr::Identifier(identifier) => {
            let name = binder.fold(identifier);
            Ok(columns.iter().position(|column| column.name == name))
        }
        _ => Ok(None),
    }
}

/// Descending, NULLs first. NULL is the greatest value in Snowflake, so descending puts it first; under DEFAULT_NULL_ORDERING
/// FIRST it is the least.
pub(super) fn direction(binder: &Binder<'_>, key: &ast::OrderByExpr) -> Result<(bool, bool)> {
    order(binder, &key.options)
}

fn order(binder: &Binder<'_>, options: &ast::OrderByOptions) -> Result<(bool, bool)> {
    let descending = match &options.sort {
        None | Some(ast::OrderBySort::Asc) => false,
        Some(ast::OrderBySort::Desc) => true,
        Some(ast::OrderBySort::Using(_)) => return Err(Error::unsupported("ORDER BY … USING")),
    };
    let by_default = descending != binder.facts.null_is_least;
    Ok((descending, options.nulls_first.unwrap_or(by_default)))
}

fn limits(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    query: &ast::Query,
    bound: &mut Query,
) -> Result<()> {
    let count = |expr: &ast::Expr| -> Result<Option<Expr>> {
        let bound = expression::expression(binder, scope, expr)?;
        match &bound.kind {
            ExprKind::Literal(Literal::Null) => Ok(None),
            // LIMIT '' is no limit, as LIMIT NULL is.
            ExprKind::Literal(Literal::Text(text)) if text.is_empty() => Ok(None),
            ExprKind::Literal(Literal::Number(number)) if *number < 0 => Err(Error::syntax(
                position_of(expr).unwrap_or(Position { line: 1, column: 0 }),
                "-",
            )),
            // The wording of the error is assumed.
            ExprKind::Literal(Literal::Number(_))
                if !matches!(bound.ty, LogicalType::Number { scale: 0, .. }) =>
            {
                let error = format!("Invalid row count '{expr}' in limit clause");
                Err(Error::syntax_error_text(error))
            }
            ExprKind::Literal(Literal::Number(_)) => Ok(Some(bound.cast(LogicalType::Number {
                precision: 18,
                scale: 0,
            }))),
            _ => Err(Error::unsupported("LIMIT with an expression")),
        }
    };
    match &query.limit_clause {
        None => {}
        Some(ast::LimitClause::LimitOffset { limit, offset, .. }) => {
            if let Some(limit) = limit {
                bound.limit = count(limit)?;
            }
            if let Some(offset) = offset {
                bound.offset = count(&offset.value)?;
            }
        }
        Some(ast::LimitClause::OffsetCommaLimit { .. }) => {
            return Err(Error::unsupported("LIMIT offset, count"));
        }
    }
    if let Some(fetch) = &query.fetch {
        if fetch.percent || fetch.with_ties {
            return Err(Error::unsupported("FETCH … PERCENT or WITH TIES"));
        }
        bound.limit = match &fetch.quantity {
            Some(quantity) => count(quantity)?,
            None => Some(Expr::literal(
                Literal::Number(1),
                LogicalType::Number {
                    precision: 1,
                    scale: 0,
                },
            )),
        };
    }
    Ok(())
}
