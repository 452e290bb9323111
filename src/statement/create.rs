//! CREATE, for every kind of object.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind, drop, grant, references};
use crate::bind;
use crate::catalog::{
    Detail, Lookup, Materialized, NewObject, Object, ObjectId, ObjectKind, TableKind, View,
    ViewColumn,
};
use crate::error::{Error, Result};
use crate::objects::{self, Kind, RecordedSpec, Spec, ViewSpec};
use crate::result::ResultSet;
use crate::session::locks::{Held, Mode};
use crate::sql::{Cursor, Folding, ObjectName, StatementText};

pub(super) struct Create<'a> {
    pub text: StatementText<'a>,
    pub kind: &'static Kind,
    pub or_replace: bool,
    /// OR ALTER: an object that is there becomes as the statement says.
    or_alter: bool,
    if_not_exists: bool,
    pub name: ObjectName,
    spec: Spec,
}

/// `CREATE [OR REPLACE] [modifiers] <kind> [IF NOT EXISTS] name …`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let or_replace = cursor.take_words("OR REPLACE");
    let or_alter = cursor.take_words("OR ALTER");
    let mut modifiers = Vec::new();
    // What Snowpark says of objects that end with the procedure that makes them, or else with the session.
    if cursor.take_word("SCOPED")
        && !matches!(cursor.peek_word().as_deref(), Some("TEMP" | "TEMPORARY"))
    {
        return Err(cursor.unexpected());
    }
    let kind = loop {
        if let Some(kind) = objects::take_keyword(cursor) {
            break kind;
        }
        let word = cursor.peek_word().ok_or_else(|| cursor.unexpected())?;
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
    if let Some(other) = modifiers.iter().find(|word| !kind.modifiers.contains(word)) {
        return Err(match KNOWN_KINDS.contains(other) {
            true => Error::unsupported(format!("CREATE {other} {}", kind.kind)),
            false => cursor.unexpected(),
        });
    }
    if or_alter && !kind.or_alter {
        return Err(Error::unsupported(format!("CREATE OR ALTER {}", kind.kind)));
    }
    let if_not_exists = cursor.take_words("IF NOT EXISTS");
    let mut name = cursor.object_name()?;
    let spec = (kind.parse)(kind, cursor, &modifiers)?;
    if let (Spec::Function(spec), Some(last)) = (&spec, name.parts.last_mut()) {
        last.push_str(&spec.signature());
    }
    Ok(Box::new(Create {
        text,
        kind,
        or_replace,
        or_alter,
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
    "HYBRID",
    "ICEBERG",
    "IMAGE",
    "INDEX",
    "MANAGED",
    "MATERIALIZED",
    "NOTIFICATION",
    "PIPE",
    "PROCEDURE",
    "REPLICATION",
    "ROW",
    "SECURITY",
    "SERVICE",
    "SESSION",
    "SHARE",
    "STORAGE",
    "STREAM",
    "STREAMLIT",
    "TASK",
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
        if self.if_not_exists
            && let Some(object) = self.taken(&lookup)?
        {
            // Tables and views share their names, but not this leniency.
            if object.detail.kind() != self.kind.kind {
                return Err(Error::exists_as_other_kind(
                    self.name.last(),
                    object.detail.kind().keyword(),
                ));
            }
            return status(format!(
                "{} already exists, statement succeeded.",
                self.shown_name()
            ));
        }
        match &self.spec {
            Spec::Database(spec) => {
                let (database, public) =
                    spec.objects(context.session.account, self.name.last(), &context.owner());
                let account = context.session.account;
                let source = spec.clone.as_ref();
                let source = source.map(|name| self.source(context, name)).transpose()?;
                let catalog = &context.instance.catalog;
                self.change(
                    context,
                    (account, None),
                    &[],
                    |_| Ok(()),
                    |draft| {
                        let id = draft.create(database)?;
                        match &source {
                            Some(source) => source.copy(draft, catalog, id)?,
                            None => {
                                draft.create(NewObject {
                                    parent: id,
                                    ..public
                                })?;
                            }
                        }
                        Ok(id)
                    },
                )?;
                context.session.change_scope(|scope| {
                    scope.database = Some(self.name.last().to_owned());
                    scope.schema = Some(objects::PUBLIC.to_owned());
                });
            }
            Spec::Schema(spec) => {
                let database = match &self.name.parts[..] {
                    [database, _] => lookup.database(database)?,
                    _ => lookup.current_database("CREATE SCHEMA")?,
                };
                let (database_id, database_name) = (database.id, database.name.clone());
                let schema = spec.object(database.id, self.name.last(), &context.owner());
                let source = spec.clone.as_ref();
                let source = source.map(|name| self.source(context, name)).transpose()?;
                let catalog = &context.instance.catalog;
                self.change(
                    context,
                    (database_id, None),
                    &[],
                    |_| Ok(()),
                    |draft| {
                        let id = draft.create(schema)?;
                        if let Some(source) = &source {
                            source.copy(draft, catalog, id)?;
                        }
                        Ok(id)
                    },
                )?;
                context.session.change_scope(|scope| {
                    scope.database = Some(database_name);
                    scope.schema = Some(self.name.last().to_owned());
                });
            }
            Spec::Sequence(spec) => {
                let schema = lookup.schema(self.in_schema(), "CREATE SEQUENCE")?.id;
                let sequence = spec.object(schema, self.name.last(), &context.owner());
                self.change(
                    context,
                    (schema, None),
                    &[],
                    |_| Ok(()),
                    |draft| draft.create(sequence),
                )?;
            }
            Spec::Function(spec) => {
                let schema = lookup.schema(self.in_schema(), "CREATE FUNCTION")?.clone();
                let facts = context.facts();
                let inside = lookup.inside(&schema);
                let binder = context.binder(&inside, &facts, self.text, "CREATE FUNCTION");
                bind::check_function(&binder, &spec.function)?;
                let session = self.session(context);
                let owner = context.owner();
                let function = spec.object(schema.id, session, self.name.last(), &owner);
                self.change(
                    context,
                    (schema.id, session),
                    &[],
                    |_| Ok(()),
                    |draft| draft.create(function),
                )?;
            }
            Spec::Stage(spec) => {
                let schema = lookup.schema(self.in_schema(), "CREATE STAGE")?.id;
                let session = self.session(context);
                let name = self.name.last();
                let stage = spec.object(&lookup, (schema, session), name, &context.owner())?;
                self.change(
                    context,
                    (schema, session),
                    &[],
                    |_| Ok(()),
                    |draft| draft.create(stage),
                )?;
            }
            Spec::FileFormat(spec) => {
                let schema = lookup.schema(self.in_schema(), "CREATE FILE FORMAT")?.id;
                let session = self.session(context);
                let format = spec.object(schema, session, self.name.last(), &context.owner());
                self.change(
                    context,
                    (schema, session),
                    &[],
                    |_| Ok(()),
                    |draft| draft.create(format),
                )?;
            }
            Spec::Recorded(spec) => self.create_recorded(context, &lookup, spec)?,
            Spec::Table(spec) => self.create_table(context, spec)?,
            Spec::View(spec) => self.create_view(context, spec)?,
        }
        let title = match self.kind.kind {
            ObjectKind::Stage => "Stage area",
            kind => kind.title(),
        };
        status(format!(
            "{title} {} successfully created.",
            self.shown_name()
        ))
    }
}

impl Create<'_> {
    /// Without a function's argument types.
    fn shown_name(&self) -> &str {
        let name = self.name.last();
        match self.kind.kind {
            ObjectKind::Function => name.split('(').next().unwrap_or(name),
            _ => name,
        }
    }

    /// Whether the grants of what is replaced stay.
    fn copies_grants(&self) -> bool {
        match &self.spec {
            Spec::Table(spec) => spec.copy_grants,
            Spec::View(spec) => spec.copy_grants,
            Spec::Function(spec) => spec.copy_grants,
            Spec::Database(_)
            | Spec::Schema(_)
            | Spec::Sequence(_)
            | Spec::Stage(_)
            | Spec::FileFormat(_)
            | Spec::Recorded(_) => false,
        }
    }

    /// The schema that the name says, if it does.
    pub(super) fn in_schema(&self) -> &[String] {
        &self.name.parts[..self.name.parts.len() - 1]
    }

    /// The session that alone sees the new object.
    pub(super) fn session(&self, context: &Context<'_>) -> Option<u64> {
        let temporary = match &self.spec {
            Spec::Table(spec) => spec.table_kind == TableKind::Temporary,
            Spec::View(spec) => spec.temporary,
            Spec::Function(spec) => spec.temporary,
            Spec::Stage(spec) => spec.temporary,
            Spec::FileFormat(spec) => spec.temporary,
            Spec::Database(_) | Spec::Schema(_) | Spec::Sequence(_) | Spec::Recorded(_) => false,
        };
        temporary.then_some(context.session.id.0)
    }

    /// What has the name now. A temporary object leaves the name free for a permanent one, and the reverse.
    fn taken(&self, lookup: &Lookup) -> Result<Option<Arc<Object>>> {
        let found = self.kind.find(lookup, &self.name, "CREATE")?.cloned();
        Ok(found)
    }

    /// Puts the object into the catalog, in the place of one of its name if the statement says OR REPLACE. `place` is its
    /// parent and, of a temporary object, its session; `written` are the physical tables that `work` writes into.
    pub(super) fn change(
        &self,
        context: &mut Context<'_>,
        place: (ObjectId, Option<u64>),
        written: &[&str],
        work: impl FnOnce(&mut crate::engine::Connection) -> Result<()>,
        create: impl FnOnce(&mut crate::catalog::Draft<'_>) -> Result<ObjectId>,
    ) -> Result<()> {
        let (or_replace, kind, name) = (self.or_replace, self.kind, self.name.last());
        let (parent, session) = place;
        let locks = context.instance.locks.owner(context.query_id);
        self.lock_name(context, &locks, place)?;
        if or_replace {
            let snapshot = context.instance.catalog.snapshot();
            let current = snapshot.find_seen_by(parent, kind.kind, name, session);
            if let Some(current) = current {
                context.lock_all(&locks, current.id)?;
            }
        }
        let mut replaced = None;
        context.change_catalog(written, work, |draft| {
            let mut grants = None;
            // Whoever has the name now gives way, even if it came while this statement worked.
            let current = draft
                .snapshot()
                .find_seen_by(parent, kind.kind, name, session)
                .cloned();
            if let Some(current) = current.filter(|_| or_replace) {
                if current.detail.kind() != kind.kind {
                    return Err(Error::exists_as_other_kind(
                        name,
                        current.detail.kind().keyword(),
                    ));
                }
                // Something has been renamed, or created within, since the locks were taken.
                if !drop::lock_at_once(&locks, draft.snapshot(), current.id) {
                    return Err(Error::object_or_operation());
                }
                if self.copies_grants() {
                    let there = grant::grants_on(draft.snapshot(), current.id);
                    grants = Some(there.into_iter().map(|(_, grant)| grant).collect());
                }
                draft.drop(current.id)?;
                replaced = Some(current);
            }
            let id = create(draft)?;
            match grants {
                Some(grants) => grant::copy(draft, grants, id),
                None => grant::apply_future(draft, id),
            }
        })?;
        match replaced {
            Some(replaced) => context.instance.forget_files(&replaced),
            None => Ok(()),
        }
    }

    /// Keeps others from creating or replacing what has this name until the statement is done: of those who replace the
    /// same object at once, each finds what the one before it has made.
    pub(super) fn lock_name(
        &self,
        context: &Context<'_>,
        locks: &Held,
        place: (ObjectId, Option<u64>),
    ) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        (place, self.name.last()).hash(&mut hasher);
        // No object has so high an id. Two names that share one wait for each other without need, that is all.
        let lock = ObjectId(hasher.finish() | 1 << 63);
        context.lock(locks, lock, self.name.last(), Mode::Exclusive)
    }

    /// An object that is nothing but its properties.
    fn create_recorded(
        &self,
        context: &mut Context<'_>,
        lookup: &Lookup,
        spec: &RecordedSpec,
    ) -> Result<()> {
        let action = format!("CREATE {}", self.kind.kind);
        let parent = self.kind.parent(lookup, &self.name, &action)?;
        let tags = references::find_tags(lookup, &spec.tags, &action)?;
        if let Some(there) = lookup.find_in(parent, self.kind.kind, self.name.last()) {
            if self.or_alter {
                let (id, detail) = (there.id, spec.detail());
                return context.change_catalog(
                    &[],
                    |_| Ok(()),
                    |draft| {
                        draft.alter(id, |object| {
                            object.comment.clone_from(&spec.comment);
                            object.detail = detail;
                        })?;
                        references::set_tags(draft, id, None, &tags)
                    },
                );
            }
            if self.or_replace {
                references::check_unused(context, there)?;
            }
        }
        let object = spec.object(parent, self.name.last(), &context.owner());
        self.change(
            context,
            (parent, None),
            &[],
            |_| Ok(()),
            |draft| {
                let id = draft.create(object)?;
                references::set_tags(draft, id, None, &tags)?;
                Ok(id)
            },
        )?;
        if self.kind.kind == ObjectKind::Warehouse {
            let name = self.name.last().to_owned();
            context
                .session
                .change_scope(|scope| scope.warehouse = Some(name));
        }
        Ok(())
    }

    fn create_view(&self, context: &mut Context<'_>, spec: &ViewSpec) -> Result<()> {
        let (lookup, facts) = (context.lookup(), context.facts());
        let schema = lookup.schema(self.in_schema(), "CREATE VIEW")?.clone();
        let session = self.session(context);
        let taken =
            lookup
                .snapshot
                .find_seen_by(schema.id, ObjectKind::View, self.name.last(), session);
        if taken.is_some() && !self.or_replace {
            return Err(Error::object_already_exists(self.name.last()));
        }
        // The query is compiled as it will be in every use: in the context of the view's own schema.
        let inside = lookup.inside(&schema);
        let binder = context.binder(&inside, &facts, self.text, "CREATE VIEW");
        let query = binder.query(&spec.query)?;
        if taken.is_some_and(|taken| binder.uses_view(taken.id)) {
            return Err(Error::view_expansion(
                self.name.last(),
                "the view refers to itself",
            ));
        }
        if spec.columns.is_empty() && bind::has_unnamed_column(&spec.query) {
            return Err(Error::missing_columns());
        }
        if !spec.columns.is_empty() && spec.columns.len() != query.columns.len() {
            return Err(Error::create_column_count());
        }
        let columns = query
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| {
                let declared = spec.columns.get(index);
                ViewColumn {
                    name: declared.map_or_else(|| column.name.clone(), |c| c.name.clone()),
                    logical: column.ty.clone(),
                    nullable: column.nullable,
                    comment: declared.and_then(|declared| declared.comment.clone()),
                }
            })
            .collect::<Vec<_>>();
        unique_names(columns.iter().map(|column| &column.name))?;
        let view = View {
            text: self.text.text().to_owned(),
            query: spec.text.clone(),
            columns,
            secure: spec.secure,
            ignore_case: context.folding() == Folding::IgnoreCase,
            change_tracking: spec.change_tracking,
            materialized: spec.materialized.clone().map(|materialized| Materialized {
                source: query
                    .tables()
                    .into_iter()
                    .next()
                    .and_then(|table| source_of(&lookup, &table)),
                ..materialized
            }),
        };
        let mut attached = references::Attached::default();
        attached.add(&lookup, None, &spec.tags, &spec.policies)?;
        for ((column, spec), number) in view.columns.iter().zip(&spec.columns).zip(0..) {
            let column = Some((number, &column.logical));
            attached.add(&lookup, column, &spec.tags, &spec.policies)?;
        }
        let object = NewObject {
            parent: schema.id,
            session,
            name: self.name.last().to_owned(),
            owner: context.owner(),
            comment: spec.comment.clone(),
            detail: Detail::View(view),
        };
        self.change(
            context,
            (schema.id, session),
            &[],
            |_| Ok(()),
            |draft| {
                let id = draft.create(object)?;
                attached.attach(draft, id)?;
                Ok(id)
            },
        )
    }
}

/// The full name of the table that has a physical table.
fn source_of(lookup: &Lookup, physical_name: &str) -> Option<[String; 3]> {
    let snapshot = &lookup.snapshot;
    let table = snapshot.objects().find(|object| {
        matches!(&object.detail, Detail::Table(table) if table.physical_name == physical_name)
    })?;
    let schema = snapshot.get(table.parent)?;
    let database = snapshot.get(schema.parent)?;
    Some([&database.name, &schema.name, &table.name].map(Clone::clone))
}

/// Refuses two columns of one name.
pub(super) fn unique_names<'n>(names: impl Iterator<Item = &'n String>) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Error::duplicate_column(crate::sql::quote(name)));
        }
    }
    Ok(())
}
