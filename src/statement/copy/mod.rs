//! COPY INTO: files of a stage into a table, and a query's rows into files of a stage.

mod check;
mod functions;
mod history;
mod load;
mod options;
pub(super) mod staged;
mod table;
mod unload;
mod validation;

use super::{Parsed, StatementText};
use crate::sql::Cursor;

/// `COPY INTO { table | @stage } …`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    cursor.expect_word("INTO")?;
    match cursor.take_stage_location() {
        Some(location) => unload::parse(text, cursor, location),
        None => table::parse(text, cursor),
    }
}
