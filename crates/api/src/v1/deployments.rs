//! What runs where, as the platform's pipeline reports it.

use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, JsonBody, Paged, Query};
use crate::listing::listing;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_engine::deployments::{DeploymentInput as Reported, status_of};
use wigwag_ports::deployments::DeploymentFilter;
use wigwag_wire::deployments::{
    Deployment, DeploymentInput, DeploymentMove, DeploymentQuery, Running, RunningEverywhere,
};
use wigwag_wire::server::PageQuery;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, report)).routes(routes!(current)).routes(routes!(get, change))
}

/// Reports a deployment.
#[utoipa::path(post, path = "/v1/deployments", tag = "deployments", request_body = DeploymentInput,
    responses((status = 201, body = Deployment), V1Errors))]
async fn report(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<DeploymentInput>,
) -> Result<(StatusCode, Json<Deployment>), Problem> {
    let given =
        |field: &'static str, text: Option<String>| text.ok_or_else(|| Problem::invalid(field, "is missing"));
    let reported = Reported {
        environment: given("environment", input.environment)?,
        sha: given("sha", input.sha)?,
        reference: given("ref", input.reference)?,
        is_tag: input.tag.unwrap_or(false),
        status: given("status", input.status)?,
        project: None,
    };
    let made = engine.record_deployment(&caller, reported).await?;
    Ok((StatusCode::CREATED, Json(convert::deployment(&made))))
}

/// Deployments, newest first.
#[utoipa::path(get, path = "/v1/deployments", tag = "deployments", params(DeploymentQuery, PageQuery),
    responses((status = 200, body = [Deployment]), V1Errors))]
async fn list(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    Query(query): Query<DeploymentQuery>,
    Paged(page): Paged,
    uri: Uri,
) -> Result<Response, Problem> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let status = given(query.status).map(|word| status_of(&word)).transpose()?;
    let environment = given(query.environment);
    let filter = DeploymentFilter { environment, status, ..DeploymentFilter::default() };
    let found = engine.deployments(&caller, filter, page).await?;
    Ok(listing(engine.settings(), &uri, found, convert::deployment))
}

/// What runs where, in deployment order.
#[utoipa::path(get, path = "/v1/deployments/current", tag = "deployments",
    responses((status = 200, body = RunningEverywhere), V1Errors))]
async fn current(
    State(engine): State<Engine>,
    Caller(caller): Caller,
) -> Result<Json<RunningEverywhere>, Problem> {
    let running = engine.what_runs_where(&caller).await?;
    let newest = running.iter().find_map(|one| one.current.as_ref().map(|one| one.reported.sha.clone()));
    let mut environments = Vec::with_capacity(running.len());
    for one in &running {
        let commits_behind = match (&one.current, &newest) {
            (Some(current), Some(newest)) => engine.commits_ahead(&current.reported.sha, newest).await,
            _ => None,
        };
        environments.push(Running {
            environment: one.environment.clone(),
            current: one.current.as_ref().map(convert::deployment),
            coming: one.coming.as_ref().map(convert::deployment),
            commits_behind,
        });
    }
    Ok(Json(RunningEverywhere { environments }))
}

/// One deployment.
#[utoipa::path(get, path = "/v1/deployments/{id}", tag = "deployments", params(("id" = i64, Path)),
    responses((status = 200, body = Deployment), V1Errors))]
async fn get(
    State(engine): State<Engine>,
    At(id): At<i64>,
    Caller(caller): Caller,
) -> Result<Json<Deployment>, Problem> {
    Ok(Json(convert::deployment(&engine.deployment(&caller, None, id).await?)))
}

/// Reports another status of a deployment.
#[utoipa::path(put, path = "/v1/deployments/{id}", tag = "deployments", params(("id" = i64, Path)),
    request_body = DeploymentMove, responses((status = 200, body = Deployment), V1Errors))]
async fn change(
    State(engine): State<Engine>,
    At(id): At<i64>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<DeploymentMove>,
) -> Result<Json<Deployment>, Problem> {
    let status = input.status.ok_or_else(|| Problem::invalid("status", "is missing"))?;
    Ok(Json(convert::deployment(&engine.move_deployment(&caller, None, id, &status).await?)))
}
