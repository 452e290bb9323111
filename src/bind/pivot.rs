//! PIVOT and UNPIVOT, as the grouped query and the lateral rows that they stand for.
//!
//! Source: Snowflake, "PIVOT", "UNPIVOT".

use super::from::{factor, output_columns, show};
use super::scope::{Scope, VisibleColumn};
use super::{Binder, expression, query, select};
use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{
    Body, Call, Expr, ExprKind, Form, Grouping, JoinKind, Literal, OutputColumn, Relation, Returns,
    Select,
};
use crate::types::{LogicalType, coercion};

pub(super) struct Pivot<'a> {
    pub table: &'a ast::TableFactor,
    pub aggregates: &'a [ast::ExprWithAlias],
    pub column: &'a [ast::Expr],
    pub values: &'a ast::PivotValueSource,
    pub default_on_null: Option<&'a ast::Expr>,
    pub alias: Option<&'a ast::TableAlias>,
}

/// `table PIVOT (SUM(amount) FOR month IN ('JAN', 'FEB'))`: a group for each combination of the other columns, with a column
/// for each value.
pub(super) fn pivot(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    pivot: &Pivot<'_>,
) -> Result<Relation> {
    let mut inner = Scope::of_ctes(scope);
    let from = factor(binder, &mut inner, pivot.table)?;
    let [aggregate] = pivot.aggregates else {
        return Err(Error::unsupported("PIVOT with several aggregates"));
    };
    let [column] = pivot.column else {
        return Err(Error::unsupported("PIVOT over several columns"));
    };
    let values = match pivot.values {
        ast::PivotValueSource::List(values) => values,
        ast::PivotValueSource::Any(_) => return Err(Error::unsupported("PIVOT … IN (ANY) here")),
        ast::PivotValueSource::Subquery(_) => {
            return Err(Error::unsupported("PIVOT … IN (query) here"));
        }
    };
    let (call, argument) = single_argument(&aggregate.expr)?;
    let used = [
        expression::expression(binder, &inner, column)?,
        expression::expression(binder, &inner, argument)?,
    ];
    let keys: Vec<VisibleColumn> = columns_of(&inner)
        .filter(|column| !used.contains(&column.expr))
        .cloned()
        .collect();
    let mut projection: Vec<Expr> = keys.iter().map(|key| key.expr.clone()).collect();
    let mut outputs: Vec<OutputColumn> = keys.iter().map(output_of).collect();
    for value in values {
        let call = with_argument(call, only_for(argument, column, &value.expr));
        let mut bound = expression::expression(binder, &inner, &call)?;
        if let Some(default) = pivot.default_on_null {
            let default = expression::expression(binder, &inner, default)?;
            bound = coalesce(bound, default)?;
        }
        let name = match &value.alias {
            Some(alias) => binder.fold(alias),
            None => value.expr.to_string(),
        };
        outputs.push(OutputColumn {
            // The aggregate's alias stands within the quotes of a text.
            name: match (&aggregate.alias, name.strip_suffix('\'')) {
                (None, _) => name,
                (Some(alias), Some(open)) => format!("{open}_{}'", binder.fold(alias)),
                (Some(alias), None) => format!("{name}_{}", binder.fold(alias)),
            },
            ty: bound.ty.clone(),
            nullable: bound.nullable,
            origin: None,
        });
        projection.push(bound);
    }
    let grouping = Grouping {
        keys: keys.into_iter().map(|key| key.expr).collect(),
        ..Grouping::default()
    };
    let select = Select {
        from: Some(from),
        grouping: Some(grouping),
        projection,
        ..select::empty()
    };
    let query = query::plain(Body::Select(Box::new(select)), outputs);
    derived(binder, scope, query, pivot.alias)
}

/// The aggregate's call and its only argument.
fn single_argument(call: &ast::Expr) -> Result<(&ast::Function, &ast::Expr)> {
    let unsupported = || Error::unsupported("PIVOT with an aggregate of something but one column");
    let ast::Expr::Function(function) = call else {
        return Err(unsupported());
    };
    let ast::FunctionArguments::List(list) = &function.args else {
        return Err(unsupported());
    };
    match &list.args[..] {
        [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(argument))] => {
            Ok((function, argument))
        }
        _ => Err(unsupported()),
    }
}

fn with_argument(call: &ast::Function, argument: ast::Expr) -> ast::Expr {
    let mut call = call.clone();
    if let ast::FunctionArguments::List(list) = &mut call.args {
        list.args = vec![ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(
            argument,
        ))];
    }
    ast::Expr::Function(call)
}

/// `CASE WHEN column = value THEN argument END`
fn only_for(argument: &ast::Expr, column: &ast::Expr, value: &ast::Expr) -> ast::Expr {
    let is_null = matches!(value, ast::Expr::Value(value) if value.value == ast::Value::Null);
    let condition = match is_null {
        true => ast::Expr::IsNull(Box::new(column.clone())),
        false => ast::Expr::BinaryOp {
            left: Box::new(column.clone()),
            op: ast::BinaryOperator::Eq,
            right: Box::new(value.clone()),
        },
    };
    ast::Expr::Case {
        case_token: ast::helpers::attached_token::AttachedToken::empty(),
        end_token: ast::helpers::attached_token::AttachedToken::empty(),
        operand: None,
        conditions: vec![ast::CaseWhen {
            condition,
            result: argument.clone(),
        }],
        else_result: None,
    }
}

fn coalesce(value: Expr, default: Expr) -> Result<Expr> {
    let ty = coercion::unify([(&value.ty, false), (&default.ty, default.is_null_literal())])
        .ok_or_else(|| Error::incompatible_types(&value.ty, &default.ty))?;
    let nullable = default.nullable;
    let call = Call {
        form: Form::Engine("coalesce"),
        arguments: vec![value.cast(ty.clone()), default.cast(ty.clone())],
        unified: vec![0, 1],
        returns: Returns::Unified,
    };
    Ok(Expr::new(ExprKind::Call(call), ty, nullable))
}

pub(super) struct Unpivot<'a> {
    pub table: &'a ast::TableFactor,
    pub value: &'a ast::Expr,
    pub name: &'a ast::Ident,
    pub columns: &'a [ast::ExprWithAlias],
    pub include_nulls: bool,
    pub alias: Option<&'a ast::TableAlias>,
}

/// `table UNPIVOT (amount FOR month IN (jan, feb))`: a row for each of the columns, with its name and its value.
pub(super) fn unpivot(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    unpivot: &Unpivot<'_>,
) -> Result<Relation> {
    let mut inner = Scope::of_ctes(scope);
    let from = factor(binder, &mut inner, unpivot.table)?;
    let ast::Expr::Identifier(value) = unpivot.value else {
        return Err(Error::unsupported("UNPIVOT into several columns"));
    };
    let sources = unpivot
        .columns
        .iter()
        .map(|column| {
            let named = expression::named(binder, &inner, &column.expr)?;
            let name = match &column.alias {
                Some(alias) => binder.fold(alias),
                None => named.name.unwrap_or_default(),
            };
            Ok((name, named.expr))
        })
        .collect::<Result<Vec<_>>>()?;
    let ty = coercion::unify(sources.iter().map(|(_, source)| (&source.ty, false)));
    let ty = ty.ok_or_else(|| {
        let types: Vec<_> = sources
            .iter()
            .map(|(_, source)| source.ty.to_string())
            .collect();
        Error::incompatible_types(&types[0], types[1..].join(", "))
    })?;
    let text = |name: &str| Expr::literal(Literal::Text(name.to_owned()), LogicalType::TEXT);
    let rows = sources
        .iter()
        .map(|(name, source)| vec![text(name), source.clone().cast(ty.clone())])
        .collect();
    let output = |name: &ast::Ident, ty: LogicalType, nullable: bool| OutputColumn {
        name: binder.fold(name),
        ty,
        nullable,
        origin: None,
    };
    let pair = vec![
        output(unpivot.name, LogicalType::TEXT, false),
        output(value, ty, true),
    ];
    let id = binder.new_relation();
    let added = output_columns(id, &pair);
    let lateral = Relation::Derived {
        id,
        query: Box::new(query::plain(Body::Values(rows), pair.clone())),
        lateral: true,
    };
    let kept = columns_of(&inner)
        .filter(|column| !sources.iter().any(|(_, source)| *source == column.expr));
    let (mut projection, mut outputs): (Vec<_>, Vec<_>) = kept
        .map(|column| (column.expr.clone(), output_of(column)))
        .unzip();
    projection.extend(added.iter().map(|column| column.expr.clone()));
    outputs.extend(pair);
    let filter = added.last().filter(|_| !unpivot.include_nulls);
    let filter = filter.map(|column| {
        let operand = Box::new(column.expr.clone());
        Expr::boolean(
            ExprKind::IsNull {
                operand,
                negated: true,
            },
            false,
        )
    });
    let select = Select {
        from: Some(Relation::Join {
            kind: JoinKind::Cross,
            left: Box::new(from),
            right: Box::new(lateral),
            condition: None,
        }),
        filter,
        projection,
        ..select::empty()
    };
    let query = query::plain(Body::Select(Box::new(select)), outputs);
    derived(binder, scope, query, unpivot.alias)
}

fn columns_of<'s>(scope: &'s Scope<'_>) -> impl Iterator<Item = &'s VisibleColumn> {
    let relations = scope.relations.iter();
    relations.flat_map(|relation| &relation.columns)
}

fn output_of(column: &VisibleColumn) -> OutputColumn {
    OutputColumn {
        name: column.name.clone(),
        ty: column.expr.ty.clone(),
        nullable: column.expr.nullable,
        origin: column.origin.clone(),
    }
}

fn derived(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    query: crate::tree::Query,
    alias: Option<&ast::TableAlias>,
) -> Result<Relation> {
    let id = binder.new_relation();
    let columns = output_columns(id, &query.columns);
    let name = alias.map_or_else(String::new, |alias| binder.fold(&alias.name));
    show(binder, scope, name, None, columns, alias)?;
    Ok(Relation::Derived {
        id,
        query: Box::new(query),
        lateral: false,
    })
}
