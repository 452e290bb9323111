//! Functions of FLOAT: a result that is no number, of arguments that are, is an error.

use crate::error::{Error, Result};
use crate::types::text::print_float;

/// Defines a native `sf_<name>` of one FLOAT, or of two.
macro_rules! float_native {
    ($native:ident, $name:literal, $function:expr) => {
        static $native: crate::engine::native::ScalarNative = crate::functions::native(
            concat!("sf_", $name),
            &[crate::functions::FLOAT],
            crate::types::PhysicalType::Double,
            |arguments, output| {
                let function: fn(f64) -> f64 = $function;
                arguments.unary(output, |x: f64| {
                    crate::functions::numeric::float::checked($name, &[x], function(x))
                })
            },
        );
    };
    ($native:ident, $name:literal, $function:expr, two) => {
        static $native: crate::engine::native::ScalarNative = crate::functions::native(
            concat!("sf_", $name),
            &[crate::functions::FLOAT, crate::functions::FLOAT],
            crate::types::PhysicalType::Double,
            |arguments, output| {
                let function: fn(f64, f64) -> f64 = $function;
                arguments.binary(output, |x: f64, y: f64| {
                    crate::functions::numeric::float::checked($name, &[x, y], function(x, y))
                })
            },
        );
    };
}

pub(super) use float_native;

/// The result, unless finite arguments gave an infinite one or none.
#[inline]
pub(super) fn checked(name: &str, arguments: &[f64], result: f64) -> Result<f64> {
    if result.is_finite() || !arguments.iter().all(|argument| argument.is_finite()) {
        return Ok(result);
    }
    let mut operation = format!("{name}(");
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            operation.push(',');
        }
        print_float(*argument, &mut operation);
    }
    operation.push(')');
    Err(Error::invalid_float_operation(operation))
}
