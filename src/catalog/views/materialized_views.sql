-- SHOW MATERIALIZED VIEWS; columns as Snowflake's documentation lists them.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: reserved TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: cluster_by TEXT
-- column: rows NUMBER
-- column: bytes NUMBER
-- column: source_database_name TEXT
-- column: source_schema_name TEXT
-- column: source_table_name TEXT
-- column: refreshed_on TIMESTAMP_LTZ(3)
-- column: compacted_on TIMESTAMP_LTZ(3)
-- column: owner TEXT
-- column: invalid TEXT
-- column: invalid_reason TEXT
-- column: behind_by TEXT
-- column: comment TEXT
-- column: text TEXT
-- column: is_secure TEXT
-- column: automatic_clustering TEXT
-- column: owner_role_type TEXT
-- column: budget TEXT
SELECT
    v.created_on,
    v.name,
    '' AS reserved,
    d.name AS database_name,
    s.name AS schema_name,
    coalesce('LINEAR(' || json_extract_string(v.detail, '$.materialized.cluster_by') || ')', '') AS cluster_by,
    -- Its rows are computed when they are read.
    NULL AS rows,
    NULL AS bytes,
    json_extract_string(v.detail, '$.materialized.source[0]') AS source_database_name,
    json_extract_string(v.detail, '$.materialized.source[1]') AS source_schema_name,
    json_extract_string(v.detail, '$.materialized.source[2]') AS source_table_name,
    v.changed_on AS refreshed_on,
    NULL AS compacted_on,
    v.owner,
    'false' AS invalid,
    '' AS invalid_reason,
    '0s' AS behind_by,
    coalesce(v.comment, '') AS comment,
    v.detail ->> 'text' AS text,
    v.detail ->> 'secure' AS is_secure,
    CASE WHEN json_extract_string(v.detail, '$.materialized.cluster_by') IS NULL THEN 'OFF' ELSE 'ON' END
        AS automatic_clustering,
    'ROLE' AS owner_role_type,
    NULL AS budget
FROM live AS v
JOIN live AS s ON s.id = v.parent
JOIN live AS d ON d.id = s.parent
WHERE v.kind = 'MATERIALIZED VIEW'
