//! Paths into a value: `a.b[0]."odd key"`, as GET_PATH reads them and `v:a.b[0]` means them.

use super::{defined, scan, write};

/// A compiled path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A key, as canonical text has it between the quotes.
    Key(String),
    Index(usize),
    /// An index that no array has, such as a negative one.
    Nowhere,
}

impl Path {
    /// `None` where the text is no path.
    pub fn new(text: &str) -> Option<Path> {
        let mut steps = Vec::new();
        let mut rest = text.trim();
        let mut first = true;
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('[') {
                let (step, after) = bracket(inside)?;
                steps.push(step);
                rest = after;
            } else {
                if let Some(after) = rest.strip_prefix(['.', ':']) {
                    if first && rest.starts_with('.') {
                        return None;
                    }
                    rest = after;
                } else if !first {
                    return None;
                }
                let (key, after) = key(rest)?;
                steps.push(Step::Key(write::key(&key).into_owned()));
                rest = after;
            }
            first = false;
        }
        Some(Path { steps })
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What the path leads to, if anything.
    #[inline]
    pub fn find<'a>(&self, value: &'a str) -> Option<&'a str> {
        let mut value = value;
        for step in &self.steps {
            value = match step {
                Step::Key(key) => scan::member(value, key)?,
                Step::Index(index) => scan::element(value, *index)?,
                Step::Nowhere => return None,
            };
        }
        defined(value)
    }
}

/// A step that names a key, in the notation that [`Path::new`] reads.
pub fn key_step(key: &str) -> String {
    format!("[\"{}\"]", key.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What stands in brackets after `[`: an index or a quoted key.
fn bracket(text: &str) -> Option<(Step, &str)> {
    let text = text.trim_start();
    if text.starts_with(['"', '\'']) {
        let (key, rest) = quoted(text)?;
        let rest = rest.trim_start().strip_prefix(']')?;
        return Some((Step::Key(write::key(&key).into_owned()), rest));
    }
    let (index, rest) = text.split_once(']')?;
    let index = index.trim().parse::<i64>().ok()?;
    let step = usize::try_from(index).map_or(Step::Nowhere, Step::Index);
    Some((step, rest))
}

fn key(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        return quoted(text);
    }
    let end = text.find(['.', '[', ':']).unwrap_or(text.len());
    let (key, rest) = text.split_at(end);
    let plain = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '@'));
    plain.then(|| (key.to_owned(), rest))
}

/// A quoted key; a backslash takes the next character as it is.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut characters = text.char_indices();
    let (_, quote) = characters.next()?;
    let mut key = String::new();
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            key.push(characters.next()?.1);
        } else if character == quote {
            return Some((key, &text[at + 1..]));
        } else {
            key.push(character);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str =
        r#"{"a":{"b":[10,{"c":"x"},undefined],"odd key":1},"n":null,"q\"":2,"ü":3}"#;

    #[test]
    fn paths_lead_to_values() {
        for (path, found) in [
            ("a.b[0]", Some("10")),
            ("a.b[1].c", Some("\"x\"")),
            ("a:b[1]:c", Some("\"x\"")),
            ("a[\"odd key\"]", Some("1")),
            ("a.\"odd key\"", Some("1")),
            ("['a']['b'][ 0 ]", Some("10")),
            ("n", Some("null")),
            ("ü", Some("3")),
            ("\"q\\\"\"", Some("2")),
            ("a.b[2]", None),
            ("a.b[3]", None),
            ("a.b[-1]", None),
            ("A", None),
            ("n.x", None),
            ("", Some(DOCUMENT)),
        ] {
            let compiled = Path::new(path).unwrap_or_else(|| panic!("{path}"));
            assert_eq!(compiled.find(DOCUMENT), found, "{path}");
        }
        let step = format!("{}{}", key_step("a"), key_step("odd key"));
        assert_eq!(Path::new(&step).unwrap().find(DOCUMENT), Some("1"));
        let step = key_step("q\"");
        assert_eq!(Path::new(&step).unwrap().find(DOCUMENT), Some("2"));
    }

    #[test]
    fn other_text_is_no_path() {
        for path in [".a", "a..b", "a[", "a[x]", "a b", "\"a", "[0]a", "a."] {
            assert_eq!(Path::new(path), None, "{path}");
        }
    }
}
