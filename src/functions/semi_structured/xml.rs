//! XML documents: PARSE_XML and its relatives.

use super::super::expr::{arguments, call};
use super::{BOOLEAN, INTEGER, TEXT, formats, formats_argument, strict};
use crate::engine::native::{Memo, ScalarNative};
use crate::error::Error;
use crate::functions::{Function, Lowering, Signature};
use crate::types::variant::xml;
use crate::types::{LogicalType, PhysicalType};

pub(in crate::functions) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CHECK_XML",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> text?", Lowering::Native(&CHECK_XML)),
            Signature::new(
                "(text, boolean) -> text?",
                Lowering::Native(&CHECK_XML_WITH),
            ),
        ],
        summary: "What is wrong with an XML document; NULL where nothing is.",
        examples: &[
            ("CHECK_XML('<name> Valid </name>')", "NULL"),
            (
                "CHECK_XML('<name> Invalid </WRONG_CLOSING_TAG>')",
                "no opening tag for </WRONG_CLOSING_TAG>, pos 35",
            ),
            ("CHECK_XML('')", "NULL"),
        ],
    },
    Function {
        name: "PARSE_XML",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> object?", Lowering::Native(&PARSE_XML)),
            Signature::new(
                "(text, boolean) -> object?",
                Lowering::Native(&PARSE_XML_WITH),
            ),
        ],
        summary: "An XML document as an OBJECT; numbers and booleans stay text where the second argument is true.",
        examples: &[
            (
                "PARSE_XML('<a attr=\"123\">text</a>')",
                "<a attr=\"123\">text</a>",
            ),
            (
                "TO_JSON(PARSE_XML('<a><b>1</b></a>'))",
                "{\"$\":{\"$\":1,\"@\":\"b\"},\"@\":\"a\",\"b\":0}",
            ),
            (
                "PARSE_XML('<test>22257e111</test>', TRUE)",
                "<test>22257e111</test>",
            ),
            ("PARSE_XML('')", "NULL"),
        ],
    },
    Function {
        name: "TO_XML",
        aliases: &[],
        signatures: &[Signature::new(
            "(semi) -> tree",
            Lowering::Tree(|arguments, facts| {
                let [value] = self::arguments(arguments)?;
                let formats = formats_argument(facts);
                Ok(call("sf_to_xml", vec![value, formats], LogicalType::TEXT))
            }),
        )],
        summary: "A value as XML in one line.",
        examples: &[
            (
                "TO_XML(PARSE_XML('<note> <body>Sample XML</body> </note>'))",
                "<note><body>Sample XML</body></note>",
            ),
            (
                "TO_XML(ARRAY_CONSTRUCT('v1', 'v2'))",
                "<SnowflakeData type=\"ARRAY\"><e type=\"VARCHAR\">v1</e><e type=\"VARCHAR\">v2</e></SnowflakeData>",
            ),
            (
                "TO_XML(PARSE_JSON('null'))",
                "<SnowflakeData type=\"NULL_VALUE\" xsi:nil=\"true\"/>",
            ),
        ],
    },
    Function {
        name: "TRY_PARSE_XML",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> object?", Lowering::Native(&TRY_PARSE_XML)),
            Signature::new(
                "(text, boolean) -> object?",
                Lowering::Native(&TRY_PARSE_XML_WITH),
            ),
        ],
        summary: "As PARSE_XML, NULL where that fails.",
        examples: &[
            ("TRY_PARSE_XML('<a>1</a>')", "<a>1</a>"),
            ("TRY_PARSE_XML('<a>1</b>')", "NULL"),
        ],
    },
    Function {
        name: "XMLGET",
        aliases: &[],
        signatures: &[
            Signature::new("(semi, text) -> object?", Lowering::Native(&XMLGET)),
            Signature::new(
                "(semi, text, integer) -> object?",
                Lowering::Native(&XMLGET_NTH),
            ),
        ],
        summary: "The element of a tag inside an element: the first one, or the one with a number that counts from 0.",
        examples: &[
            (
                "XMLGET(PARSE_XML('<a><b>1</b><c>2</c><b>3</b></a>'), 'b', 1)",
                "<b>3</b>",
            ),
            (
                "XMLGET(PARSE_XML('<a><b>1</b></a>'), 'b'):\"$\"::VARCHAR",
                "1",
            ),
            ("XMLGET(PARSE_XML('<a>x</a>'), 'b')", "NULL"),
        ],
    },
];

const VARCHAR: PhysicalType = PhysicalType::Varchar;

/// What reads a document, with and without the word that disables conversion.
macro_rules! parsing {
    ($($plain:ident $with:ident $name:literal |$outcome:ident| $give:expr;)*) => { $(
        static $plain: ScalarNative = strict($name, &[TEXT], VARCHAR, |a, out| {
            a.unary(out, |document: &str| {
                let $outcome = xml::parse(document, true);
                $give
            })
        });
        static $with: ScalarNative = strict($name, &[TEXT, BOOLEAN], VARCHAR, |a, out| {
            a.binary(out, |document: &str, disabled: bool| {
                let $outcome = xml::parse(document, !disabled);
                $give
            })
        });
    )* };
}

parsing! {
    CHECK_XML CHECK_XML_WITH "sf_check_xml" |outcome| Ok(outcome.err());
    PARSE_XML PARSE_XML_WITH "sf_parse_xml" |outcome| outcome.map_err(Error::invalid_xml);
    TRY_PARSE_XML TRY_PARSE_XML_WITH "sf_try_parse_xml" |outcome| Ok(outcome.ok().flatten());
}

static XMLGET: ScalarNative = strict("sf_xmlget", &[TEXT, TEXT], VARCHAR, |a, out| {
    a.binary(out, |element: &str, tag: &str| {
        Ok(xml::get(element, tag, 0))
    })
});

static XMLGET_NTH: ScalarNative = strict("sf_xmlget", &[TEXT, TEXT, INTEGER], VARCHAR, |a, out| {
    a.ternary(out, |element: &str, tag: &str, instance: i64| {
        Ok(xml::get(element, tag, instance))
    })
});

pub(super) static NATIVES: &[ScalarNative] =
    &[strict("sf_to_xml", &[TEXT, TEXT], VARCHAR, |a, out| {
        let mut memo = Memo::new();
        a.binary(out, |value: &str, settings: &str| {
            let mut shown = String::new();
            xml::push_value(value, formats(&mut memo, settings)?, &mut shown);
            Ok(shown)
        })
    })];
