//! Encryption functions: AES in the modes that Snowflake has, with a passphrase or with a key.
//!
//! Sources: Snowflake, "Encryption functions"; refusals as recorded from a live account (`EncryptDecryptMethodTest`,
//! `DecryptRefusalTest` of `mlorek/frostlake`). How a passphrase becomes a key is not documented, so what one side has
//! encrypted with a passphrase the other cannot decrypt; the functions with a key agree with every other AES.

mod cipher;

use super::expr::{BINARY, TEXT, call_of, native, native_call};
use super::{Function, Lowering, Signature, Written};
use crate::engine::native::{Memo, Native, Nulls, ScalarNative};
use crate::error::{Error, Result};
use crate::tree::{Expr, ExprKind, Literal, Returns};
use crate::types::variant::write;
use crate::types::{LogicalType, PhysicalType, text};
use cipher::Method;

/// A BINARY as long as one can be.
const BYTES: LogicalType = LogicalType::Binary { length: 67_108_864 };

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "DECRYPT",
        aliases: &[],
        signatures: &[Signature::new(
            "(binary, text, any?, text?) -> tree",
            Lowering::Written(|written, arguments, _| {
                with_passphrase(written, &DECRYPT, arguments)
            }),
        )],
        summary: "What ENCRYPT has encrypted with the passphrase.",
        examples: &[
            (
                "TO_VARCHAR(DECRYPT(ENCRYPT('abc', 'secret'), 'secret'), 'UTF-8')",
                "abc",
            ),
            (
                "TO_VARCHAR(DECRYPT(ENCRYPT('abc', 'p', 'aad'), 'p', 'aad'), 'UTF-8')",
                "abc",
            ),
            ("DECRYPT(NULL, 'secret')", "NULL"),
        ],
    },
    Function {
        name: "DECRYPT_RAW",
        aliases: &[],
        signatures: &[Signature::new(
            "(binary, binary, binary, binary?, text?, binary?) -> tree",
            Lowering::Tree(|arguments, _| Ok(with_key(&DECRYPT_RAW, arguments, 6, BYTES))),
        )],
        summary: "What ENCRYPT_RAW has encrypted with the key and the initialization vector.",
        examples: &[
            (
                "DECRYPT_RAW(X'CA2F4A383F6F55', SHA2_BINARY('NotSecretEnough', 256), X'416C736F4E6F745365637265', TO_BINARY('additional data', 'UTF-8'), 'AES-GCM', X'91F28FBC6A2FE9B213D1C44B8D75D147')",
                "426F6E6A6F7572",
            ),
            (
                "DECRYPT_RAW(X'3AD77BB40D7A3660A89ECAF32466EF97', X'2B7E151628AED2A6ABF7158809CF4F3C', NULL, NULL, 'AES-ECB/pad:NONE')",
                "6BC1BEE22E409F96E93D7E117393172A",
            ),
        ],
    },
    Function {
        name: "ENCRYPT",
        aliases: &[],
        signatures: &[Signature::new(
            "(any, text, any?, text?) -> tree",
            Lowering::Written(|written, arguments, _| {
                with_passphrase(written, &ENCRYPT, arguments)
            }),
        )],
        summary: "A value encrypted with a passphrase, different each time: the initialization vector, then the ciphertext, then in GCM the tag.",
        examples: &[
            ("LENGTH(ENCRYPT('a', 'secret'))", "29"),
            ("LENGTH(ENCRYPT('a', 'secret', NULL, 'AES-CBC'))", "32"),
            ("ENCRYPT('a', 'p') = ENCRYPT('a', 'p')", "false"),
            ("ENCRYPT(NULL, 'p')", "NULL"),
        ],
    },
    Function {
        name: "ENCRYPT_RAW",
        aliases: &[],
        signatures: &[Signature::new(
            "(binary, binary, binary, binary?, text?) -> tree",
            Lowering::Tree(|arguments, _| {
                Ok(with_key(&ENCRYPT_RAW, arguments, 5, LogicalType::Variant))
            }),
        )],
        summary: "A value encrypted with a key of 16, 24 or 32 bytes: an OBJECT of ciphertext, iv and, in GCM, tag.",
        examples: &[
            (
                "ENCRYPT_RAW(TO_BINARY('Bonjour', 'UTF-8'), SHA2_BINARY('NotSecretEnough', 256), X'416C736F4E6F745365637265', TO_BINARY('additional data', 'UTF-8'), 'AES-GCM')",
                "{\"ciphertext\":\"CA2F4A383F6F55\",\"iv\":\"416C736F4E6F745365637265\",\"tag\":\"91F28FBC6A2FE9B213D1C44B8D75D147\"}",
            ),
            (
                "ENCRYPT_RAW(X'6BC1BEE22E409F96E93D7E117393172A', X'2B7E151628AED2A6ABF7158809CF4F3C', X'000102030405060708090A0B0C0D0E0F', NULL, 'AES-CBC/pad:NONE'):ciphertext::BINARY",
                "7649ABAC8119B246CEE98E9B12E9197D",
            ),
            (
                "LENGTH(ENCRYPT_RAW(X'00', X'2B7E151628AED2A6ABF7158809CF4F3C', NULL):iv::BINARY)",
                "12",
            ),
        ],
    },
    Function {
        name: "TRY_DECRYPT",
        aliases: &[],
        signatures: &[Signature::new(
            "(binary, text, any?, text?) -> tree",
            Lowering::Written(|written, arguments, _| {
                with_passphrase(written, &TRY_DECRYPT, arguments)
            }),
        )],
        summary: "As DECRYPT, NULL where that fails.",
        examples: &[
            ("TRY_DECRYPT(ENCRYPT('a', 'p'), 'q')", "NULL"),
            (
                "TO_VARCHAR(TRY_DECRYPT(ENCRYPT('a', 'p'), 'p'), 'UTF-8')",
                "a",
            ),
        ],
    },
    Function {
        name: "TRY_DECRYPT_RAW",
        aliases: &[],
        signatures: &[Signature::new(
            "(binary, binary, binary, binary?, text?, binary?) -> tree",
            Lowering::Tree(|arguments, _| Ok(with_key(&TRY_DECRYPT_RAW, arguments, 6, BYTES))),
        )],
        summary: "As DECRYPT_RAW, NULL where that fails.",
        examples: &[
            ("TRY_DECRYPT_RAW(X'00', X'00', X'00')", "NULL"),
            (
                "TRY_DECRYPT_RAW(X'3AD77BB40D7A3660A89ECAF32466EF97', X'2B7E151628AED2A6ABF7158809CF4F3C', NULL, NULL, 'AES-ECB/pad:NONE')",
                "6BC1BEE22E409F96E93D7E117393172A",
            ),
        ],
    },
];

/// `(value, passphrase [, authenticated data [, method]])` as the native has it: bytes, and NULL for what is left out.
fn with_passphrase(
    written: &Written<'_>,
    native: &'static ScalarNative,
    mut arguments: Vec<Expr>,
) -> Result<Expr> {
    let types: Vec<_> = arguments.iter().map(|a| a.ty.to_string()).collect();
    let refused = || Error::invalid_argument_types(written.name, types.join(", "));
    arguments.resize_with(4, || null(LogicalType::TEXT));
    for place in [0, 2] {
        let argument = std::mem::replace(&mut arguments[place], null(LogicalType::TEXT));
        arguments[place] = bytes(argument).ok_or_else(refused)?;
    }
    Ok(nullable(native_call(native, arguments, BYTES)))
}

fn with_key(
    native: &'static ScalarNative,
    mut arguments: Vec<Expr>,
    count: usize,
    ty: LogicalType,
) -> Expr {
    while arguments.len() < count {
        let ty = if arguments.len() == 4 {
            LogicalType::TEXT
        } else {
            BYTES
        };
        arguments.push(null(ty));
    }
    nullable(native_call(native, arguments, ty))
}

fn null(ty: LogicalType) -> Expr {
    Expr::literal(Literal::Null, ty)
}

fn nullable(expr: Expr) -> Expr {
    Expr {
        nullable: true,
        ..expr
    }
}

/// A value's bytes: of a BINARY itself, of anything else those of its text. `None` where it has no text.
fn bytes(value: Expr) -> Option<Expr> {
    match value.ty {
        LogicalType::Binary { .. } => Some(value),
        LogicalType::Object | LogicalType::Array => None,
        _ if matches!(value.kind, ExprKind::Literal(Literal::Null)) => Some(value.cast(BYTES)),
        _ => Some(call_of(
            "encode",
            vec![value.cast(LogicalType::TEXT)],
            BYTES,
            Returns::Natural,
        )),
    }
}

const BLOB: PhysicalType = PhysicalType::Blob;

static ENCRYPT: ScalarNative = ScalarNative {
    nulls: Nulls::Passed,
    volatile: true,
    ..native(
        "sf_encrypt",
        &[BINARY, TEXT, BINARY, TEXT],
        BLOB,
        |arguments, output| {
            let mut keys = Memo::new();
            arguments.quaternary(
                output,
                |value: Option<&[u8]>, passphrase: Option<&str>, aad: Option<&[u8]>, method| {
                    let (Some(value), Some(passphrase)) = (value, passphrase) else {
                        return Ok(None);
                    };
                    let method = Method::parse(method)?;
                    let key = keys.get(passphrase, cipher::key_of)?;
                    let iv = method.random_iv()?;
                    let (ciphertext, tag) = method.encrypt(value, key, &iv, aad)?;
                    Ok(Some([iv, ciphertext, tag].concat()))
                },
            )
        },
    )
};

fn decrypt_with(
    keys: &mut Memo<Vec<u8>>,
    value: &[u8],
    passphrase: &str,
    aad: Option<&[u8]>,
    method: Option<&str>,
) -> Result<Vec<u8>> {
    let method = Method::parse(method)?;
    let (iv, rest) = value
        .split_at_checked(method.iv_size())
        .filter(|(_, rest)| rest.len() >= method.tag_size())
        .ok_or_else(|| {
            Error::encryption_fault(
                "Encrypted data input does not comply with the expected input of the selected encryption method",
            )
        })?;
    let (ciphertext, tag) = rest.split_at(rest.len() - method.tag_size());
    let key = keys.get(passphrase, cipher::key_of)?;
    method.decrypt(ciphertext, key, iv, aad, tag)
}

macro_rules! decrypting {
    ($name:ident $engine:literal |$outcome:ident| $give:expr) => {
        static $name: ScalarNative = ScalarNative {
            nulls: Nulls::Passed,
            ..native(
                $engine,
                &[BINARY, TEXT, BINARY, TEXT],
                BLOB,
                |arguments, output| {
                    let mut keys = Memo::new();
                    arguments.quaternary(
                        output,
                        |value: Option<&[u8]>, passphrase: Option<&str>, aad, method| {
                            let (Some(value), Some(passphrase)) = (value, passphrase) else {
                                return Ok(None);
                            };
                            let $outcome = decrypt_with(&mut keys, value, passphrase, aad, method);
                            $give
                        },
                    )
                },
            )
        };
    };
}

decrypting!(DECRYPT "sf_decrypt" |outcome| outcome.map(Some));
decrypting!(TRY_DECRYPT "sf_try_decrypt" |outcome| Ok(outcome.ok()));

static ENCRYPT_RAW: ScalarNative = ScalarNative {
    nulls: Nulls::Passed,
    volatile: true,
    ..native(
        "sf_encrypt_raw",
        &[BINARY, BINARY, BINARY, BINARY, TEXT],
        PhysicalType::Varchar,
        |arguments, output| {
            arguments.quinary(
                output,
                |value: Option<&[u8]>, key: Option<&[u8]>, iv: Option<&[u8]>, aad, method| {
                    let (Some(value), Some(key)) = (value, key) else {
                        return Ok(None);
                    };
                    let method = Method::parse(method)?;
                    method.check_key(key)?;
                    let iv = match iv {
                        Some(iv) => iv.to_vec(),
                        None => method.random_iv()?,
                    };
                    method.check_iv(&iv)?;
                    let (ciphertext, tag) = method.encrypt(value, key, &iv, aad)?;
                    Ok(Some(object(&ciphertext, &iv, &tag)))
                },
            )
        },
    )
};

/// The result of ENCRYPT_RAW; what a mode does not have is null, or not there.
fn object(ciphertext: &[u8], iv: &[u8], tag: &[u8]) -> String {
    let leaf = |bytes: &[u8]| {
        let mut leaf = String::new();
        write::push_tagged('B', text::hex_text(bytes), &mut leaf);
        leaf
    };
    let (ciphertext, tag) = (leaf(ciphertext), (!tag.is_empty()).then(|| leaf(tag)));
    let iv = match iv {
        [] => "null".to_owned(),
        iv => leaf(iv),
    };
    let members = [("ciphertext", &ciphertext), ("iv", &iv)];
    let members = members
        .into_iter()
        .chain(tag.as_ref().map(|tag| ("tag", tag)));
    write::sorted_object(members.map(|(name, value)| (name, value.as_str())))
}

/// `value, key, iv, authenticated data, tag`, of which the value and the key are not NULL.
fn decrypt_raw(
    value: &[u8],
    key: &[u8],
    iv: Option<&[u8]>,
    (aad, tag): (Option<&[u8]>, Option<&[u8]>),
    method: Option<&str>,
) -> Result<Option<Vec<u8>>> {
    let method = Method::parse(method)?;
    method.check_key(key)?;
    let Some(iv) = iv.or((method.iv_size() == 0).then_some(&[][..])) else {
        return Ok(None);
    };
    method.check_iv(iv)?;
    if method.tag_size() > 0 {
        let missing = "Decryption mode requires an AEAD tag as parameter";
        let tag = tag.ok_or_else(|| Error::encryption_fault(missing))?;
        if tag.len() != method.tag_size() {
            return Err(Error::encryption_fault(format_args!(
                "Wrong AEAD tag size. Expected {}, but got {}",
                method.tag_size(),
                tag.len()
            )));
        }
        return method.decrypt(value, key, iv, aad, tag).map(Some);
    }
    method.decrypt(value, key, iv, aad, &[]).map(Some)
}

macro_rules! decrypting_raw {
    ($name:ident $engine:literal |$outcome:ident| $give:expr) => {
        static $name: ScalarNative = ScalarNative {
            nulls: Nulls::Passed,
            ..native(
                $engine,
                &[BINARY, BINARY, BINARY, BINARY, TEXT, BINARY],
                BLOB,
                |arguments, output| {
                    arguments.senary(
                        output,
                        |value: Option<&[u8]>, key: Option<&[u8]>, iv, aad, method, tag| {
                            let (Some(value), Some(key)) = (value, key) else {
                                return Ok(None);
                            };
                            let $outcome = decrypt_raw(value, key, iv, (aad, tag), method);
                            $give
                        },
                    )
                },
            )
        };
    };
}

decrypting_raw!(DECRYPT_RAW "sf_decrypt_raw" |outcome| outcome);
decrypting_raw!(TRY_DECRYPT_RAW "sf_try_decrypt_raw" |outcome| Ok(outcome.ok().flatten()));

/// What no signature names but trees use.
pub(super) fn natives() -> Vec<Native> {
    [
        ENCRYPT,
        DECRYPT,
        TRY_DECRYPT,
        ENCRYPT_RAW,
        DECRYPT_RAW,
        TRY_DECRYPT_RAW,
    ]
    .map(Native::Scalar)
    .to_vec()
}
