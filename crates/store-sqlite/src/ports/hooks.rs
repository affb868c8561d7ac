//! Hooks as their owners set them.

use super::expire::cancel;
use super::flags::append_audit;
use super::hooks_health;
use super::listing::Listing;
use super::record::{Moved, change_health};
use crate::codec::hook::{hook, owner_columns, scope_columns};
use crate::codec::{count, health};
use crate::error::Outcome;
use crate::limits::CANCEL_SLICES_AT_ONCE;
use crate::seal::Sealer;
use crate::store::SqliteStore;
use crate::writer::Group;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use wigwag_base::{HookId, Page, PageOf, ProjectId};
use wigwag_hooks::{Hook, HookScope};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::HealthChange;
use wigwag_ports::flags::AuditEntry;
use wigwag_ports::hooks::{FailingHook, HealthFilter, Hooks, PlacedHook, Reach};

/// A hook with its health.
pub(super) const COLUMNS: &str =
    "hooks.*, h.state, h.until, h.reason, h.failures, h.since, h.failed_at, h.failure, h.version";
const JOINED: &str = "hooks JOIN hook_health h ON h.hook_id = hooks.id";

#[async_trait]
impl Hooks for SqliteStore {
    async fn create_hook(
        &self,
        hook: Hook,
        count_max: u64,
        audit: Option<AuditEntry>,
    ) -> Result<Hook, StoreError> {
        let sealer = self.sealer.clone();
        self.change(move |group| {
            let made = create(group, &sealer, &hook, count_max)?;
            append_audit(group, audit.as_slice())?;
            Ok(made)
        })
        .await
    }

    async fn hook(&self, id: HookId) -> Result<Option<Hook>, StoreError> {
        let sealer = self.sealer.clone();
        self.read(move |connection| one(connection, &sealer, id)).await
    }

    async fn hooks_of(&self, scope: HookScope, page: Page) -> Result<PageOf<Hook>, StoreError> {
        let sealer = self.sealer.clone();
        let (kind, id) = scope_columns(scope);
        self.read(move |connection| {
            let mut listing = Listing::new(&format!("SELECT {COLUMNS} FROM {JOINED} WHERE true"), "hooks.id");
            listing.narrow("scope = ? AND scope_id = ?", [kind.into(), id.into()]);
            listing.page(connection, page, |row| hook(&sealer, row))
        })
        .await
    }

    async fn hooks_for(&self, project: ProjectId) -> Result<Vec<Hook>, StoreError> {
        let sealer = self.sealer.clone();
        self.read(move |connection| hooks_for(connection, &sealer, project)).await
    }

    async fn failing_hooks(&self) -> Result<Vec<FailingHook>, StoreError> {
        let sealer = self.sealer.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS}, (SELECT count(*) FROM waiting WHERE hook_id = hooks.id) AS waiting \
                 FROM hook_health h INDEXED BY hook_health_failing CROSS JOIN hooks ON hooks.id = h.hook_id \
                 WHERE h.state >= 2 ORDER BY h.hook_id"
            ))?;
            let mut rows = statement.query([])?;
            let mut failing = Vec::new();
            while let Some(row) = rows.next()? {
                failing.push(FailingHook { hook: hook(&sealer, row)?, waiting: count(row, "waiting")? });
            }
            Ok(failing)
        })
        .await
    }

    async fn hooks_by_health(
        &self,
        filter: HealthFilter,
        page: Page,
    ) -> Result<PageOf<PlacedHook>, StoreError> {
        let sealer = self.sealer.clone();
        self.read(move |connection| {
            hooks_health::listing(&filter).page(connection, page, |row| {
                Ok(PlacedHook { hook: hook(&sealer, row)?, place: row.get("place")? })
            })
        })
        .await
    }

    async fn failing_within(&self, reach: Reach) -> Result<Vec<HookId>, StoreError> {
        self.read(move |connection| hooks_health::failing_within(connection, &reach)).await
    }

    async fn update_hook(
        &self,
        hook: Hook,
        health: Option<HealthChange>,
        audit: Option<AuditEntry>,
    ) -> Result<Hook, StoreError> {
        let sealer = self.sealer.clone();
        self.change(move |group| {
            let now = update(group, &sealer, &hook, health.as_ref())?;
            append_audit(group, audit.as_slice())?;
            Ok(now)
        })
        .await
    }

    async fn delete_hook(&self, id: HookId) -> Result<(), StoreError> {
        self.change(move |group| {
            if group.sql("DELETE FROM hooks WHERE id = ?1")?.execute([id.0])? == 0 {
                return Err(StoreError::NotFound("hook").into());
            }
            group.sql("INSERT OR IGNORE INTO cancellations (hook_id) VALUES (?1)")?.execute([id.0])?;
            Ok(())
        })
        .await?;
        // The hook is gone, whatever becomes of its rows: who asked must hear so at once. In slices, since a million rows
        // would hold everybody up; what is left, or cut off by a full disk or a crash, retention finishes.
        for _ in 0..CANCEL_SLICES_AT_ONCE {
            if !matches!(self.change(move |group| cancel(group, id)).await, Ok(true)) {
                break;
            }
        }
        Ok(())
    }
}

fn one(connection: &Connection, sealer: &Sealer, id: HookId) -> Outcome<Option<Hook>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM {JOINED} WHERE hooks.id = ?1"))?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(|row| hook(sealer, row)).transpose()
}

fn hooks_for(connection: &Connection, sealer: &Sealer, project: ProjectId) -> Outcome<Vec<Hook>> {
    let exists = connection
        .prepare_cached("SELECT 1 FROM projects WHERE id = ?1")?
        .query_row([project.0], |_| Ok(()))
        .optional()?;
    exists.ok_or(StoreError::NotFound("project"))?;
    let mut statement = connection.prepare_cached(&format!(
        "WITH RECURSIVE up (id) AS (SELECT group_id FROM projects WHERE id = ?1 AND group_id IS NOT NULL \
         UNION SELECT parent_id FROM groups JOIN up USING (id) WHERE parent_id IS NOT NULL) \
         SELECT {COLUMNS} FROM {JOINED} WHERE (scope = 0 AND scope_id = ?1) OR (scope = 1 AND scope_id IN (SELECT id FROM up)) \
         OR (scope = 2 AND scope_id = 0) ORDER BY hooks.id"
    ))?;
    let mut rows = statement.query([project.0])?;
    let mut hooks = Vec::new();
    while let Some(row) = rows.next()? {
        hooks.push(hook(sealer, row)?);
    }
    Ok(hooks)
}

fn create(group: &mut Group<'_>, sealer: &Sealer, hook: &Hook, count_max: u64) -> Outcome<Hook> {
    let (kind, scope_id) = scope_columns(hook.scope);
    let owner = match hook.scope {
        HookScope::Project(_) => Some(("SELECT 1 FROM projects WHERE id = ?1", "project")),
        HookScope::Group(_) => Some(("SELECT 1 FROM groups WHERE id = ?1", "group")),
        HookScope::System => None,
    };
    if let Some((sql, what)) = owner {
        let exists = group.sql(sql)?.query_row([scope_id], |_| Ok(())).optional()?;
        exists.ok_or(StoreError::NotFound(what))?;
    }
    let count = group
        .sql("SELECT count(*) AS count FROM hooks WHERE scope = ?1 AND scope_id = ?2")?
        .query_row([kind, scope_id], |row| count(row, "count"))?;
    if count >= count_max {
        return Err(StoreError::LimitReached(format!("there are at most {count_max} hooks here")).into());
    }
    // The id is part of what binds a sealed value to its row, so the row comes first and its values after it.
    let id = group
        .sql(
            "INSERT INTO hooks (uuid, scope, scope_id, url, name, description, triggers, event_types, \
             certificate_check, enabled, while_paused, created_at, revision) \
             VALUES (?1, ?2, ?3, x'', '', '', 0, '', 0, 0, 0, ?4, ?5)",
        )?
        .insert(params![&hook.uuid.0[..], kind, scope_id, hook.created_at.as_millis(), hook.revision])?;
    let id = HookId(id);
    set_owner_columns(group, sealer, id, hook)?;
    let health = std::iter::once(id.0.into()).chain(health::columns(&hook.health));
    group
        .sql(
            "INSERT INTO hook_health (hook_id, state, until, reason, failures, since, failed_at, failure, version) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params_from_iter(health))?;
    Ok(Hook { id, ..hook.clone() })
}

fn set_owner_columns(group: &Group<'_>, sealer: &Sealer, id: HookId, hook: &Hook) -> Outcome<()> {
    let columns = owner_columns(sealer, id, hook)?;
    group
        .sql(
            "UPDATE hooks SET url = ?1, name = ?2, description = ?3, triggers = ?4, event_types = ?5, token = ?6, \
             signing_keys = ?7, certificate_check = ?8, enabled = ?9, rate_per_minute = ?10, while_paused = ?11, \
             failure_policy = ?12, retry_policy = ?13, url_variables = ?14, redirected_at = ?15, custom_headers = ?16, \
             template = ?17, branch_strategy = ?18, branch_filter = ?19, \
             client_identity = ?20, ordering = ?21 WHERE id = ?22",
        )?
        .execute(params_from_iter(columns.into_iter().chain([id.0.into()])))?;
    Ok(())
}

fn update(
    group: &mut Group<'_>,
    sealer: &Sealer,
    hook: &Hook,
    health: Option<&HealthChange>,
) -> Outcome<Hook> {
    let seen: i64 = group
        .sql("SELECT revision FROM hooks WHERE id = ?1")?
        .query_row([hook.id.0], |row| row.get(0))
        .optional()?
        .ok_or(StoreError::NotFound("hook"))?;
    if seen != hook.revision {
        return Err(StoreError::Stale.into());
    }
    group.sql("UPDATE hooks SET revision = revision + 1 WHERE id = ?1")?.execute([hook.id.0])?;
    set_owner_columns(group, sealer, hook.id, hook)?;
    if let Some(change) = health
        && matches!(change_health(group, change, None)?, Moved::Stale)
    {
        return Err(StoreError::Stale.into());
    }
    Ok(one(group.connection, sealer, hook.id)?.ok_or(StoreError::NotFound("hook"))?)
}
