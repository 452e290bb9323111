-- INFORMATION_SCHEMA.TABLE_CONSTRAINTS; columns as Snowflake's documentation lists them.
-- column: CONSTRAINT_CATALOG TEXT
-- column: CONSTRAINT_SCHEMA TEXT
-- column: CONSTRAINT_NAME TEXT
-- column: TABLE_CATALOG TEXT
-- column: TABLE_SCHEMA TEXT
-- column: TABLE_NAME TEXT
-- column: CONSTRAINT_TYPE TEXT
-- column: IS_DEFERRABLE TEXT
-- column: INITIALLY_DEFERRED TEXT
-- column: ENFORCED TEXT
-- column: COMMENT TEXT
-- column: CREATED TIMESTAMP_LTZ(3)
-- column: LAST_ALTERED TIMESTAMP_LTZ(3)
-- column: RELY TEXT
SELECT
    d.name AS "CONSTRAINT_CATALOG",
    s.name AS "CONSTRAINT_SCHEMA",
    c.item ->> 'name' AS "CONSTRAINT_NAME",
    d.name AS "TABLE_CATALOG",
    s.name AS "TABLE_SCHEMA",
    c.name AS "TABLE_NAME",
    replace(c.item ->> 'kind', '_', ' ') AS "CONSTRAINT_TYPE",
    'NO' AS "IS_DEFERRABLE",
    'YES' AS "INITIALLY_DEFERRED",
    'NO' AS "ENFORCED",
    NULL AS "COMMENT",
    c.created_on AS "CREATED",
    c.changed_on AS "LAST_ALTERED",
    CASE WHEN c.item ->> 'rely' = 'true' THEN 'YES' ELSE 'NO' END AS "RELY"
FROM (
    SELECT t.*, unnest(CAST(t.detail -> 'constraints' AS JSON[])) AS item
    FROM live AS t
    WHERE t.kind IN ('TABLE', 'DYNAMIC TABLE')
) AS c
JOIN live AS s ON s.id = c.parent
JOIN here AS d ON d.id = s.parent
