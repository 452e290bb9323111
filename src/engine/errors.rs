//! Reads DuckDB's complaints and says what Snowflake would say.
//!
//! This is the only place that knows DuckDB's wording. What has no mapping becomes an internal error, whose source is
//! logged and whose wording is ours, so that mappings can grow and no text of the engine reaches a client. An error of a
//! native function travels through DuckDB as text that [`encode`] writes and [`interpret`] recognises by its first
//! character, which no message of DuckDB begins with.
//!
//! Next to the client's error stands a [`Failure`]: what the program itself may act on. A value too wide for a BIGINT
//! column is one: the writer puts `sf_store_bigint(…)` around the value instead of a cast (whose error could as well come
//! from a cast of the user's), and [`Connection::failure`](super::Connection::failure) says
//! [`Failure::WiderThanColumn`]; so does `append` of decimals to a BIGINT column. The error beside it is what the client
//! sees if nobody acts.

use std::ffi::CString;
use std::fmt::Display;
use std::time::Duration;

use super::ffi::Complaint;
use crate::error::{Error, ErrorCode};
use crate::types::MAX_PRECISION;
use crate::types::decimal;

/// How a statement failed, as far as the program acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Stopped through an [`InterruptHandle`](super::InterruptHandle).
    Interrupted,
    /// Ran longer than the connection's time limit.
    TimedOut,
    /// Met a change that another transaction made; outside BEGIN … COMMIT it may be tried again.
    Conflict,
    /// Refused, because an earlier failure ended the transaction; only ROLLBACK is left.
    TransactionAborted,
    /// A value does not fit the narrow form of the column that it is stored into: a number needs more than 64 bits, or a
    /// timestamp has digits 7 to 9.
    WiderThanColumn,
    /// NULL for a column that is NOT NULL: the number in its name, `c<number>`.
    NullInColumn(u64),
    /// A computed value does not fit the engine's type for it, or could not be converted to that type.
    OutOfRange,
    /// Anything else.
    Other,
}

/// First character of an error that was made in Rust.
const OURS: char = '\u{1}';
/// Second one, where the failure is [`Failure::WiderThanColumn`].
const WIDER: char = '\u{2}';

/// The error of a native as text for DuckDB.
pub(super) fn encode(error: &Error) -> CString {
    let message = error.message();
    let (mark, message) = match message.strip_prefix(WIDER) {
        Some(message) => (WIDER.to_string(), message),
        None => (String::new(), message),
    };
    let text = format!("{OURS}{mark}{:?}{OURS}{message}", error.code()).replace('\0', "\u{fffd}");
    CString::new(text).unwrap_or_default()
}

/// The error of a value that does not fit a BIGINT column; for natives.
pub(super) fn wider_than_bigint(value: impl Display) -> Error {
    wider(&Error::number_out_of_range(value))
}

/// An error whose failure is [`Failure::WiderThanColumn`].
pub(super) fn wider(error: &Error) -> Error {
    Error::with_text(error.code(), format!("{WIDER}{}", error.message()))
}

/// As [`wider_than_bigint`], for our own side of DuckDB.
pub(super) fn complain_wider_than_bigint(value: impl Display) -> Complaint {
    Complaint::new(encode(&wider_than_bigint(value)).to_string_lossy())
}

/// What a complaint means. `time_limit` is the connection's.
pub(super) fn interpret(complaint: &Complaint, time_limit: Option<Duration>) -> (Failure, Error) {
    let words = Words::of(complaint);
    if let Some(answer) = decode(&words.message) {
        return answer;
    }
    let message = words.message.as_str();
    let (failure, error) = match words.exception.as_str() {
        "INTERRUPT" if message.contains("maximum execution time") => {
            let seconds = time_limit.map_or(0, |limit| limit.as_secs());
            (Failure::TimedOut, Some(Error::statement_timeout(seconds)))
        }
        "INTERRUPT" | "Interrupt" => (Failure::Interrupted, Some(Error::canceled())),
        "TransactionContext" | "Transaction" if message.contains("transaction is aborted") => {
            (Failure::TransactionAborted, None)
        }
        "TransactionContext" | "Transaction" if is_conflict(message) => (Failure::Conflict, None),
        "Conversion" => (Failure::OutOfRange, conversion(message)),
        "Out of Range" => (Failure::OutOfRange, out_of_range(message)),
        "Constraint" if message.starts_with("NOT NULL constraint failed") => {
            let column = message.rsplit_once(".c").map(|(_, number)| number.parse());
            let failure = match column {
                Some(Ok(number)) => Failure::NullInColumn(number),
                _ => Failure::Other,
            };
            (failure, Some(Error::null_in_non_nullable_column()))
        }
        "Invalid Input" if message.starts_with("More than one row returned by a subquery") => {
            (Failure::Other, Some(Error::single_row_subquery()))
        }
        "Binder" if message.starts_with("TRY can not be used in combination with a volatile") => {
            let feature = "tolerant conversions of random values";
            (Failure::Other, Some(Error::unsupported(feature)))
        }
        "Binder" if message.starts_with("GROUPING ") => {
            let feature = "GROUPING without GROUP BY";
            (Failure::Other, Some(Error::unsupported(feature)))
        }
        "Invalid Input" if message.starts_with("Arrow Appender: The maximum total string size") => {
            let feature = "results with more than 2 GB of text in some thousand rows";
            (Failure::Other, Some(Error::unsupported(feature)))
        }
        // A mistake of the engine's rewriter with TRY of comparisons between far types.
        "Invalid Input" if message.starts_with("BindBuiltinScalarFunction") => {
            let feature = "a tolerant conversion of this expression";
            (Failure::Other, Some(Error::unsupported(feature)))
        }
        "Parser" if message.starts_with("Frame starting from") => {
            let feature = "a window frame that ends before it starts";
            (Failure::Other, Some(Error::unsupported(feature)))
        }
        "Invalid Input" if message.starts_with("Argument for ntile must be greater than zero") => {
            let reason = "must be positive";
            (
                Failure::Other,
                Some(Error::invalid_value_for_function("0", "NTILE", 1, reason)),
            )
        }
        _ if message.starts_with("Invalid escape string") => {
            let feature = "ESCAPE of several characters";
            (Failure::Other, Some(Error::unsupported(feature)))
        }
        _ if message.starts_with("Division by zero") => {
            (Failure::Other, Some(Error::division_by_zero()))
        }
        _ => (Failure::Other, None),
    };
    (
        failure,
        error.unwrap_or_else(|| Error::internal(words.to_string())),
    )
}

/// Why a database file could not be opened.
pub(super) fn opening(path: Option<&str>, complaint: &Complaint) -> Error {
    let words = Words::of(complaint);
    let path = path.unwrap_or("memory");
    if !words.message.contains("Could not set lock on file") {
        return Error::with_text(
            ErrorCode::Internal,
            format!("Cannot open the database {path}: {words}"),
        );
    }
    match between(&words.message, "(PID ", ")") {
        Some(pid) => in_use(path, &format!("process {pid}")),
        None => in_use(path, "another process"),
    }
}

/// The database file is open already.
pub(super) fn in_use(path: &str, holder: &str) -> Error {
    Error::with_text(
        ErrorCode::Internal,
        format!(
            "The database {path} is in use by {holder}. Stop that one, or choose another data directory."
        ),
    )
}

/// A complaint in its parts.
struct Words {
    exception: String,
    message: String,
}

impl Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.exception, self.message)
    }
}

impl Words {
    /// Reads `{"exception_type":…,"exception_message":…}`, which may stand behind a prefix, or `Conversion Error: …`.
    fn of(complaint: &Complaint) -> Words {
        let text = complaint.text.as_str();
        if !text.starts_with(OURS) {
            let json = text
                .find(r#"{"exception_type""#)
                .and_then(|start| serde_json::from_str::<serde_json::Value>(&text[start..]).ok());
            if let Some(json) = json {
                let field = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
                return Words {
                    exception: field("exception_type"),
                    message: field("exception_message"),
                };
            }
        }
        match (complaint.exception, text.split_once(" Error: ")) {
            (Some(exception), _) => Words {
                exception: exception.to_owned(),
                message: text.to_owned(),
            },
            (None, Some((exception, message))) if exception.len() < 32 => Words {
                exception: exception.to_owned(),
                message: message.to_owned(),
            },
            _ => Words {
                exception: String::new(),
                message: text.to_owned(),
            },
        }
    }
}

/// The error that a native raised.
fn decode(message: &str) -> Option<(Failure, Error)> {
    let message = message.strip_prefix(OURS)?;
    let (failure, message) = match message.strip_prefix(WIDER) {
        Some(message) => (Failure::WiderThanColumn, message),
        None => (Failure::Other, message),
    };
    let (name, text) = message.split_once(OURS)?;
    let code = ErrorCode::ALL
        .iter()
        .find(|code| format!("{code:?}") == name)?;
    Some((failure, Error::with_text(*code, text)))
}

fn is_conflict(message: &str) -> bool {
    [
        "Conflict on",
        "Conflict over",
        "write-write conflict",
        "has been altered",
        "has been dropped by a different transaction",
    ]
    .iter()
    .any(|words| message.contains(words))
}

fn conversion(message: &str) -> Option<Error> {
    if message.starts_with("Could not convert string ") {
        let (value, target) = quoted(message, " to ")?;
        return match target {
            "BOOL" | "BOOLEAN" => Some(Error::boolean_not_recognized(value)),
            _ if is_numeric(target) => Some(number(value)),
            _ => None,
        };
    }
    if let Some(rest) = message.strip_prefix("Could not cast value ") {
        let (value, target) = rest.rsplit_once(" to ")?;
        return is_numeric(target).then(|| Error::number_out_of_range(value));
    }
    if let Some(rest) = message.strip_prefix("Failed to cast decimal value ") {
        let (value, _) = rest.split_once(" to type ")?;
        return Some(Error::number_out_of_range(value));
    }
    if message.starts_with("Casting value ") {
        let (value, _) = quoted(message, " to type ")?;
        return Some(Error::number_out_of_range(value));
    }
    if message.starts_with("Type ") && message.contains("the value is out of range") {
        let value = between(message, " with value ", " can't be cast")?;
        return Some(Error::number_out_of_range(value));
    }
    let (kind, rest) = message.split_once(" field ")?;
    let (value, _) = quoted(rest, "").or_else(|| quoted(rest, ", expected format"))?;
    match kind.strip_prefix("invalid ").unwrap_or(kind) {
        "date" => Some(Error::date_not_recognized(value)),
        "timestamp" => Some(Error::timestamp_not_recognized(value)),
        "time" => Some(Error::time_not_recognized(value)),
        _ => None,
    }
}

/// A text that DuckDB could not make a number of: no number at all, or one that is too large.
fn number(value: &str) -> Error {
    match decimal::parse(value, MAX_PRECISION, 0) {
        Ok(_) | Err(decimal::ParseError::OutOfRange) => Error::number_out_of_range(value),
        Err(decimal::ParseError::NotANumber) => Error::number_not_recognized(value),
    }
}

fn is_numeric(target: &str) -> bool {
    [
        "INT", "UINT", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "UHUGEINT", "BIGINT",
    ]
    .iter()
    .any(|prefix| target.starts_with(prefix))
}

/// Overflow of an operation. DuckDB names its operands, not the result; Snowflake prints the result.
fn out_of_range(message: &str) -> Option<Error> {
    let type_name = format!("FIXED[SB16]({MAX_PRECISION},0)");
    if message.starts_with("Overflow on abs(") {
        return Some(Error::number_not_representable(type_name, "out of range"));
    }
    if let Some(rest) = message.strip_prefix("Overflow in ") {
        let value = rest.split_once(" of ").and_then(|(operation, rest)| {
            let operands = between(rest, " (", ")")?;
            result_of(operation, operands)
        });
        return Some(match value {
            Some(value) => Error::number_not_representable(type_name, format_args!("{value:e}")),
            None => Error::number_not_representable(type_name, "out of range"),
        });
    }
    message
        .contains("out of range")
        .then(|| Error::number_not_representable(type_name, "out of range"))
}

/// About what `a + b` or the like would have been.
fn result_of(operation: &str, operands: &str) -> Option<f64> {
    let (symbol, combine): (&str, fn(f64, f64) -> f64) = match operation {
        "addition" => (" + ", |a, b| a + b),
        "subtraction" => (" - ", |a, b| a - b),
        "multiplication" => (" * ", |a, b| a * b),
        _ => return None,
    };
    let (left, right) = operands.split_once(symbol)?;
    Some(combine(left.parse().ok()?, right.parse().ok()?))
}

/// What stands in quotes of either kind, up to the last closing quote before `after`, and what follows `after`.
fn quoted<'a>(text: &'a str, after: &str) -> Option<(&'a str, &'a str)> {
    let start = text.find(['\'', '"'])?;
    let quote = &text[start..=start];
    let rest = &text[start + 1..];
    if after.is_empty() {
        return rest.strip_suffix(quote).map(|value| (value, ""));
    }
    let end = rest.rfind(&format!("{quote}{after}"))?;
    Some((&rest[..end], &rest[end + 1 + after.len()..]))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let start = text.find(before)? + before.len();
    let end = text[start..].rfind(after)?;
    Some(&text[start..start + end])
}
