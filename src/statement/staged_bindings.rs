//! Array binds that a driver has put into a stage, because they are many: CSV files, a line for each row, a column for each
//! variable.
//!
//! Source: `wire-protocol.md` 10, from the drivers' sources.

use std::io;

use arrow::array::{Array, AsArray};

use super::location::Location;
use super::{Binding, BindingValue, Instance};
use crate::error::{Error, Result};
use crate::files::{self, Compression, CsvReader, Dialect, Rows, Width};
use crate::session::Session;
use crate::sql::{Folding, StageLocation};
use crate::stage::StagedFile;

/// Rows that are read at once.
const BATCH: usize = 8 << 10;

/// The bindings in the files of a location. All are text: their types are those of the columns that they are written to.
pub fn staged_bindings(
    instance: &Instance,
    session: &Session,
    written: &str,
) -> Result<Vec<Binding>> {
    let location = StageLocation::parse(written, Folding::Exact)?;
    let lookup = instance.lookup(session);
    let found = Location::find(&instance.stages, &lookup, &session.user, &location, "PUT")?;
    let mut files = found.files(None);
    files.sort_by_key(|file| number(file));
    let mut columns: Vec<Vec<Option<String>>> = Vec::new();
    for file in files {
        let open = || -> Result<_> {
            let read = found.area().read(&file.path)?;
            let (_, bytes) = read.ok_or_else(Error::object_or_operation)?;
            // Whatever the command has said: Node says gzip and sends text.
            files::decompressed(bytes, Compression::Auto).map_err(Error::internal)
        };
        if columns.is_empty() {
            columns = vec![Vec::new(); width(open()?).map_err(Error::internal)?];
        }
        read(open()?, &mut columns)?;
    }
    let bindings = columns
        .into_iter()
        .enumerate()
        .map(|(index, values)| Binding {
            name: (index + 1).to_string(),
            type_name: "TEXT".to_owned(),
            value: BindingValue::Rows(values),
        });
    Ok(bindings.collect())
}

/// Files are numbered: `…/1`, `…/2.gz`, `…/10`.
fn number(file: &StagedFile) -> (u64, String) {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let digits = name.split('.').next().unwrap_or_default();
    (digits.parse().unwrap_or(u64::MAX), file.path.clone())
}

fn dialect() -> Dialect {
    Dialect {
        enclosure: Some(b'"'),
        escape_unenclosed: None,
        null_if: vec![],
        ..Dialect::default()
    }
}

/// How many fields the first line has.
fn width(source: impl io::Read) -> io::Result<usize> {
    let any = Width {
        columns: 1,
        strict: false,
    };
    let mut reader = CsvReader::open(source, dialect(), any)?;
    let header = reader.header()?;
    Ok(header.ok().flatten().map_or(0, |fields| fields.len()))
}

fn read(source: impl io::Read, columns: &mut [Vec<Option<String>>]) -> Result<()> {
    let width = Width {
        columns: columns.len(),
        strict: true,
    };
    let mut reader = CsvReader::open(source, dialect(), width).map_err(Error::internal)?;
    let mut rows = Rows::of_columns(columns.len());
    loop {
        let more = reader.read(BATCH, &mut rows).map_err(Error::internal)?;
        if let Some(fault) = rows.faults.first() {
            return Err(fault.kind.error(&fault.column.to_string()));
        }
        for (column, texts) in columns.iter_mut().zip(rows.finish_columns()) {
            let texts = texts.as_string::<i32>();
            column.reserve(texts.len());
            column.extend(texts.iter().map(|text| text.map(str::to_owned)));
        }
        if !more {
            return Ok(());
        }
        rows.clear();
    }
}
