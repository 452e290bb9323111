//! One statement on its thread: the session's connection, the statement layer, and what must hold whatever happens there.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use tracing::{Span, field, info_span};

use super::{Query, Service, Submission};
use crate::error::{Error, Result};
use crate::session::Session;
use crate::statement::{self, Answer, Context, Request};

/// A query on its way to a thread.
pub(super) struct Run {
    pub service: Arc<Service>,
    pub session: Arc<Session>,
    pub query: Arc<Query>,
    /// Without its text and parameters, which the query has.
    pub submission: Submission,
}

impl Run {
    /// Runs the statement, and ends the query with its answer or its error. Never panics.
    pub(super) fn run(self) {
        if !self.query.start() {
            return;
        }
        let span = info_span!(
            "query",
            query_id = %self.query.id,
            session_id = %self.session.id,
            kind = field::Empty,
            rows = field::Empty,
            error_code = field::Empty,
            duration_ms = field::Empty,
        );
        let _entered = span.enter();
        let began = Instant::now();
        let result = guarded(|| self.execute());
        // A statement that was stopped fails with whatever the interrupt broke; its client hears why it was stopped.
        let result = result.or_else(|error| self.query.cancellation.check().and(Err(error)));
        record(&span, &result, began);
        self.session.remember_query(self.query.id);
        self.query.finish(result, &self.session);
        self.service
            .history
            .keep_result(&self.query, Instant::now());
    }

    fn execute(&self) -> Result<Answer> {
        let cancellation = &self.query.cancellation;
        cancellation.check()?;
        let parameters = self.query.overlay(&self.session.parameters())?;
        let request = Request {
            text: &self.query.text,
            bindings: &self.submission.bindings,
            describe_only: self.submission.describe_only,
        };
        let instance = &*self.service.instance;
        self.session.with_seat(&instance.engine, |seat| {
            let _running = cancellation.running(seat.connection.interrupt_handle());
            let mut context = Context {
                instance,
                session: &self.session,
                query_id: self.query.id,
                parameters,
                cancellation,
                connection: &mut seat.connection,
                transaction: &mut seat.transaction,
            };
            statement::execute(&mut context, &request)
        })
    }
}

/// `work`, with a panic turned into an internal error.
fn guarded(work: impl FnOnce() -> Result<Answer>) -> Result<Answer> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Error::internal(text(&*panic))))
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panic in a statement: {}", text.unwrap_or_default())
}

fn record(span: &Span, result: &Result<Answer>, began: Instant) {
    span.record("duration_ms", began.elapsed().as_millis() as u64);
    match result {
        Ok(answer) => {
            span.record("kind", field::debug(answer.kind));
            span.record("rows", answer.result.row_count());
            tracing::info!("succeeded");
        }
        Err(error) => {
            span.record("error_code", error.code().number());
            tracing::info!("failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn a_panic_becomes_an_internal_error() {
        let result = guarded(|| panic!("a bug"));
        let error = result.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Internal);
        assert!(!error.to_string().contains("a bug"));
    }
}
