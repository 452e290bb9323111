//! DATE_PART, EXTRACT and the functions of one component: YEAR, DAYOFWEEK, HOUR, DAYNAME, ….
//!
//! Where the engine's `date_part` means the same, it computes; weeks by WEEK_START and WEEK_OF_YEAR_POLICY, epochs and
//! offsets are natives.

use super::add::wall;
use super::*;
use crate::engine::native::{Date, Time, TimestampTz};
use crate::types::datetime::arithmetic::{self, Weeks};
use crate::types::datetime::civil::{Civil, weekday};
use crate::types::datetime::part::Component;

macro_rules! component {
    ($constant:ident, $name:literal, $aliases:expr, $component:ident, $summary:literal, $examples:expr) => {
        pub(super) const $constant: Function = Function {
            name: $name,
            aliases: $aliases,
            signatures: &[Signature {
                text: "(any) -> tree",
                lowering: Lowering::Written(|_, arguments, facts| {
                    let [value] = super::super::arguments(arguments)?;
                    of_value(Component::$component, value, facts, |ty| {
                        Error::argument_type_not_supported("EXTRACT", ty)
                    })
                }),
            }],
            summary: $summary,
            examples: $examples,
        };
    };
}

component!(
    DAY,
    "DAY",
    &["DAYOFMONTH"],
    Day,
    "The day of the month.",
    &[
        ("DAY('2024-02-29'::DATE)", "29"),
        ("DAYOFMONTH('2013-05-08T23:39:20'::TIMESTAMP)", "8")
    ]
);
component!(
    DAYOFWEEK,
    "DAYOFWEEK",
    &[],
    DayOfWeek,
    "The day of the week by WEEK_START: 0 (Sunday) to 6, or 1 to 7 from the chosen first day.",
    &[
        ("DAYOFWEEK('2026-08-09'::DATE)", "0"),
        ("DAYOFWEEK('2026-08-15'::DATE)", "6")
    ]
);
component!(
    DAYOFWEEKISO,
    "DAYOFWEEKISO",
    &["DAYOFWEEK_ISO"],
    DayOfWeekIso,
    "The day of the week, 1 (Monday) to 7.",
    &[
        ("DAYOFWEEKISO('2026-01-05'::DATE)", "1"),
        ("DAYOFWEEK_ISO('2026-08-09'::DATE)", "7")
    ]
);
component!(
    DAYOFYEAR,
    "DAYOFYEAR",
    &[],
    DayOfYear,
    "The day of the year, 1 to 366.",
    &[
        ("DAYOFYEAR('2024-01-01'::DATE)", "1"),
        ("DAYOFYEAR('2024-12-31'::DATE)", "366")
    ]
);
component!(
    HOUR,
    "HOUR",
    &[],
    Hour,
    "The hour, 0 to 23.",
    &[
        ("HOUR('2013-05-08T23:39:20'::TIMESTAMP)", "23"),
        ("HOUR('10:30:00'::TIME)", "10")
    ]
);
component!(
    MINUTE,
    "MINUTE",
    &[],
    Minute,
    "The minute, 0 to 59.",
    &[
        ("MINUTE('2013-05-08T23:39:20'::TIMESTAMP)", "39"),
        ("MINUTE('10:30:00'::TIME)", "30")
    ]
);
component!(
    MONTH,
    "MONTH",
    &[],
    Month,
    "The month, 1 to 12.",
    &[
        ("MONTH('2024-02-29'::DATE)", "2"),
        ("MONTH('2013-05-08T23:39:20'::TIMESTAMP)", "5")
    ]
);
component!(
    QUARTER,
    "QUARTER",
    &[],
    Quarter,
    "The quarter, 1 to 4.",
    &[
        ("QUARTER('2024-05-01'::DATE)", "2"),
        ("QUARTER('2024-12-31'::DATE)", "4")
    ]
);
component!(
    SECOND,
    "SECOND",
    &[],
    Second,
    "The second, 0 to 59.",
    &[
        ("SECOND('2013-05-08T23:39:20.9'::TIMESTAMP)", "20"),
        ("SECOND('10:30:45'::TIME)", "45")
    ]
);
component!(
    WEEK,
    "WEEK",
    &["WEEKOFYEAR"],
    Week,
    "The week of the year by WEEK_START and WEEK_OF_YEAR_POLICY.",
    &[
        ("WEEK('2026-08-10'::DATE)", "33"),
        ("WEEKOFYEAR('2017-01-01'::DATE)", "52")
    ]
);
component!(
    WEEKISO,
    "WEEKISO",
    &["WEEK_ISO"],
    WeekIso,
    "The week of the year by ISO 8601.",
    &[
        ("WEEKISO('2026-01-05'::DATE)", "2"),
        ("WEEK_ISO('2017-01-01'::DATE)", "52")
    ]
);
component!(
    YEAR,
    "YEAR",
    &[],
    Year,
    "The year.",
    &[
        ("YEAR('2024-02-29'::DATE)", "2024"),
        ("YEAR('1999-12-31 23:00:00'::TIMESTAMP)", "1999")
    ]
);
component!(
    YEAROFWEEK,
    "YEAROFWEEK",
    &[],
    YearOfWeek,
    "The year that the week belongs to, by WEEK_START and WEEK_OF_YEAR_POLICY.",
    &[
        ("YEAROFWEEK('2017-01-01'::DATE)", "2016"),
        ("YEAROFWEEK('2026-08-10'::DATE)", "2026")
    ]
);
component!(
    YEAROFWEEKISO,
    "YEAROFWEEKISO",
    &[],
    YearOfWeekIso,
    "The year that the week belongs to by ISO 8601.",
    &[
        ("YEAROFWEEKISO('2017-01-01'::DATE)", "2016"),
        ("YEAROFWEEKISO('2026-01-05'::DATE)", "2026")
    ]
);

pub(super) const DATE_PART: Function = Function {
    name: "DATE_PART",
    aliases: &[],
    signatures: PART,
    summary: "A component of a date, time or timestamp.",
    examples: &[
        ("DATE_PART(quarter, '2024-04-08'::DATE)", "2"),
        (
            "DATE_PART('epoch_second', '2024-01-01'::TIMESTAMP)",
            "1704067200",
        ),
        (
            "DATE_PART(epoch_millisecond, '1970-01-01 00:00:01.5'::TIMESTAMP)",
            "1500",
        ),
        (
            "DATE_PART(tzh, '2024-01-01 00:00:00 -05:30'::TIMESTAMP_TZ)",
            "-5",
        ),
    ],
};

pub(super) const EXTRACT: Function = Function {
    name: "EXTRACT",
    aliases: &[],
    signatures: PART,
    summary: "A component of a date, time or timestamp.",
    examples: &[
        (
            "EXTRACT(year FROM '2024-04-08T23:39:20.123'::TIMESTAMP)",
            "2024",
        ),
        ("EXTRACT(dayofweek_iso FROM '2024-04-08'::DATE)", "1"),
        (
            "EXTRACT('nanosecond', '10:00:00.123456789'::TIME)",
            "123456789",
        ),
    ],
};

const PART: &[Signature] = &[Signature {
    text: "(part, any) -> tree",
    lowering: Lowering::Written(|written, arguments, facts| {
        let [part, value] = super::super::arguments(arguments)?;
        if part.is_null_literal() || value.is_null_literal() {
            return Ok(null());
        }
        let refused = || {
            let parameter = format_args!("{} date/time part", written.name);
            Error::invalid_parameter_value(word(&part), parameter)
        };
        let component = Component::named(word(&part)).ok_or_else(refused)?;
        let is_finer_epoch = matches!(
            component,
            Component::EpochMillisecond | Component::EpochMicrosecond | Component::EpochNanosecond
        );
        if value.ty == LogicalType::Date && is_finer_epoch {
            return Err(refused());
        }
        of_value(component, value, facts, |ty| match ty {
            LogicalType::Time { .. } => refused(),
            other => Error::argument_type_not_supported("EXTRACT", other),
        })
    }),
}];

macro_rules! names {
    ($constant:ident, $name:literal, $native:literal, $summary:literal, $examples:expr) => {
        pub(super) const $constant: Function = Function {
            name: $name,
            aliases: &[],
            signatures: &[Signature {
                text: "(date) -> tree",
                lowering: Lowering::Tree(|arguments, _| {
                    let ty = LogicalType::Varchar { length: 3 };
                    Ok(super::super::call($native, arguments, ty))
                }),
            }],
            summary: $summary,
            examples: $examples,
        };
    };
}

names!(
    DAYNAME,
    "DAYNAME",
    "sf_dayname",
    "The day of the week in three letters.",
    &[
        ("DAYNAME('2015-05-01'::DATE)", "Fri"),
        ("DAYNAME('2015-05-03 10:00:00'::TIMESTAMP)", "Sun")
    ]
);
names!(
    MONTHNAME,
    "MONTHNAME",
    "sf_monthname",
    "The month in three letters.",
    &[
        ("MONTHNAME('2015-05-01'::DATE)", "May"),
        ("MONTHNAME('2015-12-03 10:00:00'::TIMESTAMP)", "Dec")
    ]
);

/// Digits of the result.
fn precision(component: Component) -> u8 {
    match component {
        Component::Quarter | Component::DayOfWeek | Component::DayOfWeekIso => 1,
        Component::Month
        | Component::Week
        | Component::WeekIso
        | Component::Day
        | Component::Hour
        | Component::Minute
        | Component::Second
        | Component::TimezoneHour
        | Component::TimezoneMinute => 2,
        Component::DayOfYear => 3,
        Component::Year | Component::YearOfWeek | Component::YearOfWeekIso => 4,
        Component::Nanosecond => 9,
        Component::EpochSecond | Component::EpochMillisecond | Component::EpochMicrosecond => 18,
        Component::EpochNanosecond => 38,
    }
}

/// The engine's own way to the component of a DATE or a TIMESTAMP, if it means the same.
fn of_engine(component: Component, weeks: Weeks) -> Option<&'static str> {
    let iso = weeks.policy == 0 && weeks.start <= 1;
    Some(match component {
        Component::Year => "date_part('year', $1)",
        Component::Quarter => "date_part('quarter', $1)",
        Component::Month => "date_part('month', $1)",
        Component::Day => "date_part('day', $1)",
        Component::DayOfYear => "date_part('dayofyear', $1)",
        Component::DayOfWeek if weeks.start == 0 => "date_part('dayofweek', $1)",
        Component::DayOfWeekIso => "date_part('isodow', $1)",
        Component::Week if iso => "date_part('week', $1)",
        Component::WeekIso => "date_part('week', $1)",
        Component::YearOfWeek if iso => "date_part('isoyear', $1)",
        Component::YearOfWeekIso => "date_part('isoyear', $1)",
        Component::Hour => "date_part('hour', $1)",
        Component::Minute => "date_part('minute', $1)",
        Component::Second => "date_part('second', $1)",
        _ => return None,
    })
}

fn of_value(
    component: Component,
    value: Expr,
    facts: &Facts,
    refused: impl FnOnce(&LogicalType) -> Error,
) -> Result<Expr> {
    if value.is_null_literal() {
        return Ok(null());
    }
    let ty = LogicalType::Number {
        precision: precision(component),
        scale: 0,
    };
    let code = integer(component.code());
    let value = match value.ty {
        LogicalType::Variant => value.cast(TimestampKind::Ntz.full()),
        _ => value,
    };
    let kind = match &value.ty {
        LogicalType::Date => None,
        LogicalType::Time { .. } if component.is_of_time() => {
            return Ok(super::super::call(
                "sf_component_of_time",
                vec![value, code],
                ty,
            ));
        }
        LogicalType::Timestamp { kind, .. } => Some(*kind),
        other => return Err(refused(other)),
    };
    match component {
        // Counted in UTC; the wall clock of an NTZ is taken for it.
        Component::EpochSecond
        | Component::EpochMillisecond
        | Component::EpochMicrosecond
        | Component::EpochNanosecond => {
            let utc = match kind {
                None => value.cast(TimestampKind::Ntz.full()),
                Some(TimestampKind::Tz) => value.cast(TimestampKind::Ltz.full()),
                Some(_) => value,
            };
            let name = match component {
                Component::EpochNanosecond => "sf_epoch_nanoseconds",
                _ => "sf_epoch",
            };
            let arguments = match component {
                Component::EpochNanosecond => vec![utc],
                _ => vec![utc, code],
            };
            return Ok(super::super::call(name, arguments, ty));
        }
        Component::TimezoneHour | Component::TimezoneMinute => {
            let zoned = match kind {
                None | Some(TimestampKind::Ntz) => return Ok(integer(0).cast(ty)),
                Some(_) => value.cast(TimestampKind::Tz.full()),
            };
            return Ok(super::super::call(
                "sf_component_of_offset",
                vec![zoned, code],
                ty,
            ));
        }
        _ => {}
    }
    let value = match kind {
        Some(TimestampKind::Ltz | TimestampKind::Tz) => value.cast(TimestampKind::Ntz.full()),
        _ => value,
    };
    if let Some(form) = of_engine(component, facts.weeks) {
        return Ok(template(form, vec![value], ty));
    }
    let weeks = integer(facts.weeks.code());
    let name = match value.ty {
        LogicalType::Date => "sf_component_of_date",
        _ => "sf_component",
    };
    Ok(super::super::call(name, vec![value, code, weeks], ty))
}

fn component_of(code: i64) -> Result<Component> {
    Component::from_code(code).ok_or_else(|| Error::internal("a component without a meaning"))
}

fn narrow(value: i128) -> Result<i64> {
    i64::try_from(value).map_err(|_| Error::number_out_of_range(value))
}

pub(super) const NATIVES: &[Native] = &[
    native(
        "sf_component",
        &[TIMESTAMP, INTEGER, INTEGER],
        PhysicalType::BigInt,
        |a, out| {
            a.ternary(out, |at: Timestamp, code: i64, weeks: i64| {
                let weeks = Weeks::from_code(weeks);
                narrow(arithmetic::component(component_of(code)?, at, 0, weeks))
            })
        },
    ),
    native(
        "sf_component_of_date",
        &[DATE, INTEGER, INTEGER],
        PhysicalType::BigInt,
        |a, out| {
            a.ternary(out, |date: Date, code: i64, weeks: i64| {
                let weeks = Weeks::from_code(weeks);
                Ok(arithmetic::component_of_date(
                    component_of(code)?,
                    date.0,
                    weeks,
                ))
            })
        },
    ),
    native(
        "sf_component_of_offset",
        &[TIMESTAMP_TZ, INTEGER],
        PhysicalType::BigInt,
        |a, out| {
            a.binary(out, |at: TimestampTz, code: i64| {
                let offset = i32::from(at.offset) * 60;
                narrow(arithmetic::component(
                    component_of(code)?,
                    wall(at),
                    offset,
                    Weeks::ISO,
                ))
            })
        },
    ),
    native(
        "sf_component_of_time",
        &[TIME, INTEGER],
        PhysicalType::BigInt,
        |a, out| {
            a.binary(out, |time: Time, code: i64| {
                Ok(arithmetic::component_of_time(component_of(code)?, time.0))
            })
        },
    ),
    native("sf_dayname", &[DATE], PhysicalType::Varchar, |a, out| {
        const NAMES: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
        a.unary(out, |date: Date| Ok(NAMES[usize::from(weekday(date.0))]))
    }),
    native(
        "sf_epoch",
        &[TIMESTAMP, INTEGER],
        PhysicalType::BigInt,
        |a, out| {
            a.binary(out, |at: Timestamp, code: i64| {
                narrow(arithmetic::component(
                    component_of(code)?,
                    at,
                    0,
                    Weeks::ISO,
                ))
            })
        },
    ),
    native(
        "sf_epoch_nanoseconds",
        &[TIMESTAMP],
        PhysicalType::Decimal {
            precision: 38,
            scale: 0,
        },
        |a, out| {
            a.unary(out, |at: Timestamp| {
                Ok(arithmetic::component(
                    Component::EpochNanosecond,
                    at,
                    0,
                    Weeks::ISO,
                ))
            })
        },
    ),
    native("sf_monthname", &[DATE], PhysicalType::Varchar, |a, out| {
        const NAMES: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        a.unary(out, |date: Date| {
            Ok(NAMES[usize::from(Civil::from_days(date.0).month) - 1])
        })
    }),
];
