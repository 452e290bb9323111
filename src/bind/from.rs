//! What FROM names: tables, derived tables, common table expressions.

use super::scope::{Scope, Visible, VisibleColumn};
use super::table_function::{TableCall, table_function};
use super::{Binder, join, pivot, query, result_scan, sample, staged};
use crate::catalog::{Detail, Object, ObjectKind};
use crate::error::{Error, Result};
use crate::sql::{ObjectName, ast};
use crate::tree::{
    ColumnRef, Expr, ExprKind, Origin, OutputColumn, Relation, RelationId, StoredColumn,
    TableRelation,
};

pub(super) fn factor(
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
            if version.is_some() {
                return Err(Error::unsupported("time travel"));
            }
            if let Some(relation) = staged::relation(binder, scope, name, alias.as_ref())? {
                return sample::sampled(relation, sample.as_ref());
            }
            if let Some(args) = args {
                let call = TableCall {
                    name,
                    arguments: &args.args,
                    alias: alias.as_ref(),
                };
                let relation = table_function(binder, scope, &call)?;
                return sample::sampled(relation, sample.as_ref());
            }
            let name = ObjectName::from_parsed(name, binder.folding)?;
            let relation = named(binder, scope, &name, alias.as_ref())?;
            sample::sampled(relation, sample.as_ref())
        }
        ast::TableFactor::Derived {
            lateral,
            subquery,
            alias,
            sample,
        } => {
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
            let relation = Relation::Derived {
                id,
                query: Box::new(bound),
                lateral: *lateral,
            };
            sample::sampled(relation, sample.as_ref())
        }
        ast::TableFactor::NestedJoin {
            table_with_joins: inner,
            alias,
        } => {
            if alias.is_some() {
                return Err(Error::unsupported("alias of a parenthesized join"));
            }
            join::table_with_joins(binder, scope, inner)
        }
        ast::TableFactor::TableFunction { expr, alias } => {
            if let Some((relation, columns)) = result_scan::relation(binder, expr)? {
                let name = alias
                    .as_ref()
                    .map_or_else(String::new, |alias| binder.fold(&alias.name));
                show(binder, scope, name, None, columns, alias.as_ref())?;
                return Ok(relation);
            }
            let ast::Expr::Function(function) = expr else {
                return Err(Error::unsupported("TABLE of something that is no function"));
            };
            let arguments = match &function.args {
                ast::FunctionArguments::List(list) => &list.args[..],
                ast::FunctionArguments::None | ast::FunctionArguments::Subquery(_) => &[],
            };
            let call = TableCall {
                name: &function.name,
                arguments,
                alias: alias.as_ref(),
            };
            table_function(binder, scope, &call)
        }
        ast::TableFactor::Function {
            name, args, alias, ..
        } => {
            let call = TableCall {
                name,
                arguments: args,
                alias: alias.as_ref(),
            };
            table_function(binder, scope, &call)
        }
        ast::TableFactor::Pivot {
            table,
            aggregate_functions,
            value_column,
            value_source,
            default_on_null,
            alias,
        } => pivot::pivot(
            binder,
            scope,
            &pivot::Pivot {
                table,
                aggregates: aggregate_functions,
                column: value_column,
                values: value_source,
                default_on_null: default_on_null.as_ref(),
                alias: alias.as_ref(),
            },
        ),
        ast::TableFactor::Unpivot {
            table,
            value,
            name,
            columns,
            null_inclusion,
            alias,
        } => pivot::unpivot(
            binder,
            scope,
            &pivot::Unpivot {
                table,
                value,
                name,
                columns,
                include_nulls: matches!(null_inclusion, Some(ast::NullInclusion::IncludeNulls)),
                alias: alias.as_ref(),
            },
        ),
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
    if let Some((relation, qualifier, columns)) = super::system::view(binder, name)? {
        let qualifier = alias.is_none().then_some(qualifier);
        show(binder, scope, visible_name, qualifier, columns, alias)?;
        return Ok(relation);
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

pub(super) fn show(
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
