//! Objects: building and changing them.

use std::borrow::Cow;

use super::super::{Facts, Function, Lowering, Signature, call};
use super::{BOOLEAN, TEXT, TEXTS, seeing_nulls, strict};
use crate::engine::native::{Arguments, Output, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::{Expr, Literal};
use crate::types::variant::{NULL, render, scan, write};
use crate::types::{LogicalType, PhysicalType};

const VARCHAR: PhysicalType = PhysicalType::Varchar;

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "OBJECT_CONSTRUCT",
        aliases: &[],
        signatures: &[Signature {
            text: "(any...) -> tree",
            lowering: Lowering::Tree(|arguments, facts| {
                construct("sf_object_construct", arguments, facts)
            }),
        }],
        summary: "An OBJECT of keys and values; a pair with a NULL is left out.",
        examples: &[
            (
                "OBJECT_CONSTRUCT('b', 1, 'a', 'x')",
                "{\"a\":\"x\",\"b\":1}",
            ),
            ("OBJECT_CONSTRUCT('a', 1, 'b', NULL, NULL, 2)", "{\"a\":1}"),
            ("OBJECT_CONSTRUCT('a', PARSE_JSON('null'))", "{\"a\":null}"),
            ("OBJECT_CONSTRUCT()", "{}"),
        ],
    },
    Function {
        name: "OBJECT_CONSTRUCT_KEEP_NULL",
        aliases: &[],
        signatures: &[Signature {
            text: "(any...) -> tree",
            lowering: Lowering::Tree(|arguments, facts| {
                construct("sf_object_construct_keep_null", arguments, facts)
            }),
        }],
        summary: "An OBJECT of keys and values, NULL among them.",
        examples: &[
            (
                "OBJECT_CONSTRUCT_KEEP_NULL('a', 1, 'b', NULL)",
                "{\"a\":1,\"b\":null}",
            ),
            ("OBJECT_CONSTRUCT_KEEP_NULL(NULL, 2)", "{}"),
        ],
    },
    Function {
        name: "OBJECT_DELETE",
        aliases: &[],
        signatures: &[Signature {
            text: "(object, text, text...) -> object",
            lowering: Lowering::Native(&OBJECT_DELETE),
        }],
        summary: "The OBJECT without some keys.",
        examples: &[
            (
                "OBJECT_DELETE({'a': 1, 'b': 2, 'c': 3}, 'a', 'c')",
                "{\"b\":2}",
            ),
            ("OBJECT_DELETE({'a': 1}, 'x')", "{\"a\":1}"),
        ],
    },
    Function {
        name: "OBJECT_INSERT",
        aliases: &[],
        signatures: &[Signature {
            text: "(object, text, value, boolean?) -> tree",
            lowering: Lowering::Tree(|arguments, _| {
                let mut arguments = arguments;
                if arguments.len() == 3 {
                    let never = Literal::Boolean(false);
                    arguments.push(Expr::literal(never, LogicalType::Boolean));
                }
                let mut object = call("sf_object_insert", arguments, LogicalType::Object);
                object.nullable = true;
                Ok(object)
            }),
        }],
        summary: "The OBJECT with one more pair, or a changed one.",
        examples: &[
            ("OBJECT_INSERT({'a': 1}, 'b', 'x')", "{\"a\":1,\"b\":\"x\"}"),
            ("OBJECT_INSERT({'a': 1}, 'a', 2, TRUE)", "{\"a\":2}"),
            ("OBJECT_INSERT({'a': 1}, 'b', NULL)", "{\"a\":1}"),
        ],
    },
    Function {
        name: "OBJECT_PICK",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(object, array) -> object",
                lowering: Lowering::Native(&OBJECT_PICK_ALL),
            },
            Signature {
                text: "(object, text, text...) -> object",
                lowering: Lowering::Native(&OBJECT_PICK),
            },
        ],
        summary: "The pairs of the OBJECT that have one of some keys.",
        examples: &[
            (
                "OBJECT_PICK({'a': 1, 'b': 2, 'c': 3}, 'c', 'a', 'x')",
                "{\"a\":1,\"c\":3}",
            ),
            ("OBJECT_PICK({'a': 1, 'b': 2}, ['b'])", "{\"b\":2}"),
        ],
    },
];

/// Keys as texts, values as VARIANTs.
fn construct(name: &'static str, arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    if !arguments.len().is_multiple_of(2) {
        let (wanted, got) = (arguments.len() + 1, arguments.len());
        return Err(Error::not_enough_arguments("OBJECT_CONSTRUCT", wanted, got));
    }
    let converted = arguments
        .into_iter()
        .enumerate()
        .map(|(index, argument)| {
            argument.cast(if index.is_multiple_of(2) {
                LogicalType::TEXT
            } else {
                LogicalType::Variant
            })
        })
        .collect();
    let mut object = call(name, converted, LogicalType::Object);
    object.nullable = false;
    Ok(object)
}

pub(super) static NATIVES: &[ScalarNative] = &[
    seeing_nulls("sf_object_construct", &[TEXTS], VARCHAR, |a, out| {
        construct_rows(a, out, false)
    }),
    seeing_nulls(
        "sf_object_construct_keep_null",
        &[TEXTS],
        VARCHAR,
        |a, out| construct_rows(a, out, true),
    ),
    seeing_nulls(
        "sf_object_insert",
        &[TEXT, TEXT, TEXT, BOOLEAN],
        VARCHAR,
        |a, out| {
            a.quaternary(
                out,
                |object: &str, key: Option<&str>, value: Option<&str>, update: Option<bool>| {
                    let Some(name) = key else {
                        return Ok(object.to_owned());
                    };
                    let key = write::key(name);
                    if update != Some(true)
                        && value.is_some()
                        && scan::member(object, &key).is_some()
                    {
                        return Err(Error::duplicate_field_key(name));
                    }
                    let mut members: Vec<(Cow<'_, str>, &str)> = scan::members(object)
                        .filter(|(known, _)| *known != key)
                        .map(|(known, value)| (known.into(), value))
                        .collect();
                    if let Some(value) = value {
                        members.push((key, value));
                    }
                    write::object(members).map_err(Error::duplicate_field_key)
                },
            )
        },
    ),
    super::array::ARRAY_TO_STRING,
];

fn construct_rows(a: &Arguments<'_>, out: &mut Output<'_>, keep_null: bool) -> Result<()> {
    let columns = (0..a.count())
        .map(|index| a.texts(index))
        .collect::<Result<Vec<_>>>()?;
    a.each_row(|row| {
        let mut members = Vec::with_capacity(columns.len() / 2);
        for pair in columns.chunks_exact(2) {
            let value = match pair[1].get(row) {
                None if keep_null => NULL,
                None => continue,
                Some(value) => value,
            };
            if let Some(key) = pair[0].get(row) {
                members.push((write::key(key), value));
            }
        }
        let object = write::object(members).map_err(Error::duplicate_field_key)?;
        out.set_text(row, &object);
        Ok(())
    })
}

/// The keys that the call names, as canonical text has them.
fn named_keys<'a>(columns: &[crate::engine::native::Texts<'a>], row: usize) -> Vec<Cow<'a, str>> {
    columns
        .iter()
        .filter_map(|column| column.get(row))
        .map(write::key)
        .collect()
}

fn filtered(object: &str, wanted: impl Fn(&str) -> bool) -> String {
    write::sorted_object(scan::members(object).filter(|(key, _)| wanted(key)))
}

static OBJECT_DELETE: ScalarNative =
    strict("sf_object_delete", &[TEXT, TEXTS], VARCHAR, |a, out| {
        let columns = (0..a.count())
            .map(|index| a.texts(index))
            .collect::<Result<Vec<_>>>()?;
        a.each_row(|row| {
            let keys = named_keys(&columns[1..], row);
            let object = columns[0].get(row).unwrap_or_default();
            out.set_text(row, &filtered(object, |key| keys.iter().all(|k| k != key)));
            Ok(())
        })
    });

static OBJECT_PICK: ScalarNative = strict("sf_object_pick", &[TEXT, TEXTS], VARCHAR, |a, out| {
    let columns = (0..a.count())
        .map(|index| a.texts(index))
        .collect::<Result<Vec<_>>>()?;
    a.each_row(|row| {
        let keys = named_keys(&columns[1..], row);
        let object = columns[0].get(row).unwrap_or_default();
        out.set_text(row, &filtered(object, |key| keys.iter().any(|k| k == key)));
        Ok(())
    })
});

static OBJECT_PICK_ALL: ScalarNative =
    strict("sf_object_pick_all", &[TEXT, TEXT], VARCHAR, |a, out| {
        a.binary(out, |object: &str, keys: &str| {
            let keys: Vec<_> = scan::elements(keys).filter_map(render::string).collect();
            let keys: Vec<_> = keys.iter().map(|key| write::key(key)).collect();
            Ok(filtered(object, |key| keys.iter().any(|k| k == key)))
        })
    });
