//! Rewriting a table side by side: its rows go into a new physical table, which takes the old one's place in the catalog.
//!
//! All changes of a table's physical form are made like this, and none by the engine's ALTER: a statement that was
//! compiled for the old form still finds it; a new form has a new name, which is what writers and transactions look at to
//! see that they have to start again; clones that share the old form keep it; and the engine's ALTER aborts whoever writes
//! at the same time. It costs a copy, so whatever can be said in the catalog alone is said there: names, comments,
//! defaults, longer texts, and dropped columns (which stay in the physical table, unread, until its next rewriting).
//!
//! * [`widen`]: integers are stored as BIGINT until a value needs more, timestamps in microseconds until one has more
//!   digits; then the statement that brought it runs again.
//! * [`detach`]: clones share a physical table until one of them is written.
//! * [`rewrite`]: ALTER TABLE.

use super::Context;
use super::transaction::{self, Renewal};
use crate::catalog::{Column, Detail, Draft, Object, ObjectId, Table};
use crate::error::{Error, Result};
use crate::lower::{self, TableDefinition};
use crate::session::transaction::Entry;
use crate::tree::{
    Body, ColumnRef, Expr, ExprKind, OutputColumn, Query, Relation, RelationId, Select,
    StoredColumn, TableRelation,
};

/// Stores the columns of these numbers wide. The caller holds the table's exclusive lock.
pub(super) fn widen(context: &mut Context<'_>, id: ObjectId, columns: &[u64]) -> Result<()> {
    // Gone since the statement was compiled: it will see that itself.
    let Ok((_, mut new)) = table(context, id) else {
        return Ok(());
    };
    let old_name = new.physical_name.clone();
    let narrow = |column: &&mut Column| {
        columns.contains(&column.number) && column.physical != column.logical.wide_storage()
    };
    let narrow: Vec<_> = new.columns.iter_mut().filter(narrow).collect();
    if narrow.is_empty() {
        return Ok(()); // somebody else was first
    }
    // What a transaction has written is written again into the new table, by SQL that knows the old one's forms. Numbers
    // fit both; microseconds do not go into nanoseconds by themselves.
    let involves = |entry: &Entry| {
        let reads = entry.reads.iter().map(|kept| &kept.table);
        reads.chain(&entry.targets).any(|name| *name == old_name)
    };
    if let Some(transaction) = context.transaction.as_ref()
        && transaction.journal.iter().any(involves)
        && narrow
            .iter()
            .any(|column| column.physical.with_nanoseconds() != column.physical)
    {
        return Err(Error::unsupported(
            "timestamp with more than 6 digits of fraction in a table that the transaction has written before",
        ));
    }
    for column in narrow {
        column.physical = column.logical.wide_storage();
    }
    rewrite(context, id, new, &[], |_| Ok(()))
}

/// Gives the table a physical table of its own, if it shares one. The caller holds its exclusive lock.
pub(super) fn detach(context: &mut Context<'_>, id: ObjectId) -> Result<()> {
    let new = table(context, id)?.1;
    let users = context
        .instance
        .catalog
        .snapshot()
        .users(&new.physical_name);
    if users < 2 {
        return Ok(());
    }
    rewrite(context, id, new, &[], |_| Ok(()))
}

/// Puts `new` in the place of the table's present form, with its rows. Columns that the old form has not are filled from
/// `values` (by number); columns that have changed their type are converted. `change` is done in the same commit. The
/// caller holds the table's exclusive lock.
pub(super) fn rewrite(
    context: &mut Context<'_>,
    id: ObjectId,
    mut new: Table,
    values: &[(u64, Expr)],
    change: impl FnOnce(&mut Draft<'_>) -> Result<()>,
) -> Result<()> {
    let (object, old) = table(context, id)?;
    new.physical_name = physical_name(&object.name, context.instance.catalog.new_id());
    let query = copying(&old, &new.columns, values)?;
    let source = lower::query(&query, &context.facts())?;
    let sql = lower::create_table_as(&definition(&new), &source)?;
    tracing::info!(table = object.name, "rewriting");
    // A transaction's own rows are not in the table yet: it steps back, and does its writes again in the new table.
    let in_transaction = context.transaction.is_some();
    if in_transaction {
        let _shield = context.cancellation.shield();
        transaction::step_back(context.connection);
    }
    let new_name = new.physical_name.clone();
    context.change_catalog(
        &[&new_name],
        |connection| connection.execute(&sql).map(drop),
        |draft| {
            draft.replace_detail(id, Detail::Table(new))?;
            change(draft)
        },
    )?;
    let commits = &context.instance.commits;
    if let Some(transaction) = context.transaction.as_mut() {
        transaction.rename(commits, &old.physical_name, &new_name);
    }
    if in_transaction && transaction::anew(context)? == Renewal::Unfaithful {
        // Its writes are undone already, and cannot be done again.
        *context.transaction = None;
        return Err(Error::transaction_lost());
    }
    Ok(())
}

/// The newest form of a table.
pub(super) fn table(context: &Context<'_>, id: ObjectId) -> Result<(Object, Table)> {
    let snapshot = context.instance.catalog.snapshot();
    let object = snapshot.get(id).ok_or_else(Error::object_or_operation)?;
    match &object.detail {
        Detail::Table(table) => Ok(((**object).clone(), table.clone())),
        _ => Err(Error::internal("only tables are rewritten")),
    }
}

/// `SELECT` of a table's rows in the columns of its new form.
fn copying(old: &Table, columns: &[Column], values: &[(u64, Expr)]) -> Result<Query> {
    let id = RelationId(0);
    let projection = columns
        .iter()
        .map(|column| {
            let kept = old.columns.iter().find(|old| old.number == column.number);
            let value = match kept {
                Some(old) => Expr::new(
                    ExprKind::Column(ColumnRef {
                        relation: id,
                        column: old.number,
                    }),
                    old.logical.clone(),
                    old.nullable,
                ),
                None => values
                    .iter()
                    .find(|(number, _)| *number == column.number)
                    .map(|(_, value)| value.clone())
                    .ok_or_else(|| Error::internal("a new column without a value"))?,
            };
            Ok(value.cast(column.logical.clone()))
        })
        .collect::<Result<Vec<_>>>()?;
    let outputs = columns
        .iter()
        .map(|column| OutputColumn {
            name: column.name.clone(),
            ty: column.logical.clone(),
            nullable: true,
            origin: None,
        })
        .collect();
    let from = Relation::Table(TableRelation {
        id,
        physical_name: old.physical_name.clone(),
        columns: stored(&old.columns),
    });
    let select = Select {
        distinct: false,
        from: Some(from),
        filter: None,
        grouping: None,
        having: None,
        qualify: None,
        projection,
    };
    Ok(Query {
        ctes: vec![],
        body: Body::Select(Box::new(select)),
        order_by: vec![],
        limit: None,
        offset: None,
        columns: outputs,
    })
}

fn stored(columns: &[Column]) -> Vec<StoredColumn> {
    columns
        .iter()
        .map(|column| StoredColumn {
            number: column.number,
            physical: column.physical,
        })
        .collect()
}

/// The physical table of a table.
pub(super) fn definition(table: &Table) -> TableDefinition<'_> {
    TableDefinition {
        physical_name: &table.physical_name,
        columns: stored(&table.columns),
        not_null: table
            .columns
            .iter()
            .filter(|column| !column.nullable)
            .map(|column| column.number)
            .collect(),
    }
}

/// The engine's name of a physical table: the object's name, for people who look, and an id that makes it unique for ever.
pub(super) fn physical_name(name: &str, id: ObjectId) -> String {
    let readable: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(40)
        .collect();
    format!("{readable}${}", id.0)
}
