//! The objects of the catalog and what is known of each kind.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kind::ObjectKind;
use super::properties::Properties;
use crate::files;
use crate::types::{LogicalType, PhysicalType};

/// Id of an object, a column or a physical table; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectId(pub u64);

/// A version of an object. Objects change by a new version; the old one stays as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub id: ObjectId,
    /// The commit that made this version.
    pub version: u64,
    /// The account that it belongs to; of an account, itself.
    pub account: ObjectId,
    /// Account, database or schema that it is in (of an identity column's sequence: the table); of an account, itself.
    pub parent: ObjectId,
    /// The only session that sees it, where it is temporary.
    pub session: Option<u64>,
    /// Of a function with its argument types: `F(NUMBER, VARCHAR)`.
    pub name: String,
    /// The role that owns it.
    pub owner: String,
    pub comment: Option<String>,
    /// Microseconds since 1970-01-01 UTC.
    pub created_on: i64,
    /// When this version was made.
    pub changed_on: i64,
    pub dropped_on: Option<i64>,
    pub detail: Detail,
}

/// What is to be created; the draft adds id, version and times.
#[derive(Debug, Clone, PartialEq)]
pub struct NewObject {
    pub parent: ObjectId,
    pub session: Option<u64>,
    pub name: String,
    pub owner: String,
    pub comment: Option<String>,
    pub detail: Detail,
}

/// What only one kind has. Stored as JSON: a field that is added later needs a serde default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Detail {
    Account(Account),
    Database(Database),
    Schema(Schema),
    Table(Table),
    View(View),
    Sequence(Sequence),
    Function(Function),
    Stage(Box<Stage>),
    FileFormat(FileFormat),
    Grant(Grant),
    Reference(Reference),
    /// Every other kind.
    #[serde(untagged)]
    Recorded(Recorded),
}

impl Detail {
    /// An object of properties, without any.
    pub fn recorded(kind: ObjectKind) -> Detail {
        Detail::Recorded(Recorded {
            kind,
            properties: Properties::new(),
        })
    }

    pub fn kind(&self) -> ObjectKind {
        match self {
            Detail::Account(_) => ObjectKind::Account,
            Detail::Database(_) => ObjectKind::Database,
            Detail::Schema(_) => ObjectKind::Schema,
            Detail::Table(table) if table.dynamic.is_some() => ObjectKind::DynamicTable,
            Detail::Table(_) => ObjectKind::Table,
            Detail::View(view) if view.materialized.is_some() => ObjectKind::MaterializedView,
            Detail::View(_) => ObjectKind::View,
            Detail::Sequence(_) => ObjectKind::Sequence,
            Detail::Function(_) => ObjectKind::Function,
            Detail::Stage(_) => ObjectKind::Stage,
            Detail::FileFormat(_) => ObjectKind::FileFormat,
            Detail::Grant(_) => ObjectKind::Grant,
            Detail::Reference(_) => ObjectKind::Reference,
            Detail::Recorded(recorded) => recorded.kind,
        }
    }

    /// The object that this one is about, beside the one that it is in: a grant's holder, the tag or policy of a
    /// reference. It ends with that one too.
    pub fn target(&self) -> Option<ObjectId> {
        match self {
            Detail::Grant(grant) => Some(grant.grantee),
            Detail::Reference(reference) => Some(reference.target),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Database {
    #[serde(default)]
    pub transient: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Schema {
    #[serde(default)]
    pub transient: bool,
    #[serde(default)]
    pub managed_access: bool,
}

/// An object that is nothing but its properties: a warehouse, a role, a user, a policy, …
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub kind: ObjectKind,
    /// What was set: texts, numbers, booleans, and lists of texts.
    #[serde(default)]
    pub properties: Properties,
}

/// A privilege on the object that the grant is in, or on objects that will be in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// In capitals: `SELECT`, `CREATE TABLE`, `OWNERSHIP`.
    pub privilege: String,
    /// The role, database role or user that has it.
    pub grantee: ObjectId,
    /// Whether the grantee may pass it on.
    #[serde(default)]
    pub grant_option: bool,
    /// The role that gave it; empty where the system did.
    #[serde(default)]
    pub granted_by: String,
    /// Of a future grant: the kind of the objects that will carry the privilege.
    #[serde(default)]
    pub future: Option<ObjectKind>,
}

/// A tag or a policy on the object that the reference is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The tag or policy.
    pub target: ObjectId,
    /// The number of the column that it is on; of a column of a view, its place.
    #[serde(default)]
    pub column: Option<u64>,
    /// A tag's value.
    #[serde(default)]
    pub value: Option<String>,
    /// The columns that a policy's arguments are taken from.
    #[serde(default)]
    pub arguments: Vec<String>,
}

/// A table: its columns, and the physical table that holds its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub table_kind: TableKind,
    /// The engine's name of the physical table: unique for ever, shared by clones.
    pub physical_name: String,
    pub columns: Vec<Column>,
    #[serde(default)]
    pub constraints: Vec<Constraint>,
    /// The clustering key as written, without parentheses.
    #[serde(default)]
    pub cluster_by: Option<String>,
    #[serde(default)]
    pub change_tracking: bool,
    /// DATA_RETENTION_TIME_IN_DAYS; a table with 0 is not kept for UNDROP.
    #[serde(default)]
    pub retention_days: Option<u32>,
    /// Options that have no effect here, as written (`statement/accepted.rs`).
    #[serde(default)]
    pub options: Vec<(String, String)>,
    /// Of a dynamic table: where its rows come from.
    #[serde(default)]
    pub dynamic: Option<Dynamic>,
}

/// What makes a table a dynamic one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dynamic {
    /// The CREATE statement as written.
    pub text: String,
    /// The query alone, bound in the context of the table's schema.
    pub query: String,
    #[serde(default)]
    pub properties: Properties,
    /// When the rows were computed: microseconds since 1970-01-01 UTC.
    #[serde(default)]
    pub refreshed_on: Option<i64>,
    #[serde(default)]
    pub suspended: bool,
    #[serde(default)]
    pub ignore_case: bool,
}

/// A constraint of a table. None is enforced; NOT NULL stands at the column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    pub name: String,
    pub kind: ConstraintKind,
    /// Numbers of the columns.
    pub columns: Vec<u64>,
    /// Of a foreign key: the table that it points to (names of database, schema and table), and its columns' names.
    #[serde(default)]
    pub references: Option<([String; 3], Vec<String>)>,
    #[serde(default)]
    pub rely: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConstraintKind {
    PrimaryKey,
    Unique,
    ForeignKey,
}

/// A view: its query as Snowflake text, bound anew in every statement that uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The CREATE statement as written.
    pub text: String,
    /// The query alone.
    pub query: String,
    /// What the query gave when the view was created.
    pub columns: Vec<ViewColumn>,
    #[serde(default)]
    pub secure: bool,
    /// Whether QUOTED_IDENTIFIERS_IGNORE_CASE held when it was created.
    #[serde(default)]
    pub ignore_case: bool,
    #[serde(default)]
    pub change_tracking: bool,
    /// Of a materialized view: what only such a view has.
    #[serde(default)]
    pub materialized: Option<Materialized>,
}

/// What makes a view a materialized one. Its rows are computed when they are read, so they are never behind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Materialized {
    /// The clustering key as written, without parentheses.
    #[serde(default)]
    pub cluster_by: Option<String>,
    /// The table that it reads: names of database, schema and table.
    #[serde(default)]
    pub source: Option<[String; 3]>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewColumn {
    pub name: String,
    pub logical: LogicalType,
    #[serde(default)]
    pub nullable: bool,
    #[serde(default)]
    pub comment: Option<String>,
}

/// A sequence, or what counts an identity column (then it is in the table, named by the column's number).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    pub start: i64,
    pub increment: i64,
    pub ordered: bool,
    /// The first value that was never reserved. Values before it may have been given out, or be lost with a process.
    #[serde(with = "digits")]
    pub next: i128,
}

/// Integers beyond 64 bits as text: serde reads a tagged enum through a buffer that does not hold them.
mod digits {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// A stage with a name. Its files are `stage`'s, under its id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stage {
    /// Of an external stage: where its files are.
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub format: StageFormat,
    /// Options of COPY INTO that the stage sets.
    #[serde(default)]
    pub copy_options: BTreeMap<String, String>,
    /// Of a directory table, as far as the stage has one.
    #[serde(default)]
    pub directory: Option<Directory>,
    /// TYPE of ENCRYPTION.
    #[serde(default)]
    pub encryption: Option<String>,
    /// STORAGE_INTEGRATION, ENDPOINT and their like.
    #[serde(default)]
    pub location: BTreeMap<String, String>,
    /// What CREDENTIALS and ENCRYPTION say; never shown.
    #[serde(default)]
    pub credentials: BTreeMap<String, String>,
}

/// FILE_FORMAT of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StageFormat {
    /// Names of database, schema and file format.
    Named([String; 3]),
    Inline(files::FileFormat),
}

impl Default for StageFormat {
    fn default() -> Self {
        StageFormat::Inline(files::FileFormat::default())
    }
}

/// DIRECTORY of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Directory {
    #[serde(default)]
    pub auto_refresh: bool,
    /// Microseconds since 1970-01-01 UTC.
    #[serde(default)]
    pub refreshed_on: Option<i64>,
}

/// A file format with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFormat {
    pub format: files::FileFormat,
    /// All its options as SHOW prints them; the view behind SHOW reads them here.
    pub shown: String,
}

impl From<files::FileFormat> for FileFormat {
    fn from(format: files::FileFormat) -> Self {
        FileFormat {
            shown: format.to_json(),
            format,
        }
    }
}

/// A SQL function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    pub arguments: Vec<FunctionArgument>,
    pub returns: FunctionReturns,
    pub body: String,
    #[serde(default)]
    pub secure: bool,
    #[serde(default)]
    pub strict: bool,
    #[serde(default)]
    pub immutable: bool,
    #[serde(default)]
    pub memoizable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionArgument {
    pub name: String,
    pub logical: LogicalType,
    /// As written.
    #[serde(default)]
    pub default: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FunctionReturns {
    Scalar(LogicalType),
    Table(Vec<(String, LogicalType)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TableKind {
    Permanent,
    Transient,
    Temporary,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The number in its engine name, `c<number>`.
    pub number: u64,
    pub name: String,
    pub logical: LogicalType,
    /// How the physical table stores it: integers narrow until a value needs more.
    pub physical: PhysicalType,
    pub nullable: bool,
    /// The default as written, an expression.
    #[serde(default)]
    pub default: Option<String>,
    /// The sequence that counts it: an identity column.
    #[serde(default)]
    pub identity: Option<ObjectId>,
    #[serde(default)]
    pub comment: Option<String>,
}

impl Column {
    /// Whether a row that leaves it out gets a value.
    pub fn has_default(&self) -> bool {
        self.default.is_some() || self.identity.is_some()
    }
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::properties::PropertyValue;
    use super::*;

    #[test]
    fn recorded_objects_of_every_age_are_read() {
        let read = |text: &str| serde_json::from_str::<Detail>(text).unwrap();
        assert_eq!(
            read(r#"{"kind":"ROLE"}"#),
            Detail::recorded(ObjectKind::Role)
        );
        let mut properties = Properties::new();
        properties.insert("AUTO_SUSPEND".to_owned(), "60".into());
        properties.insert("LIST".to_owned(), vec!["a".to_owned()].into());
        properties.insert("NOTHING".to_owned(), PropertyValue::Null);
        properties.insert("ON".to_owned(), true.into());
        properties.insert("SIZE".to_owned(), 7.into());
        let warehouse = Detail::Recorded(Recorded {
            kind: ObjectKind::Warehouse,
            properties,
        });
        let text = serde_json::to_string(&warehouse).unwrap();
        assert_eq!(
            text,
            r#"{"kind":"WAREHOUSE","properties":{"AUTO_SUSPEND":"60","LIST":["a"],"NOTHING":null,"ON":true,"SIZE":7}}"#
        );
        assert_eq!(read(&text), warehouse);
        assert_eq!(read(&text).kind(), ObjectKind::Warehouse);
    }
}
