//! Which physical tables a query reads.

use std::collections::BTreeSet;

use super::{Body, Expr, ExprKind, OrderTarget, Query, Relation};

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
        Relation::Cte { .. }
        | Relation::Rows { .. }
        | Relation::Kept { .. }
        | Relation::System { .. } => {}
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
        | ExprKind::InQuery { query: inner, .. } => {
            query(inner, tables);
        }
        _ => {}
    }
    of.children()
        .into_iter()
        .for_each(|child| expr(child, tables));
}
