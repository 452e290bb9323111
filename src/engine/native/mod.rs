//! Functions in Rust that DuckDB calls, over its vectors: how they are described ([`Native`]), what they read
//! ([`Arguments`]) and write ([`Output`]). `functions/` defines them as plain statics, `Engine::open` registers them.
//!
//! Most are written on rows. NULL arguments give NULL unless a parameter is an `Option`; a panic or an `Err` ends the
//! statement, and the error reaches the client with its code and text:
//!
//! ```
//! use snowglobe::engine::native::{Native, Nulls, Parameter, ScalarNative};
//! use snowglobe::error::Error;
//! use snowglobe::types::PhysicalType;
//!
//! const TEXT: Parameter = Parameter::Exact(PhysicalType::Varchar);
//!
//! pub static REPEAT: Native = Native::Scalar(ScalarNative {
//!     name: "sf_repeat",
//!     parameters: &[TEXT, Parameter::Exact(PhysicalType::BigInt)],
//!     returns: PhysicalType::Varchar,
//!     nulls: Nulls::Propagate,
//!     volatile: false,
//!     run: |arguments, output| {
//!         arguments.binary(output, |text: &str, times: i64| {
//!             let times = usize::try_from(times).unwrap_or(0);
//!             if text.len().saturating_mul(times) > 1 << 24 {
//!                 return Err(Error::string_too_long(text));
//!             }
//!             Ok(text.repeat(times))
//!         })
//!     },
//! });
//! ```
//!
//! A hot one reads and writes whole chunks: `let a = arguments.bigints(0)?; for (row, slot) in
//! output.bigints()?.iter_mut().enumerate() { … }`. What is worth computing once per distinct argument (a compiled
//! pattern, a parsed format) goes through a [`Memo`]. Several natives of one name are overloads; DuckDB chooses by the
//! exact types, so the caller writes casts. Aggregates implement [`Aggregate`].

use std::marker::PhantomData;

use crate::error::Result;
use crate::types::PhysicalType;

mod arguments;
mod callbacks;
mod layout;
mod lists;
mod memo;
mod output;
mod rows;
pub(super) mod store;
#[cfg(test)]
mod tests;

pub use self::arguments::{
    Arguments, Blobs, Booleans, Dates, Decimals, Doubles, Integers, Texts, Times, TimestampTzs,
    Timestamps,
};
pub(super) use self::callbacks::register;
pub use self::layout::{Date, Decimal, Time, TimestampTz};
pub use self::lists::{ListNative, Lists};
pub use self::memo::Memo;
pub use self::output::Output;
pub use self::rows::{Argument, Value};
pub use crate::types::datetime::Timestamp;

/// A function that `Engine::open` registers under its name (prefix `sf_`).
#[derive(Clone, Copy)]
pub enum Native {
    Scalar(ScalarNative),
    Aggregate(AggregateNative),
    List(ListNative),
}

/// A scalar function.
#[derive(Clone, Copy)]
pub struct ScalarNative {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    pub returns: PhysicalType,
    pub nulls: Nulls,
    /// Whether each call gives a new value (never folded, never shared). Must be set for a function without parameters
    /// that depends on anything.
    pub volatile: bool,
    /// Fills one chunk of results. May be called by several threads at once.
    pub run: fn(&Arguments<'_>, &mut Output<'_>) -> Result<()>,
}

/// What a native accepts in one place.
#[derive(Debug, Clone, Copy)]
pub enum Parameter {
    Exact(PhysicalType),
    /// Any DECIMAL or integer: the function reads the unscaled value and its scale.
    AnyNumber,
    /// Any number of further arguments, of one kind. Stands last; scalar functions only.
    Rest(&'static Parameter),
}

/// What happens to NULL arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// A NULL in any argument gives NULL without a call for that row; an aggregate does not see the row.
    Propagate,
    /// The function sees NULLs.
    Passed,
}

/// An aggregate function. DuckDB provides DISTINCT, FILTER, ORDER BY and OVER.
pub trait Aggregate: 'static {
    const NAME: &'static str;
    const PARAMETERS: &'static [Parameter];
    const RETURNS: PhysicalType;
    const NULLS: Nulls;

    /// What a group holds; made at its first row. Windows combine one state into several at once, hence `Sync`.
    type State: Default + Send + Sync;

    /// Takes one row.
    fn update(state: &mut Self::State, arguments: &Arguments<'_>, row: usize) -> Result<()>;

    /// Takes what another thread, or another part of a window, has gathered. `other` may be used again.
    fn combine(state: &mut Self::State, other: &Self::State) -> Result<()>;

    /// Writes the result of a group, which is NULL if nothing is written through `output` but `set_null`.
    fn finish(state: &Self::State, output: &mut Output<'_>, row: usize) -> Result<()>;
}

/// An [`Aggregate`] as a value.
#[derive(Clone, Copy)]
pub struct AggregateNative {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    pub returns: PhysicalType,
    pub nulls: Nulls,
    callbacks: callbacks::AggregateCallbacks,
}

impl AggregateNative {
    pub const fn of<A: Aggregate>() -> AggregateNative {
        AggregateNative {
            name: A::NAME,
            parameters: A::PARAMETERS,
            returns: A::RETURNS,
            nulls: A::NULLS,
            callbacks: callbacks::AggregateCallbacks::of(PhantomData::<A>),
        }
    }
}

impl Native {
    pub fn name(&self) -> &'static str {
        match self {
            Native::Scalar(scalar) => scalar.name,
            Native::Aggregate(aggregate) => aggregate.name,
            Native::List(list) => list.name,
        }
    }
}
