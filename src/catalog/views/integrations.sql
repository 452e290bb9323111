-- SHOW INTEGRATIONS; columns as Snowflake's documentation lists them.
-- column: name TEXT
-- column: type TEXT
-- column: category TEXT
-- column: enabled TEXT
-- column: comment TEXT
-- column: created_on TIMESTAMP_LTZ(3)
SELECT
    name,
    CASE (detail -> 'properties' ->> 'TYPE')
        WHEN 'OAUTH' THEN 'OAUTH - ' || coalesce(detail -> 'properties' ->> 'OAUTH_CLIENT', 'CUSTOM')
        WHEN 'EXTERNAL_OAUTH' THEN 'EXTERNAL_OAUTH - ' || coalesce(detail -> 'properties' ->> 'EXTERNAL_OAUTH_TYPE', 'CUSTOM')
        ELSE coalesce(
            (detail -> 'properties' ->> 'TYPE'),
            CASE (detail -> 'properties' ->> 'CATEGORY') WHEN 'API' THEN 'EXTERNAL_API' ELSE (detail -> 'properties' ->> 'CATEGORY') END
        )
    END AS type,
    coalesce(detail -> 'properties' ->> 'CATEGORY', '') AS category,
    coalesce(detail -> 'properties' ->> 'ENABLED', 'true') AS enabled,
    comment,
    created_on
FROM live
WHERE kind = 'INTEGRATION'
