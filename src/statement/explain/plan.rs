//! The operations of a statement, from its syntax.

use std::collections::BTreeSet;

use sqlparser::tokenizer::Token;

use super::super::Context;
use crate::catalog::{Detail, Lookup, Object, ObjectKind};
use crate::error::{Error, Result};
use crate::sql::{Folding, ObjectName, Source, StatementText, ast, fold};

/// A line of the plan.
pub(super) struct Operation {
    /// Index of the operation that takes its rows.
    pub parent: Option<usize>,
    pub name: &'static str,
    /// The table, in full.
    pub object: Option<String>,
    pub alias: Option<String>,
    pub expressions: Vec<String>,
    /// Whether it reads a table.
    pub scans: bool,
}

impl Operation {
    /// How many operations stand above it.
    pub fn depth(&self, all: &[Operation]) -> usize {
        match self.parent {
            Some(parent) => all[parent].depth(all) + 1,
            None => 0,
        }
    }
}

/// The plan of a statement that has been compiled. `columns` are the names of its answer.
pub(super) fn plan(
    context: &Context<'_>,
    text: StatementText<'_>,
    columns: &[String],
) -> Result<Vec<Operation>> {
    let lookup = context.lookup();
    let mut plan = Plan {
        operations: vec![],
        lookup: &lookup,
        folding: context.folding(),
        words: words(text),
    };
    let result = |plan: &mut Plan<'_>| plan.add(None, "Result", columns.to_vec());
    match text.parse_statement()? {
        ast::Statement::Query(query) => {
            let mut scope = Scope::default();
            plan.root(&query, columns, &mut scope)?;
        }
        ast::Statement::Insert(insert) => {
            let ast::TableObject::TableName(name) = &insert.table else {
                return Err(Error::unsupported("EXPLAIN of this INSERT"));
            };
            let top = result(&mut plan);
            let top = plan.write(top, "Insert", name)?;
            if let Some(source) = &insert.source {
                plan.query(Some(top), source, &mut Scope::default())?;
            }
        }
        ast::Statement::Update(update) => {
            let name = table_name(&update.table.relation)?;
            let top = result(&mut plan);
            let top = plan.write(top, "Update", name)?;
            let from = match &update.from {
                Some(
                    ast::UpdateTableFromKind::AfterSet(from)
                    | ast::UpdateTableFromKind::BeforeSet(from),
                ) => &from[..],
                None => &[],
            };
            plan.changed(top, &update.table, from, update.selection.as_ref())?;
        }
        ast::Statement::Delete(delete) => {
            let (ast::FromTable::WithFromKeyword(from) | ast::FromTable::WithoutKeyword(from)) =
                &delete.from;
            let [target] = &from[..] else {
                return Err(Error::unsupported("EXPLAIN of this DELETE"));
            };
            let name = table_name(&target.relation)?;
            let top = result(&mut plan);
            let top = plan.write(top, "Delete", name)?;
            let using = delete.using.as_deref().unwrap_or_default();
            plan.changed(top, target, using, delete.selection.as_ref())?;
        }
        ast::Statement::Merge(merge) => {
            let name = table_name(&merge.table)?;
            let top = result(&mut plan);
            let top = plan.write(top, "Merge", name)?;
            // The side that decides how many rows there are stands on the left.
            let condition = vec![format!("joinKey: {}", plan.shown(&merge.on))];
            let join = plan.add(Some(top), "LeftOuterJoin", condition);
            let mut scope = Scope::default();
            plan.factor(join, &merge.source, &mut scope)?;
            plan.factor(join, &merge.table, &mut scope)?;
        }
        ast::Statement::CreateTable(create) => {
            let Some(query) = &create.query else {
                return Err(Error::unsupported("EXPLAIN of DDL"));
            };
            let facts = context.facts();
            let binder = context.binder(&lookup, &facts, text, "CREATE TABLE");
            binder.query(query)?;
            let top = result(&mut plan);
            let top = plan.add(Some(top), "CreateTableAsSelect", vec![]);
            plan.operations[top].object = Some(plan.full(&create.name)?.to_string());
            plan.query(Some(top), query, &mut Scope::default())?;
        }
        _ => return Err(Error::unsupported("EXPLAIN of this statement")),
    }
    Ok(plan.operations)
}

fn table_name(factor: &ast::TableFactor) -> Result<&ast::ObjectName> {
    match factor {
        ast::TableFactor::Table { name, .. } => Ok(name),
        _ => Err(Error::unsupported("EXPLAIN of this statement")),
    }
}

/// The names in a text, folded: the columns that a table is asked for are among them. `None` where a star asks for all.
fn words(text: StatementText<'_>) -> Option<BTreeSet<String>> {
    let mut words = BTreeSet::new();
    let tokens = text.tokens();
    for (index, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::Word(word) => {
                let identifier = ast::Ident {
                    value: word.value.clone(),
                    quote_style: word.quote_style,
                    span: token.span,
                };
                words.insert(fold(&identifier, Folding::Exact));
            }
            // Not `count(*)` and not a product.
            Token::Mul => {
                let before = index.checked_sub(1).map(|before| &tokens[before].token);
                let star = match before {
                    Some(Token::Word(word)) => word.value.eq_ignore_ascii_case("SELECT"),
                    Some(Token::Comma | Token::Period) => true,
                    _ => false,
                };
                if star {
                    return None;
                }
            }
            _ => {}
        }
    }
    Some(words)
}

/// The common table expressions that a query sees, the nearest last.
#[derive(Default, Clone)]
struct Scope {
    ctes: Vec<String>,
}

struct Plan<'a> {
    operations: Vec<Operation>,
    lookup: &'a Lookup,
    folding: Folding,
    words: Option<BTreeSet<String>>,
}

impl Plan<'_> {
    fn add(
        &mut self,
        parent: Option<usize>,
        name: &'static str,
        expressions: Vec<String>,
    ) -> usize {
        self.operations.push(Operation {
            parent,
            name,
            object: None,
            alias: None,
            expressions,
            scans: false,
        });
        self.operations.len() - 1
    }

    /// An operation that writes a table.
    fn write(
        &mut self,
        parent: usize,
        name: &'static str,
        table: &ast::ObjectName,
    ) -> Result<usize> {
        let object = self.full(table)?.to_string();
        let id = self.add(Some(parent), name, vec![]);
        self.operations[id].object = Some(object);
        Ok(id)
    }

    /// The rows that UPDATE and DELETE change.
    fn changed(
        &mut self,
        parent: usize,
        target: &ast::TableWithJoins,
        others: &[ast::TableWithJoins],
        selection: Option<&ast::Expr>,
    ) -> Result<()> {
        let parent = match selection {
            Some(condition) => {
                let condition = vec![self.shown(condition)];
                self.add(Some(parent), "Filter", condition)
            }
            None => parent,
        };
        let from: Vec<_> = std::iter::once(target).chain(others).collect();
        self.relations(parent, &from, &mut Scope::default())
    }

    /// A query with the `Result` above it.
    fn root(&mut self, query: &ast::Query, columns: &[String], scope: &mut Scope) -> Result<()> {
        let expressions = match &*query.body {
            ast::SetExpr::Select(select) => self.items(&select.projection),
            _ => None,
        };
        let top = self.add(
            None,
            "Result",
            expressions.unwrap_or_else(|| columns.to_vec()),
        );
        self.query(Some(top), query, scope)
    }

    /// The items of a select list as they are written; `None` where there is a star.
    fn items(&self, projection: &[ast::SelectItem]) -> Option<Vec<String>> {
        let items = projection.iter().map(|item| match item {
            ast::SelectItem::UnnamedExpr(expr) | ast::SelectItem::ExprWithAlias { expr, .. } => {
                Some(self.shown(expr))
            }
            _ => None,
        });
        items.collect()
    }

    fn query(
        &mut self,
        parent: Option<usize>,
        query: &ast::Query,
        scope: &mut Scope,
    ) -> Result<()> {
        let mut parent = parent;
        let mut scope = scope.clone();
        if let Some(with) = &query.with {
            let top = self.add(parent, "WithClause", vec![]);
            for cte in &with.cte_tables {
                let name = fold(&cte.alias.name, self.folding);
                // A recursive one sees itself.
                scope.ctes.push(name.clone());
                let clause = self.add(Some(top), "With", vec![]);
                self.operations[clause].alias = Some(name);
                self.query(Some(clause), &cte.query, &mut scope)?;
            }
            parent = Some(top);
        }
        let limit = match &query.limit_clause {
            Some(ast::LimitClause::LimitOffset { limit, offset, .. }) => {
                let limit = limit.as_ref().map(|limit| format!("rowCount: {limit}"));
                let offset = offset
                    .as_ref()
                    .map(|offset| format!("offset: {}", offset.value));
                limit.into_iter().chain(offset).collect()
            }
            _ => vec![],
        };
        let keys = match query.order_by.as_ref().map(|order| &order.kind) {
            Some(ast::OrderByKind::Expressions(keys)) => {
                let keys = keys.iter().map(|key| format!("sortKey: [{}]", folded(key)));
                keys.collect()
            }
            Some(ast::OrderByKind::All(_)) => vec!["sortKey: [ALL]".to_owned()],
            None => vec![],
        };
        match (keys.is_empty(), limit.is_empty()) {
            (false, false) => {
                let expressions = keys.into_iter().chain(limit).collect();
                parent = Some(self.add(parent, "SortWithLimit", expressions));
            }
            (false, true) => parent = Some(self.add(parent, "Sort", keys)),
            (true, false) => parent = Some(self.add(parent, "Limit", limit)),
            (true, true) => {}
        }
        self.body(parent, &query.body, &mut scope)
    }

    fn body(
        &mut self,
        parent: Option<usize>,
        body: &ast::SetExpr,
        scope: &mut Scope,
    ) -> Result<()> {
        match body {
            ast::SetExpr::Select(select) => self.select(parent, select, scope),
            ast::SetExpr::Query(query) => self.query(parent, query, scope),
            ast::SetExpr::SetOperation {
                op,
                set_quantifier,
                left,
                right,
            } => {
                let name = match op {
                    ast::SetOperator::Union => "UnionAll",
                    ast::SetOperator::Intersect => "Intersect",
                    ast::SetOperator::Except | ast::SetOperator::Minus => "Except",
                };
                let distinct = *op == ast::SetOperator::Union
                    && !matches!(
                        set_quantifier,
                        ast::SetQuantifier::All | ast::SetQuantifier::AllByName
                    );
                let parent = match distinct {
                    true => Some(self.add(parent, "Aggregate", vec![])),
                    false => parent,
                };
                let union = self.add(parent, name, vec![]);
                self.body(Some(union), left, scope)?;
                self.body(Some(union), right, scope)
            }
            ast::SetExpr::Values(values) => {
                let rows = format!("rowCount: {}", values.rows.len());
                self.add(parent, "ValuesClause", vec![rows]);
                Ok(())
            }
            _ => Err(Error::unsupported("EXPLAIN of this query")),
        }
    }

    fn select(
        &mut self,
        parent: Option<usize>,
        select: &ast::Select,
        scope: &mut Scope,
    ) -> Result<()> {
        let mut parent = parent;
        if select.distinct.is_some() {
            parent = Some(self.add(parent, "Aggregate", vec![]));
        }
        for condition in select.qualify.iter().chain(&select.having) {
            let condition = vec![self.shown(condition)];
            parent = Some(self.add(parent, "Filter", condition));
        }
        let items = self.items(&select.projection).unwrap_or_default();
        let is_window = |item: &&String| item.contains(" OVER ");
        let windows: Vec<_> = items.iter().filter(is_window).cloned().collect();
        if !windows.is_empty() {
            parent = Some(self.add(parent, "WindowFunction", windows));
        }
        let keys = match &select.group_by {
            ast::GroupByExpr::All(_) => Some(vec!["ALL".to_owned()]),
            ast::GroupByExpr::Expressions(keys, _) if keys.is_empty() => None,
            ast::GroupByExpr::Expressions(keys, _) => {
                Some(keys.iter().map(|key| self.shown(key)).collect())
            }
        };
        if let Some(keys) = keys {
            let keys = vec![format!("groupKeys: [{}]", keys.join(", "))];
            parent = Some(self.add(parent, "Aggregate", keys));
        }
        if let Some(condition) = &select.selection {
            let condition = vec![self.shown(condition)];
            parent = Some(self.add(parent, "Filter", condition));
        }
        let from: Vec<_> = select.from.iter().collect();
        match (from.is_empty(), parent) {
            (true, parent) => {
                self.add(parent, "Generator", vec!["1".to_owned()]);
                Ok(())
            }
            (false, Some(parent)) => self.relations(parent, &from, scope),
            (false, None) => Err(Error::internal("a plan without its Result")),
        }
    }

    /// The relations of FROM; a comma is a join without a condition.
    fn relations(
        &mut self,
        parent: usize,
        from: &[&ast::TableWithJoins],
        scope: &mut Scope,
    ) -> Result<()> {
        let Some((last, before)) = from.split_last() else {
            return Ok(());
        };
        if before.is_empty() {
            return self.joined(parent, &last.relation, &last.joins, scope);
        }
        let join = self.add(Some(parent), "CartesianJoin", vec![]);
        self.relations(join, before, scope)?;
        self.joined(join, &last.relation, &last.joins, scope)
    }

    fn joined(
        &mut self,
        parent: usize,
        first: &ast::TableFactor,
        joins: &[ast::Join],
        scope: &mut Scope,
    ) -> Result<()> {
        use ast::JoinOperator as Operator;
        let Some((last, before)) = joins.split_last() else {
            return self.factor(parent, first, scope);
        };
        let (name, constraint) = match &last.join_operator {
            Operator::Join(on) | Operator::Inner(on) => ("InnerJoin", Some(on)),
            Operator::Left(on) | Operator::LeftOuter(on) => ("LeftOuterJoin", Some(on)),
            Operator::Right(on) | Operator::RightOuter(on) => ("RightOuterJoin", Some(on)),
            Operator::FullOuter(on) => ("FullOuterJoin", Some(on)),
            Operator::CrossJoin(on) => ("CartesianJoin", Some(on)),
            Operator::AsOf { .. } => ("AsOfJoin", None),
            _ => ("Join", None),
        };
        let condition = match constraint {
            Some(ast::JoinConstraint::On(condition)) => Some(self.shown(condition)),
            Some(ast::JoinConstraint::Using(columns)) => Some(folded(
                &columns
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
            )),
            _ => None,
        };
        let condition = condition.map(|condition| format!("joinKey: ({condition})"));
        let join = self.add(Some(parent), name, condition.into_iter().collect());
        self.joined(join, first, before, scope)?;
        self.factor(join, &last.relation, scope)
    }

    fn factor(
        &mut self,
        parent: usize,
        factor: &ast::TableFactor,
        scope: &mut Scope,
    ) -> Result<()> {
        match factor {
            ast::TableFactor::Table {
                name,
                alias,
                args: None,
                ..
            } => {
                let alias = alias.as_ref().map(|alias| fold(&alias.name, self.folding));
                self.table(parent, name, alias, scope)
            }
            ast::TableFactor::Derived { subquery, .. } => self.query(Some(parent), subquery, scope),
            ast::TableFactor::NestedJoin {
                table_with_joins, ..
            } => self.joined(
                parent,
                &table_with_joins.relation,
                &table_with_joins.joins,
                scope,
            ),
            ast::TableFactor::Pivot { table, .. } => {
                let pivot = self.add(Some(parent), "Pivot", vec![]);
                self.factor(pivot, table, scope)
            }
            ast::TableFactor::Unpivot { table, .. } => {
                let unpivot = self.add(Some(parent), "Unpivot", vec![]);
                self.factor(unpivot, table, scope)
            }
            other => {
                self.add(Some(parent), "TableFunction", vec![folded(other)]);
                Ok(())
            }
        }
    }

    fn table(
        &mut self,
        parent: usize,
        name: &ast::ObjectName,
        alias: Option<String>,
        scope: &Scope,
    ) -> Result<()> {
        let written = ObjectName::from_parsed(name, self.folding)?;
        if let [single] = &written.parts[..]
            && scope.ctes.contains(single)
        {
            let id = self.add(Some(parent), "WithReference", vec![]);
            self.operations[id].object = Some(single.clone());
            self.operations[id].alias = alias;
            return Ok(());
        }
        super::refuse_information_schema(&written)?;
        let found = self
            .lookup
            .find(ObjectKind::Table, &written.parts, "EXPLAIN")?;
        let Some(object) = found.cloned() else {
            self.add(Some(parent), "TableFunction", vec![written.to_string()]);
            return Ok(());
        };
        match &object.detail {
            Detail::View(view) if !view.secure => self.view(parent, &object, &view.query),
            detail => {
                let columns = match (detail, &self.words) {
                    (Detail::Table(table), words) => table
                        .columns
                        .iter()
                        .map(|column| column.name.clone())
                        .filter(|name| words.as_ref().is_none_or(|words| words.contains(name)))
                        .collect(),
                    _ => vec![],
                };
                let id = self.add(Some(parent), "TableScan", columns);
                self.operations[id].object = Some(self.lookup.full_name(&object));
                self.operations[id].alias = alias.filter(|alias| *alias != object.name);
                self.operations[id].scans = true;
                Ok(())
            }
        }
    }

    /// A view's query, in the context of its schema.
    fn view(&mut self, parent: usize, object: &Object, query: &str) -> Result<()> {
        let schema = self.lookup.snapshot.get(object.parent);
        let lookup = self
            .lookup
            .inside(schema.ok_or_else(Error::object_or_operation)?);
        let source = Source::tokenize(query)?;
        let statements = source.statements();
        let [statement] = statements[..] else {
            return Err(Error::internal("a view is one query"));
        };
        let mut inner = Plan {
            operations: std::mem::take(&mut self.operations),
            lookup: &lookup,
            folding: self.folding,
            words: words(statement),
        };
        let outcome = inner.query(
            Some(parent),
            &*statement.parse_query()?,
            &mut Scope::default(),
        );
        self.operations = inner.operations;
        outcome
    }

    /// The table that a statement writes, in full.
    fn full(&self, name: &ast::ObjectName) -> Result<ObjectName> {
        let mut name = ObjectName::from_parsed(name, self.folding)?;
        let context = [&self.lookup.current_database, &self.lookup.current_schema];
        let missing = 3_usize.saturating_sub(name.parts.len());
        let context = context.into_iter().flatten().take(missing).cloned();
        name.parts.splice(0..0, context.collect::<Vec<_>>());
        Ok(name)
    }

    fn shown(&self, expr: &ast::Expr) -> String {
        folded(expr)
    }
}

/// As it is written, with what is not quoted in upper case.
fn folded(node: &(impl std::fmt::Display + ?Sized)) -> String {
    let mut quote = None;
    let fold = |character: char| match quote {
        Some(open) => {
            if character == open {
                quote = None;
            }
            character
        }
        None => {
            if matches!(character, '\'' | '"') {
                quote = Some(character);
            }
            character.to_ascii_uppercase()
        }
    };
    node.to_string().chars().map(fold).collect()
}
