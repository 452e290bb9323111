//! The session of a request, from its header `Authorization: Snowflake Token="…"`.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::App;
use super::connector::Failure;
use crate::error::{Error, Result};
use crate::session::Session;

/// The session that a request runs in.
pub(super) struct Authenticated(pub(super) Arc<Session>);

impl FromRequestParts<Arc<App>> for Authenticated {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let token = token(&parts.headers)?;
        Ok(Authenticated(app.service.session(token)?))
    }
}

/// The token of a request, session or master.
pub(super) fn token(headers: &HeaderMap) -> Result<&str> {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(quoted_token)
        .ok_or_else(Error::invalid_token)
}

fn quoted_token(header: &str) -> Option<&str> {
    let rest = header.strip_prefix("Snowflake ")?.trim_start();
    let token = rest.strip_prefix("Token=")?.trim();
    Some(token.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stands_in_quotes() {
        let check = |header, expected| assert_eq!(quoted_token(header), expected);
        check(r#"Snowflake Token="ver:1-x""#, Some("ver:1-x"));
        check("Snowflake Token=ver:1-x", Some("ver:1-x"));
        check("Basic dTpw", None);
        check("Bearer x", None);
    }
}
