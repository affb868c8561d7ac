//! The few facts that the store keeps of itself.

use crate::seal::{Place, Sealer};
use rusqlite::{Connection, OptionalExtension, params, types::FromSql};
use wigwag_base::NodeEpoch;

/// Sealed at creation and opened at every start: tells a wrong data key before anything else does.
const KEY_CHECK: &[u8] = b"wigwag";
const KEY_CHECK_PLACE: Place = Place { table: "meta", row: 0, column: "key_check" };

/// All events up to this id are settled.
pub(crate) const SETTLED_BELOW: &str = "settled_below";
/// The highest time seen.
pub(crate) const TIME_HIGH_WATER: &str = "time_high_water";
/// Written only to learn whether writing works again.
pub(crate) const PROBE: &str = "probe";

/// What a start learns.
pub(crate) struct Start {
    pub(crate) instance: [u8; 16],
    pub(crate) epoch: NodeEpoch,
}

/// Why a start is refused.
pub(crate) enum StartFault {
    WrongKey,
    Sql(rusqlite::Error),
    Other(String),
}

impl From<rusqlite::Error> for StartFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// Reads one fact.
pub(crate) fn get<T: FromSql>(connection: &Connection, name: &str) -> rusqlite::Result<Option<T>> {
    connection
        .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// Writes one fact that is a number.
pub(crate) fn set(connection: &Connection, name: &str, value: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2",
        )?
        .execute(params![name, value])?;
    Ok(())
}

/// The facts of a new store.
pub(crate) fn create(connection: &Connection, sealer: &Sealer) -> Result<(), StartFault> {
    let mut instance = [0_u8; 16];
    getrandom::fill(&mut instance)
        .map_err(|_| StartFault::Other("the system gives no random bytes".into()))?;
    let check = sealer.seal(KEY_CHECK_PLACE, KEY_CHECK);
    let check = check.map_err(|_| StartFault::Other("sealing failed".into()))?;
    connection.execute(
        "INSERT INTO meta (name, value) VALUES ('instance', ?1), ('key_check', ?2), ('epoch', 0)",
        params![instance, check],
    )?;
    Ok(set(connection, SETTLED_BELOW, 0)?)
}

/// Checks the key.
pub(crate) fn check_key(connection: &Connection, sealer: &Sealer) -> Result<(), StartFault> {
    let check: Vec<u8> = get(connection, "key_check")?.ok_or_else(missing)?;
    if !sealer.open(KEY_CHECK_PLACE, &check).is_ok_and(|plain| plain == KEY_CHECK) {
        return Err(StartFault::WrongKey);
    }
    Ok(())
}

/// Raises the epoch.
pub(crate) fn start(connection: &Connection) -> Result<Start, StartFault> {
    let instance = get(connection, "instance")?.ok_or_else(missing)?;
    let epoch: i64 = get(connection, "epoch")?.ok_or_else(missing)?;
    set(connection, "epoch", epoch + 1)?;
    Ok(Start { instance, epoch: NodeEpoch(epoch + 1) })
}

fn missing() -> StartFault {
    StartFault::Other("its meta table is not complete; restore a backup".into())
}
