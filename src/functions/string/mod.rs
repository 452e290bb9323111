//! String & binary functions. A character is a code point; of a BINARY, a byte.

pub(super) mod address;
pub(super) mod digest;
pub(super) mod encoding;
mod pattern;
pub(super) mod regex;
pub(super) mod similarity;
pub(super) mod splitting;

use super::expr::call_template;
use super::{
    BINARY, Facts, Function, INTEGER, Lowering, Signature, TEXT, call, integer, literal_integer,
    native, native_call,
};
use crate::engine::native::{Native, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::{Expr, ExprKind, Like};
use crate::types::{LogicalType, MAX_VARCHAR_LENGTH, PhysicalType};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "ASCII",
        aliases: &[],
        signatures: &[Signature::new(
            "(text) -> NUMBER(18,0)",
            Lowering::Native(&ASCII),
        )],
        summary: "The first byte of the text, 0 of an empty one.",
        examples: &[
            ("ASCII('!')", "33"),
            ("ASCII('')", "0"),
            ("ASCII('é')", "195"),
        ],
    },
    Function {
        name: "BIT_LENGTH",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text) -> NUMBER(18,0)",
                Lowering::Template("8 * strlen($1)"),
            ),
            Signature::new(
                "(binary) -> NUMBER(18,0)",
                Lowering::Template("8 * octet_length($1)"),
            ),
        ],
        summary: "The number of bits.",
        examples: &[
            ("BIT_LENGTH('abc')", "24"),
            ("BIT_LENGTH('é')", "16"),
            ("BIT_LENGTH(X'4142')", "16"),
        ],
    },
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
        name: "CHR",
        aliases: &["CHAR"],
        signatures: &[Signature::new("(integer) -> text", Lowering::Native(&CHR))],
        summary: "The character of a code point.",
        examples: &[
            ("CHR(83)", "S"),
            ("CHR(33288)", "興"),
            ("CHAR(128512)", "😀"),
        ],
    },
    Function {
        name: "COLLATE",
        aliases: &[],
        signatures: &[Signature::new(
            "(text, =text) -> tree",
            Lowering::Tree(collate),
        )],
        summary: "The text compared by a collation.",
        examples: &[
            ("COLLATE('a', 'utf8')", "a"),
            ("COLLATE('b', '') = 'b'", "true"),
        ],
    },
    Function {
        name: "COLLATION",
        aliases: &[],
        signatures: &[Signature::new(
            "(text) -> text?",
            Lowering::Template("CAST(NULL AS VARCHAR)"),
        )],
        summary: "The collation of the text, NULL where it has none.",
        examples: &[
            ("COLLATION('a')", "NULL"),
            ("COLLATION('a' || 'b')", "NULL"),
        ],
    },
    Function {
        name: "CONCAT",
        aliases: &[],
        signatures: &[
            Signature::new("(text, text...) -> tree", Lowering::Tree(concat)),
            Signature::new("(binary, binary...) -> tree", Lowering::Tree(concat)),
        ],
        summary: "The values one after another; NULL if one is NULL.",
        examples: &[
            ("CONCAT('a', 'b', 'c')", "abc"),
            ("CONCAT('a', NULL)", "NULL"),
            ("CONCAT(1, '-', TRUE)", "1-true"),
            ("HEX_ENCODE(CONCAT(X'41', X'42'))", "4142"),
        ],
    },
    Function {
        name: "CONCAT_WS",
        aliases: &[],
        signatures: &[
            Signature::new("(text, text, text...) -> tree", Lowering::Tree(concat_ws)),
            Signature::new(
                "(binary, binary, binary...) -> tree",
                Lowering::Tree(concat_ws),
            ),
        ],
        summary: "The values with a separator between them; NULL if one is NULL.",
        examples: &[
            ("CONCAT_WS(',', 'one', 'two', 'three')", "one,two,three"),
            ("CONCAT_WS(',', 'one', NULL)", "NULL"),
            ("CONCAT_WS(NULL, 'x')", "x"),
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
        name: "INITCAP",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> same", Lowering::Native(&INITCAP)),
            Signature::new("(text, text) -> same", Lowering::Native(&INITCAP_BY)),
        ],
        summary: "Each word with a capital first letter and small others; words end at white space and other delimiters.",
        examples: &[
            ("INITCAP('the qUICK-brown fox')", "The Quick-Brown Fox"),
            ("INITCAP('this is-it', ' ')", "This Is-it"),
            ("INITCAP('this is', '')", "This is"),
        ],
    },
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
        name: "LENGTH",
        aliases: &["LEN"],
        signatures: &[
            Signature::new("(text) -> NUMBER(18,0)", Lowering::Engine("length")),
            Signature::new("(binary) -> NUMBER(18,0)", Lowering::Engine("octet_length")),
        ],
        summary: "The number of characters, or of bytes of a BINARY.",
        examples: &[
            ("LENGTH('äbc')", "3"),
            ("LENGTH(X'4142')", "2"),
            ("LEN('😀')", "1"),
            ("LENGTH(12.50)", "5"),
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
        name: "LOWER",
        aliases: &[],
        signatures: &[Signature::new("(text) -> same", Lowering::Engine("lower"))],
        summary: "The text in small letters.",
        examples: &[("LOWER('AbC')", "abc"), ("LOWER('ÄÖ')", "äö")],
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
        name: "OCTET_LENGTH",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> NUMBER(18,0)", Lowering::Engine("strlen")),
            Signature::new("(binary) -> NUMBER(18,0)", Lowering::Engine("octet_length")),
        ],
        summary: "The number of bytes.",
        examples: &[
            ("OCTET_LENGTH('abc')", "3"),
            ("OCTET_LENGTH('é')", "2"),
            ("OCTET_LENGTH(X'4142')", "2"),
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
        name: "REPLACE",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text, text) -> text",
                Lowering::Template("replace($1, $2, '')"),
            ),
            Signature::new("(text, text, text) -> text", Lowering::Engine("replace")),
        ],
        summary: "The text with every occurrence of the second argument replaced by the third, or removed.",
        examples: &[
            ("REPLACE('abab', 'b', 'c')", "acac"),
            ("REPLACE('abab', 'b')", "aa"),
            ("REPLACE('ab', '', 'x')", "ab"),
        ],
    },
    Function {
        name: "REVERSE",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> same", Lowering::Native(&REVERSE)),
            Signature::new("(binary) -> same", Lowering::Native(&REVERSE_BINARY)),
        ],
        summary: "The characters in reverse order.",
        examples: &[
            ("REVERSE('abc')", "cba"),
            ("REVERSE('aé😀')", "😀éa"),
            ("HEX_ENCODE(REVERSE(X'0102'))", "0201"),
        ],
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
        name: "RTRIMMED_LENGTH",
        aliases: &[],
        signatures: &[Signature::new(
            "(text) -> NUMBER(18,0)",
            Lowering::Template("length(rtrim($1, ' '))"),
        )],
        summary: "The number of characters without trailing blanks.",
        examples: &[
            ("RTRIMMED_LENGTH(' ab  ')", "3"),
            ("RTRIMMED_LENGTH('  ')", "0"),
        ],
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
        name: "TRANSLATE",
        aliases: &[],
        signatures: &[Signature::new(
            "(text, text, text) -> same",
            Lowering::Native(&TRANSLATE),
        )],
        summary: "The text with each character of a set replaced by its counterpart, or removed where it has none.",
        examples: &[
            ("TRANSLATE('❄a❄b', '❄', 'x')", "xaxb"),
            ("TRANSLATE('abcdef', 'bd', 'X')", "aXcef"),
            ("TRANSLATE('abc', '', '')", "abc"),
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
    Function {
        name: "UNICODE",
        aliases: &[],
        signatures: &[Signature::new(
            "(text) -> NUMBER(18,0)",
            Lowering::Native(&UNICODE),
        )],
        summary: "The code point of the first character, 0 of an empty text.",
        examples: &[
            ("UNICODE('a')", "97"),
            ("UNICODE('❄')", "10052"),
            ("UNICODE('')", "0"),
        ],
    },
    Function {
        name: "UPPER",
        aliases: &[],
        signatures: &[Signature::new("(text) -> same", Lowering::Engine("upper"))],
        summary: "The text in capitals.",
        examples: &[("UPPER('aBc')", "ABC"), ("UPPER('äö')", "ÄÖ")],
    },
    Function {
        name: "UUID_STRING",
        aliases: &[],
        signatures: &[
            Signature::new(
                "() -> text(36)!",
                Lowering::Template("CAST(uuid() AS VARCHAR)"),
            ),
            Signature::new("(text, text) -> text(36)", Lowering::Native(&UUID_NAMED)),
        ],
        summary: "A random UUID, or the one (version 5) of a name in a namespace.",
        examples: &[
            ("LENGTH(UUID_STRING())", "36"),
            (
                "UUID_STRING('fe971b24-9572-4005-b22f-351e9c09274d', 'foo')",
                "dc0b6f65-fca6-5b4b-9d37-ccc3fde1f3e2",
            ),
        ],
    },
];

const BIGINT: PhysicalType = PhysicalType::BigInt;
const VARCHAR: PhysicalType = PhysicalType::Varchar;
const BLOB: PhysicalType = PhysicalType::Blob;

/// Longest text or BINARY that a function may make, in bytes.
const LONGEST: usize = MAX_VARCHAR_LENGTH as usize;

/// Bytes that are known to fit, or the error of a text that is too long.
fn fitting(length: usize, shown: &str) -> Result<()> {
    if length > LONGEST {
        return Err(Error::string_too_long(shown));
    }
    Ok(())
}

fn concat(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let mut arguments = arguments.into_iter();
    let first = arguments
        .next()
        .ok_or_else(|| Error::internal("CONCAT of nothing"))?;
    Ok(arguments.fold(first, super::concat))
}

/// A lone value never meets the separator.
fn concat_ws(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let mut arguments = arguments.into_iter();
    let (Some(separator), Some(first)) = (arguments.next(), arguments.next()) else {
        return Err(Error::internal("CONCAT_WS of nothing"));
    };
    Ok(arguments.fold(first, |joined, next| {
        super::concat(super::concat(joined, separator.clone()), next)
    }))
}

/// Collations that compare as text without one does.
fn collate(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let [text, specification] = super::arguments(arguments)?;
    match super::literal_text(&specification)
        .map(str::to_lowercase)
        .as_deref()
    {
        Some("" | "utf8" | "bin") => Ok(text),
        other => Err(Error::unsupported(format!(
            "collation {}",
            other.unwrap_or_default()
        ))),
    }
}

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

/// The pad is a blank unless it is given.
fn pad(mut arguments: Vec<Expr>, _: &Facts, native: &'static ScalarNative) -> Result<Expr> {
    if arguments.len() == 2 {
        arguments.push(super::expr::text(" "));
    }
    Ok(native_call(native, arguments, LogicalType::TEXT))
}

/// A literal start that is not negative needs no look at the text's length: the engine is faster then.
fn substr(mut arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let ty = arguments
        .first()
        .map_or(LogicalType::TEXT, |text| text.ty.clone());
    match arguments.get(1).and_then(literal_integer) {
        Some(start) if start >= 0 => {
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
                arguments.push(integer(i64::MAX.into()));
            }
            Ok(native_call(&SUBSTR, arguments, ty))
        }
    }
}

static ASCII: ScalarNative = native("sf_ascii", &[TEXT], BIGINT, |arguments, output| {
    arguments.unary(output, |text: &str| {
        Ok(text.bytes().next().map_or(0, i64::from))
    })
});

static UNICODE: ScalarNative = native("sf_unicode", &[TEXT], BIGINT, |arguments, output| {
    arguments.unary(output, |text: &str| {
        Ok(text
            .chars()
            .next()
            .map_or(0, |first| i64::from(u32::from(first))))
    })
});

static CHR: ScalarNative = native("sf_chr", &[INTEGER], VARCHAR, |arguments, output| {
    arguments.unary(output, |code: i64| {
        let character = u32::try_from(code).ok().and_then(char::from_u32);
        character
            .map(String::from)
            .ok_or_else(|| Error::invalid_character_code(code))
    })
});

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
fn offset(text: &str, characters: usize) -> Option<usize> {
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

static INITCAP: ScalarNative = native("sf_initcap", &[TEXT], VARCHAR, |arguments, output| {
    const DELIMITERS: &str = "!?@\"^#$&~_,.:;+-*%/|\\[](){}<>";
    arguments.unary(output, |text: &str| {
        Ok(capitalized(text, |character| {
            character.is_whitespace() || DELIMITERS.contains(character)
        }))
    })
});

static INITCAP_BY: ScalarNative =
    native("sf_initcap", &[TEXT, TEXT], VARCHAR, |arguments, output| {
        arguments.binary(output, |text: &str, delimiters: &str| {
            Ok(capitalized(text, |character| {
                delimiters.contains(character)
            }))
        })
    });

fn capitalized(text: &str, is_delimiter: impl Fn(char) -> bool) -> String {
    let mut result = String::with_capacity(text.len());
    let mut begins = true;
    for character in text.chars() {
        if begins {
            result.extend(character.to_uppercase());
        } else {
            result.extend(character.to_lowercase());
        }
        begins = is_delimiter(character);
    }
    result
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

static REVERSE: ScalarNative = native("sf_reverse", &[TEXT], VARCHAR, |arguments, output| {
    arguments.unary(output, |text: &str| {
        Ok(text.chars().rev().collect::<String>())
    })
});

static REVERSE_BINARY: ScalarNative =
    native("sf_reverse_binary", &[BINARY], BLOB, |arguments, output| {
        arguments.unary(output, |bytes: &[u8]| {
            Ok(bytes.iter().rev().copied().collect::<Vec<u8>>())
        })
    });

static TRANSLATE: ScalarNative = native(
    "sf_translate",
    &[TEXT, TEXT, TEXT],
    VARCHAR,
    |arguments, output| {
        arguments.ternary(output, |text: &str, from: &str, to: &str| {
            if to.chars().count() > from.chars().count() {
                return Err(Error::string_too_long(to));
            }
            Ok(text
                .chars()
                .filter_map(
                    |character| match from.chars().position(|other| other == character) {
                        None => Some(character),
                        Some(place) => to.chars().nth(place),
                    },
                )
                .collect::<String>())
        })
    },
);

static UUID_NAMED: ScalarNative = native(
    "sf_uuid_string",
    &[TEXT, TEXT],
    VARCHAR,
    |arguments, output| {
        arguments.binary(output, |namespace: &str, name: &str| {
            let namespace = uuid::Uuid::try_parse(namespace)
                .map_err(|_| Error::invalid_function_argument(namespace, "not a UUID"))?;
            let hash = digest::sha1([namespace.as_bytes(), name.as_bytes()]);
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&hash[..16]);
            let uuid = uuid::Builder::from_sha1_bytes(bytes).into_uuid();
            Ok(uuid.to_string())
        })
    },
);

/// What no signature names but trees use.
pub(super) fn natives() -> Vec<Native> {
    let mut natives = regex::natives();
    natives.extend(address::natives());
    natives.extend(encoding::natives());
    natives.extend(splitting::natives());
    natives.extend([LPAD, RPAD, SUBSTR].map(Native::Scalar));
    natives
}
