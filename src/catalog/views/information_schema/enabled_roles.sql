-- INFORMATION_SCHEMA.ENABLED_ROLES; columns as Snowflake's documentation lists them.
-- column: ROLE_NAME TEXT
-- column: ROLE_OWNER TEXT
SELECT name AS "ROLE_NAME", owner AS "ROLE_OWNER"
FROM live
WHERE kind = 'ROLE'
