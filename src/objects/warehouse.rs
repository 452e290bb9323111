//! Warehouses. They have a name and properties to show; statements run on the one machine whatever they say.

use std::collections::BTreeMap;

use sqlparser::tokenizer::Token;

use super::{Kind, Spec};
use crate::catalog::{Detail, Lookup, NewObject, Object, ObjectId, ObjectKind, Warehouse};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::{Column, ResultSet};
use crate::sql::Cursor;
use crate::types::{LogicalType, TimestampKind};

pub(super) const KIND: Kind = Kind {
    kind: ObjectKind::Warehouse,
    modifiers: &[],
    plural: "WAREHOUSES",
    view: "warehouses",
    parse,
    describe,
    drop_options: &[],
};

/// `CREATE WAREHOUSE name [WITH] property = value …`
pub struct WarehouseSpec {
    pub properties: BTreeMap<String, String>,
    pub comment: Option<String>,
}

/// The properties that a warehouse has. All are recorded; none has an effect.
pub const PROPERTIES: &[&str] = &[
    "AUTO_RESUME",
    "AUTO_SUSPEND",
    "ENABLE_QUERY_ACCELERATION",
    "GENERATION",
    "INITIALLY_SUSPENDED",
    "MAX_CLUSTER_COUNT",
    "MAX_CONCURRENCY_LEVEL",
    "MIN_CLUSTER_COUNT",
    "QUERY_ACCELERATION_MAX_SCALE_FACTOR",
    "RESOURCE_CONSTRAINT",
    "RESOURCE_MONITOR",
    "SCALING_POLICY",
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
    "STATEMENT_TIMEOUT_IN_SECONDS",
    "WAREHOUSE_SIZE",
    "WAREHOUSE_TYPE",
];

fn parse(cursor: &mut Cursor<'_>, _: &[&'static str]) -> Result<Spec> {
    cursor.take_word("WITH");
    let mut spec = WarehouseSpec {
        properties: BTreeMap::new(),
        comment: None,
    };
    while cursor.peek().is_some() {
        let name = cursor.word()?;
        cursor.expect(&Token::Eq)?;
        let value = cursor.option_value()?;
        match name.as_str() {
            "COMMENT" => spec.comment = Some(value),
            name if PROPERTIES.contains(&name) => {
                let value = property(name, &value)?;
                spec.properties.insert(name.to_owned(), value);
            }
            _ => return Err(Error::invalid_property(name, "WAREHOUSE")),
        }
        cursor.take(&Token::Comma);
    }
    Ok(Spec::Warehouse(spec))
}

/// A property's value as SHOW prints it.
pub fn property(name: &str, value: &str) -> Result<String> {
    if name != "WAREHOUSE_SIZE" {
        return Ok(value.to_owned());
    }
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
    let wanted = value.to_ascii_uppercase().replace('-', "");
    let found = SIZES
        .iter()
        .find(|(_, words)| words.contains(&wanted.as_str()));
    match found {
        Some((shown, _)) => Ok((*shown).to_owned()),
        None => Err(Error::invalid_parameter_value(value, name)),
    }
}

impl WarehouseSpec {
    pub fn object(&self, account: ObjectId, name: &str, owner: &str) -> NewObject {
        NewObject {
            parent: account,
            session: None,
            name: name.to_owned(),
            owner: owner.to_owned(),
            comment: self.comment.clone(),
            detail: Detail::Warehouse(Warehouse {
                properties: self.properties.clone(),
            }),
        }
    }
}

/// `created_on`, `name`, `kind` of the warehouse itself.
fn describe(_: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let created = LogicalType::Timestamp {
        kind: TimestampKind::Ltz,
        scale: 3,
    };
    let columns = vec![
        Column::new("created_on", created),
        Column::new("name", LogicalType::TEXT),
        Column::new("kind", LogicalType::TEXT),
    ];
    let seconds = object.created_on.div_euclid(1_000_000);
    let milliseconds = object.created_on.rem_euclid(1_000_000) / 1000;
    let row = vec![
        Some(format!("{seconds}.{milliseconds:03}")),
        Some(object.name.clone()),
        Some("WAREHOUSE".to_owned()),
    ];
    ResultSet::from_text_rows(columns, vec![row])
}
