//! `TABLE(RESULT_SCAN(…))`: the kept result of an earlier query as a relation.

use std::collections::HashMap;

use super::scope::VisibleColumn;
use super::{Binder, expression, from, scope::Scope};
use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{ExprKind, Literal, OutputColumn, Relation};
use crate::types::PhysicalType;

/// The results that a statement reads, by query id, as they stand ready in the engine.
pub type KeptResults = HashMap<String, KeptResult>;

/// A kept result that stands ready in the engine.
#[derive(Debug, Clone)]
pub struct KeptResult {
    /// The engine's name of it.
    pub physical_name: String,
    pub columns: Vec<OutputColumn>,
    pub physical: Vec<PhysicalType>,
}

/// The relation of a call of RESULT_SCAN, and its columns; `None` for another table function.
pub(super) fn relation(
    binder: &Binder<'_>,
    call: &ast::Expr,
) -> Result<Option<(Relation, Vec<VisibleColumn>)>> {
    let ast::Expr::Function(call) = call else {
        return Ok(None);
    };
    if !call.name.to_string().eq_ignore_ascii_case("RESULT_SCAN") {
        return Ok(None);
    }
    let text = call.to_string();
    let ast::FunctionArguments::List(list) = &call.args else {
        return Err(Error::not_enough_arguments(text, 1, 0));
    };
    let [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(argument))] = &list.args[..] else {
        return Err(match list.args.len() {
            0 => Error::not_enough_arguments(text, 1, 0),
            count => Error::too_many_arguments(text, 1, count),
        });
    };
    let id = expression::expression(binder, &Scope::root(), argument)?;
    let ExprKind::Literal(Literal::Text(id)) = id.kind else {
        return Err(Error::unsupported("RESULT_SCAN of an expression"));
    };
    let kept = binder.shared.ready.results.get(&id.to_ascii_lowercase());
    let kept = kept.ok_or_else(|| Error::statement_not_found(&id))?;
    let relation_id = binder.new_relation();
    let relation = Relation::Kept {
        id: relation_id,
        physical_name: kept.physical_name.clone(),
        columns: kept.physical.clone(),
    };
    Ok(Some((
        relation,
        from::output_columns(relation_id, &kept.columns),
    )))
}
