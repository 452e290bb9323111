//! `sf_store_bigint(number)`: what a write into a BIGINT column goes through.
//!
//! A plain cast would do, but its error is the same for a cast that the user wrote. This one raises a failure of its
//! own ([`Failure::WiderThanBigint`](crate::engine::Failure)), on which the writer widens the column and starts again.

use super::{Native, Nulls, Parameter, ScalarNative};
use crate::engine::errors;
use crate::types::{PhysicalType, decimal};

pub(in crate::engine) static STORE_BIGINT: Native = Native::Scalar(ScalarNative {
    name: "sf_store_bigint",
    parameters: &[Parameter::AnyNumber],
    returns: PhysicalType::BigInt,
    nulls: Nulls::Propagate,
    volatile: false,
    run: |arguments, output| {
        let numbers = arguments.decimals(0)?;
        let scale = numbers.scale();
        let slots = output.bigints()?;
        arguments.each_row(|row| {
            let unscaled = numbers.get(row).unwrap_or(0);
            let whole = if scale == 0 {
                Some(unscaled)
            } else {
                decimal::rescale(unscaled, scale, 0)
            };
            slots[row] = whole
                .and_then(|whole| i64::try_from(whole).ok())
                .ok_or_else(|| errors::wider_than_bigint(decimal::Formatted(unscaled, scale)))?;
            Ok(())
        })
    },
});
