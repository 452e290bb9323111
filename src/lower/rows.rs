//! Rows of constants in the engine's forms: what a statement sees as the table `rows`.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int16Array,
    Int64Array, RecordBatch, StringBuilder, StructArray, Time64NanosecondArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Fields, Schema};

use super::Writer;
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::tree::{ConstantRows, Literal};
use crate::types::datetime::Timestamp;
use crate::types::{MAX_PRECISION, PhysicalType};

/// The rows as a batch with columns `c0`, `c1`, …, each in the natural form of its type in a statement of these facts.
pub fn rows(rows: &ConstantRows, facts: &Facts) -> Result<RecordBatch> {
    let writer = Writer::new(facts);
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (index, (ty, values)) in rows.types.iter().zip(&rows.columns).enumerate() {
        let column = column(writer.natural(ty), values)?;
        fields.push(Field::new(
            format!("c{index}"),
            column.data_type().clone(),
            true,
        ));
        columns.push(column);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(Error::internal)
}

fn column(physical: PhysicalType, values: &[Literal]) -> Result<ArrayRef> {
    /// The values of one kind of literal, NULL where they are NULL.
    macro_rules! values {
        ($array:ty, $kind:ident => $convert:expr) => {
            values
                .iter()
                .map(|value| match value {
                    Literal::Null => Ok(None),
                    Literal::$kind(value) => ($convert)(value).map(Some),
                    other => Err(Error::internal(format!("a {other:?} among {physical}"))),
                })
                .collect::<Result<$array>>()?
        };
    }
    Ok(match physical {
        PhysicalType::BigInt => Arc::new(
            values!(Int64Array, Number => |value: &i128| i64::try_from(*value).map_err(Error::internal)),
        ),
        PhysicalType::Decimal { precision, scale } => {
            let array = values!(Decimal128Array, Number => |value: &i128| Ok(*value));
            let array = array.with_precision_and_scale(precision, scale as i8);
            Arc::new(array.map_err(Error::internal)?)
        }
        PhysicalType::Double => Arc::new(values!(Float64Array, Float => |value: &f64| Ok(*value))),
        PhysicalType::Boolean => {
            Arc::new(values!(BooleanArray, Boolean => |value: &bool| Ok(*value)))
        }
        PhysicalType::Date => Arc::new(values!(Date32Array, Date => |value: &i32| Ok(*value))),
        PhysicalType::Time => {
            Arc::new(values!(Time64NanosecondArray, Time => |value: &i64| Ok(*value)))
        }
        PhysicalType::Timestamp | PhysicalType::TimestampNanos => instants(
            physical,
            &values!(Vec<_>, Timestamp => |value: &Timestamp| Ok(*value)),
        )?,
        PhysicalType::TimestampTz | PhysicalType::TimestampTzNanos => zoned(physical, values)?,
        PhysicalType::Varchar => {
            let mut builder = StringBuilder::new();
            for value in values {
                match value {
                    Literal::Text(text) => builder.append_value(text),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        PhysicalType::Blob => {
            let mut builder = BinaryBuilder::new();
            for value in values {
                match value {
                    Literal::Binary(bytes) => builder.append_value(bytes),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
    })
}

fn zoned(physical: PhysicalType, values: &[Literal]) -> Result<ArrayRef> {
    let part = |value: &Literal| match value {
        Literal::TimestampTz { utc, offset } => Some((*utc, *offset)),
        _ => None,
    };
    let form = match physical {
        PhysicalType::TimestampTz => PhysicalType::Timestamp,
        _ => PhysicalType::TimestampNanos,
    };
    let utc: Vec<_> = values.iter().map(|v| part(v).map(|(utc, _)| utc)).collect();
    let utc = instants(form, &utc)?;
    let offsets: Int16Array = values.iter().map(|v| part(v).map(|(_, of)| of)).collect();
    let valid: Vec<bool> = values.iter().map(|value| part(value).is_some()).collect();
    let fields = Fields::from(vec![
        Field::new("utc", utc.data_type().clone(), true),
        Field::new("offset", DataType::Int16, true),
    ]);
    let columns: Vec<ArrayRef> = vec![utc, Arc::new(offsets)];
    let zoned = StructArray::try_new(fields, columns, Some(NullBuffer::from(valid)));
    Ok(Arc::new(zoned.map_err(Error::internal)?))
}

/// Points in time as microseconds or nanoseconds.
fn instants(physical: PhysicalType, values: &[Option<Timestamp>]) -> Result<ArrayRef> {
    if physical == PhysicalType::TimestampNanos {
        let nanos = values.iter().map(|at| at.map(Timestamp::to_nanos));
        let nanos = nanos.collect::<Decimal128Array>();
        let nanos = nanos.with_precision_and_scale(MAX_PRECISION, 0);
        return Ok(Arc::new(nanos.map_err(Error::internal)?));
    }
    let micros = values.iter().map(|at| match at.map(Timestamp::to_micros) {
        None => Ok(None),
        Some(Some((micros, 0))) => Ok(Some(micros)),
        Some(_) => Err(Error::needs_nanoseconds()),
    });
    Ok(Arc::new(
        micros.collect::<Result<TimestampMicrosecondArray>>()?,
    ))
}
