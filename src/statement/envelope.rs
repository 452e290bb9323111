//! What a failed write says: `DML operation to table T failed on column C with error: …`.
//!
//! The engine says which value failed, but not whose it was. So when a write has failed over a value, the value of each
//! column is computed alone, in order, until one fails in the same way.
//!
//! Source: recorded answers of a live account. The table is named as the statement writes it (a CTAS: one level up). INSERT,
//! UPDATE and the INSERT of MERGE say the column of every value that cannot be computed; UPDATE … FROM and the UPDATE of
//! MERGE only of one that cannot be written; DELETE none.

use arrow::array::RecordBatch;

use super::{Context, transaction};
use crate::catalog::{Detail, ObjectId};
use crate::error::{Error, ErrorCode, Result};
use crate::lower::{self, Lowered};
use crate::tree::{Assignment, Body, Expr, ExprKind, OutputColumn, Query, Relation, Select};

/// The values that a write computes, and the table that it writes them into.
pub(super) struct Values {
    /// As the statement writes it.
    pub table: String,
    /// In the order in which they are looked at.
    pub values: Vec<Value>,
    /// What the values see as the table `rows`.
    pub rows: Option<RecordBatch>,
}

/// The value of a column.
pub(super) struct Value {
    pub column: String,
    /// SQL that fails if the value cannot be written.
    pub sql: String,
    /// SQL that fails if it cannot be computed, where that says no column.
    pub bare: Option<String>,
}

impl Value {
    /// Column `index` of a query.
    pub fn of(column: &str, query: &Lowered, index: usize) -> Self {
        Value {
            column: column.to_owned(),
            sql: lower::values_of(query, index),
            bare: None,
        }
    }
}

/// The error of a write, with the column that it failed on if that can be found out.
pub(super) fn named(
    context: &mut Context<'_>,
    error: Error,
    values: impl FnOnce(&Context<'_>) -> Result<Values>,
) -> Error {
    if !is_of_a_value(error.code()) {
        return error;
    }
    let error = transaction::recover(context, error);
    if error.code() == ErrorCode::TransactionLost {
        return error;
    }
    let values = match values(context) {
        Ok(values) => values,
        Err(unbound) => {
            tracing::debug!(%unbound, "the values of a failed write");
            return error;
        }
    };
    for value in &values.values {
        match failure(context, &value.sql, values.rows.as_ref()) {
            Some(found) if found.code() == ErrorCode::TransactionLost => return found,
            Some(found) if found.to_string() == error.to_string() => {}
            _ => continue,
        }
        let is_bare = value.bare.as_ref().is_some_and(|sql| {
            let found = failure(context, sql, values.rows.as_ref());
            found.is_some()
        });
        return match is_bare {
            true => error,
            false => error.in_write(&values.table, &value.column),
        };
    }
    error
}

/// How SQL fails, if it does; a transaction that ends with it is brought back.
fn failure(context: &mut Context<'_>, sql: &str, rows: Option<&RecordBatch>) -> Option<Error> {
    let outcome = match rows {
        Some(rows) => context.connection.execute_over(sql, rows),
        None => context.connection.execute(sql).map(drop),
    };
    outcome
        .err()
        .map(|error| transaction::recover(context, error))
}

/// Whether an error is about one value: not the cancel of a statement, and not what says no column in Snowflake either.
fn is_of_a_value(code: ErrorCode) -> bool {
    // assumption: a division by zero says no column, as users of CTAS report it.
    let others = [
        ErrorCode::DivisionByZero,
        ErrorCode::DuplicateRow,
        ErrorCode::SingleRowSubquery,
        // The engine names the column itself.
        ErrorCode::NullInNonNullableColumn,
    ];
    (100_000..200_000).contains(&code.number()) && !others.contains(&code)
}

/// The values that assignments give to columns of a table, over the rows of a relation that meet a condition. Where they
/// are `bare`, one that cannot be computed says no column.
pub(super) fn assigned(
    context: &Context<'_>,
    table: ObjectId,
    assignments: &[Assignment],
    (from, condition): (&Relation, Option<&Expr>),
    bare: bool,
) -> Result<Vec<Value>> {
    let snapshot = context.instance.catalog.snapshot();
    let object = snapshot.get(table).ok_or_else(Error::object_or_operation)?;
    let Detail::Table(table) = &object.detail else {
        return Err(Error::object_or_operation());
    };
    let facts = context.facts();
    let sql = |value: Expr| -> Result<String> {
        let query = query_of(value, from.clone(), condition.cloned());
        Ok(lower::values_of(&lower::query(&query, &facts)?, 0))
    };
    let values = assignments.iter().map(|assignment| {
        Ok(Value {
            column: table.columns[assignment.target].name.clone(),
            sql: sql(assignment.value.clone())?,
            bare: match bare {
                true => Some(sql(computed(&assignment.value))?),
                false => None,
            },
        })
    });
    values.collect()
}

/// `SELECT value FROM relation WHERE condition`
fn query_of(value: Expr, from: Relation, condition: Option<Expr>) -> Query {
    let columns = vec![OutputColumn {
        name: String::new(),
        ty: value.ty.clone(),
        nullable: value.nullable,
        origin: None,
    }];
    let select = Select {
        distinct: false,
        from: Some(from),
        filter: condition,
        grouping: None,
        having: None,
        qualify: None,
        projection: vec![value],
    };
    Query {
        ctes: vec![],
        body: Body::Select(Box::new(select)),
        order_by: vec![],
        limit: None,
        offset: None,
        columns,
    }
}

/// A value before it is brought to its column's length, or precision and scale. A cast from another kind of type is taken
/// for the statement's own, which may be what it is.
fn computed(value: &Expr) -> Expr {
    match &value.kind {
        ExprKind::Cast { operand, .. }
            if std::mem::discriminant(&operand.ty) == std::mem::discriminant(&value.ty) =>
        {
            (**operand).clone()
        }
        _ => value.clone(),
    }
}

/// Column `index` of a query alone, where it can be taken out.
pub(super) fn column(query: &Query, index: usize) -> Query {
    let mut alone = query.clone();
    if let Body::Values(rows) = &mut alone.body
        && alone.order_by.is_empty()
        && alone.columns.len() > index
    {
        rows.iter_mut()
            .for_each(|row| *row = vec![row.swap_remove(index)]);
        alone.columns = vec![alone.columns.swap_remove(index)];
    }
    alone
}
