//! The queries that are known: those that run, and those that have ended and are kept for a while.
//!
//! It finds a query by its id and by the request that submitted it (a driver repeats a request whose answer got lost, and
//! must not run its statement twice), remembers cancels that overtook their query, and bounds what is kept: the number of
//! queries, and the number, bytes and age of results. Time comes in as an argument.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::state::{Outcome, Query};
use crate::session::{QueryId, SessionId};

/// How long a cancel waits for the query that it overtook.
const EARLY_CANCEL: Duration = Duration::from_secs(5);
/// Cancels that wait at most.
const MAX_EARLY_CANCELS: usize = 10_000;

/// What is kept of ended queries.
#[derive(Debug, Clone)]
pub struct Retention {
    /// Queries in the history, those that run included.
    pub queries: usize,
    /// Bytes of their texts.
    pub text_bytes: usize,
    /// Results with rows.
    pub results: usize,
    /// Bytes of results, in memory.
    pub memory_bytes: u64,
    /// Bytes of results, in the spool.
    pub spooled_bytes: u64,
    pub age: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Retention {
            queries: 10_000,
            text_bytes: 64 << 20,
            results: 1000,
            memory_bytes: 256 << 20,
            spooled_bytes: 16 << 30,
            age: Duration::from_secs(24 * 3600),
        }
    }
}

/// See the module.
pub struct History {
    retention: Retention,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    by_id: HashMap<QueryId, Arc<Query>>,
    by_request: HashMap<RequestKey, Submitted>,
    /// Every query, oldest first, with its request.
    order: VecDeque<(QueryId, Option<RequestKey>)>,
    text_bytes: usize,
    kept: Kept,
    early_cancels: VecDeque<(RequestKey, Instant)>,
}

/// Ended queries with rows, oldest first, and their sum.
#[derive(Default)]
struct Kept {
    order: VecDeque<Rows>,
    memory_bytes: u64,
    spooled_bytes: u64,
}

struct Rows {
    query: Arc<Query>,
    ended: Instant,
    memory_bytes: u64,
    spooled_bytes: u64,
}

/// A request id counts within its session.
#[derive(Clone, PartialEq, Eq, Hash)]
struct RequestKey {
    session: SessionId,
    request_id: Arc<str>,
}

struct Submitted {
    id: QueryId,
    text_hash: u64,
}

/// What became of a submission.
pub(super) enum Registered {
    /// A new query, to be run.
    New(Arc<Query>),
    /// A new query whose cancel was here first.
    Canceled(Arc<Query>),
    /// The query of an earlier copy of this request.
    Repeated(Arc<Query>),
}

impl History {
    pub(super) fn new(retention: Retention) -> Self {
        History {
            retention,
            known: Mutex::default(),
        }
    }

    /// Registers a query under its request, unless that request has one already for the same text.
    pub(super) fn register(
        &self,
        session: SessionId,
        request_id: Option<&str>,
        query: Query,
        now: Instant,
    ) -> Registered {
        let key = request_id.map(|id| RequestKey::new(session, id));
        let text_hash = hash(&query.text);
        let mut known = self.known.lock();
        if let Some(submitted) = key.as_ref().and_then(|key| known.by_request.get(key))
            && submitted.text_hash == text_hash
            && let Some(query) = known.by_id.get(&submitted.id)
        {
            return Registered::Repeated(Arc::clone(query));
        }
        let query = Arc::new(query);
        known.by_id.insert(query.id, Arc::clone(&query));
        known.order.push_back((query.id, key.clone()));
        known.text_bytes += query.text.len();
        let mut canceled = false;
        if let Some(key) = key {
            known.drop_late_cancels(now);
            if let Some(place) = known.early_cancels.iter().position(|(of, _)| *of == key) {
                known.early_cancels.remove(place);
                canceled = true;
            }
            let id = query.id;
            known.by_request.insert(key, Submitted { id, text_hash });
        }
        known.bound_queries(&self.retention);
        match canceled {
            true => Registered::Canceled(query),
            false => Registered::New(query),
        }
    }

    /// Adds a query that no request of its own submitted.
    pub(super) fn add(&self, query: Arc<Query>) {
        let mut known = self.known.lock();
        known.order.push_back((query.id, None));
        known.text_bytes += query.text.len();
        known.by_id.insert(query.id, query);
        known.bound_queries(&self.retention);
    }

    pub fn query(&self, id: QueryId) -> Option<Arc<Query>> {
        self.known.lock().by_id.get(&id).cloned()
    }

    /// The query that a request of this session submitted last.
    pub fn by_request(&self, session: SessionId, request_id: &str) -> Option<Arc<Query>> {
        let known = self.known.lock();
        let submitted = known
            .by_request
            .get(&RequestKey::new(session, request_id))?;
        known.by_id.get(&submitted.id).cloned()
    }

    /// The queries of a session that have not ended.
    pub(super) fn running(&self, session: SessionId) -> Vec<Arc<Query>> {
        let known = self.known.lock();
        let queries = known.by_id.values();
        queries
            .filter(|query| query.session == session && query.finished().is_none())
            .cloned()
            .collect()
    }

    /// The queries of all sessions that have not ended.
    pub(super) fn unfinished(&self) -> Vec<Arc<Query>> {
        let known = self.known.lock();
        let queries = known.by_id.values();
        queries
            .filter(|query| query.finished().is_none())
            .cloned()
            .collect()
    }

    /// The known queries, newest first.
    pub fn newest(&self, count: usize) -> Vec<Arc<Query>> {
        let known = self.known.lock();
        let ids = known.order.iter().rev().take(count);
        ids.filter_map(|(id, _)| known.by_id.get(id).cloned())
            .collect()
    }

    /// Remembers a cancel whose query is not here yet.
    pub(super) fn cancel_early(&self, session: SessionId, request_id: &str, now: Instant) {
        let mut known = self.known.lock();
        known.drop_late_cancels(now);
        if known.early_cancels.len() < MAX_EARLY_CANCELS {
            let key = RequestKey::new(session, request_id);
            known.early_cancels.push_back((key, now));
        }
    }

    /// Counts an ended query's rows in, and lets the oldest go where they are too many.
    pub(super) fn keep_result(&self, query: &Arc<Query>, now: Instant) {
        let Some(finished) = query.finished() else {
            return;
        };
        if let Outcome::Answered(answer) = &finished.outcome {
            let result = Rows {
                query: Arc::clone(query),
                ended: now,
                memory_bytes: answer.result.memory_bytes(),
                spooled_bytes: answer.result.spooled_bytes(),
            };
            let mut known = self.known.lock();
            known.kept.add(result);
            known.kept.bound(&self.retention, now);
        }
    }
}

impl Known {
    /// Forgets the oldest queries that have ended, until the bounds hold or all that are left run.
    fn bound_queries(&mut self, retention: &Retention) {
        for _ in 0..self.order.len() {
            let within =
                self.order.len() <= retention.queries && self.text_bytes <= retention.text_bytes;
            if within {
                return;
            }
            let Some((id, key)) = self.order.pop_front() else {
                return;
            };
            match self.by_id.remove(&id) {
                Some(query) if query.finished().is_none() => {
                    self.by_id.insert(id, query);
                    self.order.push_back((id, key));
                }
                forgotten => {
                    self.text_bytes -= forgotten.map_or(0, |query| query.text.len());
                    if let Some(key) = key
                        && self.by_request.get(&key).is_some_and(|of| of.id == id)
                    {
                        self.by_request.remove(&key);
                    }
                }
            }
        }
    }

    fn drop_late_cancels(&mut self, now: Instant) {
        let late = |since: Instant| now.saturating_duration_since(since) >= EARLY_CANCEL;
        while self
            .early_cancels
            .front()
            .is_some_and(|(_, since)| late(*since))
        {
            self.early_cancels.pop_front();
        }
    }
}

impl Kept {
    fn add(&mut self, result: Rows) {
        self.memory_bytes += result.memory_bytes;
        self.spooled_bytes += result.spooled_bytes;
        self.order.push_back(result);
    }

    /// The newest result stays, however large it is: somebody is waiting for it.
    fn bound(&mut self, retention: &Retention, now: Instant) {
        while self.order.len() > 1
            && let Some(oldest) = self.order.front()
        {
            let too_old = now.saturating_duration_since(oldest.ended) > retention.age;
            let too_much = self.order.len() > retention.results
                || self.memory_bytes > retention.memory_bytes
                || self.spooled_bytes > retention.spooled_bytes;
            if !too_old && !too_much {
                return;
            }
            self.memory_bytes -= oldest.memory_bytes;
            self.spooled_bytes -= oldest.spooled_bytes;
            oldest.query.forget_rows();
            self.order.pop_front();
        }
    }
}

impl RequestKey {
    fn new(session: SessionId, request_id: &str) -> Self {
        RequestKey {
            session,
            request_id: request_id.into(),
        }
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ObjectId;
    use crate::error::Error;
    use crate::session::{Client, Parameters, Scope, Session};

    fn session() -> Session {
        Session::new(
            ObjectId(1),
            "ALICE".into(),
            Client::default(),
            Scope::default(),
            Parameters::default(),
        )
    }

    fn history(queries: usize) -> History {
        History::new(Retention {
            queries,
            ..Retention::default()
        })
    }

    fn register(history: &History, session: &Session, request: &str, text: &str) -> Registered {
        let query = Query::new(session, text, Vec::new());
        history.register(session.id, Some(request), query, Instant::now())
    }

    fn new(registered: Registered) -> Arc<Query> {
        match registered {
            Registered::New(query) => query,
            _ => panic!("expected a new query"),
        }
    }

    #[test]
    fn a_repeated_request_leads_to_the_same_query() {
        let (history, session) = (history(10), session());
        let first = new(register(&history, &session, "r1", "insert"));
        match register(&history, &session, "r1", "insert") {
            Registered::Repeated(query) => assert_eq!(query.id, first.id),
            _ => panic!("expected the same query"),
        }
        // PUT sends one request id with several texts; another session's ids are its own.
        let other = new(register(&history, &session, "r1", "put file 2"));
        assert_ne!(other.id, first.id);
        new(register(&history, &self::session(), "r1", "insert"));
        let found = history.by_request(session.id, "r1").unwrap();
        assert_eq!(found.id, other.id);
    }

    #[test]
    fn a_cancel_that_comes_first_meets_its_query() {
        let (history, session, now) = (history(10), session(), Instant::now());
        history.cancel_early(session.id, "r1", now);
        let canceled = register(&history, &session, "r1", "select");
        assert!(matches!(canceled, Registered::Canceled(_)));
        history.cancel_early(session.id, "r2", now);
        let query = Query::new(&session, "select", Vec::new());
        let late = history.register(session.id, Some("r2"), query, now + EARLY_CANCEL);
        assert!(matches!(late, Registered::New(_)));
    }

    #[test]
    fn the_history_is_bounded_but_keeps_what_runs() {
        let (history, session) = (history(3), session());
        let running = new(register(&history, &session, "r0", "select"));
        for number in 1..10 {
            let query = new(register(
                &history,
                &session,
                &format!("r{number}"),
                "select",
            ));
            query.finish(Err(Error::canceled()), &session);
        }
        assert!(history.query(running.id).is_some());
        assert!(history.by_request(session.id, "r1").is_none());
        let known = history.known.lock();
        assert_eq!((known.by_id.len(), known.by_request.len()), (3, 3));
    }
}
