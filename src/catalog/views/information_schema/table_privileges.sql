-- INFORMATION_SCHEMA.TABLE_PRIVILEGES; columns as Snowflake's documentation lists them.
-- column: GRANTOR TEXT
-- column: GRANTEE TEXT
-- column: GRANTED_TO TEXT
-- column: TABLE_CATALOG TEXT
-- column: TABLE_SCHEMA TEXT
-- column: TABLE_NAME TEXT
-- column: PRIVILEGE_TYPE TEXT
-- column: IS_GRANTABLE TEXT
-- column: WITH_HIERARCHY TEXT
-- column: CREATED TIMESTAMP_LTZ(3)
SELECT
    t.owner AS "GRANTOR",
    t.owner AS "GRANTEE",
    'ROLE' AS "GRANTED_TO",
    d.name AS "TABLE_CATALOG",
    s.name AS "TABLE_SCHEMA",
    t.name AS "TABLE_NAME",
    'OWNERSHIP' AS "PRIVILEGE_TYPE",
    'YES' AS "IS_GRANTABLE",
    'YES' AS "WITH_HIERARCHY",
    t.created_on AS "CREATED"
FROM live AS t
JOIN live AS s ON s.id = t.parent
JOIN here AS d ON d.id = s.parent
WHERE t.kind IN ('TABLE', 'VIEW')
