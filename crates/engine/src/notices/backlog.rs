//! `hook.backlog`: half of what may wait for a hook waits. Told once, until much less does.

use super::about::{chain_of, key_of};
use super::events::BACKLOG;
use super::make::source_of;
use crate::intake::Incoming;
use crate::{Engine, EngineError};
use serde_json::json;
use std::collections::HashMap;
use wigwag_base::{HookId, ProjectId, Timestamp, TransitionId};
use wigwag_hooks::{Hook, HookScope};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::WaitingHook;
use wigwag_ports::notices::{BacklogCall, Channel};

/// Below a half by so much it may be told again.
const SHRUNK_TO: u64 = 4;

impl Engine {
    /// Looks at what waits for each hook, and tells of what is too much. Called by the sweep.
    pub(crate) async fn tell_backlogs(&self, waiting: &[WaitingHook]) -> Result<(), StoreError> {
        let max = self.inner.settings.waiting_per_hook_max;
        let counts: HashMap<HookId, u64> = waiting.iter().map(|one| (one.hook, one.count)).collect();
        for hook in self.inner.store.backlogs().await? {
            if counts.get(&hook).copied().unwrap_or(0).saturating_mul(SHRUNK_TO) < max {
                self.inner.store.backlog(hook, BacklogCall::Shrank).await?;
            }
        }
        for one in waiting.iter().filter(|one| one.count.saturating_mul(2) >= max) {
            tracing::warn!(hook = one.hook.0, deliveries = one.count, "half of what may wait is waiting");
            let grew = BacklogCall::Grew(self.inner.clock.now());
            let Some(since) = self.inner.store.backlog(one.hook, grew).await? else { continue };
            match self.publish_backlog(one, since).await {
                Ok(()) | Err(EngineError::NotFound(_)) => {}
                Err(error) => tracing::warn!(hook = one.hook.0, %error, "its backlog is told later"),
            }
        }
        Ok(())
    }

    /// Publishes the event, if its flag is on; a crash before that is noted publishes it again under the same key.
    async fn publish_backlog(&self, waiting: &WaitingHook, since: Timestamp) -> Result<(), EngineError> {
        let Some(hook) = self.inner.store.hook(waiting.hook).await? else { return Ok(()) };
        let Some(project) = self.project_of_backlog(&hook).await? else { return Ok(()) };
        if !self.notices_on(Channel::Events, hook.scope).await? {
            return Ok(());
        }
        let number = number(since);
        let (project_shown, group, scope) = self.shown_place(hook.scope).await?;
        let payload = json!({
            "event": BACKLOG,
            "transition_id": number.0,
            "hook": { "id": hook.id.0, "name": hook.title(), "scope": scope },
            "project": project_shown,
            "group": group,
            "published_in": project.0,
            "health": hook.health.state.name(),
            "since": since.to_string(),
            "waiting": waiting.count,
            "waiting_max": self.inner.settings.waiting_per_hook_max,
        });
        let event = Incoming {
            event_type: BACKLOG.into(),
            payload: payload.to_string().into(),
            idempotency_key: Some(key_of(&self.inner.root_key, number, hook.id)),
            chain: Some(chain_of(&self.inner.root_key, number, hook.id)),
        };
        match self.publish(project, vec![event]).await.map_err(|refused| refused.error) {
            // A conflict: it was published, when fewer waited.
            Ok(_) | Err(EngineError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
        self.inner.store.backlog(hook.id, BacklogCall::Told).await?;
        Ok(())
    }

    /// The hook's project; of hooks of groups and of the system that of the oldest event which waits.
    async fn project_of_backlog(&self, hook: &Hook) -> Result<Option<ProjectId>, StoreError> {
        if let HookScope::Project(id) = hook.scope {
            return Ok(Some(id));
        }
        let oldest = self.inner.store.oldest_waiting(hook.id, 1).await?;
        Ok(oldest.first().map(|row| row.project))
    }

    /// A hook's place as payloads show it: project, group, and the word for its scope.
    pub(super) async fn shown_place(
        &self,
        scope: HookScope,
    ) -> Result<(serde_json::Value, serde_json::Value, &'static str), StoreError> {
        use serde_json::Value::Null;
        use wigwag_access::Source;
        let path = self.place_name(scope).await?;
        let place = |of: i64| json!({ "id": of, "path": path });
        Ok(match source_of(scope) {
            Some(Source::Project(id)) => (place(id.0), Null, "project"),
            Some(Source::Group(id)) => (Null, place(id.0), "group"),
            None => (Null, Null, "system"),
        })
    }
}

/// It is no transition: its time stands for one, below all of them.
const fn number(since: Timestamp) -> TransitionId {
    TransitionId(since.as_millis().saturating_neg())
}
