//! Connections with the settings that the promises rest on; each is set and read back.

use crate::limits::{LOG_BYTES_KEPT, STATEMENTS_MAX};
use crate::open::OpenError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The one that writes.
    Writer,
    /// Copies the write-ahead log into the file.
    Checkpointer,
    /// Only reads.
    Reader,
}

/// KiB of pages that a connection keeps in memory.
const fn cache_kib(role: Role) -> i64 {
    match role {
        Role::Writer => 16 * 1024,
        Role::Checkpointer => 64,
        Role::Reader => 4 * 1024,
    }
}

/// Opens the file at `path`; the writer's connection makes it when it is missing.
pub(crate) fn open(path: &Path, role: Role) -> Result<Connection, OpenError> {
    let access = match role {
        Role::Writer => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Role::Checkpointer => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Role::Reader => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| OpenError::from_sql(path, &error))?;
    // A plan is made once for a statement. Else SQLite compiles it anew each time that a LIMIT or a value in a condition is
    // bound to it, to look at the value: half of the writer's time for a result.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|error| OpenError::from_sql(path, &error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// Sets what the promises rest on and reads it back. The file must be known to be ours before: the journal mode is
/// written into it.
pub(crate) fn harden(connection: &Connection, path: &Path, role: Role) -> Result<(), OpenError> {
    let sql = |error: rusqlite::Error| OpenError::from_sql(path, &error);
    if role != Role::Reader {
        connection.pragma_update(None, "journal_mode", "wal").map_err(sql)?;
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(sql)?;
    connection.pragma_update(None, "mmap_size", 0).map_err(sql)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(sql)?;
    connection.pragma_update(None, "wal_autocheckpoint", 0).map_err(sql)?;
    connection.pragma_update(None, "cache_size", -cache_kib(role)).map_err(sql)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_KEPT).map_err(sql)?;
    connection.pragma_update(None, "temp_store", "memory").map_err(sql)?;
    for (name, wanted) in
        [("journal_mode", "wal"), ("synchronous", "2"), ("mmap_size", "0"), ("foreign_keys", "1")]
    {
        let found = read_back(connection, name).map_err(sql)?;
        if found != wanted {
            return Err(OpenError::Setting { name, found, wanted });
        }
    }
    Ok(())
}

/// A setting as text, whatever its type; empty if SQLite does not answer (`mmap_size` where it is left out).
fn read_back(connection: &Connection, name: &str) -> rusqlite::Result<String> {
    let mut found = String::new();
    connection.pragma_query(None, name, |row| {
        found = match row.get_ref(0)? {
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            _ => String::new(),
        };
        Ok(())
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Role, open};
    use rusqlite::StatementStatus;

    #[test]
    fn statements_are_not_compiled_anew_for_each_value() {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = open(&folder.path().join("one.db"), Role::Writer).expect("opens");
        connection.execute_batch("CREATE TABLE numbers (id INTEGER PRIMARY KEY)").expect("runs");
        let mut statement =
            connection.prepare("SELECT id FROM numbers ORDER BY id LIMIT ?1").expect("compiles");
        for limit in [1, 2, 3] {
            assert!(!statement.exists([limit]).expect("runs"));
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }

    #[test]
    fn sqlite_is_built_as_the_workspace_says() {
        let connection = rusqlite::Connection::open_in_memory().expect("opens");
        let mut statement = connection.prepare("PRAGMA compile_options").expect("compiles");
        let options: Vec<String> =
            statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("runs");
        // HAVE_FDATASYNC comes by the same way; SQLite does not list it.
        assert!(options.iter().any(|option| option == "DEFAULT_MEMSTATUS=0"), "{options:?}");
    }
}
