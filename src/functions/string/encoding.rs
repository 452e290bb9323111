//! Encoding and decoding: hexadecimal and base 64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::expr::text as literal;
use super::super::{
    BINARY, Facts, Function, INTEGER, Lowering, Signature, TEXT, integer, native, native_call,
};
use crate::engine::native::{Native, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::Expr;
use crate::types::{LogicalType, PhysicalType, text};

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "BASE64_DECODE_BINARY",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text) -> tree",
                Lowering::Tree(|a, f| decode(a, f, &BINARY_OF_BASE64)),
            ),
            Signature::new(
                "(text, text) -> tree",
                Lowering::Tree(|a, f| decode(a, f, &BINARY_OF_BASE64)),
            ),
        ],
        summary: "The bytes that a base 64 text stands for.",
        examples: &[
            ("HEX_ENCODE(BASE64_DECODE_BINARY('YWJj'))", "616263"),
            ("HEX_ENCODE(BASE64_DECODE_BINARY('$%8=', '$%'))", "FBFF"),
        ],
    },
    Function {
        name: "BASE64_DECODE_STRING",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text) -> tree",
                Lowering::Tree(|a, f| decode(a, f, &TEXT_OF_BASE64)),
            ),
            Signature::new(
                "(text, text) -> tree",
                Lowering::Tree(|a, f| decode(a, f, &TEXT_OF_BASE64)),
            ),
        ],
        summary: "The text whose bytes a base 64 text stands for.",
        examples: &[
            ("BASE64_DECODE_STRING('U25vd2ZsYWtl')", "Snowflake"),
            ("BASE64_DECODE_STRING('YQ^^', '$%^')", "a"),
        ],
    },
    Function {
        name: "BASE64_ENCODE",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> tree", Lowering::Tree(base64_encode)),
            Signature::new("(text, =integer) -> tree", Lowering::Tree(base64_encode)),
            Signature::new(
                "(text, =integer, =text) -> tree",
                Lowering::Tree(base64_encode),
            ),
            Signature::new("(binary) -> tree", Lowering::Tree(base64_encode)),
            Signature::new("(binary, =integer) -> tree", Lowering::Tree(base64_encode)),
            Signature::new(
                "(binary, =integer, =text) -> tree",
                Lowering::Tree(base64_encode),
            ),
        ],
        summary: "The bytes in base 64, in lines of at most so many characters.",
        examples: &[
            ("BASE64_ENCODE('Snowflake')", "U25vd2ZsYWtl"),
            ("BASE64_ENCODE(X'FBFF', 0, '$%^')", "$%8^"),
            ("BASE64_ENCODE('Snowflake', 8)", "U25vd2Zs\nYWtl"),
            ("BASE64_ENCODE('')", ""),
        ],
    },
    Function {
        name: "HEX_DECODE_BINARY",
        aliases: &[],
        signatures: &[Signature::new(
            "(text) -> binary",
            Lowering::Native(&BINARY_OF_HEX),
        )],
        summary: "The bytes that a hexadecimal text stands for.",
        examples: &[
            ("LENGTH(HEX_DECODE_BINARY('616263'))", "3"),
            ("HEX_ENCODE(HEX_DECODE_BINARY('fbff'))", "FBFF"),
        ],
    },
    Function {
        name: "HEX_DECODE_STRING",
        aliases: &[],
        signatures: &[Signature::new(
            "(text) -> text",
            Lowering::Native(&TEXT_OF_HEX),
        )],
        summary: "The text whose bytes a hexadecimal text stands for.",
        examples: &[
            ("HEX_DECODE_STRING('536E6F77666C616B65')", "Snowflake"),
            ("HEX_DECODE_STRING('')", ""),
        ],
    },
    Function {
        name: "HEX_ENCODE",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> text", Lowering::Native(&HEX_TEXT)),
            Signature::new("(text, integer) -> text", Lowering::Native(&HEX_TEXT_CASE)),
            Signature::new("(binary) -> text", Lowering::Native(&HEX_BINARY)),
            Signature::new(
                "(binary, integer) -> text",
                Lowering::Native(&HEX_BINARY_CASE),
            ),
        ],
        summary: "The bytes as hexadecimal text, in capitals (1) or small letters (0).",
        examples: &[
            ("HEX_ENCODE('Snowflake')", "536E6F77666C616B65"),
            ("HEX_ENCODE('Snowflake', 0)", "536e6f77666c616b65"),
            ("HEX_ENCODE(X'0AFF')", "0AFF"),
        ],
    },
    Function {
        name: "TRY_BASE64_DECODE_BINARY",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text) -> tree",
                Lowering::Tree(|a, f| decode(a, f, &TRY_BINARY_OF_BASE64)),
            ),
            Signature::new(
                "(text, text) -> tree",
                Lowering::Tree(|a, f| decode(a, f, &TRY_BINARY_OF_BASE64)),
            ),
        ],
        summary: "The bytes of a base 64 text, NULL where it is none.",
        examples: &[
            ("HEX_ENCODE(TRY_BASE64_DECODE_BINARY('YWJj'))", "616263"),
            ("TRY_BASE64_DECODE_BINARY('a') IS NULL", "true"),
        ],
    },
    Function {
        name: "TRY_BASE64_DECODE_STRING",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text) -> tree",
                Lowering::Tree(|a, f| decode(a, f, &TRY_TEXT_OF_BASE64)),
            ),
            Signature::new(
                "(text, text) -> tree",
                Lowering::Tree(|a, f| decode(a, f, &TRY_TEXT_OF_BASE64)),
            ),
        ],
        summary: "The text of a base 64 text, NULL where it is none.",
        examples: &[
            ("TRY_BASE64_DECODE_STRING('YWJj')", "abc"),
            ("TRY_BASE64_DECODE_STRING('a') IS NULL", "true"),
        ],
    },
    Function {
        name: "TRY_HEX_DECODE_BINARY",
        aliases: &[],
        signatures: &[Signature::new(
            "(text) -> binary?",
            Lowering::Native(&TRY_BINARY_OF_HEX),
        )],
        summary: "The bytes of a hexadecimal text, NULL where it is none.",
        examples: &[
            ("HEX_ENCODE(TRY_HEX_DECODE_BINARY('616263'))", "616263"),
            ("TRY_HEX_DECODE_BINARY('6') IS NULL", "true"),
        ],
    },
    Function {
        name: "TRY_HEX_DECODE_STRING",
        aliases: &[],
        signatures: &[Signature::new(
            "(text) -> text?",
            Lowering::Native(&TRY_TEXT_OF_HEX),
        )],
        summary: "The text of a hexadecimal text, NULL where it is none.",
        examples: &[
            ("TRY_HEX_DECODE_STRING('616263')", "abc"),
            ("TRY_HEX_DECODE_STRING('6') IS NULL", "true"),
        ],
    },
];

const VARCHAR: PhysicalType = PhysicalType::Varchar;
const BLOB: PhysicalType = PhysicalType::Blob;

static HEX_TEXT: ScalarNative = native("sf_hex_encode", &[TEXT], VARCHAR, |arguments, output| {
    arguments.unary(output, |value: &str| Ok(text::hex_text(value.as_bytes())))
});

static HEX_BINARY: ScalarNative =
    native("sf_hex_encode", &[BINARY], VARCHAR, |arguments, output| {
        arguments.unary(output, |value: &[u8]| Ok(text::hex_text(value)))
    });

static HEX_TEXT_CASE: ScalarNative = native(
    "sf_hex_encode",
    &[TEXT, INTEGER],
    VARCHAR,
    |arguments, output| {
        arguments.binary(output, |value: &str, case: i64| {
            hex_in_case(value.as_bytes(), case)
        })
    },
);

static HEX_BINARY_CASE: ScalarNative = native(
    "sf_hex_encode",
    &[BINARY, INTEGER],
    VARCHAR,
    |arguments, output| {
        arguments.binary(output, |value: &[u8], case: i64| hex_in_case(value, case))
    },
);

fn hex_in_case(bytes: &[u8], case: i64) -> Result<String> {
    let hex = text::hex_text(bytes);
    match case {
        0 => Ok(hex.to_ascii_lowercase()),
        1 => Ok(hex),
        _ => Err(Error::number_out_of_range(case)),
    }
}

static BINARY_OF_HEX: ScalarNative = native(
    "sf_hex_decode_binary",
    &[TEXT],
    BLOB,
    |arguments, output| arguments.unary(output, from_hex),
);

static TRY_BINARY_OF_HEX: ScalarNative = native(
    "sf_try_hex_decode_binary",
    &[TEXT],
    BLOB,
    |arguments, output| arguments.unary(output, |value: &str| Ok(from_hex(value).ok())),
);

static TEXT_OF_HEX: ScalarNative = native(
    "sf_hex_decode_string",
    &[TEXT],
    VARCHAR,
    |arguments, output| arguments.unary(output, |value: &str| utf8(from_hex(value)?, value)),
);

static TRY_TEXT_OF_HEX: ScalarNative = native(
    "sf_try_hex_decode_string",
    &[TEXT],
    VARCHAR,
    |arguments, output| {
        arguments.unary(output, |value: &str| {
            Ok(from_hex(value).and_then(|bytes| utf8(bytes, value)).ok())
        })
    },
);

fn from_hex(value: &str) -> Result<Vec<u8>> {
    text::parse_hex(value).ok_or_else(|| Error::hex_not_recognized(value))
}

fn utf8(bytes: Vec<u8>, shown: &str) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| Error::invalid_utf8(shown))
}

/// No line breaks and the usual alphabet unless others are given.
fn base64_encode(mut arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    if arguments.len() == 1 {
        arguments.push(integer(0));
    }
    if arguments.len() == 2 {
        arguments.push(literal("+/="));
    }
    let is_binary = arguments
        .first()
        .is_some_and(|value| matches!(value.ty, LogicalType::Binary { .. }));
    let native = if is_binary {
        &BASE64_OF_BINARY
    } else {
        &BASE64_OF_TEXT
    };
    Ok(native_call(native, arguments, LogicalType::TEXT))
}

static BASE64_OF_TEXT: ScalarNative = native(
    "sf_base64_encode",
    &[TEXT, INTEGER, TEXT],
    VARCHAR,
    |arguments, output| {
        arguments.ternary(output, |value: &str, line: i64, alphabet: &str| {
            to_base64(value.as_bytes(), line, alphabet)
        })
    },
);

static BASE64_OF_BINARY: ScalarNative = native(
    "sf_base64_encode",
    &[BINARY, INTEGER, TEXT],
    VARCHAR,
    |arguments, output| {
        arguments.ternary(output, |value: &[u8], line: i64, alphabet: &str| {
            to_base64(value, line, alphabet)
        })
    },
);

const USUAL: [char; 3] = ['+', '/', '='];

/// The characters for `+`, `/` and `=`; what is not given is the usual one.
fn alphabet(given: &str) -> Result<[char; 3]> {
    let mut alphabet = USUAL;
    for (index, character) in given.chars().enumerate() {
        match alphabet.get_mut(index) {
            Some(place) if !character.is_ascii_alphanumeric() => *place = character,
            _ => {
                return Err(Error::invalid_function_argument(
                    given,
                    "not an alphabet of base 64",
                ));
            }
        }
    }
    Ok(alphabet)
}

fn to_base64(bytes: &[u8], line: i64, given: &str) -> Result<String> {
    let alphabet = alphabet(given)?;
    let plain = STANDARD.encode(bytes);
    let line = usize::try_from(line).unwrap_or(0);
    if line == 0 && alphabet == USUAL {
        return Ok(plain);
    }
    let mut result =
        String::with_capacity(plain.len() + plain.len().checked_div(line).unwrap_or(0));
    for (index, character) in plain.chars().enumerate() {
        if line > 0 && index > 0 && index % line == 0 {
            result.push('\n');
        }
        let place = USUAL.iter().position(|usual| *usual == character);
        result.push(place.map_or(character, |place| alphabet[place]));
    }
    Ok(result)
}

fn from_base64(value: &str, given: &str) -> Result<Vec<u8>> {
    let not_recognized = || Error::base64_not_recognized(value);
    let alphabet = alphabet(given)?;
    let mut plain = String::with_capacity(value.len());
    for character in value
        .chars()
        .filter(|character| !matches!(character, '\n' | '\r'))
    {
        plain.push(
            match alphabet.iter().position(|other| *other == character) {
                Some(place) => USUAL[place],
                None if USUAL.contains(&character) => return Err(not_recognized()),
                None => character,
            },
        );
    }
    STANDARD.decode(&plain).map_err(|_| not_recognized())
}

fn decode(mut arguments: Vec<Expr>, _: &Facts, native: &'static ScalarNative) -> Result<Expr> {
    if arguments.len() == 1 {
        arguments.push(literal("+/="));
    }
    let ty = match native.returns {
        PhysicalType::Blob => LogicalType::Binary {
            length: crate::types::DEFAULT_BINARY_LENGTH,
        },
        _ => LogicalType::TEXT,
    };
    let mut decoded = native_call(native, arguments, ty);
    decoded.nullable |= native.name.starts_with("sf_try_");
    Ok(decoded)
}

static BINARY_OF_BASE64: ScalarNative = native(
    "sf_base64_decode_binary",
    &[TEXT, TEXT],
    BLOB,
    |arguments, output| arguments.binary(output, from_base64),
);

static TRY_BINARY_OF_BASE64: ScalarNative = native(
    "sf_try_base64_decode_binary",
    &[TEXT, TEXT],
    BLOB,
    |arguments, output| {
        arguments.binary(output, |value: &str, given: &str| {
            Ok(from_base64(value, given).ok())
        })
    },
);

static TEXT_OF_BASE64: ScalarNative = native(
    "sf_base64_decode_string",
    &[TEXT, TEXT],
    VARCHAR,
    |arguments, output| {
        arguments.binary(output, |value: &str, given: &str| {
            utf8(from_base64(value, given)?, value)
        })
    },
);

static TRY_TEXT_OF_BASE64: ScalarNative = native(
    "sf_try_base64_decode_string",
    &[TEXT, TEXT],
    VARCHAR,
    |arguments, output| {
        arguments.binary(output, |value: &str, given: &str| {
            Ok(from_base64(value, given)
                .and_then(|bytes| utf8(bytes, value))
                .ok())
        })
    },
);

pub(super) fn natives() -> Vec<Native> {
    [
        BASE64_OF_TEXT,
        BASE64_OF_BINARY,
        BINARY_OF_BASE64,
        TRY_BINARY_OF_BASE64,
        TEXT_OF_BASE64,
        TRY_TEXT_OF_BASE64,
    ]
    .map(Native::Scalar)
    .to_vec()
}
