//! The most frequent values.

use std::collections::HashMap;

use super::super::expr::native_aggregate;
use super::super::{Function, INTEGER, Lowering, Signature, TEXT, integer, literal_integer};
use crate::engine::native::{
    Aggregate as NativeAggregate, AggregateNative, Arguments, Native, Nulls, Output, Parameter,
};
use crate::error::{Error, Result};
use crate::tree::{Aggregate, Expr};
use crate::types::variant::write;
use crate::types::{LogicalType, PhysicalType};

pub(in super::super) static FUNCTIONS: &[Function] = &[Function {
    name: "APPROX_TOP_K",
    aliases: &[],
    signatures: &[
        Signature::new("(value) -> tree", Lowering::AggregateTree(top)),
        Signature::new("(value, =integer) -> tree", Lowering::AggregateTree(top)),
        Signature::new(
            "(value, =integer, =integer) -> tree",
            Lowering::AggregateTree(top),
        ),
    ],
    summary: "So many of the most frequent values, each with its number, as an ARRAY.",
    examples: &[
        (
            "APPROX_TOP_K(column1, 2) FROM VALUES ('a'), ('b'), ('a'), ('c'), ('b'), ('a'), (NULL)",
            "[[\"a\",3],[\"b\",2]]",
        ),
        ("APPROX_TOP_K(column1) FROM VALUES (1), (2), (2)", "[[2,2]]"),
        ("APPROX_TOP_K(column1) FROM VALUES (NULL)", "[]"),
    ],
}];

/// Most values, and most counters, that may be asked for.
const MOST: i128 = 100_000;

/// Exact, so the number of counters does not matter.
fn top(mut aggregate: Aggregate) -> Result<Expr> {
    let mut arguments = std::mem::take(&mut aggregate.call.arguments).into_iter();
    let value = arguments
        .next()
        .ok_or_else(|| Error::internal("APPROX_TOP_K of nothing"))?;
    for (index, limit) in arguments.clone().enumerate() {
        let what = if index == 0 { "items" } else { "counters" };
        let fault = match literal_integer(&limit) {
            Some(1..=MOST) => continue,
            Some(limit) if limit > MOST => format!("cannot be larger than {MOST}"),
            _ => "must be a positive integer".to_owned(),
        };
        let shown = literal_integer(&limit).map_or("null".to_owned(), |limit| limit.to_string());
        return Err(Error::invalid_value_for_function(
            shown,
            "APPROX_TOP_K",
            index + 1,
            format!("Number of {what} {fault}"),
        ));
    }
    let count = arguments.next().unwrap_or_else(|| integer(1));
    let mut top = native_aggregate(aggregate, &TOP, vec![value, count], LogicalType::Array);
    top.nullable = false;
    Ok(top)
}

static TOP: AggregateNative = AggregateNative::of::<Top>();

struct Top;

#[derive(Default)]
struct Counts {
    /// Of each value how many there are, and when it came last.
    values: HashMap<String, (u64, u64)>,
    seen: u64,
    wanted: usize,
}

impl NativeAggregate for Top {
    const NAME: &'static str = "sf_approx_top_k";
    const PARAMETERS: &'static [Parameter] = &[TEXT, INTEGER];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Counts;

    fn update(state: &mut Counts, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let (Some(value), Some(wanted)) = (
            arguments.get::<&str>(0, row)?,
            arguments.get::<i64>(1, row)?,
        ) else {
            return Ok(());
        };
        state.wanted = usize::try_from(wanted).unwrap_or(1);
        state.seen += 1;
        if let Some((count, last)) = state.values.get_mut(value) {
            (*count, *last) = (*count + 1, state.seen);
        } else {
            state.values.insert(value.to_owned(), (1, state.seen));
        }
        Ok(())
    }

    fn combine(state: &mut Counts, other: &Counts) -> Result<()> {
        state.wanted = state.wanted.max(other.wanted);
        for (value, (count, last)) in &other.values {
            let entry = state.values.entry(value.clone()).or_default();
            *entry = (entry.0 + count, entry.1.max(state.seen + last));
        }
        state.seen += other.seen;
        Ok(())
    }

    fn finish(state: &Counts, output: &mut Output<'_>, row: usize) -> Result<()> {
        let mut values: Vec<_> = state.values.iter().collect();
        values.sort_by(|(_, a), (_, b)| b.cmp(a));
        let pairs = values.iter().take(state.wanted).map(|(value, (count, _))| {
            let count = count.to_string();
            write::array([Some(value.as_str()), Some(count.as_str())])
        });
        let pairs: Vec<String> = pairs.collect();
        output.set_text(
            row,
            &write::array(pairs.iter().map(|pair| Some(pair.as_str()))),
        );
        Ok(())
    }
}

pub(super) fn natives() -> Vec<Native> {
    vec![Native::Aggregate(TOP)]
}
