//! Bitmaps for exact distinct counts: numbers fall into buckets of 32768 positions.

use super::super::{BINARY, Function, INTEGER, Lowering, Signature, native};
use crate::engine::native::{
    Aggregate, AggregateNative, Arguments, Nulls, Output, Parameter, ScalarNative,
};
use crate::error::{Error, Result};
use crate::types::PhysicalType;

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "BITMAP_BIT_POSITION",
        aliases: &[],
        signatures: &[Signature::new(
            "(integer) -> NUMBER(18,0)",
            Lowering::Native(&POSITION),
        )],
        summary: "The position of a number within its bucket.",
        examples: &[
            ("BITMAP_BIT_POSITION(1)", "0"),
            ("BITMAP_BIT_POSITION(32769)", "0"),
            ("BITMAP_BIT_POSITION(-5)", "5"),
        ],
    },
    Function {
        name: "BITMAP_BUCKET_NUMBER",
        aliases: &[],
        signatures: &[Signature::new(
            "(integer) -> NUMBER(18,0)",
            Lowering::Native(&BUCKET),
        )],
        summary: "The number of the bucket that a number falls into.",
        examples: &[
            ("BITMAP_BUCKET_NUMBER(1)", "1"),
            ("BITMAP_BUCKET_NUMBER(32769)", "2"),
            ("BITMAP_BUCKET_NUMBER(0)", "0"),
        ],
    },
    Function {
        name: "BITMAP_CONSTRUCT_AGG",
        aliases: &[],
        signatures: &[Signature::new(
            "(integer) -> binary?",
            Lowering::NativeAggregate(&CONSTRUCT),
        )],
        summary: "A bitmap of the positions.",
        examples: &[
            (
                "BITMAP_COUNT(BITMAP_CONSTRUCT_AGG(column1)) FROM VALUES (1), (5), (5), (NULL)",
                "2",
            ),
            (
                "BITMAP_CONSTRUCT_AGG(column1) IS NULL FROM VALUES (NULL::INT)",
                "true",
            ),
        ],
    },
    Function {
        name: "BITMAP_COUNT",
        aliases: &[],
        signatures: &[Signature::new(
            "(binary) -> NUMBER(18,0)",
            Lowering::Native(&COUNT),
        )],
        summary: "The number of positions that are set in a bitmap.",
        examples: &[
            ("BITMAP_COUNT(X'0F01')", "5"),
            ("BITMAP_COUNT(NULL::BINARY)", "NULL"),
        ],
    },
    Function {
        name: "BITMAP_OR_AGG",
        aliases: &[],
        signatures: &[Signature::new(
            "(binary) -> binary?",
            Lowering::NativeAggregate(&UNION),
        )],
        summary: "The bitmap of the positions that are set in any bitmap.",
        examples: &[
            (
                "BITMAP_COUNT(BITMAP_OR_AGG(column1)) FROM VALUES (X'01'), (X'0204'), (NULL)",
                "3",
            ),
            (
                "BITMAP_OR_AGG(column1) IS NULL FROM VALUES (NULL::BINARY)",
                "true",
            ),
        ],
    },
];

/// Positions of a bucket.
const WIDTH: i64 = 32_768;

static POSITION: ScalarNative = native(
    "sf_bitmap_bit_position",
    &[INTEGER],
    PhysicalType::BigInt,
    |arguments, output| {
        arguments.unary(output, |number: i64| {
            Ok(if number > 0 {
                (number - 1) % WIDTH
            } else {
                (number % WIDTH).abs()
            })
        })
    },
);

static BUCKET: ScalarNative = native(
    "sf_bitmap_bucket_number",
    &[INTEGER],
    PhysicalType::BigInt,
    |arguments, output| {
        arguments.unary(output, |number: i64| {
            Ok(if number > 0 {
                1 + (number - 1) / WIDTH
            } else {
                number / WIDTH
            })
        })
    },
);

static COUNT: ScalarNative = native(
    "sf_bitmap_count",
    &[BINARY],
    PhysicalType::BigInt,
    |arguments, output| {
        arguments.unary(output, |bits: &[u8]| {
            Ok(bits
                .iter()
                .map(|byte| i64::from(byte.count_ones()))
                .sum::<i64>())
        })
    },
);

static CONSTRUCT: AggregateNative = AggregateNative::of::<Construct>();
static UNION: AggregateNative = AggregateNative::of::<Union>();

/// The bits so far; `None` before the first value.
type Bits = Option<Vec<u8>>;

fn merge(state: &mut Bits, other: &[u8]) {
    let bits = state.get_or_insert_default();
    if bits.len() < other.len() {
        bits.resize(other.len(), 0);
    }
    bits.iter_mut()
        .zip(other)
        .for_each(|(bits, other)| *bits |= other);
}

fn finish(state: &Bits, output: &mut Output<'_>, row: usize) {
    match state {
        None => output.set_null(row),
        Some(bits) => output.set_blob(row, bits),
    }
}

struct Construct;

impl Aggregate for Construct {
    const NAME: &'static str = "sf_bitmap_construct_agg";
    const PARAMETERS: &'static [Parameter] = &[INTEGER];
    const RETURNS: PhysicalType = PhysicalType::Blob;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Bits;

    fn update(state: &mut Bits, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let position = arguments.get::<i64>(0, row)?.unwrap_or(0);
        if !(0..WIDTH).contains(&position) {
            return Err(Error::invalid_function_argument(
                position,
                "bitmap position out of range",
            ));
        }
        let byte = (position / 8) as usize;
        let bits = state.get_or_insert_default();
        if bits.len() <= byte {
            bits.resize(byte + 1, 0);
        }
        bits[byte] |= 1 << (position % 8);
        Ok(())
    }

    fn combine(state: &mut Bits, other: &Bits) -> Result<()> {
        if let Some(other) = other {
            merge(state, other);
        }
        Ok(())
    }

    fn finish(state: &Bits, output: &mut Output<'_>, row: usize) -> Result<()> {
        finish(state, output, row);
        Ok(())
    }
}

struct Union;

impl Aggregate for Union {
    const NAME: &'static str = "sf_bitmap_or_agg";
    const PARAMETERS: &'static [Parameter] = &[BINARY];
    const RETURNS: PhysicalType = PhysicalType::Blob;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Bits;

    fn update(state: &mut Bits, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        if let Some(bits) = arguments.get::<&[u8]>(0, row)? {
            merge(state, bits);
        }
        Ok(())
    }

    fn combine(state: &mut Bits, other: &Bits) -> Result<()> {
        if let Some(other) = other {
            merge(state, other);
        }
        Ok(())
    }

    fn finish(state: &Bits, output: &mut Output<'_>, row: usize) -> Result<()> {
        finish(state, output, row);
        Ok(())
    }
}
