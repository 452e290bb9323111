//! MERGE.
//!
//! The join gives each pair of rows the number of the first clause that takes it and the values of that clause; what is
//! left of a row of the table with several such pairs is one of them, or an error.

use super::{Counting, Values, Written, name};
use crate::error::Result;
use crate::functions::Facts;
use crate::lower::{Sql, Writer};
use crate::tree::{Merge, MergeAction, MergeClause, Relation};

/// MERGE: returns an action for each changed row.
pub fn merge(merge: &Merge, facts: &Facts) -> Result<Written> {
    let mut writer = Writer::new(facts);
    let table = writer.relation(&Relation::Table(merge.table.clone()))?;
    let source = writer.relation(&merge.source)?;
    let on = writer.expr(&merge.on)?.text;
    let inserts = merge
        .clauses
        .iter()
        .any(|clause| !clause.action.is_matched());
    let join = if inserts { "LEFT JOIN" } else { "JOIN" };
    let row = format!("\"r{}\".rowid", merge.table.id.0);

    let mut cases = [String::new(), String::new()];
    let mut pairs = String::new();
    let mut chosen = String::new();
    let mut unmatched = String::new();
    let mut whens = String::new();
    let mut updates = vec![];
    let mut narrow = vec![];
    let mut count = 0;
    for (number, MergeClause { predicate, action }) in merge.clauses.iter().enumerate() {
        let predicate = writer.condition(predicate.as_ref())?;
        cases[usize::from(!action.is_matched())]
            .push_str(&format!(" WHEN {predicate} THEN {number}"));
        let mut values = Values {
            columns: vec![],
            narrow: vec![],
        };
        for assignment in action.assignments() {
            let value = writer.expr(&assignment.value)?;
            // Other clauses must not fail on it.
            pairs.push_str(&format!(
                ", CASE WHEN \"a\" = {number} THEN {} END AS \"v{count}\"",
                value.text
            ));
            chosen.push_str(&format!(", first(\"v{count}\") AS \"v{count}\""));
            unmatched.push_str(&format!(", \"v{count}\""));
            let value = Sql::new(format!("\"s\".\"v{count}\""), value.physical);
            values.push(&merge.table.columns[assignment.target], &value)?;
            count += 1;
        }
        whens.push_str(&match action {
            MergeAction::Update(_) => {
                updates.push(number.to_string());
                format!(
                    " WHEN MATCHED AND \"s\".\"a\" = {number} THEN UPDATE SET {}",
                    values.set()
                )
            }
            MergeAction::Delete => {
                format!(" WHEN MATCHED AND \"s\".\"a\" = {number} THEN DELETE")
            }
            MergeAction::Insert(_) => format!(
                " WHEN NOT MATCHED AND \"s\".\"a\" = {number} THEN INSERT ({}) VALUES ({})",
                values.names(),
                values.texts()
            ),
        });
        narrow.extend(values.narrow);
    }
    let action = |cases: &str| {
        if cases.is_empty() {
            "NULL".to_owned()
        } else {
            format!("CASE{cases} END")
        }
    };
    let [matched, not_matched] = cases;
    let (matched, not_matched) = (action(&matched), action(&not_matched));
    let is_update = if updates.is_empty() {
        "FALSE".to_owned()
    } else {
        format!("bool_or(\"a\" IN ({}))", updates.join(", "))
    };
    let mut sql = format!(
        "WITH \"p\" AS {}(SELECT {row} AS \"k\", CASE WHEN {row} IS NOT NULL THEN {matched} ELSE {not_matched} END AS \"a\"{pairs} \
         FROM {source} {join} {table} ON {on}), \
         \"s\" AS MATERIALIZED (SELECT \"k\", first(\"a\") AS \"a\"{chosen}, count(*) > 1 AND {is_update} AS \"d\" \
         FROM \"p\" WHERE \"k\" IS NOT NULL AND \"a\" IS NOT NULL GROUP BY \"k\"",
        if inserts { "MATERIALIZED " } else { "" }
    );
    if inserts {
        sql.push_str(&format!(
            " UNION ALL SELECT NULL, \"a\"{unmatched}, FALSE FROM \"p\" WHERE \"k\" IS NULL AND \"a\" IS NOT NULL"
        ));
    }
    let check = match &merge.refuse_multi_joined {
        Some(row_text) => format!(" WHERE {}", writer.no_duplicates(&merge.table, row_text)?),
        None => String::new(),
    };
    sql.push_str(&format!(
        ") MERGE INTO {} AS \"t\" USING (SELECT * FROM \"s\"{check}) AS \"s\" ON (\"t\".rowid = \"s\".\"k\"){whens} RETURNING merge_action",
        name(&merge.table.physical_name)
    ));
    Ok(Written {
        sql,
        narrow,
        counting: Counting::Actions,
        by_rows: None,
    })
}
