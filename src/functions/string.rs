//! String & binary functions.

use super::{Function, Lowering, Signature};
use crate::engine::native::{Nulls, Parameter, ScalarNative};
use crate::types::PhysicalType;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CONCAT",
        aliases: &[],
        signatures: &[Signature {
            text: "(text, text...) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                let mut arguments = arguments.into_iter();
                let first = arguments
                    .next()
                    .ok_or_else(|| crate::error::Error::internal("CONCAT of nothing"))?;
                Ok(arguments.fold(first, super::concat))
            }),
        }],
        summary: "The texts one after another; NULL if one is NULL.",
        examples: &[
            ("CONCAT('a', 'b', 'c')", "abc"),
            ("COALESCE(CONCAT('a', NULL), 'null')", "null"),
        ],
    },
    Function {
        name: "CONTAINS",
        aliases: &[],
        signatures: &[Signature {
            text: "(text, text) -> boolean",
            lowering: Lowering::Engine("contains"),
        }],
        summary: "Whether the first text has the second in it.",
        examples: &[("CONTAINS('abc', 'bc')", "true")],
    },
    Function {
        name: "ENDSWITH",
        aliases: &[],
        signatures: &[Signature {
            text: "(text, text) -> boolean",
            lowering: Lowering::Engine("suffix"),
        }],
        summary: "Whether the first text ends with the second.",
        examples: &[("ENDSWITH('abc', 'bc')", "true")],
    },
    Function {
        name: "INITCAP",
        aliases: &[],
        signatures: &[Signature {
            text: "(text) -> same",
            lowering: Lowering::Native(&INITCAP),
        }],
        summary: "Each word with a capital first letter and small others.",
        examples: &[("INITCAP('the qUICK-brown fox')", "The Quick-Brown Fox")],
    },
    Function {
        name: "LEFT",
        aliases: &[],
        signatures: &[Signature {
            text: "(text, integer) -> same",
            // A negative count is none; the engine's would count from the end.
            lowering: Lowering::Template("left($1, greatest($2, 0))"),
        }],
        summary: "The first characters.",
        examples: &[("LEFT('abc', 2)", "ab"), ("LEFT('abc', -1)", "")],
    },
    Function {
        name: "LENGTH",
        aliases: &["LEN"],
        signatures: &[
            Signature {
                text: "(text) -> NUMBER(18,0)",
                lowering: Lowering::Engine("length"),
            },
            Signature {
                text: "(binary) -> NUMBER(18,0)",
                lowering: Lowering::Engine("octet_length"),
            },
        ],
        summary: "The number of characters, or of bytes of a BINARY.",
        examples: &[("LENGTH('äbc')", "3"), ("LENGTH(X'4142')", "2")],
    },
    Function {
        name: "LOWER",
        aliases: &[],
        signatures: &[Signature {
            text: "(text) -> same",
            lowering: Lowering::Engine("lower"),
        }],
        summary: "The text in small letters.",
        examples: &[("LOWER('AbC')", "abc")],
    },
    Function {
        name: "LTRIM",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(text) -> same",
                lowering: Lowering::Engine("ltrim"),
            },
            Signature {
                text: "(text, text) -> same",
                lowering: Lowering::Engine("ltrim"),
            },
        ],
        summary: "The text without leading blanks, or without leading characters of a set.",
        examples: &[("LTRIM('  a ')", "a "), ("LTRIM('xxa', 'x')", "a")],
    },
    Function {
        name: "REPLACE",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(text, text) -> text",
                lowering: Lowering::Template("replace($1, $2, '')"),
            },
            Signature {
                text: "(text, text, text) -> text",
                lowering: Lowering::Engine("replace"),
            },
        ],
        summary: "The text with every occurrence of the second argument replaced by the third, or removed.",
        examples: &[
            ("REPLACE('abab', 'b', 'c')", "acac"),
            ("REPLACE('abab', 'b')", "aa"),
        ],
    },
    Function {
        name: "REVERSE",
        aliases: &[],
        signatures: &[Signature {
            text: "(text) -> same",
            lowering: Lowering::Engine("reverse"),
        }],
        summary: "The characters in reverse order.",
        examples: &[("REVERSE('abc')", "cba")],
    },
    Function {
        name: "RIGHT",
        aliases: &[],
        signatures: &[Signature {
            text: "(text, integer) -> same",
            lowering: Lowering::Template("right($1, greatest($2, 0))"),
        }],
        summary: "The last characters.",
        examples: &[("RIGHT('abc', 2)", "bc"), ("RIGHT('abc', -1)", "")],
    },
    Function {
        name: "RTRIM",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(text) -> same",
                lowering: Lowering::Engine("rtrim"),
            },
            Signature {
                text: "(text, text) -> same",
                lowering: Lowering::Engine("rtrim"),
            },
        ],
        summary: "The text without trailing blanks, or without trailing characters of a set.",
        examples: &[("RTRIM(' a  ')", " a")],
    },
    Function {
        name: "STARTSWITH",
        aliases: &[],
        signatures: &[Signature {
            text: "(text, text) -> boolean",
            lowering: Lowering::Engine("starts_with"),
        }],
        summary: "Whether the first text begins with the second.",
        examples: &[("STARTSWITH('abc', 'ab')", "true")],
    },
    Function {
        name: "SUBSTR",
        aliases: &["SUBSTRING"],
        signatures: &[
            // Position 0 is 1; the engine's would be one before the first character.
            Signature {
                text: "(text, integer) -> same",
                lowering: Lowering::Template("substr($1, CASE WHEN $2 = 0 THEN 1 ELSE $2 END)"),
            },
            Signature {
                text: "(text, integer, integer) -> same",
                lowering: Lowering::Template(
                    "substr($1, CASE WHEN $2 = 0 THEN 1 ELSE $2 END, greatest($3, 0))",
                ),
            },
        ],
        summary: "The characters from a position (from the end, if negative), at most a number of them.",
        examples: &[
            ("SUBSTR('hello', 2, 3)", "ell"),
            ("SUBSTR('hello', -3)", "llo"),
            ("SUBSTR('hello', 0, 2)", "he"),
        ],
    },
    Function {
        name: "TRIM",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(text) -> same",
                lowering: Lowering::Engine("trim"),
            },
            Signature {
                text: "(text, text) -> same",
                lowering: Lowering::Engine("trim"),
            },
        ],
        summary: "The text without blanks, or without characters of a set, at both ends.",
        examples: &[("TRIM('  a ')", "a"), ("TRIM('xax', 'x')", "a")],
    },
    Function {
        name: "UPPER",
        aliases: &[],
        signatures: &[Signature {
            text: "(text) -> same",
            lowering: Lowering::Engine("upper"),
        }],
        summary: "The text in capitals.",
        examples: &[("UPPER('aBc')", "ABC")],
    },
];

/// Words end at white space and at Snowflake's default delimiters.
static INITCAP: ScalarNative = ScalarNative {
    name: "sf_initcap",
    parameters: &[Parameter::Exact(PhysicalType::Varchar)],
    returns: PhysicalType::Varchar,
    nulls: Nulls::Propagate,
    volatile: false,
    run: |arguments, output| {
        const DELIMITERS: &str = "!?@\"^#$&~_,.:;+-*%/|\\[](){}<>";
        arguments.unary(output, |text: &str| {
            let mut result = String::with_capacity(text.len());
            let mut begins = true;
            for character in text.chars() {
                if begins {
                    result.extend(character.to_uppercase());
                } else {
                    result.extend(character.to_lowercase());
                }
                begins = character.is_whitespace() || DELIMITERS.contains(character);
            }
            Ok(result)
        })
    },
};
