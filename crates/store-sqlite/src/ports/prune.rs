//! Retention, in slices short enough that no group behind them is late.

use super::expire::cancel;
use crate::error::Outcome;
use crate::limits::{IDEMPOTENCY_WINDOW, PRUNE_ROWS, PRUNE_SLICE};
use crate::writer::{Group, Shared};
use rusqlite::{OptionalExtension, params};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;
use wigwag_base::{HookId, Timestamp};

/// Deletes until the slice is over or nothing old is left; returns how many rows went. `cursor` remembers how far the
/// events were searched, so that those which must stay are not looked at again and again.
pub(super) fn prune(
    group: &mut Group<'_>,
    shared: &Shared,
    cursor: &AtomicI64,
    before: Timestamp,
) -> Outcome<u64> {
    let begun = Instant::now();
    let mut gone = 0;
    for step in [cancelled, attempts, ended, keys, transitions, notices, figures, credentials, given_up] {
        loop {
            let rows = step(group, before)?;
            gone += rows;
            // Zero says that nothing old is left, so a slow machine does not say it before every table was looked at.
            if gone > 0 && begun.elapsed() >= PRUNE_SLICE {
                return Ok(gone);
            }
            if rows == 0 {
                break;
            }
        }
    }
    while begun.elapsed() < PRUNE_SLICE {
        let (rows, more) = events(group, shared, cursor, before)?;
        gone += rows;
        if !more {
            break;
        }
    }
    Ok(gone)
}

/// Goes on with a deleted hook that had too much waiting to cancel it at once, or whose cancelling was cut off.
fn cancelled(group: &mut Group<'_>, _before: Timestamp) -> Outcome<u64> {
    let hook = group
        .sql("SELECT hook_id FROM cancellations LIMIT 1")?
        .query_row([], |row| row.get(0).map(HookId))
        .optional()?;
    hook.map_or(Ok(0), |hook| cancel(group, hook).map(u64::from))
}

/// Changes of health are written in the order of time too. Those of which somebody is still to be told stay.
fn transitions(group: &mut Group<'_>, before: Timestamp) -> Outcome<u64> {
    delete(
        group,
        "DELETE FROM transitions WHERE at < ?1 AND id IN (SELECT id FROM transitions ORDER BY id LIMIT ?2) \
         AND id <= coalesce((SELECT value FROM meta WHERE name = 'notices_after'), 0) \
         AND NOT EXISTS (SELECT 1 FROM notices WHERE transition_id = transitions.id AND state = 0)",
        before,
    )
}

fn notices(group: &mut Group<'_>, before: Timestamp) -> Outcome<u64> {
    delete(
        group,
        "DELETE FROM notices WHERE (transition_id, channel, user_id) IN (SELECT transition_id, channel, user_id \
         FROM notices WHERE state <> 0 AND at < ?1 ORDER BY at LIMIT ?2)",
        before,
    )
}

/// Attempts are written in the order of time, but for seconds: the search ends at the first slice with none to delete.
fn attempts(group: &mut Group<'_>, before: Timestamp) -> Outcome<u64> {
    delete(
        group,
        "DELETE FROM attempts WHERE started_at < ?1 AND id IN (SELECT id FROM attempts ORDER BY id LIMIT ?2)",
        before,
    )
}

fn ended(group: &mut Group<'_>, before: Timestamp) -> Outcome<u64> {
    delete(
        group,
        "DELETE FROM ended WHERE (hook_id, event_id) IN \
         (SELECT hook_id, event_id FROM ended WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)",
        before,
    )
}

/// Keys hold for their window, however short retention is.
fn keys(group: &mut Group<'_>, before: Timestamp) -> Outcome<u64> {
    let before = before.min(Timestamp::from_millis(group.now_ms) - IDEMPOTENCY_WINDOW);
    delete(
        group,
        "DELETE FROM idempotency WHERE (project_id, key) IN \
         (SELECT project_id, key FROM idempotency WHERE at < ?1 ORDER BY at LIMIT ?2)",
        before,
    )
}

fn figures(group: &mut Group<'_>, before: Timestamp) -> Outcome<u64> {
    delete(
        group,
        "DELETE FROM figures WHERE at IN (SELECT at FROM figures WHERE at < ?1 ORDER BY at LIMIT ?2)",
        before,
    )
}

fn credentials(group: &mut Group<'_>, before: Timestamp) -> Outcome<u64> {
    let sessions =
        "DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE expires_at < ?1 LIMIT ?2)";
    let links =
        "DELETE FROM login_links WHERE hash IN (SELECT hash FROM login_links WHERE expires_at < ?1 LIMIT ?2)";
    let used = "DELETE FROM used_once WHERE id IN (SELECT id FROM used_once WHERE expires_at < ?1 LIMIT ?2)";
    let codes = "DELETE FROM chat_link_codes WHERE hash IN \
                 (SELECT hash FROM chat_link_codes WHERE expires_at < ?1 LIMIT ?2)";
    [sessions, links, used, codes].into_iter().map(|sql| delete(group, sql, before)).sum()
}

fn given_up(group: &mut Group<'_>, before: Timestamp) -> Outcome<u64> {
    delete(
        group,
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE due_at IS NULL AND at < ?1 ORDER BY at LIMIT ?2)",
        before,
    )
}

fn delete(group: &mut Group<'_>, sql: &'static str, before: Timestamp) -> Outcome<u64> {
    Ok(group.sql(sql)?.execute(params![before.as_millis(), PRUNE_ROWS])? as u64)
}

/// Deletes the events of one slice that nothing refers to any more; whether there may be more. Ids rise with time, so
/// the search ends at the first young one.
fn events(
    group: &mut Group<'_>,
    shared: &Shared,
    cursor: &AtomicI64,
    before: Timestamp,
) -> Outcome<(u64, bool)> {
    let mut statement = group.sql(
        "SELECT id, accepted_at, EXISTS (SELECT 1 FROM waiting o WHERE o.project_id = e.project_id AND o.event_id = e.id) \
         OR EXISTS (SELECT 1 FROM ended o WHERE o.project_id = e.project_id AND o.event_id = e.id) \
         OR EXISTS (SELECT 1 FROM attempts o WHERE o.project_id = e.project_id AND o.event_id = e.id) \
         FROM events e WHERE id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let mut rows = statement.query([cursor.load(Ordering::Relaxed), PRUNE_ROWS])?;
    let (mut over, mut last) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        let (id, accepted_at, kept): (i64, i64, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if accepted_at >= before.as_millis() {
            last = None;
            break;
        }
        if !kept && !shared.settled.lock().is_unsettled(id) {
            over.push(id);
        }
        last = Some(id);
    }
    drop(rows);
    for id in &over {
        group.sql("DELETE FROM events WHERE id = ?1")?.execute([id])?;
    }
    // Past the last old one the next search begins at the first again.
    cursor.store(last.unwrap_or(0), Ordering::Relaxed);
    Ok((over.len() as u64, last.is_some()))
}
