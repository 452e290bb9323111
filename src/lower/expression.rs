//! Expressions.

use super::numbers::in_form;
use super::{Sql, Writer};
use crate::error::{Error, Result};
use crate::tree::{
    Aggregate, Call, Comparison, Expr, ExprKind, Form, Frame, FrameBound, FrameUnits, Like, Query,
    Returns, SortKey, Window,
};
use crate::types::{LogicalType, PhysicalType};

impl Writer<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<Sql> {
        if let Some((_, shown)) = self.representatives.iter().find(|(key, _)| key == expr) {
            return Ok(shown.clone());
        }
        let boolean = |text: String| Ok(Sql::new(text, PhysicalType::Boolean));
        match &expr.kind {
            ExprKind::Literal(value) => self.literal(value, &expr.ty),
            ExprKind::Column(column) => {
                let physical = self
                    .relations
                    .get(&column.relation)
                    .and_then(|columns| columns.get(&column.column));
                let physical = physical
                    .ok_or_else(|| Error::internal("a column of a relation that is not here"))?;
                let physical = *physical;
                if physical.has_nanoseconds() && !self.nanoseconds {
                    return Err(Error::needs_nanoseconds());
                }
                let stored = Sql::new(self.column_text(column.relation, column.column), physical);
                Ok(if self.nanoseconds {
                    in_form(stored, physical.with_nanoseconds())
                } else {
                    stored
                })
            }
            ExprKind::Cast { operand, tolerant } => self.cast(operand, &expr.ty, *tolerant),
            ExprKind::Arithmetic {
                operator,
                left,
                right,
            } => self.arithmetic(*operator, left, right, &expr.ty),
            ExprKind::Negate(operand) => {
                let sql = self.expr(operand)?;
                Ok(Sql::new(format!("(-{})", sql.text), sql.physical))
            }
            ExprKind::Compare {
                operator,
                left,
                right,
            } => {
                let symbol = symbol(*operator);
                let [left, right] = self
                    .keys(&[left, right])?
                    .try_into()
                    .map_err(|_| two_sides())?;
                boolean(format!("({left} {symbol} {right})"))
            }
            ExprKind::And(operands) => boolean(self.joined(operands, " AND ")?),
            ExprKind::Or(operands) => boolean(self.joined(operands, " OR ")?),
            ExprKind::Not(operand) => boolean(format!("(NOT {})", self.expr(operand)?.text)),
            ExprKind::IsNull { operand, negated } => boolean(format!(
                "({} IS {}NULL)",
                self.expr(operand)?.text,
                not(*negated)
            )),
            ExprKind::IsTruth {
                operand,
                truth,
                negated,
            } => {
                let truth = if *truth { "TRUE" } else { "FALSE" };
                boolean(format!(
                    "({} IS {}{truth})",
                    self.expr(operand)?.text,
                    not(*negated)
                ))
            }
            ExprKind::IsDistinct {
                left,
                right,
                negated,
            } => {
                let [left, right] = self
                    .keys(&[left, right])?
                    .try_into()
                    .map_err(|_| two_sides())?;
                boolean(format!(
                    "({left} IS {}DISTINCT FROM {right})",
                    not(*negated)
                ))
            }
            ExprKind::InList {
                operand,
                list,
                negated,
            } => {
                let all: Vec<_> = std::iter::once(&**operand).chain(list).collect();
                let keys = self.keys(&all)?;
                boolean(format!(
                    "({} {}IN ({}))",
                    keys[0],
                    not(*negated),
                    keys[1..].join(", ")
                ))
            }
            ExprKind::InQuery {
                operands,
                query,
                negated,
            } => {
                let keys = self.each_key(operands)?;
                let query = self.keyed(query)?;
                boolean(match &keys[..] {
                    [key] => format!("({key} {}IN ({query}))", not(*negated)),
                    // The engine compares rows field by field, NULL like a value: enough for who asks for a match.
                    keys if !*negated => format!("(({}) IN ({query}))", keys.join(", ")),
                    keys => {
                        let pairs: Vec<_> = keys
                            .iter()
                            .enumerate()
                            .map(|(index, key)| format!("{key} = \"q\".\"c{index}\""))
                            .collect();
                        format!(
                            "(NOT (SELECT CASE WHEN bool_or(\"m\") THEN TRUE WHEN bool_or(\"m\" IS NULL) THEN NULL \
                             ELSE FALSE END FROM (SELECT {} AS \"m\" FROM ({query}) AS \"q\")))",
                            pairs.join(" AND ")
                        )
                    }
                })
            }
            ExprKind::Quantified {
                operator,
                operand,
                all,
                query,
            } => {
                let key = key(self.expr(operand)?, &operand.ty);
                let quantifier = if *all { "ALL" } else { "ANY" };
                boolean(format!(
                    "({key} {} {quantifier} ({}))",
                    symbol(*operator),
                    self.keyed(query)?
                ))
            }
            ExprKind::Between {
                operand,
                low,
                high,
                negated,
            } => {
                let [operand, low, high] = self
                    .keys(&[operand, low, high])?
                    .try_into()
                    .map_err(|_| two_sides())?;
                boolean(format!(
                    "({operand} {}BETWEEN {low} AND {high})",
                    not(*negated)
                ))
            }
            ExprKind::Like(like) => self.like(like),
            ExprKind::Concat(left, right) => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                Ok(Sql::new(
                    format!("({} || {})", left.text, right.text),
                    left.physical,
                ))
            }
            ExprKind::Case {
                branches,
                otherwise,
            } => self.case(branches, otherwise.as_deref()),
            ExprKind::Call(call) => self.call(call, &expr.ty),
            ExprKind::HigherOrder(call) => self.higher_order(call, &expr.ty),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, &expr.ty),
            ExprKind::Scalar(query) => {
                let query = self.query(query)?;
                let physical = query
                    .columns
                    .first()
                    .copied()
                    .unwrap_or(PhysicalType::Varchar);
                Ok(Sql::new(format!("({})", query.sql), physical))
            }
            ExprKind::Exists { query, negated } => boolean(format!(
                "({}EXISTS ({}))",
                not(*negated),
                self.query(query)?.sql
            )),
        }
    }

    /// The expressions as they are compared: in one form, and by key where equality is not physical.
    fn keys(&mut self, exprs: &[&Expr]) -> Result<Vec<String>> {
        let written = self.unified(exprs)?;
        Ok(written
            .into_iter()
            .zip(exprs)
            .map(|(sql, expr)| key(sql, &expr.ty))
            .collect())
    }

    /// The key of each expression, in its own form.
    fn each_key(&mut self, exprs: &[Expr]) -> Result<Vec<String>> {
        exprs
            .iter()
            .map(|expr| Ok(key(self.expr(expr)?, &expr.ty)))
            .collect()
    }

    /// A query that gives the keys of its columns.
    fn keyed(&mut self, query: &Query) -> Result<String> {
        let lowered = self.query(query)?;
        if query
            .columns
            .iter()
            .all(|column| column.ty.equality_is_physical())
        {
            return Ok(lowered.sql);
        }
        let keys: Vec<_> = query
            .columns
            .iter()
            .zip(&lowered.columns)
            .enumerate()
            .map(|(index, (column, physical))| {
                let value = Sql::new(format!("\"c{index}\""), *physical);
                format!("{} AS \"c{index}\"", key(value, &column.ty))
            })
            .collect();
        Ok(format!(
            "SELECT {} FROM ({}) AS \"k\"",
            keys.join(", "),
            lowered.sql
        ))
    }

    fn joined(&mut self, operands: &[Expr], separator: &str) -> Result<String> {
        let operands = operands
            .iter()
            .map(|operand| Ok(self.expr(operand)?.text))
            .collect::<Result<Vec<_>>>()?;
        Ok(format!("({})", operands.join(separator)))
    }

    fn like(&mut self, like: &Like) -> Result<Sql> {
        let operator = if like.case_insensitive {
            "ILIKE"
        } else {
            "LIKE"
        };
        let (operand, pattern) = (
            self.expr(&like.operand)?.text,
            self.expr(&like.pattern)?.text,
        );
        let escape = match &like.escape {
            Some(escape) => format!(" ESCAPE {}", self.expr(escape)?.text),
            None => String::new(),
        };
        let text = format!(
            "({operand} {}{operator} {pattern}{escape})",
            not(like.negated)
        );
        Ok(Sql::new(text, PhysicalType::Boolean))
    }

    fn case(&mut self, branches: &[(Expr, Expr)], otherwise: Option<&Expr>) -> Result<Sql> {
        let results: Vec<_> = branches
            .iter()
            .map(|(_, result)| result)
            .chain(otherwise)
            .collect();
        let results = self.unified(&results)?;
        let physical = results
            .first()
            .map_or(PhysicalType::Varchar, |result| result.physical);
        let mut text = String::from("CASE");
        for ((condition, _), result) in branches.iter().zip(&results) {
            text.push_str(&format!(
                " WHEN {} THEN {}",
                self.expr(condition)?.text,
                result.text
            ));
        }
        if otherwise.is_some()
            && let Some(result) = results.last()
        {
            text.push_str(&format!(" ELSE {}", result.text));
        }
        text.push_str(" END");
        Ok(Sql::new(format!("({text})"), physical))
    }

    /// The arguments of a call, and the form that the unified ones share.
    fn arguments(&mut self, call: &Call) -> Result<(Vec<Sql>, Option<PhysicalType>)> {
        let together: Vec<_> = call
            .unified
            .iter()
            .map(|index| &call.arguments[*index])
            .collect();
        let mut unified = self.unified(&together)?.into_iter();
        let mut shared = None;
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for (index, argument) in call.arguments.iter().enumerate() {
            let sql = match call
                .unified
                .contains(&index)
                .then(|| unified.next())
                .flatten()
            {
                Some(sql) => {
                    shared = Some(sql.physical);
                    sql
                }
                None => self.expr(argument)?,
            };
            arguments.push(sql);
        }
        Ok((arguments, shared))
    }

    fn call(&mut self, call: &Call, ty: &LogicalType) -> Result<Sql> {
        match call.form {
            Form::Template(template) if template.starts_with("TRY(") => {
                self.tried(|writer| writer.called(call, ty))
            }
            _ => self.called(call, ty),
        }
    }

    fn called(&mut self, call: &Call, ty: &LogicalType) -> Result<Sql> {
        let (arguments, shared) = self.arguments(call)?;
        let text = match call.form {
            Form::Engine(name) => {
                let arguments: Vec<_> = arguments
                    .iter()
                    .map(|argument| argument.text.as_str())
                    .collect();
                format!("{}({})", self.native(name), arguments.join(", "))
            }
            // The engine's own functions know only its own type, and look at no digits beyond its.
            Form::Template(template) if template.starts_with("date_part(") => {
                let floored: Vec<_> = arguments.into_iter().map(floored).collect();
                filled(template, &floored)
            }
            Form::Template(template) => filled(&self.native(template), &arguments),
        };
        Ok(self.returned(text, call.returns, shared, ty))
    }

    fn aggregate(&mut self, aggregate: &Aggregate, ty: &LogicalType) -> Result<Sql> {
        if aggregate.over.is_some() {
            return self.aggregate_or_window(aggregate, ty);
        }
        // It is over the rows of a group, which have their own values.
        let outside = std::mem::take(&mut self.representatives);
        let written = self.aggregate_or_window(aggregate, ty);
        self.representatives = outside;
        written
    }

    fn aggregate_or_window(&mut self, aggregate: &Aggregate, ty: &LogicalType) -> Result<Sql> {
        let (arguments, shared) = self.arguments(&aggregate.call)?;
        let mut inside = match aggregate.call.form {
            // The greatest and the least by key.
            Form::Engine(name @ ("max" | "min"))
                if aggregate
                    .call
                    .arguments
                    .iter()
                    .any(|argument| !argument.ty.equality_is_physical()) =>
            {
                let value = arguments
                    .into_iter()
                    .next()
                    .ok_or_else(|| Error::internal("MIN or MAX of nothing"))?;
                let by = key(value.clone(), &aggregate.call.arguments[0].ty);
                format!("arg_{name}({}, {by}", value.text)
            }
            Form::Engine(name) => {
                let distinct = if aggregate.distinct { "DISTINCT " } else { "" };
                // COUNT(DISTINCT x) counts by key; others keep their values.
                let by_key = aggregate.distinct && name == "count";
                let arguments: Vec<_> = arguments
                    .into_iter()
                    .zip(&aggregate.call.arguments)
                    .map(|(sql, argument)| {
                        if by_key {
                            key(sql, &argument.ty)
                        } else {
                            sql.text
                        }
                    })
                    .collect();
                let arguments = if arguments.is_empty() && name == "count" {
                    "*".to_owned()
                } else {
                    arguments.join(", ")
                };
                format!("{name}({distinct}{arguments}")
            }
            Form::Template(_) => return Err(Error::internal("an aggregate by template")),
        };
        if !aggregate.order_by.is_empty() {
            inside.push_str(&format!(
                " ORDER BY {}",
                self.sort_keys(&aggregate.order_by)?
            ));
        }
        // DuckDB wants it inside the parentheses.
        if aggregate.ignore_nulls {
            inside.push_str(" IGNORE NULLS");
        }
        inside.push(')');
        if let Some(filter) = &aggregate.filter {
            inside.push_str(&format!(" FILTER (WHERE {})", self.expr(filter)?.text));
        }
        if let Some(window) = &aggregate.over {
            inside.push_str(&format!(" OVER ({})", self.window(window)?));
        }
        Ok(self.returned(inside, aggregate.call.returns, shared, ty))
    }

    fn window(&mut self, window: &Window) -> Result<String> {
        let mut clauses = Vec::new();
        if !window.partition_by.is_empty() {
            let keys = window
                .partition_by
                .iter()
                .map(|expr| {
                    let key = key(self.expr(expr)?, &expr.ty);
                    Ok(self.stable(key))
                })
                .collect::<Result<Vec<_>>>()?;
            clauses.push(format!("PARTITION BY {}", keys.join(", ")));
        }
        if !window.order_by.is_empty() {
            let keys = window.order_by.iter().map(|sort| {
                let key = key(self.expr(&sort.expr)?, &sort.expr.ty);
                Ok(ordered(
                    &self.stable(key),
                    sort.descending,
                    sort.nulls_first,
                ))
            });
            let keys = keys.collect::<Result<Vec<_>>>()?;
            clauses.push(format!("ORDER BY {}", keys.join(", ")));
        }
        if let Some(frame) = &window.frame {
            clauses.push(self.frame(frame)?);
        }
        Ok(clauses.join(" "))
    }

    /// A window key, or the column that it becomes (see `Writer::volatile_keys`).
    fn stable(&mut self, key: String) -> String {
        if super::is_repeatable(&key) {
            return key;
        }
        self.volatile_keys.push(key);
        format!("\"v{}\"", self.volatile_keys.len() - 1)
    }

    fn frame(&mut self, frame: &Frame) -> Result<String> {
        let units = match frame.units {
            FrameUnits::Rows => "ROWS",
            FrameUnits::Range => "RANGE",
        };
        let mut bound = |bound: &FrameBound| -> Result<String> {
            Ok(match bound {
                FrameBound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
                FrameBound::Preceding(distance) => {
                    format!("{} PRECEDING", self.expr(distance)?.text)
                }
                FrameBound::CurrentRow => "CURRENT ROW".to_owned(),
                FrameBound::Following(distance) => {
                    format!("{} FOLLOWING", self.expr(distance)?.text)
                }
                FrameBound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
            })
        };
        Ok(format!(
            "{units} BETWEEN {} AND {}",
            bound(&frame.start)?,
            bound(&frame.end)?
        ))
    }

    fn returned(
        &self,
        text: String,
        returns: Returns,
        shared: Option<PhysicalType>,
        ty: &LogicalType,
    ) -> Sql {
        let natural = self.natural(ty);
        match (returns, shared) {
            (Returns::Unified, Some(shared)) => Sql::new(text, shared),
            (Returns::Unified | Returns::Natural, _) => Sql::new(text, natural),
            (Returns::Cast, _) => Sql::new(format!("CAST({text} AS {natural})"), natural),
        }
    }

    pub(super) fn sort_keys(&mut self, keys: &[SortKey]) -> Result<String> {
        let keys = keys
            .iter()
            .map(|sort| {
                let text = key(self.expr(&sort.expr)?, &sort.expr.ty);
                Ok(ordered(&text, sort.descending, sort.nulls_first))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(keys.join(", "))
    }
}

/// What values of a type are compared, grouped and sorted by.
pub(super) fn key(sql: Sql, ty: &LogicalType) -> String {
    match ty {
        _ if ty.equality_is_physical() => sql.text,
        LogicalType::Variant | LogicalType::Object | LogicalType::Array => {
            format!("sf_variant_key({})", sql.text)
        }
        _ => format!("struct_extract({}, 'utc')", sql.text),
    }
}

/// A sort key with its direction and NULL order.
pub(super) fn ordered(text: &str, descending: bool, nulls_first: bool) -> String {
    let direction = if descending { "DESC" } else { "ASC" };
    let nulls = if nulls_first { "FIRST" } else { "LAST" };
    format!("{text} {direction} NULLS {nulls}")
}

/// A timestamp without digits 7 to 9; anything else as it is.
pub(super) fn floored(sql: Sql) -> Sql {
    match sql.physical {
        PhysicalType::TimestampNanos => {
            let text = format!("sf_floor_timestamp({})", sql.text);
            Sql::new(text, PhysicalType::Timestamp)
        }
        _ => sql,
    }
}

/// `$1`, `$2`, … replaced by the arguments.
fn filled(template: &str, arguments: &[Sql]) -> String {
    let mut parts = template.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let argument = part[..digits]
            .parse::<usize>()
            .ok()
            .and_then(|number| arguments.get(number.wrapping_sub(1)));
        if let Some(argument) = argument {
            text.push_str(&argument.text);
        }
        text.push_str(&part[digits..]);
    }
    text
}

fn symbol(operator: Comparison) -> &'static str {
    match operator {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

fn two_sides() -> Error {
    Error::internal("an operator with the wrong number of sides")
}
