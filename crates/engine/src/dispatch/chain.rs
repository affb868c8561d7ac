//! Recursion: an event that somebody published because of a request of ours carries that request's chain. A hook that
//! heard an earlier event of the chain does not hear this one, and none does once a hundred have.
//!
//! Who heard what is not remembered: it is told again by the rules, from the chain's events and today's hooks. So it
//! survives a restart, and a receiver that publishes before it answers finds itself in the chain already.
//!
//! Events of our own, which tell how a hook does, begin a chain each: the hook that one is about is blocked from the
//! beginning, and hooks of a narrower scope do not hear it ([`crate::notices`]).

use super::routes::Arriving;
use crate::limits::{CHAIN_EVENTS_MAX, CHAIN_HOOKS_MAX, CHAIN_LIVES, READ_RETRY_AFTER};
use crate::{Engine, EngineError, notices};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use wigwag_base::{HookId, ProjectId};
use wigwag_hooks::{EndReason, Event, Hook, HookScope, Trigger, chain_root, wants};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::{ChainQuery, ChainedEvent};

/// Finds out which hooks must not hear an event of a chain, as soon as the store tells it.
pub(super) async fn look(engine: &Engine, arriving: &mut Arriving) {
    while !engine.inner.stopping.load(Ordering::Relaxed) {
        match judged(engine, &arriving.event).await {
            Ok((blocked, spared)) => {
                arriving.done.extend(spared);
                return arriving.blocked = Some(blocked);
            }
            Err(error) => {
                tracing::warn!(event = arriving.event.id.0, %error, "the chain of an event cannot be read yet");
                tokio::time::sleep(READ_RETRY_AFTER).await;
            }
        }
    }
}

/// The hooks that are blocked, and those that the event is not for.
async fn judged(
    engine: &Engine,
    event: &Event,
) -> Result<(Vec<(HookId, EndReason)>, Vec<HookId>), EngineError> {
    let mut blocked = blocked(engine, event).await?;
    let Some(about) = notices::about(&engine.inner.root_key, event) else { return Ok((blocked, Vec::new())) };
    blocked.push((about.hook, EndReason::Recursion));
    // Nearly always: a thousand hooks that fail together must not read each other a thousand times.
    if matches!(about.scope, HookScope::Project(_)) {
        return Ok((blocked, Vec::new()));
    }
    let mut known = Known { engine, hooks: HashMap::new() };
    let hooks = known.hooks(event.project).await?;
    Ok((blocked, notices::spared(engine, about, &hooks).await?))
}

async fn blocked(engine: &Engine, event: &Event) -> Result<Vec<(HookId, EndReason)>, StoreError> {
    let store = &engine.inner.store;
    let Some(chain) = event.chain else { return Ok(Vec::new()) };
    let query = ChainQuery {
        chain,
        root: chain_root(engine.inner.identity.instance, chain),
        before: event.id,
        since: event.accepted_at - CHAIN_LIVES,
        limit: CHAIN_EVENTS_MAX,
    };
    let earlier = store.chain(query).await?;
    if earlier.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = Known { engine, hooks: HashMap::new() };
    let mut heard = HashSet::new();
    for link in &earlier {
        for hook in known.hooks(link.project).await? {
            if !heard.contains(&hook.id) && known.heard(&hook, link).await? {
                heard.insert(hook.id);
            }
        }
    }
    let is_full = heard.len() >= CHAIN_HOOKS_MAX || earlier.len() >= CHAIN_EVENTS_MAX as usize;
    let hooks = known.hooks(event.project).await?;
    let reason = |id: HookId| match (heard.contains(&id), is_full) {
        (true, _) => Some((id, EndReason::Recursion)),
        (false, true) => Some((id, EndReason::ChainFull)),
        (false, false) => None,
    };
    Ok(hooks.iter().filter_map(|hook| reason(hook.id)).collect())
}

/// What was read for one chain.
struct Known<'a> {
    engine: &'a Engine,
    hooks: HashMap<ProjectId, Vec<Hook>>,
}

impl Known<'_> {
    /// The hooks that hear a project; none once it is gone.
    async fn hooks(&mut self, project: ProjectId) -> Result<Vec<Hook>, StoreError> {
        if let Some(hooks) = self.hooks.get(&project) {
            return Ok(hooks.clone());
        }
        let hooks = match self.engine.inner.store.hooks_for(project).await {
            Err(StoreError::NotFound(_)) => Vec::new(),
            found => found?,
        };
        self.hooks.insert(project, hooks.clone());
        Ok(hooks)
    }

    /// Whether a hook that hears the project of an event wanted it.
    async fn heard(&mut self, hook: &Hook, link: &ChainedEvent) -> Result<bool, StoreError> {
        if !wants(hook, &link.event_type, link.accepted_at) {
            return Ok(false);
        }
        let is_push = Trigger::of_event_type(link.event_type.as_str()) == Some(Trigger::Push);
        if !is_push || hook.branch_filter.passes_all() {
            return Ok(true);
        }
        let Some(event) = self.engine.inner.store.event(link.event).await? else { return Ok(true) };
        Ok(hook.branch_filter.compiled().is_ok_and(|branches| branches.passes(&event.payload)))
    }
}
