//! The bodies of the SQL API (`sql-api.md` 7 to 9).

use axum::Json;
use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, LINK};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::{Error, ErrorCode, Result};
use crate::query::Query;
use crate::result::{CellStyle, Column, ResultSet, WireType};
use crate::session::QueryId;
use crate::statement::{Answer, StatementKind};

/// A request that is refused, or a statement that failed.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    body: RefusalBody,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RefusalBody {
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sql_state: Option<String>,
    /// Absent for what is refused before there is a statement, null for one without a handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_handle: Option<Option<String>>,
}

impl Refusal {
    /// Of the request itself: code and message alone.
    pub(super) fn request(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.to_owned(), message.into());
        Refusal {
            status,
            body: RefusalBody {
                code,
                message,
                sql_state: None,
                statement_handle: None,
            },
        }
    }

    /// Of a statement.
    pub(super) fn statement(
        status: StatusCode,
        code: &str,
        sql_state: &str,
        message: impl Into<String>,
        handle: Option<String>,
    ) -> Self {
        let body = RefusalBody {
            code: code.to_owned(),
            message: message.into(),
            sql_state: Some(sql_state.to_owned()),
            statement_handle: Some(handle),
        };
        Refusal { status, body }
    }

    /// Of a statement that failed with `error`.
    pub(super) fn of(error: &Error, handle: Option<QueryId>) -> Self {
        let status = match error.code() {
            ErrorCode::StatementTimeout => StatusCode::REQUEST_TIMEOUT,
            ErrorCode::EmptyStatement | ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        // The SQL API has a code of its own for a statement without a database.
        let (code, message) = match error.code() {
            ErrorCode::NoCurrentDatabase => (
                391_918,
                "The statement needs a database. Specify it in the body or in the parameter DATABASE.".to_owned(),
            ),
            code => (code.number(), error.to_string()),
        };
        let handle = handle
            .filter(|_| error.code() != ErrorCode::EmptyStatement)
            .map(|id| id.to_string());
        Refusal::statement(
            status,
            &format!("{code:06}"),
            error.code().sqlstate(),
            message,
            handle,
        )
    }

    pub(super) fn unknown_handle(status: StatusCode, handle: &str) -> Self {
        let message = format!("Statement {handle} not found");
        Refusal::statement(status, "000709", "02000", message, Some(handle.to_owned()))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// 202: ask again.
pub(super) fn in_progress(query: &Query) -> Response {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct QueryStatus {
        code: &'static str,
        message: &'static str,
        statement_handle: String,
        statement_status_url: String,
    }
    let status = QueryStatus {
        code: "333334",
        message: "Asynchronous execution in progress. Use provided query id to perform query monitoring and management.",
        statement_handle: query.id.to_string(),
        statement_status_url: format!("/api/v2/statements/{}", query.id),
    };
    (StatusCode::ACCEPTED, Json(status)).into_response()
}

/// 200: canceled.
pub(super) fn canceled(handle: &str) -> Response {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct CancelStatus<'a> {
        code: &'static str,
        sql_state: &'static str,
        message: &'static str,
        statement_handle: &'a str,
        statement_status_url: String,
    }
    Json(CancelStatus {
        code: "000604",
        sql_state: "57014",
        message: "SQL execution canceled",
        statement_handle: handle,
        statement_status_url: format!("/api/v2/statements/{handle}"),
    })
    .into_response()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultSetMessage {
    result_set_meta_data: MetaData,
    data: Box<RawValue>,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_handles: Option<Vec<String>>,
    statement_status_url: String,
    request_id: String,
    sql_state: &'static str,
    statement_handle: String,
    message: &'static str,
    created_on: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stats: Option<Stats>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetaData {
    num_rows: u64,
    format: &'static str,
    partition_info: Vec<PartitionInfo>,
    row_type: Vec<RowType>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PartitionInfo {
    row_count: u64,
    uncompressed_size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    compressed_size: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowType {
    name: String,
    database: String,
    schema: String,
    table: String,
    collation: (),
    byte_length: Option<u32>,
    nullable: bool,
    scale: Option<u32>,
    precision: Option<u32>,
    length: Option<u32>,
    r#type: &'static str,
}

impl RowType {
    fn of(column: &Column) -> Self {
        let wire = WireType::of(&column.logical);
        let origin = column.origin.as_ref();
        // Four bytes a character, but for the `status` of DDL.
        let byte_length = match (wire.name, origin) {
            ("text", _) if column.name == "status" => wire.length,
            ("text", _) => wire.length.map(|length| length.saturating_mul(4)),
            _ => wire.byte_length,
        };
        RowType {
            name: column.name.clone(),
            database: origin.map_or_else(String::new, |origin| origin.database.clone()),
            schema: origin.map_or_else(String::new, |origin| origin.schema.clone()),
            table: origin.map_or_else(String::new, |origin| origin.table.clone()),
            collation: (),
            byte_length,
            nullable: column.nullable,
            scale: wire.scale.map(|scale| scale as u32),
            precision: wire.precision.map(|precision| precision as u32),
            length: wire.length,
            r#type: wire.name,
        }
    }
}

/// Rows that DML changed; absent where it changed none.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Stats {
    num_rows_inserted: u64,
    num_rows_deleted: u64,
    num_rows_updated: u64,
    /// The service's name of it, and the documentation's.
    num_dml_duplicates: u64,
    num_duplicate_rows_updated: u64,
}

impl Stats {
    fn of(answer: &Answer) -> Option<Stats> {
        let is_dml = matches!(
            answer.kind,
            StatementKind::Insert
                | StatementKind::Update
                | StatementKind::Delete
                | StatementKind::Merge
        );
        if !is_dml {
            return None;
        }
        let mut text = Vec::new();
        answer
            .result
            .write_json(0, CellStyle::Driver, &mut text)
            .ok()?;
        let counts: Vec<Option<String>> = serde_json::from_slice(&text).ok()?;
        let mut stats = Stats::default();
        for (column, count) in answer.result.columns().iter().zip(counts) {
            let count: u64 = count?.parse().ok()?;
            match column.name.as_str() {
                "number of rows updated" => stats.num_rows_updated += count,
                "number of rows deleted" => stats.num_rows_deleted += count,
                "number of multi-joined rows updated" => {
                    stats.num_dml_duplicates += count;
                    stats.num_duplicate_rows_updated += count;
                }
                name if name.starts_with("number of rows inserted") => {
                    stats.num_rows_inserted += count
                }
                _ => {}
            }
        }
        let changed = stats.num_rows_inserted + stats.num_rows_deleted + stats.num_rows_updated;
        (changed > 0).then_some(stats)
    }
}

/// Largest result, in bytes as it is kept, whose partitions are compressed beforehand to tell their sizes.
const COMPRESSED_BEFOREHAND: u64 = 16 << 20;

/// 200: the result with its first partition. Renders rows: to be called off the async threads for large results.
pub(super) fn result_set(
    query: &Query,
    answer: &Answer,
    request_id: &str,
    style: CellStyle,
) -> Result<Response> {
    let result = &answer.result;
    let several = result.chunks().len() > 1;
    let compress =
        several && result.memory_bytes() + result.spooled_bytes() <= COMPRESSED_BEFOREHAND;
    let partition_info = (0..result.chunks().len())
        .map(|index| {
            let compressed_size = if compress {
                Some(compressed(&partition(result, index, style)?)?.len() as u64)
            } else {
                None
            };
            Ok(PartitionInfo {
                row_count: result.chunks()[index].row_count(),
                uncompressed_size: result.json_bytes(index, style)?,
                compressed_size,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let data = String::from_utf8(partition(result, 0, style)?).map_err(Error::internal)?;
    let submitted = query
        .submitted
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    let message = ResultSetMessage {
        result_set_meta_data: MetaData {
            num_rows: result.row_count(),
            format: "jsonv2",
            partition_info,
            row_type: result.columns().iter().map(RowType::of).collect(),
        },
        data: RawValue::from_string(data).map_err(Error::internal)?,
        code: "090001",
        statement_handles: (answer.kind == StatementKind::Multi).then(|| {
            answer
                .children
                .iter()
                .map(|(id, _)| id.to_string())
                .collect()
        }),
        statement_status_url: format!("/api/v2/statements/{}?requestId={request_id}", query.id),
        request_id: request_id.to_owned(),
        sql_state: "00000",
        statement_handle: query.id.to_string(),
        message: "Statement executed successfully.",
        created_on: submitted.as_millis() as u64,
        stats: Stats::of(answer),
    };
    let mut response = Json(message).into_response();
    add_link(&mut response, query.id, 0, result.chunks().len());
    Ok(response)
}

/// 200: a further partition, gzipped whatever the client accepts, as the service does.
pub(super) fn further_partition(
    query: QueryId,
    result: &ResultSet,
    index: usize,
    style: CellStyle,
) -> Result<Response> {
    let mut text = b"{\"data\":".to_vec();
    text.append(&mut partition(result, index, style)?);
    text.push(b'}');
    let mut response = Response::new(Body::from(compressed(&text)?));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
        .headers_mut()
        .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    add_link(&mut response, query, index, result.chunks().len());
    Ok(response)
}

/// `[["1"],["2"]]`
fn partition(result: &ResultSet, index: usize, style: CellStyle) -> Result<Vec<u8>> {
    let mut text = vec![b'['];
    result.write_json(index, style, &mut text)?;
    text.push(b']');
    Ok(text)
}

fn compressed(text: &[u8]) -> Result<Vec<u8>> {
    use std::io::Write;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).map_err(Error::internal)?;
    encoder.finish().map_err(Error::internal)
}

/// Where the other partitions are; each entry has a request id of its own.
fn add_link(response: &mut Response, query: QueryId, index: usize, count: usize) {
    let last = count.saturating_sub(1);
    let mut entries = vec![("first", 0)];
    if index > 0 {
        entries.push(("prev", index - 1));
    }
    if index < last {
        entries.push(("next", index + 1));
    }
    entries.push(("last", last));
    let entries: Vec<_> = entries
        .into_iter()
        .map(|(rel, partition)| {
            let request = uuid::Uuid::new_v4();
            format!("</api/v2/statements/{query}?requestId={request}&partition={partition}>; rel=\"{rel}\"")
        })
        .collect();
    if let Ok(value) = HeaderValue::from_str(&entries.join(",")) {
        response.headers_mut().insert(LINK, value);
    }
}
