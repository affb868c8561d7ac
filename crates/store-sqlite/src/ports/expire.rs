//! Ending what waited too long, is too much, or waits for a hook that is gone.

use crate::codec::delivery::{CANCELLED, EXPIRED_TOO_MANY, EXPIRED_TOO_OLD};
use crate::codec::int;
use crate::error::Outcome;
use crate::limits::CANCEL_ROWS;
use crate::writer::Group;
use rusqlite::{Connection, params};
use wigwag_base::{HookId, Timestamp};

/// What of a hook is to be ended.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) hook: HookId,
    pub(super) accepted_before: Timestamp,
    pub(super) count_max: u64,
    pub(super) limit: u32,
}

/// How many of the oldest are too old, and how many of the others are too many. Ids rise with time, so the search for
/// what is too old ends at the first that is young enough.
pub(super) fn excess(connection: &Connection, bounds: Bounds) -> Outcome<(i64, i64)> {
    let Bounds { hook, accepted_before, count_max, limit } = bounds;
    let mut statement = connection.prepare_cached(
        "SELECT e.accepted_at FROM waiting w CROSS JOIN events e ON e.id = w.event_id WHERE w.hook_id = ?1 \
         ORDER BY w.event_id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![hook.0, limit])?;
    let mut old = 0;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? >= accepted_before.as_millis() {
            break;
        }
        old += 1;
    }
    let mut statement = connection.prepare_cached("SELECT count(*) FROM waiting WHERE hook_id = ?1")?;
    let count: i64 = statement.query_row([hook.0], |row| row.get(0))?;
    let many = (count - old).saturating_sub(int(count_max)).clamp(0, i64::from(limit) - old);
    Ok((old, many))
}

/// First what is too old, then the oldest of what is too much.
pub(super) fn expire(group: &mut Group<'_>, bounds: Bounds) -> Outcome<u64> {
    let (old, many) = excess(group.connection, bounds)?;
    let ended =
        end(group, bounds.hook, EXPIRED_TOO_OLD, old)? + end(group, bounds.hook, EXPIRED_TOO_MANY, many)?;
    Ok(ended.unsigned_abs())
}

/// Cancels one slice of what waits for a deleted hook; whether some is left.
pub(super) fn cancel(group: &mut Group<'_>, hook: HookId) -> Outcome<bool> {
    let cancelled = end(group, hook, CANCELLED, CANCEL_ROWS)?;
    if cancelled == CANCEL_ROWS {
        return Ok(true);
    }
    group.sql("DELETE FROM cancellations WHERE hook_id = ?1")?.execute([hook.0])?;
    Ok(false)
}

/// Moves the oldest waiting rows of a hook to the ended ones; returns how many.
fn end(group: &Group<'_>, hook: HookId, state: i64, limit: i64) -> Outcome<i64> {
    if limit == 0 {
        return Ok(0);
    }
    let moved = group
        .sql(
            "INSERT OR REPLACE INTO ended (hook_id, event_id, project_id, state, attempts, ended_at, body) \
             SELECT hook_id, event_id, project_id, ?2, attempts, ?3, body FROM waiting \
             WHERE hook_id = ?1 ORDER BY event_id LIMIT ?4",
        )?
        .execute(params![hook.0, state, group.now_ms, limit])?;
    group
        .sql(
            "DELETE FROM waiting WHERE hook_id = ?1 AND event_id IN \
             (SELECT event_id FROM waiting WHERE hook_id = ?1 ORDER BY event_id LIMIT ?2)",
        )?
        .execute(params![hook.0, limit])?;
    Ok(moved as i64)
}
