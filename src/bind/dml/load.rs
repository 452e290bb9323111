//! COPY INTO a table: the columns of files brought to the table's.

use super::insert::inserted;
use super::{InsertTarget, table_of, target_columns};
use crate::bind::scope::VisibleColumn;
use crate::bind::{Binder, StagedFiles, call, literal, query, select, staged};
use crate::catalog::{Column, Table};
use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{Body, Expr, Insert, Literal, OutputColumn, Query, Relation, Select};
use crate::types::LogicalType;

/// Where the values of a table's columns are in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadSource<'a> {
    /// The first field for the first column, and so on; a document for the only one.
    InOrder,
    /// For each of the table's columns, the number of a field from 0; `None` gives NULL.
    Matched(Vec<Option<usize>>),
    /// Members of a document that are called like the columns.
    Members { ignoring_case: bool },
    /// What a query over the files gives.
    Query(&'a ast::Query),
}

/// What is loaded.
pub struct Load<'a> {
    pub files: &'a StagedFiles,
    pub source: LoadSource<'a>,
    /// Cut text that is longer than its column (TRUNCATECOLUMNS).
    pub truncate: bool,
    /// INCLUDE_METADATA: column of the table, column of metadata.
    pub metadata: &'a [(String, String)],
}

/// Binds a load as the INSERT that writes it.
pub fn load(binder: &Binder<'_>, target: &InsertTarget<'_>, load: &Load<'_>) -> Result<Insert> {
    let table = table_of(target.object)?;
    let bound = match &load.source {
        LoadSource::Query(source) => binder.query(source)?,
        _ => {
            let targets = target_columns(&table.columns, &target.columns)?;
            let (relation, visible) = staged::of_files(binder, load.files)?;
            let columns = targets.iter().map(|index| &table.columns[*index]);
            let mut values = vec![];
            for (place, (index, column)) in targets.iter().zip(columns).enumerate() {
                let value = match metadata_column(load, column, &visible)? {
                    Some(value) => value,
                    None => value(binder, load, &visible, place, *index, column)?,
                };
                values.push(value);
            }
            of_relation(relation, values)
        }
    };
    let bound = if load.truncate {
        let targets = target_columns(&table.columns, &target.columns)?;
        let columns = targets.iter().map(|index| &table.columns[*index]);
        truncated(binder, bound, columns)?
    } else {
        bound
    };
    inserted(binder, target, cast(bound, table, target)?)
}

/// Text and what documents hold become any type here, where INSERT wants a cast.
fn cast(mut query: Query, table: &Table, target: &InsertTarget<'_>) -> Result<Query> {
    let targets = target_columns(&table.columns, &target.columns)?;
    let Body::Select(select) = &mut query.body else {
        return Ok(query);
    };
    if select.distinct {
        return Ok(query);
    }
    let values = select.projection.iter_mut().zip(&mut query.columns);
    for ((value, output), index) in values.zip(&targets) {
        let from_file = matches!(value.ty, LogicalType::Varchar { .. } | LogicalType::Variant);
        if from_file && !value.is_null_literal() {
            *value = value.clone().cast(table.columns[*index].logical.clone());
            output.ty = value.ty.clone();
        }
    }
    Ok(query)
}

/// The value of a column: the `place`-th that is loaded, the table's `index`-th.
fn value(
    binder: &Binder<'_>,
    load: &Load<'_>,
    visible: &[VisibleColumn],
    place: usize,
    index: usize,
    column: &Column,
) -> Result<Expr> {
    let field = |number: usize| -> Result<Expr> {
        let field = visible.get(number).map(|column| column.expr.clone());
        let field = field.filter(|_| number < load.files.shape.width());
        let Some(field) = field else {
            return Ok(literal::null());
        };
        let holds_anything = matches!(
            column.logical,
            LogicalType::Variant | LogicalType::Object | LogicalType::Array
        );
        // Text in a file is JSON to such a column.
        if holds_anything && matches!(field.ty, LogicalType::Varchar { .. }) {
            return call::named(binder, "PARSE_JSON", vec![field], "PARSE_JSON");
        }
        Ok(field)
    };
    match &load.source {
        LoadSource::InOrder => field(place),
        LoadSource::Matched(fields) => match fields.get(index).copied().flatten() {
            Some(number) => field(number),
            None => Ok(literal::null()),
        },
        LoadSource::Members { ignoring_case } => {
            let function = if *ignoring_case {
                "GET_IGNORE_CASE"
            } else {
                "GET"
            };
            let name = Literal::Text(column.name.clone());
            let name = Expr::literal(name, LogicalType::TEXT);
            let document = field_of_document(visible)?;
            let member = call::named(binder, function, vec![document, name], function)?;
            Ok(member)
        }
        LoadSource::Query(_) => Err(Error::internal("the columns of a query are its own")),
    }
}

fn field_of_document(visible: &[VisibleColumn]) -> Result<Expr> {
    let document = visible.first().map(|column| column.expr.clone());
    document.ok_or_else(|| Error::internal("a document without a column"))
}

/// The column of metadata that INCLUDE_METADATA names for a column of the table.
fn metadata_column(
    load: &Load<'_>,
    column: &Column,
    visible: &[VisibleColumn],
) -> Result<Option<Expr>> {
    let named = load.metadata.iter().find(|(name, _)| *name == column.name);
    let Some((_, metadata)) = named else {
        return Ok(None);
    };
    let found = visible.iter().find(|column| column.name == *metadata);
    let found = found.ok_or_else(|| Error::invalid_identifier(metadata))?;
    Ok(Some(found.expr.clone()))
}

/// `SELECT values FROM relation`
fn of_relation(relation: Relation, values: Vec<Expr>) -> Query {
    let outputs = values
        .iter()
        .map(|expr| OutputColumn {
            name: String::new(),
            ty: expr.ty.clone(),
            nullable: expr.nullable,
            origin: None,
        })
        .collect();
    let select = Select {
        projection: values,
        from: Some(relation),
        ..select::empty()
    };
    query::plain(Body::Select(Box::new(select)), outputs)
}

/// A query whose texts are cut to the length of the columns that they go to.
fn truncated<'c>(
    binder: &Binder<'_>,
    mut query: Query,
    columns: impl Iterator<Item = &'c Column>,
) -> Result<Query> {
    let Body::Select(select) = &mut query.body else {
        return Ok(query);
    };
    for ((value, output), column) in select
        .projection
        .iter_mut()
        .zip(&mut query.columns)
        .zip(columns)
    {
        let LogicalType::Varchar { length, .. } = &column.logical else {
            continue;
        };
        let length = Literal::Number(i128::from(*length));
        let length = Expr::literal(length, LogicalType::INTEGER);
        let text = value.clone().cast(LogicalType::TEXT);
        *value = call::named(binder, "LEFT", vec![text, length], "LEFT")?;
        output.ty = value.ty.clone();
    }
    Ok(query)
}
