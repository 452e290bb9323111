//! Readers of files: bytes of a stage's file in, columns of text with their places out. What is done with the columns (casts,
//! transformations, writes) is the business of `statement`; which bytes, `stage`'s.
//!
//! A reader never holds a whole file. A record that it refuses is a [`Fault`] among the others, not an end: whether a
//! statement goes on is ON_ERROR's decision.

mod compression;
mod csv;
mod encoding;
mod format;
mod json;
mod reader;
mod rows;

pub use compression::{COMPRESSIONS, Compression, Compressor, decompressed};
pub use csv::{CsvReader, Dialect, RecordDelimiter, Width, place_of_field};
pub use encoding::is_encoding;
pub use format::{FileFormat, FileType, OptionValue, Written};
pub use reader::RecordReader;
pub use rows::{Fault, FaultKind, Row, Rows};
