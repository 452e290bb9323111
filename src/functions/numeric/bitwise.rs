//! Bitwise expression functions, over integers of 128 bits and over BINARY.
//!
//! Source of the result types and of the padding: recorded answers of a live account; Snowflake, "BITAND".

use super::super::{
    BINARY, Function, INTEGER, Lowering, Signature, TEXT, WIDE, native, native_call, whole,
};
use crate::engine::native::{Arguments, Decimal, Native, Output, Parameter, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::Expr;
use crate::types::{LogicalType, MAX_PRECISION, PhysicalType};

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "BITAND",
        aliases: &["BIT_AND"],
        signatures: &[
            Signature::new(
                "(number, number) -> tree",
                Lowering::Tree(|a, _| pair(a, &AND, 0)),
            ),
            Signature::new("(binary, binary) -> same", Lowering::Native(&AND_BINARY)),
            Signature::new(
                "(binary, binary, text) -> same",
                Lowering::Native(&AND_PADDED),
            ),
        ],
        summary: "The bits that are set in both arguments.",
        examples: &[
            ("BITAND(12, 10)", "8"),
            ("BITAND(-1, 255)", "255"),
            ("HEX_ENCODE(BITAND(X'F0', X'3C'))", "30"),
        ],
    },
    Function {
        name: "BITCOUNT",
        aliases: &["BIT_COUNT"],
        signatures: &[Signature::new(
            "(whole) -> NUMBER(3,0)",
            Lowering::Native(&COUNT),
        )],
        summary: "The number of bits that are set.",
        examples: &[("BITCOUNT(255)", "8"), ("BITCOUNT(0)", "0")],
    },
    Function {
        name: "BITNOT",
        aliases: &["BIT_NOT"],
        signatures: &[
            Signature::new("(number) -> tree", Lowering::Tree(|a, _| first(a, &NOT))),
            Signature::new("(binary) -> same", Lowering::Native(&NOT_BINARY)),
        ],
        summary: "Every bit inverted.",
        examples: &[
            ("BITNOT(1)", "-2"),
            ("BITNOT(-1)", "0"),
            ("HEX_ENCODE(BITNOT(X'F0'))", "0F"),
        ],
    },
    Function {
        name: "BITOR",
        aliases: &["BIT_OR"],
        signatures: &[
            Signature::new(
                "(number, number) -> tree",
                Lowering::Tree(|a, _| pair(a, &OR, 1)),
            ),
            Signature::new("(binary, binary) -> same", Lowering::Native(&OR_BINARY)),
            Signature::new(
                "(binary, binary, text) -> same",
                Lowering::Native(&OR_PADDED),
            ),
        ],
        summary: "The bits that are set in either argument.",
        examples: &[
            ("BITOR(12, 10)", "14"),
            ("BITOR(1, NULL::INT)", "NULL"),
            ("HEX_ENCODE(BITOR(X'F0', X'0F'))", "FF"),
        ],
    },
    Function {
        name: "BITSHIFTLEFT",
        aliases: &["BIT_SHIFTLEFT"],
        signatures: &[
            Signature::new(
                "(whole, integer) -> NUMBER(38,0)",
                Lowering::Native(&SHIFT_LEFT),
            ),
            Signature::new(
                "(binary, integer) -> same",
                Lowering::Native(&SHIFT_LEFT_BINARY),
            ),
        ],
        summary: "The bits moved to the left.",
        examples: &[
            ("BITSHIFTLEFT(1, 10)", "1024"),
            ("BITSHIFTLEFT(16, 1)", "32"),
            ("HEX_ENCODE(BITSHIFTLEFT(X'0180', 1))", "0300"),
        ],
    },
    Function {
        name: "BITSHIFTRIGHT",
        aliases: &["BIT_SHIFTRIGHT"],
        signatures: &[
            Signature::new(
                "(number, integer) -> tree",
                Lowering::Tree(|a, _| first(a, &SHIFT_RIGHT)),
            ),
            Signature::new(
                "(binary, integer) -> same",
                Lowering::Native(&SHIFT_RIGHT_BINARY),
            ),
        ],
        summary: "The bits moved to the right, the sign kept.",
        examples: &[
            ("BITSHIFTRIGHT(1024, 10)", "1"),
            ("BITSHIFTRIGHT(-16, 2)", "-4"),
            ("HEX_ENCODE(BITSHIFTRIGHT(X'0300', 1))", "0180"),
        ],
    },
    Function {
        name: "BITXOR",
        aliases: &["BIT_XOR"],
        signatures: &[
            Signature::new(
                "(number, number) -> tree",
                Lowering::Tree(|a, _| pair(a, &XOR, 0)),
            ),
            Signature::new("(binary, binary) -> same", Lowering::Native(&XOR_BINARY)),
            Signature::new(
                "(binary, binary, text) -> same",
                Lowering::Native(&XOR_PADDED),
            ),
        ],
        summary: "The bits that are set in one argument alone.",
        examples: &[
            ("BITXOR(12, 10)", "6"),
            ("BITXOR(99, -1)", "-100"),
            ("HEX_ENCODE(BITXOR(X'FFFF', X'0F', 'LEFT'))", "FFF0"),
            ("HEX_ENCODE(BITXOR(X'FFFF', X'0F', 'RIGHT'))", "F0FF"),
        ],
    },
    Function {
        name: "GETBIT",
        aliases: &[],
        signatures: &[Signature::new(
            "(whole, integer) -> NUMBER(1,0)",
            Lowering::Native(&GET),
        )],
        summary: "The bit at a position, counted from 0 at the least significant.",
        examples: &[
            ("GETBIT(11, 3)", "1"),
            ("GETBIT(11, 2)", "0"),
            ("GETBIT(11, 100)", "0"),
        ],
    },
];

/// Digits of the whole part, by which the results are as wide as their arguments; none of a FLOAT.
fn digits(expr: &Expr) -> u8 {
    match expr.ty {
        LogicalType::Number { precision, scale } => precision - scale,
        _ => 0,
    }
}

/// A NUMBER without its fraction.
fn whole_number(expr: Expr) -> Expr {
    match expr.ty {
        LogicalType::Number { scale: 0, .. } => expr,
        _ => expr.cast(LogicalType::INTEGER),
    }
}

fn pair(arguments: Vec<Expr>, native: &'static ScalarNative, wider: u8) -> Result<Expr> {
    let widest = arguments.iter().map(digits).max().unwrap_or(0);
    let ty = whole((widest + wider).clamp(2, MAX_PRECISION));
    let arguments = arguments.into_iter().map(whole_number).collect();
    Ok(native_call(native, arguments, ty))
}

fn first(mut arguments: Vec<Expr>, native: &'static ScalarNative) -> Result<Expr> {
    let ty = whole(arguments.first().map_or(0, digits).clamp(2, MAX_PRECISION));
    if let Some(first) = arguments.first_mut() {
        *first = whole_number(first.clone());
    }
    Ok(native_call(native, arguments, ty))
}

const NUMBER: Parameter = Parameter::AnyNumber;

macro_rules! of_two {
    ($($native:ident $name:literal, $binary:ident $binary_name:literal, $padded:ident $padded_name:literal, $operation:expr;)*) => { $(
        static $native: ScalarNative = native($name, &[NUMBER, NUMBER], WIDE, |arguments, output| {
            let operation: fn(i128, i128) -> i128 = $operation;
            arguments.binary(output, |a: Decimal, b: Decimal| Ok(operation(a.unscaled, b.unscaled)))
        });
        static $binary: ScalarNative = native($binary_name, &[BINARY, BINARY], PhysicalType::Blob, |arguments, output| {
            binary(arguments, output, $operation)
        });
        static $padded: ScalarNative = native($padded_name, &[BINARY, BINARY, TEXT], PhysicalType::Blob, |arguments, output| {
            padded(arguments, output, $operation)
        });
    )* };
}

of_two! {
    AND "sf_bitand", AND_BINARY "sf_bitand_binary", AND_PADDED "sf_bitand_padded", |a, b| a & b;
    OR "sf_bitor", OR_BINARY "sf_bitor_binary", OR_PADDED "sf_bitor_padded", |a, b| a | b;
    XOR "sf_bitxor", XOR_BINARY "sf_bitxor_binary", XOR_PADDED "sf_bitxor_padded", |a, b| a ^ b;
}

fn binary(
    arguments: &Arguments<'_>,
    output: &mut Output<'_>,
    operation: fn(u8, u8) -> u8,
) -> Result<()> {
    arguments.binary(output, |a: &[u8], b: &[u8]| {
        if a.len() != b.len() {
            return Err(Error::invalid_function_argument(
                format!("lengths {} and {}", a.len(), b.len()),
                "bitwise operations on BINARY need equal lengths or a padding side",
            ));
        }
        Ok(a.iter()
            .zip(b)
            .map(|(a, b)| operation(*a, *b))
            .collect::<Vec<u8>>())
    })
}

/// The shorter argument gets zeros on the named side.
fn padded(
    arguments: &Arguments<'_>,
    output: &mut Output<'_>,
    operation: fn(u8, u8) -> u8,
) -> Result<()> {
    arguments.ternary(output, |a: &[u8], b: &[u8], side: &str| {
        let length = a.len().max(b.len());
        let left = match side.to_uppercase().as_str() {
            "LEFT" => true,
            "RIGHT" => false,
            _ => {
                return Err(Error::invalid_function_argument(
                    side,
                    "padding side must be LEFT or RIGHT",
                ));
            }
        };
        let at = |value: &[u8], index: usize| {
            let index = if left {
                index.checked_sub(length - value.len())
            } else {
                Some(index)
            };
            index
                .and_then(|index| value.get(index).copied())
                .unwrap_or(0)
        };
        Ok((0..length)
            .map(|index| operation(at(a, index), at(b, index)))
            .collect::<Vec<u8>>())
    })
}

static NOT: ScalarNative = native("sf_bitnot", &[NUMBER], WIDE, |arguments, output| {
    arguments.unary(output, |value: Decimal| Ok(!value.unscaled))
});

static NOT_BINARY: ScalarNative = native(
    "sf_bitnot_binary",
    &[BINARY],
    PhysicalType::Blob,
    |arguments, output| {
        arguments.unary(output, |value: &[u8]| {
            Ok(value.iter().map(|byte| !byte).collect::<Vec<u8>>())
        })
    },
);

static COUNT: ScalarNative = native(
    "sf_bitcount",
    &[NUMBER],
    PhysicalType::BigInt,
    |arguments, output| {
        arguments.unary(output, |value: Decimal| {
            Ok(i64::from(value.unscaled.count_ones()))
        })
    },
);

static GET: ScalarNative = native(
    "sf_getbit",
    &[NUMBER, INTEGER],
    PhysicalType::BigInt,
    |arguments, output| {
        arguments.binary(
            output,
            |value: Decimal, position: i64| match u32::try_from(position) {
                Ok(position) => Ok((value.unscaled >> position.min(127) & 1) as i64),
                Err(_) => Err(Error::invalid_function_argument(
                    position,
                    "bit position must not be negative",
                )),
            },
        )
    },
);

static SHIFT_LEFT: ScalarNative = native(
    "sf_bitshiftleft",
    &[NUMBER, INTEGER],
    WIDE,
    |arguments, output| {
        arguments.binary(output, |value: Decimal, count: i64| {
            Ok(shifted(value.unscaled, count))
        })
    },
);

static SHIFT_RIGHT: ScalarNative = native(
    "sf_bitshiftright",
    &[NUMBER, INTEGER],
    WIDE,
    |arguments, output| {
        arguments.binary(output, |value: Decimal, count: i64| {
            Ok(shifted(value.unscaled, -count))
        })
    },
);

/// To the left, or to the right where `count` is negative.
fn shifted(value: i128, count: i64) -> i128 {
    let distance = count.unsigned_abs();
    match (count >= 0, u32::try_from(distance)) {
        (true, Ok(distance)) => value.checked_shl(distance).unwrap_or(0),
        (true, Err(_)) => 0,
        (false, distance) => value >> distance.unwrap_or(127).min(127),
    }
}

static SHIFT_LEFT_BINARY: ScalarNative = native(
    "sf_bitshiftleft_binary",
    &[BINARY, INTEGER],
    PhysicalType::Blob,
    |arguments, output| {
        arguments.binary(output, |value: &[u8], count: i64| {
            Ok(shifted_bytes(value, count))
        })
    },
);

static SHIFT_RIGHT_BINARY: ScalarNative = native(
    "sf_bitshiftright_binary",
    &[BINARY, INTEGER],
    PhysicalType::Blob,
    |arguments, output| {
        arguments.binary(output, |value: &[u8], count: i64| {
            Ok(shifted_bytes(value, count.saturating_neg()))
        })
    },
);

/// The bytes as one number of fixed width, to the left or, where `count` is negative, to the right.
fn shifted_bytes(value: &[u8], count: i64) -> Vec<u8> {
    let bytes = count.div_euclid(8);
    let bits = count.rem_euclid(8) as u32;
    let at = |index: i64| {
        let byte = usize::try_from(index)
            .ok()
            .and_then(|index| value.get(index));
        u16::from(byte.copied().unwrap_or(0))
    };
    (0..value.len() as i64)
        .map(|index| {
            let from = index.saturating_add(bytes);
            let pair = at(from) << 8 | at(from.saturating_add(1));
            (pair << bits >> 8) as u8
        })
        .collect()
}

pub(super) fn natives() -> Vec<Native> {
    [AND, OR, XOR, NOT, SHIFT_RIGHT]
        .map(Native::Scalar)
        .to_vec()
}
