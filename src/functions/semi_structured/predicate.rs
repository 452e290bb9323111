//! Type predicates and strict casts: IS_*, AS_*, TYPEOF.

use super::super::{Facts, Function, Lowering, Signature, arguments, call};
use super::{TEXT, strict};
use crate::engine::native::ScalarNative;
use crate::error::{Error, Result};
use crate::tree::{Expr, ExprKind, Literal};
use crate::types::variant::{Kind, xml};
use crate::types::{
    DEFAULT_BINARY_LENGTH, LogicalType, MAX_PRECISION, MAX_SCALE, PhysicalType, TimestampKind,
};

static TYPEOF: ScalarNative = strict("sf_typeof", &[TEXT], PhysicalType::Varchar, |a, out| {
    a.unary(out, |value: &str| {
        Ok(match Kind::of(value) {
            Kind::Object if xml::is_element(value) => Some("XML"),
            kind => kind.name(),
        })
    })
});

macro_rules! is {
    ($name:literal, $aliases:expr, $template:literal, $summary:literal, $examples:expr) => {
        Function {
            name: $name,
            aliases: $aliases,
            signatures: &[Signature {
                text: "(variant) -> boolean",
                lowering: Lowering::Template($template),
            }],
            summary: $summary,
            examples: $examples,
        }
    };
}

macro_rules! as_type {
    ($name:literal, $aliases:expr, $convert:expr, $summary:literal, $examples:expr) => {
        Function {
            name: $name,
            aliases: $aliases,
            signatures: &[Signature {
                text: "(variant) -> tree",
                lowering: Lowering::Tree($convert),
            }],
            summary: $summary,
            examples: $examples,
        }
    };
}

/// AS_*.
pub(in crate::functions) static CASTS: &[Function] = &[
    as_type!(
        "AS_ARRAY",
        &[],
        |a, _| strictly(a, &["ARRAY"], LogicalType::Array),
        "The ARRAY that the VARIANT holds; NULL where it holds something else.",
        &[
            ("AS_ARRAY(PARSE_JSON('[1]'))", "[1]"),
            ("AS_ARRAY(PARSE_JSON('1'))", "NULL")
        ]
    ),
    as_type!(
        "AS_BINARY",
        &[],
        |a, _| strictly(
            a,
            &["BINARY"],
            LogicalType::Binary {
                length: DEFAULT_BINARY_LENGTH
            }
        ),
        "The BINARY that the VARIANT holds; NULL where it holds something else.",
        &[
            ("AS_BINARY(TO_VARIANT(X'4142')) = X'4142'", "true"),
            ("AS_BINARY(TO_VARIANT('AB')) IS NULL", "true")
        ]
    ),
    as_type!(
        "AS_BOOLEAN",
        &[],
        |a, _| strictly(a, &["BOOLEAN"], LogicalType::Boolean),
        "The BOOLEAN that the VARIANT holds; NULL where it holds something else.",
        &[
            ("AS_BOOLEAN(PARSE_JSON('true'))", "true"),
            ("AS_BOOLEAN(PARSE_JSON('\"true\"'))", "NULL")
        ]
    ),
    as_type!(
        "AS_DATE",
        &[],
        |a, _| strictly(a, &["DATE"], LogicalType::Date),
        "The DATE that the VARIANT holds; NULL where it holds something else.",
        &[
            ("AS_DATE(TO_VARIANT('2024-01-05'::DATE))", "2024-01-05"),
            ("AS_DATE(TO_VARIANT('2024-01-05'))", "NULL")
        ]
    ),
    Function {
        name: "AS_DECIMAL",
        aliases: &["AS_NUMBER"],
        signatures: &[Signature {
            text: "(variant, integer?, integer?) -> tree",
            lowering: Lowering::Tree(as_decimal),
        }],
        summary: "The exact number that the VARIANT holds; NULL where it holds something else.",
        examples: &[
            ("AS_DECIMAL(PARSE_JSON('2.5'))", "3"),
            ("AS_NUMBER(PARSE_JSON('4.5'), 10, 2)", "4.50"),
            ("AS_DECIMAL(PARSE_JSON('1e0'))", "NULL"),
        ],
    },
    as_type!(
        "AS_DOUBLE",
        &["AS_REAL"],
        |a, _| strictly(a, &["INTEGER", "DECIMAL", "DOUBLE"], LogicalType::Float),
        "The number that the VARIANT holds, as a FLOAT; NULL where it holds something else.",
        &[
            ("AS_DOUBLE(PARSE_JSON('1.5'))", "1.5"),
            ("AS_REAL(PARSE_JSON('\"1.5\"'))", "NULL")
        ]
    ),
    as_type!(
        "AS_INTEGER",
        &[],
        |a, _| strictly(a, &["INTEGER"], LogicalType::INTEGER),
        "The integer that the VARIANT holds; NULL where it holds something else.",
        &[
            ("AS_INTEGER(PARSE_JSON('42'))", "42"),
            ("AS_INTEGER(PARSE_JSON('1.5'))", "NULL")
        ]
    ),
    as_type!(
        "AS_OBJECT",
        &[],
        |a, _| strictly(a, &["OBJECT"], LogicalType::Object),
        "The OBJECT that the VARIANT holds; NULL where it holds something else.",
        &[
            ("AS_OBJECT(PARSE_JSON('{}'))", "{}"),
            ("AS_OBJECT(PARSE_JSON('[]'))", "NULL")
        ]
    ),
    as_type!(
        "AS_TIME",
        &[],
        |a, _| strictly(a, &["TIME"], LogicalType::Time { scale: 9 }),
        "The TIME that the VARIANT holds; NULL where it holds something else.",
        &[
            ("AS_TIME(TO_VARIANT('10:00:00'::TIME))", "10:00:00"),
            ("AS_TIME(TO_VARIANT('10:00:00'))", "NULL")
        ]
    ),
    as_type!(
        "AS_TIMESTAMP_LTZ",
        &[],
        |a, _| as_timestamp(a, TimestampKind::Ltz),
        "The TIMESTAMP_LTZ that the VARIANT holds; NULL where it holds something else.",
        &[
            (
                "AS_TIMESTAMP_LTZ(TO_VARIANT('2024-01-05'::TIMESTAMP_NTZ))",
                "NULL"
            ),
            (
                "AS_TIMESTAMP_LTZ(TO_VARIANT('2024-01-05'::TIMESTAMP_LTZ)) IS NULL",
                "false"
            )
        ]
    ),
    as_type!(
        "AS_TIMESTAMP_NTZ",
        &[],
        |a, _| as_timestamp(a, TimestampKind::Ntz),
        "The TIMESTAMP_NTZ that the VARIANT holds; NULL where it holds something else.",
        &[
            (
                "AS_TIMESTAMP_NTZ(TO_VARIANT('2024-01-05 10:00:00'::TIMESTAMP_NTZ))",
                "2024-01-05 10:00:00.000"
            ),
            ("AS_TIMESTAMP_NTZ(TO_VARIANT('2024-01-05'))", "NULL")
        ]
    ),
    as_type!(
        "AS_TIMESTAMP_TZ",
        &[],
        |a, _| as_timestamp(a, TimestampKind::Tz),
        "The TIMESTAMP_TZ that the VARIANT holds; NULL where it holds something else.",
        &[
            (
                "AS_TIMESTAMP_TZ(TO_VARIANT('2024-01-05 10:00:00 +0100'::TIMESTAMP_TZ))",
                "2024-01-05 10:00:00.000 +0100"
            ),
            ("AS_TIMESTAMP_TZ(TO_VARIANT('2024-01-05'))", "NULL")
        ]
    ),
    as_type!(
        "AS_VARCHAR",
        &["AS_CHAR"],
        |a, _| strictly(a, &["VARCHAR"], LogicalType::TEXT),
        "The string that the VARIANT holds; NULL where it holds something else.",
        &[
            ("AS_VARCHAR(PARSE_JSON('\"x\"'))", "x"),
            ("AS_CHAR(PARSE_JSON('1'))", "NULL")
        ]
    ),
];

/// IS_* and TYPEOF.
pub(in crate::functions) static PREDICATES: &[Function] = &[
    is!(
        "IS_ARRAY",
        &[],
        "(sf_typeof($1) = 'ARRAY')",
        "Whether the VARIANT holds an ARRAY.",
        &[
            ("IS_ARRAY(PARSE_JSON('[1]'))", "true"),
            ("IS_ARRAY(PARSE_JSON('{}'))", "false")
        ]
    ),
    is!(
        "IS_BINARY",
        &[],
        "(sf_typeof($1) = 'BINARY')",
        "Whether the VARIANT holds a BINARY.",
        &[
            ("IS_BINARY(TO_VARIANT(X'41'))", "true"),
            ("IS_BINARY(TO_VARIANT('41'))", "false")
        ]
    ),
    is!(
        "IS_BOOLEAN",
        &[],
        "(sf_typeof($1) = 'BOOLEAN')",
        "Whether the VARIANT holds a BOOLEAN.",
        &[
            ("IS_BOOLEAN(PARSE_JSON('true'))", "true"),
            ("IS_BOOLEAN(PARSE_JSON('1'))", "false")
        ]
    ),
    is!(
        "IS_DATE",
        &["IS_DATE_VALUE"],
        "(sf_typeof($1) = 'DATE')",
        "Whether the VARIANT holds a DATE.",
        &[
            ("IS_DATE(TO_VARIANT('2024-01-05'::DATE))", "true"),
            ("IS_DATE(TO_VARIANT('2024-01-05'))", "false")
        ]
    ),
    is!(
        "IS_DECIMAL",
        &[],
        "(sf_typeof($1) IN ('INTEGER', 'DECIMAL'))",
        "Whether the VARIANT holds an exact number.",
        &[
            ("IS_DECIMAL(PARSE_JSON('1.5'))", "true"),
            ("IS_DECIMAL(PARSE_JSON('1e0'))", "false")
        ]
    ),
    is!(
        "IS_DOUBLE",
        &["IS_REAL"],
        "(sf_typeof($1) IN ('INTEGER', 'DECIMAL', 'DOUBLE'))",
        "Whether the VARIANT holds a number.",
        &[
            ("IS_DOUBLE(PARSE_JSON('1'))", "true"),
            ("IS_REAL(PARSE_JSON('\"1\"'))", "false")
        ]
    ),
    is!(
        "IS_INTEGER",
        &[],
        "(sf_typeof($1) = 'INTEGER')",
        "Whether the VARIANT holds an integer.",
        &[
            ("IS_INTEGER(PARSE_JSON('1.0'))", "true"),
            ("IS_INTEGER(PARSE_JSON('1.5'))", "false")
        ]
    ),
    is!(
        "IS_NULL_VALUE",
        &[],
        "($1 = 'null')",
        "Whether the VARIANT is the JSON null.",
        &[
            ("IS_NULL_VALUE(PARSE_JSON('null'))", "true"),
            ("IS_NULL_VALUE(PARSE_JSON('{\"a\":1}'):b) IS NULL", "true"),
            ("IS_NULL_VALUE(PARSE_JSON('\"null\"'))", "false")
        ]
    ),
    is!(
        "IS_OBJECT",
        &[],
        "(sf_typeof($1) = 'OBJECT')",
        "Whether the VARIANT holds an OBJECT.",
        &[
            ("IS_OBJECT(PARSE_JSON('{}'))", "true"),
            ("IS_OBJECT(PARSE_JSON('[]'))", "false")
        ]
    ),
    is!(
        "IS_TIME",
        &[],
        "(sf_typeof($1) = 'TIME')",
        "Whether the VARIANT holds a TIME.",
        &[
            ("IS_TIME(TO_VARIANT('10:00:00'::TIME))", "true"),
            ("IS_TIME(TO_VARIANT('10:00:00'))", "false")
        ]
    ),
    is!(
        "IS_TIMESTAMP_LTZ",
        &[],
        "(sf_typeof($1) = 'TIMESTAMP_LTZ')",
        "Whether the VARIANT holds a TIMESTAMP_LTZ.",
        &[
            (
                "IS_TIMESTAMP_LTZ(TO_VARIANT('2024-01-05'::TIMESTAMP_LTZ))",
                "true"
            ),
            ("IS_TIMESTAMP_LTZ(TO_VARIANT('2024-01-05'))", "false")
        ]
    ),
    is!(
        "IS_TIMESTAMP_NTZ",
        &[],
        "(sf_typeof($1) = 'TIMESTAMP_NTZ')",
        "Whether the VARIANT holds a TIMESTAMP_NTZ.",
        &[
            (
                "IS_TIMESTAMP_NTZ(TO_VARIANT('2024-01-05'::TIMESTAMP_NTZ))",
                "true"
            ),
            ("IS_TIMESTAMP_NTZ(TO_VARIANT('2024-01-05'))", "false")
        ]
    ),
    is!(
        "IS_TIMESTAMP_TZ",
        &[],
        "(sf_typeof($1) = 'TIMESTAMP_TZ')",
        "Whether the VARIANT holds a TIMESTAMP_TZ.",
        &[
            (
                "IS_TIMESTAMP_TZ(TO_VARIANT('2024-01-05 10:00:00 +0100'::TIMESTAMP_TZ))",
                "true"
            ),
            ("IS_TIMESTAMP_TZ(TO_VARIANT('2024-01-05'))", "false")
        ]
    ),
    is!(
        "IS_VARCHAR",
        &["IS_CHAR"],
        "(sf_typeof($1) = 'VARCHAR')",
        "Whether the VARIANT holds a string.",
        &[
            ("IS_VARCHAR(PARSE_JSON('\"x\"'))", "true"),
            ("IS_CHAR(PARSE_JSON('1'))", "false")
        ]
    ),
    Function {
        name: "TYPEOF",
        aliases: &[],
        signatures: &[Signature {
            text: "(semi) -> text",
            lowering: Lowering::Native(&TYPEOF),
        }],
        summary: "The type of what the VARIANT holds.",
        examples: &[
            ("TYPEOF(PARSE_JSON('1.0'))", "INTEGER"),
            ("TYPEOF(PARSE_JSON('1.5'))", "DECIMAL"),
            ("TYPEOF(PARSE_JSON('1e2'))", "DOUBLE"),
            ("TYPEOF(PARSE_JSON('null'))", "NULL_VALUE"),
            ("TYPEOF(TO_VARIANT('a'))", "VARCHAR"),
        ],
    },
];

/// The cast to `ty` where the VARIANT holds one of `kinds`, else NULL.
fn strictly(arguments: Vec<Expr>, kinds: &[&str], ty: LogicalType) -> Result<Expr> {
    let [value] = self::arguments(arguments)?;
    Ok(guarded(value, kinds, ty))
}

fn guarded(value: Expr, kinds: &[&str], ty: LogicalType) -> Expr {
    let kind = call("sf_typeof", vec![value.clone()], LogicalType::TEXT);
    let list = kinds
        .iter()
        .map(|kind| Expr::literal(Literal::Text((*kind).to_owned()), LogicalType::TEXT))
        .collect();
    let nullable = kind.nullable;
    let condition = Expr::boolean(
        ExprKind::InList {
            operand: Box::new(kind),
            list,
            negated: false,
        },
        nullable,
    );
    let case = ExprKind::Case {
        branches: vec![(condition, value.cast(ty.clone()))],
        otherwise: None,
    };
    Expr::new(case, ty, true)
}

fn as_timestamp(arguments: Vec<Expr>, kind: TimestampKind) -> Result<Expr> {
    let ty = LogicalType::Timestamp { kind, scale: 9 };
    strictly(arguments, &[kind.name()], ty)
}

fn as_decimal(arguments: Vec<Expr>, _: &Facts) -> Result<Expr> {
    let mut arguments = arguments.into_iter();
    let value = arguments
        .next()
        .ok_or_else(|| Error::internal("AS_DECIMAL of nothing"))?;
    let mut digits = |default: u8| match arguments.next() {
        None => Ok(default),
        Some(argument) => constant(&argument)
            .ok_or_else(|| Error::unsupported("AS_DECIMAL with a precision that is no constant")),
    };
    let (precision, scale) = (digits(38)?, digits(0)?);
    if precision == 0 || precision > MAX_PRECISION {
        return Err(Error::invalid_parameter_value(precision, "precision"));
    }
    if scale > precision || scale > MAX_SCALE {
        return Err(Error::invalid_parameter_value(scale, "scale"));
    }
    let ty = LogicalType::Number { precision, scale };
    Ok(guarded(value, &["INTEGER", "DECIMAL"], ty))
}

/// A literal number, perhaps under the cast of the signature.
fn constant(expr: &Expr) -> Option<u8> {
    match &expr.kind {
        ExprKind::Literal(Literal::Number(value)) => u8::try_from(*value).ok(),
        ExprKind::Cast { operand, .. } => constant(operand),
        _ => None,
    }
}
