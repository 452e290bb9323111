//! Date & time functions.

use super::{Function, Lowering, Signature};

macro_rules! part {
    ($name:literal, $aliases:expr, $part:literal, $precision:literal, $summary:literal, $examples:expr) => {
        Function {
            name: $name,
            aliases: $aliases,
            signatures: &[
                Signature {
                    text: concat!("(date) -> NUMBER(", $precision, ",0)"),
                    lowering: Lowering::Template(concat!("date_part('", $part, "', $1)")),
                },
                Signature {
                    text: concat!("(ntz) -> NUMBER(", $precision, ",0)"),
                    lowering: Lowering::Template(concat!("date_part('", $part, "', $1)")),
                },
            ],
            summary: $summary,
            examples: $examples,
        }
    };
}

pub(super) static FUNCTIONS: &[Function] = &[
    part!(
        "DAY",
        &["DAYOFMONTH"],
        "day",
        2,
        "The day of the month.",
        &[("DAY('2024-02-29'::DATE)", "29")]
    ),
    part!(
        "MONTH",
        &[],
        "month",
        2,
        "The month, 1 to 12.",
        &[("MONTH('2024-02-29'::DATE)", "2")]
    ),
    part!(
        "QUARTER",
        &[],
        "quarter",
        1,
        "The quarter, 1 to 4.",
        &[("QUARTER('2024-05-01'::DATE)", "2")]
    ),
    part!(
        "YEAR",
        &[],
        "year",
        4,
        "The year.",
        &[("YEAR('2024-02-29'::DATE)", "2024")]
    ),
];
