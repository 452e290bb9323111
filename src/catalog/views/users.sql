-- SHOW USERS; columns as recorded from a live account.
-- column: name TEXT
-- column: created_on TIMESTAMP_LTZ(3)
-- column: login_name TEXT
-- column: display_name TEXT
-- column: first_name TEXT
-- column: last_name TEXT
-- column: email TEXT
-- column: mins_to_unlock TEXT
-- column: days_to_expiry TEXT
-- column: comment TEXT
-- column: disabled TEXT
-- column: must_change_password TEXT
-- column: snowflake_lock TEXT
-- column: default_warehouse TEXT
-- column: default_namespace TEXT
-- column: default_role TEXT
-- column: default_secondary_roles TEXT
-- column: ext_authn_duo TEXT
-- column: ext_authn_uid TEXT
-- column: mins_to_bypass_mfa TEXT
-- column: owner TEXT
-- column: last_success_login TIMESTAMP_LTZ(3)
-- column: expires_at_time TIMESTAMP_LTZ(3)
-- column: locked_until_time TIMESTAMP_LTZ(3)
-- column: has_password TEXT
-- column: has_rsa_public_key TEXT
-- column: type TEXT
-- column: has_mfa TEXT
-- column: has_pat TEXT
-- column: has_workload_identity TEXT
-- column: is_from_organization_user TEXT
SELECT
    name,
    created_on,
    coalesce(detail -> 'properties' ->> 'LOGIN_NAME', upper(name)) AS login_name,
    coalesce(detail -> 'properties' ->> 'DISPLAY_NAME', name) AS display_name,
    coalesce(detail -> 'properties' ->> 'FIRST_NAME', '') AS first_name,
    coalesce(detail -> 'properties' ->> 'LAST_NAME', '') AS last_name,
    coalesce(detail -> 'properties' ->> 'EMAIL', '') AS email,
    coalesce(detail -> 'properties' ->> 'MINS_TO_UNLOCK', '') AS mins_to_unlock,
    coalesce(detail -> 'properties' ->> 'DAYS_TO_EXPIRY', '') AS days_to_expiry,
    coalesce(comment, '') AS comment,
    coalesce(detail -> 'properties' ->> 'DISABLED', 'false') AS disabled,
    coalesce(detail -> 'properties' ->> 'MUST_CHANGE_PASSWORD', 'false') AS must_change_password,
    'false' AS snowflake_lock,
    coalesce(detail -> 'properties' ->> 'DEFAULT_WAREHOUSE', '') AS default_warehouse,
    coalesce(detail -> 'properties' ->> 'DEFAULT_NAMESPACE', '') AS default_namespace,
    coalesce(detail -> 'properties' ->> 'DEFAULT_ROLE', '') AS default_role,
    coalesce(CAST(detail -> 'properties' -> 'DEFAULT_SECONDARY_ROLES' AS VARCHAR), '["ALL"]') AS default_secondary_roles,
    'false' AS ext_authn_duo,
    '' AS ext_authn_uid,
    coalesce(detail -> 'properties' ->> 'MINS_TO_BYPASS_MFA', '') AS mins_to_bypass_mfa,
    owner,
    NULL AS last_success_login,
    NULL AS expires_at_time,
    NULL AS locked_until_time,
    CASE WHEN (detail -> 'properties' ->> 'PASSWORD') IS NULL THEN 'false' ELSE 'true' END AS has_password,
    CASE WHEN (detail -> 'properties' ->> 'RSA_PUBLIC_KEY') IS NULL AND (detail -> 'properties' ->> 'RSA_PUBLIC_KEY_2') IS NULL THEN 'false' ELSE 'true' END AS has_rsa_public_key,
    coalesce(detail -> 'properties' ->> 'TYPE', 'PERSON') AS type,
    'false' AS has_mfa,
    'false' AS has_pat,
    CASE WHEN (detail -> 'properties' ->> 'WORKLOAD_IDENTITY') IS NULL THEN 'false' ELSE 'true' END AS has_workload_identity,
    'false' AS is_from_organization_user
FROM live
WHERE kind = 'USER'
