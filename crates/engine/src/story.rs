//! What became of one event: for every hook whether it wanted it, and what happened then.

use crate::dispatch::judged;
use crate::rights::READ_HOOKS;
use crate::why::Explained;
use crate::{Engine, EngineError};
use std::collections::HashSet;
use wigwag_access::Principal;
use wigwag_base::{EventId, HookId, Page, ProjectId};
use wigwag_hooks::{BranchFilter, Event, Hook, HookScope, Trigger, wants};
use wigwag_ports::log::DeliveryFilter;

/// An event with what became of it.
#[derive(Clone, PartialEq, Debug)]
pub struct EventStory {
    /// The event.
    pub event: Event,
    /// Every hook that hears its project and that the asking person may see, and whichever had a delivery; by id.
    pub hooks: Vec<HookStory>,
}

/// What one hook made of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HookStory {
    /// The hook.
    pub hook: HookId,
    /// What became of it there.
    pub fate: Fate,
}

/// What became of an event at one hook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It was wanted: there is a delivery.
    Delivery(Box<Explained>),
    /// The hook was made after the event.
    MadeLater,
    /// Neither a trigger nor a pattern of the hook, as it is set now, matches the event's type.
    OtherType,
    /// It is a push to a branch that the hook, as it is set now, does not want.
    OtherBranch,
    /// The hook, as it is set now, wants it, and no delivery is stored: it is under way at this moment, or the hook was set
    /// otherwise when the event came, or the log is not kept any more.
    Untold,
}

impl Engine {
    /// What became of an event of a project.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn event_story(
        &self,
        principal: &Principal,
        project: ProjectId,
        id: EventId,
    ) -> Result<EventStory, EngineError> {
        self.allow_hooks(principal, READ_HOOKS, HookScope::Project(project)).await?;
        let event = self.inner.store.event(id).await?.filter(|event| event.project == project);
        let event = event.ok_or(EngineError::NotFound("event"))?;
        let mut deliveries = Vec::new();
        loop {
            let number = u32::try_from(deliveries.len()).unwrap_or(u32::MAX) / Page::PER_PAGE_MAX + 1;
            let filter =
                DeliveryFilter { project: Some(project), event: Some(id), ..DeliveryFilter::default() };
            let found = self.inner.store.deliveries(filter, Page::new(number, Page::PER_PAGE_MAX)).await?;
            let is_last = found.rows.len() < Page::PER_PAGE_MAX as usize;
            deliveries.extend(found.rows);
            if is_last {
                break;
            }
        }
        let told = self.explained(principal, deliveries).await?;
        let mut hooks: Vec<HookStory> = told
            .into_iter()
            .map(|one| HookStory { hook: one.delivery.hook, fate: Fate::Delivery(Box::new(one)) })
            .collect();
        let mut silent = Vec::new();
        for hook in self.inner.store.hooks_for(project).await? {
            if hooks.iter().any(|told| told.hook == hook.id) {
                continue;
            }
            match self.allow_hooks(principal, READ_HOOKS, hook.scope).await {
                Ok(()) => silent.push(hook),
                Err(EngineError::NotFound(_) | EngineError::Forbidden(_)) => {}
                Err(other) => return Err(other),
            }
        }
        hooks.extend(without_delivery(silent, &event).await);
        hooks.sort_by_key(|told| told.hook);
        Ok(EventStory { event, hooks })
    }
}

/// Why hooks have no delivery of an event.
async fn without_delivery(hooks: Vec<Hook>, event: &Event) -> Vec<HookStory> {
    let mut others = other_branch(&hooks, event).await;
    let story = |hook: Hook| {
        let fate = if hook.created_at > event.accepted_at {
            Fate::MadeLater
        } else if !wants(&hook, &event.event_type, event.accepted_at) {
            Fate::OtherType
        } else if others.remove(&hook.id) {
            Fate::OtherBranch
        } else {
            Fate::Untold
        };
        HookStory { hook: hook.id, fate }
    };
    hooks.into_iter().map(story).collect()
}

/// The hooks that do not want the branch of a push. Their owners wrote the expressions that tell, which may take long.
async fn other_branch(hooks: &[Hook], event: &Event) -> HashSet<HookId> {
    let is_push = Trigger::of_event_type(event.event_type.as_str()) == Some(Trigger::Push);
    let filtering = hooks.iter().filter(|hook| is_push && !hook.branch_filter.passes_all());
    let filters: Vec<_> = filtering.map(|hook| (hook.id, hook.branch_filter.clone())).collect();
    if filters.is_empty() {
        return HashSet::new();
    }
    let others = judged(event.payload.clone(), move |branch| {
        let passes = |filter: &BranchFilter| filter.compiled().is_ok_and(|branches| branches.passes(branch));
        filters.into_iter().filter(|(_, filter)| !passes(filter)).map(|(hook, _)| hook).collect()
    });
    others.await.unwrap_or_default()
}
