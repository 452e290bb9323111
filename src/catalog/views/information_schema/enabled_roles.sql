-- INFORMATION_SCHEMA.ENABLED_ROLES; columns as Snowflake's documentation lists them.
-- column: ROLE_NAME TEXT
-- column: ROLE_OWNER TEXT
WITH RECURSIVE grants AS (
    SELECT g.parent AS granted, CAST(g.detail ->> 'grantee' AS UBIGINT) AS grantee
    FROM live AS g
    JOIN live AS r ON r.id = g.parent AND r.kind = 'ROLE'
    WHERE g.kind = 'GRANT' AND g.detail ->> 'privilege' = 'USAGE'
),
enabled AS (
    SELECT id FROM live WHERE kind = 'ROLE' AND (name = (SELECT role FROM reader) OR name = 'PUBLIC')
    UNION
    SELECT grants.granted FROM grants JOIN enabled ON enabled.id = grants.grantee
)
SELECT r.name AS "ROLE_NAME", r.owner AS "ROLE_OWNER"
FROM live AS r
JOIN enabled ON enabled.id = r.id
