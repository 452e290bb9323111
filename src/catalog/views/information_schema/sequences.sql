-- INFORMATION_SCHEMA.SEQUENCES; columns as Snowflake's documentation lists them.
-- column: SEQUENCE_CATALOG TEXT
-- column: SEQUENCE_SCHEMA TEXT
-- column: SEQUENCE_NAME TEXT
-- column: SEQUENCE_OWNER TEXT
-- column: DATA_TYPE TEXT
-- column: NUMERIC_PRECISION NUMBER
-- column: NUMERIC_PRECISION_RADIX NUMBER
-- column: NUMERIC_SCALE NUMBER
-- column: START_VALUE TEXT
-- column: MINIMUM_VALUE TEXT
-- column: MAXIMUM_VALUE TEXT
-- column: NEXT_VALUE TEXT
-- column: INCREMENT TEXT
-- column: CYCLE_OPTION TEXT
-- column: CREATED TIMESTAMP_LTZ(3)
-- column: LAST_ALTERED TIMESTAMP_LTZ(3)
-- column: ORDERED TEXT
-- column: COMMENT TEXT
SELECT
    d.name AS "SEQUENCE_CATALOG",
    s.name AS "SEQUENCE_SCHEMA",
    q.name AS "SEQUENCE_NAME",
    q.owner AS "SEQUENCE_OWNER",
    'NUMBER' AS "DATA_TYPE",
    38 AS "NUMERIC_PRECISION",
    10 AS "NUMERIC_PRECISION_RADIX",
    0 AS "NUMERIC_SCALE",
    q.detail ->> 'start' AS "START_VALUE",
    NULL AS "MINIMUM_VALUE",
    NULL AS "MAXIMUM_VALUE",
    q.detail ->> 'next' AS "NEXT_VALUE",
    q.detail ->> 'increment' AS "INCREMENT",
    'NO' AS "CYCLE_OPTION",
    q.created_on AS "CREATED",
    q.changed_on AS "LAST_ALTERED",
    CASE WHEN q.detail ->> 'ordered' = 'true' THEN 'YES' ELSE 'NO' END AS "ORDERED",
    q.comment AS "COMMENT"
FROM live AS q
JOIN live AS s ON s.id = q.parent AND s.kind = 'SCHEMA'
JOIN here AS d ON d.id = s.parent
WHERE q.kind = 'SEQUENCE'
