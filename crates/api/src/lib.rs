//! The HTTP interface: one endpoint family a file, the tree of files mirroring the tree of URLs. The OpenAPI document is
//! made from the routes themselves, so neither can be without the other.
//!
//! ```text
//! finish: request id, span, panics -> 500, tidy paths
//!   router: metrics -> route -> extract (who asks, what with) -> engine -> wire -> answer
//! ```

mod chat;
mod convert;
mod document;
mod embed;
mod errors;
mod extract;
mod feed;
mod finish;
pub mod limits;
mod listing;
mod metrics;
mod ofrep;
mod server;
mod v1;
mod v4;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::any;
use feed::Feeds;
use metrics::Metrics;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use wigwag_engine::Engine;

pub use document::document;
pub use finish::finish;

/// What every handler may ask for.
#[derive(Clone)]
struct Api {
    engine: Engine,
    metrics: Arc<Metrics>,
    feeds: Arc<Feeds>,
}

impl FromRef<Api> for Engine {
    fn from_ref(api: &Api) -> Self {
        api.engine.clone()
    }
}

impl FromRef<Api> for Arc<Metrics> {
    fn from_ref(api: &Api) -> Self {
        api.metrics.clone()
    }
}

impl FromRef<Api> for Arc<Feeds> {
    fn from_ref(api: &Api) -> Self {
        api.feeds.clone()
    }
}

/// Every route of the interface, to be merged with the pages' and then given to [`finish`].
pub fn router(engine: Engine) -> Router {
    let feeds = Arc::new(Feeds::new(engine.clone()));
    let api = Api { engine, metrics: Arc::new(Metrics::new()), feeds };
    let origins = &api.engine.settings().embed_origins;
    let (banner_cors, ofrep_cors) = (embed::cors_layer(origins), ofrep::cors_layer(origins));
    let (routes, _) = routes().split_for_parts();
    let (banner, _) = embed::banner_routes().split_for_parts();
    let (ofrep, _) = ofrep::routes().split_for_parts();
    let ofrep = ofrep.method_not_allowed_fallback(errors::method_not_allowed);
    // Without an origin that may ask there is nothing to tell browsers.
    let ofrep = if origins.is_empty() { ofrep } else { ofrep.layer(ofrep_cors) };
    routes
        .route("/openapi.json", axum::routing::get(document::answer))
        .method_not_allowed_fallback(errors::method_not_allowed)
        .merge(banner.method_not_allowed_fallback(errors::method_not_allowed).layer(banner_cors))
        .merge(ofrep)
        .merge(chat::routes())
        .route("/api/v4/{*rest}", any(errors::not_found))
        .route("/v1/{*rest}", any(errors::not_found))
        .route("/chat/{platform}/", any(errors::not_found))
        .route("/chat/{platform}/{*rest}", any(errors::not_found))
        .route("/embed/{*rest}", any(errors::not_found))
        .route("/ofrep/{*rest}", any(errors::not_found))
        .route("/environments/{environment}/{*rest}", any(errors::not_found))
        .route_layer(metrics::Observe(api.metrics.clone()))
        .with_state(api)
}

fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(server::routes())
        .merge(v4::routes())
        .merge(v1::routes())
        .merge(embed::routes())
}
