//! Rounding: CEIL, FLOOR, ROUND, TRUNC.
//!
//! A literal number of digits decides the result's scale; any other leaves the argument's. Source of the result types:
//! recorded answers of a live account.

use super::super::date_time::truncated;
use super::super::signature::argument_text;
use super::super::{
    Facts, Function, INTEGER, Lowering, Signature, Written, arguments, integer, literal_integer,
    literal_text, native, native_call,
};
use super::exact;
use crate::engine::native::{Decimal, Native, Parameter, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::{Call, Expr, ExprKind, Form, Returns};
use crate::types::{LogicalType, MAX_PRECISION, PhysicalType};

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CEIL",
        aliases: &[],
        signatures: &[
            Signature::new("(number) -> tree", Lowering::Tree(ceil)),
            Signature::new("(exact, integer) -> tree", Lowering::Tree(ceil)),
            Signature::new("(float, integer) -> tree", Lowering::Tree(ceil)),
        ],
        summary: "The least number of so many digits after the point that is not less.",
        examples: &[
            ("CEIL(1.2)", "2"),
            ("CEIL(-1.2)", "-1"),
            ("CEIL(135.135, 1)", "135.2"),
            ("CEIL(135.135, -2)", "200"),
            ("CEIL(-975.975, -2)", "-900"),
            ("CEIL(1.25::FLOAT, 1)", "1.3"),
        ],
    },
    Function {
        name: "FLOOR",
        aliases: &[],
        signatures: &[
            Signature::new("(number) -> tree", Lowering::Tree(floor)),
            Signature::new("(exact, integer) -> tree", Lowering::Tree(floor)),
            Signature::new("(float, integer) -> tree", Lowering::Tree(floor)),
        ],
        summary: "The greatest number of so many digits after the point that is not greater.",
        examples: &[
            ("FLOOR(1.7)", "1"),
            ("FLOOR(-1.2)", "-2"),
            ("FLOOR(135.135, 1)", "135.1"),
            ("FLOOR(135.135, -2)", "100"),
            ("FLOOR(-975.975, -2)", "-1000"),
        ],
    },
    Function {
        name: "ROUND",
        aliases: &[],
        signatures: &[
            Signature::new("(number) -> tree", Lowering::Tree(round)),
            Signature::new("(exact, integer) -> tree", Lowering::Tree(round)),
            Signature::new("(float, integer) -> tree", Lowering::Tree(round)),
            Signature::new("(exact, integer, =text) -> tree", Lowering::Tree(round)),
        ],
        summary: "Rounds half away from zero (or half to even), to an integer or to a number of digits after the point.",
        examples: &[
            ("ROUND(2.5)", "3"),
            ("ROUND(-2.5)", "-3"),
            ("ROUND(1.2345, 2)", "1.23"),
            ("ROUND(135.135, -2)", "100"),
            ("ROUND(150, -2)", "200"),
            ("ROUND(2.5, 0, 'HALF_TO_EVEN')", "2"),
            ("ROUND(-0.35, 1, 'HALF_TO_EVEN')", "-0.4"),
            ("ROUND(2.5, 0, 'half_away_from_zero')", "3"),
            ("ROUND('1.26', 1)", "1.3"),
            ("ROUND(1.005::FLOAT, 2)", "1"),
            ("ROUND(1.25, NULL)", "NULL"),
        ],
    },
    Function {
        name: "TRUNC",
        aliases: &["TRUNCATE"],
        signatures: &[
            Signature::new("(number) -> tree", Lowering::Tree(trunc)),
            Signature::new("(exact, integer) -> tree", Lowering::Tree(trunc)),
            Signature::new("(float, integer) -> tree", Lowering::Tree(trunc)),
            Signature::new("(date, text) -> tree", Lowering::Written(trunc_moment)),
            Signature::new("(time, text) -> tree", Lowering::Written(trunc_moment)),
            Signature::new("(timestamp, text) -> tree", Lowering::Written(trunc_moment)),
        ],
        summary: "Rounds towards zero, to an integer or to a number of digits after the point.",
        examples: &[
            ("TRUNC(135.135, 1)", "135.1"),
            ("TRUNC(-975.975, -1)", "-970"),
            ("TRUNC(-1.9)", "-1"),
            ("TRUNC(1.99::FLOAT, 1)", "1.9"),
            ("TRUNC('2024-05-09'::DATE, 'month')", "2024-05-01"),
        ],
    },
];

pub(in super::super) fn natives() -> Vec<Native> {
    vec![Native::Scalar(ROUND_FLOAT)]
}

/// TRUNC of a date or time: DATE_TRUNC with the arguments the other way round, and the part no bare word.
fn trunc_moment(written: &Written<'_>, arguments: Vec<Expr>, facts: &Facts) -> Result<Expr> {
    let [value, part] = super::super::arguments(arguments)?;
    if literal_text(&part).is_none() && !part.is_null_literal() {
        let text = argument_text(written.text, 1);
        return Err(Error::date_part_not_a_word(text, written.name));
    }
    truncated(written, part, value, facts)
}

/// Where a number goes that has more digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    HalfAwayFromZero,
    HalfToEven,
    Up,
    Down,
    TowardsZero,
}

impl Direction {
    const ALL: [Direction; 5] = [
        Direction::HalfAwayFromZero,
        Direction::HalfToEven,
        Direction::Up,
        Direction::Down,
        Direction::TowardsZero,
    ];

    /// By its number, as natives get it.
    pub(super) fn of(number: i64) -> Direction {
        let number = usize::try_from(number).unwrap_or(0);
        *Self::ALL
            .get(number)
            .unwrap_or(&Direction::HalfAwayFromZero)
    }

    fn number(self) -> Expr {
        integer(self as i128)
    }
}

fn ceil(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    rounded(arguments, Direction::Up)
}

fn floor(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    rounded(arguments, Direction::Down)
}

fn trunc(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    rounded(arguments, Direction::TowardsZero)
}

fn round(mut arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let mut direction = Direction::HalfAwayFromZero;
    if arguments.len() == 3
        && let Some(mode) = arguments.pop()
    {
        if mode.is_null_literal() {
            arguments.pop();
            arguments.push(mode.cast(super::super::whole(18)));
        } else {
            let mode = literal_text(&mode).unwrap_or_default();
            direction = match mode.to_uppercase().as_str() {
                "HALF_AWAY_FROM_ZERO" => Direction::HalfAwayFromZero,
                "HALF_TO_EVEN" => Direction::HalfToEven,
                _ => return Err(Error::invalid_parameter_value(mode, "ROUND rounding mode")),
            };
        }
    }
    rounded(arguments, direction)
}

fn rounded(mut arguments: Vec<Expr>, direction: Direction) -> Result<Expr> {
    let digits = if arguments.len() == 2 {
        arguments.pop()
    } else {
        None
    };
    let [value] = self::arguments(arguments)?;
    let LogicalType::Number { precision, scale } = value.ty else {
        let digits = digits.unwrap_or_else(|| integer(0));
        let arguments = vec![value, digits, direction.number()];
        return Ok(native_call(&ROUND_FLOAT, arguments, LogicalType::Float));
    };
    let literal = match &digits {
        None => Some(0),
        Some(digits) => literal_integer(digits),
    };
    let Some(kept) = literal else {
        let precision = (precision + 1).clamp(18, MAX_PRECISION);
        let ty = LogicalType::Number { precision, scale };
        return Ok(by_native(
            value,
            digits.unwrap_or_else(|| integer(0)),
            direction,
            ty,
        ));
    };
    if kept >= i128::from(scale) {
        return Ok(value);
    }
    if i128::from(scale) - kept > i128::from(MAX_PRECISION) {
        return Err(Error::invalid_function_argument(kept, "Scale too large"));
    }
    let beyond = (-kept - i128::from(precision - scale)).max(0);
    let precision = (i128::from(precision) + 1 + beyond).min(i128::from(MAX_PRECISION)) as u8;
    let ty = LogicalType::Number {
        precision,
        scale: kept.max(0) as u8,
    };
    let engine = match direction {
        Direction::HalfAwayFromZero if kept >= 0 => return Ok(value.cast(ty)),
        Direction::Up if kept == 0 => Some("ceil"),
        Direction::Down if kept == 0 => Some("floor"),
        Direction::TowardsZero if kept == 0 => Some("trunc"),
        _ => None,
    };
    Ok(match engine {
        Some(name) => super::super::call(name, vec![value], ty),
        None => by_native(value, integer(kept), direction, ty),
    })
}

fn by_native(value: Expr, digits: Expr, direction: Direction, ty: LogicalType) -> Expr {
    let scale = match ty {
        LogicalType::Number { scale, .. } => scale,
        _ => 0,
    };
    let nullable = value.nullable || digits.nullable;
    let call = Call {
        form: Form::Engine(exact::round_name(scale)),
        arguments: vec![value, digits, direction.number()],
        unified: vec![],
        returns: Returns::Cast,
    };
    Expr::new(ExprKind::Call(call), ty, nullable)
}

/// The value, still in its own scale, without digits beyond `digits` after the point.
pub(super) fn round_decimal(value: Decimal, digits: i64, direction: Direction) -> Option<i128> {
    let drop = i64::from(value.scale).saturating_sub(digits);
    let Ok(drop) = u32::try_from(drop) else {
        return Some(value.unscaled);
    };
    if drop == 0 {
        return Some(value.unscaled);
    }
    // A unit beyond every value: only the direction decides.
    let Some(unit) = 10_i128.checked_pow(drop) else {
        return match direction {
            Direction::Up if value.unscaled > 0 => None,
            Direction::Down if value.unscaled < 0 => None,
            _ => Some(0),
        };
    };
    let (quotient, remainder) = (value.unscaled / unit, value.unscaled % unit);
    let sign = value.unscaled.signum();
    let half = (remainder.unsigned_abs() * 2).cmp(&unit.unsigned_abs());
    let away = match direction {
        Direction::HalfAwayFromZero => half.is_ge(),
        Direction::HalfToEven => half.is_gt() || (half.is_eq() && quotient % 2 != 0),
        Direction::Up => remainder > 0,
        Direction::Down => remainder < 0,
        Direction::TowardsZero => false,
    };
    let quotient = if away { quotient + sign } else { quotient };
    quotient.checked_mul(unit)
}

static ROUND_FLOAT: ScalarNative = native(
    "sf_round_float",
    &[Parameter::Exact(PhysicalType::Double), INTEGER, INTEGER],
    PhysicalType::Double,
    |arguments, output| {
        arguments.ternary(output, |value: f64, digits: i64, direction: i64| {
            let digits = digits.clamp(-400, 400) as i32;
            let unit = 10_f64.powi(digits.abs());
            let scaled = if digits < 0 {
                value / unit
            } else {
                value * unit
            };
            let rounded = match Direction::of(direction) {
                Direction::HalfAwayFromZero => scaled.round(),
                Direction::HalfToEven => scaled.round_ties_even(),
                Direction::Up => scaled.ceil(),
                Direction::Down => scaled.floor(),
                Direction::TowardsZero => scaled.trunc(),
            };
            let result = if digits < 0 {
                rounded * unit
            } else {
                rounded / unit
            };
            Ok(if result.is_finite() { result } else { value })
        })
    },
);
