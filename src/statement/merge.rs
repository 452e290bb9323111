//! MERGE.

use sqlparser::tokenizer::Token;

use super::envelope::{self, Values};
use super::write::{self, Write};
use super::{Context, Parsed, Statement, StatementKind, Translated, insert, update};
use crate::bind::{self, MergeBranch, MergeDo, MergeTarget};
use crate::catalog::{ObjectId, ObjectKind};
use crate::error::{Error, Result};
use crate::lower;
use crate::result::ResultSet;
use crate::session::locks::Mode;
use crate::sql::{Cursor, ObjectName, StatementText, ast};
use crate::tree::{self, JoinKind, Relation};

struct Merge<'a> {
    text: StatementText<'a>,
    table: ObjectName,
    alias: Option<String>,
    source: ast::TableFactor,
    on: ast::Expr,
    branches: Vec<MergeBranch>,
}

/// `MERGE INTO table USING source ON condition WHEN …`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    cursor.expect_word("INTO")?;
    let factor = cursor.table_factor()?;
    let (table, alias) = update::target(cursor, &factor)?;
    cursor.expect_word("USING")?;
    let source = cursor.table_factor()?;
    cursor.expect_word("ON")?;
    let on = cursor.expression()?;
    let mut branches = Vec::new();
    while cursor.peek().is_some() {
        branches.push(branch(cursor)?);
    }
    if branches.is_empty() {
        return Err(cursor.unexpected());
    }
    refuse_unreachable(&branches)?;
    Ok(Box::new(Merge {
        text,
        table,
        alias,
        source,
        on,
        branches,
    }))
}

/// `WHEN [NOT] MATCHED [AND condition] THEN …`
fn branch(cursor: &mut Cursor<'_>) -> Result<MergeBranch> {
    cursor.expect_word("WHEN")?;
    let matched = !cursor.take_word("NOT");
    cursor.expect_word("MATCHED")?;
    let predicate = cursor
        .take_word("AND")
        .then(|| cursor.expression())
        .transpose()?;
    cursor.expect_word("THEN")?;
    let action = if matched {
        matched_action(cursor)?
    } else {
        insert_action(cursor)?
    };
    Ok(MergeBranch { predicate, action })
}

fn matched_action(cursor: &mut Cursor<'_>) -> Result<MergeDo> {
    if cursor.take_word("DELETE") {
        return Ok(MergeDo::Delete);
    }
    cursor.expect_word("UPDATE")?;
    if cursor.take_words("ALL BY NAME") {
        return Ok(MergeDo::UpdateAllByName);
    }
    cursor.expect_word("SET")?;
    let mut assignments = vec![cursor.assignment()?];
    while cursor.take(&Token::Comma) {
        assignments.push(cursor.assignment()?);
    }
    Ok(MergeDo::Update(assignments))
}

fn insert_action(cursor: &mut Cursor<'_>) -> Result<MergeDo> {
    cursor.expect_word("INSERT")?;
    if cursor.take_words("ALL BY NAME") {
        return Ok(MergeDo::InsertAllByName);
    }
    let columns = insert::columns(cursor)?;
    cursor.expect_word("VALUES")?;
    let values = values(cursor)?;
    Ok(MergeDo::Insert { columns, values })
}

/// `(expression, …)`
pub(super) fn values(cursor: &mut Cursor<'_>) -> Result<Vec<ast::Expr>> {
    cursor.expect(&Token::LParen)?;
    let mut values = vec![cursor.expression()?];
    while cursor.take(&Token::Comma) {
        values.push(cursor.expression()?);
    }
    cursor.expect(&Token::RParen)?;
    Ok(values)
}

/// A clause without a condition is the last one of its kind.
fn refuse_unreachable(branches: &[MergeBranch]) -> Result<()> {
    for (index, branch) in branches.iter().enumerate() {
        let matched = branch.action.is_matched();
        let later = branches[index + 1..]
            .iter()
            .any(|other| other.action.is_matched() == matched);
        if branch.predicate.is_none() && later {
            return Err(Error::unreachable_merge_clause());
        }
    }
    Ok(())
}

/// A number of the answer: its column, its action, and whether a clause has it.
type Count = (&'static str, fn(&MergeDo) -> bool);

const COUNTS: [Count; 3] = [
    ("number of rows inserted", |action| !action.is_matched()),
    ("number of rows updated", |action| {
        matches!(action, MergeDo::Update(_) | MergeDo::UpdateAllByName)
    }),
    ("number of rows deleted", |action| {
        matches!(action, MergeDo::Delete)
    }),
];

impl Statement for Merge<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::Merge
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let counts = write::write(context, &|context| self.compile(context))
            .map_err(|error| envelope::named(context, error, |context| self.values(context)))?;
        let shown: Vec<_> = self
            .counts()
            .filter_map(|index| Some((COUNTS[index].0, *counts.get(index)?)))
            .collect();
        ResultSet::counts(&shown)
    }

    fn translate(&self, context: &mut Context<'_>) -> Result<Vec<Translated>> {
        Ok(vec![self.compile(context)?.into()])
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.bind(context)?;
        let names: Vec<_> = self.counts().map(|index| COUNTS[index].0).collect();
        write::describe(&names)
    }
}

impl Merge<'_> {
    /// Which numbers the answer has: those that it has a clause for.
    fn counts(&self) -> impl Iterator<Item = usize> + '_ {
        (0..COUNTS.len()).filter(|index| {
            let is_it = COUNTS[*index].1;
            self.branches.iter().any(|branch| is_it(&branch.action))
        })
    }

    fn compile(&self, context: &Context<'_>) -> Result<Write> {
        let (table, merge) = self.bind(context)?;
        Ok(Write::new(
            table,
            self.table.last(),
            &merge.table.physical_name,
            Mode::Exclusive,
            merge.tables(),
            lower::merge(&merge, &context.facts())?,
        )
        .called(&self.table))
    }

    /// The values that it writes, for the error about one of them. A new row's are looked for among all of the source's.
    fn values(&self, context: &Context<'_>) -> Result<Values> {
        let (id, merge) = self.bind(context)?;
        let matched = Relation::Join {
            kind: JoinKind::Inner,
            left: Box::new(Relation::Table(merge.table)),
            right: Box::new(merge.source.clone()),
            condition: Some(merge.on),
        };
        let mut values = vec![];
        for clause in &merge.clauses {
            let is_matched = clause.action.is_matched();
            let from = if is_matched { &matched } else { &merge.source };
            values.extend(envelope::assigned(
                context,
                id,
                clause.action.assignments(),
                (from, clause.predicate.as_ref()),
                is_matched,
            )?);
        }
        Ok(Values {
            table: self.table.to_string(),
            values,
            rows: None,
        })
    }

    fn bind(&self, context: &Context<'_>) -> Result<(ObjectId, tree::Merge)> {
        let (lookup, facts) = (context.lookup(), context.facts());
        let object = lookup
            .find(ObjectKind::Table, &self.table.parts, "MERGE")?
            .ok_or_else(|| Error::object_does_not_exist("Object", &self.table))?;
        let target = MergeTarget {
            object,
            alias: self.alias.clone(),
            refuse_multi_joined: context
                .parameters
                .boolean("ERROR_ON_NONDETERMINISTIC_MERGE"),
        };
        let binder = context.binder(&lookup, &facts, self.text, "MERGE");
        let merge = bind::merge(&binder, &target, &self.source, &self.on, &self.branches)?;
        Ok((object.id, merge))
    }
}
