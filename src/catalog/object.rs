//! The objects of the catalog and what is known of each kind.

use serde::{Deserialize, Serialize};

use crate::types::{LogicalType, PhysicalType};

/// Id of an object, a column or a physical table; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectId(pub u64);

/// The kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    Account,
    Database,
    Schema,
    Table,
    Warehouse,
    Role,
}

impl ObjectKind {
    /// As the catalog stores it, SQL writes it and messages name it in capitals.
    pub fn keyword(self) -> &'static str {
        match self {
            ObjectKind::Account => "ACCOUNT",
            ObjectKind::Database => "DATABASE",
            ObjectKind::Schema => "SCHEMA",
            ObjectKind::Table => "TABLE",
            ObjectKind::Warehouse => "WAREHOUSE",
            ObjectKind::Role => "ROLE",
        }
    }

    /// As messages name it: `Table`.
    pub fn title(self) -> &'static str {
        match self {
            ObjectKind::Account => "Account",
            ObjectKind::Database => "Database",
            ObjectKind::Schema => "Schema",
            ObjectKind::Table => "Table",
            ObjectKind::Warehouse => "Warehouse",
            ObjectKind::Role => "Role",
        }
    }
}

/// A version of an object. Objects change by a new version; the old one stays as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub id: ObjectId,
    /// The commit that made this version.
    pub version: u64,
    /// The account that it belongs to; of an account, itself.
    pub account: ObjectId,
    /// Account, database or schema that it is in; of an account, itself.
    pub parent: ObjectId,
    pub name: String,
    /// The role that owns it.
    pub owner: String,
    pub comment: Option<String>,
    /// Microseconds since 1970-01-01 UTC.
    pub created_on: i64,
    pub dropped_on: Option<i64>,
    pub detail: Detail,
}

/// What is to be created; the draft adds id, version and times.
#[derive(Debug, Clone, PartialEq)]
pub struct NewObject {
    pub parent: ObjectId,
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
    Warehouse(Warehouse),
    Role(Role),
}

impl Detail {
    pub fn kind(&self) -> ObjectKind {
        match self {
            Detail::Account(_) => ObjectKind::Account,
            Detail::Database(_) => ObjectKind::Database,
            Detail::Schema(_) => ObjectKind::Schema,
            Detail::Table(_) => ObjectKind::Table,
            Detail::Warehouse(_) => ObjectKind::Warehouse,
            Detail::Role(_) => ObjectKind::Role,
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

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Warehouse {}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Role {}

/// A table: its columns, and the physical table that holds its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub table_kind: TableKind,
    /// The engine's name of the physical table: unique for ever, shared by clones.
    pub physical_name: String,
    pub columns: Vec<Column>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TableKind {
    Permanent,
    Transient,
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
    #[serde(default)]
    pub comment: Option<String>,
}
