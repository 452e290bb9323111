//! Regular expression functions. Positions count characters from 1.

use std::rc::Rc;

use super::super::expr::text;
use super::super::{
    Facts, Function, INTEGER, Lowering, Signature, TEXT, integer, native, native_call,
};
use super::pattern::{Pattern, compiled};
use super::searching::offset;
use crate::engine::native::{Native, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::Expr;
use crate::types::variant::write;
use crate::types::{LogicalType, PhysicalType};

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "REGEXP_COUNT",
        aliases: &[],
        signatures: &[
            Signature::new("(text, text) -> tree", Lowering::Tree(count)),
            Signature::new("(text, text, integer) -> tree", Lowering::Tree(count)),
            Signature::new("(text, text, integer, text) -> tree", Lowering::Tree(count)),
        ],
        summary: "How often a pattern matches, from a position on.",
        examples: &[
            ("REGEXP_COUNT('It was the best of times', '\\\\bt', 1)", "2"),
            ("REGEXP_COUNT('abcABC', 'a', 1, 'i')", "2"),
            ("REGEXP_COUNT('aaa', 'a', 3)", "1"),
            ("REGEXP_COUNT('aaa', '')", "0"),
        ],
    },
    Function {
        name: "REGEXP_INSTR",
        aliases: &[],
        signatures: &[
            Signature::new("(text, text) -> tree", Lowering::Tree(instr)),
            Signature::new("(text, text, integer) -> tree", Lowering::Tree(instr)),
            Signature::new(
                "(text, text, integer, integer) -> tree",
                Lowering::Tree(instr),
            ),
            Signature::new(
                "(text, text, integer, integer, integer) -> tree",
                Lowering::Tree(instr),
            ),
            Signature::new(
                "(text, text, integer, integer, integer, text) -> tree",
                Lowering::Tree(instr),
            ),
            Signature::new(
                "(text, text, integer, integer, integer, text, integer) -> tree",
                Lowering::Tree(instr),
            ),
        ],
        summary: "Where a match of a pattern begins, or where it has ended; 0 where there is none.",
        examples: &[
            ("REGEXP_INSTR('It was the best', 'the')", "8"),
            ("REGEXP_INSTR('banana', 'an', 1, 2)", "4"),
            ("REGEXP_INSTR('banana', 'an', 1, 1, 1)", "4"),
            ("REGEXP_INSTR('banana', 'x')", "0"),
            (
                "REGEXP_INSTR('ab12cd', '[a-z]+([0-9]+)', 1, 1, 0, 'e', 1)",
                "3",
            ),
        ],
    },
    Function {
        name: "REGEXP_LIKE",
        aliases: &["REGEXP", "RLIKE"],
        signatures: &[
            Signature::new("(text, text) -> tree", Lowering::Tree(like)),
            Signature::new("(text, text, text) -> tree", Lowering::Tree(like)),
        ],
        summary: "Whether a pattern matches the whole text.",
        examples: &[
            ("REGEXP_LIKE('San Francisco', 'San.*')", "true"),
            ("REGEXP_LIKE('abc', 'b')", "false"),
            ("REGEXP_LIKE('ABC', 'a.c', 'i')", "true"),
            ("REGEXP_LIKE(NULL, 'a')", "NULL"),
        ],
    },
    Function {
        name: "REGEXP_REPLACE",
        aliases: &[],
        signatures: &[
            Signature::new("(text, text) -> tree", Lowering::Tree(replace)),
            Signature::new("(text, text, text) -> tree", Lowering::Tree(replace)),
            Signature::new(
                "(text, text, text, integer) -> tree",
                Lowering::Tree(replace),
            ),
            Signature::new(
                "(text, text, text, integer, integer) -> tree",
                Lowering::Tree(replace),
            ),
            Signature::new(
                "(text, text, text, integer, integer, text) -> tree",
                Lowering::Tree(replace),
            ),
        ],
        summary: "The text with every match of a pattern, or the one with a number, replaced.",
        examples: &[
            (
                "REGEXP_REPLACE('It was the best', '( ){1,}', '')",
                "Itwasthebest",
            ),
            (
                "REGEXP_REPLACE('firstname lastname', '(.*) (.*)', '\\\\2, \\\\1')",
                "lastname, firstname",
            ),
            ("REGEXP_REPLACE('aaa', 'a', 'b', 1, 2)", "aba"),
            ("REGEXP_REPLACE('aaa', 'A', 'b', 2, 0, 'i')", "abb"),
            ("REGEXP_REPLACE('abc', '', 'x')", "abc"),
            ("REGEXP_REPLACE('a1b2', '[0-9]')", "ab"),
            ("REGEXP_REPLACE('abc', 'b', '$1')", "a$1c"),
        ],
    },
    Function {
        name: "REGEXP_SUBSTR",
        aliases: &[],
        signatures: &[
            Signature::new("(text, text) -> tree", Lowering::Tree(substr)),
            Signature::new("(text, text, integer) -> tree", Lowering::Tree(substr)),
            Signature::new(
                "(text, text, integer, integer) -> tree",
                Lowering::Tree(substr),
            ),
            Signature::new(
                "(text, text, integer, integer, text) -> tree",
                Lowering::Tree(substr),
            ),
            Signature::new(
                "(text, text, integer, integer, text, integer) -> tree",
                Lowering::Tree(substr),
            ),
        ],
        summary: "A match of a pattern, or a group in it; NULL where there is none.",
        examples: &[
            ("REGEXP_SUBSTR('It was the best of times', 'was')", "was"),
            ("REGEXP_SUBSTR('a1b22c333', '[0-9]+', 1, 2)", "22"),
            ("REGEXP_SUBSTR('abc', 'x')", "NULL"),
            (
                "REGEXP_SUBSTR('key=value', '(\\\\w+)=(\\\\w+)', 1, 1, 'e', 2)",
                "value",
            ),
            ("REGEXP_SUBSTR('key=value', '(\\\\w+)=', 1, 1, 'e')", "key"),
            ("REGEXP_SUBSTR('ABC', 'b', 1, 1, 'i')", "B"),
            ("REGEXP_SUBSTR('äöü', 'ü', 3)", "ü"),
        ],
    },
    Function {
        name: "REGEXP_SUBSTR_ALL",
        aliases: &["REGEXP_EXTRACT_ALL"],
        signatures: &[
            Signature::new("(text, text) -> tree", Lowering::Tree(substr_all)),
            Signature::new("(text, text, integer) -> tree", Lowering::Tree(substr_all)),
            Signature::new(
                "(text, text, integer, integer) -> tree",
                Lowering::Tree(substr_all),
            ),
            Signature::new(
                "(text, text, integer, integer, text) -> tree",
                Lowering::Tree(substr_all),
            ),
            Signature::new(
                "(text, text, integer, integer, text, integer) -> tree",
                Lowering::Tree(substr_all),
            ),
        ],
        summary: "All matches of a pattern from one with a number on, or a group in each, as an ARRAY.",
        examples: &[
            (
                "REGEXP_SUBSTR_ALL('a1_a2_a3', 'a[0-9]')",
                "[\"a1\",\"a2\",\"a3\"]",
            ),
            (
                "REGEXP_SUBSTR_ALL('a1_a2_a3', 'a([0-9])', 1, 2, 'e')",
                "[\"2\",\"3\"]",
            ),
            ("REGEXP_SUBSTR_ALL('abc', 'x')", "[]"),
        ],
    },
];

/// Fills in the arguments that were left out.
fn completed(mut arguments: Vec<Expr>, defaults: Vec<Expr>) -> Vec<Expr> {
    let missing = defaults.into_iter().skip(arguments.len() - 2);
    arguments.extend(missing);
    arguments
}

/// No group is given.
const NO_GROUP: i128 = -1;

fn like(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let arguments = completed(arguments, vec![text("c")]);
    Ok(native_call(&LIKE, arguments, LogicalType::Boolean))
}

fn count(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let arguments = completed(arguments, vec![integer(1), text("c")]);
    Ok(native_call(&COUNT, arguments, super::super::whole(18)))
}

fn instr(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let defaults = vec![
        integer(1),
        integer(1),
        integer(0),
        text("c"),
        integer(NO_GROUP),
    ];
    let arguments = completed(arguments, defaults);
    Ok(native_call(&INSTR, arguments, super::super::whole(18)))
}

fn replace(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let defaults = vec![text(""), integer(1), integer(0), text("c")];
    let arguments = completed(arguments, defaults);
    Ok(native_call(&REPLACE, arguments, LogicalType::TEXT))
}

fn substr(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let defaults = vec![integer(1), integer(1), text("c"), integer(NO_GROUP)];
    let arguments = completed(arguments, defaults);
    let mut part = native_call(&SUBSTR, arguments, LogicalType::TEXT);
    part.nullable = true;
    Ok(part)
}

fn substr_all(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let defaults = vec![integer(1), integer(1), text("c"), integer(NO_GROUP)];
    let arguments = completed(arguments, defaults);
    Ok(native_call(&SUBSTR_ALL, arguments, LogicalType::Array))
}

static SUBSTR_ALL: ScalarNative = native(
    "sf_regexp_substr_all",
    &[TEXT, TEXT, INTEGER, INTEGER, TEXT, INTEGER],
    PhysicalType::Varchar,
    |arguments, output| {
        arguments.senary(
            output,
            |subject: &str,
             pattern: &str,
             position: i64,
             occurrence: i64,
             parameters: &str,
             group: i64| {
                let pattern = compiled(pattern, parameters, false)?;
                let mut parts = Vec::new();
                let (group, from) = (group_of(&pattern, group), occurrence_index(occurrence)?);
                if let Some(start) = start(subject, position)?
                    && !pattern.is_empty
                {
                    let matches = pattern.regex.captures_iter(&subject[start..]).skip(from);
                    parts.extend(
                        matches
                            .filter_map(|captures| captures.get(group).map(|part| part.as_str())),
                    );
                }
                Ok(write::array_of_texts(parts))
            },
        )
    },
);

static LIKE: ScalarNative = native(
    "sf_regexp_like",
    &[TEXT, TEXT, TEXT],
    PhysicalType::Boolean,
    |arguments, output| {
        arguments.ternary(output, |subject: &str, pattern: &str, parameters: &str| {
            Ok(compiled(pattern, parameters, true)?.regex.is_match(subject))
        })
    },
);

static COUNT: ScalarNative = native(
    "sf_regexp_count",
    &[TEXT, TEXT, INTEGER, TEXT],
    PhysicalType::BigInt,
    |arguments, output| {
        arguments.quaternary(
            output,
            |subject: &str, pattern: &str, position: i64, parameters: &str| {
                let pattern = compiled(pattern, parameters, false)?;
                Ok(match start(subject, position)? {
                    Some(start) if !pattern.is_empty => {
                        pattern.regex.find_iter(&subject[start..]).count() as i64
                    }
                    _ => 0,
                })
            },
        )
    },
);

/// The byte at which to begin; `None` behind the end.
fn start(subject: &str, position: i64) -> Result<Option<usize>> {
    match usize::try_from(position) {
        Ok(position @ 1..) => Ok(offset(subject, position - 1)),
        _ => Err(Error::invalid_function_argument(
            position,
            "Position must be positive",
        )),
    }
}

/// Occurrences count from 1.
fn occurrence_index(occurrence: i64) -> Result<usize> {
    match usize::try_from(occurrence) {
        Ok(occurrence @ 1..) => Ok(occurrence - 1),
        _ => Err(Error::invalid_function_argument(
            occurrence,
            "Occurrence must be positive",
        )),
    }
}

/// The group that is wanted, 0 for the whole match.
fn group_of(pattern: &Pattern, group: i64) -> usize {
    match (usize::try_from(group), pattern.extracts) {
        (Ok(group), _) => group,
        // Without groups there is nothing to extract but the match.
        (Err(_), true) => usize::from(pattern.regex.captures_len() > 1),
        (Err(_), false) => 0,
    }
}

/// The bytes of a match with a number, or of a group in it.
fn found(
    subject: &str,
    pattern: &Rc<Pattern>,
    position: i64,
    occurrence: i64,
    group: i64,
) -> Result<Option<(usize, usize)>> {
    let occurrence = occurrence_index(occurrence)?;
    let Some(start) = start(subject, position)? else {
        return Ok(None);
    };
    if pattern.is_empty {
        return Ok(None);
    }
    let group = group_of(pattern, group);
    let rest = &subject[start..];
    let part = match group {
        0 => pattern.regex.find_iter(rest).nth(occurrence),
        group => pattern
            .regex
            .captures_iter(rest)
            .nth(occurrence)
            .and_then(|captures| captures.get(group)),
    };
    Ok(part.map(|part| (start + part.start(), start + part.end())))
}

static INSTR: ScalarNative = native(
    "sf_regexp_instr",
    &[TEXT, TEXT, INTEGER, INTEGER, INTEGER, TEXT, INTEGER],
    PhysicalType::BigInt,
    |arguments, output| {
        let (subjects, patterns) = (arguments.texts(0)?, arguments.texts(1)?);
        let (positions, occurrences) = (arguments.bigints(2)?, arguments.bigints(3)?);
        let (options, parameters, groups) = (
            arguments.bigints(4)?,
            arguments.texts(5)?,
            arguments.bigints(6)?,
        );
        arguments.each_row(|row| {
            let (Some(subject), Some(pattern), Some(parameters)) =
                (subjects.get(row), patterns.get(row), parameters.get(row))
            else {
                return Ok(());
            };
            let number =
                |column: &crate::engine::native::Integers<'_>| column.get(row).unwrap_or(0);
            let pattern = compiled(pattern, parameters, false)?;
            let place = found(
                subject,
                &pattern,
                number(&positions),
                number(&occurrences),
                number(&groups),
            )?;
            let index = match (place, number(&options)) {
                (None, _) => 0,
                (Some((start, _)), 0) => subject[..start].chars().count() as i64 + 1,
                (Some((_, end)), 1) => subject[..end].chars().count() as i64 + 1,
                (_, option) => {
                    return Err(Error::invalid_function_argument(
                        option,
                        "Option must be 0 or 1",
                    ));
                }
            };
            output.set_bigint(row, index);
            Ok(())
        })
    },
);

static SUBSTR: ScalarNative = native(
    "sf_regexp_substr",
    &[TEXT, TEXT, INTEGER, INTEGER, TEXT, INTEGER],
    PhysicalType::Varchar,
    |arguments, output| {
        arguments.senary(
            output,
            |subject: &str,
             pattern: &str,
             position: i64,
             occurrence: i64,
             parameters: &str,
             group: i64| {
                let pattern = compiled(pattern, parameters, false)?;
                let place = found(subject, &pattern, position, occurrence, group)?;
                Ok(place.map(|(start, end)| subject[start..end].to_owned()))
            },
        )
    },
);

static REPLACE: ScalarNative = native(
    "sf_regexp_replace",
    &[TEXT, TEXT, TEXT, INTEGER, INTEGER, TEXT],
    PhysicalType::Varchar,
    |arguments, output| {
        arguments.senary(
            output,
            |subject: &str,
             pattern: &str,
             replacement: &str,
             position: i64,
             occurrence: i64,
             parameters: &str| {
                let pattern = compiled(pattern, parameters, false)?;
                replaced(subject, &pattern, replacement, position, occurrence)
            },
        )
    },
);

fn replaced(
    subject: &str,
    pattern: &Pattern,
    replacement: &str,
    position: i64,
    occurrence: i64,
) -> Result<String> {
    let wanted = usize::try_from(occurrence).map_err(|_| {
        Error::invalid_function_argument(occurrence, "Occurrence must not be negative")
    })?;
    let Some(start) = start(subject, position)? else {
        return Ok(subject.to_owned());
    };
    if pattern.is_empty {
        return Ok(subject.to_owned());
    }
    let (kept, rest) = subject.split_at(start);
    let mut result = String::with_capacity(subject.len());
    result.push_str(kept);
    let mut behind = 0;
    for (index, captures) in pattern.regex.captures_iter(rest).enumerate() {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        if wanted != 0 && index + 1 != wanted {
            continue;
        }
        result.push_str(&rest[behind..whole.start()]);
        expand(replacement, &captures, &mut result);
        behind = whole.end();
        if wanted != 0 {
            break;
        }
    }
    result.push_str(&rest[behind..]);
    Ok(result)
}

/// The replacement with its `\0` to `\9`.
fn expand(replacement: &str, captures: &regex::Captures<'_>, result: &mut String) {
    let mut characters = replacement.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match characters.next() {
            Some(digit @ '0'..='9') => {
                let group = captures.get(digit as usize - '0' as usize);
                result.push_str(group.map_or("", |group| group.as_str()));
            }
            Some(other) => result.push(other),
            None => result.push('\\'),
        }
    }
}

pub(super) fn natives() -> Vec<Native> {
    [LIKE, COUNT, INSTR, SUBSTR, SUBSTR_ALL, REPLACE]
        .map(Native::Scalar)
        .to_vec()
}
