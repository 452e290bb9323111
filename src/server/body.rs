//! Request bodies: JSON, perhaps gzipped, of bounded size.
//!
//! The layers of the router decompress while the body is read, so the limit counts the bytes that come out.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::connector::Failure;
use crate::error::{Error, Result};

/// The limit that a request's body has to keep, in its extensions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit(pub(super) usize);

/// Bodies longer than this are parsed off the async threads: a bulk insert's bindings take a while.
const LARGE: usize = 1 << 20;

/// Bodies up to this length are read before their request is handled.
const SHORT: usize = 64 << 10;

/// Reads a short body whole. A handler that leaves its body unread makes hyper close the connection, and the client finds
/// that out with its next request.
pub(super) async fn read_short(request: Request) -> Result<Request, Failure> {
    match request.body().size_hint().exact() {
        Some(length) if (1..=SHORT as u64).contains(&length) => {
            let (parts, body) = request.into_parts();
            let bytes = to_bytes(body, SHORT).await;
            let bytes = bytes.map_err(|_| Error::bad_request("the body cannot be read"))?;
            Ok(Request::from_parts(parts, Body::from(bytes)))
        }
        _ => Ok(request),
    }
}

/// A body of JSON; an empty one counts as `{}`. What it lacks in shape is an answer with code 390400.
#[derive(Debug)]
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned + Send + 'static, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        Ok(JsonBody(json(request).await?))
    }
}

/// The body of a request as [`JsonBody`] takes it, for protocols with refusals of their own.
pub(super) async fn json<T: DeserializeOwned + Send + 'static>(request: Request) -> Result<T> {
    let bytes = read(request).await?;
    match bytes.len() {
        ..LARGE => parse(&bytes),
        _ => tokio::task::spawn_blocking(move || parse(&bytes))
            .await
            .unwrap_or_else(|error| Err(Error::internal(error))),
    }
}

/// The parameters of a request's address. Of one that is there twice the first counts; what is no UTF-8 is replaced.
#[derive(Debug)]
pub(super) struct UrlQuery<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for UrlQuery<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let refused = || Error::bad_request("the parameters of the address cannot be read");
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(pairs) = pairs.map_err(|_| refused())?;
        let mut fields = Map::new();
        for (name, value) in pairs {
            fields.entry(name).or_insert(Value::String(value));
        }
        let parsed = T::deserialize(Value::Object(fields));
        Ok(UrlQuery(parsed.map_err(|_| refused())?))
    }
}

async fn read(request: Request) -> Result<Bytes> {
    let limit = request.extensions().get().map_or(0, |Limit(bytes)| *bytes);
    let mut body = request.into_body();
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|_| Error::bad_request("the body cannot be read"))?;
        if let Ok(data) = frame.into_data() {
            length += data.len();
            if length <= limit {
                bytes.extend_from_slice(&data);
            } else if length > 2 * limit {
                break;
            }
        }
    }
    // What is too long is read on for a while: a client that still writes would not see the answer.
    if length > limit {
        return Err(Error::bad_request(format!(
            "the body has more than {limit} bytes"
        )));
    }
    Ok(bytes.into())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let text = match bytes.trim_ascii() {
        b"" => b"{}",
        text => text,
    };
    // A struct would be read from an array of its fields, too.
    if !text.starts_with(b"{") {
        return Err(Error::bad_request("the body is not a JSON object"));
    }
    serde_json::from_slice(text)
        .map_err(|error| Error::bad_request(format!("the body is not the expected JSON ({error})")))
}
