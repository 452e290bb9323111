//! Opening: the file, the settings of the instance, the natives, and the lock on the configuration.
//!
//! Every setting is made for the whole instance, before the lock, so that a new connection needs none of its own.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::errors;
use super::ffi::{Complaint, Database};
use super::native::{self, Native};
use super::{Options, errors::opening};
use crate::error::{Error, Result};

/// What every connection starts with. `max_execution_time` and these may still be set by a connection; nothing else.
const PREAMBLE: &[(&str, &str)] = &[
    // A failed binding inside BEGIN … COMMIT leaves the transaction alive.
    (
        "default_transaction_invalidation_policy",
        "'SYNTACTIC_ERRORS_DO_NOT_INVALIDATE'",
    ),
    // 1/0, ln(0) and sqrt(-1) raise instead of giving inf and nan.
    ("ieee_floating_point_ops", "false"),
    // Snowflake's order of NULLs.
    ("default_null_order", "'nulls_last_on_asc_first_on_desc'"),
    ("errors_as_json", "true"),
    // BEGIN takes the snapshot, not the first statement after it: whoever begins knows what the transaction will see.
    ("immediate_transaction_mode", "true"),
    // Otherwise each function of an absent extension tries a download.
    ("autoinstall_known_extensions", "false"),
    ("autoload_known_extensions", "false"),
];

const ALLOWED_LATER: &[&str] = &["max_execution_time"];

/// Opens the database, and claims its file for as long as the claim or a clone of it lives.
pub(super) fn open(options: &Options, natives: &[Native]) -> Result<(Database, Claim)> {
    let (path, claim) = match &options.database {
        Some(file) => {
            if let Some(folder) = file.parent() {
                create_folder(folder)?;
            }
            (Some(utf8(file)?), Claim::file(file)?)
        }
        None => (None, Claim::default()),
    };
    create_folder(&options.temp_directory)?;

    let mut settings = vec![("storage_compatibility_version", "latest".to_owned())];
    if path.is_some() {
        // `statement::upkeep` makes the checkpoints; those within a COMMIT are for when it finds no moment for too long.
        settings.push(("checkpoint_threshold", "1GB".to_owned()));
    }
    if let Some(threads) = options.threads {
        settings.push(("threads", threads.max(1).to_string()));
    }
    if let Some(bytes) = options.memory_limit {
        settings.push(("memory_limit", format!("{bytes}B")));
    }
    let database =
        Database::open(path, &settings).map_err(|complaint| opening(path, &complaint))?;
    let interpret = |complaint: Complaint| errors::interpret(&complaint, None).1;
    let connection = database.connect().map_err(interpret)?;
    let stores = [
        native::store::STORE_BIGINT,
        native::store::STORE_TIMESTAMP,
        native::store::STORE_TIMESTAMP_TZ,
    ];
    native::register(&connection, &stores).map_err(interpret)?;
    native::register(&connection, natives).map_err(interpret)?;
    connection
        .run(&lock(
            utf8(&options.temp_directory)?,
            &readable(&options.readable_directories)?,
        ))
        .map_err(interpret)?;
    Ok((database, claim))
}

/// The right to a database file within this process. DuckDB's lock on the file keeps other processes away, but lets one
/// process open it twice, and destroy it.
#[derive(Clone, Default)]
pub(super) struct Claim {
    _file: Option<Arc<ClaimedFile>>,
    open: Arc<()>,
}

/// Tells when a database is closed. Its last owner may be a statement's thread that nobody waits for; a process that ends
/// while such a thread closes the database takes away what DuckDB still uses.
pub struct Closing(Weak<()>);

impl Closing {
    /// Waits until the database and all its connections are closed, at most `limit`; whether they are.
    pub fn wait(&self, limit: Duration) -> bool {
        let began = Instant::now();
        while self.0.strong_count() > 0 {
            if began.elapsed() >= limit {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }
}

struct ClaimedFile(PathBuf);

static CLAIMED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

impl Claim {
    fn file(file: &Path) -> Result<Claim> {
        let file = canonical(file)?;
        if !CLAIMED.lock().insert(file.clone()) {
            return Err(errors::in_use(&file.display().to_string(), "this process"));
        }
        Ok(Claim {
            _file: Some(Arc::new(ClaimedFile(file))),
            open: Arc::default(),
        })
    }

    pub(super) fn closing(&self) -> Closing {
        Closing(Arc::downgrade(&self.open))
    }
}

impl Drop for ClaimedFile {
    fn drop(&mut self) {
        CLAIMED.lock().remove(&self.0);
    }
}

/// One path per file, whether it exists yet or not.
fn canonical(file: &Path) -> Result<PathBuf> {
    let unreadable = |error| Error::internal(format!("cannot resolve {}: {error}", file.display()));
    if file.exists() {
        return file.canonicalize().map_err(unreadable);
    }
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().map_err(unreadable)?;
    Ok(folder.join(file.file_name().unwrap_or_default()))
}

/// The preamble as SQL.
pub(super) fn preamble() -> String {
    PREAMBLE
        .iter()
        .fold(String::new(), |mut sql, (name, value)| {
            let _ = writeln!(sql, "SET GLOBAL {name} = {value};");
            sql
        })
}

/// The settings of the instance, in the one order that DuckDB accepts: folders while external access is still open, and
/// the lock at the end.
fn lock(temp_directory: &str, readable: &[String]) -> String {
    let mut sql = preamble();
    let temp_directory = temp_directory.replace('\'', "''");
    let names: Vec<_> = PREAMBLE
        .iter()
        .map(|(name, _)| name)
        .chain(ALLOWED_LATER)
        .map(|name| format!("'{name}'"))
        .collect();
    let _ = write!(
        sql,
        "SET GLOBAL allowed_directories = [{}];
         SET GLOBAL temp_directory = '{temp_directory}';
         SET GLOBAL allowed_configs = [{}];
         SET GLOBAL enable_external_access = false;
         SET GLOBAL lock_configuration = true;",
        readable.join(", "),
        names.join(", ")
    );
    sql
}

/// Folders as texts of SQL, each with a slash at its end; those that are not there are made.
fn readable(folders: &[PathBuf]) -> Result<Vec<String>> {
    let text = |folder: &PathBuf| {
        create_folder(folder)?;
        let folder = canonical(folder)?;
        Ok(format!("'{}/'", utf8(&folder)?.replace('\'', "''")))
    };
    folders.iter().map(text).collect()
}

fn create_folder(folder: &Path) -> Result<()> {
    if folder == Path::new("") {
        return Ok(()); // The current one.
    }
    std::fs::create_dir_all(folder)
        .map_err(|error| Error::internal(format!("cannot create {}: {error}", folder.display())))
}

fn utf8(path: &Path) -> Result<&str> {
    path.to_str()
        .ok_or_else(|| Error::internal(format!("not UTF-8: {}", path.display())))
}
