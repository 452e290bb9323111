//! Users: who may log in, and the context that they begin with.
//!
//! Sources: Snowflake, "CREATE USER" and "DESCRIBE USER"; a live account for the order of DESCRIBE's rows and for what a
//! service user refuses.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};

use super::property::{Change, Property, Takes, property, shown};
use super::{Kind, recorded};
use crate::catalog::{Lookup, Object, ObjectKind, Properties, PropertyValue};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::ResultSet;
use crate::sql::Cursor;

pub(super) const KIND: Kind = Kind {
    actions,
    check,
    describe,
    session_parameters: true,
    terse: Some(&[
        "name",
        "created_on",
        "display_name",
        "first_name",
        "last_name",
        "email",
        "comment",
        "has_password",
        "has_rsa_public_key",
        "type",
        "has_mfa",
        "has_pat",
        "has_workload_identity",
        "is_from_organization_user",
    ]),
    ..Kind::recorded(ObjectKind::User, "users", PROPERTIES)
};

const PROPERTIES: &[Property] = &[
    property("ALLOWED_INTERFACES", Takes::List),
    property("DAYS_TO_EXPIRY", Takes::Integer(i64::MIN, i64::MAX)),
    property("DEFAULT_NAMESPACE", Takes::Name),
    property("DEFAULT_ROLE", Takes::Name),
    property("DEFAULT_SECONDARY_ROLES", Takes::List),
    property("DEFAULT_WAREHOUSE", Takes::Name),
    property("DISABLED", Takes::Boolean),
    property("DISABLE_MFA", Takes::Boolean),
    property("DISPLAY_NAME", Takes::Text),
    property("EMAIL", Takes::Text),
    property("ENABLE_UNREDACTED_QUERY_SYNTAX_ERROR", Takes::Boolean),
    property("ENABLE_UNREDACTED_SECURE_OBJECT_ERROR", Takes::Boolean),
    property("FIRST_NAME", Takes::Text),
    property("LAST_NAME", Takes::Text),
    property("LOGIN_NAME", Takes::Read(upper)),
    property("MIDDLE_NAME", Takes::Text),
    property("MINS_TO_BYPASS_MFA", Takes::Integer(i64::MIN, i64::MAX)),
    property("MINS_TO_UNLOCK", Takes::Integer(i64::MIN, i64::MAX)),
    property("MUST_CHANGE_PASSWORD", Takes::Boolean),
    property("NETWORK_POLICY", Takes::Name),
    property("PASSWORD", Takes::Read(hash)),
    property("RSA_PUBLIC_KEY", Takes::Text),
    property("RSA_PUBLIC_KEY_2", Takes::Text),
    property("RSA_PUBLIC_KEY_2_FP", Takes::Text),
    property("RSA_PUBLIC_KEY_FP", Takes::Text),
    property(
        "TYPE",
        Takes::OneOf(&["PERSON", "SERVICE", "SERVICE_AGENT", "LEGACY_SERVICE"]),
    ),
    property("WORKLOAD_IDENTITY", Takes::Parenthesized),
];

/// Login names are the same in any case.
fn upper(written: &str) -> Option<String> {
    Some(written.to_uppercase())
}

/// What is kept of a password: its Argon2id hash in PHC form. `None`: it cannot be hashed.
fn hash(password: &str) -> Option<String> {
    let hash = Argon2::default().hash_password(password.as_bytes()).ok()?;
    Some(hash.to_string())
}

/// Whether a password is the one of a user. A user without one has no password that is right.
pub fn password_matches(user: &Object, password: &str) -> bool {
    let stored = recorded::properties(user)
        .ok()
        .and_then(|properties| properties.get("PASSWORD"))
        .and_then(PropertyValue::as_text);
    let Some(hash) = stored.and_then(|stored| PasswordHash::new(stored).ok()) else {
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_ok()
}

/// The name that a user logs in with.
pub fn login_name(user: &Object) -> String {
    let named = recorded::properties(user)
        .ok()
        .and_then(|properties| shown(properties, "LOGIN_NAME"));
    named.unwrap_or_else(|| user.name.to_uppercase())
}

/// `RESET PASSWORD`, `ABORT ALL QUERIES`
fn actions(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Change>>> {
    if cursor.take_words("RESET PASSWORD") {
        return Err(Error::unsupported("ALTER USER … RESET PASSWORD"));
    }
    if cursor.take_words("ABORT ALL QUERIES") {
        return Err(Error::unsupported("ALTER USER … ABORT ALL QUERIES"));
    }
    Ok(None)
}

fn check(properties: &Properties, given: &[&str]) -> Result<()> {
    let kind = shown(properties, "TYPE");
    let Some(kind) = kind.filter(|kind| kind == "SERVICE" || kind == "SERVICE_AGENT") else {
        return Ok(());
    };
    const PERSONAL: &[&str] = &[
        "FIRST_NAME",
        "MIDDLE_NAME",
        "LAST_NAME",
        "MUST_CHANGE_PASSWORD",
        "PASSWORD",
    ];
    let set = PERSONAL.iter().find(|name| given.contains(*name));
    match set {
        Some(name) => Err(Error::property_of_persons(name, kind)),
        None => Ok(()),
    }
}

/// Rows of DESCRIBE: property, default, description.
#[rustfmt::skip]
const DESCRIBED: &[(&str, &str, &str)] = &[
    ("NAME", "null", "Name"),
    ("COMMENT", "null", "user comment associated to an object in the dictionary"),
    ("DISPLAY_NAME", "null", "Display name of the associated object"),
    ("TYPE", "null", "Type of the account, application package, data exchange, data exchange listing, replication group, secret, network rule, or user."),
    ("LOGIN_NAME", "null", "Login name of the user"),
    ("FIRST_NAME", "null", "First name of the user"),
    ("MIDDLE_NAME", "null", "Middle name of the user"),
    ("LAST_NAME", "null", "Last name of the user"),
    ("EMAIL", "null", "Email address of the user"),
    ("PASSWORD", "null", "Password of the user"),
    ("MUST_CHANGE_PASSWORD", "false", "User must change the password"),
    ("DISABLED", "false", "Whether the entity is disabled"),
    ("SNOWFLAKE_LOCK", "false", "Whether the user, account, or organization is locked by Snowflake"),
    ("SNOWFLAKE_SUPPORT", "false", "Snowflake Support is allowed to use the user or account"),
    ("DAYS_TO_EXPIRY", "null", "User record will be treated as expired after specified number of days"),
    ("MINS_TO_UNLOCK", "null", "Temporary lock on the user will be removed after specified number of minutes"),
    ("DEFAULT_WAREHOUSE", "null", "Default warehouse for this user"),
    ("DEFAULT_NAMESPACE", "null", "Default database namespace prefix for this user"),
    ("DEFAULT_ROLE", "null", "Primary principal of user session will be set to this role"),
    ("DEFAULT_SECONDARY_ROLES", "[\"ALL\"]", "The secondary roles will be set to all roles provided here."),
    ("EXT_AUTHN_DUO", "false", "Whether Duo Security is enabled as second factor authentication"),
    ("EXT_AUTHN_UID", "null", "External authentication ID of the user"),
    ("DEFAULT_MFA_METHOD", "null", "Default MFA method for the user"),
    ("HAS_MFA", "false", "Whether the user is enrolled in multi-factor authentication"),
    ("HAS_PAT", "false", "Whether the user has a programmatic access token"),
    ("HAS_WORKLOAD_IDENTITY", "false", "Whether the user is configured to authenticate with workload identity federation"),
    ("MINS_TO_BYPASS_MFA", "null", "Temporary bypass MFA for the user for a specified number of minutes"),
    ("MINS_TO_BYPASS_NETWORK_POLICY", "null", "Temporary bypass network policy on the user for a specified number of minutes"),
    ("RSA_PUBLIC_KEY", "null", "RSA public key of the user"),
    ("RSA_PUBLIC_KEY_FP", "null", "Fingerprint of user's RSA public key."),
    ("RSA_PUBLIC_KEY_LAST_SET_TIME", "null", "The timestamp at which the RSA public key was last set for the user. Defaults to null if no RSA public key has been set yet."),
    ("RSA_PUBLIC_KEY_2", "null", "Second RSA public key of the user"),
    ("RSA_PUBLIC_KEY_2_FP", "null", "Fingerprint of user's second RSA public key."),
    ("RSA_PUBLIC_KEY_2_LAST_SET_TIME", "null", "The timestamp at which the second RSA public key was last set for the user. Defaults to null if no second RSA public key has been set yet."),
    ("PASSWORD_LAST_SET_TIME", "null", "The timestamp on which the last non-null password was set for the user. Default to null if no password has been set yet."),
    ("CUSTOM_LANDING_PAGE_URL", "null", "Reserved for future use"),
    ("CUSTOM_LANDING_PAGE_URL_FLUSH_NEXT_UI_LOAD", "false", "Reserved for future use"),
];

fn describe(_: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let properties = recorded::properties(object)?;
    let value = |name: &str, default: &str| match name {
        "NAME" => object.name.clone(),
        "COMMENT" => object.comment.clone().unwrap_or_else(|| default.to_owned()),
        "LOGIN_NAME" => login_name(object),
        "TYPE" => shown(properties, name).unwrap_or_else(|| "PERSON".to_owned()),
        "PASSWORD" if properties.contains_key(name) => "********".to_owned(),
        _ => shown(properties, name).unwrap_or_else(|| default.to_owned()),
    };
    let rows = DESCRIBED.iter().map(|(name, default, description)| {
        let texts = [*name, &value(name, default), *default, *description];
        texts.map(|text| Some(text.to_owned())).to_vec()
    });
    let columns = ["property", "value", "default", "description"];
    recorded::table_of_texts(&columns, rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_kept_as_hashes() {
        let hash = hash("right").unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(!hash.contains("right"));
        let parsed = PasswordHash::new(&hash).unwrap();
        let verify =
            |password: &str| Argon2::default().verify_password(password.as_bytes(), &parsed);
        assert!(verify("right").is_ok());
        assert!(verify("wrong").is_err());
    }
}
