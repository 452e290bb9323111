-- INFORMATION_SCHEMA.SCHEMATA; columns as Snowflake's documentation lists them.
-- column: CATALOG_NAME TEXT
-- column: SCHEMA_NAME TEXT
-- column: SCHEMA_OWNER TEXT
-- column: IS_TRANSIENT TEXT
-- column: IS_MANAGED_ACCESS TEXT
-- column: RETENTION_TIME NUMBER
-- column: DEFAULT_CHARACTER_SET_CATALOG TEXT
-- column: DEFAULT_CHARACTER_SET_SCHEMA TEXT
-- column: DEFAULT_CHARACTER_SET_NAME TEXT
-- column: SQL_PATH TEXT
-- column: CREATED TIMESTAMP_LTZ(3)
-- column: LAST_ALTERED TIMESTAMP_LTZ(3)
-- column: COMMENT TEXT
-- column: REPLICABLE_WITH_FAILOVER_GROUPS TEXT
-- column: OWNER_ROLE_TYPE TEXT
SELECT
    d.name AS "CATALOG_NAME",
    s.name AS "SCHEMA_NAME",
    s.owner AS "SCHEMA_OWNER",
    CASE WHEN s.detail ->> 'transient' = 'true' THEN 'YES' ELSE 'NO' END AS "IS_TRANSIENT",
    CASE WHEN s.detail ->> 'managed_access' = 'true' THEN 'YES' ELSE 'NO' END AS "IS_MANAGED_ACCESS",
    1 AS "RETENTION_TIME",
    NULL AS "DEFAULT_CHARACTER_SET_CATALOG",
    NULL AS "DEFAULT_CHARACTER_SET_SCHEMA",
    NULL AS "DEFAULT_CHARACTER_SET_NAME",
    NULL AS "SQL_PATH",
    s.created_on AS "CREATED",
    s.changed_on AS "LAST_ALTERED",
    s.comment AS "COMMENT",
    'UNSET' AS "REPLICABLE_WITH_FAILOVER_GROUPS",
    'ROLE' AS "OWNER_ROLE_TYPE"
FROM live AS s
JOIN here AS d ON d.id = s.parent
WHERE s.kind = 'SCHEMA'
UNION ALL
SELECT
    d.name, 'INFORMATION_SCHEMA', NULL, 'NO', 'NO', 1, NULL, NULL, NULL, NULL, d.created_on, d.created_on,
    'Views describing the contents of schemas in this database', 'UNSET', NULL
FROM here AS d
