//! Windows over RANDOM, SEQ4 and their like: the engine has no partitions and orders by values that are drawn anew each
//! time they are looked at. They are drawn once per row, in a SELECT below.

use super::function::relation_ids;
use super::{Place, VOLATILE, Writer};
use crate::error::{Error, Result};
use crate::tree::{Expr, ExprKind, Form, RelationId, Select};

/// What stands for the relation of a SELECT without FROM.
const NO_RELATION: RelationId = RelationId(u32::MAX - 1);

impl Writer<'_> {
    /// FROM and WHERE of a SELECT with the volatile keys of its windows drawn; as they are where there are none.
    pub(super) fn drawn(
        &mut self,
        select: &Select,
        from: String,
        filter: String,
    ) -> Result<(String, String)> {
        let mut keys = Vec::new();
        for expr in select.projection.iter().chain(&select.qualify) {
            volatile_keys(expr, &mut keys);
        }
        if keys.is_empty() {
            return Ok((from, filter));
        }
        if select.grouping.is_some() {
            return Err(Error::unsupported(
                "window of a grouped query over a function without fixed values",
            ));
        }
        let mut ids = Vec::new();
        if let Some(relation) = &select.from {
            relation_ids(relation, &mut ids);
        }
        let around = ids.first().copied().unwrap_or(NO_RELATION);
        let mut items = self.all_columns(&ids);
        for key in keys {
            if self.representatives.iter().any(|(known, _)| known == key) {
                continue;
            }
            let mut drawn = self.expr(key)?;
            let name = format!("x{}", items.len());
            items.push(format!("{} AS \"{name}\"", drawn.text));
            drawn.text = format!("\"a{}\".\"{name}\"", around.0);
            self.representatives.push((key.clone(), drawn));
        }
        for id in ids {
            self.places.insert(id, Place::Inside(around));
        }
        let inner = format!("SELECT {}{from}{filter}", items.join(", "));
        Ok((
            format!(" FROM ({inner}) AS \"a{}\"", around.0),
            String::new(),
        ))
    }
}

/// The volatile expressions that windows partition and order by.
fn volatile_keys<'e>(expr: &'e Expr, keys: &mut Vec<&'e Expr>) {
    if let ExprKind::Aggregate(aggregate) = &expr.kind
        && let Some(window) = &aggregate.over
    {
        let ordered = window.order_by.iter().map(|key| &key.expr);
        let all = window.partition_by.iter().chain(ordered);
        keys.extend(all.filter(|key| key.any(&is_volatile)));
    }
    for child in expr.children() {
        volatile_keys(child, keys);
    }
}

fn is_volatile(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call(call) if matches!(call.form, Form::Engine(name) if VOLATILE.contains(name)))
}
