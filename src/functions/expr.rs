//! Typed expressions and natives as the lowerings of the table write them.

use crate::engine::native::{
    AggregateNative, Arguments, Native, Nulls, Output, Parameter, ScalarNative,
};
use crate::error::{Error, Result};
use crate::tree::{Aggregate, Call, Comparison, Expr, ExprKind, Form, Literal, Returns};
use crate::types::{
    LogicalType, MAX_BINARY_LENGTH, MAX_PRECISION, MAX_VARCHAR_LENGTH, PhysicalType,
};

/// Exactly `N` arguments; a signature that gave another number is a mistake in the table.
pub(super) fn arguments<const N: usize>(arguments: Vec<Expr>) -> Result<[Expr; N]> {
    arguments
        .try_into()
        .map_err(|_| Error::internal("a signature does not fit its lowering"))
}

/// A call of a native of ours, its result in the natural form of `ty`.
pub(super) fn native_call(
    native: &'static ScalarNative,
    arguments: Vec<Expr>,
    ty: LogicalType,
) -> Expr {
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
pub(super) const fn native(
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

/// The same, registered without an entry of the table.
pub(super) const fn scalar(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: PhysicalType,
    run: Run,
) -> Native {
    Native::Scalar(native(name, parameters, returns, run))
}

pub(super) type Run = fn(&Arguments<'_>, &mut Output<'_>) -> Result<()>;

pub(super) const TEXT: Parameter = Parameter::Exact(PhysicalType::Varchar);
pub(super) const INTEGER: Parameter = Parameter::Exact(PhysicalType::BigInt);
pub(super) const FLOAT: Parameter = Parameter::Exact(PhysicalType::Double);
pub(super) const BINARY: Parameter = Parameter::Exact(PhysicalType::Blob);

/// The form in which natives give whole numbers of any size.
pub(super) const WIDE: PhysicalType = PhysicalType::Decimal {
    precision: MAX_PRECISION,
    scale: 0,
};

/// The value of a literal integer, as written or as the signature converted it.
pub(super) fn literal_integer(expr: &Expr) -> Option<i128> {
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
pub(super) fn literal_text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text),
        ExprKind::Cast { operand, .. } if matches!(expr.ty, LogicalType::Varchar { .. }) => {
            literal_text(operand)
        }
        _ => None,
    }
}

/// A NUMBER literal of scale 0.
pub(super) fn integer(value: impl Into<i128>) -> Expr {
    let value = value.into();
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
pub(super) const fn whole(precision: u8) -> LogicalType {
    LogicalType::Number {
        precision,
        scale: 0,
    }
}

/// A call of an engine function whose number results are cast to the natural form of `ty`.
pub(super) fn call(name: &'static str, arguments: Vec<Expr>, ty: LogicalType) -> Expr {
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

/// `left || right` for texts, or for BINARY values.
pub(super) fn concat(left: Expr, right: Expr) -> Expr {
    let ty = match (&left.ty, &right.ty) {
        (LogicalType::Binary { length: a }, LogicalType::Binary { length: b }) => {
            LogicalType::Binary {
                length: a.saturating_add(*b).min(MAX_BINARY_LENGTH),
            }
        }
        (LogicalType::Varchar { length: a }, LogicalType::Varchar { length: b }) => {
            LogicalType::Varchar {
                length: a.saturating_add(*b).min(MAX_VARCHAR_LENGTH),
            }
        }
        _ => LogicalType::Varchar {
            length: MAX_VARCHAR_LENGTH,
        },
    };
    let nullable = left.nullable || right.nullable;
    let kind = ExprKind::Concat(Box::new(left), Box::new(right));
    Expr::new(kind, ty, nullable)
}

/// A call of an engine function over arguments that share one type.
pub(super) fn call_of(
    name: &'static str,
    arguments: Vec<Expr>,
    ty: LogicalType,
    returns: Returns,
) -> Expr {
    let nullable = arguments.iter().any(|argument| argument.nullable);
    let call = Call {
        form: Form::Engine(name),
        unified: (0..arguments.len()).collect(),
        arguments,
        returns,
    };
    Expr::new(ExprKind::Call(call), ty, nullable)
}

/// `CASE WHEN … THEN … ELSE … END`; all results have the type `ty`.
pub(super) fn case(branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>, ty: LogicalType) -> Expr {
    let nullable = otherwise
        .as_ref()
        .is_none_or(|otherwise| otherwise.nullable)
        || branches.iter().any(|(_, result)| result.nullable);
    let kind = ExprKind::Case {
        branches,
        otherwise: otherwise.map(Box::new),
    };
    Expr::new(kind, ty, nullable)
}

/// `operand IS [NOT] NULL`
pub(super) fn is_null(operand: Expr, negated: bool) -> Expr {
    let kind = ExprKind::IsNull {
        operand: Box::new(operand),
        negated,
    };
    Expr::boolean(kind, false)
}

/// A comparison of two values of one type.
pub(super) fn compare(operator: Comparison, left: Expr, right: Expr) -> Expr {
    let nullable = left.nullable || right.nullable;
    let kind = ExprKind::Compare {
        operator,
        left: Box::new(left),
        right: Box::new(right),
    };
    Expr::boolean(kind, nullable)
}

/// `left = right`
pub(super) fn equal(left: Expr, right: Expr) -> Expr {
    compare(Comparison::Equal, left, right)
}

/// `left IS [NOT] DISTINCT FROM right`
pub(super) fn is_distinct(left: Expr, right: Expr, negated: bool) -> Expr {
    let kind = ExprKind::IsDistinct {
        left: Box::new(left),
        right: Box::new(right),
        negated,
    };
    Expr::boolean(kind, false)
}

/// A text literal.
pub(super) fn text(text: &str) -> Expr {
    let length = text.chars().count() as u32;
    Expr::literal(
        Literal::Text(text.to_owned()),
        LogicalType::Varchar { length },
    )
}

/// A text literal of the longest type, whose type says nothing of its length.
pub(super) fn unsized_text(text: &str) -> Expr {
    Expr::literal(Literal::Text(text.to_owned()), LogicalType::TEXT)
}

/// Zero of a number type.
pub(super) fn zero(ty: &LogicalType) -> Expr {
    match ty {
        LogicalType::Float => Expr::literal(Literal::Float(0.0), LogicalType::Float),
        ty => Expr::literal(Literal::Number(0), ty.clone()),
    }
}

/// `number <> 0`
pub(super) fn not_zero(number: Expr) -> Expr {
    let zero = zero(&number.ty);
    compare(Comparison::NotEqual, number, zero)
}

/// `nullif(number, 0)`
pub(super) fn nullif_zero(number: Expr) -> Expr {
    let (ty, zero) = (number.ty.clone(), zero(&number.ty));
    let mut call = call_of("nullif", vec![number, zero], ty, Returns::Unified);
    call.nullable = true;
    call
}

/// DuckDB SQL over arguments; number results are cast to the natural form of `ty`.
pub(super) fn call_template(template: &'static str, arguments: Vec<Expr>, ty: LogicalType) -> Expr {
    let nullable = arguments.iter().any(|argument| argument.nullable);
    let returns = match ty {
        LogicalType::Number { .. } => Returns::Cast,
        _ => Returns::Natural,
    };
    let call = Call {
        form: Form::Template(template),
        arguments,
        unified: vec![],
        returns,
    };
    Expr::new(ExprKind::Call(call), ty, nullable)
}

/// A native aggregate with the clauses of another aggregate.
pub(super) fn native_aggregate(
    aggregate: Aggregate,
    native: &'static AggregateNative,
    arguments: Vec<Expr>,
    ty: LogicalType,
) -> Expr {
    let call = Call {
        form: Form::Engine(native.name),
        arguments,
        unified: vec![],
        returns: Returns::Cast,
    };
    let aggregate = Aggregate { call, ..aggregate };
    Expr::new(ExprKind::Aggregate(Box::new(aggregate)), ty, true)
}
