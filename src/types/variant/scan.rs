//! Reading canonical text in place, without building anything.
//!
//! Text that is not canonical gives arbitrary answers, but no panic and no endless loop.

/// The index just past the value that begins at `at`.
#[inline]
pub fn skip(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'"') => skip_string(bytes, at),
        Some(b'{' | b'[') => skip_container(bytes, at),
        _ => {
            let mut end = at;
            while let Some(byte) = bytes.get(end) {
                if matches!(byte, b',' | b']' | b'}') {
                    break;
                }
                end += 1;
            }
            end
        }
    }
}

/// A bit in each byte of a word.
const ONES: u64 = u64::from_le_bytes([1; 8]);
/// The bit by which `{` and `[`, `}` and `]` differ.
const SHIFTED: u64 = ONES * 0x20;

/// The word at `at`, if there are eight bytes.
#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(eight.try_into().ok()?))
}

/// Marks bytes that are equal to `byte`; the lowest mark is right, those above it may be too many.
#[inline]
fn equal(word: u64, byte: u8) -> u64 {
    let difference = word ^ (ONES * u64::from(byte));
    difference.wrapping_sub(ONES) & !difference & (ONES << 7)
}

/// Just past the string whose quote is at `at`.
#[inline]
fn skip_string(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    loop {
        while let Some(word) = word(bytes, end) {
            let marks = equal(word, b'"') | equal(word, b'\\');
            if marks != 0 {
                end += marks.trailing_zeros() as usize / 8;
                break;
            }
            end += 8;
        }
        match bytes.get(end) {
            Some(b'"') => return end + 1,
            Some(b'\\') => end += 2,
            Some(_) => end += 1,
            None => return bytes.len(),
        }
    }
}

fn skip_container(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut end) = (0_usize, at);
    loop {
        while let Some(word) = word(bytes, end) {
            let folded = word | SHIFTED;
            let marks = equal(word, b'"') | equal(folded, b'{') | equal(folded, b'}');
            if marks != 0 {
                end += marks.trailing_zeros() as usize / 8;
                break;
            }
            end += 8;
        }
        match bytes.get(end) {
            Some(b'"') => end = skip_string(bytes, end),
            Some(b'{' | b'[') => {
                depth += 1;
                end += 1;
            }
            Some(b'}' | b']') => {
                depth = depth.saturating_sub(1);
                end += 1;
                if depth == 0 {
                    return end;
                }
            }
            Some(_) => end += 1,
            None => return bytes.len(),
        }
    }
}

/// The members of an object; of anything else, none.
pub fn members(text: &str) -> Members<'_> {
    let is_object = text.as_bytes().first() == Some(&b'{');
    Members {
        text,
        at: if is_object { 1 } else { text.len() },
    }
}

/// Keys, as canonical text has them between the quotes, and values.
pub struct Members<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let colon = skip_string(bytes, self.at);
        let key = self.text.get(self.at + 1..colon - 1)?;
        let end = skip(bytes, colon + 1);
        let value = self.text.get(colon + 1..end)?;
        self.at = end + 1;
        Some((key, value))
    }
}

/// The elements of an array; of anything else, none.
pub fn elements(text: &str) -> Elements<'_> {
    let is_array = text.as_bytes().first() == Some(&b'[');
    Elements {
        text,
        at: if is_array { 1 } else { text.len() },
    }
}

pub struct Elements<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        if matches!(bytes.get(self.at), None | Some(b']')) {
            return None;
        }
        let end = skip(bytes, self.at);
        let value = self.text.get(self.at..end)?;
        self.at = end + 1;
        Some(value)
    }
}

/// The value of a key, which is spelled as canonical text has it.
#[inline]
pub fn member<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let bytes = text.as_bytes();
    let mut at = if is_object(text) { 1 } else { bytes.len() };
    while bytes.get(at) == Some(&b'"') {
        let end = at + 1 + key.len();
        if bytes.get(end) == Some(&b'"') && bytes.get(at + 1..end) == Some(key.as_bytes()) {
            return text.get(end + 2..skip(bytes, end + 2));
        }
        at = skip(bytes, skip_string(bytes, at) + 1) + 1;
    }
    None
}

/// The element at an index; there are no negative ones.
#[inline]
pub fn element(text: &str, index: usize) -> Option<&str> {
    elements(text).nth(index)
}

pub fn is_object(text: &str) -> bool {
    text.as_bytes().first() == Some(&b'{')
}

pub fn is_array(text: &str) -> bool {
    text.as_bytes().first() == Some(&b'[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_read_in_place() {
        let text = r#"{"a":1,"b":[1,"]",{"c":"}\""}],"d":"x\\","e":null}"#;
        let found: Vec<_> = members(text).collect();
        assert_eq!(
            found,
            [
                ("a", "1"),
                ("b", r#"[1,"]",{"c":"}\""}]"#),
                ("d", r#""x\\""#),
                ("e", "null"),
            ]
        );
        assert_eq!(member(text, "e"), Some("null"));
        assert_eq!(member(text, "f"), None);
        let array = member(text, "b").unwrap();
        assert_eq!(elements(array).count(), 3);
        assert_eq!(element(array, 1), Some("\"]\""));
        assert_eq!(element(array, 3), None);
        assert_eq!(elements("[]").count(), 0);
        assert_eq!(members("{}").count(), 0);
        assert_eq!(elements("{}").count(), 0);
    }

    #[test]
    fn words_are_read_as_bytes_are() {
        // Ends, quotes and escapes at every place of a word.
        for length in 0..40 {
            let filler = "x".repeat(length);
            let text =
                format!(r#"{{"{filler}":["{filler}\\\"",[{length}]],"k":{{"{filler}":0}}}}"#);
            let found: Vec<_> = members(&text).collect();
            let array = format!(r#"["{filler}\\\"",[{length}]]"#);
            let object = format!(r#"{{"{filler}":0}}"#);
            assert_eq!(
                found,
                [(filler.as_str(), array.as_str()), ("k", object.as_str())]
            );
            assert_eq!(member(&text, "k"), Some(object.as_str()));
            assert_eq!(elements(&array).count(), 2);
        }
    }

    #[test]
    fn broken_text_ends() {
        for text in [
            "", "{", "[", "{\"a", "{\"a\"", "[\"", "[1", "{\"a\":", "[\"\\",
        ] {
            assert!(members(text).count() < 3);
            assert!(elements(text).count() < 3);
        }
    }
}
