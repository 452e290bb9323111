//! Catalog views: DuckDB SQL over the catalog's rows, one file per view. SHOW is a query over them.
//!
//! A file begins with its columns, one `-- column: <name> <type>` each, in Snowflake's order; the query below may name the
//! relation `live`: the newest version of every object of the account that is not dropped and that the session may see.

use std::sync::LazyLock;

use super::ObjectId;
use crate::types::{LogicalType, TimestampKind};

/// A view.
pub struct View {
    /// The name of its file.
    pub name: &'static str,
    /// Names, types, and whether NULL can occur.
    pub columns: Vec<(&'static str, LogicalType)>,
    query: &'static str,
}

/// Sorted by name.
static FILES: &[(&str, &str)] = &[
    ("databases", include_str!("databases.sql")),
    ("schemas", include_str!("schemas.sql")),
    ("sequences", include_str!("sequences.sql")),
    ("tables", include_str!("tables.sql")),
    ("views", include_str!("views.sql")),
];

static VIEWS: LazyLock<Vec<View>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(name, text)| View::parse(name, text))
        .collect()
});

/// The view of this name.
pub fn view(name: &str) -> Option<&'static View> {
    VIEWS.iter().find(|view| view.name == name)
}

impl View {
    fn parse(name: &'static str, text: &'static str) -> View {
        let columns = text
            .lines()
            .filter_map(|line| line.strip_prefix("-- column: "))
            .filter_map(|line| line.split_once(' '))
            .map(|(column, ty)| (column, logical_type(ty)))
            .collect();
        View {
            name,
            columns,
            query: text,
        }
    }

    /// The view's query for a session of an account, with columns `c0`, `c1`, … in the natural form of their types.
    pub fn sql(&self, account: ObjectId, session: u64) -> String {
        let columns: Vec<_> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, (name, ty))| {
                format!(
                    "CAST(\"{name}\" AS {}) AS \"c{index}\"",
                    ty.natural_physical()
                )
            })
            .collect();
        format!(
            "WITH live AS (\
               SELECT * FROM catalog.objects WHERE account = {} \
               QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC) = 1 AND dropped_on IS NULL \
               AND (session IS NULL OR session = {session})), \
             shown AS (\n{}\n) SELECT {} FROM shown",
            account.0,
            self.query,
            columns.join(", ")
        )
    }
}

fn logical_type(name: &str) -> LogicalType {
    match name {
        "NUMBER" => LogicalType::INTEGER,
        "TIMESTAMP_LTZ(3)" => LogicalType::Timestamp {
            kind: TimestampKind::Ltz,
            scale: 3,
        },
        _ => LogicalType::TEXT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_lists_its_columns_with_known_types() {
        assert!(FILES.is_sorted_by_key(|(name, _)| *name));
        for (name, text) in FILES {
            let types = text
                .lines()
                .filter_map(|line| line.strip_prefix("-- column: "));
            let types: Vec<_> = types.map(|line| line.split_once(' ').unwrap().1).collect();
            assert!(!types.is_empty(), "{name}");
            for ty in types {
                assert!(
                    ["TEXT", "NUMBER", "TIMESTAMP_LTZ(3)"].contains(&ty),
                    "{name}: {ty}"
                );
            }
        }
    }
}
