//! Which types Snowflake converts by itself, and the common type of several.
//!
//! Source: Snowflake, "Data type conversion", table of castable types; unification of CASE, COALESCE and set operations.

use super::number::Number;
use super::{LogicalType, TimestampKind};

/// Whether a value of type `from` is converted to `to` without a cast in the text.
pub fn implicit(from: &LogicalType, to: &LogicalType) -> bool {
    use LogicalType::{
        Array, Binary, Boolean, Date, Float, Number, Object, Time, Timestamp, Varchar, Variant,
    };
    match (from, to) {
        (Number { .. }, Number { .. })
        | (Varchar { .. }, Varchar { .. })
        | (Binary { .. }, Binary { .. })
        | (Time { .. }, Time { .. })
        | (Timestamp { .. }, Timestamp { .. }) => true,
        (from, to) if from == to => true,
        (Boolean, Varchar { .. } | Variant) => true,
        (Number { .. } | Float, Boolean | Number { .. } | Float | Varchar { .. } | Variant) => true,
        (
            Varchar { .. },
            Boolean | Number { .. } | Float | Date | Time { .. } | Timestamp { .. },
        ) => true,
        (Date, Varchar { .. } | Timestamp { .. }) => true,
        (Time { .. }, Varchar { .. }) => true,
        (Timestamp { .. }, Varchar { .. } | Date | Time { .. }) => true,
        (
            Variant,
            Boolean
            | Number { .. }
            | Float
            | Varchar { .. }
            | Date
            | Time { .. }
            | Timestamp { .. }
            | Array
            | Object,
        ) => true,
        (Array | Object, Variant) => true,
        _ => false,
    }
}

/// Whether a cast in the text (`::`, CAST) may go from `from` to `to`.
pub fn explicit(from: &LogicalType, to: &LogicalType) -> bool {
    use LogicalType::{
        Array, Binary, Boolean, Date, Number, Object, Time, Timestamp, Varchar, Variant,
    };
    implicit(from, to)
        || matches!(
            (from, to),
            (Boolean, Number { .. })
                | (Number { .. }, Timestamp { .. })
                | (Varchar { .. }, Binary { .. } | Variant | Array)
                | (Binary { .. }, Varchar { .. } | Variant)
                | (Date | Time { .. } | Timestamp { .. }, Variant)
                | (Variant, Binary { .. })
                | (Array | Object, Varchar { .. })
                | (Object, Array)
        )
}

/// The type that all of `types` are brought to; each with whether it is the bare literal NULL, which fits anything.
/// `None` where there is no such type; VARCHAR where all are NULL or there are none.
pub fn unify<'t>(types: impl IntoIterator<Item = (&'t LogicalType, bool)>) -> Option<LogicalType> {
    let mut unified: Option<LogicalType> = None;
    for (ty, is_null_literal) in types {
        if is_null_literal {
            continue;
        }
        unified = Some(match unified {
            None => ty.clone(),
            Some(other) => unify_two(&other, ty)?,
        });
    }
    Some(unified.unwrap_or(LogicalType::TEXT))
}

fn unify_two(left: &LogicalType, right: &LogicalType) -> Option<LogicalType> {
    use LogicalType::{
        Binary, Boolean, Date, Float, Number as Num, Time, Timestamp, Varchar, Variant,
    };
    Some(match (left, right) {
        (left, right) if left == right => left.clone(),
        (
            &Num {
                precision: p1,
                scale: s1,
            },
            &Num {
                precision: p2,
                scale: s2,
            },
        ) => Number::new(p1, s1).unify(Number::new(p2, s2)).into(),
        (Num { .. }, Float) | (Float, Num { .. }) => Float,
        (Varchar { length: a }, Varchar { length: b }) => Varchar { length: *a.max(b) },
        (Binary { length: a }, Binary { length: b }) => Binary { length: *a.max(b) },
        (Time { scale: a }, Time { scale: b }) => Time { scale: *a.max(b) },
        (Timestamp { kind: k1, scale: a }, Timestamp { kind: k2, scale: b }) => Timestamp {
            kind: wider_kind(*k1, *k2),
            scale: *a.max(b),
        },
        (Date, Timestamp { .. }) => right.clone(),
        (Timestamp { .. }, Date) => left.clone(),
        (Varchar { .. }, Num { .. }) => text_beside(right),
        (Num { .. }, Varchar { .. }) => text_beside(left),
        (Varchar { .. }, Float | Boolean | Date | Time { .. } | Timestamp { .. }) => right.clone(),
        (Float | Boolean | Date | Time { .. } | Timestamp { .. }, Varchar { .. }) => left.clone(),
        (Num { .. } | Float, Boolean) | (Boolean, Num { .. } | Float) => Boolean,
        (Variant, _) if implicit(right, &Variant) => Variant,
        (_, Variant) if implicit(left, &Variant) => Variant,
        // Text leads, as recorded; of dates, times and binary the comparison is known.
        (Variant, Varchar { .. }) | (Varchar { .. }, Variant) => LogicalType::TEXT,
        (Variant, Date | Time { .. } | Timestamp { .. } | Binary { .. }) => right.clone(),
        (Date | Time { .. } | Timestamp { .. } | Binary { .. }, Variant) => left.clone(),
        (LogicalType::Object | LogicalType::Array, LogicalType::Object | LogicalType::Array) => {
            Variant
        }
        _ => return None,
    })
}

/// Text beside an exact number is read as NUMBER(18,5), as recorded from a live account.
fn text_beside(number: &LogicalType) -> LogicalType {
    match *number {
        LogicalType::Number { precision, scale } => Number::new(precision, scale)
            .unify(Number::new(18, 5))
            .into(),
        _ => number.clone(),
    }
}

/// NTZ gives way to LTZ, LTZ to TZ.
fn wider_kind(left: TimestampKind, right: TimestampKind) -> TimestampKind {
    let rank = |kind| match kind {
        TimestampKind::Ntz => 0,
        TimestampKind::Ltz => 1,
        TimestampKind::Tz => 2,
    };
    if rank(left) >= rank(right) {
        left
    } else {
        right
    }
}
