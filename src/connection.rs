//! How to connect: for each client a text that is ready to paste, and the banner that the server prints at its start.
//!
//! One table, one entry a client. The texts follow the drivers' own options: how each trusts a certificate authority, and
//! what plain http needs. It must not know how a client then logs in, nor who listens.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use crate::config::{Config, DefaultContext};

/// Where the server is, seen by a client on the same machine.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub host: IpAddr,
    pub http_port: u16,
    pub https_port: u16,
    pub account: String,
    /// The file that clients trust; `None` when they trust the server's certificate anyway.
    pub ca_file: Option<PathBuf>,
    pub context: DefaultContext,
}

impl Endpoint {
    /// With the configured ports; a server that lets the system choose puts the real ones in.
    pub fn new(config: &Config, ca_file: Option<PathBuf>) -> Endpoint {
        Endpoint {
            host: reachable(config.host),
            http_port: config.http_port,
            https_port: config.https_port,
            account: config.account.clone(),
            ca_file,
            context: config.context.clone(),
        }
    }

    pub fn http_url(&self) -> String {
        self.fill("http://{url_host}:{http_port}")
    }

    pub fn https_url(&self) -> String {
        self.fill("https://{url_host}:{https_port}")
    }

    fn fill(&self, template: &str) -> String {
        let url_host = match self.host {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        let ca_file = self.ca_file.as_deref();
        let ca_file = ca_file.unwrap_or(Path::new("/path/to/your/authority.pem"));
        template
            .replace("{host}", &self.host.to_string())
            .replace("{url_host}", &url_host)
            .replace("{http_port}", &self.http_port.to_string())
            .replace("{https_port}", &self.https_port.to_string())
            .replace("{account}", &self.account)
            .replace("{ca}", &ca_file.display().to_string())
            .replace("{database}", &self.context.database)
            .replace("{schema}", &self.context.schema)
            .replace("{warehouse}", &self.context.warehouse)
            .replace("{role}", &self.context.role)
    }
}

/// Listening everywhere includes this machine.
fn reachable(host: IpAddr) -> IpAddr {
    match host {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

/// A client that we know how to connect. A text is valid in its language as it is, so that it can go into a file. In its texts `{host}`, `{http_port}`, `{ca}` and so on stand for the endpoint's.
struct Client {
    name: &'static str,
    aliases: &'static [&'static str],
    title: &'static str,
    /// How a comment begins in the text.
    comment: &'static str,
    /// One line, for the banner; empty where another client's says enough.
    short: &'static str,
    /// The whole of it.
    text: &'static str,
}

/// The texts for `client`, or for every client.
pub fn snippets(client: Option<&str>, endpoint: &Endpoint) -> Result<String, String> {
    let is_wanted = |entry: &&Client| match client {
        Some(name) => entry.name == name || entry.aliases.contains(&name),
        None => true,
    };
    let texts: Vec<String> = CLIENTS
        .iter()
        .filter(is_wanted)
        .map(|entry| {
            let text = endpoint.fill(entry.text);
            format!("{} {}\n\n{text}", entry.comment, entry.title)
        })
        .collect();
    if texts.is_empty() {
        let names: Vec<_> = CLIENTS.iter().map(|entry| entry.name).collect();
        return Err(format!(
            "client '{}' is not known; known are {}",
            client.unwrap_or_default(),
            names.join(", ")
        ));
    }
    Ok(texts.join("\n"))
}

/// What the server prints when it is ready.
pub fn banner(endpoint: &Endpoint, config: &Config) -> String {
    let data = match &config.data_dir {
        Some(folder) => absolute(folder),
        None => "in memory: gone when the server stops".to_owned(),
    };
    let authority = match &endpoint.ca_file {
        Some(file) => file.display().to_string(),
        None => "your own certificate's".to_owned(),
    };
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<9} {value}"); // writing to a String cannot fail
    };
    line("http", &endpoint.http_url());
    line("https", &endpoint.https_url());
    line("authority", &authority);
    line("data", &data);
    line("account", &endpoint.account);
    if !config.host.is_loopback() && !config.strict_login {
        line(
            "note",
            "other machines can connect, and any password is accepted",
        );
    }
    text.push('\n');
    for client in CLIENTS.iter().filter(|client| !client.short.is_empty()) {
        let _ = writeln!(text, "  {:<9} {}", client.name, endpoint.fill(client.short));
    }
    let welcome = match config.strict_login {
        true => "",
        false => "; any user and password will do",
    };
    format!(
        "Snowglobe {} is ready{welcome}.\n\n{text}\n  \
         https, and complete examples: snowglobe connection <client>\n",
        env!("CARGO_PKG_VERSION")
    )
}

fn absolute(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.display().to_string()
}

const CLIENTS: &[Client] = &[
    Client {
        name: "python",
        aliases: &["python4", "python5"],
        title: "Python: snowflake-connector-python 4 and 5",
        comment: "#",
        short: r#"snowflake.connector.connect(account="{account}", user="dev", password="dev", host="{host}", port={http_port}, protocol="http")"#,
        text: r#"import snowflake.connector

with snowflake.connector.connect(
    account="{account}",
    user="dev",
    password="dev",
    host="{host}",
    port={http_port},
    protocol="http",
    database="{database}",
    schema="{schema}",
    warehouse="{warehouse}",
) as connection:
    print(connection.cursor().execute("select current_database(), current_schema()").fetchone())

# https, connector 5: port={https_port}, protocol="https", custom_root_store_path="{ca}"
# https, connector 4: port={https_port}, protocol="https", disable_ocsp_checks=True, and in the environment
#   export REQUESTS_CA_BUNDLE="{ca}"
"#,
    },
    Client {
        name: "sqlalchemy",
        aliases: &["snowflake-sqlalchemy"],
        title: "SQLAlchemy 2.0: snowflake-sqlalchemy (1.11 does not load with SQLAlchemy 2.1)",
        comment: "#",
        short: "",
        text: r#"from snowflake.sqlalchemy import URL
from sqlalchemy import create_engine, text

engine = create_engine(
    URL(
        account="{account}",
        user="dev",
        password="dev",
        host="{host}",
        port={http_port},
        database="{database}",
        schema="{schema}",
        warehouse="{warehouse}",
    ),
    connect_args={"protocol": "http"},
)
with engine.connect() as connection:
    print(connection.execute(text("select current_database(), current_schema()")).one())

# https: port={https_port}, connect_args={"protocol": "https", "disable_ocsp_checks": True}, and in the environment
#   export REQUESTS_CA_BUNDLE="{ca}"
"#,
    },
    Client {
        name: "snowpark",
        aliases: &["snowflake-snowpark-python"],
        title: "Snowpark: snowflake-snowpark-python",
        comment: "#",
        short: "",
        text: r#"from snowflake.snowpark import Session

session = Session.builder.configs(
    dict(
        account="{account}",
        user="dev",
        password="dev",
        host="{host}",
        port={http_port},
        protocol="http",
        database="{database}",
        schema="{schema}",
        warehouse="{warehouse}",
    )
).create()
session.create_dataframe([[1, "Rex"], [2, "Ada"]], schema=["id", "name"]).show()

# https: port={https_port}, protocol="https", disable_ocsp_checks=True, and in the environment
#   export REQUESTS_CA_BUNDLE="{ca}"
"#,
    },
    Client {
        name: "jdbc",
        aliases: &["java"],
        title: "JDBC: net.snowflake:snowflake-jdbc",
        comment: "#",
        short: "jdbc:snowflake://http://{url_host}:{http_port}/?account={account}&user=dev&password=dev",
        text: r#"jdbc:snowflake://http://{url_host}:{http_port}/?account={account}&user=dev&password=dev&db={database}&schema={schema}&warehouse={warehouse}

# Java 16 and later: the driver's Arrow reader needs this option of the virtual machine
--add-opens=java.base/java.nio=ALL-UNNAMED

# https: a trust store with the authority, made once
keytool -importcert -noprompt -alias snowglobe -file "{ca}" -keystore snowglobe.p12 -storetype PKCS12 -storepass snowglobe
# then these options of the virtual machine
-Djavax.net.ssl.trustStore=snowglobe.p12 -Djavax.net.ssl.trustStorePassword=snowglobe
# and
jdbc:snowflake://{url_host}:{https_port}/?account={account}&user=dev&password=dev&db={database}&schema={schema}&warehouse={warehouse}&disableOCSPChecks=true
"#,
    },
    Client {
        name: "go",
        aliases: &["golang"],
        title: "Go: github.com/snowflakedb/gosnowflake (version 2: .../gosnowflake/v2)",
        comment: "//",
        short: "dev:dev@{url_host}:{http_port}/{database}/{schema}?account={account}&protocol=http",
        text: r#"db, err := sql.Open("snowflake",
	"dev:dev@{url_host}:{http_port}/{database}/{schema}?account={account}&protocol=http&warehouse={warehouse}")

// https; on Linux the line above with port {https_port}, protocol=https, disableOCSPChecks=true
// and SSL_CERT_FILE="{ca}" in the environment does as well
authority, err := os.ReadFile("{ca}")
roots := x509.NewCertPool()
roots.AppendCertsFromPEM(authority)
db := sql.OpenDB(gosnowflake.NewConnector(gosnowflake.SnowflakeDriver{}, gosnowflake.Config{
	Account: "{account}", User: "dev", Password: "dev",
	Protocol: "https", Host: "{host}", Port: {https_port},
	Database: "{database}", Schema: "{schema}", Warehouse: "{warehouse}",
	Transporter: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
}))
"#,
    },
    Client {
        name: "node",
        aliases: &["nodejs", "javascript"],
        title: "Node.js: snowflake-sdk",
        comment: "//",
        short: "createConnection({ accessUrl: 'http://{url_host}:{http_port}', account: '{account}', username: 'dev', password: 'dev' })",
        text: r#"const snowflake = require('snowflake-sdk');

const connection = snowflake.createConnection({
  accessUrl: 'http://{url_host}:{http_port}',
  account: '{account}',
  username: 'dev',
  password: 'dev',
  database: '{database}',
  schema: '{schema}',
  warehouse: '{warehouse}',
});
connection.connect((error) => {
  if (error) throw error;
  connection.execute({
    sqlText: 'select current_database(), current_schema()',
    complete: (error, statement, rows) => console.log(error ?? rows),
  });
});

// https: accessUrl: 'https://{url_host}:{https_port}', before createConnection
//   snowflake.configure({ disableOCSPChecks: true });
// and in the environment
//   export NODE_EXTRA_CA_CERTS="{ca}"
"#,
    },
    Client {
        name: "dotnet",
        aliases: &[".net", "csharp"],
        title: ".NET: Snowflake.Data, a connection string",
        comment: "#",
        short: "account={account};user=dev;password=dev;host={host};port={http_port};scheme=http",
        text: r#"account={account};user=dev;password=dev;host={host};port={http_port};scheme=http;db={database};schema={schema};warehouse={warehouse}

# https
account={account};user=dev;password=dev;host={host};port={https_port};scheme=https;db={database};schema={schema};warehouse={warehouse}
# .NET trusts what the system trusts. On Linux, for one process, in the environment
#   export SSL_CERT_FILE="{ca}"
"#,
    },
    Client {
        name: "dbt",
        aliases: &[],
        title: "dbt: dbt-snowflake, profiles.yml",
        comment: "#",
        short: "type: snowflake, account: {account}, host: {host}, port: {http_port}, protocol: http, user: dev, password: dev",
        text: r#"snowglobe:
  target: dev
  outputs:
    dev:
      type: snowflake
      account: {account}
      host: "{host}"
      port: {http_port}
      protocol: http
      user: dev
      password: dev
      role: {role}
      database: {database}
      warehouse: {warehouse}
      schema: {schema}
      threads: 4

# https: port: {https_port}, protocol: https, and in the environment
#   export REQUESTS_CA_BUNDLE="{ca}"
"#,
    },
    Client {
        name: "snow",
        aliases: &["cli"],
        title: "Snowflake CLI: a connection for config.toml (snow --info tells where), used with snow sql -c snowglobe",
        comment: "#",
        short: "snow sql -x --account {account} --user dev --password dev --host {host} --port {http_port} --protocol http",
        text: r#"[connections.snowglobe]
account = "{account}"
host = "{host}"
port = {http_port}
protocol = "http"
user = "dev"
password = "dev"
database = "{database}"
schema = "{schema}"
warehouse = "{warehouse}"
role = "{role}"

# https: port = {https_port}, protocol = "https", and in the environment
#   export REQUESTS_CA_BUNDLE="{ca}"
"#,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(host: &str) -> Endpoint {
        let config = Config {
            host: host.parse().unwrap(),
            http_port: 1234,
            https_port: 5678,
            account: "acme".to_owned(),
            ..Config::default()
        };
        Endpoint::new(&config, Some("/certs/ca.pem".into()))
    }

    #[test]
    fn every_client_gets_the_ports_the_account_and_the_authority() {
        for client in CLIENTS {
            let text = snippets(Some(client.name), &endpoint("0.0.0.0")).unwrap();
            for value in ["127.0.0.1", "1234", "5678", "acme", "/certs/ca.pem"] {
                assert!(text.contains(value), "{value} is not in {}", client.name);
            }
            for alias in client.aliases {
                assert_eq!(
                    snippets(Some(alias), &endpoint("0.0.0.0")).as_ref(),
                    Ok(&text)
                );
            }
        }
    }

    #[test]
    fn no_placeholder_is_left() {
        let config = Config::default();
        let texts = [
            snippets(None, &endpoint("127.0.0.1")).unwrap(),
            banner(&endpoint("127.0.0.1"), &config),
        ];
        let placeholder = regex::Regex::new(r"\{[a-z_]+\}").unwrap();
        for text in texts {
            assert_eq!(placeholder.find(&text), None, "{text}");
        }
    }

    #[test]
    fn the_readme_shows_the_same_texts() {
        let readme = include_str!("../README.md");
        let authority = PathBuf::from("/path/to/snowglobe/certs/ca.pem");
        let endpoint = Endpoint::new(&Config::default(), Some(authority));
        for client in CLIENTS {
            let text = endpoint.fill(client.text);
            assert!(readme.contains(&text), "the README lacks this:\n{text}");
            assert!(readme.contains(client.title), "{}", client.title);
        }
    }

    #[test]
    fn version_6_addresses_have_brackets_in_urls_alone() {
        assert_eq!(endpoint("::").http_url(), "http://[::1]:1234");
        let text = snippets(Some("python"), &endpoint("::")).unwrap();
        assert!(text.contains(r#"host="::1""#));
    }

    #[test]
    fn an_unknown_client_is_told_the_known_ones() {
        let error = snippets(Some("cobol"), &endpoint("127.0.0.1")).unwrap_err();
        assert!(
            error.contains("'cobol'") && error.contains("python, sqlalchemy, snowpark, jdbc, go")
        );
    }
}
