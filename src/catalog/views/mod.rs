//! Catalog views: DuckDB SQL over the catalog's rows, one file per view. SHOW is a query over them.
//!
//! A file begins with its columns, one `-- column: <name> <type>` each, in Snowflake's order (`-- history: …` is a column that
//! HISTORY alone shows); the query below may name the
//! relation `live`: the newest version of every object of the account that is not dropped and that
//! the session may see (with HISTORY also the dropped ones that can come back); `here`: of those, the database whose
//! INFORMATION_SCHEMA is read; `reader`: one row with the names of the session's current database, schema, role and
//! warehouse, the role and warehouse that its user begins with, and the time.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::{ObjectId, ObjectKind};
use crate::engine::quote_text;
use crate::types::{LogicalType, TimestampKind};

/// A view.
pub struct View {
    /// The name of its file.
    pub name: &'static str,
    /// Names and types.
    pub columns: Vec<(&'static str, LogicalType)>,
    /// The column that HISTORY alone shows.
    pub history: Option<&'static str>,
    query: &'static str,
    /// What `{KIND}` in the query stands for.
    kind: Option<ObjectKind>,
}

/// What SHOW reads, sorted by name.
static FILES: &[(&str, &str)] = &[
    ("database_roles", include_str!("database_roles.sql")),
    ("databases", include_str!("databases.sql")),
    ("dynamic_tables", include_str!("dynamic_tables.sql")),
    ("file_formats", include_str!("file_formats.sql")),
    ("functions", include_str!("functions.sql")),
    ("integrations", include_str!("integrations.sql")),
    ("materialized_views", include_str!("materialized_views.sql")),
    ("network_policies", include_str!("network_policies.sql")),
    ("network_rules", include_str!("network_rules.sql")),
    ("objects", include_str!("objects.sql")),
    ("procedures", include_str!("procedures.sql")),
    ("resource_monitors", include_str!("resource_monitors.sql")),
    ("roles", include_str!("roles.sql")),
    ("schemas", include_str!("schemas.sql")),
    ("secrets", include_str!("secrets.sql")),
    ("sequences", include_str!("sequences.sql")),
    ("stages", include_str!("stages.sql")),
    ("streams", include_str!("streams.sql")),
    ("tables", include_str!("tables.sql")),
    ("tags", include_str!("tags.sql")),
    ("tasks", include_str!("tasks.sql")),
    ("users", include_str!("users.sql")),
    ("views", include_str!("views.sql")),
    ("warehouses", include_str!("warehouses.sql")),
];

/// Policies of schemas are all shown alike: the name of the view, and the kind in it.
static POLICIES: &[(&str, ObjectKind)] = &[
    ("aggregation_policies", ObjectKind::AggregationPolicy),
    ("authentication_policies", ObjectKind::AuthenticationPolicy),
    ("join_policies", ObjectKind::JoinPolicy),
    ("masking_policies", ObjectKind::MaskingPolicy),
    ("packages_policies", ObjectKind::PackagesPolicy),
    ("password_policies", ObjectKind::PasswordPolicy),
    ("privacy_policies", ObjectKind::PrivacyPolicy),
    ("projection_policies", ObjectKind::ProjectionPolicy),
    ("row_access_policies", ObjectKind::RowAccessPolicy),
    ("session_policies", ObjectKind::SessionPolicy),
];

/// What queries read in the schema INFORMATION_SCHEMA of every database, sorted by name.
static INFORMATION_SCHEMA: &[(&str, &str)] = &[
    (
        "APPLICABLE_ROLES",
        include_str!("information_schema/applicable_roles.sql"),
    ),
    ("COLUMNS", include_str!("information_schema/columns.sql")),
    (
        "DATABASES",
        include_str!("information_schema/databases.sql"),
    ),
    (
        "ENABLED_ROLES",
        include_str!("information_schema/enabled_roles.sql"),
    ),
    (
        "EVENT_TABLES",
        include_str!("information_schema/event_tables.sql"),
    ),
    (
        "EXTERNAL_TABLES",
        include_str!("information_schema/external_tables.sql"),
    ),
    (
        "FUNCTIONS",
        include_str!("information_schema/functions.sql"),
    ),
    (
        "HYBRID_TABLES",
        include_str!("information_schema/hybrid_tables.sql"),
    ),
    (
        "INFORMATION_SCHEMA_CATALOG_NAME",
        include_str!("information_schema/information_schema_catalog_name.sql"),
    ),
    (
        "LOAD_HISTORY",
        include_str!("information_schema/load_history.sql"),
    ),
    (
        "OBJECT_PRIVILEGES",
        include_str!("information_schema/object_privileges.sql"),
    ),
    ("PIPES", include_str!("information_schema/pipes.sql")),
    (
        "PROCEDURES",
        include_str!("information_schema/procedures.sql"),
    ),
    (
        "REFERENTIAL_CONSTRAINTS",
        include_str!("information_schema/referential_constraints.sql"),
    ),
    ("SCHEMATA", include_str!("information_schema/schemata.sql")),
    (
        "SEQUENCES",
        include_str!("information_schema/sequences.sql"),
    ),
    ("TABLES", include_str!("information_schema/tables.sql")),
    (
        "TABLE_CONSTRAINTS",
        include_str!("information_schema/table_constraints.sql"),
    ),
    (
        "TABLE_PRIVILEGES",
        include_str!("information_schema/table_privileges.sql"),
    ),
    (
        "TABLE_STORAGE_METRICS",
        include_str!("information_schema/table_storage_metrics.sql"),
    ),
    (
        "USAGE_PRIVILEGES",
        include_str!("information_schema/usage_privileges.sql"),
    ),
    ("VIEWS", include_str!("information_schema/views.sql")),
];

/// What a view's query has to know of the session that reads it.
pub struct Reader<'a> {
    pub account: ObjectId,
    pub session: u64,
    /// The database whose INFORMATION_SCHEMA it is.
    pub database: Option<ObjectId>,
    pub current_database: Option<&'a str>,
    pub current_schema: Option<&'a str>,
    pub role: Option<&'a str>,
    pub warehouse: Option<&'a str>,
    /// The context that its user's sessions begin with.
    pub default_role: Option<&'a str>,
    pub default_warehouse: Option<&'a str>,
    /// Dropped objects that are listed too.
    pub dropped: Vec<ObjectId>,
}

static VIEWS: LazyLock<Vec<View>> = LazyLock::new(|| {
    let policies = POLICIES.iter().map(|(name, kind)| View {
        kind: Some(*kind),
        ..View::parse(name, include_str!("policies.sql"))
    });
    FILES
        .iter()
        .map(|(name, text)| View::parse(name, text))
        .chain(policies)
        .collect()
});

static INFORMATION_SCHEMA_VIEWS: LazyLock<Vec<View>> = LazyLock::new(|| {
    INFORMATION_SCHEMA
        .iter()
        .map(|(name, text)| View::parse(name, text))
        .collect()
});

/// The view of INFORMATION_SCHEMA of this name.
pub fn information_schema(name: &str) -> Option<&'static View> {
    INFORMATION_SCHEMA_VIEWS
        .iter()
        .find(|view| view.name == name)
}

/// The view behind SHOW of this name.
pub fn view(name: &str) -> Option<&'static View> {
    VIEWS.iter().find(|view| view.name == name)
}

impl View {
    fn parse(name: &'static str, text: &'static str) -> View {
        let columns = column_lines(text)
            .map(|(column, ty)| (column, logical_type(ty)))
            .collect();
        let history = text.lines().find_map(|line| line.strip_prefix(HISTORY));
        View {
            name,
            columns,
            history: history.and_then(|line| Some(line.split_once(' ')?.0)),
            query: text,
            kind: None,
        }
    }

    /// The view's query for a reader, with columns `c0`, `c1`, … in the natural form of their types.
    pub fn sql(&self, reader: &Reader<'_>) -> String {
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
        let text = |text: Option<&str>| text.map_or_else(|| "NULL".to_owned(), quote_text);
        format!(
            "WITH newest AS (\
               SELECT id, max(version) AS version FROM catalog.objects WHERE account = {account} GROUP BY id), \
             live AS (\
               SELECT objects.* FROM catalog.objects AS objects \
               JOIN newest ON newest.id = objects.id AND newest.version = objects.version \
               WHERE (dropped_on IS NULL{dropped}) AND (session IS NULL OR session = {session})), \
             here AS (SELECT * FROM live WHERE id = {here}), \
             reader AS (SELECT {database} AS database, {schema} AS schema, {role} AS role, \
               {warehouse} AS warehouse, {default_role} AS default_role, \
               {default_warehouse} AS default_warehouse, make_timestamp({now}) AS now), \
             shown AS (\n{query}\n) SELECT {columns} FROM shown",
            account = reader.account.0,
            session = reader.session,
            here = reader.database.map_or(0, |database| database.0),
            database = text(reader.current_database),
            schema = text(reader.current_schema),
            role = text(reader.role),
            warehouse = text(reader.warehouse),
            now = jiff::Timestamp::now().as_microsecond(),
            default_role = text(reader.default_role),
            default_warehouse = text(reader.default_warehouse),
            query = match self.kind {
                Some(kind) => Cow::Owned(self.query.replace("{KIND}", kind.keyword())),
                None => Cow::Borrowed(self.query),
            },
            columns = columns.join(", "),
            dropped = match &reader.dropped[..] {
                [] => String::new(),
                dropped => format!(" OR list_contains({:?}, objects.id)", raw_ids(dropped)),
            }
        )
    }
}

/// Before the column that HISTORY alone shows.
const HISTORY: &str = "-- history: ";

/// Names and types of the columns.
fn column_lines(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines().filter_map(|line| {
        let column = line.strip_prefix("-- column: ");
        column
            .or_else(|| line.strip_prefix(HISTORY))?
            .split_once(' ')
    })
}

fn raw_ids(ids: &[ObjectId]) -> Vec<u64> {
    ids.iter().map(|id| id.0).collect()
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
        assert!(INFORMATION_SCHEMA.is_sorted_by_key(|(name, _)| *name));
        for (name, text) in FILES.iter().chain(INFORMATION_SCHEMA) {
            let types: Vec<_> = column_lines(text).map(|(_, ty)| ty).collect();
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
