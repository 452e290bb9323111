//! EXPLAIN: the logical plan of a statement, which is compiled and not run.
//!
//! Source of the columns, the operations and the three formats: Snowflake, "EXPLAIN". The plan itself is ours: what the
//! statement says, operation by operation, with views expanded; each table is one partition whose size is not known.

mod plan;

use self::plan::Operation;
use super::{Context, Parsed, Statement, StatementKind};
use crate::error::{Error, Result};
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, StatementText};
use crate::types::LogicalType;
use crate::types::variant::write;

struct Explain<'a> {
    format: Format,
    /// What is explained.
    text: StatementText<'a>,
    statement: Box<dyn Statement + 'a>,
}

#[derive(Clone, Copy)]
enum Format {
    Tabular,
    Json,
    Text,
}

/// `EXPLAIN [USING { TABULAR | JSON | TEXT }] statement`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let format = if cursor.take_word("USING") {
        let place = cursor.clone();
        match &*cursor.word()? {
            "TABULAR" => Format::Tabular,
            "JSON" => Format::Json,
            "TEXT" => Format::Text,
            _ => return Err(place.unexpected()),
        }
    } else {
        Format::Tabular
    };
    if cursor.peek().is_none() {
        return Err(cursor.unexpected());
    }
    let explained = text.with_tokens(&text.tokens()[cursor.mark()..]);
    let statement = super::parse(explained, cursor.folding())?;
    let has_plan = matches!(
        statement.kind(),
        StatementKind::Select
            | StatementKind::Insert
            | StatementKind::Update
            | StatementKind::Delete
            | StatementKind::Merge
            | StatementKind::MultiInsert
            | StatementKind::Ddl
    );
    if !has_plan {
        return Err(cursor.unexpected());
    }
    Ok(Box::new(Explain {
        format,
        text: explained,
        statement,
    }))
}

impl Statement for Explain<'_> {
    fn kind(&self) -> StatementKind {
        StatementKind::Explain
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let columns = self.statement.describe(context)?;
        let columns = columns.columns().iter().map(|column| column.name.clone());
        let operations = plan::plan(context, self.text, &columns.collect::<Vec<_>>())?;
        let rows = match self.format {
            Format::Tabular => tabular(&operations),
            Format::Json => vec![vec![Some(as_json(&operations))]],
            Format::Text => vec![vec![Some(as_text(&operations))]],
        };
        ResultSet::from_text_rows(self.columns(), rows)
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        self.statement.describe(context)?;
        ResultSet::describe(self.columns())
    }
}

impl Explain<'_> {
    fn columns(&self) -> Vec<Column> {
        match self.format {
            Format::Json | Format::Text => vec![Column::new("content", LogicalType::TEXT)],
            Format::Tabular => [
                ("step", LogicalType::INTEGER),
                ("id", LogicalType::INTEGER),
                ("parentOperators", LogicalType::TEXT),
                ("operation", LogicalType::TEXT),
                ("objects", LogicalType::TEXT),
                ("alias", LogicalType::TEXT),
                ("expressions", LogicalType::TEXT),
                ("partitionsTotal", LogicalType::INTEGER),
                ("partitionsAssigned", LogicalType::INTEGER),
                ("bytesAssigned", LogicalType::INTEGER),
            ]
            .into_iter()
            .map(|(name, ty)| Column::new(name, ty))
            .collect(),
        }
    }
}

fn scans(operations: &[Operation]) -> usize {
    operations.iter().filter(|of| of.scans).count()
}

fn tabular(operations: &[Operation]) -> Vec<Vec<Option<String>>> {
    let number = |number: usize| Some(number.to_string());
    let scans = scans(operations);
    let mut rows = vec![vec![
        None,
        None,
        None,
        Some("GlobalStats".to_owned()),
        None,
        None,
        None,
        number(scans),
        number(scans),
        number(0),
    ]];
    for (id, of) in operations.iter().enumerate() {
        let partitions = of.scans.then(|| "1".to_owned());
        rows.push(vec![
            number(1),
            number(id),
            of.parent.map(|parent| format!("[{parent}]")),
            Some(of.name.to_owned()),
            of.object.clone(),
            of.alias.clone(),
            (!of.expressions.is_empty()).then(|| of.expressions.join(", ")),
            partitions.clone(),
            partitions,
            of.scans.then(|| "0".to_owned()),
        ]);
    }
    rows
}

/// In the order of the documentation's example, which a map of JSON would not keep.
fn as_json(operations: &[Operation]) -> String {
    let scans = scans(operations);
    let all: Vec<_> = operations
        .iter()
        .enumerate()
        .map(|(id, of)| {
            let mut fields = vec![format!("\"id\":{id}")];
            if let Some(parent) = of.parent {
                fields.push(format!("\"parentOperators\":[{parent}]"));
            }
            fields.push(format!("\"operation\":{}", quoted(of.name)));
            if let Some(object) = &of.object {
                fields.push(format!("\"objects\":[{}]", quoted(object)));
            }
            if let Some(alias) = &of.alias {
                fields.push(format!("\"alias\":{}", quoted(alias)));
            }
            if !of.expressions.is_empty() {
                let expressions = write::array_of_texts(of.expressions.iter().map(String::as_str));
                fields.push(format!("\"expressions\":{expressions}"));
            }
            if of.scans {
                let partitions =
                    "\"partitionsAssigned\":1,\"partitionsTotal\":1,\"bytesAssigned\":0";
                fields.push(partitions.to_owned());
            }
            format!("{{{}}}", fields.join(","))
        })
        .collect();
    format!(
        "{{\"GlobalStats\":{{\"partitionsTotal\":{scans},\"partitionsAssigned\":{scans},\"bytesAssigned\":0}},\
         \"Operations\":[[{}]]}}",
        all.join(",")
    )
}

/// A string of JSON.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    write::push_string(text, &mut quoted);
    quoted
}

fn as_text(operations: &[Operation]) -> String {
    let scans = scans(operations);
    let mut text = format!(
        "GlobalStats:\n    partitionsTotal={scans}\n    partitionsAssigned={scans}\n    bytesAssigned=0\nOperations:\n"
    );
    for (id, of) in operations.iter().enumerate() {
        let indent = " ".repeat(5 * (of.depth(operations) + 1));
        let parts = [of.object.clone(), of.alias.clone()];
        let mut parts: Vec<_> = parts.into_iter().flatten().collect();
        if !of.expressions.is_empty() {
            parts.push(of.expressions.join(", "));
        }
        if of.scans {
            let partitions = "{partitionsTotal=1, partitionsAssigned=1, bytesAssigned=0}";
            parts.push(partitions.to_owned());
        }
        text.push_str(&format!("1:{id}{indent}->{}", of.name));
        for part in parts {
            text.push_str("  ");
            text.push_str(&part);
        }
        text.push('\n');
    }
    text
}

/// A table of INFORMATION_SCHEMA has no plan to show.
fn refuse_information_schema(name: &crate::sql::ObjectName) -> Result<()> {
    let schema = name.parts.len().checked_sub(2);
    match schema.map(|schema| &*name.parts[schema]) {
        Some("INFORMATION_SCHEMA") => Err(Error::explain_privilege(name)),
        _ => Ok(()),
    }
}
