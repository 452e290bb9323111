-- SHOW ROLES; columns as Snowflake's documentation lists them.
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
SELECT
    created_on,
    name,
    'N' AS is_default,
    CASE WHEN name = (SELECT role FROM reader) THEN 'Y' ELSE 'N' END AS is_current,
    'N' AS is_inherited,
    0 AS assigned_to_users,
    0 AS granted_to_roles,
    0 AS granted_roles,
    owner,
    coalesce(comment, '') AS comment
FROM live
WHERE kind = 'ROLE'
