//! Natives of exact arithmetic that the engine's own types do not have.
//!
//! A native's result type is fixed, so there is one of each per scale of the result.

use super::super::INTEGER;
use super::rounding::{self, Direction};
use crate::engine::native::{Decimal, Native, Nulls, Parameter, ScalarNative};
use crate::error::{Error, Result};
use crate::types::{MAX_PRECISION, PhysicalType, decimal};

macro_rules! per_scale {
    ($($scale:literal)*) => {
        /// `sf_divide_<scale>` and `sf_multiply_<scale>`: half away from zero, by 256-bit steps where 128 bits are too few.
        /// `sf_round_<scale>`: to a number of digits, in a [`Direction`].
        pub(in super::super) fn natives() -> Vec<Native> {
            vec![ $(
                Native::Scalar(exact(concat!("sf_divide_", $scale), $scale, &[NUMBER, NUMBER], |arguments, output| {
                    arguments.binary(output, |a: Decimal, b: Decimal| {
                        if b.unscaled == 0 {
                            return Err(Error::division_by_zero());
                        }
                        decimal::divide(a.unscaled, a.scale, b.unscaled, b.scale, $scale)
                            .ok_or_else(|| not_representable(a, $scale))
                    })
                })),
                Native::Scalar(exact(concat!("sf_multiply_", $scale), $scale, &[NUMBER, NUMBER], |arguments, output| {
                    arguments.binary(output, |a: Decimal, b: Decimal| {
                        decimal::multiply(a.unscaled, a.scale, b.unscaled, b.scale, $scale)
                            .ok_or_else(|| not_representable(a, $scale))
                    })
                })),
                Native::Scalar(exact(concat!("sf_round_", $scale), $scale, &[NUMBER, INTEGER, INTEGER], |arguments, output| {
                    arguments.ternary(output, |value: Decimal, digits: i64, direction: i64| {
                        let rounded = rounding::round_decimal(value, digits, Direction::of(direction));
                        rounded
                            .and_then(|rounded| decimal::rescale(rounded, value.scale, $scale))
                            .ok_or_else(|| not_representable(value, $scale))
                    })
                })),
            )* ]
        }

        /// The name of `sf_round_<scale>`.
        pub(super) fn round_name(scale: u8) -> &'static str {
            const NAMES: &[&str] = &[ $( concat!("sf_round_", $scale), )* ];
            NAMES.get(usize::from(scale)).copied().unwrap_or("sf_round_37")
        }
    };
}

per_scale!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37);

const NUMBER: Parameter = Parameter::AnyNumber;

const fn exact(
    name: &'static str,
    scale: u8,
    parameters: &'static [Parameter],
    run: fn(
        &crate::engine::native::Arguments<'_>,
        &mut crate::engine::native::Output<'_>,
    ) -> Result<()>,
) -> ScalarNative {
    ScalarNative {
        name,
        parameters,
        returns: PhysicalType::Decimal {
            precision: MAX_PRECISION,
            scale,
        },
        nulls: Nulls::Propagate,
        volatile: false,
        run,
    }
}

fn not_representable(value: Decimal, scale: u8) -> Error {
    let ty = format!("FIXED[SB16](38,{scale}){{nullable}}");
    Error::number_not_representable(ty, decimal::format(value.unscaled, value.scale))
}
