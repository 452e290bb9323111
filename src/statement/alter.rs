//! ALTER, for every kind of object: RENAME TO, SWAP WITH, SET and UNSET of properties. What only tables have is in
//! `alter_table`.
//!
//! All of it happens in the catalog alone, but for the physical form of a table's columns (`rewrite`).

use std::sync::Arc;

use sqlparser::tokenizer::Token;

use super::alter_table::{self, TableAction};
use super::context::status;
use super::{Context, Parsed, Statement, StatementKind, dynamic_table, references};
use crate::catalog::{
    Container, Detail, Dynamic, Lookup, Object, ObjectKind, PropertyValue, Table, View,
};
use crate::error::{Error, Result};
use crate::objects::attachment::{self, Attachment, AttachmentChange};
use crate::objects::{self, Change, Kind, OptionText};
use crate::result::ResultSet;
use crate::session::locks::Mode;
use crate::sql::{Cursor, ObjectName, StatementText};

struct Alter<'a> {
    text: StatementText<'a>,
    kind: &'static Kind,
    if_exists: bool,
    name: ObjectName,
    action: Action,
}

enum Action {
    Rename(ObjectName),
    Swap(ObjectName),
    /// Changes of an object that is nothing but its properties.
    Properties(Vec<Change>),
    /// Changes of tags and policies.
    Attach(Vec<Attachment>),
    /// `SUSPEND` and `RESUME` of a dynamic table.
    SuspendDynamic(bool),
    RefreshDynamic,
    /// What has no effect here: a materialized view is computed when it is read.
    Nothing,
    /// The clustering key of a materialized view.
    ClusterView(Option<String>),
    /// Properties with their values as text.
    Set(Vec<(String, String)>),
    /// Properties that go back to their defaults.
    Unset(Vec<String>),
    /// Comments of a view's columns.
    ColumnComments(Vec<(String, Option<String>)>),
    /// `ENABLE | DISABLE MANAGED ACCESS`
    ManagedAccess(bool),
    Table(TableAction),
    /// Options of a stage or a file format.
    Options(Vec<(String, OptionText)>),
}

/// `ALTER <kind> [IF EXISTS] name action`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let kind = objects::expect_kind(cursor, "ALTER")?;
    parse_of(text, cursor, kind)
}

/// What follows the kind.
pub(super) fn parse_of<'a>(
    text: StatementText<'a>,
    cursor: &mut Cursor<'a>,
    kind: &'static Kind,
) -> Parsed<'a> {
    let if_exists = cursor.take_words("IF EXISTS");
    let name = cursor.object_name()?;
    let action = action(cursor, kind)?;
    cursor.end()?;
    Ok(Box::new(Alter {
        text,
        kind,
        if_exists,
        name,
        action,
    }))
}

fn action(cursor: &mut Cursor<'_>, kind: &Kind) -> Result<Action> {
    let swaps = matches!(
        kind.kind,
        ObjectKind::Table | ObjectKind::DynamicTable | ObjectKind::Schema | ObjectKind::Database
    );
    if cursor.take_words("RENAME TO") {
        return Ok(Action::Rename(cursor.object_name()?));
    }
    if swaps && cursor.take_words("SWAP WITH") {
        return Ok(Action::Swap(cursor.object_name()?));
    }
    if kind.kind.is_relation()
        && let Some(changes) = attachment::parse_changes(cursor)?
    {
        return Ok(Action::Attach(changes));
    }
    if kind.kind == ObjectKind::DynamicTable
        && let Some(action) = dynamic_action(cursor)?
    {
        return Ok(action);
    }
    if kind.kind == ObjectKind::MaterializedView
        && let Some(action) = materialized_action(cursor)?
    {
        return Ok(action);
    }
    if kind.kind == ObjectKind::Table
        && let Some(action) = alter_table::parse_action(cursor)?
    {
        return Ok(Action::Table(action));
    }
    if kind.kind == ObjectKind::View && (cursor.take_word("ALTER") || cursor.take_word("MODIFY")) {
        return column_comments(cursor);
    }
    if kind.kind == ObjectKind::Schema {
        for (words, managed) in [
            ("ENABLE MANAGED ACCESS", true),
            ("DISABLE MANAGED ACCESS", false),
        ] {
            if cursor.take_words(words) {
                return Ok(Action::ManagedAccess(managed));
            }
        }
    }
    let has_options = matches!(kind.kind, ObjectKind::Stage | ObjectKind::FileFormat);
    if has_options && cursor.take_word("SET") {
        let options = objects::parse_options(cursor)?;
        return match options.is_empty() {
            true => Err(cursor.unexpected()),
            false => Ok(Action::Options(options)),
        };
    }
    if has_options && cursor.take_word("UNSET") {
        return Err(Error::unsupported("UNSET"));
    }
    if cursor.take_words("SET TAG") {
        let change = AttachmentChange::SetTags(objects::tag::parse_values(cursor)?);
        return Ok(Action::Attach(vec![Attachment {
            column: None,
            change,
        }]));
    }
    if cursor.take_words("UNSET TAG") {
        let mut names = vec![cursor.object_name()?];
        while cursor.take(&Token::Comma) {
            names.push(cursor.object_name()?);
        }
        return Ok(Action::Attach(vec![Attachment {
            column: None,
            change: AttachmentChange::UnsetTags(names),
        }]));
    }
    if let Some(changes) = (kind.actions)(cursor)? {
        return Ok(Action::Properties(changes));
    }
    if cursor.take_word("SET") {
        if kind.is_recorded() || kind.kind == ObjectKind::DynamicTable {
            let changes = objects::parse_properties(cursor, kind)?;
            return match changes.is_empty() {
                true => Err(cursor.unexpected()),
                false => Ok(Action::Properties(changes)),
            };
        }
        return set(cursor);
    }
    if cursor.take_word("UNSET") {
        if kind.is_recorded() || kind.kind == ObjectKind::DynamicTable {
            return objects::parse_names(cursor, kind).map(Action::Properties);
        }
        let mut names = vec![cursor.word()?];
        while cursor.take(&Token::Comma) {
            names.push(cursor.word()?);
        }
        return Ok(Action::Unset(names));
    }
    // `ALTER SEQUENCE s INCREMENT BY 2`
    if kind.kind == ObjectKind::Sequence {
        return set(cursor);
    }
    match cursor.peek_word() {
        Some(word) => Err(Error::unsupported(format!(
            "ALTER {} … {word}",
            kind.kind.keyword()
        ))),
        None => Err(cursor.unexpected()),
    }
}

/// `SUSPEND`, `RESUME`, `REFRESH`, `CLUSTER BY (…)` of a dynamic table.
fn dynamic_action(cursor: &mut Cursor<'_>) -> Result<Option<Action>> {
    Ok(Some(
        if cursor.take_words("SUSPEND RECLUSTER") || cursor.take_words("RESUME RECLUSTER") {
            Action::Nothing
        } else if cursor.take_word("SUSPEND") {
            Action::SuspendDynamic(true)
        } else if cursor.take_word("RESUME") {
            Action::SuspendDynamic(false)
        } else if cursor.take_word("REFRESH") {
            cursor.take_words("COPY SESSION");
            Action::RefreshDynamic
        } else if cursor.take_words("CLUSTER BY") {
            let key = cursor.parenthesized()?.to_owned();
            Action::Table(TableAction::ClusterBy(Some(key)))
        } else if cursor.take_words("DROP CLUSTERING KEY") {
            Action::Table(TableAction::ClusterBy(None))
        } else {
            return Ok(None);
        },
    ))
}

/// `SUSPEND`, `RESUME`, `REFRESH`, `CLUSTER BY (…)` of a materialized view.
fn materialized_action(cursor: &mut Cursor<'_>) -> Result<Option<Action>> {
    let nothing = cursor.take_words("SUSPEND RECLUSTER")
        || cursor.take_words("RESUME RECLUSTER")
        || cursor.take_word("SUSPEND")
        || cursor.take_word("RESUME")
        || cursor.take_word("REFRESH");
    if nothing {
        return Ok(Some(Action::Nothing));
    }
    if cursor.take_words("CLUSTER BY") {
        return Ok(Some(Action::ClusterView(Some(
            cursor.parenthesized()?.to_owned(),
        ))));
    }
    if cursor.take_words("DROP CLUSTERING KEY") {
        return Ok(Some(Action::ClusterView(None)));
    }
    Ok(None)
}

/// `name = value …`; a sequence's are written more freely.
fn set(cursor: &mut Cursor<'_>) -> Result<Action> {
    let mut changes = Vec::new();
    while cursor.peek().is_some() {
        let name = cursor.word()?;
        let value = match name.as_str() {
            "ORDER" | "NOORDER" | "SECURE" => String::new(),
            _ => {
                cursor.take_word("BY");
                let _ = cursor.take(&Token::Eq) || name != "INCREMENT";
                if cursor
                    .peek()
                    .is_some_and(|token| token.token == Token::LParen)
                {
                    cursor.parenthesized()?.to_owned()
                } else {
                    cursor.option_value()?
                }
            }
        };
        changes.push((name, value));
        cursor.take(&Token::Comma);
    }
    if changes.is_empty() {
        return Err(cursor.unexpected());
    }
    Ok(Action::Set(changes))
}

/// `[COLUMN] name { COMMENT 'text' | UNSET COMMENT } [, …]`
fn column_comments(cursor: &mut Cursor<'_>) -> Result<Action> {
    let mut comments = Vec::new();
    loop {
        cursor.take_word("COLUMN");
        let name = cursor.identifier()?;
        let comment = if cursor.take_words("UNSET COMMENT") {
            None
        } else {
            cursor.expect_word("COMMENT")?;
            Some(cursor.string()?)
        };
        comments.push((name, comment));
        if !cursor.take(&Token::Comma) {
            return Ok(Action::ColumnComments(comments));
        }
    }
}

impl Statement for Alter<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::Ddl
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        const DONE: &str = "Statement executed successfully.";
        if self.kind.kind == ObjectKind::Sequence {
            context.instance.settle_sequences()?;
        }
        let lookup = context.lookup();
        let object = match self.kind.find(&lookup, &self.name, "ALTER") {
            Ok(Some(object)) => object.clone(),
            Ok(None) | Err(_) if self.if_exists => return status(DONE),
            Ok(None) => return Err(self.kind.missing(&lookup, &self.name)),
            Err(error) => return Err(error),
        };
        self.kind.check(&object)?;
        let locks = context.instance.locks.owner(context.query_id);
        if matches!(object.detail, Detail::Table(_)) {
            context.lock(&locks, object.id, &object.name, Mode::Exclusive)?;
        }
        match &self.action {
            Action::Rename(new) => rename(context, self.kind, &lookup, &object, new)?,
            Action::Swap(other) => {
                let other = self.kind.get(&lookup, other, "ALTER")?.clone();
                if matches!(other.detail, Detail::Table(_)) {
                    context.lock(&locks, other.id, &other.name, Mode::Exclusive)?;
                }
                context.change_catalog(&[], |_| Ok(()), |draft| draft.swap(object.id, other.id))?;
            }
            Action::Properties(changes) => change_properties(context, self.kind, &object, changes)?,
            Action::Attach(changes) => references::change(context, &lookup, &object, changes)?,
            Action::SuspendDynamic(suspended) => {
                change_dynamic(context, &object, |dynamic| dynamic.suspended = *suspended)?;
            }
            Action::RefreshDynamic => dynamic_table::refresh(context, object.id)?,
            Action::ClusterView(key) => {
                let mut detail = object.detail.clone();
                if let Detail::View(View {
                    materialized: Some(materialized),
                    ..
                }) = &mut detail
                {
                    materialized.cluster_by.clone_from(key);
                }
                context.change_catalog(
                    &[],
                    |_| Ok(()),
                    |draft| draft.replace_detail(object.id, detail),
                )?;
            }
            Action::Nothing => {}
            Action::Set(changes) => {
                let changes: Vec<_> = changes
                    .iter()
                    .map(|(name, value)| (name.as_str(), Some(value.as_str())))
                    .collect();
                set_properties(context, &object, &changes)?;
            }
            Action::Unset(names) => {
                let changes: Vec<_> = names.iter().map(|name| (name.as_str(), None)).collect();
                set_properties(context, &object, &changes)?;
            }
            Action::ColumnComments(comments) => {
                let mut detail = object.detail.clone();
                if let Detail::View(view) = &mut detail {
                    for (name, comment) in comments {
                        let column = view.columns.iter_mut().find(|c| c.name == *name);
                        let column = column
                            .ok_or_else(|| Error::invalid_identifier(crate::sql::quote(name)))?;
                        column.comment.clone_from(comment);
                    }
                }
                context.change_catalog(
                    &[],
                    |_| Ok(()),
                    |draft| draft.replace_detail(object.id, detail),
                )?;
            }
            Action::ManagedAccess(managed) => {
                let mut detail = object.detail.clone();
                if let Detail::Schema(schema) = &mut detail {
                    schema.managed_access = *managed;
                }
                context.change_catalog(
                    &[],
                    |_| Ok(()),
                    |draft| draft.replace_detail(object.id, detail),
                )?;
            }
            Action::Table(action) => {
                alter_table::execute(context, &lookup, self.text, object.id, action)?;
            }
            Action::Options(options) => change_options(context, &lookup, &object, options)?,
        }
        status(DONE)
    }
}

fn rename(
    context: &mut Context<'_>,
    kind: &Kind,
    lookup: &Lookup,
    object: &Arc<Object>,
    new: &ObjectName,
) -> Result<()> {
    objects::check_not_system(kind.kind, &object.name)?;
    let parent = match (kind.kind.container(), &new.parts[..]) {
        // An unqualified name of a schema's object is in the current schema, wherever the object was.
        (Container::Database, [_]) => object.parent,
        _ => kind.parent(lookup, new, "ALTER")?,
    };
    let name = new.last();
    context.change_catalog(
        &[],
        |_| Ok(()),
        |draft| {
            draft.rename(object.id, parent, name, name)?;
            match kind.kind {
                ObjectKind::Role => super::grant::give_away(draft, object, name),
                _ => Ok(()),
            }
        },
    )?;
    context.session.change_scope(|scope| match kind.kind {
        ObjectKind::Role if scope.role.as_deref() == Some(&object.name) => {
            scope.role = Some(name.to_owned());
        }
        ObjectKind::Warehouse if scope.warehouse.as_deref() == Some(&object.name) => {
            scope.warehouse = Some(name.to_owned());
        }
        ObjectKind::Database if scope.database.as_deref() == Some(&object.name) => {
            scope.database = Some(name.to_owned());
        }
        ObjectKind::Schema if scope.schema.as_deref() == Some(&object.name) => {
            let database = lookup.snapshot.get(object.parent).map(|d| &d.name);
            if scope.database.as_ref() == database && parent == object.parent {
                scope.schema = Some(name.to_owned());
            }
        }
        _ => {}
    });
    Ok(())
}

/// Changes an object that is nothing but its properties, as it is now.
fn change_properties(
    context: &mut Context<'_>,
    kind: &Kind,
    object: &Object,
    changes: &[Change],
) -> Result<()> {
    let given: Vec<_> = changes
        .iter()
        .filter(|change| matches!(change, Change::Set(..)))
        .map(Change::property)
        .collect();
    context.change_catalog(
        &[],
        |_| Ok(()),
        |draft| {
            let newest = draft.snapshot().get(object.id);
            let newest = newest.ok_or_else(Error::object_or_operation)?;
            if let Detail::Table(table) = &newest.detail {
                let changed = changed_dynamic(newest, table, changes)?;
                return draft.alter(object.id, |object| {
                    object.comment = changed.0;
                    object.detail = Detail::Table(changed.1);
                });
            }
            let mut properties = objects::properties(newest)?.clone();
            let mut comment = newest.comment.clone();
            for change in changes {
                match change {
                    Change::Set(name, value) if name == objects::COMMENT => {
                        comment = value.as_text().map(str::to_owned);
                    }
                    Change::Unset(name) if name == objects::COMMENT => comment = None,
                    change => change.apply(&mut properties),
                }
            }
            (kind.check)(&properties, &given)?;
            draft.alter(object.id, |object| {
                object.comment = comment;
                if let Detail::Recorded(recorded) = &mut object.detail {
                    recorded.properties = properties;
                }
            })
        },
    )
}

/// A dynamic table with other properties, and its comment.
fn changed_dynamic(
    object: &Object,
    table: &Table,
    changes: &[Change],
) -> Result<(Option<String>, Table)> {
    objects::check_dynamic_unset(&object.name, changes)?;
    let (mut comment, mut table) = (object.comment.clone(), table.clone());
    for change in changes {
        match (change, change.property()) {
            (Change::Set(_, value), objects::COMMENT) => {
                comment = value.as_text().map(str::to_owned);
            }
            (_, objects::COMMENT) => comment = None,
            (Change::Set(_, PropertyValue::Integer(days)), "DATA_RETENTION_TIME_IN_DAYS") => {
                table.retention_days = u32::try_from(*days).ok();
            }
            (_, "DATA_RETENTION_TIME_IN_DAYS") => table.retention_days = None,
            _ => {
                if let Some(dynamic) = &mut table.dynamic {
                    change.apply(&mut dynamic.properties);
                }
            }
        }
    }
    Ok((comment, table))
}

fn change_dynamic(
    context: &mut Context<'_>,
    object: &Object,
    change: impl FnOnce(&mut Dynamic),
) -> Result<()> {
    let mut detail = object.detail.clone();
    if let Detail::Table(Table {
        dynamic: Some(dynamic),
        ..
    }) = &mut detail
    {
        change(dynamic);
    }
    context.change_catalog(
        &[],
        |_| Ok(()),
        |draft| draft.replace_detail(object.id, detail),
    )
}

/// Sets properties (`None`: back to the default) of any kind of object.
fn set_properties(
    context: &mut Context<'_>,
    object: &Object,
    changes: &[(&str, Option<&str>)],
) -> Result<()> {
    let mut detail = object.detail.clone();
    let mut comment = object.comment.clone();
    for (name, value) in changes {
        if *name == "COMMENT" {
            comment = value.map(str::to_owned);
        } else {
            set_property(&mut detail, name, *value)?;
        }
    }
    context.change_catalog(
        &[],
        |_| Ok(()),
        |draft| {
            draft.alter(object.id, |object| {
                object.detail = detail;
                object.comment = comment;
            })
        },
    )
}

/// Changes the options of a stage or a file format.
fn change_options(
    context: &mut Context<'_>,
    lookup: &Lookup,
    object: &Object,
    options: &[(String, OptionText)],
) -> Result<()> {
    let mut changed = object.clone();
    match &mut changed.detail {
        Detail::Stage(stage) => {
            objects::change_stage(lookup, &object.name, stage, &mut changed.comment, options)?;
        }
        Detail::FileFormat(format) => {
            objects::change_format(format, &mut changed.comment, options)?;
        }
        _ => return Err(Error::internal("options of another kind")),
    }
    context.change_catalog(
        &[],
        |_| Ok(()),
        |draft| {
            draft.alter(object.id, |object| {
                object.detail = changed.detail;
                object.comment = changed.comment;
            })
        },
    )
}

fn set_property(detail: &mut Detail, name: &str, value: Option<&str>) -> Result<()> {
    let kind = detail.kind().keyword();
    let invalid = || match value {
        Some(value) => Error::invalid_parameter_value(value, name),
        None => Error::invalid_property(name, kind),
    };
    let truth = |value: Option<&str>| match value {
        None => Ok(false),
        Some(value) if value.eq_ignore_ascii_case("TRUE") => Ok(true),
        Some(value) if value.eq_ignore_ascii_case("FALSE") => Ok(false),
        Some(_) => Err(invalid()),
    };
    match (detail, name) {
        (Detail::Table(table), "DATA_RETENTION_TIME_IN_DAYS") => {
            table.retention_days = value
                .map(|value| match value.parse() {
                    Ok(days @ 0..=90) => Ok(days),
                    _ => Err(invalid()),
                })
                .transpose()?;
        }
        (Detail::Table(table), "CHANGE_TRACKING") => table.change_tracking = truth(value)?,
        (Detail::View(view), "CHANGE_TRACKING") => view.change_tracking = truth(value)?,
        (Detail::View(view), "SECURE") => view.secure = value.is_some(),
        (Detail::Sequence(sequence), "INCREMENT") => {
            let step = value.and_then(|value| value.parse::<i64>().ok());
            sequence.increment = step.filter(|step| *step != 0).ok_or_else(invalid)?;
        }
        (Detail::Sequence(sequence), "ORDER") => sequence.ordered = true,
        (Detail::Sequence(sequence), "NOORDER") => sequence.ordered = false,
        (Detail::Table(table), name) if objects::TABLE_OPTIONS.contains(&name) => {
            table.options.retain(|(known, _)| known != name);
            if let Some(value) = value {
                table.options.push((name.to_owned(), value.to_owned()));
            }
        }
        (Detail::Database(_) | Detail::Schema(_), name)
            if objects::CONTAINER_OPTIONS.contains(&name) => {}
        _ => return Err(Error::invalid_property(name, kind)),
    }
    Ok(())
}
