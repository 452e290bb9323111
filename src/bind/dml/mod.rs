//! Statements that write rows: their tables and columns, and the values brought to the columns' types.
//!
//! A file for each verb; here is what they share.

mod delete;
mod insert;
mod insert_all;
mod load;
mod merge;
mod update;

pub use delete::{DeleteTarget, delete};
pub use insert::{InsertSource, InsertTarget, insert};
pub use insert_all::{IntoTarget, MultiBranch, MultiCondition, insert_all};
pub use load::{Load, LoadSource, load};
pub use merge::{MergeBranch, MergeDo, MergeTarget, merge};
pub use update::{UpdateTarget, update};

use super::scope::Scope;
use super::{Binder, expression, from, join};
use crate::catalog::{Column, Detail, Object, Table};
use crate::error::{Error, Result};
use crate::functions;
use crate::sql::{ObjectName, Source, ast, position_of};
use crate::tree::{Assignment, Expr, ExprKind, Literal, Relation, TableRelation};
use crate::types::{LogicalType, coercion};

fn table_of(object: &Object) -> Result<&Table> {
    match &object.detail {
        Detail::Table(table) if table.dynamic.is_some() => {
            Err(Error::dynamic_table_written(&object.name))
        }
        Detail::Table(table) => Ok(table),
        _ => Err(Error::object_does_not_exist("Table", &object.name)),
    }
}

/// The table that is written, made visible in `scope` under its alias.
fn visible_target(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    object: &Object,
    alias: Option<&str>,
) -> Result<TableRelation> {
    let (relation, origin, columns) = from::table(binder, object)?;
    let qualifier = alias.is_none().then_some((origin.database, origin.schema));
    let name = alias.unwrap_or(&object.name).to_owned();
    scope.relations.push(super::scope::Visible {
        name,
        qualifier,
        columns,
    });
    Ok(relation)
}

/// The further relations of UPDATE … FROM and DELETE … USING; their ON does not see the table that is written.
fn beside_target(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    others: &[ast::TableWithJoins],
) -> Result<Option<Relation>> {
    let mut apart = Scope::root();
    let from = join::from(binder, &mut apart, others)?;
    scope.relations.append(&mut apart.relations);
    scope.merged.append(&mut apart.merged);
    Ok(from)
}

/// Indices of the columns that get values.
fn target_columns(columns: &[Column], names: &[String]) -> Result<Vec<usize>> {
    if names.is_empty() {
        return Ok((0..columns.len()).collect());
    }
    let mut targets = Vec::new();
    for name in names {
        let index = columns.iter().position(|column| column.name == *name);
        let index = index.ok_or_else(|| Error::invalid_identifier(crate::sql::quote(name)))?;
        if targets.contains(&index) {
            return Err(Error::duplicate_column(crate::sql::quote(name)));
        }
        targets.push(index);
    }
    Ok(targets)
}

/// `SET a = 1, t.b = DEFAULT`: values over everything in `scope`, whose first relation is the table.
fn assignments(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    columns: &[Column],
    written: &[ast::Assignment],
) -> Result<Vec<Assignment>> {
    let mut bound: Vec<Assignment> = Vec::new();
    for assignment in written {
        let ast::AssignmentTarget::ColumnName(name) = &assignment.target else {
            return Err(Error::unsupported("assignment to a list of columns"));
        };
        let ObjectName { parts } = ObjectName::from_parsed(name, binder.folding)?;
        let target = parts.split_last().and_then(|(column, qualifier)| {
            let table = scope.relations.first()?;
            let ours = table.is_called(qualifier);
            ours.then(|| columns.iter().position(|known| known.name == *column))?
        });
        let target = target.ok_or_else(|| {
            let error = Error::invalid_identifier(super::scope::display(&parts));
            match position_of(name) {
                Some(place) => error.at(place),
                None => error,
            }
        })?;
        let column = &columns[target];
        if bound.iter().any(|earlier| earlier.target == target) {
            return Err(Error::duplicate_column(crate::sql::quote(&column.name)));
        }
        let value = value(binder, scope, column, &assignment.value)?;
        bound.push(Assignment { target, value });
    }
    Ok(bound)
}

/// `(a, b) VALUES (1, DEFAULT)`: what a new row gets, defaults of the other columns among it.
fn new_row(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    columns: &[Column],
    names: &[String],
    values: &[ast::Expr],
) -> Result<Vec<Assignment>> {
    let targets = target_columns(columns, names)?;
    if values.len() != targets.len() {
        return Err(Error::insert_value_count(targets.len(), values.len()));
    }
    let bound = targets
        .iter()
        .zip(values)
        .map(|(target, written)| {
            let value = value(binder, scope, &columns[*target], written)?;
            Ok(Assignment {
                target: *target,
                value,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    with_other_defaults(binder, columns, bound)
}

/// Columns without a value get their default.
fn with_other_defaults(
    binder: &Binder<'_>,
    columns: &[Column],
    mut row: Vec<Assignment>,
) -> Result<Vec<Assignment>> {
    for (target, column) in columns.iter().enumerate() {
        let given = row.iter().any(|assignment| assignment.target == target);
        if !given && column.has_default() {
            let value = default_of(binder, column)?;
            row.push(Assignment { target, value });
        }
    }
    Ok(row)
}

/// A written value, or DEFAULT, for a column.
fn value(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    column: &Column,
    written: &ast::Expr,
) -> Result<Expr> {
    if is_default(written) {
        return default_of(binder, column);
    }
    let bound = expression::expression(binder, scope, written)?;
    let clause = format!("{} clause", binder.action);
    super::aggregate::refuse(binder, scope, &bound, written, &clause)?;
    stored(column, bound)
}

/// A value of the column's type.
fn stored(column: &Column, value: Expr) -> Result<Expr> {
    check_type(column, &value.ty, value.is_null_literal())?;
    Ok(value.cast(column.logical.clone()))
}

/// Refuses what Snowflake does not convert by itself.
fn check_type(column: &Column, have: &LogicalType, is_null_literal: bool) -> Result<()> {
    if is_null_literal || coercion::implicit(have, &column.logical) {
        return Ok(());
    }
    Err(match (have, &column.logical) {
        (LogicalType::Time { .. }, LogicalType::Timestamp { .. }) => {
            Error::incompatible_types(have, &column.logical)
        }
        (have, want) => Error::expression_type_mismatch(want, have, &column.name),
    })
}

/// The word DEFAULT, standing alone.
fn is_default(written: &ast::Expr) -> bool {
    matches!(written, ast::Expr::Identifier(word)
        if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("DEFAULT"))
}

fn default_of(binder: &Binder<'_>, column: &Column) -> Result<Expr> {
    let default = match column.identity {
        Some(sequence) => functions::nextval(binder.facts.sequences, sequence.0),
        None => expression::expression(binder, &Scope::root(), &default_expression(column)?)?,
    };
    Ok(default.cast(column.logical.clone()))
}

/// The default of a column, NULL where it has none.
fn default_expression(column: &Column) -> Result<ast::Expr> {
    parse_default(column.default.as_deref().unwrap_or("NULL"))
}

/// The text of a default as an expression.
pub fn parse_default(text: &str) -> Result<ast::Expr> {
    let source = Source::tokenize(text)?;
    let statements = source.statements();
    let [statement] = statements[..] else {
        return Err(Error::internal(format!(
            "a default that is no expression: {text}"
        )));
    };
    crate::sql::Cursor::new(statement, Default::default()).expression()
}

/// The values of the table's row as an error shows them: `[1, "a", NULL]`.
fn row_text(scope: &Scope<'_>) -> Expr {
    let literal = |text: &str| Expr::literal(Literal::Text(text.to_owned()), LogicalType::TEXT);
    let concat = |left: Expr, right: Expr| {
        let kind = ExprKind::Concat(Box::new(left), Box::new(right));
        Expr::new(kind, LogicalType::TEXT, false)
    };
    let columns = scope.relations.first().map_or(&[][..], |r| &r.columns);
    let mut text = literal("[");
    for (index, column) in columns.iter().enumerate() {
        if index > 0 {
            text = concat(text, literal(", "));
        }
        let column = column.expr.clone();
        if !coercion::implicit(&column.ty, &LogicalType::TEXT) || column.ty == LogicalType::Variant
        {
            text = concat(text, literal("..."));
            continue;
        }
        let is_null = ExprKind::IsNull {
            operand: Box::new(column.clone()),
            negated: false,
        };
        let quoted = matches!(column.ty, LogicalType::Varchar { .. });
        let shown = column.cast(LogicalType::TEXT);
        let shown = if quoted {
            concat(concat(literal("\""), shown), literal("\""))
        } else {
            shown
        };
        let case = ExprKind::Case {
            branches: vec![(Expr::boolean(is_null, false), literal("NULL"))],
            otherwise: Some(Box::new(shown)),
        };
        text = concat(text, Expr::new(case, LogicalType::TEXT, false));
    }
    concat(text, literal("]"))
}
