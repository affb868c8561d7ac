use super::{LIST, field};
use crate::completed::completed;
use crate::rights::allow;
use crate::{Engine, EngineError};
use std::sync::Arc;
use wigwag_access::{
    Action, Group, Namespace, Principal, Project, Source, Thing, UserRole, check_name, check_path, slug,
};
use wigwag_base::{GroupId, Page, PageOf, ProjectId};
use wigwag_ports::registry::{NewProject, PathKey};

/// A project to make, as a person wrote it.
#[derive(Clone, Debug)]
pub struct ProjectInput {
    /// What people read.
    pub name: String,
    /// Its part of the path; made from the name if missing.
    pub path: Option<String>,
    /// The group to lie in; the asking user's own namespace if missing.
    pub namespace: Option<GroupId>,
}

/// A project with the groups above it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacedProject {
    /// The project.
    pub project: Project,
    /// The groups above it, nearest first; none in a user's own namespace.
    pub ancestors: Vec<Group>,
}

impl Engine {
    /// Makes a project.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `name` or `path`; [`EngineError::NotFound`] the group.
    pub async fn create_project(
        &self,
        principal: &Principal,
        input: ProjectInput,
    ) -> Result<Project, EngineError> {
        let namespace = match input.namespace {
            Some(group) => {
                self.allow_at(principal, Action::CreateProject, Source::Group(group)).await?;
                Namespace::Group(group)
            }
            None => {
                allow(principal, Action::CreateProject, Thing::User(principal.user))?;
                Namespace::User(principal.user)
            }
        };
        field("name", check_name(&input.name))?;
        let path = match input.path {
            Some(path) => path,
            None => slug(&input.name).ok_or_else(|| EngineError::Invalid {
                field: "path",
                rule: "cannot be made from this name; give one".into(),
            })?,
        };
        field("path", check_path(&path))?;
        let project = NewProject { name: input.name, path, namespace, created_at: self.inner.clock.now() };
        let inner = self.inner.clone();
        completed(async move {
            let project = inner.store.create_project(project).await?;
            inner.dispatch.registry_changed();
            Ok(project)
        })
        .await
    }

    /// One project.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], for strangers too.
    pub async fn project(
        &self,
        principal: &Principal,
        key: PathKey<ProjectId>,
    ) -> Result<Arc<PlacedProject>, EngineError> {
        let placed = self.find_project(key).await?.ok_or(EngineError::NotFound("project"))?;
        self.allow_at(principal, Action::ReadProject, Source::Project(placed.project.id)).await?;
        Ok(placed)
    }

    /// Projects by id: those where the asking user is a member (inherited too) or that lie in the user's own
    /// namespace, all for an admin.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`].
    pub async fn projects(&self, principal: &Principal, page: Page) -> Result<PageOf<Project>, EngineError> {
        allow(principal, LIST, Thing::Server)?;
        let of_user = (principal.role == UserRole::Regular).then_some(principal.user);
        Ok(self.inner.store.projects(of_user, page).await?)
    }

    /// One project with the groups above it, asked for by the server itself: no right is checked. No store read when
    /// warm.
    ///
    /// # Errors
    /// The store's, when it had to be asked.
    pub async fn find_project(
        &self,
        key: PathKey<ProjectId>,
    ) -> Result<Option<Arc<PlacedProject>>, EngineError> {
        let key = match key {
            PathKey::Id(id) => PathKey::Id(id),
            PathKey::FullPath(path) => PathKey::FullPath(path.to_ascii_lowercase()),
        };
        let cache = &self.inner.registry.projects;
        if let Some(placed) = cache.get(&key) {
            return Ok(Some(placed));
        }
        let read_in = cache.before_read();
        let Some((project, ancestors)) = self.inner.store.project(key.clone()).await? else {
            return Ok(None);
        };
        let placed = Arc::new(PlacedProject { project, ancestors });
        cache.keep(read_in, key, placed.clone());
        Ok(Some(placed))
    }
}
