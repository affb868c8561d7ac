//! Letting deliveries that ended wait once more.

use crate::codec::attempt::{SUCCESS, kind_code};
use crate::codec::delivery::{PENDING, replayed};
use crate::error::{Outcome, odd};
use crate::limits::REPLAY_EVENTS;
use crate::writer::Group;
use rusqlite::{Connection, named_params, params};
use wigwag_base::{EventId, HookId};
use wigwag_hooks::AttemptKind;
use wigwag_ports::deliveries::{DeliveryKey, ReplayFilter, ReplayOf, Replayable};

/// Where to look: behind a key, and no further than an event.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) after: DeliveryKey,
    pub(super) upto: EventId,
}

impl Range {
    /// The next one.
    pub(super) const fn behind(event: EventId) -> Self {
        let after = DeliveryKey { event, hook: HookId(i64::MAX) };
        Self { after, upto: EventId(event.0.saturating_add(REPLAY_EVENTS)) }
    }
}

/// What was found in a range.
pub(super) enum Found {
    /// Keys, rising; none if there are none behind it either.
    Some(Vec<DeliveryKey>),
    /// None, and there are events behind this one.
    NoneUpto(EventId),
}

/// How far one read goes: a part of the events where they must be gone through one by one, all where an index leads.
pub(super) fn first_upto(filter: &ReplayFilter, after: DeliveryKey) -> EventId {
    match (&filter.of, replayed(filter.state)) {
        (ReplayOf::Hook(_), None) => Range::behind(after.event).upto,
        _ => EventId(i64::MAX),
    }
}

/// The keys of what could wait once more, rising.
pub(super) fn replayable(
    connection: &Connection,
    filter: &ReplayFilter,
    range: Range,
    limit: u32,
) -> Outcome<Found> {
    let keys = keys(connection, filter, range, limit)?;
    let last: i64 = connection
        .prepare_cached("SELECT ifnull(max(id), 0) FROM events")?
        .query_row([], |row| row.get(0))?;
    Ok(if keys.is_empty() && range.upto.0 < last { Found::NoneUpto(range.upto) } else { Found::Some(keys) })
}

fn keys(
    connection: &Connection,
    filter: &ReplayFilter,
    Range { after, upto }: Range,
    limit: u32,
) -> Outcome<Vec<DeliveryKey>> {
    let ReplayFilter { of, state, event_type, since, until } = filter;
    let (project, hooks) = match of {
        ReplayOf::Project(project, hooks) => (Some(project.0), hooks.iter().map(|hook| hook.0).collect()),
        ReplayOf::Hook(hook) => (None, vec![hook.0]),
    };
    let (hooks, states) = (json(&hooks, "hooks")?, json(replayed(*state).unwrap_or_default(), "states")?);
    let mut statement = connection.prepare_cached(&candidates(of, *state))?;
    let parameters = named_params! {
        ":project": project, ":event": after.event.0, ":hook": after.hook.0, ":states": states,
        ":hooks": hooks, ":type": event_type, ":since": since.map(|at| at.as_millis()),
        ":until": until.map(|at| at.as_millis()), ":upto": upto.0, ":limit": limit,
    };
    let rows = statement.query_map(parameters, |row| {
        Ok(DeliveryKey { event: EventId(row.get(0)?), hook: HookId(row.get(1)?) })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What it is asked with. A project's are found by its index; those of one hook that ended, by their key; those that arrived
/// have no row and are known by their attempts: of one hook they are looked for event by event, since the index of a hook's
/// attempts has another order.
pub(super) fn candidates(of: &ReplayOf, state: Replayable) -> String {
    let by_row = replayed(state).is_some();
    let is = if by_row {
        "r.state IN (SELECT value FROM json_each(:states))".to_owned()
    } else {
        let test = kind_code(AttemptKind::Test);
        let same = "o.hook_id = r.hook_id AND o.event_id = r.event_id";
        format!(
            "r.class = {SUCCESS} AND r.kind <> {test} AND r.event_id IS NOT NULL AND :states = '[]' \
             AND NOT EXISTS (SELECT 1 FROM waiting o WHERE {same}) \
             AND NOT EXISTS (SELECT 1 FROM ended o WHERE {same})"
        )
    };
    let one_hook = "r.hook_id = json_extract(:hooks, '$[0]') AND :project IS NULL \
                    AND (r.event_id > :event OR r.event_id = :event AND r.hook_id > :hook)";
    let (tables, whose, event) = match (of, by_row) {
        (ReplayOf::Project(..), _) => (
            if by_row {
                "ended r CROSS JOIN events e ON e.id = r.event_id"
            } else {
                "attempts r CROSS JOIN events e ON e.id = r.event_id"
            },
            "r.project_id = :project AND (r.event_id, r.hook_id) > (:event, :hook) \
             AND r.hook_id IN (SELECT value FROM json_each(:hooks))",
            "r.event_id",
        ),
        (ReplayOf::Hook(_), true) => {
            ("ended r CROSS JOIN events e ON e.id = r.event_id", one_hook, "r.event_id")
        }
        (ReplayOf::Hook(_), false) => (
            "events e CROSS JOIN attempts r ON r.project_id = e.project_id AND r.event_id = e.id",
            one_hook,
            "e.id",
        ),
    };
    format!(
        "SELECT DISTINCT {event}, r.hook_id FROM {tables} WHERE {whose} AND {event} BETWEEN :event AND :upto AND {is} \
         AND (:type IS NULL OR e.type = :type) AND (:since IS NULL OR e.accepted_at >= :since) \
         AND (:until IS NULL OR e.accepted_at < :until) \
         ORDER BY {event}, r.hook_id LIMIT :limit"
    )
}

fn json(numbers: &[i64], what: &'static str) -> Outcome<String> {
    serde_json::to_string(numbers).map_err(|_| odd(what).into())
}

/// Lets them wait, each with its own bytes: those of its row, or those of its last success.
pub(super) fn replay(group: &Group<'_>, deliveries: &[DeliveryKey]) -> Outcome<u64> {
    let mut count = 0;
    for DeliveryKey { event, hook } in deliveries {
        let ended = group
            .sql(
                "INSERT INTO waiting (hook_id, event_id, project_id, state, due, attempts, body) \
                 SELECT hook_id, event_id, project_id, ?3, 0, 0, body FROM ended \
                 WHERE hook_id = ?1 AND event_id = ?2 AND EXISTS (SELECT 1 FROM hooks WHERE id = ?1) \
                 AND EXISTS (SELECT 1 FROM events WHERE id = ?2) ON CONFLICT DO NOTHING",
            )?
            .execute(params![hook.0, event.0, PENDING])?;
        if ended > 0 {
            group
                .sql("DELETE FROM ended WHERE hook_id = ?1 AND event_id = ?2")?
                .execute([hook.0, event.0])?;
            count += 1;
            continue;
        }
        let delivered = group
            .sql(
                "INSERT INTO waiting (hook_id, event_id, project_id, state, due, attempts, body) \
                 SELECT a.hook_id, e.id, e.project_id, ?3, 0, 0, a.request_body \
                 FROM events e CROSS JOIN attempts a ON a.project_id = e.project_id AND a.event_id = e.id \
                 WHERE e.id = ?2 AND a.hook_id = ?1 AND a.class = ?4 AND a.kind <> ?5 \
                 AND EXISTS (SELECT 1 FROM hooks WHERE id = ?1) \
                 AND NOT EXISTS (SELECT 1 FROM ended WHERE hook_id = ?1 AND event_id = ?2) \
                 ORDER BY a.id DESC LIMIT 1 ON CONFLICT DO NOTHING",
            )?
            .execute(params![hook.0, event.0, PENDING, SUCCESS, kind_code(AttemptKind::Test)])?;
        count += delivered as u64;
    }
    Ok(count)
}
