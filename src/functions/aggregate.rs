//! Aggregate functions.

use super::{Function, Lowering, Signature};
use crate::engine::native::{
    Aggregate as NativeAggregate, AggregateNative, Arguments, Nulls, Output, Parameter,
};
use crate::error::Result;
use crate::tree::{Aggregate, Arithmetic, Call, Expr, ExprKind, Form, Returns};
use crate::types::number::Number;
use crate::types::{LogicalType, PhysicalType};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "ANY_VALUE",
        aliases: &[],
        signatures: &[Signature {
            text: "(any) -> same?",
            lowering: Lowering::Aggregate("any_value"),
        }],
        summary: "Some value of the group.",
        examples: &[],
    },
    Function {
        name: "AVG",
        aliases: &[],
        signatures: &[Signature {
            text: "(number) -> tree",
            lowering: Lowering::AggregateTree(average),
        }],
        summary: "The mean of the values that are not NULL.",
        examples: &[],
    },
    Function {
        name: "BOOLXOR_AGG",
        aliases: &[],
        signatures: &[Signature {
            text: "(boolean) -> boolean?",
            lowering: Lowering::NativeAggregate(&BOOLXOR_AGG),
        }],
        summary: "Whether exactly one value of the group is true; NULL where all are NULL.",
        examples: &[],
    },
    Function {
        name: "COUNT",
        aliases: &[],
        signatures: &[
            Signature {
                text: "() -> NUMBER(18,0)!",
                lowering: Lowering::Aggregate("count"),
            },
            Signature {
                text: "(any) -> NUMBER(18,0)!",
                lowering: Lowering::Aggregate("count"),
            },
        ],
        summary: "The number of rows, or of values that are not NULL.",
        examples: &[],
    },
    Function {
        name: "COUNT_IF",
        aliases: &[],
        signatures: &[Signature {
            text: "(boolean) -> NUMBER(18,0)!",
            lowering: Lowering::Aggregate("count_if"),
        }],
        summary: "The number of rows for which the condition is true.",
        examples: &[],
    },
    Function {
        name: "GROUPING",
        aliases: &["GROUPING_ID"],
        signatures: &[Signature {
            text: "(any...) -> NUMBER(18,0)!",
            lowering: Lowering::Engine("grouping"),
        }],
        summary: "Which of the grouping expressions the row is a total over, a bit for each.",
        examples: &[],
    },
    Function {
        name: "MAX",
        aliases: &[],
        signatures: &[Signature {
            text: "(any) -> same?",
            lowering: Lowering::Aggregate("max"),
        }],
        summary: "The greatest value.",
        examples: &[],
    },
    Function {
        name: "MIN",
        aliases: &[],
        signatures: &[Signature {
            text: "(any) -> same?",
            lowering: Lowering::Aggregate("min"),
        }],
        summary: "The least value.",
        examples: &[],
    },
    Function {
        name: "SUM",
        aliases: &[],
        signatures: &[Signature {
            text: "(number) -> sum?",
            lowering: Lowering::Aggregate("sum"),
        }],
        summary: "The sum of the values that are not NULL.",
        examples: &[],
    },
];

/// AVG of a NUMBER is exact: the sum divided by the count, by the rule for averages. AVG of a FLOAT is the engine's.
fn average(aggregate: Aggregate) -> Result<Expr> {
    let argument = aggregate
        .call
        .arguments
        .first()
        .map(|argument| argument.ty.clone());
    let form = |name: &'static str, returns: Returns| Aggregate {
        call: Call {
            form: Form::Engine(name),
            unified: vec![],
            returns,
            ..aggregate.call.clone()
        },
        ..aggregate.clone()
    };
    let Some(LogicalType::Number { precision, scale }) = argument else {
        let average = ExprKind::Aggregate(Box::new(form("avg", Returns::Natural)));
        return Ok(Expr::new(average, LogicalType::Float, true));
    };
    let number = Number::new(precision, scale);
    let sum = ExprKind::Aggregate(Box::new(form("sum", Returns::Cast)));
    let count = ExprKind::Aggregate(Box::new(form("count", Returns::Cast)));
    let kind = ExprKind::Arithmetic {
        operator: Arithmetic::Divide,
        left: Box::new(Expr::new(sum, number.sum().into(), true)),
        right: Box::new(Expr::new(
            count,
            LogicalType::Number {
                precision: 18,
                scale: 0,
            },
            false,
        )),
    };
    Ok(Expr::new(kind, number.average().into(), true))
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
