//! Conversion functions, a file per target, and the natives behind casts.
//!
//! A conversion without a format is a cast; which casts there are is decided in `types::coercion`, how they are written in
//! `lower`. TRY_ forms take text alone and give NULL where the others fail.
//!
//! Source: Snowflake, "Conversion functions"; refusals as recorded from a live account.

mod binary;
mod boolean;
mod cast;
mod number;
mod temporal;
mod text;

pub(super) use super::date_time::zone_named as zone;
use super::expr::{
    FLOAT as DOUBLE, INTEGER, TEXT, integer, scalar as native, unsized_text as literal_text,
};
use super::signature::argument_text;
use super::{Facts, Function, Lowering, Signature, Written};
use crate::engine::native::{Native, Parameter};
use crate::error::{Error, Result};
use crate::tree::{Call, Expr, ExprKind, Form, Literal, Returns};
use crate::types::{LogicalType, PhysicalType, coercion};
pub(super) use cast::input_format;

pub(super) static FUNCTIONS: &[Function] = &[
    temporal::DATE,
    temporal::TIME,
    binary::TO_BINARY,
    boolean::TO_BOOLEAN,
    temporal::TO_DATE,
    number::TO_DOUBLE,
    number::TO_NUMBER,
    temporal::TO_TIME,
    temporal::TO_TIMESTAMP,
    temporal::TO_TIMESTAMP_LTZ,
    temporal::TO_TIMESTAMP_NTZ,
    temporal::TO_TIMESTAMP_TZ,
    text::TO_VARCHAR,
    binary::TRY_TO_BINARY,
    boolean::TRY_TO_BOOLEAN,
    temporal::TRY_TO_DATE,
    number::TRY_TO_DOUBLE,
    number::TRY_TO_NUMBER,
    temporal::TRY_TO_TIME,
    temporal::TRY_TO_TIMESTAMP,
    temporal::TRY_TO_TIMESTAMP_LTZ,
    temporal::TRY_TO_TIMESTAMP_NTZ,
    temporal::TRY_TO_TIMESTAMP_TZ,
];

pub(super) fn natives() -> Vec<Native> {
    let mut natives = cast::natives();
    natives.extend_from_slice(text::NATIVES);
    natives.extend(number::natives());
    natives
}

/// A cast; a tolerant one gives NULL where it fails.
fn cast(value: Expr, ty: LogicalType, tolerant: bool) -> Expr {
    if !tolerant || value.is_null_literal() {
        return value.cast(ty);
    }
    Expr::new(
        ExprKind::Cast {
            operand: Box::new(value),
            tolerant,
        },
        ty,
        true,
    )
}

/// A native's call, `TRY(…)` where it is tolerant; `forms` are the two spellings.
fn read(
    forms: (&'static str, &'static str),
    arguments: Vec<Expr>,
    ty: LogicalType,
    tolerant: bool,
) -> Expr {
    let nullable = tolerant || arguments.iter().any(|argument| argument.nullable);
    let returns = match ty {
        LogicalType::Number { .. } => Returns::Cast,
        _ => Returns::Natural,
    };
    let form = if tolerant {
        Form::Template(forms.1)
    } else {
        Form::Engine(forms.0)
    };
    let call = Call {
        form,
        arguments,
        unified: vec![],
        returns,
    };
    Expr::new(ExprKind::Call(call), ty, nullable)
}

/// The refusal of a TRY_ function whose source is no text, if it is to be refused.
fn check_source(
    written: &Written<'_>,
    value: &Expr,
    ty: &LogicalType,
    parameter: &str,
) -> Result<()> {
    if matches!(value.ty, LogicalType::Varchar { .. }) && !value.is_null_literal() {
        return Ok(());
    }
    if value.is_null_literal() && value.ty == LogicalType::TEXT {
        return Err(Error::try_cast_types("NULL", ty));
    }
    if value.is_null_literal() {
        return Ok(());
    }
    Err(if coercion::explicit(&value.ty, ty) {
        Error::try_cast_types(&value.ty, ty)
    } else {
        Error::invalid_cast(written.text, parameter)
    })
}

/// A format argument: text, or NULL where that is allowed.
fn format_argument(format: Expr, parameter: &str) -> Result<Expr> {
    match format.ty {
        LogicalType::Varchar { .. } if !format.is_null_literal() => Ok(format),
        _ => Err(Error::format_not_a_string(parameter)),
    }
}

/// A whole number from `range` at a place of the call, which has to be a constant.
fn constant(
    written: &Written<'_>,
    place: usize,
    parameter: &str,
    argument: &Expr,
    range: std::ops::RangeInclusive<i128>,
) -> Result<u8> {
    let text = || argument_text(written.text, place);
    match (&argument.kind, &argument.ty) {
        (ExprKind::Literal(Literal::Number(value)), LogicalType::Number { scale: 0, .. }) => {
            if range.contains(value) {
                Ok(*value as u8)
            } else {
                Err(Error::argument_out_of_range(value, parameter, place + 1))
            }
        }
        (ExprKind::Literal(Literal::Null), _) => {
            Err(Error::argument_not_integer(place + 1, parameter, "'null'"))
        }
        (ExprKind::Literal(_), _) => Err(Error::argument_not_integer(
            place + 1,
            parameter,
            format_args!("'{}'", text().trim_matches('\'')),
        )),
        _ => Err(Error::needs_constant(place + 1, parameter, text())),
    }
}
