use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller};
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

/// Re-enables a hook of the system, whatever its health.
#[utoipa::path(post, path = "/v1/hooks/{hook_id}/enable", tag = "hooks", params(("hook_id" = i64, Path)),
    responses((status = 204), V1Errors))]
async fn enable(
    State(engine): State<Engine>,
    At(hook): At<i64>,
    Caller(caller): Caller,
) -> Result<StatusCode, Problem> {
    engine.enable_hook(&caller, HookScope::System, HookId(hook)).await?;
    Ok(StatusCode::NO_CONTENT)
}
