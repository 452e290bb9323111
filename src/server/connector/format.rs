//! Arrow or JSON: the form in which a client receives rows.

use serde::{Deserialize, Serialize};

use crate::session::{Client, Family, Parameters};
use crate::statement::StatementKind;

/// `queryResultFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::server) enum Format {
    Json,
    Arrow,
}

impl Format {
    pub(in crate::server) fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Arrow => "arrow",
        }
    }

    /// The form for this client. Only queries are ever Arrow: Go parses the cells of a DML answer itself.
    pub(super) fn choose(kind: StatementKind, client: &Client, parameters: &Parameters) -> Self {
        match parameter(client.family()) {
            Some(name) if kind.is_query() && parameters.text(name).starts_with("ARROW") => {
                Format::Arrow
            }
            _ => Format::Json,
        }
    }
}

/// The parameter by which a driver's user chooses; none where the driver cannot read Arrow.
fn parameter(family: Family) -> Option<&'static str> {
    match family {
        Family::Python => Some("PYTHON_CONNECTOR_QUERY_RESULT_FORMAT"),
        Family::Go => Some("GO_QUERY_RESULT_FORMAT"),
        Family::Jdbc => Some("JDBC_QUERY_RESULT_FORMAT"),
        Family::DotNet => Some("DOTNET_QUERY_RESULT_FORMAT"),
        Family::Odbc => Some("ODBC_QUERY_RESULT_FORMAT"),
        Family::Node | Family::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_driver_gets_what_it_reads() {
        let check = |application: &str, kind, set: Option<(&str, &str)>, expected| {
            let client = Client {
                application: application.into(),
                ..Client::default()
            };
            let mut parameters = Parameters::default();
            if let Some((name, value)) = set {
                parameters.set(name, value).unwrap();
            }
            let format = Format::choose(kind, &client, &parameters);
            assert_eq!(format, expected, "{application}");
        };
        use StatementKind::{Insert, Select, Show};
        check("PythonConnector", Select, None, Format::Arrow);
        check("PythonConnector", Show, None, Format::Json);
        check("PythonConnector", Insert, None, Format::Json);
        let json = Some(("python_connector_query_result_format", "json"));
        check("PythonConnector", Select, json, Format::Json);
        check("Go", Select, None, Format::Arrow);
        check("JDBC", Select, None, Format::Json);
        let arrow = Some(("JDBC_QUERY_RESULT_FORMAT", "ARROW"));
        check("JDBC", Select, arrow, Format::Arrow);
        check("JavaScript", Select, arrow, Format::Json);
        check("", Select, None, Format::Json);
    }
}
