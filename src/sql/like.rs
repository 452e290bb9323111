//! LIKE outside of queries: names that SHOW and `* ILIKE` choose.

/// A LIKE pattern (`%`, `_`, a backslash before either), case-insensitive, as a regular expression.
pub fn like_pattern(pattern: &str) -> regex::Regex {
    let mut expression = String::from("(?is)^");
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let next = characters.next().unwrap_or('\\');
                expression.push_str(&regex::escape(next.encode_utf8(&mut [0; 4])));
            }
            '%' => expression.push_str(".*"),
            '_' => expression.push('.'),
            other => expression.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push('$');
    regex::Regex::new(&expression).unwrap_or_else(|_| match_nothing())
}

/// Only a pattern beyond the regex size limit comes here.
#[allow(clippy::unwrap_used)]
fn match_nothing() -> regex::Regex {
    regex::Regex::new("$^").unwrap()
}
