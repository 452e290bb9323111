//! MinHash states, and how alike the sets are that they have seen.
//!
//! Source: Snowflake, "Estimating similarity of two or more sets". The hashes are ours, so that states of the live service and
//! ours cannot be compared.

use super::hash::{finalize, hash_of_row};
use super::with_form;
use crate::engine::native::{
    Aggregate as NativeAggregate, AggregateNative, Arguments, Native, Nulls, Output, Parameter,
};
use crate::error::{Error, Result};
use crate::functions::expr::{INTEGER, TEXT, literal_integer};
use crate::functions::{Function, Lowering, Signature};
use crate::tree::{Aggregate, Expr, Returns};
use crate::types::variant::scan;
use crate::types::{LogicalType, PhysicalType};

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "APPROXIMATE_SIMILARITY",
        aliases: &["APPROXIMATE_JACCARD_INDEX"],
        signatures: &[Signature::new(
            "(object) -> float?",
            Lowering::NativeAggregate(&SIMILARITY),
        )],
        summary: "About how alike the sets of several MinHash states are, from 0 to 1.",
        examples: &[
            (
                "APPROXIMATE_SIMILARITY(s) FROM (SELECT MINHASH(100, column2) AS s FROM VALUES (1, 1), (1, 2), (2, 1), (2, 2) GROUP BY column1)",
                "1",
            ),
            (
                "APPROXIMATE_SIMILARITY(s) FROM (SELECT MINHASH(100, column2) AS s FROM VALUES (1, 1), (1, 2), (2, 3), (2, 4) GROUP BY column1)",
                "0",
            ),
        ],
    },
    Function {
        name: "MINHASH",
        aliases: &[],
        signatures: &[Signature::new(
            "(=integer, any, any...) -> tree",
            Lowering::AggregateTree(minhash),
        )],
        summary: "A state of so many hash functions, each of which keeps the least hash of the rows.",
        examples: &[
            (
                "ARRAY_SIZE(MINHASH(5, column1):state) FROM VALUES (1), (2)",
                "5",
            ),
            (
                "MINHASH(5, column1):type::VARCHAR FROM VALUES (1)",
                "minhash",
            ),
        ],
    },
    Function {
        name: "MINHASH_COMBINE",
        aliases: &[],
        signatures: &[Signature::new(
            "(object) -> object?",
            Lowering::NativeAggregate(&COMBINE),
        )],
        summary: "One MinHash state of several.",
        examples: &[
            (
                "MINHASH_COMBINE(s) = (SELECT MINHASH(9, column1) FROM VALUES (1), (2)) FROM (SELECT MINHASH(9, column1) AS s FROM VALUES (1), (2) GROUP BY column1)",
                "true",
            ),
            ("MINHASH_COMBINE(NULL) FROM VALUES (1)", "NULL"),
        ],
    },
];

/// Most hash functions of a state.
const MOST: i128 = 1024;

fn minhash(mut aggregate: Aggregate) -> Result<Expr> {
    let mut values = std::mem::take(&mut aggregate.call.arguments);
    let count = values.remove(0);
    match literal_integer(&count) {
        Some(1..=MOST) => {}
        other => {
            let shown = other.map_or("null".to_owned(), |count| count.to_string());
            let reason = format!("Number of hash functions must be between 1 and {MOST}");
            return Err(Error::invalid_value_for_function(
                shown, "MINHASH", 1, reason,
            ));
        }
    }
    aggregate.distinct = false; // which changes nothing
    let arguments = vec![hash_of_row(values), count];
    let (native, ty) = (MINHASH.name, LogicalType::Object);
    Ok(with_form(
        &aggregate,
        native,
        arguments,
        Returns::Natural,
        ty,
    ))
}

/// The least hash of each function; none where nothing was seen.
#[derive(Default)]
struct Least(Vec<u64>);

impl Least {
    fn merge(&mut self, other: &[u64]) -> Result<()> {
        if self.0.is_empty() {
            self.0 = other.to_vec();
        } else if other.is_empty() {
        } else if self.0.len() == other.len() {
            for (mine, theirs) in self.0.iter_mut().zip(other) {
                *mine = (*mine).min(*theirs);
            }
        } else {
            return Err(different_sizes());
        }
        Ok(())
    }

    fn write(&self, output: &mut Output<'_>, row: usize) {
        if self.0.is_empty() {
            output.set_null(row);
            return;
        }
        let hashes: Vec<_> = self.0.iter().map(u64::to_string).collect();
        let hashes = hashes.join(",");
        output.set_text(
            row,
            &format!("{{\"state\":[{hashes}],\"type\":\"minhash\",\"version\":1}}"),
        );
    }
}

fn different_sizes() -> Error {
    Error::invalid_function_argument("MinHash state", "states of different sizes")
}

fn hashes_of(state: &str) -> Result<Vec<u64>> {
    let invalid = || Error::invalid_function_argument("MinHash state", "invalid type");
    if scan::member(state, "type") != Some("\"minhash\"") {
        return Err(invalid());
    }
    let hashes = scan::elements(scan::member(state, "state").ok_or_else(invalid)?);
    hashes
        .map(|hash| hash.parse().map_err(|_| invalid()))
        .collect()
}

static MINHASH: AggregateNative = AggregateNative::of::<MinHash>();
static COMBINE: AggregateNative = AggregateNative::of::<Combine>();
static SIMILARITY: AggregateNative = AggregateNative::of::<Similarity>();

struct MinHash;
struct Combine;
struct Similarity;

impl NativeAggregate for MinHash {
    const NAME: &'static str = "sf_minhash";
    const PARAMETERS: &'static [Parameter] = &[INTEGER, INTEGER];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Least;

    fn update(state: &mut Least, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let (Some(hash), Some(count)) =
            (arguments.get::<i64>(0, row)?, arguments.get::<i64>(1, row)?)
        else {
            return Ok(());
        };
        state
            .0
            .resize(usize::try_from(count).unwrap_or(1), u64::MAX);
        for (function, least) in (1_u64..).zip(&mut state.0) {
            // Of 48 bits, so that every reader of JSON gets them right.
            let hash = finalize(hash as u64 ^ finalize(function)) >> 16;
            *least = (*least).min(hash);
        }
        Ok(())
    }

    fn combine(state: &mut Least, other: &Least) -> Result<()> {
        state.merge(&other.0)
    }

    fn finish(state: &Least, output: &mut Output<'_>, row: usize) -> Result<()> {
        state.write(output, row);
        Ok(())
    }
}

impl NativeAggregate for Combine {
    const NAME: &'static str = "sf_minhash_combine";
    const PARAMETERS: &'static [Parameter] = &[TEXT];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Least;

    fn update(state: &mut Least, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        match arguments.get::<&str>(0, row)? {
            Some(other) => state.merge(&hashes_of(other)?),
            None => Ok(()),
        }
    }

    fn combine(state: &mut Least, other: &Least) -> Result<()> {
        state.merge(&other.0)
    }

    fn finish(state: &Least, output: &mut Output<'_>, row: usize) -> Result<()> {
        state.write(output, row);
        Ok(())
    }
}

/// The first state, and in which of its functions all others agree with it.
#[derive(Default)]
struct Agreement {
    first: Vec<u64>,
    agrees: Vec<bool>,
}

impl Agreement {
    fn compare(&mut self, hashes: &[u64], agrees: Option<&[bool]>) -> Result<()> {
        if hashes.is_empty() {
            return Ok(());
        }
        if self.first.is_empty() {
            self.first = hashes.to_vec();
            self.agrees = agrees.map_or_else(|| vec![true; hashes.len()], <[bool]>::to_vec);
            return Ok(());
        }
        if self.first.len() != hashes.len() {
            return Err(different_sizes());
        }
        for (index, hash) in hashes.iter().enumerate() {
            let theirs = agrees.is_none_or(|agrees| agrees[index]);
            self.agrees[index] &= theirs && self.first[index] == *hash;
        }
        Ok(())
    }
}

impl NativeAggregate for Similarity {
    const NAME: &'static str = "sf_approximate_similarity";
    const PARAMETERS: &'static [Parameter] = &[TEXT];
    const RETURNS: PhysicalType = PhysicalType::Double;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Agreement;

    fn update(state: &mut Agreement, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        match arguments.get::<&str>(0, row)? {
            Some(other) => state.compare(&hashes_of(other)?, None),
            None => Ok(()),
        }
    }

    fn combine(state: &mut Agreement, other: &Agreement) -> Result<()> {
        state.compare(&other.first, Some(&other.agrees))
    }

    fn finish(state: &Agreement, output: &mut Output<'_>, row: usize) -> Result<()> {
        if state.agrees.is_empty() {
            output.set_null(row);
        } else {
            let agreeing = state.agrees.iter().filter(|agrees| **agrees).count();
            output.set_double(row, agreeing as f64 / state.agrees.len() as f64);
        }
        Ok(())
    }
}

/// What no signature names but trees use.
pub(super) fn natives() -> Vec<Native> {
    vec![Native::Aggregate(MINHASH)]
}
