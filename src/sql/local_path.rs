//! `file://path` in PUT and GET. Outside of quotes its `//` would begin a comment, so it is hidden from the tokenizer behind
//! a text of the same length; the token gets the path as it is written.

use std::ops::Range;

/// PUT or GET with a path on the client's machine outside of quotes: a text to tokenize, and where the path is in it.
pub(super) fn hidden(text: &str) -> Option<(String, Range<usize>)> {
    let rest = text.trim_start_matches(|c: char| c.is_whitespace());
    let mut at = text.len() - rest.len();
    at += leading_comments(&text[at..]);
    let word = text.get(at..at + 3)?;
    if !word.eq_ignore_ascii_case("PUT") && !word.eq_ignore_ascii_case("GET") {
        return None;
    }
    if !text[at + 3..].starts_with(|c: char| c.is_whitespace() || c == '/' || c == '-') {
        return None;
    }
    let start = at + 3 + unquoted_path(&text[at + 3..])?;
    // JDBC ends a path here too; Node sends a stage in quotes right behind it.
    let ends = |c: char| c.is_whitespace() || matches!(c, '\'' | ';');
    let length = text[start..].find(ends).unwrap_or(text.len() - start);
    let path = start..start + length;
    let filler = "x".repeat(text[path.clone()].chars().count() - 4);
    let hidden = format!("{}$${filler}$${}", &text[..start], &text[path.end..]);
    Some((hidden, path))
}

/// Bytes of comments and white space at the beginning of a text.
fn leading_comments(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let end = if rest.starts_with("--") || rest.starts_with("//") {
            rest.find('\n').map(|at| at + 1)
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|at| at + 2)
        } else {
            break;
        };
        rest = &rest[end.unwrap_or(rest.len())..];
    }
    text.len() - rest.len()
}

/// Where `file://` begins outside of quotes and comments.
fn unquoted_path(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += leading_comments(&text[at..]);
        let rest = &text[at..];
        let first = rest.chars().next()?;
        if matches!(first, '\'' | '"') {
            let end = rest[1..].find(first)?;
            at += end + 2;
            continue;
        }
        let is_path = rest
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("file://"));
        if is_path {
            return Some(at);
        }
        // A word, up to where something else can begin.
        let ends = |c: char| c.is_whitespace() || matches!(c, '\'' | '"');
        let length = rest[first.len_utf8()..].find(ends)?;
        at += first.len_utf8() + length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Option<&str> {
        let (hidden, range) = hidden(text)?;
        assert_eq!(hidden.chars().count(), text.chars().count());
        Some(&text[range])
    }

    #[test]
    fn paths_outside_of_quotes_are_found() {
        assert_eq!(
            path("put file:///tmp/a*.csv @st"),
            Some("file:///tmp/a*.csv")
        );
        assert_eq!(
            path("-- a\n/* b */ GET @st/a//b FILE:///ö/; "),
            Some("FILE:///ö/")
        );
        assert_eq!(
            path("PUT file://1'@SYSTEM$BIND/a' overwrite=true"),
            Some("file://1")
        );
        assert_eq!(
            path("get '@a b/file://x' file://C:\\x"),
            Some("file://C:\\x")
        );
        assert_eq!(path("PUT\tfile:// @st"), Some("file://"));
    }

    #[test]
    fn other_texts_are_left_alone() {
        for text in [
            "",
            "put",
            "select 'file://x'",
            "put 'file:///a b' @st",
            "put /* file://x */ 'file://y' @st",
            "putfile://x",
            "get_ddl file://x",
            "get ü",
        ] {
            assert_eq!(path(text), None, "{text}");
        }
    }
}
