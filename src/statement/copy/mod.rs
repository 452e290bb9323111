//! COPY INTO: files of a stage into a table, and a query's rows into files of a stage.

mod check;
mod functions;
mod history;
mod load;
mod options;
pub(super) mod staged;
mod table;
mod unload;
mod validation;

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{Context, Parsed, StatementText};
use crate::error::{Error, Result};
use crate::sql::{Cursor, Place};

/// Fields of a record, at most: each is a column in memory, whatever the file has.
const MOST_FIELDS: usize = 10_000;

/// The highest `$n` among tokens: so many fields of each record are read, one at least.
fn highest_field(tokens: &[TokenWithSpan]) -> Result<usize> {
    let mut highest = 1;
    for token in tokens {
        if let Token::Placeholder(written) = &token.token
            && let Some(digits) = written.strip_prefix('$')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            let number = digits.parse().ok().filter(|n| *n <= MOST_FIELDS);
            highest = highest.max(number.ok_or_else(|| Error::invalid_identifier(written))?);
        }
    }
    Ok(highest)
}

/// The tokens of COPY INTO with the texts of bind variables in the place of its options' values: `ON_ERROR = ?`.
pub(super) fn with_bound_options(
    context: &Context<'_>,
    text: StatementText<'_>,
) -> Result<Option<Vec<TokenWithSpan>>> {
    let is_copy = matches!(text.tokens().first().map(|token| &token.token),
        Some(Token::Word(word)) if word.value.eq_ignore_ascii_case("COPY"));
    if !is_copy {
        return Ok(None);
    }
    let mut tokens = text.tokens().to_vec();
    for at in 1..tokens.len() {
        let is_value = tokens[at - 1].token == Token::Eq;
        if is_value && matches!(&tokens[at].token, Token::Placeholder(written) if written == "?") {
            let number = text.placeholder_number(Place::of(tokens[at].span));
            let value = context.variables.spelled(&number.to_string(), "?")?;
            tokens[at].token = Token::SingleQuotedString(value);
        }
    }
    Ok(Some(tokens))
}

/// `COPY INTO { table | @stage } …`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    cursor.expect_word("INTO")?;
    match cursor.take_stage_location() {
        Some(location) => unload::parse(text, cursor, location),
        None => table::parse(text, cursor),
    }
}
