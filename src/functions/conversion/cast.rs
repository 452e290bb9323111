//! The natives that `lower` writes casts with: text read and written as Snowflake does.

use std::sync::LazyLock;

use super::super::date_time::minutes;
use super::temporal::{number_to_timestamp, zone};
use super::*;
use crate::engine::native::{Date, Memo, Time, TimestampTz};
use crate::types::datetime::{Format, InputFormat, Moment, Timestamp};
use crate::types::decimal::{self, ParseError};
use crate::types::text::BinaryFormat;
use crate::types::{MAX_PRECISION, text};

const TIMESTAMP: Parameter = Parameter::Exact(PhysicalType::Timestamp);
const TIMESTAMP_TZ: Parameter = Parameter::Exact(PhysicalType::TimestampTz);
const BINARY: Parameter = Parameter::Exact(PhysicalType::Blob);

const fn decimal_of(scale: u8) -> PhysicalType {
    PhysicalType::Decimal {
        precision: MAX_PRECISION,
        scale,
    }
}

/// The natives that `lower` writes casts with.
pub(super) fn natives() -> Vec<Native> {
    let mut all = CASTS.to_vec();
    macro_rules! per_scale {
        ($($scale:literal)*) => { $(
            all.push(native(
                concat!("sf_text_to_number_", $scale),
                &[TEXT, INTEGER],
                decimal_of($scale),
                |arguments, output| arguments.binary(output, |value: &str, precision: i64| {
                    text_to_number(value, precision, $scale)
                }),
            ));
            all.push(native(
                concat!("sf_float_to_number_", $scale),
                &[Parameter::Exact(PhysicalType::Double), INTEGER],
                decimal_of($scale),
                |arguments, output| arguments.binary(output, |value: f64, precision: i64| {
                    float_to_number(value, precision, $scale)
                }),
            ));
        )* };
    }
    per_scale!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37);
    all
}

fn text_to_number(value: &str, precision: i64, scale: u8) -> Result<i128> {
    let precision = u8::try_from(precision).unwrap_or(MAX_PRECISION);
    decimal::parse(value, precision, scale).map_err(|error| match error {
        ParseError::NotANumber => Error::number_not_recognized(value),
        ParseError::OutOfRange => Error::number_out_of_range(value),
    })
}

fn float_to_number(value: f64, precision: i64, scale: u8) -> Result<i128> {
    let precision = u8::try_from(precision).unwrap_or(MAX_PRECISION);
    let out_of_range = || {
        let mut printed = String::new();
        text::print_float(value, &mut printed);
        Error::number_out_of_range(printed)
    };
    // Rounds half away from zero; more than 38 digits fit no NUMBER.
    let scaled = (value * 10_f64.powi(scale.into())).round();
    if !scaled.is_finite() || scaled.abs() >= 1e38 {
        return Err(out_of_range());
    }
    let unscaled = scaled as i128;
    if decimal::fits(unscaled, precision) {
        Ok(unscaled)
    } else {
        Err(out_of_range())
    }
}

static CASTS: &[Native] = &[
    native(
        "sf_binary_to_text",
        &[BINARY, TEXT],
        PhysicalType::Varchar,
        |a, out| {
            let mut formats = Memo::new();
            a.binary(out, |value: &[u8], format: &str| {
                let format = formats.get(format, binary_format)?;
                format
                    .encode(value)
                    .ok_or_else(|| Error::invalid_utf8(text::hex_text(value)))
            })
        },
    ),
    native(
        "sf_cut_time",
        &[Parameter::Exact(PhysicalType::Time), INTEGER],
        PhysicalType::Time,
        |a, out| {
            a.binary(out, |time: Time, unit: i64| {
                Ok(Time(time.0 - time.0.rem_euclid(unit)))
            })
        },
    ),
    native(
        "sf_cut_timestamp",
        &[TIMESTAMP, INTEGER],
        PhysicalType::Timestamp,
        |a, out| {
            a.binary(out, |timestamp: Timestamp, scale: i64| {
                Ok(timestamp.truncate(scale as u8))
            })
        },
    ),
    native(
        "sf_cut_timestamp_tz",
        &[TIMESTAMP_TZ, INTEGER],
        PhysicalType::TimestampTz,
        |a, out| {
            a.binary(out, |value: TimestampTz, scale: i64| {
                Ok(TimestampTz {
                    utc: value.utc.truncate(scale as u8),
                    ..value
                })
            })
        },
    ),
    native(
        "sf_date_to_text",
        &[Parameter::Exact(PhysicalType::Date), TEXT],
        PhysicalType::Varchar,
        |a, out| {
            let mut formats = Memo::new();
            a.binary(out, |date: Date, format: &str| {
                Ok(formats
                    .get(format, output_format)?
                    .to_text(&Moment::Date(date.0)))
            })
        },
    ),
    // Fails, with the row's text.
    native(
        "sf_duplicate_row",
        &[TEXT],
        PhysicalType::BigInt,
        |a, out| {
            a.unary(out, |row: &str| -> Result<i64> {
                Err(Error::duplicate_row(row))
            })
        },
    ),
    native(
        "sf_fit_binary",
        &[BINARY, INTEGER],
        PhysicalType::Blob,
        |a, out| {
            a.binary(out, |value: &[u8], length: i64| {
                if value.len() <= usize::try_from(length).unwrap_or(0) {
                    Ok(value)
                } else {
                    Err(Error::binary_too_long(text::hex_text(value)))
                }
            })
        },
    ),
    native(
        "sf_float_to_boolean",
        &[DOUBLE],
        PhysicalType::Boolean,
        |a, out| {
            a.unary(out, |value: f64| {
                if value.is_finite() {
                    return Ok(value != 0.0);
                }
                let mut printed = String::new();
                text::print_float(value, &mut printed);
                Err(Error::boolean_not_recognized(printed))
            })
        },
    ),
    native(
        "sf_number_to_timestamp",
        &[Parameter::AnyNumber, INTEGER],
        PhysicalType::Timestamp,
        |a, out| a.binary(out, number_to_timestamp),
    ),
    native(
        "sf_text_to_binary",
        &[TEXT, TEXT],
        PhysicalType::Blob,
        |a, out| {
            let mut formats = Memo::new();
            a.binary(out, |value: &str, format: &str| {
                let format = formats.get(format, binary_format)?;
                format.decode(value).ok_or_else(|| match format {
                    BinaryFormat::Base64 => Error::base64_not_recognized(value),
                    _ => Error::hex_not_recognized(value),
                })
            })
        },
    ),
    native(
        "sf_fit_text",
        &[TEXT, INTEGER],
        PhysicalType::Varchar,
        |a, out| {
            a.binary(out, |value: &str, length: i64| {
                let length = usize::try_from(length).unwrap_or(0);
                // Bytes are at least as many as characters.
                if value.len() <= length || value.chars().count() <= length {
                    Ok(value)
                } else {
                    Err(Error::string_too_long(value))
                }
            })
        },
    ),
    native(
        "sf_float_to_text",
        &[Parameter::Exact(PhysicalType::Double)],
        PhysicalType::Varchar,
        |a, out| {
            a.unary(out, |value: f64| {
                let mut printed = String::new();
                text::print_float(value, &mut printed);
                Ok(printed)
            })
        },
    ),
    native(
        "sf_instant_to_timestamp_tz",
        &[TIMESTAMP, TEXT],
        PhysicalType::TimestampTz,
        |a, out| {
            let mut zones = Memo::new();
            a.binary(out, |instant: Timestamp, name: &str| {
                let seconds = zones.get(name, zone)?.offset_at(instant.seconds);
                Ok(TimestampTz {
                    utc: instant,
                    offset: minutes(seconds),
                })
            })
        },
    ),
    native(
        "sf_instant_to_wall",
        &[TIMESTAMP, TEXT],
        PhysicalType::Timestamp,
        |a, out| {
            let mut zones = Memo::new();
            a.binary(out, |instant: Timestamp, name: &str| {
                let seconds = zones.get(name, zone)?.offset_at(instant.seconds);
                Ok(instant.plus_seconds(seconds.into()))
            })
        },
    ),
    native(
        "sf_text_to_boolean",
        &[TEXT],
        PhysicalType::Boolean,
        |a, out| {
            a.unary(out, |value: &str| {
                text::parse_boolean(value.trim_ascii())
                    .ok_or_else(|| Error::boolean_not_recognized(value))
            })
        },
    ),
    native(
        "sf_text_to_date",
        &[TEXT, TEXT, INTEGER],
        PhysicalType::Date,
        |a, out| {
            let mut formats = Memo::new();
            a.ternary(out, |value: &str, format: &str, century: i64| {
                let read = formats
                    .get(format, input_format)?
                    .read_date(value, century as i32);
                read.map(Date).ok_or_else(|| refused(value, "date", format))
            })
        },
    ),
    native(
        "sf_text_to_float",
        &[TEXT],
        PhysicalType::Double,
        |a, out| {
            a.unary(out, |value: &str| {
                text::parse_float(value).ok_or_else(|| Error::number_not_recognized(value))
            })
        },
    ),
    native(
        "sf_text_to_time",
        &[TEXT, TEXT, INTEGER],
        PhysicalType::Time,
        |a, out| {
            let mut formats = Memo::new();
            a.ternary(out, |value: &str, format: &str, century: i64| {
                let read = formats
                    .get(format, input_format)?
                    .read_time(value, century as i32);
                read.map(Time).ok_or_else(|| refused(value, "time", format))
            })
        },
    ),
    native(
        "sf_text_to_timestamp_ltz",
        &[TEXT, TEXT, TEXT, INTEGER],
        PhysicalType::Timestamp,
        |a, out| {
            let (mut formats, mut zones) = (Memo::new(), Memo::new());
            a.quaternary(
                out,
                |value: &str, format: &str, name: &str, century: i64| {
                    let read = formats
                        .get(format, input_format)?
                        .read_timestamp(value, century as i32);
                    let read = read.ok_or_else(|| refused(value, "timestamp", format))?;
                    Ok(read.ltz(zones.get(name, zone)?))
                },
            )
        },
    ),
    native(
        "sf_text_to_timestamp_ntz",
        &[TEXT, TEXT, TEXT, INTEGER],
        PhysicalType::Timestamp,
        |a, out| {
            let mut formats = Memo::new();
            a.quaternary(
                out,
                |value: &str, format: &str, _zone: &str, century: i64| {
                    let read = formats
                        .get(format, input_format)?
                        .read_timestamp(value, century as i32);
                    let read = read.ok_or_else(|| refused(value, "timestamp", format))?;
                    Ok(read.ntz())
                },
            )
        },
    ),
    native(
        "sf_text_to_timestamp_tz",
        &[TEXT, TEXT, TEXT, INTEGER],
        PhysicalType::TimestampTz,
        |a, out| {
            let (mut formats, mut zones) = (Memo::new(), Memo::new());
            a.quaternary(
                out,
                |value: &str, format: &str, name: &str, century: i64| {
                    let read = formats
                        .get(format, input_format)?
                        .read_timestamp(value, century as i32);
                    let read = read.ok_or_else(|| refused(value, "timestamp", format))?;
                    let (utc, offset) = read.tz(zones.get(name, zone)?);
                    Ok(TimestampTz { utc, offset })
                },
            )
        },
    ),
    native(
        "sf_time_to_text",
        &[Parameter::Exact(PhysicalType::Time), TEXT],
        PhysicalType::Varchar,
        |a, out| {
            let mut formats = Memo::new();
            a.binary(out, |time: Time, format: &str| {
                Ok(formats
                    .get(format, output_format)?
                    .to_text(&Moment::Time(time.0)))
            })
        },
    ),
    native(
        "sf_timestamp_ltz_to_text",
        &[TIMESTAMP, TEXT, TEXT],
        PhysicalType::Varchar,
        |a, out| {
            let (mut formats, mut zones) = (Memo::new(), Memo::new());
            a.ternary(out, |instant: Timestamp, format: &str, name: &str| {
                let zone = zones.get(name, zone)?;
                let moment = Moment::Ltz(instant, zone);
                Ok(formats.get(format, output_format)?.to_text(&moment))
            })
        },
    ),
    native(
        "sf_timestamp_ntz_to_text",
        &[TIMESTAMP, TEXT],
        PhysicalType::Varchar,
        |a, out| {
            let mut formats = Memo::new();
            a.binary(out, |wall: Timestamp, format: &str| {
                let moment = Moment::Ntz(wall);
                Ok(formats.get(format, output_format)?.to_text(&moment))
            })
        },
    ),
    // The engine has no cast from TIMESTAMP to TIME_NS.
    native(
        "sf_timestamp_to_time",
        &[TIMESTAMP],
        PhysicalType::Time,
        |a, out| a.unary(out, |wall: Timestamp| Ok(Time(wall.nanos_of_day()))),
    ),
    native(
        "sf_timestamp_tz_to_text",
        &[TIMESTAMP_TZ, TEXT],
        PhysicalType::Varchar,
        |a, out| {
            let mut formats = Memo::new();
            a.binary(out, |value: TimestampTz, format: &str| {
                let moment = Moment::Tz(value.utc, value.offset);
                Ok(formats.get(format, output_format)?.to_text(&moment))
            })
        },
    ),
    native(
        "sf_timestamp_tz_to_wall",
        &[TIMESTAMP_TZ],
        PhysicalType::Timestamp,
        |a, out| {
            a.unary(out, |value: TimestampTz| {
                Ok(value.utc.plus_seconds(i64::from(value.offset) * 60))
            })
        },
    ),
    native(
        "sf_wall_to_instant",
        &[TIMESTAMP, TEXT],
        PhysicalType::Timestamp,
        |a, out| {
            let mut zones = Memo::new();
            a.binary(out, |wall: Timestamp, name: &str| {
                let seconds = zones.get(name, zone)?.offset_of_wall(wall.seconds);
                Ok(wall.plus_seconds(-i64::from(seconds)))
            })
        },
    ),
    native(
        "sf_wall_to_timestamp_tz",
        &[TIMESTAMP, TEXT],
        PhysicalType::TimestampTz,
        |a, out| {
            let mut zones = Memo::new();
            a.binary(out, |wall: Timestamp, name: &str| {
                let seconds = zones.get(name, zone)?.offset_of_wall(wall.seconds);
                Ok(TimestampTz {
                    utc: wall.plus_seconds(-i64::from(seconds)),
                    offset: minutes(seconds),
                })
            })
        },
    ),
];

/// Text that the session's detection does not know, or that does not fit a format.
fn refused(value: &str, kind: &str, format: &str) -> Error {
    if !format.eq_ignore_ascii_case("AUTO") {
        return Error::cannot_parse(value, kind, format);
    }
    match kind {
        "date" => Error::date_not_recognized(value),
        "time" => Error::time_not_recognized(value),
        _ => Error::timestamp_not_recognized(value),
    }
}

fn binary_format(name: &str) -> Result<BinaryFormat> {
    BinaryFormat::new(name).ok_or_else(|| Error::invalid_parameter_value(name, "binary format"))
}

static AUTO: LazyLock<InputFormat> = LazyLock::new(|| InputFormat::new("AUTO"));

pub(in super::super) fn input_format(format: &str) -> Result<InputFormat> {
    Ok(if format.eq_ignore_ascii_case("AUTO") {
        AUTO.clone()
    } else {
        InputFormat::new(format)
    })
}

fn output_format(format: &str) -> Result<Format> {
    Ok(Format::new(format))
}
