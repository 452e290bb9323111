-- SHOW SCHEMAS; columns as Snowflake's documentation lists them.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: is_default TEXT
-- column: is_current TEXT
-- column: database_name TEXT
-- column: owner TEXT
-- column: comment TEXT
-- column: options TEXT
-- column: retention_time TEXT
-- history: dropped_on TIMESTAMP_LTZ(3)
-- column: owner_role_type TEXT
-- column: classification_profile_database TEXT
-- column: classification_profile_schema TEXT
-- column: classification_profile TEXT
-- column: object_visibility TEXT
-- column: is_nested TEXT
SELECT
    s.created_on,
    s.name,
    'N' AS is_default,
    CASE
        WHEN s.dropped_on IS NULL AND (d.name, s.name) = (SELECT (database, schema) FROM reader) THEN 'Y'
        ELSE 'N'
    END AS is_current,
    d.name AS database_name,
    s.owner,
    coalesce(s.comment, '') AS comment,
    concat_ws(
        ', ',
        CASE WHEN s.detail ->> 'transient' = 'true' THEN 'TRANSIENT' END,
        CASE WHEN s.detail ->> 'managed_access' = 'true' THEN 'MANAGED ACCESS' END
    ) AS options,
    '1' AS retention_time,
    s.dropped_on AS dropped_on,
    'ROLE' AS owner_role_type,
    NULL AS classification_profile_database,
    NULL AS classification_profile_schema,
    NULL AS classification_profile,
    NULL AS object_visibility,
    'false' AS is_nested
FROM live AS s
JOIN live AS d ON d.id = s.parent
WHERE s.kind = 'SCHEMA'
UNION ALL
-- Every database has this one; it is as new as the question.
SELECT
    (SELECT now FROM reader),
    'INFORMATION_SCHEMA',
    'N',
    CASE WHEN (name, 'INFORMATION_SCHEMA') = (SELECT (database, schema) FROM reader) THEN 'Y' ELSE 'N' END,
    name,
    '',
    'Views describing the contents of schemas in this database',
    '',
    '1',
    NULL,
    '',
    NULL,
    NULL,
    NULL,
    NULL,
    'false'
FROM live
WHERE kind = 'DATABASE' AND dropped_on IS NULL
