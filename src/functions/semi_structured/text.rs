//! Text taken apart into arrays, and the natives that table functions share.

use super::super::{Function, Lowering, Signature};
use super::{TEXT, strict};
use crate::engine::native::ScalarNative;
use crate::types::PhysicalType;
use crate::types::variant::{scan, write};

const VARCHAR: PhysicalType = PhysicalType::Varchar;

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "SPLIT",
        aliases: &[],
        signatures: &[Signature {
            text: "(text, text) -> array",
            lowering: Lowering::Native(&SPLIT),
        }],
        summary: "The parts of a text between separators as an ARRAY.",
        examples: &[
            ("SPLIT('127.0.0.1', '.')", "[\"127\",\"0\",\"0\",\"1\"]"),
            ("SPLIT('|a||', '|')", "[\"\",\"a\",\"\",\"\"]"),
            ("SPLIT('ab', '')", "[\"ab\"]"),
        ],
    },
    Function {
        name: "STRTOK_TO_ARRAY",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(text) -> array",
                lowering: Lowering::Template("sf_strtok_to_array($1, ' ')"),
            },
            Signature {
                text: "(text, text) -> array",
                lowering: Lowering::Engine("sf_strtok_to_array"),
            },
        ],
        summary: "The tokens of a text between characters of a set as an ARRAY.",
        examples: &[
            ("STRTOK_TO_ARRAY('a.b,c', '.,')", "[\"a\",\"b\",\"c\"]"),
            ("STRTOK_TO_ARRAY('  a b ')", "[\"a\",\"b\"]"),
        ],
    },
];

/// The parts between separators; an empty separator separates nothing.
pub(super) fn parts<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    if separator.is_empty() {
        vec![text]
    } else {
        text.split(separator).collect()
    }
}

/// The tokens between delimiters, none of them empty.
pub(super) fn tokens<'a>(text: &'a str, delimiters: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(move |character| delimiters.contains(character))
        .filter(|token| !token.is_empty())
}

static SPLIT: ScalarNative = strict("sf_split", &[TEXT, TEXT], VARCHAR, |a, out| {
    a.binary(out, |text: &str, separator: &str| {
        Ok(write::array_of_texts(parts(text, separator)))
    })
});

pub(super) static NATIVES: &[ScalarNative] = &[
    strict("sf_strtok_to_array", &[TEXT, TEXT], VARCHAR, |a, out| {
        a.binary(out, |text: &str, delimiters: &str| {
            Ok(write::array_of_texts(tokens(text, delimiters)))
        })
    }),
    // What FLATTEN expands: its column THIS.
    strict("sf_flattened", &[TEXT, TEXT, TEXT], VARCHAR, |a, out| {
        let mut paths = crate::engine::native::Memo::new();
        a.ternary(out, |value: &str, path: &str, mode: &str| {
            let path: &crate::types::variant::Path =
                paths.get(path, |path| super::parsing::compiled(path, "FLATTEN"))?;
            let found = path.find(value);
            Ok(found.filter(|found| {
                (scan::is_object(found) && mode != "ARRAY")
                    || (scan::is_array(found) && mode != "OBJECT")
            }))
        })
    }),
];
