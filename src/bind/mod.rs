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
mod dml;
mod expression;
mod from;
mod higher_order;
mod literal;
mod operators;
mod query;
mod scope;
mod select;
mod star;
mod table_function;
mod types;
mod variables;

use std::cell::Cell;

pub use dml::{
    DeleteTarget, InsertTarget, IntoTarget, MergeBranch, MergeDo, MergeTarget, MultiBranch,
    MultiCondition, UpdateTarget, delete, insert, insert_all, merge, update,
};
pub use types::data_type;
pub use variables::{Binding, BindingValue, Variables};

use crate::catalog::Lookup;
use crate::error::Result;
use crate::functions::Facts;
use crate::sql::{Folding, StatementText, ast};
use crate::tree::{self, CteId, Expr, RelationId};
use crate::types::LogicalType;
use scope::Scope;

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
    next_relation: Cell<u32>,
    next_cte: Cell<u32>,
}

impl<'a> Binder<'a> {
    pub fn new(
        lookup: &'a Lookup,
        facts: &'a Facts,
        folding: Folding,
        statement: StatementText<'a>,
        action: &'a str,
        variables: &'a Variables,
    ) -> Self {
        Binder {
            lookup,
            facts,
            folding,
            statement,
            action,
            variables,
            next_relation: Cell::new(0),
            next_cte: Cell::new(0),
        }
    }

    /// Binds a whole query.
    pub fn query(&self, query: &ast::Query) -> Result<tree::Query> {
        query::query(self, &Scope::root(), query)
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

    fn new_relation(&self) -> RelationId {
        RelationId(self.next_relation.replace(self.next_relation.get() + 1))
    }

    fn new_cte(&self) -> CteId {
        CteId(self.next_cte.replace(self.next_cte.get() + 1))
    }

    fn fold(&self, identifier: &ast::Ident) -> String {
        crate::sql::fold(identifier, self.folding)
    }
}
