//! Expressions.

use sqlparser::ast::Spanned;
use sqlparser::tokenizer::Token;

use super::scope::Scope;
use super::{
    Binder, access, aggregate, call, hierarchy, literal, operators, predicate, query, types,
    variables,
};
use crate::catalog::ObjectKind;
use crate::error::{Error, Position, Result};
use crate::functions::{self, Interval};
use crate::sql::{Place, ast, position_of};
use crate::tree::{Arithmetic, Comparison, Expr, ExprKind, Origin};
use crate::types::{LogicalType, coercion};

/// An expression with what a bare column adds: its name and table.
pub(super) struct Named {
    pub expr: Expr,
    pub name: Option<String>,
    pub origin: Option<Origin>,
}

/// Binds a select item's expression.
pub(super) fn named(binder: &Binder<'_>, scope: &Scope<'_>, expr: &ast::Expr) -> Result<Named> {
    let parts: Vec<_> = match expr {
        ast::Expr::Identifier(identifier) => vec![binder.fold(identifier)],
        ast::Expr::CompoundIdentifier(parts) => {
            parts.iter().map(|part| binder.fold(part)).collect()
        }
        // An item of it is called as its column (recorded).
        ast::Expr::Prefixed { value, .. } => {
            let inner = named(binder, scope, value)?;
            return Ok(Named {
                expr: expression(binder, scope, expr)?,
                ..inner
            });
        }
        _ => {
            let expr = expression(binder, scope, expr)?;
            return Ok(Named {
                expr,
                name: None,
                origin: None,
            });
        }
    };
    match scope.resolve(&parts) {
        Ok(found) => Ok(Named {
            expr: found.expr,
            name: Some(found.name),
            origin: found.origin,
        }),
        Err(_) => {
            let name = parts.into_iter().next_back();
            Ok(Named {
                expr: expression(binder, scope, expr)?,
                name,
                origin: None,
            })
        }
    }
}

/// The condition of WHERE, ON, HAVING, QUALIFY, …, which must be a boolean: nothing is read as one.
pub(super) fn predicate(binder: &Binder<'_>, scope: &Scope<'_>, expr: &ast::Expr) -> Result<Expr> {
    let bound = expression(binder, scope, expr)?;
    if bound.ty != LogicalType::Boolean && !bound.is_null_literal() {
        let written = aggregate::echo(binder, scope, expr);
        return Err(Error::no_predicate(&bound.ty, written));
    }
    operators::truth(bound)
}

/// An operand of AND, OR, CASE, …: read as a boolean.
fn condition(binder: &Binder<'_>, scope: &Scope<'_>, expr: &ast::Expr) -> Result<Expr> {
    let bound = expression(binder, scope, expr)?;
    operators::truth(bound).map_err(|error| placed(error, expr))
}

/// Binds an expression. Errors carry the place of the innermost expression that has one.
pub(super) fn expression(binder: &Binder<'_>, scope: &Scope<'_>, expr: &ast::Expr) -> Result<Expr> {
    let _deeper = binder.deeper()?;
    bind(binder, scope, expr).map_err(|error| placed(error, expr))
}

/// Compilation errors name a place, if the parser kept one.
fn placed(error: Error, expr: &ast::Expr) -> Error {
    match position_of(expr) {
        Some(place) if error.names_a_place() => error.at(place),
        _ => error,
    }
}

/// What an operator refuses is named at the operator, which stands before `operand`.
fn placed_at_operator(binder: &Binder<'_>, error: Error, operand: &ast::Expr) -> Error {
    let start = operand.span().start;
    let tokens = binder.statement.tokens();
    let before = tokens.iter().take_while(|token| token.span.start < start);
    let operator = before
        .filter(|token| token.token != Token::LParen)
        .last()
        .map(|token| Position::from(Place::of(token.span)));
    match operator {
        Some(place) if start.line > 0 && error.names_a_place() => error.at(place),
        _ => error,
    }
}

fn bind(binder: &Binder<'_>, scope: &Scope<'_>, expr: &ast::Expr) -> Result<Expr> {
    let sub = |expr: &ast::Expr| expression(binder, scope, expr);
    let boxed = |expr: Expr| Box::new(expr);
    Ok(match expr {
        ast::Expr::Identifier(identifier) => {
            let name = binder.fold(identifier);
            match scope.resolve(std::slice::from_ref(&name)) {
                Ok(found) => found.expr,
                Err(error) => match call::without_parentheses(binder, identifier) {
                    Some(expr) => expr?,
                    None => return Err(error),
                },
            }
        }
        ast::Expr::CompoundIdentifier(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| binder.fold(part)).collect();
            match scope.resolve(&parts) {
                Ok(found) => found.expr,
                Err(error) => nextval(binder, &parts)?.ok_or(error)?,
            }
        }
        ast::Expr::Value(value) => match &value.value {
            ast::Value::Placeholder(written) if column_number(written).is_some() => {
                scope.resolve_number(column_number(written).unwrap_or(0), written)?
            }
            ast::Value::Placeholder(written) => match written.strip_prefix('$') {
                Some(name) => variables::of_session(binder, name)?,
                None => variables::variable(binder, written, Place::of(value.span))?,
            },
            constant => literal::literal(constant)?,
        },
        ast::Expr::TypedString(typed) => {
            let ty = types::data_type_in(&typed.data_type, binder.facts.timestamp_type)?;
            let text = literal::literal(&typed.value.value)?;
            cast(text, ty, false, || typed.value.to_string())?
        }
        ast::Expr::Nested(inner) => sub(inner)?,
        ast::Expr::Prior(inner) => hierarchy::prior(binder, scope, inner)?,
        ast::Expr::Prefixed { prefix, value } if binder.fold(prefix) == "CONNECT_BY_ROOT" => {
            hierarchy::root(binder, scope, value)?
        }
        ast::Expr::Cast {
            kind,
            expr,
            data_type,
            format,
        } => {
            if format.is_some() {
                return Err(Error::unsupported("CAST … FORMAT"));
            }
            let ty = types::data_type_in(data_type, binder.facts.timestamp_type)?;
            let tolerant = matches!(kind, ast::CastKind::TryCast | ast::CastKind::SafeCast);
            cast(sub(expr)?, ty, tolerant, || {
                aggregate::echo(binder, scope, expr)
            })?
        }
        ast::Expr::UnaryOp { op, expr } => {
            let operand = sub(expr)?;
            match op {
                ast::UnaryOperator::Not => {
                    let operand = operators::truth(operand)?;
                    let nullable = operand.nullable;
                    Expr::boolean(ExprKind::Not(boxed(operand)), nullable)
                }
                ast::UnaryOperator::Minus => operators::negate(operand)
                    .map_err(|error| placed_at_operator(binder, error, expr))?,
                ast::UnaryOperator::Plus => match operand.ty {
                    LogicalType::Number { .. } | LogicalType::Float => operand,
                    LogicalType::Varchar { .. } | LogicalType::Variant => {
                        operand.cast(LogicalType::Float)
                    }
                    _ => return Err(Error::invalid_argument_types("UNARY PLUS", &operand.ty)),
                },
                _ => return Err(Error::unsupported(format!("operator {op}"))),
            }
        }
        ast::Expr::BinaryOp { left, op, right } => binary(binder, scope, left, op, right)?,
        ast::Expr::IsNull(operand) => is_null(sub(operand)?, false),
        ast::Expr::IsNotNull(operand) => is_null(sub(operand)?, true),
        ast::Expr::IsTrue(operand) => is_truth(sub(operand)?, true, false)?,
        ast::Expr::IsNotTrue(operand) => is_truth(sub(operand)?, true, true)?,
        ast::Expr::IsFalse(operand) => is_truth(sub(operand)?, false, false)?,
        ast::Expr::IsNotFalse(operand) => is_truth(sub(operand)?, false, true)?,
        ast::Expr::IsDistinctFrom(left, right) => is_distinct(sub(left)?, sub(right)?, false)?,
        ast::Expr::IsNotDistinctFrom(left, right) => is_distinct(sub(left)?, sub(right)?, true)?,
        ast::Expr::InList {
            expr,
            list,
            negated,
        } => predicate::in_list(binder, scope, expr, list, *negated)?,
        ast::Expr::InSubquery {
            expr,
            subquery,
            negated,
        } => predicate::in_query(binder, scope, expr, subquery, *negated)?,
        ast::Expr::Between {
            expr,
            negated,
            low,
            high,
        } => {
            let operands = operators::comparables(vec![sub(expr)?, sub(low)?, sub(high)?])?;
            let nullable = operands.iter().any(|operand| operand.nullable);
            let mut operands = operands.into_iter().map(boxed);
            let (Some(operand), Some(low), Some(high)) =
                (operands.next(), operands.next(), operands.next())
            else {
                return Err(Error::internal("BETWEEN has three operands"));
            };
            Expr::boolean(
                ExprKind::Between {
                    operand,
                    low,
                    high,
                    negated: *negated,
                },
                nullable,
            )
        }
        ast::Expr::Like {
            negated,
            any,
            expr,
            pattern,
            escape_char,
        } => predicate::like(
            binder,
            scope,
            expr,
            &predicate::Patterns {
                any: *any,
                pattern,
                escape: escape_char.as_deref(),
                case_insensitive: false,
                negated: *negated,
            },
        )?,
        ast::Expr::ILike {
            negated,
            any,
            expr,
            pattern,
            escape_char,
        } => predicate::like(
            binder,
            scope,
            expr,
            &predicate::Patterns {
                any: *any,
                pattern,
                escape: escape_char.as_deref(),
                case_insensitive: true,
                negated: *negated,
            },
        )?,
        ast::Expr::RLike {
            negated,
            expr,
            pattern,
            ..
        } => predicate::matches(sub(expr)?, sub(pattern)?, *negated)?,
        ast::Expr::AnyOp {
            left,
            compare_op,
            right,
            ..
        } => predicate::quantified(binder, scope, left, compare_op, right, false)?,
        ast::Expr::AllOp {
            left,
            compare_op,
            right,
        } => predicate::quantified(binder, scope, left, compare_op, right, true)?,
        ast::Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => case(
            binder,
            scope,
            operand.as_deref(),
            conditions,
            else_result.as_deref(),
        )?,
        ast::Expr::Function(function) => call::function(binder, scope, function)?,
        ast::Expr::Subquery(inner) => {
            let bound = query::query(binder, scope, inner)?;
            let [column] = &bound.columns[..] else {
                return Err(Error::scalar_subquery_columns());
            };
            let ty = column.ty.clone();
            Expr::new(ExprKind::Scalar(Box::new(bound)), ty, true)
        }
        ast::Expr::Exists { subquery, negated } => {
            let query = Box::new(query::query(binder, scope, subquery)?);
            Expr::boolean(
                ExprKind::Exists {
                    query,
                    negated: *negated,
                },
                false,
            )
        }
        // Functions that sqlparser has syntax of its own for.
        ast::Expr::Ceil { expr, field } => rounded(binder, scope, "CEIL", expr, field)?,
        ast::Expr::Floor { expr, field } => rounded(binder, scope, "FLOOR", expr, field)?,
        ast::Expr::Position { expr, r#in } => call::named(
            binder,
            "POSITION",
            vec![sub(expr)?, sub(r#in)?],
            &expr_text("POSITION", &[expr, r#in]),
        )?,
        ast::Expr::Substring {
            expr,
            substring_from,
            substring_for,
            shorthand,
            ..
        } => {
            let written: Vec<&ast::Expr> = std::iter::once(&**expr)
                .chain(substring_from.as_deref())
                .chain(substring_for.as_deref())
                .collect();
            let arguments = written
                .iter()
                .map(|expr| sub(expr))
                .collect::<Result<_>>()?;
            let name = if *shorthand { "SUBSTR" } else { "SUBSTRING" };
            call::named(binder, name, arguments, &expr_text(name, &written))?
        }
        ast::Expr::Trim {
            trim_where: None,
            trim_what: None,
            expr,
            trim_characters,
        } => {
            let mut arguments = vec![sub(expr)?];
            for characters in trim_characters.iter().flatten() {
                arguments.push(sub(characters)?);
            }
            call::named(binder, "TRIM", arguments, &expr_text("TRIM", &[expr]))?
        }
        ast::Expr::OuterJoin(inner) => {
            let bound = sub(inner)?;
            if let ExprKind::Column(column) = &bound.kind {
                binder.mark(column.relation)?;
            }
            bound
        }
        ast::Expr::Interval(_) => return Err(Error::unsupported("INTERVAL as a value")),
        ast::Expr::JsonAccess { value, path } => access::path(binder, scope, value, path)?,
        ast::Expr::CompoundFieldAccess { root, access_chain } => {
            access::chain(binder, scope, root, access_chain)?
        }
        ast::Expr::Dictionary(fields) => access::object_constant(binder, scope, fields)?,
        ast::Expr::Array(array) if !array.named => {
            let elements = array.elem.iter().map(sub).collect::<Result<_>>()?;
            call::named(binder, "ARRAY_CONSTRUCT", elements, &expr.to_string())?
        }
        ast::Expr::Collate { .. } => return Err(Error::unsupported("COLLATE")),
        ast::Expr::Extract { field, expr, .. } => call::extract(binder, scope, field, expr)?,
        ast::Expr::Tuple(_) => return Err(Error::unsupported("row constructor")),
        ast::Expr::Lambda(_) => return Err(Error::unsupported("lambda expression")),
        other => return Err(Error::unsupported(other.to_string())),
    })
}

/// `CEIL(x)` and `FLOOR(x, 2)`, whose second argument sqlparser keeps as a literal.
fn rounded(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    name: &'static str,
    expr: &ast::Expr,
    field: &ast::CeilFloorKind,
) -> Result<Expr> {
    let mut arguments = vec![expression(binder, scope, expr)?];
    let text = match field {
        ast::CeilFloorKind::DateTimeField(ast::DateTimeField::NoDateTime) => {
            expr_text(name, &[expr])
        }
        ast::CeilFloorKind::Scale(scale) => {
            arguments.push(literal::literal(&scale.value)?);
            format!("{name}({expr}, {scale})")
        }
        ast::CeilFloorKind::DateTimeField(field) => {
            return Err(Error::unsupported(format!("{name}(… TO {field})")));
        }
    };
    call::named(binder, name, arguments, &text)
}

/// `sequence.NEXTVAL`
fn nextval(binder: &Binder<'_>, parts: &[String]) -> Result<Option<Expr>> {
    let Some((last, name)) = parts.split_last() else {
        return Ok(None);
    };
    if last != "NEXTVAL" {
        return Ok(None);
    }
    let found = binder
        .lookup
        .find(ObjectKind::Sequence, name, binder.action);
    let sequence = found.ok().flatten();
    Ok(sequence.map(|object| functions::nextval(binder.facts.sequences, object.id.0)))
}

/// `$1`, `$2`, …: a column by its place.
fn column_number(written: &str) -> Option<usize> {
    written.strip_prefix('$')?.parse().ok()
}

/// A call's text, for messages.
fn expr_text(name: &str, arguments: &[&ast::Expr]) -> String {
    let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
    format!("{name}({})", arguments.join(", "))
}

/// A cast that the statement asks for; `echo` is its operand, as messages write it.
pub(super) fn cast(
    operand: Expr,
    ty: LogicalType,
    tolerant: bool,
    echo: impl Fn() -> String,
) -> Result<Expr> {
    // A NUMBER's epoch has the digits of the number, whatever the cast says.
    let ty = match (&operand.ty, &ty) {
        (&LogicalType::Number { scale, .. }, &LogicalType::Timestamp { kind, .. }) => {
            let scale = scale.min(9);
            LogicalType::Timestamp { kind, scale }
        }
        _ => ty,
    };
    let from = operand.ty.clone();
    // NULL as a VARCHAR stays a cast: a bare NULL would look the same.
    if operand.is_null_literal() && !matches!(ty, LogicalType::Varchar { .. }) {
        return Ok(operand.cast(ty));
    }
    if !coercion::explicit(&from, &ty) {
        let written = match tolerant {
            false => format!("CAST({} AS {ty})", echo()),
            true => format!("TRY_CAST({})", echo()),
        };
        return Err(Error::invalid_cast(written, ty.conversion()));
    }
    // TRY_CAST reads text alone.
    if tolerant && !matches!(from, LogicalType::Varchar { .. }) {
        return Err(Error::try_cast_types(from, ty));
    }
    let nullable = operand.nullable || tolerant || from == LogicalType::Variant;
    Ok(Expr::new(
        ExprKind::Cast {
            operand: Box::new(operand),
            tolerant,
        },
        ty,
        nullable,
    ))
}

fn binary(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    left: &ast::Expr,
    operator: &ast::BinaryOperator,
    right: &ast::Expr,
) -> Result<Expr> {
    use ast::BinaryOperator as Op;
    let sides = || {
        Ok((
            expression(binder, scope, left)?,
            expression(binder, scope, right)?,
        ))
    };
    let arithmetic = |operator| {
        let (bound_left, bound_right) = sides()?;
        let bound = operators::arithmetic(operator, bound_left, bound_right, binder.facts);
        bound.map_err(|error| placed_at_operator(binder, error, right))
    };
    let compare = |operator| {
        if let (Some(left), Some(right)) = (predicate::row(left), predicate::row(right)) {
            return predicate::compare_rows(binder, scope, operator, left, right);
        }
        let (left, right) = sides()?;
        operators::compare(operator, left, right)
    };
    if let Some(moved) = moved_by_interval(binder, scope, left, operator, right)? {
        return Ok(moved);
    }
    match operator {
        Op::Plus => arithmetic(Arithmetic::Add),
        Op::Minus => arithmetic(Arithmetic::Subtract),
        Op::Multiply => arithmetic(Arithmetic::Multiply),
        Op::Divide => arithmetic(Arithmetic::Divide),
        Op::Modulo => arithmetic(Arithmetic::Modulo),
        Op::Eq => compare(Comparison::Equal),
        Op::NotEq => compare(Comparison::NotEqual),
        Op::Lt => compare(Comparison::Less),
        Op::LtEq => compare(Comparison::LessOrEqual),
        Op::Gt => compare(Comparison::Greater),
        Op::GtEq => compare(Comparison::GreaterOrEqual),
        Op::StringConcat => {
            let (left, right) = sides()?;
            operators::concat(left, right)
        }
        Op::And | Op::Or => {
            // A long chain is one list, not a deep tree.
            let mut chain = vec![right];
            let mut rest = left;
            while let ast::Expr::BinaryOp { left, op, right } = rest
                && op == operator
            {
                chain.push(right);
                rest = left;
            }
            chain.push(rest);
            let operands = chain
                .into_iter()
                .rev()
                .map(|operand| condition(binder, scope, operand))
                .collect::<Result<Vec<_>>>()?;
            let nullable = operands.iter().any(|operand| operand.nullable);
            let kind = if *operator == Op::And {
                ExprKind::And(operands)
            } else {
                ExprKind::Or(operands)
            };
            Ok(Expr::boolean(kind, nullable))
        }
        other => Err(Error::unsupported(format!("operator {other}"))),
    }
}

/// `value + INTERVAL …`, `INTERVAL … + value`, `value - INTERVAL …`.
fn moved_by_interval(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    left: &ast::Expr,
    operator: &ast::BinaryOperator,
    right: &ast::Expr,
) -> Result<Option<Expr>> {
    let negative = match operator {
        ast::BinaryOperator::Plus => false,
        ast::BinaryOperator::Minus => true,
        _ => return Ok(None),
    };
    let (interval, value) = match (interval(left)?, interval(right)?) {
        (None, Some(interval)) => (interval, left),
        (Some(interval), None) if !negative => (interval, right),
        (None, None) => return Ok(None),
        _ => return Err(Error::unsupported("arithmetic of intervals")),
    };
    let value = expression(binder, scope, value)?;
    interval.applied(value, negative, binder.facts).map(Some)
}

fn interval(expr: &ast::Expr) -> Result<Option<Interval>> {
    let written = match expr {
        ast::Expr::Nested(inner) => return interval(inner),
        ast::Expr::Interval(written) => written,
        _ => return Ok(None),
    };
    let text = match &*written.value {
        ast::Expr::Value(value) => match &value.value {
            ast::Value::SingleQuotedString(text) => text,
            _ => return Err(Error::unsupported("INTERVAL without a string")),
        },
        _ => return Err(Error::unsupported("INTERVAL without a string")),
    };
    let last = written.last_field.as_ref().map(ToString::to_string);
    match &written.leading_field {
        None => Interval::parse(text).map(Some),
        Some(first) => Interval::qualified(text, &first.to_string(), last.as_deref()).map(Some),
    }
}

fn is_null(operand: Expr, negated: bool) -> Expr {
    Expr::boolean(
        ExprKind::IsNull {
            operand: Box::new(operand),
            negated,
        },
        false,
    )
}

fn is_truth(operand: Expr, truth: bool, negated: bool) -> Result<Expr> {
    let operand = Box::new(operators::truth(operand)?);
    Ok(Expr::boolean(
        ExprKind::IsTruth {
            operand,
            truth,
            negated,
        },
        false,
    ))
}

fn is_distinct(left: Expr, right: Expr, negated: bool) -> Result<Expr> {
    let (left, right) = operators::comparable(left, right)?;
    let kind = ExprKind::IsDistinct {
        left: Box::new(left),
        right: Box::new(right),
        negated,
    };
    Ok(Expr::boolean(kind, false))
}

fn case(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    operand: Option<&ast::Expr>,
    conditions: &[ast::CaseWhen],
    otherwise: Option<&ast::Expr>,
) -> Result<Expr> {
    let operand = operand
        .map(|operand| expression(binder, scope, operand))
        .transpose()?;
    let mut branches = Vec::new();
    for when in conditions {
        let condition = match &operand {
            None => self::condition(binder, scope, &when.condition)?,
            Some(operand) => {
                let value = expression(binder, scope, &when.condition)?;
                operators::compare(Comparison::Equal, operand.clone(), value)?
            }
        };
        branches.push((condition, expression(binder, scope, &when.result)?));
    }
    let otherwise = otherwise
        .map(|expr| expression(binder, scope, expr))
        .transpose()?;
    let results = || branches.iter().map(|(_, result)| result).chain(&otherwise);
    let ty = coercion::unify(results().map(|result| (&result.ty, result.is_null_literal())));
    let ty = ty.ok_or_else(|| {
        let types: Vec<_> = results().map(|result| result.ty.to_string()).collect();
        Error::incompatible_types(&types[0], types.get(1).map_or("", |ty| ty))
    })?;
    let nullable = otherwise
        .as_ref()
        .is_none_or(|otherwise| otherwise.nullable)
        || branches.iter().any(|(_, result)| result.nullable);
    let branches = branches
        .into_iter()
        .map(|(condition, result)| (condition, result.cast(ty.clone())))
        .collect();
    let otherwise = otherwise.map(|otherwise| Box::new(otherwise.cast(ty.clone())));
    Ok(Expr::new(
        ExprKind::Case {
            branches,
            otherwise,
        },
        ty,
        nullable,
    ))
}
