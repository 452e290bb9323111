//! Snowflake's flavour of Arrow: which Arrow type carries which logical type, and the conversion from the engine's arrays.
//!
//! A [`ColumnBuilder`] gathers one column of a chunk and converts each value once. The rules are `wire-protocol.md` 5.3 and
//! 5.4. It must not know chunks, files or JSON.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, BooleanBufferBuilder, Decimal128Array,
    Float64Array, Int32Array, Int64Array, NullBufferBuilder, PrimitiveArray, StringArray,
    StructArray,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Field, Fields, Float64Type,
    Int16Type, Int64Type, Time64NanosecondType, TimestampMicrosecondType,
};

use super::{Column, WireType};
use crate::error::{Error, Result};
use crate::types::datetime::NANOS_PER_SECOND;
use crate::types::{LogicalType, MAX_PRECISION, PhysicalType, TimestampKind};

/// Minutes that Snowflake adds to an offset from UTC.
pub(super) const TIMEZONE_BIAS: i32 = 1440;

const MICROS: i64 = 1_000_000;
/// First value with more digits than a NUMBER has.
const NUMBER_LIMIT: u128 = 10u128.pow(MAX_PRECISION as u32);

/// Gathers the values of a column and converts them.
pub(super) struct ColumnBuilder {
    field: Field,
    conversion: Conversion,
    values: Values,
    nulls: NullBufferBuilder,
}

/// From the engine's form of a value to Snowflake's.
#[derive(Debug, Clone, Copy)]
enum Conversion {
    BigInt,
    Decimal {
        scale: u8,
    },
    Double,
    Text,
    Binary,
    Boolean,
    Date,
    /// Nanoseconds of the day to ticks of 10^-scale seconds.
    Time {
        scale: u8,
    },
    /// Micro- or nanoseconds to ticks of 10^-scale seconds.
    Ticks {
        scale: u8,
    },
    /// Micro- or nanoseconds to seconds and nanoseconds.
    EpochFraction,
    /// Instant and offset to ticks and zone.
    ZonedTicks {
        scale: u8,
    },
    /// Instant and offset to seconds, nanoseconds and zone; no digits beyond `scale`.
    ZonedEpochFraction {
        scale: u8,
    },
}

/// What has been gathered, in Snowflake's form.
enum Values {
    /// Numbers as 64-bit integers without their point.
    Narrow(Vec<i64>),
    /// The same once a value did not fit; never narrow again.
    Wide(Vec<i128>),
    Double(Vec<f64>),
    Text(Bytes),
    Binary(Bytes),
    Boolean(BooleanBufferBuilder),
    Date(Vec<i32>),
    SmallTicks(Vec<i32>),
    Ticks(Vec<i64>),
    Struct {
        epoch: Vec<i64>,
        fraction: Option<Vec<i32>>,
        timezone: Option<Vec<i32>>,
    },
}

struct Bytes {
    offsets: Vec<i32>,
    data: Vec<u8>,
}

impl Conversion {
    fn new(logical: &LogicalType, physical: PhysicalType) -> Option<Self> {
        Some(match (logical, physical) {
            (LogicalType::Number { scale: 0, .. }, PhysicalType::BigInt) => Conversion::BigInt,
            (LogicalType::Number { scale, .. }, PhysicalType::Decimal { scale: from, .. })
                if *scale == from =>
            {
                Conversion::Decimal { scale: *scale }
            }
            (LogicalType::Float, PhysicalType::Double) => Conversion::Double,
            (
                LogicalType::Varchar { .. }
                | LogicalType::Variant
                | LogicalType::Object
                | LogicalType::Array,
                PhysicalType::Varchar,
            ) => Conversion::Text,
            (LogicalType::Binary { .. }, PhysicalType::Blob) => Conversion::Binary,
            (LogicalType::Boolean, PhysicalType::Boolean) => Conversion::Boolean,
            (LogicalType::Date, PhysicalType::Date) => Conversion::Date,
            (
                LogicalType::Time {
                    scale: scale @ 0..=9,
                },
                PhysicalType::Time,
            ) => Conversion::Time { scale: *scale },
            (
                LogicalType::Timestamp {
                    kind: TimestampKind::Ntz | TimestampKind::Ltz,
                    scale,
                },
                PhysicalType::Timestamp | PhysicalType::TimestampNanos,
            ) => match scale {
                0..=6 => Conversion::Ticks { scale: *scale },
                // Seven digits would fit 64 bits, but the Python connector multiplies them to nanoseconds unchecked.
                7..=9 => Conversion::EpochFraction,
                _ => return None,
            },
            (
                LogicalType::Timestamp {
                    kind: TimestampKind::Tz,
                    scale,
                },
                PhysicalType::TimestampTz | PhysicalType::TimestampTzNanos,
            ) => match scale {
                0..=3 => Conversion::ZonedTicks { scale: *scale },
                4..=9 => Conversion::ZonedEpochFraction { scale: *scale },
                _ => return None,
            },
            _ => return None,
        })
    }

    fn empty_values(self) -> Values {
        match self {
            Conversion::BigInt | Conversion::Decimal { .. } => Values::Narrow(Vec::new()),
            Conversion::Double => Values::Double(Vec::new()),
            Conversion::Text => Values::Text(Bytes::new()),
            Conversion::Binary => Values::Binary(Bytes::new()),
            Conversion::Boolean => Values::Boolean(BooleanBufferBuilder::new(0)),
            Conversion::Date => Values::Date(Vec::new()),
            Conversion::Time { scale: 0..=4 } => Values::SmallTicks(Vec::new()),
            Conversion::Time { .. } | Conversion::Ticks { .. } => Values::Ticks(Vec::new()),
            Conversion::EpochFraction => Values::Struct {
                epoch: Vec::new(),
                fraction: Some(Vec::new()),
                timezone: None,
            },
            Conversion::ZonedTicks { .. } => Values::Struct {
                epoch: Vec::new(),
                fraction: None,
                timezone: Some(Vec::new()),
            },
            Conversion::ZonedEpochFraction { .. } => Values::Struct {
                epoch: Vec::new(),
                fraction: Some(Vec::new()),
                timezone: Some(Vec::new()),
            },
        }
    }
}

impl ColumnBuilder {
    pub(super) fn new(column: &Column, physical: PhysicalType) -> Result<Self> {
        let logical = &column.logical;
        let conversion = Conversion::new(logical, physical)
            .ok_or_else(|| Error::internal(format!("{logical} cannot come as {physical}")))?;
        let values = conversion.empty_values();
        // Nullable whatever the column says: a wrong "no nulls" would be a broken stream, a needless "nulls" costs nothing.
        let field = Field::new(&column.name, values.data_type(logical), true)
            .with_metadata(field_metadata(logical, conversion));
        Ok(ColumnBuilder {
            field,
            conversion,
            values,
            nulls: NullBufferBuilder::new(0),
        })
    }

    /// Whether its numbers have needed more than 64 bits.
    pub(super) fn is_wide(&self) -> bool {
        matches!(self.values, Values::Wide(_))
    }

    /// Of the values to be taken.
    pub(super) fn field(&self) -> Field {
        match (&self.values, self.conversion) {
            (Values::Wide(_), Conversion::Decimal { scale }) => {
                self.field.clone().with_data_type(wide_number(scale))
            }
            _ => self.field.clone(),
        }
    }

    /// About what these values take in an Arrow stream.
    pub(super) fn byte_count_of(&self, values: &ArrayRef) -> Result<usize> {
        let row_count = values.len();
        Ok(match &self.values {
            Values::Text(_) => {
                let offsets = string_array(values)?.value_offsets();
                4 * row_count + span(offsets)
            }
            Values::Binary(_) => {
                let offsets = binary_array(values)?.value_offsets();
                4 * row_count + span(offsets)
            }
            // Counted as a byte, like its nulls: a chunk of few bytes must not have very many rows.
            Values::Boolean(_) => row_count,
            Values::Date(_) | Values::SmallTicks(_) => 4 * row_count,
            Values::Narrow(_) | Values::Double(_) | Values::Ticks(_) => 8 * row_count,
            Values::Wide(_) => 16 * row_count,
            Values::Struct {
                fraction, timezone, ..
            } => (8 + 4 * (fraction.iter().len() + timezone.iter().len())) * row_count,
        })
    }

    pub(super) fn append(&mut self, values: &ArrayRef) -> Result<()> {
        let mut nulls = values.nulls().cloned();
        match (self.conversion, &mut self.values) {
            (Conversion::BigInt, Values::Narrow(to)) => {
                to.extend_from_slice(primitive::<Int64Type>(values)?);
            }
            (Conversion::Decimal { scale }, to) => {
                let from = primitive::<Decimal128Type>(values)?;
                append_decimals(from, nulls.as_ref(), to)
                    .map_err(|value| self.not_representable(value, scale))?;
            }
            (Conversion::Double, Values::Double(to)) => {
                to.extend_from_slice(primitive::<Float64Type>(values)?);
            }
            (Conversion::Text, Values::Text(to)) => {
                let from = string_array(values)?;
                to.append(from.value_offsets(), from.value_data())?;
            }
            (Conversion::Binary, Values::Binary(to)) => {
                let from = binary_array(values)?;
                to.append(from.value_offsets(), from.value_data())?;
            }
            (Conversion::Boolean, Values::Boolean(to)) => {
                let from = values.as_boolean_opt();
                to.append_buffer(from.ok_or_else(|| unexpected(values))?.values());
            }
            (Conversion::Date, Values::Date(to)) => {
                to.extend_from_slice(primitive::<Date32Type>(values)?);
            }
            (Conversion::Time { scale }, to) => {
                let from = primitive::<Time64NanosecondType>(values)?;
                let unit = 10i64.pow(9 - u32::from(scale));
                match to {
                    Values::SmallTicks(to) => to.extend(from.iter().map(|ns| (ns / unit) as i32)),
                    Values::Ticks(to) if unit == 1 => to.extend_from_slice(from),
                    Values::Ticks(to) => to.extend(from.iter().map(|ns| ns / unit)),
                    _ => return Err(Error::internal("a TIME column of another form")),
                }
            }
            (Conversion::Ticks { scale }, Values::Ticks(to)) => {
                Instants::of(values)?.append_ticks(scale, to);
            }
            (
                Conversion::EpochFraction,
                Values::Struct {
                    epoch,
                    fraction: Some(fraction),
                    ..
                },
            ) => {
                Instants::of(values)?.append_epoch_fraction(9, epoch, fraction);
            }
            (
                Conversion::ZonedTicks { scale },
                Values::Struct {
                    epoch,
                    timezone: Some(timezone),
                    ..
                },
            ) => {
                let zoned = Zoned::of(values)?;
                zoned.utc.append_ticks(scale, epoch);
                timezone.extend(zoned.timezones());
                nulls = zoned.nulls;
            }
            (
                Conversion::ZonedEpochFraction { scale },
                Values::Struct {
                    epoch,
                    fraction: Some(fraction),
                    timezone: Some(timezone),
                },
            ) => {
                let zoned = Zoned::of(values)?;
                zoned.utc.append_epoch_fraction(scale, epoch, fraction);
                timezone.extend(zoned.timezones());
                nulls = zoned.nulls;
            }
            _ => return Err(Error::internal("a column builder of another form")),
        }
        match nulls {
            Some(nulls) => self.nulls.append_buffer(&nulls),
            None => self.nulls.append_n_non_nulls(values.len()),
        }
        Ok(())
    }

    /// The values gathered; the next chunk begins, no narrower than this one.
    pub(super) fn take(&mut self) -> Result<ArrayRef> {
        let nulls = self.nulls.finish();
        let empty = match self.values {
            Values::Wide(_) => Values::Wide(Vec::new()),
            _ => self.conversion.empty_values(),
        };
        let scale = match self.conversion {
            Conversion::Decimal { scale } => scale,
            _ => 0,
        };
        std::mem::replace(&mut self.values, empty)
            .into_array(scale, nulls)
            .map_err(Error::internal)
    }

    fn not_representable(&self, value: i128, scale: u8) -> Error {
        let type_name = format!("FIXED[SB16]({MAX_PRECISION},{scale}){{nullable}}");
        let mut text = Vec::new();
        super::json::push_scaled(&mut text, value < 0, value.unsigned_abs(), scale);
        Error::number_not_representable(type_name, String::from_utf8_lossy(&text))
    }
}

impl Values {
    fn data_type(&self, logical: &LogicalType) -> DataType {
        match self {
            Values::Narrow(_) | Values::Ticks(_) => DataType::Int64,
            Values::Wide(_) => wide_number(WireType::of(logical).scale.unwrap_or(0)),
            Values::Double(_) => DataType::Float64,
            Values::Text(_) => DataType::Utf8,
            Values::Binary(_) => DataType::Binary,
            Values::Boolean(_) => DataType::Boolean,
            Values::Date(_) => DataType::Date32,
            Values::SmallTicks(_) => DataType::Int32,
            Values::Struct {
                fraction, timezone, ..
            } => DataType::Struct(struct_fields(fraction.is_some(), timezone.is_some())),
        }
    }

    fn into_array(
        self,
        scale: u8,
        nulls: Option<NullBuffer>,
    ) -> Result<ArrayRef, arrow::error::ArrowError> {
        Ok(match self {
            Values::Narrow(values) | Values::Ticks(values) => {
                Arc::new(Int64Array::try_new(values.into(), nulls)?)
            }
            Values::Wide(values) => {
                let array = Decimal128Array::try_new(values.into(), nulls)?;
                Arc::new(array.with_precision_and_scale(MAX_PRECISION, scale as i8)?)
            }
            Values::Double(values) => Arc::new(Float64Array::try_new(values.into(), nulls)?),
            Values::Text(Bytes { offsets, data }) => {
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                Arc::new(StringArray::try_new(
                    offsets,
                    Buffer::from_vec(data),
                    nulls,
                )?)
            }
            Values::Binary(Bytes { offsets, data }) => {
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                Arc::new(BinaryArray::try_new(
                    offsets,
                    Buffer::from_vec(data),
                    nulls,
                )?)
            }
            Values::Boolean(mut values) => Arc::new(BooleanArray::new(values.finish(), nulls)),
            Values::Date(values) => {
                Arc::new(PrimitiveArray::<Date32Type>::try_new(values.into(), nulls)?)
            }
            Values::SmallTicks(values) => Arc::new(Int32Array::try_new(values.into(), nulls)?),
            Values::Struct {
                epoch,
                fraction,
                timezone,
            } => {
                let fields = struct_fields(fraction.is_some(), timezone.is_some());
                let mut children: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(epoch))];
                for child in [fraction, timezone].into_iter().flatten() {
                    children.push(Arc::new(Int32Array::from(child)));
                }
                Arc::new(StructArray::try_new(fields, children, nulls)?)
            }
        })
    }
}

impl Bytes {
    fn new() -> Self {
        Bytes {
            offsets: vec![0],
            data: Vec::new(),
        }
    }

    fn append(&mut self, offsets: &[i32], data: &[u8]) -> Result<()> {
        let (Some(&first), Some(&last)) = (offsets.first(), offsets.last()) else {
            return Ok(());
        };
        let begin = self.data.len();
        self.data
            .extend_from_slice(&data[first as usize..last as usize]);
        // All of a chunk's offsets have 32 bits; the last is the greatest.
        if i32::try_from(self.data.len()).is_err() {
            return Err(Error::internal(
                "a chunk has more than 2 GiB of text in a column",
            ));
        }
        let shift = begin as i32 - first;
        self.offsets
            .extend(offsets[1..].iter().map(|offset| offset + shift));
        Ok(())
    }
}

/// A TIMESTAMP_TZ column of the engine.
struct Zoned<'a> {
    utc: Instants<'a>,
    offset_minutes: &'a [i16],
    nulls: Option<NullBuffer>,
}

impl<'a> Zoned<'a> {
    fn of(values: &'a ArrayRef) -> Result<Self> {
        match values.as_struct_opt().map(StructArray::columns) {
            Some([utc, offset]) => Ok(Zoned {
                utc: Instants::of(utc)?,
                offset_minutes: primitive::<Int16Type>(offset)?,
                nulls: NullBuffer::union(values.nulls(), utc.nulls()),
            }),
            _ => Err(unexpected(values)),
        }
    }

    fn timezones(&self) -> impl Iterator<Item = i32> + use<'a> {
        let minutes = self.offset_minutes.iter();
        minutes.map(|minutes| i32::from(*minutes) + TIMEZONE_BIAS)
    }
}

/// Appends numbers, and widens the column at the first that needs it. Fails with a value of more than 38 digits.
fn append_decimals(
    from: &[i128],
    nulls: Option<&NullBuffer>,
    values: &mut Values,
) -> Result<(), i128> {
    if let Values::Narrow(to) = values {
        let fits = |value: &i128| *value == i128::from(*value as i64);
        if from.iter().fold(true, |all, value| all & fits(value)) {
            to.extend(from.iter().map(|value| *value as i64));
            return Ok(());
        }
        // What stands in the place of a null may be anything.
        let is_null = |row| nulls.is_some_and(|nulls| nulls.is_null(row));
        let mut rows = from.iter().enumerate();
        if rows.all(|(row, value)| fits(value) || is_null(row)) {
            to.extend(from.iter().map(|value| *value as i64));
            return Ok(());
        }
        *values = Values::Wide(to.iter().map(|value| i128::from(*value)).collect());
    }
    if let Values::Wide(to) = values {
        for (row, value) in from.iter().enumerate() {
            let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
            match value {
                _ if is_null => to.push(0),
                value if value.unsigned_abs() < NUMBER_LIMIT => to.push(*value),
                value => return Err(*value),
            }
        }
    }
    Ok(())
}

/// Points in time of the engine, in one of their two forms.
enum Instants<'a> {
    Micros(&'a [i64]),
    Nanos(&'a [i128]),
}

impl<'a> Instants<'a> {
    fn of(values: &'a ArrayRef) -> Result<Self> {
        match values.data_type() {
            DataType::Decimal128(_, 0) => primitive::<Decimal128Type>(values).map(Instants::Nanos),
            _ => primitive::<TimestampMicrosecondType>(values).map(Instants::Micros),
        }
    }

    /// Appends them as ticks of 10^-scale seconds, rounded down; no more than six digits.
    fn append_ticks(&self, scale: u8, to: &mut Vec<i64>) {
        let scale = u32::from(scale.min(6));
        match (self, 10i64.pow(6 - scale)) {
            (Instants::Micros(micros), 1) => to.extend_from_slice(micros),
            (Instants::Micros(micros), unit) => {
                to.extend(micros.iter().map(|us| us.div_euclid(unit)));
            }
            (Instants::Nanos(nanos), _) => {
                let unit = 10i128.pow(9 - scale);
                to.extend(nanos.iter().map(|ns| ns.div_euclid(unit) as i64));
            }
        }
    }

    /// Appends them as whole seconds, rounded down, and nanoseconds; digits beyond `scale` are cut.
    fn append_epoch_fraction(&self, scale: u8, epoch: &mut Vec<i64>, fraction: &mut Vec<i32>) {
        match self {
            Instants::Micros(micros) => {
                let unit = 10i64.pow(6u32.saturating_sub(scale.into()));
                epoch.extend(micros.iter().map(|us| us.div_euclid(MICROS)));
                let fractions = micros.iter().map(|us| us.rem_euclid(MICROS));
                if unit == 1 {
                    fraction.extend(fractions.map(|us| us as i32 * 1000));
                } else {
                    fraction.extend(fractions.map(|us| (us - us % unit) as i32 * 1000));
                }
            }
            Instants::Nanos(nanos) => {
                let second = i128::from(NANOS_PER_SECOND);
                let unit = 10i128.pow(9u32.saturating_sub(scale.into()));
                epoch.extend(nanos.iter().map(|ns| ns.div_euclid(second) as i64));
                let fractions = nanos.iter().map(|ns| ns.rem_euclid(second));
                fraction.extend(fractions.map(|ns| (ns - ns % unit) as i32));
            }
        }
    }
}

fn wide_number(scale: u8) -> DataType {
    DataType::Decimal128(MAX_PRECISION, scale as i8)
}

/// Python finds the children by these names.
fn struct_fields(fraction: bool, timezone: bool) -> Fields {
    let epoch = Field::new("epoch", DataType::Int64, true);
    let fraction = fraction.then(|| Field::new("fraction", DataType::Int32, true));
    let timezone = timezone.then(|| Field::new("timezone", DataType::Int32, true));
    [Some(epoch), fraction, timezone]
        .into_iter()
        .flatten()
        .collect()
}

fn field_metadata(logical: &LogicalType, conversion: Conversion) -> HashMap<String, String> {
    let wire = WireType::of(logical);
    let byte_length = match conversion {
        // Decides between the two layouts in the Python connector.
        Conversion::ZonedTicks { .. } => Some(8),
        Conversion::ZonedEpochFraction { .. } => Some(16),
        _ => wire.byte_length,
    };
    let entries = [
        ("logicalType", Some(wire.name.to_uppercase())),
        ("precision", wire.precision.map(|digits| digits.to_string())),
        ("scale", wire.scale.map(|digits| digits.to_string())),
        ("charLength", wire.length.map(|length| length.to_string())),
        ("byteLength", byte_length.map(|length| length.to_string())),
        ("finalType", Some("T".to_owned())),
    ];
    let present = entries.into_iter();
    present
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
}

fn primitive<T: ArrowPrimitiveType>(values: &ArrayRef) -> Result<&[T::Native]> {
    match values.as_primitive_opt::<T>() {
        Some(array) => Ok(array.values()),
        None => Err(unexpected(values)),
    }
}

fn string_array(values: &ArrayRef) -> Result<&StringArray> {
    values.as_string_opt().ok_or_else(|| unexpected(values))
}

fn binary_array(values: &ArrayRef) -> Result<&BinaryArray> {
    values.as_binary_opt().ok_or_else(|| unexpected(values))
}

fn span(offsets: &[i32]) -> usize {
    match (offsets.first(), offsets.last()) {
        (Some(first), Some(last)) => (last - first) as usize,
        _ => 0,
    }
}

fn unexpected(values: &ArrayRef) -> Error {
    Error::internal(format!(
        "the engine gave a column of an unexpected Arrow type: {}",
        values.data_type()
    ))
}
