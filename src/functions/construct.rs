//! What Snowflake's reference lists among the functions and that no call of the table makes: operators, functions of a
//! lambda, functions in FROM, functions that stand alone in their statement. Other rooms bind them; here they are known, so
//! that the reference page and the coverage report have them, and their examples are run.

/// One of them.
pub struct Construct {
    /// As the reference has it, in upper case.
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// As a reader would write it.
    pub forms: &'static [&'static str],
    pub summary: &'static str,
    /// Statements, several with `; ` between them, and what the last one answers as text.
    pub examples: &'static [(&'static str, &'static str)],
}

/// By category, each a list sorted by name.
pub(super) static CONSTRUCTS: &[(&str, &[Construct])] = &[
    ("Operators", OPERATORS),
    ("Functions of a lambda", HIGHER_ORDER),
    ("Metadata functions", METADATA),
    ("System functions that act", ACTIONS),
    ("Table functions", TABLE_FUNCTIONS),
];

static OPERATORS: &[Construct] = &[
    Construct {
        name: "ANY / ALL",
        aliases: &[],
        forms: &[
            "value comparison ANY (query)",
            "value comparison ALL (query)",
        ],
        summary: "Whether a comparison holds for one row, or for every row, of a query.",
        examples: &[
            (
                "SELECT 2 = ANY (SELECT column1 FROM VALUES (1), (2))",
                "true",
            ),
            (
                "SELECT 2 > ALL (SELECT column1 FROM VALUES (1), (2))",
                "false",
            ),
            (
                "SELECT 2 <> ALL (SELECT column1 FROM VALUES (1), (NULL))",
                "NULL",
            ),
        ],
    },
    Construct {
        name: "BETWEEN",
        aliases: &[],
        forms: &["value [NOT] BETWEEN low AND high"],
        summary: "Whether a value lies between two others, which count too.",
        examples: &[
            ("SELECT 3 BETWEEN 1 AND 3", "true"),
            ("SELECT 'b' NOT BETWEEN 'a' AND 'c'", "false"),
            ("SELECT NULL BETWEEN 1 AND 2", "NULL"),
        ],
    },
    Construct {
        name: "CASE",
        aliases: &[],
        forms: &[
            "CASE WHEN condition THEN result … [ELSE result] END",
            "CASE value WHEN value THEN result … [ELSE result] END",
        ],
        summary: "The result of the first branch that holds.",
        examples: &[
            ("SELECT CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END", "b"),
            (
                "SELECT CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' END",
                "two",
            ),
            ("SELECT CASE NULL WHEN NULL THEN 1 END", "NULL"),
        ],
    },
    Construct {
        name: "CAST",
        aliases: &[],
        forms: &["CAST(value AS type)", "value :: type"],
        summary: "A value as one of another type.",
        examples: &[
            ("SELECT CAST('1.234' AS NUMBER(5, 2))", "1.23"),
            ("SELECT '2024-02-29'::DATE", "2024-02-29"),
            (
                "SELECT 'x'::INT",
                "100038: Numeric value 'x' is not recognized",
            ),
        ],
    },
    Construct {
        name: "CONNECT_BY_ROOT",
        aliases: &[],
        forms: &["CONNECT_BY_ROOT column"],
        summary: "The value of a column in the row at the root of the hierarchy.",
        examples: &[
            (
                "SELECT MAX(r) FROM (SELECT CONNECT_BY_ROOT column1 AS r FROM VALUES (1, NULL), (2, 1) START WITH column2 IS NULL CONNECT BY column2 = PRIOR column1)",
                "1",
            ),
            (
                "SELECT COUNT(*) FROM (SELECT CONNECT_BY_ROOT column1 AS r FROM VALUES (1, NULL), (2, 1) START WITH column2 IS NULL CONNECT BY column2 = PRIOR column1)",
                "2",
            ),
        ],
    },
    Construct {
        name: "EXISTS",
        aliases: &[],
        forms: &["[NOT] EXISTS (query)"],
        summary: "Whether a query has a row.",
        examples: &[
            (
                "SELECT EXISTS (SELECT 1 FROM VALUES (1) WHERE FALSE)",
                "false",
            ),
            ("SELECT EXISTS (SELECT NULL)", "true"),
        ],
    },
    Construct {
        name: "ILIKE ANY",
        aliases: &[],
        forms: &["text ILIKE ANY (pattern, …) [ESCAPE text]"],
        summary: "Whether one of several patterns matches the whole text, in any case.",
        examples: &[
            ("SELECT 'John' ILIKE ANY ('j%', 'x%')", "true"),
            ("SELECT 'John' ILIKE ANY ('a%', 'x%')", "false"),
        ],
    },
    Construct {
        name: "IN",
        aliases: &[],
        forms: &["value [NOT] IN (value, …)", "value [NOT] IN (query)"],
        summary: "Whether a value is one of several.",
        examples: &[
            ("SELECT 1 IN (1, 2)", "true"),
            ("SELECT 3 NOT IN (1, NULL)", "NULL"),
            ("SELECT (1, 'a') IN ((1, 'a'), (2, 'b'))", "true"),
            ("SELECT 2 IN (SELECT column1 FROM VALUES (1), (2))", "true"),
        ],
    },
    Construct {
        name: "IS DISTINCT FROM",
        aliases: &[],
        forms: &["value IS [NOT] DISTINCT FROM value"],
        summary: "Whether two values differ, NULL being a value too.",
        examples: &[
            ("SELECT 1 IS DISTINCT FROM NULL", "true"),
            ("SELECT NULL IS NOT DISTINCT FROM NULL", "true"),
        ],
    },
    Construct {
        name: "IS NULL",
        aliases: &[],
        forms: &["value IS [NOT] NULL"],
        summary: "Whether a value is NULL.",
        examples: &[
            ("SELECT NULL IS NULL", "true"),
            ("SELECT PARSE_JSON('null') IS NULL", "false"),
            ("SELECT '' IS NOT NULL", "true"),
        ],
    },
    Construct {
        name: "LIKE ALL",
        aliases: &[],
        forms: &["text LIKE ALL (pattern, …) [ESCAPE text]"],
        summary: "Whether each of several patterns matches the whole text.",
        examples: &[
            ("SELECT 'John' LIKE ALL ('J%', '%n')", "true"),
            ("SELECT 'John' LIKE ALL ('J%', '%x')", "false"),
        ],
    },
    Construct {
        name: "LIKE ANY",
        aliases: &[],
        forms: &["text LIKE ANY (pattern, …) [ESCAPE text]"],
        summary: "Whether one of several patterns matches the whole text.",
        examples: &[
            ("SELECT 'John' LIKE ANY ('x%', 'J%')", "true"),
            ("SELECT 'John' LIKE ANY ('j%', 'x')", "false"),
            ("SELECT 'a_b' LIKE ANY ('a^_%') ESCAPE '^'", "true"),
        ],
    },
    Construct {
        name: "SYS_CONNECT_BY_PATH",
        aliases: &[],
        forms: &["SYS_CONNECT_BY_PATH(column, separator)"],
        summary: "The values of a column from the root of the hierarchy to the row, each behind the separator.",
        examples: &[
            (
                "SELECT MAX(p) FROM (SELECT SYS_CONNECT_BY_PATH(column1, '/') AS p FROM VALUES (1, NULL), (2, 1) START WITH column2 IS NULL CONNECT BY column2 = PRIOR column1)",
                "/1/2",
            ),
            (
                "SELECT MIN(p) FROM (SELECT SYS_CONNECT_BY_PATH(column1, '/') AS p FROM VALUES (1, NULL), (2, 1) START WITH column2 IS NULL CONNECT BY column2 = PRIOR column1)",
                "/1",
            ),
        ],
    },
    Construct {
        name: "TRY_CAST",
        aliases: &[],
        forms: &["TRY_CAST(text AS type)"],
        summary: "A text as a value of a type, NULL where it cannot be read.",
        examples: &[
            ("SELECT TRY_CAST('12' AS INT)", "12"),
            ("SELECT TRY_CAST('x' AS INT)", "NULL"),
            ("SELECT TRY_CAST('2024-02-30' AS DATE)", "NULL"),
        ],
    },
];

static HIGHER_ORDER: &[Construct] = &[
    Construct {
        name: "FILTER",
        aliases: &[],
        forms: &["FILTER(array, element [type] -> condition)"],
        summary: "The elements of an ARRAY for which a condition holds.",
        examples: &[
            ("SELECT FILTER([1, 2, 3], x -> x > 1)::VARCHAR", "[2,3]"),
            ("SELECT FILTER([1, 2], x INT -> FALSE)::VARCHAR", "[]"),
            ("SELECT FILTER(NULL, x -> TRUE)", "NULL"),
        ],
    },
    Construct {
        name: "REDUCE",
        aliases: &[],
        forms: &["REDUCE(array, initial, (accumulator, element) -> value)"],
        summary: "What an ARRAY's elements give one after another, from an initial value on.",
        examples: &[
            ("SELECT REDUCE([1, 2, 3], 0, (a, x) -> a + x)::INT", "6"),
            ("SELECT REDUCE([], 7, (a, x) -> a + x)::INT", "7"),
        ],
    },
    Construct {
        name: "TRANSFORM",
        aliases: &[],
        forms: &["TRANSFORM(array, element [type] -> value)"],
        summary: "An ARRAY of what is made of each element.",
        examples: &[
            (
                "SELECT TRANSFORM([1, 2], x INT -> x * 10)::VARCHAR",
                "[10,20]",
            ),
            ("SELECT TRANSFORM([], x -> x)::VARCHAR", "[]"),
        ],
    },
];

static METADATA: &[Construct] = &[
    Construct {
        name: "GET_DDL",
        aliases: &[],
        forms: &["GET_DDL('kind', 'name' [, boolean])"],
        summary: "The CREATE statement of a table, view, sequence, function, schema or database, with names in full if wanted.",
        examples: &[
            (
                "CREATE TABLE ddl_t (id INT NOT NULL, n VARCHAR(10) DEFAULT 'x', PRIMARY KEY (id)); SELECT GET_DDL('TABLE', 'ddl_t')",
                "\"create or replace TABLE DDL_T (\\n\\tID NUMBER(38,0) NOT NULL,\\n\\tN VARCHAR(10) DEFAULT 'x',\\n\\tprimary key (ID)\\n);\"",
            ),
            (
                "CREATE VIEW ddl_v AS SELECT 1 AS x; SELECT GET_DDL('VIEW', 'ddl_v')",
                "\"create or replace view DDL_V(\\n\\tX\\n) as SELECT 1 AS x;\"",
            ),
        ],
    },
    Construct {
        name: "SYSTEM$GET_TAG",
        aliases: &[],
        forms: &["SYSTEM$GET_TAG('tag', 'object', 'domain')"],
        summary: "The value of a tag on an object, its own or that of what the object is in.",
        examples: &[
            (
                "CREATE TAG gt_cost; CREATE TABLE gt_t (n INT); ALTER TABLE gt_t SET TAG gt_cost = 'low'; SELECT SYSTEM$GET_TAG('gt_cost', 'gt_t', 'table')",
                "low",
            ),
            (
                "SELECT SYSTEM$GET_TAG('gt_cost', 'gt_t.n', 'column')",
                "low",
            ),
        ],
    },
];

static ACTIONS: &[Construct] = &[
    Construct {
        name: "SYSTEM$CANCEL_ALL_QUERIES",
        aliases: &[],
        forms: &["SELECT SYSTEM$CANCEL_ALL_QUERIES(session id)"],
        summary: "Stops the running statements of a session.",
        examples: &[
            (
                "SELECT SYSTEM$CANCEL_ALL_QUERIES(1)",
                "completed. 0 statements cancelled.",
            ),
            (
                "CALL SYSTEM$CANCEL_ALL_QUERIES('1')",
                "completed. 0 statements cancelled.",
            ),
        ],
    },
    Construct {
        name: "SYSTEM$CANCEL_QUERY",
        aliases: &[],
        forms: &["SELECT SYSTEM$CANCEL_QUERY('query id')"],
        summary: "Stops a running statement.",
        examples: &[
            (
                "SELECT SYSTEM$CANCEL_QUERY('01a2b3c4-0000-0000-0000-000000000000')",
                "Identified SQL statement is not currently executing.",
            ),
            (
                "CALL SYSTEM$CANCEL_QUERY('01a2b3c4-0000-0000-0000-000000000000')",
                "Identified SQL statement is not currently executing.",
            ),
        ],
    },
];

static TABLE_FUNCTIONS: &[Construct] = &[
    Construct {
        name: "FLATTEN",
        aliases: &[],
        forms: &[
            "TABLE(FLATTEN(INPUT => value, PATH => text, OUTER => boolean, RECURSIVE => boolean, MODE => text))",
            "LATERAL FLATTEN(INPUT => value, …)",
        ],
        summary: "A row for each element of an ARRAY or OBJECT: SEQ, KEY, PATH, INDEX, VALUE, THIS.",
        examples: &[
            ("SELECT value::INT FROM TABLE(FLATTEN([10, 20]))", "10\n20"),
            (
                "SELECT key, value::VARCHAR FROM TABLE(FLATTEN(INPUT => PARSE_JSON('{\"a\": 1}')))",
                "a\n1",
            ),
            (
                "SELECT index FROM TABLE(FLATTEN(INPUT => [], OUTER => TRUE))",
                "NULL",
            ),
        ],
    },
    Construct {
        name: "GENERATOR",
        aliases: &[],
        forms: &["TABLE(GENERATOR(ROWCOUNT => count, TIMELIMIT => seconds))"],
        summary: "So many rows without columns.",
        examples: &[
            ("SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 5))", "5"),
            ("SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 0))", "0"),
        ],
    },
    Construct {
        name: "RESULT_SCAN",
        aliases: &[],
        forms: &["TABLE(RESULT_SCAN('query id' | LAST_QUERY_ID()))"],
        summary: "The rows that an earlier statement of the session answered.",
        examples: &[
            (
                "SELECT 1 AS a, 'x' AS b; SELECT b FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))",
                "x",
            ),
            (
                "SELECT 7 AS a; SELECT a + 1 FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(-1)))",
                "8",
            ),
        ],
    },
    Construct {
        name: "SPLIT_TO_TABLE",
        aliases: &[],
        forms: &["TABLE(SPLIT_TO_TABLE(text, separator))"],
        summary: "A row for each part of a text between separators: SEQ, INDEX, VALUE.",
        examples: &[
            (
                "SELECT value FROM TABLE(SPLIT_TO_TABLE('a.b', '.'))",
                "a\nb",
            ),
            (
                "SELECT COUNT(*) FROM TABLE(SPLIT_TO_TABLE('a..b', '.'))",
                "3",
            ),
        ],
    },
    Construct {
        name: "STRTOK_SPLIT_TO_TABLE",
        aliases: &[],
        forms: &["TABLE(STRTOK_SPLIT_TO_TABLE(text [, delimiters]))"],
        summary: "A row for each part of a text between delimiters of a set: SEQ, INDEX, VALUE.",
        examples: &[
            (
                "SELECT value FROM TABLE(STRTOK_SPLIT_TO_TABLE('a.b', '.'))",
                "a\nb",
            ),
            (
                "SELECT COUNT(*) FROM TABLE(STRTOK_SPLIT_TO_TABLE('a..b-c', '.-'))",
                "3",
            ),
        ],
    },
];
