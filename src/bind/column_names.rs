//! Names of select items without an alias: the text of the expression as it was written, in upper case.
//!
//! Spans of sqlparser's expressions can end too early, so the text is cut from the tokens: items stand between commas at
//! the nesting level of their SELECT.

use sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use crate::sql::StatementText;

/// Words that end the select list.
const ENDS: &[&str] = &[
    "FROM",
    "INTO",
    "WHERE",
    "GROUP",
    "HAVING",
    "QUALIFY",
    "ORDER",
    "LIMIT",
    "FETCH",
    "OFFSET",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "MINUS",
];

/// The texts of the items of the SELECT whose keyword stands at `select`, in upper case.
pub(super) fn item_names(statement: StatementText<'_>, select: Location) -> Vec<String> {
    let tokens = statement.tokens();
    let Some(mut next) = tokens.iter().position(|token| token.span.start == select) else {
        return vec![];
    };
    next += 1;
    while let Some(token) = tokens.get(next) {
        next += match word(token).as_deref() {
            Some("DISTINCT" | "ALL") => 1,
            Some("TOP") => 2,
            _ => break,
        };
    }
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut first = next;
    for (index, token) in tokens.iter().enumerate().skip(next) {
        let ends_item = match &token.token {
            Token::LParen | Token::LBracket | Token::LBrace => {
                depth += 1;
                false
            }
            Token::RParen | Token::RBracket | Token::RBrace => {
                if depth == 0 {
                    names.push(text(statement, &tokens[first..index]));
                    return names;
                }
                depth -= 1;
                false
            }
            Token::Comma => depth == 0,
            _ => false,
        };
        if depth == 0 && ends_list(tokens, index) {
            names.push(text(statement, &tokens[first..index]));
            return names;
        }
        if ends_item {
            names.push(text(statement, &tokens[first..index]));
            first = index + 1;
        }
    }
    names.push(text(statement, &tokens[first..]));
    names
}

fn ends_list(tokens: &[TokenWithSpan], index: usize) -> bool {
    let Some(found) = word(&tokens[index]) else {
        return false;
    };
    // `a IS DISTINCT FROM b` goes on, and `t.from` is a column.
    let before = index.checked_sub(1).map(|before| &tokens[before]);
    let inside = before.is_some_and(|before| {
        before.token == Token::Period || word(before).as_deref() == Some("DISTINCT")
    });
    !inside && ENDS.contains(&found.as_str())
}

fn word(token: &TokenWithSpan) -> Option<String> {
    match &token.token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_ascii_uppercase()),
        _ => None,
    }
}

fn text(statement: StatementText<'_>, tokens: &[TokenWithSpan]) -> String {
    match tokens {
        [] => String::new(),
        [only] => statement.slice(only.span).to_uppercase(),
        [first, .., last] => statement.slice(first.span.union(&last.span)).to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Source;

    fn check(text: &str, names: &[&str]) {
        let source = Source::tokenize(text).unwrap();
        let statement = source.statements()[0];
        assert_eq!(
            item_names(statement, statement.tokens()[0].span.start),
            names,
            "{text}"
        );
    }

    #[test]
    fn items_are_named_by_their_text() {
        check("select 1 + 1, count( * ) from t", &["1 + 1", "COUNT( * )"]);
        check(
            "select distinct 'abc', (select a, b from x) where true",
            &["'ABC'", "(SELECT A, B FROM X)"],
        );
        check(
            "select a is distinct from b, t.\"from\"",
            &["A IS DISTINCT FROM B", "T.\"FROM\""],
        );
        check("select top 5 f(a, b), c", &["F(A, B)", "C"]);
    }
}
