//! What is computed once for a run of equal arguments.

use crate::error::Result;

/// Remembers what was made of the last text: patterns and formats are the same in nearly every row.
#[derive(Debug, Default)]
pub struct Memo<T> {
    last: Option<(Box<str>, T)>,
}

impl<T> Memo<T> {
    pub fn new() -> Self {
        Memo { last: None }
    }

    /// What `make` gives for `text`; called again only when the text differs from the last one.
    pub fn get(&mut self, text: &str, make: impl FnOnce(&str) -> Result<T>) -> Result<&T> {
        let last = match self.last.take() {
            Some(last) if *last.0 == *text => last,
            _ => (text.into(), make(text)?),
        };
        Ok(&self.last.insert(last).1)
    }
}
