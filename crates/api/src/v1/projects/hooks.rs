use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, ProjectRef};
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_base::HookId;
use wigwag_engine::Engine;
use wigwag_hooks::HookScope;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(enable))
}

/// Re-enables a hook, whatever its health: it starts healthy, and what waits goes out.
#[utoipa::path(post, path = "/v1/projects/{id}/hooks/{hook_id}/enable", tag = "hooks",
    params(("id" = String, Path, description = "Id or URL-encoded full path."), ("hook_id" = i64, Path)),
    responses((status = 204), V1Errors))]
async fn enable(
    State(engine): State<Engine>,
    At((id, hook)): At<(String, i64)>,
    Caller(caller): Caller,
) -> Result<StatusCode, Problem> {
    let project = ProjectRef::visible(&engine, &caller, &id).await?;
    engine.enable_hook(&caller, HookScope::Project(project), HookId(hook)).await?;
    Ok(StatusCode::NO_CONTENT)
}
