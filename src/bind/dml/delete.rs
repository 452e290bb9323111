//! DELETE.

use super::update::filter;
use super::{beside_target, visible_target};
use crate::bind::Binder;
use crate::bind::scope::Scope;
use crate::catalog::Object;
use crate::error::Result;
use crate::sql::ast;
use crate::tree::Delete;

/// The table that DELETE names.
pub struct DeleteTarget<'a> {
    pub object: &'a Object,
    pub alias: Option<String>,
}

/// Binds `DELETE FROM target [USING …] [WHERE …]`.
pub fn delete(
    binder: &Binder<'_>,
    target: &DeleteTarget<'_>,
    others: &[ast::TableWithJoins],
    selection: Option<&ast::Expr>,
) -> Result<Delete> {
    let mut scope = Scope::root();
    let table = visible_target(binder, &mut scope, target.object, target.alias.as_deref())?;
    let using = beside_target(binder, &mut scope, others)?;
    let filter = filter(binder, &scope, selection)?;
    Ok(Delete {
        table,
        using,
        filter,
    })
}
