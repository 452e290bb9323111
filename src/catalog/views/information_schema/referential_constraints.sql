-- INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS; columns as Snowflake's documentation lists them.
-- column: CONSTRAINT_CATALOG TEXT
-- column: CONSTRAINT_SCHEMA TEXT
-- column: CONSTRAINT_NAME TEXT
-- column: UNIQUE_CONSTRAINT_CATALOG TEXT
-- column: UNIQUE_CONSTRAINT_SCHEMA TEXT
-- column: UNIQUE_CONSTRAINT_NAME TEXT
-- column: MATCH_OPTION TEXT
-- column: UPDATE_RULE TEXT
-- column: DELETE_RULE TEXT
-- column: COMMENT TEXT
-- column: CREATED TIMESTAMP_LTZ(3)
-- column: LAST_ALTERED TIMESTAMP_LTZ(3)
SELECT
    d.name AS "CONSTRAINT_CATALOG",
    s.name AS "CONSTRAINT_SCHEMA",
    c.item ->> 'name' AS "CONSTRAINT_NAME",
    c.item -> 'references' -> 0 ->> 0 AS "UNIQUE_CONSTRAINT_CATALOG",
    c.item -> 'references' -> 0 ->> 1 AS "UNIQUE_CONSTRAINT_SCHEMA",
    -- The key that a foreign key points to is known by its columns, not by its name.
    NULL AS "UNIQUE_CONSTRAINT_NAME",
    'FULL' AS "MATCH_OPTION",
    'NO ACTION' AS "UPDATE_RULE",
    'NO ACTION' AS "DELETE_RULE",
    NULL AS "COMMENT",
    c.created_on AS "CREATED",
    c.changed_on AS "LAST_ALTERED"
FROM (
    SELECT t.*, unnest(CAST(t.detail -> 'constraints' AS JSON[])) AS item
    FROM live AS t
    WHERE t.kind IN ('TABLE', 'DYNAMIC TABLE')
) AS c
JOIN live AS s ON s.id = c.parent
JOIN here AS d ON d.id = s.parent
WHERE c.item ->> 'kind' = 'FOREIGN_KEY'
