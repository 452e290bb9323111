//! UPDATE and DELETE.

use super::{Counting, Values, Written, name};
use crate::error::Result;
use crate::functions::Facts;
use crate::lower::{Sql, Writer};
use crate::tree::{Delete, Expr, Relation, TableRelation, Update};

/// UPDATE. With FROM: one row of two numbers, the rows updated and those of them that were joined to several.
pub fn update(update: &Update, facts: &Facts) -> Result<Written> {
    let mut writer = Writer::new(facts);
    let table = writer.relation(&Relation::Table(update.table.clone()))?;
    let Some(from) = &update.from else {
        let values = writer.assigned(&update.table, &update.assignments)?;
        let filter = writer.condition(update.filter.as_ref())?;
        return Ok(Written {
            sql: format!("UPDATE {table} SET {} WHERE {filter}", values.set()),
            narrow: values.narrow,
            counting: Counting::Changed,
            by_rows: None,
        });
    };
    let from = writer.relation(from)?;
    let filter = writer.condition(update.filter.as_ref())?;
    let mut joined = format!("\"r{}\".rowid AS \"k\"", update.table.id.0);
    let mut chosen = String::new();
    let mut values = Values {
        columns: vec![],
        narrow: vec![],
    };
    for (index, assignment) in update.assignments.iter().enumerate() {
        let value = writer.expr(&assignment.value)?;
        joined.push_str(&format!(", {} AS \"v{index}\"", value.text));
        chosen.push_str(&format!(", first(\"v{index}\") AS \"v{index}\""));
        let value = Sql::new(format!("\"s\".\"v{index}\""), value.physical);
        values.push(&update.table.columns[assignment.target], &value)?;
    }
    let check = match &update.refuse_multi_joined {
        Some(row_text) => format!(" AND {}", writer.no_duplicates(&update.table, row_text)?),
        None => String::new(),
    };
    let sql = format!(
        "WITH \"j\" AS (SELECT {joined} FROM {table} CROSS JOIN {from} WHERE {filter}), \
         \"s\" AS MATERIALIZED (SELECT \"k\", count(*) > 1 AS \"d\"{chosen} FROM \"j\" GROUP BY \"k\"), \
         \"u\" AS (UPDATE {} AS \"t\" SET {} FROM \"s\" WHERE \"t\".rowid = \"s\".\"k\"{check} RETURNING 1 AS \"x\") \
         SELECT (SELECT count(*) FROM \"u\"), (SELECT count(*) FROM \"s\" WHERE \"d\")",
        name(&update.table.physical_name),
        values.set(),
    );
    Ok(Written {
        sql,
        narrow: values.narrow,
        counting: Counting::Row,
        by_rows: None,
    })
}

/// DELETE.
pub fn delete(delete: &Delete, facts: &Facts) -> Result<Written> {
    let mut writer = Writer::new(facts);
    let table = writer.relation(&Relation::Table(delete.table.clone()))?;
    let sql = match &delete.using {
        None => {
            let filter = writer.condition(delete.filter.as_ref())?;
            format!("DELETE FROM {table} WHERE {filter}")
        }
        // A row that several others point at is deleted once.
        Some(using) => {
            let using = writer.relation(using)?;
            let filter = writer.condition(delete.filter.as_ref())?;
            format!(
                "DELETE FROM {} AS \"t\" WHERE \"t\".rowid IN (SELECT \"r{}\".rowid FROM {table} CROSS JOIN {using} WHERE {filter})",
                name(&delete.table.physical_name),
                delete.table.id.0
            )
        }
    };
    Ok(Written {
        sql,
        narrow: vec![],
        counting: Counting::Changed,
        by_rows: None,
    })
}

/// Every row of a table.
pub fn delete_all(physical_name: &str) -> Written {
    Written {
        sql: format!("DELETE FROM {}", name(physical_name)),
        narrow: vec![],
        counting: Counting::Changed,
        by_rows: None,
    }
}

impl Writer<'_> {
    /// A condition that fails with the values of a row that the CTE `s` has several changes for (column `d`).
    pub(super) fn no_duplicates(
        &mut self,
        table: &TableRelation,
        row_text: &Expr,
    ) -> Result<String> {
        Ok(format!(
            "(SELECT sf_duplicate_row({}) FROM {} AS \"r{}\" WHERE \"r{}\".rowid = (SELECT min(\"k\") FROM \"s\" WHERE \"d\")) IS NULL",
            self.expr(row_text)?.text,
            name(&table.physical_name),
            table.id.0,
            table.id.0
        ))
    }
}
