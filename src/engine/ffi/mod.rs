//! DuckDB's C API behind types that own what they point to. Nothing here knows errors of the program, statements or
//! Snowflake; failures are [`Complaint`]s, DuckDB's own words, which `errors` interprets.
//!
//! Why not the `duckdb` crate's safe types: a statement there borrows its connection and a stream its statement, so that
//! neither can be kept in one value with a cache, and natives need the raw handle anyway.
//!
//! SAFETY, for the whole file: each type is the only owner of a handle that DuckDB gave out, frees it once, and hands
//! DuckDB only live handles and zero-terminated text. DuckDB allows a handle to move between threads, not to be used by
//! two at once: types are `Send`, not `Sync`, but for [`Database`] (connecting locks inside) and [`Interrupter`].
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char};
use std::mem;
use std::ptr;
use std::sync::Arc;

use arrow::array::StructArray;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow::record_batch::RecordBatch;
use duckdb::ffi::*;
use parking_lot::Mutex;

use self::appender::Appender;

mod appender;

/// What DuckDB says when it refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    /// Plain text, or JSON with `exception_type` and `exception_message`.
    pub(super) text: String,
    /// The kind of error, where the API gives it beside a text that does not name it.
    pub(super) exception: Option<&'static str>,
}

pub(super) type Outcome<T> = std::result::Result<T, Complaint>;

impl Complaint {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Complaint {
            text: text.into(),
            exception: None,
        }
    }

    unsafe fn from_ptr(text: *const c_char) -> Self {
        if text.is_null() {
            return Complaint::new("DuckDB failed without a word");
        }
        // SAFETY: DuckDB's texts end in zero and live until their owner is used again.
        Complaint::new(unsafe { CStr::from_ptr(text) }.to_string_lossy())
    }

    /// Takes and frees an error object; `None` is success.
    unsafe fn check(mut data: duckdb_error_data) -> Outcome<()> {
        if data.is_null() {
            return Ok(());
        }
        unsafe {
            let outcome = if duckdb_error_data_has_error(data) {
                Err(Complaint {
                    exception: exception_name(duckdb_error_data_error_type(data)),
                    ..Complaint::from_ptr(duckdb_error_data_message(data))
                })
            } else {
                Ok(())
            };
            duckdb_destroy_error_data(&mut data);
            outcome
        }
    }
}

/// The name that DuckDB's JSON gives to a kind of error; only those that `errors` asks for.
#[allow(non_upper_case_globals)]
fn exception_name(kind: duckdb_error_type) -> Option<&'static str> {
    match kind {
        duckdb_error_type_DUCKDB_ERROR_CONVERSION => Some("Conversion"),
        duckdb_error_type_DUCKDB_ERROR_OUT_OF_RANGE => Some("Out of Range"),
        duckdb_error_type_DUCKDB_ERROR_DIVIDE_BY_ZERO => Some("Divide by Zero"),
        duckdb_error_type_DUCKDB_ERROR_CONSTRAINT => Some("Constraint"),
        duckdb_error_type_DUCKDB_ERROR_TRANSACTION => Some("TransactionContext"),
        duckdb_error_type_DUCKDB_ERROR_INTERRUPT => Some("INTERRUPT"),
        _ => None,
    }
}

fn c_text(text: &str) -> Outcome<CString> {
    CString::new(text).map_err(|_| Complaint::new(format!("a zero byte in: {text:?}")))
}

/// An open database.
pub(super) struct Database(duckdb_database);

// SAFETY: see the module; connecting takes a lock inside DuckDB.
unsafe impl Send for Database {}
unsafe impl Sync for Database {}

impl Database {
    /// Opens a file, or a database in memory. `settings` are those that must stand before the first page is read.
    pub(super) fn open(path: Option<&str>, settings: &[(&str, String)]) -> Outcome<Database> {
        let path = c_text(path.unwrap_or(":memory:"))?;
        let settings = settings
            .iter()
            .map(|(name, value)| Ok((c_text(name)?, c_text(value)?)))
            .collect::<Outcome<Vec<_>>>()?;
        unsafe {
            let mut config: duckdb_config = ptr::null_mut();
            if duckdb_create_config(&mut config) != DuckDBSuccess {
                return Err(Complaint::new("no memory for a configuration"));
            }
            let refused = settings.iter().find(|(name, value)| {
                duckdb_set_config(config, name.as_ptr(), value.as_ptr()) != DuckDBSuccess
            });
            let outcome = if let Some((name, value)) = refused {
                Err(Complaint::new(format!(
                    "DuckDB has no setting {name:?} = {value:?}"
                )))
            } else {
                let mut database: duckdb_database = ptr::null_mut();
                let mut error: *mut c_char = ptr::null_mut();
                if duckdb_open_ext(path.as_ptr(), &mut database, config, &mut error)
                    == DuckDBSuccess
                {
                    Ok(Database(database))
                } else {
                    let complaint = Complaint::from_ptr(error);
                    duckdb_free(error.cast());
                    Err(complaint)
                }
            };
            duckdb_destroy_config(&mut config);
            outcome
        }
    }

    pub(super) fn connect(&self) -> Outcome<Handle> {
        let mut raw: duckdb_connection = ptr::null_mut();
        unsafe {
            if duckdb_connect(self.0, &mut raw) != DuckDBSuccess {
                return Err(Complaint::new("DuckDB refused a connection"));
            }
        }
        Ok(Handle {
            raw,
            shared: Arc::new(Mutex::new(Some(Shared(raw)))),
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        unsafe { duckdb_close(&mut self.0) }
    }
}

struct Shared(duckdb_connection);

// SAFETY: used for `duckdb_interrupt` alone, which only sets an atomic flag, under the lock that disconnecting takes.
unsafe impl Send for Shared {}

/// A raw connection.
pub(super) struct Handle {
    raw: duckdb_connection,
    shared: Arc<Mutex<Option<Shared>>>,
}

// SAFETY: see the module.
unsafe impl Send for Handle {}

/// Interrupts a connection that may be gone.
#[derive(Clone)]
pub(super) struct Interrupter(Arc<Mutex<Option<Shared>>>);

impl Interrupter {
    pub(super) fn interrupt(&self) {
        if let Some(connection) = &*self.0.lock() {
            unsafe { duckdb_interrupt(connection.0) }
        }
    }
}

impl Handle {
    /// For the registration of natives, which happens once, at opening.
    pub(super) fn raw(&self) -> duckdb_connection {
        self.raw
    }

    pub(super) fn interrupter(&self) -> Interrupter {
        Interrupter(Arc::clone(&self.shared))
    }

    /// Runs one or several statements; rows are thrown away.
    pub(super) fn run(&self, sql: &str) -> Outcome<()> {
        let sql = c_text(sql)?;
        unsafe {
            let mut result: duckdb_result = mem::zeroed();
            let state = duckdb_query(self.raw, sql.as_ptr(), &mut result);
            QueryResult(result).checked(state).map(drop)
        }
    }

    /// Parses text into statements, without binding them.
    pub(super) fn parse(&self, sql: &str) -> Outcome<Statements> {
        let sql = c_text(sql)?;
        unsafe {
            let mut raw: duckdb_extracted_statements = ptr::null_mut();
            let count = duckdb_extract_statements(self.raw, sql.as_ptr(), &mut raw);
            let statements = Statements {
                raw,
                count: count as usize,
            };
            if count == 0 {
                let error = duckdb_extract_statements_error(raw);
                if !error.is_null() {
                    return Err(Complaint::from_ptr(error));
                }
            }
            Ok(statements)
        }
    }

    pub(super) fn prepare(&self, sql: &str) -> Outcome<Prepared> {
        let sql = c_text(sql)?;
        unsafe {
            let mut raw: duckdb_prepared_statement = ptr::null_mut();
            let state = duckdb_prepare(self.raw, sql.as_ptr(), &mut raw);
            Prepared(raw).checked(state)
        }
    }

    /// Prepares the statement at `index` of a parsed text; each can be taken once.
    pub(super) fn prepare_parsed(
        &self,
        statements: &Statements,
        index: usize,
    ) -> Outcome<Prepared> {
        unsafe {
            let mut raw: duckdb_prepared_statement = ptr::null_mut();
            let state = duckdb_prepare_extracted_statement(
                self.raw,
                statements.raw,
                index as idx_t,
                &mut raw,
            );
            Prepared(raw).checked(state)
        }
    }

    /// The columns that a prepared statement will give, without running it.
    pub(super) fn describe(&self, prepared: &Prepared) -> Outcome<SchemaRef> {
        unsafe {
            let mut options: duckdb_arrow_options = ptr::null_mut();
            duckdb_connection_get_arrow_options(self.raw, &mut options);
            let options = ArrowOptions(options);
            let count = duckdb_prepared_statement_column_count(prepared.0);
            let mut names = Vec::new();
            let mut types = Vec::new();
            for column in 0..count {
                let name = duckdb_prepared_statement_column_name(prepared.0, column);
                if name.is_null() {
                    return Err(Complaint::new("a column without a name"));
                }
                names.push(CStr::from_ptr(name).to_owned());
                duckdb_free(name.cast_mut().cast());
                types.push(LogicalType(duckdb_prepared_statement_column_logical_type(
                    prepared.0, column,
                )));
            }
            let pointers: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
            Ok(options.schema(&types, pointers)?.1)
        }
    }

    /// Appends rows to the columns of `table` that the batch's fields name, through DuckDB's bulk path. Returns `Err` and
    /// appends nothing more when DuckDB refuses a row; atomic within a transaction.
    pub(super) fn append(&self, schema: &str, table: &str, batch: &RecordBatch) -> Outcome<()> {
        let appender = Appender::create(self, schema, table)?;
        for field in batch.schema_ref().fields() {
            appender.add_column(field.name())?;
        }
        let batch = appender.narrowed(batch)?;
        appender.append(self, &batch)?;
        appender.close()
    }

    /// Runs `sql` over the batch's rows, which it sees as the table `rows`.
    pub(super) fn run_over(&self, sql: &str, batch: &RecordBatch) -> Outcome<()> {
        let appender = Appender::over_query(self, sql, batch)?;
        appender.append(self, batch)?;
        appender.close()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut shared = self.shared.lock();
        *shared = None;
        unsafe { duckdb_disconnect(&mut self.raw) }
    }
}

/// Parsed statements.
pub(super) struct Statements {
    raw: duckdb_extracted_statements,
    pub(super) count: usize,
}

impl Drop for Statements {
    fn drop(&mut self) {
        unsafe { duckdb_destroy_extracted(&mut self.raw) }
    }
}

/// What kind of statement a prepared one is, as far as the engine cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// SELECT and DML: worth keeping prepared.
    Repeatable,
    /// BEGIN, COMMIT, ROLLBACK.
    Transaction,
    Other,
}

/// A prepared statement.
pub(super) struct Prepared(duckdb_prepared_statement);

// SAFETY: see the module.
unsafe impl Send for Prepared {}

impl Prepared {
    fn checked(self, state: duckdb_state) -> Outcome<Prepared> {
        if state == DuckDBSuccess {
            return Ok(self);
        }
        Err(unsafe { Complaint::from_ptr(duckdb_prepare_error(self.0)) })
    }

    pub(super) fn kind(&self) -> Kind {
        #[allow(non_upper_case_globals)]
        match unsafe { duckdb_prepared_statement_type(self.0) } {
            duckdb_statement_type_DUCKDB_STATEMENT_TYPE_SELECT
            | duckdb_statement_type_DUCKDB_STATEMENT_TYPE_INSERT
            | duckdb_statement_type_DUCKDB_STATEMENT_TYPE_UPDATE
            | duckdb_statement_type_DUCKDB_STATEMENT_TYPE_DELETE => Kind::Repeatable,
            duckdb_statement_type_DUCKDB_STATEMENT_TYPE_TRANSACTION => Kind::Transaction,
            _ => Kind::Other,
        }
    }

    /// Runs to the end and returns the number of rows changed.
    pub(super) fn execute(&self) -> Outcome<u64> {
        unsafe {
            let mut result: duckdb_result = mem::zeroed();
            let state = duckdb_execute_prepared(self.0, &mut result);
            let mut result = QueryResult(result).checked(state)?;
            Ok(duckdb_rows_changed(&mut result.0))
        }
    }

    /// Starts the statement; rows come as they are fetched.
    pub(super) fn stream(&self) -> Outcome<Stream> {
        unsafe {
            let mut result: duckdb_result = mem::zeroed();
            let state = duckdb_execute_prepared_streaming(self.0, &mut result);
            Stream::new(QueryResult(result).checked(state)?)
        }
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        unsafe { duckdb_destroy_prepare(&mut self.0) }
    }
}

struct QueryResult(duckdb_result);

impl QueryResult {
    fn checked(mut self, state: duckdb_state) -> Outcome<QueryResult> {
        if state == DuckDBSuccess {
            return Ok(self);
        }
        Err(unsafe { Complaint::from_ptr(duckdb_result_error(&mut self.0)) })
    }
}

impl Drop for QueryResult {
    fn drop(&mut self) {
        unsafe { duckdb_destroy_result(&mut self.0) }
    }
}

struct LogicalType(duckdb_logical_type);

impl Drop for LogicalType {
    fn drop(&mut self) {
        unsafe { duckdb_destroy_logical_type(&mut self.0) }
    }
}

struct ArrowOptions(duckdb_arrow_options);

impl ArrowOptions {
    /// The Arrow schema of DuckDB columns, as C sees it and as Rust does.
    unsafe fn schema(
        &self,
        types: &[LogicalType],
        mut names: Vec<*const c_char>,
    ) -> Outcome<(FFI_ArrowSchema, SchemaRef)> {
        let mut types: Vec<_> = types.iter().map(|logical| logical.0).collect();
        let mut c_schema = FFI_ArrowSchema::empty();
        unsafe {
            Complaint::check(duckdb_to_arrow_schema(
                self.0,
                types.as_mut_ptr(),
                names.as_mut_ptr(),
                types.len() as idx_t,
                (&raw mut c_schema).cast(),
            ))?;
        }
        let schema =
            Schema::try_from(&c_schema).map_err(|error| Complaint::new(error.to_string()))?;
        Ok((c_schema, Arc::new(schema)))
    }
}

impl Drop for ArrowOptions {
    fn drop(&mut self) {
        unsafe { duckdb_destroy_arrow_options(&mut self.0) }
    }
}

/// A running statement and its rows.
pub(super) struct Stream {
    result: QueryResult,
    options: ArrowOptions,
    c_schema: FFI_ArrowSchema,
    pub(super) schema: SchemaRef,
}

// SAFETY: see the module.
unsafe impl Send for Stream {}

impl Stream {
    unsafe fn new(mut result: QueryResult) -> Outcome<Stream> {
        unsafe {
            let options = ArrowOptions(duckdb_result_get_arrow_options(&mut result.0));
            let mut names = Vec::new();
            let mut types = Vec::new();
            for column in 0..duckdb_column_count(&mut result.0) {
                names.push(duckdb_column_name(&mut result.0, column));
                types.push(LogicalType(duckdb_column_logical_type(
                    &mut result.0,
                    column,
                )));
            }
            let (c_schema, schema) = options.schema(&types, names)?;
            Ok(Stream {
                result,
                options,
                c_schema,
                schema,
            })
        }
    }

    /// The next rows, `None` at the end.
    pub(super) fn fetch(&mut self) -> Outcome<Option<RecordBatch>> {
        unsafe {
            let chunk = Chunk(duckdb_fetch_chunk(self.result.0));
            if chunk.0.is_null() {
                let error = duckdb_result_error(&mut self.result.0);
                if error.is_null() {
                    return Ok(None);
                }
                return Err(Complaint::from_ptr(error));
            }
            let mut array = FFI_ArrowArray::empty();
            Complaint::check(duckdb_data_chunk_to_arrow(
                self.options.0,
                chunk.0,
                (&raw mut array).cast(),
            ))?;
            let rows = array.len();
            let data = from_ffi(array, &self.c_schema)
                .map_err(|error| Complaint::new(error.to_string()))?;
            let columns = StructArray::from(data);
            let options = arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(rows));
            RecordBatch::try_new_with_options(
                Arc::clone(&self.schema),
                columns.columns().to_vec(),
                &options,
            )
            .map(Some)
            .map_err(|error| Complaint::new(error.to_string()))
        }
    }
}

struct Chunk(duckdb_data_chunk);

impl Drop for Chunk {
    fn drop(&mut self) {
        unsafe { duckdb_destroy_data_chunk(&mut self.0) }
    }
}
