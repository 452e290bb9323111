-- INFORMATION_SCHEMA.HYBRID_TABLES; columns as Snowflake's documentation lists them.
-- column: CATALOG TEXT
-- column: SCHEMA TEXT
-- column: NAME TEXT
-- column: OWNER TEXT
-- column: ROW_COUNT NUMBER
-- column: BYTES NUMBER
-- column: RETENTION_TIME NUMBER
-- column: CREATED TIMESTAMP_LTZ(3)
-- column: LAST_ALTERED TIMESTAMP_LTZ(3)
-- column: COMMENT TEXT
-- There are no hybrid tables.
SELECT
    NULL AS "CATALOG",
    NULL AS "SCHEMA",
    NULL AS "NAME",
    NULL AS "OWNER",
    NULL AS "ROW_COUNT",
    NULL AS "BYTES",
    NULL AS "RETENTION_TIME",
    NULL AS "CREATED",
    NULL AS "LAST_ALTERED",
    NULL AS "COMMENT"
FROM live
WHERE false
