//! Functions that answer from the catalog: GET_DDL, SYSTEM$GET_TAG, and the table functions of INFORMATION_SCHEMA about tags
//! and policies. Their arguments are constants, and so are their answers: they are looked up when the statement is bound.

use super::Binder;
use super::ddl_text::Writer;
use super::from;
use super::scope::VisibleColumn;
use super::system::INFORMATION_SCHEMA;
use crate::catalog::{Container, Detail, Object, ObjectId, ObjectKind, Reference};
use crate::error::{Error, Result};
use crate::sql::{Cursor, ObjectName, Source, ast};
use crate::tree::{Expr, ExprKind, Literal, OutputColumn, Relation};
use crate::types::LogicalType;

/// A call of one of the functions; `None` for any other.
pub(super) fn call(
    binder: &Binder<'_>,
    name: &str,
    arguments: &[ast::FunctionArg],
) -> Result<Option<Expr>> {
    let answer = match name {
        "GET_DDL" => Some(get_ddl(binder, &constants(binder, name, arguments)?)?),
        "SYSTEM$GET_TAG" => get_tag(binder, &constants(binder, name, arguments)?)?,
        "SYSTEM$GET_TAG_ALLOWED_VALUES" => {
            allowed_values(binder, &constants(binder, name, arguments)?)?
        }
        _ => return Ok(None),
    };
    let literal = answer.map_or(Literal::Null, Literal::Text);
    Ok(Some(Expr::literal(literal, LogicalType::TEXT)))
}

/// Arguments as texts; a boolean is `true` or `false`.
fn constants(
    binder: &Binder<'_>,
    function: &str,
    arguments: &[ast::FunctionArg],
) -> Result<Vec<String>> {
    let constant = |(place, argument): (usize, &ast::FunctionArg)| {
        let expr = match argument {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr))
            | ast::FunctionArg::Named {
                arg: ast::FunctionArgExpr::Expr(expr),
                ..
            } => expr,
            other => return Err(Error::needs_constant(place + 1, function, other)),
        };
        match binder.constant(expr)?.kind {
            ExprKind::Literal(Literal::Text(text)) => Ok(text),
            ExprKind::Literal(Literal::Boolean(flag)) => Ok(flag.to_string()),
            _ => Err(Error::needs_constant(place + 1, function, expr)),
        }
    };
    arguments.iter().enumerate().map(constant).collect()
}

/// The name that a text spells; of a function with its types.
fn name_in(binder: &Binder<'_>, text: &str) -> Result<(ObjectName, Option<String>)> {
    let invalid = || Error::object_does_not_exist("Object", text);
    let source = Source::tokenize(text)?;
    let [statement] = source.statements()[..] else {
        return Err(invalid());
    };
    let mut cursor = Cursor::new(statement, binder.folding);
    let name = cursor.object_name().map_err(|_| invalid())?;
    let mut signature = None;
    if cursor.peek().is_some() {
        let mut types = Vec::new();
        cursor.expect(&sqlparser::tokenizer::Token::LParen)?;
        while !cursor.take(&sqlparser::tokenizer::Token::RParen) {
            types.push(super::types::data_type(&cursor.data_type()?)?);
            cursor.take(&sqlparser::tokenizer::Token::Comma);
        }
        let types: Vec<_> = types.iter().map(LogicalType::family).collect();
        signature = Some(format!("({})", types.join(", ")));
    }
    Ok((name, signature))
}

/// The object of a kind (as the function's argument says it) and name.
fn find<'b>(binder: &Binder<'b>, kind: &str, text: &str) -> Result<&'b std::sync::Arc<Object>> {
    let lookup = binder.lookup;
    let (mut name, signature) = name_in(binder, text)?;
    if let (Some(signature), Some(last)) = (signature, name.parts.last_mut()) {
        last.push_str(&signature);
    }
    let missing = || Error::object_does_not_exist("Object", text.to_uppercase());
    let wanted = kind.to_uppercase().replace('_', " ");
    if wanted == "ACCOUNT" {
        return lookup.snapshot.get(lookup.account).ok_or_else(missing);
    }
    let kinds: Vec<ObjectKind> = match wanted.as_str() {
        // TABLE and VIEW are the same here.
        "TABLE" | "VIEW" => vec![ObjectKind::Table],
        "POLICY" => ObjectKind::ALL
            .iter()
            .copied()
            .filter(|kind| {
                kind.keyword().ends_with("POLICY") && kind.container() == Container::Schema
            })
            .collect(),
        keyword => match ObjectKind::from_keyword(keyword) {
            Some(kind) => vec![kind],
            None => {
                let reason = "Invalid object type";
                return Err(Error::invalid_value_for_function(
                    kind, "GET_DDL", 1, reason,
                ));
            }
        },
    };
    for kind in kinds {
        let parent = lookup.parent(kind, &name.parts, binder.action)?;
        if let Some(found) = lookup.find_in(parent, kind, name.last()) {
            return Ok(found);
        }
    }
    Err(missing())
}

/// `GET_DDL(type, name [, qualified])`
fn get_ddl(binder: &Binder<'_>, arguments: &[String]) -> Result<String> {
    let (kind, name, qualified) = match arguments {
        [kind, name] => (kind, name, false),
        [kind, name, qualified] => (kind, name, qualified == "true"),
        [] | [_] => return Err(Error::not_enough_arguments("GET_DDL", 2, arguments.len())),
        _ => return Err(Error::too_many_arguments("GET_DDL", 3, arguments.len())),
    };
    let object = find(binder, kind, name)?;
    let writer = Writer {
        lookup: binder.lookup,
        qualified,
    };
    let text = writer.text(object);
    text.ok_or_else(|| Error::unsupported(format!("GET_DDL of {}", object.detail.kind())))
}

/// `SYSTEM$GET_TAG(tag, object, domain)`: the value, inherited from what the object is in.
fn get_tag(binder: &Binder<'_>, arguments: &[String]) -> Result<Option<String>> {
    let [tag, object, domain] = arguments else {
        return Err(Error::not_enough_arguments(
            "SYSTEM$GET_TAG",
            3,
            arguments.len(),
        ));
    };
    let tag = find(binder, "TAG", tag)?;
    let (object, column) = tagged(binder, object, domain)?;
    let references = references_to(binder, object, column);
    let value = references
        .into_iter()
        .find(|(_, reference)| reference.target == tag.id)
        .and_then(|(_, reference)| reference.value);
    Ok(value)
}

fn allowed_values(binder: &Binder<'_>, arguments: &[String]) -> Result<Option<String>> {
    let [tag] = arguments else {
        return Err(Error::not_enough_arguments(
            "SYSTEM$GET_TAG_ALLOWED_VALUES",
            1,
            arguments.len(),
        ));
    };
    let tag = find(binder, "TAG", tag)?;
    let Detail::Recorded(recorded) = &tag.detail else {
        return Ok(None);
    };
    let allowed = recorded.properties.get("ALLOWED_VALUES");
    Ok(allowed.map(ToString::to_string))
}

/// The object that carries tags, and of the domain COLUMN the number of the column.
fn tagged<'b>(
    binder: &Binder<'b>,
    name: &str,
    domain: &str,
) -> Result<(&'b std::sync::Arc<Object>, Option<u64>)> {
    if !domain.eq_ignore_ascii_case("COLUMN") {
        return Ok((find(binder, domain, name)?, None));
    }
    let source = Source::tokenize(name)?;
    let missing = || Error::object_does_not_exist("Object", name.to_uppercase());
    let [statement] = source.statements()[..] else {
        return Err(missing());
    };
    let mut cursor = Cursor::new(statement, binder.folding);
    let mut parts = vec![cursor.identifier()?];
    while cursor.take(&sqlparser::tokenizer::Token::Period) {
        parts.push(cursor.identifier()?);
    }
    let column = parts.pop().ok_or_else(missing)?;
    let table = binder
        .lookup
        .find(ObjectKind::Table, &parts, binder.action)?
        .ok_or_else(missing)?;
    let number = match &table.detail {
        Detail::Table(table) => table.column(&column).map(|column| column.number),
        Detail::View(view) => {
            let place = view.columns.iter().position(|known| known.name == column);
            place.map(|place| place as u64)
        }
        _ => None,
    };
    Ok((table, Some(number.ok_or_else(missing)?)))
}

/// The tags that an object or column has, its own before those of what it is in: each with where it is set.
fn references_to(
    binder: &Binder<'_>,
    object: &Object,
    column: Option<u64>,
) -> Vec<(ObjectId, Reference)> {
    let snapshot = &binder.lookup.snapshot;
    let mut found: Vec<(ObjectId, Reference)> = Vec::new();
    let mut add = |id: ObjectId, column: Option<u64>| {
        for child in snapshot.children(id) {
            if let Detail::Reference(reference) = &child.detail
                && reference.value.is_some()
                && reference.column == column
                && !found
                    .iter()
                    .any(|(_, known)| known.target == reference.target)
            {
                found.push((id, reference.clone()));
            }
        }
    };
    if column.is_some() {
        add(object.id, column);
    }
    add(object.id, None);
    let mut parent = object.parent;
    while let Some(above) = snapshot.get(parent) {
        add(above.id, None);
        if above.parent == above.id {
            break;
        }
        parent = above.parent;
    }
    found
}

/// A table function of INFORMATION_SCHEMA that answers from the catalog; `None` for any other.
pub(super) fn table_function(
    binder: &Binder<'_>,
    name: &ObjectName,
    arguments: &[ast::FunctionArg],
) -> Result<Option<(Relation, Vec<VisibleColumn>)>> {
    let in_schema = match &name.parts[..] {
        [_] => binder.lookup.current_schema.as_deref() == Some(INFORMATION_SCHEMA),
        [.., schema, _] => schema == INFORMATION_SCHEMA,
        [] => false,
    };
    if !in_schema {
        return Ok(None);
    }
    let (columns, rows): (&[&str], Vec<Vec<Option<String>>>) = match name.last() {
        "TAG_REFERENCES" => {
            let arguments = constants(binder, name.last(), arguments)?;
            (TAG_COLUMNS, tag_references(binder, &arguments)?)
        }
        "TAG_REFERENCES_ALL_COLUMNS" => {
            let arguments = constants(binder, name.last(), arguments)?;
            (TAG_COLUMNS, all_columns(binder, &arguments)?)
        }
        "POLICY_REFERENCES" => (POLICY_COLUMNS, policy_references(binder, arguments)?),
        _ => return Ok(None),
    };
    Ok(Some(relation(binder, columns, &rows)))
}

/// Rows of texts as a relation.
fn relation(
    binder: &Binder<'_>,
    columns: &[&str],
    rows: &[Vec<Option<String>>],
) -> (Relation, Vec<VisibleColumn>) {
    let id = binder.new_relation();
    let cell = |text: &Option<String>| match text {
        Some(text) => format!("CAST('{}' AS VARCHAR)", text.replace('\'', "''")),
        None => "CAST(NULL AS VARCHAR)".to_owned(),
    };
    let names: Vec<_> = (0..columns.len())
        .map(|index| format!("\"c{index}\""))
        .collect();
    let names = names.join(", ");
    let sql = if rows.is_empty() {
        let nulls = vec!["CAST(NULL AS VARCHAR)"; columns.len()].join(", ");
        format!("SELECT * FROM (VALUES ({nulls})) AS rows({names}) WHERE false")
    } else {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                let cells: Vec<_> = row.iter().map(cell).collect();
                format!("({})", cells.join(", "))
            })
            .collect();
        format!(
            "SELECT * FROM (VALUES {}) AS rows({names})",
            rows.join(", ")
        )
    };
    let outputs: Vec<_> = columns
        .iter()
        .map(|name| OutputColumn {
            name: (*name).to_owned(),
            ty: LogicalType::TEXT,
            nullable: true,
            origin: None,
        })
        .collect();
    let relation = Relation::System {
        id,
        sql,
        columns: outputs
            .iter()
            .map(|column| column.ty.natural_physical())
            .collect(),
    };
    (relation, from::output_columns(id, &outputs))
}

const TAG_COLUMNS: &[&str] = &[
    "TAG_DATABASE",
    "TAG_SCHEMA",
    "TAG_NAME",
    "TAG_VALUE",
    "APPLY_METHOD",
    "LEVEL",
    "OBJECT_DATABASE",
    "OBJECT_SCHEMA",
    "OBJECT_NAME",
    "DOMAIN",
    "COLUMN_NAME",
];

/// Database, schema and name of an object, as far as it has them.
fn place(binder: &Binder<'_>, object: &Object) -> [Option<String>; 3] {
    let snapshot = &binder.lookup.snapshot;
    let above = |object: &Object| snapshot.get(object.parent).cloned();
    let name = Some(object.name.clone());
    match object.detail.kind().container() {
        Container::Root | Container::Account => [None, None, name],
        Container::Database => [above(object).map(|d| d.name.clone()), None, name],
        Container::Schema | Container::Object => {
            let schema = above(object);
            let database = schema.as_ref().and_then(|schema| above(schema));
            [
                database.map(|database| database.name.clone()),
                schema.map(|schema| schema.name.clone()),
                name,
            ]
        }
    }
}

/// How a kind of object is called where it is a domain: tables and views alike.
fn domain(object: &Object) -> String {
    let kind = object.detail.kind();
    match kind.is_relation() {
        true => "TABLE".to_owned(),
        false => kind.keyword().to_owned(),
    }
}

fn tag_rows(
    binder: &Binder<'_>,
    object: &Object,
    column: Option<(u64, String)>,
) -> Vec<Vec<Option<String>>> {
    let snapshot = &binder.lookup.snapshot;
    let number = column.as_ref().map(|(number, _)| *number);
    let references = references_to(binder, object, number);
    let rows = references.into_iter().filter_map(|(at, reference)| {
        let tag = snapshot.get(reference.target)?;
        let [tag_database, tag_schema, tag_name] = place(binder, tag);
        let [database, schema, name] = place(binder, object);
        let own = at == object.id && reference.column == number;
        let level = match reference.column {
            Some(_) => "COLUMN".to_owned(),
            None => domain(snapshot.get(at)?),
        };
        let shown = match &column {
            Some(_) => "COLUMN".to_owned(),
            None => domain(object),
        };
        Some(vec![
            tag_database,
            tag_schema,
            tag_name,
            reference.value,
            Some(if own { "MANUAL" } else { "INHERITED" }.to_owned()),
            Some(level),
            database,
            schema,
            name,
            Some(shown),
            column.as_ref().map(|(_, name)| name.clone()),
        ])
    });
    rows.collect()
}

fn tag_references(binder: &Binder<'_>, arguments: &[String]) -> Result<Vec<Vec<Option<String>>>> {
    let [name, of] = arguments else {
        return Err(Error::not_enough_arguments(
            "TAG_REFERENCES",
            2,
            arguments.len(),
        ));
    };
    let (object, number) = tagged(binder, name, of)?;
    let column = number.and_then(|number| {
        let (_, name) = columns_of(object).into_iter().find(|(n, _)| *n == number)?;
        Some((number, name))
    });
    Ok(tag_rows(binder, object, column))
}

fn all_columns(binder: &Binder<'_>, arguments: &[String]) -> Result<Vec<Vec<Option<String>>>> {
    let [name, of] = arguments else {
        let count = arguments.len();
        return Err(Error::not_enough_arguments(
            "TAG_REFERENCES_ALL_COLUMNS",
            2,
            count,
        ));
    };
    let object = find(binder, of, name)?;
    let columns = columns_of(object).into_iter();
    Ok(columns
        .flat_map(|column| tag_rows(binder, object, Some(column)))
        .collect())
}

/// The numbers and names of the columns of a table or view.
fn columns_of(object: &Object) -> Vec<(u64, String)> {
    match &object.detail {
        Detail::Table(table) => table
            .columns
            .iter()
            .map(|column| (column.number, column.name.clone()))
            .collect(),
        Detail::View(view) => (0..)
            .zip(&view.columns)
            .map(|(number, column)| (number, column.name.clone()))
            .collect(),
        _ => vec![],
    }
}

const POLICY_COLUMNS: &[&str] = &[
    "POLICY_DB",
    "POLICY_SCHEMA",
    "POLICY_NAME",
    "POLICY_KIND",
    "REF_DATABASE_NAME",
    "REF_SCHEMA_NAME",
    "REF_ENTITY_NAME",
    "REF_ENTITY_DOMAIN",
    "REF_COLUMN_NAME",
    "REF_ARG_COLUMN_NAMES",
    "TAG_DATABASE",
    "TAG_SCHEMA",
    "TAG_NAME",
    "POLICY_STATUS",
];

/// `POLICY_REFERENCES(POLICY_NAME => …)` or `(REF_ENTITY_NAME => …, REF_ENTITY_DOMAIN => …)`
fn policy_references(
    binder: &Binder<'_>,
    arguments: &[ast::FunctionArg],
) -> Result<Vec<Vec<Option<String>>>> {
    let snapshot = &binder.lookup.snapshot;
    let values = constants(binder, "POLICY_REFERENCES", arguments)?;
    let references: Vec<std::sync::Arc<Object>> = match &values[..] {
        [policy] => {
            let policy = find(binder, "POLICY", policy)?;
            let about = snapshot.about(policy.id).into_iter();
            about.filter_map(|id| snapshot.get(id).cloned()).collect()
        }
        [name, of] => {
            let object = find(binder, of, name)?;
            snapshot.children(object.id).cloned().collect()
        }
        _ => {
            return Err(Error::not_enough_arguments(
                "POLICY_REFERENCES",
                1,
                values.len(),
            ));
        }
    };
    let rows = references.iter().filter_map(|child| {
        let Detail::Reference(reference) = &child.detail else {
            return None;
        };
        if reference.value.is_some() {
            return None;
        }
        let policy = snapshot.get(reference.target)?;
        let entity = snapshot.get(child.parent)?;
        let [policy_database, policy_schema, policy_name] = place(binder, policy);
        let [database, schema, name] = place(binder, entity);
        let column = columns_of(entity)
            .into_iter()
            .find(|(number, _)| Some(*number) == reference.column)
            .map(|(_, name)| name);
        let arguments = (!reference.arguments.is_empty()).then(|| {
            let names = reference.arguments.iter().map(String::as_str);
            crate::types::variant::write::array_of_texts(names)
        });
        let kind = policy.detail.kind().keyword().replace(' ', "_");
        Some(vec![
            policy_database,
            policy_schema,
            policy_name,
            Some(kind),
            database,
            schema,
            name,
            Some(entity.detail.kind().keyword().to_owned()),
            column,
            arguments,
            None,
            None,
            None,
            Some("ACTIVE".to_owned()),
        ])
    });
    Ok(rows.collect())
}
