//! Binding: sqlparser's tree and the catalog's names become the typed tree. Names are resolved, stars expanded, logical
//! types and nullability inferred, Snowflake's implicit casts inserted, arguments checked; every compilation error of
//! Snowflake's arises here, with its place.
//!
//! It does no IO and must not know DuckDB: inputs are a tree and a read-only view of names and facts. Start with
//! [`query::query`]; an expression goes through [`expression::expression`].

mod access;
mod aggregate;
mod call;
mod column_names;
mod constant_rows;
mod cte;
mod ddl_text;
mod dml;
mod expression;
mod from;
mod hierarchy;
mod higher_order;
mod join;
mod literal;
mod metadata;
mod operators;
mod pivot;
mod predicate;
mod query;
mod query_history;
mod result_scan;
mod sample;
mod scope;
mod select;
mod staged;
mod star;
mod system;
mod table_function;
mod types;
mod udf;
mod variables;
mod view;
mod window;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

pub use constant_rows::constant_rows;
pub use dml::{
    DeleteTarget, InsertSource, InsertTarget, IntoTarget, Load, LoadSource, MergeBranch, MergeDo,
    MergeTarget, MultiBranch, MultiCondition, UpdateTarget, delete, insert, insert_all, load,
    merge, parse_default, update,
};
pub use query_history::QUERY_HISTORY;
pub use result_scan::{KeptResult, KeptResults};
pub use select::has_unnamed_column;
pub use staged::{METADATA, ROW_NUMBER, StagedFiles, StagedLocations, StagedPlace, StagedShape};
pub use types::data_type;
pub use udf::check as check_function;
pub use variables::{Binding, BindingValue, Variables};

use crate::catalog::{Lookup, ObjectId};
use crate::error::{Error, Position, Result};
use crate::functions::Facts;
use crate::sql::{Folding, StatementText, ast};
use crate::tree::{self, CteId, Expr, RelationId};
use crate::types::LogicalType;
use scope::Scope;

/// Deepest nesting of expressions and set operations. The engine has a bound of its own.
const DEEPEST: u32 = 900;

/// A level of nesting.
struct Deeper(Rc<Shared>);

impl Drop for Deeper {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get() - 1);
    }
}

/// Everything that binding a statement looks at.
pub struct Binder<'a> {
    pub lookup: &'a Lookup,
    pub facts: &'a Facts,
    pub folding: Folding,
    /// The statement, for column names and error texts.
    pub statement: StatementText<'a>,
    /// The verb, as error messages name it: `SELECT`, `INSERT`, ….
    pub action: &'a str,
    pub variables: &'a Variables,
    shared: Rc<Shared>,
}

/// What was made ready in the engine before a statement is bound.
#[derive(Debug, Clone, Default)]
pub struct Ready {
    /// The results that RESULT_SCAN may name.
    pub results: KeptResults,
    /// The files of stages that FROM may name.
    pub staged: StagedLocations,
}

/// What the binders of a statement share: one for its own text, and one for each view in it.
#[derive(Default)]
struct Shared {
    ready: Arc<Ready>,
    /// How deep what is being bound is nested.
    depth: Cell<u32>,
    next_relation: Cell<u32>,
    next_cte: Cell<u32>,
    /// Relations of the columns marked with `(+)`, where the mark may stand.
    marks: RefCell<Option<Vec<RelationId>>>,
    /// The views bound so far.
    views: RefCell<HashMap<ObjectId, Arc<tree::ViewQuery>>>,
    /// The views that are being bound, the outermost first.
    open: RefCell<Vec<ObjectId>>,
}

impl<'a> Binder<'a> {
    pub fn new(
        lookup: &'a Lookup,
        facts: &'a Facts,
        folding: Folding,
        statement: StatementText<'a>,
        action: &'a str,
        variables: &'a Variables,
        ready: Arc<Ready>,
    ) -> Self {
        Binder {
            lookup,
            facts,
            folding,
            statement,
            action,
            variables,
            shared: Rc::new(Shared {
                ready,
                ..Shared::default()
            }),
        }
    }

    /// A binder for another text of the same statement: a view's query, say, which sees other names.
    fn of_text<'b>(
        &'b self,
        lookup: &'b Lookup,
        statement: StatementText<'b>,
        folding: Folding,
    ) -> Binder<'b> {
        Binder {
            lookup,
            statement,
            folding,
            shared: Rc::clone(&self.shared),
            ..*self
        }
    }

    /// A binder that finds files where a location stands.
    pub fn with_staged(self, place: Position, files: StagedFiles) -> Self {
        let mut ready = Ready::clone(&self.shared.ready);
        ready.staged.insert(place, files);
        Binder {
            shared: Rc::new(Shared {
                ready: Arc::new(ready),
                ..Shared::default()
            }),
            ..self
        }
    }

    /// One level deeper, until the guard is dropped. Long chains of operators are deep trees too, which the parser does not
    /// count.
    fn deeper(&self) -> Result<Deeper> {
        let depth = self.shared.depth.get();
        if depth >= DEEPEST {
            return Err(Error::syntax_error_text("Statement is nested too deeply."));
        }
        self.shared.depth.set(depth + 1);
        Ok(Deeper(Rc::clone(&self.shared)))
    }

    /// Binds a whole query.
    pub fn query(&self, query: &ast::Query) -> Result<tree::Query> {
        query::query(self, &Scope::root(), query)
    }

    /// Whether what was bound so far uses this view, directly or through others.
    pub fn uses_view(&self, id: ObjectId) -> bool {
        self.shared.views.borrow().contains_key(&id)
    }

    /// Binds an expression that sees no columns, such as a default.
    pub fn constant(&self, expr: &ast::Expr) -> Result<Expr> {
        expression::expression(self, &Scope::root(), expr)
    }

    /// Binds the text of a column's default.
    pub fn default_value(&self, text: &str) -> Result<Expr> {
        self.constant(&dml::parse_default(text)?)
    }

    /// A query with its columns brought to these types.
    pub fn converted(&self, query: tree::Query, types: &[LogicalType]) -> tree::Query {
        let wanted: Vec<_> = query
            .columns
            .iter()
            .zip(types)
            .map(|(column, ty)| tree::OutputColumn {
                ty: ty.clone(),
                ..column.clone()
            })
            .collect();
        query::converted(self, query, &wanted)
    }

    /// Runs `bind`, in which columns may be marked with `(+)`; returns the relations of those that are.
    fn marked<T>(&self, bind: impl FnOnce() -> Result<T>) -> Result<(T, Vec<RelationId>)> {
        *self.shared.marks.borrow_mut() = Some(vec![]);
        let bound = bind();
        let marks = self.shared.marks.take().unwrap_or_default();
        Ok((bound?, marks))
    }

    fn mark(&self, relation: RelationId) -> Result<()> {
        match &mut *self.shared.marks.borrow_mut() {
            Some(marks) => {
                marks.push(relation);
                Ok(())
            }
            None => Err(crate::error::Error::unsupported("(+) outside of WHERE")),
        }
    }

    fn new_relation(&self) -> RelationId {
        let next = &self.shared.next_relation;
        RelationId(next.replace(next.get() + 1))
    }

    fn new_cte(&self) -> CteId {
        let next = &self.shared.next_cte;
        CteId(next.replace(next.get() + 1))
    }

    fn fold(&self, identifier: &ast::Ident) -> String {
        crate::sql::fold(identifier, self.folding)
    }
}
