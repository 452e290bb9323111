//! CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP, SYSDATE and their aliases: when the statement began.

use super::*;
use crate::types::datetime::truncate_nanos;

pub(super) const CURRENT_DATE: Function = Function {
    name: "CURRENT_DATE",
    aliases: &[],
    signatures: &[Signature {
        text: "() -> date!",
        lowering: Lowering::Session(|facts| {
            Expr::literal(Literal::Date(facts.wall_clock().days()), LogicalType::Date)
        }),
    }],
    summary: "The date in the session's time zone.",
    examples: &[
        ("CURRENT_DATE = CURRENT_TIMESTAMP::DATE", "true"),
        ("DATEDIFF(day, CURRENT_DATE(), CURRENT_DATE())", "0"),
    ],
};

pub(super) const CURRENT_TIME: Function = Function {
    name: "CURRENT_TIME",
    aliases: &["LOCALTIME"],
    signatures: &[Signature {
        text: "(any?) -> tree",
        lowering: Lowering::Written(|written, arguments, facts| {
            let scale = scale(written, &arguments)?;
            let nanos = truncate_nanos(facts.wall_clock().nanos_of_day(), scale);
            Ok(Expr::literal(
                Literal::Time(nanos),
                LogicalType::Time { scale },
            ))
        }),
    }],
    summary: "The time of day in the session's time zone.",
    examples: &[
        ("CURRENT_TIME = CURRENT_TIMESTAMP::TIME", "true"),
        ("LOCALTIME(0) <= LOCALTIME", "true"),
    ],
};

pub(super) const CURRENT_TIMESTAMP: Function = Function {
    name: "CURRENT_TIMESTAMP",
    aliases: &["GETDATE", "LOCALTIMESTAMP", "SYSTIMESTAMP"],
    signatures: &[Signature {
        text: "(any?) -> tree",
        lowering: Lowering::Written(|written, arguments, facts| {
            let scale = scale(written, &arguments)?;
            let now = Timestamp::from_micros(facts.now, 0).truncate(scale);
            let ty = LogicalType::Timestamp {
                kind: TimestampKind::Ltz,
                scale,
            };
            Ok(Expr::literal(Literal::Timestamp(now), ty))
        }),
    }],
    summary: "When the statement began.",
    examples: &[
        ("CURRENT_TIMESTAMP = GETDATE()", "true"),
        ("CURRENT_TIMESTAMP(3) <= LOCALTIMESTAMP", "true"),
    ],
};

pub(super) const SYSDATE: Function = Function {
    name: "SYSDATE",
    aliases: &[],
    signatures: &[Signature {
        text: "() -> ntz!",
        lowering: Lowering::Session(|facts| {
            let now = Timestamp::from_micros(facts.now, 0);
            Expr::literal(Literal::Timestamp(now), TimestampKind::Ntz.full())
        }),
    }],
    summary: "When the statement began, in UTC.",
    examples: &[
        (
            "SYSDATE() = CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP)::TIMESTAMP_NTZ",
            "true",
        ),
        ("DATEDIFF(second, SYSDATE(), SYSDATE())", "0"),
    ],
};

/// The digits of the fraction that a call asks for.
fn scale(written: &Written<'_>, arguments: &[Expr]) -> Result<u8> {
    let Some(argument) = arguments.first() else {
        return Ok(9);
    };
    match (&argument.kind, &argument.ty) {
        (
            ExprKind::Literal(Literal::Number(scale @ 0..=9)),
            LogicalType::Number { scale: 0, .. },
        ) => Ok(*scale as u8),
        (ExprKind::Literal(Literal::Number(value)), _) => {
            Err(Error::argument_out_of_range(value, written.name, 1))
        }
        _ => Err(Error::needs_constant(1, written.name, written.text)),
    }
}
