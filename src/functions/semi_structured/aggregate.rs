//! Aggregates that give ARRAYs and OBJECTs.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::{Function, Lowering, Signature};
use super::TEXT;
use crate::engine::native::{
    Aggregate as NativeAggregate, AggregateNative, Arguments, Native, Nulls, Output, Parameter,
};
use crate::error::{Error, Result};
use crate::tree::{Aggregate, Call, Expr, ExprKind, Form, Returns, SortKey};
use crate::types::variant::{key, scan, write};
use crate::types::{DEFAULT_BINARY_LENGTH, LogicalType, PhysicalType};

const BLOB: Parameter = Parameter::Exact(PhysicalType::Blob);

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "ARRAY_AGG",
        aliases: &["ARRAYAGG"],
        signatures: &[Signature {
            text: "(value) -> tree",
            lowering: Lowering::AggregateTree(array_agg),
        }],
        summary: "The values of the group that are not NULL as an ARRAY.",
        examples: &[
            (
                "(SELECT ARRAY_AGG(column1) FROM VALUES (1), (NULL), (2))",
                "[1,2]",
            ),
            (
                "(SELECT ARRAY_AGG(DISTINCT column1) WITHIN GROUP (ORDER BY column1 DESC) FROM VALUES (1), (2), (1))",
                "[2,1]",
            ),
        ],
    },
    Function {
        name: "ARRAY_UNION_AGG",
        aliases: &[],
        signatures: &[Signature {
            text: "(array) -> array!",
            lowering: Lowering::NativeAggregate(&ARRAY_UNION_AGG),
        }],
        summary: "The union of the group's ARRAYs, each element as often as the ARRAY with most of it has it.",
        examples: &[
            (
                "(SELECT ARRAY_UNION_AGG(column1) FROM VALUES (SPLIT('a,a', ',')), (SPLIT('a,b', ',')))",
                "[\"a\",\"a\",\"b\"]",
            ),
            (
                "(SELECT ARRAY_UNION_AGG(SPLIT(column1, ',')) FROM VALUES (NULL::VARCHAR))",
                "[]",
            ),
        ],
    },
    Function {
        name: "ARRAY_UNIQUE_AGG",
        aliases: &[],
        signatures: &[Signature {
            text: "(value) -> array!",
            lowering: Lowering::NativeAggregate(&ARRAY_UNIQUE_AGG),
        }],
        summary: "The distinct values of the group that are not NULL as an ARRAY.",
        examples: &[
            (
                "(SELECT ARRAY_UNIQUE_AGG(column1) FROM VALUES (1), (1), (NULL))",
                "[1]",
            ),
            (
                "(SELECT ARRAY_UNIQUE_AGG(column1) FROM VALUES (NULL::INT))",
                "[]",
            ),
        ],
    },
    Function {
        name: "OBJECT_AGG",
        aliases: &["OBJECTAGG"],
        signatures: &[Signature {
            text: "(text, variant) -> object!",
            lowering: Lowering::NativeAggregate(&OBJECT_AGG),
        }],
        summary: "An OBJECT of the group's keys and values; a pair with a NULL is left out.",
        examples: &[
            (
                "(SELECT OBJECT_AGG(column1, column2) FROM VALUES ('b', 1), ('a', 2))",
                "{\"a\":2,\"b\":1}",
            ),
            (
                "(SELECT OBJECT_AGG(column1, NULLIF(column2, 1)) FROM VALUES ('a', 1))",
                "{}",
            ),
        ],
    },
];

pub(super) fn natives() -> Vec<Native> {
    vec![
        Native::Aggregate(AggregateNative::of::<ArrayAgg>()),
        Native::Aggregate(AggregateNative::of::<DistinctAgg>()),
        Native::Aggregate(AggregateNative::of::<SortedAgg>()),
    ]
}

/// DISTINCT and WITHIN GROUP together are an aggregate of our own, because the engine sorts a DISTINCT aggregate by its
/// arguments alone.
fn array_agg(aggregate: Aggregate) -> Result<Expr> {
    let Aggregate {
        mut call,
        distinct,
        mut order_by,
        ..
    } = aggregate.clone();
    let (name, keys) = match (distinct, order_by.is_empty()) {
        (false, _) => ("sf_array_agg", None),
        (true, true) => {
            let value = call.arguments.first().cloned();
            (
                "sf_array_agg_distinct",
                value.map(|value| value_key(&value)),
            )
        }
        (true, false) => ("sf_array_agg_sorted", Some(sort_key(&order_by))),
    };
    call.form = Form::Engine(name);
    call.returns = Returns::Natural;
    if let Some(keys) = keys {
        call.arguments.push(keys);
        order_by.clear();
    }
    let aggregate = Aggregate {
        call,
        distinct: false,
        order_by,
        ..aggregate
    };
    let kind = ExprKind::Aggregate(Box::new(aggregate));
    Ok(Expr::new(kind, LogicalType::Array, false))
}

fn blob(form: Form, arguments: Vec<Expr>) -> Expr {
    let call = Call {
        form,
        arguments,
        unified: vec![],
        returns: Returns::Natural,
    };
    let ty = LogicalType::Binary {
        length: DEFAULT_BINARY_LENGTH,
    };
    Expr::new(ExprKind::Call(call), ty, true)
}

fn value_key(value: &Expr) -> Expr {
    blob(Form::Engine("sf_variant_key"), vec![value.clone()])
}

/// The engine's sort key of the first expression; DISTINCT allows no other.
fn sort_key(order_by: &[SortKey]) -> Expr {
    let form = match order_by.first() {
        Some(key) if key.descending => Form::Template("create_sort_key($1, 'DESC NULLS FIRST')"),
        _ => Form::Template("create_sort_key($1, 'ASC NULLS LAST')"),
    };
    let expr = order_by.first().map(|key| match key.expr.ty {
        LogicalType::Variant => value_key(&key.expr),
        _ => key.expr.clone(),
    });
    blob(form, expr.into_iter().collect())
}

/// The elements gathered so far, each followed by a comma.
#[derive(Default)]
struct Gathered(String);

impl Gathered {
    fn push(&mut self, value: &str) {
        self.0.push_str(value);
        self.0.push(',');
    }

    fn finish(&self, output: &mut Output<'_>, row: usize) {
        let inside = self.0.strip_suffix(',').unwrap_or_default();
        output.set_text(row, &format!("[{inside}]"));
    }
}

struct ArrayAgg;

impl NativeAggregate for ArrayAgg {
    const NAME: &'static str = "sf_array_agg";
    const PARAMETERS: &'static [Parameter] = &[TEXT];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Gathered;

    fn update(state: &mut Gathered, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        if let Some(value) = arguments.get::<&str>(0, row)? {
            state.push(value);
        }
        Ok(())
    }

    fn combine(state: &mut Gathered, other: &Gathered) -> Result<()> {
        state.0.push_str(&other.0);
        Ok(())
    }

    fn finish(state: &Gathered, output: &mut Output<'_>, row: usize) -> Result<()> {
        state.finish(output, row);
        Ok(())
    }
}

/// Distinct values by their keys, in the order in which they came.
#[derive(Default)]
struct Distinct {
    seen: HashSet<Vec<u8>>,
    values: Vec<(Vec<u8>, String)>,
}

impl Distinct {
    fn push(&mut self, key: &[u8], value: &str) {
        if !self.seen.contains(key) {
            self.seen.insert(key.to_vec());
            self.values.push((key.to_vec(), value.to_owned()));
        }
    }

    fn absorb(&mut self, other: &Distinct) {
        for (key, value) in &other.values {
            self.push(key, value);
        }
    }

    fn finish<'a>(
        values: impl Iterator<Item = &'a (Vec<u8>, String)>,
        output: &mut Output<'_>,
        row: usize,
    ) {
        let array = write::array(values.map(|(_, value)| Some(value.as_str())));
        output.set_text(row, &array);
    }
}

struct DistinctAgg;

impl NativeAggregate for DistinctAgg {
    const NAME: &'static str = "sf_array_agg_distinct";
    const PARAMETERS: &'static [Parameter] = &[TEXT, BLOB];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Distinct;

    fn update(state: &mut Distinct, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let value = arguments.get::<&str>(0, row)?;
        if let (Some(value), Some(key)) = (value, arguments.get::<&[u8]>(1, row)?) {
            state.push(key, value);
        }
        Ok(())
    }

    fn combine(state: &mut Distinct, other: &Distinct) -> Result<()> {
        state.absorb(other);
        Ok(())
    }

    fn finish(state: &Distinct, output: &mut Output<'_>, row: usize) -> Result<()> {
        Distinct::finish(state.values.iter(), output, row);
        Ok(())
    }
}

/// As [`DistinctAgg`], in the order of the keys.
struct SortedAgg;

impl NativeAggregate for SortedAgg {
    const NAME: &'static str = "sf_array_agg_sorted";
    const PARAMETERS: &'static [Parameter] = DistinctAgg::PARAMETERS;
    const RETURNS: PhysicalType = DistinctAgg::RETURNS;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Distinct;

    fn update(state: &mut Distinct, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        DistinctAgg::update(state, arguments, row)
    }

    fn combine(state: &mut Distinct, other: &Distinct) -> Result<()> {
        state.absorb(other);
        Ok(())
    }

    fn finish(state: &Distinct, output: &mut Output<'_>, row: usize) -> Result<()> {
        let mut values: Vec<_> = state.values.iter().collect();
        values.sort_by(|(left, _), (right, _)| left.cmp(right));
        Distinct::finish(values.into_iter(), output, row);
        Ok(())
    }
}

static ARRAY_UNIQUE_AGG: AggregateNative = AggregateNative::of::<UniqueAgg>();

struct UniqueAgg;

impl NativeAggregate for UniqueAgg {
    const NAME: &'static str = "sf_array_unique_agg";
    const PARAMETERS: &'static [Parameter] = &[TEXT];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Distinct;

    fn update(state: &mut Distinct, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        if let Some(value) = arguments.get::<&str>(0, row)? {
            state.push(&key::key(value), value);
        }
        Ok(())
    }

    fn combine(state: &mut Distinct, other: &Distinct) -> Result<()> {
        state.absorb(other);
        Ok(())
    }

    fn finish(state: &Distinct, output: &mut Output<'_>, row: usize) -> Result<()> {
        Distinct::finish(state.values.iter(), output, row);
        Ok(())
    }
}

static ARRAY_UNION_AGG: AggregateNative = AggregateNative::of::<UnionAgg>();

/// How often the array with most copies of an element has it, and the elements in the order in which they came.
#[derive(Default)]
struct Union {
    counts: HashMap<Vec<u8>, usize>,
    values: Vec<(Vec<u8>, String)>,
}

impl Union {
    /// Makes sure that there are `count` copies.
    fn raise(&mut self, key: &[u8], count: usize, value: &str) {
        let known = self.counts.entry(key.to_vec()).or_default();
        while *known < count {
            *known += 1;
            self.values.push((key.to_vec(), value.to_owned()));
        }
    }
}

struct UnionAgg;

impl NativeAggregate for UnionAgg {
    const NAME: &'static str = "sf_array_union_agg";
    const PARAMETERS: &'static [Parameter] = &[TEXT];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Union;

    fn update(state: &mut Union, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let Some(array) = arguments.get::<&str>(0, row)? else {
            return Ok(());
        };
        let mut counts: HashMap<Vec<u8>, usize> = HashMap::new();
        for element in scan::elements(array) {
            let key = key::key(element);
            let count = counts.entry(key.clone()).or_default();
            *count += 1;
            state.raise(&key, *count, element);
        }
        Ok(())
    }

    fn combine(state: &mut Union, other: &Union) -> Result<()> {
        for (key, value) in &other.values {
            let count = other.counts.get(key).copied().unwrap_or(0);
            state.raise(key, count, value);
        }
        Ok(())
    }

    fn finish(state: &Union, output: &mut Output<'_>, row: usize) -> Result<()> {
        Distinct::finish(state.values.iter(), output, row);
        Ok(())
    }
}

static OBJECT_AGG: AggregateNative = AggregateNative::of::<ObjectAgg>();

struct ObjectAgg;

impl NativeAggregate for ObjectAgg {
    const NAME: &'static str = "sf_object_agg";
    const PARAMETERS: &'static [Parameter] = &[TEXT, TEXT];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    /// By key.
    type State = BTreeMap<String, String>;

    fn update(state: &mut Self::State, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let key = arguments.get::<&str>(0, row)?;
        if let (Some(key), Some(value)) = (key, arguments.get::<&str>(1, row)?)
            && state.insert(key.to_owned(), value.to_owned()).is_some()
        {
            return Err(Error::duplicate_field_key(key));
        }
        Ok(())
    }

    fn combine(state: &mut Self::State, other: &Self::State) -> Result<()> {
        for (key, value) in other {
            if state.insert(key.clone(), value.clone()).is_some() {
                return Err(Error::duplicate_field_key(key));
            }
        }
        Ok(())
    }

    fn finish(state: &Self::State, output: &mut Output<'_>, row: usize) -> Result<()> {
        let members: Vec<_> = state
            .iter()
            .map(|(key, value)| (write::key(key), value.as_str()))
            .collect();
        let members = members.iter().map(|(key, value)| (&**key, *value));
        output.set_text(row, &write::sorted_object(members));
        Ok(())
    }
}
