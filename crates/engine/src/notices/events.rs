//! Events about hooks, published as anybody's are: `hook.unhealthy`, `hook.paused`, `hook.disabled`, `hook.recovered`.

use super::about::{chain_of, key_of};
use crate::intake::Incoming;
use crate::limits::NOTICE_EVENTS_TURN_MAX;
use crate::{Engine, EngineError};
use serde_json::{Value, json};
use wigwag_base::ProjectId;
use wigwag_hooks::Hook;
use wigwag_hooks::health::{Health, TransitionKind};
use wigwag_ports::StoreError;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::notices::{Line, LineNote, WaitingNotice};
use wigwag_ports::outbox::{Message, MessageCame};

/// Half of what may wait for a hook waits.
pub(super) const BACKLOG: &str = "hook.backlog";

/// Whether an event has a type of ours.
pub(super) fn is_of_ours(event_type: &str) -> bool {
    event_type == BACKLOG || TransitionKind::ALL.iter().any(|kind| kind.name() == event_type)
}

/// What became of one event.
enum Published {
    Sent,
    Withheld,
    Failed,
    Later(String),
}

impl Engine {
    /// Publishes what waits, in order; the first that cannot be published now ends the turn.
    pub(super) async fn send_events(&self, message: &Message) -> Result<LineNote, StoreError> {
        let waiting = self.inner.store.waiting_notices(Line::Events, NOTICE_EVENTS_TURN_MAX).await?;
        let (mut sent, mut withheld, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        let mut came = Ok(());
        for notice in &waiting {
            match self.publish_notice(notice).await? {
                Published::Sent => sent.push(notice.id),
                Published::Withheld => withheld.push(notice.id),
                Published::Failed => failed.push(notice.id),
                Published::Later(reason) => {
                    came = Err(ChatOutError::Later { reason, after: None });
                    break;
                }
            }
        }
        let note = self.line_note(message, Line::Events, came);
        if let MessageCame::GivenUp { .. } = note.came {
            let tried = sent.len() + withheld.len() + failed.len();
            failed.extend(waiting.iter().skip(tried).map(|notice| notice.id));
        }
        Ok(LineNote { sent, withheld, failed, ..note })
    }

    async fn publish_notice(&self, notice: &WaitingNotice) -> Result<Published, StoreError> {
        let (Some(hook), Some(project)) = (self.inner.store.hook(notice.hook).await?, notice.project) else {
            return Ok(Published::Withheld);
        };
        let chain = chain_of(&self.inner.root_key, notice.id, notice.hook);
        let event = Incoming {
            event_type: notice.transition.kind.name().to_owned(),
            payload: self.payload(notice, &hook, project).await?.to_string().into(),
            idempotency_key: Some(key_of(&self.inner.root_key, notice.id, notice.hook)),
            chain: Some(chain),
        };
        Ok(match self.publish(project, vec![event]).await.map_err(|refused| refused.error) {
            // A conflict: it was published, before the hook's name or its next try changed.
            Ok(_) | Err(EngineError::Conflict(_)) => Published::Sent,
            Err(EngineError::NotFound(_)) => Published::Withheld,
            Err(error @ EngineError::Unavailable { .. }) => Published::Later(error.to_string()),
            Err(error) => {
                tracing::warn!(hook = notice.hook.0, %error, "an event about a hook cannot be published");
                Published::Failed
            }
        })
    }

    async fn payload(
        &self,
        notice: &WaitingNotice,
        hook: &Hook,
        project: ProjectId,
    ) -> Result<Value, StoreError> {
        let transition = &notice.transition;
        let (own_project, group, scope) = self.shown_place(hook.scope).await?;
        let next_try_at = match hook.health.state {
            Health::Paused { until, .. } if transition.kind == TransitionKind::Paused => {
                Some(until.to_string())
            }
            _ => None,
        };
        Ok(json!({
            "event": transition.kind.name(),
            "transition_id": notice.id.0,
            "hook": { "id": hook.id.0, "name": hook.title(), "scope": scope },
            "project": own_project,
            "group": group,
            "published_in": project.0,
            "health": transition.to,
            "was": transition.from,
            "since": transition.at.to_string(),
            "failures": transition.failures,
            "last_error": transition.error,
            "next_try_at": next_try_at,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_ours;

    #[test]
    fn our_types_are_those_of_transitions() {
        for ours in ["hook.unhealthy", "hook.paused", "hook.disabled", "hook.recovered", "hook.backlog"] {
            assert!(is_of_ours(ours), "{ours}");
        }
        for other in ["hook", "hook.", "hook.made", "hooks.paused", "push"] {
            assert!(!is_of_ours(other), "{other}");
        }
    }
}
