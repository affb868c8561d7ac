//! Hooks by their health, wherever they hang: what fails is found by its own index, what a user may administer by the
//! groups that the user's memberships reach. What every hook does is asked place by place, never by going through all
//! hooks of the server for one user.

use super::hooks::COLUMNS;
use super::listing::{Listing, Value};
use crate::error::Outcome;
use rusqlite::Connection;
use wigwag_base::HookId;
use wigwag_ports::hooks::{HealthClass, HealthFilter, LevelReach, Reach};

/// Where a hook hangs.
const PLACE: &str = "coalesce(CASE hooks.scope WHEN 0 THEN (SELECT full_path FROM projects WHERE id = hooks.scope_id) \
    WHEN 1 THEN (SELECT full_path FROM groups WHERE id = hooks.scope_id) END, '') AS place";

/// What fails, by the index that holds nothing else.
const FAILING: &str = "hook_health h INDEXED BY hook_health_failing CROSS JOIN hooks ON hooks.id = h.hook_id \
    WHERE h.state >= 2 AND hooks.enabled = 1";

/// Likewise what is unhealthy.
const UNHEALTHY: &str = "hook_health h INDEXED BY hook_health_unhealthy CROSS JOIN hooks ON hooks.id = h.hook_id \
    WHERE h.state = 1 AND hooks.enabled = 1";

/// Every hook.
const EVERY: &str = "hooks CROSS JOIN hook_health h ON h.hook_id = hooks.id WHERE true";

/// The hooks of every place that one may administer. Parameters: user, level, user, user, level, user, level.
const OF_MEMBER: &str = "(\
    SELECT 0 AS kind, id FROM projects WHERE group_id IN (WITH RECURSIVE down (id) AS (\
        SELECT source_id FROM members WHERE user_id = ? AND source_kind = 1 AND level >= ? \
        UNION SELECT g.id FROM groups g JOIN down ON g.parent_id = down.id) SELECT id FROM down) \
    UNION SELECT 0, id FROM projects WHERE user_id = ? \
    UNION SELECT 0, source_id FROM members WHERE user_id = ? AND source_kind = 0 AND level >= ? \
    UNION SELECT 1, id FROM (WITH RECURSIVE down (id) AS (\
        SELECT source_id FROM members WHERE user_id = ? AND source_kind = 1 AND level >= ? \
        UNION SELECT g.id FROM groups g JOIN down ON g.parent_id = down.id) SELECT id FROM down)\
    ) places CROSS JOIN hooks ON hooks.scope = places.kind AND hooks.scope_id = places.id \
    CROSS JOIN hook_health h ON h.hook_id = hooks.id WHERE true";

/// The hooks of a group and of what lies below it. Parameters: group, group.
const OF_GROUP: &str = "(\
    SELECT 0 AS kind, id FROM projects WHERE group_id IN (WITH RECURSIVE down (id) AS (\
        SELECT ? UNION SELECT g.id FROM groups g JOIN down ON g.parent_id = down.id) SELECT id FROM down) \
    UNION SELECT 1, id FROM (WITH RECURSIVE down (id) AS (\
        SELECT ? UNION SELECT g.id FROM groups g JOIN down ON g.parent_id = down.id) SELECT id FROM down)\
    ) places CROSS JOIN hooks ON hooks.scope = places.kind AND hooks.scope_id = places.id \
    CROSS JOIN hook_health h ON h.hook_id = hooks.id WHERE true";

/// Whether a hook is one of [`OF_MEMBER`]'s. Parameters: user, user, level, user, level, user, level.
const IS_OF_MEMBER: &str = "((hooks.scope = 0 AND EXISTS (SELECT 1 FROM projects p WHERE p.id = hooks.scope_id AND (\
        p.user_id = ? \
        OR EXISTS (SELECT 1 FROM members m WHERE m.source_kind = 0 AND m.source_id = p.id AND m.user_id = ? AND m.level >= ?) \
        OR p.group_id IN (WITH RECURSIVE down (id) AS (\
            SELECT source_id FROM members WHERE user_id = ? AND source_kind = 1 AND level >= ? \
            UNION SELECT g.id FROM groups g JOIN down ON g.parent_id = down.id) SELECT id FROM down)))) \
    OR (hooks.scope = 1 AND hooks.scope_id IN (WITH RECURSIVE down (id) AS (\
        SELECT source_id FROM members WHERE user_id = ? AND source_kind = 1 AND level >= ? \
        UNION SELECT g.id FROM groups g JOIN down ON g.parent_id = down.id) SELECT id FROM down)))";

/// Whether a hook is one of [`OF_GROUP`]'s. Parameters: group, group.
const IS_OF_GROUP: &str = "((hooks.scope = 0 AND EXISTS (SELECT 1 FROM projects p WHERE p.id = hooks.scope_id \
        AND p.group_id IN (WITH RECURSIVE down (id) AS (\
            SELECT ? UNION SELECT g.id FROM groups g JOIN down ON g.parent_id = down.id) SELECT id FROM down))) \
    OR (hooks.scope = 1 AND hooks.scope_id IN (WITH RECURSIVE down (id) AS (\
        SELECT ? UNION SELECT g.id FROM groups g JOIN down ON g.parent_id = down.id) SELECT id FROM down)))";

/// The hooks of a filter, with where each hangs. How many of their deliveries wait is not asked here: it would be counted
/// for every hook before the page is cut.
pub(super) fn listing(filter: &HealthFilter) -> Listing {
    let HealthFilter { reach, class } = filter;
    let select = |from: &str, order| Listing::new(&format!("SELECT {COLUMNS}, {PLACE} FROM {from}"), order);
    match class {
        HealthClass::Failing => within(select(FAILING, "h.since, hooks.id"), reach),
        HealthClass::Unhealthy => within(select(UNHEALTHY, "h.since, hooks.id"), reach),
        HealthClass::Any => match (reach.below, reach.of) {
            (None, None) => select(EVERY, "hooks.id"),
            // The group's places first: whoever asks for one group wants no other's.
            (Some(below), of) => {
                let places = select(OF_GROUP, "hooks.id").beginning_with([below.0.into(), below.0.into()]);
                within(places, &Reach { of, below: None })
            }
            (None, Some(LevelReach { user, project_level_min, group_level_min })) => {
                let user = || Value::from(user.0);
                let of_project = || Value::from(project_level_min.number());
                let of_group = Value::from(group_level_min.number());
                select(OF_MEMBER, "hooks.id").beginning_with([
                    user(),
                    of_project(),
                    user(),
                    user(),
                    of_project(),
                    user(),
                    of_group,
                ])
            }
        },
    }
}

/// The ids of what fails.
pub(super) fn failing_within(connection: &Connection, reach: &Reach) -> Outcome<Vec<HookId>> {
    let listing = Listing::new(&format!("SELECT hooks.id FROM {FAILING}"), "hooks.id");
    within(listing, reach).all(connection, |row| Ok(HookId(row.get(0)?)))
}

fn within(mut listing: Listing, reach: &Reach) -> Listing {
    if let Some(LevelReach { user, project_level_min, group_level_min }) = reach.of {
        let user = || Value::from(user.0);
        let of_project = || Value::from(project_level_min.number());
        let of_group = Value::from(group_level_min.number());
        listing.narrow(IS_OF_MEMBER, [user(), user(), of_project(), user(), of_project(), user(), of_group]);
    }
    if let Some(below) = reach.below {
        listing.narrow(IS_OF_GROUP, [below.0.into(), below.0.into()]);
    }
    listing
}
