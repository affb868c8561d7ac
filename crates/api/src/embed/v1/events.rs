//! The stream by which a banner learns at once that it should ask again. It carries no content: what shows depends on
//! the page, and the answer to that is cheap.

use crate::Api;
use crate::embed::viewer::viewer;
use crate::errors::{Problem, V1Errors};
use crate::extract::Query;
use crate::limits::{STREAM_AGE_MAX, STREAM_KEEP_ALIVE, STREAM_RETRY_AFTER, STREAMS_MAX};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, mpsc, watch};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::Source;
use wigwag_engine::Engine;
use wigwag_wire::embed::EmbedQuery;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(stream))
}

/// The places of this node.
static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(STREAMS_MAX)));

/// Says `changed` when the banners of the token's project or group may have changed, and `ready` at the beginning, from
/// when on no change is missed. Bearer, or the parameter `token`: an embed token.
#[utoipa::path(get, path = "/embed/v1/events", tag = "embed", params(EmbedQuery),
    responses((status = 200, body = String, content_type = "text/event-stream"), V1Errors))]
async fn stream(
    State(engine): State<Engine>,
    headers: HeaderMap,
    Query(query): Query<EmbedQuery>,
) -> Result<Response, Problem> {
    let Some((_, source)) = viewer(&engine, &headers, query.token).await? else {
        // Nothing will ever change there.
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let Ok(place) = PLACES.clone().try_acquire_owned() else {
        let detail = "There are too many event streams. Ask once a minute instead, and try again then.";
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_streams", detail);
        return Err(problem.later(STREAM_RETRY_AFTER));
    };
    let (rings, heard) = mpsc::channel(1);
    // Listening begins before `ready` is said, so that no change falls between.
    let listening = Listening { scopes: engine.watch().subscribe(), flags: engine.flag_board().changed() };
    tokio::spawn(ring(listening, source, rings, place));
    let events = ReceiverStream::new(heard).map(|()| Event::default().event("changed").data("{}"));
    let first = tokio_stream::once(Event::default().event("ready").data("{}"));
    let all = first.chain(events).map(Ok::<Event, Infallible>);
    Ok(Sse::new(all).keep_alive(KeepAlive::new().interval(STREAM_KEEP_ALIVE)).into_response())
}

/// What a stream listens to.
struct Listening {
    scopes: broadcast::Receiver<Source>,
    flags: watch::Receiver<u64>,
}

/// Rings until the listener is gone or the stream is old. Rings that nobody took yet are one.
async fn ring(listening: Listening, source: Source, rings: mpsc::Sender<()>, _place: OwnedSemaphorePermit) {
    let Listening { mut scopes, mut flags } = listening;
    let end = tokio::time::sleep(STREAM_AGE_MAX);
    tokio::pin!(end);
    loop {
        let changed = tokio::select! {
            scope = scopes.recv() => match scope {
                Ok(scope) => scope == source,
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => return,
            },
            flag = flags.changed() => match flag {
                Ok(()) => true,
                Err(_) => return,
            },
            () = rings.closed() => return,
            () = &mut end => return,
        };
        if changed && matches!(rings.try_send(()), Err(TrySendError::Closed(()))) {
            return;
        }
    }
}
