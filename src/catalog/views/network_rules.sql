-- SHOW NETWORK RULES; columns as Snowflake's documentation lists them.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: owner TEXT
-- column: comment TEXT
-- column: type TEXT
-- column: mode TEXT
-- column: entries_in_valuelist NUMBER
-- column: owner_role_type TEXT
SELECT
    r.created_on,
    r.name,
    d.name AS database_name,
    s.name AS schema_name,
    r.owner,
    coalesce(r.comment, '') AS comment,
    (r.detail -> 'properties' ->> 'TYPE') AS type,
    coalesce((r.detail -> 'properties' ->> 'MODE'), 'INGRESS') AS mode,
    coalesce(json_array_length((r.detail -> 'properties' -> 'VALUE_LIST')), 0) AS entries_in_valuelist,
    'ROLE' AS owner_role_type
FROM live AS r
JOIN live AS s ON s.id = r.parent
JOIN live AS d ON d.id = s.parent
WHERE r.kind = 'NETWORK RULE'
