//! JSON cells: the rows of a chunk as text, decoded from Snowflake's Arrow flavour.
//!
//! The protocols differ in few cells; [`CellStyle`] names them. The rules are `wire-protocol.md` 4 and `sql-api.md` 7.5.
//! What is around the rows is the server's business.

use std::io::Write;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray, RecordBatch, StringArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type};

use super::Column;
use crate::error::{Error, Result};
use crate::types::LogicalType;

/// Rows are collected to this size before they are written out.
const BUFFER_BYTES: usize = 64 << 10;
const NANOS: u32 = 1_000_000_000;

/// Whose cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellStyle {
    /// The drivers' protocol.
    Driver,
    /// `jsonv2` of the SQL API: booleans are `true` and `false`.
    SqlApi {
        /// NULL is the text `null` in place of JSON's null.
        nulls_as_text: bool,
    },
}

pub(super) fn write_rows(
    columns: &[Column],
    batches: &[RecordBatch],
    style: CellStyle,
    out: &mut impl Write,
) -> Result<()> {
    let mut buffer = Vec::with_capacity(BUFFER_BYTES * 2);
    let mut is_first = true;
    for batch in batches {
        let arrays = columns.iter().zip(batch.columns());
        let cells = arrays
            .map(|(column, array)| Cells::new(&column.logical, array, style))
            .collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            if !is_first {
                buffer.push(b',');
            }
            is_first = false;
            push_row(&mut buffer, &cells, row)?;
            if buffer.len() >= BUFFER_BYTES {
                out.write_all(&buffer).map_err(Error::internal)?;
                buffer.clear();
            }
        }
    }
    out.write_all(&buffer).map_err(Error::internal)
}

fn push_row(out: &mut Vec<u8>, cells: &[Cells<'_>], row: usize) -> Result<()> {
    out.push(b'[');
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        cell.push(out, row)?;
    }
    out.push(b']');
    Ok(())
}

/// A column, ready to be written cell by cell.
struct Cells<'a> {
    nulls: Option<&'a NullBuffer>,
    null: &'static [u8],
    values: Values<'a>,
}

enum Values<'a> {
    /// Decimals, times and timestamps: an integer with a point before its last `scale` digits.
    Scaled(&'a [i64], u8),
    SmallScaled(&'a [i32], u8),
    WideScaled(&'a [i128], u8),
    Double(&'a [f64]),
    Text(&'a StringArray),
    Binary(&'a BinaryArray),
    /// The words for false and true.
    Boolean(&'a BooleanArray, [&'static str; 2]),
    EpochFraction {
        epoch: &'a [i64],
        fraction: &'a [i32],
        scale: u8,
    },
    ZonedTicks {
        ticks: &'a [i64],
        timezone: &'a [i32],
        scale: u8,
    },
    ZonedEpochFraction {
        epoch: &'a [i64],
        fraction: &'a [i32],
        timezone: &'a [i32],
        scale: u8,
    },
}

impl<'a> Cells<'a> {
    fn new(logical: &LogicalType, array: &'a ArrayRef, style: CellStyle) -> Result<Self> {
        let scale = match *logical {
            LogicalType::Number { scale, .. }
            | LogicalType::Time { scale }
            | LogicalType::Timestamp { scale, .. } => scale,
            _ => 0,
        };
        let values = match array.data_type() {
            DataType::Int64 => Values::Scaled(array.as_primitive::<Int64Type>().values(), scale),
            DataType::Int32 => {
                Values::SmallScaled(array.as_primitive::<Int32Type>().values(), scale)
            }
            DataType::Date32 => Values::SmallScaled(array.as_primitive::<Date32Type>().values(), 0),
            DataType::Decimal128(..) => {
                Values::WideScaled(array.as_primitive::<Decimal128Type>().values(), scale)
            }
            DataType::Float64 => Values::Double(array.as_primitive::<Float64Type>().values()),
            DataType::Utf8 => Values::Text(array.as_string()),
            DataType::Binary => Values::Binary(array.as_binary()),
            DataType::Boolean => {
                let words = match style {
                    CellStyle::Driver => ["0", "1"],
                    CellStyle::SqlApi { .. } => ["false", "true"],
                };
                Values::Boolean(array.as_boolean(), words)
            }
            DataType::Struct(_) => Self::of_struct(array, scale)?,
            other => return Err(Error::internal(format!("no JSON cell for Arrow's {other}"))),
        };
        Ok(Cells {
            nulls: array.nulls(),
            null: match style {
                CellStyle::SqlApi {
                    nulls_as_text: true,
                } => b"\"null\"",
                _ => b"null",
            },
            values,
        })
    }

    fn of_struct(array: &'a ArrayRef, scale: u8) -> Result<Values<'a>> {
        let array = array.as_struct();
        let child = |name| {
            let child = array.column_by_name(name)?;
            child
                .as_primitive_opt::<Int32Type>()
                .map(|child| &child.values()[..])
        };
        let epoch = array.column_by_name("epoch");
        let epoch = epoch.and_then(|epoch| epoch.as_primitive_opt::<Int64Type>());
        let epoch = epoch.ok_or_else(|| Error::internal("a timestamp without an epoch"))?;
        let epoch = epoch.values();
        match (child("fraction"), child("timezone")) {
            (Some(fraction), None) => Ok(Values::EpochFraction {
                epoch,
                fraction,
                scale,
            }),
            (None, Some(timezone)) => Ok(Values::ZonedTicks {
                ticks: epoch,
                timezone,
                scale,
            }),
            (Some(fraction), Some(timezone)) => Ok(Values::ZonedEpochFraction {
                epoch,
                fraction,
                timezone,
                scale,
            }),
            (None, None) => Err(Error::internal("a timestamp of an epoch alone")),
        }
    }

    fn push(&self, out: &mut Vec<u8>, row: usize) -> Result<()> {
        if self.nulls.is_some_and(|nulls| nulls.is_null(row)) {
            out.extend_from_slice(self.null);
            return Ok(());
        }
        if let Values::Text(values) = &self.values {
            // The only cells with anything to escape; quotes included.
            return serde_json::to_writer(out, values.value(row)).map_err(Error::internal);
        }
        out.push(b'"');
        match &self.values {
            Values::Text(_) => {}
            Values::Scaled(values, scale) => push_signed(out, values[row], *scale),
            Values::SmallScaled(values, scale) => push_signed(out, values[row].into(), *scale),
            Values::WideScaled(values, scale) => {
                push_scaled(out, values[row] < 0, values[row].unsigned_abs(), *scale);
            }
            Values::Double(values) => push_float(out, values[row]),
            Values::Binary(values) => push_hex(out, values.value(row)),
            Values::Boolean(values, words) => {
                out.extend_from_slice(words[usize::from(values.value(row))].as_bytes());
            }
            Values::EpochFraction {
                epoch,
                fraction,
                scale,
            } => push_instant(out, epoch[row], fraction[row], *scale),
            Values::ZonedTicks {
                ticks,
                timezone,
                scale,
            } => {
                push_signed(out, ticks[row], *scale);
                push_timezone(out, timezone[row]);
            }
            Values::ZonedEpochFraction {
                epoch,
                fraction,
                timezone,
                scale,
            } => {
                push_instant(out, epoch[row], fraction[row], *scale);
                push_timezone(out, timezone[row]);
            }
        }
        out.push(b'"');
        Ok(())
    }
}

fn push_signed(out: &mut Vec<u8>, value: i64, scale: u8) {
    push_scaled(out, value < 0, value.unsigned_abs().into(), scale);
}

/// A decimal number with exactly `scale` digits after the point.
pub(super) fn push_scaled(out: &mut Vec<u8>, is_negative: bool, magnitude: u128, scale: u8) {
    let mut buffer = [b'0'; 48];
    let mut begin = digits_before(&mut buffer, magnitude);
    let scale = usize::from(scale).min(buffer.len() - 1);
    let point = buffer.len() - scale;
    begin = begin.min(point - 1);
    if is_negative {
        out.push(b'-');
    }
    out.extend_from_slice(&buffer[begin..point]);
    if scale > 0 {
        out.push(b'.');
        out.extend_from_slice(&buffer[point..]);
    }
}

/// Seconds, rounded down, and nanoseconds as a decimal number: one before the epoch counts backwards.
fn push_instant(out: &mut Vec<u8>, epoch: i64, fraction: i32, scale: u8) {
    let mut seconds = epoch.unsigned_abs();
    let mut nanos = fraction.unsigned_abs();
    let is_negative = epoch < 0;
    if is_negative && nanos > 0 {
        seconds -= 1;
        nanos = NANOS - nanos;
    }
    if is_negative {
        out.push(b'-');
    }
    push_scaled(out, false, seconds.into(), 0);
    if scale > 0 {
        let mut buffer = [b'0'; 9];
        digits_before(&mut buffer, nanos.into());
        out.push(b'.');
        out.extend_from_slice(&buffer[..usize::from(scale).min(9)]);
    }
}

fn push_timezone(out: &mut Vec<u8>, timezone: i32) {
    out.push(b' ');
    push_signed(out, timezone.into(), 0);
}

/// Writes the digits at the end of `buffer`, and says where they begin.
fn digits_before(buffer: &mut [u8], mut magnitude: u128) -> usize {
    const PART: u128 = 10u128.pow(19);
    let mut end = buffer.len();
    while magnitude >= PART {
        // Division of 128 bits is slow: once for nineteen digits.
        let mut part = (magnitude % PART) as u64;
        magnitude /= PART;
        for digit in buffer[end - 19..end].iter_mut().rev() {
            *digit = b'0' + (part % 10) as u8;
            part /= 10;
        }
        end -= 19;
    }
    let mut part = magnitude as u64;
    while part >= 100 {
        let pair = 2 * (part % 100) as usize;
        part /= 100;
        end -= 2;
        buffer[end..end + 2].copy_from_slice(&DIGIT_PAIRS[pair..pair + 2]);
    }
    if part >= 10 {
        let pair = 2 * part as usize;
        end -= 2;
        buffer[end..end + 2].copy_from_slice(&DIGIT_PAIRS[pair..pair + 2]);
    } else {
        end -= 1;
        buffer[end] = b'0' + part as u8;
    }
    end
}

const DIGIT_PAIRS: [u8; 200] = {
    let mut pairs = [0; 200];
    let mut number = 0;
    while number < 100 {
        pairs[2 * number] = b'0' + (number / 10) as u8;
        pairs[2 * number + 1] = b'0' + (number % 10) as u8;
        number += 1;
    }
    pairs
};

/// The fewest digits that give the same value back, with an exponent as C prints it: `1.5`, `100`, `1e+300`, `1e-07`.
fn push_float(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        return out.extend_from_slice(b"NaN");
    }
    if value.is_infinite() {
        return out.extend_from_slice(if value > 0.0 { b"inf" } else { b"-inf" });
    }
    // Without an exponent where `%.15g` has none, or where the digits reach that far anyway.
    let magnitude = value.abs();
    let is_plain = magnitude == 0.0 || (1e-4..1e15).contains(&magnitude);
    // Writing to a Vec does not fail.
    if is_plain {
        let _ = write!(out, "{value}");
        return;
    }
    let begin = out.len();
    let _ = write!(out, "{value:e}");
    let Some(e) = out[begin..].iter().position(|byte| *byte == b'e') else {
        return;
    };
    let exponent = out.split_off(begin + e + 1);
    let (sign, digits) = match exponent.strip_prefix(b"-") {
        Some(digits) => (b'-', digits),
        None => (b'+', &exponent[..]),
    };
    out.push(sign);
    if digits.len() < 2 {
        out.push(b'0');
    }
    out.extend_from_slice(digits);
}

fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.reserve(2 * bytes.len());
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}
