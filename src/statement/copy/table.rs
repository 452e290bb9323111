//! COPY INTO a table: the statement.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use regex::Regex;
use sqlparser::tokenizer::Token;

use super::check::{Checker, Reasons};
use super::load::{self, Candidate, Failed, Loading, Outcome, Shape};
use super::options::{CopyOptions, MatchBy, OnError, Validation};
use super::{functions, history};
use crate::bind::{self, InsertTarget, Load, LoadSource, StagedFiles, StagedPlace, StagedShape};
use crate::catalog::{Detail, Object, ObjectId, ObjectKind, Table};
use crate::error::{Error, Position, Result};
use crate::files::{FileFormat, FileType, RecordReader, Width};
use crate::functions::Facts;
use crate::lower;
use crate::objects::{self, OptionText, StageFormatSpec};
use crate::result::{Column, ResultSet};
use crate::session::locks::Mode;
use crate::sql::{Cursor, ObjectName, Place, StatementText, ast, quote, stage_location};
use crate::stage::StagedFile;
use crate::statement::location::Location;
use crate::statement::write::{self, Write};
use crate::statement::{Context, Parsed, Statement, StatementKind};
use crate::types::LogicalType;
use crate::types::text::BinaryFormat;

struct CopyIntoTable<'a> {
    text: StatementText<'a>,
    table: ObjectName,
    columns: Vec<String>,
    /// As written: `@stage/path`.
    location: String,
    query: Option<Transformation>,
    files: Option<Vec<String>>,
    pattern: Option<Regex>,
    format: Option<StageFormatSpec>,
    options: CopyOptions,
}

/// `FROM ( SELECT … FROM @stage )`
struct Transformation {
    query: Box<ast::Query>,
    /// Where the location stands in it.
    place: Position,
    /// The highest `$n`.
    width: usize,
    wants_metadata: bool,
}

/// Options that are not of the copying itself.
const OTHERS: &[&str] = &["FILES", "FILE_FORMAT", "PATTERN"];

/// Most files that FILES names.
const MOST_FILES: usize = 1000;

/// `COPY INTO table [(columns)] [FROM { location | (query) }] options`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let table = cursor.object_name()?;
    let columns = if cursor
        .peek()
        .is_some_and(|next| next.token == Token::LParen)
    {
        cursor.expect(&Token::LParen)?;
        let mut columns = vec![cursor.identifier()?];
        while cursor.take(&Token::Comma) {
            columns.push(cursor.identifier()?);
        }
        cursor.expect(&Token::RParen)?;
        columns
    } else {
        vec![]
    };
    let (location, query) = if cursor.take_word("FROM") {
        source(cursor)?
    } else {
        (table_stage(&table), None)
    };
    let (options, others) = CopyOptions::read(objects::parse_options(cursor)?, OTHERS)?;
    cursor.end()?;
    let mut copy = CopyIntoTable {
        text,
        table,
        columns,
        location,
        query,
        files: None,
        pattern: None,
        format: None,
        options,
    };
    for (name, written) in others {
        match name.as_str() {
            "FILES" => copy.files = Some(files(&name, &written)?),
            "PATTERN" => copy.pattern = Some(pattern(written.text(&name)?)?),
            _ => copy.format = Some(StageFormatSpec::read(&written)?),
        }
    }
    if let Some(transformation) = &copy.query {
        if copy.options.validation.is_some() {
            return Err(Error::validation_of_query());
        }
        if copy.options.match_by.is_some() {
            return Err(Error::match_by_name_of_query());
        }
        functions::check(&transformation.query)?;
    }
    Ok(Box::new(copy))
}

/// A location, or a query over one.
fn source(cursor: &mut Cursor<'_>) -> Result<(String, Option<Transformation>)> {
    if let Some(location) = cursor.take_stage_location() {
        return Ok((location, None));
    }
    if !cursor.take(&Token::LParen) {
        return match cursor.peek().map(|token| &token.token) {
            Some(Token::SingleQuotedString(url)) => Err(Error::unsupported(format!(
                "COPY from the location '{url}'"
            ))),
            _ => Err(cursor.unexpected()),
        };
    }
    let mark = cursor.mark();
    let query = cursor.query()?;
    let tokens = &cursor.statement().tokens()[mark..cursor.mark()];
    cursor.expect(&Token::RParen)?;
    let mut transformation = None;
    let mut wants_metadata = false;
    for token in tokens {
        let Token::Word(word) = &token.token else {
            continue;
        };
        match stage_location(&word.value) {
            Some(location) => {
                transformation = Some((location.to_owned(), Place::of(token.span).into()));
            }
            None => wants_metadata |= word.value.to_uppercase().starts_with("METADATA$"),
        }
    }
    let (location, place) =
        transformation.ok_or_else(|| Error::unsupported("COPY from a query without a stage"))?;
    let transformation = Transformation {
        query,
        place,
        width: super::highest_field(tokens)?,
        wants_metadata,
    };
    Ok((location, Some(transformation)))
}

/// The stage of a table: where COPY looks that names none.
fn table_stage(table: &ObjectName) -> String {
    let (name, above) = match table.parts.split_last() {
        Some((name, above)) => (quote(name), above),
        None => (String::new(), &[][..]),
    };
    let above: String = above
        .iter()
        .map(|part| format!("{}.", quote(part)))
        .collect();
    format!("@{above}%{name}")
}

fn files(name: &str, written: &OptionText) -> Result<Vec<String>> {
    let value = written.value(name)?;
    let files = match value {
        crate::files::Written::List(files) => files.clone(),
        _ => return Err(value.invalid(name)),
    };
    if files.len() > MOST_FILES {
        return Err(Error::unsupported(format!(
            "more than {MOST_FILES} names in FILES"
        )));
    }
    Ok(files)
}

pub(super) fn pattern(text: &str) -> Result<Regex> {
    Regex::new(&format!("^(?:{text})$"))
        .map_err(|_| Error::invalid_regular_expression(text, "no pattern"))
}

impl Statement for CopyIntoTable<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::Copy
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let located = context.location(&self.location, "COPY")?;
        let format = self.format(context, &located)?;
        let chosen = self.choose(context, &located)?;
        let shape = self.shape(context, &located, &format, &chosen.files)?;
        match self.options.validation {
            Some(validation) => self.validate(context, &located, &shape, &chosen, validation),
            None => self.load(context, &located, shape, chosen),
        }
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        context.location(&self.location, "COPY")?;
        ResultSet::describe(outcome_columns())
    }
}

/// The files of a statement.
#[derive(Default)]
struct Chosen {
    files: Vec<Candidate>,
    /// What the answer says of files that are not loaded.
    left: Vec<Outcome>,
    /// Names of FILES that the stage does not have.
    missing: Vec<String>,
}

impl CopyIntoTable<'_> {
    /// The statement's own format, or the stage's.
    fn format(&self, context: &Context<'_>, located: &Location) -> Result<FileFormat> {
        let lookup = context.lookup();
        let format = match &self.format {
            Some(written) => objects::file_format(&lookup, &written.resolve(&lookup)?)?,
            None => located.format(&lookup)?,
        };
        if !matches!(
            format.file_type,
            FileType::Csv | FileType::Json | FileType::Parquet
        ) {
            let name = format.file_type.name();
            return Err(Error::unsupported(format!("COPY of files of type {name}")));
        }
        let is_csv = format.file_type == FileType::Csv;
        if self.options.match_by.is_some() && is_csv && !format.boolean("PARSE_HEADER") {
            return Err(Error::match_by_name_without_header());
        }
        Ok(format)
    }

    fn target(&self, context: &Context<'_>) -> Result<(Arc<Object>, Table)> {
        let missing = || Error::object_does_not_exist("Table", &self.table);
        let lookup = context.lookup();
        let object = lookup
            .find(ObjectKind::Table, &self.table.parts, "COPY")?
            .ok_or_else(missing)?;
        match &object.detail {
            Detail::Table(table) => Ok((Arc::clone(object), table.clone())),
            _ => Err(missing()),
        }
    }

    /// Which files are loaded: those of FILES, or those below the path that fit PATTERN; not those that were loaded before.
    fn choose(&self, context: &mut Context<'_>, located: &Location) -> Result<Chosen> {
        let (object, _) = self.target(context)?;
        let mut chosen = Chosen::default();
        let loaded = if self.options.force || self.options.validation.is_some() {
            history::Loaded::default()
        } else {
            history::loaded(context, object.id, &located.key)?
        };
        let candidate = |file: Arc<StagedFile>| Candidate {
            name: located.name_of(&file),
            metadata_name: located.metadata_name(&file),
            file,
        };
        let Some(names) = &self.files else {
            for file in located.files(None) {
                let whole = format!("{}/{}", located.key, file.path);
                let fits = self
                    .pattern
                    .as_ref()
                    .is_none_or(|pattern| pattern.is_match(&whole));
                if fits && !loaded.has(&file) {
                    chosen.files.push(candidate(file));
                }
            }
            return Ok(chosen);
        };
        for name in names {
            // a name goes on where the path stops
            let path = crate::stage::checked_path(&format!("{}{name}", located.path))?;
            match located.area().get(&path) {
                None => {
                    let slash = if located.path.is_empty() && !self.location.ends_with('/') {
                        "/"
                    } else {
                        ""
                    };
                    let shown = format!("{}{slash}{name}", self.location);
                    if self.options.validation.is_none() && self.options.on_error == OnError::Abort
                    {
                        return Err(Error::remote_file_not_found(shown));
                    }
                    chosen.missing.push(shown);
                }
                Some(file) if loaded.has(&file) => chosen.left.push(Outcome {
                    name: located.name_of(&file),
                    status: "LOAD_SKIPPED",
                    errors_seen: 1,
                    ..Outcome::default()
                }),
                Some(file) => chosen.files.push(candidate(file)),
            }
        }
        Ok(chosen)
    }

    /// How records become rows. A header decides it where columns are matched by name.
    fn shape(
        &self,
        context: &Context<'_>,
        located: &Location,
        format: &FileFormat,
        files: &[Candidate],
    ) -> Result<Shape> {
        let (object, table) = self.target(context)?;
        let is_csv = format.file_type == FileType::Csv;
        let targets: Vec<String> = match &self.columns[..] {
            [] => table
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
            columns => columns.to_vec(),
        };
        let staged = match (&self.query, is_csv) {
            (_, false) => StagedShape::Document,
            (Some(query), true) => StagedShape::Fields(query.width),
            (None, true) => match self.header(located, format, files)? {
                Some(names) => StagedShape::Fields(names.len().max(1)),
                None => StagedShape::Fields(targets.len()),
            },
        };
        if !is_csv && self.query.is_none() && self.options.match_by.is_none() && targets.len() != 1
        {
            return Err(Error::one_variant_column(format.file_type.name()));
        }
        let table_name = format!("\"{}\"", object.name);
        let column = |(index, name): (usize, &String)| {
            (
                format!("{table_name}[\"{name}\":{}]", index + 1),
                Some(index),
            )
        };
        let columns = match &self.query {
            None => targets.iter().enumerate().map(column).collect(),
            Some(_) => targets
                .iter()
                .enumerate()
                .map(|pair| (column(pair).0, None))
                .collect(),
        };
        Ok(Shape {
            staged,
            strict: self.query.is_none()
                && self.columns.is_empty()
                && self.options.match_by.is_none()
                && format.boolean("ERROR_ON_COLUMN_COUNT_MISMATCH"),
            format: format.clone(),
            wants_metadata: !self.options.include_metadata.is_empty()
                || self
                    .query
                    .as_ref()
                    .is_some_and(|query| query.wants_metadata),
            columns,
            table: table_name,
            now: context.facts().now,
            engine: load::EngineReader::of(context, format)?,
        })
    }

    /// The names in the header of the first file, where columns are matched by them.
    fn header(
        &self,
        located: &Location,
        format: &FileFormat,
        files: &[Candidate],
    ) -> Result<Option<Vec<String>>> {
        if self.options.match_by.is_none() {
            return Ok(None);
        }
        let Some(first) = files.first() else {
            return Ok(Some(vec![]));
        };
        let missing = || Error::remote_file_not_found(&first.file.path);
        let (_, content) = located.area().read(&first.file.path)?.ok_or_else(missing)?;
        let width = Width {
            columns: usize::MAX,
            strict: false,
        };
        let header = RecordReader::open(content, format, width)?.header()?;
        let header = header.map_err(|fault| fault.kind.error("$1"))?;
        Ok(Some(header.unwrap_or_default()))
    }

    /// Where the values of the columns are.
    fn load_source(
        &self,
        table: &Table,
        shape: &Shape,
        header: Option<&[String]>,
    ) -> LoadSource<'_> {
        if let Some(transformation) = &self.query {
            return LoadSource::Query(&transformation.query);
        }
        let Some(by) = self.options.match_by else {
            return LoadSource::InOrder;
        };
        let Some(header) = header.filter(|_| shape.format.file_type == FileType::Csv) else {
            return LoadSource::Members {
                ignoring_case: by == MatchBy::IgnoringCase,
            };
        };
        let is_called = |name: &str, column: &str| match by {
            MatchBy::Exactly => name == column,
            MatchBy::IgnoringCase => name.eq_ignore_ascii_case(column),
        };
        let field = |column: &crate::catalog::Column| {
            header.iter().position(|name| is_called(name, &column.name))
        };
        LoadSource::Matched(table.columns.iter().map(field).collect())
    }

    /// What the engine is asked for, over files that stand at `place`.
    fn bind(
        &self,
        context: &Context<'_>,
        shape: &Shape,
        header: Option<&[String]>,
        place: StagedPlace,
    ) -> Result<(ObjectId, crate::tree::Insert, Facts, usize)> {
        let (object, table) = self.target(context)?;
        let facts = facts(context, &shape.format);
        let lookup = context.lookup();
        let files = StagedFiles {
            place,
            shape: shape.staged,
        };
        let mut binder_context = context.binder(&lookup, &facts, self.text, "COPY");
        if let Some(transformation) = &self.query {
            binder_context = binder_context.with_staged(transformation.place, files.clone());
        }
        let target = InsertTarget {
            object: &object,
            columns: self.columns.clone(),
            overwrite: false,
        };
        let load = Load {
            files: &files,
            source: self.load_source(&table, shape, header),
            truncate: self.options.truncate_columns,
            metadata: &self.options.include_metadata,
        };
        let count = match self.columns.len() {
            0 => table.columns.len(),
            count => count,
        };
        let insert = bind::load(&binder_context, &target, &load)?;
        Ok((object.id, insert, facts, count))
    }

    fn checker(
        &self,
        context: &Context<'_>,
        shape: &Shape,
        header: Option<&[String]>,
    ) -> Result<Option<Checker>> {
        let physical_name = format!("load_{}", context.query_id);
        let place = StagedPlace::Stored(physical_name.clone());
        let (_, insert, facts, count) = self.bind(context, shape, header, place)?;
        let (_, table) = self.target(context)?;
        let nullable = insert.targets.iter().take(count);
        let nullable = nullable
            .map(|target| table.columns[*target].nullable)
            .collect();
        let connection = context.instance.engine.connect()?;
        Ok(Checker::new(
            connection,
            physical_name,
            facts,
            &insert,
            nullable,
        ))
    }

    fn load(
        &self,
        context: &mut Context<'_>,
        located: &Location,
        shape: Shape,
        chosen: Chosen,
    ) -> Result<ResultSet> {
        let header = self.header(located, &shape.format, &chosen.files)?;
        let header = header.as_deref();
        let place = StagedPlace::Fed;
        // refused before a byte is read
        self.bind(context, &shape, header, place.clone())?;
        let files = load::within_limit(chosen.files, &self.options);
        let mut outcomes = chosen.left;
        outcomes.extend(chosen.missing.iter().map(|name| Outcome {
            name: name.clone(),
            status: "LOAD_FAILED",
            errors_seen: 1,
            ..Outcome::default()
        }));
        if files.is_empty() {
            return self.answer(outcomes);
        }
        let mut checker = self.checker(context, &shape, header)?;
        let aborts = self.options.on_error == OnError::Abort;
        let mut loading = Loading {
            area: Arc::clone(located.area()),
            shape,
            files: vec![],
            left_out: vec![],
            aborts,
            checker: RefCell::new(None),
            counts: RefCell::default(),
            closing: None,
        };
        let mut loaded: Vec<Outcome> = vec![];
        for candidate in files {
            let mut outcome = Outcome {
                name: candidate.name.clone(),
                status: "LOADED",
                error_limit: Some(1),
                ..Outcome::default()
            };
            if !aborts {
                let (parsed, left_out, failures) = load::check(
                    located.area(),
                    &loading.shape,
                    &candidate,
                    &mut checker,
                    Reasons::First,
                )?;
                let failed = left_out.len() as u64;
                let (goes, limit) = load::decide(self.options.on_error, parsed, failed);
                outcome.rows_parsed = parsed;
                outcome.error_limit = Some(limit);
                outcome.errors_seen = failed;
                outcome.first = failures.into_iter().next();
                let all_failed = failed > 0 && failed == parsed;
                outcome.status = match (goes, failed) {
                    (true, 0) => "LOADED",
                    (true, _) if !all_failed => "PARTIALLY_LOADED",
                    _ => "LOAD_FAILED",
                };
                if !goes || all_failed {
                    outcomes.push(outcome);
                    continue;
                }
                loading.left_out.push(left_out);
            } else {
                loading.left_out.push(BTreeSet::new());
            }
            loading.files.push(candidate);
            loaded.push(outcome);
            context.cancellation.check()?;
        }
        if !loading.files.is_empty() {
            let (object, _) = self.target(context)?;
            loading.closing = Some(history::record(
                object.id,
                &located.key,
                &loading.files,
                &loaded,
                loading.shape.now,
            ));
            loading.checker = RefCell::new(checker);
            let loading = Rc::new(loading);
            write::write(context, &|context| {
                let (id, insert, facts, _) =
                    self.bind(context, &loading.shape, header, place.clone())?;
                let write = Write::new(
                    id,
                    self.table.last(),
                    &insert.table.physical_name,
                    Mode::Shared,
                    insert.source.tables(),
                    lower::insert(&insert, &facts)?,
                );
                Ok(write.fed(Rc::clone(&loading) as Rc<dyn write::Feed>))
            })?;
            let counts = loading.counts.borrow();
            for (outcome, (parsed, written)) in loaded.iter_mut().zip(counts.iter()) {
                outcome.rows_parsed = *parsed;
                outcome.rows_loaded = *written;
            }
            if self.options.purge {
                for candidate in &loading.files {
                    located
                        .area()
                        .remove(std::slice::from_ref(&candidate.file.path))?;
                }
            }
        }
        outcomes.extend(loaded);
        self.answer(outcomes)
    }

    /// VALIDATION_MODE: nothing is loaded.
    fn validate(
        &self,
        context: &mut Context<'_>,
        located: &Location,
        shape: &Shape,
        chosen: &Chosen,
        validation: Validation,
    ) -> Result<ResultSet> {
        let header = self.header(located, &shape.format, &chosen.files)?;
        let mut checker = self.checker(context, shape, header.as_deref())?;
        let mut failures: Vec<Failed> = vec![];
        for candidate in &chosen.files {
            let reasons = match validation {
                Validation::Rows(_) => Reasons::First,
                Validation::Errors => Reasons::All,
            };
            let (_, _, found) =
                load::check(located.area(), shape, candidate, &mut checker, reasons)?;
            failures.extend(found);
            context.cancellation.check()?;
        }
        match validation {
            Validation::Rows(_) => match failures.first() {
                Some(failure) => Err(failure.abort()),
                None => Err(Error::unsupported(
                    "VALIDATION_MODE = RETURN_n_ROWS of sound files",
                )),
            },
            Validation::Errors => super::validation::answer(&failures, &chosen.missing),
        }
    }

    fn answer(&self, mut outcomes: Vec<Outcome>) -> Result<ResultSet> {
        if outcomes.is_empty() {
            return ResultSet::status("Copy executed with 0 files processed.");
        }
        if self.options.return_failed_only {
            outcomes.retain(|outcome| outcome.status != "LOADED");
        }
        if let Some(order) = &self.files {
            let place = |outcome: &Outcome| {
                order
                    .iter()
                    .position(|name| outcome.name.ends_with(name.as_str()))
            };
            outcomes.sort_by_key(|outcome| place(outcome).unwrap_or(usize::MAX));
        } else {
            outcomes.sort_by(|a, b| a.name.cmp(&b.name));
        }
        let number = |value: u64| Some(value.to_string());
        let row = |outcome: Outcome| {
            let first = outcome.first.as_ref();
            let skipped = outcome.status == "LOAD_SKIPPED";
            let text = match first {
                Some(failed) => Some(failed.error.message().to_owned()),
                None => skipped.then(|| "File was loaded before.".to_owned()),
            };
            vec![
                Some(outcome.name.clone()),
                Some(outcome.status.to_owned()),
                number(outcome.rows_parsed),
                number(outcome.rows_loaded),
                outcome.error_limit.map(|limit| limit.to_string()),
                number(outcome.errors_seen),
                text,
                first.map(|failed| failed.line.to_string()),
                first.map(|failed| failed.character.to_string()),
                first.map(|failed| failed.column.clone()),
            ]
        };
        ResultSet::from_text_rows(outcome_columns(), outcomes.into_iter().map(row).collect())
    }
}

/// Source: Snowflake, "COPY INTO <table>", "Output".
fn outcome_columns() -> Vec<Column> {
    let number = LogicalType::Number {
        precision: 19,
        scale: 0,
    };
    let text = |name: &str| Column::new(name, LogicalType::TEXT);
    let count = |name: &str| Column::new(name, number.clone());
    vec![
        text("file"),
        text("status"),
        count("rows_parsed"),
        count("rows_loaded"),
        count("error_limit"),
        count("errors_seen"),
        text("first_error"),
        count("first_error_line"),
        count("first_error_character"),
        text("first_error_column_name"),
    ]
}

/// The session's facts with the formats of the files over them.
pub(super) fn facts(context: &Context<'_>, format: &FileFormat) -> Facts {
    let mut facts = context.facts();
    if let Some(pattern) = format.pattern("DATE_FORMAT") {
        facts.date_input_format = pattern.into();
    }
    if let Some(pattern) = format.pattern("TIME_FORMAT") {
        facts.time_input_format = pattern.into();
    }
    if let Some(pattern) = format.pattern("TIMESTAMP_FORMAT") {
        facts.timestamp_input_format = pattern.into();
    }
    facts.binary_input_format = match format.text("BINARY_FORMAT").as_deref() {
        Some("BASE64") => BinaryFormat::Base64,
        Some("UTF8") => BinaryFormat::Utf8,
        _ => BinaryFormat::Hex,
    };
    facts
}
