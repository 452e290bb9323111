//! Configuration: a command-line flag beats its `SNOWGLOBE_*` variable, which beats the configuration file, which beats the
//! default.
//!
//! [`Settings`] is the one list of what can be set: each field is at once a flag, a variable and a key of the file, under
//! the same name. [`Config`] is what comes out, complete, and all that the rest of the program sees; nothing else reads
//! the environment or a flag.

use std::fmt;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use bytesize::ByteSize;
use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;

/// What the program is asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Run the server (the default)
    Serve,
    /// Print how to connect a client, ready to paste
    Connection {
        /// The client: python, python4, python5, jdbc, go, node, dotnet, dbt or snow; all of them if left out
        client: Option<String>,
    },
    /// Ask the running server whether it is well: exit status 0 or 1
    Health,
}

/// The configuration, complete and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub host: IpAddr,
    /// 0: the system chooses.
    pub http_port: u16,
    /// 0: the system chooses.
    pub https_port: u16,
    /// `None` keeps everything in memory.
    pub data_dir: Option<PathBuf>,
    pub certs_dir: PathBuf,
    pub log_format: LogFormat,
    /// A `tracing` filter: `info`, or `warn,snowglobe=debug`.
    pub log_level: String,
    /// The account of this server, as printed in snippets; names are normalised at login.
    pub account: String,
    /// Account names are walls between tenants, instead of all leading to `account`.
    pub multi_account: bool,
    /// Databases, schemas, warehouses and roles that a login names must exist, instead of being created.
    pub strict_login: bool,
    /// DuckDB's memory limit in bytes; `None` leaves DuckDB's own (80 % of the machine).
    pub memory_limit: Option<u64>,
    /// DuckDB's worker threads; `None` is one per core.
    pub threads: Option<usize>,
    pub max_concurrent_statements: usize,
    pub context: DefaultContext,
}

/// Where a session starts that names nothing itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultContext {
    pub database: String,
    pub schema: String,
    pub warehouse: String,
    pub role: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Config {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Config {
            host: Ipv4Addr::LOCALHOST.into(),
            http_port: 8084,
            https_port: 8443,
            data_dir: Some("./data".into()),
            certs_dir: "./certs".into(),
            log_format: LogFormat::Text,
            log_level: "info".to_owned(),
            account: "snowglobe".to_owned(),
            multi_account: false,
            strict_login: false,
            memory_limit: None,
            threads: None,
            max_concurrent_statements: (2 * cores).max(8),
            context: DefaultContext {
                database: "TEST_DB".to_owned(),
                schema: "PUBLIC".to_owned(),
                warehouse: "COMPUTE_WH".to_owned(),
                role: "SYSADMIN".to_owned(),
            },
        }
    }
}

/// Reads the command line, the environment and the configuration file. `--help`, `--version` and flags that do not
/// exist end the program here, with clap's text.
pub fn from_command_line() -> Result<(Command, Config), ConfigError> {
    resolve(CommandLine::parse())
}

/// A setting that cannot be used; the text names where it was set.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// Snowflake on your own machine: unmodified Snowflake drivers connect to it, DuckDB does the computing.
#[derive(Debug, Parser)]
#[command(
    name = "snowglobe",
    version,
    after_help = "Every option is also a variable, as shown, and a key of the configuration file: `http-port = 8084`.\n\
                  A flag beats the variable, the variable beats the file. Paths are relative to the working directory."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,

    /// Configuration file (TOML)
    #[arg(long, global = true, env = "SNOWGLOBE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(flatten)]
    settings: Settings,
}

/// Everything that can be set. Defaults are [`Config::default`]; a test compares them with the texts here.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    /// Address to listen on; 0.0.0.0 lets other machines in [default: 127.0.0.1]
    #[arg(long, global = true, env = "SNOWGLOBE_HOST", value_name = "ADDRESS")]
    host: Option<Host>,

    /// Port for http; 0 lets the system choose one [default: 8084]
    #[arg(long, global = true, env = "SNOWGLOBE_HTTP_PORT", value_name = "PORT")]
    http_port: Option<u16>,

    /// Port for https; 0 lets the system choose one [default: 8443]
    #[arg(long, global = true, env = "SNOWGLOBE_HTTPS_PORT", value_name = "PORT")]
    https_port: Option<u16>,

    /// Folder that holds all data [default: ./data]
    #[arg(long, global = true, env = "SNOWGLOBE_DATA_DIR", value_name = "FOLDER")]
    data_dir: Option<PathBuf>,

    /// Keep everything in memory and nothing on disk; the data folder is left alone [default: false]
    #[arg(long, global = true, env = "SNOWGLOBE_MEMORY", value_name = "BOOL", value_parser = BoolishValueParser::new(),
          num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    memory: Option<bool>,

    /// Folder of cert.pem and key.pem; made with a local authority (ca.pem) if missing [default: ./certs]
    #[arg(
        long,
        global = true,
        env = "SNOWGLOBE_CERTS_DIR",
        value_name = "FOLDER"
    )]
    certs_dir: Option<PathBuf>,

    /// Form of the log lines [default: text]
    #[arg(
        long,
        global = true,
        env = "SNOWGLOBE_LOG_FORMAT",
        value_enum,
        value_name = "FORMAT"
    )]
    log_format: Option<LogFormat>,

    /// What is logged: error, warn, info, debug, trace, or a filter like warn,snowglobe=debug [default: info]
    #[arg(long, global = true, env = "SNOWGLOBE_LOG_LEVEL", value_name = "LEVEL")]
    log_level: Option<String>,

    /// Account name of this server; every other name that a client gives leads here too [default: snowglobe]
    #[arg(long, global = true, env = "SNOWGLOBE_ACCOUNT", value_name = "NAME")]
    account: Option<String>,

    /// Keep the accounts that clients name apart, each with its own databases [default: false]
    #[arg(long, global = true, env = "SNOWGLOBE_MULTI_ACCOUNT", value_name = "BOOL", value_parser = BoolishValueParser::new(),
          num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    multi_account: Option<bool>,

    /// Refuse logins that name a database, schema, warehouse or role that does not exist, instead of creating it [default: false]
    #[arg(long, global = true, env = "SNOWGLOBE_STRICT_LOGIN", value_name = "BOOL", value_parser = BoolishValueParser::new(),
          num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    strict_login: Option<bool>,

    /// Memory that DuckDB may use, such as 4GB or 512MiB [default: 80% of the machine]
    #[arg(
        long,
        global = true,
        env = "SNOWGLOBE_MEMORY_LIMIT",
        value_name = "SIZE"
    )]
    memory_limit: Option<ByteSize>,

    /// Threads that DuckDB computes with [default: one per core]
    #[arg(long, global = true, env = "SNOWGLOBE_THREADS", value_name = "COUNT")]
    threads: Option<usize>,

    /// Statements that run at once; further ones wait [default: two per core, at least 8]
    #[arg(
        long,
        global = true,
        env = "SNOWGLOBE_MAX_CONCURRENT_STATEMENTS",
        value_name = "COUNT"
    )]
    max_concurrent_statements: Option<usize>,

    /// Database of a session that names none [default: TEST_DB]
    #[arg(long, global = true, env = "SNOWGLOBE_DATABASE", value_name = "NAME")]
    database: Option<String>,

    /// Schema of a session that names none [default: PUBLIC]
    #[arg(long, global = true, env = "SNOWGLOBE_SCHEMA", value_name = "NAME")]
    schema: Option<String>,

    /// Warehouse of a session that names none [default: COMPUTE_WH]
    #[arg(long, global = true, env = "SNOWGLOBE_WAREHOUSE", value_name = "NAME")]
    warehouse: Option<String>,

    /// Role of a session that names none [default: SYSADMIN]
    #[arg(long, global = true, env = "SNOWGLOBE_ROLE", value_name = "NAME")]
    role: Option<String>,
}

/// An address to listen on; `localhost` is understood, because everybody writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Host(IpAddr);

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "localhost" => Ok(Host(Ipv4Addr::LOCALHOST.into())),
            _ => text.parse().map(Host).map_err(|_| {
                format!("'{text}' is not an address such as 127.0.0.1, 0.0.0.0 or ::1")
            }),
        }
    }
}

impl TryFrom<String> for Host {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

fn resolve(line: CommandLine) -> Result<(Command, Config), ConfigError> {
    let file = match &line.config {
        Some(path) => read_file(path)?,
        None => Settings::default(),
    };
    let config = complete(line.settings.or(file))?;
    Ok((line.command.unwrap_or(Command::Serve), config))
}

fn read_file(path: &Path) -> Result<Settings, ConfigError> {
    let failed = |error: &dyn fmt::Display| {
        ConfigError(format!(
            "configuration file {}: {}",
            path.display(),
            error.to_string().trim_end()
        ))
    };
    let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
    toml::from_str(&text).map_err(|error| failed(&error))
}

impl Settings {
    /// What is set here, and otherwise what is set `below`.
    fn or(self, below: Settings) -> Settings {
        Settings {
            host: self.host.or(below.host),
            http_port: self.http_port.or(below.http_port),
            https_port: self.https_port.or(below.https_port),
            data_dir: self.data_dir.or(below.data_dir),
            memory: self.memory.or(below.memory),
            certs_dir: self.certs_dir.or(below.certs_dir),
            log_format: self.log_format.or(below.log_format),
            log_level: self.log_level.or(below.log_level),
            account: self.account.or(below.account),
            multi_account: self.multi_account.or(below.multi_account),
            strict_login: self.strict_login.or(below.strict_login),
            memory_limit: self.memory_limit.or(below.memory_limit),
            threads: self.threads.or(below.threads),
            max_concurrent_statements: self
                .max_concurrent_statements
                .or(below.max_concurrent_statements),
            database: self.database.or(below.database),
            schema: self.schema.or(below.schema),
            warehouse: self.warehouse.or(below.warehouse),
            role: self.role.or(below.role),
        }
    }
}

/// Puts the defaults under `settings` and checks what a type alone cannot.
fn complete(settings: Settings) -> Result<Config, ConfigError> {
    let default = Config::default();
    let config = Config {
        host: settings.host.map_or(default.host, |host| host.0),
        http_port: settings.http_port.unwrap_or(default.http_port),
        https_port: settings.https_port.unwrap_or(default.https_port),
        data_dir: match settings.memory {
            Some(true) => None,
            Some(false) | None => settings.data_dir.or(default.data_dir),
        },
        certs_dir: settings.certs_dir.unwrap_or(default.certs_dir),
        log_format: settings.log_format.unwrap_or(default.log_format),
        log_level: settings.log_level.unwrap_or(default.log_level),
        account: settings.account.unwrap_or(default.account),
        multi_account: settings.multi_account.unwrap_or(default.multi_account),
        strict_login: settings.strict_login.unwrap_or(default.strict_login),
        memory_limit: settings.memory_limit.map(|size| size.as_u64()),
        threads: settings.threads,
        max_concurrent_statements: settings
            .max_concurrent_statements
            .unwrap_or(default.max_concurrent_statements),
        context: DefaultContext {
            database: settings.database.unwrap_or(default.context.database),
            schema: settings.schema.unwrap_or(default.context.schema),
            warehouse: settings.warehouse.unwrap_or(default.context.warehouse),
            role: settings.role.unwrap_or(default.context.role),
        },
    };
    check(&config)?;
    Ok(config)
}

fn check(config: &Config) -> Result<(), ConfigError> {
    let wrong = |text: String| Err(ConfigError(text));
    if config.http_port != 0 && config.http_port == config.https_port {
        return wrong(format!(
            "http-port and https-port are both {}: they must differ",
            config.http_port
        ));
    }
    if !is_account_name(&config.account) {
        return wrong(format!(
            "account '{}': a name has letters, digits, '_', '-' and '.' only",
            config.account
        ));
    }
    if config.threads == Some(0) {
        return wrong("threads must be at least 1".to_owned());
    }
    if config.max_concurrent_statements == 0 {
        return wrong("max-concurrent-statements must be at least 1".to_owned());
    }
    if config.memory_limit.is_some_and(|bytes| bytes < 64 << 20) {
        return wrong("memory-limit must be at least 64MiB".to_owned());
    }
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(&config.log_level) {
        return wrong(format!("log-level '{}': {error}", config.log_level));
    }
    let names = [
        ("database", &config.context.database),
        ("schema", &config.context.schema),
        ("warehouse", &config.context.warehouse),
        ("role", &config.context.role),
    ];
    match names.iter().find(|(_, name)| name.is_empty()) {
        Some((key, _)) => wrong(format!("{key} must not be empty")),
        None => Ok(()),
    }
}

fn is_account_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    !name.is_empty() && name.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    use clap::CommandFactory;

    fn parse(arguments: &str) -> Result<(Command, Config), String> {
        let words = std::iter::once("snowglobe").chain(arguments.split_whitespace());
        let line = CommandLine::try_parse_from(words).map_err(|error| error.to_string())?;
        resolve(line).map_err(|error| error.to_string())
    }

    fn with_file(text: &str, arguments: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("snowglobe.toml");
        fs::write(&path, text).unwrap();
        parse(&format!("--config {} {arguments}", path.display())).map(|(_, config)| config)
    }

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn nothing_set_means_serve_with_the_defaults() {
        assert_eq!(parse(""), Ok((Command::Serve, Config::default())));
    }

    #[test]
    fn flags_stand_before_or_after_the_command() {
        for arguments in [
            "--http-port 0",
            "serve --http-port 0",
            "--http-port 0 serve",
        ] {
            let (command, config) = parse(arguments).unwrap();
            assert_eq!(
                (command, config.http_port),
                (Command::Serve, 0),
                "{arguments}"
            );
        }
        let client = Some("go".to_owned());
        let (command, config) = parse("connection go --account acme").unwrap();
        assert_eq!(command, Command::Connection { client });
        assert_eq!(config.account, "acme");
    }

    #[test]
    fn a_flag_beats_the_file_and_the_file_beats_the_default() {
        let file = "http-port = 1\nhost = '0.0.0.0'\nmemory = true\nmemory-limit = '1GiB'";
        let config = with_file(file, "--http-port 2").unwrap();
        assert_eq!(config.http_port, 2);
        assert_eq!(config.host, IpAddr::from([0, 0, 0, 0]));
        assert_eq!(config.data_dir, None);
        assert_eq!(config.memory_limit, Some(1 << 30));
        assert_eq!(config.https_port, 8443);
        let config = with_file(file, "--memory=false --memory-limit 4GB").unwrap();
        assert_eq!(config.data_dir, Some("./data".into()));
        assert_eq!(config.memory_limit, Some(4_000_000_000));
    }

    /// The environment belongs to the whole process, so the test runs itself in another one.
    #[test]
    fn a_flag_beats_the_variable_and_the_variable_beats_the_file() {
        const CHILD: &str = "SNOWGLOBE_TEST_CHILD";
        if std::env::var_os(CHILD).is_some() {
            let config = with_file(
                "http-port = 1\nhttps-port = 1\naccount = 'file'",
                "--http-port 3",
            )
            .unwrap();
            assert_eq!((config.http_port, config.https_port), (3, 2));
            assert_eq!(config.account, "file");
            assert!(config.strict_login);
            return;
        }
        let name = "config::tests::a_flag_beats_the_variable_and_the_variable_beats_the_file";
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact"])
            .env(CHILD, "1")
            .env("SNOWGLOBE_HTTP_PORT", "2")
            .env("SNOWGLOBE_HTTPS_PORT", "2")
            .env("SNOWGLOBE_STRICT_LOGIN", "yes")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        assert!(text.contains("1 passed"), "{text}");
    }

    #[test]
    fn every_setting_has_a_variable_and_a_key_of_its_name() {
        let keys = "host='::1'\nhttp-port=1\nhttps-port=2\ndata-dir='d'\nmemory=true\ncerts-dir='c'\nlog-format='json'\n\
                    log-level='warn'\naccount='a'\nmulti-account=true\nstrict-login=true\nmemory-limit='4GB'\nthreads=3\n\
                    max-concurrent-statements=4\ndatabase='D'\nschema='S'\nwarehouse='W'\nrole='R'";
        with_file(keys, "").unwrap();
        let command = CommandLine::command();
        let flags = command.get_arguments().filter_map(|argument| {
            let name = argument.get_long()?;
            Some((name, argument.get_env()?))
        });
        for (name, variable) in flags {
            let expected = format!("SNOWGLOBE_{}", name.replace('-', "_").to_uppercase());
            assert_eq!(variable, expected.as_str());
            assert!(
                name == "config" || keys.contains(&format!("{name}=")),
                "{name}"
            );
        }
    }

    #[test]
    fn the_help_tells_the_real_defaults() {
        let default = Config::default();
        let help = CommandLine::command().render_long_help().to_string();
        let help: Vec<_> = help.split_whitespace().collect(); // lines break anywhere
        let help = help.join(" ");
        let texts = [
            default.host.to_string(),
            default.http_port.to_string(),
            default.https_port.to_string(),
            default.certs_dir.display().to_string(),
            default.log_level,
            default.account,
            default.context.database,
            default.context.schema,
            default.context.warehouse,
            default.context.role,
        ];
        for text in texts {
            assert!(help.contains(&format!("[default: {text}]")), "{text}");
        }
    }

    #[test]
    fn wrong_settings_are_named_with_their_place() {
        let check = |file: &str, arguments: &str, words: &[&str]| {
            let error = with_file(file, arguments).unwrap_err();
            for word in words {
                assert!(error.contains(word), "{word} is not in: {error}");
            }
        };
        check(
            "htpp-port = 1",
            "",
            &["snowglobe.toml", "htpp-port", "http-port"],
        );
        check(
            "http-port = 'x'",
            "",
            &["snowglobe.toml", "http-port = 'x'"],
        );
        check(
            "host = 'x'",
            "",
            &["snowglobe.toml", "'x' is not an address"],
        );
        check(
            "memory-limit = 'much'",
            "",
            &["snowglobe.toml", "memory-limit"],
        );
        check("", "--http-port 8443", &["http-port", "https-port", "8443"]);
        check("", "--account a/b", &["account 'a/b'"]);
        check("threads = 0", "", &["threads"]);
        check("", "--log-level info,x=loud", &["log-level", "loud"]);
        check("schema = ''", "", &["schema must not be empty"]);
        check("", "--http-port 99999", &["--http-port", "99999"]);
        let error = parse("--config /nowhere/snowglobe.toml").unwrap_err();
        assert!(error.contains("/nowhere/snowglobe.toml"));
    }
}
