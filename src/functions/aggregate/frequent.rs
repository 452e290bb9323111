//! The most frequent values: a Space-Saving summary of counters, one for each value until they are used up.
//!
//! Sources: Snowflake, "Estimating frequent values"; states, order of ties and refusals as recorded by `mlorek/frostlake`.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::with_form;
use crate::engine::native::{
    Aggregate as NativeAggregate, AggregateNative, Arguments, Native, Nulls, Output, Parameter,
    ScalarNative,
};
use crate::error::{Error, Result};
use crate::functions::expr::{
    INTEGER, TEXT, arguments, integer, literal_integer, native, native_call,
};
use crate::functions::{Function, Lowering, Signature};
use crate::tree::{Aggregate, Expr, Literal, Returns};
use crate::types::variant::{scan, write};
use crate::types::{LogicalType, PhysicalType};

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "APPROX_TOP_K",
        aliases: &[],
        signatures: &[Signature::new(
            "(value, =integer?, =integer?) -> tree",
            Lowering::AggregateTree(top),
        )],
        summary: "So many of the most frequent values, each with its number, as an ARRAY.",
        examples: &[
            (
                "APPROX_TOP_K(column1, 2) FROM VALUES ('a'), ('b'), ('a'), ('c'), ('b'), ('a'), (NULL)",
                "[[\"a\",3],[\"b\",2]]",
            ),
            ("APPROX_TOP_K(column1) FROM VALUES (1), (2), (2)", "[[2,2]]"),
            ("APPROX_TOP_K(column1) FROM VALUES (NULL)", "[]"),
            (
                "APPROX_TOP_K(column1, 2, 1) FROM VALUES (1), (2), (3), (4)",
                "[[4,4]]",
            ),
        ],
    },
    Function {
        name: "APPROX_TOP_K_ACCUMULATE",
        aliases: &[],
        signatures: &[Signature::new(
            "(any, =integer) -> tree",
            Lowering::AggregateTree(accumulate),
        )],
        summary: "A state of so many counters, from which the most frequent values can be told.",
        examples: &[
            (
                "APPROX_TOP_K_ACCUMULATE(column1, 10) FROM VALUES (1.5::NUMBER(10, 2)), (2), (2)",
                "{\"counters\":10,\"datatype\":\"FIXED\",\"precision\":10,\"scale\":2,\"state\":[[2,2],[1.5,1]],\"type\":\"approx_top_k\"}",
            ),
            (
                "APPROX_TOP_K_ACCUMULATE(column1, 10) FROM VALUES ('a')",
                "{\"counters\":10,\"datatype\":\"TEXT\",\"precision\":38,\"scale\":0,\"state\":[[\"a\",1]],\"type\":\"approx_top_k\"}",
            ),
        ],
    },
    Function {
        name: "APPROX_TOP_K_COMBINE",
        aliases: &[],
        signatures: &[Signature::new(
            "(object, =integer?) -> tree",
            Lowering::AggregateTree(combine),
        )],
        summary: "One state of several.",
        examples: &[
            (
                "APPROX_TOP_K_ESTIMATE(APPROX_TOP_K_COMBINE(s), 2) FROM (SELECT APPROX_TOP_K_ACCUMULATE(column2, 9) AS s FROM VALUES (1, 'a'), (2, 'a'), (2, 'b') GROUP BY column1)",
                "[[\"a\",2],[\"b\",1]]",
            ),
            (
                "APPROX_TOP_K_COMBINE(NULL) FROM VALUES (1)",
                "{\"counters\":1,\"datatype\":\"MISSING\",\"precision\":38,\"scale\":0,\"state\":[],\"type\":\"approx_top_k\"}",
            ),
        ],
    },
    Function {
        name: "APPROX_TOP_K_ESTIMATE",
        aliases: &[],
        signatures: &[Signature::new(
            "(object, =integer?) -> tree",
            Lowering::Tree(|arguments, _| estimate(arguments)),
        )],
        summary: "So many of the most frequent values of a state, each with its number, as an ARRAY.",
        examples: &[
            (
                "APPROX_TOP_K_ESTIMATE(APPROX_TOP_K_ACCUMULATE(column1, 9)) FROM VALUES (1), (2), (2)",
                "[[2,2]]",
            ),
            ("APPROX_TOP_K_ESTIMATE(NULL, 3)", "NULL"),
        ],
    },
];

/// Most values, and most counters, that may be asked for.
const MOST: i128 = 100_000;

/// The number of a constant argument, which the messages call `position` and `what`.
fn limit(argument: &Expr, function: &str, position: usize, what: &str) -> Result<Expr> {
    let value = literal_integer(argument);
    let fault = match value {
        Some(value @ 1..=MOST) => return Ok(integer(value)),
        Some(value) if value > MOST => format!("cannot be larger than {MOST}"),
        _ => "must be a positive integer".to_owned(),
    };
    let shown = value.map_or("null".to_owned(), |value| value.to_string());
    let reason = format!("Number of {what} {fault}");
    Err(Error::invalid_value_for_function(
        shown, function, position, reason,
    ))
}

fn top(mut aggregate: Aggregate) -> Result<Expr> {
    let mut arguments = std::mem::take(&mut aggregate.call.arguments).into_iter();
    let value = arguments
        .next()
        .ok_or_else(|| Error::internal("APPROX_TOP_K of nothing"))?;
    let wanted = match arguments.next() {
        Some(items) => limit(&items, "APPROX_TOP_K", 1, "items")?,
        None => integer(1),
    };
    let counters = match arguments.next() {
        Some(counters) => limit(&counters, "APPROX_TOP_K", 2, "counters")?,
        None => integer(MOST),
    };
    let arguments = vec![value, wanted, counters];
    let (native, ty) = (TOP.name, LogicalType::Array);
    let mut top = with_form(&aggregate, native, arguments, Returns::Natural, ty);
    top.nullable = false;
    Ok(top)
}

fn accumulate(mut aggregate: Aggregate) -> Result<Expr> {
    let arguments = std::mem::take(&mut aggregate.call.arguments);
    let [value, counters] = self::arguments(arguments)?;
    let counters = limit(&counters, "APPROX_TOP_K_ACCUMULATE", 1, "counters")?;
    let header = header(&value);
    let value = value.cast(LogicalType::Variant);
    let header = Expr::literal(Literal::Text(header), LogicalType::TEXT);
    let arguments = vec![value, counters, header];
    let (native, ty) = (ACCUMULATE.name, LogicalType::Object);
    let mut state = with_form(&aggregate, native, arguments, Returns::Natural, ty);
    state.nullable = false;
    Ok(state)
}

/// The members of a state that say the type of its values.
fn header(value: &Expr) -> String {
    let (precision, scale) = match value.ty {
        LogicalType::Number { precision, scale } => (precision, scale),
        _ => (38, 0),
    };
    let name = match &value.ty {
        _ if value.is_null_literal() => "MISSING",
        LogicalType::Number { .. } => "FIXED",
        LogicalType::Varchar { .. } => "TEXT",
        LogicalType::Float => "REAL",
        LogicalType::Boolean => "BOOLEAN",
        LogicalType::Binary { .. } => "BINARY",
        LogicalType::Date => "DATE",
        LogicalType::Time { .. } => "TIME",
        LogicalType::Timestamp { kind, .. } => kind.name(),
        LogicalType::Array => "ARRAY",
        LogicalType::Object => "OBJECT",
        _ => "VARIANT",
    };
    format!("\"datatype\":\"{name}\",\"precision\":{precision},\"scale\":{scale}")
}

const NO_HEADER: &str = "\"datatype\":\"MISSING\",\"precision\":38,\"scale\":0";

fn combine(mut aggregate: Aggregate) -> Result<Expr> {
    let mut arguments = std::mem::take(&mut aggregate.call.arguments).into_iter();
    let state = arguments
        .next()
        .ok_or_else(|| Error::internal("APPROX_TOP_K_COMBINE of nothing"))?;
    let counters = match arguments.next() {
        Some(counters) => limit(&counters, "APPROX_TOP_K_COMBINE", 1, "counters")?,
        None => integer(0),
    };
    let arguments = vec![state, counters];
    let (native, ty) = (COMBINE.name, LogicalType::Object);
    let mut state = with_form(&aggregate, native, arguments, Returns::Natural, ty);
    state.nullable = false;
    Ok(state)
}

fn estimate(arguments: Vec<Expr>) -> Result<Expr> {
    let mut arguments = arguments.into_iter();
    let state = arguments
        .next()
        .ok_or_else(|| Error::internal("APPROX_TOP_K_ESTIMATE of nothing"))?;
    let wanted = match arguments.next() {
        Some(wanted) => limit(&wanted, "APPROX_TOP_K_ESTIMATE", 1, "counters")?,
        None => integer(1),
    };
    Ok(native_call(
        &ESTIMATE,
        vec![state, wanted],
        LogicalType::Array,
    ))
}

/// How often a value has been seen, and when it was last.
type Count = (u64, u64);

/// Values and their counters.
#[derive(Default)]
struct Summary {
    values: HashMap<Arc<str>, Count>,
    /// The counters in order, from the first moment at which there are no more.
    ordered: Option<BTreeSet<(Count, Arc<str>)>>,
    capacity: usize,
    seen: u64,
}

impl Summary {
    fn count(&mut self, value: &str) {
        self.seen += 1;
        let seen = self.seen;
        if let Some((value, _)) = self.values.get_key_value(value) {
            let value = Arc::clone(value);
            self.set(value, |(count, _)| (count + 1, seen));
            return;
        }
        let inherited = if self.values.len() < self.capacity {
            0
        } else {
            self.evict()
        };
        let value = Arc::from(value);
        self.set(value, |_| (inherited + 1, seen));
    }

    fn set(&mut self, value: Arc<str>, change: impl FnOnce(Count) -> Count) {
        let old = self.values.get(&value).copied();
        let new = change(old.unwrap_or_default());
        if let Some(ordered) = &mut self.ordered {
            if let Some(old) = old {
                ordered.remove(&(old, Arc::clone(&value)));
            }
            ordered.insert((new, Arc::clone(&value)));
        }
        self.values.insert(value, new);
    }

    /// Takes the least counter from its value, and says how far it had come.
    fn evict(&mut self) -> u64 {
        let values = &self.values;
        let ordered = self.ordered.get_or_insert_with(|| {
            values
                .iter()
                .map(|(value, count)| (*count, Arc::clone(value)))
                .collect()
        });
        match ordered.pop_first() {
            Some(((count, _), value)) => {
                self.values.remove(&value);
                count
            }
            None => 0,
        }
    }

    /// Adds another summary's counters.
    fn merge(&mut self, other: &Summary) {
        for (value, (count, last)) in other.ranked() {
            let last = self.seen + last;
            self.set(value, |(before, touched)| {
                (before + count, touched.max(last))
            });
        }
        self.seen += other.seen;
        self.trim();
    }

    /// Drops the least counters that are too many, of equal ones those touched last.
    fn trim(&mut self) {
        if self.values.len() <= self.capacity {
            return;
        }
        self.ordered = None;
        let mut ranked: Vec<_> = self.values.drain().collect();
        ranked.sort_by(|(_, (a, x)), (_, (b, y))| b.cmp(a).then(x.cmp(y)));
        ranked.truncate(self.capacity);
        self.values = ranked.into_iter().collect();
    }

    /// Most frequent first, of equal ones the one seen last.
    fn ranked(&self) -> Vec<(Arc<str>, Count)> {
        let values = self.values.iter();
        let mut ranked: Vec<_> = values
            .map(|(value, count)| (Arc::clone(value), *count))
            .collect();
        ranked.sort_by(|(_, a), (_, b)| b.cmp(a));
        ranked
    }

    fn pairs(&self, wanted: usize) -> String {
        let pairs: Vec<String> = self
            .ranked()
            .iter()
            .take(wanted)
            .map(|(value, (count, _))| {
                let count = count.to_string();
                write::array([Some(&**value), Some(count.as_str())])
            })
            .collect();
        write::array(pairs.iter().map(|pair| Some(pair.as_str())))
    }
}

static TOP: AggregateNative = AggregateNative::of::<Top>();
static ACCUMULATE: AggregateNative = AggregateNative::of::<Accumulate>();
static COMBINE: AggregateNative = AggregateNative::of::<Combine>();

struct Top;
struct Accumulate;
struct Combine;

#[derive(Default)]
struct Wanted {
    summary: Summary,
    wanted: usize,
}

impl NativeAggregate for Top {
    const NAME: &'static str = "sf_approx_top_k";
    const PARAMETERS: &'static [Parameter] = &[TEXT, INTEGER, INTEGER];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Wanted;

    fn update(state: &mut Wanted, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let (Some(value), Some(wanted), Some(counters)) = (
            arguments.get::<&str>(0, row)?,
            arguments.get::<i64>(1, row)?,
            arguments.get::<i64>(2, row)?,
        ) else {
            return Ok(());
        };
        state.wanted = usize::try_from(wanted).unwrap_or(1);
        state.summary.capacity = usize::try_from(counters).unwrap_or(1);
        state.summary.count(value);
        Ok(())
    }

    fn combine(state: &mut Wanted, other: &Wanted) -> Result<()> {
        state.wanted = state.wanted.max(other.wanted);
        state.summary.capacity = state.summary.capacity.max(other.summary.capacity);
        state.summary.merge(&other.summary);
        Ok(())
    }

    fn finish(state: &Wanted, output: &mut Output<'_>, row: usize) -> Result<()> {
        output.set_text(row, &state.summary.pairs(state.wanted));
        Ok(())
    }
}

/// A state of APPROX_TOP_K_ACCUMULATE.
#[derive(Default)]
struct Described {
    summary: Summary,
    /// The members that say the type; none before the first value.
    header: String,
    /// What APPROX_TOP_K_COMBINE cuts to, 0 for what the states had.
    trimmed: usize,
}

impl Described {
    fn write(&self, output: &mut Output<'_>, row: usize) {
        let counters = match self.trimmed {
            0 => self.summary.capacity.max(1),
            counters => counters,
        };
        let header = if self.header.is_empty() {
            NO_HEADER
        } else {
            &self.header
        };
        let pairs = self.summary.pairs(counters);
        output.set_text(
            row,
            &format!(
                "{{\"counters\":{counters},{header},\"state\":{pairs},\"type\":\"approx_top_k\"}}"
            ),
        );
    }

    fn merge(&mut self, other: &Described) -> Result<()> {
        if other.header.is_empty() {
            return Ok(());
        }
        if self.header.is_empty() {
            self.header.clone_from(&other.header);
            self.summary.capacity = other.summary.capacity;
        } else if self.summary.capacity != other.summary.capacity {
            return Err(Error::invalid_function_argument(
                "ApproxTopK state",
                "combining states with different numbers of counters",
            ));
        }
        self.trimmed = self.trimmed.max(other.trimmed);
        self.summary.merge(&other.summary);
        Ok(())
    }

    fn of(state: &str) -> Result<Described> {
        parse(state)
            .ok_or_else(|| Error::invalid_function_argument("ApproxTopK state", "invalid type"))
    }
}

fn parse(state: &str) -> Option<Described> {
    let member = |name| scan::member(state, name);
    if member("type")? != "\"approx_top_k\"" {
        return None;
    }
    let mut described = Described {
        header: format!(
            "\"datatype\":{},\"precision\":{},\"scale\":{}",
            member("datatype")?,
            member("precision")?,
            member("scale")?
        ),
        ..Described::default()
    };
    let summary = &mut described.summary;
    summary.capacity = member("counters")?.parse().ok()?;
    // The first of equal ones was seen last.
    let pairs: Vec<_> = scan::elements(member("state")?).collect();
    for pair in pairs.into_iter().rev() {
        summary.seen += 1;
        let count = (scan::element(pair, 1)?.parse().ok()?, summary.seen);
        let value = Arc::from(scan::element(pair, 0)?);
        summary.values.insert(value, count);
    }
    Some(described)
}

impl NativeAggregate for Accumulate {
    const NAME: &'static str = "sf_approx_top_k_accumulate";
    const PARAMETERS: &'static [Parameter] = &[TEXT, INTEGER, TEXT];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Described;

    fn update(state: &mut Described, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let (Some(value), Some(counters)) = (
            arguments.get::<&str>(0, row)?,
            arguments.get::<i64>(1, row)?,
        ) else {
            return Ok(());
        };
        if state.header.is_empty()
            && let Some(header) = arguments.get::<&str>(2, row)?
        {
            header.clone_into(&mut state.header);
        }
        state.summary.capacity = usize::try_from(counters).unwrap_or(1);
        state.summary.count(value);
        Ok(())
    }

    fn combine(state: &mut Described, other: &Described) -> Result<()> {
        state.merge(other)
    }

    fn finish(state: &Described, output: &mut Output<'_>, row: usize) -> Result<()> {
        state.write(output, row);
        Ok(())
    }
}

impl NativeAggregate for Combine {
    const NAME: &'static str = "sf_approx_top_k_combine";
    const PARAMETERS: &'static [Parameter] = &[TEXT, INTEGER];
    const RETURNS: PhysicalType = PhysicalType::Varchar;
    const NULLS: Nulls = Nulls::Propagate;

    type State = Described;

    fn update(state: &mut Described, arguments: &Arguments<'_>, row: usize) -> Result<()> {
        let (Some(other), Some(counters)) = (
            arguments.get::<&str>(0, row)?,
            arguments.get::<i64>(1, row)?,
        ) else {
            return Ok(());
        };
        state.trimmed = usize::try_from(counters).unwrap_or(0);
        state.merge(&Described::of(other)?)
    }

    fn combine(state: &mut Described, other: &Described) -> Result<()> {
        state.merge(other)
    }

    fn finish(state: &Described, output: &mut Output<'_>, row: usize) -> Result<()> {
        state.write(output, row);
        Ok(())
    }
}

static ESTIMATE: ScalarNative = native(
    "sf_approx_top_k_estimate",
    &[TEXT, INTEGER],
    PhysicalType::Varchar,
    |arguments, output| {
        arguments.binary(output, |state: &str, wanted: i64| {
            let wanted = usize::try_from(wanted).unwrap_or(1);
            Ok(Described::of(state)?.summary.pairs(wanted))
        })
    },
);

/// What no signature names but trees use.
pub(super) fn natives() -> Vec<Native> {
    vec![
        Native::Aggregate(TOP),
        Native::Aggregate(ACCUMULATE),
        Native::Aggregate(COMBINE),
        Native::Scalar(ESTIMATE),
    ]
}
