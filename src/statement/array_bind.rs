//! Array binds of statements that do not take all rows at once: they run once per row, all or none, and answer with the
//! sum of their counts.

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;

use super::Context;
use crate::error::{Error, Result};
use crate::result::ResultSet;

/// Runs a statement for each of `row_count` rows of the bind variables.
pub(super) fn for_each_row(
    context: &mut Context<'_>,
    row_count: usize,
    mut run: impl FnMut(&mut Context<'_>) -> Result<ResultSet>,
) -> Result<ResultSet> {
    context.atomically(|context| {
        let mut total: Option<Counts> = None;
        for row in 0..row_count {
            context.cancellation.check()?;
            context.variables.select_row(row);
            let counts = Counts::of(&run(context)?)?;
            total = Some(match total {
                None => counts,
                Some(total) => total.plus(&counts),
            });
        }
        let total = total.ok_or_else(|| Error::bad_request("an array bind without rows"))?;
        let named: Vec<_> = total
            .0
            .iter()
            .map(|(name, count)| (&**name, *count))
            .collect();
        ResultSet::counts(&named)
    })
}

/// The one row of a DML statement's answer.
struct Counts(Vec<(String, u64)>);

impl Counts {
    fn of(result: &ResultSet) -> Result<Self> {
        let batches = result.batches(0)?;
        let not_counts = || Error::unsupported("array binds of this statement");
        let batch = batches.first().filter(|batch| batch.num_rows() == 1);
        let batch = batch.ok_or_else(not_counts)?;
        let names = result.columns().iter().map(|column| column.name.clone());
        let counts = batch.columns().iter().map(|column| {
            let counts = column.as_primitive_opt::<Int64Type>();
            counts.map(|counts| counts.value(0).unsigned_abs())
        });
        let counts: Option<Vec<_>> = counts.collect();
        Ok(Counts(names.zip(counts.ok_or_else(not_counts)?).collect()))
    }

    fn plus(mut self, other: &Counts) -> Self {
        for ((_, count), (_, more)) in self.0.iter_mut().zip(&other.0) {
            *count += more;
        }
        self
    }
}
