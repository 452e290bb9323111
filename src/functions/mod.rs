//! Snowflake's functions: one table, one entry per function, in a file per category of Snowflake's reference.
//!
//! An entry carries everything that is known of a function. Lookup, type inference, the natives that the engine registers,
//! the reference page and the tests of the examples all read it. To add a function, add an entry to its category's list.
//!
//! It must not know the catalog, statements or SQL text: a function sees typed arguments and facts of the session.

mod aggregate;
mod conditional;
mod context;
mod conversion;
mod date_time;
mod numeric;
mod signature;
mod string;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use context::{Facts, place_in};
pub use signature::{Matched, match_call};

use crate::engine::native::{
    AggregateNative, Arguments, Native, Nulls, Output, Parameter, ScalarNative,
};
use crate::error::{Error, Result};
use crate::tree::{Aggregate, Call, Expr, ExprKind, Form, Literal, Returns};
use crate::types::{LogicalType, MAX_PRECISION, MAX_VARCHAR_LENGTH, PhysicalType};

/// A Snowflake function.
pub struct Function {
    /// Its name in upper case.
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// Tried in order; see [`signature`] for the notation.
    pub signatures: &'static [Signature],
    pub summary: &'static str,
    /// Expressions and their values as text; run as tests through the whole pipeline.
    pub examples: &'static [(&'static str, &'static str)],
}

/// One way to call a function.
pub struct Signature {
    /// As a reader would write it: `(text, integer) -> text`.
    pub text: &'static str,
    pub lowering: Lowering,
}

impl Signature {
    const fn new(text: &'static str, lowering: Lowering) -> Self {
        Signature { text, lowering }
    }
}

/// How a call becomes something that the engine computes.
pub enum Lowering {
    /// An engine function, by its engine name.
    Engine(&'static str),
    /// DuckDB SQL with the arguments at `$1`, `$2`, ….
    Template(&'static str),
    /// Other typed expressions.
    Tree(fn(Vec<Expr>, &Facts) -> Result<Expr>),
    /// A scalar function of ours in the engine.
    Native(&'static ScalarNative),
    /// An aggregate or window function of the engine.
    Aggregate(&'static str),
    /// An aggregate function of ours in the engine.
    NativeAggregate(&'static AggregateNative),
    /// Other typed expressions over the aggregate's call (which carries DISTINCT, OVER, …).
    AggregateTree(fn(Aggregate) -> Result<Expr>),
    /// A constant that is known when the statement is compiled.
    Session(fn(&Facts) -> Expr),
}

/// The categories of Snowflake's reference, each a list sorted by name.
static CATEGORIES: &[(&str, &[Function])] = &[
    ("Aggregate", aggregate::FUNCTIONS),
    ("Bitwise expression", numeric::bitwise::FUNCTIONS),
    ("Conditional expression", conditional::FUNCTIONS),
    ("Context", context::FUNCTIONS),
    ("Conversion", conversion::FUNCTIONS),
    ("Date & time", date_time::FUNCTIONS),
    ("Numeric", numeric::FUNCTIONS),
    ("Numeric: rounding", numeric::rounding::FUNCTIONS),
    ("Numeric: trigonometric", numeric::trigonometric::FUNCTIONS),
    ("String & binary", string::FUNCTIONS),
];

static BY_NAME: LazyLock<HashMap<&'static str, &'static Function>> = LazyLock::new(|| {
    let functions = CATEGORIES.iter().flat_map(|(_, functions)| *functions);
    functions
        .flat_map(|function| {
            std::iter::once(&function.name)
                .chain(function.aliases)
                .map(move |name| (*name, function))
        })
        .collect()
});

/// The function of this name (upper case), if Snowflake has it and we do.
pub fn lookup(name: &str) -> Option<&'static Function> {
    BY_NAME.get(name).copied()
}

/// Category name and functions, for the reference page and for tests.
pub fn categories() -> &'static [(&'static str, &'static [Function])] {
    CATEGORIES
}

/// Everything that the engine has to register at opening.
pub fn natives() -> Vec<Native> {
    let signatures = CATEGORIES
        .iter()
        .flat_map(|(_, functions)| *functions)
        .flat_map(|f| f.signatures);
    let mut natives: Vec<Native> = signatures
        .filter_map(|signature| match signature.lowering {
            Lowering::Native(native) => Some(Native::Scalar(*native)),
            Lowering::NativeAggregate(native) => Some(Native::Aggregate(*native)),
            _ => None,
        })
        .collect();
    natives.extend(conversion::natives());
    natives.extend(numeric::natives());
    natives
}

impl Lowering {
    /// Whether a call of it is an aggregate (or window function), so that DISTINCT, OVER and the like are allowed.
    pub fn is_aggregate(&self) -> bool {
        matches!(
            self,
            Lowering::Aggregate(_) | Lowering::NativeAggregate(_) | Lowering::AggregateTree(_)
        )
    }
}

/// Exactly `N` arguments; a signature that gave another number is a mistake in the table.
fn arguments<const N: usize>(arguments: Vec<Expr>) -> Result<[Expr; N]> {
    arguments
        .try_into()
        .map_err(|_| Error::internal("a signature does not fit its lowering"))
}

/// A call of a native of ours, its result in the natural form of `ty`.
fn native_call(native: &'static ScalarNative, arguments: Vec<Expr>, ty: LogicalType) -> Expr {
    let nullable = arguments.iter().any(|argument| argument.nullable);
    let returns = if native.returns == ty.natural_physical() {
        Returns::Natural
    } else {
        Returns::Cast
    };
    let call = Call {
        form: Form::Engine(native.name),
        arguments,
        unified: vec![],
        returns,
    };
    Expr::new(ExprKind::Call(call), ty, nullable)
}

/// A scalar native that sees no NULLs and depends on nothing else.
const fn native(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: PhysicalType,
    run: Run,
) -> ScalarNative {
    ScalarNative {
        name,
        parameters,
        returns,
        nulls: Nulls::Propagate,
        volatile: false,
        run,
    }
}

type Run = fn(&Arguments<'_>, &mut Output<'_>) -> Result<()>;

const TEXT: Parameter = Parameter::Exact(PhysicalType::Varchar);
const INTEGER: Parameter = Parameter::Exact(PhysicalType::BigInt);
const FLOAT: Parameter = Parameter::Exact(PhysicalType::Double);
const BINARY: Parameter = Parameter::Exact(PhysicalType::Blob);
const BOOLEAN: Parameter = Parameter::Exact(PhysicalType::Boolean);

/// The form in which natives give whole numbers of any size.
const WIDE: PhysicalType = PhysicalType::Decimal {
    precision: MAX_PRECISION,
    scale: 0,
};

/// The value of a literal integer, as written or as the signature converted it.
fn literal_integer(expr: &Expr) -> Option<i128> {
    match &expr.kind {
        ExprKind::Literal(Literal::Number(unscaled)) => match expr.ty {
            LogicalType::Number { scale: 0, .. } => Some(*unscaled),
            _ => None,
        },
        ExprKind::Negate(operand) => literal_integer(operand).map(|value| -value),
        ExprKind::Cast { operand, .. } => match expr.ty {
            LogicalType::Number { scale: 0, .. } => literal_integer(operand),
            _ => None,
        },
        _ => None,
    }
}

/// The value of a literal text.
fn literal_text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text),
        ExprKind::Cast { operand, .. } if matches!(expr.ty, LogicalType::Varchar { .. }) => {
            literal_text(operand)
        }
        _ => None,
    }
}

/// A NUMBER literal of scale 0.
fn integer(value: i128) -> Expr {
    let precision = value.unsigned_abs().checked_ilog10().unwrap_or(0) as u8 + 1;
    Expr::literal(
        Literal::Number(value),
        LogicalType::Number {
            precision: precision.max(18),
            scale: 0,
        },
    )
}

/// `NUMBER(precision, 0)`
const fn whole(precision: u8) -> LogicalType {
    LogicalType::Number {
        precision,
        scale: 0,
    }
}

/// A call of an engine function whose number results are cast to the natural form of `ty`.
fn call(name: &'static str, arguments: Vec<Expr>, ty: LogicalType) -> Expr {
    let nullable = arguments.iter().any(|argument| argument.nullable);
    let returns = match ty {
        LogicalType::Number { .. } => Returns::Cast,
        _ => Returns::Natural,
    };
    let call = Call {
        form: Form::Engine(name),
        arguments,
        unified: vec![],
        returns,
    };
    Expr::new(ExprKind::Call(call), ty, nullable)
}

/// `left || right` for texts.
fn concat(left: Expr, right: Expr) -> Expr {
    let length = match (&left.ty, &right.ty) {
        (LogicalType::Varchar { length: a }, LogicalType::Varchar { length: b }) => {
            a.saturating_add(*b)
        }
        _ => MAX_VARCHAR_LENGTH,
    };
    let nullable = left.nullable || right.nullable;
    let ty = LogicalType::Varchar {
        length: length.min(MAX_VARCHAR_LENGTH),
    };
    Expr::new(
        ExprKind::Concat(Box::new(left), Box::new(right)),
        ty,
        nullable,
    )
}
