//! The program: command line -> [`Config`] -> bound listeners -> server.

mod health;

use std::fmt::Display;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use snowglobe::config::{self, Command, Config, LogFormat};
use snowglobe::connection::{self, Endpoint};
use snowglobe::engine;
use snowglobe::query::{self, Service};
use snowglobe::server;
use snowglobe::server::tls::{self, TlsListener};
use snowglobe::statement::{Instance, InstanceOptions, LoginScope};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long statements that run may go on when the server is told to stop; then they are canceled.
const FINISHING_TIME: Duration = Duration::from_secs(3);

/// How long the answers of those may take. Docker kills after ten seconds.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// How long after that the database may take to close.
const CLOSING_TIMEOUT: Duration = Duration::from_millis(1500);

/// Most bytes of results that are kept on disk.
const SPOOL_LIMIT: u64 = 20 << 30;

fn main() -> ExitCode {
    let done = config::from_command_line()
        .map_err(|error| error.to_string())
        .and_then(|(command, config)| match command {
            Command::Serve => serve(config).map(|closing| {
                if !closing.wait(CLOSING_TIMEOUT) {
                    tracing::warn!("stopped while statements ran");
                }
            }),
            Command::Connection { client } => print_connection(client.as_deref(), &config),
            Command::Health => check_health(&config),
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(io::stderr(), "snowglobe: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Everything from the configuration to the last answer. The order matters: what can be wrong about the configuration
/// shows before a port is taken, and the banner comes when clients can connect. The database closes with the last statement.
#[tokio::main]
async fn serve(config: Config) -> Result<engine::Closing, String> {
    start_log(&config);
    let mut stop_signals = StopSignals::listen().map_err(text)?;
    let identity = tls::load_or_create(&config.certs_dir, &own_names(&config)).map_err(text)?;
    let (service, closing) = open(&config)?;
    let http = bind(config.host, config.http_port, "http").await?;
    let https = bind(config.host, config.https_port, "https").await?;

    let endpoint = Endpoint {
        http_port: http.local_addr().map_err(text)?.port(),
        https_port: https.local_addr().map_err(text)?.port(),
        ..Endpoint::new(&config, identity.ca_file)
    };
    announce(&endpoint, &config)?;

    let router = server::router(Arc::clone(&service), &server::Options::default()).map_err(text)?;
    let http = http.tap_io(|stream| {
        let _ = stream.set_nodelay(true); // answers are small: no waiting for more
    });
    let https = TlsListener::new(https, identity.config);

    let (stop, stopped) = watch::channel(false);
    let until_stopped = |mut stopped: watch::Receiver<bool>| async move {
        let _ = stopped.wait_for(|is_stopped| *is_stopped).await;
    };
    let http = server::serve(
        http,
        server::Scheme::Http,
        router.clone(),
        until_stopped(stopped.clone()),
    );
    let https = server::serve(https, server::Scheme::Https, router, until_stopped(stopped));
    let mut servers = tokio::spawn(async { tokio::join!(http, https) });

    stop_signals.next().await;
    tracing::info!("stopping");
    let _ = stop.send(true);
    tokio::select! {
        _ = &mut servers => return Ok(closing),
        _ = tokio::time::sleep(FINISHING_TIME) => service.stop_all(),
        () = stop_signals.next() => return Ok(closing), // impatient
    }
    tokio::select! {
        _ = &mut servers => {}
        _ = tokio::time::sleep(SHUTDOWN_TIMEOUT) => tracing::warn!("stopped with requests unanswered"),
        () = stop_signals.next() => {} // impatient
    }
    Ok(closing)
}

/// The data directory, with everything that is kept in it.
fn open(config: &Config) -> Result<(Arc<Service>, engine::Closing), String> {
    // Without a data directory, results that are too large for memory still need a place.
    let scratch = match &config.data_dir {
        Some(directory) => directory.join("scratch"),
        None => std::env::temp_dir().join(format!("snowglobe-{}", std::process::id())),
    };
    let stages = match &config.data_dir {
        Some(directory) => directory.join("stages"),
        None => scratch.join("stages"),
    };
    let context = &config.context;
    let instance = Instance::open(InstanceOptions {
        spool_directory: scratch.join("results"),
        spool_limit: SPOOL_LIMIT,
        stage_directory: stages.clone(),
        account: config.account.clone(),
        multi_account: config.multi_account,
        strict_login: config.strict_login,
        default_scope: LoginScope {
            database: Some(context.database.clone()),
            schema: Some(context.schema.clone()),
            warehouse: Some(context.warehouse.clone()),
            role: Some(context.role.clone()),
        },
        engine: engine::Options {
            database: config
                .data_dir
                .as_ref()
                .map(|directory| directory.join("snowglobe.duckdb")),
            temp_directory: scratch.join("engine"),
            readable_directories: vec![stages],
            memory_limit: config.memory_limit,
            threads: config.threads,
            concurrent_statements: config.max_concurrent_statements,
        },
    });
    let instance = instance.map_err(text)?;
    let closing = instance.engine.closing();
    let service = Service::new(instance, query::Options::default());
    Ok((service, closing))
}

fn print_connection(client: Option<&str>, config: &Config) -> Result<(), String> {
    let has_system_port = config.http_port == 0 || config.https_port == 0;
    if has_system_port {
        return Err("a port is 0, so the system chose it when the server started: give the ports that the server printed, \
                    with --http-port and --https-port"
            .to_owned());
    }
    let endpoint = Endpoint::new(config, tls::trusted_file(&config.certs_dir));
    print(&connection::snippets(client, &endpoint)?)
}

fn check_health(config: &Config) -> Result<(), String> {
    if config.http_port == 0 {
        return Err("the http port is 0: give the one that the server printed".to_owned());
    }
    let endpoint = Endpoint::new(config, None);
    health::check(SocketAddr::new(endpoint.host, endpoint.http_port))
}

/// The log goes to standard error, so that standard output has nothing but the banner.
fn start_log(config: &Config) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(&config.log_level))
        .with_writer(io::stderr);
    match config.log_format {
        LogFormat::Text => log
            .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
            .init(),
        LogFormat::Json => log.json().init(),
    }
}

/// Names beyond the usual ones that the certificate has to be valid for.
fn own_names(config: &Config) -> Vec<String> {
    let mut names = vec![gethostname::gethostname().to_string_lossy().into_owned()];
    if !config.host.is_unspecified() {
        names.push(config.host.to_string());
    }
    names
}

async fn bind(host: IpAddr, port: u16, scheme: &str) -> Result<TcpListener, String> {
    let address = SocketAddr::new(host, port);
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "{address} is already in use, perhaps by another Snowglobe: stop that program, or choose another port \
                 with --{scheme}-port (0 for any free one)"
            ),
            io::ErrorKind::PermissionDenied => format!(
                "{address} needs more rights than this user has: choose a port above 1023 with --{scheme}-port"
            ),
            io::ErrorKind::AddrNotAvailable => format!(
                "{host} is not an address of this machine: choose another with --host"
            ),
            _ => format!("{address} cannot be listened on: {error}"),
        })
}

/// A person reads the banner; a program that asked for JSON reads the same addresses in the log.
fn announce(endpoint: &Endpoint, config: &Config) -> Result<(), String> {
    let (http, https) = (endpoint.http_url(), endpoint.https_url());
    tracing::info!(http, https, "listening");
    match config.log_format {
        LogFormat::Text => print(&connection::banner(endpoint, config)),
        LogFormat::Json => Ok(()),
    }
}

fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(()), // whoever reads a part (`| head`) has what it wants
    }
}

/// Ctrl-C, and what `docker stop` sends.
#[cfg(unix)]
struct StopSignals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    fn listen() -> io::Result<StopSignals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(StopSignals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct StopSignals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl StopSignals {
    fn listen() -> io::Result<StopSignals> {
        tokio::signal::windows::ctrl_c().map(StopSignals)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}

fn text(error: impl Display) -> String {
    error.to_string()
}
