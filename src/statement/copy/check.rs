//! Which records of a batch cannot be loaded, and why: asked of the engine on a connection of its own, so that no failure
//! touches the transaction that loads.
//!
//! The engine says that a batch fails, never which row. So a batch that fails is looked at column by column: a cast is
//! asked for in its tolerant form which rows it gives NULL for; anything else is halved until the rows are found.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

use crate::bind::ROW_NUMBER;
use crate::engine::Connection;
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::lower;
use crate::tree::{
    Body, ColumnRef, Expr, ExprKind, Insert, Literal, OutputColumn, Query, Relation, RelationId,
    Select,
};
use crate::types::PhysicalType;

/// A record that cannot be loaded.
#[derive(Debug, Clone)]
pub(super) struct BadRecord {
    /// Its place among the columns that are loaded.
    pub column: usize,
    /// Why; known of those that were asked for.
    pub error: Option<Error>,
}

/// Whose reasons are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reasons {
    First,
    All,
}

/// Checks batches of one load.
pub(super) struct Checker {
    connection: Connection,
    /// The engine's temporary table for the batch that is looked at.
    physical_name: String,
    exists: bool,
    physical: Vec<PhysicalType>,
    facts: Facts,
    /// What is loaded, over that table.
    values: Vec<Expr>,
    filter: Option<Expr>,
    relation: Relation,
    /// Whether the column takes NULL.
    nullable: Vec<bool>,
    row_number: Expr,
}

impl Checker {
    /// A checker for a load that was bound over the temporary table `physical_name`; `None` where its query is no plain
    /// list of values over the files' rows.
    pub(super) fn new(
        connection: Connection,
        physical_name: String,
        facts: Facts,
        insert: &Insert,
        nullable: Vec<bool>,
    ) -> Option<Self> {
        let select = innermost(&insert.source)?;
        let Some(Relation::Kept { id, columns, .. }) = &select.from else {
            return None;
        };
        let physical = columns.clone();
        let is_plain = !select.distinct
            && select.grouping.is_none()
            && select.having.is_none()
            && select.qualify.is_none();
        if !is_plain {
            return None;
        }
        Some(Checker {
            connection,
            physical_name,
            exists: false,
            row_number: row_number(*id, physical.len()),
            physical,
            facts,
            // defaults of other columns cannot fail, and sequences should not count
            values: select.projection[..nullable.len().min(select.projection.len())].to_vec(),
            filter: select.filter.clone(),
            relation: Relation::clone(select.from.as_ref()?),
            nullable,
        })
    }

    /// The records of a batch that cannot be loaded, by row number.
    pub(super) fn bad_records(
        &mut self,
        batch: &RecordBatch,
        reasons: Reasons,
    ) -> Result<BTreeMap<i64, BadRecord>> {
        self.fill(batch)?;
        let mut bad = BTreeMap::new();
        if self.is_sound()? {
            return Ok(bad);
        }
        for column in 0..self.values.len() {
            for row in self.bad_rows(column)? {
                let record = BadRecord {
                    column,
                    error: None,
                };
                bad.entry(row).or_insert(record);
            }
        }
        let wanted = match reasons {
            Reasons::First => 1,
            Reasons::All => usize::MAX,
        };
        for (row, record) in bad.iter_mut().take(wanted) {
            record.error = Some(self.reason(record.column, *row)?);
        }
        Ok(bad)
    }

    fn fill(&mut self, batch: &RecordBatch) -> Result<()> {
        if self.exists {
            let drop = lower::drop_temporary_table(&self.physical_name);
            self.connection.execute(&drop)?;
        }
        let create = lower::create_temporary_table(&self.physical_name, &self.physical);
        self.connection.execute(&create)?;
        self.exists = true;
        let insert = lower::fill_temporary_table(&self.physical_name, self.physical.len());
        self.connection.execute_over(&insert, batch)
    }

    /// Whether everything can be loaded.
    fn is_sound(&mut self) -> Result<bool> {
        let nullable = self.nullable.clone();
        let mut sound = true;
        let values = self.values.clone();
        let found = self.run(values, None, &mut |batch| {
            let columns = batch.columns().iter().zip(&nullable);
            sound &= columns
                .into_iter()
                .all(|(column, nullable)| *nullable || column.null_count() == 0);
        });
        match found {
            Ok(()) => Ok(sound),
            Err(error) if is_of_data(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The row numbers that a column fails for.
    fn bad_rows(&mut self, column: usize) -> Result<Vec<i64>> {
        let value = self.values[column].clone();
        let mut bad = self.failing(&value)?;
        if !self.nullable[column] {
            let good = excluding(&bad, &self.row_number);
            let is_null = is_null(value);
            bad.extend(self.numbers(and(good, is_null))?);
            bad.sort_unstable();
        }
        Ok(bad)
    }

    /// The row numbers for which a value cannot be computed.
    fn failing(&mut self, value: &Expr) -> Result<Vec<i64>> {
        if self.computes(value, None)? {
            return Ok(vec![]);
        }
        if let ExprKind::Cast {
            operand,
            tolerant: false,
        } = &value.kind
        {
            let tolerant = Expr {
                kind: ExprKind::Cast {
                    operand: operand.clone(),
                    tolerant: true,
                },
                nullable: true,
                ..value.clone()
            };
            let given = not(is_null((**operand).clone()));
            let bad = self.numbers(and(Some(given), is_null(tolerant)));
            if let Ok(bad) = bad
                && let Some(good) = excluding(&bad, &self.row_number)
                && !bad.is_empty()
                && self.computes(value, Some(good))?
            {
                return Ok(bad);
            }
        }
        let (low, high) = self.ends()?;
        let mut bad = vec![];
        self.halve(value, low, high, &mut bad)?;
        Ok(bad)
    }

    fn halve(&mut self, value: &Expr, low: i64, high: i64, bad: &mut Vec<i64>) -> Result<()> {
        let range = between(&self.row_number, low, high);
        if self.computes(value, Some(range))? {
            return Ok(());
        }
        if low == high {
            bad.push(low);
            return Ok(());
        }
        let middle = low + (high - low) / 2;
        self.halve(value, low, middle, bad)?;
        self.halve(value, middle + 1, high, bad)
    }

    /// Why a value cannot be had for a row.
    fn reason(&mut self, column: usize, row: i64) -> Result<Error> {
        let value = self.values[column].clone();
        let only = between(&self.row_number, row, row);
        match self.run(vec![value], Some(only), &mut |_| ()) {
            Ok(()) => Ok(Error::null_in_non_nullable_column()),
            Err(error) if is_of_data(&error) => Ok(error),
            Err(error) => Err(error),
        }
    }

    fn computes(&mut self, value: &Expr, filter: Option<Expr>) -> Result<bool> {
        match self.run(vec![value.clone()], filter, &mut |_| ()) {
            Ok(()) => Ok(true),
            Err(error) if is_of_data(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The lowest and the highest row number.
    fn ends(&mut self) -> Result<(i64, i64)> {
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        for number in self.numbers(None)? {
            low = low.min(number);
            high = high.max(number);
        }
        Ok((low, high.max(low)))
    }

    /// The row numbers that a condition holds for.
    fn numbers(&mut self, condition: Option<Expr>) -> Result<Vec<i64>> {
        let mut numbers = vec![];
        let number = self.row_number.clone();
        self.run(vec![number], condition, &mut |batch| {
            if let Some(column) = batch.column(0).as_primitive_opt::<Int64Type>() {
                numbers.extend(column.iter().flatten());
            }
        })?;
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn run(
        &mut self,
        values: Vec<Expr>,
        condition: Option<Expr>,
        each: &mut dyn FnMut(&RecordBatch),
    ) -> Result<()> {
        let columns = values
            .iter()
            .map(|value| OutputColumn {
                name: String::new(),
                ty: value.ty.clone(),
                nullable: true,
                origin: None,
            })
            .collect();
        let filter = match (self.filter.clone(), condition) {
            (Some(own), Some(condition)) => {
                Some(Expr::boolean(ExprKind::And(vec![condition, own]), true))
            }
            (own, condition) => own.or(condition),
        };
        let select = Select {
            distinct: false,
            from: Some(self.relation.clone()),
            filter,
            grouping: None,
            having: None,
            qualify: None,
            projection: values,
        };
        let query = Query {
            ctes: vec![],
            body: Body::Select(Box::new(select)),
            order_by: vec![],
            limit: None,
            offset: None,
            columns,
        };
        let lowered = lower::query(&query, &self.facts)?;
        tracing::debug!(sql = lowered.sql, "check");
        for batch in self.connection.query(&lowered.sql)? {
            each(&batch?);
        }
        Ok(())
    }
}

/// The SELECT over the files: around it there may be one that adds the defaults of other columns.
fn innermost(query: &Query) -> Option<&Select> {
    match &query.body {
        Body::Select(select) if query.ctes.is_empty() => match &select.from {
            Some(Relation::Derived { query, .. }) => innermost(query),
            _ => Some(select),
        },
        _ => None,
    }
}

/// Whether a record can be at fault, rather than the statement or the server.
pub(super) fn is_of_data(error: &Error) -> bool {
    (100_000..200_000).contains(&error.code().number()) && !error.is_about_nanoseconds()
}

/// METADATA$FILE_ROW_NUMBER of a relation of files: the second column of metadata.
fn row_number(relation: RelationId, columns: usize) -> Expr {
    let width = columns - crate::bind::METADATA.len();
    let column = ColumnRef {
        relation,
        column: width as u64 + 1,
    };
    Expr::new(ExprKind::Column(column), ROW_NUMBER, false)
}

fn number(value: i64) -> Expr {
    let literal = Literal::Number(i128::from(value));
    Expr::literal(literal, ROW_NUMBER)
}

fn is_null(operand: Expr) -> Expr {
    let kind = ExprKind::IsNull {
        operand: Box::new(operand),
        negated: false,
    };
    Expr::boolean(kind, false)
}

fn not(operand: Expr) -> Expr {
    Expr::boolean(ExprKind::Not(Box::new(operand)), false)
}

fn and(left: Option<Expr>, right: Expr) -> Option<Expr> {
    Some(match left {
        Some(left) => Expr::boolean(ExprKind::And(vec![left, right]), false),
        None => right,
    })
}

fn between(operand: &Expr, low: i64, high: i64) -> Expr {
    let kind = ExprKind::Between {
        operand: Box::new(operand.clone()),
        low: Box::new(number(low)),
        high: Box::new(number(high)),
        negated: false,
    };
    Expr::boolean(kind, false)
}

/// The rows that are none of these; `None` for all.
fn excluding(rows: &[i64], row_number: &Expr) -> Option<Expr> {
    if rows.is_empty() {
        return None;
    }
    let kind = ExprKind::InList {
        operand: Box::new(row_number.clone()),
        list: rows.iter().map(|row| number(*row)).collect(),
        negated: true,
    };
    Some(Expr::boolean(kind, false))
}
