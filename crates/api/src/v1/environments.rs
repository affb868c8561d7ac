use crate::Api;
use crate::convert;
use crate::errors::{Problem, V1Errors};
use crate::extract::Caller;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_wire::environments::Environment;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The environments in deployment order, and how each stands with its flags; for a bound token, those that it reads.
#[utoipa::path(get, path = "/v1/environments", tag = "features",
    responses((status = 200, body = [Environment]), V1Errors))]
async fn list(
    State(engine): State<Engine>,
    Caller(caller): Caller,
) -> Result<Json<Vec<Environment>>, Problem> {
    Ok(Json(engine.environments(&caller)?.iter().map(convert::environment).collect()))
}
