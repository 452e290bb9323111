//! INFORMATION_SCHEMA: a schema of every database that the catalog does not list, with our own views over it.

use super::Binder;
use super::from;
use super::scope::VisibleColumn;
use crate::catalog::views::{self, Reader};
use crate::error::{Error, Result};
use crate::sql::ObjectName;
use crate::tree::{OutputColumn, Relation};

pub(super) const INFORMATION_SCHEMA: &str = "INFORMATION_SCHEMA";

/// A view of INFORMATION_SCHEMA as a relation, if that is what `name` means; its qualifier and columns.
#[allow(clippy::type_complexity)]
pub(super) fn view(
    binder: &Binder<'_>,
    name: &ObjectName,
) -> Result<Option<(Relation, (String, String), Vec<VisibleColumn>)>> {
    let lookup = binder.lookup;
    let (database, view) = match &name.parts[..] {
        [view] if lookup.current_schema.as_deref() == Some(INFORMATION_SCHEMA) => {
            (lookup.current_database(binder.action)?, view)
        }
        [schema, view] if schema == INFORMATION_SCHEMA => {
            (lookup.current_database(binder.action)?, view)
        }
        [database, schema, view] if schema == INFORMATION_SCHEMA => {
            (lookup.database(database)?, view)
        }
        _ => return Ok(None),
    };
    let view = views::information_schema(view)
        .ok_or_else(|| Error::object_does_not_exist("Object", name))?;
    let id = binder.new_relation();
    let outputs: Vec<_> = view
        .columns
        .iter()
        .map(|(name, ty)| OutputColumn {
            name: (*name).to_owned(),
            ty: ty.clone(),
            nullable: true,
            origin: None,
        })
        .collect();
    let relation = Relation::System {
        id,
        sql: view.sql(&Reader {
            account: lookup.account,
            session: lookup.session,
            database: Some(database.id),
            current_database: lookup.current_database.as_deref(),
            current_schema: lookup.current_schema.as_deref(),
            role: binder.facts.role.as_deref(),
            warehouse: binder.facts.warehouse.as_deref(),
            default_role: None,
            default_warehouse: None,
            dropped: vec![],
        }),
        columns: outputs
            .iter()
            .map(|column| column.ty.natural_physical())
            .collect(),
    };
    let qualifier = (database.name.clone(), INFORMATION_SCHEMA.to_owned());
    Ok(Some((
        relation,
        qualifier,
        from::output_columns(id, &outputs),
    )))
}
