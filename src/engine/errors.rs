//! Reads DuckDB's complaints and says what Snowflake would say.

use super::ffi::Complaint;
use crate::error::{Error, ErrorCode};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure { Other }

pub(super) fn interpret(complaint: &Complaint, _limit: Option<u64>) -> (Failure, Error) {
    (Failure::Other, Error::internal(format!("{:?} {}", complaint.exception, complaint.text)))
}

pub(super) fn opening(path: Option<&str>, complaint: Complaint) -> Error {
    Error::with_text(ErrorCode::Internal, format!("{path:?} {}", complaint.text))
}
