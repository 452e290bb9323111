//! TRUNCATE TABLE.

use super::context::status;
use super::write::{self, Write};
use super::{Context, Parsed, Statement, StatementKind};
use crate::catalog::{self, Detail, ObjectKind};
use crate::error::{Error, Result};
use crate::lower;
use crate::result::ResultSet;
use crate::session::locks::Mode;
use crate::sql::{Cursor, ObjectName, StatementText};

struct Truncate {
    if_exists: bool,
    table: ObjectName,
}

/// `TRUNCATE [TABLE] [IF EXISTS] name`
pub(super) fn parse<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    cursor.take_word("TABLE");
    let if_exists = cursor.take_words("IF EXISTS");
    let table = cursor.object_name()?;
    cursor.end()?;
    Ok(Box::new(Truncate { if_exists, table }))
}

impl Statement for Truncate {
    fn kind(&self) -> StatementKind {
        StatementKind::Ddl
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        const DONE: &str = "Statement executed successfully.";
        let lookup = context.lookup();
        let found = lookup.find(ObjectKind::Table, &self.table.parts, "TRUNCATE")?;
        if found.is_none() && self.if_exists {
            return status(DONE);
        }
        write::write(context, &|context| self.compile(context))?;
        status(DONE)
    }
}

impl Truncate {
    fn compile(&self, context: &Context<'_>) -> Result<Write> {
        let missing = || Error::object_does_not_exist("Table", &self.table);
        let lookup = context.lookup();
        let object = lookup
            .find(ObjectKind::Table, &self.table.parts, "TRUNCATE")?
            .ok_or_else(missing)?;
        let Detail::Table(table) = &object.detail else {
            return Err(missing());
        };
        if table.dynamic.is_some() {
            return Err(Error::dynamic_table_written(&object.name));
        }
        // Its files may be loaded again.
        let mut emptying = lower::delete_all(&table.physical_name);
        let forgetting = catalog::loads::forget(object.id);
        emptying.sql = format!("{forgetting}; {}", emptying.sql);
        Ok(Write::new(
            object.id,
            self.table.last(),
            &table.physical_name,
            Mode::Exclusive,
            [table.physical_name.clone()].into(),
            emptying,
        ))
    }
}
