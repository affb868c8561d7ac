//! `/embed`: what a banner in a platform's page asks for. An embed token speaks for one user in one project or group.

mod callout;
mod cors;
mod dismiss;
mod script;
mod session;
mod v1;
mod viewer;

pub(crate) use cors::layer as cors_layer;
pub(crate) use v1::routes as banner_routes;

use crate::Api;
use utoipa_axum::router::OpenApiRouter;

/// The routes that no page of another origin reads with a script; [`banner_routes`] are the others.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(callout::routes())
        .merge(dismiss::routes())
        .merge(script::routes())
        .merge(session::routes())
}
