-- SHOW WAREHOUSES; columns as Snowflake's documentation lists them.
-- column: name TEXT
-- column: state TEXT
-- column: type TEXT
-- column: size TEXT
-- column: min_cluster_count NUMBER
-- column: max_cluster_count NUMBER
-- column: started_clusters NUMBER
-- column: running NUMBER
-- column: queued NUMBER
-- column: is_default TEXT
-- column: is_current TEXT
-- column: auto_suspend NUMBER
-- column: auto_resume TEXT
-- column: available TEXT
-- column: provisioning TEXT
-- column: quiescing TEXT
-- column: other TEXT
-- column: created_on TIMESTAMP_LTZ(3)
-- column: resumed_on TIMESTAMP_LTZ(3)
-- column: updated_on TIMESTAMP_LTZ(3)
-- column: owner TEXT
-- column: comment TEXT
-- column: enable_query_acceleration TEXT
-- column: query_acceleration_max_scale_factor NUMBER
-- column: resource_monitor TEXT
-- column: actives TEXT
-- column: pendings TEXT
-- column: failed TEXT
-- column: suspended TEXT
-- column: uuid TEXT
-- column: scaling_policy TEXT
-- column: budget TEXT
-- column: owner_role_type TEXT
-- column: resource_constraint TEXT
SELECT
    name,
    -- A warehouse is always ready.
    'STARTED' AS state,
    coalesce(detail -> 'properties' ->> 'WAREHOUSE_TYPE', 'STANDARD') AS type,
    coalesce(detail -> 'properties' ->> 'WAREHOUSE_SIZE', 'X-Small') AS size,
    coalesce(detail -> 'properties' ->> 'MIN_CLUSTER_COUNT', '1') AS min_cluster_count,
    coalesce(detail -> 'properties' ->> 'MAX_CLUSTER_COUNT', '1') AS max_cluster_count,
    1 AS started_clusters,
    0 AS running,
    0 AS queued,
    'N' AS is_default,
    CASE WHEN name = (SELECT warehouse FROM reader) THEN 'Y' ELSE 'N' END AS is_current,
    TRY_CAST(coalesce(detail -> 'properties' ->> 'AUTO_SUSPEND', '600') AS INTEGER) AS auto_suspend,
    lower(coalesce(detail -> 'properties' ->> 'AUTO_RESUME', 'true')) AS auto_resume,
    '100' AS available,
    '0' AS provisioning,
    '0' AS quiescing,
    '0' AS other,
    created_on,
    created_on AS resumed_on,
    changed_on AS updated_on,
    owner,
    coalesce(comment, '') AS comment,
    lower(coalesce(detail -> 'properties' ->> 'ENABLE_QUERY_ACCELERATION', 'false')) AS enable_query_acceleration,
    8 AS query_acceleration_max_scale_factor,
    coalesce(detail -> 'properties' ->> 'RESOURCE_MONITOR', 'null') AS resource_monitor,
    '1' AS actives,
    '0' AS pendings,
    '0' AS failed,
    '0' AS suspended,
    CAST(id AS VARCHAR) AS uuid,
    upper(coalesce(detail -> 'properties' ->> 'SCALING_POLICY', 'STANDARD')) AS scaling_policy,
    NULL AS budget,
    'ROLE' AS owner_role_type,
    detail -> 'properties' ->> 'RESOURCE_CONSTRAINT' AS resource_constraint
FROM live
WHERE kind = 'WAREHOUSE'
