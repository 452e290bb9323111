-- SHOW FUNCTIONS, those of users; columns as Snowflake's documentation lists them.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: schema_name TEXT
-- column: is_builtin TEXT
-- column: is_aggregate TEXT
-- column: is_ansi TEXT
-- column: min_num_arguments NUMBER
-- column: max_num_arguments NUMBER
-- column: arguments TEXT
-- column: description TEXT
-- column: catalog_name TEXT
-- column: is_table_function TEXT
-- column: valid_for_clustering TEXT
-- column: is_secure TEXT
-- column: secrets TEXT
-- column: external_access_integrations TEXT
-- column: is_external_function TEXT
-- column: language TEXT
-- column: is_memoizable TEXT
-- column: is_data_metric TEXT
SELECT
    f.created_on,
    split_part(f.name, '(', 1) AS name,
    s.name AS schema_name,
    'N' AS is_builtin,
    'N' AS is_aggregate,
    'N' AS is_ansi,
    json_array_length(f.detail -> 'arguments') AS min_num_arguments,
    json_array_length(f.detail -> 'arguments') AS max_num_arguments,
    f.name || ' RETURN ' || CASE json_keys(f.detail -> 'returns')[1]
        WHEN 'Table' THEN 'TABLE'
        ELSE CASE json_type(f.detail -> 'returns' -> 'Scalar')
            WHEN 'VARCHAR' THEN upper(f.detail -> 'returns' ->> 'Scalar')
            ELSE CASE json_keys(f.detail -> 'returns' -> 'Scalar')[1]
                WHEN 'Timestamp' THEN 'TIMESTAMP_' || upper(f.detail -> 'returns' -> 'Scalar' -> 'Timestamp' ->> 'kind')
                ELSE upper(json_keys(f.detail -> 'returns' -> 'Scalar')[1])
            END
        END
    END AS arguments,
    coalesce(f.comment, 'user-defined function') AS description,
    d.name AS catalog_name,
    CASE json_keys(f.detail -> 'returns')[1] WHEN 'Table' THEN 'Y' ELSE 'N' END AS is_table_function,
    'N' AS valid_for_clustering,
    CASE WHEN f.detail ->> 'secure' = 'true' THEN 'Y' ELSE 'N' END AS is_secure,
    NULL AS secrets,
    NULL AS external_access_integrations,
    'N' AS is_external_function,
    'SQL' AS language,
    CASE WHEN f.detail ->> 'memoizable' = 'true' THEN 'Y' ELSE 'N' END AS is_memoizable,
    'N' AS is_data_metric
FROM live AS f
JOIN live AS s ON s.id = f.parent
JOIN live AS d ON d.id = s.parent
WHERE f.kind = 'FUNCTION'
