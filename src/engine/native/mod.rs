//! Functions in Rust that DuckDB calls, over its vectors.

use super::ffi::{Handle, Outcome};
use crate::error::Result;
use crate::types::PhysicalType;

/// A function that `Engine::open` registers under its name (prefix `sf_`).
#[derive(Clone, Copy)]
pub enum Native {
    Scalar(ScalarNative),
    Aggregate(AggregateNative),
}

/// A scalar function.
#[derive(Clone, Copy)]
pub struct ScalarNative {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    pub returns: PhysicalType,
    pub nulls: Nulls,
    /// Whether each call gives a new value (never folded, never shared).
    pub volatile: bool,
    pub run: fn(&Arguments<'_>, &mut Output<'_>) -> Result<()>,
}

/// What a native accepts in one place.
#[derive(Clone, Copy)]
pub enum Parameter {
    Exact(PhysicalType),
    /// Any DECIMAL or integer: the function reads the unscaled value and its scale.
    AnyNumber,
}

/// What happens to NULL arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// A NULL in any argument gives NULL without a call for that row.
    Propagate,
    /// The function sees NULLs.
    Passed,
}

pub struct Arguments<'a> {
    _vectors: std::marker::PhantomData<&'a ()>,
}

pub struct Output<'a> {
    _vector: std::marker::PhantomData<&'a ()>,
}

/// An aggregate function; made by `AggregateNative::of::<A>()`.
#[derive(Clone, Copy)]
pub struct AggregateNative {
    pub name: &'static str,
}

pub(super) fn register(_connection: &Handle, _natives: &[Native]) -> Outcome<()> {
    Ok(())
}
