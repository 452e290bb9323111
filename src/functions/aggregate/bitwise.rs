//! Bitwise aggregates, over integers of 128 bits.

use super::super::{Function, Lowering, Signature, WIDE};
use crate::engine::native::{
    Aggregate, AggregateNative, Arguments, Decimal, Nulls, Output, Parameter,
};
use crate::error::Result;
use crate::types::PhysicalType;

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "BITAND_AGG",
        aliases: &["BITANDAGG", "BIT_ANDAGG", "BIT_AND_AGG"],
        signatures: &[Signature::new(
            "(whole) -> NUMBER(38,0)?",
            Lowering::NativeAggregate(&AND),
        )],
        summary: "The bits that are set in every value.",
        examples: &[
            ("BITAND_AGG(column1) FROM VALUES (15), (26), (NULL)", "10"),
            ("BITAND_AGG(column1) FROM VALUES (NULL::INT)", "NULL"),
        ],
    },
    Function {
        name: "BITOR_AGG",
        aliases: &["BITORAGG", "BIT_ORAGG", "BIT_OR_AGG"],
        signatures: &[Signature::new(
            "(whole) -> NUMBER(38,0)?",
            Lowering::NativeAggregate(&OR),
        )],
        summary: "The bits that are set in some value.",
        examples: &[
            ("BITOR_AGG(column1) FROM VALUES (15), (26)", "31"),
            ("BITOR_AGG(column1) FROM VALUES ('4'), ('1')", "5"),
        ],
    },
    Function {
        name: "BITXOR_AGG",
        aliases: &["BITXORAGG", "BIT_XORAGG", "BIT_XOR_AGG"],
        signatures: &[Signature::new(
            "(whole) -> NUMBER(38,0)?",
            Lowering::NativeAggregate(&XOR),
        )],
        summary: "The bits that are set in an odd number of values.",
        examples: &[
            ("BITXOR_AGG(column1) FROM VALUES (15), (26)", "21"),
            ("BITXOR_AGG(column1) FROM VALUES (12), (12)", "0"),
        ],
    },
];

static AND: AggregateNative = AggregateNative::of::<Bits<'&'>>();
static OR: AggregateNative = AggregateNative::of::<Bits<'|'>>();
static XOR: AggregateNative = AggregateNative::of::<Bits<'^'>>();

struct Bits<const OPERATOR: char>;

impl<const OPERATOR: char> Bits<OPERATOR> {
    fn merge(state: &mut Option<i128>, value: i128) {
        *state = Some(match (*state, OPERATOR) {
            (None, _) => value,
            (Some(bits), '&') => bits & value,
            (Some(bits), '|') => bits | value,
            (Some(bits), _) => bits ^ value,
        });
    }
}

impl<const OPERATOR: char> Aggregate for Bits<OPERATOR> {
    const NAME: &'static str = match OPERATOR {
        '&' => "sf_bitand_agg",
        '|' => "sf_bitor_agg",
        _ => "sf_bitxor_agg",
    };
    const PARAMETERS: &'static [Parameter] = &[Parameter::AnyNumber];
    const RETURNS: PhysicalType = WIDE;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Option<i128>;

    fn update(state: &mut Self::State, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        if let Some(value) = arguments.get::<Decimal>(0, row)? {
            Self::merge(state, value.unscaled);
        }
        Ok(())
    }

    fn combine(state: &mut Self::State, other: &Self::State) -> Result<()> {
        if let Some(other) = other {
            Self::merge(state, *other);
        }
        Ok(())
    }

    fn finish(state: &Self::State, output: &mut Output<'_>, row: usize) -> Result<()> {
        match state {
            None => output.set_null(row),
            Some(bits) => output.set_decimal(row, *bits)?,
        }
        Ok(())
    }
}
