//! Trigonometric functions: FLOAT to FLOAT. Outside the domain they are errors, never NaN.

use super::super::{Function, Lowering, Signature};
use super::float::float_native;

macro_rules! unary {
    ($name:literal, $native:ident, $summary:literal, $examples:expr) => {
        Function {
            name: $name,
            aliases: &[],
            signatures: &[Signature::new(
                "(float) -> float",
                Lowering::Native(&$native),
            )],
            summary: $summary,
            examples: $examples,
        }
    };
}

pub(in super::super) static FUNCTIONS: &[Function] = &[
    unary!(
        "ACOS",
        ACOS,
        "The arc cosine, in radians.",
        &[("ACOS(1)", "0"), ("ACOS(0)", "1.570796327"),]
    ),
    unary!(
        "ACOSH",
        ACOSH,
        "The inverse hyperbolic cosine.",
        &[("ACOSH(1)", "0"), ("ACOSH(2.352409615)", "1.5")]
    ),
    unary!(
        "ASIN",
        ASIN,
        "The arc sine, in radians.",
        &[("ASIN(0)", "0"), ("ASIN(0.5)", "0.5235987756")]
    ),
    unary!(
        "ASINH",
        ASINH,
        "The inverse hyperbolic sine.",
        &[("ASINH(0)", "0"), ("ASINH(2.129279455)", "1.5")]
    ),
    unary!(
        "ATAN",
        ATAN,
        "The arc tangent, in radians.",
        &[("ATAN(1)", "0.7853981634"), ("ATAN(0)", "0")]
    ),
    Function {
        name: "ATAN2",
        aliases: &[],
        signatures: &[Signature::new(
            "(float, float) -> float",
            Lowering::Native(&ATAN2),
        )],
        summary: "The arc tangent of the first argument divided by the second, in radians, by their signs.",
        examples: &[
            ("ATAN2(5, 5)", "0.7853981634"),
            ("ATAN2(0, -1)", "3.141592654"),
        ],
    },
    unary!(
        "ATANH",
        ATANH,
        "The inverse hyperbolic tangent.",
        &[("ATANH(0)", "0"), ("ATANH(0.9051482536)", "1.5")]
    ),
    unary!(
        "COS",
        COS,
        "The cosine of an angle in radians.",
        &[("COS(0)", "1"), ("COS(PI()/3)", "0.5")]
    ),
    unary!(
        "COSH",
        COSH,
        "The hyperbolic cosine.",
        &[("COSH(0)", "1"), ("COSH(1.5)", "2.352409615")]
    ),
    unary!(
        "COT",
        COT,
        "The cotangent of an angle in radians.",
        &[("COT(PI()/4)", "1"), ("COT(1)", "0.6420926159")]
    ),
    unary!(
        "DEGREES",
        DEGREES,
        "Radians in degrees.",
        &[("DEGREES(PI())", "180"), ("DEGREES(PI()/3)", "60")]
    ),
    unary!(
        "RADIANS",
        RADIANS,
        "Degrees in radians.",
        &[("RADIANS(180)", "3.141592654"), ("RADIANS(0)", "0")]
    ),
    unary!(
        "SIN",
        SIN,
        "The sine of an angle in radians.",
        &[("SIN(0)", "0"), ("SIN(1)", "0.8414709848")]
    ),
    unary!(
        "SINH",
        SINH,
        "The hyperbolic sine.",
        &[("SINH(0)", "0"), ("SINH(1.5)", "2.129279455")]
    ),
    unary!(
        "TAN",
        TAN,
        "The tangent of an angle in radians.",
        &[("TAN(0)", "0"), ("TAN(PI()/4)", "1")]
    ),
    unary!(
        "TANH",
        TANH,
        "The hyperbolic tangent.",
        &[("TANH(0)", "0"), ("TANH(1.5)", "0.9051482536")]
    ),
];

float_native!(ACOS, "acos", f64::acos);
float_native!(ACOSH, "acosh", f64::acosh);
float_native!(ASIN, "asin", f64::asin);
float_native!(ASINH, "asinh", f64::asinh);
float_native!(ATAN, "atan", f64::atan);
float_native!(ATAN2, "atan2", f64::atan2, two);
float_native!(ATANH, "atanh", f64::atanh);
float_native!(COS, "cos", f64::cos);
float_native!(COSH, "cosh", f64::cosh);
float_native!(COT, "cot", |angle: f64| 1.0 / angle.tan());
float_native!(DEGREES, "degrees", f64::to_degrees);
float_native!(RADIANS, "radians", f64::to_radians);
float_native!(SIN, "sin", f64::sin);
float_native!(SINH, "sinh", f64::sinh);
float_native!(TAN, "tan", f64::tan);
float_native!(TANH, "tanh", f64::tanh);
