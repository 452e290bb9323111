-- SHOW RESOURCE MONITORS; columns as the drivers' tools read them.
-- column: name TEXT
-- column: credit_quota TEXT
-- column: used_credits TEXT
-- column: remaining_credits TEXT
-- column: level TEXT
-- column: frequency TEXT
-- column: start_time TEXT
-- column: end_time TEXT
-- column: notify_at TEXT
-- column: suspend_at TEXT
-- column: suspend_immediately_at TEXT
-- column: created_on TIMESTAMP_LTZ(3)
-- column: owner TEXT
-- column: comment TEXT
-- column: notify_users TEXT
SELECT
    m.name,
    CAST(CAST((m.detail -> 'properties' ->> 'CREDIT_QUOTA') AS DECIMAL(20, 2)) AS VARCHAR) AS credit_quota,
    '0.00' AS used_credits,
    CAST(CAST((m.detail -> 'properties' ->> 'CREDIT_QUOTA') AS DECIMAL(20, 2)) AS VARCHAR) AS remaining_credits,
    CASE
        WHEN EXISTS (
            SELECT 1 FROM live AS w
            WHERE w.kind = 'WAREHOUSE' AND (w.detail -> 'properties' ->> 'RESOURCE_MONITOR') = m.name
        ) THEN 'WAREHOUSE'
    END AS "level",
    coalesce((m.detail -> 'properties' ->> 'FREQUENCY'), 'MONTHLY') AS frequency,
    (m.detail -> 'properties' ->> 'START_TIMESTAMP') AS start_time,
    (m.detail -> 'properties' ->> 'END_TIMESTAMP') AS end_time,
    nullif(array_to_string(json_extract_string(m.detail, '$.properties.NOTIFY_AT[*]'), ','), '') AS notify_at,
    nullif(array_to_string(json_extract_string(m.detail, '$.properties.SUSPEND_AT[*]'), ','), '') AS suspend_at,
    nullif(array_to_string(json_extract_string(m.detail, '$.properties.SUSPEND_IMMEDIATELY_AT[*]'), ','), '') AS suspend_immediately_at,
    m.created_on,
    m.owner,
    coalesce(m.comment, '') AS comment,
    nullif(array_to_string(json_extract_string(m.detail, '$.properties.NOTIFY_USERS[*]'), ', '), '') AS notify_users
FROM live AS m
WHERE m.kind = 'RESOURCE MONITOR'
