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
-- history: dropped_on TIMESTAMP_LTZ(3)
-- column: kind TEXT
-- column: owner_role_type TEXT
-- column: object_visibility TEXT
-- column: data_quality_monitoring_settings TEXT
-- column: resharing_settings TEXT
SELECT
    created_on,
    name,
    'N' AS is_default,
    CASE WHEN name = (SELECT database FROM reader) AND dropped_on IS NULL THEN 'Y' ELSE 'N' END AS is_current,
    '' AS origin,
    owner,
    coalesce(comment, '') AS comment,
    CASE WHEN detail ->> 'transient' = 'true' THEN 'TRANSIENT' ELSE '' END AS options,
    '1' AS retention_time,
    dropped_on,
    'STANDARD' AS kind,
    'ROLE' AS owner_role_type,
    NULL AS object_visibility,
    NULL AS data_quality_monitoring_settings,
    NULL AS resharing_settings
FROM live
WHERE kind = 'DATABASE'
