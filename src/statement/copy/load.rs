//! COPY INTO a table: which files, which of their records, and what the statement answers.
//!
//! With ON_ERROR = ABORT_STATEMENT the files are read once and written batch by batch; the first failure ends the
//! statement, and only then it is looked for the record. Otherwise each file is checked before it is written (see
//! [`super::check`]): how many of its records fail decides whether it is loaded at all. A thread reads while the engine
//! writes.
//!
//! Source: Snowflake, "COPY INTO <table>"; counters, statuses and texts as recorded from a live account (frostlake's
//! `CopyDataSemanticsTest`, `CopyColumnCountTest`).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Field, Schema};
use parking_lot::Mutex;

use super::check::{BadRecord, Checker, Reasons, is_of_data};
use super::options::{CopyOptions, OnError};
use crate::bind::StagedShape;
use crate::engine::Connection;
use crate::error::{Error, ErrorCode, Result};
use crate::files::{self, Fault, FileFormat, FileType, RecordReader, Row, Rows, Width};
use crate::lower;
use crate::stage::{Area, StagedFile};
use crate::statement::Context;
use crate::statement::write::Feed;

/// Records that are read, and written, at once.
const BATCH_ROWS: usize = 64 << 10;

/// Batches that wait to be written.
const BATCHES_AHEAD: usize = 2;

/// How the records of a load become rows: what is the same for all files.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub staged: StagedShape,
    /// Whether a record with another number of fields is refused.
    pub strict: bool,
    pub format: FileFormat,
    /// Whether the statement reads columns of metadata.
    pub wants_metadata: bool,
    /// `"T"["A":1]` for each column that is loaded, and the field that it comes from, where it comes from one.
    pub columns: Vec<(String, Option<usize>)>,
    /// The table's name in quotes.
    pub table: String,
    /// When the statement began: microseconds since 1970-01-01 UTC.
    pub now: i64,
    /// Of Parquet files, which the engine reads: a connection for that.
    pub engine: Option<EngineReader>,
}

/// The engine as a reader of files: each row as a document.
#[derive(Clone)]
pub(super) struct EngineReader(Arc<Mutex<Connection>>);

impl std::fmt::Debug for EngineReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EngineReader")
    }
}

impl EngineReader {
    /// A reader where files of the format need one.
    pub(super) fn of(context: &Context<'_>, format: &FileFormat) -> Result<Option<Self>> {
        match format.file_type {
            FileType::Parquet => {
                let connection = context.instance.engine.connect()?;
                Ok(Some(EngineReader(Arc::new(Mutex::new(connection)))))
            }
            _ => Ok(None),
        }
    }

    fn read(&self, path: &Path, each: &mut dyn FnMut(Rows) -> Result<bool>) -> Result<()> {
        let path = path
            .to_str()
            .ok_or_else(|| Error::internal("a path that is no text"))?;
        let sql = lower::parquet_documents(path);
        let mut connection = self.0.lock();
        let mut number = 0;
        for batch in connection.query(&sql).map_err(unreadable)? {
            let batch = batch.map_err(unreadable)?;
            let mut rows = Rows::of_columns(1);
            for document in batch.column(0).as_string::<i32>() {
                number += 1;
                let row = Row {
                    number,
                    line: number,
                    offset: 0,
                };
                let text = document.unwrap_or("null");
                rows.push(row, text.as_bytes());
                rows.columns[0].append_value(text);
            }
            if !each(rows)? {
                break;
            }
        }
        Ok(())
    }
}

/// A file that the engine cannot read is not what it is said to be.
fn unreadable(error: Error) -> Error {
    match error.code() {
        ErrorCode::Internal => Error::corrupted_file(),
        _ => error,
    }
}

/// What became of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    /// As the answer names it.
    pub name: String,
    pub status: &'static str,
    pub rows_parsed: u64,
    pub rows_loaded: u64,
    pub error_limit: Option<u64>,
    pub errors_seen: u64,
    pub first: Option<Failed>,
}

/// A record that failed, for answers and error texts.
#[derive(Debug, Clone)]
pub(super) struct Failed {
    pub error: Error,
    /// The path in the stage.
    pub file: String,
    pub line: u64,
    pub character: u64,
    pub offset: u64,
    pub column: String,
    pub row: u64,
    pub row_line: u64,
    pub record: String,
    pub is_parsing: bool,
}

impl Failed {
    /// The error of a statement that ends with it.
    pub fn abort(&self) -> Error {
        const ADVICE: &str = "If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or 'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info loading_data' in a SQL client.";
        let row = if self.line == self.row_line {
            format!("Row {}, column {}", self.row, self.column)
        } else {
            format!(
                "Row {} starts at line {}, column {}",
                self.row, self.row_line, self.column
            )
        };
        let text = format!(
            "{}\n  File '{}', line {}, character {}\n  {row}\n  {ADVICE}",
            self.error.message(),
            self.file,
            self.line,
            self.character
        );
        Error::with_text(self.error.code(), text)
    }
}

/// A file that is to be loaded.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub file: Arc<StagedFile>,
    /// As the answer names it.
    pub name: String,
    /// As METADATA$FILENAME has it.
    pub metadata_name: String,
}

/// A batch of a file's records on their way to the engine.
struct Batch {
    columns: RecordBatch,
    rows: Rows,
}

/// The files of a load as batches, read while the engine writes.
pub(super) struct Loading {
    pub area: Arc<Area>,
    pub shape: Shape,
    pub files: Vec<Candidate>,
    /// Numbers of records that are left out, by file.
    pub left_out: Vec<BTreeSet<i64>>,
    /// Whether the first fault ends the statement.
    pub aborts: bool,
    pub checker: RefCell<Option<Checker>>,
    /// What was read in the last run, by file: records, and those written.
    pub counts: RefCell<Vec<(u64, u64)>>,
    /// SQL that notes the load in the catalog.
    pub closing: Option<String>,
}

impl Feed for Loading {
    fn run(&self, write: &mut dyn FnMut(&RecordBatch) -> Result<()>) -> Result<()> {
        *self.counts.borrow_mut() = vec![(0, 0); self.files.len()];
        for (index, candidate) in self.files.iter().enumerate() {
            let left_out = self
                .left_out
                .get(index)
                .filter(|numbers| !numbers.is_empty());
            read(&self.area, &self.shape, candidate, &mut |batch| {
                if self.aborts
                    && let Some(fault) = batch.rows.faults.first()
                {
                    // what comes before it may fail too, and then comes first
                    self.first_bad(candidate, &batch, fault.row)?;
                    return Err(failed(&self.shape, candidate, fault).abort());
                }
                let columns = match left_out {
                    Some(numbers) => without(&batch, numbers)?,
                    None => batch.columns.clone(),
                };
                let mut counts = self.counts.borrow_mut();
                let count = &mut counts[index];
                let refused = batch.rows.faults.len() as u64 + batch.rows.blank_lines;
                count.0 += batch.rows.rows.len() as u64 + refused;
                count.1 += columns.num_rows() as u64;
                drop(counts);
                if columns.num_rows() == 0 {
                    return Ok(());
                }
                let written = write(&columns);
                match written {
                    Err(error) if is_of_data(&error) => {
                        self.first_bad(candidate, &batch, u64::MAX)?;
                        Err(error)
                    }
                    written => written,
                }
            })?;
        }
        Ok(())
    }

    fn closing(&self) -> Option<String> {
        self.closing.clone()
    }
}

impl Loading {
    /// Fails with the first record of a batch, before the record `limit`, that cannot be loaded; with nothing if all can.
    fn first_bad(&self, candidate: &Candidate, batch: &Batch, limit: u64) -> Result<()> {
        let mut checker = self.checker.borrow_mut();
        let Some(checker) = checker.as_mut() else {
            return Ok(());
        };
        let whole = with_metadata(&self.shape, candidate, batch)?;
        let bad = checker.bad_records(&whole, Reasons::First)?;
        let first = bad.into_iter().next();
        match first.filter(|(row, _)| row.unsigned_abs() < limit) {
            Some((row, record)) => {
                Err(unloadable(&self.shape, candidate, &batch.rows, row, &record).abort())
            }
            None => Ok(()),
        }
    }
}

/// Looks at a file without loading it: what its load would come to, the records that fail, and with [`Reasons::All`]
/// every failure.
pub(super) fn check(
    area: &Arc<Area>,
    shape: &Shape,
    candidate: &Candidate,
    checker: &mut Option<Checker>,
    reasons: Reasons,
) -> Result<(u64, BTreeSet<i64>, Vec<Failed>)> {
    let mut parsed = 0;
    let mut left_out = BTreeSet::new();
    let mut failures: Vec<Failed> = vec![];
    read(area, shape, candidate, &mut |batch| {
        parsed += (batch.rows.rows.len() + batch.rows.faults.len()) as u64 + batch.rows.blank_lines;
        let mut found: BTreeMap<u64, Failed> = BTreeMap::new();
        for fault in &batch.rows.faults {
            left_out.insert(fault.row as i64);
            found.insert(fault.row, failed(shape, candidate, fault));
        }
        if let Some(checker) = checker.as_mut()
            && !batch.rows.rows.is_empty()
        {
            let whole = with_metadata(shape, candidate, &batch)?;
            for (row, record) in checker.bad_records(&whole, reasons)? {
                left_out.insert(row);
                let failure = unloadable(shape, candidate, &batch.rows, row, &record);
                found.insert(row.unsigned_abs(), failure);
            }
        }
        match reasons {
            Reasons::All => failures.extend(found.into_values()),
            Reasons::First if failures.is_empty() => {
                failures.extend(found.into_values().next());
            }
            Reasons::First => {}
        }
        Ok(())
    })?;
    Ok((parsed, left_out, failures))
}

/// The batches of a file, with columns of metadata; its first fault ends it.
pub(super) fn each_batch(
    area: &Arc<Area>,
    shape: &Shape,
    candidate: &Candidate,
    each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    read(area, shape, candidate, &mut |batch| {
        if let Some(fault) = batch.rows.faults.first() {
            return Err(failed(shape, candidate, fault).abort());
        }
        match batch.columns.num_rows() {
            0 => Ok(()),
            _ => each(&batch.columns),
        }
    })
}

/// Whether a file with so many failures is loaded, and the limit that the answer names.
pub(super) fn decide(on_error: OnError, parsed: u64, failures: u64) -> (bool, u64) {
    match on_error {
        OnError::Abort => (failures == 0, 1),
        OnError::Continue => (true, parsed.max(1)),
        OnError::SkipFile(limit) => (failures < limit.max(1), limit),
        OnError::SkipFilePercent(percent) => {
            let limit = (parsed * percent).div_ceil(100).max(1);
            (failures < limit, limit)
        }
    }
}

/// Reads a file on a thread of its own and hands over its batches, in order.
fn read(
    area: &Arc<Area>,
    shape: &Shape,
    candidate: &Candidate,
    each: &mut dyn FnMut(Batch) -> Result<()>,
) -> Result<()> {
    let (sender, receiver) = sync_channel::<Result<Batch>>(BATCHES_AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let sent = batches(area, shape, candidate, &mut |batch| {
                // the other end is gone when the statement has failed
                sender.send(Ok(batch)).is_ok()
            });
            if let Err(error) = sent {
                let _ = sender.send(Err(error));
            }
        });
        take(&receiver, each)
    })
}

fn take(
    receiver: &Receiver<Result<Batch>>,
    each: &mut dyn FnMut(Batch) -> Result<()>,
) -> Result<()> {
    while let Ok(batch) = receiver.recv() {
        each(batch?)?;
    }
    Ok(())
}

fn batches(
    area: &Arc<Area>,
    shape: &Shape,
    candidate: &Candidate,
    send: &mut dyn FnMut(Batch) -> bool,
) -> Result<()> {
    let path = &candidate.file.path;
    let missing = || Error::remote_file_not_found(path);
    let (_, content) = area.read(path)?.ok_or_else(missing)?;
    if let Some(reader) = &shape.engine {
        return reader.read(&area.location(&candidate.file), &mut |mut rows| {
            let columns = columns(shape, candidate, &mut rows)?;
            Ok(send(Batch { columns, rows }))
        });
    }
    let width = Width {
        columns: shape.staged.width(),
        strict: shape.strict,
    };
    let mut reader = RecordReader::open(content, &shape.format, width)?;
    if shape.format.boolean("PARSE_HEADER") {
        // read before, for the columns' names
        let _ = reader.header()?;
    }
    let mut rows = Rows::of_columns(width.columns);
    loop {
        let more = reader.read(BATCH_ROWS, &mut rows)?;
        let mut taken = std::mem::replace(&mut rows, Rows::of_columns(width.columns));
        if !taken.rows.is_empty() || !taken.faults.is_empty() || taken.blank_lines > 0 {
            let columns = columns(shape, candidate, &mut taken)?;
            let batch = Batch {
                columns,
                rows: taken,
            };
            if !send(batch) {
                return Ok(());
            }
        }
        if !more {
            return Ok(());
        }
    }
}

/// The batch as the engine sees it: columns of text, and those of metadata if the statement reads them.
fn columns(shape: &Shape, candidate: &Candidate, rows: &mut Rows) -> Result<RecordBatch> {
    let mut columns = rows.finish_columns();
    if shape.wants_metadata {
        columns.extend(metadata(shape, candidate, &rows.rows));
    }
    batch_of(columns)
}

fn batch_of(columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    let field = |(index, column): (usize, &ArrayRef)| {
        Field::new(format!("c{index}"), column.data_type().clone(), true)
    };
    let fields: Vec<_> = columns.iter().enumerate().map(field).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(Error::internal)
}

/// The same with the columns of metadata.
fn with_metadata(shape: &Shape, candidate: &Candidate, batch: &Batch) -> Result<RecordBatch> {
    if shape.wants_metadata {
        return Ok(batch.columns.clone());
    }
    let mut columns = batch.columns.columns().to_vec();
    columns.extend(metadata(shape, candidate, &batch.rows.rows));
    batch_of(columns)
}

/// The columns of [`crate::bind::METADATA`].
fn metadata(shape: &Shape, candidate: &Candidate, rows: &[Row]) -> Vec<ArrayRef> {
    let count = rows.len();
    let text = |value: &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(std::iter::repeat_n(
            value, count,
        )))
    };
    let time = |value: i64| -> ArrayRef {
        // to the millisecond
        let value = value - value.rem_euclid(1000);
        Arc::new(TimestampMicrosecondArray::from_value(value, count))
    };
    let numbers = rows.iter().map(|row| row.number as i64);
    vec![
        text(&candidate.metadata_name),
        Arc::new(Int64Array::from_iter_values(numbers)),
        text(&candidate.file.md5),
        time(candidate.file.modified_on),
        time(shape.now),
    ]
}

/// A batch without the records of these numbers.
fn without(batch: &Batch, numbers: &BTreeSet<i64>) -> Result<RecordBatch> {
    let kept = batch
        .rows
        .rows
        .iter()
        .map(|row| !numbers.contains(&(row.number as i64)));
    let kept: BooleanArray = kept.map(Some).collect();
    filter_record_batch(&batch.columns, &kept).map_err(Error::internal)
}

/// A record that the reader refused.
fn failed(shape: &Shape, candidate: &Candidate, fault: &Fault) -> Failed {
    let column = shape.column(fault.column);
    Failed {
        error: fault.kind.error(&column),
        file: candidate.file.path.clone(),
        line: fault.line,
        character: fault.character,
        offset: fault.offset,
        column,
        row: fault.row,
        row_line: fault.row_line,
        record: fault.record.clone(),
        is_parsing: true,
    }
}

/// A record that the engine refused.
fn unloadable(
    shape: &Shape,
    candidate: &Candidate,
    rows: &Rows,
    number: i64,
    bad: &BadRecord,
) -> Failed {
    let at = rows
        .rows
        .partition_point(|row| (row.number as i64) < number);
    let row = rows.rows.get(at).copied().unwrap_or(Row {
        number: number.unsigned_abs(),
        line: 1,
        offset: 0,
    });
    let record = rows.record(at.min(rows.rows.len().saturating_sub(1)));
    let (column, field) = match shape.columns.get(bad.column) {
        Some((column, field)) => (column.clone(), *field),
        None => (shape.column(bad.column + 1), None),
    };
    let (lines, character, offset) = match (shape.format.file_type, field) {
        (FileType::Csv, Some(field)) => {
            files::place_of_field(record, &shape.format.dialect(), field)
        }
        _ => (0, 1, 0),
    };
    let error = bad.error.clone();
    Failed {
        error: error.unwrap_or_else(|| Error::internal("a failure whose reason was not asked for")),
        file: candidate.file.path.clone(),
        line: row.line + lines,
        character,
        offset: row.offset + offset,
        column,
        row: row.number,
        row_line: row.line,
        record: String::from_utf8_lossy(record).into_owned(),
        is_parsing: false,
    }
}

impl Shape {
    /// A column by its number in a record, from 1: `"T"["A":1]`, or `"T"[3]` where the table has no such column.
    fn column(&self, number: usize) -> String {
        match self.columns.get(number.wrapping_sub(1)) {
            Some((name, _)) => name.clone(),
            None => format!("{}[{number}]", self.table),
        }
    }
}

/// The files that SIZE_LIMIT lets through: one more as long as those before are not larger than it.
pub(super) fn within_limit(files: Vec<Candidate>, options: &CopyOptions) -> Vec<Candidate> {
    let Some(limit) = options.size_limit else {
        return files;
    };
    let mut bytes = 0;
    files
        .into_iter()
        .take_while(|candidate| {
            let goes_on = bytes <= limit;
            bytes += candidate.file.size;
            goes_on
        })
        .collect()
}
