//! Which physical tables a query reads.

use std::collections::{BTreeSet, HashSet};

use super::{Body, CteId, Expr, ExprKind, OrderTarget, Query, Relation};

#[derive(Default)]
struct Found {
    tables: BTreeSet<String>,
    /// Views that were looked into: a chain of views can use the first of them very often.
    views: HashSet<CteId>,
}

impl Query {
    /// The engine's names of the tables that the query reads, those of subqueries included.
    pub fn tables(&self) -> BTreeSet<String> {
        let mut found = Found::default();
        query(self, &mut found);
        found.tables
    }
}

impl Expr {
    /// The engine's names of the tables that the expression's subqueries read.
    pub fn tables(&self) -> BTreeSet<String> {
        let mut found = Found::default();
        expr(self, &mut found);
        found.tables
    }
}

fn query(of: &Query, found: &mut Found) {
    of.ctes.iter().for_each(|cte| query(&cte.query, found));
    match &of.body {
        Body::Select(select) => {
            select.from.iter().for_each(|from| relation(from, found));
            let keys = select.grouping.iter().flat_map(|grouping| &grouping.keys);
            select
                .filter
                .iter()
                .chain(keys)
                .chain(&select.having)
                .chain(&select.qualify)
                .chain(&select.projection)
                .for_each(|item| expr(item, found));
        }
        Body::SetOperation { left, right, .. } => {
            query(left, found);
            query(right, found);
        }
        Body::Values(rows) => rows.iter().flatten().for_each(|cell| expr(cell, found)),
    }
    for key in &of.order_by {
        if let OrderTarget::Expr(key) = &key.target {
            expr(key, found);
        }
    }
}

fn relation(of: &Relation, found: &mut Found) {
    match of {
        Relation::Table(table) => {
            found.tables.insert(table.physical_name.clone());
        }
        Relation::Derived { query: derived, .. } => query(derived, found),
        Relation::View { view, .. } => {
            if found.views.insert(view.id) {
                query(&view.query, found);
            }
        }
        Relation::Cte { .. } | Relation::System { .. } => {}
        Relation::Join {
            left,
            right,
            condition,
            ..
        } => {
            relation(left, found);
            relation(right, found);
            condition
                .iter()
                .for_each(|condition| expr(condition, found));
        }
    }
}

fn expr(of: &Expr, found: &mut Found) {
    match &of.kind {
        ExprKind::Scalar(inner)
        | ExprKind::Exists { query: inner, .. }
        | ExprKind::InQuery { query: inner, .. } => {
            query(inner, found);
        }
        _ => {}
    }
    of.children()
        .into_iter()
        .for_each(|child| expr(child, found));
}
