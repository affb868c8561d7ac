//! Sending many deliveries again: those of a project or of a hook that a filter names wait once more, and go out as the health and the
//! rate of their hooks allow.

use crate::dispatch::Message;
use crate::limits::{REPLAY_MAX, REPLAY_SLICE};
use crate::rights::ADMINISTER_HOOKS;
use crate::{Engine, EngineError};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use wigwag_access::Principal;
use wigwag_base::{EventId, HookId, ProjectId, Timestamp};
use wigwag_hooks::{EventType, HookScope};
use wigwag_ports::deliveries::{DeliveryKey, ReplayFilter, ReplayOf, Replayable, WaitingHook};

/// Which deliveries of a project or of a hook. Every field narrows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReplayQuery {
    /// That ended so, by their words; none for everything that did not arrive.
    pub states: Vec<String>,
    /// Of one hook.
    pub hook: Option<HookId>,
    /// Of events of this type.
    pub event_type: Option<String>,
    /// Of events accepted at or after this.
    pub since: Option<Timestamp>,
    /// Of events accepted before this.
    pub until: Option<Timestamp>,
}

/// Whether deliveries are replayed or only counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplayMode {
    /// They are counted.
    Count,
    /// They wait once more.
    Replay,
}

/// What was replayed, or would be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Replayed {
    /// How many deliveries.
    pub count: u64,
    /// Whether there are more than one call takes ([`REPLAY_MAX`]); another call takes the next.
    pub more: bool,
}

/// What is meant where no state is named: everything that did not arrive, but for what would go round again.
const NOT_ARRIVED: [Replayable; 3] = [Replayable::GivenUp, Replayable::Skipped, Replayable::Expired];

impl Engine {
    /// Lets deliveries of a project wait once more, oldest first, or counts them. Those of hooks that the caller may not
    /// administer are left alone.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `state`, `event_type` or `hook_id`; [`EngineError::NotFound`] for strangers.
    pub async fn replay(
        &self,
        principal: &Principal,
        project: ProjectId,
        query: ReplayQuery,
        mode: ReplayMode,
    ) -> Result<Replayed, EngineError> {
        self.allow_hooks(principal, ADMINISTER_HOOKS, HookScope::Project(project)).await?;
        let states = check(&query)?;
        let hooks = self.replayed_hooks(principal, project, query.hook).await?;
        self.replay_states(ReplayOf::Project(project, hooks), &query, states, mode).await
    }

    /// Lets deliveries of one hook wait once more, oldest first, or counts them: of whichever projects they are.
    ///
    /// # Errors
    /// As [`Engine::replay`], but for `hook_id`.
    pub async fn replay_hook(
        &self,
        principal: &Principal,
        scope: HookScope,
        hook: HookId,
        query: ReplayQuery,
        mode: ReplayMode,
    ) -> Result<Replayed, EngineError> {
        self.hook_for(principal, ADMINISTER_HOOKS, scope, hook).await?;
        let states = check(&query)?;
        // A project's index is the shorter way.
        let of = match scope {
            HookScope::Project(project) => ReplayOf::Project(project, vec![hook]),
            HookScope::Group(_) | HookScope::System => ReplayOf::Hook(hook),
        };
        self.replay_states(of, &query, states, mode).await
    }

    async fn replay_states(
        &self,
        of: ReplayOf,
        query: &ReplayQuery,
        states: Vec<Replayable>,
        mode: ReplayMode,
    ) -> Result<Replayed, EngineError> {
        let mut replayed = Replayed::default();
        for state in states {
            let filter = ReplayFilter {
                of: of.clone(),
                state,
                event_type: query.event_type.clone(),
                since: query.since,
                until: query.until,
            };
            self.replay_state(filter, mode, &mut replayed).await?;
        }
        Ok(replayed)
    }

    /// The hooks that hear the project and that the caller may administer, or the one that is asked for.
    async fn replayed_hooks(
        &self,
        principal: &Principal,
        project: ProjectId,
        only: Option<HookId>,
    ) -> Result<Vec<HookId>, EngineError> {
        let mut hooks = Vec::new();
        for hook in self.inner.store.hooks_for(project).await? {
            if only.is_some_and(|only| only != hook.id) {
                continue;
            }
            match self.allow_hooks(principal, ADMINISTER_HOOKS, hook.scope).await {
                Ok(()) => hooks.push(hook.id),
                Err(EngineError::NotFound(_) | EngineError::Forbidden(_)) => {}
                Err(other) => return Err(other),
            }
        }
        match only {
            Some(_) if hooks.is_empty() => Err(EngineError::Invalid {
                field: "hook_id",
                rule: "names no hook of this project that you may administer".into(),
            }),
            _ => Ok(hooks),
        }
    }

    /// Goes through everything that ended in one way, in slices between which others write.
    async fn replay_state(
        &self,
        filter: ReplayFilter,
        mode: ReplayMode,
        replayed: &mut Replayed,
    ) -> Result<(), EngineError> {
        let mut after = DeliveryKey { event: EventId(0), hook: HookId(0) };
        loop {
            let found = self.inner.store.replayable(filter.clone(), after, REPLAY_SLICE).await?;
            let Some(last) = found.last() else { return Ok(()) };
            if replayed.count >= REPLAY_MAX || self.inner.stopping.load(Ordering::Relaxed) {
                replayed.more = true;
                return Ok(());
            }
            after = *last;
            replayed.count += match mode {
                ReplayMode::Count => found.len() as u64,
                ReplayMode::Replay => self.wait_again(found).await?,
            };
        }
    }

    async fn wait_again(&self, deliveries: Vec<DeliveryKey>) -> Result<u64, EngineError> {
        let mut by_hook: BTreeMap<HookId, Vec<DeliveryKey>> = BTreeMap::new();
        for delivery in deliveries {
            by_hook.entry(delivery.hook).or_default().push(delivery);
        }
        let mut replayed = 0;
        for (hook, deliveries) in by_hook {
            let more = self.inner.store.replay(deliveries).await?;
            let count = self.inner.store.waiting_count(hook).await?;
            let waiting = WaitingHook { hook, count, next_due: Timestamp::from_millis(0) };
            let by = i64::try_from(more).unwrap_or(i64::MAX);
            self.inner.dispatch.tell(Message::Recounted { waiting, by });
            replayed += more;
        }
        Ok(replayed)
    }
}

/// What is meant by the states that are named.
fn check(query: &ReplayQuery) -> Result<Vec<Replayable>, EngineError> {
    if query.event_type.as_deref().is_some_and(|text| EventType::new(text).is_none()) {
        let rule = "is no event type: letters, digits and _ . : - only".into();
        return Err(EngineError::Invalid { field: "event_type", rule });
    }
    states(&query.states)
}

fn states(words: &[String]) -> Result<Vec<Replayable>, EngineError> {
    if words.is_empty() {
        return Ok(NOT_ARRIVED.into());
    }
    let state = |word: &String| {
        Replayable::ALL.into_iter().find(|state| state.name() == word).ok_or_else(|| {
            let known = Replayable::ALL.map(Replayable::name).join(", ");
            EngineError::Invalid { field: "state", rule: format!("must be some of {known}") }
        })
    };
    let mut states: Vec<Replayable> = Vec::new();
    for word in words {
        let state = state(word)?;
        if !states.contains(&state) {
            states.push(state);
        }
    }
    Ok(states)
}
