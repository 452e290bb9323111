//! INSERT: the source's columns brought to the table's.

use super::{check_type, default_of, is_default, table_of, target_columns};
use crate::bind::scope::Scope;
use crate::bind::{Binder, aggregate, constant_rows, expression, from, query, select, variables};
use crate::catalog::{Column, Object};
use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{
    Body, ConstantRows, Expr, ExprKind, Insert, OutputColumn, Query, Relation, Select,
};
use crate::types::LogicalType;

/// The table and the columns that INSERT names.
pub struct InsertTarget<'a> {
    pub object: &'a Object,
    /// The column list, folded; empty means all columns.
    pub columns: Vec<String>,
    pub overwrite: bool,
}

/// What INSERT writes.
#[derive(Clone, Copy)]
pub enum InsertSource<'a> {
    Query(&'a ast::Query),
    /// A VALUES list of constants.
    Constants(&'a ConstantRows),
}

/// Binds `INSERT INTO target source`.
pub fn insert(
    binder: &Binder<'_>,
    target: &InsertTarget<'_>,
    source: InsertSource<'_>,
) -> Result<Insert> {
    let table = table_of(target.object)?;
    let targets = target_columns(&table.columns, &target.columns)?;
    let bound = match source {
        InsertSource::Query(source) => {
            let mut scope = Scope::root();
            let source = with_defaults_named(binder, &mut scope, source, &table.columns, &targets)?;
            match array_tuple(binder, &source) {
                Some((tuple, rows)) => over_rows(binder, &scope, tuple, rows)?,
                None => {
                    let bound = query::query(binder, &scope, &source)?;
                    refuse_built_values(binder, &source, &bound)?;
                    bound
                }
            }
        }
        InsertSource::Constants(rows) => {
            let columns = (0..rows.types.len()).map(|index| constant_rows::column(rows, index));
            rows_query(rows, columns.collect())
        }
    };
    inserted(binder, target, bound)
}

/// The columns of a query brought to those of the table that it is written to.
pub(super) fn inserted(
    binder: &Binder<'_>,
    target: &InsertTarget<'_>,
    bound: Query,
) -> Result<Insert> {
    let table = table_of(target.object)?;
    let targets = target_columns(&table.columns, &target.columns)?;
    if bound.columns.len() != targets.len() {
        return Err(Error::insert_value_count(
            targets.len(),
            bound.columns.len(),
        ));
    }
    let wanted = targets
        .iter()
        .zip(&bound.columns)
        .enumerate()
        .map(|(index, (target, have))| {
            let column = &table.columns[*target];
            check_type(column, &have.ty, is_null_column(&bound, index))?;
            let ty = column.logical.clone();
            Ok(OutputColumn {
                name: column.name.clone(),
                ty,
                nullable: have.nullable,
                origin: None,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let source = query::converted(binder, bound, &wanted);
    let (source, targets) = with_defaults(binder, source, &table.columns, targets)?;
    let (relation, _, _) = from::table(binder, target.object)?;
    Ok(Insert {
        table: relation,
        targets,
        source,
        overwrite: target.overwrite,
    })
}

/// The only tuple of a VALUES list, when it stands for all rows of an array bind.
fn array_tuple<'q>(
    binder: &Binder<'q>,
    source: &'q ast::Query,
) -> Option<(&'q [ast::Expr], &'q ConstantRows)> {
    let rows = binder.variables.column_rows()?;
    match &*source.body {
        ast::SetExpr::Values(values) => match &values.rows[..] {
            [tuple] => Some((&tuple.content, rows)),
            _ => None,
        },
        _ => None,
    }
}

/// A tuple evaluated for each of the rows.
fn over_rows(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    tuple: &[ast::Expr],
    rows: &ConstantRows,
) -> Result<Query> {
    let exprs = tuple
        .iter()
        .map(|expr| expression::expression(binder, scope, expr))
        .collect::<Result<Vec<_>>>()?;
    Ok(rows_query(rows, exprs))
}

/// `SELECT … FROM rows`
fn rows_query(rows: &ConstantRows, projection: Vec<Expr>) -> Query {
    let outputs = projection
        .iter()
        .map(|expr| OutputColumn {
            name: String::new(),
            ty: expr.ty.clone(),
            nullable: expr.nullable,
            origin: None,
        })
        .collect();
    let select = Select {
        projection,
        from: Some(Relation::Rows {
            id: variables::ROWS,
            types: rows.types.clone(),
        }),
        ..select::empty()
    };
    query::plain(Body::Select(Box::new(select)), outputs)
}

/// VALUES takes no expression that builds a VARIANT, OBJECT or ARRAY, such as PARSE_JSON; a SELECT does.
fn refuse_built_values(binder: &Binder<'_>, source: &ast::Query, bound: &Query) -> Result<()> {
    let (ast::SetExpr::Values(written), Body::Values(rows)) = (&*source.body, &bound.body) else {
        return Ok(());
    };
    let is_semi_structured = |ty: &LogicalType| {
        matches!(
            ty,
            LogicalType::Variant | LogicalType::Object | LogicalType::Array
        )
    };
    let is_built = |expr: &Expr| match &expr.kind {
        ExprKind::Cast { operand, .. } => is_semi_structured(&operand.ty),
        ExprKind::Literal(_) => false,
        _ => is_semi_structured(&expr.ty),
    };
    for (row, written) in rows.iter().zip(&written.rows) {
        for (cell, written) in row.iter().zip(&written.content) {
            if is_built(cell) {
                let echo = aggregate::echo(binder, &Scope::root(), written);
                return Err(Error::invalid_values_expression(echo));
            }
        }
    }
    Ok(())
}

/// NULL fits any column.
fn is_null_column(query: &Query, column: usize) -> bool {
    match &query.body {
        Body::Select(select) => select
            .projection
            .get(column)
            .is_some_and(Expr::is_null_literal),
        Body::Values(rows) => rows
            .iter()
            .all(|row| row.get(column).is_some_and(Expr::is_null_literal)),
        Body::SetOperation { .. } => false,
    }
}

/// VALUES may say DEFAULT: a name that only `scope` knows, and that means the column's default, stands there instead.
fn with_defaults_named(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    source: &ast::Query,
    columns: &[Column],
    targets: &[usize],
) -> Result<ast::Query> {
    let mut source = source.clone();
    if let ast::SetExpr::Values(values) = &mut *source.body {
        for row in &mut values.rows {
            for (cell, target) in row.content.iter_mut().zip(targets) {
                if is_default(cell) {
                    // No client can write a zero byte into a name.
                    let name = format!("\0{target}");
                    if !scope.aliases.iter().any(|(known, _)| *known == name) {
                        let default = default_of(binder, &columns[*target])?;
                        scope.aliases.push((name.clone(), default));
                    }
                    *cell = ast::Expr::Identifier(ast::Ident::with_quote('"', name));
                }
            }
        }
    }
    Ok(source)
}

/// Columns that the statement leaves out get their default.
fn with_defaults(
    binder: &Binder<'_>,
    source: Query,
    columns: &[Column],
    mut targets: Vec<usize>,
) -> Result<(Query, Vec<usize>)> {
    let left_out: Vec<_> = columns
        .iter()
        .enumerate()
        .filter(|(index, column)| !targets.contains(index) && column.has_default())
        .collect();
    if left_out.is_empty() {
        return Ok((source, targets));
    }
    let id = binder.new_relation();
    let mut projection: Vec<Expr> = from::output_columns(id, &source.columns)
        .into_iter()
        .map(|column| column.expr)
        .collect();
    let mut outputs = source.columns.clone();
    for (index, column) in left_out {
        let default = default_of(binder, column)?;
        outputs.push(OutputColumn {
            name: column.name.clone(),
            ty: default.ty.clone(),
            nullable: default.nullable,
            origin: None,
        });
        projection.push(default);
        targets.push(index);
    }
    let derived = Relation::Derived {
        id,
        query: Box::new(source),
        lateral: false,
    };
    let select = Select {
        projection,
        from: Some(derived),
        ..select::empty()
    };
    Ok((
        query::plain(Body::Select(Box::new(select)), outputs),
        targets,
    ))
}
