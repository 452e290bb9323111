//! `FROM @stage/path`: files of a stage as a relation, with `$1`, `$2`, … and the columns of metadata.
//!
//! Which files those are and how they are read is settled before a statement is bound (`statement::staged`): here they
//! stand ready, as a table of text columns that the engine knows.
//!
//! Source: Snowflake, "Querying Data in Staged Files", "Querying Metadata for Staged Files".

use std::collections::HashMap;

use super::scope::{Scope, VisibleColumn};
use super::{Binder, call, from};
use crate::error::{Error, Position, Result};
use crate::sql::ast;
use crate::tree::{ColumnRef, Expr, ExprKind, Relation, RelationId};
use crate::types::{LogicalType, TimestampKind};

/// The locations that a statement reads, by the place of their text in it.
pub type StagedLocations = HashMap<Position, StagedFiles>;

/// Files that stand ready.
#[derive(Debug, Clone)]
pub struct StagedFiles {
    pub place: StagedPlace,
    pub shape: StagedShape,
}

/// Where the engine finds the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StagedPlace {
    /// Batch by batch, as the table `rows` of a write.
    Fed,
    /// As a temporary table of the connection.
    Stored(String),
}

/// What a row of a file is. The engine's columns are these, then those of [`METADATA`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StagedShape {
    /// Fields of delimited text: so many columns of text.
    Fields(usize),
    /// A document: one column, JSON as text.
    Document,
}

/// The type of METADATA$FILE_ROW_NUMBER: a BIGINT of the engine. Its precision is an assumption.
pub const ROW_NUMBER: LogicalType = LogicalType::Number {
    precision: 18,
    scale: 0,
};

/// The columns of metadata: name, type.
pub const METADATA: &[(&str, LogicalType)] = &[
    ("METADATA$FILENAME", LogicalType::TEXT),
    ("METADATA$FILE_ROW_NUMBER", ROW_NUMBER),
    ("METADATA$FILE_CONTENT_KEY", LogicalType::TEXT),
    (
        "METADATA$FILE_LAST_MODIFIED",
        LogicalType::Timestamp {
            kind: TimestampKind::Ntz,
            scale: 3,
        },
    ),
    (
        "METADATA$START_SCAN_TIME",
        LogicalType::Timestamp {
            kind: TimestampKind::Ltz,
            scale: 3,
        },
    ),
];

impl StagedShape {
    /// How many columns of text the files give.
    pub fn width(self) -> usize {
        match self {
            StagedShape::Fields(count) => count,
            StagedShape::Document => 1,
        }
    }

    /// The types of the engine's columns.
    pub fn types(self) -> Vec<LogicalType> {
        let texts = std::iter::repeat_n(LogicalType::TEXT, self.width());
        let metadata = METADATA.iter().map(|(_, ty)| ty.clone());
        texts.chain(metadata).collect()
    }
}

/// The relation of a location, made visible in `scope`; `None` where the name is no location.
pub(super) fn relation(
    binder: &Binder<'_>,
    scope: &mut Scope<'_>,
    name: &ast::ObjectName,
    alias: Option<&ast::TableAlias>,
) -> Result<Option<Relation>> {
    let [ast::ObjectNamePart::Identifier(written)] = &name.0[..] else {
        return Ok(None);
    };
    let Some(location) = crate::sql::stage_location(&written.value) else {
        return Ok(None);
    };
    let files = crate::sql::position_of(name)
        .and_then(|place| binder.shared.ready.staged.get(&place))
        .ok_or_else(|| Error::unsupported(format!("{location} in this statement")))?;
    let (relation, columns) = of_files(binder, files)?;
    let visible = alias.map_or_else(String::new, |alias| binder.fold(&alias.name));
    from::show(binder, scope, visible, None, columns, alias)?;
    Ok(Some(relation))
}

/// The relation of files, and its columns.
pub(super) fn of_files(
    binder: &Binder<'_>,
    files: &StagedFiles,
) -> Result<(Relation, Vec<VisibleColumn>)> {
    let types = files.shape.types();
    let (relation, id) = match &files.place {
        StagedPlace::Fed => {
            let id = super::variables::ROWS;
            (Relation::Rows { id, types }, id)
        }
        StagedPlace::Stored(physical_name) => {
            let id = binder.new_relation();
            let physical_name = physical_name.clone();
            let columns = types.iter().map(LogicalType::natural_physical).collect();
            let relation = Relation::Kept {
                id,
                physical_name,
                columns,
            };
            (relation, id)
        }
    };
    let width = files.shape.width();
    let mut columns = Vec::with_capacity(width + METADATA.len());
    for index in 0..width {
        let field = column(id, index, LogicalType::TEXT);
        let expr = match files.shape {
            StagedShape::Fields(_) => field,
            StagedShape::Document => call::named(binder, "PARSE_JSON", vec![field], "PARSE_JSON")?,
        };
        columns.push(VisibleColumn {
            name: format!("${}", index + 1),
            expr,
            origin: None,
            merged_away: false,
        });
    }
    for (offset, (name, ty)) in METADATA.iter().enumerate() {
        columns.push(VisibleColumn {
            name: (*name).to_owned(),
            expr: column(id, width + offset, ty.clone()),
            origin: None,
            // not in `*`
            merged_away: true,
        });
    }
    Ok((relation, columns))
}

fn column(relation: RelationId, index: usize, ty: LogicalType) -> Expr {
    let reference = ColumnRef {
        relation,
        column: index as u64,
    };
    Expr::new(ExprKind::Column(reference), ty, true)
}
