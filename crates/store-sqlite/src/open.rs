//! Opening a store: whose file it is, whether it may be used, and why not in words that say what to do.

use crate::connection::{self, Role};
use crate::error::is_full;
use crate::limits::SQLITE_VERSION_MIN;
use crate::meta::{self, StartFault};
use crate::migrate::{self, OLDEST, SCHEMA_VERSION};
use crate::seal::{DataKey, Sealer};
use rusqlite::{Connection, ErrorCode};
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use wigwag_base::{NodeEpoch, Secret};

/// "WIGW", so that `file` and we can tell the file from other programs' SQLite files.
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"WIGW");
const SCHEMA: &str = include_str!("schema.sql");

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Under which secrets are sealed.
    pub key: DataKey,
    /// The most pages (4 KiB) that the file may have; above them the store says that the disk is full.
    pub pages_max: Option<u32>,
}

impl Options {
    /// No limit of its own.
    pub const fn new(key: DataKey) -> Self {
        Self { key, pages_max: None }
    }
}

/// Why a store cannot be opened, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or its folder.
    #[error("{path} cannot be written: {source}; make its folder, or let this user write there")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process has it.
    #[error("{path} is in use by another process; stop that one first")]
    InUse {
        /// Which.
        path: PathBuf,
    },
    /// No room.
    #[error("the disk that {path} is on is full; make room there and start again")]
    Full {
        /// Which.
        path: PathBuf,
    },
    /// Some other file.
    #[error("{path} is not a Wigwag store; name another file, or move this one away")]
    NotAStore {
        /// Which.
        path: PathBuf,
    },
    /// Written by another version.
    #[error(
        "{path} has tables of version {found}, this program knows version {known}; start the version that wrote it, \
         or restore a backup of this version"
    )]
    OtherVersion {
        /// Which.
        path: PathBuf,
        /// The version of its tables.
        found: i32,
        /// Ours.
        known: i32,
    },
    /// The data key does not open its secrets.
    #[error("the data key is not the one that {path} was made with; start with that key")]
    WrongKey {
        /// Which.
        path: PathBuf,
    },
    /// The SQLite in this program is too old.
    #[error("SQLite {found} may damage its write-ahead log; build with 3.51.3 or newer")]
    OldSqlite {
        /// Its version.
        found: &'static str,
    },
    /// A setting did not take.
    #[error("SQLite keeps {name} at {found:?} instead of {wanted:?}; the file system may not support it")]
    Setting {
        /// Its name.
        name: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// Something else.
    #[error("{path} cannot be opened: {reason}")]
    Other {
        /// Which.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
}

impl OpenError {
    pub(crate) fn from_sql(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotAStore { path },
            _ if is_full(error) => Self::Full { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse { path },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Self::Unwritable { path, source: std::io::Error::other(error.to_string()) }
            }
            _ => Self::Other { path, reason: error.to_string() },
        }
    }
}

/// An opened file, checked, ours alone, of this start's epoch.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) sealer: Sealer,
    pub(crate) root_key: Secret<[u8; 32]>,
    pub(crate) lock: File,
    pub(crate) instance: [u8; 16],
    pub(crate) epoch: NodeEpoch,
}

/// Takes the lock, checks whose file it is, makes the tables in a new one or brings older ones up to ours, raises the
/// epoch.
pub(crate) fn open(path: &Path, options: &Options) -> Result<Opened, OpenError> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(OpenError::OldSqlite { found: rusqlite::version() });
    }
    let lock = lock(path)?;
    // Made here, because SQLite would let everyone read it.
    private(path).map_err(|source| OpenError::Unwritable { path: path.to_owned(), source })?;
    let mut connection = connection::open(path, Role::Writer)?;
    let sql = |error: rusqlite::Error| OpenError::from_sql(path, &error);
    let found = version(&connection, path)?;
    connection::harden(&connection, path, Role::Writer)?;
    if let Some(pages_max) = options.pages_max {
        connection.pragma_update(None, "max_page_count", pages_max).map_err(sql)?;
    }
    let refused = |fault| refused(path, fault);
    let sealer = match found {
        None => create(&mut connection, &options.key).map_err(refused)?,
        // The key first: whoever cannot read the file does not change it.
        Some(found) => {
            let sealer = meta::check_key(&connection, &options.key).map_err(refused)?;
            migrate::up(&mut connection, found).map_err(sql)?;
            sealer
        }
    };
    let root_key = meta::root_key(&connection, &sealer, &options.key).map_err(refused)?;
    let start = meta::start(&connection).map_err(refused)?;
    Ok(Opened { connection, sealer, root_key, lock, instance: start.instance, epoch: start.epoch })
}

/// Why a start is refused, in the words of whoever opens a store.
pub(crate) fn refused(path: &Path, fault: StartFault) -> OpenError {
    let path = path.to_owned();
    match fault {
        StartFault::WrongKey => OpenError::WrongKey { path },
        StartFault::Sql(error) => OpenError::from_sql(&path, &error),
        StartFault::Other(reason) => OpenError::Other { path, reason },
    }
}

/// The lock is a file of its own and the system's, so it ends with the process however that ends.
pub(crate) fn lock(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let unwritable = |source| OpenError::Unwritable { path: path.to_owned(), source };
    let lock = private(Path::new(&name)).map_err(unwritable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(unwritable(source)),
    }
}

/// Opens or makes a file that only its user may read.
fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// The version of the tables; `None` of an empty file. Refuses what is not ours or of a version that is not known here.
pub(crate) fn version(connection: &Connection, path: &Path) -> Result<Option<i32>, OpenError> {
    let sql = |error: rusqlite::Error| OpenError::from_sql(path, &error);
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(sql);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(sql)?;
    match (number("application_id")?, number("user_version")?) {
        (0, 0) if tables == 0 => Ok(None),
        (APPLICATION_ID, found @ OLDEST..=SCHEMA_VERSION) => Ok(Some(found)),
        (APPLICATION_ID, found) => {
            Err(OpenError::OtherVersion { path: path.to_owned(), found, known: SCHEMA_VERSION })
        }
        _ => Err(OpenError::NotAStore { path: path.to_owned() }),
    }
}

/// Makes the tables in one transaction: a crash in it leaves an empty file.
fn create(connection: &mut Connection, key: &DataKey) -> Result<Sealer, StartFault> {
    let sealer = Sealer::new(key);
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    meta::create(&transaction, &sealer)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()?;
    Ok(sealer)
}
