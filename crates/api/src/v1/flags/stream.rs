use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::{Caller, Query, environment};
use crate::feed::{Feeds, Kind, stream_answer};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::{Engine, EngineError};
use wigwag_wire::flag_feed::EnvironmentQuery;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(stream))
}

/// Every change of an environment's flags as server-sent events: `snapshot` first, then `change` for each version. With
/// `Last-Event-ID` it goes on after that version, if the node remembers it.
#[utoipa::path(get, path = "/v1/flags/stream", tag = "features", params(EnvironmentQuery),
    responses((status = 200, body = String, content_type = "text/event-stream"), V1Errors))]
async fn stream(
    State(engine): State<Engine>,
    State(feeds): State<Arc<Feeds>>,
    Caller(caller): Caller,
    Query(query): Query<EnvironmentQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let environment = environment(&engine, &caller, query.environment.as_deref())?;
    engine.flag_snapshot(&caller, &environment)?;
    let hub = feeds.hub(&environment).ok_or(EngineError::NotFound("environment"))?;
    let place = feeds.place(caller.user)?;
    let last = headers.get("last-event-id").and_then(|last| last.to_str().ok());
    Ok(stream_answer(hub.subscribe(Kind::Changes, last, place)))
}
