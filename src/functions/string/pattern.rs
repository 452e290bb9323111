//! Regular expressions as Snowflake writes them (POSIX extended with Perl's classes, as RE2 reads them), compiled once per
//! pattern and thread.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex::{Regex, RegexBuilder};

use crate::error::{Error, Result};

/// Compiled patterns that a thread keeps.
const KEPT: usize = 64;

/// A compiled pattern and what its parameters say beside it.
#[derive(Debug)]
pub(super) struct Pattern {
    pub regex: Regex,
    /// Parameter `e`: a group is wanted, not the whole match.
    pub extracts: bool,
    /// An empty pattern matches nothing.
    pub is_empty: bool,
}

thread_local! {
    static COMPILED: RefCell<HashMap<(String, String, bool), Rc<Pattern>>> = RefCell::default();
}

/// The pattern with these parameters; `whole` ones match a text from its first character to its last.
pub(super) fn compiled(pattern: &str, parameters: &str, whole: bool) -> Result<Rc<Pattern>> {
    COMPILED.with_borrow_mut(|kept| {
        let key = (pattern.to_owned(), parameters.to_owned(), whole);
        if let Some(found) = kept.get(&key) {
            return Ok(found.clone());
        }
        let compiled = Rc::new(compile(pattern, parameters, whole)?);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, compiled.clone());
        Ok(compiled)
    })
}

fn compile(pattern: &str, parameters: &str, whole: bool) -> Result<Pattern> {
    let (mut insensitive, mut multi_line, mut dot_all, mut extracts) = (false, false, false, false);
    for parameter in parameters.chars() {
        match parameter {
            'c' => insensitive = false,
            'i' => insensitive = true,
            'm' => multi_line = true,
            's' => dot_all = true,
            'e' => extracts = true,
            _ => return Err(Error::invalid_regex_parameters(parameters)),
        }
    }
    let translated = translated(pattern);
    let text = if whole {
        format!(r"\A(?:{translated})\z")
    } else {
        translated
    };
    let regex = RegexBuilder::new(&text)
        .case_insensitive(insensitive)
        .multi_line(multi_line)
        .dot_matches_new_line(dot_all)
        .size_limit(64 << 20)
        .build()
        .map_err(|error| Error::invalid_regular_expression(pattern, reason(&error)))?;
    Ok(Pattern {
        regex,
        extracts,
        is_empty: pattern.is_empty(),
    })
}

/// The last line of what the crate says.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// In the notation of the `regex` crate: Perl's classes are ASCII, a bracket in a class is itself, and so is a brace that
/// is no repetition.
fn translated(pattern: &str) -> String {
    let mut result = String::with_capacity(pattern.len() + 8);
    let characters: Vec<char> = pattern.chars().collect();
    let (mut index, mut in_class) = (0, false);
    while let Some(&character) = characters.get(index) {
        let next = characters.get(index + 1).copied();
        match character {
            '\\' => {
                index += 1;
                match (next, in_class) {
                    (Some('d'), false) => result.push_str("[0-9]"),
                    (Some('D'), false) => result.push_str("[^0-9]"),
                    (Some('w'), false) => result.push_str("[0-9A-Za-z_]"),
                    (Some('W'), false) => result.push_str("[^0-9A-Za-z_]"),
                    (Some('s'), false) => result.push_str(r"[\t\n\x0b\x0c\r ]"),
                    (Some('S'), false) => result.push_str(r"[^\t\n\x0b\x0c\r ]"),
                    (Some('b'), false) => result.push_str(r"(?-u:\b)"),
                    (Some('d'), true) => result.push_str("0-9"),
                    (Some('w'), true) => result.push_str("0-9A-Za-z_"),
                    (Some('s'), true) => result.push_str(r"\t\n\x0b\x0c\r "),
                    (Some('Z'), _) => result.push_str(r"\z"),
                    (Some(other), _) => {
                        result.push('\\');
                        result.push(other);
                    }
                    (None, _) => result.push('\\'),
                }
            }
            '[' if !in_class => {
                in_class = true;
                result.push('[');
                // A bracket right at the start is a member.
                let mut first = index + 1;
                if characters.get(first) == Some(&'^') {
                    result.push('^');
                    first += 1;
                }
                if characters.get(first) == Some(&']') {
                    result.push_str(r"\]");
                    first += 1;
                }
                index = first - 1;
            }
            '[' if next == Some(':') => {
                // `[:alpha:]`, up to its end.
                let end = characters[index..]
                    .windows(2)
                    .position(|pair| pair == [':', ']']);
                match end {
                    Some(end) if end > 1 => {
                        result.extend(&characters[index..index + end + 2]);
                        index += end + 1;
                    }
                    _ => result.push_str(r"\["),
                }
            }
            '[' => result.push_str(r"\["),
            ']' => {
                in_class = false;
                result.push(']');
            }
            '&' | '~' if in_class => {
                result.push('\\');
                result.push(character);
            }
            '-' if in_class && next == Some('-') => result.push_str(r"\-"),
            '{' if !in_class && !is_repetition(&characters[index..]) => result.push_str(r"\{"),
            _ => result.push(character),
        }
        index += 1;
    }
    result
}

/// Whether a brace begins `{2}`, `{2,}` or `{2,3}`.
fn is_repetition(characters: &[char]) -> bool {
    let end = characters.iter().position(|character| *character == '}');
    let Some(inside) = end.and_then(|end| characters.get(1..end)) else {
        return false;
    };
    let mut parts = inside.split(|character| *character == ',');
    let all_digits = |part: &[char]| part.iter().all(char::is_ascii_digit);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(least), None, _) => !least.is_empty() && all_digits(least),
        (Some(least), Some(most), None) => {
            !least.is_empty() && all_digits(least) && all_digits(most)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_as_re2_reads_them() {
        for (pattern, text, matches) in [
            (r"\d+", "12", true),
            (r"\d+", "\u{0661}", false),
            (r"[[:alpha:]]+[\d-]", "abc-", true),
            (r"[[]x]", "[x]", true),
            (r"[]a]+", "]a", true),
            (r"[^]a]+", "bc", true),
            (r"a{2}", "aa", true),
            (r"a{", "a{", true),
            (r"{x}", "{x}", true),
            (r"[a&&b]+", "&a", true),
            (r"\w+@\w+\.com", "a_1@b.com", true),
            (r"a.b", "a\nb", false),
        ] {
            let compiled = compile(pattern, "", true).unwrap();
            assert_eq!(compiled.regex.is_match(text), matches, "{pattern} {text}");
        }
        assert!(compile("a", "x", false).is_err());
        assert!(compile("(?=a)", "", false).is_err());
        assert!(compile("a", "is", true).unwrap().regex.is_match("A"));
    }
}
