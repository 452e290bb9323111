//! TO_VARCHAR and TO_CHAR, with format models.

use super::*;
use crate::engine::native::{Decimal, Memo};
use crate::types::TimestampKind;
use crate::types::number_format::{Digits, NumberFormat};

pub(super) const TO_VARCHAR: Function = Function {
    name: "TO_VARCHAR",
    aliases: &["TO_CHAR"],
    signatures: &[
        Signature::new(
            "(any) -> tree",
            Lowering::Written(|written, arguments, _| {
                let [value] = super::super::arguments(arguments)?;
                let ty = LogicalType::TEXT;
                if !value.is_null_literal() && !coercion::explicit(&value.ty, &ty) {
                    return Err(Error::invalid_cast(written.text, written.name));
                }
                Ok(match value.ty {
                    LogicalType::Varchar { .. } => value,
                    _ => value.cast(ty),
                })
            }),
        ),
        Signature::new("(any, any) -> tree", Lowering::Written(by_format)),
    ],
    summary: "The value as text, by a format model or the session's output format.",
    examples: &[
        ("TO_VARCHAR(1.50)", "1.50"),
        ("TO_VARCHAR(TRUE)", "true"),
        ("TO_CHAR('2024-02-29'::DATE, 'DD-MON-YYYY')", "29-Feb-2024"),
        (
            "TO_CHAR('2013-04-05 01:02:03'::TIMESTAMP, 'mm/dd/yyyy, hh24:mi \"hours\"')",
            "04/05/2013, 01:02 hours",
        ),
        ("TO_CHAR(1234.5, '$9,999.00')", " $1,234.50"),
        ("TO_CHAR(255, 'XXXX')", "  FF"),
        ("TO_VARCHAR(X'534E4F57', 'utf-8')", "SNOW"),
    ],
};

fn by_format(written: &Written<'_>, arguments: Vec<Expr>, facts: &Facts) -> Result<Expr> {
    let [value, format] = super::super::arguments(arguments)?;
    let ty = LogicalType::TEXT;
    if value.is_null_literal() {
        return Ok(value.cast(ty));
    }
    let (name, zone) = match &value.ty {
        LogicalType::Number { .. } => ("sf_number_to_text", None),
        LogicalType::Float => ("sf_float_to_formatted", None),
        LogicalType::Date => ("sf_date_to_text", None),
        LogicalType::Time { .. } => ("sf_time_to_text", None),
        LogicalType::Binary { .. } => ("sf_binary_to_text", None),
        LogicalType::Timestamp { kind, .. } => match kind {
            TimestampKind::Ntz => ("sf_timestamp_ntz_to_text", None),
            TimestampKind::Ltz => ("sf_timestamp_ltz_to_text", Some(&facts.timezone)),
            TimestampKind::Tz => ("sf_timestamp_tz_to_text", None),
        },
        _ => return Err(Error::too_many_arguments(written.text, 1, 2)),
    };
    if format.is_null_literal() {
        return Ok(format.cast(ty));
    }
    let format = format_argument(format, written.name)?;
    let mut arguments = vec![value, format];
    arguments.extend(zone.map(|zone| literal_text(zone)));
    Ok(super::super::call(name, arguments, ty))
}

fn model<'m>(
    formats: &'m mut Memo<NumberFormat>,
    format: &str,
    target: &str,
) -> Result<&'m NumberFormat> {
    formats.get(format, |text| {
        NumberFormat::new(text)
            .map_err(|reason| Error::bad_format_model("output", text, target, reason))
    })
}

pub(super) const NATIVES: &[Native] = &[
    native(
        "sf_float_to_formatted",
        &[DOUBLE, TEXT],
        PhysicalType::Varchar,
        |a, out| {
            let mut formats = Memo::new();
            a.binary(out, |value: f64, format: &str| {
                Ok(model(&mut formats, format, "REAL")?.print(&Digits::float(value)))
            })
        },
    ),
    native(
        "sf_number_to_text",
        &[Parameter::AnyNumber, TEXT],
        PhysicalType::Varchar,
        |a, out| {
            let mut formats = Memo::new();
            a.binary(out, |value: Decimal, format: &str| {
                let digits = Digits::exact(value.unscaled, value.scale);
                Ok(model(&mut formats, format, "FIXED")?.print(&digits))
            })
        },
    ),
];
