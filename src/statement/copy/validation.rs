//! What VALIDATION_MODE = RETURN_ERRORS answers.
//!
//! Source: Snowflake, "VALIDATE"; columns and values as recorded from a live account (frostlake's
//! `CopyDataSemanticsTest`).

use super::load::Failed;
use crate::error::{Error, Result};
use crate::result::{Column, ResultSet};
use crate::types::LogicalType;

/// A row for each failure; `missing` are files that the stage does not have.
pub(super) fn answer(failures: &[Failed], missing: &[String]) -> Result<ResultSet> {
    let number = |value: u64| Some(value.to_string());
    let mut rows: Vec<Vec<Option<String>>> = failures
        .iter()
        .map(|failed| {
            let code = failed.error.code();
            let category = if failed.is_parsing {
                "parsing"
            } else {
                "conversion"
            };
            vec![
                Some(failed.error.message().to_owned()),
                Some(failed.file.clone()),
                number(failed.line),
                number(failed.character),
                number(failed.offset),
                Some(category.to_owned()),
                number(code.number().into()),
                Some(code.sqlstate().to_owned()),
                Some(failed.column.clone()),
                number(failed.row),
                number(failed.row_line),
                Some(failed.record.clone()),
            ]
        })
        .collect();
    for location in missing {
        let error = Error::remote_file_not_found(location);
        let name = location.rsplit('/').next().unwrap_or(location);
        let mut row = vec![None; 12];
        row[0] = Some(error.message().to_owned());
        row[1] = Some(name.to_owned());
        row[5] = Some("other".to_owned());
        row[6] = number(error.code().number().into());
        row[7] = Some(error.code().sqlstate().to_owned());
        row[9] = number(0);
        row[10] = number(0);
        rows.push(row);
    }
    ResultSet::from_text_rows(columns(), rows)
}

fn columns() -> Vec<Column> {
    let number = LogicalType::Number {
        precision: 19,
        scale: 0,
    };
    let text = |name: &str| Column::new(name, LogicalType::TEXT);
    let count = |name: &str| Column::new(name, number.clone());
    vec![
        text("ERROR"),
        text("FILE"),
        count("LINE"),
        count("CHARACTER"),
        count("BYTE_OFFSET"),
        text("CATEGORY"),
        count("CODE"),
        text("SQL_STATE"),
        text("COLUMN_NAME"),
        count("ROW_NUMBER"),
        count("ROW_START_LINE"),
        text("REJECTED_RECORD"),
    ]
}
