//! Dynamic tables: their definition, and what ALTER takes.

use super::property::{Change, Property, Takes, property};
use super::{Kind, column, table};
use crate::catalog::{Lookup, Object, ObjectKind};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::ResultSet;

pub(super) const KIND: Kind = Kind {
    modifiers: &["TRANSIENT"],
    parse: table::parse,
    describe,
    starts_with: true,
    undrop: true,
    drop_options: &["CASCADE", "RESTRICT"],
    ..Kind::recorded(ObjectKind::DynamicTable, "dynamic_tables", ALTERABLE)
};

/// What CREATE takes beside the options of tables.
pub(super) const PROPERTIES: &[Property] = &[
    property("EXECUTE_AS_USER", Takes::Name),
    property("INITIALIZATION_WAREHOUSE", Takes::Name),
    property("INITIALIZE", Takes::OneOf(&["ON_CREATE", "ON_SCHEDULE"])),
    property(
        "REFRESH_MODE",
        Takes::OneOf(&["AUTO", "FULL", "INCREMENTAL"]),
    ),
    property("SCHEDULER", Takes::OneOf(&["ENABLE", "DISABLE"])),
    property("TARGET_LAG", Takes::Read(lag)),
    property("WAREHOUSE", Takes::Name),
];

/// What ALTER … SET takes.
const ALTERABLE: &[Property] = &[
    property("DATA_RETENTION_TIME_IN_DAYS", Takes::Integer(0, 90)),
    property("INITIALIZATION_WAREHOUSE", Takes::Name),
    property("MAX_DATA_EXTENSION_TIME_IN_DAYS", Takes::Integer(0, 90)),
    property("SCHEDULER", Takes::OneOf(&["ENABLE", "DISABLE"])),
    property("TARGET_LAG", Takes::Read(lag)),
    property("WAREHOUSE", Takes::Name),
];

/// `DOWNSTREAM`, or a number and a unit: `2 days`.
fn lag(written: &str) -> Option<String> {
    if written.eq_ignore_ascii_case("DOWNSTREAM") {
        return Some("DOWNSTREAM".to_owned());
    }
    let (number, unit) = written.trim().split_once(char::is_whitespace)?;
    number.parse::<u32>().ok()?;
    let unit = unit.trim().to_ascii_lowercase();
    let stem = unit.strip_suffix('s').unwrap_or(&unit);
    let known = ["second", "minute", "hour", "day"].contains(&stem);
    known.then(|| written.to_owned())
}

/// Refuses what cannot be taken back.
pub fn check_unset(name: &str, changes: &[Change]) -> Result<()> {
    let unset = |wanted: &str| {
        changes
            .iter()
            .any(|c| *c == Change::Unset(wanted.to_owned()))
    };
    if unset("TARGET_LAG") {
        return Err(Error::invalid_property_value("null", "TARGET_LAG"));
    }
    if unset("WAREHOUSE") {
        return Err(Error::cannot_unset("WAREHOUSE", name));
    }
    Ok(())
}

fn describe(lookup: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    column::columns_of(lookup, object)
}
