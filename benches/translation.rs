//! What it takes to turn a statement into the engine's SQL: tokens, parser, binder, lowering; nothing is run.
//!
//! `cargo bench --bench translation`. A cache of translations would have to know everything that a translation looks at
//! (names, formats, variables, the clock); it has to save more than this measures to be worth that. What costs more, the
//! engine's own preparation, is kept per connection by the engine's text.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use snowglobe::config::Config;
use snowglobe::engine;
use snowglobe::query::{self, Login, Service, Submission};
use snowglobe::session::Session;
use snowglobe::statement::{Instance, InstanceOptions, LoginScope};

const TABLES: &[&str] = &[
    "create table customers (id int, name varchar(100), city varchar, created timestamp_ntz, balance number(12,2), v variant)",
    "create table orders (id int, customer_id int, day date, amount number(12,2), status varchar(10), items array)",
    "create view paid as select * from orders where status = 'PAID'",
];

const TYPICAL: &[(&str, &str)] = &[
    ("a constant", "select 1"),
    ("a row by its key", "select * from customers where id = 42"),
    (
        "join, groups, order",
        "select c.city, date_trunc('month', o.day) as month, count(*) as orders, sum(o.amount) as total, \
         avg(o.amount) as mean from customers c join orders o on o.customer_id = c.id \
         where o.status in ('PAID', 'SHIPPED') and o.day >= '2024-01-01' group by 1, 2 having sum(o.amount) > 100 \
         order by total desc nulls last limit 20",
    ),
    (
        "windows and paths",
        "select id, v:address.city::varchar as city, row_number() over (partition by city order by created desc) as n, \
         iff(balance > 0, 'credit', 'debit') as kind, coalesce(upper(trim(name)), 'nobody') as who from customers \
         qualify n = 1",
    ),
    (
        "tables in a chain, a view",
        "with recent as (select * from paid where day > dateadd(day, -30, current_date())), \
         sums as (select customer_id, sum(amount) as total from recent group by customer_id) \
         select c.name, s.total from sums s left join customers c on c.id = s.customer_id order by 2 desc",
    ),
    (
        "merge",
        "merge into customers t using (select customer_id as id, max(status) as s from orders group by 1) u on t.id = u.id \
         when matched then update set name = u.s when not matched then insert (id, name) values (u.id, u.s)",
    ),
];

fn main() {
    let scratch = tempfile::tempdir().unwrap();
    let context = Config::default().context;
    let instance = Instance::open(InstanceOptions {
        spool_directory: scratch.path().join("results"),
        spool_limit: 1 << 30,
        stage_directory: scratch.path().join("stages"),
        account: "bench".to_owned(),
        multi_account: false,
        strict_login: false,
        default_scope: LoginScope {
            database: Some(context.database),
            schema: Some(context.schema),
            warehouse: Some(context.warehouse),
            role: Some(context.role),
        },
        engine: engine::Options {
            database: None,
            temp_directory: scratch.path().join("engine"),
            readable_directories: vec![scratch.path().join("stages")],
            memory_limit: None,
            threads: Some(2),
            concurrent_statements: 4,
        },
    })
    .unwrap();
    let service = Service::new(Arc::clone(&instance), query::Options::default());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let login = service.login(Login {
        account: "bench".to_owned(),
        user: Some("bench".to_owned()),
        ..Login::default()
    });
    let (session, _) = runtime.block_on(login).unwrap();
    for table in TABLES {
        runtime.block_on(async {
            let submission = Submission {
                text: (*table).to_owned(),
                ..Submission::default()
            };
            let query = service.submit(&session, submission);
            query.wait(Duration::from_secs(10)).await.unwrap();
        });
    }
    for (name, sql) in TYPICAL {
        measure(&service, &session, name, sql, 2000);
    }
    let long = long_statement();
    let name = format!("{:.1} kB", long.len() as f64 / 1000.0);
    measure(&service, &session, &name, &long, 100);
}

fn measure(service: &Service, session: &Arc<Session>, name: &str, sql: &str, runs: usize) {
    let mut times: Vec<_> = (0..runs)
        .map(|_| {
            let began = Instant::now();
            let translated = service.translate(session, sql).unwrap();
            std::hint::black_box(translated);
            began.elapsed()
        })
        .collect();
    times.sort();
    println!(
        "{name:<28} median {:>8.3} ms  p99 {:>8.3} ms",
        times[runs / 2].as_secs_f64() * 1000.0,
        times[runs * 99 / 100].as_secs_f64() * 1000.0
    );
}

/// A statement of 14 kB, as report generators write them.
fn long_statement() -> String {
    let mut sql = String::from("select c.id");
    let mut number = 0;
    while sql.len() < 13_700 {
        number += 1;
        write!(
            sql,
            ",\n  sum(case when o.status = 'S{number}' and o.amount between {number} and {number}.5 then o.amount * 1.1 \
             else 0 end) as total_{number},\n  coalesce(max(iff(c.city = 'C{number}', upper(c.name), null)), 'none') as n_{number}"
        )
        .unwrap();
    }
    sql.push_str("\nfrom customers c join orders o on o.customer_id = c.id\nwhere o.day >= '2024-01-01' group by 1");
    sql
}
