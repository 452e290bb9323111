//! Functions of the session, the account and the system.

use std::time::Duration;

use super::expr::{call_template, equal, text};
use super::{
    Facts, Function, INTEGER, Lowering, Signature, arguments, integer, literal_text, native,
};
use crate::engine::native::{Native, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::{Expr, ExprKind, Literal};
use crate::types::{LogicalType, PhysicalType, TimestampKind};

/// Where the account says that it is.
const REGION: &str = "AWS_US_WEST_2";
const ORGANIZATION: &str = "SNOWGLOBE";

fn optional(value: Option<String>) -> Expr {
    match value {
        Some(value) => Expr::literal(Literal::Text(value), LogicalType::TEXT),
        None => Expr::literal(Literal::Null, LogicalType::TEXT),
    }
}

fn known(value: impl Into<String>) -> Expr {
    optional(Some(value.into()))
}

/// A list as JSON text.
fn list(names: &[String]) -> String {
    crate::types::variant::write::array_of_texts(names.iter().map(String::as_str))
}

pub(super) static CONTEXT: &[Function] = &[
    Function {
        name: "CURRENT_AVAILABLE_ROLES",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|facts| known(list(&facts.available_roles))),
        )],
        summary: "The roles that the user may take, as a JSON array.",
        examples: &[
            ("CURRENT_AVAILABLE_ROLES() LIKE '%\"SYSADMIN\"%'", "true"),
            ("LEFT(CURRENT_AVAILABLE_ROLES(), 1)", "["),
        ],
    },
    Function {
        name: "CURRENT_CLIENT",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|facts| known(facts.client.trim())),
        )],
        summary: "The driver and its version.",
        examples: &[
            ("CURRENT_CLIENT() IS NULL", "false"),
            ("CURRENT_CLIENT() = CURRENT_CLIENT()", "true"),
        ],
    },
    Function {
        name: "CURRENT_IP_ADDRESS",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|_| known("127.0.0.1")),
        )],
        summary: "The client's address.",
        examples: &[
            ("CURRENT_IP_ADDRESS()", "127.0.0.1"),
            ("CURRENT_IP_ADDRESS() IS NULL", "false"),
        ],
    },
    Function {
        name: "CURRENT_ORGANIZATION_NAME",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|_| known(ORGANIZATION)),
        )],
        summary: "The account's organization.",
        examples: &[
            ("CURRENT_ORGANIZATION_NAME()", "SNOWGLOBE"),
            ("CURRENT_ORGANIZATION_NAME() IS NULL", "false"),
        ],
    },
    Function {
        name: "CURRENT_REGION",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|_| known(REGION)),
        )],
        summary: "The account's cloud region.",
        examples: &[
            ("CURRENT_REGION()", "AWS_US_WEST_2"),
            ("CURRENT_REGION() IS NULL", "false"),
        ],
    },
    Function {
        name: "CURRENT_ROLE_TYPE",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|_| known("ROLE")),
        )],
        summary: "What kind of role is the current one.",
        examples: &[
            ("CURRENT_ROLE_TYPE()", "ROLE"),
            ("LENGTH(CURRENT_ROLE_TYPE())", "4"),
        ],
    },
    Function {
        name: "CURRENT_SCHEMAS",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|facts| {
                let path = facts.database.iter().zip(&facts.schema);
                let names: Vec<_> = path
                    .map(|(database, schema)| format!("{database}.{schema}"))
                    .collect();
                known(list(&names))
            }),
        )],
        summary: "The schemas that names are looked up in, as a JSON array.",
        examples: &[
            (
                "CURRENT_SCHEMAS() = '[\"' || CURRENT_DATABASE() || '.' || CURRENT_SCHEMA() || '\"]'",
                "true",
            ),
            ("LEFT(CURRENT_SCHEMAS(), 2)", "[\""),
        ],
    },
    Function {
        name: "CURRENT_SECONDARY_ROLES",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|_| known("{\"roles\":\"\",\"value\":\"\"}")),
        )],
        summary: "The secondary roles in use, as a JSON object.",
        examples: &[
            (
                "CURRENT_SECONDARY_ROLES()",
                "{\"roles\":\"\",\"value\":\"\"}",
            ),
            ("CURRENT_SECONDARY_ROLES() IS NULL", "false"),
        ],
    },
    Function {
        name: "CURRENT_STATEMENT",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|facts| known(facts.statement.as_str())),
        )],
        summary: "The text of the statement.",
        examples: &[
            (
                "CURRENT_STATEMENT() ILIKE 'select%current_statement()%'",
                "true",
            ),
            ("CURRENT_STATEMENT() IS NULL", "false"),
        ],
    },
    Function {
        name: "CURRENT_TRANSACTION",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text?",
            Lowering::Session(|facts| optional(facts.transaction.map(|id| id.to_string()))),
        )],
        summary: "The id of the open transaction, or NULL.",
        examples: &[
            ("CURRENT_TRANSACTION()", "NULL"),
            ("CURRENT_TRANSACTION() IS NULL", "true"),
        ],
    },
    Function {
        name: "INVOKER_ROLE",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text?",
            Lowering::Session(|facts| optional(facts.role.clone())),
        )],
        summary: "The role that runs the statement.",
        examples: &[
            ("INVOKER_ROLE() = CURRENT_ROLE()", "true"),
            ("INVOKER_ROLE() IS NULL", "false"),
        ],
    },
    Function {
        name: "IS_GRANTED_TO_INVOKER_ROLE",
        aliases: &[],
        signatures: &[Signature::new("(text) -> tree", Lowering::Tree(has_role))],
        summary: "Whether the role that runs the statement has a role.",
        examples: &[
            ("IS_GRANTED_TO_INVOKER_ROLE(CURRENT_ROLE())", "true"),
            ("IS_GRANTED_TO_INVOKER_ROLE('NO_SUCH_ROLE')", "false"),
        ],
    },
    Function {
        name: "IS_ROLE_IN_SESSION",
        aliases: &[],
        signatures: &[Signature::new("(text) -> tree", Lowering::Tree(has_role))],
        summary: "Whether the session has a role.",
        examples: &[
            ("IS_ROLE_IN_SESSION(CURRENT_ROLE())", "true"),
            ("IS_ROLE_IN_SESSION('PUBLIC')", "true"),
            ("IS_ROLE_IN_SESSION('NO_SUCH_ROLE')", "false"),
        ],
    },
];

/// The current role, and PUBLIC, which everybody has.
fn has_role(arguments: Vec<Expr>, facts: &Facts) -> Result<Expr> {
    let [role] = self::arguments(arguments)?;
    let nullable = role.nullable;
    let mut operands = vec![equal(role.clone(), text("PUBLIC"))];
    if let Some(current) = &facts.role {
        operands.push(equal(role, text(current)));
    }
    Ok(Expr::boolean(ExprKind::Or(operands), nullable))
}

pub(super) static SYSTEM: &[Function] = &[
    Function {
        name: "SYSTEM$ALLOWLIST",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|_| known("[]")),
        )],
        summary: "Hosts and ports that clients must reach, as a JSON array: none but this one.",
        examples: &[
            ("SYSTEM$ALLOWLIST()", "[]"),
            ("SYSTEM$ALLOWLIST() IS NULL", "false"),
        ],
    },
    Function {
        name: "SYSTEM$BEHAVIOR_CHANGE_BUNDLE_STATUS",
        aliases: &[],
        signatures: &[Signature::new(
            "(=text) -> tree",
            Lowering::Tree(|_, _| Ok(known("RELEASED"))),
        )],
        summary: "Whether a bundle of behaviour changes is in effect.",
        examples: &[
            (
                "SYSTEM$BEHAVIOR_CHANGE_BUNDLE_STATUS('2024_08')",
                "RELEASED",
            ),
            (
                "SYSTEM$BEHAVIOR_CHANGE_BUNDLE_STATUS('2025_01') IS NULL",
                "false",
            ),
        ],
    },
    Function {
        name: "SYSTEM$DISABLE_BEHAVIOR_CHANGE_BUNDLE",
        aliases: &[],
        signatures: &[Signature::new(
            "(=text) -> tree",
            Lowering::Tree(|_, _| Ok(known("DISABLED"))),
        )],
        summary: "Ends a bundle of behaviour changes, of which this server has none.",
        examples: &[
            (
                "SYSTEM$DISABLE_BEHAVIOR_CHANGE_BUNDLE('2024_08')",
                "DISABLED",
            ),
            (
                "SYSTEM$DISABLE_BEHAVIOR_CHANGE_BUNDLE('2024_08') IS NULL",
                "false",
            ),
        ],
    },
    Function {
        name: "SYSTEM$ENABLE_BEHAVIOR_CHANGE_BUNDLE",
        aliases: &[],
        signatures: &[Signature::new(
            "(=text) -> tree",
            Lowering::Tree(|_, _| Ok(known("ENABLED"))),
        )],
        summary: "Begins a bundle of behaviour changes, of which this server has none.",
        examples: &[
            ("SYSTEM$ENABLE_BEHAVIOR_CHANGE_BUNDLE('2024_08')", "ENABLED"),
            (
                "SYSTEM$ENABLE_BEHAVIOR_CHANGE_BUNDLE('2024_08') IS NULL",
                "false",
            ),
        ],
    },
    Function {
        name: "SYSTEM$LOG",
        aliases: &[],
        signatures: &[Signature::new(
            "(text, text) -> tree",
            Lowering::Tree(|_, _| Ok(optional(None))),
        )],
        summary: "Writes to the event table, which this server does not have: NULL.",
        examples: &[
            ("SYSTEM$LOG('info', 'hello')", "NULL"),
            ("SYSTEM$LOG('error', NULL)", "NULL"),
        ],
    },
    Function {
        name: "SYSTEM$LOG_INFO",
        aliases: &[
            "SYSTEM$LOG_DEBUG",
            "SYSTEM$LOG_ERROR",
            "SYSTEM$LOG_FATAL",
            "SYSTEM$LOG_TRACE",
            "SYSTEM$LOG_WARN",
        ],
        signatures: &[Signature::new(
            "(text) -> tree",
            Lowering::Tree(|_, _| Ok(optional(None))),
        )],
        summary: "Writes to the event table, which this server does not have: NULL.",
        examples: &[
            ("SYSTEM$LOG_INFO('hello')", "NULL"),
            ("SYSTEM$LOG_WARN('hello')", "NULL"),
        ],
    },
    Function {
        name: "SYSTEM$TYPEOF",
        aliases: &[],
        signatures: &[Signature::new("(any) -> tree", Lowering::Tree(type_of))],
        summary: "The type of an expression and, in brackets, how it is stored.",
        examples: &[
            ("SYSTEM$TYPEOF(1)", "NUMBER(1,0)[SB1]"),
            ("SYSTEM$TYPEOF(1234567.89)", "NUMBER(9,2)[SB4]"),
            ("SYSTEM$TYPEOF('abc')", "VARCHAR(3)[LOB]"),
            ("SYSTEM$TYPEOF(1.5::FLOAT)", "FLOAT[DOUBLE]"),
            ("SYSTEM$TYPEOF(NULL)", "NULL[LOB]"),
            ("SYSTEM$TYPEOF('2024-01-01'::DATE)", "DATE[SB4]"),
            (
                "SYSTEM$TYPEOF('2024-01-01'::TIMESTAMP_NTZ(3))",
                "TIMESTAMP_NTZ(3)[SB8]",
            ),
            ("SYSTEM$TYPEOF(TRUE)", "BOOLEAN[SB1]"),
        ],
    },
    Function {
        name: "SYSTEM$VERSION",
        aliases: &[],
        signatures: &[Signature::new(
            "() -> text!",
            Lowering::Session(|facts| known(facts.version)),
        )],
        summary: "The release of Snowflake that the server answers as.",
        examples: &[
            ("SYSTEM$VERSION() = CURRENT_VERSION()", "true"),
            ("SYSTEM$VERSION() IS NULL", "false"),
        ],
    },
    Function {
        name: "SYSTEM$WAIT",
        aliases: &[],
        signatures: &[
            Signature::new("(=number) -> tree", Lowering::Tree(wait)),
            Signature::new("(=number, =text) -> tree", Lowering::Tree(wait)),
        ],
        summary: "Waits, and says how long.",
        examples: &[
            ("SYSTEM$WAIT(20, 'MILLISECONDS')", "waited 20 milliseconds"),
            ("SYSTEM$WAIT(0)", "waited 0 seconds"),
        ],
    },
];

/// By the digits a NUMBER's type has; the engine's own storage says nothing here.
fn type_of(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let [value] = self::arguments(arguments)?;
    if value.is_null_literal() {
        return Ok(known("NULL[LOB]"));
    }
    let stored = match value.ty {
        LogicalType::Number { precision, .. } => match precision {
            0..=2 => "SB1",
            3..=4 => "SB2",
            5..=9 => "SB4",
            10..=18 => "SB8",
            _ => "SB16",
        },
        LogicalType::Float => "DOUBLE",
        LogicalType::Boolean => "SB1",
        LogicalType::Date => "SB4",
        LogicalType::Time { scale: 0..=4 } => "SB4",
        LogicalType::Time { .. } => "SB8",
        LogicalType::Timestamp {
            kind: TimestampKind::Tz,
            ..
        } => "SB16",
        LogicalType::Timestamp { scale: 0..=7, .. } => "SB8",
        LogicalType::Timestamp { .. } => "SB16",
        _ => "LOB",
    };
    Ok(known(format!("{}[{stored}]", value.ty)))
}

/// How long one nap is; between two of them the engine looks whether it is to stop.
const NAP: Duration = Duration::from_millis(10);

fn wait(mut arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let unit = match arguments.len() {
        2 => arguments.pop(),
        _ => None,
    };
    let [amount] = self::arguments(arguments)?;
    let unit = match &unit {
        None => "SECONDS".to_owned(),
        Some(unit) => literal_text(unit).unwrap_or_default().to_uppercase(),
    };
    let seconds = match unit.as_str() {
        "MILLISECONDS" => 0.001,
        "SECONDS" => 1.0,
        "MINUTES" => 60.0,
        "HOURS" => 3600.0,
        "DAYS" => 86_400.0,
        _ => return Err(Error::invalid_function_argument(unit, "not a unit of time")),
    };
    let amount = literal_number(&amount)
        .ok_or_else(|| Error::unsupported("SYSTEM$WAIT of an amount that is no literal"))?;
    let naps = (amount.max(0.0) * seconds / NAP.as_secs_f64()).ceil() as i128;
    let answer = format!("waited {amount} {}", unit.to_lowercase());
    // A chunk of the range has 2048 rows, and a nap is taken for each chunk.
    let template = "(SELECT CASE WHEN count(sf_nap(i)) >= 0 THEN $2 END FROM range(CAST($1 AS BIGINT) * 2048) AS nap(i))";
    Ok(call_template(
        template,
        vec![integer(naps), known(answer)],
        LogicalType::TEXT,
    ))
}

fn literal_number(expr: &Expr) -> Option<f64> {
    match (&expr.kind, &expr.ty) {
        (ExprKind::Literal(Literal::Float(value)), _) => Some(*value),
        (ExprKind::Literal(Literal::Number(value)), LogicalType::Number { scale, .. }) => {
            Some(*value as f64 / 10_f64.powi((*scale).into()))
        }
        (ExprKind::Literal(Literal::Text(text)), _) => text.trim().parse().ok(),
        (ExprKind::Cast { operand, .. }, _) => literal_number(operand),
        _ => None,
    }
}

static NAP_NATIVE: ScalarNative = ScalarNative {
    volatile: true,
    ..native(
        "sf_nap",
        &[INTEGER],
        PhysicalType::BigInt,
        |arguments, output| {
            std::thread::sleep(NAP);
            arguments.unary(output, |number: i64| Ok(number))
        },
    )
};

pub(super) fn natives() -> Vec<Native> {
    vec![Native::Scalar(NAP_NATIVE)]
}
