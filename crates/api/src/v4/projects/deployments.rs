//! Deployments of a project, in GitLab's shape.

use crate::errors::{V4Error, V4Errors};
use crate::extract::{At, ProjectRef, V4, project_key};
use crate::listing::listing;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::de::IgnoredAny;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::Principal;
use wigwag_base::{PageOf, ProjectId};
use wigwag_engine::deployments::{DeploymentInput as Reported, status_of};
use wigwag_engine::{Engine, EngineError};
use wigwag_ports::deployments::{Deployment, DeploymentFilter};
use wigwag_ports::registry::UserKey;
use wigwag_wire::deployments::{DeploymentInput, DeploymentMove, DeploymentQuery, GitlabDeployment};
use wigwag_wire::server::PageQuery;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update))
}

/// Deployments that were reported for a project, newest first.
#[utoipa::path(get, path = "/api/v4/projects/{id}/deployments", tag = "deployments", params(("id" = String, Path, description = "Id or URL-encoded full path."), DeploymentQuery, PageQuery),
    responses((status = 200, body = [GitlabDeployment]), V4Errors))]
async fn list(
    State(engine): State<Engine>,
    At(id): At<String>,
    uri: Uri,
    call: V4<DeploymentQuery>,
) -> Result<Response, V4Error> {
    let project = Some(project(&engine, &call.caller, &id).await?);
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let status = given(call.input.status).map(|word| status_of(&word)).transpose()?;
    let environment = given(call.input.environment);
    let filter = DeploymentFilter { environment, status, project, ..DeploymentFilter::default() };
    let found = engine.deployments(&call.caller, filter, call.page).await?;
    let mut rows = Vec::with_capacity(found.rows.len());
    for one in &found.rows {
        rows.push(shown(&engine, one).await?);
    }
    let page = PageOf { rows, page: found.page, total: found.total };
    Ok(listing(engine.settings(), &uri, page, Clone::clone))
}

/// Reports a deployment.
#[utoipa::path(post, path = "/api/v4/projects/{id}/deployments", tag = "deployments", params(("id" = String, Path, description = "Id or URL-encoded full path.")),
    request_body(content((DeploymentInput = "application/json"), (DeploymentInput = "application/x-www-form-urlencoded"))),
    responses((status = 201, body = GitlabDeployment), V4Errors))]
async fn create(
    State(engine): State<Engine>,
    At(id): At<String>,
    call: V4<DeploymentInput>,
) -> Result<(StatusCode, Json<GitlabDeployment>), V4Error> {
    let project = Some(project(&engine, &call.caller, &id).await?);
    let V4 { caller, input, .. } = call;
    let given = |field: &'static str, text: Option<String>| text.ok_or_else(|| V4Error::missing(field));
    let reported = Reported {
        environment: given("environment", input.environment)?,
        sha: given("sha", input.sha)?,
        reference: given("ref", input.reference)?,
        is_tag: input.tag.ok_or_else(|| V4Error::missing("tag"))?,
        status: given("status", input.status)?,
        project,
    };
    let made = engine.record_deployment(&caller, reported).await?;
    Ok((StatusCode::CREATED, Json(shown(&engine, &made).await?)))
}

/// One deployment.
#[utoipa::path(get, path = "/api/v4/projects/{id}/deployments/{deployment_id}", tag = "deployments", params(("id" = String, Path, description = "Id or URL-encoded full path."), ("deployment_id" = i64, Path)),
    responses((status = 200, body = GitlabDeployment), V4Errors))]
async fn get(
    State(engine): State<Engine>,
    At((id, deployment)): At<(String, i64)>,
    call: V4<IgnoredAny>,
) -> Result<Json<GitlabDeployment>, V4Error> {
    let project = Some(project(&engine, &call.caller, &id).await?);
    let found = engine.deployment(&call.caller, project, deployment).await?;
    Ok(Json(shown(&engine, &found).await?))
}

/// Reports another status of a deployment.
#[utoipa::path(put, path = "/api/v4/projects/{id}/deployments/{deployment_id}", tag = "deployments", params(("id" = String, Path, description = "Id or URL-encoded full path."), ("deployment_id" = i64, Path)),
    request_body(content((DeploymentMove = "application/json"), (DeploymentMove = "application/x-www-form-urlencoded"))),
    responses((status = 200, body = GitlabDeployment), V4Errors))]
async fn update(
    State(engine): State<Engine>,
    At((id, deployment)): At<(String, i64)>,
    call: V4<DeploymentMove>,
) -> Result<Json<GitlabDeployment>, V4Error> {
    let project = Some(project(&engine, &call.caller, &id).await?);
    let status = call.input.status.ok_or_else(|| V4Error::missing("status"))?;
    let moved = engine.move_deployment(&call.caller, project, deployment, &status).await?;
    Ok(Json(shown(&engine, &moved).await?))
}

/// The project, for whoever may see it. That the token in hand is for deployments alone does not matter: whether it may
/// do what it asks is found out where it does it.
async fn project(engine: &Engine, caller: &Principal, id: &str) -> Result<ProjectId, EngineError> {
    match ProjectRef::visible(engine, caller, id).await {
        // What may not be seen is hidden, never forbidden.
        Err(EngineError::Forbidden(_)) => {
            let placed = engine.find_project(project_key(id)).await?;
            Ok(placed.ok_or(EngineError::NotFound("project"))?.project.id)
        }
        other => other,
    }
}

async fn shown(engine: &Engine, one: &Deployment) -> Result<GitlabDeployment, EngineError> {
    let author = engine.find_user(UserKey::Username(one.reported.author.clone())).await?;
    Ok(convert::gitlab_deployment(one, author.as_deref(), engine.settings()))
}
