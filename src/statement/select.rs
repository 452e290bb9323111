//! SELECT, WITH, VALUES: queries.

use std::collections::BTreeSet;

use super::transaction::{self, View};
use super::{Context, Parsed, Statement, StatementKind, Translated, dynamic_pivot};
use crate::engine::Failure;
use crate::error::Result;
use crate::lower::{self, Lowered, Widths};
use crate::result::{Column, ColumnOrigin, ResultSet, ResultWriter};
use crate::sql::{Cursor, StatementText, ast};
use crate::tree::{Expr, ExprKind, Literal, OutputColumn, Query};
use crate::types::LogicalType;

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
        let mut query = self.bind_with_values(context)?;
        limit_rows(&mut query, context.parameters.integer("ROWS_PER_RESULTSET"));
        reading(context, &query.tables(), |context| {
            run_query(context, &query)
        })
    }

    fn translate(&self, context: &mut Context<'_>) -> Result<Vec<Translated>> {
        let query = self.bind_with_values(context)?;
        let facts = context.facts();
        let narrow = lower::result(&query, &facts, Widths::Narrow)?;
        let mut written = vec![narrow.query];
        if narrow.is_narrowed {
            written.push(lower::result(&query, &facts, Widths::Full)?.query);
        }
        let translated = written.into_iter().map(|query| Translated {
            sql: query.sql,
            columns: Some(query.columns),
        });
        Ok(translated.collect())
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let query = self.bind_with_values(context)?;
        ResultSet::describe(columns(&query.columns))
    }
}

impl Select<'_> {
    /// Binds it with the values of its dynamic pivots.
    fn bind_with_values(&self, context: &mut Context<'_>) -> Result<Query> {
        let pivoted = dynamic_pivot::with_values(context, self.text, &self.query)?;
        self.bind(context, pivoted.as_deref().unwrap_or(&self.query))
    }

    fn bind(&self, context: &Context<'_>, query: &ast::Query) -> Result<Query> {
        let (lookup, facts) = (context.lookup(), context.facts());
        context
            .binder(&lookup, &facts, self.text, "SELECT")
            .query(query)
    }
}

/// Reads tables as they are now, where the open transaction can see that.
pub(super) fn reading<T>(
    context: &mut Context<'_>,
    tables: &BTreeSet<String>,
    read: impl FnOnce(&mut Context<'_>) -> Result<T>,
) -> Result<T> {
    match transaction::refresh_for_read(context, tables)? {
        View::Own => read(context),
        View::Apart => {
            let mut apart = context.instance.engine.connect()?;
            let _running = context.cancellation.running(apart.interrupt_handle());
            std::mem::swap(context.connection, &mut apart);
            let result = read(context);
            std::mem::swap(context.connection, &mut apart);
            result
        }
    }
}

/// ROWS_PER_RESULTSET, 0 for any number: JDBC's setMaxRows.
fn limit_rows(query: &mut Query, most: i64) {
    if most <= 0 {
        return;
    }
    let own = query.limit.as_ref().map(|limit| match &limit.kind {
        ExprKind::Cast { operand, .. } => &operand.kind,
        kind => kind,
    });
    let fewer = match own {
        Some(ExprKind::Literal(Literal::Number(own))) => *own <= most.into(),
        _ => false,
    };
    if !fewer {
        let ty = LogicalType::Number {
            precision: 18,
            scale: 0,
        };
        query.limit = Some(Expr::literal(Literal::Number(most.into()), ty));
    }
}

/// Runs a query in narrow arithmetic, and in full where a value needs it. Nothing of the first attempt is seen; in an
/// explicit transaction, which a failure would end, there is none.
fn run_query(context: &mut Context<'_>, query: &Query) -> Result<ResultSet> {
    let facts = context.facts();
    let widths = match context.connection.in_transaction() {
        true => Widths::Full,
        false => Widths::Narrow,
    };
    let written = lower::result(query, &facts, widths)?;
    let result = run(context, &written.query, columns(&query.columns));
    let overflowed = context.connection.failure() == Some(Failure::OutOfRange);
    if result.is_err() && written.is_narrowed && overflowed {
        let written = lower::result(query, &facts, Widths::Full)?;
        return run(context, &written.query, columns(&query.columns));
    }
    result
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
    let mut left = usize::try_from(context.parameters.integer("ROWS_PER_RESULTSET"))
        .ok()
        .filter(|limit| *limit > 0)
        .unwrap_or(usize::MAX);
    // All batches are taken: what is left in the engine would block the connection.
    for batch in context.connection.query(&query.sql)? {
        let batch = batch?;
        let taken = batch.num_rows().min(left);
        left -= taken;
        if taken > 0 {
            writer.push(&batch.slice(0, taken))?;
        }
    }
    writer.finish()
}
