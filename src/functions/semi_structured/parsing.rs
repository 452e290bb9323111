//! Parsing, and the way back: PARSE_JSON and its relatives.

use super::super::{Function, Lowering, Signature, arguments, call};
use super::{TEXT, formats, formats_argument, strict};
use crate::engine::native::{Memo, ScalarNative};
use crate::error::{Error, Result};
use crate::types::variant::{Duplicates, Fault, Path, parse, path, render};
use crate::types::{LogicalType, PhysicalType};

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CHECK_JSON",
        aliases: &[],
        signatures: &[Signature {
            text: "(text) -> text?",
            lowering: Lowering::Native(&CHECK_JSON),
        }],
        summary: "What is wrong with a JSON document; NULL where nothing is.",
        examples: &[
            ("CHECK_JSON('{\"a\":1}')", "NULL"),
            ("CHECK_JSON('{bad}')", "misplaced }, pos 5"),
        ],
    },
    Function {
        name: "JSON_EXTRACT_PATH_TEXT",
        aliases: &[],
        signatures: &[Signature {
            text: "(text, text) -> tree",
            lowering: Lowering::Tree(|arguments, facts| {
                let [document, path] = self::arguments(arguments)?;
                let formats = formats_argument(facts);
                let mut found = call(
                    "sf_json_extract_path_text",
                    vec![document, path, formats],
                    LogicalType::TEXT,
                );
                found.nullable = true;
                Ok(found)
            }),
        }],
        summary: "The text of the element at a path of a JSON document.",
        examples: &[
            (
                "JSON_EXTRACT_PATH_TEXT('{\"a\":{\"b\":\"x\"}}', 'a.b')",
                "x",
            ),
            ("JSON_EXTRACT_PATH_TEXT('{\"a\":[1,2]}', 'a')", "[1,2]"),
        ],
    },
    Function {
        name: "PARSE_JSON",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(text) -> variant?",
                lowering: Lowering::Native(&PARSE_JSON),
            },
            Signature {
                text: "(text, text) -> variant?",
                lowering: Lowering::Native(&PARSE_JSON_WITH),
            },
        ],
        summary: "A JSON document as a VARIANT.",
        examples: &[
            (
                "PARSE_JSON(' { \"b\" : [1, 2.50], a: null }')",
                "{\"a\":null,\"b\":[1,2.5]}",
            ),
            ("PARSE_JSON('{\"a\":1,\"a\":2}', 'd')", "{\"a\":2}"),
            ("PARSE_JSON('')", "NULL"),
        ],
    },
    Function {
        name: "STRIP_NULL_VALUE",
        aliases: &[],
        signatures: &[Signature {
            text: "(variant) -> variant?",
            lowering: Lowering::Template("nullif($1, 'null')"),
        }],
        summary: "The VARIANT, or NULL where it is the JSON null.",
        examples: &[
            ("STRIP_NULL_VALUE(PARSE_JSON('null'))", "NULL"),
            ("STRIP_NULL_VALUE(PARSE_JSON('[null]'))", "[null]"),
        ],
    },
    Function {
        name: "TO_JSON",
        aliases: &[],
        signatures: &[Signature {
            text: "(semi) -> tree",
            lowering: Lowering::Tree(|arguments, facts| {
                let [value] = self::arguments(arguments)?;
                let formats = formats_argument(facts);
                Ok(call("sf_to_json", vec![value, formats], LogicalType::TEXT))
            }),
        }],
        summary: "The VARIANT as JSON text.",
        examples: &[
            (
                "TO_JSON(PARSE_JSON('{\"b\":1,\"a\":\"x\"}'))",
                "{\"a\":\"x\",\"b\":1}",
            ),
            ("TO_JSON(PARSE_JSON('null'))", "null"),
            ("TO_JSON(TO_VARIANT('x'))", "\"x\""),
            ("TO_JSON(TO_VARIANT(1.5::FLOAT))", "1.500000000000000e+00"),
        ],
    },
    Function {
        name: "TRY_PARSE_JSON",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(text) -> variant?",
                lowering: Lowering::Native(&TRY_PARSE_JSON),
            },
            Signature {
                text: "(text, text) -> variant?",
                lowering: Lowering::Native(&TRY_PARSE_JSON_WITH),
            },
        ],
        summary: "A JSON document as a VARIANT; NULL where it is none.",
        examples: &[
            ("TRY_PARSE_JSON('[1')", "NULL"),
            ("TRY_PARSE_JSON('[1]')", "[1]"),
        ],
    },
];

fn duplicates(parameter: &str) -> Result<Duplicates> {
    match parameter {
        "d" => Ok(Duplicates::LastWins),
        "s" => Ok(Duplicates::Refused),
        _ => Err(Error::invalid_parameter_value(parameter, "parameter")),
    }
}

fn refused(fault: Fault) -> Error {
    Error::invalid_json(fault)
}

static PARSE_JSON: ScalarNative =
    strict("sf_parse_json", &[TEXT], PhysicalType::Varchar, |a, out| {
        a.unary(out, |text: &str| {
            parse(text, Duplicates::Refused).map_err(refused)
        })
    });

static PARSE_JSON_WITH: ScalarNative = strict(
    "sf_parse_json",
    &[TEXT, TEXT],
    PhysicalType::Varchar,
    |a, out| {
        a.binary(out, |text: &str, parameter: &str| {
            parse(text, duplicates(parameter)?).map_err(refused)
        })
    },
);

static TRY_PARSE_JSON: ScalarNative = strict(
    "sf_try_parse_json",
    &[TEXT],
    PhysicalType::Varchar,
    |a, out| {
        a.unary(out, |text: &str| {
            Ok(parse(text, Duplicates::Refused).unwrap_or(None))
        })
    },
);

static TRY_PARSE_JSON_WITH: ScalarNative = strict(
    "sf_try_parse_json",
    &[TEXT, TEXT],
    PhysicalType::Varchar,
    |a, out| {
        a.binary(out, |text: &str, parameter: &str| {
            Ok(parse(text, duplicates(parameter)?).unwrap_or(None))
        })
    },
);

static CHECK_JSON: ScalarNative =
    strict("sf_check_json", &[TEXT], PhysicalType::Varchar, |a, out| {
        a.unary(out, |text: &str| {
            Ok(parse(text, Duplicates::Refused)
                .err()
                .map(|fault| fault.to_string()))
        })
    });

pub(super) static NATIVES: &[ScalarNative] = &[
    strict(
        "sf_json_extract_path_text",
        &[TEXT, TEXT, TEXT],
        PhysicalType::Varchar,
        |a, out| {
            let (mut paths, mut memo) = (Memo::new(), Memo::new());
            a.ternary(out, |text: &str, path: &str, settings: &str| {
                let path = paths.get(path, |path| compiled(path, "JSON_EXTRACT_PATH_TEXT"))?;
                let document = parse(text, Duplicates::Refused).map_err(refused)?;
                let found = document.as_deref().and_then(|document| path.find(document));
                let shown = found
                    .and_then(|found| render::text(found, || formats(&mut memo, settings).ok()));
                Ok(shown.map(|shown| shown.into_owned()))
            })
        },
    ),
    strict(
        "sf_to_json",
        &[TEXT, TEXT],
        PhysicalType::Varchar,
        |a, out| {
            let mut memo = Memo::new();
            a.binary(out, |value: &str, settings: &str| {
                let mut shown = String::new();
                render::json(value, 0, formats(&mut memo, settings)?, &mut shown);
                Ok(shown)
            })
        },
    ),
];

/// A path of a call, compiled.
pub(super) fn compiled(path: &str, function: &str) -> Result<path::Path> {
    Path::new(path).ok_or_else(|| Error::invalid_variant_path(path, function))
}
