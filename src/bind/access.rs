//! Access to what a VARIANT holds: `v:a.b[0]`, `v['a']`; object constants.
//!
//! Source: Snowflake, "Querying semi-structured data".

use super::scope::Scope;
use super::{Binder, call, expression};
use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{Call, Expr, ExprKind, Form, Literal, Returns};
use crate::types::LogicalType;
use crate::types::variant::path;

/// One step of a path.
enum Step {
    Key(String),
    Index(i128),
    /// An index or a key that each row computes.
    Computed(Expr),
}

/// `value:path`
pub(super) fn path(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    value: &ast::Expr,
    path: &ast::JsonPath,
) -> Result<Expr> {
    let base = expression::expression(binder, scope, value)?;
    let steps = path
        .path
        .iter()
        .map(|element| match element {
            ast::JsonPathElem::Dot { key, .. } => Ok(Step::Key(key.clone())),
            ast::JsonPathElem::Bracket { key } | ast::JsonPathElem::ColonBracket { key } => {
                subscript(binder, scope, key)
            }
        })
        .collect::<Result<_>>()?;
    walk(base, steps)
}

/// `name.name[subscript].key`: names lead to a column as far as they go, the others are keys.
pub(super) fn chain(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    root: &ast::Expr,
    accesses: &[ast::AccessExpr],
) -> Result<Expr> {
    let dotted = |access: &ast::AccessExpr| match access {
        ast::AccessExpr::Dot(ast::Expr::Identifier(identifier)) => Some(identifier.clone()),
        _ => None,
    };
    let mut names = match root {
        ast::Expr::Identifier(identifier) => vec![identifier.clone()],
        ast::Expr::CompoundIdentifier(parts) => parts.clone(),
        _ => vec![],
    };
    let mut rest = accesses;
    let base = if names.is_empty() {
        expression::expression(binder, scope, root)?
    } else {
        while let Some((first, after)) = rest.split_first()
            && let Some(name) = dotted(first)
        {
            names.push(name);
            rest = after;
        }
        let whole = match &names[..] {
            [single] => ast::Expr::Identifier(single.clone()),
            _ => ast::Expr::CompoundIdentifier(names),
        };
        expression::expression(binder, scope, &whole)?
    };
    let steps = rest
        .iter()
        .map(|access| match access {
            ast::AccessExpr::Dot(ast::Expr::Identifier(key)) => Ok(Step::Key(key.value.clone())),
            ast::AccessExpr::Subscript(ast::Subscript::Index { index }) => {
                subscript(binder, scope, index)
            }
            _ => Err(Error::unsupported("this kind of subscript")),
        })
        .collect::<Result<_>>()?;
    walk(base, steps)
}

fn subscript(binder: &Binder<'_>, scope: &Scope<'_>, key: &ast::Expr) -> Result<Step> {
    let bound = expression::expression(binder, scope, key)?;
    Ok(match (&bound.kind, &bound.ty) {
        (ExprKind::Literal(Literal::Text(key)), _) => Step::Key(key.clone()),
        (ExprKind::Literal(Literal::Number(index)), LogicalType::Number { scale: 0, .. }) => {
            Step::Index(*index)
        }
        _ => Step::Computed(bound),
    })
}

/// Steps that are known are one path; others are calls of GET.
fn walk(base: Expr, steps: Vec<Step>) -> Result<Expr> {
    let mut value = base;
    let mut known = String::new();
    for step in steps {
        check(&value, &step)?;
        match step {
            Step::Key(key) => known.push_str(&path::key_step(&key)),
            Step::Index(index) => known.push_str(&format!("[{index}]")),
            Step::Computed(by) => {
                value = get(followed(value, &mut known), by)?;
            }
        }
    }
    Ok(followed(value, &mut known))
}

/// Only a VARIANT, OBJECT or ARRAY has something inside.
fn check(value: &Expr, step: &Step) -> Result<()> {
    let holds = matches!(
        value.ty,
        LogicalType::Variant | LogicalType::Object | LogicalType::Array
    );
    if holds || value.is_null_literal() {
        return Ok(());
    }
    let by = match step {
        Step::Key(key) => format!("VARCHAR({})", key.chars().count()),
        Step::Index(index) => {
            let digits = index.unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
            format!("NUMBER({digits},0)")
        }
        Step::Computed(by) => by.ty.to_string(),
    };
    Err(Error::invalid_argument_types(
        "GET",
        format!("{}, {by}", value.ty),
    ))
}

fn followed(value: Expr, known: &mut String) -> Expr {
    if known.is_empty() {
        return value;
    }
    let path = Expr::literal(Literal::Text(std::mem::take(known)), LogicalType::TEXT);
    native("sf_path", value, path)
}

fn get(value: Expr, by: Expr) -> Result<Expr> {
    Ok(match by.ty {
        LogicalType::Variant => native("sf_get_by_value", value, by),
        LogicalType::Varchar { .. } => native("sf_get_member", value, by),
        LogicalType::Number { .. } | LogicalType::Float => {
            let index = by.cast(LogicalType::Number {
                precision: 18,
                scale: 0,
            });
            native("sf_get_element", value, index)
        }
        _ => {
            return Err(Error::invalid_argument_types(
                "GET",
                format!("{}, {}", value.ty, by.ty),
            ));
        }
    })
}

fn native(name: &'static str, value: Expr, by: Expr) -> Expr {
    let call = Call {
        form: Form::Engine(name),
        arguments: vec![value, by],
        unified: vec![],
        returns: Returns::Natural,
    };
    Expr::new(ExprKind::Call(call), LogicalType::Variant, true)
}

/// `{'key': value, …}`
pub(super) fn object_constant(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    fields: &[ast::DictionaryField],
) -> Result<Expr> {
    let mut arguments = Vec::with_capacity(fields.len() * 2);
    for field in fields {
        let key = Literal::Text(field.key.value.clone());
        arguments.push(Expr::literal(key, LogicalType::TEXT));
        arguments.push(expression::expression(binder, scope, &field.value)?);
    }
    call::named(binder, "OBJECT_CONSTRUCT", arguments, "OBJECT_CONSTRUCT")
}
