-- SHOW STAGES; columns as Snowflake's documentation lists them.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: url TEXT
-- column: has_credentials TEXT
-- column: has_encryption_key TEXT
-- column: owner TEXT
-- column: comment TEXT
-- column: region TEXT
-- column: type TEXT
-- column: cloud TEXT
-- column: notification_channel TEXT
-- column: storage_integration TEXT
-- column: endpoint TEXT
-- column: owner_role_type TEXT
-- column: directory_enabled TEXT
SELECT
    g.created_on,
    g.name,
    d.name AS database_name,
    s.name AS schema_name,
    coalesce((g.detail ->> 'url'), '') AS url,
    CASE WHEN len(json_keys(g.detail -> 'credentials')) > 0 AND (g.detail ->> 'url') IS NOT NULL
        THEN 'Y' ELSE 'N' END AS has_credentials,
    CASE WHEN (g.detail -> 'credentials' ->> 'MASTER_KEY') IS NOT NULL THEN 'Y' ELSE 'N' END AS has_encryption_key,
    g.owner,
    coalesce(g.comment, '') AS comment,
    NULL AS region,
    CASE WHEN (g.detail ->> 'url') IS NOT NULL THEN 'EXTERNAL' ELSE 'INTERNAL' END
        || CASE WHEN g.session IS NOT NULL THEN ' TEMPORARY' ELSE '' END
        || CASE WHEN (g.detail ->> 'encryption') = 'SNOWFLAKE_SSE' THEN ' NO CSE' ELSE '' END AS type,
    CASE
        WHEN (g.detail ->> 'url') LIKE 's3%' THEN 'AWS'
        WHEN (g.detail ->> 'url') LIKE 'gcs%' THEN 'GCP'
        WHEN (g.detail ->> 'url') LIKE 'azure%' THEN 'AZURE'
    END AS cloud,
    NULL AS notification_channel,
    upper(g.detail -> 'location' ->> 'STORAGE_INTEGRATION') AS storage_integration,
    g.detail -> 'location' ->> 'ENDPOINT' AS endpoint,
    'ROLE' AS owner_role_type,
    CASE WHEN (g.detail ->> 'directory') IS NOT NULL THEN 'Y' ELSE 'N' END AS directory_enabled
FROM live AS g
JOIN live AS s ON s.id = g.parent AND s.kind = 'SCHEMA'
JOIN live AS d ON d.id = s.parent
WHERE g.kind = 'STAGE'
