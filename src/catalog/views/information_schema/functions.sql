-- INFORMATION_SCHEMA.FUNCTIONS; columns as Snowflake's documentation lists them.
-- column: FUNCTION_CATALOG TEXT
-- column: FUNCTION_SCHEMA TEXT
-- column: FUNCTION_NAME TEXT
-- column: FUNCTION_OWNER TEXT
-- column: ARGUMENT_SIGNATURE TEXT
-- column: DATA_TYPE TEXT
-- column: CHARACTER_MAXIMUM_LENGTH NUMBER
-- column: CHARACTER_OCTET_LENGTH NUMBER
-- column: NUMERIC_PRECISION NUMBER
-- column: NUMERIC_PRECISION_RADIX NUMBER
-- column: NUMERIC_SCALE NUMBER
-- column: FUNCTION_LANGUAGE TEXT
-- column: FUNCTION_DEFINITION TEXT
-- column: VOLATILITY TEXT
-- column: IS_NULL_CALL TEXT
-- column: IS_SECURE TEXT
-- column: CREATED TIMESTAMP_LTZ(3)
-- column: LAST_ALTERED TIMESTAMP_LTZ(3)
-- column: COMMENT TEXT
-- column: IS_EXTERNAL TEXT
-- column: API_INTEGRATION TEXT
-- column: CONTEXT_HEADERS TEXT
-- column: MAX_BATCH_ROWS NUMBER
-- column: REQUEST_TRANSLATOR TEXT
-- column: RESPONSE_TRANSLATOR TEXT
-- column: COMPRESSION TEXT
-- column: IMPORTS TEXT
-- column: HANDLER TEXT
-- column: TARGET_PATH TEXT
-- column: RUNTIME_VERSION TEXT
-- column: PACKAGES TEXT
-- column: INSTALLED_PACKAGES TEXT
-- column: IS_MEMOIZABLE TEXT
-- column: EXTERNAL_ACCESS_INTEGRATIONS TEXT
-- column: SECRETS TEXT
-- column: IS_DATA_METRIC TEXT
-- column: IS_AGGREGATE TEXT
-- column: ARTIFACT_REPOSITORY TEXT
WITH functions AS (
    SELECT
        f.*,
        f.detail -> 'returns' -> 'Scalar' AS scalar,
        CASE json_type(f.detail -> 'returns' -> 'Scalar')
            WHEN 'VARCHAR' THEN f.detail -> 'returns' ->> 'Scalar'
            ELSE json_keys(f.detail -> 'returns' -> 'Scalar')[1]
        END AS type
    FROM live AS f
    WHERE f.kind = 'FUNCTION'
),
named AS (
    SELECT
        *,
        CASE
            WHEN type IS NULL THEN 'TABLE'
            WHEN type = 'Timestamp' THEN 'TIMESTAMP_' || upper(scalar -> 'Timestamp' ->> 'kind')
            ELSE upper(type)
        END AS type_name,
        list_transform(
            CAST(json_extract_string(detail, '$.arguments[*].name') AS VARCHAR[]),
            lambda argument: argument
        ) AS argument_names,
        string_split(regexp_extract(name, '\((.*)\)', 1), ', ') AS argument_types
    FROM functions
)
SELECT
    d.name AS "FUNCTION_CATALOG",
    s.name AS "FUNCTION_SCHEMA",
    split_part(f.name, '(', 1) AS "FUNCTION_NAME",
    f.owner AS "FUNCTION_OWNER",
    '('
        || coalesce(
            array_to_string(
                list_transform(
                    list_zip(f.argument_names, f.argument_types),
                    lambda argument: struct_extract_at(argument, 1) || ' ' || struct_extract_at(argument, 2)
                ),
                ', '
            ),
            ''
        )
        || ')' AS "ARGUMENT_SIGNATURE",
    CASE f.type_name
        WHEN 'NUMBER' THEN 'NUMBER(' || (f.scalar -> 'Number' ->> 'precision') || ',' || (f.scalar -> 'Number' ->> 'scale') || ')'
        WHEN 'VARCHAR' THEN 'VARCHAR(' || (f.scalar -> 'Varchar' ->> 'length') || ')'
        ELSE f.type_name
    END AS "DATA_TYPE",
    CAST(f.scalar -> 'Varchar' ->> 'length' AS BIGINT) AS "CHARACTER_MAXIMUM_LENGTH",
    CASE
        WHEN f.type_name = 'VARCHAR' THEN least(CAST(f.scalar -> 'Varchar' ->> 'length' AS BIGINT) * 4, 16777216)
    END AS "CHARACTER_OCTET_LENGTH",
    CAST(f.scalar -> 'Number' ->> 'precision' AS BIGINT) AS "NUMERIC_PRECISION",
    CASE WHEN f.type_name = 'NUMBER' THEN 10 END AS "NUMERIC_PRECISION_RADIX",
    CAST(f.scalar -> 'Number' ->> 'scale' AS BIGINT) AS "NUMERIC_SCALE",
    'SQL' AS "FUNCTION_LANGUAGE",
    f.detail ->> 'body' AS "FUNCTION_DEFINITION",
    CASE WHEN f.detail ->> 'immutable' = 'true' THEN 'IMMUTABLE' ELSE 'VOLATILE' END AS "VOLATILITY",
    CASE WHEN f.detail ->> 'strict' = 'true' THEN 'NO' ELSE 'YES' END AS "IS_NULL_CALL",
    CASE WHEN f.detail ->> 'secure' = 'true' THEN 'YES' ELSE 'NO' END AS "IS_SECURE",
    f.created_on AS "CREATED",
    f.changed_on AS "LAST_ALTERED",
    f.comment AS "COMMENT",
    'NO' AS "IS_EXTERNAL",
    NULL AS "API_INTEGRATION",
    NULL AS "CONTEXT_HEADERS",
    NULL AS "MAX_BATCH_ROWS",
    NULL AS "REQUEST_TRANSLATOR",
    NULL AS "RESPONSE_TRANSLATOR",
    NULL AS "COMPRESSION",
    NULL AS "IMPORTS",
    NULL AS "HANDLER",
    NULL AS "TARGET_PATH",
    NULL AS "RUNTIME_VERSION",
    NULL AS "PACKAGES",
    NULL AS "INSTALLED_PACKAGES",
    CASE WHEN f.detail ->> 'memoizable' = 'true' THEN 'YES' ELSE 'NO' END AS "IS_MEMOIZABLE",
    NULL AS "EXTERNAL_ACCESS_INTEGRATIONS",
    NULL AS "SECRETS",
    'NO' AS "IS_DATA_METRIC",
    'NO' AS "IS_AGGREGATE",
    NULL AS "ARTIFACT_REPOSITORY"
FROM named AS f
JOIN live AS s ON s.id = f.parent
JOIN here AS d ON d.id = s.parent
