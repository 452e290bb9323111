//! The typed tree: what a statement means, with every name resolved and every type inferred. `bind` builds it from
//! sqlparser's tree, functions may rewrite it, `lower` writes it as DuckDB SQL.
//!
//! It is data alone: it knows neither Snowflake's syntax nor DuckDB's. Logical types only; the physical ones are decided
//! while lowering, where a column's storage is known.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::types::{LogicalType, PhysicalType};

mod dml;
mod literal;
mod tables;

pub use dml::{
    Assignment, Branch, BranchCondition, Delete, Insert, IntoClause, Merge, MergeAction,
    MergeClause, MultiInsert, Update,
};
pub use literal::{ConstantRows, Literal};

/// A relation of the statement (a table in FROM, a derived table, …); unique within the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RelationId(pub u32);

/// A column of a relation: the number in its engine name, `c<number>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ColumnRef {
    pub relation: RelationId,
    pub column: u64,
}

/// An expression with its Snowflake type.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub ty: LogicalType,
    pub nullable: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    Literal(Literal),
    Column(ColumnRef),
    /// A conversion to the expression's type by Snowflake's rules; a `tolerant` one (TRY_CAST) gives NULL where it fails.
    Cast {
        operand: Box<Expr>,
        tolerant: bool,
    },
    /// Numbers only; the operands keep their own types.
    Arithmetic {
        operator: Arithmetic,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Negate(Box<Expr>),
    /// Both sides have the same type, up to precision, scale and length.
    Compare {
        operator: Comparison,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    IsNull {
        operand: Box<Expr>,
        negated: bool,
    },
    /// `IS [NOT] TRUE`, `IS [NOT] FALSE`
    IsTruth {
        operand: Box<Expr>,
        truth: bool,
        negated: bool,
    },
    IsDistinct {
        left: Box<Expr>,
        right: Box<Expr>,
        negated: bool,
    },
    InList {
        operand: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    /// As many operands as the query has columns.
    InQuery {
        operands: Vec<Expr>,
        query: Box<Query>,
        negated: bool,
    },
    /// `operand operator ANY (query)`, or ALL
    Quantified {
        operator: Comparison,
        operand: Box<Expr>,
        all: bool,
        query: Box<Query>,
    },
    Between {
        operand: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    Like(Box<Like>),
    Concat(Box<Expr>, Box<Expr>),
    /// `CASE WHEN condition THEN result … ELSE otherwise END`; all results have the expression's type.
    Case {
        branches: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Call(Call),
    Aggregate(Box<Aggregate>),
    /// A lambda applied to the elements of an ARRAY.
    HigherOrder(Box<HigherOrder>),
    /// A query of one column and at most one row.
    Scalar(Box<Query>),
    Exists {
        query: Box<Query>,
        negated: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Like {
    pub operand: Expr,
    pub pattern: Expr,
    pub escape: Option<Expr>,
    pub case_insensitive: bool,
    pub negated: bool,
}

/// FILTER, TRANSFORM, REDUCE. The parameters of the lambda are columns 0 (and 1) of the relation `parameters`.
#[derive(Debug, Clone, PartialEq)]
pub struct HigherOrder {
    pub operation: Operation,
    pub array: Expr,
    pub parameters: RelationId,
    pub body: Expr,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// The elements for which the body is true.
    Filter,
    /// The body of each element, a VARIANT.
    Transform,
    /// Column 0 is what the body gave last, at first this expression; column 1 is the element.
    Reduce(Expr),
}

/// How the engine computes a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An engine function, built-in or native, of this name.
    Engine(&'static str),
    /// DuckDB SQL with the arguments at `$1`, `$2`, ….
    Template(&'static str),
}

/// Which physical type a function's result has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// The type that the unified arguments share.
    Unified,
    /// The natural form of the result's logical type.
    Natural,
    /// Something that a cast brings to the natural form.
    Cast,
}

/// A scalar function's call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub form: Form,
    pub arguments: Vec<Expr>,
    /// Indices of the arguments that must share one physical type.
    pub unified: Vec<usize>,
    pub returns: Returns,
}

/// An aggregate, or a window function where `over` is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    pub call: Call,
    pub distinct: bool,
    pub filter: Option<Expr>,
    /// `WITHIN GROUP (ORDER BY …)`
    pub order_by: Vec<SortKey>,
    pub ignore_nulls: bool,
    pub over: Option<Window>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Window {
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<SortKey>,
    pub frame: Option<Frame>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub units: FrameUnits,
    pub start: FrameBound,
    pub end: FrameBound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameUnits {
    Rows,
    Range,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Expr),
    CurrentRow,
    Following(Expr),
    UnboundedFollowing,
}

/// An expression of ORDER BY. The NULL order is always explicit.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    pub expr: Expr,
    pub descending: bool,
    pub nulls_first: bool,
}

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Common table expressions, in an order in which each uses only earlier ones (or, recursive, itself).
    pub ctes: Vec<Cte>,
    pub body: Body,
    pub order_by: Vec<OrderBy>,
    pub limit: Option<Expr>,
    pub offset: Option<Expr>,
    pub columns: Vec<OutputColumn>,
}

/// A key of a query's ORDER BY.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderBy {
    pub target: OrderTarget,
    pub descending: bool,
    pub nulls_first: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum OrderTarget {
    /// An output column, counted from 0.
    Output(usize),
    /// An expression over the relations of the (only) SELECT.
    Expr(Expr),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Cte {
    pub id: CteId,
    pub query: Query,
    pub recursive: bool,
}

/// A common table expression; unique within the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CteId(pub u32);

/// A column that a query gives.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputColumn {
    pub name: String,
    pub ty: LogicalType,
    pub nullable: bool,
    /// The table column that it is, where it is nothing else.
    pub origin: Option<Origin>,
}

/// The table that an output column comes from, for result metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub database: String,
    pub schema: String,
    pub table: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Select(Box<Select>),
    SetOperation {
        operator: SetOperator,
        all: bool,
        left: Box<Query>,
        right: Box<Query>,
    },
    /// Rows of expressions, each column of one type.
    Values(Vec<Vec<Expr>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    Union,
    Except,
    Intersect,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    pub distinct: bool,
    pub from: Option<Relation>,
    pub filter: Option<Expr>,
    pub grouping: Option<Grouping>,
    pub having: Option<Expr>,
    pub qualify: Option<Expr>,
    pub projection: Vec<Expr>,
}

/// GROUP BY. Without keys: one group of all rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grouping {
    pub keys: Vec<Expr>,
    pub sets: GroupingSets,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum GroupingSets {
    #[default]
    Plain,
    /// Each set lists indices of the keys.
    Sets(Vec<Vec<usize>>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Relation {
    Table(TableRelation),
    Derived {
        id: RelationId,
        query: Box<Query>,
        lateral: bool,
    },
    Cte {
        id: RelationId,
        cte: CteId,
    },
    /// The rows of constants that the statement runs over, in the natural forms of these types.
    Rows {
        id: RelationId,
        types: Vec<LogicalType>,
    },
    /// The kept result of an earlier query, which stands ready in the engine under this name.
    Kept {
        id: RelationId,
        physical_name: String,
        columns: Vec<PhysicalType>,
    },
    /// A view of the user: `lower` writes its query once, however often the statement uses it.
    View {
        id: RelationId,
        view: Arc<ViewQuery>,
    },
    /// A catalog view: DuckDB SQL of our own whose columns are `c0`, `c1`, … in these physical types.
    System {
        id: RelationId,
        sql: String,
        columns: Vec<PhysicalType>,
    },
    /// Rows that a table function makes of its arguments. Where it stands on the right of a join, they may be columns of the
    /// left side: then it makes rows of each of its rows.
    Function(Box<FunctionRelation>),
    Join {
        kind: JoinKind,
        left: Box<Relation>,
        right: Box<Relation>,
        condition: Option<Expr>,
    },
    Sample(Box<Sample>),
}

/// The query of a view that a statement uses.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewQuery {
    pub id: CteId,
    pub query: Query,
    /// The physical tables that it reads, through other views as well.
    pub tables: BTreeSet<String>,
}

/// A table function's call. Its columns are those of the function, then one for each of `constants`.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionRelation {
    pub id: RelationId,
    pub rows: Rows,
    /// Expressions that are the same in all rows of one call.
    pub constants: Vec<Expr>,
}

/// Where a table function's rows come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// A native that returns a list of rows; its last argument is a number under which it counts rows, written by `lower`.
    Native {
        name: &'static str,
        arguments: Vec<Expr>,
        columns: &'static [PhysicalType],
    },
    /// The numbers from 0 up to, and without, the count.
    Count(u64),
}

/// A physical table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRelation {
    pub id: RelationId,
    /// The engine's name of it.
    pub physical_name: String,
    pub columns: Vec<StoredColumn>,
}

/// A column as the engine stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredColumn {
    /// The number in its engine name, `c<number>`.
    pub number: u64,
    pub physical: PhysicalType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
    /// Each row of the left with the one row of the right that comes nearest, if there is one.
    AsOf,
}

/// Some rows of a relation, taken at random.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub relation: Relation,
    pub method: SampleMethod,
    pub seed: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SampleMethod {
    /// Each row by itself, with this probability in percent.
    Rows(f64),
    /// Whole blocks of rows, with this probability in percent.
    Blocks(f64),
    /// So many rows.
    Count(u64),
}

impl Expr {
    pub fn new(kind: ExprKind, ty: LogicalType, nullable: bool) -> Self {
        Expr { kind, ty, nullable }
    }

    /// A literal; NULL is nullable.
    pub fn literal(literal: Literal, ty: LogicalType) -> Self {
        let nullable = literal == Literal::Null;
        Expr {
            kind: ExprKind::Literal(literal),
            ty,
            nullable,
        }
    }

    pub fn boolean(kind: ExprKind, nullable: bool) -> Self {
        Expr {
            kind,
            ty: LogicalType::Boolean,
            nullable,
        }
    }

    /// Whether this is the bare literal NULL, which takes any type. `NULL::DATE` has one.
    pub fn is_null_literal(&self) -> bool {
        matches!(self.kind, ExprKind::Literal(Literal::Null)) && self.ty == LogicalType::TEXT
    }

    /// The expression converted to `ty`; itself when it has that type.
    pub fn cast(self, ty: LogicalType) -> Self {
        if self.ty == ty {
            return self;
        }
        if self.is_null_literal() {
            return Expr { ty, ..self };
        }
        // The JSON null becomes NULL.
        let nullable = self.nullable || self.ty == LogicalType::Variant;
        Expr {
            kind: ExprKind::Cast {
                operand: Box::new(self),
                tolerant: false,
            },
            ty,
            nullable,
        }
    }

    /// The expressions directly below.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Literal(_)
            | ExprKind::Column(_)
            | ExprKind::Scalar(_)
            | ExprKind::Exists { .. } => vec![],
            ExprKind::Cast { operand, .. }
            | ExprKind::Negate(operand)
            | ExprKind::Not(operand)
            | ExprKind::IsNull { operand, .. }
            | ExprKind::IsTruth { operand, .. }
            | ExprKind::Quantified { operand, .. } => vec![operand],
            ExprKind::InQuery { operands, .. } => operands.iter().collect(),
            ExprKind::Arithmetic { left, right, .. }
            | ExprKind::Compare { left, right, .. }
            | ExprKind::IsDistinct { left, right, .. }
            | ExprKind::Concat(left, right) => vec![left, right],
            ExprKind::And(operands) | ExprKind::Or(operands) => operands.iter().collect(),
            ExprKind::InList { operand, list, .. } => {
                std::iter::once(&**operand).chain(list).collect()
            }
            ExprKind::Between {
                operand, low, high, ..
            } => vec![operand, low, high],
            ExprKind::Like(like) => [&like.operand, &like.pattern]
                .into_iter()
                .chain(&like.escape)
                .collect(),
            ExprKind::Case {
                branches,
                otherwise,
            } => branches
                .iter()
                .flat_map(|(condition, result)| [condition, result])
                .chain(otherwise.as_deref())
                .collect(),
            ExprKind::Call(call) => call.arguments.iter().collect(),
            ExprKind::HigherOrder(call) => match &call.operation {
                Operation::Reduce(initial) => vec![&call.array, initial, &call.body],
                Operation::Filter | Operation::Transform => vec![&call.array, &call.body],
            },
            ExprKind::Aggregate(aggregate) => {
                let window = aggregate.over.iter().flat_map(|window| {
                    window
                        .partition_by
                        .iter()
                        .chain(window.order_by.iter().map(|key| &key.expr))
                });
                aggregate
                    .call
                    .arguments
                    .iter()
                    .chain(&aggregate.filter)
                    .chain(aggregate.order_by.iter().map(|key| &key.expr))
                    .chain(window)
                    .collect()
            }
        }
    }

    /// Whether `wanted` holds for this expression or one below it (subqueries apart).
    pub fn any(&self, wanted: &dyn Fn(&Expr) -> bool) -> bool {
        wanted(self) || self.children().into_iter().any(|child| child.any(wanted))
    }

    /// Whether it has an aggregate that is no window function.
    pub fn has_aggregate(&self) -> bool {
        self.any(&|expr| matches!(&expr.kind, ExprKind::Aggregate(a) if a.over.is_none()))
    }

    /// Whether it has a window function.
    pub fn has_window(&self) -> bool {
        self.any(&|expr| matches!(&expr.kind, ExprKind::Aggregate(a) if a.over.is_some()))
    }
}
