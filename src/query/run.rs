//! One statement on its thread: the session's connection, the statement layer, and what must hold whatever happens there.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use tracing::{Span, field, info_span};

use super::{Query, Service, Submission};
use crate::error::{Error, ErrorCode, Result};
use crate::session::{QueryId, Session};
use crate::sql::{Source, StatementText};
use crate::statement::{self, Answer, Context, Translated, Variables};

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
        // That its transaction is gone is news that it must hear all the same.
        let result = result.or_else(|error| match error.code() {
            ErrorCode::TransactionLost => Err(error),
            _ => self.query.cancellation.check().and(Err(error)),
        });
        record(&span, &result, began);
        self.end(&self.query, result);
    }

    fn end(&self, query: &Arc<Query>, result: Result<Answer>) {
        self.session.remember_query(query.id);
        query.finish(result, &self.session);
        self.service.history.keep_result(query, Instant::now());
    }

    fn execute(&self) -> Result<Answer> {
        let staged = match &self.submission.bind_stage {
            Some(location) => {
                let instance = &self.service.instance;
                Some(statement::staged_bindings(
                    instance,
                    &self.session,
                    location,
                )?)
            }
            None => None,
        };
        let bindings = staged.as_ref().unwrap_or(&self.submission.bindings);
        let variables = Variables::new(bindings, self.submission.describe_only)?;
        let source = Source::tokenize(&self.query.text)?;
        let statements = source.statements();
        let parameters = self.query.overlay(&self.session.parameters())?;
        let wanted = usize::try_from(parameters.integer("MULTI_STATEMENT_COUNT")).unwrap_or(0);
        match &statements[..] {
            [] => Err(Error::empty_statement()),
            found if wanted != 0 && wanted != found.len() => {
                Err(Error::statement_count(found.len(), wanted))
            }
            [single] => match &single.chain()[..] {
                [_] => self.statement(&self.query, *single, &variables),
                chain => self.chain(chain, &variables),
            },
            several => self.several(several, &variables),
        }
    }

    /// Runs statements one after the other, each as a query of its own. What ran before one that fails has taken effect.
    fn several(&self, texts: &[StatementText<'_>], variables: &Variables) -> Result<Answer> {
        if self.submission.describe_only {
            return Answer::several(vec![], vec![]);
        }
        let mut children = Vec::new();
        let mut binds = Vec::new();
        for text in texts {
            let child = Arc::new(self.query.child(&self.session, text.text()));
            self.service.history.add(Arc::clone(&child));
            child.start();
            let result = self.statement(&child, *text, variables);
            let failure = match &result {
                Ok(answer) => {
                    children.push((child.id, answer.kind));
                    binds.extend(answer.binds.iter().cloned());
                    None
                }
                Err(error) => Some(error.clone()),
            };
            self.end(&child, result);
            if let Some(error) = failure {
                return Err(error);
            }
        }
        Answer::several(children, binds)
    }

    /// Runs the statements of a chain; the last one's answer is that of all.
    fn chain(&self, texts: &[StatementText<'_>], variables: &Variables) -> Result<Answer> {
        if self.submission.describe_only {
            return Err(Error::unsupported("description of statements in a chain"));
        }
        let mut ids = Vec::new();
        let mut answer = None;
        for (index, text) in texts.iter().enumerate() {
            if text.tokens().is_empty() {
                return Err(Error::empty_statement());
            }
            let id_of = |back: usize| {
                ids.get(ids.len().checked_sub(back)?)
                    .map(QueryId::to_string)
            };
            let tokens = text.over_results(id_of)?;
            let text = tokens
                .as_deref()
                .map_or(*text, |tokens| text.with_tokens(tokens));
            if index + 1 == texts.len() {
                answer = Some(self.statement(&self.query, text, variables)?);
                break;
            }
            let child = Arc::new(self.query.child(&self.session, text.text()));
            self.service.history.add(Arc::clone(&child));
            child.start();
            let result = self.statement(&child, text, variables);
            let failure = result.as_ref().err().cloned();
            ids.push(child.id);
            self.end(&child, result);
            if let Some(error) = failure {
                return Err(error);
            }
        }
        answer.ok_or_else(Error::empty_statement)
    }

    fn statement(
        &self,
        query: &Query,
        text: StatementText<'_>,
        variables: &Variables,
    ) -> Result<Answer> {
        let cancellation = &*query.cancellation;
        cancellation.check()?;
        let parameters = query.overlay(&self.session.parameters())?;
        let autocommit = parameters.boolean("AUTOCOMMIT");
        let instance = &*self.service.instance;
        self.session
            .with_seat(&instance.engine, autocommit, |seat| {
                cancellation.check()?; // it may have waited for its connection
                let _running = cancellation.running(seat.connection.interrupt_handle());
                let mut context = Context {
                    instance,
                    session: &self.session,
                    query_id: query.id,
                    text: text.text(),
                    parameters,
                    variables,
                    queries: &*self.service,
                    ready: Arc::default(),
                    cancellation,
                    nanoseconds: false,
                    connection: &mut seat.connection,
                    transaction: &mut seat.transaction,
                };
                statement::execute(&mut context, text, self.submission.describe_only)
            })
    }
}

impl Service {
    /// What the engine would be asked if this session ran the statements of a text now. Blocking.
    pub fn translate(&self, session: &Arc<Session>, text: &str) -> Result<Vec<Translated>> {
        let query = Query::new(session, text.to_owned(), vec![]);
        let variables = Variables::new(&[], true)?;
        let source = Source::tokenize(text)?;
        let instance = &*self.instance;
        session.with_seat(&instance.engine, true, |seat| {
            let mut translated = Vec::new();
            for text in source.statements() {
                let mut context = Context {
                    instance,
                    session,
                    query_id: query.id,
                    text: text.text(),
                    parameters: session.parameters(),
                    variables: &variables,
                    queries: self,
                    ready: Arc::default(),
                    cancellation: &query.cancellation,
                    nanoseconds: false,
                    connection: &mut seat.connection,
                    transaction: &mut seat.transaction,
                };
                translated.extend(statement::translate(&mut context, text)?);
            }
            Ok(translated)
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

    #[test]
    fn a_panic_becomes_an_internal_error() {
        let result = guarded(|| panic!("a bug"));
        let error = result.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Internal);
        assert!(!error.to_string().contains("a bug"));
    }
}
