-- INFORMATION_SCHEMA.APPLICABLE_ROLES; columns as Snowflake's documentation lists them.
-- column: GRANTEE TEXT
-- column: ROLE_NAME TEXT
-- column: ROLE_OWNER TEXT
-- column: IS_GRANTABLE TEXT
SELECT name AS "GRANTEE", name AS "ROLE_NAME", owner AS "ROLE_OWNER", 'NO' AS "IS_GRANTABLE"
FROM live
WHERE kind = 'ROLE'
