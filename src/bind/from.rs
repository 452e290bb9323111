//! FROM: tables, derived tables, common table expressions, joins.

use super::scope::{Scope, Visible, VisibleColumn};
use super::{Binder, expression, query};
use crate::catalog::{Detail, Object, ObjectKind};
use crate::error::{Error, Result};
use crate::sql::{ObjectName, ast};
use crate::tree::{
    Call, ColumnRef, Comparison, Expr, ExprKind, Form, JoinKind, Origin, OutputColumn, Relation,
    RelationId, Returns, StoredColumn, TableRelation,
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
            Some(left) => join(JoinKind::Cross, left, relation, None),
        });
    }
    Ok(whole)
}

fn join(kind: JoinKind, left: Relation, right: Relation, condition: Option<Expr>) -> Relation {
    Relation::Join {
        kind,
        left: Box::new(left),
        right: Box::new(right),
        condition,
    }
}

fn table_with_joins(
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
        let condition = match constraint {
            ast::JoinConstraint::On(on) => {
                let condition = expression::condition(binder, scope, on)?;
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
        let kind = match (kind, &condition) {
            (JoinKind::Inner, None) => JoinKind::Cross,
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
        Op::AsOf { .. } => return Err(Error::unsupported("ASOF JOIN")),
        _ => return Err(Error::unsupported("this kind of join")),
    })
}

/// The columns that an outer join can leave out become nullable.
fn make_nullable(scope: &mut Scope<'_>, first: usize, right_start: usize, kind: JoinKind) {
    let (left, right) = match kind {
        JoinKind::Inner | JoinKind::Cross => (false, false),
        JoinKind::Left => (false, true),
        JoinKind::Right => (true, false),
        JoinKind::Full => (true, true),
    };
    for (index, relation) in scope.relations.iter_mut().enumerate().skip(first) {
        if (index < right_start && left) || (index >= right_start && right) {
            relation
                .columns
                .iter_mut()
                .for_each(|column| column.expr.nullable = true);
        }
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
            JoinKind::Inner | JoinKind::Left | JoinKind::Cross => left.expr,
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

fn factor(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    factor: &ast::TableFactor,
) -> Result<Relation> {
    match factor {
        ast::TableFactor::Table {
            name,
            alias,
            args,
            version,
            sample,
            ..
        } => {
            if args.is_some() {
                return Err(Error::unsupported("table function"));
            }
            if version.is_some() {
                return Err(Error::unsupported("time travel"));
            }
            if sample.is_some() {
                return Err(Error::unsupported("SAMPLE"));
            }
            let name = ObjectName::from_parsed(name, binder.folding)?;
            named(binder, scope, &name, alias.as_ref())
        }
        ast::TableFactor::Derived {
            lateral,
            subquery,
            alias,
            sample,
        } => {
            if sample.is_some() {
                return Err(Error::unsupported("SAMPLE"));
            }
            let bound = if *lateral {
                query::query(binder, scope, subquery)?
            } else {
                // A plain derived table sees the common table expressions, not its neighbours.
                let outer = Scope::of_ctes(scope);
                query::query(binder, &outer, subquery)?
            };
            let id = binder.new_relation();
            let name = alias
                .as_ref()
                .map_or_else(String::new, |alias| binder.fold(&alias.name));
            let columns = output_columns(id, &bound.columns);
            show(binder, scope, name, None, columns, alias.as_ref())?;
            Ok(Relation::Derived {
                id,
                query: Box::new(bound),
                lateral: *lateral,
            })
        }
        ast::TableFactor::NestedJoin {
            table_with_joins: inner,
            alias,
        } => {
            if alias.is_some() {
                return Err(Error::unsupported("alias of a parenthesized join"));
            }
            table_with_joins(binder, scope, inner)
        }
        ast::TableFactor::TableFunction { .. } | ast::TableFactor::Function { .. } => {
            Err(Error::unsupported("table function"))
        }
        ast::TableFactor::Pivot { .. } => Err(Error::unsupported("PIVOT")),
        ast::TableFactor::Unpivot { .. } => Err(Error::unsupported("UNPIVOT")),
        ast::TableFactor::MatchRecognize { .. } => Err(Error::unsupported("MATCH_RECOGNIZE")),
        _ => Err(Error::unsupported("this kind of relation in FROM")),
    }
}

/// A table or common table expression by name.
fn named(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    name: &ObjectName,
    alias: Option<&ast::TableAlias>,
) -> Result<Relation> {
    let visible_name = match alias {
        Some(alias) => binder.fold(&alias.name),
        None => name.last().to_owned(),
    };
    if let [single] = &name.parts[..]
        && let Some(cte) = scope.cte(single).cloned()
    {
        let id = binder.new_relation();
        show(
            binder,
            scope,
            visible_name,
            None,
            output_columns(id, &cte.columns),
            alias,
        )?;
        return Ok(Relation::Cte { id, cte: cte.id });
    }
    let object = binder
        .lookup
        .find(ObjectKind::Table, &name.parts, binder.action)?
        .ok_or_else(|| Error::object_does_not_exist("Object", name))?;
    let (relation, origin, columns) = match &object.detail {
        Detail::View(view) => {
            let query = super::view::view(binder, object, view)?;
            let origin = origin(binder, object);
            let id = binder.new_relation();
            let mut columns = output_columns(id, &query.query.columns);
            for (column, declared) in columns.iter_mut().zip(&view.columns) {
                column.name.clone_from(&declared.name);
                column.origin = Some(origin.clone());
            }
            (Relation::View { id, view: query }, origin, columns)
        }
        _ => {
            let (relation, origin, columns) = table(binder, object)?;
            (Relation::Table(relation), origin, columns)
        }
    };
    let qualifier = alias.is_none().then_some((origin.database, origin.schema));
    show(binder, scope, visible_name, qualifier, columns, alias)?;
    Ok(relation)
}

/// A table as a relation, and its columns.
pub(super) fn table(
    binder: &Binder<'_>,
    object: &Object,
) -> Result<(TableRelation, Origin, Vec<VisibleColumn>)> {
    let Detail::Table(table) = &object.detail else {
        return Err(Error::object_does_not_exist("Object", &object.name));
    };
    let origin = origin(binder, object);
    let id = binder.new_relation();
    let columns = table
        .columns
        .iter()
        .map(|column| VisibleColumn {
            name: column.name.clone(),
            expr: Expr::new(
                ExprKind::Column(ColumnRef {
                    relation: id,
                    column: column.number,
                }),
                column.logical.clone(),
                column.nullable,
            ),
            origin: Some(origin.clone()),
            merged_away: false,
        })
        .collect();
    let stored = table
        .columns
        .iter()
        .map(|column| StoredColumn {
            number: column.number,
            physical: column.physical,
        })
        .collect();
    let relation = TableRelation {
        id,
        physical_name: table.physical_name.clone(),
        columns: stored,
    };
    Ok((relation, origin, columns))
}

fn origin(binder: &Binder<'_>, object: &Object) -> Origin {
    let schema = binder.lookup.snapshot.get(object.parent);
    let database = schema.and_then(|schema| binder.lookup.snapshot.get(schema.parent));
    let name = |object: Option<&std::sync::Arc<Object>>| {
        object.map_or_else(String::new, |o| o.name.clone())
    };
    Origin {
        database: name(database),
        schema: name(schema),
        table: object.name.clone(),
    }
}

/// The columns that a derived table gives: `c0`, `c1`, ….
pub(super) fn output_columns(id: RelationId, columns: &[OutputColumn]) -> Vec<VisibleColumn> {
    columns
        .iter()
        .zip(0..)
        .map(|(column, number)| VisibleColumn {
            name: column.name.clone(),
            expr: Expr::new(
                ExprKind::Column(ColumnRef {
                    relation: id,
                    column: number,
                }),
                column.ty.clone(),
                column.nullable,
            ),
            origin: column.origin.clone(),
            merged_away: false,
        })
        .collect()
}

fn show(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    name: String,
    qualifier: Option<(String, String)>,
    mut columns: Vec<VisibleColumn>,
    alias: Option<&ast::TableAlias>,
) -> Result<()> {
    let names = alias.map_or(&[][..], |alias| &alias.columns);
    if names.len() > columns.len() {
        return Err(Error::invalid_identifier(
            binder.fold(&names[columns.len()].name),
        ));
    }
    for (column, renamed) in columns.iter_mut().zip(names) {
        column.name = binder.fold(&renamed.name);
    }
    scope.relations.push(Visible {
        name,
        qualifier,
        columns,
    });
    Ok(())
}
