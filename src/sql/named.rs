//! `IDENTIFIER(…)`, and `TABLE(…)` as FROM has it: a name that a text or a variable spells. The call gives way to the tokens
//! of the name before anything is parsed, so it may stand wherever a name may. They keep the place of the call: errors point
//! to it, and an unaliased `IDENTIFIER($f)()` is named by its text.
//!
//! Source: Snowflake, "Literals and variables as identifiers with IDENTIFIER() syntax".

use sqlparser::dialect::SnowflakeDialect;
use sqlparser::tokenizer::{Span, Token, TokenWithSpan, Tokenizer};

use super::source::Place;
use crate::error::{Error, Result};

/// What spells the name.
#[derive(Debug, Clone, PartialEq)]
pub enum Spelling<'a> {
    Text(&'a str),
    /// `$name` of the session, in upper case.
    SessionVariable(String),
    /// `?`
    Placeholder,
    /// `:name`
    NamedVariable(String),
}

/// The tokens with a name for every call whose spelling has a value; `None` where there is no such call.
pub(super) fn substitute(
    tokens: &[TokenWithSpan],
    mut value: impl FnMut(&Spelling<'_>, Place) -> Result<Option<String>>,
) -> Result<Option<Vec<TokenWithSpan>>> {
    let mut substituted: Option<Vec<TokenWithSpan>> = None;
    let mut index = 0;
    while index < tokens.len() {
        if let Some((spelling, length)) = call(&tokens[index..])
            && let Some(name) = value(&spelling, Place::of(tokens[index + 2].span))?
        {
            let span = tokens[index].span.union(&tokens[index + length - 1].span);
            let done = substituted.get_or_insert_with(|| tokens[..index].to_vec());
            done.extend(name_tokens(&name, span)?);
            index += length;
        } else {
            if let Some(done) = &mut substituted {
                done.push(tokens[index].clone());
            }
            index += 1;
        }
    }
    Ok(substituted)
}

/// A name that is written `identifier` stands for a call in sqlparser's grammar; in quotes it is a name.
pub(super) fn quote_plain(tokens: &mut [TokenWithSpan]) {
    for index in 0..tokens.len() {
        let calls = tokens
            .get(index + 1)
            .is_some_and(|next| next.token == Token::LParen);
        if let Token::Word(word) = &mut tokens[index].token
            && !calls
            && word.quote_style.is_none()
            && word.value.eq_ignore_ascii_case("IDENTIFIER")
        {
            word.value.make_ascii_uppercase();
            word.quote_style = Some('"');
        }
    }
}

/// The call at the beginning of the tokens, and how many tokens it has.
fn call(tokens: &[TokenWithSpan]) -> Option<(Spelling<'_>, usize)> {
    let [first, open, rest @ ..] = tokens else {
        return None;
    };
    let is_call = matches!(&first.token, Token::Word(word) if word.quote_style.is_none()
        && (word.value.eq_ignore_ascii_case("IDENTIFIER") || word.value.eq_ignore_ascii_case("TABLE")));
    if !is_call || open.token != Token::LParen {
        return None;
    }
    let (spelling, length) = match rest {
        [colon, name, ..] if colon.token == Token::Colon => match &name.token {
            Token::Word(word) => (Spelling::NamedVariable(word.value.clone()), 2),
            Token::Number(digits, _) => (Spelling::NamedVariable(digits.clone()), 2),
            _ => return None,
        },
        [only, ..] => match &only.token {
            Token::SingleQuotedString(text) => (Spelling::Text(text), 1),
            Token::Placeholder(written) if written == "?" => (Spelling::Placeholder, 1),
            Token::Placeholder(written) => {
                let name = written.strip_prefix('$')?.to_uppercase();
                (Spelling::SessionVariable(name), 1)
            }
            _ => return None,
        },
        [] => return None,
    };
    let close = rest.get(length)?;
    (close.token == Token::RParen).then_some((spelling, length + 3))
}

/// The tokens of a name of one to three parts.
fn name_tokens(name: &str, span: Span) -> Result<Vec<TokenWithSpan>> {
    let invalid = || Error::invalid_identifier(name);
    let mut tokens = Tokenizer::new(&SnowflakeDialect {}, name)
        .with_unescape(false)
        .tokenize()
        .map_err(|_| invalid())?;
    tokens.retain(|token| !matches!(token, Token::Whitespace(_)));
    let is_part = |token: &Token| matches!(token, Token::Word(_));
    let well_formed = tokens.first().is_some_and(is_part)
        && tokens.last().is_some_and(is_part)
        && tokens.windows(2).all(|pair| {
            matches!(
                pair,
                [Token::Word(_), Token::Period] | [Token::Period, Token::Word(_) | Token::Period]
            )
        })
        && tokens.iter().filter(|token| !is_part(token)).count() <= 2;
    if !well_formed {
        return Err(invalid());
    }
    let tokens = tokens.into_iter();
    Ok(tokens.map(|token| TokenWithSpan { token, span }).collect())
}

#[cfg(test)]
mod tests {
    use crate::sql::Source;

    fn parts(text: &str) -> Vec<String> {
        let source = Source::tokenize(text).unwrap();
        let tokens = source.statements()[0].tokens().iter();
        tokens.map(|token| token.token.to_string()).collect()
    }

    #[test]
    fn texts_become_names() {
        assert_eq!(
            parts("drop table identifier('a.\"b c\"')"),
            ["drop", "table", "a", ".", "\"b c\""]
        );
        assert_eq!(parts("from table('db..t')"), ["from", "db", ".", ".", "t"]);
        // A table may be called so.
        assert_eq!(
            parts("insert into identifier (x)"),
            ["insert", "into", "identifier", "(", "x", ")"]
        );
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "a b", "a.", ".a", "a;b", "a.b.c.d", "f(x)", "1"] {
            let sql = format!("select * from identifier('{text}')");
            assert!(Source::tokenize(&sql).is_err(), "{text}");
        }
    }
}
