-- SHOW DATABASES; columns as Snowflake's documentation lists them.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: is_default TEXT
-- column: is_current TEXT
-- column: origin TEXT
-- column: owner TEXT
-- column: comment TEXT
-- column: options TEXT
-- column: retention_time TEXT
-- column: kind TEXT
-- column: budget TEXT
-- column: owner_role_type TEXT
-- column: object_visibility TEXT
SELECT
    created_on,
    name,
    'N' AS is_default,
    CASE WHEN name = (SELECT database FROM reader) THEN 'Y' ELSE 'N' END AS is_current,
    '' AS origin,
    owner,
    coalesce(comment, '') AS comment,
    CASE WHEN detail ->> 'transient' = 'true' THEN 'TRANSIENT' ELSE '' END AS options,
    '1' AS retention_time,
    'STANDARD' AS kind,
    NULL AS budget,
    'ROLE' AS owner_role_type,
    NULL AS object_visibility
FROM live
WHERE kind = 'DATABASE'
