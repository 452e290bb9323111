//! Addresses taken apart: PARSE_URL, PARSE_IP.

use std::net::IpAddr;

use super::super::{
    Facts, Function, INTEGER, Lowering, Signature, TEXT, integer, native, native_call,
};
use crate::engine::native::{Native, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::Expr;
use crate::types::variant::write;
use crate::types::{LogicalType, PhysicalType};

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "PARSE_IP",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text, text) -> tree",
                Lowering::Tree(|a, f| permissive(a, f, &PARSE_IP, 2)),
            ),
            Signature::new(
                "(text, text, integer) -> tree",
                Lowering::Tree(|a, f| permissive(a, f, &PARSE_IP, 2)),
            ),
        ],
        summary: "The parts of an IP address as an OBJECT.",
        examples: &[
            (
                "PARSE_IP('192.168.242.188/24', 'INET')",
                "{\"family\":4,\"host\":\"192.168.242.188\",\"ip_fields\":[3232297660,0,0,0],\"ip_type\":\"inet\",\"ipv4\":3232297660,\"ipv4_range_end\":3232297727,\"ipv4_range_start\":3232297472,\"netmask_prefix_length\":24,\"snowflake$type\":\"ip_address\"}",
            ),
            (
                "PARSE_IP('fe80::20c:29ff:fe2c:429/64', 'INET')",
                "{\"family\":6,\"hex_ipv6\":\"FE80000000000000020C29FFFE2C0429\",\"hex_ipv6_range_end\":\"FE80000000000000FFFFFFFFFFFFFFFF\",\"hex_ipv6_range_start\":\"FE800000000000000000000000000000\",\"host\":\"fe80::20c:29ff:fe2c:429\",\"ip_fields\":[4269801472,0,34351615,4264297513],\"ip_type\":\"inet\",\"netmask_prefix_length\":64,\"snowflake$type\":\"ip_address\"}",
            ),
        ],
    },
    Function {
        name: "PARSE_URL",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text) -> tree",
                Lowering::Tree(|a, f| permissive(a, f, &PARSE_URL, 1)),
            ),
            Signature::new(
                "(text, integer) -> tree",
                Lowering::Tree(|a, f| permissive(a, f, &PARSE_URL, 1)),
            ),
        ],
        summary: "The parts of a URL as an OBJECT.",
        examples: &[
            (
                "PARSE_URL('https://user@example.com:345/a/b?USER=abc&x=1#frag')",
                "{\"fragment\":\"frag\",\"host\":\"user@example.com\",\"parameters\":{\"USER\":\"abc\",\"x\":\"1\"},\"path\":\"a/b\",\"port\":\"345\",\"query\":\"USER=abc&x=1\",\"scheme\":\"https\"}",
            ),
            (
                "PARSE_URL('mailto:abc@xyz.com')",
                "{\"fragment\":null,\"host\":null,\"parameters\":null,\"path\":\"abc@xyz.com\",\"port\":null,\"query\":null,\"scheme\":\"mailto\"}",
            ),
            (
                "PARSE_URL('example.int/nopath', 1)",
                "{\"error\":\"scheme not specified\"}",
            ),
        ],
    },
];

/// Strict unless it is asked to tell errors as values.
fn permissive(
    mut arguments: Vec<Expr>,
    _: &Facts,
    native: &'static ScalarNative,
    required: usize,
) -> Result<Expr> {
    if arguments.len() == required {
        arguments.push(integer(0));
    }
    Ok(native_call(native, arguments, LogicalType::Object))
}

/// A fault is an error, or an object that says so.
fn answer(
    parsed: Result<String, String>,
    permissive: i64,
    strict: impl Fn(&str) -> Error,
) -> Result<String> {
    match parsed {
        Ok(object) => Ok(object),
        Err(fault) if permissive == 1 => Ok(write::sorted_object([("error", &*string(&fault))])),
        Err(fault) => Err(strict(&fault)),
    }
}

fn string(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    write::push_string(value, &mut out);
    out
}

static PARSE_URL: ScalarNative = native(
    "sf_parse_url",
    &[TEXT, INTEGER],
    PhysicalType::Varchar,
    |arguments, output| {
        arguments.binary(output, |url: &str, permissive: i64| {
            answer(parse_url(url), permissive, |fault| {
                Error::url_not_recognized(fault, url)
            })
        })
    },
);

fn parse_url(url: &str) -> Result<String, String> {
    let (scheme, rest) = url.split_once(':').ok_or("scheme not specified")?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !is_scheme {
        return Err("scheme not specified".to_owned());
    }
    let (rest, fragment) = cut(rest, '#');
    let (rest, query) = cut(rest, '?');
    let (host, port, path) = match rest.strip_prefix("//") {
        None => (None, None, rest),
        Some(rest) => {
            let (authority, path) = cut(rest, '/');
            let (host, port) = match authority.rsplit_once(':') {
                Some((host, port))
                    if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) =>
                {
                    (host, Some(port))
                }
                _ => (authority, None),
            };
            (Some(host), port, path.unwrap_or_default())
        }
    };
    let text = |part: Option<&str>| part.map_or_else(|| "null".to_owned(), string);
    let parameters = query.filter(|query| !query.is_empty()).map(|query| {
        let mut values: Vec<(&str, String)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = cut(pair, '=');
            values.retain(|(other, _)| *other != key);
            values.push((key, text(value)));
        }
        write::sorted_object(values.iter().map(|(key, value)| (*key, value.as_str())))
    });
    Ok(write::sorted_object([
        ("fragment", &*text(fragment)),
        ("host", &*text(host)),
        ("parameters", parameters.as_deref().unwrap_or("null")),
        ("path", &*text((!path.is_empty()).then_some(path))),
        ("port", &*text(port)),
        ("query", &*text(query)),
        ("scheme", &*text(Some(scheme))),
    ]))
}

/// What stands before a character, and behind it.
fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}

static PARSE_IP: ScalarNative = native(
    "sf_parse_ip",
    &[TEXT, TEXT, INTEGER],
    PhysicalType::Varchar,
    |arguments, output| {
        arguments.ternary(output, |address: &str, kind: &str, permissive: i64| {
            answer(parse_ip(address, kind), permissive, |fault| {
                Error::ip_not_recognized(address, fault)
            })
        })
    },
);

fn parse_ip(text: &str, kind: &str) -> Result<String, String> {
    let kind = kind.to_lowercase();
    if !matches!(kind.as_str(), "inet" | "cidr") {
        return Err(format!("unknown type {kind}"));
    }
    let (host, prefix) = cut(text, '/');
    let address: IpAddr = host
        .parse()
        .map_err(|_| format!("invalid address {text}"))?;
    let bits: u8 = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        Some(prefix) => {
            let length: u8 = prefix
                .parse()
                .map_err(|_| format!("invalid prefix length {prefix}"))?;
            if length > bits {
                return Err(format!("invalid prefix length {prefix}"));
            }
            Some(length)
        }
        // A network without a length is none; an address alone is a network of one.
        None => (kind == "inet").then_some(bits),
    };
    let number = match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    let range = prefix.map(|prefix| {
        let free = u32::from(bits - prefix);
        let mask = if free >= 128 {
            u128::MAX
        } else {
            (1_u128 << free) - 1
        };
        (number & !mask, number | mask)
    });
    if kind == "cidr" && range.is_some_and(|(start, _)| start != number) {
        return Err("host bits are set".to_owned());
    }
    let is_ipv4 = address.is_ipv4();
    let shown = |number: u128| {
        if is_ipv4 {
            number.to_string()
        } else {
            format!("\"{number:032X}\"")
        }
    };
    let fields = if is_ipv4 {
        format!("[{number},0,0,0]")
    } else {
        let parts: Vec<_> = (0..4)
            .map(|part| (number >> (96 - 32 * part) & 0xffff_ffff).to_string())
            .collect();
        format!("[{}]", parts.join(","))
    };
    let name = if is_ipv4 { "ipv4" } else { "hex_ipv6" };
    let (start, end) = (format!("{name}_range_start"), format!("{name}_range_end"));
    let mut members: Vec<(&str, String)> = vec![
        ("family", if is_ipv4 { "4" } else { "6" }.to_owned()),
        ("host", string(host)),
        ("ip_fields", fields),
        ("ip_type", string(&kind)),
        (name, shown(number)),
        (
            "netmask_prefix_length",
            prefix.map_or_else(|| "null".to_owned(), |prefix| prefix.to_string()),
        ),
        ("snowflake$type", string("ip_address")),
    ];
    if let Some((first, last)) = range {
        members.extend([(start.as_str(), shown(first)), (end.as_str(), shown(last))]);
    }
    members.sort_by_key(|(key, _)| *key);
    Ok(write::sorted_object(
        members.iter().map(|(key, value)| (*key, value.as_str())),
    ))
}

pub(super) fn natives() -> Vec<Native> {
    vec![Native::Scalar(PARSE_URL), Native::Scalar(PARSE_IP)]
}
