//! The answer of a query: its rows and everything that drivers read beside them (`wire-protocol.md` 3.3).
//!
//! Here alone the protocol meets `result::ResultSet`.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;

use super::format::Format;
use super::messages::{ParameterMessage, failure, parameters, progress, success};
use super::staging;
use crate::error::{Error, Result};
use crate::query::{Finished, Outcome, Query};
use crate::result::{CellStyle, Column, ResultSet, WireType};
use crate::server::App;
use crate::server::origin::Origin;
use crate::session::{Client, QueryId};
use crate::statement::{Answer, StatementKind, takes_arrays};
use crate::types::LogicalType;

/// Results larger than this are rendered off the async threads.
const LARGE: u64 = 64 << 10;

/// Why an answer has no rows yet.
pub(super) enum Pending {
    /// It takes longer than a request may wait.
    Slow,
    /// Its client does not want to wait.
    Asynchronous,
}

/// "Ask again": the driver polls `getResultUrl`.
pub(super) fn in_progress(query: &Query, pending: Pending) -> Response {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct InProgress {
        get_result_url: String,
        query_id: String,
        query_aborts_after_secs: u64,
        progress_desc: (),
    }
    let code = match pending {
        Pending::Slow => "333333",
        Pending::Asynchronous => "333334",
    };
    let data = InProgress {
        get_result_url: format!("/queries/{}/result", query.id),
        query_id: query.id.to_string(),
        query_aborts_after_secs: 300,
        progress_desc: (),
    };
    progress(code, data)
}

/// The answer of a query that has ended, for this client.
pub(super) async fn answer(
    app: &Arc<App>,
    client: &Client,
    origin: Origin,
    query: Arc<Query>,
    finished: Arc<Finished>,
) -> Response {
    let answer = match &finished.outcome {
        Outcome::Answered(answer) => Arc::clone(answer),
        Outcome::Failed(error) => return failure(error, Some(query.id)),
        Outcome::Forgotten { .. } => {
            return failure(&Error::result_not_found(query.id), Some(query.id));
        }
    };
    let chosen = query
        .overlay(&finished.parameters)
        .unwrap_or_else(|_| finished.parameters.clone());
    if let Some(transfer) = &answer.transfer {
        return staging::answer(app, client, &origin, (query.id, &finished), transfer);
    }
    let format = Format::choose(answer.kind, client, &chosen);
    let result = &answer.result;
    let large = result.memory_bytes() + result.spooled_bytes() > LARGE;
    let (app, id) = (Arc::clone(app), query.id);
    let render = move || {
        let rows = rows(&app, &origin, id, &answer.result, format)?;
        let data = QueryData::new(id, &answer, &finished, format, rows);
        Ok(success(data))
    };
    let rendered = match large {
        false => render(),
        true => tokio::task::spawn_blocking(render)
            .await
            .unwrap_or_else(|error| Err(Error::internal(error))),
    };
    rendered.unwrap_or_else(|error| failure(&error, Some(id)))
}

/// The body of a chunk's download.
pub(in crate::server) fn chunk_body(
    result: &ResultSet,
    chunk: usize,
    format: Format,
) -> Result<Bytes> {
    match format {
        Format::Arrow => Ok(Bytes::from_owner(Stream(result.arrow(chunk)?))),
        Format::Json => {
            let mut rows = Vec::new();
            result.write_json(chunk, CellStyle::Driver, &mut rows)?;
            Ok(rows.into())
        }
    }
}

struct Stream(arrow::buffer::Buffer);

impl AsRef<[u8]> for Stream {
    fn as_ref(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// The rows of an answer: the first chunk within it, the others to be fetched.
#[derive(Default)]
struct Rows {
    rowset: Option<Box<RawValue>>,
    rowset_base64: Option<String>,
    chunks: Vec<ChunkMessage>,
}

fn rows(
    app: &App,
    origin: &Origin,
    query: QueryId,
    result: &ResultSet,
    format: Format,
) -> Result<Rows> {
    let mut rows = Rows::default();
    match format {
        // No stream without rows: the iterator of Python 4 reads one out of bounds.
        Format::Arrow if result.row_count() == 0 => rows.rowset_base64 = Some(String::new()),
        Format::Arrow => rows.rowset_base64 = Some(STANDARD.encode(result.arrow(0)?.as_slice())),
        Format::Json => {
            let mut text = vec![b'['];
            result.write_json(0, CellStyle::Driver, &mut text)?;
            text.push(b']');
            let text = String::from_utf8(text).map_err(Error::internal)?;
            rows.rowset = Some(RawValue::from_string(text).map_err(Error::internal)?);
        }
    }
    for (index, chunk) in result.chunks().iter().enumerate().skip(1) {
        // JDBC allocates by this size, and fails if it is too small.
        let byte_count = match format {
            Format::Arrow => chunk.arrow_bytes(),
            Format::Json => result.json_bytes(index, CellStyle::Driver)?,
        };
        rows.chunks.push(ChunkMessage {
            url: app.signer.url(origin, query, index, format),
            row_count: chunk.row_count(),
            uncompressed_size: byte_count,
            compressed_size: byte_count,
        });
    }
    Ok(rows)
}

/// `data` of a successful answer. What is optional and not scalar is left out where it is absent: drivers decide by the key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QueryData<'a> {
    parameters: Vec<ParameterMessage>,
    rowtype: Vec<ColumnMessage<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rowset: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rowset_base64: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chunks: Vec<ChunkMessage>,
    total: u64,
    returned: u64,
    query_id: String,
    sql_state: (),
    database_provider: (),
    final_database_name: Option<&'a str>,
    final_schema_name: Option<&'a str>,
    final_warehouse_name: Option<&'a str>,
    final_role_name: Option<&'a str>,
    number_of_binds: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    meta_data_of_binds: Vec<ColumnMessage<'a>>,
    array_bind_supported: bool,
    statement_type_id: u32,
    version: u32,
    send_result_time: u64,
    query_result_format: &'static str,
    /// Of a multi-statement request: the ids of its statements' queries, and their kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    result_ids: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_types: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChunkMessage {
    url: String,
    row_count: u64,
    uncompressed_size: u64,
    compressed_size: u64,
}

/// An element of `rowtype`: every key is there, whatever the type.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ColumnMessage<'a> {
    name: &'a str,
    database: &'a str,
    schema: &'a str,
    table: &'a str,
    nullable: bool,
    r#type: &'static str,
    length: Option<u32>,
    byte_length: Option<u32>,
    precision: Option<u8>,
    scale: Option<u8>,
    collation: (),
}

impl<'a> QueryData<'a> {
    fn new(
        id: QueryId,
        answer: &'a Answer,
        finished: &'a Finished,
        format: Format,
        rows: Rows,
    ) -> Self {
        QueryData {
            parameters: parameters(&finished.parameters),
            rowtype: answer.result.columns().iter().map(column).collect(),
            rowset: rows.rowset,
            rowset_base64: rows.rowset_base64,
            chunks: rows.chunks,
            total: answer.result.row_count(),
            // With those of the chunks: Node reads no further than this.
            returned: answer.result.row_count(),
            query_id: id.to_string(),
            sql_state: (),
            database_provider: (),
            final_database_name: finished.scope.database.as_deref(),
            final_schema_name: finished.scope.schema.as_deref(),
            final_warehouse_name: finished.scope.warehouse.as_deref(),
            final_role_name: finished.scope.role.as_deref(),
            number_of_binds: answer.binds.len(),
            meta_data_of_binds: answer.binds.iter().map(bind).collect(),
            array_bind_supported: !answer.binds.is_empty() && takes_arrays(answer.kind),
            statement_type_id: answer.kind.type_id(),
            version: 1,
            send_result_time: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_millis() as u64,
            query_result_format: format.name(),
            result_ids: listed(answer, |(id, _)| id.to_string()),
            result_types: listed(answer, |(_, kind)| kind.type_id().to_string()),
        }
    }
}

/// Something of each statement of a multi-statement request, separated by commas.
fn listed(answer: &Answer, item: impl Fn(&(QueryId, StatementKind)) -> String) -> Option<String> {
    let items: Vec<_> = answer.children.iter().map(item).collect();
    (answer.kind == StatementKind::Multi).then(|| items.join(","))
}

fn bind(ty: &LogicalType) -> ColumnMessage<'static> {
    described("", ty, true)
}

fn column(column: &Column) -> ColumnMessage<'_> {
    let message = described(&column.name, &column.logical, column.nullable);
    match &column.origin {
        Some(origin) => ColumnMessage {
            database: &origin.database,
            schema: &origin.schema,
            table: &origin.table,
            ..message
        },
        None => message,
    }
}

fn described<'a>(name: &'a str, ty: &LogicalType, nullable: bool) -> ColumnMessage<'a> {
    let wire_type = WireType::of(ty);
    ColumnMessage {
        name,
        database: "",
        schema: "",
        table: "",
        nullable,
        r#type: wire_type.name,
        length: wire_type.length,
        byte_length: wire_type.byte_length,
        precision: wire_type.precision,
        scale: wire_type.scale,
        collation: (),
    }
}
