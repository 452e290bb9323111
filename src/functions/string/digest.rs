//! Cryptographic digests and checksums.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::super::{BINARY, Function, INTEGER, Lowering, Signature, TEXT, WIDE, native};
use crate::engine::native::ScalarNative;
use crate::error::{Error, Result};
use crate::types::{PhysicalType, text};

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "MD5",
        aliases: &["MD5_HEX"],
        signatures: &[
            Signature::new("(text) -> text(32)", Lowering::Native(&MD5_TEXT)),
            Signature::new("(binary) -> text(32)", Lowering::Native(&MD5_OF_BINARY)),
        ],
        summary: "The MD5 digest as hexadecimal text.",
        examples: &[
            ("MD5('Snowflake')", "edf1439075a83a447fb8b630ddc9c8de"),
            ("MD5('')", "d41d8cd98f00b204e9800998ecf8427e"),
            ("MD5_HEX(X'61')", "0cc175b9c0f1b6a831c399e269772661"),
        ],
    },
    Function {
        name: "MD5_BINARY",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> binary(16)", Lowering::Native(&MD5_BINARY_TEXT)),
            Signature::new(
                "(binary) -> binary(16)",
                Lowering::Native(&MD5_BINARY_OF_BINARY),
            ),
        ],
        summary: "The MD5 digest.",
        examples: &[
            (
                "HEX_ENCODE(MD5_BINARY('Snowflake'))",
                "EDF1439075A83A447FB8B630DDC9C8DE",
            ),
            ("LENGTH(MD5_BINARY(X'61'))", "16"),
        ],
    },
    Function {
        name: "MD5_NUMBER_LOWER64",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> NUMBER(38,0)", Lowering::Native(&MD5_LOWER)),
            Signature::new(
                "(binary) -> NUMBER(38,0)",
                Lowering::Native(&MD5_LOWER_OF_BINARY),
            ),
        ],
        summary: "The lower 64 bits of the MD5 digest as a number.",
        examples: &[
            ("MD5_NUMBER_LOWER64('Snowflake')", "9203306159527282910"),
            ("MD5_NUMBER_LOWER64('')", "16825458760271544958"),
        ],
    },
    Function {
        name: "MD5_NUMBER_UPPER64",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> NUMBER(38,0)", Lowering::Native(&MD5_UPPER)),
            Signature::new(
                "(binary) -> NUMBER(38,0)",
                Lowering::Native(&MD5_UPPER_OF_BINARY),
            ),
        ],
        summary: "The upper 64 bits of the MD5 digest as a number.",
        examples: &[
            ("MD5_NUMBER_UPPER64('Snowflake')", "17145559544104499780"),
            ("MD5_NUMBER_UPPER64('')", "15284527576400310788"),
        ],
    },
    Function {
        name: "SHA1",
        aliases: &["SHA1_HEX"],
        signatures: &[
            Signature::new("(text) -> text(40)", Lowering::Native(&SHA1_TEXT)),
            Signature::new("(binary) -> text(40)", Lowering::Native(&SHA1_OF_BINARY)),
        ],
        summary: "The SHA-1 digest as hexadecimal text.",
        examples: &[
            (
                "SHA1('Snowflake')",
                "fda76b0bcc1e87cf259b1d1e3271d76f590fb5dd",
            ),
            (
                "SHA1_HEX(X'61')",
                "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8",
            ),
        ],
    },
    Function {
        name: "SHA1_BINARY",
        aliases: &[],
        signatures: &[
            Signature::new("(text) -> binary(20)", Lowering::Native(&SHA1_BINARY_TEXT)),
            Signature::new(
                "(binary) -> binary(20)",
                Lowering::Native(&SHA1_BINARY_OF_BINARY),
            ),
        ],
        summary: "The SHA-1 digest.",
        examples: &[
            (
                "HEX_ENCODE(SHA1_BINARY('Snowflake'))",
                "FDA76B0BCC1E87CF259B1D1E3271D76F590FB5DD",
            ),
            ("LENGTH(SHA1_BINARY('a'))", "20"),
        ],
    },
    Function {
        name: "SHA2",
        aliases: &["SHA2_HEX"],
        signatures: &[
            Signature::new("(text) -> text(128)", Lowering::Native(&SHA256_TEXT)),
            Signature::new("(text, integer) -> text(128)", Lowering::Native(&SHA2_TEXT)),
            Signature::new("(binary) -> text(128)", Lowering::Native(&SHA256_OF_BINARY)),
            Signature::new(
                "(binary, integer) -> text(128)",
                Lowering::Native(&SHA2_OF_BINARY),
            ),
        ],
        summary: "The SHA-2 digest of 224, 256, 384 or 512 bits as hexadecimal text.",
        examples: &[
            (
                "SHA2('Snowflake', 224)",
                "6267d3d7a59929e6864dd4b737d98e3ef8569d9f88a7466647838532",
            ),
            (
                "SHA2('')",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            ("LENGTH(SHA2_HEX('a', 512))", "128"),
        ],
    },
    Function {
        name: "SHA2_BINARY",
        aliases: &[],
        signatures: &[
            Signature::new(
                "(text) -> binary(64)",
                Lowering::Native(&SHA256_BINARY_TEXT),
            ),
            Signature::new(
                "(text, integer) -> binary(64)",
                Lowering::Native(&SHA2_BINARY_TEXT),
            ),
            Signature::new(
                "(binary) -> binary(64)",
                Lowering::Native(&SHA256_BINARY_OF_BINARY),
            ),
            Signature::new(
                "(binary, integer) -> binary(64)",
                Lowering::Native(&SHA2_BINARY_OF_BINARY),
            ),
        ],
        summary: "The SHA-2 digest of 224, 256, 384 or 512 bits.",
        examples: &[
            ("LENGTH(SHA2_BINARY('a'))", "32"),
            (
                "HEX_ENCODE(SHA2_BINARY('Snowflake', 224))",
                "6267D3D7A59929E6864DD4B737D98E3EF8569D9F88A7466647838532",
            ),
        ],
    },
];

const BLOB: PhysicalType = PhysicalType::Blob;
const VARCHAR: PhysicalType = PhysicalType::Varchar;

/// A digest of text and one of BINARY, under one name.
macro_rules! digests {
    ($($text:ident $binary:ident $name:literal $returns:ident $digest:expr;)*) => { $(
        static $text: ScalarNative = native($name, &[TEXT], $returns, |arguments, output| {
            arguments.unary(output, |value: &str| Ok($digest(value.as_bytes())))
        });
        static $binary: ScalarNative = native($name, &[BINARY], $returns, |arguments, output| {
            arguments.unary(output, |value: &[u8]| Ok($digest(value)))
        });
    )* };
}

digests! {
    MD5_TEXT MD5_OF_BINARY "sf_md5" VARCHAR |value: &[u8]| hex(&Md5::digest(value));
    MD5_BINARY_TEXT MD5_BINARY_OF_BINARY "sf_md5_binary" BLOB |value: &[u8]| Md5::digest(value).to_vec();
    MD5_LOWER MD5_LOWER_OF_BINARY "sf_md5_lower64" WIDE |value: &[u8]| half(value, 8);
    MD5_UPPER MD5_UPPER_OF_BINARY "sf_md5_upper64" WIDE |value: &[u8]| half(value, 0);
    SHA1_TEXT SHA1_OF_BINARY "sf_sha1" VARCHAR |value: &[u8]| hex(&Sha1::digest(value));
    SHA1_BINARY_TEXT SHA1_BINARY_OF_BINARY "sf_sha1_binary" BLOB |value: &[u8]| Sha1::digest(value).to_vec();
    SHA256_TEXT SHA256_OF_BINARY "sf_sha2" VARCHAR |value: &[u8]| hex(&Sha256::digest(value));
    SHA256_BINARY_TEXT SHA256_BINARY_OF_BINARY "sf_sha2_binary" BLOB |value: &[u8]| Sha256::digest(value).to_vec();
}

static SHA2_TEXT: ScalarNative =
    native("sf_sha2", &[TEXT, INTEGER], VARCHAR, |arguments, output| {
        arguments.binary(output, |value: &str, bits: i64| {
            Ok(hex(&sha2(value.as_bytes(), bits)?))
        })
    });

static SHA2_OF_BINARY: ScalarNative = native(
    "sf_sha2",
    &[BINARY, INTEGER],
    VARCHAR,
    |arguments, output| {
        arguments.binary(output, |value: &[u8], bits: i64| {
            Ok(hex(&sha2(value, bits)?))
        })
    },
);

static SHA2_BINARY_TEXT: ScalarNative = native(
    "sf_sha2_binary",
    &[TEXT, INTEGER],
    BLOB,
    |arguments, output| {
        arguments.binary(output, |value: &str, bits: i64| {
            sha2(value.as_bytes(), bits)
        })
    },
);

static SHA2_BINARY_OF_BINARY: ScalarNative = native(
    "sf_sha2_binary",
    &[BINARY, INTEGER],
    BLOB,
    |arguments, output| arguments.binary(output, |value: &[u8], bits: i64| sha2(value, bits)),
);

fn sha2(value: &[u8], bits: i64) -> Result<Vec<u8>> {
    Ok(match bits {
        224 => Sha224::digest(value).to_vec(),
        0 | 256 => Sha256::digest(value).to_vec(),
        384 => Sha384::digest(value).to_vec(),
        512 => Sha512::digest(value).to_vec(),
        _ => {
            return Err(Error::invalid_function_argument(
                bits,
                "SHA2 digest size must be 224, 256, 384 or 512",
            ));
        }
    })
}

/// The SHA-1 digest of several parts.
pub(super) fn sha1<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Vec<u8> {
    let mut hash = Sha1::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().to_vec()
}

fn half(value: &[u8], from: usize) -> i128 {
    let digest = Md5::digest(value);
    let bytes = digest.iter().skip(from).take(8);
    bytes.fold(0, |number, byte| number << 8 | i128::from(*byte))
}

fn hex(bytes: &[u8]) -> String {
    text::hex_text(bytes).to_ascii_lowercase()
}
