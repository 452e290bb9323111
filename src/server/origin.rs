//! How the client sees this server: the beginning of the URLs that it is given.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;

/// What a listener speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

/// `http://localhost:8084`, from the request itself, so that containers, port mappings and proxies work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin(pub(super) String);

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let forwarded = header("x-forwarded-proto").and_then(|value| value.split(',').next());
        let scheme = match (forwarded.map(str::trim), parts.extensions.get()) {
            (Some("https"), _) | (None, Some(Scheme::Https)) => "https",
            _ => "http",
        };
        let host = header(HOST.as_str())
            .or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
            .unwrap_or("localhost");
        Ok(Origin(format!("{scheme}://{host}")))
    }
}
