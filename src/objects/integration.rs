//! Integrations of every category: recorded. Which of them has an effect is the business of what uses it.
//!
//! Sources: Snowflake's CREATE pages of each category; "DESCRIBE INTEGRATION".

use super::Kind;
use super::property::{Property, Takes, property};
use super::recorded::{self, CATEGORY};
use crate::catalog::{Lookup, Object, ObjectKind, Properties, PropertyValue};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::ResultSet;

pub(super) const KIND: Kind = Kind {
    modifiers: CATEGORIES,
    check,
    describe,
    ..Kind::recorded(ObjectKind::Integration, "integrations", PROPERTIES)
};

/// The words before INTEGRATION.
pub const CATEGORIES: &[&str] = &[
    "ACCESS",
    "API",
    "CATALOG",
    "EXTERNAL",
    "NOTIFICATION",
    "SECURITY",
    "STORAGE",
];

#[rustfmt::skip]
const PROPERTIES: &[Property] = &[
    property("ALLOWED_API_AUTHENTICATION_INTEGRATIONS", Takes::List),
    property("ALLOWED_AUTHENTICATION_SECRETS", Takes::List),
    property("ALLOWED_NETWORK_RULES", Takes::List),
    property("ALLOWED_RECIPIENTS", Takes::List),
    property("ALLOWED_ROLES_LIST", Takes::List),
    property("API_ALLOWED_PREFIXES", Takes::List),
    property("API_AWS_ROLE_ARN", Takes::Text),
    property("API_BLOCKED_PREFIXES", Takes::List),
    property("API_KEY", Takes::Secret),
    property("API_PROVIDER", Takes::Text),
    property("AUTH_TYPE", Takes::Text),
    property("AWS_SNS_ROLE_ARN", Takes::Text),
    property("AWS_SNS_TOPIC_ARN", Takes::Text),
    property("AZURE_AD_APPLICATION_ID", Takes::Text),
    property("AZURE_EVENT_GRID_TOPIC_ENDPOINT", Takes::Text),
    property("AZURE_STORAGE_QUEUE_PRIMARY_URI", Takes::Text),
    property("AZURE_TENANT_ID", Takes::Text),
    property("BLOCKED_ROLES_LIST", Takes::List),
    property("CATALOG_NAMESPACE", Takes::Text),
    property("CATALOG_SOURCE", Takes::Read(upper)),
    property("DEFAULT_RECIPIENTS", Takes::List),
    property("DEFAULT_SUBJECT", Takes::Text),
    property("DIRECTION", Takes::Read(upper)),
    property("ENABLED", Takes::Boolean),
    property("EXTERNAL_OAUTH_ALLOWED_ROLES_LIST", Takes::List),
    property("EXTERNAL_OAUTH_ANY_ROLE_MODE", Takes::Text),
    property("EXTERNAL_OAUTH_AUDIENCE_LIST", Takes::List),
    property("EXTERNAL_OAUTH_BLOCKED_ROLES_LIST", Takes::List),
    property("EXTERNAL_OAUTH_ISSUER", Takes::Text),
    property("EXTERNAL_OAUTH_JWS_KEYS_URL", Takes::List),
    property("EXTERNAL_OAUTH_RSA_PUBLIC_KEY", Takes::Text),
    property("EXTERNAL_OAUTH_RSA_PUBLIC_KEY_2", Takes::Text),
    property("EXTERNAL_OAUTH_SCOPE_DELIMITER", Takes::Text),
    property("EXTERNAL_OAUTH_SCOPE_MAPPING_ATTRIBUTE", Takes::Text),
    property("EXTERNAL_OAUTH_SNOWFLAKE_USER_MAPPING_ATTRIBUTE", Takes::Text),
    property("EXTERNAL_OAUTH_TOKEN_USER_MAPPING_CLAIM", Takes::List),
    property("EXTERNAL_OAUTH_TYPE", Takes::Read(upper)),
    property("GCP_PUBSUB_SUBSCRIPTION_NAME", Takes::Text),
    property("GCP_PUBSUB_TOPIC_NAME", Takes::Text),
    property("GLUE_AWS_ROLE_ARN", Takes::Text),
    property("GLUE_CATALOG_ID", Takes::Text),
    property("GLUE_REGION", Takes::Text),
    property("GOOGLE_AUDIENCE", Takes::Text),
    property("NETWORK_POLICY", Takes::Name),
    property("NOTIFICATION_PROVIDER", Takes::Read(upper)),
    property("OAUTH_ACCESS_TOKEN_VALIDITY", Takes::Integer(0, i64::MAX)),
    property("OAUTH_ALLOWED_SCOPES", Takes::List),
    property("OAUTH_ALLOW_NON_TLS_REDIRECT_URI", Takes::Boolean),
    property("OAUTH_ALTERNATE_REDIRECT_URIS", Takes::List),
    property("OAUTH_ANY_ROLE_MODE", Takes::Text),
    property("OAUTH_ASSERTION_ISSUER", Takes::Text),
    property("OAUTH_AUTHORIZATION_ENDPOINT", Takes::Text),
    property("OAUTH_CLIENT", Takes::Read(upper)),
    property("OAUTH_CLIENT_AUTH_METHOD", Takes::Text),
    property("OAUTH_CLIENT_ID", Takes::Text),
    property("OAUTH_CLIENT_RSA_PUBLIC_KEY", Takes::Text),
    property("OAUTH_CLIENT_RSA_PUBLIC_KEY_2", Takes::Text),
    property("OAUTH_CLIENT_SECRET", Takes::Secret),
    property("OAUTH_CLIENT_TYPE", Takes::Read(upper)),
    property("OAUTH_ENABLE_ROLE_SELECTION", Takes::Boolean),
    property("OAUTH_ENFORCE_PKCE", Takes::Boolean),
    property("OAUTH_GRANT", Takes::Text),
    property("OAUTH_ISSUE_REFRESH_TOKENS", Takes::Boolean),
    property("OAUTH_REDIRECT_URI", Takes::Text),
    property("OAUTH_REFRESH_TOKEN_VALIDITY", Takes::Integer(0, i64::MAX)),
    property("OAUTH_SINGLE_USE_REFRESH_TOKENS_REQUIRED", Takes::Boolean),
    property("OAUTH_TOKEN_ENDPOINT", Takes::Text),
    property("OAUTH_USE_SECONDARY_ROLES", Takes::Read(upper)),
    property("PRE_AUTHORIZED_ROLES_LIST", Takes::List),
    property("REFRESH_INTERVAL_SECONDS", Takes::Integer(0, i64::MAX)),
    property("REST_AUTHENTICATION", Takes::Parenthesized),
    property("REST_CONFIG", Takes::Parenthesized),
    property("RUN_AS_ROLE", Takes::Name),
    property("SAML2_ENABLE_SP_INITIATED", Takes::Boolean),
    property("SAML2_FORCE_AUTHN", Takes::Boolean),
    property("SAML2_ISSUER", Takes::Text),
    property("SAML2_POST_LOGOUT_REDIRECT_URL", Takes::Text),
    property("SAML2_PROVIDER", Takes::Text),
    property("SAML2_REQUESTED_NAMEID_FORMAT", Takes::Text),
    property("SAML2_SIGN_REQUEST", Takes::Boolean),
    property("SAML2_SNOWFLAKE_ACS_URL", Takes::Text),
    property("SAML2_SNOWFLAKE_ISSUER_URL", Takes::Text),
    property("SAML2_SP_INITIATED_LOGIN_PAGE_LABEL", Takes::Text),
    property("SAML2_SSO_URL", Takes::Text),
    property("SAML2_X509_CERT", Takes::Text),
    property("SCIM_CLIENT", Takes::Read(upper)),
    property("STORAGE_ALLOWED_LOCATIONS", Takes::List),
    property("STORAGE_AWS_EXTERNAL_ID", Takes::Text),
    property("STORAGE_AWS_OBJECT_ACL", Takes::Text),
    property("STORAGE_AWS_ROLE_ARN", Takes::Text),
    property("STORAGE_BLOCKED_LOCATIONS", Takes::List),
    property("STORAGE_PROVIDER", Takes::Read(upper)),
    property("SYNC_PASSWORD", Takes::Boolean),
    property("TABLE_FORMAT", Takes::Read(upper)),
    property("TYPE", Takes::Read(upper)),
    property("USE_PRIVATELINK_ENDPOINT", Takes::Boolean),
    property("WEBHOOK_BODY_TEMPLATE", Takes::Text),
    property("WEBHOOK_HEADERS", Takes::Parenthesized),
    property("WEBHOOK_SECRET", Takes::Name),
    property("WEBHOOK_URL", Takes::Text),
];

/// Words are the same in any case.
fn upper(written: &str) -> Option<String> {
    Some(written.to_uppercase())
}

fn check(properties: &Properties, _: &[&str]) -> Result<()> {
    // An external access integration has no type.
    let has_type = ["TYPE", "API_PROVIDER", "CATALOG_SOURCE"]
        .iter()
        .any(|name| properties.contains_key(*name));
    let category = properties.get(CATEGORY).and_then(PropertyValue::as_text);
    match has_type || category == Some("EXTERNAL_ACCESS") {
        true => Ok(()),
        false => Err(Error::missing_option("TYPE")),
    }
}

fn describe(_: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let properties = recorded::properties(object)?;
    let mut rows = Vec::new();
    for Property { name, takes } in PROPERTIES {
        let Some(value) = properties.get(*name) else {
            continue;
        };
        let (type_name, default) = match takes {
            Takes::Boolean => ("Boolean", "false"),
            Takes::Integer(..) => ("Integer", ""),
            Takes::List => ("List", "[]"),
            Takes::Secret => continue,
            _ => ("String", ""),
        };
        let value = match value {
            PropertyValue::List(values) => values.join(","),
            other => other.to_string(),
        };
        let row = [*name, type_name, &value, default];
        rows.push(row.map(|text| Some(text.to_owned())).to_vec());
    }
    let comment = object.comment.clone().unwrap_or_default();
    let row = ["COMMENT", "String", &comment, ""];
    rows.push(row.map(|text| Some(text.to_owned())).to_vec());
    let columns = [
        "property",
        "property_type",
        "property_value",
        "property_default",
    ];
    recorded::table_of_texts(&columns, rows)
}
