//! Predicates over lists, rows, patterns and subqueries: IN, LIKE, RLIKE, ANY, ALL.

use super::scope::Scope;
use super::{Binder, expression::expression, operators, query};
use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{Call, Comparison, Expr, ExprKind, Form, Like, OutputColumn, Query, Returns};
use crate::types::{LogicalType, coercion};

/// The members of `(a, b)`.
pub(super) fn row(expr: &ast::Expr) -> Option<&[ast::Expr]> {
    match expr {
        ast::Expr::Tuple(members) => Some(members),
        ast::Expr::Nested(inner) => row(inner),
        _ => None,
    }
}

/// `(a, b) = (c, d)`. The order of rows is that of the first members that differ.
pub(super) fn compare_rows(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    operator: Comparison,
    left: &[ast::Expr],
    right: &[ast::Expr],
) -> Result<Expr> {
    if left.len() != right.len() {
        return Err(Error::incompatible_types(
            format!("ROW of {}", left.len()),
            format!("ROW of {}", right.len()),
        ));
    }
    let pairs = left
        .iter()
        .zip(right)
        .map(|(left, right)| {
            Ok((
                expression(binder, scope, left)?,
                expression(binder, scope, right)?,
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    rows(operator, &pairs)
}

fn rows(operator: Comparison, pairs: &[(Expr, Expr)]) -> Result<Expr> {
    let [(left, right), rest @ ..] = pairs else {
        return Err(Error::internal("an empty row"));
    };
    let of = |operator| operators::compare(operator, left.clone(), right.clone());
    if rest.is_empty() {
        return of(operator);
    }
    let strict = match operator {
        Comparison::Equal => {
            return Ok(junction(vec![of(operator)?, rows(operator, rest)?], true));
        }
        Comparison::NotEqual => {
            return Ok(junction(vec![of(operator)?, rows(operator, rest)?], false));
        }
        Comparison::Less | Comparison::LessOrEqual => Comparison::Less,
        Comparison::Greater | Comparison::GreaterOrEqual => Comparison::Greater,
    };
    let tie = junction(vec![of(Comparison::Equal)?, rows(operator, rest)?], true);
    Ok(junction(vec![of(strict)?, tie], false))
}

/// AND or OR of conditions; one alone is itself.
fn junction(mut conditions: Vec<Expr>, all: bool) -> Expr {
    if conditions.len() == 1 {
        return conditions.remove(0);
    }
    let nullable = conditions.iter().any(|condition| condition.nullable);
    let kind = if all {
        ExprKind::And(conditions)
    } else {
        ExprKind::Or(conditions)
    };
    Expr::boolean(kind, nullable)
}

fn negate(condition: Expr, negated: bool) -> Expr {
    if !negated {
        return condition;
    }
    let nullable = condition.nullable;
    Expr::boolean(ExprKind::Not(Box::new(condition)), nullable)
}

/// `a IN (1, 2)`, `(a, b) IN ((1, 2), (3, 4))`
pub(super) fn in_list(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    operand: &ast::Expr,
    list: &[ast::Expr],
    negated: bool,
) -> Result<Expr> {
    if let Some(operand) = row(operand) {
        let matches = list
            .iter()
            .map(|member| {
                let member =
                    row(member).ok_or_else(|| Error::incompatible_types("ROW", "a value"))?;
                compare_rows(binder, scope, Comparison::Equal, operand, member)
            })
            .collect::<Result<_>>()?;
        return Ok(negate(junction(matches, false), negated));
    }
    let mut operands = vec![expression(binder, scope, operand)?];
    for member in list {
        operands.push(expression(binder, scope, member)?);
    }
    let nullable = operands.iter().any(|operand| operand.nullable);
    let mut operands = operators::comparables(operands)?;
    let list = operands.split_off(1);
    let operand = operands
        .pop()
        .ok_or_else(|| Error::internal("IN without an operand"))?;
    Ok(Expr::boolean(
        ExprKind::InList {
            operand: Box::new(operand),
            list,
            negated,
        },
        nullable,
    ))
}

/// `a IN (SELECT …)`, `(a, b) IN (SELECT …)`
pub(super) fn in_query(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    operand: &ast::Expr,
    subquery: &ast::Query,
    negated: bool,
) -> Result<Expr> {
    let operands = row(operand)
        .unwrap_or(std::slice::from_ref(operand))
        .iter()
        .map(|operand| expression(binder, scope, operand))
        .collect::<Result<_>>()?;
    let bound = query::query(binder, scope, subquery)?;
    let (operands, query) = beside_query(binder, operands, bound)?;
    let kind = ExprKind::InQuery {
        operands,
        query: Box::new(query),
        negated,
    };
    Ok(Expr::boolean(kind, true))
}

/// `a > ANY (SELECT …)`, `a > ALL (SELECT …)`; over a list it is OR or AND.
pub(super) fn quantified(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    operand: &ast::Expr,
    operator: &ast::BinaryOperator,
    right: &ast::Expr,
    all: bool,
) -> Result<Expr> {
    let operator = match operator {
        ast::BinaryOperator::Eq => Comparison::Equal,
        ast::BinaryOperator::NotEq => Comparison::NotEqual,
        ast::BinaryOperator::Lt => Comparison::Less,
        ast::BinaryOperator::LtEq => Comparison::LessOrEqual,
        ast::BinaryOperator::Gt => Comparison::Greater,
        ast::BinaryOperator::GtEq => Comparison::GreaterOrEqual,
        other => return Err(Error::unsupported(format!("{other} with ANY or ALL"))),
    };
    let operand = expression(binder, scope, operand)?;
    let ast::Expr::Subquery(subquery) = right else {
        let list = row(right).unwrap_or(std::slice::from_ref(right));
        let matches = list
            .iter()
            .map(|member| {
                operators::compare(
                    operator,
                    operand.clone(),
                    expression(binder, scope, member)?,
                )
            })
            .collect::<Result<_>>()?;
        return Ok(junction(matches, all));
    };
    let bound = query::query(binder, scope, subquery)?;
    let (mut operands, query) = beside_query(binder, vec![operand], bound)?;
    let operand = operands
        .pop()
        .ok_or_else(|| Error::internal("ANY without an operand"))?;
    let kind = ExprKind::Quantified {
        operator,
        operand: Box::new(operand),
        all,
        query: Box::new(query),
    };
    Ok(Expr::boolean(kind, true))
}

/// Operands and the columns of a query, brought to common types. Numbers keep their own.
fn beside_query(
    binder: &Binder<'_>,
    operands: Vec<Expr>,
    query: Query,
) -> Result<(Vec<Expr>, Query)> {
    if operands.len() != query.columns.len() {
        return Err(Error::scalar_subquery_columns());
    }
    let mut beside = Vec::new();
    let mut wanted: Vec<OutputColumn> = Vec::new();
    for (operand, column) in operands.into_iter().zip(&query.columns) {
        let unified = coercion::unify([
            (&operand.ty, operand.is_null_literal()),
            (&column.ty, false),
        ])
        .ok_or_else(|| Error::incompatible_types(&operand.ty, &column.ty))?;
        let numbers = matches!(
            (&operand.ty, &column.ty),
            (LogicalType::Number { .. }, LogicalType::Number { .. })
        );
        if numbers {
            wanted.push(column.clone());
            beside.push(operand);
        } else {
            wanted.push(OutputColumn {
                ty: unified.clone(),
                ..column.clone()
            });
            beside.push(operand.cast(unified));
        }
    }
    Ok((beside, query::converted(binder, query, &wanted)))
}

/// What stands behind LIKE or ILIKE.
pub(super) struct Patterns<'a> {
    /// ANY was written.
    pub any: bool,
    pub pattern: &'a ast::Expr,
    pub escape: Option<&'a ast::Expr>,
    pub case_insensitive: bool,
    pub negated: bool,
}

/// `a LIKE 'x'`, `a LIKE ANY ('x', 'y')`, `a LIKE ALL ('x', 'y')`
pub(super) fn like(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    operand: &ast::Expr,
    patterns: &Patterns<'_>,
) -> Result<Expr> {
    let sub = |expr: &ast::Expr| expression(binder, scope, expr);
    let operand = operators::text(sub(operand)?)?;
    let escape = patterns.escape.map(sub).transpose()?;
    let escape = escape.map(operators::text).transpose()?;
    let one = |pattern: &ast::Expr, negated: bool| -> Result<Expr> {
        let pattern = operators::text(sub(pattern)?)?;
        let nullable = operand.nullable || pattern.nullable;
        let like = Like {
            operand: operand.clone(),
            pattern,
            escape: escape.clone(),
            case_insensitive: patterns.case_insensitive,
            negated,
        };
        Ok(Expr::boolean(ExprKind::Like(Box::new(like)), nullable))
    };
    let (list, all): (Vec<&ast::Expr>, bool) = match patterns.pattern {
        // The parser takes `ALL (…)` for a call.
        ast::Expr::Function(call) if !patterns.any && is_all(call) => (arguments(call)?, true),
        pattern if patterns.any => match row(pattern) {
            Some(list) => (list.iter().collect(), false),
            None => (vec![pattern], false),
        },
        pattern => return one(pattern, patterns.negated),
    };
    let matches = list
        .into_iter()
        .map(|pattern| one(pattern, false))
        .collect::<Result<_>>()?;
    Ok(negate(junction(matches, all), patterns.negated))
}

fn is_all(call: &ast::Function) -> bool {
    matches!(&call.name.0[..], [ast::ObjectNamePart::Identifier(name)]
        if name.quote_style.is_none() && name.value.eq_ignore_ascii_case("ALL"))
}

fn arguments(call: &ast::Function) -> Result<Vec<&ast::Expr>> {
    let unsupported = || Error::unsupported("LIKE ALL of this");
    let ast::FunctionArguments::List(list) = &call.args else {
        return Err(unsupported());
    };
    list.args
        .iter()
        .map(|argument| match argument {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => Ok(expr),
            _ => Err(unsupported()),
        })
        .collect()
}

/// `a RLIKE 'x'`, `a REGEXP 'x'`: the whole text matches.
pub(super) fn matches(operand: Expr, pattern: Expr, negated: bool) -> Result<Expr> {
    let (operand, pattern) = (operators::text(operand)?, operators::text(pattern)?);
    let nullable = operand.nullable || pattern.nullable;
    let call = Call {
        form: Form::Template("regexp_full_match($1, $2)"),
        arguments: vec![operand, pattern],
        unified: vec![],
        returns: Returns::Natural,
    };
    Ok(negate(
        Expr::boolean(ExprKind::Call(call), nullable),
        negated,
    ))
}
