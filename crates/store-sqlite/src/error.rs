//! What SQLite says, in the words of the ports.

use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_IOERR_SHMSIZE};
use wigwag_ports::StoreError;

/// What a statement, a codec or a rule of the store stops with.
#[derive(Debug)]
pub(crate) enum Fault {
    /// SQLite said so.
    Sql(rusqlite::Error),
    /// The store itself said so.
    Store(StoreError),
}

/// The result of everything that runs on a connection.
pub(crate) type Outcome<T> = Result<T, Fault>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error,
            Fault::Sql(error) => in_words(&error),
        }
    }
}

/// Whether there was no room. The log's index could not grow: that is a full disk too, and nothing was lost.
pub(crate) fn is_full(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => true,
        Some(ErrorCode::SystemIoFailure) => extended(error) == SQLITE_IOERR_SHMSIZE,
        _ => false,
    }
}

/// A failed read or write is fatal: what the page cache of the system holds after it is anyone's guess.
fn in_words(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        _ if is_full(error) => StoreError::Full,
        Some(ErrorCode::SystemIoFailure) => {
            StoreError::Fatal(format!("reading or writing the file failed: {error}"))
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Fatal(format!("the file is damaged, restore a backup: {error}"))
        }
        Some(ErrorCode::TooBig) => StoreError::LimitReached("a value is larger than SQLite can keep".into()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// Whether a foreign key stopped the statement.
pub(crate) fn is_foreign_key(error: &rusqlite::Error) -> bool {
    extended(error) == SQLITE_CONSTRAINT_FOREIGNKEY
}

fn extended(error: &rusqlite::Error) -> i32 {
    error.sqlite_error().map_or(0, |error| error.extended_code)
}

/// A stored value that no version of this program wrote.
pub(crate) fn odd(what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Null, format!("odd {what}").into())
}
