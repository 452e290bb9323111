//! A cursor over a statement's tokens, for our own small parsers; sqlparser's expressions and types in the middle.

use sqlparser::ast::{Assignment, DataType, Expr, Ident, Query, TableFactor, TimezoneInfo};
use sqlparser::tokenizer::{Span, Token, TokenWithSpan};

use super::identifier::{Folding, ObjectName, fold};
use super::source::{StatementText, Timestamps, parse_expression, position};
use super::stage_location::stage_location;
use crate::error::{Error, Position, Result};

/// Reads a statement token by token. Words compare case-insensitively; quoted names are never keywords.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    statement: StatementText<'a>,
    next: usize,
    folding: Folding,
}

impl<'a> Cursor<'a> {
    pub fn new(statement: StatementText<'a>, folding: Folding) -> Self {
        Cursor {
            statement,
            next: 0,
            folding,
        }
    }

    pub fn statement(&self) -> StatementText<'a> {
        self.statement
    }

    pub fn folding(&self) -> Folding {
        self.folding
    }

    /// The location of a stage that comes next, written as `@stage/path` or as a text with that in it.
    pub fn take_stage_location(&mut self) -> Option<String> {
        let location = match &self.peek()?.token {
            Token::Word(word) => stage_location(&word.value)?.to_owned(),
            Token::SingleQuotedString(text) if text.starts_with('@') => text.clone(),
            _ => return None,
        };
        self.next += 1;
        Some(location)
    }

    /// The token that comes next, if any.
    pub fn peek(&self) -> Option<&'a TokenWithSpan> {
        self.statement.tokens().get(self.next)
    }

    /// Whether `name :=` comes next.
    pub fn is_assignment(&self) -> bool {
        let next = self.statement.tokens().get(self.next + 1);
        next.is_some_and(|token| token.token == Token::Assignment)
    }

    /// Where the next token stands.
    pub fn place(&self) -> Option<Position> {
        self.peek().map(|token| position(token.span.start))
    }

    /// The number of tokens read so far, for [`Cursor::text_since`].
    pub fn mark(&self) -> usize {
        self.next
    }

    /// What is written between a mark and the next token.
    pub fn text_since(&self, mark: usize) -> &'a str {
        let tokens = &self.statement.tokens()[mark..self.next];
        let span = tokens
            .iter()
            .map(|token| token.span)
            .reduce(|a, b| a.union(&b));
        span.map_or("", |span| self.statement.slice(span))
    }

    /// What stands in the parentheses that come next, as written.
    pub fn parenthesized(&mut self) -> Result<&'a str> {
        self.expect(&Token::LParen)?;
        let mark = self.next;
        let mut depth = 1;
        loop {
            match self.peek().map(|token| &token.token) {
                None => return Err(self.unexpected()),
                Some(Token::LParen) => depth += 1,
                Some(Token::RParen) => depth -= 1,
                Some(_) => {}
            }
            if depth == 0 {
                let text = self.text_since(mark);
                self.next += 1;
                return Ok(text);
            }
            self.next += 1;
        }
    }

    /// `(name, …)`
    pub fn identifier_list(&mut self) -> Result<Vec<String>> {
        self.expect(&Token::LParen)?;
        let mut names = vec![self.identifier()?];
        while self.take(&Token::Comma) {
            names.push(self.identifier()?);
        }
        self.expect(&Token::RParen)?;
        Ok(names)
    }

    /// An integer literal with its sign.
    pub fn signed_integer(&mut self) -> Result<i64> {
        let negative = self.take(&Token::Minus);
        let magnitude = i128::from(self.integer()?);
        let value = if negative { -magnitude } else { magnitude };
        i64::try_from(value).map_err(|_| self.unexpected())
    }

    /// The word that comes next, in upper case, if it is an unquoted one.
    pub fn peek_word(&self) -> Option<String> {
        word(self.peek()?)
    }

    /// Takes the next token if it is the unquoted word `expected` (upper case).
    pub fn take_word(&mut self, expected: &str) -> bool {
        let found = self.peek().is_some_and(|token| is_word(token, expected));
        self.next += usize::from(found);
        found
    }

    /// Takes all of `expected` (words in upper case, separated by blanks) or nothing.
    pub fn take_words(&mut self, expected: &str) -> bool {
        let tokens = &self.statement.tokens()[self.next..];
        let count = expected.split(' ').count();
        let found = tokens.len() >= count
            && expected
                .split(' ')
                .zip(tokens)
                .all(|(expected, token)| is_word(token, expected));
        if found {
            self.next += count;
        }
        found
    }

    /// Takes the next unquoted word, in upper case.
    pub fn word(&mut self) -> Result<String> {
        let taken = self.peek_word().ok_or_else(|| self.unexpected())?;
        self.next += 1;
        Ok(taken)
    }

    pub fn expect_word(&mut self, expected: &str) -> Result<()> {
        if self.take_word(expected) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Passes over the next token.
    pub fn skip(&mut self) {
        self.next += 1;
    }

    pub fn take(&mut self, expected: &Token) -> bool {
        let found = self.peek().is_some_and(|token| token.token == *expected);
        self.next += usize::from(found);
        found
    }

    pub fn expect(&mut self, expected: &Token) -> Result<()> {
        if self.take(expected) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// An identifier, quoted or not, folded.
    pub fn identifier(&mut self) -> Result<String> {
        let Some(TokenWithSpan {
            token: Token::Word(word),
            ..
        }) = self.peek()
        else {
            return Err(self.unexpected());
        };
        self.next += 1;
        let identifier = Ident {
            value: word.value.clone(),
            quote_style: word.quote_style,
            span: Span::empty(),
        };
        Ok(fold(&identifier, self.folding))
    }

    /// A name of one to three parts; `db..name` has an empty middle part.
    pub fn object_name(&mut self) -> Result<ObjectName> {
        let mut parts = vec![self.identifier()?];
        while parts.len() < 3 && self.take(&Token::Period) {
            if parts.len() == 1
                && self
                    .peek()
                    .is_some_and(|token| token.token == Token::Period)
            {
                parts.push(String::new());
            } else {
                parts.push(self.identifier()?);
            }
        }
        Ok(ObjectName { parts })
    }

    /// Takes `$name`; the name in upper case.
    pub fn session_variable(&mut self) -> Option<String> {
        let Token::Placeholder(written) = &self.peek()?.token else {
            return None;
        };
        let name = written.strip_prefix('$')?.to_uppercase();
        self.next += 1;
        Some(name)
    }

    /// A string literal's value.
    pub fn string(&mut self) -> Result<String> {
        let value = match self.peek().map(|token| &token.token) {
            Some(Token::SingleQuotedString(value)) => value.clone(),
            Some(Token::DollarQuotedString(quoted)) => quoted.value.clone(),
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(value)
    }

    /// The value of an option: a word, a number with its sign, or a string, as text.
    pub fn option_value(&mut self) -> Result<String> {
        if let Some(Token::SingleQuotedString(_) | Token::DollarQuotedString(_)) =
            self.peek().map(|t| &t.token)
        {
            return self.string();
        }
        let sign = if self.take(&Token::Minus) { "-" } else { "" };
        let value = match self.peek().map(|token| &token.token) {
            Some(Token::Number(digits, _)) => format!("{sign}{digits}"),
            Some(Token::Word(word)) if sign.is_empty() => word.value.clone(),
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(value)
    }

    /// An unsigned integer literal.
    pub fn integer(&mut self) -> Result<u64> {
        let value = match self.peek().map(|token| &token.token) {
            Some(Token::Number(digits, _)) => digits.parse().ok(),
            _ => None,
        };
        let value = value.ok_or_else(|| self.unexpected())?;
        self.next += 1;
        Ok(value)
    }

    pub fn expression(&mut self) -> Result<Expr> {
        self.with_parser(parse_expression)
    }

    /// An expression as it is written.
    pub fn expression_text(&mut self) -> Result<String> {
        let mark = self.mark();
        self.expression()?;
        Ok(self.text_since(mark).to_owned())
    }

    /// A data type; TIMESTAMP is the one that it stands for in this session.
    pub fn data_type(&mut self) -> Result<DataType> {
        let parsed = self.with_parser(|parser| parser.parse_data_type())?;
        let DataType::Timestamp(scale, TimezoneInfo::None) = parsed else {
            return Ok(parsed);
        };
        Ok(match self.statement.timestamps() {
            Timestamps::Ntz => parsed,
            Timestamps::Tz => DataType::Timestamp(scale, TimezoneInfo::Tz),
            Timestamps::Ltz => {
                let scale = scale.iter().map(ToString::to_string).collect();
                DataType::Custom(vec![Ident::new("TIMESTAMP_LTZ")].into(), scale)
            }
        })
    }

    /// A query up to where its grammar ends.
    pub fn query(&mut self) -> Result<Box<Query>> {
        self.with_parser(|parser| parser.parse_query())
    }

    /// A relation as FROM has it, with its alias.
    pub fn table_factor(&mut self) -> Result<TableFactor> {
        self.with_parser(|parser| parser.parse_table_factor())
    }

    /// `column = expression`
    pub fn assignment(&mut self) -> Result<Assignment> {
        self.with_parser(|parser| parser.parse_assignment())
    }

    fn with_parser<T>(
        &mut self,
        parse: impl FnOnce(
            &mut sqlparser::parser::Parser<'_>,
        ) -> Result<T, sqlparser::parser::ParserError>,
    ) -> Result<T> {
        let (parsed, count) = self.statement.parse_from(self.next, parse)?;
        self.next += count;
        Ok(parsed)
    }

    /// The end of the statement.
    pub fn end(&self) -> Result<()> {
        if self.peek().is_none() {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// A syntax error at the next token.
    pub fn unexpected(&self) -> Error {
        match self.peek() {
            Some(token) => self.statement.unexpected(token),
            None => self.statement.unexpected_end(),
        }
    }
}

pub(super) fn word(token: &TokenWithSpan) -> Option<String> {
    match &token.token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_ascii_uppercase()),
        _ => None,
    }
}

pub(super) fn is_word(token: &TokenWithSpan, expected: &str) -> bool {
    matches!(&token.token, Token::Word(word)
        if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(expected))
}
