use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{At, CalloutCaller, JsonBody, Query, source_of_project};
use crate::v1::callouts;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_wire::callouts::{CalloutQuery, Callouts, DismissInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(dismiss))
}

/// The banners that a user sees on a page of a project. An unknown project or user has none.
#[utoipa::path(get, path = "/v1/projects/{id}/callouts", tag = "callouts",
    params(("id" = String, Path, description = "Id or URL-encoded full path."), CalloutQuery),
    responses((status = 200, body = Callouts), V1Errors))]
async fn list(
    State(engine): State<Engine>,
    At(id): At<String>,
    CalloutCaller(caller): CalloutCaller,
    Query(query): Query<CalloutQuery>,
) -> Result<Json<Callouts>, Problem> {
    let source = source_of_project(&engine, &id).await.unwrap_or(None).unwrap_or(callouts::NO_PROJECT);
    callouts::ask(&engine, &caller, source, query).await.map(Json)
}

/// Closes a banner for a user in this project alone, until a hook of it gets worse.
#[utoipa::path(post, path = "/v1/projects/{id}/callouts/{feature_name}/dismiss", tag = "callouts",
    params(("id" = String, Path, description = "Id or URL-encoded full path."), ("feature_name" = String, Path)),
    request_body = Option<DismissInput>,
    responses((status = 204), V1Errors))]
async fn dismiss(
    State(engine): State<Engine>,
    At((id, feature)): At<(String, String)>,
    CalloutCaller(caller): CalloutCaller,
    JsonBody(input): JsonBody<DismissInput>,
) -> Result<StatusCode, Problem> {
    let source = source_of_project(&engine, &id).await?.unwrap_or(callouts::NO_PROJECT);
    callouts::dismiss(&engine, &caller, source, &feature, input).await?;
    Ok(StatusCode::NO_CONTENT)
}
