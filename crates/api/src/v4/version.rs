use crate::Api;
use axum::Json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_wire::server::Version;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get))
}

/// Which version answers.
#[utoipa::path(get, path = "/api/v4/version", tag = "server", security(()), responses((status = 200, body = Version)))]
async fn get() -> Json<Version> {
    Json(Version { version: env!("CARGO_PKG_VERSION"), revision: "wigwag" })
}
