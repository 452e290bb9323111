//! `*` and `t.*`, with ILIKE, EXCLUDE, REPLACE and RENAME.
//!
//! Source: Snowflake, "SELECT", parameters of the wildcard.

use super::scope::{Scope, VisibleColumn};
use super::select::Item;
use super::{Binder, expression};
use crate::error::{Error, Result};
use crate::sql::{ObjectName, ast};

/// The items that `*` (no qualifier) or `qualifier.*` stands for.
pub(super) fn star(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    qualifier: &[String],
    options: &ast::WildcardAdditionalOptions,
) -> Result<Vec<Item>> {
    if options.opt_except.is_some() || options.opt_alias.is_some() {
        return Err(Error::unsupported("a wildcard option of another dialect"));
    }
    let mut columns: Vec<VisibleColumn> = Vec::new();
    if qualifier.is_empty() {
        columns.extend(scope.merged.iter().cloned());
    }
    let mut known = qualifier.is_empty();
    for relation in scope
        .relations
        .iter()
        .filter(|relation| relation.is_called(qualifier))
    {
        known = true;
        let seen = |column: &&VisibleColumn| !qualifier.is_empty() || !column.merged_away;
        columns.extend(relation.columns.iter().filter(seen).cloned());
    }
    if !known {
        return Err(Error::invalid_identifier(super::scope::display(qualifier)));
    }
    let mut items: Vec<Item> = columns
        .into_iter()
        .map(|column| Item {
            name: column.name,
            expr: column.expr,
            origin: column.origin,
            place: None,
        })
        .collect();
    if let Some(ilike) = &options.opt_ilike {
        let pattern = crate::sql::like_pattern(&ilike.pattern);
        items.retain(|item| pattern.is_match(&item.name));
    }
    if let Some(exclude) = &options.opt_exclude {
        for name in excluded(exclude) {
            let name = ObjectName::from_parsed(name, binder.folding)?;
            let before = items.len();
            items.retain(|item| item.name != name.last());
            if items.len() == before {
                return Err(Error::column_does_not_exist(name.last()));
            }
        }
    }
    if let Some(replace) = &options.opt_replace {
        for element in &replace.items {
            let name = binder.fold(&element.column_name);
            let expr = expression::expression(binder, scope, &element.expr)?;
            let item = items.iter_mut().find(|item| item.name == name);
            let item = item.ok_or_else(|| Error::column_does_not_exist(&name))?;
            *item = Item {
                name,
                expr,
                origin: None,
                place: None,
            };
        }
    }
    if let Some(rename) = &options.opt_rename {
        let pairs = match rename {
            ast::RenameSelectItem::Single(pair) => std::slice::from_ref(pair),
            ast::RenameSelectItem::Multiple(pairs) => pairs,
        };
        for pair in pairs {
            let name = binder.fold(&pair.ident);
            let item = items.iter_mut().find(|item| item.name == name);
            let item = item.ok_or_else(|| Error::column_does_not_exist(&name))?;
            item.name = binder.fold(&pair.alias);
        }
    }
    if items.is_empty() {
        return Err(Error::syntax_error_text("SELECT with no columns"));
    }
    Ok(items)
}

fn excluded(exclude: &ast::ExcludeSelectItem) -> &[ast::ObjectName] {
    match exclude {
        ast::ExcludeSelectItem::Single(name) => std::slice::from_ref(name),
        ast::ExcludeSelectItem::Multiple(names) => names,
    }
}
