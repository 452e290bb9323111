//! CREATE TABLE: from definitions, from a query (CTAS), like another table, or as its clone.
//!
//! A clone shares the physical table of its source; whichever of the two is written first copies it
//! (`rewrite::detach`). Its identity columns count on from where the source stands, each for itself.

use sqlparser::tokenizer::Token;

use super::create::{self, Create};
use super::envelope::{self, Value, Values};
use super::references::Attached;
use super::{Context, rewrite, select};
use crate::bind;
use crate::catalog::{
    Catalog, Column, Constraint, Detail, Draft, Dynamic, Lookup, NewObject, ObjectId, ObjectKind,
    Sequence, Table,
};
use crate::engine::Failure;
use crate::error::{Error, Result};
use crate::lower;
use crate::objects::{ColumnSpec, ConstraintSpec, Copied, TableSpec};
use crate::session::locks::Mode;
use crate::sql::{Cursor, Folding, Source, quote};
use crate::tree::Query;
use crate::types::coercion;

/// A table on its way into the catalog, with the sequences of its identity columns.
struct NewTable {
    table: Table,
    sequences: Vec<(ObjectId, Sequence)>,
    attached: Attached,
    /// The statements that make the physical table; nothing for a clone.
    sql: Option<String>,
}

impl Create<'_> {
    pub(super) fn create_table(&self, context: &mut Context<'_>, spec: &TableSpec) -> Result<()> {
        let _pin = context.instance.pin();
        let lookup = context.lookup();
        let schema = lookup.schema(self.in_schema(), "CREATE TABLE")?.clone();
        let session = self.session(context);
        let replaced = lookup
            .snapshot
            .find_seen_by(schema.id, ObjectKind::Table, self.name.last(), session)
            .cloned();
        if let Some(replaced) = &replaced {
            if !self.or_replace {
                return Err(Error::object_already_exists(self.name.last()));
            }
            if replaced.detail.kind() != self.kind.kind {
                return Err(Error::exists_as_other_kind(
                    self.name.last(),
                    replaced.detail.kind().keyword(),
                ));
            }
        }
        let locks = context.instance.locks.owner(context.query_id);
        self.lock_name(context, &locks, (schema.id, session))?;
        if let Some(replaced) = &replaced {
            context.lock(&locks, replaced.id, &replaced.name, Mode::Exclusive)?;
        }
        let mut is_wide = false;
        loop {
            let id = context.instance.catalog.new_id();
            let new = match &spec.copied {
                None => self.defined(context, &lookup, spec, id, is_wide)?,
                Some(copied) => {
                    let source = lookup.find(ObjectKind::Table, &copied.name.parts, "CLONE")?;
                    let source = source
                        .filter(|source| source.detail.kind() == ObjectKind::Table)
                        .ok_or_else(|| self.kind.missing(&lookup, &copied.name))?;
                    if copied.rows {
                        // Whoever writes into the source now finishes first, and later writers see that it is shared.
                        context.lock(&locks, source.id, &source.name, Mode::Exclusive)?;
                        context.instance.settle_sequences()?;
                    }
                    self.copied(context, spec, copied, source.id, id)?
                }
            };
            let owner = context.owner();
            let object = NewObject {
                parent: schema.id,
                session,
                name: self.name.last().to_owned(),
                owner: owner.clone(),
                comment: spec.comment.clone(),
                detail: Detail::Table(new.table.clone()),
            };
            let written: Vec<_> = new.sql.iter().map(|_| &*new.table.physical_name).collect();
            let mut failure = None;
            let made = self.change(
                context,
                (schema.id, session),
                &written,
                |connection| match &new.sql {
                    Some(sql) => {
                        let done = connection.execute(sql).map(drop);
                        failure = connection.failure();
                        done
                    }
                    None => Ok(()),
                },
                |draft| {
                    draft.create_with_id(id, object)?;
                    create_sequences(draft, id, session, &owner, &new.sequences)?;
                    new.attached.attach(draft, id)?;
                    Ok(id)
                },
            );
            // The query gives numbers that need more than 64 bits.
            if failure == Some(Failure::WiderThanColumn) && !is_wide {
                is_wide = true;
                continue;
            }
            return made.map_err(|error| {
                envelope::named(context, error, |context| {
                    self.values(context, &lookup, spec)
                })
            });
        }
    }

    /// From column definitions or a query.
    fn defined(
        &self,
        context: &Context<'_>,
        lookup: &Lookup,
        spec: &TableSpec,
        id: ObjectId,
        is_wide: bool,
    ) -> Result<NewTable> {
        let facts = context.facts();
        let binder = context.binder(lookup, &facts, self.text, "CREATE TABLE");
        for column in &spec.columns {
            if let Some(default) = &column.default {
                check_default(&binder, column, default)?;
            }
        }
        let query = spec
            .query
            .as_ref()
            .map(|query| binder.query(query))
            .transpose()?;
        if let Some(query) = &spec.query
            && spec.columns.is_empty()
            && bind::has_unnamed_column(query)
        {
            return Err(Error::missing_columns());
        }
        let (mut columns, sequences) = columns(context, spec, query.as_ref())?;
        for column in &mut columns {
            if is_wide {
                column.physical = column.logical.wide_storage();
            }
        }
        let constraints = spec
            .constraints
            .iter()
            .map(|constraint| constraint_of(context, lookup, &columns, constraint))
            .collect::<Result<Vec<_>>>()?;
        let table = Table {
            table_kind: spec.table_kind,
            physical_name: rewrite::physical_name(self.name.last(), id),
            columns: with_key_not_null(columns, &constraints),
            constraints,
            cluster_by: spec.cluster_by.clone(),
            change_tracking: spec.change_tracking,
            retention_days: spec.retention_days,
            options: spec.options.clone(),
            dynamic: spec.dynamic.as_ref().map(|(properties, query)| Dynamic {
                text: self.text.text().to_owned(),
                query: query.clone(),
                properties: properties.clone(),
                refreshed_on: Some(facts.now),
                suspended: false,
                ignore_case: context.folding() == Folding::IgnoreCase,
            }),
        };
        let mut attached = Attached::default();
        attached.add(lookup, None, &spec.tags, &spec.policies)?;
        for (column, spec) in table.columns.iter().zip(&spec.columns) {
            let column = Some((column.number, &column.logical));
            attached.add(lookup, column, &spec.tags, &spec.policies)?;
        }
        let definition = rewrite::definition(&table);
        let sql = match query {
            None => lower::create_table(&definition),
            Some(query) => {
                let types: Vec<_> = table.columns.iter().map(|c| c.logical.clone()).collect();
                let source = lower::query(&binder.converted(query, &types), &facts)?;
                lower::create_table_as(&definition, &source)?
            }
        };
        Ok(NewTable {
            table,
            sequences,
            attached,
            sql: Some(sql),
        })
    }

    /// The values of a CTAS, for the error about one of them.
    fn values(&self, context: &Context<'_>, lookup: &Lookup, spec: &TableSpec) -> Result<Values> {
        let facts = context.facts();
        let binder = context.binder(lookup, &facts, self.text, "CREATE TABLE");
        let query = spec.query.as_ref().ok_or_else(Error::empty_statement)?;
        let query = binder.query(query)?;
        let (columns, _) = columns(context, spec, Some(&query))?;
        let types: Vec<_> = columns.iter().map(|c| c.logical.clone()).collect();
        let query = lower::query(&binder.converted(query, &types), &facts)?;
        let values = columns.iter().enumerate();
        // One level up from how the statement writes it.
        let schema = lookup.schema(self.in_schema(), "CREATE TABLE")?;
        let table = format!("{}.{}", lookup.full_name(schema), self.name.last());
        Ok(Values {
            table: match self.name.parts.len() {
                3 => format!("{}.{table}", facts.account),
                _ => table,
            },
            values: values
                .map(|(index, column)| Value::of(&column.name, &query, index))
                .collect(),
            rows: None,
        })
    }

    /// LIKE or CLONE of a table.
    fn copied(
        &self,
        context: &Context<'_>,
        spec: &TableSpec,
        copied: &Copied,
        source: ObjectId,
        id: ObjectId,
    ) -> Result<NewTable> {
        // As it is now that it is locked.
        let snapshot = context.instance.catalog.snapshot();
        let source = snapshot
            .get(source)
            .ok_or_else(Error::object_or_operation)?;
        let Detail::Table(table) = &source.detail else {
            return Err(Error::object_or_operation());
        };
        let mut table = table.clone();
        let sequences = copy_sequences(
            &context.instance.catalog,
            &snapshot,
            &mut table.columns,
            copied.rows,
        );
        table.table_kind = spec.table_kind;
        if let Some(key) = &spec.cluster_by {
            table.cluster_by = Some(key.clone());
        }
        if copied.rows {
            return Ok(NewTable {
                table,
                sequences,
                attached: Attached::of(&snapshot, source.id),
                sql: None,
            });
        }
        table.physical_name = rewrite::physical_name(self.name.last(), id);
        table.columns.iter_mut().for_each(|column| {
            column.physical = column.logical.narrow_storage();
        });
        let sql = Some(lower::create_table(&rewrite::definition(&table)));
        Ok(NewTable {
            table,
            sequences,
            attached: Attached::default(),
            sql,
        })
    }
}

/// Sequences of its own for a copy's identity columns: from the start (LIKE), or from where the source's stand (CLONE).
pub(super) fn copy_sequences(
    catalog: &Catalog,
    snapshot: &crate::catalog::Snapshot,
    columns: &mut [Column],
    go_on: bool,
) -> Vec<(ObjectId, Sequence)> {
    let mut sequences = Vec::new();
    for column in columns {
        let source = column.identity.and_then(|id| snapshot.get(id));
        let Some(Detail::Sequence(sequence)) = source.map(|object| &object.detail) else {
            continue;
        };
        let mut sequence = *sequence;
        if !go_on {
            sequence.next = sequence.start.into();
        }
        let id = catalog.new_id();
        column.identity = Some(id);
        sequences.push((id, sequence));
    }
    sequences
}

/// The sequences of a table's identity columns, in the table and named by their ids.
pub(super) fn create_sequences(
    draft: &mut Draft<'_>,
    table: ObjectId,
    session: Option<u64>,
    owner: &str,
    sequences: &[(ObjectId, Sequence)],
) -> Result<()> {
    for (id, sequence) in sequences {
        let object = NewObject {
            parent: table,
            session,
            name: id.0.to_string(),
            owner: owner.to_owned(),
            comment: None,
            detail: Detail::Sequence(*sequence),
        };
        draft.create_with_id(*id, object)?;
    }
    Ok(())
}

/// The sequences behind identity columns, with their ids.
type Sequences = Vec<(ObjectId, Sequence)>;

/// The columns of the new table: as defined, or as the query gives them.
fn columns(
    context: &Context<'_>,
    spec: &TableSpec,
    query: Option<&Query>,
) -> Result<(Vec<Column>, Sequences)> {
    if let Some(query) = query
        && !spec.columns.is_empty()
        && spec.columns.len() != query.columns.len()
    {
        return Err(Error::create_column_count());
    }
    let outputs = query.map_or(&[][..], |query| &query.columns);
    let mut sequences = Vec::new();
    let columns: Vec<Column> = if spec.columns.is_empty() {
        select::columns(outputs)
            .into_iter()
            .map(|output| Column {
                number: context.instance.catalog.new_id().0,
                name: output.name,
                physical: output.logical.narrow_storage(),
                logical: output.logical,
                nullable: true,
                default: None,
                identity: None,
                comment: None,
            })
            .collect()
    } else {
        spec.columns
            .iter()
            .enumerate()
            .map(|(index, column)| {
                let mut column = column.clone();
                if column.logical.is_none() {
                    column.logical = outputs.get(index).map(|output| output.ty.clone());
                }
                new_column(context, &column, &mut sequences)
            })
            .collect::<Result<_>>()?
    };
    create::unique_names(columns.iter().map(|column| &column.name))?;
    Ok((columns, sequences))
}

/// A column from its definition; an identity column's sequence is added to `sequences`.
pub(super) fn new_column(
    context: &Context<'_>,
    spec: &ColumnSpec,
    sequences: &mut Vec<(ObjectId, Sequence)>,
) -> Result<Column> {
    let logical = spec.logical.clone().ok_or_else(Error::missing_columns)?;
    let identity = spec.identity.map(|identity| {
        let id = context.instance.catalog.new_id();
        sequences.push((id, identity.sequence()));
        id
    });
    Ok(Column {
        number: context.instance.catalog.new_id().0,
        name: spec.name.clone(),
        physical: logical.narrow_storage(),
        logical,
        // An identity column always gets a value; NULL cannot be put there on purpose.
        nullable: spec.nullable && identity.is_none(),
        default: spec
            .default
            .as_deref()
            .map(|text| stored_default(context, text)),
        identity,
        comment: spec.comment.clone(),
    })
}

/// A default as the catalog keeps it: as written, but a sequence by its full name, since the default is evaluated in other
/// contexts.
pub(super) fn stored_default(context: &Context<'_>, text: &str) -> String {
    let named = || -> Option<String> {
        let source = Source::tokenize(text).ok()?;
        let [statement] = source.statements()[..] else {
            return None;
        };
        let mut cursor = Cursor::new(statement, context.folding());
        let mut parts = vec![cursor.identifier().ok()?];
        while cursor.take(&Token::Period) {
            parts.push(cursor.identifier().ok()?);
        }
        cursor.end().ok()?;
        if parts.pop()? != "NEXTVAL" {
            return None;
        }
        let lookup = context.lookup();
        let found = lookup.find(ObjectKind::Sequence, &parts, "CREATE TABLE");
        let sequence = found.ok()??;
        let schema = lookup.snapshot.get(sequence.parent)?;
        let database = lookup.snapshot.get(schema.parent)?;
        Some(format!(
            "{}.{}.{}.NEXTVAL",
            quote(&database.name),
            quote(&schema.name),
            quote(&sequence.name)
        ))
    };
    named().unwrap_or_else(|| text.to_owned())
}

/// A primary key makes its columns NOT NULL.
fn with_key_not_null(mut columns: Vec<Column>, constraints: &[Constraint]) -> Vec<Column> {
    let keys: Vec<u64> = constraints
        .iter()
        .filter(|constraint| constraint.kind == crate::catalog::ConstraintKind::PrimaryKey)
        .flat_map(|constraint| constraint.columns.iter().copied())
        .collect();
    for column in &mut columns {
        column.nullable &= !keys.contains(&column.number);
    }
    columns
}

/// A constraint with its columns found. Without a name it gets one, as Snowflake gives: `SYS_CONSTRAINT_<uuid>`.
pub(super) fn constraint_of(
    context: &Context<'_>,
    lookup: &Lookup,
    columns: &[Column],
    spec: &ConstraintSpec,
) -> Result<Constraint> {
    let numbers = spec
        .columns
        .iter()
        .map(|name| {
            let column = columns.iter().find(|column| column.name == *name);
            column
                .map(|column| column.number)
                .ok_or_else(|| Error::invalid_identifier(crate::sql::quote(name)))
        })
        .collect::<Result<Vec<_>>>()?;
    let references = match &spec.references {
        None => None,
        Some((table, columns)) => Some(referenced(context, lookup, table, columns)?),
    };
    let name = match &spec.name {
        Some(name) => name.clone(),
        None => format!("SYS_CONSTRAINT_{}", uuid::Uuid::new_v4()),
    };
    Ok(Constraint {
        name,
        kind: spec.kind,
        columns: numbers,
        references,
        rely: spec.rely,
    })
}

/// The table that a foreign key points to, by full name, and its columns (by default those of its primary key).
fn referenced(
    _: &Context<'_>,
    lookup: &Lookup,
    name: &crate::sql::ObjectName,
    columns: &[String],
) -> Result<([String; 3], Vec<String>)> {
    let missing = || Error::object_does_not_exist("Table", name);
    let object = lookup
        .find(ObjectKind::Table, &name.parts, "CREATE TABLE")?
        .ok_or_else(missing)?;
    let Detail::Table(table) = &object.detail else {
        return Err(missing());
    };
    let columns = match columns {
        [] => table
            .constraints
            .iter()
            .filter(|constraint| constraint.kind == crate::catalog::ConstraintKind::PrimaryKey)
            .flat_map(|constraint| &constraint.columns)
            .filter_map(|number| table.columns.iter().find(|c| c.number == *number))
            .map(|column| column.name.clone())
            .collect(),
        named => {
            for column in named {
                if table.column(column).is_none() {
                    return Err(Error::invalid_identifier(crate::sql::quote(column)));
                }
            }
            named.to_vec()
        }
    };
    let schema = lookup.schema(&name.parts[..name.parts.len() - 1], "CREATE TABLE")?;
    let database = lookup.snapshot.get(schema.parent).ok_or_else(missing)?;
    let place = [
        database.name.clone(),
        schema.name.clone(),
        object.name.clone(),
    ];
    Ok((place, columns))
}

/// A default must be an expression of the column's type that sees no columns.
pub(super) fn check_default(
    binder: &bind::Binder<'_>,
    column: &ColumnSpec,
    default: &str,
) -> Result<()> {
    let bound = binder.default_value(default)?;
    if let Some(logical) = &column.logical
        && !bound.is_null_literal()
        && !coercion::implicit(&bound.ty, logical)
    {
        return Err(Error::default_type_mismatch(
            &column.name,
            logical,
            &bound.ty,
        ));
    }
    Ok(())
}
