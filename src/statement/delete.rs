//! DELETE.

use super::write::{self, Write};
use super::{Context, Parsed, Statement, StatementKind, Translated, update};
use crate::bind::{self, DeleteTarget};
use crate::catalog::{ObjectId, ObjectKind};
use crate::error::{Error, Result};
use crate::lower;
use crate::result::ResultSet;
use crate::session::locks::Mode;
use crate::sql::{Cursor, ObjectName, StatementText, ast};
use crate::tree;

struct Delete<'a> {
    text: StatementText<'a>,
    table: ObjectName,
    alias: Option<String>,
    using: Vec<ast::TableWithJoins>,
    selection: Option<ast::Expr>,
}

const COUNTS: &[&str] = &["number of rows deleted"];

/// `DELETE FROM table [USING …] [WHERE condition]`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let ast::Statement::Delete(delete) = text.parse_statement()? else {
        return Err(cursor.unexpected());
    };
    let ast::FromTable::WithFromKeyword(from) = delete.from else {
        return Err(cursor.unexpected());
    };
    let [from] = &from[..] else {
        return Err(Error::unsupported("DELETE from several tables"));
    };
    let foreign = delete.returning.is_some()
        || delete.output.is_some()
        || !delete.order_by.is_empty()
        || delete.limit.is_some()
        || !delete.tables.is_empty()
        || !from.joins.is_empty();
    if foreign {
        return Err(Error::unsupported("a clause of another dialect"));
    }
    let (table, alias) = update::target(cursor, &from.relation)?;
    Ok(Box::new(Delete {
        text,
        table,
        alias,
        using: delete.using.unwrap_or_default(),
        selection: delete.selection,
    }))
}

impl Statement for Delete<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::Delete
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let counts = write::write(context, &|context| self.compile(context))?;
        write::answer(COUNTS, &counts)
    }

    fn translate(&self, context: &mut Context<'_>) -> Result<Vec<Translated>> {
        Ok(vec![self.compile(context)?.into()])
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.bind(context)?;
        write::describe(COUNTS)
    }
}

impl Delete<'_> {
    fn compile(&self, context: &Context<'_>) -> Result<Write> {
        let (table, delete) = self.bind(context)?;
        Ok(Write::new(
            table,
            self.table.last(),
            &delete.table.physical_name,
            Mode::Exclusive,
            delete.tables(),
            lower::delete(&delete, &context.facts())?,
        ))
    }

    fn bind(&self, context: &Context<'_>) -> Result<(ObjectId, tree::Delete)> {
        let (lookup, facts) = (context.lookup(), context.facts());
        let object = lookup
            .find(ObjectKind::Table, &self.table.parts, "DELETE")?
            .ok_or_else(|| Error::object_does_not_exist("Object", &self.table))?;
        let target = DeleteTarget {
            object,
            alias: self.alias.clone(),
        };
        let binder = context.binder(&lookup, &facts, self.text, "DELETE");
        let delete = bind::delete(&binder, &target, &self.using, self.selection.as_ref())?;
        Ok((object.id, delete))
    }
}
