//! What waits, and what a restart must take up again.

use super::deliveries::event;
use crate::codec::attempt::SUCCESS;
use crate::codec::delivery::delivery;
use crate::codec::int;
use crate::error::Outcome;
use crate::limits::UNSETTLED_BYTES_MAX;
use rusqlite::{Connection, Row, params};
use wigwag_base::{EventId, HookId, Timestamp};
use wigwag_hooks::{Delivery, Event};
use wigwag_ports::deliveries::{BACKLOG_PAGE_BYTES_MAX, Backlog, Unsettled, WaitingQuery};

/// The oldest of a hook's rows where all of them are due. The plus keeps SQLite from the index of due times, whose rows it
/// would have to sort, all of them for each page.
pub(super) const ALL_DUE: &str =
    "SELECT event_id FROM waiting WHERE hook_id = ?1 AND +due <= ?2 ORDER BY event_id LIMIT ?3";

/// What could be sent, oldest event first, and when the next of the others falls due.
pub(super) fn waiting(connection: &Connection, query: &WaitingQuery) -> Outcome<Backlog> {
    let (hook, at) = (query.hook.0, query.at.as_millis());
    let mut statement =
        connection.prepare_cached("SELECT min(due) FROM waiting WHERE hook_id = ?1 AND due > ?2")?;
    let next_due: Option<i64> = statement.query_row([hook, at], |row| row.get(0))?;
    // Where everything may be sent, the table's own order is the answer; else what could be sent at once and what has
    // fallen due are two ranges of one index, so that the many that are not due yet cost nothing.
    let ready = match next_due {
        None => ALL_DUE,
        Some(_) => {
            "SELECT event_id FROM (SELECT event_id FROM waiting INDEXED BY waiting_due \
                 WHERE hook_id = ?1 AND due = 0 ORDER BY event_id LIMIT ?3) \
             UNION ALL \
             SELECT event_id FROM (SELECT event_id FROM waiting INDEXED BY waiting_due \
                 WHERE hook_id = ?1 AND due > 0 AND due <= ?2 ORDER BY event_id LIMIT ?3)"
        }
    };
    let limit = query.limit as usize;
    // One more tells whether there are more.
    let looked_at = int((limit + query.except.len() + 1) as u64);
    let mut statement = connection.prepare_cached(ready)?;
    let found = statement.query_map(params![hook, at, looked_at], |row| row.get(0).map(EventId))?;
    let mut found: Vec<EventId> = found.collect::<Result<_, _>>()?;
    found.retain(|event| !query.except.contains(event));
    found.sort_unstable();
    let (mut rows, mut bytes) = (Vec::new(), 0);
    let mut statement = connection.prepare_cached(
        "SELECT w.hook_id, w.event_id, w.project_id, w.state, w.due, w.attempts, coalesce(w.body, e.payload) AS body, \
             e.type, e.chain, e.accepted_at \
         FROM waiting w CROSS JOIN events e ON e.id = w.event_id WHERE w.hook_id = ?1 AND w.event_id = ?2",
    )?;
    let mut found = found.into_iter();
    while rows.len() < limit
        && bytes < BACKLOG_PAGE_BYTES_MAX
        && let Some(event) = found.next()
    {
        let whole =
            |row: &Row<'_>| Ok(Delivery { body: row.get::<_, Vec<u8>>("body")?.into(), ..delivery(row)? });
        let row = statement.query_row([hook, event.0], whole)?;
        bytes += row.body.len();
        rows.push(row);
    }
    let more = found.next().is_some();
    Ok(Backlog { rows, more, next_due: next_due.map(Timestamp::from_millis) })
}

/// What waits the longest. None of the columns lies behind a body, so no page of one is read.
pub(super) fn oldest_waiting(connection: &Connection, hook: HookId, limit: u32) -> Outcome<Vec<Delivery>> {
    let mut statement = connection.prepare_cached(OLDEST)?;
    let rows = statement.query_map(params![hook.0, limit], delivery)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) const OLDEST: &str = "SELECT w.hook_id, w.event_id, w.project_id, w.state, w.due, w.attempts, e.type, e.chain, \
    e.accepted_at FROM waiting w CROSS JOIN events e ON e.id = w.event_id \
    WHERE w.hook_id = ?1 ORDER BY w.event_id LIMIT ?2";

/// The events of these ids, each with the hooks that need nothing more for it; of large events the first few.
pub(super) fn unsettled_of(connection: &Connection, ids: &[i64]) -> Outcome<Vec<Unsettled>> {
    let mut unsettled = Vec::with_capacity(ids.len());
    let mut bytes = 0;
    for id in ids {
        if bytes > UNSETTLED_BYTES_MAX {
            break;
        }
        if let Some(event) = event(connection, EventId(*id))? {
            let done = done(connection, &event)?;
            bytes += event.payload.len();
            unsettled.push(Unsettled { event, done });
        }
    }
    Ok(unsettled)
}

fn done(connection: &Connection, event: &Event) -> Outcome<Vec<HookId>> {
    let mut statement = connection.prepare_cached(
        "SELECT hook_id FROM attempts WHERE project_id = ?1 AND event_id = ?2 AND class = ?3 \
         UNION SELECT hook_id FROM waiting WHERE project_id = ?1 AND event_id = ?2 \
         UNION SELECT hook_id FROM ended WHERE project_id = ?1 AND event_id = ?2",
    )?;
    let rows = statement.query_map([event.project.0, event.id.0, SUCCESS], |row| row.get(0).map(HookId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
