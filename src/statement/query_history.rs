//! The queries that INFORMATION_SCHEMA.QUERY_HISTORY and its kin list: before a statement that names one of them is bound,
//! they stand ready in the engine like a kept result (`result_scan`).
//!
//! Source of the columns: Snowflake, "QUERY_HISTORY, QUERY_HISTORY_BY_*".

use std::time::SystemTime;

use super::{Context, StatementKind};
use crate::error::{Error, Result};
use crate::result::{Column, ResultSet};
use crate::session::{QueryId, Scope, SessionId};
use crate::types::{LogicalType, TimestampKind};

/// A query that was submitted, as far as it is still known.
pub struct PastQuery {
    pub id: QueryId,
    pub text: std::sync::Arc<str>,
    pub session: SessionId,
    pub user: String,
    pub warehouse: Option<String>,
    /// QUERY_TAG, where the request set it.
    pub tag: Option<String>,
    pub submitted: SystemTime,
    pub started: Option<SystemTime>,
    pub outcome: Option<PastOutcome>,
}

/// How it ended.
pub struct PastOutcome {
    pub at: SystemTime,
    pub kind: Option<StatementKind>,
    pub rows: u64,
    pub error: Option<Error>,
    pub scope: Scope,
}

/// Columns and the letters of their types.
#[rustfmt::skip]
const COLUMNS: &[(&str, char)] = &[
    ("QUERY_ID", 'x'), ("QUERY_TEXT", 'x'), ("DATABASE_NAME", 'x'), ("SCHEMA_NAME", 'x'), ("QUERY_TYPE", 'x'),
    ("SESSION_ID", 'n'), ("AUTHN_EVENT_ID", 'n'), ("USER_NAME", 'x'), ("USER_TYPE", 'x'), ("USER_DATABASE_NAME", 'x'),
    ("USER_SCHEMA_NAME", 'x'), ("ROLE_NAME", 'x'), ("WAREHOUSE_NAME", 'x'), ("WAREHOUSE_SIZE", 'x'),
    ("WAREHOUSE_TYPE", 'x'), ("CLUSTER_NUMBER", 'n'), ("QUERY_TAG", 'x'), ("EXECUTION_STATUS", 'x'),
    ("ERROR_CODE", 'x'), ("ERROR_MESSAGE", 'x'), ("START_TIME", 't'), ("END_TIME", 't'), ("TOTAL_ELAPSED_TIME", 'n'),
    ("BYTES_SCANNED", 'n'), ("ROWS_PRODUCED", 'n'), ("COMPILATION_TIME", 'n'), ("EXECUTION_TIME", 'n'),
    ("QUEUED_PROVISIONING_TIME", 'n'), ("QUEUED_REPAIR_TIME", 'n'), ("QUEUED_OVERLOAD_TIME", 'n'),
    ("TRANSACTION_BLOCKED_TIME", 'n'), ("OUTBOUND_DATA_TRANSFER_CLOUD", 'x'), ("OUTBOUND_DATA_TRANSFER_REGION", 'x'),
    ("OUTBOUND_DATA_TRANSFER_BYTES", 'n'), ("INBOUND_DATA_TRANSFER_CLOUD", 'x'),
    ("INBOUND_DATA_TRANSFER_REGION", 'x'), ("INBOUND_DATA_TRANSFER_BYTES", 'n'), ("LIST_EXTERNAL_FILE_TIME", 'n'),
    ("CREDITS_USED_CLOUD_SERVICES", 'n'), ("RELEASE_VERSION", 'x'), ("EXTERNAL_FUNCTION_TOTAL_INVOCATIONS", 'n'),
    ("EXTERNAL_FUNCTION_TOTAL_SENT_ROWS", 'n'), ("EXTERNAL_FUNCTION_TOTAL_RECEIVED_ROWS", 'n'),
    ("EXTERNAL_FUNCTION_TOTAL_SENT_BYTES", 'n'), ("EXTERNAL_FUNCTION_TOTAL_RECEIVED_BYTES", 'n'),
    ("IS_CLIENT_GENERATED_STATEMENT", 'b'), ("QUERY_HASH", 'x'), ("QUERY_HASH_VERSION", 'n'),
    ("QUERY_PARAMETERIZED_HASH", 'x'), ("QUERY_PARAMETERIZED_HASH_VERSION", 'n'), ("TRANSACTION_ID", 'n'),
    ("QUERY_ACCELERATION_BYTES_SCANNED", 'n'), ("QUERY_ACCELERATION_PARTITIONS_SCANNED", 'n'),
    ("QUERY_ACCELERATION_UPPER_LIMIT_SCALE_FACTOR", 'n'), ("BYTES_WRITTEN_TO_RESULT", 'n'),
    ("ROWS_WRITTEN_TO_RESULT", 'n'), ("ROWS_INSERTED", 'n'), ("QUERY_RETRY_TIME", 'n'), ("QUERY_RETRY_CAUSE", 'x'),
    ("FAULT_HANDLING_TIME", 'n'), ("BIND_VALUES", 'x'), ("AGENT_TYPE", 'x'),
];

/// The queries of the session's account that are known, newest first.
pub(super) fn listing(context: &Context<'_>) -> Result<ResultSet> {
    let columns = COLUMNS.iter().map(|(name, ty)| {
        let logical = match ty {
            'n' => LogicalType::INTEGER,
            'b' => LogicalType::Boolean,
            't' => LogicalType::Timestamp {
                kind: TimestampKind::Ltz,
                scale: 3,
            },
            _ => LogicalType::TEXT,
        };
        Column::new(*name, logical)
    });
    let queries = context.queries.history(context.session);
    let rows = queries.iter().map(|query| {
        let cells = COLUMNS.iter().map(|(name, _)| cell(query, name));
        cells.collect()
    });
    ResultSet::from_text_rows(columns.collect(), rows.collect())
}

fn cell(query: &PastQuery, column: &str) -> Option<String> {
    let outcome = query.outcome.as_ref();
    let scope = outcome.map(|outcome| &outcome.scope);
    let error = outcome.and_then(|outcome| outcome.error.as_ref());
    let now = SystemTime::now();
    let end = outcome.map_or(now, |outcome| outcome.at);
    let started = query.started.unwrap_or(end);
    Some(match column {
        "QUERY_ID" => query.id.to_string(),
        "QUERY_TEXT" => query.text.to_string(),
        "DATABASE_NAME" | "USER_DATABASE_NAME" => scope?.database.clone()?,
        "SCHEMA_NAME" | "USER_SCHEMA_NAME" => scope?.schema.clone()?,
        "ROLE_NAME" => scope?.role.clone()?,
        "QUERY_TYPE" => query_type(outcome.and_then(|outcome| outcome.kind), &query.text),
        "SESSION_ID" => query.session.to_string(),
        "USER_NAME" => query.user.clone(),
        "USER_TYPE" => "PERSON".to_owned(),
        "WAREHOUSE_NAME" => query.warehouse.clone()?,
        "QUERY_TAG" => query.tag.clone().unwrap_or_default(),
        "EXECUTION_STATUS" => match (outcome, error, query.started) {
            (None, _, None) => "QUEUED",
            (None, ..) => "RUNNING",
            (_, Some(_), _) => "FAILED_WITH_ERROR",
            _ => "SUCCESS",
        }
        .to_owned(),
        "ERROR_CODE" => format!("{:06}", error?.code().number()),
        "ERROR_MESSAGE" => error?.to_string(),
        "START_TIME" => instant(query.submitted),
        // The beginning of time while it runs.
        "END_TIME" => outcome.map_or_else(|| "0.000".to_owned(), |outcome| instant(outcome.at)),
        "TOTAL_ELAPSED_TIME" => milliseconds(query.submitted, end),
        "EXECUTION_TIME" => milliseconds(started, end),
        "QUEUED_OVERLOAD_TIME" => milliseconds(query.submitted, started),
        "ROWS_PRODUCED" | "ROWS_WRITTEN_TO_RESULT" => outcome?.rows.to_string(),
        "IS_CLIENT_GENERATED_STATEMENT" => "false".to_owned(),
        "BYTES_SCANNED"
        | "COMPILATION_TIME"
        | "QUEUED_PROVISIONING_TIME"
        | "QUEUED_REPAIR_TIME"
        | "TRANSACTION_BLOCKED_TIME"
        | "OUTBOUND_DATA_TRANSFER_BYTES"
        | "INBOUND_DATA_TRANSFER_BYTES"
        | "LIST_EXTERNAL_FILE_TIME"
        | "CREDITS_USED_CLOUD_SERVICES"
        | "EXTERNAL_FUNCTION_TOTAL_INVOCATIONS"
        | "EXTERNAL_FUNCTION_TOTAL_SENT_ROWS"
        | "EXTERNAL_FUNCTION_TOTAL_RECEIVED_ROWS"
        | "EXTERNAL_FUNCTION_TOTAL_SENT_BYTES"
        | "EXTERNAL_FUNCTION_TOTAL_RECEIVED_BYTES"
        | "QUERY_RETRY_TIME"
        | "FAULT_HANDLING_TIME" => "0".to_owned(),
        _ => return None,
    })
}

/// Snowflake's word for what a statement does; of what only its text tells, its first two words.
fn query_type(kind: Option<StatementKind>, text: &str) -> String {
    let word = match kind {
        Some(StatementKind::Select) => "SELECT",
        Some(StatementKind::Insert) => "INSERT",
        Some(StatementKind::Update) => "UPDATE",
        Some(StatementKind::Delete) => "DELETE",
        Some(StatementKind::Merge) => "MERGE",
        Some(StatementKind::MultiInsert) => "MULTI_TABLE_INSERT",
        Some(StatementKind::AlterSession) => "ALTER_SESSION",
        Some(StatementKind::Use) => "USE",
        Some(StatementKind::Show) => "SHOW",
        Some(StatementKind::Describe) => "DESCRIBE",
        Some(StatementKind::Transaction) => "BEGIN_TRANSACTION",
        Some(StatementKind::Commit) => "COMMIT",
        Some(StatementKind::Explain) => "EXPLAIN",
        Some(StatementKind::Multi) => "MULTI_STATEMENT",
        _ => "",
    };
    if !word.is_empty() {
        return word.to_owned();
    }
    let noise = ["OR", "REPLACE", "TRANSIENT", "TEMPORARY", "TEMP", "SECURE"];
    let words = text.split_whitespace().map(str::to_uppercase);
    let words = words.filter(|word| !noise.contains(&word.as_str()));
    let words: Vec<_> = words.take(2).collect();
    match (words.first().map(String::as_str), kind) {
        (Some("CREATE" | "ALTER" | "DROP" | "TRUNCATE"), _) => words.join("_"),
        (Some("SELECT" | "WITH" | "VALUES"), _) => "SELECT".to_owned(),
        (Some("DESC"), _) => "DESCRIBE".to_owned(),
        (
            Some(
                verb @ ("INSERT" | "UPDATE" | "DELETE" | "MERGE" | "SHOW" | "DESCRIBE" | "USE"
                | "COPY" | "GRANT" | "REVOKE" | "EXPLAIN"),
            ),
            _,
        ) => verb.to_owned(),
        (Some(verb), Some(_)) => verb.to_owned(),
        _ => "UNKNOWN".to_owned(),
    }
}

fn since_epoch(time: SystemTime) -> u128 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_millis()
}

fn instant(time: SystemTime) -> String {
    let milliseconds = since_epoch(time);
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

fn milliseconds(from: SystemTime, to: SystemTime) -> String {
    since_epoch(to)
        .saturating_sub(since_epoch(from))
        .to_string()
}
