//! MAX_BY and MIN_BY: values of the rows in which another value is greatest or least.
//!
//! Source: Snowflake, "MIN_BY"; DISTINCT and the order of ties as recorded by `mlorek/frostlake`.

use super::with_form;
use crate::engine::native::{
    Aggregate as NativeAggregate, AggregateNative, Arguments, Native, Nulls, Output, Parameter,
};
use crate::error::{Error, Result};
use crate::functions::expr::{
    BINARY, INTEGER, TEXT, arguments, call_of, call_template, case, is_null, literal_integer,
};
use crate::functions::{Function, Lowering, Signature};
use crate::tree::{Aggregate, Expr, Literal, Returns};
use crate::types::variant::write;
use crate::types::{DEFAULT_BINARY_LENGTH, LogicalType, PhysicalType, TimestampKind};

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "MAX_BY",
        aliases: &[],
        signatures: &[
            Signature::new("(any, any) -> same?", Lowering::Aggregate("arg_max_null")),
            Signature::new(
                "(any, any, =integer) -> tree",
                Lowering::AggregateTree(|aggregate| several(aggregate, "MAX_BY", true)),
            ),
        ],
        summary: "The first argument where the second is greatest; with a number, an ARRAY of the first arguments of so many rows.",
        examples: &[
            (
                "MAX_BY(column1, column2) FROM VALUES ('a', 1), ('b', 2), ('c', NULL)",
                "b",
            ),
            (
                "MAX_BY(column1, column2) FROM VALUES (1, 1), (NULL, 2)",
                "NULL",
            ),
            (
                "MAX_BY(column1, column2, 2) FROM VALUES ('a', 1), ('b', 2), ('c', NULL), ('d', 3)",
                "[\"d\",\"b\"]",
            ),
        ],
    },
    Function {
        name: "MIN_BY",
        aliases: &[],
        signatures: &[
            Signature::new("(any, any) -> same?", Lowering::Aggregate("arg_min_null")),
            Signature::new(
                "(any, any, =integer) -> tree",
                Lowering::AggregateTree(|aggregate| several(aggregate, "MIN_BY", false)),
            ),
        ],
        summary: "The first argument where the second is least; with a number, an ARRAY of the first arguments of so many rows.",
        examples: &[
            (
                "MIN_BY(column1, column2) FROM VALUES ('a', 1), ('b', 2), ('c', NULL)",
                "a",
            ),
            (
                "MIN_BY(column1, column2) FROM VALUES (NULL, 1), (1, 2)",
                "NULL",
            ),
            (
                "MIN_BY(column1, column2, 3) FROM VALUES (1001, 10000), (1020, 9000), (1030, 8000), (2000, NULL)",
                "[1030,1020,1001]",
            ),
            (
                "MIN_BY(column1, column2, 3) FROM VALUES (1, NULL::INT)",
                "NULL",
            ),
        ],
    },
];

/// Most values that may be asked for.
const MOST: i128 = 1000;

fn several(mut aggregate: Aggregate, name: &str, greatest: bool) -> Result<Expr> {
    let arguments = std::mem::take(&mut aggregate.call.arguments);
    let [value, by, count] = self::arguments(arguments)?;
    if !matches!(literal_integer(&count), Some(1..=MOST)) {
        let shown = literal_integer(&count).map_or("null".to_owned(), |count| count.to_string());
        let reason = format!("must be a positive integer not larger than {MOST}");
        return Err(Error::invalid_value_for_function(shown, name, 3, reason));
    }
    let is_distinct = Expr::literal(Literal::Number(aggregate.distinct.into()), count.ty.clone());
    aggregate.distinct = false;
    let arguments = vec![
        value.cast(LogicalType::Variant),
        order_key(by, greatest),
        count,
        is_distinct,
    ];
    let (native, ty) = (SEVERAL.name, LogicalType::Array);
    Ok(with_form(
        &aggregate,
        native,
        arguments,
        Returns::Natural,
        ty,
    ))
}

/// Bytes in whose order the values come, NULL of NULL.
fn order_key(by: Expr, greatest: bool) -> Expr {
    let ty = LogicalType::Binary {
        length: DEFAULT_BINARY_LENGTH,
    };
    let is_there = is_null(by.clone(), true);
    let by = match &by.ty {
        LogicalType::Variant | LogicalType::Object | LogicalType::Array => {
            call_of("sf_variant_key", vec![by], ty.clone(), Returns::Natural)
        }
        // The same instant is the same value whatever its offset.
        LogicalType::Timestamp {
            kind: TimestampKind::Tz,
            scale,
        } => {
            let (kind, scale) = (TimestampKind::Ltz, *scale);
            by.cast(LogicalType::Timestamp { kind, scale })
        }
        _ => by,
    };
    let template = if greatest {
        "create_sort_key($1, 'DESC NULLS LAST')"
    } else {
        "create_sort_key($1, 'ASC NULLS LAST')"
    };
    let key = call_template(template, vec![by], ty.clone());
    case(vec![(is_there, key)], None, ty)
}

static SEVERAL: AggregateNative = AggregateNative::of::<Several>();

struct Several;

/// The first values by their keys, in order.
#[derive(Default)]
struct First {
    values: Vec<(Vec<u8>, Option<String>)>,
    count: usize,
    is_distinct: bool,
}

impl First {
    fn push(&mut self, key: &[u8], value: Option<&str>) {
        // Behind equal keys, which came first.
        let place = self.values.partition_point(|(other, _)| &other[..] <= key);
        if place >= self.count {
            return;
        }
        if self.is_distinct {
            let same = self
                .values
                .iter()
                .position(|(_, other)| other.as_deref() == value);
            match same {
                Some(other) if other < place => return,
                Some(other) => {
                    self.values.remove(other);
                }
                None => {}
            }
        }
        self.values
            .insert(place, (key.to_vec(), value.map(str::to_owned)));
        self.values.truncate(self.count);
    }
}

impl NativeAggregate for Several {
    const NAME: &'static str = "sf_first_by_key";
    const PARAMETERS: &'static [Parameter] = &[TEXT, BINARY, INTEGER, INTEGER];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Passed;

    type State = First;

    fn update(state: &mut First, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let Some(key) = arguments.get::<&[u8]>(1, row)? else {
            return Ok(());
        };
        let count = arguments.get::<i64>(2, row)?.unwrap_or(1);
        state.count = usize::try_from(count).unwrap_or(1);
        state.is_distinct = arguments.get::<i64>(3, row)? == Some(1);
        state.push(key, arguments.get::<&str>(0, row)?);
        Ok(())
    }

    fn combine(state: &mut First, other: &First) -> Result<()> {
        state.count = state.count.max(other.count);
        state.is_distinct |= other.is_distinct;
        for (key, value) in &other.values {
            state.push(key, value.as_deref());
        }
        Ok(())
    }

    fn finish(state: &First, output: &mut Output<'_>, row: usize) -> Result<()> {
        if state.values.is_empty() {
            output.set_null(row);
        } else {
            let values = state.values.iter().map(|(_, value)| value.as_deref());
            output.set_text(row, &write::array(values));
        }
        Ok(())
    }
}

/// What no signature names but trees use.
pub(super) fn natives() -> Vec<Native> {
    vec![Native::Aggregate(SEVERAL)]
}
