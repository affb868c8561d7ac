//! Bringing the tables of an older version up to ours: one step a version, each in a transaction of its own, forward
//! only.

use rusqlite::Connection;

/// The version of the tables that this program knows.
pub(crate) const SCHEMA_VERSION: i32 = 4;

/// The steps: what leads to a version from the one before.
const STEPS: [(i32, &str); 3] = [
    (2, include_str!("migrations/to_2.sql")),
    (3, include_str!("migrations/to_3.sql")),
    (4, include_str!("migrations/to_4.sql")),
];

/// The oldest version that can be brought up to ours.
pub(crate) const OLDEST: i32 = 1;

/// Takes every step above `found`. A crash leaves the file at the version before or behind a step, never between.
pub(crate) fn up(connection: &mut Connection, found: i32) -> rusqlite::Result<()> {
    for (version, sql) in STEPS.into_iter().filter(|(version, _)| *version > found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}
