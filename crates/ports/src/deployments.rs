//! What runs where: deployments as the platform's pipeline reports them.
//!
//! ```text
//! created -> running -> success | failed | canceled
//! ```
//! An environment runs the newest deployment that succeeded. A pipeline may report any state first, and any after any.

use crate::StoreError;
use async_trait::async_trait;
use wigwag_base::{Page, PageOf, ProjectId, Timestamp};

/// Keeps deployments.
#[async_trait]
pub trait Deployments: Send + Sync {
    /// Keeps a new one. Of its environment and project the newest 1,000 stay, and the newest that succeeded always.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (`project`).
    async fn record_deployment(&self, deployment: NewDeployment) -> Result<Deployment, StoreError>;

    /// Moves one to another status.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (`deployment`).
    async fn move_deployment(
        &self,
        id: i64,
        status: DeploymentStatus,
        at: Timestamp,
    ) -> Result<Deployment, StoreError>;

    /// One, by id.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn deployment(&self, id: i64) -> Result<Option<Deployment>, StoreError>;

    /// Of each environment and project the newest that succeeded, and a newer one that is created or running, if there is
    /// one; by environment's name, what belongs to no project first, then by project, older first.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn current_deployments(&self) -> Result<Vec<Deployment>, StoreError>;

    /// Deployments, newest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn deployments(
        &self,
        filter: DeploymentFilter,
        page: Page,
    ) -> Result<PageOf<Deployment>, StoreError>;
}

/// Where a deployment stands; the words are GitLab's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DeploymentStatus {
    /// Announced.
    Created,
    /// Under way.
    Running,
    /// In place.
    Success,
    /// Ended without.
    Failed,
    /// Stopped by somebody.
    Canceled,
}

impl DeploymentStatus {
    /// Every status, in the order of a deployment's life.
    pub const ALL: [DeploymentStatus; 5] =
        [Self::Created, Self::Running, Self::Success, Self::Failed, Self::Canceled];

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// The status that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A deployment to keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDeployment {
    /// The environment's name.
    pub environment: String,
    /// The full id of the commit, 40 or 64 lower-case hex digits.
    pub sha: String,
    /// The branch or tag that it came by.
    pub reference: String,
    /// Whether `reference` is a tag.
    pub is_tag: bool,
    /// Where it stands.
    pub status: DeploymentStatus,
    /// The registry's project that it was reported for, if any.
    pub project: Option<ProjectId>,
    /// The username of who reported it.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// A deployment as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deployment {
    /// Rising.
    pub id: i64,
    /// What was reported.
    pub reported: NewDeployment,
    /// When its status was reported last.
    pub updated_at: Timestamp,
}

/// Which deployments. Every field narrows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeploymentFilter {
    /// Of one environment.
    pub environment: Option<String>,
    /// With one status.
    pub status: Option<DeploymentStatus>,
    /// Reported for one project.
    pub project: Option<ProjectId>,
    /// Reported for no project.
    pub of_no_project: bool,
}
