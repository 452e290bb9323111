//! DATE_TRUNC, LAST_DAY, NEXT_DAY, PREVIOUS_DAY and TIME_SLICE.

use super::add::{instant, wall};
use super::*;
use crate::engine::native::{Date, Memo, Time, TimestampTz};
use crate::types::datetime::arithmetic::{self, Weeks};

pub(super) const DATE_TRUNC: Function = Function {
    name: "DATE_TRUNC",
    aliases: &[],
    signatures: &[
        Signature {
            text: "(part, any) -> tree",
            lowering: Lowering::Written(|written, arguments, facts| {
                let [part, value] = super::super::arguments(arguments)?;
                truncated(written, part, value, facts)
            }),
        },
        Signature {
            text: "(any, part) -> tree",
            lowering: Lowering::Written(|written, arguments, facts| {
                let [value, part] = super::super::arguments(arguments)?;
                truncated(written, part, value, facts)
            }),
        },
    ],
    summary: "The beginning of the unit that a value is in.",
    examples: &[
        ("DATE_TRUNC('month', '2024-05-09'::DATE)", "2024-05-01"),
        ("DATE_TRUNC(week, '2024-05-09'::DATE)", "2024-05-06"),
        (
            "DATE_TRUNC('hour', '2024-05-09 08:50:57.891'::TIMESTAMP)",
            "2024-05-09 08:00:00.000",
        ),
        ("DATE_TRUNC('minute', '08:50:48'::TIME)", "08:50:00"),
        ("DATE_TRUNC('2024-05-09'::DATE, 'year')", "2024-01-01"),
    ],
};

pub(super) const LAST_DAY: Function = Function {
    name: "LAST_DAY",
    aliases: &[],
    signatures: &[
        Signature {
            text: "(any) -> tree",
            lowering: Lowering::Written(|_, arguments, facts| {
                let [value] = super::super::arguments(arguments)?;
                last_day(value, Unit::Month, facts)
            }),
        },
        Signature {
            text: "(any, part) -> tree",
            lowering: Lowering::Written(|written, arguments, facts| {
                let [value, part] = super::super::arguments(arguments)?;
                if part.is_null_literal() || value.is_null_literal() {
                    return Ok(null());
                }
                if matches!(value.ty, LogicalType::Time { .. }) {
                    return last_day(value, Unit::Month, facts);
                }
                last_day(value, unit(&part, Unit::has_days, written.name)?, facts)
            }),
        },
    ],
    summary: "The last day of the month (or of another unit) of a date.",
    examples: &[
        ("LAST_DAY('2015-05-08'::DATE)", "2015-05-31"),
        (
            "LAST_DAY('2015-05-08T23:39:20.123'::TIMESTAMP, 'year')",
            "2015-12-31",
        ),
        ("LAST_DAY('2016-12-30'::DATE, week)", "2017-01-01"),
    ],
};

pub(super) const NEXT_DAY: Function = Function {
    name: "NEXT_DAY",
    aliases: &[],
    signatures: &[Signature {
        text: "(date, text) -> tree",
        lowering: Lowering::Tree(|arguments, _| {
            Ok(super::super::call(
                "sf_next_day",
                arguments,
                LogicalType::Date,
            ))
        }),
    }],
    summary: "The first day after a date that is the given day of the week.",
    examples: &[
        ("NEXT_DAY('2025-05-06'::DATE, 'Friday')", "2025-05-09"),
        ("NEXT_DAY('2025-05-09'::DATE, 'fr')", "2025-05-16"),
    ],
};

pub(super) const PREVIOUS_DAY: Function = Function {
    name: "PREVIOUS_DAY",
    aliases: &[],
    signatures: &[Signature {
        text: "(date, text) -> tree",
        lowering: Lowering::Tree(|arguments, _| {
            Ok(super::super::call(
                "sf_previous_day",
                arguments,
                LogicalType::Date,
            ))
        }),
    }],
    summary: "The last day before a date that is the given day of the week.",
    examples: &[
        ("PREVIOUS_DAY('2025-05-06'::DATE, 'Friday ')", "2025-05-02"),
        ("PREVIOUS_DAY('2024-01-05'::DATE, 'Monday')", "2024-01-01"),
    ],
};

pub(super) const TIME_SLICE: Function = Function {
    name: "TIME_SLICE",
    aliases: &[],
    signatures: &[Signature {
        text: "(any, any, text, text?) -> tree",
        lowering: Lowering::Written(time_slice),
    }],
    summary: "The beginning or end of the slice of several units that a value is in.",
    examples: &[
        (
            "TIME_SLICE('2019-02-28'::DATE, 4, 'MONTH', 'START')",
            "2019-01-01",
        ),
        (
            "TIME_SLICE('2019-02-28'::DATE, 4, 'MONTH', 'END')",
            "2019-05-01",
        ),
        (
            "TIME_SLICE('2019-02-28T12:34:56.789'::TIMESTAMP_NTZ, 8, 'HOUR')",
            "2019-02-28 08:00:00.000",
        ),
    ],
};

/// `value` at the beginning of the unit that `part` names.
pub(in super::super) fn truncated(
    written: &Written<'_>,
    part: Expr,
    value: Expr,
    facts: &Facts,
) -> Result<Expr> {
    if part.is_null_literal() || value.is_null_literal() {
        return Ok(null());
    }
    let unit = unit(&part, |_| true, written.name)?;
    let value = match value.ty {
        LogicalType::Variant => value.cast(TimestampKind::Ntz.full()),
        _ => value,
    };
    let ty = value.ty.clone();
    let code = integer(unit.code());
    let weeks = integer(facts.weeks.code());
    match ty {
        LogicalType::Date if !unit.has_days() || unit == Unit::Day => Ok(value),
        LogicalType::Date => Ok(super::super::call(
            "sf_truncate_date",
            vec![value, code, weeks],
            ty,
        )),
        LogicalType::Time { .. } if unit.has_days() => {
            let word = word(&part).to_uppercase();
            Err(Error::invalid_date_part_of_type(word, written.name, "TIME"))
        }
        LogicalType::Time { .. } => Ok(super::super::call(
            "sf_truncate_time",
            vec![value, code],
            ty,
        )),
        LogicalType::Timestamp { kind, .. } => Ok(match kind {
            TimestampKind::Ntz => {
                super::super::call("sf_truncate_timestamp", vec![value, code, weeks], ty)
            }
            TimestampKind::Ltz => {
                let arguments = vec![value, code, weeks, text(&facts.timezone)];
                super::super::call("sf_truncate_instant", arguments, ty)
            }
            TimestampKind::Tz => {
                super::super::call("sf_truncate_timestamp_tz", vec![value, code, weeks], ty)
            }
        }),
        other => Err(Error::argument_type_not_supported(written.name, other)),
    }
}

fn last_day(value: Expr, unit: Unit, facts: &Facts) -> Result<Expr> {
    if value.is_null_literal() {
        return Ok(null());
    }
    match value.ty {
        LogicalType::Date | LogicalType::Timestamp { .. } | LogicalType::Variant => {}
        other => return Err(Error::argument_type_not_supported("LAST_DAY", other)),
    }
    let arguments = vec![
        value.cast(LogicalType::Date),
        integer(unit.code()),
        integer(facts.weeks.code()),
    ];
    Ok(super::super::call(
        "sf_last_day",
        arguments,
        LogicalType::Date,
    ))
}

fn time_slice(written: &Written<'_>, arguments: Vec<Expr>, facts: &Facts) -> Result<Expr> {
    let mut arguments = arguments.into_iter();
    let (Some(value), Some(length), Some(part)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err(Error::internal("TIME_SLICE without its arguments"));
    };
    let edge = arguments.next();
    if [&value, &length, &part].iter().any(|a| a.is_null_literal()) {
        return Ok(null());
    }
    let is_unit = |unit: Unit| unit.has_days() && unit.is_span() || is_clock(unit);
    let unit = unit(&part, is_unit, written.name)?;
    let end = match edge.as_ref().map(word) {
        None => false,
        Some(word) if word.eq_ignore_ascii_case("START") => false,
        Some(word) if word.eq_ignore_ascii_case("END") => true,
        Some(word) => {
            return Err(Error::invalid_parameter_value(word, "start_or_end"));
        }
    };
    let ty = value.ty.clone();
    if ty == LogicalType::Date && is_clock(unit) {
        let word = word(&part).to_uppercase();
        return Err(Error::invalid_date_part_of_type(word, written.name, "DATE"));
    }
    let wall = match &ty {
        LogicalType::Date => value.cast(TimestampKind::Ntz.full()),
        LogicalType::Timestamp {
            kind: TimestampKind::Ntz,
            ..
        } => value,
        other => return Err(Error::argument_type_not_supported(written.name, other)),
    };
    let arguments = vec![
        wall,
        length.cast(LogicalType::Number {
            precision: 18,
            scale: 0,
        }),
        integer(unit.code()),
        integer(facts.weeks.code()),
        integer(end),
    ];
    let sliced = super::super::call("sf_time_slice", arguments, TimestampKind::Ntz.full());
    Ok(match ty {
        LogicalType::Date => sliced.cast(LogicalType::Date),
        ty => Expr { ty, ..sliced },
    })
}

fn is_clock(unit: Unit) -> bool {
    matches!(unit, Unit::Hour | Unit::Minute | Unit::Second)
}

fn unit_of(code: i64) -> Result<Unit> {
    Unit::from_code(code).ok_or_else(|| Error::internal("a unit without a meaning"))
}

fn weekday(name: &str) -> Result<u8> {
    arithmetic::weekday_named(name)
        .ok_or_else(|| Error::unsupported(format!("day of the week '{name}'")))
}

pub(super) const NATIVES: &[Native] = &[
    native(
        "sf_last_day",
        &[DATE, INTEGER, INTEGER],
        PhysicalType::Date,
        |a, out| {
            a.ternary(out, |date: Date, unit: i64, weeks: i64| {
                let last = arithmetic::last_day(unit_of(unit)?, date.0, Weeks::from_code(weeks));
                sum(last.ok_or(AddError::Result), 0).map(Date)
            })
        },
    ),
    native(
        "sf_next_day",
        &[DATE, TEXT],
        PhysicalType::Date,
        |a, out| {
            a.binary(out, |date: Date, name: &str| {
                let next = arithmetic::next_day(date.0, weekday(name)?);
                sum(next.ok_or(AddError::Result), 0).map(Date)
            })
        },
    ),
    native(
        "sf_previous_day",
        &[DATE, TEXT],
        PhysicalType::Date,
        |a, out| {
            a.binary(out, |date: Date, name: &str| {
                let previous = arithmetic::previous_day(date.0, weekday(name)?);
                sum(previous.ok_or(AddError::Result), 0).map(Date)
            })
        },
    ),
    native(
        "sf_time_slice",
        &[TIMESTAMP, INTEGER, INTEGER, INTEGER, INTEGER],
        PhysicalType::Timestamp,
        |a, out| {
            a.quinary(
                out,
                |at: Timestamp, length: i64, unit: i64, weeks: i64, end: i64| {
                    if length < 1 {
                        return Err(Error::invalid_parameter_value(length, "slice_length"));
                    }
                    let weeks = Weeks::from_code(weeks);
                    let slice = arithmetic::slice(unit_of(unit)?, length, at, weeks, end == 1);
                    sum(slice.ok_or(AddError::Result), length)
                },
            )
        },
    ),
    native(
        "sf_truncate_date",
        &[DATE, INTEGER, INTEGER],
        PhysicalType::Date,
        |a, out| {
            a.ternary(out, |date: Date, unit: i64, weeks: i64| {
                let weeks = Weeks::from_code(weeks);
                Ok(Date(arithmetic::truncate_date(
                    unit_of(unit)?,
                    date.0,
                    weeks,
                )))
            })
        },
    ),
    native(
        "sf_truncate_instant",
        &[TIMESTAMP, INTEGER, INTEGER, TEXT],
        PhysicalType::Timestamp,
        |a, out| {
            let mut zones = Memo::new();
            a.quaternary(out, |at: Timestamp, unit: i64, weeks: i64, zone: &str| {
                let zone = zones.get(zone, zone_named)?;
                let unit = unit_of(unit)?;
                let utc = at;
                let offset = i64::from(zone.offset_at(utc.seconds));
                let cut =
                    arithmetic::truncate(unit, utc.plus_seconds(offset), Weeks::from_code(weeks));
                // Within an hour the offset stays, so that the second of two equal hours is not taken for the first.
                let offset = if unit.has_days() {
                    i64::from(zone.offset_of_wall(cut.seconds))
                } else {
                    offset
                };
                Ok(cut.plus_seconds(-offset))
            })
        },
    ),
    native(
        "sf_truncate_time",
        &[TIME, INTEGER],
        PhysicalType::Time,
        |a, out| {
            a.binary(out, |time: Time, unit: i64| {
                Ok(Time(arithmetic::truncate_time(unit_of(unit)?, time.0)))
            })
        },
    ),
    native(
        "sf_truncate_timestamp",
        &[TIMESTAMP, INTEGER, INTEGER],
        PhysicalType::Timestamp,
        |a, out| {
            a.ternary(out, |at: Timestamp, unit: i64, weeks: i64| {
                let weeks = Weeks::from_code(weeks);
                Ok(arithmetic::truncate(unit_of(unit)?, at, weeks))
            })
        },
    ),
    native(
        "sf_truncate_timestamp_tz",
        &[TIMESTAMP_TZ, INTEGER, INTEGER],
        PhysicalType::TimestampTz,
        |a, out| {
            a.ternary(out, |at: TimestampTz, unit: i64, weeks: i64| {
                let weeks = Weeks::from_code(weeks);
                let cut = arithmetic::truncate(unit_of(unit)?, wall(at), weeks);
                Ok(instant(cut, at.offset))
            })
        },
    ),
];
