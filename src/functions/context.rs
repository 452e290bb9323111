//! Context functions: constants of the session and the statement.

use std::sync::Arc;

use super::{Function, Lowering, Signature, literal_text};
use crate::error::{Error, Result};
use crate::tree::{Expr, ExprKind, Literal};
use crate::types::datetime::arithmetic::Weeks;
use crate::types::datetime::{Timestamp, Zone};
use crate::types::text::BinaryFormat;
use crate::types::variant::render::{SEPARATOR, STRICT};
use crate::types::{LogicalType, TimestampKind};

/// What functions and casts need to know of the session and the statement.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub account: String,
    pub user: String,
    pub role: Option<String>,
    pub warehouse: Option<String>,
    pub database: Option<String>,
    pub schema: Option<String>,
    pub session_id: u64,
    /// The session's variables: name, type, and value as text.
    pub variables: Vec<(String, LogicalType, Option<String>)>,
    /// Ids of the session's finished queries, oldest first.
    pub query_ids: imbl::Vector<uuid::Uuid>,
    /// Who gives out the values of sequences.
    pub sequences: u64,
    /// Roles that the user may take.
    pub available_roles: Vec<String>,
    /// The driver and its version: `PythonConnector 4.7.5`.
    pub client: String,
    /// The text of the statement.
    pub statement: String,
    /// The id of the open transaction.
    pub transaction: Option<u64>,
    /// The id of the transaction that the session has ended last.
    pub last_transaction: Option<u64>,
    /// Release of Snowflake that we answer as.
    pub version: &'static str,
    /// When the statement began, in microseconds since 1970-01-01 UTC.
    pub now: i64,
    /// IANA name of the session's zone.
    pub timezone: Arc<str>,
    pub date_input_format: Arc<str>,
    pub time_input_format: Arc<str>,
    pub timestamp_input_format: Arc<str>,
    pub date_output_format: Arc<str>,
    pub time_output_format: Arc<str>,
    pub timestamp_ntz_output_format: Arc<str>,
    pub timestamp_ltz_output_format: Arc<str>,
    pub timestamp_tz_output_format: Arc<str>,
    /// Blanks of each level of a VARIANT's text in a result; 0 puts it in one line.
    pub json_indent: u8,
    pub binary_input_format: BinaryFormat,
    pub binary_output_format: BinaryFormat,
    /// What TIMESTAMP without more stands for.
    pub timestamp_type: TimestampKind,
    /// WEEK_START and WEEK_OF_YEAR_POLICY.
    pub weeks: Weeks,
    /// First year that two digits of a format can mean.
    pub century_start: i32,
    /// Whether a day added to a TIMESTAMP_LTZ is 24 hours, whatever the clock does.
    pub day_is_always_24h: bool,
    /// Whether NULL comes before all values where ORDER BY does not say it: DEFAULT_NULL_ORDERING.
    pub null_is_least: bool,
    /// Whether `undefined` in a VARIANT is shown as JSON's null: STRICT_JSON_OUTPUT.
    pub strict_json: bool,
    /// Whether the statement is written for timestamps with digits 7 to 9: an earlier attempt has met some.
    pub nanoseconds: bool,
}

impl Facts {
    /// The formats of dates and times inside a VARIANT, as [`Formats`](crate::types::variant::render::Formats) reads them.
    pub fn variant_formats(&self) -> String {
        [
            &self.date_output_format,
            &self.time_output_format,
            &self.timestamp_ntz_output_format,
            &self.timestamp_ltz_output_format,
            &self.timestamp_tz_output_format,
            &self.timezone,
            &Arc::from(if self.strict_json { STRICT } else { "" }),
        ]
        .map(|part| &**part)
        .join(SEPARATOR.encode_utf8(&mut [0; 4]))
    }

    /// The statement's start as a wall clock in the session's zone.
    pub(super) fn wall_clock(&self) -> Timestamp {
        let now = Timestamp::from_micros(self.now, 0);
        let offset = Zone::get(&self.timezone).map_or(0, |zone| zone.offset_at(now.seconds));
        now.plus_seconds(offset.into())
    }
}

fn text(value: Option<&str>) -> Expr {
    match value {
        Some(value) => Expr::literal(Literal::Text(value.to_owned()), LogicalType::TEXT),
        None => Expr::literal(Literal::Null, LogicalType::TEXT),
    }
}

/// The index that the argument of LAST_QUERY_ID means: -1 is the last of `count`, 1 the first.
pub fn place_in(place: i64, count: usize) -> Option<usize> {
    match place {
        1.. => usize::try_from(place - 1).ok(),
        _ => count.checked_sub(usize::try_from(place.unsigned_abs()).ok()?),
    }
}

/// The value of an integer literal with its sign.
fn integer(expr: &Expr) -> Option<i128> {
    match &expr.kind {
        ExprKind::Literal(Literal::Number(value)) => Some(*value),
        ExprKind::Negate(operand) => integer(operand).map(|value| -value),
        ExprKind::Cast { operand, .. } => integer(operand),
        _ => None,
    }
}

fn last_query_id(arguments: Vec<Expr>, facts: &Facts) -> Result<Expr> {
    let place = match arguments.first() {
        None => -1,
        Some(argument) => {
            integer(argument).ok_or_else(|| Error::unsupported("LAST_QUERY_ID of an expression"))?
        }
    };
    let place = i64::try_from(place).ok();
    let index = place.and_then(|place| place_in(place, facts.query_ids.len()));
    let id = index.and_then(|index| facts.query_ids.get(index));
    Ok(text(id.map(|id| id.hyphenated().to_string()).as_deref()))
}

/// GETVARIABLE: the name is not folded.
fn variable(arguments: Vec<Expr>, facts: &Facts) -> Result<Expr> {
    let name = match arguments.first() {
        Some(argument) if argument.is_null_literal() => None,
        Some(argument) => Some(
            literal_text(argument)
                .ok_or_else(|| Error::unsupported("GETVARIABLE of an expression"))?,
        ),
        None => None,
    };
    let found = facts
        .variables
        .iter()
        .find(|(known, _, _)| Some(known.as_str()) == name);
    Ok(text(found.and_then(|(_, _, value)| value.as_deref())))
}

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CURRENT_ACCOUNT",
        aliases: &["CURRENT_ACCOUNT_NAME"],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|facts| text(Some(&facts.account))),
        )],
        summary: "The account of the session.",
        examples: &[
            ("CURRENT_ACCOUNT() = UPPER(CURRENT_ACCOUNT())", "true"),
            ("CURRENT_ACCOUNT() IS NULL", "false"),
        ],
    },
    Function {
        name: "CURRENT_DATABASE",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text?",
            Lowering::Session(|facts| text(facts.database.as_deref())),
        )],
        summary: "The database in use, or NULL.",
        examples: &[
            ("CURRENT_DATABASE() = CURRENT_DATABASE()", "true"),
            ("CURRENT_DATABASE() = UPPER(CURRENT_DATABASE())", "true"),
        ],
    },
    Function {
        name: "CURRENT_ROLE",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text?",
            Lowering::Session(|facts| text(facts.role.as_deref())),
        )],
        summary: "The primary role of the session.",
        examples: &[
            ("IS_ROLE_IN_SESSION(CURRENT_ROLE())", "true"),
            ("CURRENT_ROLE() IS NULL", "false"),
        ],
    },
    Function {
        name: "CURRENT_SCHEMA",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text?",
            Lowering::Session(|facts| text(facts.schema.as_deref())),
        )],
        summary: "The schema in use, or NULL.",
        examples: &[
            (
                "CURRENT_SCHEMAS() LIKE '%.' || CURRENT_SCHEMA() || '%'",
                "true",
            ),
            ("CURRENT_SCHEMA() IS NULL", "false"),
        ],
    },
    Function {
        name: "CURRENT_SESSION",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|facts| text(Some(&facts.session_id.to_string()))),
        )],
        summary: "The id of the session, as text.",
        examples: &[
            ("TRY_TO_NUMBER(CURRENT_SESSION()) > 0", "true"),
            ("CURRENT_SESSION() = CURRENT_SESSION()", "true"),
        ],
    },
    Function {
        name: "CURRENT_USER",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|facts| text(Some(&facts.user))),
        )],
        summary: "The user of the session.",
        examples: &[
            ("CURRENT_USER() = UPPER(CURRENT_USER())", "true"),
            ("CURRENT_USER() = CURRENT_USER", "true"),
        ],
    },
    Function {
        name: "CURRENT_VERSION",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|facts| text(Some(facts.version))),
        )],
        summary: "The release of Snowflake that the server answers as.",
        examples: &[
            (
                "REGEXP_LIKE(CURRENT_VERSION(), '[0-9]+[.][0-9]+[.][0-9]+.*')",
                "true",
            ),
            ("CURRENT_VERSION() IS NULL", "false"),
        ],
    },
    Function {
        name: "CURRENT_WAREHOUSE",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text?",
            Lowering::Session(|facts| text(facts.warehouse.as_deref())),
        )],
        summary: "The warehouse in use, or NULL.",
        examples: &[
            ("CURRENT_WAREHOUSE() = UPPER(CURRENT_WAREHOUSE())", "true"),
            ("CURRENT_WAREHOUSE() = CURRENT_WAREHOUSE()", "true"),
        ],
    },
    Function {
        name: "GETVARIABLE",
        aliases: &[],
        signatures: &[Signature::new("(=text) -> tree", Lowering::Tree(variable))],
        summary: "The value of a session variable as text, by its name in capitals; NULL where there is none.",
        examples: &[
            ("GETVARIABLE('NO_SUCH_VARIABLE')", "NULL"),
            ("GETVARIABLE(NULL)", "NULL"),
        ],
    },
    Function {
        name: "LAST_QUERY_ID",
        aliases: &[],
        signatures: &[Signature::new(
            "(integer?) -> text?",
            Lowering::Tree(last_query_id),
        )],
        summary: "The id of an earlier query of the session: the last one, or the one that the number counts to.",
        examples: &[
            ("LENGTH(LAST_QUERY_ID())", "36"),
            ("LAST_QUERY_ID(-1) = LAST_QUERY_ID()", "true"),
        ],
    },
    Function {
        name: "LAST_TRANSACTION",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text?",
            Lowering::Session(|facts| {
                let id = facts.last_transaction.map(|id| id.to_string());
                text(id.as_deref())
            }),
        )],
        summary: "The id of the transaction that the session ended last, or NULL.",
        examples: &[
            ("LAST_TRANSACTION()", "NULL"),
            ("LAST_TRANSACTION() IS NULL", "true"),
        ],
    },
];
