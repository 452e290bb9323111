//! The way back: rows in Snowflake's flavour become the engine's forms again, for statements that read an earlier result.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, Int16Array, RecordBatch, StructArray,
    Time64NanosecondArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{
    DataType, Decimal128Type, Field, Fields, Int32Type, Int64Type, Schema, TimeUnit,
};

use super::flavour::TIMEZONE_BIAS;
use super::{Column, ResultSet};
use crate::error::{Error, Result};
use crate::types::{LogicalType, PhysicalType, TimestampKind};

const MICROS: i64 = 1_000_000;

impl ResultSet {
    /// The rows of a chunk with columns `c0`, `c1`, …, each in the natural physical form of its type.
    pub fn physical_batches(&self, chunk: usize) -> Result<Vec<RecordBatch>> {
        let batches = self.batches(chunk)?;
        batches.iter().map(|batch| self.physical(batch)).collect()
    }

    fn physical(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let mut fields = Vec::new();
        let mut columns = Vec::new();
        for (index, (column, values)) in self.columns().iter().zip(batch.columns()).enumerate() {
            let values = physical(column, values).ok_or_else(|| {
                Error::internal(format!("{} as {}", column.logical, values.data_type()))
            })?;
            fields.push(Field::new(
                format!("c{index}"),
                values.data_type().clone(),
                true,
            ));
            columns.push(values);
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(Error::internal)
    }
}

fn physical(column: &Column, values: &ArrayRef) -> Option<ArrayRef> {
    Some(match (&column.logical, column.logical.natural_physical()) {
        (LogicalType::Number { .. }, PhysicalType::Decimal { precision, scale }) => {
            let decimals: Decimal128Array = match values.as_primitive_opt::<Int64Type>() {
                Some(narrow) => narrow.unary(i128::from),
                None => values.as_primitive_opt::<Decimal128Type>()?.clone(),
            };
            Arc::new(
                decimals
                    .with_precision_and_scale(precision, scale as i8)
                    .ok()?,
            )
        }
        (LogicalType::Time { scale }, _) => {
            let unit = 10i64.pow(9u32.checked_sub(u32::from(*scale))?);
            let nanoseconds: Time64NanosecondArray = match values.as_primitive_opt::<Int32Type>() {
                Some(small) => small.unary(|ticks| i64::from(ticks) * unit),
                None => values
                    .as_primitive_opt::<Int64Type>()?
                    .unary(|ticks| ticks * unit),
            };
            Arc::new(nanoseconds)
        }
        (
            LogicalType::Timestamp {
                kind: TimestampKind::Tz,
                scale,
            },
            _,
        ) => zoned(values, *scale)?,
        (LogicalType::Timestamp { scale, .. }, _) => Arc::new(instants(values, *scale)?),
        _ => Arc::clone(values),
    })
}

/// Microseconds from ticks of 10^-scale seconds, or from seconds and nanoseconds.
fn instants(values: &ArrayRef, scale: u8) -> Option<TimestampMicrosecondArray> {
    if let Some(ticks) = values.as_primitive_opt::<Int64Type>() {
        let unit = 10i64.pow(6u32.checked_sub(u32::from(scale))?);
        return Some(ticks.unary(|ticks| ticks * unit));
    }
    let parts = values.as_struct_opt()?;
    let epoch = parts
        .column_by_name("epoch")?
        .as_primitive_opt::<Int64Type>()?;
    let Some(fraction) = parts.column_by_name("fraction") else {
        let unit = 10i64.pow(6u32.checked_sub(u32::from(scale))?);
        return Some(epoch.unary(|ticks| ticks * unit));
    };
    let fraction = fraction.as_primitive_opt::<Int32Type>()?;
    let instant = |row| {
        (!values.is_null(row))
            .then(|| epoch.value(row) * MICROS + i64::from(fraction.value(row)) / 1000)
    };
    Some((0..values.len()).map(instant).collect())
}

fn zoned(values: &ArrayRef, scale: u8) -> Option<ArrayRef> {
    let parts = values.as_struct_opt()?;
    let zones = parts
        .column_by_name("timezone")?
        .as_primitive_opt::<Int32Type>()?;
    let offsets: Int16Array = zones.unary(|zone| (zone - TIMEZONE_BIAS) as i16);
    let fields = Fields::from(vec![
        Field::new(
            "utc",
            DataType::Timestamp(TimeUnit::Microsecond, None),
            true,
        ),
        Field::new("offset", DataType::Int16, true),
    ]);
    let columns: Vec<ArrayRef> = vec![Arc::new(instants(values, scale)?), Arc::new(offsets)];
    let zoned = StructArray::try_new(fields, columns, values.nulls().cloned());
    zoned.ok().map(|zoned| Arc::new(zoned) as ArrayRef)
}
