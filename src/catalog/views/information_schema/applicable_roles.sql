-- INFORMATION_SCHEMA.APPLICABLE_ROLES; columns as Snowflake's documentation lists them.
-- column: GRANTEE TEXT
-- column: ROLE_NAME TEXT
-- column: ROLE_OWNER TEXT
-- column: IS_GRANTABLE TEXT
SELECT
    h.name AS "GRANTEE",
    r.name AS "ROLE_NAME",
    r.owner AS "ROLE_OWNER",
    CASE WHEN g.detail ->> 'grant_option' = 'true' THEN 'YES' ELSE 'NO' END AS "IS_GRANTABLE"
FROM live AS g
JOIN live AS r ON r.id = g.parent AND r.kind = 'ROLE'
JOIN live AS h ON h.id = CAST(g.detail ->> 'grantee' AS UBIGINT)
WHERE g.kind = 'GRANT' AND g.detail ->> 'privilege' = 'USAGE'
