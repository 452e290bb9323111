//! Widening: integers are stored as BIGINT until a value needs more. Then the table is written side by side into a new
//! physical table with wide columns, which takes the old one's place in the catalog, and the statement runs again.

use super::transaction::{self, Renewal};
use super::{Context, create};
use crate::catalog::{Detail, ObjectId};
use crate::error::{Error, Result};
use crate::lower::{self, TableDefinition};
use crate::tree::StoredColumn;
use crate::types::{MAX_PRECISION, PhysicalType};

/// How integers are stored that need more than 64 bits.
pub(super) const WIDE: PhysicalType = PhysicalType::Decimal {
    precision: MAX_PRECISION,
    scale: 0,
};

/// Stores the columns of these numbers wide. The caller holds the table's exclusive lock.
pub(super) fn widen(context: &mut Context<'_>, id: ObjectId, columns: &[u64]) -> Result<()> {
    let snapshot = context.instance.catalog.snapshot();
    let object = snapshot.get(id).ok_or_else(Error::object_or_operation)?;
    let Detail::Table(old) = &object.detail else {
        return Err(Error::internal("only tables are widened"));
    };
    let mut new = old.clone();
    new.physical_name = create::physical_name(&object.name, context.instance.catalog.new_id());
    for column in new
        .columns
        .iter_mut()
        .filter(|column| columns.contains(&column.number))
    {
        column.physical = WIDE;
    }
    let stored = |columns: &[crate::catalog::Column]| -> Vec<StoredColumn> {
        columns
            .iter()
            .map(|c| StoredColumn {
                number: c.number,
                physical: c.physical,
            })
            .collect()
    };
    let definition = TableDefinition {
        physical_name: &new.physical_name,
        columns: stored(&new.columns),
        not_null: new
            .columns
            .iter()
            .filter(|column| !column.nullable)
            .map(|column| column.number)
            .collect(),
    };
    let sql = lower::copy_table(&definition, &old.physical_name, &stored(&old.columns))?;
    let old_name = old.physical_name.clone();
    tracing::info!(table = object.name, "widening");
    // A transaction's own rows are not in the table yet: it steps back, and does its writes again in the wide table.
    let in_transaction = context.transaction.is_some();
    if in_transaction {
        let _shield = context.cancellation.shield();
        transaction::step_back(context.connection);
    }
    let new_name = new.physical_name.clone();
    context.change_catalog(
        &[&new_name],
        |connection| connection.execute(&sql).map(drop),
        |draft| draft.replace_detail(id, Detail::Table(new)),
    )?;
    let commits = &context.instance.commits;
    if let Some(transaction) = context.transaction.as_mut() {
        transaction.rename(commits, &old_name, &new_name);
    }
    context.instance.discard(vec![old_name]);
    if in_transaction && transaction::anew(context)? == Renewal::Unfaithful {
        // Its writes are undone already, and cannot be done again.
        *context.transaction = None;
        return Err(Error::transaction_lost());
    }
    Ok(())
}
