//! Tables.

use sqlparser::tokenizer::Token;

use super::{Kind, Spec};
use crate::bind;
use crate::catalog::{Detail, Lookup, Object, ObjectKind, TableKind};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, ast};
use crate::types::LogicalType;

pub(super) const KIND: Kind = Kind {
    kind: ObjectKind::Table,
    modifiers: &["TRANSIENT"],
    plural: "TABLES",
    view: "tables",
    parse,
    describe,
    drop_options: &["CASCADE", "RESTRICT"],
};

/// `CREATE TABLE name (columns)` or `CREATE TABLE name [(columns)] AS query`
pub struct TableSpec {
    pub table_kind: TableKind,
    pub columns: Vec<ColumnSpec>,
    pub comment: Option<String>,
    pub query: Option<Box<ast::Query>>,
}

/// A column definition; CTAS may leave out the type.
pub struct ColumnSpec {
    pub name: String,
    pub logical: Option<LogicalType>,
    pub nullable: bool,
    /// As written.
    pub default: Option<String>,
    pub comment: Option<String>,
}

fn parse(cursor: &mut Cursor<'_>, modifiers: &[&'static str]) -> Result<Spec> {
    let mut spec = TableSpec {
        table_kind: if modifiers.contains(&"TRANSIENT") {
            TableKind::Transient
        } else {
            TableKind::Permanent
        },
        columns: vec![],
        comment: None,
        query: None,
    };
    if cursor.take(&Token::LParen) {
        loop {
            if let Some(constraint @ ("CONSTRAINT" | "PRIMARY" | "UNIQUE" | "FOREIGN")) =
                cursor.peek_word().as_deref()
            {
                return Err(Error::unsupported(format!("table constraint {constraint}")));
            }
            let column = column(cursor)?;
            if spec.columns.iter().any(|known| known.name == column.name) {
                return Err(Error::duplicate_column(&column.name));
            }
            spec.columns.push(column);
            if !cursor.take(&Token::Comma) {
                break;
            }
        }
        cursor.expect(&Token::RParen)?;
    }
    while let Some(word) = cursor.peek_word() {
        match word.as_str() {
            "COMMENT" => spec.comment = super::schema::comment(cursor)?,
            "AS" => {
                cursor.expect_word("AS")?;
                spec.query = Some(cursor.query()?);
                break;
            }
            "LIKE" | "CLONE" | "CLUSTER" | "USING" => {
                return Err(Error::unsupported(format!("CREATE TABLE … {word}")));
            }
            _ => return Err(Error::unsupported(format!("table option {word}"))),
        }
    }
    cursor.end()?;
    if spec.query.is_none() {
        if spec.columns.is_empty() {
            return Err(Error::missing_columns());
        }
        if spec.columns.iter().any(|column| column.logical.is_none()) {
            return Err(cursor.unexpected());
        }
    }
    Ok(Spec::Table(Box::new(spec)))
}

fn column(cursor: &mut Cursor<'_>) -> Result<ColumnSpec> {
    let name = cursor.identifier()?;
    let ends = cursor
        .peek()
        .is_some_and(|token| matches!(token.token, Token::Comma | Token::RParen));
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
        comment: None,
    };
    while let Some(word) = cursor.peek_word() {
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
            "COMMENT" => {
                cursor.expect_word("COMMENT")?;
                column.comment = Some(cursor.string()?);
            }
            _ => return Err(Error::unsupported(format!("column option {word}"))),
        }
    }
    Ok(column)
}

/// One row per column; names with blanks, as Snowflake gives them.
fn describe(_: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let Detail::Table(table) = &object.detail else {
        return Err(Error::object_does_not_exist("Table", &object.name));
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
    ];
    let columns = names
        .iter()
        .map(|name| Column::new(*name, LogicalType::TEXT))
        .collect();
    let flag = |yes: bool| Some(if yes { "Y" } else { "N" }.to_owned());
    let rows = table
        .columns
        .iter()
        .map(|column| {
            vec![
                Some(column.name.clone()),
                Some(column.logical.to_string()),
                Some("COLUMN".to_owned()),
                flag(column.nullable),
                column.default.clone(),
                flag(false),
                flag(false),
                None,
                None,
                column.comment.clone(),
                None,
                None,
            ]
        })
        .collect();
    ResultSet::from_text_rows(columns, rows)
}
