use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{Caller, JsonBody, source_of_group, source_of_project, user_key};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::{Engine, EngineError};
use wigwag_wire::Time;
use wigwag_wire::embed::{EmbedToken, EmbedTokenInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(mint))
}

/// Mints an embed token for one user in one project or group, for platforms that do not sign their own.
#[utoipa::path(post, path = "/v1/embed_tokens", tag = "embed", request_body = EmbedTokenInput,
    responses((status = 201, body = EmbedToken), V1Errors))]
async fn mint(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<EmbedTokenInput>,
) -> Result<(StatusCode, Json<EmbedToken>), Problem> {
    let user = input.user.ok_or_else(|| Problem::invalid("user", "is missing; give a username"))?;
    let source = match (input.project, input.group) {
        (Some(project), None) => source_of_project(&engine, &project).await?,
        (None, Some(group)) => source_of_group(&engine, &group).await?,
        _ => return Err(Problem::invalid("project", "or group is missing; give exactly one of them")),
    };
    let source = source.ok_or(EngineError::NotFound("project or group"))?;
    let minted = engine.mint_embed_token(&caller, user_key(&user), source).await?;
    let token = EmbedToken { token: minted.token.expose().clone(), expires_at: Time(minted.expires_at) };
    Ok((StatusCode::CREATED, Json(token)))
}
