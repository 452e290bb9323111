//! States of APPROX_PERCENTILE: digests of numbers, from which percentiles can be told later.
//!
//! A digest lists centroids, each a mean and a weight. Every value is one of its own until there are very many.
//!
//! Sources: Snowflake, "Estimating percentile values"; the form of a state, its estimates and the refusals as recorded from a
//! live account (`ApproxPercentileAccumulateTest` of `mlorek/frostlake`). The live service merges centroids from about a
//! thousand values on; ours are exact for longer.

use super::percentile::constant;
use crate::engine::native::{
    Aggregate as NativeAggregate, AggregateNative, Arguments, Native, Nulls, Output, Parameter,
    ScalarNative,
};
use crate::error::{Error, Result};
use crate::functions::expr::{FLOAT, TEXT, arguments, native, native_call};
use crate::functions::{Function, Lowering, Signature};
use crate::tree::{Expr, Literal};
use crate::types::variant::{number, scan};
use crate::types::{LogicalType, PhysicalType};

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "APPROX_PERCENTILE_ACCUMULATE",
        aliases: &[],
        signatures: &[Signature::new(
            "(float) -> object!",
            Lowering::NativeAggregate(&ACCUMULATE),
        )],
        summary: "A state from which percentiles of the values can be told.",
        examples: &[
            (
                "APPROX_PERCENTILE_ACCUMULATE(column1) FROM VALUES (2.5), (1.5), (NULL)",
                "{\"state\":[1.500000000000000e+00,1.000000000000000e+00,2.500000000000000e+00,1.000000000000000e+00],\"type\":\"tdigest\",\"version\":1}",
            ),
            (
                "APPROX_PERCENTILE_ACCUMULATE(column1) FROM VALUES (NULL::INT)",
                "{\"state\":[],\"type\":\"tdigest\",\"version\":1}",
            ),
        ],
    },
    Function {
        name: "APPROX_PERCENTILE_COMBINE",
        aliases: &[],
        signatures: &[Signature::new(
            "(object) -> object!",
            Lowering::NativeAggregate(&COMBINE),
        )],
        summary: "One state of several.",
        examples: &[
            (
                "APPROX_PERCENTILE_ESTIMATE(APPROX_PERCENTILE_COMBINE(s), 0.5) FROM (SELECT APPROX_PERCENTILE_ACCUMULATE(column2) AS s FROM VALUES (1, 1), (1, 2), (2, 3) GROUP BY column1)",
                "2",
            ),
            (
                "APPROX_PERCENTILE_COMBINE(NULL) FROM VALUES (1)",
                "{\"state\":[],\"type\":\"tdigest\",\"version\":1}",
            ),
        ],
    },
    Function {
        name: "APPROX_PERCENTILE_ESTIMATE",
        aliases: &[],
        signatures: &[Signature::new(
            "(object, =float) -> tree",
            Lowering::Tree(|arguments, _| estimate_of(arguments)),
        )],
        summary: "About the value of a state that so great a part of the values does not exceed.",
        examples: &[
            (
                "APPROX_PERCENTILE_ESTIMATE(APPROX_PERCENTILE_ACCUMULATE(column1), 0.25) FROM VALUES (1), (2)",
                "1.25",
            ),
            (
                "APPROX_PERCENTILE_ESTIMATE(PARSE_JSON('{\"state\":[1,1,9,3],\"type\":\"tdigest\",\"version\":1}'), 0.5)",
                "7",
            ),
            (
                "APPROX_PERCENTILE_ESTIMATE(PARSE_JSON('{\"state\":[],\"type\":\"tdigest\",\"version\":1}'), 0.5)",
                "NULL",
            ),
        ],
    },
];

fn estimate_of(arguments: Vec<Expr>) -> Result<Expr> {
    let [state, fraction] = self::arguments(arguments)?;
    if !fraction.is_null_literal() {
        let value = constant(&fraction)
            .ok_or_else(|| Error::unsupported("percentile that is no literal"))?;
        if !(0.0..=1.0).contains(&value) {
            let reason = "Percentile must be between 0 and 1 inclusive.";
            let function = "APPROX_PERCENTILE_ESTIMATE";
            return Err(Error::invalid_value_for_function(
                value, function, 2, reason,
            ));
        }
        let fraction = Expr::literal(Literal::Float(value), LogicalType::Float);
        return Ok(nullable(vec![state, fraction]));
    }
    Ok(nullable(vec![state, fraction]))
}

fn nullable(arguments: Vec<Expr>) -> Expr {
    Expr {
        nullable: true,
        ..native_call(&ESTIMATE, arguments, LogicalType::Float)
    }
}

/// Centroids from which on neighbours are merged, and about how many are left.
const MANY: usize = 16_384;
const SCALE: f64 = 2000.0;

/// Means and weights.
#[derive(Default)]
struct Digest(Vec<(f64, f64)>);

impl Digest {
    fn extend(&mut self, centroids: impl IntoIterator<Item = (f64, f64)>) {
        self.0.extend(centroids);
        if self.0.len() > 2 * MANY {
            self.0.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            self.0 = merged(&self.0);
        }
    }

    fn write(&self, output: &mut Output<'_>, row: usize) {
        let mut centroids = self.0.clone();
        centroids.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        if centroids.len() > MANY {
            centroids = merged(&centroids);
        }
        let mut text = String::from("{\"state\":[");
        for (index, (mean, weight)) in centroids.into_iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            number::push_double(mean, &mut text);
            text.push(',');
            number::push_double(weight, &mut text);
        }
        text.push_str("],\"type\":\"tdigest\",\"version\":1}");
        output.set_text(row, &text);
    }

    fn of(state: &str) -> Result<Digest> {
        let invalid = || Error::not_a_digest();
        let numbers = scan::member(state, "state").filter(|numbers| scan::is_array(numbers));
        let numbers: Vec<f64> = scan::elements(numbers.ok_or_else(invalid)?)
            .map(|number| number::double(number).ok_or_else(invalid))
            .collect::<Result<_>>()?;
        let centroids = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1]));
        Ok(Digest(centroids.collect()))
    }

    /// The value at a fraction: exact where every centroid is one value, else between the middles of centroids.
    fn estimate(mut self, fraction: f64) -> Option<f64> {
        self.0.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let centroids = &self.0;
        let (first, last) = (centroids.first()?, centroids.last()?);
        if centroids.len() == 1 {
            return Some(first.0);
        }
        if centroids.iter().all(|(_, weight)| *weight == 1.0) {
            let place = fraction * (centroids.len() - 1) as f64;
            let below = centroids.get(place.floor() as usize).unwrap_or(last).0;
            let above = centroids.get(place.ceil() as usize).unwrap_or(last).0;
            return Some(below + (above - below) * place.fract());
        }
        let mut before = 0.0;
        let middles: Vec<_> = centroids
            .iter()
            .map(|(mean, weight)| {
                before += weight;
                (before - weight / 2.0, *mean)
            })
            .collect();
        let target = fraction * before;
        let above = middles
            .iter()
            .position(|(middle, _)| *middle >= target)
            .unwrap_or(middles.len())
            .clamp(1, middles.len() - 1);
        let ((from, low), (to, high)) = (middles[above - 1], middles[above]);
        Some(low + (high - low) * (target - from) / (to - from))
    }
}

/// Sorted centroids merged where they lie close, the closer the nearer they are to the middle (Dunning's k₁).
fn merged(centroids: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let total: f64 = centroids.iter().map(|(_, weight)| weight).sum();
    let scale = |part: f64| {
        SCALE / (2.0 * std::f64::consts::PI) * (2.0 * part.clamp(0.0, 1.0) - 1.0).asin()
    };
    let mut result: Vec<(f64, f64)> = Vec::new();
    let (mut before, mut start) = (0.0, scale(0.0));
    for (mean, weight) in centroids {
        match result.last_mut() {
            Some(last) if scale((before + last.1 + weight) / total) - start <= 1.0 => {
                last.0 += (mean - last.0) * weight / (last.1 + weight);
                last.1 += weight;
            }
            last => {
                before += last.map_or(0.0, |last| last.1);
                start = scale(before / total);
                result.push((*mean, *weight));
            }
        }
    }
    result
}

static ACCUMULATE: AggregateNative = AggregateNative::of::<Accumulate>();
static COMBINE: AggregateNative = AggregateNative::of::<Combine>();

struct Accumulate;
struct Combine;

impl NativeAggregate for Accumulate {
    const NAME: &'static str = "sf_approx_percentile_accumulate";
    const PARAMETERS: &'static [Parameter] = &[FLOAT];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Digest;

    fn update(state: &mut Digest, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        if let Some(value) = arguments.get::<f64>(0, row)? {
            state.extend([(value, 1.0)]);
        }
        Ok(())
    }

    fn combine(state: &mut Digest, other: &Digest) -> Result<()> {
        state.extend(other.0.iter().copied());
        Ok(())
    }

    fn finish(state: &Digest, output: &mut Output<'_>, row: usize) -> Result<()> {
        state.write(output, row);
        Ok(())
    }
}

impl NativeAggregate for Combine {
    const NAME: &'static str = "sf_approx_percentile_combine";
    const PARAMETERS: &'static [Parameter] = &[TEXT];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Digest;

    fn update(state: &mut Digest, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        if let Some(other) = arguments.get::<&str>(0, row)? {
            state.extend(Digest::of(other)?.0);
        }
        Ok(())
    }

    fn combine(state: &mut Digest, other: &Digest) -> Result<()> {
        state.extend(other.0.iter().copied());
        Ok(())
    }

    fn finish(state: &Digest, output: &mut Output<'_>, row: usize) -> Result<()> {
        state.write(output, row);
        Ok(())
    }
}

static ESTIMATE: ScalarNative = native(
    "sf_approx_percentile_estimate",
    &[TEXT, FLOAT],
    PhysicalType::Double,
    |arguments, output| {
        arguments.binary(output, |state: &str, fraction: f64| {
            Ok(Digest::of(state)?.estimate(fraction))
        })
    },
);

/// What no signature names but trees use.
pub(super) fn natives() -> Vec<Native> {
    vec![Native::Scalar(ESTIMATE)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_digests_stay_close() {
        let mut digest = Digest::default();
        digest.extend((0..200_000).map(|value| (f64::from(value), 1.0)));
        let centroids = merged(&digest.0);
        assert!(centroids.len() < 5000, "{}", centroids.len());
        for fraction in [0.001, 0.1, 0.5, 0.9, 0.999] {
            let estimate = Digest(centroids.clone()).estimate(fraction).unwrap();
            assert!(
                (estimate - fraction * 200_000.0).abs() < 200.0,
                "{estimate}"
            );
        }
    }
}
