//! `sf_store_bigint(number)` and its like: what a write into a column of a narrow form goes through.
//!
//! A plain cast would do, but its error is the same for a cast that the user wrote. These raise a failure of their
//! own ([`Failure::WiderThanColumn`](crate::engine::Failure)), on which the writer widens the column and starts again.

use super::{Native, Nulls, Parameter, ScalarNative, Timestamp, TimestampTz};
use crate::engine::errors;
use crate::error::{Error, Result};
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

pub(in crate::engine) static STORE_TIMESTAMP: Native = Native::Scalar(ScalarNative {
    name: "sf_store_timestamp",
    parameters: &[Parameter::Exact(PhysicalType::TimestampNanos)],
    returns: PhysicalType::Timestamp,
    nulls: Nulls::Propagate,
    volatile: false,
    run: |arguments, output| arguments.unary(output, |at: Timestamp| stored(at).map(|()| at)),
});

pub(in crate::engine) static STORE_TIMESTAMP_TZ: Native = Native::Scalar(ScalarNative {
    name: "sf_store_timestamp_tz",
    parameters: &[Parameter::Exact(PhysicalType::TimestampTzNanos)],
    returns: PhysicalType::TimestampTz,
    nulls: Nulls::Propagate,
    volatile: false,
    run: |arguments, output| arguments.unary(output, |at: TimestampTz| stored(at.utc).map(|()| at)),
});

/// Whether microseconds hold it.
fn stored(at: Timestamp) -> Result<()> {
    if at.nanos.is_multiple_of(1_000) {
        Ok(())
    } else {
        Err(errors::wider(&Error::needs_nanoseconds()))
    }
}
