//! The options of COPY INTO a table: one row each, with what they take.
//!
//! Source: Snowflake, "COPY INTO <table>", copyOptions; refusals as recorded from a live account (frostlake's suite
//! `dml-copy-option-surface`).

use crate::error::{Error, Result};
use crate::files::Written;
use crate::objects::OptionText;

/// ON_ERROR
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum OnError {
    Abort,
    Continue,
    /// SKIP_FILE (1), SKIP_FILE_n
    SkipFile(u64),
    /// SKIP_FILE_n%
    SkipFilePercent(u64),
}

/// VALIDATION_MODE
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validation {
    /// RETURN_n_ROWS
    Rows(u64),
    /// RETURN_ERRORS, RETURN_ALL_ERRORS
    Errors,
}

/// MATCH_BY_COLUMN_NAME
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MatchBy {
    Exactly,
    IgnoringCase,
}

/// What the options say.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CopyOptions {
    pub on_error: OnError,
    pub size_limit: Option<u64>,
    pub purge: bool,
    pub return_failed_only: bool,
    pub force: bool,
    pub truncate_columns: bool,
    pub match_by: Option<MatchBy>,
    pub validation: Option<Validation>,
    /// Column of the table, column of metadata.
    pub include_metadata: Vec<(String, String)>,
}

impl Default for CopyOptions {
    fn default() -> Self {
        CopyOptions {
            on_error: OnError::Abort,
            size_limit: None,
            purge: false,
            return_failed_only: false,
            force: false,
            truncate_columns: false,
            match_by: None,
            validation: None,
            include_metadata: vec![],
        }
    }
}

/// How an option changes what is known; `None` refuses the value.
type Set = fn(&mut CopyOptions, &Written) -> Option<()>;

/// Sorted by name. INCLUDE_METADATA has values of its own.
static OPTIONS: &[(&str, Set)] = &[
    // there is one way to load here, and nothing is uncertain
    ("CLUSTER_AT_INGEST_TIME", |_, value| {
        boolean(value).map(drop)
    }),
    ("ENFORCE_LENGTH", |options, value| {
        options.truncate_columns = !boolean(value)?;
        Some(())
    }),
    ("FORCE", |options, value| {
        set(&mut options.force, boolean(value))
    }),
    ("LOAD_MODE", |_, value| {
        matches!(keyword(value).as_str(), "FULL_INGEST" | "ADD_FILES_COPY").then_some(())
    }),
    ("LOAD_UNCERTAIN_FILES", |_, value| boolean(value).map(drop)),
    ("MATCH_BY_COLUMN_NAME", |options, value| {
        let by = match keyword(value).as_str() {
            "CASE_SENSITIVE" => Some(MatchBy::Exactly),
            "CASE_INSENSITIVE" => Some(MatchBy::IgnoringCase),
            "NONE" => None,
            _ => return None,
        };
        options.match_by = by;
        Some(())
    }),
    ("ON_ERROR", |options, value| {
        set(&mut options.on_error, on_error(&keyword(value)))
    }),
    ("PURGE", |options, value| {
        set(&mut options.purge, boolean(value))
    }),
    ("RETURN_FAILED_ONLY", |options, value| {
        set(&mut options.return_failed_only, boolean(value))
    }),
    ("SIZE_LIMIT", |options, value| {
        let Written::Bare(digits) = value else {
            return None;
        };
        let limit = digits.parse::<u64>().ok()?;
        // 0 is none
        options.size_limit = (limit > 0).then_some(limit);
        Some(())
    }),
    ("TRUNCATECOLUMNS", |options, value| {
        set(&mut options.truncate_columns, boolean(value))
    }),
    ("VALIDATION_MODE", |options, value| {
        options.validation = Some(validation(&keyword(value))?);
        Some(())
    }),
];

impl CopyOptions {
    /// Reads what a statement says; the options that are not of the copying itself (FILES, FILE_FORMAT, …) are given back.
    pub fn read(
        written: Vec<(String, OptionText)>,
        others: &[&str],
    ) -> Result<(Self, Vec<(String, OptionText)>)> {
        let mut options = CopyOptions::default();
        let mut rest: Vec<(String, OptionText)> = vec![];
        let mut taken: Vec<String> = vec![];
        for (name, text) in written {
            if taken.contains(&name) {
                return Err(Error::conflicting_copy_option(name));
            }
            taken.push(name.clone());
            if others.contains(&name.as_str()) {
                rest.push((name, text));
            } else if name == "INCLUDE_METADATA" {
                options.include_metadata = include_metadata(&name, &text)?;
            } else {
                let row = OPTIONS.iter().find(|(known, _)| *known == name);
                let (_, set) = row.ok_or_else(|| Error::invalid_parameter(&name))?;
                let value = text.value(&name)?;
                let before = options.truncate_columns;
                set(&mut options, value).ok_or_else(|| value.invalid(&name))?;
                // two names of one thing, which must not contradict each other
                let other = match name.as_str() {
                    "ENFORCE_LENGTH" => "TRUNCATECOLUMNS",
                    "TRUNCATECOLUMNS" => "ENFORCE_LENGTH",
                    _ => "",
                };
                if taken.iter().any(|earlier| earlier == other)
                    && before != options.truncate_columns
                {
                    return Err(Error::conflicting_copy_option("TRUNCATECOLUMNS"));
                }
            }
        }
        Ok((options, rest))
    }
}

/// `( column = METADATA$FILENAME, … )`
fn include_metadata(name: &str, text: &OptionText) -> Result<Vec<(String, String)>> {
    let OptionText::Group(group) = text else {
        return Err(text.value(name)?.invalid(name));
    };
    let pair = |(column, value): &(String, Written)| {
        let metadata = value.text().ok_or_else(|| value.invalid(column))?;
        Ok((column.clone(), metadata.to_uppercase()))
    };
    group.iter().map(pair).collect()
}

fn keyword(value: &Written) -> String {
    value.text().unwrap_or_default().to_uppercase()
}

/// TRUE and FALSE are words here, never texts.
fn boolean(value: &Written) -> Option<bool> {
    match value {
        Written::Bare(word) if word.eq_ignore_ascii_case("TRUE") => Some(true),
        Written::Bare(word) if word.eq_ignore_ascii_case("FALSE") => Some(false),
        _ => None,
    }
}

fn set<T>(place: &mut T, value: Option<T>) -> Option<()> {
    *place = value?;
    Some(())
}

fn on_error(word: &str) -> Option<OnError> {
    match word {
        "ABORT_STATEMENT" => return Some(OnError::Abort),
        "CONTINUE" => return Some(OnError::Continue),
        "SKIP_FILE" => return Some(OnError::SkipFile(1)),
        _ => {}
    }
    let rest = word.strip_prefix("SKIP_FILE_")?;
    match rest.strip_suffix('%') {
        Some(percent) => Some(OnError::SkipFilePercent(percent.parse().ok()?)),
        None => Some(OnError::SkipFile(rest.parse().ok()?)),
    }
}

fn validation(word: &str) -> Option<Validation> {
    match word {
        "RETURN_ERRORS" | "RETURN_ALL_ERRORS" => Some(Validation::Errors),
        _ => {
            let count = word.strip_prefix("RETURN_")?.strip_suffix("_ROWS")?;
            count.parse().ok().map(Validation::Rows)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(OPTIONS.is_sorted_by_key(|row| row.0));
    }

    #[test]
    fn all_spellings_of_on_error() {
        assert_eq!(on_error("SKIP_FILE"), Some(OnError::SkipFile(1)));
        assert_eq!(on_error("SKIP_FILE_3"), Some(OnError::SkipFile(3)));
        assert_eq!(on_error("SKIP_FILE_3%"), Some(OnError::SkipFilePercent(3)));
        assert_eq!(on_error("BOGUS"), None);
        assert_eq!(on_error("SKIP_FILE_X"), None);
    }
}
