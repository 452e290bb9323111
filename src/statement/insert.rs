//! INSERT INTO … VALUES, INSERT INTO … SELECT, INSERT OVERWRITE.

use std::cell::OnceCell;

use arrow::array::RecordBatch;
use sqlparser::tokenizer::Token;

use super::envelope::{self, Value, Values};
use super::write::{self, Write};
use super::{Context, Parsed, Statement, StatementKind, Translated, insert_all};
use crate::bind::{self, InsertSource, InsertTarget};
use crate::catalog::{Detail, ObjectId, ObjectKind};
use crate::error::{Error, Result};
use crate::lower;
use crate::result::ResultSet;
use crate::session::locks::Mode;
use crate::sql::{self, Cursor, Folding, ObjectName, StatementText, ast};
use crate::tree::{self, ConstantRows};

struct Insert<'a> {
    text: StatementText<'a>,
    table: ObjectName,
    columns: Vec<String>,
    source: Source,
    overwrite: bool,
    /// The rows that it runs over in the engine's form, once they are known.
    rows: OnceCell<RecordBatch>,
}

enum Source {
    Query(Box<ast::Query>),
    /// A long VALUES list of constants.
    Constants(ConstantRows),
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
    let source = match text.constants() {
        Some(list) => match bind::constant_rows(list)? {
            Some(rows) => Source::Constants(rows),
            None => Source::Query(whole_query(text)?),
        },
        None => {
            let query = cursor.query()?;
            cursor.end()?;
            Source::Query(query)
        }
    };
    Ok(Box::new(Insert {
        text,
        table,
        columns,
        source,
        rows: OnceCell::new(),
        overwrite,
    }))
}

/// The VALUES list of constants that the general rules have to unite.
fn whole_query(text: StatementText<'_>) -> Result<Box<ast::Query>> {
    let source = sql::Source::tokenize_all(text.request())?;
    let statements = source.statements();
    let whole = statements.first().ok_or_else(Error::empty_statement)?;
    let mut cursor = Cursor::new(*whole, Folding::default());
    for _ in 1..text.tokens().len() {
        cursor.skip();
    }
    cursor.query()
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

    fn takes_rows(&self) -> bool {
        match &self.source {
            Source::Query(_) if self.overwrite => false,
            Source::Query(query) => {
                matches!(&*query.body, ast::SetExpr::Values(values) if values.rows.len() == 1)
            }
            Source::Constants(_) => true,
        }
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let counts = write::write(context, &|context| self.compile(context))
            .map_err(|error| envelope::named(context, error, |context| self.values(context)))?;
        ResultSet::counts(&[("number of rows inserted", counts[0])])
    }

    fn translate(&self, context: &mut Context<'_>) -> Result<Vec<Translated>> {
        // Several statements, or one over rows that only a run brings.
        if self.overwrite || self.takes_rows() {
            return Ok(vec![]);
        }
        Ok(vec![self.compile(context)?.into()])
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
        )
        .called(&self.table)
        .over(self.rows(context)?))
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
        let source = match &self.source {
            Source::Query(query) => InsertSource::Query(query),
            Source::Constants(rows) => InsertSource::Constants(rows),
        };
        Ok((object.id, bind::insert(&binder, &target, source)?))
    }

    /// The values that it writes, for the error about one of them.
    fn values(&self, context: &Context<'_>) -> Result<Values> {
        let (id, insert) = self.bind(context)?;
        let snapshot = context.instance.catalog.snapshot();
        let Some(Detail::Table(table)) = snapshot.get(id).map(|object| &object.detail) else {
            return Err(Error::object_or_operation());
        };
        let facts = context.facts();
        let targets = insert.targets.iter().enumerate();
        let values = targets.map(|(index, target)| {
            let alone = envelope::column(&insert.source, index);
            let place = if alone.columns.len() == 1 { 0 } else { index };
            let name = &table.columns[*target].name;
            Ok(Value::of(name, &lower::query(&alone, &facts)?, place))
        });
        Ok(Values {
            table: self.table.to_string(),
            values: values.collect::<Result<_>>()?,
            rows: self.rows(context)?,
        })
    }

    /// The constants, or the rows of an array bind.
    fn rows(&self, context: &Context<'_>) -> Result<Option<RecordBatch>> {
        let rows = match &self.source {
            Source::Constants(rows) => Some(rows),
            Source::Query(_) if self.takes_rows() => context.variables.rows(),
            Source::Query(_) => None,
        };
        match (rows, self.rows.get()) {
            (None, _) => Ok(None),
            (Some(_), Some(batch)) => Ok(Some(batch.clone())),
            (Some(rows), None) => {
                let batch = lower::rows(rows, &context.facts())?;
                Ok(Some(self.rows.get_or_init(|| batch).clone()))
            }
        }
    }
}
