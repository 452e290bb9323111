//! Which files were loaded into which tables, so that none is loaded twice: 64 days of it, committed with the rows.
//!
//! Source: Snowflake, "Load metadata" (data-load-considerations-load).

use std::collections::HashMap;

use arrow::array::AsArray;

use super::load::{Candidate, Outcome};
use crate::catalog::{self, ObjectId};
use crate::error::Result;
use crate::stage::{StageKey, StagedFile};
use crate::statement::Context;

/// The files of a stage that were loaded into a table: path, MD5.
#[derive(Debug, Default)]
pub(super) struct Loaded(HashMap<String, String>);

impl Loaded {
    /// Whether this very file was loaded: one that was put again with other bytes is another file.
    pub(super) fn has(&self, file: &StagedFile) -> bool {
        self.0.get(&file.path) == Some(&file.md5)
    }
}

pub(super) fn loaded(
    context: &mut Context<'_>,
    table: ObjectId,
    stage: &StageKey,
) -> Result<Loaded> {
    let sql = catalog::loads::find(table, &stage.to_string());
    let mut loaded = HashMap::new();
    for batch in context.connection.query(&sql)? {
        let batch = batch?;
        let (paths, sums) = (
            batch.column(0).as_string::<i32>(),
            batch.column(1).as_string::<i32>(),
        );
        for (path, sum) in paths.iter().zip(sums) {
            if let (Some(path), Some(sum)) = (path, sum) {
                loaded.insert(path.to_owned(), sum.to_owned());
            }
        }
    }
    Ok(Loaded(loaded))
}

/// The engine's SQL that notes a load.
pub(super) fn record(
    table: ObjectId,
    stage: &StageKey,
    files: &[Candidate],
    outcomes: &[Outcome],
    now: i64,
) -> String {
    let stage = stage.to_string();
    let loads = files
        .iter()
        .zip(outcomes)
        .map(|(candidate, outcome)| catalog::loads::Load {
            table,
            stage: &stage,
            path: &candidate.file.path,
            md5: &candidate.file.md5,
            status: outcome.status,
        });
    catalog::loads::record(loads, now)
}
