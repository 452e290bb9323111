//! Request bodies: JSON, perhaps gzipped, of bounded size.
//!
//! The layers of the router decompress while the body is read, so the limit counts the bytes that come out.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use super::connector::Failure;
use crate::error::{Error, Result};

/// The limit that a request's body has to keep, in its extensions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit(pub(super) usize);

/// Bodies longer than this are parsed off the async threads: a bulk insert's bindings take a while.
const LARGE: usize = 1 << 20;

/// A body of JSON; an empty one counts as `{}`. What it lacks in shape is an answer with code 390400.
#[derive(Debug)]
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned + Send + 'static, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let bytes = read(request).await?;
        let parsed = match bytes.len() {
            ..LARGE => parse(&bytes),
            _ => tokio::task::spawn_blocking(move || parse(&bytes))
                .await
                .unwrap_or_else(|error| Err(Error::internal(error))),
        };
        Ok(JsonBody(parsed?))
    }
}

async fn read(request: Request) -> Result<Bytes> {
    let limit = request.extensions().get().map_or(0, |Limit(bytes)| *bytes);
    to_bytes(request.into_body(), limit).await.map_err(|error| {
        Error::bad_request(format!(
            "the body cannot be read, or has more than {limit} bytes ({error})"
        ))
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let text = match bytes.trim_ascii() {
        b"" => b"{}",
        text => text,
    };
    serde_json::from_slice(text)
        .map_err(|error| Error::bad_request(format!("the body is not the expected JSON ({error})")))
}
