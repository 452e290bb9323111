//! HTTP: the only folder that knows axum and wire JSON.
//!
//! [`router`] makes one router for all listeners; [`serve`] runs it on a bound one until it is told to stop. The rules that
//! hold for every protocol are here: slashes of paths are collapsed before routing (the universal core sends
//! `/monitoring/queries//{id}`), request bodies may be gzipped, a panic is an answer with an error, and no answer has a
//! status of 5xx, which drivers would take for a reason to try again. Answers are not compressed: clients are near.

mod auth;
mod body;
mod connector;
mod origin;
mod sql_api;
mod staged;
pub mod tls;
mod transfer;

use std::any::Any;
use std::future::{Future, IntoFuture};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{StatusCode, Uri, uri::PathAndQuery};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::Listener;
use axum::{Extension, Json, Router, middleware};
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::decompression::RequestDecompressionLayer;

use crate::error::{Error, Result};
use crate::query::Service;

pub use origin::Scheme;

use connector::Failure;

/// How long requests may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Limits of the HTTP layer.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bytes of a request's body, after decompression.
    pub max_body_bytes: usize,
    /// How long a request waits for its query before it answers "in progress".
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            max_body_bytes: 100 << 20,
            patience: Duration::from_secs(45),
        }
    }
}

/// What handlers share.
struct App {
    service: Arc<Service>,
    signer: transfer::Signer,
    requests: sql_api::Requests,
    patience: Duration,
}

/// The routes of all protocols.
pub fn router(service: Arc<Service>, options: &Options) -> Result<Router> {
    let app = Arc::new(App {
        service,
        signer: transfer::Signer::new()?,
        requests: sql_api::Requests::default(),
        patience: options.patience,
    });
    // The bytes of stages' files pass as they are: a body that says it is gzipped is one that stays so.
    let staged = staged::routes().with_state(Arc::clone(&app));
    let routes = Router::new()
        .route("/health", get(health))
        .merge(connector::routes())
        .merge(sql_api::routes())
        .merge(transfer::routes())
        .with_state(app);
    Ok(with_rules(routes, staged, options))
}

/// Serves a bound listener until `shutdown` ends, and then lets running requests finish, for a while.
pub async fn serve<L: Listener>(
    listener: L,
    scheme: Scheme,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    L::Addr: std::fmt::Debug,
{
    let (stop, stopping) = tokio::sync::oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        let _ = stop.send(()); // nobody listens any more: the server has ended by itself
    };
    let server = axum::serve(listener, router.layer(Extension(scheme)));
    let server = server.with_graceful_shutdown(shutdown).into_future();
    let out_of_patience = async {
        match stopping.await {
            Ok(()) => tokio::time::sleep(GRACE).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = server => ended,
        () = out_of_patience => Ok(()),
    }
}

/// The rules for every route; `raw` are those whose bodies are not touched.
fn with_rules(routes: Router, raw: Router, options: &Options) -> Router {
    let routes = routes
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .layer(Extension(body::Limit(options.max_body_bytes)))
        .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
        .layer(middleware::map_request(body::read_short))
        .merge(raw)
        .layer(CatchPanicLayer::custom(panicked));
    // A router's own layers run after routing, hence a router around the router.
    Router::new()
        .fallback_service(routes)
        .layer(middleware::map_request(collapse_slashes))
}

async fn health() -> impl IntoResponse {
    Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

async fn not_found(uri: Uri) -> impl IntoResponse {
    let message = format!("This server has no {}.", uri.path());
    let body = json!({"data": null, "code": "390404", "message": message, "success": false});
    (StatusCode::NOT_FOUND, Json(body))
}

fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    let text = format!("panic in a request: {}", text.unwrap_or_default());
    Failure::from(Error::internal(text)).into_response()
}

async fn collapse_slashes(mut request: Request) -> Request {
    if let Some(collapsed) = collapsed(request.uri()) {
        *request.uri_mut() = collapsed;
    }
    request
}

/// The URI with single slashes in its path; `None` if it has no others.
fn collapsed(uri: &Uri) -> Option<Uri> {
    if !uri.path().contains("//") {
        return None;
    }
    let mut path = String::with_capacity(uri.path().len());
    for character in uri.path().chars() {
        if character != '/' || !path.ends_with('/') {
            path.push(character);
        }
    }
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests;
