//! `@stage/path`: the location of files, one token. The tokenizer would give its pieces, and sqlparser reads no location in
//! FROM; as a quoted name with a mark that no client can write (a zero byte) it passes wherever a table's name does.
//!
//! Source: Snowflake, "COPY INTO <table>" (`internalStage`) and "Querying Data in Staged Files". A location ends at white
//! space, a comma, a semicolon or a parenthesis; others are written as a text: `'@stage/a b.csv'`.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

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
) -> Vec<TokenWithSpan> {
    if !tokens.iter().any(|token| token.token == Token::AtSign) {
        return tokens;
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
        joined.push(TokenWithSpan {
            token: named(slice(first, last)),
            span: first.span.union(&last.span),
        });
        rest = &after[length..];
    }
    joined
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
