//! SELECT, WITH, VALUES: queries.

use super::transaction::{self, View};
use super::{Context, Parsed, Statement, StatementKind};
use crate::error::Result;
use crate::lower::{self, Lowered};
use crate::result::{Column, ColumnOrigin, ResultSet, ResultWriter};
use crate::sql::{Cursor, StatementText, ast};
use crate::tree::{OutputColumn, Query};

struct Select<'a> {
    text: StatementText<'a>,
    query: Box<ast::Query>,
}

pub(super) fn parse<'a>(text: StatementText<'a>, _: &mut Cursor<'a>) -> Parsed<'a> {
    Ok(Box::new(Select {
        text,
        query: text.parse_query()?,
    }))
}

impl Statement for Select<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::Select
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let _pin = context.instance.pin();
        let query = self.bind(context)?;
        let lowered = lower::result(&query, &context.facts())?;
        match transaction::refresh_for_read(context, &query.tables())? {
            View::Own => run(context, &lowered, columns(&query.columns)),
            View::Apart => {
                let mut apart = context.instance.engine.connect()?;
                let _running = context.cancellation.running(apart.interrupt_handle());
                std::mem::swap(context.connection, &mut apart);
                let result = run(context, &lowered, columns(&query.columns));
                std::mem::swap(context.connection, &mut apart);
                result
            }
        }
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let query = self.bind(context)?;
        ResultSet::describe(columns(&query.columns))
    }
}

impl Select<'_> {
    fn bind(&self, context: &Context<'_>) -> Result<Query> {
        let (lookup, facts) = (context.lookup(), context.facts());
        context
            .binder(&lookup, &facts, self.text, "SELECT")
            .query(&self.query)
    }
}

/// Result columns of a bound query.
pub(super) fn columns(outputs: &[OutputColumn]) -> Vec<Column> {
    outputs
        .iter()
        .map(|output| Column {
            name: output.name.clone(),
            logical: output.ty.clone(),
            nullable: output.nullable,
            origin: output.origin.as_ref().map(|origin| ColumnOrigin {
                database: origin.database.clone(),
                schema: origin.schema.clone(),
                table: origin.table.clone(),
            }),
        })
        .collect()
}

/// The columns of a result as those of a relation.
pub(super) fn outputs(columns: &[Column]) -> Vec<OutputColumn> {
    columns
        .iter()
        .map(|column| OutputColumn {
            name: column.name.clone(),
            ty: column.logical.clone(),
            nullable: column.nullable,
            origin: None,
        })
        .collect()
}

/// Runs a query and keeps its rows as a result.
pub(super) fn run(
    context: &mut Context<'_>,
    query: &Lowered,
    columns: Vec<Column>,
) -> Result<ResultSet> {
    tracing::debug!(sql = query.sql, "run");
    let mut writer = ResultWriter::new(columns, query.columns.clone(), &context.instance.spool)?;
    for batch in context.connection.query(&query.sql)? {
        writer.push(&batch?)?;
    }
    writer.finish()
}
