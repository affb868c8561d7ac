//! Hooks as their owners set them.

use crate::{StoreError, deliveries::HealthChange, flags::AuditEntry};
use async_trait::async_trait;
use wigwag_base::{HookId, Page, PageOf, ProjectId};
use wigwag_hooks::{Hook, HookScope};

/// Keeps hooks. Health is moved by [`crate::deliveries::Deliveries::record`], but where an edit moves it too.
#[async_trait]
pub trait Hooks: Send + Sync {
    /// Makes a hook; `hook.id` is ignored, the store gives one. Refused above `count_max` hooks of the same scope.
    /// `audit` is written with it.
    ///
    /// # Errors
    /// [`StoreError::LimitReached`], [`StoreError::NotFound`] (its project or group).
    async fn create_hook(
        &self,
        hook: Hook,
        count_max: u64,
        audit: Option<AuditEntry>,
    ) -> Result<Hook, StoreError>;

    /// One hook.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn hook(&self, id: HookId) -> Result<Option<Hook>, StoreError>;

    /// The hooks of exactly this scope, by id.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn hooks_of(&self, scope: HookScope, page: Page) -> Result<PageOf<Hook>, StoreError>;

    /// Every hook that gets the events of `project`: its own, those of each ancestor group, and the system's; disabled
    /// and switched off ones too.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such project.
    async fn hooks_for(&self, project: ProjectId) -> Result<Vec<Hook>, StoreError>;

    /// Every failing hook (health paused, half open or disabled), for the rebuilding of the callout index.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn failing_hooks(&self) -> Result<Vec<FailingHook>, StoreError>;

    /// Replaces what the owner set, if the row still has revision `hook.revision`, which rises by one; `health` moves and
    /// `audit` is written in the same transaction. `hook.health` is ignored. Returns the hook as it is now.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::NotFound`].
    async fn update_hook(
        &self,
        hook: Hook,
        health: Option<HealthChange>,
        audit: Option<AuditEntry>,
    ) -> Result<Hook, StoreError>;

    /// Deletes a hook, ends its waiting deliveries as cancelled (of very many the rest soon, by
    /// [`prune`](crate::maintenance::Maintenance::prune)); its log stays until retention takes it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    async fn delete_hook(&self, id: HookId) -> Result<(), StoreError>;
}

/// A failing hook with what a banner says of it.
#[derive(Clone, PartialEq, Debug)]
pub struct FailingHook {
    /// The hook.
    pub hook: Hook,
    /// How many of its deliveries wait.
    pub waiting: u64,
}
