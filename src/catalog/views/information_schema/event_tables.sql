-- INFORMATION_SCHEMA.EVENT_TABLES; columns as Snowflake's documentation lists them.
-- column: TABLE_CATALOG TEXT
-- column: TABLE_SCHEMA TEXT
-- column: TABLE_NAME TEXT
-- column: TABLE_OWNER TEXT
-- column: CREATED TIMESTAMP_LTZ(3)
-- column: LAST_ALTERED TIMESTAMP_LTZ(3)
-- column: COMMENT TEXT
-- There are no event tables.
SELECT
    NULL AS "TABLE_CATALOG",
    NULL AS "TABLE_SCHEMA",
    NULL AS "TABLE_NAME",
    NULL AS "TABLE_OWNER",
    NULL AS "CREATED",
    NULL AS "LAST_ALTERED",
    NULL AS "COMMENT"
FROM live
WHERE false
