//! VARIANT, OBJECT and ARRAY values: canonical text, and everything that is known of it.
//!
//! A value is JSON text in VARCHAR, in one spelling, so that it can be read in place by a byte scanner ([`scan`]) and copied
//! as it stands: no blanks, members sorted by key, strings with the shortest escapes. What JSON lacks:
//!
//! * The number's kind is in its spelling: INTEGER `3`, DECIMAL `3.5` (`3.0` where a NUMBER(p, s) was whole), DOUBLE `3e0`;
//!   `NaN`, `Infinity`, `-Infinity` are DOUBLEs too. Exact numbers have at most 38 digits.
//! * `undefined` is the SQL NULL inside an ARRAY. A whole value is never `undefined`; SQL NULL is the engine's NULL.
//! * A typed leaf (DATE, TIME, TIMESTAMP_*, BINARY) is a string that begins with a raw byte 1 and a letter ([`leaf`]). Text of a
//!   user cannot look like that, because its control characters are escaped.
//!
//! Equality and order do not follow from the text (`1`, `1.0` and `1e0` are equal): [`key`] gives bytes that compare as
//! Snowflake compares values. None of this text reaches a client: [`render`] writes what clients see.
//!
//! Pure functions, run once per row by natives: nothing here knows SQL, sessions or the engine.
//!
//! Sources: Snowflake, "Semi-structured data types"; answers of a live account as recorded by the public test suite of
//! `mlorek/frostlake` ("recorded" in the tests here).

pub mod cast;
pub mod key;
pub mod leaf;
pub mod number;
pub mod parse;
pub mod path;
pub mod render;
pub mod scan;
pub mod write;
pub mod xml;

pub use leaf::{Kind, Leaf};
pub use parse::{Duplicates, Fault, parse};
pub use path::Path;

/// The JSON null.
pub const NULL: &str = "null";
/// The SQL NULL inside an ARRAY.
pub const UNDEFINED: &str = "undefined";
/// First byte of a typed leaf, after the quote.
pub const TAG: u8 = 1;

/// What a path step or a lambda finds as a SQL value: `undefined` is SQL NULL.
pub fn defined(value: &str) -> Option<&str> {
    (value != UNDEFINED).then_some(value)
}
