//! What runs where, as the platform's pipeline reports it.

use crate::limits::REFERENCE_CHARACTERS_MAX;
use crate::rights::allow;
use crate::{Engine, EngineError};
use wigwag_access::{Action, Principal, Thing};
use wigwag_base::{Page, PageOf, ProjectId};
use wigwag_ports::deployments::{Deployment, DeploymentFilter, DeploymentStatus, NewDeployment};
use wigwag_ports::registry::PathKey;

/// A deployment as it is reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeploymentInput {
    /// The environment's name.
    pub environment: String,
    /// The commit, 40 or 64 hex digits.
    pub sha: String,
    /// The branch or tag that it came by.
    pub reference: String,
    /// Whether that is a tag.
    pub is_tag: bool,
    /// The status, in GitLab's words.
    pub status: String,
    /// The registry's project that it is reported for, if any.
    pub project: Option<ProjectId>,
}

/// What runs in one environment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Running {
    /// Its name.
    pub environment: String,
    /// The newest deployment that succeeded.
    pub current: Option<Deployment>,
    /// A newer one that is announced or under way.
    pub coming: Option<Deployment>,
}

impl Engine {
    /// Keeps a deployment that is reported.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; [`EngineError::Invalid`] names the field and the rule; the store's.
    pub async fn record_deployment(
        &self,
        principal: &Principal,
        input: DeploymentInput,
    ) -> Result<Deployment, EngineError> {
        allow(principal, Action::RecordDeployments, Thing::Server)?;
        let status = self.checked_deployment(&input)?;
        let deployment = NewDeployment {
            environment: input.environment,
            sha: input.sha.to_ascii_lowercase(),
            reference: input.reference,
            is_tag: input.is_tag,
            status,
            project: input.project,
            author: self.username_of(principal.user).await?,
            at: self.inner.clock.now(),
        };
        Ok(self.inner.store.record_deployment(deployment).await?)
    }

    /// Moves a deployment to another status.
    ///
    /// # Errors
    /// As [`Engine::record_deployment`]; [`EngineError::NotFound`].
    pub async fn move_deployment(
        &self,
        principal: &Principal,
        project: Option<ProjectId>,
        id: i64,
        status: &str,
    ) -> Result<Deployment, EngineError> {
        allow(principal, Action::RecordDeployments, Thing::Server)?;
        let status = status_of(status)?;
        self.deployment(principal, project, id).await?;
        Ok(self.inner.store.move_deployment(id, status, self.inner.clock.now()).await?)
    }

    /// One deployment; of `project` alone, if one is named: then it was asked before whether it may be seen.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; the store's.
    pub async fn deployment(
        &self,
        principal: &Principal,
        project: Option<ProjectId>,
        id: i64,
    ) -> Result<Deployment, EngineError> {
        allow(principal, Action::ReadDeployments, Thing::Server)?;
        let found = self.inner.store.deployment(id).await?;
        let may_see = |one: &Deployment| match project {
            Some(_) => one.reported.project == project,
            None => one.reported.project.is_none() || sees_every_project(principal),
        };
        found.filter(may_see).ok_or(EngineError::NotFound("deployment"))
    }

    /// Deployments, newest first. Whoever does not see every project gets those of the project that the filter names, which
    /// was asked before, or those of none.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; the store's.
    pub async fn deployments(
        &self,
        principal: &Principal,
        filter: DeploymentFilter,
        page: Page,
    ) -> Result<PageOf<Deployment>, EngineError> {
        allow(principal, Action::ReadDeployments, Thing::Server)?;
        let of_no_project =
            filter.of_no_project || filter.project.is_none() && !sees_every_project(principal);
        Ok(self.inner.store.deployments(DeploymentFilter { of_no_project, ..filter }, page).await?)
    }

    /// What runs where, for whoever may see it.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; the store's.
    pub async fn what_runs_where(&self, principal: &Principal) -> Result<Vec<Running>, EngineError> {
        allow(principal, Action::ReadDeployments, Thing::Server)?;
        self.running().await
    }

    /// How many commits of `newer` are not in `older`, if the repository knows both.
    pub async fn commits_ahead(&self, older: &str, newer: &str) -> Option<u64> {
        let repository = self.inner.outside.repository.as_ref()?;
        repository.ahead(older, newer).await.ok().flatten()
    }

    /// What runs where, in deployment order; environments that were taken out of the settings are left out. Where it is
    /// known which projects the platform's repository belongs to, deployments of others say nothing of it.
    pub(crate) async fn running(&self) -> Result<Vec<Running>, EngineError> {
        let mut current = self.inner.store.current_deployments().await?;
        let platform = self.platform_projects().await?;
        if !platform.is_empty() {
            current.retain(|one| one.reported.project.is_none_or(|project| platform.contains(&project)));
        }
        current.sort_by_key(|one| one.id);
        let of = |name: &str, succeeded: bool| {
            let is = |one: &&Deployment| {
                one.reported.environment == name
                    && (one.reported.status == DeploymentStatus::Success) == succeeded
            };
            current.iter().rfind(is).cloned()
        };
        let environments = self.inner.settings.environments.iter();
        let running = environments.map(|one| {
            let current = of(&one.name, true);
            let newer = |coming: &Deployment| current.as_ref().is_none_or(|current| coming.id > current.id);
            let coming = of(&one.name, false).filter(newer);
            Running { environment: one.name.clone(), current, coming }
        });
        Ok(running.collect())
    }

    /// The projects of the platform's repository, as far as the registry knows them.
    async fn platform_projects(&self) -> Result<Vec<ProjectId>, EngineError> {
        let Some(repository) = &self.inner.outside.repository else { return Ok(Vec::new()) };
        let mut known = Vec::new();
        for path in repository.projects() {
            let found = self.find_project(PathKey::FullPath(path)).await?;
            known.extend(found.map(|placed| placed.project.id));
        }
        Ok(known)
    }

    fn checked_deployment(&self, input: &DeploymentInput) -> Result<DeploymentStatus, EngineError> {
        let invalid = |field, rule: String| Err(EngineError::Invalid { field, rule });
        let names: Vec<&str> = self.inner.settings.environments.iter().map(|one| one.name.as_str()).collect();
        if !names.contains(&input.environment.as_str()) {
            let near = wigwag_chat::nearest(&input.environment, names.iter().copied());
            let meant = near.map_or(String::new(), |near| format!("; did you mean {near:?}?"));
            return invalid("environment", format!("must be one of {}{meant}", names.join(", ")));
        }
        let is_hex = input.sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hex || ![40, 64].contains(&input.sha.len()) {
            return invalid("sha", "must be the full id of a commit: 40 or 64 hex digits".into());
        }
        if input.reference.is_empty() || input.reference.chars().count() > REFERENCE_CHARACTERS_MAX {
            return invalid("ref", format!("must have 1 to {REFERENCE_CHARACTERS_MAX} characters"));
        }
        if input.reference.chars().any(char::is_control) {
            return invalid("ref", "holds control characters".into());
        }
        status_of(&input.status)
    }
}

fn sees_every_project(principal: &Principal) -> bool {
    allow(principal, Action::RecordDeployments, Thing::Server).is_ok()
}

/// The status that a word names.
///
/// # Errors
/// [`EngineError::Invalid`] lists the words.
pub fn status_of(word: &str) -> Result<DeploymentStatus, EngineError> {
    DeploymentStatus::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = DeploymentStatus::ALL.iter().map(|status| status.as_str()).collect();
        EngineError::Invalid { field: "status", rule: format!("must be one of {}", words.join(", ")) }
    })
}
