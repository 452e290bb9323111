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
        if !matches!(&self.last, Some((last, _)) if **last == *text) {
            self.last = None;
            let made = make(text)?;
            return Ok(&self.last.insert((text.into(), made)).1);
        }
        match &self.last {
            Some((_, made)) => Ok(made),
            None => unreachable!("compared above"),
        }
    }
}
