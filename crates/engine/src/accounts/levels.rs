use super::PlacedProject;
use crate::exact::ExactCache;
use crate::limits::{MEMBERSHIPS_CACHE_MAX, REGISTRY_CACHE_MAX};
use crate::{Engine, EngineError};
use std::sync::Arc;
use wigwag_access::{AccessLevel, Group, Levels, Lineage, Source, User};
use wigwag_base::{GroupId, ProjectId, UserId};
use wigwag_ports::registry::{MemberCall, PathKey, UserKey};

/// What is known of the registry without asking the store.
pub(crate) struct RegistryCache {
    pub(super) users: ExactCache<UserKey, Arc<User>>,
    pub(super) projects: ExactCache<PathKey<ProjectId>, Arc<PlacedProject>>,
    pub(super) groups: ExactCache<PathKey<GroupId>, Arc<Vec<Group>>>,
    memberships: ExactCache<UserId, Arc<Levels>>,
    levels: ExactCache<(UserId, Source), Option<AccessLevel>>,
}

impl Default for RegistryCache {
    fn default() -> Self {
        Self {
            users: ExactCache::new(REGISTRY_CACHE_MAX),
            projects: ExactCache::new(REGISTRY_CACHE_MAX),
            groups: ExactCache::new(REGISTRY_CACHE_MAX),
            memberships: ExactCache::new(MEMBERSHIPS_CACHE_MAX),
            levels: ExactCache::new(REGISTRY_CACHE_MAX),
        }
    }
}

impl RegistryCache {
    /// To be called after users were changed.
    pub(crate) fn users_changed(&self) {
        self.users.forget_all();
    }

    /// To be called after a membership was written.
    pub(crate) fn memberships_changed(&self) {
        self.memberships.forget_all();
        self.levels.forget_all();
    }

    /// A number that is another after each write of a membership.
    pub(crate) fn memberships_generation(&self) -> u64 {
        self.memberships.generation()
    }
}

impl Engine {
    /// The level that counts for `user` at `source`: inherited ones included, owner for admins and in one's own
    /// namespace, none for blocked users, strangers, and where either does not exist. No store read when warm.
    ///
    /// # Errors
    /// The store's, when it had to be asked.
    pub async fn level(&self, user: UserId, source: Source) -> Result<Option<AccessLevel>, EngineError> {
        if let Some(level) = self.inner.registry.levels.get(&(user, source)) {
            return Ok(level);
        }
        let read_in = self.inner.registry.levels.before_read();
        let (Some(known), Some(lineage)) =
            (self.find_user(UserKey::Id(user)).await?, self.lineage(source).await?)
        else {
            return Ok(None);
        };
        let level = self.memberships_of(user).await?.effective(&known, &lineage);
        self.inner.registry.levels.keep(read_in, (user, source), level);
        Ok(level)
    }

    /// Every membership of one user.
    async fn memberships_of(&self, user: UserId) -> Result<Arc<Levels>, EngineError> {
        let cache = &self.inner.registry.memberships;
        if let Some(levels) = cache.get(&user) {
            return Ok(levels);
        }
        let read_in = cache.before_read();
        let given = self.inner.store.members(MemberCall::OfUser(user)).await?;
        let levels = Arc::new(given.into_iter().collect::<Levels>());
        cache.keep(read_in, user, levels.clone());
        Ok(levels)
    }

    /// Where a project or group lies; `None` if it does not exist.
    pub(crate) async fn lineage(&self, source: Source) -> Result<Option<Lineage>, EngineError> {
        Ok(match source {
            Source::Project(id) => self.find_project(PathKey::Id(id)).await?.map(|placed| {
                let above = placed.ancestors.iter().map(|group| group.id).collect();
                Lineage::of_project(id, placed.project.namespace, above)
            }),
            Source::Group(id) => self
                .find_group(PathKey::Id(id))
                .await?
                .map(|line| Lineage::of_group(id, line.iter().skip(1).map(|group| group.id).collect())),
        })
    }
}
