//! Warehouses. They have a name and properties to show; statements run on the one machine whatever they say.

use super::property::{Change, Property, Takes, property};
use super::{Kind, recorded};
use crate::catalog::{ObjectKind, Properties, PropertyValue};
use crate::error::{Error, Result};
use crate::sql::Cursor;

pub(super) const KIND: Kind = Kind {
    actions,
    check,
    describe: recorded::describe_identity,
    starts_with: false,
    limit: false,
    or_alter: true,
    ..Kind::recorded(ObjectKind::Warehouse, "warehouses", PROPERTIES)
};

/// All are recorded; none has an effect. Source: Snowflake, "CREATE WAREHOUSE".
const PROPERTIES: &[Property] = &[
    property("AUTO_RESUME", Takes::Boolean),
    property("AUTO_SUSPEND", Takes::Integer(0, i64::MAX)),
    property("ENABLE_QUERY_ACCELERATION", Takes::Boolean),
    property("GENERATION", Takes::OneOf(&["1", "2"])),
    property("INITIALLY_SUSPENDED", Takes::Boolean),
    property("MAX_CLUSTER_COUNT", Takes::Integer(1, 300)),
    property("MAX_CONCURRENCY_LEVEL", Takes::Integer(1, 1000)),
    property("MAX_QUERY_PERFORMANCE_LEVEL", Takes::Read(size)),
    property("MIN_CLUSTER_COUNT", Takes::Integer(1, 300)),
    property(
        "QUERY_ACCELERATION_MAX_SCALE_FACTOR",
        Takes::Integer(0, 100),
    ),
    property("QUERY_THROUGHPUT_MULTIPLIER", Takes::Integer(0, 1000)),
    property(
        "RESOURCE_CONSTRAINT",
        Takes::OneOf(&[
            "STANDARD_GEN_1",
            "STANDARD_GEN_2",
            "MEMORY_1X",
            "MEMORY_1X_x86",
            "MEMORY_16X",
            "MEMORY_16X_x86",
            "MEMORY_64X",
            "MEMORY_64X_x86",
        ]),
    ),
    property("RESOURCE_MONITOR", Takes::Name),
    property("SCALING_POLICY", Takes::OneOf(&["STANDARD", "ECONOMY"])),
    property(
        "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
        Takes::Integer(0, i64::MAX),
    ),
    property("STATEMENT_TIMEOUT_IN_SECONDS", Takes::Integer(0, 604_800)),
    property("WAIT_FOR_COMPLETION", Takes::Boolean),
    property("WAREHOUSE_SIZE", Takes::Read(size)),
    property(
        "WAREHOUSE_TYPE",
        Takes::OneOf(&["STANDARD", "SNOWPARK-OPTIMIZED", "ADAPTIVE"]),
    ),
];

/// Whether a warehouse stands still. What it says has no effect: a statement runs anyhow, and resumes it.
const SUSPENDED: &str = "INITIALLY_SUSPENDED";

/// A size as SHOW prints it.
fn size(written: &str) -> Option<String> {
    const SIZES: &[(&str, &[&str])] = &[
        ("X-Small", &["XSMALL"]),
        ("Small", &["SMALL"]),
        ("Medium", &["MEDIUM"]),
        ("Large", &["LARGE"]),
        ("X-Large", &["XLARGE"]),
        ("2X-Large", &["XXLARGE", "2XLARGE", "X2LARGE"]),
        ("3X-Large", &["XXXLARGE", "3XLARGE", "X3LARGE"]),
        ("4X-Large", &["4XLARGE", "X4LARGE"]),
        ("5X-Large", &["5XLARGE", "X5LARGE"]),
        ("6X-Large", &["6XLARGE", "X6LARGE"]),
    ];
    let wanted = written.to_ascii_uppercase().replace('-', "");
    let found = SIZES
        .iter()
        .find(|(_, words)| words.contains(&wanted.as_str()));
    found.map(|(shown, _)| (*shown).to_owned())
}

/// `SUSPEND`, `RESUME [IF SUSPENDED]`, `ABORT ALL QUERIES`
fn actions(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Change>>> {
    let suspended = |value: bool| {
        let change = Change::Set(SUSPENDED.to_owned(), value.into());
        Ok(Some(vec![change]))
    };
    if cursor.take_word("SUSPEND") {
        return suspended(true);
    }
    if cursor.take_words("RESUME IF SUSPENDED") || cursor.take_word("RESUME") {
        return suspended(false);
    }
    // No statement runs in a warehouse, so there is none to abort.
    if cursor.take_words("ABORT ALL QUERIES") {
        return Ok(Some(vec![]));
    }
    Ok(None)
}

fn check(properties: &Properties, _: &[&str]) -> Result<()> {
    let count = |name: &str| match properties.get(name) {
        Some(PropertyValue::Integer(count)) => *count,
        _ => 1,
    };
    let (least, most) = (count("MIN_CLUSTER_COUNT"), count("MAX_CLUSTER_COUNT"));
    match least > most {
        true => Err(Error::invalid_parameter_value(least, "MIN_CLUSTER_COUNT")),
        false => Ok(()),
    }
}
