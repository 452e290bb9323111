//! SHOW: a query over a catalog view, for every kind of object.
//!
//! Source of the options: Snowflake, "SHOW <objects>"; the order is by database, schema and name.

use super::{
    Context, Parsed, Statement, StatementKind, select, show_columns, show_grants, show_keys,
    show_session, show_transactions,
};
use crate::catalog::views;
use crate::catalog::{Container, ObjectKind};
use crate::error::{Error, Result};
use crate::lower;
use crate::objects::{self, Kind};
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, ObjectName, StatementText};
use crate::tree::{
    Body, ColumnRef, Comparison, Expr, ExprKind, Like, Literal, OrderBy, OrderTarget, OutputColumn,
    Query, Relation, RelationId, Select,
};
use crate::types::LogicalType;

struct Show {
    kind: ObjectKind,
    /// The kind's row; of OBJECTS there is none.
    row: Option<&'static Kind>,
    /// Of integrations: the category that is asked for.
    category: Option<String>,
    /// The name of its view.
    view: &'static str,
    terse: bool,
    /// With dropped objects that can come back.
    history: bool,
    like: Option<String>,
    scope: Scope,
    starts_with: Option<String>,
    limit: Option<u64>,
    from: Option<String>,
}

enum Scope {
    /// The current schema or database, or the account.
    Unsaid,
    Account,
    Database(Option<ObjectName>),
    Schema(Option<ObjectName>),
}

/// `SHOW [TERSE] <kinds> [HISTORY] [LIKE '…'] [IN …] [STARTS WITH '…'] [LIMIT n [FROM '…']]`
pub(super) fn parse<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let terse = cursor.take_word("TERSE");
    let kind = take_kind(cursor);
    if let Some((kind, category)) = kind {
        return parse_kind(cursor, terse, (kind.kind, kind.view), Some(kind), category);
    }
    let word = cursor.word()?;
    match word.as_str() {
        "VARIABLES" => return show_session::parse_variables(cursor),
        "PARAMETERS" => return show_session::parse_parameters(cursor),
        "COLUMNS" => return show_columns::parse(cursor),
        "PRIMARY" | "UNIQUE" | "IMPORTED" | "EXPORTED" => {
            cursor.expect_word("KEYS")?;
            return show_keys::parse(cursor, &word);
        }
        "GRANTS" => return show_grants::parse(cursor),
        "LOCKS" => return show_transactions::parse_locks(cursor),
        "TRANSACTIONS" => return show_transactions::parse_transactions(cursor),
        "FUTURE" => {
            cursor.expect_word("GRANTS")?;
            return show_grants::parse_future(cursor);
        }
        "OBJECTS" => {
            return parse_kind(cursor, terse, (ObjectKind::Table, "objects"), None, None);
        }
        // Kinds that have no object yet; they are in schemas, as tables are.
        "PROCEDURES" | "STREAMS" | "TASKS" => {
            let view = match word.as_str() {
                "PROCEDURES" => "procedures",
                "STREAMS" => "streams",
                _ => "tasks",
            };
            return parse_kind(cursor, terse, (ObjectKind::Table, view), None, None);
        }
        _ => {}
    }
    Err(Error::unsupported(format!("SHOW {word}")))
}

/// The kind that SHOW names, and of integrations the category.
fn take_kind(cursor: &mut Cursor<'_>) -> Option<(&'static Kind, Option<String>)> {
    let mut ahead = cursor.clone();
    // SHOW FUNCTIONS lists those of users; the others are listed by neither.
    if ahead.take_words("USER FUNCTIONS") || ahead.take_words("USER PROCEDURES") {
        cursor.take_word("USER");
    }
    if let Some(kind) = objects::take_plural(cursor) {
        return Some((kind, None));
    }
    let mut ahead = cursor.clone();
    let mut category = Vec::new();
    while let Some(word) = ahead.peek_word()
        && objects::INTEGRATION_CATEGORIES.contains(&word.as_str())
    {
        ahead.skip();
        category.push(word);
    }
    let kind = objects::take_plural(&mut ahead)?;
    *cursor = ahead;
    (kind.kind == ObjectKind::Integration).then(|| (kind, Some(category.join("_"))))
}

/// What follows the kind.
fn parse_kind<'a>(
    cursor: &mut Cursor<'a>,
    terse: bool,
    (kind, view): (ObjectKind, &'static str),
    row: Option<&'static Kind>,
    category: Option<String>,
) -> Parsed<'a> {
    let history =
        views::view(view).is_some_and(|view| view.history.is_some()) && cursor.take_word("HISTORY");
    let like = if cursor.take_word("LIKE") {
        Some(cursor.string()?)
    } else {
        None
    };
    let scope = if cursor.take_word("IN") {
        scope(cursor)?
    } else {
        Scope::Unsaid
    };
    let starts_with = if cursor.take_words("STARTS WITH") {
        Some(cursor.string()?)
    } else {
        None
    };
    let limit = if cursor.take_word("LIMIT") {
        Some(cursor.integer()?)
    } else {
        None
    };
    let from = if limit.is_some() && cursor.take_word("FROM") {
        Some(cursor.string()?)
    } else {
        None
    };
    cursor.end()?;
    // Some kinds accept what they do not heed.
    let starts_with = starts_with.filter(|_| row.is_none_or(|row| row.starts_with));
    let limit = limit.filter(|_| row.is_none_or(|row| row.limit));
    Ok(Box::new(Show {
        kind,
        row,
        category,
        view,
        terse,
        history,
        like,
        scope,
        starts_with,
        limit,
        from,
    }))
}

fn scope(cursor: &mut Cursor<'_>) -> Result<Scope> {
    if cursor.take_word("ACCOUNT") {
        return Ok(Scope::Account);
    }
    let database = cursor.take_word("DATABASE");
    let schema = !database && cursor.take_word("SCHEMA");
    let ends = cursor.peek().is_none()
        || matches!(cursor.peek_word().as_deref(), Some("STARTS" | "LIMIT"));
    let name = if ends {
        None
    } else {
        Some(cursor.object_name()?)
    };
    Ok(match (database, name) {
        (true, name) => Scope::Database(name),
        (false, None) if !schema => return Err(cursor.unexpected()),
        (false, name) => Scope::Schema(name),
    })
}

impl Statement for Show {
    fn kind(&self) -> StatementKind {
        StatementKind::Show
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        if self.kind == ObjectKind::Sequence {
            context.instance.settle_sequences()?;
        }
        let query = self.query(context)?;
        let lowered = lower::query(&query, &context.facts())?;
        select::run(context, &lowered, select::columns(&query.columns))
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        ResultSet::describe(select::columns(&self.query(context)?.columns))
    }
}

const SOURCE: RelationId = RelationId(0);

impl Show {
    fn query(&self, context: &Context<'_>) -> Result<Query> {
        let view =
            views::view(self.view).ok_or_else(|| Error::internal("a kind without its view"))?;
        let perhaps = |name: &str| -> Option<Expr> {
            let index = view
                .columns
                .iter()
                .position(|(column, _)| *column == name)?;
            let reference = ColumnRef {
                relation: SOURCE,
                column: index as u64,
            };
            Some(Expr::new(
                ExprKind::Column(reference),
                view.columns[index].1.clone(),
                true,
            ))
        };
        let column = |name: &str| -> Result<Expr> {
            perhaps(name)
                .ok_or_else(|| Error::internal(format!("view {} has no {name}", view.name)))
        };
        let lookup = context.lookup();
        let scope = context.session.scope();
        let user = &context.session.user;
        let user = lookup.snapshot.find(lookup.account, ObjectKind::User, user);
        let default = |name: &str| {
            let properties = objects::properties(user?).ok()?;
            objects::shown(properties, name)
        };
        let mut conditions = Vec::new();
        for (name, value) in self.place(context)? {
            // SHOW FUNCTIONS calls a database a catalog.
            let place = match perhaps(name) {
                None if name == "database_name" => column("catalog_name")?,
                None => column(name)?,
                Some(place) => place,
            };
            conditions.push(compare(place, Comparison::Equal, &value));
        }
        if let Some(category) = &self.category {
            conditions.push(compare(column("category")?, Comparison::Equal, category));
        }
        if let Some(pattern) = &self.like {
            conditions.push(like(column("name")?, pattern, true));
        }
        if let Some(prefix) = &self.starts_with {
            let escaped = prefix
                .replace('\\', "\\\\")
                .replace('%', "\\%")
                .replace('_', "\\_");
            conditions.push(like(column("name")?, &format!("{escaped}%"), false));
        }
        if let Some(after) = &self.from {
            conditions.push(compare(column("name")?, Comparison::Greater, after));
        }
        let all = || {
            let all = view.columns.iter().map(|(name, _)| *name);
            all.filter(|name| self.history || view.history != Some(*name))
                .collect()
        };
        let shown: Vec<_> = match self.row {
            _ if !self.terse => all(),
            Some(Kind {
                terse: Some(columns),
                ..
            }) => columns.to_vec(),
            Some(row) if row.is_recorded() => all(),
            _ => TERSE.to_vec(),
        };
        // What a kind does not have is NULL in the five columns of TERSE; the kind of a view is not among its own columns.
        let absent = |name: &str| match (name, self.kind) {
            ("kind", ObjectKind::View) => text("VIEW"),
            _ => Expr::literal(Literal::Null, LogicalType::TEXT),
        };
        let projection: Vec<_> = shown
            .iter()
            .map(|name| perhaps(name).unwrap_or_else(|| absent(name)))
            .collect();
        let columns = shown
            .iter()
            .zip(&projection)
            .map(|(name, expr)| OutputColumn {
                name: (*name).to_owned(),
                ty: expr.ty.clone(),
                nullable: true,
                origin: None,
            })
            .collect();
        let order_by = ["database_name", "schema_name", "name"]
            .into_iter()
            .filter_map(perhaps)
            .map(|expr| OrderBy {
                target: OrderTarget::Expr(expr),
                descending: false,
                nulls_first: false,
            })
            .collect();
        let select = Select {
            distinct: false,
            from: Some(Relation::System {
                id: SOURCE,
                sql: view.sql(&views::Reader {
                    account: lookup.account,
                    session: lookup.session,
                    database: None,
                    current_database: lookup.current_database.as_deref(),
                    current_schema: lookup.current_schema.as_deref(),
                    role: scope.role.as_deref(),
                    warehouse: scope.warehouse.as_deref(),
                    default_role: default("DEFAULT_ROLE").as_deref(),
                    default_warehouse: default("DEFAULT_WAREHOUSE").as_deref(),
                    dropped: if self.history {
                        lookup.snapshot.dropped().map(|object| object.id).collect()
                    } else {
                        vec![]
                    },
                }),
                columns: view
                    .columns
                    .iter()
                    .map(|(_, ty)| ty.natural_physical())
                    .collect(),
            }),
            filter: (!conditions.is_empty())
                .then(|| Expr::boolean(ExprKind::And(conditions), true)),
            grouping: None,
            having: None,
            qualify: None,
            projection,
        };
        let limit = self.limit.map(|limit| {
            Expr::literal(
                Literal::Number(limit.into()),
                LogicalType::Number {
                    precision: 18,
                    scale: 0,
                },
            )
        });
        Ok(Query {
            ctes: vec![],
            body: Body::Select(Box::new(select)),
            order_by,
            limit,
            offset: None,
            columns,
        })
    }

    /// Columns and the values that the scope asks for.
    fn place(&self, context: &Context<'_>) -> Result<Vec<(&'static str, String)>> {
        let lookup = context.lookup();
        let missing = |_| Error::object_or_operation();
        let in_schema = |parts: &[String]| -> Result<Vec<(&'static str, String)>> {
            let schema = lookup.schema(parts, "SHOW").map_err(missing)?;
            let database = lookup
                .snapshot
                .get(schema.parent)
                .map_or_else(String::new, |d| d.name.clone());
            Ok(vec![
                ("database_name", database),
                ("schema_name", schema.name.clone()),
            ])
        };
        let in_database = |name: Option<&str>| -> Result<Vec<(&'static str, String)>> {
            let database = match name {
                Some(name) => lookup.database(name).map_err(missing)?,
                None => lookup.current_database("SHOW")?,
            };
            Ok(vec![("database_name", database.name.clone())])
        };
        match (self.kind.container(), &self.scope) {
            (Container::Root | Container::Account, _) | (_, Scope::Account) => Ok(vec![]),
            (_, Scope::Database(name)) => in_database(name.as_ref().map(ObjectName::last)),
            // A schema is in a database; IN <name> names one.
            (Container::Database, Scope::Schema(name)) => {
                in_database(name.as_ref().map(ObjectName::last))
            }
            (Container::Database, Scope::Unsaid) => match lookup.current_database {
                Some(_) => in_database(None),
                None => Ok(vec![]),
            },
            (Container::Schema | Container::Object, Scope::Schema(name)) => {
                in_schema(name.as_ref().map_or(&[][..], |name| &name.parts))
            }
            (Container::Schema | Container::Object, Scope::Unsaid) => {
                match (&lookup.current_database, &lookup.current_schema) {
                    (Some(_), Some(_)) => in_schema(&[]),
                    (Some(_), None) => in_database(None),
                    _ => Ok(vec![]),
                }
            }
        }
    }
}

/// Rows that are made here and not by a query.
pub(super) struct Listing {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Option<String>>>,
}

impl Listing {
    /// Keeps the rows whose column `name` is LIKE the pattern, in any case.
    pub fn keep_like(&mut self, name: &str, pattern: &str) {
        let index = self.columns.iter().position(|column| column.name == name);
        let pattern = crate::sql::like_pattern(pattern);
        self.rows.retain(|row| {
            let cell = index.and_then(|index| row[index].as_deref());
            cell.is_some_and(|cell| pattern.is_match(cell))
        });
    }

    pub fn result(self) -> Result<ResultSet> {
        ResultSet::from_text_rows(self.columns, self.rows)
    }
}

/// Microseconds since 1970 as a cell of TIMESTAMP_LTZ(3).
pub(super) fn instant(microseconds: i64) -> String {
    let seconds = microseconds.div_euclid(1_000_000);
    let milliseconds = microseconds.rem_euclid(1_000_000) / 1000;
    format!("{seconds}.{milliseconds:03}")
}

/// The columns of TERSE, of every kind that has it.
const TERSE: [&str; 5] = ["created_on", "name", "kind", "database_name", "schema_name"];

fn text(value: &str) -> Expr {
    Expr::literal(Literal::Text(value.to_owned()), LogicalType::TEXT)
}

fn compare(left: Expr, operator: Comparison, right: &str) -> Expr {
    let kind = ExprKind::Compare {
        operator,
        left: Box::new(left),
        right: Box::new(text(right)),
    };
    Expr::boolean(kind, true)
}

/// SHOW … LIKE is case-insensitive; a backslash escapes.
fn like(operand: Expr, pattern: &str, case_insensitive: bool) -> Expr {
    let like = Like {
        operand,
        pattern: text(pattern),
        escape: Some(text("\\")),
        case_insensitive,
        negated: false,
    };
    Expr::boolean(ExprKind::Like(Box::new(like)), true)
}
