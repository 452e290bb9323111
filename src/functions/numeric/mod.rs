//! Numeric functions: arithmetic, powers and logarithms.

pub(super) mod bitwise;
mod exact;
mod float;
pub(super) mod generation;
pub(super) mod rounding;
pub(super) mod trigonometric;

use super::expr::{case, equal, is_null, zero};
use super::{
    Facts, Function, INTEGER, Lowering, Signature, WIDE, literal_integer, native, native_call,
    whole,
};
use crate::engine::native::{Decimal, Native, Parameter, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::{Arithmetic, Expr, ExprKind};
use crate::types::number::Number;
use crate::types::{LogicalType, MAX_PRECISION, PhysicalType, decimal};
use float::float_native;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "ABS",
        aliases: &[],
        signatures: &[Signature::new("(number) -> tree", Lowering::Tree(abs))],
        summary: "The absolute value.",
        examples: &[
            ("ABS(-5)", "5"),
            ("ABS(-1.50)", "1.50"),
            ("ABS('-2.5')", "2.5"),
        ],
    },
    Function {
        name: "CBRT",
        aliases: &[],
        signatures: &[Signature::new("(float) -> float", Lowering::Native(&CBRT))],
        summary: "The cube root.",
        examples: &[
            ("CBRT(27)", "3"),
            ("CBRT(-8)", "-2"),
            ("CBRT(2)", "1.25992105"),
        ],
    },
    Function {
        name: "DIV0",
        aliases: &[],
        signatures: &[Signature::new(
            "(number, number) -> tree",
            Lowering::Tree(|arguments, _| div0(arguments, false)),
        )],
        summary: "Division that gives 0 where the divisor is 0.",
        examples: &[
            ("DIV0(1, 2)", "0.500000"),
            ("DIV0(1, 0)", "0.000000"),
            ("DIV0(1, NULL::INT)", "NULL"),
        ],
    },
    Function {
        name: "DIV0NULL",
        aliases: &[],
        signatures: &[Signature::new(
            "(number, number) -> tree",
            Lowering::Tree(|arguments, _| div0(arguments, true)),
        )],
        summary: "Division that gives 0 where the divisor is 0 or NULL.",
        examples: &[
            ("DIV0NULL(1, 2)", "0.500000"),
            ("DIV0NULL(1, 0)", "0.000000"),
            ("DIV0NULL(1, NULL::INT)", "0.000000"),
            ("DIV0NULL(NULL::INT, 2)", "NULL"),
        ],
    },
    Function {
        name: "EXP",
        aliases: &[],
        signatures: &[Signature::new("(float) -> float", Lowering::Native(&EXP))],
        summary: "e raised to the argument.",
        examples: &[("EXP(1)", "2.718281828"), ("EXP(0)", "1")],
    },
    Function {
        name: "FACTORIAL",
        aliases: &[],
        signatures: &[Signature::new(
            "(integer) -> NUMBER(38,0)",
            Lowering::Native(&FACTORIAL),
        )],
        summary: "The product of the integers from 1 to the argument, which is 0 to 33.",
        examples: &[
            ("FACTORIAL(0)", "1"),
            ("FACTORIAL(10)", "3628800"),
            ("FACTORIAL(33)", "8683317618811886495518194401280000000"),
            ("FACTORIAL(5.4)", "120"),
        ],
    },
    Function {
        name: "HAVERSINE",
        aliases: &[],
        signatures: &[Signature::new(
            "(float, float, float, float) -> float",
            Lowering::Native(&HAVERSINE),
        )],
        summary: "The great-circle distance in kilometres of two points, each latitude and longitude in degrees.",
        examples: &[
            (
                "HAVERSINE(40.7127, -74.0059, 34.0500, -118.2500)",
                "3936.385096389",
            ),
            ("HAVERSINE(1, 1, 1, 1)", "0"),
        ],
    },
    Function {
        name: "LN",
        aliases: &[],
        signatures: &[Signature::new("(float) -> float", Lowering::Native(&LN))],
        summary: "The natural logarithm.",
        examples: &[("LN(10)", "2.302585093"), ("LN(1)", "0")],
    },
    Function {
        name: "LOG",
        aliases: &[],
        signatures: &[Signature::new(
            "(float, float) -> float",
            Lowering::Native(&LOG),
        )],
        summary: "The logarithm of the second argument to the base of the first.",
        examples: &[("LOG(10, 0.01)", "-2"), ("LOG(2, 8)", "3")],
    },
    Function {
        name: "MOD",
        aliases: &[],
        signatures: &[Signature::new(
            "(number, number) -> tree",
            Lowering::Tree(|arguments, _| {
                let [left, right] = super::arguments(arguments)?;
                Ok(arithmetic(Arithmetic::Modulo, left, right))
            }),
        )],
        summary: "The remainder, with the sign of the dividend.",
        examples: &[
            ("MOD(7, 3)", "1"),
            ("MOD(-7, 3)", "-1"),
            ("MOD(4.5, 1.2)", "0.9"),
        ],
    },
    Function {
        name: "NEGATE",
        aliases: &[],
        signatures: &[Signature::new(
            "(number) -> tree",
            Lowering::Tree(|arguments, _| {
                let [value] = super::arguments(arguments)?;
                let (ty, nullable) = (value.ty.clone(), value.nullable);
                Ok(Expr::new(ExprKind::Negate(Box::new(value)), ty, nullable))
            }),
        )],
        summary: "The argument with the other sign.",
        examples: &[("NEGATE(5)", "-5"), ("NEGATE(-1.5)", "1.5")],
    },
    Function {
        name: "PI",
        aliases: &[],
        signatures: &[Signature::new("() -> float!", Lowering::Engine("pi"))],
        summary: "The number π.",
        examples: &[("PI()", "3.141592654"), ("FLOOR(PI())", "3")],
    },
    Function {
        name: "POWER",
        aliases: &["POW"],
        signatures: &[Signature::new(
            "(float, float) -> float",
            Lowering::Native(&POWER),
        )],
        summary: "The first argument raised to the second.",
        examples: &[("POWER(2, 10)", "1024"), ("POW(2, 0.5)", "1.414213562")],
    },
    Function {
        name: "SIGN",
        aliases: &[],
        signatures: &[Signature::new("(number) -> tree", Lowering::Tree(sign))],
        summary: "-1, 0 or 1.",
        examples: &[
            ("SIGN(-3.5)", "-1"),
            ("SIGN(0)", "0"),
            ("SIGN(12::FLOAT)", "1"),
        ],
    },
    Function {
        name: "SQRT",
        aliases: &[],
        signatures: &[Signature::new("(float) -> float", Lowering::Native(&SQRT))],
        summary: "The square root.",
        examples: &[("SQRT(16)", "4"), ("SQRT(10)", "3.16227766")],
    },
    Function {
        name: "SQUARE",
        aliases: &[],
        signatures: &[Signature::new(
            "(number) -> tree",
            Lowering::Tree(|arguments, _| {
                let [value] = super::arguments(arguments)?;
                Ok(arithmetic(Arithmetic::Multiply, value.clone(), value))
            }),
        )],
        summary: "The argument multiplied by itself.",
        examples: &[("SQUARE(-3)", "9"), ("SQUARE(2.5)", "6.25")],
    },
    Function {
        name: "WIDTH_BUCKET",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(exact, exact, exact, integer) -> tree",
                Lowering::Tree(|arguments, _| width_bucket(arguments, &WIDTH_BUCKET)),
            ),
            Signature::new(
                "(float, float, float, integer) -> tree",
                Lowering::Tree(|arguments, _| width_bucket(arguments, &WIDTH_BUCKET_FLOAT)),
            ),
        ],
        summary: "The number of the bucket among so many of equal width between a minimum and a maximum; 0 below, one more above.",
        examples: &[
            ("WIDTH_BUCKET(290000, 200000, 600000, 4)", "1"),
            ("WIDTH_BUCKET(300000, 200000, 600000, 4)", "2"),
            ("WIDTH_BUCKET(600000, 200000, 600000, 4)", "5"),
            ("WIDTH_BUCKET(199999.99, 200000, 600000, 4)", "0"),
            ("WIDTH_BUCKET(0.3, 0, 1, 10)", "4"),
            ("WIDTH_BUCKET(5, 10, 0, 5)", "3"),
            ("WIDTH_BUCKET(2.5::FLOAT, 0, 10, 4)", "2"),
        ],
    },
];

float_native!(CBRT, "cbrt", f64::cbrt);
float_native!(EXP, "exp", f64::exp);
float_native!(LN, "ln", f64::ln);
float_native!(LOG, "log", logarithm, two);
float_native!(POWER, "pow", f64::powf, two);
float_native!(SQRT, "sqrt", f64::sqrt);

/// Quotients of logarithms miss whole results by a bit; those of the two common bases do not.
fn logarithm(base: f64, value: f64) -> f64 {
    match base {
        2.0 => value.log2(),
        10.0 => value.log10(),
        _ => value.ln() / base.ln(),
    }
}

/// The common type that two numbers are computed in, and the expression.
fn arithmetic(operator: Arithmetic, left: Expr, right: Expr) -> Expr {
    let nullable = left.nullable || right.nullable;
    let ty = match (&left.ty, &right.ty) {
        (
            &LogicalType::Number {
                precision: p1,
                scale: s1,
            },
            &LogicalType::Number {
                precision: p2,
                scale: s2,
            },
        ) => {
            let (a, b) = (Number::new(p1, s1), Number::new(p2, s2));
            match operator {
                Arithmetic::Divide => a.divided_by(b).into(),
                Arithmetic::Multiply => a.times(b).into(),
                Arithmetic::Add | Arithmetic::Subtract => a.plus(b).into(),
                Arithmetic::Modulo => a.unify(b).into(),
            }
        }
        _ => LogicalType::Float,
    };
    let (left, right) = match ty {
        LogicalType::Float => (
            left.cast(LogicalType::Float),
            right.cast(LogicalType::Float),
        ),
        _ => (left, right),
    };
    let kind = ExprKind::Arithmetic {
        operator,
        left: Box::new(left),
        right: Box::new(right),
    };
    Expr::new(kind, ty, nullable)
}

/// ABS of a NUMBER(p, s) is a NUMBER(max(p, s + 2), s).
fn abs(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let [value] = super::arguments(arguments)?;
    let ty = match value.ty {
        LogicalType::Number { precision, scale } => LogicalType::Number {
            precision: precision.max(scale + 2).min(MAX_PRECISION),
            scale,
        },
        _ => LogicalType::Float,
    };
    Ok(super::call("abs", vec![value], ty))
}

fn sign(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let [value] = super::arguments(arguments)?;
    Ok(match value.ty {
        LogicalType::Number { .. } => super::call("sign", vec![value], whole(2)),
        _ => native_call(&SIGN_FLOAT, vec![value], LogicalType::Float),
    })
}

static SIGN_FLOAT: ScalarNative = native(
    "sf_sign_float",
    &[super::FLOAT],
    PhysicalType::Double,
    |arguments, output| {
        arguments.unary(output, |value: f64| {
            Ok(if value == 0.0 { 0.0 } else { value.signum() })
        })
    },
);

fn div0(arguments: Vec<Expr>, null_is_zero: bool) -> Result<Expr> {
    let [left, right] = super::arguments(arguments)?;
    let quotient = arithmetic(Arithmetic::Divide, left, right.clone());
    let ty = quotient.ty.clone();
    let mut branches = vec![(equal(right.clone(), zero(&right.ty)), zero(&ty))];
    if null_is_zero && right.nullable {
        branches.push((is_null(right, false), zero(&ty)));
    }
    Ok(case(branches, Some(quotient), ty))
}

static FACTORIAL: ScalarNative = native("sf_factorial", &[INTEGER], WIDE, |arguments, output| {
    arguments.unary(output, |value: i64| match value {
        0..=33 => Ok((1..=i128::from(value)).product::<i128>()),
        _ => Err(Error::invalid_function_argument(
            value,
            "Factorial requires an argument between 0 and 33",
        )),
    })
});

static HAVERSINE: ScalarNative = native(
    "sf_haversine",
    &[super::FLOAT, super::FLOAT, super::FLOAT, super::FLOAT],
    PhysicalType::Double,
    |arguments, output| {
        const EARTH_RADIUS_KM: f64 = 6371.0;
        arguments.quaternary(output, |lat1: f64, lon1: f64, lat2: f64, lon2: f64| {
            let half_sine = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
            let cosines = lat1.to_radians().cos() * lat2.to_radians().cos();
            let chord = half_sine(lat1, lat2) + cosines * half_sine(lon1, lon2);
            Ok(2.0 * EARTH_RADIUS_KM * chord.sqrt().asin())
        })
    },
);

/// The result's width follows the number of buckets, where that is a constant.
fn width_bucket(arguments: Vec<Expr>, native: &'static ScalarNative) -> Result<Expr> {
    let digits = arguments.last().and_then(literal_integer);
    let precision = match digits {
        Some(count) => count.unsigned_abs().checked_ilog10().unwrap_or(0) as u8 + 1,
        None => MAX_PRECISION,
    };
    Ok(native_call(native, arguments, whole(precision.max(2))))
}

static WIDTH_BUCKET: ScalarNative = native(
    "sf_width_bucket",
    &[
        Parameter::AnyNumber,
        Parameter::AnyNumber,
        Parameter::AnyNumber,
        INTEGER,
    ],
    PhysicalType::BigInt,
    |arguments, output| {
        arguments.quaternary(
            output,
            |value: Decimal, low: Decimal, high: Decimal, count: i64| {
                let scale = value.scale.max(low.scale).max(high.scale);
                let scaled = |number: Decimal| {
                    decimal::rescale(number.unscaled, number.scale, scale)
                        .ok_or_else(|| Error::number_out_of_range(number.unscaled))
                };
                bucket(
                    scaled(value)?,
                    scaled(low)?,
                    scaled(high)?,
                    count,
                    |part, width| match part.checked_mul(i128::from(count)) {
                        Some(product) => (product / width) as i64,
                        None => (part as f64 / width as f64 * count as f64) as i64,
                    },
                )
            },
        )
    },
);

static WIDTH_BUCKET_FLOAT: ScalarNative = native(
    "sf_width_bucket_float",
    &[super::FLOAT, super::FLOAT, super::FLOAT, INTEGER],
    PhysicalType::BigInt,
    |arguments, output| {
        arguments.quaternary(output, |value: f64, low: f64, high: f64, count: i64| {
            bucket(value, low, high, count, |part, width| {
                (part / width * count as f64) as i64
            })
        })
    },
);

/// `whole` gives the number of whole buckets in a part of the width.
fn bucket<T: PartialOrd + std::ops::Sub<Output = T> + Copy>(
    value: T,
    low: T,
    high: T,
    count: i64,
    whole: impl Fn(T, T) -> i64,
) -> Result<i64> {
    if count <= 0 {
        return Err(Error::invalid_function_argument(
            count,
            "number of buckets must be positive",
        ));
    }
    if low == high {
        return Err(Error::invalid_function_argument(
            count,
            "the range of the buckets is empty",
        ));
    }
    Ok(if low < high {
        match () {
            () if value < low => 0,
            () if value >= high => count + 1,
            () => whole(value - low, high - low) + 1,
        }
    } else {
        // Downwards, closed at the top.
        match () {
            () if value > low => 0,
            () if value <= high => count + 1,
            () => whole(low - value, low - high) + 1,
        }
    })
}

/// What no signature names but trees and the writer use.
pub(super) fn natives() -> Vec<Native> {
    let mut natives = exact::natives();
    natives.extend(rounding::natives());
    natives.extend(bitwise::natives());
    natives.extend(generation::natives());
    natives.extend([
        Native::Scalar(SIGN_FLOAT),
        Native::Scalar(WIDTH_BUCKET),
        Native::Scalar(WIDTH_BUCKET_FLOAT),
    ]);
    natives
}
