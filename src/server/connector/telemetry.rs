//! `POST /telemetry/send`: accepted and dropped. Anything but success costs drivers retries.

use axum::response::Response;

use super::messages::success;

pub(super) async fn accept() -> Response {
    success("Log Received")
}
