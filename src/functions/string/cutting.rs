//! Parts of texts, and texts made longer.

use super::super::expr::call_template;
use super::super::{
    BINARY, Facts, Function, INTEGER, Lowering, Signature, TEXT, call, integer, literal_integer,
    native, native_call,
};
use super::searching::offset;
use super::{BLOB, LONGEST, VARCHAR, fitting};
use crate::engine::native::{Native, ScalarNative};
use crate::error::Result;
use crate::tree::Expr;
use crate::types::LogicalType;

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "INSERT",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text, integer, integer, text) -> text",
                Lowering::Native(&INSERT),
            ),
            Signature::new(
                "(binary, integer, integer, binary) -> binary",
                Lowering::Native(&INSERT_BINARY),
            ),
        ],
        summary: "The text with so many characters from a position on replaced by another text.",
        examples: &[
            ("INSERT('abc', 1, 2, 'Z')", "Zc"),
            ("INSERT('abcdef', 3, 2, 'zzz')", "abzzzef"),
            ("INSERT('abc', 0, 1, 'x')", "xabc"),
            ("INSERT('abc', -2, 1, 'x')", "xc"),
            ("INSERT('abc', 9, 1, 'x')", "abcx"),
            ("HEX_ENCODE(INSERT(X'6162', 1, 1, X'63'))", "6362"),
        ],
    },
    Function {
        name: "LEFT",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text, integer) -> same",
                Lowering::Template("left($1, least(greatest($2, 0), 134217728))"),
            ),
            Signature::new("(binary, integer) -> same", Lowering::Native(&LEFT_BINARY)),
        ],
        summary: "The first characters.",
        examples: &[
            ("LEFT('abc', 2)", "ab"),
            ("LEFT('abc', -1)", ""),
            ("LEFT('abc', 10000000000)", "abc"),
            ("HEX_ENCODE(LEFT(X'414243', 2))", "4142"),
        ],
    },
    Function {
        name: "LPAD",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text, integer) -> tree",
                Lowering::Tree(|a, f| pad(a, f, &LPAD)),
            ),
            Signature::new(
                "(text, integer, text) -> tree",
                Lowering::Tree(|a, f| pad(a, f, &LPAD)),
            ),
            Signature::new(
                "(binary, integer, binary) -> binary",
                Lowering::Native(&LPAD_BINARY),
            ),
        ],
        summary: "The text filled on the left up to a length, or cut to it.",
        examples: &[
            ("LPAD('hi', 5, '12')", "121hi"),
            ("LPAD('hello', 2)", "he"),
            ("LPAD('a', 3)", "  a"),
            ("LPAD('a', 3, '')", "a"),
            ("LPAD('a', -1, 'x')", ""),
            ("HEX_ENCODE(LPAD(X'11', 3, X'FF'))", "FFFF11"),
        ],
    },
    Function {
        name: "LTRIM",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> same", Lowering::Template("ltrim($1, ' ')")),
            Signature::new("(text, text) -> same", Lowering::Engine("ltrim")),
        ],
        summary: "The text without leading blanks, or without leading characters of a set.",
        examples: &[
            ("LTRIM('  a ')", "a "),
            ("LTRIM('xxa', 'x')", "a"),
            ("LTRIM('#000123', '0#')", "123"),
        ],
    },
    Function {
        name: "REPEAT",
        aliases: &[],
        signatures: &[Signature::new(
            "(text, integer) -> text",
            Lowering::Native(&REPEAT),
        )],
        summary: "The text so many times.",
        examples: &[("REPEAT('xy', 3)", "xyxyxy"), ("REPEAT('xy', -1)", "")],
    },
    Function {
        name: "RIGHT",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text, integer) -> same",
                Lowering::Template("right($1, least(greatest($2, 0), 134217728))"),
            ),
            Signature::new("(binary, integer) -> same", Lowering::Native(&RIGHT_BINARY)),
        ],
        summary: "The last characters.",
        examples: &[
            ("RIGHT('abc', 2)", "bc"),
            ("RIGHT('abc', -1)", ""),
            ("RIGHT('abc', 10000000000)", "abc"),
            ("HEX_ENCODE(RIGHT(X'414243', 2))", "4243"),
        ],
    },
    Function {
        name: "RPAD",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text, integer) -> tree",
                Lowering::Tree(|a, f| pad(a, f, &RPAD)),
            ),
            Signature::new(
                "(text, integer, text) -> tree",
                Lowering::Tree(|a, f| pad(a, f, &RPAD)),
            ),
            Signature::new(
                "(binary, integer, binary) -> binary",
                Lowering::Native(&RPAD_BINARY),
            ),
        ],
        summary: "The text filled on the right up to a length, or cut to it.",
        examples: &[
            ("RPAD('hi', 5, '12')", "hi121"),
            ("RPAD('hello', 2)", "he"),
            ("RPAD('a', 3, '')", "a"),
            ("HEX_ENCODE(RPAD(X'11', 2, X'FF'))", "11FF"),
        ],
    },
    Function {
        name: "RTRIM",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> same", Lowering::Template("rtrim($1, ' ')")),
            Signature::new("(text, text) -> same", Lowering::Engine("rtrim")),
        ],
        summary: "The text without trailing blanks, or without trailing characters of a set.",
        examples: &[("RTRIM(' a  ')", " a"), ("RTRIM('125.00', '0.')", "125")],
    },
    Function {
        name: "SPACE",
        aliases: &[],
        signatures: &[Signature::new(
            "(integer) -> text",
            Lowering::Native(&SPACE),
        )],
        summary: "So many blanks.",
        examples: &[("SPACE(3) || 'x'", "   x"), ("SPACE(-1)", "")],
    },
    Function {
        name: "SUBSTR",
        aliases: &["SUBSTRING"],
        signatures: &[
            Signature::new("(text, integer) -> tree", Lowering::Tree(substr)),
            Signature::new("(text, integer, integer) -> tree", Lowering::Tree(substr)),
            Signature::new(
                "(binary, integer) -> same",
                Lowering::Native(&SUBSTR_BINARY),
            ),
            Signature::new(
                "(binary, integer, integer) -> same",
                Lowering::Native(&SUBSTR_BINARY_OF),
            ),
        ],
        summary: "The characters from a position (from the end, if negative), at most a number of them.",
        examples: &[
            ("SUBSTR('hello', 2, 3)", "ell"),
            ("SUBSTR('hello', -3)", "llo"),
            ("SUBSTR('hello', 0, 2)", "he"),
            ("SUBSTR('mystring', -7, 3)", "yst"),
            ("SUBSTR('abc', -5)", ""),
            ("SUBSTR('abc', 2, -1)", ""),
            ("SUBSTR('😀ab', 2)", "ab"),
            ("HEX_ENCODE(SUBSTR(X'010203', 2, 1))", "02"),
        ],
    },
    Function {
        name: "TRIM",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> same", Lowering::Template("trim($1, ' ')")),
            Signature::new("(text, text) -> same", Lowering::Engine("trim")),
        ],
        summary: "The text without blanks, or without characters of a set, at both ends.",
        examples: &[
            ("TRIM('  a ')", "a"),
            ("TRIM('xax', 'x')", "a"),
            ("TRIM('*-*ABC-*', '*-')", "ABC"),
        ],
    },
];

/// The pad is a blank unless it is given.
fn pad(mut arguments: Vec<Expr>, _: &Facts, native: &'static ScalarNative) -> Result<Expr> {
    if arguments.len() == 2 {
        arguments.push(super::super::expr::text(" "));
    }
    Ok(native_call(native, arguments, LogicalType::TEXT))
}

/// A literal start that is not negative needs no look at the text's length: the engine is faster then.
fn substr(mut arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let ty = arguments
        .first()
        .map_or(LogicalType::TEXT, |text| text.ty.clone());
    match arguments.get(1).and_then(literal_integer) {
        Some(start) if (0..=i64::MAX.into()).contains(&start) => {
            arguments[1] = integer(start.max(1));
            Ok(match arguments.len() {
                2 => call("substr", arguments, ty),
                _ => call_template(
                    "substr($1, $2, least(greatest($3, 0), 134217728))",
                    arguments,
                    ty,
                ),
            })
        }
        _ => {
            if arguments.len() == 2 {
                arguments.push(integer(i64::MAX));
            }
            Ok(native_call(&SUBSTR, arguments, ty))
        }
    }
}

/// The part that SUBSTR gives, as a range of `length` places.
fn window(start: i64, count: i64, length: usize) -> std::ops::Range<usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let begin = match start {
        0 => 0,
        1.. => start - 1,
        _ => length + start,
    };
    if begin < 0 || begin >= length || count <= 0 {
        return 0..0;
    }
    let end = begin.saturating_add(count).min(length);
    begin as usize..end as usize
}

fn part(text: &str, start: i64, count: i64) -> &str {
    let length = if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    };
    let window = window(start, count, length);
    match (offset(text, window.start), offset(text, window.end)) {
        (Some(begin), Some(end)) => &text[begin..end],
        _ => "",
    }
}

static SUBSTR: ScalarNative = native(
    "sf_substr",
    &[TEXT, INTEGER, INTEGER],
    VARCHAR,
    |arguments, output| {
        arguments.ternary(output, |text: &str, start: i64, count: i64| {
            Ok(part(text, start, count).to_owned())
        })
    },
);

static SUBSTR_BINARY: ScalarNative = native(
    "sf_substr_binary",
    &[BINARY, INTEGER],
    BLOB,
    |arguments, output| {
        arguments.binary(output, |bytes: &[u8], start: i64| {
            Ok(bytes[window(start, i64::MAX, bytes.len())].to_vec())
        })
    },
);

static SUBSTR_BINARY_OF: ScalarNative = native(
    "sf_substr_binary",
    &[BINARY, INTEGER, INTEGER],
    BLOB,
    |arguments, output| {
        arguments.ternary(output, |bytes: &[u8], start: i64, count: i64| {
            Ok(bytes[window(start, count, bytes.len())].to_vec())
        })
    },
);

static LEFT_BINARY: ScalarNative = native(
    "sf_left_binary",
    &[BINARY, INTEGER],
    BLOB,
    |arguments, output| {
        arguments.binary(output, |bytes: &[u8], count: i64| {
            Ok(bytes[window(1, count, bytes.len())].to_vec())
        })
    },
);

static RIGHT_BINARY: ScalarNative = native(
    "sf_right_binary",
    &[BINARY, INTEGER],
    BLOB,
    |arguments, output| {
        arguments.binary(output, |bytes: &[u8], count: i64| {
            let kept = usize::try_from(count).unwrap_or(0).min(bytes.len());
            Ok(bytes[bytes.len() - kept..].to_vec())
        })
    },
);

/// As Snowflake plans it: the part before the position, the insertion, the part behind.
static INSERT: ScalarNative = native(
    "sf_insert",
    &[TEXT, INTEGER, INTEGER, TEXT],
    VARCHAR,
    |arguments, output| {
        arguments.quaternary(
            output,
            |text: &str, position: i64, count: i64, insertion: &str| {
                let before = part(text, 1, position.saturating_sub(1));
                let behind = part(text, position.saturating_add(count), i64::MAX);
                Ok([before, insertion, behind].concat())
            },
        )
    },
);

static INSERT_BINARY: ScalarNative = native(
    "sf_insert_binary",
    &[BINARY, INTEGER, INTEGER, BINARY],
    BLOB,
    |arguments, output| {
        arguments.quaternary(
            output,
            |bytes: &[u8], position: i64, count: i64, insertion: &[u8]| {
                let before = &bytes[window(1, position.saturating_sub(1), bytes.len())];
                let behind = &bytes[window(position.saturating_add(count), i64::MAX, bytes.len())];
                Ok([before, insertion, behind].concat())
            },
        )
    },
);

/// The whole text if it is longer than so many units, else how many are missing.
fn padding<T: Copy>(have: usize, wanted: i64, pad: &[T]) -> Result<Vec<T>, usize> {
    let wanted = usize::try_from(wanted).unwrap_or(0).min(LONGEST + 1);
    match wanted.checked_sub(have) {
        None => Err(wanted),
        Some(missing) => Ok(pad.iter().copied().cycle().take(missing).collect()),
    }
}

fn padded(text: &str, length: i64, pad: &str, left: bool) -> Result<String> {
    let pad: Vec<char> = pad.chars().collect();
    match padding(text.chars().count(), length, &pad) {
        Err(kept) => Ok(text.chars().take(kept).collect()),
        Ok(padding) => {
            let padding: String = padding.into_iter().collect();
            fitting(text.len() + padding.len(), text)?;
            Ok(if left {
                padding + text
            } else {
                text.to_owned() + &padding
            })
        }
    }
}

fn padded_bytes(bytes: &[u8], length: i64, pad: &[u8], left: bool) -> Result<Vec<u8>> {
    match padding(bytes.len(), length, pad) {
        Err(kept) => Ok(bytes[..kept].to_vec()),
        Ok(padding) => {
            fitting(bytes.len() + padding.len(), "")?;
            Ok(if left {
                [&padding, bytes].concat()
            } else {
                [bytes, &padding].concat()
            })
        }
    }
}

static LPAD: ScalarNative = native(
    "sf_lpad",
    &[TEXT, INTEGER, TEXT],
    VARCHAR,
    |arguments, output| {
        arguments.ternary(output, |text: &str, length: i64, pad: &str| {
            padded(text, length, pad, true)
        })
    },
);

static RPAD: ScalarNative = native(
    "sf_rpad",
    &[TEXT, INTEGER, TEXT],
    VARCHAR,
    |arguments, output| {
        arguments.ternary(output, |text: &str, length: i64, pad: &str| {
            padded(text, length, pad, false)
        })
    },
);

static LPAD_BINARY: ScalarNative = native(
    "sf_lpad_binary",
    &[BINARY, INTEGER, BINARY],
    BLOB,
    |arguments, output| {
        arguments.ternary(output, |bytes: &[u8], length: i64, pad: &[u8]| {
            padded_bytes(bytes, length, pad, true)
        })
    },
);

static RPAD_BINARY: ScalarNative = native(
    "sf_rpad_binary",
    &[BINARY, INTEGER, BINARY],
    BLOB,
    |arguments, output| {
        arguments.ternary(output, |bytes: &[u8], length: i64, pad: &[u8]| {
            padded_bytes(bytes, length, pad, false)
        })
    },
);

fn repeated(text: &str, count: i64) -> Result<String> {
    let count = usize::try_from(count).unwrap_or(0);
    fitting(text.len().saturating_mul(count), text)?;
    Ok(text.repeat(count))
}

static REPEAT: ScalarNative = native(
    "sf_repeat",
    &[TEXT, INTEGER],
    VARCHAR,
    |arguments, output| arguments.binary(output, |text: &str, count: i64| repeated(text, count)),
);

static SPACE: ScalarNative = native("sf_space", &[INTEGER], VARCHAR, |arguments, output| {
    arguments.unary(output, |count: i64| repeated(" ", count))
});

/// What no signature names but trees use.
pub(super) fn natives() -> Vec<Native> {
    [LPAD, RPAD, SUBSTR].map(Native::Scalar).to_vec()
}
