//! Lowering: the typed tree becomes DuckDB SQL text. Here, and only here, is SQL of a statement written: every identifier
//! quoted, every alias given, every cast, frame and NULL order explicit. Physical types are decided on the way up, where
//! the storage of each column is known.
//!
//! Pure: it must not know the catalog, Snowflake's syntax or the engine's state. What the tree does not have cannot be
//! written, so no text of a client reaches the engine but inside a quoted literal.
//!
//! Names: relations are `r1`, `r2`, …, common table expressions `w1`, …, columns `c<number>`; a relation that a table function
//! was applied to is inside the function's `a3`, its columns `r1c<number>`.

mod cast;
mod dml;
mod expression;
mod function;
mod literal;
mod numbers;
mod query;
mod rows;
mod variant;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

pub use dml::{
    ByRows, Counting, TableDefinition, Written, create_table, create_table_as,
    create_temporary_table, delete, delete_all, drop_table, drop_temporary_table,
    fill_temporary_table, insert, insert_all, merge, parquet_documents, update, values_of,
};

pub use rows::rows;

use crate::engine::native::Native;
use crate::error::Result;
use crate::functions::{self, Facts};
use crate::tree::{ColumnRef, CteId, Expr, Query, RelationId};
use crate::types::{LogicalType, PhysicalType};

/// A query in DuckDB SQL, and the physical types of its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lowered {
    pub sql: String,
    pub columns: Vec<PhysicalType>,
}

/// Whether SQL of this module gives the same values when it is run again over the same rows. A text constant that looks like
/// a call counts as one: the answer errs on the side of "no".
pub fn is_repeatable(sql: &str) -> bool {
    static ANEW_EACH_TIME: LazyLock<Vec<String>> = LazyLock::new(|| {
        let natives = functions::natives().into_iter();
        let volatile = natives.filter_map(|native| match native {
            Native::Scalar(native) if native.volatile => Some(format!("{}(", native.name)),
            _ => None,
        });
        let engine = ["uuid(", "TABLESAMPLE "].map(str::to_owned);
        volatile.chain(engine).collect()
    });
    !ANEW_EACH_TIME.iter().any(|call| sql.contains(call))
}

/// How wide exact arithmetic is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Widths {
    /// As wide as its type.
    Full,
    /// In 64 bits where the operands have no more, which is several times as fast. A value that needs more fails with
    /// [`Failure::OutOfRange`](crate::engine::Failure::OutOfRange): then the query has to be written and run again, in full.
    Narrow,
}

/// A query whose rows a client reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientQuery {
    pub query: Lowered,
    /// Whether its text is another one than that of full width.
    pub is_narrowed: bool,
}

/// Writes a query. `facts` are the session's formats and time zone, which some casts depend on.
pub fn query(query: &Query, facts: &Facts) -> Result<Lowered> {
    let mut writer = Writer::new(facts);
    writer.used = Some(query.used_columns());
    writer.query(query)
}

/// Writes a query whose rows a client reads: its VARIANTs are indented JSON text.
pub fn result(query: &Query, facts: &Facts, widths: Widths) -> Result<ClientQuery> {
    let mut writer = Writer::new(facts);
    writer.widths = widths;
    writer.used = Some(query.used_columns());
    let lowered = writer.query(query)?;
    Ok(ClientQuery {
        query: variant::shown(query, lowered, facts),
        is_narrowed: writer.narrowed,
    })
}

/// An expression in DuckDB SQL.
#[derive(Debug, Clone)]
struct Sql {
    text: String,
    physical: PhysicalType,
}

impl Sql {
    fn new(text: impl Into<String>, physical: PhysicalType) -> Self {
        Sql {
            text: text.into(),
            physical,
        }
    }
}

/// A view's query as a common table expression of the outermost query.
struct WrittenView {
    id: CteId,
    sql: String,
    columns: Vec<PhysicalType>,
    uses: usize,
}

/// What is known while a statement is written.
struct Writer<'a> {
    facts: &'a Facts,
    widths: Widths,
    /// Whether anything was written that `Full` would write otherwise.
    narrowed: bool,
    /// The columns that are mentioned anywhere; `None` where nobody has looked.
    used: Option<HashSet<ColumnRef>>,
    relations: HashMap<RelationId, HashMap<u64, PhysicalType>>,
    /// Relations whose columns are not written `r1.c2`.
    places: HashMap<RelationId, Place>,
    ctes: HashMap<CteId, Vec<PhysicalType>>,
    /// The views of the outermost query that is being written, each after those that it uses.
    views: Vec<WrittenView>,
    /// How many queries are being written around.
    depth: usize,
    /// Whether timestamps are written in their second form.
    nanoseconds: bool,
    /// Grouping keys whose equality is not physical: the group shows one of its values instead.
    representatives: Vec<(Expr, Sql)>,
    /// Window keys of the SELECT being written that differ from call to call (RANDOM()): the engine takes them only as
    /// columns. They are `v0`, `v1`, … where they are used.
    volatile_keys: Vec<String>,
}

/// Where the columns of a relation are.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// In the SELECT that applies this table function.
    Inside(RelationId),
    /// In the struct that a table function's list is unnested to, so many of them; the others beside it.
    Unnested(u64),
    /// They are a lambda's parameters.
    Parameter,
}

impl<'a> Writer<'a> {
    /// The form that holds every value of a type, in this statement.
    fn natural(&self, ty: &LogicalType) -> PhysicalType {
        match ty.natural_physical() {
            physical if self.nanoseconds => physical.with_nanoseconds(),
            physical => physical,
        }
    }

    /// DuckDB SQL of ours with the natives that this statement's timestamps need.
    fn native<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        if self.nanoseconds {
            functions::with_twins(sql)
        } else {
            Cow::Borrowed(sql)
        }
    }

    /// What `work` writes, with NULL in the place of its errors. A timestamp with more digits than this statement is
    /// written for must not become one of them: so it is computed in the second form, and looked at outside.
    fn tried(&mut self, work: impl FnOnce(&mut Self) -> Result<Sql>) -> Result<Sql> {
        let around = std::mem::replace(&mut self.nanoseconds, true);
        let written = work(self);
        self.nanoseconds = around;
        let written = written?;
        let physical = match written.physical {
            _ if around => return Ok(written),
            PhysicalType::TimestampNanos => PhysicalType::Timestamp,
            PhysicalType::TimestampTzNanos => PhysicalType::TimestampTz,
            _ => return Ok(written),
        };
        Ok(numbers::in_form(written, physical))
    }

    fn new(facts: &'a Facts) -> Self {
        Writer {
            facts,
            widths: Widths::Full,
            narrowed: false,
            used: None,
            relations: HashMap::new(),
            places: HashMap::new(),
            ctes: HashMap::new(),
            views: Vec::new(),
            depth: 0,
            nanoseconds: facts.nanoseconds,
            representatives: vec![],
            volatile_keys: vec![],
        }
    }
}
