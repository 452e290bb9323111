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

/// Just past the string whose quote is at `at`.
#[inline]
fn skip_string(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    loop {
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
    members(text)
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value)
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
    fn broken_text_ends() {
        for text in [
            "", "{", "[", "{\"a", "{\"a\"", "[\"", "[1", "{\"a\":", "[\"\\",
        ] {
            assert!(members(text).count() < 3);
            assert!(elements(text).count() < 3);
        }
    }
}
