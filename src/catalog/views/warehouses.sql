-- SHOW WAREHOUSES; columns as recorded from a live account.
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
-- column: owner_role_type TEXT
-- column: resource_constraint TEXT
-- column: generation TEXT
-- column: query_throughput_multiplier TEXT
-- column: max_query_performance_level TEXT
-- column: disabled_reasons TEXT
-- column: tables TEXT
WITH warehouses AS (
    SELECT *, (detail -> 'properties' ->> 'INITIALLY_SUSPENDED') = 'true' IS TRUE AS is_suspended
    FROM live
    WHERE kind = 'WAREHOUSE'
)
SELECT
    name,
    CASE WHEN is_suspended THEN 'SUSPENDED' ELSE 'STARTED' END AS state,
    coalesce(detail -> 'properties' ->> 'WAREHOUSE_TYPE', 'STANDARD') AS type,
    coalesce(detail -> 'properties' ->> 'WAREHOUSE_SIZE', 'X-Small') AS size,
    coalesce(detail -> 'properties' ->> 'MIN_CLUSTER_COUNT', '1') AS min_cluster_count,
    coalesce(detail -> 'properties' ->> 'MAX_CLUSTER_COUNT', '1') AS max_cluster_count,
    CASE WHEN is_suspended THEN 0 ELSE 1 END AS started_clusters,
    0 AS running,
    0 AS queued,
    CASE WHEN name = (SELECT default_warehouse FROM reader) THEN 'Y' ELSE 'N' END AS is_default,
    CASE WHEN name = (SELECT warehouse FROM reader) THEN 'Y' ELSE 'N' END AS is_current,
    -- Set to NULL it is a JSON null, and not set it is not there.
    CASE
        WHEN json_exists(detail, '$.properties.AUTO_SUSPEND') THEN TRY_CAST(detail -> 'properties' ->> 'AUTO_SUSPEND' AS BIGINT)
        ELSE 600
    END AS auto_suspend,
    lower(coalesce(detail -> 'properties' ->> 'AUTO_RESUME', 'true')) AS auto_resume,
    CASE WHEN is_suspended THEN '' ELSE '100' END AS available,
    CASE WHEN is_suspended THEN '' ELSE '0' END AS provisioning,
    CASE WHEN is_suspended THEN '' ELSE '0' END AS quiescing,
    CASE WHEN is_suspended THEN '' ELSE '0' END AS other,
    created_on,
    created_on AS resumed_on,
    changed_on AS updated_on,
    owner,
    coalesce(comment, '') AS comment,
    lower(coalesce(detail -> 'properties' ->> 'ENABLE_QUERY_ACCELERATION', 'false')) AS enable_query_acceleration,
    coalesce(detail -> 'properties' ->> 'QUERY_ACCELERATION_MAX_SCALE_FACTOR', '8') AS query_acceleration_max_scale_factor,
    coalesce(detail -> 'properties' ->> 'RESOURCE_MONITOR', 'null') AS resource_monitor,
    CASE WHEN is_suspended THEN '0' ELSE '1' END AS actives,
    '0' AS pendings,
    '0' AS failed,
    CASE WHEN is_suspended THEN '1' ELSE '0' END AS suspended,
    CAST(id AS VARCHAR) AS uuid,
    upper(coalesce(detail -> 'properties' ->> 'SCALING_POLICY', 'STANDARD')) AS scaling_policy,
    'ROLE' AS owner_role_type,
    coalesce(
        (detail -> 'properties' ->> 'RESOURCE_CONSTRAINT'),
        'STANDARD_GEN_' || coalesce(detail -> 'properties' ->> 'GENERATION', '2')
    ) AS resource_constraint,
    coalesce(
        (detail -> 'properties' ->> 'GENERATION'),
        regexp_extract(detail -> 'properties' ->> 'RESOURCE_CONSTRAINT', 'STANDARD_GEN_(.)', 1),
        '2'
    ) AS generation,
    (detail -> 'properties' ->> 'QUERY_THROUGHPUT_MULTIPLIER') AS query_throughput_multiplier,
    (detail -> 'properties' ->> 'MAX_QUERY_PERFORMANCE_LEVEL') AS max_query_performance_level,
    NULL AS disabled_reasons,
    NULL AS tables
FROM warehouses
