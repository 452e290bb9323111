//! Table functions: FLATTEN, SPLIT_TO_TABLE, STRTOK_SPLIT_TO_TABLE, and the lists that higher-order functions walk.
//!
//! Each is a native that returns a list of rows. SEQ numbers the rows of the input: the last argument is a token of the
//! statement, under which rows are counted as they pass; 0 stands for a single row.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use super::parsing::compiled;
use super::text::{parts, tokens};
use super::{BOOLEAN, INTEGER, TEXT};
use crate::engine::native::{Arguments, ListNative, Lists, Memo, Texts};
use crate::error::Result;
use crate::types::PhysicalType;
use crate::types::variant::{Path, UNDEFINED, defined, scan, write};

const BIGINT: PhysicalType = PhysicalType::BigInt;
const VARCHAR: PhysicalType = PhysicalType::Varchar;

pub(super) static LISTS: &[ListNative] = &[
    ListNative {
        name: "sf_elements",
        parameters: &[TEXT],
        columns: &[VARCHAR],
        run: |a, lists| {
            let arrays = a.texts(0)?;
            a.each_row(|row| {
                match arrays.get(row).filter(|array| scan::is_array(array)) {
                    None => lists.set_null(row),
                    Some(array) => {
                        lists.begin(row);
                        for element in scan::elements(array) {
                            lists.push();
                            match defined(element) {
                                Some(element) => lists.text(0, element),
                                None => lists.null(0),
                            }
                        }
                    }
                }
                Ok(())
            })
        },
    },
    ListNative {
        name: "sf_flatten",
        // Input, path, outer, mode, token, a bit for each column that is wanted.
        parameters: &[TEXT, TEXT, BOOLEAN, TEXT, INTEGER, INTEGER],
        // SEQ, KEY, PATH, INDEX, VALUE.
        columns: &[BIGINT, VARCHAR, VARCHAR, BIGINT, VARCHAR],
        run: |a, lists| flatten(a, lists, false),
    },
    ListNative {
        name: "sf_flatten_recursive",
        parameters: &[TEXT, TEXT, BOOLEAN, TEXT, INTEGER, INTEGER],
        // … and THIS.
        columns: &[BIGINT, VARCHAR, VARCHAR, BIGINT, VARCHAR, VARCHAR],
        run: |a, lists| flatten(a, lists, true),
    },
    ListNative {
        name: "sf_split_to_table",
        parameters: &[TEXT, TEXT, INTEGER],
        columns: &[BIGINT, BIGINT, VARCHAR],
        run: |a, lists| split_rows(a, lists, parts),
    },
    ListNative {
        name: "sf_strtok_split_to_table",
        parameters: &[TEXT, TEXT, INTEGER],
        columns: &[BIGINT, BIGINT, VARCHAR],
        run: |a, lists| split_rows(a, lists, |text, by| tokens(text, by).collect()),
    },
];

/// Rows that have passed, of the statements that were seen last.
static PASSED: Mutex<BTreeMap<i64, i64>> = Mutex::new(BTreeMap::new());

/// Statements whose rows are counted at the same time.
const COUNTED: usize = 4096;

/// The number before the first row of this chunk.
fn numbered(a: &Arguments<'_>, token: usize) -> Result<i64> {
    let tokens = a.bigints(token)?;
    let token = tokens.get(0).unwrap_or(0);
    if token == 0 || a.row_count() == 0 {
        return Ok(0);
    }
    let mut passed = PASSED.lock();
    let count = passed.entry(token).or_default();
    let before = *count;
    *count += a.row_count() as i64;
    if passed.len() > COUNTED {
        passed.pop_first();
    }
    Ok(before)
}

fn split_rows(
    a: &Arguments<'_>,
    lists: &mut Lists<'_>,
    split: for<'t> fn(&'t str, &'t str) -> Vec<&'t str>,
) -> Result<()> {
    let (texts, separators) = (a.texts(0)?, a.texts(1)?);
    let before = numbered(a, 2)?;
    a.each_row(|row| {
        if let (Some(text), Some(separator)) = (texts.get(row), separators.get(row)) {
            lists.begin(row);
            for (index, part) in split(text, separator).into_iter().enumerate() {
                lists.push();
                lists.bigint(0, before + row as i64 + 1);
                lists.bigint(1, index as i64 + 1);
                lists.text(2, part);
            }
        }
        Ok(())
    })
}

/// How one row is flattened.
struct Flattening<'l, 'a> {
    lists: &'l mut Lists<'a>,
    objects: bool,
    arrays: bool,
    recursive: bool,
    wanted: i64,
    sequence: i64,
}

const KEY: usize = 1;
const PATH: usize = 2;
const INDEX: usize = 3;
const VALUE: usize = 4;
const THIS: usize = 5;

fn flatten(a: &Arguments<'_>, lists: &mut Lists<'_>, recursive: bool) -> Result<()> {
    let (inputs, path_texts, outers, modes): (Texts<'_>, Texts<'_>, _, Texts<'_>) =
        (a.texts(0)?, a.texts(1)?, a.booleans(2)?, a.texts(3)?);
    let before = numbered(a, 4)?;
    let wanted = a.bigints(5)?.get(0).unwrap_or(i64::MAX);
    let mut paths: Memo<Path> = Memo::new();
    let mut prefix = String::new();
    a.each_row(|row| {
        let (path_text, mode) = (
            path_texts.get(row).unwrap_or(""),
            modes.get(row).unwrap_or("BOTH"),
        );
        let path = paths.get(path_text, |path| compiled(path, "FLATTEN"))?;
        let mut flattening = Flattening {
            lists: &mut *lists,
            objects: mode != "ARRAY",
            arrays: mode != "OBJECT",
            recursive,
            wanted,
            sequence: before + row as i64 + 1,
        };
        flattening.lists.begin(row);
        let container = inputs
            .get(row)
            .and_then(|input| path.find(input))
            .filter(|found| flattening.expands(found));
        prefix.clear();
        prefix.push_str(path_text);
        let any = match container {
            Some(container) => flattening.expand(container, &mut prefix),
            None => false,
        };
        if !any && outers.get(row) == Some(true) {
            flattening.stand_in(container, path_text);
        }
        Ok(())
    })
}

impl Flattening<'_, '_> {
    fn expands(&self, value: &str) -> bool {
        (self.objects && scan::is_object(value)) || (self.arrays && scan::is_array(value))
    }

    fn wants(&self, column: usize) -> bool {
        self.wanted >> column & 1 == 1
    }

    /// A row for each member of a container, and below it where it is recursive; `path` leads to the container.
    fn expand(&mut self, container: &str, path: &mut String) -> bool {
        let mut any = false;
        let length = path.len();
        let needs_path = self.wants(PATH) || self.recursive;
        if scan::is_object(container) {
            for (key, value) in scan::members(container) {
                any = true;
                if needs_path {
                    push_key(path, key);
                }
                self.row(Some(key), None, value, container, path);
                path.truncate(length);
            }
        } else {
            for (index, value) in scan::elements(container).enumerate() {
                // A hole in the array is no row, but counts.
                if value == UNDEFINED {
                    continue;
                }
                any = true;
                if needs_path {
                    push_index(path, index);
                }
                self.row(None, Some(index as i64), value, container, path);
                path.truncate(length);
            }
        }
        any
    }

    /// A row; what is not wanted of it is empty, and nobody sees that.
    fn row(
        &mut self,
        key: Option<&str>,
        index: Option<i64>,
        value: &str,
        this: &str,
        path: &mut String,
    ) {
        let (wants_key, wants_path) = (self.wants(KEY), self.wants(PATH));
        let (wants_index, wants_value) = (self.wants(INDEX), self.wants(VALUE));
        let lists = &mut *self.lists;
        lists.push();
        lists.bigint(0, self.sequence);
        match key {
            _ if !wants_key => lists.text(KEY, ""),
            Some(key) => lists.text(KEY, &write::unescaped(key)),
            None => lists.null(KEY),
        }
        lists.text(PATH, if wants_path { path } else { "" });
        match index {
            Some(index) => lists.bigint(INDEX, index),
            None if wants_index => lists.null(INDEX),
            None => lists.bigint(INDEX, 0),
        }
        lists.text(VALUE, if wants_value { value } else { "" });
        if self.recursive {
            let wants_this = self.wants(THIS);
            self.lists.text(THIS, if wants_this { this } else { "" });
            if self.expands(value) {
                self.expand(value, path);
            }
        }
    }

    /// OUTER's row for an input without members: an empty container has its path and itself as THIS.
    fn stand_in(&mut self, container: Option<&str>, path: &str) {
        let lists = &mut *self.lists;
        lists.push();
        lists.bigint(0, self.sequence);
        lists.null(1);
        match container {
            Some(_) => lists.text(2, path),
            None => lists.null(2),
        }
        lists.null(3);
        lists.null(4);
        if self.recursive {
            match container {
                Some(container) => lists.text(5, container),
                None => lists.null(5),
            }
        }
    }
}

/// A step of PATH: `[index]`.
fn push_index(path: &mut String, index: usize) {
    path.push('[');
    if index < 10 {
        path.push(char::from(b'0' + index as u8));
    } else {
        path.push_str(&index.to_string());
    }
    path.push(']');
}

/// A step of PATH: `.key`, or `['odd key']`.
fn push_key(path: &mut String, key: &str) {
    let plain = key.bytes().enumerate().all(|(at, byte)| {
        byte == b'_' || byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit())
    });
    if plain && !key.is_empty() {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
    } else {
        path.push_str("['");
        path.push_str(key);
        path.push_str("']");
    }
}
