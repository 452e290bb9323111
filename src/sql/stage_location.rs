//! `@stage/path`: the location of files, one token. The tokenizer would give its pieces, and sqlparser reads no location in
//! FROM; as a quoted name with a mark that no client can write (a zero byte) it passes wherever a table's name does.
//!
//! Source: Snowflake, "COPY INTO <table>" (`internalStage`) and "Querying Data in Staged Files". A location ends at white
//! space, a comma, a semicolon or a parenthesis; others are written as a text: `'@stage/a b.csv'`.

use sqlparser::ast::Ident;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Whitespace, Word};

use super::identifier::{Folding, ObjectName, fold};
use crate::error::{Error, Result};

/// A stage, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageLocation {
    pub stage: StageName,
    /// As written, without the slash after the stage: the beginning of paths, or a path.
    pub path: String,
}

/// Which stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageName {
    Named(ObjectName),
    /// The stage of a table: `@%t`, `@schema.%t`.
    Table(ObjectName),
    /// The user's: `@~`.
    User,
}

impl StageLocation {
    /// Reads `@db.schema.stage/path`, `@schema.%table/path`, `@~/path`; names as identifiers are read.
    pub fn parse(written: &str, folding: Folding) -> Result<Self> {
        let invalid = || Error::not_a_stage(written);
        let rest = written.strip_prefix('@').ok_or_else(invalid)?;
        let path = |rest: &str| match rest.strip_prefix('/') {
            Some(path) => Ok(path.to_owned()),
            None if rest.is_empty() => Ok(String::new()),
            None => Err(invalid()),
        };
        if let Some(rest) = rest.strip_prefix('~') {
            return Ok(StageLocation {
                stage: StageName::User,
                path: path(rest)?,
            });
        }
        let (mut rest, mut parts, mut is_table) = (rest, Vec::new(), false);
        loop {
            if let Some(name) = rest.strip_prefix('%') {
                (rest, is_table) = (name, true);
            }
            let (name, after) = part(rest).ok_or_else(invalid)?;
            // `db..stage`: the schema PUBLIC.
            let is_middle = parts.len() == 1 && after.starts_with('.') && !is_table;
            if name.value.is_empty() && !is_middle {
                return Err(invalid());
            }
            parts.push(fold(&name, folding));
            match after.strip_prefix('.') {
                Some(next) if !is_table && parts.len() < 3 => rest = next,
                Some(_) => return Err(invalid()),
                None => {
                    rest = after;
                    break;
                }
            }
        }
        let name = ObjectName { parts };
        Ok(StageLocation {
            stage: if is_table {
                StageName::Table(name)
            } else {
                StageName::Named(name)
            },
            path: path(rest)?,
        })
    }
}

/// An identifier at the beginning of a text, and what follows it.
fn part(text: &str) -> Option<(Ident, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut value = String::new();
        let mut rest = quoted;
        loop {
            let (before, after) = rest.split_once('"')?;
            value.push_str(before);
            match after.strip_prefix('"') {
                Some(more) => {
                    value.push('"');
                    rest = more;
                }
                None => return Some((Ident::with_quote('"', value), after)),
            }
        }
    }
    let end = text.find(['.', '/']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let is_name = name.chars().all(is_plain) && !name.starts_with(|c: char| c.is_ascii_digit());
    is_name.then(|| (Ident::new(name), rest))
}

/// What the name of a location begins with.
const MARK: char = '\0';

/// The location in a name that [`join`] made: `@db.schema.stage/path`.
pub fn stage_location(name: &str) -> Option<&str> {
    name.strip_prefix(MARK)
}

/// Makes one token of each location among tokens that still have their white space. `slice` gives the text of tokens.
pub(super) fn join<'a>(
    tokens: Vec<TokenWithSpan>,
    slice: impl Fn(&TokenWithSpan, &TokenWithSpan) -> &'a str,
) -> Result<Vec<TokenWithSpan>> {
    if !tokens.iter().any(|token| token.token == Token::AtSign) {
        return Ok(tokens);
    }
    let mut joined: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut rest = &tokens[..];
    while let Some((first, after)) = rest.split_first() {
        if first.token != Token::AtSign {
            joined.push(first.clone());
            rest = after;
            continue;
        }
        let ends = |token: &TokenWithSpan| {
            matches!(
                token.token,
                Token::Whitespace(_)
                    | Token::Comma
                    | Token::SemiColon
                    | Token::LParen
                    | Token::RParen
            )
        };
        let length = after.iter().position(ends).unwrap_or(after.len());
        let last = after[..length].last().unwrap_or(first);
        // What follows two slashes is lost to a comment: rather none than another location.
        if let Some(Token::Whitespace(Whitespace::SingleLineComment { prefix, .. })) =
            after.get(length).map(|token| &token.token)
            && prefix == "//"
        {
            let written = format!("{}//", slice(first, last));
            return Err(Error::invalid_stage_path(written));
        }
        joined.push(TokenWithSpan {
            token: named(slice(first, last)),
            span: first.span.union(&last.span),
        });
        rest = &after[length..];
    }
    Ok(joined)
}

fn named(location: &str) -> Token {
    Token::Word(Word {
        value: format!("{MARK}{location}"),
        quote_style: Some('"'),
        keyword: Keyword::NoKeyword,
    })
}

/// `FROM '@stage/a b.csv'`: the text of a location in the place of a table's name. White space is gone here.
pub(super) fn read_texts(tokens: &mut [TokenWithSpan]) {
    for place in 1..tokens.len() {
        let is_source = matches!(&tokens[place - 1].token, Token::Word(word)
            if matches!(word.keyword, Keyword::FROM | Keyword::JOIN));
        if let Token::SingleQuotedString(text) = &tokens[place].token
            && is_source
            && text.starts_with('@')
        {
            tokens[place].token = named(&text.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(StageName, String)> {
        let location = StageLocation::parse(text, Folding::Exact)?;
        Ok((location.stage, location.path))
    }

    fn name(parts: &[&str]) -> ObjectName {
        let parts = parts.iter().map(|part| (*part).to_owned()).collect();
        ObjectName { parts }
    }

    #[test]
    fn locations_name_a_stage_and_a_path() {
        let named = |parts: &[&str], path: &str| (StageName::Named(name(parts)), path.to_owned());
        assert_eq!(read("@st").unwrap(), named(&["ST"], ""));
        assert_eq!(read("@st/").unwrap(), named(&["ST"], ""));
        assert_eq!(read("@st/a b/c.d").unwrap(), named(&["ST"], "a b/c.d"));
        assert_eq!(
            read("@SYSTEM$BIND/1").unwrap(),
            named(&["SYSTEM$BIND"], "1")
        );
        assert_eq!(
            read("@db.\"My \"\"s\".st/x").unwrap(),
            named(&["DB", "My \"s", "ST"], "x")
        );
        assert_eq!(read("@db..st").unwrap(), named(&["DB", "", "ST"], ""));
        let table = (StageName::Table(name(&["S", "t"])), "p".to_owned());
        assert_eq!(read("@s.%\"t\"/p").unwrap(), table);
        assert_eq!(read("@~").unwrap(), (StageName::User, String::new()));
        assert_eq!(read("@~/a").unwrap(), (StageName::User, "a".to_owned()));
    }

    #[test]
    fn other_texts_are_no_locations() {
        for text in [
            "", "st", "@", "@/a", "@~a", "@a.b.c.d", "@%a.b", "@a b", "@\"a", "@..a", "@.a", "@a.",
            "@1a",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
