//! `sf_nextval(source, sequence)`: the next value of a sequence, another one for each row.
//!
//! Values come from whoever keeps the sequences of an instance (`statement/sequences.rs`), which the engine cannot know:
//! it opens first, and a process may have several instances. So a source has a number, which the statement brings along.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Weak};

use parking_lot::RwLock;

use crate::engine::native::{Native, Nulls, Parameter, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::{Call, Expr, ExprKind, Form, Literal, Returns};
use crate::types::{LogicalType, PhysicalType};

/// Gives out values of sequences, each once.
pub trait SequenceSource: Send + Sync {
    /// The next `count` values of a sequence.
    fn take(&self, sequence: u64, count: usize) -> Result<Vec<i64>>;
}

static NEXT_SOURCE: AtomicU64 = AtomicU64::new(1);

static SOURCES: LazyLock<RwLock<HashMap<u64, Weak<dyn SequenceSource>>>> =
    LazyLock::new(RwLock::default);

/// A number for a source to come.
pub fn reserve_source() -> u64 {
    NEXT_SOURCE.fetch_add(1, Ordering::Relaxed)
}

/// Makes a source known under its number, until it is gone.
pub fn register_source(number: u64, source: Weak<dyn SequenceSource>) {
    let mut sources = SOURCES.write();
    sources.retain(|_, source| source.strong_count() > 0);
    sources.insert(number, source);
}

const ID: Parameter = Parameter::Exact(PhysicalType::BigInt);

pub(super) static NEXTVAL: Native = Native::Scalar(ScalarNative {
    name: "sf_nextval",
    parameters: &[ID, ID],
    returns: PhysicalType::BigInt,
    nulls: Nulls::Propagate,
    volatile: true,
    run: |arguments, output| {
        let (sources, sequences) = (arguments.bigints(0)?, arguments.bigints(1)?);
        let slots = output.bigints()?;
        let mut count = 0;
        let (mut source, mut sequence) = (0_i64, 0_i64);
        // Both are constants of the statement.
        arguments.each_row(|row| {
            source = sources.get(row).unwrap_or(0);
            sequence = sequences.get(row).unwrap_or(0);
            count += 1;
            Ok(())
        })?;
        let source = find(source.unsigned_abs())?;
        let values = source.take(sequence.unsigned_abs(), count)?;
        let mut values = values.into_iter();
        arguments.each_row(|row| {
            slots[row] = values
                .next()
                .ok_or_else(|| Error::internal("fewer values than rows"))?;
            Ok(())
        })
    },
});

fn find(number: u64) -> Result<Arc<dyn SequenceSource>> {
    let source = SOURCES.read().get(&number).and_then(Weak::upgrade);
    source.ok_or_else(|| Error::internal("a sequence of an instance that is gone"))
}

/// The next value of a sequence as an expression.
pub fn nextval(source: u64, sequence: u64) -> Expr {
    let id = |number: u64| {
        let ty = LogicalType::Number {
            precision: 18,
            scale: 0,
        };
        Expr::literal(Literal::Number(number.into()), ty)
    };
    let call = Call {
        form: Form::Engine("sf_nextval"),
        arguments: vec![id(source), id(sequence)],
        // A BIGINT, as the arguments are.
        unified: vec![0, 1],
        returns: Returns::Unified,
    };
    let ty = LogicalType::Number {
        precision: 19,
        scale: 0,
    };
    Expr::new(ExprKind::Call(call), ty, false)
}
