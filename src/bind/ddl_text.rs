//! GET_DDL: the CREATE statement of an object, as Snowflake prints it.
//!
//! It is bound here, because functions know no catalog. Sources: Snowflake, "GET_DDL"; `GetDdlTest` and the function list of
//! `mlorek/frostlake` (recorded). The place of a comment of a view, and what lies between the statements of a schema, are
//! assumptions.

use std::fmt::Write;

use super::scope::Scope;
use super::{Binder, types};
use crate::catalog::{
    ConstraintKind, Detail, Function, FunctionReturns, Lookup, Object, ObjectKind, Table,
    TableKind, View,
};
use crate::error::{Error, Result};
use crate::functions::in_capitals;
use crate::sql::{Cursor, ObjectName, Source, ast, quote};
use crate::tree::{Expr, ExprKind, Literal};
use crate::types::LogicalType;

/// The call, if it is one of GET_DDL.
pub(super) fn call(
    binder: &Binder<'_>,
    scope: &Scope<'_>,
    function: &str,
    arguments: &[ast::FunctionArg],
) -> Result<Option<Expr>> {
    if function != "GET_DDL" {
        return Ok(None);
    }
    let bound = super::call::plain_arguments(binder, scope, arguments)?;
    let text = || {
        let written: Vec<_> = arguments.iter().map(ToString::to_string).collect();
        format!("GET_DDL({})", written.join(", "))
    };
    if bound.len() < 2 {
        return Err(Error::not_enough_arguments(text(), 2, bound.len()));
    }
    if bound.len() > 3 {
        return Err(Error::too_many_arguments(text(), 3, bound.len()));
    }
    let mut texts = Vec::new();
    for (place, (argument, written)) in bound.iter().zip(arguments).enumerate() {
        texts.push(match &argument.kind {
            ExprKind::Literal(Literal::Null) => None,
            ExprKind::Literal(Literal::Text(text)) => Some(text.clone()),
            ExprKind::Literal(Literal::Boolean(value)) => Some(value.to_string()),
            ExprKind::Literal(Literal::Number(value)) => Some((*value != 0).to_string()),
            _ => {
                let found = written.to_string().to_uppercase();
                return Err(Error::needs_constant(place + 1, function, found));
            }
        });
    }
    let literal = match &texts[..] {
        [Some(kind), Some(name), rest @ ..] if rest != [None] => {
            let is_qualified = matches!(rest, [Some(word)] if word.eq_ignore_ascii_case("true"));
            Literal::Text(ddl(binder, kind, name, is_qualified)?)
        }
        _ => Literal::Null,
    };
    let mut value = Expr::literal(literal, LogicalType::TEXT);
    value.nullable = true;
    Ok(Some(value))
}

fn ddl(binder: &Binder<'_>, kind: &str, name: &str, is_qualified: bool) -> Result<String> {
    let (lookup, action) = (binder.lookup, binder.action);
    let printer = Printer {
        lookup,
        is_qualified,
    };
    let word = kind.to_uppercase().replace('_', " ");
    let source = Source::tokenize(name)?;
    let [statement] = source.statements()[..] else {
        return Err(Error::object_does_not_exist("Object", name));
    };
    let mut cursor = Cursor::new(statement, binder.folding);
    let named = cursor.object_name()?;
    let missing = |title: &str| Error::object_does_not_exist(title, &named);
    let find = |kind| lookup.find(kind, &named.parts, action);
    match word.as_str() {
        "TABLE" | "VIEW" | "MATERIALIZED VIEW" | "DYNAMIC TABLE" => {
            let found = match find(ObjectKind::Table)? {
                Some(found) => Some(found),
                None => find(ObjectKind::View)?,
            };
            let title = if word == "VIEW" { "View" } else { "Table" };
            printer.object(found.ok_or_else(|| missing(title))?)
        }
        "SEQUENCE" => {
            let found = find(ObjectKind::Sequence)?;
            printer.object(found.ok_or_else(|| missing("Sequence"))?)
        }
        "FUNCTION" => {
            let mut parts = named.parts.clone();
            if let Some(last) = parts.last_mut() {
                last.push_str(&signature(&mut cursor)?);
            }
            let found = lookup.find(ObjectKind::Function, &parts, action)?;
            let named = ObjectName { parts };
            printer.object(found.ok_or_else(|| Error::object_does_not_exist("Function", &named))?)
        }
        "SCHEMA" => printer.schema(lookup.schema(&named.parts, action)?),
        "DATABASE" => {
            let database = lookup.database(named.last())?;
            let mut statements = vec![printer.object(database)?];
            for schema in lookup.snapshot.children(database.id) {
                if schema.detail.kind() == ObjectKind::Schema {
                    statements.push(printer.schema(schema)?);
                }
            }
            Ok(statements.join("\n\n"))
        }
        _ => Err(Error::unsupported(format!("GET_DDL of {word}"))),
    }
}

/// `(type, …)` behind a function's name, as the catalog's name of the function has it.
fn signature(cursor: &mut Cursor<'_>) -> Result<String> {
    use sqlparser::tokenizer::Token;
    let mut families = Vec::new();
    cursor.expect(&Token::LParen)?;
    while !cursor.take(&Token::RParen) {
        families.push(types::data_type(&cursor.data_type()?)?.family().to_owned());
        cursor.take(&Token::Comma);
    }
    Ok(format!("({})", families.join(", ")))
}

struct Printer<'a> {
    lookup: &'a Lookup,
    /// Whether the names of what is created are written in full.
    is_qualified: bool,
}

impl Printer<'_> {
    fn name(&self, object: &Object) -> String {
        let mut parts = vec![quote(&object.name)];
        let mut parent = object.parent;
        while self.is_qualified
            && let Some(above) = self.lookup.snapshot.get(parent)
            && above.detail.kind() != ObjectKind::Account
        {
            parts.push(quote(&above.name));
            parent = above.parent;
        }
        parts.reverse();
        parts.join(".")
    }

    /// A schema and what it holds: sequences, tables, views, functions.
    fn schema(&self, schema: &Object) -> Result<String> {
        let kinds = [
            ObjectKind::Sequence,
            ObjectKind::Table,
            ObjectKind::View,
            ObjectKind::Function,
        ];
        let mut statements = vec![self.object(schema)?];
        for kind in kinds {
            let mut objects: Vec<_> = self
                .lookup
                .snapshot
                .children(schema.id)
                .filter(|object| object.detail.kind() == kind && object.session.is_none())
                .collect();
            objects.sort_by(|a, b| a.name.cmp(&b.name));
            for object in objects {
                statements.push(self.object(object)?);
            }
        }
        Ok(statements.join("\n\n"))
    }

    fn object(&self, object: &Object) -> Result<String> {
        let name = self.name(object);
        let comment = |before: &str| match &object.comment {
            Some(comment) if !comment.is_empty() => format!("{before}COMMENT={}", string(comment)),
            _ => String::new(),
        };
        Ok(match &object.detail {
            Detail::Database(database) => {
                let transient = if database.transient { "TRANSIENT " } else { "" };
                format!(
                    "create or replace {transient}database {name}{};",
                    comment(" ")
                )
            }
            Detail::Schema(schema) => {
                let transient = if schema.transient { "TRANSIENT " } else { "" };
                let managed = if schema.managed_access {
                    " with managed access"
                } else {
                    ""
                };
                let comment = comment(" ");
                format!("create or replace {transient}schema {name}{managed}{comment};")
            }
            Detail::Table(table) => {
                let comment = comment("");
                let end = if comment.is_empty() { "" } else { "\n" };
                format!("{}{comment}{end};", self.table(table, &name))
            }
            Detail::View(view) => view_text(view, &name, &comment(" ")),
            Detail::Sequence(sequence) => {
                let order = if sequence.ordered { "order" } else { "noorder" };
                format!(
                    "create or replace sequence {name} start with {} increment by {} {order}{};",
                    sequence.start,
                    sequence.increment,
                    comment(" ").replace("COMMENT", "comment")
                )
            }
            Detail::Function(function) => function_text(function, &object.name, &comment("\n")),
            _ => {
                let title = object.detail.kind().title();
                return Err(Error::unsupported(format!("GET_DDL of {title}")));
            }
        })
    }

    fn table(&self, table: &Table, name: &str) -> String {
        let kind = match table.table_kind {
            TableKind::Permanent => "",
            TableKind::Transient => "TRANSIENT ",
            TableKind::Temporary => "TEMPORARY ",
        };
        let mut lines = Vec::new();
        for column in &table.columns {
            let mut line = format!("\t{} {}", quote(&column.name), column.logical);
            if !column.nullable {
                line.push_str(" NOT NULL");
            }
            if let Some(default) = &column.default {
                let _ = write!(line, " DEFAULT {default}");
            }
            let counter = column.identity.and_then(|id| self.lookup.snapshot.get(id));
            if let Some(Detail::Sequence(counter)) = counter.map(|counter| &counter.detail) {
                let order = if counter.ordered { "order" } else { "noorder" };
                let _ = write!(
                    line,
                    " autoincrement start {} increment {} {order}",
                    counter.start, counter.increment
                );
            }
            if let Some(comment) = &column.comment {
                let _ = write!(line, " COMMENT {}", string(comment));
            }
            lines.push(line);
        }
        for constraint in &table.constraints {
            let columns: Vec<_> = constraint
                .columns
                .iter()
                .filter_map(|number| table.columns.iter().find(|column| column.number == *number))
                .map(|column| quote(&column.name))
                .collect();
            let columns = columns.join(", ");
            let named = if constraint.name.starts_with("SYS_CONSTRAINT") {
                String::new()
            } else {
                format!("constraint {} ", quote(&constraint.name))
            };
            let rule = match constraint.kind {
                ConstraintKind::PrimaryKey => format!("primary key ({columns})"),
                ConstraintKind::Unique => format!("unique ({columns})"),
                ConstraintKind::ForeignKey => {
                    let (table, theirs) = constraint.references.clone().unwrap_or_default();
                    let table = table.map(|part| quote(&part)).join(".");
                    let theirs: Vec<_> = theirs.iter().map(|name| quote(name)).collect();
                    let theirs = theirs.join(", ");
                    format!("foreign key ({columns}) references {table}({theirs})")
                }
            };
            lines.push(format!("\t{named}{rule}"));
        }
        let clustered = match &table.cluster_by {
            Some(key) => format!(" cluster by ({})", in_capitals(key)),
            None => " ".to_owned(),
        };
        format!(
            "create or replace {kind}TABLE {name}{clustered}(\n{}\n)",
            lines.join(",\n")
        )
    }
}

fn view_text(view: &View, name: &str, comment: &str) -> String {
    let secure = if view.secure { "secure " } else { "" };
    let columns: Vec<_> = view
        .columns
        .iter()
        .map(|column| match &column.comment {
            Some(comment) => format!("\t{} COMMENT {}", quote(&column.name), string(comment)),
            None => format!("\t{}", quote(&column.name)),
        })
        .collect();
    let end = if comment.is_empty() { "" } else { "\n" };
    format!(
        "create or replace {secure}view {name}(\n{}\n){comment}{end} as {};",
        columns.join(",\n"),
        view.query.trim().trim_end_matches(';')
    )
}

/// `object` is the catalog's name, with the types of the arguments.
fn function_text(function: &Function, object: &str, comment: &str) -> String {
    let name = object.split('(').next().unwrap_or_default();
    let exact = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let arguments: Vec<_> = function
        .arguments
        .iter()
        .map(|argument| {
            let default = argument.default.as_ref();
            let default = default.map_or_else(String::new, |value| format!(" DEFAULT {value}"));
            format!("{} {}{default}", exact(&argument.name), argument.logical)
        })
        .collect();
    let returns = match &function.returns {
        FunctionReturns::Scalar(ty) => ty.to_string(),
        FunctionReturns::Table(columns) => {
            let columns: Vec<_> = columns
                .iter()
                .map(|(name, ty)| format!("{} {ty}", exact(name)))
                .collect();
            format!("TABLE ({})", columns.join(", "))
        }
    };
    let options = [
        (function.strict, "\nSTRICT"),
        (function.immutable, "\nIMMUTABLE"),
        (function.memoizable, "\nMEMOIZABLE"),
    ];
    let options: String = options
        .into_iter()
        .filter_map(|(holds, words)| holds.then_some(words))
        .collect();
    let secure = if function.secure { "SECURE " } else { "" };
    format!(
        "CREATE OR REPLACE {secure}FUNCTION {}({})\nRETURNS {returns}\nLANGUAGE SQL{options}{comment}\nAS {};",
        exact(name),
        arguments.join(", "),
        string(&function.body)
    )
}

/// A text as a literal.
fn string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
