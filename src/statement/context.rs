//! What a statement may touch.

use std::sync::Arc;

use super::Queries;
use super::instance::Instance;
use super::transaction;
use crate::bind::{Binder, Ready, Variables};
use crate::catalog::{Draft, Lookup, ObjectId, ObjectKind};
use crate::engine::Connection;
use crate::error::Result;
use crate::functions::Facts;
use crate::result::ResultSet;
use crate::session::locks::{Held, Mode};
use crate::session::transaction::Transaction;
use crate::session::{Cancellation, Parameters, QueryId, SERVER_VERSION, Session};
use crate::sql::{Folding, StatementText, Timestamps};
use crate::types::TimestampKind;
use crate::types::datetime::arithmetic::Weeks;
use crate::types::text::BinaryFormat;

/// What a running statement may touch.
pub struct Context<'a> {
    pub instance: &'a Instance,
    pub session: &'a Session,
    pub query_id: QueryId,
    /// The statement as it was sent.
    pub text: &'a str,
    /// The session's parameters when the statement began, with those of its request over them.
    pub parameters: Parameters,
    /// The values of the request's bind variables.
    pub variables: &'a Variables,
    pub queries: &'a dyn Queries,
    /// What was made ready in the engine for the binder.
    pub ready: Arc<Ready>,
    /// To be checked between two runs of the engine, which forgets an interrupt that comes while nothing runs.
    pub cancellation: &'a Cancellation,
    /// Whether the statement has met a timestamp with digits 7 to 9, and is written for them.
    pub nanoseconds: bool,
    /// The connection on which this statement runs.
    pub connection: &'a mut Connection,
    /// The transaction that is open on it.
    pub transaction: &'a mut Option<Transaction>,
}

impl<'a> Context<'a> {
    /// How identifiers of this session are read.
    pub fn folding(&self) -> Folding {
        if self.parameters.boolean("QUOTED_IDENTIFIERS_IGNORE_CASE") {
            Folding::IgnoreCase
        } else {
            Folding::Exact
        }
    }

    /// What the type TIMESTAMP stands for.
    pub fn timestamps(&self) -> Timestamps {
        match &*self.parameters.text("TIMESTAMP_TYPE_MAPPING") {
            "TIMESTAMP_LTZ" => Timestamps::Ltz,
            "TIMESTAMP_TZ" => Timestamps::Tz,
            _ => Timestamps::Ntz,
        }
    }

    /// The newest catalog, seen from this session.
    pub fn lookup(&self) -> Lookup {
        self.instance.lookup(self.session)
    }

    /// The role that owns what this session creates.
    pub fn owner(&self) -> String {
        self.session.scope().role.unwrap_or_default()
    }

    /// What functions and casts need to know.
    pub fn facts(&self) -> Facts {
        let scope = self.session.scope();
        let parameters = &self.parameters;
        // AUTO means the default.
        let output_format = |name: &str| {
            let format = parameters.text(name);
            if format.eq_ignore_ascii_case("AUTO") {
                Parameters::default().text(name)
            } else {
                format
            }
        };
        let timestamp = output_format("TIMESTAMP_OUTPUT_FORMAT");
        let or_timestamp = |name: &str| {
            let own = output_format(name);
            if own.is_empty() {
                timestamp.clone()
            } else {
                own
            }
        };
        let binary_format =
            |name: &str| BinaryFormat::new(&parameters.text(name)).unwrap_or_default();
        let snapshot = self.instance.catalog.snapshot();
        Facts {
            account: snapshot
                .get(self.session.account)
                .map_or_else(String::new, |account| account.name.clone()),
            user: self.session.user.clone(),
            role: scope.role,
            warehouse: scope.warehouse,
            database: scope.database,
            schema: scope.schema,
            session_id: self.session.id.0,
            variables: self
                .session
                .variables()
                .iter()
                .map(|(name, variable)| {
                    (
                        name.to_owned(),
                        variable.logical.clone(),
                        variable.text.clone(),
                    )
                })
                .collect(),
            query_ids: self.session.query_ids(),
            sequences: self.instance.sequence_source,
            available_roles: snapshot
                .children(self.session.account)
                .filter(|object| object.detail.kind() == ObjectKind::Role)
                .map(|role| role.name.clone())
                .collect(),
            client: format!(
                "{} {}",
                self.session.client.application, self.session.client.version
            ),
            statement: self.text.to_owned(),
            transaction: self.transaction.as_ref().map(|transaction| transaction.id),
            last_transaction: self.session.last_transaction(),
            version: SERVER_VERSION,
            now: jiff::Timestamp::now().as_microsecond(),
            timezone: parameters.text("TIMEZONE"),
            date_input_format: parameters.text("DATE_INPUT_FORMAT"),
            time_input_format: parameters.text("TIME_INPUT_FORMAT"),
            timestamp_input_format: parameters.text("TIMESTAMP_INPUT_FORMAT"),
            date_output_format: output_format("DATE_OUTPUT_FORMAT"),
            time_output_format: output_format("TIME_OUTPUT_FORMAT"),
            timestamp_ntz_output_format: or_timestamp("TIMESTAMP_NTZ_OUTPUT_FORMAT"),
            timestamp_ltz_output_format: or_timestamp("TIMESTAMP_LTZ_OUTPUT_FORMAT"),
            timestamp_tz_output_format: or_timestamp("TIMESTAMP_TZ_OUTPUT_FORMAT"),
            json_indent: u8::try_from(parameters.integer("JSON_INDENT")).unwrap_or(2),
            binary_input_format: binary_format("BINARY_INPUT_FORMAT"),
            binary_output_format: binary_format("BINARY_OUTPUT_FORMAT"),
            timestamp_type: match self.timestamps() {
                Timestamps::Ltz => TimestampKind::Ltz,
                Timestamps::Tz => TimestampKind::Tz,
                Timestamps::Ntz => TimestampKind::Ntz,
            },
            weeks: Weeks {
                start: parameters.integer("WEEK_START").clamp(0, 7) as u8,
                policy: parameters.integer("WEEK_OF_YEAR_POLICY").clamp(0, 1) as u8,
            },
            century_start: parameters
                .integer("TWO_DIGIT_CENTURY_START")
                .clamp(1900, 2100) as i32,
            day_is_always_24h: parameters.boolean("TIMESTAMP_DAY_IS_ALWAYS_24H"),
            null_is_least: parameters
                .text("DEFAULT_NULL_ORDERING")
                .eq_ignore_ascii_case("FIRST"),
            strict_json: parameters.boolean("STRICT_JSON_OUTPUT"),
            nanoseconds: self.nanoseconds,
        }
    }

    /// How long to wait for a lock.
    pub fn lock_patience(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.parameters.integer("LOCK_TIMEOUT").unsigned_abs())
    }

    /// A binder for this statement.
    pub fn binder<'b>(
        &self,
        lookup: &'b Lookup,
        facts: &'b Facts,
        statement: StatementText<'b>,
        action: &'b str,
    ) -> Binder<'b>
    where
        'a: 'b,
    {
        Binder::new(
            lookup,
            facts,
            self.folding(),
            statement,
            action,
            self.variables,
            Arc::clone(&self.ready),
        )
    }

    /// Runs `work`, which writes several times, in the open transaction or in one of its own: all of it happens, or nothing.
    pub fn atomically<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let Some(open) = self.transaction.as_ref() else {
            transaction::begin(self, None)?;
            let outcome = work(self).and_then(|value| transaction::commit(self).map(|()| value));
            if outcome.is_err() {
                transaction::rollback(self)?;
            }
            return outcome;
        };
        let done_before = open.journal.len();
        work(self).map_err(|error| transaction::back_to(self, done_before, error))
    }

    /// Takes a lock for the open transaction, or for this statement alone, if it is free.
    pub fn try_lock(&self, own: &Held, table: ObjectId, mode: Mode) -> bool {
        self.holder(own).try_take(table, mode)
    }

    fn holder<'h>(&'h self, own: &'h Held) -> &'h Held {
        self.transaction
            .as_ref()
            .map_or(own, |transaction| &transaction.locks)
    }

    /// Takes a lock for the open transaction, or for this statement alone.
    pub fn lock(&self, own: &Held, table: ObjectId, name: &str, mode: Mode) -> Result<()> {
        let held = self.holder(own);
        if held.try_take(table, mode) {
            return Ok(());
        }
        // The one that holds it may be waiting for a thread.
        self.instance
            .engine
            .while_waiting(|| held.take(table, name, mode, self.lock_patience(), self.cancellation))
    }

    /// Locks an object's tables (itself, if it is one) for a change that takes them away.
    pub fn lock_all(&self, own: &Held, id: ObjectId) -> Result<()> {
        let snapshot = self.instance.catalog.snapshot();
        for table in snapshot.tables(id) {
            self.lock(own, table.id, &table.name, Mode::Exclusive)?;
        }
        Ok(())
    }

    /// A change of the catalog together with its physical work, in a transaction of its own. `work` runs first, without the
    /// catalog's lock; `change` then sees the newest catalog. On a failure nothing of both stays. `created` are the physical
    /// tables that `work` makes.
    pub fn change_catalog<T>(
        &mut self,
        created: &[&str],
        work: impl FnOnce(&mut Connection) -> Result<()>,
        change: impl FnOnce(&mut Draft<'_>) -> Result<T>,
    ) -> Result<T> {
        let instance = self.instance;
        let connection = &mut *self.connection;
        let _writing = instance.writing();
        let worked = connection.begin().and_then(|()| work(connection));
        // From here on a cancel comes too late, or has done its work.
        let _shield = self.cancellation.shield();
        let outcome = worked.and_then(|()| {
            instance.catalog.commit(connection, change, |connection| {
                let nothing = std::iter::empty();
                instance
                    .commits
                    .publish(nothing, created, || connection.commit())
            })
        });
        if outcome.is_err() {
            transaction::step_back(connection);
        }
        instance.upkeep.nudge();
        outcome
    }
}

/// `Statement executed successfully.` and its like.
pub(super) fn status(text: impl AsRef<str>) -> Result<ResultSet> {
    ResultSet::status(text.as_ref())
}
