//! Policies on columns, rows, passwords and sessions: recorded, and attached where a statement attaches them. None is
//! enforced yet.
//!
//! Sources: Snowflake's CREATE and DESCRIBE page of each policy; a live account for the refusals.

use sqlparser::tokenizer::Token;

use super::property::{Change, Property, Takes, property, shown};
use super::{Kind, recorded};
use crate::bind;
use crate::catalog::{Lookup, Object, ObjectKind, Properties, PropertyValue};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::ResultSet;
use crate::sql::Cursor;

/// A policy with a body: `AS (arguments) RETURNS type -> expression`.
const fn with_body(kind: ObjectKind, view: &'static str) -> Kind {
    Kind {
        own_syntax: body,
        actions,
        describe: describe_body,
        ..Kind::recorded(kind, view, BODY_PROPERTIES)
    }
}

/// A policy of properties.
const fn of_properties(
    kind: ObjectKind,
    view: &'static str,
    properties: &'static [Property],
) -> Kind {
    Kind {
        describe: describe_properties,
        ..Kind::recorded(kind, view, properties)
    }
}

pub(super) const MASKING: Kind = Kind {
    check: check_masking,
    ..with_body(ObjectKind::MaskingPolicy, "masking_policies")
};
pub(super) const ROW_ACCESS: Kind = with_body(ObjectKind::RowAccessPolicy, "row_access_policies");
pub(super) const AGGREGATION: Kind =
    with_body(ObjectKind::AggregationPolicy, "aggregation_policies");
pub(super) const JOIN: Kind = with_body(ObjectKind::JoinPolicy, "join_policies");
pub(super) const PRIVACY: Kind = with_body(ObjectKind::PrivacyPolicy, "privacy_policies");
pub(super) const PROJECTION: Kind = with_body(ObjectKind::ProjectionPolicy, "projection_policies");
pub(super) const AUTHENTICATION: Kind = of_properties(
    ObjectKind::AuthenticationPolicy,
    "authentication_policies",
    &[
        property("AUTHENTICATION_METHODS", Takes::List),
        property("CLIENT_TYPES", Takes::List),
        property("MFA_AUTHENTICATION_METHODS", Takes::List),
        property("MFA_ENROLLMENT", Takes::Text),
        property("MFA_POLICY", Takes::Parenthesized),
        property("PAT_POLICY", Takes::Parenthesized),
        property("SECURITY_INTEGRATIONS", Takes::List),
        property("WORKLOAD_IDENTITY_POLICY", Takes::Parenthesized),
    ],
);
pub(super) const PACKAGES: Kind = Kind {
    own_syntax: language,
    ..of_properties(
        ObjectKind::PackagesPolicy,
        "packages_policies",
        &[
            property("ADDITIONAL_CREATION_BLOCKLIST", Takes::List),
            property("ALLOWLIST", Takes::List),
            property("BLOCKLIST", Takes::List),
        ],
    )
};
pub(super) const PASSWORD: Kind = of_properties(
    ObjectKind::PasswordPolicy,
    "password_policies",
    &[
        property("PASSWORD_HISTORY", Takes::Integer(0, 24)),
        property("PASSWORD_LOCKOUT_TIME_MINS", Takes::Integer(1, 999)),
        property("PASSWORD_MAX_AGE_DAYS", Takes::Integer(0, 999)),
        property("PASSWORD_MAX_LENGTH", Takes::Integer(8, 256)),
        property("PASSWORD_MAX_RETRIES", Takes::Integer(1, 10)),
        property("PASSWORD_MIN_AGE_DAYS", Takes::Integer(0, 999)),
        property("PASSWORD_MIN_LENGTH", Takes::Integer(8, 256)),
        property("PASSWORD_MIN_LOWER_CASE_CHARS", Takes::Integer(0, 256)),
        property("PASSWORD_MIN_NUMERIC_CHARS", Takes::Integer(0, 256)),
        property("PASSWORD_MIN_SPECIAL_CHARS", Takes::Integer(0, 256)),
        property("PASSWORD_MIN_UPPER_CASE_CHARS", Takes::Integer(0, 256)),
    ],
);
pub(super) const SESSION: Kind = of_properties(
    ObjectKind::SessionPolicy,
    "session_policies",
    &[
        property("ALLOWED_SECONDARY_ROLES", Takes::List),
        property("BLOCKED_SECONDARY_ROLES", Takes::List),
        property("SESSION_IDLE_TIMEOUT_MINS", Takes::Integer(5, 1440)),
        property("SESSION_MAX_LIFESPAN_MINS", Takes::Integer(0, 43_200)),
        property("SESSION_UI_IDLE_TIMEOUT_MINS", Takes::Integer(5, 1440)),
        property("SESSION_UI_MAX_LIFESPAN_MINS", Takes::Integer(0, 43_200)),
    ],
);

const BODY_PROPERTIES: &[Property] = &[property("EXEMPT_OTHER_POLICIES", Takes::Boolean)];

/// The arguments with their types: `(V VARCHAR)`.
const SIGNATURE: &str = "SIGNATURE";
/// The type that it gives, in full.
pub const RETURN_TYPE: &str = "RETURN_TYPE";
/// The expression as written.
const BODY: &str = "BODY";
/// The type of the first argument, in Snowflake's internal words.
pub const ARGUMENT_TYPE: &str = "ARGUMENT_TYPE";

/// `AS ([name type, …]) RETURNS type -> expression`
fn body(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Change>>> {
    if !cursor.take_word("AS") {
        return Ok(None);
    }
    let mut arguments = Vec::new();
    let mut first_type = None;
    cursor.expect(&Token::LParen)?;
    while !cursor.take(&Token::RParen) {
        let name = cursor.identifier()?;
        let ty = bind::data_type(&cursor.data_type()?)?;
        first_type.get_or_insert_with(|| ty.clone());
        arguments.push(format!("{name} {}", ty.family()));
        cursor.take(&Token::Comma);
    }
    cursor.expect_word("RETURNS")?;
    let mark = cursor.mark();
    let returns = match cursor.data_type() {
        Ok(written) => bind::data_type(&written).map(|ty| (ty.family().to_owned(), Some(ty))),
        Err(error) => Err(error),
    };
    // AGGREGATION_CONSTRAINT and its like are types of policies only.
    let (return_type, ty) = match returns {
        Ok(found) => found,
        Err(_) => (cursor.text_since(mark).to_uppercase(), None),
    };
    let mut changes = vec![
        Change::Set(
            SIGNATURE.to_owned(),
            format!("({})", arguments.join(", ")).into(),
        ),
        Change::Set(RETURN_TYPE.to_owned(), return_type.into()),
    ];
    if let Some(argument) = first_type {
        let family = match ty {
            Some(ty) if ty.family() != argument.family() => "",
            _ => argument.family(),
        };
        changes.push(Change::Set(ARGUMENT_TYPE.to_owned(), family.into()));
    }
    changes.push(arrow_body(cursor)?);
    Ok(Some(changes))
}

/// `-> expression`
fn arrow_body(cursor: &mut Cursor<'_>) -> Result<Change> {
    cursor.expect(&Token::Arrow)?;
    let body = cursor.expression_text()?;
    Ok(Change::Set(BODY.to_owned(), body.into()))
}

/// `SET BODY -> expression`
fn actions(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Change>>> {
    if !cursor.take_words("SET BODY") {
        return Ok(None);
    }
    Ok(Some(vec![arrow_body(cursor)?]))
}

/// `LANGUAGE PYTHON`
fn language(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Change>>> {
    if !cursor.take_word("LANGUAGE") {
        return Ok(None);
    }
    let language = cursor.word()?;
    Ok(Some(vec![Change::Set(
        "LANGUAGE".to_owned(),
        language.into(),
    )]))
}

/// A masking policy gives what it takes.
fn check_masking(properties: &Properties, _: &[&str]) -> Result<()> {
    match properties
        .get(ARGUMENT_TYPE)
        .and_then(PropertyValue::as_text)
    {
        Some("") => Err(Error::masking_types_differ()),
        Some(_) => Ok(()),
        None => Err(Error::missing_option("AS")),
    }
}

fn describe_body(_: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let properties = recorded::properties(object)?;
    let row = vec![
        Some(object.name.clone()),
        shown(properties, SIGNATURE),
        shown(properties, RETURN_TYPE),
        shown(properties, BODY),
    ];
    let columns = ["name", "signature", "return_type", "body"];
    recorded::table_of_texts(&columns, vec![row])
}

/// `property`, `value`, `default`, `description`
fn describe_properties(_: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let properties = recorded::properties(object)?;
    let mut rows = vec![
        vec![
            Some("NAME".to_owned()),
            Some(object.name.clone()),
            None,
            None,
        ],
        vec![
            Some("OWNER".to_owned()),
            Some(object.owner.clone()),
            None,
            None,
        ],
        vec![
            Some("COMMENT".to_owned()),
            object.comment.clone(),
            None,
            None,
        ],
    ];
    let own = super::KINDS
        .iter()
        .filter(|kind| kind.kind == object.detail.kind())
        .flat_map(|kind| kind.properties);
    for known in own {
        let value = shown(properties, known.name);
        rows.push(vec![Some(known.name.to_owned()), value, None, None]);
    }
    recorded::table_of_texts(&["property", "value", "default", "description"], rows)
}
