//! The protocol's event stream: it says that flags changed, never what they are.

use super::failure::{Failure, OfrepErrors};
use super::request;
use crate::Api;
use crate::extract::{At, environment};
use crate::feed::{Feeds, Kind, stream_answer};
use crate::limits::STREAM_INACTIVITY_DELAY;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::Principal;
use wigwag_engine::{Engine, EngineError};
use wigwag_wire::ofrep::{EventStream, EventStreamEndpoint, StreamQuery};

/// The address of the stream.
const PATH: &str = "/ofrep/v1/events";

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(events)).routes(routes!(events_in))
}

/// Says `refetchEvaluation` when flags have changed: at the beginning, and after each change. With `Last-Event-ID` it
/// says so at the beginning only if something was missed. The address comes with every bulk evaluation; it holds a ticket
/// for browsers, whose event streams send no header.
#[utoipa::path(get, path = "/ofrep/v1/events", tag = "ofrep", params(StreamQuery),
    security((), ("bearer" = []), ("api_key" = []), ("private_token" = [])),
    responses((status = 200, body = String, content_type = "text/event-stream"), OfrepErrors))]
async fn events(
    State(engine): State<Engine>,
    State(feeds): State<Arc<Feeds>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (caller, environment) = match request::parameter(&uri, "ticket") {
        Some(ticket) => engine.open_stream_ticket(&ticket).await?,
        None => {
            let caller = request::caller(&engine, &headers).await?;
            let environment = environment(&engine, &caller, None)?;
            (caller, environment)
        }
    };
    open(&engine, &feeds, &caller, &environment, &headers)
}

/// The same for an environment, by a token in a header.
#[utoipa::path(get, path = "/environments/{environment}/ofrep/v1/events", tag = "ofrep",
    params(("environment" = String, Path)),
    security(("bearer" = []), ("api_key" = []), ("private_token" = [])),
    responses((status = 200, body = String, content_type = "text/event-stream"), OfrepErrors))]
async fn events_in(
    State(engine): State<Engine>,
    State(feeds): State<Arc<Feeds>>,
    At(environment): At<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let caller = request::caller(&engine, &headers).await?;
    open(&engine, &feeds, &caller, &environment, &headers)
}

fn open(
    engine: &Engine,
    feeds: &Feeds,
    caller: &Principal,
    environment: &str,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    engine.flag_snapshot(caller, environment)?;
    let hub = feeds.hub(environment).ok_or(EngineError::NotFound("environment"))?;
    let place = feeds.place(caller.user)?;
    let last = headers.get("last-event-id").and_then(|last| last.to_str().ok());
    Ok(stream_answer(hub.subscribe(Kind::Notices, last, place)))
}

/// What a bulk evaluation says of the stream; nothing to who has no token that a ticket could be bound to.
pub(super) fn advertised(ticket: Option<&str>) -> Vec<EventStream> {
    let stream = |ticket: &str| EventStream {
        kind: "sse",
        endpoint: EventStreamEndpoint { request_uri: format!("{PATH}?ticket={ticket}") },
        inactivity_delay_s: STREAM_INACTIVITY_DELAY.as_secs(),
    };
    ticket.map(stream).into_iter().collect()
}
