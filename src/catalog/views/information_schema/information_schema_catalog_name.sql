-- INFORMATION_SCHEMA.INFORMATION_SCHEMA_CATALOG_NAME; columns as Snowflake's documentation lists them.
-- column: CATALOG_NAME TEXT
SELECT name AS "CATALOG_NAME" FROM here
