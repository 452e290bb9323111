-- SHOW DATABASE ROLES; columns as Snowflake's documentation lists them.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: is_default TEXT
-- column: is_current TEXT
-- column: is_inherited TEXT
-- column: granted_to_roles NUMBER
-- column: granted_to_database_roles NUMBER
-- column: granted_database_roles NUMBER
-- column: owner TEXT
-- column: comment TEXT
-- column: owner_role_type TEXT
-- column: database_name TEXT
SELECT
    r.created_on,
    r.name,
    'N' AS is_default,
    'N' AS is_current,
    'N' AS is_inherited,
    (
        SELECT count(*) FROM live AS g JOIN live AS h ON h.id = CAST(g.detail ->> 'grantee' AS UBIGINT)
        WHERE g.kind = 'GRANT' AND g.parent = r.id AND h.kind = 'ROLE'
    ) AS granted_to_roles,
    (
        SELECT count(*) FROM live AS g JOIN live AS h ON h.id = CAST(g.detail ->> 'grantee' AS UBIGINT)
        WHERE g.kind = 'GRANT' AND g.parent = r.id AND h.kind = 'DATABASE ROLE'
    ) AS granted_to_database_roles,
    (
        SELECT count(*) FROM live AS g JOIN live AS h ON h.id = g.parent
        WHERE g.kind = 'GRANT' AND (g.detail ->> 'grantee') = CAST(r.id AS VARCHAR) AND h.kind = 'DATABASE ROLE'
    ) AS granted_database_roles,
    r.owner,
    coalesce(r.comment, '') AS comment,
    'ROLE' AS owner_role_type,
    d.name AS database_name
FROM live AS r
JOIN live AS d ON d.id = r.parent
WHERE r.kind = 'DATABASE ROLE'
