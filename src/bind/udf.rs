//! Calls of functions that users have made in SQL: the body is bound in the place of the call, with the arguments' values
//! where it names them, in the context of the function's own schema.

use std::sync::Arc;

use super::from::output_columns;
use super::scope::{Scope, Visible, VisibleColumn};
use super::{Binder, expression, query};
use crate::catalog::{Function, FunctionReturns, Object};
use crate::error::{Error, Result};
use crate::sql::{Cursor, Folding, ObjectName, Source, StatementText};
use crate::tree::{Expr, ExprKind, Literal, OutputColumn, Query, Relation};
use crate::types::{LogicalType, coercion};

/// A call as a value. `None`: there is no function of this name.
pub(super) fn scalar(
    binder: &Binder<'_>,
    name: &ObjectName,
    arguments: &[Expr],
) -> Result<Option<Expr>> {
    let Some((object, function)) = find(binder, name, arguments)? else {
        return Ok(None);
    };
    let FunctionReturns::Scalar(returns) = &function.returns else {
        return Err(Error::unsupported("table function as a value"));
    };
    let values = values(binder, &function, arguments)?;
    let value = opened(binder, &object, |inner, folding| {
        value(inner, &function, &values, folding)
    })?;
    let value = expression::cast(value, returns.clone(), false, || function.body.clone())?;
    // Snowflake says nothing of a function's NULLs.
    let value = Expr {
        nullable: true,
        ..value
    };
    if !function.strict {
        return Ok(Some(value));
    }
    let nulls: Vec<_> = values
        .iter()
        .map(|operand| {
            let kind = ExprKind::IsNull {
                operand: Box::new(operand.clone()),
                negated: false,
            };
            Expr::boolean(kind, false)
        })
        .collect();
    if nulls.is_empty() {
        return Ok(Some(value));
    }
    let kind = ExprKind::Case {
        branches: vec![(
            Expr::boolean(ExprKind::Or(nulls), false),
            Expr::literal(Literal::Null, returns.clone()),
        )],
        otherwise: Some(Box::new(value)),
    };
    Ok(Some(Expr::new(kind, returns.clone(), true)))
}

/// `TABLE(f(…))`: a call as a relation, which sees the relations before it.
pub(super) fn table(
    binder: &Binder<'_>,
    name: &ObjectName,
    arguments: &[Expr],
) -> Result<Option<(Relation, Vec<VisibleColumn>)>> {
    let Some((object, function)) = find(binder, name, arguments)? else {
        return Ok(None);
    };
    let FunctionReturns::Table(declared) = &function.returns else {
        return Err(Error::unsupported("scalar function as a table"));
    };
    let values = values(binder, &function, arguments)?;
    let bound = opened(binder, &object, |inner, _| rows(inner, &function, &values))?;
    let bound = as_declared(binder, &object, bound, declared)?;
    let id = binder.new_relation();
    let columns = output_columns(id, &bound.columns);
    let lateral = values
        .iter()
        .any(|value| value.any(&|expr| matches!(expr.kind, ExprKind::Column(_))));
    let relation = Relation::Derived {
        id,
        query: Box::new(bound),
        lateral,
    };
    Ok(Some((relation, columns)))
}

/// Binds a body with NULLs of the arguments' types, as CREATE does to refuse what does not compile.
pub fn check(binder: &Binder<'_>, function: &Function) -> Result<()> {
    let values: Vec<_> = function
        .arguments
        .iter()
        .map(|argument| {
            let kind = ExprKind::Cast {
                operand: Box::new(Expr::literal(Literal::Null, LogicalType::TEXT)),
                tolerant: false,
            };
            Expr::new(kind, argument.logical.clone(), true)
        })
        .collect();
    match &function.returns {
        FunctionReturns::Scalar(returns) => {
            let value = text(binder, &function.body, |inner| {
                value(inner, function, &values, binder.folding)
            })?;
            expression::cast(value, returns.clone(), false, || function.body.clone()).map(drop)
        }
        FunctionReturns::Table(declared) => {
            let bound = text(binder, &function.body, |inner| {
                rows(inner, function, &values)
            })?;
            match bound.columns.len() == declared.len() {
                true => Ok(()),
                false => Err(Error::create_column_count()),
            }
        }
    }
}

/// The overload that a call means: right in number of arguments, with types that fit, as exactly as possible.
fn find(
    binder: &Binder<'_>,
    name: &ObjectName,
    arguments: &[Expr],
) -> Result<Option<(Arc<Object>, Function)>> {
    let above = &name.parts[..name.parts.len() - 1];
    let Ok(schema) = binder.lookup.schema(above, binder.action) else {
        return Ok(None);
    };
    let mut best: Option<(usize, Arc<Object>, Function)> = None;
    let mut known = false;
    for object in binder.lookup.snapshot.children(schema.id) {
        let crate::catalog::Detail::Function(function) = &object.detail else {
            continue;
        };
        let own_name = object.name.split('(').next().unwrap_or_default();
        let seen = object
            .session
            .is_none_or(|session| session == binder.lookup.session);
        if own_name != name.last() || !seen {
            continue;
        }
        known = true;
        let required = function.arguments.iter().filter(|a| a.default.is_none());
        if arguments.len() > function.arguments.len() || arguments.len() < required.count() {
            continue;
        }
        let pairs = || arguments.iter().zip(&function.arguments);
        let fits = pairs().all(|(have, want)| {
            have.is_null_literal() || coercion::implicit(&have.ty, &want.logical)
        });
        if !fits {
            continue;
        }
        let exact = pairs()
            .filter(|(have, want)| have.ty.family() == want.logical.family())
            .count();
        if best.as_ref().is_none_or(|(so_far, ..)| exact > *so_far) {
            best = Some((exact, object.clone(), function.clone()));
        }
    }
    match best {
        Some((_, object, function)) => Ok(Some((object, function))),
        None if known => {
            let types: Vec<_> = arguments.iter().map(|a| a.ty.to_string()).collect();
            Err(Error::invalid_argument_types(name, types.join(", ")))
        }
        None => Ok(None),
    }
}

/// The arguments in the types of the function, defaults added.
fn values(binder: &Binder<'_>, function: &Function, given: &[Expr]) -> Result<Vec<Expr>> {
    let declared = function.arguments.iter().enumerate();
    declared
        .map(|(index, argument)| {
            let value = match (given.get(index), &argument.default) {
                (Some(value), _) => value.clone(),
                (None, Some(default)) => binder.default_value(default)?,
                (None, None) => return Err(Error::internal("a call without an argument")),
            };
            Ok(value.cast(argument.logical.clone()))
        })
        .collect()
}

/// Binds in the context of the function's schema; a function that calls itself is refused.
fn opened<T>(
    binder: &Binder<'_>,
    object: &Object,
    bind: impl FnOnce(&Binder<'_>, Folding) -> Result<T>,
) -> Result<T> {
    let crate::catalog::Detail::Function(function) = &object.detail else {
        return Err(Error::internal("not a function"));
    };
    if binder.shared.open.borrow().contains(&object.id) {
        return Err(Error::unsupported("recursive SQL function"));
    }
    let schema = binder.lookup.snapshot.get(object.parent);
    let schema = schema.ok_or_else(Error::object_or_operation)?;
    let lookup = binder.lookup.inside(schema);
    let source = Source::tokenize(&function.body)?;
    let statement = only(&source)?;
    binder.shared.open.borrow_mut().push(object.id);
    let folding = binder.folding;
    let bound = bind(&binder.of_text(&lookup, statement, folding), folding);
    binder.shared.open.borrow_mut().pop();
    bound
}

fn text<T>(
    binder: &Binder<'_>,
    body: &str,
    bind: impl FnOnce(&Binder<'_>) -> Result<T>,
) -> Result<T> {
    let source = Source::tokenize(body)?;
    let statement = only(&source)?;
    bind(&binder.of_text(binder.lookup, statement, binder.folding))
}

fn only<'a>(source: &'a Source<'a>) -> Result<StatementText<'a>> {
    match source.statements()[..] {
        [statement] => Ok(statement),
        [] => Err(Error::empty_statement()),
        _ => Err(Error::unsupported(
            "several statements as a function's body",
        )),
    }
}

/// What a body can name: the arguments.
fn scope_of<'s>(function: &Function, values: &[Expr]) -> Scope<'s> {
    let columns = function
        .arguments
        .iter()
        .zip(values)
        .map(|(argument, value)| VisibleColumn {
            name: argument.name.clone(),
            expr: value.clone(),
            origin: None,
            merged_away: false,
        })
        .collect();
    let mut scope = Scope::root();
    scope.relations.push(Visible {
        name: String::new(),
        qualifier: None,
        columns,
    });
    scope
}

/// A body that is an expression, or a query of one value.
fn value(
    binder: &Binder<'_>,
    function: &Function,
    values: &[Expr],
    folding: Folding,
) -> Result<Expr> {
    let scope = scope_of(function, values);
    let mut cursor = Cursor::new(binder.statement, folding);
    if matches!(cursor.peek_word().as_deref(), Some("SELECT" | "WITH")) {
        let bound = query::query(binder, &scope, &*cursor.query()?)?;
        cursor.end()?;
        let [column] = &bound.columns[..] else {
            return Err(Error::scalar_subquery_columns());
        };
        let ty = column.ty.clone();
        return Ok(Expr::new(ExprKind::Scalar(Box::new(bound)), ty, true));
    }
    let parsed = cursor.expression()?;
    cursor.end()?;
    expression::expression(binder, &scope, &parsed)
}

/// A body that is a query.
fn rows(binder: &Binder<'_>, function: &Function, values: &[Expr]) -> Result<Query> {
    let scope = scope_of(function, values);
    query::query(binder, &scope, &*binder.statement.parse_query()?)
}

/// The rows under the names and in the types that the function declares.
fn as_declared(
    binder: &Binder<'_>,
    object: &Object,
    bound: Query,
    declared: &[(String, LogicalType)],
) -> Result<Query> {
    if bound.columns.len() != declared.len() {
        return Err(Error::view_columns(
            &object.name,
            declared.len(),
            bound.columns.len(),
        ));
    }
    let wanted: Vec<_> = declared
        .iter()
        .zip(&bound.columns)
        .map(|((name, ty), column)| OutputColumn {
            name: name.clone(),
            ty: ty.clone(),
            nullable: column.nullable,
            origin: None,
        })
        .collect();
    let mut bound = query::converted(binder, bound, &wanted);
    bound.columns = wanted;
    Ok(bound)
}
