//! The rules for every route, on routes of their own.

use std::io::Write;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, Uri};
use axum::routing::post;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::body::JsonBody;
use super::*;

async fn length(JsonBody(body): JsonBody<Value>) -> String {
    json!({"length": body.to_string().len()}).to_string()
}

async fn fail() -> String {
    panic!("a secret detail")
}

async fn send(request: Request<Body>) -> (StatusCode, Value) {
    let options = Options {
        max_body_bytes: 1 << 20,
        ..Options::default()
    };
    let routes = Router::new()
        .route("/a/b", post(length))
        .route("/panic", post(fail));
    let response = with_rules(routes, Router::new(), &options)
        .oneshot(request)
        .await
        .unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

fn request(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).body(body.into()).unwrap()
}

fn gzipped(path: &str, content: &[u8]) -> Request<Body> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    let mut request = request(path, encoder.finish().unwrap());
    let gzip = "gzip".parse().unwrap();
    request.headers_mut().insert("content-encoding", gzip);
    request
}

#[test]
fn slashes_collapse_in_the_path_alone() {
    let check = |uri: &str, expected: Option<&str>| {
        let uri: Uri = uri.parse().unwrap();
        let collapsed = collapsed(&uri).map(|uri| uri.to_string());
        assert_eq!(collapsed.as_deref(), expected);
    };
    check(
        "/monitoring/queries//01b0?x=a//b",
        Some("/monitoring/queries/01b0?x=a//b"),
    );
    check("//queries///v1", Some("/queries/v1"));
    check("/queries/v1?u=http://h", None);
}

#[tokio::test]
async fn paths_are_collapsed_before_routing() {
    let (status, body) = send(request("//a//b", "{}")).await;
    assert_eq!((status, body), (StatusCode::OK, json!({"length": 2})));
}

#[tokio::test]
async fn bodies_may_be_gzipped_or_empty() {
    let (_, body) = send(gzipped("/a/b", br#"{"a":1}"#)).await;
    assert_eq!(body, json!({"length": 7}));
    let (_, body) = send(request("/a/b", "")).await;
    assert_eq!(body, json!({"length": 2}));
}

#[tokio::test]
async fn a_gzip_bomb_stops_at_the_limit() {
    let bomb = vec![b' '; 64 << 20];
    let (status, body) = send(gzipped("/a/b", &bomb)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&body["code"], &body["success"]),
        (&json!("390400"), &json!(false))
    );
}

#[tokio::test]
async fn broken_bodies_are_answers() {
    for broken in ["{", "[1", "nonsense"] {
        let (status, body) = send(request("/a/b", broken)).await;
        assert_eq!((status, &body["code"]), (StatusCode::OK, &json!("390400")));
    }
    let mut broken_gzip = request("/a/b", "no gzip");
    let gzip = "gzip".parse().unwrap();
    broken_gzip.headers_mut().insert("content-encoding", gzip);
    let (status, body) = send(broken_gzip).await;
    assert_eq!((status, &body["code"]), (StatusCode::OK, &json!("390400")));
}

#[tokio::test]
async fn a_panic_is_an_answer_without_details() {
    let (status, body) = send(request("/panic", "")).await;
    assert_eq!((status, &body["code"]), (StatusCode::OK, &json!("000603")));
    assert!(!body.to_string().contains("secret"));
}

#[tokio::test]
async fn unknown_paths_are_json() {
    let (status, body) = send(request("/nowhere", "")).await;
    assert_eq!(
        (status, &body["success"]),
        (StatusCode::NOT_FOUND, &json!(false))
    );
    let wrong_method = Request::get("/a/b").body(Body::empty()).unwrap();
    assert_eq!(send(wrong_method).await.0, StatusCode::NOT_FOUND);
}
