//! The way back: rows in Snowflake's flavour become the engine's forms again, for statements that read an earlier result.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, Int16Array, RecordBatch, StructArray,
    Time64NanosecondArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Decimal128Type, Field, Fields, Int32Type, Int64Type, Schema};

use super::flavour::TIMEZONE_BIAS;
use super::{Column, ResultSet};
use crate::error::{Error, Result};
use crate::types::datetime::NANOS_PER_SECOND;
use crate::types::{LogicalType, MAX_PRECISION, PhysicalType};

impl ResultSet {
    /// The form that holds all values of each column.
    pub fn physical_forms(&self) -> Result<Vec<PhysicalType>> {
        let mut forms: Vec<_> = self
            .columns()
            .iter()
            .map(|column| column.logical.natural_physical())
            .collect();
        let can_have_nanoseconds =
            |column: &Column| matches!(column.logical, LogicalType::Timestamp { scale: 7.., .. });
        if !self.columns().iter().any(can_have_nanoseconds) {
            return Ok(forms);
        }
        for chunk in 0..self.chunks().len() {
            for batch in self.batches(chunk)? {
                for (form, values) in forms.iter_mut().zip(batch.columns()) {
                    if has_nanoseconds(values) {
                        *form = form.with_nanoseconds();
                    }
                }
            }
        }
        Ok(forms)
    }

    /// The rows of a chunk with columns `c0`, `c1`, …, each in its form of `physical_forms`.
    pub fn physical_batches(
        &self,
        chunk: usize,
        forms: &[PhysicalType],
    ) -> Result<Vec<RecordBatch>> {
        let batches = self.batches(chunk)?;
        batches
            .iter()
            .map(|batch| self.physical(batch, forms))
            .collect()
    }

    fn physical(&self, batch: &RecordBatch, forms: &[PhysicalType]) -> Result<RecordBatch> {
        let mut fields = Vec::new();
        let mut columns = Vec::new();
        let typed = self.columns().iter().zip(forms);
        for (index, ((column, form), values)) in typed.zip(batch.columns()).enumerate() {
            let values = physical(column, *form, values).ok_or_else(|| {
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

/// Whether a column of seconds and nanoseconds has digits 7 to 9.
fn has_nanoseconds(values: &ArrayRef) -> bool {
    let fraction = values
        .as_struct_opt()
        .and_then(|parts| parts.column_by_name("fraction"))
        .and_then(|fraction| fraction.as_primitive_opt::<Int32Type>());
    fraction.is_some_and(|fraction| fraction.values().iter().any(|ns| ns % 1000 != 0))
}

fn physical(column: &Column, form: PhysicalType, values: &ArrayRef) -> Option<ArrayRef> {
    Some(match (&column.logical, form) {
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
        (LogicalType::Timestamp { scale, .. }, PhysicalType::Timestamp) => {
            instants(values, *scale, false)?
        }
        (LogicalType::Timestamp { scale, .. }, PhysicalType::TimestampNanos) => {
            instants(values, *scale, true)?
        }
        (LogicalType::Timestamp { scale, .. }, form) => {
            zoned(values, *scale, form.has_nanoseconds())?
        }
        _ => Arc::clone(values),
    })
}

/// Micro- or nanoseconds from ticks of 10^-scale seconds, or from seconds and nanoseconds.
fn instants(values: &ArrayRef, scale: u8, nanoseconds: bool) -> Option<ArrayRef> {
    let mut epochs = values;
    let mut fraction = None;
    if let Some(parts) = values.as_struct_opt() {
        epochs = parts.column_by_name("epoch")?;
        if let Some(digits) = parts.column_by_name("fraction") {
            fraction = Some(digits.as_primitive_opt::<Int32Type>()?);
        }
    }
    let epochs = epochs.as_primitive_opt::<Int64Type>()?;
    let tick = match fraction {
        Some(_) => NANOS_PER_SECOND,
        None => 10i64.pow(9u32.checked_sub(u32::from(scale))?),
    };
    let nanos = |row: usize| {
        let fraction = fraction.map_or(0, |fraction| fraction.value(row));
        (!values.is_null(row))
            .then(|| i128::from(epochs.value(row)) * i128::from(tick) + i128::from(fraction))
    };
    let nanos = (0..values.len()).map(nanos);
    if nanoseconds {
        let array: Decimal128Array = nanos.collect();
        return Some(Arc::new(
            array.with_precision_and_scale(MAX_PRECISION, 0).ok()?,
        ));
    }
    let micros = nanos.map(|nanos| nanos.map(|nanos| nanos.div_euclid(1000) as i64));
    Some(Arc::new(micros.collect::<TimestampMicrosecondArray>()))
}

fn zoned(values: &ArrayRef, scale: u8, nanoseconds: bool) -> Option<ArrayRef> {
    let parts = values.as_struct_opt()?;
    let zones = parts
        .column_by_name("timezone")?
        .as_primitive_opt::<Int32Type>()?;
    let offsets: Int16Array = zones.unary(|zone| (zone - TIMEZONE_BIAS) as i16);
    let utc = instants(values, scale, nanoseconds)?;
    let fields = Fields::from(vec![
        Field::new("utc", utc.data_type().clone(), true),
        Field::new("offset", DataType::Int16, true),
    ]);
    let columns: Vec<ArrayRef> = vec![utc, Arc::new(offsets)];
    let zoned = StructArray::try_new(fields, columns, values.nulls().cloned());
    zoned.ok().map(|zoned| Arc::new(zoned) as ArrayRef)
}
