//! The program at the other end: which driver it is, as it says at login.

/// What a driver says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// `CLIENT_APP_ID`: `PythonConnector`, `Go`, `JDBC`, `JavaScript`, `.NET`, `ODBC`, ….
    pub application: String,
    pub version: String,
    /// Whether the driver is built on Snowflake's universal core (it sends `CLIENT_CAPABILITIES`). The core differs from
    /// the older drivers of the same name in what it reads and where it uploads.
    pub universal_core: bool,
}

/// The families of drivers that want different answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Python,
    Go,
    Jdbc,
    Node,
    DotNet,
    Odbc,
    Unknown,
}

impl Client {
    pub fn family(&self) -> Family {
        let application = self.application.to_ascii_lowercase();
        let begins = |prefix| application.starts_with(prefix);
        match () {
            _ if begins("python") || begins("snowsql") => Family::Python,
            _ if begins("go") => Family::Go,
            _ if begins("jdbc") => Family::Jdbc,
            _ if begins("javascript") => Family::Node,
            _ if begins(".net") => Family::DotNet,
            _ if begins("odbc") || begins("c api") => Family::Odbc,
            _ => Family::Unknown,
        }
    }
}
