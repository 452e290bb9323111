//! The catalog's rows in the engine: one table, only ever inserted into. The newest version of an id is the truth; older
//! ones are removed at the next start.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{TimestampMicrosecondType, UInt64Type};

use super::object::{Detail, Object, ObjectId};
use super::{Snapshot, loads};
use crate::engine::{Connection, quote_text};
use crate::error::{Error, Result};

/// The format that this program writes. Opening upgrades an older one, in one transaction, and refuses a newer one.
const FORMAT: u64 = 1;

const CREATE: &str = "
CREATE SCHEMA IF NOT EXISTS catalog;
CREATE SCHEMA IF NOT EXISTS data;
CREATE TABLE catalog.format (number UBIGINT NOT NULL);
CREATE TABLE catalog.objects (
    id UBIGINT NOT NULL,
    version UBIGINT NOT NULL,
    account UBIGINT NOT NULL,
    parent UBIGINT NOT NULL,
    session UBIGINT,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    owner VARCHAR NOT NULL,
    comment VARCHAR,
    created_on TIMESTAMP NOT NULL,
    changed_on TIMESTAMP NOT NULL,
    dropped_on TIMESTAMP,
    detail VARCHAR NOT NULL
);
INSERT INTO catalog.format VALUES (1)";

/// The temporary objects of sessions that a former process had.
const FORGET_TEMPORARY: &str = "DELETE FROM catalog.objects WHERE session IS NOT NULL";

/// Older versions of an object that has a newer one.
const FORGET_OLDER: &str = "
DELETE FROM catalog.objects AS old
WHERE EXISTS (SELECT 1 FROM catalog.objects AS new WHERE new.id = old.id AND new.version > old.version)";

/// Removes rows that nothing reads any more: older versions, and dropped objects that cannot come back.
pub(super) fn compact(connection: &mut Connection, snapshot: &Snapshot) -> Result<()> {
    connection.begin()?;
    let done = connection
        .execute(FORGET_OLDER)
        .and_then(|_| forget_dropped(connection, snapshot))
        .and_then(|()| connection.commit());
    if done.is_err() && connection.in_transaction() {
        connection.rollback()?;
    }
    done
}

pub(super) fn load(connection: &mut Connection) -> Result<Snapshot> {
    match format(connection)? {
        None => {
            connection.begin()?;
            connection.execute(CREATE)?;
            connection.commit()?;
        }
        Some(FORMAT) => {
            connection.execute(FORGET_TEMPORARY)?;
            connection.execute(FORGET_OLDER)?;
        }
        Some(other) => {
            return Err(Error::unusable_data_directory(format!(
                "it has catalog format {other}, and this program reads formats up to {FORMAT}: use a newer snowglobe, or another --data-dir"
            )));
        }
    }
    // Without a number of its own in the format: an older program leaves it alone.
    connection.execute(loads::CREATE)?;
    connection.execute(&loads::forget_old(jiff::Timestamp::now().as_microsecond()))?;
    let mut snapshot = Snapshot::default();
    let rows = connection.query(
        "SELECT id, version, account, parent, name, owner, comment, created_on, dropped_on, detail, session, changed_on
         FROM catalog.objects ORDER BY version, id",
    )?;
    for batch in rows {
        let batch = batch?;
        let ids = |column: usize| batch.column(column).as_primitive::<UInt64Type>();
        let texts = |column: usize| batch.column(column).as_string::<i32>();
        let times = |column: usize| {
            batch
                .column(column)
                .as_primitive::<TimestampMicrosecondType>()
        };
        let optional = |column: usize, row: usize| {
            (!batch.column(column).is_null(row)).then(|| texts(column).value(row).to_owned())
        };
        for row in 0..batch.num_rows() {
            let detail: Detail =
                serde_json::from_str(texts(9).value(row)).map_err(Error::internal)?;
            snapshot.apply(Arc::new(Object {
                id: ObjectId(ids(0).value(row)),
                version: ids(1).value(row),
                account: ObjectId(ids(2).value(row)),
                parent: ObjectId(ids(3).value(row)),
                session: (!batch.column(10).is_null(row)).then(|| ids(10).value(row)),
                name: texts(4).value(row).to_owned(),
                owner: texts(5).value(row).to_owned(),
                comment: optional(6, row),
                created_on: times(7).value(row),
                changed_on: times(11).value(row),
                dropped_on: (!batch.column(8).is_null(row)).then(|| times(8).value(row)),
                detail,
            }));
        }
    }
    forget_dropped(connection, &snapshot)?;
    Ok(snapshot)
}

/// Removes the rows of dropped objects that cannot come back.
fn forget_dropped(connection: &mut Connection, snapshot: &Snapshot) -> Result<()> {
    let kept: Vec<_> = snapshot
        .dropped()
        .map(|object| object.id.0.to_string())
        .collect();
    let among = match kept.len() {
        0 => String::new(),
        _ => format!(" AND id NOT IN ({})", kept.join(", ")),
    };
    // What was dropped after this snapshot is not for it to judge.
    connection.execute(&format!(
        "DELETE FROM catalog.objects WHERE dropped_on IS NOT NULL AND version <= {}{among}",
        snapshot.version
    ))?;
    Ok(())
}

/// The format of the catalog in this database; `None` when it has none yet.
fn format(connection: &mut Connection) -> Result<Option<u64>> {
    let first = |connection: &mut Connection, sql: &str| -> Result<Option<u64>> {
        let mut found = None;
        for batch in connection.query(sql)? {
            let batch = batch?;
            if batch.num_rows() > 0 {
                found = Some(batch.column(0).as_primitive::<UInt64Type>().value(0));
            }
        }
        Ok(found)
    };
    let tables = "SELECT CAST(count(*) AS UBIGINT) FROM duckdb_tables()
        WHERE schema_name = 'catalog' AND table_name = 'format'";
    match first(connection, tables)? {
        Some(0) | None => Ok(None),
        Some(_) => first(connection, "SELECT max(number) FROM catalog.format"),
    }
}

/// Writes new versions inside the open transaction.
pub(super) fn insert(connection: &mut Connection, objects: &[Arc<Object>]) -> Result<()> {
    if objects.is_empty() {
        return Ok(());
    }
    let rows = objects
        .iter()
        .map(|object| row(object))
        .collect::<Result<Vec<_>>>()?;
    connection.execute(&format!(
        "INSERT INTO catalog.objects VALUES {}",
        rows.join(", ")
    ))?;
    Ok(())
}

fn row(object: &Object) -> Result<String> {
    let detail = serde_json::to_string(&object.detail).map_err(Error::internal)?;
    let time = |microseconds: i64| format!("make_timestamp({microseconds})");
    let null = || "NULL".to_owned();
    Ok(format!(
        "({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
        object.id.0,
        object.version,
        object.account.0,
        object.parent.0,
        object
            .session
            .map_or_else(null, |session| session.to_string()),
        quote_text(object.detail.kind().keyword()),
        quote_text(&object.name),
        quote_text(&object.owner),
        object.comment.as_deref().map_or_else(null, quote_text),
        time(object.created_on),
        time(object.changed_on),
        object.dropped_on.map_or_else(null, time),
        quote_text(&detail),
    ))
}
