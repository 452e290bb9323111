//! Parts of a text between separators.

use super::super::expr::text;
use super::super::{
    Facts, Function, INTEGER, Lowering, Signature, TEXT, integer, native, native_call,
};
use crate::engine::native::{Native, ScalarNative};
use crate::error::Result;
use crate::tree::Expr;
use crate::types::{LogicalType, PhysicalType};

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "SPLIT_PART",
        aliases: &[],
        signatures: &[Signature::new(
            "(text, text, integer) -> text",
            Lowering::Native(&SPLIT_PART),
        )],
        summary: "The part with a number among those between the separators, from the end if negative; empty where there is none.",
        examples: &[
            ("SPLIT_PART('11.22.33', '.', 2)", "22"),
            ("SPLIT_PART('11.22.33', '.', 0)", "11"),
            ("SPLIT_PART('11.22.33', '.', -1)", "33"),
            ("SPLIT_PART('11.22.33', '.', 4)", ""),
            ("SPLIT_PART('a||b', '||', 2)", "b"),
            ("SPLIT_PART('abc', '', 1)", "abc"),
            ("SPLIT_PART('abc', '', 2)", ""),
            ("SPLIT_PART(NULL, '.', 1)", "NULL"),
        ],
    },
    Function {
        name: "STRTOK",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> tree", Lowering::Tree(strtok)),
            Signature::new("(text, text) -> tree", Lowering::Tree(strtok)),
            Signature::new("(text, text, integer) -> tree", Lowering::Tree(strtok)),
        ],
        summary: "The token with a number among those between characters of a set; NULL where there is none.",
        examples: &[
            ("STRTOK('a.b.c', '.', 2)", "b"),
            ("STRTOK('user@snowflake.com', '@.', 3)", "com"),
            ("STRTOK('a  b')", "a"),
            ("STRTOK('a.b', '.', 3)", "NULL"),
            ("STRTOK('', '', 1)", "NULL"),
            ("STRTOK('a.b', '', 1)", "a.b"),
        ],
    },
];

static SPLIT_PART: ScalarNative = native(
    "sf_split_part",
    &[TEXT, TEXT, INTEGER],
    PhysicalType::Varchar,
    |arguments, output| {
        let texts = arguments.texts(0)?;
        let separators = arguments.texts(1)?;
        let numbers = arguments.bigints(2)?;
        arguments.each_row(|row| {
            if let (Some(text), Some(separator), Some(number)) =
                (texts.get(row), separators.get(row), numbers.get(row))
            {
                output.set_text(row, split_part(text, separator, number));
            }
            Ok(())
        })
    },
);

fn split_part<'t>(text: &'t str, separator: &str, number: i64) -> &'t str {
    let index = usize::try_from(number.unsigned_abs().saturating_sub(1)).unwrap_or(usize::MAX);
    let part = match (separator.is_empty(), number < 0) {
        (true, _) => (index == 0).then_some(text),
        (false, false) => text.split(separator).nth(index),
        (false, true) => text.rsplit(separator).nth(index),
    };
    part.unwrap_or_default()
}

/// One blank is the only delimiter unless others are given; the first token is wanted unless another is.
fn strtok(mut arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    if arguments.len() == 1 {
        arguments.push(text(" "));
    }
    if arguments.len() == 2 {
        arguments.push(integer(1));
    }
    let mut token = native_call(&STRTOK, arguments, LogicalType::TEXT);
    token.nullable = true;
    Ok(token)
}

static STRTOK: ScalarNative = native(
    "sf_strtok",
    &[TEXT, TEXT, INTEGER],
    PhysicalType::Varchar,
    |arguments, output| {
        arguments.ternary(output, |text: &str, delimiters: &str, number: i64| {
            let index = usize::try_from(number - 1).ok();
            let mut tokens = text
                .split(|character| delimiters.contains(character))
                .filter(|token| !token.is_empty());
            Ok(index.and_then(|index| tokens.nth(index)).map(str::to_owned))
        })
    },
);

pub(super) fn natives() -> Vec<Native> {
    vec![Native::Scalar(STRTOK)]
}
