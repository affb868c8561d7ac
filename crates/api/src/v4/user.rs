use crate::errors::{V4Error, V4Errors};
use crate::extract::V4;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_wire::users::User;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get))
}

/// The asking user.
#[utoipa::path(get, path = "/api/v4/user", tag = "users", responses((status = 200, body = User), V4Errors))]
async fn get(State(engine): State<Engine>, call: V4<serde::de::IgnoredAny>) -> Result<Json<User>, V4Error> {
    let user = engine.own_user(&call.caller).await?;
    Ok(Json(convert::user(&user, engine.settings(), true)))
}
