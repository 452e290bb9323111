//! BEGIN, COMMIT, ROLLBACK, and what makes a transaction of the engine behave like one of Snowflake.
//!
//! * READ COMMITTED: before each statement, [`refresh_for_read`] or [`refresh_for_write`] gives the transaction a newer
//!   snapshot if a table that the statement reads has moved past the present one. Writes done so far are done again on it.
//! * A failed statement is undone alone: [`recover`] begins anew and does the journal again.
//!
//! Doing the journal again is faithful only if nothing that it read has changed meanwhile, if every write changes as many
//! rows as before, and if no query has shown values that would come out otherwise (RANDOM, UUID_STRING, NEXTVAL). Where it
//! is not, a query of other tables than those written runs apart, one of the written ones sees the old snapshot, a write is
//! refused, and a transaction that the engine has ended is lost, which the client is told; nothing is lost silently.

use std::collections::BTreeSet;
use std::time::SystemTime;

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind, block, write};
use crate::engine::Connection;
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

/// `BEGIN [WORK | TRANSACTION] [NAME name]`, `START TRANSACTION [NAME name]`; also `BEGIN statement; … END`.
pub(super) fn parse_begin<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    if text.is_block() {
        return block::parse(text, cursor);
    }
    let _ = cursor.take_word("WORK") || cursor.take_word("TRANSACTION");
    let name = if cursor.take_word("NAME") {
        Some(cursor.identifier()?)
    } else {
        None
    };
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
    let snapshot = context
        .instance
        .commits
        .snapshot(|| context.connection.begin())?;
    *context.transaction = Some(Transaction {
        id: new_id(),
        name,
        started: SystemTime::now(),
        // Not the statement's id: its own locks end with it.
        locks: context.instance.locks.owner(QueryId::generate()),
        snapshot,
        journal: Vec::new(),
        cannot_repeat: false,
    });
    Ok(())
}

/// Commits the open transaction, if there is one. If the engine refuses, everything is undone.
pub(super) fn commit(context: &mut Context<'_>) -> Result<()> {
    // The locks are released when it goes out of scope.
    let Some(transaction) = context.transaction.take() else {
        return Ok(());
    };
    context.session.transaction_ended(transaction.id);
    let _shield = context.cancellation.shield();
    let connection = &mut *context.connection;
    let commits = &context.instance.commits;
    let committed = commits.publish(transaction.written(), &[], || connection.commit());
    committed.map_err(|error| {
        tracing::error!(%error, "the engine refused to commit");
        step_back(connection);
        Error::transaction_lost()
    })
}

/// Undoes the open transaction, if there is one.
pub(super) fn rollback(context: &mut Context<'_>) -> Result<()> {
    if let Some(transaction) = context.transaction.take() {
        context.session.transaction_ended(transaction.id);
        let _shield = context.cancellation.shield();
        step_back(context.connection);
    }
    Ok(())
}

/// Ends the engine's transaction, if one is open, without its changes.
pub(super) fn step_back(connection: &mut Connection) {
    if connection.in_transaction()
        && let Err(error) = connection.rollback()
    {
        // The engine itself has ended it, or it is beyond help.
        tracing::error!(%error, "the engine could not roll back");
    }
}

/// On which snapshot a statement of a transaction reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// On the transaction's, which shows what is committed and the transaction's own writes.
    Own,
    /// On one of another connection: the transaction's cannot be renewed, and its own writes do not matter here.
    Apart,
}

/// Before a query: lets it see what others have committed to these physical tables.
pub(super) fn refresh_for_read(
    context: &mut Context<'_>,
    tables: &BTreeSet<String>,
) -> Result<View> {
    let view = view_of(context, tables)?;
    if view == View::Own
        && let Some(transaction) = context.transaction.as_mut()
    {
        transaction.show(tables);
    }
    Ok(view)
}

fn view_of(context: &mut Context<'_>, tables: &BTreeSet<String>) -> Result<View> {
    let commits = &context.instance.commits;
    let tables = || tables.iter().map(String::as_str);
    let is_stale = |transaction: &Transaction| commits.moved(tables(), transaction.snapshot);
    if !context.transaction.as_ref().is_some_and(is_stale) {
        return Ok(View::Own);
    }
    if anew(context)? == Renewal::Done {
        return Ok(View::Own);
    }
    let Some(transaction) = context.transaction.as_ref() else {
        return Ok(View::Own);
    };
    let written = transaction.written();
    if !tables().any(|table| written.contains(table)) {
        return Ok(View::Apart);
    }
    if commits.unseen(tables(), transaction.snapshot) {
        return Err(unfaithful(
            "a query over what this transaction wrote and over a new table",
        ));
    }
    Ok(View::Own)
}

/// Before a write: lets it see what others have committed to what it reads, and the targets if they are new.
pub(super) fn refresh_for_write(
    context: &mut Context<'_>,
    reads: &BTreeSet<String>,
    targets: &BTreeSet<&str>,
) -> Result<()> {
    let commits = &context.instance.commits;
    let is_stale = |transaction: &Transaction| {
        commits.moved(reads.iter().map(String::as_str), transaction.snapshot)
            || commits.unseen(targets.iter().copied(), transaction.snapshot)
    };
    if !context.transaction.as_ref().is_some_and(is_stale) {
        return Ok(());
    }
    match anew(context)? {
        Renewal::Done => Ok(()),
        Renewal::Unfaithful => Err(unfaithful("a write")),
    }
}

fn unfaithful(what: &str) -> Error {
    Error::unsupported(format!(
        "{what} that depends on what others have committed, after this transaction has written what it read from tables that have changed too"
    ))
}

/// After a statement of a transaction has failed: undoes what it did, and keeps the rest.
pub(super) fn recover(context: &mut Context<'_>, error: Error) -> Error {
    // Refused before it reached the engine.
    if context.connection.transaction_is_sound() {
        return error;
    }
    repair(context, error)
}

/// Brings a transaction that the engine has ended, or that must step back, to what its journal says.
fn repair(context: &mut Context<'_>, error: Error) -> Error {
    let repaired = match anew(context) {
        Ok(Renewal::Done) => Ok(()),
        Ok(Renewal::Unfaithful) => {
            *context.transaction = None;
            step_back(context.connection);
            Err(Error::transaction_lost())
        }
        Err(lost) => Err(lost),
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
        transaction.journal.len() == length && context.connection.transaction_is_sound();
    transaction.journal.truncate(length);
    if is_untouched {
        error
    } else {
        repair(context, error)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewal {
    Done,
    /// What the journal has read is no longer what it was: nothing has happened.
    Unfaithful,
}

/// A new snapshot, with the journal done on it again. If that fails, the transaction is gone, and the error says so. A
/// cancel has to wait: it is for the statement, not for what was done before it.
pub(super) fn anew(context: &mut Context<'_>) -> Result<Renewal> {
    let Some(mut transaction) = context.transaction.take() else {
        return Ok(Renewal::Done);
    };
    let _shield = context.cancellation.shield();
    let commits = &context.instance.commits;
    let connection = &mut *context.connection;
    let mut renewal = Renewal::Done;
    let begun = commits.snapshot(|| {
        // Nobody commits between this look and the new snapshot.
        if transaction.cannot_repeat || commits.moved(transaction.read(), transaction.snapshot) {
            renewal = Renewal::Unfaithful;
            return Ok(());
        }
        step_back(connection);
        connection.begin()
    });
    if renewal == Renewal::Unfaithful {
        *context.transaction = Some(transaction);
        return Ok(renewal);
    }
    let replayed = begun.and_then(|snapshot| {
        transaction.snapshot = snapshot;
        transaction.journal.iter().try_for_each(|entry| {
            let count = write::again(connection, entry)?;
            if count == entry.count {
                return Ok(());
            }
            Err(Error::internal(format!(
                "{count} rows instead of {}",
                entry.count
            )))
        })
    });
    match replayed {
        Ok(()) => {
            *context.transaction = Some(transaction);
            Ok(renewal)
        }
        Err(error) => {
            tracing::warn!(%error, "a write could not be done again");
            step_back(connection);
            Err(Error::transaction_lost())
        }
    }
}
