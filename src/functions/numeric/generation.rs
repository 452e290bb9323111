//! Data generation functions.
//!
//! RANDOM and SEQ count their calls, each place of a statement for itself: what a row gets follows from its number and the
//! seed alone, so that a seed repeats its values. UNIFORM and the like are functions of their generator's value.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use super::super::{
    FLOAT, Facts, Function, INTEGER, Lowering, Signature, WIDE, integer, literal_integer, native,
    native_call, whole,
};
use crate::engine::native::{Decimal, Native, Parameter, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::{Arithmetic, Expr, ExprKind, Literal};
use crate::types::{LogicalType, MAX_PRECISION, PhysicalType, decimal};

/// SEQ<bytes>: a counter that begins again at 0, or at the least number of so many bytes.
macro_rules! sequence {
    ($name:literal, $bits:literal, $precision:literal) => {
        Function {
            name: $name,
            aliases: &[],
            signatures: &[
                Signature::new(
                    "() -> tree",
                    Lowering::Tree(|a, _| sequence(a, $bits, $precision)),
                ),
                Signature::new(
                    "(=integer) -> tree",
                    Lowering::Tree(|a, _| sequence(a, $bits, $precision)),
                ),
            ],
            summary: "The number of the row, from 0.",
            examples: &[
                (concat!($name, "()"), "0"),
                (
                    concat!(
                        "MAX(n) FROM (SELECT ",
                        $name,
                        "() AS n FROM VALUES (1), (1), (1))"
                    ),
                    "2",
                ),
            ],
        }
    };
}

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "NORMAL",
        aliases: &[],
        signatures: &[Signature::new(
            "(float, float, whole) -> float",
            Lowering::Native(&NORMAL),
        )],
        summary: "A normally distributed number with a mean and a standard deviation.",
        examples: &[
            ("NORMAL(0, 1, 1) = NORMAL(0, 1, 1)", "true"),
            ("NORMAL(5, 0, RANDOM())", "5"),
        ],
    },
    Function {
        name: "RANDOM",
        aliases: &[],
        signatures: &[
            Signature::new("() -> tree", Lowering::Tree(random)),
            Signature::new("(=integer) -> tree", Lowering::Tree(random)),
        ],
        summary: "A random 64-bit integer, a new one for each row; the same ones again for the same seed.",
        examples: &[
            ("RANDOM(4711) = RANDOM(4711)", "true"),
            ("RANDOM() = RANDOM()", "false"),
            (
                "RANDOM(-7106023876041807101) = RANDOM(-7106023876041807102)",
                "false",
            ),
            (
                "COUNT(DISTINCT r) FROM (SELECT RANDOM(1) AS r FROM VALUES (1), (2), (3))",
                "3",
            ),
        ],
    },
    Function {
        name: "RANDSTR",
        aliases: &[],
        signatures: &[Signature::new(
            "(integer, whole) -> text",
            Lowering::Native(&RANDSTR),
        )],
        summary: "A random text of so many letters and digits.",
        examples: &[
            ("LENGTH(RANDSTR(5, RANDOM()))", "5"),
            ("RANDSTR(5, 7) = RANDSTR(5, 7)", "true"),
            ("RANDSTR(0, 7)", ""),
        ],
    },
    sequence!("SEQ1", 8, 3),
    sequence!("SEQ2", 16, 5),
    sequence!("SEQ4", 32, 10),
    sequence!("SEQ8", 64, 19),
    Function {
        name: "UNIFORM",
        aliases: &[],
        signatures: &[
            Signature::new("(=exact, =exact, whole) -> tree", Lowering::Tree(uniform)),
            Signature::new(
                "(=float, =float, whole) -> float",
                Lowering::Native(&UNIFORM_FLOAT),
            ),
        ],
        summary: "A random number from one bound to another, both included.",
        examples: &[
            ("UNIFORM(1, 10, RANDOM()) BETWEEN 1 AND 10", "true"),
            ("UNIFORM(3, 3, RANDOM())", "3"),
            ("UNIFORM(1, 1000, 5) = UNIFORM(1, 1000, 5)", "true"),
            ("UNIFORM(0::FLOAT, 1::FLOAT, RANDOM()) < 1", "true"),
            ("UNIFORM(1.50, 1.50, 1)", "1.50"),
        ],
    },
    Function {
        name: "ZIPF",
        aliases: &[],
        signatures: &[Signature::new(
            "(float, integer, whole) -> NUMBER(18,0)",
            Lowering::Native(&ZIPF),
        )],
        summary: "A random integer from 1 to a number, distributed by Zipf's law with an exponent.",
        examples: &[
            ("ZIPF(1, 10, RANDOM()) BETWEEN 1 AND 10", "true"),
            ("ZIPF(1, 1, RANDOM())", "1"),
        ],
    },
];

const NUMBER: Parameter = Parameter::AnyNumber;
const BIGINT: PhysicalType = PhysicalType::BigInt;

/// A place of a statement at which rows are counted.
fn new_site() -> Expr {
    static NEXT: AtomicI64 = AtomicI64::new(0);
    integer(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Sites that are remembered; those of statements that have long ended go first.
const REMEMBERED_SITES: usize = 4096;

/// The numbers that the next rows of a site get, from the one that is returned.
fn next_rows(site: i64, row_count: usize) -> u64 {
    static COUNTERS: Mutex<BTreeMap<i64, u64>> = Mutex::new(BTreeMap::new());
    let mut counters = COUNTERS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let counter = counters.entry(site).or_default();
    let first = *counter;
    *counter += row_count as u64;
    while counters.len() > REMEMBERED_SITES {
        counters.pop_first();
    }
    first
}

fn random(mut arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let seed = match arguments.pop() {
        Some(seed) => match literal_integer(&seed) {
            // All 64 bits of a seed count, and more digits than INTEGER has.
            Some(large) if large.unsigned_abs() >= 1 << 56 => integer(mixed(large as u64) >> 8),
            _ => seed,
        },
        None => {
            let mut bytes = [0; 8];
            getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
            integer(i64::from_ne_bytes(bytes) >> 8)
        }
    };
    Ok(native_call(&RANDOM, vec![seed, new_site()], whole(19)))
}

static RANDOM: ScalarNative = ScalarNative {
    volatile: true,
    ..native(
        "sf_random",
        &[INTEGER, INTEGER],
        BIGINT,
        |arguments, output| {
            let (seeds, sites) = (arguments.bigints(0)?, arguments.bigints(1)?);
            let first = next_rows(sites.get(0).unwrap_or(0), arguments.row_count());
            arguments.each_row(|row| {
                let seed = seeds.get(row).unwrap_or(0) as u64;
                let bits =
                    mixed(mixed(seed).wrapping_add((first + row as u64).wrapping_mul(GOLDEN)));
                output.set_bigint(row, bits as i64);
                Ok(())
            })
        },
    )
};

fn sequence(mut arguments: Vec<Expr>, bits: i128, precision: u8) -> Result<Expr> {
    let sign = match arguments.pop() {
        None => 0,
        Some(sign) => match literal_integer(&sign) {
            Some(sign @ 0..=1) => sign,
            Some(sign) => {
                return Err(Error::invalid_function_argument(
                    sign,
                    "sign must be 0 or 1",
                ));
            }
            None => {
                return Err(Error::invalid_function_argument(
                    "NULL",
                    "sign must be 0 or 1",
                ));
            }
        },
    };
    let arguments = vec![integer(bits), integer(sign), new_site()];
    let mut number = native_call(&SEQUENCE, arguments, whole(precision));
    number.nullable = false;
    Ok(number)
}

static SEQUENCE: ScalarNative = ScalarNative {
    volatile: true,
    ..native(
        "sf_sequence",
        &[INTEGER, INTEGER, INTEGER],
        BIGINT,
        |arguments, output| {
            let (bits, signs, sites) = (
                arguments.bigints(0)?,
                arguments.bigints(1)?,
                arguments.bigints(2)?,
            );
            let first = next_rows(sites.get(0).unwrap_or(0), arguments.row_count());
            let bits = bits.get(0).unwrap_or(64) as u32;
            let signed = signs.get(0) == Some(1);
            arguments.each_row(|row| {
                let number = first + row as u64;
                // As many bytes as the name says, read with a sign or without the highest bit.
                let shift = 64 - bits;
                let value = if signed {
                    (number << shift) as i64 >> shift
                } else {
                    (number << shift << 1 >> 1 >> shift) as i64
                };
                output.set_bigint(row, value);
                Ok(())
            })
        },
    )
};

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Splitmix64's step: every bit of the input moves every bit of the output.
fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(GOLDEN);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The random bits that a generator's value stands for.
fn bits_of(generator: Decimal) -> u64 {
    mixed(generator.unscaled as u64 ^ (generator.unscaled >> 64) as u64)
}

/// From 0 to 1, without 1.
fn fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// As wide as the wider bound before the point, with the larger scale; drawn at that scale.
fn uniform(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let [low, high, generator] = super::super::arguments(arguments)?;
    let shape = |bound: &Expr| match bound.ty {
        LogicalType::Number { precision, scale } => (precision - scale, scale),
        _ => (MAX_PRECISION, 0),
    };
    let ((l1, s1), (l2, s2)) = (shape(&low), shape(&high));
    let scale = s1.max(s2);
    let precision = (l1.max(l2) + scale).clamp(2, MAX_PRECISION);
    if scale == 0 {
        return Ok(native_call(
            &UNIFORM,
            vec![low, high, generator],
            whole(precision),
        ));
    }
    let unscaled = |bound: &Expr| {
        let (value, from) = literal_number(bound)?;
        decimal::rescale(value, from, scale)
    };
    let bounds = unscaled(&low).zip(unscaled(&high));
    let (low, high) =
        bounds.ok_or_else(|| Error::unsupported("UNIFORM with a bound that is no literal"))?;
    let drawn = native_call(
        &UNIFORM,
        vec![integer(low), integer(high), generator],
        whole(precision),
    );
    let nullable = drawn.nullable;
    let unit = LogicalType::Number {
        precision: scale + 1,
        scale,
    };
    let kind = ExprKind::Arithmetic {
        operator: Arithmetic::Multiply,
        left: Box::new(drawn),
        right: Box::new(Expr::literal(Literal::Number(1), unit)),
    };
    Ok(Expr::new(
        kind,
        LogicalType::Number { precision, scale },
        nullable,
    ))
}

/// A literal's unscaled value and its scale.
fn literal_number(expr: &Expr) -> Option<(i128, u8)> {
    match (&expr.kind, &expr.ty) {
        (ExprKind::Literal(Literal::Number(value)), LogicalType::Number { scale, .. }) => {
            Some((*value, *scale))
        }
        (ExprKind::Negate(operand), _) => {
            literal_number(operand).map(|(value, scale)| (-value, scale))
        }
        (ExprKind::Cast { operand, .. }, LogicalType::Number { .. }) => literal_number(operand),
        _ => None,
    }
}

static UNIFORM: ScalarNative = native(
    "sf_uniform",
    &[NUMBER, NUMBER, NUMBER],
    WIDE,
    |arguments, output| {
        arguments.ternary(output, |low: Decimal, high: Decimal, generator: Decimal| {
            let (low, high) = (low.unscaled, high.unscaled);
            if low > high {
                return Err(Error::invalid_function_argument(
                    low,
                    "minimum must not be greater than maximum",
                ));
            }
            let width = (high - low).unsigned_abs() + 1;
            let first = bits_of(generator);
            let wide = u128::from(first) << 64 | u128::from(mixed(first));
            Ok(low + (wide % width) as i128)
        })
    },
);

static UNIFORM_FLOAT: ScalarNative = native(
    "sf_uniform_float",
    &[FLOAT, FLOAT, NUMBER],
    PhysicalType::Double,
    |arguments, output| {
        arguments.ternary(output, |low: f64, high: f64, generator: Decimal| {
            Ok(low + (high - low) * fraction(bits_of(generator)))
        })
    },
);

/// By Box and Muller.
static NORMAL: ScalarNative = native(
    "sf_normal",
    &[FLOAT, FLOAT, NUMBER],
    PhysicalType::Double,
    |arguments, output| {
        arguments.ternary(output, |mean: f64, deviation: f64, generator: Decimal| {
            let bits = bits_of(generator);
            let radius = (-2.0 * (1.0 - fraction(bits)).ln()).sqrt();
            let angle = std::f64::consts::TAU * fraction(mixed(bits));
            Ok(mean + deviation * radius * angle.cos())
        })
    },
);

static RANDSTR: ScalarNative = native(
    "sf_randstr",
    &[INTEGER, NUMBER],
    PhysicalType::Varchar,
    |arguments, output| {
        const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        arguments.binary(output, |length: i64, generator: Decimal| {
            let length = usize::try_from(length).unwrap_or(0);
            if length > crate::types::DEFAULT_VARCHAR_LENGTH as usize {
                return Err(Error::invalid_function_argument(length, "text too long"));
            }
            let mut bits = bits_of(generator);
            Ok((0..length)
                .map(|_| {
                    bits = mixed(bits);
                    char::from(LETTERS[(bits % LETTERS.len() as u64) as usize])
                })
                .collect::<String>())
        })
    },
);

/// By inversion of the sum of the weights, which is remembered for the last exponent and number.
static ZIPF: ScalarNative = native(
    "sf_zipf",
    &[FLOAT, INTEGER, NUMBER],
    BIGINT,
    |arguments, output| {
        const MOST: i64 = 16_777_215;
        let mut known: Option<(f64, i64, Vec<f64>)> = None;
        arguments.ternary(output, |exponent: f64, count: i64, generator: Decimal| {
            if !(1..=MOST).contains(&count) {
                return Err(Error::invalid_function_argument(
                    count,
                    "number of elements out of range",
                ));
            }
            let sums = match &known {
                Some((e, c, sums)) if *e == exponent && *c == count => sums,
                _ => {
                    let mut sum = 0.0;
                    let sums = (1..=count).map(|rank| {
                        sum += (rank as f64).powf(-exponent);
                        sum
                    });
                    &known.insert((exponent, count, sums.collect())).2
                }
            };
            let wanted = fraction(bits_of(generator)) * sums.last().copied().unwrap_or(0.0);
            let rank = sums.partition_point(|sum| *sum <= wanted) as i64 + 1;
            Ok(rank.min(count))
        })
    },
);

pub(super) fn natives() -> Vec<Native> {
    [RANDOM, SEQUENCE, UNIFORM].map(Native::Scalar).to_vec()
}
