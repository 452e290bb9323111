//! Values of natives, and how DuckDB lays them out in memory.
//!
//! SAFETY, for the whole file: see `arguments`.
#![allow(unsafe_code)]

use std::slice;

use crate::types::datetime::Timestamp;

/// A DATE: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

/// A TIME: nanoseconds since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// A TIMESTAMP_TZ: the instant, and minutes east of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimestampTz {
    pub utc: Timestamp,
    pub offset: i16,
}

/// A number: `unscaled` / 10^`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    pub unscaled: i128,
    pub scale: u8,
}

/// A 128-bit integer in DuckDB's memory.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Wide {
    low: u64,
    high: i64,
}

impl Wide {
    #[inline]
    pub(super) fn get(self) -> i128 {
        i128::from(self.high) << 64 | i128::from(self.low)
    }

    #[inline]
    pub(super) fn of(value: i128) -> Self {
        Wide {
            low: value as u64,
            high: (value >> 64) as i64,
        }
    }
}

/// A `duckdb_string_t`: up to 12 bytes in place, or a prefix and a pointer.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
pub(super) struct StringRef {
    length: u32,
    rest: [u8; StringRef::IN_PLACE],
}

impl StringRef {
    const IN_PLACE: usize = 12;

    /// Text that is short enough to need no memory of its own.
    #[inline]
    pub(super) fn in_place(value: &[u8]) -> Option<Self> {
        let mut rest = [0; Self::IN_PLACE];
        rest.get_mut(..value.len())?.copy_from_slice(value);
        let length = value.len() as u32;
        Some(StringRef { length, rest })
    }

    /// # Safety
    /// The row is valid and its vector lives as long as `self`.
    #[inline]
    pub(super) unsafe fn bytes(&self) -> &[u8] {
        let length = self.length as usize;
        if length <= Self::IN_PLACE {
            return &self.rest[..length];
        }
        let mut address = [0; 8];
        address.copy_from_slice(&self.rest[4..]);
        let data = usize::from_ne_bytes(address) as *const u8;
        unsafe { slice::from_raw_parts(data, length) }
    }
}

/// One word per 64 rows.
pub(super) fn words(rows: usize) -> usize {
    rows.div_ceil(64)
}
