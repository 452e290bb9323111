-- INFORMATION_SCHEMA.VIEWS; columns as Snowflake's documentation lists them.
-- column: TABLE_CATALOG TEXT
-- column: TABLE_SCHEMA TEXT
-- column: TABLE_NAME TEXT
-- column: TABLE_OWNER TEXT
-- column: VIEW_DEFINITION TEXT
-- column: CHECK_OPTION TEXT
-- column: IS_UPDATABLE TEXT
-- column: INSERTABLE_INTO TEXT
-- column: IS_SECURE TEXT
-- column: CREATED TIMESTAMP_LTZ(3)
-- column: LAST_ALTERED TIMESTAMP_LTZ(3)
-- column: LAST_DDL TIMESTAMP_LTZ(3)
-- column: LAST_DDL_BY TEXT
-- column: COMMENT TEXT
SELECT
    d.name AS "TABLE_CATALOG",
    s.name AS "TABLE_SCHEMA",
    v.name AS "TABLE_NAME",
    v.owner AS "TABLE_OWNER",
    v.detail ->> 'text' AS "VIEW_DEFINITION",
    'NONE' AS "CHECK_OPTION",
    'NO' AS "IS_UPDATABLE",
    'NO' AS "INSERTABLE_INTO",
    CASE WHEN v.detail ->> 'secure' = 'true' THEN 'YES' ELSE 'NO' END AS "IS_SECURE",
    v.created_on AS "CREATED",
    v.changed_on AS "LAST_ALTERED",
    v.changed_on AS "LAST_DDL",
    v.owner AS "LAST_DDL_BY",
    v.comment AS "COMMENT"
FROM live AS v
JOIN live AS s ON s.id = v.parent
JOIN here AS d ON d.id = s.parent
WHERE v.kind IN ('VIEW', 'MATERIALIZED VIEW')
