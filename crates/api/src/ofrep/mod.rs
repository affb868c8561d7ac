//! `/ofrep/v1`: the OpenFeature Remote Evaluation Protocol. The same routes below `/environments/:environment` speak of
//! that environment; the bare ones of the token's, or of the server's own.

mod bulk;
mod events;
mod failure;
mod request;
mod single;
mod tag;

use crate::Api;
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, RETRY_AFTER,
};
use axum::http::{HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa_axum::router::OpenApiRouter;

pub(crate) use failure::OfrepErrors;

/// Where the protocol's clients put a token besides `Authorization`.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// All routes; pages of other origins may use them, see [`cors_layer`].
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().merge(single::routes()).merge(bulk::routes()).merge(events::routes())
}

/// Lets the pages of the configured origins evaluate flags.
pub(crate) fn cors_layer(origins: &[String]) -> CorsLayer {
    let origins =
        origins.iter().filter_map(|origin| HeaderValue::from_str(origin.trim_end_matches('/')).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            CACHE_CONTROL,
            IF_NONE_MATCH,
            API_KEY,
            HeaderName::from_static("private-token"),
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([ETAG, RETRY_AFTER])
        .max_age(crate::limits::CORS_AGE)
}
