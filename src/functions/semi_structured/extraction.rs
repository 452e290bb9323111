//! Extraction: GET, GET_PATH, and what `v:a.b[0]` becomes.

use super::super::{Function, Lowering, Signature};
use super::parsing::compiled;
use super::{INTEGER, TEXT, strict};
use crate::engine::native::{Memo, Native, ScalarNative};
use crate::types::PhysicalType;
use crate::types::variant::leaf::Kind;
use crate::types::variant::{Path, defined, render, scan, write};

const VARCHAR: PhysicalType = PhysicalType::Varchar;

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "GET",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(semi, integer) -> variant?",
                lowering: Lowering::Native(&GET_ELEMENT),
            },
            Signature {
                text: "(semi, text) -> variant?",
                lowering: Lowering::Native(&GET_MEMBER),
            },
            Signature {
                text: "(semi, variant) -> variant?",
                lowering: Lowering::Native(&GET_BY_VALUE),
            },
        ],
        summary: "The element at an index, or the value of a key; NULL where there is none.",
        examples: &[
            ("GET(PARSE_JSON('[1,2]'), 1)", "2"),
            ("GET(PARSE_JSON('{\"a\":\"x\"}'), 'a')", "x"),
            ("GET(PARSE_JSON('{\"a\":1}'), 'A')", "NULL"),
            ("GET(PARSE_JSON('[1]'), -1)", "NULL"),
        ],
    },
    Function {
        name: "GET_IGNORE_CASE",
        aliases: &[],
        signatures: &[Signature {
            text: "(semi, text) -> variant?",
            lowering: Lowering::Native(&GET_IGNORE_CASE),
        }],
        summary: "The value of a key in any case, of the exact key if it is there.",
        examples: &[
            ("GET_IGNORE_CASE(PARSE_JSON('{\"aB\":1}'), 'Ab')", "1"),
            (
                "GET_IGNORE_CASE(PARSE_JSON('{\"AA\":1,\"aa\":2}'), 'aa')",
                "2",
            ),
        ],
    },
    Function {
        name: "GET_PATH",
        aliases: &[],
        signatures: &[Signature {
            text: "(semi, text) -> variant?",
            lowering: Lowering::Native(&GET_PATH),
        }],
        summary: "What a path leads to; NULL where it leads nowhere.",
        examples: &[
            (
                "GET_PATH(PARSE_JSON('{\"a\":{\"b\":[10,20]}}'), 'a.b[1]')",
                "20",
            ),
            ("GET_PATH(PARSE_JSON('{\"a b\":1}'), '[\"a b\"]')", "1"),
            ("GET_PATH(PARSE_JSON('{\"a\":1}'), 'b.c')", "NULL"),
        ],
    },
    Function {
        name: "OBJECT_KEYS",
        aliases: &[],
        signatures: &[Signature {
            text: "(semi) -> array?",
            lowering: Lowering::Native(&OBJECT_KEYS),
        }],
        summary: "The keys of an OBJECT as an ARRAY.",
        examples: &[
            (
                "OBJECT_KEYS(PARSE_JSON('{\"b\":1,\"a\":2}'))",
                "[\"a\",\"b\"]",
            ),
            ("OBJECT_KEYS(PARSE_JSON('[1]'))", "NULL"),
        ],
    },
];

pub(super) fn natives() -> Vec<Native> {
    vec![Native::Scalar(PATH)]
}

/// What the steps of `v:a.b[0]` lead to. Its path is well formed.
static PATH: ScalarNative = strict("sf_path", &[TEXT, TEXT], VARCHAR, |a, out| {
    let mut paths: Memo<Path> = Memo::new();
    a.binary(out, |value: &str, path: &str| {
        Ok(paths
            .get(path, |path| compiled(path, "GET_PATH"))?
            .find(value))
    })
});

static GET_PATH: ScalarNative = strict("sf_get_path", &[TEXT, TEXT], VARCHAR, |a, out| {
    let mut paths: Memo<Path> = Memo::new();
    a.binary(out, |value: &str, path: &str| {
        if path.is_empty() {
            compiled_refusal(path)?;
        }
        Ok(paths
            .get(path, |path| compiled(path, "GET_PATH"))?
            .find(value))
    })
});

/// An empty path is refused (recorded).
fn compiled_refusal(path: &str) -> crate::error::Result<()> {
    Err(crate::error::Error::invalid_variant_path(path, "GET_PATH"))
}

fn element(value: &str, index: i64) -> Option<&str> {
    scan::element(value, usize::try_from(index).ok()?).and_then(defined)
}

static GET_ELEMENT: ScalarNative = strict("sf_get_element", &[TEXT, INTEGER], VARCHAR, |a, out| {
    a.binary(out, |value: &str, index: i64| Ok(element(value, index)))
});

static GET_MEMBER: ScalarNative = strict("sf_get_member", &[TEXT, TEXT], VARCHAR, |a, out| {
    a.binary(out, |value: &str, key: &str| {
        Ok(scan::member(value, &write::key(key)))
    })
});

/// The kind of the second value decides: a number is an index, a string a key.
static GET_BY_VALUE: ScalarNative = strict("sf_get_by_value", &[TEXT, TEXT], VARCHAR, |a, out| {
    a.binary(out, |value: &str, by: &str| {
        Ok(match Kind::of(by) {
            Kind::Integer | Kind::Decimal => {
                let index = crate::types::variant::cast::to_number(by, 18, 0);
                let index = index
                    .ok()
                    .flatten()
                    .and_then(|index| i64::try_from(index).ok());
                index.and_then(|index| element(value, index))
            }
            Kind::Text => render::string(by).and_then(|key| scan::member(value, &write::key(&key))),
            _ => None,
        })
    })
});

static GET_IGNORE_CASE: ScalarNative =
    strict("sf_get_ignore_case", &[TEXT, TEXT], VARCHAR, |a, out| {
        a.binary(out, |value: &str, key: &str| {
            let exact = scan::member(value, &write::key(key));
            let lower = key.to_lowercase();
            let found = exact.or_else(|| {
                scan::members(value)
                    .find(|(name, _)| write::unescaped(name).to_lowercase() == lower)
                    .map(|(_, value)| value)
            });
            Ok(found)
        })
    });

static OBJECT_KEYS: ScalarNative = strict("sf_object_keys", &[TEXT], VARCHAR, |a, out| {
    a.unary(out, |value: &str| {
        if !scan::is_object(value) {
            return Ok(None);
        }
        let mut keys = String::from("[");
        for (index, (key, _)) in scan::members(value).enumerate() {
            keys.push_str(if index > 0 { ",\"" } else { "\"" });
            keys.push_str(key);
            keys.push('"');
        }
        keys.push(']');
        Ok(Some(keys))
    })
});
