-- SHOW SECRETS; columns as Snowflake's documentation lists them.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: schema_name TEXT
-- column: database_name TEXT
-- column: owner TEXT
-- column: comment TEXT
-- column: secret_type TEXT
-- column: oauth_scopes TEXT
-- column: owner_role_type TEXT
SELECT
    r.created_on,
    r.name,
    s.name AS schema_name,
    d.name AS database_name,
    r.owner,
    coalesce(r.comment, '') AS comment,
    (r.detail -> 'properties' ->> 'TYPE') AS secret_type,
    CAST((r.detail -> 'properties' -> 'OAUTH_SCOPES') AS VARCHAR) AS oauth_scopes,
    'ROLE' AS owner_role_type
FROM live AS r
JOIN live AS s ON s.id = r.parent
JOIN live AS d ON d.id = s.parent
WHERE r.kind = 'SECRET'
