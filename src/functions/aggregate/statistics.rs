//! Statistics: deviations, variances, correlation, regression. What is not defined is NULL, never NaN.

use super::super::expr::native_call;
use super::super::{FLOAT, Function, Lowering, Signature, native};
use super::with_form;
use crate::engine::native::{Native, ScalarNative};
use crate::error::Result;
use crate::tree::{Aggregate, Expr, Returns};
use crate::types::number::Number;
use crate::types::{LogicalType, PhysicalType};

/// An aggregate of the engine over FLOATs.
macro_rules! engine {
    ($name:literal, $aliases:expr, $parameters:literal, $engine:literal, $summary:literal, $examples:expr) => {
        Function {
            name: $name,
            aliases: $aliases,
            signatures: &[Signature::new(
                concat!($parameters, " -> tree"),
                Lowering::AggregateTree(|aggregate| defined(aggregate, $engine)),
            )],
            summary: $summary,
            examples: $examples,
        }
    };
}

pub(in super::super) static FUNCTIONS: &[Function] = &[
    engine!(
        "CORR",
        &[],
        "(float, float)",
        "corr",
        "The correlation coefficient of the pairs without a NULL.",
        &[
            (
                "CORR(column1, column2) FROM VALUES (1, 2), (2, 4), (3, 6), (NULL, 1)",
                "1"
            ),
            ("CORR(column1, column2) FROM VALUES (1, 2), (1, 4)", "NULL"),
        ]
    ),
    engine!(
        "COVAR_POP",
        &[],
        "(float, float)",
        "covar_pop",
        "The covariance of the pairs of a population.",
        &[
            (
                "COVAR_POP(column1, column2) FROM VALUES (1, 2), (2, 4), (3, 6)",
                "1.333333333"
            ),
            ("COVAR_POP(column1, column2) FROM VALUES (1, 2)", "0"),
        ]
    ),
    engine!(
        "COVAR_SAMP",
        &[],
        "(float, float)",
        "covar_samp",
        "The covariance of the pairs of a sample.",
        &[
            (
                "COVAR_SAMP(column1, column2) FROM VALUES (1, 2), (2, 4), (3, 6)",
                "2"
            ),
            ("COVAR_SAMP(column1, column2) FROM VALUES (1, 2)", "NULL"),
        ]
    ),
    engine!(
        "KURTOSIS",
        &[],
        "(float)",
        "kurtosis",
        "The excess kurtosis of a sample; NULL below four values.",
        &[
            (
                "KURTOSIS(column1) FROM VALUES (1), (2), (3), (4), (10)",
                "3.152"
            ),
            ("KURTOSIS(column1) FROM VALUES (1), (2), (3)", "NULL"),
        ]
    ),
    engine!(
        "REGR_AVGX",
        &[],
        "(float, float)",
        "regr_avgx",
        "The mean of the second argument over the pairs without a NULL.",
        &[
            (
                "REGR_AVGX(column1, column2) FROM VALUES (1, 10), (2, 20), (NULL, 90)",
                "15"
            ),
            ("REGR_AVGX(column1, column2) FROM VALUES (NULL, 1)", "NULL"),
        ]
    ),
    engine!(
        "REGR_AVGY",
        &[],
        "(float, float)",
        "regr_avgy",
        "The mean of the first argument over the pairs without a NULL.",
        &[
            (
                "REGR_AVGY(column1, column2) FROM VALUES (1, 10), (2, 20), (9, NULL)",
                "1.5"
            ),
            ("REGR_AVGY(column1, column2) FROM VALUES (1, NULL)", "NULL"),
        ]
    ),
    Function {
        name: "REGR_COUNT",
        aliases: &[],
        signatures: &[Signature::new(
            "(any, any) -> tree",
            Lowering::AggregateTree(super::count),
        )],
        summary: "The number of pairs without a NULL.",
        examples: &[
            (
                "REGR_COUNT(column1, column2) FROM VALUES (1, 10), (2, NULL), (NULL, 3)",
                "1",
            ),
            ("REGR_COUNT(column1, column2) FROM VALUES (NULL, 1)", "0"),
        ],
    },
    engine!(
        "REGR_INTERCEPT",
        &[],
        "(float, float)",
        "regr_intercept",
        "Where the regression line meets the axis.",
        &[
            (
                "REGR_INTERCEPT(column1, column2) FROM VALUES (3, 1), (5, 2), (7, 3)",
                "1"
            ),
            (
                "REGR_INTERCEPT(column1, column2) FROM VALUES (3, 1)",
                "NULL"
            ),
        ]
    ),
    engine!(
        "REGR_R2",
        &[],
        "(float, float)",
        "regr_r2",
        "The coefficient of determination.",
        &[
            (
                "REGR_R2(column1, column2) FROM VALUES (3, 1), (5, 2), (7, 3)",
                "1"
            ),
            (
                "REGR_R2(column1, column2) FROM VALUES (3, 1), (5, 1)",
                "NULL"
            ),
        ]
    ),
    engine!(
        "REGR_SLOPE",
        &[],
        "(float, float)",
        "regr_slope",
        "The slope of the regression line.",
        &[
            (
                "REGR_SLOPE(column1, column2) FROM VALUES (3, 1), (5, 2), (7, 3)",
                "2"
            ),
            ("REGR_SLOPE(column1, column2) FROM VALUES (3, 1)", "NULL"),
        ]
    ),
    engine!(
        "REGR_SXX",
        &[],
        "(float, float)",
        "regr_sxx",
        "The sum of the squares of the second argument's deviations.",
        &[
            (
                "REGR_SXX(column1, column2) FROM VALUES (3, 1), (5, 2), (7, 3)",
                "2"
            ),
            ("REGR_SXX(column1, column2) FROM VALUES (3, 1)", "0"),
        ]
    ),
    engine!(
        "REGR_SXY",
        &[],
        "(float, float)",
        "regr_sxy",
        "The sum of the products of both arguments' deviations.",
        &[
            (
                "REGR_SXY(column1, column2) FROM VALUES (3, 1), (5, 2), (7, 3)",
                "4"
            ),
            ("REGR_SXY(column1, column2) FROM VALUES (3, 1)", "0"),
        ]
    ),
    engine!(
        "REGR_SYY",
        &[],
        "(float, float)",
        "regr_syy",
        "The sum of the squares of the first argument's deviations.",
        &[
            (
                "REGR_SYY(column1, column2) FROM VALUES (3, 1), (5, 2), (7, 3)",
                "8"
            ),
            ("REGR_SYY(column1, column2) FROM VALUES (3, 1)", "0"),
        ]
    ),
    engine!(
        "SKEW",
        &[],
        "(float)",
        "skewness",
        "The skewness of a sample; NULL below three values.",
        &[
            (
                "SKEW(column1) FROM VALUES (1), (2), (3), (4), (10)",
                "1.697056275"
            ),
            ("SKEW(column1) FROM VALUES (1), (2)", "NULL"),
        ]
    ),
    engine!(
        "STDDEV",
        &["STDDEV_SAMP"],
        "(float)",
        "stddev_samp",
        "The standard deviation of a sample; NULL of one value.",
        &[
            (
                "STDDEV(column1) FROM VALUES (1), (2), (3), (4)",
                "1.290994449"
            ),
            ("STDDEV_SAMP(column1) FROM VALUES (1)", "NULL"),
        ]
    ),
    engine!(
        "STDDEV_POP",
        &[],
        "(float)",
        "stddev_pop",
        "The standard deviation of a population.",
        &[
            (
                "STDDEV_POP(column1) FROM VALUES (1), (2), (3), (4)",
                "1.118033989"
            ),
            ("STDDEV_POP(column1) FROM VALUES (1)", "0"),
        ]
    ),
    Function {
        name: "VARIANCE",
        aliases: &["VARIANCE_SAMP", "VAR_SAMP"],
        signatures: &[Signature::new(
            "(number) -> tree",
            Lowering::AggregateTree(|aggregate| variance(aggregate, "var_samp")),
        )],
        summary: "The variance of a sample; NULL of one value.",
        examples: &[
            (
                "VARIANCE(column1) FROM VALUES (1), (2), (3), (4)",
                "1.666667",
            ),
            ("VAR_SAMP(column1) FROM VALUES (1.50)", "NULL"),
            ("VARIANCE_SAMP(column1) FROM VALUES (1::FLOAT), (2)", "0.5"),
        ],
    },
    Function {
        name: "VAR_POP",
        aliases: &["VARIANCE_POP"],
        signatures: &[Signature::new(
            "(number) -> tree",
            Lowering::AggregateTree(|aggregate| variance(aggregate, "var_pop")),
        )],
        summary: "The variance of a population.",
        examples: &[
            (
                "VAR_POP(column1) FROM VALUES (1), (2), (3), (4)",
                "1.250000",
            ),
            (
                "VARIANCE_POP(column1) FROM VALUES (1.50), (2)",
                "0.0625000000",
            ),
        ],
    },
];

fn defined(aggregate: Aggregate, name: &'static str) -> Result<Expr> {
    let arguments = aggregate.call.arguments.clone();
    let value = with_form(
        &aggregate,
        name,
        arguments,
        Returns::Natural,
        LogicalType::Float,
    );
    Ok(native_call(&DEFINED, vec![value], LogicalType::Float))
}

/// Exact digits for a NUMBER.
fn variance(mut aggregate: Aggregate, name: &'static str) -> Result<Expr> {
    let [value] = super::super::arguments(std::mem::take(&mut aggregate.call.arguments))?;
    let ty = match value.ty {
        LogicalType::Number { precision, scale } => Number::new(precision, scale).variance().into(),
        _ => LogicalType::Float,
    };
    aggregate.call.arguments = vec![value.cast(LogicalType::Float)];
    Ok(defined(aggregate, name)?.cast(ty))
}

static DEFINED: ScalarNative = native(
    "sf_defined",
    &[FLOAT],
    PhysicalType::Double,
    |arguments, output| {
        arguments.unary(output, |value: f64| Ok((!value.is_nan()).then_some(value)))
    },
);

pub(super) fn natives() -> Vec<Native> {
    vec![Native::Scalar(DEFINED)]
}
