//! String & binary functions. A character is a code point; of a BINARY, a byte.

pub(super) mod address;
pub(super) mod cutting;
pub(super) mod digest;
pub(super) mod encoding;
mod pattern;
pub(super) mod regex;
pub(super) mod searching;
pub(super) mod similarity;
pub(super) mod splitting;

use super::{BINARY, Facts, Function, INTEGER, Lowering, Signature, TEXT, native};
use crate::engine::native::{Native, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::Expr;
use crate::types::{MAX_VARCHAR_LENGTH, PhysicalType};

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
        name: "LOWER",
        aliases: &[],
        signatures: &[Signature::new("(text) -> same", Lowering::Engine("lower"))],
        summary: "The text in small letters.",
        examples: &[("LOWER('AbC')", "abc"), ("LOWER('ÄÖ')", "äö")],
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
    natives.extend(cutting::natives());
    natives
}
