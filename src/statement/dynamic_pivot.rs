//! PIVOT … IN (ANY) and IN (query): the columns of such a query depend on rows. So the values are read first, and the query
//! is bound with them as if they had been written.
//!
//! Source: Snowflake, "PIVOT", dynamic pivot. It is for queries alone: not for what a view or a function says.

use arrow::array::AsArray;

use super::{Context, select};
use crate::error::{Error, Result};
use crate::lower;
use crate::sql::{StatementText, ast};
use crate::tree::{Body, OrderTarget, OutputColumn};
use crate::types::LogicalType;

/// The query with the values of its dynamic pivots; `None` where it has none.
pub(super) fn with_values(
    context: &mut Context<'_>,
    text: StatementText<'_>,
    query: &ast::Query,
) -> Result<Option<Box<ast::Query>>> {
    let is_pivot =
        |token: &crate::sql::TokenWithSpan| token.token.to_string().eq_ignore_ascii_case("PIVOT");
    if !text.tokens().iter().any(is_pivot) {
        return Ok(None);
    }
    let mut query = query.clone();
    let mut walk = Walk {
        context,
        text,
        ctes: vec![],
        found: false,
    };
    walk.query(&mut query)?;
    Ok(walk.found.then(|| Box::new(query)))
}

struct Walk<'a, 'c, 't> {
    context: &'a mut Context<'c>,
    text: StatementText<'t>,
    /// The WITH clauses around.
    ctes: Vec<ast::With>,
    found: bool,
}

impl Walk<'_, '_, '_> {
    fn query(&mut self, query: &mut ast::Query) -> Result<()> {
        let before = self.ctes.len();
        if let Some(with) = &mut query.with {
            for cte in &mut with.cte_tables {
                self.query(&mut cte.query)?;
            }
            self.ctes.push(with.clone());
        }
        let outcome = self.body(&mut query.body);
        self.ctes.truncate(before);
        outcome
    }

    fn body(&mut self, body: &mut ast::SetExpr) -> Result<()> {
        match body {
            ast::SetExpr::Select(select) => {
                for item in &mut select.from {
                    self.factor(&mut item.relation)?;
                    for join in &mut item.joins {
                        self.factor(&mut join.relation)?;
                    }
                }
                Ok(())
            }
            ast::SetExpr::Query(query) => self.query(query),
            ast::SetExpr::SetOperation { left, right, .. } => {
                self.body(left)?;
                self.body(right)
            }
            _ => Ok(()),
        }
    }

    fn factor(&mut self, factor: &mut ast::TableFactor) -> Result<()> {
        match factor {
            ast::TableFactor::Derived { subquery, .. } => self.query(subquery),
            ast::TableFactor::NestedJoin {
                table_with_joins, ..
            } => {
                self.factor(&mut table_with_joins.relation)?;
                for join in &mut table_with_joins.joins {
                    self.factor(&mut join.relation)?;
                }
                Ok(())
            }
            ast::TableFactor::Unpivot { table, .. } => self.factor(table),
            ast::TableFactor::Pivot {
                table,
                value_column,
                value_source,
                ..
            } => {
                self.factor(table)?;
                let query = match &*value_source {
                    ast::PivotValueSource::List(_) => return Ok(()),
                    ast::PivotValueSource::Any(keys) => distinct(value_column, table, keys)?,
                    ast::PivotValueSource::Subquery(query) => (**query).clone(),
                };
                *value_source = ast::PivotValueSource::List(self.values(query)?);
                self.found = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The distinct values of a query of one column, in its order.
    fn values(&mut self, mut query: ast::Query) -> Result<Vec<ast::ExprWithAlias>> {
        // It sees what the pivot sees.
        let mut around = self.ctes.clone();
        around.extend(query.with.take());
        query.with = around.into_iter().reduce(|mut outer, inner| {
            outer.recursive |= inner.recursive;
            outer.cte_tables.extend(inner.cte_tables);
            outer
        });
        let context = &mut *self.context;
        let mut bound = {
            let (lookup, facts) = (context.lookup(), context.facts());
            let binder = context.binder(&lookup, &facts, self.text, "SELECT");
            binder.query(&query)?
        };
        let ([column], Body::Select(select)) = (&bound.columns[..], &mut bound.body) else {
            return Err(Error::unsupported(
                "PIVOT … IN (query) of more than one column",
            ));
        };
        let ty = column.ty.clone();
        let text = select.projection[0].clone().cast(LogicalType::TEXT);
        select.projection.push(text);
        bound.columns.push(OutputColumn {
            name: String::new(),
            ty: LogicalType::TEXT,
            nullable: true,
            origin: None,
        });
        if bound.order_by.is_empty() {
            bound.order_by.push(crate::tree::OrderBy {
                target: OrderTarget::Output(0),
                descending: false,
                nulls_first: false,
            });
        }
        let lowered = lower::query(&bound, &context.facts())?;
        let texts = select::reading(context, &bound.tables(), |context| {
            let mut texts: Vec<Option<String>> = vec![];
            for batch in context.connection.query(&lowered.sql)? {
                let batch = batch?;
                let column = batch.column(1).as_string_opt::<i32>();
                let column = column.ok_or_else(|| Error::internal("a text that is none"))?;
                for value in column {
                    let value = value.map(str::to_owned);
                    if !texts.contains(&value) {
                        texts.push(value);
                    }
                }
            }
            Ok(texts)
        })?;
        texts
            .into_iter()
            .map(|text| {
                let expr = literal(text, &ty)?;
                Ok(ast::ExprWithAlias { expr, alias: None })
            })
            .collect()
    }
}

/// `SELECT DISTINCT column FROM table ORDER BY …`
fn distinct(
    column: &[ast::Expr],
    table: &ast::TableFactor,
    keys: &[ast::OrderByExpr],
) -> Result<ast::Query> {
    let source = crate::sql::Source::tokenize("SELECT DISTINCT 1 FROM t ORDER BY 1")?;
    let statements = source.statements();
    let template = statements.first().ok_or_else(Error::empty_statement)?;
    let mut query = *template.parse_query()?;
    let ([column], ast::SetExpr::Select(select)) = (column, &mut *query.body) else {
        return Err(Error::unsupported("PIVOT over several columns"));
    };
    select.projection = vec![ast::SelectItem::UnnamedExpr(column.clone())];
    for item in &mut select.from {
        item.relation = table.clone();
    }
    match &mut query.order_by {
        Some(order_by) if !keys.is_empty() => {
            order_by.kind = ast::OrderByKind::Expressions(keys.to_vec());
        }
        order_by => *order_by = None,
    }
    Ok(query)
}

/// A value as it would be written.
fn literal(text: Option<String>, ty: &LogicalType) -> Result<ast::Expr> {
    let value = |value: ast::Value| ast::Expr::Value(value.with_empty_span());
    let Some(text) = text else {
        return Ok(value(ast::Value::Null));
    };
    Ok(match ty {
        LogicalType::Number { .. } => match text.strip_prefix('-') {
            Some(digits) => ast::Expr::UnaryOp {
                op: ast::UnaryOperator::Minus,
                expr: Box::new(value(ast::Value::Number(digits.to_owned(), false))),
            },
            None => value(ast::Value::Number(text, false)),
        },
        LogicalType::Boolean => value(ast::Value::Boolean(text == "true")),
        LogicalType::Varchar { .. } | LogicalType::Date => {
            value(ast::Value::SingleQuotedString(text))
        }
        _ => return Err(Error::unsupported(format!("PIVOT … IN (ANY) of {ty}"))),
    })
}
