//! CONNECT BY: the rows of FROM joined to themselves level by level, as a recursive common table expression.
//!
//! Source: Snowflake, "CONNECT BY": joins come first, then the hierarchy, then the filters of WHERE. That LEVEL goes before
//! a column of that name, that `*` leaves it out, and what GROUP BY and CONNECT_BY_ROOT do: recorded from a live account.

use std::cell::RefCell;
use std::rc::Rc;

use super::query::plain;
use super::scope::{Scope, Visible, VisibleColumn};
use super::{Binder, expression, join, operators, select};
use crate::error::{Error, Result};
use crate::functions;
use crate::sql::ast;
use crate::tree::{
    Body, ColumnRef, Comparison, Cte, CteId, Expr, ExprKind, JoinKind, Literal, OutputColumn,
    Relation, RelationId, SetOperator,
};
use crate::types::LogicalType;

/// The type of LEVEL; assumed.
const LEVEL: LogicalType = LogicalType::Number {
    precision: 18,
    scale: 0,
};

/// What the words of CONNECT BY mean at a place.
pub(super) struct Hierarchy {
    /// LEVEL.
    pub level: Expr,
    place: Place,
}

enum Place {
    /// START WITH and CONNECT BY: the row above, where there is one.
    Step(Option<Layout>),
    /// Behind the walk: what it has to carry along.
    Rows {
        relation: RelationId,
        /// Columns of the walk before those that it carries.
        before: usize,
        carried: RefCell<Vec<Carried>>,
    },
}

/// A value that each row has from the rows above it.
#[derive(Clone, PartialEq)]
enum Carried {
    /// CONNECT_BY_ROOT
    Root(ast::Expr),
    /// SYS_CONNECT_BY_PATH
    Path { value: ast::Expr, separator: String },
}

/// Names and columns of FROM's relations.
#[derive(Clone)]
struct Layout {
    relations: Vec<Visible>,
    merged: Vec<VisibleColumn>,
}

/// A walk whose select list is not bound yet.
pub(super) struct Walk<'q> {
    start: Option<&'q ast::Expr>,
    step: Vec<&'q ast::Expr>,
    base: Cte,
    rows: CteId,
    /// The layout over the columns 0, 1, … of a relation that does not exist.
    layout: Layout,
    hierarchy: Rc<Hierarchy>,
}

/// START WITH and CONNECT BY of a SELECT, if it has them.
pub(super) fn begin<'q>(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    from: &mut Option<Relation>,
    conditions: &mut Vec<&'q ast::Expr>,
    written: &'q ast::Select,
) -> Result<Option<Walk<'q>>> {
    let (mut start, mut step) = (None, None);
    for clause in &written.connect_by {
        match clause {
            ast::ConnectByKind::StartWith { condition, .. } if start.is_none() => {
                start = Some(&**condition);
            }
            ast::ConnectByKind::ConnectBy {
                relationships,
                nocycle: false,
                ..
            } if step.is_none() => step = Some(relationships.iter().collect()),
            ast::ConnectByKind::ConnectBy { nocycle: true, .. } => {
                return Err(Error::unsupported("NOCYCLE"));
            }
            _ => return Err(Error::syntax_error_text("CONNECT BY is there twice.")),
        }
    }
    let step: Vec<&ast::Expr> = match step {
        Some(step) => step,
        None if start.is_none() => return Ok(None),
        None => return Err(Error::syntax_error_text("START WITH without CONNECT BY.")),
    };
    if let [_, _, ..] = &step[..] {
        return Err(Error::syntax_error_text(
            "CONNECT BY takes one condition; AND joins several.",
        ));
    }
    let joins = if scope.relations.len() > 1 {
        join_conditions(binder, scope, conditions)?
    } else {
        vec![]
    };
    // The rows that the hierarchy is made of.
    let mut projection = Vec::new();
    let mut columns = Vec::new();
    let mut moved = |column: &mut VisibleColumn| {
        projection.push(column.expr.clone());
        columns.push(OutputColumn {
            name: column.name.clone(),
            ty: column.expr.ty.clone(),
            nullable: column.expr.nullable,
            origin: column.origin.clone(),
        });
        column.expr.kind = ExprKind::Column(ColumnRef {
            relation: RelationId(0),
            column: columns.len() as u64 - 1,
        });
    };
    let mut layout = Layout {
        relations: std::mem::take(&mut scope.relations),
        merged: std::mem::take(&mut scope.merged),
    };
    layout
        .relations
        .iter_mut()
        .flat_map(|relation| &mut relation.columns)
        .chain(&mut layout.merged)
        .for_each(&mut moved);
    let mut base = select::empty();
    base.from = from.take();
    base.filter = all(joins);
    base.projection = projection;
    let base = Cte {
        id: binder.new_cte(),
        query: plain(Body::Select(Box::new(base)), columns),
        recursive: false,
    };
    let (rows, relation) = (binder.new_cte(), binder.new_relation());
    let before = base.query.columns.len() + 1;
    let hierarchy = Rc::new(Hierarchy {
        level: column(relation, before - 1, LEVEL, false),
        place: Place::Rows {
            relation,
            before,
            carried: RefCell::default(),
        },
    });
    let shown = layout.of(relation);
    scope.relations = shown.relations;
    scope.merged = shown.merged;
    scope.hierarchy = Some(Rc::clone(&hierarchy));
    *from = Some(Relation::Cte {
        id: relation,
        cte: rows,
    });
    Ok(Some(Walk {
        start,
        step,
        base,
        rows,
        layout,
        hierarchy,
    }))
}

/// The conditions of WHERE that join relations, bound; the others stay.
fn join_conditions(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    conditions: &mut Vec<&ast::Expr>,
) -> Result<Vec<Expr>> {
    let mut parts = Vec::new();
    for condition in std::mem::take(conditions) {
        join::conjuncts(condition, &mut parts);
    }
    let mut joins = Vec::new();
    for part in parts {
        let joined = match expression::predicate(binder, scope, part) {
            Ok(bound) => {
                let used = (0..scope.relations.len())
                    .filter(|index| bound.any(&|expr| matches!(&expr.kind, ExprKind::Column(column) if scope.is(*index, column.relation))));
                (used.count() > 1).then_some(bound)
            }
            // It speaks of LEVEL, or is wrong: seen behind the walk.
            Err(_) => None,
        };
        match joined {
            Some(bound) => joins.push(bound),
            None => conditions.push(part),
        }
    }
    Ok(joins)
}

impl Walk<'_> {
    /// The expressions that FROM names now, when everything that looks at them is bound.
    pub(super) fn finish(self, binder: &Binder<'_>, outer: &Scope<'_>) -> Result<Vec<Cte>> {
        let Place::Rows { carried, .. } = &self.hierarchy.place else {
            return Err(Error::internal("a walk that is none"));
        };
        let carried = carried.borrow().clone();
        let width = self.base.query.columns.len();
        let scope_of = |layout: &Layout, level: Expr, above: Option<Layout>| {
            let mut scope = Scope::inside(outer);
            scope.relations.clone_from(&layout.relations);
            scope.merged.clone_from(&layout.merged);
            scope.hierarchy = Some(Rc::new(Hierarchy {
                level,
                place: Place::Step(above),
            }));
            scope
        };
        let fields = |relation: RelationId| -> Vec<Expr> {
            let columns = self.base.query.columns.iter().enumerate();
            columns
                .map(|(index, of)| column(relation, index, of.ty.clone(), of.nullable))
                .collect()
        };
        // The first level.
        let one = Expr::literal(Literal::Number(1), LEVEL);
        let roots = binder.new_relation();
        let scope = scope_of(&self.layout.of(roots), one.clone(), None);
        let mut first = select::empty();
        first.from = Some(Relation::Cte {
            id: roots,
            cte: self.base.id,
        });
        let start = self
            .start
            .map(|start| expression::predicate(binder, &scope, start));
        first.filter = start.transpose()?;
        first.projection = fields(roots);
        first.projection.push(one);
        for carried in &carried {
            first.projection.push(match carried {
                Carried::Root(value) => expression::expression(binder, &scope, value)?,
                Carried::Path { value, separator } => {
                    let value = expression::expression(binder, &scope, value)?;
                    concat(text(separator), value)?
                }
            });
        }
        let mut columns = self.base.query.columns.clone();
        columns.extend(first.projection[width..].iter().map(|expr| OutputColumn {
            name: String::new(),
            ty: expr.ty.clone(),
            nullable: expr.nullable,
            origin: None,
        }));
        // Each further one.
        let (rows, above) = (binder.new_relation(), binder.new_relation());
        let level = column(above, width, LEVEL, false);
        let next = functions::next_level(level);
        let scope = scope_of(
            &self.layout.of(rows),
            next.clone(),
            Some(self.layout.of(above)),
        );
        let mut further = select::empty();
        let condition = match self.step[..] {
            [step] => expression::predicate(binder, &scope, step)?,
            _ => return Err(Error::internal("CONNECT BY of several conditions")),
        };
        // The engine leaves out a LEVEL that nobody reads, and with it the end of a cycle.
        let zero = Expr::literal(Literal::Number(0), LEVEL);
        let counted = operators::compare(Comparison::Greater, next.clone(), zero)?;
        let nullable = condition.nullable;
        let condition = Expr::boolean(ExprKind::And(vec![condition, counted]), nullable);
        further.from = Some(Relation::Join {
            kind: JoinKind::Inner,
            left: Box::new(Relation::Cte {
                id: above,
                cte: self.rows,
            }),
            right: Box::new(Relation::Cte {
                id: rows,
                cte: self.base.id,
            }),
            condition: Some(condition),
        });
        further.projection = fields(rows);
        further.projection.push(next);
        for (index, carried) in carried.iter().enumerate() {
            let of = &columns[width + 1 + index];
            let inherited = column(above, width + 1 + index, of.ty.clone(), of.nullable);
            further.projection.push(match carried {
                Carried::Root(_) => inherited,
                Carried::Path { value, separator } => {
                    let value = expression::expression(binder, &scope, value)?;
                    concat(inherited, concat(text(separator), value)?)?
                }
            });
        }
        let side = |select| Box::new(plain(Body::Select(Box::new(select)), columns.clone()));
        let body = Body::SetOperation {
            operator: SetOperator::Union,
            all: true,
            left: side(first),
            right: side(further),
        };
        let walk = Cte {
            id: self.rows,
            query: plain(body, columns.clone()),
            recursive: true,
        };
        Ok(vec![self.base, walk])
    }
}

/// `PRIOR value`
pub(super) fn prior(binder: &Binder<'_>, scope: &Scope<'_>, value: &ast::Expr) -> Result<Expr> {
    let above = scope
        .hierarchy
        .as_deref()
        .and_then(|hierarchy| match &hierarchy.place {
            Place::Step(above) => above.as_ref(),
            Place::Rows { .. } => None,
        });
    let above = above.ok_or_else(|| Error::invalid_identifier("PRIOR"))?;
    let mut scope = scope.clone();
    scope.relations.clone_from(&above.relations);
    scope.merged.clone_from(&above.merged);
    scope.hierarchy = None;
    expression::expression(binder, &scope, value)
}

/// `CONNECT_BY_ROOT value`; outside of a hierarchy the value itself.
pub(super) fn root(binder: &Binder<'_>, scope: &Scope<'_>, value: &ast::Expr) -> Result<Expr> {
    let bound = expression::expression(binder, scope, value)?;
    match scope.hierarchy.as_deref() {
        None => Ok(bound),
        Some(hierarchy) => hierarchy.carry(Carried::Root(value.clone()), bound.ty, bound.nullable),
    }
}

/// `SYS_CONNECT_BY_PATH(value, separator)`, if the call is one.
pub(super) fn path(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    name: &str,
    call: &ast::Function,
) -> Result<Option<Expr>> {
    const NAME: &str = "SYS_CONNECT_BY_PATH";
    let ast::FunctionArguments::List(list) = &call.args else {
        return Ok(None);
    };
    if name != NAME {
        return Ok(None);
    }
    let plain = |argument: &ast::FunctionArg| match argument {
        ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    };
    let arguments: Option<Vec<_>> = list.args.iter().map(plain).collect();
    let arguments = arguments.ok_or_else(|| Error::unsupported("arguments of this kind"))?;
    let count = arguments.len();
    let Ok([value, separator]) = <[ast::Expr; 2]>::try_from(arguments) else {
        return Err(match count {
            0 | 1 => Error::not_enough_arguments(call, 2, count),
            _ => Error::too_many_arguments(call, 2, count),
        });
    };
    let Some(hierarchy) = scope.hierarchy.as_deref() else {
        return Err(Error::unsupported("SYS_CONNECT_BY_PATH without CONNECT BY"));
    };
    let separator = expression::expression(binder, scope, &separator)?;
    let ExprKind::Literal(Literal::Text(separator)) = separator.kind else {
        return Err(Error::unsupported(
            "SYS_CONNECT_BY_PATH with a separator that is no constant",
        ));
    };
    let bound = operators::text(expression::expression(binder, scope, &value)?)?;
    let separator = separator.to_string();
    let carried = Carried::Path { value, separator };
    hierarchy
        .carry(carried, LogicalType::TEXT, bound.nullable)
        .map(Some)
}

impl Hierarchy {
    fn carry(&self, wanted: Carried, ty: LogicalType, nullable: bool) -> Result<Expr> {
        let Place::Rows {
            relation,
            before,
            carried,
        } = &self.place
        else {
            return Err(Error::unsupported(
                "CONNECT_BY_ROOT or SYS_CONNECT_BY_PATH in START WITH or CONNECT BY",
            ));
        };
        let mut carried = carried.borrow_mut();
        let known = carried.iter().position(|known| *known == wanted);
        let index = known.unwrap_or_else(|| {
            carried.push(wanted);
            carried.len() - 1
        });
        Ok(column(*relation, before + index, ty, nullable))
    }
}

impl Layout {
    /// The same names over the columns of a relation.
    fn of(&self, relation: RelationId) -> Layout {
        let mut layout = self.clone();
        let columns = layout
            .relations
            .iter_mut()
            .flat_map(|visible| &mut visible.columns)
            .chain(&mut layout.merged);
        for column in columns {
            if let ExprKind::Column(of) = &mut column.expr.kind {
                of.relation = relation;
            }
        }
        layout
    }
}

fn column(relation: RelationId, index: usize, ty: LogicalType, nullable: bool) -> Expr {
    let column = ColumnRef {
        relation,
        column: index as u64,
    };
    Expr::new(ExprKind::Column(column), ty, nullable)
}

fn text(value: &str) -> Expr {
    Expr::literal(Literal::Text(value.to_owned()), LogicalType::TEXT)
}

fn concat(left: Expr, right: Expr) -> Result<Expr> {
    let right = operators::text(right)?;
    let nullable = left.nullable || right.nullable;
    let kind = ExprKind::Concat(Box::new(left), Box::new(right));
    Ok(Expr::new(kind, LogicalType::TEXT, nullable))
}

fn all(mut conditions: Vec<Expr>) -> Option<Expr> {
    match conditions.len() {
        0 | 1 => conditions.pop(),
        _ => {
            let nullable = conditions.iter().any(|condition| condition.nullable);
            Some(Expr::boolean(ExprKind::And(conditions), nullable))
        }
    }
}

/// A hierarchical query is not grouped by keys (recorded).
pub(super) fn refuse_grouping(written: &ast::Select) -> Result<()> {
    let grouped = match &written.group_by {
        ast::GroupByExpr::Expressions(keys, _) => !keys.is_empty(),
        ast::GroupByExpr::All(_) => true,
    };
    if grouped || written.having.is_some() {
        return Err(Error::syntax_error_text(
            "GROUP BY and HAVING cannot follow CONNECT BY.",
        ));
    }
    Ok(())
}
