//! The result of a native: typed writers.
//!
//! SAFETY, for the whole file: the result vector is flat and has room for the rows that DuckDB asks for. Type and row are
//! checked on each write.
#![allow(unsafe_code)]

use std::slice;

use duckdb::ffi::*;

use super::Timestamp;
use super::layout::{StringRef, TimestampTz, Wide, words};
use crate::error::{Error, Result};
use crate::types::PhysicalType;

/// The results of one chunk. A row that nothing is written to has an arbitrary number or an empty text; write each, or
/// `set_null` it.
pub struct Output<'a> {
    vector: duckdb_vector,
    returns: PhysicalType,
    end: usize,
    data: *mut u8,
    /// The fields of a TIMESTAMP_TZ.
    fields: Option<[(duckdb_vector, *mut u8); 2]>,
    misused: Option<&'static str>,
    callback: std::marker::PhantomData<&'a mut ()>,
}

macro_rules! writers {
    ($( $(#[$doc:meta])* $set:ident $(/ $slice:ident)? : $physical:pat => $stored:ty; )*) => { $(
        $(#[$doc])*
        #[inline]
        pub fn $set(&mut self, row: usize, value: $stored) {
            if row < self.end && matches!(self.returns, $physical) {
                // SAFETY: checked above.
                unsafe { self.data.cast::<$stored>().add(row).write(value) }
            } else {
                self.misused = Some(stringify!($set));
            }
        }
        $(
            /// All rows at once, to be written.
            pub fn $slice(&mut self) -> Result<&mut [$stored]> {
                if !matches!(self.returns, $physical) {
                    return Err(misuse_of_output(stringify!($slice), self.returns));
                }
                // SAFETY: checked above; DuckDB's memory may hold any bits, and so may these types.
                Ok(unsafe { slice::from_raw_parts_mut(self.data.cast(), self.end) })
            }
        )?
    )* };
}

impl<'a> Output<'a> {
    /// # Safety
    /// `vector` is the flat result of the running callback, of type `returns`; `rows` of it are to be written.
    pub(super) unsafe fn of(
        vector: duckdb_vector,
        returns: PhysicalType,
        rows: std::ops::Range<usize>,
    ) -> Self {
        let end = rows.end;
        unsafe {
            let (data, fields) = if matches!(
                returns,
                PhysicalType::TimestampTz | PhysicalType::TimestampTzNanos
            ) {
                let field = |index| {
                    let field = duckdb_struct_vector_get_child(vector, index);
                    (field, duckdb_vector_get_data(field).cast())
                };
                (std::ptr::null_mut(), Some([field(0), field(1)]))
            } else {
                (duckdb_vector_get_data(vector).cast::<u8>(), None)
            };
            // What a native forgets must not be followed as a pointer, or read as a bool.
            match returns {
                PhysicalType::Varchar | PhysicalType::Blob => {
                    data.cast::<StringRef>()
                        .add(rows.start)
                        .write_bytes(0, rows.len());
                }
                PhysicalType::Boolean => data.add(rows.start).write_bytes(0, rows.len()),
                _ => (),
            }
            Output {
                vector,
                returns,
                end,
                data,
                fields,
                misused: None,
                callback: std::marker::PhantomData,
            }
        }
    }

    /// Whether everything that was written was of the function's type and within its rows.
    pub(super) fn check(&self) -> Result<()> {
        match self.misused {
            Some(what) => Err(misuse_of_output(what, self.returns)),
            None => Ok(()),
        }
    }

    writers! {
        set_bigint/bigints: PhysicalType::BigInt => i64;
        set_double/doubles: PhysicalType::Double => f64;
        set_boolean: PhysicalType::Boolean => bool;
        /// Days since 1970-01-01.
        set_date/dates: PhysicalType::Date => i32;
        /// Nanoseconds since midnight.
        set_time/times: PhysicalType::Time => i64;
    }

    #[inline]
    pub fn set_text(&mut self, row: usize, value: &str) {
        if row < self.end && self.returns == PhysicalType::Varchar {
            unsafe { self.set_bytes(row, value.as_bytes()) }
        } else {
            self.misused = Some("set_text");
        }
    }

    #[inline]
    pub fn set_blob(&mut self, row: usize, value: &[u8]) {
        if row < self.end && self.returns == PhysicalType::Blob {
            unsafe { self.set_bytes(row, value) }
        } else {
            self.misused = Some("set_blob");
        }
    }

    /// # Safety
    /// The result is VARCHAR or BLOB, and `row` is within it.
    #[inline]
    unsafe fn set_bytes(&mut self, row: usize, value: &[u8]) {
        unsafe {
            // Short text needs no call, which is half of the cost.
            if let Some(short) = StringRef::in_place(value) {
                self.data.cast::<StringRef>().add(row).write(short);
            } else {
                // Checked as UTF-8 by Rust's own type where it has to be.
                duckdb_unsafe_vector_assign_string_element_len(
                    self.vector,
                    row as idx_t,
                    value.as_ptr().cast(),
                    value.len() as idx_t,
                );
            }
        }
    }

    /// The unscaled value, in the scale of the function's result. An error when it has more digits than the result.
    #[inline]
    pub fn set_decimal(&mut self, row: usize, unscaled: i128) -> Result<()> {
        let PhysicalType::Decimal { precision, scale } = self.returns else {
            self.misused = Some("set_decimal");
            return Ok(());
        };
        if row >= self.end {
            self.misused = Some("set_decimal");
            return Ok(());
        }
        if unscaled.unsigned_abs() >= 10_u128.pow(precision.into()) {
            return Err(Error::number_not_representable(
                format_args!("FIXED({precision},{scale})"),
                crate::types::decimal::Formatted(unscaled, scale),
            ));
        }
        // SAFETY: the width follows from the precision; the value was checked against it.
        unsafe {
            match precision {
                0..=4 => self.data.cast::<i16>().add(row).write(unscaled as i16),
                5..=9 => self.data.cast::<i32>().add(row).write(unscaled as i32),
                10..=18 => self.data.cast::<i64>().add(row).write(unscaled as i64),
                _ => self.data.cast::<Wide>().add(row).write(Wide::of(unscaled)),
            }
        }
        Ok(())
    }

    /// An error where the result has only microseconds and the value has more digits.
    #[inline]
    pub fn set_timestamp(&mut self, row: usize, value: Timestamp) -> Result<()> {
        match self.returns {
            // SAFETY: checked.
            PhysicalType::Timestamp if row < self.end => unsafe {
                write_micros(self.data, row, value)?;
            },
            PhysicalType::TimestampNanos if row < self.end => unsafe {
                let nanos = Wide::of(value.to_nanos());
                self.data.cast::<Wide>().add(row).write(nanos);
            },
            _ => self.misused = Some("set_timestamp"),
        }
        Ok(())
    }

    /// As `set_timestamp`.
    pub fn set_timestamp_tz(&mut self, row: usize, value: TimestampTz) -> Result<()> {
        match self.fields {
            // SAFETY: checked.
            Some([(_, utc), (_, offset)]) if row < self.end => unsafe {
                match self.returns {
                    PhysicalType::TimestampTz => write_micros(utc, row, value.utc)?,
                    _ => {
                        let nanos = Wide::of(value.utc.to_nanos());
                        utc.cast::<Wide>().add(row).write(nanos);
                    }
                }
                offset.cast::<i16>().add(row).write(value.offset);
            },
            _ => self.misused = Some("set_timestamp_tz"),
        }
        Ok(())
    }

    pub fn set_null(&mut self, row: usize) {
        if row >= self.end {
            self.misused = Some("set_null");
            return;
        }
        // SAFETY: the vectors are flat.
        unsafe {
            clear_bit(self.vector, row);
            for (field, _) in self.fields.into_iter().flatten() {
                clear_bit(field, row);
            }
        }
    }

    /// NULL in every row whose bit in `live` is 0. For a whole chunk, from row 0.
    pub(super) fn set_live(&mut self, live: &[u64]) {
        let vectors = [
            Some(self.vector),
            self.fields.map(|fields| fields[0].0),
            self.fields.map(|fields| fields[1].0),
        ];
        for vector in vectors.into_iter().flatten() {
            // SAFETY: a writable mask covers the vector's capacity.
            unsafe {
                duckdb_vector_ensure_validity_writable(vector);
                let mask = duckdb_vector_get_validity(vector);
                slice::from_raw_parts_mut(mask, words(self.end)).copy_from_slice(live);
            }
        }
    }
}

/// # Safety
/// `data` is a vector of 64-bit integers that has the row.
#[inline]
unsafe fn write_micros(data: *mut u8, row: usize, value: Timestamp) -> Result<()> {
    let micros = match value.to_micros() {
        Some((micros, 0)) => micros,
        Some(_) => return Err(Error::needs_nanoseconds()),
        None => return Err(Error::unsupported("timestamp beyond the year 294246")),
    };
    unsafe { data.cast::<i64>().add(row).write(micros) };
    Ok(())
}

unsafe fn clear_bit(vector: duckdb_vector, row: usize) {
    unsafe {
        duckdb_vector_ensure_validity_writable(vector);
        *duckdb_vector_get_validity(vector).add(row / 64) &= !(1 << (row % 64));
    }
}

fn misuse_of_output(what: &str, returns: PhysicalType) -> Error {
    Error::internal(format!(
        "a native that returns {returns} used {what}, or a row beyond the chunk"
    ))
}
