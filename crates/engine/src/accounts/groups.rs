use super::{LIST, field};
use crate::completed::completed;
use crate::rights::allow;
use crate::{Engine, EngineError};
use std::sync::Arc;
use wigwag_access::{
    Action, Group, Principal, Source, Thing, UserRole, check_depth, check_name, check_path, check_root_path,
};
use wigwag_base::{GroupId, Page, PageOf};
use wigwag_ports::registry::{NewGroup, PathKey};

/// A group to make, as a person wrote it.
#[derive(Clone, Debug)]
pub struct GroupInput {
    /// What people read.
    pub name: String,
    /// Its part of the path.
    pub path: String,
    /// The group to lie in.
    pub parent: Option<GroupId>,
}

impl Engine {
    /// Makes a group; the asking user becomes its owner.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `name`, `path` or `parent_id`.
    pub async fn create_group(&self, principal: &Principal, input: GroupInput) -> Result<Group, EngineError> {
        match input.parent {
            Some(parent) => {
                self.allow_at(principal, Action::CreateSubgroup, Source::Group(parent)).await?;
                let line =
                    self.find_group(PathKey::Id(parent)).await?.ok_or(EngineError::NotFound("group"))?;
                field("parent_id", check_depth(line.len() + 1))?;
                field("path", check_path(&input.path))?;
            }
            None => {
                allow(principal, Action::CreateGroup, Thing::Server)?;
                field("path", check_root_path(&input.path))?;
            }
        }
        field("name", check_name(&input.name))?;
        let group = NewGroup {
            name: input.name,
            path: input.path,
            parent: input.parent,
            creator: principal.user,
            created_at: self.inner.clock.now(),
        };
        let inner = self.inner.clone();
        completed(async move {
            let group = inner.store.create_group(group).await?;
            // Its creator is its owner now.
            inner.registry.memberships_changed();
            inner.dispatch.registry_changed();
            Ok(group)
        })
        .await
    }

    /// One group with its ancestors, itself first, the root last.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], for strangers too.
    pub async fn group(
        &self,
        principal: &Principal,
        key: PathKey<GroupId>,
    ) -> Result<Arc<Vec<Group>>, EngineError> {
        let line = self.find_group(key).await?.ok_or(EngineError::NotFound("group"))?;
        let itself = line.first().ok_or(EngineError::NotFound("group"))?;
        self.allow_at(principal, Action::ReadGroup, Source::Group(itself.id)).await?;
        Ok(line)
    }

    /// Groups by id: those where the asking user is a member (inherited too), all for an admin.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`].
    pub async fn groups(&self, principal: &Principal, page: Page) -> Result<PageOf<Group>, EngineError> {
        allow(principal, LIST, Thing::Server)?;
        let of_user = (principal.role == UserRole::Regular).then_some(principal.user);
        Ok(self.inner.store.groups(of_user, page).await?)
    }

    /// One group with its ancestors, asked for by the server itself: no right is checked. No store read when warm.
    ///
    /// # Errors
    /// The store's, when it had to be asked.
    pub async fn find_group(&self, key: PathKey<GroupId>) -> Result<Option<Arc<Vec<Group>>>, EngineError> {
        let key = match key {
            PathKey::Id(id) => PathKey::Id(id),
            PathKey::FullPath(path) => PathKey::FullPath(path.to_ascii_lowercase()),
        };
        let cache = &self.inner.registry.groups;
        if let Some(line) = cache.get(&key) {
            return Ok(Some(line));
        }
        let read_in = cache.before_read();
        let Some(line) = self.inner.store.group(key.clone()).await?.map(Arc::new) else { return Ok(None) };
        cache.keep(read_in, key, line.clone());
        Ok(Some(line))
    }
}
