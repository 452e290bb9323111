//! Downloads of result chunks.
//!
//! Drivers fetch chunks without their session's token, in any order and in parallel, perhaps from another machine. So a
//! chunk's URL carries its own permission: a signature over everything that it names, with an end. Nothing is remembered.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use super::App;
use super::connector::{self, Format};
use super::origin::Origin;
use crate::error::{Error, Result};
use crate::query::Outcome;
use crate::session::QueryId;

/// How long a chunk's URL works.
const VALIDITY: Duration = Duration::from_secs(6 * 3600);

/// A chunk of a query's result, in one form, until a second of the Unix clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Permission {
    query: QueryId,
    chunk: usize,
    format: Format,
    expires: u64,
}

/// Signs with a key of this process.
pub(super) struct Signer {
    key: [u8; 64],
}

impl Signer {
    pub(super) fn new() -> Result<Self> {
        let mut key = [0; 64];
        getrandom::fill(&mut key).map_err(|error| Error::internal(error.to_string()))?;
        Ok(Signer { key })
    }

    /// The URL of a chunk, as this client reaches it.
    pub(super) fn url(
        &self,
        origin: &Origin,
        query: QueryId,
        chunk: usize,
        format: Format,
    ) -> String {
        let permission = Permission {
            query,
            chunk,
            format,
            expires: seconds_now() + VALIDITY.as_secs(),
        };
        let signature = self.signature(&permission.signed());
        let Permission { expires, .. } = permission;
        let (Origin(origin), format) = (origin, format.name());
        format!(
            "{origin}/results/{query}/{chunk}?format={format}&expires={expires}&sig={signature}"
        )
    }

    fn allows(&self, permission: Permission, signature: &str, now: u64) -> bool {
        now < permission.expires && self.verifies(&permission.signed(), signature)
    }

    /// The signature of a text. What is signed begins with a word for its purpose.
    pub(super) fn signature(&self, signed: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(signed).finalize().into_bytes())
    }

    /// Whether it is the signature of this text.
    pub(super) fn verifies(&self, signed: &str, signature: &str) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        self.mac(signed).verify_slice(&signature).is_ok()
    }

    fn mac(&self, signed: &str) -> Hmac<Sha256> {
        let key = self.key.into();
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&key);
        mac.update(signed.as_bytes());
        mac
    }
}

impl Permission {
    fn signed(&self) -> String {
        let Permission {
            query,
            chunk,
            format,
            expires,
        } = self;
        format!("result {query} {chunk} {} {expires}", format.name())
    }
}

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/results/{query}/{chunk}", get(chunk))
}

#[derive(Deserialize)]
struct Signed {
    format: Format,
    expires: u64,
    sig: String,
}

async fn chunk(
    State(app): State<Arc<App>>,
    Path((query, chunk)): Path<(String, usize)>,
    Query(Signed {
        format,
        expires,
        sig,
    }): Query<Signed>,
) -> Response {
    let Ok(query) = query.parse() else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let permission = Permission {
        query,
        chunk,
        format,
        expires,
    };
    // 403 makes drivers ask for a new URL; 404 makes them give up.
    if !app.signer.allows(permission, &sig, seconds_now()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let kept = app.service.query_of_signed_url(permission.query);
    let Some(Outcome::Answered(answer)) = kept
        .and_then(|query| query.finished())
        .map(|finished| finished.outcome.clone())
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let render = move || connector::chunk_body(&answer.result, chunk, format);
    match tokio::task::spawn_blocking(render).await {
        Ok(Ok(bytes)) => download(format, bytes),
        Ok(Err(_)) | Err(_) => StatusCode::NOT_FOUND.into_response(), // logged where it arose
    }
}

fn download(format: Format, bytes: Bytes) -> Response {
    let media_type = match format {
        Format::Arrow => "application/vnd.apache.arrow.stream",
        // Not JSON: Node would parse it, and it is rows without brackets around them.
        Format::Json => "text/plain; charset=utf-8",
    };
    ([(CONTENT_TYPE, media_type)], bytes).into_response()
}

pub(super) fn seconds_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_for_one_chunk_in_one_form_for_a_while() {
        let signer = Signer::new().unwrap();
        let permission = Permission {
            query: QueryId::generate(),
            chunk: 1,
            format: Format::Arrow,
            expires: 100,
        };
        let signature = signer.signature(&permission.signed());
        assert!(signer.allows(permission, &signature, 99));
        assert!(!signer.allows(permission, &signature, 100));
        assert!(!signer.allows(permission, "", 99));
        let other = Permission {
            chunk: 2,
            ..permission
        };
        assert!(!signer.allows(other, &signature, 99));
        assert!(!Signer::new().unwrap().allows(permission, &signature, 99));
    }
}
