//! Conversion functions, and the natives behind casts: text read and written as Snowflake does.

use std::sync::LazyLock;

use super::{Function, Lowering, Signature};
use crate::engine::native::{
    Arguments, Date, Memo, Native, Nulls, Output, Parameter, ScalarNative, Time,
    Timestamp as Stored, TimestampTz,
};
use crate::error::{Error, Result};
use crate::tree::Expr;
use crate::types::datetime::{DEFAULT_CENTURY_START, Format, InputFormat, Moment, Timestamp, Zone};
use crate::types::decimal::{self, ParseError};
use crate::types::{LogicalType, MAX_PRECISION, PhysicalType, text};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "TO_BOOLEAN",
        aliases: &[],
        signatures: &[Signature {
            text: "(boolean) -> tree",
            lowering: Lowering::Tree(itself),
        }],
        summary: "The value as a BOOLEAN.",
        examples: &[("TO_BOOLEAN('yes')", "true"), ("TO_BOOLEAN(0)", "false")],
    },
    Function {
        name: "TO_DATE",
        aliases: &["DATE"],
        signatures: &[Signature {
            text: "(date) -> tree",
            lowering: Lowering::Tree(itself),
        }],
        summary: "The value as a DATE.",
        examples: &[("TO_DATE('2024-02-29')", "2024-02-29")],
    },
    Function {
        name: "TO_DOUBLE",
        aliases: &[],
        signatures: &[Signature {
            text: "(float) -> tree",
            lowering: Lowering::Tree(itself),
        }],
        summary: "The value as a FLOAT.",
        examples: &[("TO_DOUBLE('1.5')", "1.5")],
    },
    Function {
        name: "TO_NUMBER",
        aliases: &["TO_DECIMAL", "TO_NUMERIC"],
        signatures: &[Signature {
            text: "(any) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                let [value] = super::arguments(arguments)?;
                Ok(value.cast(LogicalType::INTEGER))
            }),
        }],
        summary: "The value as a NUMBER(38,0).",
        examples: &[("TO_NUMBER('12.6')", "13")],
    },
    Function {
        name: "TO_VARCHAR",
        aliases: &["TO_CHAR"],
        signatures: &[Signature {
            text: "(any) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                let [value] = super::arguments(arguments)?;
                Ok(value.cast(LogicalType::TEXT))
            }),
        }],
        summary: "The value as text.",
        examples: &[("TO_VARCHAR(1.50)", "1.50"), ("TO_VARCHAR(TRUE)", "true")],
    },
];

/// The signature has converted the argument already.
fn itself(arguments: Vec<Expr>, _: &super::Facts) -> Result<Expr> {
    let [value] = super::arguments(arguments)?;
    Ok(value)
}

const TEXT: Parameter = Parameter::Exact(PhysicalType::Varchar);
const INTEGER: Parameter = Parameter::Exact(PhysicalType::BigInt);
const TIMESTAMP: Parameter = Parameter::Exact(PhysicalType::Timestamp);
const TIMESTAMP_TZ: Parameter = Parameter::Exact(PhysicalType::TimestampTz);

type Run = fn(&Arguments<'_>, &mut Output<'_>) -> Result<()>;

const fn native(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: PhysicalType,
    run: Run,
) -> Native {
    Native::Scalar(ScalarNative {
        name,
        parameters,
        returns,
        nulls: Nulls::Propagate,
        volatile: false,
        run,
    })
}

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
            a.binary(out, |timestamp: Stored, unit: i64| {
                Ok(Stored(timestamp.0 - timestamp.0.rem_euclid(unit)))
            })
        },
    ),
    native(
        "sf_cut_timestamp_tz",
        &[TIMESTAMP_TZ, INTEGER],
        PhysicalType::TimestampTz,
        |a, out| {
            a.binary(out, |value: TimestampTz, unit: i64| {
                Ok(TimestampTz {
                    utc: value.utc - value.utc.rem_euclid(unit),
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
            a.binary(out, |instant: Stored, zone: &str| {
                let utc = Timestamp::from_micros(instant.0, 0);
                let seconds = zones.get(zone, self::zone)?.offset_at(utc.seconds);
                Ok(TimestampTz {
                    utc: instant.0,
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
            a.binary(out, |instant: Stored, zone: &str| {
                let utc = Timestamp::from_micros(instant.0, 0);
                let seconds = zones.get(zone, self::zone)?.offset_at(utc.seconds);
                Ok(Stored(instant.0 + i64::from(seconds) * 1_000_000))
            })
        },
    ),
    native(
        "sf_text_to_boolean",
        &[TEXT],
        PhysicalType::Boolean,
        |a, out| {
            a.unary(out, |value: &str| {
                text::parse_boolean(value).ok_or_else(|| Error::boolean_not_recognized(value))
            })
        },
    ),
    native(
        "sf_text_to_date",
        &[TEXT, TEXT],
        PhysicalType::Date,
        |a, out| {
            let mut formats = Memo::new();
            a.binary(out, |value: &str, format: &str| {
                let read = formats
                    .get(format, input_format)?
                    .read_date(value, DEFAULT_CENTURY_START);
                read.map(Date)
                    .ok_or_else(|| Error::date_not_recognized(value))
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
        &[TEXT, TEXT],
        PhysicalType::Time,
        |a, out| {
            let mut formats = Memo::new();
            a.binary(out, |value: &str, format: &str| {
                let read = formats
                    .get(format, input_format)?
                    .read_time(value, DEFAULT_CENTURY_START);
                read.map(Time)
                    .ok_or_else(|| Error::time_not_recognized(value))
            })
        },
    ),
    native(
        "sf_text_to_timestamp_ltz",
        &[TEXT, TEXT, TEXT],
        PhysicalType::Timestamp,
        |a, out| {
            let (mut formats, mut zones) = (Memo::new(), Memo::new());
            a.ternary(out, |value: &str, format: &str, zone: &str| {
                let read = formats
                    .get(format, input_format)?
                    .read_timestamp(value, DEFAULT_CENTURY_START);
                let read = read.ok_or_else(|| Error::timestamp_not_recognized(value))?;
                stored(read.ltz(zones.get(zone, self::zone)?)).map(Stored)
            })
        },
    ),
    native(
        "sf_text_to_timestamp_ntz",
        &[TEXT, TEXT, TEXT],
        PhysicalType::Timestamp,
        |a, out| {
            let mut formats = Memo::new();
            a.ternary(out, |value: &str, format: &str, _zone: &str| {
                let read = formats
                    .get(format, input_format)?
                    .read_timestamp(value, DEFAULT_CENTURY_START);
                let read = read.ok_or_else(|| Error::timestamp_not_recognized(value))?;
                stored(read.ntz()).map(Stored)
            })
        },
    ),
    native(
        "sf_text_to_timestamp_tz",
        &[TEXT, TEXT, TEXT],
        PhysicalType::TimestampTz,
        |a, out| {
            let (mut formats, mut zones) = (Memo::new(), Memo::new());
            a.ternary(out, |value: &str, format: &str, zone: &str| {
                let read = formats
                    .get(format, input_format)?
                    .read_timestamp(value, DEFAULT_CENTURY_START);
                let read = read.ok_or_else(|| Error::timestamp_not_recognized(value))?;
                let (utc, offset) = read.tz(zones.get(zone, self::zone)?);
                Ok(TimestampTz {
                    utc: stored(utc)?,
                    offset,
                })
            })
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
            a.ternary(out, |instant: Stored, format: &str, zone: &str| {
                let zone = zones.get(zone, self::zone)?;
                let moment = Moment::Ltz(Timestamp::from_micros(instant.0, 0), zone);
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
            a.binary(out, |wall: Stored, format: &str| {
                let moment = Moment::Ntz(Timestamp::from_micros(wall.0, 0));
                Ok(formats.get(format, output_format)?.to_text(&moment))
            })
        },
    ),
    native(
        "sf_timestamp_tz_to_text",
        &[TIMESTAMP_TZ, TEXT],
        PhysicalType::Varchar,
        |a, out| {
            let mut formats = Memo::new();
            a.binary(out, |value: TimestampTz, format: &str| {
                let moment = Moment::Tz(Timestamp::from_micros(value.utc, 0), value.offset);
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
                Ok(Stored(value.utc + i64::from(value.offset) * 60_000_000))
            })
        },
    ),
    native(
        "sf_wall_to_instant",
        &[TIMESTAMP, TEXT],
        PhysicalType::Timestamp,
        |a, out| {
            let mut zones = Memo::new();
            a.binary(out, |wall: Stored, zone: &str| {
                let seconds = zones
                    .get(zone, self::zone)?
                    .offset_of_wall(Timestamp::from_micros(wall.0, 0).seconds);
                Ok(Stored(wall.0 - i64::from(seconds) * 1_000_000))
            })
        },
    ),
    native(
        "sf_wall_to_timestamp_tz",
        &[TIMESTAMP, TEXT],
        PhysicalType::TimestampTz,
        |a, out| {
            let mut zones = Memo::new();
            a.binary(out, |wall: Stored, zone: &str| {
                let seconds = zones
                    .get(zone, self::zone)?
                    .offset_of_wall(Timestamp::from_micros(wall.0, 0).seconds);
                Ok(TimestampTz {
                    utc: wall.0 - i64::from(seconds) * 1_000_000,
                    offset: minutes(seconds),
                })
            })
        },
    ),
];

static AUTO: LazyLock<InputFormat> = LazyLock::new(|| InputFormat::new("AUTO"));

pub(super) fn input_format(format: &str) -> Result<InputFormat> {
    Ok(if format.eq_ignore_ascii_case("AUTO") {
        AUTO.clone()
    } else {
        InputFormat::new(format)
    })
}

fn output_format(format: &str) -> Result<Format> {
    Ok(Format::new(format))
}

pub(super) fn zone(name: &str) -> Result<Zone> {
    Zone::get(name).ok_or_else(|| Error::invalid_parameter_value(name, "TIMEZONE"))
}

fn minutes(seconds: i32) -> i16 {
    i16::try_from(seconds / 60).unwrap_or(0)
}

/// Microseconds. Digits 7 to 9 have no place in the engine's form yet, and are not cut silently.
pub(super) fn stored(timestamp: Timestamp) -> Result<i64> {
    match timestamp.to_micros() {
        Some((microseconds, 0)) => Ok(microseconds),
        _ => Err(Error::unsupported(
            "timestamp with more than 6 digits of fraction",
        )),
    }
}
