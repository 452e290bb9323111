//! SQL API v2: `/api/v2/statements`, for any HTTP client. The second view of the same queries: what a statement is and does
//! comes from `query` as for the drivers, only the messages differ (`sql-api.md`, recorded from the live service).
//!
//! A request is a session of its own: nothing that it sets is seen by the next.

mod caller;
mod handles;
mod messages;
mod statements;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use parking_lot::Mutex;

use super::App;
use crate::catalog::ObjectId;
use crate::session::QueryId;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/v2/statements", post(statements::submit))
        .route("/api/v2/statements/", post(statements::submit))
        .route("/api/v2/statements/{handle}", get(handles::status))
        .route("/api/v2/statements/{handle}/cancel", post(handles::cancel))
}

/// Most requests that are remembered for `retry=true`.
const REMEMBERED_REQUESTS: usize = 100_000;

/// What is known of requests beyond their queries.
#[derive(Default)]
pub(super) struct Requests {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// By account, user and request id.
    by_request: HashMap<(ObjectId, String, String), QueryId>,
    /// How NULL is sent: once chosen for a handle, it stays.
    nulls_as_text: HashMap<QueryId, bool>,
}

impl Requests {
    /// The query that an earlier copy of a request started.
    fn find(&self, account: ObjectId, user: &str, request_id: &str) -> Option<QueryId> {
        let key = (account, user.to_owned(), request_id.to_owned());
        self.known.lock().by_request.get(&key).copied()
    }

    fn remember(&self, key: (ObjectId, String, String), query: QueryId, nulls_as_text: bool) {
        let mut known = self.known.lock();
        if known.by_request.len() >= REMEMBERED_REQUESTS {
            known.by_request.clear();
            known.nulls_as_text.clear();
        }
        known.by_request.insert(key, query);
        if nulls_as_text {
            known.nulls_as_text.insert(query, true);
        }
    }

    fn nulls_as_text(&self, query: QueryId) -> bool {
        self.known.lock().nulls_as_text.contains_key(&query)
    }
}
