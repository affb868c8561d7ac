//! Deployments.

use super::{codes, time};
use rusqlite::{Result, Row};
use wigwag_base::ProjectId;
use wigwag_ports::deployments::{Deployment, DeploymentStatus, NewDeployment};

codes!(status_code, status, DeploymentStatus {
    DeploymentStatus::Created = 0,
    DeploymentStatus::Running = 1,
    DeploymentStatus::Success = 2,
    DeploymentStatus::Failed = 3,
    DeploymentStatus::Canceled = 4,
});

/// Reads a row of `deployments`.
pub(crate) fn deployment(row: &Row<'_>) -> Result<Deployment> {
    let reported = NewDeployment {
        environment: row.get("environment")?,
        sha: row.get("sha")?,
        reference: row.get("reference")?,
        is_tag: row.get("is_tag")?,
        status: status(row.get("status")?)?,
        project: row.get::<_, Option<i64>>("project_id")?.map(ProjectId),
        author: row.get("author")?,
        at: time(row, "at")?,
    };
    Ok(Deployment { id: row.get("id")?, reported, updated_at: time(row, "updated_at")? })
}
