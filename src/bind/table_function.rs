//! Table functions in FROM: `TABLE(f(…))`, `LATERAL f(…)`.
//!
//! Source: Snowflake, "Table functions"; wording of refusals as recorded from a live account.

use super::from::show;
use super::scope::{Scope, VisibleColumn};
use super::{Binder, expression, metadata, query_history, udf};
use crate::error::{Error, ErrorCode, Result};
use crate::sql::{ObjectName, ast, position_of};
use crate::tree::{
    Call, ColumnRef, Expr, ExprKind, Form, FunctionRelation, Literal, Relation, RelationId,
    Returns, Rows,
};
use crate::types::{LogicalType, PhysicalType};

const BIGINT: PhysicalType = PhysicalType::BigInt;
const VARCHAR: PhysicalType = PhysicalType::Varchar;

/// A call in FROM.
pub(super) struct TableCall<'a> {
    pub name: &'a ast::ObjectName,
    pub arguments: &'a [ast::FunctionArg],
    pub alias: Option<&'a ast::TableAlias>,
}

/// The table functions that are bound here; the others are the user's.
const BUILT_IN: &[&str] = &[
    "FLATTEN",
    "GENERATOR",
    "SPLIT_TO_TABLE",
    "STRTOK_SPLIT_TO_TABLE",
];

/// Binds the call and makes its columns visible. Its arguments see the relations before it.
pub(super) fn table_function(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    call: &TableCall<'_>,
) -> Result<Relation> {
    let name = ObjectName::from_parsed(call.name, binder.folding)?;
    let listed = match query_history::relation(binder, &name, call.arguments)? {
        Some(found) => Some(found),
        None => metadata::table_function(binder, &name, call.arguments)?,
    };
    if let Some((relation, columns)) = listed {
        let visible = call
            .alias
            .map_or_else(String::new, |alias| binder.fold(&alias.name));
        show(binder, scope, visible, None, columns, call.alias)?;
        return Ok(relation);
    }
    if !BUILT_IN.iter().any(|known| name.parts == [*known]) {
        let arguments = super::call::plain_arguments(binder, scope, call.arguments)?;
        let (relation, columns) =
            udf::table(binder, &name, &arguments)?.ok_or_else(|| unknown(&name))?;
        let visible = call
            .alias
            .map_or_else(String::new, |alias| binder.fold(&alias.name));
        show(binder, scope, visible, None, columns, call.alias)?;
        return Ok(relation);
    }
    let id = binder.new_relation();
    let bound = match &name.parts[..] {
        [name] => match name.as_str() {
            "FLATTEN" => flatten(binder, scope, id, call),
            "SPLIT_TO_TABLE" => split(binder, scope, id, call, "sf_split_to_table"),
            "STRTOK_SPLIT_TO_TABLE" => split(binder, scope, id, call, "sf_strtok_split_to_table"),
            "GENERATOR" => generator(binder, scope, call),
            _ => Err(Error::unknown_table_function(name)),
        },
        _ => Err(Error::unknown_table_function(&name)),
    };
    let (rows, constants, columns) = bound.map_err(|error| match error.code() {
        // Wrong types are named without a place here.
        ErrorCode::MissingArgument | ErrorCode::UnexpectedArgument => placed(error, call.name),
        _ => error,
    })?;
    let visible = call
        .alias
        .map_or_else(|| name.last().to_owned(), |alias| binder.fold(&alias.name));
    show(binder, scope, visible, None, columns, call.alias)?;
    Ok(Relation::Function(Box::new(FunctionRelation {
        id,
        rows,
        constants,
    })))
}

fn unknown(name: &ObjectName) -> Error {
    let error = super::call::unknown(name);
    match error.code() {
        ErrorCode::UnknownFunction => Error::unknown_table_function(name),
        _ => error,
    }
}

/// The error at the place of the function's name.
fn placed(error: Error, name: &ast::ObjectName) -> Error {
    let first = name.0.first().and_then(|part| part.as_ident());
    match first.and_then(|name| position_of(&ast::Expr::Identifier(name.clone()))) {
        Some(place) => error.at(place),
        None => error,
    }
}

type Bound = (Rows, Vec<Expr>, Vec<VisibleColumn>);

/// Arguments by the names of the parameters, in the order of the parameters; one that is named goes before one by position.
fn by_name(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    call: &TableCall<'_>,
    parameters: &[&str],
) -> Result<Vec<Option<(Expr, bool)>>> {
    let mut found: Vec<Option<(Expr, bool)>> = parameters.iter().map(|_| None).collect();
    let function = call.name.to_string().to_uppercase();
    for (position, argument) in call.arguments.iter().enumerate() {
        let (name, value) = match argument {
            ast::FunctionArg::Named { name, arg, .. } => (Some(name.value.to_uppercase()), arg),
            ast::FunctionArg::ExprNamed { name, arg, .. } => {
                (Some(name.to_string().to_uppercase()), arg)
            }
            ast::FunctionArg::Unnamed(arg) => (None, arg),
        };
        let ast::FunctionArgExpr::Expr(value) = value else {
            return Err(Error::unsupported(format!("argument {argument}")));
        };
        let index = match &name {
            Some(name) => parameters.iter().position(|known| known == name),
            None => (position < parameters.len()).then_some(position),
        };
        let Some(index) = index else {
            let shown = name.unwrap_or_else(|| value.to_string());
            return Err(Error::unexpected_argument(function, shown, position + 1));
        };
        let is_named = name.is_some();
        if is_named || found[index].is_none() {
            found[index] = Some((expression::expression(binder, scope, value)?, is_named));
        }
    }
    Ok(found)
}

fn column(
    id: RelationId,
    number: u64,
    name: &str,
    ty: LogicalType,
    nullable: bool,
) -> VisibleColumn {
    let column = ColumnRef {
        relation: id,
        column: number,
    };
    VisibleColumn {
        name: name.to_owned(),
        expr: Expr::new(ExprKind::Column(column), ty, nullable),
        origin: None,
        merged_away: false,
    }
}

/// A constant text, `default` where the argument is left out or NULL.
fn constant_text(
    argument: Option<&(Expr, bool)>,
    parameter: &str,
    default: &str,
) -> Result<String> {
    match argument.map(|(expr, _)| expr) {
        None => Ok(default.to_owned()),
        Some(expr) => match &expr.kind {
            ExprKind::Literal(Literal::Text(text)) => Ok(text.clone()),
            ExprKind::Literal(Literal::Null) => Ok(default.to_owned()),
            _ => Err(Error::invalid_cast(&expr.ty, parameter)),
        },
    }
}

fn constant_boolean(argument: Option<&(Expr, bool)>, parameter: &str) -> Result<bool> {
    match argument.map(|(expr, _)| expr) {
        None => Ok(false),
        Some(expr) => match &expr.kind {
            ExprKind::Literal(Literal::Boolean(value)) => Ok(*value),
            ExprKind::Literal(Literal::Null) => Ok(false),
            _ => Err(Error::invalid_cast(&expr.ty, parameter)),
        },
    }
}

fn text(value: &str) -> Expr {
    Expr::literal(Literal::Text(value.to_owned()), LogicalType::TEXT)
}

/// FLATTEN(INPUT, PATH, OUTER, RECURSIVE, MODE)
fn flatten(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    id: RelationId,
    call: &TableCall<'_>,
) -> Result<Bound> {
    const PARAMETERS: &[&str] = &["INPUT", "PATH", "OUTER", "RECURSIVE", "MODE"];
    let mut arguments = by_name(binder, scope, call, PARAMETERS)?;
    let path = constant_text(arguments[1].as_ref(), "PATH", "")?;
    let outer = constant_boolean(arguments[2].as_ref(), "OUTER")?;
    let recursive = constant_boolean(arguments[3].as_ref(), "RECURSIVE")?;
    let mode = constant_text(arguments[4].as_ref(), "MODE", "BOTH")?;
    let (input, is_named) = arguments[0]
        .take()
        .ok_or_else(|| Error::missing_argument("INPUT", "FLATTEN"))?;
    let holds = matches!(
        input.ty,
        LogicalType::Variant | LogicalType::Object | LogicalType::Array
    );
    if !holds && !input.is_null_literal() {
        let parameter = if is_named { "INPUT" } else { "1" };
        return Err(Error::invalid_cast(&input.ty, parameter));
    }
    let mode = match mode.to_uppercase().as_str() {
        known @ ("BOTH" | "ARRAY" | "OBJECT") => known.to_owned(),
        _ => return Err(Error::bad_flattening_mode(mode)),
    };
    let input = if input.is_null_literal() {
        input.cast(LogicalType::Variant)
    } else {
        input
    };
    let (path, mode) = (text(&path), text(&mode));
    let outer = Expr::literal(Literal::Boolean(outer), LogicalType::Boolean);
    let mut constants = vec![];
    let (name, columns): (_, &'static [PhysicalType]) = if recursive {
        const COLUMNS: &[PhysicalType] = &[BIGINT, VARCHAR, VARCHAR, BIGINT, VARCHAR, VARCHAR];
        ("sf_flatten_recursive", COLUMNS)
    } else {
        // THIS is the same in all rows of an input.
        let this = Call {
            form: Form::Engine("sf_flattened"),
            arguments: vec![input.clone(), path.clone(), mode.clone()],
            unified: vec![],
            returns: Returns::Natural,
        };
        constants.push(Expr::new(ExprKind::Call(this), LogicalType::Variant, true));
        const COLUMNS: &[PhysicalType] = &[BIGINT, VARCHAR, VARCHAR, BIGINT, VARCHAR];
        ("sf_flatten", COLUMNS)
    };
    let rows = Rows::Native {
        name,
        arguments: vec![input, path, outer, mode],
        columns,
    };
    let visible = vec![
        column(id, 0, "SEQ", LogicalType::INTEGER, false),
        column(id, 1, "KEY", LogicalType::TEXT, true),
        column(id, 2, "PATH", LogicalType::TEXT, true),
        column(id, 3, "INDEX", LogicalType::INTEGER, true),
        column(id, 4, "VALUE", LogicalType::Variant, true),
        column(id, 5, "THIS", LogicalType::Variant, true),
    ];
    Ok((rows, constants, visible))
}

/// SPLIT_TO_TABLE(text, separator), STRTOK_SPLIT_TO_TABLE(text [, delimiters])
fn split(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    id: RelationId,
    call: &TableCall<'_>,
    native: &'static str,
) -> Result<Bound> {
    let mut arguments = by_name(binder, scope, call, &["1", "2"])?.into_iter();
    let mut next = |default: Option<&str>| -> Result<Expr> {
        match (arguments.next().flatten(), default) {
            (Some((argument, _)), _) => super::operators::text(argument),
            (None, Some(default)) => Ok(text(default)),
            (None, None) => {
                let got = call.arguments.len();
                Err(Error::not_enough_arguments(call.name, 2, got))
            }
        }
    };
    let default = (native == "sf_strtok_split_to_table").then_some(" ");
    let arguments = vec![next(None)?, next(default)?];
    const COLUMNS: &[PhysicalType] = &[BIGINT, BIGINT, VARCHAR];
    let rows = Rows::Native {
        name: native,
        arguments,
        columns: COLUMNS,
    };
    let visible = vec![
        column(id, 0, "SEQ", LogicalType::INTEGER, false),
        column(id, 1, "INDEX", LogicalType::INTEGER, false),
        column(id, 2, "VALUE", LogicalType::TEXT, false),
    ];
    Ok((rows, vec![], visible))
}

/// Rows that a GENERATOR with a time limit alone gives for a second; how many a real one gives depends on its speed.
const ROWS_PER_SECOND: u64 = 1_000_000;

/// GENERATOR(ROWCOUNT => n, TIMELIMIT => s): rows without columns.
fn generator(binder: &Binder<'_>, scope: &Scope<'_>, call: &TableCall<'_>) -> Result<Bound> {
    let arguments = by_name(binder, scope, call, &["ROWCOUNT", "TIMELIMIT"])?;
    let number = |index: usize, parameter: &str| -> Result<Option<u64>> {
        let Some((argument, _)) = &arguments[index] else {
            return Ok(None);
        };
        match (&argument.kind, &argument.ty) {
            (ExprKind::Literal(Literal::Null), _) => Ok(None),
            (ExprKind::Literal(Literal::Number(value)), LogicalType::Number { scale: 0, .. }) => {
                u64::try_from(*value)
                    .map(Some)
                    .map_err(|_| Error::invalid_parameter_value(value, parameter))
            }
            (ExprKind::Literal(Literal::Text(text)), _) => text
                .trim()
                .parse()
                .map(Some)
                .map_err(|_| Error::invalid_parameter_value(text, parameter)),
            _ => Err(Error::invalid_cast(&argument.ty, parameter)),
        }
    };
    let count = match (number(0, "ROWCOUNT")?, number(1, "TIMELIMIT")?) {
        (Some(count), _) => count,
        (None, Some(seconds)) if arguments[0].is_none() => seconds.saturating_mul(ROWS_PER_SECOND),
        _ => 0,
    };
    Ok((Rows::Count(count), vec![], vec![]))
}
