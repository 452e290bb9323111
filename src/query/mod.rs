//! A query's life: submitted, run on a thread of the engine's pool, waited for, canceled, kept.
//!
//! This is the async boundary: above it protocols await, below it everything is plain blocking Rust. A [`Service`] is what
//! every protocol works with; it must not know HTTP or JSON. Start at [`Service::submit`]; `run.rs` is the thread's side.

mod history;
mod login;
mod run;
mod state;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::result::ResultSet;
use crate::session::registry::Tokens;
use crate::session::{Parameters, QueryId, Reason, Registry, Session, SessionId};
use crate::stage::Stages;
use crate::statement::{Binding, Instance, PastOutcome, PastQuery, Queries};

pub use history::{History, Retention};
pub use login::Login;
pub use state::{Finished, Outcome, Query, Status};

use history::Registered;
use run::Run;

/// DuckDB forgets an interrupt that arrives while nothing runs, so a cancel is repeated this often.
const CANCEL_AGAIN: Duration = Duration::from_millis(100);

const ONE_DAY: Duration = Duration::from_secs(24 * 3600);

/// Limits of a service.
#[derive(Debug, Clone)]
pub struct Options {
    pub max_sessions: usize,
    pub retention: Retention,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            max_sessions: 10_000,
            retention: Retention::default(),
        }
    }
}

/// Sessions and queries over one instance.
pub struct Service {
    instance: Arc<Instance>,
    registry: Registry,
    history: History,
}

/// A statement, as a request brings it.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// Makes the request idempotent.
    pub request_id: Option<String>,
    pub text: String,
    pub bindings: Vec<Binding>,
    /// Where the bindings are, if a driver has put them into a stage: many rows of them.
    pub bind_stage: Option<String>,
    /// Compile only.
    pub describe_only: bool,
    /// Parameters of this statement alone; unknown names are skipped.
    pub parameters: Vec<(String, String)>,
}

impl Service {
    pub fn new(instance: Arc<Instance>, options: Options) -> Arc<Self> {
        Arc::new(Service {
            instance,
            registry: Registry::new(options.max_sessions),
            history: History::new(options.retention),
        })
    }

    /// The files of stages, for transfers that statements have allowed.
    pub fn stages(&self) -> &Stages {
        &self.instance.stages
    }

    /// The session of a session token.
    pub fn session(&self, token: &str) -> Result<Arc<Session>> {
        self.registry.session(token, Instant::now())
    }

    /// A new session token for a master token.
    pub fn renew(&self, master_token: &str) -> Result<(Arc<Session>, Tokens)> {
        self.registry.renew(master_token, Instant::now())
    }

    /// Starts a statement, or finds the query that an earlier copy of this request started. Must be called within the
    /// async runtime.
    pub fn submit(
        self: &Arc<Self>,
        session: &Arc<Session>,
        mut submission: Submission,
    ) -> Arc<Query> {
        let own_parameters = std::mem::take(&mut submission.parameters);
        let text = std::mem::take(&mut submission.text);
        let query = Query::new(session, text, own_parameters);
        let request_id = submission.request_id.as_deref();
        let registered = self
            .history
            .register(session.id, request_id, query, Instant::now());
        let query = match registered {
            Registered::Repeated(query) => return query,
            Registered::Canceled(query) => {
                query.stop(Reason::Asked, session);
                return query;
            }
            Registered::New(query) => query,
        };
        let limit = timeout_seconds(&session.parameters(), &query.own_parameters);
        if limit > 0 {
            tokio::spawn(stop_after(limit, Arc::clone(&query), Arc::clone(session)));
        }
        let run = Run {
            service: Arc::clone(self),
            session: Arc::clone(session),
            query: Arc::clone(&query),
            submission,
        };
        self.instance.engine.spawn(move || run.run());
        query
    }

    /// The query of this id, if `session` may see it: a user sees the queries of all his sessions.
    pub fn query(&self, session: &Session, id: QueryId) -> Option<Arc<Query>> {
        self.history.query(id).filter(|query| owns(session, query))
    }

    /// The query that a request of this session submitted.
    pub fn query_of_request(&self, session: &Session, request_id: &str) -> Option<Arc<Query>> {
        self.history.by_request(session.id, request_id)
    }

    /// A query by its id alone: for result chunks, whose URLs are signed.
    pub fn query_of_signed_url(&self, id: QueryId) -> Option<Arc<Query>> {
        self.history.query(id)
    }

    /// The newest queries, whosoever they are.
    pub fn newest_queries(&self, count: usize) -> Vec<Arc<Query>> {
        self.history.newest(count)
    }

    /// Stops the query of a request. A cancel may overtake its query: it is remembered for some seconds.
    pub fn cancel_request(&self, session: &Arc<Session>, request_id: &str) -> Result<()> {
        match self.history.by_request(session.id, request_id) {
            Some(query) => self.cancel(session, &query),
            None => {
                self.history
                    .cancel_early(session.id, request_id, Instant::now());
                Err(Error::not_executing())
            }
        }
    }

    /// Starts a statement whose session ends with it.
    pub fn submit_once(
        self: &Arc<Self>,
        session: &Arc<Session>,
        submission: Submission,
    ) -> Arc<Query> {
        let query = self.submit(session, submission);
        let (service, session) = (Arc::clone(self), Arc::clone(session));
        let ended = Arc::clone(&query);
        tokio::spawn(async move {
            while ended.wait(ONE_DAY).await.is_none() {}
            service.leave(&session);
        });
        query
    }

    /// The query of this id, if this user of this account may see it.
    pub fn query_of_caller(&self, account: &str, user: &str, id: QueryId) -> Option<Arc<Query>> {
        let account = self.instance.account(account).ok()?;
        let query = self.history.query(id)?;
        (query.account == account && query.user == user).then_some(query)
    }

    /// Stops a query, whoever asks.
    pub fn stop(&self, query: &Arc<Query>) {
        tokio::spawn(stop_alone(Arc::clone(query)));
    }

    /// Stops whatever runs or waits: the server ends.
    pub fn stop_all(&self) {
        for query in self.history.unfinished() {
            self.stop(&query);
        }
    }

    /// Stops the query of this id.
    pub fn cancel_query(&self, session: &Arc<Session>, id: QueryId) -> Result<()> {
        let query = self.query(session, id).ok_or_else(Error::not_executing)?;
        self.cancel(session, &query)
    }

    fn cancel(&self, session: &Arc<Session>, query: &Arc<Query>) -> Result<()> {
        if query.finished().is_some() {
            return Err(Error::not_executing());
        }
        tokio::spawn(stop(Reason::Asked, Arc::clone(query), Arc::clone(session)));
        Ok(())
    }
}

impl Queries for Service {
    fn result(&self, session: &Session, id: QueryId) -> Result<ResultSet> {
        let query = self.query(session, id);
        let finished = query.and_then(|query| query.finished());
        match finished.as_deref().map(|finished| &finished.outcome) {
            Some(Outcome::Answered(answer)) => Ok(answer.result.clone()),
            Some(Outcome::Failed(_) | Outcome::Forgotten { .. }) => {
                Err(Error::result_not_found(id))
            }
            None => Err(Error::statement_not_found(id)),
        }
    }

    fn history(&self, session: &Session) -> Vec<PastQuery> {
        const MOST: usize = 10_000;
        let queries = self.history.newest(MOST).into_iter();
        let own = queries.filter(|query| query.account == session.account);
        own.map(|query| past(&query)).collect()
    }

    fn cancel(&self, session: &Session, id: QueryId) -> Result<()> {
        let query = self.query(session, id).ok_or_else(Error::not_executing)?;
        if query.finished().is_some() {
            return Err(Error::not_executing());
        }
        stop_blocking(&query, session);
        Ok(())
    }

    fn cancel_all(&self, session: &Session, except: QueryId, of: SessionId) -> usize {
        let running = self.history.running(of);
        let theirs = running
            .iter()
            .filter(|query| query.id != except && owns(session, query));
        theirs.map(|query| stop_blocking(query, session)).count()
    }
}

/// A query as its account's history lists it.
fn past(query: &Query) -> PastQuery {
    let outcome = query.finished().map(|finished| {
        let (kind, rows, error) = match &finished.outcome {
            Outcome::Answered(answer) => (Some(answer.kind), answer.result.row_count(), None),
            Outcome::Failed(error) => (None, 0, Some(Error::clone(error))),
            Outcome::Forgotten { row_count } => (None, *row_count, None),
        };
        PastOutcome {
            at: finished.at,
            kind,
            rows,
            error,
            scope: finished.scope.clone(),
        }
    });
    let tag = query
        .own_parameters
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("QUERY_TAG"));
    let of_session = query
        .finished()
        .map(|f| f.parameters.text("QUERY_TAG").to_string());
    PastQuery {
        id: query.id,
        text: Arc::clone(&query.text),
        session: query.session,
        user: query.user.clone(),
        warehouse: query.warehouse.clone(),
        tag: tag.map(|(_, tag)| tag.clone()).or(of_session),
        submitted: query.submitted,
        started: query.started(),
        outcome,
    }
}

/// Stops a query from a statement's thread.
fn stop_blocking(query: &Query, session: &Session) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while query.finished().is_none() && Instant::now() < deadline {
        query.stop(Reason::Asked, session);
        std::thread::sleep(Duration::from_millis(10));
    }
}

async fn stop(reason: Reason, query: Arc<Query>, session: Arc<Session>) {
    query.stop(reason, &session);
    while query.wait(CANCEL_AGAIN).await.is_none() {
        query.stop(reason, &session);
    }
}

/// As `stop`, without the session: a query that still waits ends when its turn comes.
async fn stop_alone(query: Arc<Query>) {
    query.cancellation.request(Reason::Asked);
    while query.wait(CANCEL_AGAIN).await.is_none() {
        query.cancellation.request(Reason::Asked);
    }
}

/// STATEMENT_TIMEOUT_IN_SECONDS. Time in the queue counts.
async fn stop_after(seconds: i64, query: Arc<Query>, session: Arc<Session>) {
    let limit = Duration::from_secs(seconds.unsigned_abs());
    if query.wait(limit).await.is_none() {
        stop(Reason::Timeout(seconds), query, session).await;
    }
}

fn owns(session: &Session, query: &Query) -> bool {
    session.account == query.account && session.user == query.user
}

fn timeout_seconds(session: &Parameters, statement: &[(String, String)]) -> i64 {
    const NAME: &str = "STATEMENT_TIMEOUT_IN_SECONDS";
    let own = statement
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(NAME))
        .and_then(|(_, value)| value.parse().ok());
    own.unwrap_or_else(|| session.integer(NAME))
}
