-- SHOW VIEWS; columns as Snowflake's documentation lists them.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: reserved TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: owner TEXT
-- column: comment TEXT
-- column: text TEXT
-- column: is_secure TEXT
-- column: is_materialized TEXT
-- column: owner_role_type TEXT
-- column: change_tracking TEXT
SELECT
    v.created_on,
    v.name,
    '' AS reserved,
    d.name AS database_name,
    s.name AS schema_name,
    v.owner,
    coalesce(v.comment, '') AS comment,
    v.detail ->> 'text' AS text,
    v.detail ->> 'secure' AS is_secure,
    CASE WHEN v.kind = 'VIEW' THEN 'false' ELSE 'true' END AS is_materialized,
    'ROLE' AS owner_role_type,
    CASE WHEN v.detail ->> 'change_tracking' = 'true' THEN 'ON' ELSE 'OFF' END AS change_tracking
FROM live AS v
JOIN live AS s ON s.id = v.parent
JOIN live AS d ON d.id = s.parent
WHERE v.kind IN ('VIEW', 'MATERIALIZED VIEW')
