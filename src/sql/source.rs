//! The text of a request and its tokens with their places.

use sqlparser::ast::{Expr, Query, Spanned, Statement};
use sqlparser::dialect::SnowflakeDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer};

use super::block;
use super::constant_rows::{self, ConstantList};
use super::cursor::is_word;
use super::literal;
use super::local_path;
use super::named::{self, Spelling};
use super::stage_location;
use crate::error::{Error, Position, Result};

static DIALECT: SnowflakeDialect = SnowflakeDialect;

/// Deepest nesting of expressions and queries. Statement threads have the stack for it.
const RECURSION_LIMIT: usize = 1000;

/// The text of a request, tokenized.
#[derive(Debug)]
pub struct Source<'a> {
    text: &'a str,
    /// Byte offset of each line's first character.
    lines: Vec<usize>,
    is_ascii: bool,
    /// Without white space and comments.
    tokens: Vec<TokenWithSpan>,
    /// Where the bind variables `?` are, in their order.
    placeholders: Vec<Location>,
    /// The rows of a long VALUES list of constants, which are not among the tokens.
    constants: Option<ConstantList<'a>>,
}

/// Where a token begins.
#[derive(Debug, Clone, Copy)]
pub struct Place(Location);

impl Place {
    pub fn of(span: Span) -> Self {
        Place(span.start)
    }
}

impl From<Place> for Position {
    fn from(place: Place) -> Self {
        position(place.0)
    }
}

/// One statement of a source: its tokens, without the semicolon.
#[derive(Debug, Clone, Copy)]
pub struct StatementText<'a> {
    source: &'a Source<'a>,
    tokens: &'a [TokenWithSpan],
    timestamps: Timestamps,
}

/// What the type TIMESTAMP stands for (TIMESTAMP_TYPE_MAPPING).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timestamps {
    #[default]
    Ntz,
    Ltz,
    Tz,
}

impl<'a> Source<'a> {
    /// Tokenizes `text`; the rows of a long `INSERT … VALUES` list of constants are read without tokens. Fails on an
    /// unterminated string, quoted name or comment.
    pub fn tokenize(text: &'a str) -> Result<Self> {
        if let Some((head, constants)) = constant_rows::split(text)
            && let Ok(source) = Self::tokenize_all(head)
            && is_plain_insert(&source.tokens)
        {
            return Ok(Source {
                text,
                lines: lines(text),
                is_ascii: text.is_ascii(),
                constants: Some(constants),
                ..source
            });
        }
        Self::tokenize_all(text)
    }

    /// Tokenizes all of `text`.
    pub fn tokenize_all(text: &'a str) -> Result<Self> {
        let mut source = Source {
            text,
            lines: lines(text),
            is_ascii: text.is_ascii(),
            tokens: Vec::new(),
            placeholders: Vec::new(),
            constants: None,
        };
        let mut tokens = Vec::new();
        let hidden = local_path::hidden(text);
        let tokenized = hidden.as_ref().map_or(text, |(hidden, _)| hidden);
        Tokenizer::new(&DIALECT, tokenized)
            .with_unescape(false)
            .tokenize_with_location_into_buf(&mut tokens)
            .map_err(|error| {
                let at = position(error.location);
                let unexpected = source.rest_of_line(error.location);
                Error::syntax_error_text(format!(
                    "parse error line {} at position {} near '{unexpected}'.",
                    at.line, at.column
                ))
                .at(at)
            })?;
        let slice = |first: &TokenWithSpan, last: &TokenWithSpan| {
            let span = first.span.union(&last.span);
            let (start, end) = (source.offset(span.start), source.offset(span.end));
            text.get(start..end).unwrap_or("")
        };
        let mut tokens = stage_location::join(tokens, slice)?;
        tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
        for token in &mut tokens {
            if let Token::SingleQuotedString(raw) = &mut token.token {
                *raw = literal::decode(raw);
            }
        }
        if let Some((_, path)) = hidden {
            let at = |token: &TokenWithSpan| source.offset(token.span.start) == path.start;
            if let Some(token) = tokens.iter_mut().find(|token| at(token)) {
                token.token = Token::SingleQuotedString(text[path].to_owned());
            }
        }
        stage_location::read_texts(&mut tokens);
        let placeholders = tokens
            .iter()
            .filter(|token| matches!(&token.token, Token::Placeholder(written) if written == "?"));
        source.placeholders = placeholders.map(|token| token.span.start).collect();
        let of_text = |spelling: &Spelling<'_>, _| {
            Ok(match spelling {
                Spelling::Text(text) => Some((*text).to_owned()),
                _ => None,
            })
        };
        source.tokens = named::substitute(&tokens, of_text)?.unwrap_or(tokens);
        named::quote_plain(&mut source.tokens);
        Ok(source)
    }

    /// The statements of the text: what stands between semicolons, empty ones left out. A block of Snowflake Scripting
    /// is one statement.
    pub fn statements(&'a self) -> Vec<StatementText<'a>> {
        let mut statements = Vec::new();
        let mut rest = &self.tokens[..];
        while !rest.is_empty() {
            let (tokens, after) = rest.split_at(block::statement_length(rest));
            if !tokens.is_empty() {
                statements.push(StatementText {
                    source: self,
                    tokens,
                    timestamps: Timestamps::default(),
                });
            }
            rest = after.get(1..).unwrap_or_default();
        }
        statements
    }

    fn offset(&self, at: Location) -> usize {
        let line = usize::try_from(at.line).unwrap_or(1).saturating_sub(1);
        let start = self.lines.get(line).copied().unwrap_or(self.text.len());
        let column = usize::try_from(at.column).unwrap_or(1).saturating_sub(1);
        if self.is_ascii {
            // Without a walk over the line, which can be the whole of a long text.
            return (start + column).min(self.text.len());
        }
        self.text[start..]
            .char_indices()
            .nth(column)
            .map_or(self.text.len(), |(at, _)| start + at)
    }

    fn rest_of_line(&self, at: Location) -> &str {
        let rest = &self.text[self.offset(at)..];
        match rest.lines().next() {
            Some(line) if !line.is_empty() => line,
            _ => "<EOF>",
        }
    }
}

impl<'a> StatementText<'a> {
    pub fn tokens(&self) -> &'a [TokenWithSpan] {
        self.tokens
    }

    /// Whether it is a block of Snowflake Scripting.
    pub fn is_block(&self) -> bool {
        block::is_block(self.tokens)
    }

    /// Of a block without DECLARE: the statements between its BEGIN and its END. Each has a semicolon behind it.
    pub fn block_statements(&self) -> Result<Vec<StatementText<'a>>> {
        let mut statements = Vec::new();
        let mut rest = self.tokens.get(1..).unwrap_or_default();
        loop {
            let (first, length) = match rest.first() {
                None => return Err(self.unexpected_end()),
                Some(first) => (first, block::inner_length(rest)),
            };
            if is_word(first, "END") {
                break match rest.get(1) {
                    None => Ok(statements),
                    Some(token) => Err(self.unexpected(token)),
                };
            }
            let (tokens, after) = rest.split_at(length);
            if !tokens.is_empty() {
                statements.push(StatementText {
                    source: self.source,
                    tokens,
                    timestamps: self.timestamps,
                });
            }
            rest = after.get(1..).unwrap_or_default();
        }
    }

    /// Where it begins.
    pub fn place(&self) -> Option<Position> {
        self.tokens.first().map(|token| position(token.span.start))
    }

    /// The text of the request up to the end of this statement, blank before it: what stands in the statement keeps its
    /// place.
    pub fn text_in_place(&self) -> String {
        let start = self
            .tokens
            .first()
            .map_or(0, |token| self.source.offset(token.span.start));
        let before = self.source.text.get(..start).unwrap_or("");
        let blank = before.chars().map(|c| if c == '\n' { c } else { ' ' });
        blank.collect::<String>() + self.text()
    }

    /// Whether it has a bind variable `?`.
    pub fn has_placeholder(&self) -> bool {
        let is_bind = |token: &TokenWithSpan| matches!(&token.token, Token::Placeholder(written) if written == "?");
        self.tokens.iter().any(is_bind)
    }

    /// The tokens with the names that variables spell in `IDENTIFIER(…)`, where there are any. Texts are read already.
    pub fn named_by_variables(
        &self,
        mut value: impl FnMut(&Spelling<'_>, Place) -> Result<String>,
    ) -> Result<Option<Vec<TokenWithSpan>>> {
        named::substitute(self.tokens, |spelling, place| {
            value(spelling, place).map(Some)
        })
    }

    /// What stands between these tokens.
    pub(super) fn parts(&self, separator: &Token) -> Vec<StatementText<'a>> {
        let parts = self.tokens.split(|token| token.token == *separator);
        parts
            .map(|tokens| StatementText { tokens, ..*self })
            .collect()
    }

    /// The same statement with other tokens.
    pub fn with_tokens<'b>(&self, tokens: &'b [TokenWithSpan]) -> StatementText<'b>
    where
        'a: 'b,
    {
        StatementText { tokens, ..*self }
    }

    /// The same statement where TIMESTAMP stands for another type.
    pub fn with_timestamps(self, timestamps: Timestamps) -> Self {
        StatementText { timestamps, ..self }
    }

    /// What TIMESTAMP stands for.
    pub fn timestamps(&self) -> Timestamps {
        self.timestamps
    }

    /// The rows of its VALUES list, where they are not among its tokens: these end with VALUES then.
    pub fn constants(&self) -> Option<&'a ConstantList<'a>> {
        self.source.constants.as_ref()
    }

    /// The text of the whole request.
    pub fn request(&self) -> &'a str {
        self.source.text
    }

    /// The statement as written.
    pub fn text(&self) -> &'a str {
        match self.tokens {
            [] => "",
            [first, .., last] => self.slice(first.span.union(&last.span)),
            [only] => self.slice(only.span),
        }
    }

    /// What was written between the two ends of a span.
    pub fn slice(&self, span: Span) -> &'a str {
        let (start, end) = (self.source.offset(span.start), self.source.offset(span.end));
        self.source.text.get(start..end).unwrap_or("")
    }

    /// The number of the `?` at this place, counted from 1 over all statements of the request.
    pub fn placeholder_number(&self, place: Place) -> usize {
        let before = |at: &Location| *at < place.0;
        self.source.placeholders.partition_point(before) + 1
    }

    /// Parses all of the statement with sqlparser.
    pub fn parse_statement(&self) -> Result<Statement> {
        self.parse_all(|parser| parser.parse_statement())
    }

    /// Parses all of the statement as a query.
    pub fn parse_query(&self) -> Result<Box<Query>> {
        self.parse_all(|parser| parser.parse_query())
    }

    fn parse_all<T>(
        &self,
        parse: impl FnOnce(&mut Parser<'_>) -> Result<T, ParserError>,
    ) -> Result<T> {
        let (parsed, count) = self.parse_from(0, parse)?;
        match self.tokens.get(count) {
            None => Ok(parsed),
            Some(token) => Err(self.unexpected(token)),
        }
    }

    /// Parses with sqlparser from the token at `start`; returns the number of tokens that it took.
    pub(super) fn parse_from<T>(
        &self,
        start: usize,
        parse: impl FnOnce(&mut Parser<'_>) -> Result<T, ParserError>,
    ) -> Result<(T, usize)> {
        let mut parser = Parser::new(&DIALECT)
            .with_recursion_limit(RECURSION_LIMIT)
            .with_tokens_with_locations(self.tokens[start..].to_vec());
        match parse(&mut parser) {
            Ok(parsed) => Ok((parsed, parser.index())),
            Err(error) => Err(self.interpret(&error)),
        }
    }

    /// sqlparser says where only inside its message.
    fn interpret(&self, error: &ParserError) -> Error {
        let (ParserError::ParserError(message) | ParserError::TokenizerError(message)) = error
        else {
            return Error::syntax_error_text("Statement is nested too deeply.");
        };
        let place = message.rsplit_once(" at Line: ").and_then(|(_, place)| {
            let (line, column) = place.split_once(", Column: ")?;
            Some(Location {
                line: line.parse().ok()?,
                column: column.parse().ok()?,
            })
        });
        match place.and_then(|place| self.tokens.iter().find(|token| token.span.start == place)) {
            Some(token) => self.unexpected(token),
            None => self.unexpected_end(),
        }
    }

    /// `syntax error line 1 at position 9 unexpected 'fro'.`
    pub fn unexpected(&self, token: &TokenWithSpan) -> Error {
        Error::syntax(position(token.span.start), self.slice(token.span))
    }

    /// A syntax error at its last token.
    pub fn unexpected_last(&self) -> Error {
        self.tokens
            .last()
            .map_or_else(|| self.unexpected_end(), |token| self.unexpected(token))
    }

    /// `… unexpected '<EOF>'.`
    pub fn unexpected_end(&self) -> Error {
        let end = self
            .tokens
            .last()
            .map_or(Location { line: 1, column: 1 }, |token| token.span.end);
        Error::syntax(position(end), "<EOF>")
    }
}

/// Byte offset of each line's first character.
fn lines(text: &str) -> Vec<usize> {
    let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(breaks).collect()
}

/// `INSERT INTO name [(columns)] VALUES`
fn is_plain_insert(tokens: &[TokenWithSpan]) -> bool {
    let is = |token: &TokenWithSpan, word: &str| {
        matches!(&token.token, Token::Word(found)
        if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
    };
    let [insert, into, table @ .., values] = tokens else {
        return false;
    };
    let names_alone = table.iter().all(|token| match &token.token {
        Token::Word(word) => word.quote_style.is_some() || !is(token, "SELECT"),
        Token::Period | Token::Comma | Token::LParen | Token::RParen => true,
        _ => false,
    });
    is(insert, "INSERT") && is(into, "INTO") && names_alone && is(values, "VALUES")
}

/// Where a node of sqlparser's tree begins, if the parser kept it.
pub fn position_of(node: &impl Spanned) -> Option<Position> {
    let start = node.span().start;
    (start.line > 0).then(|| position(start))
}

/// Snowflake counts columns from 0.
pub(super) fn position(at: Location) -> Position {
    Position {
        line: at.line,
        column: at.column.saturating_sub(1),
    }
}

/// For the cursor: an expression begins here.
pub(super) fn parse_expression(parser: &mut Parser<'_>) -> Result<Expr, ParserError> {
    parser.parse_expr()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str) -> String {
        let source = Source::tokenize(text).unwrap();
        source.statements()[0]
            .parse_statement()
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn statements_are_split_at_semicolons_outside_strings_and_comments() {
        let source = Source::tokenize("select ';' -- ;\n; ; select $$;$$ /* ; */;").unwrap();
        let texts: Vec<_> = source
            .statements()
            .iter()
            .map(|statement| statement.text())
            .collect();
        assert_eq!(texts, ["select ';'", "select $$;$$"]);
    }

    #[test]
    fn locations_of_stages_are_one_token() {
        let locations = |text: &str| -> Vec<String> {
            let source = Source::tokenize(text).unwrap();
            let words = source.tokens.iter().filter_map(|token| match &token.token {
                Token::Word(word) => stage_location::stage_location(&word.value),
                _ => None,
            });
            words.map(str::to_owned).collect()
        };
        assert_eq!(locations("list @~;ls @%t"), ["@~", "@%t"]);
        assert_eq!(
            locations("select $1 from @db.\"My s\".st/2024-01/a.csv (file_format => 'f') t"),
            ["@db.\"My s\".st/2024-01/a.csv"]
        );
        assert_eq!(locations("select * from '@st/a b.csv' x"), ["@st/a b.csv"]);
        assert!(locations("select '@st' from t").is_empty());
    }

    #[test]
    fn syntax_errors_name_the_place_and_the_token() {
        assert_eq!(
            error_of("select * fro t"),
            "SQL compilation error:\nsyntax error line 1 at position 9 unexpected 'fro'."
        );
        assert_eq!(
            error_of("select 1 from"),
            "SQL compilation error:\nsyntax error line 1 at position 13 unexpected '<EOF>'."
        );
        assert_eq!(
            error_of("select\n  1 +"),
            "SQL compilation error:\nsyntax error line 2 at position 5 unexpected '<EOF>'."
        );
    }
}
