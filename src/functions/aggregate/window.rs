//! Window functions over aggregates: ranks, ratios, event counters.

use super::super::expr::{native_aggregate, nullif_zero};
use super::super::{Function, Lowering, Signature};
use super::hash::hash_of;
use super::with_form;
use crate::engine::native::{
    Aggregate as NativeAggregate, AggregateNative, Arguments, Native, Nulls, Output, Parameter,
};
use crate::error::{Error, Result};
use crate::tree::{Aggregate, Arithmetic, Expr, ExprKind, Frame, FrameBound, FrameUnits, Returns};
use crate::types::number::Number;
use crate::types::{LogicalType, PhysicalType};

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CONDITIONAL_CHANGE_EVENT",
        aliases: &[],
        signatures: &[Signature::new(
            "(any) -> tree",
            Lowering::AggregateTree(changes),
        )],
        summary: "How often the value has changed within the window up to the row; NULL changes nothing.",
        examples: &[
            (
                "MAX(n) FROM (SELECT CONDITIONAL_CHANGE_EVENT(column2) OVER (ORDER BY column1) AS n FROM VALUES (1, 'a'), (2, 'a'), (3, 'b'), (4, NULL), (5, 'c'), (6, 'a'))",
                "2",
            ),
            (
                "MAX(n) FROM (SELECT CONDITIONAL_CHANGE_EVENT(column1) OVER (ORDER BY column1) AS n FROM VALUES (1), (1))",
                "0",
            ),
        ],
    },
    Function {
        name: "CONDITIONAL_TRUE_EVENT",
        aliases: &[],
        signatures: &[Signature::new(
            "(boolean) -> tree",
            Lowering::AggregateTree(truths),
        )],
        summary: "How often the condition was true within the window up to the row.",
        examples: &[
            (
                "MAX(n) FROM (SELECT CONDITIONAL_TRUE_EVENT(column1 > 1) OVER (ORDER BY column1) AS n FROM VALUES (1), (2), (2), (NULL))",
                "2",
            ),
            (
                "MIN(n) FROM (SELECT CONDITIONAL_TRUE_EVENT(column1 > 1) OVER (ORDER BY column1) AS n FROM VALUES (1), (2))",
                "0",
            ),
        ],
    },
    Function {
        name: "CUME_DIST",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> float!",
            Lowering::Aggregate("cume_dist"),
        )],
        summary: "The share of the rows of the window that come before the row or are equal to it.",
        examples: &[
            ("CUME_DIST() OVER (ORDER BY 1)", "1"),
            (
                "MIN(n) FROM (SELECT CUME_DIST() OVER (ORDER BY column1) AS n FROM VALUES (1), (2), (2), (5))",
                "0.25",
            ),
        ],
    },
    Function {
        name: "DENSE_RANK",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> NUMBER(18,0)!",
            Lowering::Aggregate("dense_rank"),
        )],
        summary: "The rank within the window, without gaps.",
        examples: &[
            (
                "MAX(n) FROM (SELECT DENSE_RANK() OVER (ORDER BY column1) AS n FROM VALUES (1), (1), (2))",
                "2",
            ),
            (
                "MIN(n) FROM (SELECT DENSE_RANK() OVER (ORDER BY column1) AS n FROM VALUES (1), (1), (2))",
                "1",
            ),
        ],
    },
    Function {
        name: "FIRST_VALUE",
        aliases: &[],
        signatures: &[Signature::new(
            "(any) -> same?",
            Lowering::Aggregate("first_value"),
        )],
        summary: "The value in the first row of the frame.",
        examples: &[
            ("FIRST_VALUE(7) OVER (ORDER BY 1)", "7"),
            (
                "MIN(n) FROM (SELECT FIRST_VALUE(column1) OVER (ORDER BY column1 DESC) AS n FROM VALUES (1), (2), (2), (5))",
                "5",
            ),
            (
                "MIN(n) FROM (SELECT FIRST_VALUE(column1) IGNORE NULLS OVER (ORDER BY column1 NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS n FROM VALUES (NULL), (2))",
                "2",
            ),
        ],
    },
    Function {
        name: "LAG",
        aliases: &[],
        signatures: &[
            Signature::new("(any, integer?) -> same?", Lowering::Aggregate("lag")),
            Signature::new("(T, integer, T) -> T?", Lowering::Aggregate("lag")),
        ],
        summary: "The value in a row before the row: one before, if the call does not say how many.",
        examples: &[
            ("LAG(7, 1, 0) OVER (ORDER BY 1)", "0"),
            (
                "MAX(n) FROM (SELECT LAG(column1) OVER (ORDER BY column1) AS n FROM VALUES (1), (2), (2), (5))",
                "2",
            ),
            (
                "MAX(n) FROM (SELECT LAG(column1) IGNORE NULLS OVER (ORDER BY column1) AS n FROM VALUES (1), (2), (NULL))",
                "2",
            ),
        ],
    },
    Function {
        name: "LAST_VALUE",
        aliases: &[],
        signatures: &[Signature::new(
            "(any) -> same?",
            Lowering::Aggregate("last_value"),
        )],
        summary: "The value in the last row of the frame.",
        examples: &[
            ("LAST_VALUE(7) OVER (ORDER BY 1)", "7"),
            (
                "MIN(n) FROM (SELECT LAST_VALUE(column1) OVER (ORDER BY column1) AS n FROM VALUES (1), (2), (2), (5))",
                "5",
            ),
        ],
    },
    Function {
        name: "LEAD",
        aliases: &[],
        signatures: &[
            Signature::new("(any, integer?) -> same?", Lowering::Aggregate("lead")),
            Signature::new("(T, integer, T) -> T?", Lowering::Aggregate("lead")),
        ],
        summary: "The value in a row after the row: one after, if the call does not say how many.",
        examples: &[
            ("LEAD(7, 1, 0) OVER (ORDER BY 1)", "0"),
            (
                "MAX(n) FROM (SELECT LEAD(column1, 2) OVER (ORDER BY column1) AS n FROM VALUES (1), (2), (2), (5))",
                "5",
            ),
        ],
    },
    Function {
        name: "NTH_VALUE",
        aliases: &[],
        signatures: &[Signature::new(
            "(any, integer) -> same?",
            Lowering::Aggregate("nth_value"),
        )],
        summary: "The value in the n-th row of the frame.",
        examples: &[
            ("NTH_VALUE(7, 1) OVER (ORDER BY 1)", "7"),
            (
                "MAX(n) FROM (SELECT NTH_VALUE(column1, 4) OVER (ORDER BY column1) AS n FROM VALUES (1), (2), (2), (5))",
                "5",
            ),
            ("NTH_VALUE(7, 2) OVER (ORDER BY 1)", "NULL"),
        ],
    },
    Function {
        name: "NTILE",
        aliases: &[],
        signatures: &[Signature::new(
            "(integer) -> NUMBER(18,0)!",
            Lowering::Aggregate("ntile"),
        )],
        summary: "The number of the row's bucket, where the window is divided into this many equal ones.",
        examples: &[
            ("NTILE(4) OVER (ORDER BY 1)", "1"),
            (
                "MAX(n) FROM (SELECT NTILE(2) OVER (ORDER BY column1) AS n FROM VALUES (1), (2), (2), (5))",
                "2",
            ),
        ],
    },
    Function {
        name: "PERCENT_RANK",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> float!",
            Lowering::Aggregate("percent_rank"),
        )],
        summary: "The rank within the window, from 0 to 1.",
        examples: &[
            ("PERCENT_RANK() OVER (ORDER BY 1)", "0"),
            (
                "MAX(n) FROM (SELECT PERCENT_RANK() OVER (ORDER BY column1) AS n FROM VALUES (1), (2), (2), (5))",
                "1",
            ),
        ],
    },
    Function {
        name: "RANK",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> NUMBER(18,0)!",
            Lowering::Aggregate("rank"),
        )],
        summary: "The rank within the window, with gaps.",
        examples: &[
            (
                "MAX(n) FROM (SELECT RANK() OVER (ORDER BY column1) AS n FROM VALUES (1), (1), (2))",
                "3",
            ),
            (
                "MIN(n) FROM (SELECT RANK() OVER (ORDER BY column1) AS n FROM VALUES (1), (1), (2))",
                "1",
            ),
        ],
    },
    Function {
        name: "RATIO_TO_REPORT",
        aliases: &[],
        signatures: &[Signature::new(
            "(number) -> tree",
            Lowering::AggregateTree(ratio),
        )],
        summary: "The value divided by the sum of the window's values.",
        examples: &[
            (
                "MAX(n) FROM (SELECT RATIO_TO_REPORT(column1) OVER () AS n FROM VALUES (1), (3))",
                "0.750000",
            ),
            (
                "MAX(n) FROM (SELECT RATIO_TO_REPORT(column1) OVER () AS n FROM VALUES (0), (0))",
                "NULL",
            ),
        ],
    },
    Function {
        name: "ROW_NUMBER",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> NUMBER(18,0)!",
            Lowering::Aggregate("row_number"),
        )],
        summary: "The number of the row within the window.",
        examples: &[
            (
                "MAX(n) FROM (SELECT ROW_NUMBER() OVER (ORDER BY column1) AS n FROM VALUES (5), (5))",
                "2",
            ),
            (
                "column1 FROM VALUES ('b'), ('a') QUALIFY ROW_NUMBER() OVER (ORDER BY column1) = 1",
                "a",
            ),
        ],
    },
];

/// From the partition's start up to the row itself.
fn up_to_here(mut aggregate: Aggregate, name: &str) -> Result<Aggregate> {
    let Some(window) = &mut aggregate.over else {
        return Err(Error::missing_over(name));
    };
    window.frame = Some(Frame {
        units: FrameUnits::Rows,
        start: FrameBound::UnboundedPreceding,
        end: FrameBound::CurrentRow,
    });
    Ok(aggregate)
}

fn truths(aggregate: Aggregate) -> Result<Expr> {
    let aggregate = up_to_here(aggregate, "CONDITIONAL_TRUE_EVENT")?;
    let [condition] = super::super::arguments(aggregate.call.arguments.clone())?;
    Ok(super::count_if(
        &aggregate,
        condition,
        super::super::whole(18),
    ))
}

fn changes(aggregate: Aggregate) -> Result<Expr> {
    let mut aggregate = up_to_here(aggregate, "CONDITIONAL_CHANGE_EVENT")?;
    let [value] = super::super::arguments(std::mem::take(&mut aggregate.call.arguments))?;
    let mut count = native_aggregate(
        aggregate,
        &CHANGES,
        vec![hash_of(value)],
        super::super::whole(18),
    );
    count.nullable = false;
    Ok(count)
}

fn ratio(aggregate: Aggregate) -> Result<Expr> {
    let [value] = super::super::arguments(aggregate.call.arguments.clone())?;
    if aggregate.over.is_none() {
        return Err(Error::missing_over("RATIO_TO_REPORT"));
    }
    let (sum_type, ty) = match value.ty {
        LogicalType::Number { precision, scale } => {
            let number = Number::new(precision, scale);
            (number.sum().into(), number.divided_by(number.sum()).into())
        }
        _ => (LogicalType::Float, LogicalType::Float),
    };
    let sum = with_form(
        &aggregate,
        "sum",
        vec![value.clone()],
        Returns::Cast,
        sum_type,
    );
    let kind = ExprKind::Arithmetic {
        operator: Arithmetic::Divide,
        left: Box::new(value),
        right: Box::new(nullif_zero(sum)),
    };
    Ok(Expr::new(kind, ty, true))
}

static CHANGES: AggregateNative = AggregateNative::of::<Changes>();

/// Changes between neighbours, by hash; rows come in the window's order.
struct Changes;

#[derive(Default)]
struct Run {
    first: Option<Option<i64>>,
    last: Option<i64>,
    changes: i64,
}

impl NativeAggregate for Changes {
    const NAME: &'static str = "sf_changes";
    const PARAMETERS: &'static [Parameter] = &[Parameter::Exact(PhysicalType::BigInt)];
    const RETURNS: PhysicalType = PhysicalType::BigInt;
    const NULLS: Nulls = Nulls::Passed;

    type State = Run;

    fn update(state: &mut Run, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let value = arguments.get::<i64>(0, row)?;
        let next = Run {
            first: Some(value),
            last: value,
            changes: 0,
        };
        Self::combine(state, &next)
    }

    fn combine(state: &mut Run, next: &Run) -> Result<()> {
        let Some(first) = next.first else {
            return Ok(());
        };
        let is_change = matches!((state.last, first), (Some(last), Some(first)) if last != first);
        state.changes += next.changes + i64::from(is_change);
        state.first.get_or_insert(first);
        state.last = next.last;
        Ok(())
    }

    fn finish(state: &Run, output: &mut Output<'_>, row: usize) -> Result<()> {
        output.set_bigint(row, state.changes);
        Ok(())
    }
}

pub(super) fn natives() -> Vec<Native> {
    vec![Native::Aggregate(CHANGES)]
}
