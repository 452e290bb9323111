//! A chunk under construction: gathers the engine's small batches and gives one record batch in Snowflake's flavour.
//!
//! It must not know where a chunk ends or is kept.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, Fields, Int64Type, Schema, SchemaRef};

use super::Column;
use super::flavour::ColumnBuilder;
use crate::error::{Error, Result};
use crate::types::PhysicalType;

/// Gathers rows and converts them.
pub(super) struct ChunkBuilder {
    columns: Vec<ColumnBuilder>,
    row_count: usize,
    byte_count: usize,
}

impl ChunkBuilder {
    pub(super) fn new(columns: &[Column], physical: &[PhysicalType]) -> Result<Self> {
        if columns.len() != physical.len() {
            return Err(Error::internal(
                "columns and physical types differ in number",
            ));
        }
        let columns = columns.iter().zip(physical);
        Ok(ChunkBuilder {
            columns: columns
                .map(|(column, physical)| ColumnBuilder::new(column, *physical))
                .collect::<Result<_>>()?,
            row_count: 0,
            byte_count: 0,
        })
    }

    pub(super) fn row_count(&self) -> usize {
        self.row_count
    }

    /// About the length of the chunk's Arrow stream.
    pub(super) fn byte_count(&self) -> usize {
        self.byte_count
    }

    /// What a batch would add to [`ChunkBuilder::byte_count`].
    pub(super) fn byte_count_of(&self, batch: &RecordBatch) -> Result<usize> {
        self.check_width(batch)?;
        let columns = self.columns.iter().zip(batch.columns());
        columns
            .map(|(column, values)| column.byte_count_of(values))
            .sum()
    }

    pub(super) fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        self.byte_count += self.byte_count_of(batch)?;
        self.row_count += batch.num_rows();
        for (column, values) in self.columns.iter_mut().zip(batch.columns()) {
            column.append(values)?;
        }
        Ok(())
    }

    /// The rows gathered, as one batch; the next chunk begins.
    pub(super) fn take(&mut self) -> Result<RecordBatch> {
        self.row_count = 0;
        self.byte_count = 0;
        let arrays = self.columns.iter_mut().map(ColumnBuilder::take);
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        RecordBatch::try_new(self.schema(), arrays).map_err(Error::internal)
    }

    /// Number of columns whose numbers have needed more than 64 bits so far. Chunks begun before it grew have another
    /// schema than later ones, see [`widen`].
    pub(super) fn wide_columns(&self) -> usize {
        let columns = self.columns.iter();
        columns.filter(|column| column.is_wide()).count()
    }

    /// Of the chunks to come.
    pub(super) fn schema(&self) -> SchemaRef {
        let fields = self.columns.iter().map(ColumnBuilder::field);
        Arc::new(Schema::new(fields.collect::<Fields>()))
    }

    fn check_width(&self, batch: &RecordBatch) -> Result<()> {
        if batch.num_columns() == self.columns.len() {
            Ok(())
        } else {
            Err(Error::internal(format!(
                "the engine gave {} columns instead of {}",
                batch.num_columns(),
                self.columns.len()
            )))
        }
    }
}

/// Brings a chunk to the schema of later ones, in which numbers may have become wider. pyarrow puts the chunks of a result
/// into one table only if their schemas are the same.
pub(super) fn widen(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(
        |(column, field)| match (column.data_type(), field.data_type()) {
            (DataType::Int64, DataType::Decimal128(precision, scale)) => {
                let narrow = column.as_primitive::<Int64Type>();
                let wide = narrow.unary::<_, Decimal128Type>(i128::from);
                let wide = wide.with_precision_and_scale(*precision, *scale);
                Ok(Arc::new(wide.map_err(Error::internal)?) as ArrayRef)
            }
            _ => Ok(column.clone()),
        },
    );
    let columns = columns.collect::<Result<Vec<_>>>()?;
    RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal)
}
