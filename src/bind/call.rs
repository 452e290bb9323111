//! Function calls: lookup in the table, choice of a signature, DISTINCT, OVER and the rest of an aggregate's clauses.

use super::aggregate::{NESTED_WINDOWS, echo, first_aggregate};
use super::scope::Scope;
use super::{Binder, expression, hierarchy, higher_order, literal, metadata, star, udf, window};
use crate::error::{Error, Result};
use crate::functions::{self, Function, Lowering, Matched, Written};
use crate::sql::{ObjectName, ast};
use crate::tree::{Aggregate, Call, Expr, ExprKind, Form, Literal, SortKey, Window};
use crate::types::LogicalType;
use crate::types::datetime::part::Unit;

/// A call as sqlparser has it.
pub(super) fn function(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    call: &ast::Function,
) -> Result<Expr> {
    let name = ObjectName::from_parsed(&call.name, binder.folding)?;
    if let ([single], ast::FunctionArguments::List(list)) = (&name.parts[..], &call.args)
        && let Some(expr) = higher_order::call(binder, scope, single, &list.args)?
    {
        return Ok(expr);
    }
    if let [single] = &name.parts[..]
        && let Some(path) = hierarchy::path(binder, scope, single, call)?
    {
        return Ok(path);
    }
    if let ([single], ast::FunctionArguments::List(list)) = (&name.parts[..], &call.args)
        && let Some(expr) = metadata::call(binder, single, &list.args)?
    {
        return Ok(expr);
    }
    let known = match &name.parts[..] {
        [single] => functions::lookup(single).map(|function| (single, function)),
        _ => None,
    };
    let Some((single, function)) = known else {
        let written = match &call.args {
            ast::FunctionArguments::List(list) => &list.args[..],
            _ => &[],
        };
        let values = plain_arguments(binder, scope, written)?;
        return udf::scalar(binder, &name, &values)?.ok_or_else(|| unknown(&name));
    };
    if !matches!(call.parameters, ast::FunctionArguments::None) || call.uses_odbc_syntax {
        return Err(Error::unsupported("call syntax of another dialect"));
    }
    let mut inner_treatment = None;
    let written = match &call.args {
        ast::FunctionArguments::None => &[][..],
        ast::FunctionArguments::List(list) => {
            match &list.clauses[..] {
                [] => {}
                [ast::FunctionArgumentClause::IgnoreOrRespectNulls(treatment)] => {
                    inner_treatment = Some(*treatment);
                }
                _ => return Err(Error::unsupported("clause inside an argument list")),
            }
            &list.args
        }
        ast::FunctionArguments::Subquery(_) => {
            return Err(Error::unsupported("query as an argument"));
        }
    };
    let distinct = matches!(&call.args, ast::FunctionArguments::List(list)
        if list.duplicate_treatment == Some(ast::DuplicateTreatment::Distinct));
    let is_star = |argument: &ast::FunctionArg| {
        matches!(
            argument,
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Wildcard)
        )
    };
    if distinct && written.iter().any(is_star) {
        return Err(Error::unsupported("COUNT(DISTINCT *)"));
    }
    let arguments = arguments(binder, scope, (single, function), written)?;
    // Messages write the call without its window.
    let text = || {
        let bare = ast::Function {
            over: None,
            ..call.clone()
        };
        echo(binder, scope, &ast::Expr::Function(bare))
    };
    functions::refusal::check(&functions::refusal::Call {
        name: function.name,
        arguments: &arguments,
        is_distinct: distinct,
        is_windowed: call.over.is_some(),
        text: &text,
        argument: &|place| match written.get(place) {
            Some(ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr))) => {
                echo(binder, scope, expr)
            }
            _ => String::new(),
        },
    })?;
    let matched = functions::match_call(function, arguments, text)?;
    // Over a window an aggregate may stand inside: the rows are grouped before.
    let is_nested = matched.lowering.is_aggregate()
        && call.over.is_none()
        && matched.arguments.iter().any(Expr::has_aggregate);
    if is_nested {
        let inner = written.iter().find_map(|argument| match argument {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => first_aggregate(expr),
            _ => None,
        });
        let inner = inner.map_or_else(String::new, |inner| echo(binder, scope, inner));
        return Err(Error::nested_aggregate(inner, text()));
    }
    if matched.lowering.is_aggregate() && matched.arguments.iter().any(Expr::has_window) {
        return Err(Error::unsupported(NESTED_WINDOWS));
    }
    if !matched.lowering.is_aggregate() {
        let plain = call.over.is_none()
            && call.filter.is_none()
            && call.within_group.is_empty()
            && !distinct;
        if !plain {
            return Err(Error::not_an_aggregate(single));
        }
        // No other lowering looks at the text.
        let text = match matched.lowering {
            Lowering::Written(_) => text(),
            _ => String::new(),
        };
        let written = Written {
            name: single,
            text: &text,
        };
        return finish(binder, &written, matched);
    }
    if call.filter.is_some() {
        return Err(Error::unsupported("FILTER"));
    }
    let order_by = window::sort_keys(binder, scope, &call.within_group)?;
    let over = window::over(binder, scope, single, call.over.as_ref())?;
    // IGNORE NULLS may stand inside the parentheses too.
    let ignore_nulls = match call.null_treatment.or(inner_treatment) {
        None | Some(ast::NullTreatment::RespectNulls) => false,
        Some(ast::NullTreatment::IgnoreNulls) => true,
    };
    let clauses = Clauses {
        distinct,
        order_by,
        ignore_nulls,
        over,
    };
    aggregate(matched, clauses)
}

/// There is no function of this name: none here, or none at all.
pub(super) fn unknown(name: &ObjectName) -> Error {
    let known = match &name.parts[..] {
        [single] => single.clone(),
        [schema, single] if schema == "INFORMATION_SCHEMA" => single.clone(),
        [_, schema, single] if schema == "INFORMATION_SCHEMA" => single.clone(),
        parts => parts.join("."),
    };
    if functions::is_snowflakes(&known) {
        Error::unsupported(known)
    } else {
        Error::unknown_function(name)
    }
}

/// The arguments of a call of a user's function, which has no further clauses.
pub(super) fn plain_arguments(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    written: &[ast::FunctionArg],
) -> Result<Vec<Expr>> {
    written
        .iter()
        .map(|argument| match argument {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => {
                expression::expression(binder, scope, expr)
            }
            _ => Err(Error::unsupported(format!("argument {argument}"))),
        })
        .collect()
}

/// A call by name with bound arguments; `text` is the call as written.
pub(super) fn named(
    binder: &Binder<'_>,
    name: &'static str,
    arguments: Vec<Expr>,
    text: &str,
) -> Result<Expr> {
    let function = functions::lookup(name).ok_or_else(|| Error::unknown_function(name))?;
    let matched = functions::match_call(function, arguments, || text.to_owned())?;
    finish(binder, &Written { name, text }, matched)
}

/// `CURRENT_DATE`, `CURRENT_USER`, …: functions that may be called without parentheses.
pub(super) fn without_parentheses(
    binder: &Binder<'_>,
    identifier: &ast::Ident,
) -> Option<Result<Expr>> {
    const NAMES: &[&str] = &[
        "CURRENT_DATE",
        "CURRENT_TIME",
        "CURRENT_TIMESTAMP",
        "CURRENT_USER",
        "LOCALTIME",
        "LOCALTIMESTAMP",
    ];
    let name = identifier.value.to_uppercase();
    if identifier.quote_style.is_some() || !NAMES.contains(&name.as_str()) {
        return None;
    }
    let function: &'static Function = functions::lookup(&name)?;
    let written = Written {
        name: &name,
        text: &name,
    };
    let matched = functions::match_call(function, vec![], || name.clone());
    Some(matched.and_then(|matched| finish(binder, &written, matched)))
}

fn arguments(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    (name, function): (&str, &Function),
    written: &[ast::FunctionArg],
) -> Result<Vec<Expr>> {
    let part = part_place(binder, scope, function, written);
    let mut bound = Vec::new();
    for (index, argument) in written.iter().enumerate() {
        match argument {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) if part == Some(index) => {
                bound.push(match part_word(expr) {
                    Some(Some(word)) => literal::text(&word),
                    Some(None) => literal::null(),
                    None => return Err(no_part(name, &echo(binder, scope, expr))),
                });
            }
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => {
                bound.push(expression::expression(binder, scope, expr)?);
            }
            // COUNT(*) counts rows; elsewhere a star is its columns.
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Wildcard) if name == "COUNT" => {}
            ast::FunctionArg::Unnamed(star) => {
                let options = ast::WildcardAdditionalOptions::default();
                let items = match star {
                    ast::FunctionArgExpr::Wildcard => star::star(binder, scope, &[], &options)?,
                    ast::FunctionArgExpr::QualifiedWildcard(name) => {
                        let name = ObjectName::from_parsed(name, binder.folding)?;
                        star::star(binder, scope, &name.parts, &options)?
                    }
                    ast::FunctionArgExpr::WildcardWithOptions(options) => {
                        star::star(binder, scope, &[], options)?
                    }
                    ast::FunctionArgExpr::Expr(_) => vec![],
                };
                let has_keys = name.starts_with("OBJECT_CONSTRUCT");
                for item in items {
                    if has_keys {
                        let name = Literal::Text(item.name);
                        bound.push(Expr::literal(name, LogicalType::TEXT));
                    }
                    bound.push(item.expr);
                }
            }
            _ => return Err(Error::unsupported(format!("argument {argument}"))),
        }
    }
    Ok(bound)
}

/// Which argument is the word of a date part: that of the first signature, or where several places are possible, the one
/// whose word is known. It is never looked up as a column, except to tell `DATE_TRUNC(d, year)` from `DATE_TRUNC(year, d)`.
fn part_place(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    function: &Function,
    written: &[ast::FunctionArg],
) -> Option<usize> {
    let places = functions::part_places(function, written.len());
    let expr = |place: usize| match written.get(place) {
        Some(ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr))) => Some(expr),
        _ => None,
    };
    let is_known = |place: &&usize| {
        let word = expr(**place).and_then(part_word).flatten();
        word.is_some_and(|word| Unit::named(&word).is_some())
    };
    let is_column = |place: &usize| match expr(*place) {
        Some(ast::Expr::Identifier(identifier)) => {
            scope.resolve(&[binder.fold(identifier)]).is_ok()
        }
        _ => false,
    };
    let known: Vec<_> = places.iter().filter(is_known).collect();
    match known[..] {
        [first, second] if is_column(first) && !is_column(second) => Some(*second),
        [first, ..] => Some(*first),
        [] => places.first().copied(),
    }
}

/// The word of a date part: a bare one in capitals, without its qualifier; `None` inside is NULL.
fn part_word(expr: &ast::Expr) -> Option<Option<String>> {
    let word = |identifier: &ast::Ident| match identifier.quote_style {
        None => identifier.value.to_uppercase(),
        Some(_) => identifier.value.clone(),
    };
    Some(match expr {
        ast::Expr::Identifier(identifier) => Some(word(identifier)),
        ast::Expr::CompoundIdentifier(parts) => Some(word(parts.last()?)),
        ast::Expr::Value(value) => match &value.value {
            ast::Value::SingleQuotedString(text) => Some(text.clone()),
            ast::Value::DollarQuotedString(quoted) => Some(quoted.value.clone()),
            ast::Value::Null => None,
            _ => return None,
        },
        ast::Expr::Nested(inner) => return part_word(inner),
        _ => return None,
    })
}

fn no_part(function: &str, text: &str) -> Error {
    match function {
        "DATE_PART" => Error::invalid_parameter_value("null", "DATE_PART date/time part"),
        _ => Error::date_part_not_a_word(text, function),
    }
}

/// `EXTRACT(part FROM value)`; the part keeps the case that was written.
pub(super) fn extract(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    field: &ast::DateTimeField,
    value: &ast::Expr,
) -> Result<Expr> {
    let word = match field {
        ast::DateTimeField::Custom(identifier) => identifier.value.clone(),
        other => other.to_string(),
    };
    let arguments = vec![
        literal::text(&word),
        expression::expression(binder, scope, value)?,
    ];
    let text = format!("EXTRACT({word} FROM {value})");
    named(binder, "EXTRACT", arguments, &text)
}

/// A scalar function's call from its lowering.
fn finish(binder: &Binder<'_>, written: &Written<'_>, matched: Matched) -> Result<Expr> {
    let Matched {
        lowering,
        arguments,
        unified,
        ty,
        nullable,
        returns,
    } = matched;
    let form = match lowering {
        Lowering::Engine(name) => Form::Engine(name),
        Lowering::Template(template) => Form::Template(template),
        Lowering::Native(native) => Form::Engine(native.name),
        Lowering::Tree(rewrite) => return rewrite(arguments, binder.facts),
        Lowering::Written(rewrite) => return rewrite(written, arguments, binder.facts),
        Lowering::Session(constant) => return Ok(constant(binder.facts)),
        Lowering::Aggregate(_) | Lowering::NativeAggregate(_) | Lowering::AggregateTree(_) => {
            return Err(Error::internal("an aggregate is no scalar function"));
        }
    };
    let call = Call {
        form,
        arguments,
        unified,
        returns,
    };
    Ok(Expr::new(ExprKind::Call(call), ty, nullable))
}

struct Clauses {
    distinct: bool,
    order_by: Vec<SortKey>,
    ignore_nulls: bool,
    over: Option<Window>,
}

fn aggregate(matched: Matched, clauses: Clauses) -> Result<Expr> {
    let Matched {
        lowering,
        arguments,
        unified,
        ty,
        nullable,
        returns,
    } = matched;
    let Clauses {
        distinct,
        order_by,
        ignore_nulls,
        over,
    } = clauses;
    let form = match lowering {
        Lowering::Aggregate(name) => Form::Engine(name),
        Lowering::NativeAggregate(native) => Form::Engine(native.name),
        Lowering::AggregateTree(_) => Form::Engine(""),
        _ => return Err(Error::internal("not an aggregate")),
    };
    let call = Call {
        form,
        arguments,
        unified,
        returns,
    };
    let aggregate = Aggregate {
        call,
        distinct,
        filter: None,
        order_by,
        ignore_nulls,
        over,
    };
    match lowering {
        Lowering::AggregateTree(rewrite) => rewrite(aggregate),
        _ => Ok(Expr::new(
            ExprKind::Aggregate(Box::new(aggregate)),
            ty,
            nullable,
        )),
    }
}
