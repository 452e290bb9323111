//! Aggregate functions: counts, sums, extremes, and what else answers from the values themselves.

pub(super) mod bitmap;
pub(super) mod bitwise;
pub(super) mod cardinality;
pub(super) mod digest;
pub(super) mod extreme;
pub(super) mod frequent;
pub(super) mod hash;
pub(super) mod listagg;
pub(super) mod minhash;
pub(super) mod percentile;
pub(super) mod statistics;
pub(super) mod window;

use super::expr::{case, is_null};
use super::{Function, Lowering, Signature, integer};
use crate::engine::native::{
    Aggregate as NativeAggregate, AggregateNative, Arguments, Native, Nulls, Output, Parameter,
};
use crate::error::{Error, Result};
use crate::tree::{Aggregate, Arithmetic, Call, Expr, ExprKind, Form, Returns};
use crate::types::number::Number;
use crate::types::{LogicalType, PhysicalType};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "ANY_VALUE",
        aliases: &[],
        signatures: &[Signature::new(
            "(any) -> same?",
            Lowering::Aggregate("any_value"),
        )],
        summary: "Some value of the group.",
        examples: &[
            ("ANY_VALUE(column1) FROM VALUES (7), (7)", "7"),
            ("ANY_VALUE(column1) FROM VALUES (NULL), ('a')", "a"),
        ],
    },
    Function {
        name: "APPROX_COUNT_DISTINCT",
        aliases: &["APPROXIMATE_COUNT_DISTINCT", "HLL"],
        signatures: &[Signature::new(
            "(any, any...) -> tree",
            Lowering::AggregateTree(|mut aggregate| {
                // The exact number is within every error bound.
                aggregate.distinct = true;
                count(aggregate)
            }),
        )],
        summary: "About the number of distinct values, or of distinct rows of values without a NULL.",
        examples: &[
            (
                "APPROX_COUNT_DISTINCT(column1) FROM VALUES (1), (2), (2), (NULL)",
                "2",
            ),
            (
                "HLL(column1, column2) FROM VALUES (1, 1), (1, 2), (1, NULL)",
                "2",
            ),
        ],
    },
    Function {
        name: "AVG",
        aliases: &[],
        signatures: &[Signature::new(
            "(number) -> tree",
            Lowering::AggregateTree(average),
        )],
        summary: "The mean of the values that are not NULL.",
        examples: &[
            ("AVG(column1) FROM VALUES (1), (2), (NULL)", "1.500000"),
            ("AVG(column1) FROM VALUES (1.25), (2.5)", "1.87500000"),
            ("AVG(column1) FROM VALUES (1::FLOAT), (2)", "1.5"),
            (
                "AVG(DISTINCT column1) FROM VALUES (1), (1), (4)",
                "2.500000",
            ),
        ],
    },
    Function {
        name: "BOOLAND_AGG",
        aliases: &[],
        signatures: &[Signature::new(
            "(boolean) -> boolean?",
            Lowering::Aggregate("bool_and"),
        )],
        summary: "Whether every value is true.",
        examples: &[
            (
                "BOOLAND_AGG(column1) FROM VALUES (TRUE), (FALSE), (NULL)",
                "false",
            ),
            ("BOOLAND_AGG(column1) FROM VALUES (1), (2)", "true"),
        ],
    },
    Function {
        name: "BOOLOR_AGG",
        aliases: &[],
        signatures: &[Signature::new(
            "(boolean) -> boolean?",
            Lowering::Aggregate("bool_or"),
        )],
        summary: "Whether some value is true.",
        examples: &[
            ("BOOLOR_AGG(column1) FROM VALUES (0), (2)", "true"),
            ("BOOLOR_AGG(column1) FROM VALUES (NULL::BOOLEAN)", "NULL"),
        ],
    },
    Function {
        name: "BOOLXOR_AGG",
        aliases: &[],
        signatures: &[Signature::new(
            "(boolean) -> boolean?",
            Lowering::NativeAggregate(&BOOLXOR_AGG),
        )],
        summary: "Whether exactly one value of the group is true; NULL where all are NULL.",
        examples: &[
            ("BOOLXOR_AGG(column1) FROM VALUES (TRUE), (FALSE)", "true"),
            (
                "BOOLXOR_AGG(column1) FROM VALUES (TRUE), (TRUE), (TRUE)",
                "false",
            ),
        ],
    },
    Function {
        name: "COUNT",
        aliases: &[],
        signatures: &[
            Signature::new("() -> NUMBER(18,0)!", Lowering::Aggregate("count")),
            Signature::new("(any) -> NUMBER(18,0)!", Lowering::Aggregate("count")),
            Signature::new("(any, any, any...) -> tree", Lowering::AggregateTree(count)),
        ],
        summary: "The number of rows, or of rows whose values are not NULL.",
        examples: &[
            ("COUNT(*) FROM VALUES (1), (NULL)", "2"),
            ("COUNT(column1) FROM VALUES (1), (NULL)", "1"),
            (
                "COUNT(column1, column2) FROM VALUES (1, 1), (1, NULL), (1, 1)",
                "2",
            ),
            (
                "COUNT(DISTINCT column1, column2) FROM VALUES (1, 1), (1, NULL), (1, 1)",
                "1",
            ),
        ],
    },
    Function {
        name: "COUNT_IF",
        aliases: &[],
        signatures: &[Signature::new(
            "(boolean) -> tree",
            Lowering::AggregateTree(|aggregate| {
                let [condition] = super::arguments(aggregate.call.arguments.clone())?;
                Ok(count_if(&aggregate, condition, super::whole(13)))
            }),
        )],
        summary: "The number of rows for which the condition is true.",
        examples: &[
            ("COUNT_IF(column1 > 1) FROM VALUES (1), (2), (NULL)", "1"),
            ("COUNT_IF(FALSE) FROM VALUES (1)", "0"),
            ("COUNT_IF(column1) FROM VALUES (NULL::BOOLEAN)", "0"),
        ],
    },
    Function {
        name: "GROUPING",
        aliases: &["GROUPING_ID"],
        signatures: &[Signature::new(
            "(any, any...) -> NUMBER(18,0)!",
            Lowering::Engine("grouping"),
        )],
        summary: "Which of the grouping expressions the row is a total over, a bit for each.",
        examples: &[
            (
                "MAX(g) FROM (SELECT GROUPING(column1) AS g FROM VALUES (1), (2) GROUP BY ROLLUP (column1))",
                "1",
            ),
            (
                "SUM(g) FROM (SELECT GROUPING(column1, column2) AS g FROM VALUES (1, 1) GROUP BY CUBE (column1, column2))",
                "6",
            ),
        ],
    },
    Function {
        name: "MAX",
        aliases: &[],
        signatures: &[Signature::new("(any) -> same?", Lowering::Aggregate("max"))],
        summary: "The greatest value.",
        examples: &[
            ("MAX(column1) FROM VALUES (1), (3), (NULL)", "3"),
            ("MAX(column1) FROM VALUES ('B'), ('a')", "a"),
        ],
    },
    Function {
        name: "MIN",
        aliases: &[],
        signatures: &[Signature::new("(any) -> same?", Lowering::Aggregate("min"))],
        summary: "The least value.",
        examples: &[
            ("MIN(column1) FROM VALUES (1), (3), (NULL)", "1"),
            ("MIN(column1) FROM VALUES (1.50), (2)", "1.50"),
        ],
    },
    Function {
        name: "MODE",
        aliases: &[],
        signatures: &[Signature::new(
            "(any) -> same?",
            Lowering::Aggregate("mode"),
        )],
        summary: "The most frequent value.",
        examples: &[
            (
                "MODE(column1) FROM VALUES (1), (2), (2), (NULL), (NULL), (NULL)",
                "2",
            ),
            ("MODE(column1) FROM VALUES (NULL::INT)", "NULL"),
        ],
    },
    Function {
        name: "SUM",
        aliases: &[],
        signatures: &[Signature::new(
            "(number) -> sum?",
            Lowering::Aggregate("sum"),
        )],
        summary: "The sum of the values that are not NULL.",
        examples: &[
            ("SUM(column1) FROM VALUES (1), (2), (NULL)", "3"),
            ("SUM(column1) FROM VALUES (1.5), (2.25)", "3.75"),
            ("SUM(DISTINCT column1) FROM VALUES (1), (1), (2)", "3"),
            ("SUM(column1) FROM VALUES ('1.5'), ('2')", "3.5"),
        ],
    },
];

/// An aggregate of the engine with the clauses of another.
fn with_form(
    aggregate: &Aggregate,
    name: &'static str,
    arguments: Vec<Expr>,
    returns: Returns,
    ty: LogicalType,
) -> Expr {
    let call = Call {
        form: Form::Engine(name),
        unified: match returns {
            Returns::Unified => vec![0],
            _ => vec![],
        },
        arguments,
        returns,
    };
    let aggregate = Aggregate {
        call,
        ..aggregate.clone()
    };
    Expr::new(ExprKind::Aggregate(Box::new(aggregate)), ty, true)
}

/// The rows for which the condition is true; the engine's own function is NULL where all conditions are.
fn count_if(aggregate: &Aggregate, condition: Expr, ty: LogicalType) -> Expr {
    let one = integer(1);
    let one_type = one.ty.clone();
    let counted = case(vec![(condition, one)], None, one_type);
    let mut count = with_form(aggregate, "count", vec![counted], Returns::Cast, ty);
    count.nullable = false;
    count
}

/// COUNT of one or more arguments: the rows where none is NULL, or how many different ones there are.
fn count(aggregate: Aggregate) -> Result<Expr> {
    let arguments = aggregate.call.arguments.clone();
    let nulls: Vec<_> = arguments
        .iter()
        .filter(|argument| argument.nullable)
        .map(|argument| is_null(argument.clone(), true))
        .collect();
    let counted = match (aggregate.distinct, arguments.len()) {
        (true, 1) => arguments.into_iter().next(),
        (true, _) => Some(row(arguments)),
        (false, _) => Some(integer(1)),
    };
    let counted = counted.ok_or_else(|| Error::internal("COUNT of nothing"))?;
    let counted = if nulls.is_empty() {
        counted
    } else {
        let ty = counted.ty.clone();
        let complete = Expr::boolean(ExprKind::And(nulls), false);
        case(vec![(complete, counted)], None, ty)
    };
    let ty = super::whole(18);
    let mut count = with_form(&aggregate, "count", vec![counted], Returns::Cast, ty);
    count.nullable = false;
    Ok(count)
}

/// Several values as one, to be compared alone: its type says nothing.
fn row(values: Vec<Expr>) -> Expr {
    super::call("row", values, LogicalType::TEXT)
}

/// AVG of a NUMBER is exact: the sum divided by the count, by the rule for averages. AVG of a FLOAT is the engine's.
fn average(aggregate: Aggregate) -> Result<Expr> {
    let arguments = aggregate.call.arguments.clone();
    let argument = arguments.first().map(|argument| argument.ty.clone());
    let Some(LogicalType::Number { precision, scale }) = argument else {
        let (returns, ty) = (Returns::Natural, LogicalType::Float);
        return Ok(with_form(&aggregate, "avg", arguments, returns, ty));
    };
    let number = Number::new(precision, scale);
    let average = match &aggregate.over {
        Some(window) if window.order_by.is_empty() || window.frame.is_some() => number
            .window_average()
            .ok_or_else(|| beyond_digits(number))?,
        _ => number.average(),
    };
    let sum = with_form(
        &aggregate,
        "sum",
        arguments.clone(),
        Returns::Cast,
        Number::new(crate::types::MAX_PRECISION, scale).into(),
    );
    let count = with_form(
        &aggregate,
        "count",
        arguments,
        Returns::Cast,
        super::whole(18),
    );
    let kind = ExprKind::Arithmetic {
        operator: Arithmetic::Divide,
        left: Box::new(sum),
        right: Box::new(super::expr::nullif_zero(count)),
    };
    Ok(Expr::new(kind, average.into(), true))
}

/// Three digits after the point are too many.
fn beyond_digits(number: Number) -> Error {
    let (precision, scale) = (number.precision + 3, number.scale + 3);
    Error::invalid_intermediate_type(format!("NUMBER({precision},{scale})"))
}

static BOOLXOR_AGG: AggregateNative = AggregateNative::of::<BoolXor>();

struct BoolXor;

impl NativeAggregate for BoolXor {
    const NAME: &'static str = "sf_boolxor_agg";
    const PARAMETERS: &'static [Parameter] = &[Parameter::Exact(PhysicalType::Boolean)];
    const RETURNS: PhysicalType = PhysicalType::Boolean;
    const NULLS: Nulls = Nulls::Propagate;

    /// Rows seen, and how many of them were true.
    type State = (u64, u64);

    fn update(state: &mut Self::State, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        if let Some(value) = arguments.get::<bool>(0, row)? {
            state.0 += 1;
            state.1 += u64::from(value);
        }
        Ok(())
    }

    fn combine(state: &mut Self::State, other: &Self::State) -> Result<()> {
        state.0 += other.0;
        state.1 += other.1;
        Ok(())
    }

    fn finish(state: &Self::State, output: &mut Output<'_>, row: usize) -> Result<()> {
        match state {
            (0, _) => output.set_null(row),
            (_, count) => output.set_boolean(row, *count == 1),
        }
        Ok(())
    }
}

/// What no signature names but trees use.
pub(super) fn natives() -> Vec<Native> {
    let mut natives = hash::natives();
    natives.extend(cardinality::natives());
    natives.extend(digest::natives());
    natives.extend(minhash::natives());
    natives.extend(extreme::natives());
    natives.extend(frequent::natives());
    natives.extend(statistics::natives());
    natives.extend(window::natives());
    natives
}
