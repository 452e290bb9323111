//! INSERT, and INSERT ALL.

use super::{ByRows, Counting, Written, filling, may_be_wider, name};
use crate::error::Result;
use crate::functions::Facts;
use crate::lower::Writer;
use crate::tree::{BranchCondition, Insert, MultiInsert, StoredColumn};
use crate::types::PhysicalType;

/// `INSERT INTO … SELECT`
pub fn insert(insert: &Insert, facts: &Facts) -> Result<Written> {
    let source = Writer::new(facts).query(&insert.source)?;
    let columns: Vec<_> = insert
        .targets
        .iter()
        .map(|target| insert.table.columns[*target].clone())
        .collect();
    let narrow = columns
        .iter()
        .zip(&source.columns)
        .filter(|(column, have)| may_be_wider(**have, column.physical))
        .map(|(column, _)| column.number)
        .collect();
    if !insert.overwrite {
        let sql = filling(&insert.table.physical_name, &columns, &source)?;
        return Ok(Written {
            by_rows: by_rows(&insert.table.physical_name, &columns, &sql),
            sql,
            narrow,
            counting: Counting::Changed,
        });
    }
    // The source may read the table: so it is read before the old rows go, and those go before the new ones come.
    let table = name(&insert.table.physical_name);
    let items: Vec<_> = (0..source.columns.len())
        .map(|index| format!("\"c{index}\""))
        .collect();
    let kept = crate::lower::Lowered {
        sql: format!(
            "SELECT {} FROM \"s\" WHERE (SELECT count(*) FROM \"d\") >= 0",
            items.join(", ")
        ),
        columns: source.columns.clone(),
    };
    let sql = format!(
        "WITH \"s\" AS MATERIALIZED ({}), \"d\" AS (DELETE FROM {table} WHERE (SELECT count(*) FROM \"s\") >= 0 \
         RETURNING 1 AS \"x\"), \"i\" AS ({} RETURNING 1 AS \"x\") SELECT count(*) FROM \"i\"",
        source.sql,
        filling(&insert.table.physical_name, &columns, &kept)?
    );
    Ok(Written {
        sql,
        narrow,
        counting: Counting::Row,
        by_rows: None,
    })
}

/// The INSERT by its rows, if all columns have forms that rows come back from the engine in and go in again.
fn by_rows(physical_name: &str, columns: &[StoredColumn], sql: &str) -> Option<ByRows> {
    let is_plain = |column: &StoredColumn| {
        matches!(
            column.physical,
            PhysicalType::BigInt
                | PhysicalType::Decimal { .. }
                | PhysicalType::Double
                | PhysicalType::Varchar
                | PhysicalType::Boolean
                | PhysicalType::Date
                | PhysicalType::Timestamp
        )
    };
    if !columns.iter().all(is_plain) {
        return None;
    }
    let names: Vec<_> = columns
        .iter()
        .map(|column| format!("\"c{}\"", column.number))
        .collect();
    let names = names.join(", ");
    Some(ByRows {
        returning: format!("{sql} RETURNING {names}"),
        again: format!(
            "INSERT INTO {} ({names}) SELECT {names} FROM \"rows\"",
            name(physical_name)
        ),
    })
}

/// INSERT ALL: one number for each INTO clause, in order.
pub fn insert_all(insert: &MultiInsert, facts: &Facts) -> Result<Written> {
    let mut writer = Writer::new(facts);
    let source = writer.query(&insert.source)?;
    writer.show(insert.id, &source.columns);
    let mut ctes = vec![format!("\"s\" AS MATERIALIZED ({})", source.sql)];
    let mut emptied = String::new();
    if insert.overwrite {
        let mut tables: Vec<&str> = vec![];
        for into in insert.branches.iter().flat_map(|branch| &branch.into) {
            if tables.contains(&into.table.physical_name.as_str()) {
                continue;
            }
            let number = tables.len();
            tables.push(&into.table.physical_name);
            ctes.push(format!(
                "\"d{number}\" AS (DELETE FROM {} WHERE (SELECT count(*) FROM \"s\") >= 0 RETURNING 1 AS \"x\")",
                name(&into.table.physical_name)
            ));
            emptied.push_str(&format!(" AND (SELECT count(*) FROM \"d{number}\") >= 0"));
        }
    }
    let mut narrow = vec![];
    let mut counts = vec![];
    let mut earlier: Vec<String> = vec![];
    for branch in &insert.branches {
        let condition = match &branch.condition {
            BranchCondition::Always => "TRUE".to_owned(),
            BranchCondition::When(condition) => {
                let condition = writer.expr(condition)?.text;
                let taken = if insert.first {
                    with_none_of(&format!("{condition} IS TRUE"), &earlier)
                } else {
                    condition.clone()
                };
                earlier.push(condition);
                taken
            }
            BranchCondition::Else => with_none_of("TRUE", &earlier),
        };
        for into in &branch.into {
            let values = writer.assigned(&into.table, &into.values)?;
            let number = counts.len();
            ctes.push(format!(
                "\"i{number}\" AS (INSERT INTO {} ({}) SELECT {} FROM \"s\" AS \"r{}\" WHERE ({condition}){emptied} \
                 RETURNING 1 AS \"x\")",
                name(&into.table.physical_name),
                values.names(),
                values.texts(),
                insert.id.0
            ));
            counts.push(format!("(SELECT count(*) FROM \"i{number}\")"));
            narrow.extend(values.narrow);
        }
    }
    Ok(Written {
        sql: format!("WITH {} SELECT {}", ctes.join(", "), counts.join(", ")),
        narrow,
        counting: Counting::Row,
        by_rows: None,
    })
}

fn with_none_of(condition: &str, earlier: &[String]) -> String {
    let mut whole = format!("({condition})");
    for other in earlier {
        whole.push_str(&format!(" AND ({other}) IS NOT TRUE"));
    }
    whole
}
