-- INFORMATION_SCHEMA.DATABASES; columns as Snowflake's documentation lists them.
-- column: DATABASE_NAME TEXT
-- column: DATABASE_OWNER TEXT
-- column: IS_TRANSIENT TEXT
-- column: COMMENT TEXT
-- column: CREATED TIMESTAMP_LTZ(3)
-- column: LAST_ALTERED TIMESTAMP_LTZ(3)
-- column: RETENTION_TIME NUMBER
-- column: TYPE TEXT
-- column: REPLICABLE_WITH_FAILOVER_GROUPS TEXT
-- column: OWNER_ROLE_TYPE TEXT
SELECT
    name AS "DATABASE_NAME",
    owner AS "DATABASE_OWNER",
    CASE WHEN detail ->> 'transient' = 'true' THEN 'YES' ELSE 'NO' END AS "IS_TRANSIENT",
    comment AS "COMMENT",
    created_on AS "CREATED",
    changed_on AS "LAST_ALTERED",
    1 AS "RETENTION_TIME",
    'STANDARD' AS "TYPE",
    'UNSET' AS "REPLICABLE_WITH_FAILOVER_GROUPS",
    'ROLE' AS "OWNER_ROLE_TYPE"
FROM live
WHERE kind = 'DATABASE'
