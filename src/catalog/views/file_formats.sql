-- SHOW FILE FORMATS; columns in the order of a live account.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: type TEXT
-- column: owner TEXT
-- column: comment TEXT
-- column: format_options TEXT
-- column: owner_role_type TEXT
SELECT
    f.created_on,
    f.name,
    d.name AS database_name,
    s.name AS schema_name,
    f.detail -> 'format' ->> 'type' AS type,
    f.owner,
    coalesce(f.comment, '') AS comment,
    f.detail ->> 'shown' AS format_options,
    'ROLE' AS owner_role_type
FROM live AS f
JOIN live AS s ON s.id = f.parent AND s.kind = 'SCHEMA'
JOIN live AS d ON d.id = s.parent
WHERE f.kind = 'FILE FORMAT'
