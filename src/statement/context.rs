//! What a statement may touch, and what all sessions share.

use std::path::PathBuf;
use std::sync::{Arc, Weak};

use parking_lot::RwLockReadGuard;

use super::Queries;
use super::sequences::Sequences;
use super::transaction;
use super::upkeep::{self, Caretaker, Pin, Upkeep};
use crate::bind::{Binder, KeptResults, Variables};
use crate::catalog::{
    Account, Catalog, Database, Detail, Draft, Lookup, NewObject, ObjectId, ObjectKind, Role,
    Schema, Warehouse,
};
use crate::engine::{self, Connection, Engine};
use crate::error::{Error, Result};
use crate::functions::{self, Facts};
use crate::objects::PUBLIC;
use crate::result::{ResultSet, Spool};
use crate::session::locks::{Held, Locks, Mode};
use crate::session::transaction::{Commits, Transaction};
use crate::session::{Cancellation, Parameters, QueryId, SERVER_VERSION, Session};
use crate::sql::{Cursor, Folding, Source, StatementText};
use crate::types::TimestampKind;
use crate::types::datetime::arithmetic::Weeks;
use crate::types::text::BinaryFormat;

/// How to open an instance.
#[derive(Debug, Clone)]
pub struct InstanceOptions {
    /// Folder for results that are too large for memory; emptied at the start.
    pub spool_directory: PathBuf,
    /// Most bytes of kept results on disk.
    pub spool_limit: u64,
    /// Name of the account that every login leads to, unless `multi_account`.
    pub account: String,
    /// Whether account names are walls between tenants.
    pub multi_account: bool,
    /// Whether a login may name only a database and schema that exist; otherwise they are created.
    pub strict_login: bool,
    /// What a login gets where it names nothing.
    pub default_scope: LoginScope,
    pub engine: engine::Options,
}

/// What all sessions share: the engine, the catalog, locks, the spool of results.
pub struct Instance {
    // Before the engine: its connection has to go first.
    _caretaker: Caretaker,
    pub engine: Engine,
    pub catalog: Arc<Catalog>,
    pub spool: Spool,
    pub locks: Arc<Locks>,
    pub commits: Arc<Commits>,
    pub(super) sequences: Sequences,
    /// The number under which `functions` knows this instance.
    sequence_source: u64,
    options: InstanceOptions,
    upkeep: Arc<Upkeep>,
}

/// The context that a login asks for, as the user typed it, and the context that it gets, as names in the catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginScope {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub warehouse: Option<String>,
    pub role: Option<String>,
}

/// Roles of every account. Source: Snowflake, "Overview of Access Control", system-defined roles.
const SYSTEM_ROLES: &[&str] = &[
    "ACCOUNTADMIN",
    "ORGADMIN",
    "PUBLIC",
    "SECURITYADMIN",
    "SYSADMIN",
    "USERADMIN",
];

impl Instance {
    /// Opens the engine and the catalog, and removes what an earlier run left behind.
    pub fn open(options: InstanceOptions) -> Result<Arc<Instance>> {
        let engine = Engine::open(&options.engine, &functions::natives())?;
        let mut connection = engine.connect()?;
        let catalog = Arc::new(Catalog::open(&mut connection)?);
        upkeep::sweep_orphans(&mut connection, &catalog.snapshot())?;
        let spool = Spool::open(&options.spool_directory, options.spool_limit)?;
        let commits = Arc::<Commits>::default();
        let upkeep = Arc::new(Upkeep::new(Arc::clone(&catalog), Arc::clone(&commits)));
        let database = options.engine.database.clone();
        let instance = Arc::new(Instance {
            _caretaker: Caretaker::start(&upkeep, connection, database)?,
            engine,
            catalog,
            spool,
            locks: Arc::default(),
            commits,
            sequences: Sequences::default(),
            sequence_source: functions::reserve_source(),
            options,
            upkeep,
        });
        let source: Weak<Instance> = Arc::downgrade(&instance);
        functions::register_source(instance.sequence_source, source);
        Ok(instance)
    }

    /// Keeps the physical tables of the newest catalog version from being removed.
    pub fn pin(&self) -> Pin<'_> {
        self.upkeep.pin()
    }

    /// Waits until every physical table that can go is gone; otherwise that happens by itself, a little later.
    pub fn settle(&self) {
        self.upkeep.settle();
    }

    /// While it is held, a write may be at work outside explicit transactions: a checkpoint waits until there is none.
    pub(super) fn writing(&self) -> RwLockReadGuard<'_, ()> {
        self.upkeep.writing()
    }

    /// The account that a login's account name means: upper case, cut at the first dot, `_` as `-`. By default every name
    /// leads to the one account of this server; where names are walls, an account is created on demand.
    pub fn account(&self, login_name: &str) -> Result<ObjectId> {
        let name = if self.options.multi_account {
            login_name
        } else {
            &self.options.account
        };
        let name = name
            .split('.')
            .next()
            .unwrap_or(name)
            .to_uppercase()
            .replace('_', "-");
        if let Some(account) = self.catalog.snapshot().account(&name) {
            return Ok(account.id);
        }
        self.change(|draft| {
            if let Some(account) = draft.snapshot().account(&name) {
                return Ok(account.id);
            }
            let account = draft.create(NewObject {
                parent: ObjectId(0),
                session: None,
                name: name.clone(),
                owner: String::new(),
                comment: None,
                detail: Detail::Account(Account {}),
            })?;
            for role in SYSTEM_ROLES {
                draft.create(new(account, role, "", Detail::Role(Role {})))?;
            }
            Ok(account)
        })
    }

    /// Resolves the context of a login and creates what it names on demand (`strict_login` refuses). Absent names get the
    /// defaults.
    pub fn enter(&self, account: ObjectId, asked: &LoginScope) -> Result<LoginScope> {
        let defaults = &self.options.default_scope;
        let name = |asked: &Option<String>, default: &Option<String>| -> Result<Option<String>> {
            match asked.as_deref().filter(|text| !text.is_empty()) {
                Some(text) => identifier(text).map(Some),
                None => Ok(default.clone()),
            }
        };
        let entered = LoginScope {
            database: name(&asked.database, &defaults.database)?,
            schema: name(&asked.schema, &defaults.schema)?,
            warehouse: name(&asked.warehouse, &defaults.warehouse)?,
            role: name(&asked.role, &defaults.role)?,
        };
        let is_default = |ours: &Option<String>, default: &Option<String>| ours == default;
        let strict = self.options.strict_login;
        let snapshot = self.catalog.snapshot();
        let missing = |kind: ObjectKind, parent: ObjectId, name: &Option<String>| {
            name.as_deref()
                .is_some_and(|name| snapshot.find(parent, kind, name).is_none())
        };
        let database_missing = missing(ObjectKind::Database, account, &entered.database);
        let schema_missing = match &entered.database {
            Some(database) => match snapshot.find(account, ObjectKind::Database, database) {
                Some(database) => missing(ObjectKind::Schema, database.id, &entered.schema),
                None => true,
            },
            None => false,
        };
        let warehouse_missing = missing(ObjectKind::Warehouse, account, &entered.warehouse);
        let role_missing = missing(ObjectKind::Role, account, &entered.role);
        let refuse = [
            (
                database_missing && !is_default(&entered.database, &defaults.database),
                "database",
            ),
            (
                schema_missing && !is_default(&entered.schema, &defaults.schema),
                "schema",
            ),
            (
                warehouse_missing && !is_default(&entered.warehouse, &defaults.warehouse),
                "warehouse",
            ),
            (
                role_missing && !is_default(&entered.role, &defaults.role),
                "role",
            ),
        ];
        if strict && let Some((_, kind)) = refuse.into_iter().find(|(missing, _)| *missing) {
            return Err(Error::login_object_missing(kind));
        }
        if database_missing || schema_missing || warehouse_missing || role_missing {
            self.change(|draft| create_scope(draft, account, &entered))?;
        }
        Ok(entered)
    }

    /// Removes what a session leaves behind: its temporary objects.
    pub fn leave(&self, session: u64) -> Result<()> {
        let snapshot = self.catalog.snapshot();
        if !snapshot
            .objects()
            .any(|object| object.session == Some(session))
        {
            return Ok(());
        }
        self.change(|draft| draft.drop_temporary(session))?;
        self.upkeep.nudge();
        Ok(())
    }

    /// As `enter`, for names as the catalog stores them (else in any case). What is not there is left out, and nothing is
    /// created but the defaults.
    pub fn enter_stored(&self, account: ObjectId, asked: &LoginScope) -> Result<LoginScope> {
        let mut scope = self.enter(account, &LoginScope::default())?;
        let snapshot = self.catalog.snapshot();
        let stored = |kind: ObjectKind, parent: ObjectId, name: &str| -> Option<String> {
            let exact = snapshot.find(parent, kind, name);
            let found = exact.or_else(|| snapshot.find(parent, kind, &name.to_uppercase()))?;
            Some(found.name.clone())
        };
        let given = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        if let Some(name) = given(&asked.database) {
            scope.database = stored(ObjectKind::Database, account, &name);
            scope.schema = None;
        }
        let database = scope.database.as_deref();
        let database = database.and_then(|name| snapshot.find(account, ObjectKind::Database, name));
        if let Some(name) = given(&asked.schema) {
            scope.schema =
                database.and_then(|database| stored(ObjectKind::Schema, database.id, &name));
        }
        if let Some(name) = given(&asked.warehouse) {
            scope.warehouse = stored(ObjectKind::Warehouse, account, &name);
        }
        if let Some(name) = given(&asked.role) {
            scope.role = stored(ObjectKind::Role, account, &name);
        }
        Ok(scope)
    }

    /// A catalog change of its own, outside any statement.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Draft<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.engine.connect()?;
        connection.begin()?;
        // A connection with an open transaction is closed with it.
        self.catalog
            .commit(&mut connection, change, Connection::commit)
    }
}

fn new(parent: ObjectId, name: &str, owner: &str, detail: Detail) -> NewObject {
    NewObject {
        parent,
        session: None,
        name: name.to_owned(),
        owner: owner.to_owned(),
        comment: None,
        detail,
    }
}

/// Creates what of a login's context is not there.
fn create_scope(draft: &mut Draft<'_>, account: ObjectId, entered: &LoginScope) -> Result<()> {
    let owner = entered.role.as_deref().unwrap_or("SYSADMIN").to_owned();
    let mut ensure = |parent: ObjectId, name: &str, detail: Detail| -> Result<ObjectId> {
        match draft.snapshot().find(parent, detail.kind(), name) {
            Some(found) => Ok(found.id),
            None => draft.create(new(parent, name, &owner, detail)),
        }
    };
    if let Some(role) = &entered.role {
        ensure(account, role, Detail::Role(Role {}))?;
    }
    if let Some(warehouse) = &entered.warehouse {
        ensure(account, warehouse, Detail::Warehouse(Warehouse::default()))?;
    }
    if let Some(database) = &entered.database {
        let database = ensure(account, database, Detail::Database(Database::default()))?;
        ensure(database, PUBLIC, Detail::Schema(Schema::default()))?;
        if let Some(schema) = &entered.schema {
            ensure(database, schema, Detail::Schema(Schema::default()))?;
        }
    }
    Ok(())
}

/// A name of a connect string: read as an identifier; what is none (`my-db`) is taken as typed, in upper case.
fn identifier(text: &str) -> Result<String> {
    let source = Source::tokenize(text)?;
    if let [statement] = source.statements()[..] {
        let mut cursor = Cursor::new(statement, Folding::Exact);
        if let Ok(name) = cursor.identifier()
            && cursor.end().is_ok()
        {
            return Ok(name);
        }
    }
    Ok(text.to_uppercase())
}

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
    /// The results that RESULT_SCAN may name, by query id.
    pub results: Arc<KeptResults>,
    /// To be checked between two runs of the engine, which forgets an interrupt that comes while nothing runs.
    pub cancellation: &'a Cancellation,
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

    /// The newest catalog, seen from this session.
    pub fn lookup(&self) -> Lookup {
        let scope = self.session.scope();
        Lookup {
            snapshot: self.instance.catalog.snapshot(),
            account: self.session.account,
            session: self.session.id.0,
            current_database: scope.database,
            current_schema: scope.schema,
        }
    }

    /// The role that owns what this session creates.
    pub fn owner(&self) -> String {
        self.session.scope().role.unwrap_or_default()
    }

    /// What functions and casts need to know.
    pub fn facts(&self) -> Facts {
        let scope = self.session.scope();
        let parameters = &self.parameters;
        let timestamp = parameters.text("TIMESTAMP_OUTPUT_FORMAT");
        let or_timestamp = |name: &str| {
            let own = parameters.text(name);
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
            date_output_format: parameters.text("DATE_OUTPUT_FORMAT"),
            time_output_format: parameters.text("TIME_OUTPUT_FORMAT"),
            timestamp_ntz_output_format: or_timestamp("TIMESTAMP_NTZ_OUTPUT_FORMAT"),
            timestamp_ltz_output_format: or_timestamp("TIMESTAMP_LTZ_OUTPUT_FORMAT"),
            timestamp_tz_output_format: or_timestamp("TIMESTAMP_TZ_OUTPUT_FORMAT"),
            json_indent: u8::try_from(parameters.integer("JSON_INDENT")).unwrap_or(2),
            binary_input_format: binary_format("BINARY_INPUT_FORMAT"),
            binary_output_format: binary_format("BINARY_OUTPUT_FORMAT"),
            timestamp_type: match &*parameters.text("TIMESTAMP_TYPE_MAPPING") {
                "TIMESTAMP_LTZ" => TimestampKind::Ltz,
                "TIMESTAMP_TZ" => TimestampKind::Tz,
                _ => TimestampKind::Ntz,
            },
            weeks: Weeks {
                start: parameters.integer("WEEK_START").clamp(0, 7) as u8,
                policy: parameters.integer("WEEK_OF_YEAR_POLICY").clamp(0, 1) as u8,
            },
            century_start: parameters
                .integer("TWO_DIGIT_CENTURY_START")
                .clamp(1900, 2100) as i32,
            day_is_always_24h: parameters.boolean("TIMESTAMP_DAY_IS_ALWAYS_24H"),
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
        let (variables, results) = (self.variables, Arc::clone(&self.results));
        Binder::new(
            lookup,
            facts,
            self.folding(),
            statement,
            action,
            variables,
            results,
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
