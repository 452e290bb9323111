//! Calls that Snowflake refuses in other words than the function's own: it plans them as something else, and that refuses.
//!
//! Source: answers of a live account, recorded by `AggregateArgumentFamilyTest` and `AggregateArgumentShapesTest` of
//! `mlorek/frostlake`.

use crate::error::{Error, Result};
use crate::tree::Expr;
use crate::types::LogicalType;

/// A call before its signature is chosen.
pub struct Call<'a> {
    /// The function's own name.
    pub name: &'a str,
    pub arguments: &'a [Expr],
    pub is_distinct: bool,
    pub is_windowed: bool,
    /// The call as messages write it.
    pub text: &'a dyn Fn() -> String,
    /// One of its arguments as messages write it.
    pub argument: &'a dyn Fn(usize) -> String,
}

/// Whether a numeric aggregate takes the type.
fn is_numeric(ty: &LogicalType) -> bool {
    matches!(
        ty,
        LogicalType::Number { .. }
            | LogicalType::Float
            | LogicalType::Varchar { .. }
            | LogicalType::Variant
    )
}

/// Refuses what the function's signatures would take, or would refuse in their own words.
pub fn check(call: &Call<'_>) -> Result<()> {
    let odd = || {
        call.arguments
            .iter()
            .position(|argument| !is_numeric(&argument.ty))
    };
    let types = |types: &[&LogicalType]| {
        let types: Vec<_> = types.iter().map(ToString::to_string).collect();
        types.join(", ")
    };
    match (call.name, call.arguments) {
        ("COUNT_IF", _) if call.is_distinct => Err(Error::invalid_distinct((call.text)())),
        ("COUNT_IF", [argument])
            if argument.ty != LogicalType::Boolean && !argument.is_null_literal() =>
        {
            let types = format!("{}, NUMBER(1,0), NUMBER(1,0)", argument.ty);
            Err(Error::invalid_argument_types("IFF", types))
        }
        ("BOOLAND_AGG" | "BOOLOR_AGG" | "BOOLXOR_AGG", [argument]) => match argument.ty {
            LogicalType::Boolean
            | LogicalType::Number { .. }
            | LogicalType::Varchar { .. }
            | LogicalType::Variant => Ok(()),
            _ => Err(Error::invalid_cast(
                format_args!("TO_BOOLEAN({})", (call.argument)(0)),
                "TO_BOOLEAN",
            )),
        },
        ("AVG", [argument]) if !call.is_windowed && !is_numeric(&argument.ty) => {
            Err(Error::invalid_argument_types("SUM", &argument.ty))
        }
        (
            "KURTOSIS" | "SKEW" | "STDDEV" | "STDDEV_POP" | "VARIANCE" | "VAR_POP" | "VAR_SAMP",
            [argument],
        ) if !is_numeric(&argument.ty) => {
            let types = types(&[&argument.ty, &argument.ty]);
            Err(Error::invalid_argument_types("*", types))
        }
        ("REGR_R2", [y, x]) => match odd() {
            None => Ok(()),
            Some(place) => {
                let ty = if place == 0 { &y.ty } else { &x.ty };
                Err(Error::invalid_argument_types("*", types(&[ty, ty])))
            }
        },
        ("REGR_SXY", [y, x]) if odd().is_some() => {
            Err(Error::invalid_argument_types("*", types(&[&x.ty, &y.ty])))
        }
        (
            "CORR" | "COVAR_POP" | "COVAR_SAMP" | "REGR_INTERCEPT" | "REGR_SLOPE" | "REGR_SYY",
            [_, _],
        ) => odd().map_or(Ok(()), |place| Err(guarded(call, place))),
        ("REGR_AVGX" | "REGR_COUNT" | "REGR_SXX", [_, x]) if !is_numeric(&x.ty) => {
            Err(guarded(call, 1))
        }
        ("REGR_AVGY", [y, _]) if !is_numeric(&y.ty) => Err(guarded(call, 0)),
        _ => Ok(()),
    }
}

/// A conversion to FLOAT that only happens where the other argument is not NULL.
fn guarded(call: &Call<'_>, place: usize) -> Error {
    let family = call
        .arguments
        .get(place)
        .map_or("", |argument| argument.ty.family());
    let (this, other) = ((call.argument)(place), (call.argument)(1 - place));
    Error::invalid_cast(
        format_args!("TO_DOUBLE(IFF({other} IS NULL, SYSTEM$NULL_TO_{family}(NULL), {this}))"),
        "TO_DOUBLE",
    )
}
