//! HTTPS: the certificate of this server, and a listener that hands out connections whose TLS handshake is done.
//!
//! `cert.pem` and `key.pem` in the certificate folder are **the user's** and never written, unless all of this holds:
//! `cert.pem` carries our subject name, its signature is by the key in `ca.pem`, and that key is in `ca-key.pem`. Then it
//! is ours, made here with a local certificate authority, and renewed by the same authority before it ends or when the
//! server answers to a name that it lacks (a container gets a new host name each time). A file name or a date would not
//! tell the two apart; only the signature does. Private keys are written once and kept: a renewal replaces one file,
//! atomically, so a crash cannot leave a certificate beside the wrong key.
//!
//! It must not know what is served over a connection.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

const CA_NAME: &str = "Snowglobe local CA";
const SERVER_NAME: &str = "Snowglobe server";

const CA_VALIDITY: time::Duration = time::Duration::days(3650);
/// Apple's and the browsers' limit is 398 days, both ends counted.
const SERVER_VALIDITY: time::Duration = time::Duration::days(397);
const RENEW_BEFORE: time::Duration = time::Duration::days(30);
/// Certificates begin in the past, for clients whose clock is behind.
const CLOCK_SKEW: time::Duration = time::Duration::days(1);

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_CONCURRENT_HANDSHAKES: usize = 256;

/// What the HTTPS listener needs, and what clients have to trust.
pub struct TlsIdentity {
    pub config: Arc<ServerConfig>,
    /// The file that clients trust; `None` when the user's certificate comes from an authority that is not here.
    pub ca_file: Option<PathBuf>,
}

/// Why there is no usable certificate; the text names the file and says what to do.
#[derive(Debug)]
pub struct TlsError(String);

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TlsError {}

type Result<T> = std::result::Result<T, TlsError>;

/// Loads the certificate of `certs_dir`, making what is missing. A certificate made here is valid for this machine's
/// usual names and for `names` (host names or addresses) besides.
pub fn load_or_create(certs_dir: &Path, names: &[String]) -> Result<TlsIdentity> {
    load_or_create_at(certs_dir, names, OffsetDateTime::now_utc())
}

fn load_or_create_at(
    certs_dir: &Path,
    names: &[String],
    now: OffsetDateTime,
) -> Result<TlsIdentity> {
    let files = Files::of(certs_dir);
    prepare(&files, names, now)?;
    let chain = files.certificates()?;
    let key = files.private_key()?;
    let config = server_config(chain, key).map_err(|error| {
        TlsError(format!(
            "{} and {} cannot be used together: {error}",
            files.cert.display(),
            files.key.display()
        ))
    })?;
    Ok(TlsIdentity {
        config: Arc::new(config),
        ca_file: trusted_file(certs_dir),
    })
}

/// The file that clients of this folder's certificate have to trust, absolute; the one that will be made when the folder
/// is still empty. `None`: not in this folder.
pub fn trusted_file(certs_dir: &Path) -> Option<PathBuf> {
    let files = Files::of(certs_dir);
    let file = match files.certificates() {
        Err(_) => files.ca,
        Ok(chain) => {
            let is_issuer = |ca: &CertificateDer<'_>| {
                chain
                    .iter()
                    .any(|cert| is_issued_by(cert, ca).unwrap_or(false))
            };
            if read_certificate(&files.ca).is_ok_and(|ca| is_issuer(&ca)) {
                files.ca
            } else if chain.first().is_some_and(is_issuer) {
                files.cert // self-signed: it is its own authority
            } else {
                return None;
            }
        }
    };
    Some(std::path::absolute(&file).unwrap_or(file))
}

struct Files {
    cert: PathBuf,
    key: PathBuf,
    ca: PathBuf,
    ca_key: PathBuf,
}

impl Files {
    fn of(folder: &Path) -> Files {
        Files {
            cert: folder.join("cert.pem"),
            key: folder.join("key.pem"),
            ca: folder.join("ca.pem"),
            ca_key: folder.join("ca-key.pem"),
        }
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&read(&self.cert)?)
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| unreadable(&self.cert, error))?;
        if chain.is_empty() {
            return Err(unreadable(&self.cert, "no certificate in it"));
        }
        Ok(chain)
    }

    fn private_key(&self) -> Result<PrivateKeyDer<'static>> {
        PrivateKeyDer::from_pem_slice(&read(&self.key)?)
            .map_err(|error| unreadable(&self.key, error))
    }
}

/// Sees to it that `cert.pem` and `key.pem` are there and, if they are ours, good for some time to come.
fn prepare(files: &Files, names: &[String], now: OffsetDateTime) -> Result<()> {
    if files.cert.exists() {
        let is_current = match Authority::load(files)? {
            Some(authority) if authority.has_made(&files.certificates()?[0])? => {
                is_current(&files.certificates()?[0], &all_names(names), now)?
            }
            _ => true, // the user's: used as it is, for as long as the user likes
        };
        if is_current && !files.key.exists() {
            return Err(TlsError(format!(
                "{} is there but {} is missing: put the private key there, or remove the certificate to have a new pair made.",
                files.cert.display(),
                files.key.display()
            )));
        }
        if is_current {
            return Ok(());
        }
    } else if files.key.exists() && Authority::load(files)?.is_none() {
        return Err(TlsError(format!(
            "{} is there but {} is missing: put the certificate there, or remove the key to have a new pair made.",
            files.key.display(),
            files.cert.display()
        )));
    }
    create_folder(files)?;
    let authority = Authority::load_or_create(files, now)?;
    let certificate = authority.issue(&key_pair(&files.key)?, &all_names(names), now)?;
    write(&files.cert, &certificate, Readers::Everyone)
}

/// The local certificate authority: `ca.pem` with its private key.
struct Authority {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Authority {
    /// `None` when one of the two files is missing or they do not belong together: then no certificate is ours.
    fn load(files: &Files) -> Result<Option<Authority>> {
        if !files.ca.exists() || !files.ca_key.exists() {
            return Ok(None);
        }
        let authority = Authority {
            certificate: read_certificate(&files.ca)?,
            key: key_pair(&files.ca_key)?,
        };
        let public_key = authority.key.subject_public_key_info();
        let belongs = parse(&authority.certificate)?.public_key().raw == public_key;
        Ok(belongs.then_some(authority))
    }

    fn load_or_create(files: &Files, now: OffsetDateTime) -> Result<Authority> {
        if files.ca.exists() {
            let Some(authority) = Authority::load(files)? else {
                return Err(TlsError(format!(
                    "{} has no matching private key in {}, so it cannot issue a server certificate: add that key, put your own cert.pem and key.pem there, or remove both to have a new authority made.",
                    files.ca.display(),
                    files.ca_key.display()
                )));
            };
            let is_ours = common_name(&parse(&authority.certificate)?) == Some(CA_NAME);
            let outlives_its_certificates =
                not_after(&authority.certificate)? >= now + SERVER_VALIDITY;
            if !is_ours || outlives_its_certificates {
                return Ok(authority);
            }
        }
        // An old key gets a new certificate: what clients trusted before goes on being right until its own end.
        let key = key_pair(&files.ca_key)?;
        let certificate = certificate_authority(now)
            .self_signed(&key)
            .map_err(|error| unwritable(&files.ca, error))?;
        write(&files.ca, &certificate.pem(), Readers::Everyone)?;
        Ok(Authority {
            certificate: certificate.der().clone(),
            key,
        })
    }

    fn has_made(&self, certificate: &CertificateDer<'_>) -> Result<bool> {
        let is_named_by_us = common_name(&parse(certificate)?) == Some(SERVER_NAME);
        Ok(is_named_by_us && is_issued_by(certificate, &self.certificate)?)
    }

    /// A server certificate for `key`, as PEM.
    fn issue(&self, key: &KeyPair, names: &[String], now: OffsetDateTime) -> Result<String> {
        let failed = |error: rcgen::Error| {
            TlsError(format!("the server certificate cannot be made: {error}"))
        };
        let mut params = CertificateParams::new(names).map_err(failed)?;
        params.distinguished_name = named(SERVER_NAME);
        params.not_before = now - CLOCK_SKEW;
        params.not_after = (now - CLOCK_SKEW + SERVER_VALIDITY).min(not_after(&self.certificate)?);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let issuer = Issuer::from_ca_cert_der(&self.certificate, &self.key).map_err(failed)?;
        Ok(params.signed_by(key, &issuer).map_err(failed)?.pem())
    }
}

fn certificate_authority(now: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(CA_NAME);
    params.not_before = now - CLOCK_SKEW;
    params.not_after = now - CLOCK_SKEW + CA_VALIDITY;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Snowglobe");
    name.push(DnType::CommonName, common_name);
    name
}

/// The names by which this machine's programs, and containers beside this one, may call the server.
fn all_names(more: &[String]) -> Vec<String> {
    let mut names: Vec<String> = [
        "localhost",
        "*.localhost",
        "snowglobe",
        "host.docker.internal",
    ]
    .map(String::from)
    .into();
    names.push(Ipv4Addr::LOCALHOST.to_string());
    names.push(Ipv6Addr::LOCALHOST.to_string());
    for name in more {
        let name = name.to_ascii_lowercase();
        if is_certifiable(&name) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// An address, or a name of letters, digits, `-`, `_` and `.`: a machine's own name can be anything.
fn is_certifiable(name: &str) -> bool {
    let is_host = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    name.parse::<IpAddr>().is_ok() || is_host(name)
}

fn is_current(
    certificate: &CertificateDer<'_>,
    names: &[String],
    now: OffsetDateTime,
) -> Result<bool> {
    let present = subject_names(&parse(certificate)?);
    Ok(not_after(certificate)? > now + RENEW_BEFORE
        && names.iter().all(|name| present.contains(name)))
}

fn subject_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let names = extension.value.general_names.iter();
    names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(String::from(*name)),
            GeneralName::IPAddress(bytes) => match **bytes {
                [a, b, c, d] => Some(Ipv4Addr::new(a, b, c, d).to_string()),
                _ => <[u8; 16]>::try_from(*bytes)
                    .ok()
                    .map(|octets| Ipv6Addr::from(octets).to_string()),
            },
            _ => None,
        })
        .collect()
}

fn is_issued_by(certificate: &CertificateDer<'_>, ca: &CertificateDer<'_>) -> Result<bool> {
    let ca = parse(ca)?;
    Ok(parse(certificate)?
        .verify_signature(Some(ca.public_key()))
        .is_ok())
}

fn not_after(certificate: &CertificateDer<'_>) -> Result<OffsetDateTime> {
    Ok(parse(certificate)?.validity().not_after.to_datetime())
}

fn common_name<'a>(certificate: &'a X509Certificate<'_>) -> Option<&'a str> {
    let mut names = certificate.subject().iter_common_name();
    names.next().and_then(|name| name.as_str().ok())
}

fn parse<'a>(certificate: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>> {
    x509_parser::parse_x509_certificate(certificate)
        .map(|(_, certificate)| certificate)
        .map_err(|error| TlsError(format!("a certificate cannot be read: {error}")))
}

fn read_certificate(file: &Path) -> Result<CertificateDer<'static>> {
    CertificateDer::from_pem_slice(&read(file)?).map_err(|error| unreadable(file, error))
}

/// The private key in `file`, made and written first if there is none.
fn key_pair(file: &Path) -> Result<KeyPair> {
    if file.exists() {
        let text = String::from_utf8(read(file)?).map_err(|error| unreadable(file, error))?;
        return KeyPair::from_pem(&text).map_err(|error| unreadable(file, error));
    }
    let key = KeyPair::generate().map_err(|error| unwritable(file, error))?;
    write(file, &key.serialize_pem(), Readers::OwnerAlone)?;
    Ok(key)
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> std::result::Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn create_folder(files: &Files) -> Result<()> {
    let folder = files.cert.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| unreadable(file, error))
}

#[derive(Clone, Copy)]
enum Readers {
    Everyone,
    OwnerAlone,
}

/// Writes beside the file and renames, so that nobody ever sees half of it.
fn write(file: &Path, text: &str, readers: Readers) -> Result<()> {
    let part = file.with_extension(format!("pem.{}.part", std::process::id()));
    let written = open_new(&part, readers)
        .and_then(|mut out| {
            out.write_all(text.as_bytes())?;
            out.sync_all()
        })
        .and_then(|()| fs::rename(&part, file));
    written.map_err(|error| {
        let _ = fs::remove_file(&part);
        unwritable(file, error)
    })
}

fn open_new(file: &Path, readers: Readers) -> io::Result<fs::File> {
    let _ = fs::remove_file(file); // left by a crash; its mode may be another
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(match readers {
            Readers::Everyone => 0o644,
            Readers::OwnerAlone => 0o600,
        });
    }
    #[cfg(not(unix))]
    let _ = readers;
    options.open(file)
}

fn unreadable(file: &Path, error: impl fmt::Display) -> TlsError {
    TlsError(format!("{} cannot be read: {error}", file.display()))
}

fn unwritable(file: &Path, error: impl fmt::Display) -> TlsError {
    TlsError(format!("{} cannot be written: {error}", file.display()))
}

/// Accepts TLS connections. A handshake runs in a task of its own, with a time limit, so that a client that connects and
/// says nothing holds up nobody; beyond a number of unfinished ones further clients wait in the system's queue.
pub struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
}

impl TlsListener {
    pub fn new(tcp: TcpListener, config: Arc<ServerConfig>) -> TlsListener {
        TlsListener {
            tcp,
            acceptor: TlsAcceptor::from(config),
            handshakes: JoinSet::new(),
        }
    }

    fn begin_handshake(&mut self, stream: TcpStream, peer: SocketAddr) {
        let acceptor = self.acceptor.clone();
        self.handshakes.spawn(async move {
            let _ = stream.set_nodelay(true); // answers are small: no waiting for more
            match tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => Some((stream, peer)),
                Ok(Err(error)) => {
                    tracing::debug!(%peer, %error, "TLS handshake failed");
                    None
                }
                Err(_) => {
                    tracing::debug!(%peer, "TLS handshake timed out");
                    None
                }
            }
        });
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                Some(handshake) = self.handshakes.join_next() => {
                    if let Ok(Some(connection)) = handshake {
                        return connection;
                    }
                }
                accepted = self.tcp.accept(), if self.handshakes.len() < MAX_CONCURRENT_HANDSHAKES => {
                    match accepted {
                        Ok((stream, peer)) => self.begin_handshake(stream, peer),
                        Err(error) => {
                            tracing::warn!(%error, "a connection could not be accepted");
                            // mostly too many open files, which only time cures
                            tokio::time::sleep(Duration::from_millis(200)).await;
                        }
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use axum::serve::Listener;
    use time::Duration as Days;

    fn now() -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    fn content(folder: &Path, name: &str) -> Vec<u8> {
        fs::read(folder.join(name)).unwrap()
    }

    #[test]
    fn a_new_certificate_has_the_usual_names_and_the_given_ones() {
        let folder = tempfile::tempdir().unwrap();
        let more = [
            "Wolf".to_owned(),
            "10.1.2.3".to_owned(),
            "not a host".to_owned(),
        ];
        let identity = load_or_create(folder.path(), &more).unwrap();
        assert_eq!(identity.ca_file, Some(folder.path().join("ca.pem")));

        let chain = Files::of(folder.path()).certificates().unwrap();
        let certificate = parse(&chain[0]).unwrap();
        assert_eq!(
            subject_names(&certificate),
            [
                "localhost",
                "*.localhost",
                "snowglobe",
                "host.docker.internal",
                "127.0.0.1",
                "::1",
                "wolf",
                "10.1.2.3"
            ]
        );
        let validity = certificate.validity();
        let days = (validity.not_after.timestamp() - validity.not_before.timestamp()) / 86_400;
        assert_eq!(days, 397);
        assert!(!certificate.is_ca());

        let ca = read_certificate(&folder.path().join("ca.pem")).unwrap();
        let ca = parse(&ca).unwrap();
        assert!(ca.is_ca());
        assert!(ca.key_usage().unwrap().unwrap().value.key_cert_sign());
        assert!(certificate.verify_signature(Some(ca.public_key())).is_ok());
    }

    #[test]
    #[cfg(unix)]
    fn private_keys_are_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        load_or_create(folder.path(), &[]).unwrap();
        for (name, mode) in [("key.pem", 0o600), ("ca-key.pem", 0o600)] {
            let permissions = fs::metadata(folder.path().join(name))
                .unwrap()
                .permissions();
            assert_eq!(permissions.mode() & 0o777, mode, "{name}");
        }
        assert_eq!(contents(folder.path()).len(), 4, "no partial files remain");
    }

    #[test]
    fn the_second_start_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        load_or_create(folder.path(), &[]).unwrap();
        let first = contents(folder.path());
        load_or_create_at(folder.path(), &[], now() + Days::days(300)).unwrap();
        assert_eq!(contents(folder.path()), first);
    }

    #[test]
    fn our_certificate_is_renewed_before_it_ends_by_the_same_authority() {
        let folder = tempfile::tempdir().unwrap();
        load_or_create(folder.path(), &[]).unwrap();
        let first = contents(folder.path());
        load_or_create_at(folder.path(), &[], now() + Days::days(370)).unwrap();
        let second = contents(folder.path());
        let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
            files.iter().map(|(name, _)| name.clone()).collect()
        };
        assert_eq!(names(&first), names(&second));
        for ((name, before), (_, after)) in first.iter().zip(&second) {
            assert_eq!(before != after, name == "cert.pem", "{name}");
        }
    }

    #[test]
    fn our_certificate_is_renewed_when_it_lacks_a_name() {
        let folder = tempfile::tempdir().unwrap();
        load_or_create(folder.path(), &["one".to_owned()]).unwrap();
        let ca = content(folder.path(), "ca.pem");
        load_or_create(folder.path(), &["two".to_owned()]).unwrap();
        assert_eq!(content(folder.path(), "ca.pem"), ca);
        let chain = Files::of(folder.path()).certificates().unwrap();
        assert!(subject_names(&parse(&chain[0]).unwrap()).contains(&"two".to_owned()));
    }

    #[test]
    fn an_authority_near_its_end_is_renewed_with_its_old_key() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::of(folder.path());
        load_or_create(folder.path(), &[]).unwrap();
        let old_ca = read_certificate(&files.ca).unwrap();
        load_or_create_at(folder.path(), &[], now() + Days::days(3500)).unwrap();
        let new_ca = read_certificate(&files.ca).unwrap();
        assert!(old_ca != new_ca);
        let certificate = files.certificates().unwrap().remove(0);
        assert!(is_issued_by(&certificate, &old_ca).unwrap());
        assert!(is_issued_by(&certificate, &new_ca).unwrap());
    }

    /// A self-signed pair, as `openssl req -x509` or mkcert make it.
    fn users_pair(folder: &Path, not_after: OffsetDateTime) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["data.example".to_owned()]).unwrap();
        params.not_after = not_after;
        fs::write(
            folder.join("cert.pem"),
            params.self_signed(&key).unwrap().pem(),
        )
        .unwrap();
        fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    }

    #[test]
    fn the_users_own_files_are_never_touched() {
        let folder = tempfile::tempdir().unwrap();
        users_pair(folder.path(), now() - Days::days(1));
        let before = contents(folder.path());
        let identity = load_or_create(folder.path(), &[]).unwrap();
        assert_eq!(contents(folder.path()), before);
        assert_eq!(identity.ca_file, Some(folder.path().join("cert.pem")));
    }

    #[test]
    fn the_users_own_files_may_replace_ours() {
        let folder = tempfile::tempdir().unwrap();
        load_or_create(folder.path(), &[]).unwrap();
        users_pair(folder.path(), now() + Days::days(2));
        let before = contents(folder.path());
        let identity = load_or_create(folder.path(), &[]).unwrap();
        assert_eq!(contents(folder.path()), before);
        assert_eq!(identity.ca_file, Some(folder.path().join("cert.pem")));
    }

    #[test]
    fn half_a_pair_is_completed_only_if_it_can_be_ours() {
        let folder = tempfile::tempdir().unwrap();
        load_or_create(folder.path(), &[]).unwrap();
        let key = content(folder.path(), "key.pem");
        fs::remove_file(folder.path().join("cert.pem")).unwrap();
        load_or_create(folder.path(), &[]).unwrap();
        assert_eq!(content(folder.path(), "key.pem"), key);

        for missing in ["cert.pem", "key.pem"] {
            let folder = tempfile::tempdir().unwrap();
            users_pair(folder.path(), now() + Days::days(2));
            fs::remove_file(folder.path().join(missing)).unwrap();
            let error = load_or_create(folder.path(), &[]).err().unwrap();
            assert!(error.to_string().contains(&format!("{missing} is missing")));
            assert_eq!(contents(folder.path()).len(), 1);
        }
    }

    #[test]
    fn a_file_that_is_no_certificate_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cert.pem"), "hello").unwrap();
        fs::write(folder.path().join("key.pem"), "hello").unwrap();
        let error = load_or_create(folder.path(), &[]).err().unwrap();
        assert!(error.to_string().contains("cert.pem cannot be read"));
    }

    #[tokio::test]
    async fn a_silent_client_holds_up_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let identity = load_or_create(folder.path(), &[]).unwrap();
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut listener = TlsListener::new(tcp, identity.config);
        let address = listener.local_addr().unwrap();
        let _silent = TcpStream::connect(address).await.unwrap();

        let mut roots = rustls::RootCertStore::empty();
        let ca = read_certificate(&folder.path().join("ca.pem")).unwrap();
        roots.add(ca).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = tokio_rustls::TlsConnector::from(Arc::new(client));
        let speaking = TcpStream::connect(address).await.unwrap();
        let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
        let (served, connected) = tokio::join!(
            tokio::time::timeout(Duration::from_secs(5), listener.accept()),
            client.connect(name, speaking)
        );
        assert!(served.is_ok());
        assert!(connected.is_ok());
    }
}
