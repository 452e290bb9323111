//! Snowflake's functions: one table, one entry per function, in a file per category of Snowflake's reference.
//!
//! An entry carries everything that is known of a function. Lookup, type inference, the natives that the engine registers,
//! the reference page and the tests of the examples all read it. To add a function, add an entry to its category's list.
//!
//! It must not know the catalog, statements or SQL text: a function sees typed arguments and facts of the session.

mod aggregate;
mod conditional;
mod construct;
mod context;
mod conversion;
mod date_time;
mod encryption;
mod expr;
mod hierarchy;
mod nanoseconds;
mod numeric;
pub mod refusal;
mod semi_structured;
mod sequence;
mod signature;
mod string;
mod system;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

pub use construct::Construct;
pub use context::{Facts, place_in};
pub use date_time::{Interval, shift};
use expr::{
    BINARY, FLOAT, INTEGER, TEXT, WIDE, arguments, call, call_of, concat, integer, literal_integer,
    literal_text, native, native_call, whole,
};
pub use hierarchy::next_level;
pub use nanoseconds::with_twins;
pub use sequence::{SequenceSource, nextval, register_source, reserve_source};
pub use signature::{Matched, in_capitals, match_call, part_places};

use crate::engine::native::{AggregateNative, Native, ScalarNative};
use crate::error::Result;
use crate::tree::{Aggregate, Expr};

/// A Snowflake function.
pub struct Function {
    /// Its name in upper case.
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// Tried in order; see [`signature`] for the notation.
    pub signatures: &'static [Signature],
    pub summary: &'static str,
    /// Expressions and their values as text; run as tests through the whole pipeline.
    pub examples: &'static [(&'static str, &'static str)],
}

/// One way to call a function.
pub struct Signature {
    /// As a reader would write it: `(text, integer) -> text`.
    pub text: &'static str,
    pub lowering: Lowering,
}

impl Signature {
    const fn new(text: &'static str, lowering: Lowering) -> Self {
        Signature { text, lowering }
    }
}

/// How a call becomes something that the engine computes.
pub enum Lowering {
    /// An engine function, by its engine name.
    Engine(&'static str),
    /// DuckDB SQL with the arguments at `$1`, `$2`, ….
    Template(&'static str),
    /// Other typed expressions.
    Tree(fn(Vec<Expr>, &Facts) -> Result<Expr>),
    /// As `Tree`, for functions whose messages name the call.
    Written(fn(&Written<'_>, Vec<Expr>, &Facts) -> Result<Expr>),
    /// A scalar function of ours in the engine.
    Native(&'static ScalarNative),
    /// An aggregate or window function of the engine.
    Aggregate(&'static str),
    /// An aggregate function of ours in the engine.
    NativeAggregate(&'static AggregateNative),
    /// Other typed expressions over the aggregate's call (which carries DISTINCT, OVER, …).
    AggregateTree(fn(Aggregate) -> Result<Expr>),
    /// A constant that is known when the statement is compiled.
    Session(fn(&Facts) -> Expr),
}

/// A call as the statement has it, for messages.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// The name that was used, an alias too, in upper case.
    pub name: &'a str,
    /// All of it.
    pub text: &'a str,
}

/// The categories of Snowflake's reference, each a list sorted by name.
static CATEGORIES: &[(&str, &[Function])] = &[
    ("Aggregate", aggregate::FUNCTIONS),
    ("Aggregate: bitmaps", aggregate::bitmap::FUNCTIONS),
    ("Aggregate: bitwise", aggregate::bitwise::FUNCTIONS),
    ("Aggregate: cardinality", aggregate::cardinality::FUNCTIONS),
    ("Aggregate: extremes", aggregate::extreme::FUNCTIONS),
    ("Aggregate: frequent values", aggregate::frequent::FUNCTIONS),
    ("Aggregate: lists", aggregate::listagg::FUNCTIONS),
    ("Aggregate: percentile states", aggregate::digest::FUNCTIONS),
    ("Aggregate: percentiles", aggregate::percentile::FUNCTIONS),
    ("Aggregate: similarity", aggregate::minhash::FUNCTIONS),
    ("Aggregate: statistics", aggregate::statistics::FUNCTIONS),
    ("Bitwise expression", numeric::bitwise::FUNCTIONS),
    ("Conditional expression", conditional::FUNCTIONS),
    ("Context", context::FUNCTIONS),
    ("Context: session and account", system::CONTEXT),
    ("Conversion", conversion::FUNCTIONS),
    ("Data generation", numeric::generation::FUNCTIONS),
    ("Date & time", date_time::FUNCTIONS),
    ("Encryption", encryption::FUNCTIONS),
    ("Hash", aggregate::hash::FUNCTIONS),
    ("Numeric", numeric::FUNCTIONS),
    ("Numeric: rounding", numeric::rounding::FUNCTIONS),
    ("Numeric: trigonometric", numeric::trigonometric::FUNCTIONS),
    (
        "Semi-structured: aggregates",
        semi_structured::aggregate::FUNCTIONS,
    ),
    ("Semi-structured: arrays", semi_structured::array::FUNCTIONS),
    (
        "Semi-structured: arrays as sets",
        semi_structured::array_set::FUNCTIONS,
    ),
    (
        "Semi-structured: arrays by order",
        semi_structured::array_order::FUNCTIONS,
    ),
    ("Semi-structured: casts", semi_structured::predicate::CASTS),
    (
        "Semi-structured: conversion",
        semi_structured::conversion::FUNCTIONS,
    ),
    (
        "Semi-structured: extraction",
        semi_structured::extraction::FUNCTIONS,
    ),
    (
        "Semi-structured: objects",
        semi_structured::object::FUNCTIONS,
    ),
    (
        "Semi-structured: parsing",
        semi_structured::parsing::FUNCTIONS,
    ),
    (
        "Semi-structured: predicates",
        semi_structured::predicate::PREDICATES,
    ),
    ("Semi-structured: text", semi_structured::text::FUNCTIONS),
    ("Semi-structured: xml", semi_structured::xml::FUNCTIONS),
    ("String & binary", string::FUNCTIONS),
    ("String & binary: addresses", string::address::FUNCTIONS),
    (
        "String & binary: cutting and padding",
        string::cutting::FUNCTIONS,
    ),
    ("String & binary: digests", string::digest::FUNCTIONS),
    ("String & binary: encoding", string::encoding::FUNCTIONS),
    (
        "String & binary: regular expressions",
        string::regex::FUNCTIONS,
    ),
    ("String & binary: searching", string::searching::FUNCTIONS),
    ("String & binary: similarity", string::similarity::FUNCTIONS),
    ("String & binary: splitting", string::splitting::FUNCTIONS),
    ("System", system::SYSTEM),
    ("Window", aggregate::window::FUNCTIONS),
];

static BY_NAME: LazyLock<HashMap<&'static str, &'static Function>> = LazyLock::new(|| {
    let functions = CATEGORIES.iter().flat_map(|(_, functions)| *functions);
    functions
        .flat_map(|function| {
            std::iter::once(&function.name)
                .chain(function.aliases)
                .map(move |name| (*name, function))
        })
        .collect()
});

/// The function of this name (upper case), if Snowflake has it and we do.
pub fn lookup(name: &str) -> Option<&'static Function> {
    BY_NAME.get(name).copied()
}

/// Category name and functions, for the reference page and for tests.
pub fn categories() -> &'static [(&'static str, &'static [Function])] {
    CATEGORIES
}

/// Category name and what Snowflake's reference lists as functions but other rooms bind.
pub fn constructs() -> &'static [(&'static str, &'static [Construct])] {
    construct::CONSTRUCTS
}

/// The functions that Snowflake's reference lists: tier (1 everyday to 4 of services), name, aliases.
pub fn reference() -> impl Iterator<Item = (u8, &'static str, Vec<&'static str>)> {
    let lines = include_str!("snowflake.tsv").lines();
    lines.filter_map(|line| {
        let mut fields = line.split('\t');
        let tier = fields.next()?.parse().ok()?;
        Some((tier, fields.next()?, fields.collect()))
    })
}

static REFERENCE: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    reference()
        .flat_map(|(_, name, aliases)| std::iter::once(name).chain(aliases))
        .collect()
});

/// Whether Snowflake has a function of this name (upper case; in full where it is not a plain one), whatever we have: a
/// call that finds none here is of an unsupported feature, not of an unknown function.
pub fn is_snowflakes(name: &str) -> bool {
    REFERENCE.contains(name)
}

/// Everything that the engine has to register at opening.
pub fn natives() -> Vec<Native> {
    static NATIVES: LazyLock<Vec<Native>> = LazyLock::new(all_natives);
    NATIVES.clone()
}

fn all_natives() -> Vec<Native> {
    let signatures = CATEGORIES
        .iter()
        .flat_map(|(_, functions)| *functions)
        .flat_map(|f| f.signatures);
    let mut natives: Vec<Native> = signatures
        .filter_map(|signature| match signature.lowering {
            Lowering::Native(native) => Some(Native::Scalar(*native)),
            Lowering::NativeAggregate(native) => Some(Native::Aggregate(*native)),
            _ => None,
        })
        .collect();
    natives.push(sequence::NEXTVAL);
    natives.push(hierarchy::NEXT_LEVEL);
    natives.extend(conversion::natives());
    natives.extend(date_time::natives());
    natives.extend(encryption::natives());
    natives.extend(numeric::natives());
    natives.extend(aggregate::natives());
    natives.extend(string::natives());
    natives.extend(system::natives());
    natives.extend(semi_structured::natives());
    natives.extend(nanoseconds::natives(&natives));
    natives
}

impl Lowering {
    /// Whether a call of it is an aggregate (or window function), so that DISTINCT, OVER and the like are allowed.
    pub fn is_aggregate(&self) -> bool {
        matches!(
            self,
            Lowering::Aggregate(_) | Lowering::NativeAggregate(_) | Lowering::AggregateTree(_)
        )
    }
}
