//! HASH and HASH_AGG: a hash of our own, stable across runs and releases. Numbers of one value hash alike whatever their
//! type; NULL has a hash.

use super::super::expr::{case, is_null, native_call};
use super::super::{FLOAT, Facts, Function, INTEGER, Lowering, Signature, TEXT};
use super::with_form;
use crate::engine::native::{
    Aggregate as NativeAggregate, AggregateNative, Arguments, Decimal, Native, Nulls, Output,
    Parameter, ScalarNative, Value,
};
use crate::error::Result;
use crate::tree::{Expr, ExprKind, Returns};
use crate::types::{LogicalType, PhysicalType, decimal};

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "HASH",
        aliases: &[],
        signatures: &[Signature::new(
            "(any, any...) -> tree",
            Lowering::Tree(hash),
        )],
        summary: "A signed 64-bit hash of the arguments.",
        examples: &[
            ("HASH(1) = HASH(1.00)", "true"),
            ("HASH(1) = HASH(1::FLOAT)", "true"),
            ("HASH(1) = HASH('1')", "false"),
            ("HASH(1, 2) = HASH(2, 1)", "false"),
            ("HASH(NULL) IS NULL", "false"),
            ("HASH(0.5) = HASH(0.5::FLOAT)", "true"),
        ],
    },
    Function {
        name: "HASH_AGG",
        aliases: &[],
        signatures: &[Signature::new(
            "(any, any...) -> tree",
            Lowering::AggregateTree(|mut aggregate| {
                let arguments = std::mem::take(&mut aggregate.call.arguments);
                let hash = mixed(arguments, 18);
                let mut sum = with_form(
                    &aggregate,
                    HASH_AGG.name,
                    vec![hash],
                    Returns::Cast,
                    super::super::whole(19),
                );
                sum.nullable = false;
                Ok(sum)
            }),
        )],
        summary: "A signed 64-bit hash of the rows in any order; 0 of none.",
        examples: &[
            (
                "HASH_AGG(column1) = (SELECT HASH_AGG(column1) FROM VALUES (2), (1)) FROM VALUES (1), (2)",
                "true",
            ),
            (
                "HASH_AGG(column1) = (SELECT HASH_AGG(column1) FROM VALUES (1)) FROM VALUES (1), (1)",
                "false",
            ),
            ("HASH_AGG(column1) FROM VALUES (1) WHERE FALSE", "0"),
        ],
    },
];

pub(in super::super) fn natives() -> Vec<Native> {
    vec![
        Native::Scalar(NUMBER_HASH),
        Native::Scalar(FLOAT_HASH),
        Native::Scalar(TEXT_HASH),
        Native::Scalar(BINARY_HASH),
        Native::Scalar(MIX),
        Native::Aggregate(HASH_AGG),
    ]
}

fn hash(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    Ok(mixed(arguments, 19))
}

/// The hash of several values; 18 digits keep the BIGINT as it is.
fn mixed(arguments: Vec<Expr>, precision: u8) -> Expr {
    let hashes = arguments.into_iter().map(hash_of).collect();
    let mut mixed = native_call(&MIX, hashes, super::super::whole(precision));
    mixed.nullable = false;
    mixed
}

/// The hash of a row of values as a BIGINT, NULL where a value is.
pub(super) fn hash_of_row(values: Vec<Expr>) -> Expr {
    let nulls: Vec<_> = values
        .iter()
        .filter(|value| value.nullable)
        .map(|value| is_null(value.clone(), true))
        .collect();
    let hash = mixed(values, 18);
    if nulls.is_empty() {
        return hash;
    }
    let ty = hash.ty.clone();
    let complete = Expr::boolean(ExprKind::And(nulls), false);
    case(vec![(complete, hash)], None, ty)
}

/// The hash of one value as a BIGINT, NULL of NULL.
pub(super) fn hash_of(value: Expr) -> Expr {
    let native = match value.ty {
        LogicalType::Number { .. } => &NUMBER_HASH,
        LogicalType::Float => &FLOAT_HASH,
        LogicalType::Binary { .. } => &BINARY_HASH,
        LogicalType::Varchar { .. }
        | LogicalType::Variant
        | LogicalType::Object
        | LogicalType::Array => &TEXT_HASH,
        LogicalType::Boolean => {
            return native_call(
                &NUMBER_HASH,
                vec![value.cast(super::super::whole(1))],
                super::super::whole(18),
            );
        }
        LogicalType::Date | LogicalType::Time { .. } | LogicalType::Timestamp { .. } => {
            return native_call(
                &TEXT_HASH,
                vec![value.cast(LogicalType::TEXT)],
                super::super::whole(18),
            );
        }
    };
    native_call(native, vec![value], super::super::whole(18))
}

const fn hashing(
    name: &'static str,
    parameters: &'static [Parameter],
    run: fn(&Arguments<'_>, &mut Output<'_>) -> Result<()>,
) -> ScalarNative {
    super::super::native(name, parameters, PhysicalType::BigInt, run)
}

/// By the digits without zeros at the end, which are the same in every scale.
static NUMBER_HASH: ScalarNative = hashing(
    "sf_hash_number",
    &[Parameter::AnyNumber],
    |arguments, output| {
        arguments.unary(output, |value: Decimal| {
            let (mut unscaled, mut scale) = (value.unscaled, value.scale);
            while scale > 0 && unscaled % 10 == 0 {
                (unscaled, scale) = (unscaled / 10, scale - 1);
            }
            Ok(fnv(b'n', decimal::format(unscaled, scale).as_bytes()))
        })
    },
);

static FLOAT_HASH: ScalarNative = hashing("sf_hash_float", &[FLOAT], |arguments, output| {
    arguments.unary(output, |value: f64| {
        let value = if value == 0.0 { 0.0 } else { value };
        Ok(fnv(b'n', value.to_string().as_bytes()))
    })
});

static TEXT_HASH: ScalarNative = hashing("sf_hash_text", &[TEXT], |arguments, output| {
    arguments.unary(output, |value: &str| Ok(fnv(b's', value.as_bytes())))
});

static BINARY_HASH: ScalarNative = hashing(
    "sf_hash_binary",
    &[super::super::BINARY],
    |arguments, output| arguments.unary(output, |value: &[u8]| Ok(fnv(b's', value))),
);

static MIX: ScalarNative = ScalarNative {
    nulls: Nulls::Passed,
    ..hashing(
        "sf_hash_mix",
        &[Parameter::Rest(&INTEGER)],
        |arguments, output| {
            let columns = (0..arguments.count())
                .map(|index| arguments.bigints(index))
                .collect::<Result<Vec<_>>>()?;
            arguments.each_row(|row| {
                let mixed = columns.iter().fold(FNV_OFFSET, |mixed, column| {
                    let hash = column
                        .get(row)
                        .map_or(0x9e37_79b9_7f4a_7c15, |hash| hash as u64);
                    finalize(mixed.rotate_left(5) ^ hash)
                });
                (mixed as i64).write(output, row)
            })
        },
    )
};

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a over a tag and the bytes, its bits then spread.
fn fnv(tag: u8, bytes: &[u8]) -> i64 {
    let hash = std::iter::once(&tag)
        .chain(bytes)
        .fold(FNV_OFFSET, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    finalize(hash) as i64
}

/// The last step of splitmix64.
pub(super) fn finalize(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

static HASH_AGG: AggregateNative = AggregateNative::of::<HashSum>();

/// The sum of the rows' hashes: any order, but duplicates count.
struct HashSum;

impl NativeAggregate for HashSum {
    const NAME: &'static str = "sf_hash_agg";
    const PARAMETERS: &'static [Parameter] = &[INTEGER];
    const RETURNS: PhysicalType = PhysicalType::BigInt;
    const NULLS: Nulls = Nulls::Propagate;

    type State = i64;

    fn update(state: &mut i64, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let hash = arguments.get::<i64>(0, row)?.unwrap_or(0);
        *state = state.wrapping_add(hash);
        Ok(())
    }

    fn combine(state: &mut i64, other: &i64) -> Result<()> {
        *state = state.wrapping_add(*other);
        Ok(())
    }

    fn finish(state: &i64, output: &mut Output<'_>, row: usize) -> Result<()> {
        output.set_bigint(row, *state);
        Ok(())
    }
}
