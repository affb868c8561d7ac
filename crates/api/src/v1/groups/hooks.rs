use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, group_key};
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_base::HookId;
use wigwag_engine::{Engine, EngineError};
use wigwag_hooks::HookScope;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(enable))
}

/// Re-enables a group's hook, whatever its health.
#[utoipa::path(post, path = "/v1/groups/{id}/hooks/{hook_id}/enable", tag = "hooks",
    params(("id" = String, Path, description = "Id or URL-encoded full path."), ("hook_id" = i64, Path)),
    responses((status = 204), V1Errors))]
async fn enable(
    State(engine): State<Engine>,
    At((id, hook)): At<(String, i64)>,
    Caller(caller): Caller,
) -> Result<StatusCode, Problem> {
    let line = engine.group(&caller, group_key(&id)).await?;
    let group = line.first().ok_or(EngineError::NotFound("group"))?.id;
    engine.enable_hook(&caller, HookScope::Group(group), HookId(hook)).await?;
    Ok(StatusCode::NO_CONTENT)
}
