//! The few facts that the store keeps of itself.

use crate::seal::{DataKey, Place, Sealer};
use rusqlite::{Connection, OptionalExtension, params, types::FromSql};
use wigwag_base::{NodeEpoch, Secret};

/// Sealed at creation and opened at every start: tells a wrong data key before anything else does.
const KEY_CHECK: &[u8] = b"wigwag";
const KEY_CHECK_PLACE: Place = Place { table: "meta", row: 0, column: "key_check" };
const ROOT_KEY_PLACE: Place = Place { table: "meta", row: 0, column: "root_key" };
/// What is sealed among the facts.
pub(crate) const SEALED: [Place; 2] = [KEY_CHECK_PLACE, ROOT_KEY_PLACE];

/// All events up to this id are settled.
pub(crate) const SETTLED_BELOW: &str = "settled_below";
/// The highest time seen.
pub(crate) const TIME_HIGH_WATER: &str = "time_high_water";
/// All changes of health up to this id were looked at by whoever tells of them.
pub(crate) const NOTICES_AFTER: &str = "notices_after";
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
    let mut root_key = [0_u8; 32];
    getrandom::fill(&mut root_key)
        .map_err(|_| StartFault::Other("the system gives no random bytes".into()))?;
    connection.execute(
        "INSERT INTO meta (name, value) VALUES ('instance', ?1), ('key_check', ?2), ('root_key', ?3), ('epoch', 0)",
        params![instance, seal(sealer, KEY_CHECK_PLACE, KEY_CHECK)?, seal(sealer, ROOT_KEY_PLACE, &root_key)?],
    )?;
    Ok(set(connection, SETTLED_BELOW, 0)?)
}

fn seal(sealer: &Sealer, place: Place, plain: &[u8]) -> Result<Vec<u8>, StartFault> {
    sealer.seal(place, plain).map_err(|_| StartFault::Other("sealing failed".into()))
}

/// Checks the key, and what seals under it.
pub(crate) fn check_key(connection: &Connection, key: &DataKey) -> Result<Sealer, StartFault> {
    let check: Vec<u8> = get(connection, "key_check")?.ok_or_else(missing)?;
    let version = check.first().copied().ok_or_else(missing)?;
    let sealer = Sealer::of_version(key, version);
    if !sealer.open(KEY_CHECK_PLACE, &check).is_ok_and(|plain| plain == KEY_CHECK) {
        return Err(StartFault::WrongKey);
    }
    Ok(sealer)
}

/// The key of token hashes and the like, which stays when the data key becomes another one. In stores that were made
/// before it had a row it is what the data key was.
pub(crate) fn root_key(
    connection: &Connection,
    sealer: &Sealer,
    data_key: &DataKey,
) -> Result<Secret<[u8; 32]>, StartFault> {
    let Some(sealed) = get::<Vec<u8>>(connection, "root_key")? else {
        let sealed = seal(sealer, ROOT_KEY_PLACE, data_key.bytes())?;
        connection.execute("INSERT INTO meta (name, value) VALUES ('root_key', ?1)", [sealed])?;
        return Ok(Secret::new(*data_key.bytes()));
    };
    let root = sealer.open(ROOT_KEY_PLACE, &sealed).ok().and_then(|plain| plain.try_into().ok());
    root.map(Secret::new).ok_or_else(missing)
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
