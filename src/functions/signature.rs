//! The notation of signatures, and the choice of one for a call.
//!
//! `(text, integer?) -> text`: parameter families, `?` for optional ones, `...` after the last for any number of it, `=`
//! before one that must be constant.
//! Families: `any`, `number` (NUMBER as it is, else FLOAT), `exact` (NUMBER alone, text as NUMBER(18,5)), `whole` (a
//! NUMBER(38,0)), `integer` (a NUMBER(18,0)), `float`, `text`, `boolean`, `binary`, `date`, `time`, `timestamp`, `ntz`,
//! `ltz`, `tz`, `variant`, `object`, `array`, `semi` (any of the last three) and `value` (anything at all), both as a VARIANT,
//! `part` (the word of a date part, bare or as a string); `T` stands for one type that all its places are brought to.
//!
//! Results: `T`, `same` (the first argument's type), `sum` (NUMBER(precision + 12, scale) or FLOAT), `tree` (the lowering
//! says), or a type: `NUMBER(18,0)`, `text`, `text(36)`, `binary`, `binary(16)`, `float`, `boolean`, …. A result is nullable
//! when an argument is; `?` after it says always, `!` never, `&` only when all arguments are.

use super::{Function, Lowering, Signature};
use crate::error::{Error, Result};
use crate::tree::{Expr, ExprKind, Literal, Returns};
use crate::types::number::Number;
use crate::types::{LogicalType, TimestampKind, coercion};

/// A signature that fits a call, with the arguments brought to its types.
pub struct Matched {
    pub lowering: &'static Lowering,
    pub arguments: Vec<Expr>,
    pub unified: Vec<usize>,
    pub ty: LogicalType,
    pub nullable: bool,
    pub returns: Returns,
}

/// Chooses the first signature that takes the arguments as they are, else the first that takes them by implicit
/// conversion. `call` gives the call's text, for messages.
pub fn match_call(
    function: &'static Function,
    arguments: Vec<Expr>,
    call: impl Fn() -> String,
) -> Result<Matched> {
    let parsed: Vec<_> = function
        .signatures
        .iter()
        .map(|signature| (signature, Parsed::new(signature.text)))
        .collect();
    let count = arguments.len();
    let fitting: Vec<_> = parsed
        .iter()
        .filter(|(_, parsed)| parsed.takes(count))
        .collect();
    if fitting.is_empty() {
        let least = parsed
            .iter()
            .map(|(_, parsed)| parsed.least())
            .min()
            .unwrap_or(0);
        let most = parsed
            .iter()
            .map(|(_, parsed)| parsed.most())
            .max()
            .unwrap_or(0);
        return Err(if count < least {
            Error::not_enough_arguments(in_capitals(&call()), least, count)
        } else {
            Error::too_many_arguments(in_capitals(&call()), most, count)
        });
    }
    let chosen = fitting
        .iter()
        .find(|(_, parsed)| parsed.accepts(&arguments, Family::is_exactly))
        .or_else(|| {
            fitting
                .iter()
                .find(|(_, parsed)| parsed.accepts(&arguments, Family::takes))
        });
    match chosen {
        Some((signature, parsed)) => {
            let varying = (0..count)
                .find(|index| parsed.must_be_constant(*index) && !is_constant(&arguments[*index]));
            match varying {
                None => Ok(parsed.apply(signature, arguments)),
                Some(index) => Err(Error::needs_constant(
                    index + 1,
                    function.name,
                    in_capitals(argument_text(&call(), index)),
                )),
            }
        }
        None => {
            let types: Vec<_> = arguments
                .iter()
                .map(|argument| argument.ty.to_string())
                .collect();
            Err(Error::invalid_argument_types(
                function.name,
                types.join(", "),
            ))
        }
    }
}

/// The places at which a call with so many arguments can have the word of a date part, in the order of the signatures.
pub fn part_places(function: &Function, count: usize) -> Vec<usize> {
    function
        .signatures
        .iter()
        .map(|signature| Parsed::new(signature.text))
        .filter(|parsed| parsed.takes(count))
        .filter_map(|parsed| (0..count).find(|index| parsed.family(*index) == Family::Part))
        .collect()
}

/// Whether an expression has one value for all rows.
fn is_constant(expr: &Expr) -> bool {
    !expr.any(&|part| {
        matches!(
            part.kind,
            ExprKind::Column(_)
                | ExprKind::Aggregate(_)
                | ExprKind::Scalar(_)
                | ExprKind::Exists { .. }
                | ExprKind::InQuery { .. }
                | ExprKind::Quantified { .. }
        )
    })
}

/// SQL as messages write it: in capitals but for what is quoted.
pub fn in_capitals(call: &str) -> String {
    let mut quote = None;
    call.chars()
        .flat_map(|character| {
            match quote {
                None if matches!(character, '\'' | '"') => quote = Some(character),
                Some(open) if open == character => quote = None,
                _ => {}
            }
            let upper = character.to_uppercase().next().unwrap_or(character);
            Some(if quote.is_none() { upper } else { character })
        })
        .collect()
}

/// The text of one argument within the text of a call.
pub(super) fn argument_text(call: &str, index: usize) -> &str {
    let start = call.find('(').map_or(0, |open| open + 1);
    let inside = &call[start..];
    let (mut depth, mut quoted, mut begins, mut seen) = (0_i32, false, 0, 0);
    for (place, character) in inside.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => return inside[begins..place].trim(),
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                if seen == index {
                    return inside[begins..place].trim();
                }
                seen += 1;
                begins = place + 1;
            }
            _ => {}
        }
    }
    inside[begins..].trim()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Any,
    Unified,
    Number,
    Exact,
    Whole,
    Integer,
    Float,
    Text,
    Boolean,
    Binary,
    Date,
    Time,
    Timestamp,
    TimestampOf(TimestampKind),
    Variant,
    Object,
    Array,
    SemiStructured,
    Value,
    Part,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum ResultType {
    Unified,
    Same,
    Sum,
    Exactly(LogicalType),
    /// The lowering makes the expression and its type.
    Tree,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nullability {
    AnyArgument,
    AllArguments,
    Always,
    Never,
}

#[derive(Debug)]
struct Parsed {
    required: Vec<Family>,
    optional: Vec<Family>,
    repeated: Option<Family>,
    /// Indices of parameters that must be constant.
    constant: Vec<usize>,
    result: ResultType,
    nullability: Nullability,
}

impl Parsed {
    /// Signatures are constants of the table; a test parses them all.
    fn new(text: &'static str) -> Self {
        let (parameters, result) = text.split_once(" -> ").unwrap_or((text, "tree"));
        let mut parsed = Parsed {
            required: vec![],
            optional: vec![],
            repeated: None,
            constant: vec![],
            result: ResultType::Tree,
            nullability: Nullability::AnyArgument,
        };
        let parameters = parameters.trim_matches(['(', ')']).split(", ");
        for (index, parameter) in parameters.filter(|p| !p.is_empty()).enumerate() {
            let parameter = match parameter.strip_prefix('=') {
                Some(parameter) => {
                    parsed.constant.push(index);
                    parameter
                }
                None => parameter,
            };
            if let Some(family) = parameter.strip_suffix("...") {
                parsed.repeated = Some(Family::named(family));
            } else if let Some(family) = parameter.strip_suffix('?') {
                parsed.optional.push(Family::named(family));
            } else {
                parsed.required.push(Family::named(parameter));
            }
        }
        let (result, nullability) = match result.as_bytes().last() {
            Some(b'?') => (&result[..result.len() - 1], Nullability::Always),
            Some(b'!') => (&result[..result.len() - 1], Nullability::Never),
            Some(b'&') => (&result[..result.len() - 1], Nullability::AllArguments),
            _ => (result, Nullability::AnyArgument),
        };
        parsed.result = ResultType::named(result);
        parsed.nullability = nullability;
        parsed
    }

    fn least(&self) -> usize {
        self.required.len()
    }

    fn most(&self) -> usize {
        if self.repeated.is_some() {
            usize::MAX
        } else {
            self.required.len() + self.optional.len()
        }
    }

    fn must_be_constant(&self, index: usize) -> bool {
        self.constant.contains(&index)
    }

    fn takes(&self, count: usize) -> bool {
        (self.least()..=self.most()).contains(&count)
    }

    fn family(&self, index: usize) -> Family {
        let fixed = self
            .required
            .iter()
            .chain(&self.optional)
            .nth(index)
            .copied();
        fixed.or(self.repeated).unwrap_or(Family::Any)
    }

    fn accepts(&self, arguments: &[Expr], test: fn(Family, &Expr) -> bool) -> bool {
        arguments
            .iter()
            .enumerate()
            .all(|(index, argument)| test(self.family(index), argument))
            && self.unified_type(arguments).is_some()
    }

    /// The one type of the `T` arguments; any type where there are none.
    fn unified_type(&self, arguments: &[Expr]) -> Option<LogicalType> {
        let unified = arguments
            .iter()
            .enumerate()
            .filter(|(index, _)| self.family(*index) == Family::Unified)
            .map(|(_, argument)| argument);
        coercion::unify(unified.map(|argument| (&argument.ty, argument.is_null_literal())))
    }

    fn apply(&self, signature: &'static Signature, arguments: Vec<Expr>) -> Matched {
        let unified_type = self.unified_type(&arguments).unwrap_or(LogicalType::TEXT);
        let nullable = match self.nullability {
            Nullability::AnyArgument => arguments.iter().any(|argument| argument.nullable),
            Nullability::AllArguments => arguments.iter().all(|argument| argument.nullable),
            Nullability::Always => true,
            Nullability::Never => false,
        };
        let arguments: Vec<_> = arguments
            .into_iter()
            .enumerate()
            .map(|(index, argument)| self.family(index).convert(argument, &unified_type))
            .collect();
        let mut unified: Vec<_> = (0..arguments.len())
            .filter(|index| self.family(*index) == Family::Unified)
            .collect();
        let (ty, returns) = match &self.result {
            ResultType::Unified => (unified_type, Returns::Unified),
            ResultType::Same => {
                unified = vec![0];
                (
                    arguments
                        .first()
                        .map_or(LogicalType::TEXT, |a| a.ty.clone()),
                    Returns::Unified,
                )
            }
            ResultType::Sum => (sum_type(&arguments), Returns::Cast),
            ResultType::Exactly(ty) => {
                let is_number = matches!(ty, LogicalType::Number { .. });
                (
                    ty.clone(),
                    if is_number {
                        Returns::Cast
                    } else {
                        Returns::Natural
                    },
                )
            }
            ResultType::Tree => (LogicalType::TEXT, Returns::Natural),
        };
        Matched {
            lowering: &signature.lowering,
            arguments,
            unified,
            ty,
            nullable,
            returns,
        }
    }
}

fn sum_type(arguments: &[Expr]) -> LogicalType {
    match arguments.first().map(|argument| &argument.ty) {
        Some(&LogicalType::Number { precision, scale }) => {
            Number::new(precision, scale).sum().into()
        }
        _ => LogicalType::Float,
    }
}

impl Family {
    fn named(name: &str) -> Self {
        match name {
            "T" => Family::Unified,
            "number" => Family::Number,
            "exact" => Family::Exact,
            "whole" => Family::Whole,
            "integer" => Family::Integer,
            "float" => Family::Float,
            "text" => Family::Text,
            "boolean" => Family::Boolean,
            "binary" => Family::Binary,
            "date" => Family::Date,
            "time" => Family::Time,
            "timestamp" => Family::Timestamp,
            "ntz" => Family::TimestampOf(TimestampKind::Ntz),
            "ltz" => Family::TimestampOf(TimestampKind::Ltz),
            "tz" => Family::TimestampOf(TimestampKind::Tz),
            "variant" => Family::Variant,
            "object" => Family::Object,
            "array" => Family::Array,
            "semi" => Family::SemiStructured,
            "value" => Family::Value,
            "part" => Family::Part,
            _ => Family::Any,
        }
    }

    /// Whether the argument needs no conversion.
    fn is_exactly(self, argument: &Expr) -> bool {
        if argument.is_null_literal() {
            return true;
        }
        match (self, &argument.ty) {
            (Family::Any | Family::Unified | Family::Value, _) => true,
            (Family::Part, _) => matches!(argument.kind, ExprKind::Literal(Literal::Text(_))),
            (Family::Number | Family::Exact, LogicalType::Number { .. })
            | (Family::Integer | Family::Whole, LogicalType::Number { scale: 0, .. })
            | (Family::Float, LogicalType::Float)
            | (Family::Text, LogicalType::Varchar { .. })
            | (Family::Boolean, LogicalType::Boolean)
            | (Family::Binary, LogicalType::Binary { .. })
            | (Family::Date, LogicalType::Date)
            | (Family::Time, LogicalType::Time { .. })
            | (Family::Timestamp, LogicalType::Timestamp { .. })
            | (Family::Variant, LogicalType::Variant)
            | (Family::Object, LogicalType::Object)
            | (Family::Array, LogicalType::Array)
            | (
                Family::SemiStructured,
                LogicalType::Variant | LogicalType::Object | LogicalType::Array,
            ) => true,
            (Family::TimestampOf(wanted), LogicalType::Timestamp { kind, .. }) => wanted == *kind,
            _ => false,
        }
    }

    /// Whether Snowflake converts the argument by itself.
    fn takes(self, argument: &Expr) -> bool {
        if self == Family::SemiStructured {
            return self.is_exactly(argument);
        }
        if self == Family::Exact && argument.ty == LogicalType::Float {
            return false;
        }
        self.is_exactly(argument)
            || self != Family::Part
                && coercion::implicit(&argument.ty, &self.target(&argument.ty, &LogicalType::TEXT))
    }

    fn target(self, from: &LogicalType, unified: &LogicalType) -> LogicalType {
        match self {
            Family::Any | Family::Part => from.clone(),
            Family::Unified => unified.clone(),
            // Text beside a number parameter is read as a FLOAT, as in ABS('1.5').
            Family::Number => match from {
                LogicalType::Number { .. } => from.clone(),
                _ => LogicalType::Float,
            },
            Family::Exact => match from {
                LogicalType::Number { .. } => from.clone(),
                _ => LogicalType::Number {
                    precision: 18,
                    scale: 5,
                },
            },
            Family::Whole => LogicalType::INTEGER,
            Family::Integer => LogicalType::Number {
                precision: 18,
                scale: 0,
            },
            Family::Float => LogicalType::Float,
            Family::Text => match from {
                LogicalType::Varchar { .. } => from.clone(),
                _ => LogicalType::TEXT,
            },
            Family::Boolean => LogicalType::Boolean,
            Family::Binary => match from {
                LogicalType::Binary { .. } => from.clone(),
                _ => LogicalType::Binary {
                    length: crate::types::DEFAULT_BINARY_LENGTH,
                },
            },
            Family::Date => LogicalType::Date,
            Family::Time => LogicalType::Time { scale: 9 },
            Family::Timestamp => match from {
                LogicalType::Timestamp { .. } => from.clone(),
                _ => LogicalType::Timestamp {
                    kind: TimestampKind::Ntz,
                    scale: 9,
                },
            },
            Family::TimestampOf(kind) => LogicalType::Timestamp { kind, scale: 9 },
            Family::Variant | Family::SemiStructured | Family::Value => LogicalType::Variant,
            Family::Object => LogicalType::Object,
            Family::Array => LogicalType::Array,
        }
    }

    fn convert(self, argument: Expr, unified: &LogicalType) -> Expr {
        let exact_is_enough = !matches!(
            self,
            Family::Unified | Family::Integer | Family::SemiStructured | Family::Value
        );
        if exact_is_enough && self.is_exactly(&argument) && !argument.is_null_literal() {
            return argument;
        }
        let target = self.target(&argument.ty, unified);
        argument.cast(target)
    }
}

impl ResultType {
    fn named(name: &str) -> Self {
        match name {
            "T" => ResultType::Unified,
            "same" => ResultType::Same,
            "sum" => ResultType::Sum,
            "tree" => ResultType::Tree,
            "text" => ResultType::Exactly(LogicalType::TEXT),
            "float" => ResultType::Exactly(LogicalType::Float),
            "boolean" => ResultType::Exactly(LogicalType::Boolean),
            "date" => ResultType::Exactly(LogicalType::Date),
            "time" => ResultType::Exactly(LogicalType::Time { scale: 9 }),
            "ntz" => ResultType::Exactly(LogicalType::Timestamp {
                kind: TimestampKind::Ntz,
                scale: 9,
            }),
            "ltz" => ResultType::Exactly(LogicalType::Timestamp {
                kind: TimestampKind::Ltz,
                scale: 9,
            }),
            "tz" => ResultType::Exactly(LogicalType::Timestamp {
                kind: TimestampKind::Tz,
                scale: 9,
            }),
            "binary" => ResultType::Exactly(LogicalType::Binary {
                length: crate::types::DEFAULT_BINARY_LENGTH,
            }),
            "variant" => ResultType::Exactly(LogicalType::Variant),
            "object" => ResultType::Exactly(LogicalType::Object),
            "array" => ResultType::Exactly(LogicalType::Array),
            _ => ResultType::Exactly(sized_type(name).unwrap_or(LogicalType::INTEGER)),
        }
    }
}

/// `NUMBER(18,0)`, `text(36)`, `binary(16)`
fn sized_type(text: &str) -> Option<LogicalType> {
    let length = |name: &str| {
        let length = text.strip_prefix(name)?.strip_suffix(')')?;
        length.parse().ok()
    };
    if let Some(length) = length("text(") {
        return Some(LogicalType::Varchar { length });
    }
    if let Some(length) = length("binary(") {
        return Some(LogicalType::Binary { length });
    }
    let (precision, scale) = text
        .strip_prefix("NUMBER(")?
        .strip_suffix(')')?
        .split_once(',')?;
    Some(LogicalType::Number {
        precision: precision.parse().ok()?,
        scale: scale.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::categories;

    #[test]
    fn every_signature_of_the_table_is_written_in_the_notation() {
        const FAMILIES: &[&str] = &[
            "T",
            "any",
            "number",
            "exact",
            "whole",
            "integer",
            "float",
            "text",
            "boolean",
            "binary",
            "date",
            "time",
            "timestamp",
            "ntz",
            "ltz",
            "tz",
            "variant",
            "object",
            "array",
            "semi",
            "value",
            "part",
        ];
        const RESULTS: &[&str] = &[
            "T", "same", "sum", "tree", "text", "float", "boolean", "date", "time", "ntz", "ltz",
            "tz", "binary", "variant", "object", "array",
        ];
        for function in categories().iter().flat_map(|(_, functions)| *functions) {
            for signature in function.signatures {
                let (parameters, result) = signature.text.split_once(" -> ").unwrap();
                let parameters = parameters
                    .strip_prefix('(')
                    .unwrap()
                    .strip_suffix(')')
                    .unwrap();
                for parameter in parameters.split(", ").filter(|p| !p.is_empty()) {
                    let family = parameter.trim_start_matches('=');
                    let family = family.trim_end_matches("...").trim_end_matches('?');
                    assert!(FAMILIES.contains(&family), "{}: {family}", function.name);
                }
                let result = result.trim_end_matches(['?', '!', '&']);
                assert!(
                    RESULTS.contains(&result) || sized_type(result).is_some(),
                    "{}: {result}",
                    function.name
                );
            }
        }
    }
}
