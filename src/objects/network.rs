//! Network policies and network rules: recorded, not enforced.
//!
//! Sources: Snowflake, "CREATE NETWORK POLICY", "CREATE NETWORK RULE" and their DESCRIBE pages.

use super::property::{Change, Property, Takes, list, property};
use super::{Kind, database, recorded};
use crate::catalog::{Lookup, Object, ObjectKind, PropertyValue};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::ResultSet;
use crate::sql::Cursor;

pub(super) const POLICY: Kind = Kind {
    actions,
    describe: describe_policy,
    ..Kind::recorded(
        ObjectKind::NetworkPolicy,
        "network_policies",
        POLICY_PROPERTIES,
    )
};

const POLICY_PROPERTIES: &[Property] = &[
    property("ALLOWED_IP_LIST", Takes::List),
    property("ALLOWED_NETWORK_RULE_LIST", Takes::List),
    property("BLOCKED_IP_LIST", Takes::List),
    property("BLOCKED_NETWORK_RULE_LIST", Takes::List),
];

pub(super) const RULE: Kind = Kind {
    describe: describe_rule,
    ..Kind::recorded(ObjectKind::NetworkRule, "network_rules", RULE_PROPERTIES)
};

const RULE_PROPERTIES: &[Property] = &[
    property(
        "MODE",
        Takes::OneOf(&[
            "INGRESS",
            "INTERNAL_STAGE",
            "EGRESS",
            "POSTGRES_INGRESS",
            "POSTGRES_EGRESS",
        ]),
    ),
    property(
        "TYPE",
        Takes::OneOf(&[
            "IPV4",
            "IPV6",
            "AWSVPCEID",
            "AZURELINKID",
            "GCPPSCID",
            "HOST_PORT",
            "PRIVATE_HOST_PORT",
        ]),
    ),
    property("VALUE_LIST", Takes::List),
];

/// `{ ADD | REMOVE } { ALLOWED | BLOCKED }_NETWORK_RULE_LIST = (…)`
fn actions(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Change>>> {
    let adds = cursor.take_word("ADD");
    if !adds && !cursor.take_word("REMOVE") {
        return Ok(None);
    }
    let name = cursor.word()?;
    if !POLICY_PROPERTIES.iter().any(|known| known.name == name) {
        return Err(Error::invalid_property(name, "NETWORK POLICY"));
    }
    cursor.expect(&sqlparser::tokenizer::Token::Eq)?;
    let opens = cursor
        .peek()
        .is_some_and(|token| token.token == sqlparser::tokenizer::Token::LParen);
    let values = if opens {
        list(cursor)?
    } else {
        vec![cursor.option_value()?]
    };
    let change = match adds {
        true => Change::Add(name, values),
        false => Change::Remove(name, values),
    };
    Ok(Some(vec![change]))
}

fn describe_policy(_: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let properties = recorded::properties(object)?;
    let rows = POLICY_PROPERTIES.iter().filter_map(|property| {
        let values = properties.get(property.name)?.texts().join(",");
        Some(vec![Some(property.name.to_owned()), Some(values)])
    });
    recorded::table_of_texts(&["name", "value"], rows.collect())
}

fn describe_rule(lookup: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let properties = recorded::properties(object)?;
    let text = |name: &str| properties.get(name).map(PropertyValue::to_string);
    let values = properties.get("VALUE_LIST").map(PropertyValue::texts);
    let own = [
        ("type", text("TYPE")),
        (
            "mode",
            Some(text("MODE").unwrap_or_else(|| "INGRESS".to_owned())),
        ),
        ("value_list", Some(values.unwrap_or_default().join(","))),
    ];
    database::described(lookup, object, &own)
}
