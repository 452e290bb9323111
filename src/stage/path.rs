//! The rules for paths in a stage, and patterns over them.

use regex::Regex;

use crate::error::{Error, Result};

/// Longest path, in bytes: what object stores have.
const LONGEST: usize = 1024;

/// A path in a stage, or the beginning of one: refuses what is absolute, climbs, or is no name. Slashes in a row count as one.
pub fn checked_path(path: &str) -> Result<String> {
    let refuse = || Error::invalid_stage_path(path);
    if path.starts_with('/') || path.len() > LONGEST || path.chars().any(char::is_control) {
        return Err(refuse());
    }
    let mut checked = String::with_capacity(path.len());
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        if matches!(segment, "." | "..") {
            return Err(refuse());
        }
        checked.push_str(segment);
        let more = segments.peek().is_some();
        if more && !segment.is_empty() {
            checked.push('/');
        }
    }
    Ok(checked)
}

/// A file's path: a folder (with or without its slash, or none) and a name.
pub fn join(folder: &str, name: &str) -> Result<String> {
    let folder = folder.trim_end_matches('/');
    if folder.is_empty() {
        return checked_path(name);
    }
    checked_path(&format!("{folder}/{name}"))
}

/// PATTERN: a regular expression that a file's whole path matches.
#[derive(Debug)]
pub struct Pattern(Regex);

impl Pattern {
    pub fn new(pattern: &str) -> Result<Self> {
        // A dot matches all but the end of a line, and no path has one.
        let whole = format!("^(?:{pattern})$");
        Regex::new(&whole)
            .map(Pattern)
            .map_err(|_| Error::invalid_regular_expression(pattern, "it cannot be read"))
    }

    /// Whether it matches a path in its stage. Files of stages with a name are known under the stage's name too.
    pub fn matches(&self, stage: Option<&str>, path: &str) -> bool {
        self.0.is_match(path)
            || stage.is_some_and(|stage| self.0.is_match(&format!("{stage}/{path}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_climb_or_are_absolute_are_refused() {
        for path in [
            "..",
            "../x",
            "a/../b",
            "a/..",
            ".",
            "./a",
            "/etc/passwd",
            "a\0b",
            "a\nb",
        ] {
            assert!(checked_path(path).is_err(), "{path:?}");
        }
        assert!(checked_path(&"x".repeat(1025)).is_err());
        for path in ["", "a", "a/", "a b/ü.csv", "..a", "a..", "a/...", "a\\b"] {
            assert_eq!(checked_path(path).unwrap(), path);
        }
        assert_eq!(checked_path("a//b///c").unwrap(), "a/b/c");
        assert_eq!(checked_path("a//").unwrap(), "a/");
    }

    #[test]
    fn folders_and_names_are_joined_by_one_slash() {
        assert_eq!(join("", "f").unwrap(), "f");
        assert_eq!(join("a/b", "f").unwrap(), "a/b/f");
        assert_eq!(join("a/b/", "f").unwrap(), "a/b/f");
        assert!(join("a", "../f").is_err());
        assert!(join("..", "f").is_err());
    }

    #[test]
    fn patterns_match_whole_paths() {
        let pattern = Pattern::new(".*data_0.*").unwrap();
        assert!(pattern.matches(None, "a/data_0_0.csv"));
        assert!(!pattern.matches(None, "a/data_1.csv"));
        assert!(!Pattern::new("data").unwrap().matches(None, "data_0.csv"));
        assert!(
            Pattern::new("st/data.*")
                .unwrap()
                .matches(Some("st"), "data_0.csv")
        );
        assert!(Pattern::new("(").is_err());
    }
}
