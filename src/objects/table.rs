//! Tables.

use sqlparser::tokenizer::Token;

use super::attachment::{self, PolicyUse};
use super::column::{self, ColumnSpec};
use super::constraint::{self, ConstraintSpec};
use super::{Kind, Spec, TEMPORARY, dynamic_table, property, tag};
use crate::catalog::{Lookup, Object, ObjectKind, Properties, TableKind};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName, ast};

pub(super) const KIND: Kind = Kind {
    modifiers: &[
        "GLOBAL",
        "LOCAL",
        "TEMP",
        "TEMPORARY",
        "TRANSIENT",
        "VOLATILE",
    ],
    parse,
    describe,
    drop_options: &["CASCADE", "RESTRICT"],
    undrop: true,
    ..Kind::recorded(ObjectKind::Table, "tables", &[])
};

/// `CREATE TABLE name (columns)`, `… [(columns)] AS query`, `… LIKE table`, `… CLONE table`
pub struct TableSpec {
    pub table_kind: TableKind,
    pub columns: Vec<ColumnSpec>,
    pub constraints: Vec<ConstraintSpec>,
    pub comment: Option<String>,
    pub cluster_by: Option<String>,
    pub change_tracking: bool,
    pub retention_days: Option<u32>,
    /// COPY GRANTS
    pub copy_grants: bool,
    /// Options without effect here.
    pub options: Vec<(String, String)>,
    pub tags: Vec<(ObjectName, String)>,
    pub policies: Vec<PolicyUse>,
    /// Of a dynamic table: what only such a table has, and its query as written.
    pub dynamic: Option<(Properties, String)>,
    pub query: Option<Box<ast::Query>>,
    pub copied: Option<Copied>,
}

/// The table that LIKE or CLONE names.
pub struct Copied {
    pub name: ObjectName,
    /// CLONE: with its rows.
    pub rows: bool,
}

pub(super) fn parse(
    kind: &'static Kind,
    cursor: &mut Cursor<'_>,
    modifiers: &[&'static str],
) -> Result<Spec> {
    let mut spec = TableSpec {
        table_kind: if modifiers.iter().any(|word| TEMPORARY.contains(word)) {
            TableKind::Temporary
        } else if modifiers.contains(&"TRANSIENT") {
            TableKind::Transient
        } else {
            TableKind::Permanent
        },
        columns: vec![],
        constraints: vec![],
        comment: None,
        cluster_by: None,
        change_tracking: false,
        retention_days: None,
        copy_grants: false,
        options: vec![],
        tags: vec![],
        policies: vec![],
        dynamic: (kind.kind == ObjectKind::DynamicTable)
            .then(|| (Properties::new(), String::new())),
        query: None,
        copied: None,
    };
    if cursor.take(&Token::LParen) {
        loop {
            if constraint::begins(cursor) {
                spec.constraints.push(constraint::parse_constraint(cursor)?);
            } else {
                let mut column = column::parse_column(cursor)?;
                if spec.columns.iter().any(|known| known.name == column.name) {
                    return Err(Error::duplicate_column(crate::sql::quote(&column.name)));
                }
                spec.constraints.append(&mut column.constraints);
                spec.columns.push(column);
            }
            if !cursor.take(&Token::Comma) {
                break;
            }
        }
        cursor.expect(&Token::RParen)?;
    }
    loop {
        if cursor.take_word("AS") {
            let mark = cursor.mark();
            spec.query = Some(cursor.query()?);
            if let Some((_, text)) = &mut spec.dynamic {
                cursor.text_since(mark).clone_into(text);
            }
            break;
        }
        let rows = cursor.take_word("CLONE");
        if rows || cursor.take_word("LIKE") {
            let name = cursor.object_name()?;
            let at = cursor.peek_word();
            if rows && matches!(at.as_deref(), Some("AT" | "BEFORE")) {
                return Err(Error::unsupported("time travel"));
            }
            spec.copied = Some(Copied { name, rows });
        } else if cursor.peek_word().as_deref() == Some("USING") {
            return Err(Error::unsupported("CREATE TABLE … USING TEMPLATE"));
        } else if !table_option(cursor, &mut spec)? {
            break;
        }
    }
    cursor.end()?;
    check(cursor, &spec)?;
    Ok(Spec::Table(Box::new(spec)))
}

fn check(cursor: &Cursor<'_>, spec: &TableSpec) -> Result<()> {
    if let Some((properties, _)) = &spec.dynamic {
        let needed = ["TARGET_LAG", "WAREHOUSE"];
        let missing = needed.iter().find(|name| !properties.contains_key(**name));
        if let Some(missing) = missing.filter(|_| spec.copied.is_none()) {
            return Err(Error::missing_option(missing));
        }
        if spec.query.is_none() && spec.copied.is_none() {
            return Err(cursor.unexpected());
        }
    }
    if spec.query.is_none() && spec.copied.is_none() {
        if spec.columns.is_empty() {
            return Err(Error::missing_columns());
        }
        if spec.columns.iter().any(|column| column.logical.is_none()) {
            return Err(cursor.unexpected());
        }
    }
    let primary_keys = spec
        .constraints
        .iter()
        .filter(|c| c.kind == crate::catalog::ConstraintKind::PrimaryKey);
    if primary_keys.count() > 1 {
        return Err(Error::several_primary_keys());
    }
    Ok(())
}

/// An option behind the columns, if one comes next.
fn table_option(cursor: &mut Cursor<'_>, spec: &mut TableSpec) -> Result<bool> {
    if cursor.take_words("COPY GRANTS") {
        spec.copy_grants = true;
        return Ok(true);
    }
    if cursor.take_words("COPY TAGS") {
        return Err(Error::unsupported("COPY TAGS"));
    }
    if cursor.take_words("CLUSTER BY") {
        spec.cluster_by = Some(cursor.parenthesized()?.to_owned());
        return Ok(true);
    }
    if tag::begins(cursor) {
        spec.tags.extend(tag::parse_with(cursor)?);
        return Ok(true);
    }
    if let Some(policy) = attachment::parse_object_policy(cursor)? {
        spec.policies.push(policy);
        return Ok(true);
    }
    let with = cursor.take_word("WITH");
    let Some(word) = cursor.peek_word() else {
        return if with {
            Err(cursor.unexpected())
        } else {
            Ok(false)
        };
    };
    if with || matches!(word.as_str(), "ROW" | "AGGREGATION" | "JOIN" | "STORAGE") {
        return Err(Error::unsupported(format!("table option {word}")));
    }
    cursor.word()?;
    cursor.expect(&Token::Eq)?;
    if let Some((properties, _)) = &mut spec.dynamic
        && let Some(known) = dynamic_table::PROPERTIES.iter().find(|p| p.name == word)
    {
        let value = property::read(cursor, &word, known.takes)?;
        properties.insert(word, value);
        return Ok(true);
    }
    match word.as_str() {
        "COMMENT" => spec.comment = Some(cursor.string()?),
        "CHANGE_TRACKING" => spec.change_tracking = boolean(cursor, &word)?,
        "DATA_RETENTION_TIME_IN_DAYS" => spec.retention_days = Some(days(cursor, &word)?),
        "STAGE_FILE_FORMAT" | "STAGE_COPY_OPTIONS" => {
            let value = cursor.parenthesized()?.to_owned();
            spec.options.push((word, value));
        }
        _ if ACCEPTED.contains(&word.as_str()) => {
            let value = cursor.option_value()?;
            spec.options.push((word, value));
        }
        _ => return Err(Error::invalid_property(word, "TABLE")),
    }
    Ok(true)
}

/// Options of tables that are recorded and have no effect here.
pub const ACCEPTED: &[&str] = &[
    "DEFAULT_DDL_COLLATION",
    "ENABLE_SCHEMA_EVOLUTION",
    "LOG_LEVEL",
    "MAX_DATA_EXTENSION_TIME_IN_DAYS",
];

/// TRUE or FALSE.
pub(super) fn boolean(cursor: &mut Cursor<'_>, option: &str) -> Result<bool> {
    let value = cursor.option_value()?;
    match value.to_ascii_uppercase().as_str() {
        "TRUE" => Ok(true),
        "FALSE" => Ok(false),
        _ => Err(Error::invalid_parameter_value(value, option)),
    }
}

/// A number of days of retention.
pub fn days(cursor: &mut Cursor<'_>, option: &str) -> Result<u32> {
    let value = cursor.option_value()?;
    match value.parse() {
        Ok(days @ 0..=90) => Ok(days),
        _ => Err(Error::invalid_parameter_value(value, option)),
    }
}

fn describe(lookup: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    column::columns_of(lookup, object)
}
