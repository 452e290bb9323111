-- SHOW OBJECTS; columns as Snowflake's documentation lists them.
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
-- column: owner_role_type TEXT
-- column: budget TEXT
-- column: is_hybrid TEXT
-- column: is_dynamic TEXT
-- column: is_iceberg TEXT
-- A table's detail is long: it is read once.
WITH details AS (
    SELECT
        *,
        json_extract_string(
            detail, ['$.table_kind', '$.cluster_by', '$.retention_days', '$.change_tracking', '$.physical_name']
        ) AS fields
    FROM live
    WHERE kind IN ('TABLE', 'DYNAMIC TABLE', 'VIEW', 'MATERIALIZED VIEW')
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
    CASE WHEN t.kind IN ('TABLE', 'DYNAMIC TABLE') THEN 'TABLE' ELSE 'VIEW' END AS kind,
    coalesce(t.comment, '') AS comment,
    coalesce('LINEAR(' || t.cluster_by || ')', '') AS cluster_by,
    p.estimated_size AS rows,
    CASE WHEN t.kind = 'TABLE' THEN 0 END AS bytes,
    t.owner,
    coalesce(t.retention_days, '1') AS retention_time,
    'ROLE' AS owner_role_type,
    NULL AS budget,
    'N' AS is_hybrid,
    CASE WHEN t.kind = 'DYNAMIC TABLE' THEN 'Y' ELSE 'N' END AS is_dynamic,
    'N' AS is_iceberg
FROM relations AS t
JOIN live AS s ON s.id = t.parent
JOIN live AS d ON d.id = s.parent
LEFT JOIN duckdb_tables() AS p ON p.schema_name = 'data' AND p.table_name = t.physical_name
