//! Resource monitors: recorded; nothing here uses credits.
//!
//! Source: Snowflake, "CREATE RESOURCE MONITOR".

use sqlparser::tokenizer::Token;

use super::Kind;
use super::property::{Change, Property, Takes, property};
use crate::catalog::ObjectKind;
use crate::error::Result;
use crate::sql::Cursor;

pub(super) const KIND: Kind = Kind {
    own_syntax,
    ..Kind::recorded(ObjectKind::ResourceMonitor, "resource_monitors", PROPERTIES)
};

const PROPERTIES: &[Property] = &[
    property("CREDIT_QUOTA", Takes::Integer(0, i64::MAX)),
    property("END_TIMESTAMP", Takes::Text),
    property(
        "FREQUENCY",
        Takes::OneOf(&["MONTHLY", "DAILY", "WEEKLY", "YEARLY", "NEVER"]),
    ),
    property("NOTIFY_USERS", Takes::List),
    property("START_TIMESTAMP", Takes::Text),
];

/// `TRIGGERS ON 75 PERCENT DO NOTIFY …`; the percentages are kept by what happens at them.
fn own_syntax(cursor: &mut Cursor<'_>) -> Result<Option<Vec<Change>>> {
    if !cursor.take_word("TRIGGERS") {
        return Ok(None);
    }
    const ACTIONS: &[(&str, &str)] = &[
        ("NOTIFY", "NOTIFY_AT"),
        ("SUSPEND_IMMEDIATE", "SUSPEND_IMMEDIATELY_AT"),
        ("SUSPEND", "SUSPEND_AT"),
    ];
    let mut at: Vec<Vec<String>> = vec![vec![]; ACTIONS.len()];
    while cursor.take_word("ON") {
        let percent = cursor.integer()?;
        cursor.expect_word("PERCENT")?;
        cursor.expect_word("DO")?;
        let action = ACTIONS.iter().position(|(word, _)| cursor.take_word(word));
        let action = action.ok_or_else(|| cursor.unexpected())?;
        at[action].push(format!("{percent}%"));
        cursor.take(&Token::Comma);
    }
    let changes = ACTIONS
        .iter()
        .zip(at)
        .map(|((_, name), at)| match at.is_empty() {
            true => Change::Unset((*name).to_owned()),
            false => Change::Set((*name).to_owned(), at.into()),
        });
    Ok(Some(changes.collect()))
}
