-- SHOW TAGS; columns as recorded from a live account.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: owner TEXT
-- column: comment TEXT
-- column: allowed_values TEXT
-- column: owner_role_type TEXT
-- column: propagate TEXT
-- column: on_conflict TEXT
-- column: multi_value TEXT
SELECT
    t.created_on,
    t.name,
    d.name AS database_name,
    s.name AS schema_name,
    t.owner,
    coalesce(t.comment, '') AS comment,
    CAST((t.detail -> 'properties' -> 'ALLOWED_VALUES') AS VARCHAR) AS allowed_values,
    'ROLE' AS owner_role_type,
    coalesce((t.detail -> 'properties' ->> 'PROPAGATE'), 'NONE') AS propagate,
    (t.detail -> 'properties' ->> 'ON_CONFLICT') AS on_conflict,
    coalesce((t.detail -> 'properties' ->> 'MULTI_VALUE'), 'false') AS multi_value
FROM live AS t
JOIN live AS s ON s.id = t.parent
JOIN live AS d ON d.id = s.parent
WHERE t.kind = 'TAG'
