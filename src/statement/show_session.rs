//! SHOW VARIABLES and SHOW PARAMETERS: what the session has, rather than the catalog.

use super::show::Listing;
use super::{Context, Parsed, Statement, StatementKind};
use crate::error::{Error, Result};
use crate::result::{Column, ResultSet};
use crate::session::parameters;
use crate::sql::Cursor;
use crate::types::{LogicalType, TimestampKind};

struct ShowSession {
    what: What,
    like: Option<String>,
}

enum What {
    Variables,
    Parameters,
}

/// `SHOW VARIABLES [LIKE '…']`
pub(super) fn parse_variables<'a>(cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let like = like(cursor)?;
    cursor.end()?;
    Ok(Box::new(ShowSession {
        what: What::Variables,
        like,
    }))
}

/// `SHOW PARAMETERS [LIKE '…'] [{ IN | FOR } { SESSION | ACCOUNT | <kind> name }]`: every level inherits what the session
/// has, since there are no parameters of other levels.
pub(super) fn parse_parameters<'a>(cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let mut found = like(cursor)?;
    if cursor.take_word("IN") || cursor.take_word("FOR") {
        let level = cursor.word()?;
        match level.as_str() {
            "SESSION" | "ACCOUNT" => {}
            "USER" | "WAREHOUSE" | "DATABASE" | "SCHEMA" | "TABLE" | "TASK" => {
                if !matches!(cursor.peek_word().as_deref(), None | Some("LIKE")) {
                    cursor.object_name()?;
                }
            }
            _ => return Err(Error::unsupported(format!("SHOW PARAMETERS IN {level}"))),
        }
    }
    if found.is_none() {
        found = like(cursor)?;
    }
    cursor.end()?;
    Ok(Box::new(ShowSession {
        what: What::Parameters,
        like: found,
    }))
}

fn like(cursor: &mut Cursor<'_>) -> Result<Option<String>> {
    if cursor.take_word("LIKE") {
        cursor.string().map(Some)
    } else {
        Ok(None)
    }
}

impl Statement for ShowSession {
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

impl ShowSession {
    fn listing(&self, context: &Context<'_>) -> Listing {
        let mut listing = match self.what {
            What::Variables => variables(context),
            What::Parameters => session_parameters(context),
        };
        let name = match self.what {
            What::Variables => "name",
            What::Parameters => "key",
        };
        if let Some(pattern) = &self.like {
            listing.keep_like(name, pattern);
        }
        listing
    }
}

fn variables(context: &Context<'_>) -> Listing {
    let text = |name: &str| Column::new(name, LogicalType::TEXT);
    let time = |name: &str| {
        let ltz = LogicalType::Timestamp {
            kind: TimestampKind::Ltz,
            scale: 3,
        };
        Column::new(name, ltz)
    };
    let columns = vec![
        Column::new("session_id", LogicalType::INTEGER),
        time("created_on"),
        time("updated_on"),
        text("name"),
        text("value"),
        text("type"),
        text("comment"),
    ];
    let session = context.session.id.0.to_string();
    let rows = context.session.variables();
    let rows = rows.iter().map(|(name, variable)| {
        let type_name = Column::new("", variable.logical.clone()).wire_type().name;
        vec![
            Some(session.clone()),
            Some(super::show::instant(variable.created)),
            Some(super::show::instant(variable.updated)),
            Some(name.to_owned()),
            variable.text.clone(),
            Some(type_name.to_owned()),
            Some(String::new()),
        ]
    });
    Listing {
        columns,
        rows: rows.collect(),
    }
}

fn session_parameters(context: &Context<'_>) -> Listing {
    let names = ["key", "value", "default", "level", "description", "type"];
    let columns = names
        .iter()
        .map(|name| Column::new(*name, LogicalType::TEXT))
        .collect();
    let rows = context.parameters.iter().map(|(row, value)| {
        let default: parameters::Value = row.default.into();
        let level = match context.parameters.is_set(row.name) {
            true => "SESSION",
            false => "",
        };
        vec![
            Some(row.name.to_owned()),
            Some(value.to_string()),
            Some(default.to_string()),
            Some(level.to_owned()),
            Some(String::new()),
            Some(row.type_name().to_owned()),
        ]
    });
    Listing {
        columns,
        rows: rows.collect(),
    }
}
