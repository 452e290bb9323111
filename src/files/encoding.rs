//! The character sets of ENCODING: text of any of them, read as UTF-8.

use std::io::Read;

use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;

use crate::error::{Error, Result};

/// Snowflake's name and the encoding; `None`: known and not supported.
const ENCODINGS: &[(&str, Option<&Encoding>)] = &[
    ("BIG5", Some(encoding_rs::BIG5)),
    ("EUCJP", Some(encoding_rs::EUC_JP)),
    ("EUCKR", Some(encoding_rs::EUC_KR)),
    ("GB18030", Some(encoding_rs::GB18030)),
    ("IBM420", None),
    ("IBM424", None),
    ("IBM949", None),
    ("ISO2022CN", None),
    ("ISO2022JP", Some(encoding_rs::ISO_2022_JP)),
    ("ISO2022KR", None),
    // the web's Latin 1: the same but for 27 control characters that no file has
    ("ISO88591", Some(encoding_rs::WINDOWS_1252)),
    ("ISO885915", Some(encoding_rs::ISO_8859_15)),
    ("ISO88592", Some(encoding_rs::ISO_8859_2)),
    ("ISO88595", Some(encoding_rs::ISO_8859_5)),
    ("ISO88596", Some(encoding_rs::ISO_8859_6)),
    ("ISO88597", Some(encoding_rs::ISO_8859_7)),
    ("ISO88598", Some(encoding_rs::ISO_8859_8)),
    ("ISO88599", Some(encoding_rs::WINDOWS_1254)),
    ("KOI8R", Some(encoding_rs::KOI8_R)),
    ("SHIFTJIS", Some(encoding_rs::SHIFT_JIS)),
    ("UTF16", Some(encoding_rs::UTF_16BE)),
    ("UTF16BE", Some(encoding_rs::UTF_16BE)),
    ("UTF16LE", Some(encoding_rs::UTF_16LE)),
    ("UTF32", None),
    ("UTF32BE", None),
    ("UTF32LE", None),
    ("UTF8", Some(encoding_rs::UTF_8)),
    ("WINDOWS1250", Some(encoding_rs::WINDOWS_1250)),
    ("WINDOWS1251", Some(encoding_rs::WINDOWS_1251)),
    ("WINDOWS1252", Some(encoding_rs::WINDOWS_1252)),
    ("WINDOWS1253", Some(encoding_rs::WINDOWS_1253)),
    ("WINDOWS1254", Some(encoding_rs::WINDOWS_1254)),
    ("WINDOWS1255", Some(encoding_rs::WINDOWS_1255)),
    ("WINDOWS1256", Some(encoding_rs::WINDOWS_1256)),
    ("WINDOWS874", Some(encoding_rs::WINDOWS_874)),
    ("WINDOWS949", Some(encoding_rs::EUC_KR)),
];

/// Whether ENCODING takes this name, with or without its dashes.
pub fn is_encoding(name: &str) -> bool {
    find(name).is_some()
}

fn find(name: &str) -> Option<Option<&'static Encoding>> {
    let folded: String = name.chars().filter(|c| !matches!(c, '-' | '_')).collect();
    let folded = folded.to_ascii_uppercase();
    let row = ENCODINGS.iter().find(|(known, _)| *known == folded)?;
    Some(row.1)
}

/// The text of a source in an encoding, as UTF-8. UTF-8 itself passes unchanged, broken bytes too.
pub fn decoded<'a>(
    source: Box<dyn Read + Send + 'a>,
    name: &str,
) -> Result<Box<dyn Read + Send + 'a>> {
    let Some(Some(encoding)) = find(name) else {
        return Err(Error::unsupported(format!("ENCODING = {name}")));
    };
    if encoding == encoding_rs::UTF_8 {
        return Ok(source);
    }
    let mut builder = DecodeReaderBytesBuilder::new();
    builder.encoding(Some(encoding));
    // a byte order mark decides between the two UTF-16
    builder.bom_override(encoding == encoding_rs::UTF_16BE || encoding == encoding_rs::UTF_16LE);
    Ok(Box::new(builder.build(source)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], encoding: &str) -> String {
        let mut text = String::new();
        let source: Box<dyn Read + Send> = Box::new(std::io::Cursor::new(bytes.to_vec()));
        decoded(source, encoding)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn other_encodings_become_utf8() {
        assert_eq!(read(b"Z\xfcrich", "ISO-8859-1"), "Zürich");
        assert_eq!(read(b"\xc4\xe5\xed\xfc", "WINDOWS1251"), "День");
        assert_eq!(read(b"\xfe\xff\x00A\x20\xac", "UTF16"), "A€");
        assert_eq!(read(b"\xff\xfeA\x00\xac\x20", "UTF16"), "A€");
        assert_eq!(read("día".as_bytes(), "utf8"), "día");
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(ENCODINGS.is_sorted_by_key(|row| row.0));
    }
}
