//! Options of stages, file formats and COPY INTO: `NAME = value`, `NAME = ('a', 'b')`, `NAME = ( INNER = value … )`.

use sqlparser::tokenizer::Token;

use crate::error::{Error, Result};
use crate::files::Written;
use crate::sql::Cursor;

/// What follows an option's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionText {
    Value(Written),
    /// Options in parentheses, in their order.
    Group(Vec<(String, Written)>),
}

impl OptionText {
    /// The value of an option that is no group.
    pub fn value(&self, name: &str) -> Result<&Written> {
        match self {
            OptionText::Value(value) => Ok(value),
            OptionText::Group(_) => Err(Error::invalid_parameter_value("()", name)),
        }
    }

    /// A single word, number or text.
    pub fn text(&self, name: &str) -> Result<&str> {
        let value = self.value(name)?;
        value.text().ok_or_else(|| value.invalid(name))
    }

    pub fn boolean(&self, name: &str) -> Result<bool> {
        boolean(name, self.value(name)?)
    }
}

/// TRUE or FALSE, with or without quotes.
pub(super) fn boolean(name: &str, value: &Written) -> Result<bool> {
    match value.text() {
        Some(text) if text.eq_ignore_ascii_case("TRUE") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("FALSE") => Ok(false),
        _ => Err(value.invalid(name)),
    }
}

/// Reads options up to the end, or to a word without `=` behind it. Names in capitals.
pub fn parse_options(cursor: &mut Cursor<'_>) -> Result<Vec<(String, OptionText)>> {
    let mut options = Vec::new();
    while cursor.peek().is_some() && is_option(cursor) {
        let name = cursor.word()?;
        cursor.expect(&Token::Eq)?;
        options.push((name, option(cursor)?));
        cursor.take(&Token::Comma);
    }
    Ok(options)
}

fn is_option(cursor: &Cursor<'_>) -> bool {
    let mut ahead = cursor.clone();
    ahead.word().is_ok() && ahead.take(&Token::Eq)
}

fn option(cursor: &mut Cursor<'_>) -> Result<OptionText> {
    let mut ahead = cursor.clone();
    if ahead.take(&Token::LParen) && is_option(&ahead) {
        *cursor = ahead;
        let mut group = Vec::new();
        while !cursor.take(&Token::RParen) {
            let name = cursor.word()?;
            cursor.expect(&Token::Eq)?;
            group.push((name, written(cursor)?));
            cursor.take(&Token::Comma);
        }
        return Ok(OptionText::Group(group));
    }
    written(cursor).map(OptionText::Value)
}

/// A value: a word, a name with its parts, a number, a text, or a list of them.
fn written(cursor: &mut Cursor<'_>) -> Result<Written> {
    if cursor.take(&Token::LParen) {
        let mut texts = Vec::new();
        while !cursor.take(&Token::RParen) {
            texts.push(cursor.option_value()?);
            if !cursor.take(&Token::Comma) {
                cursor.expect(&Token::RParen)?;
                break;
            }
        }
        return Ok(Written::List(texts));
    }
    let quoted = cursor.peek().is_some_and(|token| {
        matches!(
            token.token,
            Token::SingleQuotedString(_) | Token::DollarQuotedString(_)
        )
    });
    if quoted {
        return cursor.string().map(Written::Quoted);
    }
    let mark = cursor.mark();
    cursor.option_value()?;
    while cursor.take(&Token::Period) {
        cursor.identifier()?;
    }
    Ok(Written::Bare(cursor.text_since(mark).to_owned()))
}
