//! Letting deliveries that ended wait once more.

use crate::codec::attempt::{SUCCESS, kind_code};
use crate::codec::delivery::{PENDING, replayed};
use crate::error::{Outcome, odd};
use crate::writer::Group;
use rusqlite::{Connection, named_params, params};
use wigwag_base::{EventId, HookId};
use wigwag_hooks::AttemptKind;
use wigwag_ports::deliveries::{DeliveryKey, ReplayFilter};

/// The keys of what could wait once more, rising.
pub(super) fn replayable(
    connection: &Connection,
    filter: &ReplayFilter,
    after: DeliveryKey,
    limit: u32,
) -> Outcome<Vec<DeliveryKey>> {
    let ReplayFilter { project, hooks, state, event_type, since, until } = filter;
    let hooks: Vec<i64> = hooks.iter().map(|hook| hook.0).collect();
    let hooks = serde_json::to_string(&hooks).map_err(|_| odd("hooks"))?;
    // What arrived has no row; it is known by its attempts.
    let ended = replayed(*state);
    let (table, is) = match ended {
        None => (
            "attempts",
            format!(
                "r.class = {SUCCESS} AND r.kind <> {} AND r.event_id IS NOT NULL AND :states = '[]'",
                kind_code(AttemptKind::Test)
            ),
        ),
        Some(_) => ("ended", "r.state IN (SELECT value FROM json_each(:states))".to_owned()),
    };
    let states = serde_json::to_string(ended.unwrap_or_default()).map_err(|_| odd("states"))?;
    let same = "o.hook_id = r.hook_id AND o.event_id = r.event_id";
    let rowless = match ended {
        None => format!(
            " AND NOT EXISTS (SELECT 1 FROM waiting o WHERE {same}) AND NOT EXISTS (SELECT 1 FROM ended o WHERE {same})"
        ),
        Some(_) => String::new(),
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT DISTINCT r.event_id, r.hook_id FROM {table} r CROSS JOIN events e ON e.id = r.event_id \
         WHERE r.project_id = :project AND (r.event_id, r.hook_id) > (:event, :hook) AND {is}{rowless} \
         AND r.hook_id IN (SELECT value FROM json_each(:hooks)) \
         AND (:type IS NULL OR e.type = :type) AND (:since IS NULL OR e.accepted_at >= :since) \
         AND (:until IS NULL OR e.accepted_at < :until) \
         ORDER BY r.event_id, r.hook_id LIMIT :limit"
    ))?;
    let parameters = named_params! {
        ":project": project.0, ":event": after.event.0, ":hook": after.hook.0, ":states": states,
        ":hooks": hooks, ":type": event_type, ":since": since.map(|at| at.as_millis()),
        ":until": until.map(|at| at.as_millis()), ":limit": limit,
    };
    let rows = statement.query_map(parameters, |row| {
        Ok(DeliveryKey { event: EventId(row.get(0)?), hook: HookId(row.get(1)?) })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
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
