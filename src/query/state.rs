//! A query: one submitted statement, from its submission to its outcome.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::catalog::ObjectId;
use crate::error::{Error, ErrorCode, Result};
use crate::session::{Cancellation, Parameters, QueryId, Reason, Scope, Session, SessionId};
use crate::statement::Answer;

/// Where a query is in its life. Canceled is a failure that a client asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Waits for a thread.
    Queued,
    Running,
    Succeeded,
    Failed,
    Canceled,
}

/// A query. Shared by the request that waits for it, the thread that runs it, and the history.
pub struct Query {
    pub id: QueryId,
    pub text: Arc<str>,
    pub session: SessionId,
    pub account: ObjectId,
    pub user: String,
    pub warehouse: Option<String>,
    pub submitted: SystemTime,
    /// The parameters of its request alone.
    pub own_parameters: Vec<(String, String)>,
    /// Shared with the queries of its statements, where it has several.
    pub cancellation: Arc<Cancellation>,
    state: Mutex<State>,
    ended: watch::Sender<bool>,
}

struct State {
    status: Status,
    started: Option<SystemTime>,
    finished: Option<Arc<Finished>>,
}

/// How a query ended, and the session as it was then: what every protocol renders its answer from.
pub struct Finished {
    pub at: SystemTime,
    pub outcome: Outcome,
    pub scope: Scope,
    pub parameters: Parameters,
}

/// The answer of a query, or its error.
#[derive(Clone)]
pub enum Outcome {
    Answered(Arc<Answer>),
    Failed(Arc<Error>),
    /// The rows are no longer kept; their number is.
    Forgotten {
        row_count: u64,
    },
}

impl Query {
    pub(super) fn new(
        session: &Session,
        text: impl Into<Arc<str>>,
        own_parameters: Vec<(String, String)>,
    ) -> Self {
        Query {
            id: QueryId::generate(),
            text: text.into(),
            session: session.id,
            account: session.account,
            user: session.user.clone(),
            warehouse: session.scope().warehouse,
            submitted: SystemTime::now(),
            own_parameters,
            cancellation: Arc::default(),
            state: Mutex::new(State {
                status: Status::Queued,
                started: None,
                finished: None,
            }),
            ended: watch::Sender::new(false),
        }
    }

    /// The query of one of this query's statements.
    pub(super) fn child(&self, session: &Session, text: &str) -> Self {
        Query {
            cancellation: Arc::clone(&self.cancellation),
            ..Query::new(session, text, self.own_parameters.clone())
        }
    }

    pub fn status(&self) -> Status {
        self.state.lock().status
    }

    /// `parameters` with those of the query's request over them; a bad value was the query's own error.
    pub fn overlay(&self, parameters: &Parameters) -> Result<Parameters> {
        let own = self.own_parameters.iter();
        parameters.overlaid(own.map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// When a thread took it up.
    pub fn started(&self) -> Option<SystemTime> {
        self.state.lock().started
    }

    /// The outcome, if there is one yet.
    pub fn finished(&self) -> Option<Arc<Finished>> {
        self.state.lock().finished.clone()
    }

    /// Waits for the outcome; `None` when it takes longer than `patience`.
    pub async fn wait(&self, patience: Duration) -> Option<Arc<Finished>> {
        let mut ended = self.ended.subscribe();
        let wait = tokio::time::timeout(patience, ended.wait_for(|ended| *ended));
        let _ = wait.await; // late or not, the state decides
        self.finished()
    }

    /// A thread takes the query up; false if it has ended while it waited.
    pub(super) fn start(&self) -> bool {
        let mut state = self.state.lock();
        if state.status != Status::Queued {
            return false;
        }
        state.status = Status::Running;
        state.started = Some(SystemTime::now());
        true
    }

    /// Stops the query: at once if it still waits for a thread, otherwise as soon as its statement notices. To be repeated
    /// until it has ended.
    pub(super) fn stop(&self, reason: Reason, session: &Session) {
        self.cancellation.request(reason);
        if let Err(error) = self.cancellation.check() {
            self.end(Err(error), session, |status| status == Status::Queued);
        }
    }

    /// Ends the query. The first end counts.
    pub(super) fn finish(&self, result: Result<Answer>, session: &Session) {
        self.end(result, session, |_| true);
    }

    fn end(&self, result: Result<Answer>, session: &Session, may: impl Fn(Status) -> bool) {
        let (status, outcome) = match result {
            Ok(answer) => (Status::Succeeded, Outcome::Answered(Arc::new(answer))),
            Err(error) if error.code() == ErrorCode::Canceled => {
                (Status::Canceled, Outcome::Failed(Arc::new(error)))
            }
            Err(error) => (Status::Failed, Outcome::Failed(Arc::new(error))),
        };
        let finished = Finished {
            at: SystemTime::now(),
            outcome,
            scope: session.scope(),
            parameters: session.parameters(),
        };
        {
            let mut state = self.state.lock();
            if state.finished.is_some() || !may(state.status) {
                return;
            }
            state.status = status;
            state.finished = Some(Arc::new(finished));
        }
        self.ended.send_replace(true);
    }

    /// Lets go of the rows. Whoever is rendering them keeps them for that long.
    pub(super) fn forget_rows(&self) {
        let mut state = self.state.lock();
        if let Some(finished) = &state.finished
            && let Outcome::Answered(answer) = &finished.outcome
        {
            let forgotten = Finished {
                at: finished.at,
                outcome: Outcome::Forgotten {
                    row_count: answer.result.row_count(),
                },
                scope: finished.scope.clone(),
                parameters: finished.parameters.clone(),
            };
            state.finished = Some(Arc::new(forgotten));
        }
    }
}

impl Outcome {
    /// Rows that the query gave.
    pub fn row_count(&self) -> u64 {
        match self {
            Outcome::Answered(answer) => answer.result.row_count(),
            Outcome::Failed(_) => 0,
            Outcome::Forgotten { row_count } => *row_count,
        }
    }
}
