//! `SELECT … FROM @stage`: before a statement is bound, the files that it reads are brought into the engine, each location
//! as a temporary table of text columns. They are gone when the statement ends.
//!
//! Source: Snowflake, "Querying Data in Staged Files"; names of files as recorded from a live account (frostlake's
//! `StagePathPrefixTest`).

use std::sync::Arc;

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::load::{self, Candidate, Shape};
use crate::bind::{StagedFiles, StagedPlace, StagedShape};
use crate::error::{Error, Result};
use crate::files::{FileFormat, FileType};
use crate::lower;
use crate::objects::{self, StageFormatSpec};
use crate::sql::{Place, StatementText, stage_location};
use crate::statement::Context;
use crate::types::LogicalType;

/// What a location is read with.
#[derive(Debug, Default)]
struct Settings {
    format: Option<String>,
    pattern: Option<String>,
}

/// Brings the files in that the FROM clauses of `text` name. To be followed by [`discard`], however the statement ends.
pub(in crate::statement) fn load(context: &mut Context<'_>, text: StatementText<'_>) -> Result<()> {
    let tokens = text.tokens();
    for at in 1..tokens.len() {
        let Token::Word(word) = &tokens[at].token else {
            continue;
        };
        let Some(location) = stage_location(&word.value) else {
            continue;
        };
        if !follows_from(&tokens[at - 1]) {
            continue;
        }
        let settings = settings(&tokens[at + 1..])?;
        let place = Place::of(tokens[at].span).into();
        let shape = bring_in(
            context,
            location,
            &settings,
            super::highest_field(tokens)?,
            at,
        )?;
        let files = StagedFiles {
            place: StagedPlace::Stored(physical_name(context, at)),
            shape,
        };
        Arc::make_mut(&mut context.ready)
            .staged
            .insert(place, files);
    }
    Ok(())
}

/// Removes what [`load`] has made.
pub(in crate::statement) fn discard(context: &mut Context<'_>) {
    let staged = std::mem::take(&mut Arc::make_mut(&mut context.ready).staged);
    for files in staged.values() {
        if let StagedPlace::Stored(name) = &files.place {
            // A transaction that has failed in the engine has undone it already.
            let _ = context
                .connection
                .execute(&lower::drop_temporary_table(name));
        }
    }
}

fn follows_from(token: &TokenWithSpan) -> bool {
    match &token.token {
        Token::Comma => true,
        Token::Word(word) => {
            word.quote_style.is_none()
                && ["FROM", "JOIN", "USING"]
                    .iter()
                    .any(|known| word.value.eq_ignore_ascii_case(known))
        }
        _ => false,
    }
}

/// `( FILE_FORMAT => 'name', PATTERN => '…' )`, if it comes next.
fn settings(tokens: &[TokenWithSpan]) -> Result<Settings> {
    let mut settings = Settings::default();
    let mut rest = tokens.iter().map(|token| &token.token);
    if rest.next() != Some(&Token::LParen) {
        return Ok(settings);
    }
    loop {
        let (name, arrow, value) = (rest.next(), rest.next(), rest.next());
        let (Some(Token::Word(name)), Some(Token::RArrow)) = (name, arrow) else {
            return Ok(settings);
        };
        let value = match value {
            Some(Token::SingleQuotedString(text)) => text.clone(),
            Some(Token::Word(word)) => word.value.clone(),
            _ => return Ok(settings),
        };
        match name.value.to_uppercase().as_str() {
            "FILE_FORMAT" => settings.format = Some(value),
            "PATTERN" => settings.pattern = Some(value),
            other => return Err(Error::invalid_parameter(other)),
        }
        if rest.next() != Some(&Token::Comma) {
            return Ok(settings);
        }
    }
}

fn physical_name(context: &Context<'_>, at: usize) -> String {
    format!("staged_{}_{at}", context.query_id)
}

fn bring_in(
    context: &mut Context<'_>,
    written: &str,
    settings: &Settings,
    width: usize,
    at: usize,
) -> Result<StagedShape> {
    let location = context.location(written, "SELECT")?;
    let lookup = context.lookup();
    let format: FileFormat = match &settings.format {
        Some(name) => {
            let named = StageFormatSpec::Named(name.clone()).resolve(&lookup)?;
            objects::file_format(&lookup, &named)?
        }
        None => location.format(&lookup)?,
    };
    let staged = match format.file_type {
        FileType::Csv => StagedShape::Fields(width),
        FileType::Json | FileType::Parquet => StagedShape::Document,
        other => {
            return Err(Error::unsupported(format!(
                "SELECT from files of type {}",
                other.name()
            )));
        }
    };
    let table = "\"TRANSIENT_STAGE_TABLE\"".to_owned();
    let column = |index: usize| (format!("{table}[\"${0}\":{0}]", index + 1), Some(index));
    let engine = load::EngineReader::of(context, &format)?;
    let shape = Shape {
        engine,
        staged,
        strict: false,
        format,
        wants_metadata: true,
        columns: (0..staged.width()).map(column).collect(),
        table: table.clone(),
        now: context.facts().now,
    };
    let pattern = settings
        .pattern
        .as_deref()
        .map(super::table::pattern)
        .transpose()?;
    let candidates: Vec<_> = location
        .files(None)
        .into_iter()
        .filter(|file| {
            let whole = format!("{}/{}", location.key, file.path);
            pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(&whole))
        })
        .map(|file| Candidate {
            name: location.name_of(&file),
            metadata_name: location.metadata_name(&file),
            file,
        })
        .collect();
    let physical_name = physical_name(context, at);
    let types = staged.types();
    let physical: Vec<_> = types.iter().map(LogicalType::natural_physical).collect();
    context
        .connection
        .execute(&lower::create_temporary_table(&physical_name, &physical))?;
    let insert = lower::fill_temporary_table(&physical_name, physical.len());
    for candidate in &candidates {
        load::each_batch(location.area(), &shape, candidate, &mut |columns| {
            context.cancellation.check()?;
            context.connection.execute_over(&insert, columns)
        })?;
    }
    Ok(staged)
}
