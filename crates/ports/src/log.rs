//! What people ask of the past: the delivery log, a hook's timeline, figures for the overview.

use crate::StoreError;
use async_trait::async_trait;
use std::time::Duration;
use wigwag_base::{AttemptId, EventId, HookId, Page, PageOf, ProjectId, Timestamp, TransitionId};
#[cfg(doc)]
use wigwag_hooks::SentBody;
use wigwag_hooks::health::Transition;
use wigwag_hooks::{Attempt, Delivery, PastAttempt};

/// Reads of the past.
#[async_trait]
pub trait DeliveryLog: Send + Sync {
    /// Attempts, newest first, without the bodies of their requests: [`SentBody::Payload`] stands for all of them, since a
    /// page could be large. A store may stop counting `total` at 100,000.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn attempts(&self, filter: AttemptFilter, page: Page) -> Result<PageOf<Attempt>, StoreError>;

    /// The attempts of one hook that began at or after `since`, newest first, at most `limit`, without what is large.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn past_attempts(
        &self,
        hook: HookId,
        since: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<PastAttempt>, StoreError>;

    /// One attempt with its full request body; where that is the event's payload, with the payload while it is kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, StoreError>;

    /// Deliveries, newest event first: those with a row, and those that succeeded (seen by their attempt). The bodies
    /// are left empty; a store may stop counting `total` at 100,000.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn deliveries(&self, filter: DeliveryFilter, page: Page) -> Result<PageOf<Delivery>, StoreError>;

    /// The newest changes of a hook's health, newest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn timeline(&self, hook: HookId, limit: u32)
    -> Result<Vec<(TransitionId, Transition)>, StoreError>;

    /// How many deliveries of `hook` wait.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn waiting_count(&self, hook: HookId) -> Result<u64, StoreError>;

    /// Attempts since `since`, summed over slices of `slice`, oldest first, empty slices left out. Both are exact to 10
    /// seconds.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn figures(&self, since: Timestamp, slice: Duration) -> Result<Vec<Figures>, StoreError>;
}

/// Which attempts. Every field narrows; the default is all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AttemptFilter {
    /// Of one hook.
    pub hook: Option<HookId>,
    /// Of one event.
    pub event: Option<EventId>,
    /// With this outcome.
    pub status: Option<StatusClass>,
    /// Of events of this type.
    pub event_type: Option<String>,
    /// Begun at or after this.
    pub since: Option<Timestamp>,
    /// Begun before this.
    pub until: Option<Timestamp>,
}

/// A class of outcomes, as GitLab's `status` parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StatusClass {
    /// 2xx.
    Successful,
    /// 4xx.
    ClientFailure,
    /// 5xx, and everything without an answer.
    ServerFailure,
    /// Exactly this status.
    Code(u16),
}

/// Which deliveries. `project` or `hook` bounds them always; the other fields narrow.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeliveryFilter {
    /// Of one project.
    pub project: Option<ProjectId>,
    /// In one state, by its stable word (`retrying`, `held`, `delivered` ...).
    pub state: Option<&'static str>,
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

/// Attempts of one slice of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Figures {
    /// When the slice begins.
    pub from: Timestamp,
    /// Attempts that were answered 2xx.
    pub succeeded: u64,
    /// All others.
    pub failed: u64,
}
