//! Statements of Snowflake's grammar at random: mostly well formed, often wrongly typed, now and then broken in one place.

use snowglobe::functions::{self, Function};

use super::random::Random;

/// The tables that statements are about: made by [`SETUP`], changed and dropped by what is generated.
pub const SETUP: &[&str] = &[
    "create or replace table t (n int, d number(10,2), f float, s varchar(20), b boolean, dt date, t time, ts timestamp_ntz, \
     tz timestamp_tz, ltz timestamp_ltz, v variant, o object, a array, x binary)",
    "insert into t select column1, column1 / 3, column1 * 1.5, 'row ' || column1, column1 % 2 = 0, '2024-02-28'::date + column1, \
     '12:34:56'::time, '2024-02-29 01:02:03.5'::timestamp_ntz, '2024-02-29 01:02:03 +05:30'::timestamp_tz, \
     '2024-02-29 01:02:03'::timestamp_ltz, parse_json('{\"a\": [1, 2, {\"b\": null}]}'), object_construct('k', column1), \
     array_construct(column1, 'x', null), to_binary('00ff', 'hex') from values (0), (1), (2), (-3), (4)",
    "insert into t (n) values (null)",
    "create or replace table u (id int not null, name varchar, amount number(38,10))",
    "insert into u values (1, 'a', 1.5), (2, null, -2.25), (3, 'ä🦆', null)",
    "create or replace view w as select n, s, v from t where n is not null",
    "create or replace sequence q",
];

const COLUMNS: &[&str] = &[
    "n", "d", "f", "s", "b", "dt", "t", "ts", "tz", "ltz", "v", "o", "a", "x", "id", "name",
    "amount", "t.n", "u.id", "nope", "\"N\"", "$1", "v:a", "v:a[0]", "v:a[2].b", "o:k::int",
    "a[1]", "t.*", "c1", "c2", "value",
];

const TYPES: &[&str] = &[
    "int",
    "number(10,2)",
    "number(38,37)",
    "number(38,0)",
    "float",
    "varchar",
    "varchar(3)",
    "char",
    "boolean",
    "date",
    "time",
    "time(3)",
    "timestamp_ntz",
    "timestamp_ltz",
    "timestamp_tz",
    "timestamp_ntz(0)",
    "variant",
    "object",
    "array",
    "binary",
    "binary(2)",
    "decimal(5)",
    "double",
    "text",
    "string",
    "tinyint",
    "nope",
    "number(99)",
    "varchar(0)",
    "geography",
    "vector(int, 3)",
    "array(int)",
    "map(varchar, int)",
    "object(a int)",
];

const PARTS: &[&str] = &[
    "year",
    "month",
    "day",
    "week",
    "quarter",
    "hour",
    "minute",
    "second",
    "millisecond",
    "microsecond",
    "nanosecond",
    "dayofweek",
    "dow",
    "doy",
    "epoch_second",
    "weekiso",
    "yearofweek",
    "timezone_hour",
    "nope",
    "'month'",
    "dd",
    "ns",
];

const FORMATS: &[&str] = &[
    "'YYYY-MM-DD'",
    "'DD.MM.YYYY HH24:MI:SS.FF9'",
    "'999,999.99'",
    "'XXXX'",
    "'hex'",
    "'utf-8'",
    "'base64'",
    "'$'",
    "'AUTO'",
    "'%Y'",
    "'(a|b)+'",
    "'['",
    "'\\\\d+'",
    "'a.*'",
    "'MON'",
    "'TM9'",
    "'S0000.00MI'",
    "'Europe/Berlin'",
    "'UTC'",
    "'e'",
    "''",
];

const BINARY_OPERATORS: &[&str] = &[
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "=",
    "<>",
    "<",
    ">",
    "<=",
    ">=",
    "and",
    "or",
    "like",
    "ilike",
    "rlike",
    "is distinct from",
    "not like",
    "!=",
];

/// What statements look like where a value of some kind is wanted.
fn literal(random: &mut Random, family: &str) -> String {
    let of = |random: &mut Random, all: &[&str]| random.one(all).to_owned();
    match family {
        "number" | "exact" | "whole" | "integer" | "float" => of(
            random,
            &[
                "0",
                "1",
                "-1",
                "2",
                "3.14",
                "-0.005",
                "1e10",
                "1e308",
                "1e-300",
                "99999999999999999999999999999999999999",
                "-99999999999999999999999999999999999999",
                "9223372036854775807",
                "-9223372036854775808",
                "2147483648",
                "0.1",
                "12345678901234567890.123456789",
                "100",
                "1000000",
                "'12'",
                "'abc'",
                "null",
                "'nan'::float",
                "'inf'::float",
                "-32769",
                "0.00000000000000000000000000000000000001",
            ],
        ),
        "text" => match random.below(12) {
            0 => format!(
                "repeat('ab', {})",
                random.one(&["0", "3", "1000", "20000000", "-1"])
            ),
            1 => format!("'{}'", "x".repeat(random.below(3000))),
            _ => of(
                random,
                &[
                    "''",
                    "'a'",
                    "'abc'",
                    "'héllo 🦆'",
                    "'it''s'",
                    "'a,b,c'",
                    "'%'",
                    "'\\\\'",
                    "'{\"a\": 1}'",
                    "'[1, 2, 3]'",
                    "'2024-02-29'",
                    "'2024-02-29 12:34:56.789'",
                    "'12:34:56'",
                    "'1.5'",
                    "'true'",
                    "'\\u0000'",
                    "'\u{202e}x'",
                    "null",
                    "' x '",
                    "'0xff'",
                    "'e\u{301}'",
                    "'Ǆ'",
                    "'ß'",
                    "'<a b=\"c\">d</a>'",
                    "'https://user@host:80/p?q=1#f'",
                    "'192.168.0.1/24'",
                    "'9999-12-31'",
                    "$$x'y$$",
                ],
            ),
        },
        "boolean" => of(random, &["true", "false", "null", "1 = 1", "'t'", "0"]),
        "binary" => of(
            random,
            &[
                "x'00ff'",
                "to_binary('abc', 'utf-8')",
                "x''",
                "null",
                "'zz'",
            ],
        ),
        "date" => of(
            random,
            &[
                "'2024-02-29'::date",
                "current_date()",
                "'0001-01-01'::date",
                "'9999-12-31'::date",
                "null",
                "'2024-13-01'",
                "date '1582-10-15'",
            ],
        ),
        "time" => of(
            random,
            &[
                "'12:34:56.789'::time",
                "'00:00:00'::time",
                "'23:59:59.999999'::time",
                "null",
                "'25:00'",
            ],
        ),
        "timestamp" | "ntz" | "ltz" | "tz" => of(
            random,
            &[
                "'2024-02-29 12:34:56.789'::timestamp_ntz",
                "current_timestamp()",
                "'2024-02-29 12:34:56 +05:30'::timestamp_tz",
                "'1969-12-31 23:59:59.999'::timestamp_ltz",
                "'0001-01-01'::timestamp_ntz",
                "'9999-12-31 23:59:59'::timestamp_ltz",
                "null",
                "sysdate()",
                "'x'",
            ],
        ),
        "variant" | "value" => of(
            random,
            &[
                "parse_json('{\"a\": [1, 2.5, null, \"x\"]}')",
                "parse_json('null')",
                "1::variant",
                "'x'::variant",
                "null",
                "array_construct()",
                "object_construct('a', 1, 'b', null)",
                "to_variant(1.5::float)",
                "parse_json('1e400')",
                "parse_json('[[[]]]')",
                "current_date()::variant",
                "parse_json('\"\\u0000\"')",
            ],
        ),
        "object" => of(
            random,
            &[
                "object_construct('a', 1)",
                "{}",
                "{'a': 1, 'b': [1]}",
                "object_construct()",
                "null",
                "parse_json('[]')",
            ],
        ),
        "array" | "semi" => of(
            random,
            &[
                "array_construct(1, 2, 3)",
                "[]",
                "['a', null, [1]]",
                "array_construct()",
                "null",
                "split('a,b', ',')",
            ],
        ),
        "part" => of(random, PARTS),
        _ => {
            let family = random.one(FAMILIES);
            if family == "any" {
                "1".to_owned()
            } else {
                literal(random, family)
            }
        }
    }
}

pub const FAMILIES: &[&str] = &[
    "number",
    "text",
    "boolean",
    "binary",
    "date",
    "time",
    "timestamp",
    "variant",
    "object",
    "array",
    "any",
];

fn all_functions() -> &'static [&'static Function] {
    static ALL: std::sync::LazyLock<Vec<&'static Function>> = std::sync::LazyLock::new(|| {
        let categories = functions::categories().iter();
        // A wait is no work, and a long one is a long one.
        let all = categories.flat_map(|(_, functions)| *functions);
        all.filter(|function| function.name != "SYSTEM$WAIT")
            .collect()
    });
    &ALL
}

fn call(random: &mut Random, depth: usize) -> String {
    let function = all_functions()[random.below(all_functions().len())];
    let signature = &function.signatures[random.below(function.signatures.len())];
    let (parameters, _) = signature
        .text
        .split_once(" -> ")
        .unwrap_or((signature.text, ""));
    let parameters = parameters.trim_start_matches('(').trim_end_matches(')');
    let mut arguments = Vec::new();
    for parameter in parameters
        .split(',')
        .map(str::trim)
        .filter(|p| !p.is_empty())
    {
        if parameter.ends_with('?') && random.percent(50) {
            break;
        }
        let family = parameter.trim_matches(|c: char| !c.is_alphanumeric());
        let times = if parameter.ends_with("...") {
            1 + random.below(3)
        } else {
            1
        };
        for _ in 0..times {
            let argument = match random.below(20) {
                0 => literal(random, "any"),
                1 => random.one(FORMATS).to_owned(),
                2..6 => expression(random, depth),
                6..9 => random.one(COLUMNS).to_owned(),
                _ => literal(random, family),
            };
            arguments.push(argument);
        }
    }
    match random.below(40) {
        0 => drop(arguments.pop()),
        1 => arguments.push(literal(random, "any")),
        _ => {}
    }
    let name = function.name;
    let distinct = if random.percent(3) { "distinct " } else { "" };
    let mut text = format!("{name}({distinct}{})", arguments.join(", "));
    if random.percent(3) {
        text += " within group (order by n)";
    }
    if random.percent(6) {
        text += " over (";
        if random.percent(50) {
            text += &format!("partition by {} ", random.one(COLUMNS));
        }
        if random.percent(60) {
            text += &format!("order by {} ", random.one(COLUMNS));
        }
        text += random.one(&[
            "",
            "",
            "rows between unbounded preceding and current row",
            "rows between 1 preceding and 1 following",
            "range between unbounded preceding and unbounded following",
            "rows between 2 following and 1 preceding",
            "range between 1 preceding and current row",
            "groups between 1 preceding and current row",
        ]);
        text += ")";
    }
    text
}

/// An expression; deeper ones get simpler.
pub fn expression(random: &mut Random, depth: usize) -> String {
    if depth > 4 || random.percent(15) {
        return match random.below(3) {
            0 => random.one(COLUMNS).to_owned(),
            _ => literal(random, "any"),
        };
    }
    let depth = depth + 1;
    match random.below(20) {
        0..8 => call(random, depth),
        8..11 => {
            let operator = random.one(BINARY_OPERATORS);
            format!(
                "({} {operator} {})",
                expression(random, depth),
                expression(random, depth)
            )
        }
        11 => format!("{}::{}", expression(random, depth), random.one(TYPES)),
        12 => format!(
            "{}({} as {})",
            random.one(&["cast", "try_cast"]),
            expression(random, depth),
            random.one(TYPES)
        ),
        13 => format!(
            "case when {} then {} else {} end",
            expression(random, depth),
            expression(random, depth),
            expression(random, depth)
        ),
        14 => format!(
            "{} in ({})",
            expression(random, depth),
            random.list(4, ", ", |r| expression(r, depth))
        ),
        15 => format!(
            "{} between {} and {}",
            expression(random, depth),
            expression(random, depth),
            expression(random, depth)
        ),
        16 => format!("({})", query(random, depth + 1)),
        17 => format!(
            "{} {}",
            random.one(&["not", "-", "+"]),
            expression(random, depth)
        ),
        18 => format!(
            "{} is {}null",
            expression(random, depth),
            random.one(&["", "not "])
        ),
        _ => match random.below(6) {
            0 => format!("exists ({})", query(random, depth + 1)),
            1 => format!(
                "{} in ({})",
                expression(random, depth),
                query(random, depth + 1)
            ),
            2 => format!(
                "{}[{}]",
                random.one(&["v", "a", "o", "v:a"]),
                expression(random, depth)
            ),
            3 => format!(
                "{}:{}",
                random.one(&["v", "o", "parse_json('{}')"]),
                random.one(&["a", "\"x y\"", "a.b[0]", "a::int"])
            ),
            4 => format!(
                "extract({} from {})",
                random.one(PARTS),
                expression(random, depth)
            ),
            _ => format!(
                "interval '{} {}' + {}",
                random.one(&["1", "-2", "x", "999999999999"]),
                random.one(PARTS),
                literal(random, "timestamp")
            ),
        },
    }
}

fn relation(random: &mut Random, depth: usize) -> String {
    if depth > 4 {
        return random.one(&["t", "u", "w"]).to_owned();
    }
    match random.below(16) {
        0..5 => random.one(&["t", "u", "w", "nope", "c"]).to_owned(),
        5 => format!("({}) as s{}", query(random, depth + 1), depth),
        6 => format!(
            "values {}",
            random.list(3, ", ", |r| format!(
                "({})",
                r.list(2, ", ", |r| literal(r, "any"))
            ))
        ),
        7 => format!(
            "t, lateral flatten(input => {})",
            random.one(&["v", "a", "o", "v:a", "s", "parse_json('[1]')", "n"])
        ),
        8 => format!(
            "table(generator(rowcount => {}))",
            random.one(&["0", "1", "10", "1000", "-1", "'x'", "n"])
        ),
        9 => format!(
            "table(split_to_table({}, {}))",
            expression(random, depth + 2),
            literal(random, "text")
        ),
        10 => format!(
            "{} sample ({})",
            random.one(&["t", "u"]),
            random.one(&["10", "0", "100", "3 rows", "-1", "101", "x"])
        ),
        _ => format!(
            "{} {} {}{}",
            relation(random, depth + 1),
            random.one(&[
                "join",
                "left join",
                "right join",
                "full join",
                "cross join",
                "natural join",
                "inner join",
                "asof join"
            ]),
            relation(random, depth + 1),
            match random.below(4) {
                0 => String::new(),
                1 => format!(" using ({})", random.one(COLUMNS)),
                _ => format!(" on {}", expression(random, depth + 2)),
            }
        ),
    }
}

pub fn query(random: &mut Random, depth: usize) -> String {
    let mut text = String::new();
    if random.percent(8) {
        text += &format!("with c as ({}) ", query(random, depth + 2));
    }
    text += "select ";
    text += random.one(&["", "", "", "", "distinct ", "top 3 "]);
    text += &random.list(3, ", ", |random| match random.below(10) {
        0 => random
            .one(&[
                "*",
                "* exclude n",
                "* rename n as m",
                "t.*",
                "count(*)",
                "* replace (1 as n)",
                "* ilike '%a%'",
            ])
            .to_owned(),
        1..4 => format!("{} as c{}", expression(random, depth), random.below(3)),
        _ => expression(random, depth),
    });
    if random.percent(85) {
        text += &format!(" from {}", relation(random, depth));
    }
    if random.percent(30) {
        text += &format!(" where {}", expression(random, depth));
    }
    if random.percent(15) {
        text += " group by ";
        text += &match random.below(6) {
            0 => "all".to_owned(),
            1 => "1".to_owned(),
            2 => format!(
                "{} ({})",
                random.one(&["rollup", "cube"]),
                random.list(3, ", ", |r| r.one(COLUMNS).to_owned())
            ),
            3 => format!("grouping sets (({}), ())", random.one(COLUMNS)),
            _ => random.list(2, ", ", |r| expression(r, depth + 1)),
        };
        if random.percent(40) {
            text += &format!(" having {}", expression(random, depth));
        }
    }
    if random.percent(6) {
        text += &format!(" qualify {}", expression(random, depth));
    }
    if depth < 3 && random.percent(8) {
        text += random.one(&[
            " union all ",
            " union ",
            " intersect ",
            " except ",
            " minus ",
        ]);
        text += &query(random, depth + 2);
    }
    if random.percent(20) {
        let by = random.list(2, ", ", |r| match r.below(3) {
            0 => r.one(&["1", "2", "99", "0"]).to_owned(),
            _ => expression(r, depth + 1),
        });
        text += &format!(
            " order by {by}{}",
            random.one(&["", " desc", " asc nulls last", " nulls first"])
        );
    }
    if random.percent(10) {
        text += &format!(
            " limit {}",
            random.one(&[
                "0",
                "1",
                "5",
                "null",
                "-1",
                "99999999999999999999",
                "1 offset 2"
            ])
        );
    }
    text
}

/// A statement of any kind.
pub fn statement(random: &mut Random) -> String {
    let table = random.one(&["t", "u", "fresh", "w", "nope"]);
    let column = random.one(&[
        "n", "s", "v", "d", "id", "name", "amount", "dt", "x", "nope", "extra",
    ]);
    match random.below(40) {
        0..20 => query(random, 0),
        20 => format!("insert into {table} {}", query(random, 2)),
        21 => format!(
            "insert into {table} ({column}) values {}",
            random.list(4, ", ", |r| format!("({})", literal(r, "any")))
        ),
        22 => format!(
            "insert into u values {}",
            random.list(3, ", ", |r| format!(
                "({}, {}, {})",
                literal(r, "number"),
                literal(r, "text"),
                expression(r, 3)
            ))
        ),
        23 => format!(
            "update {table} set {column} = {} where {}",
            expression(random, 2),
            expression(random, 2)
        ),
        24 => format!(
            "delete from {table} where {} and 1 = 0",
            expression(random, 2)
        ),
        25 => format!(
            "merge into u using ({}) s on {} when matched then update set name = {} when not matched then insert (id) values ({})",
            query(random, 3),
            random.one(&["u.id = s.c1", "u.id = 1", "true", "u.id = s.id"]),
            expression(random, 3),
            expression(random, 3)
        ),
        26 => format!("create or replace table fresh as {}", query(random, 1)),
        27 => format!(
            "create or replace {} fresh ({})",
            random.one(&["table", "transient table", "temporary table"]),
            random.list(4, ", ", |r| {
                format!(
                    "{} {} {}",
                    r.one(&["a", "b", "c", "d", "n", "\"x y\""]),
                    r.one(TYPES),
                    r.one(&[
                        "",
                        "",
                        "not null",
                        "default 1",
                        "primary key",
                        "default 'x'",
                        "autoincrement",
                        "collate 'en-ci'",
                        "unique"
                    ])
                )
            })
        ),
        28 => format!("create or replace view w as {}", query(random, 1)),
        29 => format!(
            "alter table {table} {}",
            match random.below(6) {
                0 => format!("add column extra {}", random.one(TYPES)),
                1 => format!("drop column {column}"),
                2 => format!("rename column {column} to other"),
                3 => format!("alter column {column} set data type {}", random.one(TYPES)),
                4 => format!(
                    "alter column {column} {}",
                    random.one(&[
                        "drop not null",
                        "set not null",
                        "drop default",
                        "comment 'x'",
                        "set default 1"
                    ])
                ),
                _ => format!("rename to {}", random.one(&["t", "fresh", "gone"])),
            }
        ),
        30 => format!(
            "{} {} if exists {table}",
            random.one(&["drop", "undrop", "describe", "truncate"]),
            random.one(&["table", "view", "schema", "sequence"])
        ),
        31 => random
            .one(&[
                "begin",
                "commit",
                "rollback",
                "start transaction",
                "begin transaction name x",
            ])
            .to_owned(),
        32 => format!(
            "show {} {}",
            random.one(&[
                "tables",
                "views",
                "columns",
                "schemas",
                "objects",
                "functions",
                "parameters",
                "variables",
                "sequences",
                "databases",
                "nope",
                "primary keys",
                "transactions"
            ]),
            random.one(&[
                "",
                "like '%'",
                "in schema",
                "in account",
                "limit 3",
                "starts with 'T'",
                "like 5"
            ])
        ),
        33 => format!("set x = {}", expression(random, 3)),
        34 => format!(
            "alter session set {} = {}",
            random.one(&[
                "timezone",
                "date_output_format",
                "week_start",
                "timestamp_type_mapping",
                "binary_output_format",
                "quoted_identifiers_ignore_case",
                "rows_per_resultset",
                "json_indent"
            ]),
            random.one(&[
                "'UTC'",
                "'America/New_York'",
                "1",
                "7",
                "'YYYY'",
                "true",
                "false",
                "'x'",
                "0",
                "default"
            ])
        ),
        35 => format!("select $x, q.nextval, {}", expression(random, 2)),
        36 => format!("{}; {}", query(random, 1), query(random, 1)),
        37 => format!("explain {}", query(random, 1)),
        38 => format!(
            "select * from table(result_scan(last_query_id({})))",
            random.one(&["", "-1", "1", "-99", "0"])
        ),
        _ => SETUP[random.below(SETUP.len())].to_owned(),
    }
}

/// The columns of `t` of a family.
fn columns(family: &str) -> &'static [&'static str] {
    match family {
        "number" | "exact" | "whole" | "integer" | "float" => &["n", "d", "f", "t.n"],
        "text" => &["s"],
        "boolean" => &["b"],
        "date" => &["dt"],
        "time" => &["t.t"],
        "timestamp" | "ntz" | "ltz" | "tz" => &["ts", "tz", "ltz"],
        "object" => &["o"],
        "array" => &["a"],
        "binary" => &["x"],
        _ => &["v", "v:a", "v:a[1]", "o:k"],
    }
}

/// The family of a signature's result, as far as it says.
fn result_family(signature: &str) -> &'static str {
    let (_, result) = signature.split_once("-> ").unwrap_or_default();
    let result = result.to_lowercase();
    let known = [
        ("text", "text"),
        ("number", "number"),
        ("float", "number"),
        ("sum", "number"),
        ("boolean", "boolean"),
        ("date", "date"),
        ("timestamp", "timestamp"),
        ("time", "time"),
        ("variant", "variant"),
        ("object", "object"),
        ("array", "array"),
        ("binary", "binary"),
    ];
    let found = known.iter().find(|(start, _)| result.starts_with(start));
    found.map_or("any", |(_, family)| family)
}

/// A call that gives a value of this family, of arguments that fit.
fn typed_call(random: &mut Random, family: &str, aggregate: bool, depth: usize) -> Option<String> {
    let functions = all_functions();
    for _ in 0..60 {
        let function = functions[random.below(functions.len())];
        let signature = &function.signatures[random.below(function.signatures.len())];
        let result = result_family(signature.text);
        if signature.lowering.is_aggregate() != aggregate || (result != family && result != "any") {
            continue;
        }
        let (parameters, _) = signature.text.split_once(" -> ")?;
        let parameters = parameters.trim_start_matches('(').trim_end_matches(')');
        let mut arguments = Vec::new();
        for parameter in parameters
            .split(',')
            .map(str::trim)
            .filter(|p| !p.is_empty())
        {
            if parameter.ends_with('?') && random.percent(50) {
                break;
            }
            let wanted = parameter.trim_matches(|c: char| !c.is_alphanumeric());
            let wanted = if wanted == "T" { family } else { wanted };
            arguments.push(match (wanted, parameter.starts_with('=')) {
                ("part", _) => random.one(&PARTS[..17]).to_owned(),
                (wanted, true) => literal(random, wanted),
                ("text", _) if random.percent(20) => random.one(FORMATS).to_owned(),
                (wanted, _) => typed(random, wanted, depth + 1),
            });
        }
        return Some(format!("{}({})", function.name, arguments.join(", ")));
    }
    None
}

/// An expression of this family.
pub fn typed(random: &mut Random, family: &str, depth: usize) -> String {
    let family = match family {
        "any" | "value" | "T" => random.one(&FAMILIES[..10]),
        family => family,
    };
    let number = matches!(family, "number" | "exact" | "whole" | "integer" | "float");
    match random.below(if depth > 3 { 8 } else { 20 }) {
        0..4 => random.one(columns(family)).to_owned(),
        4..8 => literal(random, family),
        8 if number => {
            let operator = random.one(&["+", "-", "*", "/", "%"]);
            format!(
                "({} {operator} {})",
                typed(random, "number", depth + 1),
                typed(random, "number", depth + 1)
            )
        }
        8..10 if family == "boolean" => {
            let of = random.one(FAMILIES);
            let operator = random.one(&["=", "<>", "<", ">=", "is distinct from"]);
            format!(
                "({} {operator} {})",
                typed(random, of, depth + 1),
                typed(random, of, depth + 1)
            )
        }
        8 => format!(
            "coalesce({}, {})",
            typed(random, family, depth + 1),
            typed(random, family, depth + 1)
        ),
        9 => format!(
            "iff({}, {}, {})",
            typed(random, "boolean", depth + 1),
            typed(random, family, depth + 1),
            typed(random, family, depth + 1)
        ),
        10 => format!(
            "case {} when {} then {} end",
            typed(random, "number", depth + 1),
            typed(random, "number", depth + 1),
            typed(random, family, depth + 1)
        ),
        11 => {
            let ty = match family {
                "text" => "varchar",
                "boolean" => "boolean",
                "date" => "date",
                "time" => "time",
                "timestamp" | "ntz" | "ltz" | "tz" => {
                    random.one(&["timestamp_ntz", "timestamp_ltz", "timestamp_tz"])
                }
                "object" => "object",
                "array" => "array",
                "binary" => "binary",
                _ if number => random.one(&["int", "number(20,5)", "float", "number(38,37)"]),
                _ => "variant",
            };
            format!(
                "try_cast({}::varchar as {ty})",
                typed(random, family, depth + 1)
            )
        }
        _ => typed_call(random, family, false, depth).unwrap_or_else(|| literal(random, family)),
    }
}

/// A query of expressions that fit, over rows that are there.
fn typed_query(random: &mut Random) -> String {
    let from = random.one(&[
        "t",
        "t",
        "t left join u on t.n = u.id",
        "t, lateral flatten(input => t.a) fl",
        "(select * from t limit 3) t",
        "t join (select n as m, count(*) as k from t group by 1) g on g.m = t.n",
    ]);
    let mut text = match random.below(4) {
        0 => {
            let key = random.one(FAMILIES);
            let key = typed(random, key, 2);
            let aggregates = random.list(2, ", ", |r| {
                let family = r.one(FAMILIES);
                typed_call(r, family, true, 1).unwrap_or_else(|| "count(*)".to_owned())
            });
            format!("select {key} as c0, {aggregates} from {from} group by 1")
        }
        1 => {
            let windows = random.list(2, ", ", |r| {
                let family = r.one(FAMILIES);
                let call =
                    typed_call(r, family, true, 2).unwrap_or_else(|| "row_number()".to_owned());
                let by = r.one(FAMILIES);
                let frame = r.one(&[
                    "",
                    "rows between 1 preceding and current row",
                    "rows between unbounded preceding and unbounded following",
                ]);
                format!(
                    "{call} over (partition by {} order by {} {frame})",
                    typed(r, by, 3),
                    typed(r, by, 3)
                )
            });
            format!("select {windows} from {from}")
        }
        _ => {
            let items = random.list(3, ", ", |r| {
                let family = r.one(FAMILIES);
                typed(r, family, 0)
            });
            format!("select {items} from {from}")
        }
    };
    if random.percent(20) {
        let by = random.one(FAMILIES);
        let by = if text.contains("group by") {
            "1".to_owned()
        } else {
            typed(random, by, 2)
        };
        text += &format!(" order by {by}");
    } else if random.percent(20) && !text.contains("group by") {
        text += &format!(" where {}", typed(random, "boolean", 1));
    }
    text
}

/// A statement that fits the tables, as long as they are as they were made.
pub fn typed_statement(random: &mut Random) -> String {
    let (column, family) = {
        let family = random.one(&FAMILIES[..10]);
        let column = match family {
            "time" => "t",
            family => columns(family)[0],
        };
        (column, family)
    };
    match random.below(20) {
        0 => format!(
            "insert into t ({column}) select {} from t limit 3",
            typed(random, family, 1)
        ),
        1 => format!(
            "insert into t ({column}) values ({})",
            literal(random, family)
        ),
        2 => format!(
            "update t set {column} = {} where n = 1",
            typed(random, family, 1)
        ),
        3 => format!(
            "delete from t where {} and n > 5",
            typed(random, "boolean", 1)
        ),
        4 => format!("create or replace table fresh as {}", typed_query(random)),
        5 => format!(
            "merge into t using u on t.n = u.id when matched then update set {column} = {} when not matched then insert ({column}) values ({})",
            literal(random, family),
            literal(random, family)
        ),
        _ => typed_query(random),
    }
}

/// The statement, broken somewhere.
pub fn mutated(random: &mut Random, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    if characters.is_empty() {
        return text.to_owned();
    }
    for _ in 0..=random.below(3) {
        let place = random.below(characters.len());
        match random.below(8) {
            0 => drop(characters.remove(place)),
            1 => {
                let odd = random.one(&[
                    "'", "\"", "(", ")", ";", "\0", "🦆", "--", "/*", "$$", "::", ",", "\u{301}",
                    "?", "\\", "@", "{", "]", ":x", "=>",
                ]);
                characters.splice(place..place, odd.chars());
            }
            2 => {
                let end = (place + random.below(30)).min(characters.len());
                characters.drain(place..end);
            }
            3 => {
                let end = (place + random.below(30)).min(characters.len());
                let copy: Vec<char> = characters[place..end].to_vec();
                characters.splice(place..place, copy);
            }
            4 => {
                let word = random.one(&[
                    " select ",
                    " from ",
                    " null ",
                    " over ",
                    " group by ",
                    " distinct ",
                    " as ",
                    " not ",
                    " in ",
                    " lateral ",
                    " table ",
                    " * ",
                ]);
                characters.splice(place..place, word.chars());
            }
            5 => {
                let depth = 1 + random.below(400);
                characters.splice(place..place, std::iter::repeat_n('(', depth));
            }
            6 => {
                let digits = 1 + random.below(60);
                characters.splice(place..place, std::iter::repeat_n('9', digits));
            }
            _ => characters.truncate(place.max(1)),
        }
        if characters.is_empty() {
            break;
        }
    }
    characters.into_iter().collect()
}
