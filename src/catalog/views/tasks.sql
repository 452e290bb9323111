-- SHOW TASKS; columns as Snowflake's documentation lists them. None can be created yet.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: id TEXT
-- column: database_name TEXT
-- column: schema_name TEXT
-- column: owner TEXT
-- column: comment TEXT
-- column: warehouse TEXT
-- column: schedule TEXT
-- column: scheduling_mode TEXT
-- column: target_completion_interval TEXT
-- column: predecessors TEXT
-- column: state TEXT
-- column: definition TEXT
-- column: condition TEXT
-- column: allow_overlapping_execution TEXT
-- column: error_integration TEXT
-- column: success_integration TEXT
-- column: last_committed_on TIMESTAMP_LTZ(3)
-- column: last_suspended_on TIMESTAMP_LTZ(3)
-- column: owner_role_type TEXT
-- column: config TEXT
-- column: last_suspended_reason TEXT
-- column: task_relations TEXT
-- column: execute_as_user TEXT
SELECT
    CAST(NULL AS TIMESTAMP) AS created_on,
    CAST(NULL AS VARCHAR) AS name,
    CAST(NULL AS VARCHAR) AS id,
    CAST(NULL AS VARCHAR) AS database_name,
    CAST(NULL AS VARCHAR) AS schema_name,
    CAST(NULL AS VARCHAR) AS owner,
    CAST(NULL AS VARCHAR) AS comment,
    CAST(NULL AS VARCHAR) AS warehouse,
    CAST(NULL AS VARCHAR) AS schedule,
    CAST(NULL AS VARCHAR) AS scheduling_mode,
    CAST(NULL AS VARCHAR) AS target_completion_interval,
    CAST(NULL AS VARCHAR) AS predecessors,
    CAST(NULL AS VARCHAR) AS state,
    CAST(NULL AS VARCHAR) AS definition,
    CAST(NULL AS VARCHAR) AS condition,
    CAST(NULL AS VARCHAR) AS allow_overlapping_execution,
    CAST(NULL AS VARCHAR) AS error_integration,
    CAST(NULL AS VARCHAR) AS success_integration,
    CAST(NULL AS TIMESTAMP) AS last_committed_on,
    CAST(NULL AS TIMESTAMP) AS last_suspended_on,
    CAST(NULL AS VARCHAR) AS owner_role_type,
    CAST(NULL AS VARCHAR) AS config,
    CAST(NULL AS VARCHAR) AS last_suspended_reason,
    CAST(NULL AS VARCHAR) AS task_relations,
    CAST(NULL AS VARCHAR) AS execute_as_user
WHERE FALSE
