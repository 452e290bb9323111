//! Statements that write rows. Values have the types of the columns that they go into.

use super::{Expr, Query, Relation, RelationId, TableRelation};

/// INSERT: the source gives one column per target column.
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    pub table: TableRelation,
    /// Indices into the table's columns.
    pub targets: Vec<usize>,
    pub source: Query,
    /// The table is emptied first.
    pub overwrite: bool,
}

/// A new value for a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Index into the table's columns.
    pub target: usize,
    pub value: Expr,
}

/// UPDATE. Without FROM each row is met once; with it a row may be joined to several.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    pub table: TableRelation,
    pub assignments: Vec<Assignment>,
    pub from: Option<Relation>,
    pub filter: Option<Expr>,
    /// What an error about a row that is joined to several shows of it; `None` takes one of them.
    pub refuse_multi_joined: Option<Expr>,
}

/// DELETE.
#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    pub table: TableRelation,
    pub using: Option<Relation>,
    pub filter: Option<Expr>,
}

/// MERGE.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    pub table: TableRelation,
    pub source: Relation,
    pub on: Expr,
    pub clauses: Vec<MergeClause>,
    /// As `Update::refuse_multi_joined`.
    pub refuse_multi_joined: Option<Expr>,
}

/// `WHEN [NOT] MATCHED`; whether it is for matched rows follows from the action.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeClause {
    pub predicate: Option<Expr>,
    pub action: MergeAction,
}

#[derive(Debug, Clone, PartialEq)]
pub enum MergeAction {
    Update(Vec<Assignment>),
    Delete,
    Insert(Vec<Assignment>),
}

/// INSERT ALL and INSERT FIRST.
#[derive(Debug, Clone, PartialEq)]
pub struct MultiInsert {
    /// How the branches name the source.
    pub id: RelationId,
    pub source: Query,
    pub branches: Vec<Branch>,
    /// A row takes the first branch whose condition holds, not all of them.
    pub first: bool,
    /// The tables are emptied first.
    pub overwrite: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    pub condition: BranchCondition,
    pub into: Vec<IntoClause>,
}

/// Which rows a branch of INSERT ALL takes.
#[derive(Debug, Clone, PartialEq)]
pub enum BranchCondition {
    Always,
    When(Expr),
    /// Those that no WHEN took.
    Else,
}

#[derive(Debug, Clone, PartialEq)]
pub struct IntoClause {
    pub table: TableRelation,
    pub values: Vec<Assignment>,
}

impl MergeAction {
    /// The values that it writes.
    pub fn assignments(&self) -> &[Assignment] {
        match self {
            MergeAction::Update(assignments) | MergeAction::Insert(assignments) => assignments,
            MergeAction::Delete => &[],
        }
    }

    /// Whether it is for rows that the table has.
    pub fn is_matched(&self) -> bool {
        match self {
            MergeAction::Update(_) | MergeAction::Delete => true,
            MergeAction::Insert(_) => false,
        }
    }
}
