-- INFORMATION_SCHEMA.COLUMNS; columns as Snowflake's documentation lists them.
-- column: TABLE_CATALOG TEXT
-- column: TABLE_SCHEMA TEXT
-- column: TABLE_NAME TEXT
-- column: COLUMN_NAME TEXT
-- column: ORDINAL_POSITION NUMBER
-- column: COLUMN_DEFAULT TEXT
-- column: IS_NULLABLE TEXT
-- column: DATA_TYPE TEXT
-- column: CHARACTER_MAXIMUM_LENGTH NUMBER
-- column: CHARACTER_OCTET_LENGTH NUMBER
-- column: NUMERIC_PRECISION NUMBER
-- column: NUMERIC_PRECISION_RADIX NUMBER
-- column: NUMERIC_SCALE NUMBER
-- column: DATETIME_PRECISION NUMBER
-- column: INTERVAL_TYPE TEXT
-- column: INTERVAL_PRECISION NUMBER
-- column: CHARACTER_SET_CATALOG TEXT
-- column: CHARACTER_SET_SCHEMA TEXT
-- column: CHARACTER_SET_NAME TEXT
-- column: COLLATION_CATALOG TEXT
-- column: COLLATION_SCHEMA TEXT
-- column: COLLATION_NAME TEXT
-- column: DOMAIN_CATALOG TEXT
-- column: DOMAIN_SCHEMA TEXT
-- column: DOMAIN_NAME TEXT
-- column: UDT_CATALOG TEXT
-- column: UDT_SCHEMA TEXT
-- column: UDT_NAME TEXT
-- column: SCOPE_CATALOG TEXT
-- column: SCOPE_SCHEMA TEXT
-- column: SCOPE_NAME TEXT
-- column: MAXIMUM_CARDINALITY NUMBER
-- column: DTD_IDENTIFIER TEXT
-- column: IS_SELF_REFERENCING TEXT
-- column: IS_IDENTITY TEXT
-- column: IDENTITY_GENERATION TEXT
-- column: IDENTITY_START TEXT
-- column: IDENTITY_INCREMENT TEXT
-- column: IDENTITY_MAXIMUM TEXT
-- column: IDENTITY_MINIMUM TEXT
-- column: IDENTITY_CYCLE TEXT
-- column: IDENTITY_ORDERED TEXT
-- column: SCHEMA_EVOLUTION_RECORD TEXT
-- column: COMMENT TEXT
-- column: DATA_TYPE_ALIAS TEXT
-- column: EXPRESSION TEXT
-- column: KIND TEXT
SELECT
    d.name AS "TABLE_CATALOG",
    s.name AS "TABLE_SCHEMA",
    c.name AS "TABLE_NAME",
    c.item ->> 'name' AS "COLUMN_NAME",
    c.position AS "ORDINAL_POSITION",
    c.item ->> 'default' AS "COLUMN_DEFAULT",
    CASE WHEN c.item ->> 'nullable' = 'true' THEN 'YES' ELSE 'NO' END AS "IS_NULLABLE",
    CASE c.type
        WHEN 'Number' THEN 'NUMBER'
        WHEN 'Varchar' THEN 'TEXT'
        WHEN 'Timestamp' THEN 'TIMESTAMP_' || upper(c.of -> 'Timestamp' ->> 'kind')
        ELSE upper(c.type)
    END AS "DATA_TYPE",
    coalesce(c.of -> 'Varchar' ->> 'length', c.of -> 'Binary' ->> 'length') AS "CHARACTER_MAXIMUM_LENGTH",
    CASE c.type
        WHEN 'Varchar' THEN least(CAST(c.of -> 'Varchar' ->> 'length' AS BIGINT) * 4, 16777216)
        WHEN 'Binary' THEN CAST(c.of -> 'Binary' ->> 'length' AS BIGINT)
    END AS "CHARACTER_OCTET_LENGTH",
    c.of -> 'Number' ->> 'precision' AS "NUMERIC_PRECISION",
    CASE WHEN c.type = 'Number' THEN 10 END AS "NUMERIC_PRECISION_RADIX",
    c.of -> 'Number' ->> 'scale' AS "NUMERIC_SCALE",
    coalesce(
        c.of -> 'Timestamp' ->> 'scale', c.of -> 'Time' ->> 'scale', CASE WHEN c.type = 'Date' THEN '0' END
    ) AS "DATETIME_PRECISION",
    NULL AS "INTERVAL_TYPE",
    NULL AS "INTERVAL_PRECISION",
    NULL AS "CHARACTER_SET_CATALOG",
    NULL AS "CHARACTER_SET_SCHEMA",
    NULL AS "CHARACTER_SET_NAME",
    NULL AS "COLLATION_CATALOG",
    NULL AS "COLLATION_SCHEMA",
    NULL AS "COLLATION_NAME",
    NULL AS "DOMAIN_CATALOG",
    NULL AS "DOMAIN_SCHEMA",
    NULL AS "DOMAIN_NAME",
    NULL AS "UDT_CATALOG",
    NULL AS "UDT_SCHEMA",
    NULL AS "UDT_NAME",
    NULL AS "SCOPE_CATALOG",
    NULL AS "SCOPE_SCHEMA",
    NULL AS "SCOPE_NAME",
    NULL AS "MAXIMUM_CARDINALITY",
    NULL AS "DTD_IDENTIFIER",
    'NO' AS "IS_SELF_REFERENCING",
    CASE WHEN q.id IS NULL THEN 'NO' ELSE 'YES' END AS "IS_IDENTITY",
    CASE WHEN q.id IS NOT NULL THEN 'BY DEFAULT' END AS "IDENTITY_GENERATION",
    q.detail ->> 'start' AS "IDENTITY_START",
    q.detail ->> 'increment' AS "IDENTITY_INCREMENT",
    NULL AS "IDENTITY_MAXIMUM",
    NULL AS "IDENTITY_MINIMUM",
    CASE WHEN q.id IS NOT NULL THEN 'NO' END AS "IDENTITY_CYCLE",
    CASE WHEN q.id IS NOT NULL THEN CASE WHEN q.detail ->> 'ordered' = 'true' THEN 'YES' ELSE 'NO' END END
        AS "IDENTITY_ORDERED",
    NULL AS "SCHEMA_EVOLUTION_RECORD",
    c.item ->> 'comment' AS "COMMENT",
    NULL AS "DATA_TYPE_ALIAS",
    NULL AS "EXPRESSION",
    'COLUMN' AS "KIND"
FROM (
    -- A type without parameters is a text, another one an object with its name as the only key.
    SELECT
        *,
        item -> 'logical' AS of,
        CASE json_type(item -> 'logical')
            WHEN 'VARCHAR' THEN item ->> 'logical'
            ELSE json_keys(item -> 'logical')[1]
        END AS type
    FROM (
        SELECT
            t.*,
            unnest(CAST(t.detail -> 'columns' AS JSON[])) AS item,
            generate_subscripts(CAST(t.detail -> 'columns' AS JSON[]), 1) AS position
        FROM live AS t
        WHERE t.kind IN ('TABLE', 'DYNAMIC TABLE', 'VIEW', 'MATERIALIZED VIEW')
    )
) AS c
JOIN live AS s ON s.id = c.parent
JOIN here AS d ON d.id = s.parent
LEFT JOIN live AS q ON q.kind = 'SEQUENCE' AND CAST(q.id AS VARCHAR) = c.item ->> 'identity'
