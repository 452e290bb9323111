//! Transactions against a model: random statements of two and three sessions, failures and cancels at random places, and a
//! small model of Snowflake's rules that says what each may answer.
//!
//! The rules: a statement reads what is committed before it, and its own transaction's writes (READ COMMITTED); a failed
//! statement is undone alone; a write locks its table until its transaction ends, INSERTs beside each other, everything else
//! alone; DDL commits what is open, and itself. With LOCK_TIMEOUT = 0 a statement that would wait fails at once, so that one
//! thread can play all sessions and every answer is known.
//!
//! Where Snowglobe cannot do as Snowflake does it says so (000627: the transaction is lost as a whole; 000002: a statement is
//! refused), and the model goes on from what that means.
//!
//! `SNOWGLOBE_SEEDS=1000` plays more seeds, `SNOWGLOBE_SEED=17` that one alone, with every statement printed.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;

use crate::client::{Answer, Client, InProcess, TestServer};

/// A small generator of random numbers (splitmix64): the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

const TABLES: usize = 3;
const WIDE: i128 = 100_000_000_000_000_000_000;

/// The rows of a table: `(k, v)`.
type Rows = Vec<(i128, i128)>;

/// A change of a table, which can be done on any state of it.
#[derive(Debug, Clone)]
enum Change {
    Insert(Rows),
    /// `UPDATE SET v = v + by WHERE k % 3 = rest`
    Add {
        rest: i128,
        by: i128,
    },
    /// `DELETE WHERE k % 5 = rest`
    Delete {
        rest: i128,
    },
    /// `MERGE ON t.k = k WHEN MATCHED v = v + by WHEN NOT MATCHED INSERT (k, by)`
    Merge {
        k: i128,
        by: i128,
    },
}

impl Change {
    /// Returns the numbers that the statement answers with.
    fn apply(&self, rows: &mut Rows) -> Vec<u64> {
        match self {
            Change::Insert(new) => {
                rows.extend(new);
                vec![new.len() as u64]
            }
            Change::Add { rest, by } => {
                let mut count = 0;
                for (_, v) in rows.iter_mut().filter(|(k, _)| k % 3 == *rest) {
                    *v += by;
                    count += 1;
                }
                vec![count, 0]
            }
            Change::Delete { rest } => {
                let before = rows.len();
                rows.retain(|(k, _)| k % 5 != *rest);
                vec![(before - rows.len()) as u64]
            }
            Change::Merge { k, by } => {
                let mut count = 0;
                for (_, v) in rows.iter_mut().filter(|(have, _)| have == k) {
                    *v += by;
                    count += 1;
                }
                if count > 0 {
                    return vec![0, count];
                }
                rows.push((*k, *by));
                vec![1, 0]
            }
        }
    }

    fn is_shared(&self) -> bool {
        matches!(self, Change::Insert(_))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lock {
    Shared,
    Exclusive,
}

#[derive(Default)]
struct Open {
    changes: Vec<(usize, Change)>,
    /// It has written what it read, so that it cannot always be done again.
    has_copied: bool,
    /// What it surely holds, and what it may hold: a failed statement keeps the lock that it got.
    locks: BTreeMap<usize, (Option<Lock>, Lock)>,
}

impl Open {
    fn lock(&mut self, table: usize, lock: Lock, surely: bool) {
        let (sure, may) = self.locks.entry(table).or_insert((None, lock));
        *may = (*may).max(lock);
        if surely {
            *sure = (*sure).max(Some(lock));
        }
    }
}

struct Model {
    committed: Vec<Rows>,
    sessions: Vec<Side>,
}

struct Side {
    autocommit: bool,
    open: Option<Open>,
}

enum Verdict {
    Free,
    /// Somebody may hold a lock against it.
    MayWait,
    MustWait,
}

impl Model {
    fn seen(&self, session: usize, table: usize) -> Rows {
        let mut rows = self.committed[table].clone();
        if let Some(open) = &self.sessions[session].open {
            for (_, change) in open.changes.iter().filter(|(on, _)| *on == table) {
                change.apply(&mut rows);
            }
        }
        rows
    }

    fn verdict(&self, session: usize, table: usize, lock: Lock) -> Verdict {
        let own = self.sessions[session]
            .open
            .as_ref()
            .and_then(|open| open.locks.get(&table));
        if own.is_some_and(|(sure, _)| *sure >= Some(lock)) {
            return Verdict::Free;
        }
        let against = |held: Lock| lock == Lock::Exclusive || held == Lock::Exclusive;
        let mut verdict = Verdict::Free;
        for (number, other) in self.sessions.iter().enumerate() {
            let Some(open) = other.open.as_ref().filter(|_| number != session) else {
                continue;
            };
            if let Some((sure, may)) = open.locks.get(&table) {
                if sure.is_some_and(against) {
                    return Verdict::MustWait;
                }
                if against(*may) {
                    verdict = Verdict::MayWait;
                }
            }
        }
        verdict
    }

    fn commit(&mut self, session: usize) {
        if let Some(open) = self.sessions[session].open.take() {
            for (table, change) in open.changes {
                change.apply(&mut self.committed[table]);
            }
        }
    }
}

struct Game<'a> {
    random: Random,
    seed: u64,
    model: Model,
    sessions: Vec<InProcess<'a>>,
    witness: InProcess<'a>,
    has_dml: bool,
    log: String,
    is_loud: bool,
    refusals: Refusals,
    next_key: i128,
}

#[derive(Default)]
struct Refusals {
    statements: usize,
    lost: usize,
    unsupported: usize,
    timeouts: usize,
    cancels: usize,
    widened: usize,
}

impl Game<'_> {
    fn say(&mut self, session: usize, sql: &str, answer: &Answer) {
        let answer = match answer {
            Answer::Error { code, text, .. } => format!("{code} {text}"),
            Answer::Rows { rows, .. } => format!("{rows:?}"),
        };
        let _ = writeln!(self.log, "{session}: {sql}\n    -> {answer}");
        if self.is_loud {
            println!("{session}: {sql}\n    -> {answer}");
        }
    }

    fn run(&mut self, session: usize, sql: &str) -> Answer {
        self.refusals.statements += 1;
        let answer = self.sessions[session].run(sql);
        self.say(session, sql, &answer);
        answer
    }

    fn wrong(&self, what: &str) -> ! {
        let tail: Vec<_> = self.log.lines().rev().take(120).collect();
        let tail: Vec<_> = tail.into_iter().rev().collect();
        panic!("seed {}: {what}\n{}", self.seed, tail.join("\n"));
    }

    /// An error that any statement may meet where Snowglobe honestly gives up. Returns whether it was one.
    fn is_refusal(&mut self, session: usize, code: &str) -> bool {
        match code {
            "000627" => {
                self.refusals.lost += 1;
                if self.model.sessions[session].open.is_none() {
                    self.wrong("a transaction is lost that was not open");
                }
                self.model.sessions[session].open = None;
                true
            }
            "000002" => {
                self.refusals.unsupported += 1;
                if self.model.sessions[session].open.is_none() {
                    self.wrong("refused outside a transaction");
                }
                true
            }
            _ => false,
        }
    }

    fn step(&mut self) {
        let session = self.random.below(self.sessions.len() as u64) as usize;
        let table = self.random.below(TABLES as u64) as usize;
        match self.random.below(30) {
            0..=8 => self.write(session, table),
            9..=13 => self.read(session, table),
            14 => self.read_two(session),
            15..=16 => self.begin(session),
            17..=18 => self.end(session, true),
            19 => self.end(session, false),
            20..=21 => self.fail_at_run_time(session, table),
            22 => self.fail_at_compile_time(session, table),
            23 => self.ddl(session),
            24 => self.autocommit(session),
            25..=27 => self.copy(session, table),
            28 => self.write(session, table),
            _ => self.witness(),
        }
    }

    fn change(&mut self) -> Change {
        let kinds = if self.has_dml { 4 } else { 1 };
        match self.random.below(kinds) {
            0 => {
                let rows = self.random.below(3) + 1;
                let mut new = Vec::new();
                for _ in 0..rows {
                    self.next_key += 1;
                    let mut v = i128::from(self.random.below(100));
                    if self.random.one_in(25) {
                        v += WIDE;
                    }
                    new.push((self.next_key, v));
                }
                Change::Insert(new)
            }
            1 => Change::Add {
                rest: i128::from(self.random.below(3)),
                by: if self.random.one_in(20) {
                    WIDE
                } else {
                    i128::from(self.random.below(10))
                },
            },
            2 => Change::Delete {
                rest: i128::from(self.random.below(5)),
            },
            _ => Change::Merge {
                k: i128::from(self.random.below(30)),
                by: i128::from(self.random.below(10)),
            },
        }
    }

    fn write(&mut self, session: usize, table: usize) {
        let change = self.change();
        let sql = match &change {
            Change::Insert(rows) => {
                let rows: Vec<_> = rows.iter().map(|(k, v)| format!("({k}, {v})")).collect();
                format!("insert into t{table} values {}", rows.join(", "))
            }
            Change::Add { rest, by } => {
                format!("update t{table} set v = v + {by} where k % 3 = {rest}")
            }
            Change::Delete { rest } => format!("delete from t{table} where k % 5 = {rest}"),
            Change::Merge { k, by } => format!(
                "merge into t{table} using (select {k} as k, {by} as by) s on t{table}.k = s.k \
                 when matched then update set v = v + s.by when not matched then insert (k, v) values (s.k, s.by)"
            ),
        };
        self.change_table(session, table, change, &sql);
    }

    /// `INSERT INTO one SELECT FROM another`: a journal that depends on what it reads.
    fn copy(&mut self, session: usize, table: usize) {
        let from = self.random.below(TABLES as u64) as usize;
        let rest = i128::from(self.random.below(7));
        let rows = self.model.seen(session, from);
        let rows: Rows = rows
            .into_iter()
            .filter(|(k, _)| k % 7 == rest)
            .map(|(k, v)| (k + 1000, v))
            .collect();
        if rows.len() > 30 {
            return;
        }
        let sql =
            format!("insert into t{table} select k + 1000, v from t{from} where k % 7 = {rest}");
        let before = self.written(session);
        self.change_table(session, table, Change::Insert(rows), &sql);
        if self.written(session) > before
            && let Some(open) = &mut self.model.sessions[session].open
        {
            open.has_copied = true;
        }
    }

    fn written(&self, session: usize) -> usize {
        let open = self.model.sessions[session].open.as_ref();
        open.map_or(0, |open| open.changes.len())
    }

    fn change_table(&mut self, session: usize, table: usize, change: Change, sql: &str) {
        let lock = if change.is_shared() {
            Lock::Shared
        } else {
            Lock::Exclusive
        };
        let verdict = self.model.verdict(session, table, lock);
        let mut rows = self.model.seen(session, table);
        let expected = change.apply(&mut rows);
        // Numbers beyond 64 bits widen the table, for which its other writers have to be waited for.
        let may_widen = rows.iter().any(|(k, v)| *k >= WIDE || *v >= WIDE);
        let may_wait_to_widen = may_widen
            && !matches!(
                self.model.verdict(session, table, Lock::Exclusive),
                Verdict::Free
            );
        let canceled = self.random.one_in(10);
        let answer = if canceled {
            self.refusals.cancels += 1;
            let delay = self.random.below(3000);
            let answer = self.sessions[session].run_and_cancel(sql, delay);
            self.say(
                session,
                &format!("{sql} /* canceled after {delay} us */"),
                &answer,
            );
            answer
        } else {
            self.run(session, sql)
        };
        let begins = !self.model.sessions[session].autocommit;
        match &answer {
            Answer::Rows { rows, .. } => {
                if matches!(verdict, Verdict::MustWait) {
                    self.wrong("it should have waited for a lock");
                }
                if may_widen {
                    self.refusals.widened += 1;
                }
                let counts: Vec<u64> = rows[0]
                    .iter()
                    .map(|cell| cell.as_deref().unwrap_or("0").parse().unwrap())
                    .collect();
                if counts != expected {
                    self.witness();
                    self.wrong(&format!("counts {counts:?}, expected {expected:?}"));
                }
                let side = &mut self.model.sessions[session];
                if begins {
                    side.open.get_or_insert_default();
                }
                match &mut side.open {
                    Some(open) => {
                        open.changes.push((table, change));
                        open.lock(table, lock, true);
                        if may_widen {
                            open.lock(table, Lock::Exclusive, false);
                        }
                    }
                    None => {
                        change.apply(&mut self.model.committed[table]);
                    }
                }
            }
            Answer::Error { code, .. } => {
                let is_timeout = code == "000625";
                let may_time_out = !matches!(verdict, Verdict::Free) || may_wait_to_widen;
                let accepted = if is_timeout && may_time_out {
                    self.refusals.timeouts += 1;
                    true
                } else {
                    canceled && code == "000604" || self.is_refusal(session, code)
                };
                if !accepted {
                    self.wrong("an error that should not be");
                }
                let side = &mut self.model.sessions[session];
                if begins && code != "000627" {
                    side.open.get_or_insert_default();
                }
                if let Some(open) = &mut side.open {
                    open.lock(table, lock, false);
                    if may_widen {
                        open.lock(table, Lock::Exclusive, false);
                    }
                }
            }
        }
    }

    fn read(&mut self, session: usize, table: usize) {
        let answer = self.run(
            session,
            &format!("select count(*), sum(k), sum(v) from t{table}"),
        );
        let rows = self.model.seen(session, table);
        self.check_read(session, &[table], &answer, &[summary(&rows)]);
    }

    fn read_two(&mut self, session: usize) {
        let sql =
            "select count(*), sum(k), sum(v) from (select * from t0 union all select * from t1) u";
        let answer = self.run(session, sql);
        let mut rows = self.model.seen(session, 0);
        rows.extend(self.model.seen(session, 1));
        self.check_read(session, &[0, 1], &answer, &[summary(&rows)]);
    }

    fn check_read(
        &mut self,
        session: usize,
        tables: &[usize],
        answer: &Answer,
        expected: &[Vec<Option<String>>],
    ) {
        match answer {
            Answer::Rows { columns, rows } => {
                let types: Vec<_> = columns.iter().map(|c| c.type_name.as_str()).collect();
                if types != ["NUMBER(18,0)", "NUMBER(38,0)", "NUMBER(38,0)"] {
                    self.wrong(&format!("types {types:?}"));
                }
                if rows != expected && !self.may_be_old(session, tables) {
                    self.witness();
                    self.wrong(&format!("expected {expected:?}"));
                }
            }
            Answer::Error { code, .. } => {
                if !self.is_refusal(session, code) {
                    self.wrong("a query failed");
                }
            }
        }
    }

    /// A query over what its transaction wrote sees an old state where the journal cannot be done again, because it copied
    /// from tables that have changed. The model does not know which state.
    fn may_be_old(&self, session: usize, tables: &[usize]) -> bool {
        self.model.sessions[session]
            .open
            .as_ref()
            .is_some_and(|open| {
                let mut written = open.changes.iter().map(|(table, _)| table);
                open.has_copied && written.any(|table| tables.contains(table))
            })
    }

    fn begin(&mut self, session: usize) {
        let answer = self.run(session, "begin");
        self.must_succeed(&answer);
        self.model.sessions[session].open.get_or_insert_default();
    }

    fn end(&mut self, session: usize, commits: bool) {
        let answer = self.run(session, if commits { "commit" } else { "rollback" });
        self.must_succeed(&answer);
        if commits {
            self.model.commit(session);
        } else {
            self.model.sessions[session].open = None;
        }
    }

    fn fail_at_run_time(&mut self, session: usize, table: usize) {
        let (sql, is_write, code) = match self.random.below(4) {
            0 => ("select 1 / 0".to_owned(), false, "100051"),
            1 => ("select to_number('x')".to_owned(), false, "100038"),
            2 => (
                format!("insert into t{table} select 1, 1 / 0"),
                true,
                "100051",
            ),
            _ => (
                format!(
                    "insert into t{table} select k, v / (v - v) from (select 1 as k, 7 as v union all select 2, 8) s"
                ),
                true,
                "100051",
            ),
        };
        let lock = Lock::Shared;
        let verdict = self.model.verdict(session, table, lock);
        let answer = self.run(session, &sql);
        let Answer::Error { code: got, .. } = &answer else {
            self.wrong("it should have failed");
        };
        let got = got.clone();
        let timed_out = is_write && got == "000625" && !matches!(verdict, Verdict::Free);
        if got != code && !timed_out && !self.is_refusal(session, &got) {
            self.wrong("another error than expected");
        }
        let begins = !self.model.sessions[session].autocommit && is_write;
        let side = &mut self.model.sessions[session];
        if begins && got != "000627" {
            side.open.get_or_insert_default();
        }
        if let Some(open) = side.open.as_mut().filter(|_| is_write) {
            open.lock(table, lock, false);
        }
    }

    fn fail_at_compile_time(&mut self, session: usize, table: usize) {
        let (sql, begins) = match self.random.below(3) {
            0 => (format!("insert into t{table} values (nothing, 1)"), true),
            1 => ("insert into missing values (1)".to_owned(), true),
            _ => (format!("select nothing from t{table}"), false),
        };
        let answer = self.run(session, &sql);
        let Answer::Error { code, .. } = &answer else {
            self.wrong("it should have failed");
        };
        if !["000904", "002003"].contains(&code.as_str()) {
            self.wrong("another error than expected");
        }
        let side = &mut self.model.sessions[session];
        if begins && !side.autocommit {
            side.open.get_or_insert_default();
        }
    }

    /// DDL on another table commits what is open.
    fn ddl(&mut self, session: usize) {
        let answer = match self.random.below(2) {
            0 => self.run(session, "create or replace table other (n int)"),
            _ => self.run(session, "create or replace table other as select 1 as n"),
        };
        self.must_succeed(&answer);
        self.model.commit(session);
    }

    fn autocommit(&mut self, session: usize) {
        if self.model.sessions[session].open.is_some() {
            return;
        }
        let on = !self.model.sessions[session].autocommit;
        let answer = self.run(session, &format!("alter session set autocommit = {on}"));
        self.must_succeed(&answer);
        self.model.sessions[session].autocommit = on;
    }

    fn must_succeed(&self, answer: &Answer) {
        if let Answer::Error { .. } = answer {
            self.wrong("it should have succeeded");
        }
    }

    /// What an onlooker sees is what is committed.
    fn witness(&mut self) {
        for table in 0..TABLES {
            let sql = format!("select k, v from t{table} order by k, v");
            let answer = self.witness.run(&sql);
            let mut rows = self.model.committed[table].clone();
            rows.sort_unstable();
            let expected: Vec<_> = rows
                .iter()
                .map(|(k, v)| vec![Some(k.to_string()), Some(v.to_string())])
                .collect();
            match answer {
                Answer::Rows { rows, .. } if rows == expected => {}
                other => {
                    let Answer::Rows { rows: got, .. } = &other else {
                        self.wrong("the onlooker cannot look")
                    };
                    let without = |these: &[Vec<Option<String>>], those: &[Vec<Option<String>>]| {
                        let mut left = these.to_vec();
                        for row in those {
                            if let Some(place) = left.iter().position(|found| found == row) {
                                left.remove(place);
                            }
                        }
                        left.into_iter()
                            .map(|row| row.into_iter().flatten().collect::<Vec<_>>().join(","))
                            .collect::<Vec<_>>()
                    };
                    let missing = without(&expected, got);
                    let extra = without(got, &expected);
                    self.wrong(&format!(
                        "t{table} of those committed: missing {missing:?}, extra {extra:?}"
                    ));
                }
            }
        }
    }
}

fn summary(rows: &Rows) -> Vec<Option<String>> {
    let sum = |numbers: &mut dyn Iterator<Item = i128>| {
        (!rows.is_empty()).then(|| numbers.sum::<i128>().to_string())
    };
    vec![
        Some(rows.len().to_string()),
        sum(&mut rows.iter().map(|(k, _)| *k)),
        sum(&mut rows.iter().map(|(_, v)| *v)),
    ]
}

fn play(seed: u64, steps: usize, is_loud: bool) -> Refusals {
    let server = TestServer::start();
    let mut witness = server.session();
    for table in 0..TABLES {
        witness.run(&format!("create table t{table} (k int, v int)"));
    }
    witness.run("create table probe (k int, v int)");
    let has_dml = matches!(witness.run("delete from probe"), Answer::Rows { .. })
        && matches!(witness.run("update probe set k = 1"), Answer::Rows { .. });
    let mut random = Random::new(seed);
    let count = 2 + random.below(2) as usize;
    let mut sessions: Vec<_> = (0..count).map(|_| server.session()).collect();
    for session in &mut sessions {
        session.run("alter session set lock_timeout = 0");
    }
    let mut game = Game {
        random,
        seed,
        model: Model {
            committed: vec![Rows::new(); TABLES],
            sessions: (0..count)
                .map(|_| Side {
                    autocommit: true,
                    open: None,
                })
                .collect(),
        },
        sessions,
        witness,
        has_dml,
        log: String::new(),
        is_loud,
        refusals: Refusals::default(),
        next_key: 0,
    };
    for _ in 0..steps {
        game.step();
    }
    for session in 0..count {
        game.end(session, !seed.is_multiple_of(3));
    }
    game.witness();
    game.refusals
}

#[test]
fn transactions_follow_the_model() {
    if let Some(seed) = env::var("SNOWGLOBE_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
    {
        play(seed, 150, true);
        return;
    }
    let seeds = env::var("SNOWGLOBE_SEEDS")
        .ok()
        .and_then(|seeds| seeds.parse().ok());
    let mut total = Refusals::default();
    for seed in 0..seeds.unwrap_or(20) {
        let seen = play(seed, 150, false);
        total.statements += seen.statements;
        total.lost += seen.lost;
        total.unsupported += seen.unsupported;
        total.timeouts += seen.timeouts;
        total.cancels += seen.cancels;
        total.widened += seen.widened;
    }
    println!(
        "{} statements: {} lock timeouts, {} cancels, {} wide, {} refused as unsupported, {} transactions lost",
        total.statements,
        total.timeouts,
        total.cancels,
        total.widened,
        total.unsupported,
        total.lost
    );
}
