//! Secrets: recorded; their values are never shown.
//!
//! Source: Snowflake, "CREATE SECRET" and "DESCRIBE SECRET".

use super::property::{Property, Takes, property};
use super::{Kind, database, recorded};
use crate::catalog::{Lookup, Object, ObjectKind, PropertyValue};
use crate::error::Result;
use crate::functions::Facts;
use crate::result::ResultSet;

pub(super) const KIND: Kind = Kind {
    describe,
    ..Kind::recorded(ObjectKind::Secret, "secrets", PROPERTIES)
};

const PROPERTIES: &[Property] = &[
    property("ALGORITHM", Takes::OneOf(&["GENERIC"])),
    property("API_AUTHENTICATION", Takes::Name),
    property("ENABLED", Takes::Boolean),
    property("OAUTH_ACCESS_TOKEN", Takes::Secret),
    property("OAUTH_REFRESH_TOKEN", Takes::Secret),
    property("OAUTH_REFRESH_TOKEN_EXPIRY_TIME", Takes::Text),
    property("OAUTH_SCOPES", Takes::List),
    property("PASSWORD", Takes::Secret),
    property("SECRET_STRING", Takes::Secret),
    property(
        "TYPE",
        Takes::OneOf(&[
            "OAUTH2",
            "CLOUD_PROVIDER_TOKEN",
            "PASSWORD",
            "GENERIC_STRING",
            "SYMMETRIC_KEY",
        ]),
    ),
    property("USERNAME", Takes::Text),
];

fn describe(lookup: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let properties = recorded::properties(object)?;
    let text = |name: &str| properties.get(name).map(PropertyValue::to_string);
    let own = [
        ("secret_type", text("TYPE")),
        ("username", text("USERNAME")),
        ("oauth_access_token_expiry_time", None),
        (
            "oauth_refresh_token_expiry_time",
            text("OAUTH_REFRESH_TOKEN_EXPIRY_TIME"),
        ),
        ("oauth_scopes", text("OAUTH_SCOPES")),
        ("integration_name", text("API_AUTHENTICATION")),
    ];
    database::described(lookup, object, &own)
}
