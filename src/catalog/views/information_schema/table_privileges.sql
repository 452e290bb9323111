-- INFORMATION_SCHEMA.TABLE_PRIVILEGES; columns as Snowflake's documentation lists them.
-- column: GRANTOR TEXT
-- column: GRANTEE TEXT
-- column: GRANTED_TO TEXT
-- column: TABLE_CATALOG TEXT
-- column: TABLE_SCHEMA TEXT
-- column: TABLE_NAME TEXT
-- column: PRIVILEGE_TYPE TEXT
-- column: IS_GRANTABLE TEXT
-- column: WITH_HIERARCHY TEXT
-- column: CREATED TIMESTAMP_LTZ(3)
WITH privileges AS (
    SELECT o.id, g.detail ->> 'granted_by' AS grantor, h.name AS grantee, h.kind AS granted_to,
        g.detail ->> 'privilege' AS privilege, g.detail ->> 'grant_option' = 'true' AS is_grantable, g.created_on AS created
    FROM live AS o
    JOIN live AS g ON g.parent = o.id AND g.kind = 'GRANT' AND g.detail ->> 'future' IS NULL
    JOIN live AS h ON h.id = CAST(g.detail ->> 'grantee' AS UBIGINT)
    UNION ALL
    SELECT id, owner, owner, 'ROLE', 'OWNERSHIP', true, created_on
    FROM live
    WHERE owner <> ''
)
SELECT
    p.grantor AS "GRANTOR",
    p.grantee AS "GRANTEE",
    replace(p.granted_to, ' ', '_') AS "GRANTED_TO",
    d.name AS "TABLE_CATALOG",
    s.name AS "TABLE_SCHEMA",
    t.name AS "TABLE_NAME",
    p.privilege AS "PRIVILEGE_TYPE",
    CASE WHEN p.is_grantable THEN 'YES' ELSE 'NO' END AS "IS_GRANTABLE",
    'YES' AS "WITH_HIERARCHY",
    p.created AS "CREATED"
FROM privileges AS p
JOIN live AS t ON t.id = p.id
JOIN live AS s ON s.id = t.parent
JOIN here AS d ON d.id = s.parent
WHERE t.kind IN ('TABLE', 'DYNAMIC TABLE', 'VIEW', 'MATERIALIZED VIEW')
