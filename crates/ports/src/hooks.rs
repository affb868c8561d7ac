//! Hooks as their owners set them.

use crate::{StoreError, deliveries::HealthChange, flags::AuditEntry};
use async_trait::async_trait;
use wigwag_access::AccessLevel;
use wigwag_base::{GroupId, HookId, Page, PageOf, ProjectId, UserId};
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

    /// The hooks within `filter.reach` that do as `filter.class` says, those that have been so the longest first (by id
    /// where every hook is asked for). What fails, and what is unhealthy, is found without a look at the healthy ones. A
    /// store may stop counting `total` at 100,000.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn hooks_by_health(
        &self,
        filter: HealthFilter,
        page: Page,
    ) -> Result<PageOf<PlacedHook>, StoreError>;

    /// The ids of the hooks within `reach` that fail and are switched on, rising, without a look at the others.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn failing_within(&self, reach: Reach) -> Result<Vec<HookId>, StoreError>;

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

/// Which hooks, wherever they hang.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HealthFilter {
    /// Of which places.
    pub reach: Reach,
    /// How they do.
    pub class: HealthClass,
}

/// How hooks do that are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HealthClass {
    /// Paused, half open or disabled, and switched on.
    Failing,
    /// Failed last, but not often enough to pause, and switched on.
    Unhealthy,
    /// However they do, switched off or not.
    Any,
}

/// Places whose hooks are asked for. Both parts narrow; the default is every hook, those of the system too.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reach {
    /// Where a membership of this user, its own or an inherited one, is high enough, and in the user's own namespace.
    pub of: Option<LevelReach>,
    /// A group's own, and those of every group and project below it.
    pub below: Option<GroupId>,
}

/// Where a user's memberships are high enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LevelReach {
    /// The user.
    pub user: UserId,
    /// For the hooks of projects.
    pub project_level_min: AccessLevel,
    /// For the hooks of groups.
    pub group_level_min: AccessLevel,
}

/// A hook with where it hangs.
#[derive(Clone, PartialEq, Debug)]
pub struct PlacedHook {
    /// The hook.
    pub hook: Hook,
    /// The full path of its project or group; empty for the system.
    pub place: String,
}
