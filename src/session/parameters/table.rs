//! THE table of session parameters: name, default, allowed values, and whether drivers receive it at login.
//!
//! Sources: Snowflake, "Parameters"; what the drivers read (`wire-protocol.md` 1.8), where the JSON type matters: JDBC
//! throws when it meets a string where it expects a boolean. The defaults are Snowflake's, with these exceptions, which
//! keep drivers on roads that this server has: CLIENT_STAGE_ARRAY_BINDING_THRESHOLD is out of reach (no bind stage),
//! CLIENT_TELEMETRY_ENABLED is off, and JDBC, ODBC and .NET receive JSON unless their user asks for Arrow (on Java 16 and
//! later JDBC reads Arrow only with an extra flag of the JVM).

use super::Allowed::{self, Any, Boolean, OneOf, Range, Text, TimeZone};
use super::Default::{self, B, I, T};

/// A row of the table.
#[derive(Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub default: Default,
    pub allowed: Allowed,
    /// Whether drivers receive it with the login's answer and with every result.
    pub sent_to_drivers: bool,
}

/// The row of `name`, which must be in upper case.
pub fn find(name: &str) -> Option<&'static Parameter> {
    let place = TABLE.binary_search_by(|row| row.name.cmp(name)).ok()?;
    TABLE.get(place)
}

const fn sent(name: &'static str, default: Default, allowed: Allowed) -> Parameter {
    Parameter {
        name,
        default,
        allowed,
        sent_to_drivers: true,
    }
}

const fn kept(name: &'static str, default: Default, allowed: Allowed) -> Parameter {
    Parameter {
        name,
        default,
        allowed,
        sent_to_drivers: false,
    }
}

const POSITIVE: Allowed = Range(0, i64::MAX);
const GEO: Allowed = OneOf(&["GeoJSON", "WKT", "WKB", "EWKT", "EWKB"]);
const RESULT_FORMAT: Allowed = OneOf(&["ARROW", "ARROW_FORCE", "JSON"]);
const LOG_LEVEL: Allowed = OneOf(&["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"]);
const SHORT_TIMESTAMP: &str = "YYYY-MM-DD HH24:MI:SS.FF3";

/// Every parameter that a session knows, sorted by name.
#[rustfmt::skip]
pub static TABLE: &[Parameter] = &[
    kept("ABORT_DETACHED_QUERY", B(false), Boolean),
    sent("AUTOCOMMIT", B(true), Boolean),
    kept("AUTOCOMMIT_API_SUPPORTED", B(true), Boolean),
    kept("BINARY_INPUT_FORMAT", T("HEX"), OneOf(&["HEX", "BASE64", "UTF8", "UTF-8"])),
    sent("BINARY_OUTPUT_FORMAT", T("HEX"), OneOf(&["HEX", "BASE64"])),
    sent("CLIENT_CONSENT_CACHE_ID_TOKEN", B(false), Boolean),
    sent("CLIENT_CONSERVATIVE_MEMORY_ADJUST_STEP", I(64), POSITIVE),
    sent("CLIENT_DISABLE_INCIDENTS", B(true), Boolean),
    sent("CLIENT_ENABLE_CONSERVATIVE_MEMORY_USAGE", B(true), Boolean),
    sent("CLIENT_ENABLE_LOG_INFO_STATEMENT_PARAMETERS", B(false), Boolean),
    kept("CLIENT_ENCRYPTION_KEY_SIZE", I(128), POSITIVE),
    sent("CLIENT_HONOR_CLIENT_TZ_FOR_TIMESTAMP_NTZ", B(true), Boolean),
    sent("CLIENT_MEMORY_LIMIT", I(1536), POSITIVE),
    sent("CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX", B(false), Boolean),
    sent("CLIENT_METADATA_USE_SESSION_DATABASE", B(false), Boolean),
    sent("CLIENT_PREFETCH_THREADS", I(4), Range(1, 10)),
    sent("CLIENT_REQUEST_MFA_TOKEN", B(false), Boolean),
    sent("CLIENT_RESULT_CHUNK_SIZE", I(160), Range(16, 160)),
    sent("CLIENT_RESULT_COLUMN_CASE_INSENSITIVE", B(false), Boolean),
    sent("CLIENT_RESULT_PREFETCH_SLOTS", I(2), POSITIVE),
    sent("CLIENT_RESULT_PREFETCH_THREADS", I(1), POSITIVE),
    sent("CLIENT_SESSION_CLONE", B(false), Boolean),
    sent("CLIENT_SESSION_KEEP_ALIVE", B(false), Boolean),
    sent("CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", I(3600), Range(900, 3600)),
    sent("CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", I(1_000_000_000), POSITIVE),
    sent("CLIENT_STORE_TEMPORARY_CREDENTIAL", B(false), Boolean),
    sent("CLIENT_TELEMETRY_ENABLED", B(false), Boolean),
    sent("CLIENT_TIMESTAMP_TYPE_MAPPING", T("TIMESTAMP_LTZ"), OneOf(&["TIMESTAMP_LTZ", "TIMESTAMP_NTZ"])),
    sent("CLIENT_VALIDATE_DEFAULT_PARAMETERS", B(false), Boolean),
    kept("CSV_TIMESTAMP_FORMAT", T(""), Any),
    sent("DATE_INPUT_FORMAT", T("AUTO"), Any),
    sent("DATE_OUTPUT_FORMAT", T("YYYY-MM-DD"), Any),
    kept("DEFAULT_DDL_COLLATION", T(""), Any),
    kept("DEFAULT_NULL_ORDERING", T("LAST"), OneOf(&["FIRST", "LAST"])),
    sent("DOTNET_QUERY_RESULT_FORMAT", T("JSON"), RESULT_FORMAT),
    kept("ENABLE_CONSOLE_OUTPUT", B(false), Boolean),
    sent("ENABLE_STAGE_S3_PRIVATELINK_FOR_US_EAST_1", B(false), Boolean),
    kept("ENABLE_UNLOAD_PHYSICAL_TYPE_OPTIMIZATION", B(true), Boolean),
    kept("ERROR_ON_NONDETERMINISTIC_MERGE", B(true), Boolean),
    kept("ERROR_ON_NONDETERMINISTIC_UPDATE", B(false), Boolean),
    sent("GEOGRAPHY_OUTPUT_FORMAT", T("GeoJSON"), GEO),
    sent("GEOMETRY_OUTPUT_FORMAT", T("GeoJSON"), GEO),
    sent("GO_QUERY_RESULT_FORMAT", T("ARROW"), RESULT_FORMAT),
    sent("JDBC_ENABLE_COMBINED_DESCRIBE", B(false), Boolean),
    sent("JDBC_ENABLE_PUT_GET", B(true), Boolean),
    sent("JDBC_EXECUTE_RETURN_COUNT_FOR_DML", B(false), Boolean),
    sent("JDBC_FORMAT_DATE_WITH_TIMEZONE", B(true), Boolean),
    sent("JDBC_QUERY_RESULT_FORMAT", T("JSON"), RESULT_FORMAT),
    sent("JDBC_RS_COLUMN_CASE_INSENSITIVE", B(false), Boolean),
    sent("JDBC_TREAT_DECIMAL_AS_INT", B(true), Boolean),
    sent("JDBC_TREAT_TIMESTAMP_NTZ_AS_UTC", B(false), Boolean),
    sent("JDBC_USE_SESSION_TIMEZONE", B(true), Boolean),
    kept("JSON_INDENT", I(2), Range(0, 16)),
    sent("JS_DRIVER_DISABLE_OCSP_FOR_NON_SF_ENDPOINTS", B(true), Boolean),
    sent("JS_TREAT_INTEGER_AS_BIGINT", B(false), Boolean),
    kept("LANGUAGE", T(""), Any),
    kept("LOCK_TIMEOUT", I(43_200), POSITIVE),
    kept("LOG_EVENT_LEVEL", T("OFF"), LOG_LEVEL),
    kept("LOG_LEVEL", T("OFF"), LOG_LEVEL),
    kept("METRIC_LEVEL", T("NONE"), OneOf(&["ALL", "NONE"])),
    sent("MULTI_STATEMENT_COUNT", I(1), POSITIVE),
    kept("NOORDER_SEQUENCE_AS_DEFAULT", B(true), Boolean),
    sent("ODBC_QUERY_RESULT_FORMAT", T("JSON"), RESULT_FORMAT),
    sent("ODBC_SCHEMA_CACHING", B(false), Boolean),
    sent("ODBC_TREAT_DECIMAL_AS_INT", B(true), Boolean),
    sent("ODBC_USE_CUSTOM_SQL_DATA_TYPES", B(true), Boolean),
    sent("PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", T("ARROW"), RESULT_FORMAT),
    kept("PYTHON_PROFILER_MODULES", T(""), Any),
    kept("PYTHON_PROFILER_TARGET_STAGE", T(""), Any),
    sent("QUERY_CONTEXT_CACHE_SIZE", I(5), POSITIVE),
    kept("QUERY_TAG", T(""), Text { max_length: 2000 }),
    kept("QUOTED_IDENTIFIERS_IGNORE_CASE", B(false), Boolean),
    kept("ROWS_PER_RESULTSET", I(0), POSITIVE),
    kept("S3_STAGE_VPCE_DNS_NAME", T(""), Any),
    kept("SEARCH_PATH", T("$current, $public"), Any),
    kept("SIMULATED_DATA_SHARING_CONSUMER", T(""), Any),
    sent("SNOWPARK_HIDE_INTERNAL_ALIAS", B(true), Boolean),
    sent("SNOWPARK_LAZY_ANALYSIS", B(true), Boolean),
    sent("SNOWPARK_REQUEST_TIMEOUT_IN_SECONDS", I(86_400), POSITIVE),
    kept("STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", I(0), POSITIVE),
    kept("STATEMENT_TIMEOUT_IN_SECONDS", I(172_800), Range(0, 604_800)),
    kept("STRICT_JSON_OUTPUT", B(false), Boolean),
    sent("TIMESTAMP_DAY_IS_ALWAYS_24H", B(false), Boolean),
    sent("TIMESTAMP_INPUT_FORMAT", T("AUTO"), Any),
    sent("TIMESTAMP_LTZ_OUTPUT_FORMAT", T(""), Any),
    sent("TIMESTAMP_NTZ_OUTPUT_FORMAT", T(SHORT_TIMESTAMP), Any),
    sent("TIMESTAMP_OUTPUT_FORMAT", T("YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"), Any),
    sent("TIMESTAMP_TYPE_MAPPING", T("TIMESTAMP_NTZ"), OneOf(&["TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"])),
    sent("TIMESTAMP_TZ_OUTPUT_FORMAT", T(""), Any),
    sent("TIMEZONE", T("America/Los_Angeles"), TimeZone),
    sent("TIME_INPUT_FORMAT", T("AUTO"), Any),
    sent("TIME_OUTPUT_FORMAT", T("HH24:MI:SS"), Any),
    kept("TRACE_LEVEL", T("OFF"), OneOf(&["ALWAYS", "ON_EVENT", "PROPAGATE", "OFF"])),
    kept("TRANSACTION_ABORT_ON_ERROR", B(false), Boolean),
    kept("TRANSACTION_DEFAULT_ISOLATION_LEVEL", T("READ COMMITTED"), OneOf(&["READ COMMITTED"])),
    kept("TWO_DIGIT_CENTURY_START", I(1970), Range(1900, 2100)),
    kept("UNSUPPORTED_DDL_ACTION", T("ignore"), OneOf(&["ignore", "fail"])),
    kept("USE_CACHED_RESULT", B(true), Boolean),
    kept("WEEK_OF_YEAR_POLICY", I(0), Range(0, 1)),
    kept("WEEK_START", I(0), Range(0, 7)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::parameters::Parameters;

    #[test]
    fn the_table_is_sorted_and_every_default_is_allowed() {
        assert!(TABLE.is_sorted_by(|a, b| a.name < b.name));
        for row in TABLE {
            let mut parameters = Parameters::default();
            let default = parameters.get(row.name).unwrap();
            parameters.set(row.name, &default.to_string()).unwrap();
            assert_eq!(parameters.get(row.name).unwrap(), default, "{}", row.name);
        }
    }
}
