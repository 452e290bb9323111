//! Writing a result while the engine runs: batches go in, chunks come out, and no more than one chunk under construction is
//! in memory besides the first.
//!
//! It decides where chunks end and are kept; what is in them is `chunk`'s and `flavour`'s.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::ipc::MetadataVersion;
use arrow::ipc::writer::{IpcWriteOptions, StreamWriter};

use super::chunk::{self, ChunkBuilder};
use super::spool::{Spool, SpoolFile};
use super::{Chunk, Column, Place, ResultSet};
use crate::error::{Error, Result};
use crate::types::PhysicalType;

/// Size at which the first chunk ends: the rows that travel within the answer itself.
pub(super) const FIRST_CHUNK_BYTES: usize = 2 << 20;
/// Size at which later chunks end. Each is twice the one before until then, so that a client's download begins early.
pub(super) const LARGEST_CHUNK_BYTES: usize = 16 << 20;
/// Batches above this size are split, so that chunks keep to theirs.
const STEP_BYTES: usize = 1 << 20;

/// Takes the engine's batches and becomes a [`ResultSet`].
pub struct ResultWriter {
    columns: Vec<Column>,
    open: ChunkBuilder,
    chunk_bytes: usize,
    finished: Chunks,
    wide_columns: usize,
    /// Finished chunks before this one have narrower numbers than the later ones.
    uniform_from: usize,
}

impl ResultWriter {
    /// `physical` says which form of each column's values the engine gives.
    pub fn new(columns: Vec<Column>, physical: Vec<PhysicalType>, spool: &Spool) -> Result<Self> {
        Ok(ResultWriter {
            open: ChunkBuilder::new(&columns, &physical)?,
            columns,
            chunk_bytes: FIRST_CHUNK_BYTES,
            finished: Chunks::new(spool),
            wide_columns: 0,
            uniform_from: 0,
        })
    }

    pub fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let byte_count = self.open.byte_count_of(batch)?;
        let row_count = batch.num_rows();
        if byte_count > STEP_BYTES && row_count > 1 {
            let middle = row_count / 2;
            self.push(&batch.slice(0, middle))?;
            return self.push(&batch.slice(middle, row_count - middle));
        }
        if self.open.row_count() > 0 && self.open.byte_count() + byte_count > self.chunk_bytes {
            self.end_chunk()?;
        }
        self.open.append(batch)
    }

    /// Rows taken so far.
    pub fn row_count(&self) -> u64 {
        let finished: u64 = self.finished.list.iter().map(Chunk::row_count).sum();
        finished + self.open.row_count() as u64
    }

    pub fn finish(mut self) -> Result<ResultSet> {
        if self.open.row_count() > 0 || self.finished.list.is_empty() {
            self.end_chunk()?;
        }
        if self.uniform_from > 0 {
            return self.finish_uniform();
        }
        Ok(self.finished.into_result(self.columns))
    }

    fn end_chunk(&mut self) -> Result<()> {
        let wide_columns = self.open.wide_columns();
        if wide_columns > self.wide_columns {
            self.wide_columns = wide_columns;
            self.uniform_from = self.finished.list.len();
        }
        if !self.finished.list.is_empty() {
            self.chunk_bytes = (self.chunk_bytes * 2).min(LARGEST_CHUNK_BYTES);
        }
        let row_count = self.open.row_count() as u64;
        let byte_count = self.open.byte_count();
        let batch = self.open.take()?;
        self.finished
            .add(row_count, byte_count, |out| write_stream(&batch, out))
    }

    /// Rewrites the chunks that were written before a column's numbers outgrew 64 bits: rare, and not worth giving up
    /// integers for in every other result.
    fn finish_uniform(self) -> Result<ResultSet> {
        let schema = self.open.schema();
        let mut uniform = Chunks::new(&self.finished.spool);
        let mixed = self.finished.into_result(self.columns);
        for (index, chunk) in mixed.chunks().iter().enumerate() {
            let byte_count = chunk.byte_count as usize;
            if index >= self.uniform_from {
                let bytes = mixed.arrow(index)?;
                let copy = |out: &mut dyn Write| out.write_all(&bytes).map_err(Error::internal);
                uniform.add(chunk.row_count, byte_count, copy)?;
                continue;
            }
            for batch in mixed.batches(index)? {
                let batch = chunk::widen(&batch, &schema)?;
                uniform.add(chunk.row_count, byte_count, |out| write_stream(&batch, out))?;
            }
        }
        Ok(uniform.into_result(mixed.columns().to_vec()))
    }
}

/// Finished chunks: the first in memory, the others in the spool.
struct Chunks {
    list: Vec<Chunk>,
    spool: Spool,
    spooled: Option<SpoolFile>,
}

impl Chunks {
    fn new(spool: &Spool) -> Self {
        Chunks {
            list: Vec::new(),
            spool: spool.clone(),
            spooled: None,
        }
    }

    /// Adds what `write` writes, about `estimate` bytes.
    fn add(
        &mut self,
        row_count: u64,
        estimate: usize,
        write: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        let chunk = if self.list.is_empty() {
            let mut stream = Vec::with_capacity(estimate + estimate / 8);
            write(&mut stream)?;
            Chunk::in_memory(row_count, stream)
        } else {
            let file = match &mut self.spooled {
                Some(file) => file,
                empty => empty.insert(self.spool.create()?),
            };
            let (offset, byte_count) = file.append(estimate as u64, |file| write(file))?;
            Chunk {
                row_count,
                byte_count,
                place: Place::Spooled { offset },
            }
        };
        self.list.push(chunk);
        Ok(())
    }

    fn into_result(self, columns: Vec<Column>) -> ResultSet {
        ResultSet::of_chunks(columns, self.list, self.spooled)
    }
}

/// The Arrow IPC stream of one batch: metadata V5, 8-byte alignment, no compression, no dictionaries.
pub(super) fn write_stream(batch: &RecordBatch, out: &mut dyn Write) -> Result<()> {
    let write = move || {
        let options = IpcWriteOptions::try_new(8, false, MetadataVersion::V5)?;
        let mut writer = StreamWriter::try_new_with_options(out, &batch.schema(), options)?;
        writer.write(batch)?;
        writer.finish()
    };
    write().map_err(Error::internal)
}
