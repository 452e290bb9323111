//! Dynamic tables: their rows are computed when they are created, and again by ALTER DYNAMIC TABLE … REFRESH. No schedule
//! runs them yet.
//!
//! Source: Snowflake, "CREATE DYNAMIC TABLE", "ALTER DYNAMIC TABLE"; a live account for what SET takes.

use super::{Context, rewrite};
use crate::catalog::{Column, Detail, Dynamic, ObjectId};
use crate::engine::Failure;
use crate::error::{Error, Result};
use crate::lower;
use crate::sql::{Cursor, Folding, Source};

/// Computes the rows anew. The table's exclusive lock is held.
pub(super) fn refresh(context: &mut Context<'_>, id: ObjectId) -> Result<()> {
    let lookup = context.lookup();
    let (object, mut table) = rewrite::table(context, id)?;
    let Some(dynamic) = table.dynamic.clone() else {
        return Err(Error::other_object_kind("TABLE", "DYNAMIC_TABLE"));
    };
    let schema = lookup.snapshot.get(object.parent).cloned();
    let schema = schema.ok_or_else(Error::object_or_operation)?;
    let inside = lookup.inside(&schema);
    let facts = context.facts();
    let folding = match dynamic.ignore_case {
        true => Folding::IgnoreCase,
        false => Folding::Exact,
    };
    let source = Source::tokenize(&dynamic.query)?;
    let [statement] = source.statements()[..] else {
        return Err(Error::empty_statement());
    };
    let query = Cursor::new(statement, folding).query()?;
    let binder = context.binder(&inside, &facts, statement, "ALTER DYNAMIC TABLE");
    let bound = binder.query(&query)?;
    if bound.columns.len() != table.columns.len() {
        return Err(Error::view_columns(
            &object.name,
            table.columns.len(),
            bound.columns.len(),
        ));
    }
    let types: Vec<_> = table.columns.iter().map(|c| c.logical.clone()).collect();
    let rows = lower::query(&binder.converted(bound, &types), &facts)?;
    table.dynamic = Some(Dynamic {
        refreshed_on: Some(facts.now),
        ..dynamic.clone()
    });
    loop {
        let number = context.instance.catalog.new_id();
        table.physical_name = rewrite::physical_name(&object.name, number);
        let sql = lower::create_table_as(&rewrite::definition(&table), &rows)?;
        let mut failure = None;
        let made = context.change_catalog(
            &[&table.physical_name],
            |connection| {
                let done = connection.execute(&sql).map(drop);
                failure = connection.failure();
                done
            },
            |draft| draft.replace_detail(id, Detail::Table(table.clone())),
        );
        // Values have come that the columns' narrow forms do not hold.
        let narrow = |column: &&mut Column| column.physical != column.logical.wide_storage();
        let narrow: Vec<_> = table.columns.iter_mut().filter(narrow).collect();
        if failure != Some(Failure::WiderThanColumn) || narrow.is_empty() {
            return made;
        }
        for column in narrow {
            column.physical = column.logical.wide_storage();
        }
    }
}
