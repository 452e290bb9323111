-- SHOW STREAMS; columns as Snowflake's documentation lists them. None can be created yet.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: owner TEXT
-- column: comment TEXT
-- column: table_name TEXT
-- column: source_type TEXT
-- column: base_tables TEXT
-- column: type TEXT
-- column: stale TEXT
-- column: mode TEXT
-- column: stale_after TIMESTAMP_LTZ(3)
-- column: invalid_reason TEXT
-- column: owner_role_type TEXT
SELECT
    CAST(NULL AS TIMESTAMP) AS created_on,
    CAST(NULL AS VARCHAR) AS name,
    CAST(NULL AS VARCHAR) AS database_name,
    CAST(NULL AS VARCHAR) AS schema_name,
    CAST(NULL AS VARCHAR) AS owner,
    CAST(NULL AS VARCHAR) AS comment,
    CAST(NULL AS VARCHAR) AS table_name,
    CAST(NULL AS VARCHAR) AS source_type,
    CAST(NULL AS VARCHAR) AS base_tables,
    CAST(NULL AS VARCHAR) AS type,
    CAST(NULL AS VARCHAR) AS stale,
    CAST(NULL AS VARCHAR) AS mode,
    CAST(NULL AS TIMESTAMP) AS stale_after,
    CAST(NULL AS VARCHAR) AS invalid_reason,
    CAST(NULL AS VARCHAR) AS owner_role_type
WHERE FALSE
