//! DATEDIFF and its aliases, MONTHS_BETWEEN.
//!
//! Counted are the borders of a unit, not the units that have passed: of days and longer ones on the wall clock of the
//! session's zone (LTZ) or of the value (TZ), of shorter ones in UTC. The width of the result follows from what is
//! compared and in which unit, as recorded from a live account.

use super::*;
use crate::engine::native::{Date, Time};
use crate::types::coercion;
use crate::types::datetime::arithmetic::{self, Weeks};

macro_rules! date_diff {
    ($name:literal, $examples:expr) => {
        Function {
            name: $name,
            aliases: &[],
            signatures: &[Signature {
                text: "(part, any, any) -> tree",
                lowering: Lowering::Written(date_diff),
            }],
            summary: "How many borders of a unit lie from the first to the second value.",
            examples: $examples,
        }
    };
}

pub(super) const DATEDIFF: Function = date_diff!(
    "DATEDIFF",
    &[
        (
            "DATEDIFF(year, '2015-12-31'::DATE, '2016-01-01'::DATE)",
            "1"
        ),
        ("DATEDIFF(day, '2016-08-23', '2016-09-07')", "15"),
        (
            "DATEDIFF(hour, '2016-01-01 01:59:59'::TIMESTAMP, '2016-01-01 02:00:00'::TIMESTAMP)",
            "1"
        ),
        ("DATEDIFF(minute, '10:00:00'::TIME, '11:30:00'::TIME)", "90"),
    ]
);

pub(super) const TIMEDIFF: Function = date_diff!(
    "TIMEDIFF",
    &[
        (
            "TIMEDIFF(year, '2017-01-01'::DATE, '2019-01-01'::DATE)",
            "2"
        ),
        (
            "TIMEDIFF(month, '2017-01-01'::DATE, '2017-12-31'::DATE)",
            "11"
        ),
    ]
);

pub(super) const TIMESTAMPDIFF: Function = date_diff!(
    "TIMESTAMPDIFF",
    &[
        (
            "TIMESTAMPDIFF(hour, '2013-05-08 23:39:20'::TIMESTAMP, '2013-05-09 01:00:00'::TIMESTAMP)",
            "2"
        ),
        (
            "TIMESTAMPDIFF(week, '2026-07-25'::DATE, '2026-07-27'::DATE)",
            "1"
        ),
    ]
);

pub(super) const MONTHS_BETWEEN: Function = Function {
    name: "MONTHS_BETWEEN",
    aliases: &[],
    signatures: &[Signature {
        text: "(any, any) -> tree",
        lowering: Lowering::Written(months_between),
    }],
    summary: "The months from the second value to the first, with six digits of a fraction.",
    examples: &[
        (
            "MONTHS_BETWEEN('2019-03-15'::DATE, '2019-02-15'::DATE)",
            "1.000000",
        ),
        (
            "MONTHS_BETWEEN('2019-03-01'::DATE, '2019-02-15'::DATE)",
            "0.548387",
        ),
    ],
};

fn number(precision: u8) -> LogicalType {
    LogicalType::Number {
        precision,
        scale: 0,
    }
}

fn date_diff(written: &Written<'_>, arguments: Vec<Expr>, facts: &Facts) -> Result<Expr> {
    let [part, from, to] = super::super::arguments(arguments)?;
    if [&part, &from, &to].iter().any(|a| a.is_null_literal()) {
        return Ok(null());
    }
    let unit = unit(&part, Unit::is_span, written.name)?;
    let (from, to) = comparable(unit, from, to)?;
    let code = integer(unit.code());
    let weeks = integer(facts.weeks.code());
    let call =
        |name, arguments, precision| Ok(super::super::call(name, arguments, number(precision)));
    match from.ty {
        LogicalType::Date if unit == Unit::Day => {
            Ok(template("($2 - $1)", vec![from, to], number(9)))
        }
        LogicalType::Date if !matches!(unit, Unit::Microsecond | Unit::Nanosecond) => {
            let precision = if unit.has_days() { 9 } else { 18 };
            let arguments = vec![from, to, code, weeks];
            call("sf_difference_of_dates", arguments, precision)
        }
        LogicalType::Time { .. } => {
            if unit.has_days() {
                let word = word(&part).to_uppercase();
                let error = Error::invalid_date_part_of_type(word, written.name, "TIME");
                return Err(error);
            }
            let precision = match unit {
                Unit::Microsecond | Unit::Nanosecond => 18,
                _ => 9,
            };
            call("sf_difference_of_times", vec![from, to, code], precision)
        }
        LogicalType::Date | LogicalType::Timestamp { .. } => {
            let (from, to) = (clock_of(unit, from), clock_of(unit, to));
            let arguments = vec![from, to, code, weeks];
            match unit {
                Unit::Minute | Unit::Second => call("sf_difference", arguments, 18),
                Unit::Millisecond | Unit::Microsecond | Unit::Nanosecond => {
                    call("sf_difference_wide", arguments, 38)
                }
                _ => call("sf_difference", arguments, 9),
            }
        }
        _ => Err(refused(unit, &from.ty, &to.ty)),
    }
}

/// The clock that borders are counted on.
fn clock_of(unit: Unit, value: Expr) -> Expr {
    match value.ty {
        LogicalType::Timestamp {
            kind: TimestampKind::Tz,
            ..
        } if !unit.has_days() => value.cast(TimestampKind::Ltz.full()),
        LogicalType::Timestamp {
            kind: TimestampKind::Ltz,
            ..
        } if !unit.has_days() => value,
        LogicalType::Timestamp {
            kind: TimestampKind::Ntz,
            ..
        } => value,
        _ => value.cast(TimestampKind::Ntz.full()),
    }
}

/// Both values in one type: text and VARIANT take the other's.
fn comparable(unit: Unit, from: Expr, to: Expr) -> Result<(Expr, Expr)> {
    let is_open =
        |expr: &Expr| matches!(expr.ty, LogicalType::Varchar { .. } | LogicalType::Variant);
    let ty = match (is_open(&from), is_open(&to)) {
        (true, true) => TimestampKind::Ntz.full(),
        (true, false) => to.ty.clone(),
        (false, true) => from.ty.clone(),
        (false, false) => coercion::unify([(&from.ty, false), (&to.ty, false)])
            .ok_or_else(|| refused(unit, &from.ty, &to.ty))?,
    };
    match ty {
        LogicalType::Date | LogicalType::Time { .. } | LogicalType::Timestamp { .. } => {
            Ok((from.cast(ty.clone()), to.cast(ty)))
        }
        _ => Err(refused(unit, &from.ty, &to.ty)),
    }
}

fn refused(unit: Unit, from: &LogicalType, to: &LogicalType) -> Error {
    let name = format!("DATE_DIFFTIMESTAMPIN{}S", unit.name().to_uppercase());
    Error::invalid_argument_types(name, format_args!("{from}, {to}"))
}

fn months_between(_: &Written<'_>, arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let [a, b] = super::super::arguments(arguments)?;
    if a.is_null_literal() || b.is_null_literal() {
        return Ok(null());
    }
    let wall = |value: Expr| match value.ty {
        LogicalType::Date | LogicalType::Timestamp { .. } | LogicalType::Variant => {
            Ok(value.cast(TimestampKind::Ntz.full()))
        }
        other => Err(Error::argument_type_not_supported("EXTRACT", other)),
    };
    let ty = LogicalType::Number {
        precision: 27,
        scale: 6,
    };
    let arguments = vec![wall(a)?, wall(b)?];
    Ok(super::super::call("sf_months_between", arguments, ty))
}

fn unit_of(code: i64) -> Result<Unit> {
    Unit::from_code(code).ok_or_else(|| Error::internal("a unit without a meaning"))
}

pub(super) const NATIVES: &[Native] = &[
    native(
        "sf_difference",
        &[TIMESTAMP, TIMESTAMP, INTEGER, INTEGER],
        PhysicalType::BigInt,
        |a, out| {
            a.quaternary(
                out,
                |from: Timestamp, to: Timestamp, unit: i64, weeks: i64| {
                    let weeks = Weeks::from_code(weeks);
                    let count = arithmetic::difference(unit_of(unit)?, from, to, weeks);
                    i64::try_from(count).map_err(|_| Error::number_out_of_range(count))
                },
            )
        },
    ),
    native(
        "sf_difference_of_dates",
        &[DATE, DATE, INTEGER, INTEGER],
        PhysicalType::BigInt,
        |a, out| {
            a.quaternary(out, |from: Date, to: Date, unit: i64, weeks: i64| {
                let weeks = Weeks::from_code(weeks);
                Ok(arithmetic::difference_of_dates(
                    unit_of(unit)?,
                    from.0,
                    to.0,
                    weeks,
                ))
            })
        },
    ),
    native(
        "sf_difference_of_times",
        &[TIME, TIME, INTEGER],
        PhysicalType::BigInt,
        |a, out| {
            a.ternary(out, |from: Time, to: Time, unit: i64| {
                Ok(arithmetic::difference_of_times(
                    unit_of(unit)?,
                    from.0,
                    to.0,
                ))
            })
        },
    ),
    native(
        "sf_difference_wide",
        &[TIMESTAMP, TIMESTAMP, INTEGER, INTEGER],
        PhysicalType::Decimal {
            precision: 38,
            scale: 0,
        },
        |a, out| {
            a.quaternary(
                out,
                |from: Timestamp, to: Timestamp, unit: i64, weeks: i64| {
                    let weeks = Weeks::from_code(weeks);
                    Ok(arithmetic::difference(unit_of(unit)?, from, to, weeks))
                },
            )
        },
    ),
    native(
        "sf_months_between",
        &[TIMESTAMP, TIMESTAMP],
        PhysicalType::Decimal {
            precision: 27,
            scale: 6,
        },
        |a, out| {
            a.binary(out, |a: Timestamp, b: Timestamp| {
                Ok(arithmetic::months_between(a, b))
            })
        },
    ),
];
