//! COPY INTO a location: the rows of a table or a query as files of a stage.
//!
//! Source: Snowflake, "COPY INTO <location>"; names of files, counters and the refusal of names that are taken as recorded
//! from a live account (frostlake's `StagePathPrefixTest`). Which types are enclosed, and that a file counts as full by
//! its bytes before compression, are assumptions.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use sqlparser::tokenizer::Token;

use crate::error::{Error, Result};
use crate::files::{
    COMPRESSIONS, Compression, Compressor, Dialect, FileFormat, FileType, RecordDelimiter,
};
use crate::functions::Facts;
use crate::lower;
use crate::objects::{self, OptionText, StageFormatSpec};
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, ObjectName, Source, StatementText, ast, quote};
use crate::stage::{Area, Upload};
use crate::statement::location::Location;
use crate::statement::{Context, Parsed, Statement, StatementKind, select};
use crate::tree::{OutputColumn, Query};
use crate::types::LogicalType;

/// MAX_FILE_SIZE where nothing is said: 16 MB.
const FILE_BYTES: u64 = 16 << 20;

struct CopyIntoLocation<'a> {
    text: StatementText<'a>,
    location: String,
    source: Rows,
    partition_by: Option<Box<ast::Expr>>,
    format: Option<StageFormatSpec>,
    options: Options,
}

enum Rows {
    Table(ObjectName),
    Query(Box<ast::Query>),
}

struct Options {
    overwrite: bool,
    single: bool,
    max_file_size: u64,
    include_query_id: bool,
    detailed_output: bool,
    header: bool,
}

/// `COPY INTO @stage/path FROM { table | (query) } [PARTITION BY (expression)] options`
pub(super) fn parse<'a>(
    text: StatementText<'a>,
    cursor: &mut Cursor<'a>,
    location: String,
) -> Parsed<'a> {
    cursor.expect_word("FROM")?;
    let source = if cursor.take(&Token::LParen) {
        let query = cursor.query()?;
        cursor.expect(&Token::RParen)?;
        Rows::Query(query)
    } else {
        Rows::Table(cursor.object_name()?)
    };
    let partition_by = if cursor.take_words("PARTITION BY") {
        Some(Box::new(cursor.expression()?))
    } else {
        None
    };
    let mut copy = CopyIntoLocation {
        text,
        location,
        source,
        partition_by,
        format: None,
        options: Options {
            overwrite: false,
            single: false,
            max_file_size: FILE_BYTES,
            include_query_id: false,
            detailed_output: false,
            header: false,
        },
    };
    for (name, written) in objects::parse_options(cursor)? {
        copy.set(&name, &written)?;
    }
    cursor.end()?;
    let options = &copy.options;
    if copy.partition_by.is_some() && (options.single || options.overwrite) {
        return Err(Error::unsupported("PARTITION BY with SINGLE or OVERWRITE"));
    }
    Ok(Box::new(copy))
}

impl Statement for CopyIntoLocation<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::Unload
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let location = context.location(&self.location, "COPY")?;
        let format = match &self.format {
            Some(written) => {
                let lookup = context.lookup();
                objects::file_format(&lookup, &written.resolve(&lookup)?)?
            }
            None => location.format(&context.lookup())?,
        };
        if !matches!(format.file_type, FileType::Csv | FileType::Json) {
            let name = format.file_type.name();
            return Err(Error::unsupported(format!(
                "unloading files of type {name}"
            )));
        }
        let (query, has_partition, facts) = self.bind(context, &format)?;
        let mut unload = Unload::new(self, context, &location, format, &query, has_partition)?;
        let lowered = lower::query(&query, &facts)?;
        select::reading(context, &query.tables(), |context| {
            for batch in context.connection.query(&lowered.sql)? {
                unload.write(&batch?)?;
            }
            Ok(())
        })?;
        let files = unload.finish()?;
        self.answer(&files)
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        context.location(&self.location, "COPY")?;
        ResultSet::describe(self.columns())
    }
}

impl CopyIntoLocation<'_> {
    fn set(&mut self, name: &str, written: &OptionText) -> Result<()> {
        match name {
            "FILE_FORMAT" => self.format = Some(StageFormatSpec::read(written)?),
            "OVERWRITE" => self.options.overwrite = written.boolean(name)?,
            "SINGLE" => self.options.single = written.boolean(name)?,
            "INCLUDE_QUERY_ID" => self.options.include_query_id = written.boolean(name)?,
            "DETAILED_OUTPUT" => self.options.detailed_output = written.boolean(name)?,
            "HEADER" => self.options.header = written.boolean(name)?,
            "MAX_FILE_SIZE" => {
                let size = written
                    .text(name)?
                    .parse::<u64>()
                    .ok()
                    .filter(|size| *size > 0);
                let invalid = || -> Result<Error> { Ok(written.value(name)?.invalid(name)) };
                self.options.max_file_size = match size {
                    Some(size) => size,
                    None => return Err(invalid()?),
                };
            }
            "VALIDATION_MODE" => return Err(Error::unsupported("VALIDATION_MODE of unloading")),
            _ => return Err(Error::invalid_parameter(name)),
        }
        Ok(())
    }

    /// The rows with every cell as text; the value of PARTITION BY is the last column.
    fn bind(&self, context: &Context<'_>, format: &FileFormat) -> Result<(Query, bool, Facts)> {
        let facts = facts(context, format);
        let lookup = context.lookup();
        let table_text;
        let (text, query) = match &self.source {
            Rows::Query(query) => (self.text, query.clone()),
            Rows::Table(name) => {
                let parts: Vec<_> = name.parts.iter().map(|part| quote_always(part)).collect();
                table_text = format!("SELECT * FROM {}", parts.join("."));
                let source = Source::tokenize(&table_text)?;
                let query = match source.statements()[..] {
                    [statement] => statement.parse_query()?,
                    _ => return Err(Error::internal("a name that is several statements")),
                };
                (self.text, query)
            }
        };
        let binder = context.binder(&lookup, &facts, text, "COPY");
        let (bound, has_partition) = match &self.partition_by {
            None => (binder.query(&query)?, false),
            Some(partition) => (binder.query(&*with_partition(query, partition)?)?, true),
        };
        if format.file_type == FileType::Json {
            let values = bound.columns.len() - usize::from(has_partition);
            let is_document = bound.columns.first().is_some_and(|column| {
                matches!(
                    column.ty,
                    LogicalType::Variant | LogicalType::Object | LogicalType::Array
                )
            });
            if values != 1 || !is_document {
                return Err(Error::unload_needs_one_variant());
            }
        }
        let texts = vec![LogicalType::TEXT; bound.columns.len()];
        let originals = bound.columns.clone();
        let mut text = binder.converted(bound, &texts);
        // the types before, which decide what is enclosed
        for (column, original) in text.columns.iter_mut().zip(originals) {
            column.ty = original.ty;
        }
        Ok((text, has_partition, facts))
    }

    fn columns(&self) -> Vec<Column> {
        let number = LogicalType::Number {
            precision: 19,
            scale: 0,
        };
        let count = |name: &str| Column::new(name, number.clone());
        if self.options.detailed_output {
            let name = Column::new("FILE_NAME", LogicalType::TEXT);
            return vec![name, count("FILE_SIZE"), count("ROW_COUNT")];
        }
        vec![
            count("rows_unloaded"),
            count("input_bytes"),
            count("output_bytes"),
        ]
    }

    fn answer(&self, files: &[Written]) -> Result<ResultSet> {
        let cell = |value: u64| Some(value.to_string());
        let rows = if self.options.detailed_output {
            let row =
                |file: &Written| vec![Some(file.path.clone()), cell(file.bytes), cell(file.rows)];
            files.iter().map(row).collect()
        } else {
            let sum = |value: fn(&Written) -> u64| cell(files.iter().map(value).sum());
            vec![vec![
                sum(|file| file.rows),
                sum(|file| file.raw_bytes),
                sum(|file| file.bytes),
            ]]
        };
        ResultSet::from_text_rows(self.columns(), rows)
    }
}

/// A query with the value of PARTITION BY as its last column.
fn with_partition(mut query: Box<ast::Query>, partition: &ast::Expr) -> Result<Box<ast::Query>> {
    let ast::SetExpr::Select(select) = &mut *query.body else {
        return Err(Error::unsupported(
            "PARTITION BY of a query that is no SELECT",
        ));
    };
    select
        .projection
        .push(ast::SelectItem::UnnamedExpr(partition.clone()));
    Ok(query)
}

/// A name in quotes, whatever it is.
fn quote_always(name: &str) -> String {
    let quoted = quote(name);
    if quoted.starts_with('"') {
        quoted
    } else {
        format!("\"{name}\"")
    }
}

/// The session's facts with the formats of the files over them.
fn facts(context: &Context<'_>, format: &FileFormat) -> Facts {
    let mut facts = super::table::facts(context, format);
    facts.binary_output_format = facts.binary_input_format;
    if let Some(pattern) = format.pattern("DATE_FORMAT") {
        facts.date_output_format = pattern.into();
    }
    if let Some(pattern) = format.pattern("TIME_FORMAT") {
        facts.time_output_format = pattern.into();
    }
    if let Some(pattern) = format.pattern("TIMESTAMP_FORMAT") {
        facts.timestamp_ntz_output_format = pattern.as_str().into();
        facts.timestamp_ltz_output_format = pattern.as_str().into();
        facts.timestamp_tz_output_format = pattern.into();
    }
    facts
}

/// A file that has been written.
struct Written {
    path: String,
    rows: u64,
    raw_bytes: u64,
    bytes: u64,
}

/// Writes rows into files.
struct Unload {
    area: Arc<Area>,
    /// What the paths begin with, up to the number.
    base: String,
    extension: String,
    query_id: Option<String>,
    options: Settings,
    has_partition: bool,
    writer: RecordWriter,
    /// The files that are being written, by partition.
    open: BTreeMap<Option<String>, OpenFile>,
    complete: Vec<(Upload, Written)>,
}

struct Settings {
    single: bool,
    overwrite: bool,
    max_file_size: u64,
    compression: Compression,
}

struct OpenFile {
    number: u64,
    compressor: Compressor<Upload>,
    rows: u64,
    raw_bytes: u64,
    path: String,
}

impl Unload {
    fn new(
        statement: &CopyIntoLocation<'_>,
        context: &Context<'_>,
        location: &Location,
        format: FileFormat,
        query: &Query,
        has_partition: bool,
    ) -> Result<Self> {
        let options = &statement.options;
        let compression = match format.compression() {
            Compression::Auto => Compression::Gzip,
            given => given,
        };
        let ends = COMPRESSIONS
            .iter()
            .find(|(_, known, _)| *known == compression);
        let ends = ends.map_or("", |(_, _, ending)| *ending);
        let extension = match format.text("FILE_EXTENSION") {
            Some(extension) => format!(".{}", extension.trim_start_matches('.')),
            None => format!(".{}{ends}", format.file_type.name().to_lowercase()),
        };
        let base = match location.path.as_str() {
            path if path.is_empty() || path.ends_with('/') => format!("{path}data"),
            path => path.to_owned(),
        };
        let taken = || Error::unload_destination_taken(statement.location.trim_end_matches('/'));
        let area = Arc::clone(location.area());
        let is_taken = if options.single {
            area.get(&base).is_some()
        } else {
            !area.list(&base).is_empty()
        };
        if is_taken && !options.overwrite && !has_partition {
            return Err(taken());
        }
        let count = query.columns.len() - usize::from(has_partition);
        Ok(Unload {
            area,
            base,
            extension,
            query_id: (options.include_query_id || has_partition)
                .then(|| context.query_id.to_string()),
            options: Settings {
                single: options.single,
                overwrite: options.overwrite,
                max_file_size: options.max_file_size,
                compression,
            },
            has_partition,
            writer: RecordWriter::new(&format, &query.columns[..count], options.header),
            open: BTreeMap::new(),
            complete: vec![],
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let width = batch.num_columns() - usize::from(self.has_partition);
        let mut record = Vec::new();
        for row in 0..batch.num_rows() {
            let partition = self.has_partition.then(|| {
                let column = batch.column(width).as_string::<i32>();
                match column.is_valid(row) {
                    true => column.value(row).to_owned(),
                    false => "_NULL_".to_owned(),
                }
            });
            record.clear();
            let cells = (0..width).map(|index| {
                let column = batch.column(index).as_string::<i32>();
                column.is_valid(row).then(|| column.value(row))
            });
            self.writer.record(cells, &mut record);
            self.put(partition, &record)?;
        }
        Ok(())
    }

    fn put(&mut self, partition: Option<String>, record: &[u8]) -> Result<()> {
        let is_full = |file: &OpenFile| {
            !self.options.single
                && file.rows > 0
                && file.raw_bytes + record.len() as u64 > self.options.max_file_size
        };
        let mut number = 0;
        if let Some(file) = self.open.get(&partition).filter(|file| is_full(file)) {
            number = file.number + 1;
            if let Some(file) = self.open.remove(&partition) {
                self.complete.push(file.close()?);
            }
        }
        let file = match self.open.entry(partition) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let folder = entry.key().as_deref();
                let path = path_of(
                    &self.base,
                    folder,
                    self.query_id.as_deref(),
                    (!self.options.single).then_some(number),
                    &self.extension,
                );
                let upload = self.area.upload(&path)?;
                let compressor = Compressor::new(upload, self.options.compression);
                let mut file = OpenFile {
                    number,
                    compressor: compressor.map_err(Error::internal)?,
                    rows: 0,
                    raw_bytes: 0,
                    path,
                };
                if let Some(header) = self.writer.header() {
                    file.append(&header)?;
                }
                entry.insert(file)
            }
        };
        file.append(record)?;
        file.rows += 1;
        Ok(())
    }

    /// Puts the files into the stage, all of them.
    fn finish(mut self) -> Result<Vec<Written>> {
        for file in std::mem::take(&mut self.open).into_values() {
            self.complete.push(file.close()?);
        }
        let mut written = Vec::with_capacity(self.complete.len());
        for (upload, file) in self.complete {
            let put = self.area.finish(upload, None, self.options.overwrite)?;
            if put.is_none() {
                return Err(Error::unload_destination_taken(&file.path));
            }
            written.push(file);
        }
        Ok(written)
    }
}

impl OpenFile {
    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.raw_bytes += bytes.len() as u64;
        self.compressor.write_all(bytes).map_err(Error::internal)
    }

    fn close(self) -> Result<(Upload, Written)> {
        let upload = self.compressor.finish().map_err(Error::internal)?;
        let written = Written {
            path: self.path,
            rows: self.rows,
            raw_bytes: self.raw_bytes,
            bytes: upload.size(),
        };
        Ok((upload, written))
    }
}

/// `base_0_0_3.csv.gz`; without a number the base alone.
fn path_of(
    base: &str,
    folder: Option<&str>,
    query_id: Option<&str>,
    number: Option<u64>,
    extension: &str,
) -> String {
    let mut path = match folder {
        Some(folder) => {
            let above = base.rsplit_once('/').map_or("", |(above, _)| above);
            let name = base.rsplit('/').next().unwrap_or(base);
            let above = if above.is_empty() {
                String::new()
            } else {
                format!("{above}/")
            };
            format!("{above}{}/{name}", folder.trim_matches('/'))
        }
        None => base.to_owned(),
    };
    if let Some(number) = number {
        if let Some(query_id) = query_id {
            path.push_str(&format!("_{query_id}"));
        }
        path.push_str(&format!("_0_0_{number}{extension}"));
    }
    path
}

/// Writes records of text.
struct RecordWriter {
    dialect: Dialect,
    is_json: bool,
    record_delimiter: Vec<u8>,
    null: String,
    /// Whether the column is enclosed.
    enclosed: Vec<bool>,
    header: Option<Vec<String>>,
}

impl RecordWriter {
    fn new(format: &FileFormat, columns: &[OutputColumn], header: bool) -> Self {
        let dialect = format.dialect();
        let is_json = format.file_type == FileType::Json;
        let record_delimiter = match (&dialect.record_delimiter, is_json) {
            (RecordDelimiter::Text(text), false) => text.clone(),
            (RecordDelimiter::None, false) => vec![],
            _ => vec![b'\n'],
        };
        let names = columns.iter().map(|column| column.name.clone());
        RecordWriter {
            is_json,
            record_delimiter,
            null: dialect.null_if.first().cloned().unwrap_or_default(),
            enclosed: columns
                .iter()
                .map(|column| is_enclosed(&column.ty))
                .collect(),
            header: (header && !is_json).then(|| names.collect()),
            dialect,
        }
    }

    fn header(&self) -> Option<Vec<u8>> {
        let names = self.header.as_ref()?;
        let mut record = Vec::new();
        for (index, name) in names.iter().enumerate() {
            self.delimit(index, &mut record);
            self.cell(name, true, &mut record);
        }
        record.extend_from_slice(&self.record_delimiter);
        Some(record)
    }

    fn record<'c>(&self, cells: impl Iterator<Item = Option<&'c str>>, into: &mut Vec<u8>) {
        for (index, cell) in cells.enumerate() {
            match cell {
                _ if self.is_json => into.extend_from_slice(cell.unwrap_or("null").as_bytes()),
                None => {
                    self.delimit(index, into);
                    into.extend_from_slice(self.null.as_bytes());
                }
                Some(text) => {
                    self.delimit(index, into);
                    let enclosed = self.enclosed.get(index).copied().unwrap_or(false);
                    self.cell(text, enclosed, into);
                }
            }
        }
        into.extend_from_slice(&self.record_delimiter);
    }

    fn delimit(&self, index: usize, into: &mut Vec<u8>) {
        if index > 0
            && let Some(delimiter) = &self.dialect.field_delimiter
        {
            into.extend_from_slice(delimiter);
        }
    }

    fn cell(&self, text: &str, enclosed: bool, into: &mut Vec<u8>) {
        match self.dialect.enclosure.filter(|_| enclosed) {
            Some(quote) => {
                into.push(quote);
                for byte in text.bytes() {
                    if byte == quote {
                        into.push(self.dialect.escape.unwrap_or(quote));
                    } else if Some(byte) == self.dialect.escape {
                        into.push(byte);
                    }
                    into.push(byte);
                }
                into.push(quote);
            }
            None => {
                let Some(escape) = self.dialect.escape_unenclosed else {
                    into.extend_from_slice(text.as_bytes());
                    return;
                };
                let delimiter = self.dialect.field_delimiter.as_ref().map(|text| text[0]);
                let record = self.record_delimiter.first().copied();
                for byte in text.bytes() {
                    if byte == escape || Some(byte) == delimiter || Some(byte) == record {
                        into.push(escape);
                    }
                    into.push(byte);
                }
            }
        }
    }
}

/// FIELD_OPTIONALLY_ENCLOSED_BY encloses strings.
fn is_enclosed(ty: &LogicalType) -> bool {
    !matches!(
        ty,
        LogicalType::Number { .. }
            | LogicalType::Float
            | LogicalType::Boolean
            | LogicalType::Date
            | LogicalType::Time { .. }
            | LogicalType::Timestamp { .. }
    )
}
