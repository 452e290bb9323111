//! Natives written on rows: `arguments.binary(output, |text: &str, times: i64| …)`.

use std::borrow::Cow;

use super::*;
use crate::error::Result;

/// A type that one argument can be read as. `Option` of it sees NULLs; otherwise a NULL gives NULL.
pub trait Argument<'a>: Sized {
    /// The column, resolved once per chunk.
    type Reader;

    fn reader(arguments: &Arguments<'a>, index: usize) -> Result<Self::Reader>;

    fn read(reader: &Self::Reader, row: usize) -> Option<Self>;
}

/// A type that can be written as a result. `None` is NULL.
pub trait Value {
    fn write(self, output: &mut Output<'_>, row: usize) -> Result<()>;
}

macro_rules! arguments {
    ($( $value:ty, $reader:ty, $resolve:ident, |$raw:ident| $convert:expr; )*) => { $(
        impl<'a> Argument<'a> for $value {
            type Reader = $reader;

            fn reader(arguments: &Arguments<'a>, index: usize) -> Result<Self::Reader> {
                arguments.$resolve(index)
            }

            #[inline]
            fn read(reader: &Self::Reader, row: usize) -> Option<Self> {
                reader.get(row).map(|$raw| $convert)
            }
        }
    )* };
}

arguments! {
    i64, Integers<'a>, bigints, |raw| raw;
    f64, Doubles<'a>, doubles, |raw| raw;
    bool, Booleans<'a>, booleans, |raw| raw;
    &'a str, Texts<'a>, texts, |raw| raw;
    &'a [u8], Blobs<'a>, blobs, |raw| raw;
    Date, Dates<'a>, dates, |raw| Date(raw);
    Time, Times<'a>, times, |raw| Time(raw);
    Timestamp, Timestamps<'a>, timestamps, |raw| raw;
    TimestampTz, TimestampTzs<'a>, timestamp_tzs, |raw| raw;
}

impl<'a> Argument<'a> for Decimal {
    type Reader = Decimals<'a>;

    fn reader(arguments: &Arguments<'a>, index: usize) -> Result<Self::Reader> {
        arguments.decimals(index)
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Option<Self> {
        let scale = reader.scale();
        reader.get(row).map(|unscaled| Decimal { unscaled, scale })
    }
}

impl<'a, T: Argument<'a>> Argument<'a> for Option<T> {
    type Reader = T::Reader;

    fn reader(arguments: &Arguments<'a>, index: usize) -> Result<Self::Reader> {
        T::reader(arguments, index)
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Option<Self> {
        Some(T::read(reader, row))
    }
}

macro_rules! values {
    ($( $value:ty, |$this:ident, $output:ident, $row:ident| $write:expr; )*) => { $(
        impl Value for $value {
            #[inline]
            fn write(self, $output: &mut Output<'_>, $row: usize) -> Result<()> {
                let $this = self;
                $write;
                Ok(())
            }
        }
    )* };
}

values! {
    i64, |this, output, row| output.set_bigint(row, this);
    f64, |this, output, row| output.set_double(row, this);
    bool, |this, output, row| output.set_boolean(row, this);
    &str, |this, output, row| output.set_text(row, this);
    String, |this, output, row| output.set_text(row, &this);
    Cow<'_, str>, |this, output, row| output.set_text(row, &this);
    &[u8], |this, output, row| output.set_blob(row, this);
    Vec<u8>, |this, output, row| output.set_blob(row, &this);
    Date, |this, output, row| output.set_date(row, this.0);
    Time, |this, output, row| output.set_time(row, this.0);
    Timestamp, |this, output, row| output.set_timestamp(row, this)?;
    TimestampTz, |this, output, row| output.set_timestamp_tz(row, this)?;
}

/// An unscaled number, already in the scale of the function's result.
impl Value for i128 {
    #[inline]
    fn write(self, output: &mut Output<'_>, row: usize) -> Result<()> {
        output.set_decimal(row, self)
    }
}

impl<T: Value> Value for Option<T> {
    #[inline]
    fn write(self, output: &mut Output<'_>, row: usize) -> Result<()> {
        match self {
            Some(value) => value.write(output, row),
            None => {
                output.set_null(row);
                Ok(())
            }
        }
    }
}

macro_rules! row_wise {
    ($( $(#[$doc:meta])* $name:ident($($argument:ident = $index:literal),*); )*) => {
        impl<'a> Arguments<'a> { $(
            $(#[$doc])*
            #[allow(non_snake_case)]
            #[inline]
            pub fn $name<$($argument: Argument<'a>,)* R: Value>(
                &self,
                output: &mut Output<'_>,
                mut call: impl FnMut($($argument),*) -> Result<R>,
            ) -> Result<()> {
                let readers = ($( $argument::reader(self, $index)?, )*);
                self.each_row(|row| {
                    let ($($argument,)*) = &readers;
                    match ($( $argument::read($argument, row), )*) {
                        ($( Some($argument), )*) => call($($argument),*)?.write(output, row),
                        _ => {
                            output.set_null(row);
                            Ok(())
                        }
                    }
                })
            }
        )* }
    };
}

row_wise! {
    /// Computes a function of one argument on each row.
    unary(A = 0);
    /// Computes a function of two arguments on each row.
    binary(A = 0, B = 1);
    /// Computes a function of three arguments on each row.
    ternary(A = 0, B = 1, C = 2);
    /// Computes a function of four arguments on each row.
    quaternary(A = 0, B = 1, C = 2, D = 3);
    /// Computes a function of five arguments on each row.
    quinary(A = 0, B = 1, C = 2, D = 3, E = 4);
    /// Computes a function of six arguments on each row.
    senary(A = 0, B = 1, C = 2, D = 3, E = 4, F = 5);
}

impl<'a> Arguments<'a> {
    /// Computes a function of no arguments for each row.
    pub fn nullary<R: Value>(
        &self,
        output: &mut Output<'_>,
        mut call: impl FnMut() -> Result<R>,
    ) -> Result<()> {
        self.each_row(|row| call()?.write(output, row))
    }

    /// One argument of one row, for aggregates; `None` is NULL.
    #[inline]
    pub fn get<T: Argument<'a>>(&self, argument: usize, row: usize) -> Result<Option<T>> {
        Ok(T::read(&T::reader(self, argument)?, row))
    }
}
