//! Natives over the second form of timestamps: DECIMAL(38,0) nanoseconds, where the first is microseconds.
//!
//! A statement is written either for microseconds or for nanoseconds (`Facts::nanoseconds`), never for both. Most data has
//! no digits 7 to 9 and is computed in the engine's own type; the first value that has them, be it in a stored column, a
//! constant or what a native returns, ends the attempt with [`Error::needs_nanoseconds`], and the statement is written
//! again with all its timestamps in the second form. So no digit is ever cut, and no expression has to foresee its values.
//!
//! For that each native that takes or gives timestamps has a twin of the same Rust code, which is found here.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::expr::native;
use crate::engine::native::{Native, Parameter, ScalarNative, Timestamp, TimestampTz};
#[cfg(doc)]
use crate::error::Error;
use crate::types::PhysicalType;

/// The end of a twin's name.
const SUFFIX: &str = "_ns";

/// Names of natives that have twins, and the twins' names.
static TWINS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let natives = super::natives();
    let names = natives.iter().map(Native::name);
    names
        .filter_map(|name| Some((name.strip_suffix(SUFFIX)?, name)))
        .collect()
});

/// The twins of those of `natives` that have to do with timestamps, and the natives that lead from one form to the other.
pub(super) fn natives(natives: &[Native]) -> Vec<Native> {
    let twins = natives.iter().filter_map(|native| match native {
        Native::Scalar(native) if is_about_timestamps(native) => Some(twin(native)),
        _ => None,
    });
    let conversions = CONVERSIONS.iter().copied();
    conversions.chain(twins).map(Native::Scalar).collect()
}

/// DuckDB SQL of ours (no text of a client), with natives replaced by their twins.
pub fn with_twins(sql: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = sql;
    while let Some(at) = rest.find("sf_") {
        let end = rest[at..]
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .map_or(rest.len(), |length| at + length);
        let name = &rest[at..end];
        out.push_str(&rest[..at]);
        out.push_str(TWINS.get(name).copied().unwrap_or(name));
        rest = &rest[end..];
    }
    if out.is_empty() {
        return Cow::Borrowed(sql);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn is_about_timestamps(native: &ScalarNative) -> bool {
    let is_timestamp = |physical: PhysicalType| physical != physical.with_nanoseconds();
    let takes = native.parameters.iter().any(
        |parameter| matches!(parameter, Parameter::Exact(physical) if is_timestamp(*physical)),
    );
    takes || is_timestamp(native.returns)
}

/// Made once for each name, and kept like the natives of the table.
fn twin(native: &ScalarNative) -> ScalarNative {
    let parameters = native.parameters.iter().map(|parameter| match parameter {
        Parameter::Exact(physical) => Parameter::Exact(physical.with_nanoseconds()),
        other => *other,
    });
    ScalarNative {
        name: Box::leak(format!("{}{SUFFIX}", native.name).into_boxed_str()),
        parameters: Vec::leak(parameters.collect()),
        returns: native.returns.with_nanoseconds(),
        ..*native
    }
}

const NANOS: Parameter = Parameter::Exact(PhysicalType::TimestampNanos);
const ZONED_NANOS: Parameter = Parameter::Exact(PhysicalType::TimestampTzNanos);

static CONVERSIONS: &[ScalarNative] = &[
    // Digits 7 to 9 do not matter to what follows.
    native(
        "sf_floor_timestamp",
        &[NANOS],
        PhysicalType::Timestamp,
        |a, out| a.unary(out, |at: Timestamp| Ok(at.truncate(6))),
    ),
    // They do: an error if there are any.
    native(
        "sf_narrow_timestamp",
        &[NANOS],
        PhysicalType::Timestamp,
        |a, out| a.unary(out, |at: Timestamp| Ok(at)),
    ),
    native(
        "sf_narrow_timestamp_tz",
        &[ZONED_NANOS],
        PhysicalType::TimestampTz,
        |a, out| a.unary(out, |at: TimestampTz| Ok(at)),
    ),
    native(
        "sf_widen_timestamp",
        &[Parameter::Exact(PhysicalType::Timestamp)],
        PhysicalType::TimestampNanos,
        |a, out| a.unary(out, |at: Timestamp| Ok(at)),
    ),
    native(
        "sf_widen_timestamp_tz",
        &[Parameter::Exact(PhysicalType::TimestampTz)],
        PhysicalType::TimestampTzNanos,
        |a, out| a.unary(out, |at: TimestampTz| Ok(at)),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natives_are_replaced_by_name() {
        assert_eq!(
            with_twins("sf_instant_to_wall(sf_wall_to_instant($3, $1), $2)"),
            "sf_instant_to_wall_ns(sf_wall_to_instant_ns($3, $1), $2)"
        );
        assert_eq!(
            with_twins("sf_fit_text($1) + max($1)"),
            "sf_fit_text($1) + max($1)"
        );
    }
}
