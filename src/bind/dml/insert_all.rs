//! INSERT ALL and INSERT FIRST: rows of one query into several tables.
//!
//! Source: Snowflake, "INSERT (multi-table)".

use super::{new_row, stored, table_of, target_columns, with_other_defaults};
use crate::bind::scope::{Scope, Visible};
use crate::bind::{Binder, expression, from, query};
use crate::catalog::Object;
use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{Assignment, Branch, BranchCondition, IntoClause, MultiInsert};

/// A branch as written, its tables found.
pub struct MultiBranch<'a> {
    pub condition: MultiCondition<'a>,
    pub into: Vec<IntoTarget<'a>>,
}

pub enum MultiCondition<'a> {
    Always,
    When(&'a ast::Expr),
    Else,
}

/// `INTO table [(columns)] [VALUES (…)]`
pub struct IntoTarget<'a> {
    pub object: &'a Object,
    pub columns: &'a [String],
    pub values: Option<&'a [ast::Expr]>,
}

/// Binds a multi-table INSERT. Conditions and values see the columns of the source, and nothing else.
pub fn insert_all(
    binder: &Binder<'_>,
    branches: &[MultiBranch<'_>],
    source: &ast::Query,
    first: bool,
    overwrite: bool,
) -> Result<MultiInsert> {
    let source = query::query(binder, &Scope::root(), source)?;
    let id = binder.new_relation();
    let mut scope = Scope::root();
    scope.relations.push(Visible {
        name: String::new(),
        qualifier: None,
        columns: from::output_columns(id, &source.columns),
    });
    let branches = branches
        .iter()
        .map(|branch| {
            let condition = match branch.condition {
                MultiCondition::Always => BranchCondition::Always,
                MultiCondition::When(condition) => {
                    BranchCondition::When(expression::predicate(binder, &scope, condition)?)
                }
                MultiCondition::Else => BranchCondition::Else,
            };
            let into = branch
                .into
                .iter()
                .map(|into| into_clause(binder, &scope, into))
                .collect::<Result<_>>()?;
            Ok(Branch { condition, into })
        })
        .collect::<Result<_>>()?;
    Ok(MultiInsert {
        id,
        source,
        branches,
        first,
        overwrite,
    })
}

fn into_clause(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    into: &IntoTarget<'_>,
) -> Result<IntoClause> {
    let columns = &table_of(into.object)?.columns;
    let (table, _, _) = from::table(binder, into.object)?;
    let values = match into.values {
        Some(values) => new_row(binder, scope, columns, into.columns, values)?,
        None => {
            let targets = target_columns(columns, into.columns)?;
            let source = scope.relations.first().map_or(&[][..], |r| &r.columns);
            if source.len() != targets.len() {
                return Err(Error::insert_value_count(targets.len(), source.len()));
            }
            let row = targets
                .into_iter()
                .zip(source)
                .map(|(target, have)| {
                    let value = stored(&columns[target], have.expr.clone())?;
                    Ok(Assignment { target, value })
                })
                .collect::<Result<_>>()?;
            with_other_defaults(binder, columns, row)?
        }
    };
    Ok(IntoClause { table, values })
}
