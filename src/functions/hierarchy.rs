//! The step from one level of CONNECT BY to the next.

use super::expr::{INTEGER, native, native_call};
use crate::engine::native::{Native, ScalarNative};
use crate::error::Error;
use crate::tree::Expr;
use crate::types::PhysicalType;

/// Levels after which rows are taken to lead back to themselves: each costs a join, and the rows of all are kept. Snowflake
/// looks for no cycle; there the statement runs until it times out.
const MOST_LEVELS: i64 = 1_000;

static STEP: ScalarNative = native(
    "sf_next_level",
    &[INTEGER],
    PhysicalType::BigInt,
    |arguments, output| {
        arguments.unary(output, |level: i64| {
            if level >= MOST_LEVELS {
                return Err(Error::endless_hierarchy(MOST_LEVELS));
            }
            Ok(level + 1)
        })
    },
);

pub(super) static NEXT_LEVEL: Native = Native::Scalar(STEP);

/// LEVEL of the rows below a row of this LEVEL.
pub fn next_level(level: Expr) -> Expr {
    let ty = level.ty.clone();
    native_call(&STEP, vec![level], ty)
}
