//! Arrays as multisets: membership, duplicates, intersection. Elements are equal by value, whatever their kind of number.

use std::collections::{HashMap, HashSet};

use super::super::{Function, Lowering, Signature};
use super::array::function;
use super::{TEXT, seeing_nulls, strict};
use crate::engine::native::ScalarNative;
use crate::types::PhysicalType;
use crate::types::variant::{UNDEFINED, key, scan, write};

const VARCHAR: PhysicalType = PhysicalType::Varchar;

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    function!(
        "ARRAYS_OVERLAP",
        "(array, array) -> boolean",
        ARRAYS_OVERLAP,
        "Whether two ARRAYs have an element in common.",
        &[
            ("ARRAYS_OVERLAP([1, 2], [2, 3])", "true"),
            ("ARRAYS_OVERLAP([1], ['1'])", "false")
        ]
    ),
    function!(
        "ARRAY_CONTAINS",
        "(variant, array) -> boolean?",
        ARRAY_CONTAINS,
        "Whether the ARRAY has an element that is equal to a value.",
        &[
            ("ARRAY_CONTAINS('a'::VARIANT, ['a', 'b'])", "true"),
            ("ARRAY_CONTAINS(3, [1, 2])", "false"),
            ("ARRAY_CONTAINS(NULL, [1, NULL])", "true")
        ]
    ),
    function!(
        "ARRAY_DISTINCT",
        "(array) -> array",
        ARRAY_DISTINCT,
        "The ARRAY without repeated elements.",
        &[
            (
                "ARRAY_DISTINCT(['A', 'A', 'B', NULL, NULL])",
                "[\"A\",\"B\",undefined]"
            ),
            ("ARRAY_DISTINCT([1, 1::FLOAT])", "[1]")
        ]
    ),
    function!(
        "ARRAY_EXCEPT",
        "(array, array) -> array",
        ARRAY_EXCEPT,
        "The elements of one ARRAY that another does not have, copies counted.",
        &[
            (
                "ARRAY_EXCEPT(['A', 'B', 'B', 'B', 'C'], ['B'])",
                "[\"A\",\"B\",\"B\",\"C\"]"
            ),
            (
                "ARRAY_EXCEPT(['A', NULL, NULL], ['B', NULL])",
                "[\"A\",undefined]"
            )
        ]
    ),
    function!(
        "ARRAY_INTERSECTION",
        "(array, array) -> array",
        ARRAY_INTERSECTION,
        "The elements that two ARRAYs have in common, copies counted.",
        &[
            (
                "ARRAY_INTERSECTION(['A', 'B', 'B'], ['B', 'C', 'B', 'B'])",
                "[\"B\",\"B\"]"
            ),
            ("ARRAY_INTERSECTION([1], [2])", "[]")
        ]
    ),
    function!(
        "ARRAY_POSITION",
        "(variant, array) -> NUMBER(9,0)?",
        ARRAY_POSITION,
        "The index of the first element that is equal to a value.",
        &[
            ("ARRAY_POSITION('b'::VARIANT, ['a', 'b'])", "1"),
            ("ARRAY_POSITION(9, [1, 2])", "NULL")
        ]
    ),
    function!(
        "ARRAY_REMOVE",
        "(array, variant) -> array",
        ARRAY_REMOVE,
        "The ARRAY without the elements that are equal to a value.",
        &[
            ("ARRAY_REMOVE([1, 5, 5.00, 2], 5)", "[1,2]"),
            ("ARRAY_REMOVE(['a'], 'b'::VARIANT)", "[\"a\"]")
        ]
    ),
];

fn array_of<'a>(elements: impl IntoIterator<Item = &'a str>) -> String {
    write::array(elements.into_iter().map(Some))
}

/// How often each element occurs.
fn counts(array: &str) -> HashMap<Vec<u8>, usize> {
    let mut counts = HashMap::new();
    for element in scan::elements(array) {
        *counts.entry(key::key(element)).or_default() += 1;
    }
    counts
}

static ARRAYS_OVERLAP: ScalarNative = strict(
    "sf_arrays_overlap",
    &[TEXT, TEXT],
    PhysicalType::Boolean,
    |a, out| {
        a.binary(out, |left: &str, right: &str| {
            let left: HashSet<_> = scan::elements(left).map(key::key).collect();
            Ok(scan::elements(right).any(|element| left.contains(&key::key(element))))
        })
    },
);

/// The index of a value, of the SQL NULL too.
fn position(value: Option<&str>, array: &str) -> Option<usize> {
    match value {
        None => scan::elements(array).position(|element| element == UNDEFINED),
        Some(value) => {
            let wanted = key::key(value);
            scan::elements(array)
                .position(|element| element == value || key::key(element) == wanted)
        }
    }
}

static ARRAY_CONTAINS: ScalarNative = seeing_nulls(
    "sf_array_contains",
    &[TEXT, TEXT],
    PhysicalType::Boolean,
    |a, out| {
        a.binary(out, |value: Option<&str>, array: &str| {
            let found = position(value, array).is_some();
            Ok((found || value.is_some()).then_some(found))
        })
    },
);

static ARRAY_POSITION: ScalarNative = seeing_nulls(
    "sf_array_position",
    &[TEXT, TEXT],
    PhysicalType::BigInt,
    |a, out| {
        a.binary(out, |value: Option<&str>, array: &str| {
            Ok(position(value, array).map(|index| index as i64))
        })
    },
);

static ARRAY_DISTINCT: ScalarNative = strict("sf_array_distinct", &[TEXT], VARCHAR, |a, out| {
    a.unary(out, |array: &str| {
        let mut seen = HashSet::new();
        Ok(array_of(
            scan::elements(array).filter(|element| seen.insert(key::key(element))),
        ))
    })
});

static ARRAY_EXCEPT: ScalarNative = strict("sf_array_except", &[TEXT, TEXT], VARCHAR, |a, out| {
    a.binary(out, |array: &str, excluded: &str| {
        let mut excluded = counts(excluded);
        let kept = scan::elements(array).filter(|element| !take(&mut excluded, element));
        Ok(array_of(kept))
    })
});

static ARRAY_INTERSECTION: ScalarNative =
    strict("sf_array_intersection", &[TEXT, TEXT], VARCHAR, |a, out| {
        a.binary(out, |left: &str, right: &str| {
            let mut right = counts(right);
            let kept = scan::elements(left).filter(|element| take(&mut right, element));
            Ok(array_of(kept))
        })
    });

/// Takes one copy of an element, if there is one.
fn take(counts: &mut HashMap<Vec<u8>, usize>, element: &str) -> bool {
    match counts.get_mut(&key::key(element)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    }
}

static ARRAY_REMOVE: ScalarNative = strict("sf_array_remove", &[TEXT, TEXT], VARCHAR, |a, out| {
    a.binary(out, |array: &str, value: &str| {
        let removed = key::key(value);
        Ok(array_of(
            scan::elements(array).filter(|element| key::key(element) != removed),
        ))
    })
});
