use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{Caller, JsonBody, user_key};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_ports::registry::UserKey;
use wigwag_wire::Time;
use wigwag_wire::users::{LoginLink, LoginLinkInput};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(create))
}

/// Makes a one-time link that signs a user in: for oneself, or for anybody by an admin.
#[utoipa::path(post, path = "/v1/login_links", tag = "users", request_body = Option<LoginLinkInput>,
    responses((status = 201, body = LoginLink), V1Errors))]
async fn create(
    State(engine): State<Engine>,
    Caller(caller): Caller,
    JsonBody(input): JsonBody<LoginLinkInput>,
) -> Result<(StatusCode, Json<LoginLink>), Problem> {
    let user = input.user.map_or(UserKey::Id(caller.user), |user| user_key(&user));
    let link = engine.create_login_link(&caller, user).await?;
    let made = LoginLink { url: engine.login_link_url(&link), expires_at: Time(link.expires_at) };
    Ok((StatusCode::CREATED, Json(made)))
}
