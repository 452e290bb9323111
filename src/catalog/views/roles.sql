-- SHOW ROLES; columns as recorded from a live account.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: is_default TEXT
-- column: is_current TEXT
-- column: is_inherited TEXT
-- column: assigned_to_users NUMBER
-- column: granted_to_roles NUMBER
-- column: granted_roles NUMBER
-- column: owner TEXT
-- column: comment TEXT
-- column: is_from_organization_user_group TEXT
WITH RECURSIVE grants AS (
    SELECT g.parent AS granted, CAST(g.detail ->> 'grantee' AS UBIGINT) AS grantee, h.kind AS grantee_kind
    FROM live AS g
    JOIN live AS r ON r.id = g.parent AND r.kind = 'ROLE'
    JOIN live AS h ON h.id = CAST(g.detail ->> 'grantee' AS UBIGINT)
    WHERE g.kind = 'GRANT' AND (g.detail ->> 'privilege') = 'USAGE'
),
inherited AS (
    SELECT id FROM live WHERE kind = 'ROLE' AND name = (SELECT role FROM reader)
    UNION
    SELECT grants.granted FROM grants JOIN inherited ON inherited.id = grants.grantee
)
SELECT
    r.created_on,
    r.name,
    CASE WHEN r.name = (SELECT default_role FROM reader) THEN 'Y' ELSE 'N' END AS is_default,
    CASE WHEN r.name = (SELECT role FROM reader) THEN 'Y' ELSE 'N' END AS is_current,
    CASE
        WHEN r.name <> (SELECT role FROM reader) AND (r.name = 'PUBLIC' OR r.id IN (SELECT id FROM inherited)) THEN 'Y'
        ELSE 'N'
    END AS is_inherited,
    (SELECT count(*) FROM grants WHERE granted = r.id AND grantee_kind = 'USER') AS assigned_to_users,
    (SELECT count(*) FROM grants WHERE granted = r.id AND grantee_kind = 'ROLE') AS granted_to_roles,
    (SELECT count(*) FROM grants WHERE grantee = r.id) AS granted_roles,
    r.owner,
    coalesce(r.comment, '') AS comment,
    'N' AS is_from_organization_user_group
FROM live AS r
WHERE r.kind = 'ROLE'
