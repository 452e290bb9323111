//! Which privileges there are on each kind of object: what GRANT checks and what ALL means.
//!
//! Source: Snowflake, "Access control privileges" and "GRANT <privileges>".

use crate::catalog::ObjectKind;

const ACCOUNT: &[&str] = &[
    "APPLY AGGREGATION POLICY",
    "APPLY AUTHENTICATION POLICY",
    "APPLY JOIN POLICY",
    "APPLY MASKING POLICY",
    "APPLY PACKAGES POLICY",
    "APPLY PASSWORD POLICY",
    "APPLY PROJECTION POLICY",
    "APPLY ROW ACCESS POLICY",
    "APPLY SESSION POLICY",
    "APPLY TAG",
    "ATTACH POLICY",
    "AUDIT",
    "BIND SERVICE ENDPOINT",
    "CANCEL QUERY",
    "CREATE ACCOUNT",
    "CREATE API INTEGRATION",
    "CREATE APPLICATION",
    "CREATE APPLICATION PACKAGE",
    "CREATE COMPUTE POOL",
    "CREATE DATABASE",
    "CREATE EXTERNAL VOLUME",
    "CREATE FAILOVER GROUP",
    "CREATE INTEGRATION",
    "CREATE LISTING",
    "CREATE NETWORK POLICY",
    "CREATE REPLICATION GROUP",
    "CREATE ROLE",
    "CREATE SHARE",
    "CREATE USER",
    "CREATE WAREHOUSE",
    "EXECUTE ALERT",
    "EXECUTE DATA METRIC FUNCTION",
    "EXECUTE MANAGED ALERT",
    "EXECUTE MANAGED TASK",
    "EXECUTE TASK",
    "IMPORT SHARE",
    "MANAGE ACCOUNT SUPPORT CASES",
    "MANAGE EVENT SHARING",
    "MANAGE GRANTS",
    "MANAGE USER SUPPORT CASES",
    "MANAGE WAREHOUSES",
    "MODIFY LOG LEVEL",
    "MODIFY SESSION LOG LEVEL",
    "MODIFY SESSION TRACE LEVEL",
    "MODIFY TRACE LEVEL",
    "MONITOR EXECUTION",
    "MONITOR ROLE",
    "MONITOR SECURITY",
    "MONITOR USAGE",
    "MONITOR USER",
    "OVERRIDE SHARE RESTRICTIONS",
    "READ SESSION",
    "RESOLVE ALL",
];

const DATABASE: &[&str] = &[
    "APPLYBUDGET",
    "CREATE DATABASE ROLE",
    "CREATE SCHEMA",
    "IMPORTED PRIVILEGES",
    "MANAGE GRANTS",
    "MODIFY",
    "MONITOR",
    "USAGE",
];

const SCHEMA: &[&str] = &[
    "ADD SEARCH OPTIMIZATION",
    "APPLYBUDGET",
    "CREATE AGGREGATION POLICY",
    "CREATE ALERT",
    "CREATE AUTHENTICATION POLICY",
    "CREATE CORTEX SEARCH SERVICE",
    "CREATE DATA METRIC FUNCTION",
    "CREATE DATASET",
    "CREATE DYNAMIC TABLE",
    "CREATE EVENT TABLE",
    "CREATE EXTERNAL TABLE",
    "CREATE FILE FORMAT",
    "CREATE FUNCTION",
    "CREATE GIT REPOSITORY",
    "CREATE HYBRID TABLE",
    "CREATE ICEBERG TABLE",
    "CREATE IMAGE REPOSITORY",
    "CREATE MASKING POLICY",
    "CREATE MATERIALIZED VIEW",
    "CREATE MODEL",
    "CREATE NETWORK RULE",
    "CREATE NOTEBOOK",
    "CREATE PACKAGES POLICY",
    "CREATE PASSWORD POLICY",
    "CREATE PIPE",
    "CREATE PRIVACY POLICY",
    "CREATE PROCEDURE",
    "CREATE PROJECTION POLICY",
    "CREATE ROW ACCESS POLICY",
    "CREATE SECRET",
    "CREATE SEMANTIC VIEW",
    "CREATE SEQUENCE",
    "CREATE SERVICE",
    "CREATE SESSION POLICY",
    "CREATE SNAPSHOT",
    "CREATE STAGE",
    "CREATE STREAM",
    "CREATE STREAMLIT",
    "CREATE TABLE",
    "CREATE TAG",
    "CREATE TASK",
    "CREATE TEMPORARY TABLE",
    "CREATE TYPE",
    "CREATE VIEW",
    "MODIFY",
    "MONITOR",
    "USAGE",
];

const TABLE: &[&str] = &[
    "APPLYBUDGET",
    "DELETE",
    "EVOLVE SCHEMA",
    "INSERT",
    "REFERENCES",
    "SELECT",
    "TRUNCATE",
    "UPDATE",
];

/// The privileges on objects of a kind, beside OWNERSHIP.
pub(super) fn of(kind: ObjectKind) -> &'static [&'static str] {
    match kind {
        ObjectKind::Account => ACCOUNT,
        ObjectKind::Database => DATABASE,
        ObjectKind::Schema => SCHEMA,
        ObjectKind::Table
        | ObjectKind::EventTable
        | ObjectKind::HybridTable
        | ObjectKind::IcebergTable => TABLE,
        ObjectKind::ExternalTable | ObjectKind::View => &["REFERENCES", "SELECT"],
        ObjectKind::MaterializedView => &["APPLYBUDGET", "REFERENCES", "SELECT"],
        ObjectKind::DynamicTable => &["MONITOR", "OPERATE", "SELECT"],
        ObjectKind::Stage => &["READ", "USAGE", "WRITE"],
        ObjectKind::FileFormat
        | ObjectKind::Function
        | ObjectKind::Procedure
        | ObjectKind::Role
        | ObjectKind::DatabaseRole
        | ObjectKind::Sequence
        | ObjectKind::Streamlit
        | ObjectKind::NetworkRule
        | ObjectKind::NetworkPolicy => &["USAGE"],
        ObjectKind::Secret => &["READ", "USAGE"],
        ObjectKind::Stream => &["SELECT"],
        ObjectKind::Alert | ObjectKind::Task => &["APPLYBUDGET", "MONITOR", "OPERATE"],
        ObjectKind::Pipe => &["APPLYBUDGET", "MONITOR", "OPERATE"],
        ObjectKind::Warehouse => &["APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE"],
        ObjectKind::Integration => &["USAGE", "USE_ANY_ROLE"],
        ObjectKind::User => &[
            "IMPERSONATE",
            "MODIFY PROGRAMMATIC AUTHENTICATION METHODS",
            "MONITOR",
        ],
        ObjectKind::ResourceMonitor => &["MODIFY", "MONITOR"],
        ObjectKind::Tag => &["APPLY", "READ"],
        ObjectKind::AggregationPolicy
        | ObjectKind::AuthenticationPolicy
        | ObjectKind::JoinPolicy
        | ObjectKind::MaskingPolicy
        | ObjectKind::PackagesPolicy
        | ObjectKind::PasswordPolicy
        | ObjectKind::PrivacyPolicy
        | ObjectKind::ProjectionPolicy
        | ObjectKind::RowAccessPolicy
        | ObjectKind::SessionPolicy => &["APPLY"],
        ObjectKind::Grant | ObjectKind::Reference => &[],
    }
}

/// Whether any kind of object has the privilege.
pub(super) fn is_known(privilege: &str) -> bool {
    privilege == "OWNERSHIP"
        || ObjectKind::ALL
            .iter()
            .any(|kind| of(*kind).contains(&privilege))
}
