-- SHOW SEQUENCES; columns as Snowflake's documentation lists them.
-- column: name TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: next_value NUMBER
-- column: interval NUMBER
-- column: created_on TIMESTAMP_LTZ(3)
-- column: owner TEXT
-- column: comment TEXT
-- column: owner_role_type TEXT
-- column: ordered TEXT
SELECT
    q.name,
    d.name AS database_name,
    s.name AS schema_name,
    CAST(q.detail ->> 'next' AS DECIMAL(38, 0)) AS next_value,
    CAST(q.detail ->> 'increment' AS BIGINT) AS interval,
    q.created_on,
    q.owner,
    coalesce(q.comment, '') AS comment,
    'ROLE' AS owner_role_type,
    CASE WHEN q.detail ->> 'ordered' = 'true' THEN 'Y' ELSE 'N' END AS ordered
FROM live AS q
JOIN live AS s ON s.id = q.parent AND s.kind = 'SCHEMA'
JOIN live AS d ON d.id = s.parent
WHERE q.kind = 'SEQUENCE'
