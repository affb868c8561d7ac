//! What runs where.

use super::listing::Listing;
use crate::codec::deployment::{deployment, status_code};
use crate::error::Outcome;
use crate::limits::DEPLOYMENTS_KEPT;
use crate::store::SqliteStore;
use crate::writer::Group;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};
use wigwag_base::{Page, PageOf, Timestamp};
use wigwag_ports::StoreError;
use wigwag_ports::deployments::DeploymentStatus::{Created, Running, Success};
use wigwag_ports::deployments::{Deployment, DeploymentFilter, DeploymentStatus, Deployments, NewDeployment};

/// Of each environment and project the newest that is ?1, and the newest above it that is ?2 or ?3.
const CURRENT: &str = "WITH places AS (SELECT DISTINCT environment, project_id FROM deployments), \
     current AS (SELECT environment, project_id, (SELECT max(id) FROM deployments d \
         WHERE d.environment = places.environment AND d.project_id IS places.project_id AND d.status = ?1) AS id \
         FROM places), \
     coming AS (SELECT (SELECT max(id) FROM deployments d WHERE d.environment = current.environment \
         AND d.project_id IS current.project_id AND d.status IN (?2, ?3) AND d.id > coalesce(current.id, 0)) AS id \
         FROM current) \
     SELECT * FROM deployments WHERE id IN (SELECT id FROM current UNION ALL SELECT id FROM coming) \
     ORDER BY environment, project_id, id";

/// What is over of an environment and project: all but the newest ?3, and but the newest that is ?4.
pub(super) const LET_GO: &str = "DELETE FROM deployments WHERE environment = ?1 AND project_id IS ?2 AND id <= \
     (SELECT id FROM deployments WHERE environment = ?1 AND project_id IS ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3) \
     AND id <> coalesce((SELECT max(id) FROM deployments \
         WHERE environment = ?1 AND project_id IS ?2 AND status = ?4), 0)";

#[async_trait]
impl Deployments for SqliteStore {
    async fn record_deployment(&self, new: NewDeployment) -> Result<Deployment, StoreError> {
        self.change(move |group| record(group, &new)).await
    }

    async fn move_deployment(
        &self,
        id: i64,
        status: DeploymentStatus,
        at: Timestamp,
    ) -> Result<Deployment, StoreError> {
        self.change(move |group| {
            group
                .sql("UPDATE deployments SET status = ?2, updated_at = ?3 WHERE id = ?1 RETURNING *")?
                .query_row(params![id, status_code(status), at.as_millis()], deployment)
                .optional()?
                .ok_or_else(|| StoreError::NotFound("deployment").into())
        })
        .await
    }

    async fn deployment(&self, id: i64) -> Result<Option<Deployment>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached("SELECT * FROM deployments WHERE id = ?1")?;
            Ok(statement.query_row([id], deployment).optional()?)
        })
        .await
    }

    async fn current_deployments(&self) -> Result<Vec<Deployment>, StoreError> {
        self.read(|connection| {
            let [success, created, running] = [Success, Created, Running].map(status_code);
            let mut statement = connection.prepare_cached(CURRENT)?;
            let rows = statement.query_map([success, created, running], deployment)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn deployments(
        &self,
        filter: DeploymentFilter,
        page: Page,
    ) -> Result<PageOf<Deployment>, StoreError> {
        let DeploymentFilter { environment, status, project, of_no_project } = filter;
        let mut listing = Listing::new("SELECT * FROM deployments WHERE true", "id DESC");
        if let Some(environment) = environment {
            listing.narrow("environment = ?", [environment.into()]);
        }
        if let Some(status) = status {
            listing.narrow("status = ?", [status_code(status).into()]);
        }
        if let Some(project) = project {
            listing.narrow("project_id = ?", [project.0.into()]);
        }
        if of_no_project {
            listing.narrow("project_id IS NULL", []);
        }
        self.read(move |connection| listing.page(connection, page, |row| Ok(deployment(row)?))).await
    }
}

/// Keeps a new one and lets go of what is too old to be of use.
fn record(group: &Group<'_>, new: &NewDeployment) -> Outcome<Deployment> {
    let NewDeployment { environment, sha, reference, is_tag, status, project, author, at } = new;
    if let Some(project) = project {
        let there = group
            .sql("SELECT 1 FROM projects WHERE id = ?1")?
            .query_row([project.0], |_| Ok(()))
            .optional()?;
        there.ok_or(StoreError::NotFound("project"))?;
    }
    let kept = group
        .sql(
            "INSERT INTO deployments (environment, sha, reference, is_tag, status, project_id, author, at, updated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) RETURNING *",
        )?
        .query_row(
            params![
                environment,
                sha,
                reference,
                is_tag,
                status_code(*status),
                project.map(|project| project.0),
                author,
                at.as_millis()
            ],
            deployment,
        )?;
    group.sql(LET_GO)?.execute(params![
        environment,
        project.map(|project| project.0),
        DEPLOYMENTS_KEPT,
        status_code(Success)
    ])?;
    Ok(kept)
}
