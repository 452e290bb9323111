//! Arrays: building, taking apart, single elements.

use super::super::{Function, Lowering, Signature, arguments, call};
use super::{INTEGER, TEXT, TEXTS, formats, formats_argument, seeing_nulls, strict};
use crate::engine::native::{Memo, ScalarNative};
use crate::error::{Error, Result};
use crate::types::variant::{NULL, UNDEFINED, render, scan, write};
use crate::types::{LogicalType, PhysicalType};

const VARCHAR: PhysicalType = PhysicalType::Varchar;

macro_rules! function {
    ($name:literal, $text:literal, $native:ident, $summary:literal, $examples:expr) => {
        Function {
            name: $name,
            aliases: &[],
            signatures: &[Signature {
                text: $text,
                lowering: Lowering::Native(&$native),
            }],
            summary: $summary,
            examples: $examples,
        }
    };
}
pub(super) use function;

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    function!(
        "ARRAYS_TO_OBJECT",
        "(array, array) -> object",
        ARRAYS_TO_OBJECT,
        "An OBJECT of the keys of one ARRAY and the values of another.",
        &[
            (
                "ARRAYS_TO_OBJECT(['b', 'a'], [1, NULL])",
                "{\"a\":null,\"b\":1}"
            ),
            ("ARRAYS_TO_OBJECT(['a', NULL], [1, 2])", "{\"a\":1}")
        ]
    ),
    function!(
        "ARRAYS_ZIP",
        "(array, array...) -> array",
        ARRAYS_ZIP,
        "An ARRAY of OBJECTs that pair the elements at the same index.",
        &[
            (
                "ARRAYS_ZIP([1, 2], ['a'])",
                "[{\"$1\":1,\"$2\":\"a\"},{\"$1\":2,\"$2\":null}]"
            ),
            ("ARRAYS_ZIP([])", "[]")
        ]
    ),
    function!(
        "ARRAY_APPEND",
        "(array, value) -> array?",
        ARRAY_APPEND,
        "The ARRAY with one more element at its end.",
        &[
            ("ARRAY_APPEND([1], 'a')", "[1,\"a\"]"),
            ("ARRAY_APPEND([1], NULL)", "[1,undefined]"),
            ("ARRAY_APPEND([1], [2])", "[1,[2]]")
        ]
    ),
    function!(
        "ARRAY_CAT",
        "(array, array) -> array",
        ARRAY_CAT,
        "Two ARRAYs one after the other.",
        &[
            ("ARRAY_CAT([1, 2], [3])", "[1,2,3]"),
            ("ARRAY_CAT([1], NULL)", "NULL")
        ]
    ),
    function!(
        "ARRAY_COMPACT",
        "(array) -> array",
        ARRAY_COMPACT,
        "The ARRAY without its nulls.",
        &[
            ("ARRAY_COMPACT([1, NULL, PARSE_JSON('null'), 2])", "[1,2]"),
            ("ARRAY_COMPACT([])", "[]")
        ]
    ),
    function!(
        "ARRAY_CONSTRUCT",
        "(value...) -> array!",
        ARRAY_CONSTRUCT,
        "An ARRAY of the arguments.",
        &[
            (
                "ARRAY_CONSTRUCT(1, 'a', NULL, TRUE)",
                "[1,\"a\",undefined,true]"
            ),
            ("ARRAY_CONSTRUCT()", "[]"),
            ("ARRAY_CONSTRUCT('[1,2]')", "[\"[1,2]\"]")
        ]
    ),
    function!(
        "ARRAY_CONSTRUCT_COMPACT",
        "(value...) -> array!",
        ARRAY_CONSTRUCT_COMPACT,
        "An ARRAY of the arguments that are not NULL.",
        &[
            ("ARRAY_CONSTRUCT_COMPACT(1, NULL, 2)", "[1,2]"),
            ("ARRAY_CONSTRUCT_COMPACT(NULL)", "[]")
        ]
    ),
    function!(
        "ARRAY_FLATTEN",
        "(array) -> array?",
        ARRAY_FLATTEN,
        "The elements of an ARRAY's ARRAYs in one.",
        &[
            ("ARRAY_FLATTEN([[1, 2], [3]])", "[1,2,3]"),
            ("ARRAY_FLATTEN([[1], NULL])", "NULL"),
            ("ARRAY_FLATTEN([[[1]], [NULL]])", "[[1],undefined]")
        ]
    ),
    Function {
        name: "ARRAY_GENERATE_RANGE",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(integer, integer) -> array",
                lowering: Lowering::Native(&RANGE),
            },
            Signature {
                text: "(integer, integer, integer) -> array",
                lowering: Lowering::Native(&RANGE_BY_STEP),
            },
        ],
        summary: "An ARRAY of the integers from a start up to, and without, a stop.",
        examples: &[
            ("ARRAY_GENERATE_RANGE(2, 5)", "[2,3,4]"),
            ("ARRAY_GENERATE_RANGE(0, -16, -5)", "[0,-5,-10,-15]"),
            ("ARRAY_GENERATE_RANGE(8, 2, 2)", "[]"),
        ],
    },
    function!(
        "ARRAY_INSERT",
        "(array, integer, value) -> array?",
        ARRAY_INSERT,
        "The ARRAY with one more element at an index.",
        &[
            (
                "ARRAY_INSERT([0, 1, 2, 3], 2, 'hello')",
                "[0,1,\"hello\",2,3]"
            ),
            (
                "ARRAY_INSERT([0, 1, 2, 3], 5, 'hello')",
                "[0,1,2,3,undefined,\"hello\"]"
            ),
            (
                "ARRAY_INSERT([0, 1, 2, 3], -1, 'hello')",
                "[0,1,2,\"hello\",3]"
            )
        ]
    ),
    function!(
        "ARRAY_PREPEND",
        "(array, value) -> array?",
        ARRAY_PREPEND,
        "The ARRAY with one more element at its start.",
        &[
            ("ARRAY_PREPEND([1], 'a')", "[\"a\",1]"),
            ("ARRAY_PREPEND([], NULL)", "[undefined]")
        ]
    ),
    function!(
        "ARRAY_REMOVE_AT",
        "(array, integer) -> array",
        ARRAY_REMOVE_AT,
        "The ARRAY without the element at an index.",
        &[
            ("ARRAY_REMOVE_AT([1, 2, 3], 1)", "[1,3]"),
            ("ARRAY_REMOVE_AT([1, 2, 3], -1)", "[1,2]"),
            ("ARRAY_REMOVE_AT([1], 5)", "[1]")
        ]
    ),
    function!(
        "ARRAY_REPEAT",
        "(value, integer) -> array?",
        ARRAY_REPEAT,
        "An ARRAY of so many copies of a value.",
        &[
            ("ARRAY_REPEAT('a', 3)", "[\"a\",\"a\",\"a\"]"),
            ("ARRAY_REPEAT(NULL, 2)", "[undefined,undefined]")
        ]
    ),
    function!(
        "ARRAY_REVERSE",
        "(array) -> array",
        ARRAY_REVERSE,
        "The elements of the ARRAY in reverse order.",
        &[
            ("ARRAY_REVERSE([1, 2, 3])", "[3,2,1]"),
            ("ARRAY_REVERSE([])", "[]")
        ]
    ),
    function!(
        "ARRAY_SIZE",
        "(semi) -> NUMBER(9,0)?",
        ARRAY_SIZE,
        "The number of the ARRAY's elements.",
        &[
            ("ARRAY_SIZE([1, NULL, 3])", "3"),
            ("ARRAY_SIZE(PARSE_JSON('{}'))", "NULL")
        ]
    ),
    function!(
        "ARRAY_SLICE",
        "(array, integer, integer) -> array",
        ARRAY_SLICE,
        "The elements from one index up to, and without, another.",
        &[
            ("ARRAY_SLICE([0, 1, 2, 3, 4, 5, 6], 0, 2)", "[0,1]"),
            ("ARRAY_SLICE([0, 1, 2, 3, 4, 5, 6], -5, -3)", "[2,3]"),
            ("ARRAY_SLICE([0, 1, 2], 10, 12)", "[]")
        ]
    ),
    Function {
        name: "ARRAY_TO_STRING",
        aliases: &[],
        signatures: &[Signature {
            text: "(array, text) -> tree",
            lowering: Lowering::Tree(|arguments, facts| {
                let [array, separator] = self::arguments(arguments)?;
                let formats = formats_argument(facts);
                Ok(call(
                    "sf_array_to_string",
                    vec![array, separator, formats],
                    LogicalType::TEXT,
                ))
            }),
        }],
        summary: "The elements of the ARRAY as texts, joined by a separator.",
        examples: &[
            ("ARRAY_TO_STRING([1, 'a', NULL, TRUE], ',')", "1,a,,true"),
            ("ARRAY_TO_STRING([], ',')", ""),
        ],
    },
];

/// The elements, none of which is the array itself.
fn elements(array: &str) -> Vec<&str> {
    scan::elements(array).collect()
}

fn array_of<'a>(elements: impl IntoIterator<Item = &'a str>) -> String {
    write::array(elements.into_iter().map(Some))
}

/// The content of an array between its brackets.
fn inside(array: &str) -> &str {
    array.get(1..array.len() - 1).unwrap_or_default()
}

/// An index counted from the end where it is negative.
fn from_end(index: i64, length: usize) -> i64 {
    if index < 0 {
        index + length as i64
    } else {
        index
    }
}

static ARRAYS_TO_OBJECT: ScalarNative =
    strict("sf_arrays_to_object", &[TEXT, TEXT], VARCHAR, |a, out| {
        a.binary(out, |keys: &str, values: &str| {
            let (keys, values) = (elements(keys), elements(values));
            if keys.len() != values.len() {
                return Err(Error::unequal_arrays());
            }
            let mut members = Vec::new();
            for (key, value) in keys.iter().zip(values) {
                if [NULL, UNDEFINED].contains(key) {
                    continue;
                }
                if render::string(key).is_none() {
                    return Err(Error::key_not_text());
                }
                members.push((inside(key).into(), value));
            }
            write::object(members).map_err(Error::duplicate_field_key)
        })
    });

static ARRAYS_ZIP: ScalarNative = strict("sf_arrays_zip", &[TEXT, TEXTS], VARCHAR, |a, out| {
    let columns = (0..a.count())
        .map(|index| a.texts(index))
        .collect::<Result<Vec<_>>>()?;
    // `$10` sorts before `$2`.
    let mut keys: Vec<_> = (0..columns.len())
        .map(|index| (format!("${}", index + 1), index))
        .collect();
    keys.sort();
    a.each_row(|row| {
        let arrays: Vec<_> = columns
            .iter()
            .map(|column| elements(column.get(row).unwrap_or_default()))
            .collect();
        let length = arrays.iter().map(Vec::len).max().unwrap_or(0);
        let objects: Vec<_> = (0..length)
            .map(|at| {
                write::sorted_object(keys.iter().map(|(key, index)| {
                    (
                        key.as_str(),
                        arrays[*index].get(at).copied().unwrap_or(NULL),
                    )
                }))
            })
            .collect();
        out.set_text(row, &array_of(objects.iter().map(String::as_str)));
        Ok(())
    })
});

static ARRAY_APPEND: ScalarNative =
    seeing_nulls("sf_array_append", &[TEXT, TEXT], VARCHAR, |a, out| {
        a.binary(out, |array: &str, value: Option<&str>| {
            let (inside, value) = (inside(array), value.unwrap_or(UNDEFINED));
            let comma = if inside.is_empty() { "" } else { "," };
            Ok(format!("[{inside}{comma}{value}]"))
        })
    });

static ARRAY_PREPEND: ScalarNative =
    seeing_nulls("sf_array_prepend", &[TEXT, TEXT], VARCHAR, |a, out| {
        a.binary(out, |array: &str, value: Option<&str>| {
            let (inside, value) = (inside(array), value.unwrap_or(UNDEFINED));
            let comma = if inside.is_empty() { "" } else { "," };
            Ok(format!("[{value}{comma}{inside}]"))
        })
    });

static ARRAY_CAT: ScalarNative = strict("sf_array_cat", &[TEXT, TEXT], VARCHAR, |a, out| {
    a.binary(out, |left: &str, right: &str| {
        let (left, right) = (inside(left), inside(right));
        let comma = if left.is_empty() || right.is_empty() {
            ""
        } else {
            ","
        };
        Ok(format!("[{left}{comma}{right}]"))
    })
});

static ARRAY_COMPACT: ScalarNative = strict("sf_array_compact", &[TEXT], VARCHAR, |a, out| {
    a.unary(out, |array: &str| {
        let kept = scan::elements(array).filter(|element| ![NULL, UNDEFINED].contains(element));
        Ok(array_of(kept))
    })
});

static ARRAY_CONSTRUCT: ScalarNative =
    seeing_nulls("sf_array_construct", &[TEXTS], VARCHAR, |a, out| {
        let columns = (0..a.count())
            .map(|index| a.texts(index))
            .collect::<Result<Vec<_>>>()?;
        a.each_row(|row| {
            let array = write::array(columns.iter().map(|column| column.get(row)));
            out.set_text(row, &array);
            Ok(())
        })
    });

static ARRAY_CONSTRUCT_COMPACT: ScalarNative =
    seeing_nulls("sf_array_construct_compact", &[TEXTS], VARCHAR, |a, out| {
        let columns = (0..a.count())
            .map(|index| a.texts(index))
            .collect::<Result<Vec<_>>>()?;
        a.each_row(|row| {
            let kept = columns.iter().filter_map(|column| column.get(row));
            out.set_text(row, &array_of(kept));
            Ok(())
        })
    });

static ARRAY_FLATTEN: ScalarNative = strict("sf_array_flatten", &[TEXT], VARCHAR, |a, out| {
    a.unary(out, |array: &str| {
        let mut flat = Vec::new();
        for element in scan::elements(array) {
            if [NULL, UNDEFINED].contains(&element) {
                return Ok(None);
            }
            if !scan::is_array(element) {
                return Err(Error::not_an_array(
                    "Input argument to ARRAY_FLATTEN is not an array of arrays",
                ));
            }
            flat.extend(scan::elements(element));
        }
        Ok(Some(array_of(flat)))
    })
});

fn range(start: i64, stop: i64, step: i64) -> Result<String> {
    if step == 0 {
        return Err(Error::invalid_parameter_value(step, "step"));
    }
    let mut out = String::from("[");
    let mut next = start;
    while (step > 0 && next < stop) || (step < 0 && next > stop) {
        use std::fmt::Write;
        let comma = if out.len() > 1 { "," } else { "" };
        // Writing into a String does not fail.
        let _ = write!(out, "{comma}{next}");
        let Some(following) = next.checked_add(step) else {
            break;
        };
        next = following;
    }
    out.push(']');
    Ok(out)
}

static RANGE: ScalarNative = strict(
    "sf_array_generate_range",
    &[INTEGER, INTEGER],
    VARCHAR,
    |a, out| a.binary(out, |start: i64, stop: i64| range(start, stop, 1)),
);

static RANGE_BY_STEP: ScalarNative = strict(
    "sf_array_generate_range",
    &[INTEGER, INTEGER, INTEGER],
    VARCHAR,
    |a, out| a.ternary(out, range),
);

static ARRAY_INSERT: ScalarNative = seeing_nulls(
    "sf_array_insert",
    &[TEXT, INTEGER, TEXT],
    VARCHAR,
    |a, out| {
        a.ternary(out, |array: &str, index: i64, value: Option<&str>| {
            let mut elements = elements(array);
            let value = value.unwrap_or(UNDEFINED);
            let at = from_end(index, elements.len());
            // So many as the engine's longest text can hold.
            if at.unsigned_abs() > 1 << 24 {
                return Err(Error::invalid_parameter_value(index, "pos"));
            }
            match usize::try_from(at) {
                Ok(at) => {
                    while elements.len() < at {
                        elements.push(UNDEFINED);
                    }
                    elements.insert(at, value);
                }
                Err(_) => {
                    let gap = usize::try_from(-at).unwrap_or(0);
                    elements.splice(0..0, std::iter::repeat_n(UNDEFINED, gap));
                    elements.insert(0, value);
                }
            }
            Ok(array_of(elements))
        })
    },
);

static ARRAY_REMOVE_AT: ScalarNative =
    strict("sf_array_remove_at", &[TEXT, INTEGER], VARCHAR, |a, out| {
        a.binary(out, |array: &str, index: i64| {
            let mut elements = elements(array);
            let at = usize::try_from(from_end(index, elements.len()));
            if let Ok(at) = at
                && at < elements.len()
            {
                elements.remove(at);
            }
            Ok(array_of(elements))
        })
    });

static ARRAY_REPEAT: ScalarNative =
    seeing_nulls("sf_array_repeat", &[TEXT, INTEGER], VARCHAR, |a, out| {
        a.binary(out, |value: Option<&str>, count: i64| {
            let value = value.unwrap_or(UNDEFINED);
            let count = usize::try_from(count).unwrap_or(0);
            if count.saturating_mul(value.len()) > 1 << 27 {
                return Err(Error::string_too_long(value));
            }
            Ok(array_of(std::iter::repeat_n(value, count)))
        })
    });

static ARRAY_REVERSE: ScalarNative = strict("sf_array_reverse", &[TEXT], VARCHAR, |a, out| {
    a.unary(out, |array: &str| {
        Ok(array_of(elements(array).into_iter().rev()))
    })
});

static ARRAY_SIZE: ScalarNative =
    strict("sf_array_size", &[TEXT], PhysicalType::BigInt, |a, out| {
        a.unary(out, |array: &str| {
            let is_array = scan::is_array(array);
            Ok(is_array.then(|| scan::elements(array).count() as i64))
        })
    });

static ARRAY_SLICE: ScalarNative = strict(
    "sf_array_slice",
    &[TEXT, INTEGER, INTEGER],
    VARCHAR,
    |a, out| {
        a.ternary(out, |array: &str, from: i64, to: i64| {
            let elements = elements(array);
            let within = |index: i64| {
                let index = from_end(index, elements.len());
                usize::try_from(index).unwrap_or(0).min(elements.len())
            };
            let (from, to) = (within(from), within(to));
            Ok(array_of(
                elements.get(from..to).unwrap_or_default().iter().copied(),
            ))
        })
    },
);

pub(super) static ARRAY_TO_STRING: ScalarNative = strict(
    "sf_array_to_string",
    &[TEXT, TEXT, TEXT],
    VARCHAR,
    |a, out| {
        let mut memo = Memo::new();
        a.ternary(out, |array: &str, separator: &str, settings: &str| {
            Ok(render::joined(
                array,
                separator,
                formats(&mut memo, settings)?,
            ))
        })
    },
);
