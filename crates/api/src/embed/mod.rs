//! `/embed`: what a banner in a platform's page asks for. An embed token speaks for one user in one project or group.

mod callout;
mod cors;
mod dismiss;
mod script;
mod session;
mod v1;
mod viewer;

pub(crate) use cors::layer as cors_layer;

use crate::Api;
use tower_http::cors::CorsLayer;
use utoipa_axum::router::OpenApiRouter;

/// The routes; browsers let pages of other origins reach those below `v1` as `cors` says.
pub(crate) fn routes(cors: CorsLayer) -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(callout::routes())
        .merge(dismiss::routes())
        .merge(script::routes())
        .merge(session::routes())
        .merge(v1::routes().layer(cors))
}
