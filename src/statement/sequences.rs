//! Values of sequences and identity columns: reserved in blocks, given out of memory.
//!
//! A block is reserved by a catalog change of its own, before its first value is given out: so a value never comes twice,
//! whatever happens to the transaction that drew it or to the process. What is left of a block is lost with the process
//! (Snowflake promises no gapless values either), but for an end in good order and for statements that look at a sequence,
//! which [`Instance::settle_sequences`] prepares for.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::Instance;
use crate::catalog::{Detail, ObjectId};
use crate::error::{Error, Result};
use crate::functions::SequenceSource;

/// Values in the first block of a sequence; later ones double.
const FIRST_BLOCK: u64 = 128;
const LARGEST_BLOCK: u64 = 1 << 20;

/// The blocks in memory.
#[derive(Default)]
pub struct Sequences {
    blocks: Mutex<HashMap<ObjectId, Arc<Mutex<Block>>>>,
}

/// Values that are reserved and not given out yet.
struct Block {
    next: i128,
    increment: i64,
    left: u64,
    /// Values in the next block.
    size: u64,
}

impl SequenceSource for Instance {
    fn take(&self, sequence: u64, count: usize) -> Result<Vec<i64>> {
        let id = ObjectId(sequence);
        let block = Arc::clone(self.sequences.blocks.lock().entry(id).or_insert_with(|| {
            Arc::new(Mutex::new(Block {
                next: 0,
                increment: 1,
                left: 0,
                size: FIRST_BLOCK,
            }))
        }));
        let mut block = block.lock();
        let mut values = Vec::with_capacity(count);
        while values.len() < count {
            if block.left == 0 {
                let wanted = block.size.max((count - values.len()) as u64);
                (block.next, block.increment) = self.reserve(id, wanted)?;
                block.left = wanted;
                block.size = (block.size * 2).min(LARGEST_BLOCK);
            }
            let value =
                i64::try_from(block.next).map_err(|_| Error::number_out_of_range(block.next))?;
            values.push(value);
            block.next += i128::from(block.increment);
            block.left -= 1;
        }
        Ok(values)
    }
}

impl Instance {
    /// Takes values off a sequence in the catalog; returns the first, and the distance to the next.
    fn reserve(&self, id: ObjectId, count: u64) -> Result<(i128, i64)> {
        self.change(|draft| {
            let object = draft.snapshot().get(id);
            let Some(Detail::Sequence(sequence)) = object.map(|object| &object.detail) else {
                return Err(Error::object_or_operation());
            };
            let mut sequence = *sequence;
            let first = sequence.next;
            sequence.next += i128::from(sequence.increment) * i128::from(count);
            draft.replace_detail(id, Detail::Sequence(sequence))?;
            Ok((first, sequence.increment))
        })
    }

    /// Gives back what is reserved and was not given out, so that the catalog has the next value of every sequence.
    pub fn settle_sequences(&self) -> Result<()> {
        let blocks: Vec<_> = self.sequences.blocks.lock().drain().collect();
        for (id, block) in blocks {
            let mut block = block.lock();
            if block.left == 0 {
                continue;
            }
            let next = block.next;
            let reserved_to = next + i128::from(block.increment) * i128::from(block.left);
            block.left = 0;
            self.change(|draft| {
                let object = draft.snapshot().get(id);
                let Some(Detail::Sequence(sequence)) = object.map(|object| &object.detail) else {
                    return Ok(()); // dropped meanwhile
                };
                if sequence.next != reserved_to {
                    return Ok(()); // somebody has reserved more meanwhile
                }
                let sequence = crate::catalog::Sequence { next, ..*sequence };
                draft.replace_detail(id, Detail::Sequence(sequence))
            })?;
        }
        Ok(())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Err(error) = self.settle_sequences() {
            tracing::warn!(%error, "sequences will go on behind a gap");
        }
    }
}
