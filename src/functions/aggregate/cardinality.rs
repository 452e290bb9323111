//! HyperLogLog states, from which the number of distinct values can be told later.
//!
//! A state has the hashes themselves while there are few, so that small numbers are exact, then registers of precision 12 as
//! Snowflake's. Its bytes are ours; what HLL_EXPORT makes of it is Snowflake's form.
//!
//! Sources: Snowflake, "Estimating the number of distinct values", "HLL_EXPORT"; the exported form as recorded by
//! `mlorek/frostlake`. The estimator is Ertl's ("New cardinality estimation algorithms for HyperLogLog sketches", 2017).

use std::collections::HashSet;

use super::hash::hash_of_row;
use super::with_form;
use crate::engine::native::{
    Aggregate as NativeAggregate, AggregateNative, Arguments, Native, Nulls, Output, Parameter,
    ScalarNative,
};
use crate::error::{Error, Result};
use crate::functions::expr::{BINARY, INTEGER, TEXT, native};
use crate::functions::{Function, Lowering, Signature};
use crate::tree::Returns;
use crate::types::variant::scan;
use crate::types::{DEFAULT_BINARY_LENGTH, LogicalType, PhysicalType};

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "HLL_ACCUMULATE",
        aliases: &[],
        signatures: &[Signature::new(
            "(any, any...) -> tree",
            Lowering::AggregateTree(|mut aggregate| {
                aggregate.distinct = false; // which changes nothing
                let arguments = std::mem::take(&mut aggregate.call.arguments);
                let ty = LogicalType::Binary {
                    length: DEFAULT_BINARY_LENGTH,
                };
                let hash = vec![hash_of_row(arguments)];
                let native = ACCUMULATE.name;
                let mut state = with_form(&aggregate, native, hash, Returns::Natural, ty);
                state.nullable = false;
                Ok(state)
            }),
        )],
        summary: "A state from which the number of distinct values, or of distinct rows without a NULL, can be told.",
        examples: &[
            (
                "HLL_ESTIMATE(HLL_ACCUMULATE(column1)) FROM VALUES (1), (2), (2), (NULL)",
                "2",
            ),
            (
                "HLL_ESTIMATE(HLL_ACCUMULATE(column1, column2)) FROM VALUES (1.5, 7), (1.5, NULL), (1.5, 7)",
                "1",
            ),
        ],
    },
    Function {
        name: "HLL_COMBINE",
        aliases: &[],
        signatures: &[Signature::new(
            "(binary) -> binary!",
            Lowering::NativeAggregate(&COMBINE),
        )],
        summary: "One state of several.",
        examples: &[
            (
                "HLL_ESTIMATE(HLL_COMBINE(s)) FROM (SELECT HLL_ACCUMULATE(column2) AS s FROM VALUES (1, 1), (1, 2), (2, 2), (2, 3) GROUP BY column1)",
                "3",
            ),
            (
                "HLL_ESTIMATE(HLL_COMBINE(column1::BINARY)) FROM VALUES (NULL)",
                "0",
            ),
        ],
    },
    Function {
        name: "HLL_ESTIMATE",
        aliases: &[],
        signatures: &[Signature::new(
            "(binary) -> NUMBER(18,0)",
            Lowering::Native(&ESTIMATE),
        )],
        summary: "About how many distinct values a state has seen.",
        examples: &[
            (
                "HLL_ESTIMATE(HLL_ACCUMULATE(column1)) FROM VALUES ('a'), ('b')",
                "2",
            ),
            ("HLL_ESTIMATE(NULL)", "NULL"),
        ],
    },
    Function {
        name: "HLL_EXPORT",
        aliases: &[],
        signatures: &[Signature::new(
            "(binary) -> object",
            Lowering::Native(&EXPORT),
        )],
        summary: "A state as an OBJECT.",
        examples: &[
            (
                "HLL_EXPORT(HLL_ACCUMULATE(column1)):precision::INT FROM VALUES (1)",
                "12",
            ),
            (
                "HLL_EXPORT(HLL_ACCUMULATE(column1)) FROM VALUES (NULL::INT)",
                "{\"precision\":12,\"sparse\":{\"indices\":[],\"maxLzCounts\":[]},\"version\":4}",
            ),
        ],
    },
    Function {
        name: "HLL_IMPORT",
        aliases: &[],
        signatures: &[Signature::new(
            "(object) -> binary",
            Lowering::Native(&IMPORT),
        )],
        summary: "The state of an OBJECT that HLL_EXPORT has made.",
        examples: &[
            (
                "HLL_ESTIMATE(HLL_IMPORT(HLL_EXPORT(HLL_ACCUMULATE(column1)))) FROM VALUES (1), (2)",
                "2",
            ),
            (
                "HLL_ESTIMATE(HLL_IMPORT(PARSE_JSON('{\"precision\":12,\"sparse\":{\"indices\":[3,5],\"maxLzCounts\":[1,2]},\"version\":4}')))",
                "2",
            ),
        ],
    },
];

/// Bits of a hash that choose a register.
const PRECISION: u32 = 12;
const REGISTERS: usize = 1 << PRECISION;
/// Hashes that are kept themselves.
const FEW: usize = 1024;
/// Registers in use from which on an exported state lists all.
const DENSE: usize = REGISTERS / 8;

/// First byte of a state.
const HASHES: u8 = 1;
const SKETCH: u8 = 2;

#[derive(Clone)]
enum State {
    Hashes(HashSet<u64>),
    /// The greatest rank that each register has seen.
    Registers(Vec<u8>),
}

impl Default for State {
    fn default() -> Self {
        State::Hashes(HashSet::new())
    }
}

/// A hash's register, and its rank: the zeros before the first one of the other bits, and one.
fn place(hash: u64) -> (usize, u8) {
    let rest = hash << PRECISION;
    let rank = (rest.leading_zeros().min(64 - PRECISION) + 1) as u8;
    ((hash >> (64 - PRECISION)) as usize, rank)
}

impl State {
    fn insert(&mut self, hash: u64) {
        match self {
            State::Hashes(hashes) => {
                hashes.insert(hash);
                if hashes.len() > FEW {
                    *self = State::Registers(self.registers());
                }
            }
            State::Registers(registers) => {
                let (index, rank) = place(hash);
                registers[index] = registers[index].max(rank);
            }
        }
    }

    fn merge(&mut self, other: &State) {
        match other {
            State::Hashes(hashes) => hashes.iter().for_each(|hash| self.insert(*hash)),
            State::Registers(theirs) => {
                let mut registers = self.registers();
                for (mine, theirs) in registers.iter_mut().zip(theirs) {
                    *mine = (*mine).max(*theirs);
                }
                *self = State::Registers(registers);
            }
        }
    }

    fn registers(&self) -> Vec<u8> {
        match self {
            State::Registers(registers) => registers.clone(),
            State::Hashes(hashes) => {
                let mut registers = vec![0; REGISTERS];
                for hash in hashes {
                    let (index, rank) = place(*hash);
                    registers[index] = registers[index].max(rank);
                }
                registers
            }
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            State::Hashes(hashes) => {
                let mut hashes: Vec<_> = hashes.iter().collect();
                hashes.sort_unstable();
                let hashes = hashes.into_iter().flat_map(|hash| hash.to_le_bytes());
                std::iter::once(HASHES).chain(hashes).collect()
            }
            State::Registers(registers) => std::iter::once(SKETCH)
                .chain(registers.iter().copied())
                .collect(),
        }
    }

    fn of(bytes: &[u8]) -> Result<State> {
        match bytes {
            [HASHES, hashes @ ..] if hashes.len().is_multiple_of(8) => Ok(State::Hashes(
                hashes
                    .chunks_exact(8)
                    .map(|hash| {
                        hash.iter()
                            .rev()
                            .fold(0, |all, byte| all << 8 | u64::from(*byte))
                    })
                    .collect(),
            )),
            [SKETCH, registers @ ..] if registers.len() == REGISTERS => {
                Ok(State::Registers(registers.to_vec()))
            }
            _ => Err(invalid_state()),
        }
    }

    fn estimate(&self) -> i64 {
        match self {
            State::Hashes(hashes) => hashes.len() as i64,
            State::Registers(registers) => estimate(registers).round() as i64,
        }
    }
}

fn invalid_state() -> Error {
    Error::invalid_function_argument("HyperLogLog state", "invalid type")
}

/// Ertl's improved estimator, over registers of any precision.
fn estimate(registers: &[u8]) -> f64 {
    let precision = registers.len().ilog2();
    let greatest = (64 - precision + 1) as usize;
    let mut counts = vec![0.0; greatest + 1];
    for rank in registers {
        counts[usize::from(*rank).min(greatest)] += 1.0;
    }
    let count = registers.len() as f64;
    let mut sum = count * tau(1.0 - counts[greatest] / count);
    for rank in (1..greatest).rev() {
        sum = 0.5 * (sum + counts[rank]);
    }
    sum += count * sigma(counts[0] / count);
    count / (2.0 * std::f64::consts::LN_2) * count / sum
}

fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut sum) = (1.0, x);
    loop {
        x *= x;
        let next = sum + x * y;
        if next == sum {
            return sum;
        }
        (y, sum) = (y + y, next);
    }
}

fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut sum) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        y *= 0.5;
        let next = sum - (1.0 - x) * (1.0 - x) * y;
        if next == sum {
            return sum / 3.0;
        }
        sum = next;
    }
}

static ACCUMULATE: AggregateNative = AggregateNative::of::<Accumulate>();
static COMBINE: AggregateNative = AggregateNative::of::<Combine>();

struct Accumulate;
struct Combine;

impl NativeAggregate for Accumulate {
    const NAME: &'static str = "sf_hll_accumulate";
    const PARAMETERS: &'static [Parameter] = &[INTEGER];
    const RETURNS: PhysicalType = PhysicalType::Blob;
    const NULLS: Nulls = Nulls::Propagate;

    type State = State;

    fn update(state: &mut State, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        if let Some(hash) = arguments.get::<i64>(0, row)? {
            state.insert(hash as u64);
        }
        Ok(())
    }

    fn combine(state: &mut State, other: &State) -> Result<()> {
        state.merge(other);
        Ok(())
    }

    fn finish(state: &State, output: &mut Output<'_>, row: usize) -> Result<()> {
        output.set_blob(row, &state.bytes());
        Ok(())
    }
}

impl NativeAggregate for Combine {
    const NAME: &'static str = "sf_hll_combine";
    const PARAMETERS: &'static [Parameter] = &[BINARY];
    const RETURNS: PhysicalType = PhysicalType::Blob;
    const NULLS: Nulls = Nulls::Propagate;

    type State = State;

    fn update(state: &mut State, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        if let Some(bytes) = arguments.get::<&[u8]>(0, row)? {
            state.merge(&State::of(bytes)?);
        }
        Ok(())
    }

    fn combine(state: &mut State, other: &State) -> Result<()> {
        state.merge(other);
        Ok(())
    }

    fn finish(state: &State, output: &mut Output<'_>, row: usize) -> Result<()> {
        output.set_blob(row, &state.bytes());
        Ok(())
    }
}

static ESTIMATE: ScalarNative = native(
    "sf_hll_estimate",
    &[BINARY],
    PhysicalType::BigInt,
    |arguments, output| arguments.unary(output, |state: &[u8]| Ok(State::of(state)?.estimate())),
);

static EXPORT: ScalarNative = native(
    "sf_hll_export",
    &[BINARY],
    PhysicalType::Varchar,
    |arguments, output| {
        arguments.unary(output, |state: &[u8]| {
            let registers = State::of(state)?.registers();
            let used: Vec<_> = (0..REGISTERS).filter(|index| registers[*index] > 0).collect();
            let list = |numbers: &mut dyn Iterator<Item = usize>| {
                let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
                numbers.join(",")
            };
            if used.len() >= DENSE {
                let ranks = list(&mut registers.iter().map(|rank| usize::from(*rank)));
                return Ok(format!(
                    "{{\"dense\":[{ranks}],\"precision\":{PRECISION},\"version\":4}}"
                ));
            }
            let ranks = list(&mut used.iter().map(|index| usize::from(registers[*index])));
            let indices = list(&mut used.into_iter());
            Ok(format!(
                "{{\"precision\":{PRECISION},\"sparse\":{{\"indices\":[{indices}],\"maxLzCounts\":[{ranks}]}},\"version\":4}}"
            ))
        })
    },
);

static IMPORT: ScalarNative = native(
    "sf_hll_import",
    &[TEXT],
    PhysicalType::Blob,
    |arguments, output| {
        arguments.unary(output, |object: &str| {
            imported(object)
                .map(|registers| State::Registers(registers).bytes())
                .ok_or_else(invalid_state)
        })
    },
);

/// The registers of an exported state. Another precision than ours is not read.
fn imported(object: &str) -> Option<Vec<u8>> {
    let precision: u32 = scan::member(object, "precision")?.parse().ok()?;
    if precision != PRECISION {
        return None;
    }
    let numbers = |array: &str| -> Option<Vec<usize>> {
        scan::elements(array)
            .map(|number| number.parse().ok())
            .collect()
    };
    let rank = |number: usize| u8::try_from(number).ok();
    if let Some(dense) = scan::member(object, "dense") {
        let registers: Vec<u8> = numbers(dense)?
            .into_iter()
            .map(rank)
            .collect::<Option<_>>()?;
        return (registers.len() == REGISTERS).then_some(registers);
    }
    let sparse = scan::member(object, "sparse")?;
    let indices = numbers(scan::member(sparse, "indices")?)?;
    let ranks = numbers(scan::member(sparse, "maxLzCounts")?)?;
    let mut registers = vec![0; REGISTERS];
    for (index, number) in indices.into_iter().zip(ranks) {
        *registers.get_mut(index)? = rank(number)?;
    }
    Some(registers)
}

/// What no signature names but trees use.
pub(super) fn natives() -> Vec<Native> {
    vec![Native::Aggregate(ACCUMULATE)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_within_the_error_of_the_precision() {
        for count in [10_u64, 1000, 3000, 12_000, 20_000, 1_000_000] {
            let mut state = State::default();
            for value in 0..count {
                state.insert(super::super::hash::finalize(value + 1));
            }
            let error = (state.estimate() as f64 / count as f64 - 1.0).abs();
            assert!(error < 0.05, "{count}: {}", state.estimate());
            if count <= FEW as u64 {
                assert_eq!(state.estimate(), count as i64);
            }
            let again = State::of(&state.bytes()).unwrap();
            assert_eq!(again.estimate(), state.estimate());
        }
    }

    #[test]
    fn a_merged_state_counts_what_both_have_once() {
        let of = |values: std::ops::Range<u64>| {
            let mut state = State::default();
            values.for_each(|value| state.insert(super::super::hash::finalize(value)));
            state
        };
        let mut few = of(0..100);
        few.merge(&of(50..150));
        assert_eq!(few.estimate(), 150);
        let mut many = of(0..5000);
        many.merge(&of(4000..4100));
        assert_eq!(many.estimate(), of(0..5000).estimate());
    }
}
