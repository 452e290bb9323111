//! Joins: ON, USING, NATURAL, ASOF, and the `(+)` of WHERE.

use super::from::factor;
use super::scope::{Scope, Visible, VisibleColumn};
use super::{Binder, expression};
use crate::error::{Error, Result};
use crate::sql::{ObjectName, ast};
use crate::tree::{
    Call, Comparison, Expr, ExprKind, Form, JoinKind, Relation, RelationId, Returns,
};

/// Binds FROM and makes its relations visible in `scope`.
pub(super) fn from(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    from: &[ast::TableWithJoins],
) -> Result<Option<Relation>> {
    let mut whole: Option<Relation> = None;
    for item in from {
        let relation = table_with_joins(binder, scope, item)?;
        whole = Some(match whole {
            None => relation,
            Some(left) => beside(left, relation),
        });
    }
    Ok(whole)
}

/// FROM and the conditions of WHERE that mark outer joins with `(+)`; what is left of WHERE comes back.
///
/// Source: Snowflake, "JOIN"/"WHERE", `(+)`: the table whose columns are marked is the one that may be missing.
pub(super) fn from_with_marks<'q>(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    from: &[ast::TableWithJoins],
    selection: &'q ast::Expr,
) -> Result<(Option<Relation>, Vec<&'q ast::Expr>)> {
    let mut items = Vec::new();
    for item in from {
        let first = scope.relations.len();
        let relation = table_with_joins(binder, scope, item)?;
        items.push((relation, first..scope.relations.len(), Vec::<Expr>::new()));
    }
    let mut rest = Vec::new();
    let mut conditions = Vec::new();
    conjuncts(selection, &mut conditions);
    for condition in conditions {
        if !condition.to_string().contains("(+)") {
            rest.push(condition);
            continue;
        }
        let (bound, marked) = binder.marked(|| expression::predicate(binder, scope, condition))?;
        let Some(first) = marked.first() else {
            rest.push(condition);
            continue;
        };
        let item_of = |relation: RelationId| {
            items
                .iter()
                .position(|(_, range, _)| range.clone().any(|index| scope.is(index, relation)))
        };
        let item = item_of(*first);
        let item = item.ok_or_else(|| Error::unsupported("(+) at a column of an outer query"))?;
        if marked.iter().any(|other| item_of(*other) != Some(item)) {
            return Err(Error::unsupported("(+) at columns of several tables"));
        }
        items[item].2.push(bound);
    }
    for (_, range, conditions) in &items {
        if !conditions.is_empty() {
            nullable(scope, range.clone());
        }
    }
    // Tables that must be there come first; one that may be missing joins when all that its conditions name is there.
    let (mut optional, needed): (Vec<_>, Vec<_>) = items
        .into_iter()
        .partition(|(_, _, conditions)| !conditions.is_empty());
    let mut whole: Option<Relation> = None;
    let mut there: Vec<usize> = Vec::new();
    for (relation, range, _) in needed {
        there.extend(range);
        whole = Some(match whole {
            None => relation,
            Some(left) => beside(left, relation),
        });
    }
    while !optional.is_empty() {
        let ready = optional.iter().position(|(_, range, conditions)| {
            let is_missing = |expr: &Expr| match &expr.kind {
                ExprKind::Column(column) => (0..scope.relations.len()).any(|index| {
                    scope.is(index, column.relation)
                        && !there.contains(&index)
                        && !range.contains(&index)
                }),
                _ => false,
            };
            !conditions
                .iter()
                .any(|condition| condition.any(&is_missing))
        });
        let (Some(ready), Some(left)) = (ready, whole.take()) else {
            return Err(Error::unsupported("(+) in a circle of tables"));
        };
        let (relation, range, conditions) = optional.remove(ready);
        there.extend(range);
        let nullable = conditions.iter().any(|condition| condition.nullable);
        let condition = Expr::boolean(ExprKind::And(conditions), nullable);
        whole = Some(join(JoinKind::Left, left, relation, Some(condition)));
    }
    Ok((whole, rest))
}

pub(super) fn conjuncts<'q>(condition: &'q ast::Expr, found: &mut Vec<&'q ast::Expr>) {
    match condition {
        ast::Expr::BinaryOp {
            left,
            op: ast::BinaryOperator::And,
            right,
        } => {
            conjuncts(left, found);
            conjuncts(right, found);
        }
        ast::Expr::Nested(inner) => conjuncts(inner, found),
        other => found.push(other),
    }
}

/// `left, right`. A table function that begins `right` may use the columns of `left`, so it stands directly beside it.
fn beside(left: Relation, right: Relation) -> Relation {
    match right {
        Relation::Join {
            kind: kind @ (JoinKind::Inner | JoinKind::Cross | JoinKind::Left),
            left: first,
            right: second,
            condition,
        } if begins_with_function(&first) => join(kind, beside(left, *first), *second, condition),
        right => join(JoinKind::Cross, left, right, None),
    }
}

fn begins_with_function(relation: &Relation) -> bool {
    match relation {
        Relation::Function(_) => true,
        Relation::Join { left, .. } => begins_with_function(left),
        _ => false,
    }
}

fn join(kind: JoinKind, left: Relation, right: Relation, condition: Option<Expr>) -> Relation {
    Relation::Join {
        kind,
        left: Box::new(left),
        right: Box::new(right),
        condition,
    }
}

pub(super) fn table_with_joins(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    item: &ast::TableWithJoins,
) -> Result<Relation> {
    let first = scope.relations.len();
    let mut whole = factor(binder, scope, &item.relation)?;
    for joined in &item.joins {
        let right_start = scope.relations.len();
        let right = factor(binder, scope, &joined.relation)?;
        let (kind, constraint) = join_kind(&joined.join_operator)?;
        let matching = match &joined.join_operator {
            ast::JoinOperator::AsOf {
                match_condition, ..
            } => Some(expression::predicate(binder, scope, match_condition)?),
            _ => None,
        };
        let condition = match constraint {
            ast::JoinConstraint::On(on) => {
                let condition = expression::predicate(binder, scope, on)?;
                super::aggregate::refuse(binder, scope, &condition, on, "ON clause")?;
                Some(condition)
            }
            ast::JoinConstraint::Using(names) => {
                let names = names
                    .iter()
                    .map(|name| {
                        Ok(ObjectName::from_parsed(name, binder.folding)?
                            .last()
                            .to_owned())
                    })
                    .collect::<Result<Vec<_>>>()?;
                Some(using(scope, first, right_start, kind, &names)?)
            }
            ast::JoinConstraint::Natural => {
                let names = shared_names(scope, first, right_start);
                if names.is_empty() {
                    None
                } else {
                    Some(using(scope, first, right_start, kind, &names)?)
                }
            }
            ast::JoinConstraint::None => None,
        };
        make_nullable(scope, first, right_start, kind);
        let condition = match (matching, condition) {
            (Some(matching), Some(condition)) => Some(Expr::boolean(
                ExprKind::And(vec![condition, matching]),
                true,
            )),
            (matching, condition) => matching.or(condition),
        };
        let kind = match (kind, &condition) {
            (JoinKind::Inner, None) => JoinKind::Cross,
            (JoinKind::Left, None) if matches!(right, Relation::Function(_)) => JoinKind::Left,
            (JoinKind::Left | JoinKind::Right | JoinKind::Full, None) => {
                return Err(Error::unsupported("outer join without a condition"));
            }
            (kind, _) => kind,
        };
        whole = join(kind, whole, right, condition);
    }
    Ok(whole)
}

fn join_kind(operator: &ast::JoinOperator) -> Result<(JoinKind, &ast::JoinConstraint)> {
    use ast::JoinOperator as Op;
    Ok(match operator {
        Op::Join(constraint) | Op::Inner(constraint) => (JoinKind::Inner, constraint),
        Op::Left(constraint) | Op::LeftOuter(constraint) => (JoinKind::Left, constraint),
        Op::Right(constraint) | Op::RightOuter(constraint) => (JoinKind::Right, constraint),
        Op::FullOuter(constraint) => (JoinKind::Full, constraint),
        // CROSS JOIN … ON is an inner join in Snowflake.
        Op::CrossJoin(constraint) => (JoinKind::Inner, constraint),
        Op::AsOf { constraint, .. } => (JoinKind::AsOf, constraint),
        _ => return Err(Error::unsupported("this kind of join")),
    })
}

/// The columns that an outer join can leave out become nullable.
fn make_nullable(scope: &mut Scope<'_>, first: usize, right_start: usize, kind: JoinKind) {
    let (left, right) = match kind {
        JoinKind::Inner | JoinKind::Cross => (false, false),
        JoinKind::Left | JoinKind::AsOf => (false, true),
        JoinKind::Right => (true, false),
        JoinKind::Full => (true, true),
    };
    if left {
        nullable(scope, first..right_start);
    }
    if right {
        nullable(scope, right_start..scope.relations.len());
    }
}

fn nullable(scope: &mut Scope<'_>, relations: std::ops::Range<usize>) {
    for relation in &mut scope.relations[relations] {
        relation
            .columns
            .iter_mut()
            .for_each(|column| column.expr.nullable = true);
    }
}

fn shared_names(scope: &Scope<'_>, first: usize, right_start: usize) -> Vec<String> {
    let right: Vec<_> = scope.relations[right_start..]
        .iter()
        .flat_map(|r| &r.columns)
        .collect();
    scope.relations[first..right_start]
        .iter()
        .flat_map(|relation| &relation.columns)
        .filter(|column| !column.merged_away && right.iter().any(|other| other.name == column.name))
        .map(|column| column.name.clone())
        .collect()
}

/// USING: equal columns of both sides, of which one is seen from here on.
fn using(
    scope: &mut Scope<'_>,
    first: usize,
    right_start: usize,
    kind: JoinKind,
    names: &[String],
) -> Result<Expr> {
    let mut conditions = Vec::new();
    for name in names {
        let left = match scope.merged.iter().position(|column| column.name == *name) {
            Some(merged) => scope.merged.remove(merged),
            None => take(&mut scope.relations[first..right_start], name)?,
        };
        let right = take(&mut scope.relations[right_start..], name)?;
        let (l, r) = super::operators::comparable(left.expr.clone(), right.expr.clone())?;
        let nullable = l.nullable || r.nullable;
        conditions.push(Expr::boolean(
            ExprKind::Compare {
                operator: Comparison::Equal,
                left: Box::new(l.clone()),
                right: Box::new(r.clone()),
            },
            nullable,
        ));
        let expr = match kind {
            JoinKind::Inner | JoinKind::Left | JoinKind::AsOf | JoinKind::Cross => left.expr,
            JoinKind::Right => right.expr,
            JoinKind::Full => {
                let ty = l.ty.clone();
                let call = Call {
                    form: Form::Template("coalesce($1, $2)"),
                    arguments: vec![l.clone(), r.clone().cast(l.ty)],
                    unified: vec![0, 1],
                    returns: Returns::Unified,
                };
                Expr::new(ExprKind::Call(call), ty, true)
            }
        };
        scope.merged.push(VisibleColumn {
            name: name.clone(),
            expr,
            origin: left.origin,
            merged_away: false,
        });
    }
    Ok(match conditions.len() {
        1 => conditions.remove(0),
        _ => {
            let nullable = conditions.iter().any(|condition| condition.nullable);
            Expr::boolean(ExprKind::And(conditions), nullable)
        }
    })
}

/// The only column called `name`; from now on left out of `*`.
fn take(relations: &mut [Visible], name: &str) -> Result<VisibleColumn> {
    let mut found = relations
        .iter_mut()
        .flat_map(|relation| &mut relation.columns)
        .filter(|column| column.name == name && !column.merged_away);
    let column = found
        .next()
        .ok_or_else(|| Error::invalid_identifier(crate::sql::quote(name)))?;
    if found.next().is_some() {
        return Err(Error::ambiguous_column(name));
    }
    column.merged_away = true;
    Ok(column.clone())
}
