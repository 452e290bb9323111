//! INSERT INTO … VALUES, INSERT INTO … SELECT, INSERT OVERWRITE.

use sqlparser::tokenizer::Token;

use super::write::{self, Write};
use super::{Context, Parsed, Statement, StatementKind, insert_all};
use crate::bind::{self, InsertTarget};
use crate::catalog::{ObjectId, ObjectKind};
use crate::error::{Error, Result};
use crate::lower;
use crate::result::ResultSet;
use crate::session::locks::Mode;
use crate::sql::{Cursor, ObjectName, StatementText, ast};
use crate::tree;

struct Insert<'a> {
    text: StatementText<'a>,
    table: ObjectName,
    columns: Vec<String>,
    source: Box<ast::Query>,
    overwrite: bool,
}

/// `INSERT [OVERWRITE] INTO table [(columns)] { VALUES … | query }`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let overwrite = cursor.take_word("OVERWRITE");
    if let Some("ALL" | "FIRST") = cursor.peek_word().as_deref() {
        return insert_all::parse(text, cursor, overwrite);
    }
    cursor.expect_word("INTO")?;
    let table = cursor.object_name()?;
    let columns = columns(cursor)?;
    let source = cursor.query()?;
    cursor.end()?;
    Ok(Box::new(Insert {
        text,
        table,
        columns,
        source,
        overwrite,
    }))
}

/// A column list, unless the parenthesis begins a query.
pub(super) fn columns(cursor: &mut Cursor<'_>) -> Result<Vec<String>> {
    let mut ahead = cursor.clone();
    if !ahead.take(&Token::LParen) {
        return Ok(vec![]);
    }
    let begins_query = ahead
        .peek()
        .is_some_and(|token| token.token == Token::LParen)
        || matches!(
            ahead.peek_word().as_deref(),
            Some("SELECT" | "WITH" | "VALUES")
        );
    if begins_query {
        return Ok(vec![]);
    }
    cursor.expect(&Token::LParen)?;
    let mut columns = vec![cursor.identifier()?];
    while cursor.take(&Token::Comma) {
        columns.push(cursor.identifier()?);
    }
    cursor.expect(&Token::RParen)?;
    Ok(columns)
}

impl Statement for Insert<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::Insert
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let counts = write::write(context, &|context| self.compile(context))?;
        ResultSet::counts(&[("number of rows inserted", counts[0])])
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.bind(context)?;
        write::describe(&["number of rows inserted"])
    }
}

impl Insert<'_> {
    fn compile(&self, context: &Context<'_>) -> Result<Write> {
        let (table, insert) = self.bind(context)?;
        let mode = if self.overwrite {
            Mode::Exclusive
        } else {
            Mode::Shared
        };
        Ok(Write::new(
            table,
            self.table.last(),
            &insert.table.physical_name,
            mode,
            insert.source.tables(),
            lower::insert(&insert, &context.facts())?,
        ))
    }

    fn bind(&self, context: &Context<'_>) -> Result<(ObjectId, tree::Insert)> {
        let (lookup, facts) = (context.lookup(), context.facts());
        let object = lookup
            .find(ObjectKind::Table, &self.table.parts, "INSERT")?
            .ok_or_else(|| Error::object_does_not_exist("Table", &self.table))?;
        let target = InsertTarget {
            object,
            columns: self.columns.clone(),
            overwrite: self.overwrite,
        };
        let binder = context.binder(&lookup, &facts, self.text, "INSERT");
        Ok((object.id, bind::insert(&binder, &target, &self.source)?))
    }
}
