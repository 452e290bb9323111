//! The kinds of objects: what SQL calls them, what they are in, and which of them share their names. One row per kind.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What an object of a kind is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Nothing: an account.
    Root,
    Account,
    Database,
    Schema,
    /// Another object, with which it ends: a grant, a tag of a table.
    Object,
}

macro_rules! kinds {
    ($( $(#[$doc:meta])* $variant:ident = $keyword:literal, $title:literal, $container:ident; )*) => {
        /// The kinds of objects. `ALL` is in the order of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ObjectKind { $( $(#[$doc])* $variant, )* }

        impl ObjectKind {
            pub const ALL: &'static [ObjectKind] = &[ $( ObjectKind::$variant, )* ];

            /// As the catalog stores it, SQL writes it and messages name it in capitals.
            pub fn keyword(self) -> &'static str {
                match self { $( ObjectKind::$variant => $keyword, )* }
            }

            /// As messages name it: `Table`.
            pub fn title(self) -> &'static str {
                match self { $( ObjectKind::$variant => $title, )* }
            }

            /// What objects of this kind are in.
            pub fn container(self) -> Container {
                match self { $( ObjectKind::$variant => Container::$container, )* }
            }
        }
    };
}

kinds! {
    // The account stays first: its kind is where a range over a parent's children begins.
    Account = "ACCOUNT", "Account", Root;
    Alert = "ALERT", "Alert", Schema;
    AggregationPolicy = "AGGREGATION POLICY", "Aggregation policy", Schema;
    AuthenticationPolicy = "AUTHENTICATION POLICY", "Authentication policy", Schema;
    Database = "DATABASE", "Database", Account;
    DatabaseRole = "DATABASE ROLE", "Database role", Database;
    DynamicTable = "DYNAMIC TABLE", "Dynamic table", Schema;
    EventTable = "EVENT TABLE", "Event table", Schema;
    ExternalTable = "EXTERNAL TABLE", "External table", Schema;
    FileFormat = "FILE FORMAT", "File format", Schema;
    Function = "FUNCTION", "Function", Schema;
    /// A privilege that a role or user has; in the object that it is on.
    Grant = "GRANT", "Grant", Object;
    HybridTable = "HYBRID TABLE", "Hybrid table", Schema;
    IcebergTable = "ICEBERG TABLE", "Iceberg table", Schema;
    Integration = "INTEGRATION", "Integration", Account;
    JoinPolicy = "JOIN POLICY", "Join policy", Schema;
    MaskingPolicy = "MASKING POLICY", "Masking policy", Schema;
    MaterializedView = "MATERIALIZED VIEW", "Materialized view", Schema;
    NetworkPolicy = "NETWORK POLICY", "Network policy", Account;
    NetworkRule = "NETWORK RULE", "Network rule", Schema;
    PackagesPolicy = "PACKAGES POLICY", "Packages policy", Schema;
    PasswordPolicy = "PASSWORD POLICY", "Password policy", Schema;
    Pipe = "PIPE", "Pipe", Schema;
    PrivacyPolicy = "PRIVACY POLICY", "Privacy policy", Schema;
    Procedure = "PROCEDURE", "Procedure", Schema;
    ProjectionPolicy = "PROJECTION POLICY", "Projection policy", Schema;
    /// A tag or policy on an object or a column; in the object.
    Reference = "REFERENCE", "Reference", Object;
    ResourceMonitor = "RESOURCE MONITOR", "Resource monitor", Account;
    Role = "ROLE", "Role", Account;
    RowAccessPolicy = "ROW ACCESS POLICY", "Row access policy", Schema;
    Schema = "SCHEMA", "Schema", Database;
    Secret = "SECRET", "Secret", Schema;
    Sequence = "SEQUENCE", "Sequence", Schema;
    SessionPolicy = "SESSION POLICY", "Session policy", Schema;
    Stage = "STAGE", "Stage", Schema;
    Stream = "STREAM", "Stream", Schema;
    Streamlit = "STREAMLIT", "Streamlit", Schema;
    Table = "TABLE", "Table", Schema;
    Tag = "TAG", "Tag", Schema;
    Task = "TASK", "Task", Schema;
    User = "USER", "User", Account;
    View = "VIEW", "View", Schema;
    Warehouse = "WAREHOUSE", "Warehouse", Account;
}

impl ObjectKind {
    /// The kind of this keyword.
    pub fn from_keyword(keyword: &str) -> Option<ObjectKind> {
        ObjectKind::ALL
            .iter()
            .copied()
            .find(|kind| kind.keyword() == keyword)
    }

    /// The word of SHOW: `TABLES`.
    pub fn plural(self) -> String {
        match self.keyword().strip_suffix('Y') {
            Some(stem) => format!("{stem}IES"),
            None => format!("{}S", self.keyword()),
        }
    }

    /// Whether FROM can name it. All such objects of a schema share one set of names.
    pub fn is_relation(self) -> bool {
        matches!(
            self,
            ObjectKind::Table
                | ObjectKind::View
                | ObjectKind::MaterializedView
                | ObjectKind::DynamicTable
                | ObjectKind::EventTable
                | ObjectKind::ExternalTable
                | ObjectKind::HybridTable
                | ObjectKind::IcebergTable
        )
    }

    /// The kind that stands for all that share their names with this one.
    pub(super) fn namespace(self) -> ObjectKind {
        if self.is_relation() {
            ObjectKind::Table
        } else {
            self
        }
    }

    /// How many parts the full name of such an object has.
    pub fn name_parts(self) -> usize {
        match self.container() {
            Container::Root | Container::Account => 1,
            Container::Database => 2,
            Container::Schema | Container::Object => 3,
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}

impl Serialize for ObjectKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.keyword())
    }
}

impl<'de> Deserialize<'de> for ObjectKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keyword = String::deserialize(deserializer)?;
        ObjectKind::from_keyword(&keyword)
            .ok_or_else(|| de::Error::custom(format!("no kind of object is called {keyword}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_read_back() {
        for kind in ObjectKind::ALL {
            assert_eq!(ObjectKind::from_keyword(kind.keyword()), Some(*kind));
        }
        assert_eq!(ObjectKind::ALL[0], ObjectKind::Account);
    }
}
