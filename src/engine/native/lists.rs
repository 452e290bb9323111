//! Natives that return a list of rows, for table functions: `SELECT unnest(f(…))`.
//!
//! SAFETY, for the whole file: the result vector is flat and has room for the rows that DuckDB asks for; its child is grown
//! here before anything is written to it, and data pointers are fetched again whenever it has grown.
#![allow(unsafe_code)]

use duckdb::ffi::*;

use super::layout::StringRef;
use super::{Arguments, Parameter};
use crate::error::{Error, Result};
use crate::types::PhysicalType;

/// A scalar function whose result is a list: of values where it has one column, of structs `c0`, `c1`, … where it has more.
/// It sees NULLs.
#[derive(Clone, Copy)]
pub struct ListNative {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    /// BIGINT and VARCHAR only.
    pub columns: &'static [PhysicalType],
    /// Fills one chunk of results. May be called by several threads at once.
    pub run: fn(&Arguments<'_>, &mut Lists<'_>) -> Result<()>,
}

/// The lists of one chunk, written one after another. A row whose list is not begun has an empty one.
pub struct Lists<'a> {
    vector: duckdb_vector,
    rows: usize,
    columns: Vec<Column>,
    /// Elements written, of all lists.
    size: usize,
    capacity: usize,
    open: Option<usize>,
    misused: bool,
    callback: std::marker::PhantomData<&'a mut ()>,
}

struct Column {
    physical: PhysicalType,
    vector: duckdb_vector,
    data: *mut u8,
}

impl Lists<'_> {
    /// # Safety
    /// `vector` is the flat result of the running callback, of the type that [`ListNative`] says.
    pub(super) unsafe fn of(
        vector: duckdb_vector,
        physical: &'static [PhysicalType],
        rows: usize,
    ) -> Self {
        let columns = physical
            .iter()
            .map(|physical| Column {
                physical: *physical,
                vector: std::ptr::null_mut(),
                data: std::ptr::null_mut(),
            })
            .collect();
        let mut lists = Lists {
            vector,
            rows,
            columns,
            size: 0,
            capacity: 0,
            open: None,
            misused: false,
            callback: std::marker::PhantomData,
        };
        unsafe {
            let entries = lists.entries();
            for row in 0..rows {
                entries.add(row).write(duckdb_list_entry {
                    offset: 0,
                    length: 0,
                });
            }
        }
        lists
    }

    unsafe fn entries(&mut self) -> *mut duckdb_list_entry {
        unsafe { duckdb_vector_get_data(self.vector).cast() }
    }

    /// Begins the list of a row.
    pub fn begin(&mut self, row: usize) {
        if row >= self.rows {
            self.misused = true;
            return;
        }
        self.open = Some(row);
        let offset = self.size as u64;
        // SAFETY: the row is within the chunk.
        unsafe {
            self.entries()
                .add(row)
                .write(duckdb_list_entry { offset, length: 0 });
        }
    }

    /// Makes the list of a row NULL.
    pub fn set_null(&mut self, row: usize) {
        if row >= self.rows {
            self.misused = true;
            return;
        }
        // SAFETY: the row is within the chunk.
        unsafe {
            duckdb_vector_ensure_validity_writable(self.vector);
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(self.vector), row as idx_t);
        }
    }

    /// Adds an element to the open list; each of its columns is to be written next.
    pub fn push(&mut self) {
        let Some(row) = self.open else {
            self.misused = true;
            return;
        };
        if self.size == self.capacity {
            self.grow();
        }
        self.size += 1;
        // SAFETY: `begin` has checked the row.
        unsafe {
            (*self.entries().add(row)).length += 1;
        }
    }

    fn grow(&mut self) {
        self.capacity = (self.capacity * 2).max(2048);
        // SAFETY: a list vector; its child has as many fields as there are columns.
        unsafe {
            duckdb_list_vector_reserve(self.vector, self.capacity as idx_t);
            let child = duckdb_list_vector_get_child(self.vector);
            let single = self.columns.len() == 1;
            for (index, column) in self.columns.iter_mut().enumerate() {
                column.vector = if single {
                    child
                } else {
                    duckdb_struct_vector_get_child(child, index as idx_t)
                };
                column.data = duckdb_vector_get_data(column.vector).cast();
            }
        }
    }

    /// A column of the element that was added last.
    fn column(&mut self, column: usize, wanted: Option<PhysicalType>) -> Option<(&Column, usize)> {
        let at = self.size.checked_sub(1);
        let found = self.columns.get(column);
        match (found, at) {
            (Some(found), Some(at)) if wanted.is_none_or(|wanted| wanted == found.physical) => {
                Some((found, at))
            }
            _ => {
                self.misused = true;
                None
            }
        }
    }

    pub fn bigint(&mut self, column: usize, value: i64) {
        if let Some((column, at)) = self.column(column, Some(PhysicalType::BigInt)) {
            // SAFETY: the child has room for `at`.
            unsafe { column.data.cast::<i64>().add(at).write(value) }
        }
    }

    pub fn text(&mut self, column: usize, value: &str) {
        if let Some((column, at)) = self.column(column, Some(PhysicalType::Varchar)) {
            // SAFETY: the child has room for `at`.
            unsafe {
                if let Some(short) = StringRef::in_place(value.as_bytes()) {
                    column.data.cast::<StringRef>().add(at).write(short);
                } else {
                    duckdb_unsafe_vector_assign_string_element_len(
                        column.vector,
                        at as idx_t,
                        value.as_ptr().cast(),
                        value.len() as idx_t,
                    );
                }
            }
        }
    }

    pub fn null(&mut self, column: usize) {
        if let Some((column, at)) = self.column(column, None) {
            // SAFETY: the child has room for `at`, and so has its mask.
            unsafe {
                duckdb_vector_ensure_validity_writable(column.vector);
                let mask = duckdb_vector_get_validity(column.vector);
                duckdb_validity_set_row_invalid(mask, at as idx_t);
                if column.physical == PhysicalType::Varchar {
                    column.data.cast::<StringRef>().add(at).write_bytes(0, 1);
                }
            }
        }
    }

    /// Ends the chunk.
    pub(super) fn finish(self) -> Result<()> {
        // SAFETY: that many elements have been written.
        unsafe {
            duckdb_list_vector_set_size(self.vector, self.size as idx_t);
        }
        if self.misused {
            Err(Error::internal(
                "a native wrote into a list what is not of its type",
            ))
        } else {
            Ok(())
        }
    }
}
