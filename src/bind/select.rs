//! One SELECT: its items, WHERE, GROUP BY, HAVING, QUALIFY, and the ORDER BY that sees its relations.

use sqlparser::tokenizer::Token;

use super::scope::Scope;
use super::{Binder, aggregate, column_names, expression, hierarchy, join, query, star};
use crate::error::{Error, Position, Result};
use crate::sql::{ObjectName, Place, ast, position_of};
use crate::tree::{
    Body, Expr, ExprKind, Grouping, GroupingSets, Literal, OrderBy, OrderTarget, Origin,
    OutputColumn, Query, Select,
};
use crate::types::LogicalType;

/// A select item.
pub(super) struct Item {
    pub name: String,
    pub expr: Expr,
    pub origin: Option<Origin>,
    /// Where it stands, for messages.
    pub place: Option<Position>,
}

/// A SELECT of nothing.
pub(super) fn empty() -> Select {
    Select {
        distinct: false,
        from: None,
        filter: None,
        grouping: None,
        having: None,
        qualify: None,
        projection: vec![],
    }
}

pub(super) fn select(
    binder: &Binder<'_>,
    outer: &Scope<'_>,
    select: &ast::Select,
    order_by: &[ast::OrderByExpr],
) -> Result<Query> {
    refuse_foreign_clauses(select)?;
    let mut scope = Scope::inside(outer);
    // `(+)` makes joins of conditions, which come before everything that sees the joined tables.
    let has_marks = binder.statement.text().contains("(+)");
    let (mut from, mut conditions) = match &select.selection {
        Some(selection) if has_marks => {
            join::from_with_marks(binder, &mut scope, &select.from, selection)?
        }
        selection => (
            join::from(binder, &mut scope, &select.from)?,
            selection.iter().collect(),
        ),
    };
    let walk = hierarchy::begin(binder, &mut scope, &mut from, &mut conditions, select)?;
    if walk.is_some() {
        hierarchy::refuse_grouping(select)?;
    }
    let items = items(binder, &mut scope, select)?;
    let mut filters = Vec::new();
    for condition in conditions {
        let bound = expression::predicate(binder, &scope, condition)?;
        aggregate::refuse(binder, &scope, &bound, condition, "where clause")?;
        filters.push(bound);
    }
    let filter = match filters.len() {
        0 | 1 => filters.pop(),
        _ => {
            let nullable = filters.iter().any(|filter| filter.nullable);
            Some(Expr::boolean(ExprKind::And(filters), nullable))
        }
    };
    let mut misplaced = None;
    let explicit = grouping(binder, &scope, &select.group_by, &items, &mut misplaced)?;
    let clause = |clause: &Option<ast::Expr>| {
        clause
            .as_ref()
            .map(|condition| expression::predicate(binder, &scope, condition))
            .transpose()
    };
    let having = clause(&select.having)?;
    if let (Some(bound), Some(written)) = (&having, &select.having) {
        aggregate::refuse_window(binder, &scope, bound, written)?;
    }
    let qualify = clause(&select.qualify)?;
    if let (Some(bound), Some(written)) = (&qualify, &select.qualify)
        && !bound.has_window()
        && !items.iter().any(|item| item.expr.has_window())
    {
        return Err(without_window(binder, written));
    }
    let columns: Vec<_> = items
        .iter()
        .map(|item| OutputColumn {
            name: item.name.clone(),
            ty: item.expr.ty.clone(),
            nullable: item.expr.nullable || may_be_rolled_up(&item.expr, explicit.as_ref()),
            origin: item.origin.clone(),
        })
        .collect();
    let distinct = match &select.distinct {
        None | Some(ast::Distinct::All) => false,
        Some(ast::Distinct::Distinct) => true,
        Some(ast::Distinct::On(_)) => return Err(Error::unsupported("DISTINCT ON")),
    };
    let order_by = sort(binder, &scope, &items, &columns, order_by)?;

    let sorted = order_by.iter().filter_map(|key| match &key.target {
        OrderTarget::Expr(expr) => Some(expr),
        OrderTarget::Output(_) => None,
    });
    let aggregates = items
        .iter()
        .map(|item| &item.expr)
        .chain(&having)
        .chain(&qualify)
        .chain(sorted.clone())
        .any(|expr| expr.has_aggregate() || expr.any(&aggregate::is_grouping));
    let implicit = explicit.is_none() && (aggregates || having.is_some());
    let grouping = if implicit {
        Some(Grouping::default())
    } else {
        explicit
    };
    if let Some(grouping) = &grouping {
        let check = aggregate::GroupCheck {
            scope: &scope,
            keys: &grouping.keys,
            implicit,
        };
        for item in &items {
            check.select_item(&item.expr, item.place)?;
        }
        // The select list speaks first.
        if let Some(error) = misplaced {
            return Err(error);
        }
        for expr in having.iter().chain(&qualify) {
            check.clause(expr)?;
        }
        for key in sorted {
            check.sort_key(key)?;
        }
    }
    let mut bound = query::plain(
        Body::Select(Box::new(Select {
            distinct,
            from,
            filter,
            grouping,
            having,
            qualify,
            projection: items.into_iter().map(|item| item.expr).collect(),
        })),
        columns,
    );
    bound.order_by = order_by;
    bound.limit = top(select)?;
    if let Some(walk) = walk {
        bound.ctes = walk.finish(binder, outer)?;
    }
    Ok(bound)
}

/// QUALIFY where nothing is a window function; the error points to the word.
fn without_window(binder: &Binder<'_>, condition: &ast::Expr) -> Error {
    let error = Error::qualify_without_window();
    let Some(begins) = position_of(condition) else {
        return error;
    };
    let words = binder.statement.tokens().iter().filter(|token| {
        matches!(&token.token, Token::Word(word)
            if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("QUALIFY"))
    });
    let places = words.map(|token| Position::from(Place::of(token.span)));
    match places.rev().find(|place| *place < begins) {
        Some(place) => error.at(place),
        None => error,
    }
}

/// Whether a column of the query has no name of its own: an expression without an alias. Views and CTAS need names.
pub fn has_unnamed_column(query: &ast::Query) -> bool {
    unnamed(&query.body)
}

fn unnamed(body: &ast::SetExpr) -> bool {
    match body {
        ast::SetExpr::Select(select) => select
            .projection
            .iter()
            .any(|item| matches!(item, ast::SelectItem::UnnamedExpr(expr) if !is_column(expr))),
        ast::SetExpr::Query(query) => unnamed(&query.body),
        // The first branch names the columns.
        ast::SetExpr::SetOperation { left, .. } => unnamed(left),
        _ => false,
    }
}

fn is_column(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Nested(inner) => is_column(inner),
        other => matches!(
            other,
            ast::Expr::Identifier(_) | ast::Expr::CompoundIdentifier(_)
        ),
    }
}

fn refuse_foreign_clauses(select: &ast::Select) -> Result<()> {
    let named = [
        (select.into.is_some(), "SELECT … INTO"),
        (!select.lateral_views.is_empty(), "LATERAL VIEW"),
        (!select.named_window.is_empty(), "WINDOW"),
        (select.prewhere.is_some(), "PREWHERE"),
        (
            !select.cluster_by.is_empty()
                || !select.distribute_by.is_empty()
                || !select.sort_by.is_empty(),
            "a clause of another dialect",
        ),
        (
            select.value_table_mode.is_some() || select.exclude.is_some(),
            "a clause of another dialect",
        ),
        (
            !matches!(select.flavor, ast::SelectFlavor::Standard),
            "FROM before SELECT",
        ),
    ];
    match named.into_iter().find(|(found, _)| *found) {
        Some((_, feature)) => Err(Error::unsupported(feature)),
        None => Ok(()),
    }
}

fn items(binder: &Binder<'_>, scope: &mut Scope<'_>, select: &ast::Select) -> Result<Vec<Item>> {
    let mut names =
        column_names::item_names(binder.statement, select.select_token.0.span.start).into_iter();
    let mut items = Vec::new();
    for item in &select.projection {
        let text = names.next();
        match item {
            ast::SelectItem::UnnamedExpr(expr) => {
                let named = expression::named(binder, scope, expr)?;
                let text = || text.unwrap_or_else(|| expr.to_string().to_uppercase());
                items.push(Item {
                    name: named.name.unwrap_or_else(text),
                    expr: named.expr,
                    origin: named.origin,
                    place: position_of(expr),
                });
            }
            ast::SelectItem::ExprWithAlias { expr, alias } => {
                let named = expression::named(binder, scope, expr)?;
                let name = binder.fold(alias);
                scope.aliases.push((name.clone(), named.expr.clone()));
                items.push(Item {
                    name,
                    expr: named.expr,
                    origin: named.origin,
                    place: position_of(expr),
                });
            }
            ast::SelectItem::Wildcard(options) => {
                items.extend(star::star(binder, scope, &[], options)?)
            }
            ast::SelectItem::QualifiedWildcard(
                ast::SelectItemQualifiedWildcardKind::ObjectName(name),
                options,
            ) => {
                let name = ObjectName::from_parsed(name, binder.folding)?;
                items.extend(star::star(binder, scope, &name.parts, options)?);
            }
            ast::SelectItem::QualifiedWildcard(_, _) | ast::SelectItem::ExprWithAliases { .. } => {
                return Err(Error::unsupported("this kind of select item"));
            }
        }
    }
    Ok(items)
}

fn grouping(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    group_by: &ast::GroupByExpr,
    items: &[Item],
    misplaced: &mut Option<Error>,
) -> Result<Option<Grouping>> {
    let expressions = match group_by {
        ast::GroupByExpr::All(_) => {
            let grouped = items
                .iter()
                .filter(|item| !item.expr.has_aggregate() && !item.expr.has_window());
            let keys = grouped
                .map(|item| item.expr.clone())
                .filter(|key| !is_constant(key))
                .collect();
            return Ok(Some(Grouping {
                keys,
                sets: GroupingSets::Plain,
            }));
        }
        ast::GroupByExpr::Expressions(expressions, modifiers) if modifiers.is_empty() => {
            expressions
        }
        ast::GroupByExpr::Expressions(..) => return Err(Error::unsupported("GROUP BY … WITH")),
    };
    if expressions.is_empty() {
        return Ok(None);
    }
    let mut keys: Vec<Expr> = Vec::new();
    let mut index_of = |key: Expr| {
        keys.iter()
            .position(|known| *known == key)
            .unwrap_or_else(|| {
                keys.push(key);
                keys.len() - 1
            })
    };
    // Each element contributes alternatives; the grouping sets are their product.
    let mut sets: Vec<Vec<usize>> = vec![vec![]];
    let mut plain = true;
    for element in expressions {
        let mut indices = |list: &[ast::Expr]| -> Result<Vec<usize>> {
            list.iter()
                .map(|key| Ok(index_of(group_key(binder, scope, key, items, misplaced)?)))
                .collect()
        };
        let alternatives: Vec<Vec<usize>> = match element {
            ast::Expr::Rollup(lists) => {
                plain = false;
                let lists = lists
                    .iter()
                    .map(|list| indices(list))
                    .collect::<Result<Vec<_>>>()?;
                (0..=lists.len())
                    .rev()
                    .map(|count| lists[..count].concat())
                    .collect()
            }
            ast::Expr::Cube(lists) => {
                plain = false;
                let lists = lists
                    .iter()
                    .map(|list| indices(list))
                    .collect::<Result<Vec<_>>>()?;
                if lists.len() > 12 {
                    return Err(Error::unsupported("CUBE of more than 12 expressions"));
                }
                (0..1_usize << lists.len())
                    .rev()
                    .map(|chosen| {
                        let taken = lists
                            .iter()
                            .enumerate()
                            .filter(|(index, _)| chosen >> (lists.len() - 1 - index) & 1 == 1);
                        taken.flat_map(|(_, list)| list.iter().copied()).collect()
                    })
                    .collect()
            }
            ast::Expr::GroupingSets(lists) => {
                plain = false;
                lists
                    .iter()
                    .map(|list| indices(list))
                    .collect::<Result<Vec<_>>>()?
            }
            ast::Expr::Tuple(list) => vec![indices(list)?],
            single => vec![indices(std::slice::from_ref(single))?],
        };
        sets = sets
            .iter()
            .flat_map(|set| {
                alternatives
                    .iter()
                    .map(|more| [set.as_slice(), more].concat())
            })
            .collect();
    }
    let sets = if plain {
        GroupingSets::Plain
    } else {
        GroupingSets::Sets(sets)
    };
    Ok(Some(Grouping { keys, sets }))
}

/// A key of GROUP BY: an item by number, or an expression (an alias where no column has the name). Aggregates and window
/// functions are `misplaced` there.
fn group_key(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    key: &ast::Expr,
    items: &[Item],
    misplaced: &mut Option<Error>,
) -> Result<Expr> {
    if let ast::Expr::Value(value) = key
        && let ast::Value::Number(digits, _) = &value.value
        && let Ok(number) = digits.parse::<usize>()
    {
        let item = number.checked_sub(1).and_then(|index| items.get(index));
        let item = item.ok_or_else(|| Error::not_a_group_by_expression(digits))?;
        if is_of_groups(&item.expr) {
            return Err(Error::not_a_group_by_expression(&item.name));
        }
        return Ok(item.expr.clone());
    }
    let bound = expression::expression(binder, scope, key)?;
    if let Err(error) = aggregate::refuse_window(binder, scope, &bound, key) {
        misplaced.get_or_insert(error);
    }
    if is_of_groups(&bound) {
        let written = aggregate::echo(binder, scope, key);
        misplaced.get_or_insert(Error::not_a_group_by_expression(written));
    }
    Ok(bound)
}

/// Whether the value is known only when the rows are grouped.
fn is_of_groups(expr: &Expr) -> bool {
    expr.has_aggregate() || expr.has_window() || expr.any(&aggregate::is_grouping)
}

fn is_constant(expr: &Expr) -> bool {
    !expr.any(&|expr| {
        matches!(
            expr.kind,
            ExprKind::Column(_)
                | ExprKind::Scalar(_)
                | ExprKind::Exists { .. }
                | ExprKind::InQuery { .. }
                | ExprKind::Quantified { .. }
        )
    })
}

fn sort(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    items: &[Item],
    columns: &[OutputColumn],
    order_by: &[ast::OrderByExpr],
) -> Result<Vec<OrderBy>> {
    order_by
        .iter()
        .map(|key| {
            let (descending, nulls_first) = query::direction(binder, key)?;
            let target = match query::output_number(binder, columns, key)? {
                Some(output) => OrderTarget::Output(output),
                None => {
                    let expr = expression::expression(binder, scope, &key.expr)?;
                    match items.iter().position(|item| item.expr == expr) {
                        Some(output) => OrderTarget::Output(output),
                        None => OrderTarget::Expr(expr),
                    }
                }
            };
            Ok(OrderBy {
                target,
                descending,
                nulls_first,
            })
        })
        .collect()
}

/// Whether an expression has a grouping key that some grouping set leaves out: there it is NULL, whatever its column says.
fn may_be_rolled_up(expr: &Expr, grouping: Option<&Grouping>) -> bool {
    let Some(Grouping {
        keys,
        sets: GroupingSets::Sets(sets),
    }) = grouping
    else {
        return false;
    };
    // Of an aggregate's arguments it is the values that are seen, before they are rolled up.
    if matches!(&expr.kind, ExprKind::Aggregate(aggregate) if aggregate.over.is_none())
        || aggregate::is_grouping(expr)
    {
        return false;
    }
    let is_left_out = |index| sets.iter().any(|set| !set.contains(&index));
    let mut left_out = (0..keys.len()).filter(|index| is_left_out(*index));
    left_out.any(|index| expr.any(&|part| *part == keys[index]))
}

/// `TOP n` is a limit.
fn top(select: &ast::Select) -> Result<Option<Expr>> {
    let Some(top) = &select.top else {
        return Ok(None);
    };
    if top.percent || top.with_ties {
        return Err(Error::unsupported("TOP … PERCENT or WITH TIES"));
    }
    let count = match &top.quantity {
        Some(ast::TopQuantity::Constant(count)) => Some(*count),
        Some(ast::TopQuantity::Expr(ast::Expr::Value(value))) => match &value.value {
            ast::Value::Number(digits, _) => digits.parse().ok(),
            _ => None,
        },
        _ => None,
    };
    let count = count.ok_or_else(|| Error::unsupported("TOP with an expression"))?;
    let ty = LogicalType::Number {
        precision: 18,
        scale: 0,
    };
    Ok(Some(Expr::literal(Literal::Number(count.into()), ty)))
}
