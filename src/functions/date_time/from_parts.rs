//! DATE_FROM_PARTS, TIME_FROM_PARTS and TIMESTAMP_*_FROM_PARTS. Parts outside of their range roll over.

use super::*;
use crate::engine::native::{Arguments, Date, Output, Time};
use crate::types::datetime::arithmetic;
use crate::types::datetime::{NANOS_PER_DAY, NANOS_PER_SECOND};

pub(super) const DATE_FROM_PARTS: Function = Function {
    name: "DATE_FROM_PARTS",
    aliases: &["DATEFROMPARTS"],
    signatures: &[Signature {
        text: "(integer, integer, integer) -> tree",
        lowering: Lowering::Tree(|arguments, _| {
            Ok(super::super::call(
                "sf_date_from_parts",
                arguments,
                LogicalType::Date,
            ))
        }),
    }],
    summary: "The date of a year, month and day.",
    examples: &[
        ("DATE_FROM_PARTS(1977, 8, 7)", "1977-08-07"),
        ("DATE_FROM_PARTS(2010, 1, 100)", "2010-04-10"),
        ("DATE_FROM_PARTS(2004, -1, -1)", "2003-10-30"),
    ],
};

pub(super) const TIME_FROM_PARTS: Function = Function {
    name: "TIME_FROM_PARTS",
    aliases: &["TIMEFROMPARTS"],
    signatures: &[Signature {
        text: "(integer, integer, integer, integer?) -> tree",
        lowering: Lowering::Tree(|mut arguments, _| {
            if arguments.len() == 3 {
                arguments.push(integer(0));
            }
            let ty = LogicalType::Time { scale: 9 };
            Ok(super::super::call("sf_time_from_parts", arguments, ty))
        }),
    }],
    summary: "The time of hours, minutes, seconds and nanoseconds.",
    examples: &[
        ("TIME_FROM_PARTS(12, 34, 56, 987654321)", "12:34:56"),
        ("TIME_FROM_PARTS(0, 100, 0)", "01:40:00"),
        ("TIME_FROM_PARTS(25, 0, 0)", "01:00:00"),
    ],
};

const WITH_NANOSECONDS: &str =
    "(integer, integer, integer, integer, integer, integer, integer?) -> tree";
const WITH_ZONE: &str =
    "(integer, integer, integer, integer, integer, integer, integer?, text?) -> tree";
const OF_DATE_AND_TIME: &str = "(date, time) -> tree";

pub(super) const TIMESTAMP_FROM_PARTS: Function = Function {
    name: "TIMESTAMP_FROM_PARTS",
    aliases: &["TIMESTAMPFROMPARTS"],
    signatures: &[
        Signature {
            text: OF_DATE_AND_TIME,
            lowering: Lowering::Tree(of_date_and_time),
        },
        Signature {
            text: WITH_ZONE,
            lowering: Lowering::Tree(|arguments, facts| {
                of_parts(arguments, facts.timestamp_type, facts)
            }),
        },
    ],
    summary: "The timestamp of its parts, of the kind that TIMESTAMP_TYPE_MAPPING names.",
    examples: &[
        (
            "TIMESTAMP_FROM_PARTS(2013, 4, 5, 12, 0, -3600)",
            "2013-04-05 11:00:00.000",
        ),
        (
            "TIMESTAMP_FROM_PARTS('2013-04-05'::DATE, '12:00:00'::TIME)",
            "2013-04-05 12:00:00.000",
        ),
    ],
};

pub(super) const TIMESTAMP_LTZ_FROM_PARTS: Function = Function {
    name: "TIMESTAMP_LTZ_FROM_PARTS",
    aliases: &["TIMESTAMPLTZFROMPARTS"],
    signatures: &[Signature {
        text: WITH_NANOSECONDS,
        lowering: Lowering::Tree(|arguments, facts| of_parts(arguments, TimestampKind::Ltz, facts)),
    }],
    summary: "The TIMESTAMP_LTZ of its parts.",
    examples: &[
        (
            "TIMESTAMP_LTZ_FROM_PARTS(2013, 4, 5, 12, 0, 0)",
            "2013-04-05 12:00:00.000 -0700",
        ),
        (
            "TIMESTAMP_LTZ_FROM_PARTS(2013, 1, 5, 12, 0, 0, 500000000)",
            "2013-01-05 12:00:00.500 -0800",
        ),
    ],
};

pub(super) const TIMESTAMP_NTZ_FROM_PARTS: Function = Function {
    name: "TIMESTAMP_NTZ_FROM_PARTS",
    aliases: &["TIMESTAMPNTZFROMPARTS"],
    signatures: &[
        Signature {
            text: OF_DATE_AND_TIME,
            lowering: Lowering::Tree(of_date_and_time),
        },
        Signature {
            text: WITH_NANOSECONDS,
            lowering: Lowering::Tree(|arguments, facts| {
                of_parts(arguments, TimestampKind::Ntz, facts)
            }),
        },
    ],
    summary: "The TIMESTAMP_NTZ of its parts.",
    examples: &[
        (
            "TIMESTAMP_NTZ_FROM_PARTS(2013, 4, 5, 12, 0, 0, 987654000)",
            "2013-04-05 12:00:00.987",
        ),
        (
            "TIMESTAMP_NTZ_FROM_PARTS(TO_DATE('2013-04-05'), TO_TIME('12:00:00'))",
            "2013-04-05 12:00:00.000",
        ),
    ],
};

pub(super) const TIMESTAMP_TZ_FROM_PARTS: Function = Function {
    name: "TIMESTAMP_TZ_FROM_PARTS",
    aliases: &["TIMESTAMPTZFROMPARTS"],
    signatures: &[Signature {
        text: WITH_ZONE,
        lowering: Lowering::Tree(|arguments, facts| of_parts(arguments, TimestampKind::Tz, facts)),
    }],
    summary: "The TIMESTAMP_TZ of its parts, in the session's zone or the one named.",
    examples: &[
        (
            "TIMESTAMP_TZ_FROM_PARTS(2013, 4, 5, 12, 0, 0)",
            "2013-04-05 12:00:00.000 -0700",
        ),
        (
            "TIMESTAMP_TZ_FROM_PARTS(2013, 4, 5, 12, 0, 0, 0, 'America/New_York')",
            "2013-04-05 12:00:00.000 -0400",
        ),
    ],
};

fn of_date_and_time(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let ty = TimestampKind::Ntz.full();
    Ok(super::super::call(
        "sf_timestamp_of_date_and_time",
        arguments,
        ty,
    ))
}

fn of_parts(mut arguments: Vec<Expr>, kind: TimestampKind, facts: &Facts) -> Result<Expr> {
    let zone = if arguments.len() == 8 {
        arguments.pop()
    } else {
        None
    };
    if zone.is_some() && kind != TimestampKind::Tz {
        let types: Vec<_> = arguments.iter().map(|a| a.ty.to_string()).collect();
        return Err(Error::invalid_argument_types(
            "TIMESTAMP_FROM_PARTS",
            types.join(", "),
        ));
    }
    if arguments.len() == 6 {
        arguments.push(integer(0));
    }
    let ntz = TimestampKind::Ntz.full();
    let wall = super::super::call("sf_timestamp_from_parts", arguments, ntz);
    let zone = match (kind, zone) {
        (TimestampKind::Ntz, _) => return Ok(wall),
        (TimestampKind::Tz, Some(zone)) => zone,
        _ => text(&facts.timezone),
    };
    let name = match kind {
        TimestampKind::Tz => "sf_wall_to_timestamp_tz",
        _ => "sf_wall_to_instant",
    };
    Ok(super::super::call(name, vec![wall, zone], kind.full()))
}

fn date_of(year: i64, month: i64, day: i64) -> Result<i32> {
    let days = arithmetic::days_of_parts(year, month, day);
    sum(days.ok_or(AddError::Result), year)
}

/// Nanoseconds of a clock that may run over midnight.
fn nanos_of(hour: i64, minute: i64, second: i64, nanos: i64) -> i128 {
    let seconds = (i128::from(hour) * 60 + i128::from(minute)) * 60 + i128::from(second);
    seconds * i128::from(NANOS_PER_SECOND) + i128::from(nanos)
}

fn timestamp_from_parts(arguments: &Arguments<'_>, output: &mut Output<'_>) -> Result<()> {
    let parts = (0..7)
        .map(|index| arguments.bigints(index))
        .collect::<Result<Vec<_>>>()?;
    arguments.each_row(|row| {
        let mut values = [0; 7];
        for (value, part) in values.iter_mut().zip(&parts) {
            *value = part.get(row).unwrap_or(0);
        }
        let [year, month, day, hour, minute, second, nanos] = values;
        let clock = nanos_of(hour, minute, second, nanos);
        let carried = clock.div_euclid(NANOS_PER_DAY.into());
        let days = i128::from(date_of(year, month, day)?) + carried;
        let days = i32::try_from(days).map_err(|_| AddError::Result);
        let days = sum(days, year)?;
        let at = Timestamp::from_parts(days, clock.rem_euclid(NANOS_PER_DAY.into()) as i64);
        output.set_timestamp(row, at)?;
        Ok(())
    })
}

pub(super) const NATIVES: &[Native] = &[
    native(
        "sf_date_from_parts",
        &[INTEGER, INTEGER, INTEGER],
        PhysicalType::Date,
        |a, out| {
            a.ternary(out, |year: i64, month: i64, day: i64| {
                date_of(year, month, day).map(Date)
            })
        },
    ),
    native(
        "sf_time_from_parts",
        &[INTEGER, INTEGER, INTEGER, INTEGER],
        PhysicalType::Time,
        |a, out| {
            a.quaternary(out, |hour: i64, minute: i64, second: i64, nanos: i64| {
                let clock = nanos_of(hour, minute, second, nanos);
                Ok(Time(clock.rem_euclid(NANOS_PER_DAY.into()) as i64))
            })
        },
    ),
    native(
        "sf_timestamp_from_parts",
        &[
            INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER,
        ],
        PhysicalType::Timestamp,
        timestamp_from_parts,
    ),
    native(
        "sf_timestamp_of_date_and_time",
        &[DATE, TIME],
        PhysicalType::Timestamp,
        |a, out| {
            a.binary(out, |date: Date, time: Time| {
                Ok(Timestamp::from_parts(date.0, time.0))
            })
        },
    ),
];
