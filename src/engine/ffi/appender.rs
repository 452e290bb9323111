//! The bulk way in: Arrow batches to DuckDB's appender.
//!
//! SAFETY, for the whole file: see `ffi`.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::Arc;

use arrow::array::{Array, AsArray, Int64Array, StructArray};
use arrow::datatypes::{DataType, Decimal128Type, Field, Schema};
use arrow::ffi::{FFI_ArrowSchema, to_ffi};
use arrow::record_batch::RecordBatch;
use duckdb::ffi::*;

use super::{Chunk, Complaint, Handle, LogicalType, Outcome, c_text};
use crate::engine::errors;
use crate::types::decimal;

struct ConvertedSchema(duckdb_arrow_converted_schema);

impl Drop for ConvertedSchema {
    fn drop(&mut self) {
        unsafe { duckdb_destroy_arrow_converted_schema(&mut self.0) }
    }
}

/// Rows on their way into a table, or under a statement.
pub(super) struct Appender(duckdb_appender);

impl Appender {
    pub(super) fn create(handle: &Handle, schema: &str, table: &str) -> Outcome<Appender> {
        let (schema, table) = (c_text(schema)?, c_text(table)?);
        unsafe {
            let mut raw: duckdb_appender = ptr::null_mut();
            let state =
                duckdb_appender_create(handle.raw, schema.as_ptr(), table.as_ptr(), &mut raw);
            let appender = Appender(raw);
            appender.check(state)?;
            Ok(appender)
        }
    }

    pub(super) fn over_query(handle: &Handle, sql: &str, batch: &RecordBatch) -> Outcome<Appender> {
        let sql = c_text(sql)?;
        let columns = ConvertedColumns::of(handle, batch)?;
        let names = batch
            .schema_ref()
            .fields()
            .iter()
            .map(|field| c_text(field.name()))
            .collect::<Outcome<Vec<_>>>()?;
        let mut names: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
        unsafe {
            let empty = Appender::convert(handle, &columns.0, batch.slice(0, 0))?;
            let types: Vec<_> = (0..duckdb_data_chunk_get_column_count(empty.0))
                .map(|column| {
                    LogicalType(duckdb_vector_get_column_type(duckdb_data_chunk_get_vector(
                        empty.0, column,
                    )))
                })
                .collect();
            let mut types: Vec<_> = types.iter().map(|logical| logical.0).collect();
            let mut raw: duckdb_appender = ptr::null_mut();
            let state = duckdb_appender_create_query(
                handle.raw,
                sql.as_ptr(),
                types.len() as idx_t,
                types.as_mut_ptr(),
                c"rows".as_ptr(),
                names.as_mut_ptr(),
                &mut raw,
            );
            let appender = Appender(raw);
            appender.check(state)?;
            Ok(appender)
        }
    }

    fn check(&self, state: duckdb_state) -> Outcome<()> {
        if state == DuckDBSuccess {
            return Ok(());
        }
        unsafe {
            Complaint::check(duckdb_appender_error_data(self.0))?;
            Err(Complaint::new("DuckDB refused rows without a word"))
        }
    }

    pub(super) fn add_column(&self, name: &str) -> Outcome<()> {
        let name = c_text(name)?;
        self.check(unsafe { duckdb_appender_add_column(self.0, name.as_ptr()) })
    }

    /// The batch with decimals for BIGINT columns narrowed, which DuckDB would refuse without naming the value.
    pub(super) fn narrowed(&self, batch: &RecordBatch) -> Outcome<RecordBatch> {
        let mut fields = batch.schema_ref().fields().to_vec();
        let mut columns = batch.columns().to_vec();
        let mut changed = false;
        for (index, (field, column)) in fields.iter_mut().zip(&mut columns).enumerate() {
            let Some(decimals) = column.as_primitive_opt::<Decimal128Type>() else {
                continue;
            };
            let is_bigint = unsafe {
                let logical = LogicalType(duckdb_appender_column_type(self.0, index as idx_t));
                duckdb_get_type_id(logical.0) == DUCKDB_TYPE_DUCKDB_TYPE_BIGINT
            };
            if is_bigint {
                let scale = u8::try_from(decimals.scale()).unwrap_or(0);
                let integers = decimals
                    .iter()
                    .map(|value| value.map(|value| narrow(value, scale)).transpose())
                    .collect::<Outcome<Int64Array>>()?;
                *field = Arc::new(Field::new(field.name(), DataType::Int64, true));
                *column = Arc::new(integers);
                changed = true;
            }
        }
        if !changed {
            return Ok(batch.clone());
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map_err(|error| Complaint::new(error.to_string()))
    }

    pub(super) fn append(&self, handle: &Handle, batch: &RecordBatch) -> Outcome<()> {
        let columns = ConvertedColumns::of(handle, batch)?;
        let step = unsafe { duckdb_vector_size() } as usize;
        for start in (0..batch.num_rows()).step_by(step) {
            let rows = batch.slice(start, step.min(batch.num_rows() - start));
            let chunk = Appender::convert(handle, &columns.0, rows)?;
            self.check(unsafe { duckdb_append_data_chunk(self.0, chunk.0) })?;
        }
        Ok(())
    }

    fn convert(handle: &Handle, columns: &ConvertedSchema, rows: RecordBatch) -> Outcome<Chunk> {
        let (mut array, _) = to_ffi(&StructArray::from(rows).to_data())
            .map_err(|error| Complaint::new(error.to_string()))?;
        let mut chunk: duckdb_data_chunk = ptr::null_mut();
        unsafe {
            Complaint::check(duckdb_data_chunk_from_arrow(
                handle.raw,
                (&raw mut array).cast(),
                columns.0,
                &mut chunk,
            ))?;
        }
        Ok(Chunk(chunk))
    }

    pub(super) fn close(self) -> Outcome<()> {
        self.check(unsafe { duckdb_appender_close(self.0) })
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        // Rows of a failed append must not be written by the destructor.
        unsafe {
            duckdb_appender_clear(self.0);
            duckdb_appender_destroy(&mut self.0);
        }
    }
}

fn narrow(value: i128, scale: u8) -> Outcome<i64> {
    decimal::rescale(value, scale, 0)
        .and_then(|whole| i64::try_from(whole).ok())
        .ok_or_else(|| errors::complain_wider_than_bigint(decimal::Formatted(value, scale)))
}

struct ConvertedColumns(ConvertedSchema);

impl ConvertedColumns {
    fn of(handle: &Handle, batch: &RecordBatch) -> Outcome<Self> {
        let mut c_schema = FFI_ArrowSchema::try_from(batch.schema_ref().as_ref())
            .map_err(|error| Complaint::new(error.to_string()))?;
        let mut raw: duckdb_arrow_converted_schema = ptr::null_mut();
        unsafe {
            Complaint::check(duckdb_schema_from_arrow(
                handle.raw,
                (&raw mut c_schema).cast(),
                &mut raw,
            ))?;
        }
        Ok(ConvertedColumns(ConvertedSchema(raw)))
    }
}
