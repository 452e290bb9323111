//! Malformed requests of every kind: each gets a clear answer of Snowflake's form, without a word of the engine, and the
//! server goes on.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::client::{Answer, Client, OverHttp, TestServer, agent};

/// What would give the engine away.
pub const ENGINE_WORDS: &[&str] = &[
    "duckdb",
    "Catalog Error",
    "Binder Error",
    "Parser Error",
    "Conversion Error",
    "Invalid Input Error",
    "Out of Range Error",
    "Out of Memory Error",
    "Constraint Error",
    "Not implemented Error",
    "Invalid Error",
    "IO Error",
    "TransactionContext",
    "Could not convert",
    "No function matches",
    "Candidate functions",
    "explicit type casts",
    "HUGEINT",
    "TIME_NS",
    "sf_",
    "sqlparser",
    "panicked",
    "RUST_BACKTRACE",
    "src/",
];

/// Nothing in an answer gives the engine away.
pub fn without_engine_words(text: &str, what: &str) {
    for word in ENGINE_WORDS {
        let text = text.to_lowercase();
        assert!(
            !text.contains(&word.to_lowercase()),
            "{what}: {word}: {text:.500}"
        );
    }
}

/// Python's http.client sends a request's body after its headers, and goes on with the same connection.
#[test]
fn a_connection_outlives_a_body_that_comes_late() {
    let mut server = TestServer::start();
    let base = server.listen();
    let session = OverHttp::login(&base, &json!({"LOGIN_NAME": "tester"}));
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    for _ in 0..2 {
        let headers = format!(
            "POST /session?delete=true HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Type: application/json\r\nAuthorization: Snowflake Token=\"{}\"\r\n\r\n",
            session.token
        );
        stream.write_all(headers.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        stream.write_all(b"{}").unwrap();
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 200 OK\r\n");
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            assert!(answers.read_line(&mut line).unwrap() > 0);
            if let Some(bytes) = line.to_lowercase().strip_prefix("content-length: ") {
                length = bytes.trim().parse().unwrap();
            }
        }
        answers.read_exact(&mut vec![0; length]).unwrap();
    }
}

/// Texts that are no statement, or one that nobody would write.
fn absurd_statements() -> Vec<String> {
    let deep = 20_000;
    let mut texts: Vec<String> = [
        "",
        ";",
        ";;;",
        " ",
        "\0",
        "select \0",
        "select '\0'",
        "select \"\0\"",
        "'",
        "\"",
        "$$",
        "/*",
        "/* /* */",
        "--",
        "select 'a",
        "select \"a",
        "select $$a",
        "select 1 /* ",
        "select (",
        "select )",
        "select 1)",
        "((((",
        "))))",
        "select",
        "select from",
        "select *",
        "select * from",
        "select 1 from from",
        "select 1,",
        "select , 1",
        "select 1 where",
        "select 1 group by",
        "select 1 order by",
        "select 1 limit",
        "select 1 limit -1",
        "select 1 limit 'a'",
        "select 1 limit 99999999999999999999999999",
        "select case end",
        "select case when 1",
        "select cast(1 as)",
        "select cast(1 as nope)",
        "select 1::",
        "select 1::number(99)",
        "select 1::number(5, 9)",
        "select 1::varchar(0)",
        "select 1::varchar(99999999999)",
        "select nope()",
        "select nope(1, 2)",
        "select count(",
        "select sum(sum(1))",
        "select a.b.c.d.e.f",
        "select \"\"",
        "select 1 as \"\"",
        "select ?",
        "select :nope",
        "select $1",
        "select @x",
        "select #",
        "select `a`",
        "select 1 union",
        "select 1 union select 1, 2",
        "select * from (select 1",
        "select * from table()",
        "select * from table(nope(1))",
        "select * from table(result_scan())",
        "select * from table(result_scan('x'))",
        "select * from table(result_scan(1, 2))",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from duckdb_tables()",
        "select getenv('HOME')",
        "select current_setting('threads')",
        "select * from sqlite_master",
        "pragma version",
        "attach 'x'",
        "install httpfs",
        "load httpfs",
        "copy t to 'x'",
        "set threads = 1",
        "export database 'x'",
        "checkpoint",
        "vacuum",
        "call pragma_version()",
        "insert",
        "insert into",
        "insert into nope",
        "insert into nope values",
        "insert into nope values ()",
        "insert into nope values (1",
        "update",
        "update nope",
        "update nope set",
        "delete",
        "delete from",
        "merge",
        "merge into",
        "create",
        "create table",
        "create table t",
        "create table t ()",
        "create table t (a",
        "create table t (a nope)",
        "create table t (a int, a int)",
        "create view",
        "create view v as",
        "create view v as select nope",
        "drop",
        "drop table",
        "drop nope x",
        "alter",
        "alter table",
        "alter session set",
        "alter session set nope = 1",
        "alter session set timezone = 'Nope/Nope'",
        "use",
        "use database nope",
        "show",
        "show nope",
        "show tables in",
        "describe",
        "describe table",
        "describe table nope",
        "begin begin",
        "commit nope",
        "grant",
        "explain",
        "call nope()",
        "call system$wait()",
        "call system$wait('x')",
        "call system$wait(-1)",
        "call system$wait(1, 'EONS')",
        "select system$cancel_query()",
        "select system$cancel_all_queries('x')",
        "execute immediate",
        "with a as (select 1)",
        "with a as () select 1",
        "with recursive a as (select * from a) select * from a",
        "values",
        "values ()",
        "values (1), (1, 2)",
        "select 1e999999999",
        "select 1.5.5",
        "select 0x",
        "select x'0'",
        "select x'zz'",
        "select '\\u12'::int",
        "select 'x'::date",
        "select 'x'::timestamp",
        "select 'x'::boolean",
        "select 1/0",
        "select 1 % 0",
        "select 99999999999999999999999999999999999999 * 99",
        "\u{feff}select 1)",
        "sélect 1",
        "select 1 \u{2028})",
        "🦆",
        "select 🦆",
        "select 1;select",
        "select \\",
        "select 1 from dual dual dual",
        "\u{202e}select",
        "select 1 select 1",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.extend([
        format!("select {}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("select {}1", "(".repeat(deep)),
        format!("select {}1", "-".repeat(2).repeat(10) + &"- ".repeat(deep)),
        format!("select {}true", "not ".repeat(deep)),
        format!("select nope{}", " + nope".repeat(deep)),
        format!("select nope{}", " || 'x'".repeat(deep)),
        format!("select {}1{}", "abs(".repeat(deep), ")".repeat(deep)),
        format!(
            "select {}1{}",
            "case when true then ".repeat(deep),
            " end".repeat(deep)
        ),
        format!(
            "{}select nope{}",
            "select * from (".repeat(deep),
            ")".repeat(deep)
        ),
        format!("select nope{}", " union all select 1".repeat(deep)),
        format!("select {}", "[".repeat(deep)),
        format!("select {}", "{'a':".repeat(deep)),
        format!("select a{}", "[0]".repeat(deep)),
        format!("select a{}", ":b".repeat(deep)),
        format!("select a{}", ".b".repeat(deep)),
        format!("select 1{}", "::int".repeat(deep) + "::nope"),
        format!(
            "create table t (a {}int{})",
            "array(".repeat(deep),
            ")".repeat(deep)
        ),
        format!("select {}", "a".repeat(1 << 20)),
        format!("select \"{}\"", "a\"\"".repeat(1 << 19)),
        format!("select * from \"{}\"", "é".repeat(1 << 19)),
        format!("select {}", "9".repeat(1 << 20) + "x"),
        format!("select '{}'::int", "9".repeat(1 << 20)),
        format!("select '{}", "a".repeat(1 << 20)),
        format!("/* {}", "a".repeat(1 << 20)),
        format!("select nope, {}1", "1, ".repeat(100_000)),
        format!("select nope in ({}1)", "1, ".repeat(100_000)),
        format!("insert into nope values {}(1)", "(1), ".repeat(100_000)),
        format!("insert into nope values {}(1, 2)", "(1), ".repeat(100_000)),
        format!("insert into nope values {}('", "(1), ".repeat(100_000)),
        format!("{}select 1 1", "\n".repeat(1 << 20)),
        ";".repeat(1 << 20),
        "select 1;".repeat(1000),
        "(".repeat(1 << 20),
        "'".repeat((1 << 20) + 1),
        "$".repeat((1 << 20) + 1),
        "/*".repeat(1 << 19),
    ]);
    texts
}

/// The same text by the other protocol: no more can come of it.
fn by_sql_api(base: &str, text: &str, what: &str) {
    let request = agent()
        .post(format!("{base}/api/v2/statements"))
        .header("Authorization", "Bearer tester")
        .header("Accept", "application/json");
    let body = json!({"statement": text, "parameters": {"MULTI_STATEMENT_COUNT": "0"}});
    let mut response = request.send_json(body).unwrap();
    let status = response.status().as_u16();
    let answer: serde_json::Value = response.body_mut().read_json().unwrap();
    assert!(matches!(status, 200 | 400 | 408 | 422), "{what}: {status}");
    assert_eq!(answer["code"].as_str().map(str::len), Some(6), "{what}");
    let message = answer["message"].as_str().unwrap_or_default();
    assert!(!message.is_empty(), "{what}");
    if !text.contains("duckdb") {
        without_engine_words(&message.replace(text.trim(), ""), what);
    }
}

#[test]
fn absurd_texts() {
    let mut server = TestServer::start();
    let base = server.listen();
    let session = OverHttp::login(&base, &json!({"LOGIN_NAME": "tester"}));
    let texts = absurd_statements();
    assert!(texts.len() > 150);
    let mut accepted = Vec::new();
    let mut internal = Vec::new();
    for text in &texts {
        let what: String = text.chars().take(60).collect();
        by_sql_api(&base, text, &what);
        let answer = session.query(text);
        if answer["success"] == json!(true) {
            accepted.push(what);
            continue;
        }
        let code = answer["code"].as_str().unwrap_or_default();
        if code == "000603" {
            internal.push(what.clone());
        }
        let message = answer["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "{what}: {answer}");
        // The text of the statement itself may say anything.
        let message = message.replace(text.trim(), "");
        if !text.contains("duckdb") {
            without_engine_words(&message, &what);
        }
    }
    println!("accepted: {accepted:?}");
    assert!(internal.is_empty(), "internal errors: {internal:?}");
    assert!(accepted.len() < 20, "{accepted:?}");
    assert_eq!(session.query("select 1")["success"], json!(true));
}

#[test]
fn binds_reach_statements_over_http() {
    let server = TestServer::start();
    let mut session = server.session();
    let Answer::Error { code, text, .. } = session.run("select ? + 1") else {
        panic!("a bind variable from nowhere")
    };
    assert_eq!(code, "002049");
    assert!(
        text.ends_with("error line 1 at position 7\nBind variable ? not set."),
        "{text}"
    );
}
