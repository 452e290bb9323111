-- SHOW … POLICIES of a schema; columns as Snowflake's documentation lists them. {KIND} is the kind of policy.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: kind TEXT
-- column: owner TEXT
-- column: comment TEXT
-- column: owner_role_type TEXT
-- column: options TEXT
SELECT
    p.created_on,
    p.name,
    d.name AS database_name,
    s.name AS schema_name,
    replace(p.kind, ' ', '_') AS kind,
    p.owner,
    coalesce(p.comment, '') AS comment,
    'ROLE' AS owner_role_type,
    CASE
        WHEN (p.detail -> 'properties' ->> 'EXEMPT_OTHER_POLICIES') = 'true' THEN '{"EXEMPT_OTHER_POLICIES":"TRUE"}'
        ELSE ''
    END AS options
FROM live AS p
JOIN live AS s ON s.id = p.parent
JOIN live AS d ON d.id = s.parent
WHERE p.kind = '{KIND}'
