//! LIST and REMOVE: the files of a stage.
//!
//! Source: Snowflake, "LIST" and "REMOVE"; columns as `statements.csv` has them.

use sqlparser::tokenizer::Token;

use super::{Context, Parsed, Statement, StatementKind};
use crate::error::Result;
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, StatementText};
use crate::stage::Pattern;
use crate::types::LogicalType;

struct List {
    location: String,
    pattern: Option<Pattern>,
    removes: bool,
}

/// `{ LIST | LS } @stage[/path] [PATTERN = 'regular expression']`
pub(super) fn parse_list<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    parse(cursor, false)
}

/// `{ REMOVE | RM } @stage[/path] [PATTERN = 'regular expression']`
pub(super) fn parse_remove<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    parse(cursor, true)
}

fn parse<'a>(cursor: &mut Cursor<'a>, removes: bool) -> Parsed<'a> {
    let location = cursor.take_stage_location();
    let location = location.ok_or_else(|| cursor.unexpected())?;
    let pattern = pattern(cursor)?;
    cursor.end()?;
    Ok(Box::new(List {
        location,
        pattern,
        removes,
    }))
}

/// `PATTERN = '…'`, if it comes next.
pub(super) fn pattern(cursor: &mut Cursor<'_>) -> Result<Option<Pattern>> {
    if !cursor.take_word("PATTERN") {
        return Ok(None);
    }
    cursor.expect(&Token::Eq)?;
    Pattern::new(&cursor.string()?).map(Some)
}

impl Statement for List {
    fn kind(&self) -> StatementKind {
        if self.removes {
            StatementKind::Remove
        } else {
            StatementKind::Show
        }
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let action = if self.removes { "REMOVE" } else { "LIST" };
        let location = context.location(&self.location, action)?;
        let mut files = location.files(self.pattern.as_ref());
        if self.removes {
            let paths: Vec<_> = files.iter().map(|file| file.path.clone()).collect();
            files = location.area().remove(&paths)?;
        }
        let rows = files.iter().map(|file| {
            let name = location.name_of(file);
            if self.removes {
                return vec![Some(name), Some("removed".to_owned())];
            }
            vec![
                Some(name),
                Some(file.size.to_string()),
                Some(file.md5.clone()),
                Some(last_modified(file.modified_on)),
            ]
        });
        ResultSet::from_text_rows(self.columns(), rows.collect())
    }

    fn describe(&self, _: &mut Context<'_>) -> Result<ResultSet> {
        ResultSet::describe(self.columns())
    }
}

impl List {
    fn columns(&self) -> Vec<Column> {
        let text = |name| Column::new(name, LogicalType::TEXT);
        if self.removes {
            return vec![text("name"), text("result")];
        }
        vec![
            text("name"),
            Column::new("size", LogicalType::INTEGER),
            text("md5"),
            text("last_modified"),
        ]
    }
}

/// `Tue, 5 Mar 2024 10:11:12 GMT`
fn last_modified(microseconds: i64) -> String {
    let instant = jiff::Timestamp::from_microsecond(microseconds).unwrap_or_default();
    instant.strftime("%a, %-d %b %Y %H:%M:%S GMT").to_string()
}
