//! Writing canonical text.

use super::{TAG, UNDEFINED};

/// Appends a string with its quotes.
pub fn push_string(value: &str, out: &mut String) {
    out.reserve(value.len() + 2);
    out.push('"');
    push_escaped(value, out);
    out.push('"');
}

/// Appends a string's content, escaped.
pub fn push_escaped(value: &str, out: &mut String) {
    let mut from = 0;
    for (at, byte) in value.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&value[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            8 => out.push_str("\\b"),
            12 => out.push_str("\\f"),
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.push_str("\\u00");
                out.push(char::from(DIGITS[usize::from(byte >> 4)]));
                out.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
    out.push_str(&value[from..]);
}

/// The content of a string (between its quotes) without escapes.
pub fn unescaped(content: &str) -> std::borrow::Cow<'_, str> {
    if !content.contains('\\') {
        return content.into();
    }
    let mut out = String::with_capacity(content.len());
    let mut rest = content.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let digits: String = rest.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).unwrap_or(0xfffd);
                out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out.into()
}

/// Appends a typed leaf: its letter and its value.
pub fn push_tagged(letter: char, value: impl std::fmt::Display, out: &mut String) {
    use std::fmt::Write;
    out.push('"');
    out.push(char::from(TAG));
    let _ = write!(out, "{letter}{value}\"");
}

/// An array of these elements; SQL NULL becomes `undefined`.
pub fn array<'a>(elements: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let mut out = String::from("[");
    for (index, element) in elements.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(element.unwrap_or(UNDEFINED));
    }
    out.push(']');
    out
}

/// An array of these texts.
pub fn array_of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::from("[");
    for (index, text) in texts.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_string(text, &mut out);
    }
    out.push(']');
    out
}

/// How two keys, as canonical text has them, are ordered.
pub fn compare_keys(left: &str, right: &str) -> std::cmp::Ordering {
    if left.contains('\\') || right.contains('\\') {
        unescaped(left).cmp(&unescaped(right))
    } else {
        left.cmp(right)
    }
}

/// An object of these members, sorted; the keys are spelled as canonical text has them. `Err` is a key that occurs twice.
pub fn object(mut members: Vec<(std::borrow::Cow<'_, str>, &str)>) -> Result<String, String> {
    members.sort_by(|(left, _), (right, _)| compare_keys(left, right));
    if let Some(pair) = members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(unescaped(&pair[0].0).into_owned());
    }
    Ok(sorted_object(
        members.iter().map(|(key, value)| (&**key, *value)),
    ))
}

/// An object of members that are in order already.
pub fn sorted_object<'a>(members: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::from("{");
    for (index, (key, value)) in members.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push('"');
        out.push_str(key);
        out.push_str("\":");
        out.push_str(if value == UNDEFINED {
            super::NULL
        } else {
            value
        });
    }
    out.push('}');
    out
}

/// A key as canonical text has it between the quotes.
pub fn key(name: &str) -> std::borrow::Cow<'_, str> {
    if name
        .bytes()
        .all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
    {
        return name.into();
    }
    let mut out = String::new();
    push_escaped(name, &mut out);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back() {
        for value in [
            "",
            "abc",
            "a\"b\\c",
            "\n\r\t\u{8}\u{c}\u{1}\u{1f}",
            "äß😀",
            "/",
        ] {
            let mut out = String::new();
            push_escaped(value, &mut out);
            assert_eq!(unescaped(&out), value);
            assert!(out.bytes().all(|byte| byte >= b' '));
        }
    }

    #[test]
    fn objects_are_sorted() {
        let members = vec![
            ("b".into(), "1"),
            ("a".into(), "2"),
            ("B".into(), "undefined"),
        ];
        assert_eq!(object(members).unwrap(), r#"{"B":null,"a":2,"b":1}"#);
        let twice = vec![("a".into(), "1"), ("a".into(), "2")];
        assert_eq!(object(twice).unwrap_err(), "a");
    }
}
