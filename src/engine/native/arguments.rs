//! Arguments of a native: typed readers, resolved once per chunk.
//!
//! SAFETY, for the whole file: pointers come from DuckDB for the time of one callback, whose lifetime `'a` is. DuckDB
//! flattens arguments (and the fields of structs) before the callback, so data of an argument with `rows` rows has `rows`
//! elements. Types are checked when a reader is made, rows on each access. 128-bit values are aligned to 8 bytes only.
#![allow(unsafe_code)]

use std::fmt;
use std::slice;

use duckdb::ffi::*;

use super::layout::{StringRef, TimestampTz, Wide, words};
use super::{Nulls, Parameter, Timestamp};
use crate::error::{Error, Result};
use crate::types::PhysicalType;

/// The arguments of one chunk.
pub struct Arguments<'a> {
    columns: Vec<Column<'a>>,
    row_count: usize,
    /// Rows without a NULL, under `Nulls::Propagate`; `None` when all are.
    live: Option<Vec<u64>>,
}

/// A NULL mask: a bit per row, 1 is valid; none when all are.
#[derive(Clone, Copy)]
struct Validity<'a>(Option<&'a [u64]>);

impl Validity<'_> {
    #[inline]
    fn is_valid(self, row: usize) -> bool {
        self.0
            .is_none_or(|words| words[row / 64] & (1 << (row % 64)) != 0)
    }
}

#[derive(Clone, Copy)]
struct Column<'a> {
    validity: Validity<'a>,
    kind: Kind,
    data: Data<'a>,
}

/// What a column means; its [`Data`] is how it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    BigInt,
    Number { scale: u8 },
    Double,
    Text,
    Blob,
    Boolean,
    Date,
    Time,
    Timestamp,
    TimestampTz,
}

#[derive(Clone, Copy)]
enum Data<'a> {
    Null,
    I8(&'a [i8]),
    U8(&'a [u8]),
    I16(&'a [i16]),
    U16(&'a [u16]),
    I32(&'a [i32]),
    U32(&'a [u32]),
    I64(&'a [i64]),
    U64(&'a [u64]),
    I128(&'a [Wide]),
    F64(&'a [f64]),
    Strings(&'a [StringRef]),
    Instants(Instants<'a>),
    Zoned(Instants<'a>, Validity<'a>, &'a [i16]),
}

/// Points in time, in one of their two forms.
#[derive(Clone, Copy)]
enum Instants<'a> {
    Micros(&'a [i64]),
    Nanos(&'a [Wide]),
}

impl Instants<'_> {
    #[inline]
    fn get(self, row: usize) -> Timestamp {
        match self {
            Instants::Micros(values) => Timestamp::from_micros(values[row], 0),
            Instants::Nanos(values) => Timestamp::from_nanos(values[row].get()),
        }
    }
}

impl<'a> Validity<'a> {
    unsafe fn of(vector: duckdb_vector, rows: usize) -> Self {
        unsafe {
            let mask = duckdb_vector_get_validity(vector);
            Validity((!mask.is_null()).then(|| slice::from_raw_parts(mask, words(rows))))
        }
    }
}

impl<'a> Arguments<'a> {
    /// # Safety
    /// `chunk` is the argument of the running callback, of a function with these parameters.
    pub(super) unsafe fn of(
        chunk: duckdb_data_chunk,
        parameters: &[Parameter],
        nulls: Nulls,
    ) -> Result<Self> {
        unsafe {
            let row_count = duckdb_data_chunk_get_size(chunk) as usize;
            let columns = (0..duckdb_data_chunk_get_column_count(chunk))
                .map(|index| {
                    let parameter = match parameters.get(index as usize).or(parameters.last()) {
                        Some(Parameter::Rest(parameter)) => **parameter,
                        Some(parameter) => *parameter,
                        None => return Err(Error::internal("a native got unexpected arguments")),
                    };
                    let vector = duckdb_data_chunk_get_vector(chunk, index);
                    Column::of(vector, parameter, row_count)
                })
                .collect::<Result<Vec<_>>>()?;
            let live = match nulls {
                Nulls::Propagate => live_rows(&columns, row_count),
                Nulls::Passed => None,
            };
            Ok(Arguments {
                columns,
                row_count,
                live,
            })
        }
    }

    /// Rows of the chunk.
    pub fn row_count(&self) -> usize {
        self.row_count
    }

    /// Arguments of the call; differs between calls of a function with [`Parameter::Rest`].
    pub fn count(&self) -> usize {
        self.columns.len()
    }

    /// Whether the row is to be computed: under `Nulls::Propagate`, none of its arguments is NULL.
    #[inline]
    pub fn is_live(&self, row: usize) -> bool {
        Validity(self.live.as_deref()).is_valid(row)
    }

    pub fn is_null(&self, argument: usize, row: usize) -> bool {
        self.columns
            .get(argument)
            .is_none_or(|column| !column.validity.is_valid(row))
    }

    /// Calls `work` for each row that is to be computed.
    #[inline]
    pub fn each_row(&self, mut work: impl FnMut(usize) -> Result<()>) -> Result<()> {
        for row in 0..self.row_count {
            if self.is_live(row) {
                work(row)?;
            }
        }
        Ok(())
    }

    /// Rows with a NULL argument, under `Nulls::Propagate`.
    pub(super) fn live_words(&self) -> Option<&[u64]> {
        self.live.as_deref()
    }

    fn any_column(&self, argument: usize) -> Result<Column<'a>> {
        self.columns.get(argument).copied().ok_or_else(|| {
            let count = self.columns.len();
            Error::internal(format!("a native reads argument {argument} of {count}"))
        })
    }

    fn column(&self, argument: usize, wanted: Kind) -> Result<Column<'a>> {
        let column = self.any_column(argument)?;
        if column.kind == wanted {
            Ok(column)
        } else {
            Err(misuse(argument, column.kind, wanted))
        }
    }

    pub fn bigints(&self, argument: usize) -> Result<Integers<'a>> {
        self.integers(argument, Kind::BigInt)
    }

    /// A TIMESTAMP column in either of its forms.
    pub fn timestamps(&self, argument: usize) -> Result<Timestamps<'a>> {
        let column = self.column(argument, Kind::Timestamp)?;
        match column.data {
            Data::Instants(instants) => Ok(Timestamps {
                validity: column.validity,
                instants,
            }),
            _ => Err(misuse(argument, column.kind, Kind::Timestamp)),
        }
    }

    pub fn times(&self, argument: usize) -> Result<Times<'a>> {
        self.integers(argument, Kind::Time).map(Times)
    }

    fn integers(&self, argument: usize, kind: Kind) -> Result<Integers<'a>> {
        let column = self.column(argument, kind)?;
        match column.data {
            Data::I64(values) => Ok(Integers(Values::new(column.validity, values))),
            _ => Err(misuse(argument, column.kind, kind)),
        }
    }

    pub fn dates(&self, argument: usize) -> Result<Dates<'a>> {
        let column = self.column(argument, Kind::Date)?;
        match column.data {
            Data::I32(values) => Ok(Dates(Values::new(column.validity, values))),
            _ => Err(misuse(argument, column.kind, Kind::Date)),
        }
    }

    pub fn doubles(&self, argument: usize) -> Result<Doubles<'a>> {
        let column = self.column(argument, Kind::Double)?;
        match column.data {
            Data::F64(values) => Ok(Doubles(Values::new(column.validity, values))),
            _ => Err(misuse(argument, column.kind, Kind::Double)),
        }
    }

    pub fn booleans(&self, argument: usize) -> Result<Booleans<'a>> {
        let column = self.column(argument, Kind::Boolean)?;
        match column.data {
            Data::U8(values) => Ok(Booleans(Values::new(column.validity, values))),
            _ => Err(misuse(argument, column.kind, Kind::Boolean)),
        }
    }

    pub fn texts(&self, argument: usize) -> Result<Texts<'a>> {
        let column = self.column(argument, Kind::Text)?;
        match column.data {
            Data::Strings(values) => Ok(Texts(Values::new(column.validity, values))),
            _ => Err(misuse(argument, column.kind, Kind::Text)),
        }
    }

    pub fn blobs(&self, argument: usize) -> Result<Blobs<'a>> {
        let column = self.column(argument, Kind::Blob)?;
        match column.data {
            Data::Strings(values) => Ok(Blobs(Values::new(column.validity, values))),
            _ => Err(misuse(argument, column.kind, Kind::Blob)),
        }
    }

    pub fn timestamp_tzs(&self, argument: usize) -> Result<TimestampTzs<'a>> {
        let column = self.column(argument, Kind::TimestampTz)?;
        match column.data {
            Data::Zoned(instants, inner, offsets) => Ok(TimestampTzs {
                utc: Timestamps {
                    validity: column.validity,
                    instants,
                },
                inner,
                offsets,
            }),
            _ => Err(misuse(argument, column.kind, Kind::TimestampTz)),
        }
    }

    /// The numbers of an `AnyNumber`, DECIMAL or BIGINT argument.
    pub fn decimals(&self, argument: usize) -> Result<Decimals<'a>> {
        let column = self.any_column(argument)?;
        let scale = match column.kind {
            Kind::Number { scale } => scale,
            Kind::BigInt => 0,
            kind => return Err(misuse(argument, kind, Kind::Number { scale: 0 })),
        };
        Ok(Decimals { column, scale })
    }
}

fn misuse(argument: usize, is: Kind, wanted: Kind) -> Error {
    Error::internal(format!(
        "a native reads argument {argument}, {is:?}, as {wanted:?}"
    ))
}

/// The rows in which no column is NULL; `None` when all are.
fn live_rows(columns: &[Column<'_>], rows: usize) -> Option<Vec<u64>> {
    let mut live: Option<Vec<u64>> = None;
    for column in columns {
        if matches!(column.data, Data::Null) {
            return Some(vec![0; words(rows)]);
        }
        if let Some(mask) = column.validity.0 {
            let live = live.get_or_insert_with(|| vec![u64::MAX; words(rows)]);
            live.iter_mut()
                .zip(mask)
                .for_each(|(live, mask)| *live &= mask);
        }
    }
    live
}

impl<'a> Column<'a> {
    unsafe fn of(vector: duckdb_vector, parameter: Parameter, rows: usize) -> Result<Self> {
        unsafe {
            let validity = Validity::of(vector, rows);
            let (kind, data) = match parameter {
                Parameter::Exact(physical) => Self::exact(vector, physical, rows),
                Parameter::AnyNumber | Parameter::Rest(_) => Self::number(vector, rows)?,
            };
            let validity = match data {
                Data::Null => Validity(Some(no_rows(rows)?)),
                _ => validity,
            };
            Ok(Column {
                validity,
                kind,
                data,
            })
        }
    }

    unsafe fn exact(
        vector: duckdb_vector,
        physical: PhysicalType,
        rows: usize,
    ) -> (Kind, Data<'a>) {
        unsafe {
            match physical {
                PhysicalType::BigInt => (Kind::BigInt, Data::I64(data(vector, rows))),
                PhysicalType::Decimal { precision, scale } => (
                    Kind::Number { scale },
                    Self::decimal(vector, precision, rows),
                ),
                PhysicalType::Double => (Kind::Double, Data::F64(data(vector, rows))),
                PhysicalType::Varchar => (Kind::Text, Data::Strings(data(vector, rows))),
                PhysicalType::Blob => (Kind::Blob, Data::Strings(data(vector, rows))),
                PhysicalType::Boolean => (Kind::Boolean, Data::U8(data(vector, rows))),
                PhysicalType::Date => (Kind::Date, Data::I32(data(vector, rows))),
                PhysicalType::Time => (Kind::Time, Data::I64(data(vector, rows))),
                PhysicalType::Timestamp => {
                    let instants = Instants::Micros(data(vector, rows));
                    (Kind::Timestamp, Data::Instants(instants))
                }
                PhysicalType::TimestampNanos => {
                    let instants = Instants::Nanos(data(vector, rows));
                    (Kind::Timestamp, Data::Instants(instants))
                }
                PhysicalType::TimestampTz | PhysicalType::TimestampTzNanos => {
                    let utc = duckdb_struct_vector_get_child(vector, 0);
                    let offset = duckdb_struct_vector_get_child(vector, 1);
                    let instants = match physical {
                        PhysicalType::TimestampTz => Instants::Micros(data(utc, rows)),
                        _ => Instants::Nanos(data(utc, rows)),
                    };
                    let zoned = Data::Zoned(instants, Validity::of(utc, rows), data(offset, rows));
                    (Kind::TimestampTz, zoned)
                }
            }
        }
    }

    unsafe fn decimal(vector: duckdb_vector, precision: u8, rows: usize) -> Data<'a> {
        unsafe {
            match precision {
                0..=4 => Data::I16(data(vector, rows)),
                5..=9 => Data::I32(data(vector, rows)),
                10..=18 => Data::I64(data(vector, rows)),
                _ => Data::I128(data(vector, rows)),
            }
        }
    }

    /// A column of a parameter that accepts any number: its own type decides.
    #[allow(non_upper_case_globals)]
    unsafe fn number(vector: duckdb_vector, rows: usize) -> Result<(Kind, Data<'a>)> {
        unsafe {
            let mut logical = duckdb_vector_get_column_type(vector);
            let id = duckdb_get_type_id(logical);
            let (precision, scale) = (duckdb_decimal_width(logical), duckdb_decimal_scale(logical));
            duckdb_destroy_logical_type(&mut logical);
            let data = match id {
                DUCKDB_TYPE_DUCKDB_TYPE_DECIMAL => {
                    return Ok((
                        Kind::Number { scale },
                        Self::decimal(vector, precision, rows),
                    ));
                }
                DUCKDB_TYPE_DUCKDB_TYPE_TINYINT => Data::I8(data(vector, rows)),
                DUCKDB_TYPE_DUCKDB_TYPE_SMALLINT => Data::I16(data(vector, rows)),
                DUCKDB_TYPE_DUCKDB_TYPE_INTEGER => Data::I32(data(vector, rows)),
                DUCKDB_TYPE_DUCKDB_TYPE_BIGINT => Data::I64(data(vector, rows)),
                DUCKDB_TYPE_DUCKDB_TYPE_HUGEINT => Data::I128(data(vector, rows)),
                DUCKDB_TYPE_DUCKDB_TYPE_UTINYINT => Data::U8(data(vector, rows)),
                DUCKDB_TYPE_DUCKDB_TYPE_USMALLINT => Data::U16(data(vector, rows)),
                DUCKDB_TYPE_DUCKDB_TYPE_UINTEGER => Data::U32(data(vector, rows)),
                DUCKDB_TYPE_DUCKDB_TYPE_UBIGINT => Data::U64(data(vector, rows)),
                DUCKDB_TYPE_DUCKDB_TYPE_SQLNULL => Data::Null,
                other => {
                    return Err(Error::internal(format!(
                        "a native that takes numbers got DuckDB's type {other}"
                    )));
                }
            };
            Ok((Kind::Number { scale: 0 }, data))
        }
    }
}

unsafe fn data<'a, T>(vector: duckdb_vector, rows: usize) -> &'a [T] {
    unsafe {
        let data = duckdb_vector_get_data(vector).cast::<T>();
        if data.is_null() || rows == 0 {
            return &[];
        }
        debug_assert!(data.is_aligned());
        slice::from_raw_parts(data, rows)
    }
}

/// The mask of a column that is NULL throughout.
fn no_rows(rows: usize) -> Result<&'static [u64]> {
    static NONE: [u64; 1024] = [0; 1024];
    NONE.get(..words(rows))
        .ok_or_else(|| Error::internal("a chunk longer than 65536 rows"))
}

/// A column: its values and which of them are NULL.
#[derive(Clone, Copy)]
struct Values<'a, T> {
    validity: Validity<'a>,
    values: &'a [T],
}

impl<'a, T> Values<'a, T> {
    fn new(validity: Validity<'a>, values: &'a [T]) -> Self {
        Values { validity, values }
    }

    #[inline]
    fn get(&self, row: usize) -> Option<&'a T> {
        if self.validity.is_valid(row) {
            Some(&self.values[row])
        } else {
            None
        }
    }
}

macro_rules! readers {
    ($( $(#[$doc:meta])* $reader:ident($stored:ty) -> $value:ty = |$raw:ident| $convert:expr; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $reader<'a>(Values<'a, $stored>);

        impl<'a> $reader<'a> {
            /// The value, or `None` where it is NULL.
            #[inline]
            pub fn get(&self, row: usize) -> Option<$value> {
                self.0.get(row).map(|$raw| $convert)
            }
        }
    )* };
}

readers! {
    /// A BIGINT column.
    Integers(i64) -> i64 = |raw| *raw;
    /// A DOUBLE column.
    Doubles(f64) -> f64 = |raw| *raw;
    /// A DATE column: days since 1970-01-01.
    Dates(i32) -> i32 = |raw| *raw;
    /// A BOOLEAN column.
    Booleans(u8) -> bool = |raw| *raw != 0;
    /// A VARCHAR column.
    Texts(StringRef) -> &'a str = |raw|
        // SAFETY: DuckDB keeps VARCHAR in UTF-8 and checks it wherever text comes in.
        unsafe { str::from_utf8_unchecked(raw.bytes()) };
    /// A BLOB column.
    Blobs(StringRef) -> &'a [u8] = |raw| unsafe { raw.bytes() };
}

impl<'a> Integers<'a> {
    /// All values, where NULL is, arbitrary ones.
    pub fn values(&self) -> &'a [i64] {
        self.0.values
    }
}

impl<'a> Doubles<'a> {
    /// All values, where NULL is, arbitrary ones.
    pub fn values(&self) -> &'a [f64] {
        self.0.values
    }
}

/// A TIMESTAMP column.
#[derive(Clone, Copy)]
pub struct Timestamps<'a> {
    validity: Validity<'a>,
    instants: Instants<'a>,
}

/// A TIME_NS column: nanoseconds since midnight.
#[derive(Clone, Copy)]
pub struct Times<'a>(Integers<'a>);

impl Timestamps<'_> {
    #[inline]
    pub fn get(&self, row: usize) -> Option<Timestamp> {
        let is_valid = self.validity.is_valid(row);
        is_valid.then(|| self.instants.get(row))
    }
}

impl Times<'_> {
    #[inline]
    pub fn get(&self, row: usize) -> Option<i64> {
        self.0.get(row)
    }
}

/// A TIMESTAMP_TZ column.
#[derive(Clone, Copy)]
pub struct TimestampTzs<'a> {
    utc: Timestamps<'a>,
    inner: Validity<'a>,
    offsets: &'a [i16],
}

impl TimestampTzs<'_> {
    #[inline]
    pub fn get(&self, row: usize) -> Option<TimestampTz> {
        let utc = self.utc.get(row)?;
        self.inner.is_valid(row).then(|| TimestampTz {
            utc,
            offset: self.offsets[row],
        })
    }
}

/// A column of numbers of one scale.
#[derive(Clone, Copy)]
pub struct Decimals<'a> {
    column: Column<'a>,
    scale: u8,
}

impl Decimals<'_> {
    pub fn scale(&self) -> u8 {
        self.scale
    }

    /// The unscaled value: 12.5 of scale 2 is 1250.
    #[inline]
    pub fn get(&self, row: usize) -> Option<i128> {
        if !self.column.validity.is_valid(row) {
            return None;
        }
        Some(match self.column.data {
            Data::I64(values) => values[row].into(),
            Data::I128(values) => values[row].get(),
            Data::I32(values) => values[row].into(),
            Data::I16(values) => values[row].into(),
            Data::I8(values) => values[row].into(),
            Data::U8(values) => values[row].into(),
            Data::U16(values) => values[row].into(),
            Data::U32(values) => values[row].into(),
            Data::U64(values) => values[row].into(),
            Data::Null | Data::F64(_) | Data::Strings(_) | Data::Instants(_) | Data::Zoned(..) => {
                return None;
            }
        })
    }
}

impl fmt::Debug for Arguments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arguments")
            .field("count", &self.columns.len())
            .field("row_count", &self.row_count)
            .finish_non_exhaustive()
    }
}
