//! Functions of VARIANT, OBJECT and ARRAY, a list for each part of Snowflake's category, and the natives behind casts, paths
//! and table functions.
//!
//! All natives read and write canonical text ([`variant`](crate::types::variant)). An argument of any type is brought to VARIANT
//! by the signature (`value`), so that most natives see VARCHAR alone.

pub(super) mod aggregate;
pub(super) mod array;
pub(super) mod array_order;
pub(super) mod array_set;
pub(super) mod cast;
pub(super) mod conversion;
pub(super) mod extraction;
pub(super) mod object;
pub(super) mod parsing;
pub(super) mod predicate;
pub(super) mod table;
pub(super) mod text;
pub(super) mod xml;

use super::expr::{INTEGER, Run, TEXT, native as strict};
use crate::engine::native::{ListNative, Memo, Native, Nulls, Parameter, ScalarNative};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::tree::{Expr, Literal};
use crate::types::variant::render::Formats;
use crate::types::{LogicalType, PhysicalType};

const TEXTS: Parameter = Parameter::Rest(&TEXT);
const BOOLEAN: Parameter = Parameter::Exact(PhysicalType::Boolean);

/// A function that sees NULLs.
const fn seeing_nulls(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: PhysicalType,
    run: Run,
) -> ScalarNative {
    ScalarNative {
        nulls: Nulls::Passed,
        ..strict(name, parameters, returns, run)
    }
}

/// The natives that no entry names: `lower` and `bind` write them.
pub(super) fn natives() -> Vec<Native> {
    let mut all = cast::natives();
    all.extend(extraction::natives());
    all.extend(
        table::LISTS
            .iter()
            .map(|list: &ListNative| Native::List(*list)),
    );
    all.extend(aggregate::natives());
    all.extend(object::NATIVES.iter().map(|native| Native::Scalar(*native)));
    all.extend(text::NATIVES.iter().map(|native| Native::Scalar(*native)));
    all.extend(xml::NATIVES.iter().map(|native| Native::Scalar(*native)));
    all.extend(
        parsing::NATIVES
            .iter()
            .map(|native| Native::Scalar(*native)),
    );
    all
}

/// The session's formats as an argument of natives that write dates and times.
fn formats_argument(facts: &Facts) -> Expr {
    Expr::literal(Literal::Text(facts.variant_formats()), LogicalType::TEXT)
}

/// The compiled formats of such an argument.
fn formats<'m>(memo: &'m mut Memo<Formats>, settings: &str) -> Result<&'m Formats> {
    memo.get(settings, |settings| {
        Formats::new(settings).ok_or_else(|| Error::internal("formats of a VARIANT that are none"))
    })
}
