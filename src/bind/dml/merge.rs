//! MERGE.
//!
//! Source: Snowflake, "MERGE".

use super::{
    assignments, check_type, new_row, row_text, stored, table_of, visible_target,
    with_other_defaults,
};
use crate::bind::scope::Scope;
use crate::bind::{Binder, aggregate, expression, join};
use crate::catalog::{Column, Object};
use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{Assignment, Merge, MergeAction, MergeClause};

/// The table that MERGE names.
pub struct MergeTarget<'a> {
    pub object: &'a Object,
    pub alias: Option<String>,
    /// ERROR_ON_NONDETERMINISTIC_MERGE
    pub refuse_multi_joined: bool,
}

/// A WHEN clause as written.
pub struct MergeBranch {
    pub predicate: Option<ast::Expr>,
    pub action: MergeDo,
}

pub enum MergeDo {
    Update(Vec<ast::Assignment>),
    UpdateAllByName,
    Delete,
    Insert {
        columns: Vec<String>,
        values: Vec<ast::Expr>,
    },
    InsertAllByName,
}

/// Binds `MERGE INTO target USING source ON condition WHEN …`.
pub fn merge(
    binder: &Binder<'_>,
    target: &MergeTarget<'_>,
    source: &ast::TableFactor,
    on: &ast::Expr,
    branches: &[MergeBranch],
) -> Result<Merge> {
    let columns = &table_of(target.object)?.columns;
    let mut scope = Scope::root();
    let table = visible_target(binder, &mut scope, target.object, target.alias.as_deref())?;
    let row_text = target.refuse_multi_joined.then(|| row_text(&scope));
    let source = ast::TableWithJoins {
        relation: source.clone(),
        joins: vec![],
    };
    let source = join::from(binder, &mut scope, std::slice::from_ref(&source))?
        .ok_or_else(|| Error::internal("MERGE without a source"))?;
    let condition = expression::predicate(binder, &scope, on)?;
    aggregate::refuse(binder, &scope, &condition, on, "ON clause")?;
    // A row that is not matched has no columns of the table.
    let mut unmatched = scope.clone();
    unmatched.relations.remove(0);
    let clauses = branches
        .iter()
        .map(|branch| {
            let scope = if branch.action.is_matched() {
                &scope
            } else {
                &unmatched
            };
            let predicate = match &branch.predicate {
                Some(written) => {
                    let bound = expression::predicate(binder, scope, written)?;
                    aggregate::refuse(binder, scope, &bound, written, "WHEN clause")?;
                    Some(bound)
                }
                None => None,
            };
            Ok(MergeClause {
                predicate,
                action: action(binder, scope, columns, &branch.action)?,
            })
        })
        .collect::<Result<_>>()?;
    Ok(Merge {
        table,
        source,
        on: condition,
        clauses,
        refuse_multi_joined: row_text,
    })
}

fn action(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    columns: &[Column],
    written: &MergeDo,
) -> Result<MergeAction> {
    Ok(match written {
        MergeDo::Update(written) => {
            MergeAction::Update(assignments(binder, scope, columns, written)?)
        }
        MergeDo::UpdateAllByName => MergeAction::Update(by_name(&scope.relations[1..], columns)?),
        MergeDo::Delete => MergeAction::Delete,
        MergeDo::Insert {
            columns: names,
            values,
        } => MergeAction::Insert(new_row(binder, scope, columns, names, values)?),
        MergeDo::InsertAllByName => {
            let row = by_name(&scope.relations, columns)?;
            MergeAction::Insert(with_other_defaults(binder, columns, row)?)
        }
    })
}

/// Every column from the source's column of its name.
fn by_name(source: &[crate::bind::scope::Visible], columns: &[Column]) -> Result<Vec<Assignment>> {
    let theirs: Vec<_> = source
        .iter()
        .flat_map(|relation| &relation.columns)
        .collect();
    if theirs.len() != columns.len() {
        return Err(Error::insert_value_count(columns.len(), theirs.len()));
    }
    columns
        .iter()
        .enumerate()
        .map(|(target, column)| {
            let found = theirs.iter().find(|other| other.name == column.name);
            let found =
                found.ok_or_else(|| Error::invalid_identifier(crate::sql::quote(&column.name)))?;
            check_type(column, &found.expr.ty, false)?;
            let value = stored(column, found.expr.clone())?;
            Ok(Assignment { target, value })
        })
        .collect()
}

impl MergeDo {
    /// Whether it is for rows that the table has.
    pub fn is_matched(&self) -> bool {
        match self {
            MergeDo::Update(_) | MergeDo::UpdateAllByName | MergeDo::Delete => true,
            MergeDo::Insert { .. } | MergeDo::InsertAllByName => false,
        }
    }
}
