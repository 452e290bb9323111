//! Which physical tables a statement reads.

use std::collections::BTreeSet;

use super::{
    Body, BranchCondition, Delete, Expr, ExprKind, Merge, MultiInsert, OrderTarget, Query,
    Relation, Rows, Update,
};

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

fn query(of: &Query, tables: &mut BTreeSet<String>) {
    of.ctes.iter().for_each(|cte| query(&cte.query, tables));
    match &of.body {
        Body::Select(select) => {
            select.from.iter().for_each(|from| relation(from, tables));
            let keys = select.grouping.iter().flat_map(|grouping| &grouping.keys);
            select
                .filter
                .iter()
                .chain(keys)
                .chain(&select.having)
                .chain(&select.qualify)
                .chain(&select.projection)
                .for_each(|item| expr(item, tables));
        }
        Body::SetOperation { left, right, .. } => {
            query(left, tables);
            query(right, tables);
        }
        Body::Values(rows) => rows.iter().flatten().for_each(|cell| expr(cell, tables)),
    }
    for key in &of.order_by {
        if let OrderTarget::Expr(key) = &key.target {
            expr(key, tables);
        }
    }
}

fn relation(of: &Relation, tables: &mut BTreeSet<String>) {
    match of {
        Relation::Table(table) => {
            tables.insert(table.physical_name.clone());
        }
        Relation::Derived { query: derived, .. } => query(derived, tables),
        Relation::Sample(sample) => relation(&sample.relation, tables),
        Relation::View { view, .. } => tables.extend(view.tables.iter().cloned()),
        Relation::Cte { .. }
        | Relation::Rows { .. }
        | Relation::Kept { .. }
        | Relation::System { .. } => {}
        Relation::Function(function) => {
            if let Rows::Native { arguments, .. } = &function.rows {
                arguments
                    .iter()
                    .chain(&function.constants)
                    .for_each(|of| expr(of, tables));
            }
        }
        Relation::Join {
            left,
            right,
            condition,
            ..
        } => {
            relation(left, tables);
            relation(right, tables);
            condition
                .iter()
                .for_each(|condition| expr(condition, tables));
        }
    }
}

fn expr(of: &Expr, tables: &mut BTreeSet<String>) {
    match &of.kind {
        ExprKind::Scalar(inner)
        | ExprKind::Exists { query: inner, .. }
        | ExprKind::Quantified { query: inner, .. }
        | ExprKind::InQuery { query: inner, .. } => {
            query(inner, tables);
        }
        _ => {}
    }
    of.children()
        .into_iter()
        .for_each(|child| expr(child, tables));
}
