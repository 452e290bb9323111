//! CONVERT_TIMEZONE.

use super::*;

pub(super) const CONVERT_TIMEZONE: Function = Function {
    name: "CONVERT_TIMEZONE",
    aliases: &[],
    signatures: &[
        Signature {
            text: "(text, text, ntz) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                Ok(template(
                    "sf_instant_to_wall(sf_wall_to_instant($3, $1), $2)",
                    arguments,
                    TimestampKind::Ntz.full(),
                ))
            }),
        },
        Signature {
            text: "(text, any) -> tree",
            lowering: Lowering::Tree(to_zone),
        },
    ],
    summary: "A timestamp in another time zone.",
    examples: &[
        (
            "CONVERT_TIMEZONE('America/Los_Angeles', 'America/New_York', '2024-01-01 14:00:00'::TIMESTAMP_NTZ)",
            "2024-01-01 17:00:00.000",
        ),
        (
            "CONVERT_TIMEZONE('America/Los_Angeles', '2024-04-05 12:00:00 +02:00')",
            "2024-04-05 03:00:00.000 -0700",
        ),
        (
            "CONVERT_TIMEZONE('Asia/Kolkata', '2024-04-05 12:00:00'::TIMESTAMP_NTZ)",
            "2024-04-06 00:30:00.000 +0530",
        ),
        (
            "CONVERT_TIMEZONE('UTC', '2024-04-05'::DATE)",
            "2024-04-05 07:00:00.000 Z",
        ),
    ],
};

/// The instant that the value means in the session's zone, with the offset of the zone asked for.
fn to_zone(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let [zone, value] = super::super::arguments(arguments)?;
    if zone.is_null_literal() || value.is_null_literal() {
        return Ok(null());
    }
    let value = match value.ty {
        LogicalType::Varchar { .. } | LogicalType::Variant => value.cast(TimestampKind::Tz.full()),
        LogicalType::Date | LogicalType::Timestamp { .. } => value,
        other => {
            let types = format_args!("{}, {other}", zone.ty).to_string();
            return Err(Error::invalid_argument_types("CONVERT_TIMEZONE", types));
        }
    };
    let instant = value.cast(TimestampKind::Ltz.full());
    let ty = TimestampKind::Tz.full();
    Ok(super::super::call(
        "sf_instant_to_timestamp_tz",
        vec![instant, zone],
        ty,
    ))
}
