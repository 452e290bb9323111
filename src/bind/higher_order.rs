//! FILTER, TRANSFORM, REDUCE: functions of an ARRAY and a lambda.
//!
//! Source: Snowflake, "Use lambda functions on data with Snowflake higher-order functions".

use super::scope::{Scope, Visible, VisibleColumn};
use super::{Binder, expression, operators, types};
use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{ColumnRef, Expr, ExprKind, HigherOrder, Operation, RelationId};
use crate::types::{LogicalType, coercion};

/// The call, if it is one of these functions with a lambda.
pub(super) fn call(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    function: &str,
    arguments: &[ast::FunctionArg],
) -> Result<Option<Expr>> {
    if !matches!(function, "FILTER" | "TRANSFORM" | "REDUCE") {
        return Ok(None);
    }
    let expressions: Vec<_> = arguments
        .iter()
        .filter_map(|argument| match argument {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        })
        .collect();
    let wanted = if function == "REDUCE" { 3 } else { 2 };
    let text = || {
        let written: Vec<_> = arguments.iter().map(ToString::to_string).collect();
        format!("{function}({})", written.join(", "))
    };
    if arguments.len() < wanted {
        return Err(Error::not_enough_arguments(text(), wanted, arguments.len()));
    }
    if arguments.len() > wanted {
        return Err(Error::too_many_arguments(text(), wanted, arguments.len()));
    }
    let Some((ast::Expr::Lambda(lambda), before)) = expressions.split_last() else {
        return Err(Error::invalid_argument_types(
            function,
            "no lambda expression",
        ));
    };
    let array = expression::expression(binder, scope, before[0])?;
    if !coercion::implicit(&array.ty, &LogicalType::Array) && !array.is_null_literal() {
        return Err(Error::invalid_argument_types(function, &array.ty));
    }
    // A VARIANT without an ARRAY in it gives NULL, so it is not converted.
    let array = match array.ty {
        LogicalType::Variant => Expr {
            ty: LogicalType::Array,
            ..array
        },
        _ => array.cast(LogicalType::Array),
    };
    let written: Vec<&ast::LambdaFunctionParameter> = match &lambda.params {
        ast::OneOrManyWithParens::One(parameter) => vec![parameter],
        ast::OneOrManyWithParens::Many(parameters) => parameters.iter().collect(),
    };
    if written.len() != wanted - 1 {
        return Err(Error::unsupported(format!(
            "lambda of {} parameters in {function}",
            written.len()
        )));
    }
    let parameters = binder.new_relation();
    let bind_body = |types: &[LogicalType]| {
        let inner = inside(binder, scope, parameters, &written, types)?;
        expression::expression(binder, &inner, &lambda.body)
    };
    let (operation, body, ty) = match function {
        "FILTER" => {
            let body = operators::truth(bind_body(&[LogicalType::Variant])?)?;
            (Operation::Filter, body, LogicalType::Array)
        }
        "TRANSFORM" => {
            let body = bind_body(&[LogicalType::Variant])?.cast(LogicalType::Variant);
            (Operation::Transform, body, LogicalType::Array)
        }
        _ => {
            let initial = expression::expression(binder, scope, before[1])?;
            let (accumulator, body) = accumulated(&initial, bind_body)?;
            // The engine's list has one type: the accumulator is a VARIANT on the way.
            let initial = initial.cast(accumulator.clone()).cast(LogicalType::Variant);
            let body = body.cast(accumulator.clone()).cast(LogicalType::Variant);
            let reduced = higher_order(
                Operation::Reduce(initial),
                array,
                parameters,
                body,
                LogicalType::Variant,
            );
            return Ok(Some(reduced.cast(accumulator)));
        }
    };
    Ok(Some(higher_order(operation, array, parameters, body, ty)))
}

fn higher_order(
    operation: Operation,
    array: Expr,
    parameters: RelationId,
    body: Expr,
    ty: LogicalType,
) -> Expr {
    let call = HigherOrder {
        operation,
        array,
        parameters,
        body,
    };
    Expr::new(ExprKind::HigherOrder(Box::new(call)), ty, true)
}

/// The type that an initial value and what the lambda makes of it share, and the body over it.
fn accumulated(
    initial: &Expr,
    bind_body: impl Fn(&[LogicalType]) -> Result<Expr>,
) -> Result<(LogicalType, Expr)> {
    let mut accumulator = widest(&initial.ty);
    loop {
        let body = bind_body(&[accumulator.clone(), LogicalType::Variant])?;
        let unified = coercion::unify([(&accumulator, false), (&body.ty, body.is_null_literal())])
            .ok_or_else(|| Error::incompatible_types(&accumulator, &body.ty))?;
        let unified = widest(&unified);
        if unified == accumulator {
            return Ok((accumulator, body));
        }
        accumulator = unified;
    }
}

/// A type that does not grow with each step.
fn widest(ty: &LogicalType) -> LogicalType {
    match ty {
        LogicalType::Number { scale, .. } => LogicalType::Number {
            precision: crate::types::MAX_PRECISION,
            scale: *scale,
        },
        LogicalType::Varchar { .. } => LogicalType::TEXT,
        other => other.clone(),
    }
}

/// The scope of the lambda's body: its parameters, and around it everything else. The last parameter is an element; one
/// with a type in the text is an element brought to that type.
fn inside<'s>(
    binder: &Binder<'_>,
    scope: &'s Scope<'_>,
    parameters: RelationId,
    written: &[&ast::LambdaFunctionParameter],
    types: &[LogicalType],
) -> Result<Scope<'s>> {
    let columns = written
        .iter()
        .zip(types)
        .zip(0..)
        .map(|((parameter, ty), number)| {
            let column = ColumnRef {
                relation: parameters,
                column: number,
            };
            let value = Expr::new(ExprKind::Column(column), LogicalType::Variant, true);
            let expr = match &parameter.data_type {
                Some(declared) => {
                    value.cast(types::data_type_in(declared, binder.facts.timestamp_type)?)
                }
                None => value.cast(ty.clone()),
            };
            Ok(VisibleColumn {
                name: binder.fold(&parameter.name),
                expr,
                origin: None,
                merged_away: false,
            })
        })
        .collect::<Result<_>>()?;
    let mut inner = Scope::inside(scope);
    inner.relations.push(Visible {
        name: String::new(),
        qualifier: None,
        columns,
    });
    Ok(inner)
}
