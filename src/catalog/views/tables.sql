-- SHOW TABLES; columns as Snowflake's documentation lists them.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: kind TEXT
-- column: comment TEXT
-- column: cluster_by TEXT
-- column: rows NUMBER
-- column: bytes NUMBER
-- column: owner TEXT
-- column: retention_time TEXT
-- history: dropped_on TIMESTAMP_LTZ(3)
-- column: automatic_clustering TEXT
-- column: change_tracking TEXT
-- column: search_optimization TEXT
-- column: search_optimization_progress TEXT
-- column: search_optimization_bytes NUMBER
-- column: is_external TEXT
-- column: enable_schema_evolution TEXT
-- column: owner_role_type TEXT
-- column: is_event TEXT
-- column: is_hybrid TEXT
-- column: is_iceberg TEXT
-- column: is_dynamic TEXT
-- column: is_immutable TEXT
-- column: is_interactive TEXT
-- column: row_timestamp TEXT
-- column: error_logging TEXT
-- A table's detail is long: it is read once.
WITH details AS (
    SELECT
        *,
        json_extract_string(
            detail, ['$.table_kind', '$.cluster_by', '$.retention_days', '$.change_tracking', '$.physical_name']
        ) AS fields
    FROM live
    WHERE kind IN ('TABLE', 'DYNAMIC TABLE')
),
relations AS (
    SELECT
        *,
        fields[1] AS table_kind,
        fields[2] AS cluster_by,
        fields[3] AS retention_days,
        fields[4] AS change_tracking,
        fields[5] AS physical_name
    FROM details
)
SELECT
    t.created_on,
    t.name,
    d.name AS database_name,
    s.name AS schema_name,
    CASE t.table_kind WHEN 'PERMANENT' THEN 'TABLE' ELSE t.table_kind END AS kind,
    coalesce(t.comment, '') AS comment,
    coalesce('LINEAR(' || t.cluster_by || ')', '') AS cluster_by,
    p.estimated_size AS rows,
    -- The engine does not say how many bytes a table takes.
    NULL AS bytes,
    t.owner,
    coalesce(t.retention_days, '1') AS retention_time,
    t.dropped_on AS dropped_on,
    CASE WHEN t.cluster_by IS NULL THEN 'OFF' ELSE 'ON' END AS automatic_clustering,
    CASE WHEN t.change_tracking = 'true' THEN 'ON' ELSE 'OFF' END AS change_tracking,
    'OFF' AS search_optimization,
    NULL AS search_optimization_progress,
    NULL AS search_optimization_bytes,
    'N' AS is_external,
    'N' AS enable_schema_evolution,
    'ROLE' AS owner_role_type,
    'N' AS is_event,
    'N' AS is_hybrid,
    'N' AS is_iceberg,
    CASE WHEN t.kind = 'DYNAMIC TABLE' THEN 'Y' ELSE 'N' END AS is_dynamic,
    'N' AS is_immutable,
    'N' AS is_interactive,
    'OFF' AS row_timestamp,
    'OFF' AS error_logging
FROM relations AS t
JOIN live AS s ON s.id = t.parent
JOIN live AS d ON d.id = s.parent
LEFT JOIN duckdb_tables() AS p ON p.schema_name = 'data' AND p.table_name = t.physical_name
