use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{Caller, Query, environment};
use crate::feed::Feeds;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::{Engine, EngineError};
use wigwag_wire::flag_feed::{EnvironmentQuery, Snapshot};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(snapshot))
}

/// Every flag of an environment, for a program that evaluates by itself. The tag is the version, so that
/// `If-None-Match` is answered 304 while nothing changes.
#[utoipa::path(get, path = "/v1/flags/snapshot", tag = "features", params(EnvironmentQuery),
    responses((status = 200, body = Snapshot), (status = 304), V1Errors))]
async fn snapshot(
    State(engine): State<Engine>,
    State(feeds): State<Arc<Feeds>>,
    Caller(caller): Caller,
    Query(query): Query<EnvironmentQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let environment = environment(&engine, &caller, query.environment.as_deref())?;
    engine.flag_snapshot(&caller, &environment)?;
    let hub = feeds.hub(&environment).ok_or(EngineError::NotFound("environment"))?;
    let edition = hub.now();
    let tag = format!("\"{}\"", edition.version);
    let fixed = [(ETAG, tag.clone()), (CACHE_CONTROL, "private, no-cache".into())];
    let seen = headers.get(IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes());
    if seen {
        return Ok((StatusCode::NOT_MODIFIED, fixed).into_response());
    }
    Ok((fixed, [(CONTENT_TYPE, "application/json")], edition.json(hub.environment())).into_response())
}
