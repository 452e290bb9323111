//! Arrays by the order of their elements: ARRAY_SORT, ARRAY_MIN, ARRAY_MAX.

use super::super::{Function, Lowering, Signature};
use super::array::function;
use super::{BOOLEAN, TEXT, strict};
use crate::engine::native::ScalarNative;
use crate::types::PhysicalType;
use crate::types::variant::{UNDEFINED, key, scan, write};

const VARCHAR: PhysicalType = PhysicalType::Varchar;

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    function!(
        "ARRAY_MAX",
        "(array) -> variant?",
        ARRAY_MAX,
        "The greatest element of the ARRAY.",
        &[
            ("ARRAY_MAX([20, 0, NULL, 10])", "20"),
            ("ARRAY_MAX([])", "NULL")
        ]
    ),
    function!(
        "ARRAY_MIN",
        "(array) -> variant?",
        ARRAY_MIN,
        "The least element of the ARRAY.",
        &[
            ("ARRAY_MIN([20, 0, NULL, 10])", "0"),
            ("ARRAY_MIN([NULL])", "NULL")
        ]
    ),
    Function {
        name: "ARRAY_SORT",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(array) -> array",
                lowering: Lowering::Native(&SORT),
            },
            Signature {
                text: "(array, boolean) -> array",
                lowering: Lowering::Native(&SORT_DIRECTED),
            },
            Signature {
                text: "(array, boolean, boolean) -> array",
                lowering: Lowering::Native(&SORT_WITH_NULLS),
            },
        ],
        summary: "The elements of the ARRAY in order.",
        examples: &[
            (
                "ARRAY_SORT([20, PARSE_JSON('null'), 0, NULL, 10])",
                "[0,10,20,null,undefined]",
            ),
            (
                "ARRAY_SORT([20, PARSE_JSON('null'), 0, NULL, 10], FALSE)",
                "[undefined,null,20,10,0]",
            ),
            (
                "ARRAY_SORT([20, PARSE_JSON('null'), 0, NULL, 10], TRUE, TRUE)",
                "[undefined,0,10,20,null]",
            ),
        ],
    },
];

fn defined(array: &str) -> impl Iterator<Item = &str> {
    scan::elements(array).filter(|element| *element != UNDEFINED)
}

static ARRAY_MAX: ScalarNative = strict("sf_array_max", &[TEXT], VARCHAR, |a, out| {
    a.unary(out, |array: &str| {
        Ok(defined(array).max_by_key(|element| key::key(element)))
    })
});

static ARRAY_MIN: ScalarNative = strict("sf_array_min", &[TEXT], VARCHAR, |a, out| {
    a.unary(out, |array: &str| {
        Ok(defined(array).min_by_key(|element| key::key(element)))
    })
});

fn sorted(array: &str, ascending: bool, nulls_first: bool) -> String {
    let mut elements: Vec<_> = defined(array).collect();
    elements.sort_by_cached_key(|element| key::key(element));
    if !ascending {
        elements.reverse();
    }
    let holes = scan::elements(array).count() - elements.len();
    let at = if nulls_first { 0 } else { elements.len() };
    elements.splice(at..at, std::iter::repeat_n(UNDEFINED, holes));
    write::array(elements.into_iter().map(Some))
}

static SORT: ScalarNative = strict("sf_array_sort", &[TEXT], VARCHAR, |a, out| {
    a.unary(out, |array: &str| Ok(sorted(array, true, false)))
});

static SORT_DIRECTED: ScalarNative =
    strict("sf_array_sort", &[TEXT, BOOLEAN], VARCHAR, |a, out| {
        a.binary(out, |array: &str, ascending: bool| {
            Ok(sorted(array, ascending, !ascending))
        })
    });

static SORT_WITH_NULLS: ScalarNative = strict(
    "sf_array_sort",
    &[TEXT, BOOLEAN, BOOLEAN],
    VARCHAR,
    |a, out| {
        a.ternary(out, |array: &str, ascending: bool, nulls_first: bool| {
            Ok(sorted(array, ascending, nulls_first))
        })
    },
);
