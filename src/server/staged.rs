//! The files of stages over HTTP: uploads of PUT and downloads of GET.
//!
//! It speaks the part of Google's storage protocol that drivers use (`wire-protocol.md` 9.5 and 9.6), because that one alone
//! works with all of them over plain HTTP. Old drivers get a URL for each file, signed for one method; the universal core
//! and new Node get a token for a folder. Neither needs a session, and nothing is remembered.

use std::fs::File;
use std::future::poll_fn;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path, Query, State};
use axum::http::header::{
    ACCEPT_RANGES, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body::{Frame, SizeHint};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tokio::task::{JoinHandle, spawn_blocking};
use uuid::Uuid;

use super::App;
use super::origin::Origin;
use super::transfer::{Signer, seconds_now};
use crate::error::{Error, Result};
use crate::stage::{StageKey, Upload, join};

/// How long URLs and tokens work: transfers that take longer have begun before.
const VALIDITY: Duration = Duration::from_secs(6 * 3600);

/// The first segment of paths; to the drivers, the name of a bucket.
pub(super) const BUCKET: &str = "stages";

/// Bytes that are read from or written to a file at once.
const BLOCK: usize = 1 << 20;

/// What a client says of the bytes: their SHA-256.
const DIGEST: HeaderName = HeaderName::from_static("x-goog-meta-sfc-digest");

/// With 0: the file must not be there.
const IF_GENERATION: HeaderName = HeaderName::from_static("x-goog-if-generation-match");

/// Characters of a path that stand for themselves in a URL.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// What a signed URL allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// To read the file.
    Read,
    /// To write the file, or nothing where it is there already.
    Create,
    /// To write the file.
    Write,
    /// To write any number of files into the path's folder, with names of our own.
    Collect,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Mode::Read => "read",
            Mode::Create => "create",
            Mode::Write => "write",
            Mode::Collect => "collect",
        }
    }
}

impl FromStr for Mode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Mode::Read, Mode::Create, Mode::Write, Mode::Collect];
        all.into_iter().find(|mode| mode.name() == text).ok_or(())
    }
}

/// The URL of a file, as this client reaches it, for one purpose and a while.
pub(super) fn url(
    signer: &Signer,
    origin: &Origin,
    mode: Mode,
    stage: &StageKey,
    path: &str,
) -> String {
    let expires = seconds_now() + VALIDITY.as_secs();
    let signature = signer.signature(&signed_url(mode, stage, path, expires));
    let (Origin(origin), mode) = (origin, mode.name());
    let path = utf8_percent_encode(path, PLAIN);
    format!("{origin}/{BUCKET}/{stage}/{path}?mode={mode}&expires={expires}&sig={signature}")
}

/// A token for the files whose paths begin with `prefix`: to read them, or to write them.
pub(super) fn token(signer: &Signer, writes: bool, stage: &StageKey, prefix: &str) -> String {
    let mode = if writes { Mode::Write } else { Mode::Read };
    let expires = seconds_now() + VALIDITY.as_secs();
    let signature = signer.signature(&signed_token(mode, stage, prefix, expires));
    let prefix = URL_SAFE_NO_PAD.encode(prefix);
    format!("{}.{expires}.{prefix}.{signature}", mode.name())
}

fn signed_url(mode: Mode, stage: &StageKey, path: &str, expires: u64) -> String {
    format!("stage-url {} {stage} {expires} {path}", mode.name())
}

fn signed_token(mode: Mode, stage: &StageKey, prefix: &str, expires: u64) -> String {
    format!("stage-token {} {stage} {expires} {prefix}", mode.name())
}

pub(super) fn routes() -> Router<Arc<App>> {
    let path = format!("/{BUCKET}/{{stage}}/{{*path}}");
    Router::new().route(&path, get(download).put(upload))
}

/// The query of a signed URL.
#[derive(Deserialize)]
struct Signed {
    mode: Option<String>,
    expires: Option<u64>,
    sig: Option<String>,
}

/// What the request may do with the file of this path. 403: nothing. 401: nothing any more; drivers ask for a new token.
fn allowed(
    signer: &Signer,
    (stage, path): (&StageKey, &str),
    signed: &Signed,
    headers: &HeaderMap,
) -> Result<Mode, StatusCode> {
    let now = seconds_now();
    let refused = StatusCode::FORBIDDEN;
    // .NET adds a token that means nothing to a signed URL.
    if let Some(signature) = &signed.sig {
        let mode = signed.mode.as_deref().and_then(|mode| mode.parse().ok());
        let (mode, expires) = mode.zip(signed.expires).ok_or(refused)?;
        let is_ours = signer.verifies(&signed_url(mode, stage, path, expires), signature);
        return (is_ours && now < expires).then_some(mode).ok_or(refused);
    }
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer "));
    let parts: Vec<_> = token.unwrap_or_default().split('.').collect();
    let [mode, expires, prefix, signature] = parts[..] else {
        return Err(refused);
    };
    let mode: Mode = mode.parse().map_err(|()| refused)?;
    let expires: u64 = expires.parse().map_err(|_| refused)?;
    let prefix = URL_SAFE_NO_PAD.decode(prefix).map_err(|_| refused)?;
    let prefix = String::from_utf8(prefix).map_err(|_| refused)?;
    let is_ours = signer.verifies(&signed_token(mode, stage, &prefix, expires), signature);
    match is_ours && path.starts_with(&prefix) {
        true if now < expires => Ok(mode),
        true => Err(StatusCode::UNAUTHORIZED),
        false => Err(refused),
    }
}

async fn download(
    State(app): State<Arc<App>>,
    Path((stage, path)): Path<(String, String)>,
    Query(signed): Query<Signed>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let Ok(stage) = stage.parse() else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let mode = match allowed(&app.signer, (&stage, &path), &signed, &headers) {
        Ok(mode) => mode,
        Err(status) => return status.into_response(),
    };
    // Whoever holds a token for writing asks whether the file is there. On a URL for writing, 200 would make Node fail and
    // .NET believe that the file is uploaded.
    let looks = mode == Mode::Write && signed.sig.is_none() && method == Method::HEAD;
    if mode != Mode::Read && !looks {
        return StatusCode::FORBIDDEN.into_response();
    }
    let service = Arc::clone(&app.service);
    let read = move || service.stages().area(&stage)?.read(&path);
    let Ok(Ok(Some((file, content)))) = spawn_blocking(read).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let range = range(&headers, file.size);
    let (status, bytes) = match &range {
        Some(range) => (StatusCode::PARTIAL_CONTENT, range.clone()),
        None => (StatusCode::OK, 0..file.size),
    };
    let mut response = Response::new(Body::new(FileBody::new(content, bytes.clone())));
    *response.status_mut() = status;
    let response_headers = response.headers_mut();
    let octets = HeaderValue::from_static("application/octet-stream");
    response_headers.insert(CONTENT_TYPE, octets);
    response_headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let length = bytes.end - bytes.start;
    response_headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    let digest = file.digest.as_deref().map(HeaderValue::from_str);
    if let Some(Ok(digest)) = digest {
        response_headers.insert(DIGEST, digest);
    }
    if range.is_some() {
        let part = format!("bytes {}-{}/{}", bytes.start, bytes.end - 1, file.size);
        if let Ok(part) = HeaderValue::from_str(&part) {
            response_headers.insert(CONTENT_RANGE, part);
        }
    }
    response
}

/// `bytes=first-last` or `bytes=first-` within a file of this size; another range is the whole file.
fn range(headers: &HeaderMap, size: u64) -> Option<Range<u64>> {
    let text = headers.get(RANGE)?.to_str().ok()?;
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.trim().parse::<u64>().ok()?;
    let end = match last.trim() {
        "" => size,
        last => last.parse::<u64>().ok()?.saturating_add(1).min(size),
    };
    (first < end).then_some(first..end)
}

async fn upload(
    State(app): State<Arc<App>>,
    Path((stage, path)): Path<(String, String)>,
    Query(signed): Query<Signed>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(stage) = stage.parse::<StageKey>() else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let mode = match allowed(&app.signer, (&stage, &path), &signed, &headers) {
        Ok(Mode::Read) => return StatusCode::FORBIDDEN.into_response(),
        Ok(mode) => mode,
        Err(status) => return status.into_response(),
    };
    let must_be_new = headers.get(IF_GENERATION).is_some_and(|value| value == "0");
    let overwrites = mode != Mode::Create && !must_be_new;
    let header = headers.get(DIGEST).and_then(|value| value.to_str().ok());
    let digest = header.map(str::to_owned);
    let path = match mode {
        Mode::Collect => collected(&path, digest.as_deref()),
        _ => Ok(path),
    };
    let stored = match path {
        Ok(path) => store(&app, &stage, path, body, digest, overwrites).await,
        Err(error) => Err(io::Error::other(error)),
    };
    match stored {
        // What was there stays; a driver that sent it by a signed URL takes that for success.
        Ok(false) if must_be_new => StatusCode::PRECONDITION_FAILED.into_response(),
        Ok(_) => StatusCode::OK.into_response(),
        Err(error) => {
            tracing::warn!(%error, %stage, "an upload failed");
            // Drivers give up; 5xx would make them try again and again.
            StatusCode::NOT_FOUND.into_response()
        }
    }
}

/// The path of a collected file: beside the one that the URL names, with a name from its digest.
fn collected(path: &str, digest: Option<&str>) -> Result<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = match digest {
        Some(digest) => digest
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>(),
        None => Uuid::new_v4().simple().to_string(),
    };
    join(folder, &name)
}

/// Stores a body as a file; false where one is there and stays. The body is read to its end in any case.
async fn store(
    app: &App,
    stage: &StageKey,
    path: String,
    mut body: Body,
    digest: Option<String>,
    overwrites: bool,
) -> io::Result<bool> {
    let (service, stage) = (Arc::clone(&app.service), stage.clone());
    let begin = move || {
        let area = service.stages().area(&stage)?;
        let upload = area.upload(&path)?;
        Ok::<_, Error>((area, upload))
    };
    let (area, mut upload) = spawn_blocking(begin).await?.map_err(io::Error::other)?;
    let mut block = Vec::with_capacity(BLOCK);
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(data) = frame.map_err(io::Error::other)?.into_data() {
            block.extend_from_slice(&data);
        }
        if block.len() >= BLOCK {
            (upload, block) = write(upload, block).await?;
        }
    }
    let (upload, _) = write(upload, block).await?;
    let finish = move || area.finish(upload, digest, overwrites);
    let finished = spawn_blocking(finish).await?.map_err(io::Error::other)?;
    Ok(finished.is_some())
}

/// Writes a block on a thread that may wait for the disk, and gives back its memory.
async fn write(mut upload: Upload, mut block: Vec<u8>) -> io::Result<(Upload, Vec<u8>)> {
    let write = move || {
        upload.write_all(&block)?;
        block.clear();
        Ok((upload, block))
    };
    spawn_blocking(write).await?
}

/// A part of a file as a body, read block by block as the client takes it.
struct FileBody {
    state: Reading,
    position: u64,
    left: u64,
}

enum Reading {
    Idle(Option<File>),
    Block(JoinHandle<io::Result<(File, Vec<u8>)>>),
}

impl FileBody {
    fn new(file: File, bytes: Range<u64>) -> Self {
        FileBody {
            state: Reading::Idle(Some(file)),
            position: bytes.start,
            left: bytes.end - bytes.start,
        }
    }
}

impl HttpBody for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        if this.left == 0 {
            return Poll::Ready(None);
        }
        if let Reading::Idle(file) = &mut this.state {
            let Some(mut file) = file.take() else {
                return Poll::Ready(None);
            };
            let (position, length) = (this.position, this.left.min(BLOCK as u64));
            this.state = Reading::Block(spawn_blocking(move || {
                let mut block = vec![0; usize::try_from(length).unwrap_or(BLOCK)];
                file.seek(SeekFrom::Start(position))?;
                file.read_exact(&mut block)?;
                Ok((file, block))
            }));
        }
        let Reading::Block(reading) = &mut this.state else {
            return Poll::Ready(None);
        };
        match Pin::new(reading).poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(Ok((file, block)))) => {
                this.state = Reading::Idle(Some(file));
                this.position += block.len() as u64;
                this.left -= block.len() as u64;
                Poll::Ready(Some(Ok(Frame::data(block.into()))))
            }
            Poll::Ready(Ok(Err(error))) => {
                this.state = Reading::Idle(None);
                Poll::Ready(Some(Err(error)))
            }
            Poll::Ready(Err(error)) => {
                this.state = Reading::Idle(None);
                Poll::Ready(Some(Err(error.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query_of(url: &str) -> Signed {
        let uri: axum::http::Uri = url.parse().unwrap();
        Query::try_from_uri(&uri)
            .map(|Query(signed)| signed)
            .unwrap()
    }

    #[test]
    fn a_url_is_good_for_one_path_and_one_purpose() {
        let signer = Signer::new().unwrap();
        let origin = Origin("http://localhost:1".to_owned());
        let (stage, other) = (StageKey::Named(1), StageKey::Named(2));
        let none = HeaderMap::new();
        let url = url(&signer, &origin, Mode::Read, &stage, "a b/ü?.csv");
        assert!(url.starts_with("http://localhost:1/stages/s1/a%20b/%C3%BC%3F.csv?mode=read&"));
        let mut signed = query_of(&url);
        let allows =
            |stage, path: &str, signed: &Signed| allowed(&signer, (stage, path), signed, &none);
        assert_eq!(allows(&stage, "a b/ü?.csv", &signed), Ok(Mode::Read));
        assert_eq!(
            allows(&stage, "a b/ü?.csv2", &signed),
            Err(StatusCode::FORBIDDEN)
        );
        assert_eq!(
            allows(&other, "a b/ü?.csv", &signed),
            Err(StatusCode::FORBIDDEN)
        );
        signed.mode = Some("write".to_owned());
        assert_eq!(
            allows(&stage, "a b/ü?.csv", &signed),
            Err(StatusCode::FORBIDDEN)
        );
        signed.mode = Some("read".to_owned());
        signed.expires = signed.expires.map(|expires| expires + 1);
        assert_eq!(
            allows(&stage, "a b/ü?.csv", &signed),
            Err(StatusCode::FORBIDDEN)
        );
    }

    #[test]
    fn a_token_is_good_for_a_folder() {
        let signer = Signer::new().unwrap();
        let stage = StageKey::Named(1);
        let none = Signed {
            mode: None,
            expires: None,
            sig: None,
        };
        let allows = |token: &str, stage: &StageKey, path: &str| {
            let mut headers = HeaderMap::new();
            let value = format!("Bearer {token}").parse().unwrap();
            headers.insert(AUTHORIZATION, value);
            allowed(&signer, (stage, path), &none, &headers)
        };
        let good = token(&signer, true, &stage, "a/");
        assert_eq!(allows(&good, &stage, "a/b"), Ok(Mode::Write));
        assert_eq!(allows(&good, &stage, "b"), Err(StatusCode::FORBIDDEN));
        let other = StageKey::Table(1);
        assert_eq!(allows(&good, &other, "a/b"), Err(StatusCode::FORBIDDEN));
        let forged = good.replacen("write", "read", 1);
        assert_eq!(allows(&forged, &stage, "a/b"), Err(StatusCode::FORBIDDEN));
        for token in ["", "a.b", "write.1..x", "write.x.y.z"] {
            assert_eq!(allows(token, &stage, "a/b"), Err(StatusCode::FORBIDDEN));
        }
        let old = signer.signature(&signed_token(Mode::Read, &stage, "", 1));
        let old = format!("read.1..{old}");
        assert_eq!(allows(&old, &stage, "a/b"), Err(StatusCode::UNAUTHORIZED));
    }

    #[test]
    fn ranges_are_within_the_file() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, text.parse().unwrap());
            range(&headers, 10)
        };
        assert_eq!(of("bytes=0-4"), Some(0..5));
        assert_eq!(of("bytes=5-"), Some(5..10));
        assert_eq!(of("bytes=5-99"), Some(5..10));
        for other in [
            "bytes=10-",
            "bytes=3-2",
            "bytes=-5",
            "lines=1-2",
            "bytes=a-b",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
