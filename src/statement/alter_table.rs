//! ALTER TABLE: columns, constraints, clustering keys.
//!
//! Source: Snowflake, "ALTER TABLE", "ALTER TABLE … ALTER COLUMN"; wording as recorded from a live account.

use sqlparser::tokenizer::Token;

use super::create_table::{constraint_of, create_sequences, new_column, stored_default};
use super::references::Attached;
use super::{Context, rewrite};
use crate::bind;
use crate::catalog::{Column, ConstraintKind, Detail, Lookup, ObjectId, Table};
use crate::error::{Error, ErrorCode, Position, Result};
use crate::objects::{self, ColumnSpec, ConstraintSpec};
use crate::sql::{Cursor, StatementText, ast};
use crate::tree::{Expr, Literal};
use crate::types::LogicalType;

pub(super) enum TableAction {
    AddColumns {
        if_not_exists: bool,
        columns: Vec<ColumnSpec>,
    },
    DropColumns {
        if_exists: bool,
        names: Vec<String>,
    },
    RenameColumn {
        from: String,
        to: String,
    },
    AlterColumns(Vec<ColumnAction>),
    AddConstraint(ConstraintSpec),
    DropConstraint(DroppedConstraint),
    RenameConstraint {
        from: String,
        to: String,
    },
    ClusterBy(Option<String>),
    /// Reclustering and search optimization: nothing to do here (`accepted`).
    Nothing,
}

pub(super) enum DroppedConstraint {
    Named(String),
    PrimaryKey,
    Over(ConstraintKind, Vec<String>),
}

pub(super) struct ColumnAction {
    name: String,
    place: Option<Position>,
    change: ColumnChange,
}

enum ColumnChange {
    NotNull(bool),
    Type(LogicalType),
    SetDefault(String),
    DropDefault,
    Comment(Option<String>),
}

/// What only tables have; `None` leaves the rest to the generic ALTER.
pub(super) fn parse_action(cursor: &mut Cursor<'_>) -> Result<Option<TableAction>> {
    let action = if cursor.take_word("ADD") {
        add(cursor)?
    } else if cursor.take_word("DROP") {
        drop_parts(cursor)?
    } else if cursor.take_words("RENAME COLUMN") {
        let (from, to) = renamed(cursor)?;
        TableAction::RenameColumn { from, to }
    } else if cursor.take_words("RENAME CONSTRAINT") {
        let (from, to) = renamed(cursor)?;
        TableAction::RenameConstraint { from, to }
    } else if cursor.take_words("CLUSTER BY") {
        TableAction::ClusterBy(Some(cursor.parenthesized()?.to_owned()))
    } else if cursor.take_words("SUSPEND RECLUSTER") || cursor.take_words("RESUME RECLUSTER") {
        TableAction::Nothing
    } else if cursor.take_word("ALTER") || cursor.take_word("MODIFY") {
        alter_columns(cursor)?
    } else {
        return Ok(None);
    };
    Ok(Some(action))
}

fn renamed(cursor: &mut Cursor<'_>) -> Result<(String, String)> {
    let from = cursor.identifier()?;
    cursor.expect_word("TO")?;
    Ok((from, cursor.identifier()?))
}

fn add(cursor: &mut Cursor<'_>) -> Result<TableAction> {
    if cursor.take_words("SEARCH OPTIMIZATION") {
        while cursor.peek().is_some() {
            skip(cursor)?;
        }
        return Ok(TableAction::Nothing);
    }
    let column = cursor.take_word("COLUMN");
    if !column
        && matches!(
            cursor.peek_word().as_deref(),
            Some("CONSTRAINT" | "PRIMARY" | "UNIQUE" | "FOREIGN")
        )
    {
        return Ok(TableAction::AddConstraint(objects::parse_constraint(
            cursor,
        )?));
    }
    let if_not_exists = cursor.take_words("IF NOT EXISTS");
    let mut columns = Vec::new();
    loop {
        let column = objects::parse_column(cursor)?;
        if column.logical.is_none() {
            return Err(cursor.unexpected());
        }
        columns.push(column);
        if !cursor.take(&Token::Comma) {
            break;
        }
        cursor.take_word("COLUMN");
        cursor.take_words("IF NOT EXISTS");
    }
    Ok(TableAction::AddColumns {
        if_not_exists,
        columns,
    })
}

/// Takes one token, or a group in parentheses.
fn skip(cursor: &mut Cursor<'_>) -> Result<()> {
    if cursor
        .peek()
        .is_some_and(|token| token.token == Token::LParen)
    {
        cursor.parenthesized().map(|_| ())
    } else if cursor.take(&Token::Comma) {
        Ok(())
    } else {
        cursor.identifier().map(|_| ())
    }
}

fn drop_parts(cursor: &mut Cursor<'_>) -> Result<TableAction> {
    if cursor.take_words("CLUSTERING KEY") {
        return Ok(TableAction::ClusterBy(None));
    }
    if cursor.take_words("SEARCH OPTIMIZATION") {
        while cursor.peek().is_some() {
            skip(cursor)?;
        }
        return Ok(TableAction::Nothing);
    }
    let dropped = if cursor.take_words("PRIMARY KEY") {
        Some(DroppedConstraint::PrimaryKey)
    } else if cursor.take_words("FOREIGN KEY") {
        let columns = cursor.identifier_list()?;
        Some(DroppedConstraint::Over(ConstraintKind::ForeignKey, columns))
    } else if cursor.take_word("UNIQUE") {
        let columns = cursor.identifier_list()?;
        Some(DroppedConstraint::Over(ConstraintKind::Unique, columns))
    } else if cursor.take_word("CONSTRAINT") {
        Some(DroppedConstraint::Named(cursor.identifier()?))
    } else {
        None
    };
    if let Some(dropped) = dropped {
        let _ = cursor.take_word("CASCADE") || cursor.take_word("RESTRICT");
        return Ok(TableAction::DropConstraint(dropped));
    }
    cursor.take_word("COLUMN");
    let if_exists = cursor.take_words("IF EXISTS");
    let mut names = vec![cursor.identifier()?];
    while cursor.take(&Token::Comma) {
        cursor.take_word("COLUMN");
        names.push(cursor.identifier()?);
    }
    let _ = cursor.take_word("CASCADE") || cursor.take_word("RESTRICT");
    Ok(TableAction::DropColumns { if_exists, names })
}

/// `[COLUMN] name change [, …]`, also in parentheses.
fn alter_columns(cursor: &mut Cursor<'_>) -> Result<TableAction> {
    let parenthesized = cursor.take(&Token::LParen);
    let mut actions = Vec::new();
    loop {
        cursor.take_word("COLUMN");
        let place = cursor.place();
        let name = cursor.identifier()?;
        actions.push(ColumnAction {
            name,
            place,
            change: column_change(cursor)?,
        });
        if !cursor.take(&Token::Comma) {
            break;
        }
    }
    if parenthesized {
        cursor.expect(&Token::RParen)?;
    }
    Ok(TableAction::AlterColumns(actions))
}

fn column_change(cursor: &mut Cursor<'_>) -> Result<ColumnChange> {
    Ok(
        if cursor.take_words("SET NOT NULL") || cursor.take_words("NOT NULL") {
            ColumnChange::NotNull(true)
        } else if cursor.take_words("DROP NOT NULL") {
            ColumnChange::NotNull(false)
        } else if cursor.take_words("DROP DEFAULT") {
            ColumnChange::DropDefault
        } else if cursor.take_words("SET DEFAULT") {
            ColumnChange::SetDefault(cursor.expression_text()?)
        } else if cursor.take_words("UNSET COMMENT") {
            ColumnChange::Comment(None)
        } else if cursor.take_word("COMMENT") {
            ColumnChange::Comment(Some(cursor.string()?))
        } else {
            let _ = cursor.take_words("SET DATA TYPE") || cursor.take_word("TYPE");
            ColumnChange::Type(bind::data_type(&cursor.data_type()?)?)
        },
    )
}

/// Changes a table. Its exclusive lock is held.
pub(super) fn execute(
    context: &mut Context<'_>,
    lookup: &Lookup,
    text: StatementText<'_>,
    id: ObjectId,
    action: &TableAction,
) -> Result<()> {
    let (object, mut table) = rewrite::table(context, id)?;
    match action {
        TableAction::AddColumns {
            if_not_exists,
            columns,
        } => return add_columns(context, text, id, columns, *if_not_exists),
        TableAction::DropColumns { if_exists, names } => {
            return drop_columns(context, id, names, *if_exists);
        }
        TableAction::AlterColumns(actions) => {
            return change_columns(context, lookup, text, id, actions);
        }
        TableAction::RenameColumn { from, to } => {
            if from != to && table.column(to).is_some() {
                return Err(Error::object_already_exists(format!(
                    "{}.{to}",
                    object.name
                )));
            }
            let column = table.columns.iter_mut().find(|column| column.name == *from);
            let column = column.ok_or_else(|| Error::object_does_not_exist("Object", from))?;
            column.name.clone_from(to);
        }
        TableAction::AddConstraint(spec) => {
            let primary = spec.kind == ConstraintKind::PrimaryKey;
            let has_primary = table
                .constraints
                .iter()
                .any(|known| known.kind == ConstraintKind::PrimaryKey);
            if primary && has_primary {
                return Err(Error::primary_key_exists(&object.name));
            }
            let constraint = constraint_of(context, lookup, &table.columns, spec)?;
            table.constraints.push(constraint);
        }
        TableAction::DropConstraint(dropped) => drop_constraint(&mut table, dropped)?,
        TableAction::RenameConstraint { from, to } => {
            let constraint = table.constraints.iter_mut().find(|c| c.name == *from);
            let constraint =
                constraint.ok_or_else(|| Error::object_does_not_exist("Constraint", from))?;
            constraint.name.clone_from(to);
        }
        TableAction::ClusterBy(key) => table.cluster_by.clone_from(key),
        TableAction::Nothing => return Ok(()),
    }
    store(context, id, table)
}

/// A change that only the catalog sees.
fn store(context: &mut Context<'_>, id: ObjectId, table: Table) -> Result<()> {
    context.change_catalog(
        &[],
        |_| Ok(()),
        |draft| draft.replace_detail(id, Detail::Table(table)),
    )
}

fn add_columns(
    context: &mut Context<'_>,
    text: StatementText<'_>,
    id: ObjectId,
    specs: &[ColumnSpec],
    if_not_exists: bool,
) -> Result<()> {
    let (object, mut table) = rewrite::table(context, id)?;
    let (mut sequences, mut values) = (Vec::new(), Vec::new());
    let mut attached = Attached::default();
    let (lookup, facts) = (context.lookup(), context.facts());
    let binder = context.binder(&lookup, &facts, text, "ALTER TABLE");
    for spec in specs {
        if table.column(&spec.name).is_some() {
            if if_not_exists {
                continue;
            }
            return Err(Error::column_already_exists(&spec.name));
        }
        let logical = spec.logical.clone().ok_or_else(Error::missing_columns)?;
        if spec.identity.is_some() {
            return Err(Error::unsupported("ADD COLUMN … IDENTITY"));
        }
        let value = match &spec.default {
            None => Expr::literal(Literal::Null, logical.clone()),
            Some(default) => added_default(&binder, &spec.name, &logical, default)?,
        };
        let column = new_column(context, spec, &mut sequences)?;
        values.push((column.number, value));
        for constraint in &spec.constraints {
            let columns = [&table.columns[..], std::slice::from_ref(&column)].concat();
            let constraint = constraint_of(context, &lookup, &columns, constraint)?;
            table.constraints.push(constraint);
        }
        let named = Some((column.number, &column.logical));
        attached.add(&lookup, named, &spec.tags, &spec.policies)?;
        table.columns.push(column);
    }
    if values.is_empty() {
        return Ok(());
    }
    let not_null = table
        .columns
        .iter()
        .find(|column| !column.nullable && values.iter().any(|(n, _)| *n == column.number))
        .map(|column| column.name.clone());
    let done = rewrite::rewrite(context, id, table, &values, |draft| {
        create_sequences(draft, id, object.session, &object.owner, &sequences)?;
        attached.attach(draft, id)
    });
    match (done, not_null) {
        (Err(error), Some(column)) if error.code() == ErrorCode::NullInNonNullableColumn => {
            Err(Error::not_null_column_added(column, &object.name))
        }
        (done, _) => done,
    }
}

/// ADD COLUMN takes literals of the column's own family and nothing else.
fn added_default(
    binder: &bind::Binder<'_>,
    column: &str,
    logical: &LogicalType,
    default: &str,
) -> Result<Expr> {
    let parsed = bind::parse_default(default)?;
    let is_literal = match &parsed {
        ast::Expr::Value(_) => true,
        ast::Expr::UnaryOp { op, expr } => {
            matches!(op, ast::UnaryOperator::Minus | ast::UnaryOperator::Plus)
                && matches!(**expr, ast::Expr::Value(_))
        }
        _ => false,
    };
    if !is_literal {
        let shown = match &parsed {
            ast::Expr::Cast {
                expr, data_type, ..
            } => format!("CAST({expr} AS {data_type})"),
            other => other.to_string(),
        };
        return Err(Error::invalid_column_default(shown));
    }
    let value = binder.default_value(default)?;
    if value.is_null_literal() {
        return Ok(value.cast(logical.clone()));
    }
    let fits = match (&value.ty, logical) {
        (LogicalType::Number { .. }, LogicalType::Number { .. } | LogicalType::Float)
        | (LogicalType::Float, LogicalType::Number { .. } | LogicalType::Float)
        | (LogicalType::Varchar { .. }, LogicalType::Varchar { .. })
        | (LogicalType::Boolean, LogicalType::Boolean) => true,
        (_, LogicalType::Binary { .. }) => return Err(Error::binary_default()),
        _ => false,
    };
    if fits {
        Ok(value.cast(logical.clone()))
    } else {
        Err(Error::expression_type_mismatch(logical, &value.ty, column))
    }
}

fn drop_columns(
    context: &mut Context<'_>,
    id: ObjectId,
    names: &[String],
    if_exists: bool,
) -> Result<()> {
    let (object, mut table) = rewrite::table(context, id)?;
    let mut in_the_way = false;
    for name in names {
        let index = table.columns.iter().position(|column| column.name == *name);
        let Some(index) = index else {
            if if_exists {
                continue;
            }
            return Err(Error::column_does_not_exist(name));
        };
        if table.columns.len() == 1 {
            return Err(Error::last_column(&object.name));
        }
        let column = table.columns.remove(index);
        table
            .constraints
            .retain(|constraint| !constraint.columns.contains(&column.number));
        // The physical column stays, and takes NULLs from now on, unless it refuses them.
        in_the_way |= !column.nullable;
    }
    if in_the_way {
        rewrite::rewrite(context, id, table, &[], |_| Ok(()))
    } else {
        store(context, id, table)
    }
}

fn change_columns(
    context: &mut Context<'_>,
    lookup: &Lookup,
    text: StatementText<'_>,
    id: ObjectId,
    actions: &[ColumnAction],
) -> Result<()> {
    let (_, mut table) = rewrite::table(context, id)?;
    let facts = context.facts();
    let binder = context.binder(lookup, &facts, text, "ALTER TABLE");
    let mut physical = false;
    let mut not_null = None;
    for action in actions {
        let column = table
            .columns
            .iter_mut()
            .find(|column| column.name == action.name);
        let column = column.ok_or_else(|| {
            let error = Error::invalid_identifier(crate::sql::quote(&action.name));
            match action.place {
                Some(place) => error.at(place),
                None => error,
            }
        })?;
        match &action.change {
            ColumnChange::NotNull(wanted) => {
                physical |= column.nullable == *wanted;
                column.nullable = !wanted;
                if *wanted {
                    not_null = Some(column.name.clone());
                }
            }
            ColumnChange::Type(logical) => physical |= change_type(column, logical)?,
            ColumnChange::SetDefault(default) => {
                let is_sequence = |text: &str| text.to_ascii_uppercase().ends_with(".NEXTVAL");
                if !is_sequence(default) || !column.default.as_deref().is_some_and(is_sequence) {
                    return Err(Error::unsupported("Alter Column Set Default"));
                }
                binder.default_value(default)?;
                column.default = Some(stored_default(context, default));
            }
            ColumnChange::DropDefault => column.default = None,
            ColumnChange::Comment(comment) => column.comment.clone_from(comment),
        }
    }
    if !physical {
        return store(context, id, table);
    }
    let done = rewrite::rewrite(context, id, table, &[], |_| Ok(()));
    match (done, not_null) {
        (Err(error), Some(column)) if error.code() == ErrorCode::NullInNonNullableColumn => {
            Err(Error::column_has_nulls(column))
        }
        (done, _) => done,
    }
}

/// Gives a column another type, if Snowflake allows it. Returns whether its values must be written anew.
fn change_type(column: &mut Column, new: &LogicalType) -> Result<bool> {
    let old = column.logical.clone();
    if old == *new {
        return Ok(false);
    }
    let refused = || Error::cannot_change_type(&column.name, &old, new);
    let rewritten = match (&old, new) {
        (LogicalType::Varchar { length: from }, LogicalType::Varchar { length: to })
        | (LogicalType::Binary { length: from }, LogicalType::Binary { length: to }) => {
            if to < from {
                return Err(Error::cannot_shorten(&column.name, &old, new));
            }
            false
        }
        (
            LogicalType::Number {
                precision: from,
                scale: old_scale,
            },
            LogicalType::Number {
                precision: to,
                scale: new_scale,
            },
        ) if old_scale == new_scale => to < from || *new_scale > 0,
        _ => return Err(refused()),
    };
    let physical = new.narrow_storage();
    column.logical = new.clone();
    if rewritten && !matches!(new, LogicalType::Number { scale: 0, .. }) {
        column.physical = physical;
    }
    Ok(rewritten)
}

fn drop_constraint(table: &mut Table, dropped: &DroppedConstraint) -> Result<()> {
    let wanted: Vec<u64> = match dropped {
        DroppedConstraint::Over(_, names) => names
            .iter()
            .map(|name| {
                let column = table.column(name).map(|column| column.number);
                column.ok_or_else(|| Error::invalid_identifier(crate::sql::quote(name)))
            })
            .collect::<Result<_>>()?,
        DroppedConstraint::Named(_) | DroppedConstraint::PrimaryKey => vec![],
    };
    let before = table.constraints.len();
    table.constraints.retain(|constraint| match dropped {
        DroppedConstraint::Named(name) => constraint.name != *name,
        DroppedConstraint::PrimaryKey => constraint.kind != ConstraintKind::PrimaryKey,
        DroppedConstraint::Over(kind, _) => {
            constraint.kind != *kind || constraint.columns != wanted
        }
    });
    if table.constraints.len() == before {
        let name = match dropped {
            DroppedConstraint::Named(name) => name.clone(),
            DroppedConstraint::PrimaryKey => "PRIMARY KEY".to_owned(),
            DroppedConstraint::Over(_, names) => names.join(", "),
        };
        return Err(Error::object_does_not_exist("Constraint", name));
    }
    Ok(())
}
