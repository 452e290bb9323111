//! TO_DATE, TO_TIME, TO_TIMESTAMP and their kin.
//!
//! An explicit format is applied as written; without one, the session's input format reads. A NUMBER is an epoch for the
//! timestamps alone, in seconds or, with a scale, in 10^-scale seconds; the result has as many digits as that gives.

use super::super::date_time::zone_named;
use super::*;
use crate::engine::native::Decimal;
use crate::types::TimestampKind;
use crate::types::datetime::Timestamp;

macro_rules! conversion {
    ($constant:ident, $name:literal, |$facts:ident| $ty:expr, $tolerant:literal, $summary:literal, $examples:expr) => {
        pub(super) const $constant: Function = Function {
            name: $name,
            aliases: &[],
            signatures: &[
                Signature::new(
                    "(any) -> tree",
                    Lowering::Written(|w, a, $facts| convert(w, a, $facts, $ty, $tolerant)),
                ),
                Signature::new(
                    "(any, any) -> tree",
                    Lowering::Written(|w, a, $facts| convert(w, a, $facts, $ty, $tolerant)),
                ),
            ],
            summary: $summary,
            examples: $examples,
        };
    };
}

conversion!(
    TO_DATE,
    "TO_DATE",
    |facts| LogicalType::Date,
    false,
    "The value as a DATE.",
    &[
        ("TO_DATE('2024-02-29')", "2024-02-29"),
        ("TO_DATE('3/4/2024', 'dd/mm/yyyy')", "2024-04-03"),
        ("TO_DATE('31536000')", "1971-01-01"),
        ("TO_DATE('2024-02-29 23:00:00'::TIMESTAMP)", "2024-02-29"),
    ]
);
conversion!(
    TRY_TO_DATE,
    "TRY_TO_DATE",
    |facts| LogicalType::Date,
    true,
    "The text as a DATE, or NULL.",
    &[
        ("TRY_TO_DATE('2024-02-29')", "2024-02-29"),
        ("TRY_TO_DATE('2023-02-29')", "NULL"),
        ("TRY_TO_DATE('x', 'YYYY')", "NULL"),
    ]
);
conversion!(
    TO_TIME,
    "TO_TIME",
    |facts| LogicalType::Time { scale: 9 },
    false,
    "The value as a TIME.",
    &[
        ("TO_TIME('13:30:00')", "13:30:00"),
        ("TO_TIME('11.15.00', 'HH24.MI.SS')", "11:15:00"),
        ("TO_TIME('10:00 PM', 'HH12:MI AM')", "22:00:00"),
    ]
);
conversion!(
    TRY_TO_TIME,
    "TRY_TO_TIME",
    |facts| LogicalType::Time { scale: 9 },
    true,
    "The text as a TIME, or NULL.",
    &[
        ("TRY_TO_TIME('12:30:00')", "12:30:00"),
        ("TRY_TO_TIME('25:00')", "NULL")
    ]
);
conversion!(
    TO_TIMESTAMP,
    "TO_TIMESTAMP",
    |facts| facts.timestamp_type.full(),
    false,
    "The value as a timestamp, of the kind that TIMESTAMP_TYPE_MAPPING names.",
    &[
        (
            "TO_TIMESTAMP('2024-02-29 10:00:00')",
            "2024-02-29 10:00:00.000"
        ),
        ("TO_TIMESTAMP(31536000)", "1971-01-01 00:00:00.000"),
        ("TO_TIMESTAMP(1500, 3)", "1970-01-01 00:00:01.500"),
        (
            "TO_TIMESTAMP('04/05/2013 01:02:03', 'mm/dd/yyyy hh24:mi:ss')",
            "2013-04-05 01:02:03.000"
        ),
    ]
);
conversion!(
    TO_TIMESTAMP_LTZ,
    "TO_TIMESTAMP_LTZ",
    |facts| TimestampKind::Ltz.full(),
    false,
    "The value as a TIMESTAMP_LTZ.",
    &[
        (
            "TO_TIMESTAMP_LTZ('2013-04-05 01:02:03')",
            "2013-04-05 01:02:03.000 -0700"
        ),
        (
            "TO_TIMESTAMP_LTZ('2020-01-15 10:00:00 +02:00')",
            "2020-01-15 00:00:00.000 -0800"
        ),
    ]
);
conversion!(
    TO_TIMESTAMP_NTZ,
    "TO_TIMESTAMP_NTZ",
    |facts| TimestampKind::Ntz.full(),
    false,
    "The value as a TIMESTAMP_NTZ.",
    &[
        (
            "TO_TIMESTAMP_NTZ('2013-04-05 01:02:03 +05:00')",
            "2013-04-05 01:02:03.000"
        ),
        (
            "TO_TIMESTAMP_NTZ('2013-04-05'::DATE)",
            "2013-04-05 00:00:00.000"
        ),
    ]
);
conversion!(
    TO_TIMESTAMP_TZ,
    "TO_TIMESTAMP_TZ",
    |facts| TimestampKind::Tz.full(),
    false,
    "The value as a TIMESTAMP_TZ.",
    &[
        (
            "TO_TIMESTAMP_TZ('04/05/2013 01:02:03', 'mm/dd/yyyy hh24:mi:ss')",
            "2013-04-05 01:02:03.000 -0700"
        ),
        (
            "TO_TIMESTAMP_TZ(1579046400)",
            "2020-01-14 16:00:00.000 -0800"
        ),
        ("TO_TIMESTAMP_TZ('1579046400')", "2020-01-15 00:00:00.000 Z"),
    ]
);
conversion!(
    TRY_TO_TIMESTAMP,
    "TRY_TO_TIMESTAMP",
    |facts| facts.timestamp_type.full(),
    true,
    "The text as a timestamp, or NULL.",
    &[
        (
            "TRY_TO_TIMESTAMP('2024-02-29 10:00:00')",
            "2024-02-29 10:00:00.000"
        ),
        ("TRY_TO_TIMESTAMP('Invalid')", "NULL"),
    ]
);
conversion!(
    TRY_TO_TIMESTAMP_LTZ,
    "TRY_TO_TIMESTAMP_LTZ",
    |facts| TimestampKind::Ltz.full(),
    true,
    "The text as a TIMESTAMP_LTZ, or NULL.",
    &[
        (
            "TRY_TO_TIMESTAMP_LTZ('2024-02-29 10:00:00')",
            "2024-02-29 10:00:00.000 -0800"
        ),
        ("TRY_TO_TIMESTAMP_LTZ('Invalid')", "NULL"),
    ]
);
conversion!(
    TRY_TO_TIMESTAMP_NTZ,
    "TRY_TO_TIMESTAMP_NTZ",
    |facts| TimestampKind::Ntz.full(),
    true,
    "The text as a TIMESTAMP_NTZ, or NULL.",
    &[
        (
            "TRY_TO_TIMESTAMP_NTZ('2018-09-15 12:30:00')",
            "2018-09-15 12:30:00.000"
        ),
        ("TRY_TO_TIMESTAMP_NTZ('Invalid')", "NULL"),
    ]
);
conversion!(
    TRY_TO_TIMESTAMP_TZ,
    "TRY_TO_TIMESTAMP_TZ",
    |facts| TimestampKind::Tz.full(),
    true,
    "The text as a TIMESTAMP_TZ, or NULL.",
    &[
        (
            "TRY_TO_TIMESTAMP_TZ('2024-02-29 10:00:00 +01:00')",
            "2024-02-29 10:00:00.000 +0100"
        ),
        ("TRY_TO_TIMESTAMP_TZ('Invalid')", "NULL"),
    ]
);

pub(super) const DATE: Function = Function {
    name: "DATE",
    aliases: &[],
    signatures: &[
        Signature::new(
            "(any) -> tree",
            Lowering::Written(|written, mut arguments, facts| {
                // Unlike TO_DATE, it reads a number, as the text of it.
                if let [value] = &mut arguments[..]
                    && matches!(value.ty, LogicalType::Number { .. } | LogicalType::Float)
                {
                    *value = value.clone().cast(LogicalType::TEXT);
                }
                convert(written, arguments, facts, LogicalType::Date, false)
            }),
        ),
        Signature::new(
            "(any, any) -> tree",
            Lowering::Written(|written, arguments, facts| {
                convert(written, arguments, facts, LogicalType::Date, false)
            }),
        ),
    ],
    summary: "The value as a DATE; a number is an epoch.",
    examples: &[
        ("DATE('2024-02-29')", "2024-02-29"),
        ("DATE(86400)", "1970-01-02"),
    ],
};

pub(super) const TIME: Function = Function {
    name: "TIME",
    aliases: &[],
    signatures: &[Signature::new(
        "(any) -> tree",
        Lowering::Written(|written, mut arguments, facts| {
            if let [value] = &mut arguments[..]
                && value.ty == LogicalType::Date
            {
                *value = value.clone().cast(TimestampKind::Ntz.full());
            }
            convert(
                written,
                arguments,
                facts,
                LogicalType::Time { scale: 9 },
                false,
            )
        }),
    )],
    summary: "The value as a TIME.",
    examples: &[
        ("TIME('10:30:00')", "10:30:00"),
        ("TIME('2024-02-29 10:00:00'::TIMESTAMP)", "10:00:00"),
    ],
};

fn convert(
    written: &Written<'_>,
    arguments: Vec<Expr>,
    facts: &Facts,
    ty: LogicalType,
    tolerant: bool,
) -> Result<Expr> {
    let parameter = ty.conversion();
    let mut arguments = arguments.into_iter();
    let Some(value) = arguments.next() else {
        return Err(Error::internal("a conversion without an argument"));
    };
    let second = arguments.next();
    if let (LogicalType::Number { .. }, LogicalType::Timestamp { .. }, Some(scale)) =
        (&value.ty, &ty, &second)
    {
        constant(written, 1, parameter, scale, 0..=9)?;
    }
    if tolerant {
        check_source(written, &value, &ty, parameter)?;
    }
    if value.is_null_literal() {
        return Ok(value.cast(ty));
    }
    match (&value.ty, &ty, second) {
        (LogicalType::Varchar { .. }, _, Some(format)) => {
            if format.is_null_literal() && matches!(ty, LogicalType::Timestamp { .. }) {
                return Ok(format.cast(ty));
            }
            let format = format_argument(format, parameter)?;
            Ok(by_format(value, format, ty, tolerant, facts))
        }
        (
            &LogicalType::Number { scale: digits, .. },
            &LogicalType::Timestamp { kind, .. },
            second,
        ) => {
            let scale = match &second {
                Some(scale) => constant(written, 1, parameter, scale, 0..=9)?,
                None => 0,
            };
            let ty = LogicalType::Timestamp {
                kind,
                scale: (digits + scale).min(9),
            };
            let arguments = vec![value, integer(scale)];
            let utc = super::super::call("sf_number_to_timestamp", arguments, ty.clone());
            Ok(match kind {
                TimestampKind::Ntz | TimestampKind::Ltz => utc,
                TimestampKind::Tz => {
                    let zone = literal_text(&facts.timezone);
                    super::super::call("sf_instant_to_timestamp_tz", vec![utc, zone], ty)
                }
            })
        }
        (from, to, _) if coercion::explicit(from, to) => Ok(cast(value, ty, tolerant)),
        _ => Err(Error::invalid_cast(written.text, parameter)),
    }
}

fn by_format(value: Expr, format: Expr, ty: LogicalType, tolerant: bool, facts: &Facts) -> Expr {
    let century = integer(facts.century_start);
    let (forms, arguments) = match &ty {
        LogicalType::Date => (
            ("sf_text_to_date", "TRY(sf_text_to_date($1, $2, $3))"),
            vec![value, format, century],
        ),
        LogicalType::Time { .. } => (
            ("sf_text_to_time", "TRY(sf_text_to_time($1, $2, $3))"),
            vec![value, format, century],
        ),
        LogicalType::Timestamp { kind, .. } => {
            let forms = match kind {
                TimestampKind::Ntz => (
                    "sf_text_to_timestamp_ntz",
                    "TRY(sf_text_to_timestamp_ntz($1, $2, $3, $4))",
                ),
                TimestampKind::Ltz => (
                    "sf_text_to_timestamp_ltz",
                    "TRY(sf_text_to_timestamp_ltz($1, $2, $3, $4))",
                ),
                TimestampKind::Tz => (
                    "sf_text_to_timestamp_tz",
                    "TRY(sf_text_to_timestamp_tz($1, $2, $3, $4))",
                ),
            };
            let zone = literal_text(&facts.timezone);
            (forms, vec![value, format, zone, century])
        }
        _ => return value.cast(ty),
    };
    read(forms, arguments, ty, tolerant)
}

/// An epoch of 10^-scale seconds.
pub(super) fn number_to_timestamp(number: Decimal, scale: i64) -> Result<Timestamp> {
    let scale = u8::try_from(scale).unwrap_or(0) + number.scale;
    let out_of_range = || {
        let text = crate::types::decimal::format(number.unscaled, number.scale);
        Error::number_out_of_range(text)
    };
    let at: Timestamp = Timestamp::from_epoch(number.unscaled, scale).ok_or_else(out_of_range)?;
    Ok(at)
}

/// The zone of a cast.
pub(super) fn zone(name: &str) -> Result<crate::types::datetime::Zone> {
    zone_named(name)
}
