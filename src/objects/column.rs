//! Columns of tables and views: their definition in CREATE and ALTER, and the rows that DESCRIBE shows of them.

use sqlparser::tokenizer::Token;

use super::attachment::{self, PolicyUse};
use super::constraint::{self, ConstraintSpec};
use super::tag;
use crate::bind;
use crate::catalog::{ConstraintKind, Detail, Object, ObjectKind};
use crate::error::{Error, Result};
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, ObjectName};
use crate::types::LogicalType;

/// A column definition; CTAS may leave out the type.
#[derive(Clone)]
pub struct ColumnSpec {
    pub name: String,
    pub logical: Option<LogicalType>,
    pub nullable: bool,
    /// As written.
    pub default: Option<String>,
    pub identity: Option<IdentitySpec>,
    pub comment: Option<String>,
    /// Constraints that stand at the column; they name it.
    pub constraints: Vec<ConstraintSpec>,
    pub tags: Vec<(ObjectName, String)>,
    pub policies: Vec<PolicyUse>,
}

/// `{ AUTOINCREMENT | IDENTITY } [ (start, increment) | START n INCREMENT n ] [ORDER | NOORDER]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentitySpec {
    pub start: i64,
    pub increment: i64,
    pub ordered: bool,
}

/// `name [type] [options]`
pub fn parse_column(cursor: &mut Cursor<'_>) -> Result<ColumnSpec> {
    let name = cursor.identifier()?;
    let ends = cursor
        .peek()
        .is_none_or(|token| matches!(token.token, Token::Comma | Token::RParen))
        || matches!(
            cursor.peek_word().as_deref(),
            Some("COMMENT" | "AUTOINCREMENT" | "IDENTITY")
        );
    let logical = if ends {
        None
    } else {
        Some(bind::data_type(&cursor.data_type()?)?)
    };
    let mut column = ColumnSpec {
        name,
        logical,
        nullable: true,
        default: None,
        identity: None,
        comment: None,
        constraints: vec![],
        tags: vec![],
        policies: vec![],
    };
    while let Some(word) = cursor.peek_word() {
        if tag::begins(cursor) {
            column.tags.extend(tag::parse_with(cursor)?);
            continue;
        }
        if let Some(policy) = attachment::parse_column_policy(cursor)? {
            column.policies.push(policy);
            continue;
        }
        match word.as_str() {
            "NOT" => {
                if !cursor.take_words("NOT NULL") {
                    return Err(cursor.unexpected());
                }
                column.nullable = false;
            }
            "NULL" => {
                cursor.expect_word("NULL")?;
            }
            "DEFAULT" => {
                cursor.expect_word("DEFAULT")?;
                column.default = Some(cursor.expression_text()?);
            }
            "AUTOINCREMENT" | "IDENTITY" => {
                cursor.word()?;
                column.identity = Some(identity(cursor)?);
            }
            "COMMENT" => {
                cursor.expect_word("COMMENT")?;
                column.comment = Some(cursor.string()?);
            }
            "CONSTRAINT" | "PRIMARY" | "UNIQUE" | "FOREIGN" | "REFERENCES" => {
                let constraint = constraint::parse_inline(cursor, &column.name)?;
                if constraint.kind == ConstraintKind::PrimaryKey {
                    column.nullable = false;
                }
                column.constraints.push(constraint);
            }
            _ => return Err(Error::unsupported(format!("column option {word}"))),
        }
    }
    Ok(column)
}

/// What follows AUTOINCREMENT; the words come in any order.
fn identity(cursor: &mut Cursor<'_>) -> Result<IdentitySpec> {
    let mut identity = IdentitySpec {
        start: 1,
        increment: 1,
        ordered: false,
    };
    if cursor.take(&Token::LParen) {
        identity.start = cursor.signed_integer()?;
        if cursor.take(&Token::Comma) {
            identity.increment = cursor.signed_integer()?;
        }
        cursor.expect(&Token::RParen)?;
    }
    while sequence_option(cursor, &mut identity)? {}
    Ok(identity)
}

/// `START [WITH] [=] n`, `INCREMENT [BY] [=] n`, `ORDER` or `NOORDER`, if one of them comes next.
pub(super) fn sequence_option(cursor: &mut Cursor<'_>, options: &mut IdentitySpec) -> Result<bool> {
    if cursor.take_word("START") {
        cursor.take_word("WITH");
        cursor.take(&Token::Eq);
        options.start = cursor.signed_integer()?;
    } else if cursor.take_word("INCREMENT") {
        cursor.take_word("BY");
        cursor.take(&Token::Eq);
        options.increment = cursor.signed_integer()?;
        if options.increment == 0 {
            return Err(Error::invalid_parameter_value(0, "INCREMENT"));
        }
    } else if cursor.take_word("ORDER") {
        options.ordered = true;
    } else if cursor.take_word("NOORDER") {
        options.ordered = false;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// What DESCRIBE shows of a column.
struct Described<'a> {
    name: &'a str,
    logical: &'a LogicalType,
    nullable: bool,
    default: Option<String>,
    primary_key: bool,
    unique_key: bool,
    comment: Option<&'a str>,
    /// The number that references to the column have.
    number: u64,
}

/// The rows of DESCRIBE TABLE and DESCRIBE VIEW.
pub fn columns_of(lookup: &crate::catalog::Lookup, object: &Object) -> Result<ResultSet> {
    let described: Vec<Described<'_>> = match &object.detail {
        Detail::Table(table) => {
            let in_key = |number: u64, kind: ConstraintKind| {
                table
                    .constraints
                    .iter()
                    .any(|c| c.kind == kind && c.columns.contains(&number))
            };
            table
                .columns
                .iter()
                .map(|column| Described {
                    name: &column.name,
                    logical: &column.logical,
                    nullable: column.nullable,
                    default: default_text(lookup, column),
                    primary_key: in_key(column.number, ConstraintKind::PrimaryKey),
                    unique_key: in_key(column.number, ConstraintKind::Unique),
                    comment: column.comment.as_deref(),
                    number: column.number,
                })
                .collect()
        }
        Detail::View(view) => view
            .columns
            .iter()
            .zip(0..)
            .map(|(column, number)| Described {
                name: &column.name,
                logical: &column.logical,
                nullable: column.nullable,
                default: None,
                primary_key: false,
                unique_key: false,
                comment: column.comment.as_deref(),
                number,
            })
            .collect(),
        _ => return Err(Error::object_does_not_exist("Table", &object.name)),
    };
    let names = [
        "name",
        "type",
        "kind",
        "null?",
        "default",
        "primary key",
        "unique key",
        "check",
        "expression",
        "comment",
        "policy name",
        "privacy domain",
        "write default",
    ];
    let columns = names
        .iter()
        .map(|name| Column::new(*name, LogicalType::TEXT))
        .collect();
    let flag = |yes: bool| Some(if yes { "Y" } else { "N" }.to_owned());
    let rows = described
        .into_iter()
        .map(|column| {
            vec![
                Some(column.name.to_owned()),
                Some(column.logical.to_string()),
                Some("COLUMN".to_owned()),
                flag(column.nullable),
                column.default,
                flag(column.primary_key),
                flag(column.unique_key),
                None,
                None,
                column.comment.map(str::to_owned),
                masking_policy(lookup, object, column.number),
                None,
                None,
            ]
        })
        .collect();
    ResultSet::from_text_rows(columns, rows)
}

/// The full name of the masking policy of a column.
pub fn masking_policy(
    lookup: &crate::catalog::Lookup,
    object: &Object,
    column: u64,
) -> Option<String> {
    let references = lookup.snapshot.children(object.id);
    let mut policies = references.filter_map(|child| match &child.detail {
        Detail::Reference(reference) if reference.column == Some(column) => {
            lookup.snapshot.get(reference.target)
        }
        _ => None,
    });
    let policy = policies.find(|target| target.detail.kind() == ObjectKind::MaskingPolicy)?;
    Some(lookup.full_name(policy))
}

/// A default as DESCRIBE writes it: as typed, or how an identity column counts.
fn default_text(
    lookup: &crate::catalog::Lookup,
    column: &crate::catalog::Column,
) -> Option<String> {
    identity_text(lookup, column).or_else(|| column.default.clone())
}

/// How an identity column counts: `IDENTITY START 1 INCREMENT 1 NOORDER`.
pub fn identity_text(
    lookup: &crate::catalog::Lookup,
    column: &crate::catalog::Column,
) -> Option<String> {
    let sequence = column.identity.and_then(|id| lookup.snapshot.get(id));
    match sequence.map(|object| &object.detail) {
        Some(Detail::Sequence(sequence)) => Some(format!(
            "IDENTITY START {} INCREMENT {} {}",
            sequence.start,
            sequence.increment,
            if sequence.ordered { "ORDER" } else { "NOORDER" }
        )),
        _ => None,
    }
}
