//! The natives behind casts to and from VARIANT, and behind its comparison.

use std::borrow::Cow;

use super::super::conversion::{input_format, zone};
use super::{INTEGER, Run, TEXT, formats, strict};
use crate::engine::native::{Date, Decimal, Memo, Native, Parameter, Time, Timestamp, TimestampTz};
use crate::error::{Error, Result};
use crate::types::TimestampKind::{Ltz, Ntz, Tz};
use crate::types::variant::cast::Refusal;
use crate::types::variant::render::{self, Formats};
use crate::types::variant::{cast, key, number, write};
use crate::types::{MAX_PRECISION, PhysicalType};

const VARCHAR: PhysicalType = PhysicalType::Varchar;
const TIMESTAMP: Parameter = Parameter::Exact(PhysicalType::Timestamp);

const fn native(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: PhysicalType,
    run: Run,
) -> Native {
    Native::Scalar(strict(name, parameters, returns, run))
}

const fn decimal_of(scale: u8) -> PhysicalType {
    PhysicalType::Decimal {
        precision: MAX_PRECISION,
        scale,
    }
}

pub(super) fn natives() -> Vec<Native> {
    let mut all = NATIVES.to_vec();
    macro_rules! per_scale {
        ($($scale:literal)*) => { $(
            all.push(native(
                concat!("sf_variant_to_number_", $scale),
                &[TEXT, INTEGER],
                decimal_of($scale),
                |arguments, output| arguments.binary(output, |value: &str, precision: i64| {
                    let precision = u8::try_from(precision).unwrap_or(MAX_PRECISION);
                    checked(value, "FIXED", cast::to_number(value, precision, $scale))
                }),
            ));
        )* };
    }
    per_scale!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37);
    all
}

/// Snowflake's error for a value that does not become `target`; it shows the value as JSON text.
pub(super) fn refused(value: &str, target: &str) -> Error {
    let mut shown = String::new();
    match Formats::new(DEFAULT_FORMATS) {
        Some(formats) => render::json(value, 0, &formats, &mut shown),
        None => shown.push_str(value),
    }
    Error::variant_cast(shown, target)
}

/// Snowflake's default formats.
const DEFAULT_FORMATS: &str = "YYYY-MM-DD\u{1f}HH24:MI:SS\u{1f}YYYY-MM-DD HH24:MI:SS.FF3\u{1f}\
     YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM\u{1f}YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM\u{1f}UTC";

fn checked<T>(
    value: &str,
    target: &str,
    outcome: std::result::Result<Option<T>, Refusal>,
) -> Result<Option<T>> {
    outcome.map_err(|refusal| match refusal {
        Refusal::Type => refused(value, target),
        Refusal::Range => Error::number_out_of_range(number::shown(value)),
    })
}

fn tagged(letter: char, value: impl std::fmt::Display) -> String {
    let mut out = String::new();
    write::push_tagged(letter, value, &mut out);
    out
}

static NATIVES: &[Native] = &[
    // To VARIANT.
    native(
        "sf_binary_to_variant",
        &[Parameter::Exact(PhysicalType::Blob)],
        VARCHAR,
        |a, out| {
            a.unary(out, |value: &[u8]| {
                Ok(tagged('B', crate::types::text::hex_text(value)))
            })
        },
    ),
    native(
        "sf_date_to_variant",
        &[Parameter::Exact(PhysicalType::Date)],
        VARCHAR,
        |a, out| a.unary(out, |date: Date| Ok(tagged('D', date.0))),
    ),
    native(
        "sf_float_to_variant",
        &[Parameter::Exact(PhysicalType::Double)],
        VARCHAR,
        |a, out| {
            a.unary(out, |value: f64| {
                let mut out = String::new();
                number::push_double(value, &mut out);
                Ok(out)
            })
        },
    ),
    native(
        "sf_number_to_variant",
        &[Parameter::AnyNumber],
        VARCHAR,
        |a, out| {
            a.unary(out, |value: Decimal| {
                let mut out = String::new();
                number::push_exact(value.unscaled, value.scale, &mut out);
                Ok(out)
            })
        },
    ),
    native("sf_text_to_variant", &[TEXT], VARCHAR, |a, out| {
        a.unary(out, |value: &str| {
            let mut out = String::new();
            write::push_string(value, &mut out);
            Ok(out)
        })
    }),
    native(
        "sf_time_to_variant",
        &[Parameter::Exact(PhysicalType::Time)],
        VARCHAR,
        |a, out| a.unary(out, |time: Time| Ok(tagged('T', time.0))),
    ),
    native(
        "sf_timestamp_ltz_to_variant",
        &[TIMESTAMP],
        VARCHAR,
        |a, out| a.unary(out, |value: Timestamp| Ok(tagged('L', value.to_nanos()))),
    ),
    native(
        "sf_timestamp_ntz_to_variant",
        &[TIMESTAMP],
        VARCHAR,
        |a, out| a.unary(out, |value: Timestamp| Ok(tagged('N', value.to_nanos()))),
    ),
    native(
        "sf_timestamp_tz_to_variant",
        &[Parameter::Exact(PhysicalType::TimestampTz)],
        VARCHAR,
        |a, out| {
            a.unary(out, |value: TimestampTz| {
                let parts = format!("{},{}", value.utc.to_nanos(), value.offset);
                Ok(tagged('Z', parts))
            })
        },
    ),
    // From VARIANT.
    native("sf_variant_to_array", &[TEXT], VARCHAR, |a, out| {
        a.unary(out, |value: &str| Ok(cast::to_array(value)))
    }),
    native(
        "sf_variant_to_binary",
        &[TEXT],
        PhysicalType::Blob,
        |a, out| {
            a.unary(out, |value: &str| {
                checked(value, "BINARY", cast::to_binary(value))
            })
        },
    ),
    native(
        "sf_variant_to_boolean",
        &[TEXT],
        PhysicalType::Boolean,
        |a, out| {
            a.unary(out, |value: &str| {
                checked(value, "BOOLEAN", cast::to_boolean(value))
            })
        },
    ),
    native(
        "sf_variant_to_date",
        &[TEXT, TEXT],
        PhysicalType::Date,
        |a, out| {
            let mut memo = Memo::new();
            a.binary(out, |value: &str, format: &str| {
                let format = memo.get(format, input_format)?;
                Ok(checked(value, "DATE", cast::to_date(value, format))?.map(Date))
            })
        },
    ),
    native(
        "sf_variant_to_float",
        &[TEXT],
        PhysicalType::Double,
        |a, out| {
            a.unary(out, |value: &str| {
                checked(value, "REAL", cast::to_float(value))
            })
        },
    ),
    native("sf_variant_to_numeric", &[TEXT], VARCHAR, |a, out| {
        a.unary(out, |value: &str| {
            checked(value, "FIXED", cast::to_numeric(value))
        })
    }),
    native("sf_variant_to_object", &[TEXT], VARCHAR, |a, out| {
        a.unary(out, |value: &str| {
            checked(value, "OBJECT", cast::to_object(value))
        })
    }),
    native("sf_variant_to_text", &[TEXT, TEXT], VARCHAR, |a, out| {
        let mut memo = Memo::new();
        a.binary(out, |value: &str, settings: &str| {
            let shown: Option<Cow<'_, str>> =
                render::text(value, || formats(&mut memo, settings).ok());
            Ok(shown)
        })
    }),
    native(
        "sf_variant_to_time",
        &[TEXT, TEXT],
        PhysicalType::Time,
        |a, out| {
            let mut memo = Memo::new();
            a.binary(out, |value: &str, format: &str| {
                let format = memo.get(format, input_format)?;
                Ok(checked(value, "TIME", cast::to_time(value, format))?.map(Time))
            })
        },
    ),
    native(
        "sf_variant_to_timestamp_ltz",
        &[TEXT, TEXT, TEXT],
        PhysicalType::Timestamp,
        |a, out| {
            let (mut formats, mut zones) = (Memo::new(), Memo::new());
            a.ternary(out, |value: &str, format: &str, name: &str| {
                let (format, zone) = (formats.get(format, input_format)?, zones.get(name, zone)?);
                let found = cast::to_timestamp(value, Ltz, format, zone);
                let found = checked(value, "TIMESTAMP_LTZ", found)?;
                Ok(found.map(|(utc, _)| utc))
            })
        },
    ),
    native(
        "sf_variant_to_timestamp_ntz",
        &[TEXT, TEXT, TEXT],
        PhysicalType::Timestamp,
        |a, out| {
            let (mut formats, mut zones) = (Memo::new(), Memo::new());
            a.ternary(out, |value: &str, format: &str, name: &str| {
                let (format, zone) = (formats.get(format, input_format)?, zones.get(name, zone)?);
                let found = cast::to_timestamp(value, Ntz, format, zone);
                let found = checked(value, "TIMESTAMP_NTZ", found)?;
                Ok(found.map(|(wall, _)| wall))
            })
        },
    ),
    native(
        "sf_variant_to_timestamp_tz",
        &[TEXT, TEXT, TEXT],
        PhysicalType::TimestampTz,
        |a, out| {
            let (mut formats, mut zones) = (Memo::new(), Memo::new());
            a.ternary(out, |value: &str, format: &str, name: &str| {
                let (format, zone) = (formats.get(format, input_format)?, zones.get(name, zone)?);
                let found = cast::to_timestamp(value, Tz, format, zone);
                let found = checked(value, "TIMESTAMP_TZ", found)?;
                Ok(found.map(|(utc, offset)| TimestampTz { utc, offset }))
            })
        },
    ),
    // What comparisons use, and what clients see.
    native("sf_variant_key", &[TEXT], PhysicalType::Blob, |a, out| {
        a.unary(out, |value: &str| Ok(key::key(value)))
    }),
    native(
        "sf_variant_pretty",
        &[TEXT, INTEGER, TEXT],
        VARCHAR,
        |a, out| {
            let mut memo = Memo::new();
            a.ternary(out, |value: &str, indent: i64, settings: &str| {
                let formats = formats(&mut memo, settings)?;
                let indent = usize::try_from(indent).unwrap_or(2);
                let mut text = String::new();
                render::shown(value, indent, formats, &mut text);
                Ok(text)
            })
        },
    ),
];
