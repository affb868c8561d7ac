//! What runs where: our own shape, and GitLab's.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A deployment as a pipeline reports it; `/api/v4` takes the same fields as a form too.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct DeploymentInput {
    /// The environment's name.
    #[serde(deserialize_with = "lenient::text")]
    pub environment: Option<String>,
    /// The full id of the commit.
    #[serde(deserialize_with = "lenient::text")]
    pub sha: Option<String>,
    /// The branch or tag that it came by.
    #[serde(rename = "ref", deserialize_with = "lenient::text")]
    pub reference: Option<String>,
    /// Whether `ref` is a tag.
    #[serde(deserialize_with = "lenient::switch")]
    pub tag: Option<bool>,
    /// `created`, `running`, `success`, `failed` or `canceled`.
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
}

/// Where a deployment stands now.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct DeploymentMove {
    /// `created`, `running`, `success`, `failed` or `canceled`.
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
}

/// Which deployments. Every field narrows.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct DeploymentQuery {
    /// Of one environment.
    #[serde(deserialize_with = "lenient::text")]
    pub environment: Option<String>,
    /// With one status.
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
}

/// A deployment.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Deployment {
    /// Rising.
    pub id: i64,
    /// The environment's name.
    pub environment: String,
    /// The full id of the commit.
    pub sha: String,
    /// The branch or tag that it came by.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Whether `ref` is a tag.
    pub tag: bool,
    /// Where it stands.
    pub status: &'static str,
    /// When it was reported first.
    pub created_at: Time,
    /// When its status was reported last.
    pub updated_at: Time,
    /// Who reported it.
    pub by: String,
}

/// What runs where.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct RunningEverywhere {
    /// In deployment order.
    pub environments: Vec<Running>,
}

/// What runs in one environment.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Running {
    /// Its name.
    pub environment: String,
    /// The newest deployment that succeeded.
    pub current: Option<Deployment>,
    /// A newer one that is announced or under way.
    pub coming: Option<Deployment>,
    /// Commits of the newest environment that this one has not; null where the repository cannot say.
    pub commits_behind: Option<u64>,
}

/// A deployment in GitLab's shape.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct GitlabDeployment {
    /// Rising.
    pub id: i64,
    /// The same.
    pub iid: i64,
    /// The branch or tag that it came by.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The full id of the commit.
    pub sha: String,
    /// When it was reported first.
    pub created_at: Time,
    /// When its status was reported last.
    pub updated_at: Time,
    /// Where it stands.
    pub status: &'static str,
    /// Who reported it, if that user still exists.
    pub user: Option<crate::users::User>,
    /// The environment.
    pub environment: GitlabEnvironment,
    /// Always null: jobs run elsewhere.
    pub deployable: Option<String>,
}

/// An environment in GitLab's shape.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct GitlabEnvironment {
    /// Its place in deployment order, from 1.
    pub id: usize,
    /// Its name.
    pub name: String,
    /// Always null.
    pub external_url: Option<String>,
}
