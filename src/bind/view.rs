//! Views: the stored text is bound anew in every statement, in the context of the view's own schema, once however often
//! the statement names it.

use std::sync::Arc;

use super::Binder;
use crate::catalog::{Object, View};
use crate::error::{Error, Phase, Result};
use crate::sql::{Folding, Source};
use crate::tree::{Query, ViewQuery};

/// The query of a view, under the view's column names.
pub(super) fn view(binder: &Binder<'_>, object: &Object, view: &View) -> Result<Arc<ViewQuery>> {
    if let Some(known) = binder.shared.views.borrow().get(&object.id) {
        return Ok(Arc::clone(known));
    }
    if binder.shared.open.borrow().contains(&object.id) {
        return Err(Error::view_expansion(
            &object.name,
            "the view refers to itself",
        ));
    }
    binder.shared.open.borrow_mut().push(object.id);
    let bound = bind(binder, object, view);
    binder.shared.open.borrow_mut().pop();
    let bound = bound.map_err(|error| match error.code().phase() {
        Phase::Compilation | Phase::CompilationInline | Phase::Syntax => {
            Error::view_expansion(&object.name, error)
        }
        Phase::AccessControl | Phase::Execution | Phase::Session => error,
    })?;
    if bound.columns.len() != view.columns.len() {
        return Err(Error::view_columns(
            binder.lookup.full_name(object),
            view.columns.len(),
            bound.columns.len(),
        ));
    }
    let query = Arc::new(ViewQuery {
        id: binder.new_cte(),
        tables: bound.tables(),
        query: bound,
    });
    let mut views = binder.shared.views.borrow_mut();
    views.insert(object.id, Arc::clone(&query));
    Ok(query)
}

fn bind(binder: &Binder<'_>, object: &Object, view: &View) -> Result<Query> {
    let schema = binder.lookup.snapshot.get(object.parent);
    let schema = schema.ok_or_else(Error::object_or_operation)?;
    let lookup = binder.lookup.inside(schema);
    let source = Source::tokenize(&view.query)?;
    let statements = source.statements();
    let [statement] = statements[..] else {
        return Err(Error::internal("a view is one query"));
    };
    let folding = if view.ignore_case {
        Folding::IgnoreCase
    } else {
        Folding::Exact
    };
    let query = statement.parse_query()?;
    binder.of_text(&lookup, statement, folding).query(&query)
}
