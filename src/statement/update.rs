//! UPDATE.

use super::envelope::{self, Values};
use super::write::{self, Write};
use super::{Context, Parsed, Statement, StatementKind, Translated};
use crate::bind::{self, UpdateTarget};
use crate::catalog::{ObjectId, ObjectKind};
use crate::error::{Error, Result};
use crate::lower;
use crate::result::ResultSet;
use crate::session::locks::Mode;
use crate::sql::{Cursor, ObjectName, StatementText, ast};
use crate::tree::{self, JoinKind, Relation};

struct Update<'a> {
    text: StatementText<'a>,
    table: ObjectName,
    alias: Option<String>,
    assignments: Vec<ast::Assignment>,
    from: Vec<ast::TableWithJoins>,
    selection: Option<ast::Expr>,
}

const COUNTS: &[&str] = &[
    "number of rows updated",
    "number of multi-joined rows updated",
];

/// `UPDATE table SET column = value, … [FROM …] [WHERE condition]`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let ast::Statement::Update(update) = text.parse_statement()? else {
        return Err(cursor.unexpected());
    };
    let foreign = update.returning.is_some()
        || update.output.is_some()
        || update.or.is_some()
        || !update.order_by.is_empty()
        || update.limit.is_some()
        || !update.table.joins.is_empty();
    if foreign {
        return Err(Error::unsupported("a clause of another dialect"));
    }
    let from = match update.from {
        None => vec![],
        Some(ast::UpdateTableFromKind::AfterSet(from)) => from,
        Some(ast::UpdateTableFromKind::BeforeSet(_)) => return Err(cursor.unexpected()),
    };
    let (table, alias) = target(cursor, &update.table.relation)?;
    Ok(Box::new(Update {
        text,
        table,
        alias,
        assignments: update.assignments,
        from,
        selection: update.selection,
    }))
}

/// The table that a statement writes into, and its alias.
pub(super) fn target(
    cursor: &Cursor<'_>,
    factor: &ast::TableFactor,
) -> Result<(ObjectName, Option<String>)> {
    let ast::TableFactor::Table {
        name,
        alias,
        args: None,
        ..
    } = factor
    else {
        return Err(Error::unsupported("a write into something but a table"));
    };
    let alias = alias
        .as_ref()
        .map(|alias| crate::sql::fold(&alias.name, cursor.folding()));
    Ok((ObjectName::from_parsed(name, cursor.folding())?, alias))
}

impl Statement for Update<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::Update
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let mut counts = write::write(context, &|context| self.compile(context))
            .map_err(|error| envelope::named(context, error, |context| self.values(context)))?;
        counts.resize(2, 0);
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

impl Update<'_> {
    fn compile(&self, context: &Context<'_>) -> Result<Write> {
        let (table, update) = self.bind(context)?;
        Ok(Write::new(
            table,
            self.table.last(),
            &update.table.physical_name,
            Mode::Exclusive,
            update.tables(),
            lower::update(&update, &context.facts())?,
        )
        .called(&self.table))
    }

    /// The values that it writes, for the error about one of them.
    fn values(&self, context: &Context<'_>) -> Result<Values> {
        let (id, update) = self.bind(context)?;
        let table = Relation::Table(update.table);
        let has_from = update.from.is_some();
        let from = match update.from {
            None => table,
            Some(from) => Relation::Join {
                kind: JoinKind::Cross,
                left: Box::new(table),
                right: Box::new(from),
                condition: None,
            },
        };
        Ok(Values {
            table: self.table.to_string(),
            values: envelope::assigned(
                context,
                id,
                &update.assignments,
                (&from, update.filter.as_ref()),
                has_from,
            )?,
            rows: None,
        })
    }

    fn bind(&self, context: &Context<'_>) -> Result<(ObjectId, tree::Update)> {
        let (lookup, facts) = (context.lookup(), context.facts());
        let object = lookup
            .find(ObjectKind::Table, &self.table.parts, "UPDATE")?
            .ok_or_else(|| Error::object_does_not_exist("Object", &self.table))?;
        let target = UpdateTarget {
            object,
            alias: self.alias.clone(),
            refuse_multi_joined: context
                .parameters
                .boolean("ERROR_ON_NONDETERMINISTIC_UPDATE"),
        };
        let binder = context.binder(&lookup, &facts, self.text, "UPDATE");
        let update = bind::update(
            &binder,
            &target,
            &self.assignments,
            &self.from,
            self.selection.as_ref(),
        )?;
        Ok((object.id, update))
    }
}
