//! The flow operator: statements with `->>` between them, each of which may read what those before it have answered, as
//! `$1`, `$2`, … counted backwards.
//!
//! Source: Snowflake, "Flow operators": such a parameter stands in FROM alone; elsewhere `$1` is a column.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::StatementText;
use crate::error::{Error, Result};

/// Words that end FROM.
const ENDS: &[&str] = &[
    "CONNECT",
    "EXCEPT",
    "FETCH",
    "GROUP",
    "HAVING",
    "INTERSECT",
    "LIMIT",
    "MINUS",
    "OFFSET",
    "ON",
    "ORDER",
    "QUALIFY",
    "SELECT",
    "SET",
    "START",
    "UNION",
    "USING",
    "VALUES",
    "WHERE",
    "WHEN",
];

impl<'a> StatementText<'a> {
    /// The statements of a chain; the statement itself where it is none.
    pub fn chain(&self) -> Vec<StatementText<'a>> {
        self.parts(&Token::LongArrow)
    }

    /// The tokens with a scan of the result that `id_of` knows for each `$n` in FROM; `None` where there is none.
    pub fn over_results(
        &self,
        id_of: impl Fn(usize) -> Option<String>,
    ) -> Result<Option<Vec<TokenWithSpan>>> {
        let mut replaced = Vec::with_capacity(self.tokens().len());
        let mut any = false;
        // Whether what is read stands in FROM, for each open parenthesis.
        let mut in_from = vec![false];
        let mut before: Option<&Token> = None;
        for token in self.tokens() {
            match &token.token {
                Token::LParen => in_from.push(false),
                Token::RParen if in_from.len() > 1 => drop(in_from.pop()),
                Token::Word(word) if word.quote_style.is_none() => {
                    let word = word.value.to_ascii_uppercase();
                    if let Some(state) = in_from.last_mut() {
                        *state = word == "FROM" || (*state && !ENDS.contains(&word.as_str()));
                        // After ON the list goes on with the next join.
                        *state |= word == "JOIN";
                    }
                }
                _ => {}
            }
            let begins_relation = in_from.last() == Some(&true)
                && match before {
                    Some(Token::Comma) => true,
                    Some(Token::Word(word)) => {
                        let word = word.value.as_str();
                        word.eq_ignore_ascii_case("FROM") || word.eq_ignore_ascii_case("JOIN")
                    }
                    _ => false,
                };
            before = Some(&token.token);
            match pipe_number(&token.token).filter(|_| begins_relation) {
                None => replaced.push(token.clone()),
                Some(number) => {
                    any = true;
                    let id = id_of(number).ok_or_else(|| {
                        Error::syntax_error_text(format!(
                            "${number} is no statement before this one."
                        ))
                    })?;
                    let tokens = [
                        Token::make_word("TABLE", None),
                        Token::LParen,
                        Token::make_word("RESULT_SCAN", None),
                        Token::LParen,
                        Token::SingleQuotedString(id),
                        Token::RParen,
                        Token::RParen,
                    ];
                    replaced.extend(tokens.map(|new| TokenWithSpan::new(new, token.span)));
                }
            }
        }
        Ok(any.then_some(replaced))
    }
}

/// The number of `$1`.
fn pipe_number(token: &Token) -> Option<usize> {
    match token {
        Token::Placeholder(written) => written.strip_prefix('$')?.parse().ok(),
        _ => None,
    }
}
