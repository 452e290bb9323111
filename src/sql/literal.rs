//! The value of a single-quoted string literal. sqlparser does not decode `\x41`, `\u0041` and octal escapes, so tokens
//! are taken raw and decoded here.
//!
//! Source: Snowflake, "String & binary data types", escape sequences.

/// Decodes the text between the quotes: `''`, and backslash escapes. An unknown escape drops its backslash.
pub(super) fn decode(raw: &str) -> String {
    if !raw.contains(['\\', '\'']) {
        return raw.to_owned();
    }
    let mut decoded = String::with_capacity(raw.len());
    let mut rest = raw.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\'' => {
                rest.next_if_eq(&'\'');
                decoded.push('\'');
            }
            '\\' => match rest.next() {
                None => decoded.push('\\'),
                Some('b') => decoded.push('\u{8}'),
                Some('f') => decoded.push('\u{c}'),
                Some('n') => decoded.push('\n'),
                Some('r') => decoded.push('\r'),
                Some('t') => decoded.push('\t'),
                Some('x') => decoded.extend(code_point(&mut rest, 16, 2)),
                Some('u') => decoded.extend(code_point(&mut rest, 16, 4)),
                Some(digit @ '0'..='7') => {
                    // `\0` is the NUL character; `\ooo` takes up to three octal digits.
                    let mut value = digit.to_digit(8).unwrap_or(0);
                    for _ in 0..2 {
                        match rest.next_if(|c| c.is_digit(8)).and_then(|c| c.to_digit(8)) {
                            Some(next) => value = value * 8 + next,
                            None => break,
                        }
                    }
                    decoded.extend(char::from_u32(value));
                }
                Some(other) => decoded.push(other),
            },
            other => decoded.push(other),
        }
    }
    decoded
}

fn code_point(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    radix: u32,
    digits: usize,
) -> Option<char> {
    let mut value = 0;
    for _ in 0..digits {
        match rest
            .next_if(|c| c.is_digit(radix))
            .and_then(|c| c.to_digit(radix))
        {
            Some(digit) => value = value * radix + digit,
            None => break,
        }
    }
    char::from_u32(value)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn escapes_are_decoded_as_snowflake_does() {
        for (raw, value) in [
            ("abc", "abc"),
            ("it''s", "it's"),
            (r"it\'s", "it's"),
            (r"a\\b", r"a\b"),
            (r"\z", "z"),
            (r"\n\t", "\n\t"),
            (r"\u0041\x41\101", "AAA"),
            (r"\0", "\0"),
            (r"%", "%"),
        ] {
            assert_eq!(decode(raw), value, "{raw}");
        }
    }
}
