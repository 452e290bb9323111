//! COPY INTO: files of a stage into a table, and a query's rows into files of a stage.

mod check;
mod functions;
mod history;
mod load;
mod options;
mod table;
mod validation;

use super::{Parsed, StatementText};
use crate::error::Error;
use crate::sql::Cursor;

/// `COPY INTO { table | @stage } …`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    cursor.expect_word("INTO")?;
    if cursor.clone().take_stage_location().is_some() {
        return Err(Error::unsupported("COPY INTO a stage"));
    }
    table::parse(text, cursor)
}
