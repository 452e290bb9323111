//! PUT and GET: which stage, which files, and what the client is to do with them. The bytes travel between the client and
//! `server`, after the statement.
//!
//! Source: Snowflake, "PUT" and "GET"; what drivers send, `wire-protocol.md` 9 and 10.

use std::sync::Arc;

use super::{Context, Parsed, Statement, StatementKind, list};
use crate::error::{Error, Result};
use crate::objects::{OptionText, parse_options};
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, Place, StatementText};
use crate::stage::{Pattern, StageKey, StagedFile};
use crate::types::LogicalType;

/// What a client is to transfer.
#[derive(Debug, Clone)]
pub struct Transfer {
    pub direction: Direction,
    /// The path on the client's machine, as the command has it: without `file://` and quotes.
    pub local: String,
    pub stage: StageKey,
    /// Files at once; what the client makes of it is its own affair.
    pub parallel: u64,
}

#[derive(Debug, Clone)]
pub enum Direction {
    Upload {
        /// Where the files go in the stage: a folder's path, with or without its slash.
        folder: String,
        auto_compress: bool,
        overwrite: bool,
        source_compression: SourceCompression,
    },
    Download {
        files: Vec<Arc<StagedFile>>,
    },
}

/// SOURCE_COMPRESSION of PUT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceCompression {
    AutoDetect,
    Gzip,
    Bz2,
    Brotli,
    Zstd,
    Deflate,
    RawDeflate,
    None,
}

const SOURCE_COMPRESSIONS: &[(&str, SourceCompression)] = &[
    ("AUTO_DETECT", SourceCompression::AutoDetect),
    ("BROTLI", SourceCompression::Brotli),
    ("BZ2", SourceCompression::Bz2),
    ("DEFLATE", SourceCompression::Deflate),
    ("GZIP", SourceCompression::Gzip),
    ("NONE", SourceCompression::None),
    ("RAW_DEFLATE", SourceCompression::RawDeflate),
    ("ZSTD", SourceCompression::Zstd),
];

/// Where a command names its stage.
enum StageText {
    Written(String),
    /// The number of a bind variable that has it.
    Variable(String),
}

struct Put {
    local: String,
    stage: StageText,
    parallel: u64,
    auto_compress: bool,
    overwrite: bool,
    source_compression: SourceCompression,
}

struct Get {
    local: String,
    stage: StageText,
    parallel: u64,
    pattern: Option<Pattern>,
}

/// `PUT file://path @stage[/path] [option = value …]`
pub(super) fn parse_put<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let mut put = Put {
        local: local(cursor)?,
        stage: stage(cursor)?,
        parallel: 4,
        auto_compress: true,
        overwrite: false,
        source_compression: SourceCompression::AutoDetect,
    };
    for (name, value) in &parse_options(cursor)? {
        match name.as_str() {
            "PARALLEL" => put.parallel = parallel(value)?,
            "AUTO_COMPRESS" => put.auto_compress = value.boolean(name)?,
            "OVERWRITE" => put.overwrite = value.boolean(name)?,
            "SOURCE_COMPRESSION" => {
                let text = value.text(name)?;
                let mut known = SOURCE_COMPRESSIONS.iter();
                let found = known.find(|(word, _)| text.eq_ignore_ascii_case(word));
                let (_, compression) =
                    found.ok_or_else(|| Error::invalid_parameter_value(text, name))?;
                put.source_compression = *compression;
            }
            _ => return Err(Error::invalid_parameter(name)),
        }
    }
    cursor.end()?;
    Ok(Box::new(put))
}

/// `GET @stage[/path] file://folder [PARALLEL = n] [PATTERN = 'regular expression']`
pub(super) fn parse_get<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let stage = stage(cursor)?;
    let mut get = Get {
        local: local(cursor)?,
        stage,
        parallel: 10,
        pattern: None,
    };
    while cursor.peek().is_some() {
        if let Some(pattern) = list::pattern(cursor)? {
            get.pattern = Some(pattern);
            continue;
        }
        let mark = cursor.mark();
        for (name, value) in &parse_options(cursor)? {
            match name.as_str() {
                "PARALLEL" => get.parallel = parallel(value)?,
                "PATTERN" => get.pattern = Some(Pattern::new(value.text(name)?)?),
                _ => return Err(Error::invalid_parameter(name)),
            }
        }
        if cursor.mark() == mark {
            return Err(cursor.unexpected());
        }
    }
    Ok(Box::new(get))
}

/// `file://path`, in quotes or not (then the source has made one token of it).
fn local(cursor: &mut Cursor<'_>) -> Result<String> {
    const SCHEME: &str = "file://";
    let unexpected = cursor.unexpected();
    let text = cursor.string()?;
    match text.split_at_checked(SCHEME.len()) {
        Some((scheme, path)) if scheme.eq_ignore_ascii_case(SCHEME) => Ok(path.to_owned()),
        _ => Err(unexpected),
    }
}

fn stage(cursor: &mut Cursor<'_>) -> Result<StageText> {
    if let Some(location) = cursor.take_stage_location() {
        return Ok(StageText::Written(location));
    }
    match cursor.peek() {
        Some(token) if token.token == sqlparser::tokenizer::Token::Placeholder("?".to_owned()) => {
            let place = Place::of(token.span);
            cursor.skip();
            let number = cursor.statement().placeholder_number(place);
            Ok(StageText::Variable(number.to_string()))
        }
        _ => Err(cursor.unexpected()),
    }
}

fn parallel(value: &OptionText) -> Result<u64> {
    let text = value.text("PARALLEL")?;
    let number = text.parse().ok().filter(|number| (1..=99).contains(number));
    number.ok_or_else(|| Error::invalid_parameter_value(text, "PARALLEL"))
}

impl StageText {
    fn resolve(&self, context: &Context<'_>) -> Result<String> {
        match self {
            StageText::Written(text) => Ok(text.clone()),
            StageText::Variable(number) => {
                let text = context.variables.spelled(number, "?")?;
                // write_pandas binds the name alone.
                Ok(match text.starts_with('@') {
                    true => text,
                    false => format!("@{text}"),
                })
            }
        }
    }
}

impl Statement for Put {
    fn kind(&self) -> StatementKind {
        StatementKind::Put
    }

    fn transfer(&self, context: &Context<'_>) -> Result<Option<Transfer>> {
        let location = context.location(&self.stage.resolve(context)?, "PUT")?;
        Ok(Some(Transfer {
            direction: Direction::Upload {
                folder: location.path,
                auto_compress: self.auto_compress,
                overwrite: self.overwrite,
                source_compression: self.source_compression,
            },
            local: self.local.clone(),
            stage: location.key,
            parallel: self.parallel,
        }))
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.describe(context)
    }

    /// What drivers make of it, themselves.
    fn describe(&self, _: &mut Context<'_>) -> Result<ResultSet> {
        let text = |name| Column::new(name, LogicalType::TEXT);
        let number = |name| Column::new(name, LogicalType::INTEGER);
        ResultSet::describe(vec![
            text("source"),
            text("target"),
            number("source_size"),
            number("target_size"),
            text("source_compression"),
            text("target_compression"),
            text("status"),
            text("message"),
        ])
    }
}

impl Statement for Get {
    fn kind(&self) -> StatementKind {
        StatementKind::Get
    }

    fn transfer(&self, context: &Context<'_>) -> Result<Option<Transfer>> {
        let location = context.location(&self.stage.resolve(context)?, "GET")?;
        Ok(Some(Transfer {
            direction: Direction::Download {
                files: location.files(self.pattern.as_ref()),
            },
            local: self.local.clone(),
            stage: location.key,
            parallel: self.parallel,
        }))
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.describe(context)
    }

    fn describe(&self, _: &mut Context<'_>) -> Result<ResultSet> {
        let text = |name| Column::new(name, LogicalType::TEXT);
        ResultSet::describe(vec![
            text("file"),
            Column::new("size", LogicalType::INTEGER),
            text("status"),
            text("message"),
        ])
    }
}
