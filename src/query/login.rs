//! Logins: a session from what a driver sends.
//!
//! Any user and any credentials are welcome; verifying them will happen here.

use std::sync::Arc;
use std::time::Instant;

use super::Service;
use crate::error::{Error, Result};
use crate::session::registry::Tokens;
use crate::session::{Client, Parameters, Scope, Session, parameters};
use crate::statement::LoginScope;

/// What a login asks for.
#[derive(Debug, Clone, Default)]
pub struct Login {
    pub account: String,
    /// As typed; absent in some logins by token.
    pub user: Option<String>,
    pub client: Client,
    pub scope: LoginScope,
    /// Session parameters, in any case.
    pub parameters: Vec<(String, String)>,
    /// Whether an unknown parameter is an error; otherwise it is skipped.
    pub validate_parameters: bool,
}

/// The user of a login that names none.
const NAMELESS_USER: &str = "SNOWGLOBE";

impl Service {
    /// Opens a session.
    pub async fn login(self: &Arc<Self>, login: Login) -> Result<(Arc<Session>, Tokens)> {
        let service = Arc::clone(self);
        let opened = tokio::task::spawn_blocking(move || service.open_session(login));
        opened
            .await
            .unwrap_or_else(|error| Err(Error::internal(error)))
    }

    fn open_session(&self, login: Login) -> Result<(Arc<Session>, Tokens)> {
        self.end_expired_sessions();
        let parameters = login.read_parameters()?;
        let account = self.instance.account(&login.account)?;
        let entered = self.instance.enter(account, &login.scope)?;
        let user = login
            .user
            .as_deref()
            .unwrap_or(NAMELESS_USER)
            .to_uppercase();
        self.instance.user(account, &user)?;
        let session = Arc::new(Session::new(
            account,
            user,
            login.client,
            Scope::from(entered),
            parameters,
        ));
        let tokens = self.registry.open(Arc::clone(&session), Instant::now())?;
        tracing::info!(
            session_id = %session.id,
            user = session.user,
            application = session.client.application,
            version = session.client.version,
            "login"
        );
        Ok((session, tokens))
    }

    /// A session without tokens, for one request. Names of its scope are as they are stored, in any case; what is not there
    /// is left out.
    pub async fn visit(
        self: &Arc<Self>,
        account: &str,
        user: &str,
        scope: LoginScope,
    ) -> Result<Arc<Session>> {
        let (service, account, user) = (Arc::clone(self), account.to_owned(), user.to_owned());
        let opened = tokio::task::spawn_blocking(move || {
            let account = service.instance.account(&account)?;
            let scope = service.instance.enter_stored(account, &scope)?;
            let parameters = Parameters::default();
            let session = Session::new(account, user, Client::default(), scope.into(), parameters);
            Ok(Arc::new(session))
        });
        opened
            .await
            .unwrap_or_else(|error| Err(Error::internal(error)))
    }

    /// Ends the session of a token.
    pub fn close(&self, token: &str) -> Result<()> {
        let session = self.registry.close(token)?;
        self.leave(&session);
        Ok(())
    }

    fn end_expired_sessions(&self) {
        for session in self.registry.expire(Instant::now()) {
            self.leave(&session);
        }
    }

    /// The one place that every ended session passes: what it leaves behind (temporary objects, an open transaction) is
    /// given up here.
    pub(super) fn leave(&self, session: &Session) {
        if let Err(error) = self.instance.leave(session.id.0) {
            tracing::warn!(session_id = %session.id, %error, "temporary objects stay until the next start");
        }
        session.end();
        tracing::info!(session_id = %session.id, "session ended");
    }
}

impl Login {
    fn read_parameters(&self) -> Result<Parameters> {
        let mut read = Parameters::default();
        for (name, value) in &self.parameters {
            if self.validate_parameters || parameters::is_known(name) {
                read.set(name, value)?;
            }
        }
        Ok(read)
    }
}

impl From<LoginScope> for Scope {
    fn from(entered: LoginScope) -> Self {
        Scope {
            database: entered.database,
            schema: entered.schema,
            warehouse: entered.warehouse,
            role: entered.role,
        }
    }
}
