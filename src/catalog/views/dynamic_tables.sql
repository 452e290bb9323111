-- SHOW DYNAMIC TABLES; columns as recorded from a live account.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: cluster_by TEXT
-- column: rows NUMBER
-- column: bytes NUMBER
-- column: owner TEXT
-- column: target_lag TEXT
-- column: refresh_mode TEXT
-- column: refresh_mode_reason TEXT
-- column: warehouse TEXT
-- column: comment TEXT
-- column: text TEXT
-- column: automatic_clustering TEXT
-- column: scheduling_state TEXT
-- column: last_suspended_on TIMESTAMP_LTZ(3)
-- column: is_clone TEXT
-- column: is_replica TEXT
-- column: is_iceberg TEXT
-- column: data_timestamp TIMESTAMP_LTZ(3)
-- column: owner_role_type TEXT
-- column: execute_as_user TEXT
-- column: secondary_role_names TEXT
-- column: insert_only_inputs TEXT
-- column: immutable_where TEXT
-- column: initialization_warehouse TEXT
-- column: backfill_from TEXT
-- column: scheduler TEXT
-- column: frozen_where TEXT
-- column: configured_refresh_mode TEXT
SELECT
    t.created_on,
    t.name,
    d.name AS database_name,
    s.name AS schema_name,
    coalesce('LINEAR(' || (t.detail ->> 'cluster_by') || ')', '') AS cluster_by,
    p.estimated_size AS rows,
    NULL AS bytes,
    t.owner,
    json_extract_string(t.detail, '$.dynamic.properties.TARGET_LAG') AS target_lag,
    -- A refresh computes all rows anew, whatever mode it has.
    CASE coalesce(json_extract_string(t.detail, '$.dynamic.properties.REFRESH_MODE'), 'AUTO')
        WHEN 'FULL' THEN 'FULL'
        ELSE 'INCREMENTAL'
    END AS refresh_mode,
    NULL AS refresh_mode_reason,
    json_extract_string(t.detail, '$.dynamic.properties.WAREHOUSE') AS warehouse,
    coalesce(t.comment, '') AS comment,
    json_extract_string(t.detail, '$.dynamic.text') AS text,
    CASE WHEN t.detail ->> 'cluster_by' IS NULL THEN 'OFF' ELSE 'ON' END AS automatic_clustering,
    CASE WHEN json_extract_string(t.detail, '$.dynamic.suspended') = 'true' THEN 'SUSPENDED' ELSE 'ACTIVE' END
        AS scheduling_state,
    CASE WHEN json_extract_string(t.detail, '$.dynamic.suspended') = 'true' THEN t.changed_on END AS last_suspended_on,
    'false' AS is_clone,
    'false' AS is_replica,
    'false' AS is_iceberg,
    make_timestamp(CAST(json_extract_string(t.detail, '$.dynamic.refreshed_on') AS BIGINT)) AS data_timestamp,
    'ROLE' AS owner_role_type,
    json_extract_string(t.detail, '$.dynamic.properties.EXECUTE_AS_USER') AS execute_as_user,
    NULL AS secondary_role_names,
    NULL AS insert_only_inputs,
    NULL AS immutable_where,
    json_extract_string(t.detail, '$.dynamic.properties.INITIALIZATION_WAREHOUSE') AS initialization_warehouse,
    NULL AS backfill_from,
    coalesce(json_extract_string(t.detail, '$.dynamic.properties.SCHEDULER'), 'ENABLE') AS scheduler,
    NULL AS frozen_where,
    coalesce(json_extract_string(t.detail, '$.dynamic.properties.REFRESH_MODE'), 'AUTO') AS configured_refresh_mode
FROM live AS t
JOIN live AS s ON s.id = t.parent
JOIN live AS d ON d.id = s.parent
LEFT JOIN duckdb_tables() AS p ON p.schema_name = 'data' AND p.table_name = t.detail ->> 'physical_name'
WHERE t.kind = 'DYNAMIC TABLE'
