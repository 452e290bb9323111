//! Verbs: the syntax and execution of each statement kind, a file each. [`STATEMENTS`] is the table of all that Snowflake
//! has by their leading words; a row without a parser is known and not supported.
//!
//! A statement is a trait object rather than a variant of one enum: so the table is the only place that a new one adds a
//! line to. Everything below `query` is plain blocking Rust.

mod accepted;
mod alter;
mod alter_session;
mod alter_table;
mod array_bind;
mod block;
mod clone;
mod comment;
mod context;
mod copy;
mod create;
mod create_table;
mod delete;
mod describe;
mod drop;
mod dynamic_pivot;
mod dynamic_table;
mod envelope;
mod execute_immediate;
mod explain;
mod grant;
mod insert;
mod insert_all;
mod instance;
mod list;
mod location;
mod merge;
mod privileges;
mod query_history;
mod references;
mod result_scan;
mod rewrite;
mod select;
mod sequences;
mod set;
mod show;
mod show_columns;
mod show_grants;
mod show_keys;
mod show_session;
mod show_transactions;
mod staged_bindings;
mod system_call;
mod transaction;
mod transfer;
mod truncate;
mod undrop;
mod update;
mod upkeep;
mod use_;
mod write;

pub use crate::bind::{Binding, BindingValue, Variables};
pub use context::Context;
pub use instance::{Instance, InstanceOptions, LoginScope};
pub use query_history::{PastOutcome, PastQuery};
pub use staged_bindings::staged_bindings;
pub use transfer::{Direction, SourceCompression, Transfer};

use crate::error::{Error, Result};
use crate::result::{Column, ResultSet};
use crate::session::{QueryId, Session, SessionId};
use crate::sql::{Cursor, Folding, Source, Spelling, StatementText, TokenWithSpan};
use crate::types::{LogicalType, PhysicalType};

/// What a statement answers.
pub struct Answer {
    /// Rows and their Snowflake types; of a `describe_only` request the types alone.
    pub result: ResultSet,
    /// Snowflake's number for the kind of statement (`wire-protocol.md` 3.5).
    pub kind: StatementKind,
    /// The distinct bind variables of the text: their types, as far as they are known.
    pub binds: Vec<LogicalType>,
    /// The statements of a multi-statement request, each a query of its own.
    pub children: Vec<(QueryId, StatementKind)>,
    /// Of PUT and GET: what the client has to transfer, instead of rows.
    pub transfer: Option<Transfer>,
}

impl Answer {
    /// The answer to a request of several statements that have all run.
    pub fn several(
        children: Vec<(QueryId, StatementKind)>,
        binds: Vec<LogicalType>,
    ) -> Result<Self> {
        let column = Column::new("multiple statement execution", LogicalType::TEXT).not_null();
        let text = "Multiple statements executed successfully.";
        Ok(Answer {
            result: ResultSet::from_text_rows(vec![column], vec![vec![Some(text.to_owned())]])?,
            kind: StatementKind::Multi,
            binds,
            children,
            transfer: None,
        })
    }
}

/// Snowflake's `statementTypeId`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementKind {
    Select,
    Insert,
    Update,
    Delete,
    Merge,
    MultiInsert,
    Copy,
    Unload,
    AlterSession,
    Use,
    Show,
    Describe,
    Transaction,
    Commit,
    Ddl,
    Get,
    Put,
    Remove,
    Explain,
    /// A procedure's call, or a block.
    Call,
    Multi,
}

impl StatementKind {
    /// The number that drivers decide by.
    pub fn type_id(self) -> u32 {
        match self {
            StatementKind::Select => 0x1000,
            StatementKind::Explain => 0x2000,
            StatementKind::Insert => 0x3100,
            StatementKind::Update => 0x3200,
            StatementKind::Delete => 0x3300,
            StatementKind::Merge => 0x3400,
            StatementKind::MultiInsert => 0x3500,
            StatementKind::Copy => 0x3600,
            StatementKind::Unload => 0x3700,
            StatementKind::AlterSession => 0x4100,
            StatementKind::Use => 0x4300,
            StatementKind::Show => 0x4400,
            StatementKind::Describe => 0x4500,
            StatementKind::Transaction => 0x5000,
            StatementKind::Commit => 0x5100,
            StatementKind::Ddl => 0x6000,
            StatementKind::Get => 0x7101,
            StatementKind::Put => 0x7102,
            StatementKind::Remove => 0x7103,
            StatementKind::Call => 0x9000,
            StatementKind::Multi => 0xA000,
        }
    }

    /// Whether drivers read the rows of this kind as a query's (and may read them as Arrow).
    pub fn is_query(self) -> bool {
        self == StatementKind::Select
    }
}

/// A statement in the engine's SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translated {
    pub sql: String,
    /// The types of a query's columns.
    pub columns: Option<Vec<PhysicalType>>,
}

/// What statements may ask of queries, which live in a room above them.
pub trait Queries {
    /// The kept result of a query of this session's user.
    fn result(&self, session: &Session, id: QueryId) -> Result<ResultSet>;

    /// The queries of this session's account that are known, newest first.
    fn history(&self, session: &Session) -> Vec<PastQuery>;

    /// Stops a running query of this session's user.
    fn cancel(&self, session: &Session, id: QueryId) -> Result<()>;

    /// Stops the running queries of a session of this session's user, but for `except`; returns their number.
    fn cancel_all(&self, session: &Session, except: QueryId, of: SessionId) -> usize;
}

/// A parsed statement.
trait Statement {
    fn kind(&self) -> StatementKind;

    /// Runs it.
    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet>;

    /// Of PUT and GET: what the client has to transfer.
    fn transfer(&self, _context: &Context<'_>) -> Result<Option<Transfer>> {
        Ok(None)
    }

    /// Whether it writes all rows of an array bind at once; otherwise it runs once for each of them.
    fn takes_rows(&self) -> bool {
        false
    }

    /// What the engine would be asked now; nothing for statements that are no single piece of SQL.
    fn translate(&self, _context: &mut Context<'_>) -> Result<Vec<Translated>> {
        Ok(vec![])
    }

    /// The columns that it would answer with, without running it.
    fn describe(&self, _context: &mut Context<'_>) -> Result<ResultSet> {
        ResultSet::describe(vec![Column::new("status", LogicalType::TEXT)])
    }
}

type Parsed<'a> = Result<Box<dyn Statement + 'a>>;

type Parse = for<'a> fn(StatementText<'a>, &mut Cursor<'a>) -> Parsed<'a>;

/// A row of the table of statements.
struct Row {
    /// Leading words.
    words: &'static str,
    /// Reads the statement, with the cursor behind the words. `None`: Snowflake has it, we do not.
    parse: Option<Parse>,
}

const fn row(words: &'static str, parse: Parse) -> Row {
    Row {
        words,
        parse: Some(parse),
    }
}

const fn known(words: &'static str) -> Row {
    Row { words, parse: None }
}

/// Sorted by words; the longest match counts.
static STATEMENTS: &[Row] = &[
    row("ALTER", alter::parse),
    row("ALTER SESSION", alter_session::parse),
    row("BEGIN", transaction::parse_begin),
    known("CALL"),
    row(
        "CALL SYSTEM$CANCEL_ALL_QUERIES",
        system_call::parse_cancel_all_queries,
    ),
    row("CALL SYSTEM$CANCEL_QUERY", system_call::parse_cancel_query),
    row("CALL SYSTEM$WAIT", system_call::parse_wait),
    row("COMMENT", comment::parse),
    row("COMMIT", transaction::parse_commit),
    row("COPY", copy::parse),
    row("CREATE", create::parse),
    known("DECLARE"),
    row("DELETE", delete::parse),
    row("DESC", describe::parse),
    row("DESCRIBE", describe::parse),
    row("DROP", drop::parse),
    known("EXECUTE"),
    row("EXECUTE IMMEDIATE", execute_immediate::parse),
    row("EXPLAIN", explain::parse),
    row("GET", transfer::parse_get),
    row("GRANT", grant::parse_grant),
    row("INSERT", insert::parse),
    row("LIST", list::parse_list),
    row("LS", list::parse_list),
    row("MERGE", merge::parse),
    row("PUT", transfer::parse_put),
    row("REMOVE", list::parse_remove),
    row("REVOKE", grant::parse_revoke),
    row("RM", list::parse_remove),
    row("ROLLBACK", transaction::parse_rollback),
    row("SELECT", select::parse),
    row(
        "SELECT SYSTEM$CANCEL_ALL_QUERIES",
        system_call::parse_cancel_all_queries,
    ),
    row(
        "SELECT SYSTEM$CANCEL_QUERY",
        system_call::parse_cancel_query,
    ),
    row("SELECT SYSTEM$WAIT", system_call::parse_wait),
    row("SET", set::parse_set),
    row("SHOW", show::parse),
    row("START TRANSACTION", transaction::parse_begin),
    row("TRUNCATE", truncate::parse),
    row("UNDROP", undrop::parse),
    row("UNSET", set::parse_unset),
    row("UPDATE", update::parse),
    row("USE", use_::parse),
    row("VALUES", select::parse),
    row("WITH", select::parse),
];

/// Runs one statement, or says what it would answer: the whole of the pipeline below `query`. Blocking.
pub fn execute(
    context: &mut Context<'_>,
    text: StatementText<'_>,
    describe_only: bool,
) -> Result<Answer> {
    match attempt(context, text, describe_only) {
        // Written for microseconds, it has met a timestamp with more digits.
        Err(error) if error.is_about_nanoseconds() && !context.nanoseconds => {
            tracing::debug!("again with nanoseconds");
            context.nanoseconds = true;
            attempt(context, text, describe_only)
        }
        outcome => outcome,
    }
}

fn attempt(
    context: &mut Context<'_>,
    text: StatementText<'_>,
    describe_only: bool,
) -> Result<Answer> {
    context.variables.take_used();
    let text = text.with_timestamps(context.timestamps());
    let named = named_by_variables(context, text)?;
    let text = named
        .as_deref()
        .map_or(text, |tokens| text.with_tokens(tokens));
    let bound = copy::with_bound_options(context, text)?;
    let text = bound
        .as_deref()
        .map_or(text, |tokens| text.with_tokens(tokens));
    let statement = parse(text, context.folding())?;
    let brought = result_scan::load(context, text).and_then(|()| match statement.kind() {
        StatementKind::Copy => Ok(()),
        _ => copy::staged::load(context, text),
    });
    if let Err(error) = brought {
        copy::staged::discard(context);
        result_scan::discard(context);
        return Err(transaction::recover(context, error));
    }
    let transfer = match describe_only {
        true => None,
        false => statement.transfer(context)?,
    };
    let result = if describe_only || transfer.is_some() {
        statement.describe(context)
    } else if context.variables.rows().is_some() && !takes_arrays(statement.kind()) {
        Err(Error::unsupported("array binds of this statement"))
    } else {
        // DDL commits what is open, and itself.
        let ready = match statement.kind() {
            StatementKind::Ddl => transaction::commit(context),
            _ => Ok(()),
        };
        ready.and_then(|()| match context.variables.rows() {
            Some(rows) if !statement.takes_rows() => {
                array_bind::for_each_row(context, rows.row_count(), |context| {
                    statement.execute(context)
                })
            }
            _ => statement.execute(context),
        })
    };
    let result = result.map_err(|error| transaction::recover(context, error));
    copy::staged::discard(context);
    result_scan::discard(context);
    let result = result?;
    let used = context.variables.take_used();
    Ok(Answer {
        result,
        kind: statement.kind(),
        binds: used.into_iter().map(|(_, ty)| ty).collect(),
        children: vec![],
        transfer,
    })
}

/// Whether bind variables of such a statement may hold a value for each of many rows.
pub fn takes_arrays(kind: StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::Insert
            | StatementKind::MultiInsert
            | StatementKind::Update
            | StatementKind::Delete
            | StatementKind::Merge
    )
}

/// The tokens with the names that variables spell in `IDENTIFIER(…)`.
fn named_by_variables(
    context: &Context<'_>,
    text: StatementText<'_>,
) -> Result<Option<Vec<TokenWithSpan>>> {
    text.named_by_variables(|spelling, place| match spelling {
        Spelling::Text(text) => Ok((*text).to_owned()),
        Spelling::SessionVariable(name) => {
            let variables = context.session.variables();
            let variable = variables.get(name);
            let variable = variable.ok_or_else(|| Error::session_variable_missing(name))?;
            Ok(variable.text.clone().unwrap_or_default())
        }
        Spelling::Placeholder => {
            let number = text.placeholder_number(place).to_string();
            context.variables.spelled(&number, "?")
        }
        Spelling::NamedVariable(name) => context.variables.spelled(name, &format!(":{name}")),
    })
}

/// Parses, binds and lowers one statement, and runs nothing.
pub fn translate(context: &mut Context<'_>, text: StatementText<'_>) -> Result<Vec<Translated>> {
    let named = named_by_variables(context, text)?;
    let text = named
        .as_deref()
        .map_or(text, |tokens| text.with_tokens(tokens));
    parse(text, context.folding())?.translate(context)
}

/// The row of the table that a text's only statement begins with; `None` for several statements or an unknown word.
pub fn leading_words(text: &str) -> Option<&'static str> {
    let source = Source::tokenize(text).ok()?;
    let [statement] = source.statements()[..] else {
        return None;
    };
    let cursor = Cursor::new(statement, Folding::Exact);
    let rows = STATEMENTS
        .iter()
        .filter(|row| cursor.clone().take_words(row.words));
    rows.map(|row| row.words).max_by_key(|words| words.len())
}

fn parse<'a>(text: StatementText<'a>, folding: Folding) -> Parsed<'a> {
    let mut cursor = Cursor::new(text, folding);
    let rows = STATEMENTS
        .iter()
        .filter(|row| cursor.clone().take_words(row.words));
    match rows.max_by_key(|row| row.words.len()) {
        Some(Row {
            words,
            parse: Some(parse),
        }) => {
            cursor.take_words(words);
            parse(text, &mut cursor)
        }
        Some(Row { words, parse: None }) => Err(Error::unsupported(words)),
        // A query in parentheses.
        None if text.text().starts_with('(') => select::parse(text, &mut cursor),
        None => Err(cursor.unexpected()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(STATEMENTS.is_sorted_by_key(|row| row.words));
    }
}
