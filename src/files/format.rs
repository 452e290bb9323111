//! File formats: which options each type of file has, what they take, and what they are worth where nothing is said. One
//! row per type and option; CREATE FILE FORMAT, stages and COPY INTO read options by it, DESCRIBE and SHOW print them.
//!
//! Source: Snowflake, "CREATE FILE FORMAT" (`formatTypeOptions`) and "DESCRIBE FILE FORMAT"; the messages are those of a
//! live account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::compression::{COMPRESSIONS, Compression};
use super::csv::{Dialect, RecordDelimiter};
use super::encoding::is_encoding;
use crate::error::{Error, Result};

/// TYPE of a file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FileType {
    #[default]
    Csv,
    Json,
    Avro,
    Orc,
    Parquet,
    Xml,
    /// Of a stage alone: files that only a program reads.
    Custom,
}

impl FileType {
    pub fn name(self) -> &'static str {
        match self {
            FileType::Csv => "CSV",
            FileType::Json => "JSON",
            FileType::Avro => "AVRO",
            FileType::Orc => "ORC",
            FileType::Parquet => "PARQUET",
            FileType::Xml => "XML",
            FileType::Custom => "CUSTOM",
        }
    }

    fn read(text: &str) -> Option<FileType> {
        const ALL: &[FileType] = &[
            FileType::Csv,
            FileType::Json,
            FileType::Avro,
            FileType::Orc,
            FileType::Parquet,
            FileType::Xml,
            FileType::Custom,
        ];
        let found = ALL.iter().find(|ty| text.eq_ignore_ascii_case(ty.name()));
        found.copied()
    }

    /// The options of the type, in the order of DESCRIBE.
    fn options(self) -> &'static [FormatOption] {
        match self {
            FileType::Csv => CSV,
            FileType::Json => JSON,
            FileType::Avro => AVRO,
            FileType::Orc => ORC,
            FileType::Parquet => PARQUET,
            FileType::Xml => XML,
            FileType::Custom => &[],
        }
    }
}

/// An option of a file format.
struct FormatOption {
    name: &'static str,
    takes: Takes,
    /// What it is where nothing is said: a text as it is written, a list's only element.
    default: Preset,
}

#[derive(Debug, Clone, Copy)]
enum Preset {
    /// NULL, or an empty text.
    Nothing,
    Text(&'static str),
    Boolean(bool),
    Number(u64),
    List(&'static [&'static str]),
}

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Boolean,
    Number,
    List,
    /// Any text; NONE is none.
    Text,
    /// Text with the escapes of delimiters; NONE is none.
    Delimiter,
    /// A single character, escaped as a delimiter; NONE is none.
    Character,
    Encoding,
    OneOf(&'static [&'static str]),
}

/// The value of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OptionValue {
    /// NONE.
    None,
    Boolean(bool),
    Number(u64),
    Text(String),
    List(Vec<String>),
}

/// A value as a statement writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// A word or a number with its sign.
    Bare(String),
    /// A string literal's value.
    Quoted(String),
    List(Vec<String>),
}

const COMPRESSED: Takes = Takes::OneOf(&[
    "AUTO",
    "GZIP",
    "BZ2",
    "BROTLI",
    "ZSTD",
    "DEFLATE",
    "RAW_DEFLATE",
    "NONE",
]);
const BINARY: Takes = Takes::OneOf(&["HEX", "BASE64", "UTF8"]);

const fn boolean(name: &'static str, default: bool) -> FormatOption {
    option(name, Takes::Boolean, Preset::Boolean(default))
}

const fn option(name: &'static str, takes: Takes, default: Preset) -> FormatOption {
    FormatOption {
        name,
        takes,
        default,
    }
}

const FILE_EXTENSION: FormatOption = option("FILE_EXTENSION", Takes::Text, Preset::Nothing);
const DATE_FORMAT: FormatOption = option("DATE_FORMAT", Takes::Text, Preset::Text("AUTO"));
const TIME_FORMAT: FormatOption = option("TIME_FORMAT", Takes::Text, Preset::Text("AUTO"));
const TIMESTAMP_FORMAT: FormatOption =
    option("TIMESTAMP_FORMAT", Takes::Text, Preset::Text("AUTO"));
const BINARY_FORMAT: FormatOption = option("BINARY_FORMAT", BINARY, Preset::Text("HEX"));
const COMPRESSION: FormatOption = option("COMPRESSION", COMPRESSED, Preset::Text("AUTO"));
const NULL_IF: FormatOption = option("NULL_IF", Takes::List, Preset::List(&[]));
const TRIM_SPACE: FormatOption = boolean("TRIM_SPACE", false);
const REPLACE_INVALID_CHARACTERS: FormatOption = boolean("REPLACE_INVALID_CHARACTERS", false);
const SKIP_BYTE_ORDER_MARK: FormatOption = boolean("SKIP_BYTE_ORDER_MARK", true);
const IGNORE_UTF8_ERRORS: FormatOption = boolean("IGNORE_UTF8_ERRORS", false);
const MULTI_LINE: FormatOption = boolean("MULTI_LINE", true);

static CSV: &[FormatOption] = &[
    option("RECORD_DELIMITER", Takes::Delimiter, Preset::Text("\n")),
    option("FIELD_DELIMITER", Takes::Delimiter, Preset::Text(",")),
    FILE_EXTENSION,
    option("SKIP_HEADER", Takes::Number, Preset::Number(0)),
    boolean("PARSE_HEADER", false),
    DATE_FORMAT,
    TIME_FORMAT,
    TIMESTAMP_FORMAT,
    BINARY_FORMAT,
    option("ESCAPE", Takes::Character, Preset::Text("NONE")),
    option(
        "ESCAPE_UNENCLOSED_FIELD",
        Takes::Character,
        Preset::Text("\\"),
    ),
    TRIM_SPACE,
    option(
        "FIELD_OPTIONALLY_ENCLOSED_BY",
        Takes::Character,
        Preset::Text("NONE"),
    ),
    option("NULL_IF", Takes::List, Preset::List(&["\\N"])),
    COMPRESSION,
    boolean("ERROR_ON_COLUMN_COUNT_MISMATCH", true),
    boolean("VALIDATE_UTF8", true),
    boolean("SKIP_BLANK_LINES", false),
    REPLACE_INVALID_CHARACTERS,
    boolean("EMPTY_FIELD_AS_NULL", true),
    SKIP_BYTE_ORDER_MARK,
    option("ENCODING", Takes::Encoding, Preset::Text("UTF8")),
    MULTI_LINE,
];

static JSON: &[FormatOption] = &[
    FILE_EXTENSION,
    DATE_FORMAT,
    TIME_FORMAT,
    TIMESTAMP_FORMAT,
    BINARY_FORMAT,
    TRIM_SPACE,
    NULL_IF,
    COMPRESSION,
    boolean("ENABLE_OCTAL", false),
    boolean("ALLOW_DUPLICATE", false),
    boolean("STRIP_OUTER_ARRAY", false),
    boolean("STRIP_NULL_VALUES", false),
    IGNORE_UTF8_ERRORS,
    REPLACE_INVALID_CHARACTERS,
    SKIP_BYTE_ORDER_MARK,
    MULTI_LINE,
];

static AVRO: &[FormatOption] = &[
    TRIM_SPACE,
    NULL_IF,
    option(
        "COMPRESSION",
        Takes::OneOf(&[
            "AUTO",
            "GZIP",
            "BROTLI",
            "ZSTD",
            "DEFLATE",
            "RAW_DEFLATE",
            "NONE",
        ]),
        Preset::Text("AUTO"),
    ),
    REPLACE_INVALID_CHARACTERS,
];

static ORC: &[FormatOption] = &[TRIM_SPACE, NULL_IF, REPLACE_INVALID_CHARACTERS];

static PARQUET: &[FormatOption] = &[
    TRIM_SPACE,
    NULL_IF,
    option(
        "COMPRESSION",
        // GZIP is what the Python connector's write_pandas says, undocumented.
        Takes::OneOf(&["AUTO", "GZIP", "LZO", "SNAPPY", "NONE"]),
        Preset::Text("AUTO"),
    ),
    boolean("BINARY_AS_TEXT", true),
    REPLACE_INVALID_CHARACTERS,
    boolean("USE_LOGICAL_TYPE", false),
    boolean("USE_VECTORIZED_SCANNER", false),
    boolean("SNAPPY_COMPRESSION", true),
];

static XML: &[FormatOption] = &[
    COMPRESSION,
    IGNORE_UTF8_ERRORS,
    boolean("PRESERVE_SPACE", false),
    boolean("STRIP_OUTER_ELEMENT", false),
    boolean("DISABLE_AUTO_CONVERT", false),
    REPLACE_INVALID_CHARACTERS,
    SKIP_BYTE_ORDER_MARK,
];

/// Options that are settled by another one and not listed: `SNAPPY_COMPRESSION`.
const UNLISTED: &[&str] = &["SNAPPY_COMPRESSION"];

/// A file format: its type, and the options that were set. Stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileFormat {
    #[serde(rename = "type")]
    pub file_type: FileType,
    /// Options that differ from their defaults because they were set.
    #[serde(default)]
    set: BTreeMap<String, OptionValue>,
}

impl FileFormat {
    /// A format from options as a statement writes them, in their order. TYPE may stand anywhere among them.
    pub fn from_written(options: &[(String, Written)]) -> Result<Self> {
        let mut format = FileFormat::default();
        let mut types = options.iter().filter(|(name, _)| name == "TYPE");
        if let Some((_, written)) = types.next() {
            let text = written.text().unwrap_or_default();
            format.file_type = FileType::read(text).ok_or_else(|| written.invalid("TYPE"))?;
        }
        if types.next().is_some() {
            return Err(Error::conflicting_format_values("TYPE"));
        }
        format.change(options)?;
        Ok(format)
    }

    /// Sets options; the type stays, whatever TYPE says.
    pub fn change(&mut self, options: &[(String, Written)]) -> Result<()> {
        for (name, written) in options.iter().filter(|(name, _)| name != "TYPE") {
            let option = self.option(name)?;
            let value = option.read(written)?;
            self.set.insert(name.clone(), value);
        }
        Ok(())
    }

    fn option(&self, name: &str) -> Result<&'static FormatOption> {
        let own = self.file_type.options();
        if let Some(option) = own.iter().find(|option| option.name == name) {
            return Ok(option);
        }
        let others = [CSV, JSON, AVRO, ORC, PARQUET, XML].into_iter().flatten();
        match others.into_iter().any(|option| option.name == name) {
            true => Err(Error::invalid_format_option(name, self.file_type.name())),
            false => Err(Error::invalid_parameter(name)),
        }
    }

    /// The value of an option of this type: as set, or its default.
    pub fn value(&self, name: &str) -> OptionValue {
        if let Some(value) = self.set.get(name) {
            return value.clone();
        }
        let options = self.file_type.options().iter();
        let mut found = options.filter(|option| option.name == name);
        found
            .next()
            .map_or(OptionValue::None, FormatOption::default)
    }

    /// Whether an option was set.
    pub fn is_set(&self, name: &str) -> bool {
        self.set.contains_key(name)
    }

    /// A boolean option; false where the type does not have it.
    pub fn boolean(&self, name: &str) -> bool {
        self.value(name) == OptionValue::Boolean(true)
    }

    pub fn number(&self, name: &str) -> u64 {
        match self.value(name) {
            OptionValue::Number(number) => number,
            _ => 0,
        }
    }

    /// A text option; `None` for NONE and where nothing is said.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.value(name) {
            OptionValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// DATE_FORMAT and its like; `None` for AUTO.
    pub fn pattern(&self, name: &str) -> Option<String> {
        self.text(name)
            .filter(|text| !text.eq_ignore_ascii_case("AUTO"))
    }

    pub fn list(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            OptionValue::List(texts) => texts,
            _ => Vec::new(),
        }
    }

    /// COMPRESSION of types whose files are compressed as a whole.
    pub fn compression(&self) -> Compression {
        let written = self.text("COMPRESSION");
        let mut known = COMPRESSIONS.iter();
        known
            .find(|(keyword, _, _)| Some(*keyword) == written.as_deref())
            .map_or(Compression::None, |(_, compression, _)| *compression)
    }

    /// How delimited text is read.
    pub fn dialect(&self) -> Dialect {
        let character = |name: &str| {
            let text = self.text(name)?;
            text.bytes().next()
        };
        Dialect {
            record_delimiter: match self.text("RECORD_DELIMITER").as_deref() {
                Some("\n" | "\r\n") => RecordDelimiter::Newline,
                Some(text) => RecordDelimiter::Text(text.as_bytes().to_vec()),
                None => RecordDelimiter::None,
            },
            field_delimiter: self.text("FIELD_DELIMITER").map(String::into_bytes),
            enclosure: character("FIELD_OPTIONALLY_ENCLOSED_BY"),
            escape: character("ESCAPE"),
            escape_unenclosed: character("ESCAPE_UNENCLOSED_FIELD"),
            trim_space: self.boolean("TRIM_SPACE"),
            null_if: self.list("NULL_IF"),
            empty_field_as_null: self.boolean("EMPTY_FIELD_AS_NULL"),
            skip_blank_lines: self.boolean("SKIP_BLANK_LINES"),
            skip_header: self.number("SKIP_HEADER"),
            multi_line: self.boolean("MULTI_LINE"),
            replace_invalid_characters: self.boolean("REPLACE_INVALID_CHARACTERS"),
            skip_byte_order_mark: self.boolean("SKIP_BYTE_ORDER_MARK"),
        }
    }

    /// The rows of DESCRIBE: property, type, value, default.
    pub fn described(&self) -> Vec<[String; 4]> {
        let text = |text: &str| text.to_owned();
        let ty = [
            text("TYPE"),
            text("String"),
            text(self.file_type.name()),
            text("CSV"),
        ];
        let rows = self.listed().map(|option| {
            // The default that is shown is that of CSV, where CSV has the option.
            let csv = CSV.iter().find(|csv| csv.name == option.name);
            [
                option.name.to_owned(),
                option.takes.type_name().to_owned(),
                option.shown(&self.value(option.name)),
                option.shown(&csv.unwrap_or(option).default()),
            ]
        });
        std::iter::once(ty).chain(rows).collect()
    }

    /// `format_options` of SHOW: a JSON object.
    pub fn to_json(&self) -> String {
        let mut object = Map::new();
        object.insert("TYPE".to_owned(), json!(self.file_type.name()));
        for option in self.listed() {
            let value = match self.value(option.name) {
                OptionValue::None if option.takes == Takes::Text => Value::Null,
                OptionValue::None => json!("NONE"),
                OptionValue::Boolean(value) => json!(value),
                OptionValue::Number(value) => json!(value),
                OptionValue::Text(value) => json!(value),
                OptionValue::List(values) => json!(values),
            };
            object.insert(option.name.to_owned(), value);
        }
        // serde_json sorts the keys of its own maps.
        let fields = std::iter::once("TYPE").chain(self.listed().map(|option| option.name));
        let fields = fields.map(|name| format!("\"{name}\":{}", object[name]));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    }

    fn listed(&self) -> impl Iterator<Item = &'static FormatOption> {
        let options = self.file_type.options().iter();
        options.filter(|option| !UNLISTED.contains(&option.name))
    }
}

impl FormatOption {
    fn default(&self) -> OptionValue {
        match self.default {
            Preset::Nothing | Preset::Text("NONE") => OptionValue::None,
            Preset::Text(text) => OptionValue::Text(text.to_owned()),
            Preset::Boolean(value) => OptionValue::Boolean(value),
            Preset::Number(value) => OptionValue::Number(value),
            Preset::List(texts) => {
                OptionValue::List(texts.iter().map(|text| (*text).to_owned()).collect())
            }
        }
    }

    fn read(&self, written: &Written) -> Result<OptionValue> {
        self.value_of(written)
            .ok_or_else(|| written.invalid(self.name))
    }

    fn value_of(&self, written: &Written) -> Option<OptionValue> {
        if self.takes == Takes::List {
            return Some(OptionValue::List(match written {
                Written::List(texts) => texts.clone(),
                Written::Quoted(text) => vec![text.clone()],
                Written::Bare(_) => return None,
            }));
        }
        let text = written.text()?;
        let none = text.eq_ignore_ascii_case("NONE");
        match self.takes {
            Takes::Boolean if text.eq_ignore_ascii_case("TRUE") => Some(OptionValue::Boolean(true)),
            Takes::Boolean if text.eq_ignore_ascii_case("FALSE") => {
                Some(OptionValue::Boolean(false))
            }
            Takes::Boolean | Takes::List => None,
            Takes::Number => text.parse().ok().map(OptionValue::Number),
            Takes::Text | Takes::Delimiter | Takes::Character if none => Some(OptionValue::None),
            Takes::Text => Some(OptionValue::Text(text.to_owned())),
            Takes::Delimiter => delimiter(text)
                .filter(|text| (1..=LONGEST_DELIMITER).contains(&text.chars().count()))
                .map(OptionValue::Text),
            Takes::Character => delimiter(text)
                .filter(|text| text.len() == 1)
                .map(OptionValue::Text),
            Takes::Encoding => is_encoding(text).then(|| OptionValue::Text(text.to_uppercase())),
            Takes::OneOf(words) => words
                .iter()
                .find(|word| word.eq_ignore_ascii_case(text))
                .map(|word| OptionValue::Text((*word).to_owned())),
        }
    }
}

impl Takes {
    /// As DESCRIBE names it.
    fn type_name(self) -> &'static str {
        match self {
            Takes::Boolean => "Boolean",
            Takes::Number => "Integer",
            Takes::List => "List",
            _ => "String",
        }
    }
}

impl FormatOption {
    /// A value of it as DESCRIBE prints it.
    fn shown(&self, value: &OptionValue) -> String {
        match value {
            OptionValue::None if self.takes == Takes::Text => String::new(),
            OptionValue::None => "NONE".to_owned(),
            OptionValue::Boolean(value) => value.to_string(),
            OptionValue::Number(value) => value.to_string(),
            OptionValue::Text(text) => escaped(text),
            OptionValue::List(texts) => {
                let texts: Vec<_> = texts.iter().map(|text| escaped(text)).collect();
                format!("[{}]", texts.join(", "))
            }
        }
    }
}

impl Written {
    /// The text of what is no list.
    pub fn text(&self) -> Option<&str> {
        match self {
            Written::Bare(text) | Written::Quoted(text) => Some(text),
            Written::List(_) => None,
        }
    }

    /// The error for an option that does not take it.
    pub fn invalid(&self, option: &str) -> Error {
        let shown = match self {
            Written::Bare(text) => text.clone(),
            Written::Quoted(text) => format!("'{text}'"),
            Written::List(texts) => {
                let texts: Vec<_> = texts.iter().map(|text| format!("'{text}'")).collect();
                format!("({})", texts.join(", "))
            }
        };
        Error::invalid_parameter_value(shown, option)
    }
}

/// Characters of a delimiter, at most.
const LONGEST_DELIMITER: usize = 20;

/// A delimiter as it is written inside of its literal: `\t`, `\136` (octal), `\x5e`, `0x5e`, or itself.
fn delimiter(text: &str) -> Option<String> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))
        && !digits.is_empty()
        && digits.len() % 2 == 0
        && let Some(bytes) = hexadecimal(digits)
    {
        return String::from_utf8(bytes).ok();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        let octal = after.len() - after.trim_start_matches(|c| matches!(c, '0'..='7')).len();
        let taken = match after.as_bytes() {
            [b'x' | b'X', ..] if after.is_char_boundary(3.min(after.len())) => {
                let code = hexadecimal(after.get(1..3)?)?;
                bytes.extend(code);
                3
            }
            _ if octal >= 2 => {
                let length = octal.min(3);
                bytes.push(u8::from_str_radix(&after[..length], 8).ok()?);
                length
            }
            [
                code @ (b't' | b'n' | b'r' | b'b' | b'f' | b'0' | b'\\' | b'\'' | b'"'),
                ..,
            ] => {
                bytes.push(match code {
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b'b' => 8,
                    b'f' => 12,
                    b'0' => 0,
                    other => *other,
                });
                1
            }
            _ => {
                bytes.push(b'\\');
                0
            }
        };
        rest = &after[taken..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Characters that would not be seen, and the backslash, as they are written in a literal.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(name: &str, text: &str) -> (String, Written) {
        (name.to_owned(), Written::Quoted(text.to_owned()))
    }

    #[test]
    fn delimiters_are_written_in_several_ways() {
        for text in ["^", "\\136", "\\x5e", "0x5e", "\\x5E"] {
            assert_eq!(delimiter(text).unwrap(), "^", "{text}");
        }
        assert_eq!(delimiter("\\xC2\\xA2").unwrap(), "¢");
        assert_eq!(delimiter("0xC2A2").unwrap(), "¢");
        assert_eq!(delimiter("\\t").unwrap(), "\t");
        assert_eq!(delimiter("\\").unwrap(), "\\");
        assert_eq!(delimiter("||").unwrap(), "||");
        assert_eq!(delimiter("0x").unwrap(), "0x");
        assert_eq!(delimiter("\\xC2"), None);
        assert_eq!(delimiter("\\x"), None);
        assert_eq!(delimiter("\\xü"), None);
    }

    #[test]
    fn options_become_a_dialect() {
        let format = FileFormat::from_written(&[
            quoted("FIELD_DELIMITER", "|"),
            quoted("TYPE", "csv"),
            quoted("ESCAPE_UNENCLOSED_FIELD", "NONE"),
            quoted("FIELD_OPTIONALLY_ENCLOSED_BY", "\""),
            quoted("NULL_IF", ""),
        ])
        .unwrap();
        let dialect = format.dialect();
        assert_eq!(dialect.field_delimiter.as_deref(), Some(&b"|"[..]));
        assert_eq!(dialect.escape_unenclosed, None);
        assert_eq!(dialect.enclosure, Some(b'"'));
        assert_eq!(dialect.null_if, [""]);
        assert_eq!(FileFormat::default().dialect(), Dialect::default());
        assert_eq!(FileFormat::default().compression(), Compression::Auto);
    }

    #[test]
    fn formats_are_stored_and_read_back() {
        let options = [quoted("TYPE", "JSON"), quoted("FILE_EXTENSION", "NONE")];
        let format = FileFormat::from_written(&options).unwrap();
        let text = serde_json::to_string(&format).unwrap();
        assert_eq!(text, r#"{"type":"JSON","set":{"FILE_EXTENSION":null}}"#);
        assert_eq!(serde_json::from_str::<FileFormat>(&text).unwrap(), format);
    }

    #[test]
    fn a_character_that_was_set_to_none_is_shown_so() {
        let format = FileFormat::from_written(&[quoted("ESCAPE_UNENCLOSED_FIELD", "none")]);
        let rows = format.unwrap().described();
        let row = rows.iter().find(|row| row[0] == "ESCAPE_UNENCLOSED_FIELD");
        assert_eq!(row.unwrap()[2..], ["NONE", "\\\\"]);
    }
}
