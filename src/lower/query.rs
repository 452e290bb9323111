//! Queries.

use std::collections::HashMap;

use super::expression::{key, ordered};
use super::numbers::{common, in_form};
use super::{Lowered, Place, Sql, Writer, WrittenView};
use crate::engine::quote_identifier;
use crate::error::{Error, Result};
use crate::tree::{
    Body, Cte, Expr, ExprKind, Grouping, GroupingSets, JoinKind, OrderTarget, Query, Relation,
    RelationId, SampleMethod, Select, SetOperator, ViewQuery,
};
use crate::types::{LogicalType, PhysicalType};

impl Writer<'_> {
    /// Writes a query; the outermost one brings the views that it and its subqueries use.
    pub(super) fn query(&mut self, query: &Query) -> Result<Lowered> {
        self.depth += 1;
        let mut ctes = Vec::new();
        for cte in &query.ctes {
            let body = if cte.recursive {
                self.recursive(cte)?
            } else {
                self.query(&cte.query)?
            };
            ctes.push(format!("\"w{}\" AS ({})", cte.id.0, body.sql));
            self.ctes.insert(cte.id, body.columns);
        }
        let body = self.body(query)?;
        self.depth -= 1;
        if self.depth == 0 {
            let views = std::mem::take(&mut self.views);
            ctes.splice(0..0, views.into_iter().map(WrittenView::definition));
        }
        Ok(match ctes.len() {
            0 => body,
            _ => {
                let is_recursive = query.ctes.iter().any(|cte| cte.recursive);
                let with = if is_recursive {
                    "WITH RECURSIVE"
                } else {
                    "WITH"
                };
                Lowered {
                    sql: format!("{with} {} {}", ctes.join(", "), body.sql),
                    columns: body.columns,
                }
            }
        })
    }

    /// A query but for its WITH.
    fn body(&mut self, query: &Query) -> Result<Lowered> {
        let mut sql = String::new();
        let types: Vec<_> = query.columns.iter().map(|column| &column.ty).collect();
        let columns = match &query.body {
            Body::Select(select) => {
                // ORDER BY expressions see the SELECT's relations and the values that its groups show.
                let outside = std::mem::take(&mut self.representatives);
                let volatile = std::mem::take(&mut self.volatile_keys);
                let body = self.select(select, &types)?;
                sql.push_str(&body.sql);
                self.order_by(query, &mut sql)?;
                self.representatives = outside;
                // Those of the SELECT itself are written; ORDER BY's own come too late for that.
                if !std::mem::replace(&mut self.volatile_keys, volatile).is_empty() {
                    return Err(Error::unsupported("windows over random values in ORDER BY"));
                }
                body.columns
            }
            Body::SetOperation {
                operator,
                all,
                left,
                right,
            } => {
                let body = self.set_operation(*operator, *all, left, right, &types)?;
                sql.push_str(&body.sql);
                self.order_by(query, &mut sql)?;
                body.columns
            }
            Body::Values(rows) => {
                let body = self.values(rows)?;
                sql.push_str(&body.sql);
                self.order_by(query, &mut sql)?;
                body.columns
            }
        };
        if let Some(limit) = &query.limit {
            sql.push_str(&format!(" LIMIT {}", self.expr(limit)?.text));
        }
        if let Some(offset) = &query.offset {
            sql.push_str(&format!(" OFFSET {}", self.expr(offset)?.text));
        }
        Ok(Lowered { sql, columns })
    }

    /// A recursive common table expression. Its columns have their natural forms from the start: the forms of the second
    /// side depend on those that it reads.
    fn recursive(&mut self, cte: &Cte) -> Result<Lowered> {
        let Body::SetOperation { left, right, .. } = &cte.query.body else {
            return Err(Error::internal("a recursion without two sides"));
        };
        let columns: Vec<_> = cte
            .query
            .columns
            .iter()
            .map(|column| self.natural(&column.ty))
            .collect();
        self.ctes.insert(cte.id, columns.clone());
        let (left, right) = (self.query(left)?, self.query(right)?);
        Ok(Lowered {
            sql: format!(
                "({}) UNION ALL ({})",
                in_forms(left, &columns),
                in_forms(right, &columns)
            ),
            columns,
        })
    }

    fn order_by(&mut self, query: &Query, sql: &mut String) -> Result<()> {
        // Within a key, the name of an output column could mean a column of a relation.
        let by_key = |target: &OrderTarget| match target {
            OrderTarget::Output(output) => query
                .columns
                .get(*output)
                .is_some_and(|column| !column.ty.equality_is_physical()),
            OrderTarget::Expr(_) => false,
        };
        let outputs = |target: &OrderTarget| matches!(target, OrderTarget::Output(_));
        if query.order_by.iter().any(|sort| by_key(&sort.target))
            && query.order_by.iter().all(|sort| outputs(&sort.target))
        {
            *sql = format!("SELECT * FROM ({sql}) AS \"sorted\"");
        }
        let distinct_by_key = match &query.body {
            Body::Select(select) => {
                let mut types = query.columns.iter().map(|column| &column.ty);
                select.distinct && types.any(|ty| !ty.equality_is_physical())
            }
            _ => false,
        };
        let mut index = 0;
        for sort in &query.order_by {
            let text = match &sort.target {
                OrderTarget::Output(output) => {
                    let ty = query.columns.get(*output).map(|column| &column.ty);
                    match ty {
                        Some(ty) if !ty.equality_is_physical() => {
                            key(Sql::new(format!("\"c{output}\""), self.natural(ty)), ty)
                        }
                        // By number: a name could mean a column of a relation.
                        _ => (output + 1).to_string(),
                    }
                }
                // Nothing is sorted by a constant, and the engine refuses some.
                OrderTarget::Expr(expr) if matches!(expr.kind, ExprKind::Literal(_)) => continue,
                OrderTarget::Expr(_) if distinct_by_key => {
                    return Err(Error::unsupported(
                        "ORDER BY of an expression beside SELECT DISTINCT of semi-structured columns",
                    ));
                }
                OrderTarget::Expr(expr) => key(self.expr(expr)?, &expr.ty),
            };
            sql.push_str(if index == 0 { " ORDER BY " } else { ", " });
            index += 1;
            sql.push_str(&ordered(&text, sort.descending, sort.nulls_first));
        }
        Ok(())
    }

    fn select(&mut self, select: &Select, types: &[&LogicalType]) -> Result<Lowered> {
        // First FROM: it says how columns are stored.
        let from = match &select.from {
            Some(relation) => format!(" FROM {}", self.relation(relation)?),
            None => String::new(),
        };
        let filter = self.clause(" WHERE ", select.filter.as_ref())?;
        let grouping = match &select.grouping {
            Some(grouping) => self.grouping(grouping)?,
            None => String::new(),
        };
        let mut columns = Vec::new();
        let mut items = Vec::new();
        for (index, item) in select.projection.iter().enumerate() {
            let item = self.expr(item)?;
            columns.push(item.physical);
            items.push(format!("{} AS \"c{index}\"", item.text));
        }
        let having = self.clause(" HAVING ", select.having.as_ref())?;
        let qualify = self.clause(" QUALIFY ", select.qualify.as_ref())?;
        let (from, filter) = match self.volatile_keys.is_empty() {
            true => (from, filter),
            false => (
                self.with_volatile_keys(select, &from, &filter)?,
                String::new(),
            ),
        };
        let by_key = select.distinct && types.iter().any(|ty| !ty.equality_is_physical());
        let distinct = if select.distinct && !by_key {
            "DISTINCT "
        } else {
            ""
        };
        let sql = format!(
            "SELECT {distinct}{}{from}{filter}{grouping}{having}{qualify}",
            items.join(", ")
        );
        if by_key {
            let sql = one_of_each(&sql, &columns, types, "first(\"{c}\")", "", false);
            return Ok(Lowered { sql, columns });
        }
        Ok(Lowered { sql, columns })
    }

    /// The rows of a SELECT with its volatile window keys as columns. Its relations become columns as well, structs, so that
    /// what names their columns reads on: `r1.c0` is then a field.
    fn with_volatile_keys(&mut self, select: &Select, from: &str, filter: &str) -> Result<String> {
        let mut relations = Vec::new();
        if let Some(relation) = &select.from {
            aliases(relation, &mut relations);
        }
        let is_inside = |id: &RelationId| matches!(self.places.get(id), Some(Place::Inside(_)));
        if select.grouping.is_some() || relations.iter().any(is_inside) {
            return Err(Error::unsupported(
                "windows over random values of groups or table functions",
            ));
        }
        let relations = relations.iter().map(|id| format!("\"r{}\"", id.0));
        let keys = std::mem::take(&mut self.volatile_keys);
        let keys = keys.iter().enumerate();
        let keys = keys.map(|(index, key)| format!("{key} AS \"v{index}\""));
        let items: Vec<_> = relations.chain(keys).collect();
        Ok(format!(
            " FROM (SELECT {}{from}{filter}) AS \"volatile\"",
            items.join(", ")
        ))
    }

    fn clause(&mut self, keyword: &str, condition: Option<&Expr>) -> Result<String> {
        match condition {
            Some(condition) => Ok(format!("{keyword}{}", self.expr(condition)?.text)),
            None => Ok(String::new()),
        }
    }

    fn grouping(&mut self, grouping: &Grouping) -> Result<String> {
        let mut keys = Vec::new();
        for expr in &grouping.keys {
            let sql = self.expr(expr)?;
            if !expr.ty.equality_is_physical() {
                let shown = match &grouping.sets {
                    GroupingSets::Plain => format!("any_value({})", sql.text),
                    // A key that is rolled up is NULL, and the rows under it have values.
                    GroupingSets::Sets(_) => {
                        let key = key(sql.clone(), &expr.ty);
                        format!(
                            "CASE WHEN {key} IS NOT NULL THEN any_value({}) END",
                            sql.text
                        )
                    }
                };
                let shown = Sql::new(shown, sql.physical);
                self.representatives.push((expr.clone(), shown));
            }
            keys.push(key(sql, &expr.ty));
        }
        Ok(match &grouping.sets {
            GroupingSets::Plain if keys.is_empty() => String::new(),
            GroupingSets::Plain => format!(" GROUP BY {}", keys.join(", ")),
            GroupingSets::Sets(sets) => {
                let sets: Vec<_> = sets
                    .iter()
                    .map(|set| {
                        let members: Vec<_> =
                            set.iter().map(|index| keys[*index].as_str()).collect();
                        format!("({})", members.join(", "))
                    })
                    .collect();
                format!(" GROUP BY GROUPING SETS ({})", sets.join(", "))
            }
        })
    }

    pub(super) fn relation(&mut self, relation: &Relation) -> Result<String> {
        Ok(match relation {
            Relation::Table(table) => {
                let columns = table
                    .columns
                    .iter()
                    .map(|column| (column.number, column.physical))
                    .collect();
                self.relations.insert(table.id, columns);
                format!(
                    "\"data\".{} AS \"r{}\"",
                    quote_identifier(&table.physical_name),
                    table.id.0
                )
            }
            Relation::Derived { id, query, lateral } => {
                let body = self.query(query)?;
                self.show(*id, &body.columns);
                format!(
                    "{}({}) AS \"r{}\"",
                    if *lateral { "LATERAL " } else { "" },
                    body.sql,
                    id.0
                )
            }
            Relation::Cte { id, cte } => {
                let columns = self.ctes.get(cte).cloned();
                let columns = columns
                    .ok_or_else(|| Error::internal("a common table expression that is not here"))?;
                self.show(*id, &columns);
                format!("\"w{}\" AS \"r{}\"", cte.0, id.0)
            }
            Relation::Sample(sample) => {
                let relation = self.relation(&sample.relation)?;
                let method = match sample.method {
                    SampleMethod::Rows(percent) => format!("bernoulli({percent} PERCENT)"),
                    SampleMethod::Blocks(percent) => format!("system({percent} PERCENT)"),
                    SampleMethod::Count(rows) => format!("reservoir({rows} ROWS)"),
                };
                match sample.seed {
                    Some(seed) => format!("{relation} TABLESAMPLE {method} REPEATABLE ({seed})"),
                    None => format!("{relation} TABLESAMPLE {method}"),
                }
            }
            Relation::Rows { id, types } => {
                let columns: Vec<_> = types.iter().map(|ty| self.natural(ty)).collect();
                self.show(*id, &columns);
                format!("\"rows\" AS \"r{}\"", id.0)
            }
            Relation::Kept {
                id,
                physical_name,
                columns,
            } => {
                self.show(*id, columns);
                let name = super::dml::temporary(physical_name);
                format!("{name} AS \"r{}\"", id.0)
            }
            // Outside any query (UPDATE … FROM, MERGE … USING): there is no WITH that could define it.
            Relation::View { id, view } if self.depth == 0 => {
                let body = self.query(&view.query)?;
                self.show(*id, &body.columns);
                format!("({}) AS \"r{}\"", body.sql, id.0)
            }
            Relation::View { id, view } => {
                let columns = self.view(view)?;
                self.show(*id, &columns);
                format!("\"w{}\" AS \"r{}\"", view.id.0, id.0)
            }
            Relation::System { id, sql, columns } => {
                self.show(*id, columns);
                format!("({sql}) AS \"r{}\"", id.0)
            }
            Relation::Function(function) => self.function(function)?,
            Relation::Join {
                kind,
                left,
                right,
                condition,
            } => {
                if let Some(applied) = self.applied(*kind, left, right, condition.as_ref())? {
                    return Ok(applied);
                }
                let (left, right) = (self.relation(left)?, self.relation(right)?);
                let keyword = match kind {
                    JoinKind::Inner => "JOIN",
                    JoinKind::Left => "LEFT JOIN",
                    JoinKind::Right => "RIGHT JOIN",
                    JoinKind::Full => "FULL JOIN",
                    JoinKind::Cross => "CROSS JOIN",
                    JoinKind::AsOf => "ASOF LEFT JOIN",
                };
                let on = self.clause(" ON ", condition.as_ref())?;
                format!("({left} {keyword} {right}{on})")
            }
        })
    }

    /// Sees to it that the outermost query defines a view; returns the forms of its columns.
    fn view(&mut self, view: &ViewQuery) -> Result<Vec<PhysicalType>> {
        if let Some(known) = self.views.iter_mut().find(|known| known.id == view.id) {
            known.uses += 1;
            return Ok(known.columns.clone());
        }
        let outside = std::mem::take(&mut self.representatives);
        let Lowered { sql, columns } = self.query(&view.query)?;
        self.representatives = outside;
        self.views.push(WrittenView {
            id: view.id,
            sql,
            columns: columns.clone(),
            uses: 1,
        });
        Ok(columns)
    }

    /// Columns `c0`, `c1`, … of a relation.
    pub(super) fn show(&mut self, id: RelationId, columns: &[PhysicalType]) {
        let columns: HashMap<_, _> = (0..).zip(columns.iter().copied()).collect();
        self.relations.insert(id, columns);
    }

    fn set_operation(
        &mut self,
        operator: SetOperator,
        all: bool,
        left: &Query,
        right: &Query,
        types: &[&LogicalType],
    ) -> Result<Lowered> {
        let keyword = match operator {
            SetOperator::Union => "UNION",
            SetOperator::Except => "EXCEPT",
            SetOperator::Intersect => "INTERSECT",
        };
        let by_key = types.iter().any(|ty| !ty.equality_is_physical())
            && !(operator == SetOperator::Union && all);
        let (left, right) = (self.query(left)?, self.query(right)?);
        let forms = left
            .columns
            .iter()
            .zip(&right.columns)
            .map(|(l, r)| {
                common([*l, *r])
                    .ok_or_else(|| Error::internal(format!("no common form of {l} and {r}")))
            })
            .collect::<Result<Vec<_>>>()?;
        let (left, right) = (in_forms(left, &forms), in_forms(right, &forms));
        if by_key {
            let both = format!(
                "SELECT *, FALSE AS \"x\" FROM ({left}) AS \"l\" UNION ALL SELECT *, TRUE FROM ({right}) AS \"r\""
            );
            let having = match operator {
                SetOperator::Union => "",
                SetOperator::Except => " HAVING NOT bool_or(\"x\")",
                SetOperator::Intersect => " HAVING bool_or(\"x\") AND NOT bool_and(\"x\")",
            };
            // Of equal values, the one of the left side.
            return Ok(Lowered {
                sql: one_of_each(
                    &both,
                    &forms,
                    types,
                    "first(\"{c}\" ORDER BY \"x\")",
                    having,
                    all,
                ),
                columns: forms,
            });
        }
        let all = if all { " ALL" } else { "" };
        Ok(Lowered {
            sql: format!("({left}) {keyword}{all} ({right})"),
            columns: forms,
        })
    }

    fn values(&mut self, rows: &[Vec<Expr>]) -> Result<Lowered> {
        let width = rows.first().map_or(0, Vec::len);
        let mut columns = Vec::new();
        let mut cells = Vec::new();
        for index in 0..width {
            let column: Vec<_> = rows.iter().map(|row| &row[index]).collect();
            let column = self.unified(&column)?;
            columns.push(
                column
                    .first()
                    .map_or(PhysicalType::Varchar, |cell| cell.physical),
            );
            cells.push(column);
        }
        let rows: Vec<_> = (0..rows.len())
            .map(|row| {
                let cells: Vec<_> = cells
                    .iter()
                    .map(|column| column[row].text.as_str())
                    .collect();
                format!("({})", cells.join(", "))
            })
            .collect();
        let names: Vec<_> = (0..width).map(|index| format!("\"c{index}\"")).collect();
        let sql = format!(
            "SELECT * FROM (VALUES {}) AS \"v\"({})",
            rows.join(", "),
            names.join(", ")
        );
        Ok(Lowered { sql, columns })
    }
}

impl WrittenView {
    /// A view that is used once is planned as if its text stood there. The engine would do the same with one that is used
    /// more often, and a chain of views that each use the one before twice would grow without bound; that one it computes
    /// once.
    fn definition(self) -> String {
        let hint = if self.uses == 1 {
            " NOT MATERIALIZED"
        } else {
            ""
        };
        format!("\"w{}\" AS{hint} ({})", self.id.0, self.sql)
    }
}

/// The query with its columns in the given forms.
/// The relations of a FROM clause.
fn aliases(relation: &Relation, found: &mut Vec<RelationId>) {
    match relation {
        Relation::Table(table) => found.push(table.id),
        Relation::Derived { id, .. }
        | Relation::Cte { id, .. }
        | Relation::Rows { id, .. }
        | Relation::Kept { id, .. }
        | Relation::View { id, .. }
        | Relation::System { id, .. } => found.push(*id),
        Relation::Function(function) => found.push(function.id),
        Relation::Join { left, right, .. } => {
            aliases(left, found);
            aliases(right, found);
        }
        Relation::Sample(sample) => aliases(&sample.relation, found),
    }
}

fn in_forms(query: Lowered, forms: &[PhysicalType]) -> String {
    if query.columns == forms {
        return query.sql;
    }
    let items: Vec<_> = forms
        .iter()
        .enumerate()
        .map(|(index, form)| {
            let column = Sql::new(format!("\"c{index}\""), query.columns[index]);
            format!("{} AS \"c{index}\"", in_form(column, *form).text)
        })
        .collect();
    format!("SELECT {} FROM ({}) AS \"f\"", items.join(", "), query.sql)
}

/// The rows of a query without those that are equal by key; `pick` chooses a value of column `{c}`. Of `all` rows of one
/// side (`x`), the first is equal to the first of the other side, the second to the second, and so on.
fn one_of_each(
    query: &str,
    columns: &[PhysicalType],
    types: &[&LogicalType],
    pick: &str,
    having: &str,
    all: bool,
) -> String {
    let (items, keys): (Vec<_>, Vec<_>) = columns
        .iter()
        .zip(types)
        .enumerate()
        .map(|(index, (physical, ty))| {
            let name = format!("c{index}");
            let picked = pick.replace("{c}", &name);
            let value = Sql::new(format!("\"{name}\""), *physical);
            (format!("{picked} AS \"{name}\""), key(value, ty))
        })
        .unzip();
    let (items, keys) = (items.join(", "), keys.join(", "));
    if all {
        return format!(
            "SELECT * FROM (SELECT {items} FROM (SELECT *, row_number() OVER (PARTITION BY {keys}, \"x\") AS \"n\" \
             FROM ({query}) AS \"d\") AS \"d\" GROUP BY {keys}, \"n\"{having}) AS \"d\""
        );
    }
    format!(
        "SELECT * FROM (SELECT {items} FROM ({query}) AS \"d\" GROUP BY {keys}{having}) AS \"d\""
    )
}
