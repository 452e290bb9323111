//! Small results from text: cells as the drivers' JSON has them become a chunk like any other, so that SHOW and DML have no
//! second form of a result.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int16Array,
    RecordBatch, RecordBatchOptions, StringArray, StructArray, Time64NanosecondArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use super::chunk::ChunkBuilder;
use super::flavour::TIMEZONE_BIAS;
use super::writer::write_stream;
use super::{Chunk, Column};
use crate::error::{Error, Result};
use crate::types::{LogicalType, MAX_PRECISION, PhysicalType, TimestampKind};

pub(super) fn encode(columns: &[Column], rows: &[Vec<Option<String>>]) -> Result<Chunk> {
    if rows.iter().any(|row| row.len() != columns.len()) {
        return Err(Error::internal(
            "a row of text has too few or too many cells",
        ));
    }
    let arrays = columns.iter().enumerate().map(|(index, column)| {
        let cells = rows.iter().map(|row| row[index].as_deref()).collect();
        parse_column(&column.logical, cells)
    });
    let arrays = arrays.collect::<Result<Vec<ArrayRef>>>()?;
    let fields = columns.iter().zip(&arrays);
    let fields =
        fields.map(|(column, array)| Field::new(&column.name, array.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let batch = RecordBatch::try_new_with_options(schema, arrays, &options);

    let physical: Vec<_> = columns
        .iter()
        .map(|column| physical(&column.logical))
        .collect();
    let mut builder = ChunkBuilder::new(columns, &physical)?;
    builder.append(&batch.map_err(Error::internal)?)?;
    let mut stream = Vec::new();
    write_stream(&builder.take()?, &mut stream)?;
    Ok(Chunk::in_memory(rows.len() as u64, stream))
}

fn physical(logical: &LogicalType) -> PhysicalType {
    match *logical {
        LogicalType::Number { scale, .. } => PhysicalType::Decimal {
            precision: MAX_PRECISION,
            scale,
        },
        _ => logical.natural_physical(),
    }
}

/// The array that the engine would give.
fn parse_column(logical: &LogicalType, cells: Vec<Option<&str>>) -> Result<ArrayRef> {
    Ok(match *logical {
        LogicalType::Varchar { .. }
        | LogicalType::Variant
        | LogicalType::Object
        | LogicalType::Array => Arc::new(StringArray::from(cells)),
        LogicalType::Number { scale, .. } => {
            let values = parse_cells(logical, &cells, |cell| parse_scaled(cell, scale))?;
            let values = Decimal128Array::from(values);
            let values = values.with_precision_and_scale(MAX_PRECISION, scale as i8);
            Arc::new(values.map_err(Error::internal)?)
        }
        LogicalType::Float => {
            let values = parse_cells(logical, &cells, |cell| cell.parse().ok())?;
            Arc::new(Float64Array::from(values))
        }
        LogicalType::Binary { .. } => {
            let values = parse_cells(logical, &cells, parse_hex)?;
            Arc::new(BinaryArray::from_iter(values))
        }
        LogicalType::Boolean => {
            let values = parse_cells(logical, &cells, |cell| match cell {
                "1" | "true" => Some(true),
                "0" | "false" => Some(false),
                _ => None,
            })?;
            Arc::new(BooleanArray::from(values))
        }
        LogicalType::Date => {
            let values = parse_cells(logical, &cells, |cell| cell.parse().ok())?;
            Arc::new(Date32Array::from(values))
        }
        LogicalType::Time { .. } => {
            let values = parse_cells(logical, &cells, |cell| parse_integer(cell, 9))?;
            Arc::new(Time64NanosecondArray::from(values))
        }
        LogicalType::Timestamp {
            kind: TimestampKind::Ntz | TimestampKind::Ltz,
            ..
        } => {
            let values = parse_cells(logical, &cells, |cell| parse_integer(cell, 6))?;
            Arc::new(TimestampMicrosecondArray::from(values))
        }
        LogicalType::Timestamp {
            kind: TimestampKind::Tz,
            ..
        } => {
            let values = parse_cells(logical, &cells, |cell| {
                let (instant, timezone) = cell.split_once(' ')?;
                let minutes = timezone.parse::<i32>().ok()? - TIMEZONE_BIAS;
                Some((parse_integer(instant, 6)?, i16::try_from(minutes).ok()?))
            })?;
            Arc::new(zoned(&values)?)
        }
    })
}

fn parse_cells<T>(
    logical: &LogicalType,
    cells: &[Option<&str>],
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<Option<T>>> {
    let parse = |cell: &str| {
        parse(cell).ok_or_else(|| Error::internal(format!("`{cell}` is no {logical}")))
    };
    cells
        .iter()
        .map(|cell| cell.map(parse).transpose())
        .collect()
}

fn zoned(values: &[Option<(i64, i16)>]) -> Result<StructArray> {
    let fields = [
        Field::new(
            "utc",
            DataType::Timestamp(TimeUnit::Microsecond, None),
            true,
        ),
        Field::new("offset", DataType::Int16, true),
    ];
    let nulls: NullBuffer = values.iter().map(Option::is_some).collect();
    let values = values.iter().map(|value| value.unwrap_or_default());
    let (utc, offset): (Vec<_>, Vec<_>) = values.unzip();
    let utc = TimestampMicrosecondArray::from(utc);
    let offset = Int16Array::from(offset);
    let children: Vec<ArrayRef> = vec![Arc::new(utc), Arc::new(offset)];
    StructArray::try_new(fields.into_iter().collect(), children, Some(nulls))
        .map_err(Error::internal)
}

/// `-12.5` with scale 2 is -1250; digits beyond the scale are refused, unless they are zeros.
fn parse_scaled(text: &str, scale: u8) -> Option<i128> {
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let scale = usize::from(scale);
    let (kept, beyond) = fraction.split_at_checked(scale).unwrap_or((fraction, ""));
    let is_number =
        !whole.is_empty() && (whole.bytes().chain(kept.bytes())).all(|b| b.is_ascii_digit());
    if !is_number || beyond.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let padding = std::iter::repeat_n(b'0', scale - kept.len());
    let digits = whole.bytes().chain(kept.bytes()).chain(padding);
    let magnitude = digits
        .map(|digit| i128::from(digit - b'0'))
        .try_fold(0i128, |sum, digit| sum.checked_mul(10)?.checked_add(digit))?;
    Some(if is_negative { -magnitude } else { magnitude })
}

fn parse_integer(text: &str, scale: u8) -> Option<i64> {
    i64::try_from(parse_scaled(text, scale)?).ok()
}

fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}
