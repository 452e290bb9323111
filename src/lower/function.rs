//! Table functions and lambdas: lists that natives give, unnested or walked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};

use super::{Place, Sql, Writer};
use crate::error::{Error, Result};
use crate::tree::{
    Expr, ExprKind, FunctionRelation, HigherOrder, JoinKind, Operation, Relation, RelationId, Rows,
};
use crate::types::{LogicalType, PhysicalType};

/// Under which number a table function counts the rows that pass it. 0 is a call of a single row.
static NEXT_TOKEN: AtomicI64 = AtomicI64::new(1);

impl Writer<'_> {
    /// A table function that stands alone.
    pub(super) fn function(&mut self, function: &FunctionRelation) -> Result<String> {
        let id = function.id;
        let (name, arguments, columns) = match &function.rows {
            Rows::Count(count) => {
                self.show(id, &[PhysicalType::BigInt]);
                return Ok(format!(
                    "(SELECT \"range\" AS \"c0\" FROM range({count})) AS \"r{}\"",
                    id.0
                ));
            }
            Rows::Native {
                name,
                arguments,
                columns,
            } => (name, arguments, columns),
        };
        let call = self.list(id, name, arguments, 0)?;
        let mut items = Vec::new();
        let forms = self.constants(function, columns, &mut items)?;
        items.push(format!("unnest({call}) AS \"f\""));
        self.unnested(id, columns.len(), &forms);
        Ok(format!("(SELECT {}) AS \"a{}\"", items.join(", "), id.0))
    }

    /// Rows of `left`, each with the rows that a table function makes of its columns; `None` where the function does not
    /// depend on them.
    ///
    /// The columns of `left` stand beside the unnested list in one SELECT, so that each row passes the function once and
    /// nothing is joined.
    pub(super) fn applied(
        &mut self,
        kind: JoinKind,
        left: &Relation,
        right: &Relation,
        condition: Option<&Expr>,
    ) -> Result<Option<String>> {
        let Relation::Function(function) = right else {
            return Ok(None);
        };
        let Rows::Native {
            name,
            arguments,
            columns,
        } = &function.rows
        else {
            return Ok(None);
        };
        let mut ids = Vec::new();
        relation_ids(left, &mut ids);
        let depends = arguments.iter().chain(&function.constants).any(|argument| {
            argument.any(&|expr| match &expr.kind {
                ExprKind::Column(column) => ids.contains(&column.relation),
                ExprKind::Scalar(_)
                | ExprKind::Exists { .. }
                | ExprKind::InQuery { .. }
                | ExprKind::Quantified { .. } => true,
                _ => false,
            })
        });
        if !depends {
            return Ok(None);
        }
        let id = function.id;
        let from = self.relation(left)?;
        let mut items = self.all_columns(&ids);
        let token = NEXT_TOKEN.fetch_add(1, Ordering::Relaxed);
        let call = self.list(id, name, arguments, token)?;
        let forms = self.constants(function, columns, &mut items)?;
        let keeps_rows = kind == JoinKind::Left;
        let select = if keeps_rows {
            let names: Vec<_> = items
                .iter()
                .filter_map(|item| item.rsplit_once(" AS ").map(|(_, name)| name.to_owned()))
                .collect();
            let (names, items) = (names.join(", "), items.join(", "));
            // A row that the function makes nothing of stays, with NULL.
            format!(
                "SELECT {names}, unnest(CASE WHEN len(\"l\") > 0 THEN \"l\" ELSE [NULL] END) AS \"f\" \
                 FROM (SELECT {items}, {call} AS \"l\" FROM {from}) AS \"l{}\"",
                id.0
            )
        } else {
            items.push(format!("unnest({call}) AS \"f\""));
            format!("SELECT {} FROM {from}", items.join(", "))
        };
        for relation in ids {
            self.places.insert(relation, Place::Inside(id));
        }
        self.unnested(id, columns.len(), &forms);
        let alias = format!("\"a{}\"", id.0);
        Ok(Some(match condition {
            None => format!("({select}) AS {alias}"),
            Some(condition) if keeps_rows && !is_true(condition) => {
                return Err(Error::unsupported(format!(
                    "outer join of a table function on a condition{}",
                    if condition.nullable {
                        ""
                    } else {
                        " of this kind"
                    }
                )));
            }
            Some(condition) if is_true(condition) => format!("({select}) AS {alias}"),
            Some(condition) => {
                let condition = self.expr(condition)?.text;
                format!("(SELECT * FROM ({select}) AS {alias} WHERE {condition}) AS {alias}")
            }
        }))
    }

    /// All columns of relations, under the names that they have inside another one.
    pub(super) fn all_columns(&self, ids: &[RelationId]) -> Vec<String> {
        let mut items = Vec::new();
        for relation in ids {
            let mut numbers: Vec<_> = self
                .relations
                .get(relation)
                .map(|columns| columns.keys().copied().collect())
                .unwrap_or_default();
            numbers.sort_unstable();
            for number in numbers {
                let column = self.column_text(*relation, number);
                items.push(format!("{column} AS \"r{}c{number}\"", relation.0));
            }
        }
        items
    }

    /// The call of a native that gives a list of rows. One that takes long to fill all columns is told which are wanted.
    fn list(
        &mut self,
        id: RelationId,
        name: &str,
        arguments: &[Expr],
        token: i64,
    ) -> Result<String> {
        let mut texts = arguments
            .iter()
            .map(|argument| Ok(self.expr(argument)?.text))
            .collect::<Result<Vec<_>>>()?;
        texts.push(format!("{token}::BIGINT"));
        if name.starts_with("sf_flatten") {
            texts.push(format!("{}::BIGINT", self.wanted(id)));
        }
        Ok(format!("{name}({})", texts.join(", ")))
    }

    /// A bit for each column of a relation that the statement mentions.
    fn wanted(&self, relation: RelationId) -> i64 {
        let Some(used) = &self.used else {
            return i64::MAX;
        };
        let columns = used.iter().filter(|column| column.relation == relation);
        columns.fold(0, |bits, column| bits | 1 << column.column.min(62))
    }

    fn constants(
        &mut self,
        function: &FunctionRelation,
        columns: &[PhysicalType],
        items: &mut Vec<String>,
    ) -> Result<Vec<PhysicalType>> {
        let mut forms = columns.to_vec();
        for constant in &function.constants {
            let sql = self.expr(constant)?;
            items.push(format!("{} AS \"f{}\"", sql.text, forms.len()));
            forms.push(sql.physical);
        }
        Ok(forms)
    }

    fn unnested(&mut self, id: RelationId, fields: usize, forms: &[PhysicalType]) {
        self.show(id, forms);
        self.places.insert(id, Place::Unnested(fields as u64));
    }

    /// How a column is written where the statement stands.
    pub(super) fn column_text(&self, relation: RelationId, column: u64) -> String {
        let id = relation.0;
        match self.places.get(&relation) {
            None => format!("\"r{id}\".\"c{column}\""),
            Some(Place::Inside(function)) => format!("\"a{}\".\"r{id}c{column}\"", function.0),
            Some(Place::Unnested(fields)) if column < *fields => {
                format!("struct_extract(\"a{id}\".\"f\", 'c{column}')")
            }
            Some(Place::Unnested(_)) => format!("\"a{id}\".\"f{column}\""),
            Some(Place::Parameter) => format!("\"p{id}_{column}\""),
        }
    }

    /// FILTER, TRANSFORM, REDUCE: the engine's lambdas over the list of an array's elements. The canonical texts of elements,
    /// joined by commas, are the array again.
    pub(super) fn higher_order(&mut self, call: &HigherOrder, ty: &LogicalType) -> Result<Sql> {
        let id = call.parameters;
        let parameters: HashMap<_, _> = [0, 1].map(|n| (n, PhysicalType::Varchar)).into();
        self.relations.insert(id, parameters);
        self.places.insert(id, Place::Parameter);
        let list = format!("sf_elements({})", self.expr(&call.array)?.text);
        let body = self.expr(&call.body)?.text;
        let (first, second) = (self.column_text(id, 0), self.column_text(id, 1));
        let elements = match &call.operation {
            Operation::Transform => {
                format!("list_transform({list}, lambda {first}: coalesce({body}, 'undefined'))")
            }
            Operation::Filter => format!(
                "list_transform(list_filter({list}, lambda {first}: ({body})), \
                 lambda {second}: coalesce({second}, 'undefined'))"
            ),
            Operation::Reduce(initial) => {
                let initial = self.expr(initial)?.text;
                let text =
                    format!("list_reduce({list}, lambda {first}, {second}: ({body}), {initial})");
                return Ok(Sql::new(text, self.natural(ty)));
            }
        };
        let text = format!(
            "('[' || coalesce(array_to_string({elements}, ','), CASE WHEN {list} IS NOT NULL THEN '' END) || ']')"
        );
        Ok(Sql::new(text, PhysicalType::Varchar))
    }
}

fn is_true(condition: &Expr) -> bool {
    matches!(
        condition.kind,
        ExprKind::Literal(crate::tree::Literal::Boolean(true))
    )
}

/// The relations whose columns a relation shows.
pub(super) fn relation_ids(relation: &Relation, ids: &mut Vec<RelationId>) {
    match relation {
        Relation::Table(table) => ids.push(table.id),
        Relation::Derived { id, .. }
        | Relation::Cte { id, .. }
        | Relation::View { id, .. }
        | Relation::Rows { id, .. }
        | Relation::Kept { id, .. }
        | Relation::System { id, .. } => {
            ids.push(*id);
        }
        Relation::Function(function) => ids.push(function.id),
        Relation::Sample(sample) => relation_ids(&sample.relation, ids),
        Relation::Join { left, right, .. } => {
            relation_ids(left, ids);
            relation_ids(right, ids);
        }
    }
}
