//! SHOW TRANSACTIONS and SHOW LOCKS: the open transaction of the session, and what it has locked.
//!
//! Source of the columns and of which statements lock: a live account.

use std::time::SystemTime;

use super::show::{Listing, instant};
use super::{Context, Parsed, Statement, StatementKind};
use crate::error::{Error, Result};
use crate::result::{Column, ResultSet};
use crate::session::locks::Mode;
use crate::sql::Cursor;
use crate::types::{LogicalType, TimestampKind};

struct ShowTransactions {
    locks: bool,
}

/// `SHOW TRANSACTIONS`
pub(super) fn parse_transactions<'a>(cursor: &mut Cursor<'a>) -> Parsed<'a> {
    parse(cursor, false)
}

/// `SHOW LOCKS`
pub(super) fn parse_locks<'a>(cursor: &mut Cursor<'a>) -> Parsed<'a> {
    parse(cursor, true)
}

fn parse<'a>(cursor: &mut Cursor<'a>, locks: bool) -> Parsed<'a> {
    if cursor.peek_word().as_deref() == Some("IN") {
        let what = if locks { "LOCKS" } else { "TRANSACTIONS" };
        return Err(Error::unsupported(format!("SHOW {what} IN ACCOUNT")));
    }
    cursor.end()?;
    Ok(Box::new(ShowTransactions { locks }))
}

impl Statement for ShowTransactions {
    fn kind(&self) -> StatementKind {
        StatementKind::Show
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.listing(context).result()
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        ResultSet::describe(self.listing(context).columns)
    }
}

impl ShowTransactions {
    fn listing(&self, context: &Context<'_>) -> Listing {
        let text = |name: &str| Column::new(name, LogicalType::TEXT);
        let number = |name: &str| Column::new(name, LogicalType::INTEGER);
        let time = |name: &str| {
            let ltz = LogicalType::Timestamp {
                kind: TimestampKind::Ltz,
                scale: 3,
            };
            Column::new(name, ltz)
        };
        let Some(open) = context.transaction.as_ref() else {
            let columns = match self.locks {
                true => lock_columns(text, number, time),
                false => transaction_columns(text, number, time),
            };
            return Listing {
                columns,
                rows: vec![],
            };
        };
        let id = open.id.to_string();
        let started = open
            .started
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(0));
        if !self.locks {
            let row = vec![
                Some(id),
                Some(context.session.user.clone()),
                Some(context.session.id.to_string()),
                // One without a name is shown with a UUID.
                Some(
                    open.name
                        .clone()
                        .unwrap_or_else(|| uuid::Uuid::from_u128(open.id.into()).to_string()),
                ),
                Some(instant(started)),
                Some("running".to_owned()),
                Some("0".to_owned()),
            ];
            return Listing {
                columns: transaction_columns(text, number, time),
                rows: vec![row],
            };
        }
        let lookup = context.lookup();
        // INSERT locks no partitions.
        let held = open.locks.tables().into_iter();
        let held = held.filter(|(_, mode)| *mode == Mode::Exclusive);
        let mut rows: Vec<_> = held
            .filter_map(|(table, _)| {
                let table = lookup.snapshot.get(table)?;
                Some(vec![
                    Some(lookup.full_name(table)),
                    Some("PARTITIONS".to_owned()),
                    Some(id.clone()),
                    Some(instant(started)),
                    Some("HOLDING".to_owned()),
                    Some(instant(started)),
                    Some(open.locks.owner().to_string()),
                ])
            })
            .collect();
        rows.sort();
        Listing {
            columns: lock_columns(text, number, time),
            rows,
        }
    }
}

fn transaction_columns(
    text: impl Fn(&str) -> Column,
    number: impl Fn(&str) -> Column,
    time: impl Fn(&str) -> Column,
) -> Vec<Column> {
    vec![
        number("id"),
        text("user"),
        number("session"),
        text("name"),
        time("started_on"),
        text("state"),
        number("scope"),
    ]
}

fn lock_columns(
    text: impl Fn(&str) -> Column,
    number: impl Fn(&str) -> Column,
    time: impl Fn(&str) -> Column,
) -> Vec<Column> {
    vec![
        text("resource"),
        text("type"),
        number("transaction"),
        time("transaction_started_on"),
        text("status"),
        time("acquired_on"),
        text("query_id"),
    ]
}
