//! DATEADD and its aliases, ADD_MONTHS, and what `+` and `-` do to dates and times.
//!
//! Days and longer units of a TIMESTAMP_LTZ move the wall clock of the session's zone, shorter ones the instant; a
//! TIMESTAMP_TZ keeps its offset. Amounts are rounded to whole numbers.

use super::*;
use crate::engine::native::{Date, Decimal, Memo, Time, TimestampTz};
use crate::types::datetime::arithmetic;
use crate::types::decimal;

macro_rules! date_add {
    ($name:literal, $examples:expr) => {
        Function {
            name: $name,
            aliases: &[],
            signatures: &[Signature {
                text: "(part, any, any) -> tree",
                lowering: Lowering::Written(date_add),
            }],
            summary: "A date, time or timestamp moved by a number of units.",
            examples: $examples,
        }
    };
}

pub(super) const DATEADD: Function = date_add!(
    "DATEADD",
    &[
        ("DATEADD(day, 2, '2013-05-08'::DATE)", "2013-05-10"),
        ("DATEADD(month, 1, '2023-01-31'::DATE)", "2023-02-28"),
        (
            "DATEADD(hour, 2, '2013-05-08'::DATE)",
            "2013-05-08 02:00:00.000"
        ),
        ("DATEADD('hh', -1, '00:30:00'::TIME)", "23:30:00"),
        (
            "DATEADD(month, 1, '2024-02-15 10:00:00 +01:00'::TIMESTAMP_TZ)",
            "2024-03-15 10:00:00.000 +0100"
        ),
    ]
);

pub(super) const TIMEADD: Function = date_add!(
    "TIMEADD",
    &[
        ("TIMEADD(year, 2, '2013-05-08'::DATE)", "2015-05-08"),
        ("TIMEADD(minute, 30, '10:00:00'::TIME)", "10:30:00"),
    ]
);

pub(super) const TIMESTAMPADD: Function = date_add!(
    "TIMESTAMPADD",
    &[
        ("TIMESTAMPADD(quarter, 1, '2024-01-31'::DATE)", "2024-04-30"),
        (
            "TIMESTAMPADD(second, 90, '2024-01-01 00:00:00'::TIMESTAMP)",
            "2024-01-01 00:01:30.000"
        ),
    ]
);

pub(super) const ADD_MONTHS: Function = Function {
    name: "ADD_MONTHS",
    aliases: &[],
    signatures: &[Signature {
        text: "(any, any) -> tree",
        lowering: Lowering::Written(add_months),
    }],
    summary: "A date or timestamp some months later; the last day of a month stays the last day.",
    examples: &[
        (
            "ADD_MONTHS('2016-05-15'::TIMESTAMP_NTZ, 2)",
            "2016-07-15 00:00:00.000",
        ),
        ("ADD_MONTHS('2016-02-29'::DATE, 1)", "2016-03-31"),
        ("ADD_MONTHS('2016-05-31'::DATE, -1)", "2016-04-30"),
    ],
};

fn date_add(written: &Written<'_>, arguments: Vec<Expr>, facts: &Facts) -> Result<Expr> {
    let [part, amount, value] = super::super::arguments(arguments)?;
    if [&part, &amount, &value].iter().any(|a| a.is_null_literal()) {
        return Ok(null());
    }
    let unit = unit(&part, Unit::is_span, written.name)?;
    if matches!(value.ty, LogicalType::Time { .. }) && unit.has_days() {
        let quoted = format!("'{}'", word(&part).to_uppercase());
        return Err(Error::invalid_date_part_of_type(
            quoted,
            written.name,
            &value.ty,
        ));
    }
    shift(value, unit, amount, facts)
}

/// `value` moved by `amount` units.
pub fn shift(value: Expr, unit: Unit, amount: Expr, facts: &Facts) -> Result<Expr> {
    let refused = |amount: &LogicalType, value: &LogicalType| {
        let units = match unit {
            Unit::Millisecond => "MILLIS".to_owned(),
            Unit::Microsecond => "MICROS".to_owned(),
            Unit::Nanosecond => "NANOS".to_owned(),
            _ => format!("{}S", unit.name().to_uppercase()),
        };
        Error::invalid_argument_types(
            format_args!("DATE_ADD{units}TOTIMESTAMP"),
            format_args!("{amount}, {value}"),
        )
    };
    let whole_days = is_small_integer(&amount) && unit == Unit::Day;
    let amount = match &amount.ty {
        LogicalType::Number { .. } => amount,
        LogicalType::Float | LogicalType::Varchar { .. } | LogicalType::Variant => {
            amount.cast(LogicalType::INTEGER)
        }
        other => return Err(refused(other, &value.ty)),
    };
    let value = moment(value);
    let code = integer(unit.code());
    let call = |name, value, ty| {
        let arguments = vec![value, code.clone(), amount.clone()];
        Ok(super::super::call(name, arguments, ty))
    };
    match value.ty {
        LogicalType::Date if whole_days => Ok(template(
            "($1 + CAST($2 AS INTEGER))",
            vec![value, amount],
            LogicalType::Date,
        )),
        LogicalType::Date if unit.has_days() => call("sf_add_to_date", value, LogicalType::Date),
        LogicalType::Date => {
            let ty = TimestampKind::Ntz.full();
            call("sf_add_to_timestamp", value.cast(ty.clone()), ty)
        }
        LogicalType::Time { .. } if !unit.has_days() => {
            call("sf_add_to_time", value, LogicalType::Time { scale: 9 })
        }
        LogicalType::Timestamp { kind, .. } => {
            let ty = kind.full();
            let by_clock = match unit {
                Unit::Day | Unit::Week => !facts.day_is_always_24h,
                _ => unit.has_days(),
            };
            match kind {
                TimestampKind::Ltz if by_clock => {
                    let zone = text(&facts.timezone);
                    let arguments = vec![value, code.clone(), amount.clone(), zone];
                    Ok(super::super::call("sf_add_to_instant", arguments, ty))
                }
                TimestampKind::Ntz | TimestampKind::Ltz => call("sf_add_to_timestamp", value, ty),
                TimestampKind::Tz => call("sf_add_to_timestamp_tz", value, ty),
            }
        }
        _ => Err(refused(&amount.ty, &value.ty)),
    }
}

/// A constant number of days that no date of the calendar can overflow with.
fn is_small_integer(amount: &Expr) -> bool {
    match (&amount.kind, &amount.ty) {
        (ExprKind::Literal(Literal::Number(value)), LogicalType::Number { scale: 0, .. }) => {
            value.unsigned_abs() < 1_000_000
        }
        _ => false,
    }
}

fn add_months(_: &Written<'_>, arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let [value, months] = super::super::arguments(arguments)?;
    if value.is_null_literal() || months.is_null_literal() {
        return Ok(null());
    }
    let value = moment(value);
    let months = match &months.ty {
        LogicalType::Number { .. } => months,
        LogicalType::Float | LogicalType::Varchar { .. } | LogicalType::Variant => {
            months.cast(LogicalType::INTEGER)
        }
        other => {
            let types = format_args!("{}, {other}", value.ty).to_string();
            return Err(Error::invalid_argument_types("ADD_MONTHS", types));
        }
    };
    match value.ty {
        LogicalType::Date => Ok(super::super::call(
            "sf_add_months_to_date",
            vec![value, months],
            LogicalType::Date,
        )),
        LogicalType::Timestamp { kind, .. } => {
            let ty = kind.full();
            Ok(match kind {
                TimestampKind::Ntz => {
                    super::super::call("sf_add_months_to_timestamp", vec![value, months], ty)
                }
                // On the wall clock, and back.
                TimestampKind::Ltz => {
                    let wall = value.cast(TimestampKind::Ntz.full());
                    let moved = super::super::call(
                        "sf_add_months_to_timestamp",
                        vec![wall, months],
                        TimestampKind::Ntz.full(),
                    );
                    moved.cast(ty)
                }
                TimestampKind::Tz => {
                    super::super::call("sf_add_months_to_timestamp_tz", vec![value, months], ty)
                }
            })
        }
        other => Err(Error::invalid_argument_types(
            "ADD_MONTHS",
            format_args!("{other}, {}", months.ty),
        )),
    }
}

/// An amount as a whole number, rounded half away from zero.
fn whole(amount: Decimal) -> Result<i64> {
    decimal::rescale(amount.unscaled, amount.scale, 0)
        .and_then(|whole| i64::try_from(whole).ok())
        .ok_or_else(|| Error::number_not_recognized(decimal::format(amount.unscaled, amount.scale)))
}

fn unit_of(code: i64) -> Result<Unit> {
    Unit::from_code(code).ok_or_else(|| Error::internal("a unit without a meaning"))
}

fn months(amount: Decimal) -> Result<i64> {
    let whole = whole(amount)?;
    i32::try_from(whole)
        .map(i64::from)
        .map_err(|_| Error::number_out_of_range(whole))
}

fn months_later(at: Timestamp, months: i64) -> Result<Timestamp> {
    let days = arithmetic::add_months_from_end(at.days(), months);
    let days = sum(days.ok_or(AddError::Result), months)?;
    Ok(Timestamp::from_parts(days, at.nanos_of_day()))
}

pub(super) const NATIVES: &[Native] = &[
    native(
        "sf_add_to_date",
        &[DATE, INTEGER, Parameter::AnyNumber],
        PhysicalType::Date,
        |a, out| {
            a.ternary(out, |date: Date, unit: i64, amount: Decimal| {
                let amount = whole(amount)?;
                sum(
                    arithmetic::add_to_date(unit_of(unit)?, amount, date.0),
                    amount,
                )
                .map(Date)
            })
        },
    ),
    native(
        "sf_add_to_time",
        &[TIME, INTEGER, Parameter::AnyNumber],
        PhysicalType::Time,
        |a, out| {
            a.ternary(out, |time: Time, unit: i64, amount: Decimal| {
                let amount = whole(amount)?;
                sum(
                    arithmetic::add_to_time(unit_of(unit)?, amount, time.0),
                    amount,
                )
                .map(Time)
            })
        },
    ),
    native(
        "sf_add_to_timestamp",
        &[TIMESTAMP, INTEGER, Parameter::AnyNumber],
        PhysicalType::Timestamp,
        |a, out| {
            a.ternary(out, |at: Timestamp, unit: i64, amount: Decimal| {
                let amount = whole(amount)?;
                let moved = sum(arithmetic::add(unit_of(unit)?, amount, at), amount)?;
                Ok(moved)
            })
        },
    ),
    native(
        "sf_add_to_instant",
        &[TIMESTAMP, INTEGER, Parameter::AnyNumber, TEXT],
        PhysicalType::Timestamp,
        |a, out| {
            let mut zones = Memo::new();
            a.quaternary(
                out,
                |at: Timestamp, unit: i64, amount: Decimal, zone: &str| {
                    let zone = zones.get(zone, zone_named)?;
                    let amount = whole(amount)?;
                    let utc = at;
                    let wall = utc.plus_seconds(zone.offset_at(utc.seconds).into());
                    let moved = sum(arithmetic::add(unit_of(unit)?, amount, wall), amount)?;
                    let offset = zone.offset_of_wall(moved.seconds);
                    Ok(moved.plus_seconds(-i64::from(offset)))
                },
            )
        },
    ),
    native(
        "sf_add_to_timestamp_tz",
        &[TIMESTAMP_TZ, INTEGER, Parameter::AnyNumber],
        PhysicalType::TimestampTz,
        |a, out| {
            a.ternary(out, |at: TimestampTz, unit: i64, amount: Decimal| {
                let amount = whole(amount)?;
                let moved = sum(arithmetic::add(unit_of(unit)?, amount, wall(at)), amount)?;
                Ok(instant(moved, at.offset))
            })
        },
    ),
    native(
        "sf_add_months_to_date",
        &[DATE, Parameter::AnyNumber],
        PhysicalType::Date,
        |a, out| {
            a.binary(out, |date: Date, amount: Decimal| {
                let months = months(amount)?;
                let moved = arithmetic::add_months_from_end(date.0, months);
                sum(moved.ok_or(AddError::Result), months).map(Date)
            })
        },
    ),
    native(
        "sf_add_months_to_timestamp",
        &[TIMESTAMP, Parameter::AnyNumber],
        PhysicalType::Timestamp,
        |a, out| {
            a.binary(out, |at: Timestamp, amount: Decimal| {
                months_later(at, months(amount)?)
            })
        },
    ),
    native(
        "sf_add_months_to_timestamp_tz",
        &[TIMESTAMP_TZ, Parameter::AnyNumber],
        PhysicalType::TimestampTz,
        |a, out| {
            a.binary(out, |at: TimestampTz, amount: Decimal| {
                let moved = months_later(wall(at), months(amount)?)?;
                Ok(instant(moved, at.offset))
            })
        },
    ),
];

/// The wall clock at a value's own offset.
pub(super) fn wall(at: TimestampTz) -> Timestamp {
    at.utc.plus_seconds(i64::from(at.offset) * 60)
}

/// The value of a wall clock at an offset in minutes.
pub(super) fn instant(wall: Timestamp, offset: i16) -> TimestampTz {
    let utc = wall.plus_seconds(-i64::from(offset) * 60);
    TimestampTz { utc, offset }
}
