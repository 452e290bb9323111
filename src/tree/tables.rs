//! Walking a statement: which physical tables it reads, which columns it uses.

use std::collections::{BTreeSet, HashSet};

use super::{
    Body, BranchCondition, ColumnRef, Delete, Expr, ExprKind, Merge, MultiInsert, OrderTarget,
    Query, Relation, Rows, Update,
};

/// What a walk gathers.
trait Gather {
    fn relation(&mut self, _of: &Relation) {}
    fn expr(&mut self, _of: &Expr) {}
}

impl Gather for BTreeSet<String> {
    fn relation(&mut self, of: &Relation) {
        match of {
            Relation::Table(table) => {
                self.insert(table.physical_name.clone());
            }
            Relation::View { view, .. } => self.extend(view.tables.iter().cloned()),
            _ => {}
        }
    }
}

impl Gather for HashSet<ColumnRef> {
    fn expr(&mut self, of: &Expr) {
        if let ExprKind::Column(column) = of.kind {
            self.insert(column);
        }
    }
}

impl Query {
    /// The columns that the query and its subqueries mention, those of views apart.
    pub fn used_columns(&self) -> HashSet<ColumnRef> {
        let mut columns = HashSet::new();
        query(self, &mut columns);
        columns
    }
}

impl Query {
    /// The engine's names of the tables that the query reads, those of subqueries included.
    pub fn tables(&self) -> BTreeSet<String> {
        let mut tables = BTreeSet::new();
        query(self, &mut tables);
        tables
    }
}

impl Expr {
    /// The engine's names of the tables that the expression's subqueries read.
    pub fn tables(&self) -> BTreeSet<String> {
        let mut tables = BTreeSet::new();
        expr(self, &mut tables);
        tables
    }
}

impl Update {
    /// The engine's names of the tables that it reads, its own among them.
    pub fn tables(&self) -> BTreeSet<String> {
        let mut tables = BTreeSet::from([self.table.physical_name.clone()]);
        self.from
            .iter()
            .for_each(|from| relation(from, &mut tables));
        let values = self.assignments.iter().map(|assignment| &assignment.value);
        values
            .chain(&self.filter)
            .for_each(|of| expr(of, &mut tables));
        tables
    }
}

impl Delete {
    /// The engine's names of the tables that it reads, its own among them.
    pub fn tables(&self) -> BTreeSet<String> {
        let mut tables = BTreeSet::from([self.table.physical_name.clone()]);
        self.using
            .iter()
            .for_each(|using| relation(using, &mut tables));
        self.filter.iter().for_each(|of| expr(of, &mut tables));
        tables
    }
}

impl Merge {
    /// The engine's names of the tables that it reads, its own among them.
    pub fn tables(&self) -> BTreeSet<String> {
        let mut tables = BTreeSet::from([self.table.physical_name.clone()]);
        relation(&self.source, &mut tables);
        expr(&self.on, &mut tables);
        for clause in &self.clauses {
            clause.predicate.iter().for_each(|of| expr(of, &mut tables));
            clause
                .action
                .assignments()
                .iter()
                .for_each(|assignment| expr(&assignment.value, &mut tables));
        }
        tables
    }
}

impl MultiInsert {
    /// The engine's names of the tables that it reads.
    pub fn tables(&self) -> BTreeSet<String> {
        let mut tables = self.source.tables();
        for branch in &self.branches {
            if let BranchCondition::When(condition) = &branch.condition {
                expr(condition, &mut tables);
            }
            let values = branch.into.iter().flat_map(|into| &into.values);
            values.for_each(|assignment| expr(&assignment.value, &mut tables));
        }
        tables
    }
}

fn query(of: &Query, gather: &mut dyn Gather) {
    of.ctes.iter().for_each(|cte| query(&cte.query, gather));
    match &of.body {
        Body::Select(select) => {
            select.from.iter().for_each(|from| relation(from, gather));
            let keys = select.grouping.iter().flat_map(|grouping| &grouping.keys);
            select
                .filter
                .iter()
                .chain(keys)
                .chain(&select.having)
                .chain(&select.qualify)
                .chain(&select.projection)
                .for_each(|item| expr(item, gather));
        }
        Body::SetOperation { left, right, .. } => {
            query(left, gather);
            query(right, gather);
        }
        Body::Values(rows) => rows.iter().flatten().for_each(|cell| expr(cell, gather)),
    }
    for key in &of.order_by {
        if let OrderTarget::Expr(key) = &key.target {
            expr(key, gather);
        }
    }
}

fn relation(of: &Relation, gather: &mut dyn Gather) {
    gather.relation(of);
    match of {
        Relation::Derived { query: derived, .. } => query(derived, gather),
        Relation::Sample(sample) => relation(&sample.relation, gather),
        Relation::Table(_)
        | Relation::View { .. }
        | Relation::Cte { .. }
        | Relation::Rows { .. }
        | Relation::Kept { .. }
        | Relation::System { .. } => {}
        Relation::Function(function) => {
            if let Rows::Native { arguments, .. } = &function.rows {
                arguments
                    .iter()
                    .chain(&function.constants)
                    .for_each(|of| expr(of, gather));
            }
        }
        Relation::Join {
            left,
            right,
            condition,
            ..
        } => {
            relation(left, gather);
            relation(right, gather);
            condition
                .iter()
                .for_each(|condition| expr(condition, gather));
        }
    }
}

fn expr(of: &Expr, gather: &mut dyn Gather) {
    gather.expr(of);
    match &of.kind {
        ExprKind::Scalar(inner)
        | ExprKind::Exists { query: inner, .. }
        | ExprKind::Quantified { query: inner, .. }
        | ExprKind::InQuery { query: inner, .. } => {
            query(inner, gather);
        }
        _ => {}
    }
    of.children()
        .into_iter()
        .for_each(|child| expr(child, gather));
}
