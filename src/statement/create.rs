//! CREATE, for every kind of object.

use std::cell::Cell;

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind, select, widen};
use crate::catalog::{Column, Detail, NewObject, ObjectId, Snapshot, Table};
use crate::engine::Failure;
use crate::error::{Error, Result};
use crate::lower::{self, Lowered, TableDefinition};
use crate::objects::{self, Kind, Spec, TableSpec};
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName, StatementText};
use crate::tree::{Query, StoredColumn};
use crate::types::PhysicalType;

struct Create<'a> {
    text: StatementText<'a>,
    kind: &'static Kind,
    or_replace: bool,
    if_not_exists: bool,
    name: ObjectName,
    spec: Spec,
}

/// `CREATE [OR REPLACE] [modifiers] <kind> [IF NOT EXISTS] name …`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let or_replace = cursor.take_words("OR REPLACE");
    if cursor.take_words("OR ALTER") {
        return Err(Error::unsupported("CREATE OR ALTER"));
    }
    let mut modifiers = Vec::new();
    let kind = loop {
        let word = cursor.peek_word().ok_or_else(|| cursor.unexpected())?;
        if let Some(kind) = objects::kind(&word).filter(|kind| kind.kind.keyword() == word) {
            cursor.word()?;
            break kind;
        }
        let modifier = objects::KINDS
            .iter()
            .flat_map(|kind| kind.modifiers)
            .find(|modifier| **modifier == word);
        match modifier {
            Some(modifier) => modifiers.push(*modifier),
            None if KNOWN_KINDS.contains(&word.as_str()) => {
                return Err(Error::unsupported(format!("CREATE {word}")));
            }
            None => return Err(cursor.unexpected()),
        }
        cursor.word()?;
    };
    let if_not_exists = cursor.take_words("IF NOT EXISTS");
    let name = cursor.object_name()?;
    let spec = (kind.parse)(cursor, &modifiers)?;
    Ok(Box::new(Create {
        text,
        kind,
        or_replace,
        if_not_exists,
        name,
        spec,
    }))
}

/// Words that may follow CREATE in Snowflake and have no kind here yet.
const KNOWN_KINDS: &[&str] = &[
    "AGGREGATE",
    "ALERT",
    "API",
    "APPLICATION",
    "CATALOG",
    "DYNAMIC",
    "EVENT",
    "EXTERNAL",
    "FAILOVER",
    "FILE",
    "FUNCTION",
    "GLOBAL",
    "HYBRID",
    "ICEBERG",
    "IMAGE",
    "INDEX",
    "INTEGRATION",
    "LOCAL",
    "MANAGED",
    "MASKING",
    "MATERIALIZED",
    "NETWORK",
    "NOTIFICATION",
    "PACKAGES",
    "PASSWORD",
    "PIPE",
    "PROCEDURE",
    "RECURSIVE",
    "REPLICATION",
    "RESOURCE",
    "ROLE",
    "ROW",
    "SECRET",
    "SECURE",
    "SECURITY",
    "SEQUENCE",
    "SERVICE",
    "SESSION",
    "SHARE",
    "STAGE",
    "STORAGE",
    "STREAM",
    "STREAMLIT",
    "TAG",
    "TASK",
    "TEMP",
    "TEMPORARY",
    "USER",
    "VIEW",
    "VOLATILE",
    "WAREHOUSE",
];

impl Statement for Create<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::Ddl
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        if self.or_replace && self.if_not_exists {
            return Err(Error::conflicting_create_options());
        }
        let lookup = context.lookup();
        if self.if_not_exists && self.kind.find(&lookup, &self.name, "CREATE")?.is_some() {
            return status(format!(
                "{} already exists, statement succeeded.",
                self.name.last()
            ));
        }
        match &self.spec {
            Spec::Database(spec) => {
                let (database, public) =
                    spec.objects(context.session.account, self.name.last(), &context.owner());
                let unused = self.change(
                    context,
                    context.session.account,
                    &[],
                    |_| Ok(()),
                    |draft| {
                        let id = draft.create(database.clone())?;
                        draft.create(NewObject {
                            parent: id,
                            ..public.clone()
                        })
                    },
                )?;
                context.session.change_scope(|scope| {
                    scope.database = Some(self.name.last().to_owned());
                    scope.schema = Some(objects::PUBLIC.to_owned());
                });
                self.finish(context, unused)
            }
            Spec::Schema(spec) => {
                let database = match &self.name.parts[..] {
                    [database, _] => lookup.database(database)?,
                    _ => lookup.current_database("CREATE SCHEMA")?,
                };
                let (database_id, database_name) = (database.id, database.name.clone());
                let schema = spec.object(database.id, self.name.last(), &context.owner());
                let unused = self.change(
                    context,
                    database_id,
                    &[],
                    |_| Ok(()),
                    |draft| draft.create(schema.clone()),
                )?;
                context.session.change_scope(|scope| {
                    scope.database = Some(database_name);
                    scope.schema = Some(self.name.last().to_owned());
                });
                self.finish(context, unused)
            }
            Spec::Table(spec) => self.create_table(context, spec),
        }
    }
}

impl Create<'_> {
    /// Puts the object into the catalog, in the place of one of its name if the statement says OR REPLACE. Returns the
    /// physical tables that nothing uses any more. Both closures may be called more than once: whoever has the name now
    /// gives way, even if it came while this statement worked, but not before those are done who write into it.
    fn change(
        &self,
        context: &mut Context<'_>,
        parent: ObjectId,
        created: &[&str],
        work: impl Fn(&mut crate::engine::Connection) -> Result<()>,
        create: impl Fn(&mut crate::catalog::Draft<'_>) -> Result<ObjectId>,
    ) -> Result<Vec<String>> {
        let (or_replace, kind, name) = (self.or_replace, self.kind.kind, self.name.last());
        let find = |snapshot: &Snapshot| snapshot.find(parent, kind, name).map(|object| object.id);
        let locks = context.instance.locks.owner(context.query_id);
        loop {
            if let Some(id) = find(&context.instance.catalog.snapshot()).filter(|_| or_replace) {
                context.lock_all(&locks, id)?;
            }
            let mut late = false;
            let changed = context.change_catalog(created, &work, |draft| {
                let mut unused = Vec::new();
                if let Some(id) = find(draft.snapshot()).filter(|_| or_replace) {
                    late = !super::drop::lock_at_once(&locks, draft.snapshot(), id);
                    if late {
                        return Err(Error::object_or_operation());
                    }
                    unused = super::drop::physical_tables(draft.snapshot(), id);
                    draft.drop(id)?;
                }
                create(draft)?;
                Ok(unused)
            });
            if !late {
                return changed;
            }
        }
    }

    fn finish(&self, context: &mut Context<'_>, unused: Vec<String>) -> Result<ResultSet> {
        context.instance.discard(unused);
        let title = self.kind.kind.title();
        status(format!(
            "{title} {} successfully created.",
            self.name.last()
        ))
    }

    fn create_table(&self, context: &mut Context<'_>, spec: &TableSpec) -> Result<ResultSet> {
        let _pin = context.instance.pin();
        let lookup = context.lookup();
        let facts = context.facts();
        let schema = lookup
            .schema(
                &self.name.parts[..self.name.parts.len() - 1],
                "CREATE TABLE",
            )?
            .clone();
        let replaced = self
            .kind
            .find(&lookup, &self.name, "CREATE TABLE")?
            .cloned();
        if replaced.is_some() && !self.or_replace {
            return Err(Error::object_already_exists(self.name.last()));
        }
        let binder = context.binder(&lookup, &facts, self.text, "CREATE TABLE");
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
        let mut columns = columns(context, spec, query.as_ref())?;
        let source = match query {
            Some(query) => {
                let types: Vec<_> = columns
                    .iter()
                    .map(|column| column.logical.clone())
                    .collect();
                Some(lower::query(&binder.converted(query, &types), &facts)?)
            }
            None => None,
        };

        let schema = schema.id;
        let mut is_wide = false;
        let unused = loop {
            let (made, failure) =
                self.make_table(context, schema, spec, columns.clone(), source.as_ref());
            // The query's numbers do not fit the narrow columns.
            if let Some(source) = &source
                && failure == Some(Failure::WiderThanBigint)
                && !is_wide
            {
                is_wide = true;
                for (column, have) in columns.iter_mut().zip(&source.columns) {
                    if *have != PhysicalType::BigInt {
                        column.physical = widen::WIDE;
                    }
                }
                continue;
            }
            break made?;
        };
        self.finish(context, unused)
    }

    /// Makes the table with these columns, and says how the engine failed if it did.
    fn make_table(
        &self,
        context: &mut Context<'_>,
        schema: ObjectId,
        spec: &TableSpec,
        columns: Vec<Column>,
        source: Option<&Lowered>,
    ) -> (Result<Vec<String>>, Option<Failure>) {
        let id = context.instance.catalog.new_id();
        let name = physical_name(self.name.last(), id);
        let table = Table {
            table_kind: spec.table_kind,
            physical_name: name.clone(),
            columns,
        };
        let definition = match create_sql(&table, source) {
            Ok(definition) => definition,
            Err(error) => return (Err(error), None),
        };
        let object = NewObject {
            parent: schema,
            name: self.name.last().to_owned(),
            owner: context.owner(),
            comment: spec.comment.clone(),
            detail: Detail::Table(table),
        };
        let failure = Cell::new(None);
        let made = self.change(
            context,
            schema,
            &[&name],
            |connection| {
                let done = connection.execute(&definition).map(drop);
                failure.set(connection.failure());
                done
            },
            |draft| draft.create_with_id(id, object.clone()),
        );
        (made, failure.get())
    }
}

fn create_sql(table: &Table, source: Option<&Lowered>) -> Result<String> {
    let definition = TableDefinition {
        physical_name: &table.physical_name,
        columns: table
            .columns
            .iter()
            .map(|column| StoredColumn {
                number: column.number,
                physical: column.physical,
            })
            .collect(),
        not_null: table
            .columns
            .iter()
            .filter(|column| !column.nullable)
            .map(|column| column.number)
            .collect(),
    };
    match source {
        Some(source) => lower::create_table_as(&definition, source),
        None => Ok(lower::create_table(&definition)),
    }
}

/// The engine's name of a physical table: the object's name, for people who look, and an id that makes it unique for ever.
pub(super) fn physical_name(name: &str, id: ObjectId) -> String {
    let readable: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(40)
        .collect();
    format!("{readable}${}", id.0)
}

/// The columns of the new table: as defined, or as the query gives them.
fn columns(context: &Context<'_>, spec: &TableSpec, query: Option<&Query>) -> Result<Vec<Column>> {
    let new_number = || context.instance.catalog.new_id().0;
    if let Some(query) = query
        && !spec.columns.is_empty()
        && spec.columns.len() != query.columns.len()
    {
        return Err(Error::create_column_count(
            spec.columns.len(),
            query.columns.len(),
        ));
    }
    let outputs = query.map_or(&[][..], |query| &query.columns);
    let columns: Vec<Column> = if spec.columns.is_empty() {
        select::columns(outputs)
            .into_iter()
            .map(|output| Column {
                number: new_number(),
                name: output.name,
                physical: output.logical.narrow_storage(),
                logical: output.logical,
                nullable: true,
                default: None,
                comment: None,
            })
            .collect()
    } else {
        spec.columns
            .iter()
            .enumerate()
            .map(|(index, column)| {
                let logical = match (&column.logical, outputs.get(index)) {
                    (Some(logical), _) => logical.clone(),
                    (None, Some(output)) => output.ty.clone(),
                    (None, None) => return Err(Error::missing_columns()),
                };
                Ok(Column {
                    number: new_number(),
                    name: column.name.clone(),
                    physical: logical.narrow_storage(),
                    logical,
                    nullable: column.nullable,
                    default: column.default.clone(),
                    comment: column.comment.clone(),
                })
            })
            .collect::<Result<_>>()?
    };
    for (index, column) in columns.iter().enumerate() {
        if columns[..index]
            .iter()
            .any(|earlier| earlier.name == column.name)
        {
            return Err(Error::duplicate_column(&column.name));
        }
    }
    Ok(columns)
}

/// A default must be a constant expression of the column's type.
fn check_default(
    binder: &crate::bind::Binder<'_>,
    column: &objects::ColumnSpec,
    default: &str,
) -> Result<()> {
    let bound = binder.default_value(default)?;
    if let Some(logical) = &column.logical
        && !bound.is_null_literal()
        && !crate::types::coercion::implicit(&bound.ty, logical)
    {
        return Err(Error::default_type_mismatch(
            &column.name,
            logical,
            &bound.ty,
        ));
    }
    Ok(())
}
