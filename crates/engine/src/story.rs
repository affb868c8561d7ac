//! What became of one event: for every hook whether it wanted it, and what happened then.

use crate::rights::READ_HOOKS;
use crate::why::Explained;
use crate::{Engine, EngineError};
use wigwag_access::Principal;
use wigwag_base::{EventId, HookId, Page, ProjectId};
use wigwag_hooks::{Event, Hook, HookScope, Trigger, pushed_branch, wants};
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
        for hook in self.inner.store.hooks_for(project).await? {
            if hooks.iter().any(|told| told.hook == hook.id) {
                continue;
            }
            match self.allow_hooks(principal, READ_HOOKS, hook.scope).await {
                Ok(()) => hooks.push(HookStory { hook: hook.id, fate: without_delivery(&hook, &event) }),
                Err(EngineError::NotFound(_) | EngineError::Forbidden(_)) => {}
                Err(other) => return Err(other),
            }
        }
        hooks.sort_by_key(|told| told.hook);
        Ok(EventStory { event, hooks })
    }
}

/// Why a hook has no delivery of an event.
fn without_delivery(hook: &Hook, event: &Event) -> Fate {
    if hook.created_at > event.accepted_at {
        return Fate::MadeLater;
    }
    if !wants(hook, &event.event_type, event.accepted_at) {
        return Fate::OtherType;
    }
    let is_push = Trigger::of_event_type(event.event_type.as_str()) == Some(Trigger::Push);
    let passes = |payload: &[u8]| {
        let branch = pushed_branch(payload);
        hook.branch_filter.compiled().is_ok_and(|branches| branches.passes(branch.as_deref()))
    };
    if is_push && !hook.branch_filter.passes_all() && !passes(&event.payload) {
        return Fate::OtherBranch;
    }
    Fate::Untold
}
