//! Text within text.

use super::super::{BINARY, Function, INTEGER, Lowering, Signature, TEXT, native};
use super::BIGINT;
use crate::engine::native::ScalarNative;
use crate::error::{Error, Result};
use crate::tree::{Expr, ExprKind, Like};
use crate::types::PhysicalType;

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CHARINDEX",
        aliases: &["POSITION"],
        signatures: &[
            Signature::new("(text, text) -> NUMBER(18,0)", Lowering::Native(&CHARINDEX)),
            Signature::new(
                "(text, text, integer) -> NUMBER(18,0)",
                Lowering::Native(&CHARINDEX_FROM),
            ),
            Signature::new(
                "(binary, binary) -> NUMBER(18,0)",
                Lowering::Native(&CHARINDEX_BINARY),
            ),
            Signature::new(
                "(binary, binary, integer) -> NUMBER(18,0)",
                Lowering::Native(&CHARINDEX_BINARY_FROM),
            ),
        ],
        summary: "Where the first text begins within the second, from a position on; 0 where it does not.",
        examples: &[
            ("CHARINDEX('an', 'banana')", "2"),
            ("CHARINDEX('an', 'banana', 3)", "4"),
            ("POSITION('x', 'banana')", "0"),
            ("CHARINDEX('', 'abc')", "1"),
            ("POSITION('n' IN 'äänn')", "3"),
            ("CHARINDEX(X'EF', X'ABCDEF')", "3"),
        ],
    },
    Function {
        name: "CONTAINS",
        aliases: &[],
        signatures: &[
            Signature::new("(text, text) -> boolean", Lowering::Engine("contains")),
            Signature::new(
                "(binary, binary) -> boolean",
                Lowering::Native(&CONTAINS_BINARY),
            ),
        ],
        summary: "Whether the first value has the second in it.",
        examples: &[
            ("CONTAINS('abc', 'bc')", "true"),
            ("CONTAINS('abc', '')", "true"),
            ("CONTAINS('abc', 'B')", "false"),
            ("CONTAINS(X'414243', X'4243')", "true"),
        ],
    },
    Function {
        name: "ENDSWITH",
        aliases: &[],
        signatures: &[
            Signature::new("(text, text) -> boolean", Lowering::Engine("suffix")),
            Signature::new(
                "(binary, binary) -> boolean",
                Lowering::Native(&ENDS_BINARY),
            ),
        ],
        summary: "Whether the first value ends with the second.",
        examples: &[
            ("ENDSWITH('abc', 'bc')", "true"),
            ("ENDSWITH('abc', 'ab')", "false"),
            ("ENDSWITH(X'4142', X'42')", "true"),
        ],
    },
    Function {
        name: "ILIKE",
        aliases: &[],
        signatures: &[
            Signature::new("(text, text) -> tree", Lowering::Tree(|a, _| like(a, true))),
            Signature::new(
                "(text, text, text) -> tree",
                Lowering::Tree(|a, _| like(a, true)),
            ),
        ],
        summary: "Whether a pattern of % and _ matches the whole text, in any case.",
        examples: &[
            ("ILIKE('John Dddoe', 'JOHN%')", "true"),
            ("ILIKE('abc', 'B%')", "false"),
        ],
    },
    Function {
        name: "LIKE",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text, text) -> tree",
                Lowering::Tree(|a, _| like(a, false)),
            ),
            Signature::new(
                "(text, text, text) -> tree",
                Lowering::Tree(|a, _| like(a, false)),
            ),
        ],
        summary: "Whether a pattern of % and _ matches the whole text.",
        examples: &[
            ("LIKE('John', 'J_hn')", "true"),
            ("LIKE('a_b', 'a^_b', '^')", "true"),
            ("LIKE('axb', 'a^_b', '^')", "false"),
            ("LIKE(NULL, 'a')", "NULL"),
        ],
    },
    Function {
        name: "STARTSWITH",
        aliases: &[],
        signatures: &[
            Signature::new("(text, text) -> boolean", Lowering::Engine("starts_with")),
            Signature::new(
                "(binary, binary) -> boolean",
                Lowering::Native(&STARTS_BINARY),
            ),
        ],
        summary: "Whether the first value begins with the second.",
        examples: &[
            ("STARTSWITH('abc', 'ab')", "true"),
            ("STARTSWITH('abc', 'AB')", "false"),
            ("STARTSWITH(X'4142', X'41')", "true"),
        ],
    },
];

fn like(arguments: Vec<Expr>, case_insensitive: bool) -> Result<Expr> {
    let mut arguments = arguments.into_iter();
    let (Some(operand), Some(pattern)) = (arguments.next(), arguments.next()) else {
        return Err(Error::internal("LIKE of nothing"));
    };
    let nullable = operand.nullable || pattern.nullable;
    let like = Like {
        operand,
        pattern,
        escape: arguments.next(),
        case_insensitive,
        negated: false,
    };
    Ok(Expr::boolean(ExprKind::Like(Box::new(like)), nullable))
}

static CHARINDEX: ScalarNative = native(
    "sf_charindex",
    &[TEXT, TEXT],
    BIGINT,
    |arguments, output| {
        arguments.binary(output, |needle: &str, text: &str| {
            Ok(index_from(needle, text, 1))
        })
    },
);

static CHARINDEX_FROM: ScalarNative = native(
    "sf_charindex",
    &[TEXT, TEXT, INTEGER],
    BIGINT,
    |arguments, output| {
        arguments.ternary(output, |needle: &str, text: &str, start: i64| {
            Ok(index_from(needle, text, start))
        })
    },
);

/// Positions count characters from 1; 0 is nowhere.
fn index_from(needle: &str, text: &str, start: i64) -> i64 {
    let skipped = usize::try_from(start.max(1) - 1).unwrap_or(usize::MAX);
    let Some(from) = offset(text, skipped) else {
        return 0;
    };
    match text[from..].find(needle) {
        Some(place) => (skipped + text[from..from + place].chars().count()) as i64 + 1,
        None => 0,
    }
}

/// The byte at which a character begins, or the end of the text.
pub(super) fn offset(text: &str, characters: usize) -> Option<usize> {
    if text.is_ascii() {
        return (characters <= text.len()).then_some(characters);
    }
    let ends = text
        .char_indices()
        .map(|(place, _)| place)
        .chain([text.len()]);
    ends.into_iter().nth(characters)
}

static CHARINDEX_BINARY: ScalarNative = native(
    "sf_charindex_binary",
    &[BINARY, BINARY],
    BIGINT,
    |arguments, output| {
        arguments.binary(output, |needle: &[u8], bytes: &[u8]| {
            Ok(byte_index(needle, bytes, 1))
        })
    },
);

static CHARINDEX_BINARY_FROM: ScalarNative = native(
    "sf_charindex_binary",
    &[BINARY, BINARY, INTEGER],
    BIGINT,
    |arguments, output| {
        arguments.ternary(output, |needle: &[u8], bytes: &[u8], start: i64| {
            Ok(byte_index(needle, bytes, start))
        })
    },
);

fn byte_index(needle: &[u8], bytes: &[u8], start: i64) -> i64 {
    let skipped = usize::try_from(start.max(1) - 1).unwrap_or(usize::MAX);
    let Some(rest) = bytes.get(skipped..) else {
        return 0;
    };
    let place = match needle.len() {
        0 => Some(0),
        length => rest.windows(length).position(|window| window == needle),
    };
    place.map_or(0, |place| (skipped + place) as i64 + 1)
}

static CONTAINS_BINARY: ScalarNative = native(
    "sf_contains_binary",
    &[BINARY, BINARY],
    PhysicalType::Boolean,
    |arguments, output| {
        arguments.binary(output, |bytes: &[u8], needle: &[u8]| {
            Ok(byte_index(needle, bytes, 1) > 0)
        })
    },
);

static STARTS_BINARY: ScalarNative = native(
    "sf_startswith_binary",
    &[BINARY, BINARY],
    PhysicalType::Boolean,
    |arguments, output| {
        arguments.binary(output, |bytes: &[u8], start: &[u8]| {
            Ok(bytes.starts_with(start))
        })
    },
);

static ENDS_BINARY: ScalarNative = native(
    "sf_endswith_binary",
    &[BINARY, BINARY],
    PhysicalType::Boolean,
    |arguments, output| {
        arguments.binary(output, |bytes: &[u8], end: &[u8]| Ok(bytes.ends_with(end)))
    },
);
