//! SHOW COLUMNS, and which tables SHOW … KEYS and SHOW COLUMNS look at.

use std::sync::Arc;

use super::show::Listing;
use super::{Context, Parsed, Statement, StatementKind};
use crate::catalog::{Detail, Lookup, Object, ObjectKind};
use crate::error::{Error, Result};
use crate::objects;
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, ObjectName};
use crate::types::{LogicalType, TimestampKind};

/// Where to look.
pub(super) enum Place {
    Unsaid,
    Account,
    Database(Option<ObjectName>),
    Schema(Option<ObjectName>),
    Table(ObjectName),
}

impl Place {
    /// `[IN { ACCOUNT | DATABASE [name] | SCHEMA [name] | [TABLE | VIEW] name }]`
    pub fn parse(cursor: &mut Cursor<'_>) -> Result<Place> {
        if !cursor.take_word("IN") {
            return Ok(Place::Unsaid);
        }
        let name = |cursor: &mut Cursor<'_>| match cursor.peek_word().as_deref() {
            None if cursor.peek().is_none() => Ok(None),
            Some("STARTS" | "LIMIT") => Ok(None),
            _ => cursor.object_name().map(Some),
        };
        Ok(if cursor.take_word("ACCOUNT") {
            Place::Account
        } else if cursor.take_word("DATABASE") {
            Place::Database(name(cursor)?)
        } else if cursor.take_word("SCHEMA") {
            Place::Schema(name(cursor)?)
        } else {
            let _ = cursor.take_word("TABLE") || cursor.take_word("VIEW");
            Place::Table(cursor.object_name()?)
        })
    }

    /// The tables and views there, with the names of their databases and schemas, sorted.
    pub fn relations(&self, lookup: &Lookup) -> Result<Vec<Located>> {
        let snapshot = &lookup.snapshot;
        let missing = |_| Error::object_or_operation();
        let mut schemas: Vec<Arc<Object>> = Vec::new();
        let in_database = |database: &Object, schemas: &mut Vec<Arc<Object>>| {
            let found = snapshot.children(database.id);
            schemas.extend(
                found
                    .filter(|child| child.detail.kind() == ObjectKind::Schema)
                    .cloned(),
            );
        };
        match self {
            Place::Table(name) => {
                let object = lookup.find(ObjectKind::Table, &name.parts, "SHOW")?;
                let object = match (object, objects::kind("TABLE")) {
                    (Some(object), _) => object.clone(),
                    (None, Some(kind)) => return Err(kind.missing(lookup, name)),
                    (None, None) => return Err(Error::object_or_operation()),
                };
                return Ok(located(lookup, object).into_iter().collect());
            }
            Place::Schema(name) => {
                let parts = name.as_ref().map_or(&[][..], |name| &name.parts);
                schemas.push(lookup.schema(parts, "SHOW").map_err(missing)?.clone());
            }
            Place::Database(Some(name)) => {
                in_database(lookup.database(name.last()).map_err(missing)?, &mut schemas);
            }
            Place::Database(None) => in_database(lookup.current_database("SHOW")?, &mut schemas),
            Place::Unsaid if lookup.current_database.is_some() => match lookup.current_schema {
                Some(_) => schemas.push(lookup.schema(&[], "SHOW")?.clone()),
                None => in_database(lookup.current_database("SHOW")?, &mut schemas),
            },
            Place::Unsaid | Place::Account => {
                let databases = snapshot.children(lookup.account);
                for database in databases.filter(|d| d.detail.kind() == ObjectKind::Database) {
                    in_database(database, &mut schemas);
                }
            }
        }
        let children = schemas
            .iter()
            .flat_map(|schema| snapshot.children(schema.id));
        let mut relations: Vec<_> = children
            .filter(|object| {
                object.detail.kind().is_relation()
                    && object
                        .session
                        .is_none_or(|session| session == lookup.session)
            })
            .filter_map(|object| located(lookup, object.clone()))
            .collect();
        relations.sort_by(|a, b| {
            (&a.database, &a.schema, &a.object.name).cmp(&(&b.database, &b.schema, &b.object.name))
        });
        Ok(relations)
    }
}

/// A table or view and where it is.
pub(super) struct Located {
    pub database: String,
    pub schema: String,
    pub object: Arc<Object>,
}

fn located(lookup: &Lookup, object: Arc<Object>) -> Option<Located> {
    let schema = lookup.snapshot.get(object.parent)?;
    let database = lookup.snapshot.get(schema.parent)?;
    Some(Located {
        database: database.name.clone(),
        schema: schema.name.clone(),
        object,
    })
}

struct ShowColumns {
    like: Option<String>,
    place: Place,
}

/// `SHOW COLUMNS [LIKE '…'] [IN …]`
pub(super) fn parse<'a>(cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let like = if cursor.take_word("LIKE") {
        Some(cursor.string()?)
    } else {
        None
    };
    let place = Place::parse(cursor)?;
    cursor.end()?;
    Ok(Box::new(ShowColumns { like, place }))
}

impl Statement for ShowColumns {
    fn kind(&self) -> StatementKind {
        StatementKind::Show
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.listing(&context.lookup())?.result()
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        ResultSet::describe(self.listing(&context.lookup())?.columns)
    }
}

impl ShowColumns {
    fn listing(&self, lookup: &Lookup) -> Result<Listing> {
        let names = [
            "table_name",
            "schema_name",
            "column_name",
            "data_type",
            "null?",
            "default",
            "kind",
            "expression",
            "comment",
            "database_name",
            "autoincrement",
            "schema_evolution_record",
        ];
        let columns = names
            .iter()
            .map(|name| Column::new(*name, LogicalType::TEXT))
            .collect();
        let mut rows = Vec::new();
        for found in self.place.relations(lookup)? {
            let mut row = |name: &str,
                           logical: &LogicalType,
                           nullable: bool,
                           default: Option<&str>,
                           comment: Option<&str>,
                           identity: Option<String>| {
                rows.push(vec![
                    Some(found.object.name.clone()),
                    Some(found.schema.clone()),
                    Some(name.to_owned()),
                    Some(data_type(logical, nullable)),
                    Some(if nullable { "true" } else { "NOT_NULL" }.to_owned()),
                    Some(default.unwrap_or_default().to_owned()),
                    Some("COLUMN".to_owned()),
                    Some(String::new()),
                    Some(comment.unwrap_or_default().to_owned()),
                    Some(found.database.clone()),
                    Some(identity.unwrap_or_default()),
                    None,
                ]);
            };
            match &found.object.detail {
                Detail::Table(table) => {
                    for column in &table.columns {
                        row(
                            &column.name,
                            &column.logical,
                            column.nullable,
                            column.default.as_deref(),
                            column.comment.as_deref(),
                            objects::identity_text(lookup, column),
                        );
                    }
                }
                Detail::View(view) => {
                    for column in &view.columns {
                        let comment = column.comment.as_deref();
                        row(
                            &column.name,
                            &column.logical,
                            column.nullable,
                            None,
                            comment,
                            None,
                        );
                    }
                }
                _ => {}
            }
        }
        let mut listing = Listing { columns, rows };
        if let Some(pattern) = &self.like {
            listing.keep_like("column_name", pattern);
        }
        Ok(listing)
    }
}

/// The type as JSON, in Snowflake's order of keys.
fn data_type(logical: &LogicalType, nullable: bool) -> String {
    let bytes = |length: u32| u64::from(length).saturating_mul(4).min(16_777_216);
    let inside = match logical {
        LogicalType::Number { precision, scale } => {
            format!(
                "\"type\":\"FIXED\",\"precision\":{precision},\"scale\":{scale},\"nullable\":{nullable}"
            )
        }
        LogicalType::Varchar { length } => format!(
            "\"type\":\"TEXT\",\"length\":{length},\"byteLength\":{},\"nullable\":{nullable},\"fixed\":false",
            bytes(*length).max((*length).into())
        ),
        LogicalType::Binary { length } => format!(
            "\"type\":\"BINARY\",\"length\":{length},\"byteLength\":{length},\"nullable\":{nullable},\"fixed\":true"
        ),
        LogicalType::Time { scale } => {
            format!("\"type\":\"TIME\",\"precision\":0,\"scale\":{scale},\"nullable\":{nullable}")
        }
        LogicalType::Timestamp { kind, scale } => {
            let kind = match kind {
                TimestampKind::Ntz => "TIMESTAMP_NTZ",
                TimestampKind::Ltz => "TIMESTAMP_LTZ",
                TimestampKind::Tz => "TIMESTAMP_TZ",
            };
            format!("\"type\":\"{kind}\",\"precision\":0,\"scale\":{scale},\"nullable\":{nullable}")
        }
        LogicalType::Float => format!("\"type\":\"REAL\",\"nullable\":{nullable}"),
        LogicalType::Boolean
        | LogicalType::Date
        | LogicalType::Variant
        | LogicalType::Object
        | LogicalType::Array => format!("\"type\":\"{logical}\",\"nullable\":{nullable}"),
    };
    format!("{{{inside}}}")
}
