//! Date & time functions, a file per family.
//!
//! They compute on a wall clock: a TIMESTAMP_LTZ is brought to the session's zone and a TIMESTAMP_TZ to its own offset
//! before its days, months and hours are looked at. The engine has no time zones (see `engine`), so this is done by
//! natives of ours over `types::datetime`.

mod add;
mod clock;
mod component;
mod difference;
mod from_parts;
mod interval;
mod truncate;
mod zone;

pub use add::shift;
pub use interval::Interval;
pub(super) use truncate::truncated;

use super::expr::{
    INTEGER, TEXT, call_template as template, integer, scalar as native, unsized_text as text,
};
use super::{Facts, Function, Lowering, Signature, Written};
use crate::engine::native::{Native, Parameter};
use crate::error::{Error, Result};
use crate::tree::{Expr, ExprKind, Literal};
use crate::types::datetime::arithmetic::AddError;
use crate::types::datetime::part::Unit;
use crate::types::datetime::{Timestamp, Zone};
use crate::types::{LogicalType, PhysicalType, TimestampKind};

pub(super) static FUNCTIONS: &[Function] = &[
    add::ADD_MONTHS,
    zone::CONVERT_TIMEZONE,
    clock::CURRENT_DATE,
    clock::CURRENT_TIME,
    clock::CURRENT_TIMESTAMP,
    add::DATEADD,
    difference::DATEDIFF,
    from_parts::DATE_FROM_PARTS,
    component::DATE_PART,
    truncate::DATE_TRUNC,
    component::DAY,
    component::DAYNAME,
    component::DAYOFWEEK,
    component::DAYOFWEEKISO,
    component::DAYOFYEAR,
    component::EXTRACT,
    component::HOUR,
    truncate::LAST_DAY,
    component::MINUTE,
    component::MONTH,
    component::MONTHNAME,
    difference::MONTHS_BETWEEN,
    truncate::NEXT_DAY,
    truncate::PREVIOUS_DAY,
    component::QUARTER,
    component::SECOND,
    clock::SYSDATE,
    add::TIMEADD,
    difference::TIMEDIFF,
    add::TIMESTAMPADD,
    difference::TIMESTAMPDIFF,
    from_parts::TIMESTAMP_FROM_PARTS,
    from_parts::TIMESTAMP_LTZ_FROM_PARTS,
    from_parts::TIMESTAMP_NTZ_FROM_PARTS,
    from_parts::TIMESTAMP_TZ_FROM_PARTS,
    from_parts::TIME_FROM_PARTS,
    truncate::TIME_SLICE,
    component::WEEK,
    component::WEEKISO,
    component::YEAR,
    component::YEAROFWEEK,
    component::YEAROFWEEKISO,
];

/// The natives that the lowerings here call by name.
pub(super) fn natives() -> Vec<Native> {
    [
        add::NATIVES,
        component::NATIVES,
        difference::NATIVES,
        from_parts::NATIVES,
        truncate::NATIVES,
    ]
    .concat()
}

const DATE: Parameter = Parameter::Exact(PhysicalType::Date);
const TIME: Parameter = Parameter::Exact(PhysicalType::Time);
const TIMESTAMP: Parameter = Parameter::Exact(PhysicalType::Timestamp);
const TIMESTAMP_TZ: Parameter = Parameter::Exact(PhysicalType::TimestampTz);

/// A call that is only NULL, because an argument is.
fn null() -> Expr {
    Expr::literal(Literal::Null, LogicalType::TEXT)
}

/// The word of a date part, which `bind` has made a text.
fn word(part: &Expr) -> &str {
    match &part.kind {
        ExprKind::Literal(Literal::Text(word)) => word,
        _ => "",
    }
}

/// The unit that a date part names.
fn unit(part: &Expr, wanted: fn(Unit) -> bool, function: &str) -> Result<Unit> {
    let word = word(part);
    Unit::named(word)
        .filter(|unit| wanted(*unit))
        .ok_or_else(|| Error::invalid_date_part(word, function))
}

/// Text and VARIANT become a TIMESTAMP_NTZ.
fn moment(value: Expr) -> Expr {
    match value.ty {
        LogicalType::Varchar { .. } | LogicalType::Variant => value.cast(TimestampKind::Ntz.full()),
        _ => value,
    }
}

pub(super) fn zone_named(name: &str) -> Result<Zone> {
    Zone::get(name).ok_or_else(|| Error::unknown_timezone(name))
}

pub(super) fn minutes(seconds: i32) -> i16 {
    i16::try_from(seconds / 60).unwrap_or(0)
}

fn sum<T>(sum: std::result::Result<T, AddError>, amount: i64) -> Result<T> {
    sum.map_err(|error| match error {
        AddError::Amount => Error::number_out_of_range(amount),
        AddError::Result => Error::unsupported("date beyond the year 5881580"),
    })
}
