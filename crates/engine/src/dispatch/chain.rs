//! Recursion: an event that somebody published because of a request of ours carries that request's chain. A hook that
//! heard an earlier event of the chain does not hear this one, and none does once a hundred have.
//!
//! Who heard what is not remembered: it is told again by the rules, from the chain's events and today's hooks. So it
//! survives a restart, and a receiver that publishes before it answers finds itself in the chain already. Of the event
//! that began a chain only the hook counts whose request began it, and what came in by one request has one cause: none of
//! it is earlier than the rest.
//!
//! Events of our own, which tell how a hook does, begin a chain each: the hook that one is about is blocked from the
//! beginning, and hooks of a narrower scope do not hear it ([`crate::notices`]).

use super::routes::Arriving;
use crate::limits::{CHAIN_EVENTS_MAX, CHAIN_HOOKS_MAX, CHAIN_LIVES, READ_RETRY_AFTER};
use crate::{Engine, EngineError, notices};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use wigwag_base::{HookId, ProjectId};
use wigwag_hooks::{BranchMatcher, EndReason, Hook, HookScope, Trigger, chain_root, pushed_branch, wants};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::{ChainQuery, ChainedEvent};

/// Finds out which hooks must not hear an event of a chain, as soon as the store tells it.
pub(super) async fn look(engine: &Engine, arriving: &mut Arriving) {
    while !engine.inner.stopping.load(Ordering::Relaxed) {
        match judged(engine, arriving).await {
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
    arriving: &Arriving,
) -> Result<(Vec<(HookId, EndReason)>, Vec<HookId>), EngineError> {
    let mut blocked = blocked(engine, arriving).await?;
    let event = &arriving.event;
    let Some(about) = notices::about(&engine.inner.root_key, event) else { return Ok((blocked, Vec::new())) };
    blocked.push((about.hook, EndReason::Recursion));
    // Nearly always: a thousand hooks that fail together must not read each other a thousand times.
    if matches!(about.scope, HookScope::Project(_)) {
        return Ok((blocked, Vec::new()));
    }
    let hooks = hooks_of(engine, event.project).await?;
    Ok((blocked, notices::spared(engine, about, &hooks).await?))
}

async fn blocked(engine: &Engine, arriving: &Arriving) -> Result<Vec<(HookId, EndReason)>, StoreError> {
    let store = &engine.inner.store;
    let event = &arriving.event;
    let Some(chain) = event.chain else { return Ok(Vec::new()) };
    let root = chain_root(engine.inner.identity.instance, chain);
    let query = ChainQuery {
        chain,
        root: root.map(|root| root.event),
        before: arriving.first_of_request.unwrap_or(event.id),
        since: event.accepted_at - CHAIN_LIVES,
        limit: CHAIN_EVENTS_MAX,
    };
    let mut earlier = store.chain(query).await?;
    if arriving.first_of_request.is_none() {
        // Of a former life: what was accepted at the same moment came by the same request.
        let is_root = |link: &ChainedEvent| root.is_some_and(|root| root.event == link.event);
        let is_beside =
            |link: &ChainedEvent| link.project == event.project && link.accepted_at == event.accepted_at;
        earlier.retain(|link| is_root(link) || !is_beside(link));
    }
    if earlier.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = Known { engine, listeners: HashMap::new(), heard: HashSet::new() };
    for link in &earlier {
        match root {
            Some(root) if root.event == link.event => drop(known.heard.insert(root.hook)),
            _ => known.hear(link).await?,
        }
    }
    let is_full = known.heard.len() >= CHAIN_HOOKS_MAX || earlier.len() >= CHAIN_EVENTS_MAX as usize;
    let listeners = known.listeners(event.project).await?;
    let reason = |id: HookId| match (known.heard.contains(&id), is_full) {
        (true, _) => Some((id, EndReason::Recursion)),
        (false, true) => Some((id, EndReason::ChainFull)),
        (false, false) => None,
    };
    Ok(listeners.iter().filter_map(|listener| reason(listener.hook.id)).collect())
}

/// The hooks that hear a project; none once it is gone.
async fn hooks_of(engine: &Engine, project: ProjectId) -> Result<Vec<Hook>, StoreError> {
    match engine.inner.store.hooks_for(project).await {
        Err(StoreError::NotFound(_)) => Ok(Vec::new()),
        found => found,
    }
}

/// What was read for one chain.
struct Known<'a> {
    engine: &'a Engine,
    listeners: HashMap<ProjectId, Arc<[Listener]>>,
    heard: HashSet<HookId>,
}

/// A hook that hears a project, and its filter once it was needed.
struct Listener {
    hook: Hook,
    branches: OnceLock<BranchMatcher>,
}

impl Listener {
    fn wants_branch(&self, branch: Option<&str>) -> bool {
        let compile = || self.hook.branch_filter.compiled().unwrap_or(BranchMatcher::All);
        self.branches.get_or_init(compile).passes(branch)
    }
}

impl Known<'_> {
    /// The hooks that hear a project; none once it is gone.
    async fn listeners(&mut self, project: ProjectId) -> Result<Arc<[Listener]>, StoreError> {
        if let Some(listeners) = self.listeners.get(&project) {
            return Ok(listeners.clone());
        }
        let hooks = hooks_of(self.engine, project).await?;
        let listener = |hook| Listener { hook, branches: OnceLock::new() };
        let listeners: Arc<[Listener]> = hooks.into_iter().map(listener).collect();
        self.listeners.insert(project, listeners.clone());
        Ok(listeners)
    }

    /// Notes who wanted an earlier event. Its payload is read once, and only if a branch is asked for.
    async fn hear(&mut self, link: &ChainedEvent) -> Result<(), StoreError> {
        let listeners = self.listeners(link.project).await?;
        let is_push = Trigger::of_event_type(link.event_type.as_str()) == Some(Trigger::Push);
        let mut by_branch = Vec::new();
        for (at, Listener { hook, .. }) in listeners.iter().enumerate() {
            if self.heard.contains(&hook.id) || !wants(hook, &link.event_type, link.accepted_at) {
                continue;
            }
            if is_push && !hook.branch_filter.passes_all() {
                by_branch.push(at);
            } else {
                self.heard.insert(hook.id);
            }
        }
        if by_branch.is_empty() {
            return Ok(());
        }
        // One that is not kept any more may have been of any branch.
        let event = self.engine.inner.store.event(link.event).await?;
        let judged = tokio::task::spawn_blocking(move || {
            let branch = event.and_then(|event| pushed_branch(&event.payload));
            let wanted = by_branch.into_iter().map(|at| &listeners[at]);
            let wanted = wanted.filter(|listener| listener.wants_branch(branch.as_deref()));
            wanted.map(|listener| listener.hook.id).collect::<Vec<_>>()
        });
        self.heard.extend(judged.await.unwrap_or_default());
        Ok(())
    }
}
