//! UPDATE.

use super::{assignments, beside_target, row_text, table_of, visible_target};
use crate::bind::scope::Scope;
use crate::bind::{Binder, aggregate, expression};
use crate::catalog::Object;
use crate::error::Result;
use crate::sql::ast;
use crate::tree::Update;

/// The table that UPDATE names.
pub struct UpdateTarget<'a> {
    pub object: &'a Object,
    pub alias: Option<String>,
    /// ERROR_ON_NONDETERMINISTIC_UPDATE
    pub refuse_multi_joined: bool,
}

/// Binds `UPDATE target SET … [FROM …] [WHERE …]`.
pub fn update(
    binder: &Binder<'_>,
    target: &UpdateTarget<'_>,
    written: &[ast::Assignment],
    others: &[ast::TableWithJoins],
    selection: Option<&ast::Expr>,
) -> Result<Update> {
    let columns = &table_of(target.object)?.columns;
    let mut scope = Scope::root();
    let table = visible_target(binder, &mut scope, target.object, target.alias.as_deref())?;
    let row_text = target.refuse_multi_joined.then(|| row_text(&scope));
    let from = beside_target(binder, &mut scope, others)?;
    let assignments = assignments(binder, &scope, columns, written)?;
    let filter = filter(binder, &scope, selection)?;
    Ok(Update {
        table,
        assignments,
        from,
        filter,
        refuse_multi_joined: row_text,
    })
}

/// WHERE.
pub(super) fn filter(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    selection: Option<&ast::Expr>,
) -> Result<Option<crate::tree::Expr>> {
    let Some(condition) = selection else {
        return Ok(None);
    };
    let bound = expression::predicate(binder, scope, condition)?;
    aggregate::refuse(binder, scope, &bound, condition, "where clause")?;
    Ok(Some(bound))
}
