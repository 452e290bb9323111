//! BEGIN, COMMIT, ROLLBACK, and what makes a transaction of the engine behave like one of Snowflake.
//!
//! * READ COMMITTED: before each statement, [`refresh`] gives the transaction a newer snapshot if a table that the statement
//!   touches has moved past the present one. Writes done so far are done again on it.
//! * A failed statement is undone alone: [`recover`] begins anew and does the journal again.
//!
//! Doing the journal again is faithful only if nothing that it read has changed meanwhile, and if every write changes as many
//! rows as before. Where it is not, a read sees the old snapshot, a write is refused, and a transaction that the engine has
//! ended is lost, which the client is told; nothing is lost silently.

use std::time::SystemTime;

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind, write};
use crate::error::{Error, Result};
use crate::result::ResultSet;
use crate::session::QueryId;
use crate::session::transaction::{Transaction, new_id};
use crate::sql::{Cursor, StatementText};

enum Command {
    Begin { name: Option<String> },
    Commit,
    Rollback,
}

/// `BEGIN [WORK | TRANSACTION] [NAME name]`, `START TRANSACTION [NAME name]`
pub(super) fn parse_begin<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let _ = cursor.take_word("WORK") || cursor.take_word("TRANSACTION");
    let name = if cursor.take_word("NAME") {
        Some(cursor.identifier()?)
    } else {
        None
    };
    if cursor.peek().is_some() && name.is_none() {
        return Err(Error::unsupported("Snowflake Scripting block"));
    }
    cursor.end()?;
    Ok(Box::new(Command::Begin { name }))
}

/// `COMMIT [WORK]`
pub(super) fn parse_commit<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    cursor.take_word("WORK");
    cursor.end()?;
    Ok(Box::new(Command::Commit))
}

/// `ROLLBACK [WORK]`
pub(super) fn parse_rollback<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    cursor.take_word("WORK");
    cursor.end()?;
    Ok(Box::new(Command::Rollback))
}

impl Statement for Command {
    fn kind(&self) -> StatementKind {
        match self {
            Command::Begin { .. } | Command::Rollback => StatementKind::Transaction,
            Command::Commit => StatementKind::Commit,
        }
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        match self {
            // BEGIN inside a transaction does nothing.
            Command::Begin { name } => begin(context, name.clone())?,
            Command::Commit => commit(context)?,
            Command::Rollback => rollback(context)?,
        }
        status("Statement executed successfully.")
    }
}

/// Opens a transaction, unless one is open.
pub(super) fn begin(context: &mut Context<'_>, name: Option<String>) -> Result<()> {
    if context.transaction.is_some() {
        return Ok(());
    }
    let snapshot = context.instance.commits.now();
    context.connection.begin()?;
    *context.transaction = Some(Transaction {
        id: new_id(),
        name,
        started: SystemTime::now(),
        // Not the statement's id: its own locks end with it.
        locks: context.instance.locks.owner(QueryId::generate()),
        snapshot,
        journal: Vec::new(),
    });
    Ok(())
}

/// Commits the open transaction, if there is one. If the engine refuses, everything is undone.
pub(super) fn commit(context: &mut Context<'_>) -> Result<()> {
    // The locks are released when it goes out of scope.
    let Some(transaction) = context.transaction.take() else {
        return Ok(());
    };
    if let Err(error) = context.connection.commit() {
        context.connection.rollback()?;
        return Err(error);
    }
    context.instance.commits.record(transaction.written());
    Ok(())
}

/// Undoes the open transaction, if there is one.
pub(super) fn rollback(context: &mut Context<'_>) -> Result<()> {
    match context.transaction.take() {
        Some(_) => context.connection.rollback(),
        None => Ok(()),
    }
}

/// What a statement wants with the tables that it touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Before a statement of a transaction: lets it see what others have committed to these physical tables.
pub(super) fn refresh<'t>(
    context: &mut Context<'_>,
    tables: impl IntoIterator<Item = &'t str>,
    access: Access,
) -> Result<()> {
    let commits = &context.instance.commits;
    let Some(transaction) = context.transaction.as_ref() else {
        return Ok(());
    };
    if !commits.moved(tables, transaction.snapshot) {
        return Ok(());
    }
    if commits.moved(transaction.read(), transaction.snapshot) {
        return match access {
            Access::Read => Ok(()),
            Access::Write => Err(Error::unsupported(
                "write to a table that others have changed, after this transaction wrote what it read from tables that they have changed too",
            )),
        };
    }
    anew(context)
}

/// After a statement of a transaction has failed: undoes what it did, and keeps the rest.
pub(super) fn recover(context: &mut Context<'_>, error: Error) -> Error {
    // Refused before it reached the engine.
    if context.connection.failure().is_none() {
        return error;
    }
    repair(context, error)
}

/// Brings a transaction that the engine has ended, or that must step back, to what its journal says.
fn repair(context: &mut Context<'_>, error: Error) -> Error {
    let Some(transaction) = context.transaction.as_ref() else {
        return error;
    };
    // A cancel has hit the statement; it must not hit the repair too.
    let _shield = context.cancellation.shield();
    let faithful = !context
        .instance
        .commits
        .moved(transaction.read(), transaction.snapshot);
    let repaired = if faithful {
        anew(context)
    } else {
        *context.transaction = None;
        let _ = context.connection.rollback();
        Err(Error::transaction_lost())
    };
    match repaired {
        Ok(()) => error,
        Err(lost) => {
            tracing::warn!(%error, "the statement's transaction is lost");
            lost
        }
    }
}

/// After a statement that writes several times has failed: undoes what it did since the journal had this length.
pub(super) fn back_to(context: &mut Context<'_>, length: usize, error: Error) -> Error {
    let Some(transaction) = context.transaction.as_mut() else {
        return error;
    };
    let is_untouched =
        transaction.journal.len() == length && context.connection.failure().is_none();
    transaction.journal.truncate(length);
    if is_untouched {
        error
    } else {
        repair(context, error)
    }
}

/// A new snapshot, with the journal done on it again. On failure the transaction is gone.
pub(super) fn anew(context: &mut Context<'_>) -> Result<()> {
    let Some(mut transaction) = context.transaction.take() else {
        return Ok(());
    };
    if context.connection.in_transaction() {
        context.connection.rollback()?;
    }
    transaction.snapshot = context.instance.commits.now();
    context.connection.begin()?;
    for entry in &transaction.journal {
        match write::again(context.connection, entry) {
            Ok(count) if count == entry.count => {}
            outcome => {
                tracing::warn!(
                    ?outcome,
                    expected = entry.count,
                    "a write could not be done again"
                );
                context.connection.rollback()?;
                return Err(Error::transaction_lost());
            }
        }
    }
    *context.transaction = Some(transaction);
    Ok(())
}
