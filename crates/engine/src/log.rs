//! What people ask of the past: deliveries, attempts, a hook's timeline, and the overview. Always within what they may
//! administer.

use crate::hook_admin::HookView;
use crate::limits::OVERVIEW_HOOKS_MAX;
use crate::rights::{READ_HOOKS, allow};
use crate::{Engine, EngineError};
use std::time::Duration;
use wigwag_access::{Action, Principal, Thing, may};
use wigwag_base::{AttemptId, EventId, HookId, Page, PageOf, ProjectId, Timestamp};
use wigwag_hooks::{Attempt, Delivery, EventType, HookScope};
use wigwag_ports::hooks::FailingHook;
use wigwag_ports::log::{AttemptFilter, DeliveryFilter, Figures, StatusClass};
use wigwag_ports::registry::PathKey;

/// Which attempts of a hook. Every field narrows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AttemptQuery {
    /// With this outcome.
    pub status: Option<StatusClass>,
    /// Of one event.
    pub event: Option<EventId>,
    /// Of events of this type.
    pub event_type: Option<String>,
    /// Begun at or after this.
    pub since: Option<Timestamp>,
    /// Begun before this.
    pub until: Option<Timestamp>,
}

/// Which deliveries of a project. Every field narrows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeliveryQuery {
    /// In one state, by its word (`retrying`, `held`, `delivered` ...).
    pub state: Option<String>,
    /// Of one hook.
    pub hook: Option<HookId>,
    /// Of one event.
    pub event: Option<EventId>,
    /// Of events of this type.
    pub event_type: Option<String>,
    /// Of events accepted at or after this.
    pub since: Option<Timestamp>,
    /// Of events accepted before this.
    pub until: Option<Timestamp>,
}

impl DeliveryQuery {
    /// The filter that it is, as far as its words mean something.
    fn filter(self) -> Result<DeliveryFilter, EngineError> {
        let state = match self.state.as_deref() {
            None => None,
            Some(word) => Some(STATES.into_iter().find(|state| *state == word).ok_or_else(|| {
                EngineError::Invalid { field: "state", rule: format!("must be one of {}", STATES.join(", ")) }
            })?),
        };
        Ok(DeliveryFilter {
            project: None,
            state,
            hook: self.hook,
            event: self.event,
            event_type: checked_type(self.event_type)?,
            since: self.since,
            until: self.until,
        })
    }
}

/// What fails now, as far as the asking user may administer it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Overview {
    /// Failing hooks, longest first; at most [`OVERVIEW_HOOKS_MAX`].
    pub failing: Vec<FailingSummary>,
    /// How many there are.
    pub failing_count: u64,
    /// How many deliveries wait for them.
    pub waiting_total: u64,
    /// Attempts of the whole server over time; for admins.
    pub figures: Option<Vec<Figures>>,
}

/// A failing hook with the place that it belongs to.
#[derive(Clone, PartialEq, Debug)]
pub struct FailingSummary {
    /// The hook.
    pub view: HookView,
    /// The full path of its project or group; empty for the system.
    pub place: String,
}

/// The words by which deliveries are asked for; one under way is stored as what it was before.
const STATES: [&str; 8] =
    ["pending", "retrying", "held", "delivered", "given_up", "skipped", "expired", "cancelled"];

impl Engine {
    /// Deliveries of a project, newest event first.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `state` or `event_type`.
    pub async fn deliveries(
        &self,
        principal: &Principal,
        project: ProjectId,
        query: DeliveryQuery,
        page: Page,
    ) -> Result<PageOf<Delivery>, EngineError> {
        self.allow_hooks(principal, READ_HOOKS, HookScope::Project(project)).await?;
        let filter = DeliveryFilter { project: Some(project), ..query.filter()? };
        Ok(self.inner.store.deliveries(filter, page).await?)
    }

    /// Deliveries for one hook, of whichever projects, newest event first.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::Invalid`] names `state` or `event_type`.
    pub async fn hook_deliveries(
        &self,
        principal: &Principal,
        scope: HookScope,
        hook: HookId,
        query: DeliveryQuery,
        page: Page,
    ) -> Result<PageOf<Delivery>, EngineError> {
        self.hook_for(principal, READ_HOOKS, scope, hook).await?;
        // A project's hook gets the project's events alone. Those lie in order, so that a busy hook's many are not sorted; a
        // quiet hook's few are found among all of the project's, at some 50 ms for 300,000.
        let project = match scope {
            HookScope::Project(id) => Some(id),
            HookScope::Group(_) | HookScope::System => None,
        };
        let filter = DeliveryFilter { hook: Some(hook), project, ..query.filter()? };
        Ok(self.inner.store.deliveries(filter, page).await?)
    }

    /// The deliveries that wait the longest for one hook, at most `limit`.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn oldest_waiting(
        &self,
        principal: &Principal,
        scope: HookScope,
        hook: HookId,
        limit: u32,
    ) -> Result<Vec<Delivery>, EngineError> {
        self.hook_for(principal, READ_HOOKS, scope, hook).await?;
        Ok(self.inner.store.oldest_waiting(hook, limit).await?)
    }

    /// Attempts of a hook, newest first.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::Invalid`] names `event_type`.
    pub async fn attempts(
        &self,
        principal: &Principal,
        scope: HookScope,
        hook: HookId,
        query: AttemptQuery,
        page: Page,
    ) -> Result<PageOf<Attempt>, EngineError> {
        self.hook_for(principal, READ_HOOKS, scope, hook).await?;
        let filter = AttemptFilter {
            hook: Some(hook),
            event: query.event,
            status: query.status,
            event_type: checked_type(query.event_type)?,
            since: query.since,
            until: query.until,
        };
        Ok(self.inner.store.attempts(filter, page).await?)
    }

    /// One attempt of a hook with its full request body.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn attempt(
        &self,
        principal: &Principal,
        scope: HookScope,
        hook: HookId,
        id: AttemptId,
    ) -> Result<Attempt, EngineError> {
        self.hook_for(principal, READ_HOOKS, scope, hook).await?;
        let attempt = self.inner.store.attempt(id).await?.filter(|attempt| attempt.hook == hook);
        attempt.ok_or(EngineError::NotFound("attempt"))
    }

    /// What fails now; for admins also attempts since `since` in slices of `slice`.
    ///
    /// # Errors
    /// The store's.
    pub async fn overview(
        &self,
        principal: &Principal,
        since: Timestamp,
        slice: Duration,
    ) -> Result<Overview, EngineError> {
        let mine = self.failing_for(principal).await?;
        let mut overview = Overview {
            failing_count: mine.len() as u64,
            waiting_total: mine.iter().map(|failing| failing.waiting).sum(),
            ..Overview::default()
        };
        for failing in mine.into_iter().take(OVERVIEW_HOOKS_MAX) {
            let place = self.place_of(failing.hook.scope).await?;
            overview.failing.push(FailingSummary { view: self.view(failing.hook, failing.waiting), place });
        }
        if may(principal, Action::ReadOverview, Thing::Server).is_allowed() {
            overview.figures = Some(self.inner.store.figures(since, slice).await?);
        }
        Ok(overview)
    }

    /// The failing hooks that a principal may see, longest first.
    pub(crate) async fn failing_for(&self, principal: &Principal) -> Result<Vec<FailingHook>, EngineError> {
        let mut mine = Vec::new();
        for failing in self.inner.store.failing_hooks().await? {
            if !failing.hook.enabled.is_on() {
                continue;
            }
            match self.allow_hooks(principal, READ_HOOKS, failing.hook.scope).await {
                Ok(()) => mine.push(failing),
                Err(EngineError::NotFound(_) | EngineError::Forbidden(_)) => {}
                Err(other) => return Err(other),
            }
        }
        mine.sort_by_key(|failing| (failing.hook.health.since, failing.hook.id));
        Ok(mine)
    }

    /// Attempts of the whole server since `since` in slices of `slice`. Admins only.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`].
    pub async fn figures(
        &self,
        principal: &Principal,
        since: Timestamp,
        slice: Duration,
    ) -> Result<Vec<Figures>, EngineError> {
        allow(principal, Action::ReadOverview, Thing::Server)?;
        Ok(self.inner.store.figures(since, slice).await?)
    }

    /// The full path of what a scope names; empty for the system.
    pub(crate) async fn place_of(&self, scope: HookScope) -> Result<String, EngineError> {
        Ok(match scope {
            HookScope::System => None,
            HookScope::Project(id) => {
                self.find_project(PathKey::Id(id)).await?.map(|placed| placed.project.full_path.clone())
            }
            HookScope::Group(id) => {
                let line = self.find_group(PathKey::Id(id)).await?;
                line.and_then(|line| line.first().map(|group| group.full_path.clone()))
            }
        }
        .unwrap_or_default())
    }
}

fn checked_type(text: Option<String>) -> Result<Option<String>, EngineError> {
    match text {
        Some(text) if EventType::new(&text).is_none() => Err(EngineError::Invalid {
            field: "event_type",
            rule: "is no event type: letters, digits and _ . : - only".into(),
        }),
        other => Ok(other),
    }
}
