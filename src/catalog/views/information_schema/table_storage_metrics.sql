-- INFORMATION_SCHEMA.TABLE_STORAGE_METRICS; columns as Snowflake's documentation lists them.
-- column: TABLE_CATALOG TEXT
-- column: TABLE_SCHEMA TEXT
-- column: TABLE_NAME TEXT
-- column: ID NUMBER
-- column: CLONE_GROUP_ID NUMBER
-- column: IS_TRANSIENT TEXT
-- column: ACTIVE_BYTES NUMBER
-- column: TIME_TRAVEL_BYTES NUMBER
-- column: FAILSAFE_BYTES NUMBER
-- column: RETAINED_FOR_CLONE_BYTES NUMBER
-- column: TABLE_CREATED TIMESTAMP_LTZ(3)
-- column: TABLE_DROPPED TIMESTAMP_LTZ(3)
-- column: TABLE_ENTERED_FAILSAFE TIMESTAMP_LTZ(3)
-- column: CATALOG_CREATED TIMESTAMP_LTZ(3)
-- column: CATALOG_DROPPED TIMESTAMP_LTZ(3)
-- column: SCHEMA_CREATED TIMESTAMP_LTZ(3)
-- column: SCHEMA_DROPPED TIMESTAMP_LTZ(3)
-- column: COMMENT TEXT
SELECT
    d.name AS "TABLE_CATALOG",
    s.name AS "TABLE_SCHEMA",
    t.name AS "TABLE_NAME",
    t.id AS "ID",
    min(t.id) OVER (PARTITION BY t.detail ->> 'physical_name') AS "CLONE_GROUP_ID",
    CASE t.detail ->> 'table_kind' WHEN 'PERMANENT' THEN 'NO' ELSE 'YES' END AS "IS_TRANSIENT",
    -- The engine does not say how many bytes a table takes.
    NULL AS "ACTIVE_BYTES",
    0 AS "TIME_TRAVEL_BYTES",
    0 AS "FAILSAFE_BYTES",
    0 AS "RETAINED_FOR_CLONE_BYTES",
    t.created_on AS "TABLE_CREATED",
    NULL AS "TABLE_DROPPED",
    NULL AS "TABLE_ENTERED_FAILSAFE",
    d.created_on AS "CATALOG_CREATED",
    NULL AS "CATALOG_DROPPED",
    s.created_on AS "SCHEMA_CREATED",
    NULL AS "SCHEMA_DROPPED",
    t.comment AS "COMMENT"
FROM live AS t
JOIN live AS s ON s.id = t.parent
JOIN here AS d ON d.id = s.parent
WHERE t.kind IN ('TABLE', 'DYNAMIC TABLE')
