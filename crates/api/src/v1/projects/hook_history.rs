use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, JsonBody, ProjectRef};
use crate::v1::hook_history;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_hooks::HookScope;
use wigwag_wire::hooks::{HookChange, PolicyDryRun, PolicyDryRunInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(timeline)).routes(routes!(dry_run))
}

/// The newest 100 changes of the health of a project's hook, newest first, each with the attempts that led to it.
#[utoipa::path(get, path = "/v1/projects/{id}/hooks/{hook_id}/timeline", tag = "hooks",
    params(("id" = String, Path, description = "Id or URL-encoded full path."), ("hook_id" = i64, Path)),
    responses((status = 200, body = [HookChange]), V1Errors))]
async fn timeline(
    State(engine): State<Engine>,
    At((id, hook)): At<(String, i64)>,
    Caller(caller): Caller,
) -> Result<Json<Vec<HookChange>>, Problem> {
    let scope = HookScope::Project(ProjectRef::visible(&engine, &caller, &id).await?);
    hook_history::timeline(&engine, &caller, scope, hook).await.map(Json)
}

/// What another policy would have done with the attempts that are kept of a project's hook. Nothing is changed.
#[utoipa::path(post, path = "/v1/projects/{id}/hooks/{hook_id}/policy_dry_run", tag = "hooks", request_body = PolicyDryRunInput,
    params(("id" = String, Path, description = "Id or URL-encoded full path."), ("hook_id" = i64, Path)),
    responses((status = 200, body = PolicyDryRun), V1Errors))]
async fn dry_run(
    State(engine): State<Engine>,
    At((id, hook)): At<(String, i64)>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<PolicyDryRunInput>,
) -> Result<Json<PolicyDryRun>, Problem> {
    let scope = HookScope::Project(ProjectRef::visible(&engine, &caller, &id).await?);
    hook_history::dry_run(&engine, &caller, scope, hook, input).await.map(Json)
}
