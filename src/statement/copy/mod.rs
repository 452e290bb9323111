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
use crate::error::Result;
use crate::sql::{Cursor, Place};

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
