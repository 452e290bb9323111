//! The history of loads: a row for each file that COPY INTO has loaded into a table. SQL alone; it runs in the transaction
//! of the load.

use super::ObjectId;
use crate::engine::quote_text;

/// The table of it, made where it is missing.
pub(super) const CREATE: &str = "
CREATE TABLE IF NOT EXISTS catalog.loads (
    table_id UBIGINT NOT NULL,
    stage VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    md5 VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    loaded_on TIMESTAMP NOT NULL
)";

/// Snowflake keeps 64 days.
const KEPT: i64 = 64 * 24 * 3600 * 1_000_000;

/// Forgets what is older than Snowflake keeps. `now` in microseconds since 1970-01-01 UTC.
pub(super) fn forget_old(now: i64) -> String {
    format!(
        "DELETE FROM catalog.loads WHERE loaded_on < make_timestamp({})",
        now - KEPT
    )
}

/// A file that was loaded.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    pub table: ObjectId,
    /// The stage's folder.
    pub stage: &'a str,
    pub path: &'a str,
    pub md5: &'a str,
    /// `LOADED` or `PARTIALLY_LOADED`
    pub status: &'a str,
}

/// Path and MD5 of the files of a stage that were loaded into a table, the latest last.
pub fn find(table: ObjectId, stage: &str) -> String {
    format!(
        "SELECT path, md5 FROM catalog.loads WHERE table_id = {} AND stage = {} ORDER BY loaded_on",
        table.0,
        quote_text(stage)
    )
}

/// Notes loads. `now` in microseconds since 1970-01-01 UTC.
pub fn record<'a>(loads: impl Iterator<Item = Load<'a>>, now: i64) -> String {
    let rows = loads.map(|load| {
        format!(
            "({}, {}, {}, {}, {}, make_timestamp({now}))",
            load.table.0,
            quote_text(load.stage),
            quote_text(load.path),
            quote_text(load.md5),
            quote_text(load.status)
        )
    });
    let rows: Vec<_> = rows.collect();
    format!("INSERT INTO catalog.loads VALUES {}", rows.join(", "))
}

/// TRUNCATE: the table's files may be loaded again.
pub fn forget(table: ObjectId) -> String {
    format!("DELETE FROM catalog.loads WHERE table_id = {}", table.0)
}
