-- SHOW PROCEDURES; columns as Snowflake's documentation lists them. None can be created yet.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: schema_name TEXT
-- column: is_builtin TEXT
-- column: is_aggregate TEXT
-- column: is_ansi TEXT
-- column: min_num_arguments NUMBER
-- column: max_num_arguments NUMBER
-- column: arguments TEXT
-- column: description TEXT
-- column: catalog_name TEXT
-- column: is_table_function TEXT
-- column: valid_for_clustering TEXT
-- column: is_secure TEXT
-- column: secrets TEXT
-- column: external_access_integrations TEXT
SELECT
    CAST(NULL AS TIMESTAMP) AS created_on,
    CAST(NULL AS VARCHAR) AS name,
    CAST(NULL AS VARCHAR) AS schema_name,
    CAST(NULL AS VARCHAR) AS is_builtin,
    CAST(NULL AS VARCHAR) AS is_aggregate,
    CAST(NULL AS VARCHAR) AS is_ansi,
    CAST(NULL AS BIGINT) AS min_num_arguments,
    CAST(NULL AS BIGINT) AS max_num_arguments,
    CAST(NULL AS VARCHAR) AS arguments,
    CAST(NULL AS VARCHAR) AS description,
    CAST(NULL AS VARCHAR) AS catalog_name,
    CAST(NULL AS VARCHAR) AS is_table_function,
    CAST(NULL AS VARCHAR) AS valid_for_clustering,
    CAST(NULL AS VARCHAR) AS is_secure,
    CAST(NULL AS VARCHAR) AS secrets,
    CAST(NULL AS VARCHAR) AS external_access_integrations
WHERE FALSE
