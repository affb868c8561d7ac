mod deliveries;
mod health;
mod history;

use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{At, Caller, JsonBody};
use crate::v1::signing_tokens;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_base::HookId;
use wigwag_engine::Engine;
use wigwag_hooks::HookScope;
use wigwag_wire::hooks::{NewSigningToken, SigningToken, SigningTokenInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(enable))
        .routes(routes!(list_signing_tokens, add_signing_token))
        .routes(routes!(remove_signing_token))
        .merge(deliveries::routes())
        .merge(health::routes())
        .merge(history::routes())
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

/// The signing tokens that are valid, the newest first, without their values.
#[utoipa::path(get, path = "/v1/hooks/{hook_id}/signing_tokens", tag = "hooks",
    params(("hook_id" = i64, Path)), responses((status = 200, body = [SigningToken]), V1Errors))]
async fn list_signing_tokens(
    State(engine): State<Engine>,
    At(hook): At<i64>,
    Caller(caller): Caller,
) -> Result<Json<Vec<SigningToken>>, Problem> {
    let scope = HookScope::System;
    signing_tokens::list(&engine, &caller, scope, hook).await.map(Json)
}

/// Adds a signing token, a fresh one if none is given, and tells it once. The older ones sign too until they run out.
#[utoipa::path(post, path = "/v1/hooks/{hook_id}/signing_tokens", tag = "hooks", request_body = SigningTokenInput,
    params(("hook_id" = i64, Path)), responses((status = 201, body = NewSigningToken), V1Errors))]
async fn add_signing_token(
    State(engine): State<Engine>,
    At(hook): At<i64>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<SigningTokenInput>,
) -> Result<(StatusCode, Json<NewSigningToken>), Problem> {
    let scope = HookScope::System;
    let new = signing_tokens::add(&engine, &caller, scope, hook, input).await?;
    Ok((StatusCode::CREATED, Json(new)))
}

/// Takes a signing token away: it signs no more.
#[utoipa::path(delete, path = "/v1/hooks/{hook_id}/signing_tokens/{token_id}", tag = "hooks",
    params(("hook_id" = i64, Path), ("token_id" = String, Path)), responses((status = 204), V1Errors))]
async fn remove_signing_token(
    State(engine): State<Engine>,
    At((hook, token)): At<(i64, String)>,
    Caller(caller): Caller,
) -> Result<StatusCode, Problem> {
    let scope = HookScope::System;
    engine.remove_signing_token(&caller, scope, HookId(hook), &token).await?;
    Ok(StatusCode::NO_CONTENT)
}
