//! Another data key: every secret is sealed anew under it, all in one transaction, while nobody else has the store.
//!
//! ```text
//! (all under the old key) --- one transaction ---> (all under the new key)
//!         |                                                 |
//!      a crash: begin again                       a crash: nothing is left to do
//! ```

use crate::codec::hook;
use crate::connection::{self, Role};
use crate::error::Fault;
use crate::limits::ROTATED_AT_ONCE;
use crate::meta;
use crate::migrate;
use crate::open::{self, OpenError};
use crate::seal::{DataKey, Place, Sealer};
use crate::store::SqliteStore;
use rusqlite::{Connection, params};
use std::path::Path;
use wigwag_ports::StoreError;

impl SqliteStore {
    /// Seals what is secret in the store at `path` under `new` instead of `old`, and how many values that were: none if
    /// it was done before. Where those values lay is overwritten in the file; what was deleted earlier may lie there still.
    ///
    /// # Errors
    /// [`OpenError`]; then everything is under `old` still.
    pub fn rotate_key(path: &Path, old: &DataKey, new: &DataKey) -> Result<u64, OpenError> {
        if !path.exists() {
            return Err(OpenError::Other { path: path.to_owned(), reason: "there is no such file".into() });
        }
        let _lock = open::lock(path)?;
        let mut connection = connection::open(path, Role::Writer)?;
        let sql = |error: rusqlite::Error| OpenError::from_sql(path, &error);
        let Some(found) = open::version(&connection, path)? else {
            return Err(OpenError::NotAStore { path: path.to_owned() });
        };
        connection::harden(&connection, path, Role::Writer)?;
        if meta::check_key(&connection, new).is_ok() {
            connection.pragma_update(None, "wal_checkpoint", "TRUNCATE").map_err(sql)?;
            return Ok(0);
        }
        let from = meta::check_key(&connection, old).map_err(|fault| open::refused(path, fault))?;
        migrate::up(&mut connection, found).map_err(sql)?;
        meta::root_key(&connection, &from, old).map_err(|fault| open::refused(path, fault))?;
        connection.pragma_update(None, "secure_delete", true).map_err(sql)?;
        let to = Sealer::of_version(new, from.next_version());
        let count = seal_anew(&mut connection, &from, &to).map_err(|fault| match fault {
            Fault::Sql(error) => sql(error),
            Fault::Store(error) => OpenError::Other { path: path.to_owned(), reason: error.to_string() },
        })?;
        // The log holds pages of both; it goes.
        connection.pragma_update(None, "wal_checkpoint", "TRUNCATE").map_err(sql)?;
        Ok(count)
    }
}

fn seal_anew(connection: &mut Connection, from: &Sealer, to: &Sealer) -> Result<u64, Fault> {
    let transaction = connection.transaction()?;
    let mut count = 0;
    for place in meta::SEALED {
        let sealed: Vec<u8> = meta::get(&transaction, place.column)?
            .ok_or_else(|| StoreError::Fatal(format!("{} is missing", place.column)))?;
        let sealed = to.seal(place, &from.open(place, &sealed)?)?;
        transaction.execute("UPDATE meta SET value = ?2 WHERE name = ?1", params![place.column, sealed])?;
        count += 1;
    }
    for column in hook::SEALED {
        count += column_anew(&transaction, from, to, column)?;
    }
    transaction.commit()?;
    Ok(count)
}

/// One column of hooks, in slices.
fn column_anew(
    connection: &Connection,
    from: &Sealer,
    to: &Sealer,
    column: &'static str,
) -> Result<u64, Fault> {
    let mut after = 0_i64;
    let mut count = 0;
    loop {
        let mut statement = connection.prepare_cached(&format!(
            "SELECT id, {column} FROM hooks WHERE id > ?1 AND {column} IS NOT NULL ORDER BY id LIMIT ?2"
        ))?;
        let rows: Vec<(i64, Vec<u8>)> = statement
            .query_map(params![after, ROTATED_AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let Some((last, _)) = rows.last() else { return Ok(count) };
        after = *last;
        let mut update =
            connection.prepare_cached(&format!("UPDATE hooks SET {column} = ?2 WHERE id = ?1"))?;
        for (row, sealed) in rows {
            let place = Place { table: "hooks", row, column };
            update.execute(params![row, to.seal(place, &from.open(place, &sealed)?)?])?;
            count += 1;
        }
    }
}
