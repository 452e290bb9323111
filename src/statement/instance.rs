//! What all sessions share: the engine, the catalog, locks, kept results; and what a login finds or makes there.

use std::path::PathBuf;
use std::sync::{Arc, Weak};

use parking_lot::RwLockReadGuard;

use super::grant;
use super::sequences::Sequences;
use super::upkeep::{self, Caretaker, Pin, Upkeep};
use crate::catalog::{
    Account, Catalog, Database, Detail, Draft, Lookup, NewObject, ObjectId, ObjectKind, Schema,
};
use crate::engine::{self, Connection, Engine};
use crate::error::{Error, Result};
use crate::functions;
use crate::objects::{self, PUBLIC};
use crate::result::Spool;
use crate::session::Session;
use crate::session::locks::Locks;
use crate::session::transaction::Commits;
use crate::sql::{Cursor, Folding, Source};
use crate::stage::Stages;

/// How to open an instance.
#[derive(Debug, Clone)]
pub struct InstanceOptions {
    /// Folder for results that are too large for memory; emptied at the start.
    pub spool_directory: PathBuf,
    /// Most bytes of kept results on disk.
    pub spool_limit: u64,
    /// Folder for the files of stages.
    pub stage_directory: PathBuf,
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
    pub stages: Arc<Stages>,
    pub locks: Arc<Locks>,
    pub commits: Arc<Commits>,
    pub(super) sequences: Sequences,
    /// The number under which `functions` knows this instance.
    pub(super) sequence_source: u64,
    options: InstanceOptions,
    pub(super) upkeep: Arc<Upkeep>,
}

/// The context that a login asks for, as the user typed it, and the context that it gets, as names in the catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginScope {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub warehouse: Option<String>,
    pub role: Option<String>,
}

impl Instance {
    /// Opens the engine and the catalog, and removes what an earlier run left behind.
    pub fn open(options: InstanceOptions) -> Result<Arc<Instance>> {
        let engine = Engine::open(&options.engine, &functions::natives())?;
        let mut connection = engine.connect()?;
        let catalog = Arc::new(Catalog::open(&mut connection)?);
        upkeep::sweep_orphans(&mut connection, &catalog.snapshot())?;
        let spool = Spool::open(&options.spool_directory, options.spool_limit)?;
        let commits = Arc::<Commits>::default();
        let database = options.engine.database.clone();
        let stages = Arc::new(Stages::open(&options.stage_directory, database.is_some())?);
        let upkeep = Arc::new(Upkeep::new(
            Arc::clone(&catalog),
            Arc::clone(&commits),
            Arc::clone(&stages),
        ));
        let instance = Arc::new(Instance {
            _caretaker: Caretaker::start(&upkeep, connection, database)?,
            engine,
            catalog,
            spool,
            stages,
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

    /// The newest catalog, seen from a session.
    pub(super) fn lookup(&self, session: &Session) -> Lookup {
        let scope = session.scope();
        Lookup {
            snapshot: self.catalog.snapshot(),
            account: session.account,
            session: session.id.0,
            current_database: scope.database,
            current_schema: scope.schema,
        }
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
            for (role, comment) in objects::SYSTEM_ROLES {
                draft.create(NewObject {
                    comment: Some((*comment).to_owned()),
                    ..new(account, role, "", Detail::recorded(ObjectKind::Role))
                })?;
            }
            for (parent, child) in objects::SYSTEM_ROLE_GRANTS {
                let role = |name| draft.snapshot().find(account, ObjectKind::Role, name);
                let (Some(parent), Some(child)) = (role(parent), role(child)) else {
                    continue;
                };
                let (parent, child) = (parent.id, child.id);
                grant::give_role(draft, child, parent, "")?;
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

    /// The user of this login name, who is created on demand, with the right to be account administrator.
    pub fn user(&self, account: ObjectId, name: &str) -> Result<ObjectId> {
        let find = |snapshot: &crate::catalog::Snapshot| {
            snapshot
                .find(account, ObjectKind::User, name)
                .map(|user| user.id)
        };
        if let Some(user) = find(&self.catalog.snapshot()) {
            return Ok(user);
        }
        self.change(|draft| {
            if let Some(user) = find(draft.snapshot()) {
                return Ok(user);
            }
            let user = draft.create(new(
                account,
                name,
                "USERADMIN",
                Detail::recorded(ObjectKind::User),
            ))?;
            let administrator = draft
                .snapshot()
                .find(account, ObjectKind::Role, "ACCOUNTADMIN");
            if let Some(administrator) = administrator.map(|role| role.id) {
                grant::give_role(draft, administrator, user, "")?;
            }
            Ok(user)
        })
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
        ensure(account, role, Detail::recorded(ObjectKind::Role))?;
    }
    if let Some(warehouse) = &entered.warehouse {
        ensure(account, warehouse, Detail::recorded(ObjectKind::Warehouse))?;
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
