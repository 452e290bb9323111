-- INFORMATION_SCHEMA.TABLES; columns as Snowflake's documentation lists them.
-- column: TABLE_CATALOG TEXT
-- column: TABLE_SCHEMA TEXT
-- column: TABLE_NAME TEXT
-- column: TABLE_OWNER TEXT
-- column: TABLE_TYPE TEXT
-- column: IS_TRANSIENT TEXT
-- column: CLUSTERING_KEY TEXT
-- column: ROW_COUNT NUMBER
-- column: BYTES NUMBER
-- column: RETENTION_TIME NUMBER
-- column: SELF_REFERENCING_COLUMN_NAME TEXT
-- column: REFERENCE_GENERATION TEXT
-- column: USER_DEFINED_TYPE_CATALOG TEXT
-- column: USER_DEFINED_TYPE_SCHEMA TEXT
-- column: USER_DEFINED_TYPE_NAME TEXT
-- column: IS_INSERTABLE_INTO TEXT
-- column: IS_TYPED TEXT
-- column: COMMIT_ACTION TEXT
-- column: CREATED TIMESTAMP_LTZ(3)
-- column: LAST_ALTERED TIMESTAMP_LTZ(3)
-- column: LAST_DDL TIMESTAMP_LTZ(3)
-- column: LAST_DDL_BY TEXT
-- column: AUTO_CLUSTERING_ON TEXT
-- column: COMMENT TEXT
-- column: IS_TEMPORARY TEXT
-- column: IS_ICEBERG TEXT
-- column: IS_DYNAMIC TEXT
-- column: IS_IMMUTABLE TEXT
-- column: IS_HYBRID TEXT
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
    d.name AS "TABLE_CATALOG",
    s.name AS "TABLE_SCHEMA",
    t.name AS "TABLE_NAME",
    t.owner AS "TABLE_OWNER",
    CASE
        WHEN t.kind IN ('VIEW', 'MATERIALIZED VIEW') THEN t.kind
        WHEN t.session IS NOT NULL THEN 'TEMPORARY TABLE'
        ELSE 'BASE TABLE'
    END AS "TABLE_TYPE",
    CASE WHEN t.kind IN ('TABLE', 'DYNAMIC TABLE') THEN CASE t.table_kind WHEN 'TRANSIENT' THEN 'YES' ELSE 'NO' END END
        AS "IS_TRANSIENT",
    'LINEAR(' || t.cluster_by || ')' AS "CLUSTERING_KEY",
    p.estimated_size AS "ROW_COUNT",
    -- The engine does not say how many bytes a table takes.
    CASE WHEN t.kind IN ('TABLE', 'DYNAMIC TABLE') THEN 0 END AS "BYTES",
    CASE WHEN t.kind IN ('TABLE', 'DYNAMIC TABLE') THEN coalesce(CAST(t.retention_days AS INTEGER), 1) END AS "RETENTION_TIME",
    NULL AS "SELF_REFERENCING_COLUMN_NAME",
    NULL AS "REFERENCE_GENERATION",
    NULL AS "USER_DEFINED_TYPE_CATALOG",
    NULL AS "USER_DEFINED_TYPE_SCHEMA",
    NULL AS "USER_DEFINED_TYPE_NAME",
    CASE WHEN t.kind IN ('TABLE', 'DYNAMIC TABLE') THEN 'YES' ELSE 'NO' END AS "IS_INSERTABLE_INTO",
    CASE WHEN t.kind IN ('TABLE', 'DYNAMIC TABLE') THEN 'YES' ELSE 'NO' END AS "IS_TYPED",
    NULL AS "COMMIT_ACTION",
    t.created_on AS "CREATED",
    t.changed_on AS "LAST_ALTERED",
    t.changed_on AS "LAST_DDL",
    t.owner AS "LAST_DDL_BY",
    CASE WHEN t.kind IN ('TABLE', 'DYNAMIC TABLE') THEN CASE WHEN t.cluster_by IS NULL THEN 'NO' ELSE 'YES' END END
        AS "AUTO_CLUSTERING_ON",
    t.comment AS "COMMENT",
    CASE WHEN t.session IS NULL THEN 'NO' ELSE 'YES' END AS "IS_TEMPORARY",
    'NO' AS "IS_ICEBERG",
    CASE WHEN t.kind = 'DYNAMIC TABLE' THEN 'YES' ELSE 'NO' END AS "IS_DYNAMIC",
    'NO' AS "IS_IMMUTABLE",
    'NO' AS "IS_HYBRID"
FROM relations AS t
JOIN live AS s ON s.id = t.parent
JOIN here AS d ON d.id = s.parent
LEFT JOIN duckdb_tables() AS p ON p.schema_name = 'data' AND p.table_name = t.physical_name
