//! TO_NUMBER and TO_DOUBLE, with numeric format models.

use super::*;
use crate::engine::native::Memo;
use crate::types::decimal::{self, ParseError};
use crate::types::number_format::NumberFormat;
use crate::types::{MAX_PRECISION, text};

macro_rules! to_number {
    ($constant:ident, $name:literal, $aliases:expr, $tolerant:literal, $summary:literal, $examples:expr) => {
        pub(super) const $constant: Function = Function {
            name: $name,
            aliases: $aliases,
            signatures: &[Signature::new(
                "(any, any?, any?, any?) -> tree",
                Lowering::Written(|w, a, _| to_number(w, a, $tolerant)),
            )],
            summary: $summary,
            examples: $examples,
        };
    };
}

to_number!(
    TO_NUMBER,
    "TO_NUMBER",
    &["TO_DECIMAL", "TO_NUMERIC"],
    false,
    "The value as a NUMBER, by default NUMBER(38,0).",
    &[
        ("TO_NUMBER('12.6')", "13"),
        ("TO_NUMBER('12.3456', 10, 1)", "12.3"),
        ("TO_NUMBER('98.76546', 10, 1)", "98.8"),
        ("TO_NUMBER('$1,234.567', '$9,999.000', 10, 2)", "1234.57"),
        ("TO_DECIMAL('1,234.56', '9,999.99')", "1235"),
        ("TO_NUMBER(TRUE)", "1"),
        ("TO_NUMBER('ff', 'XX')", "255"),
    ]
);
to_number!(
    TRY_TO_NUMBER,
    "TRY_TO_NUMBER",
    &["TRY_TO_DECIMAL", "TRY_TO_NUMERIC"],
    true,
    "The text as a NUMBER, or NULL.",
    &[
        ("TRY_TO_NUMBER('345.123', 10, 2)", "345.12"),
        ("TRY_TO_NUMBER('1,234.56')", "NULL"),
        ("TRY_TO_DECIMAL('$345.12', '$999.00')", "345"),
        ("TRY_TO_NUMBER('12345', 3, 0)", "NULL"),
    ]
);

macro_rules! to_double {
    ($constant:ident, $name:literal, $tolerant:literal, $summary:literal, $examples:expr) => {
        pub(super) const $constant: Function = Function {
            name: $name,
            aliases: &[],
            signatures: &[Signature::new(
                "(any, any?) -> tree",
                Lowering::Written(|w, a, _| to_double(w, a, $tolerant)),
            )],
            summary: $summary,
            examples: $examples,
        };
    };
}

to_double!(
    TO_DOUBLE,
    "TO_DOUBLE",
    false,
    "The value as a FLOAT.",
    &[
        ("TO_DOUBLE('1.5')", "1.5"),
        ("TO_DOUBLE('1,234.5', '9,999.9')", "1234.5"),
        ("TO_DOUBLE('-inf')", "-inf"),
    ]
);
to_double!(
    TRY_TO_DOUBLE,
    "TRY_TO_DOUBLE",
    true,
    "The text as a FLOAT, or NULL.",
    &[
        ("TRY_TO_DOUBLE('3.1415926')", "3.1415926"),
        ("TRY_TO_DOUBLE('x')", "NULL")
    ]
);

fn to_number(written: &Written<'_>, arguments: Vec<Expr>, tolerant: bool) -> Result<Expr> {
    let parameter = "TO_NUMBER";
    let mut arguments = arguments.into_iter();
    let Some(value) = arguments.next() else {
        return Err(Error::internal("TO_NUMBER without an argument"));
    };
    let mut rest: Vec<Expr> = arguments.collect();
    let has_format = rest.first().is_some_and(|first| {
        matches!(first.ty, LogicalType::Varchar { .. }) && !first.is_null_literal()
    });
    let format = has_format.then(|| rest.remove(0));
    if rest.len() > 2 {
        let most = 3 + usize::from(format.is_some());
        return Err(Error::too_many_arguments(written.text, most, most + 1));
    }
    let place = 1 + usize::from(format.is_some());
    let precision = match rest.first() {
        Some(precision) => constant(written, place, parameter, precision, 1..=38)?,
        None => MAX_PRECISION,
    };
    let scale = match rest.get(1) {
        Some(scale) => constant(
            written,
            place + 1,
            parameter,
            scale,
            0..=i128::from(precision.min(37)),
        )?,
        None => 0,
    };
    let ty = LogicalType::Number { precision, scale };
    if tolerant {
        check_source(written, &value, &ty, parameter)?;
    }
    if value.is_null_literal() {
        return Ok(value.cast(ty));
    }
    match (&value.ty, format) {
        (LogicalType::Varchar { .. }, Some(format)) => {
            let (plain, tried) = FORMATTED[usize::from(scale)];
            let arguments = vec![value, format, integer(precision)];
            Ok(read((plain, tried), arguments, ty, tolerant))
        }
        (_, Some(_)) => Err(Error::too_many_arguments(written.text, 3, 4)),
        (from, None) if coercion::explicit(from, &ty) => Ok(cast(value, ty, tolerant)),
        _ => Err(Error::invalid_cast(written.text, parameter)),
    }
}

fn to_double(written: &Written<'_>, arguments: Vec<Expr>, tolerant: bool) -> Result<Expr> {
    let parameter = "TO_DOUBLE";
    let mut arguments = arguments.into_iter();
    let Some(value) = arguments.next() else {
        return Err(Error::internal("TO_DOUBLE without an argument"));
    };
    let ty = LogicalType::Float;
    if tolerant {
        check_source(written, &value, &ty, parameter)?;
    }
    if value.is_null_literal() {
        return Ok(value.cast(ty));
    }
    match (&value.ty, arguments.next()) {
        (LogicalType::Varchar { .. }, Some(format)) => {
            let format = format_argument(format, parameter)?;
            let forms = (
                "sf_formatted_to_float",
                "TRY(sf_formatted_to_float($1, $2))",
            );
            Ok(read(forms, vec![value, format], ty, tolerant))
        }
        (_, Some(_)) => Err(Error::too_many_arguments(written.text, 1, 2)),
        (from, None) if coercion::explicit(from, &ty) => Ok(cast(value, ty, tolerant)),
        _ => Err(Error::invalid_cast(written.text, parameter)),
    }
}

/// A numeric model for input.
fn model<'m>(
    formats: &'m mut Memo<NumberFormat>,
    format: &str,
    target: &str,
) -> Result<&'m NumberFormat> {
    formats.get(format, |text| {
        NumberFormat::new(text)
            .map_err(|reason| Error::bad_format_model("input", text, target, reason))
    })
}

fn formatted(
    formats: &mut Memo<NumberFormat>,
    value: &str,
    format: &str,
    precision: i64,
    scale: u8,
) -> Result<i128> {
    let precision = u8::try_from(precision).unwrap_or(MAX_PRECISION);
    let numeral = model(formats, format, "FIXED")?
        .parse(value)
        .ok_or_else(|| Error::cannot_parse_number(value, format))?;
    decimal::parse(&numeral, precision, scale).map_err(|error| match error {
        ParseError::NotANumber => Error::cannot_parse_number(value, format),
        ParseError::OutOfRange => Error::number_out_of_range(value),
    })
}

macro_rules! per_scale {
    ($($scale:literal)*) => {
        /// The natives that read by a format, one for each scale, and their tolerant form.
        const FORMATTED: [(&str, &str); 38] = [$(
            (
                concat!("sf_formatted_to_number_", $scale),
                concat!("TRY(sf_formatted_to_number_", $scale, "($1, $2, $3))"),
            ),
        )*];

        pub(super) fn natives() -> Vec<Native> {
            vec![
                native(
                    "sf_formatted_to_float",
                    &[TEXT, TEXT],
                    PhysicalType::Double,
                    |a, out| {
                        let mut formats = Memo::new();
                        a.binary(out, |value: &str, format: &str| {
                            model(&mut formats, format, "REAL")?
                                .parse(value)
                                .and_then(|numeral| text::parse_float(&numeral))
                                .ok_or_else(|| Error::cannot_parse_number(value, format))
                        })
                    },
                ),
                $(
                    native(
                        concat!("sf_formatted_to_number_", $scale),
                        &[TEXT, TEXT, INTEGER],
                        PhysicalType::Decimal { precision: MAX_PRECISION, scale: $scale },
                        |a, out| {
                            let mut formats = Memo::new();
                            a.ternary(out, |value: &str, format: &str, precision: i64| {
                                formatted(&mut formats, value, format, precision, $scale)
                            })
                        },
                    ),
                )*
            ]
        }
    };
}
per_scale!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37);
