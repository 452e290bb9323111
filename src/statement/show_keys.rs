//! SHOW PRIMARY | UNIQUE | IMPORTED | EXPORTED KEYS: what JDBC and SQLAlchemy reflect.

use super::show::{Listing, instant};
use super::show_columns::{Located, Place};
use super::{Context, Parsed, Statement, StatementKind};
use crate::catalog::{Constraint, ConstraintKind, Detail, Lookup, Table};
use crate::error::Result;
use crate::result::{Column, ResultSet};
use crate::sql::Cursor;
use crate::types::{LogicalType, TimestampKind};

struct ShowKeys {
    keys: Keys,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Primary,
    Unique,
    /// Foreign keys of the tables.
    Imported,
    /// Foreign keys that point to the tables.
    Exported,
}

/// `… KEYS [IN …]`
pub(super) fn parse<'a>(cursor: &mut Cursor<'a>, word: &str) -> Parsed<'a> {
    let keys = match word {
        "PRIMARY" => Keys::Primary,
        "UNIQUE" => Keys::Unique,
        "IMPORTED" => Keys::Imported,
        _ => Keys::Exported,
    };
    let place = Place::parse(cursor)?;
    cursor.end()?;
    Ok(Box::new(ShowKeys { keys, place }))
}

impl Statement for ShowKeys {
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

type Row = Vec<Option<String>>;

impl ShowKeys {
    fn listing(&self, lookup: &Lookup) -> Result<Listing> {
        let names: &[&str] = match self.keys {
            Keys::Primary | Keys::Unique => &[
                "created_on",
                "database_name",
                "schema_name",
                "table_name",
                "column_name",
                "key_sequence",
                "constraint_name",
                "rely",
                "comment",
            ],
            Keys::Imported | Keys::Exported => &[
                "created_on",
                "pk_database_name",
                "pk_schema_name",
                "pk_table_name",
                "pk_column_name",
                "fk_database_name",
                "fk_schema_name",
                "fk_table_name",
                "fk_column_name",
                "key_sequence",
                "update_rule",
                "delete_rule",
                "fk_name",
                "pk_name",
                "deferrability",
                "rely",
                "comment",
            ],
        };
        let columns = names.iter().map(|name| {
            let logical = match *name {
                "created_on" => LogicalType::Timestamp {
                    kind: TimestampKind::Ltz,
                    scale: 3,
                },
                "key_sequence" => LogicalType::INTEGER,
                _ => LogicalType::TEXT,
            };
            Column::new(*name, logical)
        });
        let there = self.place.relations(lookup)?;
        let mut rows = Vec::new();
        match self.keys {
            Keys::Primary => own_keys(&there, ConstraintKind::PrimaryKey, &mut rows),
            Keys::Unique => own_keys(&there, ConstraintKind::Unique, &mut rows),
            Keys::Imported => {
                for from in &there {
                    foreign_keys(lookup, from, |_| true, &mut rows);
                }
            }
            Keys::Exported => {
                let targets: Vec<_> = there.iter().map(place_of).collect();
                for from in &Place::Account.relations(lookup)? {
                    foreign_keys(lookup, from, |to| targets.contains(to), &mut rows);
                }
            }
        }
        Ok(Listing {
            columns: columns.collect(),
            rows,
        })
    }
}

fn place_of(located: &Located) -> [String; 3] {
    [
        located.database.clone(),
        located.schema.clone(),
        located.object.name.clone(),
    ]
}

fn constraints(located: &Located, kind: ConstraintKind) -> Vec<(&Table, &Constraint)> {
    match &located.object.detail {
        Detail::Table(table) => table
            .constraints
            .iter()
            .filter(|constraint| constraint.kind == kind)
            .map(|constraint| (table, constraint))
            .collect(),
        _ => vec![],
    }
}

fn column_name(table: &Table, number: u64) -> Option<String> {
    let column = table.columns.iter().find(|column| column.number == number);
    column.map(|column| column.name.clone())
}

fn own_keys(there: &[Located], kind: ConstraintKind, rows: &mut Vec<Row>) {
    for located in there {
        for (table, constraint) in constraints(located, kind) {
            for (index, number) in constraint.columns.iter().enumerate() {
                let [database, schema, name] = place_of(located);
                rows.push(vec![
                    Some(instant(located.object.created_on)),
                    Some(database),
                    Some(schema),
                    Some(name),
                    column_name(table, *number),
                    Some((index + 1).to_string()),
                    Some(constraint.name.clone()),
                    Some(constraint.rely.to_string()),
                    None,
                ]);
            }
        }
    }
}

fn foreign_keys(
    lookup: &Lookup,
    from: &Located,
    wanted: impl Fn(&[String; 3]) -> bool,
    rows: &mut Vec<Row>,
) {
    for (table, constraint) in constraints(from, ConstraintKind::ForeignKey) {
        let Some((target, columns)) = &constraint.references else {
            continue;
        };
        if !wanted(target) {
            continue;
        }
        let key = referenced_key(lookup, target, columns);
        for (index, number) in constraint.columns.iter().enumerate() {
            let [fk_database, fk_schema, fk_table] = place_of(from);
            let [pk_database, pk_schema, pk_table] = target.clone();
            rows.push(vec![
                Some(instant(from.object.created_on)),
                Some(pk_database),
                Some(pk_schema),
                Some(pk_table),
                columns.get(index).cloned(),
                Some(fk_database),
                Some(fk_schema),
                Some(fk_table),
                column_name(table, *number),
                Some((index + 1).to_string()),
                Some("NO ACTION".to_owned()),
                Some("NO ACTION".to_owned()),
                Some(constraint.name.clone()),
                key.clone(),
                Some("NOT DEFERRABLE".to_owned()),
                Some(constraint.rely.to_string()),
                None,
            ]);
        }
    }
}

/// The name of the key that a foreign key points to.
fn referenced_key(lookup: &Lookup, target: &[String; 3], columns: &[String]) -> Option<String> {
    let found = lookup.find(crate::catalog::ObjectKind::Table, target, "SHOW");
    let Detail::Table(table) = &found.ok()??.detail else {
        return None;
    };
    let keys = table
        .constraints
        .iter()
        .filter(|constraint| constraint.kind != ConstraintKind::ForeignKey);
    keys.filter(|key| {
        let names = key.columns.iter().filter_map(|n| column_name(table, *n));
        names.eq(columns.iter().cloned())
    })
    .map(|key| key.name.clone())
    .next()
}
