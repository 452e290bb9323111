//! Bind variables: what a request sends beside its text, as typed constants that stand where the text says `?`, `:1` or
//! `:name`. Nothing is pasted into text.
//!
//! An array bind has a value for each of many rows. Then a variable is either a column of the relation of those rows
//! ([`Variables::as_columns`]: one statement writes them all) or its value in one of them ([`Variables::select_row`]).
//!
//! Source of the encodings: `wire-protocol.md` 3.2, from the drivers' sources.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use super::{Binder, call, constant_rows, literal};
use crate::error::{Error, Result};
use crate::sql::Place;
use crate::tree::{ConstantRows, Expr, ExprKind, Literal, RelationId};
use crate::types::datetime::{self, Timestamp};
use crate::types::{LogicalType, TimestampKind, coercion, decimal};

/// One bind variable of a request: its name (`1`, `2`, … or a word) and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    pub name: String,
    /// Snowflake's bind type: `FIXED`, `TEXT`, `REAL`, ….
    pub type_name: String,
    pub value: BindingValue,
}

/// One value, or one per row of an array bind. Text in the wire's encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BindingValue {
    One(Option<String>),
    Rows(Vec<Option<String>>),
}

/// The relation of the rows of an array bind; no other relation of a statement gets so far.
pub(super) const ROWS: RelationId = RelationId(u32::MAX);

/// The bind variables of a request.
#[derive(Debug, Default)]
pub struct Variables {
    by_name: HashMap<String, Value>,
    rows: Option<ConstantRows>,
    /// Whether a variable without a value is NULL: the request only asks for columns.
    optional: bool,
    mode: Cell<Mode>,
    used: RefCell<BTreeMap<String, LogicalType>>,
}

/// Where a variable's value is, and what has to be made of it.
#[derive(Debug)]
struct Value {
    content: Content,
    reading: Reading,
}

#[derive(Debug)]
enum Content {
    One(Expr),
    /// A column of the rows.
    Column(usize),
}

/// How the constant of a variable becomes its value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reading {
    /// It is the value.
    Plain,
    /// It is JSON, of an OBJECT or ARRAY where the bind type says so.
    Json(Option<LogicalType>),
    /// It may be text, of a value of this type.
    Text(LogicalType),
}

#[derive(Debug, Clone, Copy, Default)]
enum Mode {
    #[default]
    Columns,
    Row(usize),
}

impl Variables {
    /// Decodes the bindings of a request; `optional` lets variables without a value be NULL.
    pub fn new(bindings: &[Binding], optional: bool) -> Result<Self> {
        let mut variables = Variables {
            optional,
            ..Variables::default()
        };
        let mut rows = ConstantRows::default();
        for binding in bindings {
            let content = match &binding.value {
                BindingValue::One(value) => {
                    Content::One(constant(&binding.type_name, value.as_deref())?)
                }
                BindingValue::Rows(values) => {
                    let (ty, column) = column(&binding.type_name, values)?;
                    let index = rows.columns.len();
                    if rows
                        .columns
                        .first()
                        .is_some_and(|c| c.len() != column.len())
                    {
                        return Err(Error::uneven_bind_arrays());
                    }
                    rows.types.push(ty);
                    rows.columns.push(column);
                    Content::Column(index)
                }
            };
            let reading = reading(&binding.type_name);
            let value = Value { content, reading };
            variables.by_name.insert(binding.name.clone(), value);
        }
        if !rows.columns.is_empty() {
            variables.rows = Some(rows);
        }
        Ok(variables)
    }

    /// The rows of the array binds, if there are any.
    pub fn rows(&self) -> Option<&ConstantRows> {
        self.rows.as_ref()
    }

    /// From now on, the variables of array binds are columns of their rows.
    pub fn as_columns(&self) {
        self.mode.set(Mode::Columns);
    }

    /// From now on, the variables of array binds have their values of this row.
    pub fn select_row(&self, row: usize) {
        self.mode.set(Mode::Row(row));
    }

    /// The rows of the array binds, where the variables stand as their columns.
    pub(super) fn column_rows(&self) -> Option<&ConstantRows> {
        match self.mode.get() {
            Mode::Columns => self.rows.as_ref(),
            Mode::Row(_) => None,
        }
    }

    /// The values that are text, for what has to be known before anything is bound.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.by_name
            .values()
            .filter_map(|value| match &value.content {
                Content::One(Expr {
                    kind: ExprKind::Literal(Literal::Text(text)),
                    ..
                }) => Some(&**text),
                _ => None,
            })
    }

    /// The text of a variable that spells a name; `written` is what the statement says.
    pub fn spelled(&self, name: &str, written: &str) -> Result<String> {
        let text = match self.get(name).map(|value| &value.content) {
            Some(Content::One(Expr {
                kind: ExprKind::Literal(Literal::Text(text)),
                ..
            })) => text.to_string(),
            Some(_) => return Err(Error::unsupported("IDENTIFIER of this bind variable")),
            None => return Err(Error::bind_variable_not_set(written)),
        };
        let mut used = self.used.borrow_mut();
        used.insert(name.to_owned(), LogicalType::TEXT);
        Ok(text)
    }

    /// The variables that were bound since the last call, with their types.
    pub fn take_used(&self) -> Vec<(String, LogicalType)> {
        self.used.take().into_iter().collect()
    }

    /// A variable of an array bind, as the mode has it.
    fn of_rows(&self, index: usize) -> Result<Expr> {
        let rows = self.rows.as_ref();
        let rows = rows.ok_or_else(|| Error::internal("a column without rows"))?;
        Ok(match self.mode.get() {
            Mode::Row(row) => {
                let value = rows.columns[index].get(row).cloned();
                Expr::literal(value.unwrap_or(Literal::Null), rows.types[index].clone())
            }
            Mode::Columns => constant_rows::column(rows, index),
        })
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let found = self.by_name.get(name);
        found.or_else(|| {
            let mut all = self.by_name.iter();
            all.find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        })
    }
}

/// The value of the variable that is written `written` at `place`.
pub(super) fn variable(binder: &Binder<'_>, written: &str, place: Place) -> Result<Expr> {
    let name = match written.strip_prefix(':') {
        Some(name) => name.to_owned(),
        None if written == "?" => binder.statement.placeholder_number(place).to_string(),
        None => return Err(Error::unsupported(format!("variable {written}"))),
    };
    let variables = binder.variables;
    let expr = match variables.get(&name) {
        Some(value) => {
            let constant = match &value.content {
                Content::One(constant) => constant.clone(),
                Content::Column(index) => variables.of_rows(*index)?,
            };
            read(binder, constant, &value.reading)?
        }
        None if variables.optional => literal::null(),
        None => return Err(Error::bind_variable_not_set(written).at(place.into())),
    };
    let mut used = variables.used.borrow_mut();
    used.entry(name).or_insert_with(|| expr.ty.clone());
    Ok(expr)
}

/// The value that a variable's constant stands for.
fn read(binder: &Binder<'_>, constant: Expr, reading: &Reading) -> Result<Expr> {
    let is_text = matches!(constant.ty, LogicalType::Varchar { .. });
    if constant.is_null_literal() || !is_text {
        return Ok(constant);
    }
    match reading {
        Reading::Plain => Ok(constant),
        Reading::Text(ty) => Ok(constant.cast(ty.clone())),
        Reading::Json(ty) => {
            let json = call::named(binder, "PARSE_JSON", vec![constant], "PARSE_JSON(?)")?;
            Ok(match ty {
                Some(ty) => json.cast(ty.clone()),
                None => json,
            })
        }
    }
}

fn reading(type_name: &str) -> Reading {
    let timestamp = |kind| Reading::Text(LogicalType::Timestamp { kind, scale: 9 });
    match &*type_name.to_ascii_uppercase() {
        "VARIANT" | "MAP" => Reading::Json(None),
        "OBJECT" => Reading::Json(Some(LogicalType::Object)),
        "ARRAY" => Reading::Json(Some(LogicalType::Array)),
        "TIMESTAMP_NTZ" => timestamp(TimestampKind::Ntz),
        "TIMESTAMP_LTZ" | "TIMESTAMP" => timestamp(TimestampKind::Ltz),
        "TIMESTAMP_TZ" => timestamp(TimestampKind::Tz),
        _ => Reading::Plain,
    }
}

/// The value of a variable of the session, which is written `$name`.
pub(super) fn of_session(binder: &Binder<'_>, written: &str) -> Result<Expr> {
    let name = written.to_uppercase();
    let known = &binder.facts.variables;
    let Some((_, ty, text)) = known.iter().find(|(known, ..)| *known == name) else {
        return Err(Error::session_variable_missing(name));
    };
    let Some(text) = text else {
        return Ok(Expr::literal(Literal::Null, ty.clone()));
    };
    Ok(match ty {
        LogicalType::Number { .. } => {
            let number = signed_number(text)?;
            Expr::literal(in_type(number, ty)?, ty.clone())
        }
        LogicalType::Float => Expr::literal(Literal::Float(float(text)?), LogicalType::Float),
        LogicalType::Boolean => {
            Expr::literal(Literal::Boolean(boolean(text)?), LogicalType::Boolean)
        }
        LogicalType::Varchar { .. } => Expr::literal(Literal::Text(text.clone()), ty.clone()),
        other => literal::text(text).cast(other.clone()),
    })
}

/// A value in the encoding of its bind type.
fn constant(type_name: &str, value: Option<&str>) -> Result<Expr> {
    let Some(text) = value else {
        return Ok(null_of(type_name));
    };
    let (value, ty) = match &*type_name.to_ascii_uppercase() {
        "FIXED" => return signed_number(text),
        "REAL" => (Literal::Float(float(text)?), LogicalType::Float),
        "BOOLEAN" => (Literal::Boolean(boolean(text)?), LogicalType::Boolean),
        "DATE" => (Literal::Date(date(text)?), LogicalType::Date),
        "TIME" => (Literal::Time(time(text)?), LogicalType::Time { scale: 9 }),
        "TIMESTAMP_NTZ" => timestamp(text, TimestampKind::Ntz)?,
        "TIMESTAMP_LTZ" | "TIMESTAMP" => timestamp(text, TimestampKind::Ltz)?,
        "TIMESTAMP_TZ" => timestamp_tz(text)?,
        "BINARY" => {
            return literal::binary(text)
                .map_err(|_| Error::invalid_bind_value(type_name.to_uppercase(), text));
        }
        "TEXT" | "VARCHAR" | "CHAR" | "STRING" | "ANY" | "VARIANT" | "OBJECT" | "ARRAY" | "MAP" => {
            return Ok(literal::text(text));
        }
        unknown => return Err(Error::unsupported_data_type(unknown)),
    };
    Ok(Expr::literal(value, ty))
}

/// NULL of a bind type; drivers that know no type send ANY or TEXT, and those fit everywhere.
fn null_of(type_name: &str) -> Expr {
    let timestamp = |kind| LogicalType::Timestamp { kind, scale: 9 };
    let ty = match &*type_name.to_ascii_uppercase() {
        "FIXED" => LogicalType::INTEGER,
        "REAL" => LogicalType::Float,
        "BOOLEAN" => LogicalType::Boolean,
        "DATE" => LogicalType::Date,
        "TIME" => LogicalType::Time { scale: 9 },
        "TIMESTAMP_NTZ" => timestamp(TimestampKind::Ntz),
        "TIMESTAMP_LTZ" => timestamp(TimestampKind::Ltz),
        "TIMESTAMP_TZ" => timestamp(TimestampKind::Tz),
        _ => return literal::null(),
    };
    Expr::literal(Literal::Null, ty)
}

/// The values of an array bind, brought to one type.
fn column(type_name: &str, values: &[Option<String>]) -> Result<(LogicalType, Vec<Literal>)> {
    let constants = values
        .iter()
        .map(|value| constant(type_name, value.as_deref()))
        .collect::<Result<Vec<_>>>()?;
    let types = constants.iter().map(|c| (&c.ty, c.is_null_literal()));
    let not_of_its_type = || {
        let text = values.iter().flatten().next();
        Error::invalid_bind_value(type_name.to_uppercase(), text.map_or("", String::as_str))
    };
    let ty = coercion::unify(types).ok_or_else(not_of_its_type)?;
    let is_text = |ty: &LogicalType| matches!(ty, LogicalType::Varchar { .. });
    let mixed = |c: &Expr| !c.is_null_literal() && is_text(&c.ty) != is_text(&ty);
    if constants.iter().any(mixed) {
        return Err(not_of_its_type());
    }
    let column = constants
        .into_iter()
        .map(|constant| in_type(constant, &ty))
        .collect::<Result<_>>()?;
    Ok((ty, column))
}

/// A constant in a type that is as wide as its own.
fn in_type(constant: Expr, ty: &LogicalType) -> Result<Literal> {
    let ExprKind::Literal(value) = constant.kind else {
        return Err(Error::internal("a constant that is none"));
    };
    Ok(match (value, &constant.ty, ty) {
        (
            Literal::Number(unscaled),
            LogicalType::Number { scale: from, .. },
            LogicalType::Number { scale: to, .. },
        ) if from != to => {
            let rescaled = decimal::rescale(unscaled, *from, *to);
            Literal::Number(
                rescaled
                    .ok_or_else(|| Error::number_out_of_range(decimal::format(unscaled, *from)))?,
            )
        }
        (Literal::Number(unscaled), LogicalType::Number { scale, .. }, LogicalType::Float) => {
            Literal::Float(float(&decimal::format(unscaled, *scale))?)
        }
        (value, _, _) => value,
    })
}

/// A number with its sign, as a literal of that text.
pub(super) fn signed_number(text: &str) -> Result<Expr> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !is_number {
        return Err(Error::number_not_recognized(text));
    }
    let mut number = literal::number(digits)?;
    if negative {
        match &mut number.kind {
            ExprKind::Literal(Literal::Number(unscaled)) => *unscaled = -*unscaled,
            ExprKind::Literal(Literal::Float(value)) => *value = -*value,
            _ => return Err(Error::internal("a number of another kind")),
        }
    }
    Ok(number)
}

/// As every language prints it: Rust reads `NaN`, `inf`, `infinity` in any case.
fn float(text: &str) -> Result<f64> {
    text.parse().map_err(|_| Error::number_not_recognized(text))
}

fn boolean(text: &str) -> Result<bool> {
    match &*text.to_ascii_lowercase() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Error::boolean_not_recognized(text)),
    }
}

/// Milliseconds since 1970-01-01, or a date as text.
fn date(text: &str) -> Result<i32> {
    const DAY: i128 = 86_400_000;
    let days = match text.parse::<i128>() {
        Ok(milliseconds) => i32::try_from(milliseconds.div_euclid(DAY)).ok(),
        Err(_) => datetime::auto::date(text),
    };
    days.ok_or_else(|| Error::date_not_recognized(text))
}

/// Nanoseconds since midnight, or a time as text.
fn time(text: &str) -> Result<i64> {
    const DAY: i64 = 86_400_000_000_000;
    let nanoseconds = match text.parse::<i64>() {
        Ok(nanoseconds) => (0..DAY).contains(&nanoseconds).then_some(nanoseconds),
        Err(_) => datetime::auto::time(text),
    };
    nanoseconds.ok_or_else(|| Error::time_not_recognized(text))
}

/// Nanoseconds since 1970-01-01, or a timestamp as text, which is converted like any text ([`Reading::Text`]).
fn timestamp(text: &str, kind: TimestampKind) -> Result<(Literal, LogicalType)> {
    let ty = LogicalType::Timestamp { kind, scale: 9 };
    match text.parse::<i128>() {
        Ok(nanoseconds) => Ok((Literal::Timestamp(point(nanoseconds, text)?), ty)),
        Err(_) => as_text(text),
    }
}

/// Nanoseconds and, but for some drivers, the offset in minutes plus 1440.
fn timestamp_tz(text: &str) -> Result<(Literal, LogicalType)> {
    let ty = LogicalType::Timestamp {
        kind: TimestampKind::Tz,
        scale: 9,
    };
    let (instant, offset) = match text.split_once(' ') {
        Some((instant, biased)) => {
            let biased = biased.parse::<i16>().ok();
            let biased = biased.filter(|minutes| (0..=2880).contains(minutes));
            (instant, biased.map(|minutes| minutes - 1440))
        }
        None => (text, Some(0)),
    };
    match (instant.parse::<i128>(), offset) {
        (Ok(nanoseconds), Some(offset)) => {
            let utc = point(nanoseconds, text)?;
            Ok((Literal::TimestampTz { utc, offset }, ty))
        }
        _ => as_text(text),
    }
}

fn as_text(text: &str) -> Result<(Literal, LogicalType)> {
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    Ok((
        Literal::Text(text.to_owned()),
        LogicalType::Varchar { length },
    ))
}

/// Nanoseconds since 1970-01-01, in years that have a name.
fn point(nanoseconds: i128, text: &str) -> Result<Timestamp> {
    const MOST: u128 = 300_000 * 366 * datetime::NANOS_PER_DAY as u128;
    if nanoseconds.unsigned_abs() > MOST {
        return Err(Error::timestamp_not_recognized(text));
    }
    Ok(Timestamp::from_nanos(nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(type_name: &str, text: &str) -> (Literal, String) {
        let constant = constant(type_name, Some(text)).unwrap();
        let ExprKind::Literal(value) = constant.kind else {
            panic!("no literal")
        };
        (value, constant.ty.to_string())
    }

    #[test]
    fn values_are_decoded_by_their_type() {
        let number = |unscaled| Literal::Number(unscaled);
        for (type_name, text, value, ty) in [
            ("FIXED", "42", number(42), "NUMBER(2,0)"),
            ("FIXED", "-1.50", number(-150), "NUMBER(3,2)"),
            ("REAL", "1e+30", Literal::Float(1e30), "FLOAT"),
            ("REAL", "-inf", Literal::Float(f64::NEG_INFINITY), "FLOAT"),
            ("TEXT", "héé", Literal::Text("héé".into()), "VARCHAR(3)"),
            ("boolean", "True", Literal::Boolean(true), "BOOLEAN"),
            ("DATE", "1577836800000", Literal::Date(18262), "DATE"),
            ("DATE", "-1", Literal::Date(-1), "DATE"),
            ("DATE", "2020-01-01", Literal::Date(18262), "DATE"),
            (
                "TIME",
                "3661000000001",
                Literal::Time(3_661_000_000_001),
                "TIME(9)",
            ),
            (
                "TIMESTAMP_NTZ",
                "253402300799999999000",
                Literal::Timestamp(Timestamp::from_micros(253_402_300_799_999_999, 0)),
                "TIMESTAMP_NTZ(9)",
            ),
            (
                "TIMESTAMP_TZ",
                "1577934245000000000 1500",
                Literal::TimestampTz {
                    utc: Timestamp::from_micros(1_577_934_245_000_000, 0),
                    offset: 60,
                },
                "TIMESTAMP_TZ(9)",
            ),
            ("BINARY", "00fF", Literal::Binary(vec![0, 255]), "BINARY(2)"),
        ] {
            assert_eq!(decoded(type_name, text), (value, ty.to_owned()), "{text}");
        }
        assert!(constant("FIXED", Some("abc")).is_err());
        assert!(constant("BINARY", Some("zz")).is_err());
        assert!(constant("NOPE", Some("1")).is_err());
    }

    #[test]
    fn a_column_has_the_widest_type_of_its_values() {
        let values = ["1", "-2.25"].map(|text| Some(text.to_owned()));
        let (ty, column) = column("FIXED", &values).unwrap();
        assert_eq!(ty.to_string(), "NUMBER(3,2)");
        assert_eq!(column, [Literal::Number(100), Literal::Number(-225)]);
    }
}
